//! Platforms that are not what they say, or not what the owner accepts. No session is made for any of them.
//!
//! Offsets are those of [SEV-API, SEV certificate]: the signed part has 1044 bytes, then come two slots of 520, each of which begins with the usage of
//! the key that signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::conformance::client::Ask;
use crate::conformance::expect::{Checked, demand, is, refusal};
use crate::conformance::guest::Guest;
use crate::conformance::lab::{CERTIFICATE, Lab};

/// Where the two slots of signatures stand in a certificate.
const SLOTS: [usize; 2] = [0x414, 0x61c];
/// Bytes of a slot.
const SLOT: usize = 0x208;
/// Where the signature begins in a slot.
const SIGNATURE: usize = 8;
/// PUBKEY_USAGE of a CEK, and of an empty slot.
const CEK: [u8; 4] = 0x1004_u32.to_le_bytes();
const NONE: [u8; 4] = 0x1000_u32.to_le_bytes();

fn launching(guest: &Guest<'_>, body: &Value) -> Ask {
    guest.lab.by_launcher(Ask::post(guest.path("/launch"), body))
}

fn of_chain(chain: &[u8]) -> Value {
    json!({ "cert-chain": STANDARD.encode(chain) })
}

/// Wants one of these refusals, of a guest that accepts any owner, and that nothing was launched.
async fn refused(lab: &Lab, body: &Value, wanted: &[(u16, &str)]) -> Checked {
    let any = json!({ "platform": { "any-owner": true } });
    let guest = lab.guest(&lab.sev_with(&any)).await?;
    let ask = launching(&guest, body);
    let answer = lab.send(&ask).await?;
    refusal(&ask, &answer, wanted)?;
    let view = guest.read().await?;
    is(&view, "/launches/used", 0)?;
    is(&view, "/status", "registered")
}

pub(super) async fn foreign(lab: &Lab) -> Checked {
    let machine = lab.foreign_machine()?;
    let chain = machine.full_chain().unwrap_or_default();
    demand(chain.len() == lab.chain.len(), "the foreign chain is another length")?;
    refused(lab, &of_chain(&chain), &[(403, "chain-root")]).await?;
    // Its platform with the trusted ASK and ARK: then the CEK's signature is wrong.
    let split = 4 * CERTIFICATE;
    let (own, trusted) = (chain.get(..split), lab.chain.get(split..));
    let mixed = [own.unwrap_or_default(), trusted.unwrap_or_default()].concat();
    refused(lab, &of_chain(&mixed), &[(403, "chain-signature")]).await
}

pub(super) async fn broken_cek(lab: &Lab) -> Checked {
    let mut chain = lab.chain.clone();
    let at = 3 * CERTIFICATE + SLOTS.first().copied().unwrap_or_default() + SIGNATURE + 16;
    if let Some(byte) = chain.get_mut(at) {
        *byte ^= 1;
    }
    refused(lab, &of_chain(&chain), &[(403, "chain-signature")]).await
}

pub(super) async fn pek_by_owner_alone(lab: &Lab) -> Checked {
    let mut chain = lab.chain.clone();
    let mut cleared = 0;
    for slot in SLOTS {
        let at = CERTIFICATE + slot;
        if let Some(slot) = chain.get_mut(at..at + SLOT)
            && slot.starts_with(&CEK)
        {
            slot.fill(0);
            slot.iter_mut().zip(NONE).for_each(|(to, from)| *to = from);
            cleared += 1;
        }
    }
    demand(cleared == 1, "the PEK has no signature of the CEK to take away")?;
    refused(lab, &of_chain(&chain), &[(403, "chain-signature")]).await
}

pub(super) async fn other_pdh(lab: &Lab) -> Checked {
    let other = lab.other_machine()?.export();
    let pdh = other.get(..CERTIFICATE).unwrap_or_default();
    let beside = json!({ "cert-chain": STANDARD.encode(&lab.chain), "pdh": STANDARD.encode(pdh) });
    refused(lab, &beside, &[(403, "chain-usage"), (403, "chain-signature")]).await?;
    // In the chain's place, and beside a chain that has none.
    let rest = lab.chain.get(CERTIFICATE..).unwrap_or_default();
    refused(lab, &of_chain(&[pdh, rest].concat()), &[(403, "chain-signature")]).await?;
    let three = rest.get(..3 * CERTIFICATE).unwrap_or_default();
    let apart = json!({ "cert-chain": STANDARD.encode(three), "pdh": STANDARD.encode(pdh) });
    refused(lab, &apart, &[(403, "chain-signature")]).await
}

