//! `cargo xtask count`: instructions of fixed work under valgrind's callgrind, held against benches/counts.toml.
//!
//! A time says little on a machine that others use; a count is the same each time. What is counted are the cases of
//! `sev_launch_benches::cases`, each done a fixed number of times less being made ready alone. Valgrind's processor has AVX2 where the
//! machine has it, and neither SHA instructions nor AVX-512: counts are of the paths for processors without them. They depend on the
//! compiler and on valgrind, so with others than the table names nothing is compared, which is said loudly.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::call::{Call, read, target, write};

const TABLE: &str = "benches/counts.toml";
/// Counts may be so many thousandths more before it is an error, and less before it is worth a line.
const TOLERANCE: u64 = 30;

const HEAD: &str = "\
# Instructions of the cases in benches/src/cases.rs, under valgrind's callgrind. Written by `cargo xtask count --write`.
# `cargo xtask count` fails where one takes over 3 % more. Valgrind's processor has no SHA instructions and no AVX-512.
";

/// The table: instructions per unit by case.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    made_with: BTreeMap<String, String>,
    instructions: BTreeMap<String, u32>,
}

/// Counts, and compares, or with `wants_table` writes. Without valgrind it says loudly that it does nothing.
pub(crate) fn run(wants_table: bool) -> Result<()> {
    if !Call::new("valgrind", "--version").succeeds() {
        if wants_table {
            bail!("valgrind is not installed: nothing can be written");
        }
        println!("SKIPPED: NO COUNT IS COMPARED: apt-get install valgrind");
        return Ok(());
    }
    let made_with = made_with()?;
    let listed: Table = toml::from_str(&read(TABLE)?).context(TABLE)?;
    let same =
        listed.made_with == made_with.clone().map(|(what, which)| (what.into(), which)).into();
    if !same && !wants_table {
        println!("SKIPPED: NO COUNT IS COMPARED: {TABLE} was made with");
        println!("  {:?}\nand this is\n  {made_with:?}", listed.made_with);
        println!("`cargo xtask count --write` makes it anew");
        return Ok(());
    }
    Call::cargo("build --release --package sev-launch-benches --bin count").run()?;
    let program = target().join("release/count");
    let folder = target().join("release/count-callgrind");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    println!("instructions; callgrind's files are in {}", folder.display());

    let list = Call::new(&program, "").text()?;
    let (mut rows, mut worse) = (Vec::new(), Vec::new());
    for line in list.lines() {
        let [name, iterations, unit] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("no case: {line:?}")
        };
        let found = count(&program, name, iterations, &folder).context(name.to_owned())?;
        let before = listed.instructions.get(name).copied().filter(|_| same);
        let (verdict, is_worse) = verdict(found, before);
        println!("  {name:<22} {found:>13} per {unit:<20} {verdict}");
        worse.extend(is_worse.then_some(name));
        rows.push((name, found, unit));
    }
    if wants_table {
        return write(TABLE, &text(&made_with, &rows));
    }
    let is_gone = |name: &&str| rows.iter().all(|(found, ..)| found != name);
    worse.extend(listed.instructions.keys().map(String::as_str).filter(is_gone));
    if !worse.is_empty() {
        let worse = worse.join(", ");
        bail!("{worse}: more instructions than {TABLE} allows, or not in both; if meant, --write");
    }
    Ok(())
}

