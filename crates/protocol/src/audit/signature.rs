//! Signatures of checkpoints: ECDSA over P-384 with SHA-384 [FIPS 186-5], by the service's own key, over
//! [`Checkpoint::signed_bytes`](super::Checkpoint::signed_bytes).
//!
//! The key says whose checkpoint it is, so it has to come from the service itself, at a time when it was trusted: a key that stands
//! beside the checkpoints that it signs proves nothing of them.

use p384::ecdsa::signature::Verifier as _;
use p384::ecdsa::{Signature, VerifyingKey};

use crate::text::Exact;
use crate::views::SignedCheckpoint;

/// Why a checkpoint is not taken for the service's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key is none.
    #[error(
        "the key of checkpoints is no point of P-384, uncompressed (97 bytes, the first of them 4)"
    )]
    Key,
    /// The signature is not by this key, or of something else.
    #[error(
        "the checkpoint of {time} (record {seq}) is not signed by this key: one of both is another's, or it was changed"
    )]
    Signature {
        /// The checkpoint's record.
        seq: u64,
        /// The checkpoint's time.
        time: String,
    },
}

/// Verifies the signature of a checkpoint by the service's public key: SEC 1, uncompressed, 97 bytes.
///
/// # Errors
///
/// [`SignatureError`], for a key that is none, and for a signature that is not by it.
pub fn verify_checkpoint(key: &Exact<97>, signed: &SignedCheckpoint) -> Result<(), SignatureError> {
    let key = VerifyingKey::from_sec1_bytes(&key.0).map_err(|_| SignatureError::Key)?;
    let point = &signed.checkpoint;
    let refused = |_| SignatureError::Signature { seq: point.seq, time: point.time.to_string() };
    let signature = Signature::from_slice(&signed.signature.0).map_err(refused)?;
    key.verify(&point.signed_bytes(), &signature).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made by Python's `cryptography` 48.0.0: ECDSA over P-384 with SHA-384, of the line
    // "sev-launch audit checkpoint v1\n" and json.dumps(checkpoint, sort_keys=True, separators=(',', ':')).
    const KEY: &str = "BCahmmMgBezdaaCwMBk0jHaMLlEjbkDkGpW8zt5bEAdpK5sL8zXISQXDe2z/Rma+w/omqRAUy2HJ4yadGj7YKab1yIwAkgJ9rAVJhopXbcdXHiuy7C8XUZqHKqZ4ySlIgw==";
    const SIGNED: &str = r#"{"checkpoint":{"tenant":"default","seq":2,"hash":"db43b644bb14a04dad1cdf3ce9a026dda7b051f098c8e9eb2ce78d02b9006c00","time":"2026-08-01T00:01:00.000Z"},"signature":"o+moYDkIp/jwTsfbXxHEjg4Wo+WWa2dHMvZcR5UvZFQHqPw4fY4XdM3DCxN2cmin6wxZhxr2T19r9e+8auDyULi3pXhz6grQzhQIxDERAGLqXnr4jCU+2d+qMtLoXo4c"}"#;

    #[test]
    fn a_signature_is_by_its_key_and_of_every_member() {
        let key: Exact<97> = KEY.parse().expect("a key");
        let signed: SignedCheckpoint = serde_json::from_str(SIGNED).expect("a checkpoint");
        assert_eq!(verify_checkpoint(&key, &signed), Ok(()));
        for (from, to) in [
            ("\"default\"", "\"another\""),
            ("\"seq\":2", "\"seq\":3"),
            ("\"db43", "\"db44"),
            ("00:01:00", "00:01:01"),
            ("o+mo", "o+mp"),
        ] {
            let changed = SIGNED.replacen(from, to, 1);
            assert_ne!(changed, SIGNED);
            let changed = serde_json::from_str(&changed).expect("a checkpoint");
            let found = verify_checkpoint(&key, &changed);
            assert!(matches!(found, Err(SignatureError::Signature { .. })), "{to}: {found:?}");
        }
    }

    #[test]
    fn a_key_that_is_no_point_verifies_nothing() {
        let signed: SignedCheckpoint = serde_json::from_str(SIGNED).expect("a checkpoint");
        let mut key: Exact<97> = KEY.parse().expect("a key");
        key.0[96] ^= 1;
        assert_eq!(verify_checkpoint(&key, &signed), Err(SignatureError::Key));
        assert_eq!(verify_checkpoint(&Exact([0; 97]), &signed), Err(SignatureError::Key));
    }
}
