//! Certificate tables: entries are where a plain reader finds them, and never outside of the table.

use sev_launch_verify::snp::certificate_table::{CertificateTable, MAX_ENTRIES, TableError};

use super::choices::Choices;

/// The GUIDs of VCEK, VLEK, ASK and ARK as they are printed. [GHCB, certificate GUIDs]
const KNOWN: [u128; 4] = [
    0x63da758d_e664_4564_adc5_f4b93be8accd,
    0xa8074bc2_a25a_483e_aae6_39c045a0b8a1,
    0x4ab7b379_bbac_4fe4_a02f_05aef327c782,
    0xc0b406a4_a803_4952_9743_3fb6014cd0ae,
];

/// The first byte: a table as it stands, or entries that the rest chooses.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 4 {
        0 => look_at(choices.rest()),
        _ => look_at(&chosen(&mut choices)),
    }
}

/// A table whose entries are near to right.
fn chosen(choices: &mut Choices<'_>) -> Vec<u8> {
    let count = choices.below(MAX_ENTRIES + 4);
    let first = u32::try_from((count + 1) * 24).expect("a few");
    let mut table = Vec::new();
    for number in 0..count {
        let guid = match choices.byte() {
            0 => choices.array(),
            1 => mixed(KNOWN[0].to_be_bytes()),
            which @ 2..=0x7f => KNOWN[usize::from(which) % KNOWN.len()].to_be_bytes(),
            _ => [u8::try_from(number + 1).expect("a few"); 16],
        };
        let (offset, length) = match choices.byte() {
            255 => (choices.u32(), choices.u32()),
            shift => (first.wrapping_add(shift.into()).wrapping_sub(1), choices.byte().into()),
        };
        table.extend(guid);
        table.extend(offset.to_le_bytes());
        table.extend(length.to_le_bytes());
    }
    table.extend([0; 24]);
    let body = choices.bytes(0x1ff);
    table.extend(body);
    table
}

fn look_at(table: &[u8]) {
    let plain = plainly_read(table);
    match CertificateTable::parse(table) {
        Ok(read) => {
            assert_eq!(Some(read.entries().to_vec()), plain);
            let known = [read.vcek(), read.vlek(), read.ask(), read.ark()];
            for (guid, found) in KNOWN.iter().zip(known) {
                let entry = read.entries().iter().find(|(other, _)| *other == guid.to_be_bytes());
                assert_eq!(found, entry.map(|(_, certificate)| *certificate));
                assert_eq!(found, read.entry(&guid.to_be_bytes()));
            }
        }
        Err(error) => {
            assert_eq!(plain, None, "a right table is refused: {error}");
            if let TableError::OutOfBounds { offset, length, .. } = error {
                let rows = table.chunks(24).take_while(|row| row.iter().any(|byte| *byte != 0));
                let wide = |size: usize| u64::try_from(size).expect("64 bits");
                let (start, end) = (wide((rows.count() + 1) * 24), wide(table.len()));
                let [offset, length] = [offset, length].map(u64::from);
                assert!(offset < start || offset + length > end, "it is inside: {error}");
            }
        }
    }
}

/// GUID, offset and length of each; `None` where anything is odd.
fn plainly_read(table: &[u8]) -> Option<Vec<([u8; 16], &[u8])>> {
    let mut rows = Vec::new();
    loop {
        let at = rows.len() * 24;
        let row = table.get(at..at + 24)?;
        if row.iter().all(|byte| *byte == 0) {
            break;
        }
        if rows.len() == MAX_ENTRIES {
            return None;
        }
        let number = |at: usize| -> Option<usize> {
            usize::try_from(u32::from_le_bytes(row[at..at + 4].try_into().ok()?)).ok()
        };
        rows.push((<[u8; 16]>::try_from(&row[..16]).ok()?, number(16)?, number(20)?));
    }
    let mut entries = Vec::new();
    for (guid, offset, length) in &rows {
        let is_new = entries.iter().all(|(other, _)| other != guid);
        let certificate = table.get(*offset..offset.checked_add(*length)?)?;
        if !is_new || *offset < (rows.len() + 1) * 24 {
            return None;
        }
        entries.push((*guid, certificate));
    }
    // Where no GUID is one that is known, and some is in the other order, all are in that.
    let is_known =
        |guid: &[u8; 16]| KNOWN.iter().chain(&OTHERS).any(|known| known.to_be_bytes() == *guid);
    let guids = || entries.iter().map(|(guid, _)| *guid);
    if !guids().any(|guid| is_known(&guid)) && guids().any(|guid| is_known(&mixed(guid))) {
        for (guid, _) in &mut entries {
            *guid = mixed(*guid);
        }
    }
    Some(entries)
}

/// Known too, and no certificates: a revocation list, and Google's endorsement. [virtee sev, CertType; gce-tcb-verifier, endorsement.go]
const OTHERS: [u128; 2] =
    [0x92f81bc3_5811_4d3d_97ff_d19f88dc67ea, 0x9f4116cd_c503_4f5a_8f6f_fb68882f4ce2];

/// A GUID in the other order: EFI has its first three groups little-endian. [UEFI, appendix A]
fn mixed(mut guid: [u8; 16]) -> [u8; 16] {
    for group in [0..4, 4..6, 6..8] {
        guid[group].reverse();
    }
    guid
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let entry = |guid: u128, offset: u32, length: u32| {
        [&guid.to_be_bytes()[..], &offset.to_le_bytes(), &length.to_le_bytes()].concat()
    };
    let end = [0; 24];
    vec![
        [&[0][..], &end].concat(),
        [&[0], entry(KNOWN[0], 48, 4).as_slice(), &end, b"vcek"].concat(),
        [&[0], entry(KNOWN[1], 72, 4).as_slice(), &entry(KNOWN[2], 76, 3), &end, b"vlekask"]
            .concat(),
        [&[0], entry(KNOWN[0], 48, 5).as_slice(), &end, b"vcek"].concat(),
        [&[0], entry(KNOWN[0], 24, 4).as_slice(), &end, b"vcek"].concat(),
        vec![1, 3, 2, 1, 4, 3, 5, 4, 0x80, 9, 2, 0x40, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        [&[1, 32][..], &[0x80, 1, 0].repeat(32)].concat(),
        [&[1, 33][..], &[0x80, 1, 0].repeat(33)].concat(),
    ]
}
