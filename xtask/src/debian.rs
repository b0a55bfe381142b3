//! Packages of any release of Debian, whatever release this machine has, unpacked below target/.
//!
//! apt asks the mirror that this machine asks anyway, in folders of its own, so that nothing of the machine's changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::call::Call;
use crate::peers;

/// The keys that Debian signs its releases with, wherever its keyring package is installed.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// A package on this machine.
pub(crate) struct Package {
    /// Its name and version.
    pub(crate) name: String,
    /// The folder with its files.
    pub(crate) files: PathBuf,
}

/// Fetches the packages of a release that were not fetched before.
pub(crate) fn packages(release: &str, names: &[&str]) -> Result<Vec<Package>> {
    let folder = std::path::absolute(peers::folder().join("debian").join(release))?;
    let is_missing = |name: &&&str| !folder.join(name).is_dir();
    let missing: Vec<&str> = names.iter().filter(is_missing).copied().collect();
    if !missing.is_empty() {
        let new = folder.with_extension("new");
        if new.exists() {
            fs::remove_dir_all(&new)?;
        }
        download(&new, release, &missing)?;
        fs::create_dir_all(&folder)?;
        for name in &missing {
            fs::rename(new.join(name), folder.join(name))?;
        }
        // apt's lists of the release, which nobody needs again.
        fs::remove_dir_all(&new)?;
    }
    let package = |name: &&str| {
        let folder = folder.join(name);
        let call = Call::new("dpkg-deb", "-f").arg(folder.join("package.deb"));
        let version = call.arg("Version").text()?;
        Ok(Package { name: format!("{name} {version}"), files: folder.join("files") })
    };
    names.iter().map(package).collect()
}

/// A bare system of a release, made by debootstrap (as root) where it is not in this folder already.
pub(crate) fn bare(release: &str, folder: &Path) -> Result<()> {
    if folder.exists() {
        return Ok(());
    }
    if !Call::new("debootstrap", "--version").succeeds() {
        bail!("debootstrap does not run: apt-get install debootstrap, as root");
    }
    if Call::new("id", "-u").text()? != "0" {
        bail!("debootstrap takes root: run the task as root");
    }
    let new = folder.with_extension("new");
    if new.exists() {
        // What an interrupted run left.
        fs::remove_dir_all(&new).with_context(|| new.display().to_string())?;
    }
    let call = Call::new("debootstrap", "--variant=minbase").arg(release).arg(&new);
    call.arg(mirror()?).text().with_context(|| format!("a bare {release} in {}", new.display()))?;
    fs::rename(&new, folder).with_context(|| folder.display().to_string())
}

fn download(folder: &Path, release: &str, names: &[&str]) -> Result<()> {
    for name in ["state/lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(folder.join(name))?;
    }
    let list = folder.join("sources.list");
    fs::write(&list, format!("deb [signed-by={KEYS}] {} {release} main\n", mirror()?))?;
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
    for name in names {
        // apt-get leaves the package where it is started.
        let script = "mkdir \"$1\" && cd \"$1\" && shift && \"$@\" && mv ./*.deb package.deb && dpkg-deb -x package.deb files";
        let call = Call::new("sh", "-ec").arg(script).arg("sh").arg(folder.join(name));
        let call = call.args(apt.line()).words("download").arg(*name);
        call.text().with_context(|| format!("{name} of Debian {release}"))?;
    }
    Ok(())
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
