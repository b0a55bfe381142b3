//! What a launch lists, as text in `testdata/golden/digest/`: a change of it is a visible line in a review.
//!
//! `SEV_LAUNCH_BLESS=1` writes the files anew. So that a wrong digest cannot be written into them unseen, the last
//! digest of each trace and the bytes of each page are compared with a second computation too.

use std::fmt::Write as _;
use std::fs;

use sev_launch_abi::CpuSignature;
use sev_launch_digest::firmware::{AbsorbedFirmware, Area, Firmware};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{Vmsa, VmsaPage, VmsaPages, Vmsas};
use sev_launch_digest::{sev, sev_es, snp};
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{AMD_SEV_SECTIONS, FirmwareBuilder};
use sev_launch_testkit::testdata_folder;

const KERNEL: &[u8] = b"a kernel";
const CMDLINE: &[u8] = b"console=ttyS0";
const SIGNATURE: u32 = 0x0080_0f12;
const RESET: u32 = 0x0080_b004;
const HASH_AREA: u32 = 0x0081_0c00;

/// Compares with a file, or writes it where that is asked for.
fn check(name: &str, found: &str) {
    let path = testdata_folder().join("golden/digest").join(name);
    if std::env::var_os("SEV_LAUNCH_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, found).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; SEV_LAUNCH_BLESS=1 writes it", path.display())
    });
    for (number, (found, golden)) in found.lines().zip(golden.lines()).enumerate() {
        assert_eq!(found, golden, "line {} of {name}", number + 1);
    }
    assert_eq!(found, golden, "{name} has other lines at its end");
}

fn image() -> Vec<u8> {
    FirmwareBuilder::amd_sev().build()
}

fn absorb() -> AbsorbedFirmware {
    Firmware::parse(&image()).expect("the image is not empty").absorb()
}

fn hashes() -> KernelHashes {
    KernelHashes::of(KERNEL, b"", CMDLINE).expect("no NUL")
}

fn hashes_table() -> [u8; 176] {
    expected::hashes_table(KERNEL, None, Some(CMDLINE))
}

fn profile(name: &str) -> &'static LaunchProfile {
    profile::by_name(name).expect("the profile exists")
}

fn vmsas() -> Vmsas {
    Vmsas::of_signature(CpuSignature(SIGNATURE))
}

/// One line for each update, with the digest after it.
fn lines(trace: impl Iterator<Item = (String, String)>) -> String {
    trace.fold(String::new(), |mut text, (update, digest)| {
        writeln!(text, "{digest} {update}").expect("a String takes everything");
        text
    })
}

/// The digest of the last line.
fn last_digest(text: &str) -> &str {
    let last = text.lines().last().expect("a trace has lines");
    last.split(' ').next().expect("a line has a digest")
}

#[test]
fn trace_of_a_sev_launch() {
    let firmware = &absorb();
    let launch = sev::Guest { firmware, kernel_hashes: Some(hashes()) }.launch().unwrap();
    let trace = launch.trace().map(|(update, digest)| (update.to_string(), digest.to_string()));
    let text = lines(trace);
    let expected = expected::sev(&image(), Some(&hashes_table()));
    assert_eq!(last_digest(&text), sev::LaunchDigest::from_bytes(expected).to_string());
    check("trace-sev.txt", &text);
}

#[test]
fn trace_of_a_sev_es_launch() {
    let guest = sev_es::Guest {
        firmware: &absorb(),
        kernel_hashes: Some(hashes()),
        vcpus: VcpuCount::new(2).unwrap(),
        profile: profile("es-legacy"),
        vmsas: vmsas(),
    };
    let launch = guest.launch().unwrap();
    let trace = launch.trace().map(|(update, digest)| (update.to_string(), digest.to_string()));
    let text = lines(trace);
    let pages = expected::vmsa_pages(Layout::QemuNofpu, SIGNATURE, 0, RESET, 2);
    let expected = expected::sev_es(&image(), Some(&hashes_table()), &pages);
    assert_eq!(last_digest(&text), sev_es::LaunchDigest::from_bytes(expected).to_string());
    check("trace-sev-es.txt", &text);
}

