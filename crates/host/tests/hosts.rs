//! What made-up hosts can launch: trees of files, and programs' output, as real hosts have them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sev_launch_abi::Technology;
use sev_launch_host::collected::{Source, gather};
use sev_launch_host::domain_capabilities::DomainCapabilities;
use sev_launch_host::kernel_log::{KernelLog, known_lines};
use sev_launch_host::support::{Lack, Verdict};
use sev_launch_host::{Collected, Support};

/// A host: its files by their paths, and what its programs print.
#[derive(Clone, Default)]
struct Tree {
    files: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

impl Tree {
    fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }

    fn without(mut self, path: &str) -> Self {
        self.files.retain(|name, _| !name.starts_with(path));
        self
    }

    fn printing(mut self, command: &str, text: &str) -> Self {
        self.outputs.insert(command.into(), text.into());
        self
    }

    fn support(&self, technology: Technology) -> Support {
        // By way of the document, as from another machine.
        let json = serde_json::to_string(&gather(self)).expect("it is plain data");
        let collected = Collected::from_json(&json).expect("it was written here");
        let facts = collected.facts().expect("a made-up host has real values");
        Support::of(technology, &facts)
    }

    fn verdicts(&self) -> [Verdict; 3] {
        [Technology::Sev, Technology::SevEs, Technology::Snp]
            .map(|technology| self.support(technology).verdict)
    }
}

impl Source for Tree {
    fn file(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned()
    }

    fn exists(&self, path: &str) -> Option<bool> {
        Some(self.files.contains_key(path))
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let folder = format!("{folder}/");
        let below = self.files.keys().filter_map(|path| path.strip_prefix(&folder));
        below.filter_map(|path| path.split('/').next()).map(str::to_owned).collect()
    }

    fn output(&self, program: &str, arguments: &[&str]) -> Option<String> {
        self.outputs.get(&[&[program], arguments].concat().join(" ")).cloned()
    }
}

const PARAMETERS: &str = "/sys/module/kvm_amd/parameters";
const VIRSH: &str = "virsh --readonly -c qemu:///system domcapabilities";

/// A host of 2025 with Milan, on which everything was switched on. The words of the log are Linux's.
fn milan() -> Tree {
    let cpuinfo = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7313 16-Core Processor\n\
        stepping\t: 1\nflags\t\t: fpu svm sme sev sev_es sev_snp debug_swap\n\nprocessor\t: 1\nvendor_id\t: AuthenticAMD\n";
    let log = "[    0.000000] Linux version 6.12.10 (me@builder) secret=hunter2\n\
        [    0.510000] SEV-SNP: RMP table physical range [0x000000bf7d800000 - 0x000000bfffffffff]\n\
        [    7.284091] ccp 0000:22:00.1: sev enabled\n\
        [    7.705036] ccp 0000:22:00.1: SEV API:1.55 build:21\n\
        [    7.705040] ccp 0000:22:00.1: SEV-SNP API:1.55 build:21\n\
        [    7.719788] kvm_amd: SEV enabled (ASIDs 100 - 509)\n\
        [    7.719791] kvm_amd: SEV-ES enabled (ASIDs 1 - 99)\n\
        [    7.719795] kvm_amd: SEV-SNP enabled (ASIDs 1 - 99)\n";
    let capabilities = "<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><features>\
        <sev supported='yes'><cbitpos>51</cbitpos><reducedPhysBits>1</reducedPhysBits><maxGuests>410</maxGuests>\
        <maxESGuests>99</maxESGuests><cpu0Id>ey5j9CwuSUE=</cpu0Id></sev>\
        <launchSecurity supported='yes'><enum name='sectype'><value>sev</value><value>sev-snp</value></enum></launchSecurity>\
        </features></domainCapabilities>";
    Tree::default()
        .with("/proc/sys/kernel/osrelease", "6.12.10\n")
        .with("/proc/cpuinfo", cpuinfo)
        .with("/sys/devices/system/cpu/smt/active", "1\n")
        .with("/sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n")
        .with("/sys/devices/system/cpu/cpu1/topology/physical_package_id", "1\n")
        .with("/sys/devices/system/cpu/cpufreq/boost", "1\n")
        .with(&format!("{PARAMETERS}/sev"), "Y\n")
        .with(&format!("{PARAMETERS}/sev_es"), "Y\n")
        .with(&format!("{PARAMETERS}/sev_snp"), "Y\n")
        .with(&format!("{PARAMETERS}/debug_swap"), "N\n")
        .with("/dev/sev", "")
        .with("/sys/fs/cgroup/misc.capacity", "sev 410\nsev_es 99\n")
        .with("/sys/fs/cgroup/misc.current", "sev 0\nsev_es 3\n")
        .printing("dmesg ", log)
        .printing("dmesg", log)
        .printing(
            "qemu-system-x86_64 --version",
            "QEMU emulator version 9.2.0 (Debian 1:9.2.0+ds-5)\nCopyright (c)\n",
        )
        .printing("virsh --version", "11.0.0\n")
        .printing(VIRSH, capabilities)
        .printing("dpkg-query -W -f ${Version} ovmf", "2025.02-8")
}

