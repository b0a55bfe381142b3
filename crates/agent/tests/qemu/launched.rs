//! A real QEMU: what it shows of its host, a guest that is launched with a session, and the ends of guests.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use sev_launch_agent::qemu::{CommandLine, Monitor, Process, monitor, probe};
use sev_launch_agent::qmp::{Address, Qmp};
use sev_launch_agent::vmm::{Guest as _, Host, State, VmmError};
use sev_launch_platform::Model;

use super::installed::Qemu;
use super::owner::{AREA, POLICY, dictated, judge, secret, session};
use super::wrapper::platform;

const OPTIONS: &str = "-enable-kvm -cpu EPYC-Milan -m 512 -nodefaults -display none -bios FW \
    -machine q35,confidential-guest-support=sev0";
const OBJECT: &str = "-object sev-guest,id=sev0";
const PATIENCE: Duration = Duration::from_secs(60);

/// The words of QEMU's refusal.
fn words<T: std::fmt::Debug>(answer: Result<T, VmmError>) -> String {
    match answer {
        Err(VmmError::Refused { words, .. }) => words,
        other => panic!("not refused: {other:?}"),
    }
}

fn start(words: &[OsString], socket: &Path) -> (Qmp, Process) {
    let mut process = Process::start(words).expect("QEMU starts");
    let address = Address::Unix(socket.to_owned());
    let still_there = || matches!(process.try_wait(), Ok(None));
    let qmp = Qmp::connect(&address, PATIENCE, still_there).expect("a monitor");
    (qmp, process)
}

/// A guest with a session, from the user's command line on.
fn launch(qemu: &Qemu, object: &str) -> (Monitor, sev_launch_verify::sev::session::Session) {
    let line = CommandLine::parse(&qemu.line(&format!("{OPTIONS} {object}"))).expect("a line");
    let host = probe::host(line.emulator()).expect("a host");
    let session = session();
    let (dictated, files) = dictated(qemu, &session);
    let socket = qemu.path("qmp");
    let words = line.with_session(&dictated, &host, &files, &socket).expect("a session fits");
    let (qmp, process) = start(&words, &socket);
    (Monitor::launched(qmp, process), session)
}

fn check_host(host: &Host) {
    let platform = platform();
    let chain = platform.full_chain().expect("a chain");
    // PDH, PEK, OCA and CEK, in this order. [SEV-API, PDH_CERT_EXPORT]
    assert!(host.pdh == chain[..2084], "the PDH");
    assert!(host.cert_chain[..2 * 2084] == chain[2084..3 * 2084], "PEK and OCA");
    // The CEK is the AMD-SP's own, with its version and without AMD's signature: its key is the same.
    let key = 8..0x414;
    assert!(host.cert_chain[2 * 2084..][key.clone()] == chain[3 * 2084..][key], "the CEK");
    assert_eq!(host.cpu_id.as_ref().map(Vec::len), Some(64));
    assert_eq!(host.reduced_phys_bits, 1);
}

pub(crate) fn the_host_is_what_the_platform_shows() {
    let Some(qemu) = Qemu::find("host-") else { return };
    check_host(&probe::host(&qemu.wrapped()).expect("a host"));
}

pub(crate) fn an_emulator_that_refuses_is_told_in_its_words() {
    let Some(qemu) = Qemu::find("refuses-") else { return };
    let mut command = qemu.wrapped();
    command.push("-no-such-option".into());
    let error = probe::host(&command).expect_err("no option").to_string();
    assert!(error.contains("the emulator ended (exit status: 1)"), "{error}");
    assert!(error.contains("-no-such-option: invalid option"), "{error}");
    if Path::new("/dev/kvm").exists() {
        return;
    }
    // No wrapper, and a machine without KVM.
    let error = probe::host(&[OsString::from(&qemu.program)]).expect_err("no KVM").to_string();
    assert!(error.contains("Could not access KVM kernel module"), "{error}");
}

pub(crate) fn a_guest_is_launched_measured_and_given_its_secret() {
    let Some(qemu) = Qemu::find("launch-") else { return };
    let (mut guest, session) = launch(&qemu, OBJECT);
    assert_eq!(guest.state().expect("a state"), State::Waiting);
    let measured = guest.measured().expect("a measurement");
    assert_eq!(measured.policy, POLICY);
    assert_eq!(measured.version, Model::of(platform().model().generation).version());
    let verified = judge(session, &measured);

    // QEMU takes no packet that the AMD-SP does not.
    let refused = words(guest.inject(&[0x5a; 52], &[0x5a; 64]));
    assert!(refused.contains("failed to inject secret"), "{refused}");
    assert_eq!(guest.state().expect("a state"), State::Waiting);

    let (packet, plain) = secret(&verified);
    guest.inject(&packet.header, &packet.payload).expect("it is taken");
    guest.run().expect("it runs");
    assert_eq!(guest.state().expect("a state"), State::Running);
    // Too late for both.
    let refused = words(guest.inject(&packet.header, &packet.payload));
    assert!(refused.contains("Not in correct state"), "{refused}");
    let refused = words(guest.measured());
    assert!(refused.contains("in the state running, wanted launch-secret"), "{refused}");

    guest.end().expect("it ends");
    assert_eq!(guest.state().expect("a state"), State::Gone);
    let status = guest.into_process().expect("it was started").try_wait().expect("a status");
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
    let arrived = format!("{:x?} {}\n", Some(AREA.0), hex::encode(plain));
    assert_eq!(qemu.report(), arrived);
}

