//! Guests, launches, measurements and packets to try a store with, for its own tests too.
//!
//! Keys and measurements are real: a measurement is made under the launch's own TIK and verified by `verify`. What stands for
//! something sealed has the form of [`crate::seal`] up to the key's id, and nothing after it that would open.

use serde_json::{Map, Value};
use sev_launch_abi::sev::{LaunchDigest, Policy};
use sev_launch_abi::{PlatformVersion, Technology};
use sev_launch_protocol::audit::{Actor, Chain, Head};
use sev_launch_protocol::launch::LaunchState;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::{Approval, LaunchLimit, Scheme};
use sev_launch_protocol::state::{
    Answer, Event, Finding, Guest, Held, Judgement, Proven, ProvenPlatform, Terms,
};
use sev_launch_protocol::text::{LaunchId, RequestId, Sha256, Time, VmId};
use sev_launch_protocol::views::{Scope, TokenView};
use sev_launch_verify::rand_core::UnwrapErr;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, VerifiedLaunch, compute};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::secret::{
    LUKS_PASSPHRASE, Packet, SecretArea, SecretTable, open_packet,
};
use sev_launch_verify::sev::session::LaunchSession;

use super::{Checked, there};
use crate::store::{
    Caller, Condition, FirmwareRow, LaunchRow, Material, NewLaunch, NewVm, Registered, Store,
    StoreError, StoredAnswer, TokenRow, VmRow,
};

/// The tenant of most cases.
pub const TENANT: &str = "acme";
/// A second tenant.
pub const OTHER: &str = "globex";
/// What the guest receives.
pub const PASSPHRASE: &[u8] = b"correct horse battery staple";
/// How long answers are kept, in milliseconds.
pub const KEPT: u64 = 300_000;
/// How long a launch of [`terms`] waits, in milliseconds: the protocol's default of ten minutes.
pub const WAITS: u64 = 600_000;

/// A time in milliseconds after one that every case begins at.
#[must_use]
pub fn at(millis: u64) -> Time {
    Time::from_millis(1_795_000_000_000).after(millis)
}

/// A token's holder of a tenant, `millis` after the start.
#[must_use]
pub fn caller(tenant: &str, millis: u64) -> Caller {
    Caller {
        tenant: tenant.to_owned(),
        request: RequestId::new(at(millis).millis(), &[7; 10]),
        actor: Actor { kind: "token", id: "t-1".into(), address: Some("192.0.2.7".into()) },
        now: at(millis),
    }
}

/// 16 bytes of which the first two are a number, so that a greater number is a later name.
fn numbered(number: u16) -> [u8; 16] {
    let mut bytes = [0x5a; 16];
    bytes.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    bytes
}

/// The name of a guest.
#[must_use]
pub fn vmid(number: u16) -> VmId {
    VmId::from_random(numbered(number))
}

/// The name of a launch.
#[must_use]
pub fn launch_id(number: u16) -> LaunchId {
    LaunchId::from_random(numbered(number))
}

/// A digest that stands for a request.
#[must_use]
pub fn request(number: u8) -> Sha256 {
    Sha256([number; 32])
}

/// A value in the form of what is sealed, under the key whose id is eight times `key`.
#[must_use]
pub fn sealed(key: u8, rest: &[u8]) -> Vec<u8> {
    [&[1][..], &[key; 8], rest].concat()
}

/// One launch at a time, three attempts, secrets, no approval.
#[must_use]
pub fn terms() -> Terms {
    Terms {
        scheme: Scheme::AmdSev,
        limit: LaunchLimit::default(),
        approval: Approval::Automatic,
        report_only: false,
        valid_from: None,
        valid_until: None,
        disabled: false,
        has_secrets: true,
    }
}

/// Two launches at a time.
#[must_use]
pub fn two_at_once() -> Terms {
    Terms { limit: LaunchLimit { concurrent: 2, ..LaunchLimit::default() }, ..terms() }
}

