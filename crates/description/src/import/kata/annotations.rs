//! A pod's annotations, which replace keys of the file. [Kata, how-to-set-sandbox-config-kata]
//!
//! The runtime takes those alone that `enable_annotations` allows; what is given here is meant to be taken. All values are
//! texts. `kernel_params` is not replaced but added to.

use serde_json::Value as Json;
use toml::{Table, Value};

use super::super::bounded;
use super::{Error, MOST_BYTES, Settings, Source};

/// What kind of key an annotation stands for.
enum Kind {
    Text,
    Number,
    Switch,
    /// Joined to what the file has.
    Parameters,
}

/// Annotations below `io.katacontainers.config.`, the table's key that each replaces, and its kind.
const KNOWN: [(&str, &str, Kind); 22] = [
    ("io.katacontainers.config.hypervisor.kernel", "kernel", Kind::Text),
    ("io.katacontainers.config.hypervisor.initrd", "initrd", Kind::Text),
    ("io.katacontainers.config.hypervisor.image", "image", Kind::Text),
    ("io.katacontainers.config.hypervisor.firmware", "firmware", Kind::Text),
    ("io.katacontainers.config.hypervisor.firmware_volume", "firmware_volume", Kind::Text),
    ("io.katacontainers.config.hypervisor.machine_type", "machine_type", Kind::Text),
    ("io.katacontainers.config.hypervisor.default_vcpus", "default_vcpus", Kind::Number),
    ("io.katacontainers.config.hypervisor.default_max_vcpus", "default_maxvcpus", Kind::Number),
    ("io.katacontainers.config.hypervisor.kernel_params", "kernel_params", Kind::Parameters),
    (
        "io.katacontainers.config.hypervisor.kernel_verity_params",
        "kernel_verity_params",
        Kind::Text,
    ),
    ("io.katacontainers.config.hypervisor.enable_iommu", "enable_iommu", Kind::Switch),
    ("io.katacontainers.config.hypervisor.use_legacy_serial", "use_legacy_serial", Kind::Switch),
    ("io.katacontainers.config.hypervisor.rootfs_type", "rootfs_type", Kind::Text),
    (
        "io.katacontainers.config.hypervisor.disable_guest_selinux",
        "disable_guest_selinux",
        Kind::Switch,
    ),
    ("io.katacontainers.config.hypervisor.block_device_driver", "block_device_driver", Kind::Text),
    ("io.katacontainers.config.hypervisor.snp_guest_policy", "snp_guest_policy", Kind::Number),
    ("io.katacontainers.config.hypervisor.enable_debug", "enable_debug", Kind::Switch),
    ("io.katacontainers.config.pre_attestation.enabled", "guest_pre_attestation", Kind::Switch),
    ("io.katacontainers.config.pre_attestation.uri", "guest_pre_attestation_kbs_uri", Kind::Text),
    ("io.katacontainers.config.hypervisor.cc_init_data", "initdata", Kind::Text),
    ("io.katacontainers.config.runtime.cc_init_data", "initdata", Kind::Text),
    ("io.katacontainers.config.sev.policy", "sev_guest_policy", Kind::Number),
];

/// Annotations of the runtime that no launch digest depends on: memory, and what reaches the guest later.
const UNMEASURED: [&str; 2] =
    ["io.katacontainers.config.hypervisor.default_memory", "io.katacontainers.config.agent.policy"];

impl Settings<'_> {
    /// Takes annotations in: a JSON map, or a pod that has one below `metadata.annotations`. Gives the names of those for the
    /// runtime that are not known here, and may change the launch.
    pub(super) fn annotate(&mut self, bytes: &[u8]) -> Result<Vec<String>, Error> {
        let source = Source("annotations");
        source.check_size(bytes.len(), MOST_BYTES)?;
        let json: Json = crate::strict::from_slice(bytes).map_err(|error| match bytes.trim_ascii_start().first() {
            Some(b'{') => source.syntax(error),
            _ => source.syntax(format!(
                "no JSON: {error}; `kubectl create --dry-run=client -o json -f` prints a pod's YAML as JSON"
            )),
        })?;
        self.has_pod = json.get("spec").is_some();
        self.pod = super::pod::limits(&json);
        let inner = json.pointer("/metadata/annotations").or_else(|| json.get("annotations"));
        let Some(map) = inner.unwrap_or(&json).as_object() else {
            return source.error("wanted a JSON object of annotations");
        };
        for (annotation, key, kind) in KNOWN {
            let Some(value) = map.get(annotation) else { continue };
            let text = match value {
                Json::String(text) => text.clone(),
                Json::Number(number) => number.to_string(),
                Json::Bool(on) => on.to_string(),
                _ => return Err(source.value(annotation, "wanted a text")),
            };
            let wrong =
                |wanted: &str| source.value(annotation, format!("{text:?}: wanted {wanted}"));
            let value = match kind {
                Kind::Text => Value::String(text),
                Kind::Number => match crate::number::number(&text).map(i64::try_from) {
                    Ok(Ok(number)) => Value::Integer(number),
                    // Fractions of vCPUs.
                    _ if super::pod::thousandths(&text).is_some() => {
                        Value::Float(text.parse().map_err(|_| wrong("a number"))?)
                    }
                    _ => return Err(wrong("a number")),
                },
                Kind::Switch => match text.parse() {
                    Ok(on) => Value::Boolean(on),
                    Err(_) => return Err(wrong("true or false")),
                },
                Kind::Parameters => {
                    self.added = Some(text);
                    self.replaced.push((key, annotation));
                    continue;
                }
            };
            if let Some(table) = self.table_mut() {
                // A pod that names an initrd has no image any more, and the other way round.
                if key == "initrd" || key == "image" {
                    table.remove("initrd");
                    table.remove("image");
                }
                table.insert(key.to_owned(), value);
            }
            self.replaced.push((key, annotation));
        }
        let unread = map.iter().filter(|(name, _)| {
            name.starts_with("io.katacontainers.config")
                && !UNMEASURED.contains(&name.as_str())
                && KNOWN.iter().all(|(known, ..)| known != name)
        });
        Ok(unread.map(|(name, value)| bounded(&format!("{name} = {value}"))).collect())
    }

    /// How many parameters an annotation adds.
    pub(super) fn added_count(&self) -> usize {
        self.added.iter().flat_map(|text| text.split_ascii_whitespace()).count()
    }

    fn table_mut(&mut self) -> Option<&mut Table> {
        self.file.get_mut("hypervisor")?.get_mut("qemu")?.as_table_mut()
    }
}
