//! The rows: one digest for each combination of firmware, kernel, initrd, command line, profile, features, signature and
//! number of vCPUs.
//!
//! What rows share is computed once: the firmware is absorbed, the files are hashed, and all vCPU counts of a combination
//! come from one pass. Rows go out as they are made, in their order, so that a sweep of any length needs little memory.

use std::thread;

use anyhow::bail;
use sev_launch_abi::{CpuSignature, Gpa, LaunchDigest, SevFeatures, Technology};
use sev_launch_digest::firmware::Firmware;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{Confidence, LaunchProfile, Loads, RdxRule};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{VmsaPages, Vmsas};
use sev_launch_digest::{Error, Warning, libkrun, sev, sev_es, snp};

use super::args::Mode;
use super::boot::Combination;
use super::plan::{FirmwareInput, Plan};
use crate::backend::{OneCore, map_on_all_cores};
use crate::{inputs, output};

/// The most combinations of a sweep besides its vCPU counts, which bounds its memory.
const MOST_GROUPS: usize = 1_000_000;

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
    /// The index of the firmware.
    pub(crate) firmware: usize,
    /// What is measured of the kernel, if anything.
    pub(crate) boot: Option<Combination>,
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
}

/// Every launch that is asked for, found to be possible.
pub(crate) struct Sweep<'a> {
    plan: &'a Plan,
    groups: Vec<Group<'a>>,
    pub(crate) warnings: Vec<Warning>,
}

/// Rows that differ in their vCPU counts alone; plain SEV and the firmware alone have none.
struct Group<'a> {
    plan: &'a Plan,
    firmware_index: usize,
    firmware: &'a FirmwareInput,
    boot: Option<Combination>,
    hashes: Option<KernelHashes>,
    /// Nothing in plain SEV, and of the firmware alone.
    profile: Option<&'static LaunchProfile>,
    signature: Option<CpuSignature>,
    sev_features: Option<SevFeatures>,
}

impl<'a> Sweep<'a> {
    /// Looks at every combination, so that what cannot be launched is told before the first row.
    pub(crate) fn new(plan: &'a Plan) -> anyhow::Result<Self> {
        let mut groups = Vec::new();
        let combinations = plan.boot.combinations()?;
        let profiles: Vec<_> = match plan.profiles.is_empty() {
            true => vec![None],
            false => plan.profiles.iter().copied().map(Some).collect(),
        };
        let most = [
            plan.firmwares.len(),
            combinations.len(),
            profiles.len(),
            plan.sev_features.len(),
            plan.signatures.len(),
        ]
        .into_iter()
        .try_fold(1_usize, usize::checked_mul)
        .filter(|groups| *groups <= MOST_GROUPS);
        if most.is_none() {
            bail!(
                "more than {MOST_GROUPS} combinations besides vCPU counts are described: leave some lists out"
            );
        }
        for (firmware_index, firmware) in plan.firmwares.iter().enumerate() {
            for boot in &combinations {
                for profile in &profiles {
                    for sev_features in &plan.sev_features {
                        for signature in &plan.signatures {
                            groups.push(Group {
                                plan,
                                firmware_index,
                                firmware,
                                boot: *boot,
                                hashes: boot.and_then(|boot| plan.boot.hashes(boot)),
                                profile: *profile,
                                signature: *signature,
                                sev_features: *sev_features,
                            });
                        }
                    }
                }
            }
        }
        // Rows that differ in what is not measured would be the same row again.
        if plan.profiles.is_empty() {
            let vmsas = plan.sev_features.len() * plan.signatures.len();
            groups = groups.into_iter().step_by(vmsas.max(1)).collect();
        }
        let found = map_on_all_cores(&groups, Group::check)?;
        let mut warnings = plan.warnings.clone();
        for warning in found.into_iter().flatten() {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        Ok(Self { plan, groups, warnings })
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        let measures_vcpus = !self.plan.profiles.is_empty();
        self.groups.len() * if measures_vcpus { self.plan.vcpus.len() } else { 1 }
    }

    /// The last row's VMSAs and how many there are; nothing where none is measured.
    pub(crate) fn last_vmsas(&self) -> anyhow::Result<Option<(VmsaPages, VcpuCount)>> {
        let Some(group) = self.groups.last() else { return Ok(None) };
        let pages = group.pages().map_err(|error| group.name(error))?;
        Ok(pages.zip(self.plan.vcpus.last().copied()))
    }

    /// Gives every row, in order, as it is made.
    pub(crate) fn run(
        &self,
        wants_trace: bool,
        emit: &mut dyn FnMut(Row) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        // Enough that every core has work while others end theirs. How many there are is asked only where it matters: the
        // system's answer stands in files.
        let window = match self.groups.len() {
            0 | 1 => 1,
            _ => thread::available_parallelism().map_or(1, usize::from) * 4,
        };
        for groups in self.groups.chunks(window) {
            let computed = map_on_all_cores(groups, |group| {
                group.compute(wants_trace).map_err(|error| group.name(error))
            })?;
            computed.into_iter().flatten().try_for_each(&mut *emit)?;
        }
        Ok(())
    }
}

impl Group<'_> {
    /// An error of the firmware names its file.
    fn name(&self, error: Error) -> anyhow::Error {
        match error {
            Error::Firmware(error) => {
                anyhow::Error::from(error).context(inputs::name(&self.firmware.path))
            }
            error => error.into(),
        }
    }

