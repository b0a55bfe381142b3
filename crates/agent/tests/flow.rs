//! The steps of a launch with owners and VMMs that do what they like: whatever happens, a guest runs only after the owner's yes, and
//! whatever step an agent ends at, the next one goes on with it or ends it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

#[path = "flow/journal.rs"]
mod journal;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use sev_launch_abi::PlatformVersion;
use sev_launch_agent::dance::{self, DanceError, Outcome};
use sev_launch_agent::journal::{At, Entry, Folder, Place, Step};
use sev_launch_agent::offline::Offline;
use sev_launch_agent::owner::{Owner, OwnerError, Refused};
use sev_launch_agent::vmm::{Guest, Host, Measured, Started, State, VmmError};
use sev_launch_protocol::launch::{
    Injection, LaunchAnswer, LaunchRequest, LaunchState, ValidateAnswer, ValidateRequest, Verdict,
};
use sev_launch_protocol::problem::Refusal;
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::text::{Blob, Exact, LaunchId, Time};

const VMID: &str = "57f669c2-c427-4132-bc7a-26f56b6a718c";
const LAUNCH: &str = "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31";

/// What was done, in order.
type Log = Rc<RefCell<Vec<String>>>;

struct TestOwner {
    log: Log,
    launch: Result<LaunchAnswer, &'static str>,
    /// Answers to validate, the last of them for ever.
    answers: RefCell<Vec<Result<ValidateAnswer, &'static str>>>,
}

fn error(code: &str) -> OwnerError {
    match code {
        "silent" => OwnerError::Silent("no answer".into()),
        "unusable" => OwnerError::Unusable("a redirect".into()),
        code => {
            let status = if code == "bad-credentials" { 401 } else { 403 };
            let state = match code {
                "bad-credentials" | "not-allowed" => None,
                "measurement-mismatch" => Some("launched"),
                _ => Some("failed"),
            };
            let refusal = serde_json::json!({ "code": code, "title": "no", "status": status,
                "launch-state": state });
            let refusal: Refusal = serde_json::from_value(refusal).unwrap();
            OwnerError::No(Box::new(Refused { text: refusal.to_string(), refusal }))
        }
    }
}

impl Owner for TestOwner {
    fn launch(&self, _: &LaunchRequest, key: &str) -> Result<LaunchAnswer, OwnerError> {
        self.log.borrow_mut().push(format!("launch {key}"));
        self.launch.clone().map_err(error)
    }

    fn validate(
        &self,
        request: &ValidateRequest,
        _: &mut dyn FnMut() -> bool,
    ) -> Result<ValidateAnswer, OwnerError> {
        let measurement = request.measurement.unwrap().0[0];
        self.log.borrow_mut().push(format!("validate {measurement}"));
        let mut answers = self.answers.borrow_mut();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        answer.map_err(error)
    }

    fn acknowledge(
        &self,
        _: LaunchId,
        result: Injection,
        error: Option<&str>,
    ) -> Result<(), OwnerError> {
        self.log.borrow_mut().push(format!("acknowledge {result:?} {error:?}"));
        Ok(())
    }

    fn give_up(&self, _: LaunchId) -> Result<(), OwnerError> {
        self.log.borrow_mut().push("give up".into());
        Ok(())
    }
}

struct TestGuest {
    log: Log,
    state: State,
    measurement: u8,
    /// The command that fails, and whether it is done all the same.
    fails: Option<(&'static str, bool)>,
}

impl TestGuest {
    fn done(&mut self, command: &'static str) -> Result<(), VmmError> {
        match self.fails {
            Some((fails, is_done)) if fails == command => {
                if is_done {
                    self.log.borrow_mut().push(command.into());
                    return Err(VmmError::Unreachable { vmm: "a test", detail: "closed".into() });
                }
                Err(VmmError::Refused {
                    vmm: "a test",
                    command: command.into(),
                    words: "no\nway".into(),
                })
            }
            _ => {
                self.log.borrow_mut().push(command.into());
                Ok(())
            }
        }
    }
}

impl Guest for TestGuest {
    fn measured(&mut self) -> Result<Measured, VmmError> {
        self.done("measured")?;
        let version = PlatformVersion { major: 1, minor: 55, build: 31 };
        Ok(Measured { measurement: [self.measurement; 48], version, policy: 3 })
    }

