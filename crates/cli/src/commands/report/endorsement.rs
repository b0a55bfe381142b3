//! The certificates above a report, and the verification of both.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use sev_launch_abi::Generation;
use sev_launch_verify::outcome::Family;
use sev_launch_verify::snp::certificate::{CaCertificate, CaKind, Vek, VekKind};
use sev_launch_verify::snp::certificate_table::CertificateTable;
use sev_launch_verify::snp::chain::{Basis, Chain, ChainOptions, LinkVerdict, Revocation, Roots};
use sev_launch_verify::snp::crl::Crl;
use sev_launch_verify::snp::report::{
    AttestationReport, MaskedChipId, REPORT_SIZE, ReportOptions, SigningKey, UnknownVersion,
    UnverifiedReport, VerifiedReport,
};

use super::verdict::CheckView;
use crate::args::unix_time;
use crate::exit::{Answer, Insecure};
use crate::{blob, inputs};

/// Where the certificates are, and what is trusted.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Report's certificates")]
pub(crate) struct EndorsementFlags {
    /// The VCEK or VLEK that the report is signed by: DER or PEM.
    #[arg(long, visible_aliases = ["vcek", "vlek"], value_name = "FILE")]
    pub(crate) vek: Option<PathBuf>,
    /// ASK or ASVK, and ARK: PEM of one or both, or DER of one; without it AMD's built-in keys are used.
    #[arg(long, value_name = "FILE")]
    pub(crate) chain: Option<PathBuf>,
    /// The table of certificates that the host gives the guest beside a report; the flags above go before it.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificates: Option<PathBuf>,
    /// AMD's revocation list in DER, from its key server [default: revocation is not asked].
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Option<PathBuf>,
    /// The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now].
    #[arg(long, value_name = "TIME", value_parser = unix_time)]
    pub(crate) time: Option<u64>,
    /// The ARK of a lab that signs its own chains; AMD's are then refused.
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
    /// Accept a VCEK's report whose CHIP_ID the host has masked (all zeros).
    #[arg(long)]
    pub(crate) allow_masked_chip_id: bool,
    /// Read a report of a version after the last known one as that one: what it adds is then not seen.
    #[arg(long)]
    pub(crate) allow_unknown_version: bool,
}

/// What the verification of a report has found.
pub(crate) struct Verification {
    links: Vec<LinkVerdict>,
    /// The report, or why it is not believed.
    pub(crate) report: Result<VerifiedReport, String>,
    /// What is trusted, in words.
    pub(crate) trust: String,
}

/// The certificates as they were read.
struct Certificates {
    vek: Vek,
    intermediate: Option<CaCertificate>,
    root: Option<CaCertificate>,
}

/// Reads a report of any form.
pub(crate) fn read_report(path: &Path) -> anyhow::Result<UnverifiedReport> {
    let bytes = blob::read_array::<REPORT_SIZE>("attestation report", path)?;
    Ok(UnverifiedReport::try_from(bytes.as_slice())?)
}

impl EndorsementFlags {
    /// Verifies the report in a file. Errors where it cannot be decided: what is malformed, and nothing to verify with.
    pub(crate) fn verify(&self, path: &Path) -> anyhow::Result<Verification> {
        let report = read_report(path)?;
        let certificates = self.read(&report.claims())?;
        let lab = self.root.as_deref().map(read_ca).transpose()?;
        let crl = match &self.crl {
            Some(path) => {
                let bytes = inputs::read_small(path)?;
                Some(Crl::from_der(&bytes).with_context(|| inputs::name(path))?)
            }
            None => None,
        };
        let options = ChainOptions {
            roots: lab
                .as_ref()
                .map_or(Roots::Pinned { generations: &Generation::SNP }, Roots::Explicit),
            revocation: crl.as_ref().map_or(Revocation::NotChecked, Revocation::Checked),
            time: self.time()?,
        };
        let Certificates { vek, intermediate, root } = &certificates;
        let chain = Chain { vek, intermediate: intermediate.as_ref(), root: root.as_ref() };
        let (links, report) = match chain.verify(&options) {
            Ok(vek) => {
                let verified = report.verify(&vek, self.options());
                let verified = match verified {
                    Err(error) if error.family() == Family::Malformed => {
                        return Err(error).with_context(|| inputs::name(path));
                    }
                    other => other.map_err(|error| error.to_string()),
                };
                (vek.links().to_vec(), verified)
            }
            Err(error) => {
                let reason = "the chain does not hold".to_owned();
                (error.links().to_vec(), Err(reason))
            }
        };
        Ok(Verification { links, report, trust: self.trust(options.time) })
    }

    fn options(&self) -> ReportOptions {
        ReportOptions {
            unknown_version: match self.allow_unknown_version {
                true => UnknownVersion::ReadAsLastKnown,
                false => UnknownVersion::Refuse,
            },
            masked_chip_id: match self.allow_masked_chip_id {
                true => MaskedChipId::Accept,
                false => MaskedChipId::Refuse,
            },
        }
    }

