//! What is asked of our command: the three sizes that its work may grow by, about eight points of each.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::ticks::{bytes, count};
use crate::process::Invocation;

/// Megabytes (10^6 bytes) of the initrd.
const INITRDS: [u32; 8] = [1, 3, 10, 30, 100, 300, 1000, 2000];
/// vCPU counts, up to the most that any KVM build has.
const VCPUS: [u32; 8] = [1, 4, 16, 64, 256, 1024, 2048, 4096];
/// Rows of a sweep, as vCPU counts and command lines.
const ROWS: [(u32, u32); 8] =
    [(1, 1), (10, 1), (100, 1), (1000, 1), (1000, 10), (1000, 100), (1000, 300), (1000, 1000)];
const CPU: &str = "EPYC-Milan";

/// A question, with a line for each technology that is asked.
pub(crate) struct Question {
    /// Names its files.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// What grows.
    pub(crate) axis: &'static str,
    /// How a size is spelled.
    pub(crate) tick: fn(f64) -> String,
    /// What is run for each point, by the technology's name.
    pub(crate) lines: Vec<(&'static str, Vec<(u32, Invocation)>)>,
}

/// The files that stay the same.
pub(crate) struct Files {
    pub(crate) firmware: PathBuf,
    pub(crate) kernel: PathBuf,
    pub(crate) initrd: PathBuf,
    /// Where initrds are made.
    pub(crate) folder: PathBuf,
}

/// All questions, their files made.
pub(crate) fn all(program: &Path, files: &Files) -> Result<Vec<Question>> {
    let digest = |mode: &str| {
        let mut arguments: Vec<String> = ["digest", "--mode", mode].map(str::to_owned).to_vec();
        arguments.extend(["--firmware".into(), text(&files.firmware)?]);
        if mode != "sev" {
            arguments.extend(["--vcpu-type".into(), CPU.into()]);
        }
        anyhow::Ok(arguments)
    };
    let with = |mut arguments: Vec<String>, more: &[&str]| {
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        arguments
    };
    let kernel = text(&files.kernel)?;

    let mut by_initrd = Vec::new();
    for megabytes in INITRDS {
        let initrd = text(&zeros(&files.folder, megabytes)?)?;
        let arguments = with(digest("sev")?, &["--kernel", &kernel, "--initrd", &initrd]);
        by_initrd.push((megabytes, Invocation::new(program, arguments)));
    }
    let (mut by_vcpus, mut by_rows) = (Vec::new(), Vec::new());
    for (name, mode) in [("SEV-ES", "seves"), ("SNP", "snp")] {
        let mut points = Vec::new();
        for count in VCPUS {
            let arguments = with(digest(mode)?, &["--vcpus", &count.to_string()]);
            points.push((count, Invocation::new(program, arguments)));
        }
        by_vcpus.push((name, points));
        let mut points = Vec::new();
        for (vcpus, cmdlines) in ROWS {
            let initrd = text(&files.initrd)?;
            let counts = format!("1..={vcpus}");
            let mut arguments = with(
                digest(mode)?,
                &["--kernel", &kernel, "--initrd", &initrd, "--vcpus", &counts, "--format", "csv"],
            );
            arguments.extend((0..cmdlines).flat_map(|at| ["--append".into(), format!("row={at}")]));
            points.push((vcpus * cmdlines, Invocation::new(program, arguments)));
        }
        by_rows.push((name, points));
    }
    Ok(vec![
        Question {
            id: "initrd",
            title: "Size of the initrd",
            axis: "initrd",
            tick: |megabytes| bytes(megabytes * 1e6),
            lines: vec![("SEV", by_initrd)],
        },
        Question {
            id: "vcpus",
            title: "Number of vCPUs",
            axis: "vCPUs of one guest",
            tick: count,
            lines: by_vcpus,
        },
        Question {
            id: "rows",
            title: "Rows of a sweep",
            axis: "rows",
            tick: count,
            lines: by_rows,
        },
    ])
}

/// A file of so many megabytes of zeros, of which the disk holds none.
fn zeros(folder: &Path, megabytes: u32) -> Result<PathBuf> {
    let path = folder.join(format!("zeros-{megabytes}mb"));
    let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
    file.set_len(u64::from(megabytes) * 1_000_000).with_context(|| path.display().to_string())?;
    Ok(path)
}

fn text(path: &Path) -> Result<String> {
    crate::bench_peers::text(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_grow_and_end_where_they_are_asked_to() {
        assert!(INITRDS.is_sorted() && VCPUS.is_sorted());
        assert_eq!((INITRDS[0], INITRDS[7]), (1, 2000));
        assert_eq!((VCPUS[0], VCPUS[7]), (1, 4096));
        let rows = ROWS.map(|(vcpus, cmdlines)| vcpus * cmdlines);
        assert!(rows.is_sorted());
        assert_eq!((rows[0], rows[7]), (1, 1_000_000));
    }
}
