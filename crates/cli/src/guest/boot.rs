//! The kernels with their initrds and command lines: hashed as they come, or, for libkrun, read whole.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::Technology;
use sev_launch_description::description::{Blob, Cmdline as CmdlineKey, Description, Kernel};
use sev_launch_description::uki::Uki;
use sev_launch_digest::Warning;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::{
    HashedFile, KernelHashes, KernelKind, KernelSurroundings, cmdline_warnings,
};
use sev_launch_digest::profile::{Version, VmmFact};

use crate::inputs;
use crate::progress::Progress;

/// The largest unified kernel image: such an image is read whole, and real ones have under 200 MB.
const MOST_UKI: u64 = 1 << 30;

/// The most combinations of kernels, initrds and command lines, which bounds memory.
const MOST_COMBINATIONS: usize = 1_000_000;

/// What goes with a kernel, every value of every axis.
pub(crate) struct BootInputs {
    pub(crate) kernels: Vec<BootFile>,
    pub(crate) initrds: Vec<BootFile>,
    /// Never none: the empty one where none was given.
    pub(crate) cmdlines: Vec<Cmdline>,
    /// QEMU's kernel-hashes; never none.
    pub(crate) switches: Vec<bool>,
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
    /// What QEMU makes of it as a kernel, where its bytes were read.
    kind: Option<KernelKind>,
    /// What is inside of it, where it is a unified kernel image.
    pub(crate) uki: Option<Uki>,
}

/// A command line.
#[derive(Clone)]
pub(crate) struct Cmdline {
    /// Nothing where only the hash was given.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) sha256: Sha256Digest,
}

impl Cmdline {
    /// Its text, where the bytes are known and are text.
    pub(crate) fn text(&self) -> Option<String> {
        self.bytes.clone().and_then(|bytes| String::from_utf8(bytes).ok())
    }
}

/// libkrun's files.
pub(crate) struct KrunFiles {
    pub(crate) qboot: Vec<u8>,
    pub(crate) kernel: Vec<u8>,
    pub(crate) initrd: Vec<u8>,
    pub(crate) kernel_gpa: u64,
}

/// A measured combination: indices into the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Combination {
    pub(crate) kernel: usize,
    pub(crate) initrd: Option<usize>,
    pub(crate) cmdline: usize,
}

impl BootFile {
    fn hashed(path: PathBuf, file: HashedFile) -> Self {
        Self {
            path: Some(path),
            size: Some(file.size),
            sha256: file.sha256,
            kind: Some(file.kind),
            uki: None,
        }
    }

    fn given(sha256: Sha256Digest) -> Self {
        Self { path: None, size: None, sha256, kind: None, uki: None }
    }

    fn of_bytes(path: &Path, bytes: &[u8]) -> Self {
        Self {
            path: Some(path.to_path_buf()),
            size: u64::try_from(bytes.len()).ok(),
            sha256: Sha256Digest::of(bytes),
            kind: None,
            uki: None,
        }
    }

    /// A unified kernel image, read whole.
    fn read_uki(path: &Path) -> anyhow::Result<Self> {
        let bytes = inputs::read_file(path, MOST_UKI)?;
        let uki = Uki::parse(&bytes).with_context(|| inputs::name(path))?;
        Ok(Self { uki: Some(uki), ..Self::of_bytes(path, &bytes) })
    }

    /// What is inside, in words.
    fn contents(&self) -> Option<String> {
        let (uki, path) = (self.uki.as_ref()?, self.path.as_deref()?);
        let mut parts = vec![format!("a kernel of {} bytes", uki.linux.size)];
        parts.extend(uki.uname.as_ref().map(|uname| format!("release {uname:?}")));
        parts.extend(uki.name.as_ref().map(|name| format!("of {name:?}")));
        parts.push(match &uki.initrd {
            Some(initrd) => format!("an initrd of {} bytes", initrd.size),
            None => "no initrd".into(),
        });
        parts.push(match &uki.cmdline {
            Some(cmdline) => format!("the command line {cmdline:?}"),
            None => "no command line".into(),
        });
        Some(format!(
            "{} holds {}: the kernel's hash covers them",
            inputs::name(path),
            parts.join(", ")
        ))
    }
}

