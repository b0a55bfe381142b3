//! Two executables, compared by what their bytes are.

use core::ops::Range;
use std::sync::Arc;

use super::walk::Walk;
use crate::bytes::{self, Hunk};
use crate::difference::Location;
use crate::executable::{Area, Chunk, DebugTail, Executable};
use crate::kind::Kind;
use crate::part::Span;
use crate::text;

/// Two executables, and the bytes of each.
struct Two<'w> {
    a: &'w [u8],
    b: &'w [u8],
    of_a: Executable,
    of_b: Executable,
    /// Are both the same but for the addresses that they are at, which differ by as much as their places?
    is_rebased: bool,
    /// Do their tables of relocations name the same words?
    has_same_sites: bool,
    /// Do sizes and places in their headers relate in one way to their sections, of which one is longer?
    has_same_shape: bool,
}

impl Walk<'_> {
    /// Two executables: headers with headers, sections with those of the same name.
    pub(super) fn executable(&mut self, a: &Span, b: &Span, location: &Arc<Location>) {
        let (bytes_a, bytes_b) = (self.a.bytes(a), self.b.bytes(b));
        let (Some(of_a), Some(of_b)) = (Executable::parse(bytes_a), Executable::parse(bytes_b))
        else {
            let hunks = bytes::hunks(bytes_a, bytes_b);
            self.hunks(a, b, hunks, |_, _| (Kind::Code, None), location);
            return;
        };
        let moved = self.offset_in_volume(a, b);
        let two = Two::new(bytes_a, bytes_b, of_a, of_b, moved);
        let place = |span: &Span, range: &Range<usize>| {
            Span::new(span.space, span.start + range.start..span.start + range.end)
        };
        let mut left: Vec<Option<&Chunk>> = two.of_a.chunks.iter().map(Some).collect();
        for chunk in &two.of_b.chunks {
            let known =
                left.iter_mut().find(|of_a| of_a.is_some_and(|of_a| of_a.name == chunk.name));
            let name = Some(chunk.name.as_str());
            let Some(of_a) = known.and_then(Option::take) else {
                let kind = two.judged(two.of_b.kind_of(&chunk.range));
                let span = place(b, &chunk.range);
                let difference = self.tell(kind, location, name, None, Some(span.clone()));
                self.added(span, difference);
                continue;
            };
            let of_chunk = (of_a.range.clone(), chunk.range.clone());
            let (from, to) = (place(a, &of_chunk.0), place(b, &of_chunk.1));
            let hunks = two.hunks(&of_chunk);
            let kind = |of_a: &Range<usize>, of_b: &Range<usize>| {
                let whole = |chunk: &Range<usize>, part: &Range<usize>| {
                    chunk.start + part.start..chunk.start + part.end
                };
                let is_end = of_a.end == of_chunk.0.len() && of_b.end == of_chunk.1.len();
                let (of_a, of_b) = (whole(&of_chunk.0, of_a), whole(&of_chunk.1, of_b));
                (two.kind(&of_a, &of_b, is_end), Some(chunk.name.clone()))
            };
            self.hunks(&from, &to, hunks, kind, location);
        }
        for chunk in left.into_iter().flatten() {
            let kind = two.judged(two.of_a.kind_of(&chunk.range));
            self.tell(kind, location, Some(&chunk.name), Some(place(a, &chunk.range)), None);
        }
    }
}

impl<'w> Two<'w> {
    /// Where two chunks differ, counted from their starts. Where they have one size, no difference crosses a border between areas.
    fn hunks(&self, (a, b): &(Range<usize>, Range<usize>)) -> Vec<Hunk> {
        let bytes =
            |of: &[u8], range: &Range<usize>| of.get(range.clone()).unwrap_or_default().to_vec();
        let (bytes_a, bytes_b) = (bytes(self.a, a), bytes(self.b, b));
        let found = bytes::hunks(&bytes_a, &bytes_b);
        if a.len() != b.len() {
            return found;
        }
        let mut split = Vec::new();
        for (hunk, _) in found {
            let mut at = hunk.start;
            while at < hunk.end {
                let next = |executable: &Executable, chunk: &Range<usize>| {
                    let here = chunk.start + at..chunk.start + at + 1;
                    let area =
                        executable.areas_of(&here).next().map(|(area, _)| area.end - chunk.start);
                    area.unwrap_or(hunk.end)
                };
                let end = hunk.end.min(next(&self.of_a, a)).min(next(&self.of_b, b)).max(at + 1);
                split.extend(differing(bytes_a.get(at..end), bytes_b.get(at..end), at));
                at = end;
            }
        }
        split
    }

    fn new(
        a: &'w [u8],
        b: &'w [u8],
        of_a: Executable,
        of_b: Executable,
        moved: Option<u64>,
    ) -> Self {
        let has_same_sites =
            of_a.sites == of_b.sites && !of_a.has_more_sites && !of_b.has_more_sites;
        let by = of_b.image_base.wrapping_sub(of_a.image_base);
        let is_rebased = has_same_sites
            && by != 0
            && moved == Some(by)
            && of_a.sites.iter().all(|site| match (site.word(a), site.word(b)) {
                (Some(of_a), Some(of_b)) => {
                    of_b.wrapping_sub(of_a) & site.mask() == by & site.mask()
                }
                _ => false,
            });
        let sizes = |executable: &Executable| {
            executable.chunks.iter().map(|chunk| chunk.range.len()).collect::<Vec<_>>()
        };
        let has_same_shape = of_a.shape == of_b.shape && sizes(&of_a) != sizes(&of_b);
        Self { a, b, of_a, of_b, is_rebased, has_same_sites, has_same_shape }
    }

