//! The tools that are timed: how each is installed, and how a guest is put to it.
//!
//! Peers come by their package's name, pinned, and are built as their authors say; those of `cargo xtask reference` are shared
//! with it, under target/reference. Whatever a tool can prepare is not timed: sevctl's VMSA pages are made beforehand.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::inputs::Inputs;
use super::work::{CPU, Guest, Mode, SWEEP_CMDLINES, SWEEP_VCPUS, cmdline};
use crate::process::Invocation;
use crate::reference::peers::{self, Peer, SEV_SNP_MEASURE, SIXTEEN_BYTES};

const SNPGUEST: &str = "0.11.0";
/// Masks bit 29 of CPUID leaf 7's EBX, the SHA instructions, from OpenSSL and its descendants. See OPENSSL_ia32cap(3).
pub(crate) const MASK: (&str, &str) = ("OPENSSL_ia32cap", ":~0x20000000");
/// Tells our own programs the same.
const OURS_MASK: (&str, &str) = ("SEV_LAUNCH_WITHOUT_SHA", "1");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ours,
    SevSnpMeasure,
    SevCrate,
    Sevctl,
    Snpguest,
}

/// A tool, ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) base: Invocation,
}

/// Installs and builds everything; ours is first. What cannot be had is said in the second list.
pub(crate) fn install(
    root: &Path,
    target: &Path,
    ours: Option<&Path>,
    without_sha: bool,
) -> Result<(Vec<Tool>, Vec<String>)> {
    let reference = target.join("reference");
    let ours = match ours {
        Some(program) => program.to_path_buf(),
        None => peers::Ours::build(root, target)?.program().to_path_buf(),
    };
    let mut tools =
        vec![tool(concat!("sev-launch ", env!("CARGO_PKG_VERSION")), Kind::Ours, &ours)];
    let mut missing = Vec::new();
    let [.., newest] = SEV_SNP_MEASURE;
    let mut add = |kind, what: &str, peer: Result<Peer>| match peer {
        Ok(peer) => tools.push(tool(&peer.name, kind, peer.program())),
        Err(error) => missing.push(format!("{what} could not be had: {error:#}")),
    };
    add(Kind::SevSnpMeasure, "sev-snp-measure", Peer::sev_snp_measure(&reference, newest));
    add(Kind::SevCrate, "the sev crate", Peer::sev_crate(root));
    add(Kind::Sevctl, "sevctl", Peer::sevctl(&reference));
    match snpguest(&reference) {
        Ok(tool) => tools.push(tool),
        Err(error) => missing.push(format!("snpguest could not be had: {error:#}")),
    }
    if without_sha {
        for tool in &mut tools {
            let (name, value) = if tool.kind == Kind::Ours { OURS_MASK } else { MASK };
            tool.base.variables.push((name, value.into()));
        }
    }
    Ok((tools, missing))
}

fn tool(name: &str, kind: Kind, program: &Path) -> Tool {
    Tool { name: name.into(), kind, base: Invocation::new(program, [""; 0]) }
}

fn snpguest(folder: &Path) -> Result<Tool> {
    let own = folder.join("snpguest");
    let program = own.join("bin/snpguest");
    if !program.is_file() {
        let arguments = ["install", "snpguest", "--locked", "--quiet", "--version", SNPGUEST];
        peers::cargo(&arguments, |command| {
            command.arg("--root").arg(&own).arg("--target-dir").arg(own.join("target"))
        })?;
    }
    Ok(tool(&format!("snpguest {SNPGUEST}"), Kind::Snpguest, &program))
}

impl Tool {
    /// The run that computes a guest's digest; nothing where the tool has no such technology.
    pub(crate) fn digest(&self, inputs: &Inputs, guest: &Guest) -> Result<Option<Invocation>> {
        let arguments = match (self.kind, guest.mode) {
            (Kind::Ours, mode) => {
                let mut arguments = vec!["digest".to_owned()];
                arguments.extend(flags(inputs, guest)?);
                // What sev-snp-measure and the sev crate compute.
                if mode == Mode::SevEs {
                    arguments.extend(["--profile".into(), "es-init2".into()]);
                }
                arguments
            }
            (Kind::SevSnpMeasure | Kind::SevCrate, _) => flags(inputs, guest)?,
            (Kind::Sevctl, Mode::Sev | Mode::SevEs) => self.sevctl(inputs, guest)?,
            (Kind::Snpguest, Mode::Snp) => snpguest_arguments(inputs, guest)?,
            (Kind::Sevctl | Kind::Snpguest, _) => return Ok(None),
        };
        Ok(Some(self.with(arguments)))
    }