impl BootInputs {
    /// Reads and hashes every file, each once and at the same time; command lines too.
    pub(super) fn read(
        description: &Description,
        krun: Option<KrunFiles>,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        use rayon::prelude::*;
        let boot = &description.boot;
        let switches = boot.kernel_hashes.as_ref().map_or(vec![true], |field| field.value.clone());
        let cmdlines = cmdlines(description)?;
        if let Some(files) = krun {
            let file = |path: Option<&PathBuf>, bytes: &[u8]| {
                path.map(|path| BootFile::of_bytes(path, bytes)).into_iter().collect()
            };
            let (kernel, initrd) = krun_paths(description);
            let kernels = file(kernel, &files.kernel);
            let initrds = file(initrd, &files.initrd);
            return Ok(Self {
                kernels,
                initrds,
                cmdlines,
                switches: vec![false],
                krun: Some(files),
            });
        }
        let hash =
            |path: &PathBuf| Ok(BootFile::hashed(path.clone(), inputs::hash_file(path, progress)?));
        let kernels: Vec<&Kernel> = boot.kernels.iter().flat_map(|field| &field.value).collect();
        let initrds: Vec<&Blob> = boot.initrds.iter().flat_map(|field| &field.value).collect();
        if kernels.is_empty() && initrds.is_empty() {
            let (kernels, initrds) = (Vec::new(), Vec::new());
            return Ok(Self { kernels, initrds, cmdlines, switches, krun: None });
        }
        // An initrd is the largest file as a rule: who starts with it ends first.
        let (initrds, kernels) = rayon::join(
            || -> anyhow::Result<Vec<BootFile>> {
                let read = initrds.par_iter().map(|initrd| match initrd {
                    Blob::File(path) => hash(path),
                    Blob::Sha256(sha256) => Ok(BootFile::given(*sha256)),
                });
                read.collect()
            },
            || -> anyhow::Result<Vec<BootFile>> {
                let read = kernels.par_iter().map(|kernel| match kernel {
                    Kernel::File(path) => hash(path),
                    Kernel::Uki(path) => BootFile::read_uki(path),
                    Kernel::Sha256(sha256) => Ok(BootFile::given(*sha256)),
                });
                read.collect()
            },
        );
        Ok(Self { kernels: kernels?, initrds: initrds?, cmdlines, switches, krun: None })
    }

    /// Refuses what QEMU would not hash as it is, and says what is odd.
    pub(super) fn check(
        &self,
        description: &Description,
        warnings: &mut Vec<Warning>,
        notes: &mut Vec<String>,
    ) -> anyhow::Result<()> {
        notes.extend(self.kernels.iter().filter_map(BootFile::contents));
        let is_uki = self.kernels.iter().any(|kernel| kernel.uki.is_some());
        for (what, given) in [
            ("a command line", description.boot.cmdlines.is_some()),
            ("an initrd", description.boot.initrds.is_some()),
        ] {
            if is_uki && given {
                notes.push(format!(
                    "{what} is given beside a unified kernel image: it is measured, and whether the image takes it in \
                     place of its own is the image's affair"
                ));
            }
        }
        if self.krun.is_some() || self.kernels.is_empty() {
            return Ok(());
        }
        if self.switches.contains(&true) {
            let host = &description.host;
            let qemu: Option<VmmFact> =
                host.vmm.as_ref().map(|field| field.value.parse()).transpose()?;
            let exact = |fact: VmmFact| -> Option<Version> { fact.version?.exact() };
            KernelSurroundings {
                qemu: qemu.and_then(exact),
                machine: host.machine.as_ref().map(|field| field.value.as_str()),
                shim: description.boot.shim.is_some(),
                dtb: description.boot.dtb.is_some(),
            }
            .check()?;
            let kinds = self.kernels.iter().filter_map(|kernel| kernel.kind);
            warnings.extend(kinds.filter_map(KernelKind::warning));
            let given = self.cmdlines.iter().filter_map(|cmdline| cmdline.bytes.as_deref());
            warnings.extend(given.flat_map(cmdline_warnings));
        }
        if self.switches.contains(&false) {
            warnings.push(Warning::KernelNotMeasured);
        }
        Ok(())
    }

