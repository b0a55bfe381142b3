//! What a verifier is given of a description: the policy and HOST_DATA beside the digests, what these leave unproven, and where
//! a secret goes.

use sev_launch_abi::snp::HostData;
use sev_launch_abi::{Gpa, Technology, sev, snp};
use sev_launch_description::{Description, Origin};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::{Area, Firmware, KernelHashCheck};
use sev_launch_digest::hash::{Portable, Sha256Digest};
use sev_launch_sweep::coverage::{
    self, BEYOND_ANY_DIGEST, HASHES_UNCHECKED, KERNEL_OFF, KERNEL_UNCHECKED, NO_KERNEL, POLICY,
    REGISTERS,
};
use sev_launch_sweep::firmware;
use sev_launch_sweep::inside::{LooksInside, Module};
use sev_launch_sweep::{
    Accepted, Budget, Inputs, Inside, Memory, Mode, Reading, SecretPlace, Sweep,
};
use sev_launch_testkit::firmware::FirmwareBuilder;
use sev_launch_verify::sev::secret::SecretArea;

fn files() -> Memory {
    Memory::from([
        ("a.fd", FirmwareBuilder::amd_sev().build()),
        ("kernel", b"kernel".to_vec()),
        ("qboot", vec![0xee; 0x1_0000]),
        ("krun", vec![1; 0x1000]),
        ("initrd", vec![2; 0x1000]),
    ])
}

fn read(text: &str) -> Inputs {
    let origin = Origin::file("launch.toml");
    let description = Description::from_toml(text, &origin, "".as_ref()).expect("a description");
    let mode = Mode::of(&description).expect("a technology");
    Inputs::read(mode, description, Reading::default(), &files(), &Portable).expect("inputs")
}

/// What is not covered beyond what no digest covers, with the order.
fn not_covered(text: &str) -> Vec<&'static str> {
    let list = coverage::not_covered(&read(text));
    list.into_iter().filter(|text| !BEYOND_ANY_DIGEST.contains(text)).collect()
}

#[test]
fn what_a_digest_does_not_cover_is_told() {
    let sev = "technology = 'sev'\nfirmware.path = 'a.fd'\n";
    let es = "technology = 'sev-es'\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.path = 'a.fd'\n";
    let kernel = "boot.kernel = 'kernel'\n";
    let off = "boot.kernel_hashes = false";
    let both = "boot.kernel_hashes = [true, false]";
    let told = |parts: &[&str]| not_covered(&parts.concat());
    assert_eq!(told(&[sev]), [POLICY, NO_KERNEL, REGISTERS]);
    assert_eq!(told(&[sev, kernel]), [POLICY, HASHES_UNCHECKED, REGISTERS]);
    // What matters most is read first.
    assert_eq!(told(&[sev, kernel, off]), [KERNEL_OFF, POLICY, REGISTERS]);
    assert_eq!(told(&[sev, kernel, both]), [KERNEL_OFF, POLICY, HASHES_UNCHECKED, REGISTERS]);
    assert_eq!(told(&[es]), [POLICY, NO_KERNEL]);
    // libkrun measures kernel and initrd whole.
    let krun = "technology = 'sev-es'\nvcpus = 1\nprofile = 'es-krun-1.4'\nfirmware.path = 'qboot'\nboot.kernel = 'krun'\nboot.initrd = 'initrd'";
    assert_eq!(told(&[krun]), [POLICY]);
    let all = coverage::not_covered(&read(sev));
    assert!(BEYOND_ANY_DIGEST.iter().all(|text| all.contains(text)), "{all:?}");
}

/// An image in which that was found, and of whose modules nothing is known.
fn inside(kernel_hash_check: KernelHashCheck) -> Inside {
    Inside { kernel_hash_check, ..Inside::default() }
}

/// As [`read`], by somebody who finds this in each image.
fn read_asking(text: &str, looks: LooksInside) -> Inputs {
    let origin = Origin::file("launch.toml");
    let description = Description::from_toml(text, &origin, "".as_ref()).expect("a description");
    let mode = Mode::of(&description).expect("a technology");
    let reading = Reading { looks_inside: Some(looks), ..Reading::default() };
    Inputs::read(mode, description, reading, &files(), &Portable).expect("inputs")
}

