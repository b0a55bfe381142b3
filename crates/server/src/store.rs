//! What the service keeps, as transactions of its business: each happens whole, with its audit records, or not at all.
//!
//! [`Store`] is what the service calls. It is written once, in [`transactions`], over [`Rows`]: single rows of one open transaction,
//! which an [`Engine`] opens and commits. [`sqlite`] is the engine that is built in. Every change of a guest is one update of its row
//! on the condition that its version is still the one that was read: of two that step from one state, one writes.
//!
//! Nothing here knows a key: what is secret arrives sealed ([`crate::seal`]).

pub mod conformance;
pub mod rows;
pub mod sqlite;
pub mod transactions;

use sev_launch_protocol::audit::Actor;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::LaunchLimitPatch;
use sev_launch_protocol::state::{Answer, Event, Guest, Judgement, Record, Refusal};
use sev_launch_protocol::text::{Label, LaunchId, RequestId, Sha256, Time, VmId};
use sev_launch_protocol::views::{SignedCheckpoint, TokenView};

pub use self::rows::{FirmwareRow, LaunchRow, Material, Rows, StoredAnswer, TokenRow, VmRow};
pub use self::transactions::Engine;

/// The store does not answer, or holds what it should not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not read or write; nothing was half done.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// Another transaction changed the same row first; the work is done again.
    #[error("the store was changed by others again and again")]
    Changed,
    /// A row is not what was written.
    #[error("the store holds what this version does not understand: {0}")]
    Corrupt(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // The text is for the log; a caller learns that it may try again.
        match error {
            StoreError::Changed | StoreError::Unavailable(_) => Self::of(Code::StoreUnavailable),
            StoreError::Corrupt(_) => Self::of(Code::Internal),
        }
    }
}

/// Who asks, when, and for which tenant.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant.
    pub tenant: String,
    /// The request.
    pub request: RequestId,
    /// Who.
    pub actor: Actor,
    /// When.
    pub now: Time,
}

/// A guest to be registered.
#[derive(Clone, Debug)]
pub struct NewVm {
    /// Its name.
    pub vmid: VmId,
    /// Its state before any launch.
    pub guest: Guest,
    /// The registration without its secrets, JSON.
    pub registration: String,
    /// By which the same registration is known again: a MAC of its canonical form.
    pub identity: [u8; 32],
    /// How many launch digests it accepts.
    pub candidates: u64,
    /// The size of its table of secrets in bytes.
    pub table_bytes: u64,
    /// Its candidates, and its secrets, sealed.
    pub material: Material,
    /// A token for its launches alone.
    pub token: Option<TokenRow>,
}

/// On which condition a registration is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is none, or it is the same.
    New,
    /// There is none: `If-None-Match: *`.
    Absent,
    /// There is one, in this version: `If-Match`.
    Version(u64),
}

/// What came of a registration.
#[derive(Debug)]
pub enum Registered {
    /// There was none before.
    Created(Box<VmRow>),
    /// The one before was replaced.
    Replaced(Box<VmRow>),
    /// It was the same already.
    Same(Box<VmRow>),
}

/// What an owner changes of a registration.
#[derive(Clone, Debug)]
pub struct Amendment {
    /// The version that is changed; any if it is not said.
    pub version: Option<u64>,
    /// A name for people.
    pub name: Option<Option<Label>>,
    /// Labels, set or removed; `None` in the middle removes all.
    pub labels: Option<Option<std::collections::BTreeMap<String, Option<Label>>>>,
    /// The time from which it may not be launched.
    pub valid_until: Option<Option<Time>>,
    /// How often and how long.
    pub limit: Option<LaunchLimitPatch>,
    /// Refuse every launch.
    pub disabled: Option<bool>,
}

impl Amendment {
    /// Does it change nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { version: _, name, labels, valid_until, limit, disabled } = self;
        name.is_none()
            && labels.is_none()
            && valid_until.is_none()
            && limit.is_none()
            && disabled.is_none()
    }
}

/// A launch that begins.
#[derive(Debug)]
pub struct NewLaunch {
    /// What happens to the guest.
    pub event: Event,
    /// Its name.
    pub id: LaunchId,
    /// The registration's version whose facts were judged.
    pub registration: u64,
    /// What is kept of it.
    pub row: LaunchRow,
    /// The launcher's key of the request, hashed, and the request's digest.
    pub idempotency: Option<([u8; 32], Sha256)>,
    /// How long the answer is kept for the same key.
    pub replay_until: Time,
}

