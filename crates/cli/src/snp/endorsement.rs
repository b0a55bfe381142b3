//! The certificates above a report, and the verification of both.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use sev_launch_abi::snp::tcb::TcbLayout;
use sev_launch_abi::{Generation, UnixTime};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_evidence::report::{EndorsementError, Endorsements, Sources};
use sev_launch_evidence::snp::Evidence;
use sev_launch_manifest::Root;
use sev_launch_verify::outcome::Family;
use sev_launch_verify::snp::certificate::CaCertificate;
use sev_launch_verify::snp::chain::{Basis, ChainOptions, LinkVerdict, Revocation, Roots};
use sev_launch_verify::snp::crl::Crl;
use sev_launch_verify::snp::report::{
    AttestationReport, MaskedChipId, ReportError, ReportOptions, UnknownVersion, VerifiedReport,
};
use sev_launch_verify::snp::signer::vcek_addresses;

use super::evidence::{self, ReportFile};
use super::fields::{Fields, fields};
use super::signer::SignerView;
use crate::args::unix_time;
use crate::blob;
use crate::checks::CheckView;
use crate::exit::{Answer, Steps};

/// Where the certificates are, and what is trusted.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Report's certificates")]
pub(crate) struct EndorsementFlags {
    /// The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure's THIM.
    #[arg(long, visible_aliases = ["vcek", "vlek"], value_name = "FILE")]
    pub(crate) vek: Option<PathBuf>,
    /// ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD's built-in keys.
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
    /// Read a report of a version after the last known one as that one: what it adds then counts as reserved bits.
    #[arg(long)]
    pub(crate) allow_unknown_version: bool,
    /// Say of each file of evidence what was in it, and what that was taken out of.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// What the verification of a report has found.
pub(crate) struct Verification {
    links: Vec<LinkVerdict>,
    /// The report, or why it is not believed.
    pub(crate) report: Result<VerifiedReport, String>,
    /// The root that the chain had to end in, as a manifest keeps it.
    pub(crate) root: Root,
    /// What is trusted, in words.
    pub(crate) trust: String,
    /// Of a report whose chain holds and whose signature does not: the two side by side.
    pub(crate) signer: Option<SignerView>,
}

impl EndorsementFlags {
    /// Verifies a report that was read: what was seen of it before is what is verified. Errors where it cannot be decided: what is
    /// malformed, and nothing to verify with.
    pub(crate) fn verify(&self, file: &ReportFile) -> anyhow::Result<Verification> {
        let report = file.report.clone();
        let endorsements = self.read(&report.claims(), &file.evidence)?;
        let lab = self.root.as_deref().map(|path| read_root(path, self.verbose)).transpose()?;
        let crl = self.crl.as_ref().map(|path| blob::read(path, Crl::from_der)).transpose()?;
        let amd = Roots::Pinned { generations: &Generation::SNP };
        let options = ChainOptions {
            roots: lab.as_ref().map_or(amd, Roots::Explicit),
            revocation: crl.as_ref().map_or(Revocation::NotChecked, Revocation::Checked),
            time: self.time()?,
        };
        let mut signer = None;
        let (links, report) = match endorsements.chain().verify(&options) {
            Ok(vek) => {
                let verified = report.verify(&vek, self.options());
                if let Err(error) = &verified {
                    if error.family() == Family::Malformed {
                        return Err(error.clone()).with_context(|| file.name.clone());
                    }
                    // What is refused for another reason was signed by this key.
                    let is_by_another = matches!(
                        error,
                        ReportError::Signature { .. }
                            | ReportError::SigningKey { .. }
                            | ReportError::Product { .. }
                            | ReportError::ReportedTcb { .. }
                            | ReportError::ChipId
                    );
                    signer =
                        is_by_another.then(|| SignerView::new(&report.claims(), &endorsements.vek));
                }
                (vek.links().to_vec(), verified.map_err(|error| error.to_string()))
            }
            Err(error) => (error.links().to_vec(), Err("the chain does not hold".to_owned())),
        };
        let other = |lab: &CaCertificate| Root::Other(Sha256Digest::from_bytes(lab.fingerprint()));
        let root = lab.as_ref().map_or(Root::Amd, other);
        Ok(Verification { links, report, root, trust: self.trust(options.time), signer })
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

    pub(crate) fn time(&self) -> anyhow::Result<u64> {
        self.time.map_or_else(now, Ok)
    }

    fn trust(&self, time: u64) -> String {
        let root = if self.root.is_some() { "the root given" } else { "AMD's roots, built in" };
        let crl = if self.crl.is_some() { "revocation asked" } else { "revocation not asked" };
        format!("{root}; {crl}; valid at {}", UnixTime(time))
    }

    /// Are certificates named, that do not stand beside the report?
    pub(crate) fn has_certificates(&self) -> bool {
        self.vek.is_some() || self.certificates.is_some()
    }

    fn read(&self, claims: &AttestationReport, beside: &Evidence) -> anyhow::Result<Endorsements> {
        let vek = evidence::read_given(self.vek.as_ref(), self.verbose)?;
        let chain = evidence::read_given(self.chain.as_ref(), self.verbose)?;
        let table = evidence::read_given(self.certificates.as_ref(), self.verbose)?;
        let sources = Sources {
            signer: evidence_of(&vek),
            authorities: evidence_of(&chain),
            table: evidence_of(&table),
            beside: Some(beside),
        };
        sources.read(claims.key_info.signing_key()).map_err(|error| {
            let file = match &error {
                EndorsementError::NoSigner => {
                    let said = "a report alone proves nothing, anybody can write one: give the VCEK or VLEK that signed it with --vek, or \
                                      the host's table with --certificates"
                        .to_owned();
                    let addresses = vcek_addresses(claims).into_iter();
                    let next = addresses.map(|address| format!("AMD's key server has it: {address}"));
                    return Steps { said, next: next.collect(), insecure: true }.into();
                }
                EndorsementError::Signer(_) | EndorsementError::NoCertificate => vek,
                EndorsementError::Authorities(_)
                | EndorsementError::NoAuthority
                | EndorsementError::Twice => chain,
                EndorsementError::NotInTable(_) => table,
                _ => None,
            };
            match file {
                Some((name, _)) => anyhow::Error::new(error).context(name),
                None => error.into(),
            }
        })
    }
}

/// The present, in unix seconds.
pub(crate) fn now() -> anyhow::Result<u64> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map(|time| time.as_secs());
    time.context("the clock is before 1970: give --time")
}

/// A root that is named: one certificate, in any form.
fn read_root(path: &Path, verbose: bool) -> anyhow::Result<CaCertificate> {
    let (name, evidence) = evidence::read(path, verbose)?;
    let [root] = evidence.certificates() else {
        bail!("{name}: {} certificates, wanted the root's alone", evidence.certificates().len());
    };
    CaCertificate::parse(root).with_context(|| name)
}

fn evidence_of(given: &Option<(String, Evidence)>) -> Option<&Evidence> {
    given.as_ref().map(|(_, evidence)| evidence)
}

impl Verification {
    pub(crate) fn answer(&self) -> Answer {
        self.report.is_ok().into()
    }

    /// The report's fields; `None` if it is not believed.
    pub(crate) fn fields(&self) -> Option<Fields> {
        let report = self.report.as_ref().ok()?;
        Some(fields(report.report(), Some(TcbLayout::of(report.generation()))))
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
