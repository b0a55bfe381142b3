//! Every sample of evidence as people have it ends as its README says.
//!
//! The samples are no part of the repository: `SEV_LAUNCH_VECTORS` names the folder that has them in `envelopes`. What each one must come to is
//! read out of its table, and what is inside by the table of SHA-256 before it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use sev_launch_evidence::snp::{self, Evidence, EvidenceError, HclError, Remark};
use sev_launch_verify::snp::certificate::{CaCertificate, CaKind, Vek};
use sha2::{Digest as _, Sha256};

/// A row of the table: the file, and what is expected.
struct Row {
    file: String,
    bytes: Vec<u8>,
    expected: String,
}

/// The rows, and the SHA-256 of each mark; `None` where the samples are not there.
fn samples() -> Option<(Vec<Row>, BTreeMap<String, String>)> {
    let Some(folder) = std::env::var_os("SEV_LAUNCH_VECTORS") else {
        eprintln!("SKIPPED: SEV_LAUNCH_VECTORS is not set, so no sample of evidence was read");
        return None;
    };
    let folder = PathBuf::from(folder).join("envelopes");
    let readme = fs::read_to_string(folder.join("README.md")).expect("the samples' README");
    let (mut rows, mut marks) = (Vec::new(), BTreeMap::new());
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells.as_slice() {
            [_, mark, sha256, _, _] if sha256.len() == 66 => {
                marks.insert((*mark).to_owned(), sha256.trim_matches('`').to_owned());
            }
            [_, file, _, _, expected, _] if file.contains('/') => {
                let file = file.trim_matches('`').to_owned();
                let bytes = fs::read(folder.join(&file)).expect("a sample");
                rows.push(Row { file, bytes, expected: (*expected).to_owned() });
            }
            _ => {}
        }
    }
    assert!(rows.len() > 100 && marks.len() == 5, "the README has another form");
    Some((rows, marks))
}

/// What a row wants that is about SNP: the endorsements are another reader's, and so is SEV's part.
fn is_snp(row: &Row) -> bool {
    let of_others = row.file.starts_with("sev/") || row.file.starts_with("endorsement/");
    !of_others && row.expected != "-"
}

fn report(evidence: &Evidence) -> Option<String> {
    evidence.report().map(|report| hex::encode(Sha256::digest(report)))
}

#[test]
fn reports_come_out_as_they_went_in() {
    let Some((rows, marks)) = samples() else { return };
    let mut read = 0;
    for row in rows.iter().filter(|row| is_snp(row) && row.expected.starts_with("read")) {
        let Some((before, mark)) = row.expected.split_once('(') else { continue };
        let mark = mark.trim_end_matches(')');
        let evidence =
            snp::read(&row.bytes).unwrap_or_else(|error| panic!("{}: {error}", row.file));
        assert_eq!(report(&evidence).as_ref(), marks.get(mark), "{}", row.file);
        assert_eq!(evidence.runtime_data().is_some(), before.contains("bound"), "{}", row.file);
        read += 1;
    }
    assert!(read >= 40, "{read}");
}

#[test]
fn certificates_come_out_each_once() {
    let Some((rows, _)) = samples() else { return };
    for row in rows.iter().filter(|row| is_snp(row)) {
        let wanted = match row.expected.as_str() {
            "read: VCEK, ASK, ARK" => [1, 1, 1],
            "read: ASK, ARK" => [0, 1, 1],
            "read: no certificates" => [0, 0, 0],
            "read" | "read, or refused by name" | "read the certificate, warn"
                if row.file.starts_with("pem/") =>
            {
                [1, 0, 0]
            }
            "read" if row.file.starts_with("table/") || row.file == "tsm/auxblob" => [1, 1, 1],
            "read; warn: tcbm is not the certificate's" => [1, 1, 1],
            _ => continue,
        };
        let evidence =
            snp::read(&row.bytes).unwrap_or_else(|error| panic!("{}: {error}", row.file));
        let of = |kind| {
            let authorities =
                evidence.certificates().iter().filter_map(|der| CaCertificate::parse(der).ok());
            authorities.filter(|authority| authority.kind() == kind).count()
        };
        let veks = evidence.certificates().iter().filter(|der| Vek::parse(der).is_ok()).count();
        assert_eq!([veks, of(CaKind::Ask), of(CaKind::Ark)], wanted, "{}", row.file);
        assert_eq!(evidence.remarks().is_empty(), !row.expected.contains("warn"), "{}", row.file);
    }
}

#[test]
fn what_must_be_refused_is_refused_for_its_reason() {
    let Some((rows, marks)) = samples() else { return };
    let mut refused = 0;
    for row in rows.iter().filter(|row| is_snp(row) && row.expected.starts_with("refuse")) {
        let read = snp::read(&row.bytes);
        if row.expected == "refuse: signature" {
            // Read, but not what was signed: the signature says so.
            let evidence = read.unwrap_or_else(|error| panic!("{}: {error}", row.file));
            assert!(report(&evidence) != marks.get("A").cloned(), "{}", row.file);
            continue;
        }
        let error = read.err().unwrap_or_else(|| panic!("{}: read", row.file));
        let fits = match row.file.as_str() {
            "text/report-bad.b64" => matches!(error, EvidenceError::Unknown { .. }),
            "text/report-short.bin" => error == EvidenceError::ReportSize(1183),
            "text/report-long.bin" => error == EvidenceError::ReportSize(1185),
            "text/display-report.txt" => error == EvidenceError::Listing,
            "buffer/response-status-16.bin" => error == EvidenceError::ResponseStatus(0x16),
            "buffer/response-size-1200.bin" => error == EvidenceError::ResponseSize(1200),
            "buffer/zeros-4000.bin" => error == EvidenceError::NothingAnswered(4000),
            "table/twice-vcek.bin" | "table/offset-past-end.bin" | "table/no-end.bin" => {
                matches!(error, EvidenceError::Table(_))
            }
            "azure/hcl-unbound.bin" => {
                matches!(error, EvidenceError::Hcl(HclError::Unbound { .. }))
            }
            "azure/hcl-type-4.bin" => error == EvidenceError::Hcl(HclError::Type(4)),
            "azure/hcl-hash-9.bin" => error == EvidenceError::Hcl(HclError::Hash(9)),
            "azure/hcl-size-past-end.bin" => {
                matches!(error, EvidenceError::Hcl(HclError::Size { .. }))
            }
            "json/two-reports.json" => error == EvidenceError::TwoReports,
            "pem/vcek-cut.pem" => matches!(error, EvidenceError::Pem(_)),
            _ => false,
        };
        assert!(fits, "{}: {error}", row.file);
        refused += 1;
    }
    assert!(refused >= 15, "{refused}");
}

#[test]
fn a_stated_level_that_is_not_the_certificate_s_is_remarked_on() {
    let Some((rows, _)) = samples() else { return };
    let remarks = |file: &str| {
        let row = rows.iter().find(|row| row.file == file).expect("a sample");
        snp::read(&row.bytes).expect("certificates").remarks().to_vec()
    };
    assert_eq!(remarks("azure/thim.json"), []);
    let stated = 0xdb18_0000_0000_0004;
    assert_eq!(remarks("azure/thim-other-tcb.json"), [Remark::OtherTcb { stated }]);
}
