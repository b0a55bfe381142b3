//! The commands, one file each.

pub(crate) mod cpu;
pub(crate) mod digest;
pub(crate) mod firmware;
pub(crate) mod profile;
pub(crate) mod vmsa;

use crate::exit::{Answer, HELP};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Compute the launch digest that an honest host must report.
    #[command(after_help = HELP, after_long_help = digest::LONG_HELP)]
    Digest(Box<digest::args::Digest>),
    /// Say what a firmware image is and can launch; absorb one into a small file.
    #[command(subcommand, after_help = HELP)]
    Firmware(firmware::Firmware),
    /// Build, show and compare initial VM save areas.
    #[command(subcommand, after_help = HELP)]
    Vmsa(vmsa::Vmsa),
    /// List, show and compare launch profiles: what hosts do that no file tells.
    #[command(subcommand, after_help = HELP)]
    Profile(profile::Profile),
    /// List CPU models with their signatures and generations.
    #[command(subcommand, after_help = HELP)]
    Cpu(cpu::Cpu),
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<Answer> {
        match self {
            Self::Digest(command) => digest::run(&command),
            Self::Firmware(command) => command.run(),
            Self::Vmsa(command) => command.run(),
            Self::Profile(command) => command.run(),
            Self::Cpu(command) => command.run(),
        }
    }
}
