//! A row: one launch digest, the launch facts that it stands for, and how it was obtained.
//!
//! The crate's example shows it in use.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sev_launch_abi::{CpuSignature, Generation, SevFeatures};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_verify::reference_values::{self, VerifiedUnder};
use sev_launch_verify::requirement::Bytes;

use crate::endorsement::Proof;
use crate::hexadecimal;
use crate::input::{Input, Role};
use crate::strict::present;
use sev_launch_abi::LaunchDigest;

/// One row of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The launch digest.
    pub digest: LaunchDigest,
    /// What it stands for.
    pub facts: Facts,
    /// How it was obtained.
    pub obtained: Obtained,
}

/// What a digest stands for. A fact is missing where the digest does not depend on it, or, in a row that was not
/// computed, where nobody said it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    /// The number of vCPUs.
    pub vcpus: Option<VcpuCount>,
    /// The CPU's signature.
    pub signature: Option<CpuSignature>,
    /// The SEV features of the VMSA.
    pub sev_features: Option<SevFeatures>,
    /// The launch profile's name.
    pub profile: Option<String>,
    /// Do the hashes of kernel, initrd and command line enter the digest?
    pub kernel_hashes: Option<bool>,
    /// What it was computed from.
    pub inputs: InputRefs,
}

/// Declares [`InputRefs`]: each field once, with the roles of the inputs that may stand there.
macro_rules! input_refs {
    ($($(#[$doc:meta])* $field:ident: $($role:ident)|+,)*) => {
        /// The inputs of a row: indices into the manifest's list.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct InputRefs {
            $(
                $(#[$doc])*
                #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
                pub $field: Option<u32>,
            )*
        }

        impl InputRefs {
            /// The indices that are there, with their fields' names and the roles that may stand there.
            pub(crate) fn iter(self) -> impl Iterator<Item = (&'static str, &'static [Role], u32)> {
                let fields: [(&'static str, &'static [Role], Option<u32>); FIELDS] =
                    [$((stringify!($field), &[$(Role::$role),+], self.$field)),*];
                fields.into_iter().filter_map(|(name, roles, index)| Some((name, roles, index?)))
            }

            /// Every field, to be changed.
            pub(crate) fn places(&mut self) -> [&mut Option<u32>; FIELDS] {
                [$(&mut self.$field),*]
            }
        }

        /// How many fields there are.
        const FIELDS: usize = [$(stringify!($field)),*].len();
    };
}

input_refs! {
    /// The firmware image, the absorbed firmware, or the IGVM file in place of either.
    firmware: Firmware | AbsorbedFirmware | Igvm,
    /// The kernel.
    kernel: Kernel,
    /// The initrd.
    initrd: Initrd,
    /// The command line.
    cmdline: Cmdline,
    /// The SVSM.
    svsm: Svsm,
    /// The first vCPU's captured VMSA page.
    vmsa_bsp: VmsaBsp,
    /// Every further vCPU's captured VMSA page.
    vmsa_ap: VmsaAp,
}

/// How many inputs there are of each role, so that only those with sisters are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sisters(BTreeMap<Role, usize>);

impl Sisters {
    /// Counts the inputs.
    pub(crate) fn of(inputs: &[Input]) -> Self {
        let mut counts = BTreeMap::new();
        for input in inputs {
            *counts.entry(input.role).or_default() += 1;
        }
        Self(counts)
    }

    fn several(&self, roles: &[Role]) -> bool {
        let counts = roles.iter().filter_map(|role| self.0.get(role));
        counts.sum::<usize>() > 1
    }
}

/// How a digest was obtained.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Obtained {
    /// Computed from the inputs.
    Computed,
    /// Endorsed by somebody who can sign for it, as a cloud provider.
    Endorsed {
        /// Who it is.
        by: String,
    },
    /// Endorsed in an endorsement that the manifest keeps: whoever verifies it again is shown that it is.
    EndorsementKept(Proof),
    /// Observed on a machine: it says what ran, not that it should have.
    Observed(Observed),
}

impl Obtained {
    /// `computed`, `endorsed` or `observed`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Endorsed { .. } | Self::EndorsementKept(_) => "endorsed",
            Self::Observed(_) => "observed",
        }
    }

    pub(crate) fn is_computed(&self) -> bool {
        matches!(self, Self::Computed)
    }
}

impl From<&Obtained> for reference_values::Obtained {
    fn from(obtained: &Obtained) -> Self {
        match obtained {
            Obtained::Computed => Self::Computed,
            Obtained::Endorsed { .. } => Self::Endorsed,
            Obtained::EndorsementKept(proof) if proof.is_verified() => Self::Proven,
            Obtained::EndorsementKept(_) => Self::Unproven,
            Obtained::Observed(Observed { verified: false, .. }) => Self::Unverified,
            Obtained::Observed(Observed { from, root, .. }) => Self::Observed(match (from, root) {
                (Source::Measurement, _) => VerifiedUnder::Session,
                (Source::Report, Some(Root::Amd)) => VerifiedUnder::Amd,
                (Source::Report, Some(Root::Other(sha256))) => {
                    VerifiedUnder::Root(Bytes(*sha256.as_bytes()))
                }
                (Source::Report, None) => VerifiedUnder::NotSaid,
            }),
        }
    }
}

/// Where and when a digest was observed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Observed {
    /// What it was read from.
    pub from: Source,
    /// Was the evidence verified: the report's signature and chain, or the measurement's MAC?
    pub verified: bool,
    /// The root under which a report was verified; `None` for a measurement, where nothing was verified, and in manifests
    /// that do not say it.
    pub root: Option<Root>,
    /// What else is known of it.
    pub detail: Detail,
}

