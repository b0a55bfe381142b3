//! The keys of a description: one table of what each is called, how it is written, which flag says it and what depends on it.
//!
//! From the table come the reader and the writer of a description's file, what one description laid over another replaces,
//! the paths in it, and what is said of a key that means nothing. A row is a field of [`Description`] with the keys that say
//! it: of those only one may stand in a file.
//!
//! ```
//! use sev_launch_description::keys::KEYS;
//!
//! let hex = KEYS.iter().find(|key| key.name == "boot.cmdline_hex").unwrap();
//! assert_eq!((hex.field(), hex.flag), ("boot.cmdline", Some("--cmdline-hex")));
//! assert!(hex.is_axis && !hex.holds_path);
//! ```

use std::path::PathBuf;

use serde::Deserialize;
use sev_launch_abi::Technology;
use sev_launch_abi::snp::HostData;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::{HostKernel, VmmFact};
use sev_launch_digest::snp;
use strsim::normalized_levenshtein as likeness;

use crate::axes::VcpuCounts;
use crate::description::{
    Blob, Boot, Cmdline, Description, Firmware, Host, Image, Kernel, Svsm, Vars, Vmsa,
};
use crate::entries::{Entry, write};
use crate::error::Error;
use crate::file::{Reader, UnknownForm};
use crate::form::{
    CpuName, Decimal, Features, Form, GenerationName, Hex, HexBytes, Number, OneOrMany, Policy,
    ProfileName, Readable, Signature, Switch, TextBytes, Texts,
};
use crate::id_block::{IdAuth, IdBlock};
use crate::number::{sev_policy, snp_policy};
use crate::object::{Fields, Object};
use crate::origin::Origin;
use crate::spelling::nearest_by;

/// A key of a description's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name with its table, as `boot.kernel`.
    pub name: &'static str,
    /// The command's flag that says the same; `None` if there is none.
    pub flag: Option<&'static str>,
    /// May it have several values, each of which describes launches of its own?
    pub is_axis: bool,
    /// Is its value the path of a file?
    pub holds_path: bool,
    /// The technologies whose digests depend on it.
    pub measured_by: &'static [Technology],
}

impl Key {
    /// The first of the keys that say the same thing, of which a file may have one.
    pub fn field(&self) -> &'static str {
        let field = FIELDS.iter().find(|(_, keys)| keys.contains(&self.name));
        field.map_or(self.name, |(first, _)| first)
    }
}

const NONE: &[Technology] = &[];
const SNP: &[Technology] = &[Technology::Snp];
/// Those that measure registers.
pub(crate) const VMSA: &[Technology] = &[Technology::SevEs, Technology::Snp];
const ALL: &[Technology] = &[Technology::Sev, Technology::SevEs, Technology::Snp];

/// What depends on whether a field holds one value or many.
macro_rules! kind {
    (raw many $form:ty) => { OneOrMany<<$form as Form>::Raw> };
    (raw one $form:ty) => { <$form as Form>::Raw };
    (is_axis many $form:ty) => { true };
    (is_axis one $form:ty) => { <$form as Form>::IS_LIST };
    (values many $value:expr) => { $value.as_slice() };
    (values one $value:expr) => { std::slice::from_ref($value) };
    (values_mut many $value:expr) => { $value.as_mut_slice() };
    (values_mut one $value:expr) => { std::slice::from_mut($value) };
}

/// A form's functions, for a value itself or for a variant that holds it.
macro_rules! form {
    ($function:ident $form:ty) => {
        <$form as Form>::$function
    };
    (read $form:ty, $enum:ident $variant:ident) => {
        |raw| <$form as Form>::read(raw).map($enum::$variant)
    };
    (write $form:ty, $enum:ident $variant:ident) => {
        |value: &$enum| match value {
            $enum::$variant(inner) => <$form as Form>::write(inner),
            _ => None,
        }
    };
}

/// The path in a value, if its form is one.
macro_rules! path {
    ($value:ident $form:ty) => {
        <$form as Form>::path($value)
    };
    ($value:ident $form:ty, $enum:ident $variant:ident) => {
        match $value {
            $enum::$variant(inner) => <$form as Form>::path(inner),
            _ => None,
        }
    };
}

macro_rules! first {
    ($prefix:literal $first:ident $($rest:ident)*) => {
        concat!($prefix, stringify!($first))
    };
}

