//! Domains: what each element stands for.

use sev_launch_abi::Technology;
use sev_launch_description::Error;
use sev_launch_description::description::{Cmdline, Image};
use sev_launch_description::import::{Import, libvirt};

/// A domain with `inside`, of which launchSecurity is a part.
pub(crate) fn domain(inside: &str) -> String {
    format!("<domain type='kvm'><name>g</name>{inside}</domain>")
}

pub(crate) fn read(xml: &str) -> Result<Import, Error> {
    libvirt::from_xml(xml.as_bytes(), "g.xml")
}

pub(crate) const ES: &str = "<launchSecurity type='sev' kernelHashes='yes'><policy>0xf</policy><dhCert>QQ==</dhCert><session>QQ==</session></launchSecurity>";
pub(crate) const SNP: &str =
    "<launchSecurity type='sev-snp'><policy>0x30000</policy></launchSecurity>";

fn unknown(import: &Import) -> Vec<&str> {
    import.description.unknown.iter().filter_map(|unknown| unknown.key).collect()
}

#[test]
fn policies_are_hexadecimal_and_say_the_technology() {
    for (kind, policy, expected, technology) in [
        ("sev", "0x0003", 3, Technology::Sev),
        ("sev", "10", 16, Technology::Sev),
        ("sev", "37", 0x37, Technology::SevEs),
        ("sev-snp", "0x00030000", 0x30000, Technology::Snp),
        ("sev-snp", "100030000", 0x1_0003_0000, Technology::Snp),
    ] {
        let xml =
            format!("<launchSecurity type='{kind}'><policy>{policy}</policy></launchSecurity>");
        let description = read(&domain(&xml)).unwrap().description;
        assert_eq!(description.policy.unwrap().value, expected, "{policy}");
        assert_eq!(description.technology.unwrap().value, technology, "{policy}");
    }
}

// libvirt, formatdomain: loader/@type, features/smm.
#[test]
fn how_the_firmware_is_loaded_and_smm_are_read() {
    let with = |loader: &str| domain(&format!("{ES}<os><loader {loader}>/f</loader></os>"));
    for (loader, in_flash) in
        [("type='pflash' readonly='yes'", Some(true)), ("type='rom'", Some(false)), ("", None)]
    {
        let found = read(&with(loader)).unwrap().description.firmware.in_flash;
        assert_eq!(found.map(|field| field.value), in_flash, "{loader}");
    }
    let smm = |security: &str, smm: &str| domain(&format!("{security}<features>{smm}</features>"));
    for (xml, starts) in [
        (smm(ES, "<smm state='on'/>"), false),
        (smm(SNP, "<smm/>"), false),
        (smm(ES, "<smm state='off'/>"), true),
        (smm(&ES.replace("0xf", "0x3"), "<smm state='on'/>"), true),
    ] {
        assert_eq!(read(&xml).is_ok(), starts, "{xml}");
    }
}

#[test]
fn defaults_are_those_of_libvirt_and_qemu() {
    let import = read(&domain(ES)).unwrap();
    let description = &import.description;
    assert_eq!(description.vcpus.as_ref().unwrap().value.to_string(), "1");
    let cpu = description.cpus.as_ref().unwrap();
    assert_eq!(
        (cpu.value[0].signature.0, cpu.value[0].to_string()),
        (0x0006_0fb1, "qemu64".into())
    );
    assert!(cpu.origin.to_string().starts_with("default: "), "{}", cpu.origin);
    assert_eq!(unknown(&import), ["firmware.path", "host.kernel"]);
    assert!(description.boot.kernels.is_none());
}

#[test]
fn vcpus_are_those_at_launch() {
    let count = |text: &str| {
        read(&domain(&format!("{text}{ES}"))).map(|import| import.description.vcpus.unwrap())
    };
    let current = count("<vcpu placement='static' current='2'>8</vcpu>").unwrap();
    assert_eq!(current.value.to_string(), "2");
    assert_eq!(current.origin.to_string(), "from domain/vcpu/@current");
    assert_eq!(count("<vcpu>8</vcpu>").unwrap().value.to_string(), "8");
    for wrong in
        ["<vcpu>0</vcpu>", "<vcpu>x</vcpu>", "<vcpu current='9'>8</vcpu>", "<vcpu>5000</vcpu>"]
    {
        assert!(count(wrong).is_err(), "{wrong}");
    }
}

