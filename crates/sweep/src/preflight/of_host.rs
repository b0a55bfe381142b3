//! A launch held against one host: what the host lacks, what its QEMU has, and by which profile it launches.

use sev_launch_abi::{SevFeatures, Technology};
use sev_launch_description::Description;
use sev_launch_digest::cpu;
use sev_launch_digest::profile::{HostFacts, LaunchProfile, QEMU_HAS_IGVM, Question, Version, Vmm};
use sev_launch_host::support::Lack;
use sev_launch_host::{Facts, Support};

use super::meant::derivation;
use super::{Against, Meant, Preflight, machine};

/// The first kernel with KVM_SEV_INIT2. [Linux, 4f5defae7089]
const HAS_INIT2: Version = Version::new(6, 10, 0);
/// The first QEMU with `kernel-hashes`. [QEMU, qapi/qom.json, SevCommonProperties]
const QEMU_HAS_KERNEL_HASHES: Version = Version::new(6, 2, 0);
/// The first QEMU with `legacy-vm-type`. [QEMU, 9d38d9dca2a8]
const QEMU_HAS_INIT2: Version = Version::new(9, 1, 0);

const DEBUG_SWAP: &str = "/sys/module/kvm_amd/parameters/debug_swap and the processor's generation, which decide the launch profile";

impl Preflight {
    /// What a host lacks, and in what it launches otherwise.
    pub(super) fn of_host(&mut self, description: &Description, meant: &Meant, facts: &Facts) {
        let technology = self.technology;
        let support = Support::of(technology, facts);
        // The description brings a firmware of its own.
        let lacks = support.lacks.iter().filter(|lack| !matches!(lack, Lack::Ovmf { .. }));
        self.against.extend(lacks.copied().map(Against::Lack));
        for open in &support.open {
            self.ask(open);
        }
        for vmm in &meant.vmms {
            match vmm {
                Vmm::Qemu => {}
                Vmm::Ec2 | Vmm::Gce => self.push(Some(Against::Cloud(*vmm))),
                Vmm::Libkrun | Vmm::CoconutQemu | Vmm::HyperV => {
                    self.ask("whether the VMM described is there: what was collected is of QEMU");
                }
            }
        }
        match support.guests.zip(support.running) {
            None => self.ask(
                "how many such guests can run there and do (/sys/fs/cgroup/misc.capacity and misc.current)",
            ),
            Some((guests, running)) if running < guests || guests == 0 => {}
            Some((guests, _)) => match facts.parameters.and_then(|parameters| parameters.ciphertext_hiding_asids) {
                Some(1..) => self.ask(
                    "whether an ASID is free: SEV-ES and SNP guests are counted together, and have ASIDs of their own",
                ),
                _ => self.push(Some(Against::Full { guests })),
            },
        }
        self.of_qemu(description, meant, facts);
        self.models(description, facts);
        if meant.vmms.iter().all(|vmm| *vmm == Vmm::Qemu) && technology != Technology::Sev {
            self.launched_here(description, meant, facts);
        }
    }

    /// Does the host's QEMU have what is described: its machine type, so many vCPUs, kernel hashes, `legacy-vm-type`?
    fn of_qemu(&mut self, description: &Description, meant: &Meant, facts: &Facts) {
        match facts.qemu {
            None => {
                self.ask("the version of QEMU (qemu-system-x86_64 --version), which decides what it can launch");
            }
            Some(_) if facts.qemu_is_between_releases() => {
                self.ask("what this host's QEMU has: it is of between two releases");
            }
            Some(_) => {}
        }
        let machine = description.host.machine.as_ref().map(|field| field.value.as_str());
        match machine.map(|name| machine::has(name, facts)) {
            None | Some(Some(true)) => {}
            Some(Some(false)) => {
                let machine = machine.unwrap_or_default().to_owned();
                self.push(Some(Against::Machine { machine }));
            }
            Some(None) => self.ask("whether this host's QEMU has the machine type (-machine help)"),
        }
        let mut counts = description.vcpus.iter().flat_map(|field| field.value.counts());
        if counts.any(|count| count.number() > machine::MOST_VCPUS_OF_ALL) {
            self.ask("whether the machine type takes more than 255 vCPUs in this host's QEMU");
        }
        let has_kernel = description.boot.kernels.is_some();
        let hashes = description.boot.kernel_hashes.as_ref();
        if has_kernel && hashes.is_none_or(|field| field.value.contains(&true)) {
            self.needs_qemu(facts, QEMU_HAS_KERNEL_HASHES, "kernel-hashes");
        }
        if description.is_igvm() {
            self.needs_qemu(facts, QEMU_HAS_IGVM, "igvm-cfg");
        }
        if description.host.legacy_vm_type.is_some() {
            self.needs_qemu(facts, QEMU_HAS_INIT2, "legacy-vm-type");
        }
        if meant.is_init2 && self.technology != Technology::Snp {
            self.needs_qemu(facts, QEMU_HAS_INIT2, "legacy-vm-type");
            match facts.kernel.and_then(|kernel| kernel.versions.is_before(HAS_INIT2)) {
                Some(false) => {}
                Some(true) => self.push(Some(Against::NoInit2)),
                None => self.ask("whether the kernel has KVM_SEV_INIT2, as Linux 6.10 does"),
            }
        }
    }

