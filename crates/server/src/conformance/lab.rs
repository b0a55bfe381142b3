//! What a run works with: the service, the tokens, the machines, and secrets that nobody else has.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_platform::{Authority, AuthorityError, AuthorityKeys, Handle, Platform, Primes};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::client::{Answer, Ask, Client};
use super::expect::{Checked, demand, differs, is, refusal, success};
use super::guest::Guest;
use super::guests;
use super::{ConformanceError, Settings};

/// Bytes of a SEV certificate. [SEV-API, SEV certificate]
pub(super) const CERTIFICATE: usize = 2084;

/// The secrets of a run.
pub(super) struct Secrets {
    /// Of the disk.
    pub(super) passphrase: Zeroizing<String>,
    /// Of a name of its own.
    pub(super) data: Zeroizing<Vec<u8>>,
    /// Of a bundle, in base64.
    pub(super) key: Zeroizing<String>,
}

/// Everything that cases share.
pub(super) struct Lab {
    client: Client,
    tokens: Tokens,
    machine: Mutex<Platform>,
    /// PDH, PEK, OCA, CEK, ASK and ARK.
    pub(super) chain: Vec<u8>,
    pub(super) secrets: Secrets,
    registered: Mutex<Vec<String>>,
    started: Mutex<Vec<Handle>>,
}

