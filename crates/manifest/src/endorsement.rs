//! Endorsements that a manifest keeps, so that what a cloud endorses is proven again by whoever accepts it.
//!
//! The bytes are kept once, and each row of them says which they are. Nothing in the manifest makes such a row accepted: whoever reads
//! it gives the root that is trusted, every endorsement is verified again under it with [`Manifest::prove`], and only the rows
//! that it endorses then are accepted. The root that was given when the rows were added is named by its hash, to be found again,
//! and trusted by nobody.
//!
//! ```
//! use sev_launch_manifest::endorsement::KeptEndorsement;
//! use sev_launch_verify::endorsement::{Kind, Root, VerifyOptions};
//!
//! # fn main() {
//! /// What the rows of a manifest are worth under a root that the caller trusts; `time` is the present in unix seconds.
//! fn proven(
//!     manifest: &mut sev_launch_manifest::Manifest,
//!     root: &Root,
//!     time: u64,
//! ) -> usize {
//!     let proofs = manifest.prove(&VerifyOptions { root, time, uvm: None });
//!     proofs.iter().filter(|proof| proof.outcome.is_ok()).count()
//! }
//! # let _ = proven;
//! # }
//! ```

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sev_launch_abi::snp::Policy;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_verify::endorsement::{
    EndorsedLaunch, FormError, Kind, MAX_ENDORSEMENT_SIZE, Refusal, UnverifiedEndorsement,
    VerifiedEndorsement, VerifyOptions,
};
use thiserror::Error;

use crate::error::Error;
use crate::finding::Finding;
use crate::manifest::{Head, Manifest};
use crate::row::{Facts, Obtained, Row};
use crate::strict;

/// The most endorsements that a manifest may keep.
pub const MAX_ENDORSEMENTS: usize = 256;

/// An endorsement's bytes, as they were published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEndorsement {
    /// Whose it is.
    pub kind: Kind,
    /// The root under which it was verified when it was added: the SHA-256 of its certificate in DER.
    pub root: Sha256Digest,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Which endorsement of its manifest a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Proof {
    /// Its index in the manifest's list.
    pub endorsement: u32,
    /// Is the row's launch one under an SVSM? Otherwise its number of vCPUs says how many VMSAs it has.
    pub svsm: bool,
    /// Was the endorsement verified again? Only [`Manifest::prove`] says so, and no file.
    is_verified: bool,
}

impl Proof {
    /// A row's proof, which nobody has verified yet.
    #[must_use]
    pub const fn new(endorsement: u32, svsm: bool) -> Self {
        Self { endorsement, svsm, is_verified: false }
    }

    /// Was the endorsement verified again, and does it endorse this row?
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.is_verified
    }
}

/// Why an endorsement that is kept does not prove a row.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError {
    /// What is kept is no endorsement.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Another kind than the manifest says.
    #[error("it is a {found}, and the manifest says {said}")]
    Kind {
        /// What it is.
        found: Kind,
        /// What is said of it.
        said: Kind,
    },
    /// Another root than the row was added under.
    #[error(
        "the row was added under the root with SHA-256 {recorded}, and the one given has {given}"
    )]
    OtherRoot {
        /// The root that the manifest names.
        recorded: Sha256Digest,
        /// The one that is trusted.
        given: Sha256Digest,
    },
    /// It is not believed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It endorses other digests.
    #[error("the endorsement does not endorse this digest for a launch with {launch}")]
    NotInIt {
        /// The launch that the row says.
        launch: EndorsedLaunch,
    },
    /// The policy that the endorsement demands is not the manifest's.
    #[error(
        "the endorsement demands the guest policy {endorsed:#x}, and the manifest {}",
        .recorded.map_or_else(|| "says none".to_owned(), |policy| format!("says {policy:#x}"))
    )]
    Policy {
        /// The endorsement's.
        endorsed: u64,
        /// The manifest's.
        recorded: Option<u64>,
    },
}

/// A row that says that it is endorsed, and whether that is so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RowProof {
    /// The row's index.
    pub row: usize,
    /// What came of it.
    pub outcome: Result<(), ProofError>,
}

impl KeptEndorsement {
    /// Bytes that were verified, with the root that they were verified under.
    pub fn of(verified: &VerifiedEndorsement, bytes: &[u8]) -> Self {
        let root = Sha256Digest::from_bytes(verified.root_sha256());
        Self { kind: verified.kind(), root, bytes: bytes.to_vec() }
    }

