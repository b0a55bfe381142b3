//! The launch measurement of SEV and SEV-ES: evidence, keys and expected digests to a verdict, and secrets after a yes.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{ApiVersion, Gpa, Guid, Technology};
use sev_launch_description::{Origin, Sourced};
use sev_launch_digest::firmware::Area;
use sev_launch_digest::{Warning, sev};
use sev_launch_manifest::{Acceptance, Manifest};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::measurement::VerifiedLaunch;
use sev_launch_verify::sev::requirements::{PlatformRequirements, Requirements};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, SecretArea, SecretError, SecretTable};
use zeroize::Zeroizing;

use super::keys::KeyFlags;
use super::report::Report;
use crate::args::digest_bytes;
use crate::commands::manifest;
use crate::evidence::EvidenceFlags;
use crate::exit::Insecure;
use crate::guest::args::{Guest, Mode};
use crate::guest::plan::{Plan, Reading};
use crate::guest::report::{BEYOND_ANY_DIGEST, KERNEL_OFF, POLICY, not_covered, warnings};
use crate::guest::rows::AnyDigest;
use crate::reference::{AcceptanceFlags, Proven};
use crate::sev_policy::{PolicyFlags, policy};
use crate::{inputs, output, reference};

/// What describes a guest, and would be ignored silently beside a digest that is known already. A group of flags does not
/// hold the flags of a struct that flattens others, so they are named.
const GUEST_FLAGS: [&str; 29] = [
    "description",
    "Cpu",
    "Host",
    "firmware",
    "firmware_absorbed",
    "firmware_sha256",
    "snp_ovmf_hash",
    "kernel",
    "uki",
    "initrd",
    "cmdline",
    "cmdline_file",
    "cmdline_hex",
    "kernel_sha256",
    "initrd_sha256",
    "cmdline_sha256",
    "kernel_hashes",
    "shim",
    "dtb",
    "kernel_gpa",
    "vcpus",
    "profile",
    "vmm_type",
    "guest_features",
    "vmsa_bsp",
    "vmsa_ap",
    "svsm",
    "vars_size",
    "vars_file",
];

/// Everything that a verdict needs.
#[derive(Debug, clap::Args)]
pub(crate) struct SevFlags {
    #[command(flatten)]
    evidence: EvidenceFlags,

    /// The policy that the session was made for.
    #[arg(long, required = true, value_name = "POLICY", value_parser = policy, help_heading = "Session")]
    pub(super) policy: Option<Policy>,
    #[command(flatten)]
    keys: KeyFlags,

    /// The manifest whose rows are accepted: the verdict says which one it was.
    #[arg(long, value_name = "FILE", conflicts_with_all = GUEST_FLAGS, conflicts_with = "launch_digest", help_heading = "Expected launch")]
    pub(super) manifest: Option<PathBuf>,
    #[command(flatten)]
    pub(super) acceptance: AcceptanceFlags,
    /// The digest that is accepted, where it is known already.
    #[arg(long, value_name = "HASH", value_parser = launch_digest, conflicts_with_all = GUEST_FLAGS, help_heading = "Expected launch")]
    launch_digest: Option<sev::LaunchDigest>,
    #[command(flatten)]
    pub(super) guest: Guest,

    #[command(flatten)]
    pub(super) demands: PolicyFlags,
    /// The lowest API version of the platform that is accepted, for example 1.55 [default: any].
    #[arg(long, value_name = "MAJOR.MINOR", value_parser = api_version, help_heading = "Policy")]
    require_api: Option<ApiVersion>,
    /// The lowest build of the platform that is accepted [default: any].
    #[arg(long, value_name = "NUMBER", help_heading = "Policy")]
    require_build: Option<u8>,
}

fn launch_digest(text: &str) -> Result<sev::LaunchDigest, String> {
    digest_bytes(text).map(sev::LaunchDigest::from_bytes)
}

fn api_version(text: &str) -> Result<ApiVersion, String> {
    let version = text.split_once('.').and_then(|(major, minor)| {
        Some(ApiVersion { major: major.parse().ok()?, minor: minor.parse().ok()? })
    });
    version.ok_or_else(|| format!("{text:?}: wanted two numbers up to 255, as 1.55"))
}

/// The answer, and the launch where it is yes.
pub(crate) struct Verdict {
    pub(crate) launch: Option<VerifiedLaunch>,
    pub(crate) report: Report,
    /// Does the guest run already, as the host says?
    running: bool,
}

