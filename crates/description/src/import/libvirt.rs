//! A libvirt domain's XML: `virsh dumpxml`, a file of `/etc/libvirt/qemu`, or what `virt-install --print-xml` prints.
//!
//! Defined by [libvirt, formatdomain] and its schemas. The XML of a domain that runs says more than the one it was
//! defined by: with `firmware='efi'` only the former names the image, and with `host-model` only the former names the CPU.
//! Policies are hexadecimal, with `0x` or without. White space in `<cmdline>` counts.
//!
//! ```
//! use sev_launch_description::import::libvirt;
//!
//! let xml = "<domain type='kvm'><vcpu>2</vcpu><os firmware='efi'/><launchSecurity type='sev-snp'>\
//!            <policy>0x30000</policy></launchSecurity></domain>";
//! let import = libvirt::from_xml(xml.as_bytes(), "guest.xml")?;
//! assert_eq!(import.description.vcpus.map(|counts| counts.value.to_string()).as_deref(), Some("2"));
//! // Which image libvirt will choose stands in the XML of the running domain only.
//! assert_eq!(import.description.unknown[0].key, Some("firmware.path"));
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

mod boot;
mod document;
mod security;
mod unread;

use roxmltree::Node;
use sev_launch_abi::Technology;
use sev_launch_abi::reader::wide;
use sev_launch_digest::vcpus::VcpuCount;

use super::{Import, Source, bounded, codes, default, found, qemu, vcpu_count};
use crate::axes::{Cpu, VcpuCounts};
use crate::error::Error;
use crate::number::number;
use crate::unknown::Unknown;

pub use document::MOST_BYTES;

/// Reads a domain's XML; `name` is what errors call it.
///
/// A `<domstatus>` and a snapshot's XML are read too: the domain in them counts. Errors: larger than [`MOST_BYTES`]; no
/// XML, or with a document type declaration; no domain of QEMU's; no `<launchSecurity>` for SEV, or more than one; a value
/// that libvirt would refuse.
pub fn from_xml(xml: &[u8], name: &str) -> Result<Import, Error> {
    let source = Source(name);
    let document = document::parse(xml, source)?;
    let mut import = Import::default();
    let domain = find_domain(&mut import, document.root_element(), source)?;
    read_kind(&mut import, domain, source)?;
    let technology = security::read(&mut import, domain, source)?;
    read_vcpus(&mut import, domain, technology, source)?;
    read_cpu(&mut import, domain, technology);
    boot::check_smm(domain, technology, source)?;
    boot::read_firmware(&mut import, domain, technology);
    boot::read(&mut import, domain, source)?;
    import.check_boot("launchSecurity has no kernelHashes='yes'");
    let is_igvm = read_qemu_arguments(&mut import, domain, technology, source)?;
    unread::name(&mut import, domain, is_igvm && technology != Technology::Sev);
    import.unknown_host_kernel(technology);
    import.of(source)
}

/// The elements of a name below another, of no namespace.
fn children<'a, 'input>(
    node: Node<'a, 'input>,
    name: &str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    let own = move |child: &Node<'_, '_>| {
        child.is_element()
            && child.tag_name().namespace().is_none()
            && child.tag_name().name() == name
    };
    node.children().filter(own)
}

/// The first element of a path.
fn child<'a, 'input>(node: Node<'a, 'input>, path: &[&str]) -> Option<Node<'a, 'input>> {
    path.iter().try_fold(node, |node, name| children(node, name).next())
}

/// An element's text as it stands, comments left out; libvirt takes none for an empty one.
fn text(node: Node<'_, '_>) -> Option<String> {
    let texts = node.descendants().filter(Node::is_text);
    Some(texts.filter_map(|node| node.text()).collect()).filter(|text: &String| !text.is_empty())
}

/// An element as it stands in the document, all that is in it included.
fn as_written<'input>(node: Node<'_, 'input>) -> &'input str {
    node.document().input_text().get(node.range()).unwrap_or_default()
}

/// The domain, as the document itself or in what libvirt wraps around one.
fn find_domain<'a, 'input>(
    import: &mut Import,
    root: Node<'a, 'input>,
    source: Source<'_>,
) -> Result<Node<'a, 'input>, Error> {
    let wrapper = root.tag_name().name();
    match wrapper {
        "domain" => return Ok(root),
        "domstatus" => {}
        "domainsnapshot" | "domaincheckpoint" => import.warn(
            codes::SNAPSHOT,
            format!("<{wrapper}>: the domain is that of a moment, not the one that runs"),
        ),
        other => {
            return source.error(format!("the root element is <{other}>, wanted <domain>"));
        }
    }
    match children(root, "domain").next() {
        Some(domain) => Ok(domain),
        None => source.error(format!("no <domain> in <{wrapper}>")),
    }
}