#[test]
fn trace_of_an_snp_launch() {
    let guest = snp::Guest {
        firmware: &absorb(),
        kernel_hashes: Some(hashes()),
        svsm: None,
        vcpus: VcpuCount::new(2).unwrap(),
        profile: profile("snp-qemu"),
        vmsas: vmsas(),
    };
    let launch = guest.launch().unwrap();
    let trace = launch.trace().map(|(update, digest)| (update.to_string(), digest.to_string()));
    let text = lines(trace);
    let pages = expected::vmsa_pages(Layout::QemuFpu, SIGNATURE, 1, RESET, 2);
    let hashes = Some((&hashes_table(), HASH_AREA));
    let expected = expected::snp(&image(), &AMD_SEV_SECTIONS, hashes, &pages, Vmm::Qemu);
    assert_eq!(last_digest(&text), snp::LaunchDigest::from_bytes(expected).to_string());
    check("trace-snp.txt", &text);
}

fn pages(name: &str) -> VmsaPages {
    let signature = Some(CpuSignature(SIGNATURE));
    profile(name).vmsa_pages(Some(RESET), signature, None).expect("the profile has what it needs")
}

/// The bytes of a page, 16 in a line, without the lines that are all zero.
fn dump(title: &str, page: &VmsaPage) -> String {
    let mut text = format!("{title}\n");
    for (row, bytes) in page.as_bytes().chunks(16).enumerate() {
        if bytes.iter().any(|byte| *byte != 0) {
            let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(text, "{:03x} {}", row * 16, hex.join(" "))
                .expect("a String takes everything");
        }
    }
    text
}

#[test]
fn vmsa_of_qemu_s_default_sev_es_guest() {
    let pages = pages("es-legacy");
    let expected = expected::vmsa_pages(Layout::QemuNofpu, SIGNATURE, 0, RESET, 2);
    assert_eq!([pages.bsp.as_bytes(), pages.ap.as_bytes()], [&expected[0], &expected[1]]);
    let text = [dump("first vCPU", &pages.bsp), dump("further vCPU", &pages.ap)].join("\n");
    check("vmsa-es-legacy.txt", &text);
}

fn fields(page: &VmsaPage) -> String {
    let fields = Vmsa::from_page(page).non_zero();
    fields.iter().fold(String::new(), |mut text, (field, bytes)| {
        let hex: String = bytes.iter().rev().map(|byte| format!("{byte:02x}")).collect();
        writeln!(text, "{:#05x} {} {hex}", field.offset, field.name)
            .expect("a String takes everything");
        text
    })
}

// The bytes of every profile's pages are compared in the tests of `profile/table.rs`.
#[test]
fn vmsas_of_every_profile() {
    let mut text = format!("signature {SIGNATURE:#010x}, reset address {RESET:#010x}\n");
    for profile in profile::ALL {
        let pages = pages(profile.name);
        let name = profile.name;
        if pages.bsp == pages.ap {
            write!(text, "\n{name}: every vCPU\n{}", fields(&pages.bsp))
        } else {
            let (bsp, ap) = (fields(&pages.bsp), fields(&pages.ap));
            write!(text, "\n{name}: first vCPU\n{bsp}\n{name}: further vCPU\n{ap}")
        }
        .expect("a String takes everything");
    }
    check("vmsa-pages.txt", &text);
}

#[test]
fn tables_of_a_firmware() {
    let image = image();
    let firmware = Firmware::parse(&image).unwrap();
    let mut text = format!("{} bytes at {}\n\nentries\n", firmware.size(), firmware.gpa());
    let line = |text: &mut String, line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for entry in &firmware.table().unwrap().unwrap().entries {
        let hex: String = entry.payload.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = entry.guid.name().unwrap_or("unknown");
        line(&mut text, format!("{:#07x} {} {hex} {name}", entry.offset, entry.guid));
    }
    line(&mut text, "\nsections".to_owned());
    for section in &firmware.tables().metadata.unwrap().unwrap().sections {
        let (base, end, kind) = (section.base, section.end(), section.kind);
        line(&mut text, format!("{base} to {end} {kind} ({:#x})", kind.number()));
    }
    let area = |area: Area| format!("{} with {:#x} bytes", area.base, area.size);
    let [hashes, secret] = [firmware.tables().hash_area, firmware.tables().secret_area]
        .map(|found| area(found.unwrap().unwrap()));
    let reset = firmware.tables().reset_address.unwrap().unwrap();
    line(&mut text, format!("\nreset address {reset:#010x}"));
    line(&mut text, format!("kernel hash table area {hashes}"));
    line(&mut text, format!("launch secret area {secret}"));
    line(&mut text, format!("SHA-256 {}", firmware.absorb().sha256().unwrap()));
    line(&mut text, format!("SNP {}", firmware.absorb().snp_digest().unwrap()));
    check("firmware-amdsev.txt", &text);
}
