//! The tool's flags, as typed. [sev-snp-measure, cli.py]

use std::path::PathBuf;

use crate::import::argparse::{self, Flag, Given, integer};

use super::{Mode, NoAnswer};

/// Every flag of the tool, `--help` among them.
pub const FLAGS: [Flag; 22] = [
    Flag::switch("--help", Some('h')),
    Flag::switch("--version", None),
    Flag::switch("--verbose", Some('v')),
    Flag::value("--mode"),
    Flag::value("--vcpus"),
    Flag::value("--vcpu-type"),
    Flag::value("--vcpu-sig"),
    Flag::value("--vcpu-family"),
    Flag::value("--vcpu-model"),
    Flag::value("--vcpu-stepping"),
    Flag::value("--vmm-type"),
    Flag::value("--ovmf"),
    Flag::value("--kernel"),
    Flag::value("--initrd"),
    Flag::value("--append"),
    Flag::value("--guest-features"),
    Flag::value("--output-format"),
    Flag::value("--snp-ovmf-hash"),
    Flag::switch("--dump-vmsa", None),
    Flag::value("--svsm"),
    Flag::value("--vars-size"),
    Flag::value("--vars-file"),
];

/// The values of `--mode`.
const MODES: [(&str, Mode); 5] = [
    ("sev", Mode::Sev),
    ("seves", Mode::SevEs),
    ("snp", Mode::Snp),
    ("snp:ovmf-hash", Mode::SnpFirmware),
    ("snp:svsm", Mode::SnpSvsm),
];

/// The values of `--vcpu-type`: QEMU's models that the tool knows. [sev-snp-measure, vcpu_types.py]
pub const CPU_TYPES: [&str; 16] = [
    "EPYC",
    "EPYC-v1",
    "EPYC-v2",
    "EPYC-IBPB",
    "EPYC-v3",
    "EPYC-v4",
    "EPYC-Rome",
    "EPYC-Rome-v1",
    "EPYC-Rome-v2",
    "EPYC-Rome-v3",
    "EPYC-Milan",
    "EPYC-Milan-v1",
    "EPYC-Milan-v2",
    "EPYC-Genoa",
    "EPYC-Genoa-v1",
    "EPYC-Turin",
];

/// The values of `--vmm-type`. [sev-snp-measure, vmm_types.py]
pub const VMM_TYPES: [&str; 3] = ["QEMU", "ec2", "gce"];

/// What was asked by the words.
pub(super) enum Read {
    Help,
    Version,
    Flags(Box<Flags>),
}

/// The flags, each in the tool's own type, and none of them judged.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) mode: Option<Mode>,
    pub(super) verbose: bool,
    pub(super) vcpus: Option<i128>,
    pub(super) vcpu_type: Option<String>,
    pub(super) vcpu_sig: Option<i128>,
    pub(super) vcpu_family: Option<i128>,
    pub(super) vcpu_model: Option<i128>,
    pub(super) vcpu_stepping: Option<i128>,
    pub(super) vmm_type: Option<String>,
    pub(super) ovmf: Option<PathBuf>,
    pub(super) kernel: Option<PathBuf>,
    pub(super) initrd: Option<PathBuf>,
    pub(super) append: Option<Vec<u8>>,
    pub(super) guest_features: Option<i128>,
    pub(super) base64: Option<bool>,
    pub(super) snp_ovmf_hash: Option<String>,
    pub(super) dump_vmsa: bool,
    pub(super) svsm: Option<PathBuf>,
    pub(super) vars_size: Option<i128>,
    pub(super) vars_file: Option<PathBuf>,
}

/// Reads the words: argparse's part of the tool.
pub(super) fn read(words: &[Vec<u8>]) -> Result<Read, NoAnswer> {
    let mut flags = Flags::default();
    for given in argparse::read(&FLAGS, words).map_err(NoAnswer::Usage)? {
        match given.flag {
            "--help" => return Ok(Read::Help),
            "--version" => return Ok(Read::Version),
            _ => flags.take(given).map_err(NoAnswer::Usage)?,
        }
    }
    let missing: Vec<_> = [("--mode", flags.mode.is_none()), ("--ovmf", flags.ovmf.is_none())]
        .into_iter()
        .filter_map(|(name, is_missing)| is_missing.then_some(name))
        .collect();
    if missing.is_empty() {
        return Ok(Read::Flags(flags.into()));
    }
    let missing = missing.join(", ");
    Err(NoAnswer::Usage(format!("the following arguments are required: {missing}")))
}

