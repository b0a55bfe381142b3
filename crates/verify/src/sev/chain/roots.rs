//! What the caller brings to a chain: the roots that it trusts, and the owner that it expects.

use crate::point::PublicPoint;
use crate::sev::ca_certificate::CaCertificate;
use sev_launch_abi::Generation;

/// The roots that are trusted. A root is compared by its key and its identifier, whole.
#[derive(Clone, Copy, Debug)]
pub enum Roots<'a> {
    /// AMD's ARKs of these generations, as [`amd_keys`](crate::amd_keys) has them. None of them means that no chain
    /// passes.
    Pinned {
        /// The generations that are accepted.
        generations: &'a [Generation],
    },
    /// This ARK and no other: for a lab that signs its own chains. AMD's are then refused.
    Explicit(&'a CaCertificate),
}

/// The owner that is expected to have signed the PEK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OcaRequirement<'a> {
    /// Any owner: the OCA signs itself, so this proves nothing about who owns the platform.
    Any,
    /// The owner with this key.
    Key(&'a PublicPoint),
    /// The owner whose OCA certificate has this SHA-256 of its PUBKEY, the 1028 bytes from offset 0x010: see
    /// [`Certificate::key_sha256`](crate::sev::certificate::Certificate::key_sha256).
    KeySha256(&'a [u8; 32]),
}
