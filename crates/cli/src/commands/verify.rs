//! `sev-launch verify`: is what a host reports of a launch authentic and acceptable?
//!
//! A launch measurement of SEV and SEV-ES is answered by [`SevFlags`], an SNP guest's report by [`Appraisal`] as for `report appraise`.

use std::path::{Path, PathBuf};

use anyhow::{Error, bail};
use clap::{Arg, Id};
use sev_launch_abi::sev::policy::Policy as SevPolicy;
use sev_launch_abi::{Technology, snp};
use sev_launch_description::axes::VcpuCounts;
use sev_launch_description::number::GuestPolicy;
use sev_launch_sweep::{Accepted, Mode};
use sev_launch_verify::snp::demands::ReportDemands;

use crate::args::flag_ids;
use crate::checks::CheckView;
use crate::exit::{Answer, Steps};
use crate::guest::args::mode;
use crate::guest::known::KnownDigests;
use crate::output::Outputs;
use crate::sev::evidence::EvidenceFlags;
use crate::sev::keys::KeyFlags;
use crate::sev::launch::{SevFlags, Verdict};
use crate::sev::secrets::SecretFlags;
use crate::snp::appraisal::{self, Appraisal};
use crate::snp::demands::DemandFlags;
use crate::snp::endorsement::EndorsementFlags;
use crate::snp::launch_endorsement::{self, RootFlags};

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch verify --policy 0x1 --tik vm_tik.bin --firmware OVMF.fd \\
      --measurement BASE64 --api-major 1 --api-minor 55 --build-id 24

  virsh domlaunchsecinfo guest > info.txt
  sev-launch verify --policy 0x5 --tik vm_tik.bin --tek vm_tek.bin \\
      --evidence info.txt --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan \\
      --inject-secret luks-key:passphrase \\
      --secret-header header.b64 --secret-payload payload.b64

  sev-launch verify --report report.bin --vek vcek.der --report-data HEX \\
      --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan
  sev-launch verify --report report.bin --vek vcek.der --launch-digest HASH
  sev-launch verify --report report.bin --certificates table.bin \\
      --endorsement endorsement.binarypb --endorsement-root root.crt --vcpus 4 \\
      --allow-migration-agent

A cloud's launch endorsement (--endorsement, or rows that a manifest keeps one
of) is verified under the root that you give: none is built in. The policy that
it says is demanded; Google's lets a migration agent in, which needs its flag.

In SEV and SEV-ES the policy is the one that the session was made for, and never
what the host restates; its ES bit says which of the two it is. One session is
for one launch: after a yes or a no its keys should not be used again.

Exit codes:
  0  yes: the measurement proves an accepted digest
  1  no: it does not, a demand on the policy or the platform is not met, or the manifest is not
     signed by a --manifest-key
  2  could not decide: wrong usage, malformed input, a missing file, a launch that the host refuses
  3  refused as insecure: the policy, or a report without certificates";

/// Say yes or no to what a host reports of a launch, or to an SNP report; pack secrets after a yes.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("policy", |policy| policy.required(false)),
    mut_args(part_of_snp()),
)]
pub(crate) struct Verify {
    /// An SNP guest's attestation report, to be verified and held against the guest's digests, in any form: raw, hex, base64, with its
    /// certificate table, in Azure's envelope, in JSON.
    #[arg(long, value_name = "FILE", conflicts_with_all = sev_only(), help_heading = "Evidence")]
    report: Option<PathBuf>,
    /// The technology, as `digest` takes it: the evidence says it already, and must say the same.
    #[arg(long, value_name = "MODE", value_parser = mode, help_heading = "Expected launch")]
    mode: Option<Mode>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Leave warnings and notes out.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// A cloud's launch endorsement, whose digests are accepted once it is verified: a .binarypb file of Google's or the certificate table
    /// with one, Azure's reference-info-base64. With --vcpus, the digest for exactly so many VMSAs alone.
    #[arg(
        long = "endorsement",
        value_name = "FILE",
        conflicts_with = "manifest",
        conflicts_with_all = flag_ids::<KnownDigests>(),
        help_heading = "Launch endorsement"
    )]
    launch_endorsement: Option<PathBuf>,
    /// Accept another guest policy than the one that the endorsement says.
    #[arg(long, requires = "launch_endorsement", help_heading = "Launch endorsement")]
    allow_other_policy: bool,
    #[command(flatten)]
    roots: RootFlags,
    #[command(flatten)]
    sev: SevFlags,
    #[command(flatten)]
    secrets: SecretFlags,
    #[command(flatten)]
    endorsement: EndorsementFlags,
    // Last, since a heading holds for every flag after it that has none of its own.
    #[command(flatten)]
    snp: DemandFlags,
}

