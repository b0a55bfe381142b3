//! What a domain starts, by its XML and the files that it names.

use std::fs;
use std::process::Command;

use sev_launch_agent::libvirt::started;
use sev_launch_agent::vmm::Started;

/// `printf firmware | sha256sum`, and so on.
const FIRMWARE: &str = "c3bf47ea1f4a4a605470313cacb3a44f4a461f68c6faeab07e737610cb5ac835";
const KERNEL: &str = "6923dd1bc0460082c5d55a831908c24a282860b7f1cd6c2b79cf1bc8857c639c";

fn xml(folder: &str, loader: &str) -> String {
    format!(
        "<domain type='kvm' id='1'><name>sev</name><vcpu current='3'>4</vcpu><os><type arch='x86_64' machine='q35'>hvm</type>\
         <loader readonly='yes' type='rom'>{folder}/{loader}</loader><kernel>{folder}/vmlinuz</kernel><initrd>{folder}/pipe</initrd>\
         <cmdline>a  b=&quot;c&quot;</cmdline></os><cpu mode='custom'><model>EPYC-Milan</model></cpu>\
         <launchSecurity type='sev' kernelHashes='yes'><policy>0x5</policy></launchSecurity></domain>"
    )
}

fn hash(text: &str) -> Option<[u8; 32]> {
    Some(hex::decode(text).expect("hex").try_into().expect("32 bytes"))
}

#[test]
fn regular_files_are_hashed_and_nothing_else_is_opened_for_long() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("OVMF.fd"), "firmware").expect("a file");
    fs::write(folder.path().join("vmlinuz"), "kernel").expect("a file");
    // Nobody writes to it: whoever opens it to read would wait.
    let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status();
    assert!(made.is_ok_and(|status| status.success()));
    let path = folder.path().to_str().expect("UTF-8");
    let wanted = Started {
        firmware_hash: hash(FIRMWARE),
        kernel_hash: hash(KERNEL),
        initrd_hash: None,
        cmdline: Some("a  b=\"c\"".into()),
        cpu_count: Some(3),
    };
    assert_eq!(started(&xml(path, "OVMF.fd")), wanted);
    // No file, a folder, and what never ends.
    for loader in ["none.fd", ".", "../../../../../../../../dev/zero"] {
        assert_eq!(started(&xml(path, loader)), Started { firmware_hash: None, ..wanted.clone() });
    }
}

#[test]
fn what_cannot_be_known_is_left_out() {
    for xml in ["", "<domain", "<domain type='test'/>", "<domain type='kvm'/>"] {
        assert_eq!(started(xml), Started::default());
    }
    // Which image libvirt chooses stands in the live XML alone.
    let xml = "<domain type='kvm'><os firmware='efi'/><launchSecurity type='sev'><policy>1</policy></launchSecurity></domain>";
    assert_eq!(started(xml), Started { cpu_count: Some(1), ..Started::default() });
}
