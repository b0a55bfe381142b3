//! What came of the search, for people and as JSON.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_explain::{Axis, Change, Explanation, Hypothesis, Launch, Outcome, Tried};
use sev_launch_sweep::Inputs;
use sev_launch_sweep::coverage::warnings;

use crate::output;

/// Other members of a class that are printed one by one; more are counted.
const MOST_OTHERS: usize = 24;

/// Notes and warnings of the launch described.
pub(super) fn remarks(plan: &Inputs, outcome: &Outcome) {
    // What is odd about the description is worth reading where it does not match; a match needs no doubt.
    let matches = matches!(outcome, Outcome::Explained(found) if found.matches_as_described());
    if !matches {
        plan.notes.iter().for_each(|text| output::remark("note", text));
    }
    warnings(&plan.warnings).iter().for_each(|text| output::remark("warning", text));
}

/// The document of `explain --json`; its schema is `docs/schemas/explain.schema.json`.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    /// `matches`, `explained`, `nothing-found` or `stopped`.
    answer: &'static str,
    technology: Technology,
    /// The smallest change; none where the launch matches as described, or nothing was found.
    changes: Vec<ChangeView<'a>>,
    advice: Vec<&'static str>,
    /// Other changes that give the same value.
    others: Vec<Vec<ChangeView<'a>>>,
    not_measured: Vec<&'static str>,
    /// Was the level of the answer tried whole?
    complete: bool,
    tried: TriedView,
    ruled_out: Vec<String>,
    collect_next: Vec<String>,
}

#[derive(Serialize)]
struct ChangeView<'a> {
    axis: &'static str,
    value: &'a str,
    described: &'a str,
    text: String,
}

#[derive(Serialize)]
struct TriedView {
    launches: u64,
    axes: Vec<AxisView>,
    levels: Vec<LevelView>,
}

#[derive(Serialize)]
struct AxisView {
    axis: &'static str,
    values: u64,
}

#[derive(Serialize)]
struct LevelView {
    changes: u32,
    tried: u64,
    refused: u64,
    planned: u64,
}

fn view(change: &Change) -> ChangeView<'_> {
    ChangeView {
        axis: change.axis().name(),
        value: change.value(),
        described: change.described(),
        text: change.to_string(),
    }
}

fn views(hypothesis: &Hypothesis) -> Vec<ChangeView<'_>> {
    hypothesis.changes.iter().map(view).collect()
}

impl From<&Tried> for TriedView {
    fn from(tried: &Tried) -> Self {
        let axes =
            tried.axes.iter().map(|(axis, values)| AxisView { axis: axis.name(), values: *values });
        let levels = tried.levels.iter().map(|level| LevelView {
            changes: level.changes,
            tried: level.tried,
            refused: level.refused,
            planned: level.planned,
        });
        Self { launches: tried.hypotheses(), axes: axes.collect(), levels: levels.collect() }
    }
}

/// Prints the answer.
pub(super) fn print(
    plan: &Inputs,
    launch: &Launch,
    outcome: &Outcome,
    technology: Technology,
    json: bool,
) -> anyhow::Result<()> {
    output::print(json, &document(technology, outcome), |out| {
        print_text(out, plan, launch, outcome, technology)
    })
}

