//! The whole way of a guest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::PlatformVersion;
use sev_launch_agent::attestation;
use sev_launch_agent::libvirt::{Domain, with_session};
use sev_launch_agent::vmm::{Guest as _, Measured, State, VmmError};

use super::fake::{Fake, MEASUREMENT};
use super::values::{DUMPED, UUID, domain, host, session};

/// The packet of the protocol's first test vector.
const HEADER: &str = "AAAAAFBRUlNUVVZXWFlaW1xdXl/pHBUQ0Xxo1ToCjNn/CqcA9//qwQK5l7jHYdULjkzH+w==";
const TABLE: &str = "fAXFuz50++a3wg14/J7T8RclDNx34WVUoNZMPEHXtRPvGPcGEbaJKJeadCRIs/YwEiQ2tA8eO8SE5MyB/9Lceu94qNFsj9JLKDg7Ywmnt9E=";

fn header() -> [u8; 52] {
    BASE64.decode(HEADER).expect("base64").try_into().expect("52 bytes")
}

#[test]
fn a_guest_goes_the_whole_way() {
    let fake = Fake::new();
    assert_eq!(fake.libvirt.host().expect("a host"), host());
    let (xml, identity) = fake.libvirt.describe("sev").expect("a domain");
    assert_eq!((&**xml, &*identity.name), (DUMPED, "sev"));
    let said = attestation::read(&xml).expect("readable").expect("an attestation");
    assert_eq!(said.vmid.to_string(), UUID);
    let mut guest = fake.libvirt.start("sev", &session(7), &host()).expect("a start");
    assert_eq!(guest.uuid(), UUID);
    assert_eq!(guest.state().expect("a state"), State::Waiting);
    let measured = Measured {
        measurement: BASE64.decode(MEASUREMENT).expect("base64").try_into().expect("48 bytes"),
        version: PlatformVersion { major: 1, minor: 55, build: 31 },
        policy: 3,
    };
    assert_eq!(guest.measured().expect("a measurement"), measured);
    guest.inject(&header(), &BASE64.decode(TABLE).expect("base64")).expect("an injection");
    guest.run().expect("a start");
    assert_eq!(guest.state().expect("a state"), State::Running);
    guest.end().expect("an end");
    assert_eq!(guest.state().expect("a state"), State::Gone);
    // libvirt's stored definition was only read.
    assert_eq!(fake.read("stored"), DUMPED);
    let wanted = with_session(DUMPED, &session(7), &host()).expect("XML");
    assert_eq!(fake.read("given--file"), wanted);
    assert_eq!(fake.read("given--secrethdr"), HEADER);
    assert_eq!(fake.read("given--secret"), TABLE);
    for option in ["file", "secrethdr", "secret"] {
        assert_eq!(fake.read(&format!("mode--{option}")), "600\n700\n");
        let path = fake.path(option);
        assert!(!path.exists() && !path.parent().expect("a folder").exists());
    }
    assert_eq!(fake.read("language"), "C");
    let [file, header, secret] = ["file", "secrethdr", "secret"]
        .map(|option| format!("--{option}={}", fake.path(option).display()));
    let wanted = [
        "nodesevinfo",
        "dumpxml --inactive --security-info --domain=sev",
        "dumpxml --inactive --security-info --domain=sev",
        &format!("domstate --reason --domain={UUID}"),
        &format!("create --paused {file}"),
        &format!("domstate --reason --domain={UUID}"),
        &format!("dumpxml --domain={UUID}"),
        &format!("domlaunchsecinfo --domain={UUID}"),
        &format!("domsetlaunchsecstate --domain={UUID} {header} {secret}"),
        &format!("resume --domain={UUID}"),
        &format!("domstate --reason --domain={UUID}"),
        &format!("dumpxml --domain={UUID}"),
        &format!("domstate --reason --domain={UUID}"),
        &format!("dumpxml --domain={UUID}"),
        &format!("destroy --domain={UUID}"),
        &format!("domstate --reason --domain={UUID}"),
    ];
    let wanted = wanted.map(|call| format!("-q --connect=qemu:///system {call}"));
    assert_eq!(fake.calls(), wanted);
}

#[test]
fn a_domain_that_is_active_is_left_alone() {
    for state in
        ["running (booted)", "paused (user)", "pmsuspended (unknown)", "in shutdown (unknown)"]
    {
        let fake = Fake::new();
        fake.write("given--file", DUMPED);
        fake.write("state", state);
        let error = fake.libvirt.start("sev", &session(7), &host()).expect_err("it is active");
        let (word, _) = state.split_once(" (").expect("a reason");
        assert_eq!(
            error.to_string(),
            format!(
                "the domain \"sev\" is {word}: a guest is attested when it is started, so shut it off first"
            )
        );
        assert!(
            fake.calls().iter().all(|call| call.contains("dumpxml") || call.contains("domstate"))
        );
        assert_eq!(fake.read("state"), state);
    }
}

#[test]
fn a_domain_is_found_by_its_uuid_in_either_case() {
    let fake = Fake::new();
    fake.libvirt.start(&UUID.to_uppercase(), &session(7), &host()).expect("a start");
}

#[test]
fn a_name_that_libvirt_takes_for_a_number_is_refused() {
    let fake = Fake::new();
    let error = fake.libvirt.start("12", &session(7), &host()).expect_err("another domain");
    assert_eq!(
        error.to_string(),
        format!(
            "libvirt takes \"12\" for the domain \"sev\" with UUID {UUID}: name it by its UUID"
        )
    );
    assert_eq!(fake.calls().len(), 1);
}

