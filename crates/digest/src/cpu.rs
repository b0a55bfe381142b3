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
use alloc::vec::Vec;

use crate::profile::version::{Version, VersionRange};
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
    /// A short name that several CPU models have.
    #[error("{found:?} may be any of QEMU's CPU models {}: give the whole name of one", .models.join(", "))]
    SeveralModels {
        /// The name found.
        found: String,
        /// The models' names.
        models: Vec<&'static str>,
    },
    /// A CPU model that the QEMU named does not have.
    #[error(
        "QEMU before {since} has no CPU model {found} (\"unable to find CPU model\"); if this one has it by a backport, give the signature in place of the name"
    )]
    NewerModel {
        /// The name.
        found: String,
        /// The release that brought it.
        since: Version,
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
    CpuModel { aliases: &["EPYC-IBPB"], ..model("EPYC", 5, 23, 1, 2) },
    model("EPYC-Rome", 5, 23, 49, 0),
    model("EPYC-Milan", 4, 25, 1, 1),
    model("EPYC-Genoa", 3, 25, 17, 0),
    model("EPYC-Turin", 2, 26, 0, 0),
    model("Dhyana", 2, 24, 0, 1),
    model("Opteron_G1", 1, 15, 6, 1),
    model("Opteron_G2", 1, 15, 6, 1),
    model("Opteron_G3", 1, 16, 2, 3),
    model("Opteron_G4", 1, 21, 1, 2),
    model("Opteron_G5", 1, 21, 2, 0),
    model("phenom", 1, 16, 2, 3),
    model("qemu64", 1, 15, 107, 1),
    model("kvm64", 1, 15, 6, 1),
    model("base", 0, 0, 0, 0),
];

/// Names that came with a release, for those that are younger than SEV-ES in QEMU (6.0): the first version that has one of the
/// number or a higher. [QEMU, builtin_x86_defs; libvirt, capabilities of each release]
const NEWER: [(&str, u8, Version); 15] = [
    ("EPYC", 4, V8_1),
    ("EPYC", 5, V10_1),
    ("EPYC-Rome", 3, V8_1),
    ("EPYC-Rome", 5, V10_1),
    ("EPYC-Milan", 2, V8_1),
    ("EPYC-Milan", 3, V10_1),
    ("EPYC-Milan", 4, V11_1),
    ("EPYC-Genoa", 0, V8_1),
    ("EPYC-Genoa", 1, V8_1),
    ("EPYC-Genoa", 2, V10_1),
    ("EPYC-Genoa", 3, V11_1),
    ("EPYC-Turin", 0, V10_1),
    ("EPYC-Turin", 1, V10_1),
    ("EPYC-Turin", 2, V11_1),
    ("Dhyana", 2, V6_1),
];
const V6_1: Version = Version::new(6, 1, 0);
const V8_1: Version = Version::new(8, 1, 0);
const V10_1: Version = Version::new(10, 1, 0);
const V11_1: Version = Version::new(11, 1, 0);

/// Is a model's name one that a QEMU of this version has? What is older than SEV-ES in QEMU is taken to be there.
///
/// An error where every version meant is older than the name.
pub fn check_version(name: &str, qemu: VersionRange) -> Result<(), Error> {
    let model = CpuModel::by_name(name)?;
    let number = name.get(model.name.len()..).and_then(|rest| rest.get(2..)?.parse().ok());
    // The plain name and the aliases stand for no version.
    let number: u8 = number.unwrap_or(0);
    let since = NEWER.iter().rev().find(|(newer, from, _)| {
        *newer == model.name && *from <= number && (number > 0 || *from == 0)
    });
    match (since, qemu.below) {
        (Some((_, _, since)), Some(below)) if below <= *since => {
            Err(Error::NewerModel { found: name.into(), since: *since })
        }
        _ => Ok(()),
    }
}

/// A model without aliases, with the family, model and stepping that all its versions have.
const fn model(
    name: &'static str,
    versions: u8,
    family: u32,
    model: u32,
    stepping: u32,
) -> CpuModel {
    let signature = CpuSignature::with_parts(family, model, stepping);
    CpuModel { name, versions, aliases: &[], signature }
}

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

    /// The same, and the one model that a short name can only mean, in any case: `Genoa` is EPYC-Genoa, `naples` EPYC. QEMU itself takes no short
    /// name, so this is for what people type, and not for its command lines.
    ///
    /// Errors: as [`CpuModel::by_name`]; a name that several models have, as `Opteron`.
    pub fn by_short_name(name: &str) -> Result<&'static Self, Error> {
        let unknown = match Self::by_name(name) {
            Ok(model) => return Ok(model),
            Err(error) => error,
        };
        let generation: Option<Generation> = name.parse().ok();
        let is_of_generation = |model: &Self| {
            model.name.starts_with("EPYC")
                && generation.is_some()
                && model.signature.generation() == generation
        };
        let begins_so = |model: &Self| {
            let start =
                model.name.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
            let rest = model.name.get(name.len()..).unwrap_or_default();
            start && !name.is_empty() && rest.starts_with(['_', '-'])
        };
        let meant: Vec<_> =
            MODELS.iter().filter(|model| is_of_generation(model) || begins_so(model)).collect();
        match meant.as_slice() {
            [] => Err(unknown),
            [one] => Ok(one),
            several => Err(Error::SeveralModels {
                found: name.into(),
                models: several.iter().map(|model| model.name).collect(),
            }),
        }
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