// libvirt 11.3 with QEMU 10.0 and 12.8 with 11.1, run with `current='3'` and one hot-pluggable: SEV-ES measured 2 vCPUs, SNP
// 3, of which the third started otherwise by QEMU's version.
#[test]
fn hot_pluggable_vcpus_are_those_of_the_technology() {
    let vcpus = |third: &str| {
        format!(
            "<vcpu current='3'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/>\
             <vcpu id='1' enabled='yes' hotpluggable='no'/><vcpu id='2' enabled='yes' hotpluggable='{third}'/>\
             <vcpu id='3' enabled='no' hotpluggable='yes'/></vcpus>"
        )
    };
    let import = |third: &str, security: &str| {
        let import = read(&domain(&format!("{}{security}", vcpus(third)))).unwrap();
        let count = import.description.vcpus.as_ref().map(|field| field.value.to_string());
        (count, unknown(&import).contains(&"vcpus"))
    };
    assert_eq!(import("no", SNP), (Some("3".into()), false));
    assert_eq!(import("no", ES), (Some("3".into()), false));
    assert_eq!(import("yes", ES), (Some("2".into()), false));
    // As it is defined, all three are measured, the last one late; while it runs, nobody can say.
    assert_eq!(import("yes", SNP), (Some("3".into()), false));
    let defined = read(&domain(&format!("{}{SNP}", vcpus("yes")))).unwrap();
    assert_eq!(defined.description.late_vcpus.map(|field| field.value), Some(1));
    let running =
        domain(&format!("{}{SNP}", vcpus("yes"))).replacen("<domain", "<domain id='7'", 1);
    let running = read(&running).unwrap();
    assert!(unknown(&running).contains(&"vcpus") && running.description.vcpus.is_none());
    // What plain SEV does not measure need not be known.
    assert_eq!(
        import("yes", &SNP.replace("sev-snp", "sev").replace("30000", "1")),
        (Some("3".into()), false)
    );
    let wrong = vcpus("yes").replace("current='3'", "current='2'");
    let error = read(&domain(&format!("{wrong}{SNP}"))).unwrap_err().to_string();
    assert!(error.contains("3 vCPUs are enabled, and domain/vcpu says 2"), "{error}");
}

// What an importer cannot read must stop the digest.
#[test]
fn what_is_measured_and_not_read_is_unknown() {
    const OS: &str = "<os><type arch='x86_64' machine='q35'>hvm</type><loader type='rom' format='raw'>/f</loader></os>";
    let texts = |xml: &str| -> Vec<String> {
        let import = read(xml).unwrap();
        let unknown = import.description.unknown.iter();
        unknown.filter(|one| one.key.is_none()).map(|one| one.text.clone()).collect()
    };
    for (inside, part) in [
        ("<vcpu future='x'>1</vcpu>", "domain/vcpu/@future (\"x\")"),
        ("<vcpu>1</vcpu><vcpu>2</vcpu>", "a second domain/vcpu"),
        ("<cpu mode='custom' stepping='3'><model>EPYC</model></cpu>", "domain/cpu/@stepping"),
        ("<cpu><model>EPYC</model><signature family='25'/></cpu>", "domain/cpu/signature"),
        ("<features><acpi/><sev-features/></features>", "domain/features/sev-features"),
        ("<igvm>/i</igvm>", "domain/igvm"),
        // libvirt reads both.
        (
            "<features><acpi/></features><features><smm state='on'/></features>",
            "a second domain/features",
        ),
    ] {
        let found = texts(&domain(&format!("{OS}{inside}{SNP}")));
        assert!(found.len() == 1 && found[0].starts_with(part), "{inside}: {found:?}");
    }
    for (old, new, part) in [
        ("<type arch", "<igvm>/i</igvm><type arch", "domain/os/igvm"),
        ("type='rom'", "type='rom' offset='4096'", "domain/os/loader/@offset"),
        ("</os>", "<kernel>/k</kernel><kernel>/l</kernel></os>", "a second domain/os/kernel"),
    ] {
        let found = texts(&domain(&format!("{}{SNP}", OS.replace(old, new))));
        assert!(found.len() == 1 && found[0].starts_with(part), "{new}: {found:?}");
    }
    let snp = SNP.replace("<policy>", "<svsm>/s</svsm><policy>");
    assert_eq!(texts(&domain(&format!("{OS}{snp}"))).len(), 1);
    // QEMU measures what is in a qcow2 image, and libvirt names its format.
    let import = read(&domain(&format!("{}{ES}", OS.replace("raw", "qcow2")))).unwrap();
    assert_eq!(unknown(&import), ["firmware.path", "host.kernel"]);
}

const QEMU_NS: &str = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";

