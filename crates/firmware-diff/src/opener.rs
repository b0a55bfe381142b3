//! From bytes to parts: volumes, their files, the files' sections, and volumes again.
//!
//! Every byte of what is opened becomes part of a part. What is malformed becomes a leaf with a remark, so nothing here fails but by a limit.

use core::ops::Range;

use sev_launch_abi::reader::index;

use crate::error::Error;
use crate::file::{FileHeader, FileKind, HEADER};
use crate::limits::{Budget, MAX_DEPTH, saturated};
use crate::packed::{self, Unpacked};
use crate::part::{Part, Span, What};
use crate::remark::Remark;
use crate::section::{Packing, SectionHeader, SectionKind};
use crate::variables::{self, STORE_HEADER, StoreHeader, VariableHeader};
use crate::volume::{SIGNATURE, SIGNATURE_OFFSET, VolumeHeader};

/// Volumes start at a multiple of this, and so do files, counted from their volume.
const VOLUME_ALIGNMENT: usize = 8;
/// The same of sections, counted from their file.
const SECTION_ALIGNMENT: usize = 4;
/// The same of the working block, counted from its volume: a block of flash.
const BLOCK: usize = 4096;

/// A space that is being opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) space: usize,
}

impl<'b> Place<'b> {
    fn slice(&self, range: Range<usize>) -> &'b [u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.space, range)
    }
}

/// What is opened so far.
#[derive(Debug)]
pub(crate) struct Opener {
    /// What packed sections unpacked to, from space 1 on.
    pub(crate) spaces: Vec<Vec<u8>>,
    pub(crate) budget: Budget,
}

impl Opener {
    pub(crate) fn new(size: usize) -> Result<Self, Error> {
        Ok(Self { spaces: Vec::new(), budget: Budget::new(size)? })
    }

    fn part(&mut self, what: What, span: Span) -> Result<Part, Error> {
        self.budget.part()?;
        Ok(Part::new(what, span))
    }

    /// Bytes that have no parts: padding where all are the same. `None` if there are none.
    fn leaf(&mut self, place: Place<'_>, range: Range<usize>) -> Result<Option<Part>, Error> {
        let bytes = place.slice(range.clone());
        let Some(fill) = bytes.first().copied() else {
            return Ok(None);
        };
        let is_filled = bytes.iter().all(|byte| *byte == fill);
        let what = if is_filled { What::Padding { fill } } else { What::Data };
        self.part(what, place.span(range)).map(Some)
    }

    /// The same with a remark, whatever the bytes are.
    fn unread(
        &mut self,
        place: Place<'_>,
        range: Range<usize>,
        remark: Remark,
    ) -> Result<Part, Error> {
        let mut part = self.part(What::Data, place.span(range))?;
        part.remarks.push(remark);
        Ok(part)
    }

