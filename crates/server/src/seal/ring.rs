//! The key ring: seals under its current key, and opens under any that it holds.

use std::fmt;

use sev_launch_verify::rand_core::CryptoRng;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

use super::envelope::{MAX_PLAINTEXT, OVERHEAD, Sealed, WRAPPED_SIZE};
use super::gcm::{self, KEY_SIZE, NONCE_SIZE};
use super::kek::{Kek, KeyId};
use super::place::Place;

/// The label of a payload's associated data. The key id is not in it: rewrapping leaves the payload as it is.
const PAYLOAD_LABEL: &str = "sev-launch sealed payload 1";
/// The label of a wrapped data key's associated data. The key id follows the place.
const DATA_KEY_LABEL: &str = "sev-launch sealed data key 1";
/// What a canary has inside.
const CANARY: &[u8] = b"sev-launch canary";

/// Why a value was not sealed or not opened, or a key not taken into a ring.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// More than is sealed as one value.
    #[error("{found} bytes to seal as one value: at most {MAX_PLAINTEXT} are")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// The wrong number of bytes.
    #[error(
        "a sealed value of {found} bytes: wanted {OVERHEAD} to {}; it was cut off, or is something else",
        OVERHEAD + MAX_PLAINTEXT
    )]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Another version.
    #[error(
        "a sealed value of version {found}: wanted version 1; a later program wrote it, or it is something else"
    )]
    Version {
        /// The version found.
        found: u8,
    },
    /// The ring has not the key.
    #[error(
        "the value is sealed under key {wanted}, and the key ring holds {}: give the file of key {wanted} as an older key",
        list(held)
    )]
    UnknownKey {
        /// The key that is needed.
        wanted: KeyId,
        /// The keys that are there, the current one first.
        held: Vec<KeyId>,
    },
    /// The data key does not open.
    #[error(
        "the data key of a value sealed under key {key} does not open: the value was changed, or belongs to another record"
    )]
    DataKey {
        /// The key that wraps it.
        key: KeyId,
    },
    /// The data key opens, and the payload does not.
    #[error("the payload of a value sealed under key {key} does not open: it was changed")]
    Payload {
        /// The key that wraps its data key.
        key: KeyId,
    },
    /// The value opens, and is no canary.
    #[error(
        "the canary of key {key} opens and is not the one of this program: another program wrote it"
    )]
    Canary {
        /// The key that it is under.
        key: KeyId,
    },
    /// The same key twice.
    #[error("the key ring already holds key {key}: name every key once")]
    SameKey {
        /// The key.
        key: KeyId,
    },
}

/// The key that seals, and older ones that still open. `Debug` shows their ids.
pub struct KeyRing {
    current: Kek,
    older: Vec<Kek>,
}

impl KeyRing {
    /// A ring of one key.
    pub const fn new(current: Kek) -> Self {
        Self { current, older: Vec::new() }
    }

    /// Adds a key that opens and does not seal. Errors: the ring has it already.
    pub fn add_older(&mut self, kek: Kek) -> Result<(), SealError> {
        let is_same = |held: &Kek| {
            held.id() == kek.id() || bool::from(held.expose().ct_eq(kek.expose().as_slice()))
        };
        if self.keys().any(is_same) {
            return Err(SealError::SameKey { key: kek.id() });
        }
        self.older.push(kek);
        Ok(())
    }

    /// Which key seals.
    pub const fn current_id(&self) -> KeyId {
        self.current.id()
    }

