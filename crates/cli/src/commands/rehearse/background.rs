//! A VMM that goes to the background, with `-daemonize`: whoever started it waits for the process that it was, and then goes on.
//!
//! Its calls must be answered as long as it runs. So this command starts itself a second time: the second answers, and tells the first the exit code of
//! the process that was started, with which the first ends.

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::Context as _;

use super::args::Rehearse;
use super::run::code_of;
use crate::exit::{Answer, Program};

/// Does the VMM go to the background? [QEMU, `-daemonize`]
pub(super) fn is_asked(arguments: &Rehearse) -> bool {
    arguments.words.iter().any(|word| word == "-daemonize" || word == "--daemonize")
}

/// Starts this command a second time, and ends as the VMM's first process does.
pub(super) fn front() -> anyhow::Result<Answer> {
    let (mut told, tells) = io::pipe().context("no pipe")?;
    let own = env::current_exe().context("this program is not found again")?;
    let mut words = env::args_os().skip(1);
    let mut command = Command::new(own);
    // The command's name comes first, and then what only this start has.
    command.args(words.next()).arg("--tells-parent").args(words);
    let mut second = command.stdin(Stdio::from(tells)).spawn().context("this program again")?;
    drop(command);
    let mut code = [0];
    if told.read_exact(&mut code).is_ok() {
        return end(code);
    }
    // It ended before there was anything to tell: its own code is the answer.
    end([code_of(second.wait()?)])
}

fn end([code]: [u8; 1]) -> anyhow::Result<Answer> {
    match code {
        0 => Ok(Answer::Yes),
        code => Err(Program(code).into()),
    }
}

/// Tells the first start, and lets go of the terminal and of pipes that somebody reads to their end.
pub(super) fn tell(status: ExitStatus) {
    // Nobody is there to be told of a failure: the first start sees the end of the pipe.
    let _ = rustix::io::write(io::stdin(), &[code_of(status)]);
    if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&null);
        let _ = rustix::stdio::dup2_stdout(&null);
        let _ = rustix::stdio::dup2_stderr(&null);
    }
    let _ = rustix::process::setsid();
}
