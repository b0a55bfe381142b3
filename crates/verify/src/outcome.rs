//! Two families of failure, and what a network peer may be told of them.
//!
//! An error's own text is for the guest owner: what was found, wanted and where. A peer that sent the evidence may be an
//! attacker, to whom every detail is a hint; it is told the family and nothing else.
//!
//! ```
//! use sev_launch_verify::outcome::Family;
//! use sev_launch_verify::snp::report::UnverifiedReport;
//!
//! let error = UnverifiedReport::try_from(&[0; 3][..]).unwrap_err();
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