#[test]
fn a_host_with_everything_launches_everything() {
    let host = milan();
    assert_eq!(host.verdicts(), [Verdict::Yes; 3]);
    let of = |technology| {
        let Support { guests, running, by_libvirt, profiles, question, .. } =
            host.support(technology);
        let profiles: Vec<_> = profiles.iter().map(|profile| profile.name).collect();
        assert_eq!((by_libvirt, question), (Some(true), None));
        (guests, running, profiles)
    };
    assert_eq!(of(Technology::Sev), (Some(410), Some(0), vec![]));
    assert_eq!(of(Technology::SevEs), (Some(99), Some(3), vec!["es-legacy"]));
    assert_eq!(of(Technology::Snp), (Some(99), Some(3), vec!["snp-qemu"]));
}

#[test]
fn nothing_that_names_the_host_leaves_it() {
    let json = serde_json::to_string_pretty(&gather(&milan())).unwrap();
    for secret in
        ["hunter2", "builder", "ey5j9CwuSUE", "7313", "0000:22", "bf7d800000", "[    7", "Debian"]
    {
        assert!(!json.contains(secret), "{secret}: {json}");
    }
    for fact in ["SEV API:1.55 build:21", "\"max_es_guests\": 99", "\"2025.02\"", "\"sockets\": 2"]
    {
        assert!(json.contains(fact), "{fact}: {json}");
    }
    let facts = gather(&milan()).facts().unwrap();
    assert_eq!((facts.smt, facts.sockets, facts.ovmf), (Some(true), Some(2), Some((2025, 2))));
    assert_eq!(facts.signature.map(|one| one.0), Some(0xa0_0f11));
    assert_eq!(facts.has_debug_swap(), Some(false));
}

// The host of a public thread (OpenNebula's documentation): SEV is on, and the BIOS sets no ASIDs aside for SEV-ES.
#[test]
fn without_asids_for_sev_es_the_bios_is_named() {
    let log = "[    7.705036] ccp 0000:a3:00.5: SEV API:1.55 build:61\n[    7.719788] kvm_amd: SEV enabled (ASIDs 1 - 1006)\n\
        [    7.719791] kvm_amd: SEV-ES disabled (ASIDs 0 - 0)\n";
    let host = milan()
        .with(&format!("{PARAMETERS}/sev_es"), "N\n")
        .with(&format!("{PARAMETERS}/sev_snp"), "N\n")
        .with("/sys/fs/cgroup/misc.capacity", "sev 1006\n")
        .printing("dmesg", log);
    assert_eq!(host.verdicts(), [Verdict::Yes, Verdict::No, Verdict::No]);
    let es = host.support(Technology::SevEs);
    let [lack] = es.lacks.as_slice() else { panic!("{es:?}") };
    assert_eq!(
        lack.to_string(),
        "/sys/module/kvm_amd/parameters/sev_es is N: no ASIDs are set aside for SEV-ES and SNP"
    );
    assert!(lack.remedy().unwrap().contains("SEV-ES ASID Space Limit"));
    assert_eq!(host.support(Technology::Sev).guests, Some(1006));
}