    fn time(&self) -> anyhow::Result<u64> {
        match self.time {
            Some(time) => Ok(time),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map(|time| time.as_secs())
                .context("the clock is before 1970: give --time"),
        }
    }

    fn trust(&self, time: u64) -> String {
        let root = if self.root.is_some() { "the root given" } else { "AMD's roots, built in" };
        let crl = if self.crl.is_some() { "revocation asked" } else { "revocation not asked" };
        format!("{root}; {crl}; valid at {time} in unix seconds")
    }

    fn read(&self, claims: &AttestationReport) -> anyhow::Result<Certificates> {
        let bytes = self.certificates.as_deref().map(inputs::read_small).transpose()?;
        let place = || self.certificates.as_deref().map(inputs::name).unwrap_or_default();
        let table =
            bytes.as_deref().map(CertificateTable::parse).transpose().with_context(place)?;
        let vek = match (&self.vek, &table) {
            (Some(path), _) => {
                Vek::parse(&inputs::read_small(path)?).with_context(|| inputs::name(path))?
            }
            (None, Some(table)) => {
                let kind = claims.key_info.signing_key();
                let der = if kind == SigningKey::Vlek { table.vlek() } else { table.vcek() };
                let der = der.with_context(|| {
                    format!("{}: no certificate of the report's signer, {kind}", place())
                })?;
                Vek::parse(der).with_context(|| format!("{}: {kind}", place()))?
            }
            (None, None) => {
                return Err(Insecure(
                    "a report alone proves nothing, anybody can write one: give the VCEK or VLEK that signed it with \
                     --vek, or the host's table with --certificates"
                        .into(),
                )
                .into());
            }
        };
        let mut all = match &self.chain {
            Some(path) => read_authorities(path)?,
            None => Vec::new(),
        };
        if let Some(table) = &table
            && self.chain.is_none()
        {
            for der in [table.ask(), table.ark()].into_iter().flatten() {
                all.push(CaCertificate::parse(der).with_context(place)?);
            }
        }
        let (root, intermediate) = sort(all, vek.kind())?;
        Ok(Certificates { vek, intermediate, root })
    }
}

/// The root, and the authority that should have signed the VEK.
fn sort(
    all: Vec<CaCertificate>,
    signer: VekKind,
) -> anyhow::Result<(Option<CaCertificate>, Option<CaCertificate>)> {
    let (mut roots, mut others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|certificate| certificate.kind() == CaKind::Ark);
    // A file may hold both ASK and ASVK; one alone is judged, whichever it is.
    if others.len() > 1 {
        others.retain(|certificate| certificate.kind() == signer.issuer());
    }
    if roots.len() > 1 || others.len() > 1 {
        bail!("several certificates of one authority: give one ARK, and one ASK or ASVK");
    }
    Ok((roots.pop(), others.pop()))
}

fn read_ca(path: &Path) -> anyhow::Result<CaCertificate> {
    CaCertificate::parse(&inputs::read_small(path)?).with_context(|| inputs::name(path))
}

fn read_authorities(path: &Path) -> anyhow::Result<Vec<CaCertificate>> {
    let bytes = inputs::read_small(path)?;
    let all = match bytes.trim_ascii_start().starts_with(b"-----BEGIN ") {
        true => CaCertificate::parse_many(&bytes),
        false => CaCertificate::parse(&bytes).map(|certificate| vec![certificate]),
    };
    all.with_context(|| inputs::name(path))
}

impl Verification {
    pub(crate) fn answer(&self) -> Answer {
        if self.report.is_ok() { Answer::Yes } else { Answer::No }
    }

    /// Each check with its answer: the links from the root down, then the report.
    pub(crate) fn checks(&self) -> Vec<CheckView> {
        let link = |link: &LinkVerdict| CheckView {
            check: link.link.to_string(),
            answer: match &link.verdict {
                Ok(Basis::NotAsked) => "not asked",
                Ok(_) => "yes",
                Err(_) => "no",
            },
            reason: match &link.verdict {
                Ok(Basis::BuiltInKey) => Some("AMD's built-in key".into()),
                Ok(Basis::GivenRoot) => Some("the root given".into()),
                Ok(_) => None,
                Err(error) => Some(error.to_string()),
            },
        };
        let chain_holds = self.links.iter().all(|link| link.verdict.is_ok());
        let report = CheckView {
            check: "report".into(),
            answer: match (&self.report, chain_holds) {
                (Ok(_), _) => "yes",
                (Err(_), true) => "no",
                (Err(_), false) => "not asked",
            },
            reason: self.report.as_ref().err().cloned(),
        };
        self.links.iter().map(link).chain([report]).collect()
    }
}
