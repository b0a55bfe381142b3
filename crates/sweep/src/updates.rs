//! Launch updates as plain facts, and where two launches differ in them: one that is predicted, and one that was measured somewhere.
//!
//! A digest says only that something differs. Update by update it can be said what: which page, which vCPU and which of its fields, what is missing
//! and what was added.
//!
//! ```
//! use sev_launch_sweep::updates::{LaunchUpdate, differences};
//!
//! let update = |kind, gpa: u64, contents| LaunchUpdate {
//!     kind,
//!     gpa: Some(sev_launch_abi::Gpa(gpa)),
//!     size: 4096,
//!     contents: vec![contents],
//!     vmsa: None,
//!     hashes: None,
//! };
//! let expected = [update("NORMAL", 0xffff_f000, 1), update("ZERO", 0x80_0000, 0)];
//! let measured = [update("NORMAL", 0xffff_f000, 2), update("ZERO", 0x80_0000, 0)];
//! let found = differences(&expected, &measured);
//! assert_eq!(found.len(), 1);
//! assert_eq!(found[0].to_string(), "update 0: NORMAL 0xfffff000, 4096 bytes: other contents");
//! assert!(differences(&expected, &expected).is_empty());
//! ```

use std::fmt;

use sev_launch_abi::{Gpa, Guid, PAGE_SIZE, reader::wide};
use sev_launch_digest::firmware::Firmware;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::TABLE_SIZE;
use sev_launch_digest::snp::Update;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{FieldDifference, VmsaPage, VmsaPages};
use sev_launch_digest::{Error, Launch, sev, snp};

use crate::guest::Guest;

/// The end of the firmware, where the 32-bit address space ends. [QEMU, pc_system_flash_map]
const FIRMWARE_END: u64 = 1 << 32;

/// One thing that the AMD-SP takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchUpdate {
    /// The command of SEV, or the page type of SNP: `LAUNCH_UPDATE_DATA`, `LAUNCH_UPDATE_VMSA`, `NORMAL`, `ZERO`, …
    pub kind: &'static str,
    /// Where it is in guest memory, if that is known.
    pub gpa: Option<Gpa>,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 (SEV, SEV-ES) or SHA-384 (SNP) of the bytes; of a page type without measured contents, nothing.
    pub contents: Vec<u8>,
    /// The page itself, of a vCPU's registers.
    pub vmsa: Option<VmsaPage>,
    /// The table of kernel hashes that is in it, if one is.
    pub hashes: Option<Box<[u8; TABLE_SIZE]>>,
}

impl fmt::Display for LaunchUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(gpa) = self.gpa {
            write!(f, " {gpa}")?;
        }
        write!(f, ", {} bytes", self.size)
    }
}

impl LaunchUpdate {
    /// Is it the same to the AMD-SP? A place that one side does not know is none that differs.
    fn is_like(&self, other: &Self) -> bool {
        let is_elsewhere = self.gpa.zip(other.gpa).is_some_and(|(left, right)| left != right);
        self.kind == other.kind
            && !is_elsewhere
            && self.size == other.size
            && self.contents == other.contents
    }
}

