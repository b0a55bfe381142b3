//! Every command in every state: what the firmware takes, and with which status it refuses the rest.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use sev_launch_abi::Generation;
use sev_launch_platform::{
    GuestState, GuestStatus, Handle, Model, Platform, PlatformState, Session, SigningKey,
    SnpFinish, SnpGuestState, Status,
};

const ES: u32 = 0x5;
const SEV: u32 = 0x1;
const SNP: u64 = 0x3_0000;

fn milan() -> Platform {
    Platform::new(Model::of(Generation::Milan), &[1; 32])
}

/// A guest's state, and how one comes to it.
const STATES: [GuestState; 3] =
    [GuestState::LaunchUpdate, GuestState::LaunchSecret, GuestState::Running];

fn guest_in(state: GuestState, policy: u32) -> (Platform, Handle) {
    let mut platform = milan();
    let guest = platform.launch_start(policy, None).unwrap();
    if state != GuestState::LaunchUpdate {
        platform.launch_measure(guest).unwrap();
    }
    if state == GuestState::Running {
        platform.launch_finish(guest).unwrap();
    }
    let found = platform.guest_status(guest).unwrap();
    assert_eq!((found.state, found.policy), (state, policy));
    (platform, guest)
}

type Command = fn(&mut Platform, Handle) -> Result<(), Status>;

/// The commands, each with the states in which it is taken.
const COMMANDS: [(&str, Command, &[GuestState]); 6] = [
    (
        "LAUNCH_UPDATE_DATA",
        |platform, guest| platform.launch_update_data(guest, &[0; 16]),
        &[GuestState::LaunchUpdate],
    ),
    (
        "LAUNCH_UPDATE_VMSA",
        |platform, guest| platform.launch_update_vmsa(guest, &[0; 4096]),
        &[GuestState::LaunchUpdate],
    ),
    (
        "LAUNCH_MEASURE",
        |platform, guest| platform.launch_measure(guest).map(drop),
        &[GuestState::LaunchUpdate],
    ),
    (
        // A packet of zeros has a wrong MAC: that is what is looked at last.
        "LAUNCH_SECRET",
        |platform, guest| match platform.launch_secret(guest, &[0; 52], &[0; 16], 16) {
            Err(Status::BadMeasurement) => Ok(()),
            other => other.map(drop),
        },
        &[GuestState::LaunchSecret],
    ),
    ("LAUNCH_FINISH", |platform, guest| platform.launch_finish(guest), &[GuestState::LaunchSecret]),
    (
        "ATTESTATION",
        |platform, guest| platform.attestation(guest, [0; 16]).map(drop),
        &[GuestState::LaunchSecret, GuestState::Running],
    ),
];

#[test]
fn every_command_in_every_state() {
    for (name, command, allowed) in COMMANDS {
        for state in STATES {
            let (mut platform, guest) = guest_in(state, ES);
            let wanted =
                if allowed.contains(&state) { Ok(()) } else { Err(Status::InvalidGuestState) };
            assert_eq!(command(&mut platform, guest), wanted, "{name} in {state}");
        }
    }
}

#[test]
fn every_command_for_a_guest_that_is_not_there() {
    for (name, command, _) in COMMANDS {
        let (mut platform, guest) = guest_in(GuestState::LaunchUpdate, ES);
        let other = Handle::from_number(guest.number() + 1);
        assert_eq!(command(&mut platform, other), Err(Status::InvalidGuest), "{name}");
        // An SNP guest is no guest of these commands.
        let snp = platform.snp_launch_start(SNP).unwrap();
        assert_eq!(command(&mut platform, snp), Err(Status::InvalidGuest), "{name}");
        platform.decommission(guest);
        assert_eq!(command(&mut platform, guest), Err(Status::InvalidPlatformState), "{name}");
        let unknown = GuestStatus { policy: 0, state: GuestState::Uninit, asid: 0 };
        assert_eq!(platform.guest_status(guest), Ok(unknown));
    }
}

#[test]
fn a_command_that_is_refused_changes_nothing() {
    for (name, command, _) in COMMANDS {
        for state in STATES {
            let (mut platform, guest) = guest_in(state, ES);
            let before = (platform.digest(guest), platform.guest_status(guest));
            if command(&mut platform, guest).is_err() {
                let after = (platform.digest(guest), platform.guest_status(guest));
                assert_eq!(after, before, "{name} in {state}");
            }
        }
    }
}

