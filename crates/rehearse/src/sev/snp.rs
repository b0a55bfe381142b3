//! The commands of SNP guests. [Linux, snp_launch_start, snp_launch_update, snp_launch_finish]

use rustix::io::Errno;
use sev_launch_abi::Technology;
use sev_launch_platform::{SnpFinish, Status};
use sha2::{Digest as _, Sha384};

use crate::bytes::{field, set_field};
use crate::fault::Fault;
use crate::kvm::save_area;
use crate::kvm::vm::{Kind, Vm};
use crate::memory::{self, Memory};
use crate::record::{IdBlock, Update, UpdateKind};
use crate::sev::command::{Failure, blob, guest, handle, refused};
use crate::sev::legacy::save_areas;
use crate::sp::Sp;

const PAGE: u64 = 4096;
/// Where KVM puts every vCPU's save area. [Linux, INITIAL_VMSA_GPA]
const VMSA_GPA: u64 = 0xffff_ffff_f000;
/// [SNP-ABI, SNP_LAUNCH_UPDATE: page types]
const VMSA: u8 = 2;
const ZERO: u8 = 3;
/// The sizes of an ID block and of its authentication. [SNP-ABI, ID_BLOCK, ID_AUTH_INFO]
const ID_BLOCK_SIZE: u32 = 96;
const ID_AUTH_SIZE: u32 = 4096;

fn check(vm: &Vm) -> Result<(), Failure> {
    match vm.kind {
        Kind::Snp => Ok(()),
        _ => Err(refused(Errno::NOTTY, "the VM is no SNP guest")),
    }
}

pub(crate) fn start(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
    check(vm)?;
    let bytes =
        memory::array::<{ size_of::<kvm_bindings::kvm_sev_snp_launch_start>() }>(memory, data)?;
    let policy = field!(bytes, kvm_sev_snp_launch_start.policy: u64);
    if guest(vm)?.handle.is_some() {
        return Err(refused(Errno::INVAL, "the guest was started already"));
    }
    if field!(bytes, kvm_sev_snp_launch_start.flags: u16) != 0 {
        return Err(refused(Errno::INVAL, "flags that KVM has not"));
    }
    if policy & POLICY_RESERVED_MBO == 0 {
        return Err(refused(Errno::INVAL, "bit 17 of an SNP policy must be one"));
    }
    let (required, allowed) = sp.host.snp_policy_bits();
    if policy & required != required || policy & !allowed != 0 {
        return Err(refused(
            Errno::INVAL,
            "an SNP policy with bits that this kernel's KVM does not take",
        ));
    }
    if sp.has(Fault::RefusedPolicy) {
        return Err(Status::PolicyFailure.into());
    }
    let handle = sp.platform.snp_launch_start(policy)?;
    guest(vm)?.handle = Some(handle);
    sp.begin(handle, Technology::Snp, policy, false);
    Ok(())
}

/// Bit 17 of the policy. [SNP-ABI, guest policy]
const POLICY_RESERVED_MBO: u64 = 1 << 17;

pub(crate) fn update(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
    check(vm)?;
    let mut bytes =
        memory::array::<{ size_of::<kvm_bindings::kvm_sev_snp_launch_update>() }>(memory, data)?;
    let mut gpa = field!(bytes, kvm_sev_snp_launch_update.gfn_start: u64)
        .checked_mul(PAGE)
        .ok_or(Errno::INVAL)?;
    let mut address = field!(bytes, kvm_sev_snp_launch_update.uaddr: u64);
    let mut size = field!(bytes, kvm_sev_snp_launch_update.len: u64);
    let page_type = field!(bytes, kvm_sev_snp_launch_update.type_: u8);
    // A VMSA page is KVM's own to hand over.
    let is_known = matches!(page_type, 1 | 3..=6);
    let is_misplaced = size == 0 || size % PAGE != 0 || address % PAGE != 0 && page_type != ZERO;
    if !is_known || is_misplaced || field!(bytes, kvm_sev_snp_launch_update.flags: u16) != 0 {
        return Err(refused(
            Errno::INVAL,
            "a page type, a size or an address that KVM does not take",
        ));
    }
    if !vm.has_memory(gpa, size) || !vm.is_private(gpa, size) {
        return Err(refused(Errno::INVAL, "the range is not private memory of the guest"));
    }
    handle(vm)?;
    sp.spend(size)?;
    let is_alone = size == PAGE;
    let mut result = Ok(());
    while size > 0 && result.is_ok() {
        result = page(gpa, address, page_type, is_alone, vm, sp, memory);
        if result.is_ok() {
            (gpa, address, size) = (gpa + PAGE, address.wrapping_add(PAGE), size - PAGE);
        }
    }
    // KVM tells how far it came.
    set_field!(bytes, kvm_sev_snp_launch_update.gfn_start: u64 = gpa / PAGE);
    let address = if page_type == ZERO {
        field!(bytes, kvm_sev_snp_launch_update.uaddr: u64)
    } else {
        address
    };
    set_field!(bytes, kvm_sev_snp_launch_update.uaddr: u64 = address);
    set_field!(bytes, kvm_sev_snp_launch_update.len: u64 = size);
    memory.write(data, &bytes)?;
    result
}

