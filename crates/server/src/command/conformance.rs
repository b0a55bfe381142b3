//! Trying whether a service keeps the protocol.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use zeroize::Zeroizing;

use super::serve::runtime;
use crate::conformance::{Ran, Settings, read_platform, run};

/// Which service, and with what.
#[derive(Args)]
pub(super) struct Conformance {
    /// The service's base, such as http://127.0.0.1:8480/v1.
    #[arg(long, value_name = "URL")]
    url: String,
    /// A token with vm:read and vm:write.
    #[arg(long, value_name = "TOKEN")]
    owner: String,
    /// A token with launch.
    #[arg(long, value_name = "TOKEN")]
    launcher: String,
    /// A token with audit:read.
    #[arg(long, value_name = "TOKEN")]
    auditor: String,
    /// A token of another tenant with vm:read and vm:write.
    #[arg(long, value_name = "TOKEN")]
    other_owner: Option<String>,
    /// The simulated platform (`sev-launch platform new`) whose authority the service trusts.
    #[arg(long, value_name = "FOLDER")]
    platform: PathBuf,
    /// For https: the certificates (PEM) of the authorities that may have signed the service's.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl std::fmt::Debug for Conformance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Conformance({})", self.url)
    }
}

impl Conformance {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let ca = self
            .ca
            .map(|path| std::fs::read(&path).with_context(|| format!("--ca: {}", path.display())));
        let settings = Settings {
            url: self.url,
            owner: Zeroizing::new(self.owner),
            launcher: Zeroizing::new(self.launcher),
            auditor: Zeroizing::new(self.auditor),
            other_owner: self.other_owner.map(Zeroizing::new),
            platform: read_platform(&self.platform).context("--platform")?,
            ca: ca.transpose()?,
            observer: None,
        };
        // Where nobody reads any more the exit code still says it.
        let say = |line: &str| drop(writeln!(std::io::stdout(), "{line}"));
        let tell = |ran: &Ran| {
            if !self.json {
                say(&ran.line());
            }
        };
        let report = runtime()?.block_on(run(settings, tell))?;
        if self.json {
            say(&serde_json::to_string_pretty(&report)?);
        } else {
            let [kept, broken, skipped, undecided] = report.counts();
            say(&format!("{kept} kept, {broken} broken, {skipped} skipped, {undecided} undecided"));
        }
        Ok(ExitCode::from(report.exit_code()))
    }
}