// AMD-SB-3023 and [Linux, sev_firmware_allows_es]: beside SNP, SEV-ES is gone from CURRENT_TCB.SNP 0x1b on (Milan 1.55.35 at the latest).
#[test]
fn sev_es_is_gone_beside_snp_with_newer_firmware() {
    let with = |build| {
        let log = format!(
            "ccp: SEV-SNP API:1.55 build:{build}\nkvm_amd: SEV-SNP enabled (ASIDs 1 - 99)\nkvm_amd: SEV-ES enabled (ASIDs 1 - 99)\n"
        );
        milan().printing("dmesg", &log)
    };
    assert_eq!(with(29).verdicts()[1], Verdict::Yes);
    assert_eq!(with(30).verdicts()[1], Verdict::Unknown);
    let gone = with(35);
    assert_eq!(gone.verdicts(), [Verdict::Yes, Verdict::No, Verdict::Yes]);
    assert!(matches!(gone.support(Technology::SevEs).lacks[..], [Lack::EsBesideSnp { .. }]));
    // KVM's parameter does not stop ccp, which has started SNP all the same.
    let started = gone.clone().with(&format!("{PARAMETERS}/sev_snp"), "N\n");
    assert_eq!(started.verdicts()[1], Verdict::No);
    // With SNP off it is there: ccp's log has the one version, and not the other.
    let off = started
        .clone()
        .printing("dmesg", "ccp: SEV API:1.55 build:35\nkvm_amd: SEV-ES enabled (ASIDs 1 - 99)\n");
    assert_eq!(off.verdicts()[1], Verdict::Yes);
    let unknown = started.printing("dmesg", "");
    assert_eq!(unknown.verdicts()[1], Verdict::Unknown);
    // As newer kernels say it themselves, whatever the firmware is.
    let said = milan().with("/sys/fs/cgroup/misc.capacity", "sev 256\nsev_es 253\n").printing(
        "dmesg",
        "kvm_amd: SEV enabled (ASIDs 254 - 509)\nkvm_amd: SEV-ES unusable (ASIDs 1 - 253)\nkvm_amd: SEV-SNP enabled (ASIDs 1 - 253)\n",
    );
    assert!(matches!(said.support(Technology::SevEs).lacks[..], [Lack::EsBesideSnp { .. }]));
    assert_eq!(said.support(Technology::Snp).guests, Some(253));
}

