//! Firmware images, absorbed as they are read.
//!
//! Part of [`Inputs`](crate::Inputs), which the crate's example reads.

use std::path::{Path, PathBuf};

use sev_launch_abi::Technology;
use sev_launch_description::Description;
use sev_launch_description::description::{Image, Vars};
use sev_launch_description::resolve::Resolved;
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::{self, AbsorbedFirmware, Absorber, Firmware, MAX_SIZE};
use sev_launch_digest::hash::Backend;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::snp::{self, Svsm};

use crate::budget::Budget;
use crate::cores::AllCores;
use crate::error::Error;
use crate::files::{FileError, Files, SMALL};
use crate::inside::{LooksInside, Module};

/// A firmware.
#[derive(Clone, Debug)]
pub struct FirmwareInput {
    /// Its file.
    pub path: PathBuf,
    /// The file's name, as it is printed.
    pub name: String,
    /// Is the file what was stored of an image, and not the image?
    pub is_absorbed: bool,
    /// What stays of the image.
    pub absorbed: AbsorbedFirmware,
    /// The modules that it consists of, where it was looked into; empty where they are not known.
    pub modules: Vec<Module>,
    /// The image, if it was asked for.
    pub image: Option<Vec<u8>>,
    /// Was the SNP digest given in place of the pages?
    pub given_digest: bool,
}

/// The largest image, in bytes, that is looked into: no VMM's flash is larger, and the image is held in memory for it.
const MOST_OPENED: u64 = 64 << 20;

/// How much of the firmware is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// The image too: a trace shows its pages, and a search cuts it and joins it.
    pub keeps_image: bool,
    /// Hashes that no digest of the technology needs: they are told, or compared.
    pub absorbs_whole: bool,
    /// What the described launch does not measure must be known too, since others around it do.
    pub needs_all_known: bool,
    /// By what images are looked into: whether they check the kernel's hashes, and what they consist of. `None`: nobody looks, and
    /// both is unknown.
    pub looks_inside: Option<LooksInside>,
    /// How much work may be done.
    pub budget: Budget,
}

impl Reading {
    /// For a search around the described launch, which cuts images and turns kernel hashes on and off.
    pub const SEARCH: Self = Self {
        keeps_image: true,
        absorbs_whole: true,
        needs_all_known: true,
        looks_inside: None,
        budget: Budget::DEFAULT,
    };
}

/// An SVSM, placed below each firmware.
#[derive(Clone, Debug)]
pub struct SvsmInput {
    /// Its file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of the file.
    pub sha256: Sha256Digest,
    /// Bytes between SVSM and firmware.
    pub vars_size: u64,
    /// One for each firmware.
    pub placed: Vec<Svsm>,
    /// Its image, if it was asked for.
    pub image: Option<Vec<u8>>,
}

impl SvsmInput {
    /// The SVSM below another firmware; `None` if its image was not kept, or does not fit below that one.
    pub fn below(&self, firmware: &AbsorbedFirmware) -> Option<Svsm> {
        Svsm::place(self.image.as_ref()?, firmware, self.vars_size).ok()
    }
}

/// Absorbs a firmware image as it comes: for launches of one technology, or, if none is named, of all. Memory is the same for
/// any image whose metadata stands in its last 64 KiB, as edk2's does; else it is what lies between the metadata and the end.
///
/// Errors: a file that cannot be read or that changes meanwhile; what is no image.
pub fn absorb(
    files: &dyn Files,
    path: &Path,
    technology: Option<Technology>,
    backend: &(impl Backend + Sync),
) -> Result<AbsorbedFirmware, Error> {
    let name = || files.name(path);
    let size = files.size(path).map_err(Error::File)?;
    let new = || Absorber::new(size, technology).map_err(Error::in_file(name));
    let pass = |mut absorber: Absorber| {
        let mut each = |chunk: &[u8]| absorber.update_with(backend, chunk);
        files.stream(path, &mut each).map_err(Error::File)?;
        match absorber.finish() {
            Err(source @ firmware::Error::Size { .. }) => {
                Err(Error::Changed { name: name(), source })
            }
            absorbed => Ok(absorbed),
        }
    };
    let absorbed = match pass(new()?)? {
        // Another pass that keeps more.
        Err(firmware::Error::MetadataNotKept { wanted, .. }) => pass(new()?.keeping(wanted))?,
        absorbed => absorbed,
    };
    absorbed.map_err(Error::in_file(name))
}

/// The same, and looks into the image for whether it checks the kernel's hashes, and for its modules: not into one of more than 64 MiB.
///
/// Errors: those of [`absorb`].
pub fn absorb_looking(
    files: &dyn Files,
    path: &Path,
    technology: Option<Technology>,
    backend: &(impl Backend + Sync),
    looks_inside: LooksInside,
) -> Result<(AbsorbedFirmware, Vec<Module>), Error> {
    if files.size(path).map_err(Error::File)? > MOST_OPENED {
        return Ok((absorb(files, path, technology, backend)?, Vec::new()));
    }
    // Read once: what is looked into is what is measured.
    let bytes = read_whole(files, path)?;
    absorb_bytes(files, path, &bytes, technology, backend, Some(looks_inside))
}

fn absorb_bytes(
    files: &dyn Files,
    path: &Path,
    bytes: &[u8],
    technology: Option<Technology>,
    backend: &(impl Backend + Sync),
    looks_inside: Option<LooksInside>,
) -> Result<(AbsorbedFirmware, Vec<Module>), Error> {
    let image = Firmware::parse(bytes).map_err(Error::in_file(|| files.name(path)))?;
    let absorbed = image.absorb_with(technology, &AllCores(backend));
    let inside = looks_inside.map(|looks| looks(bytes)).unwrap_or_default();
    Ok((absorbed.with_kernel_hash_check(inside.kernel_hash_check), inside.modules))
}