fn read_kind(import: &mut Import, domain: Node<'_, '_>, source: Source<'_>) -> Result<(), Error> {
    match domain.attribute("type") {
        Some("kvm") => {}
        Some("qemu") => import.warn(
            codes::NOT_KVM,
            "domain/@type is qemu, which is emulation: SEV guests are started by KVM only",
        ),
        Some(other) => {
            return source.error(format!("domain/@type is {other:?}, wanted \"kvm\""));
        }
        None => return source.error("domain/@type is missing, wanted \"kvm\""),
    }
    import.description.host.vmm = found("qemu".to_owned(), "domain/@type");
    let machine = child(domain, &["os", "type"]).and_then(|node| node.attribute("machine"));
    if let Some(machine) = machine {
        let place = "domain/os/type/@machine";
        import.check_machine(place, machine);
        import.description.host.machine = found(machine.to_owned(), place);
    }
    let architecture = child(domain, &["os", "type"]).and_then(|node| node.attribute("arch"));
    if let Some(architecture) = architecture {
        import.check_architecture("domain/os/type/@arch", architecture);
    }
    Ok(())
}

fn read_vcpus(
    import: &mut Import,
    domain: Node<'_, '_>,
    technology: Technology,
    source: Source<'_>,
) -> Result<(), Error> {
    let Some(node) = child(domain, &["vcpu"]) else {
        let count = VcpuCounts::one(VcpuCount::ONE);
        import.description.vcpus = default(count, "libvirt's number without <vcpu>");
        return Ok(());
    };
    let read = |place: &str, text: &str| {
        let count = number(text).map_err(|message| source.value(place, message))?;
        vcpu_count(count)
            .ok_or_else(|| source.value(place, format!("{text:?} is no number of vCPUs")))
    };
    let most = read("domain/vcpu", text(node).as_deref().unwrap_or("1"))?;
    let (count, place) = match node.attribute("current") {
        Some(current) => {
            let place = "domain/vcpu/@current";
            let count = read(place, current)?;
            if count > most {
                let (count, most) = (count.number(), most.number());
                return Err(source.value(place, format!("{count} of at most {most} vCPUs")));
            }
            (count, place)
        }
        None => (most, "domain/vcpu"),
    };
    import.description.vcpus = found(VcpuCounts::one(count), place);
    read_late_vcpus(import, domain, count, technology, source)
}

/// A list of single vCPUs. Those that are hot-pluggable are added by libvirt after QEMU's own have been made and before the guest
/// runs, or were added by somebody while it ran.
fn read_late_vcpus(
    import: &mut Import,
    domain: Node<'_, '_>,
    count: VcpuCount,
    technology: Technology,
    source: Source<'_>,
) -> Result<(), Error> {
    let place = "domain/vcpus";
    let Some(list) = child(domain, &["vcpus"]) else { return Ok(()) };
    let on = |node: &Node<'_, '_>, name: &str| node.attribute(name) == Some("yes");
    let enabled: Vec<_> = children(list, "vcpu").filter(|node| on(node, "enabled")).collect();
    if u32::try_from(enabled.len()).ok() != Some(count.number()) {
        let (found, wanted) = (enabled.len(), count.number());
        let text = format!("{found} vCPUs are enabled, and domain/vcpu says {wanted}");
        return Err(source.value(place, text));
    }
    let late = enabled.iter().filter(|node| on(node, "hotpluggable")).count();
    if late == 0 {
        return Ok(());
    }
    match (technology, vcpu_count(enabled.len() - late)) {
        (Technology::Sev, _) => {}
        // SEV-ES measures the registers of those that QEMU itself makes.
        (Technology::SevEs, Some(own)) => {
            import.description.vcpus = found(
                VcpuCounts::one(own),
                format!("{place}, without those that are hot-pluggable"),
            );
        }
        // The domain as it is defined: libvirt adds them before the guest runs, which is when SNP measures.
        (_, Some(_)) if domain.attribute("id").is_none() => {
            import.description.late_vcpus = found(wide(late), place);
        }
        _ => {
            import.description.vcpus = None;
            let text = format!(
                "{late} of them are hot-pluggable, and the domain runs: SNP measures those that were added before it did"
            );
            import.unknown(
                "vcpus",
                place,
                text,
                "--vcpus and --late-vcpus, by the domain as it was defined (`virsh dumpxml --inactive`)",
            );
        }
    }
    Ok(())
}

