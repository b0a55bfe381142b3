//! From two trees to their differences: a walk through both, in the order of the second.

use core::ops::Range;
use std::sync::Arc;

use sev_launch_abi::reader::wide;

use crate::bytes::{self, Hunk};
use crate::difference::{Difference, Location, Module, Piece};
use crate::executable::Executable;
use crate::image::Image;
use crate::kind::Kind;
use crate::names;
use crate::neighbours::{fills_a_gap, pair};
use crate::part::{Part, Span, What};
use crate::section::{Packing, SectionKind};

/// Compares two images.
pub(super) fn compare(a: &Image<'_>, b: &Image<'_>) -> (Vec<Difference>, Vec<Vec<Piece>>) {
    let pieces = vec![Vec::new(); b.spaces().len()];
    let start = (Span::new(0, 0..0), Span::new(0, 0..0));
    let mut walk = Walk { a, b, differences: Vec::new(), pieces, volumes: start };
    let whole = Arc::new(Location::default());
    walk.part(a.root(), b.root(), &whole);
    (walk.differences, walk.pieces)
}

pub(super) struct Walk<'a> {
    pub(super) a: &'a Image<'a>,
    pub(super) b: &'a Image<'a>,
    differences: Vec<Difference>,
    pieces: Vec<Vec<Piece>>,
    /// The innermost volumes that the walk is in.
    volumes: (Span, Span),
}

/// What is said of a part that is at another place, whatever its bytes are.
const PLACE: &str = "place";

/// What bytes of one value do where they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fills {
    /// They fill gaps.
    Gaps,
    /// They make an image longer or shorter.
    Nothing,
}

impl Kind {
    /// The kind of a difference in bytes of one value.
    const fn of(self, fills: Fills) -> Self {
        match (self, fills) {
            (Self::Padding | Self::Consequence, Fills::Nothing) => Self::Content,
            (kind, _) => kind,
        }
    }
}

/// The location of a part in `around`.
fn inside(around: &Arc<Location>, part: &Part) -> Arc<Location> {
    if matches!(part.what, What::Image) {
        return Arc::clone(around);
    }
    let name = part.name();
    let module = match &part.what {
        What::File(file) => Some(Arc::new(Module { guid: file.name, name: name.clone() })),
        _ => around.module.clone(),
    };
    let holds_variables = matches!(&part.what, What::Volume(volume) if volume.holds_variables());
    let is_in_variables = around.is_in_variables || holds_variables;
    Arc::new(Location::inside(around, name, module, is_in_variables))
}

/// The location of a part that both have. Where the two do not call it by one name, it is known by its GUID alone: a module cannot
/// take the name of another one.
fn of_both(around: &Arc<Location>, a: &Part, b: &Part) -> Arc<Location> {
    match &b.what {
        What::File(file) if a.name() != b.name() => {
            let mut location = (*inside(around, b)).clone();
            let name = file.name.to_string();
            location.module = Some(Arc::new(Module { guid: file.name, name }));
            Arc::new(location)
        }
        _ => inside(around, b),
    }
}

