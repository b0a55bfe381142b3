//! What loaders and KVM refuse of IGVM files that the format allows, each with its exact error, and what is warned of.
//!
//! The rules are those that recorded guests of QEMU 10.2.2 showed (`igvm/README.md` in the folder of the vectors), and the sources that
//! each error's text names. Files are the test kit's.

use sev_launch_abi::{CpuSignature, Gpa, SevFeatures, Technology};
use sev_launch_digest::igvm::{Error, File, Guest, LoaderRules, MOST_PAGES, PlatformKind};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{FIELDS, Vmsas};
use sev_launch_digest::{Warning, profile};
use sev_launch_testkit::expected;
use sev_launch_testkit::igvm::{
    self as made, Builder, LARGE, NATIVE, SEV, SEV_ES, SNP, VMSA_GPA, VSM,
};

use Technology::{Sev, SevEs, Snp};

/// CPUs of QEMU's models.
const NAPLES: u32 = 0x0080_0f12;
const ROME: u32 = 0x0083_0f10;
const MILAN: u32 = 0x00a0_0f11;
const GENOA: u32 = 0x00a1_0f11;

/// A guest of one kind.
#[derive(Clone, Copy)]
struct Of {
    technology: Technology,
    profile: Option<&'static str>,
    vcpus: u32,
    signature: Option<u32>,
    features: Option<u64>,
}

const SEV_GUEST: Of =
    Of { technology: Sev, profile: None, vcpus: 1, signature: Some(MILAN), features: None };
const LEGACY: Of = Of { technology: SevEs, profile: Some("es-igvm-legacy"), ..SEV_GUEST };
const SWAPPED: Of =
    Of { technology: SevEs, profile: Some("es-igvm-legacy-debugswap"), ..SEV_GUEST };
const INIT2: Of = Of { technology: SevEs, profile: Some("es-igvm-init2"), ..SEV_GUEST };
const SNP_GUEST: Of = Of { technology: Snp, profile: Some("snp-igvm"), ..SEV_GUEST };

fn launch(file: &Builder, of: Of) -> Result<(String, Vec<Warning>), sev_launch_digest::Error> {
    let file = File::parse(file.clone().build()).expect("a file");
    let profile = of.profile.map(|name| profile::by_name(name).expect("a profile"));
    let rules = profile.map_or(&LoaderRules::QEMU, |one| one.igvm_rules().expect("its rules"));
    let loaded = file.load(of.technology, rules)?;
    let vmsas = Vmsas::Profile {
        signature: of.signature.map(CpuSignature),
        sev_features: of.features.map(SevFeatures),
    };
    let vcpus = VcpuCount::new(of.vcpus)?;
    let launch = Guest { loaded: &loaded, vcpus, profile, vmsas }.launch()?;
    Ok((launch.digest().to_string(), launch.warnings().to_vec()))
}

fn refused(file: &Builder, of: Of) -> Error {
    match launch(file, of).expect_err("a refusal") {
        sev_launch_digest::Error::Igvm(error) => error,
        other => panic!("{other}"),
    }
}

fn starts(file: &Builder, of: Of) -> Vec<Warning> {
    launch(file, of).unwrap_or_else(|error| panic!("{error}")).1
}

fn snp() -> Builder {
    Builder::new().platform(SNP, 1).page(0x1000, 1, b"x")
}

fn es() -> Builder {
    Builder::new().platform(SEV_ES, 1).page(0x1000, 1, b"x")
}

fn sev() -> Builder {
    Builder::new().platform(SEV, 1).page(0x1000, 1, b"x")
}

fn put(mut page: Vec<u8>, at: usize, value: u64) -> Vec<u8> {
    page[at..at + 8].copy_from_slice(&value.to_le_bytes());
    page
}

fn of_bsp(page: &[u8]) -> Builder {
    snp().vp_context(VMSA_GPA, 1, 0, page)
}

