//! Every field of the save area at its documented offset.
//!
//! Defined by [APM2, VMSA layout]; the same names as Linux's `struct sev_es_save_area`. One table gives the type, the
//! encoding and the list of fields, and the compiler checks that the fields are in order, apart, and inside the page.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::VmsaPage;
use sev_launch_abi::PAGE_SIZE;

/// A segment register as the save area holds it: 16 bytes. [APM2, VMCB layout, state save area]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// The selector.
    pub selector: u16,
    /// Attributes, packed: the access byte in bits 0 to 7, AVL, L, D/B and G in bits 8 to 11.
    pub attributes: u16,
    /// The limit, in bytes.
    pub limit: u32,
    /// The base address.
    pub base: u64,
}

impl Segment {
    /// A segment at base 0.
    pub const fn new(selector: u16, attributes: u16, limit: u32) -> Self {
        Self { selector, attributes, limit, base: 0 }
    }

    const ZERO: Self = Self::new(0, 0, 0);
}

/// A field: its name, where it is and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name; a segment's four parts have one each, as `cs.base`.
    pub name: &'static str,
    /// The offset in the page, in bytes.
    pub offset: usize,
    /// The size in bytes.
    pub size: usize,
}

/// What a field can be made of. Values are little endian in the page.
trait Wire: Sized {
    fn write(&self, space: &mut [u8]);
    fn read(bytes: &[u8]) -> Self;
}

macro_rules! wire_number {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn write(&self, space: &mut [u8]) {
                space.copy_from_slice(&self.to_le_bytes());
            }

            fn read(bytes: &[u8]) -> Self {
                bytes.try_into().map(Self::from_le_bytes).unwrap_or_default()
            }
        }
    )*};
}
wire_number!(u8, u16, u32, u64);

impl<const N: usize> Wire for [u8; N] {
    fn write(&self, space: &mut [u8]) {
        space.copy_from_slice(self);
    }

    fn read(bytes: &[u8]) -> Self {
        bytes.try_into().unwrap_or([0; N])
    }
}

/// The size of a field's type, and its zero.
macro_rules! of_type {
    (size u8) => {
        1
    };
    (size u16) => {
        2
    };
    (size u32) => {
        4
    };
    (size u64) => {
        8
    };
    (size [u8; $n:literal]) => {
        $n
    };
    (zero [u8; $n:literal]) => {
        [0; $n]
    };
    (zero $number:tt) => {
        0
    };
}

