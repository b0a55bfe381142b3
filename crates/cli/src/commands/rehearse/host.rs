//! The host that is pretended, and its platform.

use std::path::Path;

use anyhow::{Context as _, bail};
use sev_launch_abi::Generation;
use sev_launch_description::Description;
use sev_launch_platform::{Model, Platform};
use sev_launch_rehearse::{Host, Kernel, c_bit};

use super::args::{Rehearse, usual_signature};
use crate::platform;

/// The host's kernel where nobody says it: the release with which upstream hosts have launched all three kinds of guests for longest.
const KERNEL: &str = "6.12";

/// What is pretended: the flags', else the description's, else what the command line needs.
pub(super) fn host(arguments: &Rehearse, described: &Description) -> anyhow::Result<Host> {
    let said = described.host.kernel.as_ref().map_or(KERNEL, |kernel| &kernel.value);
    let kernel: Kernel = said.parse().with_context(|| format!("the host's kernel, {said}"))?;
    let generation = match arguments.generation()? {
        Some(generation) => generation,
        // Naples and Rome have the C-bit at 47, all later ones at 51.
        None if c_bit(&arguments.words) == Some(47) => Generation::Rome,
        None => Generation::Milan,
    };
    let signature = arguments.host_signature.unwrap_or(usual_signature(generation));
    let debug_swap = described.host.debug_swap.as_ref().map(|debug_swap| debug_swap.value);
    Ok(Host { debug_swap, ..Host::new(kernel, signature) })
}

/// The platform: the folder's, or a new one.
pub(super) fn platform(arguments: &Rehearse, host: &Host) -> anyhow::Result<Platform> {
    if let Some(folder) = &arguments.platform {
        let platform = platform::start(folder)?;
        check_generation(&platform, host, folder)?;
        return Ok(platform);
    }
    let mut model = Model::of(host.generation());
    if let Some(version) = arguments.api {
        (model.api, model.build) = (version.api(), version.build);
    }
    let seed = platform::seed()?;
    Ok(Platform::new(model, &seed))
}

fn check_generation(platform: &Platform, host: &Host, folder: &Path) -> anyhow::Result<()> {
    let its = platform.model().generation;
    if its != host.generation() {
        bail!(
            "{}: the platform is of {its}, and the host of {}: --host-cpu {its} makes the host its own",
            folder.display(),
            host.generation()
        );
    }
    Ok(())
}
