//! `sev-launch firmware reproduce`: is a build the one that was promised?

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use sev_launch_firmware_diff::{
    Allow, Build, Comparison, Image, MOST_ALLOW_BYTES, Report, Reproduction,
};

use super::opened;
use crate::exit::Answer;
use crate::{again, identity, inputs, output};

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch firmware reproduce release/OVMF.fd build/OVMF.fd
  sev-launch firmware reproduce first.fd second.fd third.fd --allow firmware-allow.toml

Every further build is held against the first. An allow file says what they may differ in:

  [[allow]]
  module = \"PlatformPei\"     # a name, a GUID, or a place as it is printed; left out: everything
  kinds = [\"build-path\", \"timestamp\"]
  reason = \"built in a folder of its own\"

What follows from an allowed difference (sizes, checksums, compressed bytes, padding behind what
grew) needs no entry. A build that differs in what is allowed has other launch digests. Kinds:
code, data, layout, content, header, tables, added, removed, order, variables, relocation,
rebased, debug, build-path, build-id, build-date, timestamp, checksum, packing, padding;
docs/reproducible-firmware.md has the cause and the remedy of each.

Exit codes:
  0  every build is the same as the first, or differs only in what is allowed
  1  one differs in something else: what it is, is on standard output
  2  could not decide: wrong usage, a missing or malformed file, an image beyond every limit";

/// How the answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text for people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// Markdown, as a CI run's summary shows it.
    Markdown,
    /// Annotations that a CI run shows beside the change: workflow commands.
    Annotations,
    /// JUnit's XML, a test case for each build.
    Junit,
}

/// Say whether builds of one firmware are the same, but for what an allow file permits.
#[derive(Debug, clap::Args)]
pub(crate) struct Reproduce {
    /// The build that was promised.
    #[arg(value_name = "A")]
    first: PathBuf,
    /// Builds to hold against it.
    #[arg(value_name = "B", required = true)]
    builds: Vec<PathBuf>,
    /// What they may differ in.
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Form,
    /// Print JSON: --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl Reproduce {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let allow = match &self.allow {
            Some(path) => read_allow(path)?,
            None => Allow::default(),
        };
        let paths: Vec<&PathBuf> = std::iter::once(&self.first).chain(&self.builds).collect();
        check_are_several(&paths)?;
        let bytes: Vec<Vec<u8>> =
            paths.iter().map(|path| opened::read(path)).collect::<Result<_, _>>()?;
        let images: Vec<Image<'_>> = paths
            .iter()
            .zip(&bytes)
            .map(|(path, bytes)| opened::open_firmware(path, bytes))
            .collect::<Result<_, _>>()?;
        let Some((first, others)) = images.split_first() else { bail!("no build was given") };
        let comparisons: Vec<Comparison<'_>> =
            others.iter().map(|other| Comparison::of(first, other)).collect();
        let name = |path: &PathBuf| path.display().to_string();
        let report = Report {
            first: name(&self.first),
            builds: self
                .builds
                .iter()
                .zip(&comparisons)
                .map(|(path, comparison)| Build {
                    file: name(path),
                    comparison,
                    reproduction: Reproduction::of(comparison, &allow),
                })
                .collect(),
            allow: &allow,
            allow_file: self.allow.as_ref().map(name),
        };
        let document = match if self.json { Form::Json } else { self.format } {
            Form::Text => {
                output::print_text(|out| print(out, &report))?;
                return Ok(report.is_reproduced().into());
            }
            Form::Json => output::json(&Document::new(&report))?,
            Form::Markdown => report.markdown().into_bytes(),
            Form::Annotations => report.annotations().into_bytes(),
            Form::Junit => report.junit().into_bytes(),
        };
        output::write(Path::new(output::STDOUT), &document)?;
        Ok(report.is_reproduced().into())
    }
}

/// A file held against itself would be a yes that says nothing.
fn check_are_several(paths: &[&PathBuf]) -> anyhow::Result<()> {
    for (number, path) in paths.iter().enumerate() {
        let others = paths.iter().skip(number + 1);
        if let Some(same) = others.into_iter().find(|other| identity::is_same_file(path, other)) {
            bail!(
                "{} and {}: they are one file, which says nothing of two builds",
                inputs::name(path),
                inputs::name(same)
            );
        }
    }
    Ok(())
}

