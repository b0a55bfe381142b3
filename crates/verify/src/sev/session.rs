//! Launch sessions: how the guest's owner hands fresh keys to a platform.
//!
//! Defined by [SEV-API, LAUNCH_START], the session buffer of 128 bytes:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0x00 | 16 | NONCE |
//! | 0x10 | 32 | WRAP_TK: TEK, then TIK, under AES-128-CTR with the KEK |
//! | 0x30 | 16 | WRAP_IV: the whole first counter block |
//! | 0x40 | 32 | WRAP_MAC: HMAC-SHA-256 with the KIK over WRAP_TK |
//! | 0x60 | 32 | POLICY_MAC: HMAC-SHA-256 with the TIK over the policy |
//!
//! A session is for one launch: the nonce in a launch measurement is the platform's, so a fresh TIK is the only proof that the
//! launch is not an old one. The keys go to whoever holds the PDH, so the PDH must be verified first.
//!
//! The example of [`super`] makes one.

use rand_core::CryptoRng;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

use super::godh;
use super::keys::{
    KEY_SIZE, KeyError, MasterSecret, PrivateKey, SessionKeys, SharedSecret, Tek, Tik, aes_128_ctr,
    hmac_sha256,
};
use crate::outcome::Family;
use crate::point::PublicPoint;
use sev_launch_abi::reader::Reader;
use sev_launch_abi::sev::policy::Policy;

/// Bytes of the session buffer. [SEV-API, LAUNCH_START]
pub const SESSION_SIZE: usize = 128;

/// What is wrong with a launch session.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// The wrong number of bytes.
    #[error("the launch session: {found} bytes, wanted 128")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// The wrapped keys are not from a holder of the same shared secret, or were changed.
    #[error("the launch session's WRAP_MAC is not that of its wrapped keys")]
    WrapMac,
    /// The session was made for another policy, or its WRAP_IV was changed.
    #[error("the launch session's POLICY_MAC is not that of policy {policy}")]
    PolicyMac {
        /// The policy that was given with it.
        policy: Policy,
    },
    /// No platform takes the policy.
    #[error("policy {policy} has reserved bits {:#x}: the platform refuses it", policy.reserved_bits())]
    ReservedBits {
        /// The policy.
        policy: Policy,
    },
    /// TEK and TIK are the same key.
    #[error(
        "the TEK and the TIK are the same 16 bytes: a session draws two keys, and secrets under the wrong one are lost"
    )]
    SameKeys,
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl SessionError {
    /// Malformed for lengths, reserved bits and keys; rejected for MACs.
    pub const fn family(&self) -> Family {
        match self {
            Self::Length { .. } | Self::ReservedBits { .. } | Self::SameKeys => Family::Malformed,
            Self::WrapMac | Self::PolicyMac { .. } => Family::Rejected,
            Self::Key(error) => error.family(),
        }
    }
}

/// A platform's key that nobody verified. Whoever made it can read the guest's secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedPdh(pub PublicPoint);

/// What a launch needs from the guest's owner, and what the owner keeps.
#[derive(Debug)]
pub struct Session {
    godh_certificate: [u8; godh::CERTIFICATE_SIZE],
    blob: SessionBlob,
    launch: LaunchSession,
}

