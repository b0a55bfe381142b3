//! Reports and certificates as they leave the tools that make them, before anybody wraps them: bytes or text.

use arbitrary::{Result, Unstructured};
use sev_launch_verify::snp::report::REPORT_SIZE;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::super::report::{CERTIFICATES, pem, table};
use super::{Made, fields, put};

/// What is chosen. Inside of a document only what is known by itself can be read.
pub(super) fn any(u: &mut Unstructured<'_>, in_document: bool) -> Result<Made> {
    match u.int_in_range(0..=10)? {
        0 => raw(u),
        1 => response(u),
        2 => extended(u),
        3 => Ok(table_alone(u)?.0),
        4 => der(u),
        5 => blocks(u),
        6 => envelope(u),
        7 => fields::message(u),
        8 => fields::message_json(u),
        9 if !in_document => fields::message_text(u),
        _ => fields::sev_fields(u),
    }
}

/// A report: mostly of one pattern, so that two of one document may be equal.
pub(super) fn report(u: &mut Unstructured<'_>) -> Result<[u8; REPORT_SIZE]> {
    let filling = if u.ratio(3, 4)? { 7 } else { u.arbitrary()? };
    let mut report = [0; REPORT_SIZE];
    report.copy_from_slice(&sev_launch_testkit::pattern(REPORT_SIZE, filling | 1, 3));
    for _ in 0..u.int_in_range(0..=3)? {
        let at = u.choose_index(REPORT_SIZE)?;
        report[at] = u.arbitrary()?;
    }
    report[..4].copy_from_slice(&[u.int_in_range(2..=5)?, 0, 0, 0]);
    report[0x34..0x38].copy_from_slice(&[1, 0, 0, 0]);
    Ok(report)
}

/// Certificates that bytes choose, each with the place that it has in a table.
pub(super) fn certificates(u: &mut Unstructured<'_>) -> Result<[Option<Vec<u8>>; 4]> {
    let mut chosen = [const { None }; 4];
    for (place, one) in chosen.iter_mut().enumerate() {
        let which = if u.ratio(1, 8)? { u.choose_index(CERTIFICATES.len())? } else { place };
        *one = u.ratio(2, 3)?.then(|| CERTIFICATES[which].clone());
    }
    if chosen.iter().all(Option::is_none) {
        chosen[0] = Some(CERTIFICATES[0].clone());
    }
    Ok(chosen)
}

pub(super) fn distinct(chosen: &[Option<Vec<u8>>]) -> Vec<Vec<u8>> {
    let mut distinct = Vec::new();
    chosen.iter().flatten().for_each(|der| put(&mut distinct, der.clone()));
    distinct
}

pub(super) fn of_report(bytes: Vec<u8>, report: [u8; REPORT_SIZE]) -> Made {
    Made { bytes, reports: vec![report], ..Made::default() }
}

/// The report itself; wrong where one byte follows it.
fn raw(u: &mut Unstructured<'_>) -> Result<Made> {
    let report = report(u)?;
    if u.ratio(1, 8)? {
        let bytes = [&report[..], &[u.int_in_range(1..=255)?]].concat();
        return Ok(Made { is_wrong: true, ..of_report(bytes, report) });
    }
    Ok(Made { is_bare: true, ..of_report(report.to_vec(), report) })
}

/// MSG_REPORT_RSP, cut or in the ioctl's buffer; wrong where its status or its size is. [SNP-ABI, MSG_REPORT_RSP; Linux, snp_report_resp]
fn response(u: &mut Unstructured<'_>) -> Result<Made> {
    let report = report(u)?;
    let (status, size) = match u.int_in_range(0..=7)? {
        0 => (u.int_in_range(1..=255)?, 1184),
        1 => (0, u.int_in_range(1185..=4000)?),
        _ => (0u32, 1184u32),
    };
    let mut bytes = [&status.to_le_bytes()[..], &size.to_le_bytes(), &[0; 24], &report].concat();
    if u.arbitrary()? {
        bytes.resize(4000, 0);
    }
    Ok(Made { is_wrong: (status, size) != (0, 1184), ..of_report(bytes, report) })
}

/// A report and the host's table after it, which may be empty.
fn extended(u: &mut Unstructured<'_>) -> Result<Made> {
    let report = report(u)?;
    let mut made = of_report(Vec::new(), report);
    let after = if u.ratio(1, 8)? {
        made.has_table = true;
        vec![0; 24]
    } else {
        let (table, _) = table_alone(u)?;
        let bytes = table.bytes.clone();
        made.add(table);
        bytes
    };
    made.bytes = [&report[..], &after].concat();
    Ok(made)
}

