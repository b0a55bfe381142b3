//! What a description settles, beside the contradictions that `resolve.rs` tests itself: what a caller needs to be known, the
//! firmware that was found, the host's CPUs, vCPUs that were added late, and what the reader is told.

use sev_launch_description::error::NotMeasured;
use sev_launch_description::resolve::{Resolved, resolve, resolve_firmware};
use sev_launch_description::{Description, Error, Origin};
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_testkit::firmware::{FirmwareBuilder, Section};

const FIRMWARE: &str = "\n[firmware]\npath = \"f\"\n";

fn read(text: &str) -> Description {
    Description::from_toml(text, &Origin::file("t"), "".as_ref()).expect("a description")
}

fn resolved(text: &str) -> Result<Resolved, Error> {
    resolve(read(text))
}

fn unknown(key: &str) -> String {
    format!(
        "\n[[unknown]]\nkey = '{key}'\nsource = 's'\nplace = 'p'\ntext = 'why'\nsettled_by = 'x'\n"
    )
}

fn names(text: &str) -> Vec<&'static str> {
    let found = resolved(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    found.profiles.iter().map(|profile| profile.name).collect()
}

#[test]
fn a_caller_asks_for_what_no_digest_needs() {
    let description = read(&format!("policy = 1{}", unknown("host_data")));
    assert!(description.check_known("policy").is_ok());
    assert!(description.check_known("technology").is_ok());
    assert!(
        matches!(description.check_known("host_data"), Err(Error::Unknown(list)) if list.len() == 1)
    );
    // By each of the keys that say the same thing.
    let description = read(&unknown("boot.cmdline"));
    assert!(description.check_known("boot.cmdline_hex").is_err());
    assert!(description.check_known("boot.kernel").is_ok());
    let said = read(&format!("[boot]\nkernel = 'k'\ncmdline = 'a'{}", unknown("boot.cmdline")));
    assert!(said.check_known("boot.cmdline_hex").is_ok());
}

#[test]
fn a_search_that_turns_kernel_hashes_on_needs_what_they_hash() {
    let text = |hashes: &str, key: &str| {
        let sev = "technology = 'sev'\nfirmware.path = 'f'\n";
        read(&format!("{sev}boot.kernel = 'k'\nboot.kernel_hashes = {hashes}{}", unknown(key)))
    };
    let off = text("false", "boot.cmdline");
    assert!(resolve(off.clone()).is_ok());
    assert!(matches!(off.check_all_known(), Err(Error::Unknown(_))));
    assert!(text("true", "boot.cmdline").check_all_known().is_err());
    // What no launch of the technology measures, no search needs.
    assert!(text("false", "profile").check_all_known().is_ok());
}

