//! The object itself: YAML or JSON, alone or as the one item of a list, a VirtualMachineInstance or a VirtualMachine's template.

use serde_json::Value;

use super::super::{Source, yaml};
use super::node::Node;
use crate::error::Error;

/// The guest of a document.
pub(super) struct Guest<'a> {
    pub(super) metadata: Node<'a>,
    /// The VirtualMachineInstance's spec.
    pub(super) spec: Node<'a>,
    /// Was it read from a cluster, which has dropped the keys that its release does not know?
    pub(super) is_stored: bool,
    /// Has the cluster filled in its defaults? It does in a VirtualMachineInstance alone, not in a VirtualMachine's template.
    pub(super) has_defaults: bool,
}

/// Parses a text. JSON is YAML too, but is read strictly where it is meant.
pub(super) fn parse(text: &[u8], source: Source<'_>) -> Result<Value, Error> {
    if text.trim_ascii_start().starts_with(b"{") {
        return crate::strict::from_slice(text).map_err(|error| source.syntax(error));
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return source.error("no UTF-8");
    };
    yaml::read(text).map_err(|error| source.syntax(error))
}

/// Finds the guest.
pub(super) fn find<'a>(document: &'a Value, source: Source<'a>) -> Result<Guest<'a>, Error> {
    let root = Node::new(document, "object", source);
    let kind = root.get("kind")?.text()?.unwrap_or_default();
    if !matches!(kind, "List" | "VirtualMachineInstanceList" | "VirtualMachineList") {
        return find_in(&root, kind, source);
    }
    let items = root.get("items")?.items()?;
    let [one] = items.as_slice() else {
        let count = items.len();
        return source.error(format!("a list of {count} objects, wanted one: name it to kubectl"));
    };
    find_in(one, one.get("kind")?.text()?.unwrap_or_default(), source)
}

/// The guest in an object of a kind.
fn find_in<'a>(object: &Node<'a>, kind: &str, source: Source<'a>) -> Result<Guest<'a>, Error> {
    match kind {
        "VirtualMachineInstance" => guest(object, object),
        "VirtualMachine" => {
            for name in ["instancetype", "preference"] {
                let chosen = object.get("spec")?.get(name)?;
                if chosen.is_some() {
                    return chosen.error(
                        "it adds to the template: give the VirtualMachineInstance that is made of both (`kubectl get vmi NAME -o yaml`)",
                    );
                }
            }
            guest(object, &object.get("spec")?.get("template")?)
        }
        other => source
            .error(format!("kind is {other:?}, wanted VirtualMachineInstance or VirtualMachine")),
    }
}

fn guest<'a>(object: &Node<'a>, template: &Node<'a>) -> Result<Guest<'a>, Error> {
    let spec = template.get("spec")?;
    if !spec.get("domain")?.is_some() {
        return spec.error("it has no domain");
    }
    let is_stored = object.get("metadata")?.get("uid")?.is_some();
    let is_instance = object.get("kind")?.text()? == Some("VirtualMachineInstance");
    let has_defaults = is_stored && is_instance;
    Ok(Guest { metadata: template.get("metadata")?, spec, is_stored, has_defaults })
}