    fn inject(&mut self, header: &[u8; 52], table: &[u8]) -> Result<(), VmmError> {
        assert_eq!((header, table), (&[5; 52], &[6; 16][..]));
        self.done("inject")
    }

    fn run(&mut self) -> Result<(), VmmError> {
        let done = self.done("run");
        if self.log.borrow().last().is_some_and(|last| last == "run") {
            self.state = State::Running;
        }
        done
    }

    fn state(&mut self) -> Result<State, VmmError> {
        Ok(self.state)
    }

    fn end(&mut self) -> Result<(), VmmError> {
        self.done("end")
    }
}

fn host() -> Host {
    Host {
        pdh: vec![1; 2084],
        cert_chain: vec![2; 6252],
        cpu_id: Some(vec![3; 64]),
        cbitpos: 51,
        reduced_phys_bits: 1,
    }
}

fn entry() -> Entry {
    let place = Place::Qemu { monitor: "/nowhere".into(), process: None };
    let owner = At::Service("https://attest.example/v1".into());
    Entry::new(VMID.parse().unwrap(), owner, "key".into(), place)
}

fn launch_answer() -> LaunchAnswer {
    LaunchAnswer {
        launch_id: LAUNCH.parse().unwrap(),
        scheme: Scheme::AmdSev,
        session: Some(Blob(vec![4; 128])),
        owner_cert: Some(Blob(vec![5; 2084])),
        nonce: None,
        policy: 3,
        kernel_hashes: Some(true),
        // 2100.
        expires_at: Time::from_millis(4_102_444_800_000),
        simulated: false,
    }
}

fn yes() -> ValidateAnswer {
    ValidateAnswer {
        launch_id: LAUNCH.parse().unwrap(),
        verdict: None,
        launch_state: None,
        retry_after: None,
        secret_header: Some(Exact([5; 52])),
        secret_table: Some(Blob(vec![6; 16])),
        report_only: false,
        simulated: false,
    }
}

struct Lab {
    folder: tempfile::TempDir,
    log: Log,
    owner: TestOwner,
    guest: TestGuest,
}

impl Lab {
    fn new(answers: Vec<Result<ValidateAnswer, &'static str>>) -> Self {
        let log = Log::default();
        let owner = TestOwner {
            log: Rc::clone(&log),
            launch: Ok(launch_answer()),
            answers: RefCell::new(answers),
        };
        let guest =
            TestGuest { log: Rc::clone(&log), state: State::Waiting, measurement: 9, fails: None };
        Self { folder: tempfile::tempdir().unwrap(), log, owner, guest }
    }

    fn folder(&self) -> Folder {
        Folder::open(&self.folder.path().join("state")).unwrap()
    }

    /// Begins, as an agent does up to a started guest.
    fn begin(&self) -> Result<Entry, DanceError> {
        let (journal, before) = self.folder().take(VMID.parse().unwrap())?;
        assert_eq!(before, None);
        let mut entry = entry();
        let session = dance::begin(&self.owner, &journal, &mut entry, &host(), Some("node-1"))?;
        assert_eq!((session.policy, session.kernel_hashes), (3, Some(true)));
        entry.step = Step::Started;
        journal.write(&entry)?;
        Ok(entry)
    }

    /// Goes on from what the journal says, as an agent does that comes after another.
    fn go_on(&mut self) -> Result<Outcome, DanceError> {
        let (journal, entry) = self.folder().take(VMID.parse().unwrap())?;
        let mut entry = entry.expect("a launch");
        let mut told = Vec::new();
        let mut tell = |line: &str| told.push(line.to_owned());
        dance::finish(
            &self.owner,
            &mut self.guest,
            &journal,
            &mut entry,
            &Started::default(),
            &mut tell,
        )
    }

    fn is_over(&self) -> bool {
        self.folder().open_launches().unwrap().is_empty()
    }

