//! From the registers of a file to the VMSA that KVM makes of them, or the reason why there is none.
//!
//! QEMU hands over the registers that it keeps itself, through KVM's usual calls, and KVM makes the VMSA of what it has then
//! [QEMU, check_vmsa_supported and sev_apply_cpu_context; Linux, kvm_is_valid_sregs and sev_es_sync_vmsa]. So some bits are
//! forced, some are cut, and what QEMU does not keep must be zero. The FPU's state and the features word are not the file's:
//! the launch profile has them.

use super::error::Error;
use crate::vmsa::{Segment, Vmsa, VmsaPage};
use sev_launch_abi::{CpuSignature, Generation, Gpa};

/// Bits of CR0. [APM2, CR0]
const CR0_PE: u64 = 1;
const CR0_ET: u64 = 1 << 4;
const CR0_NW: u64 = 1 << 29;
const CR0_CD: u64 = 1 << 30;
const CR0_PG: u64 = 1 << 31;
/// Bits of CR4. [APM2, CR4]
const CR4_PAE: u64 = 1 << 5;
const CR4_MCE: u64 = 1 << 6;
const CR4_UMIP: u64 = 1 << 11;
const CR4_LA57: u64 = 1 << 12;
const CR4_PCIDE: u64 = 1 << 17;
/// Every EPYC has it; of another model QEMU takes it off.
const CR4_SMAP: u64 = 1 << 21;
const CR4_PKE: u64 = 1 << 22;
/// Those that QEMU takes off where no CPU model has them: PKS and LAM_SUP. [QEMU, cpu_x86_update_cr4]
const CR4_CUT: u64 = 1 << 24 | 1 << 28;
/// Those that no model of QEMU has taken off, and every EPYC has: VME to OSXMMEXCPT, FSGSBASE, OSXSAVE and SMEP. [QEMU, x86_cpu_def]
const CR4_OF_ALL: u64 = 0x7ff | 1 << 16 | 1 << 18 | 1 << 20;
/// Bits of EFER. [APM2, EFER]
const EFER_LME: u64 = 1 << 8;
const EFER_LMA: u64 = 1 << 10;
const EFER_SVME: u64 = 1 << 12;
/// XCR0: x87, SSE and AVX, which every model has; PKRU; the three of AVX-512. [APM2, XCR0]
const XCR0_X87: u64 = 1;
const XCR0_SSE: u64 = 2;
const XCR0_AVX: u64 = 4;
const XCR0_OF_ALL: u64 = XCR0_X87 | XCR0_SSE | XCR0_AVX;
const XCR0_PKRU: u64 = 1 << 9;
const XCR0_AVX512: u64 = 0xe0;
/// Virtual-8086 mode. [APM2, RFLAGS]
const RFLAGS_VM: u64 = 1 << 17;
/// The only bit of DR7 that is always set. [APM2, DR7]
const DR7_FIXED: u64 = 0x400;
/// The part of a VMSA that QEMU looks at: after it stands what the format keeps for padding. [QEMU, sev_es_save_area]
const LOOKED_AT: usize = 0x670;
/// A descriptor's attributes are 12 bits, and L is bit 9 of them. [APM2, segment attributes]
const ATTRIBUTES: u16 = 0xfff;
const CODE_64: u16 = 1 << 9;

/// Registers of one vCPU, as a file has them.
pub(super) struct Registers<'f> {
    pub(super) vcpu: u16,
    pub(super) gpa: Gpa,
    pub(super) page: &'f VmsaPage,
    /// The guest's CPU, if it is known.
    pub(super) signature: Option<CpuSignature>,
}