#[test]
fn the_platform_s_own_states() {
    let mut platform = milan();
    assert_eq!(platform.init(true), Err(Status::InvalidPlatformState));
    assert_eq!(platform.status().state, PlatformState::Init);
    // 1.55 build 29, INIT, self-owned, with SEV-ES, no guest.
    assert_eq!(platform.status().to_bytes(), [1, 55, 1, 0, 1, 0, 0, 29, 0, 0, 0, 0]);
    let guest = platform.launch_start(SEV, None).unwrap();
    assert_eq!(platform.status().to_bytes(), [1, 55, 2, 0, 1, 0, 0, 29, 1, 0, 0, 0]);
    // There is a guest: its owner's certificates stay as they are.
    assert_eq!(platform.pek_gen(), Err(Status::InvalidPlatformState));
    assert_eq!(platform.pek_cert_import(&[], &[]), Err(Status::InvalidPlatformState));
    platform.pdh_gen().unwrap();
    platform.decommission(guest);
    assert_eq!(platform.status().state, PlatformState::Init);
    platform.pek_gen().unwrap();

    platform.shutdown();
    assert_eq!(platform.status().to_bytes(), [1, 55, 0, 0, 0, 0, 0, 29, 0, 0, 0, 0]);
    let state = Status::InvalidPlatformState;
    assert_eq!(platform.launch_start(SEV, None), Err(state));
    assert_eq!(platform.launch_update_data(guest, &[0; 16]), Err(state));
    assert_eq!(platform.guest_status(guest), Err(state));
    assert_eq!(platform.pdh_cert_export(), Err(state));
    assert_eq!(platform.pdh_gen(), Err(state));
    assert_eq!(platform.pek_gen(), Err(state));
    assert_eq!(platform.pek_csr(), Err(state));
    assert_eq!(platform.snp_launch_start(SNP), Err(state));

    // Without SEV-ES there are neither such guests nor those of SNP.
    platform.init(false).unwrap();
    assert_eq!(platform.launch_start(ES, None), Err(Status::Unsupported));
    assert_eq!(platform.snp_launch_start(SNP), Err(state));
    platform.launch_start(SEV, None).unwrap();
}

#[test]
fn lengths_are_judged_by_the_firmware() {
    let (mut platform, guest) = guest_in(GuestState::LaunchUpdate, ES);
    for length in [0, 1, 15, 17, 4095] {
        let found = platform.launch_update_data(guest, &vec![0; length]);
        assert_eq!(found, Err(Status::InvalidLength), "{length}");
    }
    for length in [0, 16, 4095, 4097, 8192] {
        let found = platform.launch_update_vmsa(guest, &vec![0; length]);
        assert_eq!(found, Err(Status::InvalidLength), "{length}");
    }
    platform.launch_measure(guest).unwrap();
    let secret = |platform: &mut Platform, header: usize, packet: usize, guest_length: usize| {
        platform.launch_secret(guest, &vec![0; header], &vec![0; packet], guest_length)
    };
    for (header, packet, guest_length) in [
        (51, 16, 16),
        (53, 16, 16),
        (0, 16, 16),
        (52, 0, 0),
        (52, 15, 15),
        (52, 16, 32),
        (52, 32, 16),
        (52, 16400, 16400),
    ] {
        let found = secret(&mut platform, header, packet, guest_length);
        assert_eq!(found, Err(Status::InvalidLength), "{header} {packet} {guest_length}");
    }
    assert_eq!(secret(&mut platform, 52, 16384, 16384), Err(Status::BadMeasurement));
}

// The facts are those of the document's policy structure: a version above the platform's, a reserved bit.
#[test]
fn policies_are_held_against_the_platform() {
    let mut platform = milan();
    for (policy, wanted) in [
        (0x3701_0001, Ok(())),
        (0x3801_0001, Err(Status::PolicyFailure)),
        (0x0002_0001, Err(Status::PolicyFailure)),
        (0xff00_0001, Ok(())),
        (0x0000_0041, Err(Status::PolicyFailure)),
        (0x0000_8001, Err(Status::PolicyFailure)),
    ] {
        assert_eq!(platform.launch_start(policy, None).map(drop), wanted, "{policy:#x}");
    }
    for (policy, wanted) in [
        (0x3_0137, Ok(())),
        (0x3_0138, Err(Status::PolicyFailure)),
        (0x3_0200, Err(Status::PolicyFailure)),
        (0x1_0000, Err(Status::PolicyFailure)), // bit 17 clear
        (0x2_0000, Err(Status::PolicyFailure)), // SMT is on, and forbidden
        (0x403_0000, Err(Status::PolicyFailure)), // bit 26
        (0xb_0000, Ok(())),
    ] {
        assert_eq!(platform.snp_launch_start(policy).map(drop), wanted, "{policy:#x}");
    }
    platform.set_platform_info(0);
    platform.snp_launch_start(0x2_0000).unwrap();
}