#[test]
fn what_decides_nothing_of_this_launch_may_stay_unknown() {
    let sev = "technology = 'sev'\nfirmware.path = 'f'\n";
    let es = "technology = 'sev-es'\nvcpus = 2\nfirmware.path = 'f'\n";
    let snp = "technology = 'snp'\nvcpus = 2\nfirmware.path = 'f'\n";
    let (kernel, off) = ("boot.kernel = 'k'\n", "boot.kernel = 'k'\nboot.kernel_hashes = false\n");
    let (of_es, of_snp) = ("profile = 'es-legacy'\n", "profile = 'snp-qemu'\n");
    let late = "late_vcpus = 1\n";
    for (parts, key, stops) in [
        // QEMU's version says what it hashes of a kernel, and what registers late vCPUs have.
        (vec![sev], "host.vmm", false),
        (vec![sev, kernel], "host.vmm", true),
        (vec![sev, off], "host.vmm", false),
        (vec![sev, late], "host.vmm", false),
        (vec![sev, kernel], "host.machine", true),
        (vec![sev], "host.machine", false),
        (vec![es, of_es], "host.vmm", false),
        (vec![es], "host.vmm", true),
        (vec![es, of_es, kernel], "host.vmm", true),
        (vec![es, of_es, off], "host.vmm", false),
        (vec![es, of_es, late], "host.vmm", true),
        (vec![es, of_es, late], "host.machine", false),
        (vec![es, of_es, "late_vcpus = 0\n"], "host.vmm", false),
        // A profile is named, so nothing of the host decides one.
        (vec![es], "host.kernel", true),
        (vec![es, of_es], "host.kernel", false),
        (vec![es, of_es], "boot.kernel", true),
        (vec![es, "host.debug_swap = false\n"], "host.kernel", false),
        (vec![es, "host.debug_swap = true\n"], "host.kernel", true),
        (vec![es, "vmsa.bsp = 'b'\nvmsa.ap = 'a'\n"], "host.kernel", false),
        (vec![snp], "host.kernel", true),
        (vec![snp, of_snp], "host.kernel", false),
        (vec![snp, "host.debug_swap = false\n"], "host.kernel", true),
        (vec![es], "host.cpu", true),
        (vec![es, of_es], "host.cpu", false),
        // Captured pages are measured as they are.
        (vec![es], "cpu", true),
        (vec![es, "vmsa.bsp = 'b'\nvmsa.ap = 'a'\n"], "cpu", false),
        (vec![es, "vmsa.bsp = 'b'\nvmsa.ap = 'a'\n"], "sev_features", false),
        (vec![es, "vmsa.bsp = 'b'\nvmsa.ap = 'a'\n"], "vcpus", false),
        (vec![sev, kernel], "boot.initrd", true),
        (vec![sev, off], "boot.initrd", false),
        (vec![sev, "boot.kernel = 'k'\nboot.kernel_hashes = [true, false]\n"], "boot.initrd", true),
    ] {
        let text = format!("{}{}", parts.concat(), unknown(key));
        let found = matches!(resolved(&text), Err(Error::Unknown(_)));
        assert_eq!(found, stops, "{text}");
    }
}

fn absorbed(builder: FirmwareBuilder) -> AbsorbedFirmware {
    Firmware::parse(&builder.build()).expect("an image").absorb()
}

#[test]
fn a_firmware_that_was_found_is_held_against_its_hash() {
    let found = absorbed(FirmwareBuilder::amd_sev());
    let sha256 = found.sha256().expect("absorbed whole");
    let check = |sha256: &str| {
        let text = format!("technology = 'sev'\nfirmware.path = 'f'\nfirmware.sha256 = '{sha256}'");
        resolved(&text).expect("resolved").check_firmware(&found)
    };
    assert_eq!(check(&sha256.to_string()), Ok(()));
    let other = "ab".repeat(32);
    let error = check(&other).expect_err("another hash");
    assert!(matches!(&error, Error::OtherFirmware { found, .. } if *found == sha256), "{error}");
    let unsaid = resolved("technology = 'sev'\nfirmware.path = 'f'").expect("resolved");
    assert_eq!(unsaid.check_firmware(&found), Ok(()));
}

// [QEMU, snp_launch_update_kernel_hashes]
#[test]
fn qemu_asserts_where_hashes_are_asked_for_and_there_is_no_kernel() {
    let with = absorbed(FirmwareBuilder::amd_sev());
    let without = absorbed(FirmwareBuilder::amd_sev().without_metadata());
    // A page of SNP's CPUID, and none for hashes. [OVMF, OvmfSevMetadata]
    let cpuid = Section::new(0x80_f000, 0x1000, 3);
    let other = absorbed(FirmwareBuilder::amd_sev().sections([cpuid]));
    let check = |technology: &str, boot: &str, firmware: &AbsorbedFirmware| {
        let text = format!("technology = '{technology}'\nvcpus = 1\nfirmware.path = 'f'\n{boot}");
        resolved(&text).expect("resolved").check_firmware(firmware)
    };
    let on = "boot.kernel_hashes = true";
    assert_eq!(check("snp", on, &with), Err(Error::HashesWithoutKernel));
    assert_eq!(
        check("snp", "boot.kernel_hashes = [false, true]", &with),
        Err(Error::HashesWithoutKernel)
    );
    assert_eq!(check("snp", on, &without), Ok(()));
    assert_eq!(check("snp", on, &other), Ok(()));
    assert_eq!(check("snp", "boot.kernel_hashes = false", &with), Ok(()));
    assert_eq!(check("snp", "", &with), Ok(()));
    assert_eq!(check("snp", "boot.kernel_hashes = true\nboot.kernel = 'k'", &with), Ok(()));
    assert_eq!(check("sev-es", on, &with), Ok(()));
}