/// What a request to validate is judged by.
#[derive(Debug)]
pub struct Judging {
    /// Which launch.
    pub launch: LaunchId,
    /// The guest as it is.
    pub guest: Guest,
    /// What is kept of the launch, with its sealed keys.
    pub row: LaunchRow,
    /// What was registered.
    pub registration: String,
    /// The candidates and the sealed secrets.
    pub material: Material,
}

/// Whether a request is to be judged.
#[derive(Debug)]
pub enum Judge {
    /// It was answered before: the answer.
    Answered(StoredAnswer),
    /// It is to be judged.
    By(Box<Judging>),
}

/// What came of a change of a guest.
pub type Outcome<T> = Result<Result<T, Refusal>, StoreError>;

/// Makes the answer of a step that is about to be written. It may be asked again, where an engine's transaction came to nothing.
pub type Answering<'a> = &'a mut dyn FnMut(&Answer) -> Result<StoredAnswer, Problem>;

/// The transactions of the service.
pub trait Store: Send + Sync {
    /// Writes a registration.
    ///
    /// # Errors
    ///
    /// A refusal: `exists`, `vm-deleted`, `no-such-vm`, `etag-mismatch`.
    fn register(&self, caller: &Caller, vm: &NewVm, condition: Condition) -> Outcome<Registered>;

    /// Changes what leaves measurements and secrets as they are.
    ///
    /// # Errors
    ///
    /// A refusal: `no-such-vm`, `etag-mismatch`.
    fn amend(&self, caller: &Caller, vmid: VmId, amendment: &Amendment) -> Outcome<VmRow>;

    /// Deletes a guest: its launches end, its secrets and keys are removed, its name is never given again.
    ///
    /// # Errors
    ///
    /// A refusal: `no-such-vm`, `etag-mismatch`.
    fn delete(&self, caller: &Caller, vmid: VmId, version: Option<u64>) -> Outcome<()>;

    /// A guest.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn vm(&self, tenant: &str, vmid: VmId) -> Result<Option<VmRow>, StoreError>;

    /// Guests in the order of their names, after `after`.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn vms(&self, tenant: &str, after: Option<VmId>, limit: u32) -> Result<Vec<VmRow>, StoreError>;

    /// What a guest accepts and receives.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn material(&self, tenant: &str, vmid: VmId) -> Result<Option<Material>, StoreError>;

    /// Begins a launch, or finds that this request began one.
    ///
    /// # Errors
    ///
    /// A refusal of the state machine, or `idempotency-mismatch`.
    fn begin_launch(
        &self,
        caller: &Caller,
        vmid: VmId,
        launch: &NewLaunch,
        answering: Answering<'_>,
    ) -> Outcome<StoredAnswer>;

    /// The answer that a key and a request of a launch were given, if they were.
    ///
    /// # Errors
    ///
    /// A refusal: `idempotency-mismatch`, if the key was used with another request.
    fn begun(
        &self,
        caller: &Caller,
        vmid: VmId,
        key: &[u8; 32],
        request: Sha256,
    ) -> Outcome<Option<StoredAnswer>>;

    /// What a request to validate is judged by, or the answer that it was given before.
    ///
    /// # Errors
    ///
    /// A refusal: the launch is not there, or over.
    fn judge(
        &self,
        caller: &Caller,
        vmid: VmId,
        named: Option<LaunchId>,
        request: Sha256,
    ) -> Outcome<Judge>;

    /// Writes that an answer is about to be given again.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn note_replay(
        &self,
        caller: &Caller,
        vmid: VmId,
        launch: LaunchId,
        request: Sha256,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError>;

    /// Writes what a measurement came to: the answer leaves only if this returns it.
    ///
    /// # Errors
    ///
    /// A refusal of the state machine, which may have used an attempt or ended the launch.
    fn finish_validate(
        &self,
        caller: &Caller,
        vmid: VmId,
        request: Sha256,
        judgement: &Judgement,
        replay_until: Time,
        answering: Answering<'_>,
    ) -> Outcome<StoredAnswer>;

    /// Steps a guest by an event that hands nothing out: acknowledge, decide, revoke.
    ///
    /// # Errors
    ///
    /// A refusal of the state machine, or `no-such-vm`.
    fn step(&self, caller: &Caller, vmid: VmId, event: &Event) -> Outcome<()>;

