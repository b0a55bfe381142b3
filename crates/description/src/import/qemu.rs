//! A QEMU command line: as it was pasted from a shell or a log, as a list, or as `/proc/PID/cmdline` has it.
//!
//! Defined by [QEMU, qemu_init] and `docs/system/i386/amd-memory-encryption.rst`. Options that stand twice hold as in QEMU:
//! `-machine`, `-smp` and what they stand for are merged, of `-cpu` the last counts, an object's id may be used once.
//! Command lines of libvirt's are exact: they name the firmware that libvirt chose, and in its log the line before says which QEMU
//! and which kernel the host has. What `qm showcmd` of Proxmox VE prints is such a line too. What is neither read nor known to move nothing
//! (an option, a key, a device, a setting) is unknown, until whoever knows names it harmless.
//!
//! ```
//! use sev_launch_description::import::qemu;
//!
//! let line = "qemu-system-x86_64 -machine q35,confidential-guest-support=sev0 -cpu EPYC-Milan \
//!             -object sev-snp-guest,id=sev0 -smp 4 -bios OVMF.fd";
//! let import = qemu::from_text(line.as_bytes(), "pasted")?;
//! assert!(import.description.to_toml(false)?.starts_with("technology = \"snp\"\n"));
//! assert!(import.description.unknown.is_empty());
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

mod arguments;
mod cpu;
mod firmware;
mod guest;
mod igvm;
mod late;
mod log;
mod options;
mod program;
mod shell;
mod smp;
mod table;
mod unread;

use super::{Import, Source, bounded};
use crate::error::Error;
use shell::Word;
pub(super) use table::is_listed;
pub(super) use unread::is_pc;

/// The most bytes of a command line that are read. Linux starts no program with more than 6 MiB of arguments, and a
/// quarter of the stack's limit, 2 MiB, is the default. [Linux, bprm_stack_limits]
pub const MOST_BYTES: usize = 4 << 20;

/// Reads a command line as text: pasted from a shell or a script, from `ps`, from libvirt's log, as a JSON list of its words, or
/// its options alone.
///
/// `name` is what errors call it. Quotes, backslashes, comments and redirections are a POSIX shell's. Of several commands
/// the one that starts QEMU is taken. Variables and substitutions are not expanded: what they are part of is unknown where it
/// counts. Errors: larger than [`MOST_BYTES`]; a quote without an end; a redirection within a word; no command, or several that
/// start QEMU; and those of [`from_argv`].
pub fn from_text(text: &[u8], name: &str) -> Result<Import, Error> {
    let source = Source(name);
    source.check_size(text.len(), MOST_BYTES)?;
    if is_proxmox_file(text) {
        return source.error(
            "this is a guest's configuration of Proxmox VE, and no command line: give what `qm showcmd ID` prints",
        );
    }
    if is_json_list(text) {
        let words: Vec<String> =
            serde_json::from_slice(text).map_err(|error| source.syntax(error))?;
        let words: Vec<_> = words.into_iter().map(String::into_bytes).collect();
        return from_argv(&words, name);
    }
    let commands = match shell::split(text) {
        Ok(commands) => commands,
        Err(message) => return source.error(message),
    };
    let (words, beside) = one_command(commands, source)?;
    let mut arguments = arguments::Arguments::read(&words, source)?;
    arguments.unread.extend(beside);
    let mut import = guest::describe(&arguments, source)?;
    if let Some(host) = log::host(text) {
        import.read_log(host);
    }
    Ok(import)
}

/// A file of `/etc/pve/qemu-server`, or what `qm config` prints, has a key a line.
fn is_proxmox_file(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start);
    lines.any(|line| [&b"amd-sev:"[..], b"amd_sev:"].iter().any(|key| line.starts_with(key)))
}

fn is_json_list(text: &[u8]) -> bool {
    let inside = text.trim_ascii_start().strip_prefix(b"[");
    inside.is_some_and(|inside| inside.trim_ascii_start().starts_with(b"\""))
}

/// How many lines beside QEMU's may look like options of its own: more are no slip.
const MOST_LINES: usize = 64;