    /// The run of ours that computes all rows of the sweep.
    pub(crate) fn sweep(&self, inputs: &Inputs, mode: Mode) -> Result<Invocation> {
        let boot = Some((inputs.kernel.clone(), inputs.initrd.clone(), cmdline(0)));
        let one = self.digest(inputs, &Guest { mode, vcpus: 1, boot })?;
        let mut invocation = one.context("ours has every technology")?;
        let mut arguments = invocation.arguments.iter_mut();
        if arguments.any(|argument| argument == "--vcpus")
            && let Some(count) = arguments.next()
        {
            *count = format!("1..={SWEEP_VCPUS}");
        }
        for number in 1..SWEEP_CMDLINES {
            invocation.arguments.extend(["--append".into(), cmdline(number)]);
        }
        invocation.arguments.extend(["--format".into(), "csv".into()]);
        Ok(invocation)
    }

    /// Does it print a digest, and not a MAC of one?
    pub(crate) fn prints_digests(&self) -> bool {
        self.kind != Kind::Sevctl
    }

    /// The same program and variables, with these arguments.
    pub(crate) fn with(&self, arguments: Vec<String>) -> Invocation {
        Invocation { arguments, ..self.base.clone() }
    }

    fn sevctl(&self, inputs: &Inputs, guest: &Guest) -> Result<Vec<String>> {
        let policy = if guest.mode == Mode::SevEs { "5" } else { "1" };
        let mut arguments: Vec<String> = [
            "measurement",
            "build",
            "--api-major",
            "1",
            "--api-minor",
            "55",
            "--build-id",
            "24",
            "--policy",
            policy,
            "--tik",
            SIXTEEN_BYTES,
            "--nonce",
            SIXTEEN_BYTES,
            "--firmware",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(text(&inputs.firmware)?);
        if let Some((kernel, initrd, cmdline)) = &guest.boot {
            arguments.extend(["--kernel".into(), text(kernel)?, "--initrd".into(), text(initrd)?]);
            arguments.extend(["--cmdline".into(), cmdline.clone()]);
        }
        if guest.mode == Mode::SevEs {
            arguments.extend(["--num-cpus".into(), guest.vcpus.to_string()]);
            for cpu in ["0", "1"] {
                let page = inputs.folder.join(format!("sevctl-vmsa{cpu}.bin"));
                if !page.is_file() {
                    let build = format!(
                        "vmsa build --userspace qemu --cpu {cpu} --family 25 --model 1 --stepping 1 --firmware"
                    );
                    let mut build: Vec<String> = build.split(' ').map(str::to_owned).collect();
                    build.extend([text(&inputs.firmware)?, text(&page)?]);
                    self.with(build).time().context("sevctl vmsa build")?;
                }
                arguments.extend([format!("--vmsa-cpu{cpu}"), text(&page)?]);
            }
        }
        Ok(arguments)
    }
}

/// The flags of sev-snp-measure, which the harness of the sev crate and ours have too.
fn flags(inputs: &Inputs, guest: &Guest) -> Result<Vec<String>> {
    let mut flags: Vec<String> = vec!["--mode".into(), guest.mode.flag().into()];
    flags.extend(["--ovmf".into(), text(&inputs.firmware)?]);
    if guest.mode != Mode::Sev {
        flags.extend(["--vcpus".into(), guest.vcpus.to_string()]);
        flags.extend(["--vcpu-type".into(), CPU.into()]);
    }
    if guest.mode == Mode::Snp {
        flags.extend(["--guest-features".into(), "0x1".into()]);
    }
    flags.extend(boot_flags(guest)?);
    Ok(flags)
}

fn snpguest_arguments(inputs: &Inputs, guest: &Guest) -> Result<Vec<String>> {
    let mut arguments: Vec<String> =
        ["generate", "measurement", "--guest-features", "0x1"].map(str::to_owned).to_vec();
    arguments.extend(["--vcpus".into(), guest.vcpus.to_string()]);
    arguments.extend(["--vcpu-type".into(), CPU.into()]);
    arguments.extend(["--ovmf".into(), text(&inputs.firmware)?]);
    arguments.extend(boot_flags(guest)?);
    Ok(arguments)
}

fn boot_flags(guest: &Guest) -> Result<Vec<String>> {
    let Some((kernel, initrd, cmdline)) = &guest.boot else { return Ok(Vec::new()) };
    Ok(vec![
        "--kernel".into(),
        text(kernel)?,
        "--initrd".into(),
        text(initrd)?,
        "--append".into(),
        cmdline.clone(),
    ])
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> Result<String> {
    Ok(path.to_str().with_context(|| format!("{}: not UTF-8", path.display()))?.to_owned())
}