/// Reads every firmware of a resolved description.
pub(crate) fn read_all(
    resolved: &Resolved,
    reading: Reading,
    files: &dyn Files,
    backend: &(impl Backend + Sync),
    warnings: &mut Vec<Warning>,
) -> Result<Vec<FirmwareInput>, Error> {
    let Resolved { description, technology, .. } = resolved;
    let digest = description.firmware.snp_digest.as_ref().map(|field| field.value);
    let absorbs_whole = reading.absorbs_whole || description.firmware.sha256.is_some();
    let reading = Reading { absorbs_whole, ..reading };
    let images = description.firmware.images.iter().flat_map(|field| &field.value);
    let images = images.filter(|image| !matches!(image, Image::Igvm(_)));
    let read = images.map(|image| {
        let input = read(image, digest, *technology, reading, files, backend, warnings)?;
        resolved.check_firmware(&input.absorbed).map_err(Error::in_file(|| input.name.clone()))?;
        Ok(input)
    });
    read.collect()
}

fn read(
    image: &Image,
    digest: Option<snp::LaunchDigest>,
    technology: Technology,
    reading: Reading,
    files: &dyn Files,
    backend: &(impl Backend + Sync),
    warnings: &mut Vec<Warning>,
) -> Result<FirmwareInput, Error> {
    let technology = (!reading.absorbs_whole).then_some(technology);
    let (path, (mut absorbed, modules), bytes) = match image {
        Image::File(path) if reading.keeps_image => {
            let bytes = read_whole(files, path)?;
            let looks = reading.looks_inside;
            let found = absorb_bytes(files, path, &bytes, technology, backend, looks)?;
            (path, found, Some(bytes))
        }
        Image::File(path) => {
            let found = match reading.looks_inside {
                Some(looks) => absorb_looking(files, path, technology, backend, looks)?,
                None => (absorb(files, path, technology, backend)?, Vec::new()),
            };
            (path, found, None)
        }
        Image::Absorbed(path) => (path, (read_absorbed(files, path)?, Vec::new()), None),
        // Those are read by themselves.
        Image::Igvm(path) => {
            return Err(Error::in_file(|| files.name(path))(firmware::Error::Igvm));
        }
    };
    if let Some(digest) = digest {
        if absorbed.snp_digest().is_ok_and(|own| own != digest) {
            warnings.push(Warning::GivenFirmwareDigest);
        }
        absorbed = absorbed.with_snp_digest(digest);
    }
    Ok(FirmwareInput {
        path: path.clone(),
        name: files.name(path),
        is_absorbed: matches!(image, Image::Absorbed(_)),
        absorbed,
        modules,
        image: bytes,
        given_digest: digest.is_some(),
    })
}

/// Reads a file whole that is loaded as a firmware image is: it has a size of its own, and fits below 4 GiB.
///
/// Errors: a file that cannot be read, or is too large.
pub fn read_whole(files: &dyn Files, path: &Path) -> Result<Vec<u8>, Error> {
    let size = files.size(path).map_err(Error::File)?;
    if size > MAX_SIZE {
        let too_large = firmware::Error::TooLarge { size };
        return Err(Error::in_file(|| files.name(path))(too_large));
    }
    files.read(path, MAX_SIZE).map_err(Error::File)
}

/// Reads a firmware that was absorbed before.
///
/// Errors: a file that cannot be read, or that holds no absorbed firmware.
pub fn read_absorbed(files: &dyn Files, path: &Path) -> Result<AbsorbedFirmware, Error> {
    let text = files.read(path, SMALL).map_err(Error::File)?;
    let name = || format!("{}: not an absorbed firmware", files.name(path));
    let source = |error: serde_json::Error| match files.may_quote(path) {
        true => FileError::from(error),
        // The reader's own words hold the file's.
        false => format!("wrong at line {} column {}", error.line(), error.column()).into(),
    };
    serde_json::from_slice(&text).map_err(|error| Error::in_file(name)(source(error)))
}

/// Reads a described SVSM, and places it below each firmware.
pub(crate) fn place_svsm(
    description: &Description,
    firmwares: &[FirmwareInput],
    reading: Reading,
    files: &dyn Files,
    backend: &(impl Backend + Sync),
) -> Result<Option<SvsmInput>, Error> {
    let (Some(path), Some(vars)) = (&description.svsm.image, &description.svsm.vars) else {
        return Ok(None);
    };
    let vars_size = match &vars.value {
        Vars::Bytes(size) => *size,
        Vars::File(path) => files.size(path).map_err(Error::File)?,
    };
    let path = &path.value;
    let image = read_whole(files, path)?;
    let place = |firmware: &FirmwareInput| {
        // Asked here, so that the error names the firmware's file and not the SVSM's.
        firmware.absorbed.snp_digest().map_err(Error::in_file(|| firmware.name.clone()))?;
        Svsm::place_with(&image, &firmware.absorbed, vars_size, &AllCores(backend))
            .map_err(Error::in_file(|| files.name(path)))
    };
    let placed = firmwares.iter().map(place).collect::<Result<_, _>>()?;
    let size = u64::try_from(image.len()).unwrap_or(u64::MAX);
    let sha256 = Sha256Digest::of(&image);
    let image = reading.keeps_image.then_some(image);
    Ok(Some(SvsmInput { path: path.clone(), size, sha256, vars_size, placed, image }))
}
