//! `sev-launch preflight`: would a host start what is described?

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_description::number::GuestPolicy;
use sev_launch_description::{Description, Origin, Sourced};
use sev_launch_host::support::Verdict;
use sev_launch_sweep::preflight::{self, Against};
use sev_launch_sweep::{Mode, Preflight, Reading};

use super::host;
use crate::args::policy;
use crate::exit::Answer;
use crate::guest;
use crate::guest::args::{Guest, mode};
use crate::output;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch preflight --description launch.toml
  sev-launch preflight --description launch.toml --host host.json

Without --host the question is whether any host starts it: KVM and the AMD-SP refuse some policies,
ID blocks and SEV_FEATURES everywhere, others on some hosts only, which is told. With the facts
of a host the question is whether that host does, by which launch profile, and with which digest.

What QEMU prints, and what to look at:
  SNP_LAUNCH_START ret=-22 fw_error=0     KVM refuses the policy: MIGRATE_MA, a reserved bit, or on
                                          older kernels no SMT, SINGLE_SOCKET, and newer bits
  SNP_LAUNCH_START … fw_error=7           the AMD-SP refuses the policy: SMT, sockets, ABI
  LAUNCH_START … fw_error=7               the same of SEV and SEV-ES: reserved bits, API
  LAUNCH_START … fw_error=11              the session is of another policy, or of another platform
  SNP_LAUNCH_FINISH … fw_error=7, 10, 11  the ID block: its policy, a signature, the digest
  failed to initialize ret=-22            KVM refuses SEV_FEATURES
  failed to initialize ret=-16            no ASID is free, or there are none
docs/preflight.md has all of them.

What is judged: the policy, SEV_FEATURES, an ID block against each digest, what the firmware and the
kernel must have for QEMU to start them; of a host its processor, BIOS, KVM, AMD-SP, QEMU and ASIDs.
What is not: memory, disks, devices, and whether the CPU model's features are there.

Exit codes:
  0  yes: nothing stands against the launch
  1  no: what does, and the error that would follow
  2  could not decide: not everything is known of the host, or the description is no launch";

/// Say whether a host would start a launch, or what refuses it and how.
#[derive(Debug, clap::Args)]
pub(crate) struct PreflightCommand {
    /// The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware.
    #[arg(long, value_name = "MODE", value_parser = mode)]
    mode: Option<Mode>,
    /// Facts of a host, as `sev-launch host collect` writes them (- is standard input).
    #[arg(long, value_name = "FILE", help_heading = "Host (to derive the launch profile)")]
    host: Option<PathBuf>,
    /// The policy, in place of the description's, as 0x30000, SMT+ABI=1.55 or NODBG+ES.
    #[arg(long, value_name = "POLICY", value_parser = policy, help_heading = "Guest")]
    policy: Option<GuestPolicy>,
    #[command(flatten)]
    guest: Guest,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Leave warnings out.
    #[arg(short, long)]
    quiet: bool,
}

/// The document of `preflight --json`; its schema is `docs/schemas/preflight.schema.json`.
#[derive(Serialize)]
struct Document {
    version: u32,
    answer: &'static str,
    /// Is it about one host?
    host: bool,
    technology: Technology,
    policy: Option<String>,
    profiles: Vec<&'static str>,
    digests: Vec<String>,
    against: Vec<Told>,
    depends: Vec<String>,
    unknown: Vec<&'static str>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Told {
    what: String,
    change: Option<String>,
}

