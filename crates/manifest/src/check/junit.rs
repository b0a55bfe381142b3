//! JUnit XML: one test case per input and per row, and one for what holds for all of them. Rows that cannot be computed again are
//! skipped.
//!
//! The dialect is what all CI systems read: `testsuites/testsuite/testcase` with `failure` inside, text in attributes and
//! bodies [JUnit, jenkins-junit.xsd]. XML 1.0 cannot hold most control characters even as references, so they stand as they are
//! printed, as `\u{1b}`; what else is hidden stands as a reference.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use sev_launch_abi::text::xml as escape;

use super::{Check, input_text, unchecked};

struct Case {
    class: &'static str,
    name: String,
    failure: Option<(String, String)>,
    note: Option<String>,
    skipped: Option<String>,
}

/// The XML document. It has a failure exactly where the check is not the same.
pub fn write(check: &Check) -> String {
    let cases = cases(check);
    let tests = cases.len();
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let skipped = cases.iter().filter(|case| case.skipped.is_some()).count();
    let suite = escape(&check.name);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.push_str(&format!(
        "<testsuites name=\"manifest check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
    ));
    xml.push_str(&format!(
        "  <testsuite name=\"{suite}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n"
    ));
    for case in cases {
        let (name, is_skipped) = (escape(&case.name), case.skipped.is_some());
        let start = format!("    <testcase classname=\"{suite}.{}\" name=\"{name}\"", case.class);
        let body = match (case.failure, case.note.or(case.skipped)) {
            (None, Some(text)) if is_skipped => {
                format!("      <skipped message=\"{}\"/>\n", escape(&text))
            }
            (Some((message, text)), _) => {
                let (message, text) = (escape(&message), escape(&text));
                format!("      <failure message=\"{message}\">{text}</failure>\n")
            }
            (None, Some(note)) => format!("      <system-out>{}</system-out>\n", escape(&note)),
            (None, None) => {
                xml.push_str(&format!("{start}/>\n"));
                continue;
            }
        };
        xml.push_str(&format!("{start}>\n{body}    </testcase>\n"));
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn cases(check: &Check) -> Vec<Case> {
    let differences = check.differences();
    let case = |class, name: &str, failure: Option<(&str, String)>| Case {
        class,
        name: name.to_owned(),
        failure: failure.map(|(message, text)| (message.to_owned(), text)),
        note: None,
        skipped: None,
    };
    let technology = differences.technology.as_ref().map(ToString::to_string);
    let policy = differences.policy.as_ref().map(ToString::to_string);
    let host_data = differences.host_data.as_ref().map(ToString::to_string);
    let id_block = differences.id_block.as_ref().map(ToString::to_string);
    let mut cases = vec![
        case("guest", "technology", technology.map(|text| ("technology changed", text))),
        case("guest", "policy", policy.map(|text| ("guest policy changed", text))),
        case("guest", "host data", host_data.map(|text| ("host data changed", text))),
        case("guest", "ID block", id_block.map(|text| ("ID block changed", text))),
    ];
    cases.extend(differences.inputs_same.iter().map(|label| case("inputs", label, None)));
    for change in &differences.inputs {
        let text = input_text(change);
        cases.push(Case {
            failure: (!change.is_move()).then(|| ("input changed".to_owned(), text.clone())),
            note: change.is_move().then_some(text),
            ..case("inputs", change.label(), None)
        });
    }
    cases.extend(differences.rows_same.iter().map(|row| case("rows", &row.facts, None)));
    for change in &differences.rows_changed {
        let text = check.row_text(change);
        cases.push(case("rows", &change.facts, Some(("launch digest changed", text))));
    }
    let not_recorded = differences.rows_added.iter().map(|row| (row, "row is not recorded"));
    let gone = differences.rows_removed.iter().map(|row| (row, "row is no longer described"));
    for (row, message) in not_recorded.chain(gone) {
        cases.push(case("rows", &row.facts, Some((message, row.digest.to_string()))));
    }
    cases.extend(check.proven().iter().map(|row| case("rows", &row.facts, None)));
    for row in check.unproven() {
        let failure = ("endorsed row is not proven", row.reason.clone());
        cases.push(case("rows", &row.row.facts, Some(failure)));
    }
    for row in check.kept() {
        cases.push(Case { skipped: Some(unchecked(row)), ..case("rows", &row.facts, None) });
    }
    cases
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A reader of its own gets back what was written, in an attribute and in a body.
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let xml = format!("<a b=\"{0}\">{0}</a>", escape(&text));
            let document = roxmltree::Document::parse(&xml).expect("well-formed XML");
            let expected: String = text
                .chars()
                .map(|c| match c {
                    '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => c.to_string(),
                    _ => c.escape_default().to_string(),
                })
                .collect();
            let element = document.root_element();
            prop_assert_eq!(element.attribute("b"), Some(expected.as_str()));
            prop_assert_eq!(element.text().unwrap_or_default(), expected.as_str());
        }
    }
}
