//! Showing a measurement: judged outside the store, decided in one transaction of it.

use serde_json::{Map, Value};
use sev_launch_protocol::launch::Challenge;
use sev_launch_protocol::launch::{
    Evidence, LaunchState, ValidateAnswer, ValidateRequest, Verdict,
};
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::Registration;
use sev_launch_protocol::state::{Answer, Finding, Held, Judgement, Proven};
use sev_launch_protocol::text::{Blob, Exact, LaunchId, Sha256, VmId};
use sev_launch_protocol::{body, canonical};
use sev_launch_verify::abi::sev::Policy;
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::LaunchMeasurement;
use sev_launch_verify::sev::secret::SecretTable;
use sev_launch_verify::sev::session::LaunchSession;

use super::binding::{Bound, changed};
use super::registrations::{internal, registered, unavailable};
use super::{Answered, Service};
use crate::access::{self, Identity};
use crate::candidates::Candidates;
use crate::differs::{Claimed, Reported};
use crate::judge::{self, Proof, ReportRules, Rules};
use crate::seal::{Place, Sealed};
use crate::store::{Caller, Judge, Judging, StoredAnswer};

/// Seconds after which a launcher asks again whether the owner approved: less often than the rate of one guest's measurements.
pub(crate) const ASK_AGAIN: u32 = 10;

/// What judging comes to.
struct Judged {
    finding: Finding,
    facts: Map<String, Value>,
    /// What leaves, if the step says so.
    held: Option<Held>,
    /// What is searched for after a mismatch.
    reported: Option<Reported>,
}

impl Service {
    /// `POST /vm/{vmid}/validate`.
    ///
    /// # Errors
    ///
    /// What is wrong with the body, or the refusal; the refusals of the state machine are in the audit.
    pub fn validate(
        &self,
        caller: &Caller,
        vmid: VmId,
        body: &[u8],
        identity: &Identity,
    ) -> Answered<StoredAnswer> {
        let request: ValidateRequest = body::read(body)?;
        let digest = canonical::digest(body)?;
        let judge = self.to_be_judged(caller, vmid, &request, digest, identity);
        let judge = judge.inspect_err(|problem| {
            self.note_refusal(caller, vmid, "validate", request.launch_id, problem, Map::new());
        })?;
        let judging = match judge {
            (launch, Judge::Answered(answer)) => {
                // What leaves once more is in the audit once more.
                let noted = self.store.note_replay(caller, vmid, launch, digest, &answer);
                noted.map_err(unavailable)?;
                return Ok(answer);
            }
            (_, Judge::By(judging)) => judging,
        };
        // All of it was read at once.
        let bound = self.bound(&caller.tenant, vmid, &judging.registration, &judging.material)?;
        let bound = bound.ok_or_else(changed)?;
        let registration = registered(&judging.registration)?;
        as_registered(&judging, &registration)?;
        let judged = self.judged(caller, vmid, &request, &judging, &registration, &bound);
        let mut judged = judged.inspect_err(|problem| {
            // What is judged before any key costs no attempt, and the owner sees it all the same.
            self.note_refusal(caller, vmid, "validate", Some(judging.launch), problem, Map::new());
        })?;
        if self.behaviour.report_only
            && let Finding::Accepted(proven) = judged.finding
        {
            judged.finding = Finding::Accepted(proven.withheld());
        }
        let refused = matches!(judged.finding, Finding::Mismatch);
        let judgement =
            Judgement { launch: judging.launch, finding: judged.finding, facts: judged.facts };
        let mut held = judged.held;
        let report_only = self.behaviour.report_only || registration.report_only;
        let mut answering =
            |answer: &Answer| self.validate_answer(judging.launch, answer, &mut held, report_only);
        let replay_until = caller.now.after(self.behaviour.validate_replay);
        let written = self
            .store
            .finish_validate(caller, vmid, digest, &judgement, replay_until, &mut answering)
            .map_err(unavailable)?;
        if refused && let Some(reported) = judged.reported {
            let claimed = Claimed {
                kernel: request.kernel_hash,
                initrd: request.initrd_hash,
                cmdline: request.cmdline.clone(),
            };
            self.explain(caller, vmid, judging.launch, registration, claimed, reported);
        }
        written.map_err(Problem::from)
    }

