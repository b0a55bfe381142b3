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
#[path = "flow/lab.rs"]
mod lab;

use std::rc::Rc;
use std::time::Duration;

use sev_launch_agent::dance::{self, DanceError, Outcome};
use sev_launch_agent::offline::Offline;
use sev_launch_agent::owner::{Owner, OwnerError};
use sev_launch_agent::vmm::{State, VmmError};
use sev_launch_protocol::launch::{LaunchAnswer, LaunchState, ValidateAnswer, Verdict};
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::text::{Blob, Time};

use lab::{Lab, TestGuest, VMID, entry, host, launch_answer, yes};

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
