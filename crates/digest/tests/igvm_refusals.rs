//! Bad headers of IGVM files, one by one, each with its exact error; files are written by the test kit from the format's tables.
//!
//! Every bad form is one that the `igvm` crate 0.5 refuses too, by which QEMU reads, and each test asks that crate; where it takes what
//! ours refuses, the row says so. What loaders refuse of good files is in `igvm_loading.rs`.

use std::panic::catch_unwind;

use sev_launch_digest::igvm::{Error, File, HeaderProblem};
use sev_launch_testkit::igvm::{
    self as made, Builder, NATIVE, SEV, SEV_ES, SNP, TDX, VMSA_GPA, VSM, sealed,
};

/// The error of a file that the crate refuses too, or not.
fn refused(bytes: &[u8], by_the_crate: bool) -> Error {
    let theirs = catch_unwind(|| igvm::IgvmFile::new_from_binary(bytes, None));
    let is_refused = !matches!(theirs, Ok(Ok(_)));
    let error = File::parse(bytes.to_vec()).expect_err("a bad file");
    assert_eq!(is_refused, by_the_crate, "{error}");
    error
}

/// The problem of the first header of a type that has one, and that its place is told.
fn problem(file: Builder, kind: u32) -> HeaderProblem {
    problem_of(&file.build(), kind, true)
}

fn problem_of(bytes: &[u8], wanted: u32, by_the_crate: bool) -> HeaderProblem {
    match refused(bytes, by_the_crate) {
        Error::Header { kind, at, problem } => {
            assert_eq!(kind, wanted, "{problem}");
            let at = usize::try_from(at).expect("an offset");
            assert_eq!(bytes[at..at + 4], kind.to_le_bytes(), "{problem}");
            problem
        }
        other => panic!("{other}"),
    }
}

fn field(field: &'static str, found: u64, wanted: &'static str) -> HeaderProblem {
    HeaderProblem::Field { field, found, wanted }
}

fn snp() -> Builder {
    Builder::new().platform(SNP, 1)
}

/// Fields one after the other: a number and in how many bytes.
fn body(fields: &[(u64, usize)]) -> Vec<u8> {
    fields.iter().flat_map(|(value, size)| value.to_le_bytes()[..*size].to_vec()).collect()
}

fn page(gpa: u64, data: u32, kind: u64) -> Vec<u8> {
    body(&[(gpa, 8), (1, 4), (data.into(), 4), (0, 4), (kind, 2), (0, 2)])
}

fn context(gpa: u64, mask: u64, vcpu: u64) -> Vec<u8> {
    body(&[(gpa, 8), (mask, 4), (0, 4), (vcpu, 2), (0, 2)])
}

// [IGVM, IGVM_FIXED_HEADER, IGVM_FIXED_HEADER_V2]; the crate has InvalidFixedHeader, UnsupportedPageSize, InvalidChecksum.
#[test]
fn fixed_headers() {
    let good = made::sev();
    assert!(File::parse(good.clone()).is_ok());
    let with = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        sealed(file)
    };
    let size = u64::try_from(good.len()).expect("64 bits");
    assert_eq!(refused(b"", true), Error::Magic);
    assert_eq!(refused(b"IGV", true), Error::Magic);
    assert_eq!(refused(&with(0, b"MGVI"), true), Error::Magic);
    assert_eq!(refused(&vec![0xff; 0x1_0000], true), Error::Image);
    assert_eq!(refused(&good[..23], true), Error::Section { end: 24, size: 23 });
    for version in [0, 3, u32::MAX] {
        let error = Error::Version { found: version };
        assert_eq!(refused(&with(4, &version.to_le_bytes()), true), error);
    }
    let longer = [&good[..], b"x"].concat();
    assert_eq!(refused(&longer, true), Error::Size { found: size + 1, wanted: size });
    let shorter = &good[..good.len() - 1];
    assert_eq!(refused(shorter, true), Error::Size { found: size - 1, wanted: size });
    // Headers that begin, or end, where the file does; no data after them.
    let end = with(8, &u32::try_from(size).expect("small").to_le_bytes());
    assert!(matches!(refused(&end, true), Error::Section { .. }));
    let all = u32::try_from(size).expect("small") - 24;
    assert_eq!(refused(&with(12, &all.to_le_bytes()), true), Error::Section { end: size, size });
    assert!(matches!(refused(&with(12, &[0xff; 4]), true), Error::Section { .. }));
    let mut changed = good.clone();
    changed[20] ^= 1;
    assert!(matches!(refused(&changed, true), Error::Checksum { .. }));

    let second = |architecture, page_size| {
        let file = Builder::new().version(2, architecture, page_size).platform(SEV, 1);
        file.page(0, 1, b"x").build()
    };
    assert!(File::parse(second(0, 4096)).is_ok());
    let fixed = |field, found, wanted| Error::FixedHeader { field, found, wanted };
    assert_eq!(refused(&second(1, 4096), true), fixed("architecture", 1, 0));
    assert_eq!(refused(&second(2, 4096), true), fixed("architecture", 2, 0));
    for size in [0, 0x1_0000, 4095] {
        assert_eq!(refused(&second(0, size), true), fixed("page size", size, 4096));
    }
}

