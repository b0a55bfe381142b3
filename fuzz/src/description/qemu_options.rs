//! Command lines of QEMU that are made of options: each moves what QEMU's manual says, is told as unknown, or moves nothing.
//!
//! What is expected is worked out while the words are chosen, and from nothing that reads them.

use arbitrary::{Result, Unstructured};
use sev_launch_abi::{CpuSignature, Technology};
use sev_launch_description::Error;
use sev_launch_description::description::{Blob, Cmdline, Image, Kernel};
use sev_launch_description::import::Import;
use sev_launch_description::import::qemu;

use super::{check_import, choices, shell};

/// An input is choices: options, their order, and how a shell's text has them.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Unstructured::new(bytes);
    let Ok(guest) = Guest::build(&mut choices) else { return };
    let import = qemu::from_argv(&guest.words, "x");
    check_import(|| qemu::from_argv(&guest.words, "x"));
    guest.check(&import);
    check_forms(&guest.words, &import, &mut choices);
}

/// Every form in which the words may stand is read as the words themselves.
fn check_forms(
    words: &[Vec<u8>],
    import: &std::result::Result<Import, Error>,
    choices: &mut Unstructured<'_>,
) {
    let mut ended = words.join(&0);
    ended.push(0);
    assert_eq!(qemu::split_nul(&ended), words);
    let texts = words.iter().map(|word| String::from_utf8(word.clone()));
    if let Ok(texts) = texts.collect::<std::result::Result<Vec<_>, _>>() {
        let list = serde_json::to_vec(&texts).expect("JSON has a text");
        assert_eq!(qemu::from_text(&list, "x"), *import, "as JSON: {texts:?}");
    }
    let Ok(text) = shell::text(words, choices) else { return };
    let shown = String::from_utf8_lossy(&text);
    assert_eq!(qemu::from_text(&text, "x"), *import, "as a shell's text: {shown}");
}

/// A command line, and what QEMU makes of it.
struct Guest {
    words: Vec<Vec<u8>>,
    technology: Technology,
    policy: u64,
    hashes: bool,
    vcpus: u32,
    late: u64,
    cpu: Option<&'static str>,
    kernel: Option<String>,
    initrd: Option<String>,
    append: Option<Vec<u8>>,
    bios: Option<String>,
    flash: Option<(String, Format)>,
    /// What must be told as unknown, by these words.
    told: Vec<String>,
    /// How many names were given away.
    names: usize,
}

/// A flash's format.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    Raw,
    Qcow2,
}

/// Models that QEMU has, with their signatures, and names of which nobody knows one. [QEMU, builtin_x86_defs]
const MODELS: [(&str, Option<u32>); 5] = [
    ("EPYC-Milan", Some(0x00a0_0f11)),
    ("EPYC-v4", Some(0x0080_0f12)),
    ("qemu64", Some(0x0006_0fb1)),
    ("host", None),
    ("Nobodys-CPU", None),
];

/// Options that move nothing that is measured, and need no name: devices, what stands behind them, and QEMU's own process.
const QUIET: [&[&str]; 27] = [
    &["-name", "guest=a,debug-threads=on"],
    &["-m", "size=2G"],
    &["-nographic"],
    &["-S"],
    &["-nodefaults"],
    &["-no-user-config"],
    &["-no-reboot"],
    &["-daemonize"],
    &["-monitor", "stdio"],
    &["-serial", "null"],
    &["-display", "none"],
    &["-vnc", ":0"],
    &["-rtc", "base=utc"],
    &["-smbios", "type=1,serial=x"],
    &["-boot", "strict=on"],
    &["-uuid", "00000000-1111-2222-3333-444444444444"],
    &["-overcommit", "mem-lock=on"],
    &["-sandbox", "on"],
    &["-msg", "timestamp=on"],
    &["-device", "virtio-net-pci,netdev=n"],
    &["-device", "{\"driver\":\"virtio-rng-pci\"}"],
    &["-netdev", "user,id=n"],
    &["-drive", "file=/d,if=virtio"],
    &["-global", "ICH9-LPC.disable_s3=1"],
    &["-fw_cfg", "name=opt/a,string=-kernel"],
    &["-accel", "kvm"],
    &["-enable-kvm"],
];

/// Options that may move anything, as they are told.
const LOUD: [&[&str]; 14] = [
    &["-incoming", "defer"],
    &["-loadvm", "a"],
    &["-plugin", "x.so"],
    &["-qtest", "x"],
    &["-preconfig"],
    &["-igvm", "x"],
    &["-readconfig", "f"],
    &["-machine", "fuzzed=1"],
    &["-accel", "kvm,fuzzed=1"],
    &["-global", "fuzzed.x=1"],
    &["-set", "machine.fuzzed.x=1"],
    &["-object", "fuzzed-kind,id=fuzzed"],
    &["-device", "loader,addr=0x0,data=1,data-len=4"],
    &["-fuzzed", "value"],
];

