//! The ways in which a description is computed, and their comparison.

use std::fmt;
use std::fs;

use sev_launch_description::{Description, Origin};
use sev_launch_digest::hash::Portable;
use sev_launch_manifest::Manifest;
use sev_launch_sweep::{Inputs, Memory, Mode, Reading, Sweep};
use sha2::{Digest, Sha256};

use super::super::harness::{Folder, Outcome, Run};
use super::answers;
use super::case::{Case, Technology};
use super::choice::Choice;
use super::faults::Fault;
use super::rows::Row;
use super::totals::Totals;
use super::value::{self, Key, Value};

/// Two ways that say different things of one description.
pub(super) struct Disagreement {
    seed: u64,
    description: String,
    what: Vec<String>,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, description, what } = self;
        writeln!(f, "SEV_LAUNCH_AGREEMENT_ONE={seed:#x}\n{description}{}", what.join("\n"))
    }
}

/// A description in a folder with its files.
struct Bench<'a> {
    folder: Folder,
    /// The description's file and what stands in it.
    file: &'static str,
    text: String,
    keys: Vec<Key>,
    files: Memory,
    case: &'a Case,
    what: Vec<String>,
}

/// Computes a description in every way, and says where two differ. One with a fault must be refused in every way.
pub(super) fn compare(
    seed: u64,
    case: &Case,
    fault: Option<&Fault>,
    choice: &mut Choice,
) -> Result<Totals, Disagreement> {
    let mut bench = Bench::new(case, choice.one_in(3));
    let mut totals = Totals::default();
    match fault {
        Some(fault) => {
            bench.must_refuse(fault);
            totals.refused = 1;
            totals.faults.insert(fault.name, 1);
        }
        None => {
            let rows = case.rows();
            bench.must_compute(&rows, &mut totals);
            let may_ask_for_firmware = case.technology == Technology::Snp
                && case.svsm.is_none()
                && case.given_digest.is_none();
            if may_ask_for_firmware && choice.one_in(4) {
                bench.must_compute_firmware(&mut totals);
            }
            totals.accepted = 1;
            count(case, &rows, &mut totals);
        }
    }
    let Bench { what, text, .. } = bench;
    let fault = fault.map_or(String::new(), |fault| format!("# with {}\n", fault.name));
    match what.is_empty() {
        true => Ok(totals),
        false => Err(Disagreement { seed, description: format!("{fault}{text}\n"), what }),
    }
}

fn count(case: &Case, rows: &[Row], totals: &mut Totals) {
    let mut names: Vec<_> = case.profiles.iter().map(|profile| profile.name.to_owned()).collect();
    if names.is_empty() {
        names.push("-".into());
    }
    for name in names {
        let own = |row: &&Row| row.profile.as_deref().unwrap_or("-") == name;
        let digests = u64::try_from(rows.iter().filter(own).count()).expect("few");
        totals.profiles.insert((case.technology.name(), name), (1, digests));
    }
}

impl<'a> Bench<'a> {
    fn new(case: &'a Case, is_json: bool) -> Self {
        let folder = Folder::new();
        let mut files = case.files();
        for (name, bytes) in &files {
            folder.file(name, bytes);
        }
        let keys = case.keys();
        let (file, text) = match is_json {
            true => ("launch.json", value::json(&keys)),
            false => ("launch.toml", value::toml(&keys)),
        };
        folder.file(file, &text);
        let mut what = Vec::new();
        for (image, absorbed) in case.absorbed() {
            let outcome =
                Run::new(["firmware", "absorb", &image, "-o", &absorbed]).in_folder(folder.path());
            let outcome = outcome.go();
            if outcome.code == Some(0) {
                files.push((absorbed.clone(), folder.read(&absorbed)));
            } else {
                what.push(format!("firmware absorb: {outcome:?}"));
            }
        }
        Self { folder, file, text, keys, files: files.into_iter().collect(), case, what }
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        let run = Run::new(arguments).in_folder(self.folder.path());
        run.go()
    }