/// What differs in one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It was expected and did not come.
    Missing {
        /// Its place among what was expected, from 0.
        index: usize,
        /// What was expected.
        expected: LaunchUpdate,
    },
    /// It came and was not expected.
    Added {
        /// Its place among what came, from 0.
        index: usize,
        /// What came.
        measured: LaunchUpdate,
    },
    /// Another came.
    Changed {
        /// Its place among what came, from 0.
        index: usize,
        /// What was expected.
        expected: LaunchUpdate,
        /// What came.
        measured: LaunchUpdate,
        /// The fields in which two pages of registers differ; the left one is what was expected.
        fields: Vec<FieldDifference>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { index, expected } => {
                write!(f, "expected update {index}: {expected}: did not come")
            }
            Self::Added { index, measured } => {
                write!(f, "update {index}: {measured}: was not expected")
            }
            Self::Changed { index, expected, measured, fields } => {
                write!(f, "update {index}: {measured}")?;
                let is_elsewhere =
                    expected.gpa.zip(measured.gpa).is_some_and(|(left, right)| left != right);
                if expected.kind != measured.kind || is_elsewhere || expected.size != measured.size
                {
                    return write!(f, ": expected {expected}");
                }
                if let Some((left, right)) = expected.hashes.as_ref().zip(measured.hashes.as_ref())
                {
                    let parts = HASHED.iter().filter(|(_, place)| {
                        left.get(*place..place + 32) != right.get(*place..place + 32)
                    });
                    let names: Vec<_> = parts.map(|(name, _)| *name).collect();
                    // Equal hashes in other pages: it is the rest that differs.
                    if !names.is_empty() {
                        return write!(f, ": another {} by its hash", names.join(", another "));
                    }
                }
                if fields.is_empty() {
                    return f.write_str(": other contents");
                }
                let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
                write!(f, ": other registers: {}", names.join(", "))
            }
        }
    }
}

/// What is hashed into the table of a measured kernel, and where its SHA-256 is. [QEMU, build_kernel_loader_hashes]
const HASHED: [(&str, usize); 3] = [("command line", 36), ("initrd", 86), ("kernel", 136)];

/// The table of kernel hashes in a page or an update, where its GUID is.
pub fn hashes_in(bytes: &[u8]) -> Option<Box<[u8; TABLE_SIZE]>> {
    let guid = Guid::KERNEL_HASHES_TABLE;
    let at = bytes.windows(16).position(|window| window == guid.as_bytes())?;
    bytes.get(at..)?.first_chunk().copied().map(Box::new)
}

/// Where what was measured differs from what was expected, in order. What both begin with and what both end with is compared in pairs; what is
/// between is too, as far as it goes, and the rest is missing or was added.
pub fn differences(expected: &[LaunchUpdate], measured: &[LaunchUpdate]) -> Vec<Difference> {
    let pairs = || expected.iter().zip(measured);
    let before = pairs().take_while(|(left, right)| left.is_like(right)).count();
    let most = expected.len().min(measured.len()) - before;
    let backwards = expected.iter().rev().zip(measured.iter().rev());
    let after = backwards.take(most).take_while(|(left, right)| left.is_like(right)).count();
    let middle = |updates: &[LaunchUpdate]| -> Vec<(usize, LaunchUpdate)> {
        let end = updates.len() - after;
        updates.iter().cloned().enumerate().take(end).skip(before).collect()
    };
    let (mut left, mut right) = (middle(expected).into_iter(), middle(measured).into_iter());
    let mut found = Vec::new();
    loop {
        match (left.next(), right.next()) {
            (None, None) => return found,
            (Some((index, expected)), None) => found.push(Difference::Missing { index, expected }),
            (None, Some((index, measured))) => found.push(Difference::Added { index, measured }),
            (Some((_, expected)), Some((index, measured))) => {
                if !expected.is_like(&measured) {
                    let pages = expected.vmsa.as_ref().zip(measured.vmsa.as_ref());
                    let fields = pages.map(|(left, right)| left.compare(right)).unwrap_or_default();
                    found.push(Difference::Changed { index, expected, measured, fields });
                }
            }
        }
    }
}

