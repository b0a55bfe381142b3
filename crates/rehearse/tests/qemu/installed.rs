//! QEMU, where it is installed, and a folder with the files of guests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sev_launch_testkit::kernel;

/// Names another program than that on PATH; it must run then.
const VARIABLE: &str = "SEV_LAUNCH_QEMU";

/// The files of every guest, by their names in [`Qemu::folder`].
pub(crate) const FIRMWARE: &str = "amdsev.fd";
pub(crate) const KERNEL: &str = "vmlinuz";
pub(crate) const INITRD: &str = "initrd.img";

/// A QEMU that runs.
pub(crate) struct Qemu {
    /// How it is started: its program, after what comes before it.
    pub(crate) command: Vec<String>,
    /// Its version, as `7.2.22`.
    pub(crate) version: String,
    /// What it sees as `/`.
    pub(crate) root: PathBuf,
    /// Where its files lie, below the root of this machine.
    pub(crate) folder: tempfile::TempDir,
    /// Firmware that people use, where it was found, by its name in the folder.
    pub(crate) real_firmware: Vec<String>,
}

impl Qemu {
    /// That of this machine; or nothing, and a line that says so.
    pub(crate) fn find() -> Option<Self> {
        let named = std::env::var(VARIABLE).ok();
        let program = named.clone().unwrap_or_else(|| "qemu-system-x86_64".to_owned());
        match Self::at(vec![program.clone()], Path::new("/")) {
            Ok(qemu) => Some(qemu),
            Err(error) => {
                assert!(named.is_none(), "{VARIABLE} is set, but {program} does not run: {error}");
                println!("SKIPPED: {program} does not run: apt-get install qemu-system-x86");
                None
            }
        }
    }

    /// One that is started by this command, and sees this folder as `/`.
    pub(crate) fn at(command: Vec<String>, root: &Path) -> Result<Self, String> {
        let (program, before) = command.split_first().ok_or("no program")?;
        let output = Command::new(program).args(before).arg("--version").output();
        let output = output.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.strip_prefix("QEMU emulator version ");
        let version = version.and_then(|rest| rest.split_whitespace().next());
        let version = version.ok_or(format!("not QEMU: {text}"))?.to_owned();
        let folder = tempfile::Builder::new().prefix("sev-launch-").tempdir_in(root.join("tmp"));
        let folder = folder.map_err(|error| error.to_string())?;
        let (root, real_firmware) = (root.to_owned(), Vec::new());
        let qemu = Self { command, version, root, folder, real_firmware };
        qemu.write(FIRMWARE, &testdata("firmware/amdsev.fd"));
        qemu.write(KERNEL, &testdata("boot/vmlinuz"));
        qemu.write(INITRD, &testdata("boot/initrd.img"));
        qemu.write("pvh", &kernel::elf());
        Ok(qemu)
    }

    /// Puts a file into its folder.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.path().join(name), bytes).expect("the folder takes files");
    }

    /// A file's bytes.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).expect("a file of the folder")
    }

    /// A file's path, as QEMU sees it.
    pub(crate) fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        let seen = path.strip_prefix(&self.root).expect("below its root");
        format!("/{}", seen.display())
    }

    /// Major and minor version, as `7.2`.
    pub(crate) fn release(&self) -> &str {
        let dots = self.version.match_indices('.').nth(1);
        dots.map_or(&self.version, |(at, _)| &self.version[..at])
    }
}

fn testdata(name: &str) -> Vec<u8> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata")).join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