#[test]
fn what_is_missing_is_named_and_what_is_unknown_is_no_yes() {
    type Is = fn(&Lack) -> bool;
    let no: [(Tree, Technology, Is); 17] = [
        (
            milan().with("/proc/cpuinfo", "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t: 1\nstepping\t: 1\nflags\t: fpu hypervisor\n"),
            Technology::Sev,
            |lack| matches!(lack, Lack::VirtualMachine),
        ),
        (milan().with("/proc/cpuinfo", "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t: 143\nstepping\t: 8\nflags\t: vmx\n"),
            Technology::Sev, |lack| matches!(lack, Lack::Flag { is_amd: false, .. })),
        (milan().with("/proc/cpuinfo", "vendor_id\t: AuthenticAMD\ncpu family\t: 23\nmodel\t: 49\nstepping\t: 0\nflags\t: sev sev_es\n"),
            Technology::Snp, |lack| matches!(lack, Lack::Generation { .. })),
        (milan().with("/proc/cpuinfo", "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t: 1\nstepping\t: 1\nflags\t: svm\n"),
            Technology::Sev, |lack| matches!(lack, Lack::Flag { is_amd: true, .. })),
        (milan().without(PARAMETERS).without("/dev/sev"), Technology::Sev, |lack| matches!(lack, Lack::Module)),
        (milan().without("/dev/sev"), Technology::Snp, |lack| matches!(lack, Lack::Device)),
        (milan().without(&format!("{PARAMETERS}/sev_snp")).with("/proc/sys/kernel/osrelease", "6.8.0-45-generic"),
            Technology::Snp, |lack| matches!(lack, Lack::Kernel { .. })),
        (milan().printing("qemu-system-x86_64 --version", "QEMU emulator version 8.2.2 (Debian 1:8.2.2+ds-0ubuntu1)")
            .printing(VIRSH, "error: failed to connect"),
            Technology::Snp, |lack| matches!(lack, Lack::Qemu { .. })),
        (milan().printing("dpkg-query -W -f ${Version} ovmf", "2020.05-5"),
            Technology::SevEs, |lack| matches!(lack, Lack::Ovmf { .. })),
        (milan().printing("dmesg", "ccp: SEV-SNP API:1.49 build:3\n"), Technology::Snp, |lack| matches!(lack, Lack::SnpFirmware { .. })),
        // [Linux, __sev_snp_init_locked] Up to 6.15 the parameter stays Y.
        (milan().printing("dmesg", "ccp: SEV-SNP API:1.55 build:21\nccp 0000:22:00.1: SEV-SNP: failed to INIT rc -5, error 0x3\n"),
            Technology::Snp, |lack| matches!(lack, Lack::SnpInit)),
        // [Linux, snp_probe_rmptable_info]
        (milan().printing("dmesg", "SEV-SNP: Memory for the RMP table has not been reserved by BIOS\n"),
            Technology::Snp, |lack| matches!(lack, Lack::NoRmp)),
        // The module was loaded again, or the log is another boot's.
        (milan().printing("dmesg", "ccp: SEV-SNP API:1.55 build:21\nkvm_amd: SEV-SNP disabled (ASIDs 0 - 0)\n"),
            Technology::Snp, |lack| matches!(lack, Lack::Disabled { .. })),
        // AMDSEV, issue 189: the version is logged although SEV was not started. [Linux, __sev_platform_init_locked]
        (milan().printing(VIRSH, "").printing("dmesg", "ccp 0000:47:00.1: SEV: failed to INIT error 0x1, rc -5\nccp 0000:47:00.1: SEV API:1.55 build:7\n"),
            Technology::Sev, |lack| matches!(lack, Lack::SevInit)),
        // The log is another boot's: no more guests than both say.
        (milan().with("/sys/fs/cgroup/misc.capacity", "sev 0\nsev_es 0\n"), Technology::Sev, |lack| matches!(lack, Lack::NoAsids { .. })),
        // KVM sets none alone: a tree with this is no host's, and no yes.
        (milan().with(&format!("{PARAMETERS}/sev_es"), "N\n"), Technology::Snp,
            |lack| matches!(lack, Lack::Parameter { technology: Technology::SevEs, .. })),
        (milan().with(&format!("{PARAMETERS}/sev"), "N\n"), Technology::SevEs,
            |lack| matches!(lack, Lack::Parameter { technology: Technology::Sev, .. })),
    ];
    for (index, (host, technology, is)) in no.iter().enumerate() {
        let support = host.support(*technology);
        assert_eq!(support.verdict, Verdict::No, "{index}");
        assert!(support.lacks.iter().any(is), "{index}: {:?}", support.lacks);
    }
    let unknown = [
        Tree::default(),
        milan().without(PARAMETERS),
        milan().printing("qemu-system-x86_64 --version", "").printing(VIRSH, ""),
        // RHEL's kernel of 5.14 may have everything, and without the parameter nothing tells.
        milan()
            .without(&format!("{PARAMETERS}/sev_snp"))
            .with("/proc/sys/kernel/osrelease", "5.14.0-570.el9.x86_64"),
        // Without the log: before Linux 6.16 the parameter does not tell whether the AMD-SP started SNP.
        milan().printing("dmesg", ""),
        // Kernel and QEMU of AMD's fork, before both had it upstream.
        milan().with("/proc/sys/kernel/osrelease", "6.9.0-rc7-snp-host-05b10142ac6a"),
        // Two machines' facts.
        milan().with("/proc/cpuinfo", "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t: 1\nstepping\t: 1\nflags\t: sev sev_es sev_snp hypervisor\n"),
        milan().with("/proc/sys/kernel/osrelease", "3.10.0"),
        // Between two releases, the version tells nothing.
        milan().printing("qemu-system-x86_64 --version", "QEMU emulator version 9.0.92").printing(VIRSH, ""),
        // A vendor's QEMU may have more than its version says, and libvirt is not asked here.
        milan()
            .printing(
                "qemu-system-x86_64 --version",
                "QEMU emulator version 8.2.0 (qemu-kvm-8.2.0-11.el9)",
            )
            .printing(VIRSH, ""),
    ];
    for (index, host) in unknown.iter().enumerate() {
        let support = host.support(Technology::Snp);
        assert_ne!(support.verdict, Verdict::Yes, "{index}");
        assert!(!support.open.is_empty(), "{index}");
    }
}

