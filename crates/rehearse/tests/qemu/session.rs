//! The guest's owner and a guest that QEMU launches: a session that is unwrapped, a measurement that is judged, a secret that arrives.

use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sev_launch_abi::sev::{LaunchDigest, Policy};
use sev_launch_abi::{Generation, Technology};
use sev_launch_platform::{Authority, AuthorityKeys, Model, Platform, Primes, Status};
use sev_launch_rehearse::{Ended, Outcome, Stay};
use sev_launch_testkit::certs::{RsaKey, RsaSize};
use sev_launch_verify::rand_core::UnwrapErr;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::ca_certificate::CaCertificate;
use sev_launch_verify::sev::chain::{Chain, OcaRequirement, Roots};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, MeasurementError, VerifiedLaunch};
use sev_launch_verify::sev::requirements::{PlatformRequirements, Requirements};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, Packet, SecretArea, SecretTable};
use sev_launch_verify::sev::session::{LaunchSession, Session};

use super::installed::{FIRMWARE, Qemu};
use super::launch::Launch;
use super::qmp::Qmp;
use super::rehearsed::{Rehearsed, SEED, rehearsal, rehearse};

/// No debugging, no key sharing, SEV-ES, not to be sent away.
const POLICY: u32 = 0xf;
/// Where testdata's firmware has its area for secrets, and how large it is.
const AREA: (u64, u32) = (0x0081_0000, 0xc00);

fn random() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// A session for the platform's PDH, whose chain of certificates holds under the simulation's own root.
fn session(seed: &[u8; 32], policy: u32) -> Session {
    let platform = Platform::new(Model::of(Generation::Milan), seed);
    let [ark, ask] = [RsaKey::ark(RsaSize::Bits4096), RsaKey::ask(RsaSize::Bits4096)];
    let primes = |[p, q]: [Vec<u8>; 2]| Primes { p: p.into(), q: q.into() };
    // No VLEK is asked for: its authority may be any.
    let keys = AuthorityKeys {
        ark: primes(ark.primes()),
        ask: primes(ask.primes()),
        asvk: primes([ark.primes()[0].clone(), ask.primes()[1].clone()]),
    };
    let authority = Authority::from_keys(platform.model().generation, &keys).expect("keys");
    let root = CaCertificate::parse(&authority.sev_ark().expect("an ARK")).expect("a certificate");
    let platform = platform.with_authority(authority).expect("of its generation");
    let chain = Chain::parse_full(&platform.full_chain().expect("a chain")).expect("certificates");
    let verdict = chain.verify(Roots::Explicit(&root), OcaRequirement::Any);
    let pdh = verdict.verified().expect("a chain that holds");
    Session::create(Policy::from_bits(policy), &pdh, &mut random()).expect("a session")
}

/// A guest of two vCPUs whose owner made this session.
fn launch(qemu: &Qemu, session: &Session) -> Launch {
    let godh = BASE64.encode(session.godh_certificate());
    qemu.write("godh.b64", godh.as_bytes());
    qemu.write("session.b64", BASE64.encode(session.blob().to_bytes()).as_bytes());
    let (godh, blob) = (qemu.path("godh.b64"), qemu.path("session.b64"));
    let keys = format!(",dh-cert-file={godh},session-file={blob}");
    Launch { policy: POLICY, keys, ..Launch::sev_es(2) }
}

/// What the owner insists on: the digest of this launch, by values.
fn requirements(qemu: &Qemu, launch: &Launch) -> Requirements {
    let digest: LaunchDigest = launch.digest(qemu).expect("a digest").parse().expect("hex");
    let mut references = ReferenceValues::new();
    references.add(digest, StandsFor::image(Technology::SevEs, "testdata's firmware"));
    let platform = PlatformRequirements { api: Requirement::Any, build: Requirement::Any };
    Requirements::strict(references, platform)
}

