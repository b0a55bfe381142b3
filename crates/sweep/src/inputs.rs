//! Everything that a description asks for, with all inputs read, profiles settled and assumptions noted.
//!
//! The crate's example goes through it: alone it would need a description and its files.

use std::path::{Path, PathBuf};

use sev_launch_abi::{CpuSignature, SevFeatures};
use sev_launch_description::Field;
use sev_launch_description::description::{Description, Image};
use sev_launch_description::resolve::{Resolved, resolve, resolve_firmware};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_digest::hash::Backend;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::{LaunchProfile, Loads};
use sev_launch_digest::refused::NamedHost;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{VmsaPage, Vmsas};

use crate::boot::{BootInputs, KrunFiles};
use crate::budget::Budget;
use crate::cores::{self, AllCores};
use crate::error::Error;
use crate::files::{Files, Memory, SMALL};
use crate::firmware::{self, FirmwareInput, Reading, SvsmInput};
use crate::igvm::{self, IgvmInput};
use crate::inside::MOST_MODULES;
use crate::mode::Mode;

/// Everything that is asked, with all inputs read.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// What is computed.
    pub mode: Mode,
    /// What was described, with what was settled for it.
    pub description: Description,
    /// The firmwares; at least one, or else at least one IGVM file.
    pub firmwares: Vec<FirmwareInput>,
    /// IGVM files, in place of firmwares.
    pub igvms: Vec<IgvmInput>,
    /// The kernels with all that goes with them.
    pub boot: BootInputs,
    /// Numbers of vCPUs.
    pub vcpus: Vec<VcpuCount>,
    /// CPU signatures; one `None` if none is described.
    pub signatures: Vec<Option<CpuSignature>>,
    /// Launch profiles; none in plain SEV, and of the firmware alone.
    pub profiles: Vec<&'static LaunchProfile>,
    /// VMSA pages in place of the profiles'.
    pub captured: Option<Captured>,
    /// Features in place of the profiles'; one `None` for the profiles' own.
    pub sev_features: Vec<Option<SevFeatures>>,
    /// An SVSM.
    pub svsm: Option<SvsmInput>,
    /// How much work the launches may ask for.
    pub budget: Budget,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// What the reader should see beside the answer.
    pub notes: Vec<String>,
    /// What the reader should know of the inputs.
    pub warnings: Vec<Warning>,
}

/// VMSA pages that were captured on a host.
#[derive(Clone, Debug)]
pub struct Captured {
    /// The first vCPU's.
    pub bsp: CapturedPage,
    /// Every further vCPU's.
    pub ap: Option<CapturedPage>,
}

/// A captured page and its file.
#[derive(Clone, Debug)]
pub struct CapturedPage {
    /// The file.
    pub path: PathBuf,
    /// The page.
    pub page: VmsaPage,
}

impl CapturedPage {
    /// The SHA-256 of its bytes.
    pub fn sha256(&self) -> Sha256Digest {
        Sha256Digest::of(self.page.as_bytes())
    }
}

impl Captured {
    /// The pages as a guest takes them.
    pub fn vmsas(&self) -> Vmsas {
        let ap = self.ap.as_ref().map(|ap| ap.page.clone());
        Vmsas::Captured { bsp: self.bsp.page.clone(), ap }
    }
}

