//! What a description and a manifest's head both say must be the same: the launches are computed from the one, and evidence is
//! held against the other.

use std::path::Path;

use serde_json::{Map, Value};
use sev_launch_description::{Description, Field, Origin};
use sev_launch_sweep::id_block;
use sev_launch_verify::snp::demands::ReportDemands;

use crate::error::Error;
use crate::manifest::Head;

/// The keys that the head has too.
const SHARED: [&str; 3] = ["technology", "policy", "host_data"];

/// Refuses a head that its description contradicts. What the description does not say, it does not contradict; what it calls
/// unknown, the head cannot say, and who reads the manifest would ask for nothing.
pub(crate) fn check(head: &Head) -> Result<(), Error> {
    let Value::Object(fields) = &head.description else {
        return Err(Error::Description { place: String::new(), what: "no object" });
    };
    let shared: Map<String, Value> = SHARED
        .into_iter()
        .chain(["unknown", "harmless"])
        .filter_map(|key| Some((key.to_owned(), fields.get(key)?.clone())))
        .collect();
    let bytes = serde_json::to_vec(&shared)?;
    let found = Description::from_json(&bytes, &Origin::file("description"), Path::new(""))?;
    SHARED.into_iter().try_for_each(|key| found.check_known(key))?;
    let hex = |word: u64| format!("{word:#x}");
    id_block(head)?;
    agree("technology", &found.technology, Some(head.technology), |one| one.to_string())?;
    agree("policy", &found.policy, head.policy, hex)?;
    agree("host_data", &found.host_data, head.host_data, |data| data.to_string())
}

/// What an ID block in the description makes every report say.
///
/// Errors: an ID block that is none, or without its authentication, or for guests of another policy.
pub(crate) fn id_block(head: &Head) -> Result<Option<ReportDemands>, Error> {
    const KEYS: [&str; 4] = ["policy", "id_block", "id_auth", "author_key"];
    let fields = head.description.as_object();
    let pick = |key: &str| Some((key.to_owned(), fields?.get(key)?.clone()));
    let picked: Map<String, Value> = KEYS.into_iter().filter_map(pick).collect();
    let bytes = serde_json::to_vec(&picked)?;
    let found = Description::from_json(&bytes, &Origin::file("description"), Path::new(""))?;
    id_block::demands(&found)
        .map_err(|error| Error::field("description.id_block".to_owned(), error.to_string()))
}

fn agree<T: Copy + PartialEq>(
    key: &str,
    described: &Field<T>,
    head: Option<T>,
    text: impl Fn(T) -> String,
) -> Result<(), Error> {
    let Some(described) = described.as_ref().map(|field| field.value) else { return Ok(()) };
    if head == Some(described) {
        return Ok(());
    }
    let head = head.map_or_else(|| "none".to_owned(), &text);
    let what = format!("the description says {}, and the manifest's head {head}", text(described));
    Err(Error::field(format!("description.{key}"), what))
}
