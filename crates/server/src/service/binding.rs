//! What secrets and launch keys are bound to: the registration and the launch digests that follow from it.
//!
//! Its digest is sealed together with each of them. Whoever can write the store and has not its key can so change what is accepted for a guest, and
//! then nothing of the guest's opens any more.

use serde_json::Value;
use sev_launch_protocol::canonical;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::Answered;
use super::registrations::internal;

/// Bytes of the digest.
pub(super) const SIZE: usize = 32;

/// What an owner may change of a registration without registering anew. Nothing of it decides what is accepted.
const AMENDABLE: [&str; 5] = ["disabled", "labels", "launch-limit", "name", "valid-until"];

/// The digest of a registration, as the store has it, and of its candidates.
///
/// # Errors
///
/// `internal`, if the registration is not JSON.
pub(super) fn of(registration: &str, candidates: &[u8]) -> Answered<[u8; SIZE]> {
    let mut value: Value = serde_json::from_str(registration).map_err(internal)?;
    if let Value::Object(members) = &mut value {
        for name in AMENDABLE {
            members.remove(name);
        }
    }
    let mut hash = Sha256::new();
    hash.update(b"sev-launch registration 1");
    // Both have one size, so that no other two are the same bytes.
    hash.update(Sha256::digest(canonical::of_value(&value)));
    hash.update(Sha256::digest(candidates));
    Ok(hash.finalize().into())
}

/// A value with the digest before it, to be sealed.
pub(super) fn with(digest: &[u8; SIZE], value: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bound = Zeroizing::new(Vec::with_capacity(SIZE.saturating_add(value.len())));
    bound.extend_from_slice(digest);
    bound.extend_from_slice(value);
    bound
}

/// The value behind a digest, if it is this one.
pub(super) fn opened<'v>(digest: &[u8; SIZE], bound: &'v [u8]) -> Option<&'v [u8]> {
    let (found, value) = bound.split_at_checked(SIZE)?;
    bool::from(found.ct_eq(digest)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_is_bound_and_what_an_owner_amends_is_not() {
        let one = of(r#"{"policy": 3, "name": "a"}"#, b"[]").expect("JSON");
        assert_eq!(one, of(r#"{"disabled":true,"name":"b","policy":3}"#, b"[]").expect("JSON"));
        assert_ne!(one, of(r#"{"policy": 2, "name": "a"}"#, b"[]").expect("JSON"));
        assert_ne!(one, of(r#"{"policy": 3, "name": "a"}"#, b"[0]").expect("JSON"));
        assert_ne!(one, of(r#"{"policy": 3, "name": "a", "platform": {}}"#, b"[]").expect("JSON"));
        let bound = with(&one, b"value");
        assert_eq!(opened(&one, &bound), Some(&b"value"[..]));
        assert_eq!(opened(&[0; SIZE], &bound), None);
        assert_eq!(opened(&one, b"short"), None);
    }
}
