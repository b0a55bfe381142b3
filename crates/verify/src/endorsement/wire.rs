//! Messages of protobuf, field by field, strictly: what a reader of protobuf may leave out or take twice is an error here.
//!
//! Defined by [Protocol Buffers, encoding]. A library that derives its readers drops unknown fields and takes the last of two, so
//! that a signed message could mean one thing to its signer and another to its reader. Nothing is copied, and every error has
//! the byte of the file at which it is.

use sev_launch_abi::reader::wide;

use super::error::{FormError, Place};

/// The most bytes of a number: 64 bits, seven to a byte.
const MOST: usize = 10;

/// A field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A number (wire type 0).
    Number(u64),
    /// Bytes, a text or a message (wire type 2), and where in the file they begin.
    Bytes(&'a [u8], u64),
}

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    /// Where in the file it begins.
    pub(super) at: u64,
    pub(super) value: Value<'a>,
}

/// A message that is read from front to back.
#[derive(Clone, Debug)]
pub(super) struct Message<'a> {
    name: &'static str,
    rest: &'a [u8],
    at: u64,
}

impl<'a> Message<'a> {
    /// The message `name` in these bytes, which begin at byte `at` of the file.
    pub(super) const fn new(name: &'static str, bytes: &'a [u8], at: u64) -> Self {
        Self { name, rest: bytes, at }
    }

    /// The next field; `None` at the end.
    ///
    /// Errors: a number of more than 64 bits or longer than it need be; a value that runs past the end; field 0; another wire type than
    /// a number or bytes.
    pub(super) fn next(&mut self) -> Result<Option<Field<'a>>, FormError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let at = self.at;
        let tag = self.number()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| *number > 0);
        let number = number.ok_or(FormError::FieldNumber { message: self.name, at })?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            2 => {
                let size = self.number()?;
                let start = self.at;
                let cut = FormError::Cut { message: self.name, at: start };
                let size = usize::try_from(size).map_err(|_| cut.clone())?;
                let (bytes, rest) = self.rest.split_at_checked(size).ok_or(cut)?;
                self.rest = rest;
                self.at = start.saturating_add(wide(size));
                Value::Bytes(bytes, start)
            }
            _ => return Err(FormError::WireType { message: self.name, field: number, at }),
        };
        Ok(Some(Field { number, at, value }))
    }

    fn number(&mut self) -> Result<u64, FormError> {
        let mut value = 0u64;
        for (shift, count) in (0..).step_by(7).zip(1..=MOST) {
            let cut = FormError::Cut { message: self.name, at: self.at };
            let long = FormError::Number { message: self.name, at: self.at };
            let (byte, rest) = self.rest.split_first().ok_or(cut)?;
            self.rest = rest;
            self.at = self.at.saturating_add(1);
            let bits = u64::from(byte & 0x7f);
            let shifted =
                bits.checked_shl(shift).filter(|shifted| shifted.checked_shr(shift) == Some(bits));
            value |= shifted.ok_or(long.clone())?;
            if *byte < 0x80 {
                return if *byte == 0 && count > 1 { Err(long) } else { Ok(value) };
            }
        }
        Err(FormError::Number { message: self.name, at: self.at })
    }

    /// The error for a field that the message does not have.
    pub(super) const fn unknown(&self, field: &Field<'_>) -> FormError {
        FormError::UnknownField { message: self.name, field: field.number, at: field.at }
    }
}

/// A field by its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    place: Place,
    value: Value<'a>,
}

impl<'a> Field<'a> {
    /// The field with the name that its message gives it.
    pub(super) const fn named(&self, message: &'static str, field: &'static str) -> Named<'a> {
        Named { place: Place { message, field, at: self.at }, value: self.value }
    }
}

impl<'a> Named<'a> {
    pub(super) const fn place(&self) -> Place {
        self.place
    }

    pub(super) fn number(&self) -> Result<u64, FormError> {
        match self.value {
            Value::Number(number) => Ok(number),
            Value::Bytes(..) => Err(FormError::Kind { place: self.place, wanted: "a number" }),
        }
    }

    /// A number of 32 bits: a reader of protobuf cuts a larger one.
    pub(super) fn small_number(&self) -> Result<u32, FormError> {
        let found = self.number()?;
        u32::try_from(found).map_err(|_| FormError::Value {
            place: self.place,
            found,
            wanted: "a number of 32 bits",
        })
    }

    /// The bytes, and where they begin.
    pub(super) fn bytes(&self) -> Result<(&'a [u8], u64), FormError> {
        match self.value {
            Value::Bytes(bytes, at) => Ok((bytes, at)),
            Value::Number(_) => Err(FormError::Kind { place: self.place, wanted: "bytes" }),
        }
    }

    /// Exactly `N` bytes.
    pub(super) fn array<const N: usize>(&self) -> Result<[u8; N], FormError> {
        let (bytes, _) = self.bytes()?;
        let length =
            FormError::Length { place: self.place, found: wide(bytes.len()), wanted: wide(N) };
        bytes.try_into().map_err(|_| length)
    }

    /// Puts a value where there is none yet.
    pub(super) fn put<T>(&self, to: &mut Option<T>, value: T) -> Result<(), FormError> {
        match to.replace(value) {
            None => Ok(()),
            Some(_) => Err(FormError::Twice { place: self.place }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn all(bytes: &[u8]) -> Result<Vec<Field<'_>>, FormError> {
        let mut message = Message::new("test", bytes, 0);
        let mut fields = Vec::new();
        while let Some(field) = message.next()? {
            fields.push(field);
        }
        Ok(fields)
    }

    // [Protocol Buffers, encoding]: field 1 as the number 150 is 08 96 01; field 2 as the text "testing" is 12 07 …
    #[test]
    fn the_documentation_s_examples_are_read() {
        let number = Field { number: 1, at: 0, value: Value::Number(150) };
        assert_eq!(all(&[0x08, 0x96, 0x01]), Ok([number].to_vec()));
        let text = Field { number: 2, at: 0, value: Value::Bytes(b"testing", 2) };
        assert_eq!(all(b"\x12\x07testing"), Ok([text].to_vec()));
    }

    #[test]
    fn what_is_cut_too_long_or_of_another_kind_is_refused_with_its_place() {
        use FormError::{Cut, FieldNumber, Number, WireType};
        let message = "test";
        for (bytes, error) in [
            (&b"\x08"[..], Cut { message, at: 1 }),
            (b"\x12\x08testing", Cut { message, at: 2 }),
            (b"\x08\x01\x00\x01", FieldNumber { message, at: 2 }),
            (b"\x0b", WireType { message, field: 1, at: 0 }),
            (b"\x0d\0\0\0\0", WireType { message, field: 1, at: 0 }),
            // 2^64, eleven bytes, and 0 in two.
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", Number { message, at: 10 }),
            (b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", Number { message, at: 11 }),
            (b"\x08\x80\x00", Number { message, at: 2 }),
        ] {
            assert_eq!(all(bytes), Err(error), "{bytes:?}");
        }
    }
}
