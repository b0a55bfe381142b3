//! Kernels and command lines: their hashes do not depend on the pieces in which they come, and any text is hashed or refused.

use sev_launch_digest::kernel_hashes::{FileHasher, KernelHashes, cmdline_warnings};
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
        let _ = hashed.head.check(hashed.size, has_initrd);
    }

    let hashes = KernelHashes::of_cmdline(file);
    assert_eq!(hashes.is_err(), file.contains(&0), "a command line ends at its first NUL");
    let _ = cmdline_warnings(file).count();
    if let Ok(cmdline) = hashes {
        let (kernel, initrd) = (hashed.sha256, KernelHashes::no_initrd());
        let table = KernelHashes { kernel, initrd, cmdline }.table();
        assert_eq!(table, expected::hashes_table(file, None, Some(file)));
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut files = vec![kernel::bz_image(64), kernel::elf(), kernel::multiboot()];
    files.push(b"console=ttyS0 root=/dev/vda1 ro".to_vec());
    files.into_iter().map(|file| [&[16], file.as_slice()].concat()).collect()
}
