//! IGVM files of random parts: our digests beside a second computation of QEMU's order, and beside the `igvm` crate, which writes and
//! reads the same files and measures them in an order of its own.
//!
//! The second computation is `sev_launch_testkit::expected::igvm`, written from the rules that recorded guests of QEMU showed. The crate
//! is Microsoft's, of the version that QEMU links.

use std::cell::Cell;

use igvm::snp_defs::SevVmsa;
use igvm::{
    IgvmDirectiveHeader, IgvmFile, IgvmInitializationHeader, IgvmPlatformHeader, IgvmRevision,
};
use igvm_defs::{
    IGVM_VHS_PARAMETER, IGVM_VHS_PARAMETER_INSERT, IGVM_VHS_SUPPORTED_PLATFORM, IgvmPageDataFlags,
    IgvmPageDataType, IgvmPlatformType,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sev_launch_abi::{CpuSignature, Technology};
use sev_launch_digest::igvm::{
    ContextForm, Directive, File, Guest, LoaderRules, PageKind, PlatformKind, What,
};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Error, profile};
use sev_launch_testkit::expected::igvm::{self as expected, Kind, Part, Started};
use sev_launch_testkit::igvm::{self as made, Builder, NATIVE, SEV, SEV_ES, SNP};
use zerocopy::{FromBytes, IntoBytes};

/// Platforms of a file, by type and mask; each has its own bit.
const PLATFORMS: [(u8, u32); 4] = [(SNP, 1), (SEV_ES, 2), (SEV, 4), (NATIVE, 8)];
/// CPU models of QEMU, and the bits of CR4 that each lacks: UMIP and PKE.
const CPUS: [(u32, u64); 4] =
    [(0x0080_0f12, 1 << 11 | 1 << 22), (0x0083_0f10, 1 << 22), (0x00a0_0f11, 0), (0x00a1_0f11, 0)];

/// What a part is made of: kind of part, mask, and numbers.
type Choice = (u8, u32, u32, u64, Option<Vec<u8>>, Vec<u8>);

#[derive(Clone, Debug)]
struct Made {
    platforms: Vec<(u8, u32)>,
    policy: bool,
    parts: Vec<Part>,
}

