//! What is remembered of a launch: for one agent at a time, private, and told where it is broken.

use std::path::Path;
use std::time::Duration;

use sev_launch_agent::journal::{Folder, JournalError};
use sev_launch_protocol::text::VmId;

use super::lab::{LAUNCH, Lab, VMID, yes};

#[test]
fn one_agent_at_a_time() {
    let lab = Lab::new(vec![Ok(yes())]);
    let (folder, vmid): (Folder, VmId) = (lab.folder(), VMID.parse().unwrap());
    lab.begin().unwrap();
    let held = folder.take(vmid).unwrap();
    assert!(matches!(folder.take(vmid), Err(JournalError::Busy { .. })));
    // Whoever lists waits for nobody.
    assert_eq!(folder.read(vmid).unwrap(), held.1);
    // A program that an agent was only just starting holds the lock a moment longer than it.
    let waits = std::thread::spawn(move || folder.take(vmid).map(drop));
    std::thread::sleep(Duration::from_millis(300));
    drop(held);
    waits.join().unwrap().unwrap();
}

#[test]
fn the_journal_is_private_and_holds_no_packet() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut lab = Lab::new(vec![Ok(yes())]);
    lab.guest.fails = Some(("run", false));
    lab.begin().unwrap();
    lab.go_on().unwrap_err();
    let path = lab.folder().path(VMID.parse().unwrap(), "json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // The header and the table of the packet in base64, at any place.
    for secret in ["BQUFBQUF", "BgYGBgYG"] {
        assert!(!text.contains(secret), "{text}");
    }
    let folder = path.parent().unwrap();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o750)).unwrap();
    assert!(matches!(Folder::open(folder), Err(JournalError::Open { .. })));
}

#[test]
fn an_entry_that_is_none_is_told_and_kept() {
    let lab = Lab::new(vec![Ok(yes())]);
    let entry = lab.begin().unwrap();
    let vmid: VmId = VMID.parse().unwrap();
    let path = lab.folder().path(vmid, "json");
    let good = serde_json::to_string(&entry).unwrap();
    for text in [
        String::new(),
        good[..good.len() / 2].to_owned(),
        good.replacen("\"version\":1", "\"version\":2", 1),
        good.replacen(VMID, LAUNCH, 1),
        good.replacen("\"key\"", "\"keys\"", 1),
    ] {
        std::fs::write(&path, &text).unwrap();
        assert!(matches!(lab.folder().take(vmid), Err(JournalError::Form { .. })), "{text}");
        assert!(Path::new(&path).exists());
    }
}
