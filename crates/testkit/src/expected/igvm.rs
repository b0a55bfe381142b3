//! What QEMU on KVM measures of an IGVM file, from what stands in the file and not from its bytes.
//!
//! Written from the nine rules beside the recorded guests of QEMU 10.2.2 (`igvm/README.md` in the folder of the vectors), and
//! sharing nothing with the code under test. Files of these parts are written by [`Part::add`].

use sha2::{Digest, Sha256, Sha384};

use super::{CPUID, NORMAL, PAGE, SECRETS, UNMEASURED, VMSA, VMSA_GPA, extend};
use crate::igvm::{self, Builder};
use crate::put;

/// A directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A page: address, mask, flags, type by number, and its first bytes or none.
    Page(u64, u32, u32, u16, Option<Vec<u8>>),
    /// A parameter area of so many bytes.
    Area(u32, u64),
    /// An area put into memory: address, mask, the area's number.
    Insert(u64, u32, u32),
    /// The VMSA of a vCPU: mask, its number, 4096 bytes.
    Context(u32, u16, Vec<u8>),
    /// Required memory: address, mask, bytes.
    Required(u64, u32, u32),
}

impl Part {
    /// Adds it to a file.
    #[must_use]
    pub fn add(&self, file: Builder) -> Builder {
        match self {
            Self::Page(gpa, mask, flags, kind, data) => {
                file.page_of(*gpa, *mask, *flags, *kind, data.as_deref())
            }
            Self::Area(index, bytes) => file.area(*index, *bytes),
            Self::Insert(gpa, mask, index) => file.insert(*gpa, *mask, *index),
            Self::Context(mask, vcpu, page) => file.vp_context(igvm::VMSA_GPA, *mask, *vcpu, page),
            Self::Required(gpa, mask, bytes) => file.required(*gpa, *mask, *bytes),
        }
    }
}

impl Part {
    fn mask(&self) -> Option<u32> {
        match self {
            Self::Page(_, mask, ..)
            | Self::Insert(_, mask, _)
            | Self::Context(mask, ..)
            | Self::Required(_, mask, _) => Some(*mask),
            Self::Area(..) => None,
        }
    }
}

/// The kind of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SEV.
    Sev,
    /// SEV-ES, made by `KVM_SEV_ES_INIT`.
    SevEsLegacy,
    /// The same on a kernel that sets DebugSwap in every VMSA.
    SevEsLegacySwapped,
    /// SEV-ES, made by `KVM_SEV_INIT2`.
    SevEs,
    /// SNP.
    Snp,
}

/// A guest that is started.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    /// Its kind.
    pub kind: Kind,
    /// How many vCPUs it has.
    pub vcpus: u16,
    /// CPUID Fn0000_0001_EAX.
    pub signature: u32,
    /// The bits of CR4 that the CPU model does not have.
    pub lacking: u64,
}

/// The launch digest, or which rule refuses the guest. Platforms are pairs of a type and a mask.
///
/// # Panics
///
/// When a part is none that a file can have.
pub fn qemu(
    platforms: &[(u8, u32)],
    parts: &[Part],
    guest: Started,
) -> Result<Vec<u8>, &'static str> {
    // Rule 1.
    let can_be: &[u8] = match guest.kind {
        Kind::Snp => &[igvm::SNP, igvm::SEV_ES, igvm::SEV, igvm::NATIVE],
        Kind::SevEs | Kind::SevEsLegacy | Kind::SevEsLegacySwapped => {
            &[igvm::SEV_ES, igvm::SEV, igvm::NATIVE]
        }
        Kind::Sev => &[igvm::SEV, igvm::NATIVE],
    };
    let mask = can_be
        .iter()
        .find_map(|kind| platforms.iter().find(|(own, _)| own == kind))
        .ok_or("no platform")?
        .1;
    let is_snp = guest.kind == Kind::Snp;
    // Beside the rules: a header with a mask of 0 is dropped as the file is read (igvm 0.5, `IgvmFile::new_from_binary`).
    let parts: Vec<_> = parts.iter().filter(|part| part.mask() != Some(0)).cloned().collect();
    if parts.is_empty() {
        return Err("no directives");
    }
    let parts = &*parts;
    let taken = taken_in(parts, mask, is_snp)?;
    let vmsas = match guest.kind {
        Kind::Sev
            if parts
                .iter()
                .any(|part| matches!(part, Part::Context(own, ..) if own & mask != 0)) =>
        {
            return Err("registers in SEV");
        }
        Kind::Sev => Vec::new(),
        _ => vmsas(parts, mask, guest)?,
    };
    if !is_snp {
        let mut digest = Sha256::new();
        for one in taken.iter().filter(|one| one.kind == NORMAL) {
            digest.update(&one.page);
        }
        vmsas.iter().for_each(|page| digest.update(page));
        return Ok(digest.finalize().to_vec());
    }
    let mut digest = [0; 48];
    let mut addresses = std::collections::HashSet::new();
    for one in &taken {
        if !addresses.insert(one.gpa) {
            return Err("a page twice");
        }
        let contents = match one.kind {
            NORMAL => Sha384::digest(&one.page).into(),
            _ => [0; 48],
        };
        digest = extend(digest, one.kind, one.gpa, contents);
    }
    for page in &vmsas {
        digest = extend(digest, VMSA, VMSA_GPA, Sha384::digest(page).into());
    }
    Ok(digest.to_vec())
}