impl Registers<'_> {
    /// The VMSA that KVM makes of them, without features and the FPU's state, which are `launch`'s.
    ///
    /// Errors: what QEMU or KVM refuses; what depends on a CPU that is not known.
    pub(super) fn measured(&self, wanted_gpa: Gpa, launch: &Vmsa) -> Result<Vmsa, Error> {
        let vcpu = self.vcpu;
        if self.gpa != wanted_gpa {
            return Err(Error::VmsaAddress { vcpu, found: self.gpa, wanted: wanted_gpa });
        }
        let found = Vmsa::from_page(self.page);
        let kept = kept(&found);
        let vmsa = Vmsa {
            cr0: (found.cr0 & 0xffff_ffff | CR0_ET) & !(CR0_NW | CR0_CD),
            cr4: self.cr4(found.cr4)? | CR4_MCE,
            efer: self.efer(&found)? | EFER_SVME,
            rflags: found.rflags | 2,
            es: segment(found.es),
            cs: segment(found.cs),
            ss: segment(found.ss),
            ds: segment(found.ds),
            fs: segment(found.fs),
            gs: segment(found.gs),
            ldtr: segment(found.ldtr),
            // QEMU takes the base of TR from LDTR. [QEMU, sev_apply_cpu_context, 10.2]
            tr: Segment { base: found.ldtr.base, ..segment(found.tr) },
            gdtr: table(found.gdtr),
            idtr: table(found.idtr),
            cpl: u8::try_from(found.ss.attributes >> 5 & 3).unwrap_or_default(),
            mxcsr: launch.mxcsr,
            x87_fcw: launch.x87_fcw,
            sev_features: launch.sev_features,
            ..kept
        };
        self.check_cr0(found.cr0)?;
        self.check_xcr0(found.xcr0)?;
        self.check_rest(&found)?;
        Ok(vmsa)
    }

    fn refuse<T>(
        &self,
        register: &'static str,
        found: u64,
        reason: &'static str,
    ) -> Result<T, Error> {
        Err(Error::Register { vcpu: self.vcpu, register, found, reason })
    }

    /// What the guest's CPU model has, where bits depend on it.
    fn generation(&self, register: &'static str, found: u64) -> Result<Generation, Error> {
        let known = self.signature.and_then(CpuSignature::generation);
        known.ok_or(Error::NeedsCpu { vcpu: self.vcpu, register, found })
    }

    fn check_cr0(&self, found: u64) -> Result<(), Error> {
        let value = found & 0xffff_ffff;
        if value & CR0_PG != 0 && value & CR0_PE == 0 {
            return self.refuse("CR0", found, "paging without protected mode, which KVM refuses");
        }
        if value & CR0_NW != 0 && value & CR0_CD == 0 {
            return self.refuse("CR0", found, "NW without CD, which KVM refuses");
        }
        Ok(())
    }

    fn cr4(&self, found: u64) -> Result<u64, Error> {
        let mut value = found & 0xffff_ffff & !CR4_CUT;
        let of_model = value & !CR4_OF_ALL;
        if of_model == 0 {
            return Ok(value);
        }
        let known = CR4_SMAP | CR4_UMIP | CR4_PKE | CR4_LA57 | CR4_PCIDE;
        if of_model & !known != 0 {
            return self.refuse("CR4", found, "bits that no EPYC guest has, which KVM refuses");
        }
        let generation = self.generation("CR4", found)?;
        if generation < Generation::Milan {
            value &= !CR4_PKE;
        }
        if generation < Generation::Rome {
            value &= !CR4_UMIP;
        }
        let lacks_la57 = value & CR4_LA57 != 0 && generation < Generation::Genoa;
        let lacks_pcid = value & CR4_PCIDE != 0 && generation < Generation::Milan;
        if lacks_la57 || lacks_pcid {
            return self.refuse("CR4", found, "LA57 or PCIDE, which the CPU model does not have");
        }
        Ok(value)
    }

    /// LMA follows the three bits that make long mode.
    fn efer(&self, found: &Vmsa) -> Result<u64, Error> {
        let (efer, cr0, cr4) = (found.efer, found.cr0 & 0xffff_ffff, found.cr4 & 0xffff_ffff);
        let enters = efer & EFER_LME != 0 && cr0 & CR0_PG != 0;
        let has_pae = cr4 & CR4_PAE != 0;
        if enters && !has_pae {
            return self.refuse("EFER", efer, "long mode with paging but without CR4.PAE");
        }
        if enters && found.cr3 >> 52 != 0 {
            return self.refuse("CR3", found.cr3, "beyond 52 bits of address");
        }
        let is_64_bit = found.cs.attributes & CODE_64 != 0;
        if !enters && (efer & EFER_LMA != 0 || is_64_bit) {
            return self.refuse("EFER", efer, "LMA or a 64-bit code segment outside long mode");
        }
        Ok(if enters { efer | EFER_LMA } else { efer })
    }

    fn check_xcr0(&self, found: u64) -> Result<(), Error> {
        if found & XCR0_X87 == 0 {
            return self.refuse("XCR0", found, "no x87 (bit 0), which KVM refuses");
        }
        if found & XCR0_AVX != 0 && found & XCR0_SSE == 0 {
            return self.refuse("XCR0", found, "AVX without SSE, which KVM refuses");
        }
        let more = found & !XCR0_OF_ALL;
        if more == 0 {
            return Ok(());
        }
        let generation = self.generation("XCR0", found)?;
        let mut has = 0;
        if generation >= Generation::Milan {
            has |= XCR0_PKRU;
        }
        if generation >= Generation::Genoa {
            has |= XCR0_AVX512;
        }
        let avx512 = found & XCR0_AVX512;
        let is_whole = avx512 == 0 || avx512 == XCR0_AVX512 && found & XCR0_AVX != 0;
        if more & !has != 0 || !is_whole {
            return self.refuse("XCR0", found, "state that the CPU model does not have");
        }
        Ok(())
    }

    fn check_rest(&self, found: &Vmsa) -> Result<(), Error> {
        if found.rflags & RFLAGS_VM != 0 {
            let reason = "virtual-8086 mode (bit 17), for which QEMU puts other segments in the place of the file's";
            return self.refuse("RFLAGS", found.rflags, reason);
        }
        if found.dr6 >> 32 != 0 {
            return self.refuse("DR6", found.dr6, "beyond 32 bits, which KVM refuses");
        }
        if !matches!(found.dr7, 0 | DR7_FIXED) {
            return self.refuse("DR7", found.dr7, "breakpoints, with which KVM launches no vCPU");
        }
        let is_type = |byte: &u8| matches!(byte, 0 | 1 | 4..=7);
        if !found.g_pat.to_le_bytes().iter().all(is_type) {
            return self.refuse("PAT", found.g_pat, "a memory type that there is not");
        }
        Ok(())
    }
}