fn print_text(
    out: &mut impl Write,
    plan: &Inputs,
    launch: &Launch,
    outcome: &Outcome,
    technology: Technology,
) -> io::Result<()> {
    let described = plan.mode.technology();
    let other = match technology == described {
        true => String::new(),
        false => format!("technology = {technology} (described: {described})"),
    };
    match outcome {
        Outcome::Explained(found) => print_explanation(out, found, &other)?,
        Outcome::NothingFound(_) => {
            writeln!(out, "nothing found: no launch that was tried gives the reported value")?;
        }
        Outcome::Stopped { .. } => writeln!(out, "stopped: nothing was found so far")?,
    }
    let tried = outcome.tried();
    print_tried(out, tried)?;
    if matches!(outcome, Outcome::Explained(_)) {
        return Ok(());
    }
    let mut line = |label, text: &dyn Display| writeln!(out, "{label:<13} {text}");
    tried.ruled_out.iter().try_for_each(|text| line("ruled out", text))?;
    line(
        "ruled out",
        &"only while every other fact is as described or among those tried, and the files at hand are the host's",
    )?;
    tried.collect_next.iter().try_for_each(|text| line("collect next", text))?;
    line(
        "collect next",
        &"command lines, CPUs and numbers that may have been used: a list in the description, or a file for --axes",
    )?;
    if technology == Technology::Sev {
        line("collect next", &"whether it is a SEV-ES guest: then describe it with --mode seves")?;
    }
    if launch.files.len() <= 3 {
        let builds = "other builds of firmware, kernel and initrd, to be tried with --candidate";
        line("collect next", &builds)?;
    }
    Ok(())
}

/// `other` says that the technology is another than described, where it is.
fn print_explanation(out: &mut impl Write, found: &Explanation, other: &str) -> io::Result<()> {
    match (other, found.matches_as_described()) {
        ("", true) => {
            writeln!(out, "it already matches: the launch as described gives the reported value")
        }
        ("", false) => writeln!(out, "matches if {}", found.first),
        (other, true) => writeln!(out, "matches if {other}"),
        (other, false) => writeln!(out, "matches if {other} and {}", found.first),
    }?;
    let (variants, others) = variants(found);
    for (axis, values) in variants {
        writeln!(out, "same digest   {axis} = {}", values.join(", "))?;
    }
    for other in others.iter().take(MOST_OTHERS) {
        writeln!(out, "or if         {other}")?;
    }
    if let Some(more) = others.len().checked_sub(MOST_OTHERS).filter(|more| *more > 0) {
        writeln!(out, "or if         {more} more (--json lists them)")?;
    }
    if !found.level_complete {
        let stopped = "the search was stopped here: other changes may give the value too";
        writeln!(out, "note          {stopped}")?;
    }
    for text in advice(&found.first) {
        writeln!(out, "what it means {text}")?;
    }
    if !found.not_measured.is_empty() {
        writeln!(out, "not measured  {}", not_measured(found).join(", "))?;
    }
    Ok(())
}

fn not_measured(found: &Explanation) -> Vec<&'static str> {
    found.not_measured.iter().map(|axis| axis.name()).collect()
}

/// The other members: by axis those that are the first answer with one fact called otherwise, and all others.
fn variants(found: &Explanation) -> (BTreeMap<Axis, Vec<&str>>, Vec<&Hypothesis>) {
    let mut variants: BTreeMap<Axis, Vec<&str>> = BTreeMap::new();
    let mut others = Vec::new();
    for other in &found.others {
        let new = other.changes.iter().filter(|change| !found.first.changes.contains(change));
        let new: Vec<_> = new.collect();
        let gone = found.first.changes.iter().filter(|change| !other.changes.contains(change));
        let has = |axis| found.first.changes.iter().any(|change| change.axis() == axis);
        match (new.as_slice(), gone.count()) {
            // Another name of a CPU that is no change is nothing to know.
            ([one], _) if one.axis() == Axis::Signature && !has(Axis::Signature) => {}
            ([one], 0) => variants.entry(one.axis()).or_default().push(one.value()),
            ([one], 1) if has(one.axis()) => {
                variants.entry(one.axis()).or_default().push(one.value());
            }
            _ => others.push(other),
        }
    }
    (variants, others)
}

