//! A pod's annotations, which replace keys of the file. [Kata, how-to-set-sandbox-config-kata]
//!
//! The runtime takes those of the hypervisor alone that `enable_annotations` allows, and starts no pod with others: what is given here
//! is meant to be taken, and warned of. All values are texts. `kernel_params` is not replaced but added to.

use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use super::super::{Import, bounded, codes};
use super::{Error, MOST_BYTES, Runtime, Settings, initdata, pod};
use crate::import::yaml;

/// What kind of key an annotation stands for.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Switch,
    /// Joined to what the file has.
    Parameters,
}

/// What the annotations of the hypervisor begin with.
const HYPERVISOR: &str = "io.katacontainers.config.hypervisor.";
/// What the annotations begin with that containerd writes for a sandbox.
const SANDBOX: &str = "io.kubernetes.cri.sandbox-";

/// Annotations below `io.katacontainers.config.`, the table's key that each replaces, and its kind.
const KNOWN: [(&str, &str, Kind); 20] = [
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
    ("io.katacontainers.config.sev.policy", "sev_guest_policy", Kind::Number),
];

/// Annotations that replace keys of the agent's table: the Rust runtime tells the agent, and the Go runtime tells it nothing of them by
/// the kernel's command line.
const AGENT: [(&str, &str, Kind); 2] = [
    ("io.katacontainers.config.agent.enable_tracing", "enable_tracing", Kind::Switch),
    ("io.katacontainers.config.agent.container_pipe_size", "container_pipe_size", Kind::Number),
];
/// Those that the Rust runtime alone has.
const AGENT_OF_RUST: [(&str, &str, Kind); 1] =
    [("io.katacontainers.config.agent.cdh_api_timeout_ms", "cdh_api_timeout_ms", Kind::Number)];

/// Annotations of the runtime that no launch digest depends on: memory, and what reaches the guest later.
const UNMEASURED: [&str; 2] =
    ["io.katacontainers.config.hypervisor.default_memory", "io.katacontainers.config.agent.policy"];