/// What counts depend on besides the sources and Cargo.lock. Valgrind's version stands for the distribution's libc, too.
fn made_with() -> Result<[(&'static str, String); 4]> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Call::new(rustc, "-vV").text()?;
    let field = |name: &str| {
        let line = version.lines().find_map(|line| line.strip_prefix(name));
        line.map(str::to_owned).with_context(|| format!("rustc -vV says no {name:?}"))
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has_avx2 = cpu.split_ascii_whitespace().any(|flag| flag == "avx2");
    Ok([
        ("rustc", field("rustc ")?),
        ("target", field("host: ")?),
        ("valgrind", Call::new("valgrind", "--version").text()?),
        ("processor", if has_avx2 { "with AVX2" } else { "without AVX2" }.into()),
    ])
}

/// Instructions per unit: the case's work, less making it ready.
fn count(program: &Path, case: &str, iterations: &str, folder: &Path) -> Result<u32> {
    let callgrind = |times: &str, file: &str| -> Result<(u64, u64)> {
        let file = folder.join(file);
        let call = Call::new("valgrind", "--tool=callgrind --quiet");
        let call = call.arg(format!("--callgrind-out-file={}", file.display())).arg(program);
        let units = call.args([case, times]).text()?;
        // All threads together.
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
        let totals = totals.context("callgrind's file has no totals")?.trim().parse()?;
        Ok((totals, units.parse().with_context(|| format!("units: {units:?}"))?))
    };
    let (ready, _) = callgrind("0", "ready.out")?;
    let (all, units) = callgrind(iterations, &format!("{case}.out"))?;
    let work = all.checked_sub(ready).context("the work has fewer instructions than none")?;
    Ok(u32::try_from(work.checked_div(units).context("the work was of no units")?)?)
}

/// What is said of a count beside the table's, and whether that is an error.
fn verdict(found: u32, listed: Option<u32>) -> (String, bool) {
    let Some(listed) = listed else { return ("not in the table".into(), true) };
    let change = (f64::from(found) / f64::from(listed.max(1)) - 1.0) * 100.0;
    let (found, bounds) = (
        u64::from(found) * 1000,
        [1000 - TOLERANCE, 1000 + TOLERANCE].map(|n| n * u64::from(listed)),
    );
    let (word, is_worse) = match bounds {
        [_, most] if found > most => ("MORE", true),
        [least, _] if found < least => ("LESS, update the table: --write", false),
        _ => ("ok", false),
    };
    (format!("{change:+.2} % of {listed}: {word}"), is_worse)
}

/// The file's text; a row is a case, its count, and what that is of.
fn text(made_with: &[(&str, String)], rows: &[(&str, u32, &str)]) -> String {
    let mut text = format!("{HEAD}\n[made_with]\n");
    made_with.iter().for_each(|(what, which)| text += &format!("{what} = \"{which}\"\n"));
    text += "\n[instructions]\n";
    for (name, count, unit) in rows {
        text += &format!("{name} = {} # per {unit}\n", grouped(*count));
    }
    text
}

/// A number with underscores between its thousands.
fn grouped(number: u32) -> String {
    match number / 1000 {
        0 => number.to_string(),
        thousands => format!("{}_{:03}", grouped(thousands), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        let committed = read(TABLE).unwrap();
        let table: Table = toml::from_str(&committed).unwrap();
        let made_with = ["rustc", "target", "valgrind", "processor"];
        let made_with = made_with.map(|what| (what, table.made_with[what].clone()));
        let rows = committed.split_once("[instructions]\n").unwrap().1.lines();
        let rows = rows.map(|row| {
            let (name, (_, unit)) =
                (row.split(' ').next().unwrap(), row.split_once("per ").unwrap());
            (name, table.instructions[name], unit)
        });
        assert_eq!(text(&made_with, &rows.collect::<Vec<_>>()), committed);
    }

    // 3 % of 1000 are 30.
    #[test]
    fn three_percent_are_allowed() {
        let of = |found| verdict(found, Some(1000));
        assert_eq!(of(1030), ("+3.00 % of 1000: ok".into(), false));
        assert_eq!(of(1031), ("+3.10 % of 1000: MORE".into(), true));
        assert_eq!(of(995), ("-0.50 % of 1000: ok".into(), false));
        assert_eq!(of(969), ("-3.10 % of 1000: LESS, update the table: --write".into(), false));
        assert!(verdict(1, None).1);
    }
}
