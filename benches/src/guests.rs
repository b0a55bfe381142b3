//! Guests of absorbed firmware, and sweeps over their vCPU counts and command lines.
//!
//! Every guest here has kernel hashes, since that is what a measured direct boot has; the kernel and the initrd are 32 bytes each.

use sev_launch_abi::CpuSignature;
use sev_launch_digest::firmware::AbsorbedFirmware;
use sev_launch_digest::hash::Portable;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{sev, sev_es, snp};

/// EPYC-Milan.
pub const MILAN: CpuSignature = CpuSignature(0x00a0_0f11);

/// The profile of SEV-ES guests.
pub fn es_profile() -> &'static LaunchProfile {
    profile::by_name("es-legacy").expect("it exists")
}

/// The profile of SNP guests.
pub fn snp_profile() -> &'static LaunchProfile {
    profile::by_name("snp-qemu").expect("it exists")
}

/// A number of vCPUs that is possible.
pub fn vcpus(count: u32) -> VcpuCount {
    VcpuCount::new(count).expect("a possible count")
}

/// The hashes of a kernel with this command line.
pub fn kernel_hashes(cmdline: &[u8]) -> KernelHashes {
    KernelHashes::of(b"kernel", b"initrd", cmdline).expect("no NUL in it")
}

/// A SEV guest.
pub fn sev(firmware: &AbsorbedFirmware, hashes: KernelHashes) -> sev::Guest<'_> {
    sev::Guest { firmware, kernel_hashes: Some(hashes) }
}

/// A SEV-ES guest.
pub fn sev_es(
    firmware: &AbsorbedFirmware,
    hashes: KernelHashes,
    vcpus: VcpuCount,
) -> sev_es::Guest<'_> {
    sev_es::Guest {
        firmware,
        kernel_hashes: Some(hashes),
        vcpus,
        profile: es_profile(),
        vmsas: Vmsas::of_signature(MILAN),
    }
}

/// An SNP guest.
pub fn snp(firmware: &AbsorbedFirmware, hashes: KernelHashes, vcpus: VcpuCount) -> snp::Guest<'_> {
    snp::Guest {
        firmware,
        kernel_hashes: Some(hashes),
        svsm: None,
        vcpus,
        profile: snp_profile(),
        vmsas: Vmsas::of_signature(MILAN),
    }
}

/// `lines` command lines of a sweep.
pub fn cmdlines(lines: usize) -> Vec<KernelHashes> {
    let line = |index| kernel_hashes(format!("console=ttyS0 root=/dev/vda{index}").as_bytes());
    (0..lines).map(line).collect()
}

/// The digests of SEV-ES guests with 1 to `counts` vCPUs, for each of these hashes.
pub fn sweep_sev_es(
    firmware: &AbsorbedFirmware,
    hashes: &[KernelHashes],
    counts: usize,
) -> Vec<sev_es::LaunchDigest> {
    let of_line = |hashes: &KernelHashes| {
        let launch = sev_es(firmware, *hashes, VcpuCount::ONE).launch().expect("it launches");
        let digests =
            launch.vmsas().expect("VMSAs").digests(launch.before_vmsas(&Portable), &Portable);
        digests.take(counts).collect::<Vec<_>>()
    };
    hashes.iter().flat_map(of_line).collect()
}

/// The digests of SNP guests with 1 to `counts` vCPUs, for each of these hashes.
pub fn sweep_snp(
    firmware: &AbsorbedFirmware,
    hashes: &[KernelHashes],
    counts: usize,
) -> Vec<snp::LaunchDigest> {
    let of_line = |hashes: &KernelHashes| {
        let launch = snp(firmware, *hashes, VcpuCount::ONE).launch().expect("it launches");
        launch
            .vmsas()
            .expect("VMSAs")
            .digests(launch.before_vmsas())
            .take(counts)
            .collect::<Vec<_>>()
    };
    hashes.iter().flat_map(of_line).collect()
}
