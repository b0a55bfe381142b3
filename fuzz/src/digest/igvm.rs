//! IGVM files: whatever headers one has, it is read the same twice, and a launch that can happen has one digest, with which its trace
//! ends. QEMU's is computed a second time.

use std::sync::LazyLock;

use sev_launch_abi::{CpuSignature, LaunchDigest, Technology};
use sev_launch_digest::igvm::{ContextForm, File, Guest, LoaderRules, PageKind, What, is_igvm};
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::{VcpuCount, Vmsas, hash};
use sev_launch_testkit::expected::igvm::{self as expected, Kind, Part, Started};
use sev_launch_testkit::igvm::{self as made, Builder, sealed};

/// A file may load a million pages: one with more than this many is read, and no launch of it is computed.
const MOST_PAGES: u64 = 2000;
/// A Milan, which has all of what registers may ask for.
const SIGNATURE: u32 = 0x00a0_0f11;

/// Where data begins in the files that are made of an input, and what stands there, a page each: a VMSA for SNP, one for SEV-ES, zeros,
/// and two registers of VSM isolation.
const DATA: usize = 0x8000;
static PAGES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut pages = [made::vmsa(1), made::vmsa(0), vec![0; 0x1000]].concat();
    pages.extend([2, 0, 0, 0]);
    for name in [0x4_0000_u32, 0x2_0010] {
        pages.push(0);
        pages.extend(name.to_le_bytes());
        pages.extend([0; 27]);
    }
    pages.resize(0x4000, 0);
    pages
});

/// The input is a file as it stands; and, with a first byte that says how often three bytes write one into the first page of the
/// data, the headers of one.
pub(crate) fn run(bytes: &[u8]) {
    read(bytes);
    read(&sealed(bytes.to_vec()));
    if let Some(file) = file(bytes) {
        read(&file);
    }
}

fn file(bytes: &[u8]) -> Option<Vec<u8>> {
    let (first, mut rest) = bytes.split_first()?;
    let mut data = PAGES.clone();
    for _ in 0..first & 7 {
        let ([low, high, value], left) = rest.split_first_chunk()?;
        data[usize::from(u16::from_le_bytes([*low, *high & 0x0f]))] = *value;
        rest = left;
    }
    let version: u32 = if first & 8 == 0 { 1 } else { 2 };
    let fixed: u32 = if version == 1 { 24 } else { 32 };
    let size = u32::try_from(rest.len()).ok()?;
    let mut file = b"IGVM".to_vec();
    let total = u32::try_from(DATA + data.len()).ok()?;
    for field in [version, fixed, size, total, 0] {
        file.extend(field.to_le_bytes());
    }
    if version == 2 {
        file.extend([0, 0, 0, 0, 0, 0x10, 0, 0]);
    }
    file.extend(rest);
    if file.len() > DATA {
        return None;
    }
    file.resize(DATA, 0);
    file.extend(data);
    Some(sealed(file))
}

fn read(bytes: &[u8]) {
    let Ok(file) = File::parse(bytes.to_vec()) else { return };
    assert!(is_igvm(bytes) && file.as_bytes() == bytes);
    assert_eq!(File::parse(bytes.to_vec()).as_ref(), Ok(&file), "read again");
    assert!(!file.platforms().is_empty() && !file.directives().is_empty());
    if file.pages() > MOST_PAGES {
        return;
    }
    for (technology, profile, kind) in [
        (Technology::Sev, None, Some(Kind::Sev)),
        (Technology::SevEs, Some("es-igvm-legacy"), Some(Kind::SevEsLegacy)),
        (Technology::SevEs, Some("es-igvm-legacy-debugswap"), Some(Kind::SevEsLegacySwapped)),
        (Technology::SevEs, Some("es-igvm-init2"), Some(Kind::SevEs)),
        (Technology::Snp, Some("snp-igvm"), Some(Kind::Snp)),
        (Technology::SevEs, Some("es-igvm-coconut"), None),
        (Technology::Snp, Some("snp-igvm-coconut"), None),
        (Technology::Snp, Some("snp-igvm-hyperv"), None),
    ] {
        let profile = profile.map(|name| profile::by_name(name).expect("a profile"));
        for vcpus in [1, 3] {
            let digest = digest(&file, technology, profile, vcpus);
            assert_eq!(digest, self::digest(&file, technology, profile, vcpus), "launched again");
            let (Some(digest), Some(kind)) = (digest, kind) else { continue };
            let started = Started { kind, vcpus, signature: SIGNATURE, lacking: 0 };
            let platforms = platforms(&file);
            let wanted = expected::qemu(&platforms, &parts(&file), started);
            assert_eq!(wanted.as_deref(), Ok(digest.as_bytes()), "{kind:?}, {vcpus} vCPUs");
        }
    }
}

