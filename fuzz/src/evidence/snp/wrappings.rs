//! What stands around evidence: text of bytes in every form, and documents with one or several things in them.

use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Made, forms};

/// How many wrappings may still be put around: a document and the text of its bytes cost the reader two of its eight steps.
#[derive(Clone, Copy)]
pub(super) struct Left {
    documents: u8,
    texts: u8,
}

impl Left {
    pub(super) const ALL: Self = Self { documents: 2, texts: 2 };
}

/// Evidence with anything around it.
pub(super) fn any(u: &mut Unstructured<'_>, left: Left, in_document: bool) -> Result<Made> {
    match u.int_in_range(0..=3)? {
        0 if left.documents > 0 => {
            let inside = Left { documents: left.documents - 1, ..left };
            document(u, inside, in_document)
        }
        1 if left.texts > 0 => {
            let inside = Left { texts: left.texts - 1, ..left };
            let mut made = any(u, inside, in_document)?;
            made.bytes = text(u, &made.bytes)?.into_bytes();
            made.is_bare = false;
            Ok(made)
        }
        _ => forms::any(u, in_document),
    }
}

/// Bytes as people and their tools write them.
fn text(u: &mut Unstructured<'_>, bytes: &[u8]) -> Result<String> {
    let hex = hex::encode(bytes);
    Ok(match u.int_in_range(0..=13)? {
        0 => hex,
        1 => hex.to_uppercase() + "\n",
        2 => format!("0x{hex}\n"),
        3 => lines(&hex, 60, "\n"),
        4 => lines(&spaced(bytes, " "), 48, "\n"),
        5 => spaced(bytes, ":"),
        6 => STANDARD.encode(bytes),
        7 => STANDARD.encode(bytes) + "\n",
        8 => lines(&STANDARD.encode(bytes), 76, "\n"),
        9 => lines(&STANDARD.encode(bytes), 64, "\r\n"),
        10 => lines(&STANDARD_NO_PAD.encode(bytes), 64, "\n    "),
        11 => URL_SAFE.encode(bytes),
        12 => URL_SAFE_NO_PAD.encode(bytes),
        _ => dump(bytes),
    })
}

fn spaced(bytes: &[u8], between: &str) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(between)
}

fn lines(text: &str, columns: usize, end: &str) -> String {
    let lines = text.as_bytes().chunks(columns);
    lines.map(|line| str::from_utf8(line).expect("ASCII").to_owned() + end).collect()
}

/// As `xxd` prints it.
fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (row, number) in bytes.chunks(16).zip((0u64..).step_by(16)) {
        let pairs = row.chunks(2).map(hex::encode).collect::<Vec<_>>().join(" ");
        let shown: String = row
            .iter()
            .map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' })
            .collect();
        writeln!(text, "{number:08x}: {pairs:<39}  {shown}").expect("a text");
    }
    text
}

/// A document with one or two things in it. In another document only an object of JSON is read.
fn document(u: &mut Unstructured<'_>, left: Left, in_document: bool) -> Result<Made> {
    let mut made = any(u, left, true)?;
    let first = value(u, &made.bytes)?;
    made.is_bare = false;
    let second = if u.arbitrary()? {
        let other = any(u, left, true)?;
        let second = value(u, &other.bytes)?;
        made.add(other);
        Some(second)
    } else {
        None
    };
    let key = *u.choose(&["report", "quote", "attestation_report", "vcekCert", "auxblob"])?;
    let object = |first: Value| {
        let mut object = serde_json::Map::new();
        object.insert("version".to_owned(), 1.into());
        object.insert(key.to_owned(), first);
        object.insert("nonce".to_owned(), "AAECAw==".into());
        if let Some(second) = &second {
            object.insert("more".to_owned(), serde_json::json!({"evidence": [null, second]}));
        }
        Value::Object(object)
    };
    let bytes = match u.int_in_range(0..=5)? {
        0 if !in_document => serde_json::json!([first, second]).to_string().into_bytes(),
        1 if !in_document && second.is_none() => first.to_string().into_bytes(),
        2 if !in_document => {
            let mut bytes = Vec::new();
            ciborium::into_writer(&object(first), &mut bytes).expect("a vector takes it");
            bytes
        }
        3 => serde_json::to_vec_pretty(&object(first)).expect("a document"),
        _ => object(first).to_string().into_bytes(),
    };
    Ok(Made { bytes, ..made })
}

/// Bytes as a value: what is text may stand there itself, or as the document that it is.
fn value(u: &mut Unstructured<'_>, bytes: &[u8]) -> Result<Value> {
    let as_text = str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    if let Some(text) = as_text {
        let parsed = serde_json::from_str(text).ok().filter(Value::is_object);
        return Ok(match (parsed, u.int_in_range(0..=2)?) {
            (Some(object), 0) => object,
            (_, 1) => STANDARD.encode(bytes).into(),
            _ => text.into(),
        });
    }
    Ok(match u.int_in_range(0..=4)? {
        0 => STANDARD.encode(bytes).into(),
        1 => URL_SAFE_NO_PAD.encode(bytes).into(),
        2 => hex::encode(bytes).into(),
        3 => lines(&STANDARD.encode(bytes), 64, "\n").into(),
        _ => bytes.into(),
    })
}
