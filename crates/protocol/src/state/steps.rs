//! The rules, one function for each event.

use serde_json::{Map, Value};

use super::event::{Answer, Event, Finding, Judgement, Record, Refusal, Step};
use super::guest::{Ended, Guest, Launch, Terms};
use super::proven::{Proven, ProvenPlatform};
use crate::launch::{Injection, LaunchState};
use crate::problem::Code;
use crate::registration::Approval;
use crate::text::{LaunchId, Sha256, Time};

impl Launch {
    /// Why nothing more happens to a launch that is over.
    const fn over(&self) -> Option<Code> {
        self.over_in(self.state)
    }

    /// The same, in a state that it has by now.
    const fn over_in(&self, state: LaunchState) -> Option<Code> {
        match state {
            LaunchState::Launched | LaunchState::Validated => None,
            LaunchState::Consumed => Some(Code::LaunchConsumed),
            LaunchState::Failed => match self.failed_for {
                // What another launch would not change.
                Some(Code::DeniedByOwner) => Some(Code::DeniedByOwner),
                _ => Some(Code::LaunchFailed),
            },
            LaunchState::Expired => Some(Code::LaunchExpired),
            LaunchState::Superseded => Some(Code::LaunchSuperseded),
            LaunchState::Revoked => Some(Code::LaunchRevoked),
        }
    }
}

impl Guest {
    /// What comes of `event` at `now`. A time before that of the step before counts as that one.
    pub fn step(&self, event: Event, now: Time) -> Step {
        let mut work = Work {
            now: now.max(self.latest),
            guest: self.clone(),
            records: Vec::new(),
            ended: Vec::new(),
        };
        work.guest.latest = work.now;
        work.expire();
        let deletes = matches!(event, Event::Delete);
        let answer = match event {
            Event::Launch { id, platform, facts } => work.launch(id, &platform, facts),
            Event::Validate { request, judgement } => work.validate(request, judgement),
            Event::Acknowledge { launch, result, facts } => work.acknowledge(launch, result, facts),
            Event::Decide { launch, approve } => work.decide(launch, approve),
            Event::Revoke { launch } => work.revoke(launch),
            Event::Amend { terms } => work.amend(terms),
            Event::Replace { terms } => work.replace(terms),
            Event::Delete => work.delete(),
            Event::Tick => Ok(Answer::Done),
        };
        let forgotten = work.forget();
        Step {
            guest: (!deletes).then_some(work.guest),
            answer,
            records: work.records,
            ended: work.ended,
            forgotten,
        }
    }

    /// The launch that a request to validate is about: the one named, or the one that is live.
    ///
    /// # Errors
    ///
    /// `no-such-launch` or `ambiguous-launch`; with none live, why the newest is over.
    pub fn meant(&self, named: Option<LaunchId>, now: Time) -> Result<LaunchId, Refusal> {
        if let Some(id) = named {
            return self.launches.get(&id).map(|_| id).ok_or(Code::NoSuchLaunch.into());
        }
        let mut live = self.live_at(now);
        match (live.next(), live.next()) {
            (Some((id, _)), None) => Ok(id),
            (Some(_), Some(_)) => Err(Code::AmbiguousLaunch.into()),
            (None, _) => {
                let newest = self.launches.iter().max_by_key(|(_, launch)| launch.number);
                newest.map(|(id, _)| *id).ok_or(Code::NoSuchLaunch.into())
            }
        }
    }

    /// May the measurement of a request be judged for this launch? The same is asked again by the step that follows.
    ///
    /// # Errors
    ///
    /// Why not: the launch is over, or it already accepted another request.
    pub fn judgeable(&self, id: LaunchId, request: Sha256, now: Time) -> Result<(), Refusal> {
        let launch = self.launches.get(&id).ok_or(Code::NoSuchLaunch)?;
        let state = self.state_at(launch, now);
        let refusal = |code| Refusal { code, launch: Some((id, state, launch.attempts_left)) };
        if let Some(code) = launch.over_in(state) {
            return Err(refusal(code));
        }
        if launch.accepted.is_some_and(|accepted| accepted != request) {
            return Err(refusal(Code::LaunchBusy));
        }
        Ok(())
    }
}

/// A step being made.
struct Work {
    now: Time,
    guest: Guest,
    records: Vec<Record>,
    ended: Vec<LaunchId>,
}

type Outcome = Result<Answer, Refusal>;

impl Work {
    fn record(
        &mut self,
        action: &'static str,
        launch: Option<LaunchId>,
        refused: Option<Code>,
        facts: Map<String, Value>,
    ) {
        self.records.push(Record { action, launch, refused, facts });
    }

