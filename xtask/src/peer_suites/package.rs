//! The package with the suites: from Debian's trixie, whatever release this machine has, unpacked below target/.
//!
//! apt asks the mirror that this machine asks anyway, in folders of its own, so that nothing of the machine's changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::call::Call;
use crate::peers;

const PACKAGE: &str = "golang-github-google-go-sev-guest-dev";
const RELEASE: &str = "trixie";
/// Where the package has its sources.
const SOURCES: &str = "usr/share/gocode/src/github.com/google/go-sev-guest";
/// The keys that Debian signs its releases with, wherever its keyring package is installed.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The suites on this machine.
pub(super) struct Package {
    /// The package's name and version.
    pub(super) name: String,
    /// The folder of its sources.
    pub(super) sources: PathBuf,
}

impl Package {
    /// The text of one of its files.
    pub(super) fn read(&self, file: &str) -> Result<String> {
        let path = self.path(file);
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    }

    /// One of its files.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.sources.join(file)
    }
}

/// Fetches the package where it was not fetched before.
pub(super) fn fetch() -> Result<Package> {
    let folder = std::path::absolute(peers::folder().join("go-sev-guest"))?;
    if !folder.is_dir() {
        let new = folder.with_extension("new");
        if new.exists() {
            fs::remove_dir_all(&new)?;
        }
        download(&new)?;
        // apt's lists of the release, which nobody needs again.
        for name in ["state", "cache"] {
            fs::remove_dir_all(new.join(name))?;
        }
        fs::rename(&new, &folder)?;
    }
    let package = folder.join("package.deb");
    let version = Call::new("dpkg-deb", "-f").arg(package).arg("Version").text()?;
    let sources = folder.join("unpacked").join(SOURCES);
    Ok(Package { name: format!("{PACKAGE} {version} of Debian {RELEASE}"), sources })
}

fn download(folder: &Path) -> Result<()> {
    for name in ["state/lists/partial", "cache/archives/partial", "unpacked"] {
        fs::create_dir_all(folder.join(name))?;
    }
    let list = folder.join("sources.list");
    fs::write(&list, format!("deb [signed-by={KEYS}] {} {RELEASE} main\n", mirror()?))?;
    let setting = |name: &str, value: &Path| ["-o".into(), format!("{name}={}", value.display())];
    let settings = [
        setting("Dir::Etc::SourceList", &list),
        setting("Dir::Etc::SourceParts", Path::new("/dev/null")),
        setting("Dir::State", &folder.join("state")),
        setting("Dir::Cache", &folder.join("cache")),
    ];
    let apt = Call::new("apt-get", "-q").args(settings.concat());
    apt.clone()
        .words("update -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false")
        .text()?;
    // apt-get leaves the package where it is started.
    let script = "cd \"$1\" && shift && \"$@\" && mv ./*.deb package.deb && dpkg-deb -x package.deb unpacked";
    let call = Call::new("sh", "-ec").arg(script).arg("sh").arg(folder);
    call.args(apt.line()).words("download").arg(PACKAGE).text().map(|_| ())
}

/// The address from which this machine has Debian.
fn mirror() -> Result<String> {
    let call =
        Call::new("apt-get", "indextargets --format").arg("$(ORIGIN) $(RELEASE) $(REPO_URI)");
    let targets = call.arg("Created-By: Packages").text()?;
    for target in targets.lines() {
        // Updates of a release have an archive, or at least a suite, of their own.
        if let [origin, release, address] = target.split(' ').collect::<Vec<_>>()[..]
            && origin == "Debian"
            && !release.contains('-')
        {
            return Ok(address.to_owned());
        }
    }
    bail!("apt knows no archive of Debian here (apt-get update may be due)")
}
