//! What the owner's audit says of the launches of guests, record by record.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};
use sev_launch_protocol::audit::{Chain, Head};

use crate::served::{Client, Request};

use super::site::Service;

/// One launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Launch {
    /// Was its packet released? Never twice.
    pub(super) is_released: bool,
    /// How often the same answer was given again, with the packet in it.
    pub(super) again: u64,
    /// What the host said of the packet.
    pub(super) acknowledged: Option<String>,
    /// Was its measurement another one?
    pub(super) is_refused: bool,
}

/// Follows an audit.
pub(super) struct Audited {
    client: Client,
    token: String,
    chain: Chain,
    seq: u64,
    /// Launches by their guests, and by their order in the audit.
    launches: BTreeMap<String, Vec<(String, Launch)>>,
}

impl Audited {
    pub(super) fn new(service: &Service) -> Result<Self> {
        Ok(Self {
            client: Client::default(),
            token: service.token("auditor")?,
            chain: Chain::after(Head::EMPTY),
            seq: 0,
            launches: BTreeMap::new(),
        })
    }

    /// Takes what there is more than before; a record that does not follow the one before it is an error.
    pub(super) fn follow(&mut self, service: &Service) -> Result<()> {
        loop {
            let path = format!("/audit?limit=1000&after={}", self.seq);
            let request = Request::new("GET", path, &self.token);
            let answer = self.client.ask(service.address, &request)?;
            ensure!(answer.status == 200, "the audit: {}", answer.told());
            let page = answer.json();
            for line in page.get("lines").and_then(Value::as_array).context("no lines")? {
                let record = self.chain.verify(line.as_str().unwrap_or_default())?;
                take(&mut self.launches, &record)
                    .with_context(|| Value::Object(record.clone()).to_string())?;
                self.seq += 1;
            }
            if page.get("next").and_then(Value::as_u64).is_none() {
                return Ok(());
            }
        }
    }

    /// The launches of a guest that were begun, the first ones left out.
    pub(super) fn launches(&self, vmid: &str, from: usize) -> Vec<Launch> {
        let all = self.launches.get(vmid).into_iter().flatten().skip(from);
        all.map(|(_, launch)| launch.clone()).collect()
    }

    /// How many there are of a guest.
    pub(super) fn count(&self, vmid: &str) -> usize {
        self.launches.get(vmid).map_or(0, Vec::len)
    }

    /// How many records there are.
    pub(super) fn records(&self) -> u64 {
        self.seq
    }
}

fn take(
    launches: &mut BTreeMap<String, Vec<(String, Launch)>>,
    record: &Map<String, Value>,
) -> Result<()> {
    let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
    let fact = |name: &str| record.get("facts").and_then(|facts| facts.get(name));
    let (action, id) = (text("action"), text("launch-id"));
    if id.is_empty() {
        return Ok(());
    }
    let of_guest = launches.entry(text("vmid").to_owned()).or_default();
    if action == "launch" && text("outcome") == "done" {
        ensure!(!of_guest.iter().any(|(known, _)| known == id), "a launch begins twice");
        of_guest.push((id.to_owned(), Launch::default()));
        return Ok(());
    }
    let found = of_guest.iter_mut().find(|(known, _)| known == id);
    let (_, launch) = found.context("of a launch that never began")?;
    launch.is_refused |= text("reason") == "measurement-mismatch";
    if fact("released") == Some(&Value::Bool(true)) {
        ensure!(!launch.is_released, "secrets are released twice");
        launch.is_released = true;
    }
    if fact("released-again") == Some(&Value::Bool(true)) {
        ensure!(launch.is_released, "what was never released is given again");
        launch.again += 1;
    }
    if action == "acknowledge" && text("outcome") == "done" {
        ensure!(launch.is_released, "nothing was released that could be acknowledged");
        ensure!(launch.acknowledged.is_none(), "it is acknowledged twice");
        launch.acknowledged = fact("result").and_then(Value::as_str).map(str::to_owned);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn taken(records: &[(&str, &str, Value)]) -> Result<Vec<(String, Launch)>> {
        let mut launches = BTreeMap::new();
        for (action, outcome, facts) in records {
            let record = json!({
                "vmid": "a guest", "launch-id": "a", "action": action, "facts": facts, "outcome": outcome,
            });
            take(&mut launches, record.as_object().unwrap())?;
        }
        Ok(launches.remove("a guest").unwrap_or_default())
    }

    #[test]
    fn what_happens_twice_is_an_error() {
        let launch = ("launch", "done", json!({}));
        let release = ("validate", "done", json!({ "released": true }));
        let again = ("replay", "done", json!({ "released-again": true }));
        let told = ("acknowledge", "done", json!({ "result": "injected" }));
        let good = [&launch, &release, &again, &again, &told].map(Clone::clone);
        let found = taken(&good).unwrap();
        let (_, found) = found.first().unwrap();
        let wanted = Launch {
            is_released: true,
            again: 2,
            acknowledged: Some("injected".into()),
            is_refused: false,
        };
        assert_eq!(*found, wanted);
        for bad in [
            vec![&release],
            vec![&launch, &launch],
            vec![&launch, &release, &release],
            vec![&launch, &again],
            vec![&launch, &told],
            vec![&launch, &release, &told, &told],
        ] {
            let bad: Vec<_> = bad.into_iter().cloned().collect();
            assert!(taken(&bad).is_err(), "{bad:?}");
        }
    }
}
