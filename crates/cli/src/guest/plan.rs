//! From a description to what is asked: inputs read, profiles settled, assumptions noted.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_description::Field;
use sev_launch_description::description::{Description, Image, Vars};
use sev_launch_description::resolve::{Resolved, resolve, resolve_firmware};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::{LaunchProfile, Loads};
use sev_launch_digest::snp::{self, Svsm};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::VmsaPage;

use super::args::Mode;
use super::boot::{self, BootInputs};
use super::flags;
use super::rows::{Computed, Row, Sweep};
use crate::backend::{AllCores, OneCore};
use crate::inputs;
use crate::progress::Progress;

/// Everything that is asked, with all inputs read.
pub(crate) struct Plan {
    pub(crate) mode: Mode,
    /// What was described, with what was settled for it.
    pub(crate) description: Description,
    pub(crate) firmwares: Vec<FirmwareInput>,
    pub(crate) boot: BootInputs,
    pub(crate) vcpus: Vec<VcpuCount>,
    pub(crate) signatures: Vec<Option<CpuSignature>>,
    pub(crate) profiles: Vec<&'static LaunchProfile>,
    pub(crate) captured: Option<Captured>,
    /// In place of the profiles' features; nothing stands for the profiles' own.
    pub(crate) sev_features: Vec<Option<SevFeatures>>,
    pub(crate) svsm: Option<SvsmInput>,
    /// What was taken for granted, for `--json` and `--verbose`.
    pub(crate) assumptions: Vec<String>,
    /// What the reader should see, `--quiet` apart.
    pub(crate) notes: Vec<String>,
    pub(crate) warnings: Vec<Warning>,
}

/// VMSA pages that were captured on a host.
pub(crate) struct Captured {
    pub(crate) bsp: CapturedPage,
    pub(crate) ap: Option<CapturedPage>,
}

/// A captured page and its file.
pub(crate) struct CapturedPage {
    pub(crate) path: PathBuf,
    pub(crate) page: VmsaPage,
}

/// The most rows that are held in memory: as many as a manifest has.
const MOST_KEPT: usize = 1_000_000;

impl CapturedPage {
    /// The SHA-256 of its bytes.
    pub(crate) fn sha256(&self) -> Sha256Digest {
        Sha256Digest::of(self.page.as_bytes())
    }
}

/// A firmware.
pub(crate) struct FirmwareInput {
    pub(crate) path: PathBuf,
    /// Is the file what was stored of an image, and not the image?
    pub(crate) is_absorbed: bool,
    pub(crate) absorbed: AbsorbedFirmware,
    /// The image, where a trace shows its pages.
    pub(crate) image: Option<Vec<u8>>,
    /// Was the SNP digest given in place of the pages?
    pub(crate) given_digest: bool,
}

/// An SVSM, placed below each firmware.
pub(crate) struct SvsmInput {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) sha256: Sha256Digest,
    /// Bytes between SVSM and firmware.
    pub(crate) vars_size: u64,
    /// One for each firmware.
    pub(crate) placed: Vec<Svsm>,
}

/// How much of the firmware is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The image too: a trace shows its pages, and a search cuts it and joins it.
    pub(crate) keeps_image: bool,
    /// Hashes that no digest of the technology needs: they are told, or compared.
    pub(crate) absorbs_whole: bool,
}

