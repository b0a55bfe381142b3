//! The file's form: `launch.toml`, and JSON of the same shape.
//!
//! Every key may be left out. Those that are axes of a sweep take one value or a list. Numbers may be text, so that JSON
//! can hold hex; in TOML `0x5` is a number of its own. A key that means nothing is an error, since a misspelt restriction
//! would be no restriction.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::cpu::{self, CpuModel, MODELS};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::{self, HostKernel, VmmFact};

use crate::axes::{Cpu, VcpuCounts};
use crate::description::{
    Blob, Boot, Cmdline, Description, Firmware, Host, Image, Kernel, Svsm, Vars, Vmsa,
};
use crate::error::Error;
use crate::keys;
use crate::number::{number, number32};
use crate::origin::{Field, Origin, Sourced};
use crate::unknown::Unknown;

/// The most bytes of a description's file: a command line may have a few kilobytes, and a sweep a few hundred of them.
const MOST_BYTES: usize = 1 << 20;

impl Description {
    /// Reads `launch.toml`. Relative paths in it are taken from `folder`, the file's own.
    ///
    /// Errors: no TOML; a key that means nothing, with the one that was likely meant; a value that cannot be what its key
    /// stands for; two keys that say the same thing.
    pub fn from_toml(text: &str, origin: &Origin, folder: &Path) -> Result<Self, Error> {
        let file = origin.to_string();
        let syntax = |error: toml::de::Error| Error::Syntax {
            file: file.clone(),
            message: error.to_string().trim_end().to_owned(),
        };
        check_size(text.len(), &file)?;
        let table = toml::de::DeTable::parse(text).map_err(syntax)?;
        let line = |at: usize| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            Some(before.iter().filter(|byte| **byte == b'\n').count() + 1)
        };
        for (key, value) in table.get_ref() {
            keys::check(&file, key.get_ref(), line(key.span().start))?;
            let inner = value.get_ref().as_table();
            for (inner, _) in inner.into_iter().flatten() {
                let name = format!("{}.{}", key.get_ref(), inner.get_ref());
                keys::check(&file, &name, line(inner.span().start))?;
            }
        }
        let form: Form = toml::from_str(text).map_err(syntax)?;
        form.describe(origin, &file).map(|description| description.in_folder(folder))
    }

    /// Reads the same as JSON. Relative paths in it are taken from `folder`. Errors are those of TOML.
    pub fn from_json(text: &[u8], origin: &Origin, folder: &Path) -> Result<Self, Error> {
        let file = origin.to_string();
        let syntax = |error: serde_json::Error| Error::Syntax {
            file: file.clone(),
            message: error.to_string(),
        };
        check_size(text.len(), &file)?;
        let value: serde_json::Value = serde_json::from_slice(text).map_err(syntax)?;
        for (key, value) in value.as_object().into_iter().flatten() {
            keys::check(&file, key, None)?;
            for (inner, _) in value.as_object().into_iter().flatten() {
                keys::check(&file, &format!("{key}.{inner}"), None)?;
            }
        }
        // From the text again, so that an error has its place and a key that stands twice is one.
        let form: Form = serde_json::from_slice(text).map_err(syntax)?;
        form.describe(origin, &file).map(|description| description.in_folder(folder))
    }
}

fn check_size(found: usize, file: &str) -> Result<(), Error> {
    if found > MOST_BYTES {
        return Err(Error::TooLarge { file: file.into(), found, wanted: MOST_BYTES });
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "wanted one value, or a list of values, of the kind that the key has: text in quotes, true or false without"
)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "wanted a number, or a number as text")]
enum Number {
    Number(u64),
    Text(String),
}

