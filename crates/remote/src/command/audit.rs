//! The audit: fetched whole, and read for why launches were refused.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::{Map, Value};
use sev_launch_abi::text::json;
use sev_launch_client::Client;
use sev_launch_protocol::text::VmId;
use sev_launch_protocol::views::AuditPage;

use super::connect::Session;
use crate::files::{Private, STDIN};
use crate::output::{Lines, counted, print, print_json, remark};

/// Records on a page: the most that the protocol has.
const PAGE: u32 = 1000;

/// Fetch the audit, or say why launches were refused.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Audit {
    #[command(subcommand)]
    question: Option<Question>,
    /// The new file for the pages; - is standard output.
    #[arg(short, long, value_name = "FILE", required = true)]
    output: Option<PathBuf>,
    /// Only the records after this one: what was fetched before ends with it.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    follow_from: u64,
    /// Fetch the newest checkpoints too, into this new file.
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Question {
    /// Say of each refusal of a guest what was found to differ.
    Why {
        /// The guest's UUID.
        vmid: VmId,
        /// Only the records after this one.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        follow_from: u64,
    },
}

impl Audit {
    pub(super) fn run(&self, session: &Session) -> anyhow::Result<()> {
        match (&self.question, &self.output) {
            (Some(Question::Why { vmid, follow_from }), _) => why(session, *vmid, *follow_from),
            (None, Some(output)) => self.fetch(session, output),
            // The arguments' reader has refused it.
            (None, None) => Ok(()),
        }
    }

    fn fetch(&self, session: &Session, output: &Path) -> anyhow::Result<()> {
        let mut file = match output == Path::new(STDIN) {
            true => None,
            false => Some(Private::new(output)?),
        };
        let points = self.checkpoints.as_deref().map(Private::new).transpose()?;
        // Before the pages: a checkpoint of a record that is not in them would be a no to whoever verifies.
        if let Some(mut file) = points {
            let (_, bytes) = session.ask(Client::checkpoints)?;
            file.write(&bytes)?;
            file.keep()?;
        }
        let mut records = 0_u64;
        let last = each_page(session, self.follow_from, &mut |page, bytes| {
            records = records.saturating_add(u64::try_from(page.lines.len()).unwrap_or(u64::MAX));
            match &mut file {
                Some(file) => {
                    file.write(bytes)?;
                    file.write(b"\n")
                }
                // The same page to whoever reads JSON.
                None => print(format!("{}\n", json(&String::from_utf8_lossy(bytes))).as_bytes()),
            }
        })?;
        if let Some(file) = file {
            file.keep()?;
        }
        remark(
            "fetched",
            format_args!(
                "{}; those that come later are fetched by --follow-from {last}",
                counted(records, "record", "records")
            ),
        );
        Ok(())
    }
}