#[test]
fn a_firmware_that_checks_no_hashes_covers_no_kernel() {
    let of = |text: &str, looks| {
        let inputs = read_asking(text, looks);
        let sweep = Sweep::new(&inputs, &Portable).expect("launches");
        let accepted = Accepted::<sev::LaunchDigest>::of(&sweep).expect("rows");
        let mut list = accepted.not_covered;
        list.retain(|text| !BEYOND_ANY_DIGEST.contains(text));
        let is_warned = accepted.warnings.contains(&Warning::KernelHashesUnchecked.to_string());
        (list, is_warned, accepted.secret_place)
    };
    let is_area = |place| matches!(place, SecretPlace::Firmware(Some(_)));
    let (no, yes) =
        (|_: &[u8]| inside(KernelHashCheck::No), |_: &[u8]| inside(KernelHashCheck::Yes));
    let sev = "technology = 'sev'\nfirmware.path = 'a.fd'\n";
    let kernel = format!("{sev}boot.kernel = 'kernel'\n");
    let both = format!("{kernel}boot.kernel_hashes = [true, false]");
    let off = format!("{kernel}boot.kernel_hashes = false");

    let (list, is_warned, place) = of(&kernel, no);
    assert_eq!(list, [KERNEL_UNCHECKED, POLICY, REGISTERS]);
    assert_eq!((is_warned, place), (true, SecretPlace::UncheckedKernel));
    let (list, is_warned, place) = of(&kernel, yes);
    assert_eq!((list, is_warned), (vec![POLICY, REGISTERS], false));
    assert!(is_area(place));
    let (list, _, place) = of(&both, no);
    assert_eq!(list, [KERNEL_UNCHECKED, KERNEL_OFF, POLICY, REGISTERS]);
    assert_eq!(place, SecretPlace::UnmeasuredKernel);
    // Where no digest has hashes, nobody looks at any.
    let (list, is_warned, place) = of(sev, no);
    assert_eq!((list, is_warned), (vec![POLICY, NO_KERNEL, REGISTERS], false));
    assert!(is_area(place));
    let (list, ..) = of(&off, no);
    assert_eq!(list, [KERNEL_OFF, POLICY, REGISTERS]);
    // libkrun's kernel is measured as what it is, whatever is said of its qboot.
    let krun = "technology = 'sev-es'\nvcpus = 1\nprofile = 'es-krun-1.4'\nfirmware.path = 'qboot'\nboot.kernel = 'krun'\nboot.initrd = 'initrd'";
    let (list, is_warned, _) = of(krun, no);
    assert_eq!((list, is_warned), (vec![POLICY], false));
}

#[test]
fn of_several_firmwares_the_worst_counts() {
    let text = "technology = 'sev'\nfirmware.path = ['a.fd', 'qboot']\nboot.kernel = 'kernel'";
    let check = |looks| read_asking(text, looks).kernel_hash_check();
    // 'qboot' is nothing but this byte, and the other image is not.
    const QBOOT: &[u8] = &[0xee; 0x1_0000];
    let one = |image: &[u8]| {
        inside([KernelHashCheck::Yes, KernelHashCheck::No][usize::from(image == QBOOT)])
    };
    assert_eq!(check(one), Some(KernelHashCheck::No));
    let one = |image: &[u8]| {
        inside([KernelHashCheck::Yes, KernelHashCheck::Unknown][usize::from(image == QBOOT)])
    };
    assert_eq!(check(one), Some(KernelHashCheck::Unknown));
    assert_eq!(check(|_| inside(KernelHashCheck::Yes)), Some(KernelHashCheck::Yes));
}

// What is in the file counts, and nobody is asked.
#[test]
fn an_absorbed_firmware_says_what_was_found_out_before() {
    let absorbed = Firmware::parse(&FirmwareBuilder::amd_sev().build()).expect("an image").absorb();
    let stored = serde_json::to_string(&absorbed).expect("stored");
    let text = "technology = 'sev'\nfirmware.absorbed = 'a.json'\nboot.kernel = 'kernel'";
    for (more, expected) in [
        ("", KernelHashCheck::Unknown),
        (",\"kernel_hash_check\":\"no\"", KernelHashCheck::No),
        (",\"kernel_hash_check\":\"yes\"", KernelHashCheck::Yes),
    ] {
        let stored = stored.replace('}', &format!("{more}}}"));
        let files = Memory::from([("a.json", stored.into()), ("kernel", vec![1; 0x1000])]);
        let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref());
        let mode = Mode::Guest(Technology::Sev);
        let reading =
            Reading { looks_inside: Some(|_| panic!("nobody is asked")), ..Reading::default() };
        let inputs = Inputs::read(mode, description.expect("TOML"), reading, &files, &Portable);
        assert_eq!(inputs.expect("inputs").kernel_hash_check(), Some(expected));
    }
}

