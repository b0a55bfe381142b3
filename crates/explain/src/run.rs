//! The search itself: a plan, gone through level by level on all cores.
//!
//! Steps are taken in chunks of a size that the plan alone decides, and a chunk's hits count only when the whole chunk is
//! done. So the answer is the plan's first one, whatever the number of threads.
//!
//! The crate's example shows it in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use sev_launch_digest::hash::{Backend, Portable};
use sev_launch_sweep::cores::has_threads;

use crate::axes::Axis;
use crate::class;
use crate::evaluate::{Evaluated, Evaluator};
use crate::outcome::{LevelTried, Outcome, StopReason, Tried};
use crate::plan::{Choice, Group, Plan};

/// Launch updates of a chunk, about: a fraction of a second of hashing, after which progress is told.
const CHUNK_UPDATES: u64 = 1 << 16;
/// Steps of a chunk at most, which bounds memory.
const CHUNK_STEPS: u64 = 1 << 12;

/// A token by which another thread stops a search. Clones are the same token.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A token that was not used.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops every search that has the token, within the time of one step.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Was it used?
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The level: how many facts are changed together.
    pub changes: u32,
    /// Hypotheses of the level tried so far.
    pub tried: u64,
    /// Hypotheses of the whole level.
    pub planned: u64,
}

/// Goes through a plan. `progress` is called on this thread, after each chunk of work.
pub fn run(plan: &Plan<'_>, progress: &mut dyn FnMut(Progress), cancel: &Cancel) -> Outcome {
    run_with(plan, &Portable, progress, cancel)
}

/// The same, by the given compression.
pub fn run_with(
    plan: &Plan<'_>,
    compression: &(impl Backend + Sync),
    progress: &mut dyn FnMut(Progress),
    cancel: &Cancel,
) -> Outcome {
    let mut search = Search {
        plan,
        evaluator: Evaluator::new(plan, compression),
        progress,
        cancel,
        left: plan.budget,
        levels: Vec::new(),
    };
    for (level, changes) in (0..plan.levels.len()).zip(0..) {
        let (hits, stopped) = search.level(level, changes);
        if let Some((first, others)) = hits.split_first() {
            let tried = Tried::new(plan, search.levels, true);
            let complete = stopped.is_none();
            return Outcome::Explained(class::explain(plan, first, others, complete, tried));
        }
        if let Some(why) = stopped {
            let tried = Tried::new(plan, search.levels, false);
            return Outcome::Stopped { tried, complete_levels: changes, why };
        }
    }
    Outcome::NothingFound(Tried::new(plan, search.levels, false))
}

struct Search<'s, 'p, 'a, C> {
    plan: &'p Plan<'a>,
    evaluator: Evaluator<'p, 'a, C>,
    progress: &'s mut dyn FnMut(Progress),
    cancel: &'s Cancel,
    /// Hypotheses that may still be tried.
    left: Option<u64>,
    levels: Vec<LevelTried>,
}

impl<C: Backend + Sync> Search<'_, '_, '_, C> {
    /// Tries a level: its hits in the plan's order, and why it was not tried whole, if so.
    fn level(&mut self, level: usize, changes: u32) -> (Vec<Choice>, Option<StopReason>) {
        let planned = self.plan.level_size(level);
        let mut tried = LevelTried { changes, tried: 0, refused: 0, planned };
        let mut hits = Vec::new();
        let mut stopped = None;
        let groups = self.plan.levels.get(level).map_or(&[][..], Vec::as_slice);
        'groups: for group in groups {
            let (steps, chunk) = (self.plan.steps(group), self.chunk(group));
            let mut from = 0;
            while from < steps {
                let wanted = chunk.min(steps - from);
                let affordable = self.affordable(group, wanted);
                let Some(evaluated) = self.chunk_of(group, from, affordable) else {
                    stopped = Some(StopReason::Cancelled);
                    break 'groups;
                };
                for step in evaluated {
                    hits.extend(step.hits);
                    tried.tried = tried.tried.saturating_add(step.tried);
                    tried.refused = tried.refused.saturating_add(step.refused);
                    self.left = self.left.map(|left| left.saturating_sub(step.tried));
                }
                (self.progress)(Progress { changes, tried: tried.tried, planned });
                if affordable == 0 {
                    stopped = Some(StopReason::Budget);
                    break 'groups;
                }
                from += affordable;
            }
        }
        self.levels.push(tried);
        (hits, stopped)
    }

    /// How many steps of a group make a chunk.
    fn chunk(&self, group: &Group) -> u64 {
        let updates = match group.vcpus {
            true => self.plan.axes.count(Axis::Vcpus),
            false => u64::from(self.plan.launch.vcpus.number()),
        };
        (CHUNK_UPDATES / updates.max(1)).clamp(16, CHUNK_STEPS)
    }

    /// How many of the steps the budget allows.
    fn affordable(&self, group: &Group, steps: u64) -> u64 {
        let size = self.plan.step_size(group).max(1);
        self.left.map_or(steps, |left| steps.min(left / size))
    }

    /// The steps of a chunk, in order; `None` if the search was cancelled on the way.
    fn chunk_of(&self, group: &Group, from: u64, steps: u64) -> Option<Vec<Evaluated>> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let steps = usize::try_from(steps).ok()?;
        // Not the whole search: progress belongs to this thread.
        let (cancel, evaluator) = (self.cancel, &self.evaluator);
        let step = |offset| {
            let number = from.checked_add(u64::try_from(offset).ok()?)?;
            (!cancel.is_cancelled()).then(|| evaluator.evaluate(group, number))
        };
        match has_threads() {
            true => (0..steps).into_par_iter().map(step).collect(),
            false => (0..steps).map(step).collect(),
        }
    }
}
