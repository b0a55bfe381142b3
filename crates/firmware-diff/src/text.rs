//! Strings that a build writes into its modules: dates, times, and the paths of sources.
//!
//! Both builds must have such a string at the very place, whole, so that other bytes are never taken for one.

use core::ops::Range;

/// Forms of dates and times: `M` a letter of a month's name, `9` a digit, ` ` a digit or a space, all else itself.
/// `__DATE__` and `__TIME__` [C, Predefined macro names]; edk2's PcdFirmwareReleaseDateString; ISO 8601.
const FORMS: [&[u8]; 4] = [b"MMM  9 9999", b"99:99:99", b"99/99/9999", b"9999-99-99"];
/// Months as `__DATE__` writes them.
const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
/// Endings of files that `__FILE__` names, and of the symbols that a build leaves.
const SOURCES: [&[u8]; 8] = [b".c", b".h", b".cpp", b".S", b".asm", b".nasm", b".inc", b".dll"];
/// A path that is longer than this is not looked for.
const MOST_PATH: usize = 1024;

/// Is what differs at `range` part of a date or a time in both, in letters of one byte or of two?
pub(crate) fn is_date(a: &[u8], b: &[u8], range: &Range<usize>) -> bool {
    [1, 2].into_iter().any(|width| {
        FORMS.iter().any(|form| {
            let length = form.len() * width;
            let first = range.end.saturating_sub(length);
            (first..=range.start).any(|start| {
                let end = start + length;
                end >= range.end && is_form(a, start, form, width) && is_form(b, start, form, width)
            })
        })
    })
}

/// Does a date of this form stand at `start`, with no letter or digit around it?
fn is_form(bytes: &[u8], start: usize, form: &[u8], width: usize) -> bool {
    let letter = |number: usize| {
        let at = start.checked_add(number * width)?;
        let letter = *bytes.get(at)?;
        (width == 1 || *bytes.get(at + 1)? == 0).then_some(letter)
    };
    let fits = form.iter().enumerate().all(|(number, wanted)| {
        let Some(found) = letter(number) else { return false };
        match wanted {
            b'M' => found.is_ascii_alphabetic(),
            b'9' => found.is_ascii_digit(),
            // The first letter of a day below ten.
            b' ' if number == 4 => found == b' ' || found.is_ascii_digit(),
            other => found == *other,
        }
    });
    let month: Vec<u8> = (0..3).filter_map(letter).collect();
    let is_month = !form.starts_with(b"M") || MONTHS.contains(&month.as_slice());
    let is_free = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).is_none_or(|letter| !letter.is_ascii_alphanumeric())
    };
    fits && is_month
        && is_free(start.checked_sub(width))
        && is_free(start.checked_add(form.len() * width))
}

/// Is what differs at `range` part of a source file's path in both, and the file's own name the same?
pub(crate) fn is_source_path(a: &[u8], b: &[u8], range: &Range<usize>) -> bool {
    let (Some(of_a), Some(of_b)) = (path_at(a, range), path_at(b, range)) else {
        return false;
    };
    let file = |path: &[u8]| {
        path.rsplit(|letter| *letter == b'/' || *letter == b'\\').next().map(<[u8]>::to_vec)
    };
    let is_source = |path: &[u8]| SOURCES.iter().any(|ending| path.ends_with(ending));
    let has_folder = |path: &[u8]| path.contains(&b'/') || path.contains(&b'\\');
    file(of_a) == file(of_b) && is_source(of_a) && has_folder(of_a) && has_folder(of_b)
}

/// The run of printable letters around `range`, if a NUL ends it.
fn path_at<'a>(bytes: &'a [u8], range: &Range<usize>) -> Option<&'a [u8]> {
    let is_printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let before = bytes.get(range.start.saturating_sub(MOST_PATH)..range.start)?;
    let behind = bytes.get(range.start..bytes.len().min(range.end.saturating_add(MOST_PATH)))?;
    let start = range.start - before.iter().rev().take_while(|byte| is_printable(byte)).count();
    let end = range.start + behind.iter().take_while(|byte| is_printable(byte)).count();
    let is_start = start.checked_sub(1).is_none_or(|before| bytes.get(before) == Some(&0));
    let is_whole = is_start && end >= range.end && bytes.get(end) == Some(&0);
    is_whole.then(|| bytes.get(start..end)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u8> {
        text.bytes().flat_map(|letter| [letter, 0]).collect()
    }

    #[test]
    fn dates_are_known_by_their_whole_form() {
        for (a, b) in [
            ("on Nov  5 2024.", "on Dec 12 2024."),
            ("12:01:59", "12:02:00"),
            ("\n02/13/2023\0", "\n02/14/2023\0"),
            ("2024-11-05T", "2024-11-06T"),
        ] {
            let all = |text: &str| text.len() - 1;
            // Any byte that differs lies in the date.
            let differ: Vec<usize> =
                (0..a.len()).filter(|at| a.as_bytes()[*at] != b.as_bytes()[*at]).collect();
            let range = differ[0]..differ[differ.len() - 1] + 1;
            let is_alone = !a.ends_with('T');
            assert_eq!(is_date(a.as_bytes(), b.as_bytes(), &range), is_alone, "{a} {b} {}", all(a));
            let (wide_a, wide_b) = (wide(a), wide(b));
            assert_eq!(
                is_date(&wide_a, &wide_b, &(range.start * 2..range.end * 2 - 1)),
                is_alone,
                "{a}"
            );
        }
        for (a, b) in [
            ("Nov  5 2024", "Nov  5 202x"),
            ("Xov  5 2024", "Nov  5 2024"),
            ("1Nov  5 2024", "1Nov  6 2024"),
            ("12:01:5", "12:01:6"),
        ] {
            let range = a.bytes().zip(b.bytes()).position(|(a, b)| a != b).unwrap();
            assert!(!is_date(a.as_bytes(), b.as_bytes(), &(range..range + 1)), "{a} {b}");
        }
    }

    #[test]
    fn a_source_path_differs_in_its_folder_alone() {
        let yes =
            (b"\0/build/one/OvmfPkg/Sec/SecMain.c\0", b"\0/build/two/OvmfPkg/Sec/SecMain.c\0");
        assert!(is_source_path(yes.0, yes.1, &(8..11)));
        // Another file, a path that the firmware opens, a path that goes on, and bytes that are no text.
        let other = b"\0/build/two/OvmfPkg/Sec/SecMaim.c\0";
        assert!(!is_source_path(yes.0, other, &(8..31)));
        assert!(!is_source_path(b"\0/efi/a/boot.efi\0", b"\0/efi/b/boot.efi\0", &(6..7)));
        assert!(!is_source_path(b"\0/build/one/a.c", b"\0/build/two/a.c", &(8..11)));
        assert!(!is_source_path(b"\0/build/\x01\x02\x03/a.c\0", b"\0/build/two/a.c\0", &(8..11)));
    }
}