fn judged(
    session: LaunchSession,
    outcome: &Outcome,
    requirements: &Requirements,
) -> Result<VerifiedLaunch, MeasurementError> {
    let record = outcome.records.last().expect("a launch");
    let measurement = record.measurement.expect("a measurement");
    let measurement = LaunchMeasurement::parse(&measurement).expect("48 bytes");
    session.verify(&measurement, outcome.platform.status().version, requirements)
}

#[test]
fn a_session_is_unwrapped_and_its_measurement_judged() {
    let Some(qemu) = Qemu::find() else { return };
    let session = session(&SEED, POLICY);
    let launch = launch(&qemu, &session);
    let Rehearsed { outcome, words } = rehearse(&qemu, &launch, &launch.line(&qemu));
    assert_eq!(outcome.ended, Ended::Launched, "{words}");
    assert!(outcome.records[0].has_session);
    let yes = judged(session.into_launch(), &outcome, &requirements(&qemu, &launch));
    assert_eq!(yes.expect("yes").policy(), Policy::from_bits(POLICY));
}

#[test]
fn a_firmware_with_one_byte_changed_is_a_no() {
    let Some(qemu) = Qemu::find() else { return };
    let session = session(&SEED, POLICY);
    let launch = launch(&qemu, &session);
    let requirements = requirements(&qemu, &launch);
    let mut image = qemu.read(FIRMWARE);
    image[0x1234] ^= 1;
    qemu.write(FIRMWARE, &image);
    let Rehearsed { outcome, words } = rehearse(&qemu, &launch, &launch.line(&qemu));
    assert_eq!(outcome.ended, Ended::Launched, "{words}");
    let no = judged(session.into_launch(), &outcome, &requirements);
    assert!(matches!(no, Err(MeasurementError::NoMatch { tried: 1, .. })), "{no:?}");
}

/// Another policy than the owner's, another platform, a session that was changed on its way: LAUNCH_START does not unwrap it.
#[test]
fn a_session_of_something_else_launches_nothing() {
    let Some(qemu) = Qemu::find() else { return };
    let ours = session(&SEED, POLICY);
    let weaker = Launch { policy: 0x4, ..launch(&qemu, &ours) };
    refused_at_start(&qemu, &weaker);

    refused_at_start(&qemu, &launch(&qemu, &session(&[8; 32], POLICY)));

    let launch = launch(&qemu, &ours);
    let mut blob = ours.blob().to_bytes();
    blob[0x10] ^= 1;
    qemu.write("session.b64", BASE64.encode(blob).as_bytes());
    refused_at_start(&qemu, &launch);
}

fn refused_at_start(qemu: &Qemu, launch: &Launch) {
    let rehearsed = rehearse(qemu, launch, &launch.line(qemu));
    assert!(matches!(rehearsed.outcome.ended, Ended::Exited(status) if !status.success()));
    assert!(rehearsed.digest().is_none() && rehearsed.outcome.records.is_empty());
    let [refusal] = &rehearsed.outcome.refusals[..] else { panic!("{}", rehearsed.against()) };
    assert_eq!(refusal.command, "LAUNCH_START");
    let status = Status::BadMeasurement.to_string();
    assert!(refusal.reason.contains(&status), "{}", refusal.reason);
}