#[test]
fn platforms() {
    // QEMU starts a guest from the platforms of weaker ones too. [QEMU, qigvm_supported_platform_compat_mask]
    static WEAKER: [PlatformKind; 4] =
        [PlatformKind::SevSnp, PlatformKind::SevEs, PlatformKind::Sev, PlatformKind::Native];
    let none = |found: &str, technology| {
        let stronger = match technology {
            Snp => 0,
            SevEs => 1,
            Sev => 2,
        };
        Error::OtherPlatform { found: found.to_owned(), technology, wanted: &WEAKER[stronger..] }
    };
    assert_eq!(refused(&snp(), SEV_GUEST), none("SEV_SNP", Sev));
    assert_eq!(refused(&snp(), INIT2), none("SEV_SNP", SevEs));
    assert_eq!(refused(&es(), SEV_GUEST), none("SEV_ES", Sev));
    let vsm = Builder::new().platform(VSM, 1).page(0, 1, b"x");
    assert_eq!(refused(&vsm, SNP_GUEST), none("VSM_ISOLATION", Snp));
    let wanted = "; wanted SEV_SNP or SEV_ES or SEV or NATIVE";
    assert!(refused(&vsm, SNP_GUEST).to_string().ends_with(wanted));

    // A guest starts from a file for a weaker platform, and whoever asks is told; a strong guest's own platform wins.
    let weaker = |found, technology| Warning::IgvmPlatform { found, technology };
    assert_eq!(starts(&es(), SNP_GUEST), [weaker("SEV_ES", Snp)]);
    assert_eq!(starts(&sev(), SNP_GUEST), [weaker("SEV", Snp)]);
    assert_eq!(starts(&sev(), LEGACY), [weaker("SEV", SevEs)]);
    let native = Builder::new().platform(NATIVE, 1).page(0, 1, b"x");
    assert_eq!(starts(&native, SEV_GUEST), [weaker("NATIVE", Sev)]);
    let both = Builder::new().platform(SEV, 2).platform(SNP, 1).page(0x1000, 1, b"x");
    assert_eq!(launch(&both, SNP_GUEST).ok(), launch(&snp(), SNP_GUEST).ok());
    assert_eq!(starts(&both, SNP_GUEST), []);

    // Loaders that measure other guests, or take their own platform alone, or want a policy.
    let load = |file: &Builder, technology, rules| {
        File::parse(file.clone().build()).expect("a file").load(technology, rules).map(|_| ())
    };
    for technology in [Sev, SevEs] {
        let error = Error::NoSuchGuest { loader: "the igvm crate", technology };
        assert_eq!(load(&sev(), technology, &LoaderRules::HYPER_V), Err(error));
    }
    for rules in [&LoaderRules::HYPER_V, &LoaderRules::IGVMMEASURE] {
        let error = load(&es(), Snp, rules).expect_err("another platform");
        assert!(error.to_string().ends_with("SEV_ES, and for no guest of snp; wanted SEV_SNP"));
    }
    let error = Error::NoPolicy { loader: "the igvm crate" };
    assert_eq!(load(&snp(), Snp, &LoaderRules::HYPER_V), Err(error));
}

// [QEMU, backends/igvm.c handlers]: unknown directives are refused also where their mask is for others.
#[test]
fn directives_that_qemu_does_not_know() {
    let all = Builder::new().platform(SNP, 1).platform(VSM, 2).page(0x1000, 1, b"x").area(0, 4096);
    let other_mask = |body: usize| [&2_u32.to_le_bytes()[..], &vec![0; body - 4]].concat();
    let range = [&[0; 8][..], &2_u32.to_le_bytes(), &[0; 4]].concat();
    for (file, kind, name) in [
        (all.clone().parameter(0x308, 0), 0x308, "SRAT"),
        (all.clone().parameter(0x30a, 0), 0x30a, "MMIO_RANGES"),
        (all.clone().parameter(0x30e, 0), 0x30e, "COMMAND_LINE"),
        (all.clone().parameter(0x30f, 0), 0x30f, "SLIT"),
        (all.clone().parameter(0x310, 0), 0x310, "PPTT"),
        (all.clone().parameter(0x312, 0), 0x312, "DEVICE_TREE"),
        (all.clone().raw(0x30d, &range), 0x30d, "ERROR_RANGE"),
        (all.clone().raw(0x311, &other_mask(864)), 0x311, "VBS_MEASUREMENT"),
    ] {
        let Error::UnknownDirective { kind: found, name: found_name, loader, at } =
            refused(&file, SNP_GUEST)
        else {
            panic!("{name}")
        };
        assert_eq!((found, found_name, loader), (kind, name, "QEMU"));
        let at = usize::try_from(at).expect("an offset");
        assert_eq!(file.build()[at..at + 4], kind.to_le_bytes());
    }
    // Three it knows; one the next QEMU knows.
    for kind in [0x307, 0x30c, 0x313] {
        assert_eq!(starts(&all.clone().parameter(kind, 0), SNP_GUEST), []);
    }
    assert_eq!(starts(&all.clone().parameter(0x309, 0), SNP_GUEST), [Warning::IgvmMadt]);
    // For nobody: dropped as it is read.
    let nobody = all.raw(0x30d, &[0; 16]);
    assert_eq!(starts(&nobody, SNP_GUEST), []);
}

