//! `sev-launch firmware show` of an IGVM file: for which platforms it is, what it loads, and what starts from it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use sev_launch_abi::{Gpa, Technology};
use sev_launch_digest::Error;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::igvm::{File, Loaded, LoaderRules, PageData, PageKind, Platform, What};
use sev_launch_digest::profile::{self, LaunchProfile, Loads};
use sev_launch_sweep::AllCores;
use sev_launch_sweep::igvm::models_that_start;

use crate::backend::Hashing;
use crate::{inputs, output};

/// What is printed.
#[derive(Serialize)]
struct View {
    path: String,
    size: u64,
    sha256: String,
    flavour: &'static str,
    platforms: Vec<PlatformView>,
    can_launch: Vec<Capability>,
}

/// What the file has for one platform.
#[derive(Serialize)]
struct PlatformView {
    name: &'static str,
    mask: String,
    policy: Option<String>,
    pages: Pages,
    parameter_areas: usize,
    required_memory_bytes: u64,
    /// The vCPUs whose registers are in it.
    vcpus: BTreeSet<u16>,
    id_block: Option<IdBlockView>,
}

/// Pages of 4 KiB by what they are.
#[derive(Default, Serialize)]
struct Pages {
    measured: u64,
    unmeasured: u64,
    shared: u64,
    secrets: u64,
    cpuid: u64,
    lowest: Option<String>,
    highest: Option<String>,
}

#[derive(Serialize)]
struct IdBlockView {
    launch_digest: String,
    family_id: String,
    image_id: String,
    guest_svn: u32,
    author_key: bool,
}

/// What a loader starts of it, and why not.
#[derive(Serialize)]
struct Capability {
    technology: Technology,
    /// The launch profile; none in plain SEV.
    profile: Option<&'static str>,
    possible: bool,
    /// The fewest vCPUs of such a guest.
    fewest_vcpus: Option<u32>,
    /// The platform of the file that is taken.
    platform: Option<&'static str>,
    reason: Option<String>,
    warnings: Vec<String>,
    /// The CPU models with which it starts, if not with all.
    cpus: Vec<&'static str>,
}

/// Prints what the file is.
pub(super) fn show(path: &Path, bytes: Vec<u8>, json: bool) -> anyhow::Result<()> {
    let sha256 = Sha256Digest::of(&bytes);
    let file = File::parse(bytes).with_context(|| inputs::name(path))?;
    let view = View::new(path, &file, sha256);
    output::print(json, &view, |out| print(out, &view))
}

impl View {
    fn new(path: &Path, file: &File, sha256: Sha256Digest) -> Self {
        let platforms = file.platforms().iter().map(|platform| of_platform(file, *platform));
        Self {
            path: path.display().to_string(),
            size: file.size(),
            sha256: sha256.to_string(),
            flavour: "an IGVM file: give it with --igvm",
            platforms: platforms.collect(),
            can_launch: capabilities(file),
        }
    }
}

fn of_platform(file: &File, platform: Platform) -> PlatformView {
    let mask = platform.mask;
    let policy = file.policies().iter().rfind(|policy| policy.mask & mask != 0);
    let mut view = PlatformView {
        name: platform.kind.name(),
        mask: format!("{mask:#x}"),
        policy: policy.map(|policy| format!("{:#x}", policy.policy)),
        pages: Pages::default(),
        parameter_areas: 0,
        required_memory_bytes: 0,
        vcpus: BTreeSet::new(),
        id_block: None,
    };
    let mut ends: Option<(Gpa, Gpa)> = None;
    for directive in file.directives() {
        match &directive.what {
            What::PageData(page) if page.mask & mask != 0 => {
                view.pages.add(page);
                let last = Gpa(page.gpa.0.saturating_add(page.size() - 1));
                let (low, high) = ends.unwrap_or((page.gpa, last));
                ends = Some((low.min(page.gpa), high.max(last)));
            }
            What::ParameterInsert { mask: own, .. } if own & mask != 0 => view.parameter_areas += 1,
            What::RequiredMemory { mask: own, size, .. } if own & mask != 0 => {
                view.required_memory_bytes =
                    view.required_memory_bytes.saturating_add(u64::from(*size));
            }
            What::VpContext(context) if context.mask & mask != 0 => {
                view.vcpus.insert(context.vp_index);
            }
            What::SnpIdBlock(block) if block.mask & mask != 0 => {
                view.id_block = Some(IdBlockView {
                    launch_digest: block.launch_digest.to_string(),
                    family_id: hex::encode(block.family_id),
                    image_id: hex::encode(block.image_id),
                    guest_svn: block.guest_svn,
                    author_key: block.has_author_key(),
                });
            }
            _ => {}
        }
    }
    view.pages.lowest = ends.map(|(low, _)| low.to_string());
    view.pages.highest = ends.map(|(_, high)| high.to_string());
    view
}

