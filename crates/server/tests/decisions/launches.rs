//! Whole launches of SEV and SEV-ES on an AMD-SP in software: what it measures is what it was handed, and a packet opens on it or does not.

use serde_json::{Value, json};
use sev_launch_abi::sev::Policy;
use sev_launch_platform::{Handle, Platform, Session as Handed};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::Registration;
use sev_launch_server::differs::{Cancel, Claimed, Findings, Reported, differs};
use sev_launch_server::judge::{Judgement, Rules, echoed_policy, measurement};
use sev_launch_testkit::expected::{self, Layout};
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::LaunchMeasurement;
use sev_launch_verify::sev::session::{LaunchSession, Session};

use crate::lab::{
    CMDLINE, Catalogue, Counted, INITRD, KERNEL, es_base, platform, prove, registration, request,
    roots, sev_base, tv2_image,
};

/// What the host launches.
struct Host {
    kernel: &'static [u8],
    layout: Layout,
    vcpus: u32,
}

const AS_REGISTERED: Host = Host { kernel: KERNEL, layout: Layout::QemuFpu, vcpus: 2 };

struct Launched {
    machine: Platform,
    guest: Handle,
    keys: [[u8; 16]; 2],
    policy: Policy,
    blob: [u8; 48],
}

/// Registers, proves the platform, makes a session, and launches as the host likes.
fn launch(registration: &Registration, host: &Host) -> Launched {
    let mut machine = platform(7);
    let request = request(machine.full_chain().unwrap(), None, None);
    let proven = prove(&roots(&machine), &request, registration).expect("proven");
    let policy = Policy::from_bits(registration.policy.try_into().unwrap());
    let session = Session::create(policy, &proven.pdh, &mut Counted(1)).unwrap();
    let blob = session.blob().to_bytes();
    let handed = Handed { godh: session.godh_certificate(), session: &blob };
    let guest = machine.launch_start(policy.bits(), Some(handed)).unwrap();
    machine.launch_update_data(guest, &tv2_image()).unwrap();
    let table = expected::hashes_table(host.kernel, Some(INITRD), Some(CMDLINE.as_bytes()));
    machine.launch_update_data(guest, &table).unwrap();
    if registration.policy & 4 != 0 {
        for page in expected::vmsa_pages(host.layout, 0x00a0_0f11, 0, 0x0080_b004, host.vcpus) {
            machine.launch_update_vmsa(guest, &page).unwrap();
        }
    }
    let blob = machine.launch_measure(guest).unwrap();
    let keys = session.launch().keys();
    Launched { machine, guest, keys: [*keys.tek.expose(), *keys.tik.expose()], policy, blob }
}

impl Launched {
    /// The session from its keys, as the service has them from its store.
    fn session(&self) -> LaunchSession {
        let [tek, tik] = &self.keys;
        let keys =
            SessionKeys { tek: Tek::from_bytes(tek).unwrap(), tik: Tik::from_bytes(tik).unwrap() };
        LaunchSession::from_stored_keys(keys, self.policy).unwrap()
    }

    fn judged(&self, registration: &Registration) -> Judgement {
        let candidates = Catalogue::of(&[&tv2_image()]).candidates(registration).unwrap();
        let selected = candidates.select(None, None).unwrap();
        let version = self.machine.model().version();
        measurement(self.session(), &self.blob, version, &selected, &Rules::of(registration))
    }

    fn differs(&self, registration: &Registration) -> Findings {
        self.differs_claimed(registration, &Claimed::default())
    }

    fn differs_claimed(&self, registration: &Registration, claimed: &Claimed) -> Findings {
        let reported = Reported::Measurement {
            tik: Tik::from_bytes(&self.keys[1]).unwrap(),
            version: self.machine.model().version(),
            policy: self.policy,
            measurement: LaunchMeasurement::parse(&self.blob).unwrap(),
        };
        differs(
            registration,
            &Catalogue::of(&[&tv2_image()]).entries(),
            claimed,
            &reported,
            &Cancel::new(),
        )
    }
}

fn code(base: Value, more: Value, host: &Host) -> Option<Code> {
    let registration = registration(base, more);
    launch(&registration, host).judged(&registration).code()
}

#[test]
fn the_secret_of_an_approved_launch_opens_on_its_platform() {
    for base in [sev_base(), es_base()] {
        let registration = registration(base, json!({}));
        let mut launched = launch(&registration, &AS_REGISTERED);
        let Judgement::Accepted(accepted) = launched.judged(&registration) else {
            panic!("not accepted")
        };
        let version = launched.machine.model().version().to_string();
        assert_eq!(accepted.facts.version, Some(version));
        let table = sev_launch_protocol::secret::table(&registration.secrets).unwrap();
        let area = Catalogue::of(&[&tv2_image()])
            .candidates(&registration)
            .unwrap()
            .secret_area()
            .unwrap();
        let packet =
            accepted.proof.launch().unwrap().pack_secret(&table, area, &mut Counted(9)).unwrap();
        let (guest, length) = (launched.guest, packet.payload.len());
        let opened = launched
            .machine
            .launch_secret(guest, &packet.header, &packet.payload, length)
            .expect("it opens");
        assert!(opened.windows(28).any(|window| window == b"correct horse battery staple"));
    }
}

