//! Command lines near the one described: what shells, files and orchestrators do to it on its way.
//!
//! QEMU hashes the bytes of `-append` and one NUL [QEMU, sev_add_kernel_loader_hashes], so each of these is another digest.
//! Kata's parameters are those of its x86 runtime [Kata, qemu_amd64.go].

use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::KernelHashes;

/// Tokens are left out one at a time, up to this many, so that the list stays under two hundred.
const MAX_TOKENS: usize = 48;
/// Neighbours are exchanged, and set apart by two spaces, up to this many.
const MAX_PAIRS: usize = 24;

/// Tokens that a VMM, a guide or a boot loader adds.
const ADDED: [&str; 18] = [
    "console=ttyS0",
    "console=hvc0",
    "console=tty0",
    "quiet",
    "quiet splash",
    "ro",
    "rw",
    "debug",
    "initrd=initrd",
    "root=/dev/vda",
    "root=/dev/vda1",
    "panic=1",
    "loglevel=7",
    "earlyprintk=serial",
    "earlyprintk=ttyS0",
    "selinux=0",
    "scsi_mod.scan=none",
    "systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service \
     systemd.mask=systemd-networkd.socket scsi_mod.scan=none",
];

/// Tokens that stand for each other in guides.
const EXCHANGED: [(&str, &str); 6] = [
    ("ro", "rw"),
    ("console=ttyS0", "console=hvc0"),
    ("console=ttyS0", "console=ttyS0,115200"),
    ("console=ttyS0", "console=ttyS0,115200n8"),
    ("root=/dev/vda", "root=/dev/vda1"),
    ("root=/dev/sda1", "root=/dev/vda1"),
];

/// Kata adds the host's number of CPUs, so the same pod has another digest on another host. [Kata, qemu_amd64.go]
const HOST_CPUS: [u32; 14] = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512];

/// What Kata's runtime puts before everything else. [Kata, qemu_amd64.go]
const KATA: &str = "tsc=reliable no_timer_check rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 i8042.nopnp=1 \
                    i8042.noaux=1 noreplace-smp reboot=k cryptomgr.notests net.ifnames=0 pci=lastbus=0";

/// What is measured of each variant, and what the variant is, to be read after "command line". Likelier ones come first.
pub(super) fn variants(line: &[u8], vcpus: u32) -> Vec<(String, Sha256Digest)> {
    let mut variants = Vec::new();
    let mut add = |text: &str, bytes: &[u8]| {
        variants.push((text.to_owned(), KernelHashes::of_any_cmdline(bytes)));
    };
    white_space(line, &mut add);
    quotes(line, &mut add);
    add("missing", b"");
    add("with a NUL at its end", &[line, b"\0"].concat());
    if let [rest @ .., 0] = line {
        add("without its trailing NUL", rest);
    }
    for token in ADDED.into_iter().chain([format!("nr_cpus={vcpus}").as_str()]) {
        add(&format!("with {token:?} at its end"), &joined(line, token.as_bytes()));
    }
    add("with Kata's parameters before it", &joined(KATA.as_bytes(), line));
    if let Some(rest) = line.strip_prefix(KATA.as_bytes()) {
        add("without Kata's parameters", rest.strip_prefix(b" ").unwrap_or(rest));
    }
    let tokens: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let exchanged = |place: usize, token: &str| {
        let (before, after) = tokens.split_at(place);
        [before, &[token.as_bytes()], after.get(1..).unwrap_or_default()].concat().join(&b' ')
    };
    if let Some(place) = tokens.iter().position(|token| token.starts_with(b"nr_cpus=")) {
        for count in HOST_CPUS {
            let token = format!("nr_cpus={count}");
            add(&format!("with {token:?} in its place"), &exchanged(place, &token));
        }
    }
    let named = tokens.iter().enumerate().filter(|(_, token)| !token.is_empty());
    for (place, token) in named.take(MAX_TOKENS) {
        let left = tokens.iter().enumerate().filter(|(other, _)| *other != place);
        let left: Vec<&[u8]> = left.map(|(_, token)| *token).collect();
        add(&format!("without {:?}", String::from_utf8_lossy(token)), &left.join(&b' '));
    }
    for (place, pair) in tokens.windows(2).enumerate().take(MAX_PAIRS) {
        let [first, second] = pair else { continue };
        let mut swapped = tokens.clone();
        swapped.swap(place, place + 1);
        let (first, second) = (String::from_utf8_lossy(first), String::from_utf8_lossy(second));
        add(&format!("with {first:?} after {second:?}"), &swapped.join(&b' '));
        let mut doubled = tokens.clone();
        doubled.insert(place + 1, b"");
        add(&format!("with two spaces after {first:?}"), &doubled.join(&b' '));
    }
    for (from, to) in EXCHANGED.iter().flat_map(|(one, other)| [(one, other), (other, one)]) {
        if let Some(place) = tokens.iter().position(|token| *token == from.as_bytes()) {
            add(&format!("with {to:?} in place of {from:?}"), &exchanged(place, to));
        }
    }
    for token in ["console=ttyS0", "console=hvc0", "quiet", "BOOT_IMAGE=/vmlinuz", "initrd=initrd"]
    {
        add(&format!("with {token:?} before it"), &joined(token.as_bytes(), line));
    }
    // A tool that forgets the NUL hashes the bytes alone.
    variants.push(("hashed without its NUL".to_owned(), Sha256Digest::of(line)));
    variants
}

