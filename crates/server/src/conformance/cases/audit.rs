//! The audit: whole, and with what happened.

use core::time::Duration;

use p384::ecdsa::signature::Verifier as _;
use p384::ecdsa::{Signature, VerifyingKey};
use serde_json::{Map, Value, json};
use sev_launch_protocol::audit::{Chain, Head};
use sev_launch_protocol::views::CheckpointList;

use crate::conformance::client::Ask;
use crate::conformance::expect::{Checked, demand, differs, is, member, text};
use crate::conformance::guest::{Guest, Launch, read_launch};
use crate::conformance::guests::{self, AS_REGISTERED, OTHER_KERNEL};
use crate::conformance::lab::Lab;

/// How long is waited for what was found of a mismatch.
const SEARCHED: u32 = 40;
const STEP: Duration = Duration::from_millis(250);

/// Reads an audit from its start, and goes on where it stopped.
struct Reader<'l> {
    lab: &'l Lab,
    chain: Chain,
    after: u64,
}

type Record = Map<String, Value>;

impl<'l> Reader<'l> {
    fn new(lab: &'l Lab) -> Self {
        Self { lab, chain: Chain::after(Head::EMPTY), after: 0 }
    }

    /// What came since it was asked last, verified.
    async fn more(&mut self) -> Checked<Vec<Record>> {
        let mut records = Vec::new();
        loop {
            let page = format!("/audit?limit=1000&after={}", self.after);
            let page = self.lab.good(200, self.lab.by_auditor(Ask::get(page))).await?;
            let lines = member(&page, "/lines")?.as_array().cloned().unwrap_or_default();
            for line in &lines {
                let line = line.as_str().ok_or_else(|| differs("a line that is no text"))?;
                let record = self.chain.verify(line);
                let record = record.map_err(|error| differs(format!("the audit: {error}")))?;
                self.after = record.get("seq").and_then(Value::as_u64).unwrap_or_default();
                records.push(record);
            }
            match page.get("next").and_then(Value::as_u64) {
                Some(next) if next == self.after && !lines.is_empty() => {}
                Some(next) => {
                    return Err(differs(format!("`next` is {next} after {}", self.after)));
                }
                None => return Ok(records),
            }
        }
    }
}

fn is_of(record: &Record, action: &str, launch: &Launch) -> bool {
    record.get("action").is_some_and(|found| found == action)
        && record.get("launch-id").is_some_and(|found| *found == launch.id.as_str())
}

fn find(records: &[Record], action: &str, launch: &Launch) -> Checked<Value> {
    let found = records.iter().find(|record| is_of(record, action, launch));
    let found =
        found.ok_or_else(|| differs(format!("the audit lacks {action:?} of {}", launch.id)))?;
    Ok(Value::Object(found.clone()))
}

async fn begin(guest: &Guest<'_>, note: &str) -> Checked<Launch> {
    use base64::Engine as _;
    let chain = base64::engine::general_purpose::STANDARD.encode(&guest.lab.chain);
    let body = json!({ "cert-chain": chain, "host": "node-17", "note": note });
    let ask = guest.lab.by_launcher(Ask::post(guest.path("/launch"), &body));
    read_launch(&guest.lab.good(200, ask).await?)
}

pub(super) async fn chain(lab: &Lab) -> Checked {
    let mut reader = Reader::new(lab);
    reader.more().await?;
    let guest = lab.guest(&lab.sev()).await?;
    let released = begin(&guest, "the first").await?;
    let started = guests::start(lab, &released, &AS_REGISTERED)?;
    lab.good(200, guest.validating(&guest.shown(&released, &started.measurement))).await?;
    let refused = begin(&guest, "the second").await?;
    let started = guests::start(lab, &refused, &OTHER_KERNEL)?;
    let shown = guest.validating(&guest.shown(&refused, &started.measurement));
    lab.bad(403, "measurement-mismatch", shown).await?;

    let mut records = reader.more().await?;
    for _ in 0..SEARCHED {
        if records.iter().any(|record| is_of(record, "explain", &refused)) {
            break;
        }
        tokio::time::sleep(STEP).await;
        records.extend(reader.more().await?);
    }
    let begun = find(&records, "launch", &released)?;
    is(&begun, "/vmid", guest.vmid.as_str())?;
    is(&begun, "/outcome", "done")?;
    is(&begun, "/facts/said/host", "node-17")?;
    is(&begun, "/facts/said/more/note", "the first")?;
    let release = find(&records, "validate", &released)?;
    is(&release, "/outcome", "done")?;
    is(&release, "/facts/released", true)?;
    let secrets = member(&release, "/facts/secrets")?.as_array().cloned().unwrap_or_default();
    let names: Vec<_> = secrets.iter().filter_map(|one| one.get("guid")?.as_str()).collect();
    let wanted = [guests::LUKS_GUID, guests::OWN_GUID, guests::BUNDLE_GUID];
    demand(names == wanted, format!("the secrets of the release: {names:?}"))?;
    let refusal = find(&records, "validate", &refused)?;
    is(&refusal, "/outcome", "refused")?;
    is(&refusal, "/reason", "measurement-mismatch")?;
    let found = find(&records, "explain", &refused)?;
    demand(!text(&found, "/facts/found")?.is_empty(), "nothing is said of what was found")?;
    // Who did it is told by what names them and not by what proves them, which no answer holds.
    text(&release, "/actor/kind").map(drop)
}

pub(super) async fn checkpoints(lab: &Lab) -> Checked {
    let answer = lab.good(200, lab.by_auditor(Ask::get("/audit/checkpoints"))).await?;
    let list: Result<CheckpointList, _> = serde_json::from_value(answer);
    let list = list.map_err(|error| differs(format!("the checkpoints: {error}")))?;
    let key = VerifyingKey::from_sec1_bytes(&list.key.0);
    let key = key.map_err(|_| differs("the key of the checkpoints is none of P-384"))?;
    let mut points = Vec::new();
    for item in &list.items {
        let signature = Signature::from_slice(&item.signature.0);
        let signature = signature.map_err(|_| differs("a signature that is none of P-384"))?;
        let verified = key.verify(&item.checkpoint.signed_bytes(), &signature);
        demand(verified.is_ok(), format!("{}: the signature is wrong", item.checkpoint))?;
        points.push(item.checkpoint.clone());
    }
    let mut reader = Reader::new(lab);
    reader.chain = reader.chain.with_checkpoints(points);
    reader.more().await?;
    let end = reader.chain.end();
    end.map(drop).map_err(|error| differs(format!("the audit: {error}")))
}
