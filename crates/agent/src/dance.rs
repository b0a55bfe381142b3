//! The steps of a launch, from the owner's session to a guest that runs, and what ends it in between.
//!
//! A step is written into the journal before it is taken. So whoever comes after an agent that was killed finds how far it may have
//! been, and each step can be taken again: the same request to launch is one launch, the same measurement gets the same packet, and the
//! same packet leaves the same secret in the guest. Nothing lets a guest run but [`finish`], after the owner's yes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_protocol::body::More;
use sev_launch_protocol::launch::MOST_CMDLINE;
use sev_launch_protocol::launch::{
    Injection, LaunchAnswer, LaunchRequest, LaunchState, ValidateAnswer, ValidateRequest,
};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::text::{Blob, CpuId, Exact, Label, Sha256, Time};

use crate::journal::{Entry, Journal, JournalError, Step};
use crate::owner::{Owner, OwnerError, Refused};
use crate::vmm::{Guest, Host, Session, Started, State, VmmError};

/// Why a guest does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DanceError {
    /// The owner said no: the launch is over.
    #[error(transparent)]
    Refused(Box<Refused>),
    /// The owner's side did not answer until the launch expired, or answers what cannot be used.
    #[error("{0}")]
    Unanswered(String),
    /// The VMM.
    #[error(transparent)]
    Vmm(#[from] VmmError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The answer of the owner's side and the guest do not go together.
    #[error("{0}")]
    Mismatch(String),
    /// An earlier agent's launch cannot be brought to an end.
    #[error("{0}")]
    Lost(String),
}

/// What a launch came to.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Did the guest get a packet?
    pub injected: bool,
    /// Is the owner's service one for tests, with a root of its own?
    pub simulated: bool,
}

/// Tells people how it goes; each is one line.
pub type Tell<'a> = &'a mut dyn FnMut(&str);

/// Asks the owner for a session for a guest of SEV or SEV-ES on this host, and remembers the launch.
///
/// # Errors
///
/// [`DanceError`]: nothing was started; what may have begun at the owner's side is given up.
pub fn begin(
    owner: &dyn Owner,
    journal: &Journal,
    entry: &mut Entry,
    host: &Host,
    name: Option<&str>,
) -> Result<Session, DanceError> {
    let wrong = |what: &str| DanceError::Mismatch(format!("the platform's {what}"));
    let pdh: [u8; 2084] = host
        .pdh
        .as_slice()
        .try_into()
        .map_err(|_| wrong(&format!("PDH has {} bytes, wanted 2084", host.pdh.len())))?;
    let cpu_id = host.cpu_id.as_ref().map(hex::encode).map(|id| id.parse::<CpuId>()).transpose();
    let request = LaunchRequest {
        pdh: Some(Exact(pdh)),
        cert_chain: Some(Blob(host.cert_chain.clone())),
        cpu_id: cpu_id.map_err(|error| wrong(&format!("id: {error}")))?,
        host: name.and_then(|name| name.parse::<Label>().ok()),
        more: More::new(),
    };
    entry.step = Step::Asking;
    journal.write(entry)?;
    let answer = match owner.launch(&request, &entry.key) {
        Ok(answer) => answer,
        Err(error) => {
            journal.over()?;
            return Err(ended(error));
        }
    };
    begun(journal, entry, &answer).inspect_err(|_| abandon(owner, journal, entry))
}

/// Remembers what was answered, and takes the session out of it.
fn begun(
    journal: &Journal,
    entry: &mut Entry,
    answer: &LaunchAnswer,
) -> Result<Session, DanceError> {
    entry.launch = Some(answer.launch_id);
    entry.expires = Some(answer.expires_at);
    entry.simulated = answer.simulated;
    let session = session(answer).map_err(DanceError::Mismatch)?;
    // Before the step, so that whoever finds the step finds the session too.
    journal.put("session", STANDARD.encode(&session.blob).as_bytes())?;
    entry.step = Step::Starting;
    journal.write(entry)?;
    Ok(session)
}

/// The session of an answer.
fn session(answer: &LaunchAnswer) -> Result<Session, String> {
    if answer.scheme == Scheme::AmdSevSnp {
        return Err("the guest is registered for SEV-SNP, which has no session: the guest itself fetches its report (`sev-launch report fetch`)".into());
    }
    let policy = u32::try_from(answer.policy)
        .map_err(|_| format!("the answer's policy {:#x} is none of SEV, 32 bits", answer.policy))?;
    let size = |blob: &Option<Blob>, what: &str, wanted: usize| match blob {
        Some(blob) if blob.0.len() == wanted => Ok(blob.0.clone()),
        Some(blob) => {
            Err(format!("the answer's {what} has {} bytes, wanted {wanted}", blob.0.len()))
        }
        None => Err(format!("the answer has no {what}")),
    };
    Ok(Session {
        godh: size(&answer.owner_cert, "owner-cert", 2084)?,
        blob: size(&answer.session, "session", 128)?,
        policy,
        kernel_hashes: answer.kernel_hashes,
    })
}

