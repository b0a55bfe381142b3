//! What a loader makes of a file for guests of one technology, before their vCPUs.
//!
//! QEMU takes the strongest platform of the file that the guest supports, and an SNP guest supports SEV-ES, SEV and no isolation
//! too, a SEV-ES guest SEV. [QEMU, qigvm_supported_platform_compat_mask]

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::error::Error;
use super::file::File;
use super::header::{
    ContextForm, KNOWN_PARAMETERS, MADT, PageKind, Platform, PlatformKind, VpContext, What, name,
};
use super::id_block::IdBlock;
use super::registers::check_fields;
use super::rules::{LoaderRules, VmsaRule};
use super::steps::{MOST_PAGES, Step, StepKind, steps};
use crate::hash::{Backend, Midstate, Portable};
use crate::sev;
use crate::snp::pages::PageDigests;
use crate::snp::{self, PageDigest, Update};
use crate::vcpus::MAX_VCPUS;
use crate::vmsa::VmsaPage;
use crate::warning::Warning;
use sev_launch_abi::{Gpa, PAGE_SIZE, Technology};

/// A page without data.
const ZEROS: [u8; PAGE_SIZE] = [0; PAGE_SIZE];
/// Pages that are hashed at a time.
const BATCH: usize = 1024;
/// Where a PC has devices: from the I/O APIC to the end of the local APICs. [QEMU, hw/i386/pc.c]
const DEVICES: core::ops::Range<u64> = 0xfec0_0000..0xfef0_0000;
/// Addresses of Milan's hosts end here; newer ones have 52 bits. [AMD, Milan PPR, CPUID Fn8000_0008]
const NARROW_ADDRESSES: u64 = 1 << 48;

/// A file as a loader has taken it in, for guests of one technology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub(super) technology: Technology,
    pub(super) rules: &'static LoaderRules,
    pub(super) platform: Platform,
    pub(super) before: Before,
    pub(super) contexts: Contexts,
    pub(super) policy: Option<u64>,
    pub(super) id_block: Option<IdBlock>,
    pub(super) warnings: Vec<Warning>,
}

/// The registers of a platform's vCPUs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contexts {
    /// The last ones of each vCPU, which are those that it starts with.
    pub(super) last: BTreeMap<u16, (VpContext, VmsaPage)>,
    /// Of those that later ones replace what QEMU looks at, each once: the vCPU, the VMSA's address, the features.
    pub(super) replaced: BTreeSet<(u16, Gpa, u64)>,
}

/// What is measured before the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Sev(Vec<sev::Region>),
    Snp(Vec<snp::LaunchUpdate>),
}

impl File {
    /// What a loader measures of the file for guests of a technology.
    ///
    /// Errors: a file for no platform of theirs; what the loader or KVM refuses.
    pub fn load(
        &self,
        technology: Technology,
        rules: &'static LoaderRules,
    ) -> Result<Loaded, Error> {
        self.load_with(technology, rules, &Portable)
    }

    /// The same, by the given implementation.
    pub fn load_with(
        &self,
        technology: Technology,
        rules: &'static LoaderRules,
        backend: &impl Backend,
    ) -> Result<Loaded, Error> {
        if !rules.technologies.contains(&technology) {
            return Err(Error::NoSuchGuest { loader: rules.name, technology });
        }
        let platform = self.platform(technology, rules)?;
        let mask = platform.mask;
        let mut warnings = Vec::new();
        if platform.kind != of_technology(technology) {
            let (found, technology) = (platform.kind.name(), technology);
            warnings.push(Warning::IgvmPlatform { found, technology });
        }
        if rules.is_qemu {
            warnings.extend(self.check_directives(rules)?);
            self.check_required(technology, mask)?;
        }
        let policy = self.policies().iter().rfind(|one| one.mask & mask != 0);
        let policy = policy.map(|one| one.policy);
        if rules.needs_policy && policy.is_none() {
            return Err(Error::NoPolicy { loader: rules.name });
        }
        let id_block = self.id_block(technology, mask, rules)?;
        let (steps, lost) = steps(self, mask, rules)?;
        warnings.extend(lost.map(|gpa| Warning::IgvmPageLost { gpa }));
        warnings.extend(odd_address(&steps));
        let before = match technology {
            Technology::Snp => Before::Snp(self.snp_updates(&steps, rules, backend)?),
            Technology::Sev | Technology::SevEs => {
                Before::Sev(self.sev_regions(&steps, technology, rules, backend)?)
            }
        };
        let contexts = match rules.vmsas {
            VmsaRule::AtTheEnd => self.contexts(technology, mask)?,
            VmsaRule::InPlace { .. } => Contexts::default(),
        };
        Ok(Loaded { technology, rules, platform, before, contexts, policy, id_block, warnings })
    }

