//! Fields of VM save areas as they are printed.

/// A field's bytes as people read them: up to eight as one little-endian number, more as hex.
pub(crate) fn field_value(bytes: &[u8]) -> String {
    if bytes.len() > 8 {
        return hex::encode(bytes);
    }
    let value = bytes.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    format!("{value:#x}")
}