impl Number {
    fn read(&self) -> Result<u64, String> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => number(text),
        }
    }

    fn read32(&self) -> Result<u32, String> {
        match self {
            Self::Number(number) => number32(&number.to_string()),
            Self::Text(text) => number32(text),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Form {
    technology: Option<String>,
    policy: Option<Number>,
    profile: Option<OneOrMany<String>>,
    vcpus: Option<OneOrMany<Number>>,
    cpu: Option<OneOrMany<String>>,
    signature: Option<OneOrMany<Number>>,
    family: Option<u32>,
    model: Option<u32>,
    stepping: Option<u32>,
    sev_features: Option<OneOrMany<Number>>,
    host: HostForm,
    firmware: FirmwareForm,
    boot: BootForm,
    vmsa: VmsaForm,
    svsm: SvsmForm,
    unknown: Option<Vec<UnknownForm>>,
    harmless: Option<OneOrMany<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnknownForm {
    key: Option<String>,
    source: String,
    place: String,
    text: String,
    settled_by: String,
}

impl UnknownForm {
    fn describe(self, file: &str) -> Result<Unknown, Error> {
        let key = self.key.map(|key| keys::known(file, &key)).transpose()?;
        let Self { source, place, text, settled_by, .. } = self;
        Ok(Unknown { key, source, place, text, settled_by })
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [host] with kernel = … and such")]
struct HostForm {
    kernel: Option<String>,
    vmm: Option<String>,
    cpu: Option<String>,
    machine: Option<String>,
    debug_swap: Option<bool>,
    legacy_vm_type: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [firmware] with path = …")]
struct FirmwareForm {
    path: Option<OneOrMany<PathBuf>>,
    absorbed: Option<OneOrMany<PathBuf>>,
    sha256: Option<String>,
    snp_digest: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [boot] with kernel = … and such")]
struct BootForm {
    kernel: Option<OneOrMany<PathBuf>>,
    uki: Option<OneOrMany<PathBuf>>,
    kernel_sha256: Option<OneOrMany<String>>,
    initrd: Option<OneOrMany<PathBuf>>,
    initrd_sha256: Option<OneOrMany<String>>,
    cmdline: Option<OneOrMany<String>>,
    cmdline_file: Option<OneOrMany<PathBuf>>,
    cmdline_hex: Option<OneOrMany<String>>,
    cmdline_sha256: Option<OneOrMany<String>>,
    kernel_hashes: Option<OneOrMany<bool>>,
    kernel_gpa: Option<Number>,
    shim: Option<PathBuf>,
    dtb: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [vmsa] with bsp = …")]
struct VmsaForm {
    bsp: Option<PathBuf>,
    ap: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [svsm] with image = …")]
struct SvsmForm {
    image: Option<PathBuf>,
    vars_size: Option<Number>,
    vars_file: Option<PathBuf>,
}

/// Turns raw values into fields, with the file's name in every error.
struct Reader<'a> {
    file: &'a str,
    origin: &'a Origin,
}

impl Reader<'_> {
    fn wrong(&self, key: &str, message: String) -> Error {
        Error::Value { file: self.file.into(), key: key.into(), message }
    }

    fn one<T, U, E: ToString>(
        &self,
        key: &str,
        raw: Option<T>,
        read: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Field<U>, Error> {
        let Some(raw) = raw else { return Ok(None) };
        let value = read(raw).map_err(|error| self.wrong(key, error.to_string()))?;
        Ok(Some(Sourced::new(value, self.origin)))
    }

    fn many<T, U, E: ToString>(
        &self,
        key: &str,
        raw: Option<OneOrMany<T>>,
        read: impl Fn(T) -> Result<U, E>,
    ) -> Result<Field<Vec<U>>, Error> {
        let Some(raw) = raw else { return Ok(None) };
        let raw = raw.into_vec();
        if raw.is_empty() {
            return Err(
                self.wrong(key, "an empty list describes no launch: leave the key out".into())
            );
        }
        let values = raw.into_iter().map(read).collect::<Result<_, E>>();
        let values = values.map_err(|error| self.wrong(key, error.to_string()))?;
        Ok(Some(Sourced::new(values, self.origin)))
    }

    fn paths<U>(
        &self,
        key: &str,
        raw: Option<OneOrMany<PathBuf>>,
        make: impl Fn(PathBuf) -> U,
    ) -> Result<Field<Vec<U>>, Error> {
        self.many(key, raw, |path| match path.as_os_str().is_empty() {
            true => Err("an empty path"),
            false => Ok(make(path)),
        })
    }

    /// The one of several fields that was given.
    fn only<T>(&self, fields: Vec<(&'static str, Field<T>)>) -> Result<Field<T>, Error> {
        let mut given: Option<(&'static str, Field<T>)> = None;
        for (key, field) in fields {
            if field.is_none() {
                continue;
            }
            if let Some((first, _)) = given {
                return Err(Error::Both { file: self.file.into(), first, second: key });
            }
            given = Some((key, field));
        }
        Ok(given.and_then(|(_, field)| field))
    }
}

fn sha256(text: String) -> Result<Sha256Digest, sev_launch_abi::Error> {
    text.parse()
}

/// A text of which it is enough to know that it can be read.
fn readable<T: std::str::FromStr>(text: String) -> Result<String, T::Err> {
    text.parse::<T>().map(|_| text)
}

impl Form {
    fn describe(self, origin: &Origin, file: &str) -> Result<Description, Error> {
        let reader = Reader { file, origin };
        Ok(Description {
            technology: reader
                .one("technology", self.technology, |text| text.parse::<Technology>())?,
            policy: reader.one("policy", self.policy, |number| number.read())?,
            profiles: reader.many("profile", self.profile, |name| {
                let names = || profile::ALL.iter().map(|profile| profile.name.to_owned());
                profile::by_name(&name).map_err(|error| keys::did_you_mean(&error, &name, names()))
            })?,
            host: self.host.describe(&reader)?,
            vcpus: reader.one("vcpus", self.vcpus, |counts| {
                let texts: Vec<_> = counts.into_vec().iter().map(Number::text).collect();
                texts.join(",").parse::<VcpuCounts>()
            })?,
            cpus: reader.only(vec![
                (
                    "cpu",
                    reader.many("cpu", self.cpu, |name| {
                        let names = || MODELS.iter().flat_map(CpuModel::names);
                        Cpu::of_model(&name)
                            .map_err(|error| keys::did_you_mean(&error, &name, names()))
                    })?,
                ),
                (
                    "signature",
                    reader.many("signature", self.signature, |number| {
                        number.read32().map(|number| Cpu::from(CpuSignature(number)))
                    })?,
                ),
                (
                    "family",
                    parts(self.family, self.model, self.stepping)
                        .map_err(|message| reader.wrong("family", message))?
                        .map(|cpu| Sourced::new(vec![cpu], origin)),
                ),
            ])?,
            sev_features: reader
                .many("sev_features", self.sev_features, |number| number.read().map(SevFeatures))?,
            firmware: self.firmware.describe(&reader)?,
            boot: self.boot.describe(&reader)?,
            vmsa: Vmsa {
                bsp: reader.one("vmsa.bsp", self.vmsa.bsp, Ok::<_, String>)?,
                ap: reader.one("vmsa.ap", self.vmsa.ap, Ok::<_, String>)?,
            },
            svsm: self.svsm.describe(&reader)?,
            unknown: self
                .unknown
                .into_iter()
                .flatten()
                .map(|form| form.describe(file))
                .collect::<Result<_, _>>()?,
            harmless: reader.many("harmless", self.harmless, Ok::<_, String>)?,
        })
    }
}

/// Family, model and stepping go together.
fn parts(
    family: Option<u32>,
    model: Option<u32>,
    stepping: Option<u32>,
) -> Result<Option<Cpu>, String> {
    match (family, model, stepping) {
        (None, None, None) => Ok(None),
        (Some(family), Some(model), Some(stepping)) => {
            CpuSignature::from_parts(family, model, stepping)
                .map(|signature| Some(Cpu::from(signature)))
                .map_err(|error| error.to_string())
        }
        _ => Err("family, model and stepping go together: give all three".into()),
    }
}

impl HostForm {
    fn describe(self, reader: &Reader<'_>) -> Result<Host, Error> {
        Ok(Host {
            kernel: reader.one("host.kernel", self.kernel, readable::<HostKernel>)?,
            vmm: reader.one("host.vmm", self.vmm, readable::<VmmFact>)?,
            cpu: reader.one("host.cpu", self.cpu, |text| cpu::generation(&text).map(|_| text))?,
            machine: reader.one("host.machine", self.machine, Ok::<_, String>)?,
            debug_swap: reader.one("host.debug_swap", self.debug_swap, Ok::<_, String>)?,
            legacy_vm_type: reader.one(
                "host.legacy_vm_type",
                self.legacy_vm_type,
                Ok::<_, String>,
            )?,
        })
    }
}

impl FirmwareForm {
    fn describe(self, reader: &Reader<'_>) -> Result<Firmware, Error> {
        Ok(Firmware {
            images: reader.only(vec![
                ("firmware.path", reader.paths("firmware.path", self.path, Image::File)?),
                (
                    "firmware.absorbed",
                    reader.paths("firmware.absorbed", self.absorbed, Image::Absorbed)?,
                ),
            ])?,
            sha256: reader.one("firmware.sha256", self.sha256, sha256)?,
            snp_digest: reader.one("firmware.snp_digest", self.snp_digest, |text| text.parse())?,
        })
    }
}

impl BootForm {
    fn describe(self, reader: &Reader<'_>) -> Result<Boot, Error> {
        let hash = |key: &str, raw| reader.many(key, raw, sha256);
        fn wrap<T>(
            field: Field<Vec<Sha256Digest>>,
            make: impl Fn(Sha256Digest) -> T,
        ) -> Field<Vec<T>> {
            field.map(|field| Sourced {
                value: field.value.into_iter().map(make).collect(),
                origin: field.origin,
            })
        }
        let kernel_hash = hash("boot.kernel_sha256", self.kernel_sha256)?;
        let initrd_hash = hash("boot.initrd_sha256", self.initrd_sha256)?;
        let cmdline_hash = hash("boot.cmdline_sha256", self.cmdline_sha256)?;
        Ok(Boot {
            kernels: reader.only(vec![
                ("boot.kernel", reader.paths("boot.kernel", self.kernel, Kernel::File)?),
                ("boot.uki", reader.paths("boot.uki", self.uki, Kernel::Uki)?),
                ("boot.kernel_sha256", wrap(kernel_hash, Kernel::Sha256)),
            ])?,
            initrds: reader.only(vec![
                ("boot.initrd", reader.paths("boot.initrd", self.initrd, Blob::File)?),
                ("boot.initrd_sha256", wrap(initrd_hash, Blob::Sha256)),
            ])?,
            cmdlines: reader.only(vec![
                (
                    "boot.cmdline",
                    reader.many("boot.cmdline", self.cmdline, |text| {
                        Ok::<_, String>(Cmdline::Bytes(text.into_bytes()))
                    })?,
                ),
                (
                    "boot.cmdline_file",
                    reader.paths("boot.cmdline_file", self.cmdline_file, Cmdline::File)?,
                ),
                (
                    "boot.cmdline_hex",
                    reader.many("boot.cmdline_hex", self.cmdline_hex, |text| {
                        hex::decode(text).map(Cmdline::Bytes)
                    })?,
                ),
                ("boot.cmdline_sha256", wrap(cmdline_hash, Cmdline::Sha256)),
            ])?,
            kernel_hashes: reader.many(
                "boot.kernel_hashes",
                self.kernel_hashes,
                Ok::<_, String>,
            )?,
            kernel_gpa: reader.one("boot.kernel_gpa", self.kernel_gpa, |number| number.read())?,
            shim: reader.one("boot.shim", self.shim, Ok::<_, String>)?,
            dtb: reader.one("boot.dtb", self.dtb, Ok::<_, String>)?,
        })
    }
}

impl SvsmForm {
    fn describe(self, reader: &Reader<'_>) -> Result<Svsm, Error> {
        let size = reader
            .one("svsm.vars_size", self.vars_size, |number| number.read().map(Vars::Bytes))?;
        let file = reader
            .one("svsm.vars_file", self.vars_file, |path| Ok::<_, String>(Vars::File(path)))?;
        Ok(Svsm {
            image: reader.one("svsm.image", self.image, Ok::<_, String>)?,
            vars: reader.only(vec![("svsm.vars_size", size), ("svsm.vars_file", file)])?,
        })
    }
}
