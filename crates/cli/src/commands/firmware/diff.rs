//! `sev-launch firmware diff`: where two images differ, and what comes of it.

mod document;
mod lines;

use std::path::{Path, PathBuf};

use sev_launch_firmware_diff::{Comparison, Map};

use super::opened;
use crate::exit::Answer;
use crate::output::{self, Outputs};
use document::Document;

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch firmware diff release/OVMF.fd build/OVMF.fd
  sev-launch firmware diff release/OVMF.fd build/OVMF.fd --map difference.svg

The first line says in one sentence what the two differ in. Modules are known by their GUIDs, and
executables are compared by what their bytes are: code, data, headers, times, paths. A difference of
the kind `consequence` follows from others: a size, a checksum, compressed bytes, padding. A map is
written once the whole answer was printed. What to do about each kind of difference is in
docs/reproducible-firmware.md.

Exit codes:
  0  the two are the same, byte for byte
  1  they differ: where, is on standard output
  2  could not decide: wrong usage, a missing file, an image beyond every limit";

/// How the answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text for people.
    #[default]
    Text,
    /// One JSON document: every difference, with its place in both images.
    Json,
    /// Markdown, as a CI run's summary shows it.
    Markdown,
}

/// Say where two images differ: by volume, module, section and kind, and which pages and digests change.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The first image.
    #[arg(value_name = "A")]
    a: PathBuf,
    /// The second image.
    #[arg(value_name = "B")]
    b: PathBuf,
    /// Show every difference with its bytes.
    #[arg(long)]
    all: bool,
    /// Write an SVG map of both images, with the pages that differ, beside guest memory.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Form,
    /// Print JSON: --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl Diff {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let (bytes_a, bytes_b) = (opened::read(&self.a)?, opened::read(&self.b)?);
        let (a, b) = (opened::open(&self.a, &bytes_a)?, opened::open(&self.b, &bytes_b)?);
        let comparison = Comparison::of(&a, &b);
        let mut outputs = Outputs::new();
        if let Some(path) = &self.map {
            let map =
                Map::of(&comparison, &self.a.display().to_string(), &self.b.display().to_string());
            outputs.add(path, map.svg().as_bytes())?;
        }
        match if self.json { Form::Json } else { self.format } {
            Form::Text => output::print_text(|out| lines::print(out, self, &comparison))?,
            Form::Json => output::print_json(&Document::new(&self.a, &self.b, &comparison))?,
            Form::Markdown => {
                let name = |path: &Path| path.display().to_string();
                let page = comparison.markdown(&name(&self.a), &name(&self.b));
                output::write(Path::new(output::STDOUT), page.as_bytes())?;
            }
        }
        outputs.settle()?;
        Ok(comparison.is_same().into())
    }
}
