//! Tips beside wrong usage: a name that was misspelt, or what another program calls a flag of ours; never a flag that only looks alike.
//!
//! clap offers whatever shares some letters: `--vmm-version` for `--version`, `--machine` for `--domain`. Who follows such a tip gets another
//! launch measured than the one that was meant.

use std::ffi::OsString;

use clap::Command;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use sev_launch_description::spelling::is_slip;

/// What other programs call flags of ours, and ours; the first that the command has is offered.
const NAMES: [(&str, &[&str]); 14] = [
    ("--smp", &["--vcpus"]),
    ("--cpus", &["--vcpus"]),
    ("--vcpu-count", &["--vcpus"]),
    ("--cpu", &["--vcpu-type"]),
    ("--cpu-type", &["--vcpu-type"]),
    ("--bios", &["--firmware"]),
    ("--loader", &["--firmware"]),
    ("--cpu-sig", &["--vcpu-sig"]),
    ("--digest", &["--launch-digest", "--reported"]),
    ("--launch-digest", &["--reported"]),
    ("--measurement", &["--reported", "--launch-digest"]),
    ("--output", &["--out"]),
    ("--out", &["--output"]),
    ("--nonce", &["--report-data"]),
];

/// What was typed that is no flag, and the line to type.
const LINES: [(&str, &str); 5] = [
    ("--version", "sev-launch --version"),
    ("--domain", "sev-launch import libvirt FILE, of the domain's XML (virsh dumpxml)"),
    ("--qemu", "sev-launch import qemu FILE, of QEMU's command line"),
    ("--qemu-args", "sev-launch import qemu FILE, of QEMU's command line"),
    ("--pid", "sev-launch import qemu --pid PID, of a running QEMU"),
];

/// The error with those tips alone that help.
pub(crate) fn checked(arguments: &[OsString], mut error: clap::Error) -> clap::Error {
    keep_near(&mut error, ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand);
    if error.kind() == ErrorKind::InvalidSubcommand {
        // An empty list, which clap prints as an empty line.
        error.remove(ContextKind::Suggested);
    }
    let had_likeness = error.get(ContextKind::SuggestedArg).is_some();
    keep_near(&mut error, ContextKind::InvalidArg, ContextKind::SuggestedArg);
    if had_likeness && error.get(ContextKind::SuggestedArg).is_none() {
        // The usage was that of the flag that only looks alike.
        let usage = command_of(arguments).render_usage();
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
    }
    keep_near(&mut error, ContextKind::InvalidValue, ContextKind::SuggestedValue);
    let Some(typed) = text(&error, ContextKind::InvalidArg) else {
        return error;
    };
    if error.kind() == ErrorKind::UnknownArgument {
        // How a word that begins with a dash becomes a value or a file's name: nobody who mistyped a flag means that.
        error.remove(ContextKind::Suggested);
        if error.get(ContextKind::SuggestedArg).is_none()
            && let Some(tip) = of_table(&typed, arguments)
        {
            let tip = ContextValue::StyledStrs(vec![StyledStr::from(tip)]);
            error.insert(ContextKind::Suggested, tip);
        }
    }
    error
}

/// Takes from an error what is suggested for a word, and is no near spelling of it.
fn keep_near(error: &mut clap::Error, found: ContextKind, suggested: ContextKind) {
    let Some(found) = text(error, found) else {
        return;
    };
    let is_near = |name: &String| is_slip(&found, name);
    match error.remove(suggested) {
        Some(ContextValue::String(name)) if is_near(&name) => {
            error.insert(suggested, ContextValue::String(name));
        }
        Some(ContextValue::Strings(names)) => {
            let names: Vec<_> = names.into_iter().filter(is_near).collect();
            if !names.is_empty() {
                error.insert(suggested, ContextValue::Strings(names));
            }
        }
        _ => {}
    }
}

/// A word of an error's: a flag without its value.
fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => {
            let flag = text.split([' ', '=']).next().filter(|_| text.starts_with('-'));
            Some(flag.unwrap_or(text).to_owned())
        }
        _ => None,
    }
}