impl Inputs {
    /// Settles a description, and reads every file that it names once.
    ///
    /// Errors: a description that says too little or contradicts itself; files that cannot be read, or are not what they
    /// should be; more work than the budget has; a kernel whose hash cannot be predicted.
    pub fn read(
        mode: Mode,
        description: Description,
        reading: Reading,
        files: &dyn Files,
        backend: &(impl Backend + Sync),
    ) -> Result<Self, Error> {
        if mode == Mode::SnpSvsm && description.svsm.image.is_none() {
            return Err(Error::NoSvsm);
        }
        // What a digest stands for is told by the mode, so it must be what is described.
        let described = description.technology.as_ref().map(|field| field.value);
        if let Some(described) = described.filter(|described| *described != mode.technology()) {
            return Err(Error::Mode { asked: mode.technology(), described });
        }
        if reading.needs_all_known {
            description.check_all_known()?;
        }
        reading.budget.check_files(&description, files)?;
        let mut resolved = match mode {
            Mode::SnpFirmware => resolve_firmware(description)?,
            Mode::Guest(_) | Mode::SnpSvsm => resolve(description)?,
        };
        let mut assumptions = std::mem::take(&mut resolved.assumptions);
        let mut notes = std::mem::take(&mut resolved.notes);
        let Resolved { description, technology, profiles, .. } = &resolved;
        let captured = captured(description, files)?;
        let mut warnings = Vec::new();
        let is_krun = profiles.iter().any(|profile| profile.loads == Loads::KrunFiles);
        let krun = match is_krun {
            true => {
                Some(KrunFiles::read(description, only_image(description), *technology, files)?)
            }
            false => None,
        };
        // The bytes that are judged are those that are measured: libkrun's qboot is read once.
        let qboot = krun.as_ref().zip(only_image(description));
        let qboot = qboot.map(|(krun, path)| Memory::from([(path.clone(), krun.qboot.clone())]));
        let images = qboot.as_ref().map_or(files, |qboot| qboot);
        // libkrun's kernel is measured as what it is, and no hash of it is there to check.
        let looks_inside = reading.looks_inside.filter(|_| !is_krun);
        let reading = Reading { looks_inside, ..reading };
        let read_boot = || BootInputs::read(description, krun, files, backend);
        let mut absorb = || firmware::read_all(&resolved, reading, images, backend, &mut warnings);
        let (boot, firmwares) = match description.boot.kernels {
            Some(_) => cores::join(read_boot, absorb),
            // No other file to hash meanwhile: no threads for it.
            None => (read_boot(), absorb()),
        };
        let (mut firmwares, boot) = (firmwares?, boot?);
        firmwares.iter_mut().for_each(|firmware| notes.extend(drop_many_modules(firmware)));
        boot.check(description, &mut warnings, &mut notes)?;
        let host = Self::host(description, mode)?;
        warnings.extend(profiles.iter().find_map(|profile| host.flash_warning(profile)));
        boot.assume(&mut assumptions);
        let svsm = firmware::place_svsm(description, &firmwares, reading, files, backend)?;
        let igvms = igvm::read_all(&resolved, reading, files, &AllCores(backend))?;
        notes.extend(policy_notes(description, &igvms));
        Ok(Self {
            mode,
            vcpus: resolved.vcpus.clone(),
            signatures: or_none(&description.cpus, |cpu| cpu.signature),
            sev_features: or_none(&description.sev_features, |features| *features),
            firmwares,
            igvms,
            boot,
            description: resolved.description,
            profiles: resolved.profiles,
            captured,
            svsm,
            budget: reading.budget,
            assumptions,
            notes,
            warnings,
        })
    }
}

impl Inputs {
    /// Does the firmware check kernel, initrd and command line against the hashes in the digests? `None` where no digest has any.
    /// Of several firmwares the worst answer counts.
    #[must_use]
    pub fn kernel_hash_check(&self) -> Option<KernelHashCheck> {
        let has_hashes = self.boot.is_measured() && self.boot.krun.is_none();
        let checks = self.firmwares.iter().map(|firmware| firmware.absorbed.kernel_hash_check());
        KernelHashCheck::of_all(checks.filter(|_| has_hashes))
    }

    /// What is known of the host.
    fn host(description: &Description, mode: Mode) -> Result<NamedHost, Error> {
        let facts = description.host.facts()?;
        let in_flash = description.firmware.in_flash.as_ref().map(|field| field.value);
        Ok(NamedHost { technology: mode.technology(), facts, in_flash })
    }

