//! QEMU, where it is installed, behind the wrapper, and a folder with a guest's files.

use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::wrapper;

/// Names another program than that on PATH; it must run then.
const VARIABLE: &str = "SEV_LAUNCH_QEMU";

pub(crate) struct Qemu {
    pub(crate) program: String,
    pub(crate) folder: tempfile::TempDir,
}

impl Qemu {
    /// That of this machine; or nothing, and a line that says so. The folder's name has this in it.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let named = std::env::var(VARIABLE).ok();
        let program = named.clone().unwrap_or_else(|| "qemu-system-x86_64".to_owned());
        let runs = Command::new(&program).arg("--version").output();
        if !runs.is_ok_and(|output| output.status.success()) {
            assert!(named.is_none(), "{VARIABLE} is set, but {program} does not run");
            println!("SKIPPED: {program} does not run: apt-get install qemu-system-x86");
            return None;
        }
        let folder = tempfile::Builder::new().prefix(name).tempdir().expect("a folder");
        let own = std::env::current_exe().expect("this program");
        symlink(own, folder.path().join(wrapper::NAME)).expect("a link");
        Some(Self { program, folder })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The words up to and with the emulator, started on the AMD-SP in software.
    pub(crate) fn wrapped(&self) -> Vec<OsString> {
        let (wrapper, report) = (self.path(wrapper::NAME), self.path("report"));
        vec![wrapper.into(), report.into(), "--".into(), self.program.clone().into()]
    }

    /// The same with a guest's options; `FW` among them stands for its firmware.
    pub(crate) fn line(&self, options: &str) -> Vec<OsString> {
        let firmware = firmware();
        let option = |word: &str| match word {
            "FW" => firmware.clone().into(),
            word => OsString::from(word),
        };
        let mut words = self.wrapped();
        words.extend(options.split_whitespace().map(option));
        words
    }

    /// What the wrapper wrote when QEMU had ended.
    pub(crate) fn report(&self) -> String {
        std::fs::read_to_string(self.path("report")).expect("a report")
    }
}

/// An image with an area for secrets.
pub(crate) fn firmware() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/firmware/amdsev.fd")).to_owned()
}
