//! Every known answer, through the library.
//!
//! `testdata/vectors/` tells where the answers are from. Without `SEV_LAUNCH_VECTORS` only those are judged whose inputs
//! are made here: the counts are asserted either way, so a vector that is no longer found is a failure.

use sev_launch_abi::{CpuSignature, SevFeatures};
use sev_launch_digest::cpu::CpuModel;
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::{Portable, Sha256Digest};
use sev_launch_digest::kernel_hashes::{FileHasher, KernelHashes};
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Error, Guest, sev, sev_es, snp};
use sev_launch_testkit::vectors::{Mode, PageSuite, Suite, Vcpu, Vector, vectors_folder};

/// All vectors, and those that need no third-party file.
const ALL: usize = 249;
const OURS: usize = 75;

fn profile_of(vector: &Vector) -> &'static LaunchProfile {
    profile::by_name(vector.profile()).expect("the profile exists")
}

fn kernel_hashes(suite: &Suite, vector: &Vector) -> Option<KernelHashes> {
    let folder = vectors_folder();
    let hash = |name: &String| {
        let mut hasher = FileHasher::new();
        let bytes = suite.bytes(name, folder.as_deref()).expect("the input is there");
        bytes.chunks(65_537).for_each(|chunk| hasher.update(chunk));
        hasher.finish().sha256
    };
    let kernel = vector.kernel.as_ref().map(hash)?;
    let initrd = vector.initrd.as_ref().map_or_else(KernelHashes::no_initrd, hash);
    let cmdline = vector.cmdline.as_deref().unwrap_or_default().as_bytes();
    let cmdline = KernelHashes::of_cmdline(cmdline).expect("no vector has a NUL");
    Some(KernelHashes { kernel, initrd, cmdline })
}

/// What the library says to a vector, in the vector's own words.
fn answer(suite: &Suite, vector: &Vector) -> Result<String, Error> {
    let folder = vectors_folder();
    let image = suite.bytes(&vector.ovmf, folder.as_deref()).expect("the input is there");
    let mut absorbed: AbsorbedFirmware = Firmware::parse(&image)?.absorb();
    if let Some(digest) = &vector.ovmf_hash {
        absorbed = absorbed.with_snp_digest(digest.parse()?);
    }
    let firmware = &absorbed;
    let kernel_hashes = kernel_hashes(suite, vector);
    let signature = suite.signature(vector).map(CpuSignature);
    let sev_features = vector.guest_features.map(SevFeatures);
    let vmsas = Vmsas::Profile { signature, sev_features };
    let vcpus = || VcpuCount::new(vector.vcpus.expect("the vector counts vCPUs"));
    let digest = |guest: Guest<'_>, vcpus: VcpuCount| -> Result<String, Error> {
        let launch = guest.launch()?;
        let digest = launch.digest();
        assert_eq!(launch.trace().last().map(|(_, digest)| digest), Some(digest));
        let nth = usize::try_from(vcpus.number() - 1).expect("a count");
        assert_eq!(launch.digests(&Portable).nth(nth), Some(digest));
        Ok(digest.to_string())
    };
    Ok(match vector.mode {
        Mode::Sev => digest(Guest::Sev(sev::Guest { firmware, kernel_hashes }), VcpuCount::ONE)?,
        Mode::SevEs => {
            let (vcpus, profile) = (vcpus()?, profile_of(vector));
            let guest = sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas };
            digest(Guest::SevEs(guest), vcpus)?
        }
        Mode::Snp => {
            let (vcpus, profile) = (vcpus()?, profile_of(vector));
            let guest = snp::Guest { firmware, kernel_hashes, svsm: None, vcpus, profile, vmsas };
            digest(Guest::Snp(guest), vcpus)?
        }
        Mode::SnpFirmware => firmware.snp_digest()?.to_string(),
        Mode::Vmsa => {
            let reset = Some(firmware.reset_address()?);
            let pages = profile_of(vector).vmsa_pages(reset, signature, sev_features)?;
            let hash = |page: &[u8]| Sha256Digest::of(page).to_string();
            format!("{} {}", hash(pages.bsp.as_bytes()), hash(pages.ap.as_bytes()))
        }
    })
}

fn judge(suite: &Suite, vector: &Vector) {
    match answer(suite, vector) {
        Ok(digest) => assert_eq!(digest, vector.expect, "{}", vector.id),
        Err(error) => assert!(vector.is_refused(), "{}: {error}", vector.id),
    }
}

#[test]
fn launch_digests() {
    let suite = Suite::ours().expect("testdata/vectors/digests.json");
    let judged: Vec<_> = suite
        .vectors
        .iter()
        .filter(|vector| vectors_folder().is_some() || !vector.needs_files(&suite))
        .collect();
    judged.iter().for_each(|vector| judge(&suite, vector));
    assert_eq!(suite.vectors.len(), ALL);
    let expected = if vectors_folder().is_some() { ALL } else { OURS };
    assert_eq!(judged.len(), expected);
    if judged.len() < ALL {
        eprintln!("SKIPPED {} of {ALL} vectors: SEV_LAUNCH_VECTORS is not set", ALL - judged.len());
    }
}

#[test]
fn launch_digests_of_sev_snp_measure_s_own_tests() {
    if vectors_folder().is_none() {
        eprintln!("SKIPPED 4 vectors: SEV_LAUNCH_VECTORS is not set");
        return;
    }
    let suite = Suite::ours().expect("testdata/vectors/digests.json");
    let pages = PageSuite::ours().expect("testdata/vectors/vmsa-pages.json");
    assert_eq!(pages.launches.len(), 4);
    pages.launches.iter().for_each(|vector| judge(&suite, vector));
}

#[test]
fn vmsa_pages() {
    let suite = PageSuite::ours().expect("testdata/vectors/vmsa-pages.json");
    assert_eq!(suite.pages.len(), 28);
    for vector in &suite.pages {
        if vector.profile == "snp-svsm-ssm" {
            continue; // Its page depends on the SVSM's address: see tests/snp.rs.
        }
        let profile = profile::by_name(&vector.profile).expect("the profile exists");
        let signature = Some(CpuSignature(vector.signature));
        let pages = profile.vmsa_pages(Some(vector.reset), signature, None).expect("pages");
        let chosen = match vector.vcpu {
            Vcpu::Bsp => vec![&pages.bsp],
            Vcpu::Ap => vec![&pages.ap],
            Vcpu::All => vec![&pages.bsp, &pages.ap],
        };
        for page in chosen {
            let found = match vector.hash {
                256 => Sha256Digest::of(page.as_bytes()).to_string(),
                _ => snp::PageDigest::of(page.as_bytes()).to_string(),
            };
            assert_eq!(found, vector.value, "{} {:?}", vector.profile, vector.vcpu);
        }
    }
}

#[test]
fn cpu_signatures() {
    let suite = Suite::ours().expect("testdata/vectors/digests.json");
    assert_eq!(suite.cpu_signatures.len(), 26);
    for vector in &suite.cpu_signatures {
        let expected = CpuSignature(vector.signature);
        let (family, model, stepping) = (vector.family, vector.model, vector.stepping);
        assert_eq!(CpuSignature::from_parts(family, model, stepping), Ok(expected));
        if let Some(name) = &vector.model_name {
            assert_eq!(CpuModel::by_name(name).map(|model| model.signature), Ok(expected));
        }
    }
}
