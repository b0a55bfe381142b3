//! What a shell can offer for the values of flags and arguments: names from our tables, files, folders. And the scripts that offer it.
//!
//! Most values are read by functions of their own, of which clap knows no names. They are told to it here, for the makers of completion
//! scripts alone: what a flag takes stays with its reader.

mod bash;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;
use sev_launch_abi::Generation;
use sev_launch_abi::snp::policy::Flag;
use sev_launch_digest::cpu::{CpuModel, MODELS};
use sev_launch_digest::profile;

/// The modes that `--mode` takes, in their shortest spellings.
const MODES: [&str; 5] = ["sev", "seves", "snp", "snp:svsm", "snp:ovmf-hash"];

/// The script of a shell.
pub(crate) fn script(shell: Shell, command: Command) -> Vec<u8> {
    let mut command = of(command);
    if shell == Shell::Bash {
        return bash::script(&command).into_bytes();
    }
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "sev-launch", &mut script);
    script
}

/// The command line with the values of its flags.
pub(crate) fn of(command: Command) -> Command {
    let has_names = command.get_name() == "show" || command.get_name() == "diff";
    let is_profile =
        has_names && command.get_bin_name().is_some_and(|name| name.contains(" profile "));
    let command = command.mut_args(|flag| with_values(flag, is_profile));
    command.mut_subcommands(of)
}

fn with_values(flag: Arg, is_profile: bool) -> Arg {
    // Several, comma-separated.
    let list = |flag: Arg, names: Vec<String>| one(flag, names).value_delimiter(',');
    match flag.get_id().as_str() {
        "mode" => one(flag, MODES.map(str::to_owned).to_vec()),
        "profile" => list(flag, profiles()),
        "name" | "left" | "right" if is_profile => one(flag, profiles()),
        "vcpu_type" => list(flag, MODELS.iter().flat_map(CpuModel::names).collect()),
        "generation" => list(flag, generations()),
        "host_cpu" => one(flag, generations()),
        "policy_set" | "policy_clear" => {
            list(flag, Flag::ALL.iter().map(|bit| bit.name().to_owned()).collect())
        }
        _ => hinted(flag),
    }
}

/// A flag of one of these names. clap wants them for as long as the program runs, which here is until the scripts are written.
fn one(flag: Arg, names: Vec<String>) -> Arg {
    let names = names.into_iter().map(|name| PossibleValue::new(&*name.leak()));
    flag.value_parser(PossibleValuesParser::new(names))
}

fn profiles() -> Vec<String> {
    profile::ALL.iter().map(|profile| profile.name.to_owned()).collect()
}

fn generations() -> Vec<String> {
    Generation::ALL.iter().map(|generation| generation.name().to_owned()).collect()
}

/// A flag of files or folders, which the name of its value says.
fn hinted(flag: Arg) -> Arg {
    let names = flag.get_value_names().unwrap_or_default();
    let name = names.first().map(ToString::to_string).unwrap_or_default();
    let is_path = flag.get_value_hint() == ValueHint::AnyPath;
    match name.as_str() {
        "FOLDER" => flag.value_hint(ValueHint::DirPath),
        _ if is_path || name.contains("FILE") || flag.get_id() == "reported" => {
            flag.value_hint(ValueHint::FilePath)
        }
        _ => flag,
    }
}
