//! Would a host start what is described? Everything that KVM, the AMD-SP or the host itself stands against it, before anything boots.
//!
//! Without a host the question is whether any would; what only some hosts refuse is told. With the facts of one host it is that host, and what is not
//! known of it leaves the answer open: what is open is never a yes.
//!
//! ```
//! use sev_launch_description::{Description, Origin};
//! use sev_launch_digest::hash::Portable;
//! use sev_launch_host::Collected;
//! use sev_launch_host::support::Verdict;
//! use sev_launch_sweep::{Inputs, Memory, Mode, Preflight, Reading, Sweep, preflight};
//!
//! # let image = sev_launch_testkit::firmware::FirmwareBuilder::amd_sev().build();
//! let files = Memory::from([("OVMF.fd", image)]);
//! let text = "technology = 'snp'\npolicy = 'SMT+MIGRATE_MA'\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.path = 'OVMF.fd'";
//! let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())?;
//! let collected = r#"{"version": 1, "kernel": "6.12.10", "qemu": "QEMU emulator version 10.0.2"}"#;
//! let host = Collected::from_json(collected)?.facts()?;
//!
//! let mode = Mode::of(&description).ok_or("no technology")?;
//! let mut preflight = Preflight::of(&description, mode.technology(), Some(&host));
//! let inputs = Inputs::read(mode, preflight::on_host(description, &host), Reading::default(), &files, &Portable)?;
//! preflight.add(&Sweep::new(&inputs, &Portable)?)?;
//! assert_eq!(preflight.verdict(), Verdict::No);
//! assert!(preflight.against[0].to_string().contains("MIGRATE_MA"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod against;
mod machine;
mod meant;
mod of_host;

pub use against::Against;
use meant::Meant;

use sev_launch_abi::snp::Policy;
use sev_launch_abi::{LaunchDigest, Technology, sev};
use sev_launch_description::{Description, Origin, Sourced};
use sev_launch_digest::hash::Backend;
use sev_launch_digest::profile::{HostFacts, LaunchProfile, Vmm, VmmFact};
use sev_launch_digest::refused::NamedHost;
use sev_launch_digest::{Warning, cpu, firmware};
use sev_launch_host::features::{self, NotAskedFor};
use sev_launch_host::support::Verdict;
use sev_launch_host::{Facts, Refusal, policy, refusal};
use sev_launch_verify::snp::id_block::{AuthorKey, IdAuth, IdBlock, IdBlockError};

use crate::coverage;
use crate::error::Error;
use crate::files::FileError;
use crate::id_block::launched;
use crate::inputs::Inputs;
use crate::launched::LaunchedIdBlock;
use crate::mode::Mode;
use crate::rows::{Row, Sweep};

/// The description as a host would start it: the host's facts in the place of those that it says or assumes of one. Another VMM than QEMU stays as
/// described, since the facts are of QEMU, and so does a profile that is named: [`Preflight::of`] holds it against the host.
#[must_use]
pub fn on_host(mut description: Description, host: &Facts) -> Description {
    let origin = || Origin::default("what was collected from the host");
    let text = |text: String| Some(Sourced { value: text, origin: origin() });
    let is_qemu = Meant::of(&description).vmms.iter().all(|vmm| *vmm == Vmm::Qemu);
    if let Some(kernel) = &host.release {
        description.host.kernel = text(kernel.clone());
    }
    if let Some(generation) = host.generation() {
        description.host.cpu = text(generation.name().to_owned());
    }
    if let Some(value) = host.parameters.and_then(|parameters| parameters.debug_swap) {
        description.host.debug_swap = Some(Sourced { value, origin: origin() });
    }
    if let Some(banner) = host.qemu_banner.as_ref().filter(|_| is_qemu) {
        description.host.vmm = text(banner.clone());
    }
    description
}