    fn library(&self, mode: Option<Mode>) -> anyhow::Result<Vec<Row>> {
        let (origin, folder) = (Origin::file(self.file), "".as_ref());
        let description = match self.file {
            "launch.json" => Description::from_json(self.text.as_bytes(), &origin, folder)?,
            _ => Description::from_toml(&self.text, &origin, folder)?,
        };
        let mode = mode.or(Mode::of(&description)).expect("a technology is described");
        let inputs = Inputs::read(mode, description, Reading::default(), &self.files, &Portable)?;
        let rows = Sweep::new(&inputs, &Portable)?.rows()?;
        Ok(rows.into_iter().map(answers::of_library).collect())
    }

    fn must_refuse(&mut self, fault: &Fault) {
        let words = match self.library(None) {
            Ok(rows) => return self.what.push(format!("library: {} rows", rows.len())),
            Err(error) => format!("{error:#}"),
        };
        let first = words.lines().next().unwrap_or_default().to_owned();
        let mut outcomes = vec![
            ("digest", self.run(&["digest", "--description", self.file, "--json"])),
            ("manifest build", self.run(&["manifest", "build", "--description", self.file])),
        ];
        let by_flags = if fault.has_flags { self.by_flags() } else { None };
        // Flags are read before files, and in their own words.
        outcomes.extend(by_flags.map(|outcome| ("flags", outcome)));
        for (way, outcome) in outcomes {
            let refuses = outcome.code == Some(2) && outcome.stdout.is_empty();
            let same = !fault.has_words || way == "flags" || outcome.stderr.contains(&first);
            if !refuses || !same {
                self.what.push(format!("{way}: {outcome:?}\nlibrary: {words}"));
            }
        }
    }

    fn by_flags(&self) -> Option<Outcome> {
        let flags = value::flags(&self.keys)?;
        let run = Run::new(["digest", "--json"]).with(flags).in_folder(self.folder.path());
        Some(run.go())
    }

    fn must_compute(&mut self, expected: &[Row], totals: &mut Totals) {
        match self.library(None) {
            Ok(rows) => self.same_rows("library", &rows, expected),
            Err(error) => self.what.push(format!("library: {error:#}")),
        }
        let outcome = self.run(&["digest", "--description", self.file, "--json"]);
        self.same_document("digest", &outcome, expected);
        if let Some(outcome) = self.by_flags() {
            totals.by_flags = 1;
            self.same_document("flags", &outcome, expected);
        }
        let build = ["manifest", "build", "--description", self.file, "-o", "manifest.json"];
        let outcome = self.run(&build);
        if outcome.code != Some(0) {
            return self.what.push(format!("manifest build: {outcome:?}"));
        }
        let bytes = fs::read(self.folder.join("manifest.json")).expect("it was written");
        match Manifest::from_json(&bytes) {
            Ok(manifest) => self.same_manifest(&manifest, &bytes, expected),
            Err(error) => self.what.push(format!("manifest: {error}")),
        }
        let outcome = self.run(&["manifest", "check", "manifest.json", "--json"]);
        if outcome.code != Some(0) {
            self.what.push(format!("manifest check: {outcome:?}"));
        }
    }

    fn must_compute_firmware(&mut self, totals: &mut Totals) {
        let expected = self.case.firmware_digests();
        let row = |(firmware, digest): (usize, &String)| Row {
            digest: digest.clone(),
            firmware,
            ..Row::default()
        };
        let expected: Vec<_> = expected.iter().enumerate().map(row).collect();
        totals.firmware_alone = u64::try_from(expected.len()).expect("few");
        match self.library(Some(Mode::SnpFirmware)) {
            Ok(rows) => self.same_digests("library, firmware", &rows, &expected),
            Err(error) => self.what.push(format!("library, firmware: {error:#}")),
        }
        let mode = ["digest", "--mode", "snp:ovmf-hash", "--description", self.file, "--json"];
        let outcome = self.run(&mode);
        match answers::of_outcome(&outcome) {
            Ok(rows) => self.same_digests("snp:ovmf-hash", &rows, &expected),
            Err(error) => self.what.push(format!("snp:ovmf-hash: {error}")),
        }
    }