    /// All keys, the current one first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys().map(Kek::id)
    }

    /// Does the ring hold this key?
    ///
    /// A server that asks this of every key id in its database at the start never finds a value later that it cannot open.
    #[must_use]
    pub fn holds(&self, id: KeyId) -> bool {
        self.ids().any(|held| held == id)
    }

    /// Seals a value of at most 1 MiB for a place, under the current key.
    ///
    /// Draws from `rng`, in this order: the data key (32 bytes), the nonce of its wrapping and that of the payload (12 bytes each).
    /// Errors: too long a value.
    pub fn seal(
        &self,
        place: &Place<'_>,
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Sealed, SealError> {
        let too_long = SealError::TooLong { found: plaintext.len() };
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(too_long);
        }
        let mut data_key = Zeroizing::new([0; KEY_SIZE]);
        rng.fill_bytes(data_key.as_mut_slice());
        let (wrap_nonce, wrapped) = self.wrap(place, &data_key, rng)?;
        let mut nonce = [0; NONCE_SIZE];
        rng.fill_bytes(&mut nonce);
        let associated = place.associated_data(PAYLOAD_LABEL, None);
        let payload = gcm::encrypt(&data_key, &nonce, &associated, plaintext).ok_or(too_long)?;
        Ok(Sealed { key_id: self.current_id(), wrap_nonce, wrapped, nonce, payload })
    }

    /// Opens a value at its place.
    ///
    /// Errors: a key that the ring has not; a value that was changed, or sealed for another place.
    pub fn open(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let data_key = self.data_key(place, sealed)?;
        let associated = place.associated_data(PAYLOAD_LABEL, None);
        gcm::decrypt(&data_key, &sealed.nonce, &associated, &sealed.payload)
            .ok_or(SealError::Payload { key: sealed.key_id })
    }

    /// The value with its data key under the current key, the payload as it was; `None` if it is there already.
    ///
    /// The payload is not looked at: what did not open before does not open after. A value that is already under the current key is
    /// not looked at either. Draws the wrapping's nonce from `rng` (12 bytes). Errors: as [`KeyRing::open`], the payload apart.
    pub fn rewrap(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<Sealed>, SealError> {
        if sealed.key_id == self.current_id() {
            return Ok(None);
        }
        let data_key = self.data_key(place, sealed)?;
        let (wrap_nonce, wrapped) = self.wrap(place, &data_key, rng)?;
        let (nonce, payload) = (sealed.nonce, sealed.payload.clone());
        Ok(Some(Sealed { key_id: self.current_id(), wrap_nonce, wrapped, nonce, payload }))
    }

    /// A known value to store in a new database, sealed at [`Place::Canary`] under the current key.
    ///
    /// In a rotation it is rewrapped like any other value, and last: then its key id says that no value needs an older key.
    /// Draws from `rng` as [`KeyRing::seal`].
    pub fn canary(&self, rng: &mut impl CryptoRng) -> Result<Sealed, SealError> {
        self.seal(&Place::Canary, CANARY, rng)
    }

    /// Is this the ring that the database was made with? A server whose canary does not open must not start: it would seal new values
    /// under a key that the others are not under. It speaks of the canary's key alone; for the other values see [`KeyRing::holds`].
    ///
    /// Errors: as [`KeyRing::open`]; something else in the canary's place.
    pub fn check_canary(&self, canary: &Sealed) -> Result<(), SealError> {
        match bool::from(self.open(&Place::Canary, canary)?.as_slice().ct_eq(CANARY)) {
            true => Ok(()),
            false => Err(SealError::Canary { key: canary.key_id }),
        }
    }

    fn keys(&self) -> impl Iterator<Item = &Kek> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// A nonce, and the data key under the current key.
    fn wrap(
        &self,
        place: &Place<'_>,
        data_key: &[u8; KEY_SIZE],
        rng: &mut impl CryptoRng,
    ) -> Result<([u8; NONCE_SIZE], [u8; WRAPPED_SIZE]), SealError> {
        let mut nonce = [0; NONCE_SIZE];
        rng.fill_bytes(&mut nonce);
        let associated = wrapping_data(place, self.current_id());
        let wrapped = gcm::encrypt(self.current.expose(), &nonce, &associated, data_key)
            .and_then(|wrapped| wrapped.try_into().ok());
        // Never: 32 bytes are not too many, and 48 come of them.
        Ok((nonce, wrapped.ok_or(SealError::TooLong { found: KEY_SIZE })?))
    }

    fn data_key(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<[u8; KEY_SIZE]>, SealError> {
        let wanted = sealed.key_id;
        let unknown = || SealError::UnknownKey { wanted, held: self.ids().collect() };
        let kek = self.keys().find(|kek| kek.id() == wanted).ok_or_else(unknown)?;
        let associated = wrapping_data(place, wanted);
        let opened = gcm::decrypt(kek.expose(), &sealed.wrap_nonce, &associated, &sealed.wrapped)
            .ok_or(SealError::DataKey { key: wanted })?;
        let mut data_key = Zeroizing::new([0; KEY_SIZE]);
        data_key.iter_mut().zip(opened.iter()).for_each(|(to, from)| *to = *from);
        Ok(data_key)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

fn wrapping_data(place: &Place<'_>, key: KeyId) -> Vec<u8> {
    place.associated_data(DATA_KEY_LABEL, Some(key.as_bytes()))
}

fn list(ids: &[KeyId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