/// Of an SNP guest alone: a debugger writes registers before they are measured.
const LOUD_IN_SNP: [&[&str]; 2] = [&["-s"], &["-gdb", "tcp::1"]];

impl Guest {
    fn build(choices: &mut Unstructured<'_>) -> Result<Self> {
        let program = *choices.choose(&["qemu-system-x86_64", "/usr/libexec/qemu-kvm", "kvm"])?;
        let (technology, policy) = *choices.choose(&[
            (Technology::Sev, 1),
            (Technology::SevEs, 5),
            (Technology::Snp, 0x30000),
            (Technology::Snp, 0xb_0000),
        ])?;
        let mut guest = Self {
            words: vec![program.into()],
            technology,
            policy,
            hashes: choices.arbitrary()?,
            vcpus: 1,
            late: 0,
            cpu: None,
            kernel: None,
            initrd: None,
            append: None,
            bios: None,
            flash: None,
            told: Vec::new(),
            names: 0,
        };
        let count = choices.int_in_range(0..=12)?;
        // The object and the machine stand anywhere.
        let places = [choices.int_in_range(0..=count)?, choices.int_in_range(0..=count)?];
        for number in 0..=count {
            if places[0] == number {
                guest.add_object(choices)?;
            }
            if places[1] == number {
                let keys = ["confidential-guest-support", "memory-encryption"];
                let value = format!("q35,{}=sev0", choices.choose(&keys)?);
                let option = *choices.choose(&["machine", "M"])?;
                guest.add(choices, option, &value)?;
            }
            if number < count {
                guest.add_any(choices)?;
            }
        }
        Ok(guest)
    }

    /// Adds an option with its value; two dashes stand for one.
    fn add(
        &mut self,
        choices: &mut Unstructured<'_>,
        option: &str,
        value: impl AsRef<[u8]>,
    ) -> Result<()> {
        let dashes = if choices.ratio(1, 4)? { "--" } else { "-" };
        self.words.push(format!("{dashes}{option}").into_bytes());
        self.words.push(value.as_ref().to_vec());
        Ok(())
    }

    fn add_object(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let kind = if self.technology == Technology::Snp { "sev-snp-guest" } else { "sev-guest" };
        let Self { policy, hashes, .. } = self;
        let value = match choices.ratio(1, 2)? {
            true => format!(
                r#"{{"qom-type":"{kind}","id":"sev0","policy":{policy},"kernel-hashes":{hashes}}}"#
            ),
            false => {
                let hashes = if *hashes { "on" } else { "off" };
                format!("{kind},id=sev0,cbitpos=51,policy={policy:#x},kernel-hashes={hashes}")
            }
        };
        self.add(choices, "object", value)
    }

    /// Adds one more option.
    fn add_any(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        match choices.int_in_range(0..=13)? {
            0 => {
                self.vcpus = choices.int_in_range(1..=9)?;
                let key = *choices.choose(&["", "cpus="])?;
                self.add(choices, "smp", format!("{key}{}", self.vcpus))
            }
            1 => {
                let (model, _) = *choices.choose(&MODELS)?;
                self.cpu = Some(model);
                let more = *choices.choose(&["", ",+x2apic", ",svm=off", ",phys-bits=48"])?;
                self.add(choices, "cpu", format!("{model}{more}"))
            }
            2 => {
                let path = path(choices)?;
                self.kernel = Some(path.clone());
                self.add(choices, "kernel", path)
            }
            3 => {
                let path = path(choices)?;
                self.initrd = Some(path.clone());
                self.add(choices, "initrd", path)
            }
            4 => {
                let line = line(choices)?;
                self.append = Some(line.clone());
                self.add(choices, "append", line)
            }
            5 => {
                let path = path(choices)?;
                self.bios = Some(path.clone());
                self.add(choices, "bios", path)
            }
            6 if self.flash.is_none() => {
                let path = path(choices)?;
                let (name, format) =
                    *choices.choose(&[("raw", Format::Raw), ("qcow2", Format::Qcow2)])?;
                let value =
                    format!("if=pflash,format={name},readonly=on,file={}", path.replace(',', ",,"));
                self.flash = Some((path, format));
                self.add(choices, "drive", value)
            }
            7 => {
                self.late += 1;
                self.add(choices, "device", format!("EPYC-Milan-x86_64-cpu,core-id={}", self.late))
            }
            8 | 9 => {
                let words = *choices.choose(&LOUD)?;
                // An object may be called so once.
                let told = words.join(" ");
                if words[0] == "-object" && self.told.contains(&told) {
                    return Ok(());
                }
                let told = match words {
                    ["-accel", _] => "-accel fuzzed=1".into(),
                    _ => told,
                };
                self.told.push(told);
                self.add_words(words);
                Ok(())
            }
            10 => {
                let words = *choices.choose(&LOUD_IN_SNP)?;
                if self.technology == Technology::Snp {
                    self.told.push(words.join(" "));
                }
                self.add_words(words);
                Ok(())
            }
            11 => {
                self.names += 1;
                let value = format!("memory-backend-ram,id=m{},size=1G", self.names);
                self.add(choices, "object", value)
            }
            _ => {
                self.add_words(choices.choose(&QUIET)?);
                Ok(())
            }
        }
    }