fn digest(
    file: &File,
    technology: Technology,
    profile: Option<&LaunchProfile>,
    vcpus: u16,
) -> Option<LaunchDigest> {
    let rules = profile.map_or(&LoaderRules::QEMU, |one| one.igvm_rules().expect("it loads them"));
    let loaded = file.load(technology, rules).ok()?;
    let vmsas = Vmsas::Profile { signature: Some(CpuSignature(SIGNATURE)), sev_features: None };
    let vcpus = VcpuCount::new(vcpus.into()).expect("a count");
    let launch = Guest { loaded: &loaded, vcpus, profile, vmsas }.launch().ok()?;
    if let Some((_, last)) = launch.trace().last() {
        assert_eq!(last, launch.digest(), "the trace ends with the digest");
    }
    let number = usize::try_from(vcpus.number()).expect("a small number");
    if launch.vmsa_pages().is_some() {
        let last = launch.digests(&hash::Portable).nth(number - 1);
        assert_eq!(last, Some(launch.digest()), "the digest of so many vCPUs");
    }
    Some(launch.digest())
}

fn platforms(file: &File) -> Vec<(u8, u32)> {
    let number = |name| match name {
        "NATIVE" => made::NATIVE,
        "VSM_ISOLATION" => made::VSM,
        "SEV_SNP" => made::SNP,
        "TDX" => made::TDX,
        "SEV" => made::SEV,
        _ => made::SEV_ES,
    };
    file.platforms().iter().map(|one| (number(one.kind.name()), one.mask)).collect()
}

/// What was read, for the second computation; an area that nobody inserts for what moves no digest.
fn parts(file: &File) -> Vec<Part> {
    let page_at = |offset: u32| {
        let at = usize::try_from(offset).expect("an offset");
        file.as_bytes()[at..at + 4096].to_vec()
    };
    let part = |what: &What| match what {
        What::PageData(page) => {
            let kind = match page.kind {
                PageKind::Normal => 0,
                PageKind::Secrets => 1,
                PageKind::CpuidData => 2,
                PageKind::CpuidXf => 3,
            };
            Part::Page(page.gpa.0, page.mask, page.flags, kind, page.data.map(page_at))
        }
        What::ParameterArea { index, size } => Part::Area(*index, *size),
        What::ParameterInsert { gpa, mask, index } => Part::Insert(gpa.0, *mask, *index),
        What::VpContext(context) => match context.form {
            ContextForm::Vmsa(offset) => {
                Part::Context(context.mask, context.vp_index, page_at(offset))
            }
            _ => nothing(file),
        },
        What::RequiredMemory { gpa, mask, size } => Part::Required(gpa.0, *mask, *size),
        _ => nothing(file),
    };
    file.directives().iter().map(|directive| part(&directive.what)).collect()
}

fn nothing(file: &File) -> Part {
    let is_used = |number: &u32| {
        let declares =
            |what: &What| matches!(what, What::ParameterArea { index, .. } if index == number);
        file.directives().iter().any(|directive| declares(&directive.what))
    };
    let unused = (0..).find(|number| !is_used(number)).expect("a number");
    Part::Area(unused, 4096)
}

