//! Whose ID block a guest must have been launched with: one signed by one of several keys, or by any key that one of several authors
//! signed.
//!
//! The AMD-SP checks both signatures at launch and keeps the digests of both keys. [SNP-ABI, SNP_LAUNCH_FINISH] The author's counts only
//! where AUTHOR_KEY_EN says so. [SNP-ABI, ATTESTATION_REPORT]
//!
//! ```
//! use sev_launch_verify::requirement::Bytes;
//! use sev_launch_verify::snp::requirements::TrustedSigners;
//!
//! let signers = TrustedSigners { id_keys: vec![Bytes([1; 48])], author_keys: vec![Bytes([2; 48])] };
//! assert_eq!(signers.to_string(), "1 ID key or 1 author key");
//! ```

use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::demand::Demands;
use crate::requirement::Bytes;
use crate::snp::report::AttestationReport;

/// Keys of which one must stand behind the guest's ID block. Each by its digest as reports have it: SHA-384 of the 1028 bytes of the
/// public key. Two empty lists accept nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct TrustedSigners {
    /// One of these signed the ID block.
    pub id_keys: Vec<Bytes<48>>,
    /// Or one of these signed the key that did.
    pub author_keys: Vec<Bytes<48>>,
}

impl TrustedSigners {
    /// Reports have zeros where nobody signed, so that these are no key's digest.
    pub(crate) fn is_key(digest: &Bytes<48>) -> bool {
        digest.0 != [0; 48]
    }

    fn accepts(&self, report: &AttestationReport) -> bool {
        let is_one_of = |keys: &[Bytes<48>], found| {
            let found = Bytes(found);
            Self::is_key(&found) && keys.contains(&found)
        };
        let has_author = report.key_info.author_key_en();
        is_one_of(&self.id_keys, report.id_key_digest)
            || has_author && is_one_of(&self.author_keys, report.author_key_digest)
    }

    pub(super) fn judge(&self, report: Option<&AttestationReport>, demands: &mut Demands) {
        let met = report.is_some_and(|report| self.accepts(report));
        demands.push("ID_KEY_DIGEST or AUTHOR_KEY_DIGEST", report.map(Found), met, self);
    }
}

impl fmt::Display for TrustedSigners {
    /// What follows "wanted" in a message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = |count: usize| if count == 1 { "key" } else { "keys" };
        let (ids, authors) = (self.id_keys.len(), self.author_keys.len());
        match (ids, authors) {
            (0, 0) => f.write_str("a trusted key: none is named"),
            (_, 0) => write!(f, "{ids} ID {}", keys(ids)),
            (0, _) => write!(f, "{authors} author {}", keys(authors)),
            _ => write!(f, "{ids} ID {} or {authors} author {}", keys(ids), keys(authors)),
        }
    }
}

/// Who signed, as a report says.
struct Found<'a>(&'a AttestationReport);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        if report.id_key_digest == [0; 48] {
            return f.write_str("no ID key");
        }
        write!(f, "ID key {}", Bytes(report.id_key_digest))?;
        if report.key_info.author_key_en() {
            write!(f, ", author key {}", Bytes(report.author_key_digest))?;
        }
        Ok(())
    }
}
