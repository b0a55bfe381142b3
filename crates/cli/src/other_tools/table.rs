//! The commands of sevctl, snpguest and virt-qemu-sev-validate, and what stands for each of them here: data alone.
//!
//! `docs/from-other-tools.md` is made of it. Flags are as these programs' own help has them: sevctl 0.6.2, snpguest 0.11.0,
//! libvirt 9.0.

mod sevctl;
mod snpguest;
mod validate;

/// A command of another tool.
#[derive(Debug)]
pub(super) struct Theirs {
    /// The tool.
    pub(super) tool: &'static str,
    /// Its command, as words; empty where the tool has flags alone.
    pub(super) command: &'static str,
    /// The names of what stands without a flag, in its order.
    pub(super) positionals: &'static [&'static str],
    /// Its flags.
    pub(super) flags: &'static [Flag],
    /// What stands for it.
    pub(super) ours: Ours,
    /// What else to know.
    pub(super) says: &'static str,
    /// The words after the command as somebody would type them; for the page, and for tests.
    pub(super) example: &'static str,
}

/// What stands for a command of theirs.
///
/// In a line, `{NAME}` is what was given by that name, or the name itself, for the typer to fill in; `{flags}` the flags that are
/// carried over; a word that ends in `/vcek.pem` the certificate of snpguest's that is in the folder before it.
#[derive(Debug)]
pub(super) enum Ours {
    /// The same, in our words.
    Line(&'static str),
    /// The same; the first line where no flag is carried over, else the second.
    Either(&'static str, &'static str),
    /// Nothing: the line is what comes next here, where there is such a thing.
    Nothing(Option<&'static str>),
}

/// A flag of theirs.
#[derive(Debug)]
pub(super) struct Flag {
    /// Its names.
    pub(super) names: &'static [&'static str],
    /// Does a value belong to it?
    pub(super) takes_value: bool,
    /// What becomes of it.
    pub(super) becomes: Becomes,
}

/// What becomes of a flag.
#[derive(Clone, Copy, Debug)]
pub(super) enum Becomes {
    /// This flag of ours, with its value.
    Flag(&'static str),
    /// The value goes to this name in the line.
    Named(&'static str),
    /// The answer goes into the file.
    Redirected,
    /// These words, and why; `DOMAIN` in the reason stands for the value.
    Adds(&'static str, &'static str),
    /// Nothing, and why.
    Left(&'static str),
}

const fn value(names: &'static [&'static str], ours: &'static str) -> Flag {
    Flag { names, takes_value: true, becomes: Becomes::Flag(ours) }
}

const fn named(names: &'static [&'static str], name: &'static str) -> Flag {
    Flag { names, takes_value: true, becomes: Becomes::Named(name) }
}

const fn redirected(names: &'static [&'static str]) -> Flag {
    Flag { names, takes_value: true, becomes: Becomes::Redirected }
}

const fn left(names: &'static [&'static str], takes_value: bool, why: &'static str) -> Flag {
    Flag { names, takes_value, becomes: Becomes::Left(why) }
}

/// What a platform's or a guest's own device would say, which is never opened here.
const DEVICE: &str = "it asks the machine's own device, and sev-launch opens none";

/// Every command, tool by tool.
pub(super) fn all() -> impl Iterator<Item = &'static Theirs> + Clone {
    [sevctl::ALL, snpguest::ALL, validate::ALL].into_iter().flatten()
}
