//! The work whose instructions `cargo xtask count` counts: each case by name, with fixed inputs.
//!
//! A case is made ready once and then done a number of times. The task counts a run that makes it ready and does it never, and one
//! that does it [`Case::iterations`] times; the difference belongs to the work alone.

use std::hint::black_box;

use sev_launch_abi::Technology;
use sev_launch_digest::firmware::Firmware;
use sev_launch_testkit::certs::RsaSize;

use crate::evidence::{Measurement, SevPlatform, SnpEvidence};
use crate::guests::{self, cmdlines, kernel_hashes, vcpus};
use crate::images;
use crate::searches::{Search, Value};

/// Work that is ready to be done; it says how many units each time is.
pub type Work = Box<dyn FnMut() -> u64>;

/// A case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its name in `counts.toml`.
    pub name: &'static str,
    /// What the count is of.
    pub unit: &'static str,
    /// How often it is done, so that what the first time costs more does not show.
    pub iterations: u32,
    /// Makes it ready.
    pub prepare: fn() -> Work,
}

/// Every case, in the order of the table.
pub const ALL: [Case; 17] = [
    Case { name: "parse_firmware", unit: "image of 4 MiB", iterations: 1000, prepare: parse },
    Case { name: "absorb_code", unit: "image of 512 KiB", iterations: 4, prepare: absorb_code },
    Case { name: "absorb_ovmf", unit: "image of 4 MiB", iterations: 1, prepare: absorb_ovmf },
    Case {
        name: "absorb_in_pieces",
        unit: "image of 4 MiB, for SNP",
        iterations: 2,
        prepare: absorb_in_pieces,
    },
    Case { name: "vmsa_pages", unit: "pair of pages", iterations: 1000, prepare: vmsa_pages },
    Case { name: "digest_sev", unit: "guest", iterations: 1000, prepare: digest_sev },
    Case { name: "digest_sev_es", unit: "guest, 64 vCPUs", iterations: 4, prepare: digest_sev_es },
    Case { name: "digest_snp", unit: "guest, 64 vCPUs", iterations: 20, prepare: digest_snp },
    Case { name: "sweep_sev_es", unit: "row", iterations: 1, prepare: sweep_sev_es },
    Case { name: "sweep_snp", unit: "row", iterations: 4, prepare: sweep_snp },
    Case {
        name: "explain_sev_es",
        unit: "hypothesis",
        iterations: 1,
        prepare: || explain(Value::SevEs),
    },
    Case {
        name: "explain_snp",
        unit: "hypothesis",
        iterations: 1,
        prepare: || explain(Value::Snp),
    },
    Case {
        name: "explain_measurement",
        unit: "hypothesis",
        iterations: 1,
        prepare: || explain(Value::Measurement),
    },
    Case { name: "verify_measurement", unit: "blob", iterations: 1000, prepare: measurement },
    Case { name: "verify_sev_chain", unit: "chain", iterations: 1, prepare: sev_chain },
    Case { name: "verify_snp_chain", unit: "chain", iterations: 2, prepare: snp_chain },
    Case { name: "verify_snp_report", unit: "report", iterations: 4, prepare: snp_report },
];

/// The case of a name.
pub fn by_name(name: &str) -> Option<&'static Case> {
    ALL.iter().find(|case| case.name == name)
}

fn parse() -> Work {
    let image = images::ovmf();
    Box::new(move || {
        let firmware = Firmware::parse(black_box(&image)).expect("the builder makes valid images");
        u64::from(black_box(firmware).size() > 0)
    })
}

fn absorb(image: Vec<u8>) -> Work {
    Box::new(move || {
        black_box(images::absorbed(black_box(&image)));
        1
    })
}

/// No two pages are equal.
fn absorb_code() -> Work {
    absorb(images::image(images::OVMF_CODE, images::OVMF_CODE))
}

/// Of 1024 pages, 895 are the same empty one.
fn absorb_ovmf() -> Work {
    absorb(images::ovmf())
}

/// As the command reads it, and for SNP alone: the pages, and the chain over them.
fn absorb_in_pieces() -> Work {
    let image = images::ovmf();
    Box::new(move || {
        black_box(images::absorbed_in_pieces(black_box(&image), Technology::Snp));
        1
    })
}

fn vmsa_pages() -> Work {
    Box::new(|| {
        let profile = guests::es_profile();
        let pages = profile.vmsa_pages(Some(0x0080_b004), Some(black_box(guests::MILAN)), None);
        black_box(pages.expect("the profile needs no more"));
        1
    })
}

fn digest_sev() -> Work {
    let (firmware, hashes) = (images::small(), kernel_hashes(b""));
    Box::new(move || {
        let launch = guests::sev(&firmware, black_box(hashes)).launch().expect("it launches");
        black_box(launch.digest());
        1
    })
}

fn digest_sev_es() -> Work {
    let (firmware, hashes) = (images::small(), kernel_hashes(b""));
    Box::new(move || {
        let guest = guests::sev_es(&firmware, black_box(hashes), vcpus(64));
        black_box(guest.launch().expect("it launches").digest());
        1
    })
}

fn digest_snp() -> Work {
    let (firmware, hashes) = (images::small(), kernel_hashes(b""));
    Box::new(move || {
        let guest = guests::snp(&firmware, black_box(hashes), vcpus(64));
        black_box(guest.launch().expect("it launches").digest());
        1
    })
}

fn sweep_sev_es() -> Work {
    let (firmware, hashes) = (images::small(), cmdlines(4));
    Box::new(move || {
        let rows = black_box(guests::sweep_sev_es(&firmware, black_box(&hashes), 128));
        rows.iter().map(|_| 1).sum()
    })
}

fn sweep_snp() -> Work {
    let (firmware, hashes) = (images::small(), cmdlines(4));
    Box::new(move || {
        let rows = black_box(guests::sweep_snp(&firmware, black_box(&hashes), 128));
        rows.iter().map(|_| 1).sum()
    })
}

/// One change, all of it: the task divides by what was tried.
fn explain(value: Value) -> Work {
    let search = Search::new(value);
    Box::new(move || search.run(1))
}

fn measurement() -> Work {
    let measurement = Measurement::new(1);
    Box::new(move || {
        black_box(black_box(&measurement).verify());
        1
    })
}

fn sev_chain() -> Work {
    let platform = SevPlatform::new(RsaSize::Bits4096);
    Box::new(move || {
        black_box(black_box(&platform).verify());
        1
    })
}

fn snp_chain() -> Work {
    let evidence = SnpEvidence::new();
    Box::new(move || {
        black_box(black_box(&evidence).verify_chain());
        1
    })
}

fn snp_report() -> Work {
    let evidence = SnpEvidence::new();
    let vek = evidence.verify_chain();
    Box::new(move || {
        black_box(black_box(&evidence).verify_report(&vek));
        1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // 128 counts of 4 command lines. A search tries at least what differs in its vCPU count alone: 1 to 512 of them.
    #[test]
    fn units_are_what_was_done() {
        let units = |name: &str| by_name(name).map(|case| (case.prepare)()());
        assert_eq!(units("sweep_sev_es"), Some(4 * 128));
        assert_eq!(units("sweep_snp"), Some(4 * 128));
        for search in ["explain_sev_es", "explain_snp", "explain_measurement"] {
            assert!(units(search).is_some_and(|tried| tried > 512), "{search}");
        }
    }

    // A count is of nothing where the work is not done: what verifies here panics when it does not.
    #[test]
    fn every_case_can_be_done() {
        for case in ALL {
            assert!((case.prepare)()() > 0, "{}", case.name);
        }
    }
}