/// Headers whose data stands in the file that is made of them.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let context = |mask: u32, vcpu: u16, page: u32, gpa: u64| {
        let fields: [&[u8]; 5] = [
            &gpa.to_le_bytes(),
            &mask.to_le_bytes(),
            &page.to_le_bytes(),
            &vcpu.to_le_bytes(),
            &[0; 2],
        ];
        fields.concat()
    };
    let page = |gpa: u64, mask: u32, page: u32, flags: u32, kind: u32| {
        let fields: [&[u8]; 5] = [
            &gpa.to_le_bytes(),
            &mask.to_le_bytes(),
            &page.to_le_bytes(),
            &flags.to_le_bytes(),
            &kind.to_le_bytes(),
        ];
        fields.concat()
    };
    let snp = Builder::new()
        .platform(made::SNP, 1)
        .policy(0x3_0000, 1)
        .required(0, 1, 0x4000)
        .raw(0x302, &page(0x1000, 1, 0x8000, 0, 0))
        .raw(0x302, &page(0x2000, 1, 0x9000, 0, 0))
        .raw(0x302, &page(0x9000, 1, 0, 0, 1))
        .raw(0x302, &page(0xa000, 1, 0, 0, 2))
        .area(0, 0x2000)
        .parameter(0x307, 0)
        .insert(0x5000, 1, 0)
        .raw(0x304, &context(1, 0, 0x8000, made::VMSA_GPA))
        .raw(0x304, &context(1, 1, 0x8000, made::VMSA_GPA));
    let all = Builder::new()
        .platform(made::SNP, 1)
        .platform(made::SEV_ES, 2)
        .platform(made::SEV, 4)
        .platform(made::NATIVE, 8)
        .platform(made::VSM, 16)
        .raw(0x302, &page(0x1000, 15, 0x8000, 0, 0))
        .raw(0x302, &page(0x2000, 15, 0, 0, 0))
        .raw(0x302, &page(0x20_0000, 1, 0x8000, made::LARGE, 0))
        .raw(0x302, &page(0x3000, 7, 0x9000, made::UNMEASURED, 0))
        .raw(0x302, &page(0x4000, 0, 0x9000, made::SHARED, 0))
        .raw(0x304, &context(1, 0, 0x8000, made::VMSA_GPA))
        .raw(0x304, &context(2, 0, 0x9000, made::VMSA_GPA))
        .raw(0x304, &context(8, 0, 0xa000, 0))
        .raw(0x304, &context(16, 0, 0xb000, 0));
    let mut regions = Builder::new().platform(made::VSM, 16).platform(made::SEV, 4);
    for (kind, fields) in [
        (0x102, &[16, 0, 0x1000, 0x10_0000, 0x2000, 0, 0x80_0000][..]),
        (0x103, &[16, 0x20_0000, 0x4000, 0x1000]),
    ] {
        let fields: Vec<u8> = match kind {
            // The mask, and what is 4 bytes too.
            0x102 => fields
                .iter()
                .take(2)
                .flat_map(|field: &u64| field.to_le_bytes()[..4].to_vec())
                .chain(fields.iter().skip(2).flat_map(|field| field.to_le_bytes()))
                .collect(),
            _ => fields.iter().flat_map(|field| field.to_le_bytes()).collect(),
        };
        regions = regions.raw(kind, &fields);
    }
    let regions =
        regions.raw(0x302, &page(0x1000, 4, 0x8000, 0, 0)).raw(0x304, &context(16, 0, 0xb000, 0));
    let headers = |file: Builder| {
        let file = file.build();
        let end = file.len() - 8;
        file[24..end].to_vec()
    };
    let [snp, all, regions] = [snp, all, regions].map(headers);
    let id_block = headers(Builder::new().platform(made::SNP, 1).id_block(1, &[7; 48]).area(3, 0));
    vec![
        [&[0][..], &snp].concat(),
        [&[8][..], &all].concat(),
        // The registers' RAX and a byte of the features.
        [&[2, 0xf8, 0x01, 9, 0xb0, 0x03, 0x21][..], &snp].concat(),
        [&[0][..], &regions].concat(),
        [&[0][..], &id_block].concat(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    // What the search begins with is read, and starts a guest: else nothing is compared.
    #[test]
    fn seeds_start_guests() {
        let mut launched = 0;
        for (number, seed) in seeds().iter().enumerate() {
            let bytes = file(seed).unwrap_or_else(|| panic!("seed {number} is no file"));
            let file = File::parse(bytes).unwrap_or_else(|error| panic!("seed {number}: {error}"));
            let profile = |name| profile::by_name(name).ok();
            for (technology, profile) in [
                (Technology::Sev, None),
                (Technology::SevEs, profile("es-igvm-legacy")),
                (Technology::Snp, profile("snp-igvm")),
            ] {
                launched += usize::from(digest(&file, technology, profile, 3).is_some());
            }
        }
        assert!(launched >= 6, "{launched} launches");
    }
}
