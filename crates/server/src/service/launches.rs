//! Beginning a launch, and what happens to it but for its measurement.

use serde_json::{Map, Value};
use sev_launch_protocol::launch::{Acknowledgement, Decision, LaunchAnswer, LaunchRequest};
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::state::{Answer, Event, ProvenPlatform, Record};
use sev_launch_protocol::text::{Blob, Exact, LaunchId, Sha256, VmId};
use sev_launch_protocol::views::LaunchView;
use sev_launch_protocol::{body, canonical};
use sev_launch_verify::abi::sev::Policy;
use sev_launch_verify::sev::session::Session;
use sha2::Digest as _;
use zeroize::Zeroizing;

use super::binding::changed;
use super::registrations::{internal, registered, unavailable};
use super::{Answered, Service};
use crate::platform::Prover;
use crate::seal::Place;
use crate::store::{Caller, LaunchRow, NewLaunch, StoredAnswer};

/// How often a launch is begun anew whose registration changed meanwhile.
const ATTEMPTS: u32 = 16;

impl Service {
    /// `POST /vm/{vmid}/launch`. `key` is the header `Idempotency-Key`.
    ///
    /// # Errors
    ///
    /// What is wrong with the body or with the platform, or why no launch begins; all but the first are in the audit.
    pub fn launch(
        &self,
        caller: &Caller,
        vmid: VmId,
        body: &[u8],
        key: Option<&str>,
    ) -> Answered<StoredAnswer> {
        let request: LaunchRequest = body::read(body)?;
        request.check()?;
        let digest = canonical::digest(body)?;
        let key = key.map(|key| hashed_key(caller, key));
        if let Some(key) = &key {
            let begun = self.store.begun(caller, vmid, key, digest).map_err(unavailable)?;
            let begun = begun.map_err(Problem::from).inspect_err(|problem| {
                self.note_refusal(caller, vmid, "launch", None, problem, Map::new());
            });
            if let Some(answer) = begun? {
                return Ok(answer);
            }
        }
        for _ in 0..ATTEMPTS {
            match self.begin(caller, vmid, &request, digest, key) {
                // Its owner changed it meanwhile: everything is read again.
                Err(problem) if problem.code == Code::EtagMismatch => {}
                outcome => return outcome,
            }
        }
        Err(Code::StoreUnavailable.into())
    }

    /// Begins a launch under the registration as it is now; `etag-mismatch` if that changed meanwhile.
    fn begin(
        &self,
        caller: &Caller,
        vmid: VmId,
        request: &LaunchRequest,
        digest: Sha256,
        key: Option<[u8; 32]>,
    ) -> Answered<StoredAnswer> {
        let vm = self.store.vm(&caller.tenant, vmid).map_err(unavailable)?.ok_or(Code::NoSuchVm)?;
        let material = self.store.material(&caller.tenant, vmid).map_err(unavailable)?;
        let material = material.ok_or_else(|| internal("a guest without candidates"))?;
        let bound = self.bound(&caller.tenant, vmid, &vm.registration, &material)?;
        let Some(bound) = bound else {
            // Of two that were read one after the other, the second may be of a later registration.
            let now = self.store.vm(&caller.tenant, vmid).map_err(unavailable)?;
            let version = now.ok_or(Code::NoSuchVm)?.guest.registration();
            let is_same = version == vm.guest.registration();
            return Err(if is_same { changed() } else { Code::EtagMismatch.into() });
        };
        let registration = registered(&vm.registration)?;
        let id = LaunchId::from_random(self.rng().bytes());
        let mut facts = said(request);

        let (platform, keys, nonce, session, platform_facts) = if vm.scheme == Scheme::AmdSevSnp {
            let nonce: [u8; 32] = self.rng().bytes();
            (ProvenPlatform::with_the_report(), None, Some(nonce), None, Value::Null)
        } else {
            let prover = Prover { roots: &self.trust.roots, ceks: &*self.trust.ceks };
            let proven = prover.prove(request, &registration).inspect_err(|problem| {
                self.note_refusal(caller, vmid, "launch", None, problem, said(request));
            })?;
            let policy = u32::try_from(registration.policy).map_err(internal)?;
            let session = Session::create(Policy::from_bits(policy), &proven.pdh, &mut self.rng())
                .map_err(internal)?;
            let keys = session.launch().keys();
            let mut plain = Zeroizing::new([0_u8; 32]);
            let (tek, tik) = plain.split_at_mut(16);
            tek.copy_from_slice(keys.tek.expose());
            tik.copy_from_slice(keys.tik.expose());
            let place = Place::LaunchKeys {
                tenant: &caller.tenant,
                vm: *vmid.as_bytes(),
                launch: *id.as_bytes(),
            };
            let sealed = self.ring.seal(&place, &bound.with(&*plain), &mut self.rng());
            let sealed = sealed.map_err(internal)?;
            let platform_facts = serde_json::to_value(&proven.facts).map_err(internal)?;
            let handed = (session.blob().to_bytes().to_vec(), session.godh_certificate().to_vec());
            (
                ProvenPlatform::of(&proven.pdh),
                Some(sealed.to_bytes()),
                None,
                Some(handed),
                platform_facts,
            )
        };
        if !platform_facts.is_null() {
            facts.insert("platform".into(), platform_facts.clone());
        }
        let launch = NewLaunch {
            event: Event::Launch { id, platform, facts },
            id,
            registration: vm.guest.registration(),
            row: LaunchRow {
                keys,
                nonce,
                actor: (caller.actor.kind.to_owned(), caller.actor.id.clone()),
                platform: platform_facts.to_string(),
                registration: vm.guest.registration(),
            },
            idempotency: key.map(|key| (key, digest)),
            replay_until: caller.now.after(self.behaviour.launch_replay),
        };
        let digests_alone = registration.firmware_hashes.is_none();
        let mut answering = |answer: &Answer| {
            let Answer::Begun { expires } = answer else {
                return Err(Problem::of(Code::Internal));
            };
            let (blob, certificate) = session.clone().unzip();
            let answer = LaunchAnswer {
                launch_id: id,
                scheme: vm.scheme,
                session: blob.map(Blob),
                owner_cert: certificate.map(Blob),
                nonce: nonce.map(Exact),
                policy: registration.policy,
                kernel_hashes: (!digests_alone).then(|| registration.has_kernel_hashes()),
                expires_at: *expires,
                simulated: self.is_simulated(),
            };
            let body = serde_json::to_vec(&answer).map_err(internal)?;
            Ok(StoredAnswer { status: 200, body, replayed: false })
        };
        let begun =
            self.store.begin_launch(caller, vmid, &launch, &mut answering).map_err(unavailable)?;
        begun.map_err(Problem::from)
    }

