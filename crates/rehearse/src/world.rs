//! What the VMM finds behind `/dev/kvm` and `/dev/sev`: files without contents, and what each stands for.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::MemfdFlags;
use rustix::io::Errno;
use sev_launch_platform::{Platform, Status};

use crate::answer::Answer;
use crate::bytes::{field, set_field};
use crate::fault::Fault;
use crate::host::Host;
use crate::kvm::capability::{self, MOST_VCPUS};
use crate::kvm::ioctl::{self, Ioctl};
use crate::kvm::system;
use crate::kvm::vcpu::{VCPU_MMAP_SIZE, Vcpu};
use crate::kvm::vm::{Kind, Vm};
use crate::memory::{self, Memory};
use crate::record::{Record, Refusal};
use crate::sev::command::{self, Failure};
use crate::sev_device;
use crate::sp::Sp;
use crate::sys;

/// Which file it is, by its device and inode.
pub(crate) type FileId = (u64, u64);

/// What the names of our files begin with.
pub(crate) const FILE_NAME: &str = "sev-launch-";

/// The most files that are made for one VMM: more is no launch but an attempt to exhaust us.
const MOST_FILES: usize = 4096;
/// The most VMs of one VMM, which makes another at each reset of a guest that cannot be launched twice.
const MOST_VMS: usize = 1024;
/// The most refusals that are kept.
const MOST_REFUSALS: usize = 256;

/// What a file of ours stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Object {
    Kvm,
    Sev,
    Vm(usize),
    Vcpu(usize, usize),
    /// Memory that only the guest has. Nothing is ever in it: what is measured is what the VMM hands over.
    GuestMemory,
}

/// All that is pretended.
#[derive(Debug)]
pub(crate) struct World {
    sp: Sp,
    files: BTreeMap<FileId, (Object, OwnedFd)>,
    vms: Vec<Vm>,
    refusals: Vec<Refusal>,
    unknown: Vec<String>,
    ran: bool,
}

impl World {
    pub(crate) fn new(platform: Platform, host: Host, keeps_bytes: bool, faults: &[Fault]) -> Self {
        Self {
            sp: Sp::new(platform, host, keeps_bytes, faults.to_vec()),
            files: BTreeMap::new(),
            vms: Vec::new(),
            refusals: Vec::new(),
            unknown: Vec::new(),
            ran: false,
        }
    }

    /// The launches so far.
    pub(crate) fn records(&self) -> &[Record] {
        self.sp.records()
    }

    /// Was a VM made?
    pub(crate) fn has_vms(&self) -> bool {
        !self.vms.is_empty()
    }

    /// Did a vCPU start to run?
    pub(crate) fn has_run(&self) -> bool {
        self.ran
    }

    /// The AMD-SP, the launches, what was refused, and what no model is of. Updates that came before their slots of memory get their place.
    pub(crate) fn into_parts(mut self) -> (Platform, Vec<Record>, Vec<Refusal>, Vec<String>) {
        let vms = &self.vms;
        let place = |address: Option<u64>| vms.iter().find_map(|vm| vm.gpa_of(address?));
        for update in self.sp.records_mut().iter_mut().flat_map(|record| &mut record.updates) {
            update.gpa = update.gpa.or_else(|| place(update.address));
        }
        let (platform, records) = self.sp.into_parts();
        (platform, records, self.refusals, self.unknown)
    }

    /// The file behind a path, if it is one that is pretended. However often it is opened, it is one file.
    pub(crate) fn open(&mut self, path: &[u8]) -> Option<Result<FileId, Errno>> {
        let (object, name) = match path {
            b"/dev/kvm" => (Object::Kvm, "kvm"),
            b"/dev/sev" => (Object::Sev, "sev"),
            _ => return None,
        };
        let opened = self.files.iter().find(|(_, (its, _))| *its == object);
        Some(match opened {
            Some((id, _)) => Ok(*id),
            None => self.add(object, name, 0),
        })
    }

