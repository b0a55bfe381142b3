//! What clouds publish about the launches that they do: endorsements, signed, each with the launch digests that it stands for.
//!
//! Two kinds are known: Google's launch endorsement of a firmware [gce-tcb-verifier, endorsement.proto], and the endorsement of the
//! utility VM of Azure's container groups [Azure UVM]. A file is read strictly by [`UnverifiedEndorsement::parse`], and only
//! [`UnverifiedEndorsement::verify`] makes a [`VerifiedEndorsement`], whose digests can then be accepted as a report's.
//!
//! What surprises: no root is built in, so whoever verifies gives the one that is trusted. An endorsement says that its signer
//! stands behind a digest, not what it was computed from: only computing it from the firmware says that. And a number of VMSAs
//! that the host tells adds nothing, since the host chooses it: demand one only if you know it from somewhere else.
//!
//! ```
//! use sev_launch_verify::endorsement::{ExpectedLaunch, Root, UnverifiedEndorsement, VerifiedEndorsement, VerifyOptions};
//! use sev_launch_verify::abi::snp::LaunchDigest;
//! use sev_launch_verify::reference_values::ReferenceValues;
//!
//! /// `file` and `root` are from anybody and from the caller; `time` is the present in unix seconds.
//! fn accepted(
//!     file: &[u8],
//!     root: &[u8],
//!     time: u64,
//! ) -> Result<ReferenceValues<LaunchDigest>, Box<dyn std::error::Error>> {
//!     let root = Root::parse(root)?;
//!     let options = VerifyOptions { root: &root, time, uvm: None };
//!     let endorsement: VerifiedEndorsement = UnverifiedEndorsement::parse(file)?.verify(&options)?;
//!     // For any number of VMSAs; `ExpectedLaunch::Vmsas(4)` for exactly that many.
//!     Ok(endorsement.references(ExpectedLaunch::Any, "an endorsement")?)
//! }
//! assert!(accepted(b"", b"", 0).is_err());
//! ```

mod certificate;
pub mod error;
pub mod google;
pub mod uvm;
mod wire;

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use sev_launch_abi::Technology;
use sev_launch_abi::reader::wide;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::snp::policy::Policy;

pub use certificate::Root;
pub use error::{FormError, NotEndorsed, Refusal};

use crate::reference_values::{ReferenceValues, StandsFor};
use google::GoldenMeasurement;
use uvm::{UvmRequirements, UvmStatement};

/// The most bytes that are read as an endorsement. Google's have some 5000, Azure's some 12,000.
pub const MAX_ENDORSEMENT_SIZE: usize = 64 * 1024;
/// The most numbers of VMSAs that an endorsement may list. Google's list 15.
pub const MAX_MEASUREMENTS: usize = 1024;

sev_launch_abi::named! {
    /// Whose endorsement, and of what.
    #[derive(PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum Kind {
        /// Google's of a firmware: `VMLaunchEndorsement`.
        Google => "google-launch-endorsement",
        /// Microsoft's of the utility VM of Azure's container groups: a `COSE_Sign1`.
        AzureUvm => "azure-uvm-endorsement",
    }
}

impl Kind {
    /// Which kind these bytes would be, by how they begin: a COSE_Sign1 has its tag. [RFC 9052, COSE_Sign1]
    fn of(bytes: &[u8]) -> Self {
        match bytes.first() {
            Some(0xd2) => Self::AzureUvm,
            _ => Self::Google,
        }
    }
}

/// The launch that a measurement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndorsedLaunch {
    /// One with this many VMSAs: as many as vCPUs, or one where the firmware starts the others itself.
    Vmsas(u32),
    /// One in which an SVSM runs beneath the firmware: another launch than any without, also than that with one VMSA.
    Svsm,
    /// The endorsement does not say.
    NotSaid,
}

impl fmt::Display for EndorsedLaunch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vmsas(1) => f.write_str("1 VMSA"),
            Self::Vmsas(count) => write!(f, "{count} VMSAs"),
            Self::Svsm => f.write_str("under an SVSM"),
            Self::NotSaid => f.write_str("any number of VMSAs"),
        }
    }
}

/// A launch digest, and the launch that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndorsedMeasurement {
    /// The launch.
    pub launch: EndorsedLaunch,
    /// Its digest: a report's MEASUREMENT.
    pub digest: LaunchDigest,
}

/// How an endorsement is to be judged.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions<'a> {
    /// The root that is trusted.
    pub root: &'a Root,
    /// The present, in unix seconds: every certificate must be valid then. The time at which an endorsement says that it was signed
    /// counts for nothing: whoever has an expired key can write any.
    pub time: u64,
    /// What an endorsement of a utility VM must say; without it none is believed. Google's have nothing of it.
    pub uvm: Option<UvmRequirements<'a>>,
}

/// An endorsement that was read and not verified: whatever somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedEndorsement {
    inner: Inner,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Inner {
    Google(google::Unverified),
    AzureUvm(uvm::Unverified),
}