struct Tokens {
    owner: Zeroizing<String>,
    launcher: Zeroizing<String>,
    auditor: Zeroizing<String>,
    other_owner: Option<Zeroizing<String>>,
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, ConformanceError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(|_| ConformanceError::Randomness)?;
    Ok(bytes)
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lab {
    pub(super) fn new(settings: Settings) -> Result<Self, ConformanceError> {
        let Settings { url, owner, launcher, auditor, other_owner, platform, ca, observer } =
            settings;
        let mut machine = Platform::from_bytes(&platform).map_err(ConformanceError::Platform)?;
        // Runs that know nothing of each other share no nonce.
        machine.draw_from(u64::from_le_bytes(*random()?));
        let chain = machine.full_chain().map_err(ConformanceError::Authority)?;
        let secrets = Secrets {
            passphrase: Zeroizing::new(format!("passphrase {}", hex::encode(*random::<16>()?))),
            data: Zeroizing::new(random::<32>()?.to_vec()),
            key: Zeroizing::new(STANDARD.encode(*random::<32>()?)),
        };
        let mut client = Client::new(&url, ca.as_deref(), observer)?
            .watching_for("the passphrase", secrets.passphrase.as_bytes())
            .watching_for("the passphrase in base64", &within(secrets.passphrase.as_bytes()))
            .watching_for("a secret", &secrets.data)
            .watching_for("a secret in base64", STANDARD.encode(&*secrets.data).as_bytes())
            .watching_for("a secret in hex", hex::encode(&*secrets.data).as_bytes())
            .watching_for("a key of the bundle", secrets.key.as_bytes());
        let tokens = [
            ("the owner's token", &owner),
            ("the launcher's token", &launcher),
            ("the auditor's token", &auditor),
        ];
        let more = other_owner.iter().map(|token| ("another owner's token", token));
        for (name, token) in tokens.into_iter().chain(more) {
            client = client.watching_for(name, token.as_bytes());
        }
        Ok(Self {
            client,
            tokens: Tokens { owner, launcher, auditor, other_owner },
            machine: Mutex::new(machine),
            chain,
            secrets,
            registered: Mutex::default(),
            started: Mutex::default(),
        })
    }

    /// The service is there, is one of this protocol, takes the tokens, and gets the firmware that guests boot.
    pub(super) async fn prepare(&self) -> Checked {
        let ask = Ask::get("/");
        let document = success(&ask, &self.send(&ask).await?, 200)?;
        is(&document, "/service", "sev-attestation")?;
        is(&document, "/api", "v1")?;
        for (name, ask) in [
            ("--owner", self.by_owner(Ask::get("/vm?limit=1"))),
            ("--auditor", self.by_auditor(Ask::get("/audit?limit=1"))),
            ("--launcher", self.by_launcher(self.launch_of(&new_vmid()))),
        ] {
            let answer = self.send(&ask).await?;
            let works = answer.status == 200 || answer.code() == "no-such-vm";
            demand(works, format!("{name}: {ask:?}: found {answer:?}: the token does not hold"))?;
        }
        let ask = self.by_owner(guests::upload());
        let answer = self.send(&ask).await?;
        demand(
            [200, 201].contains(&answer.status),
            format!("{ask:?}: found {answer:?}, wanted 200 or 201"),
        )?;
        let guest = self.guest(&self.sev()).await?;
        let answer = self.send(&guest.launching()).await?;
        let advice = "the service does not trust the platform of --platform: give it the folder that `sev-launch platform export` makes of it";
        demand(answer.code() != "chain-root", advice)?;
        self.clean().await
    }

    /// Deletes what a case registered, and ends what it started.
    pub(super) async fn clean(&self) -> Checked {
        for handle in std::mem::take(&mut *locked(&self.started)) {
            self.machine().decommission(handle);
        }
        let registered = std::mem::take(&mut *locked(&self.registered));
        for vmid in registered {
            let ask = self.by_owner(Ask::delete(format!("/vm/{vmid}")));
            let answer = self.send(&ask).await?;
            demand(
                [204, 404].contains(&answer.status),
                format!("{ask:?}: found {answer:?}, wanted 204"),
            )?;
        }
        Ok(())
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// The machine. Nothing is waited for while it is held.
    pub(super) fn machine(&self) -> MutexGuard<'_, Platform> {
        locked(&self.machine)
    }

    pub(super) fn started(&self, handle: Handle) {
        locked(&self.started).push(handle);
    }

    pub(super) fn remember(&self, vmid: &str) {
        locked(&self.registered).push(vmid.to_owned());
    }

    pub(super) async fn send(&self, ask: &Ask) -> Checked<Answer> {
        self.client.send(ask).await
    }

    /// Sends it, and wants a success.
    pub(super) async fn good(&self, status: u16, ask: Ask) -> Checked<Value> {
        success(&ask, &self.send(&ask).await?, status)
    }

    /// Sends it, and wants a refusal.
    pub(super) async fn bad(&self, status: u16, code: &str, ask: Ask) -> Checked<Value> {
        refusal(&ask, &self.send(&ask).await?, &[(status, code)])
    }

    pub(super) fn by_owner(&self, ask: Ask) -> Ask {
        ask.by(&self.tokens.owner)
    }

    pub(super) fn by_launcher(&self, ask: Ask) -> Ask {
        ask.by(&self.tokens.launcher)
    }

    pub(super) fn by_auditor(&self, ask: Ask) -> Ask {
        ask.by(&self.tokens.auditor)
    }

    /// The token of another tenant's owner, where there is one.
    pub(super) fn other_owner(&self) -> Option<&str> {
        self.tokens.other_owner.as_ref().map(|token| token.as_str())
    }

    /// The request for a launch with the machine's chain.
    pub(super) fn launch_of(&self, vmid: &str) -> Ask {
        let body = json!({ "cert-chain": STANDARD.encode(&self.chain) });
        Ask::post(format!("/vm/{vmid}/launch"), &body)
    }

    /// The OCA's certificate of the machine.
    pub(super) fn oca(&self) -> Vec<u8> {
        let mut certificates = self.chain.chunks(CERTIFICATE);
        certificates.nth(2).unwrap_or_default().to_vec()
    }

    /// A registration of TV-2: SEV with kernel hashes, and three secrets.
    pub(super) fn sev(&self) -> Value {
        let Secrets { passphrase, data, key } = &self.secrets;
        json!({
            "scheme": "amd-sev", "policy": 3, "cpu-count": 2,
            "firmware-hashes": [sha256(&guests::image())],
            "kernel-hash": sha256(guests::KERNEL), "initrd-hash": sha256(guests::INITRD),
            "cmdline": guests::CMDLINE,
            "platform": { "cloud-certs": [STANDARD.encode(self.oca())] },
            "secrets": [
                { "type": "luks-passphrase", "passphrase": passphrase.as_str() },
                { "guid": guests::OWN_GUID, "data": STANDARD.encode(&**data) },
                { "type": "bundle", "guid": guests::BUNDLE_GUID, "keys": { "disk": key.as_str() } },
            ],
        })
    }

    /// The table that the guest finds, byte by byte.
    pub(super) fn table(&self) -> Zeroizing<Vec<u8>> {
        let Secrets { passphrase, data, key } = &self.secrets;
        let bundle = Zeroizing::new(format!("{{\"disk\":\"{}\"}}", key.as_str()));
        guests::table(&[
            (guests::LUKS_GUID, passphrase.as_bytes()),
            (guests::OWN_GUID, data),
            (guests::BUNDLE_GUID, bundle.as_bytes()),
        ])
    }

    /// The same with other members; a null takes one out.
    pub(super) fn sev_with(&self, more: &Value) -> Value {
        with(self.sev(), more)
    }

    /// Registers a new guest.
    pub(super) async fn guest(&self, registration: &Value) -> Checked<Guest<'_>> {
        let vmid = new_vmid();
        self.remember(&vmid);
        self.good(201, self.by_owner(Ask::post(format!("/vm/{vmid}"), registration))).await?;
        Ok(Guest { lab: self, vmid })
    }

