//! What the exit codes mean, and how an error is told.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;

use crate::{advice, text};

/// The exit codes, as every command's help lists them.
pub(crate) const HELP: &str = "\
Exit codes:
  0  yes: the answer is on standard output
  1  no: what was compared differs
  2  could not decide: wrong usage, malformed input, a missing file, a launch that the host refuses
  3  refused as insecure (commands that verify)";

/// What a command that could decide has found. In documents it is `yes` or `no`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer {
    /// Exit code 0.
    Yes,
    /// Exit code 1.
    No,
}

impl From<bool> for Answer {
    fn from(is_yes: bool) -> Self {
        if is_yes { Self::Yes } else { Self::No }
    }
}

const UNDECIDED: u8 = 2;
const INSECURE: u8 = 3;

/// A request that could be answered, and is refused because the answer would not be safe: exit code 3.
#[derive(Debug)]
pub(crate) struct Insecure(pub(crate) String);

impl std::fmt::Display for Insecure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refused as insecure: {}", self.0)
    }
}

impl std::error::Error for Insecure {}

/// A no that leaves nothing else to be said: what would be judged is vouched for by nobody who is trusted. Exit code 1.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The end of a program that this command stands in for, with that one's exit code, where it is not 0.
#[derive(Debug)]
pub(crate) struct Program(pub(crate) u8);

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the program ended with {}", self.0)
    }
}

impl std::error::Error for Program {}

/// An error that ends in lines of what to do: one for each thing that may be typed or fetched.
#[derive(Debug)]
pub(crate) struct Steps {
    /// What is wrong, in one line.
    pub(crate) said: String,
    /// What to do, a line each.
    pub(crate) next: Vec<String>,
    /// Is it refused as insecure?
    pub(crate) insecure: bool,
}

impl std::fmt::Display for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.insecure {
            true => write!(f, "refused as insecure: {}", self.said),
            false => f.write_str(&self.said),
        }
    }
}

impl std::error::Error for Steps {}

/// Tells an error, with a line of advice where there is one, and gives the exit code.
pub(crate) fn report(answer: anyhow::Result<Answer>) -> ExitCode {
    match answer {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::FAILURE,
        Err(error) => {
            // The program that was started in our place has said what there is to say.
            if let Some(Program(code)) = error.downcast_ref() {
                return ExitCode::from(*code);
            }
            // A reader that went away needs no message, but the answer may have been a no: never success.
            if is_broken_pipe(&error) {
                return ExitCode::from(UNDECIDED);
            }
            let mut stderr = text::stderr();
            if let Some(refused) = error.chain().find_map(|cause| cause.downcast_ref::<Refused>()) {
                let _ = writeln!(stderr, "no: {refused}");
                return ExitCode::FAILURE;
            }
            // Nothing can be said when standard error is gone; the exit code still tells.
            for line in lines(&error) {
                let _ = writeln!(stderr, "{line}");
            }
            if let Some(advice) = advice::next_line(&error) {
                let _ = writeln!(stderr, "  {advice}");
            }
            let steps = error.chain().find_map(|cause| cause.downcast_ref::<Steps>());
            for step in steps.into_iter().flat_map(|steps| &steps.next) {
                let _ = writeln!(stderr, "  {step}");
            }
            let insecure = error.chain().any(<dyn std::error::Error + 'static>::is::<Insecure>)
                || steps.is_some_and(|steps| steps.insecure);
            ExitCode::from(if insecure { INSECURE } else { UNDECIDED })
        }
    }
}

/// An error in lines: one, but where a list of what is unknown ends it, one for each.
fn lines(error: &anyhow::Error) -> Vec<String> {
    let whole = format!("error: {error:#}");
    let unknown = advice::unknown(error).map(|unknown| {
        let lines: Vec<_> = unknown.iter().map(|unknown| format!("unknown: {unknown}")).collect();
        (whole.strip_suffix(&lines.join("\n")).map(str::to_owned), lines)
    });
    match unknown {
        Some((Some(before), mut lines)) => {
            if let Some(first) = lines.first_mut() {
                first.insert_str(0, &before);
            }
            lines
        }
        _ => vec![whole + &advice::in_line(error)],
    }
}

/// Tells what clap found: help and version are answers, all else is wrong usage.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    if error.use_stderr() {
        // As above: without standard error the exit code still tells.
        return ExitCode::from(UNDECIDED);
    }
    report(printed.context("standard output: cannot be written").map(|()| Answer::Yes))
}

/// The same of arguments that are not printable, which clap repeats, and so do the readers of their values: what it finds in them as
/// they are printed; where that is nothing, its words in one line.
pub(crate) fn unprintable_usage(error: &clap::Error, printed: Option<clap::Error>) -> ExitCode {
    let _ = match printed {
        Some(printed) => text::lines(&mut text::stderr(), printed.to_string().trim_end()),
        None => writeln!(text::stderr(), "{error}"),
    };
    ExitCode::from(UNDECIDED)
}

/// Is it that nobody reads what is printed any more?
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    use std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json = || cause.downcast_ref::<serde_json::Error>()?.io_error_kind();
        let csv = || match cause.downcast_ref::<csv::Error>()?.kind() {
            csv::ErrorKind::Io(error) => Some(error.kind()),
            _ => None,
        };
        io.or_else(json).or_else(csv) == Some(BrokenPipe)
    })
}
