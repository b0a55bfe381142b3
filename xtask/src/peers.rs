//! The tools that are compared, in what they print and in what time: how each is installed, and how a guest is put to it.
//!
//! Versions are pinned here and in xtask/peers/Cargo.lock; what is installed is kept under target/reference. Each is one process for one
//! guest. What a tool can prepare (sevctl's VMSA pages) is made beforehand.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::call::{Call, root, target};

/// The releases of sev-snp-measure that are compared; the last is timed.
pub(crate) const SEV_SNP_MEASURE: [&str; 3] = ["0.0.9", "0.0.11", "0.0.13"];
const SEV_CRATE: &str = "8.0.0";
const SEVCTL: &str = "0.6.2";
const SNPGUEST: &str = "0.11.0";

/// What sevctl needs for its MAC, always the same: the bytes of a TIK, and of a nonce.
pub(crate) const SIXTEEN_BYTES: &[u8; 16] = b"aaaaaaaaaaaaaaaa";
/// The version of a platform, as sevctl and our command have it in flags.
pub(crate) const PLATFORM: &str = "--api-major 1 --api-minor 55 --build-id 24";
/// Our flags for what sevctl calls otherwise.
const SEVCTL_FLAGS: [(&str, &str); 5] = [
    ("--ovmf", "--firmware"),
    ("--kernel", "--kernel"),
    ("--initrd", "--initrd"),
    ("--append", "--cmdline"),
    ("--vcpus", "--num-cpus"),
];
/// What sevctl has in place of a CPU model's name.
const SEVCTL_MODELS: [(&str, &str); 5] = [
    ("EPYC-v4", "--family 23 --model 1 --stepping 2"),
    ("EPYC-Rome", "--family 23 --model 49 --stepping 0"),
    ("EPYC-Milan", "--family 25 --model 1 --stepping 1"),
    ("EPYC-Genoa", "--family 25 --model 17 --stepping 0"),
    ("EPYC-Turin", "--family 26 --model 0 --stepping 0"),
];

/// Where tools are installed.
pub(crate) fn folder() -> PathBuf {
    target().join("reference")
}

/// A guest, in the flags of sev-snp-measure, which most tools here share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guest {
    pub(crate) flags: Vec<(String, String)>,
    /// The launch profile that our command is asked for, where its default is not meant.
    pub(crate) profile: Option<String>,
}

impl Guest {
    /// The value given for a flag.
    pub(crate) fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(flag, _)| flag == name).map(|(_, value)| value.as_str())
    }

    fn words(&self, without: &str) -> impl Iterator<Item = &String> {
        let wanted = self.flags.iter().filter(move |(flag, _)| flag != without);
        wanted.flat_map(|(flag, value)| [flag, value])
    }
}

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
    /// Its program, and what is set in its environment.
    pub(crate) call: Call,
}

impl Tool {
    /// Our own command: this program, or one that is built from this tree.
    pub(crate) fn ours(program: Option<&Path>) -> Result<Self> {
        let program = match program {
            Some(program) => std::path::absolute(program)?,
            None => {
                Call::cargo("build --release --quiet --package sev-launch").run()?;
                target().join("release/sev-launch")
            }
        };
        Ok(Self::new("sev-launch", env!("CARGO_PKG_VERSION"), Kind::Ours, program))
    }

    /// sev-snp-measure in a virtual environment of its own.
    pub(crate) fn sev_snp_measure(version: &str) -> Result<Self> {
        let venv = folder().join(format!("sev-snp-measure-{version}"));
        let program = venv.join("bin/sev-snp-measure");
        if !program.is_file() {
            let make = Call::new("python3", "-m venv --clear").arg(&venv).text();
            make.context("python3 with venv is needed (Debian: apt-get install python3-venv)")?;
            let package = format!("install --quiet sev-snp-measure=={version}");
            Call::new(venv.join("bin/pip"), &package).text()?;
        }
        Ok(Self::new("sev-snp-measure", version, Kind::SevSnpMeasure, program))
    }

    /// The `sev` crate, in the harness of xtask/peers.
    pub(crate) fn sev_crate() -> Result<Self> {
        let program = harness("sev-launch-peers")?;
        Ok(Self::new("sev", SEV_CRATE, Kind::SevCrate, program))
    }

    /// sevctl, which takes minutes to build.
    pub(crate) fn sevctl() -> Result<Self> {
        Self::installed("sevctl", SEVCTL, Kind::Sevctl)
    }

    /// snpguest, which takes minutes to build.
    pub(crate) fn snpguest() -> Result<Self> {
        Self::installed("snpguest", SNPGUEST, Kind::Snpguest)
    }

