//! The firmware catalogue, and launch digests. The digests are those of TV-2, which sev-snp-measure and libvirt's validator computed.

use serde_json::{Value, json};

use crate::conformance::client::Ask;
use crate::conformance::expect::{Checked, demand, is, member, same, text};
use crate::conformance::guests;
use crate::conformance::lab::{Lab, new_vmid, sha256, with};

/// SHA-256 of TV-2's image.
const IMAGE: &str = "8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424";
/// TV-2: SEV with kernel hashes.
const SEV: &str = "693bc5a8aac2de6bb1b70a3fb662c2e8abf63af351c31bd5f40514ec30e42821";
/// TV-2: SEV-ES on EPYC-Milan, as KVM_SEV_INIT2 makes a VM, with 1, 2 and 4 vCPUs.
const INIT2: [&str; 3] = [
    "707d314fe19379001588f135a3994b20c42de086ca0b4ddca5edd744cfa1b4b0",
    "5543dbe10c5bc4515acfd8b2b292294c1179377f2de91d315e288c147358b61f",
    "d22449670026e0f8e84c3026b1a5a16d4a39f8b94bc3eeb05be1fa0740d8f532",
];
/// The same as KVM_SEV_ES_INIT makes one.
const INIT: [&str; 3] = [
    "e3e5d102f3556210ee5f143e9715d39bc8a0eff1c7b22d5b888b6f5dc29d56c2",
    "97ac341555ef6d512af49ea6b12e62977065f46e00619469b72b10540707fdcd",
    "f64032322db255823307e3dffcad49bd550cbcd6bc74424cead092fdfa701246",
];
/// The same on EPYC-v4.
const INIT_V4: [&str; 3] = [
    "792a9e79066a736d501a0b6bb126eabc09df080b02775f4997cee3509f09dfe3",
    "bbd66f9be7bcb0cb35158a2b89e6bc3dee6d8e5fb9df646527ab28a946056240",
    "e131976f791c3882b0e9b0963338992a581362e9062d9c30170c8c13c6e8c9d7",
];

pub(super) async fn catalogue(lab: &Lab) -> Checked {
    let entry = lab.good(200, lab.by_owner(guests::upload())).await?;
    for entry in [entry, lab.good(200, lab.by_owner(Ask::get(format!("/firmware/{IMAGE}")))).await?]
    {
        is(&entry, "/sha256", IMAGE)?;
        is(&entry, "/size", 4096)?;
        is(&entry, "/secret-area", 3072)?;
        is(&entry, "/hash-table", true)?;
        is(&entry, "/es-reset", true)?;
        is(&entry, "/snp-metadata", false)?;
    }
    let list = lab.good(200, lab.by_owner(Ask::get("/firmware"))).await?;
    let items = member(&list, "/items")?.as_array().cloned().unwrap_or_default();
    demand(items.iter().any(|item| item["sha256"] == IMAGE), "the list lacks the image")
}

pub(super) async fn removed(lab: &Lab) -> Checked {
    // The tables stand at the end: another first block is another image.
    let mut image = guests::image();
    let unique = new_vmid();
    image.splice(..unique.len(), unique.bytes());
    let path = format!("/firmware/{}", sha256(&image));
    lab.bad(404, "no-such-firmware", lab.by_owner(Ask::get(&path))).await?;
    let answer = lab.send(&lab.by_owner(guests::uploading(image))).await?;
    same("POST /firmware of a new image", &answer.status, &201)?;
    let location = answer.header("location").unwrap_or_default().to_owned();
    demand(location.ends_with(&path), format!("`Location: {location}`"))?;
    lab.good(200, lab.by_owner(Ask::get(&path))).await?;
    lab.good(204, lab.by_owner(Ask::delete(&path))).await?;
    lab.bad(404, "no-such-firmware", lab.by_owner(Ask::get(&path))).await?;
    lab.bad(404, "no-such-firmware", lab.by_owner(Ask::delete(&path))).await?;
    lab.bad(400, "bad-length", lab.by_owner(Ask::get("/firmware/abcd"))).await.map(drop)
}

async fn digests(lab: &Lab, registration: &Value) -> Checked<Vec<String>> {
    let answer = lab.good(200, lab.by_owner(Ask::post("/measure", registration))).await?;
    let candidates = member(&answer, "/candidates")?.as_array().cloned().unwrap_or_default();
    candidates.iter().map(|candidate| text(candidate, "/digest")).collect()
}

pub(super) async fn measured_sev(lab: &Lab) -> Checked {
    same("the digests", &digests(lab, &lab.sev()).await?, &vec![SEV.to_owned()])?;
    // Without kernel hashes the digest of plain SEV is that of the image.
    let plain = json!({ "kernel-hash": null, "initrd-hash": null, "cmdline": null });
    let plain = lab.sev_with(&plain);
    same(
        "the digest without kernel hashes",
        &digests(lab, &plain).await?,
        &vec![IMAGE.to_owned()],
    )?;
    // The hash of the command line is that of its text and a NUL.
    let hash = sha256(&[guests::CMDLINE.as_bytes(), b"\0"].concat());
    let hashed = lab.sev_with(&json!({ "cmdline": null, "cmdline-hash": hash }));
    same("the digests by `cmdline-hash`", &digests(lab, &hashed).await?, &vec![SEV.to_owned()])?;
    let answer = lab.good(200, lab.by_owner(Ask::post("/measure", &lab.sev()))).await?;
    let size = answer.get("secret-table-bytes").and_then(Value::as_u64);
    let whole = u64::try_from(lab.table().len()).unwrap_or_default();
    demand(
        size.is_some_and(|size| size <= whole && size.next_multiple_of(16) == whole),
        format!("`secret-table-bytes` is {size:?}, wanted {whole} or less by the padding"),
    )
}

pub(super) async fn measured_es(lab: &Lab) -> Checked {
    for (cpu, profile, wanted) in [
        ("EPYC-Milan", "kvm-sev-init2", INIT2),
        ("EPYC-Milan", "kvm-sev-init", INIT),
        ("EPYC-v4", "kvm-sev-init", INIT_V4),
    ] {
        let es = json!({
            "scheme": "amd-sev-es", "policy": 7, "cpu-count": [1, 2, 4],
            "cpu": { "type": cpu }, "vmsa-profiles": profile,
        });
        let mut found = digests(lab, &with(lab.sev(), &es)).await?;
        let mut wanted = wanted.map(str::to_owned).to_vec();
        found.sort();
        wanted.sort();
        same(&format!("the digests of {cpu}, {profile}"), &found, &wanted)?;
    }
    Ok(())
}

pub(super) async fn unknown(lab: &Lab) -> Checked {
    let unknown = lab.sev_with(&json!({ "firmware-hashes": [sha256(b"no image")] }));
    lab.bad(422, "unknown-firmware", lab.by_owner(Ask::post("/measure", &unknown))).await?;
    let vmid = new_vmid();
    lab.remember(&vmid);
    let ask = lab.by_owner(Ask::post(format!("/vm/{vmid}"), &unknown));
    lab.bad(422, "unknown-firmware", ask).await.map(drop)
}