    fn same_digests(&mut self, way: &str, found: &[Row], expected: &[Row]) {
        let digests = |rows: &[Row]| {
            rows.iter().map(|row| (row.firmware, row.digest.clone())).collect::<Vec<_>>()
        };
        if digests(found) != digests(expected) {
            self.what.push(format!("{way}: {found:?}, not {expected:?}"));
        }
    }

    fn same_document(&mut self, way: &str, outcome: &Outcome, expected: &[Row]) {
        match answers::of_outcome(outcome) {
            Ok(rows) => self.same_rows(way, &rows, expected),
            Err(error) => self.what.push(format!("{way}: {error}")),
        }
    }

    fn same_rows(&mut self, way: &str, found: &[Row], expected: &[Row]) {
        if found.len() != expected.len() {
            self.what.push(format!("{way}: {} rows, not {}", found.len(), expected.len()));
        }
        let wrong =
            found.iter().zip(expected).enumerate().find(|(_, (found, wanted))| found != wanted);
        if let Some((index, (found, wanted))) = wrong {
            self.what.push(format!("{way}: row {index} is\n  {found:?}, not\n  {wanted:?}"));
        }
    }

    /// The rows, what they were computed from, and what stands in the head.
    fn same_manifest(&mut self, manifest: &Manifest, bytes: &[u8], expected: &[Row]) {
        if manifest.to_json().ok().as_deref() != Some(bytes) {
            self.what.push("manifest: read and written again, it is another".into());
        }
        let rows: Vec<_> = manifest.rows().iter().map(answers::of_manifest).collect();
        let bare = |row: &Row| {
            let (kernel, initrd, cmdline, firmware) = (None, None, None, 0);
            Row { kernel, initrd, cmdline, firmware, ..row.clone() }
        };
        let wanted: Vec<_> = expected.iter().map(bare).collect();
        self.same_rows("manifest", &rows, &wanted);
        for (row, wanted) in manifest.rows().iter().zip(expected) {
            let refs = row.facts.inputs;
            let hash = |index: Option<u32>| {
                let index = usize::try_from(index?).expect("small");
                Some(manifest.inputs()[index].sha256.to_string())
            };
            let (boot, own) = (&self.case.boot, |bytes: &[u8]| hex::encode(Sha256::digest(bytes)));
            let file = |list: &[Vec<u8>], index: Option<usize>| Some(own(&list[index?]));
            let cmdline = wanted.cmdline.map(|index| {
                let bytes = boot.cmdlines.get(index).map(Vec::as_slice).unwrap_or_default();
                own(&[bytes, b"\0"].concat())
            });
            let found = [refs.firmware, refs.kernel, refs.initrd, refs.cmdline].map(hash);
            let image = own(&self.case.firmwares[wanted.firmware].image());
            let wanted_hashes = [
                Some(image),
                file(&boot.kernels, wanted.kernel),
                file(&boot.initrds, wanted.initrd),
                cmdline,
            ];
            // A kernel that is given and not measured is told too, and so are libkrun's files.
            let shown = if wanted.kernel_hashes { 4 } else { 1 };
            if found[..shown] != wanted_hashes[..shown] {
                self.what.push(format!("manifest: inputs {found:?}, not {wanted_hashes:?}"));
            }
        }
        let said =
            |key: &str| self.keys.iter().find(|(name, _)| *name == key).map(|(_, value)| value);
        let policy = manifest.head().policy.map(Value::Hex);
        let host_data = manifest.head().host_data.map(|data| value::text(data.to_string()));
        if policy.as_ref() != said("policy") || host_data.as_ref() != said("host_data") {
            self.what.push(format!("manifest: its head says {:?}", manifest.head()));
        }
    }
}
