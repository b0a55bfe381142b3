//! A guest and its launches.

use std::collections::BTreeMap;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::launch::{Injection, LaunchState};
use crate::problem::Code;
use crate::registration::{Approval, LaunchLimit, Registration, Scheme};
use crate::text::{LaunchId, Sha256, Time};

/// What of a registration decides over launches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What kind of launch.
    pub scheme: Scheme,
    /// How often and how long.
    pub limit: LaunchLimit,
    /// Who approves.
    pub approval: Approval,
    /// Answer and audit, and release nothing.
    pub report_only: bool,
    /// The first time.
    pub valid_from: Option<Time>,
    /// The time from which no more.
    pub valid_until: Option<Time>,
    /// Refuse everything.
    pub disabled: bool,
    /// Is there a secret to release?
    pub has_secrets: bool,
}

impl Terms {
    /// The terms of a registration.
    #[must_use]
    pub fn of(registration: &Registration) -> Self {
        Self {
            scheme: registration.scheme,
            limit: registration.launch_limit,
            approval: registration.approval,
            report_only: registration.report_only,
            valid_from: registration.valid_from,
            valid_until: registration.valid_until,
            disabled: registration.disabled,
            has_secrets: !registration.secrets.is_empty(),
        }
    }

    /// Are these the terms of a registration, but for what an owner may amend? `has_secrets` is said apart, since what is kept of a
    /// registration has no secrets.
    #[must_use]
    pub fn are_of(&self, registration: &Registration, has_secrets: bool) -> bool {
        let Self { limit, valid_until, disabled, .. } = self.clone();
        let registered =
            Self { limit, valid_until, disabled, has_secrets, ..Self::of(registration) };
        *self == registered
    }

    /// May a launch begin or end well at `now`?
    pub(super) fn open_at(&self, now: Time) -> Result<(), Code> {
        if self.disabled {
            return Err(Code::DeniedByOwner);
        }
        let begun = self.valid_from.is_none_or(|from| from <= now);
        let over = self.valid_until.is_some_and(|until| until <= now);
        if begun && !over { Ok(()) } else { Err(Code::OutsideWindow) }
    }
}

/// How the launches of a guest that are no longer kept ended last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// With its answer.
    Well,
    /// With a refusal.
    Failed,
    /// Without a measurement.
    Otherwise,
}

/// One launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launch {
    /// Its place among the guest's launches, from 1.
    pub number: u64,
    /// Its state.
    pub state: LaunchState,
    /// When it began.
    pub began: Time,
    /// When it expires, while it is live.
    pub expires: Time,
    /// How many wrong measurements it still survives.
    pub attempts_left: u32,
    /// SHA-256 of the request whose measurement was accepted.
    pub accepted: Option<Sha256>,
    /// Did the owner approve?
    pub approved: bool,
    /// Did its packet leave?
    pub released: bool,
    /// What became of the packet in the guest.
    pub acknowledged: Option<Injection>,
    /// Why it failed, if it did.
    pub failed_for: Option<Code>,
}

/// How a guest stands, by its registration and its newest launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It may be launched.
    Registered,
    /// A launch waits for its measurement.
    Launched,
    /// A launch waits for the owner.
    Validated,
    /// The last launch got its answer.
    Consumed,
    /// The last launch failed.
    Failed,
    /// No launch is left.
    Exhausted,
    /// The owner refuses launches.
    Disabled,
    /// Its time is over.
    Expired,
}

impl Status {
    /// All, in the order above.
    pub const ALL: [Self; 8] = [
        Self::Registered,
        Self::Launched,
        Self::Validated,
        Self::Consumed,
        Self::Failed,
        Self::Exhausted,
        Self::Disabled,
        Self::Expired,
    ];

    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Launched => "launched",
            Self::Validated => "validated",
            Self::Consumed => "consumed",
            Self::Failed => "failed",
            Self::Exhausted => "exhausted",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
        }
    }
}

/// A guest with its launches: the live ones, and the last [`Guest::MOST_ENDED`] that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guest {
    /// The terms of its registration.
    pub(super) terms: Terms,
    /// The registration's version: 1 at first, one more with each change.
    pub(super) registration: u64,
    /// Launches begun so far.
    pub(super) launched: u64,
    /// The latest time at which anything happened: a clock that goes back brings nothing back to life.
    pub(super) latest: Time,
    /// How the newest launch that is no longer kept ended.
    pub(super) forgotten: Option<Ended>,
    pub(super) launches: BTreeMap<LaunchId, Launch>,
}

impl Guest {
    /// The most launches that are kept after their end.
    pub const MOST_ENDED: usize = 32;

    /// A guest as it is registered at `now`.
    #[must_use]
    pub fn new(terms: Terms, now: Time) -> Self {
        Self {
            terms,
            registration: 1,
            launched: 0,
            latest: now,
            forgotten: None,
            launches: BTreeMap::new(),
        }
    }

    /// The terms of its registration.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The version of its registration.
    #[must_use]
    pub fn registration(&self) -> u64 {
        self.registration
    }

    /// Launches begun so far.
    #[must_use]
    pub fn launched(&self) -> u64 {
        self.launched
    }

    /// Launches left; `None` if there is no limit.
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        self.terms.limit.total.map(|total| total.saturating_sub(self.launched))
    }

    /// A launch that is kept.
    #[must_use]
    pub fn launch(&self, id: LaunchId) -> Option<&Launch> {
        self.launches.get(&id)
    }

    /// The launches that are kept, in the order of their ids.
    pub fn launches(&self) -> impl Iterator<Item = (LaunchId, &Launch)> {
        self.launches.iter().map(|(id, launch)| (*id, launch))
    }

    /// The state of one of its launches at `now`: what time ended is over, whether or not a step said so yet.
    #[must_use]
    pub fn state_at(&self, launch: &Launch, now: Time) -> LaunchState {
        let late = launch.expires <= now.max(self.latest);
        if launch.state.is_live() && late { LaunchState::Expired } else { launch.state }
    }

    /// The launches that are live at `now`, in the order of their ids.
    pub fn live_at(&self, now: Time) -> impl Iterator<Item = (LaunchId, &Launch)> {
        self.launches().filter(move |(_, launch)| self.state_at(launch, now).is_live())
    }

    /// The first time at which a live launch expires.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Time> {
        self.launches
            .values()
            .filter(|launch| launch.state.is_live())
            .map(|launch| launch.expires)
            .min()
    }

    /// How it stands at `now`.
    #[must_use]
    pub fn status(&self, now: Time) -> Status {
        let now = now.max(self.latest);
        if self.terms.disabled {
            return Status::Disabled;
        }
        let newest = self.launches.values().max_by_key(|launch| launch.number);
        let newest = newest.map(|launch| self.state_at(launch, now));
        match newest {
            Some(LaunchState::Launched) => return Status::Launched,
            Some(LaunchState::Validated) => return Status::Validated,
            _ => {}
        }
        if self.terms.valid_until.is_some_and(|until| until <= now) {
            return Status::Expired;
        }
        if self.left() == Some(0) {
            return Status::Exhausted;
        }
        match newest {
            Some(LaunchState::Consumed) => Status::Consumed,
            Some(LaunchState::Failed) => Status::Failed,
            Some(_) => Status::Registered,
            None => match self.forgotten {
                Some(Ended::Well) => Status::Consumed,
                Some(Ended::Failed) => Status::Failed,
                Some(Ended::Otherwise) | None => Status::Registered,
            },
        }
    }
}
