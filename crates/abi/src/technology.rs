//! The three technologies that launch a guest with a digest.
//!
//! ```
//! use sev_launch_abi::Technology;
//!
//! assert_eq!("sev-es".parse(), Ok(Technology::SevEs));
//! ```

use core::str::FromStr;

use crate::error::Error;

crate::named! {
    /// Which of AMD's technologies launches the guest.
    #[derive(PartialOrd, Ord)]
    #[cfg_attr(feature = "serde", derive(serde::Serialize))]
    pub enum Technology {
        /// SEV: memory is encrypted; SHA-256 over the firmware and the kernel hashes.
        #[cfg_attr(feature = "serde", serde(rename = "sev"))]
        Sev => "sev",
        /// SEV-ES: the registers too; the VMSA of each vCPU joins the digest.
        #[cfg_attr(feature = "serde", serde(rename = "sev-es"))]
        SevEs => "sev-es",
        /// SEV-SNP: memory integrity; a SHA-384 chain over pages.
        #[cfg_attr(feature = "serde", serde(rename = "snp"))]
        Snp => "snp",
    }
}

impl FromStr for Technology {
    type Err = Error;

    /// Reads the short and the long spellings, in any case: `seves`, `sev-es`, `SEV_ES`; `snp`, `sev-snp`, `SEVSNP`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim().to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "sev" => Ok(Self::Sev),
            "seves" => Ok(Self::SevEs),
            "snp" | "sevsnp" => Ok(Self::Snp),
            _ => Err(Error::UnknownTechnology { found: text.into() }),
        }
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Technology {
    /// Reads the name as it is written, from text alone: a derived reader would take `{"snp": null}` too.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let named = Self::ALL.into_iter().find(|technology| technology.name() == text);
        let names = &const { [Self::Sev.name(), Self::SevEs.name(), Self::Snp.name()] };
        named.ok_or_else(|| serde::de::Error::unknown_variant(&text, names))
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_a_technology() {
        for technology in Technology::ALL {
            let text = alloc::format!("\"{technology}\"");
            assert_eq!(serde_json::from_str::<Technology>(&text).unwrap(), technology);
        }
        for wrong in ["{\"snp\": null}", "[\"snp\"]", "\"SNP\"", "\"seves\"", "0", "null"] {
            assert!(serde_json::from_str::<Technology>(wrong).is_err(), "{wrong}");
        }
    }
}
