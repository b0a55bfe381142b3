//! The keys of a description with their values, and the three ways to say them: TOML, JSON and flags.

use std::ffi::OsString;

use serde_json::Value as Json;

/// A key of a description with what it says.
pub(super) type Key = (&'static str, Value);

/// What a key says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(u64),
    /// A number that is written in hex.
    Hex(u64),
    Switch(bool),
    List(Vec<Value>),
    /// An entry of what is unknown.
    Table(Vec<(&'static str, String)>),
}

/// A text.
pub(super) fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// One value, or a list of several.
pub(super) fn one_or_many(mut values: Vec<Value>) -> Value {
    if values.len() == 1 { values.remove(0) } else { Value::List(values) }
}

impl Value {
    fn toml(&self) -> String {
        let list = |parts: Vec<String>| parts.join(", ");
        match self {
            // Every escape of JSON's strings is one of TOML's.
            Self::Text(text) => Json::from(text.as_str()).to_string(),
            Self::Number(number) => number.to_string(),
            Self::Hex(number) if i64::try_from(*number).is_ok() => format!("{number:#x}"),
            Self::Hex(number) => format!("\"{number:#x}\""),
            Self::Switch(on) => on.to_string(),
            Self::List(values) => format!("[{}]", list(values.iter().map(Self::toml).collect())),
            Self::Table(parts) => {
                let part =
                    |(key, value): &(&str, String)| format!("{key} = {}", text(value).toml());
                format!("{{ {} }}", list(parts.iter().map(part).collect()))
            }
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Hex(number) => format!("{number:#x}").into(),
            Self::Switch(on) => (*on).into(),
            Self::List(values) => values.iter().map(Self::json).collect(),
            Self::Table(parts) => {
                let part =
                    |(key, value): &(&str, String)| ((*key).to_owned(), Json::from(value.as_str()));
                Json::Object(parts.iter().map(part).collect())
            }
        }
    }

    /// As a flag has it; `None` if none can.
    fn flag(&self) -> Option<String> {
        Some(match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Hex(number) => format!("{number:#x}"),
            Self::Switch(on) => if *on { "on" } else { "off" }.to_owned(),
            Self::List(_) | Self::Table(_) => return None,
        })
    }
}

/// The description in TOML.
pub(super) fn toml(keys: &[Key]) -> String {
    keys.iter().map(|(key, value)| format!("{key} = {}\n", value.toml())).collect()
}

/// The description in JSON.
pub(super) fn json(keys: &[Key]) -> String {
    let mut top = serde_json::Map::new();
    for (key, value) in keys {
        match key.split_once('.') {
            None => drop(top.insert((*key).to_owned(), value.json())),
            Some((table, key)) => {
                let table =
                    top.entry(table).or_insert_with(|| Json::Object(serde_json::Map::new()));
                table.as_object_mut().expect("a table").insert(key.to_owned(), value.json());
            }
        }
    }
    Json::Object(top).to_string()
}

/// What says a key on the command line, and whether several values stand there with commas between (`,`), each with the flag
/// again (`+`), or not at all.
const FLAGS: [(&str, &str, char); 37] = [
    ("technology", "--mode", ' '),
    ("profile", "--profile", ','),
    ("vcpus", "--vcpus", ','),
    ("late_vcpus", "--late-vcpus", ' '),
    ("cpu", "--vcpu-type", ','),
    ("signature", "--vcpu-sig", ','),
    ("family", "--vcpu-family", ' '),
    ("model", "--vcpu-model", ' '),
    ("stepping", "--vcpu-stepping", ' '),
    ("sev_features", "--guest-features", ','),
    ("host.kernel", "--host-kernel", ' '),
    ("host.vmm", "--vmm-version", ' '),
    ("host.cpu", "--host-cpu", ' '),
    ("host.machine", "--machine", ' '),
    ("host.debug_swap", "--debug-swap", ' '),
    ("host.legacy_vm_type", "--legacy-vm-type", ' '),
    ("firmware.path", "--firmware", ' '),
    ("firmware.absorbed", "--firmware-absorbed", ' '),
    ("firmware.sha256", "--firmware-sha256", ' '),
    ("firmware.in_flash", "--firmware-in-flash", ' '),
    ("firmware.snp_digest", "--snp-ovmf-hash", ' '),
    ("boot.kernel", "--kernel", ' '),
    ("boot.uki", "--uki", ' '),
    ("boot.kernel_sha256", "--kernel-sha256", ' '),
    ("boot.initrd", "--initrd", ' '),
    ("boot.initrd_sha256", "--initrd-sha256", ' '),
    ("boot.cmdline", "--cmdline", '+'),
    ("boot.cmdline_file", "--cmdline-file", ' '),
    ("boot.cmdline_hex", "--cmdline-hex", ' '),
    ("boot.cmdline_sha256", "--cmdline-sha256", ' '),
    ("boot.kernel_hashes", "--kernel-hashes", ' '),
    ("boot.kernel_gpa", "--kernel-gpa", ' '),
    ("svsm.image", "--svsm", ' '),
    ("svsm.vars_size", "--vars-size", ' '),
    ("svsm.vars_file", "--vars-file", ' '),
    ("vmsa.bsp", "--vmsa-bsp", ' '),
    ("vmsa.ap", "--vmsa-ap", ' '),
];

/// Keys that no digest depends on and no flag says.
const UNSAID: [&str; 2] = ["policy", "host_data"];

/// The same launch by flags; `None` if flags cannot say it.
pub(super) fn flags(keys: &[Key]) -> Option<Vec<OsString>> {
    let has_svsm = keys.iter().any(|(key, _)| *key == "svsm.image");
    let mut flags = Vec::new();
    for (key, value) in keys.iter().filter(|(key, _)| !UNSAID.contains(key)) {
        let (_, flag, several) = FLAGS.iter().find(|(name, ..)| name == key)?;
        let values = match value {
            Value::List(values) => {
                let texts = values.iter().map(Value::flag).collect::<Option<Vec<_>>>()?;
                match several {
                    ',' => vec![texts.join(",")],
                    '+' => texts,
                    _ => return None,
                }
            }
            Value::Text(_) if *key == "technology" && has_svsm => vec!["snp:svsm".into()],
            value => vec![value.flag()?],
        };
        flags.extend(values.into_iter().flat_map(|value| [OsString::from(flag), value.into()]));
    }
    Some(flags)
}