#[test]
fn sections() {
    let page = page(0x1000, 0, 0);
    let policy = body(&[(0, 8), (1, 4), (0, 4)]);
    for (file, kind) in [
        (snp().raw(0x302, &page).policy(0, 1), 0x101),
        (snp().raw(0x302, &page).platform(SEV, 2), 0x1),
        (snp().raw(0x101, &policy).platform(SEV, 2), 0x1),
    ] {
        assert_eq!(problem(file, kind), HeaderProblem::Order);
    }
    // The crate has NoPlatformHeaders; a file without directives is QEMU's to refuse.
    assert_eq!(refused(&Builder::new().area(0, 4096).build(), true), Error::NoPlatform);
    assert_eq!(refused(&Builder::new().build(), true), Error::NoPlatform);
    assert_eq!(refused(&snp().build(), false), Error::NoDirectives);
    // What is for no platform is not there.
    let nobody = snp().page_of(0, 0, 0, 0, None).required(0, 0, 4096);
    assert_eq!(refused(&nobody.build(), false), Error::NoDirectives);
}

// The crate has InvalidVariableHeaderType, InvalidVariableHeaderSize and InvalidBinaryVariableHeaderSection.
#[test]
fn types_and_lengths() {
    for kind in
        [0, 0x2, 0x100, 0x107, 0x200, 0x201, 0x300, 0x306, 0x314, 0x400, 0x401, 0x8000_0302, !0]
    {
        assert_eq!(problem(snp().raw(kind, &[0; 24]), kind), HeaderProblem::Unknown, "{kind:#x}");
    }
    // CoRIM, which QEMU's build of the crate does not know.
    for kind in [0x104, 0x105] {
        let file = snp().raw(kind, &body(&[(1, 4), (0, 12)][..1])).build();
        assert_eq!(problem_of(&file, kind, true), HeaderProblem::Unknown);
        let file = snp().raw(kind, &body(&[(1, 4), (0, 4), (0, 4), (0, 4)])).build();
        assert!(matches!(
            File::parse(file),
            Err(Error::Header { problem: HeaderProblem::Unknown, .. })
        ));
    }
    // A policy for realms of Arm is known, and no file for x86 has one.
    assert_eq!(problem(snp().raw(0x106, &[1; 32]), 0x106), HeaderProblem::Unknown);
    for (kind, wanted) in [
        (0x1_u32, 16_usize),
        (0x101, 16),
        (0x102, 48),
        (0x103, 32),
        (0x106, 32),
        (0x301, 16),
        (0x302, 24),
        (0x303, 16),
        (0x304, 20),
        (0x305, 24),
        (0x307, 8),
        (0x308, 8),
        (0x309, 8),
        (0x30a, 8),
        (0x30b, 696),
        (0x30c, 8),
        (0x30d, 16),
        (0x30e, 8),
        (0x30f, 8),
        (0x310, 8),
        (0x311, 864),
        (0x312, 8),
        (0x313, 8),
    ] {
        for found in [0, wanted - 1, wanted + 1, wanted + 8] {
            let problem = problem(snp().raw(kind, &vec![0; found]), kind);
            let found = u32::try_from(found).expect("small");
            let wanted = u64::try_from(wanted).expect("64 bits");
            assert_eq!(problem, HeaderProblem::Length { found, wanted }, "{kind:#x}");
        }
    }
    // Headers end within one: in its type and length, in its body, in what fills it up.
    let file = snp().raw(0x304, &context(VMSA_GPA, 1, 0)).build();
    let section = u32::from_le_bytes(file[12..16].try_into().expect("4 bytes"));
    for (cut, left) in [(1, 31), (4, 28), (8, 24), (24, 8), (25, 7), (31, 1)] {
        let mut file = file.clone();
        file[12..16].copy_from_slice(&(section - cut).to_le_bytes());
        let error = refused(&sealed(file), true);
        let Error::Header { at: 48, problem, .. } = error else { panic!("{error}") };
        assert_eq!(problem, HeaderProblem::Cut { left });
    }
    let mut long = snp().area(0, 4096).build();
    long[52..56].fill(0xff);
    assert!(matches!(
        refused(&sealed(long), true),
        Error::Header { problem: HeaderProblem::Cut { .. }, .. }
    ));
    // What fills it up is not looked at by the crate.
    let mut filled = snp().vp_context(VMSA_GPA, 1, 0, &made::vmsa(1)).build();
    assert!(File::parse(filled.clone()).is_ok());
    filled[48 + 8 + 20] = 5;
    assert_eq!(problem_of(&sealed(filled), 0x304, false), field("padding after it", 5, "0"));
}