#[test]
fn arguments_for_qemu_are_unknown_unless_they_move_nothing() {
    let read_with = |inside: &str| {
        read(&domain(&format!("{inside}{ES}")).replacen(
            "<domain",
            &format!("<domain {QEMU_NS}"),
            1,
        ))
        .unwrap()
    };
    let commandline = |words: &[&str]| {
        let words: String =
            words.iter().map(|word| format!("<qemu:arg value='{word}'/>")).collect();
        format!("<qemu:commandline>{words}</qemu:commandline>")
    };
    let keyless =
        |import: &Import| import.description.unknown.iter().filter(|one| one.key.is_none()).count();
    for quiet in [
        &["-fw_cfg", "name=opt/x,string=y"][..],
        &["-global", "ICH9-LPC.disable_s3=1", "-set", "device.hostdev0.x-igd-gms=1"],
        &[
            "-device",
            "{\"driver\":\"vfio-pci\",\"host\":\"0000:01:00.0\"}",
            "-object",
            "iothread,id=i",
        ],
    ] {
        let import = read_with(&commandline(quiet));
        assert_eq!(keyless(&import), 0, "{quiet:?}: {:?}", import.description.unknown);
    }
    for loud in [
        commandline(&["-bios", "/x"]),
        commandline(&["-global", "EPYC-x86_64-cpu.stepping=3"]),
        commandline(&["-device", "EPYC-x86_64-cpu,socket-id=1"]),
        commandline(&["-device", "loader,file=/x,addr=0x800000"]),
        commandline(&["-machine", "kernel=/k"]),
        commandline(&["-no-such-option"]),
        "<qemu:commandline><qemu:env name='LD_PRELOAD' value='/x.so'/></qemu:commandline>".into(),
        "<qemu:capabilities><qemu:del capability='sev-guest'/></qemu:capabilities>".into(),
    ] {
        let import = read_with(&loud);
        assert_eq!(keyless(&import), 1, "{loud}: {:?}", import.description.unknown);
    }
    // SNP before libvirt 10.5 was started so.
    let words = commandline(&["-object", "sev-snp-guest,id=sev0,kernel-hashes=on"]);
    let xml = domain(&words).replacen("<domain", &format!("<domain {QEMU_NS}"), 1);
    let error = read(&xml).unwrap_err().to_string();
    assert!(error.contains("qemu:commandline has \"sev-snp-guest,id=sev0"), "{error}");
}

#[test]
fn cpus_are_models_or_the_host_s() {
    for (cpu, known) in [
        ("<cpu mode='custom'><model fallback='forbid'>EPYC-Milan-v1</model></cpu>", true),
        ("<cpu><model>EPYC-Rome</model></cpu>", true),
        ("<cpu><topology sockets='1' cores='2' threads='1'/></cpu>", true),
        ("<cpu mode='host-passthrough'/>", false),
        ("<cpu mode='maximum'/>", false),
        ("<cpu mode='host-model'><model>EPYC</model></cpu>", false),
        ("<cpu><model>Skylake-Server</model></cpu>", false),
    ] {
        let import = read(&domain(&format!("{cpu}{SNP}"))).unwrap();
        assert_eq!(import.description.cpus.is_some(), known, "{cpu}");
        assert_eq!(unknown(&import).contains(&"signature"), !known, "{cpu}");
    }
    // Plain SEV measures no registers.
    let sev = SNP.replace("sev-snp", "sev").replace("30000", "1");
    let import = read(&domain(&format!("<cpu mode='host-passthrough'/>{sev}"))).unwrap();
    assert_eq!(unknown(&import), ["firmware.path"]);
}

#[test]
fn white_space_in_the_command_line_counts() {
    let os = "<os><type machine='pc-q35-9.0'>hvm</type><loader type='rom'>/fw.fd</loader><kernel>/k</kernel><cmdline> a &amp; <!-- x --> b<![CDATA[\n]]></cmdline></os>";
    let import = read(&domain(&format!("{os}{ES}"))).unwrap();
    let description = import.description;
    assert_eq!(description.boot.cmdlines.unwrap().value, [Cmdline::Bytes(b" a &  b\n".to_vec())]);
    assert_eq!(description.firmware.images.unwrap().value, [Image::File("/fw.fd".into())]);
    assert_eq!(description.host.machine.unwrap().value, "pc-q35-9.0");
    assert_eq!(description.boot.kernel_hashes.unwrap().value, [true]);
}