    fn installed(name: &str, version: &str, kind: Kind) -> Result<Self> {
        let own = folder().join(name);
        let program = own.join("bin").join(name);
        if !program.is_file() {
            let install = format!("install {name} --locked --quiet --version {version} --root");
            let call = Call::cargo(&install).arg(&own).arg("--target-dir").arg(own.join("target"));
            call.run().context("OpenSSL's headers may be needed (apt-get install libssl-dev)")?;
        }
        Ok(Self::new(name, version, kind, program))
    }

    fn new(name: &str, version: &str, kind: Kind, program: PathBuf) -> Self {
        Self { name: format!("{name} {version}"), kind, call: Call::new(program, "") }
    }

    /// The run that prints a guest's digest; `None` if the tool has no such technology.
    ///
    /// sevctl prints a MAC over the digest. If it can make no VMSA, it is the run that says so.
    pub(crate) fn digest(&self, guest: &Guest) -> Result<Option<Call>> {
        let mode = guest.flag("--mode").context("a guest without a mode")?;
        let call = self.call.clone();
        Ok(match self.kind {
            Kind::Ours => Some(self.command("digest", guest)),
            Kind::SevSnpMeasure | Kind::SevCrate => Some(call.args(guest.words(""))),
            Kind::Snpguest if mode == "snp" => {
                Some(call.words("generate measurement").args(guest.words("--mode")))
            }
            // With no vCPUs it counts down from zero, and takes memory until there is none left.
            Kind::Sevctl if guest.flag("--vcpus") == Some("0") => None,
            Kind::Sevctl if mode == "sev" || mode == "seves" => Some(self.mac(mode, guest)?),
            Kind::Sevctl | Kind::Snpguest => None,
        })
    }

    /// The run of a command of ours on a guest.
    pub(crate) fn command(&self, command: &str, guest: &Guest) -> Call {
        // A profile says which VMM is meant; naming both would be asking twice.
        let without = if guest.profile.is_some() { "--vmm-type" } else { "" };
        let call = self.call.clone().words(command).args(guest.words(without));
        call.args(guest.profile.iter().flat_map(|profile| ["--profile", profile]))
    }

    /// sevctl's run that prints the MAC over a digest that is known, in hex.
    pub(crate) fn mac_of_digest(&self, mode: &str, digest: &str) -> Result<Call> {
        let digest = STANDARD.encode(hex::decode(digest).map_err(anyhow::Error::msg)?);
        Ok(self.mac_of_nothing(mode).arg("--launch-digest").arg(digest))
    }

    fn mac(&self, mode: &str, guest: &Guest) -> Result<Call> {
        let mut call = self.mac_of_nothing(mode);
        for (flag, theirs) in SEVCTL_FLAGS {
            call = call.args(guest.flag(flag).into_iter().flat_map(|value| [theirs, value]));
        }
        if mode == "sev" {
            return Ok(call);
        }
        let firmware = guest.flag("--ovmf").context("a guest without firmware")?;
        let wanted = guest.flag("--vcpu-type").context("sevctl needs a CPU model")?;
        let model = SEVCTL_MODELS.iter().find(|(name, _)| *name == wanted);
        let (_, model) = model.with_context(|| format!("{wanted}: no numbers for sevctl"))?;
        for cpu in ["0", "1"] {
            let page = folder().join(format!("sevctl-vmsa{cpu}.bin"));
            let build = format!("vmsa build --userspace qemu --cpu {cpu} {model} --firmware");
            let build = self.call.clone().words(&build).arg(firmware).arg(&page);
            if !build.succeeds() {
                return Ok(build);
            }
            call = call.arg(format!("--vmsa-cpu{cpu}")).arg(page);
        }
        Ok(call)
    }

    fn mac_of_nothing(&self, mode: &str) -> Call {
        // The policy's bit 2 asks for SEV-ES, and sevctl holds the rest of the guest to it.
        let policy = if mode == "seves" { "5" } else { "1" };
        let key = STANDARD.encode(SIXTEEN_BYTES);
        let words =
            format!("measurement build {PLATFORM} --policy {policy} --tik {key} --nonce {key}");
        self.call.clone().words(&words)
    }
}

/// Builds a program of xtask/peers, a workspace of its own, and says where it is.
pub(crate) fn harness(program: &str) -> Result<PathBuf> {
    let folder = root().join("xtask/peers");
    let target = folder.join("target");
    let features = if program == "sev-launch-floor" { "--features floor" } else { "" };
    let build = format!("build --release --locked --quiet {features} --bin {program}");
    let call = Call::cargo(&build).arg("--manifest-path").arg(folder.join("Cargo.toml"));
    call.arg("--target-dir").arg(&target).run().context(
        "xtask/peers needs a C compiler and OpenSSL's headers (Debian: apt-get install libssl-dev pkg-config; \
         Fedora: dnf install openssl-devel pkgconf)",
    )?;
    Ok(target.join("release").join(program))
}
