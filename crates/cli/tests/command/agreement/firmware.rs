//! Random firmware images, each with what a launcher finds in it.

use sev_launch_testkit::firmware::{
    CPUID, Entry, FirmwareBuilder, HASH_AREA, KERNEL_HASHES, Payload, RESET_BLOCK, SEC_MEM,
    SECRET_AREA, SECRETS, SEV_METADATA, SVSM_CAA, SVSM_INFO, Section,
};

use super::choice::Choice;

/// An image, and what stands in it.
#[derive(Clone)]
pub(super) struct Firmware {
    pub(super) builder: FirmwareBuilder,
    /// Bytes over the filling, before the tables.
    noise: Vec<(usize, Vec<u8>)>,
    pub(super) size: usize,
    /// Does it have a table, and not at most a reset block?
    pub(super) has_table: bool,
    /// Where further vCPUs start; 0 if it does not say.
    pub(super) reset: u32,
    /// Where the table of kernel hashes goes; 0 if it does not say.
    pub(super) hash_area: u32,
    /// The sections of its metadata.
    pub(super) sections: Vec<Section>,
    /// An SVSM's entry.
    pub(super) entry: u32,
}

/// What an image must have.
#[derive(Clone, Copy, Default)]
pub(super) struct Wanted {
    /// Whole pages.
    pub(super) pages: bool,
    /// Whole blocks of 64 KiB, as `-bios` wants.
    pub(super) blocks: bool,
    pub(super) reset: bool,
    pub(super) hashes: bool,
    pub(super) metadata: bool,
    pub(super) svsm: bool,
    /// Must the area of the hashes be aligned to 16 bytes, as LAUNCH_UPDATE_DATA wants?
    pub(super) aligned: bool,
    /// May two sections share a page? No host of KVM adds one twice.
    pub(super) may_overlap: bool,
}

