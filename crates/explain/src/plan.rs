//! The plan: every hypothesis in the order in which it is tried, without storing any.
//!
//! Level by level, level k changing k facts. Inside a level, by what is changed: sets of axes in the order of the sum of
//! their weights, then of their axes. Inside a set, by the values: those of the VMSA's axes (profile, signature, features)
//! run slowest, then kernel hashes, command line, firmware, initrd, kernel, then vCPU counts nearest to the described one
//! first, then those of the HMAC.
//!
//! The crate's example shows it in use.

mod choice;
mod group;

use std::fmt;

pub(crate) use choice::Choice;
pub(crate) use group::{Group, HmacChoice, VmsaFacts, vmsa_facts};

use sev_launch_abi::reader::wide;

use crate::axes::{Axes, Axis, Content, Custom};
use crate::change::Change;
use crate::described::Launch;
use crate::error::Error;
use crate::reported::Reported;

/// How far the search goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The most facts that are changed together.
    pub max_changes: u32,
    /// The most hypotheses that are tried; nothing for all.
    pub hypotheses: Option<u64>,
    /// Values added to those that are tried anyway.
    pub custom: Vec<Custom>,
}

impl Default for Options {
    /// Three changes, no bound, nothing added.
    fn default() -> Self {
        Self { max_changes: 3, hypotheses: None, custom: Vec::new() }
    }
}

/// One launch that may have happened: the described one with some facts changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// What is changed, in the order of [`Axis::ALL`].
    pub changes: Vec<Change>,
}

impl fmt::Display for Hypothesis {
    /// `as described`, or the changes with `and` between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.changes.split_first() else {
            return f.write_str("as described");
        };
        write!(f, "{first}")?;
        rest.iter().try_for_each(|change| write!(f, " and {change}"))
    }
}

/// How large a plan is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Alternatives by axis, for the axes that the plan changes.
    pub axes: Vec<(Axis, u64)>,
    /// Hypotheses by level, from level 0 (as described). Saturating.
    pub levels: Vec<u64>,
}

/// Every hypothesis, in order. Made by [`plan`].
#[derive(Debug)]
pub struct Plan<'a> {
    pub(crate) launch: &'a Launch,
    pub(crate) reported: &'a Reported,
    pub(crate) axes: Axes,
    pub(crate) levels: Vec<Vec<Group>>,
    pub(crate) budget: Option<u64>,
    vmsa: Vec<Vec<Choice>>,
    hmac: Vec<Vec<HmacChoice>>,
    /// Kernel and initrd alternatives that together are the two swapped, which is one change.
    swap: Option<(u32, u32)>,
}

/// Plans the search around a described launch for a reported value.
///
/// Errors: a description that contradicts itself, a reported value that no launch of its technology gives, a custom value
/// without an axis.
pub fn plan<'a>(
    launch: &'a Launch,
    reported: &'a Reported,
    options: &Options,
) -> Result<Plan<'a>, Error> {
    launch.check()?;
    reported.check(launch.technology)?;
    let axes = Axes::new(launch, reported, &options.custom)?;
    let most = usize::try_from(options.max_changes).unwrap_or(usize::MAX).min(Axis::ALL.len());
    let vmsa = group::vmsa_choices(launch, &axes, most);
    let hmac = group::hmac_choices(&axes, reported, most);
    let swap = swap_pair(launch, &axes);
    let measured = matches!(reported, Reported::Measurement { .. });
    let groups = group::groups(launch, &axes, measured, most);
    let mut plan = Plan {
        launch,
        reported,
        axes,
        levels: Vec::new(),
        budget: options.hypotheses,
        vmsa,
        hmac,
        swap,
    };
    let mut levels = vec![Vec::new(); most + 1];
    for group in groups {
        if plan.group_size(&group) > 0
            && let Some(level) = levels.get_mut(group.level())
        {
            level.push(group);
        }
    }
    levels.iter_mut().for_each(|level| level.sort_by_cached_key(Group::rank));
    plan.levels = levels;
    Ok(plan)
}

