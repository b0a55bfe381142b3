//! Why something is no endorsement, and why one is not believed.
//!
//! No example: the texts are the documentation.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sev_launch_abi::UnixTime;
use thiserror::Error;

use super::{Kind, MAX_ENDORSEMENT_SIZE, MAX_MEASUREMENTS};
use crate::snp::certificate::CertificateError;

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The message's name.
    pub message: &'static str,
    /// The field's name.
    pub field: &'static str,
    /// Where in the file the field begins, in bytes.
    pub at: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} at byte {}", self.message, self.field, self.at)
    }
}

/// Why bytes are no endorsement. All of it is said before any signature is looked at.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormError {
    /// Too many bytes.
    #[error("an endorsement of {found} bytes, wanted at most {MAX_ENDORSEMENT_SIZE}")]
    TooLarge {
        /// Bytes found.
        found: u64,
    },
    /// No bytes.
    #[error("an endorsement of no bytes")]
    Empty,
    /// The end comes within a field.
    #[error("{message}: it ends within the field whose value begins at byte {at}")]
    Cut {
        /// The message's name.
        message: &'static str,
        /// Where.
        at: u64,
    },
    /// A number that is longer than 64 bits, or than it need be.
    #[error(
        "{message}: the number before byte {at} has more than 64 bits, or is not in its shortest form"
    )]
    Number {
        /// The message's name.
        message: &'static str,
        /// Where.
        at: u64,
    },
    /// No field's number.
    #[error("{message}: no field's number at byte {at}")]
    FieldNumber {
        /// The message's name.
        message: &'static str,
        /// Where.
        at: u64,
    },
    /// A value of another form than a number or bytes.
    #[error(
        "{message}: field {field} at byte {at} is neither a number nor bytes, and no field here is anything else"
    )]
    WireType {
        /// The message's name.
        message: &'static str,
        /// The field's number.
        field: u32,
        /// Where.
        at: u64,
    },
    /// A field that the message does not have: what it demands would not be obeyed.
    #[error(
        "{message}: field {field} at byte {at} is not known here, so it is not believed that it says nothing"
    )]
    UnknownField {
        /// The message's name.
        message: &'static str,
        /// The field's number.
        field: u32,
        /// Where.
        at: u64,
    },
    /// A number where bytes belong, or the other way round.
    #[error("{place}: wanted {wanted}")]
    Kind {
        /// Where.
        place: Place,
        /// What was wanted.
        wanted: &'static str,
    },
    /// A field twice: which one counts would be a guess.
    #[error("{place}: it stands there twice")]
    Twice {
        /// Where the second is.
        place: Place,
    },
    /// Bytes of another length.
    #[error("{place}: {found} bytes, wanted {wanted}")]
    Length {
        /// Where.
        place: Place,
        /// Bytes found.
        found: u64,
        /// Bytes wanted.
        wanted: u64,
    },
    /// A number that it cannot be.
    #[error("{place}: {found}, wanted {wanted}")]
    Value {
        /// Where.
        place: Place,
        /// The number.
        found: u64,
        /// What was wanted.
        wanted: &'static str,
    },
    /// A field that must be there.
    #[error("{message}.{field} is missing")]
    Missing {
        /// The message's name.
        message: &'static str,
        /// The field's name.
        field: &'static str,
    },
    /// Two measurements for one number of VMSAs: a reader of protobuf takes the last.
    #[error("{place}: a second measurement for {vmsas} VMSAs")]
    SecondMeasurement {
        /// Where the second is.
        place: Place,
        /// For how many.
        vmsas: u32,
    },
    /// More measurements than are read.
    #[error("more than {MAX_MEASUREMENTS} measurements")]
    TooManyMeasurements,
    /// It says nothing of SNP.
    #[error(
        "it endorses no launch of SEV-SNP: VMSevSnp has neither measurements nor an svsm_measurement"
    )]
    NothingEndorsed,
    /// Keys of an ID block.
    #[error(
        "{place}: it names keys that sign ID blocks, which is not read here: Google's guests have none"
    )]
    IdBlockKeys {
        /// Where.
        place: Place,
    },
    /// No `COSE_Sign1` with its tag, or more than that.
    #[error("not one COSE_Sign1 with its tag 18 and nothing beside it: {what}")]
    Cose {
        /// What the decoder says.
        what: String,
    },
    /// A header that has another value, is missing, or is not known.
    #[error("COSE header {header}: {what}")]
    Header {
        /// Which header.
        header: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A payload that says something else.
    #[error("the endorsement's payload: {what}")]
    Payload {
        /// What is wrong with it.
        what: &'static str,
    },
    /// A certificate in it that is none.
    #[error("{which}: {error}")]
    Certificate {
        /// Which one.
        which: &'static str,
        /// Why.
        error: CertificateError,
    },
}

