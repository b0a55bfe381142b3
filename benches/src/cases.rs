//! The work whose instructions `cargo xtask count` counts: each case by name, with fixed inputs.
//!
//! A case is made ready once and then done a number of times. The task counts a run that makes it ready and does it never, and one
//! that does it a fixed number of times; the difference belongs to the work alone.

use std::hint::black_box;

use sev_launch_digest::firmware::Firmware;

use crate::evidence::{Measurement, SevPlatform, SnpEvidence};
use crate::guests::{self, cmdlines, kernel_hashes, vcpus};
use crate::images;
use crate::searches::{Search, Value};

/// Work that is ready to be done; it says how many units each time is.
pub type Work = Box<dyn FnMut() -> u64>;

/// A case: its name in `counts.toml`, what the count is of, how often it is done, so that what the first time costs more does not show,
/// and what makes it ready.
pub type Case = (&'static str, &'static str, u32, fn() -> Work);

/// Every case, in the order of the table.
pub const ALL: [Case; 17] = [
    ("parse_firmware", "image of 4 MiB", 1000, parse),
    ("absorb_code", "image of 512 KiB", 4, absorb_code),
    ("absorb_ovmf", "image of 4 MiB", 1, || absorb(images::ovmf())),
    ("absorb_in_pieces", "image of 4 MiB, for SNP", 2, absorb_in_pieces),
    ("vmsa_pages", "pair of pages", 1000, vmsa_pages),
    ("digest_sev", "guest", 1000, digest_sev),
    ("digest_sev_es", "guest, 64 vCPUs", 4, digest_sev_es),
    ("digest_snp", "guest, 64 vCPUs", 20, digest_snp),
    ("sweep_sev_es", "row", 1, sweep_sev_es),
    ("sweep_snp", "row", 4, sweep_snp),
    ("explain_sev_es", "hypothesis", 1, || explain(Value::SevEs)),
    ("explain_snp", "hypothesis", 1, || explain(Value::Snp)),
    ("explain_measurement", "hypothesis", 1, || explain(Value::Measurement)),
    ("verify_measurement", "blob", 1000, measurement),
    ("verify_sev_chain", "chain", 1, sev_chain),
    ("verify_snp_chain", "chain", 2, snp_chain),
    ("verify_snp_report", "report", 4, snp_report),
];

/// The case of a name.
pub fn by_name(name: &str) -> Option<&'static Case> {
    ALL.iter().find(|(known, ..)| *known == name)
}

/// Work of one unit.
fn one<T>(mut work: impl FnMut() -> T + 'static) -> Work {
    Box::new(move || {
        black_box(work());
        1
    })
}

fn parse() -> Work {
    let image = images::ovmf();
    Box::new(move || {
        let firmware = Firmware::parse(black_box(&image)).expect("the builder makes valid images");
        u64::from(black_box(firmware).size() > 0)
    })
}

fn absorb(image: Vec<u8>) -> Work {
    one(move || images::absorbed(black_box(&image)))
}

/// No two pages are equal; in [`images::ovmf`], 895 of 1024 are the same empty one.
fn absorb_code() -> Work {
    absorb(images::image(images::OVMF_CODE, images::OVMF_CODE))
}

/// As the command reads it, and for SNP alone: the pages, and the chain over them.
fn absorb_in_pieces() -> Work {
    let image = images::ovmf();
    one(move || images::absorbed_in_pieces(black_box(&image)))
}

fn vmsa_pages() -> Work {
    one(|| {
        let profile = guests::es_profile();
        let pages = profile.vmsa_pages(Some(0x0080_b004), Some(black_box(guests::MILAN)), None);
        pages.expect("the profile needs no more")
    })
}

fn digest_sev() -> Work {
    let (firmware, hashes) = (images::small(), kernel_hashes(b""));
    one(move || guests::sev(&firmware, black_box(hashes)).launch().expect("it launches").digest())
}

fn digest_sev_es() -> Work {
    let (firmware, hashes) = (images::small(), kernel_hashes(b""));
    one(move || {
        let guest = guests::sev_es(&firmware, black_box(hashes), vcpus(64));
        guest.launch().expect("it launches").digest()
    })
}

fn digest_snp() -> Work {
    let (firmware, hashes) = (images::small(), kernel_hashes(b""));
    one(move || {
        let guest = guests::snp(&firmware, black_box(hashes), vcpus(64));
        guest.launch().expect("it launches").digest()
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
    let measurement = Measurement::make();
    one(move || black_box(&measurement).verify())
}

fn sev_chain() -> Work {
    let platform = SevPlatform::make();
    one(move || black_box(&platform).verify())
}

fn snp_chain() -> Work {
    let evidence = SnpEvidence::make();
    one(move || black_box(&evidence).verify_chain())
}

fn snp_report() -> Work {
    let evidence = SnpEvidence::make();
    let vek = evidence.verify_chain();
    one(move || black_box(&evidence).verify_report(&vek))
}

#[cfg(test)]
mod tests {
    use super::*;

    // 128 counts of 4 command lines. A search tries at least what differs in its vCPU count alone: 1 to 512 of them.
    #[test]
    fn units_are_what_was_done() {
        let units = |name: &str| by_name(name).map(|(.., prepare)| prepare()());
        assert_eq!(units("sweep_sev_es"), Some(4 * 128));
        assert_eq!(units("sweep_snp"), Some(4 * 128));
        for search in ["explain_sev_es", "explain_snp", "explain_measurement"] {
            assert!(units(search).is_some_and(|tried| tried > 512), "{search}");
        }
    }

    // A count is of nothing where the work is not done: what verifies here panics when it does not.
    #[test]
    fn every_case_can_be_done() {
        for (name, .., prepare) in ALL {
            assert!(prepare()() > 0, "{name}");
        }
    }
}