// [IGVM, IGVM_VHS_SUPPORTED_PLATFORM]
#[test]
fn platforms() {
    let platform = |mask, vtl, kind, version, boundary| {
        let fields = body(&[(mask, 4), (vtl, 1), (kind, 1), (version, 2), (boundary, 8)]);
        problem(Builder::new().raw(0x1, &fields), 0x1)
    };
    for mask in [0, 3, 0xffff_ffff] {
        let wanted = field("compatibility mask", mask, "exactly one bit");
        assert_eq!(platform(mask, 0, 2, 1, 0), wanted);
    }
    for vtl in [1, 3, 255] {
        assert_eq!(platform(1, vtl, 2, 1, 0), field("highest VTL", vtl, "0 or 2"));
    }
    for kind in [6, 7, 255] {
        assert_eq!(
            platform(1, 0, kind, 1, 0),
            field("platform type", kind, "0 to 5, of x86 machines")
        );
    }
    for kind in 0..6 {
        for version in [0, 2, 0xffff] {
            assert_eq!(platform(1, 0, kind, version, 0), field("platform version", version, "1"));
        }
    }
    for kind in [0, 1] {
        assert_eq!(platform(1, 0, kind, 1, 1), field("shared GPA boundary", 1, "0"));
    }
    assert_eq!(problem(snp().platform(SNP, 2), 0x1), HeaderProblem::PlatformTwice);
    // Two platforms of one mask are the crate's to allow.
    let file = snp().platform(SEV, 1).page(0, 1, b"x").build();
    assert!(
        File::parse(file.clone()).is_ok() && igvm::IgvmFile::new_from_binary(&file, None).is_ok()
    );
}