/// The command that starts QEMU; or, where none does, the options of all lines, if they are nothing else. With it the lines that
/// look like options of QEMU's and are none, as where a backslash at a line's end was lost.
fn one_command(
    commands: Vec<Vec<Word>>,
    source: Source<'_>,
) -> Result<(Vec<Word>, Vec<String>), Error> {
    let is_options =
        |words: &Vec<Word>| words.first().is_some_and(|word| word.bytes.starts_with(b"-"));
    let has_machine = |words: &Vec<Word>| {
        let mut options = words.iter().filter_map(|word| arguments::option_name(&word.bytes));
        options.any(|name| matches!(name, "object" | "machine" | "M"))
    };
    let starts_qemu = |words: &Vec<Word>| program::find(words).is_some();
    let one_of = |is_one: &dyn Fn(&Vec<Word>) -> bool| {
        let mut found = commands.iter().enumerate().filter(|(_, words)| is_one(words));
        match (found.next(), found.count()) {
            (first, 0) => Ok(first.map(|(at, _)| at)),
            (_, more) => {
                source.error(format!("{} commands start QEMU: give one of them alone", more + 1))
            }
        }
    };
    let encrypted = one_of(&|words| starts_qemu(words) && has_machine(words))?;
    let at = match encrypted.or_else(|| commands.iter().position(starts_qemu)) {
        Some(at) => at,
        None if commands.is_empty() => return source.error("no command"),
        None if commands.iter().all(is_options) => return Ok((commands.concat(), Vec::new())),
        // Its program has another name.
        None => one_of(&has_machine)?.unwrap_or(0),
    };
    let starts_with_variable = |words: &Vec<Word>| {
        words.first().is_some_and(|word| word.expansion.is_some() && word.bytes.starts_with(b"$"))
    };
    let others = commands.iter().enumerate().filter(|(other, words)| {
        *other != at && is_options(words) || *other == at + 1 && starts_with_variable(words)
    });
    let beside: Vec<_> = others.map(|(_, words)| format!("the line {}", line(words))).collect();
    if beside.len() > MOST_LINES {
        let text = format!("more than {MOST_LINES} lines of options beside the command");
        return source.error(text);
    }
    Ok((commands.into_iter().nth(at).unwrap_or_default(), beside))
}

/// A command as a message shows it.
fn line(words: &[Word]) -> String {
    let shown = |word: &Word| {
        let text = String::from_utf8_lossy(&word.bytes);
        let is_plain = !text.is_empty() && !text.contains(char::is_whitespace);
        if is_plain { text.into_owned() } else { format!("{text:?}") }
    };
    bounded(&words.iter().map(shown).collect::<Vec<_>>().join(" "))
}

/// Reads a command line as its words, the program's own name among them or not.
///
/// What stands before the program (`sudo`, settings of the environment) is skipped. Errors: larger than [`MOST_BYTES`];
/// no SEV object, or none that the machine uses; an option whose value is none; what QEMU would refuse.
pub fn from_argv(words: &[Vec<u8>], name: &str) -> Result<Import, Error> {
    let source = Source(name);
    let size = words.iter().map(|word| word.len().saturating_add(1));
    source.check_size(size.fold(0, usize::saturating_add), MOST_BYTES)?;
    let words: Vec<_> = words.iter().map(|word| Word::from(word.as_slice())).collect();
    guest::describe(&arguments::Arguments::read(&words, source)?, source)
}

/// Do words beside an import's own, as libvirt appends them, move nothing that is measured?
pub(super) fn move_nothing(words: &[Vec<u8>]) -> bool {
    let words: Vec<_> = words.iter().map(|word| Word::from(word.as_slice())).collect();
    let arguments = arguments::Arguments::read_options(&words, Source("arguments"));
    arguments.is_ok_and(|arguments| unread::is_quiet(&arguments, false))
}

/// The IGVM file, where words beside an import's own say that and move nothing else: libvirt has no element for one, so that domains name it by
/// QEMU's own arguments.
pub(super) fn only_igvm(words: &[Vec<u8>]) -> Option<String> {
    let source = Source("arguments");
    let words: Vec<_> = words.iter().map(|word| Word::from(word.as_slice())).collect();
    let arguments = arguments::Arguments::read_options(&words, source).ok()?;
    let file = igvm::file(&arguments, source).ok()??;
    if arguments.duplicate().is_some() {
        return None;
    }
    unread::is_quiet(&arguments.without_igvm(), true).then_some(file)
}

/// Does a CPU's feature move nothing of an IGVM file's registers?
pub(super) fn is_quiet_feature(name: &str) -> bool {
    cpu::is_quiet(&name.replace('_', "-"), "on", true)
}

/// The words of `/proc/PID/cmdline`, each of which ends in a NUL; or one word a line, where there is no NUL.
pub fn split_nul(bytes: &[u8]) -> Vec<Vec<u8>> {
    let end = if bytes.contains(&0) { 0 } else { b'\n' };
    let bytes = bytes.strip_suffix(&[end]).unwrap_or(bytes);
    bytes.split(|byte| *byte == end).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_in_nul_or_newline() {
        let words = |bytes: &[u8]| split_nul(bytes);
        assert_eq!(words(b"a\0b c\0\0"), [&b"a"[..], b"b c", b""]);
        assert_eq!(words(b"a\nb c\n"), [&b"a"[..], b"b c"]);
        assert_eq!(words(b"a\0b\nc\0"), [&b"a"[..], b"b\nc"]);
    }
}
