//! How many vCPUs a guest starts with: those of the configuration, and under static sizing what the pod may use.
//!
//! Defined by [Kata, setDefaultVCPUs, calculateSandboxSizing; InitialSizeManager]. All numbers are thousandths of a CPU, which the
//! runtime rounds up to whole ones at the end; to 3.2, and in the releases of Confidential Containers, each by itself.

use super::super::{Import, codes, default, found, vcpu_count};
use super::pod::Limits;
use super::release::{Release, Releases, SETTLED};
use super::{Runtime, Settings};
use crate::axes::VcpuCounts;
use crate::error::Error;

/// The key of the number without a pod.
const KEY: &str = "default_vcpus";
/// The switch by which the guest is sized at its start, and gets no vCPU later.
const STATIC: &str = "runtime.static_sandbox_resource_mgmt";
/// Where limits pass as they were given.
const ASSUMED: &str = "the vCPUs at launch are those that the configuration gives and the pod's CPU limits, rounded up (a cluster may add limits, a \
     kubelet with exclusive CPUs or without CFS quotas passes none: the pod that runs has them as annotations of its sandbox)";

/// Says the vCPUs at launch, or why they are not known.
///
/// Errors: a number that no runtime takes; limits that the runtime refuses.
pub(super) fn read(
    import: &mut Import,
    settings: &Settings<'_>,
    releases: &Releases,
) -> Result<(), Error> {
    let Some(own) = own(settings)? else {
        import.unknown(
            "vcpus",
            settings.place(KEY),
            "a negative number stands for all of the host's CPUs",
            "the number of CPUs that the host has: --host-cpus",
        );
        return Ok(());
    };
    if !settings.is_static() {
        return say(import, settings, own, settings.place(KEY));
    }
    import.warn(codes::KATA_WORKLOAD_VCPUS, format!("{STATIC} is on: {ASSUMED}"));
    let Some(limits) = settings.pod else {
        let why = match settings.has_pod {
            true => "the pod has no containers, or limits that cannot be added up",
            false => "it is on, so that the pod's CPU limits count, and no pod was given",
        };
        let settled_by = format!("the pod's limits; without any it is {}", own.div_ceil(1000));
        import.unknown("vcpus", STATIC, why, &settled_by);
        return Ok(());
    };
    let is_new_rust = |release: Release| settings.runtime == Runtime::Rust && release.is_from(4, 0);
    if releases.agree(is_new_rust) == Some(true)
        && limits.cpu > 0
        && !limits.memory
        && !settings.has("overhead_memory")
    {
        return settings.wrong(
            "overhead_memory",
            "a number, without which this runtime refuses a pod with a CPU limit and no memory limit",
        );
    }
    let overhead = settings.vcpus("overhead_vcpus")?.unwrap_or(0);
    let total = |release| total(settings.runtime, release, own, overhead, limits);
    match releases.agree(total) {
        Some(milli) => say(import, settings, milli, format!("{STATIC}, and the pod's limits")),
        None => {
            let text = "releases that read this file differ in how they add up the pod's limits";
            import.unknown("vcpus", STATIC, text, SETTLED);
            Ok(())
        }
    }
}

/// The configuration's own number; `None` if it is the host's, and that was not said.
fn own(settings: &Settings<'_>) -> Result<Option<u64>, Error> {
    let host = settings.host_cpus.map(|host| u64::from(host).saturating_mul(1000));
    let is_annotation = settings.replaced.iter().any(|(replaced, _)| *replaced == KEY);
    match (settings.vcpus(KEY)?, host) {
        (None, _) if is_annotation => settings.wrong(KEY, "a number above 0"),
        (None, host) => Ok(host),
        (Some(0), _) if is_annotation => {
            settings.wrong(KEY, "a number above 0: runtimes differ in what they make of 0 here")
        }
        (Some(0), _) => Ok(Some(1000)),
        (Some(given), Some(host)) if given > host => match (is_annotation, settings.runtime) {
            (true, Runtime::Go) => settings.wrong(KEY, "no more vCPUs than the host has CPUs"),
            _ => Ok(Some(host)),
        },
        (Some(given), _) => Ok(Some(given)),
    }
}

/// What a release adds up to, in whole CPUs.
fn total(runtime: Runtime, release: Release, own: u64, overhead: u64, limits: Limits) -> u64 {
    let limit = match limits.exclusive {
        // From 3.32 on the weight of exclusive CPUs counts, which have no limit.
        Some(shares) if runtime == Runtime::Go && release.is_from(3, 32) => {
            shares.div_ceil(1024).saturating_mul(1000)
        }
        Some(_) => 0,
        None => limits.cpu,
    };
    let milli = match runtime {
        Runtime::Go if !release.is_from(3, 3) => {
            own.next_multiple_of(1000).saturating_add(limit.next_multiple_of(1000))
        }
        Runtime::Rust if release.is_from(4, 0) && (limit > 0 || limits.memory) => {
            overhead.saturating_add(limit).max(1000)
        }
        _ => own.saturating_add(limit),
    };
    milli.div_ceil(1000).saturating_mul(1000)
}

fn say(
    import: &mut Import,
    settings: &Settings<'_>,
    milli: u64,
    place: String,
) -> Result<(), Error> {
    let Some(count) = vcpu_count(milli.div_ceil(1000)) else {
        return settings.wrong(KEY, "a number of vCPUs");
    };
    let counts = VcpuCounts::one(count);
    import.description.vcpus = match settings.has(KEY) || milli != 1000 {
        true => found(counts, place),
        false => default(counts, "Kata's number without default_vcpus"),
    };
    Ok(())
}