    /// Something of QEMU's from a version on.
    fn needs_qemu(&mut self, facts: &Facts, least: Version, what: &'static str) {
        match facts.qemu.and_then(|qemu| qemu.is_before(least)) {
            Some(false) => {}
            Some(true) if !facts.has_vendors_qemu() => {
                self.push(Some(Against::NoOption { option: what, least }));
            }
            _ => self.ask("whether this host's QEMU has the options that are needed (kernel-hashes from 6.2 on, legacy-vm-type from 9.1 on, igvm-cfg from 10.1 on)"),
        }
    }

    /// Does the host's QEMU have the CPU models? It starts none without, whatever is measured.
    fn models(&mut self, description: &Description, facts: &Facts) {
        let Some(qemu) = facts.qemu else { return };
        let cpus = description.cpus.iter().flat_map(|field| &field.value);
        for name in cpus.filter_map(|cpu| cpu.name.as_ref()) {
            match cpu::check_version(name, qemu).err() {
                Some(_) if facts.has_vendors_qemu() => {
                    self.ask(
                        "whether this vendor's QEMU has the CPU model by a backport (-cpu help)",
                    );
                }
                error => self.push(error.map(|error| Against::Launch(error.to_string()))),
            }
        }
    }

    /// Does QEMU launch there by a profile that gives the digests described?
    fn launched_here(&mut self, description: &Description, meant: &Meant, facts: &Facts) {
        let technology = self.technology;
        let legacy_vm_type = match description.host.legacy_vm_type.as_ref() {
            Some(field) => Some(field.value),
            None => meant.is_init2.then_some(false),
        };
        let here = HostFacts { legacy_vm_type, ..facts.for_profile() };
        let derived = derivation(description, technology, &here);
        self.here.clone_from(&derived.profiles);
        if description.vmsa.bsp.is_some() {
            self.ask("whether this host makes the VMSA pages that were captured");
            return;
        }
        let words: Vec<_> = match &description.sev_features {
            Some(field) => field.value.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        // What is given in place of a profile's features is what the host's own must be.
        let is_like =
            |described: &LaunchProfile, word: Option<SevFeatures>, here: &LaunchProfile| {
                word.is_none_or(|word| here.sev_features() == word)
                    && described.launches_like(here, word)
            };
        let described: Vec<_> = meant
            .profiles
            .iter()
            .flat_map(|profile| words.iter().map(move |word| (*profile, *word)))
            .collect();
        let made = described.iter().filter(|(profile, word)| {
            derived.profiles.iter().any(|here| is_like(profile, *word, here))
        });
        let made = made.count();
        let is_described = |here: &&&'static LaunchProfile| {
            described.iter().any(|(profile, word)| is_like(profile, *word, here))
        };
        let like = derived.profiles.iter().filter(is_described).count();
        if technology == Technology::SevEs && !meant.is_init2 && facts.debug_swap_is_open() {
            self.ask(DEBUG_SWAP);
        }
        let names = |profiles: &[&'static LaunchProfile]| -> Vec<_> {
            profiles.iter().map(|profile| profile.name).collect()
        };
        // Of a host that launches nothing of the kind, the profile is no news.
        let lacks = self.against.iter().any(|one| matches!(one, Against::Lack(_)));
        match derived.profiles.len() {
            _ if lacks => {}
            0 => self.ask("by which launch profile this host launches: none that is known fits it"),
            count if like == count && made == described.len() => {}
            count if like == count => self.ask(
                "which of the launches described is meant: several launch profiles or SEV_FEATURES are, and this host launches by one",
            ),
            _ if like > 0 || derived.question.is_some() => match derived.question {
                Some(Question::Kernel) => self.ask("the kernel's release (uname -r), which decides the launch profile"),
                Some(Question::DebugSwap) => self.ask(DEBUG_SWAP),
                _ => self.ask("the versions of the kernel and of QEMU, which decide the launch profile"),
            },
            _ => {
                let (described, here) = (names(&meant.profiles), names(&derived.profiles));
                self.push(Some(Against::Profile { described, here }));
            }
        }
    }
}