#[test]
fn an_image_that_is_asked_is_absorbed_as_any_other() {
    let files = Memory::from([
        ("a.fd", FirmwareBuilder::amd_sev().build()),
        ("large", vec![0xff; (64 << 20) + 4096]),
        ("qcow2", b"QFI\xfb, and more".to_vec()),
    ]);
    let absorb = |name: &str| firmware::absorb(&files, name.as_ref(), None, &Portable);
    let looking =
        |name: &str, looks| firmware::absorb_looking(&files, name.as_ref(), None, &Portable, looks);
    let found = |_: &[u8]| Inside {
        kernel_hash_check: KernelHashCheck::Yes,
        modules: vec![module("SecMain", b"code")],
    };
    let (yes, modules) = looking("a.fd", found).expect("an image");
    assert_eq!(yes.kernel_hash_check(), KernelHashCheck::Yes);
    assert_eq!(modules, [module("SecMain", b"code")]);
    let (plain, unknown) = (absorb("a.fd"), KernelHashCheck::Unknown);
    assert_eq!(yes.with_kernel_hash_check(unknown), plain.expect("an image"));
    // No flash is so large: it is hashed as it comes, and not held for a question.
    let (large, modules) = looking("large", |_| panic!("nobody looks")).expect("an image");
    assert_eq!((large.kernel_hash_check(), modules), (KernelHashCheck::Unknown, vec![]));
    for name in ["qcow2", "missing"] {
        let text = |error: sev_launch_sweep::Error| error.to_string();
        let asked = looking(name, |_| panic!("nobody looks")).map(|(absorbed, _)| absorbed);
        assert_eq!(asked.map_err(text), absorb(name).map_err(text));
    }
}

fn module(name: &str, contents: &[u8]) -> Module {
    Module { name: name.into(), guid: None, sha256: Sha256Digest::of(contents) }
}

#[test]
fn modules_are_kept_of_images_that_somebody_looks_into() {
    let of = |text: &str, looks| {
        let inputs = read_asking(text, looks);
        let noted = inputs.notes.iter().any(|note| note.contains(" modules, so none"));
        (inputs.firmwares[0].modules.clone(), noted)
    };
    let two = |_: &[u8]| Inside {
        modules: vec![module("b", b"1"), module("a", b"2")],
        ..Inside::default()
    };
    let sev = "technology = 'sev'\nfirmware.path = 'a.fd'\n";
    assert_eq!(of(sev, two), (vec![module("b", b"1"), module("a", b"2")], false));
    assert_eq!(read(sev).firmwares[0].modules, []);
    // libkrun's qboot is no firmware of volumes.
    let krun = "technology = 'sev-es'\nvcpus = 1\nprofile = 'es-krun-1.4'\nfirmware.path = 'qboot'\nboot.kernel = 'krun'\nboot.initrd = 'initrd'";
    assert_eq!(of(krun, two), (vec![], false));
    let most = |_: &[u8]| Inside { modules: vec![module("a", b""); 4096], ..Inside::default() };
    let more = |_: &[u8]| Inside { modules: vec![module("a", b""); 4097], ..Inside::default() };
    assert_eq!(of(sev, most).0.len(), 4096);
    assert_eq!(of(sev, more), (vec![], true));
}

#[test]
fn who_does_not_ask_knows_nothing() {
    let inputs = read("technology = 'sev'\nfirmware.path = 'a.fd'\nboot.kernel = 'kernel'");
    assert_eq!(inputs.kernel_hash_check(), Some(KernelHashCheck::Unknown));
    assert_eq!(read("technology = 'sev'\nfirmware.path = 'a.fd'").kernel_hash_check(), None);
}

#[test]
fn a_warning_is_said_once_and_in_order() {
    let (short, off) = (Warning::FirmwareNotPages { size: 1 }, Warning::KernelNotMeasured);
    let texts = coverage::warnings(&[off.clone(), short.clone(), off.clone()]);
    assert_eq!(texts, [off.to_string(), short.to_string()]);
}