    /// Leaves those warnings that concern a launch as it is described.
    pub(crate) fn drop_unconcerned(&self, warnings: &mut Vec<Warning>) -> Result<(), Error> {
        // The firmware's part alone is started by no host.
        if self.mode != Mode::SnpFirmware {
            let host = Self::host(&self.description, self.mode)?;
            warnings.retain(|warning| host.concerns(warning));
        }
        Ok(())
    }

    /// An error for the first warning of something that the host named is known to refuse.
    pub(crate) fn refuse(&self, warnings: &[Warning]) -> Result<(), Error> {
        // The firmware's part alone is started by no host.
        if self.mode == Mode::SnpFirmware {
            return Ok(());
        }
        let host = Self::host(&self.description, self.mode)?;
        let refused = warnings.iter().find_map(|warning| Some((warning, host.refuses(warning)?)));
        match refused {
            None => Ok(()),
            Some((warning, words)) => Err(Error::Refused { warning: warning.clone(), words }),
        }
    }
}

/// The policy that a file has beside the guest's own. The launch has the command line's; the file's reaches an ID block alone, and
/// the AMD-SP refuses a block for another policy than the guest's. [QEMU, sev_snp_launch_finish; SNP-ABI, SNP_LAUNCH_FINISH]
fn policy_notes(description: &Description, igvms: &[IgvmInput]) -> Vec<String> {
    let mut notes = Vec::new();
    let given = description.policy.as_ref().map(|field| field.value);
    for input in igvms {
        let loaded = input.loaded.first();
        let Some((own, given)) = loaded.and_then(igvm_policy).zip(given) else { continue };
        let name = &input.name;
        let has_block = loaded.is_some_and(|loaded| loaded.id_block().is_some());
        if own == given {
            continue;
        }
        notes.push(if has_block {
            format!("{name}: its ID block is for policy {own:#x}, and the guest's is {given:#x}: a real AMD-SP refuses the launch")
        } else {
            format!("{name}: policy {own:#x} stands in it, and the guest has {given:#x}, which is the command line's: no part of the digest, and what a report says")
        });
    }
    notes
}

/// The policy that a file has for its guest, which is 0 in an ID block without one.
fn igvm_policy(loaded: &sev_launch_digest::igvm::Loaded) -> Option<u64> {
    loaded.id_block().map(|(_, policy)| policy).or(loaded.policy())
}

/// Drops the modules of an image that has more than are kept, and says so. No digest depends on them.
fn drop_many_modules(firmware: &mut FirmwareInput) -> Option<String> {
    let found = firmware.modules.len();
    (found > MOST_MODULES).then(|| {
        firmware.modules.clear();
        let name = &firmware.name;
        format!("{name}: {found} modules, so none of them is kept: at most {MOST_MODULES} of an image are")
    })
}

/// What was given, or the one case in which nothing was.
fn or_none<T, U>(field: &Field<Vec<T>>, make: impl Fn(&T) -> U) -> Vec<Option<U>> {
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

fn captured(description: &Description, files: &dyn Files) -> Result<Option<Captured>, Error> {
    let read = |path: &PathBuf| {
        Ok::<_, Error>(CapturedPage { path: path.clone(), page: read_vmsa(path, files)? })
    };
    let Some(bsp) = &description.vmsa.bsp else {
        return Ok(None);
    };
    let ap = description.vmsa.ap.as_ref().map(|ap| read(&ap.value)).transpose()?;
    Ok(Some(Captured { bsp: read(&bsp.value)?, ap }))
}

/// Reads a captured VMSA page.
///
/// Errors: a file that cannot be read, or has other than 4096 bytes.
pub fn read_vmsa(path: &Path, files: &dyn Files) -> Result<VmsaPage, Error> {
    let bytes = files.read(path, SMALL).map_err(Error::File)?;
    VmsaPage::from_bytes(&bytes).map_err(Error::in_file(|| files.name(path)))
}
