//! What a host is known to refuse, once it is named.
//!
//! A launch that some host might do has a digest with a [`Warning`]. Where the host's kernel or VMM is named, and is known to
//! refuse that very thing, there is no such launch: the rows here say which host that is, and in which words it refuses.
//!
//! ```
//! use sev_launch_digest::Warning;
//! use sev_launch_digest::abi::Technology;
//! use sev_launch_digest::profile::HostFacts;
//! use sev_launch_digest::refused::NamedHost;
//!
//! let short = Warning::KernelShort { size: 13, setup: 2560 };
//! let host = |vmm: Option<&str>| {
//!     let vmm = vmm.map(str::parse).transpose()?;
//!     let facts = HostFacts { vmm, ..HostFacts::default() };
//!     Ok::<_, sev_launch_digest::Error>(NamedHost { technology: Technology::Snp, facts, in_flash: None })
//! };
//! assert_eq!(host(None)?.refuses(&short), None);
//! assert_eq!(host(Some("qemu 10.0"))?.refuses(&short), Some("invalid kernel header"));
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

use crate::profile::derive::HostFacts;
use crate::profile::facts::{LaunchProfile, Vmm};
use crate::profile::version::Version;
use crate::warning::Warning;
use sev_launch_abi::Technology;

/// The first kernel whose KVM has no read-only memory for protected guests. [Linux, 66155de93bcf]
const NO_READONLY_MEMORY: Version = Version::new(6, 11, 0);

/// What is known of the host that starts a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedHost {
    /// The guest's technology.
    pub technology: Technology,
    /// The host itself.
    pub facts: HostFacts,
    /// Is the firmware in flash, or loaded by `-bios`? `None` if that is not known.
    pub in_flash: Option<bool>,
}

