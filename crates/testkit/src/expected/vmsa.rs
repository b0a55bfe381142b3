//! Initial CPU states (VMSA): pages of 4096 bytes, written as offsets and bytes.
//!
//! The layout is that of AMD 24593, table B-4 (Linux: `struct sev_es_save_area`). What stands in it
//! is nobody's specification: it is what a virtual machine monitor and the host's kernel leave in a
//! fresh CPU. So each [`Layout`] is QEMU's page with other bytes over it.

use serde::Deserialize;

use super::PAGE;
use crate::put;

/// Whose initial CPU state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// QEMU on KVM with KVM_SEV_INIT2: MXCSR and the x87 control word are in the page.
    QemuFpu,
    /// QEMU on KVM with KVM_SEV_ES_INIT: no FPU state.
    QemuNofpu,
    /// Amazon EC2 in 2026.
    Ec2,
    /// Amazon EC2 earlier: rdx is 0.
    #[serde(rename = "ec2-rdx0")]
    Ec2Rdx0,
    /// Google Compute Engine.
    Gce,
    /// SVSM without IGVM, on a kernel that writes the FPU state.
    Svsm,
    /// The same as measuring tools print it, with an x87 control word of 0.
    SvsmFcw0,
    /// SVSM without IGVM, on a kernel that writes no FPU state.
    SvsmNofpu,
    /// libkrun 0.1.8 to 1.3.
    #[serde(rename = "krun-0.1")]
    Krun01,
    /// libkrun 1.4.1 to 1.15, without FPU state.
    #[serde(rename = "krun-1.4-nofpu")]
    Krun14Nofpu,
    /// libkrun 1.4.1 to 1.15, with FPU state.
    #[serde(rename = "krun-1.4-fpu")]
    Krun14Fpu,
    /// libkrun 1.16 and newer: KVM's reset state.
    KrunReset,
}

