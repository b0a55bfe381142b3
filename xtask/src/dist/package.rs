//! The Debian package: the programs for glibc, man pages, completions, and what Debian wants to be said of a package.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::build::Built;
use super::licences;
use super::source::Source;
use super::tree::{Tree, gzipped};
use crate::call::Call;

/// Who answers for it: no person, and an address that takes no mail, because reports come by the repository (SECURITY.md).
const MAINTAINER: &str = "The sev-launch developers <sev-launch@users.noreply.github.com>";
const HOMEPAGE: &str = "https://github.com/sev-launch/sev-launch";
/// The manual of `sev-launch-server`: that of `sev-launch serve`.
const SERVER_PAGE: &[u8] = b".so man1/sev-launch-serve.1\n";

/// Completions, and where each shell looks for them.
const COMPLETIONS: [(&str, &str); 3] = [
    ("sev-launch.bash", "usr/share/bash-completion/completions/sev-launch"),
    ("_sev-launch", "usr/share/zsh/vendor-completions/_sev-launch"),
    ("sev-launch.fish", "usr/share/fish/vendor_completions.d/sev-launch.fish"),
];

/// The name of the package's file.
pub(super) fn file_name(version: &str) -> String {
    format!("sev-launch_{}_amd64.deb", debian_version(version))
}

/// Makes the package, by way of a folder that is not there yet.
pub(super) fn make(
    source: &Source,
    built: &Built,
    licences: &str,
    way: &Path,
    to: &Path,
) -> Result<()> {
    let mut tree = Tree::default();
    for (name, bytes) in &built.programs {
        tree.program(format!("usr/bin/{name}"), bytes.clone());
    }
    let scratch = way.with_extension("scratch");
    let mut zipped = |name: String, bytes: &[u8]| -> Result<()> {
        tree.file(format!("{name}.gz"), gzipped(bytes, &scratch)?);
        Ok(())
    };
    for (name, text) in source.files("docs/man")? {
        zipped(format!("usr/share/man/man1/{name}"), &text)?;
    }
    // The one program that is not called as its command is; man shows the other page for it.
    zipped("usr/share/man/man1/sev-launch-server.1".to_owned(), SERVER_PAGE)?;
    let doc = "usr/share/doc/sev-launch";
    let date = source.date("+%a, %d %b %Y %H:%M:%S +0000")?;
    zipped(
        format!("{doc}/changelog"),
        changelog(&debian_version(&source.version), &date).as_bytes(),
    )?;
    zipped(format!("{doc}/CHANGELOG.md"), &source.file("CHANGELOG.md")?)?;
    zipped(format!("{doc}/README.md"), &source.file("README.md")?)?;
    zipped(format!("{doc}/{}", licences::NAME), licences.as_bytes())?;
    let licence = String::from_utf8(source.file("LICENSE-MIT")?).context("LICENSE-MIT")?;
    tree.file(format!("{doc}/copyright"), copyright(&licence)?);
    for (name, place) in COMPLETIONS {
        tree.file(place, source.file(&format!("docs/completions/{name}"))?);
    }
    let (size, names) = (tree.installed_size(), tree.names().map(str::to_owned));
    let names: Vec<String> = names.collect();
    let control = control(&debian_version(&source.version), &depends(built)?, size);
    tree.place(way, source.epoch)?;
    let sums = Call::new("env", "-C").arg(way).words("md5sum --").args(names).text()?;
    fs::remove_dir_all(way)?;
    tree.file("DEBIAN/control", control);
    tree.file("DEBIAN/md5sums", format!("{sums}\n"));
    tree.place(way, source.epoch)?;
    // One thread: how many there are may not decide what comes out.
    Call::new("dpkg-deb", "--root-owner-group -Zxz -z6 --threads-max=1 --build")
        .arg(way)
        .arg(to)
        .env("SOURCE_DATE_EPOCH", source.epoch.to_string())
        .text()?;
    fs::remove_dir_all(way)?;
    Ok(())
}

/// The version as Debian orders it: what comes before a release has a `~` where Cargo has a `-` (Debian Policy, Version).
fn debian_version(version: &str) -> String {
    version.replacen('-', "~", 1)
}

/// What the programs need: the libraries that they name, and the newest of the C library's symbol versions.
fn depends(built: &Built) -> Result<String> {
    let mut said = String::new();
    for (name, _) in &built.programs {
        let path = built.folder.join(name);
        let text = Call::new("objdump", "-p").arg(&path).env("LC_ALL", "C").text();
        said += &text.context("objdump is needed (Debian: apt-get install binutils)")?;
        said.push('\n');
    }
    needs(&said)
}

/// The same, of what `objdump -p` says.
fn needs(said: &str) -> Result<String> {
    let mut newest = None;
    let mut has_unwinder = false;
    for line in said.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["NEEDED", "libc.so.6" | "libm.so.6" | "ld-linux-x86-64.so.2"] => {}
            ["NEEDED", "libgcc_s.so.1"] => has_unwinder = true,
            ["NEEDED", library] => bail!(
                "{library} is needed, and no package is known for it: build without it, or name its package in xtask/src/dist/package.rs"
            ),
            [.., version] if version.starts_with("GLIBC_") => {
                let numbers = version.trim_start_matches("GLIBC_").split('.');
                let numbers: Result<Vec<u32>, _> = numbers.map(str::parse).collect();
                newest =
                    newest.max(Some(numbers.with_context(|| format!("{version}: no version"))?));
            }
            _ => {}
        }
    }
    let newest = newest.context("objdump -p names no version of glibc: wanted GLIBC_2.…")?;
    let newest: Vec<String> = newest.iter().map(u32::to_string).collect();
    let unwinder = if has_unwinder { ", libgcc-s1" } else { "" };
    Ok(format!("libc6 (>= {}){unwinder}", newest.join(".")))
}

