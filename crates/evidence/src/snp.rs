//! SNP evidence in whatever people have it: a report, certificates, or both, taken out of what is around them.
//!
//! [`read`] takes off one wrapping after the other, until what is left is known by its own bytes: an attestation report (1184 bytes), the
//! buffer of the guest's ioctl, a report with a certificate table after it, Azure's HCL envelope, certificates in DER. In JSON and CBOR it looks at
//! every value, so that any tool's document will do. What was taken off is told as [`Layer`]s. Nothing is guessed: two different reports
//! in one file, or two readings of one text, are an error that names both. Nothing is verified here.
//!
//! ```
//! use sev_launch_evidence::snp;
//!
//! // A report of zeros in base64, 76 characters to the line, as `base64` prints it.
//! let text = format!("{}\n", "A".repeat(76)).repeat(20) + &"A".repeat(58) + "A=\n";
//! let evidence = snp::read(text.as_bytes())?;
//! assert_eq!(evidence.report().map(|report| report.len()), Some(1184));
//! # Ok::<(), sev_launch_evidence::snp::EvidenceError>(())
//! ```

mod claims;
mod error;
mod fields;
mod hcl;
mod pem;
mod protobuf;
mod shape;
mod walk;

pub use error::EvidenceError;
pub use fields::FieldsError;
pub use hcl::{HclError, RuntimeData, RuntimeHash};
pub use protobuf::ProtobufError;

use sev_launch_verify::snp::report::{REPORT_SIZE, UnverifiedReport};

use crate::layer::Layer;

/// How many wrappings are taken off. The deepest that is known of is JSON in base64 in JSON in base64 in JSON, with PEM in base64 inside.
const MAX_DEPTH: usize = 8;

/// How many different certificates are taken out of one file. A report has three; chains of all products and both keys are sixteen.
const MOST_CERTIFICATES: usize = 128;

/// What was in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    report: Option<Box<[u8; REPORT_SIZE]>>,
    certificates: Vec<Vec<u8>>,
    runtime_data: Option<RuntimeData>,
    /// Runtime data whose report was not found yet.
    unbound: Vec<Vec<u8>>,
    google_endorsement: Option<Vec<u8>>,
    claimed_tcb: Option<u64>,
    has_table: bool,
    has_twice: bool,
    layers: Vec<Layer>,
    remarks: Vec<Remark>,
}

/// Something in a file that was not read, or is not as it should be. A caller shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// A PEM block that is no certificate: its label.
    OtherBlock(String),
    /// The `tcbm` that Azure states is not the level in the VCEK beside it.
    OtherTcb {
        /// What is stated.
        stated: u64,
    },
}

impl core::fmt::Display for Remark {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::OtherBlock(label) => {
                write!(f, "a PEM block {label:?} is no certificate and was not read")
            }
            Self::OtherTcb { stated } => write!(
                f,
                "the TCB stated beside the VCEK, {stated:016X}, is not the one in the VCEK: fetch both again"
            ),
        }
    }
}

impl Evidence {
    /// The report's bytes; `None` if there was none.
    #[must_use]
    pub fn report(&self) -> Option<&[u8; REPORT_SIZE]> {
        self.report.as_deref()
    }

    /// The same as a report that is yet to be verified.
    ///
    /// Errors: [`EvidenceError::NoReport`], with what was there.
    pub fn unverified_report(&self) -> Result<UnverifiedReport, EvidenceError> {
        let bytes = self.report().ok_or_else(|| EvidenceError::NoReport(self.contents()))?;
        UnverifiedReport::parse(bytes.as_slice())
            .map_err(|_| EvidenceError::NoReport(self.contents()))
    }

    /// Every certificate in DER, in the order in which they came, each once. Which is which, they say themselves.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The data that REPORT_DATA is the hash of, where the file has it.
    #[must_use]
    pub fn runtime_data(&self) -> Option<&RuntimeData> {
        self.runtime_data.as_ref()
    }

    /// Google's launch endorsement out of the certificate table.
    #[must_use]
    pub fn google_endorsement(&self) -> Option<&[u8]> {
        self.google_endorsement.as_deref()
    }

    /// Was there a host's certificate table, even an empty one?
    #[must_use]
    pub fn has_table(&self) -> bool {
        self.has_table
    }

    /// Did one certificate stand there twice? Among certificates of different roles that is a mistake.
    #[must_use]
    pub fn has_twice(&self) -> bool {
        self.has_twice
    }

    /// What was taken off, from outside in. Empty if the report lay bare.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// What was not read, or is odd.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// What was found, in words.
    fn contents(&self) -> String {
        match self.certificates.len() {
            0 => "nothing of SNP".to_owned(),
            1 => "one certificate".to_owned(),
            count => format!("{count} certificates"),
        }
    }

    fn is_empty(&self) -> bool {
        let is_without = self.report.is_none() && self.certificates.is_empty();
        is_without && !self.has_table && self.unbound.is_empty()
    }

    fn of_report(report: [u8; REPORT_SIZE]) -> Self {
        Self { report: Some(report.into()), ..Self::default() }
    }

    fn under(mut self, layer: Layer) -> Self {
        self.layers.insert(0, layer);
        self
    }

    /// Adds what stood elsewhere in the same file.
    fn add(&mut self, other: Self) -> Result<(), EvidenceError> {
        match (&self.report, other.report) {
            (Some(ours), Some(theirs)) if *ours != theirs => return Err(EvidenceError::TwoReports),
            (_, Some(theirs)) => self.report = Some(theirs),
            (_, None) => {}
        }
        for certificate in other.certificates {
            self.put(certificate)?;
        }
        for layer in other.layers {
            if !self.layers.contains(&layer) {
                self.layers.push(layer);
            }
        }
        self.runtime_data = self.runtime_data.take().or(other.runtime_data);
        self.unbound.extend(other.unbound);
        self.google_endorsement = self.google_endorsement.take().or(other.google_endorsement);
        self.claimed_tcb = self.claimed_tcb.or(other.claimed_tcb);
        self.has_table |= other.has_table;
        self.has_twice |= other.has_twice;
        self.remarks.extend(other.remarks);
        Ok(())
    }

    fn put(&mut self, certificate: Vec<u8>) -> Result<(), EvidenceError> {
        if self.certificates.contains(&certificate) {
            self.has_twice = true;
        } else if self.certificates.len() < MOST_CERTIFICATES {
            self.certificates.push(certificate);
        } else {
            return Err(EvidenceError::TooManyCertificates);
        }
        Ok(())
    }

    /// Holds runtime data against the report, once there is one.
    fn bind_runtime(&mut self) -> Result<(), EvidenceError> {
        let Some(report) = &self.report else { return Ok(()) };
        for data in self.unbound.drain(..) {
            let data = RuntimeData::bound(&data, RuntimeHash::Sha256, report)?;
            self.runtime_data.get_or_insert(data);
        }
        Ok(())
    }
}

/// Reads what a file, a pipe or a flag has, in any of the forms that are known.
///
/// Errors: nothing that is known, by what it looks like; two different reports or readings; a structure that is known, and wrong inside.
pub fn read(bytes: &[u8]) -> Result<Evidence, EvidenceError> {
    if bytes.is_empty() {
        return Err(EvidenceError::Empty);
    }
    let mut evidence = walk::any(bytes, 0)?.ok_or_else(|| EvidenceError::unknown(bytes))?;
    if !evidence.unbound.is_empty() {
        return Err(EvidenceError::RuntimeAlone);
    }
    evidence.check_claimed_tcb();
    Ok(evidence)
}