impl NamedHost {
    /// The words in which this host refuses what is warned of; `None` if it is not known to.
    #[must_use]
    pub fn refuses(&self, warning: &Warning) -> Option<&'static str> {
        let is = |vmm: Vmm| self.facts.vmm.is_some_and(|fact| fact.vmm == vmm);
        let (holds, words) = match warning {
            Warning::KernelShort { size: 0, .. } => (is(Vmm::Qemu), "could not load kernel"),
            Warning::KernelShort { .. } => (is(Vmm::Qemu), "invalid kernel header"),
            Warning::KernelWithoutInitrd => {
                (is(Vmm::Qemu), "linux kernel too old to load a ram disk")
            }
            Warning::KernelOfNoHost { .. } => {
                (is(Vmm::Ec2), "no kernel can be given to an instance")
            }
            Warning::FirmwareNotPages { .. } => (is(Vmm::Qemu), "could not load PC BIOS"),
            Warning::FirmwareNotBios { .. } => {
                // Where there is no flash for such guests, -bios is the only way.
                let is_bios = !self.in_flash.unwrap_or_else(|| {
                    self.technology != Technology::Snp || !self.has_no_readonly_memory()
                });
                (is(Vmm::Qemu) && is_bios, "could not load PC BIOS")
            }
            Warning::FirmwareLarge { .. } => (
                is(Vmm::Qemu) && self.in_flash == Some(true),
                "combined size of system firmware exceeds 8388608 bytes",
            ),
            Warning::FirmwareInFlash => (
                self.has_no_readonly_memory(),
                "pflash with kvm requires KVM readonly memory support",
            ),
            // Only SNP adds the pages of sections, and only KVM's are known to be refused.
            Warning::SectionsOverlap { .. } => (
                self.technology == Technology::Snp && is(Vmm::Qemu),
                "SNP_LAUNCH_UPDATE: File exists",
            ),
            _ => (false, ""),
        };
        holds.then_some(words)
    }

    /// Has KVM no read-only memory for protected guests, and so no flash?
    fn has_no_readonly_memory(&self) -> bool {
        self.facts.kernel.is_some_and(|kernel| kernel.versions.from >= NO_READONLY_MEMORY)
    }

    /// Is a warning one of something that this host's launch does? What is warned of an image for one way of loading it says nothing where it
    /// is loaded in the other.
    #[must_use]
    pub fn concerns(&self, warning: &Warning) -> bool {
        match warning {
            // Memory that -bios fills cannot be written back to the file, and upstream QEMU starts SNP guests by -bios alone.
            Warning::CombinedImage => self.in_flash.unwrap_or(self.technology != Technology::Snp),
            Warning::FirmwareLarge { .. } => self.in_flash != Some(false),
            // That a file is an image's tail says something in either way.
            Warning::FirmwareNotBios { size } => self.in_flash != Some(true) || *size == 4096,
            _ => true,
        }
    }

    /// What speaks against firmware in flash for a guest of this profile; `None` if nothing does.
    #[must_use]
    pub fn flash_warning(&self, profile: &LaunchProfile) -> Option<Warning> {
        let older = self.facts.kernel.is_some_and(|kernel| {
            kernel.versions.below.is_some_and(|below| below <= NO_READONLY_MEMORY)
        });
        let refused = self.in_flash == Some(true) && profile.is_protected_vm() && !older;
        refused.then_some(Warning::FirmwareInFlash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::by_name;

    fn host(kernel: &str, vmm: &str, in_flash: Option<bool>) -> NamedHost {
        let facts = HostFacts {
            kernel: kernel.parse().ok(),
            vmm: vmm.parse().ok(),
            ..HostFacts::default()
        };
        NamedHost { technology: Technology::Snp, facts, in_flash }
    }

    // KVM_CAP_READONLY_MEM is 0 for guests of KVM_SEV_INIT2 from 6.11 on; legacy ES works.
    #[test]
    fn flash_is_refused_where_kvm_has_no_read_only_memory() {
        let warned = |kernel, in_flash, name| {
            let host = host(kernel, "qemu", in_flash);
            let warning = host.flash_warning(by_name(name).unwrap())?;
            Some(host.refuses(&warning).is_some())
        };
        let flash = Some(true);
        for (kernel, in_flash, profile, expected) in [
            ("6.11", flash, "snp-qemu", Some(true)),
            ("7.3", flash, "es-init2", Some(true)),
            ("", flash, "snp-qemu", Some(false)),
            ("5.14.0-427.el9.x86_64", flash, "snp-qemu", Some(false)),
            ("6.10", flash, "es-init2", None),
            ("6.8", flash, "snp-amdese-6.6", None),
            ("6.12", flash, "es-legacy", None),
            ("6.12", Some(false), "snp-qemu", None),
            ("6.12", None, "snp-qemu", None),
        ] {
            assert_eq!(warned(kernel, in_flash, profile), expected, "{kernel} {profile}");
        }
    }

    // [QEMU, pc_system_firmware_init]: one way or the other, never both.
    #[test]
    fn warnings_of_one_way_of_loading_are_for_that_way() {
        let concerns = |technology, in_flash| {
            let host = NamedHost { technology, ..host("", "", in_flash) };
            [
                Warning::CombinedImage,
                Warning::FirmwareLarge { size: 16 << 20 },
                Warning::FirmwareNotBios { size: 8192 },
                Warning::FirmwareNotBios { size: 4096 },
                Warning::VariableStore,
            ]
            .map(|warning| host.concerns(&warning))
        };
        assert_eq!(concerns(Technology::Sev, Some(true)), [true, true, false, true, true]);
        assert_eq!(concerns(Technology::Sev, Some(false)), [false, false, true, true, true]);
        assert_eq!(concerns(Technology::SevEs, None), [true; 5]);
        assert_eq!(concerns(Technology::Snp, None), [false, true, true, true, true]);
        assert_eq!(concerns(Technology::Snp, Some(true)), [true, true, false, true, true]);
    }

    // [QEMU, pc_system_flash_map, x86_bios_rom_init]
    #[test]
    fn sizes_are_refused_by_how_the_firmware_is_loaded() {
        let (odd, small, large) = (
            Warning::FirmwareNotPages { size: 1 },
            Warning::FirmwareNotBios { size: 4096 },
            Warning::FirmwareLarge { size: 16 << 20 },
        );
        for (vmm, in_flash, expected) in [
            ("qemu 9.2", Some(true), [true, false, true]),
            ("qemu 9.2", Some(false), [true, true, false]),
            // 6.12 has no flash for SNP guests, so -bios is meant.
            ("qemu 9.2", None, [true, true, false]),
            ("gce", Some(true), [false; 3]),
            ("", Some(true), [false; 3]),
        ] {
            let host = host("6.12", vmm, in_flash);
            let found = [&odd, &small, &large].map(|warning| host.refuses(warning).is_some());
            assert_eq!(found, expected, "{vmm} {in_flash:?}");
        }
        let before = host("6.9", "qemu 9.2", None);
        assert_eq!(before.refuses(&small), None);
    }

    // [QEMU, x86_load_linux; sev_snp_launch_update] A row is for the VMM that is known to refuse, and for no other.
    #[test]
    fn each_refusal_has_its_host_and_its_words() {
        let short = |size| Warning::KernelShort { size, setup: 2560 };
        let overlap = Warning::SectionsOverlap { first: 0, second: 1, gpa: crate::abi::Gpa(0) };
        for (warning, vmm, words) in [
            (short(0), "qemu 10.0", "could not load kernel"),
            (short(13), "qemu 10.0", "invalid kernel header"),
            (Warning::KernelWithoutInitrd, "qemu", "linux kernel too old to load a ram disk"),
            (
                Warning::KernelOfNoHost { profile: "snp-ec2" },
                "ec2",
                "no kernel can be given to an instance",
            ),
            (overlap.clone(), "qemu", "SNP_LAUNCH_UPDATE: File exists"),
        ] {
            let refused = |vmm| host("6.12", vmm, None).refuses(&warning);
            assert_eq!(refused(vmm), Some(words), "{warning}");
            assert_eq!(refused(""), None, "{warning}");
            assert_eq!(refused(if vmm == "ec2" { "qemu" } else { "ec2" }), None, "{warning}");
        }
        // Only SNP adds the pages of sections.
        let es = NamedHost { technology: Technology::SevEs, ..host("6.12", "qemu", None) };
        assert_eq!(es.refuses(&overlap), None);
    }
}
