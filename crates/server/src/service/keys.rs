//! The service's own keys: made once, kept sealed in the store.

use p384::ecdsa::signature::Signer as _;
use p384::ecdsa::{Signature, SigningKey};
use sev_launch_abi::reader::wide;
use sev_launch_protocol::audit::Checkpoint;
use sev_launch_protocol::text::Exact;
use sev_launch_protocol::views::SignedCheckpoint;
use sev_launch_verify::rand_core::CryptoRng;
use sev_launch_verify::sev::keys::PrivateKey;
use zeroize::Zeroizing;

use super::registrations::unavailable;
use super::{Answered, Service};
use crate::seal::{KeyId, KeyRing, Place, SealError, Sealed};
use crate::store::{SealedAt, Store, StoreError};

/// Why the service does not start on a store.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is kept does not open.
    #[error("the store was sealed with another key than the one given")]
    Seal(#[from] SealError),
    /// A value needs a key that is not given.
    #[error(
        "the store holds values that are sealed with key {wanted}, which is not given: name it as an older key"
    )]
    KeyMissing {
        /// Which key.
        wanted: KeyId,
    },
    /// A key of the service is not one.
    #[error("the service's {what} key is damaged")]
    Damaged {
        /// Which.
        what: &'static str,
    },
}

/// Bytes of a MAC.
pub(super) const MAC_SIZE: usize = 32;

/// What the store's values are named.
const CANARY: &str = "sealed-canary";
const IDENTITY: &str = "sealed-identity";
const AUDIT: &str = "sealed-audit";

/// The place of a value of the service's own, by the name under which the store has it.
pub(crate) fn place_of_meta(name: &str) -> Place<'_> {
    match name {
        CANARY => Place::Canary,
        AUDIT => Place::AuditKey,
        other => Place::Other(other),
    }
}

/// The service's own keys.
pub struct ServiceKeys {
    /// By which a registration is known again, without its secrets being kept for it, and what the service itself wrote.
    identity: Zeroizing<[u8; 32]>,
    /// Signs checkpoints. It wipes itself.
    audit: SigningKey,
}

impl std::fmt::Debug for ServiceKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServiceKeys")
    }
}