/// What speaks against a host that has this very processor; `None` if nothing does, or where it is what a host on which newer processors
/// are is told to show: an EPYC model of QEMU. Kata, AMD's scripts and most manuals start SNP guests with `-cpu EPYC-v4`, whose signature is
/// Naples', on whatever host they have. [QEMU, x86_cpu_def]
pub(crate) fn doubt(signature: CpuSignature, technology: Technology) -> Option<String> {
    let model = CpuModel::of_signature(signature).next();
    if model.is_some_and(|model| model.name.starts_with("EPYC")) {
        return None;
    }
    let name = model.map_or_else(
        || signature.to_string(),
        |model| alloc::format!("{} ({signature})", model.name),
    );
    match signature.generation() {
        Some(generation) if generation.runs(technology) => None,
        Some(generation) => Some(alloc::format!(
            "vCPU signature {name} is of the {generation} generation, which cannot run {technology}, and of no model of QEMU: right \
             only if the host, a newer one, was started with this very -cpu",
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

    // Seen in 7.2.22, 10.0.13 and 11.1.3; the releases between by their change logs, and by what libvirt was told by 6.0, 6.1, 11.0
    // and 11.1.
    #[test]
    fn models_are_as_old_as_the_release_that_brought_them() {
        let has = |name: &str, qemu: &str| check_version(name, qemu.parse().unwrap()).is_ok();
        for (name, versions) in [
            ("EPYC", [true, true, true, true]),
            ("EPYC-IBPB", [true, true, true, true]),
            ("EPYC-Milan", [true, true, true, true]),
            ("EPYC-Milan-v1", [true, true, true, true]),
            ("EPYC-v4", [false, true, true, true]),
            ("epyc-genoa", [false, true, true, true]),
            ("EPYC-Genoa-v1", [false, true, true, true]),
            ("EPYC-Rome-v4", [false, true, true, true]),
            ("EPYC-Milan-v2", [false, true, true, true]),
            ("EPYC-v5", [false, false, true, true]),
            ("EPYC-Turin", [false, false, true, true]),
            ("EPYC-Milan-v3", [false, false, true, true]),
            ("EPYC-Milan-v4", [false, false, false, true]),
            ("EPYC-Genoa-v2", [false, false, true, true]),
            ("EPYC-Genoa-v3", [false, false, false, true]),
            ("EPYC-Turin-v2", [false, false, false, true]),
            ("Dhyana-v2", [true, true, true, true]),
        ] {
            let found = ["7.2.22", "8.1", "10.1", "11.1"].map(|qemu| has(name, qemu));
            assert_eq!(found, versions, "{name}");
        }
        for name in ["EPYC-Milan-v4", "EPYC-Genoa-v3", "EPYC-Turin-v2"] {
            assert!(!has(name, "11.0") && has(name, "11.1"), "{name}");
        }
        assert!(!has("Dhyana-v2", "6.0") && has("Dhyana-v2", "6.1") && has("Dhyana-v1", "6.0"));
    }

    // Signatures as above; a model for each generation of EPYC.
    #[test]
    fn short_names_are_of_the_one_model_they_can_mean() {
        for (name, expected) in [
            ("Naples", "EPYC"),
            ("rome", "EPYC-Rome"),
            ("milan", "EPYC-Milan"),
            ("GENOA", "EPYC-Genoa"),
            ("Turin", "EPYC-Turin"),
            ("epyc", "EPYC"),
            ("EPYC-Milan-v2", "EPYC-Milan"),
        ] {
            assert_eq!(CpuModel::by_short_name(name).map(|model| model.name), Ok(expected));
        }
        let models =
            ["Opteron_G1", "Opteron_G2", "Opteron_G3", "Opteron_G4", "Opteron_G5"].to_vec();
        assert_eq!(
            CpuModel::by_short_name("opteron"),
            Err(Error::SeveralModels { found: "opteron".into(), models })
        );
        for name in [
            "", "host", "max", "Bergamo", "Milan-v2", "Milan-X", "E", "EPYC-", "Genoa ", "7763",
            "Zen3",
        ] {
            let found = name.to_string();
            assert_eq!(CpuModel::by_short_name(name), Err(Error::UnknownModel { found }));
        }
    }

    // A signature that was read off a processor is another one than a model's, which has one stepping of its generation.
    #[test]
    fn a_processor_that_is_no_model_s_is_doubted_where_it_cannot_be_the_host() {
        for (signature, technology, doubted) in [
            // EPYC, EPYC-Rome, EPYC-Milan.
            (0x0080_0f12, Technology::Snp, false),
            (0x0083_0f10, Technology::Snp, false),
            (0x00a0_0f11, Technology::Snp, false),
            // Naples B1, a Rome that is no model's, Milan B0.
            (0x0080_0f11, Technology::Snp, true),
            (0x0083_0f11, Technology::Snp, true),
            (0x00a0_0f10, Technology::Snp, false),
            (0x0083_0f11, Technology::SevEs, false),
            // Dhyana, qemu64.
            (0x0090_0f01, Technology::Snp, true),
            (0x0006_0fb1, Technology::SevEs, true),
        ] {
            let found = doubt(CpuSignature(signature), technology);
            assert_eq!(found.is_some(), doubted, "{signature:#x} {technology}: {found:?}");
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        for name in ["EPYC-Millan", "EPYC-v6", "base-v1", "", "host", "max"] {
            let found = name.to_string();
            assert_eq!(CpuModel::by_name(name), Err(Error::UnknownModel { found }));
        }
    }
}
