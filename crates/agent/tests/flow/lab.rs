//! An owner and a VMM that do what a test says, and write down what was done.

use std::cell::RefCell;
use std::rc::Rc;

use sev_launch_abi::PlatformVersion;
use sev_launch_agent::dance::{self, DanceError, Outcome};
use sev_launch_agent::journal::{At, Entry, Folder, Place, Step};
use sev_launch_agent::owner::{Owner, OwnerError, Refused};
use sev_launch_agent::vmm::{Guest, Host, Measured, Started, State, VmmError};
use sev_launch_protocol::launch::{
    Injection, LaunchAnswer, LaunchRequest, ValidateAnswer, ValidateRequest,
};
use sev_launch_protocol::problem::Refusal;
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::text::{Blob, Exact, LaunchId, Time};

pub(crate) const VMID: &str = "57f669c2-c427-4132-bc7a-26f56b6a718c";
pub(crate) const LAUNCH: &str = "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31";

/// What was done, in order.
pub(crate) type Log = Rc<RefCell<Vec<String>>>;

pub(crate) struct TestOwner {
    pub(crate) log: Log,
    pub(crate) launch: Result<LaunchAnswer, &'static str>,
    /// Answers to validate, the last of them for ever.
    pub(crate) answers: RefCell<Vec<Result<ValidateAnswer, &'static str>>>,
}

pub(crate) fn error(code: &str) -> OwnerError {
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

pub(crate) struct TestGuest {
    pub(crate) log: Log,
    pub(crate) state: State,
    pub(crate) measurement: u8,
    /// The command that fails, and whether it is done all the same.
    pub(crate) fails: Option<(&'static str, bool)>,
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

pub(crate) fn host() -> Host {
    Host {
        pdh: vec![1; 2084],
        cert_chain: vec![2; 6252],
        cpu_id: Some(vec![3; 64]),
        cbitpos: 51,
        reduced_phys_bits: 1,
    }
}

pub(crate) fn entry() -> Entry {
    let place = Place::Qemu { monitor: "/nowhere".into(), process: None };
    let owner = At::Service("https://attest.example/v1".into());
    Entry::new(VMID.parse().unwrap(), owner, "key".into(), place)
}

pub(crate) fn launch_answer() -> LaunchAnswer {
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

pub(crate) fn yes() -> ValidateAnswer {
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

pub(crate) struct Lab {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) log: Log,
    pub(crate) owner: TestOwner,
    pub(crate) guest: TestGuest,
}

impl Lab {
    pub(crate) fn new(answers: Vec<Result<ValidateAnswer, &'static str>>) -> Self {
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

    pub(crate) fn folder(&self) -> Folder {
        Folder::open(&self.folder.path().join("state")).unwrap()
    }

    /// Begins, as an agent does up to a started guest.
    pub(crate) fn begin(&self) -> Result<Entry, DanceError> {
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
    pub(crate) fn go_on(&mut self) -> Result<Outcome, DanceError> {
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

    pub(crate) fn is_over(&self) -> bool {
        self.folder().open_launches().unwrap().is_empty()
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.borrow_mut().drain(..).collect()
    }
}
