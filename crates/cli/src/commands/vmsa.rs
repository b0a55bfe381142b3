//! `sev-launch vmsa`: initial VM save areas, as pages of 4096 bytes in files.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::profile::{self, LaunchProfile, Loads};
use sev_launch_digest::vmsa::{FIELDS, Vmsa as Fields, VmsaPage};

use crate::args::{Cpu, number, number32, sev_features};
use crate::exit::Answer;
use crate::vmsa::field_value;
use crate::{guest, inputs, output};

/// VM save areas.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Vmsa {
    /// Write the page that a profile's host measures for a vCPU.
    Build(Box<Build>),
    /// Name every field of a page that is not zero.
    Show {
        /// The page: 4096 bytes.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Name the fields in which two pages differ; exit code 1 where they do.
    Diff {
        /// One page.
        #[arg(value_name = "FILE")]
        left: PathBuf,
        /// The other.
        #[arg(value_name = "FILE")]
        right: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Write the page that a profile's host measures for a vCPU.
#[derive(Debug, clap::Args)]
pub(crate) struct Build {
    /// Where to write the page.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The launch profile.
    #[arg(long, value_name = "NAME", required_unless_present = "userspace")]
    profile: Option<String>,
    /// sevctl's name of the VMM in SEV-ES: qemu (es-legacy) or krun (es-krun-sevctl).
    #[arg(long, value_name = "VMM", conflicts_with = "profile")]
    userspace: Option<Userspace>,
    /// Which vCPU, from 0.
    #[arg(long, value_name = "INDEX", value_parser = number, default_value = "0")]
    cpu: u64,
    /// The firmware, for the address at which further vCPUs start.
    #[arg(long, value_name = "FILE", conflicts_with = "reset_address")]
    firmware: Option<PathBuf>,
    /// That address itself.
    #[arg(long, value_name = "ADDRESS", value_parser = number32)]
    reset_address: Option<u32>,
    /// SEV features in place of the profile's.
    #[arg(long, value_name = "NUMBER", value_parser = sev_features)]
    guest_features: Option<SevFeatures>,
    #[command(flatten)]
    signature: Cpu,
}

/// VMMs as sevctl names them.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Userspace {
    /// QEMU.
    Qemu,
    /// libkrun up to 1.3.
    Krun,
}

impl Vmsa {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Build(build) => build.run(),
            Self::Show { file, json } => show(file, *json),
            Self::Diff { left, right, json } => diff(left, right, *json),
        }
    }
}

impl Build {
    fn run(&self) -> anyhow::Result<Answer> {
        let profile = self.profile()?;
        let has_svsm = profile.loads == Loads::FirmwareAndSvsm;
        if profile.technology == Technology::Snp && has_svsm {
            bail!(
                "an SVSM's page depends on where the SVSM is: `sev-launch digest --mode snp:svsm --dump-vmsa` writes it"
            );
        }
        let signature = match self.signature.signatures()?.as_slice() {
            [] => None,
            [one] => Some(*one),
            several => bail!("{} CPU signatures, wanted one", several.len()),
        };
        let page = self.page(profile, signature)?;
        output::write(&self.file, page.as_bytes())?;
        Ok(Answer::Yes)
    }

    fn profile(&self) -> anyhow::Result<&'static LaunchProfile> {
        let name = match (&self.profile, self.userspace) {
            (Some(name), _) => name,
            (None, Some(Userspace::Krun)) => "es-krun-sevctl",
            (None, _) => "es-legacy",
        };
        Ok(profile::by_name(name)?)
    }

    fn page(
        &self,
        profile: &LaunchProfile,
        signature: Option<CpuSignature>,
    ) -> anyhow::Result<VmsaPage> {
        let needs_address = self.cpu > 0 && profile.needs_reset_address;
        let reset = match (self.reset_address, &self.firmware) {
            (Some(address), _) => Some(address),
            (None, Some(path)) if needs_address => {
                let firmware = guest::inputs::absorb_firmware(path)?;
                Some(firmware.reset_address().with_context(|| inputs::name(path))?)
            }
            (None, None) if needs_address => bail!(
                "vCPU {} starts at the firmware's reset address: give --firmware or --reset-address",
                self.cpu
            ),
            // The first vCPU's page does not depend on it.
            (None, _) => Some(0),
        };
        let pages = profile.vmsa_pages(reset, signature, self.guest_features)?;
        Ok(if self.cpu == 0 { pages.bsp } else { pages.ap })
    }
}

/// A field as it is printed.
#[derive(Serialize)]
struct FieldView {
    name: String,
    offset: String,
    value: String,
}

/// A field in which pages differ.
#[derive(Serialize)]
struct DifferenceView {
    name: String,
    offset: String,
    left: String,
    right: String,
}

fn show(file: &Path, json: bool) -> anyhow::Result<Answer> {
    let page = guest::inputs::read_vmsa(file)?;
    let fields = Fields::ZERO.to_page().compare(&page).into_iter().map(|one| FieldView {
        name: one.name,
        offset: format!("{:#05x}", one.offset),
        value: field_value(&one.right),
    });
    let fields: Vec<_> = fields.collect();
    output::print(json, &fields, |out| {
        for FieldView { name, offset, value } in &fields {
            writeln!(out, "{offset}  {name:<18} {value}")?;
        }
        writeln!(out, "({} fields in all, those not shown are zero)", FIELDS.len())
    })?;
    Ok(Answer::Yes)
}

fn diff(left: &Path, right: &Path, json: bool) -> anyhow::Result<Answer> {
    let (left, right) = (guest::inputs::read_vmsa(left)?, guest::inputs::read_vmsa(right)?);
    let differences = left.compare(&right).into_iter().map(|one| DifferenceView {
        name: one.name,
        offset: format!("{:#05x}", one.offset),
        left: field_value(&one.left),
        right: field_value(&one.right),
    });
    let differences: Vec<_> = differences.collect();
    output::print(json, &differences, |out| {
        let mut differences = differences.iter();
        differences.try_for_each(|DifferenceView { name, offset, left, right }| {
            writeln!(out, "{offset}  {name:<18} {left} | {right}")
        })
    })?;
    Ok(differences.is_empty().into())
}
