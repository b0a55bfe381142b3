//! The rows: one digest for each combination of firmware, kernel, initrd, command line, profile, features, signature and
//! number of vCPUs.
//!
//! What rows share is computed once: the firmware is absorbed, the files are hashed, and all vCPU counts of a combination
//! come from one pass. Rows go out as they are made, in their order, so that a sweep of any length needs little memory.
//!
//! The crate's example goes through it: alone it would need a description and its files.

use std::thread;

use sev_launch_abi::reader::wide;
use sev_launch_abi::{CpuSignature, LaunchDigest, PAGE_SIZE, SevFeatures, Technology};
use sev_launch_digest::hash::Backend;
use sev_launch_digest::profile::{LaunchProfile, RdxRule};
use sev_launch_digest::snp::Svsm;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{VmsaPages, Vmsas};
use sev_launch_digest::{Launch, Warning};

use crate::boot::Combination;
use crate::cores::map_on_all_cores;
use crate::error::Error;
use crate::firmware::FirmwareInput;
use crate::guest::{Guest, Launched, TraceStep};
use crate::igvm::{IgvmGuest, IgvmInput};
use crate::inputs::Inputs;
use crate::mode::Mode;
use crate::updates::{self, LaunchUpdate};

/// The most combinations of a sweep besides its vCPU counts, which bounds its memory.
const MOST_GROUPS: usize = 1_000_000;

/// The most rows that are held in memory.
const MOST_KEPT: usize = 1_000_000;

/// One answer.
#[derive(Clone, Debug)]
pub struct Row {
    /// The launch digest.
    pub digest: LaunchDigest,
    /// The index of the firmware, or of the IGVM file where the guests start from such.
    pub firmware: usize,
    /// What is measured of the kernel, if anything.
    pub boot: Option<Combination>,
    /// What the host does; `None` if no VMSA is measured.
    pub profile: Option<&'static LaunchProfile>,
    /// The CPU's signature, if the digest depends on it.
    pub signature: Option<CpuSignature>,
    /// The features word of the first vCPU's page.
    pub sev_features: Option<SevFeatures>,
    /// The number of vCPUs, if the digest depends on it.
    pub vcpus: Option<VcpuCount>,
    /// Every launch update with the digest after it, if it was asked for.
    pub trace: Vec<TraceStep>,
}

impl Inputs {
    /// A row's command line, if its bytes are known, measured, and may be shown.
    pub fn cmdline_text(&self, row: &Row) -> Option<String> {
        let bytes = self.boot.cmdlines.get(row.boot?.cmdline)?.shown()?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    /// What a row's digest is of, as people call it: the firmware's file, and what boots if that varies or is measured.
    pub fn image_name(&self, row: &Row) -> String {
        let firmware = self.firmwares.get(row.firmware).map(|input| &input.name);
        let igvm = self.igvms.get(row.firmware).map(|input| &input.name);
        let mut name = firmware.or(igvm).cloned().unwrap_or_default();
        let several = [
            (&self.boot.kernels, row.boot.map(|boot| boot.kernel)),
            (&self.boot.initrds, row.boot.and_then(|boot| boot.initrd)),
        ];
        for (list, index) in several.into_iter().filter(|(list, _)| list.len() > 1) {
            let file = index.and_then(|index| list.get(index)?.name.as_ref());
            name.extend(file.map(|file| format!(", {file}")));
        }
        name.extend(self.cmdline_text(row).map(|text| format!(", command line {text:?}")));
        name
    }
}

/// Every launch that is asked for, found to be possible.
pub struct Sweep<'a, B> {
    inputs: &'a Inputs,
    backend: &'a B,
    groups: Vec<Group<'a>>,
    warnings: Vec<Warning>,
}

/// Rows that differ in their vCPU counts alone; plain SEV and the firmware alone have none.
struct Group<'a> {
    inputs: &'a Inputs,
    firmware_index: usize,
    boot: Option<Combination>,
    signature: Option<CpuSignature>,
    started: Started<'a>,
}

