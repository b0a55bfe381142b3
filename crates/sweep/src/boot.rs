//! The kernels with their initrds and command lines: hashed as they come, or, for libkrun, read whole.
//!
//! Part of [`Inputs`](crate::Inputs), which the crate's example reads.

use std::path::{Path, PathBuf};

use sev_launch_abi::{Gpa, Technology};
use sev_launch_description::description::{Blob, Cmdline as CmdlineKey, Description, Kernel};
use sev_launch_description::uki::Uki;
use sev_launch_digest::Warning;
use sev_launch_digest::hash::Backend;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::{
    FileHasher, HashedFile, Head, KernelHashes, KernelHead, KernelSurroundings, cmdline_warnings,
};
use sev_launch_digest::profile::{Version, VmmFact};

use crate::cores::{self, map_on_all_cores};
use crate::error::Error;
use crate::files::{Files, SMALL};
use crate::firmware::read_whole;

/// The largest unified kernel image: such an image is read whole, and real ones have under 200 MB.
const MOST_UKI: u64 = 1 << 30;

/// The most combinations of kernels, initrds and command lines, which bounds memory.
const MOST_COMBINATIONS: usize = 1_000_000;

/// What goes with a kernel, every value of every axis.
#[derive(Clone, Debug)]
pub struct BootInputs {
    /// Kernels.
    pub kernels: Vec<BootFile>,
    /// Initrds.
    pub initrds: Vec<BootFile>,
    /// Command lines. Never none: the empty one if none was given.
    pub cmdlines: Vec<Cmdline>,
    /// QEMU's kernel-hashes; never none.
    pub switches: Vec<bool>,
    /// libkrun's files, which it measures whole.
    pub krun: Option<KrunFiles>,
}

/// A kernel or initrd.
#[derive(Clone, Debug)]
pub struct BootFile {
    /// Its file; `None` if only the hash was given.
    pub path: Option<PathBuf>,
    /// The file's name, as it is printed.
    pub name: Option<String>,
    /// Its size in bytes, if it was read.
    pub size: Option<u64>,
    /// Its SHA-256.
    pub sha256: Sha256Digest,
    /// What its first bytes make it as a kernel, if they were read.
    pub head: Option<KernelHead>,
    /// What is inside of it, if it is a unified kernel image.
    pub uki: Option<Uki>,
}

/// A command line.
#[derive(Clone, Debug)]
pub struct Cmdline {
    /// Its bytes; `None` if only the hash was given.
    pub bytes: Option<Vec<u8>>,
    /// The SHA-256 of the bytes with one NUL after them.
    pub sha256: Sha256Digest,
    /// May its text be shown? See [`Files::may_show`].
    pub may_show: bool,
}

impl Cmdline {
    /// Its bytes, if they are known and may be shown.
    pub fn shown(&self) -> Option<&[u8]> {
        self.bytes.as_deref().filter(|_| self.may_show)
    }

    /// Its text, if the bytes are known, may be shown, and are text.
    pub fn text(&self) -> Option<String> {
        self.shown().and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
    }
}

/// libkrun's files.
#[derive(Clone, Debug)]
pub struct KrunFiles {
    /// Its firmware.
    pub qboot: Vec<u8>,
    /// The bundle's kernel.
    pub kernel: Vec<u8>,
    /// The bundle's initrd.
    pub initrd: Vec<u8>,
    /// Where the kernel is in guest memory.
    pub kernel_gpa: Gpa,
}

/// A measured combination: indices into the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Combination {
    /// The kernel's.
    pub kernel: usize,
    /// The initrd's.
    pub initrd: Option<usize>,
    /// The command line's.
    pub cmdline: usize,
}

impl BootFile {
    fn hashed(path: &Path, name: String, file: HashedFile) -> Self {
        let HashedFile { size, sha256, head, .. } = file;
        let given = Self::given(sha256);
        Self {
            path: Some(path.into()),
            name: Some(name),
            size: Some(size),
            head: Some(head),
            ..given
        }
    }

    fn given(sha256: Sha256Digest) -> Self {
        Self { path: None, name: None, size: None, sha256, head: None, uki: None }
    }

    fn of_bytes(path: &Path, name: String, bytes: &[u8]) -> Self {
        let (size, given) = (u64::try_from(bytes.len()).ok(), Self::given(Sha256Digest::of(bytes)));
        Self { path: Some(path.into()), name: Some(name), size, ..given }
    }