fn print_tried(out: &mut impl Write, tried: &Tried) -> io::Result<()> {
    let levels = tried.levels.iter().map(|level| match level.changes {
        0 => "as described".to_owned(),
        1 => format!("{} with one change", level.tried),
        changes => format!("{} with {changes} changes", level.tried),
    });
    let levels: Vec<_> = levels.collect();
    writeln!(out, "tried         {} launches: {}", tried.hypotheses(), levels.join(", "))?;
    if !tried.axes.is_empty() {
        let axes = tried.axes.iter().map(|(axis, values)| format!("{axis} {values}"));
        let axes: Vec<_> = axes.collect();
        writeln!(out, "values        {}", axes.join(", "))?;
    }
    Ok(())
}

/// What a change means and what to do, for those whose meaning is more than their words.
fn advice(hypothesis: &Hypothesis) -> Vec<&'static str> {
    let texts = hypothesis.changes.iter().map(|change| match (change.axis(), change.value()) {
        (Axis::KernelHashes, "off") => {
            "the host launched without kernel-hashes=on: nothing proves kernel, initrd and command line; set it on the host (libvirt: kernelHashes='yes')"
        }
        (Axis::KernelHashes, _) => "the host launched with kernel-hashes=on: describe it so",
        (Axis::Profile, _) => {
            "the host's kernel, VMM or the way it makes VMs is another than assumed: `sev-launch profile show NAME` says which hosts these are"
        }
        (Axis::Vcpus, _) => {
            "the number of vCPUs that exist at launch (QEMU's -smp cpus=) counts, not maxcpus and not those plugged in later"
        }
        (Axis::LateVcpus, "0") => "no vCPU was added late, or QEMU is older than 10.1",
        (Axis::LateVcpus, _) => {
            "vCPUs were added after the firmware was mapped (-device, device_add, libvirt's hot-pluggable ones), and QEMU 10.1 or newer left them the first one's registers: describe it with --late-vcpus"
        }
        (Axis::Signature, _) => "the guest's -cpu is another than described: the signature is in RDX of the vCPUs",
        (Axis::SevFeatures, _) => "the host switches other SEV features on",
        (Axis::Cmdline, _) => "QEMU hashes the bytes of -append exactly, and one NUL after them",
        (Axis::Firmware, _) => "the host loads another firmware build, or another part of it",
        (Axis::Initrd, "none") => "the host loads no initrd",
        (Axis::Initrd | Axis::Kernel | Axis::BootFiles, _) => {
            "the host loads another file than described"
        }
        (Axis::Policy, _) => {
            "the policy is under the measurement's MAC: it is the one that the session was made for"
        }
        (Axis::PlatformVersion, _) => {
            "API version and build are decimal numbers in QMP and libvirt; other tools print hex"
        }
        (Axis::Layout, _) => "the blob is MEASURE (32 bytes), then MNONCE (16 bytes)",
    });
    texts.fold(Vec::new(), |mut list, text| {
        if !list.contains(&text) {
            list.push(text);
        }
        list
    })
}

fn document(technology: Technology, outcome: &Outcome) -> Document<'_> {
    let tried = outcome.tried();
    let (answer, found) = match outcome {
        Outcome::Explained(found) if found.matches_as_described() => ("matches", Some(found)),
        Outcome::Explained(found) => ("explained", Some(found)),
        Outcome::NothingFound(_) => ("nothing-found", None),
        Outcome::Stopped { .. } => ("stopped", None),
    };
    Document {
        version: 1,
        answer,
        technology,
        changes: found.map(|found| views(&found.first)).unwrap_or_default(),
        advice: found.map(|found| advice(&found.first)).unwrap_or_default(),
        others: found.map(|found| found.others.iter().map(views).collect()).unwrap_or_default(),
        not_measured: found.map(not_measured).unwrap_or_default(),
        complete: match outcome {
            Outcome::Explained(found) => found.level_complete,
            Outcome::NothingFound(_) => true,
            Outcome::Stopped { .. } => false,
        },
        tried: tried.into(),
        ruled_out: tried.ruled_out.iter().map(ToString::to_string).collect(),
        collect_next: tried.collect_next.iter().map(ToString::to_string).collect(),
    }
}
