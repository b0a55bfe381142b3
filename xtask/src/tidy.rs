//! `cargo xtask tidy`: the rules of CONTRIBUTING.md that no compiler checks, and what published crates say of themselves.

mod published;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::call::{read, root};

/// Lines before its tests, above which a file surely holds two ideas; tables of pure data apart.
const LONGEST: usize = 600;

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 6] =
    ["mod.rs", "common.rs", "util.rs", "utils.rs", "helpers.rs", "types.rs"];

/// Checks all source files; every breach is told before it fails.
pub(crate) fn run() -> Result<()> {
    let mut breaches = published::breaches()?;
    let documents = document_names()?;
    let mut files = Vec::new();
    for folder in ["benches", "crates", "fuzz", "xtask"] {
        collect(&root().join(folder), &mut files)?;
    }
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let file = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let name = path.file_name().map(|name| name.display().to_string()).unwrap_or_default();
        if EMPTY_NAMES.contains(&name.as_str()) {
            breaches.push(format!("{file}: the name says nothing; name what it holds"));
        }
        if !text.starts_with("//!") {
            breaches.push(format!("{file}: opens without a word of what it is for (//!)"));
        }
        let length = text.lines().take_while(|line| !line.starts_with("mod tests")).count();
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        if length > LONGEST && !is_test {
            breaches.push(format!("{file}: {length} lines before its tests, at most {LONGEST}"));
        }
        if is_library(&file) {
            breaches.extend(droppable(&text).map(|(number, name)| {
                format!("{file}:{number}: {name} is a judgement that can be dropped: #[must_use]")
            }));
        }
        for (number, line) in text.lines().enumerate() {
            for name in citations(line).filter(|name| !documents.contains(*name)) {
                let at = format!("{file}:{}", number + 1);
                breaches.push(format!("{at}: {name:?} is not in ARCHITECTURE.md's documents"));
            }
        }
    }
    if breaches.is_empty() {
        return Ok(());
    }
    bail!("\n  {}", breaches.join("\n  "))
}

/// Is it the source of a crate that others call? What the command and the test kit have inside concerns nobody else.
fn is_library(file: &str) -> bool {
    let inside = ["crates/cli/", "crates/testkit/"];
    file.starts_with("crates/")
        && file.contains("/src/")
        && !inside.iter().any(|one| file.starts_with(one))
}

/// Public functions that answer yes or no or list what is wrong, and public types that are a verdict, without `#[must_use]`: the
/// numbers of their lines, and their names.
fn droppable(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let rest = lines.get(at..).unwrap_or_default();
        let function = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub const fn "));
        let of_type = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
        let is_judgement = match (function, of_type) {
            (Some(_), _) => answers(rest),
            (None, Some(name)) => {
                let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                VERDICTS.contains(&name)
                    || name.starts_with("Verified")
                    || name.starts_with("Accepted")
                    || name.ends_with("Verdict")
            }
            (None, None) => false,
        };
        let above = lines.get(..at).unwrap_or_default().iter().rev();
        let mut attributes =
            above.take_while(|line| line.starts_with("#[") || line.starts_with("///"));
        if is_judgement && !attributes.any(|line| line.starts_with("#[must_use")) {
            let name = function.or(of_type).unwrap_or_default();
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            found.push((at + 1, name.get(..end).unwrap_or_default()));
        }
    }
    found.into_iter()
}

/// Types that are a verdict by another name.
const VERDICTS: [&str; 5] = ["Differences", "Explanation", "Finding", "Outcome", "Refusal"];

/// Does the function that begins on the first of these lines return a judgement?
fn answers(lines: &[&str]) -> bool {
    const JUDGEMENTS: [&str; 5] =
        ["bool", "Vec<Demand>", "Vec<Finding>", "Vec<Refusal>", "Vec<TcbComponent>"];
    let mut signature = String::new();
    for line in lines {
        signature.push_str(line);
        signature.push(' ');
        if line.contains(['{', ';']) {
            break;
        }
    }
    let returned = signature.rsplit_once("-> ").map(|(_, returned)| returned.trim_end());
    let returned = returned.and_then(|returned| returned.split(" {").next());
    returned.is_some_and(|returned| JUDGEMENTS.contains(&returned.trim()))
}

/// The short names that comments may cite: the first column of the table under "Documents" in ARCHITECTURE.md.
fn document_names() -> Result<BTreeSet<String>> {
    let text = read("ARCHITECTURE.md")?;
    let (_, table) =
        text.split_once("\n## Documents").context("ARCHITECTURE.md: no \"## Documents\"")?;
    let table = table.split("\n## ").next().unwrap_or_default();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    Ok(cells.map(str::to_owned).collect())
}

/// The documents that a comment line cites, as `[SNP-ABI, PAGE_INFO]`.
fn citations(line: &str) -> impl Iterator<Item = &str> {
    let comment = line.trim_start();
    let comment = if comment.starts_with("//") {
        comment
    } else {
        line.split(" // ").nth(1).unwrap_or_default()
    };
    comment.split('[').skip(1).filter_map(|rest| {
        let (inside, after) = rest.split_once(']')?;
        let (name, _) = inside.split_once(", ")?;
        let is_link = after.starts_with(['(', '[', ':']);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && !name.contains(['`', '(', '=', '"', ':']);
        (is_name && !is_link).then_some(name)
    })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_found_in_comments_alone() {
        let found = |line| citations(line).collect::<Vec<_>>();
        assert_eq!(
            found("//! Defined by [SNP-ABI, PAGE_INFO] and [QEMU, a_function]."),
            ["SNP-ABI", "QEMU"]
        );
        assert_eq!(found("let x = [A, B];"), [""; 0]);
        assert_eq!(found("    /// A [link, text](target) and [`Code`]."), [""; 0]);
    }

    #[test]
    fn judgements_that_can_be_dropped_are_found() {
        let text = "\
#[must_use]
pub fn kept(&self) -> bool {
}
pub fn dropped(&self) -> bool {
pub const fn long(
    &self,
) -> Vec<Finding> {
pub fn no_judgement(&self) -> Result<bool, Error> {
#[must_use]
#[derive(Debug)]
pub struct AcceptedOne {
pub struct VerifiedOne(u8);
pub struct Other {
pub(crate) fn inner(&self) -> bool {
";
        let found: Vec<_> = droppable(text).collect();
        assert_eq!(found, [(4, "dropped"), (5, "long"), (12, "VerifiedOne")]);
    }
}