    /// The platform from which guests of a technology start.
    fn platform(&self, technology: Technology, rules: &LoaderRules) -> Result<Platform, Error> {
        let supported: &'static [PlatformKind] = match technology {
            Technology::Snp => &[
                PlatformKind::SevSnp,
                PlatformKind::SevEs,
                PlatformKind::Sev,
                PlatformKind::Native,
            ],
            Technology::SevEs => &[PlatformKind::SevEs, PlatformKind::Sev, PlatformKind::Native],
            Technology::Sev => &[PlatformKind::Sev, PlatformKind::Native],
        };
        let wanted = match (supported, rules.takes_weaker_platforms) {
            ([own, ..], false) => core::slice::from_ref(own),
            _ => supported,
        };
        let find = |kind: &PlatformKind| self.platforms().iter().find(|one| one.kind == *kind);
        let found = wanted.iter().find_map(find);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = self.platforms().iter().map(|one| one.kind.name()).collect();
            Error::OtherPlatform { found: names.join(", "), technology, wanted }
        })
    }

    /// QEMU refuses directives that it does not know, whatever their mask.
    fn check_directives(&self, rules: &LoaderRules) -> Result<Option<Warning>, Error> {
        let mut warning = None;
        for directive in self.directives() {
            let (What::Parameter { kind, .. } | What::Other { kind }) = directive.what else {
                continue;
            };
            if kind == MADT {
                warning = Some(Warning::IgvmMadt);
            } else if !KNOWN_PARAMETERS.contains(&kind) {
                let (name, loader) = (name(kind), rules.name);
                return Err(Error::UnknownDirective { kind, name, at: directive.at, loader });
            }
        }
        Ok(warning)
    }

    /// Guests of SEV and SEV-ES have no memory that could be turned private, and no guest has any of no bytes. [QEMU, kvm_convert_memory]
    fn check_required(&self, technology: Technology, mask: u32) -> Result<(), Error> {
        for directive in self.directives() {
            match directive.what {
                What::RequiredMemory { gpa, mask: own, .. }
                    if own & mask != 0 && technology != Technology::Snp =>
                {
                    return Err(Error::RequiredMemory { gpa, technology });
                }
                What::RequiredMemory { gpa, mask: own, size: 0 } if own & mask != 0 => {
                    return Err(Error::EmptyMemory { gpa });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The ID block for an SNP guest.
    fn id_block(
        &self,
        technology: Technology,
        mask: u32,
        rules: &LoaderRules,
    ) -> Result<Option<IdBlock>, Error> {
        let mut blocks = self.directives().iter().filter_map(|directive| match &directive.what {
            What::SnpIdBlock(block) if block.mask & mask != 0 => Some(block),
            _ => None,
        });
        let first = blocks.next().filter(|_| technology == Technology::Snp);
        if first.is_some() && blocks.next().is_some() && rules.is_qemu {
            return Err(Error::TwoIdBlocks);
        }
        Ok(first.map(|block| (**block).clone()))
    }

    /// The registers of each vCPU, for the platform's mask.
    fn contexts(&self, technology: Technology, mask: u32) -> Result<Contexts, Error> {
        let mut contexts = Contexts::default();
        let mut pages = 0;
        for directive in self.directives() {
            let What::VpContext(context) = directive.what else { continue };
            if context.mask & mask == 0 {
                continue;
            }
            let vcpu = context.vp_index;
            if technology == Technology::Sev {
                return Err(Error::ContextInSev { vcpu });
            }
            pages += 1;
            if pages > MOST_PAGES {
                return Err(Error::TooManyPages { most: MOST_PAGES });
            }
            if u32::from(vcpu) >= MAX_VCPUS {
                return Err(Error::NoSuchVcpu { vcpu, count: MAX_VCPUS });
            }
            let page = self.vmsa(&context).ok_or(Error::NotAVmsa { vcpu })?;
            check_fields(vcpu, &page)?;
            if let Some((context, page)) = contexts.last.insert(vcpu, (context, page)) {
                contexts.replaced.insert((vcpu, context.gpa, page.sev_features().0));
            }
        }
        Ok(contexts)
    }

    fn vmsa(&self, context: &VpContext) -> Option<VmsaPage> {
        match context.form {
            ContextForm::Vmsa(offset) => VmsaPage::from_bytes(self.page_at(offset)?).ok(),
            ContextForm::Native | ContextForm::Vsm { .. } => None,
        }
    }

    /// The bytes of a page.
    fn bytes_of(&self, data: Option<u32>) -> &[u8; PAGE_SIZE] {
        data.and_then(|offset| self.page_at(offset)).unwrap_or(&ZEROS)
    }

    fn snp_updates(
        &self,
        steps: &[Step],
        rules: &LoaderRules,
        backend: &impl Backend,
    ) -> Result<Vec<snp::LaunchUpdate>, Error> {
        let mut updates = Vec::with_capacity(steps.len());
        let mut seen = BTreeSet::new();
        let mut digests = PageDigests::default();
        for batch in steps.chunks(BATCH) {
            let normal = batch.iter().filter_map(|step| match step.what {
                StepKind::Page { kind: PageKind::Normal, is_unmeasured: false, data } => {
                    Some(*self.bytes_of(data))
                }
                _ => None,
            });
            let pages: Vec<_> = normal.collect();
            let mut contents = digests.of(&pages, backend);
            for step in batch {
                if rules.is_qemu && !seen.insert(step.gpa) {
                    return Err(Error::PageTwice { gpa: step.gpa });
                }
                let what = match step.what {
                    StepKind::Page { kind: PageKind::Secrets, .. } => Update::Secrets,
                    StepKind::Page { kind: PageKind::CpuidData | PageKind::CpuidXf, .. } => {
                        Update::Cpuid
                    }
                    StepKind::Page { kind: PageKind::Normal, is_unmeasured: true, .. }
                    | StepKind::Inserted => Update::Unmeasured,
                    StepKind::Page { kind: PageKind::Normal, is_unmeasured: false, .. } => {
                        // One for each of them.
                        Update::Normal(contents.next().unwrap_or_else(|| PageDigest::of(&ZEROS)))
                    }
                    StepKind::Vmsa(context) => {
                        let vcpu = context.vp_index;
                        let page = self.vmsa(&context).ok_or(Error::NotAVmsa { vcpu })?;
                        let contents = PageDigest::of(page.as_bytes());
                        Update::Vmsa { vcpu: vcpu.into(), contents }
                    }
                };
                updates.push(what.at(step.gpa));
            }
        }
        Ok(updates)
    }

    fn sev_regions(
        &self,
        steps: &[Step],
        technology: Technology,
        rules: &LoaderRules,
        backend: &impl Backend,
    ) -> Result<Vec<sev::Region>, Error> {
        let mut regions: Vec<sev::Region> = Vec::new();
        let mut state = Midstate::new();
        let mut is_open = false;
        for step in steps {
            let page = match step.what {
                StepKind::Page {
                    kind: kind @ (PageKind::Secrets | PageKind::CpuidData | PageKind::CpuidXf),
                    ..
                } => {
                    if rules.is_qemu {
                        return Err(Error::SnpPage {
                            gpa: step.gpa,
                            kind: kind.name(),
                            technology,
                        });
                    }
                    None
                }
                StepKind::Page { is_unmeasured: true, .. } if !rules.sev_hashes_unmeasured => None,
                StepKind::Page { data: None, .. } if !rules.sev_hashes_empty_pages => None,
                StepKind::Page { data, .. } => Some(*self.bytes_of(data)),
                StepKind::Inserted => None,
                // igvmmeasure takes any VMSA in, of whatever platform.
                StepKind::Vmsa(context) => self.vmsa(&context).map(|page| *page.as_bytes()),
            };
            let Some(page) = page else {
                is_open = false;
                continue;
            };
            if !(step.continues && is_open) {
                regions.push(sev::Region::new(step.gpa, &state));
            }
            is_open = true;
            if let Some(region) = regions.last_mut() {
                region.update_with(backend, &page);
                state.clone_from(region.after());
            }
        }
        Ok(regions)
    }
}

/// The platform of a technology.
const fn of_technology(technology: Technology) -> PlatformKind {
    match technology {
        Technology::Sev => PlatformKind::Sev,
        Technology::SevEs => PlatformKind::SevEs,
        Technology::Snp => PlatformKind::SevSnp,
    }
}

/// An address at which not every host has memory.
fn odd_address(steps: &[Step]) -> Option<Warning> {
    let mut places = steps.iter().filter(|step| !matches!(step.what, StepKind::Vmsa(_)));
    let odd = places.find(|step| DEVICES.contains(&step.gpa.0) || step.gpa.0 >= NARROW_ADDRESSES);
    odd.map(|step: &Step| Warning::IgvmAddress { gpa: step.gpa })
}

impl Loaded {
    /// The platform of the file that was taken.
    pub const fn platform(&self) -> Platform {
        self.platform
    }

    /// What the reader of any guest's digest should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The guests' technology.
    pub const fn technology(&self) -> Technology {
        self.technology
    }

    /// The loader.
    pub const fn rules(&self) -> &'static LoaderRules {
        self.rules
    }

    /// The policy that the file has for the platform. The guest's own is the command line's: this one stands in the ID block alone.
    pub const fn policy(&self) -> Option<u64> {
        self.policy
    }

    /// The ID block that is handed over, with the policy in it.
    pub fn id_block(&self) -> Option<(&IdBlock, u64)> {
        self.id_block.as_ref().map(|block| (block, self.policy.unwrap_or(0)))
    }

    /// The fewest vCPUs of a guest that starts: those whose registers the file has.
    pub fn fewest_vcpus(&self) -> u32 {
        self.contexts.last.keys().next_back().map_or(1, |last| u32::from(*last) + 1)
    }

    /// Where pages start and end, in the order in which they are measured.
    pub fn first_page(&self) -> Option<Gpa> {
        match &self.before {
            Before::Sev(regions) => regions.first().map(sev::Region::gpa),
            Before::Snp(updates) => updates.first().map(|update| update.gpa),
        }
    }
}