fn read_cpu(import: &mut Import, domain: Node<'_, '_>, technology: Technology) {
    let node = child(domain, &["cpu"]);
    let mode = node.map(|node| node.attribute("mode").unwrap_or("custom"));
    let model = node.and_then(|node| child(node, &["model"])).and_then(text);
    let model = model.as_deref().map(str::trim);
    let (place, why, settled_by) = match (mode, model) {
        (None, _) | (Some("custom"), None) => {
            return import.default_cpu("qemu64", "libvirt's model for QEMU without <cpu>");
        }
        (Some("custom"), Some(model)) => match Cpu::of_model(model) {
            Ok(cpu) => {
                import.description.cpus = found(vec![cpu], "domain/cpu/model");
                return;
            }
            Err(error) => ("domain/cpu/model", error.to_string(), "the model's signature"),
        },
        (Some("host-model"), _) => (
            "domain/cpu/@mode",
            "it is host-model".into(),
            "`virsh dumpxml` of the domain while it runs names the model",
        ),
        (Some(mode), _) => (
            "domain/cpu/@mode",
            format!("it is {mode}: the host's own signature is measured"),
            "`virsh capabilities` has it as host/cpu/signature",
        ),
    };
    // Plain SEV measures no registers.
    if technology != Technology::Sev {
        import.unknown("signature", place, why, settled_by);
    }
}

/// Arguments for QEMU that libvirt passes on unread. [libvirt, drvqemu, "Pass-through of arbitrary QEMU commands"]
fn qemu_arguments<'a>(domain: Node<'a, 'a>) -> Vec<&'a str> {
    let blocks = domain.children().filter(is_of_qemu);
    let all = blocks.flat_map(|block| block.children().filter(is_of_qemu));
    let arguments = all.filter(|argument| argument.tag_name().name() == "arg");
    arguments.filter_map(|argument| argument.attribute("value")).collect()
}

/// Is it an element of the namespace for what libvirt passes on to QEMU?
fn is_of_qemu(node: &Node<'_, '_>) -> bool {
    let of = |uri: &str| uri.contains("/domain/qemu/");
    node.is_element() && node.tag_name().namespace().is_some_and(of)
}

/// Says the IGVM file that a domain names by QEMU's own arguments, in place of its firmware.
fn read_igvm(
    import: &mut Import,
    domain: Node<'_, '_>,
    technology: Technology,
    file: &str,
    source: Source<'_>,
) -> Result<(), Error> {
    let place = "domain/qemu:commandline";
    if import.description.firmware.images.is_some() {
        let text = format!(
            "{place} names an IGVM file beside domain/os/loader: QEMU starts what the IGVM file says, and looks at no image of -bios"
        );
        import.warn(codes::UNUSED_FIRMWARE, text);
    }
    let is_of_firmware = |unknown: &Unknown| unknown.key == Some("firmware.path");
    import.description.unknown.retain(|unknown| !is_of_firmware(unknown));
    // Whoever makes a digest refuses it.
    if let Some(flash) = boot::flash(domain) {
        import.description.firmware.in_flash = found(true, flash);
    }
    import.found_igvm(source, place, file, security::id_block(domain, technology))
}

/// What libvirt passes on to QEMU: unknown, unless it is known to move nothing. Is the guest one from an IGVM file?
///
/// Errors: what QEMU refuses beside an IGVM file.
fn read_qemu_arguments(
    import: &mut Import,
    domain: Node<'_, '_>,
    technology: Technology,
    source: Source<'_>,
) -> Result<bool, Error> {
    let arguments = qemu_arguments(domain);
    let words: Vec<_> = arguments.iter().map(|word| word.as_bytes().to_vec()).collect();
    let mut found: Vec<String> = Vec::new();
    let igvm = qemu::only_igvm(&words);
    if let Some(file) = &igvm {
        read_igvm(import, domain, technology, file, source)?;
    } else if !qemu::move_nothing(&words) {
        found.push(arguments.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" "));
    }
    for block in domain.children().filter(is_of_qemu) {
        match block.tag_name().name() {
            "commandline" => {
                let inside = block.children().filter(is_of_qemu);
                let odd = inside.filter(|one| one.tag_name().name() != "arg");
                found.extend(odd.map(|one| as_written(one).to_owned()));
            }
            // How libvirt takes what QEMU calls outdated.
            "deprecation" => {}
            _ => found.push(as_written(block).to_owned()),
        }
    }
    if found.is_empty() {
        return Ok(igvm.is_some());
    }
    let what = bounded(&found.join(", "));
    import.unknown(
        None,
        "domain/qemu:commandline",
        format!("arguments of the domain's own for QEMU were not read: {what}"),
        "the command line of the running QEMU, imported in place of the domain",
    );
    import.warn(codes::QEMU_ARGUMENTS, format!("the domain has arguments of its own for QEMU ({what}), which were not read: import the \
        command line of the running QEMU instead"));
    Ok(igvm.is_some())
}
