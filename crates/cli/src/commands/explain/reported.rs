//! What was reported: a launch digest, an SNP report, or a launch measurement with what it is keyed by.

use std::path::{Path, PathBuf};

use crate::args::sev_policy;
use anyhow::{Context, bail};
use sev_launch_abi::sev::policy::{Flag, Policy};
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_description::Description;
use sev_launch_evidence::blob::launch_digest;
use sev_launch_evidence::reported::{self, Reported as Given};
use sev_launch_explain::Reported;

use crate::sev::evidence::EvidenceFlags;
use crate::sev::keys::read_tik;
use crate::snp::evidence::{ReportFile, told};
use crate::{inputs, output};

/// The value to be explained.
#[derive(Debug, clap::Args)]
pub(super) struct ReportedFlags {
    /// The launch digest that was reported: 32 bytes in SEV and SEV-ES, 48 in SNP, in hex or base64; or the SNP report that has it,
    /// in any form. Typed, in a file, or - for standard input.
    #[arg(long, value_name = "HASH", help_heading = "Reported")]
    reported: Option<String>,
    /// The SNP report whose MEASUREMENT it is, in any form: raw, hex, base64, with its certificate table, in Azure's envelope, in JSON.
    /// Its signature is not looked at.
    #[arg(long, value_name = "FILE", conflicts_with = "reported", help_heading = "Reported")]
    report: Option<PathBuf>,
    #[command(flatten)]
    evidence: EvidenceFlags,
    /// The TIK of the session that the measurement is of: 16 bytes, raw, hex or base64.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reported", "report"], help_heading = "Reported")]
    tik: Option<PathBuf>,
    /// The policy that the session was made for, as 0x5 or NODBG+ES [default: the description's].
    #[arg(long, value_name = "POLICY", value_parser = sev_policy, requires = "tik", conflicts_with_all = ["reported", "report"], help_heading = "Reported")]
    policy: Option<Policy>,
}

impl ReportedFlags {
    /// The technology that it is of; `None` if that is not to be seen in the flags.
    pub(super) fn technology(&self) -> Option<Technology> {
        let of_report = self.report.is_some().then_some(Technology::Snp);
        of_report.or_else(|| self.policy.map(Policy::technology))
    }

    /// Reads it.
    pub(super) fn read(
        &self,
        technology: Technology,
        description: &Description,
        quiet: bool,
    ) -> anyhow::Result<Reported> {
        if let Some(path) = &self.tik {
            return self.measurement(path, technology, description);
        }
        if self.evidence.is_given() {
            bail!("a launch measurement is keyed: give the session's --tik FILE too");
        }
        match (&self.reported, &self.report, technology) {
            (Some(value), _, _) => given(value, technology, quiet),
            (None, Some(path), Technology::Snp) => {
                let report = ReportFile::read(path, false)?.report;
                if !quiet {
                    let text = format!("{}: its signature is not looked at", inputs::name(path));
                    output::remark("note", &text);
                }
                Ok(Reported::Snp(report.claims().measurement))
            }
            (None, Some(_), technology) => {
                bail!("a report is of an SNP guest, but a guest of {technology} is described")
            }
            (None, None, _) => bail!(
                "nothing was reported: give --reported HASH, --report FILE, or a launch measurement with --tik FILE"
            ),
        }
    }

    fn measurement(
        &self,
        tik: &Path,
        technology: Technology,
        description: &Description,
    ) -> anyhow::Result<Reported> {
        if technology == Technology::Snp {
            bail!("an SNP guest has no launch measurement: give --reported HASH or --report FILE");
        }
        let evidence = self.evidence.read()?;
        let (measurement, version) = self.evidence.claims(&evidence)?;
        let described = description.policy.as_ref().map(|field| u32::try_from(field.value));
        let described = described.transpose()?.map(Policy::from_bits);
        let policy = self.policy.or(described);
        let policy =
            policy.context("no policy: give --policy, the one that the session was made for")?;
        let is_es = policy.has(Flag::Es);
        if is_es != (technology == Technology::SevEs) {
            let of = if is_es { "a SEV-ES guest" } else { "a plain SEV guest" };
            bail!("policy {policy} is of {of}, but a guest of {technology} is described");
        }
        Ok(Reported::Measurement { tik: read_tik(tik)?, version, policy, measurement })
    }
}

/// The value of `--reported`: what was typed, or what is in the file that it names.
fn given(value: &str, technology: Technology, quiet: bool) -> anyhow::Result<Reported> {
    let path = Path::new(value);
    let is_file = value == "-" || path.exists();
    if is_file && launch_digest(technology, value).is_ok() {
        bail!(
            "--reported {value} is a launch digest, and a file has that name too: for the file write ./{value}, or move it away"
        );
    }
    let (name, bytes) = if is_file {
        let limit = usize::try_from(inputs::SMALL).unwrap_or(usize::MAX);
        (inputs::name(path), inputs::read_piped(path, limit)?)
    } else {
        ("--reported, where no file has that name".to_owned(), value.as_bytes().to_vec())
    };
    match reported::read(technology, &bytes).with_context(|| name.clone())? {
        Given::Digest(LaunchDigest::Sev(digest)) => Ok(Reported::Sev(digest)),
        Given::Digest(LaunchDigest::Snp(digest)) => Ok(Reported::Snp(digest)),
        Given::Report(evidence) => {
            if !quiet {
                let name = if is_file { &name } else { "--reported" };
                let said = format!("{name}: {}; its signature is not looked at", told(&evidence));
                output::remark("note", &said);
            }
            let report = evidence.unverified_report()?;
            Ok(Reported::Snp(report.claims().measurement))
        }
    }
}
