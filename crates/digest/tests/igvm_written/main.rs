//! IGVM files of random parts: our digests beside a second computation of QEMU's order, and beside the `igvm` crate, which writes and
//! reads the same files and measures them in an order of its own.
//!
//! The second computation is `sev_launch_testkit::expected::igvm`, written from the rules that recorded guests of QEMU showed. The crate
//! is Microsoft's, of the version that QEMU links.

mod by_the_crate;
mod parts;
mod twice;
mod verdicts;

use proptest::prelude::*;
use sev_launch_abi::{CpuSignature, Technology};
use sev_launch_digest::igvm::{File, Guest, LoaderRules};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Error, profile};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Our digest, with which a trace ends that has any updates.
fn digest(
    bytes: &[u8],
    technology: Technology,
    profile: Option<&str>,
    rules: &'static LoaderRules,
    vcpus: u16,
    signature: u32,
) -> Result<String, Error> {
    let loaded = File::parse(bytes.to_vec())?.load(technology, rules)?;
    let profile = profile.map(|name| profile::by_name(name).expect("a profile"));
    let vmsas = Vmsas::Profile { signature: Some(CpuSignature(signature)), sev_features: None };
    let vcpus = VcpuCount::new(vcpus.into())?;
    let guest = Guest { loaded: &loaded, vcpus, profile, vmsas };
    let launch = guest.launch()?;
    assert_eq!(
        launch.trace().last().map(|(_, digest)| digest),
        (launch.trace().count() > 0).then(|| launch.digest())
    );
    Ok(launch.digest().to_string())
}