/// What the guests of a group are started from.
enum Started<'a> {
    /// A firmware, or libkrun's files.
    Firmware(&'a FirmwareInput, Guest<'a>),
    /// An IGVM file.
    Igvm(&'a IgvmInput, IgvmGuest<'a>),
}

impl<'a> Started<'a> {
    fn name(&self) -> &'a str {
        match self {
            Self::Firmware(input, _) => &input.name,
            Self::Igvm(input, _) => &input.name,
        }
    }

    fn profile(&self) -> Option<&'static LaunchProfile> {
        match self {
            Self::Firmware(_, guest) => guest.profile(),
            Self::Igvm(_, guest) => guest.profile,
        }
    }

    /// Does the digest depend on how many vCPUs there are?
    fn measures_vcpus(&self) -> bool {
        match self {
            Self::Firmware(_, guest) => guest.profile().is_some(),
            Self::Igvm(_, guest) => {
                guest.profile.is_some() && !guest.loaded.rules().measures_own_vmsas()
            }
        }
    }

    fn launch(&self, vcpus: VcpuCount) -> Result<Option<Launch<'a>>, sev_launch_digest::Error> {
        match self {
            Self::Firmware(_, guest) => guest.launch(vcpus),
            Self::Igvm(_, guest) => guest.launch(vcpus).map(Some),
        }
    }

    /// The image, where its pages may be shown.
    fn image(&self) -> Option<&'a [u8]> {
        match self {
            Self::Firmware(input, _) => input.image.as_deref().filter(|_| !input.given_digest),
            Self::Igvm(..) => None,
        }
    }

    fn check(&self, vcpus: &[VcpuCount]) -> Result<Vec<Warning>, sev_launch_digest::Error> {
        let most = vcpus.iter().copied().max().unwrap_or(VcpuCount::ONE);
        match self {
            Self::Firmware(_, guest) => guest.check(most),
            Self::Igvm(_, guest) => {
                // Fewer than those whose registers are in the file are refused; which ID block fits is said of each.
                let fewest = vcpus.iter().copied().min().unwrap_or(VcpuCount::ONE);
                guest.launch(fewest)?;
                Ok(guest.launch(most)?.warnings().to_vec())
            }
        }
    }

    fn trace(&self, vcpus: VcpuCount) -> Result<Vec<TraceStep>, sev_launch_digest::Error> {
        match self {
            Self::Firmware(_, guest) => guest.trace(vcpus, self.image()),
            Self::Igvm(_, guest) => Ok(guest.launch(vcpus)?.trace().map(TraceStep::from).collect()),
        }
    }

    fn updates(&self, vcpus: VcpuCount) -> Result<Vec<LaunchUpdate>, sev_launch_digest::Error> {
        match self {
            Self::Firmware(_, guest) => guest.updates(vcpus, self.image()),
            Self::Igvm(_, guest) => Ok(updates::of_igvm(&guest.launch(vcpus)?, vcpus)),
        }
    }
}

