//! Rows against the test kit's own computation of digests; and what goes wrong on the way to them.

use std::path::Path;

use sev_launch_abi::Technology;
use sev_launch_description::{Description, Origin};
use sev_launch_digest::hash::Portable;
use sev_launch_sweep::{
    Accepted, Error, FileError, Files, Inputs, Memory, Mode, Reading, SecretPlace, Sweep,
};
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{AMD_SEV_SECTIONS, FirmwareBuilder};
use sha2::{Digest, Sha256};

const MILAN: u32 = 0x00a0_0f11;
const ROME: u32 = 0x0083_0f10;
/// Where the test kit's firmware starts further vCPUs.
const RESET: u32 = 0x0080_b004;

fn image() -> Vec<u8> {
    FirmwareBuilder::amd_sev().build()
}

fn files() -> Memory {
    Memory::from([
        ("a.fd", image()),
        ("b.fd", FirmwareBuilder::amd_sev().pattern(3, 5).build()),
        ("kernel", b"kernel".to_vec()),
        ("initrd", b"initrd".to_vec()),
    ])
}

fn read(text: &str, files: &dyn Files) -> Result<Inputs, Error> {
    let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())?;
    let mode = Mode::of(&description).expect("a technology");
    Inputs::read(mode, description, Reading::default(), files, &Portable)
}

/// The digests in hex, in their order.
fn digests(text: &str) -> Vec<String> {
    let inputs = read(text, &files()).expect("inputs");
    let sweep = Sweep::new(&inputs, &Portable).expect("launches");
    let rows = sweep.rows().expect("rows");
    assert_eq!(rows.len(), sweep.len());
    rows.iter().map(|row| row.digest.to_string()).collect()
}

fn es(image: &[u8], table: Option<&[u8; 176]>, signature: u32, vcpus: u32) -> String {
    let pages = expected::vmsa_pages(Layout::QemuNofpu, signature, 0, RESET, vcpus);
    hex::encode(expected::sev_es(image, table, &pages))
}

