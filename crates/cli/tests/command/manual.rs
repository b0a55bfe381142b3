//! The man pages in docs/man, as `cargo xtask assets` makes them.

use std::fs;

use super::harness::root;

#[test]
fn no_flag_is_without_its_description() {
    let mut flags = 0;
    for page in fs::read_dir(root().join("docs/man")).expect("the folder of man pages") {
        let path = page.expect("a man page").path();
        let page = fs::read_to_string(&path).expect("text");
        let lines: Vec<&str> = page.lines().collect();
        for definition in lines.windows(3).filter(|lines| lines[0] == ".TP") {
            let [_, name, text] = definition else { continue };
            if name.starts_with(r"\fB\-") {
                flags += 1;
                assert!(!text.trim().is_empty(), "{}: {name}", path.display());
            }
        }
    }
    assert!(flags > 400, "{flags} flags were found");
}
