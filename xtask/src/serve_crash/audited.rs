//! What the audit says, record by record: the guests, launches, releases, images and tokens that there are by it.
//!
//! A record that does not fit those before it is an error here, whoever wrote it: a launch that begins twice, a second release.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

/// How many wrong measurements end a launch, where a registration says nothing.
const ATTEMPTS: u64 = 3;

/// Why nothing more happens to a launch. That it expired is known before it is written.
const OVER: [&str; 4] = ["launch-consumed", "launch-revoked", "launch-superseded", "launch-failed"];

/// A guest by the audit.
#[derive(Clone, Debug, Default)]
pub(super) struct Guest {
    pub(super) is_deleted: bool,
    pub(super) patches: u64,
    /// Packets that were given once more.
    pub(super) replays: u64,
    pub(super) launches: BTreeMap<String, Launch>,
}

/// A launch by the audit.
#[derive(Clone, Debug, Default)]
pub(super) struct Launch {
    pub(super) is_released: bool,
    pub(super) is_approved: bool,
    pub(super) is_acknowledged: bool,
    pub(super) is_revoked: bool,
    pub(super) wrong: u64,
    /// Is it over? Then its keys must be gone.
    pub(super) is_over: bool,
}

/// Everything by the audit.
#[derive(Clone, Debug, Default)]
pub(super) struct Audited {
    pub(super) guests: BTreeMap<String, Guest>,
    /// Images of the catalogue.
    pub(super) images: BTreeSet<String>,
    pub(super) images_ever: BTreeSet<String>,
    pub(super) tokens: BTreeSet<String>,
    pub(super) tokens_ever: u64,
    pub(super) records: u64,
    pub(super) releases: u64,
}

impl Audited {
    /// Takes the next record.
    pub(super) fn take(&mut self, record: &Map<String, Value>) -> Result<()> {
        self.records += 1;
        self.fits(record).with_context(|| Value::Object(record.clone()).to_string())
    }

