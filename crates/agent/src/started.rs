//! What is started, for the owner's explanation of a measurement that differs.
//!
//! A command line or a domain is read as `sev-launch import` reads it, and the files that it names are hashed as QEMU hashes them [QEMU,
//! sev_add_kernel_loader_hashes]. It is a hint and no evidence, and a wrong one misleads: what is not known is left out.

use std::io::Read as _;
use std::path::Path;

use sev_launch_description::description::{Blob, Cmdline, Description, Image, Kernel};
use sha2::{Digest as _, Sha256};

use crate::regular;

/// What was started, as far as it is known: hints for the owner, who proves them by the measurement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// The SHA-256 of the firmware's image.
    pub firmware_hash: Option<[u8; 32]>,
    /// The SHA-256 of the kernel's file.
    pub kernel_hash: Option<[u8; 32]>,
    /// The SHA-256 of the initrd's file.
    pub initrd_hash: Option<[u8; 32]>,
    /// The kernel's command line, without the NUL that is measured after it.
    pub cmdline: Option<String>,
    /// The number of vCPUs at launch.
    pub cpu_count: Option<u32>,
}

/// The most bytes of a file that is hashed: QEMU has 32 bits for the size of an initrd.
const MOST_BYTES: u64 = 1 << 32;

impl Started {
    /// Of a launch's description, with the files that it names as they are now.
    pub(crate) fn described(said: &Description) -> Self {
        // An option that nobody knows may change anything.
        if said.unknown.iter().any(|unknown| unknown.key.is_none()) {
            return Self::default();
        }
        let is_unknown = |key: &str| said.unknown.iter().any(|unknown| unknown.key == Some(key));
        let boot = &said.boot;
        // Each of them changes what is hashed as the kernel.
        let is_plain = boot.dtb.is_none() && boot.shim.is_none();
        let firmware_hash = match one(said.firmware.images.as_ref().map(|images| &*images.value)) {
            Some(Image::File(path)) => hash(path),
            _ => None,
        };
        let kernel = one(boot.kernels.as_ref().map(|kernels| &*kernels.value));
        let kernel_hash = match kernel {
            Some(Kernel::File(path)) if is_plain => hash(path),
            _ => None,
        };
        let initrd_hash = match one(boot.initrds.as_ref().map(|initrds| &*initrds.value)) {
            Some(Blob::File(path)) => hash(path),
            _ => None,
        };
        let cmdline = match &boot.cmdlines {
            Some(lines) => match one(Some(&*lines.value)) {
                Some(Cmdline::Bytes(bytes)) => String::from_utf8(bytes.clone()).ok(),
                _ => None,
            },
            None if kernel.is_some() && !is_unknown("boot.cmdline") => Some(String::new()),
            None => None,
        };
        let counts = said.vcpus.as_ref().map(|counts| counts.value.counts());
        let cpu_count = one(counts).map(|count| count.number());
        Self { firmware_hash, kernel_hash, initrd_hash, cmdline, cpu_count }
    }
}

/// The only item.
fn one<T>(items: Option<&[T]>) -> Option<&T> {
    match items {
        Some([item]) => Some(item),
        _ => None,
    }
}

/// SHA-256 of a regular file of at most [`MOST_BYTES`]. Nothing is waited for, as a pipe would be.
fn hash(path: &Path) -> Option<[u8; 32]> {
    let (file, metadata) = regular::open(path).ok()?;
    if metadata.len() > MOST_BYTES {
        return None;
    }
    // One more byte tells that it grew.
    let mut file = file.take(MOST_BYTES + 1);
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => hash.update(chunk.get(..count)?),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    (file.limit() > 0).then(|| hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use sev_launch_description::import::qemu;

    use super::*;

    fn started(line: &str, folder: &Path) -> Started {
        let line = line.replace("DIR", &folder.display().to_string());
        let words: Vec<_> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        match qemu::from_argv(&words, "the command line") {
            Ok(import) => Started::described(&import.description),
            Err(_) => Started::default(),
        }
    }

    const LINE: &str = "qemu-system-x86_64 -machine q35,confidential-guest-support=a -cpu EPYC \
        -object sev-guest,id=a,kernel-hashes=on -smp 3 -bios DIR/fw -kernel DIR/abc";
    /// SHA-256 of "abc". [FIPS 180-4, example]
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    /// SHA-256 of nothing.
    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn files_are_hashed_and_what_is_not_known_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("abc"), "abc").unwrap();
        std::fs::write(folder.path().join("fw"), "").unwrap();
        let hex = |hash: Option<[u8; 32]>| hash.map(hex::encode);
        let found = started(LINE, folder.path());
        assert_eq!(hex(found.kernel_hash).as_deref(), Some(ABC));
        assert_eq!(hex(found.firmware_hash).as_deref(), Some(NOTHING));
        assert_eq!((found.initrd_hash, found.cpu_count), (None, Some(3)));
        assert_eq!(found.cmdline.as_deref(), Some(""));

        let more = format!("{LINE} -initrd DIR/abc -append quiet");
        let found = started(&more, folder.path());
        assert_eq!(hex(found.initrd_hash).as_deref(), Some(ABC));
        assert_eq!(found.cmdline.as_deref(), Some("quiet"));

        // Not there, a folder, a device that has no end.
        for file in ["DIR/none", "DIR", "/dev/zero"] {
            let found = started(&LINE.replace("DIR/abc", file), folder.path());
            assert_eq!(found.kernel_hash, None, "{file}");
            assert_eq!(found.cpu_count, Some(3), "{file}");
        }
        // Words that a lost quote made, a file of more options, and what is no guest of SEV.
        for line in [
            format!("{LINE} -append a b"),
            format!("{LINE} -readconfig x"),
            LINE.replace("sev-guest", "x"),
        ] {
            assert_eq!(started(&line, folder.path()), Started::default(), "{line}");
        }
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("abc");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        assert_eq!(started(LINE, folder.path()).kernel_hash, None);
    }
}
