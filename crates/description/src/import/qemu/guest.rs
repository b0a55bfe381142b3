//! From merged options to a description.

use std::path::PathBuf;

use sev_launch_abi::Technology;
use sev_launch_digest::vcpus::VcpuCount;

use super::super::{Import, Source, bounded, checks, codes, default, found, vcpu_count};
use super::arguments::{Arguments, Expansions};
use super::firmware;
use super::igvm;
use super::options::Options;
use super::smp;
use super::unread::without_pve;
use crate::axes::VcpuCounts;
use crate::error::Error;

/// The guest policy where none is given. [QEMU, sev_guest_instance_init, sev_snp_guest_instance_init]
const SEV_POLICY: u64 = 0x1;
const SNP_POLICY: u64 = 0x30000;

/// Describes the launch.
pub(super) fn describe(arguments: &Arguments, source: Source<'_>) -> Result<Import, Error> {
    let mut import = Import::default();
    let object = object(arguments, source)?;
    let technology = read_object(&mut import, object, source)?;
    if technology != Technology::Sev && arguments.machine.value("smm") == Some("on") {
        // KVM_CAP_X86_SMM is 0 for these guests. [QEMU, x86_machine_is_smm_enabled; Linux, svm_has_emulated_msr]
        let words = "System Management Mode not supported by this hypervisor";
        return source
            .error(format!("-machine smm=on: QEMU refuses it for {technology} ({words:?})"));
    }
    if technology != Technology::Sev
        && let Some(option) = without_irqchip(arguments)
    {
        // SNP guests count as SEV-ES ones there. [QEMU, sev_kvm_init, sev_es_enabled]
        let words = "SEV-ES guests require in-kernel irqchip support";
        return source.error(format!("{option}: QEMU refuses it for {technology} ({words:?})"));
    }
    read_machine(&mut import, arguments);
    read_vcpus(&mut import, arguments, technology, source)?;
    import.read_cpu(arguments.cpu.as_deref(), technology, source)?;
    match igvm::file(arguments, source)? {
        Some(file) => igvm::read(&mut import, arguments, technology, object, &file, source)?,
        None => firmware::read(&mut import, arguments, technology, source)?,
    }
    let append = match &arguments.append {
        Some(bytes) => Some(bytes.clone()),
        None => arguments.machine.value("append").map(|text| text.as_bytes().to_vec()),
    };
    // QEMU takes an empty name for none.
    let name = |key: &str| arguments.machine.value(key).filter(|name| !name.is_empty());
    let (place, file) = (|key: &str| format!("-{key}"), |key: &str| name(key).map(PathBuf::from));
    import.read_boot(source, place, file, ("append", append), "-kernel")?;
    for (name_of, key) in [("kernel", "boot.kernel"), ("initrd", "boot.initrd")] {
        if let Some(path) = name(name_of).filter(|path| firmware::is_of_the_process(path)) {
            import.description.forget(key);
            let text = format!("{path} is a file that QEMU was handed open");
            import.unknown(key, format!("-{name_of}"), text, "the file itself");
        }
    }
    import.check_boot("the SEV object has no kernel-hashes=on");
    import.name_unread(arguments, technology, source)?;
    import.read_late_vcpus(arguments, technology, source)?;
    import.unknown_host_kernel(technology);
    if !arguments.stray.is_empty() {
        let words: Vec<_> = arguments.stray.iter().map(|word| format!("{word:?}")).collect();
        let belong = if words.len() == 1 { "belongs" } else { "belong" };
        let text = format!("{} {belong} to no option", bounded(&words.join(" ")));
        // The words may hold options that a lost quote has torn apart, so no command line by itself settles them.
        let settled_by = "/proc/PID/cmdline, or the text with its quotes";
        import.unknown(None, "the command line", text.clone(), settled_by);
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
    import.read_expansions(&arguments.expansions);
    import.of(source)
}

impl Import {
    /// What a shell would have put in: unknown where it is a value that counts, or where more options may come of it.
    fn read_expansions(&mut self, expansions: &Expansions) {
        const EXACT: &str = "the command line that QEMU got, as /proc/PID/cmdline has it";
        let Some(first) = &expansions.first else { return };
        for (key, option, expansion) in &expansions.of_keys {
            self.description.forget(key);
            let text = format!("{expansion} stands in it, which a shell would have replaced");
            self.unknown(*key, option.clone(), text, EXACT);
        }
        for option in &expansions.of_options {
            let option = bounded(option);
            let text = format!("{option}: a shell would have replaced what stands in it");
            self.unknown(None, "the shell's words", text, EXACT);
        }
        if !expansions.loose.is_empty() {
            let stand = if expansions.loose.len() == 1 { "stands" } else { "stand" };
            let text = format!(
                "{} {stand} where a shell may make further options of it",
                bounded(&expansions.loose.join(" "))
            );
            self.unknown(None, "the shell's words", text, EXACT);
        }
        self.warn(
            codes::SHELL_VARIABLE,
            format!("{first} was taken as it stands: give the command line that QEMU got, as /proc/PID/cmdline has it"),
        );
    }
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
    if let Some(text) = object.value("host-data").filter(|text| is_snp && !text.is_empty()) {
        let place = of("host-data");
        import.host_data(&place, text).map_err(|message| source.value(&place, message))?;
    }
    if is_snp {
        // Upstream's name, and that of AMD's forks.
        let mut author_key = None;
        for key in ["author-key-enabled", "auth-key-enabled"] {
            if let Some(on) = object.switch(key).map_err(wrong)? {
                author_key = found(on, of(key));
            }
        }
        // QEMU takes an empty text for none.
        let text = |key: &str| object.value(key).filter(|text| !text.is_empty());
        let (block, auth) = (of("id-block"), of("id-auth"));
        let (block, auth) = ((&*block, text("id-block")), (&*auth, text("id-auth")));
        import.id_block(source, block, auth, author_key)?;
    }
    Ok(technology)
}

fn read_machine(import: &mut Import, arguments: &Arguments) {
    import.description.host.vmm = found("qemu".to_owned(), "the command line");
    if let Some(machine) = arguments.machine.value("type").map(without_pve) {
        import.description.host.machine = found(machine.to_owned(), "-machine");
    }
    // Any list of accelerators may fall back to another.
    let first = arguments.machine.value("accel").map(|list| list.split(':').next().unwrap_or(list));
    let given = arguments.accelerators.first().and_then(|options| options.value("accel"));
    let named = given.or(first);
    if let Some(accelerator) = named.filter(|name| *name != "kvm") {
        let text = format!("accelerator {accelerator}: SEV guests are started by KVM only");
        import.warn(codes::NOT_KVM, text);
    }
}

/// The option that moves the interrupt controllers out of KVM. `-accel` holds over `-machine`, and of several accelerators the
/// first of KVM's is the one that is tried. [QEMU, qemu_apply_legacy_machine_options, do_configure_accelerator]
fn without_irqchip(arguments: &Arguments) -> Option<&'static str> {
    const KEY: &str = "kernel-irqchip";
    let is_kvm = |options: &&Options| options.value("accel") == Some("kvm");
    let kvm = arguments.accelerators.iter().find(is_kvm).and_then(|options| options.value(KEY));
    match (kvm, arguments.machine.value(KEY)) {
        (Some("off"), _) => Some("-accel kvm,kernel-irqchip=off"),
        (None, Some("off")) => Some("-machine kernel-irqchip=off"),
        _ => None,
    }
}

fn read_vcpus(
    import: &mut Import,
    arguments: &Arguments,
    technology: Technology,
    source: Source<'_>,
) -> Result<(), Error> {
    let wrong = |message: String| source.value("-smp", message);
    let options = arguments.smp();
    if options == Options::default() {
        import.description.vcpus =
            default(VcpuCounts::one(VcpuCount::ONE), "QEMU's number without -smp");
        return Ok(());
    }
    let smp::Vcpus { number, of_old_qemu } = smp::vcpus(&options).map_err(wrong)?;
    if let Some(old) = of_old_qemu.filter(|_| technology != Technology::Sev) {
        let text = format!(
            "-smp has maxcpus without cpus: {number} vCPUs from QEMU 6.2 on, which was taken, and {old} in 6.0 and 6.1"
        );
        import.warn(codes::MAXCPUS_ALONE, text);
    }
    let Some(count) = vcpu_count(number) else {
        return Err(wrong(format!("{number} vCPUs are more than any host starts")));
    };
    import.description.vcpus = found(VcpuCounts::one(count), "-smp");
    Ok(())
}
