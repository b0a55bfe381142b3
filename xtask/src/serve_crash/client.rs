//! A client of the service, as an owner and a host are one together: it registers guests, launches them, asks for their secrets, and
//! whenever a connection breaks, sends the same request again.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::gate::Gate;
use super::ledger::{Guest, Known, Launch, Ledger};
use crate::random::Chance;
use crate::served::{
    Answer, Client as Connection, Host, Request, Waiting, image, registration, sha256,
};

/// The tokens of a service.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub(super) owner: String,
    pub(super) launcher: String,
    pub(super) auditor: String,
}

/// A client.
pub(super) struct Client {
    gate: Arc<Gate>,
    tokens: Tokens,
    connection: Connection,
    host: Host,
    chance: Chance,
    ledger: Arc<Mutex<Ledger>>,
}

/// An answer, and whether the request was sent more than once for it.
struct Told {
    answer: Answer,
    again: bool,
}

impl Told {
    /// Is it one of these statuses?
    fn wants(&self, request: &str, statuses: &[u16]) -> Result<&Answer> {
        let answer = &self.answer;
        ensure!(
            statuses.contains(&answer.status),
            "{request}: {}, wanted {statuses:?}{}",
            answer.told(),
            if self.again { ", after a broken connection" } else { "" }
        );
        Ok(answer)
    }
}

impl Client {
    pub(super) fn new(
        gate: &Arc<Gate>,
        tokens: &Tokens,
        platform: &Path,
        chance: Chance,
        ledger: &Arc<Mutex<Ledger>>,
    ) -> Result<Self> {
        Ok(Self {
            gate: Arc::clone(gate),
            tokens: tokens.clone(),
            connection: Connection::default(),
            host: Host::new(platform)?,
            chance,
            ledger: Arc::clone(ledger),
        })
    }

