//! The commands by which a VM becomes a SEV guest. [Linux, sev_guest_init, sev_guest_init2]

use rustix::io::Errno;

use crate::bytes::field;
use crate::kvm::vm::{Kind, Vm};
use crate::memory::{self, Memory};
use crate::sev::command::{Failure, refused};
use crate::sev::guest::{Guest, Init};
use crate::sp::Sp;

/// KVM_SEV_INIT and KVM_SEV_ES_INIT, and the end of KVM_SEV_INIT2. [Linux, __sev_guest_init]
pub(crate) fn init(
    vm: &mut Vm,
    sp: &mut Sp,
    init: Init,
    asked_features: u64,
) -> Result<(), Failure> {
    if !vm.vcpus.is_empty() || vm.guest.is_some() {
        return Err(refused(
            Errno::INVAL,
            "a VM becomes a SEV guest once, and before its first vCPU",
        ));
    }
    if vm.kind.is_init2() != (init == Init::Init2) {
        return Err(refused(Errno::INVAL, "the VM's type and the command do not go together"));
    }
    let (has_vmsas, sev_features) = match (init, vm.kind) {
        (Init::SevEs, _) => (true, sp.host.legacy_sev_features()),
        (Init::Init2, Kind::SevEs) => (true, asked_features),
        (Init::Init2, Kind::Snp) => (true, asked_features | SEV_FEATURES_SNP_ACTIVE),
        _ => (false, 0),
    };
    if has_vmsas && !sp.platform.status().is_es_enabled {
        return Err(refused(Errno::NOTTY, "SEV-ES is not configured on this platform"));
    }
    vm.guest = Some(Guest {
        init,
        has_vmsas,
        sev_features,
        handle: None,
        pages: std::collections::BTreeSet::new(),
        is_finished: false,
    });
    Ok(())
}

/// Bit 0 of SEV_FEATURES, which KVM sets itself. [APM2, VMSA layout; Linux, __sev_guest_init]
const SEV_FEATURES_SNP_ACTIVE: u64 = 1;
/// The newest protocol between guest and hypervisor that KVM speaks. [Linux, GHCB_VERSION_MAX]
const MOST_GHCB_VERSION: u16 = 2;

/// [Linux, sev_guest_init2]
pub(crate) fn init2(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
    if !sp.host.has_init2() {
        return Err(refused(Errno::INVAL, "KVM_SEV_INIT2 came with Linux 6.10"));
    }
    let bytes = memory::array::<{ size_of::<kvm_bindings::kvm_sev_init>() }>(memory, data)?;
    let features = field!(bytes, kvm_sev_init.vmsa_features: u64);
    let ghcb_version = field!(bytes, kvm_sev_init.ghcb_version: u16);
    if field!(bytes, kvm_sev_init.flags: u32) != 0 || ghcb_version > MOST_GHCB_VERSION {
        return Err(refused(
            Errno::INVAL,
            "flags, or a version of the GHCB's protocol, that KVM has not",
        ));
    }
    let is_snp = vm.kind == Kind::Snp;
    let supported = if vm.kind.is_protected() { sp.host.supported_sev_features(is_snp) } else { 0 };
    if features & !supported != 0 {
        return Err(refused(Errno::INVAL, "SEV_FEATURES that KVM does not offer to such guests"));
    }
    init(vm, sp, Init::Init2, features)
}
