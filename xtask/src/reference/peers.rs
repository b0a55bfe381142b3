//! The tools that are compared: how each is installed, asked, and understood.
//!
//! Versions are pinned here and in xtask/peers/Cargo.lock. A tool is one process per guest, asked once
//! for the same arguments however many cases they stand in; if it fails, its message is the answer.
//! sevctl prints no digest, only a MAC over one, so it is asked twice: with the guest's parts, and with
//! our digest. Equal MACs mean equal digests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::cases::{Case, Value};
use super::inputs::Inputs;

pub(crate) const SEV_SNP_MEASURE: [&str; 3] = ["0.0.9", "0.0.11", "0.0.13"];
const SEV_CRATE: &str = "8.0.0";
const SEVCTL: &str = "0.6.2";

/// What sevctl needs for its MAC, the same both times: a TIK, and a nonce, in base64.
pub(crate) const SIXTEEN_BYTES: &str = "YWFhYWFhYWFhYWFhYWFhYQ==";
/// The same bytes as they are.
pub(super) const SIXTEEN_BYTES_RAW: &[u8; 16] = b"aaaaaaaaaaaaaaaa";

/// What a tool said.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Digest(String),
    /// It refused; the text is the first line of its message.
    Error(String),
    /// Our command ended in a way that it never should.
    Crash(String),
}

enum Kind {
    SevSnpMeasure,
    SevCrate,
    Sevctl,
}

pub(crate) struct Peer {
    pub(crate) name: String,
    kind: Kind,
    program: PathBuf,
    answers: BTreeMap<Vec<String>, Outcome>,
}