    /// The kind of a difference: the one that matters most of what its bytes are in either executable; `is_end` if it ends where its sections end.
    ///
    /// What is executed is code, but for a date, a source's path, and a word of an executable that was rebased whole.
    fn kind(&self, a: &Range<usize>, b: &Range<usize>, is_end: bool) -> Kind {
        let kind = self.judged(self.of_a.kind_of(a)).min(self.judged(self.of_b.kind_of(b)));
        let are_bytes = matches!(kind, Kind::Code | Kind::Data);
        let is_in_place = a == b && self.a.len() == self.b.len();
        match self.of_debug_tails(a, b) {
            // What the areas know better stays so: a time, a build's id, an entry's type.
            Some(Kind::Debug) if a.len() == b.len() && !are_bytes => return kind,
            Some(tail) if !self.differ_in_debug_entries() => return tail,
            _ => {}
        }
        match kind {
            Kind::Data if is_end && self.is_longer_by_zeros(a, b) => Kind::Layout,
            Kind::Code | Kind::Data if is_in_place && text::is_date(self.a, self.b, b) => {
                Kind::BuildDate
            }
            Kind::Code | Kind::Data if is_in_place && text::is_source_path(self.a, self.b, b) => {
                Kind::BuildPath
            }
            Kind::Code | Kind::Data if is_in_place && self.is_rebased && self.are_sites(b) => {
                Kind::Rebased
            }
            kind => kind,
        }
    }

    /// Do the debug directories differ in what their entries are?
    fn differ_in_debug_entries(&self) -> bool {
        let entries = |executable: &Executable, bytes: &[u8]| -> Vec<Vec<u8>> {
            let is_entry = |(_, area): &&(Range<usize>, Area)| *area == Area::DebugEntry;
            let found = executable.areas.iter().filter(is_entry);
            found.map(|(range, _)| bytes.get(range.clone()).unwrap_or_default().to_vec()).collect()
        };
        entries(&self.of_a, self.a) != entries(&self.of_b, self.b)
    }

    /// A kind that is only what it is called where both executables agree in what it takes.
    fn judged(&self, kind: Kind) -> Kind {
        match kind {
            // Other words are changed as the image is loaded: its code is another one.
            Kind::Relocation if !self.has_same_sites => Kind::Code,
            Kind::Rebased if !self.is_rebased => Kind::Header,
            Kind::Layout if !self.has_same_shape => Kind::Header,
            kind => kind,
        }
    }

    /// Is all that differs in the range part of words that change with the image's address?
    fn are_sites(&self, range: &Range<usize>) -> bool {
        let mut at = range.start;
        while at < range.end {
            let sites = &self.of_b.sites;
            let number = sites.partition_point(|site| site.range.end <= at);
            match sites.get(number).filter(|site| site.range.start <= at) {
                Some(site) => at = site.range.end,
                None if self.a.get(at) == self.b.get(at) => at += 1,
                None => return false,
            }
        }
        true
    }

    /// The kind of what lies at the ends of both sections, among their debug records and the zeros behind these; `None` if it lies elsewhere.
    fn of_debug_tails(&self, a: &Range<usize>, b: &Range<usize>) -> Option<Kind> {
        let (of_a, of_b) = (self.of_a.debug_tail.as_ref()?, self.of_b.debug_tail.as_ref()?);
        let lies = |tail: &DebugTail, range: &Range<usize>| {
            tail.whole.start <= range.start && range.end <= tail.whole.end
        };
        let is_path = of_a.path <= a.start && of_b.path <= b.start;
        (lies(of_a, a) && lies(of_b, b)).then_some(if is_path {
            Kind::BuildPath
        } else {
            Kind::Debug
        })
    }

    /// Does one of the two sections have the other's bytes, and zeros behind them?
    fn is_longer_by_zeros(&self, a: &Range<usize>, b: &Range<usize>) -> bool {
        let zeros = |bytes: &[u8], range: &Range<usize>| {
            bytes.get(range.clone()).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
        };
        (a.is_empty() && zeros(self.b, b)) || (b.is_empty() && zeros(self.a, a))
    }
}

/// From the first byte that differs to the last, counted from `start`; `None` if none does.
fn differing(a: Option<&[u8]>, b: Option<&[u8]>, start: usize) -> Option<Hunk> {
    let (a, b) = (a?, b?);
    let first = a.iter().zip(b).position(|(a, b)| a != b)?;
    let last = a.iter().zip(b).rposition(|(a, b)| a != b)?;
    let range = start + first..start + last + 1;
    Some((range.clone(), range))
}

impl Executable {
    /// The kind of a difference in these bytes: the one that matters most of what they are.
    fn kind_of(&self, range: &Range<usize>) -> Kind {
        // What is empty stands between two bytes: it is told by the one before it, or the one behind.
        let range = if range.is_empty() {
            range.start.saturating_sub(1)..range.start + 1
        } else {
            range.clone()
        };
        let kinds = self.areas_of(&range).map(|(_, area)| match area {
            Area::Code => Kind::Code,
            Area::Data | Area::Gap | Area::DebugEntry => Kind::Data,
            Area::Header => Kind::Header,
            Area::Sizes => Kind::Layout,
            Area::Relocations => Kind::Relocation,
            Area::ImageBase => Kind::Rebased,
            Area::Timestamp => Kind::Timestamp,
            Area::Checksum => Kind::Checksum,
            Area::Debug => Kind::Debug,
            Area::BuildPath => Kind::BuildPath,
            Area::BuildId => Kind::BuildId,
        });
        kinds.min().unwrap_or(Kind::Code)
    }
}