    /// Refuses, with a record.
    fn refuse(
        &mut self,
        action: &'static str,
        id: Option<LaunchId>,
        code: Code,
        facts: Map<String, Value>,
    ) -> Outcome {
        self.record(action, id, Some(code), facts);
        let launch = id.and_then(|id| {
            let launch = self.guest.launches.get(&id)?;
            Some((id, launch.state, launch.attempts_left))
        });
        Err(Refusal { code, launch })
    }

    /// Ends a live launch.
    fn end(&mut self, id: LaunchId, state: LaunchState) {
        if let Some(launch) = self.guest.launches.get_mut(&id)
            && launch.state.is_live()
        {
            launch.state = state;
            self.ended.push(id);
        }
    }

    /// Ends a live launch as failed.
    fn fail(&mut self, id: LaunchId, code: Code) {
        self.end(id, LaunchState::Failed);
        if let Some(launch) = self.guest.launches.get_mut(&id) {
            launch.failed_for.get_or_insert(code);
        }
    }

    fn live(&self) -> Vec<LaunchId> {
        let live = self.guest.launches.iter().filter(|(_, launch)| launch.state.is_live());
        live.map(|(id, _)| *id).collect()
    }

    fn expire(&mut self) {
        for id in self.live() {
            if self.guest.launches.get(&id).is_some_and(|launch| launch.expires <= self.now) {
                self.end(id, LaunchState::Expired);
                self.record("expire", Some(id), None, Map::new());
            }
        }
    }

    fn launch(
        &mut self,
        id: LaunchId,
        platform: &ProvenPlatform,
        facts: Map<String, Value>,
    ) -> Outcome {
        let terms = self.guest.terms.clone();
        if let Err(code) = terms.open_at(self.now) {
            return self.refuse("launch", None, code, facts);
        }
        if self.guest.launches.contains_key(&id) || !platform.goes_with(terms.scheme) {
            return self.refuse("launch", None, Code::Internal, facts);
        }
        if self.guest.left() == Some(0) {
            return self.refuse("launch", None, Code::LaunchesUsedUp, facts);
        }
        let live = self.live();
        if terms.limit.concurrent == 1 {
            for other in live {
                self.end(other, LaunchState::Superseded);
                self.record("supersede", Some(other), None, Map::new());
            }
        } else if live.len() >= usize::try_from(terms.limit.concurrent).unwrap_or(0) {
            return self.refuse("launch", None, Code::LaunchLimit, facts);
        }
        self.guest.launched = self.guest.launched.saturating_add(1);
        let mut expires = self.now.after(terms.limit.ttl.millis());
        if let Some(until) = terms.valid_until {
            expires = expires.min(until);
        }
        let launch = Launch {
            number: self.guest.launched,
            state: LaunchState::Launched,
            began: self.now,
            expires,
            attempts_left: terms.limit.validate_attempts,
            accepted: None,
            approved: false,
            released: false,
            acknowledged: None,
            failed_for: None,
        };
        self.guest.launches.insert(id, launch);
        self.record("launch", Some(id), None, facts);
        Ok(Answer::Begun { expires })
    }

    fn validate(&mut self, request: Sha256, judgement: Judgement) -> Outcome {
        let Judgement { launch: id, finding, facts } = judgement;
        if let Err(refusal) = self.guest.judgeable(id, request, self.now) {
            self.record("validate", Some(id), Some(refusal.code), facts);
            return Err(refusal);
        }
        match finding {
            Finding::Mismatch | Finding::Unproven(_) => {
                let code = match finding {
                    Finding::Unproven(code) => code,
                    _ => Code::MeasurementMismatch,
                };
                let left = self.guest.launches.get_mut(&id).map_or(0, |launch| {
                    launch.attempts_left = launch.attempts_left.saturating_sub(1);
                    launch.attempts_left
                });
                if left == 0 {
                    self.fail(id, code);
                }
                self.refuse("validate", Some(id), code, facts)
            }
            Finding::Broken(code) => {
                self.fail(id, code);
                self.refuse("validate", Some(id), code, facts)
            }
            Finding::Accepted(proven) => self.accept(id, request, &proven, facts),
        }
    }

    fn accept(
        &mut self,
        id: LaunchId,
        request: Sha256,
        proven: &Proven,
        mut facts: Map<String, Value>,
    ) -> Outcome {
        let terms = self.guest.terms.clone();
        if let Err(code) = terms.open_at(self.now) {
            self.fail(id, code);
            return self.refuse("validate", Some(id), code, facts);
        }
        let waits = terms.approval == Approval::Manual;
        let Some(launch) = self.guest.launches.get_mut(&id) else {
            return Err(Code::NoSuchLaunch.into());
        };
        launch.accepted = Some(request);
        if waits && !launch.approved {
            if launch.state == LaunchState::Launched {
                launch.state = LaunchState::Validated;
                self.record("validate", Some(id), None, facts);
            }
            return Ok(Answer::Awaited);
        }
        let reports_only = terms.report_only || proven.is_withheld();
        let releases = terms.has_secrets && !reports_only;
        launch.released = releases;
        facts.insert("released".into(), releases.into());
        if reports_only {
            facts.insert("report-only".into(), true.into());
        }
        self.end(id, LaunchState::Consumed);
        self.record("validate", Some(id), None, facts);
        Ok(if releases { Answer::Released(proven.release(id)) } else { Answer::Trusted })
    }

