//! Text from outside, as it may stand in what is printed or written: nothing in it moves a cursor, starts a line, gives a CI runner
//! a command, or shows a reader other text than there is.
//!
//! Names, paths, command lines, and what is in a manifest, a certificate or an image are other people's. Whatever prints them asks
//! here, in the form that it writes: a line for people ([`printable`], [`printable_bytes`]), JSON ([`json`]), TOML ([`toml`]),
//! CSV ([`csv`]), Markdown ([`markdown`]), XML ([`xml`]), a CI runner's commands ([`workflow_message`]). What is harmless comes out as it is, so that names in any script can be read.
//!
//! ```
//! use sev_launch_abi::text::{csv, json, markdown, printable, toml};
//!
//! let name = "vmlinuz\n::stop-commands::x\u{202e}";
//! assert_eq!(printable(name), r"vmlinuz\n::stop-commands::x\u{202e}");
//! assert_eq!(json("\"a\u{202e}\""), r#""a\u202e""#);
//! assert_eq!(toml(name), r#""vmlinuz\n::stop-commands::x\u202E""#);
//! assert_eq!(csv("=1+1"), "'=1+1");
//! assert_eq!(markdown("a|b @you"), "<code>a&#124;b &#64;you</code>");
//! assert_eq!(printable("Größe.img"), "Größe.img");
//! ```

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::error::Error;
use core::fmt::Write as _;

/// Is this a character that no reader sees as what it is?
///
/// Controls (C0, DEL, C1), the ends of lines beyond them, and what Unicode calls format characters and default ignorables: they turn
/// the direction of text, have no width, or are tags. [Unicode, DerivedCoreProperties.txt, Default_Ignorable_Code_Point;
/// DerivedGeneralCategory.txt, Cc, Cf, Zl, Zp]
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{110bd}'
            | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Writes `text`, with `escape` in place of each character that must not stand for itself.
///
/// That is what is hidden, and `#` before another `#`: runners take `##[command]` and `##vso[command]` anywhere in a line.
/// [Actions, ActionCommand.cs, TryParse; Azure Pipelines, Command.cs, TryParse]
fn escaped(text: &str, escape: impl Fn(&mut String, char)) -> Cow<'_, str> {
    let must = |c: char, rest: &str| is_hidden(c) || c == '#' && rest.starts_with('#');
    let rest = |at: usize, c: char| text.get(at.saturating_add(c.len_utf8())..).unwrap_or_default();
    let Some((first, _)) = text.char_indices().find(|(at, c)| must(*c, rest(*at, *c))) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len().saturating_add(16));
    out.push_str(text.get(..first).unwrap_or_default());
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < first) {
        if must(c, rest(at, c)) { escape(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// For people, within one line: what is hidden is written as Rust writes it, as `\n` or `\u{202e}`.
///
/// A backslash stays as it is, so this is for readers, and nothing that can be read back. Done twice it changes nothing more.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |out, c| match c {
        // The escape of what is visible would be the character itself.
        '#' => out.push_str("\\u{23}"),
        c => out.extend(c.escape_default()),
    })
}

/// The same for bytes that may be no text: what is no UTF-8 is written as `\xff`.
pub fn printable_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = core::str::from_utf8(bytes) {
        return printable(text);
    }
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(&printable(chunk.valid()));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}

/// An error with its causes in one text, each said once: some errors say their cause themselves. What is hidden in it is not escaped.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inside) = cause {
        let said = inside.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inside.source();
    }
    text
}

/// A line as it may stand in a log: printable, and no workflow command.
///
/// Runners take a line for one that starts with `::`, blanks before it or not. [Actions, ActionCommand.cs, TryParseV2]
pub fn line(bytes: &[u8]) -> Cow<'_, str> {
    let text = printable_bytes(bytes);
    let start = text.len().saturating_sub(text.trim_start().len());
    match text.get(start..).and_then(|rest| rest.strip_prefix("::")) {
        Some(rest) => {
            let blanks = text.get(..start).unwrap_or_default();
            Cow::Owned([blanks, "\\u{3a}:", rest].concat())
        }
        None => text,
    }
}

/// A JSON document, with what is hidden in its texts escaped: another spelling of the same document.
///
/// Outside of its texts a document has no character that this looks at, but for blanks, which stay.
pub fn json(document: &str) -> Cow<'_, str> {
    // Line feeds and the like are layout: in a text they are escaped already.
    const LAYOUT: [char; 3] = ['\n', '\r', '\t'];
    let parts = document.split_inclusive(LAYOUT);
    let is_harmless =
        |part: &str| matches!(escaped(part.trim_end_matches(LAYOUT), |_, _| ()), Cow::Borrowed(_));
    if parts.clone().all(is_harmless) {
        return Cow::Borrowed(document);
    }
    let mut out = String::with_capacity(document.len().saturating_add(64));
    for part in parts {
        let text = part.trim_end_matches(LAYOUT);
        out.push_str(&escaped(text, |out, c| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }));
        out.push_str(part.get(text.len()..).unwrap_or_default());
    }
    Cow::Owned(out)
}

