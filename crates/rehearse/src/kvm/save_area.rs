//! The VMSA that KVM makes of a vCPU's registers, from the two documents: which register stands where [APM2, VMSA layout], and what KVM puts
//! there [Linux, sev_es_sync_vmsa].

use crate::bytes::{self, field};
use crate::kvm::registers::{PAT, Registers, XMM, XSS, YMM};

/// EFER.SVME: guests run with it. [Linux, svm_set_efer]
const EFER_SVME: u64 = 1 << 12;
/// CR0.NW and CR0.CD: KVM keeps caches on, unless its caller disables that quirk. [Linux, KVM_X86_QUIRK_CD_NW_CLEARED]
const CR0_CD_NW: u64 = 3 << 29;
/// CR4.MCE: KVM takes the host's, which has it on. [Linux, svm_set_cr4]
const CR4_MCE: u64 = 1 << 6;

/// The MSRs in a save area, and where. [APM2, VMSA layout; MSRs of the AMD64 architecture]
const MSRS: [(u32, usize); 13] = [
    (XSS, 0x140),
    (0xc000_0081, 0x200), // STAR
    (0xc000_0082, 0x208), // LSTAR
    (0xc000_0083, 0x210), // CSTAR
    (0xc000_0084, 0x218), // SFMASK
    (0xc000_0102, 0x220), // KernelGsBase
    (0x174, 0x228),       // SYSENTER_CS
    (0x175, 0x230),       // SYSENTER_ESP
    (0x176, 0x238),       // SYSENTER_EIP
    (PAT, 0x268),
    (0x1d9, 0x270), // DBGCTL
    (0x6a2, 0x1e0), // S_CET
    (0x6a8, 0x1f0), // ISST_ADDR
];

/// What is not a vCPU's but its VM's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guest {
    /// SEV_FEATURES.
    pub(crate) sev_features: u64,
    /// Do the FPU's words go in? For guests of `KVM_SEV_INIT2` on newer kernels alone: older measurements were to stay.
    pub(crate) has_fpu: bool,
    /// Was disabling the quirk asked for, that clears CR0.CD and CR0.NW?
    pub(crate) keeps_cd_nw: bool,
}

/// The page, as the AMD-SP is handed it.
pub(crate) fn page(registers: &Registers, guest: Guest) -> Box<[u8; 4096]> {
    let mut page = Box::new([0; 4096]);
    let mut put = |offset: usize, field: &[u8]| bytes::put(&mut page[..], offset, field);
    let table = |table: super::registers::Table| {
        let mut bytes = [0; 16];
        bytes::put(&mut bytes, 4, &u32::from(table.limit).to_le_bytes());
        bytes::put(&mut bytes, 8, &table.base.to_le_bytes());
        bytes
    };
    let special = [
        (0x000, registers.es.in_save_area()),
        (0x010, registers.cs.in_save_area()),
        (0x020, registers.ss.in_save_area()),
        (0x030, registers.ds.in_save_area()),
        (0x040, registers.fs.in_save_area()),
        (0x050, registers.gs.in_save_area()),
        (0x060, table(registers.gdtr)),
        (0x070, registers.ldtr.in_save_area()),
        (0x080, table(registers.idtr)),
        (0x090, registers.tr.in_save_area()),
    ];
    special.into_iter().for_each(|(offset, bytes)| put(offset, &bytes));
    put(0x0cb, &[registers.cpl]);

    let cleared = if guest.keeps_cd_nw { 0 } else { CR0_CD_NW };
    let debug = &registers.debug;
    for (offset, value) in [
        (0x0d0, registers.efer | EFER_SVME),
        (0x148, registers.cr4 | CR4_MCE),
        (0x150, registers.cr3),
        (0x158, registers.cr0 & !cleared),
        (0x160, field!(debug, kvm_debugregs.dr7: u64)),
        (0x168, field!(debug, kvm_debugregs.dr6: u64)),
        (0x170, field!(registers.general, kvm_regs.rflags: u64)),
        (0x178, field!(registers.general, kvm_regs.rip: u64)),
        (0x3b0, guest.sev_features),
        (0x3e8, registers.xcr0),
    ] {
        put(offset, &value.to_le_bytes());
    }
    for (msr, offset) in MSRS {
        put(offset, &registers.msr(msr).to_le_bytes());
    }
    let general = &registers.general;
    for (offset, value) in [
        (0x1d8, field!(general, kvm_regs.rsp: u64)),
        (0x1f8, field!(general, kvm_regs.rax: u64)),
        (0x308, field!(general, kvm_regs.rcx: u64)),
        (0x310, field!(general, kvm_regs.rdx: u64)),
        (0x318, field!(general, kvm_regs.rbx: u64)),
        (0x328, field!(general, kvm_regs.rbp: u64)),
        (0x330, field!(general, kvm_regs.rsi: u64)),
        (0x338, field!(general, kvm_regs.rdi: u64)),
        (0x340, field!(general, kvm_regs.r8: u64)),
        (0x348, field!(general, kvm_regs.r9: u64)),
        (0x350, field!(general, kvm_regs.r10: u64)),
        (0x358, field!(general, kvm_regs.r11: u64)),
        (0x360, field!(general, kvm_regs.r12: u64)),
        (0x368, field!(general, kvm_regs.r13: u64)),
        (0x370, field!(general, kvm_regs.r14: u64)),
        (0x378, field!(general, kvm_regs.r15: u64)),
    ] {
        put(offset, &value.to_le_bytes());
    }
    if guest.has_fpu {
        fpu(&registers.xsave[..], &mut put);
    }
    page
}

/// The FPU's part, of the beginning of an XSAVE area. [APM2, FXSAVE format]
fn fpu(xsave: &[u8], put: &mut impl FnMut(usize, &[u8])) {
    put(0x400, &bytes::at::<8>(xsave, 16)); // the last data pointer
    put(0x408, &bytes::at::<4>(xsave, 24)); // MXCSR
    put(0x40c, &bytes::at::<2>(xsave, 4)); // FTW, in its short form
    put(0x40e, &bytes::at::<2>(xsave, 2)); // FSW
    put(0x410, &bytes::at::<2>(xsave, 0)); // FCW
    put(0x412, &bytes::at::<2>(xsave, 6)); // FOP
    put(0x418, &bytes::at::<8>(xsave, 8)); // the last instruction pointer
    for register in 0..8 {
        // Ten bytes each, of sixteen.
        put(0x420 + register * 10, &bytes::at::<10>(xsave, 32 + register * 16));
    }
    put(0x470, &bytes::at::<256>(xsave, XMM.start));
    put(0x570, &bytes::at::<256>(xsave, YMM.start));
}
