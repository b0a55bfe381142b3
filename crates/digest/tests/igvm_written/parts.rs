//! Files of random parts: mostly of such as a guest starts from.

use proptest::collection::vec;
use proptest::prelude::*;
use sev_launch_testkit::expected::igvm::{self as expected, Part};
use sev_launch_testkit::igvm::{self as made, Builder, NATIVE, SEV, SEV_ES, SNP};

/// Platforms of a file, by type and mask; each has its own bit.
const PLATFORMS: [(u8, u32); 4] = [(SNP, 1), (SEV_ES, 2), (SEV, 4), (NATIVE, 8)];
/// CPU models of QEMU, and the bits of CR4 that each lacks: UMIP and PKE.
pub(crate) const CPUS: [(u32, u64); 4] =
    [(0x0080_0f12, 1 << 11 | 1 << 22), (0x0083_0f10, 1 << 22), (0x00a0_0f11, 0), (0x00a1_0f11, 0)];

/// What a part is made of: kind of part, mask, and numbers.
type Choice = (u8, u32, u32, u64, Option<Vec<u8>>, Vec<u8>);

#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) platforms: Vec<(u8, u32)>,
    pub(crate) policy: bool,
    pub(crate) parts: Vec<Part>,
}

pub(crate) fn files() -> impl Strategy<Value = Made> {
    let mask = prop_oneof![4 => Just(15_u32), 2 => Just(1), 1 => Just(2), 2 => 0_u32..16];
    let data = proptest::option::of(vec(any::<u8>(), 1..20));
    let part = (0_u8..20, mask, 0_u32..16, any::<u64>(), data, registers());
    (1_usize..16, any::<bool>(), vec(part, 1..14)).prop_map(|(chosen, policy, choices)| {
        let platforms = PLATFORMS.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1);
        let platforms: Vec<_> = platforms.map(|(_, platform)| *platform).collect();
        let parts = parts(&platforms, choices);
        Made { platforms, policy, parts }
    })
}

/// Mostly pages in runs; areas that are there when they are inserted; registers of platforms that have a VMSA.
fn parts(platforms: &[(u8, u32)], choices: Vec<Choice>) -> Vec<Part> {
    let (mut parts, mut gpa, mut areas, mut open) = (Vec::new(), 0x20_0000_u64, 0, Vec::new());
    for (what, mask, flags, number, data, page) in choices {
        let pages = number % 3 + 1;
        match what {
            0..=10 => {
                // Seldom back to where a page was, or on; seldom large, or a page of SNP.
                gpa = match number >> 8 & 15 {
                    0 => gpa - 0x1000,
                    1..=4 => gpa + 0x1000 * (number >> 16 & 7),
                    _ => gpa,
                };
                let large = if number >> 20 & 31 == 0 { made::LARGE } else { 0 };
                let flags = if number >> 28 & 3 == 0 { flags & !made::LARGE } else { 0 } | large;
                let kind = if number >> 32 & 31 == 0 { number >> 40 & 3 } else { 0 };
                let kind = u16::try_from(kind).expect("a small number");
                for _ in 0..pages {
                    parts.push(Part::Page(gpa, mask, flags, kind, data.clone()));
                    gpa += if large == 0 { 0x1000 } else { 0x20_0000 };
                }
            }
            11..=14 => {
                let size = if number >> 8 & 63 == 0 { 0 } else { pages * 0x1000 };
                parts.push(Part::Area(areas, size));
                open.push((areas, size));
                areas += 1;
            }
            15 | 16 => {
                let Some((index, size)) = open.pop() else { continue };
                parts.push(Part::Insert(gpa, mask, index));
                gpa += size;
            }
            17 | 18 => {
                let own = platforms.iter().filter(|(kind, _)| [SNP, SEV_ES].contains(kind));
                let own: Vec<_> = own.collect();
                if let Some((kind, mask)) = own
                    .get(usize::from(number & 1 != 0).min(own.len() - usize::from(!own.is_empty())))
                {
                    let mut page = page;
                    page[0x3b0] = match number >> 8 & 31 {
                        0 => u8::try_from(number >> 16 & 0xff).expect("a byte"),
                        1 => u8::from(*kind == SNP) | 0x20,
                        _ => u8::from(*kind == SNP),
                    };
                    let vcpu = u16::try_from(number >> 24 & 3).expect("a small number");
                    parts.push(Part::Context(*mask, vcpu, page));
                }
            }
            _ => {
                let mask = if number >> 8 & 1 == 0 { 1 } else { mask };
                let bytes = u32::try_from(pages).expect("a small number") * 0x1000;
                parts.push(Part::Required(0x20_0000 + (number >> 16 & 15) * 0x1000, mask, bytes));
            }
        }
    }
    let has_data = |part: &Part| match part {
        Part::Page(_, mask, .., data) => *mask != 0 && data.is_some(),
        Part::Context(..) => true,
        _ => false,
    };
    if !parts.iter().any(has_data) {
        // The crate reads no file without any data, and ours none without a directive for some platform.
        parts.push(Part::Page(gpa + 0x20_0000, 15, 0, 0, Some(vec![1])));
    }
    parts
}

