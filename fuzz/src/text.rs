//! Text from outside, as it may stand in what is printed.

use serde_json::Value;
use sev_launch_abi::text::{csv, from_csv, json, line, printable, printable_bytes, toml};

/// An input is any bytes, which are text or none.
pub(crate) fn run(bytes: &[u8]) {
    for shown in [printable_bytes(bytes), line(bytes)] {
        check(&shown);
        assert_eq!(printable(&shown), shown, "shown twice");
    }
    assert!(!line(bytes).trim_start().starts_with("::"), "a workflow command");
    let text = String::from_utf8_lossy(bytes);
    check(&printable(&text));
    let quoted = toml(&text);
    check(&quoted);
    let table: toml::Table = format!("a = {quoted}").parse().expect("a string of TOML");
    assert_eq!(table["a"].as_str(), Some(&*text), "{quoted}");
    let cell = csv(&text);
    check(&cell);
    assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "a formula: {cell}");
    assert_eq!(from_csv(&cell).as_deref(), Some(&*text), "{cell}");
    // What nobody wrote is read as something or refused.
    let _ = from_csv(&text);
    let value: Value = [(text.to_string(), &*text)].into_iter().collect();
    for document in [serde_json::to_string(&value), serde_json::to_string_pretty(&value)] {
        let document = document.expect("JSON has a text");
        let safe = json(&document);
        safe.lines().for_each(check);
        assert_eq!(serde_json::from_str(&safe).ok().as_ref(), Some(&value), "{safe}");
    }
}

/// Nothing in what is shown moves a cursor, starts a line, turns text round, has no width or is a command of a runner's.
fn check(shown: &str) {
    assert_eq!(shown.chars().find(|c| is_hidden(*c)), None, "{shown:?}");
    assert!(!shown.contains("##"), "a command of a runner's: {shown}");
}

/// Is this a control, an end of a line, or what has no width or turns text round?
///
/// These are all of Unicode's, written down here once more: the library's list has none of its own to be compared with.
/// [Unicode, UnicodeData.txt: Cc, Cf, Zl, Zp; PropList.txt: Other_Default_Ignorable_Code_Point, Variation_Selector]
pub(crate) fn is_hidden(c: char) -> bool {
    const RANGES: [(u32, u32); 25] = [
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x600, 0x605),
        (0x61c, 0x61c),
        (0x6dd, 0x6dd),
        (0x70f, 0x70f),
        (0x890, 0x891),
        (0x8e2, 0x8e2),
        (0x115f, 0x1160),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x200b, 0x200f),
        (0x2028, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfffb),
        (0x110bd, 0x110bd),
        (0x110cd, 0x110cd),
        (0x13430, 0x1343f),
        (0x1bca0, 0x1bca3),
        (0x1d173, 0x1d17a),
        (0xe0000, 0xe0fff),
    ];
    let number = u32::from(c);
    c.is_control() || RANGES.iter().any(|(first, last)| (*first..=*last).contains(&number))
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "root=/dev/vda1 \\x2d é 漢字 # a",
        "a\n::stop-commands::x\r\t\u{0}\u{1b}[2J\u{7f}\u{85}",
        "\u{ad}\u{61c}\u{200b}\u{2028}\u{202e}\u{2066}\u{feff}\u{e0041}",
        "##[error]##vso[x]",
        " =1+1\\u{41}\\n",
        "'\"\\",
    ];
    let not_text = b"a\xe9b\xed\xa0\x80\n".to_vec();
    texts.into_iter().map(|text| text.as_bytes().to_vec()).chain([not_text]).collect()
}
