//! A system with libvirt, entered by namespaces of its own: its processes and mounts end with it, and what is written there is in memory alone.
//!
//! Where the system has no libvirt, that is installed once into a layer over it, below target/; the system itself is never changed.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::call::{root, target};

/// What must be there, and the packages that have it.
const PROGRAMS: [&str; 3] =
    ["usr/sbin/libvirtd", "usr/bin/virsh", "usr/bin/virt-qemu-sev-validate"];
const PACKAGES: &str = "libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients libvirt-clients-qemu python3-lxml python3-cryptography";

/// Our programs.
pub(super) const OURS: [&str; 4] =
    ["sev-launch", "sev-launch-server", "sev-launch-remote", "sev-launch-agent"];

/// The system's own QEMU.
const QEMU: &str = "usr/bin/qemu-system-x86_64";
/// The folder in the shared one that libvirt's daemon looks through first, and what it finds there.
const PATH: &str = "path";
const EMULATOR: &str = "path/qemu-system-x86_64";

/// The folder that both sides share, as the inside names it.
pub(super) const FOLDER: &str = "/rehearsal";

/// Mounts the system, with the last argument over it, and goes there. Devices are made anew: libvirt wants to see that `/dev/kvm` and `/dev/sev` exist, and
/// nothing of the host's devices is to be reached.
const ENTER: &str = r#"
set -e
system=$1 layer=$2 shared=$3
mount -t tmpfs tmpfs /mnt
mkdir /mnt/root
if [ -d "$layer/installed" ]; then
    mkdir /mnt/upper /mnt/work
    mount -t overlay overlay -o "lowerdir=$layer/installed:$system,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
else
    mkdir -p "$layer/new" "$layer/work"
    mount -t overlay overlay -o "lowerdir=$system,upperdir=$layer/new,workdir=$layer/work" /mnt/root
fi
cd /mnt/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
touch dev/kvm dev/sev
mkdir -p rehearsal
mount --bind "$shared" rehearsal
cd /
exec chroot /mnt/root /bin/sh
"#;

/// libvirt's files, for a daemon that runs as root, without systemd.
const QEMU_CONF: &str = "\
security_driver = \"none\"
user = \"root\"
group = \"root\"
remember_owner = 0
cgroup_controllers = []
namespaces = []
stdio_handler = \"file\"
";
const LIBVIRTD_CONF: &str = "\
auth_unix_rw = \"none\"
auth_unix_ro = \"none\"
unix_sock_group = \"root\"
log_outputs = \"3:stderr\"
";

/// The user and group of libvirt's defaults, which it looks for before it reads that others are wanted; a package that brings much else makes them.
const ACCOUNT: &str = "\
grep -q ^libvirt-qemu: /etc/group || echo libvirt-qemu:x:64055: >>/etc/group
grep -q ^libvirt-qemu: /etc/passwd || echo libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin >>/etc/passwd
";

/// What a program said, and its exit code.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) code: u32,
    pub(super) text: String,
}

/// A shell in there, and libvirt's daemon beside it.
pub(super) struct Inside {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    shared: PathBuf,
    /// The versions, as libvirt tells them.
    pub(super) libvirt: String,
    pub(super) qemu: String,
}

impl Inside {
    /// Enters a system, with libvirt installed first where it is not, and starts its daemon.
    pub(super) fn enter(name: &str, system: &Path, programs: &Path) -> Result<Self> {
        let layer = std::path::absolute(target().join("libvirt").join(name))?;
        let shared = std::path::absolute(target().join("libvirt").join("shared"))?;
        remove(&shared)?;
        fs::create_dir_all(&shared)?;
        let is_there = PROGRAMS.iter().all(|program| system.join(program).exists());
        let installed = layer.join("installed");
        if is_there {
            fs::create_dir_all(&installed)?;
        } else if !installed.exists() {
            remove(&layer)?;
            fs::create_dir_all(&layer)?;
            install(system, &layer, &shared).with_context(|| format!("libvirt for {name}"))?;
        }
        let mut inside = Self::start(system, &layer, &shared)?;
        inside.fill(programs)?;
        inside.daemon()?;
        Ok(inside)
    }

    fn start(system: &Path, layer: &Path, shared: &Path) -> Result<Self> {
        let mut child = Command::new("unshare")
            .args("--mount --pid --fork --kill-child --propagation private sh -c".split(' '))
            .arg(ENTER)
            .arg("sh")
            .args([system, layer, shared])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("unshare is needed (Debian: apt-get install util-linux), and root")?;
        let stdin = child.stdin.take().context("a pipe")?;
        let stdout = BufReader::new(child.stdout.take().context("a pipe")?);
        let shared = shared.to_owned();
        Ok(Self { child, stdin, stdout, shared, libvirt: String::new(), qemu: String::new() })
    }

