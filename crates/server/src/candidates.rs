//! Every launch digest that a registration accepts, each with what it is the digest of.
//!
//! firmware × kernel × initrd × command line × vCPU count × CPU × profile, and the digests that were given. They are computed when the guest is
//! registered, so that what no host could launch is told to its owner and not to a host. How many there are is known before the first is computed,
//! and how much there is to hash is bounded too: an owner may be an attacker.

mod axes;
mod compute;
mod secret_area;
mod select;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sev_launch_abi::snp;
use sev_launch_abi::{CpuSignature, LaunchDigest, Technology};
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::{CpuCount, Registration, Scheme};
use sev_launch_protocol::text::Sha256;
use sev_launch_verify::reference_values::StandsFor;
use sev_launch_verify::sev::secret::SecretArea;
use sev_launch_verify::snp::requirements::PolicyRequirements;
use thiserror::Error;

pub(crate) use self::axes::{profiles_of, signature_of};
pub use self::select::Selected;
use crate::catalogue::Entry;

/// The most launch digests of one registration.
pub const MOST: usize = 4096;

/// What is measured of a direct boot: the SHA-256 of each part, as the table of kernel hashes has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// The kernel.
    pub kernel: Sha256,
    /// The initrd; that of no bytes where there is none.
    pub initrd: Sha256,
    /// The command line with the NUL after it.
    pub cmdline: Sha256,
}

/// A virtual CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CpuFacts {
    /// QEMU's name of the model, as it was registered; none where it was registered by numbers.
    pub name: Option<String>,
    /// CPUID's signature, which is what is measured.
    pub signature: CpuSignature,
}

/// What a digest was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Facts {
    /// The firmware image.
    pub firmware: Sha256,
    /// What boots, where it is measured.
    pub boot: Option<Boot>,
    /// The number of vCPUs, where it is measured.
    pub cpu_count: Option<u32>,
    /// The kind of vCPU, where it is measured.
    pub cpu: Option<CpuFacts>,
    /// The launch profile's own name, where VMSAs are measured.
    pub profile: Option<String>,
}

/// Where a digest is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The owner gave it; what it is of is not known here.
    Given,
    /// It was computed.
    Computed(Facts),
}

/// One launch digest that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The digest: 32 bytes for SEV and SEV-ES, 48 for SEV-SNP.
    pub digest: LaunchDigest,
    /// What it is of.
    pub origin: Origin,
}

impl Candidate {
    /// What it was computed from; none for one that was given.
    #[must_use]
    pub const fn facts(&self) -> Option<&Facts> {
        match &self.origin {
            Origin::Given => None,
            Origin::Computed(facts) => Some(facts),
        }
    }

    fn stands_for(&self, technology: Technology) -> StandsFor {
        let Some(facts) = self.facts() else { return StandsFor::image(technology, "given") };
        StandsFor {
            vcpus: facts.cpu_count,
            signature: facts.cpu.as_ref().map(|cpu| cpu.signature),
            profile: facts.profile.clone(),
            ..StandsFor::image(technology, facts.firmware.to_string())
        }
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(facts) = self.facts() else { return f.write_str("a given digest") };
        write!(f, "firmware {}", facts.firmware)?;
        if let Some(Boot { kernel, initrd, cmdline }) = &facts.boot {
            write!(f, ", kernel {kernel}, initrd {initrd}, command line {cmdline}")?;
        }
        if let Some(count) = facts.cpu_count {
            write!(f, ", {count} vCPUs")?;
        }
        if let Some(CpuFacts { name, signature }) = &facts.cpu {
            match name {
                Some(name) => write!(f, ", CPU {name}")?,
                None => write!(f, ", CPU {signature}")?,
            }
        }
        facts.profile.iter().try_for_each(|profile| write!(f, ", profile {profile}"))
    }
}

/// All of them, and what else follows from the firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    scheme: Scheme,
    cpu_counts: Option<Vec<u32>>,
    secret_area: Option<SecretArea>,
    warnings: Vec<String>,
    rows: Vec<Candidate>,
}

/// Why stored bytes are no candidates.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoredError {
    /// Not their JSON.
    #[error("stored candidates are not as this version writes them")]
    Json(#[from] serde_json::Error),
    /// Another form.
    #[error("stored candidates are of form {found}, this version reads {FORM}")]
    Form {
        /// The form found.
        found: u32,
    },
    /// None of them, or too many.
    #[error("{found} stored candidates, wanted 1 to {MOST}")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// A digest of another scheme.
    #[error("a stored digest has {found} bytes, and one of the scheme {wanted}")]
    Digest {
        /// Bytes found.
        found: usize,
        /// Bytes of the scheme's digests.
        wanted: usize,
    },
    /// An area that takes no secret.
    #[error("a stored area for secrets of {found} bytes takes none")]
    Area {
        /// Its size in bytes.
        found: u32,
    },
}

const FORM: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Stored {
    form: u32,
    scheme: Scheme,
    cpu_counts: Option<Vec<u32>>,
    secret_area: Option<u32>,
    warnings: Vec<String>,
    candidates: Vec<Candidate>,
}

