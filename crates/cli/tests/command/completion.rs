//! The completion script of bash: sourced by bash itself, and asked as bash asks it.

use std::process::Command;

use super::harness::{Folder, Run, root};

/// Is there a bash here? Where not, that is said, and nothing is tested.
fn has_bash() -> bool {
    let has = Command::new("bash").arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !has {
        eprintln!("SKIPPED: no bash here, so its completion script is not tested");
    }
    has
}

/// What is offered for the last of these words, which are taken apart as bash does, in a folder with some files; with `set -u`.
#[track_caller]
fn offered(folder: &Folder, words: &[&str]) -> Vec<String> {
    let script = format!(
        "set -u\nsource '{}'\nCOMP_WORDS=(\"$@\")\nCOMP_CWORD=$(( $# - 1 ))\n\
         _sev_launch \"$1\" \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
         printf '%s\\n' ${{COMPREPLY[@]+\"${{COMPREPLY[@]}}\"}}",
        root().join("docs/completions/sev-launch.bash").canonicalize().expect("a script").display()
    );
    let mut bash = Command::new("bash");
    bash.args(["--norc", "--noprofile", "-c", &script, "bash", "sev-launch"]).args(words);
    let ran = bash.current_dir(folder.path()).output().expect("bash runs");
    let said = String::from_utf8(ran.stderr).expect("text");
    assert!(ran.status.success() && said.is_empty(), "{words:?}: {said}");
    let text = String::from_utf8(ran.stdout).expect("text");
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("OVMF.fd", "");
    folder.file("a report.bin", "");
    std::fs::create_dir(folder.join("boot")).expect("a folder can be made");
    folder
}

#[test]
fn bash_offers_commands_flags_and_values_at_every_level() {
    if !has_bash() {
        return;
    }
    let folder = folder();
    for (words, expected) in [
        (&["ver"][..], &["verify"][..]),
        (&["id-block", ""], &["build", "check", "help"]),
        (&["manifest", "pub"], &["publish"]),
        (&["help", "mani"], &["manifest"]),
        (&["help", "manifest", "di"], &["diff"]),
        (&["id-block", "build", "--author-k"], &["--author-key"]),
        (&["verify", "--generation", ""], &["Naples", "Rome", "Milan", "Genoa", "Turin"]),
        (&["verify", "--generation", "Milan,T"], &["Milan,Turin"]),
        (&["digest", "--mode", ""], &["sev", "seves", "snp", "snp:svsm", "snp:ovmf-hash"]),
        (&["digest", "--mode", "snp", ":", "sv"], &["svsm"]),
        (&["digest", "--mode", "=", "seve"], &["seves"]),
        (&["digest", "--mode", "="], &["sev", "seves", "snp", "snp:svsm", "snp:ovmf-hash"]),
        (&["digest", "--mode", "=", "snp", ":", "o"], &["ovmf-hash"]),
        (&["digest", "--trace", "=", ""], &["regions", "pages"]),
        (&["digest", "--profile", "snp-ec2-"], &["snp-ec2-rdx0"]),
        (
            &["digest", "--vcpu-type", "EPYC-Genoa,EPYC-Turin-v"],
            &["EPYC-Genoa,EPYC-Turin-v1", "EPYC-Genoa,EPYC-Turin-v2"],
        ),
        (&["digest", "-v", "--mode", "snp", "--kernel-hashes", ""], &["on", "off"]),
        (
            &["manifest", "publish", "m.json", "--to", "tru"],
            &["trustee", "trustee-message", "trustee-azure"],
        ),
        (&["profile", "show", "es-krun-s"], &["es-krun-sevctl"]),
        (&["report", "appraise", "r.bin", "--policy-set", "RAPL"], &["RAPL_DIS"]),
        (&["verify", "--inject-secret", "luks"], &["luks-key:"]),
    ] {
        assert_eq!(offered(&folder, words), expected, "{words:?}");
    }
}

#[test]
fn bash_offers_files_where_files_are_wanted() {
    if !has_bash() {
        return;
    }
    let folder = folder();
    for (words, expected) in [
        (&["digest", "--firmware", "OV"][..], &["OVMF.fd"][..]),
        (&["digest", "--firmware", "=", "OV"], &["OVMF.fd"]),
        (&["digest", "--mode", "snp", "--ovmf", "b"], &["boot"]),
        (&["explain", "--candidate-dir", ""], &["boot"]),
        (&["report", "show", "a"], &["a report.bin"]),
        (&["report", "show", "a\\ r"], &["a report.bin"]),
        (&["report", "show", "--json", "O"], &["OVMF.fd"]),
        (&["certs", "show", "one", "two", "b"], &["boot"]),
        (&["import", "qemu", "--", "O"], &["OVMF.fd"]),
        (&["verify", "--inject-secret", "luks-key", ":", "O"], &["OVMF.fd"]),
        // A text is nobody's to guess.
        (&["digest", "--cmdline", ""], &[]),
        (&["digest", "--vcpus", ""], &[]),
    ] {
        assert_eq!(offered(&folder, words), expected, "{words:?}");
    }
    assert_eq!(offered(&folder, &["firmware", "show", ""]).len(), 3);
}

// Where bash's COMP_WORDBREAKS has no = or colon, words come whole, and are replaced whole.
#[test]
fn bash_takes_words_that_are_whole() {
    if !has_bash() {
        return;
    }
    let folder = folder();
    for (words, expected) in [
        (&["digest", "--mode=snp:sv"][..], &["--mode=snp:svsm"][..]),
        (&["digest", "--mode", "snp:sv"], &["snp:svsm"]),
        (&["digest", "--firmware=OV"], &["--firmware=OVMF.fd"]),
        (&["verify", "--inject-secret", "luks-key:O"], &["luks-key:OVMF.fd"]),
    ] {
        assert_eq!(offered(&folder, words), expected, "{words:?}");
    }
}

/// Every command by the words that lead to it.
fn walk(command: &clap::Command, path: &[String], see: &mut impl FnMut(&clap::Command, &[String])) {
    see(command, path);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        walk(sub, &[path, &[sub.get_name().to_owned()]].concat(), see);
    }
}

#[test]
fn bash_knows_every_command_s_flags() {
    if !has_bash() {
        return;
    }
    let folder = Folder::new();
    walk(&sev_launch::command(), &[], &mut |command, path| {
        let words: Vec<_> = path.iter().map(String::as_str).chain(["--"]).collect();
        let mut found = offered(&folder, &words);
        found.sort();
        let flags = command.get_arguments();
        let mut flags: Vec<_> = flags
            .flat_map(|flag| flag.get_long_and_visible_aliases().unwrap_or_default())
            .map(|name| format!("--{name}"))
            .collect();
        flags.sort();
        assert_eq!(found, flags, "{path:?}");
    });
}

#[test]
fn the_command_writes_the_committed_script_of_each_shell() {
    for (shell, file) in [
        ("bash", "sev-launch.bash"),
        ("elvish", "sev-launch.elv"),
        ("fish", "sev-launch.fish"),
        ("powershell", "_sev-launch.ps1"),
        ("zsh", "_sev-launch"),
    ] {
        let committed = std::fs::read_to_string(root().join("docs/completions").join(file));
        let outcome = Run::new(["completions", shell]).go();
        assert!(
            outcome.answer() == committed.expect("a script"),
            "{shell}: run cargo xtask assets"
        );
    }
    Run::new(["completions", "tcsh"]).go().refused_with(&["tcsh", "bash", "zsh"]);
}
