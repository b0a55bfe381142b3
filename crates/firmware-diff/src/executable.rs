//! PE32, PE32+ and TE images: which of their bytes are what.
//!
//! Headers and tables of sections are read by goblin; what they point to is only located, so that a hostile module costs no more than
//! its size. [PE/COFF] [UEFI PI, EFI_TE_IMAGE_HEADER]

mod debug;
mod relocations;

use core::ops::Range;

use goblin::pe::header::{CoffHeader, DosHeader, TE_MAGIC, TeHeader};
use goblin::pe::optional_header::{MAGIC_32, MAGIC_64};
use goblin::pe::section_table::{IMAGE_SCN_CNT_CODE, IMAGE_SCN_MEM_EXECUTE, SectionTable};
use sev_launch_abi::reader::{Reader, index};

pub(crate) use relocations::Site;

/// More sections than this are not read: edk2's GenFw makes five at most.
const MOST_SECTIONS: usize = 96;
/// Bytes of a TE image's header.
const TE_HEADER: usize = 40;
/// Bytes of the signature before a COFF header.
const SIGNATURE: usize = 4;
/// Where the data directories of relocations and of debugging stand. [PE/COFF, Optional Header Data Directories]
const RELOCATIONS: usize = 5;
const DEBUG: usize = 6;

/// What bytes of an executable are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Area {
    /// A header that says what the image is and how it is started.
    Header,
    /// Sizes and places in the headers, which follow from the sections'.
    Sizes,
    /// A time of the build.
    Timestamp,
    /// The optional header's checksum.
    Checksum,
    /// The address that the image is linked or rebased to.
    ImageBase,
    /// A section that is executed. edk2's GCC builds keep constants in it too.
    Code,
    /// A section that is not.
    Data,
    /// The table of places that change with the image's address.
    Relocations,
    /// What a debug entry is: its type, and the rest of it that is no size and no place.
    DebugEntry,
    /// Sizes and places in the debug directory, and what it points to, but for what follows.
    Debug,
    /// Where the build left its symbols: a path.
    BuildPath,
    /// What names one build of a module.
    BuildId,
    /// Bytes between sections.
    Gap,
}

/// A section of an executable, its headers, or a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// A section's name; letters that are no ASCII are replaced.
    pub(crate) name: String,
    pub(crate) range: Range<usize>,
}

/// Where everything is in an executable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Executable {
    /// All of its bytes, in order.
    pub(crate) chunks: Vec<Chunk>,
    /// The same, finer: what each byte is.
    pub(crate) areas: Vec<(Range<usize>, Area)>,
    /// The address that it is linked or rebased to.
    pub(crate) image_base: u64,
    /// Places that change with that address, in order.
    pub(crate) sites: Vec<Site>,
    /// Are there more of them than are looked at?
    pub(crate) has_more_sites: bool,
    /// Where the debug directory, what it points to, and the zeros behind that up to the end of the section stand; `None` if something else
    /// stands among them.
    pub(crate) debug_tail: Option<DebugTail>,
    /// How sizes and places in the headers relate to the sections in the file.
    pub(crate) shape: Shape,
}

/// How the sizes and places in an executable's headers relate to its sections in the file: the same for two executables that differ in nothing but
/// how long their sections are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Of each section: its name, what it may be used for, how far its address lies from its place in the file, and its size from its bytes.
    sections: Vec<([u8; 8], u32, u32, u32)>,
    /// How much larger the image is in memory than in the file.
    image: Option<u32>,
    /// Where the table of relocations lies: in which section, and how far into it. Which words it names is compared for itself.
    relocations: Option<(usize, u32)>,
}

/// The end of a section, from the debug directory on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DebugTail {
    pub(crate) whole: Range<usize>,
    /// Where the path of the build's symbols starts; behind it there are only zeros.
    pub(crate) path: usize,
}

/// What the headers say, whichever they are.
struct Headers {
    /// Their bytes, table of sections included.
    size: usize,
    sections: Vec<SectionTable>,
    fields: Vec<(Range<usize>, Area)>,
    image_base: u64,
    /// SizeOfImage; a TE image has none.
    image_size: Option<u32>,
    relocations: Directory,
    debug: Directory,
    /// What pointers into the file are too large by: a TE image has lost part of its headers.
    stripped: usize,
}

