//! `docs/igvm-tools.md`: for every recorded guest whether two tools have QEMU's digest, and which of their rules is the reason where they do not.
//!
//! A tool's rules are taken over one by one, fewest first, until the digest is the tool's: those are the reason. The recorded
//! guests are not in this repository: without `SEV_LAUNCH_VECTORS` the page is not looked at, which is said loudly.
//! `SEV_LAUNCH_BLESS=1` writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use sev_launch_abi::{CpuSignature, Technology};
use sev_launch_digest::igvm::{File, Guest, LoaderRules};
use sev_launch_digest::profile::{self, LaunchProfile, Loads};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_testkit::vectors::{IgvmSuite, IgvmVector};

/// A rule in which a tool differs from QEMU, and how it is taken over.
type Rule = (&'static str, fn(&mut LoaderRules, &LoaderRules));

const RULES: [Rule; 7] = [
    (
        "VMSAs as they stand in the file, and where; QEMU: one for every vCPU, at the end, as KVM makes it",
        |rules, tool| {
            rules.vmsas = tool.vmsas;
        },
    ),
    (
        "everything in the file's order; QEMU: an inserted parameter area comes before the pages that are kept back",
        |rules, tool| {
            rules.keeps_runs_back = tool.keeps_runs_back;
        },
    ),
    ("one page of a parameter area; QEMU: all of it", |rules, tool| rules.inserts = tool.inserts),
    ("shared pages are left out; QEMU measures them", |rules, tool| {
        rules.skips_shared = tool.skips_shared;
    }),
    ("a page of 2 MiB is one of 4 KiB; QEMU: 512 of them", |rules, tool| {
        rules.large_pages = tool.large_pages;
    }),
    ("nothing of a page without data; QEMU: zeros", |rules, tool| {
        rules.sev_hashes_empty_pages = tool.sev_hashes_empty_pages;
    }),
    ("the data of an unmeasured page; QEMU: nothing", |rules, tool| {
        rules.sev_hashes_unmeasured = tool.sev_hashes_unmeasured;
    }),
];

const TOOLS: [(&str, LoaderRules); 2] =
    [("igvm crate 0.5.0", LoaderRules::HYPER_V), ("igvmmeasure", LoaderRules::IGVMMEASURE)];

fn technology(vector: &IgvmVector) -> Technology {
    match vector.launch.technology.as_str() {
        "sev" => Technology::Sev,
        "sev-es" => Technology::SevEs,
        _ => Technology::Snp,
    }
}

/// The digest by some rules.
fn digest(vector: &IgvmVector, bytes: &[u8], rules: LoaderRules) -> Option<String> {
    let rules: &'static LoaderRules = Box::leak(Box::new(rules));
    let technology = technology(vector);
    let file = File::parse(bytes.to_vec()).ok()?;
    let loaded = file.load(technology, rules).ok()?;
    let name = match (technology, vector.launch.vm_type.as_str()) {
        (Technology::Sev, _) => None,
        (Technology::SevEs, "legacy") => Some("es-igvm-legacy"),
        (Technology::SevEs, _) => Some("es-igvm-init2"),
        (Technology::Snp, _) => Some("snp-igvm"),
    };
    // A profile of the same host with other rules.
    let profile: Option<&'static LaunchProfile> = name.map(|name| {
        let mut profile = profile::by_name(name).expect("a profile").clone();
        profile.loads = Loads::Igvm(rules);
        &*Box::leak(Box::new(profile))
    });
    let signature = u32::from_str_radix(vector.launch.vcpu_sig.trim_start_matches("0x"), 16);
    let signature = Some(CpuSignature(signature.expect("a signature")));
    let vmsas = Vmsas::Profile { signature, sev_features: None };
    let vcpus = VcpuCount::new(vector.launch.vcpus).expect("a count");
    let guest = Guest { loaded: &loaded, vcpus, profile, vmsas };
    Some(guest.launch().ok()?.digest().to_string())
}

/// The fewest of a tool's rules with which QEMU's give its digest.
fn reason(vector: &IgvmVector, bytes: &[u8], tool: &LoaderRules, said: &str) -> Option<Vec<usize>> {
    let mut sets: Vec<usize> = (1..1_usize << RULES.len()).collect();
    sets.sort_by_key(|set| set.count_ones());
    sets.into_iter().find_map(|set| {
        // What QEMU refuses, tools look at by none of their rules.
        let mut rules = LoaderRules::QEMU;
        rules.is_qemu = false;
        let chosen: Vec<usize> = (0..RULES.len()).filter(|number| set >> number & 1 == 1).collect();
        for number in &chosen {
            RULES[*number].1(&mut rules, tool);
        }
        (digest(vector, bytes, rules).as_deref() == Some(said)).then_some(chosen)
    })
}

