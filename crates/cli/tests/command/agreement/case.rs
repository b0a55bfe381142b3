//! A launch, or several that differ in a value: what is said of it, and the files that it names.

use sev_launch_testkit::expected::Profile;
use sha2::{Digest, Sha256};

use super::firmware::Firmware;
use super::value::{Key, Value, one_or_many, text};

/// The technology of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Technology {
    Sev,
    SevEs,
    Snp,
}

impl Technology {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sev => "sev",
            Self::SevEs => "sev-es",
            Self::Snp => "snp",
        }
    }
}

/// How a file is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    File,
    Sha256,
    /// A kernel: as a unified image. A firmware: as what was absorbed of it. A command line: its bytes in hex.
    Other,
    /// A command line: as text.
    Text,
}

/// A description.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) technology: Technology,
    /// The profiles of its rows; none in plain SEV.
    pub(super) profiles: Vec<&'static Profile>,
    /// Are they named? Else a default or the host says them.
    pub(super) names_profiles: bool,
    /// What is known of the host.
    pub(super) host: Vec<Key>,
    pub(super) firmwares: Vec<Firmware>,
    pub(super) firmware_form: Form,
    /// The SNP digest given in place of the image's pages.
    pub(super) given_digest: Option<[u8; 48]>,
    pub(super) svsm: Option<Svsm>,
    pub(super) boot: Boot,
    /// Signatures with the names by which they are given; all names are empty or none is.
    pub(super) cpus: Vec<(String, u32)>,
    /// The family, model and stepping by which the only signature is given.
    pub(super) cpu_parts: Option<[u32; 3]>,
    /// The features words that are said.
    pub(super) features: Vec<u64>,
    pub(super) vcpus: Vec<u32>,
    /// How they are said; `None`: not at all.
    pub(super) vcpus_said: Option<Value>,
    /// How many were added late, and whether these have the first one's registers.
    pub(super) late: (u32, bool),
    pub(super) captured: Option<(Vec<u8>, Option<Vec<u8>>)>,
    /// What no digest depends on, and what is wrong. It replaces what is said of the same key.
    pub(super) more: Vec<Key>,
    /// Keys that are left out.
    pub(super) left_out: Vec<&'static str>,
    /// Files that are not there.
    pub(super) missing: Vec<String>,
}

/// An SVSM's image and the store below which it lies.
#[derive(Clone)]
pub(super) struct Svsm {
    pub(super) firmware: Firmware,
    pub(super) vars: u64,
    pub(super) vars_form: Form,
}

/// What a kernel is started with, or libkrun's files.
#[derive(Clone)]
pub(super) struct Boot {
    pub(super) kernels: Vec<Vec<u8>>,
    pub(super) kernel_form: Form,
    pub(super) initrds: Vec<Vec<u8>>,
    pub(super) initrd_form: Form,
    pub(super) cmdlines: Vec<Vec<u8>>,
    pub(super) cmdline_form: Form,
    pub(super) switches: Vec<bool>,
    pub(super) kernel_gpa: Option<u64>,
}

/// The SHA-256 in hex.
pub(super) fn sha256(bytes: &[u8]) -> Value {
    text(hex::encode(Sha256::digest(bytes)))
}

/// A value for each of a list, if there is any.
fn said<T>(list: &[T], value: impl Fn(usize, &T) -> Value) -> Option<Value> {
    let values: Vec<_> = list.iter().enumerate().map(|(index, one)| value(index, one)).collect();
    (!values.is_empty()).then(|| one_or_many(values))
}

fn file(stem: &'static str) -> impl Fn(usize) -> Value {
    move |index| text(format!("{stem}{index}"))
}

