//! One `struct kvm_sev_cmd`: taken apart, handed to the AMD-SP, answered as KVM does.

use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use sev_launch_abi::Technology;
use sev_launch_platform::{Session, Status};
use sha2::{Digest as _, Sha256};

use crate::bytes::{field, set_field};
use crate::fault::Fault;
use crate::kvm::save_area;
use crate::kvm::vm::{Kind, Vm};
use crate::memory::{self, Memory};
use crate::record::{Record, Secret, Update, UpdateKind};
use crate::sev::guest::{Guest, Init};
use crate::sev::snp;
use crate::world::Sp;

/// The most bytes of a certificate, a session or a packet. [Linux, SEV_FW_BLOB_MAX_SIZE]
pub(crate) const MOST_BLOB: usize = 0x4000;
/// How much is read of the VMM's memory at a time. A multiple of the AMD-SP's 16 bytes.
const CHUNK: usize = 1 << 20;
/// How long a slow command takes.
const SLOW: Duration = Duration::from_millis(100);
/// The size of what LAUNCH_MEASURE gives, and of ATTESTATION's report. [SEV-API]
const MEASUREMENT_SIZE: u32 = 48;
const REPORT_SIZE: u32 = 208;

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
        kvm_bindings::sev_cmd_id_KVM_SEV_INIT => init(vm, sp, Init::Sev, 0),
        kvm_bindings::sev_cmd_id_KVM_SEV_ES_INIT => init(vm, sp, Init::SevEs, 0),
        kvm_bindings::sev_cmd_id_KVM_SEV_INIT2 => init2(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_START => launch_start(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_UPDATE_DATA => update_data(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_UPDATE_VMSA => update_vmsas(vm, sp),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_MEASURE => measure(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_LAUNCH_SECRET => secret(data, vm, sp, memory),
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
        kvm_bindings::sev_cmd_id_KVM_SEV_GET_ATTESTATION_REPORT => report(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_START => snp::start(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_UPDATE => snp::update(data, vm, sp, memory),
        kvm_bindings::sev_cmd_id_KVM_SEV_SNP_LAUNCH_FINISH => snp::finish(data, vm, sp, memory),
        _ => Err(refused(Errno::INVAL, "migration and debugging of guests are not modelled")),
    }
}

/// KVM_SEV_INIT and KVM_SEV_ES_INIT, and the end of KVM_SEV_INIT2. [Linux, __sev_guest_init]
fn init(vm: &mut Vm, sp: &mut Sp, init: Init, asked_features: u64) -> Result<(), Failure> {
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
fn init2(data: u64, vm: &mut Vm, sp: &mut Sp, memory: &dyn Memory) -> Result<(), Failure> {
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

fn launch_start(data: u64, vm: &mut Vm, sp: &mut Sp, memory: &dyn Memory) -> Result<(), Failure> {
    let mut bytes =
        memory::array::<{ size_of::<kvm_bindings::kvm_sev_launch_start>() }>(memory, data)?;
    let has_vmsas = guest(vm)?.has_vmsas;
    if field!(bytes, kvm_sev_launch_start.handle: u32) != 0 {
        return Err(refused(Errno::INVAL, "two guests that share a key are not modelled"));
    }
    let policy = field!(bytes, kvm_sev_launch_start.policy: u32);
    let godh = blob(
        field!(bytes, kvm_sev_launch_start.dh_uaddr: u64),
        field!(bytes, kvm_sev_launch_start.dh_len: u32),
        memory,
    )?;
    let session = blob(
        field!(bytes, kvm_sev_launch_start.session_uaddr: u64),
        field!(bytes, kvm_sev_launch_start.session_len: u32),
        memory,
    )?;
    // Without a certificate the AMD-SP does not look at the session. [SEV-API, LAUNCH_START]
    let session = godh.as_ref().map(|certificate| Session {
        godh: certificate,
        session: session.as_deref().unwrap_or_default(),
    });
    if sp.has(Fault::RefusedPolicy) {
        return Err(Status::PolicyFailure.into());
    }
    let has_session = session.is_some();
    let handle = sp.platform.launch_start(policy, session)?;
    guest(vm)?.handle = Some(handle);
    set_field!(bytes, kvm_sev_launch_start.handle: u32 = handle.number());
    let technology = if has_vmsas { Technology::SevEs } else { Technology::Sev };
    sp.begin(handle, technology, u64::from(policy), has_session);
    Ok(memory.write(data, &bytes)?)
}

fn update_data(data: u64, vm: &mut Vm, sp: &mut Sp, memory: &dyn Memory) -> Result<(), Failure> {
    let bytes =
        memory::array::<{ size_of::<kvm_bindings::kvm_sev_launch_update_data>() }>(memory, data)?;
    let address = field!(bytes, kvm_sev_launch_update_data.uaddr: u64);
    let size = field!(bytes, kvm_sev_launch_update_data.len: u32);
    let handle = handle(vm)?;
    // Where a signal comes in the moment of an answer, kernels may lose the answer and begin the call anew. No VMM encrypts memory twice: it
    // would be garbage.
    let is_repeated = |last: &Update| last.address == Some(address) && last.size == u64::from(size);
    if sp.record(handle)?.updates.last().is_some_and(is_repeated) {
        return Err(refused(
            Errno::INVAL,
            "the same memory twice in a row: start the rehearsal again",
        ));
    }
    sp.spend(u64::from(size))?;
    let total = usize::try_from(size).unwrap_or(usize::MAX);
    let (mut done, mut hash) = (0, Sha256::new());
    let mut kept = sp.keeps_bytes.then(Vec::new);
    let mut chunk = vec![0; total.min(CHUNK)];
    loop {
        let part = chunk.get_mut(..CHUNK.min(total - done)).unwrap_or_default();
        let offset = u64::try_from(done).unwrap_or(u64::MAX);
        let place = address.checked_add(offset).ok_or(Errno::FAULT);
        if let Err(errno) = place.and_then(|place| memory.read(place, part)) {
            // KVM looks at all of it before it begins. Here a part was measured: this guest gets no digest any more.
            if done > 0 {
                sp.platform.decommission(handle);
                guest(vm)?.handle = None;
            }
            return Err(errno.into());
        }
        if done == 0 && sp.is_first(handle) && sp.has(Fault::ChangedPage) {
            part.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        }
        sp.platform.launch_update_data(handle, part)?;
        hash.update(&*part);
        kept.iter_mut().for_each(|kept| kept.extend_from_slice(part));
        done += part.len();
        if done >= total {
            break;
        }
    }
    let digest = sp.platform.digest(handle)?;
    sp.record(handle)?.updates.push(Update {
        kind: UpdateKind::Data,
        gpa: vm.gpa_of(address),
        address: Some(address),
        size: u64::from(size),
        contents: hash.finalize().to_vec(),
        digest,
        bytes: kept,
    });
    Ok(())
}

/// The save area of each vCPU, in the order in which they were made. [Linux, sev_launch_update_vmsa]
fn update_vmsas(vm: &mut Vm, sp: &mut Sp) -> Result<(), Failure> {
    let (has_vmsas, facts) = {
        let guest = guest(vm)?;
        (guest.has_vmsas, (guest.sev_features, guest.init))
    };
    if !has_vmsas {
        return Err(refused(Errno::NOTTY, "only SEV-ES guests have VMSAs to measure"));
    }
    let handle = handle(vm)?;
    let (sev_features, init) = facts;
    let facts = save_area::Guest {
        sev_features,
        has_fpu: init == Init::Init2 && sp.host.syncs_fpu(),
        keeps_cd_nw: vm.keeps_cd_nw,
    };
    if vm.vcpus.iter().any(|(_, vcpu)| vcpu.is_protected) {
        return Err(refused(Errno::INVAL, "a vCPU's VMSA was measured already"));
    }
    for (index, page) in save_areas(vm, sp, facts).into_iter().enumerate() {
        sp.platform.launch_update_vmsa(handle, &page[..])?;
        let digest = sp.platform.digest(handle)?;
        let update = Update {
            kind: UpdateKind::Vmsa { vcpu: index },
            gpa: None,
            address: None,
            size: 4096,
            contents: Sha256::digest(&page[..]).to_vec(),
            digest,
            bytes: Some(page.to_vec()),
        };
        sp.record(handle)?.updates.push(update);
    }
    Ok(())
}

/// The save area of each vCPU; from now on its registers are the processor's.
pub(crate) fn save_areas(vm: &mut Vm, sp: &Sp, facts: save_area::Guest) -> Vec<Box<[u8; 4096]>> {
    let mut pages = Vec::new();
    for (_, vcpu) in &mut vm.vcpus {
        pages.push(save_area::page(&vcpu.registers, facts));
        vcpu.is_protected = true;
    }
    if sp.has(Fault::ExtraVcpu) {
        pages.extend(pages.last().cloned());
    }
    pages
}

fn measure(data: u64, vm: &mut Vm, sp: &mut Sp, memory: &dyn Memory) -> Result<(), Failure> {
    let mut bytes =
        memory::array::<{ size_of::<kvm_bindings::kvm_sev_launch_measure>() }>(memory, data)?;
    let handle = handle(vm)?;
    let given = field!(bytes, kvm_sev_launch_measure.len: u32);
    set_field!(bytes, kvm_sev_launch_measure.len: u32 = MEASUREMENT_SIZE);
    if given < MEASUREMENT_SIZE {
        // Whoever asks with too little room is told how much it takes.
        memory.write(data, &bytes)?;
        return Err(Status::InvalidLength.into());
    }
    let mut measurement = sp.platform.launch_measure(handle)?;
    let [first, ..] = &mut measurement;
    *first ^= u8::from(sp.has(Fault::WrongMeasurement));
    let [.., last] = &mut measurement;
    *last ^= u8::from(sp.has(Fault::StaleNonce));
    memory.write(field!(bytes, kvm_sev_launch_measure.uaddr: u64), &measurement)?;
    memory.write(data, &bytes)?;
    let digest = sp.platform.digest(handle)?;
    let record = sp.record(handle)?;
    record.measurement = Some(measurement);
    record.digest = Some(digest);
    Ok(())
}

fn secret(data: u64, vm: &mut Vm, sp: &mut Sp, memory: &dyn Memory) -> Result<(), Failure> {
    let bytes =
        memory::array::<{ size_of::<kvm_bindings::kvm_sev_launch_secret>() }>(memory, data)?;
    let handle = handle(vm)?;
    let missing = || refused(Errno::INVAL, "a packet without its header or its data");
    let header = blob(
        field!(bytes, kvm_sev_launch_secret.hdr_uaddr: u64),
        field!(bytes, kvm_sev_launch_secret.hdr_len: u32),
        memory,
    )?;
    let packet = blob(
        field!(bytes, kvm_sev_launch_secret.trans_uaddr: u64),
        field!(bytes, kvm_sev_launch_secret.trans_len: u32),
        memory,
    )?;
    let (header, packet) = (header.ok_or_else(missing)?, packet.ok_or_else(missing)?);
    let address = field!(bytes, kvm_sev_launch_secret.guest_uaddr: u64);
    let size = field!(bytes, kvm_sev_launch_secret.guest_len: u32);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let plain = sp.platform.launch_secret(handle, &header, &packet, size)?;
    // A real one would lie there encrypted with the guest's key: this is what the guest reads.
    memory.write(address, &plain)?;
    let gpa = vm.gpa_of(address);
    sp.record(handle)?.secrets.push(Secret { gpa, bytes: plain });
    Ok(())
}

fn report(data: u64, vm: &mut Vm, sp: &mut Sp, memory: &dyn Memory) -> Result<(), Failure> {
    let mut bytes =
        memory::array::<{ size_of::<kvm_bindings::kvm_sev_attestation_report>() }>(memory, data)?;
    let handle = handle(vm)?;
    let given = field!(bytes, kvm_sev_attestation_report.len: u32);
    set_field!(bytes, kvm_sev_attestation_report.len: u32 = REPORT_SIZE);
    if given < REPORT_SIZE {
        memory.write(data, &bytes)?;
        return Err(Status::InvalidLength.into());
    }
    let place = std::mem::offset_of!(kvm_bindings::kvm_sev_attestation_report, mnonce);
    let report = sp.platform.attestation(handle, crate::bytes::at(&bytes, place))?;
    memory.write(field!(bytes, kvm_sev_attestation_report.uaddr: u64), &report)?;
    Ok(memory.write(data, &bytes)?)
}

/// The record of a launch that has begun.
pub(crate) fn new_record(technology: Technology, policy: u64, has_session: bool) -> Record {
    Record {
        technology,
        policy,
        has_session,
        updates: Vec::new(),
        digest: None,
        measurement: None,
        secrets: Vec::new(),
        host_data: None,
    }
}
