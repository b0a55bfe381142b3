//! From merged options to a description.

use std::path::PathBuf;

use sev_launch_abi::{CpuSignature, Technology};
use sev_launch_digest::vcpus::VcpuCount;

use super::super::{Import, Source, checks, codes, default, found, vcpu_count};
use super::arguments::Arguments;
use super::firmware;
use super::options::Options;
use super::smp;
use crate::axes::{Cpu, VcpuCounts};
use crate::error::Error;

/// The guest policy where none is given. [QEMU, sev_guest_instance_init, sev_snp_guest_instance_init]
const SEV_POLICY: u64 = 0x1;
const SNP_POLICY: u64 = 0x30000;

/// Describes the launch.
pub(super) fn describe(arguments: &Arguments, source: Source<'_>) -> Result<Import, Error> {
    let mut import = Import::default();
    let object = object(arguments, source)?;
    let technology = read_object(&mut import, object, source)?;
    read_machine(&mut import, arguments);
    read_vcpus(&mut import, arguments, source)?;
    read_cpu(&mut import, arguments, technology, source)?;
    firmware::read(&mut import, arguments, technology, source)?;
    let append = match &arguments.append {
        Some(bytes) => Some(bytes.clone()),
        None => arguments.machine.value("append").map(|text| text.as_bytes().to_vec()),
    };
    // QEMU takes an empty name for none.
    let name = |key: &str| arguments.machine.value(key).filter(|name| !name.is_empty());
    let (place, file) = (|key: &str| format!("-{key}"), |key: &str| name(key).map(PathBuf::from));
    import.read_boot(source, place, file, ("append", append), "-kernel")?;
    import.check_boot("the SEV object has no kernel-hashes=on");
    for file in &arguments.config_files {
        let text =
            format!("-readconfig {file} was not read, and its options may change the launch");
        let settled_by = "the file's options as QEMU's own";
        import.unknown(None, "-readconfig", text.clone(), settled_by);
        import.warn(codes::CONFIG_FILE, text);
    }
    for setting in &arguments.settings {
        let text = format!("{setting} was not looked at, and may change what is measured");
        if !is_unmeasured(setting) {
            let settled_by =
                "whether it is a property of a vCPU, of the machine or of the SEV object";
            import.unknown(None, "-global and -set", text.clone(), settled_by);
        }
        import.warn(codes::UNREAD_SETTING, text);
    }
    if arguments.cpu_devices > 0 {
        import.description.vcpus = None;
        let devices = arguments.cpu_devices;
        import.unknown(
            "vcpus",
            "-device",
            format!("-device adds {devices} vCPUs to those of -smp"),
            "the number that exist when the guest starts",
        );
    }
    if let Some(word) = arguments.stray.first() {
        let more = match arguments.stray.len() {
            1 => "belongs".to_owned(),
            count => format!("and {} more belong", count - 1),
        };
        let text = format!("{word:?} {more} to no option");
        if !arguments.append_cut {
            let settled_by = "/proc/PID/cmdline, or the text with its quotes";
            import.unknown(None, "the command line", text.clone(), settled_by);
        }
        let advice = "if the quotes were lost, as ps loses them, give /proc/PID/cmdline";
        import.warn(codes::STRAY_ARGUMENT, format!("{text}: {advice}"));
    }
    if arguments.append_cut {
        import.description.boot.cmdlines = None;
        import.unknown(
            "boot.cmdline",
            "-append",
            "words follow it that belong to no option, so it was likely cut short",
            "/proc/PID/cmdline, or the text with its quotes",
        );
    }
    Ok(import.of(source))
}

/// The object that the machine uses for its memory encryption.
fn object<'a>(arguments: &'a Arguments, source: Source<'_>) -> Result<&'a Options, Error> {
    let kind =
        |object: &&Options| matches!(object.value("qom-type"), Some("sev-guest" | "sev-snp-guest"));
    let any = arguments.objects.iter().find(kind);
    let used = arguments.machine.any(&["confidential-guest-support", "memory-encryption"]);
    let Some(used) = used else {
        return source.error(match any {
            Some(_) => {
                "-machine has no confidential-guest-support, so QEMU does not use the SEV \
                object: a guest without encryption has no launch digest"
            }
            None => "no -machine confidential-guest-support: this is no confidential guest",
        });
    };
    if arguments.machine.value("igvm-cfg").is_some() {
        return source
            .error("-machine igvm-cfg: the launch is what the IGVM file says, which is not read");
    }
    let mut named = arguments.objects.iter().filter(|object| object.value("id") == Some(used));
    match (named.next(), named.next()) {
        (Some(object), None) if kind(&object) => Ok(object),
        (Some(object), None) => source.error(format!(
            "-object {}: neither sev-guest nor sev-snp-guest",
            object.value("qom-type").unwrap_or_default()
        )),
        (Some(_), Some(_)) => source.error(format!("two objects have the id {used:?}")),
        (None, _) => {
            source.error(format!("-machine names the object {used:?}, and no -object has that id"))
        }
    }
}

