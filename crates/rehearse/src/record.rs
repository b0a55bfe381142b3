//! What was handed over: each update of the launch, in order, and what came of it.

use sev_launch_abi::{LaunchDigest, Technology};
use zeroize::Zeroizing;

/// What an update was of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateKind {
    /// Memory, by LAUNCH_UPDATE_DATA. [SEV-API, LAUNCH_UPDATE_DATA]
    Data,
    /// A vCPU's save area, by LAUNCH_UPDATE_VMSA. [SEV-API, LAUNCH_UPDATE_VMSA]
    Vmsa {
        /// Its place in the order in which KVM has the vCPUs.
        vcpu: usize,
    },
    /// A page of SNP, by SNP_LAUNCH_UPDATE, of a type: 1 NORMAL, 2 VMSA, 3 ZERO, 4 UNMEASURED, 5 SECRETS, 6 CPUID.
    /// [SNP-ABI, SNP_LAUNCH_UPDATE]
    Page {
        /// The number of its type.
        page_type: u8,
    },
}

/// One thing that the AMD-SP took in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// What it was of.
    pub kind: UpdateKind,
    /// Where it is in guest memory; `None` of a VMSA in SEV-ES, and of memory that no slot of the VM's has.
    pub gpa: Option<u64>,
    /// Where the VMM had it in its own memory: the slots that say what is where in the guest's may come later.
    pub(crate) address: Option<u64>,
    /// Its size in bytes.
    pub size: u64,
    /// The hash of the bytes that were handed over: SHA-256 in SEV and SEV-ES, SHA-384 in SNP.
    pub contents: Vec<u8>,
    /// The launch digest after it.
    pub digest: LaunchDigest,
    /// The bytes themselves: of a VMSA and of what was handed over in one page or less always, else where they were asked for.
    pub bytes: Option<Vec<u8>>,
}

/// A secret that arrived: LAUNCH_SECRET succeeded.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Where it was put in guest memory; `None` if no slot of the VM's is there.
    pub gpa: Option<u64>,
    /// The plaintext, which is wiped on drop.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("gpa", &self.gpa).field("size", &self.bytes.len()).finish()
    }
}

/// An ID block that SNP_LAUNCH_FINISH was given and the AMD-SP took. [SNP-ABI, SNP_LAUNCH_FINISH]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdBlock {
    /// The 96 bytes of the block.
    pub block: Vec<u8>,
    /// The 4096 bytes of its authentication.
    pub auth: Vec<u8>,
    /// AUTHOR_KEY_EN.
    pub author_key: bool,
}

/// One guest's launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What kind of guest it is.
    pub technology: Technology,
    /// Its policy, as the VMM gave it: 32 bits in SEV and SEV-ES, 64 in SNP.
    pub policy: u64,
    /// Had it a guest owner's session?
    pub has_session: bool,
    /// Each update, in order.
    pub updates: Vec<Update>,
    /// The launch digest; `None` until it is final.
    pub digest: Option<LaunchDigest>,
    /// MEASURE and MNONCE as LAUNCH_MEASURE gave them, 48 bytes. [SEV-API, LAUNCH_MEASURE]
    pub measurement: Option<[u8; 48]>,
    /// The secrets that arrived.
    pub secrets: Vec<Secret>,
    /// The host's word to the guest's report: HOST_DATA of SNP_LAUNCH_FINISH.
    pub host_data: Option<[u8; 32]>,
    /// Its ID block, if it has one.
    pub id_block: Option<IdBlock>,
}

/// What the AMD-SP or KVM refused, in their words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Refusal {
    /// The command, as its document spells it.
    pub command: &'static str,
    /// Why.
    pub reason: String,
}
