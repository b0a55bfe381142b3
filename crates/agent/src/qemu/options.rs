//! The options among a command's words: which word is an option, and which is its value.
//!
//! Defined by [QEMU, qemu-options.hx] and `lookup_opt` of `softmmu/vl.c` (in newer releases `system/vl.c`): one dash or two, and the value is the next word, whatever it looks
//! like. So `-append -S` holds no option `-S`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use crate::vmm::VmmError;

/// Options without a value, of QEMU 2.12 to 11.1, and of forks that are common. All others that QEMU itself has take one.
const FLAGS: &str = "h help version S s snapshot nographic portrait no-quit no-frame full-screen alt-grab ctrl-grab curses sdl usb no-acpi no-hpet \
     no-fd-bootchk no-reboot no-shutdown nodefaults no-user-config nouserconfig daemonize singlestep one-insn-per-tb only-migratable \
     mem-prealloc enable-fips win2k-hack rtc-td-hack tdf async-teardown old-param semihosting audio-help soundhw-help no-kvm-pit \
     no-kvm-pit-reinjection enable-sync-profile perfmap jitdump virtfs_synth enable-kvm no-kvm no-kvm-irqchip preconfig enable-hax \
     xen-attach xen-domid-restrict xen-create";

/// Programs that start another, with options and words of their own before it.
const QEMU: [&str; 3] = ["qemu-kvm", "kvm", "qemu"];

/// An option of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    /// Without its dashes.
    pub(super) name: &'a str,
    /// Where its value stands among the words, and what it is.
    pub(super) value: Option<(usize, &'a OsStr)>,
}

/// The options behind the program at this place. An error for a last one whose value is missing: what is added to the line would be taken for it.
pub(super) fn read(words: &[OsString], program: usize) -> Result<Vec<Found<'_>>, VmmError> {
    let mut found = Vec::new();
    let mut words = words.iter().enumerate().skip(program + 1);
    while let Some((_, word)) = words.next() {
        // A word that belongs to no option is the file of a disk.
        let Some(name) = option_name(word) else { continue };
        let value = match is_flag(name) {
            true => None,
            false => match words.next() {
                Some((at, value)) => Some((at, value.as_os_str())),
                None => {
                    let text = format!("-{name} is the last word, and its value is missing");
                    return Err(VmmError::Description(text));
                }
            },
        };
        found.push(Found { name, value });
    }
    Ok(found)
}

/// The place of the emulator: what stands before it is a wrapper with its own words.
///
/// It is the first word, unless that is no QEMU by its name and another follows that is: behind `--`, or before an option. An error where none is, and the
/// first word is followed by words that are no options.
pub(super) fn emulator(words: &[OsString]) -> Result<usize, VmmError> {
    let Some(first) = words.first() else {
        let text = "no command: wanted qemu-system-x86_64 and its options".to_owned();
        return Err(VmmError::Description(text));
    };
    if is_qemu(first) {
        return Ok(0);
    }
    let has_options = |at: usize| words.get(at + 1).is_some_and(|word| is_option(word));
    // The guest is described behind the emulator: what has that before it is a value.
    let guest = |word: &OsString| {
        matches!(option_name(word), Some("object" | "machine" | "M" | "cpu" | "append"))
    };
    let most = words.iter().position(guest).unwrap_or(words.len());
    let before = words.get(..most).unwrap_or_default();
    if let Some(at) = before.iter().position(|word| is_qemu(word) && is_sure(word)) {
        return Ok(at);
    }
    // The last one: a wrapper may start another.
    let dashes = before.iter().rposition(|word| *word == "--");
    if let Some(at) = dashes.map(|at| at + 1).filter(|at| has_options(*at)) {
        return Ok(at);
    }
    let mut named = before.iter().enumerate().filter(|(_, word)| is_qemu(word));
    if let Some((at, _)) = named.find(|(at, _)| has_options(*at)) {
        return Ok(at);
    }
    match words.get(1) {
        None => Ok(0),
        Some(_) if has_options(0) => Ok(0),
        Some(_) => Err(VmmError::Description(format!(
            "which word of the command is the emulator cannot be told: write -- before it, as in {} … -- EMULATOR -machine …",
            first.display()
        ))),
    }
}

/// `-name` or `--name` without its dashes.
fn option_name(word: &OsStr) -> Option<&str> {
    let word = word.to_str()?;
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    (!name.is_empty()).then_some(name)
}

fn is_option(word: &OsStr) -> bool {
    option_name(word).is_some()
}

fn is_flag(name: &str) -> bool {
    FLAGS.split_ascii_whitespace().any(|flag| flag == name)
}

/// Is it called as QEMU's programs are?
fn is_qemu(word: &OsStr) -> bool {
    let name = base(word);
    name.starts_with(b"qemu-system-") || QEMU.iter().any(|qemu| qemu.as_bytes() == name)
}

/// Is it called so that it is no user's or guest's name?
fn is_sure(word: &OsStr) -> bool {
    base(word).starts_with(b"qemu-system-")
}

fn base(word: &OsStr) -> &[u8] {
    word.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_value_is_no_option() {
        let words = words("qemu-kvm disk.img -append -S --daemonize -name --incoming -s -smp 2");
        let found = read(&words, 0).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|found| {
                (found.name, found.value.and_then(|(at, value)| Some((at, value.to_str()?))))
            })
            .collect();
        assert_eq!(
            found,
            [
                ("append", Some((3, "-S"))),
                ("daemonize", None),
                ("name", Some((6, "--incoming"))),
                ("s", None),
                ("smp", Some((9, "2"))),
            ]
        );
        let error = read(&["qemu", "-append"].map(OsString::from), 0).unwrap_err().to_string();
        assert_eq!(error, "-append is the last word, and its value is missing");
    }

    #[test]
    fn the_emulator_stands_behind_a_wrapper() {
        for (text, wanted) in [
            ("qemu-system-x86_64 -S", 0),
            ("/usr/libexec/qemu-kvm -name qemu-system-x86_64 -S", 0),
            ("/opt/vmm -machine q35 -name qemu-system-x86_64 -S", 0),
            ("my-qemu -S", 0),
            ("sudo -u qemu -E qemu-system-x86_64 -S", 4),
            ("sudo -u kvm -- /usr/bin/kvm -S", 4),
            ("sudo -- numactl -m 0 -- my-qemu -S", 6),
            ("sev-launch rehearse --stay --platform p -- qemu-system-x86_64 -append --", 6),
            ("sev-launch rehearse --stay -- my-qemu -S", 4),
            ("env A=b kvm -S", 2),
        ] {
            assert_eq!(emulator(&words(text)).unwrap(), wanted, "{text}");
        }
        let error = emulator(&words("nice 5 my-qemu -S")).unwrap_err().to_string();
        assert!(error.contains("nice … -- EMULATOR"), "{error}");
        assert!(emulator(&[]).is_err());
    }
}