    /// `GET /vm/{vmid}/launch/{launch-id}`.
    ///
    /// # Errors
    ///
    /// `no-such-vm`, `no-such-launch`.
    pub fn read_launch(&self, caller: &Caller, vmid: VmId, id: LaunchId) -> Answered<LaunchView> {
        let vm = self.store.vm(&caller.tenant, vmid).map_err(unavailable)?.ok_or(Code::NoSuchVm)?;
        let launch = vm.guest.launch(id).ok_or(Code::NoSuchLaunch)?;
        Ok(self.launch_view(&vm.guest, id, launch, caller.now))
    }

    /// Who began a launch: kind and id of an actor.
    ///
    /// # Errors
    ///
    /// `no-such-launch`.
    pub fn launcher(&self, tenant: &str, vmid: VmId, id: LaunchId) -> Answered<(String, String)> {
        let row = self.store.launch(tenant, vmid, id).map_err(unavailable)?;
        row.map(|row| row.actor).ok_or(Problem::of(Code::NoSuchLaunch))
    }

    /// `POST /vm/{vmid}/launch/{launch-id}/ack`.
    ///
    /// # Errors
    ///
    /// What is wrong with the body, or why the launch takes none.
    pub fn acknowledge(
        &self,
        caller: &Caller,
        vmid: VmId,
        id: LaunchId,
        body: &[u8],
    ) -> Answered<()> {
        let acknowledgement: Acknowledgement = body::read(body)?;
        let mut facts = Map::new();
        facts.insert(
            "result".into(),
            serde_json::to_value(acknowledgement.result).map_err(internal)?,
        );
        if let Some(error) = &acknowledgement.error {
            facts.insert("error".into(), error.as_str().into());
        }
        let event = Event::Acknowledge { launch: id, result: acknowledgement.result, facts };
        self.stepped(caller, vmid, &event)
    }

    /// `POST /vm/{vmid}/approve/{launch-id}`.
    ///
    /// # Errors
    ///
    /// What is wrong with the body, or why there is nothing to decide.
    pub fn decide(&self, caller: &Caller, vmid: VmId, id: LaunchId, body: &[u8]) -> Answered<()> {
        let decision: Decision = body::read(body)?;
        self.stepped(caller, vmid, &Event::Decide { launch: id, approve: decision.approve })
    }

    /// `DELETE /vm/{vmid}/launch/{launch-id}`.
    ///
    /// # Errors
    ///
    /// Why it cannot be given up any more.
    pub fn revoke(&self, caller: &Caller, vmid: VmId, id: LaunchId) -> Answered<()> {
        self.stepped(caller, vmid, &Event::Revoke { launch: id })
    }

    fn stepped(&self, caller: &Caller, vmid: VmId, event: &Event) -> Answered<()> {
        self.store.step(caller, vmid, event).map_err(unavailable)?.map_err(Problem::from)
    }

    /// Keeps a refusal that came before any state, for the owner. Where it cannot be kept the refusal stands.
    pub(super) fn note_refusal(
        &self,
        caller: &Caller,
        vmid: VmId,
        action: &'static str,
        launch: Option<LaunchId>,
        problem: &Problem,
        mut facts: Map<String, Value>,
    ) {
        if let Some(detail) = &problem.detail {
            facts.insert("detail".into(), detail.to_string().into());
        }
        let record = Record { action, launch, refused: Some(problem.code), facts };
        if let Err(error) = self.store.note(caller, Some(vmid), &record) {
            tracing::error!(%error, "a refusal is not in the audit");
        }
    }
}

/// What a launcher says of itself, for the audit.
fn said(request: &LaunchRequest) -> Map<String, Value> {
    let mut said = Map::new();
    if let Some(host) = &request.host {
        said.insert("host".into(), host.as_str().into());
    }
    if let Some(id) = &request.cpu_id {
        said.insert("cpu-id".into(), id.to_string().into());
    }
    if !request.more.is_empty() {
        said.insert("more".into(), Value::Object(request.more.clone()));
    }
    let mut facts = Map::new();
    if !said.is_empty() {
        facts.insert("said".into(), said.into());
    }
    facts
}

/// A launcher's key for a request, of this launcher alone.
fn hashed_key(caller: &Caller, key: &str) -> [u8; 32] {
    let mut hash = sha2::Sha256::new();
    for part in [caller.actor.kind, &caller.actor.id, key] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    Sha256(hash.finalize().into()).0
}