impl Verdict {
    /// A secret is for a guest that waits for it: one that runs may have been led astray before it has its keys.
    pub(crate) fn check_waiting(&self) -> Result<(), Insecure> {
        if self.running {
            return Err(Insecure(
                "the host says that the guest is not waiting for secrets (its state is not launch-secret): start it paused"
                    .into(),
            ));
        }
        Ok(())
    }
}

/// Accepted digests and what to say of them.
struct Expected {
    references: ReferenceValues<sev::LaunchDigest>,
    assumptions: Vec<String>,
    notes: Vec<String>,
    warnings: Vec<String>,
    not_covered: Vec<&'static str>,
    secret_place: SecretPlace,
}

/// Where a secret goes in the guest's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SecretPlace {
    /// No firmware was given: OVMF's area is assumed.
    Unknown,
    /// What the firmware says, which may be nowhere.
    Firmware(Option<Area>),
    /// A kernel that the digest does not cover would take it.
    UnmeasuredKernel,
}

impl SecretPlace {
    /// The area, or why there is none.
    fn area(self) -> anyhow::Result<SecretArea> {
        match self {
            Self::Unknown => Ok(SecretArea::OVMF),
            Self::Firmware(Some(area)) => Ok(SecretArea::of_firmware(area.size)?),
            Self::Firmware(None) => Err(SecretError::NoArea.into()),
            Self::UnmeasuredKernel => Err(Insecure(
                "a kernel is given that the digest does not cover: whatever kernel the host starts would take the secret"
                    .into(),
            )
            .into()),
        }
    }
}

impl SevFlags {
    /// Was a TEK given?
    pub(crate) fn has_tek(&self) -> bool {
        self.keys.has_tek()
    }

    /// Verifies. An error where it cannot be decided, or where the policy is refused.
    pub(crate) fn verify(&self) -> anyhow::Result<Verdict> {
        let policy = self.policy.context("no policy: give --policy")?;
        let technology = policy.technology();
        let mut policy_warnings = self.demands.check(policy, technology)?;
        let evidence = self.evidence.read()?;
        let (measurement, version) = self.evidence.claims(&evidence)?;
        let session = self.keys.session(policy)?;
        let expected = self.expected(technology, policy)?;
        let platform = PlatformRequirements {
            api: Requirement::at_least(self.require_api),
            build: Requirement::at_least(self.require_build),
        };
        let (references, policy_demands) = (expected.references, self.demands.requirements());
        let requirements = Requirements { references, policy: policy_demands, platform };
        let result = match evidence.policy {
            Some(claimed) if claimed != u64::from(policy.bits()) => {
                Err(format!("the host says policy {claimed:#x}, the session was made for {policy}"))
            }
            _ => session
                .verify(&measurement, version, &requirements)
                .map_err(|error| error.to_string()),
        };
        let (launch, reason) = match result {
            Ok(launch) => (Some(launch), None),
            Err(reason) => (None, Some(reason)),
        };
        policy_warnings.extend(expected.warnings);
        let report = Report {
            version: 1,
            answer: if launch.is_some() { "yes" } else { "no" },
            for_peer: reason.as_ref().map(|_| Family::Rejected.to_string()),
            reason,
            technology,
            proven: launch.as_ref().map(|launch| Proven::new(launch.digest(), launch.stands_for())),
            policy: policy.to_string(),
            platform_version: version.with_build_named(),
            accepted_digests: requirements.references.len(),
            demands: vec![
                self.demands.demands(),
                format!("platform: API {}, build {}", platform.api, platform.build),
            ],
            assumptions: expected.assumptions,
            notes: expected.notes,
            warnings: policy_warnings,
            not_covered: expected.not_covered,
            secret_place: expected.secret_place,
        };
        Ok(Verdict { launch, report, running: evidence.is_running() })
    }

