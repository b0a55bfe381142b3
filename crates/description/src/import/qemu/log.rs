//! What libvirt writes into a guest's log before QEMU's command line: its own version, QEMU's, and the host's kernel.
//!
//! Defined by [libvirt, qemuLogOperation]: `DATE: starting up libvirt version: 10.0.0, package: …, qemu version: 8.2.2Debian …,
//! kernel: 6.8.0-31-generic, hostname: …`. What stands between the commas is the host's own words.

use sev_launch_digest::profile::{HostKernel, VmmFact};

use super::super::{Import, found};
use super::is_listed;

/// What the line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// As `qemu 8.2.2`.
    vmm: String,
    /// As `uname -r` prints it.
    kernel: String,
}

/// Reads the line; `None` where there is none, or more than one: each start of a guest has its own.
pub(super) fn host(text: &[u8]) -> Option<Host> {
    let text = String::from_utf8_lossy(text);
    let mut starts = text.lines().filter(|line| line.contains(": starting up libvirt version: "));
    let (Some(line), None) = (starts.next(), starts.next()) else { return None };
    let after = |name: &str| Some(line.split_once(name)?.1);
    let digits = |c: char| !c.is_ascii_digit() && c != '.';
    let version = after(", qemu version: ")?.split(digits).next()?;
    let kernel = after(", kernel: ")?.split(',').next()?.trim();
    let vmm = format!("qemu {version}");
    let is_read = !version.is_empty()
        && vmm.parse::<VmmFact>().is_ok()
        && kernel.parse::<HostKernel>().is_ok();
    is_read.then(|| Host { vmm, kernel: kernel.to_owned() })
}

impl Import {
    /// Puts in what the log says of the host; which kernel it runs is then no question.
    pub(super) fn read_log(&mut self, host: Host) {
        const PLACE: &str = "libvirt's line before the command";
        self.description.host.vmm = found(host.vmm, PLACE);
        self.description.host.kernel = found(host.kernel, PLACE);
        let is_settled =
            |key: Option<&str>| key.is_some_and(|key| is_listed("host.kernel host.vmm", key));
        self.description.unknown.retain(|unknown| !is_settled(unknown.key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // As libvirt 10.0 of Ubuntu 24.04 writes it.
    #[test]
    fn a_log_says_which_qemu_and_which_kernel() {
        const LINE: &str = "2024-08-01 09:00:00.000+0000: starting up libvirt version: 10.0.0, package: 10.0.0-2ubuntu8.3 (Ubuntu), \
            qemu version: 8.2.2Debian 1:8.2.2+ds-0ubuntu1.2, kernel: 6.8.0-40-generic, hostname: h\n";
        let found = host(LINE.as_bytes());
        let (vmm, kernel) = ("qemu 8.2.2".to_owned(), "6.8.0-40-generic".to_owned());
        assert_eq!(found, Some(Host { vmm, kernel }));
        for other in [
            LINE.repeat(2),
            LINE.replace("starting up", "shutting down"),
            LINE.replace("8.2.2Debian", "unknown"),
            LINE.replace("kernel: 6", "kernel: x"),
        ] {
            assert_eq!(host(other.as_bytes()), None, "{other}");
        }
    }
}