    fn verify(&self, options: &VerifyOptions<'_>) -> Result<VerifiedEndorsement, ProofError> {
        let endorsement = UnverifiedEndorsement::parse(&self.bytes)?;
        if endorsement.kind() != self.kind {
            return Err(ProofError::Kind { found: endorsement.kind(), said: self.kind });
        }
        let given = Sha256Digest::from_bytes(options.root.sha256());
        if given != self.root {
            return Err(ProofError::OtherRoot { recorded: self.root, given });
        }
        Ok(endorsement.verify(options)?)
    }
}

impl Facts {
    /// The launch that a row of an endorsement is of.
    fn endorsed_launch(&self, proof: &Proof) -> EndorsedLaunch {
        match (proof.svsm, self.vcpus) {
            (true, _) => EndorsedLaunch::Svsm,
            (false, Some(vcpus)) => EndorsedLaunch::Vmsas(vcpus.number()),
            (false, None) => EndorsedLaunch::NotSaid,
        }
    }
}

/// The policy that the endorsement demands is the manifest's.
fn check_policy(verified: &VerifiedEndorsement, recorded: Option<u64>) -> Result<(), ProofError> {
    let Some(endorsed) = verified.policy().map(Policy::bits) else { return Ok(()) };
    match recorded == Some(endorsed) {
        true => Ok(()),
        false => Err(ProofError::Policy { endorsed, recorded }),
    }
}

impl Manifest {
    /// Verifies every endorsement again, and marks the rows that it endorses: no others of them are accepted. Gives each such row with what
    /// came of it, in their order.
    pub fn prove(&mut self, options: &VerifyOptions<'_>) -> Vec<RowProof> {
        let verify = |kept: &KeptEndorsement| kept.verify(options);
        let verified: Vec<_> = self.endorsements().iter().map(verify).collect();
        let policy = self.head().policy;
        let outcome = |row: &Row, proof: &Proof| {
            let found = usize::try_from(proof.endorsement).ok().and_then(|at| verified.get(at));
            let launch = row.facts.endorsed_launch(proof);
            let not_in_it = ProofError::NotInIt { launch };
            let verified = match found {
                Some(found) => found.as_ref().map_err(Clone::clone)?,
                None => return Err(not_in_it),
            };
            check_policy(verified, policy)?;
            match row.digest {
                LaunchDigest::Snp(digest) if verified.endorses(launch, &digest) => Ok(()),
                _ => Err(not_in_it),
            }
        };
        let mut proofs = Vec::new();
        for (row, found) in self.rows_mut().iter_mut().enumerate() {
            let Obtained::EndorsementKept(proof) = found.obtained else { continue };
            let outcome = outcome(found, &proof);
            let is_verified = outcome.is_ok();
            found.obtained = Obtained::EndorsementKept(Proof { is_verified, ..proof });
            proofs.push(RowProof { row, outcome });
        }
        proofs
    }

    /// A manifest that has nothing but an endorsement and its rows: where nothing of a launch is known that a digest could be computed from.
    /// `tool` is what made it; the policy is the endorsement's.
    pub fn of_endorsement(
        name: &str,
        tool: &str,
        verified: &VerifiedEndorsement,
        bytes: &[u8],
    ) -> Result<Self, Error> {
        let technology = Technology::Snp;
        let head = Head {
            name: name.to_owned(),
            tool: tool.to_owned(),
            technology,
            policy: verified.policy().map(Policy::bits),
            host_data: None,
            description: serde_json::json!({"technology": technology.name()}),
        };
        let kept = KeptEndorsement::of(verified, bytes);
        Self::with_endorsements(head, Vec::new(), vec![kept], rows(verified, 0)?)
    }

    /// Keeps an endorsement that was verified, and adds a row for each of its measurements, each as verified. `bytes` are those that it was
    /// read from. Gives what is noteworthy of the rows.
    ///
    /// Errors: a manifest of another technology, or whose policy is not the one that the endorsement demands; more endorsements or rows than
    /// there may be; an endorsement that is kept already.
    pub fn add_endorsement(
        &mut self,
        verified: &VerifiedEndorsement,
        bytes: &[u8],
    ) -> Result<Vec<Finding>, Error> {
        if self.technology() != Technology::Snp {
            return Err(Error::OtherTechnology { found: self.technology() });
        }
        let at = format!("endorsements[{}]", self.endorsements().len());
        let policy = check_policy(verified, self.head().policy);
        policy.map_err(|error| Error::field(at.clone(), error.to_string()))?;
        let kept = KeptEndorsement::of(verified, bytes);
        if self.endorsements().contains(&kept) {
            return Err(Error::field(at, "it is kept already"));
        }
        let index = self.keep(kept)?;
        let mut findings = Vec::new();
        for row in rows(verified, index)? {
            findings.extend(self.add(row)?);
        }
        Ok(findings)
    }
}

