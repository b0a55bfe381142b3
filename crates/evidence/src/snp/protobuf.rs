//! `sevsnp.Attestation` and `sevsnp.Report`, as go-sev-guest's tools write them: binary, text, and protobuf's JSON.
//!
//! [go-sev-guest, sevsnp.proto]: an attestation is report (1), certificate chain (2), product (3); a chain is VCEK (1), ASK (2), ARK (3),
//! the deprecated firmware (4), VLEK (6) and extras (7). A field that stands twice is refused: protobuf would take the last one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_verify::snp::report::REPORT_SIZE;
use thiserror::Error;

use super::fields::{self, FieldsError, Value};
use crate::tree::Tree;

/// Why bytes are no such message.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtobufError {
    /// Not the form of a message.
    #[error("not a message of protobuf at byte {0}")]
    Form(usize),
    /// Not the form of a message's text.
    #[error("not a message of protobuf as text, line {0}")]
    Text(usize),
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

/// The deepest nesting of a message's text that is read; an attestation has three.
const MAX_DEPTH: usize = 8;

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
    let twice = fields.iter().enumerate().find(|(place, (number, _))| {
        fields.iter().take(*place).any(|(earlier, _)| earlier == number)
    });
    twice.map_or(Ok(()), |(_, (number, _))| Err(ProtobufError::Twice(number.to_string())))
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
    let mut reader = TextReader { rest: text, line: 1 };
    let fields = reader.fields(0)?;
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
                TextValue::Message(_) | TextValue::Word => {
                    return Err(
                        FieldsError::Wrong("report", "numbers and bytes in its fields").into()
                    );
                }
            },
        ));
    }
    message(&values, certificates)
}

enum TextValue {
    Number(u64),
    Bytes(Vec<u8>),
    Message(Vec<(String, TextValue)>),
    /// The name of an enumeration's value, or another number.
    Word,
}

/// Reads protobuf's text format: `name: value`, `name { … }`, strings in C's escapes, comments after `#`.
struct TextReader<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> TextReader<'t> {
    fn fields(&mut self, depth: usize) -> Result<Vec<(String, TextValue)>, ProtobufError> {
        let mut fields: Vec<(String, TextValue)> = Vec::new();
        loop {
            self.skip();
            if self.rest.is_empty() == (depth == 0)
                && (self.rest.is_empty() || self.rest.starts_with('}'))
            {
                return Ok(fields);
            }
            let name = self.word().ok_or(ProtobufError::Text(self.line))?.to_owned();
            self.skip();
            let has_colon = self.take(':');
            self.skip();
            let value = if self.take('{') {
                if depth == MAX_DEPTH {
                    return Err(ProtobufError::Text(self.line));
                }
                let inner = self.fields(depth + 1)?;
                if !self.take('}') {
                    return Err(ProtobufError::Text(self.line));
                }
                TextValue::Message(inner)
            } else if has_colon {
                self.value()?
            } else {
                return Err(ProtobufError::Text(self.line));
            };
            self.skip();
            let _ = self.take(',') || self.take(';');
            // Extras may come several times; of them nothing is read.
            if name != "extras" && fields.iter().any(|(earlier, _)| *earlier == name) {
                return Err(ProtobufError::Twice(name));
            }
            fields.push((name, value));
        }
    }

    fn value(&mut self) -> Result<TextValue, ProtobufError> {
        let mut bytes = None;
        while self.rest.starts_with(['"', '\'']) {
            // Strings that follow each other are one.
            bytes.get_or_insert_with(Vec::new).extend(self.string()?);
            self.skip();
        }
        if let Some(bytes) = bytes {
            return Ok(TextValue::Bytes(bytes));
        }
        let word = self.word().ok_or(ProtobufError::Text(self.line))?;
        let number = match word.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16),
            None => word.parse(),
        };
        Ok(number.map_or(TextValue::Word, TextValue::Number))
    }

    fn string(&mut self) -> Result<Vec<u8>, ProtobufError> {
        let wrong = ProtobufError::Text(self.line);
        let mut bytes = self.rest.bytes();
        let quote = bytes.next().ok_or_else(|| wrong.clone())?;
        let mut value = Vec::new();
        loop {
            match bytes.next().ok_or_else(|| wrong.clone())? {
                b'\n' => return Err(wrong),
                byte if byte == quote => break,
                b'\\' => value.push(escape(&mut bytes).ok_or_else(|| wrong.clone())?),
                byte => value.push(byte),
            }
        }
        let used = self.rest.len() - bytes.len();
        self.rest = self.rest.get(used..).ok_or(wrong)?;
        Ok(value)
    }

    fn word(&mut self) -> Option<&'t str> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_-+.[]/".contains(c)));
        let (word, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn take(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Passes over white space and comments.
    fn skip(&mut self) {
        loop {
            let trimmed = self.rest.trim_start();
            let passed = self.rest.len() - trimmed.len();
            let lines = self.rest.bytes().take(passed).filter(|byte| *byte == b'\n').count();
            self.line += lines;
            self.rest = trimmed;
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest =
                self.rest.find('\n').and_then(|end| self.rest.get(end..)).unwrap_or_default();
        }
    }
}

/// What follows a backslash: `n`, `x1f`, `033`, or the character itself.
fn escape(bytes: &mut std::str::Bytes<'_>) -> Option<u8> {
    let digits = |bytes: &mut std::str::Bytes<'_>, first: Option<u8>, radix: u32, most: usize| {
        let mut value = first.map_or(Some(0), |first| char::from(first).to_digit(radix))?;
        let mut count = usize::from(first.is_some());
        while count < most {
            let digit = bytes.clone().next().and_then(|byte| char::from(byte).to_digit(radix));
            let Some(digit) = digit else { break };
            bytes.next();
            value = value * radix + digit;
            count += 1;
        }
        if count == 0 { None } else { u8::try_from(value).ok() }
    };
    Some(match bytes.next()? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'v' => 0x0b,
        b'x' | b'X' => digits(bytes, None, 16, 2)?,
        first @ b'0'..=b'7' => digits(bytes, Some(first), 8, 3)?,
        byte @ (b'\\' | b'\'' | b'"' | b'?') => byte,
        _ => return None,
    })
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

    #[test]
    fn text_is_read_with_its_escapes() {
        let text = "a: 1 # one\nb { c: \"x\\001\\\"\\x41\" 'y' }\nd: NAME\n";
        let mut reader = TextReader { rest: text, line: 1 };
        let fields = reader.fields(0).unwrap();
        assert!(matches!(fields[0], (_, TextValue::Number(1))));
        let (_, TextValue::Message(inner)) = &fields[1] else { panic!("a message") };
        assert!(matches!(&inner[0], (_, TextValue::Bytes(bytes)) if bytes == b"x\x01\"Ay"));
        assert!(matches!(fields[2], (_, TextValue::Word)));
        for wrong in ["a", "a:", "a {", "a: \"", "a: 1 a: 2", "}", "a: \"\\9\"", "a: \"\\777\""] {
            assert!(TextReader { rest: wrong, line: 1 }.fields(0).is_err(), "{wrong}");
        }
    }
}
