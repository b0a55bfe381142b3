//! The guest of the protocol's vectors, and how a host starts it: the made-up firmware image, the table of kernel hashes and the table of secrets of
//! TV-2 and TV-4, written down here from their text and with none of this project's code for images and digests.

use hyper::Method;
use sev_launch_platform::Session;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::client::Ask;
use super::expect::{Checked, differs};
use super::guest::{Launch, Started};
use super::lab::Lab;

/// The kernel of TV-2.
pub(super) const KERNEL: &[u8] = b"test-kernel";
/// Its initrd.
pub(super) const INITRD: &[u8] = b"test-initrd";
/// Its command line.
pub(super) const CMDLINE: &str = "console=ttyS0 panic=1";

/// Under which a guest finds the passphrase of its disk.
pub(super) const LUKS_GUID: &str = "736869e5-84f0-4973-92ec-06879ce3da0b";
/// Under which it finds a bundle: what Kata's guests look for.
pub(super) const BUNDLE_GUID: &str = "e6f5a162-d67f-4750-a67c-5d065f2a9910";
/// Of nobody.
pub(super) const OWN_GUID: &str = "5a1a7c04-2f8b-4b1f-9d7e-3f6c1b2a9d10";
/// A table of secrets begins with it.
const TABLE_GUID: &str = "1e74f542-71dd-4d66-963e-ef4287ff173b";

/// The GUIDed tables of TV-2's image: place for hashes, place for secrets, reset address, footer, and 32 bytes of NOPs.
const TAIL: &[&[u8]] = &[
    b"\x00\x0c\x81\x00\x00\x04\x00\x00\x1a\x00\x1f\x37\x55\x72\x3b\x3a\x04\x4b\x92\x7b\x1d\xa6\xef\xa8\xd4\x54",
    b"\x00\x00\x81\x00\x00\x0c\x00\x00\x1a\x00\x61\xb3\x2e\x4c\x9b\x7d\xc3\x4c\x80\x81\x12\x7c\x90\xd3\xd2\x94",
    b"\x04\xb0\x80\x00\x16\x00\xde\x71\xf7\x00\x7e\x1a\xcb\x4f\x89\x0e\x68\xc7\x7e\x2f\xb4\x4e",
    b"\x5c\x00\xde\x82\xb5\x96\xb2\x1f\xf7\x45\xba\xea\xa3\x66\xc5\x5a\x08\x2d",
    &[0x90; 32],
];

/// The image of TV-2: 4096 bytes.
pub(super) fn image() -> Vec<u8> {
    let tail = TAIL.concat();
    let mut image: Vec<u8> =
        (0..=255).cycle().take(4096_usize.saturating_sub(tail.len())).collect();
    image.extend(tail);
    image
}

/// The request that puts an image into the catalogue, without a token.
pub(super) fn uploading(image: Vec<u8>) -> Ask {
    Ask::new(Method::POST, "/firmware").bytes("application/octet-stream", image)
}

/// The same for TV-2's.
pub(super) fn upload() -> Ask {
    uploading(image())
}

fn guid(text: &str) -> [u8; 16] {
    Uuid::try_parse(text).unwrap_or_default().to_bytes_le()
}

/// The table of hashes that QEMU hands over with a kernel, 176 bytes: command line with its NUL, initrd, kernel.
fn hashes(kernel: &[u8], initrd: &[u8], cmdline: &str) -> Vec<u8> {
    let mut table = guid("9438d606-4f22-4cc9-b479-a793d411fd21").to_vec();
    table.extend(168_u16.to_le_bytes());
    for (name, hashed) in [
        ("97d02dd8-bd20-4c94-aa78-e7714d36ab2a", [cmdline.as_bytes(), b"\0"].concat()),
        ("44baf731-3a2f-4bd7-9af1-41e29169781d", initrd.to_vec()),
        ("4de79437-abd2-427f-b835-d5b172d2045b", kernel.to_vec()),
    ] {
        table.extend(guid(name));
        table.extend(50_u16.to_le_bytes());
        table.extend(Sha256::digest(hashed));
    }
    table.resize(176, 0);
    table
}

/// The table of secrets as the guest finds it, with zeros up to a multiple of 16 bytes.
pub(super) fn table(entries: &[(&str, &[u8])]) -> Zeroizing<Vec<u8>> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let sizes = entries.iter().map(|(_, data)| data.len().saturating_add(20));
    let total = sizes.sum::<usize>().saturating_add(20);
    let padded = total.next_multiple_of(16);
    // With its capacity at once: what grows leaves copies of a secret behind.
    let mut table = Zeroizing::new(Vec::with_capacity(padded));
    table.extend(guid(TABLE_GUID));
    table.extend(length(total));
    for (name, data) in entries {
        table.extend(guid(name));
        table.extend(length(data.len().saturating_add(20)));
        table.extend_from_slice(data);
    }
    table.resize(padded, 0);
    table
}

/// What a host starts.
pub(super) struct Boot<'b> {
    pub(super) kernel: &'b [u8],
    /// The states of the vCPUs, for SEV-ES.
    pub(super) vcpus: &'b [[u8; 4096]],
}

/// What TV-2 says.
pub(super) const AS_REGISTERED: Boot<'static> = Boot { kernel: KERNEL, vcpus: &[] };
/// Another kernel than that.
pub(super) const OTHER_KERNEL: Boot<'static> = Boot { kernel: b"another kernel", vcpus: &[] };

/// What is measured of a guest, but for the states of its vCPUs.
pub(super) fn measured(boot: &Boot<'_>) -> Vec<u8> {
    [image(), hashes(boot.kernel, INITRD, CMDLINE)].concat()
}

/// Starts a guest with the session of a launch, up to its measurement.
pub(super) fn start(lab: &Lab, launch: &Launch, boot: &Boot<'_>) -> Checked<Started> {
    let mut machine = lab.machine();
    let session = Session { godh: &launch.owner_cert, session: &launch.session };
    let refused = |status| differs(format!("the AMD-SP refuses the session: {status}"));
    let handle = machine.launch_start(launch.policy, Some(session)).map_err(refused)?;
    lab.started(handle);
    let broken = |status| differs(format!("the AMD-SP refuses the launch: {status}"));
    machine.launch_update_data(handle, &image()).map_err(broken)?;
    let hashes = hashes(boot.kernel, INITRD, CMDLINE);
    machine.launch_update_data(handle, &hashes).map_err(broken)?;
    for page in boot.vcpus {
        machine.launch_update_vmsa(handle, page).map_err(broken)?;
    }
    let measurement = machine.launch_measure(handle).map_err(broken)?;
    Ok(Started { handle, measurement })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The digests and the table are those of the vectors' text, TV-2 and TV-4.
    #[test]
    fn the_vectors_are_as_their_text_says() {
        let digest = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
        assert_eq!(
            digest(&image()),
            "8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424"
        );
        assert_eq!(
            digest(&measured(&AS_REGISTERED)),
            "693bc5a8aac2de6bb1b70a3fb662c2e8abf63af351c31bd5f40514ec30e42821"
        );
        let wanted = "42f5741edd71664d963eef4287ff173b44000000e5696873f084734992ec06879ce3da0b30000000636f727265637420686f727365206261747465727920737461706c65";
        let table = table(&[(LUKS_GUID, b"correct horse battery staple")]);
        assert_eq!(hex::encode(&*table), format!("{wanted}{}", "00".repeat(12)));
    }
}