/// A data directory: an address relative to the image's, and a size.
#[derive(Clone, Copy, Default)]
struct Directory {
    address: u32,
    size: u32,
}

impl Executable {
    /// Reads `bytes`, the contents of a PE32 or TE section; `None` if they are no executable whose sections follow one another.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let is_te = bytes.starts_with(&TE_MAGIC.to_le_bytes());
        let headers = if is_te { Headers::of_te(bytes) } else { Headers::of_pe(bytes) }?;
        let mut sections: Vec<(Range<usize>, &SectionTable)> = Vec::new();
        for section in &headers.sections {
            let start = index(section.pointer_to_raw_data);
            let end = start.checked_add(index(section.size_of_raw_data))?;
            if start < end {
                (end <= bytes.len()).then(|| sections.push((start..end, section)))?;
            }
        }
        sections.sort_by_key(|(range, _)| range.start);
        let mut chunks = vec![Chunk { name: "headers".into(), range: 0..headers.size }];
        let mut paint = Paint { areas: vec![(0..headers.size, Area::Header)] };
        let mut at = headers.size;
        for (range, section) in &sections {
            if range.start < at {
                return None;
            }
            gap(at..range.start, &mut chunks, &mut paint);
            let flags = section.characteristics;
            let is_code = flags & (IMAGE_SCN_CNT_CODE | IMAGE_SCN_MEM_EXECUTE) != 0;
            paint.areas.push((range.clone(), if is_code { Area::Code } else { Area::Data }));
            chunks.push(Chunk { name: printable(&section.name), range: range.clone() });
            at = range.end;
        }
        gap(at..bytes.len(), &mut chunks, &mut paint);
        for (range, area) in &headers.fields {
            paint.over(range.clone(), *area);
        }
        let located = |directory: Directory| headers.locate(directory, bytes.len());
        let relocations = located(headers.relocations);
        let sites = relocations.clone().map_or_else(Vec::new, |range| headers.sites(bytes, range));
        if let Some(range) = relocations {
            paint.over(range, Area::Relocations);
        }
        let directory = located(headers.debug);
        let path = directory
            .clone()
            .and_then(|range| debug::paint(bytes, range, headers.stripped, &mut paint));
        let mut executable = Self {
            chunks,
            areas: paint.areas,
            image_base: headers.image_base,
            has_more_sites: sites.len() >= relocations::MOST_SITES,
            sites,
            debug_tail: None,
            shape: headers.shape(bytes.len()),
        };
        executable.debug_tail = directory
            .zip(path)
            .and_then(|(directory, path)| executable.debug_tail(bytes, directory.start, path));
        Some(executable)
    }

    /// The end of a section from its debug directory on: that, what it points to, with a path that is text and ends with a NUL, and zeros. The
    /// section is not executed.
    fn debug_tail(&self, bytes: &[u8], start: usize, path: Range<usize>) -> Option<DebugTail> {
        let is_inside = |chunk: &&Chunk| chunk.range.start <= start && path.end <= chunk.range.end;
        let end = self.chunks.iter().find(is_inside)?.range.end;
        let is_zero = |range: Range<usize>| {
            bytes.get(range).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
        };
        let is_debug = |(range, area): &(Range<usize>, Area)| match area {
            Area::Debug | Area::DebugEntry | Area::Timestamp | Area::BuildId | Area::BuildPath => {
                true
            }
            Area::Data => is_zero(range.start.max(start)..range.end.min(end)),
            _ => false,
        };
        let text = bytes.get(path.clone())?;
        let letters =
            text.iter().take_while(|byte| byte.is_ascii_graphic() || **byte == b' ').count();
        let is_path = letters < text.len() && text.iter().skip(letters).all(|byte| *byte == 0);
        let whole = start..end;
        (is_path && start <= path.start && self.areas_of(&whole).all(is_debug))
            .then_some(DebugTail { whole, path: path.start })
    }

    /// The executable as it is at address 0: its base and every word that changes with it, so that rebasing makes no difference.
    pub(crate) fn at_zero(&self, bytes: &[u8]) -> Vec<u8> {
        let mut moved = bytes.to_vec();
        for (range, area) in &self.areas {
            if *area == Area::ImageBase {
                moved.get_mut(range.clone()).unwrap_or_default().fill(0);
            }
        }
        for site in &self.sites {
            let Some(word) = moved.get_mut(site.range.clone()) else { continue };
            let value = word.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
            let at_zero = value.wrapping_sub(self.image_base).to_le_bytes();
            word.iter_mut().zip(at_zero).for_each(|(byte, new)| *byte = new);
        }
        moved
    }

    /// What the bytes of a range are: one answer, or each that occurs.
    pub(crate) fn areas_of(
        &self,
        range: &Range<usize>,
    ) -> impl Iterator<Item = &(Range<usize>, Area)> {
        let first = self.areas.partition_point(|(area, _)| area.end <= range.start);
        let end = range.end;
        self.areas
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(area, _)| area.start < end)
    }
}