// [IGVM, IGVM_VHS_GUEST_POLICY, IGVM_VHS_RELOCATABLE_REGION, IGVM_VHS_PAGE_TABLE_RELOCATION]
#[test]
fn initialization() {
    let policy = body(&[(0, 8), (1, 4), (7, 4)]);
    assert_eq!(problem(snp().raw(0x101, &policy), 0x101), field("reserved field", 7, "0"));

    let vsm = || Builder::new().platform(VSM, 1);
    // Alignment, address, size, lowest, highest; of vCPU 0 and level 0.
    let region = |[alignment, gpa, size, low, high]: [u64; 5], vtl| {
        body(&[
            (1, 4),
            (0, 2),
            (vtl, 1),
            (0, 1),
            (alignment, 8),
            (gpa, 8),
            (size, 8),
            (low, 8),
            (high, 8),
        ])
    };
    let good = [0x2000, 0x2000, 0x3000, 0, 0x4000];
    let bad = |place: usize, value| {
        let mut fields = good;
        fields[place] = value;
        problem(vsm().raw(0x102, &region(fields, 0)), 0x102)
    };
    assert_eq!(bad(0, 0x800), field("alignment", 0x800, "a multiple of 4096"));
    assert_eq!(bad(0, 0), field("alignment", 0, "a multiple of 4096 that is not 0"));
    for (place, name) in [(1, "region's address"), (3, "lowest address"), (4, "highest address")] {
        assert_eq!(bad(place, 0x1000), field(name, 0x1000, "a multiple of its alignment"));
    }
    assert_eq!(bad(2, 0x2800), field("size", 0x2800, "a multiple of 4096"));
    assert_eq!(bad(2, 0), field("size", 0, "some bytes that have addresses"));
    let problem_of_level = problem(vsm().raw(0x102, &region(good, 3)), 0x102);
    assert_eq!(problem_of_level, field("VTL", 3, "0, 1 or 2"));
    assert_eq!(
        problem(vsm().raw(0x102, &region(good, 0)).area(0, 0), 0x102),
        HeaderProblem::Relocation
    );

    let table = |[gpa, size, used]: [u64; 3], vtl, reserved| {
        body(&[(1, 4), (0, 2), (vtl, 1), (reserved, 1), (gpa, 8), (size, 8), (used, 8)])
    };
    let good_table = [0x8000, 0x2000, 0x1000];
    let bad =
        |fields, vtl, reserved| problem(vsm().raw(0x103, &table(fields, vtl, reserved)), 0x103);
    let aligned = "a multiple of 4096";
    assert_eq!(bad(good_table, 0, 1), field("reserved field", 1, "0"));
    assert_eq!(bad(good_table, 3, 0), field("VTL", 3, "0, 1 or 2"));
    assert_eq!(bad([0x8001, 0x2000, 0x1000], 0, 0), field("address", 0x8001, aligned));
    assert_eq!(bad([0x8000, 0x2001, 0x1000], 0, 0), field("size", 0x2001, aligned));
    assert_eq!(bad([0x8000, 0x2000, 0x1001], 0, 0), field("used size", 0x1001, aligned));
    assert_eq!(bad([0x8000, 0x2000, 0x3000], 0, 0), field("used size", 0x3000, "at most its size"));
    assert_eq!(bad([0x8000, 0, 0], 0, 0), field("size", 0, "some bytes that have addresses"));
    let end = u64::MAX - 0xfff;
    assert_eq!(
        bad([end, 0x2000, 0], 0, 0),
        field("size", 0x2000, "some bytes that have addresses")
    );

    // With the registers that a region belongs to: one good file, and two regions in one place.
    let full = |first: &[u8], second: &[u8]| {
        let file = vsm().raw(0x102, first).raw(0x103, second);
        let registers = [&[1, 0, 0, 0, 0][..], &0x4_0000_u32.to_le_bytes(), &[0; 27]].concat();
        file.raw_with(0x304, &context(0, 1, 0), 12, &registers)
    };
    assert!(File::parse(full(&region(good, 0), &table(good_table, 0, 0)).build()).is_ok());
    let overlapping = full(&region(good, 0), &table([0x4000, 0x1000, 0], 0, 0));
    assert_eq!(problem(overlapping, 0x103), HeaderProblem::Overlap);
    let other_level = full(&region(good, 0), &table(good_table, 2, 0));
    assert_eq!(problem(other_level, 0x103), HeaderProblem::Relocation);
    let inserted =
        full(&region(good, 0), &table(good_table, 0, 0)).area(0, 4096).insert(0x9000, 1, 0);
    assert_eq!(problem(inserted, 0x303), HeaderProblem::Overlap);
    // The registers of SNP are no registers that a region could belong to.
    let for_snp = snp().raw(0x102, &region(good, 0)).vp_context(VMSA_GPA, 1, 0, &made::vmsa(1));
    assert_eq!(problem(for_snp, 0x102), HeaderProblem::Relocation);
}