/// A page of 4 KiB that is measured.
struct Taken {
    kind: u8,
    gpa: u64,
    page: Vec<u8>,
}

/// Rules 2 to 4 and 9: the pages in the order in which they are measured.
fn taken_in(parts: &[Part], mask: u32, is_snp: bool) -> Result<Vec<Taken>, &'static str> {
    let mut taken: Vec<Taken> = Vec::new();
    let mut waiting: Vec<Taken> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        match part {
            Part::Page(gpa, own, flags, kind, data) if own & mask != 0 => {
                let continues = number > 0
                    && matches!(&parts[number - 1],
                        Part::Page(before, other_own, other_flags, other_kind, other_data)
                            if before.checked_add(size(*other_flags)) == Some(*gpa)
                                && (other_own, other_flags, other_kind) == (own, flags, kind)
                                && other_data.is_some() == data.is_some());
                if !continues {
                    taken.append(&mut waiting);
                }
                waiting.extend(of_page(*gpa, *flags, *kind, data.as_deref(), is_snp)?);
            }
            Part::Insert(gpa, own, index) if own & mask != 0 && is_snp => {
                let size = parts.iter().find_map(|part| match part {
                    Part::Area(one, size) if one == index => Some(*size),
                    _ => None,
                });
                let size = size.expect("an area");
                if size == 0 {
                    return Err("an empty area");
                }
                for gpa in (*gpa..*gpa + size).step_by(PAGE) {
                    taken.push(Taken { kind: UNMEASURED, gpa, page: Vec::new() });
                }
            }
            Part::Insert(_, own, index) if own & mask != 0 => {
                let is_empty = |part: &Part| matches!(part, Part::Area(one, 0) if one == index);
                if parts.iter().any(is_empty) {
                    return Err("an empty area, of which the rules do not tell");
                }
            }
            Part::Required(_, own, _) if own & mask != 0 && !is_snp => {
                return Err("required memory");
            }
            // Beside the rules: QEMU's `kvm_convert_memory` refuses it.
            Part::Required(_, own, 0) if own & mask != 0 => {
                return Err("required memory of no bytes");
            }
            Part::Required(gpa, own, bytes) if own & mask != 0 => {
                let lost = *gpa..gpa.saturating_add(u64::from(*bytes));
                for one in taken.iter_mut().filter(|one| lost.contains(&one.gpa)) {
                    one.page.fill(0);
                }
            }
            _ => {}
        }
    }
    taken.append(&mut waiting);
    Ok(taken)
}

fn size(flags: u32) -> u64 {
    if flags & igvm::LARGE != 0 { 0x20_0000 } else { 0x1000 }
}

/// Rules 2 and 3: the pages of 4 KiB of one page.
fn of_page(
    gpa: u64,
    flags: u32,
    kind: u16,
    data: Option<&[u8]>,
    is_snp: bool,
) -> Result<Vec<Taken>, &'static str> {
    let kind = match kind {
        0 if flags & igvm::UNMEASURED != 0 => UNMEASURED,
        0 => NORMAL,
        1..=3 if !is_snp => return Err("a page of SNP"),
        1 => SECRETS,
        2 | 3 => CPUID,
        other => panic!("no page is of type {other}"),
    };
    let pages = (gpa..gpa + size(flags)).step_by(PAGE).enumerate().map(|(number, gpa)| {
        let mut page = vec![0; PAGE];
        if let Some(data) = data.filter(|_| number == 0) {
            put(&mut page, 0, data, "a page's data");
        }
        Taken { kind, gpa, page }
    });
    Ok(pages.collect())
}