#[test]
fn pages() {
    for (kind, name) in [(1, "SECRETS"), (2, "CPUID_DATA"), (3, "CPUID_XF")] {
        for (file, of) in [(sev(), SEV_GUEST), (es(), LEGACY), (es(), INIT2)] {
            let error = refused(&file.page_of(0x9000, 1, 0, kind, None), of);
            let (gpa, technology) = (Gpa(0x9000), of.technology);
            assert_eq!(error, Error::SnpPage { gpa, kind: name, technology });
        }
    }
    // Of a page that is there twice, whatever brings it.
    let area = || snp().area(0, 0x2000);
    for (file, gpa) in [
        (snp().page(0x1000, 1, b"y"), 0x1000),
        (snp().page_of(0x1000, 1, 0, 1, None), 0x1000),
        (area().insert(0, 1, 0), 0x1000),
        (snp().page_of(0, 1, LARGE, 0, None), 0x1000),
    ] {
        assert_eq!(refused(&file, SNP_GUEST), Error::PageTwice { gpa: Gpa(gpa) });
    }
    assert_eq!(starts(&snp().page(0x1000, 2, b"y"), SNP_GUEST), []);
    assert_eq!(starts(&sev().page(0x1000, 1, b"y"), SEV_GUEST), []);

    let empty = snp().area(0, 0).insert(0x5000, 1, 0);
    assert_eq!(refused(&empty, SNP_GUEST), Error::EmptyArea { gpa: Gpa(0x5000) });
    let end = 1 << 52;
    assert_eq!(
        starts(&snp().page(end - 0x1000, 1, b"x"), SNP_GUEST),
        [Warning::IgvmAddress { gpa: Gpa(end - 0x1000) }]
    );
    for (file, gpa, size) in [
        (snp().page(end, 1, b"x"), end, 0x1000),
        (snp().page(u64::MAX - 0xfff, 1, b"x"), u64::MAX - 0xfff, 0x1000),
        (snp().page_of(end - 0x1000, 1, LARGE, 0, None), end - 0x1000, 0x20_0000),
        (area().insert(end - 0x1000, 1, 0), end - 0x1000, 0x2000),
    ] {
        assert_eq!(refused(&file, SNP_GUEST), Error::Address { gpa: Gpa(gpa), size });
    }
    let device = snp().page(0xfec0_0000, 1, b"x").page(0xfed0_0000, 1, b"x");
    assert_eq!(starts(&device, SNP_GUEST), [Warning::IgvmAddress { gpa: Gpa(0xfec0_0000) }]);
    assert_eq!(starts(&snp().page(0xfebf_f000, 1, b"x").page(0xfef0_0000, 1, b"x"), SNP_GUEST), []);
    let narrow = snp().page((1 << 48) - 0x1000, 1, b"x");
    assert_eq!(starts(&narrow, SNP_GUEST), []);
    let wide = snp().page(1 << 48, 1, b"x");
    assert_eq!(starts(&wide, SNP_GUEST), [Warning::IgvmAddress { gpa: Gpa(1 << 48) }]);

    let large = snp().page_of(0x20_0000, 1, LARGE, 0, Some(b"x"));
    let coconut = Of { profile: Some("snp-igvm-coconut"), ..SNP_GUEST };
    let error = Error::LargePage { gpa: Gpa(0x20_0000), loader: "igvmmeasure" };
    assert_eq!(refused(&large, coconut), error);
    assert_eq!(starts(&large, SNP_GUEST), []);
}