impl Firmware {
    pub(super) fn image(&self) -> Vec<u8> {
        let mut image = self.builder.build();
        for (at, bytes) in &self.noise {
            image[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        image
    }

    /// A random image.
    pub(super) fn new(choice: &mut Choice, wanted: Wanted) -> Self {
        let has_metadata = wanted.metadata || choice.one_in(3);
        let sections = if has_metadata { sections(choice, wanted) } else { Vec::new() };
        let reset = if wanted.reset || choice.one_in(2) { address(choice) } else { 0 };
        let hash_area = if wanted.hashes || choice.one_in(2) {
            hash_area(choice, &sections, wanted.aligned)
        } else {
            0
        };
        let size = size(choice, wanted);
        let entry = u32::try_from(choice.size(0..=size - 1)).expect("a small image");
        let mut entries = Vec::new();
        let mut add = |guid: &str, numbers: &[u32]| {
            entries.push(bytes_entry(
                guid,
                numbers.iter().flat_map(|one| one.to_le_bytes()).collect(),
            ));
        };
        if reset != 0 {
            add(RESET_BLOCK, &[reset]);
        }
        if hash_area != 0 {
            add(HASH_AREA, &[hash_area, u32::try_from(choice.number(176..=4096)).expect("small")]);
        }
        if choice.one_in(2) {
            add(SECRET_AREA, &[choice.word32(), choice.word32()]);
        }
        if wanted.svsm || choice.one_in(8) {
            add(SVSM_INFO, &[entry]);
        }
        if has_metadata {
            entries.push(Entry {
                guid: SEV_METADATA.into(),
                payload: Payload::MetadataOffset,
                length: None,
            });
        }
        for _ in 0..choice.size(0..=2) {
            let count = choice.size(0..=12);
            entries.push(bytes_entry(&unknown_guid(choice), choice.bytes(count)));
        }
        let mut entries = choice.shuffled(entries);
        // What stands nearer to the end wins (QEMU, `pc_system_ovmf_table_find`).
        if !entries.is_empty() && choice.one_in(6) {
            let again = choice.of(&entries).guid;
            entries.push(bytes_entry(&again, choice.bytes(8)));
        }
        Self::of_entries(choice, size, entries, sections, (reset, hash_area, entry))
    }

    /// An image that has no table, or, as older ones, a reset block alone.
    pub(super) fn without_table(choice: &mut Choice, wanted: Wanted) -> Self {
        let size = size(choice, wanted);
        let reset = if wanted.reset { address(choice) } else { 0 };
        let builder = filled(choice, size);
        let builder =
            if reset == 0 { builder.without_table() } else { builder.lone_reset_block(reset) };
        let noise = noise(choice, size - 64);
        let (hash_area, sections, entry) = (0, Vec::new(), 0);
        Self { builder, noise, size, has_table: false, reset, hash_area, sections, entry }
    }

    fn of_entries(
        choice: &mut Choice,
        size: usize,
        entries: Vec<Entry>,
        sections: Vec<Section>,
        (reset, hash_area, entry): (u32, u32, u32),
    ) -> Self {
        let payload = |entry: &Entry| match &entry.payload {
            Payload::Bytes(bytes) => bytes.len(),
            Payload::MetadataOffset => 4,
        };
        let table: usize = entries.iter().map(|entry| payload(entry) + 18).sum::<usize>() + 18;
        let has_metadata = entries.iter().any(|entry| entry.payload == Payload::MetadataOffset);
        let least = 32 + table + if has_metadata { 16 + 12 * sections.len() } else { 0 };
        // As a rule near the table; now and then farther back than any launcher's buffer.
        let most = if choice.one_in(4) { size } else { size.min(least + 2000) };
        let back = choice.size(least..=most);
        let mut builder = filled(choice, size).table(entries);
        if has_metadata {
            let back = u32::try_from(back).expect("a small image");
            builder = builder.sections(sections.clone()).metadata_offset(back);
        }
        let noise = noise(choice, size - back);
        Self { builder, noise, size, has_table: true, reset, hash_area, sections, entry }
    }
}

fn filled(choice: &mut Choice, size: usize) -> FirmwareBuilder {
    let [mul, add, ..] = choice.word().to_le_bytes();
    FirmwareBuilder::new(size).pattern(mul, add)
}

/// Random bytes at a few places, so that no two pages need be equal.
fn noise(choice: &mut Choice, below: usize) -> Vec<(usize, Vec<u8>)> {
    let place = |_| {
        let count = choice.size(0..=40).min(below);
        (choice.size(0..=below - count), choice.bytes(count))
    };
    (0..6).map(place).collect()
}

fn size(choice: &mut Choice, wanted: Wanted) -> usize {
    let pages = match choice.number(0..=9) {
        _ if wanted.blocks => 16 * choice.size(1..=3),
        0..=4 => choice.size(1..=8),
        5..=7 => 16,
        8 => choice.size(17..=64),
        _ => choice.of(&[32, 128, 200]),
    };
    let odd =
        if wanted.pages || wanted.blocks || !choice.one_in(6) { 0 } else { choice.size(1..=4095) };
    4096 * pages + odd
}

fn address(choice: &mut Choice) -> u32 {
    match choice.number(0..=2) {
        0 => 0x0080_b004,
        1 => choice.word32() | 1,
        // Only one half of it is not 0.
        _ => choice.of(&[0x0000_0001, 0x8000_0000, 0x0000_ffff, 0xffff_0000]),
    }
}

fn hash_area(choice: &mut Choice, sections: &[Section], aligned: bool) -> u32 {
    let hashes = sections.iter().filter(|section| section.kind == KERNEL_HASHES);
    // The table must end within each section, and starts in its first page.
    let room = hashes.map(|section| section.length).min().unwrap_or(4096);
    let offset = u32::try_from(choice.number(0..=u64::from(room - 176).min(4095))).expect("small");
    let offset = if aligned || choice.one_in(2) { offset & !15 } else { offset };
    // QEMU takes the page from the section and only the place in it from the area.
    (choice.word32() & 0x7fff_f000).max(0x1000) + offset
}

fn sections(choice: &mut Choice, wanted: Wanted) -> Vec<Section> {
    let mut kinds = Vec::new();
    for (kind, most) in [(SEC_MEM, 4), (SECRETS, 2), (CPUID, 2), (SVSM_CAA, 2), (KERNEL_HASHES, 1)]
    {
        kinds.extend(vec![kind; choice.size(0..=most)]);
    }
    if wanted.hashes && !kinds.contains(&KERNEL_HASHES) {
        kinds.push(KERNEL_HASHES);
    }
    let mut base = 0x1000 * u32::try_from(choice.number(0..=0x7_0000)).expect("small");
    let mut sections = Vec::new();
    for kind in choice.shuffled(kinds) {
        let most = if choice.one_in(5) { 16 } else { 2 };
        let length = 0x1000 * u32::try_from(choice.number(1..=most)).expect("small");
        sections.push(Section::new(base, length, kind));
        let gap = if choice.one_in(2) { 0 } else { choice.number(1..=9) };
        base += length + 0x1000 * u32::try_from(gap).expect("small");
    }
    if let (Some(section), true) =
        (sections.last().copied(), wanted.may_overlap && choice.one_in(12))
    {
        sections.push(Section::new(section.base, 0x1000, SEC_MEM));
    }
    choice.shuffled(sections)
}

fn bytes_entry(guid: &str, bytes: Vec<u8>) -> Entry {
    Entry { guid: guid.into(), payload: Payload::Bytes(bytes), length: None }
}

fn unknown_guid(choice: &mut Choice) -> String {
    let text = hex::encode(choice.bytes(16));
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}
