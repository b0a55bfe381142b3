//! Makes man pages, shell completions and the page of other tools' commands: `cargo run --example assets -- FOLDER`.

mod bash;
mod man;

use std::fs;
use std::path::PathBuf;

use clap_complete::Shell;

fn main() -> std::io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(std::io::Error::other("usage: assets FOLDER"));
    };
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    man::write(sev_launch::manual(), &man)?;
    bash::write(&sev_launch::completed(), &completions)?;
    for shell in [Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        let mut command = sev_launch::completed();
        clap_complete::generate_to(shell, &mut command, "sev-launch", &completions)?;
    }
    fs::write(folder.join("from-other-tools.md"), sev_launch::other_tools_page())
}
