//! Single rows, read and written in one open transaction.

use sev_launch_protocol::audit::Head;
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::state::Guest;
use sev_launch_protocol::text::{LaunchId, Sha256, Time, VmId};
use sev_launch_protocol::views::{SignedCheckpoint, TokenView};

use super::{SealedAt, StoreError};

/// A guest as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct VmRow {
    /// The tenant.
    pub tenant: String,
    /// Its name.
    pub vmid: VmId,
    /// One more with each change of the row.
    pub version: u64,
    /// Its state.
    pub guest: Guest,
    /// The registration without its secrets, JSON.
    pub registration: String,
    /// By which the same registration is known again.
    pub identity: [u8; 32],
    /// What kind of launch.
    pub scheme: Scheme,
    /// How many launch digests it accepts.
    pub candidates: u64,
    /// The size of its table of secrets in bytes.
    pub table_bytes: u64,
    /// When it was registered.
    pub created: Time,
    /// When its registration last changed.
    pub changed: Time,
    /// Was it deleted? Then only the name is kept.
    pub deleted: bool,
}

/// What a guest accepts and receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// The candidates, JSON.
    pub candidates: Vec<u8>,
    /// The secrets, sealed; `None` without secrets.
    pub secrets: Option<Vec<u8>>,
    /// The registration's version.
    pub registration: u64,
}

/// What is kept of a launch beside its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchRow {
    /// TEK and TIK, sealed; `None` once the launch is over, and for SEV-SNP.
    pub keys: Option<Vec<u8>>,
    /// For SEV-SNP: the nonce.
    pub nonce: Option<[u8; 32]>,
    /// Who began it: kind and id of an actor.
    pub actor: (String, String),
    /// What is known of its platform, JSON.
    pub platform: String,
    /// The registration's version that it began under.
    pub registration: u64,
}

/// An answer that is kept to be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The status of HTTP.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Was it given before?
    pub replayed: bool,
}

/// A firmware of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirmwareRow {
    /// SHA-256 of the image.
    pub sha256: Sha256,
    /// The catalogue's entry, JSON.
    pub entry: Vec<u8>,
    /// The image, if it is kept and asked for.
    pub image: Option<Vec<u8>>,
    /// Is the image kept?
    pub image_kept: bool,
    /// When it was uploaded.
    pub created: Time,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// All but what proves it.
    pub view: TokenView,
    /// SHA-256 of what proves it.
    pub hash: [u8; 32],
}

/// For which request an answer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerTo {
    /// A launch with this idempotency key, hashed.
    Launch([u8; 32]),
    /// A request to validate of this launch.
    Validate(LaunchId),
}

/// Rows of one open transaction. All that is written is committed together, or nothing of it.
pub trait Rows {
    /// A guest.
    ///
    /// # Errors
    ///
    /// [`StoreError`], as in all methods.
    fn vm(&mut self, tenant: &str, vmid: VmId) -> Result<Option<VmRow>, StoreError>;
    /// Guests after a name.
    fn vms(
        &mut self,
        tenant: &str,
        after: Option<VmId>,
        limit: u32,
    ) -> Result<Vec<VmRow>, StoreError>;
    /// Adds a guest, with version 1; false if there is one.
    fn insert_vm(&mut self, row: &VmRow) -> Result<bool, StoreError>;
    /// Writes a guest whose version was `row.version - 1`; false if it is another by now.
    fn update_vm(&mut self, row: &VmRow) -> Result<bool, StoreError>;
    /// Guests with a launch that expires at `now` or before.
    fn due(&mut self, now: Time, limit: u32) -> Result<Vec<(String, VmId)>, StoreError>;

    /// What a guest accepts and receives.
    fn material(&mut self, tenant: &str, vmid: VmId) -> Result<Option<Material>, StoreError>;
    /// Writes it.
    fn put_material(
        &mut self,
        tenant: &str,
        vmid: VmId,
        material: &Material,
    ) -> Result<(), StoreError>;
    /// Removes it.
    fn drop_material(&mut self, tenant: &str, vmid: VmId) -> Result<(), StoreError>;