/// What was found.
#[derive(Clone, Debug)]
#[must_use]
pub struct Preflight {
    /// What stands against the launch.
    pub against: Vec<Against>,
    /// What some hosts have against it; of a host whose facts are known, what it may have.
    pub open: Vec<Against>,
    /// What would tell more of the host.
    pub unknown: Vec<&'static str>,
    /// The host's launch profiles; those described where there is no host. None before [`Preflight::add`].
    pub profiles: Vec<&'static LaunchProfile>,
    /// The digests of what would be started. None before [`Preflight::add`].
    pub digests: Vec<LaunchDigest>,
    /// The policy that was judged; `None` if none is described, and then nothing is said of it.
    pub policy: Option<u64>,
    /// What else the reader should know: whom the policy lets in, and with [`Preflight::add`] what is told beside a digest.
    pub warnings: Vec<String>,
    host: Option<Facts>,
    technology: Technology,
    /// The profiles of the host's guests.
    here: Vec<&'static LaunchProfile>,
}

impl Preflight {
    /// What is found without a file: of the policy, and of the host if there is one. The description is the one before [`on_host`].
    pub fn of(description: &Description, technology: Technology, host: Option<&Facts>) -> Self {
        let policy = description.policy.as_ref().map(|field| field.value);
        let meant = Meant::of(description);
        let mut found = Self {
            against: Vec::new(),
            open: Vec::new(),
            unknown: Vec::new(),
            profiles: Vec::new(),
            digests: Vec::new(),
            policy,
            warnings: policy.map_or(Vec::new(), |policy| lets_in(technology, policy)),
            host: host.cloned(),
            technology,
            here: Vec::new(),
        };
        match policy {
            Some(policy) => {
                found.refusals(policy::of_guest(technology, policy, &meant.profiles));
                found.push(contradiction(technology, policy));
            }
            None => {
                found
                    .warnings
                    .push("no policy is described, and nothing is said of one".to_owned());
            }
        }
        let has_features = description
            .sev_features
            .as_ref()
            .is_some_and(|field| field.value.iter().any(|word| word.0 != 0));
        if technology == Technology::Sev && has_features {
            found
                .warnings
                .push("SEV_FEATURES are described: guests of plain SEV have none".to_owned());
        }
        if let Some(facts) = host {
            found.of_host(description, &meant, facts);
        }
        found
    }

    /// Adds what every launch of a sweep tells: its features, its ID block, and what its VMM refuses. The sweep is of the description [`on_host`].
    ///
    /// Errors: those of the rows; an ID block that is none.
    pub fn add<B: Backend + Sync>(&mut self, sweep: &Sweep<'_, B>) -> Result<(), Error> {
        let inputs = sweep.inputs();
        let rows = sweep.rows()?;
        let mut refusals = Vec::new();
        for row in &rows {
            if let Some((profile, word)) = row.profile.zip(row.sev_features) {
                refusals.extend(features::of_profile(profile, word));
                // Captured pages are what some host did, and another VMM or an IGVM file may ask for features.
                let is_here = self.here.iter().any(|here| here.sev_features() == word);
                let asked = NotAskedFor::of(profile, word).map(Against::Features);
                let is_own = inputs.captured.is_some() || !inputs.igvms.is_empty();
                let asked = asked.filter(|_| !is_own && !is_here);
                match self.host {
                    Some(_) => self.push(asked),
                    None => self.open.extend(asked.filter(|one| !self.open.contains(one))),
                }
            }
            let id_block = id_block(inputs, row)?;
            self.push(id_block.map(Against::IdBlock));
        }
        self.refusals(refusals);
        if inputs.mode == Mode::SnpFirmware {
            self.ask("the whole guest: the firmware's part alone is started by no host");
        }
        if sweep.warnings().contains(&Warning::GivenFirmwareDigest) {
            self.ask("whether the firmware's pages have the digest that was given in their place");
        }
        if self.host.is_none() {
            self.vmm_refuses(sweep)?;
        }
        self.profiles.clone_from(&inputs.profiles);
        self.warnings.extend(coverage::warnings(sweep.warnings()));
        self.digests = rows.iter().map(|row| row.digest).collect();
        Ok(())
    }

