//! The document of `--format json`: every digest with what it was computed from and what was assumed.
//!
//! Its schema is `docs/schemas/digest.schema.json`.

use std::path::Path;

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_digest::Warning;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::igvm::Loaded;
use sev_launch_digest::vcpus::VcpuCount;

use sev_launch_sweep::boot::BootFile;
use sev_launch_sweep::coverage::{not_covered, warnings};
use sev_launch_sweep::firmware::FirmwareInput;
use sev_launch_sweep::igvm::IgvmInput;
use sev_launch_sweep::inputs::CapturedPage;
use sev_launch_sweep::{Inputs as Asked, Row, TraceStep};

#[derive(Serialize)]
pub(super) struct Document {
    version: u32,
    technology: Technology,
    mode: &'static str,
    inputs: Inputs,
    digests: Vec<Answer>,
    assumptions: Vec<String>,
    notes: Vec<String>,
    warnings: Vec<String>,
    not_covered: Vec<&'static str>,
}

#[derive(Serialize)]
struct Inputs {
    firmwares: Vec<FileInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snp_firmware_digest: Option<String>,
    kernels: Vec<FileInput>,
    initrds: Vec<FileInput>,
    cmdlines: Vec<CmdlineInput>,
    svsm: Option<FileInput>,
    /// Bytes of the variable store between SVSM and firmware.
    #[serde(skip_serializing_if = "Option::is_none")]
    vars_size: Option<u64>,
    /// The captured page of the first vCPU, in place of the profile's.
    #[serde(skip_serializing_if = "Option::is_none")]
    vmsa_bsp: Option<FileInput>,
    /// The captured page of further vCPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    vmsa_ap: Option<FileInput>,
    /// Where libkrun's bundle puts the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_gpa: Option<String>,
}

#[derive(Serialize)]
struct FileInput {
    path: Option<String>,
    size: Option<u64>,
    sha256: String,
    /// What is inside of a unified kernel image.
    #[serde(skip_serializing_if = "Option::is_none")]
    uki: Option<UkiContents>,
    /// What is inside of an IGVM file.
    #[serde(skip_serializing_if = "Option::is_none")]
    igvm: Option<IgvmContents>,
}

/// What an IGVM file has for its guests, of which a report shows what no digest does.
#[derive(Serialize)]
struct IgvmContents {
    /// The platform of the file from which the guests start.
    platform: &'static str,
    /// The policy that stands in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// The digest that its ID block is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_block_digest: Option<String>,
}

#[derive(Serialize)]
struct UkiContents {
    kernel_size: usize,
    kernel_sha256: String,
    initrd_size: Option<usize>,
    initrd_sha256: Option<String>,
    cmdline: Option<String>,
    uname: Option<String>,
    name: Option<String>,
}

#[derive(Serialize)]
struct CmdlineInput {
    /// The text, where the bytes are known and are text.
    text: Option<String>,
    /// Bytes, the NUL that is hashed after them left out.
    size: Option<usize>,
    /// Of the bytes and one NUL.
    sha256: String,
}

#[derive(Serialize)]
struct Answer {
    digest: String,
    algorithm: &'static str,
    profile: Option<&'static str>,
    profile_confidence: Option<&'static str>,
    vcpus: Option<u32>,
    /// How many of them start with the first one's registers; not there if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    late_vcpus: Option<u32>,
    signature: Option<String>,
    sev_features: Option<String>,
    firmware: usize,
    kernel_hashes: bool,
    kernel: Option<usize>,
    initrd: Option<usize>,
    cmdline: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trace: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    update: String,
    digest: String,
}

impl Document {
    /// Of these rows.
    pub(super) fn new(asked: &Asked, rows: &[Row], list: &[Warning]) -> anyhow::Result<Self> {
        Ok(Self {
            version: 2,
            technology: asked.mode.technology(),
            mode: asked.mode.name(),
            inputs: Inputs::new(asked)?,
            digests: rows.iter().map(Answer::new).collect(),
            assumptions: asked.assumptions.clone(),
            notes: asked.notes.clone(),
            warnings: warnings(list),
            not_covered: not_covered(asked),
        })
    }
}