// A small file that loads more than is ever measured ends with the error: by pages of 2 MiB, by areas, and by one area of all memory.
#[test]
fn work_is_bounded() {
    let too_many = Error::TooManyPages { most: MOST_PAGES };
    let mut large = snp();
    for page in 0..2049_u64 {
        large = large.page_of(page << 21, 1, LARGE, 0, None);
    }
    assert!(large.clone().build().len() <= 0x1_2000);
    for (file, size) in [(1_u64 << 32, 1), (1 << 40, 1), (1 << 51, 1)] {
        let file = snp().area(0, file + size * 0x1000).insert(0x10_0000, 1, 0);
        assert_eq!(refused(&file, SNP_GUEST), too_many);
    }
    let several = snp().page_of(0, 1, LARGE, 0, None).area(0, 1 << 31).area(1, 1 << 31);
    let several = several.insert(1 << 32, 1, 0).insert(1 << 33, 1, 1);
    assert_eq!(refused(&several, SNP_GUEST), too_many);
    assert_eq!(refused(&large, SNP_GUEST), too_many);
    let of_sev =
        (0..2049_u64).fold(sev(), |file, page| file.page_of(page << 21, 1, LARGE, 0, None));
    assert_eq!(refused(&of_sev, SEV_GUEST), too_many);
    // No loader's addresses go round; the last page is one for those that only compute.
    let last = u64::MAX - 0xfff;
    let with_policy = || Builder::new().platform(SNP, 1).policy(0, 1).page(0x1000, 1, b"x");
    let inserted = |size| with_policy().area(0, size).insert(last, 1, 0);
    let hyper_v = Of { profile: Some("snp-igvm-hyperv"), ..SNP_GUEST };
    for size in [0x1000, 0x2000] {
        let error = Error::Address { gpa: Gpa(last), size };
        assert_eq!(refused(&inserted(size), hyper_v), error);
        assert_eq!(refused(&inserted(size), SNP_GUEST), error);
    }
    let large = with_policy().page_of(last, 1, LARGE, 0, None);
    let coconut = Of { profile: Some("snp-igvm-coconut"), ..SNP_GUEST };
    assert!(matches!(refused(&large, coconut), Error::Address { .. }));
    assert!(launch(&large, hyper_v).is_ok() && launch(&inserted(0x2000), coconut).is_ok());
}

#[test]
fn required_memory() {
    for (file, of) in [(sev(), SEV_GUEST), (es(), LEGACY), (es(), INIT2)] {
        let (gpa, technology) = (Gpa(0x4000), of.technology);
        let error = refused(&file.clone().required(0x4000, 1, 0x1000), of);
        assert_eq!(error, Error::RequiredMemory { gpa, technology });
        assert_eq!(starts(&file.required(0x4000, 2, 0x1000), of), []);
    }
    let empty = snp().required(0x4000, 1, 0);
    assert_eq!(refused(&empty, SNP_GUEST), Error::EmptyMemory { gpa: Gpa(0x4000) });
    assert_eq!(starts(&snp().required(0x4000, 2, 0), SNP_GUEST), []);
    // What was measured already is lost; what waits, and what has no data, is not.
    let lost = |gpa| vec![Warning::IgvmPageLost { gpa: Gpa(gpa) }];
    let two = snp().page(0x3000, 1, b"y");
    assert_eq!(starts(&two.clone().required(0, 1, 0x4000), SNP_GUEST), lost(0x1000));
    assert_eq!(starts(&two.clone().required(0x3000, 1, 0x1000), SNP_GUEST), []);
    assert_eq!(starts(&two.clone().required(0x2000, 1, 0x1000), SNP_GUEST), []);
    assert_eq!(starts(&two.required(0, 2, 0x4000), SNP_GUEST), []);
    let zeros = Builder::new().platform(SNP, 1).page_of(0x1000, 1, 0, 0, None);
    assert_eq!(starts(&zeros.page(0x3000, 1, b"y").required(0, 1, 0x4000), SNP_GUEST), []);
}

#[test]
fn id_blocks() {
    let wrong = snp().id_block(1, &[7; 48]);
    let warnings = starts(&wrong, SNP_GUEST);
    assert!(
        matches!(&warnings[..], [Warning::IgvmIdBlock { wanted }] if wanted.as_bytes() == &[7; 48])
    );
    let digest = hex::decode(launch(&snp(), SNP_GUEST).expect("a launch").0).expect("hex");
    let right = snp().id_block(1, digest.as_slice().try_into().expect("48 bytes"));
    assert_eq!(starts(&right, SNP_GUEST), []);
    assert_eq!(refused(&wrong.clone().id_block(1, &[7; 48]), SNP_GUEST), Error::TwoIdBlocks);
    let other = snp().id_block(2, &[7; 48]).id_block(2, &[7; 48]);
    assert_eq!(starts(&other, SNP_GUEST), []);
    let twice = es().id_block(1, &[7; 48]).id_block(1, &[7; 48]);
    assert_eq!(starts(&twice, INIT2), []);
}

