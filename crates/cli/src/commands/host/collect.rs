//! `sev-launch host collect`: the facts, as a document to carry away.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sev_launch_host::collected::{self, versions};
use sev_launch_host::domain_capabilities::DomainCapabilities;
use sev_launch_host::kernel_log;

use super::machine::Machine;
use crate::exit::Answer;
use crate::{inputs, output};

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch host collect -o host.json
  sev-launch host collect --root tree --kernel-log dmesg.txt \\
      --domain-capabilities domcapabilities.xml --qemu-version 'QEMU emulator version 9.2.0'

What is written holds versions, switches and counts. It holds no name, address, serial number or
chip id of the host, and of the kernel's log only the messages about SEV that are known.

On this host these programs are run, each for 10 seconds at most: dmesg or journalctl -k,
qemu-system-x86_64 --version, virsh --version, virsh domcapabilities, and dpkg-query or rpm for
OVMF's version. With --root none is run: what they print can be given.

Exit codes:
  0  the facts are written; what was not found is left out, and so unknown
  2  they cannot be written, or what was given cannot be read";

/// The most bytes of what is given in place of a program's output.
const MOST_BYTES: usize = 16 << 20;

/// Write this host's facts into a file that holds nothing secret.
#[derive(Debug, clap::Args)]
pub(crate) struct Collect {
    /// A folder with a copy of another host's /proc, /sys and /dev, in place of this host: no program is run.
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// What dmesg or journalctl -k printed.
    #[arg(long, value_name = "FILE")]
    kernel_log: Option<PathBuf>,
    /// What virsh domcapabilities printed.
    #[arg(long, value_name = "FILE")]
    domain_capabilities: Option<PathBuf>,
    /// What qemu-system-x86_64 --version printed.
    #[arg(long, value_name = "TEXT")]
    qemu_version: Option<String>,
    /// What virsh --version printed.
    #[arg(long, value_name = "VERSION")]
    libvirt_version: Option<String>,
    /// The version of OVMF's package.
    #[arg(long, value_name = "VERSION")]
    ovmf_version: Option<String>,
    /// The file to write [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Collect {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        let machine = match &self.root {
            Some(root) => {
                // A folder that is not there would give a host of which nothing is known.
                let metadata = fs::metadata(root).with_context(|| inputs::name(root))?;
                anyhow::ensure!(metadata.is_dir(), "{}: no folder", inputs::name(root));
                Machine::copied(root)
            }
            None => Machine::this(),
        };
        let mut collected = collected::gather(&machine);
        if let Some(path) = &self.kernel_log {
            collected.kernel_log = Some(kernel_log::known_lines(&text(path)?));
        }
        if let Some(path) = &self.domain_capabilities {
            let read = DomainCapabilities::read(&text(path)?);
            collected.domain_capabilities = Some(read.with_context(|| inputs::name(path))?);
        }
        type Kept = fn(&str) -> Option<String>;
        let given: [(_, _, Kept, _); 3] = [
            ("--qemu-version", &self.qemu_version, versions::qemu, &mut collected.qemu),
            ("--libvirt-version", &self.libvirt_version, versions::libvirt, &mut collected.libvirt),
            ("--ovmf-version", &self.ovmf_version, versions::ovmf, &mut collected.ovmf),
        ];
        for (flag, given, kept, fact) in given {
            if let Some(given) = given {
                let kept =
                    kept(given).with_context(|| format!("{flag}: {given:?} is no version"))?;
                *fact = Some(kept);
            }
        }
        let bytes = output::json(&collected)?;
        match &self.output {
            Some(path) => output::write(path, &bytes)?,
            None => output::print_json(&collected)?,
        }
        Ok(Answer::Yes)
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    let bytes = inputs::read_piped(path, MOST_BYTES)?;
    // A kernel's log may hold bytes of its devices.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