fn gap(range: Range<usize>, chunks: &mut Vec<Chunk>, paint: &mut Paint) {
    if !range.is_empty() {
        paint.areas.push((range.clone(), Area::Gap));
        chunks.push(Chunk { name: "gap".into(), range });
    }
}

fn printable(name: &[u8; 8]) -> String {
    let letters = name.iter().take_while(|byte| **byte != 0);
    letters.map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }).collect()
}

impl Headers {
    fn of_pe(bytes: &[u8]) -> Option<Self> {
        let dos = DosHeader::parse(bytes).ok()?;
        let start = index(dos.pe_pointer);
        let mut at = start.checked_add(SIGNATURE)?;
        let coff = CoffHeader::parse(bytes, &mut at).ok()?;
        let optional_size = usize::from(coff.size_of_optional_header);
        let table = at.checked_add(optional_size)?;
        let optional = Reader::new(bytes.get(at..table)?);
        // [PE/COFF, Optional Header Windows-Specific Fields]
        let (base, directories, image_base) = match optional.u16_at("", 0).ok()? {
            MAGIC_32 => (28..32, 96, u64::from(optional.u32_at("", 28).ok()?)),
            MAGIC_64 => (24..32, 112, optional.array_at("", 24).map(u64::from_le_bytes).ok()?),
            _ => return None,
        };
        let count = index(optional.u32_at("", directories - 4).ok()?);
        let directory = |number: usize| {
            let from = directories + 8 * number;
            (number < count)
                .then(|| {
                    Some(Directory {
                        address: optional.u32_at("", from).ok()?,
                        size: optional.u32_at("", from + 4).ok()?,
                    })
                })
                .flatten()
                .unwrap_or_default()
        };
        let mut end = table;
        let sections = sections(bytes, &mut end, usize::from(coff.number_of_sections))?;
        let time = start + SIGNATURE + 4;
        let mut fields = vec![
            (time..time + 4, Area::Timestamp),
            (at + base.start..at + base.end, Area::ImageBase),
            // SizeOfCode, SizeOfInitializedData, SizeOfUninitializedData; SizeOfImage, SizeOfHeaders.
            (at + 4..at + 16, Area::Sizes),
            (at + 56..at + 64, Area::Sizes),
            (at + 64..at + 68, Area::Checksum),
        ];
        let (relocations, debug) = (directory(RELOCATIONS), directory(DEBUG));
        for (number, found) in [(RELOCATIONS, relocations), (DEBUG, debug)] {
            if found.size > 0 {
                let from = at + directories + 8 * number;
                fields.push((from..from + 8, Area::Sizes));
            }
        }
        fields.extend((0..sections.len()).map(|number| {
            // VirtualSize, VirtualAddress, SizeOfRawData, PointerToRawData.
            let from = table + 40 * number;
            (from + 8..from + 24, Area::Sizes)
        }));
        let image_size = optional.u32_at("", 56).ok();
        Some(Self {
            size: end,
            sections,
            fields,
            image_base,
            image_size,
            relocations,
            debug,
            stripped: 0,
        })
    }