fn read_object(
    import: &mut Import,
    object: &Options,
    source: Source<'_>,
) -> Result<Technology, Error> {
    let kind = object.value("qom-type").unwrap_or_default();
    let place = format!("-object {kind}");
    let of = |key: &str| format!("{place},{key}");
    let wrong = |message: String| source.value(place.clone(), message);
    let is_snp = kind == "sev-snp-guest";
    let given = object.number("policy").map_err(wrong)?;
    let policy = given.unwrap_or(if is_snp { SNP_POLICY } else { SEV_POLICY });
    if !is_snp && u32::try_from(policy).is_err() {
        return Err(source.value(of("policy"), format!("{policy:#x} has more than 32 bits")));
    }
    let technology = checks::technology(is_snp, policy);
    import.description.technology = match (technology, given) {
        (Technology::Snp, _) | (_, None) => found(technology, place.clone()),
        _ => found(technology, format!("{}, bit 2", of("policy"))),
    };
    import.description.policy = match given {
        Some(policy) => found(policy, of("policy")),
        None => default(policy, format!("QEMU's policy of a {kind}")),
    };
    import.check_policy(technology, policy);
    let hashes = object.switch("kernel-hashes").map_err(wrong)?;
    import.description.boot.kernel_hashes = match hashes {
        Some(on) => found(vec![on], of("kernel-hashes")),
        None => default(vec![false], format!("QEMU's kernel-hashes of a {kind} is off")),
    };
    if object.value("legacy-vm-type").is_some_and(|value| value != "auto") {
        let legacy = object.switch("legacy-vm-type").map_err(wrong)?;
        import.description.host.legacy_vm_type =
            legacy.and_then(|on| found(on, of("legacy-vm-type")));
    }
    for key in ["debug-swap", "secure-avic", "secure-tsc"] {
        if object.switch(key).map_err(wrong)? == Some(true) {
            import.unknown(
                "sev_features",
                of(key),
                format!("{key}=on is of a newer QEMU than is known, or of a fork, and sets a bit of SEV_FEATURES"),
                "the word that KVM gives the guest",
            );
        }
    }
    let has_session =
        object.value("dh-cert-file").is_some() && object.value("session-file").is_some();
    if !is_snp && !has_session {
        import.warn_of_no_session(&format!("{place} has no dh-cert-file with a session-file"));
    }
    if is_snp && object.value("id-block").is_some() != object.value("id-auth").is_some() {
        let text = format!("{place} has one of id-block and id-auth without the other");
        import.warn(codes::ID_BLOCK_INCOMPLETE, text);
    }
    Ok(technology)
}

/// Settings of libvirt's in nearly every command line, whose devices hold nothing that is measured: the timer's lost ticks,
/// and the states of power management. [libvirt, qemuBuildClockArgStr, qemuBuildPMCommandLine]
fn is_unmeasured(setting: &str) -> bool {
    ["-global kvm-pit.", "-global ICH9-LPC.disable_s", "-global PIIX4_PM.disable_s"]
        .iter()
        .any(|start| setting.starts_with(start))
}

fn read_machine(import: &mut Import, arguments: &Arguments) {
    if let Some(machine) = arguments.machine.value("type") {
        import.description.host.machine = found(machine.to_owned(), "-machine");
    }
    // Any list of accelerators may fall back to another.
    let first = arguments.machine.value("accel").map(|list| list.split(':').next().unwrap_or(list));
    let named = arguments.accelerators.first().map(String::as_str).or(first);
    if let Some(accelerator) = named.filter(|name| *name != "kvm") {
        let text = format!("accelerator {accelerator}: SEV guests are started by KVM only");
        import.warn(codes::NOT_KVM, text);
    }
}

fn read_vcpus(import: &mut Import, arguments: &Arguments, source: Source<'_>) -> Result<(), Error> {
    let wrong = |message: String| source.value("-smp", message);
    let options = arguments.smp().map_err(wrong)?;
    if options == Options::default() {
        import.description.vcpus =
            default(VcpuCounts::one(VcpuCount::ONE), "QEMU's number without -smp");
        return Ok(());
    }
    let number = smp::vcpus(&options).map_err(wrong)?;
    let Some(count) = vcpu_count(number) else {
        return Err(wrong(format!("{number} vCPUs are more than any host starts")));
    };
    import.description.vcpus = found(VcpuCounts::one(count), "-smp");
    Ok(())
}

fn read_cpu(
    import: &mut Import,
    arguments: &Arguments,
    technology: Technology,
    source: Source<'_>,
) -> Result<(), Error> {
    let Some(text) = &arguments.cpu else {
        import.default_cpu("qemu64", "QEMU's model without -cpu");
        return Ok(());
    };
    let wrong = |message: String| source.value("-cpu", message);
    let options = Options::parse(text, Some("model name")).map_err(wrong)?;
    let model = options.value("model name").unwrap_or_default();
    let read = |key: &str| match options.number(key).map_err(wrong)? {
        Some(number) => match u32::try_from(number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(wrong(format!("{key}: {number} does not fit"))),
        },
        None => Ok(None),
    };
    let (family, number, stepping) = (read("family")?, read("model")?, read("stepping")?);
    let of_name = Cpu::of_model(model).ok();
    let base = of_name.as_ref().map(|cpu| cpu.signature.parts());
    let parts = (
        family.or(base.map(|(family, _, _)| family)),
        number.or(base.map(|(_, model, _)| model)),
        stepping.or(base.map(|(_, _, stepping)| stepping)),
    );
    let overridden = family.is_some() || number.is_some() || stepping.is_some();
    let cpu = match (of_name, parts) {
        (Some(cpu), _) if !overridden => Some(cpu),
        (_, (Some(family), Some(model), Some(stepping))) => {
            let signature = CpuSignature::from_parts(family, model, stepping);
            Some(Cpu::from(signature.map_err(|error| wrong(error.to_string()))?))
        }
        _ => None,
    };
    match cpu {
        Some(cpu) => import.description.cpus = found(vec![cpu], "-cpu"),
        None if technology == Technology::Sev => {}
        // A model whose signature is the host's, or not known.
        None => {
            let why = match model {
                "host" | "max" => "the host's own signature is measured",
                _ => "no model by that name is known",
            };
            import.unknown_cpu(format!("-cpu {model}"), why);
        }
    }
    Ok(())
}