#[test]
fn vcpus() {
    let page = made::vmsa(1);
    for (vcpu, vcpus) in [(1, 1), (4, 4), (0xffff, 4096)] {
        let file = snp().vp_context(VMSA_GPA, 1, vcpu, &page);
        let error = refused(&file, Of { vcpus, ..SNP_GUEST });
        assert_eq!(error, Error::NoSuchVcpu { vcpu, count: vcpus });
    }
    let file = snp().vp_context(VMSA_GPA, 1, 3, &page);
    assert_eq!(starts(&file, Of { vcpus: 4, ..SNP_GUEST }), []);
    let loaded = File::parse(file.build()).expect("a file").load(Snp, &LoaderRules::QEMU);
    assert_eq!(loaded.expect("loaded").fewest_vcpus(), 4);

    let registers = sev().vp_context(0, 1, 0, &[0; 4096]);
    assert_eq!(refused(&registers, SEV_GUEST), Error::ContextInSev { vcpu: 0 });
    assert_eq!(refused(&registers, INIT2), Error::NotAVmsa { vcpu: 0 });
    assert_eq!(refused(&registers, SNP_GUEST), Error::NotAVmsa { vcpu: 0 });

    // Where it must stand, also if other registers come later.
    for found in [0, 0x1000, VMSA_GPA - 0x1000] {
        let (vcpu, wanted) = (0, Gpa(VMSA_GPA));
        let error = Error::VmsaAddress { vcpu, found: Gpa(found), wanted };
        let file = snp().vp_context(found, 1, 0, &page);
        assert_eq!(refused(&file, SNP_GUEST), error);
        assert_eq!(refused(&file.vp_context(VMSA_GPA, 1, 0, &page), SNP_GUEST), error);
    }

    // A vCPU without registers has the CPU's signature in RDX.
    let unknown = Of { signature: None, ..SNP_GUEST };
    assert!(matches!(
        launch(&snp(), unknown),
        Err(sev_launch_digest::Error::NoSignature { profile: "snp-igvm" })
    ));
    assert_eq!(starts(&of_bsp(&page), unknown), []);
    assert!(launch(&of_bsp(&page), Of { vcpus: 2, ..unknown }).is_err());
    let two = Of { vcpus: 2, ..SNP_GUEST };
    let other = Of { signature: Some(GENOA), ..two };
    assert_ne!(launch(&of_bsp(&page), two).ok(), launch(&of_bsp(&page), other).ok());
}

/// What a VMSA of a file may set, by offset and size, from QEMU's `check_vmsa_supported` as recorded guests showed it: segments, tables,
/// EFER, CR0, CR3, CR4, XCR0, DR6, DR7, the general registers, RIP, RFLAGS, PAT, FCW, MXCSR, features. Offsets are [APM2, VMSA layout].
const MAY_BE_SET: [(usize, usize); 10] = [
    (0x000, 0xa0), // ES, CS, SS, DS, FS, GS, GDTR, LDTR, IDTR, TR
    (0x0d0, 8),    // EFER
    (0x148, 0x38), // CR4, CR3, CR0, DR7, DR6, RFLAGS, RIP
    (0x1d8, 8),    // RSP
    (0x1f8, 8),    // RAX
    (0x268, 8),    // PAT
    (0x308, 0x18), // RCX, RDX, RBX
    (0x328, 0x58), // RBP, RSI, RDI, R8 to R15
    (0x3b0, 8),    // SEV_FEATURES
    (0x3e8, 8),    // XCR0
];
const FPU: [(usize, usize); 2] = [(0x408, 4), (0x410, 2)];

fn may_be_set(at: usize) -> bool {
    MAY_BE_SET.iter().chain(&FPU).any(|(start, size)| (*start..start + size).contains(&at))
}

#[test]
fn fields_that_qemu_does_not_hand_over() {
    let mut named = 0;
    for field in FIELDS.iter().filter(|field| field.offset < 0x670) {
        let mut page = made::vmsa(1);
        page[field.offset + field.size - 1] |= 1;
        let error = launch(&of_bsp(&page), SNP_GUEST);
        let refused = match &error {
            Err(sev_launch_digest::Error::Igvm(Error::VmsaField { vcpu: 0, field: name })) => {
                assert_eq!(name, field.name);
                true
            }
            _ => false,
        };
        assert_eq!(refused, !may_be_set(field.offset), "{}: {error:?}", field.name);
        named += usize::from(refused);
        if refused {
            // Registers that later ones replace are looked at too.
            let replaced = of_bsp(&page).vp_context(VMSA_GPA, 1, 0, &made::vmsa(1));
            assert_eq!(launch(&replaced, SNP_GUEST).err(), error.err(), "{}", field.name);
        }
    }
    assert!(named >= 40, "{named} fields");
    // Byte by byte, reserved ones too; nobody looks at what stands behind.
    for at in 0..4096 {
        let mut page = made::vmsa(1);
        page[at] ^= 0x10;
        let result = launch(&of_bsp(&page), SNP_GUEST);
        let is_field =
            matches!(&result, Err(sev_launch_digest::Error::Igvm(Error::VmsaField { .. })));
        assert_eq!(is_field, at < 0x670 && !may_be_set(at), "{at:#x}: {result:?}");
        if at >= 0x670 || FPU.iter().any(|(start, size)| (*start..start + size).contains(&at)) {
            assert_eq!(result.ok(), launch(&of_bsp(&made::vmsa(1)), SNP_GUEST).ok(), "{at:#x}");
        }
    }
}

