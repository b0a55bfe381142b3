//! A launch description and what its owner adds, as the body of a registration.
//!
//! Nothing that a description says is dropped in silence: what a registration has no word for is an error that names it, and what
//! decides nothing of a launch is named as not registered. What is unknown refuses, as it does where a digest is computed. The body is
//! read by the protocol's own reader before it is sent.
//!
//! ```
//! use sev_launch_description::{Description, Origin};
//! use sev_launch_digest::hash::Portable;
//! use sev_launch_remote::registration::{Owner, Owners, Purpose, of};
//! use sev_launch_sweep::{Inputs, Memory, Mode, Reading};
//!
//! # let image = sev_launch_testkit::firmware::FirmwareBuilder::amd_sev().build();
//! let files = Memory::from([("OVMF.fd", image)]);
//! let text = "technology = 'sev'\npolicy = 'NODBG+NOKS'\nfirmware.path = 'OVMF.fd'";
//! let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())?;
//! let mode = Mode::of(&description).ok_or("no technology")?;
//! let reading = Reading { absorbs_whole: true, ..Reading::default() };
//! let inputs = Inputs::read(mode, description, reading, &files, &Portable)?;
//! let owner = Owner { owners: Owners::Any, ..Owner::default() };
//! let made = of(&inputs, &owner, Purpose::Register)?;
//! assert_eq!((made.registration.policy, made.firmwares.len()), (3, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod described;
mod owner;

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_description::Origin;
use sev_launch_protocol::body;
use sev_launch_protocol::problem::Problem;
use sev_launch_protocol::registration::Registration;
use sev_launch_protocol::secret::SecretEntry;
use sev_launch_protocol::text::Sha256;
use sev_launch_sweep::Inputs;
use zeroize::Zeroizing;

pub use self::owner::{Owner, Owners, Versions};

/// What the body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Registering: platforms and secrets are settled too.
    Register,
    /// Asking what would be accepted: what decides digests is enough.
    Measure,
}

/// What was made of a description.
pub struct Made {
    /// The body, JSON; it holds the secrets.
    pub body: Zeroizing<Vec<u8>>,
    /// The same as the service reads it.
    pub registration: Registration,
    /// The firmwares that it names.
    pub firmwares: Vec<Firmware>,
    /// What the description says and the registration does not hold, since it decides nothing.
    pub unregistered: Vec<Unregistered>,
}

/// A firmware that is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firmware {
    /// SHA-256 of the image.
    pub sha256: Sha256,
    /// The image; none where only what was absorbed of it is at hand.
    pub image: Option<PathBuf>,
}

/// Something that is described and decides nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unregistered {
    /// The description's key, as `boot.kernel`.
    pub key: &'static str,
    /// Why it decides nothing.
    pub why: &'static str,
}

impl std::fmt::Display for Unregistered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.key, self.why)
    }
}

/// Why a description cannot be registered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A fact that no member says.
    #[error("{key} ({origin}): a registration has no word for it: {why}")]
    NoWord {
        /// The description's key.
        key: &'static str,
        /// Who said it.
        origin: Origin,
        /// What the service does not do, or what to do.
        why: &'static str,
    },
    /// No policy is said.
    #[error(
        "no policy: give --policy, or policy in the description: the host starts the guest with it, and no default is safe"
    )]
    NoPolicy,
    /// No CPU is said where one is measured.
    #[error(
        "no CPU: give cpu, or family, model and stepping, in the description: each vCPU's kind is measured"
    )]
    NoCpu,
    /// No owner of a platform is accepted.
    #[error(
        "whose machines are accepted is not said: give --owner-cert FILE, the certificate of a platform's owner (OCA), or --any-owner"
    )]
    NoOwners,
    /// Secrets for a kernel that nobody measures.
    #[error(
        "boot.kernel ({origin}): kernel_hashes is off, so that whatever kernel the host starts would get the secrets: turn kernel_hashes on, or take the kernel out of the description"
    )]
    UnmeasuredKernel {
        /// Who said the kernel.
        origin: Origin,
    },
    /// Something is unknown.
    #[error(transparent)]
    Description(#[from] sev_launch_description::Error),
    /// The firmware's SHA-256 is not known.
    #[error("{name}: its SHA-256 is not known: name the image, not what was absorbed of it")]
    NoSha256 {
        /// The file.
        name: String,
    },
    /// The protocol has no such registration.
    #[error("{}", told(.0))]
    Rules(Box<Problem>),
    /// The body cannot be written.
    #[error("the registration cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

fn told(problem: &Problem) -> String {
    let detail = problem.detail.as_deref().unwrap_or(problem.code.title());
    format!("no service takes this registration: {detail} ({})", problem.code.name())
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Rules(Box::new(problem))
    }
}

/// The registration of a description whose files were read, with what its owner adds.
///
/// `inputs` must have been read with `absorbs_whole`, so that each image's SHA-256 is known.
///
/// # Errors
///
/// [`Error`]: something that a registration has no word for, that is missing, or that the protocol refuses.
pub fn of(inputs: &Inputs, owner: &Owner, purpose: Purpose) -> Result<Made, Error> {
    let described::Described { mut members, firmwares, unregistered } =
        described::of(inputs, owner)?;
    members.append(&mut owner.members());
    let body = body_of(&serde_json::to_string(&members)?, &owner.secrets)?;
    let registration: Registration = body::read(&body)?;
    match purpose {
        Purpose::Measure => registration.check_measured()?,
        Purpose::Register => {
            let is_unsaid = matches!(owner.owners, Owners::Unsaid);
            let is_snp = registration.scheme.technology() == sev_launch_abi::Technology::Snp;
            if is_unsaid && !is_snp {
                return Err(Error::NoOwners);
            }
            registration.check()?;
        }
    }
    Ok(Made { body, registration, firmwares, unregistered })
}

/// An object with the secrets after its other members, written into one place that has room for all of it from the start.
fn body_of(object: &str, secrets: &[SecretEntry]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let Some(open) = object.strip_suffix('}').filter(|_| !secrets.is_empty()) else {
        return Ok(Zeroizing::new(object.as_bytes().to_vec()));
    };
    // Quotes and names of an entry take less than 100 bytes.
    let room = secrets.iter().fold(open.len(), |room, secret| {
        room.saturating_add(secret.expose().len().saturating_mul(2)).saturating_add(100)
    });
    let mut body = Zeroizing::new(Vec::with_capacity(room.saturating_add(100)));
    body.extend_from_slice(open.as_bytes());
    body.extend_from_slice(b",\"secrets\":[");
    for (at, secret) in secrets.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        body.extend_from_slice(format!("{{\"guid\":\"{}\",\"data\":\"", secret.guid()).as_bytes());
        let data = Zeroizing::new(STANDARD.encode(secret.expose()));
        body.extend_from_slice(data.as_bytes());
        body.extend_from_slice(b"\"}");
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

#[cfg(test)]
mod tests;