#[test]
fn another_launch_is_a_mismatch_whose_difference_is_named() {
    let other_kernel = Host { kernel: b"another kernel", ..AS_REGISTERED };
    let more_vcpus = Host { vcpus: 4, ..AS_REGISTERED };
    let legacy = Host { layout: Layout::QemuNofpu, ..AS_REGISTERED };
    for (host, said) in [
        (more_vcpus, Some("vcpus: 4 instead of 2")),
        (legacy, Some("profile: es-legacy instead of es-init2")),
        (other_kernel, None),
    ] {
        let registration = registration(es_base(), json!({}));
        let launched = launch(&registration, &host);
        assert_eq!(launched.judged(&registration).code(), Some(Code::MeasurementMismatch));
        let findings = launched.differs(&registration);
        match said {
            Some(said) => {
                assert_eq!(findings.explanations[0], [said]);
                let is_profile = said.starts_with("profile");
                assert_eq!(
                    findings.unregistered_profile.as_deref(),
                    is_profile.then_some("es-legacy"),
                    "{findings}"
                );
            }
            // A kernel of which nothing is known cannot be found, unless the host says which it is; and no other kernel then.
            None => {
                assert!(findings.to_string().starts_with("nothing found among "), "{findings}");
                let claimed = |kernel: &[u8]| {
                    let hash = crate::lab::sha256(kernel).parse().unwrap();
                    let claimed = Claimed { kernel: Some(hash), ..Claimed::default() };
                    launched.differs_claimed(&registration, &claimed).to_string()
                };
                let told = claimed(b"another kernel");
                assert!(told.contains(&crate::lab::sha256("another kernel")), "{told}");
                let lie = claimed(b"a third kernel");
                assert!(lie.starts_with("nothing found among "), "{lie}");
            }
        }
    }
}

// A kernel that is registered for another place of the same guest is one that is known.
#[test]
fn another_known_kernel_is_named() {
    let kernels =
        json!({"kernel-hash": [crate::lab::sha256(KERNEL), crate::lab::sha256("another kernel")]});
    let tried = registration(sev_base(), kernels);
    let launched = launch(
        &registration(sev_base(), json!({})),
        &Host { kernel: b"another kernel", ..AS_REGISTERED },
    );
    let said = format!(
        "kernel: file {} instead of file {}",
        crate::lab::sha256("another kernel"),
        crate::lab::sha256(KERNEL)
    );
    assert_eq!(launched.differs(&tried).explanations[0], [said]);
}

#[test]
fn a_search_that_is_stopped_or_has_nothing_to_start_from_says_so() {
    let own = registration(es_base(), json!({}));
    let launched = launch(&own, &Host { kernel: b"another kernel", ..AS_REGISTERED });
    let digests_only = json!({
        "firmware-hashes": null, "kernel-hash": null, "initrd-hash": null, "cmdline": null, "cpu": null, "vmsa-profiles": null,
        "launch-digests": ["11".repeat(32)],
    });
    let findings = launched.differs(&registration(es_base(), digests_only));
    assert!(findings.to_string().contains("only digests are registered"), "{findings}");
    let reported = Reported::Sev(sev_launch_abi::sev::LaunchDigest::from_bytes([1; 32]));
    let cancel = Cancel::new();
    cancel.cancel();
    let findings = differs(
        &own,
        &Catalogue::of(&[&tv2_image()]).entries(),
        &Claimed::default(),
        &reported,
        &cancel,
    );
    assert!(findings.stopped && findings.explanations.is_empty(), "{findings}");
}

// The version is proven by the MAC, and only then held against the rules.
#[test]
fn versions_of_the_firmware() {
    let version = platform(7).model().version();
    let of = |minor: u8, build: Option<u8>| json!({"api-major": version.major, "api-minor": minor, "build": build});
    let plain = |minor: u8| json!({"api-major": version.major, "api-minor": minor});
    let (own, build) = (version.minor, Some(version.build));
    for (rules, expected) in [
        (json!({"min": plain(own)}), None),
        (json!({"min": plain(own + 1)}), Some(Code::FirmwareVersion)),
        (json!({"max": plain(own - 1)}), Some(Code::FirmwareVersion)),
        (json!({"deny": [of(own, build)]}), Some(Code::FirmwareVersion)),
        (json!({"allow": plain(own + 1)}), Some(Code::FirmwareVersion)),
        (json!({"allow": [of(own, build)], "min": plain(own)}), None),
    ] {
        let more = json!({"firmware-version": rules});
        assert_eq!(code(sev_base(), more.clone(), &AS_REGISTERED), expected, "{more}");
    }
}

#[test]
fn a_claimed_version_is_no_way_around_the_rules() {
    let registration = registration(
        sev_base(),
        json!({"firmware-version": {"min": {"api-major": 9, "api-minor": 0}}}),
    );
    let launched = launch(&registration, &AS_REGISTERED);
    let candidates = Catalogue::of(&[&tv2_image()]).candidates(&registration).unwrap();
    let mut version = launched.machine.model().version();
    version.major = 9;
    let selected = candidates.select(None, None).unwrap();
    let judged = measurement(
        launched.session(),
        &launched.blob,
        version,
        &selected,
        &Rules::of(&registration),
    );
    assert_eq!(judged.code(), Some(Code::MeasurementMismatch));
}

#[test]
fn the_echoed_policy_is_the_registered_one() {
    let registration = registration(sev_base(), json!({}));
    let rules = Rules::of(&registration);
    assert_eq!(echoed_policy(&rules, None), Ok(()));
    assert_eq!(echoed_policy(&rules, Some(3)), Ok(()));
    for other in [1, 7, 3 + (1 << 32)] {
        assert_eq!(
            echoed_policy(&rules, Some(other)).expect_err("another").code,
            Code::PolicyMismatch
        );
    }
}

#[test]
fn a_session_of_another_policy_is_none_of_this_guest() {
    let one = registration(sev_base(), json!({}));
    let launched = launch(&one, &AS_REGISTERED);
    let other = registration(sev_base(), json!({"policy": 1}));
    assert_eq!(launched.judged(&other).code(), Some(Code::PolicyMismatch));
}