impl Peer {
    /// sev-snp-measure in a virtual environment of its own.
    pub(crate) fn sev_snp_measure(folder: &Path, version: &str) -> Result<Self> {
        let venv = folder.join(format!("sev-snp-measure-{version}"));
        let program = venv.join("bin/sev-snp-measure");
        if !program.is_file() {
            checked(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))
                .context("python3 with venv is needed (Debian: apt-get install python3-venv)")?;
            let package = format!("sev-snp-measure=={version}");
            let pip = venv.join("bin/pip");
            checked(Command::new(pip).args(["install", "--quiet", &package]))?;
        }
        Ok(Self::new(format!("sev-snp-measure {version}"), Kind::SevSnpMeasure, program))
    }

    /// The `sev` crate, in the harness of xtask/peers.
    pub(crate) fn sev_crate(root: &Path) -> Result<Self> {
        let folder = root.join("xtask/peers");
        let target = folder.join("target");
        cargo(&["build", "--release", "--locked", "--quiet", "--manifest-path"], |command| {
            command.arg(folder.join("Cargo.toml")).arg("--target-dir").arg(&target)
        })
        .context(
            "xtask/peers needs OpenSSL's headers (Debian: apt-get install libssl-dev pkg-config; \
             Fedora: dnf install openssl-devel pkgconf)",
        )?;
        let program = target.join("release/sev-launch-peers");
        Ok(Self::new(format!("sev {SEV_CRATE}"), Kind::SevCrate, program))
    }

    /// sevctl, which takes minutes to build.
    pub(crate) fn sevctl(folder: &Path) -> Result<Self> {
        let own = folder.join("sevctl");
        let program = own.join("bin/sevctl");
        if !program.is_file() {
            cargo(&["install", "sevctl", "--locked", "--quiet", "--version", SEVCTL], |command| {
                command.arg("--root").arg(&own).arg("--target-dir").arg(own.join("target"))
            })
            .context("sevctl needs OpenSSL's headers (Debian: apt-get install libssl-dev)")?;
        }
        Ok(Self::new(format!("sevctl {SEVCTL}"), Kind::Sevctl, program))
    }

    fn new(name: String, kind: Kind, program: PathBuf) -> Self {
        Self { name, kind, program, answers: BTreeMap::new() }
    }

    /// The program itself.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// What this tool says about the guest; nothing where it has no such technology at all.
    pub(crate) fn ask(
        &mut self,
        case: &Case,
        inputs: &Inputs,
        ours: &Outcome,
    ) -> Result<Option<Outcome>> {
        let arguments = arguments(case, inputs, |_| true)?;
        if matches!(self.kind, Kind::Sevctl) {
            return self.ask_sevctl(case, inputs, ours);
        }
        if let Some(known) = self.answers.get(&arguments) {
            return Ok(Some(known.clone()));
        }
        let answer = match run(Command::new(&self.program).args(&arguments), inputs)? {
            (Some(0), stdout, _) => match hex_line(&stdout) {
                Some(digest) => Outcome::Digest(digest),
                None => Outcome::Error(format!("printed {stdout:?}")),
            },
            (_, _, message) => Outcome::Error(message),
        };
        self.answers.insert(arguments, answer.clone());
        Ok(Some(answer))
    }

    /// Does it print launch measurements in place of digests?
    pub(super) const fn is_sevctl(&self) -> bool {
        matches!(self.kind, Kind::Sevctl)
    }

    /// sevctl's launch measurement of a SEV-ES guest, by its own VMSAs, which it has written before.
    pub(super) fn measurement(&self, case: &Case, inputs: &Inputs) -> Result<String> {
        let Ok(parts) = self.parts(case, inputs)? else {
            bail!("{}: sevctl makes no VMSA of it", case.id)
        };
        match self.mac("5", &parts, inputs)? {
            (Some(0), mac, _) => Ok(mac),
            (_, _, message) => bail!("{}: {message}", case.id),
        }
    }

    fn ask_sevctl(&self, case: &Case, inputs: &Inputs, ours: &Outcome) -> Result<Option<Outcome>> {
        let Some(Value::Text(mode)) = case.flag("--mode") else { bail!("a case without a mode") };
        if !matches!(mode.as_str(), "sev" | "seves") {
            return Ok(None);
        }
        let parts = match self.parts(case, inputs)? {
            Ok(parts) => parts,
            Err(error) => return Ok(Some(error)),
        };
        // With no vCPUs sevctl counts down from zero, and takes memory until there is none left.
        if matches!(case.flag("--vcpus"), Some(Value::Text(vcpus)) if vcpus == "0") {
            return Ok(None);
        }
        // The policy's bit 2 asks for SEV-ES, and sevctl holds the rest of the guest to it.
        let policy = if mode == "seves" { "5" } else { "1" };
        let mac = match self.mac(policy, &parts, inputs)? {
            (Some(0), mac, _) => mac,
            (_, _, message) => return Ok(Some(Outcome::Error(message))),
        };
        if let Outcome::Digest(digest) = ours {
            let given = ["--launch-digest".to_owned(), base64(&bytes(digest)?)];
            if let (Some(0), same, _) = self.mac(policy, &given, inputs)?
                && same == mac
            {
                return Ok(Some(ours.clone()));
            }
        }
        Ok(Some(Outcome::Digest("(of which only the MAC is known)".into())))
    }

    /// The flags that describe a guest to sevctl; what it said where it could not make a VMSA.
    fn parts(&self, case: &Case, inputs: &Inputs) -> Result<Result<Vec<String>, Outcome>> {
        let mut parts = Vec::new();
        for (flag, theirs) in [
            ("--ovmf", "--firmware"),
            ("--kernel", "--kernel"),
            ("--initrd", "--initrd"),
            ("--append", "--cmdline"),
            ("--vcpus", "--num-cpus"),
        ] {
            if let Some(value) = case.flag(flag) {
                parts.extend([theirs.to_owned(), text(value, inputs)?]);
            }
        }
        if matches!(case.flag("--mode"), Some(Value::Text(mode)) if mode == "seves") {
            for (cpu, flag) in [("0", "--vmsa-cpu0"), ("1", "--vmsa-cpu1")] {
                let page = inputs.folder.join(format!("sevctl-vmsa{cpu}.bin"));
                if let Some(error) = self.make_vmsa(case, inputs, cpu, &page)? {
                    return Ok(Err(error));
                }
                parts.extend([flag.to_owned(), page.to_string_lossy().into_owned()]);
            }
        }
        Ok(Ok(parts))
    }

    /// Has sevctl write the VMSA page of a CPU; its message if it does not.
    fn make_vmsa(
        &self,
        case: &Case,
        inputs: &Inputs,
        cpu: &str,
        page: &Path,
    ) -> Result<Option<Outcome>> {
        let Some(Value::Text(model)) = case.flag("--vcpu-type") else {
            bail!("{}: sevctl needs a CPU model", case.id)
        };
        let [family, model, stepping] = match model.as_str() {
            "EPYC-v4" => ["23", "1", "2"],
            "EPYC-Rome" => ["23", "49", "0"],
            "EPYC-Milan" => ["25", "1", "1"],
            "EPYC-Genoa" => ["25", "17", "0"],
            "EPYC-Turin" => ["26", "0", "0"],
            other => bail!("{other}: family, model and stepping are not in this table"),
        };
        let firmware = case.flag("--ovmf").context("a case without firmware")?;
        let mut command = Command::new(&self.program);
        command.args(["vmsa", "build", "--userspace", "qemu", "--cpu", cpu, "--family", family]);
        command.args(["--model", model, "--stepping", stepping, "--firmware"]);
        command.arg(text(firmware, inputs)?).arg(page);
        let (code, _, message) = run(&mut command, inputs)?;
        Ok((code != Some(0)).then_some(Outcome::Error(message)))
    }

    fn mac(
        &self,
        policy: &str,
        parts: &[String],
        inputs: &Inputs,
    ) -> Result<(Option<i32>, String, String)> {
        let mut command = Command::new(&self.program);
        command.args(["measurement", "build", "--api-major", "1", "--api-minor", "55"]);
        command.args(["--build-id", "24", "--policy", policy]);
        command.args(["--tik", SIXTEEN_BYTES, "--nonce", SIXTEEN_BYTES]);
        run(command.args(parts), inputs)
    }
}

/// Our own command, built from this tree unless another is given.
pub(crate) struct Ours {
    program: PathBuf,
}