/// A guest to be registered.
#[must_use]
pub fn new_vm(number: u16, terms: Terms) -> NewVm {
    let [high, low] = number.to_be_bytes();
    let mut identity = [0xc0; 32];
    identity.iter_mut().zip([high, low]).for_each(|(to, from)| *to = from);
    NewVm {
        vmid: vmid(number),
        guest: Guest::new(terms, at(0)),
        registration: r#"{"labels":{"rack":"a","zone":"1"},"name":"first","scheme":"amd-sev"}"#
            .into(),
        identity,
        candidates: 3,
        table_bytes: 80,
        material: Material {
            candidates: format!(r#"["candidates of {number}"]"#).into_bytes(),
            secrets: Some(sealed(1, &[high, low])),
            registration: 1,
        },
        token: None,
    }
}

/// Registers a guest under terms.
///
/// # Errors
///
/// If it is not created.
pub fn register(store: &dyn Store, tenant: &str, number: u16, terms: Terms) -> Checked<VmRow> {
    let vm = new_vm(number, terms);
    match super::done(store.register(&caller(tenant, 0), &vm, Condition::New))? {
        Registered::Created(row) => Ok(*row),
        other => Err(super::Failure::new(format!("{other:?}, wanted a new guest"))),
    }
}

/// A launch to be begun under registration 1, its key of the request is `key`, 32 times.
#[must_use]
pub fn new_launch(number: u16, key: u8, millis: u64) -> NewLaunch {
    let id = launch_id(number);
    let [high, low] = number.to_be_bytes();
    NewLaunch {
        event: Event::Launch { id, platform: ProvenPlatform::danger_unproven(), facts: Map::new() },
        id,
        registration: 1,
        row: LaunchRow {
            keys: Some(sealed(1, &[0xee, high, low])),
            nonce: None,
            actor: ("token".into(), "t-1".into()),
            platform: r#"{"generation":"milan"}"#.into(),
            registration: 1,
        },
        idempotency: Some(([key; 32], request(key))),
        replay_until: at(millis).after(KEPT),
    }
}

/// An answer of HTTP.
#[must_use]
pub fn answer(body: impl Into<Vec<u8>>) -> StoredAnswer {
    StoredAnswer { status: 200, body: body.into(), replayed: false }
}

/// Answers by `body` alone.
pub fn answers(body: &str) -> impl FnMut(&Answer) -> Result<StoredAnswer, Problem> + use<'_> {
    move |_| Ok(answer(body))
}

/// Answers nothing: it could not be made.
///
/// # Errors
///
/// Always.
pub fn fails(_: &Answer) -> Result<StoredAnswer, Problem> {
    Err(Problem::of(Code::Internal))
}

/// Begins a launch of guest `vm`, whose number is its key too.
///
/// # Errors
///
/// If it does not begin.
pub fn begin(
    store: &dyn Store,
    tenant: &str,
    vm: u16,
    number: u16,
    millis: u64,
) -> Checked<LaunchId> {
    let launch = NewLaunch { idempotency: None, ..new_launch(number, 0, millis) };
    let by = caller(tenant, millis);
    super::done(store.begin_launch(&by, vmid(vm), &launch, &mut answers("begun")))?;
    Ok(launch.id)
}

/// The keys of a launch: TEK and TIK of its number.
fn keys(number: u16) -> Checked<SessionKeys> {
    let [mut tek, mut tik] = [numbered(number); 2];
    tek.reverse();
    tik.rotate_left(8);
    Ok(SessionKeys { tek: Tek::from_bytes(&tek)?, tik: Tik::from_bytes(&tik)? })
}

/// A launch as `verify` proves it, under the keys of its number.
///
/// # Errors
///
/// None that is wanted.
pub fn verified(number: u16) -> Checked<VerifiedLaunch> {
    let (policy, version) =
        (Policy::from_bits(1), PlatformVersion { major: 1, minor: 55, build: 24 });
    let digest = LaunchDigest::from_bytes([0xd1; 32]);
    let mnonce = numbered(number);
    let measure = compute(&keys(number)?.tik, version, policy, &digest, &mnonce);
    let mut references = ReferenceValues::new();
    references.add(digest, StandsFor::image(Technology::Sev, "a sample"));
    let any = Requirement::Any;
    let platform = PlatformRequirements { api: Requirement::Any, build: Requirement::Any };
    let policy_rules = PolicyRequirements { noks: any, nosend: any, ..PolicyRequirements::STRICT };
    let requirements =
        Requirements { policy: policy_rules, ..Requirements::strict(references, platform) };
    let session = LaunchSession::from_stored_keys(keys(number)?, policy)?;
    Ok(session.verify(&LaunchMeasurement { measure, mnonce }, version, &requirements)?)
}

/// What an approved measurement of launch `number` comes to.
#[must_use]
pub fn accepted(number: u16, launch: &VerifiedLaunch) -> Judgement {
    let finding = Finding::Accepted(Proven::of(launch));
    Judgement { launch: launch_id(number), finding, facts: Map::new() }
}

/// A measurement of launch `number` that is another one.
#[must_use]
pub fn mismatch(number: u16) -> Judgement {
    Judgement { launch: launch_id(number), finding: Finding::Mismatch, facts: Map::new() }
}

/// The packet of launch `number`, not yet allowed to leave.
///
/// # Errors
///
/// None that is wanted.
pub fn held(number: u16, launch: &VerifiedLaunch) -> Checked<Held> {
    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, PASSPHRASE)?;
    let rng = &mut UnwrapErr(getrandom::SysRng);
    Ok(Held::pack(launch_id(number), launch, &table, SecretArea::OVMF, rng)?)
}

