//! PEM, written by hand.

/// The digits of RFC 4648, base64.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as one block, in lines of 64 characters. [RFC 7468]
pub(super) fn written(label: &str, bytes: &[u8]) -> Vec<u8> {
    let mut digits = Vec::new();
    for group in bytes.chunks(3) {
        let [a, b, c] = core::array::from_fn(|at| group.get(at).copied().unwrap_or(0));
        let number = u32::from_be_bytes([0, a, b, c]);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = usize::try_from(number >> shift & 63).expect("6 bits");
            digits.push(if at <= group.len() { DIGITS[digit] } else { b'=' });
        }
    }
    let mut text = format!("-----BEGIN {label}-----\n").into_bytes();
    for line in digits.chunks(64) {
        text.extend(line);
        text.push(b'\n');
    }
    text.extend(format!("-----END {label}-----\n").into_bytes());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4648, test vectors.
    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, wanted) in
            [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            let text = String::from_utf8(written("X", bytes.as_bytes())).unwrap();
            assert_eq!(text, format!("-----BEGIN X-----\n{wanted}\n-----END X-----\n"));
        }
    }
}