    /// Is there such a launch, and what should its reader know?
    fn check(&self) -> anyhow::Result<Vec<Warning>> {
        self.warnings().map_err(|error| self.name(error))
    }

    fn warnings(&self) -> Result<Vec<Warning>, Error> {
        let firmware = &self.firmware.absorbed;
        let Some(profile) = self.profile else {
            if self.plan.mode == Mode::SnpFirmware {
                firmware.snp_digest()?;
                return Ok(firmware.warnings().to_vec());
            }
            return Ok(self.sev().launch()?.warnings().to_vec());
        };
        if profile.loads == Loads::KrunFiles && self.plan.boot.krun.is_some() {
            let unconfirmed = profile.confidence == Confidence::Inferred;
            let warning = unconfirmed.then_some(Warning::Unconfirmed { profile: profile.name });
            return Ok(warning.into_iter().collect());
        }
        let most = self.most();
        match self.plan.mode.technology() {
            Technology::Snp => {
                let mut warnings = self.snp(profile, most).launch()?.warnings().to_vec();
                let counts = self.plan.vcpus.iter().copied();
                warnings.extend(counts.filter_map(|count| profile.vcpus_warning(count)));
                Ok(warnings)
            }
            Technology::Sev | Technology::SevEs => {
                Ok(self.sev_es(profile, most).launch()?.warnings().to_vec())
            }
        }
    }

    fn most(&self) -> VcpuCount {
        self.plan.vcpus.iter().copied().max().unwrap_or(VcpuCount::ONE)
    }

    fn vmsas(&self) -> Vmsas {
        match &self.plan.captured {
            Some(captured) => Vmsas::Captured {
                bsp: captured.bsp.page.clone(),
                ap: captured.ap.as_ref().map(|ap| ap.page.clone()),
            },
            None => Vmsas::Profile { signature: self.signature, sev_features: self.sev_features },
        }
    }

