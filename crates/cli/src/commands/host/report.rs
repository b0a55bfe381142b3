//! How a host's answer is printed.

use std::io::{self, Write};

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_digest::profile::VersionRange;
use sev_launch_host::support::{Lack, Verdict};
use sev_launch_host::{Facts, Support};

use crate::output;

/// The document of `host --json`; its schema is `docs/schemas/host.schema.json`.
#[derive(Serialize)]
struct Document {
    version: u32,
    host: Described,
    technologies: Vec<Row>,
}

/// What is known of the host.
#[derive(Serialize)]
struct Described {
    kernel: Option<String>,
    qemu: Option<String>,
    libvirt: Option<String>,
    generation: Option<&'static str>,
    signature: Option<String>,
    smt: Option<bool>,
    sockets: Option<u32>,
    sev_firmware: Option<String>,
    snp_firmware: Option<String>,
}

#[derive(Serialize)]
struct Row {
    technology: Technology,
    answer: &'static str,
    guests: Option<u32>,
    running: Option<u32>,
    profiles: Vec<&'static str>,
    question: Option<String>,
    lacks: Vec<Missing>,
    unknown: Vec<&'static str>,
    by_libvirt: Option<bool>,
    libvirt_lacks: Option<Missing>,
}

/// Something that is missing, and what to change.
#[derive(Serialize)]
pub(in crate::commands) struct Missing {
    what: String,
    change: Option<String>,
}

impl From<&Lack> for Missing {
    fn from(lack: &Lack) -> Self {
        Self { what: lack.to_string(), change: lack.remedy() }
    }
}

/// The numbers that are known of a version: `9.2.0`, or `5.14` where the rest is open.
fn version(range: VersionRange) -> String {
    let from = range.from;
    match range.exact() {
        Some(_) => from.to_string(),
        None => format!("{}.{}", from.major, from.minor),
    }
}

pub(super) fn print(json: bool, facts: &Facts, found: &[Support]) -> anyhow::Result<()> {
    let document = Document {
        version: 1,
        host: Described {
            kernel: facts.release.clone(),
            qemu: facts.qemu.map(version),
            libvirt: facts.libvirt.map(version),
            generation: facts.generation().map(sev_launch_abi::Generation::name),
            signature: facts.signature.map(|signature| format!("{signature}")),
            smt: facts.smt,
            sockets: facts.sockets,
            sev_firmware: facts.sev_version.map(|version| version.to_string()),
            snp_firmware: facts.snp_version.map(|version| version.to_string()),
        },
        technologies: found.iter().map(Row::of).collect(),
    };
    output::print(json, &document, |out| {
        document.host.print(out)?;
        found.iter().try_for_each(|support| print_support(out, support))
    })
}

impl Row {
    fn of(support: &Support) -> Self {
        Self {
            technology: support.technology,
            answer: support.verdict.name(),
            guests: support.guests,
            running: support.running,
            profiles: support.profiles.iter().map(|profile| profile.name).collect(),
            question: support.question.map(|question| question.to_string()),
            lacks: support.lacks.iter().map(Missing::from).collect(),
            unknown: support.open.clone(),
            by_libvirt: support.by_libvirt,
            libvirt_lacks: support.libvirt_lacks.as_ref().map(Missing::from),
        }
    }
}

impl Described {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
        writeln!(out, "kernel     {}", or(&self.kernel))?;
        writeln!(out, "QEMU       {}", or(&self.qemu))?;
        writeln!(out, "libvirt    {}", or(&self.libvirt))?;
        let smt = match self.smt {
            Some(true) => "SMT on",
            Some(false) => "SMT off",
            None => "SMT unknown",
        };
        let processor = match (&self.signature, self.generation) {
            (Some(signature), Some(generation)) => format!("{generation} ({signature})"),
            (Some(signature), None) => signature.clone(),
            (None, _) => "unknown, or not AMD's".to_owned(),
        };
        let sockets = match self.sockets {
            Some(1) => "1 socket".to_owned(),
            Some(count) => format!("{count} sockets"),
            None => "sockets unknown".to_owned(),
        };
        writeln!(out, "processor  {processor}, {sockets}, {smt}")?;
        let firmware = |name, version: &Option<String>| {
            version.as_ref().map(|version| format!("{name} {version}"))
        };
        let firmware: Vec<_> =
            [firmware("SEV", &self.sev_firmware), firmware("SNP", &self.snp_firmware)]
                .into_iter()
                .flatten()
                .collect();
        let firmware = (!firmware.is_empty()).then(|| firmware.join(", "));
        writeln!(out, "AMD-SP     {}", or(&firmware))
    }
}

fn print_support(out: &mut dyn Write, support: &Support) -> io::Result<()> {
    let Support { technology, verdict, guests, running, by_libvirt, .. } = support;
    writeln!(out)?;
    write!(out, "{:<10} {verdict}", technology.name())?;
    if *verdict != Verdict::No {
        if let Some(guests) = guests {
            write!(out, ", up to {guests} guests")?;
        }
        if let Some(running) = running.filter(|running| *running > 0) {
            write!(out, " ({running} running)")?;
        }
    }
    match by_libvirt {
        Some(true) if *verdict != Verdict::No => write!(out, ", libvirt too")?,
        Some(false) if *verdict != Verdict::No => write!(out, ", not by libvirt")?,
        _ => {}
    }
    writeln!(out)?;
    if *verdict != Verdict::No && !support.profiles.is_empty() {
        let names: Vec<_> = support.profiles.iter().map(|profile| profile.name).collect();
        writeln!(out, "  profile  {}", names.join(" or "))?;
    }
    if let Some(question) = support.question.filter(|_| *verdict != Verdict::No) {
        writeln!(out, "  ask      {question}")?;
    }
    let by_libvirt = support.libvirt_lacks.iter().filter(|_| *verdict != Verdict::No);
    for lack in support.lacks.iter().chain(by_libvirt) {
        print_lack(out, lack)?;
    }
    for open in support.open.iter().filter(|_| *verdict != Verdict::No) {
        writeln!(out, "  unknown  {open}")?;
    }
    Ok(())
}

/// What is missing, and what to change.
fn print_lack(out: &mut dyn Write, lack: &Lack) -> io::Result<()> {
    writeln!(out, "  missing  {lack}")?;
    lack.remedy().map_or(Ok(()), |remedy| writeln!(out, "  change   {remedy}"))
}
