//! What a VMM is started with, where the CPUID instruction would give the real machine away.
//!
//! QEMU executes CPUID itself, and no process can have that answered by another: for the place of the C-bit (Fn8000_001F EBX), which it holds
//! against `cbitpos`, and for the signature of `-cpu host` and `-cpu max`. Neither is in what is measured otherwise. So the number that the
//! pretended host has is checked here, as QEMU would, and the real machine's is given instead; and `host` gets the pretended host's family,
//! model and stepping as its defaults. [QEMU, sev_common_kvm_init, host_cpu_vendor_fms]

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use serde_json::Value;

use sev_launch_abi::CpuSignature;

use crate::host::Host;

/// Why no host would start this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandLineError {
    /// The C-bit is elsewhere on this host.
    #[error(
        "cbitpos={given}: the host that is rehearsed has the C-bit at {wanted} (--host-cpu says which host), and QEMU would refuse to start there"
    )]
    CBit {
        /// What the command line has.
        given: u64,
        /// What CPUID says on the host that is pretended.
        wanted: u32,
    },
}

/// The objects that make a guest confidential. [QEMU, `qapi/qom.json`, SevGuestProperties, SevSnpGuestProperties]
const OBJECTS: [&str; 2] = ["sev-guest", "sev-snp-guest"];

/// QEMU's options that have no value: what follows one of them is no value of its. [QEMU, `qemu-options.hx`]
const WITHOUT_VALUE: [&str; 26] = [
    "S",
    "daemonize",
    "enable-fips",
    "enable-kvm",
    "full-screen",
    "jitdump",
    "mem-prealloc",
    "no-acpi",
    "no-fd-bootchk",
    "no-hpet",
    "no-kvm-irqchip",
    "no-quit",
    "no-reboot",
    "no-shutdown",
    "no-user-config",
    "nodefaults",
    "nodefconfig",
    "nographic",
    "only-migratable",
    "perfmap",
    "preconfig",
    "s",
    "singlestep",
    "snapshot",
    "usb",
    "win2k-hack",
];

/// The arguments to start the VMM with on this machine, whose C-bit is at `machine_c_bit`.
///
/// A VMM that does not stay is to launch its guest by itself: SNP guests are launched when they begin to run, and `-S` would have them wait
/// for somebody who never comes. [QEMU, sev_snp_launch_finish] What is measured is the same.
pub(crate) fn adapt(
    arguments: &[OsString],
    host: &Host,
    machine_c_bit: u32,
    stays: bool,
) -> Result<Vec<OsString>, CommandLineError> {
    let is_kept = |at: usize, argument: &OsString| {
        let is_stop = argument == "-S" || argument == "--S";
        let before = at.checked_sub(1).and_then(|before| arguments.get(before));
        stays || !is_stop || before.is_some_and(|before| has_value(before))
    };
    let mut adapted: Vec<OsString> = arguments
        .iter()
        .enumerate()
        .filter(|(at, argument)| is_kept(*at, argument))
        .map(|(_, argument)| argument.clone())
        .collect();
    let mut places = Vec::new();
    for at in 1..adapted.len() {
        let (before, rest) = adapted.split_at_mut(at);
        let (Some(option), Some(value)) = (before.last(), rest.first_mut()) else { continue };
        if is_object(option) {
            if let Some(new) = object(value, host, machine_c_bit, stays)? {
                *value = new;
            }
        } else if is_cpu(option)
            && let Some(model) = own_model(value)
        {
            places.push((at - 1, model));
        }
    }
    // As defaults of the model, so that what the user sets goes before them: in `-cpu`, or by a `-global` that comes later.
    if let Some((cpu, model)) = places.first() {
        let globals_of_user = adapted.iter().position(|argument| is_global(argument));
        let at = globals_of_user.map_or(*cpu, |first| first.min(*cpu));
        let globals = parts_of(host.signature).map(|(key, value)| {
            [OsString::from("-global"), format!("{model}-x86_64-cpu.{key}={value}").into()]
        });
        adapted.splice(at..at, globals.into_iter().flatten());
    }
    Ok(adapted)
}

fn is_global(option: &OsStr) -> bool {
    matches!(option.as_bytes(), b"-global" | b"--global")
}

fn is_cpu(option: &OsStr) -> bool {
    matches!(option.as_bytes(), b"-cpu" | b"--cpu")
}