// [IGVM, IGVM_VHS_PAGE_DATA, IGVM_VHS_PARAMETER_AREA, IGVM_VHS_PARAMETER_INSERT, IGVM_VHS_PARAMETER, IGVM_VHS_REQUIRED_MEMORY,
// IGVM_VHS_ERROR_RANGE]
#[test]
fn directives() {
    let aligned = "a multiple of 4096";
    assert_eq!(problem(snp().page(0x1001, 1, b"x"), 0x302), field("address", 0x1001, aligned));
    assert_eq!(problem(snp().raw(0x302, &page(0, 0, 4)), 0x302), field("page type", 4, "0 to 3"));
    let reserved = body(&[(0, 8), (1, 4), (0, 4), (0, 4), (0, 2), (9, 2)]);
    assert_eq!(problem(snp().raw(0x302, &reserved), 0x302), field("reserved field", 9, "0"));

    // One header of 32 bytes after the platform's: data starts at 80, and 4096 bytes of it are there.
    let with = |offset: u32, bytes: usize| {
        let mut file = snp().raw(0x302, &page(0x1000, offset, 0)).build();
        file.resize(80 + bytes, 0);
        let size = u32::try_from(file.len()).expect("small").to_le_bytes();
        file[16..20].copy_from_slice(&size);
        sealed(file)
    };
    assert!(File::parse(with(80, 4096)).is_ok());
    let place = |offset, size, end| HeaderProblem::Data { offset, size, start: 80, end };
    for (offset, bytes) in
        [(1, 4096), (79, 4096), (81, 4096), (80, 4095), (u32::MAX, 4096), (4176, 4096)]
    {
        let end = 80 + u64::try_from(bytes).expect("64 bits");
        assert_eq!(problem_of(&with(offset, bytes), 0x302, true), place(offset, 4096, end));
    }

    assert_eq!(problem(snp().area(0, 0x800), 0x301), field("size", 0x800, aligned));
    assert_eq!(
        problem(snp().area(7, 4096).area(7, 4096), 0x301),
        HeaderProblem::AreaTwice { index: 7 }
    );
    let area = body(&[(0x2000, 8), (0, 4), (0, 4)]);
    let short = snp().raw_with(0x301, &area, 12, &[1; 0x1fff]);
    assert!(matches!(problem(short, 0x301), HeaderProblem::Data { size: 0x2000, .. }));
    let huge = body(&[(u64::MAX - 0xfff, 8), (0, 4), (0, 4)]);
    let huge = snp().raw_with(0x301, &huge, 12, &[1; 8]);
    assert!(matches!(problem(huge, 0x301), HeaderProblem::Data { .. }));

    let area = || snp().area(3, 4096);
    assert_eq!(problem(area().insert(0x1800, 1, 3), 0x303), field("address", 0x1800, aligned));
    let none = |index| HeaderProblem::NoArea { index };
    assert_eq!(problem(snp().insert(0x1000, 1, 0), 0x303), none(0));
    assert_eq!(problem(area().insert(0x1000, 1, 4), 0x303), none(4));
    assert_eq!(problem(area().insert(0x1000, 1, 3).insert(0x2000, 1, 3), 0x303), none(3));
    for kind in [0x307, 0x308, 0x309, 0x30a, 0x30c, 0x30e, 0x30f, 0x310, 0x312, 0x313] {
        assert_eq!(problem(snp().parameter(kind, 0), kind), none(0));
        assert_eq!(problem(area().insert(0x1000, 1, 3).parameter(kind, 3), kind), none(3));
    }
    // An area may be inserted once for everybody, and for nobody before.
    assert!(File::parse(area().insert(0x1000, 0, 3).insert(0x1000, 1, 3).build()).is_ok());

    assert_eq!(problem(snp().required(0x1001, 1, 4096), 0x305), field("address", 0x1001, aligned));
    assert_eq!(problem(snp().required(0, 1, 4095), 0x305), field("size", 4095, aligned));
    let reserved = body(&[(0, 8), (1, 4), (4096, 4), (0, 4), (1, 4)]);
    assert_eq!(problem(snp().raw(0x305, &reserved), 0x305), field("reserved field", 1, "0"));
    let range = body(&[(0x10, 8), (1, 4), (4096, 4)]);
    assert_eq!(problem(snp().raw(0x30d, &range), 0x30d), field("address", 0x10, aligned));
}