impl Guest<'_> {
    /// Every launch update. With the image at hand, its pages stand in place of its region in SNP.
    ///
    /// Errors: those of [`Guest::launch`].
    pub fn updates(
        &self,
        vcpus: VcpuCount,
        image: Option<&[u8]>,
    ) -> Result<Vec<LaunchUpdate>, Error> {
        let Some(launch) = self.launch(vcpus)? else { return Ok(Vec::new()) };
        Ok(match &launch {
            Launch::Snp(launch) => {
                let page_of_hashes =
                    self.firmware.hash_area().ok().map(|area| area.base.0 & !0xfff);
                let of = |update: snp::LaunchUpdate| {
                    let made = of_snp(&update, pages_of(launch.vmsas()), vcpus);
                    let has_hashes = Some(update.gpa.0) == page_of_hashes && made.kind == "NORMAL";
                    let hashes = self.kernel_hashes.filter(|_| has_hashes);
                    LaunchUpdate { hashes: hashes.map(|hashes| Box::new(hashes.table())), ..made }
                };
                match image {
                    Some(image) => {
                        let own = Firmware::parse(image)?.page_updates()?;
                        own.chain(launch.updates().skip(1)).map(of).collect()
                    }
                    None => launch.updates().map(of).collect(),
                }
            }
            Launch::Sev(launch) => launch.updates().map(|one| self.of_sev(&one)).collect(),
            Launch::SevEs(launch) => launch.updates().map(|one| self.of_sev(&one)).collect(),
        })
    }

    fn of_sev(&self, update: &sev::LaunchUpdate<'_>) -> LaunchUpdate {
        let area = self.firmware.hash_area().ok();
        of_sev(update, area.map(|area| area.base))
    }
}

/// Every update of a launch from an IGVM file, in which there are no kernel hashes.
pub(crate) fn of_igvm(launch: &Launch<'_>, vcpus: VcpuCount) -> Vec<LaunchUpdate> {
    match launch {
        Launch::Snp(launch) => {
            let pages = pages_of(launch.vmsas());
            launch.updates().map(|update| of_snp(&update, pages, vcpus)).collect()
        }
        Launch::Sev(launch) => launch.updates().map(|update| of_sev(&update, None)).collect(),
        Launch::SevEs(launch) => launch.updates().map(|update| of_sev(&update, None)).collect(),
    }
}

fn pages_of(vmsas: Option<&snp::VmsaUpdates>) -> Option<&VmsaPages> {
    vmsas.map(snp::VmsaUpdates::pages)
}

/// An update of SEV or SEV-ES; `hashes_gpa` is where kernel hashes go.
fn of_sev(update: &sev::LaunchUpdate<'_>, hashes_gpa: Option<Gpa>) -> LaunchUpdate {
    let size = update.size();
    let data = |gpa, contents: [u8; 32]| LaunchUpdate {
        kind: DATA,
        gpa,
        size,
        contents: contents.to_vec(),
        vmsa: None,
        hashes: None,
    };
    match update {
        sev::LaunchUpdate::Firmware { size, midstate } => {
            let gpa = FIRMWARE_END.checked_sub(*size).map(Gpa);
            data(gpa, (*midstate).clone().finish())
        }
        sev::LaunchUpdate::File { bytes, .. } => data(None, hash(bytes)),
        sev::LaunchUpdate::Pages(region) => data(Some(region.gpa()), *region.sha256().as_bytes()),
        sev::LaunchUpdate::KernelHashes(table) => {
            let hashes = Some(Box::new(*table));
            LaunchUpdate { hashes, ..data(hashes_gpa, hash(table)) }
        }
        sev::LaunchUpdate::Vmsa { page, .. } => LaunchUpdate {
            kind: VMSA,
            vmsa: Some((*page).clone()),
            ..data(None, hash(page.as_bytes()))
        },
    }
}

/// The commands of SEV and SEV-ES. [SEV-API, LAUNCH_UPDATE_DATA, LAUNCH_UPDATE_VMSA]
pub const DATA: &str = "LAUNCH_UPDATE_DATA";
/// Of a vCPU's registers.
pub const VMSA: &str = "LAUNCH_UPDATE_VMSA";

