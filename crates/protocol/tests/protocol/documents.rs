//! `docs/openapi.json` and `docs/problems.md` are what the code says. `SEV_LAUNCH_BLESS=1` writes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use sev_launch_protocol::openapi;
use sev_launch_protocol::problem::{Code, PAGES};
use sev_launch_protocol::routes::ROUTES;

use super::kinds::{DOCUMENT, validator};

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("SEV_LAUNCH_BLESS").is_some() {
        fs::write(&path, text).expect("written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "docs/{name} is not what the code says: SEV_LAUNCH_BLESS=1 writes it");
}

#[test]
fn the_description_is_that_of_the_code() {
    golden("openapi.json", &format!("{:#}\n", *DOCUMENT));
}

#[test]
fn every_code_has_its_section() {
    let pages = openapi::problem_pages();
    golden("problems.md", &pages);
    assert!(PAGES.ends_with("/docs/problems.md#"));
    let headings: Vec<&str> = pages.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(headings, names);
    for code in Code::ALL {
        // A heading of small letters, digits and hyphens is its own anchor.
        assert!(
            code.name()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{}",
            code.name()
        );
        let page = openapi::page(*code);
        assert!(page.contains(code.title()) && page.contains(code.advice()), "{page}");
    }
}

/// Every value that stands under a name, at any depth.
fn under<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(name));
            members.values().for_each(|value| under(value, name, found));
        }
        Value::Array(values) => values.iter().for_each(|value| under(value, name, found)),
        _ => {}
    }
}

#[test]
fn every_reference_has_its_place_and_every_definition_a_use() {
    let mut references = Vec::new();
    under(&DOCUMENT, "$ref", &mut references);
    let used: BTreeSet<&str> = references.iter().map(|one| one.as_str().expect("a text")).collect();
    for reference in &used {
        let place = reference.strip_prefix('#').expect("inside");
        assert!(DOCUMENT.pointer(place).is_some(), "{reference}");
    }
    for part in ["schemas", "responses", "headers"] {
        for name in DOCUMENT["components"][part].as_object().expect("an object").keys() {
            assert!(
                used.contains(format!("#/components/{part}/{name}").as_str()),
                "{part}: {name}"
            );
        }
    }
}

#[test]
fn every_schema_is_one() {
    let mut schemas = Vec::new();
    under(&DOCUMENT["paths"], "schema", &mut schemas);
    under(&DOCUMENT["components"], "schema", &mut schemas);
    schemas.extend(DOCUMENT["components"]["schemas"].as_object().expect("an object").values());
    for schema in schemas {
        jsonschema::meta::validate(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
        validator(schema.clone());
    }
}

#[test]
fn every_route_is_described_whole() {
    for route in ROUTES {
        let path = &DOCUMENT["paths"][route.path];
        let operation = &path[route.method.name().to_ascii_lowercase()];
        assert_eq!(operation["operationId"], route.name);
        let in_path = path["parameters"].as_array().map_or(0, Vec::len);
        assert_eq!(in_path, route.path.matches('{').count(), "{}", route.path);
        assert_eq!(operation.get("requestBody").is_some(), route.request.is_some());
        let statuses: BTreeSet<String> =
            operation["responses"].as_object().expect("answers").keys().cloned().collect();
        let answers = route.answers.iter().map(|(status, _)| *status);
        let problems = route.all_problems().into_iter().map(Code::status);
        let wanted: BTreeSet<String> =
            answers.chain(problems).map(|status| status.to_string()).collect();
        assert_eq!(statuses, wanted, "{}", route.name);
    }
}