#[test]
fn the_firmwares_own_part_has_no_digest_beside_it() {
    let hash = "ab".repeat(48);
    let description = read(&format!("firmware.path = 'f'\nfirmware.snp_digest = '{hash}'"));
    let error = resolve_firmware(description).expect_err("a digest");
    let key = "firmware.snp_digest";
    assert_eq!(error, Error::NotMeasured { key, reason: NotMeasured::DigestOutsideSnp });
    let two = read(&format!("firmware.path = ['f', 'g']\nfirmware.sha256 = '{}'", "ab".repeat(32)));
    assert_eq!(resolve_firmware(two), Err(Error::SeveralFirmwares));
    assert!(resolve_firmware(read("firmware.path = 'f'")).is_ok());
    // What else is described is no part of the answer, and the firmware is.
    let whole =
        "technology = 'snp'\nvcpus = 2\ncpu = 'EPYC-Milan'\nfirmware.path = 'f'\nboot.kernel = 'k'";
    let Description { technology, firmware, .. } = read(whole);
    let found = resolve_firmware(read(whole)).expect("resolved").description;
    assert_eq!(found, Description { technology, firmware, ..Description::default() });
    assert!(found.technology.is_some() && found.firmware.images.is_some());
    // What is unknown of the rest of a launch does not matter here.
    let description = read(&format!("firmware.path = 'f'{}", unknown("boot.cmdline")));
    assert!(resolve_firmware(description).is_ok());
    let sev = format!("technology = 'sev'\nfirmware.path = 'f'\nfirmware.snp_digest = '{hash}'");
    assert_eq!(
        resolved(&sev),
        Err(Error::NotMeasured { key, reason: NotMeasured::DigestOutsideSnp })
    );
    let svsm = format!(
        "technology = 'snp'\nvcpus = 1\nprofile = 'snp-svsm-nofpu'\nfirmware.path = 'f'\nfirmware.snp_digest = '{hash}'\nsvsm.image = 's'\nsvsm.vars_size = 0"
    );
    assert_eq!(
        resolved(&svsm),
        Err(Error::NotMeasured { key, reason: NotMeasured::DigestWithSvsm })
    );
    let several = format!(
        "technology = 'snp'\nvcpus = 1\nfirmware.path = ['f', 'g']\nfirmware.snp_digest = '{hash}'"
    );
    assert_eq!(resolved(&several), Err(Error::SeveralFirmwares));
    let proven = format!(
        "technology = 'snp'\nvcpus = 1\nfirmware.path = 'f'\nfirmware.snp_digest = '{hash}'\nfirmware.sha256 = '{}'",
        "ab".repeat(32)
    );
    assert_eq!(resolved(&proven), Err(Error::UnprovenFirmware));
}

#[test]
fn a_host_is_asked_for_its_profile_where_it_says_anything_that_decides() {
    let es = |host: &str| format!("technology = 'sev-es'\nvcpus = 1\n{host}{FIRMWARE}");
    // A machine type decides nothing, nor does QEMU's name alone.
    assert_eq!(names(&es("host.machine = 'q35'\nhost.vmm = 'qemu'")), ["es-legacy"]);
    assert_eq!(resolved(&es("host.vmm = 'qemu'")).expect("resolved").notes.len(), 1);
    let derived = resolved(&es("host.kernel = '6.1'\nhost.vmm = 'qemu 8.2'")).expect("derived");
    assert_eq!(derived.profiles[0].name, "es-legacy");
    let text = "profile es-legacy derived from the host named";
    assert!(derived.notes.iter().any(|note| note == text), "{:?}", derived.notes);
    assert!(derived.assumptions.iter().any(|one| one == text), "{:?}", derived.assumptions);
    assert!(derived.assumptions.len() > 1, "{:?}", derived.assumptions);
    assert!(matches!(resolved(&es("host.vmm = 'gce'")), Err(Error::NoProfile { .. })));
    assert!(matches!(
        resolved(&es("host.kernel = '5.10'\nhost.vmm = 'qemu 6.0'")),
        Err(Error::NoProfile { .. })
    ));
    // Named, and of another technology.
    let other = resolved(&es("profile = ['es-legacy', 'snp-qemu']"));
    assert!(matches!(other, Err(Error::Digest(_))), "{other:?}");
    // Named, and the host named is another: both profiles are told of, one of them as contradicting.
    let named =
        es("profile = ['es-legacy', 'es-init2']\nhost.kernel = '6.1'\nhost.vmm = 'qemu 8.2'");
    let notes = resolved(&named).expect("named").notes;
    let [note] = &notes[..] else { panic!("{notes:?}") };
    assert!(
        note.starts_with("profile es-init2 contradicts the host named: it holds for "),
        "{note}"
    );
}

