//! What tools of others say of the outcome: lintian of the package, skopeo and umoci of the image.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::build::Built;
use crate::call::Call;

/// The tools that are not installed, with what helps.
pub(super) fn missing() -> Option<String> {
    let is_missing = |name: &&str| !Call::new(*name, "--version").succeeds();
    let missing: Vec<&str> =
        ["lintian", "skopeo", "umoci"].into_iter().filter(is_missing).collect();
    let names = missing.join(" ");
    (!missing.is_empty()).then(|| format!("{names}: apt-get install {names}"))
}

/// Lets lintian judge the package; it says which warnings there are, and an error of it is one here.
pub(super) fn package(path: &Path) -> Result<Vec<String>> {
    let call = Call::new("lintian", "--fail-on error --allow-root --color never").arg(path);
    let output = call.env("LC_ALL", "C.UTF-8").output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    ensure!(
        output.status.success(),
        "lintian finds errors in {}:\n{said}\n{}",
        path.display(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(said.lines().map(str::to_owned).collect())
}

/// Lets skopeo say which image it finds, and umoci unpack it: it must be ours, and hold the very programs.
pub(super) fn image(
    path: &Path,
    digest: &str,
    version: &str,
    built: &Built,
    way: &Path,
) -> Result<()> {
    let place = format!("oci-archive:{}:{version}", path.display());
    let said = Call::new("skopeo", "inspect").arg(&place).text()?;
    let said: Value = serde_json::from_str(&said).context("skopeo inspect")?;
    ensure!(
        said["Digest"] == format!("sha256:{digest}") && said["Architecture"] == "amd64",
        "skopeo finds the image {} for {}, wanted sha256:{digest} for amd64",
        said["Digest"],
        said["Architecture"]
    );
    let (layout, bundle) = (way.join("layout"), way.join("bundle"));
    fs::create_dir_all(&layout)?;
    Call::new("tar", "--extract --directory").arg(&layout).arg("--file").arg(path).text()?;
    let image = format!("{}:{version}", layout.display());
    Call::new("umoci", "unpack --rootless --image").arg(image).arg(&bundle).text()?;
    let mut found = 0;
    for (name, bytes) in &built.programs {
        let unpacked = bundle.join("rootfs/usr/bin").join(name);
        let same = fs::read(&unpacked).with_context(|| unpacked.display().to_string())? == *bytes;
        ensure!(same, "{}: umoci unpacks another program than was built", unpacked.display());
        found += 1;
    }
    let all = fs::read_dir(bundle.join("rootfs/usr/bin"))?.count();
    ensure!(all == found, "umoci unpacks {all} programs, wanted {found}");
    let config = fs::read_to_string(bundle.join("config.json"))?;
    let config: Value = serde_json::from_str(&config).context("umoci's config.json")?;
    ensure!(
        config["process"]["user"]["uid"] == 65532
            && config["process"]["args"][0] == "/usr/bin/sev-launch",
        "umoci would run {} as {}, wanted /usr/bin/sev-launch as 65532",
        config["process"]["args"],
        config["process"]["user"]["uid"]
    );
    fs::remove_dir_all(way)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::build::MUSL;
    use super::super::image;
    use super::super::source::Source;
    use super::*;
    use crate::call::target;

    #[test]
    fn skopeo_and_umoci_read_our_image() {
        if let Some(missing) = missing() {
            println!("SKIPPED: nobody reads the image: {missing}");
            return;
        }
        let place = std::path::absolute(target()).unwrap().join("dist-image-test");
        if place.exists() {
            fs::remove_dir_all(&place).unwrap();
        }
        fs::create_dir_all(&place).unwrap();
        let folder = place.clone();
        let (version, commit) = ("1.2.3".to_owned(), "unknown".to_owned());
        let source = Source { folder: folder.clone(), version, commit, epoch: 1_000_000_000 };
        let programs = [("sev-launch", "one"), ("sev-launch-agent", "two")];
        let programs = programs.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        let built = Built { target: &MUSL, programs: programs.to_vec(), folder };
        let path = place.join("image.tar");
        let digest = image::make(&source, &built, "licences", &place.join("way"), &path).unwrap();
        image(&path, &digest, "1.2.3", &built, &place.join("look")).unwrap();
        let error = image(&path, &"0".repeat(64), "1.2.3", &built, &place.join("look"));
        assert!(error.is_err_and(|error| error.to_string().contains("skopeo finds")));
        fs::remove_dir_all(&place).unwrap();
    }
}
