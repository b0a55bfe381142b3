//! From flags to what is asked: inputs read, profiles settled, assumptions noted.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_digest::cpu::CpuSignature;
use sev_launch_digest::features::SevFeatures;
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::Portable;
use sev_launch_digest::profile::{LaunchProfile, Loads};
use sev_launch_digest::snp::Svsm;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::VmsaPage;
use sev_launch_digest::{Technology, Warning};

use super::args::{Guest, Mode};
use super::boot::{self, KernelInput};
use super::profiles;
use super::rows::{self, Computed, Row};
use crate::backend::AllCores;
use crate::inputs;
use crate::progress::Progress;

/// Everything that is asked, with all inputs read.
pub(crate) struct Plan {
    pub(crate) mode: Mode,
    pub(crate) firmware: FirmwareInput,
    pub(crate) kernel: KernelInput,
    pub(crate) vcpus: Vec<VcpuCount>,
    pub(crate) signatures: Vec<Option<CpuSignature>>,
    pub(crate) profiles: Vec<&'static LaunchProfile>,
    pub(crate) captured: Option<Captured>,
    /// In place of the profiles' features.
    pub(crate) sev_features: Option<SevFeatures>,
    pub(crate) svsm: Option<(PathBuf, Svsm)>,
    /// Bytes between SVSM and firmware.
    pub(crate) vars_size: Option<u64>,
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

/// The firmware.
pub(crate) struct FirmwareInput {
    pub(crate) path: PathBuf,
    pub(crate) absorbed: AbsorbedFirmware,
    /// The image, where a trace shows its pages.
    pub(crate) image: Option<Vec<u8>>,
    /// Was the SNP digest given in place of the pages?
    pub(crate) given_digest: bool,
}

impl Plan {
    /// Reads everything. `keep_image` is for a trace that shows the firmware's pages.
    pub(crate) fn new(mode: Mode, arguments: &Guest, keep_image: bool) -> anyhow::Result<Self> {
        check_combinations(mode, arguments)?;
        let mut assumptions = Vec::new();
        let mut notes = Vec::new();
        let profiles = profiles::choose(arguments, mode, &mut assumptions, &mut notes)?;
        let vcpus = vcpus(mode, arguments)?;
        let signatures = arguments.cpu.signatures()?;
        let captured = captured(arguments)?;
        let is_krun = profiles.iter().any(|profile| profile.loads == Loads::KrunFiles);
        if is_krun {
            check_krun(arguments, &profiles)?;
        } else if arguments.kernel_gpa.is_some() {
            bail!("--kernel-gpa belongs to libkrun's SNP profiles");
        }
        let mut warnings = Vec::new();
        let (firmware, kernel) = read_inputs(mode, arguments, is_krun, keep_image, &mut warnings)?;
        kernel.assume(&mut assumptions);
        let vars_size = match (&arguments.vars_size, &arguments.vars_file) {
            (Some(size), _) => Some(*size),
            (None, Some(path)) => Some(inputs::size_of_file(path)?),
            (None, None) => None,
        };
        let svsm = match (&arguments.svsm, vars_size) {
            (Some(path), Some(size)) => Some((path.clone(), place_svsm(path, &firmware, size)?)),
            _ => None,
        };
        let signatures = match signatures.is_empty() {
            true => vec![None],
            false => signatures.into_iter().map(Some).collect(),
        };
        Ok(Self {
            mode,
            firmware,
            kernel,
            vcpus,
            signatures,
            profiles,
            captured,
            sev_features: arguments.guest_features,
            svsm,
            vars_size,
            assumptions,
            notes,
            warnings,
        })
    }

