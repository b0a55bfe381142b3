//! Guest policies: what the AMD-SP and KVM refuse of them.
//!
//! Whether a policy protects its guest is another question, which `sev_launch_abi`'s `Finding`s and the verify crate answer.
//!
//! ```
//! use sev_launch_abi::snp;
//! use sev_launch_host::policy;
//!
//! assert!(policy::of_snp(snp::Policy::from_bits(0x3_0000)).is_empty());
//! assert_eq!(policy::of_snp(snp::Policy::from_bits(0x3000)).len(), 4);
//! ```

use sev_launch_abi::sev;
use sev_launch_abi::snp::policy::{Flag, Policy};
use sev_launch_abi::{ApiVersion, Technology};
use sev_launch_digest::profile::{LaunchProfile, Version, Vmm};

use crate::refusal::{Answer, Hosts, Problem, Refusal, Refuser, Status};

/// The command that takes a guest's policy.
const SNP_START: &str = "SNP_LAUNCH_START";

/// Before it KVM itself wanted SMT and refused SINGLE_SOCKET. [Linux, 24be2b7956a5 and its parent, in 6.17]
const LEAVES_SMT_AND_SOCKETS: Version = Version::new(6, 17, 0);
/// Before it KVM knew no bit above 20. [Linux, KVM_X86_SNP_POLICY_BITS, in 6.19]
const KNOWS_NEW_BITS: Version = Version::new(6, 19, 0);
/// The oldest SNP ABI with which Linux starts SNP at all. [Linux, SNP_MIN_API_MAJOR and SNP_MIN_API_MINOR]
const LEAST_SNP_API: ApiVersion = ApiVersion { major: 1, minor: 51 };
/// The ABI that has PAGE_SWAP_DISABLE. [Linux, sev_get_snp_policy_bits]
const HAS_PAGE_SWAP_DISABLE: ApiVersion = ApiVersion { major: 1, minor: 58 };

/// The order of the new bits in a policy.
const NEW_BITS: [Flag; 5] = [
    Flag::CxlAllow,
    Flag::MemAes256Xts,
    Flag::RaplDis,
    Flag::CiphertextHidingDram,
    Flag::PageSwapDisable,
];

const fn by_kvm(problem: Problem, hosts: Hosts) -> Refusal {
    let (by, answer) = (Refuser::Kvm, Answer::Invalid);
    Refusal { problem, by, hosts, command: SNP_START, answer }
}

const fn by_firmware(problem: Problem, hosts: Hosts, command: &'static str) -> Refusal {
    let (by, answer) = (Refuser::Firmware, Answer::Status(Status::PolicyFailure));
    Refusal { problem, by, hosts, command, answer }
}

/// Everything that is refused of an SNP guest's policy, on whichever hosts. [Linux, snp_launch_start; SNP-ABI, SNP_LAUNCH_START]
///
/// KVM of upstream kernels, from 6.11 on, is meant: what AMD's forks before it took is not known.
#[must_use]
pub fn of_snp(policy: Policy) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if !policy.is_valid() && policy.reserved_bits() == 0 {
        refusals.push(by_kvm(Problem::Bit17Clear, Hosts::All));
    }
    if policy.reserved_bits() != 0 {
        let bits = policy.reserved_bits();
        refusals.push(by_kvm(Problem::ReservedBits { bits }, Hosts::All));
    }
    // No upstream kernel has a migration agent, and the bit is outside of what KVM takes. [Linux, KVM_SNP_POLICY_MASK_VALID]
    if policy.has(Flag::MigrateMa) {
        refusals.push(by_kvm(Problem::Set(Flag::MigrateMa), Hosts::All));
    }
    if !policy.has(Flag::Smt) {
        let problem = Problem::Clear(Flag::Smt);
        refusals.push(by_kvm(problem, Hosts::KernelBefore(LEAVES_SMT_AND_SOCKETS)));
        refusals.push(by_firmware(problem, Hosts::SmtOn, SNP_START));
    }
    if policy.has(Flag::SingleSocket) {
        let problem = Problem::Set(Flag::SingleSocket);
        refusals.push(by_kvm(problem, Hosts::KernelBefore(LEAVES_SMT_AND_SOCKETS)));
        // KVM activates the guest as part of its own launch command.
        refusals.push(by_firmware(problem, Hosts::SeveralSockets, "SNP_ACTIVATE"));
    }
    for flag in NEW_BITS.into_iter().filter(|flag| policy.has(*flag)) {
        let problem = Problem::Set(flag);
        refusals.push(by_kvm(problem, Hosts::KernelBefore(KNOWS_NEW_BITS)));
        let lacking = match flag {
            Flag::PageSwapDisable => Hosts::SnpApiBefore(HAS_PAGE_SWAP_DISABLE),
            _ => Hosts::WithoutFeature,
        };
        refusals.push(by_kvm(problem, lacking));
    }
    let min_api = policy.min_api();
    if min_api > LEAST_SNP_API {
        let hosts = Hosts::SnpApiBefore(min_api);
        refusals.push(by_firmware(Problem::MinApi(min_api), hosts, SNP_START));
    }
    refusals
}

/// Everything that is refused of the policy of a SEV or SEV-ES guest, on whichever hosts. [SEV-API, LAUNCH_START]
#[must_use]
pub fn of_sev(policy: sev::Policy) -> Vec<Refusal> {
    const START: &str = "LAUNCH_START";
    let mut refusals = Vec::new();
    if policy.reserved_bits() != 0 {
        let bits = policy.reserved_bits().into();
        refusals.push(by_firmware(Problem::ReservedBits { bits }, Hosts::All, START));
    }
    let min_api = policy.min_api();
    if min_api > (ApiVersion { major: 0, minor: 0 }) {
        let hosts = Hosts::SevApiBefore(min_api);
        refusals.push(by_firmware(Problem::MinApi(min_api), hosts, START));
    }
    refusals
}

/// The same of a guest of any technology, by the word alone: 32 bits in SEV and SEV-ES, 64 in SNP. What the kernels of clouds refuse is not known, so if
/// the guest may be launched by a cloud's profile only the AMD-SP's refusals are given. A word of more than 32 bits is no policy of SEV, and gives none.
#[must_use]
pub fn of_guest(
    technology: Technology,
    policy: u64,
    profiles: &[&'static LaunchProfile],
) -> Vec<Refusal> {
    let mut refusals = match (technology, u32::try_from(policy)) {
        (Technology::Snp, _) => of_snp(Policy::from_bits(policy)),
        (_, Ok(bits)) => of_sev(sev::Policy::from_bits(bits)),
        (_, Err(_)) => Vec::new(),
    };
    if profiles.iter().any(|profile| matches!(profile.vmm, Vmm::Ec2 | Vmm::Gce)) {
        refusals.retain(|refusal| refusal.by == Refuser::Firmware);
    }
    refusals
}
