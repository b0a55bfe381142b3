//! KVM's part of a SEV launch: `KVM_MEMORY_ENCRYPT_OP`. [Linux, `Documentation/virt/kvm/x86/amd-memory-encryption.rst`]
//!
//! [`guest`] is what KVM keeps of a guest; [`command`] takes one command apart and hands it to the AMD-SP; [`snp`] has those that only SNP has.

pub(crate) mod command;
pub(crate) mod guest;
pub(crate) mod snp;
