//! Every known answer, through the command, in sev-snp-measure's own words.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rayon::prelude::*;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_testkit::vectors::{Mode, PageSuite, Suite, Vector, vectors_folder};

use super::harness::{Folder, Outcome, Run};

/// All vectors, and those that need no third-party file.
const ALL: usize = 249;
const OURS: usize = 75;
/// The refusals among them: those of class "refuse" in `testdata/vectors/digests.json`.
const REFUSED: usize = 23;
const OURS_REFUSED: usize = 12;

/// The vectors with their inputs as files.
struct Files {
    folder: Folder,
    paths: BTreeMap<String, PathBuf>,
}

impl Files {
    fn of(suite: &Suite, vectors: &[&Vector]) -> Self {
        let folder = Folder::new();
        let third_party = vectors_folder();
        let names = vectors.iter().flat_map(|vector| {
            [Some(&vector.ovmf), vector.kernel.as_ref(), vector.initrd.as_ref()]
        });
        let mut paths = BTreeMap::new();
        for name in names.flatten() {
            paths.entry(name.clone()).or_insert_with(|| {
                let bytes = suite.bytes(name, third_party.as_deref()).expect("the input is there");
                folder.file(name, bytes)
            });
        }
        Self { folder, paths }
    }

    fn path(&self, name: &str) -> OsString {
        self.paths.get(name).expect("the file was written").clone().into_os_string()
    }

    fn judge(&self, vector: &Vector) -> Result<(), String> {
        let (found, outcomes) = match vector.mode {
            Mode::Vmsa => self.pages(vector),
            _ => {
                let outcome = Run::new(self.arguments(vector)).go();
                (outcome.stdout.trim_end().to_owned(), vec![outcome])
            }
        };
        if vector.is_refused() {
            let refused = |outcome: &Outcome| {
                outcome.code == Some(2) && outcome.stdout.is_empty() && outcome.stderr.len() > 20
            };
            return match outcomes.iter().all(refused) {
                true => Ok(()),
                false => Err(format!("{}: not refused: {outcomes:?}", vector.id)),
            };
        }
        let answered = outcomes.iter().all(|outcome| outcome.code == Some(0));
        match answered && found == vector.expect {
            true => Ok(()),
            false => Err(format!("{}: {outcomes:?}, not {}", vector.id, vector.expect)),
        }
    }

    fn arguments(&self, vector: &Vector) -> Vec<OsString> {
        let mode = match vector.mode {
            Mode::Sev => "sev",
            Mode::SevEs => "seves",
            Mode::Snp => "snp",
            Mode::SnpFirmware => "snp:ovmf-hash",
            Mode::Vmsa => panic!("{}: no mode of sev-snp-measure", vector.id),
        };
        let mut arguments: Vec<OsString> = vec!["digest".into(), "--mode".into(), mode.into()];
        let mut add = |flag: &str, value: Option<OsString>| {
            arguments.extend(value.into_iter().flat_map(|value| [flag.into(), value]));
        };
        add("--ovmf", Some(self.path(&vector.ovmf)));
        add("--kernel", vector.kernel.as_ref().map(|name| self.path(name)));
        add("--initrd", vector.initrd.as_ref().map(|name| self.path(name)));
        add("--append", vector.cmdline.as_ref().map(OsString::from));
        add("--vcpus", vector.vcpus.map(|count| count.to_string().into()));
        add("--snp-ovmf-hash", vector.ovmf_hash.as_ref().map(OsString::from));
        arguments.extend(self.host(vector));
        arguments
    }

    /// What both `digest` and `vmsa build` take: CPU, features, profile.
    fn cpu(&self, vector: &Vector) -> Vec<OsString> {
        let features = vector.guest_features.map(|number| format!("{number:#x}").into());
        let signature = vector.vcpu_sig.map(|number| format!("{number:#010x}").into());
        let flags = [
            ("--vcpu-type", vector.vcpu_type.as_ref().map(OsString::from)),
            ("--vcpu-sig", signature),
            ("--guest-features", features),
        ];
        flags
            .into_iter()
            .flat_map(|(flag, value)| value.map(|value| [flag.into(), value]))
            .flatten()
            .collect()
    }