    fn acknowledge(
        &mut self,
        id: LaunchId,
        result: Injection,
        facts: Map<String, Value>,
    ) -> Outcome {
        let Some(launch) = self.guest.launches.get_mut(&id) else {
            return Err(Code::NoSuchLaunch.into());
        };
        let about = Some((id, launch.state, launch.attempts_left));
        let over = launch.over();
        match (launch.state, launch.acknowledged) {
            (LaunchState::Consumed, None) if launch.released => launch.acknowledged = Some(result),
            (LaunchState::Consumed, Some(before)) if before == result => return Ok(Answer::Done),
            (LaunchState::Launched | LaunchState::Validated, _) => {
                return Err(Refusal { code: Code::LaunchPending, launch: about });
            }
            _ => {
                let code = over.unwrap_or(Code::LaunchConsumed);
                return Err(Refusal { code, launch: about });
            }
        }
        self.record("acknowledge", Some(id), None, facts);
        Ok(Answer::Done)
    }

    fn decide(&mut self, id: LaunchId, approve: bool) -> Outcome {
        let Some(launch) = self.guest.launches.get_mut(&id) else {
            return Err(Code::NoSuchLaunch.into());
        };
        let about = Some((id, launch.state, launch.attempts_left));
        let over = launch.over();
        match launch.state {
            LaunchState::Validated if approve => {
                if !std::mem::replace(&mut launch.approved, true) {
                    self.record("approve", Some(id), None, Map::new());
                }
                Ok(Answer::Done)
            }
            LaunchState::Validated => {
                self.fail(id, Code::DeniedByOwner);
                self.record("deny", Some(id), None, Map::new());
                Ok(Answer::Done)
            }
            // Nothing was measured yet that could be approved.
            LaunchState::Launched => Err(Refusal { code: Code::LaunchPending, launch: about }),
            _ => Err(Refusal { code: over.unwrap_or(Code::LaunchConsumed), launch: about }),
        }
    }

    fn revoke(&mut self, id: LaunchId) -> Outcome {
        let Some(launch) = self.guest.launches.get(&id) else {
            return Err(Code::NoSuchLaunch.into());
        };
        let over = launch.over();
        match launch.state {
            LaunchState::Launched | LaunchState::Validated => {
                self.end(id, LaunchState::Revoked);
                self.record("revoke", Some(id), None, Map::new());
                Ok(Answer::Done)
            }
            LaunchState::Revoked => Ok(Answer::Done),
            state => Err(Refusal {
                code: over.unwrap_or(Code::LaunchConsumed),
                launch: Some((id, state, launch.attempts_left)),
            }),
        }
    }

    fn revoke_all(&mut self) {
        for id in self.live() {
            self.end(id, LaunchState::Revoked);
            self.record("revoke", Some(id), None, Map::new());
        }
    }

    fn amend(&mut self, terms: Terms) -> Outcome {
        self.guest.terms = terms;
        self.guest.registration = self.guest.registration.saturating_add(1);
        self.record("amend", None, None, Map::new());
        Ok(Answer::Done)
    }

    fn replace(&mut self, terms: Terms) -> Outcome {
        self.revoke_all();
        self.guest.terms = terms;
        self.guest.registration = self.guest.registration.saturating_add(1);
        self.record("replace", None, None, Map::new());
        Ok(Answer::Done)
    }

    fn delete(&mut self) -> Outcome {
        self.revoke_all();
        self.record("delete", None, None, Map::new());
        Ok(Answer::Done)
    }

    /// Drops the oldest launches that are over, beyond the most that are kept.
    fn forget(&mut self) -> Vec<LaunchId> {
        let mut over: Vec<(u64, LaunchId)> = self
            .guest
            .launches
            .iter()
            .filter(|(_, launch)| !launch.state.is_live())
            .map(|(id, launch)| (launch.number, *id))
            .collect();
        over.sort_unstable();
        let drop = over.len().saturating_sub(Guest::MOST_ENDED);
        let mut dropped = Vec::new();
        for (_, id) in over.into_iter().take(drop) {
            if let Some(launch) = self.guest.launches.remove(&id) {
                self.guest.forgotten = Some(match launch.state {
                    LaunchState::Consumed => Ended::Well,
                    LaunchState::Failed => Ended::Failed,
                    _ => Ended::Otherwise,
                });
                dropped.push(id);
            }
        }
        dropped
    }
}