fn of_snp(update: &snp::LaunchUpdate, pages: Option<&VmsaPages>, vcpus: VcpuCount) -> LaunchUpdate {
    let page = |contents: &[u8]| LaunchUpdate {
        kind: update.what.kind(),
        gpa: Some(update.gpa),
        size: wide(PAGE_SIZE),
        contents: contents.to_vec(),
        vmsa: None,
        hashes: None,
    };
    match &update.what {
        Update::Region { size, digest_after, .. } => {
            LaunchUpdate { size: *size, ..page(digest_after.as_bytes()) }
        }
        Update::Normal(contents) => page(contents.as_bytes()),
        Update::Zero | Update::Unmeasured | Update::Secrets | Update::Cpuid => page(&[]),
        Update::Vmsa { vcpu, contents } => {
            let vmsa = pages.map(|pages| pages.of_vcpu(*vcpu, vcpus).clone());
            LaunchUpdate { vmsa, ..page(contents.as_bytes()) }
        }
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    *Sha256Digest::of(bytes).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(gpa: u64, contents: u8) -> LaunchUpdate {
        LaunchUpdate {
            kind: "NORMAL",
            gpa: Some(Gpa(gpa)),
            size: 4096,
            contents: vec![contents],
            vmsa: None,
            hashes: None,
        }
    }

    fn texts(expected: &[LaunchUpdate], measured: &[LaunchUpdate]) -> Vec<String> {
        differences(expected, measured).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_missing_added_or_elsewhere() {
        let all = [page(0x1000, 1), page(0x2000, 2), page(0x3000, 3)];
        assert_eq!(
            texts(&all, &[page(0x1000, 1), page(0x3000, 3)]),
            ["expected update 1: NORMAL 0x2000, 4096 bytes: did not come"]
        );
        assert_eq!(
            texts(&all[..2], &all),
            ["update 2: NORMAL 0x3000, 4096 bytes: was not expected"]
        );
        assert_eq!(
            texts(&all, &[page(0x1000, 1), page(0x9000, 2), page(0x3000, 4)]),
            [
                "update 1: NORMAL 0x9000, 4096 bytes: expected NORMAL 0x2000, 4096 bytes",
                "update 2: NORMAL 0x3000, 4096 bytes: other contents",
            ]
        );
        // A place that nobody knows is none that differs.
        let unplaced = LaunchUpdate { gpa: None, ..page(0, 2) };
        assert!(texts(&all, &[page(0x1000, 1), unplaced, page(0x3000, 3)]).is_empty());
    }

    #[test]
    fn what_is_hashed_by_its_name() {
        let of = |cmdline: u8, kernel: u8| {
            // The table's GUID in EFI's order, at some place of a page. [QEMU, build_kernel_loader_hashes]
            let mut bytes = vec![0; 512];
            bytes[64..80].copy_from_slice(&hex("06d63894224fc94cb479a793d411fd21"));
            (bytes[64 + 36], bytes[64 + 136]) = (cmdline, kernel);
            LaunchUpdate { hashes: hashes_in(&bytes), ..page(0x80_f000, cmdline ^ kernel << 4) }
        };
        assert_eq!(
            texts(&[of(1, 1)], &[of(2, 1)]),
            ["update 0: NORMAL 0x80f000, 4096 bytes: another command line by its hash"]
        );
        assert_eq!(
            texts(&[of(1, 1)], &[of(2, 2)]),
            [
                "update 0: NORMAL 0x80f000, 4096 bytes: another command line, another kernel by its hash"
            ]
        );
        assert_eq!(hashes_in(&[0; 4096]), None);
    }

    fn hex(digits: &str) -> Vec<u8> {
        let pairs = (0..digits.len()).step_by(2);
        pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn a_vcpus_registers_by_their_names() {
        let of = |byte: u8| {
            let mut bytes = [0; 4096];
            // RIP. [APM2, VMSA layout]
            bytes[0x178] = byte;
            let vmsa = VmsaPage::from_bytes(&bytes).unwrap();
            LaunchUpdate {
                kind: VMSA,
                gpa: None,
                contents: vec![byte],
                vmsa: Some(vmsa),
                ..page(0, 0)
            }
        };
        assert_eq!(
            texts(&[of(1)], &[of(2)]),
            ["update 0: LAUNCH_UPDATE_VMSA, 4096 bytes: other registers: rip"]
        );
    }
}
