//! Why there is no evidence in what was given.

use sev_launch_verify::snp::certificate_table::TableError;
use thiserror::Error;

use super::fields::FieldsError;
use super::hcl::HclError;
use super::protobuf::ProtobufError;
use crate::layer::Layer;

/// Why nothing could be taken out. What was found, what was wanted, and what to give instead.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvidenceError {
    /// No bytes at all.
    #[error("empty: wanted an attestation report or certificates")]
    Empty,
    /// Bytes that are none of what is known.
    #[error(
        "no attestation report (1184 bytes; raw, hex, base64, in the buffer of SNP_GET_REPORT, with its certificate table, in Azure's envelope, in JSON \
         or CBOR) and no certificate (DER, PEM) in these {found} bytes, which are {looks}"
    )]
    Unknown {
        /// Bytes found.
        found: usize,
        /// What they look like.
        looks: &'static str,
    },
    /// Certificates or a table, where a report is wanted: what was there.
    #[error("{0} and no attestation report: wanted its 1184 bytes, in any form")]
    NoReport(String),
    /// Almost a report.
    #[error(
        "{0} bytes: an attestation report has 1184, and nothing but the host's certificate table may follow"
    )]
    ReportSize(usize),
    /// Two reports, which differ.
    #[error("two different attestation reports in one file: which one is meant? give one alone")]
    TwoReports,
    /// A name under which tools put a report, with something else in it.
    #[error(
        "{0:?} in the document holds no report in a form that is known: which one is meant? give the report alone, as its 1184 bytes, hex or base64"
    )]
    NoReportIn(String),
    /// Runtime data in another form.
    #[error(
        "{0:?} in the document: wanted base64, or an object of \"data\" in base64 and \"dataType\""
    )]
    RuntimeForm(String),
    /// Runtime data, and no report whose REPORT_DATA could be its hash.
    #[error("runtime data, and no report that it could be bound to: give the whole document")]
    RuntimeAlone,
    /// More certificates than any file of evidence has.
    #[error("more than {} certificates: give those of one report", super::MOST_CERTIFICATES)]
    TooManyCertificates,
    /// A text that means something in two forms.
    #[error("the text is {0} of one thing and {1} of another: give the bytes themselves")]
    TwoReadings(Layer, Layer),
    /// What a tool prints for people.
    #[error(
        "a report printed for people (as snpguest display report does): it cannot be verified; give the report's file, which snpguest report writes"
    )]
    Listing,
    /// A token of Microsoft Azure Attestation, or another one.
    #[error(
        "a signed token (JWT), as an attestation service issues it: AMD's report and signature are not in it; give the report from which it was issued"
    )]
    Token,
    /// SNP_GET_REPORT failed.
    #[error(
        "the buffer of SNP_GET_REPORT says status {0:#x}: the processor gave no report (0x16: the request's parameters were invalid)"
    )]
    ResponseStatus(u32),
    /// A response of another size.
    #[error("the buffer of SNP_GET_REPORT says a report of {0} bytes, wanted 1184")]
    ResponseSize(u32),
    /// A response that was never filled in.
    #[error("{0} bytes of zeros: no report was answered")]
    NothingAnswered(usize),
    /// Wrapped more often than anything known.
    #[error("wrapped more than {} times: take some of it off first", super::MAX_DEPTH)]
    TooDeep,
    /// JSON that is none, or has a key twice, as the parser says.
    #[error("not JSON: {0}")]
    Json(String),
    /// CBOR that is none, or has a key twice.
    #[error("not CBOR: {0}")]
    Cbor(String),
    /// PEM that is none.
    #[error("PEM: {0}")]
    Pem(String),
    /// Azure's envelope.
    #[error(transparent)]
    Hcl(#[from] HclError),
    /// A report taken apart.
    #[error(transparent)]
    Fields(#[from] FieldsError),
    /// go-sev-guest's message.
    #[error(transparent)]
    Protobuf(#[from] ProtobufError),
    /// The host's table.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl EvidenceError {
    /// Of bytes in which nothing was found.
    pub(super) fn unknown(bytes: &[u8]) -> Self {
        let looks = match core::str::from_utf8(bytes) {
            Ok(text) if text.trim_start().starts_with(['{', '[']) => "JSON without either",
            Ok(text) if text.trim_start().starts_with('<') => "XML or HTML",
            Ok(_) => "text",
            Err(_) if bytes.starts_with(b"\x7fELF") => "a program",
            Err(_) => "binary",
        };
        Self::Unknown { found: bytes.len(), looks }
    }
}
