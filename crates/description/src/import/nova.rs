//! An OpenStack server: what Nova, by its libvirt driver, makes of a flavor and an image.
//!
//! Defined by [Nova, get_mem_encryption_constraint] and its libvirt driver. Flavor and image both decide whether memory is
//! encrypted and how: where one of them is not shown, neither is known. The API says neither which
//! firmware the host has nor, where the operator does not show it, which CPU: both are the operator's to tell. Nova writes no
//! session into a SEV or SEV-ES guest, so its owner cannot attest it; SNP guests attest from inside.
//!
//! ```
//! use sev_launch_description::import::nova::{Documents, from_json};
//!
//! let flavor = Some(&br#"{"vcpus": 2, "properties": {"hw:mem_encryption": "true"}}"#[..]);
//! let import = from_json(Documents { flavor, ..Documents::default() }, "the server")?;
//! // The image may ask for another model.
//! assert_eq!(import.description.unknown[0].key, Some("technology"));
//!
//! let image = Some(&br#"{"properties": {"hw_firmware_type": "uefi"}}"#[..]);
//! let import = from_json(Documents { flavor, image, ..Documents::default() }, "the server")?;
//! assert_eq!(import.description.policy.map(|field| field.value), Some(0x33));
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

mod properties;
mod unread;

use sev_launch_abi::Technology;

use super::{Import, Source, codes, default, found, vcpu_count};
use crate::axes::{Cpu, VcpuCounts};
use crate::description::Cmdline;
use crate::error::Error;
use properties::{Found, Properties};

pub use properties::MOST_BYTES;

/// What `openstack server show`, `flavor show` and `image show` print with `-f json`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Documents<'a> {
    /// The server. Its flavor counts where [`flavor`](Self::flavor) is not given.
    pub server: Option<&'a [u8]>,
    /// The flavor.
    pub flavor: Option<&'a [u8]>,
    /// The image.
    pub image: Option<&'a [u8]>,
}

/// The guest policies that Nova's libvirt driver writes. [Nova, libvirt driver]
const POLICIES: [(&str, Technology, u64); 3] = [
    ("amd-sev", Technology::Sev, 0x33),
    ("amd-sev-es", Technology::SevEs, 0x37),
    ("amd-sev-snp", Technology::Snp, 0x30000),
];

/// Reads a server; `name` is what errors call it.
///
/// Errors: larger than [`MOST_BYTES`]; no JSON object; a value of another kind; no document at all; flavor and image that contradict
/// each other, as Nova refuses them; a server made of another flavor or image than was given; a server whose flavor and image are both
/// shown and do not ask for memory encryption; an unknown model of it.
pub fn from_json(documents: Documents<'_>, name: &str) -> Result<Import, Error> {
    let source = Source(name);
    let properties = Properties::read(documents, source)?;
    let mut import = Import::default();
    let technology = read_technology(&mut import, &properties, source)?;
    read_vcpus(&mut import, &properties, source)?;
    read_cpu(&mut import, &properties, technology);
    import.unknown(
        "firmware.path",
        "OpenStack's API",
        "it does not say which firmware the host has",
        "the operator knows the image that libvirt chooses",
    );
    read_machine(&mut import, &properties, technology);
    read_kernel(&mut import, &properties, technology, source)?;
    import.description.host.vmm = default("qemu".to_owned(), "Nova's libvirt driver starts QEMU");
    // Not known, it may be SEV-ES.
    import.unknown_host_kernel(technology.unwrap_or(Technology::SevEs));
    unread::name(&mut import, &properties);
    if technology.is_some_and(|technology| technology != Technology::Snp) {
        import.warn_of_no_session("Nova gives SEV guests neither dhCert nor session");
        import.warn(
            codes::NOT_ATTESTABLE,
            "encrypted, not attestable: the digest is for information only",
        );
    }
    import.of(source)
}

/// Flavor and image may both say it; where they differ, Nova refuses the server.
fn agreed<'a>(
    properties: &'a Properties,
    [flavor, image]: [&str; 2],
    same: impl Fn(&str, &str) -> bool,
    source: Source<'_>,
) -> Result<Option<Found<'a>>, Error> {
    match (properties.flavor(flavor), properties.image(image)) {
        (Some(left), Some(right)) if !same(left.value, right.value) => source.error(format!(
            "{} is {:?} and {} is {:?}: Nova refuses the server",
            left.place, left.value, right.place, right.value
        )),
        (left, right) => Ok(left.or(right)),
    }
}

