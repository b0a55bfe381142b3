//! IGVM files, read once and taken in by each loader that the description asks for.
//!
//! Part of [`Inputs`](crate::Inputs), which the crate's example reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sev_launch_abi::Technology;
use sev_launch_description::description::Image;
use sev_launch_description::resolve::Resolved;
use sev_launch_digest::hash::{Backend, Midstate, Sha256Digest};
use sev_launch_digest::igvm::{self, File, Loaded, LoaderRules};
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Error as DigestError, Launch, cpu};

use crate::error::Error;
use crate::files::Files;
use crate::firmware::Reading;

/// The most pages of all files together, as each loader takes them in: they are held at once, and take about 90 bytes each.
const MOST_HELD_PAGES: u64 = 1 << 22;

/// An IGVM file.
#[derive(Clone, Debug)]
pub struct IgvmInput {
    /// Its file.
    pub path: PathBuf,
    /// The file's name, as it is printed.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Sha256Digest,
    /// What each loader makes of it.
    pub loaded: Vec<Loaded>,
    /// The file, if it was asked for.
    pub file: Option<Arc<File>>,
}

impl IgvmInput {
    /// What the loader of a profile makes of it; in plain SEV, which has no profiles, QEMU.
    pub fn of_profile(&self, profile: Option<&LaunchProfile>) -> Option<&Loaded> {
        let rules = rules(profile).ok()?;
        self.loaded.iter().find(|loaded| loaded.rules() == rules)
    }
}

fn rules(profile: Option<&LaunchProfile>) -> Result<&'static LoaderRules, igvm::Error> {
    profile.map_or(Ok(&LoaderRules::QEMU), LaunchProfile::igvm_rules)
}

/// Reads an IGVM file whole: its headers are checked before anything of it is measured.
///
/// Errors: a file that cannot be read, is too large, or is no IGVM file.
pub fn read(
    files: &dyn Files,
    path: &Path,
    backend: &impl Backend,
) -> Result<(File, Sha256Digest), Error> {
    let size = files.size(path).map_err(Error::File)?;
    let name = || files.name(path);
    if size > igvm::MAX_SIZE {
        let too_large = igvm::Error::TooLarge { found: size, most: igvm::MAX_SIZE };
        return Err(Error::in_file(name)(too_large));
    }
    let bytes = files.read(path, igvm::MAX_SIZE).map_err(Error::File)?;
    let mut state = Midstate::new();
    state.update_with(backend, &bytes);
    let sha256 = Sha256Digest::from_bytes(state.finish_with(backend));
    let file = File::parse(bytes).map_err(Error::in_file(name))?;
    Ok((file, sha256))
}

/// Reads every IGVM file of a resolved description.
pub(crate) fn read_all(
    resolved: &Resolved,
    reading: Reading,
    files: &dyn Files,
    backend: &impl Backend,
) -> Result<Vec<IgvmInput>, Error> {
    let images = resolved.description.firmware.images.iter().flat_map(|field| &field.value);
    let paths = images.filter_map(|image| match image {
        Image::Igvm(path) => Some(path),
        Image::File(_) | Image::Absorbed(_) => None,
    });
    if !resolved.description.is_igvm() {
        return Ok(Vec::new());
    }
    let mut wanted: Vec<&'static LoaderRules> = Vec::new();
    let profiles = resolved.profiles.iter().copied().map(Some);
    let plain = (resolved.technology == Technology::Sev).then_some(None);
    for profile in profiles.chain(plain) {
        let rules = rules(profile).map_err(DigestError::from)?;
        if !wanted.contains(&rules) {
            wanted.push(rules);
        }
    }
    let mut pages: u64 = 0;
    let mut inputs = Vec::new();
    for path in paths {
        let (file, sha256) = read(files, path, backend)?;
        let name = files.name(path);
        resolved.check_sha256(sha256).map_err(Error::in_file(|| name.clone()))?;
        let loaders = u64::try_from(wanted.len()).unwrap_or(u64::MAX);
        pages = pages.saturating_add(file.pages().saturating_mul(loaders));
        reading.budget.check_pages(pages)?;
        if pages > MOST_HELD_PAGES {
            return Err(Error::Work {
                of: "pages of IGVM files",
                found: pages,
                most: MOST_HELD_PAGES,
            });
        }
        let load = |rules: &&'static LoaderRules| {
            file.load_with(resolved.technology, rules, backend)
                .map_err(Error::in_file(|| name.clone()))
        };
        let loaded = wanted.iter().map(load).collect::<Result<_, _>>()?;
        let (path, size) = (path.clone(), file.size());
        let file = reading.keeps_image.then(|| Arc::new(file));
        inputs.push(IgvmInput { path, name, size, sha256, loaded, file });
    }
    Ok(inputs)
}

/// A guest that is started from an IGVM file, but for the number of its vCPUs.
#[derive(Clone, Debug)]
pub struct IgvmGuest<'a> {
    /// The file, as the profile's loader takes it in.
    pub loaded: &'a Loaded,
    /// What the host does; `None` in plain SEV.
    pub profile: Option<&'static LaunchProfile>,
    /// Where the VMSAs come from.
    pub vmsas: Vmsas,
}

impl<'a> IgvmGuest<'a> {
    /// The launch with that many vCPUs.
    ///
    /// Errors: what its loader or KVM would refuse.
    pub fn launch(&self, vcpus: VcpuCount) -> Result<Launch<'a>, DigestError> {
        let (loaded, profile, vmsas) = (self.loaded, self.profile, self.vmsas.clone());
        igvm::Guest { loaded, vcpus, profile, vmsas }.launch()
    }
}

/// The EPYC models of QEMU with which the file's guest of the fewest vCPUs starts; none is named where it does with all.
///
/// Errors: why it does not start on the newest, if it does on none.
pub fn models_that_start(
    loaded: &Loaded,
    profile: Option<&'static LaunchProfile>,
) -> Result<Vec<&'static str>, DigestError> {
    let vcpus = VcpuCount::new(loaded.fewest_vcpus())?;
    let launch = |signature| {
        let vmsas = Vmsas::of_signature(signature);
        IgvmGuest { loaded, profile, vmsas }.launch(vcpus).map(drop)
    };
    let models = cpu::MODELS.iter().filter(|model| model.name.starts_with("EPYC"));
    let (mut with, mut without) = (Vec::new(), None);
    for model in models {
        match launch(model.signature) {
            Ok(()) => with.push(model.name),
            Err(error) => without = Some(error),
        }
    }
    match without {
        Some(error) if with.is_empty() => Err(error),
        Some(_) => Ok(with),
        None => Ok(Vec::new()),
    }
}