impl<'a, B: Backend + Sync> Sweep<'a, B> {
    /// Looks at every combination, so that what cannot be launched is told before the first row.
    ///
    /// Errors: a combination that no host would launch; more combinations than are gone through, or more pages than the budget has.
    pub fn new(inputs: &'a Inputs, backend: &'a B) -> Result<Self, Error> {
        let groups = groups(inputs)?;
        let found = map_on_all_cores(&groups, Group::check)?;
        let mut warnings = inputs.warnings.clone();
        for warning in found.into_iter().flatten() {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        inputs.refuse(&warnings)?;
        inputs.drop_unconcerned(&mut warnings)?;
        Ok(Self { inputs, backend, groups, warnings })
    }

    /// What the rows are of.
    pub fn inputs(&self) -> &'a Inputs {
        self.inputs
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        let of_group = |group: &Group<'_>| match group.started.measures_vcpus() {
            true => self.inputs.vcpus.len(),
            false => 1,
        };
        self.groups.iter().map(of_group).fold(0, usize::saturating_add)
    }

    /// Never: there always is a row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the reader should know of the inputs and of the launches.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The last row's VMSAs and how many there are; `None` if none is measured.
    ///
    /// Errors: those of the launch.
    pub fn last_vmsas(&self) -> Result<Option<(VmsaPages, VcpuCount)>, Error> {
        let Some(group) = self.groups.last() else { return Ok(None) };
        let launch = group.started.launch(group.most()).map_err(|error| group.name(error))?;
        let pages = launch.as_ref().and_then(Launch::vmsa_pages).cloned();
        Ok(pages.zip(self.inputs.vcpus.last().copied()))
    }

    /// Gives every row, in order, as it is made.
    ///
    /// Errors: those of the launches, and whatever `emit` returns.
    pub fn run<E: From<Error>>(
        &self,
        wants_trace: bool,
        emit: &mut dyn FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        // Enough that every core has work while others end theirs. How many there are is asked only where it matters: the
        // system's answer stands in files.
        let window = match self.groups.len() {
            0 | 1 => 1,
            _ => thread::available_parallelism().map_or(1, usize::from) * 4,
        };
        for groups in self.groups.chunks(window) {
            let computed = map_on_all_cores(groups, |group| {
                group.compute(self.backend, wants_trace).map_err(|error| group.name(error))
            })?;
            computed.into_iter().flatten().try_for_each(&mut *emit)?;
        }
        Ok(())
    }

    /// Every row, in order, without traces.
    ///
    /// Errors: those of [`Sweep::run`]; more rows than are held at once.
    pub fn rows(&self) -> Result<Vec<Row>, Error> {
        self.rows_within(MOST_KEPT)
    }

    /// The same where no more than `most` are wanted: more are refused before the first is computed.
    ///
    /// Errors: those of [`Sweep::rows`].
    pub fn rows_within(&self, most: usize) -> Result<Vec<Row>, Error> {
        let most = most.min(MOST_KEPT);
        if self.len() > most {
            return Err(Error::Rows { found: self.len(), most });
        }
        let mut rows = Vec::new();
        self.run(false, &mut |row| {
            rows.push(row);
            Ok::<_, Error>(())
        })?;
        Ok(rows)
    }

    /// Every launch update of a sweep of one launch; `None` if there are several.
    ///
    /// # Errors
    ///
    /// What its VMM or KVM would refuse.
    pub fn updates(&self) -> Result<Option<Vec<LaunchUpdate>>, Error> {
        let ([group], 1) = (self.groups.as_slice(), self.len()) else { return Ok(None) };
        let updates = group.started.updates(group.most());
        updates.map(Some).map_err(|error| group.name(error))
    }
}