impl Inputs {
    fn new(asked: &Asked) -> anyhow::Result<Self> {
        let (captured, svsm) = (asked.captured.as_ref(), asked.svsm.as_ref());
        let snp = asked.mode.technology() == Technology::Snp;
        let krun = asked.boot.krun.as_ref().filter(|_| snp);
        let given = |firmware: &FirmwareInput| {
            let digest = firmware.absorbed.snp_digest().ok().filter(|_| firmware.given_digest);
            digest.map(|digest| digest.to_string())
        };
        let cmdlines = asked.boot.cmdlines.iter().map(|cmdline| CmdlineInput {
            text: cmdline.text(),
            size: cmdline.bytes.as_ref().map(Vec::len),
            sha256: cmdline.sha256.to_string(),
        });
        let firmwares = asked.firmwares.iter().map(FileInput::firmware);
        // A guest is started from one of either.
        let firmwares = firmwares.chain(asked.igvms.iter().map(|igvm| Ok(FileInput::igvm(igvm))));
        Ok(Self {
            firmwares: firmwares.collect::<anyhow::Result<_>>()?,
            snp_firmware_digest: asked.firmwares.first().and_then(given),
            kernels: asked.boot.kernels.iter().map(FileInput::boot).collect(),
            initrds: asked.boot.initrds.iter().map(FileInput::boot).collect(),
            cmdlines: if asked.boot.kernels.is_empty() { Vec::new() } else { cmdlines.collect() },
            svsm: svsm.map(|svsm| FileInput::new(&svsm.path, svsm.size, svsm.sha256)),
            vars_size: svsm.map(|svsm| svsm.vars_size),
            vmsa_bsp: captured.map(|captured| FileInput::page(&captured.bsp)),
            vmsa_ap: captured.and_then(|captured| captured.ap.as_ref()).map(FileInput::page),
            kernel_gpa: krun.map(|files| files.kernel_gpa.to_string()),
        })
    }
}

impl FileInput {
    fn new(path: &Path, size: u64, sha256: Sha256Digest) -> Self {
        let path = Some(path.display().to_string());
        Self { path, size: Some(size), sha256: sha256.to_string(), uki: None, igvm: None }
    }

    fn firmware(firmware: &FirmwareInput) -> anyhow::Result<Self> {
        let absorbed = &firmware.absorbed;
        Ok(Self::new(&firmware.path, absorbed.size(), absorbed.sha256()?))
    }

    fn igvm(igvm: &IgvmInput) -> Self {
        let loaded = igvm.loaded.first();
        let block = loaded.and_then(Loaded::id_block);
        let contents = IgvmContents {
            platform: loaded.map_or("", |loaded| loaded.platform().kind.name()),
            policy: loaded.and_then(Loaded::policy).map(|word| format!("{word:#x}")),
            id_block_digest: block.map(|(block, _)| block.launch_digest.to_string()),
        };
        Self { igvm: Some(contents), ..Self::new(&igvm.path, igvm.size, igvm.sha256) }
    }

    fn boot(file: &BootFile) -> Self {
        Self {
            path: file.path.as_ref().map(|path| path.display().to_string()),
            size: file.size,
            sha256: file.sha256.to_string(),
            igvm: None,
            uki: file.uki.as_ref().map(|uki| UkiContents {
                kernel_size: uki.linux.size,
                kernel_sha256: uki.linux.sha256.to_string(),
                initrd_size: uki.initrd.map(|initrd| initrd.size),
                initrd_sha256: uki.initrd.map(|initrd| initrd.sha256.to_string()),
                cmdline: uki.cmdline.clone(),
                uname: uki.uname.clone(),
                name: uki.name.clone(),
            }),
        }
    }

    fn page(captured: &CapturedPage) -> Self {
        Self::new(&captured.path, 4096, captured.sha256())
    }
}

impl Answer {
    fn new(row: &Row) -> Self {
        let step = |TraceStep { update, digest }: &TraceStep| Step {
            update: update.clone(),
            digest: digest.to_string(),
        };
        Self {
            digest: row.digest.to_string(),
            algorithm: row.digest.algorithm(),
            profile: row.profile.map(|profile| profile.name),
            profile_confidence: row.profile.map(|profile| profile.confidence.name()),
            vcpus: row.vcpus.map(VcpuCount::number),
            late_vcpus: row.vcpus.map(VcpuCount::late).filter(|late| *late > 0),
            signature: row.signature.map(|signature| signature.to_string()),
            sev_features: row.sev_features.map(|features| features.to_string()),
            firmware: row.firmware,
            kernel_hashes: row.boot.is_some(),
            kernel: row.boot.map(|boot| boot.kernel),
            initrd: row.boot.and_then(|boot| boot.initrd),
            cmdline: row.boot.map(|boot| boot.cmdline),
            trace: row.trace.iter().map(step).collect(),
        }
    }
}