#[test]
fn a_default_launch_is_told_as_one() {
    let found = |text: &str| resolved(&format!("{text}{FIRMWARE}")).expect("resolved");
    let es = found("technology = 'sev-es'\nvcpus = 1");
    assert!(es.assumptions[0].starts_with("profile es-legacy: "), "{:?}", es.assumptions);
    assert!(es.notes[0].ends_with("; a host with legacy-vm-type=off needs --profile es-init2"));
    let snp = found("technology = 'snp'\nvcpus = 1");
    assert!(snp.assumptions[0].starts_with("profile snp-qemu: "), "{:?}", snp.assumptions);
    assert_eq!(snp.notes, [""; 0]);
    let captured = found("technology = 'sev-es'\nvcpus = 1\nvmsa.bsp = 'b'\nvmsa.ap = 'a'");
    assert_eq!(captured.assumptions, ["VMSA pages as captured; all else as in profile es-legacy"]);
    assert_eq!(captured.notes, [""; 0]);
    // Known hosts of an SVSM differ in registers alone, which are captured here.
    let svsm =
        "technology = 'snp'\nvcpus = 1\nvmsa.bsp = 'b'\nsvsm.image = 's'\nsvsm.vars_size = 0";
    assert_eq!(found(svsm).profiles.len(), 1);
}

#[test]
fn what_is_said_of_registers_beside_captured_pages_has_no_effect() {
    let notes = |more: &str| {
        let text = format!("technology = 'sev-es'\nvcpus = 1\nvmsa.bsp = 'b'\n{more}{FIRMWARE}");
        resolved(&text).expect("resolved").notes
    };
    let note = |what| {
        format!(
            "the {what} described has no effect: the captured VMSA pages are measured as they are"
        )
    };
    assert_eq!(notes(""), [""; 0]);
    assert_eq!(notes("cpu = 'EPYC-Milan'"), [note("CPU")]);
    assert_eq!(notes("sev_features = 1"), [note("SEV features")]);
    let uncaptured =
        format!("technology = 'sev-es'\nvcpus = 1\ncpu = 'EPYC-Milan'\nsev_features = 1{FIRMWARE}");
    let found = resolved(&uncaptured).expect("resolved").notes;
    assert!(found.iter().all(|note| !note.contains("has no effect")), "{found:?}");
}

// EPYC-Turin came with QEMU 10.1. [QEMU, builtin_x86_defs]
#[test]
fn a_cpu_that_the_qemu_named_does_not_have_is_refused() {
    let with = |vmm: &str| {
        let text = "technology = 'snp'\nvcpus = 1\nprofile = 'snp-qemu'\ncpu = ['EPYC-Milan', 'EPYC-Turin']\n";
        resolved(&format!("{text}host.vmm = '{vmm}'{FIRMWARE}")).map(drop)
    };
    assert!(matches!(with("qemu 9.2"), Err(Error::Digest(_))));
    assert_eq!(with("qemu 10.1"), Ok(()));
    assert_eq!(with("qemu"), Ok(()));
}