fn read_allow(path: &Path) -> anyhow::Result<Allow> {
    let bytes = inputs::read_file(path, u64::try_from(MOST_ALLOW_BYTES).unwrap_or(u64::MAX))?;
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{}: an allow file is text in UTF-8", inputs::name(path)))?;
    Allow::parse(text).with_context(|| inputs::name(path))
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    first: String,
    reproduced: bool,
    builds: Vec<BuildView>,
    unused: Vec<EntryView>,
}

#[derive(Serialize)]
struct BuildView {
    path: String,
    same: bool,
    reproduced: bool,
    statement: String,
    permitted: Vec<Judged>,
    refused: Vec<Judged>,
}

/// Differences of one kind in one module.
#[derive(Serialize)]
struct Judged {
    module: String,
    kind: &'static str,
    differences: usize,
}

#[derive(Serialize)]
struct EntryView {
    line: usize,
    reason: String,
}

impl Document {
    fn new(report: &Report<'_>) -> Self {
        let judged = |rows: Vec<(String, sev_launch_firmware_diff::Kind, usize)>| {
            let row =
                |(module, kind, differences): (String, sev_launch_firmware_diff::Kind, usize)| {
                    Judged { module, kind: kind.name(), differences }
                };
            rows.into_iter().map(row).collect()
        };
        let build = |build: &Build<'_>| BuildView {
            path: build.file.clone(),
            same: build.reproduction.is_same,
            reproduced: build.reproduction.is_reproduced(),
            statement: build.comparison.statement(),
            permitted: judged(build.reproduction.tallied_permitted()),
            refused: judged(build.reproduction.tallied_refused()),
        };
        let unused =
            report.unused().into_iter().filter_map(|number| report.allow.entries().get(number));
        Self {
            first: report.first.clone(),
            reproduced: report.is_reproduced(),
            builds: report.builds.iter().map(build).collect(),
            unused: unused
                .map(|entry| EntryView { line: entry.line, reason: entry.reason.clone() })
                .collect(),
        }
    }
}

/// At most so many entries are suggested.
const SUGGESTED: usize = 8;

fn print(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    for build in &report.builds {
        let judged = &build.reproduction;
        let verdict = match (judged.is_same, judged.is_reproduced()) {
            (true, _) => "the same, byte for byte",
            (false, true) => "differs only in what is allowed (its launch digests are other ones)",
            (false, false) => "not the same",
        };
        writeln!(out, "{}: {verdict}", build.file)?;
        if judged.is_same {
            continue;
        }
        writeln!(out, "  {}", build.comparison.statement())?;
        for (name, kind, count) in judged.tallied_refused() {
            writeln!(out, "  not allowed  {name}: {kind}, in {count} {}", places(count))?;
        }
        for (entry, difference) in judged.permitted_once() {
            let reason = report.allow.entries().get(entry).map_or("", |entry| &entry.reason);
            writeln!(
                out,
                "  allowed      {}: {} ({reason})",
                judged.label(difference),
                difference.kind
            )?;
        }
        if !judged.is_reproduced() {
            print_help(out, report, build)?;
        }
    }
    for entry in report.unused().into_iter().filter_map(|number| report.allow.entries().get(number))
    {
        let file = report.allow_file.as_deref().unwrap_or_default();
        writeln!(out, "{file}:{}: {}", entry.line, report.why_unused(entry))?;
    }
    Ok(())
}

const fn places(count: usize) -> &'static str {
    if count == 1 { "place" } else { "places" }
}

/// What to do about a build that is not the same: where its differences come from, where they are, and how they are allowed.
fn print_help(out: &mut impl Write, report: &Report<'_>, build: &Build<'_>) -> io::Result<()> {
    let refused: Vec<_> =
        build.reproduction.refused.iter().map(|difference| difference.kind).collect();
    for (kind, remedy) in build.comparison.remedies() {
        if refused.contains(&kind) {
            writeln!(out, "  {kind}: {remedy}")?;
        }
    }
    // A name that a shell would read otherwise is not shown as something to type.
    if let (Some(first), Some(second)) = (again::quoted(&report.first), again::quoted(&build.file))
    {
        writeln!(
            out,
            "  where and in which bytes: sev-launch firmware diff {first} {second} --all"
        )?;
    }
    let (entries, left_out) = build.suggestion(SUGGESTED);
    writeln!(out, "  if this may differ, add to the allow file, with the reason:")?;
    for line in entries.lines() {
        writeln!(out, "    {line}")?;
    }
    if left_out > 0 {
        writeln!(out, "    and of {left_out} more modules: see --json")?;
    }
    Ok(())
}
