//! Guests from IGVM files: what beside the file moves its registers, and what QEMU does not start beside one. What QEMU 10.2.2 and
//! KVM make of the registers was seen: CR4 loses SMAP, UMIP and PKE where the vCPU lacks them.

use sev_launch_description::import::{Import, libvirt, qemu};
use sev_launch_description::resolve::resolve;
use sev_launch_description::{Description, Error, Origin};

const SNP: &str = "-machine q35,confidential-guest-support=s,igvm-cfg=i -object sev-snp-guest,id=s";
const CPU: &str = "-cpu EPYC-Milan";
const FILE: &str = "-object igvm-cfg,id=i,file=guest.igvm";

fn read(options: &str) -> Result<Import, Error> {
    qemu::from_text(format!("qemu-system-x86_64 {options}").as_bytes(), "cmd")
}

fn import(options: &str) -> Import {
    read(options).unwrap_or_else(|error| panic!("{options}: {error}"))
}

/// The keys that are unknown, and the texts of what belongs to none without what all of them end in.
fn unknown(import: &Import) -> Vec<&str> {
    let end = " was not looked at, and may change what is measured";
    let unknown = import.description.unknown.iter();
    unknown.map(|one| one.key.unwrap_or(one.text.trim_end_matches(end))).collect()
}

/// The same line of a guest with an ordinary firmware.
fn with_firmware(line: &str) -> String {
    line.replace(",igvm-cfg=i", "").replace(FILE, "-bios f")
}

#[test]
fn attack_no_switch_of_the_cpu_is_dropped_beside_an_igvm_file() {
    for feature in [
        "umip",
        "pku",
        "smap",
        "smep",
        "fsgsbase",
        "xsave",
        "avx",
        "avx512f",
        "avx512-bf16",
        "pcid",
        "la57",
        "mpx",
        "pks",
        "shstk",
        "ibt",
        "lam",
        "nx",
        "lm",
        "of-a-newer-qemu",
    ] {
        for (options, expected) in [
            (format!("{CPU},-{feature}"), format!("-cpu {feature}=off")),
            (format!("{CPU},+{feature}"), format!("-cpu {feature}=on")),
            (format!("{CPU},{feature}=off"), format!("-cpu {feature}=off")),
            (format!("{CPU},{feature}"), format!("-cpu {feature}=on")),
            (
                format!("{CPU} -global EPYC-Milan-x86_64-cpu.{feature}=off"),
                format!("-global EPYC-Milan-x86_64-cpu.{feature}=off"),
            ),
            (
                format!("{CPU} -global driver=x86_64-cpu,property={feature},value=no"),
                format!("-global driver=x86_64-cpu,property={feature},value=no"),
            ),
            (
                format!("{CPU} -smp 1,maxcpus=2 -device EPYC-Milan-x86_64-cpu,id=c,{feature}=off"),
                format!("-device EPYC-Milan-x86_64-cpu {feature}=off"),
            ),
        ] {
            let line = format!("{SNP} {FILE} {options}");
            assert_eq!(unknown(&import(&line)), [expected], "{options}");
            // RDX alone is the vCPU's own at reset.
            let plain = with_firmware(&line);
            assert!(unknown(&import(&plain)).is_empty(), "{plain}");
        }
    }
    // SEV-ES measures registers, and plain SEV none.
    for (policy, expected) in [(5, &["-cpu umip=off"][..]), (1, &[])] {
        let sev = SNP.replace("sev-snp-guest,id=s", &format!("sev-guest,id=s,policy={policy}"));
        let import = import(&format!("{sev} {FILE} {CPU},umip=off"));
        let found: Vec<_> =
            unknown(&import).into_iter().filter(|one| *one != "host.kernel").collect();
        assert_eq!(found, expected, "{policy}");
    }
}

// What Proxmox VE and libvirt give each guest.
#[test]
fn switches_that_stand_for_no_control_register_are_quiet() {
    for options in [
        ",enforce,+kvm_pv_eoi,+kvm_pv_unhalt,vendor=AuthenticAMD,pmu=off",
        ",x2apic=on,tsc-deadline=on,hypervisor=on,tsc_adjust=on,-svm,topoext=on,cmp_legacy=on,host-phys-bits=on,hv-relaxed=on",
        " -global EPYC-Milan-x86_64-cpu.pmu=off",
    ] {
        let import = import(&format!("{SNP} {FILE} {CPU}{options}"));
        assert_eq!(unknown(&import), [""; 0], "{options}");
        assert!(import.description.is_igvm() && import.description.cpus.is_some());
    }
}