    /// A unified kernel image, read whole.
    fn read_uki(files: &dyn Files, path: &Path) -> Result<Self, Error> {
        let bytes = files.read(path, MOST_UKI).map_err(Error::File)?;
        let uki = Uki::parse(&bytes).map_err(Error::in_file(|| files.name(path)))?;
        let mut head = Head::new();
        head.update(&bytes);
        let head = Some(head.kernel());
        Ok(Self { uki: Some(uki), head, ..Self::of_bytes(path, files.name(path), &bytes) })
    }

    fn hash(
        files: &dyn Files,
        path: &Path,
        backend: &(impl Backend + Sync),
    ) -> Result<Self, Error> {
        let mut hasher = FileHasher::new();
        files.stream(path, &mut |chunk| hasher.update_with(backend, chunk)).map_err(Error::File)?;
        Ok(Self::hashed(path, files.name(path), hasher.finish()))
    }

    /// What it is called in an error.
    fn text(&self) -> String {
        self.name.clone().unwrap_or_else(|| "the kernel".into())
    }

    /// What is inside, in words.
    fn contents(&self) -> Option<String> {
        let (uki, name) = (self.uki.as_ref()?, self.name.as_ref()?);
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
        Some(format!("{name} holds {}: the kernel's hash covers them", parts.join(", ")))
    }
}

impl BootInputs {
    /// Reads and hashes every file, each once and at the same time; command lines too.
    pub(crate) fn read(
        description: &Description,
        krun: Option<KrunFiles>,
        files: &dyn Files,
        backend: &(impl Backend + Sync),
    ) -> Result<Self, Error> {
        let boot = &description.boot;
        let switches = boot.kernel_hashes.as_ref().map_or(vec![true], |field| field.value.clone());
        let cmdlines = cmdlines(description, files)?;
        if let Some(krun) = krun {
            let file = |path: Option<&PathBuf>, bytes: &[u8]| {
                let file = path.map(|path| BootFile::of_bytes(path, files.name(path), bytes));
                file.into_iter().collect()
            };
            let (kernel, initrd) = krun_paths(description);
            let (kernels, initrds) = (file(kernel, &krun.kernel), file(initrd, &krun.initrd));
            return Ok(Self {
                kernels,
                initrds,
                cmdlines,
                switches: vec![false],
                krun: Some(krun),
            });
        }
        let kernels: Vec<&Kernel> = boot.kernels.iter().flat_map(|field| &field.value).collect();
        let initrds: Vec<&Blob> = boot.initrds.iter().flat_map(|field| &field.value).collect();
        if kernels.is_empty() && initrds.is_empty() {
            let (kernels, initrds) = (Vec::new(), Vec::new());
            return Ok(Self { kernels, initrds, cmdlines, switches, krun: None });
        }
        // An initrd is the largest file as a rule: who starts with it ends first.
        let (initrds, kernels) = cores::join(
            || {
                map_on_all_cores(&initrds, |initrd| match initrd {
                    Blob::File(path) => BootFile::hash(files, path, backend),
                    Blob::Sha256(sha256) => Ok(BootFile::given(*sha256)),
                })
            },
            || {
                map_on_all_cores(&kernels, |kernel| match kernel {
                    Kernel::File(path) => BootFile::hash(files, path, backend),
                    Kernel::Uki(path) => BootFile::read_uki(files, path),
                    Kernel::Sha256(sha256) => Ok(BootFile::given(*sha256)),
                })
            },
        );
        Ok(Self { kernels: kernels?, initrds: initrds?, cmdlines, switches, krun: None })
    }

