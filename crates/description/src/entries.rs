//! A description as keys and values, in the order of its file: what is written, and what is shown.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use crate::description::{Blob, Cmdline, Description, Image, Kernel, Vars};
use crate::origin::{Field, Origin, Sourced};
use crate::unknown::Unknown;

/// One key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key with its table, as `boot.kernel`.
    pub key: &'static str,
    /// The value as TOML has it.
    pub toml: String,
    /// The value as JSON has it.
    pub json: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// A value in both forms.
struct Written {
    toml: String,
    json: Value,
}

impl Written {
    fn text(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        Self { toml: toml::Value::from(text).to_string(), json: text.into() }
    }

    fn path(path: &Path) -> Self {
        // A name that is no text cannot stand in TOML or JSON; what is shown of it says so.
        Self::text(path.display().to_string())
    }

    fn number(number: u64) -> Self {
        Self { toml: number.to_string(), json: number.into() }
    }

    /// In hex, which JSON has as text; above what TOML's numbers hold, TOML too.
    fn hex(number: u64) -> Self {
        let text = format!("{number:#x}");
        let fits = i64::try_from(number).is_ok();
        Self { toml: if fits { text.clone() } else { format!("{text:?}") }, json: text.into() }
    }

    fn switch(on: bool) -> Self {
        Self { toml: on.to_string(), json: on.into() }
    }

    /// One value stands alone, several as a list.
    fn list(mut values: Vec<Self>) -> Self {
        if values.len() == 1
            && let Some(one) = values.pop()
        {
            return one;
        }
        let toml: Vec<_> = values.iter().map(|value| value.toml.as_str()).collect();
        let toml = format!("[{}]", toml.join(", "));
        Self { toml, json: values.into_iter().map(|value| value.json).collect() }
    }
}

