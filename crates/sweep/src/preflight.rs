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

use std::fmt;

use sev_launch_abi::snp::Policy;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_description::resolve::resolve;
use sev_launch_description::{Description, Origin, Sourced};
use sev_launch_digest::hash::Backend;
use sev_launch_digest::profile::{LaunchProfile, Vmm, VmmFact};
use sev_launch_host::features::{self, NotAskedFor};
use sev_launch_host::support::{Lack, Verdict};
use sev_launch_host::{Facts, Refusal, Support, policy, refusal};
use sev_launch_verify::snp::id_block::{AuthorKey, IdAuth, IdBlock, IdBlockError};

use crate::coverage;
use crate::error::Error;
use crate::rows::{Row, Sweep};

/// The description as a host would start it: the host's facts in the place of those that it says or assumes of one. Another VMM than QEMU stays as
/// described, since the facts are of QEMU; a profile of KVM_SEV_INIT2 that is named stands for `legacy-vm-type=off`.
#[must_use]
pub fn on_host(mut description: Description, host: &Facts) -> Description {
    let origin = || Origin::default("what was collected from the host");
    let text = |text: String| Some(Sourced { value: text, origin: origin() });
    let switch = |value: bool| Some(Sourced { value, origin: origin() });
    let described = described_profiles(&description).unwrap_or_default();
    let said: Option<VmmFact> =
        description.host.vmm.as_ref().and_then(|field| field.value.parse().ok());
    let is_qemu = said.is_none_or(|fact| fact.vmm == Vmm::Qemu)
        && described.iter().all(|profile| profile.vmm == Vmm::Qemu);
    let is_init2 =
        |profile: &&LaunchProfile| profile.holds_for.iter().any(|hosts| hosts.init2 == Some(true));
    if let Some(kernel) = &host.release {
        description.host.kernel = text(kernel.clone());
    }
    if let Some(generation) = host.generation() {
        description.host.cpu = text(generation.name().to_owned());
    }
    if let Some(value) = host.parameters.and_then(|parameters| parameters.debug_swap) {
        description.host.debug_swap = switch(value);
    }
    if let Some(banner) = host.qemu_banner.as_ref().filter(|_| is_qemu) {
        description.host.vmm = text(banner.clone());
        if description.host.legacy_vm_type.is_none() && described.iter().any(is_init2) {
            description.host.legacy_vm_type = switch(false);
        }
        if description.host.kernel.is_some() {
            // Derived anew, of the host that there is.
            description.profiles = None;
        }
    }
    description
}

/// The launch profiles that a description has by itself; `None` if it says too little, or measures no VMSA.
fn described_profiles(description: &Description) -> Option<Vec<&'static LaunchProfile>> {
    let resolved = resolve(description.clone()).ok()?;
    Some(resolved.profiles).filter(|profiles| !profiles.is_empty())
}

/// Something that stands against a launch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Against {
    /// KVM or the AMD-SP refuses something of it.
    Refusal(Refusal),
    /// The host lacks something.
    Lack(Lack),
    /// As many guests run there as can.
    Full {
        /// How many.
        guests: u32,
    },
    /// A cloud's launch, on a host of which QEMU's facts are known.
    Cloud(Vmm),
    /// The host, its VMM or the AMD-SP refuses the launch itself, in these words.
    Launch(String),
    /// The AMD-SP refuses the ID block for this launch.
    IdBlock(IdBlockError),
    /// The host makes its guests with other SEV_FEATURES.
    Features(NotAskedFor),
    /// The host launches by another profile than the one described, and so another digest.
    Profile {
        /// The profiles described.
        described: Vec<&'static str>,
        /// The host's.
        here: Vec<&'static str>,
    },
}

impl Against {
    /// What to change on the host, if it is the host's to change.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Lack(lack) => lack.remedy(),
            _ => None,
        }
    }
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusal(refusal) => refusal.fmt(f),
            Self::Lack(lack) => lack.fmt(f),
            Self::Full { guests } => {
                write!(f, "{guests} guests run there, and there are no more ASIDs for such guests")
            }
            Self::Cloud(vmm) => write!(
                f,
                "a guest of {} is described, whose hosts nobody else has: this one starts it by QEMU",
                vmm.name()
            ),
            Self::Launch(words) => f.write_str(words),
            Self::IdBlock(error) => write!(f, "the AMD-SP refuses the ID block: {error}"),
            Self::Features(features) => features.fmt(f),
            Self::Profile { described, here } => write!(
                f,
                "this host launches by profile {}, and {} is described: its guest has another digest",
                here.join(" or "),
                described.join(" or ")
            ),
        }
    }
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
    /// What else the reader should know of the launches, as beside their digests. None before [`Preflight::add`].
    pub warnings: Vec<String>,
    host: Option<Facts>,
    technology: Technology,
    described: Option<Vec<&'static LaunchProfile>>,
}

