//! What `firmware diff --json` prints.

use std::path::Path;

use serde::Serialize;
use sev_launch_firmware_diff::{Cause, Comparison, Difference, Group, Image, Location, Span};

use crate::commands::firmware::opened;

#[derive(Serialize)]
pub(super) struct Document {
    a: File,
    b: File,
    same: bool,
    statement: String,
    modules: Vec<ModuleView>,
    remedies: Vec<Remedy>,
    pages: PagesView,
    digests: Vec<DigestView>,
    differences: Vec<DifferenceView>,
}

#[derive(Serialize)]
struct File {
    path: String,
    size: usize,
    sha256: String,
    kernel_hash_check: &'static str,
    understood: bool,
}

#[derive(Serialize)]
struct ModuleView {
    module: Option<String>,
    guid: Option<String>,
    place: Vec<String>,
    kinds: Vec<KindView>,
}

#[derive(Serialize)]
struct KindView {
    kind: &'static str,
    differences: usize,
    bytes: usize,
}

#[derive(Serialize)]
struct Remedy {
    kind: &'static str,
    remedy: &'static str,
}

#[derive(Serialize)]
struct PagesView {
    common: u64,
    differing: u64,
    runs: Vec<Run>,
    only_a: u64,
    only_b: u64,
}

/// Guest physical addresses: of the first byte, and of the one after the last.
#[derive(Serialize)]
struct Run {
    start: String,
    end: String,
}

#[derive(Serialize)]
struct DigestView {
    technology: &'static str,
    changes: bool,
    because: Vec<CauseView>,
}

#[derive(Serialize)]
struct CauseView {
    what: &'static str,
    a: String,
    b: String,
    launches: Option<&'static str>,
}

#[derive(Serialize)]
struct DifferenceView {
    kind: &'static str,
    module: Option<String>,
    guid: Option<String>,
    place: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    a: Option<SpanView>,
    b: Option<SpanView>,
}

#[derive(Serialize)]
struct SpanView {
    space: usize,
    start: usize,
    end: usize,
}

impl Document {
    pub(super) fn new(a: &Path, b: &Path, comparison: &Comparison<'_>) -> Self {
        let effect = comparison.effect();
        let run = |run: &std::ops::Range<u64>| Run {
            start: format!("{:#x}", run.start),
            end: format!("{:#x}", run.end),
        };
        Self {
            a: file(a, comparison.a()),
            b: file(b, comparison.b()),
            same: comparison.is_same(),
            statement: comparison.statement(),
            modules: comparison.groups().iter().map(group).collect(),
            remedies: comparison
                .remedies()
                .into_iter()
                .map(|(kind, remedy)| Remedy { kind: kind.name(), remedy })
                .collect(),
            pages: PagesView {
                common: effect.pages.common,
                differing: effect.pages.count(),
                runs: effect.pages.differing.iter().map(run).collect(),
                only_a: effect.pages.only_a,
                only_b: effect.pages.only_b,
            },
            digests: effect
                .digests
                .iter()
                .map(|one| DigestView {
                    technology: one.technology.name(),
                    changes: one.changes(),
                    because: one.because.iter().map(cause).collect(),
                })
                .collect(),
            differences: comparison.differences().iter().map(difference).collect(),
        }
    }
}

fn file(path: &Path, image: &Image<'_>) -> File {
    let bytes = image.bytes(&image.root().span);
    File {
        path: path.display().to_string(),
        size: bytes.len(),
        sha256: opened::sha256(bytes),
        kernel_hash_check: image.kernel_hash_check().name(),
        understood: image.is_understood(),
    }
}

fn group(group: &Group<'_>) -> ModuleView {
    let kinds = group.kinds.iter().map(|(kind, tally)| KindView {
        kind: kind.name(),
        differences: tally.differences,
        bytes: tally.bytes,
    });
    ModuleView {
        module: group.module.map(|module| module.name.clone()),
        guid: group.module.map(|module| module.guid.to_string()),
        place: place(group.location),
        kinds: kinds.collect(),
    }
}

fn cause(cause: &Cause) -> CauseView {
    let Cause { what, a, b, launches } = cause.clone();
    CauseView { what, a, b, launches: Some(launches).filter(|launches| !launches.is_empty()) }
}

fn difference(difference: &Difference) -> DifferenceView {
    let span = |span: &Span| SpanView { space: span.space, start: span.start, end: span.end };
    let module = difference.location.module.as_deref();
    DifferenceView {
        kind: difference.kind.name(),
        module: module.map(|module| module.name.clone()),
        guid: module.map(|module| module.guid.to_string()),
        place: place(&difference.location),
        detail: difference.detail.clone(),
        a: difference.a.as_ref().map(span),
        b: difference.b.as_ref().map(span),
    }
}

fn place(location: &Location) -> Vec<String> {
    location.path().into_iter().map(ToOwned::to_owned).collect()
}