/// Registers that KVM takes, with bits that it changes and bytes that nobody looks at.
fn registers() -> impl Strategy<Value = Vec<u8>> {
    let base = prop_oneof![Just(expected::reset()), Just(made::vmsa(0))];
    (base, vec((0_usize..12, any::<u64>()), 0..8)).prop_map(|(mut page, changes)| {
        for (what, number) in changes {
            let bytes = number.to_le_bytes();
            let keep = |page: &[u8], at: usize| {
                u64::from_le_bytes(page[at..at + 8].try_into().expect("8"))
            };
            match what {
                0 => {
                    let general = [
                        0x170, 0x178, 0x1d8, 0x1f8, 0x308, 0x310, 0x318, 0x328, 0x330, 0x338,
                        0x340, 0x378,
                    ];
                    let at = general[usize::from(bytes[0]) % general.len()];
                    page[at..at + 8].copy_from_slice(&bytes);
                }
                1 => {
                    let cr0 = keep(&page, 0x158) & 0xffff_ffff;
                    // CD, and NW with it; ET off; bits that do not exist.
                    let more = [0, 1 << 30, 3 << 29][usize::from(bytes[0]) % 3];
                    let cr0 = (cr0 | more) & !(number & 0x10) | number & 0xffff_ffff << 32;
                    page[0x158..0x160].copy_from_slice(&cr0.to_le_bytes());
                }
                2 => {
                    let more = number & (1 << 11 | 1 << 22 | 1 << 24 | 1 << 28 | 0x7_0600);
                    // PCIDE is of Milan and newer.
                    let cr4 = (keep(&page, 0x148) | more & !(1 << 17)) & !(number & 0x40);
                    page[0x148..0x150].copy_from_slice(&cr4.to_le_bytes());
                }
                3 => page[0x150..0x158].copy_from_slice(&(number >> 12).to_le_bytes()),
                // EFER.LMA and SVME off.
                4 => page[0xd1] &= !(bytes[0] & 0x14),
                5 => {
                    let at = usize::from(bytes[0] % 10) * 16;
                    page[at + 3] |= bytes[1] & 0xf0;
                    page[at + 8..at + 16].copy_from_slice(&bytes);
                }
                6 => {
                    let at = if bytes[0] & 1 == 0 { 0x60 } else { 0x80 };
                    page[at..at + 8].copy_from_slice(&bytes);
                }
                7 => page[0x408..0x40c].copy_from_slice(&bytes[..4]),
                8 => page[0x410..0x412].copy_from_slice(&bytes[..2]),
                9 => page[0x670 + usize::from(bytes[0])] = bytes[1],
                10 => page[0x168..0x16c].copy_from_slice(&bytes[..4]),
                _ => page[0x22] = page[0x22] & 0x9f | bytes[0] & 0x60,
            }
        }
        page
    })
}

impl Made {
    /// By the test kit's writer.
    pub(crate) fn written(&self) -> Vec<u8> {
        let file = self
            .platforms
            .iter()
            .fold(Builder::new(), |file, (kind, mask)| file.platform(*kind, *mask));
        let file = if self.policy { file.policy(0x3_0000, 15) } else { file };
        self.parts.iter().fold(file, |file, part| part.add(file)).build()
    }
}
