//! One `struct kvm_sev_cmd`: taken apart, handed to the AMD-SP, answered as KVM does.

use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use sev_launch_platform::Status;

use crate::bytes::set_field;
use crate::fault::Fault;
use crate::kvm::vm::Vm;
use crate::memory::{self, Memory};
use crate::sev::guest::{Guest, Init};
use crate::sev::{init, legacy, snp};
use crate::sp::Sp;

/// The most bytes of a certificate, a session or a packet. [Linux, SEV_FW_BLOB_MAX_SIZE]
pub(crate) const MOST_BLOB: usize = 0x4000;
/// How long a slow command takes.
const SLOW: Duration = Duration::from_millis(100);

/// Why a command failed: what its caller is told, and what the AMD-SP said, if it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) errno: Errno,
    pub(crate) status: Option<Status>,
    /// KVM's reason, in words, where it refused by itself.
    pub(crate) reason: Option<&'static str>,
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self { errno, status: None, reason: None }
    }
}

impl From<Status> for Failure {
    /// KVM answers EIO whatever the AMD-SP said, and its code beside it. [Linux, sev_issue_cmd]
    fn from(status: Status) -> Self {
        Self { errno: Errno::IO, status: Some(status), reason: None }
    }
}

pub(crate) const fn refused(errno: Errno, reason: &'static str) -> Failure {
    Failure { errno, status: None, reason: Some(reason) }
}

/// The commands' names, as the documents have them. [Linux, enum sev_cmd_id]
pub(crate) fn name(id: u32) -> &'static str {
    match id {
        kvm_bindings::sev_cmd_id_KVM_SEV_INIT => "KVM_SEV_INIT",
        kvm_bindings::sev_cmd_id_KVM_SEV_ES_INIT => "KVM_SEV_ES_INIT",
        kvm_bindings::sev_cmd_id_KVM_SEV_INIT2 => "KVM_SEV_INIT2",
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_START => "LAUNCH_START",
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_UPDATE_DATA => "LAUNCH_UPDATE_DATA",
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_UPDATE_VMSA => "LAUNCH_UPDATE_VMSA",
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_SECRET => "LAUNCH_SECRET",
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_MEASURE => "LAUNCH_MEASURE",
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_FINISH => "LAUNCH_FINISH",
        kvm_bindings::sev_cmd_id_KVM_SEV_GUEST_STATUS => "GUEST_STATUS",
        kvm_bindings::sev_cmd_id_KVM_SEV_GET_ATTESTATION_REPORT => "ATTESTATION",
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_START => "SNP_LAUNCH_START",
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_UPDATE => "SNP_LAUNCH_UPDATE",
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_FINISH => "SNP_LAUNCH_FINISH",
        kvm_bindings::sev_cmd_id_KVM_SEV_SEND_START => "SEND_START",
        kvm_bindings::sev_cmd_id_KVM_SEV_RECEIVE_START => "RECEIVE_START",
        kvm_bindings::sev_cmd_id_KVM_SEV_DBG_DECRYPT => "DBG_DECRYPT",
        kvm_bindings::sev_cmd_id_KVM_SEV_DBG_ENCRYPT => "DBG_ENCRYPT",
        _ => "a command of KVM_MEMORY_ENCRYPT_OP",
    }
}

/// Does one command; `data` is where its own structure lies.
pub(crate) fn run(
    id: u32,
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
    if sp.has(Fault::SlowAnswers) {
        thread::sleep(SLOW);
    }
    match id {
        kvm_bindings::sev_cmd_id_KVM_SEV_INIT => init::init(vm, sp, Init::Sev, 0),
        kvm_bindings::sev_cmd_id_KVM_SEV_ES_INIT => init::init(vm, sp, Init::SevEs, 0),
        kvm_bindings::sev_cmd_id_KVM_SEV_INIT2 => init::init2(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_START => legacy::start(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_UPDATE_DATA => {
            legacy::update_data(data, vm, sp, memory)
        }
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_UPDATE_VMSA => legacy::update_vmsas(vm, sp),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_MEASURE => legacy::measure(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_SECRET => legacy::secret(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_FINISH => {
            let handle = handle(vm)?;
            sp.platform.launch_finish(handle)?;
            guest(vm)?.is_finished = true;
            Ok(())
        }
        kvm_bindings::sev_cmd_id_KVM_SEV_GUEST_STATUS => {
            let handle = handle(vm)?;
            let status = sp.platform.guest_status(handle)?;
            let mut bytes = [0; size_of::<kvm_bindings::kvm_sev_guest_status>()];
            set_field!(bytes, kvm_sev_guest_status.handle: u32 = handle.number());
            set_field!(bytes, kvm_sev_guest_status.policy: u32 = status.policy);
            set_field!(bytes, kvm_sev_guest_status.state: u32 = status.state.number());
            Ok(memory.write(data, &bytes)?)
        }
        kvm_bindings::sev_cmd_id_KVM_SEV_GET_ATTESTATION_REPORT => {
            legacy::report(data, vm, sp, memory)
        }
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_START => snp::start(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_UPDATE => snp::update(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_FINISH => snp::finish(data, vm, sp, memory),
        _ => Err(refused(Errno::INVAL, "migration and debugging of guests are not modelled")),
    }
}

pub(crate) fn guest(vm: &mut Vm) -> Result<&mut Guest, Failure> {
    vm.guest.as_mut().ok_or(refused(Errno::NOTTY, "the VM is no SEV guest"))
}

pub(crate) fn handle(vm: &mut Vm) -> Result<sev_launch_platform::Handle, Failure> {
    guest(vm)?.handle.ok_or(Failure::from(Status::InvalidGuest))
}

/// A blob that the VMM points to: `None` if it points nowhere. [Linux, psp_copy_user_blob]
pub(crate) fn blob(
    address: u64,
    size: u32,
    memory: &dyn Memory,
) -> Result<Option<Vec<u8>>, Failure> {
    if address == 0 {
        return Ok(None);
    }
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size == 0 || size > MOST_BLOB {
        return Err(refused(Errno::INVAL, "a blob of no bytes, or of more than 16 KiB"));
    }
    Ok(Some(memory::vec(memory, address, size, MOST_BLOB)?))
}