    /// Works until it is told to end, and ends only with all of its requests answered.
    pub(super) fn work(&mut self) -> Result<()> {
        while !self.gate.ends() {
            match self.chance.below(10) {
                0 => self.firmware()?,
                1 => self.token()?,
                _ => self.guest()?,
            }
        }
        Ok(())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_guest(&self, id: &str, change: impl FnOnce(&mut Guest)) {
        change(self.ledger().guests.entry(id.to_owned()).or_default());
    }

    fn note(&self, id: &str, launch: &str, change: impl FnOnce(&mut Launch)) {
        self.note_guest(id, |guest| change(guest.launches.entry(launch.to_owned()).or_default()));
    }

    /// Sends a request until an answer comes; `sent` notes each sending before it happens.
    fn ask_noting(&mut self, request: &Request, mut sent: impl FnMut(&mut Ledger)) -> Result<Told> {
        self.ledger().counts.requests += 1;
        let mut again = false;
        loop {
            let address = self.gate.address().context("the task ends early")?;
            sent(&mut self.ledger());
            match self.connection.ask(address, request) {
                Ok(answer) => {
                    let known = again && answer.header("idempotent-replay").is_some();
                    self.ledger().counts.known_again += u64::from(known);
                    return Ok(Told { answer, again });
                }
                Err(error) if is_patience_over(&error) => {
                    bail!("{} {}: no answer: {error}", request.method, request.path)
                }
                Err(_) => {
                    self.gate.broken(address);
                    self.ledger().counts.again += 1;
                    again = true;
                }
            }
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Told> {
        self.ask_noting(request, |_| {})
    }

    fn owner(&self, method: &'static str, path: String) -> Request {
        Request::new(method, path, &self.tokens.owner)
    }

    fn launcher(&self, method: &'static str, path: String) -> Request {
        Request::new(method, path, &self.tokens.launcher)
    }

    /// A guest from its registration to, perhaps, its end.
    fn guest(&mut self) -> Result<()> {
        let id = self.chance.uuid();
        let (es, manual) = (self.chance.one_in(3), self.chance.one_in(4));
        let concurrent = if self.chance.one_in(2) { 1 } else { 64 };
        let secret = format!("a passphrase of {id}");
        let body = registration(es, manual, concurrent, &secret);
        let register = self.owner("POST", format!("/vm/{id}")).json(&body);
        self.note_guest(&id, |guest| guest.registered = Known::Asked);
        let told = self.ask(&register)?;
        told.wants("register", if told.again { &[200, 201] } else { &[201] })?;
        self.note_guest(&id, |guest| guest.registered = Known::Told);
        if self.chance.one_in(6) {
            self.ask(&register)?.wants("register the same again", &[200])?;
            let other = registration(es, manual, concurrent, "another passphrase");
            let other = self.owner("POST", format!("/vm/{id}")).json(&other);
            self.ask(&other)?.wants("register another in its place", &[409])?;
        }
        for _ in 0..=self.chance.below(4) {
            self.launch(&id, manual, &secret)?;
            if self.chance.one_in(6) {
                self.patch(&id)?;
            }
        }
        if self.chance.one_in(3) {
            self.note_guest(&id, |guest| guest.deleted = Known::Asked);
            let told = self.ask(&self.owner("DELETE", format!("/vm/{id}")))?;
            told.wants("delete", if told.again { &[204, 404] } else { &[204] })?;
            self.note_guest(&id, |guest| guest.deleted = Known::Told);
            self.ask(&self.owner("GET", format!("/vm/{id}")))?
                .wants("read a deleted guest", &[404])?;
            self.ask(&register)?.wants("register a deleted guest", &[410])?;
        }
        Ok(())
    }

    fn patch(&mut self, id: &str) -> Result<()> {
        let mut step = 0;
        self.note_guest(id, |guest| {
            guest.patches_asked += 1;
            step = guest.patches_asked;
        });
        let body = json!({ "labels": { "step": step.to_string() } });
        let told = self.ask(&self.owner("PATCH", format!("/vm/{id}")).json(&body))?;
        told.wants("patch", &[200])?;
        self.note_guest(id, |guest| guest.patches_told = step);
        Ok(())
    }

    /// A launch, and one of the ways in which it goes on.
    fn launch(&mut self, id: &str, manual: bool, secret: &str) -> Result<()> {
        let keyed = !self.chance.one_in(5);
        let mut request =
            self.launcher("POST", format!("/vm/{id}/launch")).json(&self.host.request());
        if keyed {
            request = request.header("Idempotency-Key", self.chance.uuid());
            self.note_guest(id, |guest| guest.keyed_asked += 1);
        }
        let told = self.ask_noting(&request, |ledger| {
            let guest = ledger.guests.entry(id.to_owned()).or_default();
            guest.unkeyed_sent += u64::from(!keyed);
        })?;
        let answer = told.wants("launch", &[200])?;
        let begun = answer.json();
        let launch = begun.get("launch-id").and_then(Value::as_str).context("no launch-id")?;
        let launch = launch.to_owned();
        self.note(id, &launch, |_| {});
        self.ledger().counts.launches += 1;
        if keyed && self.chance.one_in(4) {
            self.repeated("launch", &request, &answer.body)?;
        }
        if self.chance.one_in(8) {
            return Ok(()); // The host never comes back.
        }
        let wrong = self.chance.one_in(6);
        let guest = self.host.start(&begun, wrong)?;
        if self.chance.one_in(8) {
            self.revoke(id, &launch)?;
        } else if wrong {
            self.wrong(id, &launch, &guest)?;
        } else {
            self.secrets(id, &launch, &guest, manual, secret)?;
        }
        self.host.end(&guest);
        Ok(())
    }

    /// The same request once more, whose answer must be the same.
    fn repeated(&mut self, what: &str, request: &Request, body: &[u8]) -> Result<()> {
        let told = self.ask(request)?;
        let answer = told.wants(what, &[200])?;
        ensure!(
            answer.body == body,
            "{what}: another answer to the same request: {}",
            answer.told()
        );
        ensure!(
            answer.header("idempotent-replay") == Some("true"),
            "{what}: not said to be a repetition"
        );
        self.ledger().counts.repeated += 1;
        Ok(())
    }

    fn revoke(&mut self, id: &str, launch: &str) -> Result<()> {
        self.note(id, launch, |launch| launch.revoked = Known::Asked);
        let told = self.ask(&self.launcher("DELETE", format!("/vm/{id}/launch/{launch}")))?;
        told.wants("revoke", &[204])?;
        self.note(id, launch, |launch| launch.revoked = Known::Told);
        Ok(())
    }

    /// A measurement that is not the registered one, until the launch survives no more of them.
    fn wrong(&mut self, id: &str, launch: &str, guest: &Waiting) -> Result<()> {
        let request = self.launcher("POST", format!("/vm/{id}/validate")).json(&guest.validate);
        for _ in 0..self.chance.below(4) {
            let told = self.ask_noting(&request, |ledger| {
                let guest = ledger.guests.entry(id.to_owned()).or_default();
                guest.launches.entry(launch.to_owned()).or_default().wrong_sent += 1;
            })?;
            let answer = told.wants("a wrong measurement", &[403, 410])?;
            match answer.code().as_str() {
                "measurement-mismatch" => self.note(id, launch, |launch| launch.wrong_told += 1),
                // Sent again after a broken connection, it may have used more attempts than were told.
                "launch-failed" => {}
                _ => bail!("a wrong measurement: {}", answer.told()),
            }
            self.ledger().counts.wrong += 1;
        }
        Ok(())
    }

    /// The right measurement: approved where that is wanted, its packet opened, repeated, and acknowledged.
    fn secrets(
        &mut self,
        id: &str,
        launch: &str,
        guest: &Waiting,
        manual: bool,
        secret: &str,
    ) -> Result<()> {
        let request = self.launcher("POST", format!("/vm/{id}/validate")).json(&guest.validate);
        if manual {
            self.ask(&request)?.wants("validate before it is approved", &[202])?;
            if self.chance.one_in(4) {
                return self.revoke(id, launch);
            }
            self.note(id, launch, |launch| launch.approved = Known::Asked);
            let approve = self.owner("POST", format!("/vm/{id}/approve/{launch}"));
            self.ask(&approve.json(&json!({ "approve": true })))?.wants("approve", &[204])?;
            self.note(id, launch, |launch| launch.approved = Known::Told);
        }
        self.note(id, launch, |launch| launch.released = Known::Asked);
        let told = self.ask(&request)?;
        let answer = told.wants("validate", &[200])?;
        self.host.inject(guest, &answer.json(), secret)?;
        self.note(id, launch, |launch| launch.released = Known::Told);
        self.ledger().counts.releases += 1;
        if self.chance.one_in(3) {
            self.repeated("validate", &request, &answer.body)?;
            self.note_guest(id, |guest| guest.replays_told += 1);
        }
        if self.chance.one_in(4) {
            let mut other = guest.validate.clone();
            other["note"] = "another request for the same secrets".into();
            let other = self.launcher("POST", format!("/vm/{id}/validate")).json(&other);
            let told = self.ask(&other)?;
            let answer = told.wants("another request for the same secrets", &[409])?;
            ensure!(answer.code() == "launch-consumed", "{}", answer.told());
        }
        if !self.chance.one_in(4) {
            self.note(id, launch, |launch| launch.acknowledged = Known::Asked);
            let path = format!("/vm/{id}/launch/{launch}/ack");
            let told =
                self.ask(&self.launcher("POST", path).json(&json!({ "result": "injected" })))?;
            told.wants("acknowledge", &[204])?;
            self.note(id, launch, |launch| launch.acknowledged = Known::Told);
        }
        Ok(())
    }

    /// An image of its own, uploaded, perhaps kept, and perhaps taken out again.
    fn firmware(&mut self) -> Result<()> {
        let image = image(self.chance.next() | 1);
        let name = sha256(&image);
        let keep = if self.chance.one_in(2) { "?keep=true" } else { "" };
        self.ledger().images.entry(name.clone()).or_default().0 = Known::Asked;
        let told = self.ask(&self.owner("POST", format!("/firmware{keep}")).image(&image))?;
        told.wants("upload", if told.again { &[200, 201] } else { &[201] })?;
        self.ledger().images.entry(name.clone()).or_default().0 = Known::Told;
        if self.chance.one_in(2) {
            self.ledger().images.entry(name.clone()).or_default().1 = Known::Asked;
            let told = self.ask(&self.owner("DELETE", format!("/firmware/{name}")))?;
            told.wants("take a firmware out", if told.again { &[204, 404] } else { &[204] })?;
            self.ledger().images.entry(name).or_default().1 = Known::Told;
        }
        Ok(())
    }

    /// A token, perhaps revoked.
    fn token(&mut self) -> Result<()> {
        let request = self.owner("POST", "/token".into());
        let request = request.json(&json!({ "name": "a launcher", "scopes": ["launch"] }));
        let told = self.ask_noting(&request, |ledger| ledger.tokens_sent += 1)?;
        let made = told.wants("make a token", &[201])?.json();
        let id =
            made.get("id").and_then(Value::as_str).context("a token without its id")?.to_owned();
        self.ledger().tokens.insert(id.clone(), Known::Never);
        if self.chance.one_in(2) {
            self.ledger().tokens.insert(id.clone(), Known::Asked);
            let told = self.ask(&self.owner("DELETE", format!("/token/{id}")))?;
            told.wants("revoke a token", if told.again { &[204, 404] } else { &[204] })?;
            self.ledger().tokens.insert(id, Known::Told);
        }
        Ok(())
    }
}

/// Did it take longer than anything may?
fn is_patience_over(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}