pub(super) async fn other_owner(lab: &Lab) -> Checked {
    let other = lab.other_machine()?.export();
    let oca = other.get(2 * CERTIFICATE..3 * CERTIFICATE).unwrap_or_default();
    let rules = json!({ "platform": { "cloud-certs": [STANDARD.encode(oca)] } });
    let guest = lab.guest(&lab.sev_with(&rules)).await?;
    lab.bad(403, "chain-owner", guest.launching()).await?;
    is(&guest.read().await?, "/launches/used", 0)?;
    // One of several is enough, and `cloud-cert` says the same of one.
    let both = json!({ "platform": { "cloud-certs": [STANDARD.encode(oca), STANDARD.encode(lab.oca())] } });
    lab.guest(&lab.sev_with(&both)).await?.launch().await?;
    let one = json!({ "platform": {}, "cloud-cert": STANDARD.encode(lab.oca()) });
    lab.guest(&lab.sev_with(&one)).await?.launch().await.map(drop)
}

pub(super) async fn generation(lab: &Lab) -> Checked {
    let own = lab.machine().model().generation.name().to_ascii_lowercase();
    let others: Vec<&str> = ["naples", "rome", "milan", "genoa", "turin"]
        .into_iter()
        .filter(|one| *one != own)
        .collect();
    let rules = json!({ "platform": { "any-owner": true, "generations": others } });
    let guest = lab.guest(&lab.sev_with(&rules)).await?;
    let answer = lab.send(&guest.launching()).await?;
    refusal(&guest.launching(), &answer, &[(403, "generation-not-allowed")]).map(drop)
}

pub(super) async fn malformed(lab: &Lab) -> Checked {
    let short = lab.chain.get(..lab.chain.len().saturating_sub(1)).unwrap_or_default();
    let wanted = [(403, "chain-usage"), (400, "bad-length"), (400, "schema")];
    refused(lab, &of_chain(short), &wanted).await?;
    refused(lab, &of_chain(&[]), &wanted).await?;
    refused(lab, &json!({}), &[(400, "schema"), (403, "chain-usage")]).await?;
    refused(lab, &json!({ "cert-chain": "not base64" }), &[(400, "bad-base64")]).await?;
    let pdh =
        json!({ "cert-chain": STANDARD.encode(&lab.chain), "pdh": STANDARD.encode([0; 2083]) });
    refused(lab, &pdh, &[(400, "bad-length")]).await?;
    // OCA and PEK in each other's place.
    let mut order = lab.chain.clone();
    if let Some(two) = order.get_mut(CERTIFICATE..3 * CERTIFICATE) {
        two.rotate_left(CERTIFICATE);
    }
    refused(lab, &of_chain(&order), &[(403, "chain-usage")]).await
}

pub(super) async fn forms(lab: &Lab) -> Checked {
    let guest = lab.guest(&lab.sev()).await?;
    let part = |range: core::ops::Range<usize>| {
        lab.chain.get(range.start * CERTIFICATE..range.end * CERTIFICATE).unwrap_or_default()
    };
    // As `sevctl export --full` and as `sevctl export` writes it, and as QMP gives it, the PDH apart; all with the CEK as AMD signed it.
    let pdh = STANDARD.encode(part(0..1));
    for body in [
        of_chain(&lab.chain),
        of_chain(part(0..4)),
        json!({ "cert-chain": STANDARD.encode(part(1..4)), "pdh": pdh }),
        json!({ "cert-chain": STANDARD.encode(&lab.chain), "pdh": pdh }),
        json!({ "cert-chain": format!("\n {} \n", STANDARD.encode(&lab.chain)) }),
    ] {
        lab.good(200, launching(&guest, &body)).await?;
    }
    // 64 bytes in hex, under the name that QMP has for it.
    let id = hex::encode(lab.machine().id());
    let named = json!({ "cert-chain": STANDARD.encode(&lab.chain), "cpu0-id": id });
    lab.good(200, launching(&guest, &named)).await.map(drop)
}