// [IGVM, IGVM_VHS_VP_CONTEXT]; the crate has InvalidVpContextPlatformType, InvalidDataSize, InvalidContext, NoVbsVpContextRegisters,
// and panics where registers are of two levels or of another vCPU.
#[test]
fn registers() {
    let vmsa = made::vmsa(1);
    for (platforms, mask) in [
        (snp(), 0),
        (snp(), 2),
        (snp().platform(SEV_ES, 2), 3),
        (Builder::new().platform(TDX, 1), 1),
    ] {
        let found = problem(platforms.vp_context(VMSA_GPA, mask, 0, &vmsa), 0x304);
        assert_eq!(found, HeaderProblem::ContextMask { mask });
    }
    for kind in [SNP, SEV_ES] {
        let file = Builder::new().platform(kind, 1);
        let found = problem(file.clone().vp_context(0x1010, 1, 0, &vmsa), 0x304);
        assert_eq!(found, field("address", 0x1010, "a multiple of 4096"));
        // No data at all, which other headers may have.
        assert!(matches!(
            problem(file.clone().raw(0x304, &context(VMSA_GPA, 1, 0)), 0x304),
            HeaderProblem::Data { offset: 0, size: 4096, .. }
        ));
        let short = problem(file.vp_context(VMSA_GPA, 1, 0, &vmsa[..4095]), 0x304);
        assert!(matches!(short, HeaderProblem::Data { size: 4096, .. }));
    }
    for kind in [NATIVE, SEV] {
        let file = Builder::new().platform(kind, 1);
        let mut page = vec![0; 4096];
        page[4095] = 3;
        let found = problem(file.clone().vp_context(0, 1, 0, &page), 0x304);
        assert_eq!(found, field("byte after its registers", 3, "0"));
        let short = problem(file.vp_context(0, 1, 0, &[0; 4000]), 0x304);
        assert!(matches!(short, HeaderProblem::Data { size: 4096, .. }));
    }

    let list = |count: u32, registers: &[(u8, u32)]| {
        let mut list = count.to_le_bytes().to_vec();
        for (vtl, name) in registers {
            list.push(*vtl);
            list.extend(name.to_le_bytes());
            list.extend([0; 27]);
        }
        list
    };
    let vsm = |vcpu, list: &[u8]| {
        Builder::new().platform(VSM, 1).raw_with(0x304, &context(0, 1, vcpu), 12, list)
    };
    let (cr0, rip) = (0x4_0000, 0x2_0010);
    assert!(File::parse(vsm(0, &list(2, &[(2, cr0), (2, rip)])).build()).is_ok());
    let bad = |list: Vec<u8>| problem(vsm(0, &list), 0x304);
    assert_eq!(bad(list(0, &[])), field("number of registers", 0, "at least 1"));
    assert_eq!(bad(list(1, &[(3, cr0)])), field("VTL", 3, "0, 1 or 2"));
    assert_eq!(bad(list(2, &[(0, cr0), (2, rip)])), field("VTL", 2, "that of the first register"));
    assert!(matches!(bad(list(3, &[(0, cr0), (0, rip)])), HeaderProblem::Data { size: 100, .. }));
    assert!(matches!(bad(vec![1, 0, 0]), HeaderProblem::Data { size: 4, .. }));
    // RAX is no register that a file sets.
    for name in [0, 0x2_0000, 0x4_0001, 0x6_0006, 0x8_0015, u32::MAX] {
        let wanted = field("register's name", name.into(), "one that files may have");
        assert_eq!(bad(list(1, &[(0, name)])), wanted);
    }
    let found = problem(vsm(1, &list(1, &[(0, cr0)])), 0x304);
    assert_eq!(found, field("vCPU of VSM isolation", 1, "0, the first"));
    // The crate reads any number.
    let long = vsm(0, &list(257, &[(0, cr0); 257])).build();
    assert_eq!(problem_of(&long, 0x304, false), field("number of registers", 257, "at most 256"));
}

