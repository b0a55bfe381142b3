//! ID blocks that sources have are kept, as they are, or refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_description::resolve::resolve;
use sev_launch_description::{Description, Error, Origin};

use super::libvirt::domain;
use super::{libvirt, qemu};

/// An ID block of zeros but for its policy, and an ID authentication of bytes 7. [SNP-ABI, ID block structure: POLICY at 58h]
pub(crate) fn base64(policy: u64) -> (String, String) {
    let mut block = [0; 96];
    block[0x58..].copy_from_slice(&policy.to_le_bytes());
    (STANDARD.encode(block), STANDARD.encode([7; 4096]))
}

fn line(more: &str) -> String {
    format!(
        "-machine q35,confidential-guest-support=s -cpu EPYC-v4 -smp 1 -bios f -object sev-snp-guest,id=s,policy=0x30000,{more}"
    )
}

#[test]
fn blocks_of_qemu_and_libvirt_are_kept() {
    let (block, auth) = base64(0x30000);
    for (key, on) in
        [("", None), (",author-key-enabled=on", Some(true)), (",auth-key-enabled=off", Some(false))]
    {
        let found = qemu::read(&line(&format!("id-block={block},id-auth={auth}{key}")))
            .unwrap()
            .description;
        assert_eq!(found.id_block.as_ref().unwrap().value.to_string(), block);
        assert_eq!(found.id_auth.as_ref().unwrap().value.to_string(), auth);
        assert_eq!(found.author_key.as_ref().map(|field| field.value), on, "{key}");
        // The file says the same, and a digest is computed as before.
        let text = found.to_toml(true).unwrap();
        let again = Description::from_toml(&text, &Origin::file("l.toml"), "".as_ref()).unwrap();
        assert_eq!(again.id_block.as_ref().unwrap().value.to_string(), block);
        assert!(resolve(again).is_ok(), "{text}");
    }
    let security = format!(
        "<os><loader type='rom'>/f</loader></os><launchSecurity type='sev-snp' authorKey='yes'><policy>0x30000</policy>\
         <idBlock>{block}</idBlock><idAuth>{auth}</idAuth></launchSecurity>"
    );
    let found = libvirt::read(&domain(&security)).unwrap().description;
    assert_eq!(found.id_block.unwrap().value.to_string(), block);
    assert_eq!(found.author_key.map(|field| field.value), Some(true));
}

#[test]
fn attack_a_block_that_no_guest_is_started_with_is_refused() {
    let (block, auth) = base64(0x30000);
    let (other, _) = base64(0x20000);
    for (keys, part) in [
        (
            format!("id-block={other},id-auth={auth}"),
            "for guests of policy 0x20000, and policy 0x30000",
        ),
        (format!("id-block=AAAA,id-auth={auth}"), "3 bytes, wanted 96"),
        (format!("id-block={block},id-auth=AAAA"), "3 bytes, wanted 4096"),
        (format!("id-block={block},id-auth={auth},author-key-enabled=maybe"), "author-key-enabled"),
    ] {
        let error = qemu::read(&line(&keys)).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    // A description by itself, too.
    let base = "technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-v4'\nfirmware.path = 'f'\n";
    let check = |keys: &str| {
        let text = format!("{keys}\n{base}");
        resolve(Description::from_toml(&text, &Origin::file("l"), "".as_ref()).unwrap())
    };
    let (block, auth) = (format!("id_block = '{block}'"), format!("id_auth = '{auth}'"));
    assert!(check(&format!("{block}\n{auth}")).is_ok());
    for half in [&block, &auth, "author_key = true"] {
        assert!(matches!(check(half), Err(Error::HalfIdBlock { .. })), "{half}");
    }
    let error = check(&format!("policy = 0x20000\n{block}\n{auth}")).unwrap_err();
    assert!(matches!(error, Error::IdBlockPolicy { block: 0x30000, policy: 0x20000, .. }));
}