    /// A file of ours, to be given to the VMM.
    pub(crate) fn file(&self, id: FileId) -> Option<BorrowedFd<'_>> {
        self.files.get(&id).map(|(_, file)| file.as_fd())
    }

    /// Is this a file of ours?
    pub(crate) fn has(&self, id: FileId) -> bool {
        self.files.contains_key(&id)
    }

    fn add(&mut self, object: Object, name: &str, size: u64) -> Result<FileId, Errno> {
        if self.files.len() >= MOST_FILES {
            return Err(Errno::MFILE);
        }
        let file = rustix::fs::memfd_create(format!("{FILE_NAME}{name}"), MemfdFlags::CLOEXEC)?;
        if size > 0 {
            rustix::fs::ftruncate(&file, size)?;
        }
        let id = sys::file_id(&file).map_err(|_| Errno::NFILE)?;
        self.files.insert(id, (object, file));
        Ok(id)
    }

    /// Answers an ioctl on a file of ours. What is not known by name or not modelled is remembered, and fails with ENOTTY.
    pub(crate) fn ioctl(
        &mut self,
        file: FileId,
        request: u32,
        argument: u64,
        memory: &dyn Memory,
    ) -> Result<Answer, Errno> {
        let object = self.files.get(&file).map(|(object, _)| *object).ok_or(Errno::BADF)?;
        if object == Object::Sev {
            return sev_device::ioctl(&mut self.sp.platform, request, argument, memory);
        }
        let answer = match Ioctl::of(request) {
            None => Err(Errno::NOTTY),
            Some(ioctl) => match object {
                Object::Kvm if ioctl == Ioctl::CREATE_VM => self.create_vm(argument),
                Object::Kvm => {
                    system::ioctl(&self.sp.host, ioctl, argument, memory).map(Answer::Value)
                }
                Object::Vm(vm) => self.vm_ioctl(vm, ioctl, argument, memory),
                Object::Vcpu(vm, vcpu) => self.vcpu_ioctl(vm, vcpu, ioctl, argument, memory),
                Object::Sev | Object::GuestMemory => Err(Errno::NOTTY),
            },
        };
        // Statistics are asked for by who does without them; a command's refusal is told as one.
        let is_told =
            matches!(Ioctl::of(request), Some(Ioctl::MEMORY_ENCRYPT_OP | Ioctl::GET_STATS_FD));
        if answer == Err(Errno::NOTTY) && !is_told {
            let name = ioctl::name(request);
            if !self.unknown.contains(&name) && self.unknown.len() < MOST_REFUSALS {
                self.unknown.push(name);
            }
        }
        answer
    }

    fn create_vm(&mut self, number: u64) -> Result<Answer, Errno> {
        let host = &self.sp.host;
        let kind = match Kind::of(number) {
            Some(Kind::Default) => Kind::Default,
            Some(Kind::Snp) if host.has_snp() => Kind::Snp,
            Some(kind @ (Kind::Sev | Kind::SevEs)) if host.has_init2() => kind,
            _ => return Err(Errno::INVAL),
        };
        if self.vms.len() >= MOST_VMS {
            return Err(Errno::MFILE);
        }
        let id = self.add(Object::Vm(self.vms.len()), "vm", 0)?;
        self.vms.push(Vm::new(kind));
        Ok(Answer::File(id))
    }

    fn vm_ioctl(
        &mut self,
        number: usize,
        ioctl: Ioctl,
        argument: u64,
        memory: &dyn Memory,
    ) -> Result<Answer, Errno> {
        let vm = self.vms.get_mut(number).ok_or(Errno::BADF)?;
        match ioctl {
            Ioctl::CHECK_EXTENSION => {
                let value = capability::check(&self.sp.host, Some(vm), argument);
                Ok(Answer::Value(value))
            }
            Ioctl::CREATE_VCPU => self.create_vcpu(number, argument),
            Ioctl::CREATE_GUEST_MEMFD => {
                let asked = memory::array::<64>(memory, argument)?;
                if vm.kind != Kind::Snp {
                    return Err(Errno::INVAL);
                }
                let size = field!(asked, kvm_create_guest_memfd.size: u64);
                Ok(Answer::File(self.add(Object::GuestMemory, "guest-memory", size)?))
            }
            Ioctl::MEMORY_ENCRYPT_REG_REGION | Ioctl::MEMORY_ENCRYPT_UNREG_REGION => {
                if vm.guest.is_none() { Err(Errno::NOTTY) } else { Ok(Answer::Value(0)) }
            }
            Ioctl::MEMORY_ENCRYPT_OP => self.encrypt_op(number, argument, memory),
            // VFIO's device, and others: no guest of this model has one.
            Ioctl::CREATE_DEVICE => Err(Errno::NODEV),
            _ => vm.ioctl(ioctl, argument, memory),
        }
    }

    fn create_vcpu(&mut self, number: usize, id: u64) -> Result<Answer, Errno> {
        let id = u32::try_from(id).map_err(|_| Errno::INVAL)?;
        let file = self.add(Object::Vcpu(number, 0), "vcpu", VCPU_MMAP_SIZE)?;
        let vm = self.vms.get_mut(number).ok_or(Errno::BADF)?;
        let count = vm.vcpus.len();
        let most = usize::try_from(MOST_VCPUS).unwrap_or(0);
        if count >= most || vm.vcpus.iter().any(|(its, _)| *its == id) {
            self.files.remove(&file);
            return Err(if count >= most { Errno::INVAL } else { Errno::EXIST });
        }
        let (object, kept) = self.files.get_mut(&file).ok_or(Errno::BADF)?;
        *object = Object::Vcpu(number, count);
        let run = kept.try_clone().map_err(|_| Errno::MFILE)?;
        vm.vcpus.push((id, Vcpu::new(run, id == 0)));
        Ok(Answer::File(file))
    }

    fn vcpu_ioctl(
        &mut self,
        number: usize,
        vcpu: usize,
        ioctl: Ioctl,
        argument: u64,
        memory: &dyn Memory,
    ) -> Result<Answer, Errno> {
        let vm = self.vms.get_mut(number).ok_or(Errno::BADF)?;
        let denies_state = vm.kind.is_protected();
        let (_, vcpu) = vm.vcpus.get_mut(vcpu).ok_or(Errno::BADF)?;
        let answer = vcpu.ioctl(ioctl, argument, memory, denies_state)?;
        self.ran |= answer == Answer::Hold;
        Ok(answer)
    }

    /// `KVM_MEMORY_ENCRYPT_OP`: the AMD-SP's answer goes into the command's `error`.
    fn encrypt_op(
        &mut self,
        number: usize,
        argument: u64,
        memory: &dyn Memory,
    ) -> Result<Answer, Errno> {
        if argument == 0 {
            // Whoever asks with nothing is told whether SEV is there at all.
            return Ok(Answer::Value(0));
        }
        let mut bytes =
            memory::array::<{ size_of::<kvm_bindings::kvm_sev_cmd>() }>(memory, argument)?;
        let id = field!(bytes, kvm_sev_cmd.id: u32);
        let data = field!(bytes, kvm_sev_cmd.data: u64);
        let vm = self.vms.get_mut(number).ok_or(Errno::BADF)?;
        let done = command::run(id, data, vm, &mut self.sp, memory);
        let status = match &done {
            Err(Failure { status: Some(status), .. }) => status.code(),
            _ => 0,
        };
        set_field!(bytes, kvm_sev_cmd.error: u32 = status);
        memory.write(argument, &bytes)?;
        let Err(failure) = done else { return Ok(Answer::Value(0)) };
        // Asking how much room an answer takes is no refusal.
        let asks = failure.status == Some(Status::InvalidLength)
            && matches!(command::name(id), "LAUNCH_MEASURE" | "ATTESTATION");
        if !asks && self.refusals.len() < MOST_REFUSALS {
            let reason = match (failure.status, failure.reason) {
                (Some(status), _) => format!("the AMD-SP says {status}"),
                (None, Some(reason)) => format!("KVM: {reason}"),
                (None, None) => format!("KVM: {}", failure.errno),
            };
            self.refusals.push(Refusal { command: command::name(id), reason });
        }
        Err(failure.errno)
    }
}