// [Linux, kvm_is_valid_sregs, __kvm_set_xcr, kvm_pat_valid, __sev_launch_update_vmsa; QEMU, cpu_x86_update_cr0, kvm_put_sregs]
#[test]
fn registers_that_kvm_refuses() {
    let long = made::vmsa(1);
    let reset = put(expected::igvm::reset(), 0x3b0, 1);
    let (cr4, cr3, cr0, dr7, dr6, rflags, efer) = (0x148, 0x150, 0x158, 0x160, 0x168, 0x170, 0xd0);
    let (pat, xcr0) = (0x268, 0x3e8);
    let rows = [
        (&reset, cr0, 0x8000_0010, "CR0"),
        (&reset, cr0, 0x2000_0010, "CR0"),
        (&reset, efer, 0x1400, "EFER"),
        (&long, cr4, 0x40, "EFER"),
        (&long, cr0, 0x33, "EFER"),
        (&long, efer, 0x1400, "EFER"),
        (&long, cr3, 1 << 52, "CR3"),
        (&long, cr4, 0x60 | 1 << 12, "CR4"),
        (&long, cr4, 0x60 | 1 << 13, "CR4"),
        (&long, cr4, 0x60 | 1 << 14, "CR4"),
        (&long, cr4, 0x60 | 1 << 15, "CR4"),
        (&long, cr4, 0x60 | 1 << 19, "CR4"),
        (&long, cr4, 0x60 | 1 << 23, "CR4"),
        (&long, cr4, 0x60 | 1 << 31, "CR4"),
        (&long, xcr0, 0, "XCR0"),
        (&long, xcr0, 6, "XCR0"),
        (&long, xcr0, 5, "XCR0"),
        (&long, xcr0, 0xe7, "XCR0"),
        (&long, xcr0, 1 << 63 | 1, "XCR0"),
        (&long, dr6, 1 << 32 | 0xffff_0ff0, "DR6"),
        (&long, dr7, 0x401, "DR7"),
        (&long, dr7, 0x500, "DR7"),
        (&long, dr7, 1 << 32 | 0x400, "DR7"),
        (&long, rflags, 1 << 17 | 2, "RFLAGS"),
        (&long, pat, 2, "PAT"),
        (&long, pat, 3 << 56, "PAT"),
        (&long, pat, 8, "PAT"),
        (&long, pat, 0xff, "PAT"),
    ];
    for (base, at, value, name) in rows {
        let error = refused(&of_bsp(&put(base.clone(), at, value)), SNP_GUEST);
        match &error {
            Error::Register { vcpu: 0, register, found, .. } => {
                assert_eq!(*register, name, "{value:#x}: {error}");
                // The register itself, unless another says what is wrong.
                assert!(*found == value || name == "EFER", "{error}");
            }
            _ => panic!("{name} {value:#x}: {error}"),
        }
    }
    // A 64-bit code segment outside long mode.
    let mut page = reset.clone();
    page[0x13] |= 2;
    assert!(matches!(refused(&of_bsp(&page), SNP_GUEST), Error::Register { register: "EFER", .. }));
    // All zeros: no x87.
    let zeros = put(vec![0; 4096], 0x3b0, 1);
    assert!(matches!(
        refused(&of_bsp(&zeros), SNP_GUEST),
        Error::Register { register: "XCR0", .. }
    ));
    // Just on the good side.
    for (base, at, value) in [
        (&reset, cr0, 0x6000_0010),
        (&reset, cr0, 0x10 | 0xffff_ffff << 32),
        (&long, cr3, (1 << 52) - 0x1000),
        (&reset, cr3, u64::MAX),
        (&long, xcr0, 7),
        (&long, xcr0, 0x207),
        (&long, dr7, 0),
        (&long, pat, 0x0706_0504_0100_0706),
        (&long, rflags, !(1 << 17)),
        (&long, cr4, 0x60 | 1 << 17),
    ] {
        assert_eq!(
            starts(&of_bsp(&put(base.clone(), at, value)), SNP_GUEST),
            [],
            "{at:#x} {value:#x}"
        );
    }
}

