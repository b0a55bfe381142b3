//! `audit verify`: what is whole, what was changed, cut off or written by others, and what a yes does not show.
//!
//! The audit, its key and its checkpoints were made by Python: `json.dumps(…, sort_keys=True, separators=(',', ':'))` and `hashlib.sha256`
//! for the records, `cryptography` 48.0.0 (ECDSA over P-384 with SHA-384) for the signatures. No line of ours wrote them.

use serde_json::{Value, json};

use super::harness::{Folder, Outcome, Run};
use super::json::{check_strictness, document, schema};

const LINES: [&str; 3] = [
    r#"{"action":"register","actor":{"id":"service","kind":"service"},"facts":{"candidates":1},"hash":"69f670a904f4ce1df3f7b88e8fe7db18c955cd9829d0d120cb257c656883a0fb","outcome":"done","prev":"0000000000000000000000000000000000000000000000000000000000000000","request-id":"00000000-0000-7000-8000-000000000001","seq":1,"tenant":"default","time":"2026-08-01T00:00:01.000Z"}"#,
    r#"{"action":"validate","actor":{"id":"service","kind":"service"},"facts":{"released":true},"hash":"db43b644bb14a04dad1cdf3ce9a026dda7b051f098c8e9eb2ce78d02b9006c00","outcome":"done","prev":"69f670a904f4ce1df3f7b88e8fe7db18c955cd9829d0d120cb257c656883a0fb","request-id":"00000000-0000-7000-8000-000000000002","seq":2,"tenant":"default","time":"2026-08-01T00:00:02.000Z"}"#,
    r#"{"action":"validate","actor":{"id":"service","kind":"service"},"facts":{"tried":1},"hash":"fa91b6780b1b7f357b18f9eb5a9fc0d2f101ce601bee71b7ab9ba320dc2f01de","outcome":"refused","prev":"db43b644bb14a04dad1cdf3ce9a026dda7b051f098c8e9eb2ce78d02b9006c00","reason":"measurement-mismatch","request-id":"00000000-0000-7000-8000-000000000003","seq":3,"tenant":"default","time":"2026-08-01T00:00:03.000Z"}"#,
];

/// A throwaway key, SEC 1, and two checkpoints by it: of record 2, and of record 3.
const KEY: &str = "0426a19a632005ecdd69a0b03019348c768c2e51236e40e41a95bccede5b1007692b9b0bf335c84905c37b6cff4666bec3fa26a91014cb61c9e3269d1a3ed829a6f5c88c0092027dac0549868a576dc7571e2bb2ec2f17519a872aa678c9294883";
const KEY_BASE64: &str = "BCahmmMgBezdaaCwMBk0jHaMLlEjbkDkGpW8zt5bEAdpK5sL8zXISQXDe2z/Rma+w/omqRAUy2HJ4yadGj7YKab1yIwAkgJ9rAVJhopXbcdXHiuy7C8XUZqHKqZ4ySlIgw==";
const POINTS: [&str; 2] = [
    r#"{"checkpoint":{"tenant":"default","seq":2,"hash":"db43b644bb14a04dad1cdf3ce9a026dda7b051f098c8e9eb2ce78d02b9006c00","time":"2026-08-01T00:01:00.000Z"},"signature":"o+moYDkIp/jwTsfbXxHEjg4Wo+WWa2dHMvZcR5UvZFQHqPw4fY4XdM3DCxN2cmin6wxZhxr2T19r9e+8auDyULi3pXhz6grQzhQIxDERAGLqXnr4jCU+2d+qMtLoXo4c"}"#,
    r#"{"checkpoint":{"tenant":"default","seq":3,"hash":"fa91b6780b1b7f357b18f9eb5a9fc0d2f101ce601bee71b7ab9ba320dc2f01de","time":"2026-08-01T00:02:00.000Z"},"signature":"XQh48K6/j7tW0j2vzr7VQMdTndNnF81FuhMhmGA7MP4L4cJcQxqH09hWSY4Rw3+Eb5YyClZDPbXOmac2OaWS4HMQi8TuQqGESZvHnWvpWcU5v5nwKXoq+Tc4gW1VMTLv"}"#,
];
const HEAD: &str = "fa91b6780b1b7f357b18f9eb5a9fc0d2f101ce601bee71b7ab9ba320dc2f01de";

