//! IGVM files: what a real QEMU measured and refused, and what two tools say of the same files.
//!
//! The recorded guests are not in this repository: without `SEV_LAUNCH_VECTORS` these tests say loudly that they skip.

use std::collections::BTreeMap;

use sev_launch_abi::{CpuSignature, LaunchDigest, Technology};
use sev_launch_digest::igvm::{File, Guest, LoaderRules};
use sev_launch_digest::launch::LaunchUpdate;
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Error, Launch, snp};
use sev_launch_testkit::vectors::{IgvmSuite, IgvmVector};

fn technology(vector: &IgvmVector) -> Technology {
    match vector.launch.technology.as_str() {
        "sev" => Technology::Sev,
        "sev-es" => Technology::SevEs,
        "sev-snp" => Technology::Snp,
        other => panic!("{}: {other}", vector.name),
    }
}

fn qemu_profile(vector: &IgvmVector) -> Option<&'static LaunchProfile> {
    let name = match (technology(vector), vector.launch.vm_type.as_str()) {
        (Technology::Sev, _) => return None,
        (Technology::SevEs, "legacy") => "es-igvm-legacy",
        (Technology::SevEs, _) => "es-igvm-init2",
        (Technology::Snp, _) => "snp-igvm",
    };
    Some(profile::by_name(name).expect("a profile"))
}

fn number(text: &str) -> u64 {
    u64::from_str_radix(text.trim_start_matches("0x"), 16).expect("a number")
}