macro_rules! save_area {
    (
        segments { $($(#[$segment_doc:meta])* $segment_at:literal $segment:ident,)* }
        fields { $($(#[$doc:meta])* $at:literal $name:ident: $type:tt,)* }
    ) => {
        /// A VM save area, typed. Bytes that no field covers are zero in a page that is built from it.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Vmsa {
            $($(#[$segment_doc])* pub $segment: Segment,)*
            $($(#[$doc])* pub $name: $type,)*
        }

        /// Every field, by offset.
        pub const FIELDS: &[Field] = &[
            $(
                Field { name: concat!(stringify!($segment), ".selector"), offset: $segment_at, size: 2 },
                Field { name: concat!(stringify!($segment), ".attributes"), offset: $segment_at + 2, size: 2 },
                Field { name: concat!(stringify!($segment), ".limit"), offset: $segment_at + 4, size: 4 },
                Field { name: concat!(stringify!($segment), ".base"), offset: $segment_at + 8, size: 8 },
            )*
            $(Field { name: stringify!($name), offset: $at, size: of_type!(size $type) },)*
        ];

        impl Vmsa {
            /// All zero.
            pub const ZERO: Self = Self {
                $($segment: Segment::ZERO,)*
                $($name: of_type!(zero $type),)*
            };

            /// The page that holds these fields, and zeros elsewhere.
            pub fn to_page(&self) -> VmsaPage {
                let mut page = Box::new([0; PAGE_SIZE]);
                $(
                    put(&mut page, $segment_at, 2, &self.$segment.selector);
                    put(&mut page, $segment_at + 2, 2, &self.$segment.attributes);
                    put(&mut page, $segment_at + 4, 4, &self.$segment.limit);
                    put(&mut page, $segment_at + 8, 8, &self.$segment.base);
                )*
                $(put(&mut page, $at, of_type!(size $type), &self.$name);)*
                VmsaPage(page)
            }

            /// The fields of a page. What stands in reserved bytes is not kept: compare pages to see it.
            pub fn from_page(page: &VmsaPage) -> Self {
                Self {
                    $($segment: Segment {
                        selector: take(page, $segment_at, 2),
                        attributes: take(page, $segment_at + 2, 2),
                        limit: take(page, $segment_at + 4, 4),
                        base: take(page, $segment_at + 8, 8),
                    },)*
                    $($name: take(page, $at, of_type!(size $type)),)*
                }
            }
        }
    };
}

/// The features word alone, for which no other field is read. [APM2, VMSA layout]
pub(super) fn sev_features(page: &VmsaPage) -> u64 {
    take(page, 0x3b0, 8)
}

fn put(page: &mut [u8; PAGE_SIZE], offset: usize, size: usize, value: &impl Wire) {
    if let Some(space) = page.get_mut(offset..offset + size) {
        value.write(space);
    }
}

fn take<T: Wire>(page: &VmsaPage, offset: usize, size: usize) -> T {
    T::read(page.as_bytes().get(offset..offset + size).unwrap_or_default())
}

save_area! {
    segments {
        /// ES.
        0x000 es,
        /// CS.
        0x010 cs,
        /// SS.
        0x020 ss,
        /// DS.
        0x030 ds,
        /// FS.
        0x040 fs,
        /// GS.
        0x050 gs,
        /// GDTR.
        0x060 gdtr,
        /// LDTR.
        0x070 ldtr,
        /// IDTR.
        0x080 idtr,
        /// TR.
        0x090 tr,
    }
    fields {
        /// PL0_SSP.
        0x0a0 pl0_ssp: u64,
        /// PL1_SSP.
        0x0a8 pl1_ssp: u64,
        /// PL2_SSP.
        0x0b0 pl2_ssp: u64,
        /// PL3_SSP.
        0x0b8 pl3_ssp: u64,
        /// U_CET.
        0x0c0 u_cet: u64,
        /// VMPL: the privilege level of the vCPU.
        0x0ca vmpl: u8,
        /// CPL.
        0x0cb cpl: u8,
        /// EFER.
        0x0d0 efer: u64,
        /// XSS.
        0x140 xss: u64,
        /// CR4.
        0x148 cr4: u64,
        /// CR3.
        0x150 cr3: u64,
        /// CR0.
        0x158 cr0: u64,
        /// DR7.
        0x160 dr7: u64,
        /// DR6.
        0x168 dr6: u64,
        /// RFLAGS.
        0x170 rflags: u64,
        /// RIP.
        0x178 rip: u64,
        /// DR0.
        0x180 dr0: u64,
        /// DR1.
        0x188 dr1: u64,
        /// DR2.
        0x190 dr2: u64,
        /// DR3.
        0x198 dr3: u64,
        /// DR0_ADDR_MASK.
        0x1a0 dr0_addr_mask: u64,
        /// DR1_ADDR_MASK.
        0x1a8 dr1_addr_mask: u64,
        /// DR2_ADDR_MASK.
        0x1b0 dr2_addr_mask: u64,
        /// DR3_ADDR_MASK.
        0x1b8 dr3_addr_mask: u64,
        /// RSP.
        0x1d8 rsp: u64,
        /// S_CET.
        0x1e0 s_cet: u64,
        /// SSP.
        0x1e8 ssp: u64,
        /// ISST_ADDR.
        0x1f0 isst_addr: u64,
        /// RAX.
        0x1f8 rax: u64,
        /// STAR.
        0x200 star: u64,
        /// LSTAR.
        0x208 lstar: u64,
        /// CSTAR.
        0x210 cstar: u64,
        /// SFMASK.
        0x218 sfmask: u64,
        /// KernelGsBase.
        0x220 kernel_gs_base: u64,
        /// SYSENTER_CS.
        0x228 sysenter_cs: u64,
        /// SYSENTER_ESP.
        0x230 sysenter_esp: u64,
        /// SYSENTER_EIP.
        0x238 sysenter_eip: u64,
        /// CR2.
        0x240 cr2: u64,
        /// G_PAT: the guest's page attribute table.
        0x268 g_pat: u64,
        /// DBGCTL.
        0x270 dbgctl: u64,
        /// BR_FROM.
        0x278 br_from: u64,
        /// BR_TO.
        0x280 br_to: u64,
        /// LASTEXCPFROM.
        0x288 last_excp_from: u64,
        /// LASTEXCPTO.
        0x290 last_excp_to: u64,
        /// SPEC_CTRL.
        0x2e0 spec_ctrl: u64,
        /// PKRU.
        0x2e8 pkru: u32,
        /// TSC_AUX.
        0x2ec tsc_aux: u32,
        /// GUEST_TSC_SCALE.
        0x2f0 guest_tsc_scale: u64,
        /// GUEST_TSC_OFFSET.
        0x2f8 guest_tsc_offset: u64,
        /// RCX.
        0x308 rcx: u64,
        /// RDX: at reset, the CPU signature.
        0x310 rdx: u64,
        /// RBX.
        0x318 rbx: u64,
        /// RBP.
        0x328 rbp: u64,
        /// RSI.
        0x330 rsi: u64,
        /// RDI.
        0x338 rdi: u64,
        /// R8.
        0x340 r8: u64,
        /// R9.
        0x348 r9: u64,
        /// R10.
        0x350 r10: u64,
        /// R11.
        0x358 r11: u64,
        /// R12.
        0x360 r12: u64,
        /// R13.
        0x368 r13: u64,
        /// R14.
        0x370 r14: u64,
        /// R15.
        0x378 r15: u64,
        /// GUEST_EXITINFO1.
        0x390 guest_exitinfo1: u64,
        /// GUEST_EXITINFO2.
        0x398 guest_exitinfo2: u64,
        /// GUEST_EXITINTINFO.
        0x3a0 guest_exitintinfo: u64,
        /// GUEST_NRIP.
        0x3a8 guest_nrip: u64,
        /// SEV_FEATURES.
        0x3b0 sev_features: u64,
        /// VINTR_CTRL.
        0x3b8 vintr_ctrl: u64,
        /// GUEST_EXITCODE.
        0x3c0 guest_exitcode: u64,
        /// VIRTUAL_TOM.
        0x3c8 virtual_tom: u64,
        /// TLB_ID.
        0x3d0 tlb_id: u64,
        /// PCPU_ID.
        0x3d8 pcpu_id: u64,
        /// EVENTINJ.
        0x3e0 eventinj: u64,
        /// XCR0.
        0x3e8 xcr0: u64,
        /// X87_DP.
        0x400 x87_dp: u64,
        /// MXCSR.
        0x408 mxcsr: u32,
        /// X87_FTW, abridged: 0 is empty.
        0x40c x87_ftw: u16,
        /// X87_FSW.
        0x40e x87_fsw: u16,
        /// X87_FCW.
        0x410 x87_fcw: u16,
        /// X87_FOP.
        0x412 x87_fop: u16,
        /// X87_DS.
        0x414 x87_ds: u16,
        /// X87_CS.
        0x416 x87_cs: u16,
        /// X87_RIP.
        0x418 x87_rip: u64,
        /// FPREG_X87: the x87 registers.
        0x420 fpreg_x87: [u8; 80],
        /// FPREG_XMM.
        0x470 fpreg_xmm: [u8; 256],
        /// FPREG_YMM: the upper halves.
        0x570 fpreg_ymm: [u8; 256],
    }
}

/// The end of the last field. [APM2, VMSA layout]
const FIELDS_END: usize = 0x670;

const _: () = {
    let mut end = 0;
    let mut fields = FIELDS;
    while let [field, rest @ ..] = fields {
        assert!(field.offset >= end, "fields are out of order or overlap");
        end = field.offset + field.size;
        fields = rest;
    }
    assert!(end == FIELDS_END);
    assert!(size_of::<Segment>() == 16);
};

impl Vmsa {
    /// The fields that are not zero, with their values' bytes, little endian.
    pub fn non_zero(&self) -> Vec<(Field, Vec<u8>)> {
        let page = self.to_page();
        FIELDS
            .iter()
            .filter_map(|field| {
                let bytes = page.as_bytes().get(field.offset..field.offset + field.size)?;
                bytes.iter().any(|byte| *byte != 0).then(|| (*field, bytes.to_vec()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_stand_where_the_manual_has_them() {
        let vmsa = Vmsa { mxcsr: 0x1f80, x87_fcw: 0x37f, rdx: 0x0080_0f12, ..Vmsa::ZERO };
        let page = vmsa.to_page();
        assert_eq!(page.as_bytes()[0x408..0x40c], [0x80, 0x1f, 0, 0]);
        assert_eq!(page.as_bytes()[0x410..0x412], [0x7f, 0x03]);
        assert_eq!(page.as_bytes()[0x310..0x314], [0x12, 0x0f, 0x80, 0x00]);
    }

    proptest! {
        #[test]
        fn a_page_reads_back(seed in proptest::collection::vec(any::<u8>(), 4096)) {
            let page = VmsaPage::from_bytes(&seed).unwrap();
            let fields = Vmsa::from_page(&page);
            prop_assert_eq!(Vmsa::from_page(&fields.to_page()), fields.clone());
            // Only bytes that no field covers may be lost.
            for one in page.compare(&fields.to_page()) {
                prop_assert!(one.name.starts_with("reserved"), "{}", one.name);
            }
        }
    }
}