/// Two parts with a space between; an empty one needs none.
fn joined(first: &[u8], second: &[u8]) -> Vec<u8> {
    let space: &[u8] = if first.is_empty() || second.is_empty() { b"" } else { b" " };
    [first, space, second].concat()
}

fn white_space(line: &[u8], add: &mut impl FnMut(&str, &[u8])) {
    if let [rest @ .., b'\n'] = line {
        add("without its trailing newline", rest);
        if let [rest @ .., b'\r'] = rest {
            add("without its trailing CR LF", rest);
            add("with LF in place of its trailing CR LF", &[rest, b"\n"].concat());
        }
    }
    add("with a newline at its end", &[line, b"\n"].concat());
    add("with CR LF at its end", &[line, b"\r\n"].concat());
    add("with a space at its end", &[line, b" "].concat());
    add("with a space before it", &[b" ", line].concat());
    if let [rest @ .., b' '] = line {
        add("without its trailing space", rest);
    }
    if let [b' ', rest @ ..] = line {
        add("without its leading space", rest);
    }
    add("without white space around it", line.trim_ascii());
    add("with each tab as a space", &replace(line, b'\t'));
    add("with each newline as a space", &replace(line, b'\n'));
    let unix: Vec<u8> = line.iter().copied().filter(|byte| *byte != b'\r').collect();
    add("without CR", &unix);
    let mut single = line.to_vec();
    single.dedup_by(|second, first| *second == b' ' && *first == b' ');
    add("with doubled spaces made single", &single);
}

fn quotes(line: &[u8], add: &mut impl FnMut(&str, &[u8])) {
    for (quote, name) in [(b'"', "double"), (b'\'', "single")] {
        let wrapped = [&[quote], line, &[quote]].concat();
        add(&format!("wrapped in {name} quotes"), &wrapped);
        let stripped = line.strip_prefix(&[quote]).and_then(|rest| rest.strip_suffix(&[quote]));
        if let Some(rest) = stripped {
            add(&format!("without the {name} quotes around it"), rest);
        }
        let without: Vec<u8> = line.iter().copied().filter(|byte| *byte != quote).collect();
        add(&format!("without any {name} quotes"), &without);
    }
}

fn replace(line: &[u8], byte: u8) -> Vec<u8> {
    line.iter().map(|found| if *found == byte { b' ' } else { *found }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(line: &[u8], wanted: &str) -> Option<Sha256Digest> {
        variants(line, 4).into_iter().find(|(text, _)| text == wanted).map(|(_, hash)| hash)
    }

    // What is measured is the SHA-256 of the bytes written here, NUL included.
    #[test]
    fn slips_are_the_bytes_they_say() {
        let line = b"console=ttyS0  quiet";
        for (text, measured) in [
            ("with a newline at its end", &b"console=ttyS0  quiet\n\0"[..]),
            ("with CR LF at its end", b"console=ttyS0  quiet\r\n\0"),
            ("wrapped in double quotes", b"\"console=ttyS0  quiet\"\0"),
            ("with a NUL at its end", b"console=ttyS0  quiet\0\0"),
            ("with doubled spaces made single", b"console=ttyS0 quiet\0"),
            ("without \"quiet\"", b"console=ttyS0 \0"),
            ("with \"ro\" at its end", b"console=ttyS0  quiet ro\0"),
            ("with \"nr_cpus=4\" at its end", b"console=ttyS0  quiet nr_cpus=4\0"),
            ("missing", b"\0"),
            ("hashed without its NUL", line),
        ] {
            assert_eq!(hash_of(line, text), Some(Sha256Digest::of(measured)), "{text}");
        }
    }

    #[test]
    fn what_is_there_can_be_taken_away() {
        for (line, text, measured) in [
            (&b"a\n"[..], "without its trailing newline", &b"a\0"[..]),
            (b"a\r\n", "without its trailing CR LF", b"a\0"),
            (b"a\r\n", "with LF in place of its trailing CR LF", b"a\n\0"),
            (b"'a b'", "without the single quotes around it", b"a b\0"),
            (b"a\tb", "with each tab as a space", b"a b\0"),
            (b"a\0", "without its trailing NUL", b"a\0"),
        ] {
            assert_eq!(hash_of(line, text), Some(Sha256Digest::of(measured)), "{text}");
        }
    }

    #[test]
    fn kata_puts_its_parameters_first() {
        let full = [KATA.as_bytes(), b" a"].concat();
        assert_eq!(
            hash_of(b"a", "with Kata's parameters before it"),
            Some(Sha256Digest::of(&[&full[..], b"\0"].concat()))
        );
        assert_eq!(hash_of(&full, "without Kata's parameters"), Some(Sha256Digest::of(b"a\0")));
    }

    #[test]
    fn host_cpus_are_exchanged_in_their_place() {
        let found = hash_of(b"a nr_cpus=3 b", "with \"nr_cpus=64\" in its place");
        assert_eq!(found, Some(Sha256Digest::of(b"a nr_cpus=64 b\0")));
    }

    #[test]
    fn variants_are_two_hundred_at_most() {
        let line: Vec<u8> = (0..5000).flat_map(|i| format!("t{i} ").into_bytes()).collect();
        assert!(variants(&line, 1).len() <= 200);
        assert!(variants(b"", 1).len() > 20);
    }
}