impl Preflight {
    /// What is found without a file: of the policy, and of the host if there is one. The description is the one before [`on_host`].
    pub fn of(description: &Description, technology: Technology, host: Option<&Facts>) -> Self {
        let policy = description.policy.as_ref().map(|field| field.value);
        let mut found = Self {
            against: Vec::new(),
            open: Vec::new(),
            unknown: Vec::new(),
            profiles: Vec::new(),
            digests: Vec::new(),
            policy,
            warnings: Vec::new(),
            host: host.cloned(),
            technology,
            described: described_profiles(description),
        };
        if let Some(policy) = policy {
            let profiles = found.described.as_deref().unwrap_or_default();
            found.refusals(policy::of_guest(technology, policy, profiles));
        }
        if let Some(facts) = host {
            let support = Support::of(technology, facts);
            found.against.extend(support.lacks.into_iter().map(Against::Lack));
            found.unknown = support.open;
            let vmms = found.described.iter().flatten().map(|profile| profile.vmm);
            for vmm in vmms.collect::<Vec<_>>() {
                match vmm {
                    Vmm::Qemu => {}
                    Vmm::Ec2 | Vmm::Gce => found.push(Some(Against::Cloud(vmm))),
                    Vmm::Libkrun | Vmm::CoconutQemu => {
                        let text =
                            "whether the VMM described is there: what was collected is of QEMU";
                        found.unknown.retain(|open| *open != text);
                        found.unknown.push(text);
                    }
                }
            }
            if let (Some(guests), Some(running)) = (support.guests, support.running)
                && running >= guests
                && guests > 0
            {
                found.against.push(Against::Full { guests });
            }
        }
        found
    }

    /// Adds what every launch of a sweep tells: its features, its ID block, and the host's profile. The sweep is of the description [`on_host`].
    ///
    /// Errors: those of the rows; an ID block that is none.
    pub fn add<B: Backend + Sync>(&mut self, sweep: &Sweep<'_, B>) -> Result<(), Error> {
        let inputs = sweep.inputs();
        let rows = sweep.rows()?;
        let mut refusals = Vec::new();
        for row in &rows {
            // Captured pages are what a host did.
            let features = row.profile.zip(row.sev_features);
            if let Some((profile, word)) = features.filter(|_| inputs.captured.is_none()) {
                refusals.extend(features::of_profile(profile, word));
                let asked = NotAskedFor::of(profile, word);
                self.push(asked.map(Against::Features));
            }
            let id_block = id_block(&inputs.description, row)?;
            self.push(id_block.map(Against::IdBlock));
        }
        self.refusals(refusals);
        let names = |profiles: &[&'static LaunchProfile]| {
            profiles.iter().map(|profile| profile.name).collect::<Vec<_>>()
        };
        if let Some(described) = self.described.as_deref().filter(|_| self.host.is_some()) {
            let (described, here) = (names(described), names(&inputs.profiles));
            let differs = here != described;
            self.push(differs.then_some(Against::Profile { described, here }));
        }
        self.profiles.clone_from(&inputs.profiles);
        self.warnings = coverage::warnings(sweep.warnings());
        self.digests = rows.iter().map(|row| row.digest).collect();
        Ok(())
    }

    /// Takes an error of the launch, where somebody refuses it, as what stands against it. Gives it back where it says nothing of that: then the
    /// question cannot be decided, unless something stands against the launch already.
    ///
    /// Errors: the error itself.
    pub fn refused(&mut self, error: Error) -> Result<(), Error> {
        use sev_launch_description::Error as Described;
        let is_refusal = matches!(
            &error,
            Error::Refused { .. }
                | Error::Description(
                    Described::Policy { .. }
                        | Described::IdBlockPolicy { .. }
                        | Described::HalfIdBlock { .. }
                        | Described::HashesWithoutKernel
                )
        );
        match (is_refusal, self.against.is_empty()) {
            (true, true) => self.against.push(Against::Launch(error.to_string())),
            (_, false) => {}
            (false, true) => return Err(error),
        }
        Ok(())
    }

    /// Would the host start it; without a host, would any?
    pub fn verdict(&self) -> Verdict {
        // Without a host, what only some refuse leaves others that do not.
        let is_open = self.host.is_some() && !(self.open.is_empty() && self.unknown.is_empty());
        match (self.against.is_empty(), is_open) {
            (false, _) => Verdict::No,
            (true, true) => Verdict::Unknown,
            (true, false) => Verdict::Yes,
        }
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

    fn push(&mut self, one: Option<Against>) {
        self.against.extend(one.filter(|one| !self.against.contains(one)));
    }

    fn refusals(&mut self, refusals: Vec<Refusal>) {
        let nobody = Facts::default();
        let facts = self.host.clone().unwrap_or(nobody);
        for refusal in refusal::worth_telling(refusals, &facts) {
            let list = match refusal.hosts.has(&facts) {
                Some(true) => &mut self.against,
                _ => &mut self.open,
            };
            let one = Against::Refusal(refusal);
            if !list.contains(&one) {
                list.push(one);
            }
        }
    }
}

/// What the AMD-SP says against the ID block for a row; `None` if there is none, or if it takes it.
fn id_block(description: &Description, row: &Row) -> Result<Option<IdBlockError>, Error> {
    let (Some(block), Some(auth)) = (&description.id_block, &description.id_auth) else {
        return Ok(None);
    };
    let LaunchDigest::Snp(digest) = row.digest else { return Ok(None) };
    let block = IdBlock::from_bytes(block.value.as_bytes())?;
    let auth = IdAuth::from_bytes(auth.value.as_bytes())?;
    let has_author = description.author_key.as_ref().is_some_and(|field| field.value);
    let author = if has_author { AuthorKey::Enabled } else { AuthorKey::Disabled };
    // A policy that is not described is QEMU's default. [QEMU, DEFAULT_SEV_SNP_POLICY]
    let policy = description.policy.as_ref().map_or(0x3_0000, |field| field.value);
    Ok(auth.check_for(&block, author, digest, Policy::from_bits(policy)).err())
}