// The model's name says which bits the vCPU has, and its signature is what is left of that.
#[test]
fn attack_a_signature_beside_an_igvm_file_does_not_pass_for_the_model() {
    const ALL: &str = "family=25,model=1,stepping=1";
    for (options, expected) in [
        (format!("-cpu EPYC,{ALL}"), &["-cpu family=25", "-cpu model=1", "-cpu stepping=1"][..]),
        ("-cpu EPYC,stepping=3".into(), &["-cpu stepping=3"]),
        (
            "-cpu EPYC -global EPYC-x86_64-cpu.family=25".into(),
            &["signature", "-global EPYC-x86_64-cpu.family=25"],
        ),
        (
            "-cpu EPYC -smp 1,maxcpus=2 -device EPYC-x86_64-cpu,stepping=3".into(),
            &["-device EPYC-x86_64-cpu stepping=3", "signature"],
        ),
    ] {
        let line = format!("{SNP} {FILE} {options}");
        assert_eq!(unknown(&import(&line)), expected, "{options}");
        let plain = import(&with_firmware(&line));
        assert!(unknown(&plain).iter().all(|one| *one == "signature"), "{options}");
    }
}

#[test]
fn an_igvm_file_that_was_handed_open_is_unknown_as_one() {
    for file in ["/dev/fdset/1", "/dev/fd/3", "/proc/self/fd/3", "/dev/stdin"] {
        let line = format!("{SNP} -object igvm-cfg,id=i,file={file} {CPU},-umip");
        for import in [import(&line), domain("", &[file]).unwrap()] {
            let key = import.description.unknown.iter().find(|one| one.key.is_some());
            let key = key.unwrap_or_else(|| panic!("{file}"));
            assert_eq!(key.key, Some("firmware.igvm"), "{file}");
            assert!(key.text.contains(file) && key.settled_by == "the file itself", "{}", key.text);
            assert!(import.description.firmware.images.is_none());
            // An image in its place does not say which file it is.
            let image = Description::from_toml(
                "[firmware]\npath = 'OVMF.fd'",
                &Origin::Flag("--firmware"),
                "".as_ref(),
            );
            let replaced = image.unwrap().over(import.description.clone());
            assert!(replaced.unknown.iter().any(|one| one.key == Some("firmware.igvm")), "{file}");
            // Whether it is known or not, its registers are the CPU's too.
            let said = Description::from_toml(
                "[firmware]\nigvm = 'guest.igvm'",
                &Origin::Flag("--igvm"),
                "".as_ref(),
            )
            .unwrap();
            let said = Import { description: said.over(import.description), ..import };
            assert!(!unknown(&said).contains(&"firmware.igvm"), "{file}");
            assert!(said.description.is_igvm());
        }
        assert_eq!(unknown(&import(&line)), ["firmware.igvm", "-cpu umip=off"], "{file}");
    }
}

// Seen in 10.2.2: either of the two ends QEMU in a double free, and flash is refused; a flash of unit 1 alone always is
// ("pflash1 requires pflash0", pc_system_firmware_init).
#[test]
fn what_qemu_does_not_start_beside_an_igvm_file_is_refused() {
    for (options, part) in [
        (format!("{SNP},id-block=AAAA {FILE}"), "id-block is given beside an IGVM file"),
        (format!("{SNP},id-auth=AAAA {FILE}"), "id-auth is given beside an IGVM file"),
        (format!("{SNP} {FILE} -drive if=pflash,file=f"), "QEMU refuses both together"),
        (format!("{SNP} {FILE} -drive if=pflash,unit=1,file=f"), "QEMU refuses both together"),
        (format!("{SNP} {FILE} -drive if=pflash,index=0,file=f"), "QEMU refuses both together"),
        (format!("{SNP} {FILE} -pflash f"), "QEMU refuses both together"),
        (format!("{SNP} {FILE} -machine pflash0=n"), "QEMU refuses both together"),
        (format!("{SNP} {FILE} -machine pflash1=n"), "QEMU refuses both together"),
        (
            format!("{SNP} -object igvm-cfg,id=i,file=/dev/fdset/1 -pflash f"),
            "QEMU refuses both together",
        ),
    ] {
        let error = read(&options).unwrap_err().to_string();
        assert!(error.contains(part), "{options}: {error}");
    }
    // An empty one is none, and of another image nobody takes notice.
    let import = import(&format!("{SNP},id-block=,id-auth= {FILE} -bios f {CPU}"));
    assert!(import.description.is_igvm() && unknown(&import).is_empty());
}

