//! What a description's rows must be, by the independent computation of the test kit.

use sev_launch_testkit::expected::{
    self, Layout, Loads, PAGE, Profile, hashes_table, krun_sev_es, krun_snp, snp_from, snp_svsm,
    svsm_gpa, vmsa_pages,
};

use super::case::{Case, Technology};
use super::firmware::Firmware;

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// In hex.
    pub(super) digest: String,
    pub(super) profile: Option<String>,
    pub(super) vcpus: Option<u32>,
    /// How many of them start with the first one's registers; `None` for none.
    pub(super) late: Option<u32>,
    pub(super) signature: Option<u32>,
    pub(super) features: Option<u64>,
    pub(super) firmware: usize,
    pub(super) kernel_hashes: bool,
    pub(super) kernel: Option<usize>,
    pub(super) initrd: Option<usize>,
    pub(super) cmdline: Option<usize>,
}

type Pages = Vec<[u8; PAGE]>;
/// Indices of a kernel, an initrd and a command line.
type Measured = (usize, Option<usize>, usize);

/// Does the layout hold the CPU's signature? (Linux, `kvm_vcpu_reset`; QEMU, `x86_cpu_reset_hold`)
pub(super) fn has_signature(layout: Layout) -> bool {
    use Layout::{QemuFpu, QemuNofpu, Svsm, SvsmFcw0, SvsmNofpu};
    matches!(layout, QemuFpu | QemuNofpu | Svsm | SvsmFcw0 | SvsmNofpu)
}