    fn of_te(bytes: &[u8]) -> Option<Self> {
        let mut at = 0;
        let header = TeHeader::parse(bytes, &mut at).ok()?;
        let stripped = usize::from(header.stripped_size).checked_sub(TE_HEADER)?;
        let count = usize::from(header.number_of_sections);
        if count > MOST_SECTIONS {
            return None;
        }
        // goblin takes what was stripped off addresses and pointers.
        let sections = header.sections(bytes, &mut at).ok()?;
        let mut fields = vec![(16..24, Area::ImageBase)];
        for (from, found) in [(24, header.reloc_dir), (32, header.debug_dir)] {
            if found.size > 0 {
                fields.push((from..from + 8, Area::Sizes));
            }
        }
        fields.extend((0..count).map(|number| {
            let from = TE_HEADER + 40 * number;
            (from + 8..from + 24, Area::Sizes)
        }));
        let of = |found: goblin::pe::data_directories::DataDirectory| Directory {
            address: found.virtual_address,
            size: found.size,
        };
        Some(Self {
            size: at,
            sections,
            fields,
            image_base: header.image_base,
            image_size: None,
            relocations: of(header.reloc_dir),
            debug: of(header.debug_dir),
            stripped,
        })
    }

    /// How what these headers say relates to a file of `size` bytes.
    fn shape(&self, size: usize) -> Shape {
        let sections = self.sections.iter().map(|section| {
            let address = section.virtual_address.wrapping_sub(section.pointer_to_raw_data);
            let more = section.virtual_size.wrapping_sub(section.size_of_raw_data);
            (section.name, section.characteristics, address, more)
        });
        let file = u32::try_from(size).unwrap_or(u32::MAX);
        let relocations = (self.relocations.size > 0).then(|| {
            let address = self.relocations.address;
            let is_in = |section: &SectionTable| {
                address
                    .checked_sub(section.virtual_address)
                    .is_some_and(|inside| inside < section.size_of_raw_data)
            };
            let number = self.sections.iter().position(is_in).unwrap_or(usize::MAX);
            let section = self.sections.get(number);
            let of = |value: fn(&SectionTable) -> u32| section.map_or(0, value);
            let from = address.wrapping_sub(of(|section| section.virtual_address));
            (number, from)
        });
        Shape {
            sections: sections.collect(),
            image: self.image_size.map(|image| image.wrapping_sub(file)),
            relocations,
        }
    }

    /// Where the bytes of a directory are; `None` if they are not in the file.
    fn locate(&self, directory: Directory, size: usize) -> Option<Range<usize>> {
        (directory.size > 0).then_some(())?;
        let start = self.offset(directory.address)?;
        let end = start.checked_add(index(directory.size))?;
        (end <= size).then_some(start..end)
    }

    /// Where an address relative to the image's lies in the file.
    fn offset(&self, address: u32) -> Option<usize> {
        // The table of sections is in the order of their addresses; where it is not, some addresses are not found.
        let after = self.sections.partition_point(|section| section.virtual_address <= address);
        let section = self.sections.get(after.checked_sub(1)?)?;
        let inside = address.checked_sub(section.virtual_address)?;
        (inside < section.size_of_raw_data)
            .then(|| index(section.pointer_to_raw_data).checked_add(index(inside)))?
    }

    fn sites(&self, bytes: &[u8], table: Range<usize>) -> Vec<Site> {
        relocations::sites(bytes.get(table).unwrap_or_default(), |address| {
            // A TE image's table has the addresses of before its headers were stripped.
            self.offset(address.checked_sub(u32::try_from(self.stripped).ok()?)?)
        })
    }
}

fn sections(bytes: &[u8], at: &mut usize, count: usize) -> Option<Vec<SectionTable>> {
    if count > MOST_SECTIONS {
        return None;
    }
    // Names in a table of strings are not looked up, so that table is said to lie behind the file.
    (0..count).map(|_| SectionTable::parse(bytes, at, bytes.len()).ok()).collect()
}

/// Areas in order, without a gap.
pub(crate) struct Paint {
    areas: Vec<(Range<usize>, Area)>,
}

impl Paint {
    /// Says more of what `range` is, wherever that does not make less of it: what is executed stays code.
    fn over(&mut self, range: Range<usize>, area: Area) {
        let mut areas = Vec::with_capacity(self.areas.len() + 2);
        for (old, kind) in self.areas.drain(..) {
            let inside = old.start.max(range.start)..old.end.min(range.end);
            if inside.is_empty() || kind == Area::Code {
                areas.push((old, kind));
                continue;
            }
            for (piece, kind) in [
                (old.start..inside.start, kind),
                (inside.clone(), area),
                (inside.end..old.end, kind),
            ] {
                if !piece.is_empty() {
                    areas.push((piece, kind));
                }
            }
        }
        self.areas = areas;
    }
}