/// The technology; `None` where what would say it is not shown.
fn read_technology(
    import: &mut Import,
    properties: &Properties,
    source: Source<'_>,
) -> Result<Option<Technology>, Error> {
    let keys = ["hw:mem_encryption", "hw_mem_encryption"];
    let same = |left: &str, right: &str| is_true(left) == is_true(right);
    let wanted = agreed(properties, keys, same, source)?;
    let is_wanted = wanted.as_ref().map(|wanted| is_true(wanted.value));
    let all_shown = properties.has_specs && properties.has_image;
    match is_wanted {
        Some(true) => {}
        None if !all_shown => {
            let text = "nothing that is shown says whether memory is encrypted";
            import.unknown_technology(properties, text);
            return Ok(None);
        }
        Some(false) | None => {
            return source.error(
                "neither the flavor's hw:mem_encryption nor the image's hw_mem_encryption is true: \
                the server's memory is not encrypted",
            );
        }
    }
    let keys = ["hw:mem_encryption_model", "hw_mem_encryption_model"];
    let model = agreed(properties, keys, |left, right| left == right, source)?;
    let (name, place) = match &model {
        Some(model) => (model.value, Some(&model.place)),
        None if all_shown => ("amd-sev", None),
        None => {
            import.unknown_technology(
                properties,
                "nothing that is shown says the model of encryption",
            );
            return Ok(None);
        }
    };
    let Some((_, technology, policy)) = POLICIES.into_iter().find(|(known, _, _)| *known == name)
    else {
        return source.error(format!(
            "memory encryption model {name:?}: wanted amd-sev, amd-sev-es or amd-sev-snp"
        ));
    };
    import.description.technology = match place {
        Some(place) => found(technology, place.clone()),
        None => default(technology, "Nova's model without hw_mem_encryption_model is amd-sev"),
    };
    import.description.policy = default(policy, format!("Nova's policy of {name}"));
    import.check_policy(technology, policy);
    Ok(Some(technology))
}

impl Import {
    /// Flavor or image may say what nothing says that is shown.
    fn unknown_technology(&mut self, properties: &Properties, text: &str) {
        const FLAVOR: &str = "`openstack flavor show -f json` of the server's flavor, by --flavor";
        const IMAGE: &str = "`openstack image show -f json` of the server's image, by --image";
        let (place, settled_by) = match (properties.has_specs, properties.has_image) {
            (false, true) => ("the flavor's properties", FLAVOR.to_owned()),
            (true, _) => ("the image's properties", IMAGE.to_owned()),
            (false, false) => {
                ("the flavor's and the image's properties", format!("{FLAVOR}; {IMAGE}"))
            }
        };
        for key in ["technology", "policy"] {
            self.unknown(key, place, format!("they are not shown, and {text}"), &settled_by);
        }
    }
}

/// As oslo reads switches. [oslo.utils, strutils.bool_from_string]
fn is_true(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    matches!(text.as_str(), "true" | "t" | "1" | "on" | "yes" | "y")
}

fn read_vcpus(
    import: &mut Import,
    properties: &Properties,
    source: Source<'_>,
) -> Result<(), Error> {
    let Some(vcpus) = properties.flavor("vcpus") else {
        let settled_by = "`openstack flavor show -f json` has its vcpus";
        import.unknown("vcpus", "flavor", "there is no flavor", settled_by);
        return Ok(());
    };
    let Some(count) = vcpus.value.parse::<u32>().ok().and_then(vcpu_count) else {
        return Err(source.value(vcpus.place, format!("{:?} is no number of vCPUs", vcpus.value)));
    };
    import.description.vcpus = found(VcpuCounts::one(count), vcpus.place);
    Ok(())
}

fn read_cpu(import: &mut Import, properties: &Properties, technology: Option<Technology>) {
    let (place, why, settled_by) = match properties.server("ATTESTATION:vcpu_model") {
        Some(model) => match Cpu::of_model(model.value) {
            Ok(cpu) => {
                import.description.cpus = found(vec![cpu], model.place);
                return;
            }
            Err(error) => {
                (model.place, error.to_string(), "the operator knows the model's signature")
            }
        },
        None => (
            "server property ATTESTATION:vcpu_model".into(),
            "there is none, and the operator's cpu_models decide".into(),
            "the operator knows the model",
        ),
    };
    if technology != Some(Technology::Sev) {
        import.unknown("cpu", place, why, settled_by);
    }
}