/// DEBIAN/control.
fn control(version: &str, depends: &str, size: usize) -> String {
    format!(
        "Package: sev-launch
Version: {version}
Architecture: amd64
Maintainer: {MAINTAINER}
Installed-Size: {size}
Depends: {depends}
Section: admin
Priority: optional
Homepage: {HOMEPAGE}
Description: exact prediction of AMD SEV launch digests
 Says exactly what an AMD secure processor will measure when a SEV, SEV-ES or
 SEV-SNP guest starts, before anything boots, and shows how the digest comes
 about. Given what a host reports, says yes or no, and why; only after a yes it
 packs a secret.
 .
 With it come an attestation service, the host's agent and a command for
 guests at remote services.
"
    )
}

/// The changelog in the one form that Debian reads; what changed is in ours.
fn changelog(version: &str, date: &str) -> String {
    format!(
        "sev-launch ({version}) unstable; urgency=medium\n\n  * What is new is told by CHANGELOG.md.gz, beside this file.\n\n -- {MAINTAINER}  {date}\n"
    )
}

/// The copyright file, machine-readable (DEP-5).
fn copyright(mit: &str) -> Result<String> {
    let (holder, text) = mit
        .split_once("Copyright (c) ")
        .and_then(|(_, rest)| rest.split_once("\n\n"))
        .context("LICENSE-MIT: wanted a line that begins with \"Copyright (c)\", and the licence after it")?;
    let lines = text.trim_end().lines().map(|line| match line {
        "" => " .\n".to_owned(),
        line => format!(" {line}\n"),
    });
    let mit: String = lines.collect();
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: sev-launch
Source: {HOMEPAGE}
Comment: Built in are Rust crates of others and SQLite, which is in the public domain;
 THIRD-PARTY.gz, beside this file, has the licences of them.

Files: *
Copyright: {holder}
License: Expat or Apache-2.0

License: Expat
{mit}
License: Apache-2.0
 On Debian systems the text of this licence is in
 /usr/share/common-licenses/Apache-2.0.
"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pre_release_is_older_than_its_release() {
        assert_eq!(file_name("0.2.0-rc.1"), "sev-launch_0.2.0~rc.1_amd64.deb");
        assert_eq!(file_name("0.2.0"), "sev-launch_0.2.0_amd64.deb");
    }

    #[test]
    fn the_newest_symbol_version_is_needed() {
        // Lines of `objdump -p` of binutils 2.40; 2.9 is older than 2.34.
        let said = "\
Dynamic Section:
  NEEDED               libgcc_s.so.1
  NEEDED               libc.so.6
  INIT                 0x0000000000001000

Version References:
  required from libgcc_s.so.1:
    0x09265f61 0x00 10 GCC_3.3
  required from libc.so.6:
    0x069691b4 0x00 02 GLIBC_2.34
    0x0d696919 0x00 05 GLIBC_2.9
    0x09691a75 0x00 07 GLIBC_2.2.5
";
        assert_eq!(needs(said).unwrap(), "libc6 (>= 2.34), libgcc-s1");
        let error = needs("  NEEDED  libssl.so.3\n").unwrap_err().to_string();
        assert!(error.contains("libssl.so.3"), "{error}");
        assert!(needs("").is_err());
    }

    #[test]
    fn control_has_what_policy_demands() {
        let text = control("1.2.3", "libc6 (>= 2.34)", 42);
        // Debian policy 5.3: these fields of a binary package's control file are mandatory; the synopsis is one line.
        for line in ["Package: sev-launch", "Version: 1.2.3", "Architecture: amd64"] {
            assert!(text.lines().any(|found| found == line), "{line}");
        }
        assert!(text.contains("\nMaintainer: ") && text.contains("\nDescription: "));
        assert!(text.contains("\nInstalled-Size: 42\nDepends: libc6 (>= 2.34)\n"));
        assert!(text.ends_with('\n') && !text.contains("\n\n"), "one paragraph");
    }

    #[test]
    fn the_changelog_is_in_debians_form() {
        let text = changelog("1.2.3", "Sun, 29 Nov 2026 12:00:00 +0000");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "sev-launch (1.2.3) unstable; urgency=medium");
        // deb-changelog(5): one space, two dashes; two spaces before the date.
        assert!(
            lines[4].starts_with(" -- ")
                && lines[4].ends_with(">  Sun, 29 Nov 2026 12:00:00 +0000")
        );
    }

    #[test]
    fn the_copyright_file_has_the_licence_indented() {
        let text = copyright("MIT License\n\nCopyright (c) 2026 Us\n\nOne\n\nTwo\n").unwrap();
        assert!(text.contains("\nCopyright: 2026 Us\n"), "{text}");
        assert!(
            text.contains("\nLicense: Expat\n One\n .\n Two\n\nLicense: Apache-2.0\n"),
            "{text}"
        );
        assert!(copyright("something else").is_err());
    }
}
