//! What looks like a mistake in a command line.

use crate::warning::Warning;

/// What looks like a mistake in a command line. The digest is of its bytes all the same.
pub fn cmdline_warnings(cmdline: &[u8]) -> impl Iterator<Item = Warning> {
    let quoted = |quote: u8| {
        cmdline.len() > 1 && cmdline.first() == Some(&quote) && cmdline.last() == Some(&quote)
    };
    [
        (matches!(cmdline, [.., b'\n' | b'\r']), "ends with a newline"),
        (matches!(cmdline, [.., b' ' | b'\t']), "ends with white space"),
        (matches!(cmdline, [b' ' | b'\t' | b'\n', ..]), "starts with white space"),
        (quoted(b'"') || quoted(b'\''), "is wrapped in quotes"),
    ]
    .into_iter()
    .filter_map(|(holds, what)| holds.then_some(Warning::Cmdline(what)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_command_lines_are_noticed() {
        let found = |cmdline: &[u8]| cmdline_warnings(cmdline).count();
        assert_eq!(found(b"console=ttyS0\n"), 1);
        assert_eq!(found(b"\"a b\""), 1);
        assert_eq!(found(b" a "), 2);
        assert_eq!(found(b"a=\"b c\""), 0);
        assert_eq!(found(b""), 0);
    }
}
