//! A QEMU command line: as it was pasted from a shell or a log, as a list, or as `/proc/PID/cmdline` has it.
//!
//! Defined by [QEMU, qemu_init] and `docs/system/i386/amd-memory-encryption.rst`. Options that stand twice hold as in QEMU:
//! `-machine`, `-smp` and what they stand for are merged, of `-cpu` the last counts, an object's id may be used once.
//! Command lines of libvirt's are exact: they name the firmware that libvirt chose.
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
mod firmware;
mod guest;
mod options;
mod shell;
mod smp;

use super::{Import, Source, codes};
use crate::error::Error;

/// The most bytes of a command line that are read. Linux starts no program with more than 6 MiB of arguments, and a
/// quarter of the stack's limit, 2 MiB, is the default. [Linux, bprm_stack_limits]
pub const MOST_BYTES: usize = 4 << 20;

/// Reads a command line as text: pasted from a shell or a script, from `ps`, or from libvirt's log.
///
/// `name` is what errors call it. Quotes, backslashes, comments and redirections are a POSIX shell's. Of several commands
/// the one that starts QEMU is taken. Variables are left as they are, with a warning. Errors: larger than [`MOST_BYTES`];
/// a quote without an end; no command; and those of [`from_argv`].
pub fn from_text(text: &[u8], name: &str) -> Result<Import, Error> {
    let source = Source(name);
    source.check_size(text.len(), MOST_BYTES)?;
    let shell = match shell::split(text) {
        Ok(shell) => shell,
        Err(message) => return source.error(message),
    };
    let starts_qemu = |words: &&Vec<Vec<u8>>| words.iter().any(|word| arguments::is_qemu(word));
    let Some(words) = shell.commands.iter().find(starts_qemu).or_else(|| shell.commands.first())
    else {
        return source.error("no command");
    };
    let mut import = from_argv(words, name)?;
    if let Some(expansion) = shell.expansion {
        import.unknown(
            None,
            "the shell's words",
            match shell.expansions {
                0 | 1 => format!("{expansion} was taken as it stands"),
                count => format!("{expansion} and {} more were taken as they stand", count - 1),
            },
            "the command line that QEMU got, as /proc/PID/cmdline has it",
        );
        import.warn(
            codes::SHELL_VARIABLE,
            format!(
                "{expansion} was taken as it stands: give the command line that QEMU got, as \
                    /proc/PID/cmdline has it"
            ),
        );
    }
    Ok(import.of(source))
}

/// Reads a command line as its words, the program's own name among them or not.
///
/// What stands before the program (`sudo`, settings of the environment) is skipped. Errors: larger than [`MOST_BYTES`];
/// no SEV object, or none that the machine uses; an option whose value is none; what QEMU would refuse.
pub fn from_argv(words: &[Vec<u8>], name: &str) -> Result<Import, Error> {
    let source = Source(name);
    let size = words.iter().map(|word| word.len().saturating_add(1));
    source.check_size(size.fold(0, usize::saturating_add), MOST_BYTES)?;
    guest::describe(&arguments::Arguments::read(words, source)?, source)
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