/// The catalogue's entry of an image's SHA-256, if it has one; or why the catalogue does not answer.
pub type Lookup<'a> = dyn Fn(&Sha256) -> Result<Option<Arc<Entry>>, Problem> + 'a;

impl Candidates {
    /// Computes every digest that a registration accepts. It must have passed [`Registration::check`].
    ///
    /// # Errors
    ///
    /// `too-many-candidates` before anything is computed, also for more hashing than is done for one registration; `schema` for an unknown profile
    /// or CPU, with the names that are known; `unknown-firmware`, `no-secret-area`, `secrets-too-large`, `no-es-reset-block`, `no-hash-table`;
    /// `policy-inconsistent` for a policy under which no report of SEV-SNP would be accepted; `unmeasurable` for the rest.
    pub fn of(registration: &Registration, entries: &Lookup<'_>) -> Result<Self, Problem> {
        check_policy(registration)?;
        let axes = axes::Axes::of(registration)?;
        let firmwares = axes.entries(entries)?;
        let secret_area = secret_area::of(registration, &firmwares)?;
        let mut warnings = Vec::new();
        for entry in &firmwares {
            let own = entry
                .warnings()
                .into_iter()
                .map(|warning| format!("firmware {}: {warning}", entry.sha256()));
            warnings.extend(own);
            let is_open = entry.kernel_hash_check() == KernelHashCheck::No;
            if is_open && !registration.secrets.is_empty() && !registration.has_kernel_hashes() {
                let hash = entry.sha256();
                warnings.push(format!(
                    "firmware {hash}: it starts whatever kernel a host hands over, measured or not, and that kernel could take the secrets"
                ));
            }
        }
        let mut rows = compute::rows(registration, &axes, &firmwares, &mut warnings)?;
        rows.extend(
            axes.given.iter().map(|digest| Candidate { digest: *digest, origin: Origin::Given }),
        );
        if rows.is_empty() {
            return Err(Problem::at(Code::Schema, "#/firmware-hashes", "no launch is accepted"));
        }
        let cpu_counts = registration.cpu_count.as_ref().map(CpuCount::counts);
        Ok(Self { scheme: registration.scheme, cpu_counts, secret_area, warnings, rows })
    }

    /// The kind of launch.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Every accepted digest: the computed ones, then those that were given.
    #[must_use]
    pub fn rows(&self) -> &[Candidate] {
        &self.rows
    }

    /// The smallest area for secrets of the firmwares; OVMF's where digests alone are registered. None where one firmware has none.
    #[must_use]
    pub const fn secret_area(&self) -> Option<SecretArea> {
        self.secret_area
    }

    /// What the owner should know of the firmwares and launches, in sentences.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The stored form: JSON, some 200 to 700 bytes for each candidate.
    ///
    /// # Errors
    ///
    /// None that values made by this type have.
    pub fn to_json(&self) -> Result<Vec<u8>, StoredError> {
        let area = self.secret_area.map(|area| u32::try_from(area.size()).unwrap_or(u32::MAX));
        let stored = Stored {
            form: FORM,
            scheme: self.scheme,
            cpu_counts: self.cpu_counts.clone(),
            secret_area: area,
            warnings: self.warnings.clone(),
            candidates: self.rows.clone(),
        };
        Ok(serde_json::to_vec(&stored)?)
    }

    /// Reads the stored form. Whoever can change it can change what is accepted.
    ///
    /// # Errors
    ///
    /// Anything but what [`Candidates::to_json`] writes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, StoredError> {
        let stored: Stored = serde_json::from_slice(bytes)?;
        let Stored { form, scheme, cpu_counts, secret_area, warnings, candidates: rows } = stored;
        if form != FORM {
            return Err(StoredError::Form { found: form });
        }
        if rows.is_empty() || rows.len() > MOST {
            return Err(StoredError::Count { found: rows.len() });
        }
        let wanted = LaunchDigest::size_for(scheme.technology());
        if let Some(found) =
            rows.iter().map(|row| row.digest.as_bytes().len()).find(|size| *size != wanted)
        {
            return Err(StoredError::Digest { found, wanted });
        }
        let area =
            |size| SecretArea::of_firmware(size).map_err(|_| StoredError::Area { found: size });
        let secret_area = secret_area.map(area).transpose()?;
        Ok(Self { scheme, cpu_counts, secret_area, warnings, rows })
    }
}

/// Refuses what would let no launch of SEV-SNP be accepted later: the host or an agent in the guest.
fn check_policy(registration: &Registration) -> Result<(), Problem> {
    if registration.scheme != Scheme::AmdSevSnp {
        return Ok(());
    }
    let policy = snp::Policy::from_bits(registration.policy);
    let mut demanded = PolicyRequirements::STRICT;
    if registration.allow_debug {
        demanded.debug = sev_launch_verify::requirement::Requirement::Any;
    }
    match demanded.refusals(policy).first() {
        Some(finding) => {
            Err(Problem::at(Code::PolicyInconsistent, "#/policy", finding.to_string()))
        }
        None => Ok(()),
    }
}
