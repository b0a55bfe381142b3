//! What the `igvm` crate writes, reads and measures.

use igvm::hv_defs::Vtl;
use igvm::snp_defs::SevVmsa;
use igvm::{
    IgvmDirectiveHeader as Header, IgvmFile, IgvmInitializationHeader, IgvmPlatformHeader,
    IgvmRevision,
};
use igvm_defs::{
    IGVM_VHS_PARAMETER, IGVM_VHS_PARAMETER_INSERT, IGVM_VHS_SUPPORTED_PLATFORM, IgvmPageDataFlags,
    IgvmPageDataType, IgvmPlatformType,
};
use proptest::prelude::*;
use sev_launch_abi::Technology;
use sev_launch_digest::igvm::{
    ContextForm, Directive, File, LoaderRules, PageKind, PlatformKind, What,
};
use sev_launch_testkit::expected::igvm::Part;
use sev_launch_testkit::igvm::{self as made, SEV, SEV_ES, SNP};
use zerocopy::{FromBytes, IntoBytes};

use crate::parts::{Made, files};
use crate::{config, digest};

impl Made {
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

fn directive(part: &Part) -> Header {
    match part.clone() {
        Part::Page(gpa, mask, flags, kind, data) => Header::PageData {
            gpa,
            compatibility_mask: mask,
            flags: IgvmPageDataFlags::from(flags),
            data_type: IgvmPageDataType(kind),
            data: data.unwrap_or_default(),
        },
        Part::Area(index, bytes) => Header::ParameterArea {
            number_of_bytes: bytes,
            parameter_area_index: index,
            initial_data: Vec::new(),
        },
        Part::Insert(gpa, mask, index) => Header::ParameterInsert(IGVM_VHS_PARAMETER_INSERT {
            gpa,
            compatibility_mask: mask,
            parameter_area_index: index,
        }),
        Part::Context(mask, vcpu, page) => Header::SnpVpContext {
            gpa: made::VMSA_GPA,
            compatibility_mask: mask,
            vp_index: vcpu,
            vmsa: Box::new(SevVmsa::read_from_bytes(&page).expect("a page")),
        },
        Part::Required(gpa, mask, bytes) => Header::RequiredMemory {
            gpa,
            compatibility_mask: mask,
            number_of_bytes: bytes,
            vtl2_protectable: false,
        },
    }
}

/// Is a header what the crate was told?
pub(crate) fn is_same(file: &File, ours: &Directive, theirs: &Header) -> bool {
    let page_at = |offset: u32| {
        let at = usize::try_from(offset).expect("an offset");
        file.as_bytes()[at..at + 4096].to_vec()
    };
    match (&ours.what, theirs) {
        (
            What::PageData(ours),
            Header::PageData { gpa, compatibility_mask, flags, data_type, data },
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
            Header::ParameterArea { number_of_bytes, parameter_area_index, .. },
        ) => (index, size) == (parameter_area_index, number_of_bytes),
        (What::ParameterInsert { gpa, mask, index }, Header::ParameterInsert(insert)) => {
            (gpa.0, *mask, *index)
                == (insert.gpa, insert.compatibility_mask, insert.parameter_area_index)
        }
        (
            What::VpContext(ours),
            Header::SnpVpContext { gpa, compatibility_mask, vp_index, vmsa },
        ) => {
            let ContextForm::Vmsa(offset) = ours.form else { return false };
            (ours.gpa.0, ours.mask, ours.vp_index) == (*gpa, *compatibility_mask, *vp_index)
                && page_at(offset) == vmsa.as_bytes()
        }
        (
            What::RequiredMemory { gpa, mask, size },
            Header::RequiredMemory { gpa: other, compatibility_mask, number_of_bytes, .. },
        ) => (gpa.0, mask, size) == (*other, compatibility_mask, number_of_bytes),
        (
            What::VpContext(ours),
            Header::X64NativeVpContext { compatibility_mask, vp_index, .. },
        ) => {
            ours.form == ContextForm::Native
                && (ours.mask, ours.vp_index) == (*compatibility_mask, *vp_index)
        }
        (What::VpContext(ours), Header::X64VbsVpContext { vtl, compatibility_mask, .. }) => {
            let vtl = match vtl {
                Vtl::Vtl0 => 0,
                Vtl::Vtl1 => 1,
                Vtl::Vtl2 => 2,
            };
            let form = ContextForm::Vsm { vtl };
            (ours.form, ours.mask, ours.vp_index) == (form, *compatibility_mask, 0)
        }
        (What::Other { kind: 0x30d }, Header::ErrorRange { .. })
        | (What::Other { kind: 0x311 }, Header::VbsMeasurement { .. }) => true,
        (
            What::SnpIdBlock(ours),
            Header::SnpIdBlock {
                compatibility_mask,
                ld,
                family_id,
                image_id,
                guest_svn,
                id_key_algorithm,
                author_key_algorithm,
                id_key_signature,
                ..
            },
        ) => {
            ours.mask == *compatibility_mask
                && ours.launch_digest.as_bytes() == ld
                && (ours.family_id, ours.image_id) == (*family_id, *image_id)
                && ours.guest_svn == *guest_svn
                && ours.id_key_algorithm == *id_key_algorithm
                && ours.author_key_algorithm == *author_key_algorithm
                && ours.id_key_signature == id_key_signature.as_bytes()
        }
        (What::Parameter { kind, index }, theirs) => {
            let (wanted, parameter) = match theirs {
                Header::VpCount(one) => (0x307, one),
                Header::Srat(one) => (0x308, one),
                Header::Madt(one) => (0x309, one),
                Header::MmioRanges(one) => (0x30a, one),
                Header::MemoryMap(one) => (0x30c, one),
                Header::CommandLine(one) => (0x30e, one),
                Header::Slit(one) => (0x30f, one),
                Header::Pptt(one) => (0x310, one),
                Header::DeviceTree(one) => (0x312, one),
                Header::EnvironmentInfo(one) => (0x313, one),
                _ => return false,
            };
            (*kind, *index) == (wanted, parameter.parameter_area_index)
        }
        _ => false,
    }
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
                let found = digest(&bytes, Technology::Snp, Some("snp-igvm-hyperv"), &LoaderRules::HYPER_V, 1, 0x00a0_0f11);
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
