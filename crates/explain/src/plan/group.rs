//! Groups of hypotheses that change the same axes.
//!
//! A group is a product: a list of VMSA choices, the alternatives of some axes, the vCPU counts, and a list of HMAC choices. So
//! it has any step by its number, and none is stored. vCPU counts and HMAC choices are inside a step, since one chain of
//! digests serves all of them.

use std::collections::BTreeSet;

use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{CpuSignature, PlatformVersion, SevFeatures, Technology};
use sev_launch_digest::profile::LaunchProfile;

use super::Choice;
use crate::axes::{Axes, Axis, Content, in_force};
use crate::described::Launch;
use crate::layout::Layout;
use crate::reported::Reported;
use crate::vmsa;

/// The axes that make VMSAs.
const VMSA_AXES: [Axis; 3] = [Axis::Profile, Axis::Signature, Axis::SevFeatures];
/// The axes that make the table of kernel hashes.
const BOOT_AXES: [Axis; 5] =
    [Axis::KernelHashes, Axis::Cmdline, Axis::Initrd, Axis::Kernel, Axis::BootFiles];
/// The axes of what is under a measurement's HMAC.
const HMAC_AXES: [Axis; 3] = [Axis::Policy, Axis::PlatformVersion, Axis::Layout];

/// Hypotheses that change the same axes, the HMAC's counted together.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// Which set of VMSA axes, by its place in [`vmsa_choices`].
    pub(crate) vmsa: usize,
    /// The further axes whose alternatives are multiplied, the last one running fastest.
    pub(crate) product: Vec<Axis>,
    /// Is the number of vCPUs another than described?
    pub(crate) vcpus: bool,
    /// How many of the HMAC's axes are changed.
    pub(crate) hmac: usize,
    /// All axes changed, but for the HMAC's.
    axes: Vec<Axis>,
}

impl Group {
    /// How many facts are changed.
    pub(crate) fn level(&self) -> usize {
        self.axes.len() + self.hmac
    }

    /// The order in which groups of a level are tried.
    pub(crate) fn rank(&self) -> (u32, Vec<Axis>) {
        let hmac = u32::try_from(self.hmac).unwrap_or(u32::MAX);
        let weight: u32 = self.axes.iter().map(|axis| axis.weight()).sum();
        (weight.saturating_add(Axis::Policy.weight().saturating_mul(hmac)), self.axes.clone())
    }

    /// Does it change this axis, which is none of the HMAC's?
    pub(crate) fn changes(&self, axis: Axis) -> bool {
        self.axes.contains(&axis)
    }
}

/// Every group that makes sense for the launch and changes so many facts at most, in no order.
pub(crate) fn groups(launch: &Launch, axes: &Axes, measured: bool, most: usize) -> Vec<Group> {
    let has_values = |set: &Vec<Axis>| set.iter().all(|axis| axes.count(*axis) > 0);
    let boot_makes_sense = |set: &Vec<Axis>| boot_makes_sense(launch, set);
    let boot_sets = subsets(&BOOT_AXES).into_iter().filter(has_values).filter(boot_makes_sense);
    let boot_sets: Vec<Vec<Axis>> = boot_sets.collect();
    let other_sets = subsets(&[Axis::Firmware, Axis::LateVcpus, Axis::Vcpus]);
    let other_sets: Vec<Vec<Axis>> = other_sets.into_iter().filter(has_values).collect();
    let mut groups = Vec::new();
    for (vmsa, vmsa_axes) in subsets(&VMSA_AXES).into_iter().enumerate() {
        if !has_values(&vmsa_axes) {
            continue;
        }
        for boot_axes in &boot_sets {
            for others in &other_sets {
                let size = vmsa_axes.len() + boot_axes.len() + others.len();
                let Some(hmac_axes) = most.checked_sub(size) else { continue };
                let vcpus = others.contains(&Axis::Vcpus);
                let mut product = boot_axes.clone();
                product.extend(others.iter().filter(|axis| **axis != Axis::Vcpus));
                product.sort_unstable();
                let mut changed: Vec<Axis> = product.iter().chain(&vmsa_axes).copied().collect();
                changed.extend(vcpus.then_some(Axis::Vcpus));
                changed.sort_unstable();
                for hmac in 0..=if measured { HMAC_AXES.len().min(hmac_axes) } else { 0 } {
                    let (product, axes) = (product.clone(), changed.clone());
                    groups.push(Group { vmsa, product, vcpus, hmac, axes });
                }
            }
        }
    }
    groups
}

/// All subsets, each in the order of the list; the empty one first.
fn subsets(axes: &[Axis]) -> Vec<Vec<Axis>> {
    let mut subsets = vec![Vec::new()];
    for axis in axes {
        let with: Vec<Vec<Axis>> =
            subsets.iter().map(|subset| subset.iter().chain([axis]).copied().collect()).collect();
        subsets.extend(with);
    }
    subsets
}