/// Gives a launch up of which nothing runs. Where the owner's side is not told, the launch expires there.
pub fn abandon(owner: &dyn Owner, journal: &Journal, entry: &Entry) {
    give_up(owner, entry);
    let _ = journal.over();
}

fn give_up(owner: &dyn Owner, entry: &Entry) {
    if let Some(launch) = entry.launch {
        let _ = owner.give_up(launch);
    }
}

/// The launch is over without a yes. A guest that is to be ended goes before its entry: else one would be left that nobody knows of.
fn stop(guest: &mut dyn Guest, journal: &Journal, entry: &Entry) {
    if entry.ends && guest.end().is_err() {
        return;
    }
    let _ = journal.over();
}

/// Goes on with a guest that was started: shows its measurement, hands the packet in, and lets it run.
///
/// The caller has written [`Step::Started`] (or found a later step). On an error the guest stands still, or is gone; what
/// becomes of it is the caller's choice, and [`DanceError::Unanswered`] leaves the journal, so that another agent can go on.
///
/// # Errors
///
/// [`DanceError`].
pub fn finish(
    owner: &dyn Owner,
    guest: &mut dyn Guest,
    journal: &Journal,
    entry: &mut Entry,
    started: &Started,
    tell: Tell<'_>,
) -> Result<Outcome, DanceError> {
    if entry.step < Step::Releasing {
        match guest.state()? {
            State::Waiting => {}
            State::Running => {
                return Err(DanceError::Lost(
                    "the guest runs already, and this agent did not let it: nothing is released to it".into(),
                ));
            }
            State::Gone => {
                abandon(owner, journal, entry);
                return Err(DanceError::Lost("the guest is gone; its launch is given up".into()));
            }
        }
        match &entry.shown {
            Some(_) => same(owner, journal, entry, guest)?,
            None => {
                entry.shown = Some(shown(entry, guest, started)?);
                journal.write(entry)?;
            }
        }
        let asks = owner.asks_for_verdict();
        if !asks.is_empty() {
            tell(&asks);
        }
        let answer = match validated(owner, guest, entry, tell) {
            Ok(answer) => answer,
            Err(No::Open(error)) => return Err(error),
            Err(No::Over(error)) => {
                stop(guest, journal, entry);
                return Err(error);
            }
        };
        entry.simulated |= answer.simulated;
        let packet = packet(&answer).inspect_err(|_| {
            give_up(owner, entry);
            stop(guest, journal, entry);
        })?;
        if let Some((header, table)) = packet {
            tell("validated: the owner's packet goes to the guest");
            if let Err(error) = guest.inject(&header, &table) {
                if let (VmmError::Refused { words, .. }, Some(launch)) = (&error, entry.launch) {
                    let _ = owner.acknowledge(launch, Injection::Failed, Some(words));
                    stop(guest, journal, entry);
                }
                return Err(error.into());
            }
            entry.injected = true;
        } else if answer.report_only {
            tell("validated; the service only reports, and releases nothing");
        } else {
            tell("validated; the owner registered no secrets");
        }
        entry.step = Step::Releasing;
        journal.write(entry)?;
    }
    match guest.state()? {
        State::Waiting => {
            same(owner, journal, entry, guest)?;
            guest.run()?;
        }
        // An agent before this one let it run.
        State::Running => {}
        State::Gone => {
            if let (Some(launch), true) = (entry.launch, entry.injected) {
                let words = "the guest ended before it ran";
                let _ = owner.acknowledge(launch, Injection::Failed, Some(words));
            }
            journal.over()?;
            return Err(DanceError::Lost("the guest ended before it ran".into()));
        }
    }
    if let (Some(launch), true) = (entry.launch, entry.injected)
        && let Err(error) = owner.acknowledge(launch, Injection::Injected, None)
    {
        tell(&format!("the owner was not told that the packet arrived: {error}"));
    }
    journal.over()?;
    Ok(Outcome { injected: entry.injected, simulated: entry.simulated })
}

/// Is the guest that stands there the one whose measurement was shown? A measurement has a nonce of the platform's, which no other guest has. Where it is
/// another the launch is over, and that one does not run.
fn same(
    owner: &dyn Owner,
    journal: &Journal,
    entry: &Entry,
    guest: &mut dyn Guest,
) -> Result<(), DanceError> {
    let measured = Exact(guest.measured()?.measurement);
    if entry.shown.as_ref().is_some_and(|shown| shown.measurement == Some(measured)) {
        return Ok(());
    }
    abandon(owner, journal, entry);
    Err(DanceError::Lost(
        "another guest stands in the place of the one that was measured: its launch is given up, and this one does not run"
            .into(),
    ))
}