    /// Every combination that the digests are asked for, kernels varying slowest; nothing stands for hashes that do not
    /// enter, which is one combination whatever is given.
    pub(super) fn combinations(&self) -> anyhow::Result<Vec<Option<Combination>>> {
        let mut combinations = Vec::new();
        let initrds: Vec<Option<usize>> = match self.initrds.len() {
            0 => vec![None],
            count => (0..count).map(Some).collect(),
        };
        let measured = !self.kernels.is_empty() && self.switches.contains(&true);
        let lists = [self.kernels.len(), initrds.len(), self.cmdlines.len()];
        let count = lists.into_iter().try_fold(1_usize, usize::checked_mul);
        if measured && count.is_none_or(|count| count > MOST_COMBINATIONS) {
            bail!(
                "more than {MOST_COMBINATIONS} combinations of kernel, initrd and command line are described"
            );
        }
        for kernel in (0..self.kernels.len()).filter(|_| measured) {
            for initrd in &initrds {
                for cmdline in 0..self.cmdlines.len() {
                    combinations.push(Some(Combination { kernel, initrd: *initrd, cmdline }));
                }
            }
        }
        if !measured || self.switches.contains(&false) {
            combinations.push(None);
        }
        Ok(combinations)
    }

    /// The hashes of a combination.
    pub(crate) fn hashes(&self, combination: Combination) -> Option<KernelHashes> {
        let initrd = match combination.initrd {
            Some(index) => self.initrds.get(index)?.sha256,
            None => KernelHashes::no_initrd(),
        };
        Some(KernelHashes {
            kernel: self.kernels.get(combination.kernel)?.sha256,
            initrd,
            cmdline: self.cmdlines.get(combination.cmdline)?.sha256,
        })
    }

    /// Does a kernel enter some digest by its hash?
    pub(crate) fn is_measured(&self) -> bool {
        !self.kernels.is_empty() && self.switches.contains(&true)
    }

    /// Is a kernel given that some digest does not hold?
    pub(crate) fn has_unmeasured(&self) -> bool {
        !self.kernels.is_empty() && self.switches.contains(&false) && self.krun.is_none()
    }

    pub(super) fn assume(&self, assumptions: &mut Vec<String>) {
        if !self.is_measured() {
            return;
        }
        assumptions.push("QEMU's kernel-hashes is on".into());
        assumptions.push("the kernel's file reaches the guest as it is on disk".into());
        if self.initrds.is_empty() {
            assumptions.push("no initrd: measured as no bytes".into());
        }
        if self.cmdlines.iter().any(|cmdline| cmdline.bytes.as_deref() == Some(&[])) {
            assumptions.push("no command line: measured as one NUL".into());
        }
    }
}

/// The only kernel and initrd of a libkrun guest, where they are files.
fn krun_paths(description: &Description) -> (Option<&PathBuf>, Option<&PathBuf>) {
    let kernel = match description.boot.kernels.as_ref().map(|field| field.value.as_slice()) {
        Some([Kernel::File(path)]) => Some(path),
        _ => None,
    };
    let initrd = match description.boot.initrds.as_ref().map(|field| field.value.as_slice()) {
        Some([Blob::File(path)]) => Some(path),
        _ => None,
    };
    (kernel, initrd)
}

/// Reads what libkrun measures whole.
pub(super) fn read_krun(
    description: &Description,
    qboot: Option<&PathBuf>,
    technology: Technology,
) -> anyhow::Result<KrunFiles> {
    let (kernel, initrd) = krun_paths(description);
    let (Some(qboot), Some(kernel), Some(initrd)) = (qboot, kernel, initrd) else {
        bail!(
            "libkrun measures its qboot, kernel and initrd whole: give --firmware, --kernel and --initrd as files"
        );
    };
    let kernel_gpa = match (&description.boot.kernel_gpa, technology) {
        (Some(gpa), _) => gpa.value,
        (None, Technology::Snp) => bail!(
            "libkrun measures the kernel where its bundle puts it: give --kernel-gpa, the bundle's guest address"
        ),
        (None, _) => 0,
    };
    Ok(KrunFiles {
        qboot: inputs::read_firmware(qboot)?,
        kernel: inputs::read_firmware(kernel)?,
        initrd: inputs::read_firmware(initrd)?,
        kernel_gpa,
    })
}

fn cmdlines(description: &Description) -> anyhow::Result<Vec<Cmdline>> {
    let hash = |bytes: Vec<u8>| {
        let sha256 = KernelHashes::of_cmdline(&bytes)?;
        anyhow::Ok(Cmdline { bytes: Some(bytes), sha256 })
    };
    let Some(field) = &description.boot.cmdlines else {
        return Ok(vec![hash(Vec::new())?]);
    };
    let read = field.value.iter().map(|cmdline| match cmdline {
        CmdlineKey::Bytes(bytes) => hash(bytes.clone()),
        CmdlineKey::File(path) => hash(inputs::read_small(path)?),
        CmdlineKey::Sha256(sha256) => Ok(Cmdline { bytes: None, sha256: *sha256 }),
    });
    read.collect()
}