/// QEMU stays, its measurement is asked for as libvirt does, and what `with` makes of the verified launch is injected.
fn injected(
    qemu: &Qemu,
    with: impl FnOnce(&VerifiedLaunch, &mut Qmp) -> Value,
) -> (Outcome, Value) {
    let version = Model::of(Generation::Milan).version();
    let session = session(&SEED, POLICY);
    let socket = qemu.path("qmp");
    let launch = launch(qemu, &session)
        .options(&format!("-S -monitor none -serial none -qmp unix:{socket},server=on,wait=off"));
    let requirements = requirements(qemu, &launch);
    let mut rehearsal = rehearsal(qemu, &launch, &launch.line(qemu), "words");
    rehearsal.stay = Stay::Attached;
    thread::scope(|scope| {
        let running = scope.spawn(|| rehearsal.run(&mut ()).expect("a rehearsal"));
        let mut qmp = Qmp::connect(&qemu.folder.path().join("qmp"));
        let told = qmp.ask("query-sev-launch-measure", json!({})).expect("a measurement");
        let blob = BASE64.decode(told["data"].as_str().expect("base64")).expect("base64");
        let measurement = LaunchMeasurement::parse(&blob).expect("48 bytes");
        let sev = qmp.ask("query-sev", json!({})).expect("SEV");
        assert_eq!((&sev["state"], &sev["policy"]), (&json!("launch-secret"), &json!(POLICY)));
        let claimed = ["api-major", "api-minor", "build-id"].map(|key| sev[key].as_u64());
        let real = [version.major, version.minor, version.build].map(|part| Some(part.into()));
        assert_eq!(claimed, real);
        let verified = session.into_launch().verify(&measurement, version, &requirements);
        let seen = with(&verified.expect("yes"), &mut qmp);
        qmp.ask("quit", json!({})).expect("an end");
        (running.join().expect("no panic"), seen)
    })
}

fn inject(qmp: &mut Qmp, packet: &Packet) -> Result<Value, String> {
    let (header, secret) = (BASE64.encode(packet.header), BASE64.encode(&packet.payload));
    qmp.ask("sev-inject-launch-secret", json!({ "packet-header": header, "secret": secret }))
}

fn table() -> SecretTable {
    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, b"correct horse battery staple").expect("room");
    table
}

#[test]
fn a_secret_arrives_byte_for_byte() {
    let Some(qemu) = Qemu::find() else { return };
    let area = SecretArea::of_firmware(AREA.1).expect("an area");
    let plain = table().to_bytes(area).expect("a table").to_vec();
    let memory = qemu.path("memory");
    let (outcome, _) = injected(&qemu, |verified, qmp| {
        let packet = verified.pack_secret(&table(), area, &mut random()).expect("a packet");
        assert_eq!(inject(qmp, &packet), Ok(json!({})));
        // What a guest would read there.
        let asked = json!({ "val": AREA.0, "size": plain.len(), "filename": memory });
        qmp.ask("pmemsave", asked).expect("memory")
    });
    assert!(matches!(outcome.ended, Ended::Exited(status) if status.success()));
    let [secret] = &outcome.records[0].secrets[..] else { panic!("{:?}", outcome.records) };
    assert_eq!((secret.gpa, &*secret.bytes), (Some(AREA.0), &plain));
    assert_eq!(qemu.read("memory"), plain);
    assert!(outcome.refusals.is_empty(), "{:?}", outcome.refusals);
}

#[test]
fn a_packet_that_was_changed_is_refused_and_nothing_arrives() {
    let Some(qemu) = Qemu::find() else { return };
    let area = SecretArea::of_firmware(AREA.1).expect("an area");
    let (outcome, errors) = injected(&qemu, |verified, qmp| {
        let mut packet = verified.pack_secret(&table(), area, &mut random()).expect("a packet");
        packet.payload[3] ^= 1;
        let payload = inject(qmp, &packet).expect_err("a changed payload");
        packet.payload[3] ^= 1;
        packet.header[4] ^= 1;
        let header = inject(qmp, &packet).expect_err("a changed header");
        json!([payload, header])
    });
    for error in errors.as_array().expect("two errors") {
        let error = error.as_str().expect("words");
        assert!(error.contains("failed to inject secret"), "{error}");
    }
    assert!(outcome.records[0].secrets.is_empty());
    assert_eq!(outcome.refusals.len(), 2, "{:?}", outcome.refusals);
    for refusal in &outcome.refusals {
        assert_eq!(refusal.command, "LAUNCH_SECRET");
        let status = Status::BadMeasurement.to_string();
        assert!(refusal.reason.contains(&status), "{}", refusal.reason);
    }
}
