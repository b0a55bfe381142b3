//! Numbers as people write them: decimal, or hex after `0x`; and words of several bits, which may have their names in place of a number.
//!
//! ```
//! use sev_launch_description::number::{number, number32, policy, sev_features};
//!
//! assert_eq!(number("0x10"), number("16"));
//! assert!(number32("0x100000000").is_err());
//! assert_eq!(policy("NODBG+ES").map(|policy| policy.bits()), Ok(0x5));
//! assert_eq!(sev_features("SNPActive+DebugSwap"), sev_features("0x21"));
//! ```

use sev_launch_abi::snp;
use sev_launch_abi::{Error, SevFeatures, names, sev};

use crate::spelling::nearest;

/// A number of 64 bits in decimal, or in hex after `0x`. An error says what was wanted.
pub fn number(text: &str) -> Result<u64, String> {
    let digits = text.trim();
    let parsed = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16),
        Some(_) => return Err(format!("{text:?} is no number")),
        None => digits.parse(),
    };
    parsed.map_err(|_| {
        format!("{text:?} is no number from 0 to 2^64 - 1, in decimal or in hex after 0x")
    })
}

/// A number of 32 bits in decimal, or in hex after `0x`. An error says what was wanted.
pub fn number32(text: &str) -> Result<u32, String> {
    number(text)?.try_into().map_err(|_| format!("{text:?} does not fit in 32 bits"))
}

/// An error's text, with the name that was likely meant.
fn told(error: &Error) -> String {
    match error {
        Error::UnknownName { found, wanted, .. } => {
            match nearest(found, wanted.split(", ").map(str::to_owned)) {
                Some(name) => format!("{error}: did you mean {name}?"),
                None => error.to_string(),
            }
        }
        error => error.to_string(),
    }
}

/// A word of SEV_FEATURES: a number, or the bits' names, as `SNPActive+DebugSwap`. An error says what was wanted.
pub fn sev_features(text: &str) -> Result<SevFeatures, String> {
    match names::is_number(text) {
        true => number(text).map(SevFeatures),
        false => SevFeatures::from_names(text).map_err(|error| told(&error)),
    }
}

/// A policy of SEV or SEV-ES: a number, or the bits' names, as `NODBG+ES+API=1.54`. An error says what was wanted.
pub fn sev_policy(text: &str) -> Result<sev::Policy, String> {
    if names::is_number(text) {
        return number32(text).map(sev::Policy::from_bits);
    }
    let policy = sev::Policy::from_names(text).map_err(|error| told(&error))?;
    // Where the API's major number is, a policy of SNP has the bit that every one has: a later version's name would be both.
    match policy.min_api().major {
        0 | 1 => Ok(policy),
        _ => Err(format!("{text}: the SEV API has versions 0.x and 1.x")),
    }
}

/// A policy of SNP: a number, or the bits' names, as `SMT+ABI=1.55`. An error says what was wanted.
pub fn snp_policy(text: &str) -> Result<snp::Policy, String> {
    match names::is_number(text) {
        true => number(text).map(snp::Policy::from_bits),
        false => snp::Policy::from_names(text).map_err(|error| told(&error)),
    }
}

/// A guest policy of whichever technology, as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestPolicy {
    /// By number: which technology is meant is said elsewhere.
    Number(u64),
    /// By the names of SEV's bits.
    Sev(sev::Policy),
    /// By the names of SNP's bits.
    Snp(snp::Policy),
}

impl GuestPolicy {
    /// The word: 32 bits in SEV and SEV-ES, 64 in SNP.
    pub fn bits(self) -> u64 {
        match self {
            Self::Number(bits) => bits,
            Self::Sev(policy) => policy.bits().into(),
            Self::Snp(policy) => policy.bits(),
        }
    }

    /// As a policy of SEV or SEV-ES. An error for names of SNP's, and for more than 32 bits.
    pub fn sev(self) -> Result<sev::Policy, String> {
        match self {
            Self::Sev(policy) => Ok(policy),
            Self::Snp(policy) => {
                Err(format!("{policy} is a policy of SNP, and one of SEV is wanted"))
            }
            Self::Number(bits) => u32::try_from(bits)
                .map(sev::Policy::from_bits)
                .map_err(|_| format!("{bits:#x}: a policy of SEV has 32 bits")),
        }
    }

