//! Rows as each way tells them, in one form.

use serde_json::Value as Json;
use sev_launch_digest::vcpus::VcpuCount;

use super::super::harness::Outcome;
use super::rows::Row;

/// A row of the libraries.
pub(super) fn of_library(row: sev_launch_sweep::Row) -> Row {
    Row {
        digest: row.digest.to_string(),
        profile: row.profile.map(|profile| profile.name.into()),
        vcpus: row.vcpus.map(VcpuCount::number),
        late: row.vcpus.map(VcpuCount::late).filter(|late| *late > 0),
        signature: row.signature.map(|signature| signature.0),
        features: row.sev_features.map(|features| features.0),
        firmware: row.firmware,
        kernel_hashes: row.boot.is_some(),
        kernel: row.boot.map(|boot| boot.kernel),
        initrd: row.boot.and_then(|boot| boot.initrd),
        cmdline: row.boot.map(|boot| boot.cmdline),
    }
}

/// A row of a manifest, without the indices of its inputs.
pub(super) fn of_manifest(row: &sev_launch_manifest::Row) -> Row {
    let facts = &row.facts;
    Row {
        digest: row.digest.to_string(),
        profile: facts.profile.clone(),
        vcpus: facts.vcpus.map(VcpuCount::number),
        late: facts.vcpus.map(VcpuCount::late).filter(|late| *late > 0),
        signature: facts.signature.map(|signature| signature.0),
        features: facts.sev_features.map(|features| features.0),
        kernel_hashes: facts.kernel_hashes == Some(true),
        ..Row::default()
    }
}

/// The rows of what `digest --json` prints.
pub(super) fn of_outcome(outcome: &Outcome) -> Result<Vec<Row>, String> {
    if outcome.code != Some(0) {
        return Err(format!("{outcome:?}"));
    }
    let document: Json =
        serde_json::from_str(&outcome.stdout).map_err(|error| error.to_string())?;
    let rows = document["digests"].as_array().ok_or("no digests")?;
    Ok(rows.iter().map(of_document).collect())
}

fn of_document(row: &Json) -> Row {
    let number = |key: &str| row[key].as_u64();
    let index = |key: &str| number(key).map(|index| usize::try_from(index).expect("small"));
    let hex = |key: &str| {
        let digits = row[key].as_str()?.strip_prefix("0x").expect("a hex number");
        Some(u64::from_str_radix(digits, 16).expect("hex digits"))
    };
    let small = |number: u64| u32::try_from(number).expect("32 bits");
    Row {
        digest: row["digest"].as_str().unwrap_or_default().into(),
        profile: row["profile"].as_str().map(Into::into),
        vcpus: number("vcpus").map(small),
        late: number("late_vcpus").map(small),
        signature: hex("signature").map(small),
        features: hex("sev_features"),
        firmware: index("firmware").expect("a row has a firmware"),
        kernel_hashes: row["kernel_hashes"] == true,
        kernel: index("kernel"),
        initrd: index("initrd"),
        cmdline: index("cmdline"),
    }
}
