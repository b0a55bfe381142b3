//! `sev-launch audit`: verifies the audit of an attestation service without the service. The rule is `sev_launch_protocol::audit`'s.

mod lines;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Serialize;
use sev_launch_protocol::audit::{AuditError, Chain, Checkpoint, Head, Summary, verify_checkpoint};
use sev_launch_protocol::text::Exact;
use sev_launch_protocol::views::CheckpointList;

use crate::exit::Answer;
use crate::{blob, inputs, output};

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  curl -H \"Authorization: Bearer $AUDITOR\" $SERVICE/audit >audit.json
  curl -H \"Authorization: Bearer $AUDITOR\" $SERVICE/audit/checkpoints >checkpoints.json
  sev-launch audit verify audit.json --from-start
  sev-launch audit verify audit.json --from-start --checkpoints checkpoints.json --key audit.key

FILE is what GET /audit answered, one page or several in a row, or the records themselves, one a
line. Each record holds the hash of the one before, so a record that was changed, dropped, or put
in breaks the chain. Whoever has the file could cut off its end, or write all of it anew: that is
seen by checkpoints alone, which the service signs. Their key must come from the service when it
was trusted, and not with the file.

Exit codes:
  0  every record follows from the one before, and the checkpoints agree
  1  a record was changed, or records are missing
  2  it could not be decided: no audit, an unreadable file, a checkpoint that the key did not sign";

/// The longest audit that is read, in bytes.
const MOST: usize = 1 << 30;
/// The longest list of checkpoints, in bytes.
const MOST_CHECKPOINTS: u64 = 1 << 26;

/// The audit of an attestation service.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Audit {
    /// Say whether an audit is whole: that no record was changed, dropped or put in.
    #[command(after_long_help = LONG_HELP)]
    Verify(Verify),
}

/// Say whether an audit is whole: that no record was changed, dropped or put in.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The audit: pages of GET /audit, or records, one a line; - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Checkpoints, as GET /audit/checkpoints answers them.
    #[arg(long, value_name = "FILE", requires = "key")]
    checkpoints: Option<PathBuf>,
    /// The key of checkpoints, 97 bytes: a file with them, or they themselves in hex or base64.
    #[arg(long, value_name = "FILE|HEX", requires = "checkpoints")]
    key: Option<String>,
    /// Demand that it begins with the first record that there ever was.
    #[arg(long)]
    from_start: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The document of `audit verify --json`; its schema is `docs/schemas/audit-verify.schema.json`.
#[derive(Serialize)]
struct Verified {
    version: u32,
    answer: Answer,
    /// Why not.
    reason: Option<String>,
    tenant: Option<String>,
    records: u64,
    /// The number of the first record, and of the last one that was verified.
    from: Option<u64>,
    to: Option<u64>,
    first: Option<String>,
    last: Option<String>,
    releases: u64,
    refusals: BTreeMap<String, u64>,
    /// The hash of the last record that was verified.
    head: Option<String>,
    /// How many checkpoints were held against it.
    checkpoints: u64,
    /// What is not shown by a yes.
    unproven: Vec<String>,
}

impl Audit {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Verify(verify) => verify.run(),
        }
    }
}

impl Verify {
    fn run(&self) -> anyhow::Result<Answer> {
        let bytes = inputs::read_piped(&self.file, MOST)?;
        let name = || inputs::name(&self.file);
        let mut chain = if self.from_start { Chain::after(Head::EMPTY) } else { Chain::default() }
            .with_checkpoints(self.points()?);
        let mut summary = Summary::default();
        let walked = lines::each(&bytes, |line| {
            let record = chain.verify(line)?;
            summary.add(&record);
            Ok(())
        })
        .with_context(name)?;
        let found = walked.and_then(|()| chain.end());
        let reason = match found {
            // What is no record from its first line on, or another tenant's, is no audit that somebody changed.
            Err(
                error
                @ (AuditError::Malformed { line: 1, .. } | AuditError::Tenant { line: 1, .. }),
            ) => {
                return Err(error).with_context(name);
            }
            Err(error) => Some(error.to_string()),
            Ok(_) if summary.records == 0 => {
                bail!(
                    "{}: it holds no record, and nothing of an audit is nothing to verify",
                    name()
                )
            }
            Ok(_) => None,
        };
        let head = chain.head().filter(|head| head.seq > 0);
        let verified = Verified {
            version: 1,
            answer: reason.is_none().into(),
            unproven: match &reason {
                None => unproven(&chain),
                Some(_) => Vec::new(),
            },
            reason,
            tenant: summary.tenant,
            records: summary.records,
            from: chain.begun(),
            to: head.map(|head| head.seq),
            first: summary.first,
            last: summary.last,
            releases: summary.releases,
            refusals: summary.refusals,
            head: head.map(|head| hex::encode(head.hash)),
            checkpoints: chain.compared(),
        };
        output::print(self.json, &verified, |out| verified.print(out))?;
        Ok(verified.answer)
    }

