//! QEMU's CPU models for AMD hosts, each with the signature that a guest gets.
//!
//! Defined by [QEMU, x86_cpu_def]. KVM puts the guest's signature into RDX at reset, so it is part of every QEMU guest's VMSA.
//! A version of a model never changes the signature, so all versions of a model share a digest.
//!
//! ```
//! use sev_launch_digest::CpuModel;
//! use sev_launch_digest::abi::CpuSignature;
//!
//! assert_eq!(CpuModel::by_name("epyc-milan-v2")?.signature, CpuSignature(0xa00f11));
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

use alloc::string::{String, ToString};

use sev_launch_abi::{CpuSignature, Generation, Technology};

/// Why a name is none of a processor.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not a CPU model of QEMU.
    #[error(
        "no QEMU CPU model is called {found:?}: give a name that QEMU has, its signature, or family, model and stepping"
    )]
    UnknownModel {
        /// The name found.
        found: String,
    },
    /// Not a generation of AMD server processors.
    #[error(
        "{found:?} is no generation: wanted Naples, Rome, Milan, Genoa, Turin or the name of an EPYC model"
    )]
    UnknownGeneration {
        /// The text found.
        found: String,
    },
}

/// A CPU model of QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuModel {
    /// The name without a version.
    pub name: &'static str,
    /// The largest version: `-v1` up to this one exist; 0 when QEMU has no versions of it.
    pub versions: u8,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// The signature that all its versions have.
    pub signature: CpuSignature,
}

/// QEMU's CPU models for AMD hosts, dumped from QEMU 11.1.3. [QEMU, x86_cpu_def]
pub const MODELS: &[CpuModel] = &[
    CpuModel {
        name: "EPYC",
        versions: 5,
        aliases: &["EPYC-IBPB"],
        signature: CpuSignature::with_parts(23, 1, 2),
    },
    CpuModel {
        name: "EPYC-Rome",
        versions: 5,
        aliases: &[],
        signature: CpuSignature::with_parts(23, 49, 0),
    },
    CpuModel {
        name: "EPYC-Milan",
        versions: 4,
        aliases: &[],
        signature: CpuSignature::with_parts(25, 1, 1),
    },
    CpuModel {
        name: "EPYC-Genoa",
        versions: 3,
        aliases: &[],
        signature: CpuSignature::with_parts(25, 17, 0),
    },
    CpuModel {
        name: "EPYC-Turin",
        versions: 2,
        aliases: &[],
        signature: CpuSignature::with_parts(26, 0, 0),
    },
    CpuModel {
        name: "Dhyana",
        versions: 2,
        aliases: &[],
        signature: CpuSignature::with_parts(24, 0, 1),
    },
    CpuModel {
        name: "Opteron_G1",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(15, 6, 1),
    },
    CpuModel {
        name: "Opteron_G2",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(15, 6, 1),
    },
    CpuModel {
        name: "Opteron_G3",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(16, 2, 3),
    },
    CpuModel {
        name: "Opteron_G4",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(21, 1, 2),
    },
    CpuModel {
        name: "Opteron_G5",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(21, 2, 0),
    },
    CpuModel {
        name: "phenom",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(16, 2, 3),
    },
    CpuModel {
        name: "qemu64",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(15, 107, 1),
    },
    CpuModel {
        name: "kvm64",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(15, 6, 1),
    },
    CpuModel {
        name: "base",
        versions: 1,
        aliases: &[],
        signature: CpuSignature::with_parts(0, 0, 0),
    },
];

impl CpuModel {
    /// The model of a name, with or without a version, in any case: `EPYC-Milan`, `epyc-rome-v4`, `EPYC-IBPB`.
    ///
    /// An error for an unknown name or a version that QEMU does not have. `host` and `max` are unknown: they stand
    /// for the host's own signature, which must be given as a number.
    pub fn by_name(name: &str) -> Result<&'static Self, Error> {
        MODELS
            .iter()
            .find(|model| model.names().any(|candidate| candidate.eq_ignore_ascii_case(name)))
            .ok_or_else(|| Error::UnknownModel { found: name.into() })
    }

    /// The models that have this signature, in the order of [`MODELS`].
    pub fn of_signature(signature: CpuSignature) -> impl Iterator<Item = &'static Self> {
        MODELS.iter().filter(move |model| model.signature == signature)
    }

    /// Every name of the model: plain, versions, aliases.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let versions =
            (1..=self.versions).map(move |number| alloc::format!("{}-v{number}", self.name));
        core::iter::once(self.name.to_string())
            .chain(versions)
            .chain(self.aliases.iter().map(ToString::to_string))
    }
}

/// The generation of a name in any case, or of a QEMU model: `milan`, `EPYC-Milan`.
pub fn generation(text: &str) -> Result<Generation, Error> {
    let by_model = || CpuModel::by_name(text).ok()?.signature.generation();
    text.parse()
        .ok()
        .or_else(by_model)
        .ok_or_else(|| Error::UnknownGeneration { found: text.into() })
}

/// What speaks against a host that has this very processor; `None` if nothing does.
pub(crate) fn doubt(signature: CpuSignature, technology: Technology) -> Option<String> {
    let name = CpuModel::of_signature(signature).next().map_or_else(
        || signature.to_string(),
        |model| alloc::format!("{} ({signature})", model.name),
    );
    match signature.generation() {
        Some(generation) if generation.runs(technology) => None,
        Some(generation) => Some(alloc::format!(
            "vCPU signature {name} is of the {generation} generation, which cannot run {technology}: right only if the \
             host, a newer one, was started with this very -cpu",
        )),
        None => Some(alloc::format!(
            "vCPU signature {name} is of no EPYC generation: right only if the host was started with this very -cpu"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case_and_version() {
        // Signatures as QEMU 11.1.3 prints them.
        for (name, expected) in [
            ("EPYC", 0x00800f12),
            ("epyc-ibpb", 0x00800f12),
            ("EPYC-v5", 0x00800f12),
            ("EPYC-Rome-v5", 0x00830f10),
            ("epyc-MILAN-v4", 0x00a00f11),
            ("EPYC-Genoa-v3", 0x00a10f10),
            ("EPYC-Turin-v2", 0x00b00f00),
            ("Dhyana-v2", 0x00900f01),
            ("qemu64", 0x00060fb1),
            ("Opteron_G4", 0x00600f12),
        ] {
            let signature = CpuModel::by_name(name).map(|model| model.signature);
            assert_eq!(signature, Ok(CpuSignature(expected)), "{name}");
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        for name in ["EPYC-Millan", "EPYC-v6", "", "host", "max"] {
            let found = name.to_string();
            assert_eq!(CpuModel::by_name(name), Err(Error::UnknownModel { found }));
        }
    }
}