    /// As a policy of SNP. An error for names of SEV's.
    pub fn snp(self) -> Result<snp::Policy, String> {
        match self {
            Self::Snp(policy) => Ok(policy),
            Self::Sev(policy) => {
                Err(format!("{policy} is a policy of SEV, and one of SNP is wanted"))
            }
            Self::Number(bits) => Ok(snp::Policy::from_bits(bits)),
        }
    }
}

/// A guest policy of whichever technology: a number, or the names of either, which have none in common.
///
/// Errors: what is neither; names of both; `none`, which is another number in each.
pub fn policy(text: &str) -> Result<GuestPolicy, String> {
    if names::is_number(text) {
        return number(text).map(GuestPolicy::Number);
    }
    if names::is_same(text, "none") {
        return Err("no bit is 0x0 in SEV and 0x20000 in SNP: write the number".to_owned());
    }
    match (sev_policy(text), snp_policy(text)) {
        (Ok(policy), _) => Ok(GuestPolicy::Sev(policy)),
        (_, Ok(policy)) => Ok(GuestPolicy::Snp(policy)),
        (Err(sev), Err(snp)) => {
            let first = text.split(['+', ',', '|']).next().unwrap_or_default();
            // The first name tells which one is meant, where it is one.
            Err(match (sev_policy(first), snp_policy(first)) {
                (Ok(_), _) => sev,
                (_, Ok(_)) => snp,
                _ => format!("{sev}; and {snp}"),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_and_hex() {
        assert_eq!(number("10"), Ok(10));
        assert_eq!(number("0x10"), Ok(16));
        assert_eq!(number(" 0XfF "), Ok(255));
        assert_eq!(number32("0xffffffff"), Ok(u32::MAX));
        for wrong in ["", "0x", "0x+1", "-1", "1.5", "ten", "18446744073709551616"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
        assert!(number32("0x100000000").is_err());
    }

    // 0x5 and 0x33 are QEMU's and Nova's, 0x30000 QEMU's for SNP; the version's bytes lie the other way round in the two.
    #[test]
    fn policies_by_name() {
        for (text, bits) in [
            ("0x30000", 0x3_0000),
            ("5", 5),
            ("NODBG+ES", 0x5),
            ("nodbg, noks, domain, sev", 0x33),
            ("NODBG+API=1.54", 0x3601_0001),
            ("SMT", 0x3_0000),
            ("SMT+DEBUG+ABI=1.55", 0xb_0137),
        ] {
            assert_eq!(policy(text).map(GuestPolicy::bits), Ok(bits), "{text}");
        }
        for (wrong, word) in [
            ("NODBG+SMT", "SMT"),
            ("SMT+NODBG", "NODBG"),
            ("none", "0x20000"),
            ("NODBGG", "did you mean NODBG?"),
            ("SMT+SINGLE_SOCKETS", "did you mean SINGLE_SOCKET?"),
            ("API=2.0", "versions 0.x and 1.x"),
            ("", "missing"),
            ("-1", "no number"),
            ("0x1g", "no number"),
        ] {
            let error = policy(wrong).unwrap_err();
            assert!(error.contains(word), "{wrong}: {error}");
        }
        // Whatever names make of one technology is no policy of the other.
        for text in ["NODBG+API=1.255", "ES", "API=0.1"] {
            let policy = policy(text).unwrap();
            assert!(!snp::Policy::from_bits(policy.bits()).is_valid(), "{text}");
            assert!(policy.sev().is_ok() && policy.snp().is_err(), "{text}");
        }
        let smt = policy("SMT").unwrap();
        assert!(smt.snp().is_ok() && smt.sev().is_err());
        let number = policy("0x100000000").unwrap();
        assert!(number.snp().is_ok() && number.sev().is_err());
    }

    #[test]
    fn features_by_name() {
        assert_eq!(sev_features("0x21"), Ok(SevFeatures(0x21)));
        assert_eq!(sev_features("33"), Ok(SevFeatures(0x21)));
        assert_eq!(sev_features("secure-tsc+SNPActive"), Ok(SevFeatures(0x201)));
        assert!(sev_features("SecureTSK").unwrap_err().contains("did you mean SecureTSC?"));
    }
}
