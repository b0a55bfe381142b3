//! Changes to bytes that are right, as an input chooses them: few and small, so that the rest stays right.

use super::choices::Choices;

/// The most changes in one run: more of them end at the first check.
const MOST: usize = 6;

/// Numbers that structures have a meaning for, or that lie at an edge.
const NUMBERS: [u32; 14] =
    [0, 1, 2, 3, 0x13, 0x101, 0x102, 0x1000, 0x1001, 0x1002, 0x1003, 0x1004, 0x8000_0000, u32::MAX];

/// Makes the changes that the choices ask for: none where they are used up.
pub(crate) fn make(choices: &mut Choices<'_>, bytes: &mut Vec<u8>) {
    for _ in 0..choices.below(MOST + 1) {
        one(choices, bytes);
    }
}

/// One change. It may be one that changes nothing.
pub(crate) fn one(choices: &mut Choices<'_>, bytes: &mut Vec<u8>) {
    let kind = choices.byte();
    let at = place(choices, bytes);
    match kind % 8 {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << (kind / 8 % 8);
            }
        }
        2 => put(bytes, at, &[choices.byte()]),
        3 => put(bytes, at, &choices.array::<4>()),
        // Numbers are most often where a multiple of four is.
        4 => put(bytes, at & !3, &choices.one_of(&NUMBERS).to_le_bytes()),
        5 => {
            let from = place(choices, bytes);
            let length = usize::from(choices.byte());
            let end = bytes.len().min(from + length);
            let part = bytes[from.min(end)..end].to_vec();
            put(bytes, at, &part);
        }
        6 => {
            let length = usize::from(choices.byte());
            let end = bytes.len().min(at + length);
            bytes[at.min(end)..end].fill(0);
        }
        _ if (kind / 8).is_multiple_of(2) => bytes.truncate(at),
        _ => bytes.extend(choices.bytes(64)),
    }
}

/// An offset into the bytes; 0 where there are none.
fn place(choices: &mut Choices<'_>, bytes: &[u8]) -> usize {
    usize::from(choices.u16()) % bytes.len().max(1)
}

/// Writes over what is there, as far as that reaches.
fn put(bytes: &mut [u8], at: usize, part: &[u8]) {
    for (to, from) in bytes.iter_mut().skip(at).zip(part) {
        *to = *from;
    }
}

/// A seed that makes one change: see [`one`].
pub(crate) fn seed(kind: u8, at: u16, value: &[u8]) -> Vec<u8> {
    [&[1, kind][..], &at.to_le_bytes(), value].concat()
}