impl Plan {
    /// Reads everything.
    pub(crate) fn new(
        mode: Mode,
        description: Description,
        reading: Reading,
    ) -> anyhow::Result<Self> {
        if mode == Mode::SnpSvsm && description.svsm.image.is_none() {
            bail!("mode snp:svsm needs the SVSM image: --svsm FILE");
        }
        let mut resolved = match mode {
            Mode::SnpFirmware => resolve_firmware(description)?,
            Mode::Guest(_) | Mode::SnpSvsm => resolve(description)?,
        };
        let mut assumptions = std::mem::take(&mut resolved.assumptions);
        let mut notes = std::mem::take(&mut resolved.notes);
        let Resolved { description, technology, profiles, .. } = &resolved;
        let technology = *technology;
        let paths = flags::stdin_paths(description);
        inputs::check_stdin(&paths)?;
        let captured = captured(description)?;
        let mut warnings = Vec::new();
        let is_krun = profiles.iter().any(|profile| profile.loads == Loads::KrunFiles);
        let krun = match is_krun {
            true => {
                let qboot = only_image(description);
                Some(boot::read_krun(description, qboot, technology)?)
            }
            false => None,
        };
        let progress = Progress::new(paths.iter().map(|path| inputs::size_of(path)).sum());
        let read_boot = || BootInputs::read(description, krun, &progress);
        let mut absorb = || read_firmwares(&resolved, reading, &mut warnings);
        let (boot, firmwares) = match description.boot.kernels {
            Some(_) => rayon::join(read_boot, absorb),
            // No other file to hash meanwhile: no threads for it.
            None => (read_boot(), absorb()),
        };
        drop(progress);
        let (firmwares, boot) = (firmwares?, boot?);
        boot.check(description, &mut warnings, &mut notes)?;
        boot.assume(&mut assumptions);
        let svsm = place_svsm(description, &firmwares)?;
        Ok(Self {
            mode,
            vcpus: description.vcpu_counts().map_or(Vec::new(), |counts| counts.counts().to_vec()),
            signatures: or_nothing(&description.cpus, |cpu| cpu.signature),
            sev_features: or_nothing(&description.sev_features, |features| *features),
            firmwares,
            boot,
            profiles: resolved.profiles,
            description: resolved.description,
            captured,
            svsm,
            assumptions,
            notes,
            warnings,
        })
    }

