//! Firmware images made up for the comparison: pattern bytes with a GUIDed table and SEV metadata
//! written over them.
//!
//! Defined by edk2 in OvmfPkg/ResetVector. The same bytes as the `fw` inputs of
//! testdata/vectors/digests.json, so that a digest seen here can be looked up there. The table is
//! written backwards: the footer comes last, the first entry sits right below it.

use anyhow::{Context as _, Result};

const FOOTER: [u8; 16] = guid(0x96b5_82de, 0x1fb2, 0x45f7, 0xbaea_a366_c55a_082d);
const RESET: [u8; 16] = guid(0x00f7_71de, 0x1a7e, 0x4fcb, 0x890e_68c7_7e2f_b44e);
const SECRET: [u8; 16] = guid(0x4c2e_b361, 0x7d9b, 0x4cc3, 0x8081_127c_90d3_d294);
const HASHES: [u8; 16] = guid(0x7255_371f, 0x3a3b, 0x4b04, 0x927b_1da6_efa8_d454);
const METADATA: [u8; 16] = guid(0xdc88_6566, 0x984a, 0x4798, 0xa75e_5585_a7bf_67cc);
const SVSM_INFO: [u8; 16] = guid(0xa789_a612, 0x0597, 0x4c4b, 0xa49f_cbb1_fe9d_1ddd);

/// Where the SEV metadata starts, counted back from the image's end.
const METADATA_FROM_END: u32 = 1476;

/// What an image holds; each field left out is a table entry left out.
pub(crate) struct Made {
    pub(crate) size: usize,
    pub(crate) reset: Option<u32>,
    pub(crate) hash_area: bool,
    pub(crate) sections: Option<&'static [[u32; 3]]>,
    pub(crate) svsm_entry: Option<u32>,
}

/// SEC_MEM, SEC_MEM, SECRETS, CPUID, SVSM_CAA, SEC_MEM, KERNEL_HASHES: edk2-stable202411 and newer.
pub(crate) const SECTIONS: &[[u32; 3]] = &[
    [0x80_0000, 0x9000, 1],
    [0x80_a000, 0x3000, 1],
    [0x80_d000, 0x1000, 2],
    [0x80_e000, 0x1000, 3],
    [0x80_f000, 0x1000, 4],
    [0x81_1000, 0xf000, 1],
    [0x81_0000, 0x1000, 0x10],
];

/// The same without SVSM_CAA, which tools of 2024 and before do not know.
pub(crate) const SECTIONS_WITHOUT_CAA: &[[u32; 3]] = &[
    [0x80_0000, 0x9000, 1],
    [0x80_a000, 0x3000, 1],
    [0x80_d000, 0x1000, 2],
    [0x80_e000, 0x1000, 3],
    [0x81_1000, 0xf000, 1],
    [0x81_0000, 0x1000, 0x10],
];

/// What an SVSM image asks for: its own memory, secrets and CPUID page.
pub(crate) const SVSM_SECTIONS: &[[u32; 3]] =
    &[[0x80_0000, 0x4000, 1], [0x80_4000, 0x1000, 2], [0x80_5000, 0x1000, 3]];

impl Made {
    pub(crate) fn bytes(&self) -> Result<Vec<u8>> {
        let mut image = super::inputs::pattern(self.size, 31, 7);
        let mut end = self.size.checked_sub(32).context("image smaller than its reset vector")?;
        let mut entries = Vec::new();
        if let Some(reset) = self.reset {
            entries.push((RESET, reset.to_le_bytes().to_vec()));
        }
        if let Some(entry) = self.svsm_entry {
            entries.push((SVSM_INFO, entry.to_le_bytes().to_vec()));
        } else {
            entries.push((SECRET, pair(0x81_0000, 0xc00)));
        }
        if self.hash_area {
            entries.push((HASHES, pair(0x81_0c00, 0x400)));
        }
        if self.sections.is_some() {
            entries.push((METADATA, METADATA_FROM_END.to_le_bytes().to_vec()));
        }
        let table: usize = 18 + entries.iter().map(|(_, data)| data.len() + 18).sum::<usize>();
        end = put(&mut image, end, &FOOTER)?;
        end = put(&mut image, end, &u16::try_from(table)?.to_le_bytes())?;
        for (guid, data) in entries {
            end = put(&mut image, end, &guid)?;
            end = put(&mut image, end, &u16::try_from(data.len() + 18)?.to_le_bytes())?;
            end = put(&mut image, end, &data)?;
        }
        if let Some(sections) = self.sections {
            let metadata = metadata(sections)?;
            let start = self.size - usize::try_from(METADATA_FROM_END)?;
            put(&mut image, start + metadata.len(), &metadata)?;
        }
        Ok(image)
    }
}

/// True where the image's last page names SEV metadata, as images for SEV-SNP do.
pub(crate) fn names_sev_metadata(image: &[u8]) -> bool {
    let tail = image.get(image.len().saturating_sub(4096)..).unwrap_or(image);
    tail.windows(METADATA.len()).any(|window| window == METADATA)
}

fn metadata(sections: &[[u32; 3]]) -> Result<Vec<u8>> {
    let count = u32::try_from(sections.len())?;
    let mut bytes = b"ASEV".to_vec();
    for number in [16 + 12 * count, 1, count].into_iter().chain(sections.iter().flatten().copied())
    {
        bytes.extend(number.to_le_bytes());
    }
    Ok(bytes)
}

fn pair(base: u32, size: u32) -> Vec<u8> {
    [base.to_le_bytes(), size.to_le_bytes()].concat()
}

/// Writes `bytes` so that they end at `end`, and gives the place where they start.
fn put(image: &mut [u8], end: usize, bytes: &[u8]) -> Result<usize> {
    let start = end.checked_sub(bytes.len()).context("image too small for its table")?;
    image.get_mut(start..end).context("image too small for its table")?.copy_from_slice(bytes);
    Ok(start)
}

/// A GUID as it lies in memory: three little-endian groups, then eight bytes as printed.
const fn guid(first: u32, second: u16, third: u16, rest: u64) -> [u8; 16] {
    let (a, b, c, d) =
        (first.to_le_bytes(), second.to_le_bytes(), third.to_le_bytes(), rest.to_be_bytes());
    [a[0], a[1], a[2], a[3], b[0], b[1], c[0], c[1], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]]
}