impl Plan<'_> {
    /// What each axis may be.
    pub fn axes(&self) -> &Axes {
        &self.axes
    }

    /// How large the plan is, without going through it.
    pub fn counts(&self) -> Counts {
        Counts {
            axes: self.axes_within(self.levels.len()),
            levels: (0..self.levels.len()).map(|level| self.level_size(level)).collect(),
        }
    }

    /// The axes that the first levels change, with how many alternatives they have.
    pub(crate) fn axes_within(&self, levels: usize) -> Vec<(Axis, u64)> {
        let changed = |axis: &Axis| {
            self.levels
                .iter()
                .take(levels)
                .flatten()
                .any(|group| group.changes(*axis) || (group.hmac > 0 && axis.is_of_hmac()))
        };
        let axes = Axis::ALL.into_iter().filter(changed);
        axes.map(|axis| (axis, self.axes.count(axis))).collect()
    }

    /// Every hypothesis in order, made one at a time.
    pub fn hypotheses(&self) -> impl Iterator<Item = Hypothesis> + '_ {
        self.levels.iter().flatten().flat_map(move |group| {
            let steps = (0..self.steps(group)).filter_map(|step| self.step(group, step));
            steps.flat_map(move |step| {
                self.vcpu_choices(group).flat_map(move |vcpus| {
                    let step = step.with(Axis::Vcpus, vcpus);
                    self.hmac_of(group).map(move |hmac| self.hypothesis(&step.and(&hmac)))
                })
            })
        })
    }

    /// The hypothesis of a choice.
    pub(crate) fn hypothesis(&self, choice: &Choice) -> Hypothesis {
        let change = |(axis, index)| Change::new(self, axis, index);
        Hypothesis { changes: choice.changed().filter_map(change).collect() }
    }

    /// How many hypotheses a level has.
    pub(crate) fn level_size(&self, level: usize) -> u64 {
        let groups = self.levels.get(level).into_iter().flatten();
        groups.fold(0, |sum, group| sum.saturating_add(self.group_size(group)))
    }

    /// How many steps a group has, those that [`Plan::step`] leaves out included.
    pub(crate) fn steps(&self, group: &Group) -> u64 {
        let vmsa = self.vmsa.get(group.vmsa).map_or(0, Vec::len);
        let axes = group.product.iter().map(|axis| self.axes.count(*axis));
        axes.fold(wide(vmsa), u64::saturating_mul)
    }

    /// How many hypotheses a step of the group is.
    pub(crate) fn step_size(&self, group: &Group) -> u64 {
        let vcpus = if group.vcpus { self.axes.count(Axis::Vcpus) } else { 1 };
        vcpus.saturating_mul(match self.is_measurement() {
            true => wide(self.hmac_choices(group).len()),
            false => 1,
        })
    }

    fn group_size(&self, group: &Group) -> u64 {
        let steps = self.steps(group);
        let left_out = match self.swap {
            Some(_) if group.changes(Axis::Kernel) && group.changes(Axis::Initrd) => {
                steps / self.axes.count(Axis::Kernel) / self.axes.count(Axis::Initrd)
            }
            _ => 0,
        };
        (steps - left_out).saturating_mul(self.step_size(group))
    }

    /// A step of a group by its number; nothing for one that is the same as a smaller change.
    pub(crate) fn step(&self, group: &Group, number: u64) -> Option<Choice> {
        let mut rest = number;
        let mut choice = Choice::default();
        for axis in group.product.iter().rev() {
            let count = self.axes.count(*axis);
            choice = choice.with(*axis, Some(u32::try_from(rest.checked_rem(count)?).ok()?));
            rest /= count;
        }
        let vmsa = self.vmsa.get(group.vmsa)?.get(usize::try_from(rest).ok()?)?;
        let pair = choice.of(Axis::Kernel).zip(choice.of(Axis::Initrd));
        (pair.is_none() || pair != self.swap).then(|| choice.and(vmsa))
    }

    /// The ways to read a measurement that belong to a group.
    pub(crate) fn hmac_choices(&self, group: &Group) -> &[HmacChoice] {
        self.hmac.get(group.hmac).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_measurement(&self) -> bool {
        matches!(self.reported, Reported::Measurement { .. })
    }

    fn hmac_of(&self, group: &Group) -> impl Iterator<Item = Choice> + '_ {
        let plain = (!self.is_measurement()).then(Choice::default);
        plain.into_iter().chain(self.hmac_choices(group).iter().map(|hmac| hmac.choice))
    }

    fn vcpu_choices(&self, group: &Group) -> impl Iterator<Item = Option<u32>> + use<> {
        let count = if group.vcpus { self.axes.count(Axis::Vcpus) } else { 0 };
        let as_described = (!group.vcpus).then_some(None);
        let others = (0..count).map(|index| u32::try_from(index).ok());
        as_described.into_iter().chain(others)
    }
}

fn swap_pair(launch: &Launch, axes: &Axes) -> Option<(u32, u32)> {
    axes.values(Axis::BootFiles)?.alternatives.first()?;
    let place = |axis, wanted: Content| {
        let alternatives = &axes.values(axis)?.alternatives;
        let found = alternatives.iter().position(|alternative| {
            let others = alternative.others.iter().map(|value| &value.content);
            others.chain([&alternative.first.content]).any(|content| *content == wanted)
        });
        u32::try_from(found?).ok()
    };
    let kernel = place(Axis::Kernel, Content::Kernel(launch.initrd))?;
    Some((kernel, place(Axis::Initrd, Content::Initrd(launch.kernel))?))
}
