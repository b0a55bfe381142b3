//! SEV certificates, 2084 bytes: PDH, PEK, OCA and CEK of the platform, and the owner's GODH.
//!
//! Defined by [SEV-API, SEV certificate]. Both signatures cover the first 1044 bytes. Each slot names the use of the key that signed, and the order
//! of the slots means nothing.

use sev_launch_abi::ApiVersion;

use crate::keys::{FIELD, PublicKey};
use crate::layout::{array_at, put, u32_at};
use crate::status::Status;

/// Bytes of a certificate.
pub const CERTIFICATE_SIZE: usize = 2084;
/// Bytes of it that are signed.
pub(crate) const SIGNED_SIZE: usize = 1044;
/// Where the two slots start, and how many bytes each has.
const SLOTS: [usize; 2] = [0x414, 0x61c];
const SLOT_SIZE: usize = 0x208;
/// The one version, and the code of P-384.
const VERSION: u32 = 1;
const P384: u32 = 2;

/// PUBKEY_USAGE. [SEV-API, PUBKEY_USAGE]
pub(crate) mod usage {
    pub(crate) const ARK: u32 = 0x0000;
    pub(crate) const ASK: u32 = 0x0013;
    pub(crate) const NONE: u32 = 0x1000;
    pub(crate) const OCA: u32 = 0x1001;
    pub(crate) const PEK: u32 = 0x1002;
    pub(crate) const PDH: u32 = 0x1003;
    pub(crate) const CEK: u32 = 0x1004;
}

/// PUBKEY_ALGO. [SEV-API, PUBKEY_ALGO]
pub(crate) mod algorithm {
    pub(crate) const RSA_SHA256: u32 = 0x0001;
    pub(crate) const ECDSA_SHA256: u32 = 0x0002;
    pub(crate) const ECDH_SHA256: u32 = 0x0003;
    pub(crate) const RSA_SHA384: u32 = 0x0101;
}

/// The signed part of a certificate.
pub(crate) type Body = [u8; SIGNED_SIZE];
/// A certificate.
pub(crate) type Certificate = [u8; CERTIFICATE_SIZE];

/// A slot's usage, algorithm and signature.
pub(crate) struct Signed<'a>(pub(crate) u32, pub(crate) u32, pub(crate) &'a [u8]);

/// The signed part.
pub(crate) fn body(usage: u32, algorithm: u32, api: ApiVersion, key: &PublicKey) -> Body {
    let [x, y] = key.to_fields();
    let mut body = [0; SIGNED_SIZE];
    put(&mut body, 0x00, &VERSION.to_le_bytes());
    put(&mut body, 0x04, &[api.major, api.minor]);
    put(&mut body, 0x08, &usage.to_le_bytes());
    put(&mut body, 0x0c, &algorithm.to_le_bytes());
    put(&mut body, 0x10, &P384.to_le_bytes());
    put(&mut body, 0x14, &x);
    put(&mut body, 0x5c, &y);
    body
}

/// The whole, with at most two signatures; a slot without one is empty.
pub(crate) fn with_signatures(body: &Body, signatures: &[Signed<'_>]) -> Certificate {
    let mut bytes = [0; CERTIFICATE_SIZE];
    put(&mut bytes, 0, body);
    for slot in SLOTS {
        put(&mut bytes, slot, &usage::NONE.to_le_bytes());
    }
    for (slot, Signed(usage, algorithm, signature)) in SLOTS.into_iter().zip(signatures) {
        put(&mut bytes, slot, &usage.to_le_bytes());
        put(&mut bytes, slot + 4, &algorithm.to_le_bytes());
        put(&mut bytes, slot + 8, signature);
    }
    bytes
}

/// The signed part of a certificate.
pub(crate) fn body_of(certificate: &Certificate) -> &[u8] {
    certificate.get(..SIGNED_SIZE).unwrap_or_default()
}

/// The slot whose signer has this usage: its whole bytes, 520.
pub(crate) fn slot_of(certificate: &Certificate, signer: u32) -> Option<[u8; SLOT_SIZE]> {
    let found = SLOTS.into_iter().find(|slot| u32_at(certificate, *slot) == Some(signer))?;
    array_at(certificate, found)
}

/// The certificate with both slots as given.
pub(crate) fn with_slots(certificate: &Certificate, slots: [&[u8; SLOT_SIZE]; 2]) -> Certificate {
    let mut bytes = *certificate;
    SLOTS.into_iter().zip(slots).for_each(|(offset, slot)| put(&mut bytes, offset, slot));
    bytes
}

/// The key of a GODH certificate: one for ECDH with SHA-256, used as a PDH. Its signatures are not looked at. [ASPFW, sev_channel_open_server]
pub(crate) fn pdh_key(certificate: &Certificate) -> Result<PublicKey, Status> {
    key(certificate, usage::PDH, algorithm::ECDH_SHA256)
}

/// The key of a certificate that must have this usage and this algorithm.
///
/// Errors: INVALID_CERTIFICATE for another version, usage, algorithm or curve, and for coordinates that are no point.
pub(crate) fn key(
    certificate: &Certificate,
    usage: u32,
    algorithm: u32,
) -> Result<PublicKey, Status> {
    let found = [0x00, 0x08, 0x0c, 0x10].map(|offset| u32_at(certificate, offset));
    if found != [VERSION, usage, algorithm, P384].map(Some) {
        return Err(Status::InvalidCertificate);
    }
    let coordinate = |offset| array_at::<FIELD>(certificate, offset);
    let coordinates = coordinate(0x14).zip(coordinate(0x5c));
    coordinates.and_then(|(x, y)| PublicKey::from_fields(&x, &y)).ok_or(Status::InvalidCertificate)
}

/// Has the signer's key, of this usage, signed the certificate by ECDSA with SHA-256?
///
/// Errors: INVALID_CERTIFICATE without a slot of that usage, or with one of another algorithm; BAD_SIGNATURE.
pub(crate) fn verify(
    certificate: &Certificate,
    signer: u32,
    key: &PublicKey,
) -> Result<(), Status> {
    let slot = slot_of(certificate, signer).ok_or(Status::InvalidCertificate)?;
    if u32_at(&slot, 4) != Some(algorithm::ECDSA_SHA256) {
        return Err(Status::InvalidCertificate);
    }
    let signature = slot.get(8..).unwrap_or_default();
    match key.verifies_sha256(body_of(certificate), signature) {
        true => Ok(()),
        false => Err(Status::BadSignature),
    }
}
