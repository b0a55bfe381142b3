//! `sevsnp.Attestation` and `sevsnp.Report`, as go-sev-guest's tools write them: binary, text, and protobuf's JSON.
//!
//! [go-sev-guest, sevsnp.proto]: an attestation is report (1), certificate chain (2), product (3); a chain is VCEK (1), ASK (2), ARK (3),
//! the deprecated firmware (4), VLEK (6) and extras (7). A field that stands twice is refused: protobuf would take the last one.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_verify::snp::report::REPORT_SIZE;
use thiserror::Error;

use super::fields::{self, FieldsError, Value};
use crate::textproto::{self, TextValue, TextprotoError};
use crate::tree::Tree;

/// Why bytes are no such message.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtobufError {
    /// Not the form of a message.
    #[error("not a message of protobuf at byte {0}")]
    Form(usize),
    /// Not a message as text.
    #[error(transparent)]
    Text(#[from] TextprotoError),
    /// One field, and another value of it.
    #[error("the field {0} stands twice in the message")]
    Twice(String),
    /// Fields that make no report.
    #[error(transparent)]
    Fields(#[from] FieldsError),
}

/// What a message holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) report: [u8; REPORT_SIZE],
    /// VCEK, ASK, ARK, VLEK; DER, or PEM.
    pub(super) certificates: Vec<Vec<u8>>,
}

/// Fields of a certificate chain that hold a certificate.
const CERTIFICATES: [(u32, &str); 4] =
    [(1, "vcek_cert"), (2, "ask_cert"), (3, "ark_cert"), (6, "vlek_cert")];

/// A message in its binary form; `None` if the bytes are another thing altogether.
pub(super) fn binary(bytes: &[u8]) -> Option<Result<Message, ProtobufError>> {
    let fields = wire(bytes).ok()?;
    let report = fields.iter().find_map(|(number, value)| match value {
        Value::Bytes(bytes) if *number == 1 => Some(bytes),
        _ => None,
    });
    let Some(report) = report else {
        // A bare report: it begins with its version, and has a measurement and a signature.
        let has = |wanted, size| {
            fields.iter().any(|(number, value)| {
                *number == wanted && matches!(value, Value::Bytes(bytes) if bytes.len() == size)
            })
        };
        return (has(12, 48) && has(28, 512)).then(|| message(&fields, Vec::new()));
    };
    let report = wire(report).ok()?;
    let chain = fields.iter().filter_map(|(number, value)| match value {
        Value::Bytes(bytes) if *number == 2 => Some(bytes),
        _ => None,
    });
    let mut certificates = Vec::new();
    for chain in chain {
        for (number, value) in wire(chain).ok()? {
            let wanted = CERTIFICATES.iter().any(|(certificate, _)| *certificate == number);
            if let Value::Bytes(bytes) = value
                && wanted
                && !bytes.is_empty()
            {
                certificates.push(bytes);
            }
        }
    }
    if let Err(error) = once(&fields) {
        return Some(Err(error));
    }
    Some(message(&report, certificates))
}

fn message(report: &[(u32, Value)], certificates: Vec<Vec<u8>>) -> Result<Message, ProtobufError> {
    once(report)?;
    Ok(Message { report: fields::of_message(report)?, certificates })
}

fn once(fields: &[(u32, Value)]) -> Result<(), ProtobufError> {
    let mut seen = HashSet::new();
    let twice = fields.iter().find(|(number, _)| !seen.insert(*number));
    twice.map_or(Ok(()), |(number, _)| Err(ProtobufError::Twice(number.to_string())))
}

/// The fields of a message by number. [Protocol Buffers, encoding]
fn wire(bytes: &[u8]) -> Result<Vec<(u32, Value)>, ProtobufError> {
    let mut fields = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = ProtobufError::Form(bytes.len() - rest.len());
        let field = field(&mut rest).ok_or(at)?;
        fields.push(field);
    }
    Ok(fields)
}

