//! Tools of others by their own names and words: a program that is linked as one of them answers as it does, and a command of
//! theirs that is typed to ours is answered with the line of ours.
//!
//! [`sev_snp_measure`] and [`create_id_block`] are the two that are answered in full. For the others, [`table`] says what stands for
//! each of their commands, [`mod@answer`] knows what was typed, [`mod@line`] fills it in, and [`mod@page`] is the documentation made of it.

mod answer;
#[cfg(test)]
mod attacks;
mod create_id_block;
mod failure;
mod line;
mod page;
mod sev_snp_measure;
mod table;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::ExitCode;

pub(crate) use answer::answer;
pub(crate) use page::page;

/// A tool that this program can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    SevSnpMeasure,
    CreateIdBlock,
}

impl Tool {
    /// The tool whose name the program was started by, in whatever folder: as installed, or as the script in its sources.
    fn linked_as(program: Option<&OsString>) -> Option<Self> {
        let name = Path::new(program?).file_name()?.to_str()?;
        let name = name.strip_suffix(".exe").unwrap_or(name);
        match name.strip_suffix(".py").unwrap_or(name) {
            sev_snp_measure::NAME => Some(Self::SevSnpMeasure),
            create_id_block::NAME => Some(Self::CreateIdBlock),
            _ => None,
        }
    }

    /// The tool, and the words for it: named by the program's own name, or by the first word after that.
    pub(crate) fn asked(arguments: &[OsString]) -> Option<(Self, &[OsString])> {
        let (program, rest) = arguments.split_first()?;
        if let Some(tool) = Self::linked_as(Some(program)) {
            return Some((tool, rest));
        }
        let (first, rest) = rest.split_first()?;
        let is_name = first == sev_snp_measure::NAME || first == create_id_block::NAME;
        Some((Self::linked_as(Some(first).filter(|_| is_name))?, rest))
    }

    /// Answers as the tool does: the words after the program's name in, its exit code out.
    pub(crate) fn run(self, words: &[OsString]) -> ExitCode {
        let words: Vec<Vec<u8>> = words.iter().cloned().map(OsStringExt::into_vec).collect();
        match self {
            Self::SevSnpMeasure => {
                failure::exit_code(sev_snp_measure::NAME, sev_snp_measure::run(&words))
            }
            Self::CreateIdBlock => {
                failure::exit_code(create_id_block::NAME, create_id_block::run(&words))
            }
        }
    }
}

/// `sev-launch --mode …` is `sev-launch digest --mode …`: sev-snp-measure has flags and no commands, and no command of ours may
/// stand after one.
pub(crate) fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    const OURS: [&str; 4] = ["-h", "--help", "-V", "--version"];
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    let starts_with_flag = words.clone().next().is_some_and(|first| first.starts_with('-'));
    let is_ours = words.clone().next().is_some_and(|first| OURS.contains(&first));
    let mut words = words.take_while(|word| *word != "--");
    let has_mode = words.any(|word| word == "--mode" || word.starts_with("--mode="));
    if starts_with_flag && has_mode && !is_ours {
        arguments.insert(1, "digest".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_s_name_says_which_tool_it_is() {
        let tool = |name: &str| Tool::linked_as(Some(&name.into()));
        for name in [
            "sev-snp-measure",
            "/usr/bin/sev-snp-measure",
            "./sev-snp-measure.py",
            "sev-snp-measure.exe",
        ] {
            assert_eq!(tool(name), Some(Tool::SevSnpMeasure), "{name}");
        }
        for name in ["snp-create-id-block", "bin/snp-create-id-block.py", "snp-create-id-block.exe"]
        {
            assert_eq!(tool(name), Some(Tool::CreateIdBlock), "{name}");
        }
        for name in
            ["sev-launch", "", "sev-snp-measure-0.0.13", "sev-snp-measure/x", "Sev-Snp-Measure"]
        {
            assert_eq!(tool(name), None, "{name}");
        }
    }

    #[test]
    fn flags_without_a_command_are_digest_s_where_one_is_a_mode() {
        let with = |words: &str| {
            let words = words.split(' ').map(OsString::from).collect();
            with_command(words)
                .into_iter()
                .map(|word| word.into_string().unwrap())
                .collect::<Vec<_>>()
                .join(" ")
        };
        for flags in ["--mode sev --ovmf f", "--ovmf f --mode=snp", "-v --mode sev"] {
            assert_eq!(with(&format!("sev-launch {flags}")), format!("sev-launch digest {flags}"));
        }
        for other in [
            "sev-launch digest --mode sev",
            "sev-launch --help",
            "sev-launch --help --mode",
            "sev-launch --ovmf f",
            "sev-launch --ovmf -- --mode",
            "sev-launch explain --mode sev",
            "sev-launch",
        ] {
            assert_eq!(with(other), other);
        }
    }

    // README.md and the flags' own documentation say so.
    #[test]
    fn digest_has_every_flag_of_sev_snp_measure_but_its_version() {
        let mut command = crate::bare_command();
        command.build();
        let digest = command.find_subcommand("digest").expect("a command of this name");
        let flags: Vec<_> = digest
            .get_arguments()
            .flat_map(|flag| flag.get_long_and_visible_aliases().unwrap_or_default())
            .collect();
        for flag in sev_launch_description::import::sev_snp_measure::FLAGS {
            let name = flag.name.trim_start_matches('-');
            assert_eq!(flags.contains(&name), name != "version", "{name}");
            let letter = digest.get_arguments().any(|one| one.get_short() == flag.short);
            assert!(letter || flag.short.is_none(), "{name}");
        }
    }
}