#[test]
fn what_libvirt_wraps_around_a_domain_is_looked_into() {
    let status = format!("<domstatus state='running' pid='1'><vcpus/>{}</domstatus>", domain(ES));
    assert!(read(&status).unwrap().warnings.is_empty());
    let snapshot = format!("<domainsnapshot><name>s</name>{}</domainsnapshot>", domain(ES));
    assert_eq!(read(&snapshot).unwrap().warnings[0].code, "snapshot");
    let prolog = format!("<?xml version='1.0' encoding='UTF-8'?>\n<!-- x -->\n{}", domain(ES));
    assert!(read(&prolog).is_ok());
    assert!(read(&format!("\u{feff}{}", domain(ES))).is_ok());
}

#[test]
fn elements_of_other_namespaces_are_not_libvirt_s() {
    let foreign = ES
        .replace("<launchSecurity", "<x:launchSecurity xmlns:x='urn:x'")
        .replace("</launchSecurity", "</x:launchSecurity");
    let error = read(&domain(&foreign)).unwrap_err().to_string();
    assert!(error.contains("no launchSecurity"), "{error}");
    assert!(read(&domain(&format!("<metadata>{foreign}</metadata>{ES}"))).is_ok());
}

#[test]
fn what_is_no_sev_guest_is_refused() {
    for (xml, part) in [
        (domain(""), "no launchSecurity"),
        (domain(&format!("{ES}{SNP}")), "more than one launchSecurity"),
        (domain("<launchSecurity type='tdx'/>"), "wanted sev or sev-snp"),
        (domain("<launchSecurity type='s390-pv'/>"), "wanted sev or sev-snp"),
        (domain("<launchSecurity type='sev'/>"), "no domain/launchSecurity/policy"),
        (
            domain("<launchSecurity type='sev'><policy>0x100000000</policy></launchSecurity>"),
            "more than 32 bits",
        ),
        (
            domain("<launchSecurity type='sev'><policy>x</policy></launchSecurity>"),
            "no hexadecimal",
        ),
        (domain(&ES.replace("'yes'", "'on'")), "neither yes nor no"),
        (domain(&format!("<os><cmdline>x</cmdline></os>{ES}")), "without a kernel"),
        (domain(ES).replace("'kvm'", "'xen'"), "wanted \"kvm\""),
        (domain(ES).replace(" type='kvm'", ""), "domain/@type is missing"),
        ("<network/>".into(), "the root element is <network>"),
        ("<domstatus/>".into(), "no <domain> in <domstatus>"),
    ] {
        let error = read(&xml).unwrap_err().to_string();
        assert!(error.contains(part) && error.starts_with("g.xml: "), "{part}: {error}");
    }
}

// libvirt hands both on to QEMU as they are.
#[test]
fn machines_and_architectures_of_another_kind_are_unknown() {
    for (kind, part) in [
        ("machine='microvm'", "microvm is neither of the pc nor of the q35 kind"),
        ("machine='isapc'", "isapc is neither of the pc nor of the q35 kind"),
        ("arch='aarch64' machine='virt-q35'", "aarch64 is not x86_64"),
    ] {
        let import = read(&domain(&format!("<os><type {kind}>hvm</type></os>{SNP}"))).unwrap();
        let mut unknown = import.description.unknown.iter();
        assert!(unknown.any(|one| one.key.is_none() && one.text.contains(part)), "{kind}");
    }
}

#[test]
fn attack_arguments_for_qemu_are_named_whole_and_none_is_a_program() {
    let read_with = |inside: &str| {
        let xml = domain(&format!("{inside}{ES}"));
        let import = read(&xml.replacen("<domain", &format!("<domain {QEMU_NS}"), 1)).unwrap();
        let keyless = import.description.unknown.into_iter().find(|one| one.key.is_none());
        keyless.map(|one| one.text).unwrap_or_default()
    };
    let arguments = ["-smp", "8", "-runas", "qemu", "-S"];
    let words: String =
        arguments.iter().map(|word| format!("<qemu:arg value='{word}'/>")).collect();
    let text = read_with(&format!("<qemu:commandline>{words}</qemu:commandline>"));
    assert!(text.contains("\"-smp\" \"8\" \"-runas\" \"qemu\" \"-S\""), "{text}");
    let text = read_with("<qemu:override><qemu:device alias='a'/></qemu:override>");
    assert!(text.contains("<qemu:device alias='a'/>"), "{text}");
    let svsm = SNP.replace("<policy>", "<svsm>/s</svsm><policy>");
    let import = read(&domain(&svsm)).unwrap();
    let mut texts = import.description.unknown.iter().filter(|one| one.key.is_none());
    assert!(texts.any(|one| one.text.contains("(<svsm>/s</svsm>)")));
}
