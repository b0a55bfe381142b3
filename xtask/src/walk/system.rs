//! A bare Debian, made by debootstrap below target/, and shells in it.
//!
//! It has what debootstrap's smallest variant has, and of this machine the Rust toolchain and the way to the network. Mounts are in a namespace of each
//! shell's own, and end with it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::steps::Place;
use super::substitutions::CHECKOUT;
use super::{empty_folder, folder};
use crate::call::Call;
use crate::debian;

/// The release that a newcomer has.
const RELEASE: &str = "bookworm";
/// The user's folder, where the transcript begins.
const HOME: &str = "root";

/// What apt is told where the network has a proxy, or a mirror that is no longer brought up to date.
const APT: [&str; 3] =
    ["Acquire::http::Proxy ", "Acquire::https::Proxy ", "Acquire::Check-Valid-Until "];

/// Mounts what a shell needs, and enters; arguments: the root, the toolchain, the checkout, the folder, the line.
const ENTER: &str = r#"
cd "$1"
mkdir -p opt/rust opt/checkout
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount --rbind /dev dev
mount --bind -o ro "$2" opt/rust
mount --bind -o ro "$3" opt/checkout
export HOME=/root DEBIAN_FRONTEND=noninteractive PATH=/root/.cargo/bin:/opt/rust/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec chroot . /bin/sh -ec 'cd "$1"; eval "$2"' sh "$4" "$5"
"#;

/// A fresh system.
pub(super) struct System {
    root: PathBuf,
    toolchain: PathBuf,
    checkout: PathBuf,
}

impl System {
    /// A copy of one that was made before, or of a new one.
    pub(super) fn new(checkout: PathBuf) -> Result<Self> {
        // Kept for the next walk.
        let bare = folder("")?.join(RELEASE);
        debian::bare(RELEASE, &bare)?;
        let root = empty_folder("newcomer")?;
        let from = bare.join(".");
        Call::new("cp", "-a --reflink=auto").arg(from).arg(&root).text()?;
        let toolchain = Call::new("rustc", "--print sysroot").text()?.into();
        let system = Self { root, toolchain, checkout };
        system.connect()?;
        Ok(system)
    }

    /// The names and the certificate authorities of this machine's network, and how its apt is to take the mirror there.
    fn connect(&self) -> Result<()> {
        let settings = Call::new("apt-config", "dump").text()?;
        let is_of_network = |line: &&str| APT.iter().any(|name| line.starts_with(name));
        let settings: Vec<&str> = settings.lines().filter(is_of_network).collect();
        fs::write(self.root.join("etc/apt/apt.conf.d/walk"), settings.join("\n"))?;
        fs::copy("/etc/resolv.conf", self.root.join("etc/resolv.conf"))?;
        let own = Path::new("/usr/local/share/ca-certificates");
        if own.exists() {
            let there = self.root.join("usr/local/share");
            fs::create_dir_all(&there)?;
            Call::new("cp", "-r").arg(own).arg(there).text()?;
        }
        Ok(())
    }
}

impl Place for System {
    fn start(&self) -> PathBuf {
        self.root.join(HOME)
    }

    fn shell(&self, folder: &Path, line: &str) -> Result<Command> {
        let inside = folder.strip_prefix(&self.root).context("a folder outside of the system")?;
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-ec", ENTER, "sh"]);
        command.args([&self.root, &self.toolchain, &self.checkout]);
        command.args([Path::new("/").join(inside).into_os_string(), OsString::from(line)]);
        // Nothing of this machine's environment goes in.
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env(CHECKOUT, "file:///opt/checkout");
        Ok(command)
    }
}
