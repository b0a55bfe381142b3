//! `sev-launch manifest add`: what a host reported becomes a row, marked as observed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_description::axes::VcpuCounts;
use sev_launch_manifest::row::{Detail, Observed, Source};
use sev_launch_manifest::{Facts, Finding, Manifest, Obtained, Row};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::requirements::{PlatformRequirements, Requirements};
use sev_launch_verify::snp::product::CpuId;

use crate::args::{Cpu, sev_policy};
use crate::exit::Answer;
use crate::manifest::acceptance::AcceptanceFlags;
use crate::sev::evidence::EvidenceFlags;
use crate::sev::keys::KeyFlags;
use crate::sev::policy::PolicyFlags;
use crate::snp::endorsement::EndorsementFlags;
use crate::snp::evidence::ReportFile;
use crate::snp::launch_endorsement::RootFlags;
use crate::{inputs, manifest, output, snp};

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch manifest add manifest.json --from-report report.bin --vek vcek.der --vcpus 4
  sev-launch manifest add manifest.json --from-measurement info.txt --tik vm_tik.bin --policy 0x5
  sev-launch manifest add manifest.json --endorsement FILE.binarypb --endorsement-root root.crt

A report is verified where its certificates are given; without them the row is marked as not
verified. Neither is accepted by `verify --manifest` and `manifest publish` unless they are told to:
that a chip ran it does not say that it should have. A launch measurement holds no digest: the
computed row of the manifest that gives it is the one observed.

A cloud's endorsement gives a row for each number of VMSAs, and one under an SVSM, marked as such.
It is kept, and its rows are accepted only where it is verified again, under a root that is given
again.

Exit codes:
  0  the row is added
  1  the evidence is not authentic, fits no row, contradicts one, or has another policy: nothing
     is written
  2  could not decide: wrong usage, malformed input, a missing file";

/// Add a row for what a host reported: observed, not computed.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// The manifest; one that is not there yet is begun with a report's row, or with those of an endorsement.
    #[arg(value_name = "MANIFEST")]
    manifest: PathBuf,
    /// An SNP guest's attestation report: its MEASUREMENT is the digest.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present_any = ["from_measurement", "launch_endorsement"],
        conflicts_with_all = ["from_measurement", "evidence", "measurement", "tik", "tk", "policy"]
    )]
    from_report: Option<PathBuf>,
    /// A SEV or SEV-ES launch measurement, as QMP or virsh domlaunchsecinfo prints it.
    #[arg(long, value_name = "FILE", requires = "policy")]
    from_measurement: Option<PathBuf>,
    /// A cloud's launch endorsement, in any form that `verify --endorsement` takes: a row for each number of VMSAs, and its bytes kept.
    #[arg(
        long = "endorsement",
        value_name = "FILE",
        conflicts_with_all = ["from_report", "from_measurement", "vcpus", "when"],
        help_heading = "Launch endorsement"
    )]
    launch_endorsement: Option<PathBuf>,
    #[command(flatten)]
    roots: RootFlags,
    #[command(flatten)]
    endorsement: EndorsementFlags,
    #[command(flatten)]
    evidence: EvidenceFlags,
    #[command(flatten)]
    keys: KeyFlags,
    /// The policy that the session was made for, as 0x5 or NODBG+ES.
    #[arg(long, value_name = "POLICY", value_parser = sev_policy, help_heading = "Session")]
    policy: Option<Policy>,
    /// How many vCPUs the guest was started with, as far as is known.
    #[arg(long, value_name = "COUNT", help_heading = "What is known of the launch")]
    vcpus: Option<VcpuCounts>,
    #[command(flatten)]
    cpu: Cpu,
    /// When it was observed, as it shall be written down.
    #[arg(long, value_name = "TIME", help_heading = "What is known of the launch")]
    when: Option<String>,
    /// Add the row although it contradicts what was computed.
    #[arg(long)]
    allow_contradiction: bool,
    /// Accept evidence of a guest whose memory the host can read.
    #[arg(long)]
    allow_debug: bool,
    /// Where the manifest is written [default: in its place]; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn say_no(reason: &str) -> anyhow::Result<Answer> {
    output::print_text(|out| writeln!(out, "no: {reason}; nothing was added"))?;
    Ok(Answer::No)
}

