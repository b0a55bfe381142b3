//! The kernel's command line: predicted for a runtime and a release, or unknown.
//!
//! The runtimes assemble it in ways of their own: [`super::go`], [`super::rust`]. A line whose release nobody said is unknown, since
//! each release is known to assemble another.

use sev_launch_abi::Technology;

use super::super::{Import, codes, found};
use super::release::{Release, Releases, SETTLED};
use super::{Runtime, Settings, go, rust};
use crate::description::Cmdline;
use crate::error::Error;

/// What settles a command line that cannot be predicted.
const EXACT: &str = "the command line of a QEMU that runs: `tr '\\0' '\\n' </proc/PID/cmdline`";

/// Why a command line cannot be predicted: the place, and the reason.
pub(super) struct Unpredictable(pub(super) String, pub(super) String);

/// A command line's words.
pub(super) type Line = Result<Vec<String>, Unpredictable>;

/// Says the command line, or that it cannot be predicted.
///
/// Errors: a parameter without a key, with which no runtime starts.
pub(super) fn predict(
    import: &mut Import,
    settings: &Settings<'_>,
    releases: &Releases,
    technology: Technology,
) -> Result<(), Error> {
    let vcpus = import.description.vcpus.as_ref().map(|counts| counts.value.to_string());
    let newest = releases.newest();
    let given = settings.text("kernel_params")?.unwrap_or_default();
    let added = settings.added.as_deref().unwrap_or_default();
    let words = parameters(given, newest);
    if words
        .iter()
        .map(String::as_str)
        .chain(added.split_ascii_whitespace())
        .any(|word| word.starts_with('='))
    {
        return settings.wrong("kernel_params", "a key before each =");
    }
    if let Some(text) = split_in_two_ways(given, added) {
        import.unknown("boot.cmdline", settings.place("kernel_params"), text, EXACT);
        return Ok(());
    }
    let line = match settings.runtime {
        Runtime::Rust => rust::line(settings, newest)?,
        Runtime::Go => go::line(settings, newest, technology, vcpus.as_deref())?,
    };
    match (line, releases.said) {
        (Err(Unpredictable(place, text)), _) => {
            import.unknown("boot.cmdline", place, text, EXACT);
        }
        (Ok(words), Some(release)) => say(import, settings, &words, release),
        (Ok(words), None) => {
            let text = format!(
                "releases assemble it in different ways, and which one is installed was not said; the {} runtime of {newest} would have: {}",
                settings.runtime,
                words.join(" ")
            );
            import.unknown("boot.cmdline", settings.place("kernel"), text, SETTLED);
        }
    }
    Ok(())
}

/// Says the words as the command line.
fn say(import: &mut Import, settings: &Settings<'_>, words: &[String], release: Release) {
    let is_own = matches!(settings.text("kernel_params"), Ok(Some(_))) || settings.added.is_some();
    let place = match is_own {
        false => format!("{}, predicted", settings.place("kernel")),
        true => format!(
            "{}, and what the runtime puts before, predicted",
            settings.place("kernel_params")
        ),
    };
    import.description.boot.cmdlines =
        found(vec![Cmdline::Bytes(words.join(" ").into_bytes())], place);
    import.warn(
        codes::CMDLINE_PREDICTED,
        format!(
            "the command line is predicted for the {} runtime of {release}{}; what a guest has is {EXACT}",
            settings.runtime,
            match settings.runtime {
                Runtime::Go => ", whose host is not in FIPS mode, where it adds fips=1",
                Runtime::Rust => "",
            }
        ),
    );
}

/// Why runtimes take parameters apart in different ways, if they do.
fn split_in_two_ways(given: &str, added: &str) -> Option<&'static str> {
    if given.chars().chain(added.chars()).any(|c| c.is_whitespace() && c != ' ') {
        return Some("it has white space that is no space, which not every runtime takes for one");
    }
    let quotes = given.matches('"').count();
    (!quotes.is_multiple_of(2)).then_some("it has a quote that does not end")
}

/// The parameters of a text: apart by spaces, from 3.3 on by those alone that stand outside of double quotes.
pub(super) fn parameters(text: &str, release: Release) -> Vec<String> {
    let mut quoted = false;
    let is_space = |c: char| match c {
        '"' if release.is_from(3, 3) => {
            quoted = !quoted;
            false
        }
        _ => c.is_ascii_whitespace() && !quoted,
    };
    let parts = text.split(is_space).filter(|part| !part.is_empty());
    parts.map(parameter).collect()
}

/// A parameter as the runtime writes it anew: without the `=` of one that has no value. [Kata, SerializeParams]
pub(super) fn parameter(word: &str) -> String {
    word.strip_suffix('=').filter(|key| !key.contains('=')).unwrap_or(word).to_owned()
}

pub(super) fn key(word: &str) -> &str {
    word.split('=').next().unwrap_or(word)
}