/// The root of the certificates above a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// One of AMD's, built in.
    Amd,
    /// One that was given: the SHA-256 of its certificate in DER.
    Other(Sha256Digest),
}

impl fmt::Display for Root {
    /// As it is stored: `amd`, or 64 lower-case hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amd => f.write_str("amd"),
            Self::Other(sha256) => sha256.fmt(f),
        }
    }
}

impl Serialize for Root {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Root {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("amd") => Ok(Self::Amd),
            _ => Sha256Digest::deserialize(value).map(Self::Other).map_err(D::Error::custom),
        }
    }
}

/// What an observed digest was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A launch measurement of SEV or SEV-ES: a digest that gives the reported MAC.
    Measurement,
    /// An SNP attestation report.
    Report,
}

impl Source {
    /// `measurement` or `report`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measurement => "measurement",
            Self::Report => "report",
        }
    }
}

/// What is known of the machine and of the evidence, as the caller says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// The report's CHIP_ID: 128 lower-case hex digits. [SNP-ABI, ATTESTATION_REPORT]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub chip_id: Option<String>,
    /// The report's REPORTED_TCB as one little-endian number. [SNP-ABI, TCB_VERSION]
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    pub reported_tcb: Option<u64>,
    /// The generation of the processor that signed the report: it says which byte of REPORTED_TCB is which part.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "generation")]
    pub generation: Option<Generation>,
    /// The report's PLATFORM_INFO. [SNP-ABI, ATTESTATION_REPORT]
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    pub platform_info: Option<u64>,
    /// The SHA-256 of the report's bytes, signature included. It finds a file again, and is no identity: ECDSA has a second signature
    /// for what is signed, which anybody can write in the place of the first.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub report_sha256: Option<Sha256Digest>,
    /// The platform's API version and build, as `1.55.29`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub platform_version: Option<String>,
    /// The guest policy that the evidence states.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    pub policy: Option<u64>,
    /// When it was observed, in the caller's words: this crate has no clock.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub when: Option<String>,
}

/// A generation by its name, as AMD spells it.
mod generation {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        generation: &Option<Generation>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        generation.map(Generation::name).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Generation>, D::Error> {
        let found = String::deserialize(deserializer)?;
        let named = Generation::ALL.into_iter().find(|one| one.name() == found);
        let unknown = || D::Error::custom(format!("{found:?} is no generation of processors"));
        named.map(Some).ok_or_else(unknown)
    }
}

impl Facts {
    /// Could both stand for the same launch? A fact that one of them does not say fits anything.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.is_none() || other.is_none() || one == other
        }
        let (mut one, mut two) = (self.inputs, other.inputs);
        let mut inputs = one.places().into_iter().zip(two.places());
        agree(self.vcpus, other.vcpus)
            && agree(self.signature, other.signature)
            && agree(self.sev_features, other.sev_features)
            && agree(self.profile.as_ref(), other.profile.as_ref())
            && agree(self.kernel_hashes, other.kernel_hashes)
            && inputs.all(|(one, two)| agree(*one, *two))
    }

    /// Does the digest depend on this input? A kernel that is given but not measured does not enter it.
    pub(crate) fn is_measured(&self, role: Role) -> bool {
        let is_boot = matches!(role, Role::Kernel | Role::Initrd | Role::Cmdline);
        !is_boot || self.kernel_hashes != Some(false)
    }

    /// The facts as people say them; inputs that have sisters of the same role are named.
    pub(crate) fn describe(&self, inputs: &[Input], sisters: &Sisters) -> String {
        let mut parts = Vec::new();
        if let Some(vcpus) = self.vcpus {
            let count = vcpus.number();
            let late = match vcpus.late() {
                0 => String::new(),
                late => format!(", {late} of them late"),
            };
            parts.push(format!("{count} vCPU{}{late}", if count == 1 { "" } else { "s" }));
        }
        if let Some(signature) = self.signature {
            parts.push(format!("CPU {}", hexadecimal::text(signature)));
        }
        if let Some(features) = self.sev_features {
            parts.push(format!("features {features}"));
        }
        if let Some(profile) = &self.profile {
            parts.push(format!("profile {profile}"));
        }
        if self.kernel_hashes == Some(false) && self.inputs.kernel.is_some() {
            parts.push("kernel not measured".into());
        }
        for (_, roles, index) in self.inputs.iter() {
            let input = usize::try_from(index).ok().and_then(|index| inputs.get(index));
            if let Some(input) = input.filter(|_| sisters.several(roles)) {
                parts.push(input.label());
            }
        }
        if parts.is_empty() { "facts not stated".into() } else { parts.join(", ") }
    }
}

impl fmt::Display for Obtained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Computed => f.write_str("computed"),
            Self::Endorsed { by } => write!(f, "endorsed by {by}"),
            Self::EndorsementKept(proof) => {
                let how = if proof.is_verified() { "verified again" } else { "not verified again" };
                let under = if proof.svsm { ", under an SVSM" } else { "" };
                write!(f, "endorsed in endorsement {}, {how}{under}", proof.endorsement)
            }
            Self::Observed(observed) => {
                let verified = if observed.verified { "verified" } else { "not verified" };
                let from = observed.from.name();
                write!(f, "observed in a {from}, {verified}")?;
                match observed.root {
                    Some(Root::Other(root)) => write!(f, " under root {root}"),
                    _ => Ok(()),
                }
            }
        }
    }
}
