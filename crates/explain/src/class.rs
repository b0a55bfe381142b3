//! The class of an answer: every other way to say the same bytes.
//!
//! Members are found by content and not by hashing: other hits of the level, other names of a value, other files of the same
//! bytes, other profiles that make the same pages. What is not in the digest at all makes no members; it is told apart.

use sev_launch_abi::Technology;
use sev_launch_digest::profile::ALL;

use crate::axes::{Axis, Content, Value};
use crate::change::Change;
use crate::evaluate::{Facts, facts};
use crate::outcome::{Explanation, Tried};
use crate::plan::{Choice, Hypothesis, Plan};
use crate::vmsa;

/// The axes of which other names are other launches. Those of a command line are other words for the same bytes.
const NAMED: [Axis; 4] = [Axis::Signature, Axis::Firmware, Axis::Initrd, Axis::Kernel];

/// From the hits of a level, of which there is at least the first, to the explanation.
pub(crate) fn explain(
    plan: &Plan<'_>,
    first: &Choice,
    others: &[Choice],
    level_complete: bool,
    tried: Tried,
) -> Explanation {
    let mut members: Vec<Hypothesis> = others.iter().map(|hit| plan.hypothesis(hit)).collect();
    let hypothesis = plan.hypothesis(first);
    let facts = facts(plan, first);
    let not_measured = facts.as_ref().map_or_else(Vec::new, |facts| not_measured(plan, facts));
    let mut variations = Vec::new();
    for axis in Axis::ALL.into_iter().filter(|axis| !not_measured.contains(axis)) {
        let values = match (axis, &facts) {
            (Axis::Profile, Some(facts)) => profiles(facts),
            _ if NAMED.contains(&axis) => names(plan, axis, first),
            _ => Vec::new(),
        };
        let described = plan.axes.alternative(axis, None).map(|alternative| &alternative.first);
        variations.extend(values.into_iter().map(|value| {
            let back = Some(&value) == described;
            let change = (!back).then(|| Change::to(plan, axis, value)).flatten();
            with(&hypothesis, axis, change)
        }));
    }
    variations.sort_by_key(|member| member.changes.len());
    for member in variations {
        if member != hypothesis && !members.contains(&member) {
            members.push(member);
        }
    }
    Explanation { first: hypothesis, others: members, not_measured, level_complete, tried }
}

/// The hypothesis with a change in place of the one on this axis, or without one.
fn with(hypothesis: &Hypothesis, axis: Axis, change: Option<Change>) -> Hypothesis {
    let others = hypothesis.changes.iter().filter(|change| change.axis() != axis).cloned();
    let mut changes: Vec<Change> = others.chain(change).collect();
    changes.sort_by_key(Change::axis);
    Hypothesis { changes }
}

/// The other members of the alternative in force.
fn names(plan: &Plan<'_>, axis: Axis, choice: &Choice) -> Vec<Value> {
    let swapped = choice.of(Axis::BootFiles).is_some();
    if swapped && matches!(axis, Axis::Kernel | Axis::Initrd) {
        return Vec::new();
    }
    let alternative = plan.axes.alternative(axis, choice.of(axis));
    alternative.map_or_else(Vec::new, |alternative| alternative.others.clone())
}

/// The other profiles that make the pages of this one.
fn profiles(facts: &Facts<'_>) -> Vec<Value> {
    let Some(current) = facts.vmsa.profile.filter(|_| !facts.vmsa.captured) else {
        return Vec::new();
    };
    let same = |other: &&'static sev_launch_digest::profile::LaunchProfile| {
        other.name != current.name
            && other.technology == current.technology
            && other.loads == current.loads
            && vmsa::class(other) == vmsa::class(current)
            && vmsa::features(other, facts.vmsa.features)
                == vmsa::features(current, facts.vmsa.features)
    };
    ALL.iter()
        .filter(same)
        .map(|profile| Value {
            text: profile.name.to_owned(),
            content: Content::Profile(Some(profile)),
        })
        .collect()
}

/// The facts that are not in the digest.
fn not_measured(plan: &Plan<'_>, facts: &Facts<'_>) -> Vec<Axis> {
    let mut axes = Vec::new();
    let technology = plan.launch.technology;
    if technology == Technology::Sev {
        axes.extend([Axis::Vcpus, Axis::Profile, Axis::Signature, Axis::SevFeatures]);
        axes.push(Axis::LateVcpus);
    } else if facts.vmsa.captured {
        // SNP still has the profile's pages and addresses.
        axes.extend((technology == Technology::SevEs).then_some(Axis::Profile));
        axes.extend([Axis::Signature, Axis::SevFeatures]);
    } else if facts.vmsa.profile.is_some_and(vmsa::takes_vmsas_as_they_stand) {
        axes.extend([Axis::Vcpus, Axis::Signature]);
    } else if facts.vmsa.profile.is_some_and(|profile| !vmsa::has_signature(profile)) {
        axes.push(Axis::Signature);
    }
    if facts.hashes.is_none() {
        axes.extend([Axis::Kernel, Axis::Initrd, Axis::Cmdline]);
    }
    axes.sort_unstable();
    axes
}