// From QEMU 10.1 on, a late vCPU has the first one's registers. [QEMU, x86_cpu_plug]
#[test]
fn late_vcpus_need_a_version_and_a_first_one() {
    let late = |late: u32, vmm: &str| {
        let text = format!(
            "technology = 'sev-es'\nvcpus = [2, 4]\nlate_vcpus = {late}\nprofile = 'es-legacy'\n{vmm}{FIRMWARE}"
        );
        resolved(&text)
    };
    let counts = |late: u32| {
        [2, 4].map(|all| {
            VcpuCount::new(all).and_then(|count| count.with_late(late)).expect("a count")
        })
    };
    let new = late(1, "host.vmm = 'qemu 10.1'").expect("known");
    assert_eq!(new.vcpus, counts(1));
    let text = "the last 1 of the vCPUs were added late, and have the first vCPU's registers";
    assert_eq!(
        new.assumptions.iter().filter(|one| *one == text).count(),
        1,
        "{:?}",
        new.assumptions
    );
    let old = late(1, "host.vmm = 'qemu 9.2'").expect("known");
    assert_eq!(old.vcpus, counts(0));
    assert!(
        old.assumptions.iter().any(|one| one.contains("were added late")),
        "{:?}",
        old.assumptions
    );
    assert!(matches!(late(1, ""), Err(Error::Digest(_))));
    assert!(matches!(late(2, "host.vmm = 'qemu 10.1'"), Err(Error::Digest(_))));
    let none = late(0, "").expect("none is late");
    assert!(none.assumptions.iter().all(|one| !one.contains("late")), "{:?}", none.assumptions);
}

#[test]
fn libkrun_measures_no_command_line_and_only_it_has_a_place_for_its_kernel() {
    let krun = |more: &str| {
        resolved(&format!("technology = 'snp'\nvcpus = 1\nprofile = 'snp-krun-reset'\nboot.kernel = 'k'\nboot.initrd = 'i'\n{more}{FIRMWARE}"))
            .map(drop)
    };
    assert_eq!(krun("boot.kernel_gpa = 4096"), Ok(()));
    let key = "boot.cmdline";
    assert_eq!(
        krun("boot.cmdline = 'a'"),
        Err(Error::NotMeasured { key, reason: NotMeasured::CmdlineOfLibkrun })
    );
    let qemu = resolved(&format!(
        "technology = 'snp'\nvcpus = 1\nboot.kernel = 'k'\nboot.kernel_gpa = 4096{FIRMWARE}"
    ));
    let key = "boot.kernel_gpa";
    assert_eq!(qemu.map(drop), Err(Error::NotMeasured { key, reason: NotMeasured::KernelGpa }));
}

#[test]
fn what_is_unknown_says_where_and_what_settles_it() {
    let text = |key: &str| {
        let unknown = "source = 'kata.toml'\nplace = 'vcpus'\ntext = \"one line\\nand another\"\nsettled_by = 'a look'\n";
        read(&format!("[[unknown]]\n{key}{unknown}")).unknown[0].to_string()
    };
    // Several are told one per line.
    assert_eq!(text(""), "vcpus of kata.toml: one line\\nand another; what settles it: a look");
    assert!(text("key = 'vcpus'\n").starts_with("vcpus: vcpus of kata.toml: "));
}