    /// A row's command line, where its bytes are known and measured.
    pub(crate) fn cmdline_text(&self, row: &Row) -> Option<String> {
        let bytes = self.boot.cmdlines.get(row.boot?.cmdline)?.bytes.as_ref()?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    /// What a row's digest is of, as people call it: the firmware's file, and what boots where that varies or is measured.
    pub(crate) fn image_name(&self, row: &Row) -> String {
        let firmware = self.firmwares.get(row.firmware);
        let mut name = firmware.map(|input| inputs::name(&input.path)).unwrap_or_default();
        let several = [
            (&self.boot.kernels, row.boot.map(|boot| boot.kernel)),
            (&self.boot.initrds, row.boot.and_then(|boot| boot.initrd)),
        ];
        for (files, index) in several.into_iter().filter(|(files, _)| files.len() > 1) {
            let path = index.and_then(|index| files.get(index)?.path.as_ref());
            name.extend(path.map(|path| format!(", {}", inputs::name(path))));
        }
        name.extend(self.cmdline_text(row).map(|text| format!(", command line {text:?}")));
        name
    }

    /// The first firmware; there always is one.
    pub(crate) fn firmware(&self) -> Option<&FirmwareInput> {
        self.firmwares.first()
    }

    /// Computes every row. An error of the firmware names its file.
    pub(crate) fn compute(&self, wants_trace: bool) -> anyhow::Result<Computed> {
        let sweep = Sweep::new(self)?;
        if sweep.len() > MOST_KEPT {
            bail!(
                "{} launches are described, more than the {MOST_KEPT} that are kept at once",
                sweep.len()
            );
        }
        let mut rows = Vec::new();
        sweep.run(wants_trace, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(Computed { rows, warnings: sweep.warnings })
    }
}

/// What was given, or the one case in which nothing was.
fn or_nothing<T, U>(field: &Field<Vec<T>>, make: impl Fn(&T) -> U) -> Vec<Option<U>> {
    match field {
        Some(field) => field.value.iter().map(make).map(Some).collect(),
        None => vec![None],
    }
}

fn only_image(description: &Description) -> Option<&PathBuf> {
    match description.firmware.images.as_ref().map(|field| field.value.as_slice()) {
        Some([Image::File(path)]) => Some(path),
        _ => None,
    }
}

fn captured(description: &Description) -> anyhow::Result<Option<Captured>> {
    let read = |path: &PathBuf| {
        inputs::read_vmsa(path).map(|page| CapturedPage { path: path.clone(), page })
    };
    let Some(bsp) = &description.vmsa.bsp else {
        return Ok(None);
    };
    let ap = description.vmsa.ap.as_ref().map(|ap| read(&ap.value)).transpose()?;
    Ok(Some(Captured { bsp: read(&bsp.value)?, ap }))
}

fn read_firmwares(
    resolved: &Resolved,
    reading: Reading,
    warnings: &mut Vec<Warning>,
) -> anyhow::Result<Vec<FirmwareInput>> {
    let Resolved { description, technology, .. } = resolved;
    let Some(images) = &description.firmware.images else {
        bail!("no firmware: give --firmware FILE or --firmware-absorbed FILE");
    };
    let digest = description.firmware.snp_digest.as_ref().map(|field| field.value);
    let absorbs_whole = reading.absorbs_whole || description.firmware.sha256.is_some();
    let reading = Reading { absorbs_whole, ..reading };
    let mut firmwares = Vec::new();
    for image in &images.value {
        let input = read_firmware(image, digest, *technology, reading, warnings)?;
        resolved.check_firmware(&input.absorbed).with_context(|| inputs::name(&input.path))?;
        firmwares.push(input);
    }
    Ok(firmwares)
}

fn read_firmware(
    image: &Image,
    digest: Option<snp::LaunchDigest>,
    technology: Technology,
    reading: Reading,
    warnings: &mut Vec<Warning>,
) -> anyhow::Result<FirmwareInput> {
    let (path, mut absorbed, bytes) = match image {
        Image::File(path) => {
            let technology = (!reading.absorbs_whole).then_some(technology);
            if reading.keeps_image {
                let bytes = inputs::read_firmware(path)?;
                let firmware = Firmware::parse(&bytes).with_context(|| inputs::name(path))?;
                let absorbed = match technology {
                    None => firmware.absorb_with(&OneCore, &AllCores),
                    Some(technology) => firmware.absorb_for(technology, &OneCore, &AllCores),
                };
                (path, absorbed, Some(bytes))
            } else {
                (path, inputs::absorb_firmware(path, technology)?, None)
            }
        }
        Image::Absorbed(path) => (path, inputs::read_absorbed(path)?, None),
    };
    if let Some(digest) = digest {
        if absorbed.snp_digest().is_ok_and(|own| own != digest) {
            warnings.push(Warning::GivenFirmwareDigest);
        }
        absorbed = absorbed.with_snp_digest(digest);
    }
    Ok(FirmwareInput {
        path: path.clone(),
        is_absorbed: matches!(image, Image::Absorbed(_)),
        absorbed,
        image: bytes,
        given_digest: digest.is_some(),
    })
}

fn place_svsm(
    description: &Description,
    firmwares: &[FirmwareInput],
) -> anyhow::Result<Option<SvsmInput>> {
    let (Some(path), Some(vars)) = (&description.svsm.image, &description.svsm.vars) else {
        return Ok(None);
    };
    let vars_size = match &vars.value {
        Vars::Bytes(size) => *size,
        Vars::File(path) => inputs::size_of_file(path)?,
    };
    let path = &path.value;
    let image = inputs::read_firmware(path)?;
    let place = |firmware: &FirmwareInput| {
        // Asked here, so that the error names the firmware's file and not the SVSM's.
        firmware.absorbed.snp_digest().with_context(|| inputs::name(&firmware.path))?;
        Svsm::place_with(&image, &firmware.absorbed, vars_size, &AllCores)
            .with_context(|| inputs::name(path))
    };
    let placed = firmwares.iter().map(place).collect::<anyhow::Result<_>>()?;
    let sha256 = Sha256Digest::of(&image);
    let size = u64::try_from(image.len()).unwrap_or(u64::MAX);
    Ok(Some(SvsmInput { path: Path::to_path_buf(path), size, sha256, vars_size, placed }))
}
