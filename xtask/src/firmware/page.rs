//! docs/firmware-images.md: the images, and the pairs that were compared.

use super::{Compared, Looked};
use crate::markdown::{head, row};

/// The outcome as a document.
pub(super) fn page(
    date: &str,
    packages: &[String],
    peer: &str,
    looked: &[Looked],
    compared: &[Compared],
    (machine, hostile): (&str, &str),
) -> String {
    let mut text =
        format!("{INTRODUCTION}\n{date}: {}. The peer is {peer}.\n\n", packages.join(", "));
    text += "## Images\n\n";
    text += &head(&[
        "image",
        "bytes",
        "SHA-256",
        "parts",
        "files",
        "checks the kernel's hashes",
        "peer agrees",
    ]);
    for one in looked {
        let name = format!("`{}`", one.image.name);
        let (size, parts, files) =
            (one.size.to_string(), one.parts.to_string(), one.files().to_string());
        text += &row(&[&name, &size, &one.sha256, &parts, &files, &one.check, "yes"]);
    }
    text += "\n## Compared\n\n";
    text += &head(&[
        "first",
        "second",
        "in one sentence",
        "modules",
        "differences",
        "pages",
        "digests that change",
    ]);
    for one in compared {
        let (a, b) = (format!("`{}`", one.a), format!("`{}`", one.b));
        let (modules, differences) = (one.modules.to_string(), one.differences.to_string());
        text += &row(&[&a, &b, &one.statement, &modules, &differences, &one.pages, &one.digests]);
    }
    text += &format!("{HOSTILE}\n{machine}.\n\n{hostile}\n");
    text
}

const HOSTILE: &str = "
## What the worst images cost

Images made to cost as much as 64 MiB can within the limits, taken apart and asked whether they check the kernel's hashes, and pairs of such images compared, by
`cargo run --release -p sev-launch-firmware-diff --example hostile`. Times are those on one processor. One that takes 2 seconds or more is a failure.
";

const INTRODUCTION: &str = "\
# Real firmware images, taken apart

Written by `cargo xtask firmware --write`; not edited by hand. Every image of Debian's OVMF packages, and two that the test kit makes up, are taken apart
by `sev-launch firmware tree`:

- Its parts add up to the whole image, and those of what is packed to all that it unpacks to: no byte is in none, and none in two.
- Each file is the one that PyPI's uefi_firmware finds: its GUID, type, size and name, and the types and sizes of its sections; and no file is missing in
  either. That reader is written in Python and unpacks with edk2's own C code.
- Whether it checks the kernel's hashes is what is known: only edk2's AmdSev platform links the verifier. A variable store is no firmware, so it is unknown.
- `sev-launch firmware show` names its flavour accordingly.

Pairs are compared by `sev-launch firmware diff`. For any two of the images, tests of the library put the second together from the first and the
differences, byte for byte (`crates/firmware-diff/tests/real/rebuilt.rs`).
";
