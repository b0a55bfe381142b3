//! The independent computation against every known answer.

use std::collections::HashMap;
use std::path::Path;

use super::*;
use crate::vectors::{
    Mode, PageSuite, PageVector, Suite, VECTORS_VARIABLE, Vcpu, Vector, vectors_folder,
};

/// What a launcher finds in an image.
#[derive(Default)]
struct Found {
    reset: Option<u32>,
    hash_area: Option<u32>,
    sections: Vec<Section>,
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Reads the table of a good image backwards; an image without a footer has nothing.
fn scan(image: &[u8]) -> Found {
    let mut found = Found::default();
    let half = |at: usize| usize::from(u16::from_le_bytes(image[at..at + 2].try_into().unwrap()));
    let Some(footer) = image.len().checked_sub(48) else { return found };
    if image[footer..footer + 16] != firmware::guid(firmware::FOOTER) {
        return found;
    }
    let (mut end, low) = (footer - 2, footer + 16 - half(footer - 2));
    while end > low {
        let (start, guid) = (end - half(end - 18), &image[end - 16..end]);
        if guid == firmware::guid(firmware::RESET_BLOCK) {
            found.reset = Some(number(image, start));
        } else if guid == firmware::guid(firmware::HASH_AREA) {
            found.hash_area = Some(number(image, start));
        } else if guid == firmware::guid(firmware::SEV_METADATA) {
            let metadata = &image[image.len() - index(number(image, start))..];
            let section = |record: &[u8]| {
                Section::new(number(record, 0), number(record, 4), number(record, 8))
            };
            let records = metadata[16..].chunks_exact(12).take(index(number(metadata, 12)));
            found.sections = records.map(section).collect();
        }
        end = start;
    }
    found
}

/// Inputs are used many times, and some are large.
struct Inputs<'a> {
    suite: &'a Suite,
    folder: Option<&'a Path>,
    made: HashMap<String, Vec<u8>>,
}

impl Inputs<'_> {
    fn get(&mut self, name: &str) -> Vec<u8> {
        let make = || self.suite.bytes(name, self.folder).expect("the caller skips files");
        self.made.entry(name.to_owned()).or_insert_with(make).clone()
    }
}

fn compute(vector: &Vector, inputs: &mut Inputs<'_>) -> String {
    let image = inputs.get(&vector.ovmf);
    let found = scan(&image);
    let initrd = vector.initrd.as_ref().map(|name| inputs.get(name));
    let cmdline = vector.cmdline.as_ref().map(String::as_bytes);
    let table = vector
        .kernel
        .as_ref()
        .map(|name| hashes_table(&inputs.get(name), initrd.as_deref(), cmdline));
    let table = table.as_ref();
    let signature = inputs.suite.signature(vector).unwrap_or_default();
    let pages = |vcpus| {
        let layout = vector.vmsa.expect("this mode has CPU states");
        let features = vector.guest_features.expect("this mode has features");
        let reset = found.reset.expect("this mode needs a reset address");
        vmsa_pages(layout, signature, features, reset, vcpus)
    };
    let measured = || pages(vector.vcpus.expect("this mode has CPUs"));
    match vector.mode {
        Mode::Sev => hex::encode(sev(&image, table)),
        Mode::SevEs => hex::encode(sev_es(&image, table, &measured())),
        Mode::SnpFirmware => hex::encode(snp_firmware(&image)),
        Mode::Vmsa => pages(2)
            .iter()
            .map(|page| hex::encode(Sha256::digest(page)))
            .collect::<Vec<_>>()
            .join(" "),
        Mode::Snp => {
            let given = vector.ovmf_hash.as_ref().map(|text| {
                let mut bytes = [0; 48];
                hex::decode_to_slice(text, &mut bytes).unwrap();
                bytes
            });
            let start = given.unwrap_or_else(|| snp_firmware(&image));
            let hashes = table.map(|table| (table, found.hash_area.expect("a hash area")));
            let vmm = vector.vmm.expect("an SNP guest has a monitor");
            hex::encode(snp_from(start, &found.sections, hashes, &measured(), vmm))
        }
    }
}

/// Computes every vector that is no refusal; returns how many were computed and how many skipped.
fn run(vectors: &[Vector]) -> (usize, usize) {
    let suite = Suite::ours().unwrap();
    let folder = vectors_folder();
    let mut inputs = Inputs { suite: &suite, folder: folder.as_deref(), made: HashMap::new() };
    let (mut computed, mut skipped, mut wrong) = (0, Vec::new(), Vec::new());
    for vector in vectors.iter().filter(|vector| !vector.is_refused()) {
        if folder.is_none() && vector.needs_files(&suite) {
            skipped.push(&vector.id);
            continue;
        }
        computed += 1;
        let digest = compute(vector, &mut inputs);
        if digest != vector.expect {
            wrong.push(format!("{}: {digest}, not {}", vector.id, vector.expect));
        }
    }
    if !skipped.is_empty() {
        println!("SKIPPED {} vectors: {VECTORS_VARIABLE} is not set: {skipped:?}", skipped.len());
    }
    assert!(wrong.is_empty(), "{} of {computed} differ:\n{}", wrong.len(), wrong.join("\n"));
    (computed, skipped.len())
}

// testdata/vectors/digests.json: 249 vectors, 23 of them refusals; 63 of the others need no file.
#[test]
fn every_vector_is_computed() {
    let (computed, skipped) = run(&Suite::ours().unwrap().vectors);
    assert_eq!(computed + skipped, 226);
    assert_eq!(computed, if skipped == 0 { 226 } else { 63 });
}

// The test suite of sev-snp-measure, in testdata/vectors/vmsa-pages.json.
#[test]
fn every_launch_of_the_page_suite_is_computed() {
    let (computed, skipped) = run(&PageSuite::ours().unwrap().launches);
    assert_eq!(computed + skipped, 4);
}

fn digest(page: &[u8; PAGE], bits: u32) -> String {
    match bits {
        256 => hex::encode(Sha256::digest(page)),
        384 => hex::encode(Sha384::digest(page)),
        other => panic!("no hash of {other} bits"),
    }
}

fn check_page(vector: &PageVector) {
    let Profile { layout, features, .. } = *profile(&vector.profile);
    let pages = vmsa_pages(layout, vector.signature, features, vector.reset, 3);
    let chosen = match vector.vcpu {
        Vcpu::Bsp => &pages[..1],
        Vcpu::Ap => &pages[1..],
        Vcpu::All => &pages[..],
    };
    for page in chosen {
        let name = (&vector.profile, vector.vcpu);
        assert_eq!(digest(page, vector.hash), vector.value, "{name:?}");
    }
}

#[test]
fn every_cpu_state_has_its_known_digest() {
    let pages = PageSuite::ours().unwrap().pages;
    assert_eq!(pages.len(), 28);
    pages.iter().for_each(check_page);
}

#[test]
fn measurements_are_those_of_the_suite() {
    for vector in Suite::ours().unwrap().measure_vectors {
        let version = [vector.api_major, vector.api_minor, vector.build_id];
        let (policy, digest, nonce) = (vector.policy, vector.digest, vector.nonce);
        let blob = measurement(&vector.tik, version, policy, digest, nonce);
        assert_eq!(blob[..32], vector.expect_mac, "{}", vector.id);
    }
}