/// `host` or `max`, whose signature is the processor's own. [QEMU, host_cpu_vendor_fms]
fn own_model(value: &OsStr) -> Option<&'static str> {
    match value.as_bytes().split(|byte| *byte == b',').next() {
        Some(b"host") => Some("host"),
        Some(b"max") => Some("max"),
        _ => None,
    }
}

fn parts_of(signature: CpuSignature) -> [(&'static str, u32); 3] {
    let (family, model, stepping) = signature.parts();
    [("family", family), ("model", model), ("stepping", stepping)]
}

/// The arguments with a signature in place of the one of their own that `-cpu host` and `-cpu max` stand for, before what the user sets: for whoever reads
/// them and does not know the host.
pub fn with_host_cpu(arguments: &[OsString], signature: CpuSignature) -> Vec<OsString> {
    let mut arguments = arguments.to_vec();
    for at in 1..arguments.len() {
        let (before, rest) = arguments.split_at_mut(at);
        if let (Some(option), Some(value)) = (before.last(), rest.first_mut())
            && is_cpu(option)
            && let Some(model) = own_model(value)
        {
            let own = value.as_bytes().get(model.len()..).unwrap_or_default().to_vec();
            let mut new = OsString::from(model);
            for (key, number) in parts_of(signature) {
                new.push(format!(",{key}={number}"));
            }
            new.push(OsString::from_vec(own));
            *value = new;
        }
    }
    arguments
}

/// Is this an option that has a value, as far as is known?
fn has_value(option: &OsStr) -> bool {
    let Some(name) = option.as_bytes().strip_prefix(b"-") else { return false };
    let name = name.strip_prefix(b"-").unwrap_or(name);
    !WITHOUT_VALUE.iter().any(|option| option.as_bytes() == name)
}

/// Where the command line says that the C-bit is, in the object of a confidential guest; `None` if it does not.
pub fn c_bit(arguments: &[OsString]) -> Option<u64> {
    let values = arguments.windows(2).filter_map(|pair| match pair {
        [option, value] if is_object(option) => Some(value.as_bytes()),
        _ => None,
    });
    values.rev().find_map(|value| Some(place_of_c_bit(value)?.0)).filter(|place| *place != 0)
}

/// The arguments with a guest owner's session: the files of the GODH certificate and of the session blob, each in base64, are added to the object of the
/// SEV guest. `None` if there is no such object, several, or one that has a session already.
pub fn with_session(arguments: &[OsString], godh: &Path, session: &Path) -> Option<Vec<OsString>> {
    let mut found = arguments.windows(2).enumerate().filter_map(|(at, pair)| match pair {
        [option, value] if is_object(option) => Some((at + 1, add_session(value, godh, session)?)),
        _ => None,
    });
    let (at, value) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let mut arguments = arguments.to_vec();
    *arguments.get_mut(at)? = value;
    Some(arguments)
}

fn add_session(value: &OsStr, godh: &Path, session: &Path) -> Option<OsString> {
    let bytes = value.as_bytes();
    if bytes.first() == Some(&b'{') {
        let Value::Object(mut object) = serde_json::from_slice(bytes).ok()? else { return None };
        let is_sev = object.get("qom-type").and_then(Value::as_str) == Some("sev-guest");
        if !is_sev || object.contains_key("session-file") {
            return None;
        }
        object.insert("dh-cert-file".to_owned(), godh.to_str()?.into());
        object.insert("session-file".to_owned(), session.to_str()?.into());
        return Some(Value::Object(object).to_string().into());
    }
    let mut parts = bytes.split(|byte| *byte == b',');
    let first = parts.next()?;
    let is_sev = first.strip_prefix(b"qom-type=").unwrap_or(first) == b"sev-guest";
    if !is_sev || parts.any(|part| part.starts_with(b"session-file=")) {
        return None;
    }
    let mut value = value.to_owned();
    for (key, file) in [(",dh-cert-file=", godh), (",session-file=", session)] {
        // A comma in a value is written twice.
        value.push(key);
        value.push(file.to_str()?.replace(',', ",,"));
    }
    Some(value)
}

fn is_object(option: &OsStr) -> bool {
    matches!(option.as_bytes(), b"-object" | b"--object")
}

/// The number in a confidential guest's object, of `key=value` in QEMU's own form or of JSON; 0 if none is there, as QEMU has it. `None` if it is no
/// such object, or a number that QEMU itself will refuse.
fn place_of_c_bit(value: &[u8]) -> Option<(u64, Form)> {
    if value.first() == Some(&b'{') {
        let Value::Object(object) = serde_json::from_slice(value).ok()? else { return None };
        let kind = object.get("qom-type").and_then(Value::as_str)?;
        let given = object.get(NAME).map_or(Some(0), Value::as_u64)?;
        return OBJECTS.contains(&kind).then_some((given, Form::Json(object)));
    }
    let first = value.split(|byte| *byte == b',').next()?;
    let kind = first.strip_prefix(b"qom-type=").unwrap_or(first);
    if !OBJECTS.iter().any(|object| object.as_bytes() == kind) {
        return None;
    }
    // Of several the last one counts.
    let (mut start, mut found) = (0, None);
    for part in value.split(|byte| *byte == b',') {
        if let Some(number) =
            part.strip_prefix(NAME.as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
        {
            let end = start + part.len();
            found = Some((number_of(number)?, Form::Keys(end - number.len()..end)));
        }
        start += part.len() + 1;
    }
    Some(found.unwrap_or((0, Form::Nowhere)))
}

const NAME: &str = "cbitpos";

/// How an object is written.
enum Form {
    Json(serde_json::Map<String, Value>),
    /// Where the number is.
    Keys(std::ops::Range<usize>),
    /// It has none.
    Nowhere,
}

/// A number as QEMU reads it: decimal, hexadecimal after `0x`, octal after `0`. [QEMU, qemu_strtou64 with base 0]
fn number_of(number: &[u8]) -> Option<u64> {
    let text = str::from_utf8(number).ok()?;
    match (text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")), text.strip_prefix('0')) {
        (Some(digits), _) => u64::from_str_radix(digits, 16).ok(),
        (_, Some(digits)) if !digits.is_empty() => u64::from_str_radix(digits, 8).ok(),
        _ => text.parse().ok(),
    }
}

/// A confidential guest's object with the machine's C-bit; `None` if nothing is to change.
fn object(
    value: &OsStr,
    host: &Host,
    machine: u32,
    stays: bool,
) -> Result<Option<OsString>, CommandLineError> {
    let bytes = value.as_bytes();
    let Some((given, form)) = place_of_c_bit(bytes) else { return Ok(None) };
    // On a machine without SEV, QEMU's query-sev-capabilities says 0, and libvirt takes that where a domain names no place: who wrote the domain
    // meant the host's.
    if !(stays && given == 0 && machine == 0) {
        check(given, host)?;
    }
    Ok(match form {
        Form::Json(mut object) => {
            object.insert(NAME.to_owned(), machine.into());
            Some(Value::Object(object).to_string().into())
        }
        Form::Nowhere => {
            Some(OsString::from_vec([bytes, format!(",{NAME}={machine}").as_bytes()].concat()))
        }
        Form::Keys(range) => {
            let (before, after) = (bytes.get(..range.start), bytes.get(range.end..));
            before.zip(after).map(|(before, after)| {
                OsString::from_vec([before, machine.to_string().as_bytes(), after].concat())
            })
        }
    })
}

fn check(given: u64, host: &Host) -> Result<(), CommandLineError> {
    let wanted = host.c_bit();
    if given == u64::from(wanted) { Ok(()) } else { Err(CommandLineError::CBit { given, wanted }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_abi::CpuSignature;

    fn adapted_of(stays: bool, arguments: &[&str]) -> Result<Vec<String>, CommandLineError> {
        let host = Host::new("6.12".parse().unwrap(), CpuSignature(0x00a0_0f11));
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let adapted = adapt(&arguments, &host, 7, stays)?;
        Ok(adapted.into_iter().map(|argument| argument.into_string().unwrap()).collect())
    }

    fn adapted(arguments: &[&str]) -> Result<Vec<String>, CommandLineError> {
        adapted_of(true, arguments)
    }

    #[test]
    fn nobody_is_waited_for() {
        let line = ["-S", "-append", "-S", "-nodefaults", "-S", "-smp", "2", "--S"];
        assert_eq!(adapted_of(true, &line).unwrap(), line);
        let kept = ["-append", "-S", "-nodefaults", "-smp", "2"];
        assert_eq!(adapted_of(false, &line).unwrap(), kept);
    }

    #[test]
    fn the_c_bit_is_the_machines() {
        for (given, wanted) in [
            (
                "sev-guest,id=sev0,cbitpos=51,reduced-phys-bits=1",
                "sev-guest,id=sev0,cbitpos=7,reduced-phys-bits=1",
            ),
            ("sev-snp-guest,cbitpos=0x33,id=a", "sev-snp-guest,cbitpos=7,id=a"),
            ("qom-type=sev-guest,id=sev0,cbitpos=51", "qom-type=sev-guest,id=sev0,cbitpos=7"),
            (
                "memory-backend-ram,id=cbitpos=51,size=1G",
                "memory-backend-ram,id=cbitpos=51,size=1G",
            ),
            (
                r#"{"qom-type":"sev-guest","id":"a","cbitpos":51}"#,
                r#"{"cbitpos":7,"id":"a","qom-type":"sev-guest"}"#,
            ),
            (
                r#"{"qom-type":"rng-random","cbitpos":51}"#,
                r#"{"qom-type":"rng-random","cbitpos":51}"#,
            ),
        ] {
            let found = adapted(&["-object", given]).unwrap();
            assert_eq!(found[1], wanted);
        }
        let wrong = adapted(&["-object", "sev-guest,id=a,cbitpos=47"]);
        assert_eq!(wrong, Err(CommandLineError::CBit { given: 47, wanted: 51 }));
    }

    #[test]
    fn what_libvirt_was_told_by_qemu_is_no_contradiction() {
        let line = ["-object", r#"{"qom-type":"sev-guest","cbitpos":0}"#].map(OsString::from);
        let host = Host::new("6.12".parse().unwrap(), CpuSignature(0x00a0_0f11));
        let wrong = Err(CommandLineError::CBit { given: 0, wanted: 51 });
        for (machine, stays, is_taken) in
            [(0, true, true), (0, false, false), (51, true, false), (47, true, false)]
        {
            let found = adapt(&line, &host, machine, stays);
            assert_eq!(found == wrong, !is_taken, "{machine}, {stays}: {found:?}");
        }
    }

    #[test]
    fn a_session_goes_into_the_object_of_the_guest() {
        let with = |object: &str| {
            let arguments = ["-m", "512", "-object", object].map(OsString::from);
            let arguments = with_session(&arguments, "g,1".as_ref(), "s".as_ref())?;
            arguments[3].clone().into_string().ok()
        };
        assert_eq!(
            with("sev-guest,id=a").as_deref(),
            Some("sev-guest,id=a,dh-cert-file=g,,1,session-file=s")
        );
        assert_eq!(
            with(r#"{"qom-type":"sev-guest"}"#).as_deref(),
            Some(r#"{"dh-cert-file":"g,1","qom-type":"sev-guest","session-file":"s"}"#)
        );
        for none in [
            "sev-snp-guest,id=a",
            "sev-guest,session-file=x",
            r#"{"qom-type":"sev-guest","session-file":"x"}"#,
            "rng-random,id=a",
        ] {
            assert_eq!(with(none), None, "{none}");
        }
    }

    #[test]
    fn a_c_bit_that_is_not_said_is_none_that_the_host_has() {
        for object in
            ["sev-guest,id=a", r#"{"qom-type":"sev-guest"}"#, "sev-guest,cbitpos=51,cbitpos=0"]
        {
            let wrong = adapted_of(false, &["-object", object]);
            assert_eq!(wrong, Err(CommandLineError::CBit { given: 0, wanted: 51 }), "{object}");
        }
        // The last one counts, and a number that begins with 0 is octal.
        for object in ["sev-guest,cbitpos=47,cbitpos=51", "sev-guest,cbitpos=063"] {
            assert!(adapted(&["-object", object]).unwrap()[1].ends_with("cbitpos=7"), "{object}");
        }
    }

    #[test]
    fn host_is_the_host_that_is_pretended() {
        // Family 19h, model 1, stepping 1: as defaults, before what the user says of them.
        let line = ["-global", "host-x86_64-cpu.stepping=3", "-cpu", "host,model=2", "-m", "1G"];
        let globals = ["family=25", "model=1", "stepping=1"];
        let globals = globals.map(|part| ["-global".to_owned(), format!("host-x86_64-cpu.{part}")]);
        let mut wanted: Vec<String> = globals.into_iter().flatten().collect();
        wanted.extend(line.map(str::to_owned));
        assert_eq!(adapted(&line).unwrap(), wanted);
        assert_eq!(adapted(&["-cpu", "EPYC-Milan", "-name", "host"]).unwrap().len(), 4);

        let read = ["-cpu", "host,model=2"].map(OsString::from);
        let read = with_host_cpu(&read, CpuSignature(0x00a0_0f11));
        assert_eq!(read[1], "host,family=25,model=1,stepping=1,model=2");
    }
}
