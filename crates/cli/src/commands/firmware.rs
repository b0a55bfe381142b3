//! `sev-launch firmware`: what an image is and can launch, and absorbing one.

mod diff;
mod extract;
mod igvm;
mod opened;
mod reproduce;
mod tree;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::{
    AbsorbedFirmware, Area, Entry, Firmware as Image, KernelHashCheck, Part, Section,
};
use sev_launch_digest::igvm::is_igvm;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_firmware_diff::kernel_hash_check;
use sev_launch_sweep::AllCores;

use crate::backend::Hashing;
use crate::exit::Answer;
use crate::{guest, inputs, output};

/// Firmware images.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Firmware {
    /// Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its
    /// platforms and what it loads.
    Show {
        /// The image, or the IGVM file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Store what every digest needs of an image in a file of under 1 KiB, to be used in its place.
    Absorb {
        /// The image.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where to write; - is standard output.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Say what is in an image: volumes, files, sections, variables, and the tables at its end.
    Tree(tree::Tree),
    /// Write what is in an image as files in a new folder: executables, raw sections, variables.
    Extract(extract::ExtractCommand),
    /// Say where two images differ: by volume, module, section and kind, and which pages and digests change.
    #[command(after_long_help = diff::LONG_HELP)]
    Diff(diff::Diff),
    /// Say whether builds of one firmware are the same, but for what an allow file permits.
    #[command(after_long_help = reproduce::LONG_HELP)]
    Reproduce(reproduce::Reproduce),
}

impl Firmware {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Show { file, json } => show(file, *json),
            Self::Absorb { file, output } => absorb(file, output),
            Self::Tree(command) => command.run(),
            Self::Extract(command) => command.run(),
            Self::Diff(command) => command.run(),
            Self::Reproduce(command) => command.run(),
        }
    }
}

fn absorb(file: &Path, output: &Path) -> anyhow::Result<Answer> {
    let absorbed = guest::inputs::absorb_firmware(file)?;
    for warning in absorbed.warnings() {
        output::remark("warning", warning);
    }
    if let Some(warning) = unchecked(&absorbed) {
        output::remark("warning", &warning);
    }
    let mut text = serde_json::to_vec(&absorbed).with_context(|| inputs::name(file))?;
    text.push(b'\n');
    output::write(output, &text)?;
    Ok(Answer::Yes)
}

/// What `show` prints.
#[derive(Serialize)]
struct View {
    path: String,
    size: u64,
    sha256: String,
    gpa: String,
    flavour: &'static str,
    snp_firmware_digest: Option<String>,
    table: Vec<Record>,
    reset_address: Option<String>,
    secret_area: Option<AreaView>,
    hash_area: Option<AreaView>,
    kernel_hash_check: KernelHashCheck,
    svsm_entry: Option<String>,
    sections: Vec<SectionView>,
    can_launch: Vec<Capability>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Record {
    guid: String,
    name: Option<&'static str>,
    offset: u64,
    payload: String,
}

#[derive(Serialize)]
struct AreaView {
    base: String,
    size: u32,
}

#[derive(Serialize)]
struct SectionView {
    kind: &'static str,
    base: String,
    length: u32,
}

/// A kind of launch, and why not.
#[derive(Serialize)]
struct Capability {
    technology: Technology,
    measured_kernel: bool,
    possible: bool,
    reason: Option<String>,
    /// What such a launch does not do, where it is possible.
    caveat: Option<&'static str>,
}

fn show(file: &Path, json: bool) -> anyhow::Result<Answer> {
    let image = guest::inputs::read_firmware(file)?;
    if is_igvm(&image) {
        igvm::show(file, image, json)?;
        return Ok(Answer::Yes);
    }
    let firmware = Image::parse(&image).with_context(|| inputs::name(file))?;
    let view = View::new(file, &firmware)?;
    output::print(json, &view, |out| print(out, &view))?;
    Ok(Answer::Yes)
}

impl View {
    fn new(path: &Path, firmware: &Image<'_>) -> anyhow::Result<Self> {
        let absorbed = firmware.absorb_with(None, &AllCores(&Hashing));
        let absorbed = absorbed.with_kernel_hash_check(kernel_hash_check(firmware.image()));
        let table = firmware.table().ok().flatten();
        let tables = firmware.tables();
        let metadata = known(tables.metadata);
        let record = |entry: &Entry<'_>| Record {
            guid: entry.guid.to_string(),
            name: entry.guid.name(),
            offset: entry.offset,
            payload: hex::encode(entry.payload),
        };
        let section = |section: &Section| SectionView {
            kind: section.kind.name(),
            base: section.base.to_string(),
            length: section.length,
        };
        let mut warnings: Vec<_> = firmware.warnings().iter().map(ToString::to_string).collect();
        warnings.extend(advice(firmware, &absorbed).into_iter().map(str::to_owned));
        warnings.extend(unchecked(&absorbed).map(|warning| warning.to_string()));
        Ok(Self {
            path: path.display().to_string(),
            size: firmware.size(),
            sha256: absorbed.sha256()?.to_string(),
            gpa: firmware.gpa().to_string(),
            flavour: flavour(firmware, &absorbed),
            snp_firmware_digest: absorbed.snp_digest().ok().map(|digest| digest.to_string()),
            table: table.iter().flat_map(|table| &table.entries).map(record).collect(),
            reset_address: known(tables.reset_address).map(|address| format!("{address:#x}")),
            secret_area: known(tables.secret_area).map(area),
            hash_area: known(tables.hash_area).map(area),
            kernel_hash_check: absorbed.kernel_hash_check(),
            svsm_entry: known(tables.svsm_entry).map(|entry| format!("{entry:#x}")),
            sections: metadata.iter().flat_map(|known| &known.sections).map(section).collect(),
            can_launch: capabilities(&absorbed),
            warnings,
        })
    }
}