/// Whatever QEMU does not keep must be zero, in registers that later ones replace too. [QEMU, check_vmsa_supported]
pub(super) fn check_fields(vcpu: u16, page: &VmsaPage) -> Result<(), Error> {
    let differences = page.compare(&kept(&Vmsa::from_page(page)).to_page());
    match differences.into_iter().find(|one| one.offset < LOOKED_AT) {
        None => Ok(()),
        Some(one) => Err(Error::VmsaField { vcpu, field: one.name }),
    }
}

/// What QEMU keeps of a VMSA. [QEMU, check_vmsa_supported]
fn kept(found: &Vmsa) -> Vmsa {
    Vmsa {
        es: found.es,
        cs: found.cs,
        ss: found.ss,
        ds: found.ds,
        fs: found.fs,
        gs: found.gs,
        gdtr: found.gdtr,
        ldtr: found.ldtr,
        idtr: found.idtr,
        tr: found.tr,
        efer: found.efer,
        cr4: found.cr4,
        cr3: found.cr3,
        cr0: found.cr0,
        dr7: found.dr7,
        dr6: found.dr6,
        rflags: found.rflags,
        rip: found.rip,
        rsp: found.rsp,
        rax: found.rax,
        g_pat: found.g_pat,
        rcx: found.rcx,
        rdx: found.rdx,
        rbx: found.rbx,
        rbp: found.rbp,
        rsi: found.rsi,
        rdi: found.rdi,
        r8: found.r8,
        r9: found.r9,
        r10: found.r10,
        r11: found.r11,
        r12: found.r12,
        r13: found.r13,
        r14: found.r14,
        r15: found.r15,
        sev_features: found.sev_features,
        xcr0: found.xcr0,
        mxcsr: found.mxcsr,
        x87_fcw: found.x87_fcw,
        ..Vmsa::ZERO
    }
}

/// A descriptor: 12 bits of attributes are kept.
const fn segment(found: Segment) -> Segment {
    Segment { attributes: found.attributes & ATTRIBUTES, ..found }
}

/// A table's register: no selector and attributes, and 16 bits of limit.
const fn table(found: Segment) -> Segment {
    Segment { selector: 0, attributes: 0, limit: found.limit & 0xffff, base: found.base }
}