    /// What a request is judged by, or its answer of before. A launch that is not the caller's own is none.
    fn to_be_judged(
        &self,
        caller: &Caller,
        vmid: VmId,
        request: &ValidateRequest,
        digest: Sha256,
        identity: &Identity,
    ) -> Answered<(LaunchId, Judge)> {
        let vm = self.store.vm(&caller.tenant, vmid).map_err(unavailable)?.ok_or(Code::NoSuchVm)?;
        let judge = |id| {
            let judge = self.store.judge(caller, vmid, Some(id), digest).map_err(unavailable)?;
            Answered::Ok(judge.and_then(|judge| match judge {
                // What left before the service was told to release nothing does not leave once more: the launch is over.
                Judge::Answered(answer) if self.behaviour.report_only && has_packet(&answer) => {
                    vm.guest.judgeable(id, digest, caller.now)?;
                    Err(Code::LaunchConsumed.into())
                }
                judge => Ok(judge),
            }))
        };
        let own = |id| access::own_launch(self, &caller.tenant, vmid, id, identity, &[]).is_ok();
        if request.launch_id.is_none() {
            // An answer that was lost comes before whatever was begun since.
            let over = vm.guest.launches().filter(|(_, launch)| !launch.state.is_live());
            for (id, _) in over.filter(|(id, _)| own(*id)) {
                if let Ok(answered @ Judge::Answered(_)) = judge(id)? {
                    return Ok((id, answered));
                }
            }
        }
        // Of several live ones the one that is the caller's own, if it is one.
        let live = vm.guest.live_at(caller.now);
        let mut own = live.map(|(id, _)| id).filter(|id| own(*id));
        let named = match (request.launch_id, own.next(), own.next()) {
            (None, Some(id), None) => Some(id),
            (named, ..) => named,
        };
        let meant = vm.guest.meant(named, caller.now).map_err(Problem::from)?;
        access::own_launch(self, &caller.tenant, vmid, meant, identity, &[])?;
        Ok((meant, judge(meant)?.map_err(Problem::from)?))
    }

    fn judged(
        &self,
        caller: &Caller,
        vmid: VmId,
        request: &ValidateRequest,
        judging: &Judging,
        registration: &Registration,
        bound: &Bound<'_>,
    ) -> Answered<Judged> {
        let evidence = request.evidence(registration.scheme)?;
        let candidates = Candidates::from_json(bound.candidates).map_err(internal)?;
        let rules = Rules::of(registration);
        judge::echoed_policy(&rules, request.policy)?;
        let selected = candidates
            .select(request.firmware_hash.as_ref(), request.cpu_count)
            .ok_or(Code::NoCandidate)?;
        let mut reported = None;
        let judgement = match evidence {
            Evidence::Measurement { measurement, version } => {
                let keys = self.launch_keys(caller, vmid, judging, bound)?;
                let policy =
                    Policy::from_bits(u32::try_from(registration.policy).map_err(internal)?);
                let session = LaunchSession::from_stored_keys(keys, policy).map_err(internal)?;
                let judgement =
                    judge::measurement(session, &measurement, version, &selected, &rules);
                if matches!(judgement, judge::Judgement::Mismatch { .. }) {
                    let keys = self.launch_keys(caller, vmid, judging, bound)?;
                    let measurement = LaunchMeasurement::parse(&measurement).map_err(internal)?;
                    reported =
                        Some(Reported::Measurement { tik: keys.tik, version, policy, measurement });
                }
                judgement
            }
            Evidence::Report { report, vek } => {
                let nonce = judging
                    .row
                    .nonce
                    .ok_or_else(|| internal("a launch of SEV-SNP without a nonce"))?;
                let challenge = Challenge { nonce, vmid, launch: judging.launch };
                let rules = ReportRules {
                    rules,
                    platform: &registration.platform,
                    roots: &self.trust.report_roots,
                    time: caller.now.seconds(),
                };
                let judgement = judge::report(&report, &vek, &challenge, &selected, &rules);
                if let judge::Judgement::Mismatch { digest: Some(digest) } = &judgement
                    && let Ok(digest) = (*digest).try_into()
                {
                    reported = Some(Reported::Snp(digest));
                }
                judgement
            }
        };
        let mut facts = Map::new();
        facts.insert(
            "platform".into(),
            serde_json::from_str(&judging.row.platform).unwrap_or(Value::Null),
        );
        let mut held = None;
        let finding = match judgement {
            judge::Judgement::Mismatch { digest } => {
                if let Some(digest) = digest {
                    facts.insert("digest".into(), digest.to_string().into());
                }
                facts.insert("tried".into(), selected.len().into());
                Finding::Mismatch
            }
            judge::Judgement::Unproven(problem) => {
                if let Some(detail) = problem.detail {
                    facts.insert("detail".into(), detail.to_string().into());
                }
                Finding::Unproven(problem.code)
            }
            judge::Judgement::Rejected(rejected) => {
                facts.insert("detail".into(), rejected.detail.into());
                facts.insert(
                    "proven".into(),
                    serde_json::to_value(&rejected.facts).map_err(internal)?,
                );
                Finding::Broken(rejected.code)
            }
            judge::Judgement::Accepted(accepted) => {
                facts.insert(
                    "proven".into(),
                    serde_json::to_value(&accepted.facts).map_err(internal)?,
                );
                match &accepted.proof {
                    Proof::Launch(launch) => {
                        let releases = !registration.report_only && !self.behaviour.report_only;
                        if let Some(table) = self.secrets(caller, vmid, judging)?
                            && releases
                        {
                            let names = table.entries().map(|(guid, data)| {
                                serde_json::json!({ "guid": guid.to_string(), "bytes": data.len() })
                            });
                            facts.insert("secrets".into(), names.collect());
                            let area = candidates
                                .secret_area()
                                .ok_or_else(|| internal("no secret area"))?;
                            let packed =
                                Held::pack(judging.launch, launch, &table, area, &mut self.rng());
                            held = Some(packed.map_err(internal)?);
                        }
                        Finding::Accepted(Proven::of(launch))
                    }
                    Proof::Report(report) => Finding::Accepted(Proven::of_report(report)),
                }
            }
        };
        Ok(Judged { finding, facts, held, reported })
    }