    /// The checkpoints, each of them signed by the key.
    fn points(&self) -> anyhow::Result<Vec<Checkpoint>> {
        let Some((path, key)) = self.checkpoints.as_deref().zip(self.key.as_deref()) else {
            return Ok(Vec::new());
        };
        let key = Exact(read_key(key)?);
        let bytes = inputs::read_file(path, MOST_CHECKPOINTS)?;
        let name = || inputs::name(path);
        let list: CheckpointList = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: wanted what GET /audit/checkpoints answers", name()))?;
        let signed = |one| verify_checkpoint(&key, one).with_context(name);
        list.items.iter().try_for_each(signed)?;
        if list.items.is_empty() {
            bail!("{}: it holds no checkpoint", name());
        }
        Ok(list.items.into_iter().map(|one| one.checkpoint).collect())
    }
}

/// What a yes does not show.
fn unproven(chain: &Chain) -> Vec<String> {
    let mut unproven = Vec::new();
    let begun = chain.begun().unwrap_or_default();
    if begun > 1 {
        unproven.push(format!("the records before {begun}, which are not in the file"));
    }
    let end = chain.head().map_or(0, |head| head.seq);
    match chain.covered() {
        Some(covered) if covered >= begun => {
            if covered < end {
                unproven.push(format!(
                    "the records after {covered}, where the last checkpoint stands: later ones may be cut off or written anew"
                ));
            }
        }
        _ => unproven.push(
            "that nothing was cut off at its end, and that nobody wrote it anew: no checkpoint of it was given"
                .to_owned(),
        ),
    }
    unproven
}

/// The key as it was typed, or the file with it.
fn read_key(text: &str) -> anyhow::Result<[u8; 97]> {
    const WHAT: &str = "key of checkpoints";
    match blob::typed_array(WHAT, text) {
        Ok(key) => Ok(key),
        Err(error) if !inputs::exists(Path::new(text)) => {
            Err(error).with_context(|| format!("--key: {text:?} is no file, and no key"))
        }
        Err(_) => blob::read_array(WHAT, Path::new(text)),
    }
}

impl Verified {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.reason {
            None => writeln!(out, "yes: every record follows from the one before")?,
            Some(reason) => writeln!(out, "no: {reason}")?,
        }
        let mut line = |name: &str, value: &dyn Display| writeln!(out, "  {name:<11} {value}");
        if let Some(tenant) = &self.tenant {
            line("tenant", tenant)?;
        }
        line("records", &self.records)?;
        if let (Some(from), Some(to)) = (self.from, self.to) {
            line("numbers", &format_args!("{from} to {to}"))?;
        }
        if let (Some(first), Some(last)) = (&self.first, &self.last) {
            line("times", &format_args!("{first} to {last}"))?;
        }
        line("releases", &self.releases)?;
        line("refusals", &self.refusals.values().sum::<u64>())?;
        for (code, count) in &self.refusals {
            line("", &format_args!("{code}: {count}"))?;
        }
        line("checkpoints", &self.checkpoints)?;
        if let Some(head) = &self.head {
            line("head", head)?;
        }
        for what in &self.unproven {
            line("unproven", what)?;
        }
        Ok(())
    }
}