/// What is known of a word.
fn of_table(typed: &str, arguments: &[OsString]) -> Option<String> {
    let line = LINES.iter().find(|(name, _)| *name == typed);
    let line = line.map(|(_, line)| format!("type {line}"));
    line.or_else(|| {
        let command = command_of(arguments);
        let flags = command.get_arguments().filter_map(clap::Arg::get_long);
        let flags: Vec<_> = flags.map(|flag| format!("--{flag}")).collect();
        let (_, ours) = NAMES.iter().find(|(name, _)| *name == typed)?;
        let ours = ours.iter().find(|name| flags.iter().any(|flag| flag == *name))?;
        Some(format!("here it is called '{ours}'"))
    })
}

/// The command that the words lead to.
fn command_of(arguments: &[OsString]) -> Command {
    let mut command = crate::bare_command();
    command.build();
    for word in arguments.iter().skip(1).map_while(|word| word.to_str()) {
        match command.find_subcommand(word).cloned() {
            Some(sub) => command = sub,
            None => break,
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        let words: Vec<_> = line.split(' ').map(OsString::from).collect();
        checked(&words, crate::parse(&words).expect_err("a wrong line")).to_string()
    }

    fn tips(line: &str) -> Vec<String> {
        said(line)
            .lines()
            .filter_map(|line| line.trim().strip_prefix("tip: "))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_slip_of_the_fingers_is_named() {
        for (line, tip) in [
            ("sev-launch digest --mode sev --firmwere f", "'--firmware'"),
            ("sev-launch digest --mode sev --vcpu 4", "'--vcpus'"),
            ("sev-launch digset --mode sev", "'digest'"),
            ("sev-launch manifest publish m --to truste", "'trustee'"),
            ("sev-launch verify --launch-digset 00", "'--launch-digest'"),
        ] {
            assert!(tips(line).iter().any(|told| told.contains(tip)), "{line}: {:?}", tips(line));
        }
    }

    #[test]
    fn a_flag_that_only_looks_alike_is_not() {
        for line in [
            "sev-launch verify --domain guest --tik k",
            "sev-launch digest --mode snp --version",
            "sev-launch digest --mode snp --kvm-init legacy",
            "sev-launch describe --strict",
            "sev-launch report show --chip r",
            "sev-launch attest",
            "sev-launch manifest publish m --to rvps",
        ] {
            let tips = tips(line);
            assert!(tips.iter().all(|tip| tip.starts_with("type sev-launch ")), "{line}: {tips:?}");
        }
        assert_eq!(tips("sev-launch digest --version"), ["type sev-launch --version"]);
        // Nor does the line of usage name it.
        for (line, name) in
            [("verify --version", "--vmm-version"), ("digest --domain x", "--machine")]
        {
            let said = said(&format!("sev-launch {line}"));
            assert!(!said.contains(name) && said.contains("[OPTIONS]"), "{said}");
        }
        assert!(!said("sev-launch attest").contains("\n\n\n"), "{}", said("sev-launch attest"));
    }

    #[test]
    fn other_programs_names_of_flags_are_known() {
        assert_eq!(
            tips("sev-launch digest --mode sev --bios f"),
            ["here it is called '--firmware'"]
        );
        assert_eq!(tips("sev-launch verify --nonce 00"), ["here it is called '--report-data'"]);
        assert_eq!(tips("sev-launch report show --nonce 00"), [""; 0]);
    }

    // A tip for what is a flag already would never be seen, or one for a flag that no command has.
    #[test]
    fn the_table_s_own_names_are_flags() {
        let mut command = crate::bare_command();
        command.build();
        let mut flags = Vec::new();
        let mut commands = vec![&command];
        while let Some(command) = commands.pop() {
            flags.extend(command.get_arguments().filter_map(clap::Arg::get_long));
            commands.extend(command.get_subcommands());
        }
        for name in NAMES.iter().flat_map(|(_, ours)| ours.iter()) {
            assert!(flags.contains(&name.trim_start_matches('-')), "{name}");
        }
    }
}