impl Case {
    /// Everything that is said.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = vec![("technology", text(self.technology.name()))];
        let mut add = |key, value: Option<Value>| keys.extend(value.map(|value| (key, value)));
        if self.names_profiles {
            add("profile", said(&self.profiles, |_, profile| text(profile.name)));
        }
        add("vcpus", self.vcpus_said.clone());
        add("late_vcpus", (self.late.0 > 0).then(|| Value::Number(self.late.0.into())));
        match self.cpu_parts {
            Some(parts) => {
                for (key, part) in ["family", "model", "stepping"].into_iter().zip(parts) {
                    add(key, Some(Value::Number(part.into())));
                }
            }
            None if self.cpus.iter().any(|(name, _)| name.is_empty()) => {
                add("signature", said(&self.cpus, |_, (_, number)| Value::Hex((*number).into())));
            }
            None => add("cpu", said(&self.cpus, |_, (name, _)| text(name))),
        }
        add("sev_features", said(&self.features, |_, features| Value::Hex(*features)));
        let key = if self.firmware_form == Form::Other { "absorbed" } else { "path" };
        let name = |index, _: &Firmware| text(firmware_name(index, self.firmware_form));
        add(
            if key == "path" { "firmware.path" } else { "firmware.absorbed" },
            said(&self.firmwares, name),
        );
        let digest = self.given_digest.map(|digest| text(hex::encode(digest)));
        add("firmware.snp_digest", digest);
        self.boot.keys(&mut add);
        if let Some(svsm) = &self.svsm {
            add("svsm.image", Some(text("svsm.bin")));
            match svsm.vars_form {
                Form::File => add("svsm.vars_file", Some(text("vars.fd"))),
                _ => add("svsm.vars_size", Some(Value::Number(svsm.vars))),
            }
        }
        if let Some((_, ap)) = &self.captured {
            add("vmsa.bsp", Some(text("bsp.bin")));
            add("vmsa.ap", ap.is_some().then(|| text("ap.bin")));
        }
        for (key, value) in self.host.iter().chain(&self.more) {
            keys.retain(|(other, _)| other != key);
            keys.push((key, value.clone()));
        }
        keys.retain(|(key, _)| !self.left_out.contains(key));
        keys
    }

    /// The files that are named, but for those that the command makes.
    pub(super) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        let mut add = |name: String, bytes: &[u8]| files.push((name, bytes.to_vec()));
        for (index, firmware) in self.firmwares.iter().enumerate() {
            add(firmware_name(index, Form::File), &firmware.image());
        }
        let boot = &self.boot;
        for (stem, list) in
            [("kernel", &boot.kernels), ("initrd", &boot.initrds), ("cmdline", &boot.cmdlines)]
        {
            for (index, bytes) in list.iter().enumerate() {
                add(format!("{stem}{index}"), bytes);
            }
        }
        if let Some(svsm) = &self.svsm {
            add("svsm.bin".into(), &svsm.firmware.image());
            add("vars.fd".into(), &vec![0; usize::try_from(svsm.vars).expect("small")]);
        }
        if let Some((bsp, ap)) = &self.captured {
            add("bsp.bin".into(), bsp);
            add("ap.bin".into(), ap.as_deref().unwrap_or_default());
        }
        files.retain(|(name, _)| !self.missing.contains(name));
        files
    }

    /// The file of each firmware, as it is named.
    pub(super) fn absorbed(&self) -> Vec<(String, String)> {
        if self.firmware_form != Form::Other {
            return Vec::new();
        }
        let names = |index| (firmware_name(index, Form::File), firmware_name(index, Form::Other));
        (0..self.firmwares.len()).map(names).collect()
    }

    /// Does the host named run a QEMU? Then what that is known to refuse is refused.
    pub(super) fn names_qemu(&self) -> bool {
        self.host.iter().any(|(key, value)| match value {
            Value::Text(vmm) => {
                *key == "host.vmm"
                    && (vmm.to_ascii_lowercase().starts_with("qemu")
                        || vmm.starts_with(char::is_numeric))
            }
            _ => false,
        })
    }
}

fn firmware_name(index: usize, form: Form) -> String {
    format!("fw{index}.{}", if form == Form::Other { "json" } else { "fd" })
}

impl Boot {
    pub(super) const NONE: Self = Self {
        kernels: Vec::new(),
        kernel_form: Form::File,
        initrds: Vec::new(),
        initrd_form: Form::File,
        cmdlines: Vec::new(),
        cmdline_form: Form::Text,
        switches: Vec::new(),
        kernel_gpa: None,
    };

    fn keys(&self, add: &mut dyn FnMut(&'static str, Option<Value>)) {
        let kernel = match self.kernel_form {
            Form::Sha256 => "boot.kernel_sha256",
            Form::Other => "boot.uki",
            _ => "boot.kernel",
        };
        let value = |form, stem, index, bytes: &[u8]| match form {
            Form::Sha256 => sha256(bytes),
            _ => file(stem)(index),
        };
        add(
            kernel,
            said(&self.kernels, |index, bytes| value(self.kernel_form, "kernel", index, bytes)),
        );
        let initrd =
            if self.initrd_form == Form::Sha256 { "boot.initrd_sha256" } else { "boot.initrd" };
        add(
            initrd,
            said(&self.initrds, |index, bytes| value(self.initrd_form, "initrd", index, bytes)),
        );
        let (cmdline, value): (_, fn(usize, &Vec<u8>) -> Value) = match self.cmdline_form {
            Form::Text => ("boot.cmdline", |_, bytes| {
                text(String::from_utf8(bytes.clone()).expect("made as text"))
            }),
            Form::File => ("boot.cmdline_file", |index, _| file("cmdline")(index)),
            Form::Other => ("boot.cmdline_hex", |_, bytes| text(hex::encode(bytes))),
            Form::Sha256 => ("boot.cmdline_sha256", |_, bytes| sha256(&[bytes, &[0][..]].concat())),
        };
        add(cmdline, said(&self.cmdlines, value));
        add("boot.kernel_hashes", said(&self.switches, |_, on| Value::Switch(*on)));
        add("boot.kernel_gpa", self.kernel_gpa.map(Value::Hex));
    }
}