/// Every page after a record, and the number of the last record.
fn each_page(
    session: &Session,
    from: u64,
    take: &mut dyn FnMut(&AuditPage, &[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let mut after = from;
    loop {
        let (page, bytes) = session.ask(|client| client.audit(after, PAGE))?;
        take(&page, &bytes)?;
        let strange = || {
            format!(
                "{}: a page of the audit that does not follow the one before",
                session.address()
            )
        };
        let last = match page.lines.last() {
            Some(line) => number(line).with_context(strange)?,
            None => after,
        };
        let Some(next) = page.next else { return Ok(last) };
        // A page that goes back, or stays, would never end.
        ensure!(next > after && next == last, strange());
        after = next;
    }
}

fn record(line: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(line).ok()
}

fn number(line: &str) -> Option<u64> {
    record(line)?.get("seq")?.as_u64()
}

/// A refusal, and what was found to differ.
#[derive(Debug, PartialEq)]
struct Refusal {
    launch: Option<String>,
    head: String,
    found: Vec<String>,
    records: Vec<Value>,
}

/// Gathers the refusals of one guest.
#[derive(Debug, Default)]
struct Refusals(Vec<Refusal>);

impl Refusals {
    fn take(&mut self, line: &str, vmid: VmId) {
        let Some(record) = record(line) else { return };
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        if text("vmid") != Some(vmid.to_string().as_str()) {
            return;
        }
        let launch = text("launch-id").map(str::to_owned);
        match (text("action"), text("outcome")) {
            (Some("explain"), _) => {
                let found = record.get("facts").and_then(|facts| facts.get("found"));
                let found = found.and_then(Value::as_str).unwrap_or("nothing is said").to_owned();
                // It comes after its refusal, and others of the launch may stand between.
                let of = self.0.iter_mut().find(|one| one.launch == launch && one.waits());
                if let Some(refusal) = of {
                    refusal.found.push(found);
                    refusal.records.push(record.into());
                }
            }
            (Some(action @ ("launch" | "validate")), Some("refused")) => {
                let mut head = format!(
                    "{}  {action}: {}",
                    text("time").unwrap_or_default(),
                    text("reason").unwrap_or("refused")
                );
                if let Some(launch) = &launch {
                    head.push_str(&format!("  launch {launch}"));
                }
                if let Some(host) = record.get("facts").and_then(|facts| facts.get("host")) {
                    head.push_str(&format!("  host {}", host.as_str().unwrap_or_default()));
                }
                self.0.push(Refusal {
                    launch,
                    head,
                    found: Vec::new(),
                    records: vec![record.into()],
                });
            }
            _ => {}
        }
    }
}

impl Refusal {
    /// Is it one that is explained, and was not yet?
    fn waits(&self) -> bool {
        let reason = self.records.first().and_then(|record| record.get("reason"));
        self.found.is_empty() && reason.and_then(Value::as_str) == Some("measurement-mismatch")
    }
}

fn why(session: &Session, vmid: VmId, from: u64) -> anyhow::Result<()> {
    let mut refusals = Refusals::default();
    each_page(session, from, &mut |page, _| {
        page.lines.iter().for_each(|line| refusals.take(line, vmid));
        Ok(())
    })?;
    let refusals = refusals.0;
    if session.json {
        let records: Vec<_> = refusals.into_iter().flat_map(|one| one.records).collect();
        return print_json(&records);
    }
    lines(&refusals, vmid).print()
}

fn lines(refusals: &[Refusal], vmid: VmId) -> Lines {
    let mut lines = Lines::default();
    if refusals.is_empty() {
        lines.line(format_args!("no launch of {vmid} was refused"));
    }
    for refusal in refusals {
        lines.line(&refusal.head);
        for found in &refusal.found {
            found.split("; ").for_each(|part| lines.line(format_args!("  {part}")));
        }
        if refusal.waits() {
            lines.line("  what differs is not in the audit (yet)");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const VM: &str = "57f669c2-c427-4132-bc7a-26f56b6a718c";

    fn line(action: &str, rest: &str) -> String {
        format!(r#"{{"seq": 1, "time": "T", "action": "{action}", "vmid": "{VM}"{rest}}}"#)
    }

    // The members are those of a service's audit (docs/server.md).
    #[test]
    fn an_explanation_goes_with_the_refusal_of_its_launch() {
        let mut refusals = Refusals::default();
        let refused = |launch: &str, reason: &str| {
            line(
                "validate",
                &format!(
                    r#", "launch-id": "{launch}", "outcome": "refused", "reason": "{reason}""#
                ),
            )
        };
        let explained = |launch: &str, found: &str| {
            line(
                "explain",
                &format!(
                    r#", "launch-id": "{launch}", "outcome": "done", "facts": {{"found": "{found}"}}"#
                ),
            )
        };
        let vmid = VM.parse().expect("a UUID");
        for text in [
            line(
                "launch",
                r#", "outcome": "refused", "reason": "chain-owner", "facts": {"host": "node-17"}"#,
            ),
            refused("one", "measurement-mismatch"),
            refused("two", "measurement-mismatch"),
            refused("one", "measurement-mismatch"),
            explained("two", "initrd: none instead of file 0d"),
            explained("one", "vcpus: 4 instead of 2; kernel: file aa instead of file bb"),
            line("validate", r#", "launch-id": "one", "outcome": "done""#),
            explained("two", "not of a refusal")
                .replace(VM, "57f669c2-c427-4132-bc7a-26f56b6a718d"),
            "no record".to_owned(),
        ] {
            refusals.take(&text, vmid);
        }
        assert_eq!(
            lines(&refusals.0, vmid).text(),
            "\
T  launch: chain-owner  host node-17
T  validate: measurement-mismatch  launch one
  vcpus: 4 instead of 2
  kernel: file aa instead of file bb
T  validate: measurement-mismatch  launch two
  initrd: none instead of file 0d
T  validate: measurement-mismatch  launch one
  what differs is not in the audit (yet)
"
        );
        assert_eq!(lines(&[], vmid).text(), format!("no launch of {VM} was refused\n"));
    }
}
