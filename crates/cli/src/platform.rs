//! A simulated platform's folder: one file that is the platform, which only its owner may read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use getrandom::SysRng;
use rand_core::TryRng as _;
use sev_launch_abi::PlatformVersion;
use sev_launch_platform::{Platform, SEED_SIZE};
use zeroize::Zeroizing;

use crate::inputs;
use crate::output::Outputs;

/// The file in the folder.
const NAME: &str = "platform";

/// Reads a platform.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Platform> {
    let path = folder.join(NAME);
    let bytes = inputs::read_secret(&path).with_context(|| {
        format!("{}: `sev-launch platform new` makes such a folder", folder.display())
    })?;
    Platform::from_bytes(&bytes).with_context(|| inputs::name(&path))
}

/// Writes a new platform into a new folder, which is its owner's alone.
pub(crate) fn create(folder: &Path, platform: &Platform) -> anyhow::Result<()> {
    let mut outputs = Outputs::new();
    outputs.add_folder(folder)?;
    outputs.add_new(&folder.join(NAME), &platform.to_bytes())?;
    outputs.settle()?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .with_context(|| inputs::name(folder))
}

/// A seed of the system's randomness.
pub(crate) fn seed() -> anyhow::Result<Zeroizing<[u8; SEED_SIZE]>> {
    let mut seed = Zeroizing::new([0; SEED_SIZE]);
    SysRng.try_fill_bytes(&mut *seed).context("the system gives no randomness")?;
    Ok(seed)
}

/// A platform for a run of its own: several may run at once, so that no number of draws can be kept in the folder, and each begins at a random one.
pub(crate) fn start(folder: &Path) -> anyhow::Result<Platform> {
    let mut platform = read(folder)?;
    platform.draw_from(SysRng.try_next_u64().context("the system gives no randomness")?);
    Ok(platform)
}

/// `1.55.21`: a version of the API and the build.
pub(crate) fn version(text: &str) -> Result<PlatformVersion, String> {
    let wanted = || format!("{text:?}: wanted a version with its build, such as 1.55.21");
    let (api, build) = text.rsplit_once('.').ok_or_else(wanted)?;
    let api: sev_launch_abi::ApiVersion = api.parse().map_err(|_| wanted())?;
    let is_decimal = !build.is_empty() && build.bytes().all(|byte| byte.is_ascii_digit());
    let build = build.parse().ok().filter(|_| is_decimal).ok_or_else(wanted)?;
    Ok(PlatformVersion { major: api.major, minor: api.minor, build })
}