#[test]
fn policy_and_host_data_are_demanded_as_described() {
    let text = |more: &str| {
        format!("technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.path = 'a.fd'\n{more}")
    };
    let host_data = HostData::from_bytes([7; 32]);
    let described = text(&format!("policy = 0x30000\nhost_data = '{host_data}'"));
    let inputs = read(&described);
    let sweep = Sweep::new(&inputs, &Portable).expect("launches");
    let accepted = Accepted::<snp::LaunchDigest>::of(&sweep).expect("rows");
    assert_eq!(accepted.demanded_policy(None), Ok(Some(0x3_0000)));
    assert_eq!(accepted.demanded_policy(Some(0x3_0000)), Ok(Some(0x3_0000)));
    let error = accepted.demanded_policy(Some(0xb_0000)).expect_err("another policy");
    assert_eq!(
        error.to_string(),
        "launch.toml describes policy 0x30000, and policy 0xb0000 is demanded: no guest has both"
    );
    assert_eq!(accepted.demanded_host_data(None), Ok(Some(host_data)));
    let other = HostData::from_bytes([8; 32]);
    let error = accepted.demanded_host_data(Some(other)).expect_err("other data");
    assert_eq!(
        error.to_string(),
        format!(
            "launch.toml describes HOST_DATA {host_data}, and HOST_DATA {other} is demanded: no guest has both"
        )
    );
    // What is not described, whoever asks may demand.
    let inputs = read(&text(""));
    let sweep = Sweep::new(&inputs, &Portable).expect("launches");
    let accepted = Accepted::<snp::LaunchDigest>::of(&sweep).expect("rows");
    assert_eq!(accepted.demanded_policy(None), Ok(None));
    assert_eq!(accepted.demanded_policy(Some(0xb_0000)), Ok(Some(0xb_0000)));
    assert_eq!(accepted.demanded_host_data(Some(other)), Ok(Some(other)));
}

#[test]
fn given_digests_are_accepted_and_nothing_is_known_of_them() {
    let digest = |byte| sev::LaunchDigest::from_bytes([byte; 32]);
    let accepted = Accepted::given(Technology::SevEs, "build 7", [digest(1), digest(2)]);
    let rows = accepted.references.rows();
    assert_eq!(rows.iter().map(|row| row.digest).collect::<Vec<_>>(), [digest(1), digest(2)]);
    assert_eq!(rows[1].stands_for.to_string(), "sev-es: build 7");
    assert_eq!(accepted.secret_place, SecretPlace::Unknown);
    assert_eq!(accepted.not_covered, BEYOND_ANY_DIGEST);
    assert!(Accepted::<sev::LaunchDigest>::default().references.is_empty());
}

#[test]
fn captured_pages_are_noted() {
    let text = "technology = 'sev-es'\nvcpus = 1\nfirmware.path = 'a.fd'\nvmsa.bsp = 'page'";
    let origin = Origin::file("launch.toml");
    let description = Description::from_toml(text, &origin, "".as_ref()).expect("a description");
    let mode = Mode::of(&description).expect("a technology");
    let mut page = vec![0; 4096];
    // EFER.SVME, which a VMSA page has. [APM2, VMRUN]
    page[0xd1] = 0x10;
    let files = Memory::from([("a.fd", FirmwareBuilder::amd_sev().build()), ("page", page)]);
    let inputs = Inputs::read(mode, description, Reading::default(), &files, &Portable);
    let inputs = inputs.expect("inputs");
    let sweep = Sweep::new(&inputs, &Portable).expect("launches");
    let accepted = Accepted::<sev::LaunchDigest>::of(&sweep).expect("rows");
    assert!(accepted.notes.iter().any(|note| note == coverage::CAPTURED), "{:?}", accepted.notes);
}

#[test]
fn a_secret_goes_where_every_firmware_has_room() {
    let area = |size| Some(Area { base: Gpa(0x80_d000), size });
    let smallest = |sizes: &[Option<u32>]| {
        SecretPlace::smallest(sizes.iter().map(|size| size.and_then(area)).collect())
    };
    assert_eq!(smallest(&[Some(0xc00), Some(0x400)]), SecretPlace::Firmware(area(0x400)));
    assert_eq!(smallest(&[Some(0x400), None]), SecretPlace::Firmware(None));
    let size = |place: SecretPlace| place.area().map(SecretArea::size);
    assert_eq!(size(SecretPlace::Unknown), Ok(0xc00));
    assert_eq!(size(smallest(&[Some(0x400)])), Ok(0x400));
    assert!(size(smallest(&[None])).is_err());
    // With an area of size 0 a firmware says that it takes no secret. [OVMF, ResetVectorVtf0]
    assert!(size(smallest(&[Some(0)])).is_err());
    let error = size(SecretPlace::UnmeasuredKernel).expect_err("no place");
    assert!(error.to_string().contains("whatever kernel the host starts would take the secret"));
    assert!(error.is_insecure());
    let error = size(SecretPlace::UncheckedKernel).expect_err("no place");
    assert!(error.to_string().starts_with("the firmware does not check the kernel against"));
    assert!(error.is_insecure());
    assert!(!size(smallest(&[None])).expect_err("no area").is_insecure());
}

// Some minutes of one core, and files of 64 GiB.
#[test]
fn what_is_done_unasked_is_bounded() {
    assert_eq!(Budget::default(), Budget { pages: 134_217_728, bytes: 68_719_476_736 });
}