    /// Refuses what QEMU would not hash as it is, and says what is odd.
    pub(crate) fn check(
        &self,
        description: &Description,
        warnings: &mut Vec<Warning>,
        notes: &mut Vec<String>,
    ) -> Result<(), Error> {
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
            let qemu: Option<VmmFact> = host
                .vmm
                .as_ref()
                .map(|field| field.value.parse())
                .transpose()
                .map_err(sev_launch_digest::Error::from)?;
            let exact = |fact: VmmFact| -> Option<Version> { fact.version?.exact() };
            KernelSurroundings {
                qemu: qemu.and_then(exact),
                machine: host.machine.as_ref().map(|field| field.value.as_str()),
                shim: description.boot.shim.is_some(),
                dtb: description.boot.dtb.is_some(),
            }
            .check()
            .map_err(sev_launch_digest::Error::from)?;
            for kernel in &self.kernels {
                if let (Some(head), Some(size)) = (kernel.head, kernel.size) {
                    let found = head.check(size, !self.initrds.is_empty());
                    let found = found.map_err(sev_launch_digest::Error::from);
                    let found = found.map_err(Error::in_file(|| kernel.text()))?;
                    // That a unified image is no bzImage is no surprise.
                    let told = |one: &Warning| kernel.uki.is_none() || *one != Warning::KernelKind;
                    warnings.extend(found.into_iter().filter(told));
                }
            }
            let given = self.cmdlines.iter().filter_map(|cmdline| cmdline.bytes.as_deref());
            warnings.extend(given.flat_map(cmdline_warnings));
        }
        if self.switches.contains(&false) {
            warnings.push(Warning::KernelNotMeasured);
        }
        Ok(())
    }

    /// Every combination that the digests are asked for, kernels varying slowest. `None` stands for hashes that do not
    /// enter, which is one combination whatever is given.
    pub(crate) fn combinations(&self) -> Result<Vec<Option<Combination>>, Error> {
        let mut combinations = Vec::new();
        let initrds: Vec<Option<usize>> = match self.initrds.len() {
            0 => vec![None],
            count => (0..count).map(Some).collect(),
        };
        let lists = [self.kernels.len(), initrds.len(), self.cmdlines.len()];
        let count = lists.into_iter().try_fold(1_usize, usize::checked_mul);
        if self.is_measured() && count.is_none_or(|count| count > MOST_COMBINATIONS) {
            let of = "of kernel, initrd and command line";
            return Err(Error::Combinations { of, most: MOST_COMBINATIONS });
        }
        for kernel in (0..self.kernels.len()).filter(|_| self.is_measured()) {
            for initrd in &initrds {
                for cmdline in 0..self.cmdlines.len() {
                    combinations.push(Some(Combination { kernel, initrd: *initrd, cmdline }));
                }
            }
        }
        if !self.is_measured() || self.switches.contains(&false) {
            combinations.push(None);
        }
        Ok(combinations)
    }

    /// The hashes of a combination; `None` if an index is none of these inputs.
    pub fn hashes(&self, combination: Combination) -> Option<KernelHashes> {
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
    #[must_use]
    pub fn is_measured(&self) -> bool {
        !self.kernels.is_empty() && self.switches.contains(&true)
    }

    /// Is a kernel given that some digest does not hold?
    #[must_use]
    pub fn has_unmeasured(&self) -> bool {
        !self.kernels.is_empty() && self.switches.contains(&false) && self.krun.is_none()
    }

    pub(crate) fn assume(&self, assumptions: &mut Vec<String>) {
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

/// The only kernel and initrd of a libkrun guest, if they are files.
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

impl KrunFiles {
    /// Reads what libkrun measures whole.
    pub(crate) fn read(
        description: &Description,
        qboot: Option<&PathBuf>,
        technology: Technology,
        files: &dyn Files,
    ) -> Result<Self, Error> {
        let (kernel, initrd) = krun_paths(description);
        let (Some(qboot), Some(kernel), Some(initrd)) = (qboot, kernel, initrd) else {
            return Err(Error::KrunFiles);
        };
        let kernel_gpa = match (&description.boot.kernel_gpa, technology) {
            (Some(gpa), _) => Gpa(gpa.value),
            (None, Technology::Snp) => return Err(Error::KrunKernelGpa),
            (None, Technology::Sev | Technology::SevEs) => Gpa(0),
        };
        let read = |path: &PathBuf| read_whole(files, path);
        Ok(Self { qboot: read(qboot)?, kernel: read(kernel)?, initrd: read(initrd)?, kernel_gpa })
    }
}

fn cmdlines(description: &Description, files: &dyn Files) -> Result<Vec<Cmdline>, Error> {
    let hash = |bytes: Vec<u8>, may_show| {
        let sha256 = KernelHashes::of_cmdline(&bytes).map_err(sev_launch_digest::Error::from)?;
        Ok(Cmdline { bytes: Some(bytes), sha256, may_show })
    };
    let Some(field) = &description.boot.cmdlines else {
        return Ok(vec![hash(Vec::new(), true)?]);
    };
    let read = field.value.iter().map(|cmdline| match cmdline {
        CmdlineKey::Bytes(bytes) => hash(bytes.clone(), true),
        CmdlineKey::File(path) => {
            hash(files.read(path, SMALL).map_err(Error::File)?, files.may_show(path))
        }
        CmdlineKey::Sha256(sha256) => Ok(Cmdline { bytes: None, sha256: *sha256, may_show: true }),
    });
    read.collect()
}