/// Answers a release by its packet, header first, and everything else by no body.
pub fn packets(
    number: u16,
    launch: &VerifiedLaunch,
) -> impl FnMut(&Answer) -> Result<StoredAnswer, Problem> + use<'_> {
    move |outcome| {
        let Answer::Released(release) = outcome else { return Ok(answer("")) };
        let held = held(number, launch).map_err(|_| Problem::of(Code::Internal))?;
        let packet = held.release(release).ok_or(Problem::of(Code::Internal))?;
        Ok(answer([&packet.header[..], &packet.payload].concat()))
    }
}

/// Does a packet open with the keys of launch `number`, and hold the passphrase?
#[must_use]
pub fn opens(number: u16, launch: &VerifiedLaunch, packet: &Packet) -> bool {
    let Ok(SessionKeys { tek, tik }) = keys(number) else { return false };
    let opened = open_packet(&tek, &tik, launch.measure(), &packet.header, &packet.payload);
    opened.is_ok_and(|table| table.windows(PASSPHRASE.len()).any(|window| window == PASSPHRASE))
}

/// Finishes a request of launch `number` with an approved measurement.
///
/// # Errors
///
/// If it is refused.
pub fn validate(
    store: &dyn Store,
    tenant: &str,
    vm: u16,
    number: u16,
    asked: u8,
    millis: u64,
) -> Checked<StoredAnswer> {
    let launch = verified(number)?;
    let mut packets = packets(number, &launch);
    let judgement = accepted(number, &launch);
    let until = at(millis).after(KEPT);
    let by = caller(tenant, millis);
    super::done(store.finish_validate(
        &by,
        vmid(vm),
        request(asked),
        &judgement,
        until,
        &mut packets,
    ))
}

/// A launch's state, and whether its keys are still there.
///
/// # Errors
///
/// If it is not there.
pub fn launched(
    store: &dyn Store,
    tenant: &str,
    vm: u16,
    number: u16,
) -> Checked<(LaunchState, bool)> {
    let row = there(store.vm(tenant, vmid(vm)))?;
    let state = row.guest.launch(launch_id(number)).map(|launch| launch.state);
    let keys = there(store.launch(tenant, vmid(vm), launch_id(number)))?.keys;
    Ok((there(Ok(state))?, keys.is_some()))
}

/// A token.
#[must_use]
pub fn token(id: &str, tenant: &str, vm: Option<u16>) -> TokenRow {
    TokenRow {
        view: TokenView {
            id: id.into(),
            name: "a token".into(),
            tenant: tenant.into(),
            scopes: vec![Scope::Launch],
            vmid: vm.map(vmid),
            created: at(0),
            expires: at(WAITS),
            token: None,
        },
        hash: [0xa5; 32],
    }
}

/// A firmware.
#[must_use]
pub fn firmware(number: u8, image: Option<&[u8]>) -> FirmwareRow {
    FirmwareRow {
        sha256: Sha256([number; 32]),
        entry: format!(r#"{{"firmware":{number}}}"#).into_bytes(),
        image: image.map(<[u8]>::to_vec),
        image_kept: image.is_some(),
        created: at(number.into()),
    }
}

/// The whole audit of a tenant, some lines at a time, verified from its first line on.
///
/// # Errors
///
/// If a number is not its line's, or the chain does not hold.
pub fn audit(store: &dyn Store, tenant: &str) -> Checked<Vec<Map<String, Value>>> {
    let (mut chain, mut records, mut after) = (Chain::after(Head::EMPTY), Vec::new(), 0);
    loop {
        let page = store.audit(tenant, after, 100)?;
        if page.is_empty() {
            return Ok(records);
        }
        for (number, line) in page {
            let record = chain.verify(&line)?;
            same!(record.get("seq").and_then(Value::as_u64), Some(number));
            after = number;
            records.push(record);
        }
    }
}

/// The actions of a tenant's audit, in order; one that was refused has a `!` before it.
///
/// # Errors
///
/// As [`audit`].
pub fn actions(store: &dyn Store, tenant: &str) -> Checked<Vec<String>> {
    let told = |record: &Map<String, Value>| {
        let text = |member: &str| {
            record.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let sign = if text("outcome") == "refused" { "!" } else { "" };
        format!("{sign}{}", text("action"))
    };
    Ok(audit(store, tenant)?.iter().map(told).collect())
}

/// How many records say that something was released.
///
/// # Errors
///
/// As [`audit`].
pub fn releases(store: &dyn Store, tenant: &str) -> Checked<usize> {
    let released = |record: &Map<String, Value>| {
        record.get("facts").and_then(|facts| facts.get("released")) == Some(&Value::Bool(true))
    };
    Ok(audit(store, tenant)?.iter().filter(|record| released(record)).count())
}

/// Is this an error of a store that could not do it?
#[must_use]
pub fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}