fn page(
    gpa: u64,
    address: u64,
    page_type: u8,
    is_alone: bool,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
    let handle = handle(vm)?;
    let mut contents = [0; 4096];
    if page_type != ZERO {
        memory.read(address, &mut contents)?;
    }
    if sp.is_first(handle) && sp.has(Fault::ChangedPage) {
        let [first, ..] = &mut contents;
        *first ^= 1;
    }
    if !guest(vm)?.pages.insert(gpa) {
        return Err(refused(
            Errno::EXIST,
            "the page was added already: two sections of the firmware's metadata overlap",
        ));
    }
    sp.platform.snp_launch_update(handle, gpa, page_type, &contents)?;
    push(sp, handle, page_type, gpa, &contents, is_alone)
}

fn push(
    sp: &mut Sp,
    handle: sev_launch_platform::Handle,
    page_type: u8,
    gpa: u64,
    contents: &[u8; 4096],
    is_alone: bool,
) -> Result<(), Failure> {
    let digest = sp.platform.digest(handle)?;
    let bytes = (sp.keeps_bytes || is_alone).then(|| contents.to_vec());
    sp.record(handle)?.updates.push(Update {
        kind: UpdateKind::Page { page_type },
        gpa: Some(gpa),
        address: None,
        size: PAGE,
        contents: Sha384::digest(contents).to_vec(),
        digest,
        bytes,
    });
    Ok(())
}

/// First the save area of each vCPU, then the end of the launch.
pub(crate) fn finish(
    data: u64,
    vm: &mut Vm,
    sp: &mut Sp,
    memory: &dyn Memory,
) -> Result<(), Failure> {
    check(vm)?;
    let bytes =
        memory::array::<{ size_of::<kvm_bindings::kvm_sev_snp_launch_finish>() }>(memory, data)?;
    let handle = handle(vm)?;
    if field!(bytes, kvm_sev_snp_launch_finish.flags: u16) != 0 {
        return Err(refused(Errno::INVAL, "flags that KVM has not"));
    }
    let facts = save_area::Guest {
        sev_features: guest(vm)?.sev_features,
        has_fpu: sp.host.syncs_fpu(),
        keeps_cd_nw: vm.keeps_cd_nw,
    };
    for page in save_areas(vm, sp, facts) {
        sp.platform.snp_launch_update(handle, VMSA_GPA, VMSA, &page[..])?;
        push(sp, handle, VMSA, VMSA_GPA, &page, true)?;
    }
    let has_block = field!(bytes, kvm_sev_snp_launch_finish.id_block_en: u8) != 0;
    let block = field!(bytes, kvm_sev_snp_launch_finish.id_block_uaddr: u64);
    let auth = field!(bytes, kvm_sev_snp_launch_finish.id_auth_uaddr: u64);
    let id_block = if has_block {
        let missing = || refused(Errno::INVAL, "an ID block without its address");
        let block = blob(block, ID_BLOCK_SIZE, memory)?.ok_or_else(missing)?;
        let auth = blob(auth, ID_AUTH_SIZE, memory)?.ok_or_else(missing)?;
        Some((block, auth))
    } else {
        None
    };
    let place = std::mem::offset_of!(kvm_bindings::kvm_sev_snp_launch_finish, host_data);
    let host_data = crate::bytes::at::<32>(&bytes, place);
    let author_key = field!(bytes, kvm_sev_snp_launch_finish.auth_key_en: u8) != 0;
    sp.platform.snp_launch_finish(
        handle,
        SnpFinish {
            id_block: id_block.as_ref().map(|(block, auth)| (&block[..], &auth[..])),
            author_key_enabled: author_key,
            vcek_disabled: field!(bytes, kvm_sev_snp_launch_finish.vcek_disabled: u8) != 0,
            host_data,
        },
    )?;
    guest(vm)?.is_finished = true;
    let digest = sp.platform.digest(handle)?;
    let record = sp.record(handle)?;
    record.digest = Some(digest);
    record.host_data = Some(host_data);
    record.id_block = id_block.map(|(block, auth)| IdBlock {
        block: block.to_vec(),
        auth: auth.to_vec(),
        author_key,
    });
    Ok(())
}
