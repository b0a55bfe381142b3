//! What bytes are by themselves: a report, a buffer, a table, an envelope, certificates.

use sev_launch_verify::snp::certificate_table::CertificateTable;
use sev_launch_verify::snp::report::REPORT_SIZE;

use super::{Evidence, EvidenceError, hcl, pem, protobuf};
use crate::layer::Layer;

/// Bytes before the report in MSG_REPORT_RSP: status, size, 24 reserved. [SNP-ABI, MSG_REPORT_RSP]
const RESPONSE_HEADER: usize = 32;
/// Bytes of the buffer of the guest's ioctl. [Linux, snp_report_resp]
const RESPONSE: usize = 4000;
/// Bytes of a table with no entry but the last. [GHCB, SNP Extended Guest Request]
const EMPTY_TABLE: usize = 24;
/// What a host's buffer for a table is a multiple of. [GHCB, SNP Extended Guest Request]
const PAGE: usize = 4096;
/// The signature algorithm of every report: ECDSA P-384 with SHA-384. [SNP-ABI, signing algorithms]
const ECDSA_P384_SHA384: [u8; 4] = [1, 0, 0, 0];
/// More versions of a report than there will be for long; five are known.
const MOST_VERSIONS: u32 = 255;

/// What the bytes are; `None` if they are nothing of it. An error if they are, and are wrong inside.
pub(super) fn of(bytes: &[u8]) -> Result<Option<Evidence>, EvidenceError> {
    if bytes.starts_with(hcl::MAGIC) {
        let (report, runtime_data) = hcl::parse(bytes)?;
        let evidence = Evidence { runtime_data: Some(runtime_data), ..Evidence::of_report(report) };
        return Ok(Some(evidence.under(Layer::Hcl)));
    }
    if let Some(evidence) = response(bytes)? {
        return Ok(Some(evidence));
    }
    if let Some((report, after)) = bytes.split_first_chunk::<REPORT_SIZE>()
        && is_report(report)
    {
        return after_report(*report, after, bytes.len()).map(Some);
    }
    if CertificateTable::is_likely(bytes) {
        return table(bytes).map(Some);
    }
    if let Some(certificates) = certificates(bytes) {
        let mut evidence = Evidence::default();
        certificates.into_iter().try_for_each(|certificate| evidence.put(certificate))?;
        return Ok(Some(evidence));
    }
    match protobuf::binary(bytes) {
        Some(message) => of_message(message?).map(|evidence| Some(evidence.under(Layer::Protobuf))),
        None => Ok(None),
    }
}

/// The same of bytes that are all there is: what is almost something is told as that.
pub(super) fn of_whole(bytes: &[u8]) -> Result<Option<Evidence>, EvidenceError> {
    if let Some(evidence) = of(bytes)? {
        return Ok(Some(evidence));
    }
    match bytes.try_into() {
        // Whatever its version: the verifier has more to say of it.
        Ok(report) => return Ok(Some(Evidence::of_report(report))),
        Err(_) if bytes.iter().all(|byte| *byte == 0) => {
            // A table's last entry, or whole pages of zeros: a host without certificates. The buffer of an ioctl is neither.
            if bytes.len() == EMPTY_TABLE || bytes.len().is_multiple_of(PAGE) {
                return table(bytes).map(Some);
            }
            return Err(EvidenceError::NothingAnswered(bytes.len()));
        }
        Err(_) => {}
    }
    let is_near = bytes.len().abs_diff(REPORT_SIZE) <= 64 && matches!(bytes.first(), Some(1..=9));
    if is_near { Err(EvidenceError::ReportSize(bytes.len())) } else { Ok(None) }
}

/// The evidence of a message.
pub(super) fn of_message(message: protobuf::Message) -> Result<Evidence, EvidenceError> {
    let mut evidence = Evidence::of_report(message.report);
    for certificate in message.certificates {
        entry(&mut evidence, &certificate)?;
    }
    Ok(evidence)
}