impl Session {
    /// Makes a session for the intended policy and a platform whose certificate chain was verified.
    ///
    /// Draws from `rng`, in this order: the GODH private key (48 bytes, again while they are no key), TEK, TIK, NONCE and
    /// WRAP_IV (16 bytes each). Errors: reserved bits in the policy, a broken generator.
    pub fn create(
        policy: Policy,
        pdh: &super::chain::VerifiedPdh,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SessionError> {
        Self::create_with_point(policy, pdh.point(), rng)
    }

    /// The same for a platform of which nothing is known. The caller trusts whoever named the key.
    pub fn create_unverified(
        policy: Policy,
        pdh: &UnverifiedPdh,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SessionError> {
        Self::create_with_point(policy, &pdh.0, rng)
    }

    fn create_with_point(
        policy: Policy,
        pdh: &PublicPoint,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SessionError> {
        refuse_reserved_bits(policy)?;
        let godh = PrivateKey::generate(rng)?;
        let tek = Tek::generate(rng);
        let tik = Tik::generate(rng);
        let [mut nonce, mut wrap_iv] = [[0; 16]; 2];
        rng.fill_bytes(&mut nonce);
        rng.fill_bytes(&mut wrap_iv);
        let master = MasterSecret::derive(&godh.agree(pdh), &nonce);
        let keys = SessionKeys { tek, tik };
        Ok(Self {
            godh_certificate: godh::certificate(&godh.public_point()),
            blob: SessionBlob::seal(&master, nonce, wrap_iv, &keys, policy),
            launch: LaunchSession { keys, policy },
        })
    }

    /// The certificate for the host, 2084 bytes. QEMU and libvirt take it as base64.
    pub const fn godh_certificate(&self) -> &[u8; godh::CERTIFICATE_SIZE] {
        &self.godh_certificate
    }

    /// The session for the host. QEMU and libvirt take its 128 bytes as base64.
    pub const fn blob(&self) -> &SessionBlob {
        &self.blob
    }

    /// What the owner keeps, to look at.
    pub const fn launch(&self) -> &LaunchSession {
        &self.launch
    }

    /// What the owner keeps, to verify the launch with.
    pub fn into_launch(self) -> LaunchSession {
        self.launch
    }
}

/// What the owner keeps of a session until the launch is verified: the keys, and the policy that was intended.
///
/// [`LaunchSession::verify`](LaunchSession::verify) consumes it, so that one session cannot be tried twice.
#[derive(Debug)]
pub struct LaunchSession {
    pub(super) keys: SessionKeys,
    pub(super) policy: Policy,
}

impl LaunchSession {
    /// From keys that were stored. The policy must be the one that the session was made for, and never what a host says.
    ///
    /// Errors: reserved bits in the policy; a TEK that is the TIK.
    pub fn from_stored_keys(keys: SessionKeys, policy: Policy) -> Result<Self, SessionError> {
        refuse_reserved_bits(policy)?;
        if bool::from(keys.tek.expose().ct_eq(keys.tik.expose())) {
            return Err(SessionError::SameKeys);
        }
        Ok(Self { keys, policy })
    }

    /// The keys, to store them.
    pub const fn keys(&self) -> &SessionKeys {
        &self.keys
    }

    /// The policy that was intended.
    pub const fn policy(&self) -> Policy {
        self.policy
    }
}

fn refuse_reserved_bits(policy: Policy) -> Result<(), SessionError> {
    match policy.reserved_bits() {
        0 => Ok(()),
        _ => Err(SessionError::ReservedBits { policy }),
    }
}

/// The session buffer, taken apart. Nothing in it is secret from the host, and nothing is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AMD's names, in the table above")]
pub struct SessionBlob {
    pub nonce: [u8; 16],
    pub wrap_tk: [u8; 32],
    pub wrap_iv: [u8; 16],
    pub wrap_mac: [u8; 32],
    pub policy_mac: [u8; 32],
}

impl SessionBlob {
    /// From exactly 128 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, SessionError> {
        let wrong = SessionError::Length { found: bytes.len() };
        let mut reader = Reader::new(bytes);
        let mut fields = || {
            Some(Self {
                nonce: reader.array()?,
                wrap_tk: reader.array()?,
                wrap_iv: reader.array()?,
                wrap_mac: reader.array()?,
                policy_mac: reader.rest().try_into().ok()?,
            })
        };
        fields().ok_or(wrong)
    }

    /// The 128 bytes.
    pub fn to_bytes(&self) -> [u8; SESSION_SIZE] {
        let mut bytes = [0; SESSION_SIZE];
        let fields =
            [self.nonce.as_slice(), &self.wrap_tk, &self.wrap_iv, &self.wrap_mac, &self.policy_mac];
        bytes.iter_mut().zip(fields.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// The platform's part: WRAP_MAC, unwrap, POLICY_MAC against the policy that the host gave. For a pretended platform.
    pub fn open(&self, z: &SharedSecret, policy: Policy) -> Result<SessionKeys, SessionError> {
        self.open_with(&MasterSecret::derive(z, &self.nonce), policy)
    }

    fn open_with(
        &self,
        master: &MasterSecret,
        policy: Policy,
    ) -> Result<SessionKeys, SessionError> {
        let wrap_mac = hmac_sha256(master.kik().expose(), &[&self.wrap_tk]);
        if !bool::from(wrap_mac.ct_eq(&self.wrap_mac)) {
            return Err(SessionError::WrapMac);
        }
        let mut keys = Zeroizing::new(self.wrap_tk);
        aes_128_ctr(master.kek().expose(), &self.wrap_iv, keys.as_mut_slice());
        let (tek, tik) = keys.split_at(KEY_SIZE);
        let keys = SessionKeys { tek: Tek::from_bytes(tek)?, tik: Tik::from_bytes(tik)? };
        let policy_mac = hmac_sha256(keys.tik.expose(), &[&policy.to_le_bytes()]);
        if !bool::from(policy_mac.ct_eq(&self.policy_mac)) {
            return Err(SessionError::PolicyMac { policy });
        }
        Ok(keys)
    }

    /// The owner's part. Nonce and IV must be fresh.
    fn seal(
        master: &MasterSecret,
        nonce: [u8; 16],
        wrap_iv: [u8; 16],
        keys: &SessionKeys,
        policy: Policy,
    ) -> Self {
        let mut wrap_tk = [0; 2 * KEY_SIZE];
        let plain = keys.tek.expose().iter().chain(keys.tik.expose());
        wrap_tk.iter_mut().zip(plain).for_each(|(to, from)| *to = *from);
        aes_128_ctr(master.kek().expose(), &wrap_iv, &mut wrap_tk);
        Self {
            nonce,
            wrap_tk,
            wrap_iv,
            wrap_mac: hmac_sha256(master.kik().expose(), &[&wrap_tk]),
            policy_mac: hmac_sha256(keys.tik.expose(), &[&policy.to_le_bytes()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_testkit::sev_api::SevApi;

    #[test]
    fn known_answers_with_every_step_in_between() {
        let sessions = SevApi::read().session;
        assert_eq!(sessions.len(), 7);
        for vector in sessions {
            let nonce = vector.nonce.array();
            let master = match vector.z.len() {
                16 => MasterSecret::derive_raw(&vector.z.array::<16>(), &nonce),
                _ => MasterSecret::derive_raw(&vector.z.array::<48>(), &nonce),
            };
            let keys = SessionKeys {
                tek: Tek::from_bytes(&vector.tek).unwrap(),
                tik: Tik::from_bytes(&vector.tik).unwrap(),
            };
            let policy = Policy::from_bits(vector.policy);
            let blob = SessionBlob::seal(&master, nonce, vector.wrap_iv.array(), &keys, policy);
            let name = vector.name;
            assert_eq!(*master.expose(), *vector.master_secret, "{name}");
            assert_eq!(*master.kek().expose(), *vector.kek, "{name}");
            assert_eq!(*master.kik().expose(), *vector.kik, "{name}");
            assert_eq!(blob.wrap_tk, *vector.wrap_tk, "{name}");
            assert_eq!(blob.wrap_mac, *vector.wrap_mac, "{name}");
            assert_eq!(blob.policy_mac, *vector.policy_mac, "{name}");
            assert_eq!(blob.to_bytes(), *vector.blob, "{name}");
            let opened = blob.open_with(&master, policy).unwrap();
            assert_eq!(*opened.tek.expose(), *vector.tek, "{name}");
            assert_eq!(*opened.tik.expose(), *vector.tik, "{name}");
        }
    }
}
