//! The commands, one file each.

pub(crate) mod agent;
pub(crate) mod audit;
mod beside;
pub(crate) mod certs;
pub(crate) mod completions;
pub(crate) mod cpu;
pub(crate) mod describe;
pub(crate) mod digest;
pub(crate) mod explain;
pub(crate) mod firmware;
pub(crate) mod host;
pub(crate) mod id_block;
pub(crate) mod import;
pub(crate) mod man;
pub(crate) mod manifest;
pub(crate) mod platform;
pub(crate) mod preflight;
pub(crate) mod profile;
pub(crate) mod rehearse;
pub(crate) mod remote;
pub(crate) mod report;
pub(crate) mod secret;
pub(crate) mod serve;
pub(crate) mod session;
pub(crate) mod verify;
pub(crate) mod vmsa;

use crate::exit::{Answer, HELP};
use crate::sev::policy::DEMANDS;

/// What to do. Only the flags of the command that is named are built: those of all would be half of a short command's time.
/// clap shows the structure's documentation in place of the variant's, so keep the two identical.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Compute the launch digest that an honest host must report.
    #[command(after_help = HELP, after_long_help = digest::LONG_HELP)]
    Digest(Box<digest::args::Digest>),
    /// Write a launch description from libvirt, QEMU, Kata, KubeVirt or OpenStack.
    #[command(subcommand, after_help = HELP, after_long_help = import::LONG_HELP)]
    Import(import::ImportCommand),
    /// Show a launch description: every value and where it came from.
    #[command(after_help = HELP, after_long_help = describe::LONG_HELP)]
    Describe(Box<describe::Describe>),
    /// Say yes or no to what a host reports of a launch, or to an SNP report; pack secrets after a yes.
    #[command(after_help = DEMANDS, after_long_help = verify::LONG_HELP)]
    Verify(Box<verify::Verify>),
    /// Find why a reported value does not match: the smallest change of facts that gives it.
    #[command(after_help = HELP, after_long_help = explain::LONG_HELP)]
    Explain(Box<explain::Explain>),
    /// Say whether a host would start a launch, or what refuses it and how.
    #[command(after_help = HELP, after_long_help = preflight::LONG_HELP)]
    Preflight(Box<preflight::PreflightCommand>),
    /// Say what a host can launch, what is missing and what to change.
    #[command(after_help = HELP, after_long_help = host::LONG_HELP)]
    Host(Box<host::Host>),
    /// Start the VMM itself on an AMD-SP in software; hold its launch against the prediction.
    #[command(after_help = HELP, after_long_help = rehearse::LONG_HELP)]
    Rehearse(Box<rehearse::args::Rehearse>),
    /// Make a simulated platform for rehearsals, and write its certificates.
    #[command(subcommand, after_help = HELP, after_long_help = platform::LONG_HELP)]
    Platform(platform::Platform),
    /// Build, check, compare, show, extend and publish manifests: what CI keeps of a guest's launch digests.
    #[command(subcommand, after_help = HELP)]
    Manifest(manifest::ManifestCommand),
    /// Make keys for a SEV or SEV-ES launch, wrapped for a platform that is verified.
    #[command(after_long_help = session::LONG_HELP)]
    Session(Box<session::Session>),
    /// Pack secrets for a verified SEV or SEV-ES launch; open a packet again.
    #[command(subcommand, after_help = HELP)]
    Secret(secret::Secret),
    /// Show, verify and appraise an SNP guest's attestation report.
    #[command(subcommand, after_help = HELP)]
    Report(report::Report),
    /// Build and check ID blocks: what the AMD-SP must find in an SNP guest, or start nothing.
    #[command(subcommand, after_help = HELP)]
    IdBlock(id_block::IdBlockCommand),
    /// Start the attestation service of a guest owner; everything that follows is for it.
    #[command(after_long_help = serve::LONG_HELP)]
    Serve(serve::Serve),
    /// Launch a guest as its owner's service wants it, with QEMU or libvirt.
    #[command(after_long_help = agent::LONG_HELP)]
    Agent(agent::Agent),
    /// Ask an attestation service as a guest's owner: register, approve, read the audit.
    #[command(after_long_help = remote::LONG_HELP)]
    Remote(remote::Remote),
    /// The audit of an attestation service.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Show, verify, split and join a SEV platform's certificates.
    #[command(subcommand, after_help = HELP, after_long_help = certs::LONG_HELP)]
    Certs(certs::Certs),
    /// Say what a firmware image is, what is in it, and where two builds differ; absorb one.
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
    /// Write a shell's completion script.
    #[command(after_long_help = completions::LONG_HELP)]
    Completions(completions::Completions),
    /// Write the man pages: one for each command.
    #[command(after_long_help = man::LONG_HELP)]
    Man(man::Man),
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<Answer> {
        match self {
            Self::Digest(command) => digest::run(&command),
            Self::Import(command) => command.run(),
            Self::Describe(command) => command.run(),
            Self::Verify(command) => command.run(),
            Self::Explain(command) => command.run(),
            Self::Preflight(command) => command.run(),
            Self::Host(command) => command.run(),
            Self::Rehearse(command) => command.run(),
            Self::Platform(command) => command.run(),
            Self::Manifest(command) => command.run(),
            Self::Session(command) => command.run(),
            Self::Secret(command) => command.run(),
            Self::Report(command) => command.run(),
            Self::IdBlock(command) => command.run(),
            Self::Serve(command) => command.run(),
            Self::Agent(command) => command.run(),
            Self::Remote(command) => command.run(),
            Self::Audit(command) => command.run(),
            Self::Certs(command) => command.run(),
            Self::Firmware(command) => command.run(),
            Self::Vmsa(command) => command.run(),
            Self::Profile(command) => command.run(),
            Self::Cpu(command) => command.run(),
            Self::Completions(command) => command.run(),
            Self::Man(command) => command.run(),
        }
    }
}
