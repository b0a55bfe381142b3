//! What a firmware image tells a launcher, kept so that a change of the image can be named by its part.
//!
//! Taken from the image's tables [OVMF, ResetVectorVtf0; OvmfSevMetadata]. Nothing here enters a digest by itself: the
//! image's hash does. It is what stays when two images are gone and only their manifests are left.
//!
//! The crate's example shows it in use.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sev_launch_digest::firmware::{self, AbsorbedFirmware, KernelHashCheck, SectionKind};
use sev_launch_digest::snp;
use sev_launch_sweep::inside::MOST_MODULES;

use crate::hexadecimal;
pub use crate::module::Module;
use crate::strict::{self, present};

/// The parts of a firmware image that a launcher reads. A part is missing where the image lacks it, holds it in a form
/// that cannot be read, or where the VMM would not use it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FirmwareFacts {
    /// Where further vCPUs start in SEV-ES and SNP.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    pub reset_address: Option<u32>,
    /// Where the table of kernel hashes goes, if QEMU would accept the area.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_object"
    )]
    pub hash_area: Option<Area>,
    /// Where a launch secret goes.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_object"
    )]
    pub secret_area: Option<Area>,
    /// The entry point of an SVSM binary, in bytes from its start.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    pub svsm_entry: Option<u32>,
    /// The sections of the SEV metadata, in the image's order.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_objects"
    )]
    pub sections: Option<Vec<Section>>,
    /// The SNP launch digest after the image's pages; missing where the image is not made of whole pages.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub snp_digest: Option<snp::LaunchDigest>,
    /// Whether it checks kernel, initrd and command line against the measured hashes; missing where nobody knows.
    #[serde(default, skip_serializing_if = "is_unknown", deserialize_with = "read_check")]
    pub kernel_hash_check: KernelHashCheck,
    /// What the image consists of, in its order; missing where nobody looked. It names what changed, and no answer depends on it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_at_most::<_, _, MOST_MODULES>"
    )]
    pub modules: Option<Vec<Module>>,
}

/// A range of guest memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its guest physical address.
    #[serde(with = "hexadecimal::required")]
    pub base: u64,
    /// Its size in bytes.
    pub size: u32,
}

/// A section of the SEV metadata. [OVMF, OvmfSevMetadata]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its guest physical address.
    #[serde(with = "hexadecimal::required")]
    pub base: u64,
    /// Its length in bytes.
    pub length: u32,
    /// What it is for, by edk2's name.
    #[serde(serialize_with = "write_kind", deserialize_with = "read_kind")]
    pub kind: SectionKind,
}

impl FirmwareFacts {
    /// The facts of an image.
    pub fn of(firmware: &AbsorbedFirmware) -> Self {
        let sections = firmware.sections().ok().map(|sections| {
            sections.iter().map(|section| Section {
                base: section.base.0,
                length: section.length,
                kind: section.kind,
            })
        });
        Self {
            reset_address: firmware.reset_address().ok(),
            hash_area: firmware.hash_area().ok().map(Area::from),
            secret_area: firmware.secret_area().ok().flatten().map(Area::from),
            svsm_entry: firmware.svsm_entry().ok(),
            sections: sections.map(Iterator::collect),
            snp_digest: firmware.snp_digest().ok(),
            kernel_hash_check: firmware.kernel_hash_check(),
            modules: None,
        }
    }

    /// The same without the list of modules, on which no answer depends.
    pub(crate) fn without_modules(&self) -> Self {
        Self { modules: None, ..self.clone() }
    }

    /// The same without an answer to whether the hashes are checked.
    pub(crate) fn without_check(&self) -> Self {
        Self { kernel_hash_check: KernelHashCheck::Unknown, ..self.clone() }
    }
}

impl From<firmware::Area> for Area {
    fn from(area: firmware::Area) -> Self {
        Self { base: area.base.0, size: area.size }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}, {} bytes", self.base, self.size)
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:#x}, {:#x} bytes", self.kind, self.base, self.length)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_unknown(check: &KernelHashCheck) -> bool {
    *check == KernelHashCheck::Unknown
}

/// What is unknown is left out, so that it has one spelling.
fn read_check<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KernelHashCheck, D::Error> {
    let name = String::deserialize(deserializer)?;
    KernelHashCheck::by_name(&name).ok_or_else(|| {
        D::Error::custom(format!("{name:?}, wanted \"yes\" or \"no\", or no such field"))
    })
}

fn write_kind<S: Serializer>(kind: &SectionKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

fn read_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SectionKind, D::Error> {
    let name = String::deserialize(deserializer)?;
    SectionKind::ALL
        .into_iter()
        .find(|kind| kind.name() == name)
        .ok_or_else(|| D::Error::custom(format!("{name:?} is no kind of section")))
}

#[cfg(test)]
mod tests {
    use sev_launch_digest::firmware::Firmware;
    use sev_launch_testkit::firmware::{FirmwareBuilder, SECRETS, Section as Made};

    use super::*;

    fn facts(builder: &FirmwareBuilder) -> FirmwareFacts {
        FirmwareFacts::of(&Firmware::parse(&builder.build()).expect("an image").absorb())
    }

    #[test]
    fn they_are_what_was_built() {
        let builder = FirmwareBuilder::amd_sev().sections([Made::new(0x80_0000, 0x1000, SECRETS)]);
        let found = facts(&builder);
        assert_eq!(found.reset_address, Some(0x0080_b004));
        assert_eq!(found.hash_area, Some(Area { base: 0x0081_0c00, size: 0x400 }));
        assert_eq!(found.secret_area, Some(Area { base: 0x0081_0000, size: 0xc00 }));
        let section = Section { base: 0x80_0000, length: 0x1000, kind: SectionKind::SnpSecrets };
        assert_eq!(found.sections, Some(vec![section]));
        let digest = sev_launch_testkit::expected::snp_firmware(&builder.build());
        assert_eq!(found.snp_digest.map(|digest| *digest.as_bytes()), Some(digest));
        assert_eq!(found.svsm_entry, None);
        assert_eq!(found.kernel_hash_check, KernelHashCheck::Unknown);
        let image = builder.build();
        let absorbed = Firmware::parse(&image).expect("an image").absorb();
        let checked = absorbed.with_kernel_hash_check(KernelHashCheck::No);
        assert_eq!(FirmwareFacts::of(&checked).kernel_hash_check, KernelHashCheck::No);
        assert_eq!(FirmwareFacts::of(&checked).without_check(), found);
    }

    #[test]
    fn a_part_that_is_not_there_is_missing() {
        let found = facts(&FirmwareBuilder::new(0x10001).without_table());
        assert_eq!(found, FirmwareFacts::default());
    }
}