    fn sev(&self) -> sev::Guest<'_> {
        sev::Guest { firmware: &self.firmware.absorbed, kernel_hashes: self.hashes }
    }

    fn sev_es(&self, profile: &'static LaunchProfile, vcpus: VcpuCount) -> sev_es::Guest<'_> {
        sev_es::Guest {
            firmware: &self.firmware.absorbed,
            kernel_hashes: self.hashes,
            vcpus,
            profile,
            vmsas: self.vmsas(),
        }
    }

    fn snp(&self, profile: &'static LaunchProfile, vcpus: VcpuCount) -> snp::Guest<'_> {
        let svsm = self.plan.svsm.as_ref();
        snp::Guest {
            firmware: &self.firmware.absorbed,
            kernel_hashes: self.hashes,
            svsm: svsm.and_then(|svsm| svsm.placed.get(self.firmware_index)),
            vcpus,
            profile,
            vmsas: self.vmsas(),
        }
    }

    fn compute(&self, wants_trace: bool) -> Result<Vec<Row>, Error> {
        let Some(profile) = self.profile else {
            return self.compute_alone(wants_trace);
        };
        if profile.loads == Loads::KrunFiles && self.plan.boot.krun.is_some() {
            return self.compute_krun(profile);
        }
        match self.plan.mode.technology() {
            Technology::Snp => self.compute_snp(profile, wants_trace),
            Technology::Sev | Technology::SevEs => self.compute_sev_es(profile, wants_trace),
        }
    }

    /// The VMSA pages, where the firmware's VMM measures some.
    fn pages(&self) -> Result<Option<VmsaPages>, Error> {
        let most = self.most();
        Ok(match (self.profile, self.plan.mode.technology()) {
            (Some(profile), _) if profile.loads == Loads::KrunFiles => None,
            (Some(profile), Technology::Snp) => {
                Some(self.snp(profile, most).launch()?.vmsas().pages().clone())
            }
            (Some(profile), _) => {
                Some(self.sev_es(profile, most).launch()?.vmsas().pages().clone())
            }
            (None, _) => None,
        })
    }

    /// The single row of plain SEV, or of the firmware alone.
    fn compute_alone(&self, wants_trace: bool) -> Result<Vec<Row>, Error> {
        if self.plan.mode == Mode::SnpFirmware {
            let digest = AnyDigest::Sha384(self.firmware.absorbed.snp_digest()?);
            return Ok(vec![self.row(digest)]);
        }
        let launch = self.sev().launch()?;
        let mut row = self.row(AnyDigest::Sha256(launch.digest()));
        if wants_trace {
            row.trace = launch.trace().map(TraceRow::of_sev).collect();
        }
        Ok(vec![row])
    }

    fn compute_sev_es(
        &self,
        profile: &'static LaunchProfile,
        wants_trace: bool,
    ) -> Result<Vec<Row>, Error> {
        let launch = self.sev_es(profile, self.most()).launch()?;
        let digests = launch.vmsas().digests(launch.before_vmsas(&OneCore), &OneCore);
        let mut rows = self.rows(profile, digests.map(AnyDigest::Sha256), launch.vmsas().pages());
        if wants_trace {
            for (row, vcpus) in rows.iter_mut().zip(&self.plan.vcpus) {
                let launch = self.sev_es(profile, *vcpus).launch()?;
                row.trace = launch.trace().map(TraceRow::of_sev).collect();
            }
        }
        Ok(rows)
    }

    fn compute_snp(
        &self,
        profile: &'static LaunchProfile,
        wants_trace: bool,
    ) -> Result<Vec<Row>, Error> {
        let launch = self.snp(profile, self.most()).launch()?;
        let digests = launch.vmsas().digests(launch.before_vmsas());
        let mut rows = self.rows(profile, digests.map(AnyDigest::Sha384), launch.vmsas().pages());
        if wants_trace {
            for (row, vcpus) in rows.iter_mut().zip(&self.plan.vcpus) {
                row.trace = self.snp_trace(&self.snp(profile, *vcpus).launch()?)?;
            }
        }
        Ok(rows)
    }

    /// The trace; where the image was kept, its pages in place of its region.
    fn snp_trace(&self, launch: &snp::Launch) -> Result<Vec<TraceRow>, Error> {
        let image = self.firmware.image.as_deref().filter(|_| !self.firmware.given_digest);
        let pages = match image {
            Some(image) => Firmware::parse(image)?.page_updates()?.collect(),
            None => Vec::new(),
        };
        let rest = launch.updates().skip(usize::from(!pages.is_empty()));
        Ok(snp::trace(pages.into_iter().chain(rest)).map(TraceRow::of_snp).collect())
    }

    fn compute_krun(&self, profile: &'static LaunchProfile) -> Result<Vec<Row>, Error> {
        let Some(files) = &self.plan.boot.krun else {
            return Err(Error::ProfileOfLibkrun { profile: profile.name });
        };
        let mut rows = Vec::new();
        for vcpus in self.plan.vcpus.iter().copied() {
            let guest = libkrun::Guest {
                qboot: &files.qboot,
                kernel: &files.kernel,
                kernel_gpa: Gpa(files.kernel_gpa),
                initrd: &files.initrd,
                vcpus,
                profile,
                vmsas: self.vmsas(),
            };
            let digest = match guest.launch()?.digest() {
                LaunchDigest::Snp(digest) => AnyDigest::Sha384(digest),
                LaunchDigest::Sev(digest) => AnyDigest::Sha256(digest),
            };
            rows.push(Row { profile: Some(profile), vcpus: Some(vcpus), ..self.row(digest) });
        }
        Ok(rows)
    }

    /// The rows of the counts asked for, from the digests with 1, 2, 3 … vCPUs.
    fn rows(
        &self,
        profile: &'static LaunchProfile,
        digests: impl Iterator<Item = AnyDigest>,
        pages: &VmsaPages,
    ) -> Vec<Row> {
        let most = usize::try_from(self.most().number()).unwrap_or(usize::MAX);
        let digests: Vec<_> = digests.take(most).collect();
        let signature = self
            .signature
            .filter(|_| profile.rdx == RdxRule::Signature && self.plan.captured.is_none());
        let rows = self.plan.vcpus.iter().filter_map(|vcpus| {
            let index = usize::try_from(vcpus.number()).ok()?.checked_sub(1)?;
            Some(Row {
                profile: Some(profile),
                signature,
                sev_features: Some(pages.sev_features()),
                vcpus: Some(*vcpus),
                ..self.row(*digests.get(index)?)
            })
        });
        rows.collect()
    }

    /// A row of which only the digest and what is loaded is known.
    fn row(&self, digest: AnyDigest) -> Row {
        Row {
            digest,
            firmware: self.firmware_index,
            boot: self.boot,
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
pub(crate) fn dump_vmsas(sweep: &Sweep<'_>) -> anyhow::Result<()> {
    let Some((pages, vcpus)) = sweep.last_vmsas()? else {
        return Ok(());
    };
    for vcpu in 0..vcpus.number() {
        let path = format!("vmsa{vcpu}.bin");
        output::write_file(path.as_ref(), pages.of_vcpu(vcpu).as_bytes())?;
    }
    Ok(())
}
