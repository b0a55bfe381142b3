//! The kernel with its initrd and command lines: hashed as they come, or, for libkrun, read whole.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::bail;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::{
    HashedFile, KernelHashes, KernelKind, KernelSurroundings, cmdline_warnings,
};
use sev_launch_digest::{Technology, Warning};

use super::args::Guest;
use crate::args::{HexBytes, Switch};
use crate::inputs;

/// The kernel with its initrd and command lines.
pub(crate) struct KernelInput {
    pub(crate) kernel: Option<BootFile>,
    pub(crate) initrd: Option<BootFile>,
    /// The rows' command lines; one where none was given.
    pub(crate) cmdlines: Vec<Cmdline>,
    /// Do the hashes enter the digest?
    pub(crate) measured: bool,
    /// libkrun's files, which it measures whole.
    pub(crate) krun: Option<KrunFiles>,
}

/// A kernel or initrd.
#[derive(Clone)]
pub(crate) struct BootFile {
    /// Nothing where only the hash was given.
    pub(crate) path: Option<PathBuf>,
    pub(crate) size: Option<u64>,
    pub(crate) sha256: Sha256Digest,
}

/// A command line.
#[derive(Clone)]
pub(crate) struct Cmdline {
    /// Nothing where only the hash was given.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) sha256: Sha256Digest,
}

/// libkrun's files.
pub(crate) struct KrunFiles {
    pub(crate) qboot: Vec<u8>,
    pub(crate) kernel: Vec<u8>,
    pub(crate) initrd: Vec<u8>,
    pub(crate) kernel_gpa: u64,
}

impl KrunFiles {
    /// Kernel and initrd as the inputs of a report.
    fn boot_files(&self, arguments: &Guest) -> (Option<BootFile>, Option<BootFile>) {
        let file = |path: &Option<PathBuf>, bytes: &[u8]| {
            Some(BootFile {
                path: path.clone(),
                size: u64::try_from(bytes.len()).ok(),
                sha256: Sha256Digest::of(bytes),
            })
        };
        (file(&arguments.kernel, &self.kernel), file(&arguments.initrd, &self.initrd))
    }
}

impl KernelInput {
    /// The hashes with a row's command line, where they enter the digest.
    pub(crate) fn hashes(&self, cmdline: &Cmdline) -> Option<KernelHashes> {
        let kernel = self.kernel.as_ref().filter(|_| self.measured)?;
        Some(KernelHashes {
            kernel: kernel.sha256,
            initrd: self.initrd.as_ref().map_or_else(KernelHashes::no_initrd, |file| file.sha256),
            cmdline: cmdline.sha256,
        })
    }

    pub(super) fn assume(&self, assumptions: &mut Vec<String>) {
        if !self.measured {
            return;
        }
        assumptions.push("QEMU's kernel-hashes is on".into());
        assumptions.push("the kernel's file reaches the guest as it is on disk".into());
        if self.initrd.is_none() {
            assumptions.push("no initrd: measured as no bytes".into());
        }
        if self.cmdlines.iter().any(|cmdline| cmdline.bytes.as_deref() == Some(&[])) {
            assumptions.push("no command line: measured as one NUL".into());
        }
    }
}
pub(super) fn read_krun(arguments: &Guest, technology: Technology) -> anyhow::Result<KrunFiles> {
    let (Some(qboot), Some(kernel), Some(initrd)) =
        (&arguments.firmware, &arguments.kernel, &arguments.initrd)
    else {
        bail!(
            "libkrun measures its qboot, kernel and initrd whole: give --firmware, --kernel and --initrd as files"
        );
    };
    let needs_gpa = technology == Technology::Snp;
    let kernel_gpa = match arguments.kernel_gpa {
        Some(gpa) => gpa,
        None if needs_gpa => bail!(
            "libkrun measures the kernel where its bundle puts it: give --kernel-gpa, the bundle's guest address"
        ),
        None => 0,
    };
    Ok(KrunFiles {
        qboot: inputs::read_firmware(qboot)?,
        kernel: inputs::read_firmware(kernel)?,
        initrd: inputs::read_firmware(initrd)?,
        kernel_gpa,
    })
}

pub(super) fn kernel_input(
    arguments: &Guest,
    kernel: Option<HashedFile>,
    initrd: Option<HashedFile>,
    krun: Option<KrunFiles>,
    warnings: &mut Vec<Warning>,
) -> anyhow::Result<KernelInput> {
    let boot_file =
        |path: &Option<PathBuf>, file: Option<HashedFile>, given: Option<Sha256Digest>| {
            let whole = file.map(|file| BootFile {
                path: path.clone(),
                size: Some(file.size),
                sha256: file.sha256,
            });
            whole.or(given.map(|sha256| BootFile { path: None, size: None, sha256 }))
        };
    let kind = kernel.map(|file| file.kind);
    if let Some(files) = krun {
        let (kernel, initrd) = files.boot_files(arguments);
        let cmdlines = cmdlines(arguments)?;
        return Ok(KernelInput { kernel, initrd, cmdlines, measured: false, krun: Some(files) });
    }
    let kernel = boot_file(&arguments.kernel, kernel, arguments.kernel_sha256);
    let initrd = boot_file(&arguments.initrd, initrd, arguments.initrd_sha256);
    let measured = kernel.is_some() && arguments.kernel_hashes == Switch::On;
    if measured {
        KernelSurroundings {
            qemu: arguments.host.vmm_version.and_then(|fact| fact.version?.exact()),
            machine: arguments.host.machine.as_deref(),
            shim: arguments.shim.is_some(),
            dtb: arguments.dtb.is_some(),
        }
        .check()?;
        warnings.extend(kind.and_then(KernelKind::warning));
    } else if kernel.is_some() {
        warnings.push(Warning::KernelNotMeasured);
    }
    let cmdlines = cmdlines(arguments)?;
    if measured {
        let given = cmdlines.iter().filter_map(|cmdline| cmdline.bytes.as_deref());
        warnings.extend(given.flat_map(cmdline_warnings));
    }
    Ok(KernelInput { kernel, initrd, cmdlines, measured, krun: None })
}

fn cmdlines(arguments: &Guest) -> anyhow::Result<Vec<Cmdline>> {
    if let Some(sha256) = arguments.cmdline_sha256 {
        return Ok(vec![Cmdline { bytes: None, sha256 }]);
    }
    let texts = match (&arguments.cmdline_file, &arguments.cmdline_hex) {
        (Some(path), _) => vec![inputs::read_small(path)?],
        (None, Some(HexBytes(bytes))) => vec![bytes.clone()],
        (None, None) if arguments.cmdline.is_empty() => vec![Vec::new()],
        (None, None) => arguments.cmdline.iter().map(|text| text.as_bytes().to_vec()).collect(),
    };
    let hash = |bytes: Vec<u8>| {
        let sha256 = KernelHashes::of_cmdline(&bytes)?;
        Ok(Cmdline { bytes: Some(bytes), sha256 })
    };
    texts.into_iter().map(hash).collect()
}
