//! The attestation service beside libvirt: the demo, which trusts the simulated platform, and what its audit says.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Run;
use super::attested::{Defined, NOTHING};

impl Run<'_> {
    /// Starts the service; its address.
    pub(super) fn service(&mut self) -> Result<String> {
        let start = "./sev-launch-server --demo --platform certs --folder demo --listen 127.0.0.1:0 >demo.txt 2>demo.log </dev/null &";
        self.inside.must(&["sh", "-c", start])?;
        for _ in 0..80 {
            let said = self.inside.read("demo.txt").unwrap_or_default();
            let address = said.lines().find_map(|line| line.strip_prefix("service "));
            if let (Some(address), true) = (address, said.contains("store ")) {
                return Ok(address.trim().to_owned());
            }
            self.inside.must(&["sleep", "0.25"])?;
        }
        bail!("the service does not begin: {}", self.inside.read("demo.log")?)
    }

    /// What the service's audit has of a guest since it was registered, in order.
    pub(super) fn audit(
        &mut self,
        what: &'static str,
        defined: &Defined,
        wanted: &str,
    ) -> Result<()> {
        let found: Vec<String> = self.records(defined)?.iter().filter_map(told).collect();
        let found = if found.is_empty() { NOTHING.to_owned() } else { found.join(", ") };
        self.came(what, wanted, &found);
        Ok(())
    }

    /// How often it has that the secret was released.
    pub(super) fn releases(&mut self, defined: &Defined, wanted: usize) -> Result<()> {
        let records = self.records(defined)?;
        let is = |record: &Value, name: &str| record["facts"][name] == true;
        let released = |record: &&Value| is(record, "released") || is(record, "released-again");
        let found = records.iter().filter(released).count();
        self.came("releases in the service's audit", &wanted.to_string(), &found.to_string());
        Ok(())
    }

    /// The audit's records of a guest.
    fn records(&mut self, defined: &Defined) -> Result<Vec<Value>> {
        self.inside.must(&["rm", "-f", "audit.json"])?;
        let fetch =
            "timeout 60 ./sev-launch-remote --services demo/auditor.toml audit --output audit.json";
        self.inside.must(&fetch.split(' ').collect::<Vec<_>>())?;
        let mut records = Vec::new();
        for page in self.inside.read("audit.json")?.lines() {
            let page: Value = serde_json::from_str(page)?;
            for line in page["lines"].as_array().context("a page of the audit")? {
                let record: Value = serde_json::from_str(line.as_str().context("a record")?)?;
                if record["vmid"] == defined.uuid.as_str() {
                    records.push(record);
                }
            }
        }
        Ok(records)
    }
}

/// A record in few words; nothing of what the owner did, and of what was found later.
fn told(record: &Value) -> Option<String> {
    let action = record["action"].as_str()?;
    if matches!(action, "register" | "explain") {
        return None;
    }
    let is = |name: &str| record["facts"][name] == true;
    let more = if record["outcome"] == "refused" {
        record["reason"].as_str().or(Some("refused"))
    } else if is("released-again") {
        Some("released again")
    } else if is("released") {
        Some("released")
    } else {
        record["facts"]["result"].as_str()
    };
    Some(more.map_or_else(|| action.to_owned(), |more| format!("{action}: {more}")))
}