    fn add_words(&mut self, words: &[&str]) {
        self.words.extend(words.iter().map(|word| word.as_bytes().to_vec()));
    }

    /// Does QEMU refuse it? What a kernel goes with stands with a kernel; further vCPUs are of the machine's model.
    fn is_refused(&self) -> bool {
        let has_rest = self.initrd.is_some() || self.append.is_some();
        has_rest && self.kernel.is_none() || self.late > 0 && self.cpu != Some("EPYC-Milan")
    }

    fn check(&self, import: &std::result::Result<Import, Error>) {
        let shown: Vec<_> = self.words.iter().map(|word| String::from_utf8_lossy(word)).collect();
        let shown = shown.join(" ");
        assert_eq!(import.is_err(), self.is_refused(), "{shown}: {import:?}");
        let Ok(import) = import else { return };
        let said = &import.description;
        let is_unknown = |key: &str| said.unknown.iter().any(|unknown| unknown.key == Some(key));
        assert_eq!(said.technology.as_ref().map(|one| one.value), Some(self.technology));
        assert_eq!(said.policy.as_ref().map(|one| one.value), Some(self.policy), "{shown}");
        let vcpus = said.vcpus.as_ref().map(|one| one.value.to_string());
        let total = u64::from(self.vcpus) + self.late;
        assert_eq!(vcpus, Some(total.to_string()), "{shown}");
        let late = said.late_vcpus.as_ref().map_or(0, |one| one.value);
        assert_eq!(late, self.late, "{shown}");

        let kernel = self.kernel.clone().map(|path| vec![Kernel::File(path.into())]);
        assert_eq!(said.boot.kernels.as_ref().map(|one| &one.value), kernel.as_ref(), "{shown}");
        let initrd = self.initrd.clone().map(|path| vec![Blob::File(path.into())]);
        assert_eq!(said.boot.initrds.as_ref().map(|one| &one.value), initrd.as_ref(), "{shown}");
        let append = self.append.clone().map(|line| vec![Cmdline::Bytes(line)]);
        assert_eq!(said.boot.cmdlines.as_ref().map(|one| &one.value), append.as_ref(), "{shown}");
        let hashes = said.boot.kernel_hashes.as_ref().map(|one| one.value.clone());
        // Without a kernel off is as good as not said.
        if self.hashes || self.kernel.is_some() {
            assert_eq!(hashes, Some(vec![self.hashes]), "{shown}");
        }

        let image = match (&self.flash, &self.bios) {
            (Some((path, Format::Raw)), _) | (None, Some(path)) => Some(path),
            (Some((_, Format::Qcow2)), _) | (None, None) => None,
        };
        let image = image.map(|path| vec![Image::File(path.into())]);
        assert_eq!(said.firmware.images.as_ref().map(|one| &one.value), image.as_ref(), "{shown}");
        assert_eq!(is_unknown("firmware.path"), image.is_none(), "{shown}");

        let model = self.cpu.unwrap_or("qemu64");
        let signature = MODELS.iter().find(|(name, _)| *name == model).and_then(|model| model.1);
        let found = said.cpus.as_ref().map(|one| one.value[0].signature);
        assert_eq!(found, signature.map(CpuSignature), "{shown}");
        let is_measured = self.technology != Technology::Sev;
        assert_eq!(is_unknown("signature"), signature.is_none() && is_measured, "{shown}");

        let of_no_key = said.unknown.iter().filter(|unknown| unknown.key.is_none());
        let found: Vec<_> = of_no_key.map(|unknown| unknown.text.as_str()).collect();
        for told in &self.told {
            assert!(found.iter().any(|text| text.starts_with(told)), "{told}: {found:?}\n{shown}");
        }
        if self.told.is_empty() {
            assert_eq!(found, [""; 0], "{shown}");
        }
    }
}

/// The name of a file, which neither a protocol nor a descriptor of the process may be read from.
fn path(choices: &mut Unstructured<'_>) -> Result<String> {
    let parts =
        ["a", "OVMF.fd", " ", ",", "$A", "'", "\"", "\\", "ü", "~", "*", "#", "=", "`", "-"];
    let mut path = "/".to_owned();
    for _ in 0..choices.int_in_range(1..=4)? {
        path.push_str(choices.choose(&parts)?);
    }
    Ok(path)
}

/// A kernel's command line.
fn line(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let parts: [&[u8]; 12] = [
        b"console=ttyS0",
        b" ",
        b"  ",
        b"\"",
        b"'",
        b"$(x)",
        b"\\",
        b"\t",
        b"\xff",
        b"-kernel",
        b",,",
        b"",
    ];
    let mut line = Vec::new();
    for _ in 0..choices.int_in_range(0..=5)? {
        line.extend_from_slice(choices.choose(&parts)?);
    }
    Ok(line)
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    choices(16, 160)
}