/// Does it begin as a report does, with a version that may be, and the one signature algorithm there is?
fn is_report(bytes: &[u8; REPORT_SIZE]) -> bool {
    let version = bytes.first_chunk().map_or(0, |version| u32::from_le_bytes(*version));
    (1..=MOST_VERSIONS).contains(&version) && bytes.get(0x34..0x38) == Some(&ECDSA_P384_SHA384[..])
}

fn response(bytes: &[u8]) -> Result<Option<Evidence>, EvidenceError> {
    let Some((header, after)) = bytes.split_first_chunk::<RESPONSE_HEADER>() else {
        return Ok(None);
    };
    let (words, _) = header.as_chunks::<4>();
    let [status, size, reserved @ ..] = words else { return Ok(None) };
    let [status, size] = [status, size].map(|word| u32::from_le_bytes(*word));
    let is_size = bytes.len() == RESPONSE || bytes.len() == RESPONSE_HEADER + REPORT_SIZE;
    let is_header = reserved.iter().all(|word| *word == [0; 4]) && (status, size) != (0, 0);
    if !is_size || !is_header || status > 0xff {
        return Ok(None);
    }
    if status != 0 {
        return Err(EvidenceError::ResponseStatus(status));
    }
    let Some((report, rest)) = after.split_first_chunk::<REPORT_SIZE>() else { return Ok(None) };
    if usize::try_from(size) != Ok(REPORT_SIZE) {
        return Err(EvidenceError::ResponseSize(size));
    }
    if rest.iter().any(|byte| *byte != 0) {
        return Ok(None);
    }
    Ok(Some(Evidence::of_report(*report).under(Layer::ResponseBuffer)))
}

/// A report and what follows it: nothing, or the host's table.
fn after_report(
    report: [u8; REPORT_SIZE],
    after: &[u8],
    size: usize,
) -> Result<Evidence, EvidenceError> {
    let mut evidence = Evidence::of_report(report);
    if after.is_empty() {
        return Ok(evidence);
    }
    if !CertificateTable::is_likely(after) && after.iter().any(|byte| *byte != 0) {
        return Err(EvidenceError::ReportSize(size));
    }
    evidence.add(table(after)?)?;
    evidence.layers.clear();
    Ok(evidence.under(Layer::ExtendedReport))
}

fn table(bytes: &[u8]) -> Result<Evidence, EvidenceError> {
    let table = CertificateTable::parse(bytes)?;
    let mut evidence = Evidence { has_table: true, ..Evidence::default() };
    for certificate in [table.vcek(), table.vlek(), table.ask(), table.ark()].into_iter().flatten()
    {
        entry(&mut evidence, certificate)?;
    }
    evidence.google_endorsement = table.google_endorsement().map(<[u8]>::to_vec);
    Ok(evidence.under(Layer::CertificateTable))
}

/// A place for one certificate, which has DER or PEM, or nothing.
fn entry(evidence: &mut Evidence, bytes: &[u8]) -> Result<(), EvidenceError> {
    match core::str::from_utf8(bytes) {
        Ok(text) if pem::is_pem(text) => {
            let pem = pem::read(text)?;
            pem.certificates.into_iter().try_for_each(|certificate| evidence.put(certificate))
        }
        _ if bytes.is_empty() => Ok(()),
        _ => evidence.put(bytes.to_vec()),
    }
}

/// DER values of certificates, one after the other; `None` if the bytes are no such values to their end.
fn certificates(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut certificates = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        // SEQUENCE, with a length of two bytes, and inside another one. [X.690, length octets]
        let [0x30, 0x82, high, low, 0x30, 0x82, ..] = rest else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (certificate, after) = rest.split_at_checked(length.checked_add(4)?)?;
        certificates.push(certificate.to_vec());
        rest = after;
    }
    (!certificates.is_empty()).then_some(certificates)
}