impl Walk<'_> {
    /// A part that both have.
    fn part(&mut self, a: &Part, b: &Part, around: &Arc<Location>) {
        if self.a.bytes(&a.span) == self.b.bytes(&b.span) {
            self.same(a, b);
            return;
        }
        let location = of_both(around, a, b);
        let around_both = self.volumes.clone();
        if matches!((&a.what, &b.what), (What::Volume(_), What::Volume(_))) {
            self.volumes = (a.span.clone(), b.span.clone());
        }
        self.header(a, b, &location);
        match (a.unpacked, b.unpacked) {
            (Some(_), Some(_)) => self.unpacked(a, b, &location),
            (None, None) if !a.parts.is_empty() && !b.parts.is_empty() => {
                self.parts(&a.parts, &b.parts, &location);
            }
            // A leaf in one of the two, or packed in one of the two.
            _ => self.leaf(a, b, &location),
        }
        self.volumes = around_both;
    }

    /// By how much something lies further behind its volume's start in the second image; `None` if it is packed inside of the volume.
    pub(super) fn offset_in_volume(&self, a: &Span, b: &Span) -> Option<u64> {
        let (of_a, of_b) = &self.volumes;
        let offset = |span: &Span, volume: &Span| {
            (span.space == volume.space).then(|| wide(span.start).wrapping_sub(wide(volume.start)))
        };
        Some(offset(b, of_b)?.wrapping_sub(offset(a, of_a)?))
    }

    /// Code that runs where it lies, and that was moved without being rebased: what it refers to is not there.
    fn misplaced(&mut self, a: &Part, b: &Part, location: &Arc<Location>) {
        let runs_in_place =
            |part: &Part| matches!(&part.what, What::File(file) if file.kind.runs_in_place());
        let moved = self.offset_in_volume(&a.span, &b.span).unwrap_or(0);
        if moved == 0 || !runs_in_place(a) || !runs_in_place(b) {
            return;
        }
        let executable = |image: &Image<'_>, part: &Part| {
            let is_executable = |below: &&Part| matches!(&below.what, What::Section(section) if section.kind.is_executable());
            let section = part.parts.iter().find(is_executable)?;
            Executable::parse(image.bytes(&section.body()))
        };
        let (of_a, of_b) = (executable(self.a, a), executable(self.b, b));
        let (Some(of_a), Some(of_b)) = (of_a, of_b) else { return };
        let rebased = of_b.image_base.wrapping_sub(of_a.image_base);
        if !of_b.sites.is_empty() && rebased != moved {
            let (of_a, of_b) = (Some(a.span.clone()), Some(b.span.clone()));
            self.tell(Kind::Code, &inside(location, b), Some(PLACE), of_a, of_b);
        }
    }

    /// Where a volume lies in flash, counted from the image's end, which is where guests have it. Its size is part of that.
    fn place_in_flash(&mut self, a: &Part, b: &Part, location: &Arc<Location>) {
        let size = |image: &Image<'_>| image.root().span.len();
        let place = |image: &Image<'_>, part: &Part| {
            (size(image) - part.span.start.min(size(image)), part.span.len())
        };
        let is_volume = |part: &Part| matches!(part.what, What::Volume(_));
        if is_volume(a) && is_volume(b) && place(self.a, a) != place(self.b, b) {
            let (of_a, of_b) = (Some(a.span.clone()), Some(b.span.clone()));
            self.tell(Kind::Header, &inside(location, b), Some(PLACE), of_a, of_b);
        }
    }

    /// Parts that stand beside one another.
    fn parts(&mut self, a: &[Part], b: &[Part], location: &Arc<Location>) {
        let pairs = pair(a, b);
        let is_flash = location.name().is_empty();
        // What stands before or behind everything moves the reset vector, or what lies below it.
        let fills = if is_flash && self.a.root().span.len() != self.b.root().span.len() {
            Fills::Nothing
        } else {
            Fills::Gaps
        };
        let is_real = |part: &&Part| !fills_a_gap(part);
        // Padding follows from whatever else has another size here.
        let is_resized =
            pairs.only_a.iter().filter_map(|number| a.get(*number)).any(|part| is_real(&part))
                || b.iter().zip(&pairs.of_b).any(|(part, number)| {
                    is_real(&part)
                        && number
                            .and_then(|number| a.get(number))
                            .is_none_or(|of_a| of_a.span.len() != part.span.len())
                })
                || pairs.moved.contains(&true);
        for part in pairs.only_a.iter().filter_map(|number| a.get(*number)) {
            let kind = self.alone(self.a, part, is_resized, Kind::Removed).of(fills);
            let location = inside(location, part);
            self.tell(kind, &location, None, Some(part.span.clone()), None);
        }
        for ((part, number), moved) in b.iter().zip(&pairs.of_b).zip(&pairs.moved) {
            match number.and_then(|number| a.get(number)) {
                Some(of_a) => {
                    if *moved {
                        let location = inside(location, part);
                        self.tell(
                            Kind::Order,
                            &location,
                            None,
                            Some(of_a.span.clone()),
                            Some(part.span.clone()),
                        );
                    }
                    if fills_a_gap(part) {
                        self.filler(of_a, part, is_resized, fills, location);
                    } else {
                        if is_flash {
                            self.place_in_flash(of_a, part, location);
                        }
                        self.misplaced(of_a, part, location);
                        self.part(of_a, part, location);
                    }
                }
                None => {
                    let kind = self.alone(self.b, part, is_resized, Kind::Added).of(fills);
                    let location = inside(location, part);
                    let difference =
                        self.tell(kind, &location, None, None, Some(part.span.clone()));
                    self.added(part.span.clone(), difference);
                    self.added_below(part, difference);
                }
            }
        }
    }

    /// What fills a gap in both: it follows from what stands around it, unless it has bytes that fill nothing.
    fn filler(
        &mut self,
        a: &Part,
        b: &Part,
        is_resized: bool,
        fills: Fills,
        around: &Arc<Location>,
    ) {
        let header = |image: &'_ Image<'_>, part: &Part| {
            let end = part.body().start;
            image.bytes(&Span { end, ..part.span.clone() }).to_vec()
        };
        let (header_a, header_b) = (header(self.a, a), header(self.b, b));
        let is_header_kept =
            header_a == header_b || follows_from_contents((a, &header_a), (b, &header_b));
        let (of_a, of_b) = match (filling(self.a, a), filling(self.b, b)) {
            (Some(of_a), Some(of_b)) if is_header_kept => (of_a, of_b),
            _ => {
                self.part(a, b, around);
                return;
            }
        };
        if self.a.bytes(&a.span) == self.b.bytes(&b.span) {
            self.same(a, b);
            return;
        }
        let kind = if is_resized && of_a == of_b { Kind::Consequence } else { Kind::Padding };
        let kind = kind.of(fills);
        let location = inside(around, b);
        let difference =
            self.tell(kind, &location, None, Some(a.span.clone()), Some(b.span.clone()));
        self.added(b.span.clone(), difference);
    }

    /// The kind of a part that one image has alone.
    fn alone(&self, image: &Image<'_>, part: &Part, is_resized: bool, kind: Kind) -> Kind {
        match (fills_a_gap(part), filling(image, part)) {
            (true, Some(0 | 0xff)) if is_resized => Kind::Consequence,
            (true, Some(_)) => Kind::Padding,
            (true, None) => Kind::Content,
            (false, _) => kind,
        }
    }

    /// The header of a part that both have.
    fn header(&mut self, a: &Part, b: &Part, location: &Arc<Location>) {
        let of = |part: &Part| Span { end: part.body().start, ..part.span.clone() };
        let (of_a, of_b) = (of(a), of(b));
        if self.a.bytes(&of_a) == self.b.bytes(&of_b) {
            self.kept(of_a, of_b);
            return;
        }
        let bytes = (self.a.bytes(&of_a), self.b.bytes(&of_b));
        let kind = if follows_from_contents((a, bytes.0), (b, bytes.1)) {
            Kind::Consequence
        } else if location.is_in_variables && !matches!(b.what, What::Volume(_)) {
            Kind::Variables
        } else {
            Kind::Header
        };
        let difference = self.tell(kind, location, Some("header"), Some(of_a), Some(of_b.clone()));
        self.added(of_b, difference);
    }

    /// A section that both unpack: what differs inside is told, and the packed bytes follow from it.
    fn unpacked(&mut self, a: &Part, b: &Part, location: &Arc<Location>) {
        let told = self.differences.len();
        self.parts(&a.parts, &b.parts, location);
        let (of_a, of_b) = (a.body(), b.body());
        if self.a.bytes(&of_a) == self.b.bytes(&of_b) {
            self.kept(of_a, of_b);
            return;
        }
        let is_whole = a.remarks.is_empty() && b.remarks.is_empty();
        let kind = match self.differences.len() == told {
            // Something of the packed bytes was not unpacked.
            _ if !is_whole => Kind::Content,
            true => Kind::Packing,
            false => Kind::Consequence,
        };
        let difference =
            self.tell(kind, location, Some("packed bytes"), Some(of_a), Some(of_b.clone()));
        self.added(of_b, difference);
    }

    /// A part that has no parts in one of the two.
    fn leaf(&mut self, a: &Part, b: &Part, location: &Arc<Location>) {
        let (of_a, of_b) = (a.body(), b.body());
        let is_executable = |part: &Part| matches!(&part.what, What::Section(section) if section.kind.is_executable());
        if is_executable(a) && is_executable(b) {
            self.executable(&of_a, &of_b, location);
            return;
        }
        let kind = match &b.what {
            // What runs and was not taken apart.
            _ if is_executable(b) || is_code(location, b) => Kind::Code,
            What::TableRecord(_) | What::TableFooter => Kind::Tables,
            _ if location.is_in_variables => Kind::Variables,
            _ => Kind::Content,
        };
        let hunks = bytes::hunks(self.a.bytes(&of_a), self.b.bytes(&of_b));
        self.hunks(&of_a, &of_b, hunks, |_, _| (kind, None), location);
        if !b.parts.is_empty() || !a.parts.is_empty() {
            self.added_below(b, self.differences.len().saturating_sub(1));
        }
    }

    /// What differs of `a` and `b`, each difference of the kind that `kind` gives; the rest is the same.
    pub(super) fn hunks(
        &mut self,
        a: &Span,
        b: &Span,
        hunks: Vec<Hunk>,
        kind: impl Fn(&Range<usize>, &Range<usize>) -> (Kind, Option<String>),
        location: &Arc<Location>,
    ) {
        let place = |span: &Span, range: &Range<usize>| {
            Span::new(span.space, span.start + range.start..span.start + range.end)
        };
        let (mut at_a, mut at_b) = (0, 0);
        for (of_a, of_b) in hunks {
            self.kept(place(a, &(at_a..of_a.start)), place(b, &(at_b..of_b.start)));
            let (kind, detail) = kind(&of_a, &of_b);
            (at_a, at_b) = (of_a.end, of_b.end);
            let (of_a, of_b) = (place(a, &of_a), place(b, &of_b));
            let difference =
                self.tell(kind, location, detail.as_deref(), Some(of_a), Some(of_b.clone()));
            self.added(of_b, difference);
        }
        self.kept(place(a, &(at_a..a.len())), place(b, &(at_b..b.len())));
    }

    /// A part that is the same in both, with all that its packed sections unpack to.
    fn same(&mut self, a: &Part, b: &Part) {
        self.kept(a.span.clone(), b.span.clone());
        let unpacked = |part: &'_ Part| {
            part.walk().filter_map(|(_, below)| below.unpacked).collect::<Vec<_>>()
        };
        let (of_a, of_b) = (unpacked(a), unpacked(b));
        for (of_a, of_b) in of_a.into_iter().zip(of_b) {
            let whole = |image: &Image<'_>, space: usize| {
                Span::new(space, 0..image.spaces().nth(space).map_or(0, <[u8]>::len))
            };
            let (of_a, of_b) = (whole(self.a, of_a), whole(self.b, of_b));
            self.kept(of_a, of_b);
        }
    }

    pub(super) fn kept(&mut self, a: Span, b: Span) {
        if !b.is_empty() {
            let space = b.space;
            self.piece(space, Piece::Same { a, b });
        }
    }

    pub(super) fn added(&mut self, b: Span, difference: usize) {
        if !b.is_empty() {
            let space = b.space;
            self.piece(space, Piece::New { b, difference });
        }
    }

    /// What the packed sections of a part unpack to, which the first image has not.
    fn added_below(&mut self, part: &Part, difference: usize) {
        let spaces: Vec<usize> = part.walk().filter_map(|(_, below)| below.unpacked).collect();
        for space in spaces {
            let size = self.b.spaces().nth(space).map_or(0, <[u8]>::len);
            self.added(Span::new(space, 0..size), difference);
        }
    }

    fn piece(&mut self, space: usize, piece: Piece) {
        if let Some(pieces) = self.pieces.get_mut(space) {
            pieces.push(piece);
        }
    }

    pub(super) fn tell(
        &mut self,
        kind: Kind,
        location: &Arc<Location>,
        detail: Option<&str>,
        a: Option<Span>,
        b: Option<Span>,
    ) -> usize {
        let (location, detail) = (Arc::clone(location), detail.map(ToOwned::to_owned));
        self.differences.push(Difference { kind, location, detail, a, b });
        self.differences.len() - 1
    }
}