/// The rows of an endorsement with this index, each as verified.
pub(crate) fn rows(verified: &VerifiedEndorsement, endorsement: u32) -> Result<Vec<Row>, Error> {
    let row = |one: &sev_launch_verify::endorsement::EndorsedMeasurement| {
        let vcpus = match one.launch {
            EndorsedLaunch::Vmsas(count) => {
                let count = VcpuCount::new(count);
                let wrong = |error: sev_launch_digest::vcpus::Error| {
                    Error::field(format!("endorsements[{endorsement}]"), error.to_string())
                };
                Some(count.map_err(wrong)?)
            }
            EndorsedLaunch::Svsm | EndorsedLaunch::NotSaid => None,
        };
        let svsm = one.launch == EndorsedLaunch::Svsm;
        let proof = Proof { endorsement, svsm, is_verified: true };
        let facts = Facts { vcpus, ..Facts::default() };
        let digest = LaunchDigest::Snp(one.digest);
        Ok(Row { digest, facts, obtained: Obtained::EndorsementKept(proof) })
    };
    verified.measurements().iter().map(row).collect()
}

/// What an endorsement's row must be: of SNP, of an endorsement that is there, and not both under an SVSM and of so many vCPUs.
pub(crate) fn check_row(
    place: &str,
    row: &Row,
    proof: &Proof,
    technology: Technology,
    count: usize,
) -> Result<(), Error> {
    if technology != Technology::Snp {
        let what = format!("guests of {technology} have no endorsements");
        return Err(Error::field(place, what));
    }
    if usize::try_from(proof.endorsement).is_ok_and(|index| index >= count) {
        let what =
            format!("there is no endorsements[{}], the manifest has {count}", proof.endorsement);
        return Err(Error::field(place, what));
    }
    // An endorsement says a digest and a number of VMSAs: any other fact would look as if it were proven with them.
    let vcpus = row.facts.vcpus;
    let has_more = row.facts != Facts { vcpus, ..Facts::default() };
    if has_more || vcpus.is_some_and(|vcpus| vcpus.late() != 0) {
        let what =
            "an endorsement says a digest and a number of vCPUs, and nothing else of its row";
        return Err(Error::field(place, what));
    }
    if proof.svsm && row.facts.vcpus.is_some() {
        return Err(Error::field(place, "a launch under an SVSM is of no number of vCPUs"));
    }
    Ok(())
}

/// What an endorsement that is kept must be, before anybody looks into it.
pub(crate) fn check(index: usize, kept: &KeptEndorsement) -> Result<(), Error> {
    let size = kept.bytes.len();
    if size == 0 || size > MAX_ENDORSEMENT_SIZE {
        let what = format!("{size} bytes, wanted 1 to {MAX_ENDORSEMENT_SIZE}");
        return Err(Error::field(format!("endorsements[{index}].bytes"), what));
    }
    Ok(())
}

/// The endorsements of a manifest that rows are of, and the rows with their places in that list.
pub(crate) fn of_rows(manifest: &Manifest, rows: &mut [Row]) -> Vec<KeptEndorsement> {
    let mut places: HashMap<u32, u32> = HashMap::new();
    let mut kept = Vec::new();
    for row in rows {
        let Obtained::EndorsementKept(proof) = &mut row.obtained else { continue };
        let old = usize::try_from(proof.endorsement).ok();
        let Some(endorsement) = old.and_then(|index| manifest.endorsements().get(index)) else {
            continue;
        };
        proof.endorsement = *places.entry(proof.endorsement).or_insert_with(|| {
            kept.push(endorsement.clone());
            u32::try_from(kept.len() - 1).unwrap_or(u32::MAX)
        });
    }
    kept
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(with = "kind")]
    kind: Kind,
    root_sha256: Sha256Digest,
    #[serde(with = "base64_text")]
    bytes: Vec<u8>,
}

/// Bytes in base64 with its padding. [RFC 4648, base64]
mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;

    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        STANDARD.encode(bytes).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(|error| D::Error::custom(format!("bytes: {error}")))
    }
}

/// A kind by its name.
mod kind {
    use serde::de::Error as _;

    use super::*;

    pub(super) fn serialize<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
        kind.name().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Kind, D::Error> {
        let found = String::deserialize(deserializer)?;
        let named = Kind::ALL.into_iter().find(|kind| kind.name() == found);
        named.ok_or_else(|| D::Error::custom(format!("{found:?} is no kind of endorsement")))
    }
}

impl Serialize for KeptEndorsement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { kind, root, bytes } = self.clone();
        Stored { kind, root_sha256: root, bytes }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for KeptEndorsement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { kind, root_sha256, bytes } = strict::object(deserializer)?;
        Ok(Self { kind, root: root_sha256, bytes })
    }
}