    fn launch_keys(
        &self,
        caller: &Caller,
        vmid: VmId,
        judging: &Judging,
        bound: &Bound<'_>,
    ) -> Answered<SessionKeys> {
        let sealed =
            judging.row.keys.as_ref().ok_or_else(|| internal("a live launch without keys"))?;
        let place = Place::LaunchKeys {
            tenant: &caller.tenant,
            vm: *vmid.as_bytes(),
            launch: *judging.launch.as_bytes(),
        };
        let plain = Sealed::parse(sealed).and_then(|sealed| self.ring.open(&place, &sealed));
        let plain = plain.map_err(sealed_problem)?;
        let (tek, tik) = bound
            .opened(&plain)?
            .split_at_checked(16)
            .ok_or_else(|| internal("keys of a wrong length"))?;
        Ok(SessionKeys {
            tek: Tek::from_bytes(tek).map_err(internal)?,
            tik: Tik::from_bytes(tik).map_err(internal)?,
        })
    }

    fn secrets(
        &self,
        caller: &Caller,
        vmid: VmId,
        judging: &Judging,
    ) -> Answered<Option<SecretTable>> {
        let Some(sealed) = &judging.material.secrets else {
            return Ok(None);
        };
        let place = Place::Registration {
            tenant: &caller.tenant,
            vm: *vmid.as_bytes(),
            version: judging.material.registration,
        };
        let plain = Sealed::parse(sealed).and_then(|sealed| self.ring.open(&place, &sealed));
        let plain = plain.map_err(sealed_problem)?;
        SecretTable::parse(&plain).map(Some).map_err(internal)
    }

    fn validate_answer(
        &self,
        launch_id: LaunchId,
        answer: &Answer,
        held: &mut Option<Held>,
        report_only: bool,
    ) -> Answered<StoredAnswer> {
        let mut body = ValidateAnswer {
            launch_id,
            verdict: None,
            launch_state: None,
            retry_after: None,
            secret_header: None,
            secret_table: None,
            report_only,
            simulated: self.is_simulated(),
        };
        let status = match answer {
            Answer::Awaited => {
                body.launch_state = Some(LaunchState::Validated);
                body.retry_after = Some(ASK_AGAIN);
                202
            }
            Answer::Released(release) => {
                let packet = held.take().and_then(|held| held.release(release));
                let packet = packet.ok_or_else(|| internal("nothing to release"))?;
                body.secret_header = Some(Exact(packet.header));
                body.secret_table = Some(Blob(packet.payload));
                200
            }
            Answer::Trusted => {
                body.verdict = Some(Verdict::Trusted);
                200
            }
            Answer::Done | Answer::Begun { .. } => return Err(Problem::of(Code::Internal)),
        };
        let body = serde_json::to_vec(&body).map_err(internal)?;
        Ok(StoredAnswer { status, body, replayed: false })
    }
}

/// Does an answer hold secrets? One that is not read may.
fn has_packet(answer: &StoredAnswer) -> bool {
    serde_json::from_slice::<ValidateAnswer>(&answer.body)
        .map_or(true, |answer| answer.secret_table.is_some())
}

/// Are the terms by which the state machine decides those that were registered? What an owner may amend is not compared.
fn as_registered(judging: &Judging, registration: &Registration) -> Answered<()> {
    if judging.guest.terms().are_of(registration, judging.material.secrets.is_some()) {
        return Ok(());
    }
    tracing::error!(
        "a guest's terms are not those of its registration: somebody changed the store"
    );
    Err(Problem::of(Code::Sealed))
}

/// What is sealed and does not open: the wrong key, or a store that somebody changed.
fn sealed_problem(error: crate::seal::SealError) -> Problem {
    tracing::error!(%error, "what is sealed does not open");
    Problem::of(Code::Sealed)
}