type Bytes = (usize, &'static [u8]);

const QEMU: &[Bytes] = &[
    (0x002, &[0x93, 0x00, 0xff, 0xff]), // es: attributes, limit
    (0x010, &[0x00, 0xf0, 0x9b, 0x00, 0xff, 0xff, 0x00, 0x00]), // cs: selector, attributes, limit
    (0x018, &[0x00, 0x00, 0xff, 0xff]), // cs: base
    (0x022, &[0x93, 0x00, 0xff, 0xff]), // ss
    (0x032, &[0x93, 0x00, 0xff, 0xff]), // ds
    (0x042, &[0x93, 0x00, 0xff, 0xff]), // fs
    (0x052, &[0x93, 0x00, 0xff, 0xff]), // gs
    (0x064, &[0xff, 0xff]),             // gdtr: limit
    (0x072, &[0x82, 0x00, 0xff, 0xff]), // ldtr
    (0x084, &[0xff, 0xff]),             // idtr: limit
    (0x092, &[0x8b, 0x00, 0xff, 0xff]), // tr
    (0x0d0, &[0x00, 0x10]),             // efer: SVME
    (0x148, &[0x40]),                   // cr4: MCE
    (0x158, &[0x10]),                   // cr0: ET
    (0x160, &[0x00, 0x04]),             // dr7
    (0x168, &[0xf0, 0x0f, 0xff, 0xff]), // dr6
    (0x170, &[0x02]),                   // rflags
    (0x178, &[0xf0, 0xff]),             // rip
    (0x268, &[0x06, 0x04, 0x07, 0x00, 0x06, 0x04, 0x07, 0x00]), // g_pat
    (0x3e8, &[0x01]),                   // xcr0
];

const FPU: &[Bytes] = &[(0x408, &[0x80, 0x1f]), (0x410, &[0x7f, 0x03])]; // mxcsr, x87_fcw

const RDX_600: &[Bytes] = &[(0x310, &[0x00, 0x06])];

// ss and tr as KVM has them in a fresh CPU, in place of QEMU's
const KVM_SS_TR: &[Bytes] = &[(0x022, &[0x92]), (0x092, &[0x83])];

const KVM_CS: &[Bytes] = &[(0x012, &[0x9a])];

const KVM_DATA: &[Bytes] =
    &[(0x002, &[0x92]), (0x032, &[0x92]), (0x042, &[0x92]), (0x052, &[0x92])];

const GCE_PAT: &[Bytes] = &[(0x268, &[0x06, 0x01, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00])];

const SVSM: &[Bytes] = &[
    (0x000, &[0x10, 0x00, 0x93, 0x0c, 0xff, 0xff, 0xff, 0xff]), // es
    (0x010, &[0x08, 0x00, 0x9b, 0x0c, 0xff, 0xff, 0xff, 0xff]), // cs
    (0x018, &[0x00, 0x00, 0x00, 0x00]),                         // cs: base
    (0x020, &[0x10, 0x00, 0x93, 0x0c, 0xff, 0xff, 0xff, 0xff]), // ss
    (0x030, &[0x10, 0x00, 0x93, 0x0c, 0xff, 0xff, 0xff, 0xff]), // ds
    (0x040, &[0x10, 0x00, 0x93, 0x0c, 0xff, 0xff, 0xff, 0xff]), // fs
    (0x158, &[0x11]),                                           // cr0: PE, ET
];

const MXCSR: &[Bytes] = &[(0x408, &[0x80, 0x1f])];

// rsp, rbp, rsi: the boot parameters and the stack
const KRUN_FIRST: &[Bytes] =
    &[(0x1d8, &[0xf0, 0x8f]), (0x328, &[0xf0, 0x8f]), (0x330, &[0x00, 0x70])];

// cs: selector, base; rip
const KRUN_01_FURTHER: &[Bytes] =
    &[(0x010, &[0x00, 0x91]), (0x018, &[0x00, 0x10, 0x09, 0x00]), (0x178, &[0x00, 0x00])];

const KRUN_14_FURTHER: &[Bytes] = &[(0x178, &[0xf3, 0xff])];

/// The initial state of one CPU.
///
/// `reset` is `None` for the first CPU and the address in the firmware's reset block for a further
/// one; libkrun's further CPUs do not use its value. For the SVSM layouts it is the entry point,
/// load address included, and given for every CPU. `signature` is CPUID Fn0000_0001_EAX, which
/// layouts other than QEMU's and SVSM's do not use. `features` is `sev_features`.
///
/// # Panics
///
/// When an SVSM layout is given no entry point.
#[must_use]
pub fn vmsa_page(layout: Layout, signature: u32, features: u64, reset: Option<u32>) -> [u8; PAGE] {
    let (first, further) = (reset.is_none(), reset.is_some());
    let only = |condition: bool, bytes: &'static [Bytes]| if condition { bytes } else { &[] };
    let over: &[&[Bytes]] = match layout {
        Layout::QemuFpu => &[FPU],
        Layout::QemuNofpu => &[],
        Layout::Ec2 => &[KVM_SS_TR, RDX_600, only(first, KVM_CS)],
        Layout::Ec2Rdx0 => &[KVM_SS_TR, only(first, KVM_CS)],
        Layout::Gce => &[RDX_600, GCE_PAT],
        Layout::Svsm => &[SVSM, FPU],
        Layout::SvsmFcw0 => &[SVSM, MXCSR],
        Layout::SvsmNofpu => &[SVSM],
        Layout::Krun01 => {
            &[KVM_CS, KVM_SS_TR, only(first, KRUN_FIRST), only(further, KRUN_01_FURTHER)]
        }
        Layout::Krun14Nofpu => {
            &[KVM_CS, KVM_SS_TR, only(first, KRUN_FIRST), only(further, KRUN_14_FURTHER)]
        }
        Layout::Krun14Fpu => {
            &[KVM_CS, KVM_SS_TR, only(first, KRUN_FIRST), only(further, KRUN_14_FURTHER), FPU]
        }
        Layout::KrunReset => &[KVM_CS, KVM_SS_TR, KVM_DATA, RDX_600, FPU],
    };
    let mut page = [0; PAGE];
    for (at, bytes) in QEMU.iter().chain(over.iter().copied().flatten()) {
        put(&mut page, *at, bytes, "a field of the layout");
    }
    put(&mut page, 0x3b0, &features.to_le_bytes(), "sev_features");
    if has_signature(layout) {
        put(&mut page, 0x310, &signature.to_le_bytes(), "rdx");
    }
    match (layout, reset) {
        (Layout::Svsm | Layout::SvsmFcw0 | Layout::SvsmNofpu, entry) => {
            let entry = entry.expect("every CPU of an SVSM guest starts at its entry point");
            put(&mut page, 0x178, &entry.to_le_bytes(), "rip");
        }
        (Layout::Krun01 | Layout::Krun14Nofpu | Layout::Krun14Fpu | Layout::KrunReset, _)
        | (_, None) => {}
        (_, Some(address)) => {
            put(&mut page, 0x018, &(address & 0xffff_0000).to_le_bytes(), "cs base");
            put(&mut page, 0x178, &(address & 0xffff).to_le_bytes(), "rip");
        }
    }
    page
}

/// The initial states of `vcpus` CPUs: the first, then further ones that start at `reset`.
#[must_use]
pub fn vmsa_pages(
    layout: Layout,
    signature: u32,
    features: u64,
    reset: u32,
    vcpus: u32,
) -> Vec<[u8; PAGE]> {
    let svsm = matches!(layout, Layout::Svsm | Layout::SvsmFcw0 | Layout::SvsmNofpu);
    let address = |vcpu: u32| (svsm || vcpu > 0).then_some(reset);
    (0..vcpus).map(|vcpu| vmsa_page(layout, signature, features, address(vcpu))).collect()
}

/// The same CPUs where the last `late` of them were added after QEMU, from 10.1 on, had given the others their registers: they
/// keep those that every CPU has after its reset, which are the first one's (QEMU, `sev_es_set_ap_context`).
///
/// # Panics
///
/// When the first one would be among them.
#[must_use]
pub fn late(mut pages: Vec<[u8; PAGE]>, late: u32) -> Vec<[u8; PAGE]> {
    let first = pages.first().copied();
    let from = pages.len().checked_sub(crate::index(late)).filter(|from| *from > 0);
    let from = from.expect("the first CPU is never added late");
    pages[from..].fill(first.expect("there is a first CPU"));
    pages
}

fn has_signature(layout: Layout) -> bool {
    matches!(
        layout,
        Layout::QemuFpu | Layout::QemuNofpu | Layout::Svsm | Layout::SvsmFcw0 | Layout::SvsmNofpu
    )
}
