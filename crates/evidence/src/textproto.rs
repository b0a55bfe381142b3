//! Protobuf's text format: `name: value`, `name { … }`, strings in C's escapes, comments after `#`. [Protocol Buffers, text format]
//!
//! A field that stands twice is refused unless the message repeats it: protobuf would take the last one.

use std::collections::HashSet;

use thiserror::Error;

/// Why a text is no message.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextprotoError {
    /// Not the form of a message's text.
    #[error("not a message of protobuf as text, line {0}")]
    Form(usize),
    /// One field, and another value of it.
    #[error("the field {0} stands twice in the message")]
    Twice(String),
}

/// A message's fields by name, in their order.
pub(crate) type Fields = Vec<(String, TextValue)>;

/// The deepest nesting that is read; an attestation has three.
const MAX_DEPTH: usize = 8;

/// Reads a message of which these fields may come several times, also as a list in brackets.
pub(crate) fn read(text: &str, repeated: &[&str]) -> Result<Fields, TextprotoError> {
    TextReader { rest: text, line: 1, repeated }.fields(0)
}

/// A field's value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TextValue {
    Number(u64),
    Bytes(Vec<u8>),
    Message(Fields),
    /// The name of an enumeration's value, a truth value, or a number that is negative or no integer.
    Word(String),
}

/// Reads protobuf's text format: `name: value`, `name { … }`, strings in C's escapes, comments after `#`.
struct TextReader<'t> {
    rest: &'t str,
    line: usize,
    /// Fields that may come several times.
    repeated: &'t [&'t str],
}

impl<'t> TextReader<'t> {
    fn fields(&mut self, depth: usize) -> Result<Fields, TextprotoError> {
        let (mut fields, mut seen) = (Fields::new(), HashSet::new());
        loop {
            self.skip();
            if self.rest.is_empty() == (depth == 0)
                && (self.rest.is_empty() || self.rest.starts_with('}'))
            {
                return Ok(fields);
            }
            let name = self.word("_-+.[]/").ok_or(TextprotoError::Form(self.line))?;
            self.skip();
            let has_colon = self.take(':');
            self.skip();
            let is_repeated = self.repeated.contains(&name);
            if !is_repeated && !seen.insert(name) {
                return Err(TextprotoError::Twice(name.to_owned()));
            }
            if has_colon && is_repeated && self.take('[') {
                self.list(name, &mut fields)?;
            } else {
                let value = self.message_or_value(has_colon, depth)?;
                fields.push((name.to_owned(), value));
            }
            self.skip();
            let _ = self.take(',') || self.take(';');
        }
    }

    fn message_or_value(
        &mut self,
        has_colon: bool,
        depth: usize,
    ) -> Result<TextValue, TextprotoError> {
        if self.take('{') {
            if depth == MAX_DEPTH {
                return Err(TextprotoError::Form(self.line));
            }
            let inner = self.fields(depth + 1)?;
            return match self.take('}') {
                true => Ok(TextValue::Message(inner)),
                false => Err(TextprotoError::Form(self.line)),
            };
        }
        if has_colon { self.value() } else { Err(TextprotoError::Form(self.line)) }
    }

    /// The values of a repeated field in one list, after its bracket.
    fn list(&mut self, name: &str, fields: &mut Fields) -> Result<(), TextprotoError> {
        self.skip();
        if self.take(']') {
            return Ok(());
        }
        loop {
            self.skip();
            let value = self.value()?;
            fields.push((name.to_owned(), value));
            self.skip();
            if self.take(']') {
                return Ok(());
            }
            if !self.take(',') {
                return Err(TextprotoError::Form(self.line));
            }
        }
    }

    fn value(&mut self) -> Result<TextValue, TextprotoError> {
        let mut bytes = None;
        while self.rest.starts_with(['"', '\'']) {
            // Strings that follow each other are one.
            bytes.get_or_insert_with(Vec::new).extend(self.string()?);
            self.skip();
        }
        if let Some(bytes) = bytes {
            return Ok(TextValue::Bytes(bytes));
        }
        let word = self.word("_-+.").ok_or(TextprotoError::Form(self.line))?;
        Ok(number(word).map_or_else(|| TextValue::Word(word.to_owned()), TextValue::Number))
    }

    fn string(&mut self) -> Result<Vec<u8>, TextprotoError> {
        let wrong = TextprotoError::Form(self.line);
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

    /// Letters, digits and these.
    fn word(&mut self, others: &str) -> Option<&'t str> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || others.contains(c)));
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

/// A number that is not negative: decimal, hex after `0x`, or octal after `0`.
fn number(word: &str) -> Option<u64> {
    let is = |digits: &str, radix| digits.chars().all(|digit| digit.is_digit(radix));
    let (digits, radix) = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None => match word.strip_prefix('0') {
            Some(octal) if !octal.is_empty() => (octal, 8),
            _ => (word, 10),
        },
    };
    u64::from_str_radix(digits, radix).ok().filter(|_| is(digits, radix))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_with_its_escapes() {
        let text = "a: 1 # one\nb { c: \"x\\001\\\"\\x41\" 'y' }\nd: NAME\n";
        let fields = read(text, &[]).unwrap();
        assert!(matches!(fields[0], (_, TextValue::Number(1))));
        let (_, TextValue::Message(inner)) = &fields[1] else { panic!("a message") };
        assert!(matches!(&inner[0], (_, TextValue::Bytes(bytes)) if bytes == b"x\x01\"Ay"));
        assert!(matches!(fields[2], (_, TextValue::Word(_))));
        for wrong in ["a", "a:", "a {", "a: \"", "a: 1 a: 2", "}", "a: \"\\9\"", "a: \"\\777\""] {
            assert!(read(wrong, &[]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn repeated_fields_are_lists_or_stand_several_times() {
        let texts = |text| -> Vec<String> {
            let fields = read(text, &["a"]).unwrap();
            fields.iter().map(|(name, value)| format!("{name} {value:?}")).collect()
        };
        let wanted = ["a Number(1)", "a Number(2)", "b Number(8)"];
        assert_eq!(texts("a: 1 a: 2 b: 010"), wanted);
        assert_eq!(texts("a: [1, 2] b: 0x8"), wanted);
        assert_eq!(texts("a: []"), [""; 0]);
        for wrong in ["a: [1 2]", "a: [1,", "b: [1]", "a: [1,]", "b: 1 b: 1", "a: 08"] {
            let read = read(wrong, &["a"]);
            let is_word = matches!(read.as_deref(), Ok([(_, TextValue::Word(_))]));
            assert!(read.is_err() || is_word, "{wrong}");
        }
    }
}