#[test]
fn what_proves_snp_is_enough() {
    // From Linux 6.16 on KVM asks the AMD-SP, and needs no log.
    let newer = milan().with("/proc/sys/kernel/osrelease", "6.16.1").printing("dmesg", "");
    assert_eq!(newer.verdicts()[2], Verdict::Yes);
    // SNP that started at a later time has not failed.
    let log = "SEV-SNP: failed to INIT rc -5, error 0x3\nccp: SEV-SNP API:1.55 build:21\n";
    assert_eq!(milan().printing("dmesg", log).verdicts()[2], Verdict::Yes);
    // libvirt has asked a vendor's QEMU, which has it.
    let vendors = milan().printing(
        "qemu-system-x86_64 --version",
        "QEMU emulator version 8.2.0 (qemu-kvm-8.2.0-11.el9)",
    );
    assert_eq!(vendors.verdicts()[2], Verdict::Yes);
}

// Whoever can write to the kernel's log or to a journal's host name writes no facts.
#[test]
fn messages_in_others_words_are_none() {
    let genuine = "SEV-SNP API:1.55 build:21";
    for forged in [
        "[    9.1] usb 1-1: Product: SEV-SNP API:1.58 build:99",
        "[    9.1] audit: comm=\"kvm_amd: SEV-SNP enabled (ASIDs 1 - 99)\"",
        "Nov 28 host app[12]: kvm_amd: SEV-SNP enabled (ASIDs 1 - 99)",
        "x ccp 0000:22:00.1: SEV-SNP API:1.58 build:99",
        "[   99.1] myprog[7]: note from kernel: SEV-SNP API:1.58 build:99",
        "Nov 28 11:22:33 node1 myprog[7]: from kernel: SEV-SNP API:1.58 build:99",
    ] {
        assert_eq!(
            known_lines(&format!("[ 1.0] ccp 0000:22:00.1: {genuine}\n{forged}")),
            [genuine],
            "{forged}"
        );
    }
    let journal = "Nov 28 11:22:33 node1 kernel: ccp 0000:22:00.1: SEV-SNP API:1.55 build:21";
    assert_eq!(known_lines(journal), [genuine]);
    assert_eq!(
        known_lines(&format!("2026-11-28T11:22:33.123+00:00 node1 kernel: {genuine}")),
        [genuine]
    );
}

// A module that is loaded again and again does not push out what was said once.
#[test]
fn the_last_message_of_each_kind_is_kept() {
    let reloads =
        "kvm_amd: SEV enabled (ASIDs 100 - 509)\nkvm_amd: SEV-ES enabled (ASIDs 1 - 99)\n"
            .repeat(40);
    let log = format!("SEV-SNP: failed to INIT rc -5\n{reloads}");
    assert_eq!(known_lines(&log).len(), 3);
    assert!(KernelLog::read(&known_lines(&log).join("\n")).snp_init_failed);
}

// A file of a copied tree may hold anything.
#[test]
fn parameters_are_switches_and_numbers_alone() {
    let host = milan()
        .with(&format!("{PARAMETERS}/sev"), "db7.corp.example, key=hunter2\n")
        .with(&format!("{PARAMETERS}/ciphertext_hiding_asids"), "serial ABC123\n");
    let json = serde_json::to_string(&gather(&host)).unwrap();
    assert!(!json.contains("hunter2") && !json.contains("ABC123"), "{json}");
    assert_eq!(host.support(Technology::Sev).verdict, Verdict::Unknown);
}