/// Every combination besides the vCPU counts, firmwares varying slowest.
fn groups(inputs: &Inputs) -> Result<Vec<Group<'_>>, Error> {
    let mut groups = Vec::new();
    let combinations = inputs.boot.combinations()?;
    let profiles: Vec<_> = match inputs.profiles.is_empty() {
        true => vec![None],
        false => inputs.profiles.iter().copied().map(Some).collect(),
    };
    // Without VMSAs, rows that differ in features or signature would be the same row again.
    let (sev_features, signatures) = match inputs.profiles.is_empty() {
        true => (&[None][..], &[None][..]),
        false => (inputs.sev_features.as_slice(), inputs.signatures.as_slice()),
    };
    let count = [
        inputs.firmwares.len().saturating_add(inputs.igvms.len()),
        combinations.len(),
        profiles.len(),
        inputs.sev_features.len(),
        inputs.signatures.len(),
    ]
    .into_iter()
    .try_fold(1_usize, usize::checked_mul);
    if count.is_none_or(|groups| groups > MOST_GROUPS) {
        return Err(Error::Combinations { of: "besides vCPU counts", most: MOST_GROUPS });
    }
    let each = [combinations.len(), inputs.sev_features.len(), inputs.signatures.len()];
    let each =
        each.into_iter().fold(1, |product: u64, length| product.saturating_mul(wide(length)));
    let mut pages: u64 = 0;
    for (index, firmware) in inputs.firmwares.iter().enumerate() {
        for profile in &profiles {
            let launch = launch_pages(inputs, index, firmware, profile.is_some());
            pages = pages.saturating_add(launch.saturating_mul(each));
        }
    }
    inputs.budget.check_pages(pages)?;
    for (firmware_index, firmware) in inputs.firmwares.iter().enumerate() {
        for boot in &combinations {
            for profile in &profiles {
                for sev_features in sev_features {
                    for signature in signatures {
                        let vmsas = || match &inputs.captured {
                            Some(captured) => captured.vmsas(),
                            None => {
                                let (signature, sev_features) = (*signature, *sev_features);
                                Vmsas::Profile { signature, sev_features }
                            }
                        };
                        let svsm = inputs.svsm.as_ref();
                        let guest = Guest {
                            firmware: &firmware.absorbed,
                            kernel_hashes: boot.and_then(|boot| inputs.boot.hashes(boot)),
                            svsm: svsm.and_then(|svsm| svsm.placed.get(firmware_index)),
                            krun: inputs.boot.krun.as_ref(),
                            launched: match profile {
                                Some(profile) => Launched::WithVmsas { profile, vmsas: vmsas() },
                                None if inputs.mode == Mode::SnpFirmware => Launched::SnpFirmware,
                                None => Launched::Sev,
                            },
                        };
                        let (boot, signature) = (*boot, *signature);
                        let started = Started::Firmware(firmware, guest);
                        groups.push(Group { inputs, firmware_index, boot, signature, started });
                    }
                }
            }
        }
    }
    groups.extend(igvm_groups(inputs, &profiles, sev_features, signatures)?);
    Ok(groups)
}

/// The same of IGVM files, which have no kernel in their digests.
fn igvm_groups<'a>(
    inputs: &'a Inputs,
    profiles: &[Option<&'static LaunchProfile>],
    sev_features: &[Option<SevFeatures>],
    signatures: &[Option<CpuSignature>],
) -> Result<Vec<Group<'a>>, Error> {
    let mut groups = Vec::new();
    for (firmware_index, input) in inputs.igvms.iter().enumerate() {
        for profile in profiles {
            let Some(loaded) = input.of_profile(*profile) else {
                let profile = profile.map_or("none", |profile| profile.name);
                let error = sev_launch_digest::igvm::Error::Profile { profile };
                return Err(sev_launch_digest::Error::from(error).into());
            };
            for sev_features in sev_features {
                for signature in signatures {
                    let (signature, sev_features) = (*signature, *sev_features);
                    let vmsas = Vmsas::Profile { signature, sev_features };
                    let guest = IgvmGuest { loaded, profile: *profile, vmsas };
                    let started = Started::Igvm(input, guest);
                    groups.push(Group { inputs, firmware_index, boot: None, signature, started });
                }
            }
        }
    }
    Ok(groups)
}

/// How many pages one launch hashes, with all its vCPUs. The firmware's own were hashed when it was absorbed.
fn launch_pages(inputs: &Inputs, index: usize, firmware: &FirmwareInput, has_vmsas: bool) -> u64 {
    let page = wide(PAGE_SIZE);
    let placed = inputs.svsm.as_ref().and_then(|svsm| svsm.placed.get(index));
    let measured = placed.map_or(&firmware.absorbed, Svsm::firmware);
    let sections = match inputs.mode.technology() {
        Technology::Snp => measured.sections().unwrap_or_default(),
        Technology::Sev | Technology::SevEs => &[],
    };
    let sections = sections.iter().map(|section| u64::from(section.length) / page);
    // libkrun's files are hashed whole in each launch.
    let krun = inputs.boot.krun.as_ref();
    let krun = krun.map_or(0, |krun| krun.qboot.len() + krun.kernel.len() + krun.initrd.len());
    let most = inputs.vcpus.iter().copied().max().map_or(1, |most| u64::from(most.number()));
    let vmsas = if has_vmsas { most } else { 1 };
    sections.fold(wide(krun) / page, u64::saturating_add).saturating_add(vmsas)
}

