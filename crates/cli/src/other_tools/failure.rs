//! How another tool's words end without its answer, in what it says and in its exit codes.

use std::io::Write as _;
use std::process::ExitCode;

use crate::{exit, text};

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The words are not the tool's: how it is used, and what is wrong. Exit code 2, as argparse has it.
    Usage { usage: &'static str, error: String },
    /// The tool has an answer, and no host does as it says: why, and what is right in lines of their own. Exit code 2.
    Defect { why: String, ours: Vec<String> },
    /// The tool has no answer either. Exit code 1.
    Stops(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Stops(error)
    }
}

/// Tells a failure, and gives the exit code.
pub(super) fn exit_code(tool: &str, answer: Result<(), Failure>) -> ExitCode {
    let mut stderr = text::stderr();
    // Nothing can be said when standard error is gone; the exit code still tells.
    match answer {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage { usage, error }) => {
            let _ = writeln!(stderr, "{usage}");
            let _ = writeln!(stderr, "{tool}: error: {error}");
            ExitCode::from(2)
        }
        Err(Failure::Defect { why, ours }) => {
            let _ = writeln!(stderr, "{tool}: error: {why}");
            for line in ours {
                let _ = writeln!(stderr, "  {line}");
            }
            ExitCode::from(2)
        }
        Err(Failure::Stops(error)) => {
            if !exit::is_broken_pipe(&error) {
                let _ = writeln!(stderr, "error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