macro_rules! keys {
    (
        { $($top:ident $top_kind:ident $top_measured:ident
            { $($top_key:ident($top_flag:literal): $top_form:ty,)* })* }
        { $($part_field:literal { $($part:ident($part_flag:literal): $part_type:ty,)* })* }
        $($table:ident $type:ident $form_type:ident $prefix:literal $expecting:literal
            { $($field:ident $kind:ident $measured:ident
                { $($key:ident($flag:literal): $form:ty $(as $enum:ident::$variant:ident)?,)* })* })*
    ) => {
        /// Every key, in the order in which they are written.
        pub const KEYS: &[Key] = &[
            $($(Key {
                name: stringify!($top_key),
                flag: flag($top_flag),
                is_axis: kind!(is_axis $top_kind $top_form),
                holds_path: <$top_form as Form>::HOLDS_PATH,
                measured_by: $top_measured,
            },)*)*
            $($($(Key {
                name: concat!($prefix, stringify!($key)),
                flag: flag($flag),
                is_axis: kind!(is_axis $kind $form),
                holds_path: <$form as Form>::HOLDS_PATH,
                measured_by: $measured,
            },)*)*)*
            $($(Key {
                name: stringify!($part),
                flag: flag($part_flag),
                is_axis: false,
                holds_path: false,
                measured_by: VMSA,
            },)*)*
        ];

        /// The fields, each by its first key, and the keys that say it.
        const FIELDS: &[(&str, &[&str])] = &[
            $((first!("" $($top_key)*), &[$(stringify!($top_key)),*]),)*
            $($((first!($prefix $($key)*), &[$(concat!($prefix, stringify!($key))),*]),)*)*
            $(($part_field, &[$(stringify!($part)),*]),)*
        ];

        /// The tables that hold them, and the list of what is unknown.
        const TABLES: &[&str] = &[$(stringify!($table),)* "unknown"];

        /// A whole file.
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct FileForm {
            $($($top_key: Option<kind!(raw $top_kind $top_form)>,)*)*
            $($(pub(crate) $part: Option<$part_type>,)*)*
            pub(crate) unknown: Vec<Object<UnknownForm>>,
            $($table: Object<$form_type>,)*
        }

        impl Fields for FileForm {
            const WANTED: &'static str = "an object with a description's keys";
        }

        $(
            #[derive(Default, Deserialize)]
            #[serde(deny_unknown_fields, default)]
            struct $form_type {
                $($($key: Option<kind!(raw $kind $form)>,)*)*
            }

            impl Fields for $form_type {
                const WANTED: &'static str = $expecting;
            }
        )*

        impl FileForm {
            /// The description, without what is unknown.
            pub(crate) fn describe(self, reader: &Reader<'_>) -> Result<Description, Error> {
                Ok(Description {
                    $($top: reader.only([$((
                        stringify!($top_key),
                        reader.$top_kind(stringify!($top_key), self.$top_key, form!(read $top_form))?,
                    )),*])?,)*
                    $($table: $type {
                        $($field: reader.only([$((
                            concat!($prefix, stringify!($key)),
                            reader.$kind(
                                concat!($prefix, stringify!($key)),
                                self.$table.0.$key,
                                form!(read $form $(, $enum $variant)?),
                            )?,
                        )),*])?,)*
                    },)*
                    unknown: Vec::new(),
                })
            }
        }

        impl Description {
            /// Every key that has a value, in the order of the file.
            pub fn entries(&self) -> Vec<Entry> {
                let mut list = Vec::new();
                $(if let Some(field) = &self.$top {
                    write(&mut list, kind!(values $top_kind &field.value), &field.origin, &[
                        $((stringify!($top_key), &form!(write $top_form))),*
                    ]);
                })*
                $($(if let Some(field) = &self.$table.$field {
                    write(&mut list, kind!(values $kind &field.value), &field.origin, &[$((
                        concat!($prefix, stringify!($key)),
                        &form!(write $form $(, $enum $variant)?),
                    )),*]);
                })*)*
                list
            }

            /// These fields, and the other's where there is none here.
            pub(crate) fn or(self, other: Self) -> Self {
                Self {
                    $($top: self.$top.or(other.$top),)*
                    $($table: $type { $($field: self.$table.$field.or(other.$table.$field),)* },)*
                    unknown: self.unknown,
                }
            }

            /// Is a value said for the field that a key belongs to, by this key or by another?
            #[must_use]
            pub fn says(&self, key: &str) -> bool {
                // An image in the place of an IGVM file does not say which file it is.
                if key == "firmware.igvm" && !self.is_igvm() {
                    return false;
                }
                let field = find(key).map(Key::field);
                $(field == Some(first!("" $($top_key)*)) && self.$top.is_some() ||)*
                $($(field == Some(first!($prefix $($key)*)) && self.$table.$field.is_some() ||)*)*
                false
            }

            /// Takes the value of the field that a key belongs to back.
            pub(crate) fn forget(&mut self, key: &str) {
                let field = find(key).map(Key::field);
                $(if field == Some(first!("" $($top_key)*)) {
                    self.$top = None;
                })*
                $($(if field == Some(first!($prefix $($key)*)) {
                    self.$table.$field = None;
                })*)*
            }

            /// Every path, to be changed, with the key that says it and where it came from.
            pub(crate) fn for_each_path(
                &mut self,
                change: &mut dyn FnMut(&'static str, &Origin, &mut PathBuf),
            ) {
                $($(if let Some(field) = &mut self.$table.$field {
                    for value in kind!(values_mut $kind &mut field.value) {
                        $(if let Some(path) = path!(value $form $(, $enum $variant)?) {
                            change(concat!($prefix, stringify!($key)), &field.origin, path);
                        })*
                    }
                })*)*
            }
        }
    };
}

impl FileForm {
    /// Reads a policy that is said by names as one of the technology that stands beside it. Without a technology the names tell.
    ///
    /// Errors: names that no bit of that technology's policies has.
    pub(crate) fn name_policy(&mut self) -> Result<(), String> {
        let technology = self.technology.as_ref().and_then(|text| text.parse().ok());
        let names = self.policy.as_ref().and_then(Number::names);
        let (Some(technology), Some(names)) = (technology, names) else { return Ok(()) };
        let bits = match technology {
            Technology::Snp => snp_policy(names)?.bits(),
            Technology::Sev | Technology::SevEs => sev_policy(names)?.bits().into(),
        };
        self.policy = Some(Number::Number(bits));
        Ok(())
    }
}

/// The key of a name; `None` if there is none.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

const fn flag(flag: &'static str) -> Option<&'static str> {
    if flag.is_empty() { None } else { Some(flag) }
}

// Each field with how many values it has, what measures it, and the keys that say it, these with their flags and forms. The
// parts of a CPU's signature stand apart: only together do they say it.
keys! {
    {
        technology one ALL { technology("--mode"): Technology, }
        policy one NONE { policy(""): Policy, }
        host_data one NONE { host_data(""): HostData, }
        id_block one NONE { id_block(""): IdBlock, }
        id_auth one NONE { id_auth(""): IdAuth, }
        author_key one NONE { author_key(""): Switch, }
        profiles many VMSA { profile("--profile"): ProfileName, }
        vcpus one VMSA { vcpus("--vcpus"): VcpuCounts, }
        late_vcpus one VMSA { late_vcpus("--late-vcpus"): Decimal, }
        cpus many VMSA { cpu("--vcpu-type"): CpuName, signature("--vcpu-sig"): Signature, }
        sev_features many VMSA { sev_features("--guest-features"): Features, }
        harmless one NONE { harmless("--harmless"): Texts, }
    }
    { "cpu" {
        family("--vcpu-family"): u32,
        model("--vcpu-model"): u32,
        stepping("--vcpu-stepping"): u32,
    } }
    host Host HostForm "host." "a table: [host] with kernel = … and such" {
        kernel one VMSA { kernel("--host-kernel"): Readable<HostKernel>, }
        vmm one ALL { vmm("--vmm-version"): Readable<VmmFact>, }
        cpu one VMSA { cpu("--host-cpu"): GenerationName, }
        machine one ALL { machine("--machine"): String, }
        debug_swap one VMSA { debug_swap("--debug-swap"): Switch, }
        legacy_vm_type one VMSA { legacy_vm_type("--legacy-vm-type"): Switch, }
    }
    firmware Firmware FirmwareForm "firmware." "a table: [firmware] with path = …" {
        images many ALL {
            path("--firmware"): PathBuf as Image::File,
            absorbed("--firmware-absorbed"): PathBuf as Image::Absorbed,
            igvm("--igvm"): PathBuf as Image::Igvm,
        }
        sha256 one NONE { sha256("--firmware-sha256"): Sha256Digest, }
        in_flash one NONE { in_flash("--firmware-in-flash"): Switch, }
        snp_digest one SNP { snp_digest("--snp-ovmf-hash"): snp::LaunchDigest, }
    }
    boot Boot BootForm "boot." "a table: [boot] with kernel = … and such" {
        kernels many ALL {
            kernel("--kernel"): PathBuf as Kernel::File,
            uki("--uki"): PathBuf as Kernel::Uki,
            kernel_sha256("--kernel-sha256"): Sha256Digest as Kernel::Sha256,
        }
        initrds many ALL {
            initrd("--initrd"): PathBuf as Blob::File,
            initrd_sha256("--initrd-sha256"): Sha256Digest as Blob::Sha256,
        }
        cmdlines many ALL {
            cmdline("--cmdline"): TextBytes as Cmdline::Bytes,
            cmdline_file("--cmdline-file"): PathBuf as Cmdline::File,
            cmdline_hex("--cmdline-hex"): HexBytes as Cmdline::Bytes,
            cmdline_sha256("--cmdline-sha256"): Sha256Digest as Cmdline::Sha256,
        }
        kernel_hashes many ALL { kernel_hashes("--kernel-hashes"): Switch, }
        kernel_gpa one SNP { kernel_gpa("--kernel-gpa"): Hex, }
        shim one ALL { shim("--shim"): PathBuf, }
        dtb one ALL { dtb("--dtb"): PathBuf, }
    }
    vmsa Vmsa VmsaForm "vmsa." "a table: [vmsa] with bsp = …" {
        bsp one VMSA { bsp("--vmsa-bsp"): PathBuf, }
        ap one VMSA { ap("--vmsa-ap"): PathBuf, }
    }
    svsm Svsm SvsmForm "svsm." "a table: [svsm] with image = …" {
        image one SNP { image("--svsm"): PathBuf, }
        vars one SNP {
            vars_size("--vars-size"): Decimal as Vars::Bytes,
            vars_file("--vars-file"): PathBuf as Vars::File,
        }
    }
}

/// Names whose keys are called otherwise: two of sev-snp-measure's flags, and what a path is often called.
const ALIASES: [(&str, &str); 3] =
    [("append", "boot.cmdline"), ("ovmf", "firmware.path"), ("firmware.file", "firmware.path")];

/// An error for a key that means nothing, with the one that is spelled most like it.
pub(crate) fn check(file: &str, key: &str, line: Option<usize>) -> Result<(), Error> {
    if TABLES.contains(&key) || find(key).is_some() {
        return Ok(());
    }
    Err(Error::UnknownKey { file: file.into(), line, key: key.into(), suggestion: meant_by(key) })
}

/// The key that an unknown one stands for: its other name, its flag's name, or else the one spelled most like it.
fn meant_by(found: &str) -> Option<String> {
    let typed = found.replace('_', "-");
    let is_flag = |key: &&Key| key.flag.and_then(|flag| flag.strip_prefix("--")) == Some(&typed);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == typed).map(|(_, key)| *key);
    let named = alias.or_else(|| KEYS.iter().find(is_flag).map(|key| key.name));
    named.map(str::to_owned).or_else(|| nearest(found))
}

/// A key alone is compared with the last parts too: who writes `kernel` at the top means `boot.kernel`.
fn nearest(found: &str) -> Option<String> {
    fn last(key: &str) -> &str {
        key.rsplit('.').next().unwrap_or(key)
    }
    let found_last = last(found).replace('-', "_");
    let names = KEYS.iter().map(|key| key.name).chain(TABLES.iter().copied());
    nearest_by(names.map(str::to_owned), |key| {
        let whole = likeness(found, key);
        // Where the parts are equally alike, the nearer table wins.
        whole.max(likeness(&found_last, last(key)) - 0.01) + whole / 100.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood() {
        for (found, meant) in [
            ("vcpu", Some("vcpus")),
            ("profiles", Some("profile")),
            ("kernel", Some("boot.kernel")),
            ("cmdline", Some("boot.cmdline")),
            ("boot.kernel-hashes", Some("boot.kernel_hashes")),
            ("boot.kernl", Some("boot.kernel")),
            ("firmware.file", Some("firmware.path")),
            ("svsn", Some("svsm")),
            ("zzzz", None),
        ] {
            assert_eq!(meant_by(found).as_deref(), meant, "{found}");
        }
    }
}
