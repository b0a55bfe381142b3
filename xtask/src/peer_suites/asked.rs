//! Our command, asked about a report: by flags, and by a policy of go-sev-guest's as it imports it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::call::Call;

/// The day that is asked about: every certificate of the suites is valid.
const TIME: &str = "2025-06-01T00:00:00Z";

/// A report with what is given beside it each time.
pub(super) struct Evidence<'a> {
    pub(super) program: &'a Path,
    /// Where policies are written.
    pub(super) folder: &'a Path,
    pub(super) report: PathBuf,
    pub(super) vek: PathBuf,
    /// Are the demands of policies written as JSON, and not as TOML?
    pub(super) is_json: bool,
    /// Flags of each run: certificates, what is accepted.
    pub(super) flags: Vec<String>,
    /// The launch digest of the report, in hex: without one, ours accepts nothing.
    pub(super) digest: String,
}

/// What our command has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) is_yes: bool,
    /// The demands that are not met, by their names.
    pub(super) unmet: Vec<String>,
    /// In a few words.
    pub(super) told: String,
    /// Was it neither yes nor no?
    pub(super) is_refused: bool,
    /// The message of a refusal.
    pub(super) said: String,
}

#[derive(Deserialize)]
struct Verdict {
    demands: Vec<Demand>,
}

#[derive(Deserialize)]
struct Demand {
    field: String,
    met: Option<bool>,
}

impl Evidence<'_> {
    /// Asks with flags alone.
    pub(super) fn by_flags(&self, flags: &[String]) -> Result<Answered> {
        let has_digest = flags.iter().any(|flag| flag.starts_with("--launch-digest"));
        self.ask(flags, has_digest)
    }

    /// Asks; with the report's own digest where nothing else demands one.
    fn ask(&self, flags: &[String], has_digest: bool) -> Result<Answered> {
        let call = Call::new(self.program, "verify --quiet --json --time").arg(TIME);
        let call = call.arg("--report").arg(&self.report).arg("--vek").arg(&self.vek);
        let mut call = call.args(&self.flags).args(flags);
        if !has_digest {
            call = call.arg("--launch-digest").arg(&self.digest);
        }
        let output = call.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or_default();
        let code = output.status.code().context("our command was ended from outside")?;
        if !matches!(code, 0 | 1) {
            return Ok(Answered::refused(code, said));
        }
        let Verdict { demands } = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("exit code {code}, and no verdict in JSON: {said}"))?;
        let unmet = demands.into_iter().filter(|demand| demand.met == Some(false));
        let unmet: Vec<String> = unmet.map(|demand| demand.field).collect();
        let told = match code {
            0 => "yes".to_owned(),
            _ => format!("no: {}", unmet.join(", ")),
        };
        Ok(Answered { is_yes: code == 0, unmet, told, is_refused: false, said: String::new() })
    }

    /// Asks with a policy as it is imported, with the flags that the importer names for what the policy permits, and with more flags.
    pub(super) fn by_policy(&self, fields: &str, flags: &[String]) -> Result<Answered> {
        let policy = self.folder.join("policy.textproto");
        fs::write(&policy, format!("policy {{\n{fields}}}\n"))?;
        let import = Call::new(self.program, "import check-policy").arg(&policy);
        let (import, name) = match self.is_json {
            true => (import.arg("--json"), "demands.json"),
            false => (import, "demands.toml"),
        };
        let demands = self.folder.join(name);
        let output = import.arg("-o").arg(&demands).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().context("our command was ended from outside")?;
        if code != 0 {
            let said = said.lines().next().unwrap_or_default();
            return Ok(Answered::refused(
                code,
                &said.replace(&policy.display().to_string(), "import"),
            ));
        }
        let permits = said.split_whitespace().filter(|word| word.starts_with("--allow-"));
        let permits = permits
            .map(str::to_owned)
            .filter(|permit| !self.flags.contains(permit) && !flags.contains(permit));
        let with_file = format!("--demands={}", demands.display());
        let all: Vec<String> = permits.chain([with_file]).chain(flags.iter().cloned()).collect();
        self.ask(&all, fields.contains("measurement: "))
    }
}

impl Answered {
    fn refused(code: i32, said: &str) -> Self {
        let (told, said) = (format!("refused with exit code {code}"), said.to_owned());
        Self { is_yes: false, unmet: Vec::new(), told, is_refused: true, said }
    }
}

/// Bytes as protobuf's text has them.
pub(super) fn escaped(bytes: &[u8]) -> String {
    let escapes: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    format!("\"{escapes}\"")
}