pub(crate) fn json_and_odd_paths_are_what_qemu_takes() {
    let Some(qemu) = Qemu::find("odd,path=x,,y ") else { return };
    for object in [
        r#"-object {"qom-type":"sev-guest","id":"sev0","kernel-hashes":false}"#,
        "-object sev-guest,id=sev0,",
        "--object qom-type=sev-guest,reduced-phys-bits=5,id=sev0,policy=013",
    ] {
        let (mut guest, session) = launch(&qemu, object);
        let _ = judge(session, &guest.measured().expect("a measurement"));
        guest.end().expect("it ends");
    }
}

pub(crate) fn a_guest_that_ends_is_gone() {
    let Some(qemu) = Qemu::find("ends-") else { return };
    let (mut guest, _) = launch(&qemu, OBJECT);
    assert_eq!(guest.state().expect("a state"), State::Waiting);
    // Somebody else ends it, on a monitor of theirs: QEMU takes one at a time, so on this one.
    guest.qmp().ask("quit", serde_json::Value::Null).expect("it is told");
    assert_eq!(guest.state().expect("a state"), State::Gone);
    guest.end().expect("it is gone already");

    // It does not obey: the wrapper is killed, and QEMU with it.
    let (mut guest, _) = launch(&qemu, OBJECT);
    assert_eq!(guest.state().expect("a state"), State::Waiting);
    let mut process = guest.into_process().expect("it was started");
    let address = Address::Unix(qemu.path("qmp"));
    let guest = Qmp::connect(&address, PATIENCE, || true).expect("a monitor");
    process.kill().expect("it is killed");
    // At first it may be on its way out.
    let error = Qmp::connect(&address, Duration::from_millis(300), || true).expect_err("gone");
    assert!(matches!(error, VmmError::Unreachable { .. }), "{error}");
    assert_eq!(Monitor::attached(guest).state().expect("a state"), State::Gone);
}

pub(crate) fn a_guest_of_somebody_else_is_attached() {
    let Some(qemu) = Qemu::find("attached-") else { return };
    let (guest, session) = launch(&qemu, OBJECT);
    let mut process = guest.into_process().expect("it was started");
    let attach = || {
        let address = Address::Unix(qemu.path("qmp"));
        Qmp::connect(&address, PATIENCE, || true).expect("a monitor")
    };
    let mut qmp = attach();
    assert!(qmp.version().major >= 6, "{}", qmp.version());
    // A monitor of a guest says of the host what one without a guest says.
    check_host(&monitor::host(&mut qmp).expect("a host"));
    let mut guest = Monitor::attached(qmp);
    let _ = judge(session, &guest.measured().expect("a measurement"));
    drop(guest);

    let mut guest = Monitor::attached(attach());
    assert_eq!(guest.state().expect("a state"), State::Waiting);
    guest.end().expect("it ends");
    assert_eq!(guest.state().expect("a state"), State::Gone);
    guest.end().expect("it is gone already");
    assert!(process.wait().expect("a status").success());
}

pub(crate) fn a_guest_that_is_not_encrypted_is_refused() {
    let Some(qemu) = Qemu::find("plain-") else { return };
    let socket = qemu.path("qmp");
    let option = format!("unix:{},server=on,wait=off", socket.display());
    let mut line: Vec<OsString> =
        [&*qemu.program, "-machine", "none", "-display", "none"].map(OsString::from).into();
    line.extend(["-S", "-qmp", &option].map(OsString::from));
    let (mut qmp, process) = start(&line, &socket);
    let refused = words(monitor::host(&mut qmp));
    assert!(["KVM not enabled", "SEV"].iter().any(|text| refused.contains(text)), "{refused}");
    // A refusal is an answer: the monitor can be asked on.
    assert!(words(qmp.ask("no-such-command", serde_json::json!({}))).contains("no-such-command"));
    let mut guest = Monitor::launched(qmp, process);
    assert_eq!(words(guest.measured()), "the guest is not encrypted by SEV");
    assert!(words(guest.inject(&[0; 52], &[0; 16])).contains("SEV"), "QEMU has no SEV guest");
    assert_eq!(words(guest.state()), "the guest is not encrypted by SEV");
    guest.end().expect("it ends");
}

// Options that take a value are those whose help shows one behind a single space.
pub(crate) fn options_without_a_value_are_those_of_qemus_help() {
    let Some(qemu) = Qemu::find("help-") else { return };
    let help = std::process::Command::new(&qemu.program).arg("-help").output().expect("help");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let object = "-machine q35,confidential-guest-support=sev0 -object sev-guest,id=sev0";
    let (mut flags, mut valued) = (0, 0);
    for line in help.lines().filter(|line| line.starts_with('-')) {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        // Two options in one line, and one whose value is set apart as a flag's help is.
        if name.contains('/')
            || name == "-dtb"
            || name.ends_with("preconfig")
            || name == "-daemonize"
        {
            continue;
        }
        let is_flag =
            rest.is_empty() || rest.starts_with(' ') || matches!(name, "-h" | "-async-teardown");
        // Behind an option with a value this is none, and without one it is refused.
        let words = format!("{} {object} {name} -daemonize", qemu.program);
        let words: Vec<OsString> = words.split_whitespace().map(OsString::from).collect();
        match (is_flag, CommandLine::parse(&words)) {
            (true, Err(error)) if error.to_string().starts_with("-daemonize") => flags += 1,
            (false, Ok(_)) => valued += 1,
            (false, Err(error)) if error.to_string().starts_with(&format!("{name}:")) => {
                valued += 1;
            }
            (false, Err(error)) if matches!(name, "-object" | "-machine" | "-M") => {
                println!("{name}: {error}");
                valued += 1;
            }
            (_, read) => panic!("{line}: {read:?}"),
        }
    }
    assert!(flags >= 20 && valued >= 60, "{flags} without a value and {valued} with one");
}