/// Rules 5 to 7: one page for each vCPU.
fn vmsas(parts: &[Part], mask: u32, guest: Started) -> Result<Vec<Vec<u8>>, &'static str> {
    let contexts: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Context(own, vcpu, page) if own & mask != 0 => Some((*vcpu, page)),
            _ => None,
        })
        .collect();
    let last = |vcpu| contexts.iter().rev().find(|(own, _)| *own == vcpu).map(|(_, page)| *page);
    let is_snp = guest.kind == Kind::Snp;
    let is_legacy = matches!(guest.kind, Kind::SevEsLegacy | Kind::SevEsLegacySwapped);
    for (vcpu, page) in &contexts {
        if *vcpu >= guest.vcpus {
            return Err("no such vCPU");
        }
        // Beside the rules: QEMU's `kvm_put_sregs` has segments of its own for virtual-8086 mode.
        if last(*vcpu).is_some_and(|page| page[0x172] & 2 != 0) {
            return Err("virtual-8086 mode");
        }
        let features = word(page, 0x3b0);
        let more = if is_legacy { 0 } else { 0x220 };
        if (features & 1 == 1) != is_snp || features & !1 & !more != 0 {
            return Err("features");
        }
    }
    let features = match guest.kind {
        // Beside the rules: from 6.6 to 6.9 Linux's `sev_es_sync_vmsa` adds DebugSwap after QEMU has looked.
        Kind::SevEsLegacySwapped => 0x20,
        _ => last(0).map_or(u64::from(is_snp), |page| word(page, 0x3b0)),
    };
    let page = |vcpu| {
        let mut page = match last(vcpu) {
            Some(page) => measured(page, guest.lacking),
            None => {
                let mut page = reset();
                put(&mut page, 0x310, &u64::from(guest.signature).to_le_bytes(), "RDX");
                page
            }
        };
        put(&mut page, 0x3b0, &features.to_le_bytes(), "the features");
        if !is_legacy {
            put(&mut page, 0x408, &[0x80, 0x1f], "MXCSR");
            put(&mut page, 0x410, &[0x7f, 0x03], "FCW");
        }
        page
    };
    Ok((0..guest.vcpus).map(page).collect())
}

fn word(page: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(page[at..at + 8].try_into().expect("8 bytes"))
}

/// The registers that count, each of 8 bytes: RFLAGS, RIP, RSP, RAX, PAT, RCX, RDX, RBX, RBP, RSI, RDI, R8 to R15, XCR0, and CR3,
/// DR7, DR6.
const WORDS: [usize; 24] = [
    0x150, 0x160, 0x168, 0x170, 0x178, 0x1d8, 0x1f8, 0x268, 0x308, 0x310, 0x318, 0x328, 0x330,
    0x338, 0x340, 0x348, 0x350, 0x358, 0x360, 0x368, 0x370, 0x378, 0x3e8, 0x0d0,
];

/// Rule 6, without what follows the kind of the guest.
fn measured(found: &[u8], lacking: u64) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    // ES, CS, SS, DS, FS, GS; LDTR; TR.
    for at in [0, 0x10, 0x20, 0x30, 0x40, 0x50, 0x70, 0x90] {
        put(&mut page, at, &found[at..at + 16], "a segment");
        page[at + 3] &= 0x0f;
    }
    for at in [0x60, 0x80] {
        put(&mut page, at + 4, &found[at + 4..at + 6], "a limit");
        put(&mut page, at + 8, &found[at + 8..at + 16], "a base");
    }
    put(&mut page, 0x98, &found[0x78..0x80], "TR's base");
    for at in WORDS {
        put(&mut page, at, &found[at..at + 8], "a register");
    }
    let cr0 = word(found, 0x158) & 0x9fff_ffff | 0x10;
    let cr4 = word(found, 0x148) & 0xffff_ffff & !(1 << 24 | 1 << 28) & !lacking | 0x40;
    let mut efer = word(found, 0x0d0) | 0x1000;
    if efer & 0x100 != 0 && cr0 & 0x8000_0000 != 0 && cr4 & 0x20 != 0 {
        efer |= 0x400;
    }
    put(&mut page, 0x158, &cr0.to_le_bytes(), "CR0");
    put(&mut page, 0x148, &cr4.to_le_bytes(), "CR4");
    put(&mut page, 0x0d0, &efer.to_le_bytes(), "EFER");
    page[0x170] |= 2;
    page[0xcb] = found[0x22] >> 5 & 3;
    page
}

/// The registers after a processor's reset, as the README names them.
#[must_use]
pub fn reset() -> Vec<u8> {
    let mut page = vec![0; PAGE];
    for (at, bytes) in [
        (0x00, &[0, 0, 0x93, 0, 0xff, 0xff][..]),
        (0x10, &[0, 0xf0, 0x9b, 0, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff]),
        (0x20, &[0, 0, 0x93, 0, 0xff, 0xff]),
        (0x30, &[0, 0, 0x93, 0, 0xff, 0xff]),
        (0x40, &[0, 0, 0x93, 0, 0xff, 0xff]),
        (0x50, &[0, 0, 0x93, 0, 0xff, 0xff]),
        (0x60, &[0, 0, 0, 0, 0xff, 0xff]),
        (0x70, &[0, 0, 0x82, 0, 0xff, 0xff]),
        (0x80, &[0, 0, 0, 0, 0xff, 0xff]),
        (0x90, &[0, 0, 0x8b, 0, 0xff, 0xff]),
    ] {
        put(&mut page, at, bytes, "a segment");
    }
    for (at, value) in [
        (0x0d0, 0x1000_u64),
        (0x148, 0x40),
        (0x158, 0x10),
        (0x160, 0x400),
        (0x168, 0xffff_0ff0),
        (0x170, 2),
        (0x178, 0xfff0),
        (0x268, 0x0007_0406_0007_0406),
        (0x3e8, 1),
    ] {
        put(&mut page, at, &value.to_le_bytes(), "a register");
    }
    page
}
