//! `docs/from-other-tools.md`: what others' commands are here. It is made of the table that the command answers from.

use std::fmt::Write as _;

use clap::error::ErrorKind;

use super::answer::of_words;
use super::line::usual_certificate;
use super::table::{Becomes, Flag, all};

const HEAD: &str = "\
# From other tools

What the commands of other tools are here. `sev-launch` answers each of theirs, typed with the tool's name before it, or without
where it is no command of ours, with the line that this page shows, and with the values that were typed. Words in capitals are to be
filled in. `cargo xtask assets` makes this page of the table by which the command answers.

## sev-snp-measure, snp-create-id-block

Linked as `sev-snp-measure` or `snp-create-id-block`, or with that name as its first word, the program takes these tools' own command
lines, of release 0.0.13. In the words of ours:

| theirs | ours |
|---|---|
| `sev-snp-measure --mode sev --ovmf OVMF.fd` | `sev-launch digest --mode sev --firmware OVMF.fd` |
| `sev-snp-measure --mode seves --ovmf OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan` | `sev-launch digest --mode seves --profile es-init2 --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan`: without `--profile` it is es-legacy, what a default QEMU does |
| `sev-snp-measure --mode snp --ovmf OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan --kernel vmlinuz --initrd initrd.img --append quiet` | `sev-launch digest --mode snp --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan --kernel vmlinuz --initrd initrd.img --cmdline quiet` |
| `sev-snp-measure --mode snp --ovmf OVMF.fd --vcpus 4 --vmm-type ec2` | `sev-launch digest --mode snp --profile snp-ec2 --firmware OVMF.fd --vcpus 4` |
| `sev-snp-measure --mode snp --ovmf OVMF.fd --vcpus 4 --vmm-type gce` | `sev-launch digest --mode snp --profile snp-gce --firmware OVMF.fd --vcpus 4` |
| `sev-snp-measure --mode snp:ovmf-hash --ovmf OVMF.fd` | `sev-launch digest --mode snp:ovmf-hash --firmware OVMF.fd` |
| `sev-snp-measure --mode snp:svsm --ovmf OVMF.fd --svsm svsm.bin --vars-size 540672 --vcpus 4 --vcpu-type EPYC-Milan` | `sev-launch digest --mode snp:svsm --profile snp-svsm-legacy --firmware OVMF.fd --svsm svsm.bin --vars-size 540672 --vcpus 4 --vcpu-type EPYC-Milan`; the tool's own digest, which no host reports, is `--profile snp-svsm-ssm` |
| `snp-create-id-block --measurement BASE64 --idkey id.pem --authorkey author.pem` | `sev-launch id-block build --digest BASE64 --policy 0x30000 --id-key id.pem --author-key author.pem --out id-block.b64 id-auth.b64 --base64` |
";

/// The page.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut tool = "";
    for theirs in all() {
        if theirs.tool != tool {
            tool = theirs.tool;
            // A String can always be written to.
            let _ = write!(page, "\n## {tool}\n\n| theirs | ours | to know |\n|---|---|---|\n");
        }
        let typed = [theirs.tool, theirs.command, theirs.example].join(" ");
        let typed: Vec<_> = typed.split_ascii_whitespace().collect();
        let answer = of_words(&typed, ErrorKind::InvalidSubcommand, usual_certificate);
        let ours = match answer.and_then(|answer| answer.line) {
            Some((line, true)) => format!("`{line}`"),
            Some((line, false)) => format!("nothing; next: `{line}`"),
            None => "nothing".into(),
        };
        let _ = writeln!(
            page,
            "| `{}` | {ours} | {} |",
            typed.join(" "),
            notes(theirs.says, theirs.flags)
        );
    }
    page
}

