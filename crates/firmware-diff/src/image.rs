//! An image, taken apart.

use std::borrow::Cow;

use sev_launch_digest::Firmware;

use crate::error::Error;
use crate::opener::{Opener, Place};
use crate::part::{Part, Span, What};
use crate::remark::Remark;
use crate::reset_vector;

/// An image with all that is in it.
///
/// ```
/// use sev_launch_firmware_diff::{Image, What};
///
/// let image = Image::open(&[0xff; 4096])?;
/// assert_eq!(image.root().parts[0].what, What::Padding { fill: 0xff });
/// # Ok::<(), sev_launch_firmware_diff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Image<'a> {
    spaces: Vec<Cow<'a, [u8]>>,
    root: Part,
}

impl<'a> Image<'a> {
    /// Takes an image apart: all bytes of the file that the VMM loads as firmware.
    ///
    /// What is malformed inside is kept whole, with a remark. An error means that the image asks for more than the limits.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::Empty);
        }
        let mut opener = Opener::new(bytes.len())?;
        let mut root = Part::new(What::Image, Span::new(0, 0..bytes.len()));
        root.parts = opener.flash(Place { bytes, space: 0 }, root.span.range())?;
        reset_vector::carve(&mut root, bytes, &mut opener.budget)?;
        let unpacked = opener.spaces.into_iter().map(Cow::Owned);
        Ok(Self { spaces: core::iter::once(Cow::Borrowed(bytes)).chain(unpacked).collect(), root })
    }

    /// The same of a file that somebody calls an image. An error too if it is a container of another kind, as a qcow2 image, or has no firmware
    /// volume.
    pub fn open_file(bytes: &'a [u8]) -> Result<Self, Error> {
        let image = Self::open(bytes)?;
        Firmware::parse(bytes)?;
        let has_volume = image.parts().any(|(_, part)| matches!(part.what, What::Volume(_)));
        has_volume.then_some(image).ok_or(Error::NoVolume)
    }

    /// The same of a firmware, for a verdict. An error too if it has no module: a variable store has no code, and says nothing of a build.
    pub fn open_firmware(bytes: &'a [u8]) -> Result<Self, Error> {
        let image = Self::open_file(bytes)?;
        let is_module = |part: &Part| matches!(&part.what, What::File(file) if file.is_module());
        let has_module = image.parts().any(|(_, part)| is_module(part));
        has_module.then_some(image).ok_or(Error::NoModule)
    }

    /// The whole image.
    pub const fn root(&self) -> &Part {
        &self.root
    }

    /// The image's bytes, and what each packed section unpacked to: [`Span::space`] counts them.
    pub fn spaces(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.spaces.iter().map(AsRef::as_ref)
    }

    /// The bytes of a place; none if it is no place of this image.
    pub fn bytes(&self, span: &Span) -> &[u8] {
        self.spaces.get(span.space).and_then(|space| space.get(span.range())).unwrap_or_default()
    }

    /// Every part, in order, with how deep it stands.
    pub fn parts(&self) -> impl Iterator<Item = (usize, &Part)> {
        self.root.walk()
    }

    /// Was all of it looked at in the clear? What is odd in it is at most a checksum.
    pub(crate) fn is_unpacked(&self) -> bool {
        let is_checksum = |remark: &Remark| matches!(remark, Remark::Checksum { .. });
        self.parts().all(|(_, part)| part.remarks.iter().all(is_checksum))
    }

    /// Was all of it understood? Nothing is kept packed, nothing is malformed, and no file is of a kind that is not known.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.parts().all(|(_, part)| part.remarks.is_empty())
    }
}
