//! The package in a bare Debian bookworm: installed, used, and purged without a trace; and the static programs where there is nothing else at all.
//!
//! The system is made once by debootstrap, below target/, and is never changed: namespaces of its own have it under a layer in memory, and no network. The
//! empty folder has the static programs, test data and /proc, as a container has.

mod steps;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::build::Built;
use super::source::Source;
use crate::call::{root, target};
use crate::debian;
pub(super) use steps::Step;

const RELEASE: &str = "bookworm";

/// Mounts both places and runs one script, the last argument, in the middle of them.
const ENTER: &str = r#"
set -e
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root /mnt/empty
mount -t overlay overlay -o "lowerdir=$1,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
mount -t proc proc /mnt/root/proc
mkdir /mnt/root/shared
mount --bind "$2" /mnt/root/shared
cp -r "$2/empty/." /mnt/empty
mkdir /mnt/empty/proc
mount -t proc proc /mnt/empty/proc
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
cd /
set +e
eval "$3"
"#;

/// Takes every step; says what came of each, and fails where it is another thing than it must be.
pub(super) fn run(source: &Source, package: &Path, of_musl: Option<&Built>) -> Result<Vec<Step>> {
    let system = std::path::absolute(target())?.join("dist-bookworm");
    debian::bare(RELEASE, &system)?;
    let shared = std::path::absolute(target())?.join("dist-shared");
    if shared.exists() {
        fs::remove_dir_all(&shared)?;
    }
    fill(&shared, package, of_musl)?;
    let mans = source.files("docs/man")?.len();
    let steps = steps::all(&source.version, mans, of_musl.is_some());
    let output = Command::new("unshare")
        .args("--mount --pid --net --fork --kill-child --propagation private sh -c".split(' '))
        .arg(ENTER)
        .arg("sh")
        .args([&system, &shared])
        .arg(steps::script(&steps))
        .current_dir(root())
        .output()
        .context("unshare is needed (Debian: apt-get install util-linux), and root")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    let wrong = steps::judge(&steps, &said);
    ensure!(
        wrong.is_empty(),
        "the package in {RELEASE}:\n{}\n{}",
        wrong.join("\n"),
        complained.trim()
    );
    fs::remove_dir_all(&shared)?;
    Ok(steps)
}

/// The files that are brought along: the package, the static programs, and what a digest is computed of.
fn fill(shared: &Path, package: &Path, of_musl: Option<&Built>) -> Result<()> {
    fs::create_dir_all(shared.join("empty/usr/bin"))?;
    fs::copy(package, shared.join("sev-launch.deb")).context("the package")?;
    for (name, _) in of_musl.iter().flat_map(|built| &built.programs) {
        let from = of_musl.map(|built| built.folder.join(name)).unwrap_or_default();
        fs::copy(from, shared.join("empty/usr/bin").join(name)).with_context(|| name.clone())?;
    }
    for name in ["firmware/amdsev.fd", "boot/vmlinuz", "boot/initrd.img", "boot/cmdline"] {
        for folder in [shared.join("testdata"), shared.join("empty/testdata")] {
            let to = folder.join(name);
            fs::create_dir_all(to.parent().context("a folder")?)?;
            fs::copy(root().join("testdata").join(name), &to).with_context(|| name.to_owned())?;
        }
    }
    Ok(())
}