// What is carried away is read as strictly as it is written.
#[test]
fn facts_that_collect_never_writes_are_refused() {
    for (facts, words) in [
        (r#""kernel_log": ["SEV enabled"]"#, "kernel_log"),
        (
            r#""cpu": {"vendor": "AuthenticAMD", "family": 25, "model": 1, "stepping": 1, "flags": ["sgx"]}"#,
            "sgx",
        ),
        (r#""ovmf": "new""#, "ovmf"),
        (r#""qemu": "cloud-hypervisor v41.0.0""#, "qemu"),
        (r#""sockets": 0"#, "sockets"),
    ] {
        let json = format!("{{\"version\": 1, {facts}}}");
        let read = Collected::from_json(&json).and_then(|collected| collected.facts());
        let error = read.expect_err(facts).to_string();
        assert!(error.contains(words), "{facts}: {error}");
    }
}

// libvirt's output is a host's, and may be anybody's.
#[test]
fn floods_of_elements_are_no_answer() {
    let deep = "<a>".repeat(100_000);
    let many = format!("<domainCapabilities>{}</domainCapabilities>", "<a b='c'/>".repeat(300_000));
    for flood in [deep, many] {
        assert!(DomainCapabilities::read(&flood).is_err());
    }
}

#[test]
fn libvirt_is_asked_beside_qemu() {
    let old = milan().printing("virsh --version", "9.0.0");
    let support = old.support(Technology::Snp);
    assert_eq!((support.verdict, support.by_libvirt), (Verdict::Yes, Some(false)));
    assert!(matches!(support.libvirt_lacks, Some(Lack::Libvirt { .. })));
    let none =
        "<domainCapabilities><features><sev supported='no'/></features></domainCapabilities>";
    let says = milan().printing(VIRSH, none).support(Technology::Sev);
    assert_eq!((says.by_libvirt, says.libvirt_lacks.is_some()), (Some(false), true));
    let silent = milan().printing(VIRSH, "error: failed to connect");
    assert_eq!(silent.support(Technology::Sev).by_libvirt, None);
}

// [Linux, min_sev_es_asid]: ASIDs 1 to ciphertext_hiding_asids are SNP's alone.
#[test]
fn ciphertext_hiding_takes_from_sev_es() {
    let host = milan()
        .printing("dmesg", "ccp: SEV-SNP API:1.55 build:21\n")
        .with(&format!("{PARAMETERS}/ciphertext_hiding_asids"), "60\n");
    assert_eq!(host.support(Technology::SevEs).guests, Some(39));
    assert_eq!(host.support(Technology::Snp).guests, Some(60));
    let all = host.with(&format!("{PARAMETERS}/ciphertext_hiding_asids"), "99\n");
    let support = all.support(Technology::SevEs);
    assert!(matches!(support.lacks[..], [Lack::NoAsids { .. }]), "{support:?}");
}

#[test]
fn logs_of_several_kernels() {
    let read = KernelLog::read;
    // Before 5.19, and with a level in front.
    let old = read(
        "[   10.1] SVM: SEV supported: 410 ASIDs\n<6>[   10.2] SVM: SEV-ES supported: 99 ASIDs",
    );
    assert_eq!(old.sev.and_then(sev_launch_host::kernel_log::Asids::count), Some(410));
    assert_eq!(old.sev_es.and_then(sev_launch_host::kernel_log::Asids::count), Some(99));
    // As KVM printed the last ASID before 0 - 1 was caught.
    let wrapped = read("kvm_amd: SEV-ES disabled (ASIDs 0 - 4294967295)");
    assert_eq!(wrapped.sev_es.map(|asids| (asids.last, asids.count())), Some((0, None)));
    // The last one counts.
    let twice = read("kvm_amd: SEV disabled (ASIDs 1 - 509)\nkvm_amd: SEV enabled (ASIDs 1 - 509)");
    assert_eq!(twice.sev.map(sev_launch_host::kernel_log::Asids::is_enabled), Some(true));
    assert_eq!(
        read(
            "kvm_amd: SEVen enabled (ASIDs 1 - 2)\nSEV API:1.x build:1\nkvm_amd: SEV on (ASIDs 1 - 2)"
        ),
        KernelLog::default()
    );
}

proptest! {
    #[test]
    fn no_text_panics_and_lines_read_back(text in "(?s)((kvm_amd: |SVM: |SEV-SNP |SEV-ES |SEV |API:|enabled|supported: |unusable|\\(ASIDs|[0-9]{1,11}| - |\\)|build:|\\.|\n| |.){0,3}){0,40}") {
        let read = KernelLog::read(&text);
        let lines = known_lines(&text);
        prop_assert!(lines.len() <= 9);
        prop_assert_eq!(read, KernelLog::read(&lines.join("\n")));
        let _ = DomainCapabilities::read(&text);
        let _ = Collected::from_json(&text);
    }
}