// AMD's names, as the words of QEMU's and Nova's policies; 0x21 is what AMD's fork set. The two technologies have no name in common.
#[test]
fn policies_and_features_are_said_by_name() {
    let snp = |policy: &str, features: &str| {
        let text = format!(
            "technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-Milan'\npolicy = '{policy}'\nsev_features = {features}{FIRMWARE}"
        );
        let found = resolved(&text)?.description;
        let words = found.sev_features.expect("said").value;
        let words = words.iter().map(|word| word.0).collect::<Vec<_>>();
        Ok::<_, Error>((found.policy.expect("said").value, words))
    };
    assert_eq!(snp("SMT", "'SNPActive+DebugSwap'"), Ok((0x3_0000, vec![0x21])));
    assert_eq!(snp("smt, abi=1.55", "['0x1', 'snp_active', 33]"), Ok((0x3_0137, vec![1, 1, 0x21])));
    // The technology beside it says whose names are meant, and what there is.
    let read = |text: &str| {
        Description::from_toml(text, &Origin::file("t"), "".as_ref()).map_err(|one| one.to_string())
    };
    let wrong = read("policy = 'NODBG+API=1.55'\ntechnology = 'snp'").unwrap_err();
    assert!(wrong.contains("\"NODBG\" is no name in a policy of SNP: wanted SMT"), "{wrong}");
    let wrong = read("policy = 'SMT'\ntechnology = 'sev'").unwrap_err();
    assert!(
        wrong.contains("\"SMT\" is no name in a policy of SEV or SEV-ES: wanted NODBG"),
        "{wrong}"
    );
    let none = |technology: &str| {
        let text = format!("policy = 'none'\ntechnology = '{technology}'");
        read(&text).unwrap().policy.unwrap().value
    };
    assert_eq!((none("sev"), none("snp")), (0, 0x2_0000));
    // Where a flag says the technology, the word is one that cannot be.
    let by_flag = |technology: &str, policy: &str| {
        let said = read(&format!("technology = '{technology}'")).unwrap();
        let rest = format!("vcpus = 1\ncpu = 'EPYC'\npolicy = '{policy}'{FIRMWARE}");
        resolve(said.over(read(&rest).unwrap())).map(drop).map_err(|error| error.to_string())
    };
    assert!(by_flag("snp", "NODBG+API=1.55").unwrap_err().contains("bit 17"));
    for policy in ["SMT", "SMT+ABI=0.5"] {
        assert!(by_flag("sev-es", policy).unwrap_err().contains("SEV API 3.0"));
    }
    assert_eq!(by_flag("sev-es", "NODBG+NOKS+ES+DOMAIN+SEV"), Ok(()));
    assert!(by_flag("sev-es", "NODBG").unwrap_err().contains("bit 2"));
    for wrong in ["policy = 'SMT+NODBG'", "policy = 'none'", "sev_features = 'Debug Swop'"] {
        let read = Description::from_toml(wrong, &Origin::file("t"), "".as_ref());
        assert!(read.is_err(), "{wrong}");
    }
}

// [Linux, snp_launch_start] before 6.17 wants SMT and refuses SINGLE_SOCKET, and no release takes a migration agent.
#[test]
fn what_hosts_refuse_is_told() {
    let notes = |more: &str| {
        let text = format!("technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-Milan'\n{more}{FIRMWARE}");
        let mut notes = resolved(&text).unwrap_or_else(|error| panic!("{more}: {error}")).notes;
        notes.retain(|note| !note.starts_with("profile "));
        notes
    };
    assert_eq!(notes("policy = 0x30000"), [""; 0]);
    let agent = notes("policy = 0x70000");
    assert_eq!(agent.len(), 1);
    assert!(agent[0].starts_with("policy 0x70000: MIGRATE_MA (bit 18) is set: KVM refuses it"));
    // Google's own hosts take it.
    assert_eq!(notes("policy = 0x70000\nprofile = 'snp-gce'"), [""; 0]);
    let socket = |kernel: &str| {
        notes(&format!(
            "policy = 'SMT+SINGLE_SOCKET'\nhost.kernel = '{kernel}'\nhost.vmm = 'qemu 10.0'"
        ))
    };
    let older = socket("6.12");
    assert_eq!(older.len(), 1);
    assert!(older[0].contains("KVM, before Linux 6.17, refuses it"), "{older:?}");
    let newer = socket("6.18");
    assert_eq!(newer.len(), 1);
    assert!(newer[0].contains("on more than one socket") && newer[0].contains("SNP_ACTIVATE"));
    let tsc = |kernel: &str| {
        notes(&format!(
            "sev_features = 'SNPActive+SecureTSC'\nhost.kernel = '{kernel}'\nhost.vmm = 'qemu 10.0'"
        ))
    };
    assert!(tsc("6.12")[0].contains("KVM_SEV_INIT2 fails with EINVAL"));
    assert_eq!(tsc("7.3"), [""; 0]);
    assert!(
        notes("sev_features = 'SNPActive+RestrictedInjection'")[0].contains("RestrictedInjection")
    );
}
