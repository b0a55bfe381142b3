//! Two executables, compared by what their bytes are.

use core::ops::Range;
use std::sync::Arc;

use super::walk::Walk;
use crate::bytes::{self, Hunk};
use crate::difference::Location;
use crate::executable::{Area, Chunk, DebugTail, Executable, Site};
use crate::kind::Kind;
use crate::part::Span;
use crate::text;

/// Two executables, and the bytes of each.
struct Two<'w> {
    a: &'w [u8],
    b: &'w [u8],
    of_a: Executable,
    of_b: Executable,
}

impl Walk<'_> {
    /// Two executables: headers with headers, sections with those of the same name.
    pub(super) fn executable(&mut self, a: &Span, b: &Span, location: &Arc<Location>) {
        let (bytes_a, bytes_b) = (self.a.bytes(a), self.b.bytes(b));
        let (Some(of_a), Some(of_b)) = (Executable::parse(bytes_a), Executable::parse(bytes_b))
        else {
            let hunks = bytes::hunks(bytes_a, bytes_b);
            self.hunks(a, b, hunks, |_, _, _| (Kind::Code, None), location);
            return;
        };
        let two = Two { a: bytes_a, b: bytes_b, of_a, of_b };
        let place = |span: &Span, range: &Range<usize>| {
            Span::new(span.space, span.start + range.start..span.start + range.end)
        };
        let mut left: Vec<Option<&Chunk>> = two.of_a.chunks.iter().map(Some).collect();
        for chunk in &two.of_b.chunks {
            let known =
                left.iter_mut().find(|of_a| of_a.is_some_and(|of_a| of_a.name == chunk.name));
            let name = Some(chunk.name.as_str());
            let Some(of_a) = known.and_then(Option::take) else {
                let kind = two.of_b.kind_of(&chunk.range);
                let span = place(b, &chunk.range);
                let difference = self.tell(kind, location, name, None, Some(span.clone()));
                self.added(span, difference);
                continue;
            };
            let of_chunk = (of_a.range.clone(), chunk.range.clone());
            let (from, to) = (place(a, &of_chunk.0), place(b, &of_chunk.1));
            let hunks = two.hunks(&of_chunk);
            let kind = |_: &Self, of_a: &Range<usize>, of_b: &Range<usize>| {
                let whole = |chunk: &Range<usize>, part: &Range<usize>| {
                    chunk.start + part.start..chunk.start + part.end
                };
                (
                    two.kind(&whole(&of_chunk.0, of_a), &whole(&of_chunk.1, of_b)),
                    Some(chunk.name.clone()),
                )
            };
            self.hunks(&from, &to, hunks, kind, location);
        }
        for chunk in left.into_iter().flatten() {
            let kind = two.of_a.kind_of(&chunk.range);
            self.tell(kind, location, Some(&chunk.name), Some(place(a, &chunk.range)), None);
        }
    }
}

impl Two<'_> {
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

    /// The kind of a difference: the one that matters most of what its bytes are in either executable.
    fn kind(&self, a: &Range<usize>, b: &Range<usize>) -> Kind {
        let fine = self.of_a.kind_of(a).min(self.of_b.kind_of(b));
        let kind = fine;
        if let Some(kind) = self.of_debug_tails(a, b) {
            // What the areas know better stays so: a time, a build's id.
            return if matches!(kind, Kind::Debug)
                && a.len() == b.len()
                && matches!(fine, Kind::Timestamp | Kind::BuildId)
            {
                fine
            } else {
                kind
            };
        }
        if self.is_longer_by_zeros(a, b) {
            return Kind::Layout;
        }
        let is_text =
            matches!(kind, Kind::Code | Kind::Data) && a == b && self.a.len() == self.b.len();
        if is_text && text::is_date(self.a, self.b, b) {
            return Kind::BuildDate;
        }
        if is_text && text::is_source_path(self.a, self.b, b) {
            return Kind::BuildPath;
        }
        if is_text && self.is_rebased(b) {
            return Kind::Rebased;
        }
        kind
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

    /// Is all that differs in the range a word that the tables of both name, moved by as much as the image is?
    fn is_rebased(&self, range: &Range<usize>) -> bool {
        let moved = self.of_b.image_base.wrapping_sub(self.of_a.image_base);
        let mut at = range.start;
        while at < range.end {
            let sites = &self.of_b.sites;
            let number = sites.partition_point(|site| site.range.end <= at);
            let Some(site) = sites.get(number).filter(|site| site.range.start <= at) else {
                // Equal bytes between two words.
                if self.a.get(at) != self.b.get(at) {
                    return false;
                }
                at += 1;
                continue;
            };
            let word = |bytes: &[u8]| {
                let bytes = bytes.get(site.range.clone())?;
                Some(bytes.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte)))
            };
            let (Some(of_a), Some(of_b)) = (word(self.a), word(self.b)) else { return false };
            let mask = if site.range.len() < 8 { u64::from(u32::MAX) } else { u64::MAX };
            if !self.of_a.has_site(site) || of_b.wrapping_sub(of_a) & mask != moved & mask {
                return false;
            }
            at = site.range.end;
        }
        moved != 0
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
    /// Does its table name this word?
    fn has_site(&self, site: &Site) -> bool {
        let first = self.sites.partition_point(|known| known.range.start < site.range.start);
        self.sites.get(first) == Some(site)
    }

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
            Area::Data | Area::Gap => Kind::Data,
            Area::Header => Kind::Layout,
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
