//! Does a firmware check the kernel that it is given against the measured hashes?
//!
//! edk2's AmdSevX64 links BlobVerifierLibSevHashes into QemuKernelLoaderFsDxe, the module through which kernel, initrd and command line
//! are loaded. The library knows each by the GUID of its entry in the table of hashes, so the module has those three GUIDs. With the
//! null library, which all other platforms link, it has none. [OVMF, BlobVerifierLibSevHashes]
//!
//! The modules are in a compressed volume, so the whole image is taken apart. "No" is only said of an image that was understood whole.

use memchr::memmem;
use sev_launch_abi::Guid;
use sev_launch_digest::firmware::KernelHashCheck;

use crate::file::FileKind;
use crate::image::Image;
use crate::names;
use crate::part::{Part, What};

/// What the verifier knows kernel, initrd and command line by.
const ENTRIES: [Guid; 3] = [Guid::KERNEL_HASH, Guid::INITRD_HASH, Guid::CMDLINE_HASH];

/// Does the firmware in `image` check kernel, initrd and command line against the measured hashes?
///
/// Unknown where the image cannot be taken apart, is no edk2 firmware, or has something that was not understood and could be a verifier.
pub fn kernel_hash_check(image: &[u8]) -> KernelHashCheck {
    Image::open(image).map_or(KernelHashCheck::Unknown, |image| image.kernel_hash_check())
}

/// Every module that loads kernels, each with whether it and all that it stands in are as they should be.
fn find<'p>(part: &'p Part, is_whole: bool, loaders: &mut Vec<(&'p Part, bool)>) {
    let is_whole = is_whole && part.remarks.is_empty();
    if let What::File(file) = &part.what
        && file.name == names::KERNEL_LOADER
    {
        // A file of another type is not started.
        loaders.push((part, is_whole && file.kind == FileKind::DRIVER));
    }
    part.parts.iter().for_each(|below| find(below, is_whole, loaders));
}

impl Image<'_> {
    /// Does this firmware check kernel, initrd and command line against the measured hashes?
    pub fn kernel_hash_check(&self) -> KernelHashCheck {
        let mut loaders = Vec::new();
        find(self.root(), true, &mut loaders);
        match loaders.as_slice() {
            [(loader, is_whole)] => match self.loader_checks(loader) {
                KernelHashCheck::Yes if !is_whole => KernelHashCheck::Unknown,
                found => found,
            },
            // Without the loader, or with several, or where something around it is odd, which code a kernel comes through cannot be said.
            _ => KernelHashCheck::Unknown,
        }
    }

    fn loader_checks(&self, loader: &Part) -> KernelHashCheck {
        let knows = |bytes: &[u8], guid: &Guid| memmem::find(bytes, guid.as_bytes()).is_some();
        let code: Vec<&[u8]> = loader
            .walk()
            .filter(|(_, part)| matches!(&part.what, What::Section(section) if section.kind.is_executable()))
            .map(|(_, part)| self.bytes(&part.body()))
            .collect();
        let known =
            ENTRIES.iter().filter(|guid| code.iter().any(|bytes| knows(bytes, guid))).count();
        let elsewhere = || self.spaces().any(|space| ENTRIES.iter().any(|guid| knows(space, guid)));
        match known {
            3 => KernelHashCheck::Yes,
            // Bytes that were looked at whole cannot hide a verifier, whatever their checksums say.
            0 if !code.is_empty() && self.is_unpacked() && !elsewhere() => KernelHashCheck::No,
            _ => KernelHashCheck::Unknown,
        }
    }
}
