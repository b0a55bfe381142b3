//! The `sev-launch-server` command. Everything it does is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    sev_launch_server::command::Command::main()
}