impl Flags {
    /// Takes a flag; one that is given again replaces itself.
    fn take(&mut self, given: Given<'_>) -> Result<(), String> {
        let Given { flag, value } = given;
        let shown = String::from_utf8_lossy(value);
        let number = |any_base| {
            let number = integer(value, any_base);
            number.ok_or_else(|| format!("argument {flag}: invalid int value: '{shown}'")).map(Some)
        };
        let choice = |choices: &[&str]| {
            let is_known = choices.contains(&shown.as_ref());
            let choices = || {
                let quoted: Vec<_> = choices.iter().map(|one| format!("'{one}'")).collect();
                quoted.join(", ")
            };
            is_known.then(|| shown.clone().into_owned()).ok_or_else(|| {
                let choices = choices();
                format!("argument {flag}: invalid choice: '{shown}' (choose from {choices})")
            })
        };
        let path = || {
            let text = std::str::from_utf8(value);
            let text = text.map_err(|_| format!("argument {flag}: '{shown}' is no UTF-8 text"))?;
            // Never standard input: the tool opens a file of that name.
            Ok::<_, String>(Some(PathBuf::from(if text == "-" { "./-" } else { text })))
        };
        match flag {
            "--mode" => {
                let name = choice(&MODES.map(|(name, _)| name))?;
                self.mode = MODES.iter().find(|(one, _)| *one == name).map(|(_, mode)| *mode);
            }
            "--verbose" => self.verbose = true,
            "--vcpus" => self.vcpus = number(false)?,
            "--vcpu-type" => self.vcpu_type = Some(choice(&CPU_TYPES)?),
            "--vcpu-sig" => self.vcpu_sig = number(true)?,
            "--vcpu-family" => self.vcpu_family = number(false)?,
            "--vcpu-model" => self.vcpu_model = number(false)?,
            "--vcpu-stepping" => self.vcpu_stepping = number(false)?,
            "--vmm-type" => self.vmm_type = Some(shown.into_owned()),
            "--ovmf" => self.ovmf = path()?,
            "--kernel" => self.kernel = path()?,
            "--initrd" => self.initrd = path()?,
            "--append" => self.append = Some(value.to_vec()),
            "--guest-features" => self.guest_features = number(true)?,
            "--output-format" => self.base64 = Some(choice(&["hex", "base64"])? == "base64"),
            "--snp-ovmf-hash" => self.snp_ovmf_hash = Some(shown.into_owned()),
            "--dump-vmsa" => self.dump_vmsa = true,
            "--svsm" => self.svsm = path()?,
            "--vars-size" => self.vars_size = number(false)?,
            _ => self.vars_file = path()?,
        }
        if self.vars_size.is_some() && self.vars_file.is_some() {
            let other = if flag == "--vars-file" { "--vars-size" } else { "--vars-file" };
            return Err(format!("argument {flag}: not allowed with argument {other}"));
        }
        Ok(())
    }

    /// The names of the flags among these that were given.
    pub(super) fn given(&self, names: &[&'static str]) -> Vec<&'static str> {
        let is_given = |name: &str| match name {
            "--vcpus" => self.vcpus.is_some(),
            "--vcpu-type" => self.vcpu_type.is_some(),
            "--vcpu-sig" => self.vcpu_sig.is_some(),
            "--vcpu-family" => self.vcpu_family.is_some(),
            "--vcpu-model" => self.vcpu_model.is_some(),
            "--vcpu-stepping" => self.vcpu_stepping.is_some(),
            "--vmm-type" => self.vmm_type.is_some(),
            "--kernel" => self.kernel.is_some(),
            "--initrd" => self.initrd.is_some(),
            "--append" => self.append.is_some(),
            "--guest-features" => self.guest_features.is_some(),
            "--output-format" => self.base64.is_some(),
            "--snp-ovmf-hash" => self.snp_ovmf_hash.is_some(),
            "--verbose" => self.verbose,
            "--dump-vmsa" => self.dump_vmsa,
            "--svsm" => self.svsm.is_some(),
            "--vars-size" => self.vars_size.is_some(),
            "--vars-file" => self.vars_file.is_some(),
            _ => false,
        };
        names.iter().copied().filter(|name| is_given(name)).collect()
    }
}
