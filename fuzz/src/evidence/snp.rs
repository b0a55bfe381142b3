//! SNP evidence in whatever is around it: what bytes choose is wrapped as tools and people wrap it, layer in layer, and comes out byte for byte;
//! what was made wrong, or says two things, is refused. [`forms`] and [`fields`] make what is wrapped, [`wrappings`] what is around it, all by the
//! documents of the tools and with none of our readers.

mod fields;
mod forms;
mod wrappings;

use arbitrary::{Result, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_abi::Technology;
use sev_launch_evidence::reported::{self, Reported};
use sev_launch_evidence::snp::{self, Evidence, EvidenceError};
use sev_launch_verify::snp::certificate::{CaCertificate, Vek};
use sev_launch_verify::snp::report::REPORT_SIZE;

/// What a file is made of, and what is to be read out of it.
#[derive(Clone, Debug, Default)]
struct Made {
    bytes: Vec<u8>,
    /// Reports that are in it, each once.
    reports: Vec<[u8; REPORT_SIZE]>,
    /// Certificates, each once.
    certificates: Vec<Vec<u8>>,
    runtime_data: Option<Vec<u8>>,
    has_table: bool,
    has_other_block: bool,
    /// Is something wrong inside?
    is_wrong: bool,
    /// Is it bare, so that no layer is to be told?
    is_bare: bool,
}

impl Made {
    /// Takes in what stands beside it in the same document.
    fn add(&mut self, other: Self) {
        other.reports.into_iter().for_each(|report| put(&mut self.reports, report));
        other.certificates.into_iter().for_each(|der| put(&mut self.certificates, der));
        self.runtime_data = self.runtime_data.take().or(other.runtime_data);
        self.has_table |= other.has_table;
        self.has_other_block |= other.has_other_block;
        self.is_wrong |= other.is_wrong;
    }
}

fn put<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let evidence = snp::read(bytes);
    if let Ok(evidence) = &evidence {
        again(evidence);
    }
    reported_of(bytes, &evidence);
    let _ = wrapped(&mut Unstructured::new(bytes));
}

/// What is read as reported is the report that these bytes have, or the digest that they are. Of which technology a run asks is told by the
/// size: three readings of each text would take most of a run's time.
fn reported_of(bytes: &[u8], evidence: &std::result::Result<Evidence, EvidenceError>) {
    let has_report = evidence.as_ref().is_ok_and(|evidence| evidence.report().is_some());
    let technology = [Technology::Sev, Technology::SevEs, Technology::Snp][bytes.len() % 3];
    match reported::read(technology, bytes) {
        Ok(Reported::Report(found)) => {
            assert_eq!(technology, Technology::Snp, "a report of another guest");
            assert!(has_report && evidence.as_ref() == Ok(&*found), "another report");
        }
        Ok(Reported::Digest(digest)) => {
            assert!(!has_report, "a digest and a report");
            assert!(is_written(digest.as_bytes(), bytes), "another digest");
        }
        Err(_) => assert!(!has_report || technology != Technology::Snp, "a report was refused"),
    }
}

/// Do these bytes write this digest: themselves, in hex with what may stand between, or in base64?
fn is_written(digest: &[u8], bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace() && *c != ':').collect();
    let digits = packed.strip_prefix("0x").unwrap_or(&packed);
    bytes == digest
        || digits.eq_ignore_ascii_case(&hex::encode(digest))
        || STANDARD.encode(digest) == text.trim()
}

/// What was taken out lies bare: read again, it is the same and has nothing around it.
fn again(evidence: &Evidence) {
    if let Some(report) = evidence.report().filter(|report| is_known(report)) {
        let again = snp::read(report).expect("a report");
        assert_eq!(again.report(), Some(report), "the report again");
        assert!(again.layers().is_empty(), "a bare report");
    }
    for der in evidence.certificates() {
        if Vek::parse(der).is_ok() || CaCertificate::parse(der).is_ok() {
            let again = snp::read(der).expect("a certificate");
            assert_eq!(again.certificates(), std::slice::from_ref(der), "the certificate again");
        }
    }
}

/// Does it begin as reports do? One that does not is told by its size alone, and may be a text.
fn is_known(report: &[u8; REPORT_SIZE]) -> bool {
    report[0] != 0 && report[1..4] == [0; 3] && report[0x34..0x38] == [1, 0, 0, 0]
}

fn wrapped(u: &mut Unstructured<'_>) -> Result<()> {
    let made = wrappings::any(u, wrappings::Left::ALL, false)?;
    check(&made);
    // Something is changed at the end: nothing is known of what that is.
    let mut bytes = made.bytes;
    for _ in 0..u.int_in_range(0..=4)? {
        let at = u.choose_index(bytes.len())?;
        bytes[at] = u.arbitrary()?;
    }
    if let Ok(evidence) = snp::read(&bytes) {
        again(&evidence);
    }
    Ok(())
}

fn check(made: &Made) {
    let read = snp::read(&made.bytes);
    reported_of(&made.bytes, &read);
    if made.is_wrong {
        assert!(read.is_err(), "something wrong was read: {}", shown(&made.bytes));
        return;
    }
    if made.reports.len() > 1 {
        assert_eq!(read, Err(EvidenceError::TwoReports), "{}", shown(&made.bytes));
        return;
    }
    let read = read.unwrap_or_else(|error| panic!("{error}: {}", shown(&made.bytes)));
    assert_eq!(read.report(), made.reports.first(), "the report");
    let sorted = |certificates: &[Vec<u8>]| {
        let mut sorted = certificates.to_vec();
        sorted.sort();
        sorted
    };
    assert_eq!(sorted(read.certificates()), sorted(&made.certificates), "the certificates");
    let runtime = read.runtime_data().map(|data| data.as_bytes().to_vec());
    assert_eq!(runtime, made.runtime_data, "the runtime data");
    assert_eq!(read.has_table(), made.has_table, "a table");
    assert_eq!(!read.remarks().is_empty(), made.has_other_block, "remarks: {:?}", read.remarks());
    assert_eq!(read.layers().is_empty(), made.is_bare, "layers: {:?}", read.layers());
}

/// The beginning of a file, for a message.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    // Each form bare, as text, in a document, and in text in a document: the first bytes choose that.
    let around = [&[][..], &[1], &[0], &[0, 1]];
    let mut choices = Vec::new();
    for (form, number) in (0..=10).flat_map(|form| around.map(|around| (form, around))).zip(0..) {
        let (form, around) = form;
        choices.push([around, &[2, form], &*sev_launch_testkit::pattern(100, 29, number)].concat());
    }
    let line = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".to_vec();
    let texts = [
        r#"{"return": {"data": "AAAA"}}"#,
        "report { version: 2 measurement: \"\\001\" }",
        "eyJhbGciOiJSUzI1NiJ9.e30.AA",
        "Report Data: 00\nMeasurement: 00\n",
    ];
    let digest = sev_launch_testkit::pattern(48, 7, 1);
    let spaced = hex::encode_upper(&digest).replace("01", "01 ");
    choices.extend([digest.clone(), spaced.into(), STANDARD.encode(&digest[..32]).into()]);
    choices.extend(texts.map(|text| text.as_bytes().to_vec()));
    choices.push(line);
    choices
}
