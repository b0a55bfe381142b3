//! Bodies that are wrong as a whole, whatever they were meant to be.

use sev_launch_protocol::body::MOST;
use sev_launch_protocol::problem::Code;

use super::kinds;

fn refuse(bytes: &[u8], wanted: Code) {
    for kind in kinds::all() {
        let problem = (kind.read)(bytes).expect_err(kind.name);
        let begin = String::from_utf8_lossy(bytes.get(..40).unwrap_or(bytes)).into_owned();
        assert_eq!(problem.code, wanted, "{}: {begin}: {problem}", kind.name);
    }
}

#[test]
fn a_body_is_one_value_of_json() {
    for text in [
        "",
        " ",
        "{",
        "{}{}",
        "{} x",
        "{\"a\":}",
        "{\"a\": 01}",
        "{'a': 1}",
        "{\"a\": 1,}",
        "nan",
        "{\"a\": 1e999}",
        "\u{feff}{}",
    ] {
        refuse(text.as_bytes(), Code::MalformedJson);
    }
    for text in ["null", "[]", "5", "\"amd-sev\"", "true"] {
        refuse(text.as_bytes(), Code::Schema);
    }
}

#[test]
fn a_body_is_utf_8() {
    for bytes in [
        &b"{\"a\": \"\xff\"}"[..],
        b"\xff\xfe{\x00}\x00",
        b"{\"\xc0\x80\": 1}",
        b"{\"a\": \"\\ud800\"}",
    ] {
        refuse(bytes, Code::MalformedJson);
    }
}

#[test]
fn a_body_is_neither_deep_nor_long() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{{\"vmm\": {}1{}}}", open.repeat(200), close.repeat(200));
        refuse(deep.as_bytes(), Code::MalformedJson);
    }
    refuse(&vec![b' '; MOST + 1], Code::TooLarge);
    refuse(&vec![b' '; MOST], Code::MalformedJson);
    for kind in kinds::all() {
        let mut text = kind.good[0].to_string();
        text.extend(std::iter::repeat_n(' ', MOST - text.len()));
        assert_eq!((kind.read)(text.as_bytes()), Ok(()), "{}", kind.name);
        text.push(' ');
        assert_eq!((kind.read)(text.as_bytes()).expect_err("too long").code, Code::TooLarge);
    }
}
