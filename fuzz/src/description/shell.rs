//! Words as a shell's text has them: quoted in any of the ways that there are, among what else stands in scripts and logs.

use arbitrary::{Result, Unstructured};

/// A text in which a shell finds a command of these words, the first of which is a program.
pub(super) fn text(words: &[Vec<u8>], choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let before = [
        "",
        "sudo -E ",
        "LC_ALL=C PATH=/bin \\\n",
        "#!/bin/sh\n# a 'guest\n",
        "mkdir -p /x && ",
        "exec ",
    ];
    let mut text = choices.choose(&before)?.as_bytes().to_vec();
    for (number, word) in words.iter().enumerate() {
        if number > 0 {
            text.extend_from_slice(choices.choose(&["\u{20}", "  ", " \\\n  ", "\t"])?.as_bytes());
        }
        quote(word, &mut text, choices)?;
    }
    let behind =
        ["", "\n", " >log 2>&1 &\n", " # it's all", "; echo done", " | tee log", " &> log"];
    text.extend_from_slice(choices.choose(&behind)?.as_bytes());
    Ok(text)
}

/// A word in pieces, each quoted in its way.
fn quote(word: &[u8], text: &mut Vec<u8>, choices: &mut Unstructured<'_>) -> Result<()> {
    let mut rest = word;
    if rest.is_empty() {
        text.extend_from_slice(b"''");
    }
    while !rest.is_empty() {
        let length = match choices.ratio(3, 4)? {
            true => rest.len(),
            false => choices.int_in_range(1..=rest.len())?,
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_/.,=:+".contains(byte);
        // A backslash and blanks at a line's end are read as a break that was copied with blanks behind it.
        let is_blank = word.iter().all(|byte| b" \t".contains(byte));
        match choices.int_in_range(0..=if is_blank { 1 } else { 2 })? {
            _ if piece.iter().all(is_plain) && choices.ratio(3, 4)? => {
                text.extend_from_slice(piece);
            }
            0 if !piece.contains(&b'\'') => {
                text.push(b'\'');
                text.extend_from_slice(piece);
                text.push(b'\'');
            }
            1 => {
                text.push(b'"');
                for byte in piece {
                    if b"\"\\$`".contains(byte) {
                        text.push(b'\\');
                    }
                    text.push(*byte);
                }
                text.push(b'"');
            }
            _ => {
                for byte in piece {
                    // Before the end of a line a backslash is no quote; there is none in these words.
                    text.extend_from_slice(&[b'\\', *byte]);
                }
            }
        }
    }
    Ok(())
}
