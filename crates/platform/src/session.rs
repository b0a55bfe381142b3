//! The trusted channel between a guest's owner and the firmware: LAUNCH_START unwraps it, LAUNCH_SECRET uses it.
//!
//! Defined by [SEV-API, LAUNCH_START]: the owner's public key and the platform's PDH give a shared secret, from which the keys are derived that
//! wrapped TEK and TIK. A launch without a session has a TEK and a TIK of zeros in the firmware [ASPFW, sev_mcmd_launch_start], and so it has here:
//! its measurement can be computed by anybody.

use core::fmt;

use sev_launch_abi::sev::Policy;
use zeroize::Zeroizing;

use crate::certificate::{self, CERTIFICATE_SIZE};
use crate::crypto::{KEY_SIZE, aes_128_ctr, derive, hmac_sha256, same};
use crate::keys::EcKey;
use crate::layout::array_at;
use crate::status::Status;

/// Bytes of a session buffer. [SEV-API, LAUNCH_START, session data]
pub const SESSION_SIZE: usize = 128;
/// Bytes of a packet's header. [SEV-API, packet header]
pub const PACKET_HEADER_SIZE: usize = 52;
/// The most bytes of a secret: the firmware's buffer. [ASPFW, SEV_SCRATCH_BUF_LEN]
pub const MAX_SECRET_SIZE: usize = 16384;

/// What the guest's owner gives to LAUNCH_START, as the host hands it over: of any length, since the firmware judges.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    /// The owner's Diffie-Hellman certificate (GODH): 2084 bytes.
    pub godh: &'a [u8],
    /// The session buffer: 128 bytes, in the order NONCE, WRAP_TK, WRAP_IV, WRAP_MAC, POLICY_MAC.
    pub session: &'a [u8],
}

/// The keys of one launch. They are wiped on drop, and `Debug` shows none.
pub(crate) struct Channel {
    tek: Box<Zeroizing<[u8; KEY_SIZE]>>,
    tik: Box<Zeroizing<[u8; KEY_SIZE]>>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel(..)")
    }
}

impl Channel {
    /// Of a launch without a session: keys of zeros.
    pub(crate) fn without_owner() -> Self {
        Self {
            tek: Box::new(Zeroizing::new([0; KEY_SIZE])),
            tik: Box::new(Zeroizing::new([0; KEY_SIZE])),
        }
    }

    /// Unwraps a session.
    ///
    /// Errors, in this order: INVALID_LENGTH for either part; INVALID_CERTIFICATE for the GODH; BAD_MEASUREMENT for WRAP_MAC, and for a POLICY_MAC
    /// that is not of this policy.
    pub(crate) fn open(session: Session<'_>, pdh: &EcKey, policy: Policy) -> Result<Self, Status> {
        let buffer: &[u8; SESSION_SIZE] =
            session.session.try_into().map_err(|_| Status::InvalidLength)?;
        let godh: &[u8; CERTIFICATE_SIZE] =
            session.godh.try_into().map_err(|_| Status::InvalidLength)?;
        let godh = certificate::pdh_key(godh)?;
        let fields = || {
            let nonce: [u8; 16] = array_at(buffer, 0x00)?;
            let wrap_tk: [u8; 32] = array_at(buffer, 0x10)?;
            let wrap_iv: [u8; 16] = array_at(buffer, 0x30)?;
            let wrap_mac: [u8; 32] = array_at(buffer, 0x40)?;
            let policy_mac: [u8; 32] = array_at(buffer, 0x60)?;
            Some((nonce, wrap_tk, wrap_iv, wrap_mac, policy_mac))
        };
        let (nonce, wrap_tk, wrap_iv, wrap_mac, policy_mac) =
            fields().ok_or(Status::InvalidLength)?;
        let z = pdh.agree(&godh);
        let master = derive(z.as_slice(), "sev-master-secret", &nonce);
        let kek = derive(&*master, "sev-kek", &[]);
        let kik = derive(&*master, "sev-kik", &[]);
        if !same(&hmac_sha256(&*kik, &[&wrap_tk]), &wrap_mac) {
            return Err(Status::BadMeasurement);
        }
        let mut keys = Zeroizing::new(wrap_tk);
        aes_128_ctr(&kek, &wrap_iv, keys.as_mut_slice());
        let mut channel = Self::without_owner();
        let (tek, tik) = keys.split_at(KEY_SIZE);
        channel.tek.copy_from_slice(tek);
        channel.tik.copy_from_slice(tik);
        if !same(&hmac_sha256(&**channel.tik, &[&policy.to_le_bytes()]), &policy_mac) {
            return Err(Status::BadMeasurement);
        }
        Ok(channel)
    }

    /// MEASURE: the HMAC under the TIK of what is measured. [SEV-API, LAUNCH_MEASURE]
    pub(crate) fn measure(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac_sha256(&**self.tik, parts)
    }

    /// Checks and decrypts a packet. The lengths were judged before.
    ///
    /// Errors: BAD_MEASUREMENT for the MAC; UNSUPPORTED for a compressed packet, which no published firmware takes [ASPFW,
    /// sev_mcmd_launch_secret].
    pub(crate) fn open_packet(
        &self,
        header: &[u8; PACKET_HEADER_SIZE],
        packet: &[u8],
        measure: &[u8; 32],
    ) -> Result<Vec<u8>, Status> {
        let fields =
            || Some((array_at::<4>(header, 0)?, array_at::<16>(header, 4)?, array_at(header, 20)?));
        let (flags, iv, mac) = fields().ok_or(Status::InvalidLength)?;
        let length = u32::try_from(packet.len()).map_err(|_| Status::InvalidLength)?.to_le_bytes();
        // 1: the label of LAUNCH_SECRET; GUEST_LENGTH and TRANS_LENGTH are the same where nothing is compressed. [SEV-API, LAUNCH_SECRET]
        let parts: [&[u8]; 7] = [&[1], &flags, &iv, &length, &length, packet, measure];
        if !same(&hmac_sha256(&**self.tik, &parts), &mac) {
            return Err(Status::BadMeasurement);
        }
        if u32::from_le_bytes(flags) & COMPRESSED != 0 {
            return Err(Status::Unsupported);
        }
        let mut plaintext = packet.to_vec();
        aes_128_ctr(&self.tek, &iv, &mut plaintext);
        Ok(plaintext)
    }
}

/// Bit 0 of FLAGS. [SEV-API, packet header]
const COMPRESSED: u32 = 1;