/// The host's table, with GUIDs in either order, DER or PEM in it, padded or not; and what is in it.
fn table_alone(u: &mut Unstructured<'_>) -> Result<(Made, [Option<Vec<u8>>; 4])> {
    let chosen = certificates(u)?;
    let mut entries = chosen.clone();
    for entry in entries.iter_mut().flatten() {
        if u.ratio(1, 4)? {
            *entry = pem(entry).into_bytes();
        }
    }
    let mut bytes = table(&entries);
    if u.arbitrary()? {
        // The order of EFI: the first three groups of each GUID are turned round. [UEFI, appendix A]
        for row in bytes.chunks_mut(24).take_while(|row| **row != [0; 24]) {
            row[..4].reverse();
            row[4..6].reverse();
            row[6..8].reverse();
        }
    }
    if u.arbitrary()? {
        bytes.resize(bytes.len().next_multiple_of(4096), 0);
    }
    let certificates = distinct(&chosen);
    Ok((Made { bytes, certificates, has_table: true, ..Made::default() }, chosen))
}

/// DER values, one after the other.
fn der(u: &mut Unstructured<'_>) -> Result<Made> {
    let chosen = certificates(u)?;
    let bytes = chosen.iter().flatten().flatten().copied().collect();
    Ok(Made { bytes, certificates: distinct(&chosen), is_bare: true, ..Made::default() })
}

/// PEM with text around it, and blocks of another kind; wrong where the last block is cut.
fn blocks(u: &mut Unstructured<'_>) -> Result<Made> {
    let chosen = certificates(u)?;
    let around = ["", "\n", "subject=CN = SEV-Milan\n", "\u{feff}"];
    let mut text = (*u.choose(&around)?).to_owned();
    for der in chosen.iter().flatten() {
        let mut block = pem(der);
        match u.int_in_range(0..=3)? {
            0 => block = block.replace('\n', "\r\n"),
            1 => block.truncate(block.trim_end().len()),
            2 => block = block.replace("CERTIFICATE", "X509 CERTIFICATE"),
            _ => {}
        }
        text.push_str(&block);
    }
    let has_other_block = u.ratio(1, 8)?;
    if has_other_block {
        text.push_str("-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n");
    }
    let is_wrong = u.ratio(1, 8)?;
    if is_wrong {
        text.truncate(text.rfind("-----END").unwrap_or_default());
    }
    let certificates = distinct(&chosen);
    Ok(Made {
        bytes: text.into_bytes(),
        certificates,
        has_other_block,
        is_wrong,
        ..Made::default()
    })
}

/// Azure's envelope with runtime data that is bound; wrong where it is not, or of another kind. [Azure guest attestation, HwVmReport]
fn envelope(u: &mut Unstructured<'_>) -> Result<Made> {
    let mut report = report(u)?;
    let data =
        format!("{{\"keys\":[],\"user-data\":\"{:02X}\"}}", u.arbitrary::<u64>()?).into_bytes();
    let hash = u.int_in_range(1..=3u32)?;
    let mut digest = match hash {
        1 => Sha256::digest(&data).to_vec(),
        2 => Sha384::digest(&data).to_vec(),
        _ => Sha512::digest(&data).to_vec(),
    };
    digest.resize(64, 0);
    report[0x50..0x90].copy_from_slice(&digest);
    let mut header = [20 + u32::try_from(data.len()).expect("small"), 1, 2, hash];
    let (mut shown, mut size) = (data.clone(), u32::try_from(data.len()).expect("small"));
    let wrong = u.int_in_range(0..=9)?;
    match wrong {
        0 => shown[1] ^= 1 << u.int_in_range(0..=7u8)?,
        1 => header[2] = u.int_in_range(3..=9)?,
        2 => header[3] = u.int_in_range(4..=9)?,
        3 => size += 0x10000,
        _ => {}
    }
    let start = [&b"HCLA"[..], &[1, 0, 0, 0, 0xa0, 4, 0, 0, 2], &[0; 19]].concat();
    let header = header.iter().chain([&size]).flat_map(|word| word.to_le_bytes());
    let padding = if u.arbitrary()? { 256 } else { 0 };
    let bytes = start.into_iter().chain(report).chain(header).chain(shown).chain(vec![0; padding]);
    let made = Made { runtime_data: Some(data), is_wrong: wrong < 4, ..Made::default() };
    Ok(Made { bytes: bytes.collect(), reports: vec![report], ..made })
}