    /// The accepted digests: the one given, a manifest's, or those of the guest described.
    fn expected(&self, technology: Technology, policy: Policy) -> anyhow::Result<Expected> {
        if let Some(path) = &self.manifest {
            return of_manifest(path, self.acceptance.accept(), policy);
        }
        let mut references = ReferenceValues::new();
        if let Some(digest) = self.launch_digest {
            references.add(digest, StandsFor::image(technology, "the digest given"));
            return Ok(Expected {
                references,
                assumptions: Vec::new(),
                notes: Vec::new(),
                warnings: Vec::new(),
                not_covered: BEYOND_ANY_DIGEST.to_vec(),
                secret_place: SecretPlace::Unknown,
            });
        }
        let mut description = self.guest.describe(None)?;
        let contradicts = |what: String| {
            anyhow::Error::from(Insecure(format!("{what}: this contradicts the policy")))
        };
        match &description.technology {
            Some(said) if said.value != technology => {
                return Err(contradicts(format!(
                    "{} describes a guest of {}, but the policy is one of {technology}",
                    said.origin, said.value
                )));
            }
            Some(_) => {}
            None if technology == Technology::Sev
                && (description.vcpus.is_some() || description.vmsa.bsp.is_some()) =>
            {
                return Err(contradicts(
                    "vCPUs are described, but the policy has no ES bit, so none of them is measured".into(),
                ));
            }
            None => {
                description.technology =
                    Some(Sourced { value: technology, origin: Origin::Flag("--policy") });
            }
        }
        if let Some(field) = &description.policy {
            check_described(Some(field.value), policy, &field.origin.to_string())?;
        }
        let plan = Plan::new(Mode::Guest(technology), description, Reading::default())?;
        let computed = plan.compute(false)?;
        for row in &computed.rows {
            let AnyDigest::Sha256(digest) = row.digest else {
                bail!("an SNP digest in a SEV launch");
            };
            let stands_for = StandsFor {
                technology,
                vcpus: row.vcpus.map(sev_launch_digest::vcpus::VcpuCount::number),
                signature: row.signature,
                profile: row.profile.map(|profile| profile.name.to_owned()),
                image: plan.image_name(row),
            };
            references.add(digest, stands_for);
        }
        let secret_place = if plan.boot.has_unmeasured() {
            SecretPlace::UnmeasuredKernel
        } else {
            SecretPlace::Firmware(smallest_secret_area(&plan)?)
        };
        let mut notes = plan.notes.clone();
        if plan.captured.is_some() {
            notes.push(
                "VMSA pages as captured: whoever captured them chose where the vCPUs start; compare them with the \
                 profile's by `sev-launch vmsa diff`"
                    .into(),
            );
        }
        Ok(Expected {
            references,
            warnings: warnings(&computed.warnings),
            // The measurement proves the policy, which a digest alone would not.
            not_covered: not_covered(&plan).into_iter().filter(|text| *text != POLICY).collect(),
            secret_place,
            assumptions: plan.assumptions,
            notes,
        })
    }
}

/// The digests of a manifest, and where the firmware that it names takes secrets.
fn of_manifest(path: &Path, accept: Acceptance, policy: Policy) -> anyhow::Result<Expected> {
    let manifest = manifest::read(path)?;
    check_described(manifest.head().policy, policy, &inputs::name(path))?;
    let (references, notes) = reference::sev(&manifest, accept, path)?;
    let mut not_covered = BEYOND_ANY_DIGEST.to_vec();
    let mut warnings = Vec::new();
    if manifest.rows().iter().any(reference::leaves_kernel_out) {
        not_covered.push(KERNEL_OFF);
        warnings.push(Warning::KernelNotMeasured.to_string());
    }
    Ok(Expected {
        references,
        assumptions: Vec::new(),
        notes,
        warnings,
        not_covered,
        secret_place: place_of_manifest(&manifest),
    })
}

/// Who describes a policy means it: another one is refused.
fn check_described(described: Option<u64>, policy: Policy, who: &str) -> Result<(), Insecure> {
    match described {
        Some(word) if word != u64::from(policy.bits()) => Err(Insecure(format!(
            "{who} describes policy {word:#x}, the session was made for {policy}: this contradicts the policy"
        ))),
        _ => Ok(()),
    }
}

/// As with a guest described: a kernel that some row does not cover would take the secret.
fn place_of_manifest(manifest: &Manifest) -> SecretPlace {
    if manifest.rows().iter().any(reference::leaves_kernel_out) {
        return SecretPlace::UnmeasuredKernel;
    }
    let areas: Vec<_> = manifest
        .inputs()
        .iter()
        .filter_map(|input| input.firmware_facts.as_ref())
        .map(|facts| facts.secret_area)
        .collect();
    if areas.is_empty() {
        return SecretPlace::Unknown;
    }
    let smallest = areas.iter().flatten().min_by_key(|area| area.size);
    let everywhere = areas.iter().all(Option::is_some);
    let area = smallest.filter(|_| everywhere);
    SecretPlace::Firmware(area.map(|area| Area { base: Gpa(area.base), size: area.size }))
}