impl ServiceKeys {
    /// Opens the keys of a store, or makes them in a store that has none.
    ///
    /// # Errors
    ///
    /// [`KeysError`]: nothing was changed.
    pub(super) fn open(
        store: &dyn Store,
        ring: &KeyRing,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, KeysError> {
        let sealed_before = store.key_ids()?;
        for id in &sealed_before {
            let wanted = KeyId::from_bytes(*id);
            if !ring.holds(wanted) {
                return Err(KeysError::KeyMissing { wanted });
            }
        }
        match store.meta(CANARY)? {
            Some(canary) => ring.check_canary(&Sealed::parse(&canary)?)?,
            None if !sealed_before.is_empty() => {
                return Err(KeysError::Damaged { what: "canary" });
            }
            None => {
                let mut identity = Zeroizing::new([0_u8; 32]);
                rng.fill_bytes(&mut *identity);
                let audit =
                    PrivateKey::generate(rng).map_err(|_| KeysError::Damaged { what: "audit" })?;
                let audit = audit.expose();
                let identity = ring.seal(&place_of_meta(IDENTITY), &identity[..], rng)?;
                let audit = ring.seal(&place_of_meta(AUDIT), &audit[..], rng)?;
                // All in one transaction: a store has all of them, or is new.
                store.set_meta(&[
                    (IDENTITY, &identity.to_bytes()),
                    (AUDIT, &audit.to_bytes()),
                    (CANARY, &ring.canary(rng)?.to_bytes()),
                ])?;
            }
        }
        let open =
            |name: &'static str, what: &'static str| -> Result<Zeroizing<Vec<u8>>, KeysError> {
                let value = store.meta(name)?.ok_or(KeysError::Damaged { what })?;
                Ok(ring.open(&place_of_meta(name), &Sealed::parse(&value)?)?)
            };
        let identity = open(IDENTITY, "identity")?;
        let identity: [u8; 32] =
            identity.as_slice().try_into().map_err(|_| KeysError::Damaged { what: "identity" })?;
        let audit = SigningKey::from_slice(&open(AUDIT, "audit")?)
            .map_err(|_| KeysError::Damaged { what: "audit" })?;
        Ok(Self { identity: Zeroizing::new(identity), audit })
    }

    /// By which a registration is known again: HMAC-SHA256 of its canonical form.
    pub(super) fn identity(&self, canonical: &[u8]) -> [u8; MAC_SIZE] {
        self.hmac(&[canonical])
    }

    /// HMAC-SHA256 of fields, the length of each before it: 64 bits, little endian. The first says what it is for.
    pub(super) fn mac(&self, fields: &[&[u8]]) -> [u8; MAC_SIZE] {
        let lengths: Vec<_> = fields.iter().map(|field| wide(field.len()).to_le_bytes()).collect();
        let parts = lengths.iter().zip(fields).flat_map(|(length, field)| [&length[..], field]);
        self.hmac(&parts.collect::<Vec<_>>())
    }

    /// By which a firmware's entry is known to be this service's.
    pub(super) fn entry_mac(&self, tenant: &str, entry: &[u8]) -> [u8; MAC_SIZE] {
        self.mac(&[b"sev-launch firmware entry 1", tenant.as_bytes(), entry])
    }

    fn hmac(&self, parts: &[&[u8]]) -> [u8; MAC_SIZE] {
        use hmac::{KeyInit as _, Mac as _};
        // The key is one half of a block, and zeros follow, as RFC 2104 has it.
        let mut block = Zeroizing::new([0_u8; 64]);
        let (half, _) = block.split_at_mut(32);
        half.copy_from_slice(&*self.identity);
        let mut mac = hmac::Hmac::<sha2::Sha256>::new((&*block).into());
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }

    /// Signs a checkpoint.
    pub(super) fn sign(&self, checkpoint: &Checkpoint) -> SignedCheckpoint {
        let signature: Signature = self.audit.sign(&checkpoint.signed_bytes());
        let mut bytes = [0; 96];
        bytes.copy_from_slice(&signature.to_bytes());
        SignedCheckpoint { checkpoint: checkpoint.clone(), signature: Exact(bytes) }
    }

    /// The public key of checkpoints: SEC 1, uncompressed.
    pub(super) fn audit_key(&self) -> Exact<97> {
        let point = self.audit.verifying_key().to_sec1_point(false);
        let mut bytes = [0; 97];
        bytes.copy_from_slice(point.as_bytes());
        Exact(bytes)
    }
}

impl Service {
    /// Seals everything with the current key that is sealed with another. How many values there were.
    ///
    /// # Errors
    ///
    /// Those of the store; what was rewrapped before stays so, and all of it opens as before.
    pub fn rewrap(&self) -> Answered<u64> {
        let current = self.ring.current_id();
        let rewrap = |at: &SealedAt, value: &[u8]| -> Result<Option<Vec<u8>>, StoreError> {
            let corrupt = |error: SealError| StoreError::Corrupt(error.to_string());
            let place = match at {
                SealedAt::Secrets { tenant, vmid, registration } => {
                    Place::Registration { tenant, vm: *vmid.as_bytes(), version: *registration }
                }
                SealedAt::Keys { tenant, vmid, launch } => {
                    Place::LaunchKeys { tenant, vm: *vmid.as_bytes(), launch: *launch.as_bytes() }
                }
                SealedAt::Meta(name) => place_of_meta(name),
            };
            let sealed = Sealed::parse(value).map_err(corrupt)?;
            let sealed = self.ring.rewrap(&place, &sealed, &mut self.rng()).map_err(corrupt)?;
            Ok(sealed.map(|sealed| sealed.to_bytes()))
        };
        let mut all = 0_u64;
        loop {
            let done =
                self.store.rewrap(current.as_bytes(), AT_ONCE, &rewrap).map_err(unavailable)?;
            if done == 0 {
                return Ok(all);
            }
            all = all.saturating_add(done.into());
        }
    }

    /// The id of the current key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.ring.current_id()
    }
}

/// Values that are rewrapped in one transaction.
const AT_ONCE: u32 = 500;
