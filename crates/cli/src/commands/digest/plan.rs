//! From flags to what is asked: inputs read, profiles settled, assumptions noted.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_digest::cpu::CpuSignature;
use sev_launch_digest::features::SevFeatures;
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::{Portable, Sha256Digest};
use sev_launch_digest::kernel_hashes::{
    HashedFile, KernelHashes, KernelKind, KernelSurroundings, cmdline_warnings,
};
use sev_launch_digest::profile::{self, LaunchProfile, Loads};
use sev_launch_digest::snp::Svsm;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::VmsaPage;
use sev_launch_digest::{Technology, Warning};

use super::args::{Digest, Mode, Trace, VmmType};
use crate::args::{HexBytes, Switch};
use crate::backend::AllCores;
use crate::inputs;
use crate::progress::Progress;

/// Everything that is asked, with all inputs read.
pub(super) struct Plan {
    pub(super) mode: Mode,
    pub(super) firmware: FirmwareInput,
    pub(super) kernel: KernelInput,
    pub(super) vcpus: Vec<VcpuCount>,
    pub(super) signatures: Vec<Option<CpuSignature>>,
    pub(super) profiles: Vec<&'static LaunchProfile>,
    pub(super) captured: Option<(VmsaPage, Option<VmsaPage>)>,
    /// In place of the profiles' features.
    pub(super) sev_features: Option<SevFeatures>,
    pub(super) svsm: Option<(PathBuf, Svsm)>,
    /// What was taken for granted, for `--json` and `--verbose`.
    pub(super) assumptions: Vec<String>,
    /// What the reader should see, `--quiet` apart.
    pub(super) notes: Vec<String>,
    pub(super) warnings: Vec<Warning>,
}

/// The firmware.
pub(super) struct FirmwareInput {
    pub(super) path: PathBuf,
    pub(super) absorbed: AbsorbedFirmware,
    /// The image, where a trace shows its pages.
    pub(super) image: Option<Vec<u8>>,
    /// Was the SNP digest given in place of the pages?
    pub(super) given_digest: bool,
}

/// The kernel with its initrd and command lines.
pub(super) struct KernelInput {
    pub(super) kernel: Option<BootFile>,
    pub(super) initrd: Option<BootFile>,
    /// The rows' command lines; one where none was given.
    pub(super) cmdlines: Vec<Cmdline>,
    /// Do the hashes enter the digest?
    pub(super) measured: bool,
    /// libkrun's files, which it measures whole.
    pub(super) krun: Option<KrunFiles>,
}

/// A kernel or initrd.
#[derive(Clone)]
pub(super) struct BootFile {
    /// Nothing where only the hash was given.
    pub(super) path: Option<PathBuf>,
    pub(super) size: Option<u64>,
    pub(super) sha256: Sha256Digest,
}

/// A command line.
#[derive(Clone)]
pub(super) struct Cmdline {
    /// Nothing where only the hash was given.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) sha256: Sha256Digest,
}

/// libkrun's files.
pub(super) struct KrunFiles {
    pub(super) qboot: Vec<u8>,
    pub(super) kernel: Vec<u8>,
    pub(super) initrd: Vec<u8>,
    pub(super) kernel_gpa: u64,
}

impl Plan {
    pub(super) fn new(arguments: &Digest) -> anyhow::Result<Self> {
        check_combinations(arguments)?;
        let technology = arguments.mode.technology();
        let mut assumptions = Vec::new();
        let mut notes = Vec::new();
        let profiles = profiles(arguments, technology, &mut assumptions, &mut notes)?;
        let vcpus = vcpus(arguments, technology)?;
        let signatures = arguments.cpu.signatures()?;
        let captured = captured(arguments)?;
        let is_krun = profiles.iter().any(|profile| profile.loads == Loads::KrunFiles);
        if is_krun {
            check_krun(arguments, &profiles)?;
        }
        let mut warnings = Vec::new();
        let (firmware, kernel) = read_inputs(arguments, is_krun, &mut warnings)?;
        kernel.assume(&mut assumptions);
        let svsm = match &arguments.svsm {
            Some(path) => Some((path.clone(), place_svsm(arguments, path, &firmware)?)),
            None => None,
        };
        let signatures = match signatures.is_empty() {
            true => vec![None],
            false => signatures.into_iter().map(Some).collect(),
        };
        Ok(Self {
            mode: arguments.mode,
            firmware,
            kernel,
            vcpus,
            signatures,
            profiles,
            captured,
            sev_features: arguments.guest_features,
            svsm,
            assumptions,
            notes,
            warnings,
        })
    }
}