    /// What every host of the launch's VMM refuses, where no host is named. A host that is named was asked before the first row.
    fn vmm_refuses<B: Backend + Sync>(&mut self, sweep: &Sweep<'_, B>) -> Result<(), Error> {
        let inputs = sweep.inputs();
        let described = inputs.description.host.facts()?;
        let in_flash = inputs.description.firmware.in_flash.as_ref().map(|field| field.value);
        let vmms: Vec<_> = match inputs.profiles.as_slice() {
            [] => vec![Vmm::Qemu],
            profiles => profiles.iter().map(|profile| profile.vmm).collect(),
        };
        // SNP guests of upstream QEMU need an upstream kernel that has SNP.
        let kernel = described.kernel.or_else(|| {
            (self.technology == Technology::Snp).then(|| "6.11".parse().ok()).flatten()
        });
        for warning in sweep.warnings() {
            let words = vmms.iter().map(|vmm| {
                let fact = VmmFact { vmm: *vmm, version: None };
                let facts =
                    HostFacts { kernel, vmm: Some(described.vmm.unwrap_or(fact)), ..described };
                NamedHost { technology: self.technology, facts, in_flash }.refuses(warning)
            });
            let words: Option<Vec<_>> = words.collect();
            let words = words.and_then(|words| words.first().copied());
            self.push(words.map(|words| Against::Launch(format!("{warning} (\"{words}\")"))));
        }
        Ok(())
    }

    /// Takes an error of the launch, where somebody refuses it, as what stands against it. Gives it back where it says nothing of that: then the
    /// question cannot be decided, unless something stands against the launch already.
    ///
    /// Errors: the error itself.
    pub fn refused(&mut self, error: Error) -> Result<(), Error> {
        use sev_launch_description::Error as Described;
        let is_unfit = |source: &FileError| {
            source.downcast_ref::<firmware::Error>().is_some_and(firmware::Error::is_refused_launch)
        };
        let is_newer_model = matches!(
            &error,
            Error::Launch(sev_launch_digest::Error::Cpu(cpu::Error::NewerModel { .. }))
                | Error::Description(Described::Digest(sev_launch_digest::Error::Cpu(
                    cpu::Error::NewerModel { .. }
                )))
        );
        let is_refusal = match &error {
            Error::In { source, .. } => is_unfit(source),
            // A vendor's QEMU may have the model by a backport.
            _ if is_newer_model => self.host.as_ref().is_none_or(|host| !host.has_vendors_qemu()),
            error => matches!(
                error,
                Error::Refused { .. }
                    | Error::Description(Described::VmmWithoutIgvm { .. })
                    | Error::Launch(
                        sev_launch_digest::Error::Firmware(_)
                            | sev_launch_digest::Error::KernelHashes(_)
                    )
                    | Error::Description(
                        Described::Policy { .. }
                            | Described::HostWithoutTechnology { .. }
                            | Described::IdBlockPolicy { .. }
                            | Described::HalfIdBlock { .. }
                            | Described::HashesWithoutKernel
                    )
            ),
        };
        match (is_refusal, self.against.is_empty()) {
            (true, true) => {
                let text = match &error {
                    Error::In { name, source } => format!("{name}: {source}"),
                    error => error.to_string(),
                };
                self.against.push(Against::Launch(text));
            }
            (_, false) => {}
            (false, true) => return Err(error),
        }
        Ok(())
    }

    /// Would the host start it; without a host, would any?
    pub fn verdict(&self) -> Verdict {
        // Without a host, what only some refuse leaves others that do not.
        let is_open = self.host.is_some() && !self.open.is_empty() || !self.unknown.is_empty();
        match (self.against.is_empty(), is_open) {
            (false, _) => Verdict::No,
            (true, true) => Verdict::Unknown,
            (true, false) => Verdict::Yes,
        }
    }

    /// Does a description say a technology and a policy, and nothing else? Then these can be judged without a launch.
    #[must_use]
    pub fn is_of_a_policy_alone(description: &Description) -> bool {
        let rest = Description { technology: None, policy: None, ..description.clone() };
        description.policy.is_some() && rest == Description::default()
    }