/// The area that every firmware accepted has room for; `None` if one has none.
fn smallest_secret_area(plan: &Plan) -> anyhow::Result<Option<Area>> {
    let mut smallest: Option<Area> = None;
    for firmware in &plan.firmwares {
        let Some(area) = firmware.absorbed.secret_area()? else { return Ok(None) };
        if smallest.is_none_or(|found| area.size < found.size) {
            smallest = Some(area);
        }
    }
    Ok(smallest)
}

/// Secrets to pack after a yes, as virt-qemu-sev-validate has them.
#[derive(Debug, clap::Args)]
pub(crate) struct SecretFlags {
    /// A secret as GUID:FILE or luks-key:FILE; the file's bytes are the secret, line ends included. May repeat.
    #[arg(
        short = 's',
        long,
        visible_alias = "secret",
        value_name = "NAME:FILE",
        help_heading = "Secrets"
    )]
    inject_secret: Vec<String>,
    /// Where the packet's header is written, in base64.
    #[arg(long, value_name = "FILE", help_heading = "Secrets")]
    secret_header: Option<PathBuf>,
    /// Where the packet's payload is written, in base64.
    #[arg(long, value_name = "FILE", help_heading = "Secrets")]
    secret_payload: Option<PathBuf>,
}

impl SecretFlags {
    /// Secrets, header and payload go together.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let outputs = [&self.secret_header, &self.secret_payload];
        if self.inject_secret.is_empty() && outputs.iter().any(|output| output.is_some()) {
            bail!("no secret: give --inject-secret luks-key:FILE");
        }
        if !self.inject_secret.is_empty() && outputs.iter().any(|output| output.is_none()) {
            bail!("secrets need --secret-header and --secret-payload, the files for the packet");
        }
        Ok(())
    }

    /// Are there secrets to pack?
    pub(crate) fn is_empty(&self) -> bool {
        self.inject_secret.is_empty()
    }

    /// Packs the secrets for a launch that was verified.
    pub(crate) fn pack(&self, launch: &VerifiedLaunch, place: SecretPlace) -> anyhow::Result<()> {
        let (Some(header), Some(payload)) = (&self.secret_header, &self.secret_payload) else {
            return Ok(());
        };
        write_packet(launch, &self.inject_secret, place, header, payload)
    }
}

/// Packs secrets and writes the packet's two files.
pub(crate) fn write_packet(
    launch: &VerifiedLaunch,
    secrets: &[String],
    place: SecretPlace,
    header: &Path,
    payload: &Path,
) -> anyhow::Result<()> {
    let mut table = SecretTable::new();
    for text in secrets {
        let (guid, data) = read_secret(text)?;
        table.add(guid, &data)?;
    }
    let area = place.area()?;
    let packet = launch.pack_secret(&table, area, &mut UnwrapErr(SysRng))?;
    let (head, body) = (BASE64.encode(packet.header), BASE64.encode(&packet.payload));
    output::write_new_files(&[(header, head.as_bytes()), (payload, body.as_bytes())])
}

/// A secret of the form NAME:FILE.
fn read_secret(text: &str) -> anyhow::Result<(Guid, Zeroizing<Vec<u8>>)> {
    let (name, path) = text
        .split_once(':')
        .with_context(|| format!("{text:?}: wanted GUID:FILE or luks-key:FILE"))?;
    let guid = if name == "luks-key" { LUKS_PASSPHRASE } else { name.parse()? };
    let data = Zeroizing::new(inputs::read_small(path.as_ref())?);
    if data.is_empty() {
        output::remark("warning", &format!("{path} is empty, and so is the secret"));
    }
    if data.last() == Some(&b'\n') {
        output::remark(
            "warning",
            &format!("{path} ends with a newline, which is part of the secret"),
        );
    }
    Ok((guid, data))
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command};

    use super::*;

    #[test]
    fn every_flag_of_a_guest_contradicts_a_known_digest() {
        let guest = Guest::augment_args(Command::new("guest"));
        for argument in guest.get_arguments() {
            let in_group = guest.get_groups().any(|group| {
                GUEST_FLAGS.contains(&group.get_id().as_str())
                    && group.get_args().any(|id| id == argument.get_id())
            });
            let id = argument.get_id().as_str();
            assert!(in_group || GUEST_FLAGS.contains(&id), "{id}");
        }
    }
}