    /// A launch.
    fn launch(
        &mut self,
        tenant: &str,
        vmid: VmId,
        launch: LaunchId,
    ) -> Result<Option<LaunchRow>, StoreError>;
    /// Adds a launch.
    fn insert_launch(
        &mut self,
        tenant: &str,
        vmid: VmId,
        launch: LaunchId,
        row: &LaunchRow,
    ) -> Result<(), StoreError>;
    /// Removes a launch's keys.
    fn drop_keys(&mut self, tenant: &str, vmid: VmId, launch: LaunchId) -> Result<(), StoreError>;
    /// Removes everything of a launch.
    fn drop_launch(&mut self, tenant: &str, vmid: VmId, launch: LaunchId)
    -> Result<(), StoreError>;
    /// Removes everything of all launches of a guest, and its answers.
    fn drop_launches(&mut self, tenant: &str, vmid: VmId) -> Result<(), StoreError>;

    /// An answer that was given, with the digest of its request, if it is still to be repeated at `now`.
    fn answer(
        &mut self,
        tenant: &str,
        vmid: VmId,
        to: AnswerTo,
        now: Time,
    ) -> Result<Option<(Sha256, StoredAnswer)>, StoreError>;
    /// Keeps an answer.
    fn put_answer(
        &mut self,
        tenant: &str,
        vmid: VmId,
        to: AnswerTo,
        request: Sha256,
        answer: &StoredAnswer,
        until: Time,
    ) -> Result<(), StoreError>;
    /// Drops the answers of a guest.
    fn drop_answers_of(&mut self, tenant: &str, vmid: VmId) -> Result<(), StoreError>;
    /// Drops answers that are too old at `now`.
    fn drop_answers(&mut self, now: Time) -> Result<(), StoreError>;

    /// A firmware, without its image.
    fn firmware(&mut self, tenant: &str, sha256: Sha256)
    -> Result<Option<FirmwareRow>, StoreError>;
    /// The catalogue, without images.
    fn firmwares(&mut self, tenant: &str) -> Result<Vec<FirmwareRow>, StoreError>;
    /// Adds a firmware, or its image.
    fn put_firmware(&mut self, tenant: &str, row: &FirmwareRow) -> Result<(), StoreError>;
    /// Removes a firmware; false if there is none.
    fn remove_firmware(&mut self, tenant: &str, sha256: Sha256) -> Result<bool, StoreError>;

    /// A token of any tenant.
    fn token(&mut self, id: &str) -> Result<Option<TokenRow>, StoreError>;
    /// The tokens of a tenant.
    fn tokens(&mut self, tenant: &str) -> Result<Vec<TokenView>, StoreError>;
    /// Adds a token.
    fn insert_token(&mut self, row: &TokenRow) -> Result<(), StoreError>;
    /// Removes a token of a tenant; false if there is none.
    fn remove_token(&mut self, tenant: &str, id: &str) -> Result<bool, StoreError>;
    /// Removes the tokens for one guest.
    fn remove_tokens_of(&mut self, tenant: &str, vmid: VmId) -> Result<(), StoreError>;

    /// Where the audit of a tenant ends.
    fn head(&mut self, tenant: &str) -> Result<Head, StoreError>;
    /// Adds a line after the head.
    fn append(&mut self, tenant: &str, head: Head, line: &str) -> Result<(), StoreError>;
    /// Lines after a number.
    fn audit(
        &mut self,
        tenant: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, String)>, StoreError>;
    /// The tenants that have an audit.
    fn tenants(&mut self) -> Result<Vec<String>, StoreError>;
    /// The last checkpoints of a tenant, the newest last.
    fn checkpoints(
        &mut self,
        tenant: &str,
        limit: u32,
    ) -> Result<Vec<SignedCheckpoint>, StoreError>;
    /// Adds a checkpoint.
    fn insert_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError>;

    /// A value of the service's own.
    fn meta(&mut self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Writes it.
    fn put_meta(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Everything that is sealed under another key than `current`, `limit` at most.
    fn sealed_otherwise(
        &mut self,
        current: &[u8; 8],
        limit: u32,
    ) -> Result<Vec<(SealedAt, Vec<u8>)>, StoreError>;
    /// Writes something sealed in a new form.
    fn put_sealed(&mut self, at: &SealedAt, value: &[u8]) -> Result<(), StoreError>;
    /// The ids of keys in use.
    fn key_ids(&mut self) -> Result<Vec<[u8; 8]>, StoreError>;
}
