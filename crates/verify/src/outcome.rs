//! Two families of failure, and what a network peer may be told of them.
//!
//! An error's own text is for the guest owner: what was found, wanted and where. A peer that sent the evidence may be an
//! attacker, to whom every detail is a hint; it is told the family and nothing else.
//!
//! ```
//! use sev_launch_verify::outcome::Family;
//! use sev_launch_verify::snp::report::UnverifiedReport;
//!
//! let error = UnverifiedReport::parse(&[0; 3][..]).unwrap_err();
//! assert_eq!(error.to_string(), "a report of 3 bytes, wanted 1184"); // for the guest's owner
//! assert_eq!(error.family(), Family::Malformed);
//! assert_eq!(error.family().to_string(), "malformed"); // for whoever sent it
//! ```

sev_launch_abi::named! {
    /// Why there is no yes. Its text is for a network peer.
    pub enum Family {
        /// The input is not what it claims to be.
        Malformed => "malformed",
        /// The input is well formed, and the answer is no.
        Rejected => "rejected",
    }
}

/// Gives errors the family that all of their variants have. Others say it variant by variant, beside the error.
macro_rules! always {
    ($family:ident: $($error:ty,)+) => {
        $(impl $error {
            #[doc = concat!("Always [`Family::", stringify!($family), "`].")]
            pub const fn family(&self) -> Family {
                Family::$family
            }
        })+
    };
}

always! { Malformed:
    crate::sev::ca_certificate::CaCertificateError,
    crate::sev::certificate::CertificateError,
    crate::sev::chain::ChainError,
    crate::sev::keys::KeyError,
    crate::snp::certificate::CertificateError,
    crate::snp::certificate_table::TableError,
    crate::snp::crl::CrlError,
}
always! { Rejected:
    crate::demand::Rejection,
    crate::sev::chain::Fault,
    crate::sev::chain::Refused,
    crate::snp::chain::ChainError,
}
