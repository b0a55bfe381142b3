//! The rows: one digest for each combination of command line, profile, signature and vCPU count.
//!
//! What rows share is computed once: the state before the VMSAs by command line and profile, the pages by profile and
//! signature, and all vCPU counts in one pass.

use rayon::prelude::*;
use sev_launch_digest::cpu::CpuSignature;
use sev_launch_digest::features::SevFeatures;
use sev_launch_digest::firmware::Firmware;
use sev_launch_digest::gpa::Gpa;
use sev_launch_digest::profile::{Confidence, LaunchProfile, Loads, RdxRule};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{VmsaPages, Vmsas};
use sev_launch_digest::{Error, Technology, Warning, libkrun, sev, sev_es, snp};

use super::args::Mode;
use super::boot::Cmdline;
use super::plan::Plan;
use crate::output;

/// A digest of either kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnyDigest {
    Sha256(sev::LaunchDigest),
    Sha384(snp::LaunchDigest),
}

impl AnyDigest {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Sha256(digest) => digest.as_bytes(),
            Self::Sha384(digest) => digest.as_bytes(),
        }
    }
}

/// One answer.
pub(crate) struct Row {
    pub(crate) digest: AnyDigest,
    /// The index of the command line.
    pub(crate) cmdline: usize,
    pub(crate) profile: Option<&'static LaunchProfile>,
    pub(crate) signature: Option<CpuSignature>,
    pub(crate) sev_features: Option<SevFeatures>,
    pub(crate) vcpus: Option<VcpuCount>,
    pub(crate) trace: Vec<TraceRow>,
}

/// One launch update of a row.
pub(crate) struct TraceRow {
    pub(crate) update: String,
    pub(crate) digest: AnyDigest,
}

/// All answers.
pub(crate) struct Computed {
    pub(crate) rows: Vec<Row>,
    pub(crate) warnings: Vec<Warning>,
    /// The last row's VMSAs and how many there are.
    pub(crate) vmsas: Option<(VmsaPages, VcpuCount)>,
}

/// A group of rows that differ in their vCPU counts alone.
struct Group<'a> {
    plan: &'a Plan,
    cmdline_index: usize,
    cmdline: &'a Cmdline,
    profile: &'static LaunchProfile,
    signature: Option<CpuSignature>,
    most: VcpuCount,
}

/// Computes all rows, in order.
pub(crate) fn compute(plan: &Plan, wants_trace: bool) -> Result<Computed, Error> {
    let mut warnings = plan.warnings.clone();
    let firmware = &plan.firmware.absorbed;
    match plan.mode {
        Mode::SnpFirmware => {
            warnings.extend(firmware.warnings().iter().cloned());
            let row = Row::alone(AnyDigest::Sha384(firmware.snp_digest()?));
            return Ok(Computed { rows: vec![row], warnings, vmsas: None });
        }
        Mode::Guest(Technology::Sev) => {
            let mut rows = Vec::new();
            for (cmdline_index, cmdline) in plan.kernel.cmdlines.iter().enumerate() {
                let kernel_hashes = plan.kernel.hashes(cmdline);
                let launch = sev::Guest { firmware, kernel_hashes }.launch()?;
                warnings.extend(launch.warnings());
                let mut row = Row::alone(AnyDigest::Sha256(launch.digest()));
                row.cmdline = cmdline_index;
                if wants_trace {
                    row.trace = launch.trace().map(TraceRow::of_sev).collect();
                }
                rows.push(row);
            }
            return Ok(Computed { rows, warnings, vmsas: None });
        }
        Mode::Guest(_) | Mode::SnpSvsm => {}
    }
    let most = plan.vcpus.iter().copied().max().unwrap_or(VcpuCount::ONE);
    let mut groups = Vec::new();
    for (cmdline_index, cmdline) in plan.kernel.cmdlines.iter().enumerate() {
        for profile in plan.profiles.iter().copied() {
            for signature in plan.signatures.iter().copied() {
                groups.push(Group { plan, cmdline_index, cmdline, profile, signature, most });
            }
        }
    }
    let computed: Vec<_> =
        groups.par_iter().map(|group| group.compute(wants_trace)).collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    let mut vmsas = None;
    for (group_rows, group_warnings, pages) in computed {
        rows.extend(group_rows);
        warnings.extend(group_warnings);
        vmsas = pages.zip(plan.vcpus.last().copied());
    }
    Ok(Computed { rows, warnings, vmsas })
}

type GroupAnswer = (Vec<Row>, Vec<Warning>, Option<VmsaPages>);