    /// A row's command line, where its bytes are known.
    pub(crate) fn cmdline_text(&self, row: &Row) -> Option<String> {
        let bytes = self.kernel.cmdlines.get(row.cmdline)?.bytes.as_ref()?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    /// Computes every row. An error of the firmware names its file.
    pub(crate) fn compute(&self, wants_trace: bool) -> anyhow::Result<Computed> {
        rows::compute(self, wants_trace).map_err(|error| {
            let concerns_firmware = error.concerns_firmware();
            let error = anyhow::Error::from(error);
            if concerns_firmware { error.context(inputs::name(&self.firmware.path)) } else { error }
        })
    }
}

/// Flags that contradict each other or miss one another, before anything is read.
fn check_combinations(mode: Mode, arguments: &Guest) -> anyhow::Result<()> {
    let has_kernel = arguments.kernel.is_some() || arguments.kernel_sha256.is_some();
    if !has_kernel && (arguments.initrd.is_some() || arguments.initrd_sha256.is_some()) {
        bail!("an initrd is measured with a kernel only: give --kernel or --kernel-sha256 too");
    }
    if !has_kernel && has_cmdline(arguments) {
        bail!(
            "a command line is measured with a kernel only: give --kernel or --kernel-sha256 too"
        );
    }
    if mode == Mode::SnpSvsm {
        if arguments.svsm.is_none() {
            bail!("mode snp:svsm needs the SVSM image: --svsm FILE");
        }
        if arguments.vars_size.is_none() && arguments.vars_file.is_none() {
            bail!(
                "mode snp:svsm needs the variable store's size: --vars-size BYTES or --vars-file FILE"
            );
        }
        if has_kernel {
            bail!("mode snp:svsm measures no kernel: leave --kernel out");
        }
    } else if arguments.svsm.is_some() {
        bail!("--svsm belongs to --mode snp:svsm");
    } else if arguments.vars_size.is_some() || arguments.vars_file.is_some() {
        bail!("--vars-size and --vars-file belong to --mode snp:svsm");
    }
    if arguments.snp_ovmf_hash.is_some() && mode != Mode::Guest(Technology::Snp) {
        bail!("--snp-ovmf-hash belongs to --mode snp");
    }
    if mode == Mode::Guest(Technology::Sev) {
        if arguments.profile.is_some() {
            bail!("plain SEV measures no VMSA, so it has no launch profile: leave --profile out");
        }
        if arguments.vmsa_bsp.is_some() {
            bail!("plain SEV measures no VMSA: leave --vmsa-bsp out");
        }
    }
    inputs::check_stdin(&[arguments.kernel.as_ref(), arguments.initrd.as_ref()])
}

/// What cannot be asked of a libkrun guest, which has neither kernel hashes nor a trace.
fn check_krun(arguments: &Guest, profiles: &[&LaunchProfile]) -> anyhow::Result<()> {
    if profiles.iter().any(|profile| profile.loads != Loads::KrunFiles) {
        bail!("libkrun's profiles measure other files than the rest: ask for them apart");
    }
    if has_cmdline(arguments) {
        bail!("libkrun measures no command line: leave it out");
    }
    Ok(())
}

fn has_cmdline(arguments: &Guest) -> bool {
    !arguments.cmdline.is_empty()
        || arguments.cmdline_file.is_some()
        || arguments.cmdline_hex.is_some()
        || arguments.cmdline_sha256.is_some()
}

fn vcpus(mode: Mode, arguments: &Guest) -> anyhow::Result<Vec<VcpuCount>> {
    let technology = mode.technology();
    match &arguments.vcpus {
        Some(counts) => Ok(counts.0.clone()),
        None if technology == Technology::Sev || mode == Mode::SnpFirmware => Ok(Vec::new()),
        None => bail!(
            "every vCPU is measured in {technology}: give --vcpus, the number that exist at launch (QEMU's -smp cpus=)"
        ),
    }
}

fn captured(arguments: &Guest) -> anyhow::Result<Option<Captured>> {
    let read = |path: &PathBuf| {
        inputs::read_vmsa(path).map(|page| CapturedPage { path: path.clone(), page })
    };
    let Some(bsp) = &arguments.vmsa_bsp else {
        return Ok(None);
    };
    Ok(Some(Captured { bsp: read(bsp)?, ap: arguments.vmsa_ap.as_ref().map(read).transpose()? }))
}

/// Reads firmware, kernel and initrd, each once and at the same time.
fn read_inputs(
    mode: Mode,
    arguments: &Guest,
    is_krun: bool,
    keep_image: bool,
    warnings: &mut Vec<Warning>,
) -> anyhow::Result<(FirmwareInput, KernelInput)> {
    let paths = [arguments.kernel.as_deref(), arguments.initrd.as_deref()];
    let progress = Progress::new(paths.iter().flatten().map(|path| inputs::size_of(path)).sum());
    let hash = |path: &Option<PathBuf>| {
        path.as_deref().map(|path| inputs::hash_file(path, &progress)).transpose()
    };
    let (firmware, kernel, initrd) = std::thread::scope(|scope| {
        let kernel = scope.spawn(|| if is_krun { Ok(None) } else { hash(&arguments.kernel) });
        let initrd = scope.spawn(|| if is_krun { Ok(None) } else { hash(&arguments.initrd) });
        let firmware = read_firmware(arguments, keep_image, warnings);
        (firmware, join(kernel), join(initrd))
    });
    let firmware = firmware?;
    let krun = if is_krun { Some(boot::read_krun(arguments, mode.technology())?) } else { None };
    let kernel = boot::kernel_input(arguments, kernel?, initrd?, krun, warnings)?;
    Ok((firmware, kernel))
}

fn join<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn read_firmware(
    arguments: &Guest,
    keep_image: bool,
    warnings: &mut Vec<Warning>,
) -> anyhow::Result<FirmwareInput> {
    let (path, mut absorbed, image) = match (&arguments.firmware, &arguments.firmware_absorbed) {
        (Some(path), _) => {
            let image = inputs::read_firmware(path)?;
            let firmware = Firmware::parse(&image).with_context(|| inputs::name(path))?;
            let absorbed = firmware.absorb_with(&Portable, &AllCores);
            (path.clone(), absorbed, keep_image.then_some(image))
        }
        (None, Some(path)) => (path.clone(), inputs::read_absorbed(path)?, None),
        (None, None) => bail!("no firmware: give --firmware FILE or --firmware-absorbed FILE"),
    };
    if let Some(digest) = arguments.snp_ovmf_hash {
        if absorbed.snp_digest().is_ok_and(|own| own != digest) {
            warnings.push(Warning::GivenFirmwareDigest);
        }
        absorbed = absorbed.with_snp_digest(digest);
    }
    let given_digest = arguments.snp_ovmf_hash.is_some();
    Ok(FirmwareInput { path, absorbed, image, given_digest })
}

fn place_svsm(path: &Path, firmware: &FirmwareInput, vars_size: u64) -> anyhow::Result<Svsm> {
    let image = inputs::read_firmware(path)?;
    // Asked here, so that the error names the firmware's file and not the SVSM's.
    firmware.absorbed.snp_digest().with_context(|| inputs::name(&firmware.path))?;
    Svsm::place_with(&image, &firmware.absorbed, vars_size, &AllCores)
        .with_context(|| inputs::name(path))
}