fn known<T>(part: Part<T>) -> Option<T> {
    part.ok().flatten()
}

fn area(area: Area) -> AreaView {
    AreaView { base: area.base.to_string(), size: area.size }
}

/// What is to be said of a firmware for which QEMU hashes a kernel, and which does not look at the hashes.
fn unchecked(absorbed: &AbsorbedFirmware) -> Option<Warning> {
    let is_unchecked = absorbed.kernel_hash_check() == KernelHashCheck::No;
    (is_unchecked && absorbed.hash_area().is_ok()).then_some(Warning::KernelHashesUnchecked)
}

/// What kind of build it is: the tables speak for it, and whether it checks the hashes, which stands in its volumes.
fn flavour(firmware: &Image<'_>, absorbed: &AbsorbedFirmware) -> &'static str {
    let (table, tables) = (firmware.table(), absorbed.tables());
    match (table, &tables.svsm_entry, &tables.reset_address) {
        (Err(_), ..) => "an image whose GUIDed table is broken",
        (_, Ok(Some(_)), _) => "an SVSM image (it has an SVSM entry point)",
        (Ok(None), ..) if firmware.starts_with_variables() => {
            "a variable store (VARS), no firmware"
        }
        (Ok(None), _, Ok(Some(_))) => {
            "OVMF older than the GUIDed table (a lone SEV-ES reset block)"
        }
        (Ok(None), ..) => "an image without a GUIDed table: qboot, SeaBIOS, or no firmware",
        _ if absorbed.hash_area().is_ok() => match absorbed.kernel_hash_check() {
            KernelHashCheck::Yes => {
                "OVMF with room for kernel hashes, which it checks: AmdSevX64, or a build of the same form"
            }
            KernelHashCheck::No => {
                "OVMF with room for kernel hashes, which it does not check: a general build of edk2-stable202511 and newer"
            }
            KernelHashCheck::Unknown => {
                "OVMF with room for kernel hashes: AmdSevX64, which checks them, or a general build of edk2-stable202511 \
                 and newer, which does not: which of the two could not be read"
            }
        },
        _ => "OVMF without room for kernel hashes: a general build (OvmfPkgX64)",
    }
}

/// What the guest's owner should know of the file, besides what is odd about it.
fn advice(firmware: &Image<'_>, absorbed: &AbsorbedFirmware) -> Vec<&'static str> {
    let mut advice = Vec::new();
    if !matches!(firmware.table(), Ok(Some(_))) {
        return advice;
    }
    if firmware.starts_with_volume() && !firmware.starts_with_variables() {
        advice.push(
            "this is a split CODE image: right where the host gives it as pflash unit 0; variables in the VARS image \
             are not measured",
        );
    }
    if absorbed.hash_area().is_err() {
        advice.push(
            "no room for kernel hashes: a kernel given with -kernel cannot be measured; use edk2's AmdSevX64 build",
        );
    }
    advice
}

/// Said of a launch with hashes that nobody looks at.
const UNCHECKED: &str =
    "the firmware does not check the hashes, so the digest does not cover the kernel";

/// What can be launched with the image, by the rules of the guests themselves.
fn capabilities(absorbed: &AbsorbedFirmware) -> Vec<Capability> {
    use sev_launch_abi::CpuSignature;
    use sev_launch_digest::vcpus::VcpuCount;
    use sev_launch_digest::vmsa::Vmsas;
    use sev_launch_digest::{profile, sev, sev_es, snp};

    let some_hash = KernelHashes::no_initrd();
    let hashes = KernelHashes { kernel: some_hash, initrd: some_hash, cmdline: some_hash };
    let check = |technology, kernel_hashes| {
        let (firmware, vcpus, svsm) = (absorbed, VcpuCount::ONE, None);
        let vmsas = Vmsas::of_signature(CpuSignature(0));
        match (technology, profile::default_for(technology)) {
            (Technology::SevEs, Some(profile)) => {
                sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas }.launch().map(drop)
            }
            (Technology::Snp, Some(profile)) => {
                let guest = snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile, vmsas };
                guest.launch().map(drop)
            }
            _ => sev::Guest { firmware, kernel_hashes }.launch().map(drop),
        }
    };
    let capability = |(technology, kernel_hashes)| {
        let reason = check(technology, kernel_hashes).err().map(|error| error.to_string());
        let (measured_kernel, possible) = (kernel_hashes.is_some(), reason.is_none());
        let is_unchecked = absorbed.kernel_hash_check() == KernelHashCheck::No;
        let caveat = (measured_kernel && possible && is_unchecked).then_some(UNCHECKED);
        Capability { technology, measured_kernel, possible, reason, caveat }
    };
    let technologies = [Technology::Sev, Technology::SevEs, Technology::Snp];
    let kinds = technologies.into_iter().flat_map(|one| [(one, None), (one, Some(hashes))]);
    kinds.map(capability).collect()
}

