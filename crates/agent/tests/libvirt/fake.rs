//! A `virsh` of a few lines of shell: it keeps its arguments and the files it is given, and has one domain, which is defined, started, paused, resumed and ended.
//!
//! Its words are those of virsh 9.0. A file `COMMAND.sh` in its folder is run before a command is answered, and may end it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_agent::libvirt::{Libvirt, Virsh};
use tempfile::TempDir;

use super::values::{DUMPED, host};

/// The measurement of the protocol's first test vector.
pub(crate) const MEASUREMENT: &str =
    "4ch0BE+0H6sEW1d6Yj+HqS6kJMfO7gIqPsidAELC5sZAQUJDREVGR0hJSktMTU5P";

const SCRIPT: &str = r#"#!/bin/sh
number=$(ls "$dir" | grep -c '^call\.')
printf '%s\n' "$@" >"$dir/call.$number"
printf '%s' "$LC_ALL" >"$dir/language"
sort=
for argument; do
    case $argument in
    --file=* | --secrethdr=* | --secret=*)
        name=${argument%%=*}
        path=${argument#*=}
        cp "$path" "$dir/given$name"
        stat -c %a "$path" "$(dirname "$path")" >"$dir/mode$name"
        printf '%s' "$path" >"$dir/path$name"
        ;;
    --inactive) sort=stored ;;
    -*) ;;
    *) command=${command:-$argument} ;;
    esac
done
if [ -f "$dir/$command.sh" ]; then . "$dir/$command.sh"; fi
state=$(cat "$dir/state")
refuse() {
    for line; do echo "error: $line" >&2; done
    exit 1
}
case $command in
nodesevinfo | domlaunchsecinfo) cat "$dir/$command" ;;
domstate) echo "$state" ;;
dumpxml)
    case $sort$state in
    stored* | shut*) cat "$dir/stored" ;;
    *) cat "$dir/given--file" ;;
    esac
    ;;
create)
    case $state in
    shut*) echo 'paused (user)' >"$dir/state" ;;
    *) refuse "Failed to create domain from $path" "Requested operation is not valid: domain 'sev' is already active" ;;
    esac
    ;;
domsetlaunchsecstate)
    case $state in
    paused*) ;;
    *) refuse 'Unable to set launch security state' 'Requested operation is not valid: domain must be in a paused state' ;;
    esac
    ;;
resume) echo 'running (unpaused)' >"$dir/state" ;;
destroy)
    case $state in
    shut*) refuse "Failed to destroy domain 'sev'" 'Requested operation is not valid: domain is not running' ;;
    *) echo 'shut off (destroyed)' >"$dir/state" ;;
    esac
    ;;
*) refuse "unknown command: '$command'" ;;
esac
"#;

/// The script, its folder, and libvirt by way of it.
pub(crate) struct Fake {
    folder: TempDir,
    pub(crate) libvirt: Libvirt,
}

impl Fake {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("virsh");
        let script = SCRIPT.replacen('\n', &format!("\ndir='{}'\n", folder.path().display()), 1);
        write_script(&program, &script);
        let virsh =
            Virsh { program, uri: Some("qemu:///system".into()), time: Duration::from_secs(20) };
        let fake = Self { folder, libvirt: Libvirt { virsh } };
        let host = host();
        let [pdh, chain, id] = [&host.pdh, &host.cert_chain, &host.cpu_id.expect("an id")]
            .map(|bytes| BASE64.encode(bytes));
        fake.write(
            "nodesevinfo",
            format!(
                "pdh               : {pdh}\ncert-chain        : {chain}\ncpu0-id           : {id}\ncbitpos           : 47\n\
                 reduced-phys-bits : 1\nmax-guests        : 15\nmax-es-guests     : 494\n\n"
            ),
        );
        fake.write(
            "domlaunchsecinfo",
            format!(
                "sev-measurement: {MEASUREMENT}\nsev-api-major  : 1\nsev-api-minor  : 55\nsev-build-id   : 31\nsev-policy     : 3\n\n"
            ),
        );
        fake.write("stored", DUMPED);
        fake.write("state", "shut off (unknown)");
        fake
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), text).expect("a file");
    }

    /// Has a command do something before it answers; its folder is `$dir`.
    pub(crate) fn before(&self, command: &str, shell: &str) {
        self.write(&format!("{command}.sh"), shell);
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect(name)
    }

    /// A path that the script was given.
    pub(crate) fn path(&self, option: &str) -> PathBuf {
        self.read(&format!("path--{option}")).into()
    }

    /// The arguments of every call so far, each in one line.
    pub(crate) fn calls(&self) -> Vec<String> {
        let names = (0..).map(|number| self.folder.path().join(format!("call.{number}")));
        let texts = names.map_while(|path| fs::read_to_string(path).ok());
        texts.map(|text| text.trim_end().replace('\n', " ")).collect()
    }
}

/// Another process writes it: were it open for writing here, what another test starts meanwhile would have it open too, and then it cannot be run.
fn write_script(path: &Path, script: &str) {
    let mut writer = Command::new("sh")
        .args(["-c", "cat >\"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut input = writer.stdin.take().expect("its input");
    input.write_all(script.as_bytes()).expect("a script");
    drop(input);
    assert!(writer.wait().is_ok_and(|status| status.success()));
}