// QEMU's EPYC lacks UMIP and PKE, EPYC-Rome PKE; LA57 and AVX-512 are Genoa's, PCIDE and PKRU Milan's.
#[test]
fn registers_that_depend_on_the_cpu() {
    let long = made::vmsa(1);
    let cr4 = |bits: u64| of_bsp(&put(long.clone(), 0x148, 0x60 | bits));
    let xcr0 = |value: u64| of_bsp(&put(long.clone(), 0x3e8, value));
    let of = |signature| Of { signature, ..SNP_GUEST };
    for (file, register, found) in [
        (cr4(1 << 11), "CR4", 0x60 | 1 << 11),
        (cr4(1 << 21), "CR4", 0x60 | 1 << 21),
        (cr4(1 << 12), "CR4", 0x60 | 1 << 12),
        (cr4(1 << 17), "CR4", 0x60 | 1 << 17),
        (cr4(1 << 22), "CR4", 0x60 | 1 << 22),
        (xcr0(0x207), "XCR0", 0x207),
        (xcr0(0xe7), "XCR0", 0xe7),
    ] {
        for signature in [None, Some(0x1234_5678)] {
            assert_eq!(refused(&file, of(signature)), Error::NeedsCpu { vcpu: 0, register, found });
        }
    }
    let digest = |file: &Builder, cpu| launch(file, of(Some(cpu))).ok().map(|(digest, _)| digest);
    let plain = digest(&cr4(0), MILAN);
    let (umip, pke) = (cr4(1 << 11), cr4(1 << 22));
    // SNP is not of Naples and Rome, and QEMU does not ask.
    assert_eq!(digest(&umip, NAPLES), plain);
    assert_ne!(digest(&umip, ROME), plain);
    assert_eq!(digest(&umip, ROME), digest(&umip, GENOA));
    assert_eq!(digest(&pke, NAPLES), plain);
    assert_eq!(digest(&pke, ROME), plain);
    assert_ne!(digest(&pke, MILAN), plain);
    assert!(digest(&cr4(1 << 12), GENOA).is_some() && digest(&cr4(1 << 12), MILAN).is_none());
    assert!(digest(&cr4(1 << 17), MILAN).is_some() && digest(&cr4(1 << 17), ROME).is_none());
    assert!(digest(&xcr0(0xe7), GENOA).is_some() && digest(&xcr0(0xe7), MILAN).is_none());
    assert!(digest(&xcr0(0x207), MILAN).is_some() && digest(&xcr0(0x207), ROME).is_none());
    for broken in [0x27, 0x67, 0xe3] {
        assert!(digest(&xcr0(broken), GENOA).is_none(), "{broken:#x}");
    }
    // PKS and LAM_SUP no model has.
    for cpu in [NAPLES, ROME, MILAN, GENOA] {
        assert_eq!(digest(&cr4(1 << 24 | 1 << 28), cpu), plain);
    }
}