impl UnverifiedEndorsement {
    /// Reads the bytes of a `.binarypb` file of Google's, or of a `.cose` file of Azure's, by how they begin.
    ///
    /// Errors: [`FormError`], which says where: too many bytes, fields or headers that are unknown, missing, twice, or of another length,
    /// two measurements for one number of VMSAs, anything after the end.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        if bytes.is_empty() {
            return Err(FormError::Empty);
        }
        if bytes.len() > MAX_ENDORSEMENT_SIZE {
            return Err(FormError::TooLarge { found: wide(bytes.len()) });
        }
        let inner = match Kind::of(bytes) {
            Kind::Google => Inner::Google(google::Unverified::parse(bytes)?),
            Kind::AzureUvm => Inner::AzureUvm(uvm::Unverified::parse(bytes)?),
        };
        Ok(Self { inner })
    }

    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        match self.inner {
            Inner::Google(_) => Kind::Google,
            Inner::AzureUvm(_) => Kind::AzureUvm,
        }
    }

    /// Is it signed under the root, by certificates that are valid and may do so, and does it say what its kind must?
    ///
    /// Errors: the first [`Refusal`], from the root down.
    pub fn verify(&self, options: &VerifyOptions<'_>) -> Result<VerifiedEndorsement, Refusal> {
        let (measurements, statement) = match &self.inner {
            Inner::Google(endorsement) => {
                endorsement.check(options.root, options.time)?;
                let golden = endorsement.golden().clone();
                (endorsement.measurements().to_vec(), Statement::Google(golden))
            }
            Inner::AzureUvm(endorsement) => {
                let wanted = options.uvm.as_ref().ok_or(Refusal::IssuerNotDemanded)?;
                endorsement.check(options.root, wanted, options.time)?;
                let statement = endorsement.statement().clone();
                ([endorsement.measurement()].to_vec(), Statement::AzureUvm(statement))
            }
        };
        Ok(VerifiedEndorsement { measurements, statement, root_sha256: options.root.sha256() })
    }
}

/// Which of the launches that an endorsement names is expected of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedLaunch {
    /// Each that is endorsed, and also the one under an SVSM.
    Any,
    /// Each but the one under an SVSM.
    NoSvsm,
    /// The one under an SVSM.
    Svsm,
    /// The one with exactly so many VMSAs, under no SVSM.
    Vmsas(u32),
}

/// What an endorsement says beside its measurements.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Statement {
    /// Of a firmware of Google's.
    Google(GoldenMeasurement),
    /// Of a utility VM of Azure's.
    AzureUvm(UvmStatement),
}

/// An endorsement whose signature, certificates and dates hold. Only [`UnverifiedEndorsement::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VerifiedEndorsement {
    measurements: Vec<EndorsedMeasurement>,
    statement: Statement,
    root_sha256: [u8; 32],
}

impl VerifiedEndorsement {
    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        match self.statement {
            Statement::Google(_) => Kind::Google,
            Statement::AzureUvm(_) => Kind::AzureUvm,
        }
    }

    /// The endorsed digests: those by number of VMSAs first, in order, then that under an SVSM.
    pub fn measurements(&self) -> &[EndorsedMeasurement] {
        &self.measurements
    }

    /// What it says beside them.
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The SHA-256 of the root's certificate under which it was verified.
    pub const fn root_sha256(&self) -> [u8; 32] {
        self.root_sha256
    }

    /// The guest policy that a report must have, where the endorsement says one.
    pub const fn policy(&self) -> Option<Policy> {
        match &self.statement {
            Statement::Google(golden) => Some(golden.policy),
            Statement::AzureUvm(_) => None,
        }
    }

    /// Does it endorse this digest for this launch, and not for another?
    #[must_use]
    pub fn endorses(&self, launch: EndorsedLaunch, digest: &LaunchDigest) -> bool {
        self.measurements.iter().any(|one| one.launch == launch && one.digest == *digest)
    }

    /// The digests of which a report must have one: those of the launch that is expected. `name` is what the endorsement is called where a digest is named.
    ///
    /// With a number, a digest under an SVSM is never accepted: Google's own `verify` takes 1 for it, and then looks at nothing else, while
    /// its `sev policy` takes 1 for one VMSA.
    ///
    /// Errors: no measurement of such a launch.
    pub fn references(
        &self,
        expected: ExpectedLaunch,
        name: &str,
    ) -> Result<ReferenceValues<LaunchDigest>, NotEndorsed> {
        let kind = self.kind();
        let is_wanted = |launch: EndorsedLaunch| match expected {
            ExpectedLaunch::Any => true,
            ExpectedLaunch::NoSvsm => launch != EndorsedLaunch::Svsm,
            ExpectedLaunch::Svsm => launch == EndorsedLaunch::Svsm,
            ExpectedLaunch::Vmsas(vmsas) => launch == EndorsedLaunch::Vmsas(vmsas),
        };
        let rows = self.measurements.iter().filter(|one| is_wanted(one.launch));
        let mut references = ReferenceValues::new();
        for EndorsedMeasurement { launch, digest } in rows {
            let image = format!("{name} ({kind}, {launch})");
            let vcpus = match launch {
                EndorsedLaunch::Vmsas(count) => Some(*count),
                EndorsedLaunch::Svsm | EndorsedLaunch::NotSaid => None,
            };
            let stands_for = StandsFor::image(Technology::Snp, image);
            references.add(*digest, StandsFor { vcpus, ..stands_for });
        }
        match expected {
            _ if !references.is_empty() => Ok(references),
            ExpectedLaunch::Vmsas(wanted) => Err(self.not_endorsed(wanted)),
            ExpectedLaunch::Svsm => Err(NotEndorsed::Svsm { kind }),
            ExpectedLaunch::Any | ExpectedLaunch::NoSvsm => Err(NotEndorsed::OnlySvsm { kind }),
        }
    }

    fn not_endorsed(&self, wanted: u32) -> NotEndorsed {
        let kind = self.kind();
        if self.measurements.iter().any(|one| one.launch == EndorsedLaunch::NotSaid) {
            return NotEndorsed::NumberNotSaid { kind };
        }
        let listed = self.measurements.iter().filter_map(|one| match one.launch {
            EndorsedLaunch::Vmsas(count) => Some(count),
            EndorsedLaunch::Svsm | EndorsedLaunch::NotSaid => None,
        });
        NotEndorsed::Vmsas { kind, wanted, listed: listed.collect() }
    }
}
