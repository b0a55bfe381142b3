//! KVM's part of a SEV launch: `KVM_MEMORY_ENCRYPT_OP`. [Linux, `Documentation/virt/kvm/x86/amd-memory-encryption.rst`]
//!
//! [`guest`] is what KVM keeps of a guest; [`command`] says which command it is, [`init`] has those by which
//! a VM becomes a guest, [`legacy`] those of SEV and SEV-ES, [`snp`] those of SNP.

pub(crate) mod command;
pub(crate) mod guest;
pub(crate) mod init;
pub(crate) mod legacy;
pub(crate) mod snp;