/// What is to know of a command, with the flags that are called otherwise or left out.
fn notes(says: &str, flags: &[Flag]) -> String {
    let mut notes: Vec<String> = Vec::from_iter((!says.is_empty()).then(|| says.to_owned()));
    let mut left: Vec<(&str, Vec<&str>)> = Vec::new();
    for flag in flags {
        let name = flag.names.last().copied().unwrap_or_default();
        match flag.becomes {
            Becomes::Flag(ours) if ours != name => notes.push(format!("`{name}` is `{ours}`")),
            Becomes::Left(why) => match left.iter_mut().find(|(known, _)| *known == why) {
                Some((_, names)) => names.push(name),
                None => left.push((why, vec![name])),
            },
            Becomes::Adds(words, why) => notes.push(format!("`{name}` is `{words}`: {why}")),
            Becomes::Flag(_) | Becomes::Named(_) | Becomes::Redirected => {}
        }
    }
    notes
        .extend(left.iter().map(|(why, names)| format!("without `{}`: {why}", names.join("`, `"))));
    notes.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exclusions;

    const PAGE: &str = include_str!("../../../../docs/from-other-tools.md");

    /// What stands for the words to be filled in.
    const SAMPLES: [(&str, &str); 11] = [
        ("REPORT", "report.bin"),
        ("CHAIN", "platform.chain"),
        ("POLICY", "0x5"),
        ("MAJOR", "1"),
        ("MINOR", "55"),
        ("BUILD", "24"),
        ("BASE64", "CUVFxweXdMmB9oGlht2CO2OdAJTSB3lte6pE2VlWPzF1wZnKfAOBhHgMEssIdLsl"),
        ("MEASUREMENT", "QRfzhiEjIHG5Q9e7F250L4sddmLW1y0mySX+0n6R894juDPntO0DzfyPqtI3i8jm"),
        (
            "DIGEST",
            "094545c7079dd4c981f681a586dd823b639d0094d207796d7baa44d959563f3175c199ca7c038184780c12cb0874bb25",
        ),
        ("ID-KEY", "id.pem"),
        ("KEY", "id.pem"),
    ];

    /// Every line of ours in a text, between backquotes.
    fn lines(text: &str) -> impl Iterator<Item = &str> {
        let codes = text.split('`').skip(1).step_by(2);
        // The command where it is named with a part of what it takes.
        codes.filter(|code| code.starts_with("sev-launch ") && !code.contains('…'))
    }

    fn sampled(word: &str) -> String {
        let sample = SAMPLES.iter().find(|(name, _)| *name == word);
        sample.map_or(word, |(_, value)| value).to_owned()
    }

    #[test]
    fn the_page_is_that_of_the_table() {
        assert!(PAGE == page(), "cargo xtask assets makes docs/from-other-tools.md");
    }

    #[test]
    fn every_line_of_ours_is_one_that_the_command_takes() {
        let mut count = 0;
        for line in lines(PAGE) {
            // Up to where a shell would take over.
            let words = line.split(' ').take_while(|word| *word != ">").map(sampled);
            let words: Vec<_> = words.collect();
            let matches = crate::command().try_get_matches_from(&words);
            let matches = matches.unwrap_or_else(|error| panic!("{line}: {error}"));
            exclusions::check(&matches).unwrap_or_else(|error| panic!("{line}: {error}"));
            count += 1;
        }
        assert!(count > 25, "{count}");
    }

    // docs/refusals.md says so.
    #[test]
    fn verify_has_the_long_flags_of_libvirt_s_tool_but_those_that_ask_libvirt() {
        let mut command = crate::command();
        command.build();
        let verify = command.find_subcommand("verify").expect("a command of this name");
        let has = |name: &str| {
            let long = |arg: &clap::Arg| {
                arg.get_long_and_visible_aliases().unwrap_or_default().contains(&name)
            };
            verify.get_arguments().any(long)
        };
        let validate = all().find(|theirs| theirs.tool == "virt-qemu-sev-validate");
        let names = validate
            .expect("in the table")
            .flags
            .iter()
            .filter_map(|flag| flag.names.iter().find_map(|name| name.strip_prefix("--")));
        let missing: Vec<_> = names.filter(|name| !has(name)).collect();
        assert_eq!(missing, ["debug", "connect", "domain", "ignore-config"]);
    }

    #[test]
    fn every_flag_of_the_table_is_one_of_the_line() {
        for theirs in all() {
            let line = match theirs.ours {
                super::super::table::Ours::Line(line)
                | super::super::table::Ours::Either(_, line) => line,
                super::super::table::Ours::Nothing(_) => continue,
            };
            let mut command = crate::command();
            command.build();
            let mut found = &command;
            for word in line.split(' ') {
                match found.find_subcommand(word) {
                    Some(inner) => found = inner,
                    None => break,
                }
            }
            for flag in theirs.flags {
                let Becomes::Flag(ours) = flag.becomes else { continue };
                let mut known = found.get_arguments();
                let arg = known.find(|arg| {
                    let names = arg.get_long_and_visible_aliases().unwrap_or_default();
                    names.iter().any(|name| ours.strip_prefix("--") == Some(name))
                });
                let arg = arg.unwrap_or_else(|| panic!("{line}: no {ours}"));
                assert_eq!(arg.get_action().takes_values(), flag.takes_value, "{line}: {ours}");
            }
        }
    }
}