/// A basic string of TOML, in its quotes. [TOML, String]
pub fn toml(text: &str) -> String {
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    let inner = escaped(&quoted, |out, c| {
        let _ = match c {
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            '\0'..='\u{ffff}' => write!(out, "\\u{:04X}", u32::from(c)),
            _ => write!(out, "\\U{:08X}", u32::from(c)),
        };
    });
    ["\"", &inner, "\""].concat()
}

/// A cell of CSV, before it is quoted: printable, and no formula.
///
/// Spreadsheets take a cell for a formula that starts with `=`, `+`, `-` or `@` [OWASP, CSV Injection]: such a cell, and one that
/// starts with `'`, has a `'` before it. A backslash is written `\\`, so that [`from_csv`] gives the text back.
pub fn csv(text: &str) -> Cow<'_, str> {
    let mut cell = Cow::Borrowed(text);
    if text.contains('\\') {
        cell = Cow::Owned(text.replace('\\', "\\\\"));
    }
    if let Cow::Owned(escaped) = printable(&cell) {
        cell = Cow::Owned(escaped);
    }
    // The full-width signs are taken for the plain ones by some.
    let is_sign = |c: char| matches!(c, '\'' | '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    if cell.trim_start().starts_with(is_sign) {
        cell = Cow::Owned(["'", cell.as_ref()].concat());
    }
    cell
}

/// Text within Markdown, in a table's cell or elsewhere: in `<code>`, printable, and with a number in place of each character that means
/// something to Markdown or HTML.
///
/// In `<code>` those who show it look for no mention, no issue's number and no emoji [GFM, Raw HTML; GitHub, mention filter]; a character's
/// number stands for the character alone and never opens or ends anything [CommonMark, Entity and numeric character references].
/// Of ASCII's punctuation those stay that mean nothing inside a line.
pub fn markdown(text: &str) -> String {
    let mut out = String::from("<code>");
    let mut before = ' ';
    for c in printable(text).chars() {
        let is_plain = match c {
            // `www.` alone makes a link. [GFM, Autolinks]
            '.' => !before.eq_ignore_ascii_case(&'w'),
            ' ' | '-' | '/' | ',' | '=' | '+' | '%' | ';' | '(' | ')' => true,
            c => !c.is_ascii() || c.is_ascii_alphanumeric(),
        };
        if is_plain {
            out.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "&#{};", u32::from(c));
        }
        before = c;
    }
    out.push_str("</code>");
    out
}

/// Text for an XML element's body, or for an attribute in double quotes.
///
/// XML 1.0 cannot hold most control characters even as references, so they stand as they are printed, as `\u{1b}`; what else is hidden
/// stands as a reference. [XML 1.0, Char]
pub fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' if !matches!(c, '\t' | '\n' | '\r') => {
                escaped.extend(c.escape_default());
            }
            // Runners take `##[` and the like anywhere in a line.
            '#' => escaped.push_str("&#35;"),
            c if is_hidden(c) => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text for the message of a workflow command, `::error title=…::message`: one line, whose line feeds the runner puts back.
/// [Actions, command.ts]
pub fn workflow_message(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| encoded(&printable(line))).collect();
    lines.join("%0A")
}

