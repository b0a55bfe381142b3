//! Registers of a vCPU, in the form of the platform that their mask names.
//!
//! SEV-ES and SNP have a VMSA, SEV and machines without isolation the format's own list of registers, and VSM isolation a list of
//! names and values, of the first vCPU alone. [IGVM, IGVM_VHS_VP_CONTEXT]

use igvm_defs::{IGVM_VHS_VP_CONTEXT, IgvmNativeVpContextX64};

use super::error::{Error, HeaderProblem};
use super::header::{ContextForm, Place, PlatformKind, VpContext};
use sev_launch_abi::{Gpa, PAGE_SIZE};

impl Place<'_> {
    /// Registers; `platform` gives the platform of a mask.
    pub(super) fn vp_context(
        &self,
        platform: impl Fn(u32) -> Option<PlatformKind>,
    ) -> Result<VpContext, Error> {
        let context: IGVM_VHS_VP_CONTEXT = self.read()?;
        let (gpa, mask, offset) =
            (context.gpa.get(), context.compatibility_mask, context.file_offset);
        let form = match platform(mask) {
            Some(PlatformKind::SevSnp | PlatformKind::SevEs) => {
                self.data_at(offset, PAGE)?;
                self.page_aligned("address", gpa)?;
                ContextForm::Vmsa(offset)
            }
            Some(PlatformKind::Native | PlatformKind::Sev) => {
                let page = self.data_at(offset, PAGE)?;
                let rest = page.get(size_of::<IgvmNativeVpContextX64>()..).unwrap_or_default();
                if let Some(byte) = rest.iter().find(|byte| **byte != 0) {
                    return Err(self.field("byte after its registers", u64::from(*byte), "0"));
                }
                ContextForm::Native
            }
            Some(PlatformKind::Vsm) => {
                if context.vp_index != 0 {
                    let found = u64::from(context.vp_index);
                    return Err(self.field("vCPU of VSM isolation", found, "0, the first"));
                }
                ContextForm::Vsm { vtl: self.vsm_registers(offset)? }
            }
            Some(PlatformKind::Tdx) | None => {
                return Err(self.error(HeaderProblem::ContextMask { mask }));
            }
        };
        Ok(VpContext { gpa: Gpa(gpa), mask, vp_index: context.vp_index, form })
    }

    /// The trust level of a list of registers: a number of them, and each in 32 bytes with its level first and its name after it.
    /// [IGVM, VbsVpContextRegister]
    fn vsm_registers(&self, offset: u32) -> Result<u8, Error> {
        let count =
            self.data_at(offset, 4)?.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        if count > MOST_REGISTERS {
            return Err(self.field("number of registers", count.into(), "at most 256"));
        }
        let list = self.data_at(offset, 4 + 32 * u64::from(count))?.get(4..).unwrap_or_default();
        let mut level = None;
        for register in list.chunks(32) {
            let [own, a, b, c, d] = *register.first_chunk().unwrap_or(&[0; 5]);
            if own > 2 {
                return Err(self.field("VTL", own.into(), "0, 1 or 2"));
            }
            if *level.get_or_insert(own) != own {
                return Err(self.field("VTL", own.into(), "that of the first register"));
            }
            let name = u32::from_le_bytes([a, b, c, d]);
            if !is_vsm_register(name) {
                return Err(self.field("register's name", name.into(), "one that files may have"));
            }
        }
        level.ok_or_else(|| self.field("number of registers", 0, "at least 1"))
    }
}

/// The most registers in a list: there are 41 that it may name, and every list is read to its end.
const MOST_REGISTERS: u32 = 256;

/// Bytes of a page with registers.
const PAGE: u64 = 4096;

/// A register of Hyper-V's that a file may have: RSP, RBP and RSI, R8 to R12, RIP and RFLAGS; CR0, CR3 and CR4; segments; tables; EFER;
/// PAT; MTRRs. [IGVM, X86Register]
const fn is_vsm_register(name: u32) -> bool {
    matches!(
        name,
        0x2_0004..=0x2_0006
            | 0x2_0008..=0x2_000c
            | 0x2_0010..=0x2_0011
            | 0x4_0000
            | 0x4_0002..=0x4_0003
            | 0x6_0000..=0x6_0005
            | 0x6_0007
            | 0x7_0000..=0x7_0001
            | 0x8_0001
            | 0x8_0004
            | 0x8_000e
            | 0x8_0010..=0x8_0014
            | 0x8_0040..=0x8_0044
            | 0x8_0070..=0x8_0071
            | 0x8_0077..=0x8_007a
    )
}

const _: () = assert!(PAGE_SIZE == 4096 && size_of::<IgvmNativeVpContextX64>() < PAGE_SIZE);
