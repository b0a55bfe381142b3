//! The host that is pretended, and its platform.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use sev_launch_abi::{CpuSignature, Generation};
use sev_launch_description::Description;
use sev_launch_platform::{Model, Platform};
use sev_launch_rehearse::{Host, Kernel, c_bit};

use super::args::{Rehearse, usual_signature};
use crate::args::generation;
use crate::platform;

/// The host's kernel where nobody says it: the release with which upstream hosts have launched all three kinds of guests for longest.
const KERNEL: &str = "6.12";

/// What is pretended: what a flag or the description says, else what the command line needs.
pub(super) fn host(arguments: &Rehearse, described: &Description) -> anyhow::Result<Host> {
    let said = described.host.kernel.as_ref().map_or(KERNEL, |kernel| &kernel.value);
    let kernel: Kernel = said.parse().with_context(|| format!("the host's kernel, {said}"))?;
    let signature = signature(arguments, described)?;
    let debug_swap = described.host.debug_swap.as_ref().map(|debug_swap| debug_swap.value);
    Ok(Host { debug_swap, ..Host::new(kernel, signature) })
}

/// The signature of the host's processor: as a flag says it, or a usual one of the generation that is said, or of one that has the C-bit where the
/// command line has it. What is said twice must agree.
pub(super) fn signature(
    arguments: &Rehearse,
    described: &Description,
) -> anyhow::Result<CpuSignature> {
    let said = described.host.cpu.as_ref().map(|cpu| {
        generation(&cpu.value)
            .map_err(|error| anyhow!("the host's processor, {}: {error}", cpu.value))
    });
    let said = said.transpose()?;
    if let Some(signature) = arguments.host_signature {
        let its = signature.generation().with_context(|| {
            format!("--host-signature {signature}: no processor with SEV has this one")
        })?;
        if let Some(said) = said.filter(|said| *said != its) {
            bail!(
                "--host-signature {signature} is of {its}, and the host's processor is said to be {said}"
            );
        }
        return Ok(signature);
    }
    // Naples and Rome have the C-bit at 47, all later ones at 51.
    let needed =
        if c_bit(&arguments.words) == Some(47) { Generation::Rome } else { Generation::Milan };
    Ok(usual_signature(said.unwrap_or(needed)))
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
