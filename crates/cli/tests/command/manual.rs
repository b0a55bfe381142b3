//! The man pages in docs/man, as `cargo xtask assets` makes them.

use std::fs;

use super::harness::{Folder, Run, root};

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

#[test]
fn the_command_writes_the_committed_pages() {
    let folder = Folder::new();
    let run = || Run::new(["man"]).with([folder.join("man1")]).go();
    assert_eq!(run().answer(), "");
    let names = |folder: &std::path::Path| {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
        entries.map(|entry| entry.file_name()).collect::<std::collections::BTreeSet<_>>()
    };
    let (made, docs) = (folder.join("man1"), root().join("docs/man"));
    assert_eq!(names(&made), names(&docs));
    for name in names(&docs) {
        let read = |folder: &std::path::Path| fs::read(folder.join(&name)).expect("a page");
        assert!(read(&made) == read(&docs), "{}: run cargo xtask assets", name.display());
    }
    // Pages of an older version are replaced.
    assert_eq!(run().answer(), "");
}

#[test]
fn attack_pages_go_into_a_folder_and_over_nothing_but_pages() {
    let folder = Folder::new();
    let run = |words: &str| Run::new(["man"]).with([words]).in_folder(folder.path()).go();
    run("-").refused_with(&["name one in place of -"]);
    assert!(!folder.join("-").exists());
    let precious = folder.file("precious", "precious");
    for name in ["linked", "piped"] {
        fs::create_dir(folder.join(name)).expect("a folder");
    }
    std::os::unix::fs::symlink(&precious, folder.join("linked/sev-launch.1")).expect("a link");
    folder.fifo("piped/sev-launch-verify.1");
    for name in ["linked", "piped"] {
        run(name).refused_with(&["no plain file"]);
        let left = fs::read_dir(folder.join(name)).expect("a folder").count();
        assert_eq!(left, 1, "{name}");
    }
    assert_eq!(folder.read("precious"), b"precious");
}