/// The byte that a part which fills a gap consists of, behind its header; `None` if it has others.
fn filling(image: &Image<'_>, part: &Part) -> Option<u8> {
    let bytes = image.bytes(&part.body());
    let first = bytes.first().copied().unwrap_or(0xff);
    (part.remarks.is_empty() && bytes.iter().all(|byte| *byte == first)).then_some(first)
}

/// Is it code without an executable's headers: the reset vector, and all of the file that it is in?
fn is_code(location: &Location, part: &Part) -> bool {
    let is_top = |module: &Module| module.guid == names::VOLUME_TOP;
    matches!(part.what, What::ResetVector)
        || (matches!(part.what, What::Data | What::File(_) | What::Section(_))
            && location.module.as_deref().is_some_and(is_top))
}

/// Do two headers differ in nothing but what follows from the contents behind them: sizes, and checksums that are right?
fn follows_from_contents(a: (&Part, &[u8]), b: (&Part, &[u8])) -> bool {
    let is_right = |part: &Part| part.remarks.is_empty();
    let (of_a, of_b) = (following_fields(a.0), following_fields(b.0));
    let rest = |bytes: &[u8], fields: &[Range<usize>]| -> Vec<u8> {
        let is_kept = |at: &usize| !fields.iter().any(|field| field.contains(at));
        bytes.iter().enumerate().filter(|(at, _)| is_kept(at)).map(|(_, byte)| *byte).collect()
    };
    let is_known = of_a.is_some() && of_a == of_b;
    is_known && is_right(a.0) && is_right(b.0) && {
        let fields = of_a.unwrap_or_default();
        rest(a.1, &fields) == rest(b.1, &fields)
    }
}

/// Where a header has sizes and checksums of what is behind it; `None` if it is of a kind that has none.
fn following_fields(part: &Part) -> Option<Vec<Range<usize>>> {
    match &part.what {
        // The length, the checksum, and how many blocks of one size that is.
        What::Volume(_) => Some(vec![32..40, 50..52, 56..60]),
        // Both checksums, the size, and where it is large its size again.
        What::File(_) => Some(vec![16..18, 20..23, 24..part.header]),
        What::Section(section) => {
            let common = section.common;
            let unpacked = match section.kind {
                // Where nothing is compressed it is the size of what follows, or there is a remark.
                SectionKind::COMPRESSION if section.packing == Some(Packing::None) => {
                    common..common + 4
                }
                _ => 0..0,
            };
            Some(vec![0..3, 4..common, unpacked])
        }
        _ => None,
    }
}