fn files() -> impl Strategy<Value = Made> {
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
    let has_data = |part: &Part| matches!(part, Part::Page(.., Some(_)) | Part::Context(..));
    if !parts.iter().any(has_data) {
        // The crate reads no file without any data.
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
    fn written(&self) -> Vec<u8> {
        let file = self
            .platforms
            .iter()
            .fold(Builder::new(), |file, (kind, mask)| file.platform(*kind, *mask));
        let file = if self.policy { file.policy(0x3_0000, 15) } else { file };
        self.parts.iter().fold(file, |file, part| part.add(file)).build()
    }

    /// By the `igvm` crate.
    fn by_the_crate(&self) -> IgvmFile {
        let platform = |(kind, mask): &(u8, u32)| {
            IgvmPlatformHeader::SupportedPlatform(IGVM_VHS_SUPPORTED_PLATFORM {
                compatibility_mask: *mask,
                highest_vtl: 0,
                platform_type: IgvmPlatformType(*kind),
                platform_version: 1,
                shared_gpa_boundary: 0,
            })
        };
        let policy = self.policy.then_some(IgvmInitializationHeader::GuestPolicy {
            policy: 0x3_0000,
            compatibility_mask: 15,
        });
        IgvmFile::new(
            IgvmRevision::V1,
            self.platforms.iter().map(platform).collect(),
            policy.into_iter().collect(),
            self.parts.iter().map(directive).collect(),
        )
        .expect("a file that the crate takes")
    }
}

fn directive(part: &Part) -> IgvmDirectiveHeader {
    match part.clone() {
        Part::Page(gpa, mask, flags, kind, data) => IgvmDirectiveHeader::PageData {
            gpa,
            compatibility_mask: mask,
            flags: IgvmPageDataFlags::from(flags),
            data_type: IgvmPageDataType(kind),
            data: data.unwrap_or_default(),
        },
        Part::Area(index, bytes) => IgvmDirectiveHeader::ParameterArea {
            number_of_bytes: bytes,
            parameter_area_index: index,
            initial_data: Vec::new(),
        },
        Part::Insert(gpa, mask, index) => {
            IgvmDirectiveHeader::ParameterInsert(IGVM_VHS_PARAMETER_INSERT {
                gpa,
                compatibility_mask: mask,
                parameter_area_index: index,
            })
        }
        Part::Context(mask, vcpu, page) => IgvmDirectiveHeader::SnpVpContext {
            gpa: made::VMSA_GPA,
            compatibility_mask: mask,
            vp_index: vcpu,
            vmsa: Box::new(SevVmsa::read_from_bytes(&page).expect("a page")),
        },
        Part::Required(gpa, mask, bytes) => IgvmDirectiveHeader::RequiredMemory {
            gpa,
            compatibility_mask: mask,
            number_of_bytes: bytes,
            vtl2_protectable: false,
        },
    }
}

fn ours(
    bytes: &[u8],
    technology: Technology,
    profile: Option<&str>,
    rules: &'static LoaderRules,
    vcpus: u16,
    signature: u32,
) -> Result<String, Error> {
    let loaded = File::parse(bytes.to_vec())?.load(technology, rules)?;
    let profile = profile.map(|name| profile::by_name(name).expect("a profile"));
    let vmsas = Vmsas::Profile { signature: Some(CpuSignature(signature)), sev_features: None };
    let vcpus = VcpuCount::new(vcpus.into())?;
    let guest = Guest { loaded: &loaded, vcpus, profile, vmsas };
    let launch = guest.launch()?;
    assert_eq!(
        launch.trace().last().map(|(_, digest)| digest),
        (launch.trace().count() > 0).then(|| launch.digest())
    );
    Ok(launch.digest().to_string())
}

/// Is a header what the crate was told?
fn is_same(file: &File, ours: &Directive, theirs: &IgvmDirectiveHeader) -> bool {
    let page_at = |offset: u32| {
        let at = usize::try_from(offset).expect("an offset");
        file.as_bytes()[at..at + 4096].to_vec()
    };
    match (&ours.what, theirs) {
        (
            What::PageData(ours),
            IgvmDirectiveHeader::PageData { gpa, compatibility_mask, flags, data_type, data },
        ) => {
            let kind = match ours.kind {
                PageKind::Normal => IgvmPageDataType::NORMAL,
                PageKind::Secrets => IgvmPageDataType::SECRETS,
                PageKind::CpuidData => IgvmPageDataType::CPUID_DATA,
                PageKind::CpuidXf => IgvmPageDataType::CPUID_XF,
            };
            let mut padded = data.clone();
            padded.resize(4096, 0);
            (ours.gpa.0, ours.mask, ours.flags, kind)
                == (*gpa, *compatibility_mask, flags.into_bits(), *data_type)
                && ours.data.map(page_at) == (!data.is_empty()).then_some(padded)
        }
        (
            What::ParameterArea { index, size },
            IgvmDirectiveHeader::ParameterArea { number_of_bytes, parameter_area_index, .. },
        ) => (index, size) == (parameter_area_index, number_of_bytes),
        (
            What::ParameterInsert { gpa, mask, index },
            IgvmDirectiveHeader::ParameterInsert(insert),
        ) => {
            (gpa.0, *mask, *index)
                == (insert.gpa, insert.compatibility_mask, insert.parameter_area_index)
        }
        (
            What::VpContext(ours),
            IgvmDirectiveHeader::SnpVpContext { gpa, compatibility_mask, vp_index, vmsa },
        ) => {
            let ContextForm::Vmsa(offset) = ours.form else { return false };
            (ours.gpa.0, ours.mask, ours.vp_index) == (*gpa, *compatibility_mask, *vp_index)
                && page_at(offset) == vmsa.as_bytes()
        }
        (
            What::RequiredMemory { gpa, mask, size },
            IgvmDirectiveHeader::RequiredMemory {
                gpa: other,
                compatibility_mask,
                number_of_bytes,
                ..
            },
        ) => (gpa.0, mask, size) == (*other, compatibility_mask, number_of_bytes),
        _ => false,
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

// QEMU's digest, computed twice; what one refuses, the other refuses.
#[test]
fn qemu_s_digest_twice() {
    let (digests, refusals) = (Cell::new(0), Cell::new(0));
    let guests = (files(), 1_u16..5, 0_usize..4);
    let compare = |(made, vcpus, cpu): (Made, u16, usize)| {
        let bytes = made.written();
        let (signature, lacking) = CPUS[cpu];
        for (kind, technology, profile) in [
            (Kind::Sev, Technology::Sev, None),
            (Kind::SevEsLegacy, Technology::SevEs, Some("es-igvm-legacy")),
            (Kind::SevEs, Technology::SevEs, Some("es-igvm-init2")),
            (Kind::Snp, Technology::Snp, Some("snp-igvm")),
        ] {
            let started = Started { kind, vcpus, signature, lacking };
            let wanted = expected::qemu(&made.platforms, &made.parts, started);
            let found = ours(&bytes, technology, profile, &LoaderRules::QEMU, vcpus, signature);
            match (&wanted, &found) {
                (Ok(wanted), Ok(found)) => {
                    prop_assert_eq!(&hex::encode(wanted), found, "{:?}", kind);
                    digests.set(digests.get() + 1);
                }
                (Err(_), Err(_)) => refusals.set(refusals.get() + 1),
                _ => prop_assert!(false, "{kind:?}: wanted {wanted:?}, found {found:?}"),
            }
        }
        Ok(())
    };
    TestRunner::new(config(400)).run(&guests, compare).unwrap_or_else(|error| panic!("{error}"));
    let (digests, refusals) = (digests.get(), refusals.get());
    println!("{digests} digests, {refusals} refusals");
    assert!(digests >= 300 && refusals >= 300, "{digests} digests, {refusals} refusals");
}

proptest! {
    #![proptest_config(config(300))]

    // What the crate writes is read as it was given, and what it measures is the digest by its rules. What the test kit writes is
    // what the crate writes, but for data that it shares.
    #[test]
    fn the_crate_s_files(made in files()) {
        let theirs = made.by_the_crate();
        let mut bytes = Vec::new();
        theirs.serialize(&mut bytes).expect("written");
        let written = made.written();
        let read = IgvmFile::new_from_binary(&written, None).expect("the test kit's file");
        // With the headers that the crate drops.
        let again = IgvmFile::new_from_binary(&bytes, None).expect("its own file");
        prop_assert_eq!(again.directives(), read.directives());
        for bytes in [bytes, written] {
            let theirs = &read;
            let file = File::parse(bytes.clone()).expect("a file");
            let kinds: Vec<_> = file.platforms().iter().map(|one| (one.kind, one.mask)).collect();
            let wanted: Vec<_> = made.platforms.iter().map(|(kind, mask)| match *kind {
                SNP => (PlatformKind::SevSnp, *mask),
                SEV_ES => (PlatformKind::SevEs, *mask),
                SEV => (PlatformKind::Sev, *mask),
                _ => (PlatformKind::Native, *mask),
            }).collect();
            prop_assert_eq!(kinds, wanted);
            prop_assert_eq!(file.policies().len(), usize::from(made.policy));
            prop_assert_eq!(file.directives().len(), theirs.directives().len());
            for (ours, theirs) in file.directives().iter().zip(theirs.directives()) {
                prop_assert!(is_same(&file, ours, theirs), "{ours:?}, {theirs:?}");
            }
            if made.platforms.iter().any(|(kind, _)| *kind == SNP) {
                let measured = igvm::measurement::generate_snp_measurement(
                    theirs.initializations(),
                    theirs.directives(),
                    1,
                );
                let found = ours(&bytes, Technology::Snp, Some("snp-igvm-hyperv"), &LoaderRules::HYPER_V, 1, 0x00a0_0f11);
                match (&measured, &found) {
                    (Ok(measured), Ok(found)) => prop_assert_eq!(&hex::encode(measured), found),
                    (Err(_), Err(_)) => {}
                    _ => prop_assert!(false, "the crate: {measured:?}, ours: {found:?}"),
                }
            }
        }
    }
}

// One area, inserted: the crate's parameters are read too.
#[test]
fn the_crate_s_parameters() {
    use igvm::IgvmDirectiveHeader as Header;
    let area = IGVM_VHS_PARAMETER { parameter_area_index: 7, byte_offset: 0 };
    let all = [
        (Header::VpCount(area), 0x307),
        (Header::Srat(area), 0x308),
        (Header::Madt(area), 0x309),
        (Header::MmioRanges(area), 0x30a),
        (Header::MemoryMap(area), 0x30c),
        (Header::CommandLine(area), 0x30e),
        (Header::Slit(area), 0x30f),
        (Header::Pptt(area), 0x310),
        (Header::DeviceTree(area), 0x312),
        (Header::EnvironmentInfo(area), 0x313),
    ];
    for (header, number) in all {
        let made =
            Made { platforms: vec![(SNP, 1)], policy: false, parts: vec![Part::Area(7, 4096)] };
        let directives = vec![
            directive(&made.parts[0]),
            header,
            // Data, without which a file is none.
            directive(&Part::Page(0x1000, 1, 0, 0, Some(vec![1]))),
        ];
        let platforms = made.by_the_crate().platforms().to_vec();
        let file =
            IgvmFile::new(IgvmRevision::V1, platforms, Vec::new(), directives).expect("a file");
        let mut bytes = Vec::new();
        file.serialize(&mut bytes).expect("written");
        let file = File::parse(bytes).expect("a file");
        assert_eq!(file.directives()[1].what, What::Parameter { kind: number, index: 7 });
    }
}