#[test]
fn a_key_is_shared_where_the_policy_allows_it() {
    let mut platform = milan();
    let open = platform.launch_start(SEV, None).unwrap();
    let closed = platform.launch_start(SEV | 0x2, None).unwrap();
    let third = platform.launch_start_shared(SEV, None, open).unwrap();
    assert_ne!(third, open);
    for (policy, other, wanted) in [
        (SEV | 0x8, open, Status::PolicyFailure),
        (SEV | 0x2, closed, Status::PolicyFailure),
        (SEV, closed, Status::PolicyFailure),
        (SEV, Handle::from_number(99), Status::InvalidGuest),
    ] {
        let found = platform.launch_start_shared(policy, None, other);
        assert_eq!(found, Err(wanted), "{policy:#x} {other:?}");
    }
}

#[test]
fn an_es_page_is_for_es_guests() {
    let (mut platform, guest) = guest_in(GuestState::LaunchUpdate, SEV);
    assert_eq!(platform.launch_update_vmsa(guest, &[0; 4096]), Err(Status::Unsupported));
}

#[test]
fn a_session_s_parts_have_their_lengths_and_their_form() {
    let mut platform = milan();
    let start = |platform: &mut Platform, godh: &[u8], session: &[u8]| {
        platform.launch_start(SEV, Some(Session { godh, session })).map(drop)
    };
    assert_eq!(start(&mut platform, &[0; 2084], &[0; 127]), Err(Status::InvalidLength));
    assert_eq!(start(&mut platform, &[0; 2083], &[0; 128]), Err(Status::InvalidLength));
    assert_eq!(start(&mut platform, &[0; 2084], &[0; 128]), Err(Status::InvalidCertificate));
    // A PDH is such a certificate, and its session was never made.
    let pdh = platform.pdh_cert_export().unwrap().pdh;
    assert_eq!(start(&mut platform, &pdh, &[0; 128]), Err(Status::BadMeasurement));
    let pek = platform.pek_csr().unwrap();
    assert_eq!(start(&mut platform, &pek, &[0; 128]), Err(Status::InvalidCertificate));
    assert_eq!(platform.status().guests, 0);
}

#[test]
fn handles_and_asids_are_used_again_and_run_out() {
    let mut platform = milan();
    let first = platform.launch_start(SEV, None).unwrap();
    let second = platform.launch_start(SEV, None).unwrap();
    assert_eq!((first.number(), second.number()), (1, 2));
    platform.decommission(first);
    assert_eq!(platform.launch_start(SEV, None), Ok(first));
    // SEV-ES and SNP share 99 ASIDs; SEV has 410.
    for _ in 0..50 {
        platform.launch_start(ES, None).unwrap();
    }
    for _ in 0..49 {
        platform.snp_launch_start(SNP).unwrap();
    }
    assert_eq!(platform.launch_start(ES, None), Err(Status::ResourceLimit));
    assert_eq!(platform.snp_launch_start(SNP), Err(Status::ResourceLimit));
    for _ in 0..408 {
        platform.launch_start(SEV, None).unwrap();
    }
    assert_eq!(platform.launch_start(SEV, None), Err(Status::ResourceLimit));
}

fn snp_guest() -> (Platform, Handle) {
    let mut platform = milan();
    let guest = platform.snp_launch_start(SNP).unwrap();
    (platform, guest)
}