/// Why evidence with such a policy is none of the manifest's guest; `None` if it may be.
fn other_policy(of: &str, found: u64, manifest: &Manifest) -> Option<String> {
    let recorded = manifest.head().policy.filter(|recorded| *recorded != found)?;
    Some(format!("the {of}'s policy is {found:#x}, the manifest's {recorded:#x}"))
}

/// The paths in a manifest are those seen from its folder, so it stays in it.
fn check_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    let folder = |path: &Path| {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        fs::canonicalize(folder.unwrap_or(Path::new("."))).with_context(|| inputs::name(path))
    };
    if to != Path::new("-") && folder(from)? != folder(to)? {
        let name = inputs::name(to);
        bail!("{name}: a manifest's paths are seen from its own folder: write it there");
    }
    Ok(())
}

impl Add {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let is_new = !inputs::exists(&self.manifest);
        if let (true, Some(path)) = (is_new, &self.from_report) {
            return self.begin(path);
        }
        if let Some(path) = &self.launch_endorsement {
            return self.add_endorsement(path, is_new);
        }
        let mut manifest = manifest::read(&self.manifest)?;
        let row = match (&self.from_report, &self.from_measurement) {
            (Some(path), _) => self.report(path, Some(&manifest))?,
            (None, Some(path)) => self.measurement(path, &manifest)?,
            (None, None) => {
                bail!("nothing to add: give --from-report, --from-measurement or --endorsement")
            }
        };
        let row = match row {
            Ok(row) => row,
            Err(reason) => return say_no(&reason),
        };
        let findings = manifest.add(row)?;
        self.finish(&manifest, &findings)
    }

    /// Adds a row for each digest of an endorsement, or begins a manifest with them.
    fn add_endorsement(&self, path: &Path, is_new: bool) -> anyhow::Result<Answer> {
        let time = self.endorsement.time()?;
        let endorsed = match self.roots.verify(path, time)? {
            Ok(endorsed) => endorsed,
            Err(refusal) => return say_no(&format!("{}: {refusal}", inputs::name(path))),
        };
        if is_new {
            let name = inputs::name(&self.manifest);
            let text = "is new: it describes no launch, and is accepted only where --endorsement-root proves it again";
            output::remark("note", &format!("{name} {text}"));
            let manifest = manifest::of_endorsement(&endorsed.verified, &endorsed.bytes)?;
            return self.finish(&manifest, &[]);
        }
        let mut manifest = manifest::read(&self.manifest)?;
        let findings = manifest.add_endorsement(&endorsed.verified, &endorsed.bytes)?;
        self.finish(&manifest, &findings)
    }

    /// Says what is noteworthy, and writes the manifest.
    fn finish(&self, manifest: &Manifest, findings: &[Finding]) -> anyhow::Result<Answer> {
        for finding in findings {
            output::remark(if finding.is_warning() { "warning" } else { "note" }, finding);
        }
        if findings.iter().any(Finding::is_contradiction) && !self.allow_contradiction {
            let reason = "what was observed or endorsed contradicts what was computed (--allow-contradiction)";
            return say_no(reason);
        }
        let output = self.output.as_ref().unwrap_or(&self.manifest);
        check_folder(&self.manifest, output)?;
        output::write_version(output, &manifest.to_json()?, &self.manifest)?;
        Ok(Answer::Yes)
    }

    /// Begins a manifest with what a report says: where nothing of a launch is known that a digest could be computed from, as of clouds
    /// whose firmware is not published, it can be observed.
    fn begin(&self, report: &Path) -> anyhow::Result<Answer> {
        let row = match self.report(report, None)? {
            Ok(row) => row,
            Err(reason) => return say_no(&reason),
        };
        let output = self.output.as_ref().unwrap_or(&self.manifest);
        check_folder(&self.manifest, output)?;
        let name = inputs::name(&self.manifest);
        output::remark(
            "note",
            &format!(
                "{name} is new: it describes no launch, and is accepted only where observed rows are"
            ),
        );
        let manifest = manifest::of_observed(row)?;
        output::write_version(output, &manifest.to_json()?, &self.manifest)?;
        Ok(Answer::Yes)
    }

    /// The facts that were given beside the evidence.
    fn facts(&self) -> anyhow::Result<Facts> {
        let counts = self.vcpus.as_ref().map(VcpuCounts::counts).unwrap_or_default();
        let signatures = self.cpu.signatures()?;
        if counts.len() > 1 || signatures.len() > 1 {
            bail!("one launch was observed: give one number of vCPUs and one CPU");
        }
        Ok(Facts {
            vcpus: counts.first().copied(),
            signature: signatures.first().copied(),
            ..Facts::default()
        })
    }

    fn report(
        &self,
        path: &Path,
        manifest: Option<&Manifest>,
    ) -> anyhow::Result<Result<Row, String>> {
        let technology = manifest.map_or(Technology::Snp, Manifest::technology);
        if technology != Technology::Snp {
            bail!("a report is of an SNP guest, the manifest of guests of {technology}");
        }
        // Read once: the row is made of what was verified, where anything was.
        let file = ReportFile::read(path, self.endorsement.verbose)?;
        let verified =
            self.endorsement.has_certificates() || !file.evidence.certificates().is_empty();
        let (mut root, mut generation) = (None, None);
        let report = if verified {
            let verification = self.endorsement.verify(&file)?;
            root = Some(verification.root);
            match verification.report {
                Ok(report) => {
                    generation = Some(report.generation());
                    report.report().clone()
                }
                Err(reason) => return Ok(Err(format!("{}: {reason}", file.name))),
            }
        } else {
            output::remark(
                "warning",
                &"the report was not verified: give its --vek, or the row says only what a host claimed",
            );
            file.report.claims()
        };
        snp::policy::check(&snp::policy::allowing(self.allow_debug, false), report.policy)?;
        let bits = report.policy.bits();
        if let Some(reason) = manifest.and_then(|known| other_policy("report", bits, known)) {
            return Ok(Err(reason));
        }
        // A report of version 2 does not say its processor: who signed it does.
        let generation = generation.or(report.cpuid.and_then(CpuId::generation));
        let detail = Detail {
            chip_id: Some(hex::encode(report.chip_id)),
            reported_tcb: Some(u64::from_le_bytes(*report.reported_tcb.as_bytes())),
            generation,
            platform_info: Some(report.platform_info.bits()),
            policy: Some(bits),
            when: self.when.clone(),
            ..Detail::default()
        };
        let obtained =
            Obtained::Observed(Observed { from: Source::Report, verified, root, detail });
        let digest = LaunchDigest::Snp(report.measurement);
        Ok(Ok(Row { digest, facts: self.facts()?, obtained }))
    }

    fn measurement(&self, path: &Path, manifest: &Manifest) -> anyhow::Result<Result<Row, String>> {
        if self.vcpus.is_some() || self.cpu.cpus()?.is_some() {
            bail!(
                "the row that gives the measurement says how many vCPUs there were: leave --vcpus and the CPU out"
            );
        }
        let evidence = self.evidence.read_from(path)?;
        let (measurement, version) = self.evidence.claims(&evidence)?;
        let policy = self.policy.context("no policy: give --policy")?;
        if let Err(other) = evidence.check_policy(policy) {
            return Ok(Err(other.to_string()));
        }
        let demands = PolicyFlags { allow_debug: self.allow_debug, require: Vec::new() };
        demands.check(policy, manifest.technology())?;
        if let Some(reason) = other_policy("session", policy.bits().into(), manifest) {
            return Ok(Err(reason));
        }
        let session = self.keys.session(policy)?;
        let acceptance = AcceptanceFlags::default();
        let requirements = Requirements {
            references: acceptance.accepted(manifest, path)?.references,
            policy: demands.requirements(),
            // Nothing follows from the evidence but a row.
            platform: PlatformRequirements { api: Requirement::Any, build: Requirement::Any },
        };
        let verified = match session.verify(&measurement, version, &requirements) {
            Ok(verified) => verified,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let digest = LaunchDigest::Sev(*verified.digest());
        // Of a row that was accepted: another one may say anything of the same digest.
        let accept = acceptance.accept();
        let mut rows = manifest.find(&digest).map(|(_, row)| row);
        let row = rows.find(|row| accept.accepts((&row.obtained).into()));
        let platform_version = Some(version.with_build_named());
        let detail = Detail { platform_version, when: self.when.clone(), ..Detail::default() };
        let observed = Observed { from: Source::Measurement, verified: true, root: None, detail };
        let facts = row.map(|row| row.facts.clone()).unwrap_or_default();
        Ok(Ok(Row { digest, facts, obtained: Obtained::Observed(observed) }))
    }
}
