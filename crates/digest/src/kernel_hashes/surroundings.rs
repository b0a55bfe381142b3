//! What stands around a kernel on a VMM's command line, and makes it measure other bytes than the file's.

use super::error::Error;
use crate::profile::version::Version;

/// What the VMM is given besides the kernel, by which the hash of the kernel file would not be what it measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelSurroundings<'a> {
    /// QEMU's version, if known: `(7, 2, 0)`.
    pub qemu: Option<Version>,
    /// QEMU's machine type, if known: `pc-q35-7.2`, `pc`, `q35`.
    pub machine: Option<&'a str>,
    /// Is a shim given (`-shim`)?
    pub shim: bool,
    /// Is a device tree given (`-dtb`)?
    pub dtb: bool,
}

impl KernelSurroundings<'_> {
    /// An error if the kernel that QEMU hashes is not the kernel's file. [QEMU, x86_load_linux]
    pub fn check(&self) -> Result<(), Error> {
        let seeds = |machine: &str| {
            // Unversioned names stand for the newest machine type, which in 7.2.0 is 7.2.
            matches!(machine, "pc" | "q35")
                || machine.starts_with("pc-") && machine.ends_with("-7.2")
        };
        if self.shim {
            Err(Error::Shim)
        } else if self.dtb {
            Err(Error::Dtb)
        } else if self.qemu == Some(Version::new(7, 2, 0)) && seeds(self.machine.unwrap_or("pc")) {
            Err(Error::RngSeed)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_that_qemu_changes_are_refused() {
        let check = |qemu, machine| {
            KernelSurroundings { qemu: Some(qemu), machine, ..Default::default() }.check()
        };
        let refused = Err(Error::RngSeed);
        assert_eq!(check(Version::new(7, 2, 0), Some("pc-q35-7.2")), refused);
        assert_eq!(check(Version::new(7, 2, 0), Some("pc-i440fx-7.2")), refused);
        assert_eq!(check(Version::new(7, 2, 0), None), refused);
        assert_eq!(check(Version::new(7, 2, 0), Some("pc-q35-7.1")), Ok(()));
        assert_eq!(check(Version::new(7, 2, 1), Some("pc-q35-7.2")), Ok(()));
        let dtb = KernelSurroundings { dtb: true, ..Default::default() }.check();
        assert_eq!(dtb, Err(Error::Dtb));
        let shim = KernelSurroundings { shim: true, ..Default::default() }.check();
        assert_eq!(shim, Err(Error::Shim));
    }
}