impl Group<'_> {
    /// An error of the firmware names its file.
    fn name(&self, error: sev_launch_digest::Error) -> Error {
        match error {
            sev_launch_digest::Error::Firmware(error) => {
                Error::in_file(|| self.started.name().to_owned())(error)
            }
            sev_launch_digest::Error::Igvm(error) => {
                Error::in_file(|| self.started.name().to_owned())(error)
            }
            error => error.into(),
        }
    }

    /// Is there such a launch, and what should its reader know?
    fn check(&self) -> Result<Vec<Warning>, Error> {
        let checked = self.started.check(&self.inputs.vcpus);
        let mut warnings = checked.map_err(|error| self.name(error))?;
        if let Some(profile) = self.started.profile() {
            let counts = self.inputs.vcpus.iter().copied();
            warnings.extend(counts.filter_map(|count| profile.vcpus_warning(count)));
        }
        Ok(warnings)
    }

    fn most(&self) -> VcpuCount {
        self.inputs.vcpus.iter().copied().max().unwrap_or(VcpuCount::ONE)
    }

    fn compute(
        &self,
        backend: &(impl Backend + Sync),
        wants_trace: bool,
    ) -> Result<Vec<Row>, sev_launch_digest::Error> {
        let trace = |vcpus| match wants_trace {
            true => self.started.trace(vcpus),
            false => Ok(Vec::new()),
        };
        let Some(launch) = self.started.launch(self.most())? else {
            return match &self.started {
                Started::Firmware(input, _) => {
                    Ok(vec![self.row(input.absorbed.snp_digest()?.into())])
                }
                Started::Igvm(..) => Ok(Vec::new()),
            };
        };
        let Some(profile) = self.started.profile() else {
            let trace = trace(VcpuCount::ONE)?;
            let digest = launch.digests(backend).next();
            return Ok(digest
                .map(|digest| Row { trace, ..self.row(digest) })
                .into_iter()
                .collect());
        };
        let most = usize::try_from(self.most().number()).unwrap_or(usize::MAX);
        let digests: Vec<_> = launch.digests(backend).take(most).collect();
        let is_captured = self.inputs.captured.is_some();
        // Loaders that take VMSAs as they stand in an IGVM file look at no CPU and at no number of them.
        let is_in_place = launch.vmsa_pages().is_none();
        let signature = self
            .signature
            .filter(|_| profile.rdx == RdxRule::Signature && !is_captured && !is_in_place);
        // libkrun's own goes without saying, as in every manifest that exists; another was chosen, and tells rows apart.
        let is_said = self.inputs.description.sev_features.is_some();
        let sev_features = launch.vmsa_pages().map(VmsaPages::sev_features);
        let sev_features = sev_features.filter(|_| self.inputs.boot.krun.is_none() || is_said);
        let different = if is_in_place { 1 } else { self.inputs.vcpus.len() };
        let rows = self.inputs.vcpus.iter().take(different).filter_map(|vcpus| {
            let index = usize::try_from(vcpus.number()).ok()?.checked_sub(1)?;
            let row = self.row(*digests.get(index)?);
            Some(trace(*vcpus).map(|trace| Row {
                profile: Some(profile),
                signature,
                sev_features,
                vcpus: Some(*vcpus).filter(|_| !is_in_place),
                trace,
                ..row
            }))
        });
        rows.collect()
    }

    /// A row of which only the digest and what is loaded is known.
    fn row(&self, digest: LaunchDigest) -> Row {
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
