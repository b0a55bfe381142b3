//! Where two runs of bytes differ.

use core::ops::Range;

/// Differences with fewer equal bytes than this between them are told as one.
const NEAR: usize = 4;
/// More differences than this in one run are told as one, from the last on.
const MOST: usize = 1024;

/// A range of one run, and the range of the other that stands in its place.
pub(crate) type Hunk = (Range<usize>, Range<usize>);

/// Where `a` and `b` differ, in order. Runs of one length are compared byte by byte; of others, what they start and end with alike is left out.
pub(crate) fn hunks(a: &[u8], b: &[u8]) -> Vec<Hunk> {
    if a.len() != b.len() {
        let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let most = a.len().min(b.len()) - start;
        let same =
            a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        return vec![(start..a.len() - same, start..b.len() - same)];
    }
    let mut hunks: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(skipped) = next_difference(a, b, at) {
        let start = at + skipped;
        at = start + 1;
        let are_many = hunks.len() >= MOST;
        match hunks.last_mut() {
            Some(last) if start - last.end < NEAR => last.end = at,
            Some(last) if are_many => {
                // Too many to tell: from here to the last byte that differs.
                let end = a.iter().zip(b).rposition(|(a, b)| a != b);
                last.end = end.map_or(at, |end| end + 1);
                break;
            }
            _ => hunks.push(start..at),
        }
    }
    hunks.into_iter().map(|range| (range.clone(), range)).collect()
}

fn next_difference(a: &[u8], b: &[u8], from: usize) -> Option<usize> {
    let (a, b) = (a.get(from..)?, b.get(from..)?);
    // Whole blocks at a time, which are mostly equal.
    const BLOCK: usize = 64;
    let equal =
        a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count()
            * BLOCK;
    let rest = a.get(equal..)?.iter().zip(b.get(equal..)?).position(|(a, b)| a != b)?;
    Some(equal + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_are_where_bytes_differ() {
        assert_eq!(hunks(b"same", b"same"), []);
        assert_eq!(hunks(b"aXbbbbbbbbYc", b"aZbbbbbbbbZc"), [(1..2, 1..2), (10..11, 10..11)]);
        assert_eq!(hunks(b"aXbYc", b"aZbZc"), [(1..4, 1..4)]);
        assert_eq!(hunks(b"start end", b"start, the end"), [(5..5, 5..10)]);
        assert_eq!(hunks(b"aa", b"aaa"), [(2..2, 2..3)]);
        assert_eq!(hunks(b"", b"b"), [(0..0, 0..1)]);
    }

    // Every other block differs: more hunks than are told one by one.
    #[test]
    fn many_hunks_become_one() {
        let a: Vec<u8> = vec![0; 16 * 4000];
        let b: Vec<u8> = (0..16 * 4000_u32).map(|at| u8::from(at % 16 == 0)).collect();
        let found = hunks(&a, &b);
        assert_eq!(found.len(), MOST);
        assert_eq!(found.last().unwrap().1.end, 16 * 3999 + 1);
    }
}
