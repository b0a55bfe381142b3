//! `sev-launch firmware tree`: all that is in an image.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sev_launch_firmware_diff::{Image, Part, What, given_by};

use super::opened;
use crate::exit::Answer;
use crate::output;

/// Say what is in an image: volumes, files, sections, variables, and the tables at its end.
#[derive(Debug, clap::Args)]
pub(crate) struct Tree {
    /// The image.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show sections of modules and padding too.
    #[arg(long)]
    all: bool,
    /// Print JSON: every part, with its place and its SHA-256.
    #[arg(long, conflicts_with = "all")]
    json: bool,
}

impl Tree {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let bytes = opened::read(&self.file)?;
        let image = opened::open(&self.file, &bytes)?;
        if self.json {
            output::print_json(&Document::new(&self.file, &image))?;
        } else {
            output::print_text(|out| print(out, &self.file, &image, self.all))?;
        }
        Ok(Answer::Yes)
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document {
    path: String,
    size: usize,
    sha256: String,
    kernel_hash_check: &'static str,
    understood: bool,
    /// Bytes of the image, and of what each packed section unpacks to.
    spaces: Vec<usize>,
    parts: Vec<Node>,
}

#[derive(Serialize)]
struct Node {
    kind: &'static str,
    name: String,
    guid: Option<String>,
    given_by: Option<&'static str>,
    space: usize,
    offset: usize,
    size: usize,
    header: usize,
    sha256: String,
    unpacked: Option<usize>,
    remarks: Vec<String>,
    parts: Vec<Node>,
}

impl Document {
    fn new(path: &Path, image: &Image<'_>) -> Self {
        let root = Node::new(image, image.root());
        Self {
            path: path.display().to_string(),
            size: root.size,
            sha256: root.sha256,
            kernel_hash_check: image.kernel_hash_check().name(),
            understood: image.is_understood(),
            spaces: image.spaces().map(<[u8]>::len).collect(),
            parts: root.parts,
        }
    }
}

impl Node {
    fn new(image: &Image<'_>, part: &Part) -> Self {
        Self {
            kind: part.kind(),
            name: part.name(),
            guid: part.guid().map(|guid| guid.to_string()),
            given_by: part.guid().and_then(given_by),
            space: part.span.space,
            offset: part.span.start,
            size: part.span.len(),
            header: part.header,
            sha256: opened::sha256(image.bytes(&part.span)),
            unpacked: part.unpacked,
            remarks: part.remarks.iter().map(ToString::to_string).collect(),
            parts: part.parts.iter().map(|below| Self::new(image, below)).collect(),
        }
    }
}

/// Is the part one that is shown without being asked for?
fn is_shown(part: &Part) -> bool {
    match &part.what {
        What::Padding { .. } => false,
        What::File(_) => part.kind() != "padding file" || !part.remarks.is_empty(),
        What::Section(section) => section.packing.is_some() || !part.remarks.is_empty(),
        _ => true,
    }
}

fn print(out: &mut impl Write, path: &Path, image: &Image<'_>, all: bool) -> io::Result<()> {
    let bytes = image.bytes(&image.root().span);
    writeln!(out, "{}: {} bytes, SHA-256 {}", path.display(), bytes.len(), opened::sha256(bytes))?;
    writeln!(
        out,
        "  {:<12} {:>9}  what it is (1:… counts in what the packed section unpacks to)",
        "offset", "bytes"
    )?;
    for part in &image.root().parts {
        print_part(out, part, 0, all)?;
    }
    Ok(())
}

fn print_part(out: &mut impl Write, part: &Part, depth: usize, all: bool) -> io::Result<()> {
    let is_shown = all || is_shown(part);
    if is_shown {
        let place = match part.span.space {
            0 => format!("{:#010x}", part.span.start),
            space => format!("{space}:{:#x}", part.span.start),
        };
        let (name, kind) = (part.name(), part.kind());
        let kind = if name == kind || name.starts_with("GUIDed table") {
            String::new()
        } else {
            format!(", {kind}")
        };
        let guid = match &part.what {
            What::File(file) if name != file.name.to_string() => format!(", {}", file.name),
            _ => String::new(),
        };
        writeln!(
            out,
            "  {place:<12} {:>9}  {:width$}{name}{kind}{guid}",
            part.span.len(),
            "",
            width = depth * 2
        )?;
        for remark in &part.remarks {
            writeln!(out, "  {:<12} {:>9}  {:width$}! {remark}", "", "", "", width = depth * 2)?;
        }
    }
    let below = if is_shown { depth + 1 } else { depth };
    part.parts.iter().try_for_each(|part| print_part(out, part, below, all))
}