fn print(out: &mut impl Write, view: &View) -> io::Result<()> {
    writeln!(out, "{}: {}", view.path, view.flavour)?;
    writeln!(out, "size      {} bytes, at {} below 4 GiB", view.size, view.gpa)?;
    writeln!(out, "SHA-256   {}", view.sha256)?;
    if let Some(digest) = &view.snp_firmware_digest {
        writeln!(out, "SNP pages {digest}")?;
    }
    if !view.table.is_empty() {
        writeln!(out)?;
        writeln!(out, "table (from the end)")?;
    }
    for record in &view.table {
        let name = record.name.unwrap_or("unknown");
        writeln!(out, "  {:#08x}  {}  {name}: {}", record.offset, record.guid, record.payload)?;
    }
    if let Some(address) = &view.reset_address {
        writeln!(out)?;
        writeln!(out, "SEV-ES reset address  {address}")?;
    }
    for (name, area) in
        [("launch secret area", &view.secret_area), ("kernel hash area", &view.hash_area)]
    {
        if let Some(area) = area {
            writeln!(out, "{name:<22}{}, {} bytes", area.base, area.size)?;
        }
    }
    if view.hash_area.is_some() || view.kernel_hash_check != KernelHashCheck::Unknown {
        writeln!(out, "checks kernel hashes  {}", view.kernel_hash_check)?;
    }
    if let Some(entry) = &view.svsm_entry {
        writeln!(out, "SVSM entry            {entry}")?;
    }
    if !view.sections.is_empty() {
        writeln!(out)?;
        writeln!(out, "SEV metadata sections")?;
    }
    for section in &view.sections {
        writeln!(out, "  {:<10} {:#8x}  {}", section.base, section.length, section.kind)?;
    }
    writeln!(out)?;
    writeln!(out, "can launch")?;
    for one in &view.can_launch {
        let kernel =
            if one.measured_kernel { "with a measured kernel" } else { "without a kernel" };
        let verdict = match (&one.reason, one.caveat) {
            (Some(why), _) => format!("no: {why}"),
            (None, Some(but)) => format!("yes, but {but}"),
            (None, None) => "yes".to_owned(),
        };
        writeln!(out, "  {:<6} {kernel:<22} {verdict}", one.technology.name())?;
    }
    for warning in &view.warnings {
        writeln!(out)?;
        writeln!(out, "warning: {warning}")?;
    }
    Ok(())
}
