//! Two images, compared part by part.

mod executables;
mod walk;

use std::collections::BTreeMap;

use crate::difference::{Difference, Location, Module, Piece};
use crate::image::Image;
use crate::kind::Kind;
use crate::part::Span;

/// Bytes of a stack cookie, and in how many modules a word differs that is taken for one.
const COOKIE: usize = 8;
const SEVERAL: usize = 3;
/// Where such words come from. edk2's build makes them as random numbers, once for each module, and keeps them in files.
/// [OVMF, BaseTools/Source/Python/AutoGen/StackCookies]
const STACK_COOKIES: &str = "one word in each of several modules: stack cookies, which edk2's build makes anew where its files StackCookieValues*.json are missing: keep those files, or build without cookies";

/// What two images have in common, and where they differ.
///
/// ```
/// use sev_launch_firmware_diff::{Comparison, Image, Kind};
///
/// let (a, b) = (Image::open(&[0xff; 8192])?, Image::open(&[0; 8192])?);
/// let comparison = Comparison::of(&a, &b);
/// assert_eq!(comparison.differences()[0].kind, Kind::Padding);
/// assert_eq!(comparison.rebuild().concat(), [0; 8192]);
/// # Ok::<(), sev_launch_firmware_diff::Error>(())
/// ```
#[derive(Debug)]
pub struct Comparison<'a> {
    a: &'a Image<'a>,
    b: &'a Image<'a>,
    differences: Vec<Difference>,
    /// For each space of the second image.
    pieces: Vec<Vec<Piece>>,
}

/// What of one module, or of one place outside of any, differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<'c> {
    /// The module; `None` for what is in no file.
    pub module: Option<&'c Module>,
    /// Where its first difference is.
    pub location: &'c Location,
    /// How many differences of each kind, and how many bytes they have in the image that has more.
    pub kinds: BTreeMap<Kind, Tally>,
}

/// How often, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Differences.
    pub differences: usize,
    /// Bytes in them.
    pub bytes: usize,
}

impl<'a> Comparison<'a> {
    /// Compares two images.
    #[must_use]
    pub fn of(a: &'a Image<'a>, b: &'a Image<'a>) -> Self {
        let (differences, pieces) = walk::compare(a, b);
        Self { a, b, differences, pieces }
    }

    /// The first image.
    pub const fn a(&self) -> &'a Image<'a> {
        self.a
    }

    /// The second image.
    pub const fn b(&self) -> &'a Image<'a> {
        self.b
    }

    /// Are the two the same, byte for byte?
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.a.bytes(&self.a.root().span) == self.b.bytes(&self.b.root().span)
    }

    /// Every difference, in the order of the second image.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// For each space of the second image, where its bytes come from: all of them, in order.
    pub fn pieces(&self) -> &[Vec<Piece>] {
        &self.pieces
    }

    /// Every space of the second image, put together from the first and from what the differences add.
    pub fn rebuild(&self) -> Vec<Vec<u8>> {
        let bytes = |piece: &Piece| match piece {
            Piece::Same { a, .. } => self.a.bytes(a),
            Piece::New { b, .. } => self.b.bytes(b),
        };
        self.pieces.iter().map(|pieces| pieces.iter().flat_map(bytes).copied().collect()).collect()
    }

    /// For each kind that occurs and has a known cause between builds of one source: where it comes from, and what stops it.
    pub fn remedies(&self) -> Vec<(Kind, &'static str)> {
        let occurs =
            |kind: &Kind| self.differences.iter().any(|difference| difference.kind == *kind);
        let remedy = |kind: Kind| match kind {
            Kind::Data if self.has_stack_cookies() => Some(STACK_COOKIES),
            kind => kind.remedy(),
        };
        let of = |kind: Kind| remedy(kind).map(|remedy| (kind, remedy));
        Kind::ALL.into_iter().filter(occurs).filter_map(of).collect()
    }

    /// Do several modules differ in one word of data and in nothing else, as they do where a build made new stack cookies?
    fn has_stack_cookies(&self) -> bool {
        let is_one_word = |group: &Group<'_>| {
            let [(Kind::Data, tally)] =
                group.kinds.iter().map(|(kind, tally)| (*kind, *tally)).collect::<Vec<_>>()[..]
            else {
                return false;
            };
            tally.differences <= 2 && tally.bytes <= COOKIE
        };
        self.groups().iter().filter(|group| is_one_word(group)).count() >= SEVERAL
    }

    /// The differences by module, in the order in which they are met; what follows from other differences is left out.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        let mut known: BTreeMap<(Option<&Module>, Vec<&str>), usize> = BTreeMap::new();
        for difference in self.differences.iter().filter(|one| one.kind != Kind::Consequence) {
            let location = &*difference.location;
            let module = location.module.as_deref();
            // What is in no file is told by its place.
            let path = if module.is_some() { Vec::new() } else { location.path() };
            let number = *known.entry((module, path)).or_insert_with(|| {
                groups.push(Group { module, location, kinds: BTreeMap::new() });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(number) {
                let tally = group.kinds.entry(difference.kind).or_default();
                tally.differences += 1;
                let size = |span: &Option<Span>| span.as_ref().map_or(0, Span::len);
                tally.bytes += size(&difference.a).max(size(&difference.b));
            }
        }
        groups
    }
}