impl Description {
    /// Every key that has a value, in the order of the file.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let list = &mut entries;
        one(list, "technology", &self.technology, |technology| Written::text(technology.name()));
        one(list, "policy", &self.policy, |policy| Written::hex(*policy));
        many(list, "profile", &self.profiles, |profile| Written::text(profile.name));
        one(list, "vcpus", &self.vcpus, |counts| match counts.to_string().parse() {
            Ok(number) => Written::number(number),
            Err(_) => Written::text(counts.to_string()),
        });
        let named = |field: &&Sourced<Vec<crate::axes::Cpu>>| {
            field.value.iter().all(|cpu| cpu.name.is_some())
        };
        match self.cpus.as_ref().filter(named) {
            Some(_) => many(list, "cpu", &self.cpus, |cpu| Written::text(cpu.to_string())),
            None => {
                many(list, "signature", &self.cpus, |cpu| Written::hex(cpu.signature.0.into()));
            }
        }
        many(list, "sev_features", &self.sev_features, |features| Written::hex(features.0));
        many(list, "harmless", &self.harmless, |text| Written::text(text));
        let host = &self.host;
        for (key, field) in [
            ("host.kernel", &host.kernel),
            ("host.vmm", &host.vmm),
            ("host.cpu", &host.cpu),
            ("host.machine", &host.machine),
        ] {
            one(list, key, field, |text| Written::text(text));
        }
        one(list, "host.debug_swap", &host.debug_swap, |on| Written::switch(*on));
        one(list, "host.legacy_vm_type", &host.legacy_vm_type, |on| Written::switch(*on));
        self.firmware_entries(list);
        self.boot_entries(list);
        one(list, "vmsa.bsp", &self.vmsa.bsp, |path| Written::path(path));
        one(list, "vmsa.ap", &self.vmsa.ap, |path| Written::path(path));
        one(list, "svsm.image", &self.svsm.image, |path| Written::path(path));
        if let Some(vars) = &self.svsm.vars {
            let (key, written) = match &vars.value {
                Vars::Bytes(size) => ("svsm.vars_size", Written::number(*size)),
                Vars::File(path) => ("svsm.vars_file", Written::path(path)),
            };
            push(list, key, written, &vars.origin);
        }
        entries
    }

    fn firmware_entries(&self, list: &mut Vec<Entry>) {
        each(list, &self.firmware.images, |image| match image {
            Image::File(path) => ("firmware.path", Written::path(path)),
            Image::Absorbed(path) => ("firmware.absorbed", Written::path(path)),
        });
        one(list, "firmware.sha256", &self.firmware.sha256, |hash| Written::text(hash.to_string()));
        one(list, "firmware.snp_digest", &self.firmware.snp_digest, |digest| {
            Written::text(digest.to_string())
        });
    }

    fn boot_entries(&self, list: &mut Vec<Entry>) {
        let boot = &self.boot;
        each(list, &boot.kernels, |kernel| match kernel {
            Kernel::File(path) => ("boot.kernel", Written::path(path)),
            Kernel::Uki(path) => ("boot.uki", Written::path(path)),
            Kernel::Sha256(hash) => ("boot.kernel_sha256", Written::text(hash.to_string())),
        });
        each(list, &boot.initrds, |initrd| match initrd {
            Blob::File(path) => ("boot.initrd", Written::path(path)),
            Blob::Sha256(hash) => ("boot.initrd_sha256", Written::text(hash.to_string())),
        });
        // Bytes that are no text are written in hex, and then all of the list are.
        let is_text = |cmdline: &Cmdline| match cmdline {
            Cmdline::Bytes(bytes) => std::str::from_utf8(bytes).is_ok(),
            Cmdline::File(_) | Cmdline::Sha256(_) => true,
        };
        let text = boot.cmdlines.iter().flat_map(|field| &field.value).all(is_text);
        each(list, &boot.cmdlines, |cmdline| match cmdline {
            Cmdline::Bytes(bytes) if text => {
                ("boot.cmdline", Written::text(String::from_utf8_lossy(bytes)))
            }
            Cmdline::Bytes(bytes) => ("boot.cmdline_hex", Written::text(hex::encode(bytes))),
            Cmdline::File(path) => ("boot.cmdline_file", Written::path(path)),
            Cmdline::Sha256(hash) => ("boot.cmdline_sha256", Written::text(hash.to_string())),
        });
        many(list, "boot.kernel_hashes", &boot.kernel_hashes, |on| Written::switch(*on));
        one(list, "boot.kernel_gpa", &boot.kernel_gpa, |gpa| Written::hex(*gpa));
        one(list, "boot.shim", &boot.shim, |path| Written::path(path));
        one(list, "boot.dtb", &boot.dtb, |path| Written::path(path));
    }

    /// The description as `launch.toml`; with `origins` a comment after each value says where it came from.
    ///
    /// Without origins, what is read back is the same description. A field whose values are of several kinds (a file and a
    /// hash), which no file can hold, is written by its first kind's key.
    pub fn to_toml(&self, origins: bool) -> String {
        let mut text = String::new();
        let mut table = "";
        for entry in self.entries() {
            let (own, key) = entry.key.split_once('.').unwrap_or(("", entry.key));
            if own != table {
                let gap = if text.is_empty() { "" } else { "\n" };
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{gap}[{own}]");
                table = own;
            }
            let comment = match origins {
                // A comment ends where a line does.
                true => format!("  # {}", entry.origin.to_string().replace(char::is_control, " ")),
                false => String::new(),
            };
            let _ = writeln!(text, "{key} = {}{comment}", entry.toml);
        }
        for unknown in &self.unknown {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}[[unknown]]");
            for (key, value) in unknown.parts() {
                let _ = writeln!(text, "{key} = {}", Written::text(value).toml);
            }
        }
        text
    }

    /// The description as JSON.
    pub fn to_json(&self) -> Value {
        let mut document = Map::new();
        for entry in self.entries() {
            match entry.key.split_once('.') {
                None => {
                    document.insert(entry.key.into(), entry.json);
                }
                Some((table, key)) => {
                    let table = document.entry(table).or_insert_with(|| Map::new().into());
                    if let Some(table) = table.as_object_mut() {
                        table.insert(key.into(), entry.json);
                    }
                }
            }
        }
        if !self.unknown.is_empty() {
            let object = |unknown: &Unknown| -> Value {
                unknown
                    .parts()
                    .map(|(key, value)| (key.to_owned(), value.into()))
                    .collect::<Map<_, _>>()
                    .into()
            };
            document.insert("unknown".into(), self.unknown.iter().map(object).collect());
        }
        document.into()
    }
}

fn push(list: &mut Vec<Entry>, key: &'static str, written: Written, origin: &Origin) {
    list.push(Entry { key, toml: written.toml, json: written.json, origin: origin.clone() });
}

fn one<T>(
    list: &mut Vec<Entry>,
    key: &'static str,
    field: &Field<T>,
    write: impl Fn(&T) -> Written,
) {
    if let Some(field) = field {
        push(list, key, write(&field.value), &field.origin);
    }
}

fn many<T>(
    list: &mut Vec<Entry>,
    key: &'static str,
    field: &Field<Vec<T>>,
    write: impl Fn(&T) -> Written,
) {
    each(list, field, |value| (key, write(value)));
}

/// A list of values whose key depends on their kind: that of the first.
fn each<T>(
    list: &mut Vec<Entry>,
    field: &Field<Vec<T>>,
    write: impl Fn(&T) -> (&'static str, Written),
) {
    let Some(field) = field else { return };
    let written: Vec<_> = field.value.iter().map(write).collect();
    if let Some((key, _)) = written.first() {
        let key = *key;
        let values = written.into_iter().map(|(_, value)| value).collect();
        push(list, key, Written::list(values), &field.origin);
    }
}