    /// A launch's row, and who began it.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn launch(
        &self,
        tenant: &str,
        vmid: VmId,
        launch: LaunchId,
    ) -> Result<Option<LaunchRow>, StoreError>;

    /// Ends what time ended, `limit` guests at most, and drops answers that are too old to be repeated. The number of guests stepped.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn sweep(&self, caller: &Caller, limit: u32) -> Result<u32, StoreError>;

    /// Adds a firmware to the catalogue; false if it was there, and is left as it was but for an image that it now keeps.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn add_firmware(&self, caller: &Caller, row: &FirmwareRow) -> Result<bool, StoreError>;

    /// A firmware, without its image.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn firmware(&self, tenant: &str, sha256: Sha256) -> Result<Option<FirmwareRow>, StoreError>;

    /// The catalogue, without images.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn firmwares(&self, tenant: &str) -> Result<Vec<FirmwareRow>, StoreError>;

    /// Takes a firmware out of the catalogue; false if it was not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn remove_firmware(&self, caller: &Caller, sha256: Sha256) -> Result<bool, StoreError>;

    /// Adds a token.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn add_token(&self, caller: &Caller, row: &TokenRow) -> Result<(), StoreError>;

    /// A token by its id, of any tenant.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn token(&self, id: &str) -> Result<Option<TokenRow>, StoreError>;

    /// The tokens of a tenant.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn tokens(&self, tenant: &str) -> Result<Vec<TokenView>, StoreError>;

    /// Revokes a token; false if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn remove_token(&self, caller: &Caller, id: &str) -> Result<bool, StoreError>;

    /// Writes a record of something that changes nothing else, such as a refusal before any state.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn note(&self, caller: &Caller, vmid: Option<VmId>, record: &Record) -> Result<(), StoreError>;

    /// Lines of the audit after number `after`.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn audit(&self, tenant: &str, after: u64, limit: u32)
    -> Result<Vec<(u64, String)>, StoreError>;

    /// Makes a checkpoint of every tenant whose audit grew since its last one, each signed by `sign`.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn checkpoint(
        &self,
        now: Time,
        sign: &dyn Fn(&sev_launch_protocol::audit::Checkpoint) -> SignedCheckpoint,
    ) -> Result<u32, StoreError>;

    /// The checkpoints of a tenant, the newest last, at most the last `limit`.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn checkpoints(&self, tenant: &str, limit: u32) -> Result<Vec<SignedCheckpoint>, StoreError>;

    /// A value of the service's own, by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes values of the service's own, by name, all or none.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn set_meta(&self, values: &[(&str, &[u8])]) -> Result<(), StoreError>;

    /// Rewraps what is sealed under another key than `current`, `limit` values at most, each by `rewrap`. The number rewrapped; 0 means
    /// that all is done.
    ///
    /// # Errors
    ///
    /// [`StoreError`], or that of `rewrap`.
    fn rewrap(&self, current: &[u8; 8], limit: u32, rewrap: Rewrap<'_>) -> Result<u32, StoreError>;

    /// The ids of keys that what is sealed here needs, 8 bytes each.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn key_ids(&self) -> Result<Vec<[u8; 8]>, StoreError>;

    /// Removes what was deleted from wherever the store still has it, such as a log. What was sealed there opens with nothing but the
    /// key of the store; copies that others made are theirs to destroy.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: some of it may still be there.
    fn purge(&self) -> Result<(), StoreError>;

    /// Can the store be written?
    ///
    /// # Errors
    ///
    /// [`StoreError`], if not.
    fn ready(&self) -> Result<(), StoreError>;
}

/// Something sealed, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealedAt {
    /// The secrets of a guest, in a version of its registration.
    Secrets {
        /// The tenant.
        tenant: String,
        /// The guest.
        vmid: VmId,
        /// The registration's version.
        registration: u64,
    },
    /// The keys of a launch.
    Keys {
        /// The tenant.
        tenant: String,
        /// The guest.
        vmid: VmId,
        /// The launch.
        launch: LaunchId,
    },
    /// A value of the service's own whose name begins with `sealed-`.
    Meta(String),
}

/// Makes the new form of something sealed; `None` if it is as it should be.
pub type Rewrap<'a> = &'a dyn Fn(&SealedAt, &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