#[test]
fn pages_of_an_snp_launch() {
    let (mut platform, guest) = snp_guest();
    let mut update = |gpa, page_type, page: &[u8]| {
        let found = platform.snp_launch_update(guest, gpa, page_type, page);
        (found, platform.digest(guest).unwrap())
    };
    let (_, start) = update(0, 0, &[0; 4096]);
    for (gpa, page_type, length, wanted) in [
        (0x1000, 0, 4096, Status::InvalidParam),
        (0x1000, 7, 4096, Status::InvalidParam),
        (0x1000, 255, 4096, Status::InvalidParam),
        (0x1001, 1, 4096, Status::InvalidAddress),
        (0x1000, 1, 4095, Status::InvalidPageSize),
        (0x1000, 1, 0, Status::InvalidPageSize),
        (0x1000, 3, 0, Status::InvalidPageSize),
    ] {
        let (found, digest) = update(gpa, page_type, &vec![0; length]);
        assert_eq!((found, digest), (Err(wanted), start), "{gpa:#x} {page_type} {length}");
    }
    // A CPUID page with 65 functions, and one with a reserved byte.
    let mut page = [0; 4096];
    page[0] = 65;
    assert_eq!(update(0x1000, 6, &page).0, Err(Status::InvalidParam));
    page[0] = 64;
    assert_eq!(update(0x1000, 6, &page).0, Ok(()));
    page[15] = 1;
    assert_eq!(update(0x1000, 6, &page).0, Err(Status::InvalidParam));
}

#[test]
fn an_snp_guest_s_states() {
    let (mut platform, guest) = snp_guest();
    let state = |platform: &Platform| platform.snp_guest_status(guest).unwrap().state;
    let report =
        |platform: &mut Platform| platform.report(guest, 0, &[0; 64], SigningKey::Vcek).map(drop);
    assert_eq!(state(&platform), SnpGuestState::Launch);
    assert_eq!(report(&mut platform), Err(Status::InvalidGuestState));
    platform.snp_launch_update(guest, 0, 1, &[0; 4096]).unwrap();
    platform.snp_launch_finish(guest, SnpFinish::PLAIN).unwrap();
    assert_eq!(state(&platform), SnpGuestState::Running);
    let found = platform.snp_launch_update(guest, 0, 1, &[0; 4096]);
    assert_eq!(found, Err(Status::InvalidGuestState));
    let found = platform.snp_launch_finish(guest, SnpFinish::PLAIN);
    assert_eq!(found, Err(Status::InvalidGuestState));
    assert_eq!(report(&mut platform), Ok(()));
    let found = platform.report(guest, 4, &[0; 64], SigningKey::Vcek);
    assert_eq!(found, Err(Status::InvalidParam));
    platform.decommission(guest);
    assert_eq!(report(&mut platform), Err(Status::InvalidGuest));
    assert_eq!(platform.snp_guest_status(guest), Err(Status::InvalidGuest));
    assert_eq!(platform.digest(guest), Err(Status::InvalidGuest));
    let found = platform.snp_launch_update(guest, 0, 1, &[0; 4096]);
    assert_eq!(found, Err(Status::InvalidGuest));
    let found = platform.snp_launch_finish(guest, SnpFinish::PLAIN);
    assert_eq!(found, Err(Status::InvalidGuest));
}

#[test]
fn generations_before_milan_know_no_snp() {
    for generation in [Generation::Naples, Generation::Rome] {
        let mut platform = Platform::new(Model::of(generation), &[1; 32]);
        assert_eq!(platform.snp_launch_start(SNP), Err(Status::InvalidCommand));
        assert_eq!(platform.snp_platform_status(), Err(Status::InvalidCommand));
        let guest = Handle::from_number(0x8000_0000);
        let found = platform.report(guest, 0, &[0; 64], SigningKey::Vcek);
        assert_eq!(found, Err(Status::InvalidCommand));
        platform.launch_start(ES, None).unwrap();
    }
}

// include/uapi/linux/psp-sev.h of Linux, sev_ret_code.
#[test]
fn codes_are_linux_s() {
    for (code, status) in [
        (0x01, Status::InvalidPlatformState),
        (0x07, Status::PolicyFailure),
        (0x0b, Status::BadMeasurement),
        (0x10, Status::InvalidGuest),
        (0x15, Status::Unsupported),
        (0x18, Status::SecureDataInvalid),
        (0x19, Status::InvalidPageSize),
        (0x1d, Status::AeadOverflow),
        (0x1f, Status::RingBufferExit),
        (0x27, Status::InvalidKey),
    ] {
        assert_eq!(status.code(), code);
        assert_eq!(Status::from_code(code), Some(status));
    }
    assert_eq!((Status::from_code(0), Status::from_code(0x1e)), (None, None));
    assert_eq!(Status::from_code(u32::MAX), None);
    assert!(Status::ALL.is_sorted_by_key(|status| status.code()));
}
