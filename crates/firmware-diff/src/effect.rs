//! What comes of two images' differences: the pages of guest memory that differ, and the launch digests that change.

use core::ops::Range;

use sev_launch_abi::reader::wide;
use sev_launch_abi::{Gpa, PAGE_SIZE, Technology};
use sev_launch_digest::Firmware;
use sev_launch_digest::firmware::{AbsorbedFirmware, Area};

use crate::comparison::Comparison;

/// What comes of the differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The pages of guest memory that differ.
    pub pages: Pages,
    /// For each technology, whether its digests change; none if one of the images is no firmware that a VMM starts.
    pub digests: Vec<DigestEffect>,
}

/// Pages of 4096 bytes of guest memory, below 4 GiB. An image ends there, so the pages of images of two sizes are paired from the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// How many both images have.
    pub common: u64,
    /// Those that both have and that differ: addresses of the first byte of each run and of the byte after it.
    pub differing: Vec<Range<u64>>,
    /// Bytes at the start of the first image for which the second is too small.
    pub only_a: u64,
    /// Bytes at the start of the second image for which the first is too small.
    pub only_b: u64,
}

impl Pages {
    /// How many of the pages that both have differ.
    pub fn count(&self) -> u64 {
        self.differing.iter().map(|run| (run.end - run.start).div_ceil(wide(PAGE_SIZE))).sum()
    }
}

/// Whether the digests of a technology change, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestEffect {
    /// Whose digests.
    pub technology: Technology,
    /// What of the firmware enters them and differs; none where they stay the same.
    pub because: Vec<Cause>,
}

impl DigestEffect {
    /// Do they change?
    #[must_use]
    pub fn changes(&self) -> bool {
        !self.because.is_empty()
    }
}

/// Something of a firmware that enters digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What it is.
    pub what: &'static str,
    /// In the first image.
    pub a: String,
    /// In the second image.
    pub b: String,
    /// In which launches alone; empty if in all.
    pub launches: &'static str,
}

impl Comparison<'_> {
    /// What comes of the differences for guests that are launched with these firmwares.
    pub fn effect(&self) -> Effect {
        let (a, b) = (self.a().bytes(&self.a().root().span), self.b().bytes(&self.b().root().span));
        // No VMM starts from a variable store alone, and none measures one.
        let starts = |firmware: &Firmware<'_>| {
            !(firmware.starts_with_variables() && matches!(firmware.table(), Ok(None)))
        };
        let absorbed = |bytes| {
            let firmware = Firmware::parse(bytes).ok().filter(starts)?;
            Some(firmware.absorb())
        };
        let digests = match (absorbed(a), absorbed(b)) {
            (Some(a), Some(b)) => [Technology::Sev, Technology::SevEs, Technology::Snp]
                .into_iter()
                .map(|technology| DigestEffect { technology, because: causes(technology, &a, &b) })
                .collect(),
            _ => Vec::new(),
        };
        Effect { pages: pages(a, b), digests }
    }
}

fn pages(a: &[u8], b: &[u8]) -> Pages {
    let common = a.len().min(b.len());
    let tail = |bytes: &[u8]| bytes.len() - common;
    let start = Gpa::FIRMWARE_END.0 - wide(common);
    let mut differing: Vec<Range<u64>> = Vec::new();

    let (ends_a, ends_b) =
        (a.get(tail(a)..).unwrap_or_default(), b.get(tail(b)..).unwrap_or_default());
    let pairs = ends_a.chunks(PAGE_SIZE).zip(ends_b.chunks(PAGE_SIZE));
    for (number, (of_a, of_b)) in pairs.enumerate() {
        if of_a == of_b {
            continue;
        }
        let first = start + wide(number * PAGE_SIZE);
        let end = first + wide(of_a.len());
        match differing.last_mut() {
            Some(run) if run.end == first => run.end = end,
            _ => differing.push(first..end),
        }
    }
    Pages {
        common: wide(common.div_ceil(PAGE_SIZE)),
        differing,
        only_a: wide(tail(a)),
        only_b: wide(tail(b)),
    }
}

/// What enters the technology's digests and differs. An error of a table is compared as its text: the launches that need it have no digest.
fn causes(technology: Technology, a: &AbsorbedFirmware, b: &AbsorbedFirmware) -> Vec<Cause> {
    let mut causes = Vec::new();
    let mut compare = |what, launches, value: &dyn Fn(&AbsorbedFirmware) -> String| {
        let (a, b) = (value(a), value(b));
        if a != b {
            causes.push(Cause { what, a, b, launches });
        }
    };
    let text = |result: Result<String, sev_launch_digest::firmware::Error>| {
        result.unwrap_or_else(|error| format!("none: {error}"))
    };
    let area = |area: Area| format!("{}, {} bytes", area.base, area.size);
    let several = "launches with two vCPUs and more";
    let hashed = "launches with a measured kernel";
    match technology {
        Technology::Sev | Technology::SevEs => {
            compare("SHA-256 of the image", "", &|of| {
                text(of.sha256().map(|hash| hash.to_string()))
            });
        }
        Technology::Snp => {
            compare("SNP digest after the image's pages", "", &|of| {
                text(of.snp_digest().map(|digest| digest.to_string()))
            });
            compare("sections of the SEV metadata", "", &|of| {
                let one = |section: &sev_launch_digest::firmware::Section| {
                    format!("{} {:#x} {}", section.base, section.length, section.kind)
                };
                text(of.sections().map(|list| list.iter().map(one).collect::<Vec<_>>().join(", ")))
            });
            compare("kernel hash area", hashed, &|of| text(of.hash_area().map(area)));
        }
    }
    if technology != Technology::Sev {
        compare("SEV-ES reset address", several, &|of| {
            text(of.reset_address().map(|address| format!("{address:#x}")))
        });
    }
    causes
}
