//! docs/dist.md: what is in the folder, how it is verified, and what came of the last time.

use std::collections::BTreeMap;

use anyhow::Result;

use super::Made;
use super::install::Step;
use super::source::Source;
use super::sums::Sum;
use crate::call::Call;
use crate::machine::Machine;
use crate::markdown::{head, row};

/// The outcome as a document.
pub(super) fn page(
    source: &Source,
    made: &Made,
    files: &BTreeMap<String, Sum>,
    (same, seconds): (usize, f64),
    steps: &[Step],
    remarks: &[String],
) -> Result<String> {
    let line = |program: &str, words: &str| -> Result<String> {
        let said = Call::new(program, words).text()?;
        Ok(said.lines().next().unwrap_or_default().to_owned())
    };
    let tools = [
        line("rustc", "--version")?,
        line("cc", "--version")?,
        line("ld", "--version")?,
        line("dpkg-query", "--show musl-dev")?.replace('\t', " "),
        line("dpkg-deb", "--version")?.trim_end_matches('.').to_owned(),
    ];
    let Source { version, commit, epoch, .. } = source;
    let mut text = format!(
        "{INTRODUCTION}\n## The last time\n\nVersion {version}, commit {commit}, SOURCE_DATE_EPOCH={epoch}; {}; {}.\n\n",
        Machine::read()?.line(),
        tools.join("; ")
    );
    text += &head(&["file", "bytes", "SHA-256"]);
    for (name, Sum { size, sha256 }) in files {
        text += &row(&[&format!("`{name}`"), &size.to_string(), &format!("`{sha256}`")]);
    }
    if let Some(digest) = &made.image {
        text += &format!("\nThe image's digest is `sha256:{digest}`.\n");
    }
    text += "\nThe programs, stripped, in bytes:\n\n";
    let sizes = |built: &super::Built| -> BTreeMap<String, usize> {
        built.programs.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect()
    };
    let of_musl = made.musl.as_ref().map(sizes).unwrap_or_default();
    text += &head(&["program", "glibc", "static"]);
    for (name, size) in sizes(&made.gnu) {
        let of_musl = of_musl.get(&name).map_or_else(|| "-".to_owned(), usize::to_string);
        text += &row(&[&name, &size.to_string(), &of_musl]);
    }
    text +=
        &format!("\n### Built twice\n\nAll {same} files came out the same, byte for byte. {TWICE}");
    text += &format!(
        "The second one took {seconds:.0} s from nothing, on a machine that others used too.\n"
    );
    text += "\n### Installed\n\nIn a bare bookworm (debootstrap, minbase) without a network:\n\n";
    for Step { what, .. } in steps {
        text += &format!("- {what}\n");
    }
    text += "\nskopeo finds the image under its digest, and umoci unpacks the very programs that were built.\n";
    text += match remarks.is_empty() {
        true => "lintian has nothing to say of the package.\n",
        false => "lintian finds no error in the package; it remarks:\n\n",
    };
    for remark in remarks {
        text += &format!("- `{remark}`\n");
    }
    Ok(text + NOTES)
}

const INTRODUCTION: &str = "\
# What a release consists of

Written by `cargo xtask dist --must --twice --install --write`; not edited by hand. `cargo xtask dist` makes the folder `target/dist-out`:

| file | what it is |
|---|---|
| `sev-launch-VERSION-x86_64-unknown-linux-gnu.tar.gz` | the four programs for Debian 12's glibc and newer ones; licences, ours and in THIRD-PARTY those of what is built in, README, changelog, man pages, completions |
| `sev-launch-VERSION-x86_64-unknown-linux-musl.tar.gz` | the same, with static programs for any Linux on x86-64, and the Containerfile that makes an image of them |
| `sev-launch_VERSION_amd64.deb` | the programs for glibc as a Debian package: no scripts, no service, no user, no files of its own but those that it lists |
| `sev-launch-VERSION-oci.tar` | the static programs as a container image, with nothing else in it but THIRD-PARTY; it runs as user 65532 |
| `PROGRAM-VERSION.cdx.json` | what a program for glibc is made of: its crates with versions, licences and checksums, in CycloneDX 1.5 |
| `SHA256SUMS` | the SHA-256 of every file |

`sev-launch serve`, `agent` and `remote` start the programs that lie beside `sev-launch`: keep the four together.

## Use

```console
# apt-get install ./sev-launch_VERSION_amd64.deb
$ skopeo copy oci-archive:sev-launch-VERSION-oci.tar:VERSION containers-storage:sev-launch:VERSION
$ podman run --rm --volume ./testdata:/testdata:ro sev-launch:VERSION digest --mode sev --firmware /testdata/firmware/amdsev.fd
```

The image has no certificates of the web's authorities and no `/tmp`: whatever a command reads or writes is mounted into it.

## Verify a download

That it arrived whole:

```console
$ sha256sum --check --ignore-missing SHA256SUMS
```

SHA256SUMS is not signed: it says nothing about who made the files. That they were made of these sources, which nobody has to be believed for: make it again, and compare. On Debian 12 with the Rust of the last release (below):

```console
# apt-get install git gcc libc6-dev binutils musl-tools skopeo umoci lintian
$ rustup target add x86_64-unknown-linux-musl
$ git clone https://github.com/sev-launch/sev-launch && cd sev-launch && git checkout vVERSION
$ cargo xtask dist --must
$ diff target/dist-out/SHA256SUMS ~/Downloads/SHA256SUMS
```

The folder, the user, the host, the time, the time zone, the language and the umask do not matter. What does: the commit, SOURCE_DATE_EPOCH where it is
set (else the commit's date is taken), Rust's version, and Debian's versions of gcc, binutils and musl-dev (ring and SQLite are C), tar, gzip and dpkg. Where one cannot
be had as it was, compare what does not depend on it: `dpkg-deb --extract` and `tar --extract` give the programs.
";

const TWICE: &str = "\
The second time it was made by the same program from
a copy of the sources in another folder, with a longer name; with other folders of cargo and of the build, all of it compiled anew; by another user
(4321, in a namespace) with another HOME, USER and LOGNAME, on a host of another name, in the time zone Pacific/Chatham, in the
locale C.UTF-8, with the umask 077, and later. The compiler, the C compiler and the kernel were the same ones.
";

const NOTES: &str = "
## How it comes out the same

- rustc (`--remap-path-prefix`) and the C compiler (`-ffile-prefix-map`) write `/sev-launch`, `/registry` and `/target` in place of this machine's folders.
  Cargo leaves these flags out of the hashes in symbols' names, and names members of a workspace by their folder in it. Afterwards
  each program is searched for the folders and the home: one that is found fails the task.
- Programs are built by the profile `dist` with `--locked`, and stripped of symbols.
- Files have the commit's time, modes that do not come from the umask, and root as their owner; they are in the order of their names. gzip keeps no name and
  no time; xz in the Debian package runs on one thread.
- The builds get those variables of the environment that say where things lie, and no others: none of the many that steer compilers, linkers, tar or git.
- The package's dependency on libc6 is the newest symbol version that a program asks for.

## A release

A tag `vVERSION` starts .github/workflows/release.yml: it runs `.ci/run`, then `cargo xtask dist --must --twice --install` in bookworm, and attaches the folder's files to the release. Nothing goes to a
registry by itself; `cargo publish --workspace` is typed by a person, after `cargo xtask check`.
";