    /// Flash: volumes, and what stands between them.
    pub(crate) fn flash(
        &mut self,
        place: Place<'_>,
        range: Range<usize>,
    ) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        let (mut at, mut gap, mut remark) = (range.start, range.start, None);
        while let Some(found) = next_volume(place, at..range.end) {
            match VolumeHeader::parse(place.slice(found..range.end)) {
                Ok(header) => {
                    self.between(place, gap..found, remark.take(), &mut parts)?;
                    let volume = self.volume(place, found, header, 0)?;
                    (at, gap) = (volume.span.end, volume.span.end);
                    parts.push(volume);
                }
                Err(why) => {
                    remark.get_or_insert(Remark::NoVolume { why });
                    at = found.saturating_add(VOLUME_ALIGNMENT);
                }
            }
        }
        self.between(place, gap..range.end, remark, &mut parts)?;
        Ok(parts)
    }

    fn between(
        &mut self,
        place: Place<'_>,
        range: Range<usize>,
        remark: Option<Remark>,
        parts: &mut Vec<Part>,
    ) -> Result<(), Error> {
        match remark {
            Some(remark) => parts.push(self.unread(place, range, remark)?),
            None => parts.extend(self.leaf(place, range)?),
        }
        Ok(())
    }

    /// The volume at `start`, whose header fits into what it stands in.
    fn volume(
        &mut self,
        place: Place<'_>,
        start: usize,
        header: VolumeHeader,
        depth: usize,
    ) -> Result<Part, Error> {
        let depth = deeper(depth)?;
        let end = start.saturating_add(saturated(header.length)).min(place.bytes.len());
        let mut volume = self.part(What::Image, place.span(start..end))?;
        volume.header = header.header_length.min(end.saturating_sub(start));
        if !header.has_right_checksum {
            volume.remarks.push(Remark::Checksum { what: "header" });
        }
        if !header.has_right_map {
            let why =
                "its map of blocks does not cover it, or its extended header lies outside of it";
            volume.remarks.push(Remark::Malformed { why });
        }
        if header.holds_variables() {
            volume.parts = self.variables(place, start + volume.header..end)?;
        } else if header.holds_files() {
            if let Some(extended) = self.bare_extended_header(place, start, &header, end) {
                volume.header = extended;
            }
            volume.parts = self.files(place, start, start + volume.header..end, &header, depth)?;
        } else {
            volume.remarks.push(Remark::FileSystem(header.file_system));
            volume.parts.extend(self.leaf(place, start + volume.header..end)?);
        }
        volume.what = What::Volume(header);
        Ok(volume)
    }

    /// How many bytes the volume's headers have where the extended one stands in no padding file.
    fn bare_extended_header(
        &self,
        place: Place<'_>,
        start: usize,
        header: &VolumeHeader,
        end: usize,
    ) -> Option<usize> {
        let (extended, extended_end) = header.extended?;
        let first = header.header_length.next_multiple_of(VOLUME_ALIGNMENT);
        let file = FileHeader::parse(
            place.slice(start.checked_add(first)?..end),
            header.erased(),
            header.has_large_files(),
        );
        let stands_in_file = file.is_ok_and(|file| {
            file.kind == FileKind::PADDING
                && first + file.header <= extended
                && extended_end <= first + file.size
        });
        let whole = extended_end.next_multiple_of(VOLUME_ALIGNMENT);
        (!stands_in_file && extended >= header.header_length && start + whole <= end)
            .then_some(whole)
    }

    /// Files after one another, in a volume that starts at `start`.
    fn files(
        &mut self,
        place: Place<'_>,
        start: usize,
        range: Range<usize>,
        volume: &VolumeHeader,
        depth: usize,
    ) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        let mut at = range.start;
        loop {
            let aligned = (at - start)
                .next_multiple_of(VOLUME_ALIGNMENT)
                .saturating_add(start)
                .min(range.end);
            parts.extend(self.leaf(place, at..aligned)?);
            at = aligned;
            let left = place.slice(at..range.end);
            let next = left.get(..HEADER.min(left.len())).unwrap_or_default();
            if next.iter().all(|byte| *byte == volume.erased()) {
                let is_free = left.iter().all(|byte| *byte == volume.erased());
                if is_free {
                    parts.extend(self.leaf(place, at..range.end)?);
                } else {
                    let why = "free space that is not empty";
                    parts.push(self.unread(place, at..range.end, Remark::NoFile { why })?);
                }
                return Ok(parts);
            }
            match FileHeader::parse(left, volume.erased(), volume.has_large_files()) {
                Ok(header) => {
                    let file = self.file(place, at, header, depth)?;
                    at = file.span.end;
                    parts.push(file);
                }
                Err(why) => {
                    parts.push(self.unread(place, at..range.end, Remark::NoFile { why })?);
                    return Ok(parts);
                }
            }
        }
    }

    fn file(
        &mut self,
        place: Place<'_>,
        start: usize,
        header: FileHeader,
        depth: usize,
    ) -> Result<Part, Error> {
        self.budget.file()?;
        let end = start.saturating_add(header.size);
        let mut file = self.part(What::Image, place.span(start..end))?;
        file.header = header.header;
        if !header.has_right_header_checksum {
            file.remarks.push(Remark::Checksum { what: "header" });
        }
        if !header.has_right_checksum {
            file.remarks.push(Remark::Checksum { what: "contents" });
        }
        if !header.has_one_size {
            let why = "it is large, and has a size of 24 bits too";
            file.remarks.push(Remark::Malformed { why });
        }
        if !header.is_in_use() {
            file.remarks.push(Remark::NotInUse);
        }
        if !header.kind.is_known() {
            file.remarks.push(Remark::Malformed { why: "its type is not known" });
        }
        if header.kind.has_sections() {
            file.parts = self.sections(place, start + header.header..end, depth)?;
        }
        file.what = What::File(header);
        Ok(file)
    }

    /// Sections after one another; they are aligned from the start of the range.
    fn sections(
        &mut self,
        place: Place<'_>,
        range: Range<usize>,
        depth: usize,
    ) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let aligned =
                (at - range.start).next_multiple_of(SECTION_ALIGNMENT).saturating_add(range.start);
            let aligned = aligned.min(range.end);
            parts.extend(self.leaf(place, at..aligned)?);
            at = aligned;
            if at == range.end {
                break;
            }
            match SectionHeader::parse(place.slice(at..range.end)) {
                Ok(header) => {
                    let section = self.section(place, at, header, depth)?;
                    at = section.span.end;
                    parts.push(section);
                }
                Err(why) => {
                    parts.push(self.unread(place, at..range.end, Remark::NoSection { why })?);
                    break;
                }
            }
        }
        Ok(parts)
    }

    fn section(
        &mut self,
        place: Place<'_>,
        start: usize,
        header: SectionHeader,
        depth: usize,
    ) -> Result<Part, Error> {
        let end = start.saturating_add(header.size);
        let mut section = self.part(What::Image, place.span(start..end))?;
        section.header = header.header;
        let body = start + header.header..end;
        if !header.kind.is_known() {
            section.remarks.push(Remark::Malformed { why: "its type is not known" });
        }
        if header.packing == Some(Packing::None)
            && header.promised.is_some_and(|promised| index(promised) != body.len())
        {
            section
                .remarks
                .push(Remark::Malformed { why: "its size unpacked is not that of what follows" });
        }
        match header.packing {
            Some(Packing::None) => section.parts = self.sections(place, body, deeper(depth)?)?,
            Some(packing) => self.unpack(place, body, packing, depth, &mut section)?,
            None if header.kind == SectionKind::VOLUME_IMAGE => {
                section.parts = self.volume_image(place, body, depth)?;
            }
            None => {}
        }
        section.what = What::Section(header);
        Ok(section)
    }

    /// What a packed section unpacks to becomes a space of its own.
    fn unpack(
        &mut self,
        place: Place<'_>,
        body: Range<usize>,
        packing: Packing,
        depth: usize,
        section: &mut Part,
    ) -> Result<(), Error> {
        let depth = deeper(depth)?;
        if packing == Packing::Unknown {
            let why = "it is packed in a way that is not unpacked here".into();
            section.remarks.push(Remark::Unopened { why });
            return Ok(());
        }
        match packed::unpack(packing, place.slice(body), &mut self.budget)? {
            Unpacked::Kept(why) => section.remarks.push(Remark::Unopened { why }),
            Unpacked::Contents(contents, left_over) => {
                if left_over > 0 {
                    let why = "bytes that are not unpacked follow the packed ones";
                    section.remarks.push(Remark::Malformed { why });
                }
                self.spaces.push(Vec::new());
                let space = self.spaces.len();
                let inside = Place { bytes: &contents, space };
                section.parts = self.sections(inside, 0..contents.len(), depth)?;
                section.unpacked = Some(space);
                if let Some(kept) = self.spaces.get_mut(space - 1) {
                    *kept = contents;
                }
            }
        }
        Ok(())
    }

    /// A section that should be a volume from its start on.
    fn volume_image(
        &mut self,
        place: Place<'_>,
        body: Range<usize>,
        depth: usize,
    ) -> Result<Vec<Part>, Error> {
        let bytes = place.slice(body.clone());
        let signature = bytes.get(SIGNATURE_OFFSET..SIGNATURE_OFFSET + SIGNATURE.len());
        let header = match signature {
            Some(found) if found == SIGNATURE => VolumeHeader::parse(bytes),
            _ => Err("it has no volume's signature"),
        };
        let mut parts = Vec::new();
        let rest = match header {
            Ok(header) => {
                let volume = self.volume(place, body.start, header, depth)?;
                let end = volume.span.end;
                parts.push(volume);
                end..body.end
            }
            Err(why) => {
                if !body.is_empty() {
                    parts.push(self.unread(place, body, Remark::Malformed { why })?);
                }
                return Ok(parts);
            }
        };
        parts.extend(self.leaf(place, rest)?);
        Ok(parts)
    }

    /// What is in a volume of variables.
    fn variables(&mut self, place: Place<'_>, range: Range<usize>) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        let mut at = range.start;
        match StoreHeader::parse(place.slice(range.clone())) {
            Some(header) => {
                let store = self.store(place, at, header)?;
                at = store.span.end;
                parts.push(store);
            }
            None => {
                let why = "it has no variable store at its start";
                parts.push(self.unread(place, range, Remark::Malformed { why })?);
                return Ok(parts);
            }
        }
        // Blocks are counted from the start of the image, where this volume stands in every layout of edk2.
        let blocks = (at.next_multiple_of(BLOCK)..range.end).step_by(BLOCK);
        let block = blocks.into_iter().find_map(|start| {
            let size = variables::working_block(place.slice(start..range.end))?;
            Some(start..start + size)
        });
        if let Some(block) = block {
            parts.extend(self.leaf(place, at..block.start)?);
            at = block.end;
            parts.push(self.part(What::WorkingBlock, place.span(block))?);
        }
        parts.extend(self.leaf(place, at..range.end)?);
        Ok(parts)
    }

    fn store(
        &mut self,
        place: Place<'_>,
        start: usize,
        header: StoreHeader,
    ) -> Result<Part, Error> {
        let end = start.saturating_add(header.size);
        let mut store = self.part(What::VariableStore(header), place.span(start..end))?;
        store.header = STORE_HEADER;
        let mut at = start + STORE_HEADER;
        loop {
            let aligned = (at - start).next_multiple_of(4).saturating_add(start).min(end);
            let Some(variable) =
                VariableHeader::parse(place.slice(aligned..end), header.is_authenticated)
            else {
                break;
            };
            store.parts.extend(self.leaf(place, at..aligned)?);
            at = aligned.saturating_add(variable.size);
            let header = variable.header;
            let mut part = self.part(What::Variable(variable), place.span(aligned..at))?;
            part.header = header;
            store.parts.push(part);
        }
        store.parts.extend(self.leaf(place, at..end)?);
        Ok(store)
    }
}

/// One deeper, if that is still allowed.
fn deeper(depth: usize) -> Result<usize, Error> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(Error::TooDeep) }
}

/// The next place in the range at which a volume's signature says that one starts.
fn next_volume(place: Place<'_>, range: Range<usize>) -> Option<usize> {
    let first = range.start.next_multiple_of(VOLUME_ALIGNMENT);
    let last = range.end.checked_sub(SIGNATURE_OFFSET + SIGNATURE.len())?;
    (first..=last).step_by(VOLUME_ALIGNMENT).find(|at| {
        place.bytes.get(at + SIGNATURE_OFFSET..).is_some_and(|bytes| bytes.starts_with(SIGNATURE))
    })
}