    fn host(&self, vector: &Vector) -> Vec<OsString> {
        let mut arguments = self.cpu(vector);
        if vector.vmsa.is_some() {
            let [flag, value] = host_flag(vector);
            arguments.extend([flag.into(), value.into()]);
        }
        arguments
    }

    /// SHA-256 of the first vCPU's page and of a further one's, as `vmsa build` writes them.
    fn pages(&self, vector: &Vector) -> (String, Vec<Outcome>) {
        let build = |vcpu: &str| {
            let name = format!("{}-{vcpu}.bin", vector.id.replace('/', "-"));
            let profile = vector.profile();
            let outcome = Run::new(["vmsa", "build", &name, "--cpu", vcpu, "--profile", profile])
                .with([OsString::from("--firmware"), self.path(&vector.ovmf)])
                .with(self.cpu(vector))
                .in_folder(self.folder.path())
                .go();
            assert_eq!(outcome.code, Some(0), "{}: {}", vector.id, outcome.stderr);
            (Sha256Digest::of(&self.folder.read(&name)).to_string(), outcome)
        };
        let ((bsp, first), (ap, second)) = (build("0"), build("1"));
        (format!("{bsp} {ap}"), vec![first, second])
    }
}

/// sev-snp-measure's flag where it means the same host.
fn host_flag(vector: &Vector) -> [&'static str; 2] {
    match vector.profile() {
        "es-legacy" | "snp-qemu" => ["--vmm-type", "QEMU"],
        "snp-ec2" => ["--vmm-type", "ec2"],
        "snp-gce" => ["--vmm-type", "gce"],
        profile => ["--profile", profile],
    }
}

fn judge_all(suite: &Suite, vectors: &[Vector]) -> usize {
    let judged: Vec<_> = vectors
        .iter()
        .filter(|vector| vectors_folder().is_some() || !vector.needs_files(suite))
        .collect();
    let files = Files::of(suite, &judged);
    let wrong: Vec<_> = judged.par_iter().filter_map(|vector| files.judge(vector).err()).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        judged.len(),
        wrong.join("\n")
    );
    let skipped = vectors.len() - judged.len();
    if skipped > 0 {
        eprintln!("SKIPPED {skipped} of {} vectors: SEV_LAUNCH_VECTORS is not set", vectors.len());
    }
    judged.len()
}

#[test]
fn every_vector() {
    let suite = Suite::ours().expect("testdata/vectors/digests.json");
    let vectors = suite.vectors.clone();
    assert_eq!(vectors.len(), ALL);
    let refused = vectors
        .iter()
        .filter(|vector| vectors_folder().is_some() || !vector.needs_files(&suite))
        .filter(|vector| vector.is_refused())
        .count();
    let all = vectors_folder().is_some();
    assert_eq!(refused, if all { REFUSED } else { OURS_REFUSED });
    assert_eq!(judge_all(&suite, &vectors), if all { ALL } else { OURS });
}

#[test]
fn every_launch_of_sev_snp_measure_s_own_tests() {
    let suite = Suite::ours().expect("testdata/vectors/digests.json");
    let pages = PageSuite::ours().expect("testdata/vectors/vmsa-pages.json");
    let expected = if vectors_folder().is_some() { 4 } else { 0 };
    assert_eq!(pages.launches.len(), 4);
    assert_eq!(judge_all(&suite, &pages.launches), expected);
}

#[test]
fn the_same_answers_in_base64() {
    let suite = Suite::ours().expect("testdata/vectors/digests.json");
    let vectors = suite.vectors.clone();
    let chosen: Vec<_> = [Mode::Sev, Mode::SevEs, Mode::Snp, Mode::SnpFirmware]
        .into_iter()
        .map(|mode| {
            let good = |vector: &&Vector| {
                vector.mode == mode && !vector.is_refused() && !vector.needs_files(&suite)
            };
            vectors.iter().find(good).expect("a vector of each mode")
        })
        .collect();
    let files = Files::of(&suite, &chosen);
    for vector in chosen {
        let outcome = Run::new(files.arguments(vector)).with(["--output-format", "base64"]).go();
        let bytes = hex::decode(&vector.expect).expect("the vector is hex");
        assert_eq!(outcome.line(), BASE64.encode(bytes), "{}", vector.id);
    }
}