    /// Is it of one host?
    #[must_use]
    pub fn has_host(&self) -> bool {
        self.host.is_some()
    }

    /// The technology.
    pub fn technology(&self) -> Technology {
        self.technology
    }

    /// Something that would tell more.
    fn ask(&mut self, what: &'static str) {
        if !self.unknown.contains(&what) {
            self.unknown.push(what);
        }
    }

    fn push(&mut self, one: Option<Against>) {
        self.against.extend(one.filter(|one| !self.against.contains(one)));
    }

    fn refusals(&mut self, refusals: Vec<Refusal>) {
        let nobody = Facts::default();
        let facts = self.host.clone().unwrap_or(nobody);
        for refusal in refusal::worth_telling(refusals, &facts) {
            let list = match refusal.hosts.has(&facts) {
                Some(true) => &mut self.against,
                _ => {
                    if let Some(what) = refusal.hosts.told_by().filter(|_| self.host.is_some()) {
                        self.ask(what);
                    }
                    &mut self.open
                }
            };
            let one = Against::Refusal(refusal);
            if !list.contains(&one) {
                list.push(one);
            }
        }
    }
}

/// What of a policy is another technology's.
fn contradiction(technology: Technology, policy: u64) -> Option<Against> {
    let bits = u32::try_from(policy).ok().filter(|_| technology != Technology::Snp)?;
    let policy = sev::Policy::from_bits(bits);
    let findings = policy.findings(technology).into_iter();
    let mut of_other = findings.filter(|one| {
        matches!(
            one,
            sev::policy::Finding::ContradictsTechnology { .. } | sev::policy::Finding::LikeSnp
        )
    });
    of_other.next().map(|finding| Against::Launch(format!("policy {policy}: {finding}")))
}

/// Whom a policy lets into the guest.
fn lets_in(technology: Technology, policy: u64) -> Vec<String> {
    let findings: Vec<String> = match (technology, u32::try_from(policy)) {
        (Technology::Snp, _) => {
            let findings = Policy::from_bits(policy).findings().into_iter();
            let open = findings.filter(|finding| !finding.is_refused_by_platform());
            open.map(|finding| finding.to_string()).collect()
        }
        (_, Ok(bits)) => {
            let findings = sev::Policy::from_bits(bits).findings(technology).into_iter();
            let open =
                findings.filter(|finding| matches!(finding, sev::policy::Finding::DebugAllowed));
            open.map(|finding| finding.to_string()).collect()
        }
        (_, Err(_)) => Vec::new(),
    };
    findings.into_iter().map(|finding| format!("policy {policy:#x}: {finding}")).collect()
}

/// What the AMD-SP says against the ID block for a row; `None` if there is none, or if it takes it.
fn id_block(inputs: &Inputs, row: &Row) -> Result<Option<IdBlockError>, Error> {
    let description = &inputs.description;
    let LaunchDigest::Snp(digest) = row.digest else { return Ok(None) };
    let in_igvm = || launched(inputs.igvms.get(row.firmware)?.of_profile(row.profile)?);
    let (block, auth, has_author) = match (&description.id_block, &description.id_auth) {
        (Some(block), Some(auth)) => {
            let has_author = description.author_key.as_ref().is_some_and(|field| field.value);
            (block.value.as_bytes().to_vec(), auth.value.as_bytes().to_vec(), has_author)
        }
        _ => match in_igvm() {
            Some(LaunchedIdBlock { block, auth, author_key }) => (block, auth, author_key),
            None => return Ok(None),
        },
    };
    let block = IdBlock::from_bytes(&block)?;
    let auth = IdAuth::from_bytes(&auth)?;
    let author = if has_author { AuthorKey::Enabled } else { AuthorKey::Disabled };
    // A policy that is not described is QEMU's default. [QEMU, DEFAULT_SEV_SNP_POLICY]
    let policy = description.policy.as_ref().map_or(0x3_0000, |field| field.value);
    Ok(auth.check_for(&block, author, digest, Policy::from_bits(policy)).err())
}
