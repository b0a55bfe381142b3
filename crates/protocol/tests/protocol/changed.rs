//! Right bodies with one change each: whatever the schema refuses the reader refuses, and a slip never goes unseen.

use serde_json::{Value, json};
use sev_launch_protocol::problem::Code;

use super::kinds::{self, Kind};

/// The JSON pointers of every value in a body, the body first.
fn places(body: &Value) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut at = 0;
    while let Some(place) = all.get(at).cloned() {
        match body.pointer(&place) {
            Some(Value::Object(members)) => {
                all.extend(members.keys().map(|name| format!("{place}/{name}")));
            }
            Some(Value::Array(values)) => {
                all.extend((0..values.len()).map(|index| format!("{place}/{index}")));
            }
            _ => {}
        }
        at += 1;
    }
    all
}

fn with(body: &Value, place: &str, value: Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(place).unwrap() = value;
    body
}

/// Names by which an owner or a launcher calls something: no member of a type.
fn is_map(place: &str) -> bool {
    place == "/labels" || place.ends_with("/keys")
}

fn each(mut test: impl FnMut(&Kind, &Value, &str)) {
    for kind in kinds::all() {
        for body in &kind.good {
            (kind.read)(body.to_string().as_bytes())
                .unwrap_or_else(|error| panic!("{}: {error}", kind.name));
            for place in places(body) {
                test(&kind, body, &place);
            }
        }
    }
}

/// Reads a body and holds the answer against the schema's.
fn agree(kind: &Kind, body: &Value) -> Result<(), Code> {
    let text = body.to_string();
    let read = (kind.read)(text.as_bytes());
    let refused = kind.schema.validate(body);
    if let (Ok(()), Err(error)) = (&read, refused) {
        let (place, value) = (error.instance_path(), error.instance());
        panic!("{}: read, and no schema has it: {place}: {value:.100}", kind.name);
    }
    read.map_err(|problem| problem.code)
}

#[test]
fn what_is_read_has_the_schema() {
    let long = "a".repeat(254);
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(-9_000_000_000_i64),
        json!(1.5),
        json!(3.0),
        json!(1e300),
        json!(255),
        json!(256),
        json!(1024),
        json!(1025),
        json!(1_u64 << 32),
        json!((1_u64 << 53) - 1),
        json!(1_u64 << 53),
        json!(u64::MAX),
        json!(""),
        json!(" "),
        json!("x"),
        json!("\u{0}"),
        json!("\u{202e}x"),
        json!(long),
        json!("Zg="),
        json!("Zm8="),
        json!(" Zm8=\n"),
        json!("AB".repeat(32)),
        json!("ab".repeat(48)),
        json!("ab".repeat(64)),
        json!(kinds::base64(64)),
        json!(kinds::VMID.to_uppercase()),
        json!("00000000-0000-0000-0000-000000000000"),
        json!("2026-11-21T02:10Z"),
        json!("2026-11-21t02:10:00z"),
        json!("2026-11-21T02:10:00+01"),
        json!("2026-11-21T02:10:00-00:00"),
        json!("2026-11-21T24:00:00Z"),
        json!("2026-06-30T23:59:60Z"),
        json!("2026-11-21T02:10:00,5Z"),
        json!("20261121T021000Z"),
        json!("PT0.5H"),
        json!("pt10m"),
        json!("PT1H30M"),
        json!("PT90M0S"),
        json!([]),
        json!([[]]),
        json!([1, 2]),
        json!([1, 1]),
        json!(vec![1; 1025]),
        json!(["x", "y"]),
        json!({}),
        json!({ "a": "Zm8=" }),
        json!({ "manual": null }),
        json!({ "type": "EPYC" }),
        json!({ "min": 2, "max": 1 }),
        json!({ "base64": "" }),
    ];
    each(|kind, body, place| {
        for value in &values {
            let _ = agree(kind, &with(body, place, value.clone()));
        }
        // A list of an object's values, in order: what serde's own readers take for the object. A list of counts is one.
        if let (Some(Value::Object(members)), true) = (body.pointer(place), place != "/cpu-count") {
            let list: Vec<Value> = members.values().cloned().collect();
            let read = agree(kind, &with(body, place, list.into()));
            assert!(
                read.is_err() || kind.nullable.contains(&place),
                "{}: {place}: a list for an object",
                kind.name
            );
        }
    });
}

#[test]
fn a_member_may_be_left_out_only_where_the_schema_says_so() {
    each(|kind, body, place| {
        let Some((parent, name)) = place.rsplit_once('/') else { return };
        let mut body = body.clone();
        match body.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.remove(name)),
            Some(Value::Array(values)) => drop(values.remove(name.parse().unwrap())),
            _ => panic!("{place}"),
        }
        let _ = agree(kind, &body);
    });
}

#[test]
fn null_is_no_value_but_where_it_has_a_meaning() {
    each(|kind, body, place| {
        let body = with(body, place, Value::Null);
        let read = agree(kind, &body);
        if kind.nullable.contains(&place) {
            assert_eq!(read, Ok(()), "{}: {place}", kind.name);
        } else {
            assert!(read.is_err(), "{}: {place} is null", kind.name);
            assert!(
                !kind.schema.is_valid(&body),
                "{}: {place} is null, and the schema has it",
                kind.name
            );
        }
    });
}

#[test]
fn a_misspelt_member_is_refused_by_its_place() {
    each(|kind, body, place| {
        if !body.pointer(place).is_some_and(Value::is_object) || is_map(place) {
            return;
        }
        let mut body = body.clone();
        body.pointer_mut(place).unwrap()["polcy"] = json!(1);
        let read = (kind.read)(body.to_string().as_bytes());
        if kind.open.contains(&place) {
            assert_eq!(read, Ok(()), "{}: {place}", kind.name);
            return;
        }
        let problem = read.expect_err(place);
        assert_eq!(problem.code, Code::UnknownMember, "{}: {place}: {problem}", kind.name);
        let pointer = &problem.errors[0].pointer;
        assert!(pointer.starts_with(&format!("#{place}")), "{}: {place}: {pointer}", kind.name);
        assert!(problem.errors[0].detail.contains("polcy"), "{problem}");
        assert!(!kind.schema.is_valid(&body), "{}: {place}: the schema has it", kind.name);
    });
}

#[test]
fn a_member_twice_is_refused_in_every_object() {
    const OTHER: &str = "a-name-that-nothing-has";
    each(|kind, body, place| {
        let Some((parent, name)) = place.rsplit_once('/') else { return };
        let mut body = body.clone();
        let value = body.pointer(place).cloned().unwrap();
        let Some(Value::Object(members)) = body.pointer_mut(parent) else { return };
        members.insert(OTHER.into(), value);
        let text = body.to_string().replace(OTHER, name);
        let problem = (kind.read)(text.as_bytes()).expect_err(place);
        assert_eq!(problem.code, Code::MalformedJson, "{}: {place}: {problem}", kind.name);
        assert_eq!(problem.errors[0].pointer, format!("#{parent}"), "{problem}");
        assert!(problem.errors[0].detail.contains(name), "{problem}");
    });
}