/// Do changes of these axes, together, change the table of kernel hashes in a way that fewer do not?
fn boot_makes_sense(launch: &Launch, changed: &[Axis]) -> bool {
    let has = |axis| changed.contains(&axis);
    let kernel = launch.kernel.is_some() || has(Axis::Kernel);
    let measured = (launch.kernel_hashes != has(Axis::KernelHashes)) && kernel;
    let contents = [Axis::Cmdline, Axis::Initrd, Axis::Kernel, Axis::BootFiles];
    if contents.into_iter().any(has) && !measured {
        return false;
    }
    !(has(Axis::BootFiles) && (has(Axis::Kernel) || has(Axis::Initrd)))
}

/// For each set of VMSA axes, in the order of [`groups`], the choices that make VMSAs which no smaller set makes. A set of more axes
/// than are changed `most` has none.
pub(crate) fn vmsa_choices(launch: &Launch, axes: &Axes, most: usize) -> Vec<Vec<Choice>> {
    let sets = subsets(&VMSA_AXES);
    let mut lists = vec![Vec::new(); sets.len()];
    let mut smaller = BTreeSet::new();
    for size in 0..=VMSA_AXES.len().min(most) {
        let mut found = BTreeSet::new();
        for (set, list) in sets.iter().zip(&mut lists).filter(|(set, _)| set.len() == size) {
            let mut seen = BTreeSet::new();
            for choice in product(axes, set) {
                let key = vmsa_key(launch, axes, &choice);
                if !smaller.contains(&key) && seen.insert(key) {
                    list.push(choice);
                }
            }
            found.extend(seen);
        }
        smaller.extend(found);
    }
    lists
}

/// What decides the VMSAs' bytes but for the reset address: captured or not, class, features, signature.
type VmsaKey = (bool, Option<usize>, Option<SevFeatures>, Option<u32>);

fn vmsa_key(launch: &Launch, axes: &Axes, choice: &Choice) -> VmsaKey {
    let facts = vmsa_facts(launch, axes, choice);
    let Some(profile) = facts.profile else {
        return (false, None, None, None);
    };
    let class = Some(vmsa::class(profile));
    if facts.captured {
        return (true, class, None, None);
    }
    let signature = facts.signature.filter(|_| vmsa::has_signature(profile));
    let features = Some(vmsa::features(profile, facts.features));
    (false, class, features, signature.map(|signature| signature.0))
}

/// The facts that make VMSAs.
pub(crate) struct VmsaFacts {
    pub(crate) profile: Option<&'static LaunchProfile>,
    /// Are the captured pages in force?
    pub(crate) captured: bool,
    pub(crate) features: Option<SevFeatures>,
    pub(crate) signature: Option<CpuSignature>,
}

pub(crate) fn vmsa_facts(launch: &Launch, axes: &Axes, choice: &Choice) -> VmsaFacts {
    let profile = in_force!(axes, choice, Profile, None).or(launch.profile);
    let features = in_force!(axes, choice, SevFeatures, launch.sev_features);
    let signature = in_force!(axes, choice, Signature, launch.signature);
    let captured = launch.captured.is_some()
        && launch.technology != Technology::Sev
        && choice.of(Axis::Profile).is_none();
    VmsaFacts { profile, captured, features, signature }
}

/// Every choice of alternatives on these axes, the last axis running fastest.
fn product(axes: &Axes, set: &[Axis]) -> Vec<Choice> {
    set.iter().fold(vec![Choice::default()], |choices, axis| {
        let count = u32::try_from(axes.count(*axis)).unwrap_or(u32::MAX);
        choices
            .iter()
            .flat_map(|choice| (0..count).map(|index| choice.with(*axis, Some(index))))
            .collect()
    })
}

/// One way to read a launch measurement.
#[derive(Clone, Debug)]
pub(crate) struct HmacChoice {
    pub(crate) choice: Choice,
    pub(crate) policy: Policy,
    pub(crate) version: PlatformVersion,
    pub(crate) measure: [u8; 32],
    pub(crate) mnonce: [u8; 16],
    /// Is `measure` the digest itself?
    pub(crate) bare: bool,
}

/// Ways to read what is reported, by the number of facts changed, of which there are `most` at most.
pub(crate) fn hmac_choices(axes: &Axes, reported: &Reported, most: usize) -> Vec<Vec<HmacChoice>> {
    let Reported::Measurement { version, policy, measurement, .. } = reported else {
        return Vec::new();
    };
    let mut lists = vec![Vec::new(); HMAC_AXES.len() + 1];
    let sets = subsets(&HMAC_AXES);
    // Three of them make a hundred thousand and more: not for a plan that has no use for them.
    for set in sets.into_iter().filter(|set| set.len() <= most) {
        for choice in product(axes, &set) {
            let policy = in_force!(axes, choice, Policy, *policy);
            let version = in_force!(axes, choice, PlatformVersion, *version);
            let layout = in_force!(axes, choice, Layout, Layout::MeasureNonce);
            let bare = layout.is_bare();
            // Nothing of policy and version is under a bare digest.
            if bare && set.len() > 1 {
                continue;
            }
            let (measure, mnonce) = layout.read(measurement);
            if let Some(list) = lists.get_mut(set.len()) {
                list.push(HmacChoice { choice, policy, version, measure, mnonce, bare });
            }
        }
    }
    lists
}