    fn fits(&mut self, record: &Map<String, Value>) -> Result<()> {
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        let fact = |name: &str| record.get("facts").and_then(|facts| facts.get(name));
        let named = |name: &str| fact(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (action, done) = (text("action"), text("outcome") == "done");
        match action {
            "firmware-upload" => {
                self.images.insert(named("sha256"));
                self.images_ever.insert(named("sha256"));
                return Ok(());
            }
            "firmware-delete" => {
                ensure!(
                    self.images.remove(&named("sha256")),
                    "an image that is not there is taken out"
                );
                return Ok(());
            }
            "token-make" => {
                self.tokens_ever += 1;
                ensure!(self.tokens.insert(named("id")), "a token is made twice");
                return Ok(());
            }
            "token-delete" => {
                ensure!(self.tokens.remove(&named("id")), "a token is revoked twice");
                return Ok(());
            }
            // What differs after a mismatch, for people; the search may end after the guest.
            "explain" => return Ok(()),
            "register" => {
                let before = self.guests.insert(text("vmid").to_owned(), Guest::default());
                ensure!(before.is_none(), "a guest is registered twice");
                return Ok(());
            }
            _ => {}
        }
        let is_over = |reason: &str| OVER.contains(&reason);
        if !done && text("reason") != "measurement-mismatch" && !is_over(text("reason")) {
            return Ok(()); // A refusal that changed nothing, and may name whatever was asked for.
        }
        let guest = self.guests.get_mut(text("vmid")).context("a guest that is not registered")?;
        ensure!(!guest.is_deleted, "something happens to a guest after its end");
        match action {
            "amend" => guest.patches += 1,
            // A packet leaves once more, as the same answer to the same request.
            "replay" => {
                let launch = guest.launches.get(text("launch-id"));
                ensure!(
                    launch.is_some_and(|launch| launch.is_released),
                    "what was never released is given again"
                );
                guest.replays += 1;
            }
            "delete" => {
                let live = guest.launches.values().filter(|launch| !launch.is_over).count();
                ensure!(live == 0, "a guest is deleted while {live} launches are live");
                guest.is_deleted = true;
            }
            "launch" => {
                let before = guest.launches.insert(text("launch-id").to_owned(), Launch::default());
                ensure!(before.is_none(), "a launch begins twice");
            }
            _ => {
                let launch = guest.launches.get_mut(text("launch-id"));
                let launch = launch.context("a launch that never began")?;
                let released = fact("released").and_then(Value::as_bool);
                self.releases += u64::from(step(launch, action, done, text("reason"), released)?);
            }
        }
        Ok(())
    }
}

/// What happens to a launch; whether its secrets are released.
fn step(
    launch: &mut Launch,
    action: &str,
    done: bool,
    reason: &str,
    released: Option<bool>,
) -> Result<bool> {
    let ends = |launch: &mut Launch| {
        ensure!(!launch.is_over, "a launch ends twice");
        launch.is_over = true;
        Ok(())
    };
    match (action, done) {
        ("validate", true) if released == Some(true) => {
            ensure!(!launch.is_released, "secrets are released twice");
            ends(launch)?;
            launch.is_released = true;
            return Ok(true);
        }
        // The owner has to approve.
        ("validate", true) if released.is_none() => {}
        ("validate", false) if reason == "measurement-mismatch" => {
            launch.wrong += 1;
            if launch.wrong == ATTEMPTS {
                ends(launch)?;
            }
        }
        ("validate", false) => ensure!(launch.is_over, "{reason}, of a launch that is live"),
        ("approve", true) => launch.is_approved = true,
        ("acknowledge", true) => {
            ensure!(launch.is_released, "nothing was released that could be acknowledged");
            ensure!(!launch.is_acknowledged, "it is acknowledged twice");
            launch.is_acknowledged = true;
        }
        ("revoke", true) => {
            ends(launch)?;
            launch.is_revoked = true;
        }
        ("supersede" | "expire" | "deny", true) => ends(launch)?,
        _ => bail!("a record that no client asked for"),
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What comes of records that are given by action, launch, outcome or reason, and facts.
    fn taken(records: &[(&str, &str, &str, Value)]) -> Result<Audited> {
        let mut audited = Audited::default();
        for (action, launch, outcome, facts) in records {
            let is_done = *outcome == "done";
            let mut record = json!({
                "vmid": "a guest", "action": action, "facts": facts, "outcome": if is_done { "done" } else { "refused" },
            });
            if !is_done {
                record["reason"] = (*outcome).into();
            }
            if !launch.is_empty() {
                record["launch-id"] = (*launch).into();
            }
            audited.take(record.as_object().unwrap())?;
        }
        Ok(audited)
    }

    #[test]
    fn what_happens_twice_is_an_error() {
        let none = || json!({});
        let register = ("register", "", "done", none());
        let launch = ("launch", "a", "done", none());
        let release = ("validate", "a", "done", json!({ "released": true }));
        let wrong = ("validate", "a", "measurement-mismatch", none());
        let revoke = ("revoke", "a", "done", none());
        let delete = ("delete", "", "done", none());

        let good =
            taken(&[register.clone(), launch.clone(), release.clone(), delete.clone()]).unwrap();
        assert_eq!((good.releases, good.records), (1, 4));
        let three = [&register, &launch, &wrong, &wrong, &wrong].map(Clone::clone);
        assert!(taken(&three).unwrap().guests["a guest"].launches["a"].is_over);

        let begun = [register.clone(), launch.clone()];
        for more in [
            vec![register],
            vec![launch],
            vec![release.clone(), release.clone()],
            vec![revoke, release],
            vec![delete],
            vec![("replay", "a", "done", none())],
            vec![("acknowledge", "a", "done", none())],
            vec![("validate", "a", "launch-consumed", none())],
            vec![("supersede", "another", "done", none())],
        ] {
            let records = [begun.as_slice(), more.as_slice()].concat();
            assert!(taken(&records).is_err(), "{records:?}");
        }
    }
}