// [QEMU, check_sev_features; Linux, KVM_X86_SEV_VMSA_FEATURES]
#[test]
fn features() {
    let of_es = |features| es().vp_context(VMSA_GPA, 1, 0, &made::vmsa(features));
    let of_snp = |features| of_bsp(&made::vmsa(features));
    for (file, of, features) in [
        (of_snp(0), SNP_GUEST, 0),
        (of_snp(0x20), SNP_GUEST, 0x20),
        (of_snp(0x3), SNP_GUEST, 0x3),
        (of_snp(0x9), SNP_GUEST, 0x9),
        (of_snp(0x41), SNP_GUEST, 0x41),
        (of_snp(1 << 63 | 1), SNP_GUEST, 1 << 63 | 1),
        (of_es(1), INIT2, 1),
        (of_es(8), INIT2, 8),
        (of_es(1), LEGACY, 1),
        (of_es(0x20), LEGACY, 0x20),
        (of_es(0x200), LEGACY, 0x200),
        (of_es(1), SWAPPED, 1),
        (of_es(0x20), SWAPPED, 0x20),
        (of_es(0x200), SWAPPED, 0x200),
    ] {
        let Error::Features { vcpu: 0, found, .. } = refused(&file, of) else {
            panic!("{features:#x}")
        };
        assert_eq!(found, SevFeatures(features));
        // Registers of others, and those that are replaced, are looked at.
        let (good, two) = (if of.technology == Snp { 1 } else { 0 }, Of { vcpus: 2, ..of });
        let page = made::vmsa(features);
        let base = if of.technology == Snp { snp() } else { es() };
        let other =
            base.vp_context(VMSA_GPA, 1, 0, &made::vmsa(good)).vp_context(VMSA_GPA, 1, 1, &page);
        assert!(matches!(refused(&other, two), Error::Features { vcpu: 1, .. }), "{features:#x}");
        let replaced = file.vp_context(VMSA_GPA, 1, 0, &made::vmsa(good));
        assert!(matches!(refused(&replaced, of), Error::Features { vcpu: 0, .. }), "{features:#x}");
    }
    assert_eq!(starts(&of_snp(0x21), SNP_GUEST), []);
    assert_eq!(starts(&of_es(0x20), INIT2), []);
    assert_eq!(starts(&of_snp(0x201), SNP_GUEST), [Warning::IgvmSecureTsc]);
    // A guest of SNP that starts from a file for SEV-ES has SNPActive.
    assert!(matches!(refused(&of_es(0), SNP_GUEST), Error::Features { .. }));
    assert_eq!(starts(&of_es(1), SNP_GUEST).len(), 1);
    // Those of the first vCPU are everybody's.
    let both = of_snp(0x21).vp_context(VMSA_GPA, 1, 1, &made::vmsa(1));
    let same = of_snp(0x21).vp_context(VMSA_GPA, 1, 1, &made::vmsa(0x21));
    let two = Of { vcpus: 2, ..SNP_GUEST };
    assert_eq!(launch(&both, two).ok(), launch(&same, two).ok());
    // Described ones are the file's, or wrong.
    assert_eq!(starts(&of_snp(0x21), Of { features: Some(0x21), ..SNP_GUEST }), []);
    assert_eq!(
        refused(&of_snp(0x21), Of { features: Some(1), ..SNP_GUEST }),
        Error::OtherFeatures { described: SevFeatures(1), found: SevFeatures(0x21) }
    );
    // Those of a guest of the legacy ioctl are the kernel's, whatever the file has registers of.
    for file in [of_es(0), es()] {
        assert_eq!(starts(&file, Of { features: Some(0x20), ..SWAPPED }), []);
        assert_eq!(
            refused(&file, Of { features: Some(0), ..SWAPPED }),
            Error::OtherFeatures { described: SevFeatures(0), found: SevFeatures(0x20) }
        );
        assert_eq!(starts(&file, Of { features: Some(0), ..LEGACY }), []);
    }
}

#[test]
fn profiles_of_other_loaders() {
    let file = File::parse(made::snp()).expect("a file");
    let loaded = file.load(Snp, &LoaderRules::QEMU).expect("loaded");
    let launch = |profile: Option<&str>, vmsas| {
        let profile = profile.map(|name| profile::by_name(name).expect("a profile"));
        Guest { loaded: &loaded, vcpus: VcpuCount::ONE, profile, vmsas }.launch().map(|_| ())
    };
    let by_signature = || Vmsas::of_signature(CpuSignature(MILAN));
    assert_eq!(launch(Some("snp-igvm"), by_signature()), Ok(()));
    for name in ["snp-qemu", "snp-igvm-hyperv", "snp-igvm-coconut"] {
        assert_eq!(
            launch(Some(name), by_signature()),
            Err(Error::Profile { profile: name }.into())
        );
    }
    assert_eq!(launch(None, by_signature()), Err(Error::Profile { profile: "none" }.into()));
    assert!(launch(Some("es-igvm-init2"), by_signature()).is_err());
}

// Pages on both sides of a header for nobody are one run, which an inserted area overtakes.
#[test]
fn a_run_goes_on_over_a_header_for_nobody() {
    let two = |between: fn(Builder) -> Builder| {
        let file = between(snp()).page(0x2000, 1, b"y").area(0, 4096).insert(0x9000, 1, 0);
        launch(&file, SNP_GUEST).expect("a launch").0
    };
    let beside = two(|file| file);
    assert_eq!(two(|file| file.page_of(0x5000, 0, 0, 0, None)), beside);
    assert_eq!(two(|file| file.required(0x5000, 0, 0x1000)), beside);
    // One for another platform stands between them.
    assert_ne!(two(|file| file.page_of(0x5000, 2, 0, 0, None)), beside);
    assert_ne!(two(|file| file.required(0x5000, 2, 0x1000)), beside);
}