#[test]
fn plain_sev_has_one_row_for_each_kernel_and_command_line() {
    let (image, table) = (image(), |cmdline: &[u8]| {
        expected::hashes_table(b"kernel", Some(b"initrd"), Some(cmdline))
    });
    let found = digests(
        "technology = 'sev'\nfirmware.path = 'a.fd'\nboot.kernel = 'kernel'\nboot.initrd = 'initrd'\nboot.cmdline = ['x', 'y']\nboot.kernel_hashes = [true, false]",
    );
    let wanted = [
        hex::encode(expected::sev(&image, Some(&table(b"x")))),
        hex::encode(expected::sev(&image, Some(&table(b"y")))),
        hex::encode(expected::sev(&image, None)),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn firmware_varies_slowest_and_vcpus_fastest() {
    let second = FirmwareBuilder::amd_sev().pattern(3, 5).build();
    let found = digests(
        "technology = 'sev-es'\nfirmware.path = ['a.fd', 'b.fd']\ncpu = ['EPYC-Milan', 'EPYC-Rome']\nvcpus = [3, 1]",
    );
    let mut wanted = Vec::new();
    for image in [image(), second] {
        for signature in [MILAN, ROME] {
            wanted.extend([3, 1].map(|vcpus| es(&image, None, signature, vcpus)));
        }
    }
    assert_eq!(found, wanted);
}

#[test]
fn snp_rows_are_a_chain_of_pages() {
    let image = image();
    let found =
        digests("technology = 'snp'\nfirmware.path = 'a.fd'\ncpu = 'EPYC-Milan'\nvcpus = '1..=2'");
    let pages = |vcpus| expected::vmsa_pages(Layout::QemuFpu, MILAN, 1, RESET, vcpus);
    let wanted = [1, 2].map(|vcpus| {
        hex::encode(expected::snp(&image, &AMD_SEV_SECTIONS, None, &pages(vcpus), Vmm::Qemu))
    });
    assert_eq!(found, wanted);
}

#[test]
fn what_is_accepted_names_the_launch_and_the_place_of_its_secret() {
    let text = "technology = 'sev-es'\nfirmware.path = 'a.fd'\ncpu = 'EPYC-Milan'\nvcpus = [1, 2]\nboot.kernel = 'kernel'";
    let inputs = read(text, &files()).expect("inputs");
    let sweep = Sweep::new(&inputs, &Portable).expect("launches");
    let accepted: Accepted<sev_launch_abi::sev::LaunchDigest> = Accepted::of(&sweep).expect("rows");
    assert_eq!(accepted.references.len(), 2);
    let row = &accepted.references.rows()[1].stands_for;
    assert_eq!((row.technology, row.vcpus), (Technology::SevEs, Some(2)));
    assert!(
        matches!(accepted.secret_place, SecretPlace::Firmware(Some(area)) if area.size == 0xc00)
    );
    // The rows are of SEV-ES, so no SNP report can be held against them.
    let other = Accepted::<sev_launch_abi::snp::LaunchDigest>::of(&sweep);
    assert!(matches!(other, Err(Error::OtherTechnology)));
}

#[test]
fn a_kernel_that_is_not_measured_takes_no_secret() {
    let text = "technology = 'sev'\nfirmware.path = 'a.fd'\nboot.kernel = 'kernel'\nboot.kernel_hashes = false";
    let inputs = read(text, &files()).expect("inputs");
    assert_eq!(SecretPlace::of(&inputs).expect("tables"), SecretPlace::UnmeasuredKernel);
    assert!(SecretPlace::UnmeasuredKernel.area().is_err());
}

// A row for each kernel would say that the digest holds it.
#[test]
fn the_firmware_alone_has_one_row_whatever_boots_with_it() {
    let text = "technology = 'snp'\nvcpus = [1, 2]\ncpu = ['EPYC-Milan', 'EPYC-Rome']\nfirmware.path = ['a.fd', 'b.fd']\nboot.kernel = ['kernel', 'missing']\nboot.cmdline = ['x', 'y']";
    let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref());
    let (mode, description) = (Mode::SnpFirmware, description.expect("TOML"));
    let inputs = Inputs::read(mode, description, Reading::default(), &files(), &Portable);
    let inputs = inputs.expect("no kernel is read");
    let rows = Sweep::new(&inputs, &Portable).expect("images of pages").rows().expect("rows");
    let images = [image(), FirmwareBuilder::amd_sev().pattern(3, 5).build()];
    let expected = images.map(|image| hex::encode(expected::snp_firmware(&image)));
    let found: Vec<_> = rows.iter().map(|row| row.digest.to_string()).collect();
    assert_eq!(found, expected);
    assert!(rows.iter().all(|row| row.boot.is_none() && row.vcpus.is_none()));
    assert_eq!(inputs.assumptions, [""; 0]);
}

// Two digests of which nobody could say what tells them apart.
#[test]
fn features_that_were_chosen_are_told_of_libkrun_s_rows_too() {
    let text = |features| {
        format!(
            "technology = 'snp'\nvcpus = 1\nprofile = 'snp-krun-reset'\n{features}\nfirmware.path = 'a.fd'\nboot.kernel = 'a.fd'\nboot.initrd = 'a.fd'\nboot.kernel_gpa = 0x1000000"
        )
    };
    let found = |features| {
        let inputs = read(&text(features), &files()).expect("inputs");
        let rows = Sweep::new(&inputs, &Portable).expect("launches").rows().expect("rows");
        rows.iter().map(|row| row.sev_features.map(|word| word.0)).collect::<Vec<_>>()
    };
    assert_eq!(found("sev_features = [1, 0x21]"), [Some(1), Some(0x21)]);
    assert_eq!(found(""), [None]);
}

#[test]
fn a_missing_file_is_named() {
    let error = read("technology = 'sev'\nfirmware.path = 'c.fd'", &files()).expect_err("no c.fd");
    assert_eq!(error.to_string(), "c.fd: no such file among those at hand");
}

// A digest would be told as one of a technology that checks less of its evidence.
#[test]
fn another_technology_than_the_described_one_is_refused() {
    use Technology::{Sev, SevEs, Snp};
    for (mode, described) in [
        (Mode::Guest(Sev), "sev-es"),
        (Mode::Guest(SevEs), "sev"),
        (Mode::Guest(Snp), "sev-es"),
        (Mode::SnpFirmware, "sev"),
    ] {
        let text = format!(
            "technology = '{described}'\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.path = 'a.fd'"
        );
        let description =
            Description::from_toml(&text, &Origin::file("launch.toml"), "".as_ref()).expect("TOML");
        let inputs = Inputs::read(mode, description, Reading::default(), &files(), &Portable);
        assert!(matches!(inputs, Err(Error::Mode { .. })), "{mode:?}, {described}");
    }
}

/// Files whose bytes are others when they are streamed than when they are read.
struct TwoFaced(Memory);

impl Files for TwoFaced {
    fn size(&self, path: &Path) -> Result<u64, FileError> {
        self.0.size(path)
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.0.read(path, limit)
    }

    fn stream(&self, path: &Path, each: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), FileError> {
        each(&vec![0x11; usize::try_from(self.size(path)?)?]);
        Ok(())
    }
}

#[test]
fn the_qboot_that_is_judged_is_the_one_that_is_measured() {
    let files = TwoFaced(Memory::from([
        ("qboot", vec![0xee; 0x1_0000]),
        ("kernel", vec![1; 0x1000]),
        ("initrd", vec![2; 0x1000]),
    ]));
    let judged = |byte| {
        let sha256 = hex::encode(Sha256::digest(vec![byte; 0x1_0000]));
        let text = format!(
            "technology = 'sev-es'\nvcpus = 1\nprofile = 'es-krun-1.4'\nfirmware.path = 'qboot'\nfirmware.sha256 = '{sha256}'\nboot.kernel = 'kernel'\nboot.initrd = 'initrd'"
        );
        read(&text, &files)
    };
    assert!(judged(0xee).is_ok());
    assert!(judged(0x11).is_err());
}

/// Files of which each has grown by a byte when it is read.
struct Growing(Memory);

impl Files for Growing {
    fn size(&self, path: &Path) -> Result<u64, FileError> {
        self.0.size(path)
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        self.0.read(path, limit)
    }

    fn stream(&self, path: &Path, each: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), FileError> {
        self.0.stream(path, each)?;
        each(&[0]);
        Ok(())
    }
}

// What a file looks like that grows between the look at its size and its end.
#[test]
fn firmware_that_changes_while_it_is_read_is_refused() {
    let error =
        read("technology = 'sev'\nfirmware.path = 'a.fd'", &Growing(files())).expect_err("it grew");
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "a.fd: it changed while it was read: run again when nothing writes it"
    );
}

#[test]
fn more_combinations_than_are_gone_through_are_refused() {
    let many: Vec<String> = (0..1001).map(|number| format!("'{number}'")).collect();
    let text = format!(
        "technology = 'sev'\nfirmware.path = 'a.fd'\nboot.kernel = ['kernel', {}]\nboot.cmdline = [{}]",
        vec!["'kernel'"; 1000].join(", "),
        many.join(", ")
    );
    let inputs = read(&text, &files()).expect("inputs");
    assert!(matches!(Sweep::new(&inputs, &Portable), Err(Error::Combinations { .. })));
}

#[test]
fn the_readme_shows_the_example() {
    let example = include_str!("../examples/sweep.rs");
    let (_, code) = example.split_once("\n\n").expect("a line of documentation");
    let (code, _) = code.split_once("\n#[test]").expect("a test at its end");
    assert!(include_str!("../README.md").contains(code.trim_end()));
}