fn field(rest: &mut &[u8]) -> Option<(u32, Value)> {
    let tag = varint(rest)?;
    let number = u32::try_from(tag >> 3).ok().filter(|number| *number > 0)?;
    let size = match tag & 7 {
        0 => return Some((number, Value::Number(varint(rest)?))),
        1 => 8,
        2 => usize::try_from(varint(rest)?).ok()?,
        5 => 4,
        _ => return None,
    };
    let (value, after) = rest.split_at_checked(size)?;
    *rest = after;
    Some((number, Value::Bytes(value.to_vec())))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..).step_by(7).take(10) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        let bits = u64::from(byte & 0x7f);
        value |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Does a text look like a message's? Its first field is then one of an attestation or a report.
pub(super) fn is_text(text: &str) -> bool {
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default();
    let name = first.split([':', '{']).next().unwrap_or_default().trim();
    first.contains([':', '{'])
        && (name == "report"
            || name == "certificate_chain"
            || (name == "version" && text.contains("measurement:")))
}

/// A message as text.
pub(super) fn text(text: &str) -> Result<Message, ProtobufError> {
    // Extras may come several times; of them nothing is read.
    let fields = textproto::read(text, &["extras"])?;
    let report = match fields.iter().find(|(name, _)| name == "report") {
        Some((_, TextValue::Message(report))) => report,
        _ => &fields,
    };
    let chain = fields.iter().filter_map(|(name, value)| match value {
        TextValue::Message(chain) if name == "certificate_chain" => Some(chain),
        _ => None,
    });
    let mut certificates = Vec::new();
    for (name, value) in chain.flatten() {
        let wanted = CERTIFICATES.iter().any(|(_, certificate)| certificate == name);
        if let TextValue::Bytes(bytes) = value
            && wanted
            && !bytes.is_empty()
        {
            certificates.push(bytes.clone());
        }
    }
    let mut values = Vec::new();
    for (name, value) in report {
        let number = fields::number_of(name).ok_or_else(|| FieldsError::Unknown(name.clone()))?;
        values.push((
            number,
            match value {
                TextValue::Number(number) => Value::Number(*number),
                TextValue::Bytes(bytes) => Value::Bytes(bytes.clone()),
                TextValue::Message(_) | TextValue::Word(_) => {
                    return Err(
                        FieldsError::Wrong("report", "numbers and bytes in its fields").into()
                    );
                }
            },
        ));
    }
    message(&values, certificates)
}

/// Does an object look like the message's fields in protobuf's JSON?
pub(super) fn is_json(tree: &Tree) -> bool {
    ["measurement", "reportData", "chipId", "signature"].iter().all(|name| tree.get(name).is_some())
}

/// The report of the message's JSON: 64-bit numbers are text there, and bytes are base64.
pub(super) fn json(tree: &Tree) -> Result<[u8; REPORT_SIZE], ProtobufError> {
    let Tree::Object(fields) = tree else { return Err(FieldsError::Missing("measurement").into()) };
    let mut values = Vec::new();
    for (name, value) in fields {
        let number = fields::number_of(name).ok_or_else(|| FieldsError::Unknown(name.clone()))?;
        let value = match value {
            Tree::Text(text) if fields::is_bytes(number) => {
                BASE64.decode(text).ok().map(Value::Bytes)
            }
            Tree::Text(text) => text.parse().ok().map(Value::Number),
            Tree::Number(number) => Some(Value::Number(*number)),
            _ => None,
        };
        values.push((
            number,
            value.ok_or(FieldsError::Wrong("report", "numbers, and bytes in base64"))?,
        ));
    }
    message(&values, Vec::new()).map(|message| message.report)
}

#[cfg(test)]
mod tests {
    use super::*;

    // [Protocol Buffers, encoding]: field 1 as the varint 150 is 08 96 01; field 2 as the string "testing" is 12 07 …
    #[test]
    fn the_documentation_s_examples_are_read() {
        assert_eq!(wire(&[0x08, 0x96, 0x01]).unwrap(), [(1, Value::Number(150))]);
        assert_eq!(wire(b"\x12\x07testing").unwrap(), [(2, Value::Bytes(b"testing".to_vec()))]);
        for wrong in [
            &b"\x08"[..],
            b"\x12\x08testing",
            b"\x00\x01",
            b"\x0b",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
        ] {
            assert!(wire(wrong).is_err(), "{wrong:?}");
        }
    }
}
