//! Makes man pages, shell completions and the page of other tools' commands: `cargo run --example assets -- FOLDER`.

use std::fs;
use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::{Generator, Shell};

fn main() -> std::io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(std::io::Error::other("usage: assets FOLDER"));
    };
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    for page in sev_launch::man_pages()? {
        fs::write(man.join(page.name), page.text)?;
    }
    for shell in Shell::value_variants() {
        let script = sev_launch::completions(*shell);
        fs::write(completions.join(shell.file_name("sev-launch")), script)?;
    }
    fs::write(folder.join("from-other-tools.md"), sev_launch::other_tools_page())
}
