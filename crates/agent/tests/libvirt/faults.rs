//! A virsh that hangs, floods, breaks off, or answers what it never answers.

use std::path::Path;
use std::time::{Duration, Instant};

use sev_launch_agent::libvirt::{Libvirt, Virsh, with_session};
use sev_launch_agent::vmm::{Guest as _, VmmError};

use super::fake::{Fake, MEASUREMENT};
use super::values::{DUMPED, UUID, host, session};

#[test]
fn a_command_that_hangs_is_killed_with_all_that_it_started() {
    let mut fake = Fake::new();
    fake.libvirt.virsh.time = Duration::from_secs(5);
    fake.before("nodesevinfo", "sleep 600 & echo $! >\"$dir/pid\"; wait");
    let start = Instant::now();
    let error = fake.libvirt.host().expect_err("it hangs");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(matches!(error, VmmError::Unreachable { .. }), "{error}");
    assert!(
        error.to_string().ends_with("nodesevinfo: it did not end within 5 seconds, and was killed"),
        "{error}"
    );
    let status = Path::new("/proc").join(fake.read("pid").trim()).join("stat");
    let is_left = || std::fs::read_to_string(&status).is_ok_and(|stat| !stat.contains(") Z "));
    let deadline = Instant::now() + Duration::from_secs(5);
    while is_left() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!is_left());
}

#[test]
fn a_command_that_floods_is_killed() {
    for shell in ["while :; do echo 'pdh : AAAA'; done", "while :; do echo 'error: no' >&2; done"] {
        let fake = Fake::new();
        fake.before("nodesevinfo", shell);
        let error = fake.libvirt.host().expect_err("it floods");
        assert!(
            error.to_string().ends_with("it printed more than 65536 bytes, and was killed"),
            "{error}"
        );
    }
    let fake = Fake::new();
    fake.write("stored", vec![b'<'; (1 << 20) + 1]);
    let error = fake.libvirt.describe("sev").expect_err("it floods");
    assert!(
        error.to_string().ends_with("it printed more than 1048576 bytes, and was killed"),
        "{error}"
    );
}

