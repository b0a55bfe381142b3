//! What the host's agent is told by others: a domain's XML with its metadata, and a command line, each given a session.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use sev_launch_agent::attestation;
use sev_launch_agent::libvirt;
use sev_launch_agent::qemu::{CommandLine, Files};
use sev_launch_agent::vmm::{Host, Session};

/// What an owner dictates, by three bits.
fn session(choice: u8) -> Session {
    let kernel_hashes = match choice % 3 {
        0 => None,
        1 => Some(false),
        _ => Some(true),
    };
    let policy = if choice & 4 == 0 { 0x1 } else { 0x5 };
    Session { godh: vec![1; 2084], blob: vec![2; 128], policy, kernel_hashes }
}

fn host() -> Host {
    Host {
        pdh: vec![3; 2084],
        cert_chain: vec![4; 3 * 2084],
        cpu_id: None,
        cbitpos: 51,
        reduced_phys_bits: 1,
    }
}

/// The first byte says what the owner dictates, the rest is XML.
pub(crate) fn run_domain(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    if let Ok(Some(said)) = attestation::read(&text) {
        let service = said.service.unwrap_or_default();
        assert!(!service.contains(['@', '#', '?', '\n', ' ']), "{service:?}");
    }
    let session = session(*choice);
    let Ok(with) = libvirt::with_session(&text, &session, &host()) else { return };
    assert_eq!(libvirt::session(&with).as_ref(), Some(&session.blob), "{with}");
    if let Ok(identity) = libvirt::identity(&text) {
        assert_eq!(libvirt::identity(&with).ok(), Some(identity), "{with}");
    }
    // What was given once stays, and no more is added.
    let again = libvirt::with_session(&with, &session, &host()).expect("it has this session");
    assert_eq!(again, with);
}

pub(crate) fn seeds_domain() -> Vec<Vec<u8>> {
    let metadata = format!(
        "<metadata><a:attestation xmlns:a='{}' vmid='57f669c2-c427-4132-bc7a-26f56b6a718c' service='https://attest.example/v1'/></metadata>",
        attestation::NAMESPACE
    );
    let domain = |security: &str| {
        format!(
            "<domain type='kvm'><name>vm</name><uuid>57f669c2-c427-4132-bc7a-26f56b6a718c</uuid>{metadata}<vcpu>2</vcpu>{security}</domain>"
        )
    };
    [
        domain("<launchSecurity type='sev'/>"),
        domain("<launchSecurity type='sev' kernelHashes='yes'><policy>0x1</policy><cbitpos>51</cbitpos><reducedPhysBits>1</reducedPhysBits></launchSecurity>"),
        domain("<launchSecurity type=\"sev\"><!-- <session/> --><dhCert>AAAA</dhCert><session><![CDATA[AAAA]]></session><policy>&#x31;</policy></launchSecurity>"),
        domain("<launchSecurity type='sev-snp'/>"),
        "<attestation vmid='57f669c2-c427-4132-bc7a-26f56b6a718c' service='https://attest.example/v1'/>".to_owned(),
    ]
    .into_iter()
    .flat_map(|text| [2, 4].map(|choice| [&[choice], text.as_bytes()].concat()))
    .collect()
}

/// The first byte says what the owner dictates, the rest are words with a NUL between them.
pub(crate) fn run_command_line(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let words: Vec<OsString> =
        rest.split(|byte| *byte == 0).map(|word| OsString::from_vec(word.to_vec())).collect();
    let Ok(line) = CommandLine::parse(&words) else { return };
    let _ = line.uuid();
    assert!(line.emulator().len() <= words.len());
    let files = Files { godh: "/run/a,b/godh".into(), blob: "/run/a,b/session".into() };
    let (session, monitor) = (session(*choice), Path::new("/run/a,b/qmp"));
    let Ok(with) = line.with_session(&session, &host(), &files, monitor) else { return };
    // One word is another, and what is added stands at the end.
    let differ = words.iter().zip(&with).filter(|(old, new)| old != new).count();
    assert_eq!(differ, 1, "{with:?}");
    assert!((words.len() + 2..=words.len() + 3).contains(&with.len()), "{with:?}");
    // It is a line for the same guest, which has a session now and takes no other.
    let again = CommandLine::parse(&with).expect("a line as the one before");
    assert_eq!(again.uuid(), line.uuid());
    assert!(again.with_session(&session, &host(), &files, monitor).is_err(), "{with:?}");
}

pub(crate) fn seeds_command_line() -> Vec<Vec<u8>> {
    [
        "qemu-system-x86_64 -machine q35,confidential-guest-support=sev0 -object sev-guest,id=sev0 -kernel k -uuid 57f669c2-c427-4132-bc7a-26f56b6a718c",
        "sev-launch rehearse -- qemu-system-x86_64 --machine memory-encryption=a -object {\"qom-type\":\"sev-guest\",\"id\":\"a\",\"policy\":5} -S -kernel k",
        "qemu-kvm -object sev-guest,id=a,policy=0x1,cbitpos=51,reduced-phys-bits=1,kernel-hashes=on -M confidential-guest-support=a -kernel a,,b",
        "qemu -object sev-snp-guest,id=a -machine confidential-guest-support=a",
    ]
    .into_iter()
    .flat_map(|line| [0, 2, 4].map(|choice| [&[choice], line.replace(' ', "\0").as_bytes()].concat()))
    .collect()
}