/// Flags that say nothing of an SNP report: the evidence's, the session's and the secrets', and those of [`SevFlags`] itself that
/// demand something of a platform or of a SEV policy.
fn sev_only() -> Vec<Id> {
    let own = ["require", "require_api", "require_build"].map(Id::from);
    [flag_ids::<EvidenceFlags>(), flag_ids::<KeyFlags>(), own.into(), flag_ids::<SecretFlags>()]
        .concat()
}

/// A flag of the SNP way belongs to a report, and to no launch measurement: clap asks for nothing that it would refuse.
fn part_of_snp() -> impl FnMut(Arg) -> Arg {
    let own = ["launch_endorsement", "allow_other_policy"].map(Id::from);
    let of_snp = [
        flag_ids::<EndorsementFlags>(),
        flag_ids::<RootFlags>(),
        flag_ids::<DemandFlags>(),
        own.into(),
    ]
    .concat();
    let of_sev = sev_only();
    move |flag| match of_snp.contains(flag.get_id()) {
        true => flag.requires("report").conflicts_with_all(of_sev.clone()),
        false => flag,
    }
}

impl Verify {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        if let Some(report) = &self.report {
            return self.appraise(report);
        }
        if !self.sev.is_given() {
            return Err(nothing_given().into());
        }
        self.sev.check_complete()?;
        let policy = self.sev.policy.map(GuestPolicy::sev).transpose().map_err(Error::msg)?;
        self.check_mode(policy.map(SevPolicy::technology))?;
        self.secrets.check()?;
        if !self.secrets.is_empty() && !self.sev.has_tek() {
            bail!("secrets are sealed with the session's TEK: give --tek or --tk");
        }
        let verdict = self.sev.verify()?;
        if !self.secrets.is_empty() {
            verdict.check_waiting()?;
        }
        let Verdict { launch, report, .. } = verdict;
        let mut outputs = Outputs::new();
        if let Some(launch) = &launch {
            self.secrets.pack(launch, report.secret_place, &mut outputs)?;
        }
        if !self.quiet {
            report.remarks();
        }
        report.output(self.json)?;
        outputs.settle()?;
        Ok(report.answer)
    }

    /// The SNP way: verify the report, and hold it against the guest described.
    fn appraise(&self, file: &Path) -> anyhow::Result<Answer> {
        let policy = self.sev.policy.map(GuestPolicy::snp).transpose().map_err(Error::msg)?;
        let demands = self.snp.read(policy)?;
        self.check_mode(Some(Technology::Snp))?;
        if let Some(path) = &self.launch_endorsement {
            return self.appraise_endorsed(file, path, demands);
        }
        let is_known = self.sev.manifest.is_some() || self.sev.known.is_given();
        if self.mode == Some(Mode::SnpSvsm) && (is_known || !self.sev.guest.is_given()) {
            bail!(
                "--mode snp:svsm is of a guest that is described (--svsm FILE and others) or of an --endorsement: beside digests that are known \
                 it would say nothing, so leave it out"
            );
        }
        let demanded = appraisal::demanded(&demands, &self.sev.guest)?;
        let expected = match &self.sev.manifest {
            Some(path) => {
                let roots = (&self.roots, self.endorsement.time()?);
                let keys = &self.sev.manifest_keys;
                appraisal::of_manifest(path, &self.sev.acceptance, keys, roots)?
            }
            None if self.sev.known.is_given() => self.sev.known.accepted(Technology::Snp)?,
            None => match demanded {
                Some(demanded) => demanded,
                None if !self.sev.guest.is_given() => return Err(nothing_expected().into()),
                None => appraisal::of_guest(&self.sev.guest, self.mode, policy)?,
            },
        };
        let why = self.sev.guest.is_given().then(Vec::new);
        self.appraisal(file, demands, expected, Vec::new(), why).run()
    }

    fn appraisal<'a>(
        &'a self,
        file: &'a Path,
        demands: ReportDemands,
        expected: Accepted<snp::LaunchDigest>,
        checked: Vec<CheckView>,
        why: Option<Vec<String>>,
    ) -> Appraisal<'a> {
        Appraisal {
            file,
            endorsement: &self.endorsement,
            flags: &self.snp,
            demands,
            allow_debug: self.sev.demands.allow_debug,
            expected,
            checked,
            why,
            json: self.json,
            quiet: self.quiet,
        }
    }

    /// The same, where a cloud's endorsement says which digests are expected.
    fn appraise_endorsed(
        &self,
        file: &Path,
        endorsement: &Path,
        demands: ReportDemands,
    ) -> anyhow::Result<Answer> {
        let guest = &self.sev.guest;
        let described = guest.description.is_some().then(|| "--description".to_owned());
        if let Some(flag) =
            described.map_or_else(|| guest.first_given_but(&["--vcpus"]), |flag| Ok(Some(flag)))?
        {
            bail!(
                "{flag} beside --endorsement: the digests are the endorsement's, and of the guest only --vcpus is looked at"
            );
        }
        let counts = guest.vcpus.as_ref().map(VcpuCounts::counts).unwrap_or_default();
        let counts: Vec<u32> = counts.iter().map(|count| count.number()).collect();
        let vmsas = launch_endorsement::one_number(&counts)?;
        let Some(launch) = Mode::expected_launch(self.mode, vmsas) else {
            bail!(
                "--vcpus beside --mode snp:svsm: what is endorsed under an SVSM is of no number of vCPUs, so leave --vcpus out"
            );
        };
        let time = self.endorsement.time()?;
        let endorsed = match self.roots.verify(endorsement, time)? {
            Ok(endorsed) => endorsed,
            Err(refusal) => return launch_endorsement::say_no(endorsement, &refusal, self.json),
        };
        let expected = endorsed.accepted(launch, self.allow_other_policy)?;
        self.appraisal(file, demands, expected, vec![endorsed.check()], None).run()
    }

    /// The technology of the evidence is the one that was typed, if one was.
    fn check_mode(&self, found: Option<Technology>) -> anyhow::Result<()> {
        match (self.mode.map(Mode::technology), found) {
            _ if self.mode == Some(Mode::SnpFirmware) => {
                bail!(
                    "--mode snp:ovmf-hash is of the firmware alone, which no guest reports: give snp or snp:svsm"
                )
            }
            (Some(wanted), Some(found)) if wanted != found => bail!(
                "--mode says {wanted}, but the evidence is of {found}: a policy without ES is of SEV, one with ES of SEV-ES, and a report of SNP"
            ),
            _ => Ok(()),
        }
    }
}

/// What to type, where a report was given and nothing that it is held against.
fn nothing_expected() -> Steps {
    let next = [
        "a digest that is known:  --launch-digest HASH, or --launch-digest-file FILE",
        "a cloud's endorsement:   --endorsement FILE --endorsement-root CERT",
        "a guest:                 --manifest FILE, --description FILE, or the flags of digest (--firmware FILE and others)",
        "authenticity alone:      sev-launch report verify FILE --vek FILE",
    ];
    let said = "nothing that the report is held against: say which launch is expected".to_owned();
    Steps { said, next: next.map(str::to_owned).to_vec(), insecure: false }
}

/// What to type, where nothing was.
fn nothing_given() -> Steps {
    let next = [
        "SNP:          sev-launch verify --report FILE --vek FILE --launch-digest HASH",
        "SEV, SEV-ES:  sev-launch verify --policy 0x1 --tik FILE --evidence FILE --launch-digest HASH",
        "in place of --launch-digest: --manifest FILE, --description FILE, or the flags of digest (--firmware FILE and others)",
    ];
    let said = "nothing to verify: give a report, or a launch measurement".to_owned();
    Steps { said, next: next.map(str::to_owned).to_vec(), insecure: false }
}