/// Parses, loads, launches, and gives the launch to `look`.
fn launch<T>(
    vector: &IgvmVector,
    bytes: &[u8],
    profile: Option<&'static LaunchProfile>,
    look: impl FnOnce(&Launch<'_>) -> T,
) -> Result<T, Error> {
    let file = File::parse(bytes.to_vec())?;
    let rules = profile.map_or(Ok(&LoaderRules::QEMU), LaunchProfile::igvm_rules)?;
    let loaded = file.load(technology(vector), rules)?;
    let signature = u32::try_from(number(&vector.launch.vcpu_sig)).expect("32 bits");
    let signature = Some(CpuSignature(signature));
    let vmsas = Vmsas::Profile { signature, sev_features: None };
    let vcpus = VcpuCount::new(vector.launch.vcpus)?;
    Ok(look(&Guest { loaded: &loaded, vcpus, profile, vmsas }.launch()?))
}

/// Every update with the digest after it, pages of one kind one after the other.
fn trace(launch: &Launch<'_>) -> Vec<(String, u64, LaunchDigest)> {
    let row = |(update, digest): (LaunchUpdate<'_>, LaunchDigest)| match update {
        LaunchUpdate::Snp(update) => {
            let kind = update.what.kind().to_lowercase();
            (kind, update.gpa.0, digest)
        }
        LaunchUpdate::Sev(update) => {
            let text = update.to_string();
            let mut words = text.split(' ');
            match (words.next(), words.next()) {
                (Some("LAUNCH_UPDATE_DATA"), Some(gpa)) => {
                    ("data".to_owned(), number(gpa.trim_end_matches(',')), digest)
                }
                _ => ("vmsa".to_owned(), 0xffff_ffff_f000, digest),
            }
        }
    };
    launch.trace().map(row).collect()
}

fn found() -> Option<Vec<(IgvmVector, Vec<u8>)>> {
    let (suite, folder) = IgvmSuite::found()?;
    let mut files = BTreeMap::new();
    let with_bytes = suite.vectors.into_iter().map(|vector| {
        let read = || std::fs::read(folder.join(&vector.file)).expect("the vector's file");
        let bytes = files.entry(vector.file.clone()).or_insert_with(read).clone();
        (vector, bytes)
    });
    Some(with_bytes.collect())
}

#[test]
fn qemu_s_digests_and_refusals() {
    let Some(vectors) = found() else { return };
    let (mut wrong, mut digests, mut refusals) = (Vec::new(), 0, 0);
    for (vector, bytes) in &vectors {
        // What is about QEMU's other options is for the command to know.
        if vector.kind == "options" {
            continue;
        }
        let answer = launch(vector, bytes, qemu_profile(vector), |launch| {
            (launch.digest().to_string(), !launch.warnings().is_empty())
        });
        let is_right = match (&vector.expect.digest, &answer, vector.judge.as_str()) {
            (Some(wanted), Ok((found, _)), _) => wanted == found,
            (Some(_), Err(_), judge) => judge == "or-refuse",
            (None, Err(_), _) => true,
            // A host with more memory, or a newer QEMU, starts it: whoever asks is warned.
            (None, Ok((_, is_warned)), "may") => *is_warned || vector.name.contains("over-end"),
            (None, Ok(_), _) => false,
        };
        match answer {
            Ok(_) => digests += 1,
            Err(_) => refusals += 1,
        }
        if !is_right {
            wrong.push(format!("{}: {:?}, found {answer:?}", vector.name, vector.expect));
        }
    }
    assert_eq!(wrong, [""; 0], "of {}", vectors.len());
    println!("{digests} digests, {refusals} refusals");
    assert!(digests >= 120 && refusals >= 45, "{digests} digests, {refusals} refusals");
}

#[test]
fn qemu_s_updates_one_by_one() {
    let Some(vectors) = found() else { return };
    let mut compared = 0;
    for (vector, bytes) in &vectors {
        if vector.kind == "options" || vector.expect.digest.is_none() {
            continue;
        }
        let trace = launch(vector, bytes, qemu_profile(vector), trace);
        let trace = trace.unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        let mut ours = trace.into_iter();
        for update in &vector.updates {
            let is_snp = technology(vector) == Technology::Snp;
            // One command for a run of pages, and a line for each page of it here.
            let pages = update.len.filter(|_| is_snp).map_or(1, |size| size / 4096);
            for page in 0..pages {
                let (kind, gpa, digest) = ours.next().expect("as many updates");
                let case = format!("{} {} {}", vector.name, update.kind, update.gpa);
                assert_eq!(kind, update.kind, "{case}");
                assert_eq!(gpa, number(&update.gpa) + page * 4096, "{case}");
                if page + 1 == pages {
                    assert_eq!(digest.to_string(), update.digest, "{case}");
                    compared += 1;
                }
            }
        }
        assert_eq!(ours.next(), None, "{}", vector.name);
    }
    println!("{compared} updates");
    assert!(compared >= 300, "{compared}");
}

// The bytes of every VMSA that KVM made, not their hash alone.
#[test]
fn qemu_s_vmsas_byte_by_byte() {
    let Some(vectors) = found() else { return };
    let mut compared = 0;
    for (vector, bytes) in &vectors {
        let wanted = vector.updates.iter().filter_map(|update| update.bytes.as_ref());
        let wanted: Vec<_> = wanted.map(page).collect();
        if vector.kind == "options" || vector.expect.digest.is_none() || wanted.is_empty() {
            continue;
        }
        let vcpus = VcpuCount::new(vector.launch.vcpus).expect("a count");
        let found = launch(vector, bytes, qemu_profile(vector), |launch| {
            let pages = launch.vmsa_pages().expect("VMSAs").clone();
            let of_vcpu = |vcpu| pages.of_vcpu(vcpu, vcpus).as_bytes().to_vec();
            (0..vcpus.number()).map(of_vcpu).collect::<Vec<_>>()
        });
        assert_eq!(found.expect("a launch"), wanted, "{}", vector.name);
        compared += wanted.len();
    }
    assert!(compared >= 120 || vectors.is_empty(), "{compared}");
}

/// The measured contents of an update: as they stand in the file, or zeros.
fn contents(file: &[u8], size: usize, sha256: &str) -> Option<Vec<u8>> {
    let zeros = vec![0; size];
    let windows = file.windows(size).step_by(4);
    let mut all = std::iter::once(zeros.as_slice()).chain(windows);
    let found = all.find(|one| hex::encode(<sha2::Sha256 as sha2::Digest>::digest(one)) == sha256);
    found.map(<[u8]>::to_vec)
}

// From 6.6 to 6.9 KVM adds DebugSwap, 0x20 at 0x3b0, to every VMSA of the legacy ioctl. [Linux, d1f85fbe836e, sev_es_sync_vmsa]
// So the digest is SHA-256 over the recorded pages, and the recorded VMSAs with that byte.
#[test]
fn kernels_that_switch_debug_swap_on() {
    let Some(vectors) = found() else { return };
    let swapped = profile::by_name("es-igvm-legacy-debugswap").ok();
    let (mut compared, mut refused) = (0, 0);
    for (vector, bytes) in &vectors {
        if technology(vector) != Technology::SevEs || vector.launch.vm_type != "legacy" {
            continue;
        }
        let answer = launch(vector, bytes, swapped, |launch| launch.digest().to_string());
        let Some(recorded) = &vector.expect.digest else {
            assert!(answer.is_err(), "{}: {answer:?}", vector.name);
            refused += 1;
            continue;
        };
        let wanted = |features: u8| {
            let mut measured = Vec::new();
            for update in &vector.updates {
                match (&update.bytes, update.len) {
                    (Some(bytes), _) => {
                        let mut page = page(bytes);
                        page[0x3b0] = features;
                        measured.extend(page);
                    }
                    (None, size) => {
                        let size = usize::try_from(size?).ok()?;
                        measured.extend(contents(bytes, size, update.sha256.as_ref()?)?);
                    }
                }
            }
            Some(hex::encode(<sha2::Sha256 as sha2::Digest>::digest(measured)))
        };
        // Contents that do not stand in the file as they are measured are not looked for.
        let Some(plain) = wanted(0) else { continue };
        assert_eq!(&plain, recorded, "{}", vector.name);
        assert_eq!(answer.ok(), wanted(0x20), "{}", vector.name);
        compared += 1;
    }
    println!("{compared} digests, {refused} refusals");
    assert!(compared >= 17 && refused >= 3, "{compared} digests, {refused} refusals");
}

fn page(bytes: &BTreeMap<String, String>) -> Vec<u8> {
    let mut page = vec![0; 4096];
    for (offset, hex) in bytes {
        let at = usize::try_from(number(offset)).expect("an offset");
        let bytes = hex::decode(hex).expect("hex");
        page[at..at + bytes.len()].copy_from_slice(&bytes);
    }
    page
}

/// Is the text a digest, and not the reason why there is none?
fn is_digest(text: &str) -> bool {
    matches!(text.len(), 64 | 96) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

// The two tools beside ours, each with its own order, on every file: their digests and their refusals.
#[test]
fn the_igvm_crate_and_igvmmeasure_agree_with_their_profiles() {
    let Some(vectors) = found() else { return };
    let empty = "structure/snp-no-directives/snp/1";
    for (tool, rules, least, known) in [
        ("igvm crate 0.5.0", &LoaderRules::HYPER_V, 110, &[empty][..]),
        (
            "igvmmeasure",
            &LoaderRules::IGVMMEASURE,
            149,
            &["registers/snp-reg-tail-end/snp/1", empty],
        ),
    ] {
        let (mut compared, mut differences) = (0, Vec::new());
        for (vector, bytes) in &vectors {
            let said = &vector.other[tool];
            let technology = technology(vector);
            if said == "no digest for this platform" {
                continue;
            }
            let file = File::parse(bytes.clone()).map_err(Error::from);
            let loaded = file.and_then(|file| Ok(file.load(technology, rules)?));
            let profile = profile::ALL.iter().find(|profile| {
                profile.technology == technology && profile.igvm_rules().ok() == Some(rules)
            });
            let vmsas = Vmsas::Profile { signature: None, sev_features: None };
            let vcpus = VcpuCount::ONE;
            let digest = loaded.and_then(|loaded| {
                let guest = Guest { loaded: &loaded, vcpus, profile, vmsas };
                Ok(guest.launch()?.digest().to_string())
            });
            let agree = match (is_digest(said), &digest) {
                (true, Ok(digest)) => digest == said,
                (false, Err(_)) => true,
                (true, Err(_)) | (false, Ok(_)) => false,
            };
            if !agree {
                differences.push((vector.name.as_str(), format!("{digest:?}, and it says {said}")));
            }
            compared += usize::from(is_digest(said) && agree);
        }
        // A file without directives loads nothing, and neither tool says so; the igvm crate 0.4, by which igvmmeasure reads, refuses what
        // stands after a VMSA's fields, and 0.5 does not.
        let names: Vec<_> = differences.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, known, "{tool}: {differences:?}");
        println!("{tool}: {compared} digests");
        assert!(compared >= least, "{tool}: {compared}");
    }
}

// SHA-256 by another implementation, and the block itself byte by byte.
#[test]
fn id_blocks_are_handed_over_as_qemu_does() {
    let Some(vectors) = found() else { return };
    let mut compared = 0;
    for (vector, bytes) in &vectors {
        let Some(wanted) = &vector.id_block else { continue };
        if vector.kind == "options" {
            continue;
        }
        let file = File::parse(bytes.clone()).expect("a file");
        let loaded = file.load(technology(vector), &LoaderRules::QEMU).expect("it was loaded");
        let (block, policy) = loaded.id_block().expect("an ID block");
        assert_eq!(hex::encode(block.to_bytes(policy)), wanted.block, "{}", vector.name);
        assert_eq!(u8::from(block.has_author_key()), wanted.auth_key_en, "{}", vector.name);
        let auth = <sha2::Sha256 as sha2::Digest>::digest(block.to_auth_page());
        assert_eq!(hex::encode(auth), wanted.auth_sha256, "{}", vector.name);
        compared += 1;
    }
    assert!(compared >= 4, "{compared}");
}

// A digest is a fold over the updates that are printed.
#[test]
fn traces_end_with_the_digest() {
    let bytes = sev_launch_testkit::igvm::snp();
    let file = File::parse(bytes).expect("a file");
    let loaded = file.load(Technology::Snp, &LoaderRules::QEMU).expect("loaded");
    let profile = profile::by_name("snp-igvm").expect("a profile");
    let vcpus = VcpuCount::new(3).expect("a count");
    let signature = Some(CpuSignature(0x00a0_0f11));
    let vmsas = Vmsas::Profile { signature, sev_features: None };
    let guest = Guest { loaded: &loaded, vcpus, profile: Some(profile), vmsas };
    let launch = guest.launch().expect("a launch");
    let last = launch.trace().last().map(|(_, digest)| digest);
    assert_eq!(last, Some(launch.digest()));
    let chain = launch.digests(&sev_launch_digest::hash::Portable).nth(2);
    assert_eq!(chain, Some(launch.digest()));
    let Launch::Snp(launch) = launch else { panic!("SNP") };
    assert_eq!(snp::fold(snp::LaunchDigest::START, launch.updates()), launch.digest());
}
