//! What an audit says, counted: from its records, each of which was verified before.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Records, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many.
    pub records: u64,
    /// The first one's time, as it is written.
    pub first: Option<String>,
    /// The last one's time.
    pub last: Option<String>,
    /// The tenant of the first one.
    pub tenant: Option<String>,
    /// Records by which secrets left the service. A packet that was asked for again, and answered as before, is counted again.
    pub releases: u64,
    /// What was refused, by its code.
    pub refusals: BTreeMap<String, u64>,
}

impl Summary {
    /// Counts one more record, as [`Chain::verify`](super::Chain::verify) gives it.
    pub fn add(&mut self, record: &Map<String, Value>) {
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        self.records = self.records.saturating_add(1);
        self.last = text("time");
        if self.first.is_none() {
            self.first.clone_from(&self.last);
        }
        self.tenant = self.tenant.take().or_else(|| text("tenant"));
        let facts = record.get("facts").and_then(Value::as_object);
        let says = |name: &str| facts.and_then(|facts| facts.get(name)) == Some(&Value::Bool(true));
        if says("released") || says("released-again") {
            self.releases = self.releases.saturating_add(1);
        }
        if text("outcome").as_deref() == Some("refused") {
            let code = text("reason").unwrap_or_default();
            let count = self.refusals.entry(code).or_default();
            *count = count.saturating_add(1);
        }
    }
}
