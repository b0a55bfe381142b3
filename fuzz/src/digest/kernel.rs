//! Kernels and command lines: their hashes do not depend on the pieces in which they come, and any text is hashed or refused.

use sev_launch_digest::Warning;
use sev_launch_digest::kernel_hashes::{Error, FileHasher, KernelHashes, cmdline_warnings};
use sev_launch_testkit::{expected, kernel};

/// The first byte says in what pieces the rest is read, as a kernel and as a command line.
pub(crate) fn run(bytes: &[u8]) {
    let Some((first, file)) = bytes.split_first() else { return };
    let mut hasher = FileHasher::new();
    for piece in file.chunks(usize::from(*first) + 1) {
        hasher.update(piece);
    }
    let hashed = hasher.finish();
    let mut whole = FileHasher::new();
    whole.update(file);
    assert_eq!(hashed, whole.finish(), "in pieces and whole");
    assert_eq!(*hashed.sha256.as_bytes(), expected::sev(file, None));
    for has_initrd in [false, true] {
        check_head(file, has_initrd, hashed.head.check(hashed.size, has_initrd));
    }

    let hashes = KernelHashes::of_cmdline(file);
    assert_eq!(hashes.is_err(), file.contains(&0), "a command line ends at its first NUL");
    let is_wrapped = matches!(file, [b'"', .., b'"'] | [b'\'', .., b'\'']);
    let is_odd = is_wrapped
        || file.first().is_some_and(|byte| b" \t\n".contains(byte))
        || file.last().is_some_and(|byte| b" \t\r\n".contains(byte));
    assert_eq!(cmdline_warnings(file).next().is_some(), is_odd, "a slip of a command line");
    if let Ok(cmdline) = hashes {
        let (kernel, initrd) = (hashed.sha256, KernelHashes::no_initrd());
        let table = KernelHashes { kernel, initrd, cmdline }.table();
        assert_eq!(table, expected::hashes_table(file, None, Some(file)));
    }
}

/// What is said of a kernel is what its head says. [Linux boot protocol, setup_sects, header and version; Multiboot, magic]
fn check_head(file: &[u8], has_initrd: bool, found: Result<Vec<Warning>, Error>) {
    let head = &file[..file.len().min(8192)];
    let is_linux = head.get(0x202..0x206) == Some(b"HdrS");
    let is_elf = head.starts_with(b"\x7fELF");
    let Ok(warnings) = found else {
        let is_multiboot = head.windows(4).any(|word| word == 0x1bad_b002_u32.to_le_bytes());
        assert!(
            !is_linux && (is_elf || is_multiboot),
            "a kernel is refused whose hashes are added"
        );
        return;
    };
    assert!(is_linux || !is_elf, "an ELF file has no hashes");
    let has = |wanted: fn(&Warning) -> bool| warnings.iter().any(wanted);
    assert_eq!(has(|one| matches!(one, Warning::KernelKind)), !is_linux);
    // Of no sectors four are read, and the boot sector stands before them.
    let sectors =
        head.get(0x1f1).map_or(4, |sectors| if *sectors == 0 { 4 } else { (*sectors).into() });
    let is_short = file.len() < (sectors + 1) * 512;
    assert_eq!(has(|one| matches!(one, Warning::KernelShort { .. })), is_short);
    // 2.00 and newer.
    let takes_initrd = is_linux && head.get(0x207).is_some_and(|major| *major >= 2);
    let is_without = has_initrd && !takes_initrd;
    assert_eq!(has(|one| matches!(one, Warning::KernelWithoutInitrd)), is_without);
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut files = vec![kernel::bz_image(64), kernel::elf(), kernel::multiboot()];
    // No sectors stand for four, which this one does not have.
    let mut old = kernel::bz_image(64);
    old[0x1f1] = 0;
    old.truncate(1024);
    files.push(old);
    files.push(b"console=ttyS0 root=/dev/vda1 ro".to_vec());
    files.into_iter().map(|file| [&[16], file.as_slice()].concat()).collect()
}