/// Flags that contradict each other or miss one another, before anything is read.
fn check_combinations(arguments: &Digest) -> anyhow::Result<()> {
    let has_kernel = arguments.kernel.is_some() || arguments.kernel_sha256.is_some();
    if !has_kernel && (arguments.initrd.is_some() || arguments.initrd_sha256.is_some()) {
        bail!("an initrd is measured with a kernel only: give --kernel or --kernel-sha256 too");
    }
    if !has_kernel && has_cmdline(arguments) {
        bail!(
            "a command line is measured with a kernel only: give --kernel or --kernel-sha256 too"
        );
    }
    if arguments.mode == Mode::SnpSvsm {
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
    if arguments.snp_ovmf_hash.is_some() && arguments.mode != Mode::Guest(Technology::Snp) {
        bail!("--snp-ovmf-hash belongs to --mode snp");
    }
    if arguments.mode == Mode::Guest(Technology::Sev) {
        if arguments.profile.is_some() {
            bail!("plain SEV measures no VMSA, so it has no launch profile: leave --profile out");
        }
        if arguments.vmsa_bsp.is_some() {
            bail!("plain SEV measures no VMSA: leave --vmsa-bsp out");
        }
    }
    let measures_vmsas =
        arguments.mode.technology() != Technology::Sev && arguments.mode != Mode::SnpFirmware;
    if arguments.dump_vmsa && !measures_vmsas {
        bail!("--dump-vmsa: this mode measures no VMSA");
    }
    if arguments.trace == Some(Trace::Pages) && arguments.firmware_absorbed.is_some() {
        bail!(
            "--trace=pages needs the image itself: an absorbed firmware has no pages; give --firmware"
        );
    }
    inputs::check_stdin(&[arguments.kernel.as_ref(), arguments.initrd.as_ref()])
}

/// What cannot be asked of a libkrun guest, which has neither kernel hashes nor a trace.
fn check_krun(arguments: &Digest, profiles: &[&LaunchProfile]) -> anyhow::Result<()> {
    if profiles.iter().any(|profile| profile.loads != Loads::KrunFiles) {
        bail!("libkrun's profiles measure other files than the rest: ask for them apart");
    }
    if has_cmdline(arguments) {
        bail!("libkrun measures no command line: leave it out");
    }
    if arguments.trace.is_some() || arguments.dump_vmsa {
        bail!("--trace and --dump-vmsa are not there for libkrun's profiles");
    }
    Ok(())
}

fn has_cmdline(arguments: &Digest) -> bool {
    !arguments.cmdline.is_empty()
        || arguments.cmdline_file.is_some()
        || arguments.cmdline_hex.is_some()
        || arguments.cmdline_sha256.is_some()
}

fn vcpus(arguments: &Digest, technology: Technology) -> anyhow::Result<Vec<VcpuCount>> {
    match &arguments.vcpus {
        Some(counts) => Ok(counts.0.clone()),
        None if technology == Technology::Sev || arguments.mode == Mode::SnpFirmware => {
            Ok(Vec::new())
        }
        None => bail!(
            "every vCPU is measured in {technology}: give --vcpus, the number that exist at launch (QEMU's -smp cpus=)"
        ),
    }
}

fn captured(arguments: &Digest) -> anyhow::Result<Option<(VmsaPage, Option<VmsaPage>)>> {
    let Some(bsp) = &arguments.vmsa_bsp else {
        return Ok(None);
    };
    let ap = arguments.vmsa_ap.as_deref().map(inputs::read_vmsa).transpose()?;
    Ok(Some((inputs::read_vmsa(bsp)?, ap)))
}

/// The launch profiles asked for: by name, by VMM, derived from the host, or the default.
fn profiles(
    arguments: &Digest,
    technology: Technology,
    assumptions: &mut Vec<String>,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<&'static LaunchProfile>> {
    if technology == Technology::Sev || arguments.mode == Mode::SnpFirmware {
        return Ok(Vec::new());
    }
    let derived =
        arguments.host.is_named().then(|| profile::derive(technology, &arguments.host.facts()));
    if let Some(names) = &arguments.profile {
        let profiles = names.profiles()?;
        if let Some(derived) = derived {
            for profile in profiles.iter().filter(|profile| !derived.profiles.contains(profile)) {
                notes.push(format!(
                    "profile {profile} contradicts the host named: it holds for {}",
                    profile.hosts
                ));
            }
        }
        return Ok(profiles);
    }
    if let Some(vmm) = arguments.vmm_type {
        return by_vmm(vmm, arguments.mode).map(|profile| vec![profile]);
    }
    let Some(derived) = derived else {
        return by_default(arguments, technology, assumptions, notes);
    };
    assumptions.extend(derived.assumptions.iter().map(|text| (*text).to_owned()));
    match (derived.profiles.as_slice(), derived.question) {
        ([], _) => bail!(
            "no launch profile of {technology} fits this host: `sev-launch profile list` says which hosts are known"
        ),
        ([profile], _) => {
            assumptions.push(format!("profile {profile} derived from the host named"));
            Ok(vec![profile])
        }
        (several, question) => {
            let names: Vec<_> = several.iter().map(|profile| profile.name).collect();
            bail!(
                "{} profiles fit this host: {}; ask its owner: {}",
                several.len(),
                names.join(", "),
                question.unwrap_or("what does it run?")
            )
        }
    }
}

fn by_vmm(vmm: VmmType, mode: Mode) -> anyhow::Result<&'static LaunchProfile> {
    let name = match (vmm, mode) {
        (VmmType::Qemu, Mode::SnpSvsm) => "snp-svsm-legacy",
        (VmmType::Qemu, Mode::Guest(Technology::SevEs)) => "es-legacy",
        (VmmType::Qemu, _) => "snp-qemu",
        (VmmType::Ec2, Mode::Guest(Technology::Snp)) => "snp-ec2",
        (VmmType::Gce, Mode::Guest(Technology::Snp)) => "snp-gce",
        (VmmType::Krun, Mode::Guest(Technology::SevEs)) => "es-krun-sevctl",
        (VmmType::Krun, _) => bail!(
            "--vmm-type krun says too little in SNP: give --profile snp-krun-1.4, snp-krun-1.4-amdese or snp-krun-reset"
        ),
        (vmm, mode) => {
            bail!("no host of --vmm-type {vmm:?} starts {} guests so", mode.technology())
        }
    };
    Ok(profile::by_name(name)?)
}