/// Files with a header of every kind that a guest of AMD starts with.
fn good() -> Vec<(&'static str, Vec<u8>)> {
    let all = Builder::new()
        .platform(SNP, 1)
        .platform(SEV_ES, 2)
        .policy(0x3_0000, 1)
        .area(0, 4096)
        .parameter(0x307, 0)
        .insert(0x5000, 1, 0)
        .required(0, 3, 4096)
        .page(0x1000, 3, b"x")
        .page_of(0x9000, 1, 0, 1, None)
        .vp_context(VMSA_GPA, 1, 0, &made::vmsa(1))
        .id_block(1, &[7; 48]);
    let second = Builder::new().version(2, 0, 4096).platform(SEV, 1).page(0, 1, b"x");
    vec![("all", all.build()), ("second", second.build()), ("sev", made::sev())]
}

// CRC-32 sees every single bit.
#[test]
fn every_bit_of_the_headers_is_guarded() {
    for (name, good) in good() {
        let start = usize::from(good[8]);
        let end = start + usize::from(u16::from_le_bytes([good[12], good[13]]));
        for bit in 0..end * 8 {
            let mut file = good.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            assert!(File::parse(file).is_err(), "{name}: bit {bit}");
        }
    }
}

// With the checksum made again, every bit is refused or read as something else, but for those that no loader of SNP looks at.
#[test]
fn every_bit_of_the_headers_counts() {
    let read = |bytes: &[u8]| {
        let file = File::parse(bytes.to_vec()).ok()?;
        Some((file.platforms().to_vec(), file.policies().to_vec(), file.directives().to_vec()))
    };
    for (name, good) in good() {
        let start = usize::from(good[8]);
        let end = start + usize::from(u16::from_le_bytes([good[12], good[13]]));
        let as_it_was = read(&good).expect("a good file");
        // Where headers start, by type.
        let mut kinds = vec![(0, 0)];
        let mut at = start;
        while at < end {
            let number =
                |at: usize| u32::from_le_bytes(good[at..at + 4].try_into().expect("4 bytes"));
            kinds.push((at, number(at)));
            let length = usize::try_from(number(at + 4)).expect("small");
            at += 8 + length.next_multiple_of(8);
        }
        for bit in 0..end * 8 {
            let at = bit / 8;
            let mut file = good.clone();
            file[at] ^= 1 << (bit % 8);
            if read(&sealed(file)).as_ref() != Some(&as_it_was) {
                continue;
            }
            let (header, kind) = *kinds.iter().rfind(|(start, _)| *start <= at).expect("one");
            let place = at - header;
            let is_idle = match kind {
                // The checksum itself, which is made again.
                0 => (20..24).contains(&place),
                // Platform: the highest VTL (0 and 2 are good), the boundary of what is shared with the host.
                0x1 => place == 12 || (16..24).contains(&place),
                // Parameter: where in the area it is put.
                0x307 => (12..16).contains(&place),
                // Registers: two reserved bytes, at which no reader looks.
                0x304 => (26..28).contains(&place),
                // Required memory: flags.
                0x305 => (24..28).contains(&place),
                // Parameter area: where its first bytes stand in the file, which are not measured.
                0x301 => (20..24).contains(&place),
                // ID block: three reserved bytes; the version, which QEMU sets; a word of each key that AMD's form does not have.
                0x30b => {
                    [13..16, 96..100, 260..264, 556..560].iter().any(|idle| idle.contains(&place))
                }
                _ => false,
            };
            assert!(is_idle, "{name}: header {kind:#x}, byte {place:#x}, bit {}", bit % 8);
        }
    }
}