impl PreflightCommand {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        let host = self.host.as_deref().map(host::read).transpose()?;
        let (mut description, mode) = self.guest.describe_mode(self.mode)?;
        let technology = mode.technology();
        if let Some(policy) = self.policy {
            let bits = match technology {
                Technology::Snp => policy.snp().map(sev_launch_abi::snp::Policy::bits),
                Technology::Sev | Technology::SevEs => {
                    policy.sev().map(|policy| policy.bits().into())
                }
            };
            let value = bits.map_err(anyhow::Error::msg)?;
            description.policy = Some(Sourced::new(value, Origin::Flag("--policy")));
        }
        let has_firmware = description.firmware.images.is_some();
        let is_guest = matches!(mode, Mode::Guest(_));
        let is_policy_alone = is_guest && Preflight::is_of_a_policy_alone(&description);
        let mut found = Preflight::of(&description, technology, host.as_ref());
        let description = match &host {
            Some(host) => preflight::on_host(description, host),
            None => description,
        };
        // Of a policy alone there is no more to judge.
        let undecided = match has_firmware || !is_policy_alone {
            true => self.add(&mut found, mode, description).err(),
            false => {
                let text = "no firmware is described: the policy and the host are judged alone";
                found.warnings.push(text.to_owned());
                None
            }
        };
        let undecided = undecided.and_then(|error| match refusal(error) {
            Ok(refused) => found.refused(refused).err().map(Into::into),
            Err(error) => found.against.is_empty().then_some(error),
        });
        let verdict = if undecided.is_some() { Verdict::Unknown } else { found.verdict() };
        if undecided.is_some() && found.open.is_empty() && found.unknown.is_empty() {
            // Nothing is known beside the error.
            return undecided.map_or(Ok(Answer::No), Err);
        }
        let document = Document::of(&found, verdict);
        if !self.quiet && !self.json {
            document.warnings.iter().for_each(|text| output::remark("warning", text));
        }
        output::print(self.json, &document, |out| document.print(out, verdict))?;
        match (verdict, undecided) {
            (_, Some(error)) => Err(error),
            (Verdict::Yes, None) => Ok(Answer::Yes),
            (Verdict::No, None) => Ok(Answer::No),
            (Verdict::Unknown, None) => {
                anyhow::bail!("whether it is started is not known: see what would tell above")
            }
        }
    }

    /// Everything that needs the files.
    fn add(
        &self,
        found: &mut Preflight,
        mode: Mode,
        description: Description,
    ) -> anyhow::Result<()> {
        let inputs = self.guest.read(mode, description, Reading::default())?;
        let sweep = guest::inputs::sweep(&inputs)?;
        found.add(&sweep)?;
        Ok(())
    }
}

/// An error of the launch, as the library has it; the error itself if it is of something else.
fn refusal(error: anyhow::Error) -> Result<sev_launch_sweep::Error, anyhow::Error> {
    error.downcast::<sev_launch_sweep::Error>().or_else(|error| {
        let described = error.downcast::<sev_launch_description::Error>();
        described.map(sev_launch_sweep::Error::from)
    })
}

impl Document {
    fn of(found: &Preflight, verdict: Verdict) -> Self {
        let told = |against: &Against| Told { what: against.to_string(), change: against.remedy() };
        Self {
            version: 1,
            answer: verdict.name(),
            host: found.has_host(),
            technology: found.technology(),
            policy: found.policy.map(|policy| format!("{policy:#x}")),
            profiles: found.profiles.iter().map(|profile| profile.name).collect(),
            digests: found.digests.iter().map(ToString::to_string).collect(),
            against: found.against.iter().map(told).collect(),
            depends: found.open.iter().map(ToString::to_string).collect(),
            unknown: found.unknown.clone(),
            warnings: found.warnings.clone(),
        }
    }

    fn print(&self, out: &mut dyn Write, verdict: Verdict) -> io::Result<()> {
        let technology = self.technology;
        let says = match (verdict, self.host) {
            (Verdict::Yes, false) => "nothing of it is refused by every host",
            (Verdict::Yes, true) => "this host starts it",
            (Verdict::No, false) => "no host starts it",
            (Verdict::No, true) => "this host does not start it as described",
            (Verdict::Unknown, true) => "not everything that it needs is known of this host",
            (Verdict::Unknown, false) => "not everything is known that decides it",
        };
        writeln!(out, "{verdict}: {says} ({technology})")?;
        for Told { what, change } in &self.against {
            writeln!(out, "  against  {what}")?;
            if let Some(change) = change {
                writeln!(out, "  change   {change}")?;
            }
        }
        for depends in self.depends.iter().filter(|_| verdict != Verdict::No) {
            writeln!(out, "  depends  {depends}")?;
        }
        for unknown in self.unknown.iter().filter(|_| verdict != Verdict::No) {
            writeln!(out, "  unknown  {unknown}")?;
        }
        let starts = verdict == Verdict::Yes;
        if starts && !self.profiles.is_empty() {
            writeln!(out, "  profile  {}", self.profiles.join(" or "))?;
        }
        match self.digests.as_slice() {
            _ if !starts => {}
            [digest] => writeln!(out, "  digest   {digest}")?,
            [] => {}
            digests => writeln!(out, "  digests  {} launches are described", digests.len())?,
        }
        if self.policy.is_none() {
            writeln!(out, "  policy   not described, so nothing is said of it: give --policy")?;
        }
        Ok(())
    }
}
