//! In a guest of SEV-SNP: a report with the launch's nonce, and the owner's verdict of it.
//!
//! An SNP guest has no session that a host could start it with, and no launch secret: the guest itself asks the owner's service for a
//! nonce, has the processor sign it, and shows the report.

pub mod sev_guest;
pub mod tsm;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sev_launch_evidence::snp;
use sev_launch_protocol::body::More;
use sev_launch_protocol::launch::{
    Challenge, LaunchRequest, LaunchState, ValidateAnswer, ValidateRequest, Verdict,
};
use sev_launch_protocol::text::{Blob, Exact, VmId};
use sev_launch_verify::snp::certificate::Vek;

use crate::owner::{Owner, OwnerError};
use crate::regular;

/// The bytes of an attestation report. [SNP-ABI, ATTESTATION_REPORT]
pub const REPORT_SIZE: usize = 1184;

/// The longest file with a VCEK, in bytes: with the certificates above it, it has a few thousand.
const MOST_VEK: u64 = 1 << 20;

/// A report as the kernel gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The report.
    pub report: Box<[u8; REPORT_SIZE]>,
    /// The host's certificate table; empty if it gave none. [GHCB, SNP Extended Guest Request]
    pub certificates: Vec<u8>,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file of the kernel's, or of the caller's.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What was found is not what was wanted.
    #[error("{0}")]
    Strange(String),
    /// This is no guest that could be asked.
    #[error("there is neither {tsm} (Linux 6.7 and newer, with configfs mounted and the module `sev-guest`) nor {device}: is this a guest of SEV-SNP?", tsm = .tsm.display(), device = .device.display())]
    NoInterface {
        /// Where configfs-tsm was looked for.
        tsm: PathBuf,
        /// Where the device was looked for.
        device: PathBuf,
    },
    /// The host gave no VCEK.
    #[error(
        "the host gave no VCEK with the report, and none was named: fetch it from AMD's key server for this chip and TCB, and name it with --vek"
    )]
    NoVek,
    /// The owner's side.
    #[error(transparent)]
    Owner(#[from] OwnerError),
}

/// Where reports come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The root of configfs-tsm's reports: [`tsm::ROOT`], if it is not a test's.
    pub tsm: PathBuf,
    /// The device: [`sev_guest::DEVICE`].
    pub device: PathBuf,
}

impl Default for Source {
    fn default() -> Self {
        Self { tsm: tsm::ROOT.into(), device: sev_guest::DEVICE.into() }
    }
}

impl Source {
    /// A report over `data`, through what the kernel has.
    ///
    /// # Errors
    ///
    /// [`ReportError`].
    pub fn fetch(&self, data: &[u8; 64]) -> Result<Fetched, ReportError> {
        self.check()?;
        if self.tsm.is_dir() {
            tsm::fetch(&self.tsm, data)
        } else {
            sev_guest::fetch(&self.device, data)
        }
    }

    /// Is there an interface that could be asked?
    ///
    /// # Errors
    ///
    /// [`ReportError::NoInterface`].
    pub fn check(&self) -> Result<(), ReportError> {
        if self.tsm.is_dir() || self.device.exists() {
            return Ok(());
        }
        Err(ReportError::NoInterface { tsm: self.tsm.clone(), device: self.device.clone() })
    }
}

/// Asks for a nonce, has it signed, and shows the report: the owner's answer. `vek` is a file with the VCEK, for hosts that give none.
///
/// # Errors
///
/// [`ReportError`]; a no of the owner's is [`OwnerError::No`].
pub fn attest(
    owner: &dyn Owner,
    vmid: VmId,
    source: &Source,
    vek: Option<&Path>,
    key: &str,
    name: Option<&str>,
) -> Result<ValidateAnswer, ReportError> {
    // A nonce that nobody can use is a launch less.
    source.check()?;
    let request = LaunchRequest {
        pdh: None,
        cert_chain: None,
        cpu_id: None,
        host: name.and_then(|name| name.parse().ok()),
        more: More::new(),
    };
    let launch = owner.launch(&request, key)?;
    let given_up = |error: ReportError| {
        let _ = owner.give_up(launch.launch_id);
        error
    };
    let nonce = launch.nonce.ok_or_else(|| {
        given_up(ReportError::Strange(format!(
            "the guest is registered for {}, which has no report: the host attests it (`sev-launch agent`)",
            launch.scheme.name()
        )))
    })?;
    let challenge = Challenge { nonce: nonce.0, vmid, launch: launch.launch_id };
    let fetched = source.fetch(&challenge.report_data()).map_err(given_up)?;
    let vek = certificate(&fetched, vek).map_err(given_up)?;
    let request = ValidateRequest {
        launch_id: Some(launch.launch_id),
        api_major: None,
        api_minor: None,
        build_id: None,
        policy: None,
        measurement: None,
        report: Some(Exact(*fetched.report)),
        vek: Some(Blob(vek)),
        firmware_hash: None,
        cpu_count: None,
        kernel_hash: None,
        initrd_hash: None,
        cmdline: None,
        more: More::new(),
    };
    loop {
        let answer = owner.validate(&request, &mut || true).map_err(|error| match error {
            OwnerError::No(no) if no.refusal.has_ended() => OwnerError::No(no).into(),
            // It may have been carried out.
            OwnerError::Silent(text) => OwnerError::Silent(text).into(),
            error => given_up(error.into()),
        })?;
        if answer.launch_id != launch.launch_id {
            return Err(given_up(ReportError::Strange(format!(
                "the answer is of launch {}, and not of {}",
                answer.launch_id, launch.launch_id
            ))));
        }
        match (answer.verdict, answer.launch_state, answer.retry_after) {
            (Some(Verdict::Trusted), ..) => return Ok(answer),
            // The owner decides by hand: the service says when it is too late.
            (None, Some(LaunchState::Validated), Some(seconds)) => {
                std::thread::sleep(Duration::from_secs(u64::from(seconds).clamp(1, 60)));
            }
            _ => {
                let text = "the owner's answer has no verdict: nothing is trusted";
                return Err(given_up(ReportError::Strange(text.into())));
            }
        }
    }
}

/// The VCEK in DER: the caller's, or the host's.
fn certificate(fetched: &Fetched, named: Option<&Path>) -> Result<Vec<u8>, ReportError> {
    let bytes = match named {
        Some(path) => regular::read(path, MOST_VEK)
            .map_err(|source| ReportError::File { path: path.to_owned(), source })?,
        None if fetched.certificates.is_empty() => return Err(ReportError::NoVek),
        None => [&fetched.report[..], &fetched.certificates].concat(),
    };
    let evidence = snp::read(&bytes).map_err(|error| ReportError::Strange(error.to_string()))?;
    let found = evidence.certificates().iter().find(|der| Vek::parse(der).is_ok());
    found.cloned().ok_or(ReportError::NoVek)
}