    fn log(&self) -> Vec<String> {
        self.log.borrow_mut().drain(..).collect()
    }
}

#[test]
fn the_whole_way() {
    let mut lab = Lab::new(vec![Ok(yes())]);
    lab.begin().unwrap();
    assert_eq!(lab.go_on().unwrap(), Outcome { injected: true, simulated: false });
    assert_eq!(
        lab.log(),
        [
            "launch key",
            "measured",
            "validate 9",
            "inject",
            "measured",
            "run",
            "acknowledge Injected None"
        ]
    );
    assert!(lab.is_over());
}

#[test]
fn a_verdict_without_secrets_runs_and_acknowledges_nothing() {
    let verdict = ValidateAnswer {
        verdict: Some(Verdict::Trusted),
        secret_header: None,
        secret_table: None,
        ..yes()
    };
    let mut lab = Lab::new(vec![Ok(verdict)]);
    lab.begin().unwrap();
    assert_eq!(lab.go_on().unwrap(), Outcome { injected: false, simulated: false });
    assert_eq!(lab.log(), ["launch key", "measured", "validate 9", "measured", "run"]);
}

#[test]
fn approval_and_a_service_that_is_away_are_waited_for() {
    let waits = ValidateAnswer {
        launch_state: Some(LaunchState::Validated),
        retry_after: Some(1),
        secret_header: None,
        secret_table: None,
        ..yes()
    };
    let mut lab = Lab::new(vec![Ok(waits.clone()), Err("silent"), Ok(waits), Ok(yes())]);
    lab.begin().unwrap();
    assert!(lab.go_on().unwrap().injected);
    let log = lab.log();
    assert_eq!(log.iter().filter(|line| *line == "validate 9").count(), 4);
    // Before it is shown, and before the guest runs.
    assert_eq!(log.iter().filter(|line| *line == "measured").count(), 2);
}

#[test]
fn no_guest_runs_without_a_yes() {
    let half = ValidateAnswer { secret_table: None, ..yes() };
    let empty = ValidateAnswer { secret_table: Some(Blob(Vec::new())), ..yes() };
    let nothing = ValidateAnswer { secret_header: None, secret_table: None, ..yes() };
    let other = ValidateAnswer { launch_id: VMID.parse().unwrap(), ..yes() };
    for answer in [half, empty, nothing, other] {
        let mut lab = Lab::new(vec![Ok(answer.clone())]);
        lab.begin().unwrap();
        let found = lab.go_on();
        assert!(matches!(found, Err(DanceError::Mismatch(_))), "{answer:?}: {found:?}");
        assert_eq!(lab.log(), ["launch key", "measured", "validate 9", "give up"]);
        assert!(lab.is_over());
    }
    for (code, gives_up) in [
        ("measurement-mismatch", true),
        ("firmware-version", false),
        ("launch-expired", false),
        ("a-code-of-later-times", false),
    ] {
        let mut lab = Lab::new(vec![Err(code)]);
        lab.begin().unwrap();
        let found = lab.go_on();
        assert!(
            matches!(&found, Err(DanceError::Refused(no)) if no.refusal.code == code),
            "{found:?}"
        );
        let mut wanted = vec!["launch key", "measured", "validate 9"];
        wanted.extend(gives_up.then_some("give up"));
        assert_eq!(lab.log(), wanted, "{code}");
        assert!(lab.is_over());
    }
}

/// It may answer the next agent, and another credential may be taken.
#[test]
fn what_decides_nothing_leaves_the_launch_open() {
    for code in ["unusable", "bad-credentials", "not-allowed"] {
        let mut lab = Lab::new(vec![Err(code), Ok(yes())]);
        lab.begin().unwrap();
        match lab.go_on() {
            Err(DanceError::Unanswered(_)) => assert_eq!(code, "unusable"),
            Err(DanceError::Refused(no)) => assert_eq!(no.refusal.code, code),
            found => panic!("{code}: {found:?}"),
        }
        assert_eq!(lab.log(), ["launch key", "measured", "validate 9"], "{code}");
        assert!(!lab.is_over(), "{code}");
        assert!(lab.go_on().unwrap().injected, "{code}");
        assert_eq!(
            lab.log(),
            ["measured", "validate 9", "inject", "measured", "run", "acknowledge Injected None"]
        );
    }
}

/// Else an agent that is killed between the two leaves a guest that nobody knows of.
#[test]
fn a_guest_that_may_not_run_is_ended_before_its_entry_goes() {
    let half = ValidateAnswer { secret_table: None, ..yes() };
    for answer in [Err("measurement-mismatch"), Ok(half)] {
        let mut lab = Lab::new(vec![answer]);
        let mut entry = lab.begin().unwrap();
        entry.ends = true;
        let journal = lab.folder().take(VMID.parse().unwrap()).unwrap().0;
        journal.write(&entry).unwrap();
        drop(journal);
        lab.guest.fails = Some(("end", true));
        assert!(lab.go_on().is_err());
        let wanted = ["measured", "validate 9", "give up", "end"];
        assert_eq!(lab.log(), [["launch key"].as_slice(), &wanted].concat());
        // Whether it has ended is not known: the next one looks.
        assert!(!lab.is_over());
        lab.guest.fails = None;
        assert!(lab.go_on().is_err());
        assert_eq!(lab.log(), wanted);
        assert!(lab.is_over());
    }
}

#[test]
fn an_expired_launch_is_over() {
    let mut lab = Lab::new(vec![Err("silent")]);
    lab.owner.launch = Ok(LaunchAnswer { expires_at: Time::from_millis(1), ..launch_answer() });
    lab.begin().unwrap();
    assert!(matches!(lab.go_on(), Err(DanceError::Unanswered(_))));
    assert_eq!(lab.log(), ["launch key", "measured", "validate 9", "give up"]);
    assert!(lab.is_over());
}

#[test]
fn what_is_no_session_starts_nothing() {
    let good = launch_answer();
    for answer in [
        LaunchAnswer { scheme: Scheme::AmdSevSnp, ..good.clone() },
        LaunchAnswer { policy: 1 << 32, ..good.clone() },
        LaunchAnswer { session: None, ..good.clone() },
        LaunchAnswer { session: Some(Blob(vec![4; 127])), ..good.clone() },
        LaunchAnswer { owner_cert: Some(Blob(vec![5; 2085])), ..good.clone() },
        LaunchAnswer { owner_cert: None, ..good },
    ] {
        let mut lab = Lab::new(vec![Ok(yes())]);
        lab.owner.launch = Ok(answer);
        assert!(matches!(lab.begin(), Err(DanceError::Mismatch(_))));
        assert_eq!(lab.log(), ["launch key", "give up"]);
        assert!(lab.is_over());
    }
    for code in ["chain-owner", "silent", "unusable"] {
        let mut lab = Lab::new(vec![Ok(yes())]);
        lab.owner.launch = Err(code);
        assert!(lab.begin().is_err());
        assert_eq!(lab.log(), ["launch key"]);
        assert!(lab.is_over());
    }
}

#[test]
fn a_session_that_cannot_be_kept_is_given_up() {
    let lab = Lab::new(vec![Ok(yes())]);
    let (journal, _) = lab.folder().take(VMID.parse().unwrap()).unwrap();
    std::fs::create_dir(journal.path("session")).unwrap();
    let mut entry = entry();
    let found = dance::begin(&lab.owner, &journal, &mut entry, &host(), None);
    assert!(matches!(found, Err(DanceError::Journal(_))), "{found:?}");
    assert_eq!(lab.log(), ["launch key", "give up"]);
    assert!(lab.is_over());
}

/// Whoever comes after another agent says of the service what that one was told.
#[test]
fn a_service_for_tests_is_told_by_the_next_agent_too() {
    let mut lab = Lab::new(vec![Ok(yes())]);
    lab.owner.launch = Ok(LaunchAnswer { simulated: true, ..launch_answer() });
    lab.guest.fails = Some(("run", false));
    lab.begin().unwrap();
    lab.go_on().unwrap_err();
    lab.guest.fails = None;
    assert_eq!(lab.go_on().unwrap(), Outcome { injected: true, simulated: true });
}

/// Whoever carries files may take a day, and the guest ends before.
#[test]
fn without_a_guest_no_owner_is_waited_for() {
    let mut lab = Lab::new(vec![Err("unusable")]);
    lab.begin().unwrap();
    lab.go_on().unwrap_err();
    let entry = lab.folder().read(VMID.parse().unwrap()).unwrap().unwrap();
    let owner = Offline {
        folder: lab.folder.path().to_owned(),
        policy: None,
        patience: Duration::from_secs(86_400),
    };
    let found = owner.validate(&entry.shown.unwrap(), &mut || false);
    assert!(matches!(&found, Err(OwnerError::Unusable(why)) if why.contains("the guest is gone")));
}

#[test]
fn a_packet_that_the_guest_refuses_is_told_and_the_guest_stands() {
    let mut lab = Lab::new(vec![Ok(yes())]);
    lab.guest.fails = Some(("inject", false));
    lab.begin().unwrap();
    assert!(matches!(lab.go_on(), Err(DanceError::Vmm(VmmError::Refused { .. }))));
    assert_eq!(
        lab.log(),
        ["launch key", "measured", "validate 9", "acknowledge Failed Some(\"no\\nway\")"]
    );
    assert!(lab.is_over());
    assert_eq!(lab.guest.state, State::Waiting);
}

/// The agent loses its VMM, or its own life, after each command, where it was carried out and where it was not: the next one goes on.
#[test]
fn whatever_step_it_ends_at_the_next_agent_goes_on() {
    for fails in ["measured", "inject", "run"] {
        let mut lab = Lab::new(vec![Ok(yes())]);
        lab.guest.fails = Some((fails, true));
        lab.begin().unwrap();
        assert!(lab.go_on().is_err(), "{fails}");
        assert!(!lab.is_over(), "{fails}");
        lab.guest.fails = None;
        let outcome = lab.go_on().unwrap();
        assert!(outcome.injected, "{fails}");
        assert!(lab.is_over());
        let log = lab.log();
        assert_eq!(log.iter().filter(|line| *line == "run").count(), 1, "{log:?}");
        assert_eq!(log.last().unwrap(), "acknowledge Injected None");
        // The packet before the start, always.
        let at = |what: &str| log.iter().rposition(|line| line == what).unwrap();
        assert!(at("inject") < at("run"), "{log:?}");
    }
}

/// The guest of an earlier agent ended, and another stands in its place, at whatever step.
#[test]
fn another_guest_in_its_place_does_not_run() {
    for fails in ["inject", "run"] {
        let mut lab = Lab::new(vec![Ok(yes())]);
        // Not carried out, and the agent does not know.
        lab.guest.fails = Some((fails, true));
        lab.begin().unwrap();
        lab.go_on().unwrap_err();
        let _ = lab.log();
        lab.guest = TestGuest {
            log: Rc::clone(&lab.log),
            state: State::Waiting,
            measurement: 8,
            fails: None,
        };
        let found = lab.go_on();
        assert!(matches!(found, Err(DanceError::Lost(_))), "{found:?}");
        assert_eq!(lab.log(), ["measured", "give up"], "{fails}");
        assert!(lab.is_over());
        assert_eq!(lab.guest.state, State::Waiting);
    }
}

/// The packet was taken, and the guest ended before it ran.
#[test]
fn a_guest_that_ends_before_it_runs_is_told_as_that() {
    let mut lab = Lab::new(vec![Ok(yes())]);
    lab.guest.fails = Some(("run", false));
    lab.begin().unwrap();
    lab.go_on().unwrap_err();
    let _ = lab.log();
    lab.guest.state = State::Gone;
    let found = lab.go_on();
    assert!(matches!(found, Err(DanceError::Lost(_))), "{found:?}");
    assert_eq!(lab.log(), ["acknowledge Failed Some(\"the guest ended before it ran\")"]);
    assert!(lab.is_over());
}

#[test]
fn a_guest_that_others_let_run_gets_nothing() {
    let mut lab = Lab::new(vec![Ok(yes())]);
    lab.begin().unwrap();
    lab.guest.state = State::Running;
    assert!(matches!(lab.go_on(), Err(DanceError::Lost(_))));
    assert_eq!(lab.log(), ["launch key"]);
    lab.guest.state = State::Gone;
    assert!(matches!(lab.go_on(), Err(DanceError::Lost(_))));
    assert_eq!(lab.log(), ["give up"]);
    assert!(lab.is_over());
}
