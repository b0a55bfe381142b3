//! `resume`, `drop` and `list`: launches that are not over.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use sev_launch_abi::text::{self, printable};
use sev_launch_protocol::text::VmId;

use super::asked::Asked;
use super::ended::{give_up, goes_on, guest, stands};
use super::{End, runs, teller};
use crate::dance;
use crate::journal::{Place, Step};
use crate::vmm::Started;

/// Go on with a launch whose agent ended before it was over.
#[derive(Debug, clap::Args)]
pub(super) struct Resume {
    /// The guest.
    #[arg(value_name = "UUID")]
    vmid: VmId,
}

impl Resume {
    pub(super) fn run(&self, asked: &Asked) -> anyhow::Result<End> {
        let mut tell = teller(asked.quiet);
        let (journal, entry) = asked.folder()?.take(self.vmid)?;
        let mut entry = entry
            .with_context(|| format!("no launch of guest {} is open: it is over", self.vmid))?;
        let owner = asked.again(self.vmid, &entry.owner)?;
        let there = if entry.step > Step::Asking { guest(&journal, &entry)? } else { None };
        let Some(mut guest) = there else {
            dance::abandon(&*owner, &journal, &entry);
            bail!(
                "the guest is gone, or was never started; its launch is given up, and another one may begin"
            );
        };
        // It stands at a monitor of its own, so it was started.
        entry.step = entry.step.max(Step::Started);
        journal.write(&entry)?;
        let outcome = dance::finish(
            &*owner,
            &mut *guest,
            &journal,
            &mut entry,
            &Started::default(),
            &mut tell,
        );
        let outcome = outcome
            .with_context(|| format!("{}{}", stands(&mut *guest), goes_on(&journal, &entry)))?;
        runs(asked, &entry, outcome, &mut tell);
        Ok(End::Done)
    }
}

/// Give a launch up whose agent ended before it was over, and end its guest.
#[derive(Debug, clap::Args)]
pub(super) struct GiveUp {
    /// The guest.
    #[arg(value_name = "UUID")]
    vmid: VmId,
}

impl GiveUp {
    pub(super) fn run(&self, asked: &Asked) -> anyhow::Result<End> {
        let mut tell = teller(asked.quiet);
        let (journal, entry) = asked.folder()?.take(self.vmid)?;
        let entry = entry
            .with_context(|| format!("no launch of guest {} is open: it is over", self.vmid))?;
        if entry.step > Step::Asking
            && let Some(mut guest) = guest(&journal, &entry)?
        {
            guest.end()?;
        }
        give_up(asked, &journal, &entry, &mut tell)?;
        tell("the launch is given up, and its guest is ended");
        if asked.json {
            print(&json!({ "outcome": "dropped", "vmid": self.vmid, "launch-id": entry.launch }));
        }
        Ok(End::Done)
    }
}

/// JSON, with what a terminal would obey escaped.
fn print(value: &Value) {
    println!("{}", text::json(&value.to_string()));
}

/// Lists the launches that are not over: guest, step, place.
pub(super) fn list(asked: &Asked) -> anyhow::Result<End> {
    let folder = asked.folder()?;
    for vmid in folder.open_launches()? {
        let entry = match folder.read(vmid) {
            Ok(entry) => entry,
            Err(error) => {
                let text = error.to_string();
                if asked.json {
                    print(&json!({ "vmid": vmid, "text": text }));
                } else {
                    println!("{vmid}  {}", printable(&text));
                }
                continue;
            }
        };
        // It was over in the meantime.
        let Some(entry) = entry else { continue };
        if asked.json {
            let listed = json!({
                "vmid": vmid, "launch-id": entry.launch, "step": entry.step,
                "owner": entry.owner, "place": entry.place, "expires-at": entry.expires,
            });
            print(&listed);
            continue;
        }
        let step = match entry.step {
            Step::Asking => "asked for a session",
            Step::Starting => "starting",
            Step::Started => "waits for the owner's yes",
            Step::Releasing => "validated, may not run yet",
        };
        let place = match &entry.place {
            Place::Qemu { monitor, .. } => format!("qemu {}", monitor.display()),
            Place::Libvirt { domain, .. } => format!("libvirt {domain}"),
        };
        println!("{vmid}  {step}  {}", printable(&place));
    }
    Ok(End::Done)
}
