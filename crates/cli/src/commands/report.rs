//! `sev-launch report`: an SNP guest's attestation report shown, verified, and held against requirements.
//!
//! What it shares with `verify` is in [`snp`](crate::snp).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sev_launch_abi::snp;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_abi::snp::tcb::TcbLayout;
use sev_launch_verify::snp::product::CpuId;

use super::beside;
use crate::args::{flag_ids, snp_digest, snp_policy};
use crate::exit::Answer;
use crate::guest::args::Guest;
use crate::snp::appraisal::{self, Appraisal};
use crate::snp::demands::DemandFlags;
use crate::snp::endorsement::EndorsementFlags;
use crate::snp::evidence::{ReportFile, unwrapped};
use crate::snp::fields::fields;
use crate::snp::verdict::ReportView;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch report show report.bin
  sev-launch report verify report.bin --vek vcek.der --crl crl.der
  sev-launch report appraise report.bin --certificates table.bin --report-data HEX \\
      --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan \\
      --min-tcb bootloader=4,tee=0,snp=24,microcode=219

The VCEK or VLEK comes from the host (its certificate table) or from AMD's key server; ASK, ASVK and
ARK are built in.

Exit codes:
  0  yes: authentic, and for appraise also as demanded
  1  no: it is not
  2  could not decide: wrong usage, malformed input, a missing file
  3  refused as insecure: debugging or a migration agent allowed and not accepted, or no
     certificate to verify with";

/// What the long help of `fetch` adds.
const FETCH_LONG_HELP: &str = "\
Examples:
  sev-launch report fetch --vmid UUID
  sev-launch report fetch --vmid UUID --vek vcek.der --json
  sev-launch report fetch -- --help

The agent is a program of its own, sev-launch-agent, which is looked for beside this command's
own file and nowhere else, and takes its place. It asks the service for a nonce, has the processor
sign it, and shows the service the report. docs/agent.md says how the service is named.

Exit codes, of the agent:
  0  the owner's service trusts this guest
  1  the owner said no
  2  it could not be decided, or there is no such program beside this one";

/// Attestation reports.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Report {
    /// Name every field of a report; nothing is verified.
    #[command(after_long_help = LONG_HELP)]
    Show {
        /// The report, in any form: raw, hex, base64, with its certificate table, in Azure's envelope, in JSON.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Verify a report's signature and the chain of certificates above it: a line for each check.
    #[command(after_long_help = LONG_HELP)]
    Verify(Box<Verify>),
    /// Verify a report and compare it with what is demanded: a line for each demand.
    #[command(after_long_help = LONG_HELP)]
    Appraise(Box<Appraise>),
    /// In a guest of SEV-SNP: fetch a report with the nonce of the owner's service, and have it validated.
    ///
    /// `sev-launch-agent` does it, a program of its own beside this one; everything that follows is for it.
    #[command(after_long_help = FETCH_LONG_HELP)]
    Fetch {
        /// What the agent is told: `-- --help` lists it.
        #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Verify a report's signature and the chain of certificates above it: a line for each check.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The report, in any form: raw, hex, base64, with its certificate table, in Azure's envelope, in JSON.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    endorsement: EndorsementFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Verify a report and compare it with what is demanded: a line for each demand.
#[derive(Debug, clap::Args)]
pub(crate) struct Appraise {
    /// The report, in any form: raw, hex, base64, with its certificate table, in Azure's envelope, in JSON.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Leave warnings and notes out.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    #[command(flatten)]
    endorsement: EndorsementFlags,
    /// A launch digest that is accepted, where it is known already. May repeat. Without any, and without a guest, none is.
    #[arg(long, visible_alias = "launch-digest", value_name = "HASH", value_parser = snp_digest, conflicts_with_all = flag_ids::<Guest>(), help_heading = "Expected launch")]
    measurement: Vec<snp::LaunchDigest>,
    #[command(flatten)]
    guest: Guest,
    /// The policy that the guest must have, exactly, as 0x30000 or SMT [default: any without debugging and migration agent].
    #[arg(long, value_name = "POLICY", value_parser = snp_policy, help_heading = "Demands")]
    policy: Option<Policy>,
    /// Accept a policy that allows debugging: the host can then read the guest's memory.
    #[arg(long, help_heading = "Demands")]
    allow_debug: bool,
    #[command(flatten)]
    demands: DemandFlags,
}

impl Report {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Show { file, json } => show(file, *json),
            Self::Verify(verify) => verify.run(),
            Self::Appraise(appraise) => appraise.run(),
            Self::Fetch { arguments } => {
                let words = ["report", "fetch"].map(OsString::from);
                beside::start("sev-launch-agent", words.into_iter().chain(arguments.clone()))
            }
        }
    }
}

fn show(file: &Path, json: bool) -> anyhow::Result<Answer> {
    let file = ReportFile::read(file, false)?;
    let claims = file.report.claims();
    let layout = claims.cpuid.and_then(CpuId::generation).map(TcbLayout::of);
    ReportView::not_verified(fields(&claims, layout), unwrapped(&file.evidence)).output(json)?;
    Ok(Answer::Yes)
}

impl Verify {
    fn run(&self) -> anyhow::Result<Answer> {
        let file = ReportFile::read(&self.file, self.endorsement.verbose)?;
        let verification = self.endorsement.verify(&file)?;
        let answer = verification.answer();
        ReportView::of(&verification, unwrapped(&file.evidence)).output(self.json)?;
        Ok(answer)
    }
}

impl Appraise {
    /// What `explain` is given besides the flags of the guest, where one is described.
    fn why(&self) -> Option<Vec<String>> {
        let file = self.file.to_str().filter(|_| self.guest.is_given())?;
        Some(vec!["--report".to_owned(), file.to_owned()])
    }

    fn run(&self) -> anyhow::Result<Answer> {
        let demands = self.demands.read(self.policy)?;
        let expected = if self.measurement.is_empty() && !self.guest.is_given() {
            appraisal::demanded(&demands, &self.guest)?.unwrap_or_default()
        } else if self.measurement.is_empty() {
            appraisal::of_guest(&self.guest, None, self.policy)?
        } else {
            appraisal::given(&self.measurement)
        };
        Appraisal {
            file: &self.file,
            endorsement: &self.endorsement,
            flags: &self.demands,
            demands,
            allow_debug: self.allow_debug,
            expected,
            checked: Vec::new(),
            why: self.why(),
            json: self.json,
            quiet: self.quiet,
        }
        .run()
    }
}
