//! What was taken off before the evidence lay bare: told to the user, so that nobody wonders what was read.

use std::fmt;

/// One wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layer {
    /// Hexadecimal digits.
    Hex,
    /// Base64. [RFC 4648, base 64 encoding]
    Base64,
    /// Base64 for URLs and file names. [RFC 4648, base 64 encoding with URL and filename safe alphabet]
    Base64Url,
    /// A dump with addresses, as of `xxd` and `hexdump -C`.
    Dump,
    /// PEM. [RFC 7468]
    Pem,
    /// DER certificates, one after the other.
    Der,
    /// JSON.
    Json,
    /// CBOR.
    Cbor,
    /// A report's fields by name, as serde writes those of the `sev` crate (Trustee's evidence has them).
    SevFields,
    /// A report's fields in a protobuf message, `sevsnp.Report` or `sevsnp.Attestation`. [go-sev-guest, sevsnp.proto]
    Protobuf,
    /// The same message as text.
    ProtobufText,
    /// The same message in protobuf's JSON.
    ProtobufJson,
    /// The buffer of the guest's ioctl, which holds MSG_REPORT_RSP. [Linux, SNP_GET_REPORT]
    ResponseBuffer,
    /// A report, and after it the host's table of certificates. [go-sev-guest, tools]
    ExtendedReport,
    /// The host's table of certificates. [GHCB, SNP Extended Guest Request]
    CertificateTable,
    /// Azure's envelope of its host compatibility layer, from the vTPM's NV index 0x01400001.
    Hcl,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Dump => "a dump with addresses",
            Self::Pem => "PEM",
            Self::Der => "DER",
            Self::Json => "JSON",
            Self::Cbor => "CBOR",
            Self::SevFields => "a report's fields, as the sev crate and Trustee write them",
            Self::Protobuf => "go-sev-guest's protobuf message",
            Self::ProtobufText => "go-sev-guest's protobuf message as text",
            Self::ProtobufJson => "go-sev-guest's protobuf message in JSON",
            Self::ResponseBuffer => "the buffer of SNP_GET_REPORT",
            Self::ExtendedReport => "a report and the certificate table after it",
            Self::CertificateTable => "the host's certificate table",
            Self::Hcl => "Azure's HCL envelope",
        })
    }
}