#[test]
fn page_of_tools_is_current() {
    let Some((suite, folder)) = IgvmSuite::found() else { return };
    let mut page = String::from(HEAD);
    let mut totals: BTreeMap<(&str, &str), [u32; 4]> = BTreeMap::new();
    let mut rows = String::new();
    for vector in suite.vectors.iter().filter(|vector| vector.kind != "options") {
        let bytes = std::fs::read(folder.join(&vector.file)).expect("the vector's file");
        let qemu = vector.expect.digest.as_deref();
        let mut cells = Vec::new();
        for (tool, rules) in &TOOLS {
            let said = vector.other[*tool].as_str();
            let is_digest = matches!(said.len(), 64 | 96) && !said.contains(' ');
            let total = totals.entry((tool, vector.launch.technology.as_str())).or_default();
            let (column, cell) = match (qemu, is_digest) {
                (Some(qemu), true) if qemu == said => (0, "agrees".to_owned()),
                (Some(_), true) => {
                    let reason = reason(vector, &bytes, rules, said);
                    let reason =
                        reason.unwrap_or_else(|| panic!("{tool}: {}: no reason", vector.name));
                    let numbers: Vec<_> = reason.iter().map(|one| (one + 1).to_string()).collect();
                    (1, format!("another digest ({})", numbers.join(", ")))
                }
                (None, true) => (2, "a digest, and QEMU refuses".to_owned()),
                (Some(_), false) if said == "no digest for this platform" => not_of_this_platform(),
                (Some(_), false) => (3, format!("none: {}", short(said))),
                (None, false) => (4, "none".to_owned()),
            };
            if let Some(place) = total.get_mut(column) {
                *place += 1;
            }
            cells.push(cell);
        }
        let ours = qemu.map_or("refused".to_owned(), |digest| format!("`{}`", &digest[..16]));
        writeln!(rows, "| {} | {ours} | {} |", vector.name, cells.join(" | ")).expect("a String");
    }
    for ((tool, technology), [equal, other, anyway, none]) in totals {
        writeln!(page, "| {tool} | {technology} | {equal} | {other} | {anyway} | {none} |")
            .expect("a String");
    }
    page.push_str(REASONS);
    for (number, (text, _)) in (1..).zip(RULES) {
        writeln!(page, "{number}. {text}").expect("a String");
    }
    page.push_str(TABLE);
    page.push_str(&rows);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/igvm-tools.md");
    if std::env::var_os("SEV_LAUNCH_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).expect("docs/igvm-tools.md");
    assert_eq!(found, page, "SEV_LAUNCH_BLESS=1 writes it");
}

fn not_of_this_platform() -> (usize, String) {
    (4, "does not measure it".to_owned())
}

/// The words of a refusal that say why.
fn short(said: &str) -> String {
    let text = said.trim_start_matches("refused: ").trim_start_matches("refused ");
    text.replace('|', "\\|").chars().take(60).collect()
}

const HEAD: &str = "\
# IGVM files: what two tools say beside QEMU

Written by the test `page_of_tools_is_current` of `crates/digest/tests/igvm_tools.rs`; not edited by hand.

Every row is a guest that QEMU 10.2.2 started from an IGVM file or refused, with KVM and the AMD-SP emulated. Ours has QEMU's
digest in every row by its profiles of QEMU (`crates/digest/tests/igvm.rs`), and each tool's by the profile of that tool:
`snp-igvm-hyperv` is the `igvm` crate's, `snp-igvm-coconut` and `es-igvm-coconut` are igvmmeasure's. QEMU on KVM is a host; of the tools
one is written for Hyper-V and one for Coconut's own QEMU and kernel.

| tool | technology | agrees | another digest | a digest though QEMU refuses | none though QEMU starts |
|---|---|---|---|---|---|
";

const REASONS: &str =
    "\nWhat the tool does otherwise, fewest rules first that give its digest:\n\n";

const TABLE: &str =
    "\n| guest | QEMU and ours | igvm crate 0.5.0 | igvmmeasure |\n|---|---|---|---|\n";