    /// Another machine under the same authority.
    pub(super) fn other_machine(&self) -> Checked<Platform> {
        let machine = self.machine();
        let keys = machine.authority().map_err(made)?.keys();
        another(&machine, &keys)
    }

    /// A machine under an authority that nobody trusts: its keys are new ones, of the platform's primes in other pairs, since the search for new
    /// primes takes long.
    pub(super) fn foreign_machine(&self) -> Checked<Platform> {
        let machine = self.machine();
        let AuthorityKeys { ark, ask, asvk } = machine.authority().map_err(made)?.keys();
        let pair = |p: &[u8], q: &[u8]| Primes { p: p.to_vec().into(), q: q.to_vec().into() };
        let keys = AuthorityKeys { ark: pair(&ark.p, &ask.q), ask: pair(&ask.p, &ark.q), asvk };
        another(&machine, &keys)
    }
}

fn another(machine: &Platform, keys: &AuthorityKeys) -> Checked<Platform> {
    let seed = random().map_err(|error| differs(error.to_string()))?;
    let authority = Authority::from_keys(machine.model().generation, keys).map_err(made)?;
    Platform::new(machine.model(), &seed).with_authority(authority).map_err(made)
}

fn made(error: AuthorityError) -> super::Fault {
    super::Fault::Skipped(format!("no such machine can be made: {error}"))
}

/// What base64 makes of the bytes wherever they stand in a text of it: without the ends, which depend on what is around.
fn within(bytes: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(bytes);
    text.as_bytes().get(..bytes.len() / 3 * 4).unwrap_or_default().to_vec()
}

/// A UUID that no guest has yet.
pub(super) fn new_vmid() -> String {
    let mut bytes = [0; 16];
    // Without randomness there is a name that is taken, and the case says so.
    let _ = getrandom::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// An object with other members; a null takes one out.
pub(super) fn with(mut base: Value, more: &Value) -> Value {
    if let (Value::Object(base), Value::Object(more)) = (&mut base, more) {
        for (name, value) in more {
            if value.is_null() {
                base.remove(name);
            } else {
                base.insert(name.clone(), value.clone());
            }
        }
    }
    base
}