impl Case {
    /// The rows, in the order that the command's help says: firmwares vary slowest, then kernels, initrds, command lines and
    /// kernel-hashes, then profiles, features, signatures and numbers of CPUs.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (index, firmware) in self.firmwares.iter().enumerate() {
            let image = firmware.image();
            for measured in self.measured() {
                let row = self.boot_row(index, measured);
                if self.technology == Technology::Sev {
                    let digest = expected::sev(&image, self.table(measured).as_ref());
                    rows.push(Row { digest: hex::encode(digest), ..row });
                    continue;
                }
                for profile in &self.profiles {
                    self.profile_rows(profile, (firmware, &image), measured, &row, &mut rows);
                }
            }
        }
        rows
    }

    /// The digest after each firmware's own pages.
    pub(super) fn firmware_digests(&self) -> Vec<String> {
        self.firmwares.iter().map(|one| hex::encode(expected::snp_firmware(&one.image()))).collect()
    }

    /// Every combination that is measured; `None` for one without kernel hashes.
    fn measured(&self) -> Vec<Option<Measured>> {
        let boot = &self.boot;
        let is_krun = self.profiles.iter().any(|profile| profile.loads == Loads::Krun);
        let on = (boot.switches.is_empty() || boot.switches.contains(&true)) && !is_krun;
        let mut all = Vec::new();
        for kernel in (0..boot.kernels.len()).filter(|_| on) {
            for initrd in 0..boot.initrds.len().max(1) {
                for cmdline in 0..boot.cmdlines.len().max(1) {
                    let initrd = (!boot.initrds.is_empty()).then_some(initrd);
                    all.push(Some((kernel, initrd, cmdline)));
                }
            }
        }
        if all.is_empty() || boot.switches.contains(&false) {
            all.push(None);
        }
        all
    }

    fn table(&self, measured: Option<Measured>) -> Option<[u8; 176]> {
        let (kernel, initrd, cmdline) = measured?;
        let initrd = initrd.map(|index| self.boot.initrds[index].as_slice());
        let cmdline = self.boot.cmdlines.get(cmdline).map(Vec::as_slice);
        Some(hashes_table(&self.boot.kernels[kernel], initrd, cmdline))
    }

    fn boot_row(&self, firmware: usize, measured: Option<Measured>) -> Row {
        Row {
            firmware,
            kernel_hashes: measured.is_some(),
            kernel: measured.map(|(kernel, ..)| kernel),
            initrd: measured.and_then(|(_, initrd, _)| initrd),
            cmdline: measured.map(|(.., cmdline)| cmdline),
            ..Row::default()
        }
    }

    fn profile_rows(
        &self,
        profile: &Profile,
        (firmware, image): (&Firmware, &[u8]),
        measured: Option<Measured>,
        row: &Row,
        rows: &mut Vec<Row>,
    ) {
        let table = self.table(measured);
        let start = self.reset_or_entry(firmware, image.len());
        // What libkrun asks for goes without saying.
        let says_features = profile.loads != Loads::Krun || !self.features.is_empty();
        let features =
            if self.features.is_empty() { vec![profile.features] } else { self.features.clone() };
        let cpus = if self.cpus.is_empty() {
            vec![0]
        } else {
            self.cpus.iter().map(|cpu| cpu.1).collect()
        };
        for features in features {
            for signature in &cpus {
                let pages = |vcpus: u32| match &self.captured {
                    Some((bsp, ap)) => captured(bsp, ap.as_ref().unwrap_or(bsp), vcpus),
                    None => vmsa_pages(profile.layout, *signature, features, start, vcpus),
                };
                let is_captured = self.captured.is_some();
                let shown =
                    u64::from_le_bytes(pages(1)[0][0x3b0..0x3b8].try_into().expect("8 bytes"));
                for vcpus in &self.vcpus {
                    let late = if self.late.1 { self.late.0 } else { 0 };
                    let pages = expected::late(pages(*vcpus), late);
                    rows.push(Row {
                        digest: self.digest(profile, (firmware, image), table.as_ref(), &pages),
                        profile: Some(profile.name.into()),
                        vcpus: Some(*vcpus),
                        late: (late > 0).then_some(late),
                        signature: (has_signature(profile.layout) && !is_captured)
                            .then_some(*signature),
                        features: says_features.then_some(shown),
                        ..row.clone()
                    });
                }
            }
        }
    }

    /// Where further CPUs start; under an SVSM all.
    fn reset_or_entry(&self, firmware: &Firmware, size: usize) -> u32 {
        let Some(svsm) = &self.svsm else { return firmware.reset };
        let gpa = svsm_gpa(size, svsm.vars, svsm.firmware.size);
        u32::try_from(gpa + u64::from(svsm.firmware.entry)).expect("below 4 GiB")
    }

    fn digest(
        &self,
        profile: &Profile,
        (firmware, image): (&Firmware, &[u8]),
        table: Option<&[u8; 176]>,
        pages: &Pages,
    ) -> String {
        let boot = &self.boot;
        let vmm = profile.vmm;
        match (profile.loads, self.technology) {
            (Loads::Krun, Technology::Snp) => {
                let gpa = boot.kernel_gpa.expect("libkrun's kernel has an address");
                let before = krun_snp(image, (&boot.kernels[0], gpa), &boot.initrds[0]);
                hex::encode(snp_from(before, &[], None, pages, vmm))
            }
            (Loads::Krun, _) => {
                hex::encode(krun_sev_es(image, &boot.kernels[0], &boot.initrds[0], pages))
            }
            (_, Technology::Snp) => {
                let start = self.given_digest.unwrap_or_else(|| expected::snp_firmware(image));
                if let Some(svsm) = &self.svsm {
                    let below = svsm_gpa(image.len(), svsm.vars, svsm.firmware.size);
                    let before = snp_svsm(start, &svsm.firmware.image(), below);
                    return hex::encode(snp_from(
                        before,
                        &svsm.firmware.sections,
                        None,
                        pages,
                        vmm,
                    ));
                }
                let hashes = table.map(|table| (table, firmware.hash_area));
                hex::encode(snp_from(start, &firmware.sections, hashes, pages, vmm))
            }
            _ => hex::encode(expected::sev_es(image, table, pages)),
        }
    }
}

fn captured(bsp: &[u8], ap: &[u8], vcpus: u32) -> Pages {
    let page = |vcpu| <[u8; PAGE]>::try_from(if vcpu == 0 { bsp } else { ap }).expect("a page");
    (0..vcpus).map(page).collect()
}