    /// The files that both sides have: our programs, a guest's images, and the wrappers.
    fn fill(&mut self, programs: &Path) -> Result<()> {
        for name in OURS {
            fs::copy(programs.join(name), self.shared.join(name))
                .with_context(|| name.to_owned())?;
        }
        for (from, to) in [
            ("firmware/amdsev.fd", "OVMF.fd"),
            ("boot/vmlinuz", "vmlinuz"),
            ("boot/initrd.img", "initrd.img"),
            ("sev/passphrase", "passphrase"),
        ] {
            let from = root().join("testdata").join(from);
            fs::copy(&from, self.shared.join(to)).with_context(|| from.display().to_string())?;
        }
        // One wrapper for each way in which it is used; libvirt asks each what it can do. What it says of the host it asks the one on its daemon's PATH.
        fs::create_dir(self.shared.join(PATH))?;
        for (name, flags) in [
            (EMULATOR, ""),
            ("emulator", ""),
            ("with-secret", " --expect-secret luks-key:/rehearsal/passphrase"),
            ("changed", " --fault changed-page"),
        ] {
            let wrapper = format!(
                "#!/bin/sh\nexec {FOLDER}/sev-launch rehearse --stay --no-prediction --platform {FOLDER}/milan{flags} -- /{QEMU} \"$@\"\n"
            );
            self.write(name, &wrapper)?;
            self.must(&["chmod", "755", name])?;
        }
        self.must(&["./sev-launch", "platform", "new", "milan"])?;
        self.must(&["./sev-launch", "platform", "export", "milan", "certs"])?;
        Ok(())
    }

    fn daemon(&mut self) -> Result<()> {
        self.write("qemu.conf", QEMU_CONF)?;
        self.write("libvirtd.conf", LIBVIRTD_CONF)?;
        self.must(&["cp", "qemu.conf", "libvirtd.conf", "/etc/libvirt/"])?;
        self.must(&["sh", "-c", ACCOUNT])?;
        self.start_daemon()
    }

    /// Starts it, and waits until it answers.
    pub(super) fn start_daemon(&mut self) -> Result<()> {
        let daemon = format!(
            "PATH={FOLDER}/{PATH}:$PATH libvirtd >>libvirtd.log 2>&1 </dev/null & echo $! >libvirtd.pid"
        );
        self.must(&["sh", "-c", &daemon])?;
        let mut said = Said { code: 1, text: String::new() };
        for _ in 0..40 {
            said = self.run(&["timeout", "30", "virsh", "-c", "qemu:///system", "version"])?;
            if said.code == 0 {
                break;
            }
            self.must(&["sleep", "0.25"])?;
        }
        let log = self.read("libvirtd.log")?;
        let version = |line: &str| {
            let found = said.text.lines().find_map(|text| text.strip_prefix(line));
            let found = found.map(|text| text.trim().to_owned());
            found.with_context(|| format!("{}\n{log}", said.text.trim()))
        };
        self.libvirt = version("Using library: libvirt")?;
        self.qemu = version("Running hypervisor: QEMU")?;
        Ok(())
    }

    /// Kills it; its guests live on.
    pub(super) fn kill_daemon(&mut self) -> Result<()> {
        self.must(&["sh", "-c", "kill -KILL $(cat libvirtd.pid)"]).map(drop)
    }

    /// Runs a program in the shared folder, at most twenty minutes: a package may come slowly, and nothing may hang for ever.
    pub(super) fn run(&mut self, words: &[&str]) -> Result<Said> {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let line = format!(
            "cd {FOLDER} && timeout 1200 {} >said 2>&1 </dev/null; echo $?\n",
            words.join(" ")
        );
        self.stdin.write_all(line.as_bytes())?;
        let mut code = String::new();
        self.stdout.read_line(&mut code)?;
        let code = code.trim().parse().with_context(|| format!("the inside ended at {line}"))?;
        let text = String::from_utf8_lossy(&fs::read(self.shared.join("said"))?).into_owned();
        Ok(Said { code, text })
    }

    /// The same, of one that must succeed; what it said.
    pub(super) fn must(&mut self, words: &[&str]) -> Result<String> {
        let Said { code, text } = self.run(words)?;
        ensure!(code == 0, "{} failed ({code}): {}", words.join(" "), text.trim());
        Ok(text)
    }

    /// Writes a file of the shared folder.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.shared.join(name), text).with_context(|| name.to_owned())
    }

    /// Reads one, without the line end.
    pub(super) fn read(&self, name: &str) -> Result<String> {
        let text = fs::read_to_string(self.shared.join(name)).with_context(|| name.to_owned())?;
        Ok(text.trim_end().to_owned())
    }

    /// Ends everything in there.
    pub(super) fn leave(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        remove(&self.shared)
    }
}

/// Installs libvirt into a layer over a system.
fn install(system: &Path, layer: &Path, shared: &Path) -> Result<()> {
    let mut inside = Inside::start(system, layer, shared)?;
    // A mirror that stands still is as good, here.
    let update = "apt-get --quiet=2 --option Acquire::Check-Valid-Until=false update";
    let install = format!(
        "env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --yes --no-install-recommends install {PACKAGES}"
    );
    for line in [update, &install] {
        inside.must(&line.split(' ').collect::<Vec<_>>())?;
    }
    inside.must(&["apt-get", "clean"])?;
    for program in PROGRAMS {
        let Said { code, .. } = inside.run(&["test", "-x", &format!("/{program}")])?;
        if code != 0 {
            bail!("its packages have no {program}");
        }
    }
    inside.leave()?;
    // Only one that is whole has the name.
    fs::rename(layer.join("new"), layer.join("installed"))?;
    fs::create_dir_all(shared)?;
    remove(&layer.join("work"))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(())
}

/// As a shell reads it as one word.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one() {
        let line = format!("printf %s {}", quoted("a 'b' $c"));
        let printed = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert_eq!(printed.stdout, b"a 'b' $c");
    }
}
