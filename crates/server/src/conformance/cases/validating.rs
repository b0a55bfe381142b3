//! Right measurements: the packet, once.

use serde_json::{Value, json};

use crate::conformance::client::Ask;
use crate::conformance::expect::{
    Checked, demand, differs, is, is_absent, member, refusal, same, success,
};
use crate::conformance::guest::{Guest, Launch, Started, bytes, read_launch};
use crate::conformance::guests::{self, AS_REGISTERED, Boot};
use crate::conformance::lab::{Lab, sha256};

/// Opens a packet on the platform.
pub(super) fn opened(lab: &Lab, started: &Started, answer: &Value) -> Checked<Vec<u8>> {
    let header = bytes(answer, "/secret-header")?;
    let table = bytes(answer, "/secret-table")?;
    same("bytes of `secret-header`", &header.len(), &52)?;
    let opened = lab.machine().launch_secret(started.handle, &header, &table, table.len());
    opened.map_err(|status| differs(format!("the AMD-SP refuses the packet: {status}")))
}

/// Shows the right measurement, and opens the packet: it must be the registered secrets.
async fn released(guest: &Guest<'_>, launch: &Launch, started: &Started) -> Checked {
    let lab = guest.lab;
    let answer =
        lab.good(200, guest.validating(&guest.shown(launch, &started.measurement))).await?;
    is(&answer, "/launch-id", launch.id.as_str())?;
    is_absent(&answer, "/verdict")?;
    let opened = opened(lab, started, &answer)?;
    demand(
        opened == *lab.table(),
        format!("the packet's {} bytes are not the registered secrets", opened.len()),
    )?;
    is(&guest.state(launch).await?, "/state", "consumed")?;
    is(&guest.read().await?, "/status", "consumed")
}

pub(super) async fn released_sev(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    // A guest may be launched again, each time with keys of its own.
    for _ in 0..2 {
        let (launch, started) = guest.start(&AS_REGISTERED).await?;
        released(&guest, &launch, &started).await?;
    }
    Ok(())
}

pub(super) async fn released_es(lab: &Lab) -> Checked {
    // Any two pages stand for the states of two vCPUs: the digest is given, and the AMD-SP tells it.
    let pages = [[0x11; 4096], [0x22; 4096]];
    let boot = Boot { vcpus: &pages, ..AS_REGISTERED };
    let digest = {
        let measured = [guests::measured(&boot), pages.concat()].concat();
        sha256(&measured)
    };
    let es = json!({
        "scheme": "amd-sev-es", "policy": 7, "cpu-count": null, "firmware-hashes": null,
        "kernel-hash": null, "initrd-hash": null, "cmdline": null, "launch-digests": digest,
    });
    let guest = lab.guest(&lab.sev_with(&es)).await?;
    let answer = lab.good(200, guest.launching()).await?;
    is(&answer, "/scheme", "amd-sev-es")?;
    is(&answer, "/policy", 7)?;
    let launch = read_launch(&answer)?;
    let started = guests::start(lab, &launch, &boot)?;
    released(&guest, &launch, &started).await
}

pub(super) async fn replayed(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let shown = guest.shown(&launch, &started.measurement);
    let ask = guest.validating(&shown);
    let first = lab.send(&ask).await?;
    success(&ask, &first, 200)?;
    same("`Idempotent-Replay` of the first", &first.header("idempotent-replay"), &None)?;
    let again = lab.send(&ask).await?;
    success(&ask, &again, 200)?;
    same("`Idempotent-Replay` of the second", &again.header("idempotent-replay"), &Some("true"))?;
    demand(first.body == again.body, "the answer to the identical request is another one")?;
    // Identical is what is canonically so: white space and the order of members mean nothing.
    let mut reordered = serde_json::Map::new();
    for (name, value) in shown.as_object().into_iter().flatten().rev() {
        reordered.insert(name.clone(), value.clone());
    }
    let spaced = serde_json::to_vec_pretty(&reordered).unwrap_or_default();
    let spaced = guest.validating(&shown).bytes("application/json; charset=utf-8", spaced);
    let third = lab.send(&spaced).await?;
    success(&spaced, &third, 200)?;
    demand(
        first.body == third.body,
        "the answer to the same request in other bytes is another one",
    )?;
    let mut other = started.measurement;
    other.rotate_left(1);
    lab.bad(409, "launch-consumed", guest.validating(&guest.shown(&launch, &other))).await?;
    // And so does the right one in another request.
    let mut more = shown;
    if let Some(members) = more.as_object_mut() {
        members.insert("note".into(), "another request".into());
    }
    lab.bad(409, "launch-consumed", guest.validating(&more)).await.map(drop)
}

pub(super) async fn unnamed(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let unnamed = |launch: &Launch, measurement: &[u8]| {
        let mut shown = guest.shown(launch, measurement);
        if let Some(members) = shown.as_object_mut() {
            members.remove("launch-id");
            // The mail's members and no more.
            members.remove("policy");
        }
        guest.validating(&shown)
    };
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let answer = lab.good(200, unnamed(&launch, &started.measurement)).await?;
    is(&answer, "/launch-id", launch.id.as_str())?;
    opened(lab, &started, &answer)?;
    let never = lab.guest(&lab.sev()).await?;
    let ask = never.validating(&json!({
        "api-major": 1, "api-minor": 55, "build-id": 31,
        "measurement": member(&guest.shown(&launch, &started.measurement), "/measurement")?,
    }));
    lab.bad(404, "no-such-launch", ask).await.map(drop)
}

pub(super) async fn at_once(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, started) = guest.start(&AS_REGISTERED).await?;
    let ask = guest.validating(&guest.shown(&launch, &started.measurement));
    let (one, two) = tokio::join!(lab.send(&ask), lab.send(&ask));
    let (one, two) = (one?, two?);
    for answer in [&one, &two] {
        if answer.status != 200 {
            refusal(&ask, answer, &[(409, "launch-consumed"), (409, "launch-busy")])?;
        }
    }
    let both: Vec<_> = [&one, &two].into_iter().filter(|answer| answer.status == 200).collect();
    demand(!both.is_empty(), "neither of two at once got the packet")?;
    let first = both.first().map(|answer| answer.body.clone());
    demand(
        both.iter().all(|answer| Some(&answer.body) == first.as_ref()),
        "two packets of one launch",
    )
}

pub(super) async fn bound(lab: &Lab) -> Checked {
    // The host starts one session twice; the packet for the first guest opens in no second one.
    let guest = lab.guest(&lab.sev()).await?;
    let (launch, first) = guest.start(&AS_REGISTERED).await?;
    let second = guests::start(lab, &launch, &AS_REGISTERED)?;
    demand(first.measurement != second.measurement, "two guests with one measurement")?;
    let answer = lab.good(200, guest.validating(&guest.shown(&launch, &first.measurement))).await?;
    let other = guest.validating(&guest.shown(&launch, &second.measurement));
    lab.bad(409, "launch-consumed", other).await?;
    demand(opened(lab, &second, &answer).is_err(), "the packet opens in another guest")?;
    opened(lab, &first, &answer)?;
    let states = lab.by_owner(Ask::get(guest.of_launch(&launch, "")));
    is(&lab.good(200, states).await?, "/state", "consumed")
}
