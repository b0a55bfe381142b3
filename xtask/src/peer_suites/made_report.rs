//! The reports that validate_test.go makes up, made here again from what it says of them, and signed by a throwaway chip of ours.

use std::fs;

use anyhow::{Context as _, Result};
use sev_launch_testkit::report::{Authority, Vek};

use super::Place;
use super::asked::Evidence;
use super::go_values::{Fields, Meaning, field, number_or_zero};

/// Fields that every report has from the file, with their offsets. [SNP-ABI, ATTESTATION_REPORT]
const FROM_FILE: [(&str, usize); 9] = [
    ("familyID", 0x010),
    ("imageID", 0x020),
    ("measurement", 0x090),
    ("hostData", 0x0c0),
    ("idKeyDigest", 0x0e0),
    ("authorKeyDigest", 0x110),
    ("reportID", 0x140),
    ("reportIDMA", 0x160),
    ("chipID", 0x1a0),
];
/// TCB versions, with their offsets.
const TCB: [(&str, usize); 4] =
    [("currentTcb", 0x038), ("reportedTcb", 0x180), ("committedTcb", 0x1e0), ("launchTcb", 0x1f0)];
/// Parts of firmware versions, with their offsets.
const VERSIONS: [(&str, usize); 6] = [
    ("currentBuild", 0x1e8),
    ("currentMinor", 0x1e9),
    ("currentMajor", 0x1ea),
    ("committedBuild", 0x1ec),
    ("committedMinor", 0x1ed),
    ("committedMajor", 0x1ee),
];

/// Makes the report of a nonce with these options, and gives it with its certificates.
pub(super) fn evidence<'a>(
    place: &Place<'a>,
    meaning: &Meaning<'_>,
    nonce: &[u8],
    options: &Fields,
) -> Result<Evidence<'a>> {
    let vek = Vek {
        product: "Milan",
        hardware_id: Some(meaning.of("chipID")?.bytes()?.to_vec()),
        tcb: tcb(meaning.of("goodtcb")?.fields()?)?,
    };
    let mut fields: Vec<(usize, Vec<u8>)> = vec![
        // makeReport writes these itself: policy, and SMT_EN in PLATFORM_INFO.
        (0x008, meaning.of("debugPolicy")?.number()?.to_le_bytes().to_vec()),
        (0x040, 1_u64.to_le_bytes().to_vec()),
        (0x050, nonce.to_vec()),
        (0x048, signer_info(field(options, "signerInfo")?.fields()?)?),
    ];
    for (name, offset) in FROM_FILE {
        fields.push((offset, meaning.of(name)?.bytes().context(name)?.to_vec()));
    }
    for (name, offset) in TCB {
        fields.push((offset, tcb(field(options, name)?.fields()?).context(name)?.to_vec()));
    }
    for (name, offset) in VERSIONS {
        fields.push((offset, vec![u8::try_from(number_or_zero(options, name)?)?]));
    }
    let version = u32::try_from(meaning.of("snpReportVersion")?.number()?)?;
    let report = vek.report(version, |report| {
        for (offset, bytes) in &fields {
            let places = report.iter_mut().skip(*offset);
            places.zip(bytes).for_each(|(to, from)| *to = *from);
        }
    });
    let write = |name: &str, bytes: &[u8]| {
        let path = place.folder.join(name);
        fs::write(&path, bytes).with_context(|| path.display().to_string()).map(|()| path)
    };
    let chain = write("ask.der", &Authority::Ask.certificate("Milan", Authority::Ark))?;
    let root = write("ark.der", &Authority::Ark.certificate("Milan", Authority::Ark))?;
    Ok(Evidence {
        program: place.program,
        folder: place.folder,
        report: write("report.bin", &report)?,
        vek: write("vcek.der", &vek.certificate(Authority::Ask))?,
        is_json: true,
        flags: vec![
            format!("--chain={}", chain.display()),
            format!("--root={}", root.display()),
            // Every report has a migration agent, of which the suite asks nothing.
            "--allow-migration-agent".into(),
        ],
        digest: hex::encode(meaning.of("measurement")?.bytes()?),
    })
}

/// A `kds.TCBParts` of Milan. [SNP-ABI, TCB_VERSION]
pub(super) fn tcb(parts: &Fields) -> Result<[u8; 8]> {
    let part = |name: &str| anyhow::Ok(u8::try_from(number_or_zero(parts, name)?)?);
    let [boot_loader, tee] = [part("BlSpl")?, part("TeeSpl")?];
    Ok([boot_loader, tee, 0, 0, 0, 0, part("SnpSpl")?, part("UcodeSpl")?])
}

/// An `abi.SignerInfo`: KEY_INFO, of a VCEK.
fn signer_info(info: &Fields) -> Result<Vec<u8>> {
    let word = u32::try_from(number_or_zero(info, "AuthorKeyEn")?)?;
    Ok(word.to_le_bytes().to_vec())
}