fn audit(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn checkpoints(points: &[&str]) -> String {
    format!("{{\"key\":\"{KEY_BASE64}\",\"items\":[{}]}}", points.join(","))
}

/// `audit verify FILE` in a folder with an audit, its checkpoints and its key.
fn verify(file: &str, points: &[&str], flags: &str) -> Outcome {
    let folder = Folder::new();
    folder.file("audit", file);
    folder.file("checkpoints", checkpoints(points));
    folder.file("key", format!("{KEY}\n"));
    let run = Run::new(["audit", "verify", "audit"]).with(flags.split_ascii_whitespace());
    run.in_folder(folder.path()).go()
}

const CHECKED: &str = "--checkpoints checkpoints --key key";

#[test]
fn a_whole_audit_is_a_yes_in_every_form() {
    let page =
        |lines: &[&str], next: Option<u64>| json!({"lines": lines, "next": next}).to_string();
    let pretty =
        serde_json::to_string_pretty(&json!({"lines": LINES, "next": null})).expect("JSON");
    for file in [
        audit(&LINES),
        audit(&LINES).trim_end().to_owned(),
        page(&LINES, None),
        page(&LINES[..2], Some(2)) + &page(&LINES[2..], None),
        page(&LINES, None) + "\n" + &page(&[], None),
        pretty,
    ] {
        let outcome = verify(&file, &POINTS, "--from-start");
        let wanted = [
            "yes: every record follows from the one before",
            "  tenant      default",
            "  records     3",
            "  numbers     1 to 3",
            "  times       2026-08-01T00:00:01.000Z to 2026-08-01T00:00:03.000Z",
            "  releases    1",
            "  refusals    1",
            "              measurement-mismatch: 1",
            "  checkpoints 0",
            &format!("  head        {HEAD}"),
            "  unproven    that nothing was cut off at its end, and that nobody wrote it anew: no checkpoint of it was given",
        ];
        assert_eq!(outcome.lines(), wanted);
    }
}

#[test]
fn standard_input_is_read_too() {
    let outcome = Run::new(["audit", "verify", "-", "--from-start"]).stdin(audit(&LINES)).go();
    assert!(outcome.answer().starts_with("yes: "));
}

#[test]
fn checkpoints_show_the_end_and_say_how_far() {
    for key in ["key", KEY, KEY_BASE64] {
        let flags = format!("--from-start --checkpoints checkpoints --key {key}");
        let outcome = verify(&audit(&LINES), &POINTS, &flags);
        assert!(!outcome.answer().contains("unproven"), "{}", outcome.stdout);
        assert!(outcome.answer().contains("  checkpoints 2\n"), "{}", outcome.stdout);
    }
    let outcome = verify(&audit(&LINES), &POINTS[..1], CHECKED);
    assert!(outcome.answer().contains("  unproven    the records after 2, "), "{}", outcome.stdout);
    // A checkpoint of what is not in the file shows nothing.
    let outcome = verify(&audit(&LINES[2..]), &POINTS[..1], CHECKED);
    assert!(outcome.answer().contains("the records before 3, "), "{}", outcome.stdout);
    assert!(outcome.answer().contains("no checkpoint of it was given"), "{}", outcome.stdout);
    let outcome = verify(&audit(&LINES[2..]), &POINTS[1..], CHECKED);
    assert!(!outcome.answer().contains("cut off"), "{}", outcome.stdout);
}

#[track_caller]
fn is_a_no(outcome: &Outcome, said: &str) {
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    let first = outcome.stdout.lines().next().expect("an answer");
    assert!(first.starts_with("no: ") && first.contains(said), "{first}");
}

#[test]
fn what_was_changed_dropped_moved_or_cut_off_is_a_no() {
    let changed = LINES[1].replace("true", "null");
    let [one, two, three] = LINES;
    is_a_no(&verify(&audit(&[one, &changed, three]), &[], ""), "line 2 was changed");
    let (page, broken) = (json!({"lines": [one, changed], "next": null}), &two[1..]);
    is_a_no(&verify(&page.to_string(), &[], ""), "line 2 was changed");
    is_a_no(&verify(&audit(&[one, broken, three]), &[], ""), "line 2 is not an audit record");
    is_a_no(&verify(&audit(&[one, "", two, three]), &[], ""), "line 2 is not an audit record");
    is_a_no(&verify(&audit(&[one, three]), &[], ""), "line 2 has number 3, wanted 2");
    is_a_no(&verify(&audit(&[one, three, two]), &[], ""), "line 2 has number 3, wanted 2");
    is_a_no(&verify(&audit(&[one, one, two, three]), &[], ""), "line 2 has number 1, wanted 2");
    is_a_no(&verify(&audit(&[two, three]), &[], "--from-start"), "line 1 has number 2, wanted 1");
    // The end: by a checkpoint alone.
    assert_eq!(verify(&audit(&[one, two]), &[], "").code, Some(0));
    is_a_no(
        &verify(&audit(&[one, two]), &POINTS, CHECKED),
        "record 3 as the checkpoint of 2026-08-01T00:02",
    );
}

#[test]
fn an_audit_that_was_written_anew_contradicts_its_checkpoints() {
    // Another audit, whole in itself, by the same Python: its only record says another thing.
    let other = r#"{"action":"register","actor":{"id":"service","kind":"service"},"facts":{"candidates":2},"hash":"80037435d4418606e3398fcc121242c89eaedc4a58c22f6f1b7abc9fef86fbcc","outcome":"done","prev":"0000000000000000000000000000000000000000000000000000000000000000","request-id":"00000000-0000-7000-8000-000000000001","seq":1,"tenant":"default","time":"2026-08-01T00:00:01.000Z"}"#;
    assert_eq!(verify(&audit(&[other]), &[], "--from-start").code, Some(0));
    is_a_no(
        &verify(&audit(&[other]), &POINTS, &format!("--from-start {CHECKED}")),
        "cut off or changed",
    );
}

#[test]
fn what_cannot_be_decided() {
    let whole = audit(&LINES);
    verify("", &[], "").refused_with(&["audit: ", "no record"]);
    verify("{\"lines\":[],\"next\":null}", &[], "").refused_with(&["no record"]);
    verify("hello\n", &[], "").refused_with(&["audit: ", "line 1 is not an audit record"]);
    verify("{\"lines\":[1],\"next\":null}", &[], "").refused_with(&["page 1"]);
    verify(&whole, &POINTS, "--checkpoints checkpoints").refused_with(&["--key"]);
    verify(&whole, &POINTS, "--key key").refused_with(&["--checkpoints"]);
    verify(&whole, &[], CHECKED).refused_with(&["checkpoints: ", "no checkpoint"]);
    verify(&whole, &["1"], CHECKED).refused_with(&["GET /audit/checkpoints"]);
    verify(&whole, &POINTS, "--checkpoints checkpoints --key 04ab")
        .refused_with(&["--key", "04ab"]);
    // Another hash, or another time, under the same signature; and another tenant's audit.
    let forged = POINTS[1].replace("00:02:00", "00:03:00");
    verify(&whole, &[&forged], CHECKED).refused_with(&["record 3", "not signed by this key"]);
    let flipped = KEY.replace("0426", "0427");
    let flags = format!("--checkpoints checkpoints --key {flipped}");
    verify(&whole, &POINTS, &flags).refused_with(&["no point of P-384"]);
}

#[test]
fn documents_are_as_their_schema_says() {
    let schema = schema("audit-verify");
    let yes = document(&verify(&audit(&LINES), &POINTS[..1], &format!("--json {CHECKED}")));
    check_strictness(&schema, &yes, &["measurement-mismatch"]);
    assert_eq!(yes["answer"], "yes");
    assert_eq!((&yes["from"], &yes["to"], &yes["records"]), (&json!(1), &json!(3), &json!(3)));
    assert_eq!(yes["refusals"], json!({"measurement-mismatch": 1}));
    let no = document(&verify(&audit(&LINES[1..]), &[], "--json --from-start"));
    check_strictness(&schema, &no, &[]);
    assert_eq!(
        (&no["answer"], &no["head"], &no["from"]),
        (&json!("no"), &Value::Null, &Value::Null)
    );
}