impl Settings<'_> {
    /// Takes a pod in, in YAML or JSON: a map of annotations, or what has one as `annotations`, as
    /// `metadata.annotations`, or as `info.runtimeSpec.annotations`. Gives the
    /// names of those for the runtime that are not known here, and may change the launch.
    pub(super) fn annotate(
        &mut self,
        import: &mut Import,
        bytes: &[u8],
    ) -> Result<Vec<String>, Error> {
        let source = self.annotations();
        let document = self.document(bytes)?;
        let pod = pod::of(&document).map_err(|message| source.value("kind", message))?;
        let is_pod = ["kind", "metadata", "spec"].iter().any(|key| pod.get(*key).is_some());
        // The last is where `crictl inspectp` has those of a sandbox.
        let places = ["/metadata/annotations", "/annotations", "/info/runtimeSpec/annotations"];
        let inner = places.iter().find_map(|place| pod.pointer(place));
        let none = Json::Object(Map::new());
        let inner = match inner {
            Some(Json::Null) => &none,
            Some(inner) => inner,
            None if is_pod => &none,
            None => pod,
        };
        let Some(map) = inner.as_object() else {
            return source.error("wanted a pod, or a map of annotations");
        };
        if let Some((name, _)) = map.iter().find(|(_, value)| !value.is_string()) {
            let message =
                "wanted a text: annotations are texts, in quotes where they look like numbers";
            return Err(source.value(bounded(name), message));
        }
        let text = |annotation: &str| map.get(annotation).and_then(Json::as_str).map(str::to_owned);
        self.has_pod =
            pod.get("spec").is_some() || map.keys().any(|name| name.starts_with(SANDBOX));
        self.pod = pod::sandbox_limits(|name| text(&format!("{SANDBOX}{name}")))
            .or_else(|| pod::limits(pod));
        for (annotation, key, kind) in KNOWN {
            let Some(text) = text(annotation) else { continue };
            self.warn_if_not_enabled(import, annotation);
            self.replaced.push((key, annotation));
            if matches!(kind, Kind::Parameters) {
                self.added = Some(text);
                continue;
            }
            let value = self.value(annotation, kind, &text)?;
            if let Some(table) = self.inner_mut(["hypervisor", "qemu"]) {
                // A pod that names an initrd has no image any more, and the other way round.
                if key == "initrd" || key == "image" {
                    table.remove("initrd");
                    table.remove("image");
                }
                table.insert(key.to_owned(), value);
            }
        }
        for annotation in [initdata::ANNOTATION, initdata::OLD_ANNOTATION] {
            if let Some(text) = text(annotation) {
                self.warn_if_not_enabled(import, annotation);
                self.initdata.push((annotation, text));
            }
        }
        let of_agent = match self.runtime {
            Runtime::Rust => [AGENT.as_slice(), &AGENT_OF_RUST].concat(),
            Runtime::Go => Vec::new(),
        };
        for (annotation, key, kind) in &of_agent {
            let Some(text) = text(annotation) else { continue };
            let value = self.value(annotation, *kind, &text)?;
            for name in ["agent", "agent.kata"] {
                let (outer, inner) = name.split_once('.').unwrap_or((name, ""));
                let table = self.file.entry(outer).or_insert_with(|| Table::new().into());
                if let (Some(table), false) = (table.as_table_mut(), inner.is_empty()) {
                    table.entry(inner).or_insert_with(|| Table::new().into());
                }
            }
            if let Some(table) = self.inner_mut(["agent", "kata"]) {
                table.insert((*key).to_owned(), value);
            }
        }
        let is_known = |name: &str| {
            let known = KNOWN.iter().chain(&AGENT).chain(&of_agent).map(|(known, ..)| *known);
            known
                .chain(UNMEASURED)
                .chain([initdata::ANNOTATION, initdata::OLD_ANNOTATION])
                .any(|known| known == name)
        };
        let unread = map
            .iter()
            .filter(|(name, _)| name.starts_with("io.katacontainers.config") && !is_known(name));
        Ok(unread.map(|(name, value)| bounded(&format!("{name} = {value}"))).collect())
    }

    /// How many parameters an annotation adds.
    pub(super) fn added_count(&self) -> usize {
        self.added.iter().flat_map(|text| text.split_ascii_whitespace()).count()
    }

    /// The document: JSON if it begins as JSON does, and YAML.
    fn document(&self, bytes: &[u8]) -> Result<Json, Error> {
        let source = self.annotations();
        source.check_size(bytes.len(), MOST_BYTES)?;
        if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return crate::strict::from_slice(bytes).map_err(|error| source.syntax(error));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| source.syntax(format!("no UTF-8 at byte {}", error.valid_up_to())))?;
        yaml::read(text).map_err(|message| source.syntax(message))
    }

    /// An annotation's text as the value that stands in the file in its place.
    fn value(&self, annotation: &str, kind: Kind, text: &str) -> Result<Value, Error> {
        let wrong = |wanted: &str| {
            let text = bounded(text);
            self.annotations().value(annotation, format!("{text:?}: wanted {wanted}"))
        };
        match kind {
            Kind::Text | Kind::Parameters => Ok(Value::String(text.to_owned())),
            Kind::Number => match crate::number::number(text).map(i64::try_from) {
                Ok(Ok(number)) => Ok(Value::Integer(number)),
                // Fractions of vCPUs.
                _ if pod::thousandths(text).is_some() => {
                    text.parse().map(Value::Float).map_err(|_| wrong("a number"))
                }
                _ => Err(wrong("a number")),
            },
            Kind::Switch => text.parse().map(Value::Boolean).map_err(|_| wrong("true or false")),
        }
    }

    /// Warns of an annotation that the file does not allow. Its list holds regular expressions, which match anywhere in a name: `kernel` allows
    /// `kernel_params` too, and what is more than a name may match. [Kata, checkAnnotationNameIsValid]
    fn warn_if_not_enabled(&self, import: &mut Import, annotation: &str) {
        let Some(name) = annotation.strip_prefix(HYPERVISOR) else { return };
        let list = self.table().and_then(|table| table.get("enable_annotations"));
        let mut enabled = list.and_then(Value::as_array).into_iter().flatten();
        let is_name = |entry: &str| entry.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let allows = |entry: &Value| {
            entry.as_str().is_some_and(|entry| name.contains(entry) || !is_name(entry))
        };
        if !enabled.any(allows) {
            let text = format!(
                "{annotation}: {} does not name it, so that the runtime does not start the pod",
                self.place("enable_annotations")
            );
            import.warn(codes::ANNOTATION_NOT_ENABLED, text);
        }
    }

    fn inner_mut(&mut self, [outer, inner]: [&str; 2]) -> Option<&mut Table> {
        self.file.get_mut(outer)?.get_mut(inner)?.as_table_mut()
    }
}