impl Group<'_> {
    fn vmsas(&self) -> Vmsas {
        match &self.plan.captured {
            Some(captured) => Vmsas::Captured {
                bsp: captured.bsp.page.clone(),
                ap: captured.ap.as_ref().map(|ap| ap.page.clone()),
            },
            None => {
                Vmsas::Profile { signature: self.signature, sev_features: self.plan.sev_features }
            }
        }
    }

    fn compute(&self, wants_trace: bool) -> Result<GroupAnswer, Error> {
        if self.profile.loads == Loads::KrunFiles && self.plan.kernel.krun.is_some() {
            return self.compute_krun();
        }
        match self.plan.mode.technology() {
            Technology::Snp => self.compute_snp(wants_trace),
            Technology::Sev | Technology::SevEs => self.compute_sev_es(wants_trace),
        }
    }

    fn compute_sev_es(&self, wants_trace: bool) -> Result<GroupAnswer, Error> {
        let guest = |vcpus| sev_es::Guest {
            firmware: &self.plan.firmware.absorbed,
            kernel_hashes: self.plan.kernel.hashes(self.cmdline),
            vcpus,
            profile: self.profile,
            vmsas: self.vmsas(),
        };
        let launch = guest(self.most).launch()?;
        let digests = sev_es::digests(launch.before_vmsas().midstate(), launch.pages());
        let mut rows = self.rows(digests.map(AnyDigest::Sha256), launch.pages());
        if wants_trace {
            for (row, vcpus) in rows.iter_mut().zip(&self.plan.vcpus) {
                row.trace = guest(*vcpus).launch()?.trace().map(TraceRow::of_sev).collect();
            }
        }
        Ok((rows, launch.warnings().to_vec(), Some(launch.pages().clone())))
    }

    fn compute_snp(&self, wants_trace: bool) -> Result<GroupAnswer, Error> {
        let guest = |vcpus| snp::Guest {
            firmware: &self.plan.firmware.absorbed,
            kernel_hashes: self.plan.kernel.hashes(self.cmdline),
            svsm: self.plan.svsm.as_ref().map(|(_, svsm)| svsm),
            vcpus,
            profile: self.profile,
            vmsas: self.vmsas(),
        };
        let launch = guest(self.most).launch()?;
        let digests = launch.vmsas().digests(launch.digest_before_vmsas());
        let mut rows = self.rows(digests.map(AnyDigest::Sha384), launch.pages());
        if wants_trace {
            for (row, vcpus) in rows.iter_mut().zip(&self.plan.vcpus) {
                row.trace = self.snp_trace(&guest(*vcpus).launch()?)?;
            }
        }
        // What is said of a count is said of each that was asked for.
        let mut warnings = launch.warnings().to_vec();
        for vcpus in &self.plan.vcpus {
            warnings.extend(guest(*vcpus).launch()?.warnings().iter().cloned());
        }
        Ok((rows, warnings, Some(launch.pages().clone())))
    }

    /// The trace; where the image was kept, its pages in place of its region.
    fn snp_trace(&self, launch: &snp::Launch) -> Result<Vec<TraceRow>, Error> {
        let image =
            self.plan.firmware.image.as_deref().filter(|_| !self.plan.firmware.given_digest);
        let pages = match image {
            Some(image) => Firmware::parse(image)?.page_updates()?.collect(),
            None => Vec::new(),
        };
        let rest = launch.updates().skip(usize::from(!pages.is_empty()));
        Ok(snp::trace(pages.into_iter().chain(rest)).map(TraceRow::of_snp).collect())
    }

    fn compute_krun(&self) -> Result<GroupAnswer, Error> {
        let Some(files) = &self.plan.kernel.krun else {
            return Err(Error::ProfileOfLibkrun { profile: self.profile.name });
        };
        let mut rows = Vec::new();
        for vcpus in self.plan.vcpus.iter().copied() {
            let guest = libkrun::Guest {
                qboot: &files.qboot,
                kernel: &files.kernel,
                kernel_gpa: Gpa(files.kernel_gpa),
                initrd: &files.initrd,
                vcpus,
                profile: self.profile,
                vmsas: self.vmsas(),
            };
            let digest = match self.profile.technology {
                Technology::Snp => AnyDigest::Sha384(guest.snp_digest()?),
                Technology::Sev | Technology::SevEs => AnyDigest::Sha256(guest.sev_es_digest()?),
            };
            let mut row = Row::alone(digest);
            row.profile = Some(self.profile);
            row.vcpus = Some(vcpus);
            rows.push(row);
        }
        let unconfirmed = self.profile.confidence == Confidence::Inferred;
        let warning = unconfirmed.then_some(Warning::Unconfirmed { profile: self.profile.name });
        Ok((rows, warning.into_iter().collect(), None))
    }

    /// The rows of the counts asked for, from the digests with 1, 2, 3 … vCPUs.
    fn rows(&self, digests: impl Iterator<Item = AnyDigest>, pages: &VmsaPages) -> Vec<Row> {
        let most = usize::try_from(self.most.number()).unwrap_or(usize::MAX);
        let digests: Vec<_> = digests.take(most).collect();
        let signature = self
            .signature
            .filter(|_| self.profile.rdx == RdxRule::Signature && self.plan.captured.is_none());
        let rows = self.plan.vcpus.iter().filter_map(|vcpus| {
            let index = usize::try_from(vcpus.number()).ok()?.checked_sub(1)?;
            Some(Row {
                digest: *digests.get(index)?,
                cmdline: self.cmdline_index,
                profile: Some(self.profile),
                signature,
                sev_features: Some(pages.sev_features()),
                vcpus: Some(*vcpus),
                trace: Vec::new(),
            })
        });
        rows.collect()
    }
}

impl Row {
    fn alone(digest: AnyDigest) -> Self {
        Self {
            digest,
            cmdline: 0,
            profile: None,
            signature: None,
            sev_features: None,
            vcpus: None,
            trace: Vec::new(),
        }
    }
}

impl TraceRow {
    fn of_sev((update, digest): (sev::LaunchUpdate<'_>, sev::LaunchDigest)) -> Self {
        Self { update: update.to_string(), digest: AnyDigest::Sha256(digest) }
    }

    fn of_snp((update, digest): (snp::LaunchUpdate, snp::LaunchDigest)) -> Self {
        Self { update: update.to_string(), digest: AnyDigest::Sha384(digest) }
    }
}

/// Writes each vCPU's page to `vmsa<index>.bin` in the current folder, as sev-snp-measure does.
pub(crate) fn dump_vmsas(computed: &Computed) -> anyhow::Result<()> {
    let Some((pages, vcpus)) = &computed.vmsas else {
        return Ok(());
    };
    for vcpu in 0..vcpus.number() {
        let path = format!("vmsa{vcpu}.bin");
        output::write_file(path.as_ref(), pages.of_vcpu(vcpu).as_bytes())?;
    }
    Ok(())
}