#[test]
fn what_outlives_a_command_is_not_waited_for() {
    let mut fake = Fake::new();
    fake.libvirt.virsh.time = Duration::from_secs(60);
    fake.before("nodesevinfo", "sleep 30 &");
    let start = Instant::now();
    assert_eq!(fake.libvirt.host().expect("an answer"), host());
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_program_that_is_not_there_says_what_to_install() {
    let virsh = Virsh { program: "/nonexistent/virsh".into(), ..Virsh::default() };
    let error = Libvirt { virsh }.host().expect_err("no program");
    assert_eq!(
        error.to_string(),
        "libvirt: /nonexistent/virsh nodesevinfo: it cannot be started: No such file or directory (os error 2): it is in the package of libvirt's clients"
    );
}

#[test]
fn what_is_no_utf_8_is_refused() {
    let fake = Fake::new();
    fake.write("stored", b"<domain>\xff</domain>");
    let error = fake.libvirt.describe("sev").expect_err("no UTF-8");
    assert!(
        error.to_string().starts_with("libvirt's answer to dumpxml: it is no UTF-8"),
        "{error}"
    );
    fake.before("nodesevinfo", r"printf 'error: \377\033[2J\n' >&2; exit 1");
    let error = fake.libvirt.host().expect_err("a refusal");
    assert_eq!(error.to_string(), "libvirt refused nodesevinfo: \u{fffd} [2J");
}

#[test]
fn a_broken_connection_is_no_refusal() {
    for words in [
        // virsh 9.0, without a daemon.
        "failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
        "Unable to set launch security state\nerror: End of file while reading data: Input/output error",
        "Unable to set launch security state\nerror: internal error: client socket is closed",
        "Unable to set launch security state\nerror: internal error: connection closed due to keepalive timeout",
        "Unable to set launch security state\nerror: Unable to read from monitor: Connection reset by peer",
    ] {
        let fake = Fake::new();
        let mut guest = fake.libvirt.start("sev", &session(7), &host()).expect("a start");
        fake.write("words", format!("error: {words}\n"));
        fake.before("domsetlaunchsecstate", "cat \"$dir/words\" >&2; exit 1");
        let error = guest.inject(&[0; 52], &[1; 16]).expect_err("broken");
        assert!(matches!(error, VmmError::Unreachable { .. }), "{error}");
    }
    let fake = Fake::new();
    fake.before("nodesevinfo", "kill -9 $$");
    let error = fake.libvirt.host().expect_err("killed");
    assert_eq!(
        error.to_string(),
        "libvirt: virsh nodesevinfo: signal: 9 (SIGKILL): without a word"
    );
}

#[test]
fn a_start_whose_outcome_is_not_known_is_ended() {
    let mut fake = Fake::new();
    fake.libvirt.virsh.time = Duration::from_secs(5);
    fake.before("create", "echo 'paused (user)' >\"$dir/state\"; sleep 600");
    let error = fake.libvirt.start("sev", &session(7), &host()).expect_err("it hangs");
    assert!(error.to_string().contains("create: it did not end within"), "{error}");
    assert_eq!(fake.read("state"), "shut off (destroyed)\n");
    assert!(fake.calls().last().expect("a call").ends_with(&format!("destroy --domain={UUID}")));
    // The same, and the guest that is there is another's.
    fake.write("state", "shut off (destroyed)");
    fake.write("other", with_session(DUMPED, &session(8), &host()).expect("XML"));
    fake.before(
        "create",
        "echo 'paused (user)' >\"$dir/state\"; cp \"$dir/other\" \"$dir/given--file\"; sleep 600",
    );
    fake.libvirt.start("sev", &session(7), &host()).expect_err("it hangs");
    assert_eq!(fake.read("state"), "paused (user)\n");
}

#[test]
fn strange_lists_are_refused() {
    let fake = Fake::new();
    let right = fake.read("nodesevinfo");
    for (from, to, words) in [
        ("cbitpos           : 47\n", "", "no cbitpos, wanted what libvirt 8.0 and newer have"),
        ("cbitpos           : 47", "cbitpos : 64", "cbitpos is 64, wanted at most 63"),
        (
            "cbitpos           : 47",
            "cbitpos : 0x2f",
            "cbitpos is \"0x2f\", wanted a decimal number of 32 bits",
        ),
        (
            "reduced-phys-bits : 1",
            "reduced-phys-bits : -1",
            "reduced-phys-bits is \"-1\", wanted a decimal number of 32 bits",
        ),
        ("pdh               : AQEB", "pdh : ", "pdh has 2081 bytes, wanted 2084"),
        ("cert-chain        : AgIC", "cert-chain : ", "cert-chain has 6249 bytes, wanted 6252"),
        (
            "cpu0-id           : Aw",
            "cpu0-id : !!",
            "cpu0-id is no base64: Invalid symbol 33, offset 0.",
        ),
        ("max-guests        : 15", "cbitpos:47", "line 6 says \"cbitpos\" again"),
        ("max-guests        : 15", "max-guests", "line 6 is none of the form key : value"),
    ] {
        assert!(right.contains(from), "{from}");
        fake.write("nodesevinfo", right.replacen(from, to, 1));
        let error = fake.libvirt.host().expect_err(words);
        assert_eq!(error.to_string(), format!("libvirt's answer to nodesevinfo: {words}"));
    }
    fake.write("nodesevinfo", right.replace("cpu0-id", "cpu1-id"));
    assert_eq!(fake.libvirt.host().expect("an older libvirt").cpu_id, None);
    fake.write("nodesevinfo", "");
    assert!(matches!(fake.libvirt.host(), Err(VmmError::Strange { .. })));
}

#[test]
fn strange_measurements_are_refused() {
    let fake = Fake::new();
    let mut guest = fake.libvirt.start("sev", &session(7), &host()).expect("a start");
    let right = fake.read("domlaunchsecinfo");
    for (from, to, words) in [
        (MEASUREMENT, "4ch0", "sev-measurement has 3 bytes, wanted 48"),
        ("sev-api-major  : 1", "sev-api-major  : 257", "API major number"),
        (
            "sev-build-id   : 31",
            "sev-build-id   : ",
            "sev-build-id is \"\", wanted a decimal number of 32 bits",
        ),
        ("sev-policy     : 3\n", "", "no sev-policy, wanted what libvirt 8.0 and newer have"),
    ] {
        assert!(right.contains(from), "{from}");
        fake.write("domlaunchsecinfo", right.replacen(from, to, 1));
        let error = guest.measured().expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
        assert!(matches!(error, VmmError::Strange { .. }));
    }
    fake.write("domlaunchsecinfo", "sev-api-major  : 1\nsev-snp-policy : 196608\n");
    assert!(matches!(guest.measured(), Err(VmmError::Refused { .. })));
}
