//! Every code of the table is warned of somewhere, and no other is.

use std::collections::BTreeSet;

use sev_launch_description::import::{CODES, Import};

use super::golden::input;
use super::libvirt::{ES, SNP, domain};
use super::{libvirt, qemu};
use sev_launch_description::import::kata;
use sev_launch_description::import::nova::{self, Documents};

fn codes(import: &Import) -> Vec<&'static str> {
    import.warnings.iter().map(|warning| warning.code).collect()
}

const QEMU_NS: &str = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";

#[test]
fn set_ups_are_warned_of_by_name() {
    let mut seen = BTreeSet::new();
    let clean = "<os><loader type='rom' stateless='yes'>/f</loader></os>";
    assert_eq!(codes(&libvirt::read(&domain(&format!("{clean}{ES}"))).unwrap()), [""; 0]);
    let with = |inside: &str, security: &str| {
        libvirt::read(&domain(&format!("{inside}{security}"))).unwrap()
    };
    let domains = [
        (with("<os firmware='efi'/>", ES), "firmware-not-stateless"),
        (with("<os><nvram>/v</nvram></os>", ES), "nvram-not-measured"),
        (with("<os firmware='efi'><varstore/></os>", ES), "nvram-not-measured"),
        (with("<os><loader type='pflash'>/f</loader></os>", ES), "firmware-writable"),
        (with("<os><loader type='pflash' readonly='yes'>/f</loader></os>", SNP), "snp-with-pflash"),
        (with("<os><kernel>/k</kernel></os>", SNP), "kernel-not-measured"),
        (with("<os><kernel>/k</kernel><shim>/s</shim></os>", ES), "digest-unpredictable"),
        (with("<os><kernel>/k</kernel><cmdline>a </cmdline></os>", ES), "cmdline-space"),
        (with(clean, &ES.replace("0xf", "0xe")), "debug-policy"),
        (with(clean, &ES.replace("0xf", "0xd")), "key-sharing-policy"),
        (with(clean, &ES.replace("0xf", "0x7")), "migration-policy"),
        (with(clean, &SNP.replace("0x3", "0x7")), "migration-policy"),
        (with(clean, &SNP.replace("0x3", "0xb")), "debug-policy"),
        (with(clean, &SNP.replace("0x30000", "0x3000")), "policy-refused"),
        (with(clean, &ES.replace("session", "x")), "no-session"),
        (
            with(clean, &SNP.replace("<policy>", "<idBlock>A</idBlock><policy>")),
            "id-block-incomplete",
        ),
        (
            with(
                &format!(
                    "{clean}<qemu:commandline {QEMU_NS}><qemu:arg value='-bios'/></qemu:commandline>"
                ),
                ES,
            ),
            "qemu-arguments",
        ),
        (with(&format!("{clean}<qemu:override {QEMU_NS}/>"), ES), "qemu-arguments"),
        (
            libvirt::read(&domain(&format!("{clean}{ES}")).replace("'kvm'", "'qemu'")).unwrap(),
            "not-kvm",
        ),
        (
            libvirt::read(&format!(
                "<domaincheckpoint>{}</domaincheckpoint>",
                domain(&format!("{clean}{ES}"))
            ))
            .unwrap(),
            "snapshot",
        ),
    ];
    for (import, code) in &domains {
        assert!(codes(import).contains(code), "{code}: {:?}", import.warnings);
    }
    seen.extend(domains.iter().flat_map(|(import, _)| codes(import)));
    let settings = sev_launch_description::import::qemu::from_text(
        b"qemu-system-x86_64 -machine q35,confidential-guest-support=s -object sev-snp-guest,id=s -bios f -cpu EPYC-Milan \
          -smp 1,maxcpus=4 -device EPYC-Milan-x86_64-cpu,socket-id=0,core-id=1,thread-id=0 \
          -global cpu.stepping=7 -set machine.kernel=/x",
        "q",
    )
    .unwrap();
    assert_eq!(codes(&settings).iter().filter(|code| **code == "unread-setting").count(), 1);
    assert!(settings.description.cpus.is_none());
    assert!(settings.description.unknown.iter().any(|unknown| unknown.key == Some("signature")));
    // A vCPU that is plugged in before the start is launched with the others.
    assert_eq!(settings.description.late_vcpus.as_ref().map(|field| field.value), Some(1));
    seen.extend(codes(&settings));
    // From QEMU 6.2 on the largest number, in 6.0 and 6.1 the product of the topology. [QEMU, pc_smp_parse of 6.0]
    for (smp, policy, warns) in [
        ("maxcpus=4", 5, true),
        ("4,maxcpus=4", 5, false),
        ("maxcpus=4,cores=4", 5, false),
        ("maxcpus=4", 1, false),
    ] {
        let line = format!(
            "-machine q35,confidential-guest-support=s -object sev-guest,id=s,policy={policy} -bios f -cpu EPYC -smp {smp}"
        );
        let import = sev_launch_description::import::qemu::from_text(line.as_bytes(), "q").unwrap();
        let count = import.description.vcpus.as_ref().map(|field| field.value.to_string());
        assert_eq!(count.as_deref(), Some("4"), "{smp}");
        let text = import.warnings.iter().find(|warning| warning.code == "maxcpus-alone");
        assert_eq!(text.is_some(), warns, "{smp} {policy}");
        assert!(text.is_none_or(|warning| warning.text.contains("and 1 in 6.0 and 6.1")));
        seen.extend(codes(&import));
    }
    for pasted in ["-append $'a\\nb'", "-kernel ~/k", "-append a*"] {
        let line = format!(
            "qemu-system-x86_64 -machine q35,confidential-guest-support=s -object sev-guest,id=s -bios f {pasted} -kernel k"
        );
        let import = sev_launch_description::import::qemu::from_text(line.as_bytes(), "q").unwrap();
        assert!(codes(&import).contains(&"shell-variable"), "{pasted}");
    }
    let careless =
        sev_launch_description::import::qemu::from_text(&input("qemu/careless.sh"), "c").unwrap();
    for code in [
        "stray-argument",
        "shell-variable",
        "config-file",
        "not-kvm",
        "firmware-writable",
        "nvram-not-measured",
    ] {
        assert!(codes(&careless).contains(&code), "{code}");
    }
    seen.extend(codes(&careless));
    let (block, auth) = super::id_block::base64(0x30000);
    let snp = qemu::read(&format!(
        "-machine confidential-guest-support=s -object sev-snp-guest,id=s,id-auth={auth},id-block={block},host-data=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= -pflash f",
    ))
    .unwrap();
    assert_eq!(codes(&snp), ["host-data", "id-block", "firmware-writable", "snp-with-pflash"]);
    seen.extend(codes(&snp));
    let half = "-machine confidential-guest-support=s -object sev-snp-guest,id=s,id-auth=a -bios f";
    assert_eq!(codes(&qemu::read(half).unwrap()), ["id-block-incomplete"]);
    // QEMU 10.2.2 started this, and what the IGVM file says alone.
    let igvm = "-machine q35,confidential-guest-support=s,igvm-cfg=i -object sev-snp-guest,id=s -object igvm-cfg,id=i,file=f -bios o -cpu EPYC";
    let igvm = qemu::read(igvm).unwrap();
    assert_eq!(codes(&igvm), ["unused-firmware"]);
    assert!(igvm.description.unknown.is_empty() && igvm.description.is_igvm());
    seen.extend(codes(&igvm));
    let pod =
        kata::from_toml(&input("kata/snp.toml"), None, Some("4.1".parse().unwrap()), "k").unwrap();
    assert_eq!(codes(&pod), ["kata-workload-vcpus", "cmdline-predicted"]);
    seen.extend(codes(&pod));
    // The file has no list of annotations that it allows.
    let annotated =
        kata::from_toml(&input("kata/snp.toml"), Some(&input("kata/pod.json")), None, "k").unwrap();
    assert_eq!(
        codes(&annotated),
        ["annotation-not-enabled", "annotation-not-enabled", "kata-workload-vcpus"]
    );
    seen.extend(codes(&annotated));
    let image = input("nova/old-image.json");
    for model in ["amd-sev", "amd-sev-snp"] {
        let flavor = format!(
            "{{\"properties\": {{\"hw:mem_encryption\": \"1\", \"hw:mem_encryption_model\": \"{model}\"}}}}"
        );
        let documents =
            Documents { server: None, flavor: Some(flavor.as_bytes()), image: Some(&image) };
        let server = nova::from_json(documents, "s").unwrap();
        assert!(codes(&server).contains(&"machine-not-q35"));
        seen.extend(codes(&server));
    }
    let table: BTreeSet<_> = CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(table.len(), CODES.len(), "a code stands twice");
    assert_eq!(seen, table);
}