/// Text for a property of such a command, as its title. [Actions, command.ts]
pub fn workflow_property(text: &str) -> String {
    workflow_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// What a runner decodes. Of the lines' ends only those are left that are the text's own.
fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The text that [`csv`] made a cell of; `None` for what it does not write.
pub fn from_csv(cell: &str) -> Option<String> {
    let mut rest = cell.strip_prefix('\'').unwrap_or(cell).chars();
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        text.push(match rest.next()? {
            '\\' => '\\',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (digits, after) = rest.as_str().strip_prefix('{')?.split_once('}')?;
                rest = after.chars();
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    /// What no output may hold: one of each kind, from Unicode's own lists and the runners' sources.
    const HOSTILE: &str = "a\n::stop-commands::x\r\t\u{0}\u{1b}[2J\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\
        \u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{e0041}##[error]##vso[x]";

    #[derive(Debug)]
    struct Chained(&'static str, Option<&'static Self>);

    impl core::fmt::Display for Chained {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Chained {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.map(|cause| -> &(dyn Error + 'static) { cause })
        }
    }

    #[test]
    fn a_cause_is_said_once() {
        static INNER: Chained = Chained("no such file", None);
        static MIDDLE: Chained = Chained("x.toml: no such file", Some(&INNER));
        assert_eq!(causes(&Chained("a", Some(&MIDDLE))), "a: x.toml: no such file");
        assert_eq!(causes(&INNER), "no such file");
    }

    // The cases of actions/toolkit's own tests of its command module.
    #[test]
    fn what_ends_a_workflow_command_is_escaped() {
        assert_eq!(encoded("percent % cr \r lf \n %25"), "percent %25 cr %0D lf %0A %2525");
        assert_eq!(workflow_property("a:b,c%d\ne"), "a%3Ab%2Cc%25d%0Ae");
        assert_eq!(
            workflow_message("a\r\u{1b}[2J\u{202e}##[x]"),
            "a\\r\\u{1b}[2J\\u{202e}\\u{23}#[x]"
        );
    }

    #[test]
    fn one_of_each_by_hand() {
        for (text, wanted) in [
            ("", ""),
            ("root=/dev/vda1 \\x2d é 漢字 # a", "root=/dev/vda1 \\x2d é 漢字 # a"),
            ("a\nb\r\t\u{1b}[2J", "a\\nb\\r\\t\\u{1b}[2J"),
            (
                "\u{202e}\u{2066}\u{200b}\u{2028}\u{9b}",
                "\\u{202e}\\u{2066}\\u{200b}\\u{2028}\\u{9b}",
            ),
            ("##[error]x", "\\u{23}#[error]x"),
            ("###", "\\u{23}\\u{23}#"),
        ] {
            assert_eq!(printable(text), wanted);
        }
        // A name in Latin-1, and the three bytes of a lone surrogate.
        assert_eq!(printable_bytes(b"a\xe9b\xed\xa0\x80\n"), "a\\xe9b\\xed\\xa0\\x80\\n");
        assert_eq!(line("::x".as_bytes()), "\\u{3a}:x");
        assert_eq!(line(" \u{a0}::x".as_bytes()), " \u{a0}\\u{3a}:x");
        assert_eq!(line("a::x".as_bytes()), "a::x");
        assert_eq!(csv("-1"), "'-1");
        assert_eq!(csv("'a\\"), "''a\\\\");
        assert_eq!(csv("\t=x"), "\\t=x");
        assert_eq!(csv(" =x"), "' =x");
    }

    #[test]
    fn nothing_hidden_comes_out() {
        let is_raw = |text: &str| text.chars().any(is_hidden) || text.contains("##");
        let document = serde_json::to_string_pretty(&[HOSTILE, "b"]).expect("JSON");
        for text in [printable(HOSTILE), csv(HOSTILE), toml(HOSTILE).into()] {
            assert!(!is_raw(&text), "{text:?}");
        }
        let safe = json(&document);
        assert!(safe.lines().all(|line| !is_raw(line)), "{safe:?}");
        let back: Vec<String> = serde_json::from_str(&safe).expect("JSON");
        assert_eq!(back, [HOSTILE, "b"]);
    }

    #[test]
    fn markdown_has_nothing_that_means_something() {
        for (text, wanted) in [
            ("OVMF.fd", "OVMF.fd"),
            ("a -> b", "a -&#62; b"),
            ("a|b", "a&#124;b"),
            ("</code><img src=x>", "&#60;/code&#62;&#60;img src=x&#62;"),
            (
                "`x` *y* _z_ ~s~ $m$",
                "&#96;x&#96; &#42;y&#42; &#95;z&#95; &#126;s&#126; &#36;m&#36;",
            ),
            ("[a](b) ![c]", "&#91;a&#93;(b) &#33;&#91;c&#93;"),
            ("@team #1 :x:", "&#64;team &#35;1 &#58;x&#58;"),
            ("https://x www.y WWW.z", "https&#58;//x www&#46;y WWW&#46;z"),
            ("&lt; &#60;", "&#38;lt; &#38;&#35;60;"),
            ("a\nb", "a&#92;nb"),
            (
                "a
b", "a&#92;nb",
            ),
            ("漢字 é", "漢字 é"),
        ] {
            assert_eq!(markdown(text), ["<code>", wanted, "</code>"].concat());
        }
    }

    /// Rust's own table of what is not printable is made of the same categories.
    #[test]
    fn what_rust_escapes_in_debug_and_unicode_assigns_is_hidden() {
        for c in "\u{ad}\u{600}\u{6dd}\u{70f}\u{8e2}\u{180e}\u{200b}\u{2028}\u{2060}\u{feff}\u{fff9}\u{110bd}\u{13430}\u{1bca0}\u{1d173}\u{e0001}".chars() {
            assert!(c.escape_debug().len() > 1, "{:x}", u32::from(c));
            assert!(is_hidden(c), "{:x}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn machine_forms_come_back(text in any::<String>()) {
            let document = serde_json::to_string_pretty(&[&text]).expect("JSON");
            let back: Vec<String> = serde_json::from_str(&json(&document)).expect("JSON");
            prop_assert_eq!(&back[..], core::slice::from_ref(&text));
            prop_assert_eq!(from_csv(&csv(&text)), Some(text.clone()));
            prop_assert_eq!(printable(&printable(&text)).to_string(), printable(&text).to_string());
            // A reader of numbers, and of nothing else, gets back what people are shown.
            let shown = markdown(&text);
            let inner = shown.strip_prefix("<code>").and_then(|rest| rest.strip_suffix("</code>"));
            let mut parts = inner.expect("in code").split("&#");
            let mut read = parts.next().unwrap_or_default().to_string();
            for part in parts {
                let (number, rest) = part.split_once(';').expect("a number ends");
                read.extend(char::from_u32(number.parse().expect("a number")));
                read.push_str(rest);
            }
            prop_assert_eq!(read, printable(&text).to_string());
        }
    }
}
