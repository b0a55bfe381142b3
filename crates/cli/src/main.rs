//! The `sev-launch` command. Everything it does is in the library beside it, so that tests and generators can call it.

use std::process::ExitCode;

fn main() -> ExitCode {
    sev_launch::run(std::env::args_os())
}