/// An SNP domain with `inside`, whose IGVM file and further arguments are QEMU's.
fn domain(inside: &str, arguments: &[&str]) -> Result<Import, Error> {
    let [file, more @ ..] = arguments else { panic!("no file") };
    let object = format!("igvm-cfg,id=i,file={file}");
    let own = ["-object", &object, "-machine", "igvm-cfg=i"];
    let words = own.iter().chain(more).map(|word| format!("<q:arg value='{word}'/>"));
    let words: String = words.collect();
    let security = "<launchSecurity type='sev-snp'><policy>0x30000</policy>";
    let security = match inside.contains("launchSecurity") {
        true => "",
        false => &format!("{security}</launchSecurity>"),
    };
    let xml = format!(
        "<domain type='kvm' xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>{inside}{security}\
         <q:commandline>{words}</q:commandline></domain>"
    );
    libvirt::from_xml(xml.as_bytes(), "g.xml")
}

#[test]
fn attack_no_feature_of_a_domain_is_dropped_beside_an_igvm_file() {
    let cpu = |features: &str| format!("<cpu><model>EPYC-Milan</model>{features}</cpu>");
    for feature in [
        "<feature policy='disable' name='umip'/>",
        "<feature policy='require' name='pku'/>",
        "<feature policy='forbid' name='smap'/>",
        "<feature policy='optional' name='avx512f'/>",
        "<feature name='la57'/>",
        "<feature/>",
    ] {
        let import = domain(&cpu(feature), &["/g.igvm"]).unwrap();
        assert_eq!(unknown(&import), [format!("domain/cpu/feature ({feature})")]);
        let plain = format!(
            "<domain type='kvm'><os><loader type='rom'>/f</loader></os>{}<launchSecurity type='sev-snp'><policy>0x30000</policy>\
             </launchSecurity></domain>",
            cpu(feature)
        );
        let plain = libvirt::from_xml(plain.as_bytes(), "g.xml").unwrap();
        assert!(unknown(&plain).is_empty(), "{feature}");
    }
    let quiet = "<feature policy='require' name='x2apic'/><feature policy='disable' name='svm'/><feature policy='require' \
        name='cmp_legacy'/>";
    let import = domain(&cpu(quiet), &["/g.igvm"]).unwrap();
    assert!(unknown(&import).is_empty() && import.description.is_igvm());
    // By QEMU's own arguments it is none that moves nothing.
    let global = ["/g.igvm", "-global", "EPYC-Milan-x86_64-cpu.umip=off"];
    let import = domain(&cpu(""), &global).unwrap();
    assert!(unknown(&import).iter().any(|one| one.contains("umip=off")), "{:?}", unknown(&import));
    let quiet = ["/g.igvm", "-global", "EPYC-Milan-x86_64-cpu.pmu=off"];
    assert!(unknown(&domain(&cpu(""), &quiet).unwrap()).is_empty());
    // Plain SEV measures no registers.
    let sev = "<launchSecurity type='sev'><policy>1</policy></launchSecurity>";
    let inside = format!("{}{sev}", cpu("<feature policy='disable' name='umip'/>"));
    assert!(unknown(&domain(&inside, &["/g.igvm"]).unwrap()).is_empty());
}

#[test]
fn a_domain_that_qemu_does_not_start_beside_an_igvm_file_is_refused() {
    let snp = |part: &str| {
        format!("<launchSecurity type='sev-snp'><policy>0x30000</policy>{part}</launchSecurity>")
    };
    for os in [
        "<os><loader type='pflash' readonly='yes'>/f</loader></os>",
        "<os><loader type='rom'>/f</loader><nvram>/v</nvram></os>",
        "<os><loader>/f</loader><nvram template='/t'/></os>",
        "<os firmware='efi'><nvram>/v</nvram></os>",
    ] {
        let inside = format!("{os}<cpu><model>EPYC-Milan</model></cpu>");
        let error = resolve(domain(&inside, &["/g.igvm"]).unwrap().description).unwrap_err();
        assert!(error.to_string().contains("together with flash (pflash)"), "{os}: {error}");
    }
    for (inside, part) in [
        (snp("<idBlock>AAAA</idBlock>"), "domain/launchSecurity/idBlock is given beside"),
        (snp("<idAuth>AAAA</idAuth>"), "domain/launchSecurity/idAuth is given beside"),
    ] {
        let error = domain(&inside, &["/g.igvm"]).unwrap_err().to_string();
        assert!(error.contains(part), "{inside}: {error}");
    }
    let rom = domain("<os><loader type='rom'>/f</loader></os>", &["/g.igvm"]).unwrap();
    assert!(rom.description.is_igvm());
    assert_eq!(rom.warnings.iter().map(|one| one.code).collect::<Vec<_>>(), ["unused-firmware"]);
}

#[test]
fn attack_two_objects_of_one_name_in_a_domain_are_no_igvm_file() {
    let two = ["/a.igvm", "-object", "igvm-cfg,id=i,file=/b.igvm"];
    let import = domain("", &two).unwrap();
    assert!(import.description.firmware.images.is_none() && !unknown(&import).is_empty());
}