impl Pages {
    fn add(&mut self, page: &PageData) {
        let place = match page.kind {
            PageKind::Secrets => &mut self.secrets,
            PageKind::CpuidData | PageKind::CpuidXf => &mut self.cpuid,
            PageKind::Normal if page.is_unmeasured() => &mut self.unmeasured,
            PageKind::Normal => &mut self.measured,
        };
        let count = page.size() / 4096;
        *place = place.saturating_add(count);
        if page.is_shared() {
            self.shared = self.shared.saturating_add(count);
        }
    }
}

/// What starts from it, by each loader that is known.
fn capabilities(file: &File) -> Vec<Capability> {
    let plain = (Technology::Sev, None, &LoaderRules::QEMU);
    let profiles = profile::ALL.iter().filter_map(|profile: &'static LaunchProfile| {
        let Loads::Igvm(rules) = profile.loads else { return None };
        Some((profile.technology, Some(profile), rules))
    });
    let all = [plain].into_iter().chain(profiles);
    all.map(|(technology, profile, rules)| {
        let loaded = file.load_with(technology, rules, &AllCores(&Hashing));
        let started = loaded.map_err(Error::from).and_then(|loaded| {
            let cpus = models_that_start(&loaded, profile)?;
            Ok((loaded, cpus))
        });
        let (reason, started) = match started {
            Ok(started) => (None, Some(started)),
            Err(error) => (Some(error.to_string()), None),
        };
        let loaded = started.as_ref().map(|(loaded, _)| loaded);
        let warnings = loaded.map_or(&[][..], Loaded::warnings);
        Capability {
            technology,
            profile: profile.map(|profile| profile.name),
            possible: loaded.is_some(),
            fewest_vcpus: loaded.map(Loaded::fewest_vcpus),
            platform: loaded.map(|loaded| loaded.platform().kind.name()),
            reason,
            warnings: warnings.iter().map(ToString::to_string).collect(),
            cpus: started.map(|(_, cpus)| cpus).unwrap_or_default(),
        }
    })
    .collect()
}

fn print(out: &mut impl Write, view: &View) -> io::Result<()> {
    writeln!(out, "{}: {}", view.path, view.flavour)?;
    writeln!(out, "size      {} bytes", view.size)?;
    writeln!(out, "SHA-256   {}", view.sha256)?;
    for platform in &view.platforms {
        writeln!(out)?;
        writeln!(out, "for {} (mask {})", platform.name, platform.mask)?;
        if let Some(policy) = &platform.policy {
            writeln!(
                out,
                "  policy          {policy}, for its ID block: a guest has the command line's"
            )?;
        }
        let pages = &platform.pages;
        let counts = [
            ("measured", pages.measured),
            ("unmeasured", pages.unmeasured),
            ("secrets", pages.secrets),
            ("CPUID", pages.cpuid),
            ("shared", pages.shared),
        ];
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let counts: Vec<_> = counts.map(|(name, count)| format!("{count} {name}")).collect();
        if let (Some(low), Some(high)) = (&pages.lowest, &pages.highest) {
            writeln!(out, "  pages           {}, from {low} to {high}", counts.join(", "))?;
        }
        if platform.parameter_areas > 0 {
            writeln!(
                out,
                "  parameters      {} areas, which the host fills in",
                platform.parameter_areas
            )?;
        }
        if platform.required_memory_bytes > 0 {
            writeln!(out, "  required memory {} bytes", platform.required_memory_bytes)?;
        }
        if !platform.vcpus.is_empty() {
            let vcpus: Vec<_> = platform.vcpus.iter().map(u16::to_string).collect();
            writeln!(out, "  registers of    vCPU {}", vcpus.join(", "))?;
        }
        if let Some(block) = &platform.id_block {
            writeln!(out, "  ID block        for {}", block.launch_digest)?;
        }
    }
    writeln!(out)?;
    writeln!(out, "can launch")?;
    for one in &view.can_launch {
        let profile = one.profile.unwrap_or("-");
        let verdict = match (&one.reason, one.platform) {
            (Some(why), _) => format!("no: {why}"),
            (None, Some(platform)) => {
                let fewest = one.fewest_vcpus.unwrap_or(1);
                let vcpus =
                    if fewest > 1 { format!(", {fewest} vCPUs or more") } else { String::new() };
                let cpus = match one.cpus.join(" or ") {
                    cpus if cpus.is_empty() => cpus,
                    cpus => format!(", with the CPU {cpus}"),
                };
                format!("yes, from what it has for {platform}{vcpus}{cpus}")
            }
            (None, None) => "yes".to_owned(),
        };
        writeln!(out, "  {:<6} {profile:<24} {verdict}", one.technology.name())?;
        for warning in &one.warnings {
            writeln!(out, "         warning: {warning}")?;
        }
    }
    Ok(())
}
