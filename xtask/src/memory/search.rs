//! Finding bytes in a dump, in every form that they may have been given.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Bytes that are looked for at a time: a part of a longer secret is a copy too.
const PIECE: usize = 16;

/// HMAC's pads. [FIPS 198-1, ipad and opad]
const PADS: [u8; 2] = [0x36, 0x5c];

/// Where there are copies of a secret, and in which form.
pub(super) fn copies(dump: &[u8], secret: &[u8]) -> Vec<(&'static str, usize)> {
    let pieces: Vec<_> = forms(secret)
        .into_iter()
        .flat_map(|(form, bytes)| pieces(&bytes).map(|piece| (form, piece)).collect::<Vec<_>>())
        .collect();
    // Which first bytes are worth a comparison.
    let mut starts = [false; 256];
    for (_, piece) in &pieces {
        if let Some(start) = piece.first().and_then(|first| starts.get_mut(usize::from(*first))) {
            *start = true;
        }
    }
    let mut found = Vec::new();
    for (offset, window) in dump.windows(PIECE).enumerate() {
        let starts_one = window.first().and_then(|first| starts.get(usize::from(*first)));
        if starts_one == Some(&true) {
            let same = pieces.iter().filter(|(_, piece)| piece == window);
            found.extend(same.map(|(form, _)| (*form, offset)));
        }
    }
    found
}

/// A secret as somebody may hold it.
fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let under = |pad: u8| secret.iter().map(|byte| byte ^ pad).collect::<Vec<_>>();
    let mut reversed = secret.to_vec();
    reversed.reverse();
    let [inner, outer] = PADS.map(under);
    vec![
        ("as it is", secret.to_vec()),
        ("reversed", reversed),
        ("in hex", hex::encode(secret).into_bytes()),
        ("in base64", BASE64.encode(secret).into_bytes()),
        ("in base64, behind one byte", base64_behind(1, secret)),
        ("in base64, behind two bytes", base64_behind(2, secret)),
        ("in words", words(secret)),
        ("under the inner pad", inner.clone()),
        ("under the outer pad", outer.clone()),
        ("in words, under the inner pad", words(&inner)),
        ("in words, under the outer pad", words(&outer)),
    ]
}

/// In base64 with something before it, whose digits that are not the secret's alone are left out.
fn base64_behind(before: usize, secret: &[u8]) -> Vec<u8> {
    let whole = [&[0, 0][..before], secret].concat();
    BASE64.encode(whole).into_bytes().split_off(4)
}

/// With the four bytes of each word turned round.
fn words(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.chunks_mut(4).for_each(<[u8]>::reverse);
    bytes
}

/// The pieces that make up the whole; the last may lie over the one before it.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let last = bytes.len().saturating_sub(PIECE);
    let starts = (0..last).step_by(PIECE).chain([last]);
    starts.filter_map(|start| Some(bytes.get(start..start + PIECE)?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_and_every_piece_is_found() {
        let secret: Vec<u8> = (1..=40).collect();
        let reversed: Vec<u8> = (1..=40).rev().collect();
        let dump = [
            &[0; 7][..],
            &secret,
            &reversed[..16],
            hex::encode(&secret[16..32]).as_bytes(),
            BASE64.encode(&secret).as_bytes(),
            &[4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13],
            &secret[24..40].iter().map(|byte| byte ^ 0x36).collect::<Vec<_>>(),
            BASE64.encode([&[9; 7], &secret[..]].concat()).as_bytes(),
        ]
        .concat();
        let found: Vec<_> = copies(&dump, &secret).into_iter().map(|(form, _)| form).collect();
        let count = |form: &str| found.iter().filter(|one| **one == form).count();
        assert_eq!(count("as it is"), 3);
        assert_eq!(count("reversed"), 1);
        assert_eq!(count("in hex"), 2);
        assert_eq!(count("in base64"), 4);
        // 7 bytes before it are two times 3, and 1.
        assert_eq!(count("in base64, behind one byte"), 4);
        assert_eq!(count("in base64, behind two bytes"), 0);
        assert_eq!(count("in words"), 1);
        assert_eq!(count("under the inner pad"), 1);
        assert!(copies(&dump[..20], &secret).is_empty());
    }
}