fn read_machine(import: &mut Import, properties: &Properties, technology: Option<Technology>) {
    if let Some(machine) = properties.image("hw_machine_type") {
        if !machine.value.contains("q35") {
            let text = format!(
                "{} is {:?}: Nova wants q35 for memory encryption",
                machine.place, machine.value
            );
            import.warn(codes::MACHINE_NOT_Q35, text);
        }
        import.check_machine(&machine.place, machine.value);
        import.description.host.machine = found(machine.value.to_owned(), machine.place);
    }
    for key in ["architecture", "hw_architecture"] {
        if let Some(found) = properties.image(key) {
            import.check_architecture(&found.place, found.value);
        }
    }
    if !properties.has_image {
        return;
    }
    let value = |key| properties.image(key).map(|found| found.value.to_owned());
    if value("hw_firmware_type").as_deref() != Some("uefi") {
        import.warn(
            codes::FIRMWARE_NOT_UEFI,
            "the image has no hw_firmware_type=uefi, without which Nova refuses memory encryption",
        );
    }
    if technology == Some(Technology::Snp)
        && !value("hw_firmware_stateless").is_some_and(|on| is_true(&on))
    {
        import.warn(
            codes::NOT_STATELESS,
            "the image has no hw_firmware_stateless=true, without which Nova refuses amd-sev-snp",
        );
    }
}

/// An image apart from the disk.
enum Part {
    None,
    Some { place: String, text: String, settled_by: &'static str },
}

/// The kernel or the ramdisk, as the image has it and as the server was made with it.
fn part(properties: &Properties, name: &str, source: Source<'_>) -> Result<Part, Error> {
    let (image, server) =
        (properties.image(name), properties.server(&format!("OS-EXT-SRV-ATTR:{name}")));
    if let (Some(image), Some(server)) = (&image, &server)
        && image.value != server.value
    {
        return source.error(format!(
            "{} is {:?} and {} is {:?}: give the image that the server was made from",
            image.place, image.value, server.place, server.value
        ));
    }
    let place = format!("image property {name}");
    let show = "`openstack image show -f json` of the server's image";
    Ok(match image.or(server) {
        Some(found) if found.value.is_empty() => Part::None,
        Some(found) => Part::Some {
            text: format!("it is the image {}", found.value),
            place: found.place,
            settled_by: "`openstack image save` fetches it",
        },
        None if properties.image_is_null(name) => Part::Some {
            place,
            text: "it is null, which may be none or one that is not shown".into(),
            settled_by: show,
        },
        None if !properties.has_document => Part::Some {
            place,
            text: "there is no document of the image, which may have one".into(),
            settled_by: show,
        },
        None => Part::None,
    })
}

/// A kernel image apart from the disk: Nova has its hash measured for SNP alone.
fn read_kernel(
    import: &mut Import,
    properties: &Properties,
    technology: Option<Technology>,
    source: Source<'_>,
) -> Result<(), Error> {
    let kernel = part(properties, "kernel_id", source)?;
    let ramdisk = part(properties, "ramdisk_id", source)?;
    if matches!(kernel, Part::None) {
        return Ok(());
    }
    for (key, part) in [("boot.kernel", kernel), ("boot.initrd", ramdisk)] {
        if let Part::Some { place, text, settled_by } = part {
            import.unknown(key, place, text, settled_by);
        }
    }
    match properties.image("os_command_line") {
        Some(line) => {
            let bytes = line.value.as_bytes().to_vec();
            import.description.boot.cmdlines = found(vec![Cmdline::Bytes(bytes)], line.place);
        }
        None => import.unknown(
            "boot.cmdline",
            "image property os_command_line",
            "there is none, and Nova's own depends on the root device",
            "the command line of the running QEMU has it",
        ),
    }
    let Some(technology) = technology else {
        let text = "Nova has a kernel measured for SNP alone, and whether this is SNP is not known";
        let settled_by = "the flavor's and the image's properties, which say the technology";
        import.unknown("boot.kernel_hashes", "Nova's libvirt driver", text, settled_by);
        return Ok(());
    };
    let measured = technology == Technology::Snp;
    let reason = match measured {
        true => "Nova's kernelHashes with a kernel image",
        false => "Nova writes no kernelHashes for SEV",
    };
    import.description.boot.kernel_hashes = default(vec![measured], reason);
    if !measured {
        import.warn(
            codes::KERNEL_NOT_MEASURED,
            "kernel, initrd and command line are NOT covered by the digest: Nova writes no \
            kernelHashes for SEV and SEV-ES",
        );
    }
    import.check_boot("");
    Ok(())
}