impl Ours {
    pub(crate) fn build(root: &Path, target: &Path) -> Result<Self> {
        cargo(
            &["build", "--release", "--quiet", "-p", "sev-launch", "--manifest-path"],
            |command| command.arg(root.join("Cargo.toml")).arg("--target-dir").arg(target),
        )?;
        Ok(Self::at(target.join("release/sev-launch")))
    }

    pub(crate) fn at(program: PathBuf) -> Self {
        Self { program }
    }

    /// The program itself.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn ask(&self, case: &Case, inputs: &Inputs) -> Result<Outcome> {
        // A profile says which VMM is meant; naming both would be asking twice.
        let with_vmm = case.profile.is_none();
        let arguments = arguments(case, inputs, |flag| with_vmm || flag != "--vmm-type")?;
        let mut command = Command::new(&self.program);
        command.arg("digest").args(&arguments);
        if let Some(profile) = case.profile {
            command.args(["--profile", profile]);
        }
        let (code, stdout, message) = run(&mut command, inputs)?;
        Ok(match (code, hex_line(&stdout)) {
            (Some(0), Some(digest)) => Outcome::Digest(digest),
            (Some(2), None) if stdout.is_empty() => Outcome::Error(message),
            _ => Outcome::Crash(format!("exit {code:?}, printed {stdout:?}: {message}")),
        })
    }
}

/// Runs a program that must succeed, and gives what it printed.
pub(crate) fn checked(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| program.clone())?;
    if !output.status.success() {
        bail!("{program}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

pub(crate) fn cargo(
    arguments: &[&str],
    more: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    checked(more(Command::new(cargo).args(arguments)))
}

/// The flags of a case as text, as far as they are wanted.
pub(super) fn arguments(
    case: &Case,
    inputs: &Inputs,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let mut arguments = Vec::new();
    for (flag, value) in case.flags.iter().filter(|(flag, _)| wanted(flag)) {
        arguments.extend([(*flag).to_owned(), text(value, inputs)?]);
    }
    Ok(arguments)
}

fn text(value: &Value, inputs: &Inputs) -> Result<String> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Input(name) => {
            let path = inputs.path(name).with_context(|| format!("no input {name}"))?;
            let path = path.to_str().with_context(|| format!("{}: not UTF-8", path.display()))?;
            Ok(path.to_owned())
        }
    }
}

/// The exit code, what was printed without its line end, and the telling line of the message.
fn run(command: &mut Command, inputs: &Inputs) -> Result<(Option<i32>, String, String)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| program)?;
    let stdout = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    let message = telling_line(&String::from_utf8_lossy(&output.stderr));
    let folder = format!("{}/", inputs.folder.display());
    Ok((output.status.code(), stdout, message.replace(&folder, "")))
}

/// The first line; Python's tracebacks and usage messages come to the point in the last.
fn telling_line(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("no message");
    let line = if first.starts_with("Traceback") || first.starts_with("usage:") {
        lines.next_back().unwrap_or(first)
    } else if first.starts_with("thread '") {
        lines.next().unwrap_or(first)
    } else {
        first
    };
    line.into()
}

/// A digest as all these tools print it: one line of lower-case hex, 32 or 48 bytes.
fn hex_line(text: &str) -> Option<String> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (matches!(text.len(), 64 | 96) && text.bytes().all(hex)).then(|| text.to_owned())
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2).unwrap_or_default());
    pairs.map(|pair| Ok(u8::from_str_radix(pair, 16)?)).collect()
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = (at(0) << 16) | (at(1) << 8) | at(2);
        for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = usize::try_from((bits >> shift) & 63).ok().and_then(|at| ALPHABET.get(at));
            text.push(if index > group.len() {
                '='
            } else {
                digit.copied().map_or('=', char::from)
            });
        }
    }
    text
}

/// A case's id, and what each tool said about it.
pub(crate) type Answers = (String, Vec<(String, Option<Outcome>)>);

/// Keeps what was said, for a closer look: one JSON object per case.
pub(crate) fn keep(path: &Path, rows: &[Answers]) -> Result<()> {
    let mut cases = serde_json::Map::new();
    for (id, answers) in rows {
        let mut tools = serde_json::Map::new();
        for (tool, answer) in answers {
            let text = match answer {
                Some(Outcome::Digest(digest)) => digest.clone(),
                Some(Outcome::Error(message)) => format!("error: {message}"),
                Some(Outcome::Crash(message)) => format!("crash: {message}"),
                None => continue,
            };
            tools.insert(tool.clone(), text.into());
        }
        cases.insert(id.clone(), tools.into());
    }
    fs::write(path, serde_json::to_string_pretty(&cases)?)
        .with_context(|| format!("{}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_as_in_rfc_4648() {
        for (plain, wanted) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("", "")] {
            assert_eq!(base64(plain.as_bytes()), wanted);
        }
    }

    #[test]
    fn the_telling_line_of_a_traceback_is_its_last() {
        assert_eq!(
            telling_line("Traceback (most recent)\n  File x\nValueError: 4\n"),
            "ValueError: 4"
        );
        assert_eq!(telling_line("error: a\nadvice"), "error: a");
        assert_eq!(telling_line(""), "no message");
    }
}