/// What a started guest shows of itself, and what the host says of how it was started.
fn shown(
    entry: &Entry,
    guest: &mut dyn Guest,
    started: &Started,
) -> Result<ValidateRequest, DanceError> {
    let measured = guest.measured()?;
    Ok(ValidateRequest {
        launch_id: entry.launch,
        api_major: Some(measured.version.major.into()),
        api_minor: Some(measured.version.minor.into()),
        build_id: Some(measured.version.build.into()),
        policy: Some(measured.policy.into()),
        measurement: Some(Exact(measured.measurement)),
        report: None,
        vek: None,
        // Hints that would narrow what is accepted: the owner's own list decides.
        firmware_hash: None,
        cpu_count: None,
        kernel_hash: started.kernel_hash.map(Sha256),
        initrd_hash: started.initrd_hash.map(Sha256),
        // A hint that is too long is none, and the request is one all the same.
        cmdline: started.cmdline.clone().filter(|line| line.chars().count() <= MOST_CMDLINE),
        more: More::new(),
    })
}

/// Why there is no answer.
enum No {
    /// Another agent may go on.
    Open(DanceError),
    /// The launch is over.
    Over(DanceError),
}

/// Asks until there is an answer that is one: an owner may have to approve, and a service may be away for a while.
fn validated(
    owner: &dyn Owner,
    guest: &mut dyn Guest,
    entry: &Entry,
    tell: Tell<'_>,
) -> Result<ValidateAnswer, No> {
    let lost = || DanceError::Lost("nothing was measured: this launch cannot go on".into());
    let request = entry.shown.as_ref().ok_or_else(|| No::Open(lost()))?;
    let mut told = "";
    loop {
        let mut still_there = || !matches!(guest.state(), Ok(State::Gone));
        let wait = match owner.validate(request, &mut still_there) {
            Ok(answer) => {
                if Some(answer.launch_id) != entry.launch {
                    give_up(owner, entry);
                    let text = format!(
                        "the answer is of launch {}, and not of this one",
                        answer.launch_id
                    );
                    return Err(No::Over(DanceError::Mismatch(text)));
                }
                match (answer.launch_state, answer.retry_after) {
                    (Some(LaunchState::Validated), Some(seconds)) => {
                        if told != "approval" {
                            tell(&waits(entry, &answer));
                            told = "approval";
                        }
                        Duration::from_secs(u64::from(seconds).clamp(1, 60))
                    }
                    _ => return Ok(answer),
                }
            }
            Err(OwnerError::Silent(why)) => {
                if told != "silent" {
                    tell(&format!("{why}; it is asked again until the launch expires"));
                    told = "silent";
                }
                Duration::from_secs(2)
            }
            // A request or a credential that is not taken decides nothing: with another one it may go on.
            Err(OwnerError::No(refused))
                if !refused.refusal.is_no()
                    && !refused.refusal.has_ended()
                    && !refused.refusal.is(Code::LaunchExpired) =>
            {
                return Err(No::Open(DanceError::Refused(refused)));
            }
            Err(OwnerError::No(refused)) => {
                if !refused.refusal.has_ended() {
                    give_up(owner, entry);
                }
                return Err(No::Over(DanceError::Refused(refused)));
            }
            Err(error) => return Err(No::Open(ended(error))),
        };
        if is_expired(entry) {
            give_up(owner, entry);
            let text = "the launch expired while it waited";
            return Err(No::Over(DanceError::Unanswered(text.into())));
        }
        std::thread::sleep(wait);
        // Nothing is released to a guest that is gone, or that others let run in the meantime.
        let lost = match guest.state() {
            Ok(State::Gone) => "the guest is gone; its launch is given up",
            Ok(State::Running) => {
                "others let the guest run before the owner said yes: its launch is given up, and nothing is released to it"
            }
            Ok(State::Waiting) | Err(_) => continue,
        };
        give_up(owner, entry);
        return Err(No::Over(DanceError::Lost(lost.into())));
    }
}

/// What the owner has to do, until when.
fn waits(entry: &Entry, answer: &ValidateAnswer) -> String {
    let (vmid, launch) = (entry.vmid, answer.launch_id);
    let until = entry.expires.map(|expires| format!(" until {expires}")).unwrap_or_default();
    format!(
        "the measurement is accepted; the owner has to approve launch {launch}{until}: sev-launch remote approve {vmid}"
    )
}

/// A packet's header and table.
type Packet = ([u8; 52], Vec<u8>);

/// The packet of an answer; `None` if the owner releases nothing. Half a packet, or neither packet nor verdict, is no answer.
fn packet(answer: &ValidateAnswer) -> Result<Option<Packet>, DanceError> {
    match (&answer.secret_header, &answer.secret_table, answer.verdict) {
        (Some(header), Some(table), _) if !table.0.is_empty() => {
            Ok(Some((header.0, table.0.clone())))
        }
        (None, None, Some(_)) => Ok(None),
        _ => Err(DanceError::Mismatch(
            "the owner's answer has neither a whole packet nor a verdict: the guest does not run"
                .into(),
        )),
    }
}

fn is_expired(entry: &Entry) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let now = Time::from_millis(u64::try_from(now).unwrap_or(u64::MAX));
    entry.expires.is_some_and(|expires| expires <= now)
}

fn ended(error: OwnerError) -> DanceError {
    match error {
        OwnerError::No(refused) => DanceError::Refused(refused),
        OwnerError::Silent(text) | OwnerError::Unusable(text) => DanceError::Unanswered(text),
    }
}