fn by_default(
    arguments: &Digest,
    technology: Technology,
    assumptions: &mut Vec<String>,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<&'static LaunchProfile>> {
    let profile = match arguments.mode {
        Mode::SnpSvsm => Some(profile::by_name("snp-svsm-legacy")?),
        _ => profile::default_for(technology),
    };
    if let Some(profile) = profile {
        let text = format!("profile {profile}: {}", profile.summary);
        if technology == Technology::SevEs && arguments.vmsa_bsp.is_none() {
            notes.push(format!("{text}; a host with legacy-vm-type=off needs --profile es-init2"));
        }
        assumptions.push(text);
    }
    Ok(profile.into_iter().collect())
}

/// Reads firmware, kernel and initrd, each once and at the same time.
fn read_inputs(
    arguments: &Digest,
    is_krun: bool,
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
        let firmware = read_firmware(arguments, warnings);
        (firmware, join(kernel), join(initrd))
    });
    let firmware = firmware?;
    let krun = if is_krun { Some(read_krun(arguments)?) } else { None };
    let kernel = kernel_input(arguments, kernel?, initrd?, krun, warnings)?;
    Ok((firmware, kernel))
}

fn join<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn read_firmware(arguments: &Digest, warnings: &mut Vec<Warning>) -> anyhow::Result<FirmwareInput> {
    let (path, mut absorbed, image) = match (&arguments.firmware, &arguments.firmware_absorbed) {
        (Some(path), _) => {
            let image = inputs::read_firmware(path)?;
            let firmware = Firmware::parse(&image).with_context(|| inputs::name(path))?;
            let absorbed = firmware.absorb_with(&Portable, &AllCores);
            let keep = arguments.trace == Some(Trace::Pages);
            (path.clone(), absorbed, keep.then_some(image))
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

fn read_krun(arguments: &Digest) -> anyhow::Result<KrunFiles> {
    let (Some(qboot), Some(kernel), Some(initrd)) =
        (&arguments.firmware, &arguments.kernel, &arguments.initrd)
    else {
        bail!(
            "libkrun measures its qboot, kernel and initrd whole: give --firmware, --kernel and --initrd as files"
        );
    };
    let needs_gpa = arguments.mode.technology() == Technology::Snp;
    let kernel_gpa = match arguments.kernel_gpa {
        Some(gpa) => gpa,
        None if needs_gpa => bail!(
            "libkrun measures the kernel where its bundle puts it: give --kernel-gpa, the bundle's guest address"
        ),
        None => 0,
    };
    Ok(KrunFiles {
        qboot: inputs::read_firmware(qboot)?,
        kernel: inputs::read_firmware(kernel)?,
        initrd: inputs::read_firmware(initrd)?,
        kernel_gpa,
    })
}

fn kernel_input(
    arguments: &Digest,
    kernel: Option<HashedFile>,
    initrd: Option<HashedFile>,
    krun: Option<KrunFiles>,
    warnings: &mut Vec<Warning>,
) -> anyhow::Result<KernelInput> {
    let boot_file =
        |path: &Option<PathBuf>, file: Option<HashedFile>, given: Option<Sha256Digest>| {
            let whole = file.map(|file| BootFile {
                path: path.clone(),
                size: Some(file.size),
                sha256: file.sha256,
            });
            whole.or(given.map(|sha256| BootFile { path: None, size: None, sha256 }))
        };
    let kind = kernel.map(|file| file.kind);
    if let Some(files) = krun {
        let (kernel, initrd) = files.boot_files(arguments);
        let cmdlines = cmdlines(arguments)?;
        return Ok(KernelInput { kernel, initrd, cmdlines, measured: false, krun: Some(files) });
    }
    let kernel = boot_file(&arguments.kernel, kernel, arguments.kernel_sha256);
    let initrd = boot_file(&arguments.initrd, initrd, arguments.initrd_sha256);
    let measured = kernel.is_some() && arguments.kernel_hashes == Switch::On;
    if measured {
        KernelSurroundings {
            qemu: arguments.host.vmm_version.and_then(|fact| fact.version?.exact()),
            machine: arguments.host.machine.as_deref(),
            shim: arguments.shim.is_some(),
            dtb: arguments.dtb.is_some(),
        }
        .check()?;
        warnings.extend(kind.and_then(KernelKind::warning));
    } else if kernel.is_some() {
        warnings.push(Warning::KernelNotMeasured);
    }
    let cmdlines = cmdlines(arguments)?;
    if measured {
        let given = cmdlines.iter().filter_map(|cmdline| cmdline.bytes.as_deref());
        warnings.extend(given.flat_map(cmdline_warnings));
    }
    Ok(KernelInput { kernel, initrd, cmdlines, measured, krun: None })
}

fn cmdlines(arguments: &Digest) -> anyhow::Result<Vec<Cmdline>> {
    if let Some(sha256) = arguments.cmdline_sha256 {
        return Ok(vec![Cmdline { bytes: None, sha256 }]);
    }
    let texts = match (&arguments.cmdline_file, &arguments.cmdline_hex) {
        (Some(path), _) => vec![inputs::read_small(path)?],
        (None, Some(HexBytes(bytes))) => vec![bytes.clone()],
        (None, None) if arguments.cmdline.is_empty() => vec![Vec::new()],
        (None, None) => arguments.cmdline.iter().map(|text| text.as_bytes().to_vec()).collect(),
    };
    let hash = |bytes: Vec<u8>| {
        let sha256 = KernelHashes::of_cmdline(&bytes)?;
        Ok(Cmdline { bytes: Some(bytes), sha256 })
    };
    texts.into_iter().map(hash).collect()
}

fn place_svsm(arguments: &Digest, path: &Path, firmware: &FirmwareInput) -> anyhow::Result<Svsm> {
    let vars_size = match (&arguments.vars_size, &arguments.vars_file) {
        (Some(size), _) => *size,
        (None, Some(path)) => inputs::size_of_file(path)?,
        (None, None) => 0,
    };
    let image = inputs::read_firmware(path)?;
    // Asked here, so that the error names the firmware's file and not the SVSM's.
    firmware.absorbed.snp_digest().with_context(|| inputs::name(&firmware.path))?;
    Svsm::place_with(&image, &firmware.absorbed, vars_size, &AllCores)
        .with_context(|| inputs::name(path))
}

impl KrunFiles {
    /// Kernel and initrd as the inputs of a report.
    fn boot_files(&self, arguments: &Digest) -> (Option<BootFile>, Option<BootFile>) {
        let file = |path: &Option<PathBuf>, bytes: &[u8]| {
            Some(BootFile {
                path: path.clone(),
                size: u64::try_from(bytes.len()).ok(),
                sha256: Sha256Digest::of(bytes),
            })
        };
        (file(&arguments.kernel, &self.kernel), file(&arguments.initrd, &self.initrd))
    }
}

impl KernelInput {
    /// The hashes with a row's command line, where they enter the digest.
    pub(super) fn hashes(&self, cmdline: &Cmdline) -> Option<KernelHashes> {
        let kernel = self.kernel.as_ref().filter(|_| self.measured)?;
        Some(KernelHashes {
            kernel: kernel.sha256,
            initrd: self.initrd.as_ref().map_or_else(KernelHashes::no_initrd, |file| file.sha256),
            cmdline: cmdline.sha256,
        })
    }

    fn assume(&self, assumptions: &mut Vec<String>) {
        if !self.measured {
            return;
        }
        assumptions.push("QEMU's kernel-hashes is on".into());
        assumptions.push("the kernel's file reaches the guest as it is on disk".into());
        if self.initrd.is_none() {
            assumptions.push("no initrd: measured as no bytes".into());
        }
        if self.cmdlines.iter().any(|cmdline| cmdline.bytes.as_deref() == Some(&[])) {
            assumptions.push("no command line: measured as one NUL".into());
        }
    }
}
