//! The commands of SEV and SEV-ES guests. [Linux, sev_launch_start, sev_launch_update_data and those after them]

use rustix::io::Errno;
use sev_launch_abi::Technology;
use sev_launch_platform::{Session, Status};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::bytes::{field, set_field};
use crate::fault::Fault;
use crate::kvm::save_area;
use crate::kvm::vm::Vm;
use crate::memory::{self, Memory};
use crate::record::{Secret, Update, UpdateKind};
use crate::sev::command::{Failure, blob, guest, handle, refused};
use crate::sev::guest::Init;
use crate::sp::Sp;

/// How much is read of the VMM's memory at a time. A multiple of the AMD-SP's 16 bytes.
const CHUNK: usize = 1 << 20;
/// What is handed over in so few bytes is kept.
const PAGE: usize = 4096;
/// The size of what LAUNCH_MEASURE gives, and of ATTESTATION's report. [SEV-API]
const MEASUREMENT_SIZE: u32 = 48;
const REPORT_SIZE: u32 = 208;

/// LAUNCH_START.
pub(crate) fn start(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
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

/// LAUNCH_UPDATE_DATA.
pub(crate) fn update_data(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
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
    let mut kept = (sp.keeps_bytes || total <= PAGE).then(Vec::new);
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
pub(crate) fn update_vmsas(vm: &mut Vm, sp: &mut Sp) -> Result<(), Failure> {
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

/// LAUNCH_MEASURE.
pub(crate) fn measure(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
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

/// LAUNCH_SECRET.
pub(crate) fn secret(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
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
    let plain = Zeroizing::new(sp.platform.launch_secret(handle, &header, &packet, size)?);
    // A real one would lie there encrypted with the guest's key: this is what the guest reads.
    memory.write(address, &plain)?;
    let gpa = vm.gpa_of(address);
    sp.record(handle)?.secrets.push(Secret { gpa, bytes: plain });
    Ok(())
}

/// ATTESTATION, which KVM calls KVM_SEV_GET_ATTESTATION_REPORT.
pub(crate) fn report(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
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
