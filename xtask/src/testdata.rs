//! `cargo xtask testdata`: makes the generated files of `testdata/` again, or checks them.
//!
//! Only what the testkit builds is made here. The files under `testdata/vectors/` hold figures from
//! elsewhere and are never written by a program.

use std::fs;

use anyhow::{Context as _, Result, bail};
use sev_launch_testkit::azure;
use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_testkit::endorsement;
use sev_launch_testkit::firmware::FirmwareBuilder;
use sev_launch_testkit::igvm;
use sev_launch_testkit::kernel;
use sev_launch_testkit::report::{Authority, Vek};

use crate::call::root;

/// Payload that makes the kernel 16 KiB: the boot sector and four sectors of setup come before it.
const KERNEL_PAYLOAD: usize = 0x4000 - 2560;
/// Payload that makes the initrd 8 KiB with its headers and padding.
const INITRD_PAYLOAD: usize = 7600;
/// Without a newline: a launcher measures every byte.
const CMDLINE: &str = "console=ttyS0 root=/dev/vda1 ro";

/// Writes every generated file, or with `check` fails and names those that differ.
pub(crate) fn run(check: bool) -> Result<()> {
    let mut different = Vec::new();
    for (name, bytes) in generated() {
        let path = root().join("testdata").join(name);
        if fs::read(&path).is_ok_and(|found| found == bytes) {
            continue;
        }
        different.push(name);
        if !check {
            fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            fs::write(&path, bytes).with_context(|| path.display().to_string())?;
        }
    }
    if check && !different.is_empty() {
        bail!("{}: not what `cargo xtask testdata` makes", different.join(", "));
    }
    different.iter().for_each(|name| println!("wrote testdata/{name}"));
    Ok(())
}

/// The launch digest of README.md's first command: what the report's guest was started from.
const MEASUREMENT: &str = "094545c7079dd4c981f681a586dd823b639d0094d207796d7baa44d959563f31\
                           75c199ca7c038184780c12cb0874bb25";
/// What Azure's firmware adds to a report, with no key in it.
const RUNTIME_DATA: &[u8] =
    br#"{"keys":[],"vm-configuration":{"secure-boot":true},"user-data":"00"}"#;
/// What a host says of the launch that `measure_vectors[0]` of `vectors/digests.json` describes, as
/// `virsh domlaunchsecinfo` prints it.
const EVIDENCE: &str = "\
sev-measurement: QRfzhiEjIHG5Q9e7F250L4sddmLW1y0mySX+0n6R894juDPntO0DzfyPqtI3i8jm
sev-api-major  : 1
sev-api-minor  : 55
sev-build-id   : 24
sev-policy     : 1
";
/// That vector's TIK.
const TIK: &str = "a95aeb751104f9cffbe0e762e7cda808";
/// A TEK; the measurement does not depend on it.
const TEK: [u8; 16] = *b"testdata TEK 16b";

/// Every generated file: path below `testdata`, bytes.
fn generated() -> [(&'static str, Vec<u8>); 21] {
    let platform = Platform::new(RsaSize::Bits2048, "testdata");
    let vcek = Vek::vcek("Milan");
    // That of the same chip before its microcode was updated.
    let mut before = Vek::vcek("Milan");
    if let Some(microcode) = before.tcb.last_mut() {
        *microcode -= 8;
    }
    let measured = |report: &mut Vec<u8>| {
        if let Some(measurement) = report.get_mut(0x90..0xc0) {
            measurement.copy_from_slice(&bytes(MEASUREMENT));
        }
    };
    [
        ("igvm/snp.igvm", igvm::snp()),
        ("snp/report.bin", vcek.report(3, measured)),
        ("snp/vcek.der", vcek.certificate(Authority::Ask)),
        ("snp/vcek-before-update.der", before.certificate(Authority::Ask)),
        ("snp/azure.bin", azure::envelope(&vcek, RUNTIME_DATA, measured)),
        ("snp/ask.der", Authority::Ask.certificate("Milan", Authority::Ark)),
        ("snp/ark.der", Authority::Ark.certificate("Milan", Authority::Ark)),
        ("endorsement/made-up.binarypb", endorsement()),
        ("endorsement/made-up-root.der", endorsement::root(Authority::Ark)),
        ("sev/platform.chain", platform.full()),
        ("sev/pdh.cert", platform.pdh.clone()),
        ("sev/ca.cert", platform.ca()),
        ("sev/ark.cert", platform.ark.clone()),
        ("sev/domlaunchsecinfo.txt", EVIDENCE.as_bytes().to_vec()),
        ("sev/tik.bin", bytes(TIK)),
        ("sev/tek.bin", TEK.to_vec()),
        ("sev/passphrase", b"correct horse battery staple".to_vec()),
        ("firmware/amdsev.fd", FirmwareBuilder::amd_sev().build()),
        ("boot/vmlinuz", kernel::bz_image(KERNEL_PAYLOAD)),
        ("boot/initrd.img", kernel::initrd(INITRD_PAYLOAD)),
        ("boot/cmdline", CMDLINE.as_bytes().to_vec()),
    ]
}

/// Of the report's guest, for the number of vCPUs that it has and for two others, with the policy that it has.
fn endorsement() -> Vec<u8> {
    let measured = <[u8; 48]>::try_from(bytes(MEASUREMENT)).unwrap_or([0; 48]);
    let measurements = [(1, [0x11; 48]), (2, [0x22; 48]), (4, measured)];
    endorsement::Golden::new(0x30000, &measurements).with_svsm(&[0x55; 48]).endorsement()
}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap_or_default()
}
