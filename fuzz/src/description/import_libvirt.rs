//! A libvirt domain's XML. Nothing that is added to what is measured may vanish.

use roxmltree::{Document, Node};
use sev_launch_description::import::libvirt;

use super::{check_import, is_told, testdata};

/// An input is a document.
pub(crate) fn run(bytes: &[u8]) {
    if check_import(|| libvirt::from_xml(bytes, "x")).is_none() {
        return;
    }
    let text = std::str::from_utf8(bytes).expect("what was read is text");
    let document = Document::parse(text).expect("what was read is XML");
    let root = document.root_element();
    let domain = match root.tag_name().name() {
        "domain" => root,
        _ => plain(root, "domain").expect("what was read has a domain"),
    };
    // One place a run, chosen by the document itself.
    let choice = bytes.iter().fold(0_usize, |sum, byte| sum.wrapping_add((*byte).into()));
    if choice % 8 == 7 {
        let of_qemu = |node: &Node<'_, '_>| {
            node.tag_name().name() == "commandline"
                && node.tag_name().namespace().is_some_and(|uri| uri.contains("/domain/qemu/"))
        };
        if let Some(node) = domain.children().find(|node| node.is_element() && of_qemu(node)) {
            let tag = Tag::of(text, node);
            let prefix = tag.name.split_once(':').map_or("", |(prefix, _)| prefix);
            let more = tag.with_child(text, &format!("<{prefix}:fuzzed/>"));
            // What is shown of many arguments is cut, and the rest is told by its hash.
            let is_told = ["fuzzed", "the rest has SHA-256"]
                .iter()
                .any(|text| is_told(libvirt::from_xml(more.as_bytes(), "x"), text));
            assert!(prefix.is_empty() || is_told, "{more}");
        }
        return;
    }
    const NAMES: [&str; 8] =
        ["os", "features", "cpu", "launchSecurity", "vcpu", "os/type", "os/loader", "cpu/model"];
    let path = NAMES[choice / 8 % NAMES.len()];
    let found = path.split('/').try_fold(domain, plain);
    let Some(node) = found else { return };
    let tag = Tag::of(text, node);
    let more = match choice % 3 {
        0 => tag.with_attribute(text, " fuzzed='1'"),
        1 => tag.with_child(text, "<fuzzed/>"),
        // Once more, where libvirt takes one: it may read the other, or both.
        _ => {
            let name = tag.name;
            let at = node.range().end;
            format!("{}<{name}><fuzzed/></{name}>{}", &text[..at], &text[at..])
        }
    };
    assert!(is_told(libvirt::from_xml(more.as_bytes(), "x"), "fuzzed"), "{path}: {more}");
}

/// The first element of a name below another, of no namespace.
fn plain<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| {
        child.is_element() && child.has_tag_name(name) && child.tag_name().namespace().is_none()
    })
}

/// Where an element's first tag stands in the document.
struct Tag<'a> {
    /// With its prefix.
    name: &'a str,
    /// The byte after the name.
    after_name: usize,
    /// The byte of the `>`.
    end: usize,
}

impl<'a> Tag<'a> {
    fn of(text: &'a str, node: Node<'_, '_>) -> Self {
        let start = node.range().start + 1;
        let name = text[start..].split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
        let name = name.into_iter().next().expect("a name");
        let mut quote = None;
        let end = text[start..].bytes().position(|byte| {
            match (quote, byte) {
                (Some(open), _) if open == byte => quote = None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'>') => return true,
                _ => {}
            }
            false
        });
        Self { name, after_name: start + name.len(), end: start + end.expect("an end") }
    }

    fn with_attribute(&self, text: &str, attribute: &str) -> String {
        let (before, after) = text.split_at(self.after_name);
        [before, attribute, after].concat()
    }

    /// With one more element, the first in it.
    fn with_child(&self, text: &str, child: &str) -> String {
        let (before, after) = (&text[..self.end], &text[self.end + 1..]);
        match before.strip_suffix('/') {
            Some(before) => format!("{before}>{child}</{}>{after}", self.name),
            None => format!("{before}>{child}{after}"),
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let names = ["sev-auto", "sev-direct", "sev-es-host-model", "sev-es", "sev-nvram"];
    let files = names.into_iter().map(|name| {
        let text = testdata(&format!("import/virt-install/{name}.xml"));
        let text = String::from_utf8(text).expect("the seeds are text");
        // A dozen ports say no more than one.
        let port = "    <controller type=\"pci\" model=\"pcie-root-port\"/>\n";
        text.replace(port, "").into_bytes()
    });
    // 96 bytes, of which the policy 0x30000 is the last eight, and 4096.
    let block = ["A".repeat(120).as_str(), "AwAAAAAA"].concat();
    let auth = ["A".repeat(5462).as_str(), "=="].concat();
    let wrapped = WRAPPED.replace("ID_BLOCK", &block).replace("ID_AUTH", &auth);
    files.chain([wrapped.into(), RUNNING.into()]).collect()
}

/// What virt-install does not write: a status, arguments of the domain's own, and vCPUs one by one.
const WRAPPED: &str = "<domstatus><domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\
<vcpu current='2'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' enabled='yes' hotpluggable='yes'/></vcpus>\
<os><type arch='x86_64' machine='pc-q35-9.0'>hvm</type><loader type='rom'>/f</loader><kernel>/k</kernel><cmdline>a &amp; b</cmdline></os>\
<features><smm state='off'/></features><cpu mode='custom'><model>EPYC-Milan</model></cpu>\
<launchSecurity type='sev-snp' kernelHashes='yes' authorKey='yes' vcek='no'><policy>0x30000</policy><hostData>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</hostData>\
<idBlock>ID_BLOCK</idBlock><idAuth>ID_AUTH</idAuth></launchSecurity>\
<qemu:commandline><qemu:arg value='-fw_cfg'/><qemu:arg value='name=a,string=b'/></qemu:commandline></domain></domstatus>";

/// One that runs.
const RUNNING: &str = "<domain type='kvm' id='3'><vcpu>1</vcpu><os firmware='efi'><type machine='pc-q35-7.2'>hvm</type>\
<loader type='pflash' readonly='yes' format='qcow2' stateless='yes'>/f</loader><nvram template='/v'/></os>\
<cpu mode='host-passthrough' check='none'/><launchSecurity type='sev'><policy>5</policy><dhCert>AA</dhCert><session>AA</session>\
</launchSecurity></domain>";

#[cfg(test)]
mod tests {
    use super::*;

    // Of a seed that is refused, nothing is tried but the refusal.
    #[test]
    fn seeds_are_read() {
        for seed in seeds() {
            let text = String::from_utf8_lossy(&seed);
            assert!(libvirt::from_xml(&seed, "x").is_ok(), "{text}");
        }
    }
}
