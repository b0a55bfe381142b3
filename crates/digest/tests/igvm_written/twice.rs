//! QEMU's digest, and a second computation of it.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sev_launch_abi::Technology;
use sev_launch_digest::igvm::LoaderRules;
use sev_launch_testkit::expected::igvm::{self as expected, Kind, Started};

use crate::parts::{CPUS, Made, files};
use crate::{config, digest};

// QEMU's digest, computed twice; what one refuses, the other refuses.
#[test]
fn qemu_s_digest_twice() {
    let (digests, refusals) = (Cell::new(0), Cell::new(0));
    let guests = (files(), 1_u16..5, 0_usize..4);
    let compare = |(made, vcpus, cpu): (Made, u16, usize)| {
        let bytes = made.written();
        let (signature, lacking) = CPUS[cpu];
        for (kind, technology, profile) in [
            (Kind::Sev, Technology::Sev, None),
            (Kind::SevEsLegacy, Technology::SevEs, Some("es-igvm-legacy")),
            (Kind::SevEsLegacySwapped, Technology::SevEs, Some("es-igvm-legacy-debugswap")),
            (Kind::SevEs, Technology::SevEs, Some("es-igvm-init2")),
            (Kind::Snp, Technology::Snp, Some("snp-igvm")),
        ] {
            let started = Started { kind, vcpus, signature, lacking };
            let wanted = expected::qemu(&made.platforms, &made.parts, started);
            let found = digest(&bytes, technology, profile, &LoaderRules::QEMU, vcpus, signature);
            match (&wanted, &found) {
                (Ok(wanted), Ok(found)) => {
                    prop_assert_eq!(&hex::encode(wanted), found, "{:?}", kind);
                    digests.set(digests.get() + 1);
                }
                (Err(_), Err(_)) => refusals.set(refusals.get() + 1),
                _ => prop_assert!(false, "{kind:?}: wanted {wanted:?}, found {found:?}"),
            }
        }
        Ok(())
    };
    TestRunner::new(config(400)).run(&guests, compare).unwrap_or_else(|error| panic!("{error}"));
    let (digests, refusals) = (digests.get(), refusals.get());
    println!("{digests} digests, {refusals} refusals");
    assert!(digests >= 300 && refusals >= 300, "{digests} digests, {refusals} refusals");
}
