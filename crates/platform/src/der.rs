//! The little of DER that certificates need, written by hand. [X.690, distinguished encoding rules]

/// NULL.
pub(crate) const NULL: &[u8] = &[5, 0];
/// BOOLEAN true.
pub(crate) const TRUE: &[u8] = &[1, 1, 0xff];

/// Tag, length, value. No value here has 64 KiB; a longer one would be cut, and no verifier takes it.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    let mut der = vec![tag];
    match (length, length.to_be_bytes()) {
        (0..=0x7f, [_, low]) => der.push(low),
        (0x80..=0xff, [_, low]) => der.extend([0x81, low]),
        (_, [high, low]) => der.extend([0x82, high, low]),
    }
    der.extend(value);
    der
}

/// SEQUENCE.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

/// SET of one element.
pub(crate) fn set_of(element: &[u8]) -> Vec<u8> {
    tlv(0x31, &[element])
}

/// OBJECT IDENTIFIER, from its encoded body.
pub(crate) fn oid(body: &[u8]) -> Vec<u8> {
    tlv(0x06, &[body])
}

/// INTEGER of a number that is not negative, from big-endian bytes.
pub(crate) fn integer(bytes: &[u8]) -> Vec<u8> {
    let number: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    match number.first() {
        None => tlv(0x02, &[&[0]]),
        Some(first) if *first >= 0x80 => tlv(0x02, &[&[0], &number]),
        Some(_) => tlv(0x02, &[&number]),
    }
}

/// BIT STRING of whole bytes.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes])
}

/// OCTET STRING.
pub(crate) fn octet_string(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, &[bytes])
}

/// UTF8String.
pub(crate) fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, &[text.as_bytes()])
}

/// IA5String.
pub(crate) fn ia5(text: &str) -> Vec<u8> {
    tlv(0x16, &[text.as_bytes()])
}

/// UTCTime, as `240101000000Z`.
pub(crate) fn utc_time(text: &str) -> Vec<u8> {
    tlv(0x17, &[text.as_bytes()])
}

/// A context-specific, explicit tag.
pub(crate) fn explicit(number: u8, value: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, &[value])
}