#[test]
fn no_name_is_an_option() {
    let fake = Fake::new();
    for name in ["--help", "-h", "--", "a b", "--domain=sev", "$(id)", "a;b"] {
        // Another name than the domain's.
        assert!(matches!(fake.libvirt.describe(name), Err(VmmError::Description(_))));
        let call = fake.calls().pop().expect("a call");
        assert_eq!(
            call,
            format!(
                "-q --connect=qemu:///system dumpxml --inactive --security-info --domain={name}"
            )
        );
    }
    let calls = fake.calls().len();
    for name in ["", " ", "a/b", "a\nb", "a\0b", &"a".repeat(2000)] {
        assert!(matches!(fake.libvirt.describe(name), Err(VmmError::Description(_))), "{name:?}");
    }
    assert_eq!(fake.calls().len(), calls);
}

#[test]
fn an_unfit_domain_is_not_started() {
    let fake = Fake::new();
    fake.write(
        "stored",
        domain("<launchSecurity type='sev-snp'><policy>0x30000</policy></launchSecurity>"),
    );
    let error = fake.libvirt.start("sev", &session(7), &host()).expect_err("SNP");
    assert!(error.to_string().contains("sev-launch report fetch"), "{error}");
    assert!(!fake.calls().iter().any(|call| call.contains("create")));
}

#[test]
fn refusals_have_libvirt_s_words() {
    let fake = Fake::new();
    let words = "Failed to create domain from /tmp/x.xml; internal error: process exited while connecting to monitor: \
                 sev_launch_start: LAUNCH_START ret=1 fw_error=11 'Bad measurement'";
    let shell = words.replace("; ", "\" >&2; echo \"error: ");
    fake.before("create", &format!("echo \"error: {shell}\" >&2; exit 1"));
    let error = fake.libvirt.start("sev", &session(7), &host()).expect_err("a refusal");
    assert_eq!(error.to_string(), format!("libvirt refused create: {words}"));
    // What was refused is not looked for.
    assert!(fake.calls().last().expect("a call").contains("create"));
    let fake = Fake::new();
    let mut guest = fake.libvirt.start("sev", &session(7), &host()).expect("a start");
    fake.before("domsetlaunchsecstate", "echo 'error: Unable to set launch security state
error: internal error: unable to execute QEMU command '\\''sev-inject-launch-secret'\\'': SEV: failed to inject secret ret=-5 fw_error=11 '\\''Bad measurement'\\''' >&2; exit 1");
    let error = guest.inject(&header(), &[1; 16]).expect_err("a refusal");
    assert_eq!(
        error.to_string(),
        "libvirt refused domsetlaunchsecstate: Unable to set launch security state; internal error: unable to execute QEMU command \
         'sev-inject-launch-secret': SEV: failed to inject secret ret=-5 fw_error=11 'Bad measurement'"
    );
    assert_eq!(guest.state().expect("a state"), State::Waiting);
    for table in [vec![], vec![0; 16_385]] {
        assert!(matches!(guest.inject(&header(), &table), Err(VmmError::Description(_))));
    }
    guest.run().expect("a start");
    fake.before("domsetlaunchsecstate", ":");
    let error = guest.inject(&header(), &[1; 16]).expect_err("it runs");
    assert!(error.to_string().ends_with("domain must be in a paused state"), "{error}");
}

#[test]
fn a_guest_that_ran_waits_for_no_secret() {
    let fake = Fake::new();
    let mut guest = fake.libvirt.start("sev", &session(7), &host()).expect("a start");
    for (state, wanted) in [
        ("paused (starting up)", State::Waiting),
        ("paused (user)", State::Waiting),
        // They happen to guests that run.
        ("paused (I/O error)", State::Running),
        ("paused (watchdog)", State::Running),
        ("paused (crashed)", State::Running),
        ("running (booted)", State::Running),
        ("idle (unknown)", State::Running),
        ("shut off (crashed)", State::Gone),
        ("crashed (panicked)", State::Gone),
    ] {
        fake.write("state", state);
        assert_eq!(guest.state().expect(state), wanted, "{state}");
    }
    fake.write("state", "paused (user)");
    guest.run().expect("a start");
    fake.write("state", "paused (user)");
    assert_eq!(guest.state().expect("a state"), State::Running);
    for state in ["", "no state (unknown)", "lost", "a\nb"] {
        fake.write("state", state);
        assert!(matches!(guest.state(), Err(VmmError::Strange { .. })), "{state:?}");
    }
    fake.before("domstate", "echo \"error: failed to get domain '$UUID'\" >&2; exit 1");
    assert_eq!(guest.state().expect("a state"), State::Gone);
    guest.end().expect("nothing to end");
}

#[test]
fn a_guest_is_found_again_by_its_session() {
    let fake = Fake::new();
    let started = fake.libvirt.start("sev", &session(7), &host()).expect("a start");
    let virsh = fake.libvirt.virsh.clone();
    let mut guest = Domain::attached(virsh.clone(), UUID.into(), session(7).blob);
    assert_eq!(guest, started);
    let mut other = Domain::attached(virsh, UUID.into(), session(8).blob);
    assert_eq!(other.state().expect("a state"), State::Gone);
    other.end().expect("nothing of this session's");
    assert_eq!(guest.state().expect("a state"), State::Waiting);
    guest.end().expect("an end");
    assert_eq!(fake.read("state"), "shut off (destroyed)\n");
}

#[test]
fn what_somebody_else_started_since_is_not_ended() {
    let fake = Fake::new();
    let mut guest = fake.libvirt.start("sev", &session(7), &host()).expect("a start");
    let other = with_session(DUMPED, &session(8), &host()).expect("XML");
    fake.write("given--file", other);
    assert_eq!(guest.state().expect("a state"), State::Gone);
    guest.end().expect("nothing of this session's");
    assert_eq!(fake.read("state"), "paused (user)\n");
}
