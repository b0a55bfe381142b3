//! Prints the launch digest of an SNP guest with four vCPUs on QEMU.

use sev_launch_digest::{CpuModel, Firmware, VcpuCount, Vmsas, profile, snp};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/firmware/amdsev.fd");
    let image = std::fs::read(std::env::args().nth(1).unwrap_or(path.into()))?;
    let firmware = Firmware::parse(&image)?.absorb();
    let guest = snp::Guest {
        firmware: &firmware,
        kernel_hashes: None,
        svsm: None,
        vcpus: VcpuCount::new(4)?,
        profile: profile::by_name("snp-qemu")?,
        vmsas: Vmsas::of_signature(CpuModel::by_name("EPYC-Milan")?.signature),
    };
    println!("{}", guest.launch()?.digest());
    Ok(())
}