/// Why an endorsement that can be read is not believed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum Refusal {
    /// The issuer that a certificate names is not the subject of the one above it.
    #[error("{which}: the issuer that it names is not {above}")]
    Issuer {
        /// The certificate.
        which: &'static str,
        /// The one above it.
        above: &'static str,
    },
    /// A certificate that is not signed by the one above it.
    #[error("{which} is not signed by {above}")]
    CertificateSignature {
        /// The certificate.
        which: &'static str,
        /// The one above it.
        above: &'static str,
    },
    /// Not yet valid, or no longer.
    #[error(
        "{which} is not valid at {}: valid from {} to {}",
        UnixTime(*.time), UnixTime(*.not_before), UnixTime(*.not_after)
    )]
    Expired {
        /// The certificate.
        which: &'static str,
        /// The time of asking.
        time: u64,
        /// The first second.
        not_before: u64,
        /// The last second.
        not_after: u64,
    },
    /// A certificate that may not do what it is there for.
    #[error("{which} may not {what}")]
    Usage {
        /// The certificate.
        which: &'static str,
        /// What it would have to be allowed.
        what: &'static str,
    },
    /// Certificates behind the root's in the file.
    #[error("x5chain goes on after the root given: what would stand above it is nobody's")]
    AboveRoot,
    /// The endorsement's own signature.
    #[error("the endorsement is not signed by the certificate that it carries")]
    Signature,
    /// Where the firmware comes from is not said.
    #[error(
        "it was signed on {}, and says neither the changelist nor the commit of the firmware: after 2024-08-02 Google's endorsements do",
        UnixTime(*.signed)
    )]
    NoProvenance {
        /// The timestamp, in unix seconds.
        signed: u64,
    },
    /// The root alone does not say whose endorsements are accepted.
    #[error(
        "an endorsement of a utility VM says who issued it and what it is of, and neither is demanded: whatever else is signed under that root \
         would be accepted too"
    )]
    IssuerNotDemanded,
    /// Another issuer, or what it is of.
    #[error("{what} is {found:?}, wanted {wanted:?}")]
    Other {
        /// Issuer or feed.
        what: &'static str,
        /// What it says.
        found: String,
        /// What was wanted.
        wanted: String,
    },
    /// An issuer that is no did:x509 of the form that is known.
    #[error("the issuer {found:?} is not did:x509:0:sha256:FINGERPRINT::eku:OID")]
    IssuerForm {
        /// What it says.
        found: String,
    },
    /// An issuer that none of the authorities is.
    #[error(
        "no certificate of an authority in the chain has the fingerprint that the issuer names"
    )]
    IssuerNotInChain,
    /// An older endorsement than is wanted.
    #[error("its guest SVN is {found}, wanted {wanted}")]
    GuestSvn {
        /// What it says.
        found: u32,
        /// What was wanted.
        wanted: String,
    },
}

/// Why an endorsement endorses no launch of the kind that was asked for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotEndorsed {
    /// No measurement for this number of VMSAs.
    #[error("{kind} endorses no launch with {wanted} VMSAs: it lists {}", Counts(.listed))]
    Vmsas {
        /// Whose endorsement.
        kind: Kind,
        /// How many were asked for.
        wanted: u32,
        /// The numbers that it lists, in order.
        listed: Vec<u32>,
    },
    /// No measurement under an SVSM.
    #[error("{kind} endorses no launch under an SVSM")]
    Svsm {
        /// Whose endorsement.
        kind: Kind,
    },
    /// None but that under an SVSM.
    #[error("{kind} endorses no launch but that under an SVSM")]
    OnlySvsm {
        /// Whose endorsement.
        kind: Kind,
    },
    /// It does not say for how many.
    #[error("{kind} does not say for how many VMSAs its measurement is: leave the number out")]
    NumberNotSaid {
        /// Whose endorsement.
        kind: Kind,
    },
}

/// Numbers with commas between them.
struct Counts<'a>(&'a [u32]);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (index, count) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{count}")?;
        }
        Ok(())
    }
}
