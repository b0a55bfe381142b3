//! Every task of this repository, including all of CI: `cargo xtask` lists them.

mod reference;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let answer = match arguments.first().map(String::as_str) {
        Some("reference") => reference::run(arguments.get(1..).unwrap_or_default()),
        _ => Err(anyhow::anyhow!("tasks: reference")),
    };
    match answer {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
