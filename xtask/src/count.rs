//! `cargo xtask count`: instructions of fixed work under valgrind's callgrind, held against benches/counts.toml.
//!
//! A time says little on a machine that others use; a count is the same each time. What is counted are the cases of
//! `sev_launch_benches::cases`, each done a fixed number of times less being made ready alone. Valgrind's processor has AVX2 where the
//! machine has it, and neither SHA instructions nor AVX-512: counts are of the paths for processors without them. They depend on the
//! compiler and on valgrind, so with others than the table names nothing is compared, which is said loudly.

mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::command::{cargo, is_installed, output, root};
use table::{MadeWith, Table, Verdict};

const USAGE: &str = "\
usage: cargo xtask count [--write] [CASE...]
  --write   write benches/counts.toml, or with cases these rows of it
  CASE      these alone, in place of all";

const TABLE: &str = "benches/counts.toml";

struct Options {
    write: bool,
    cases: Vec<String>,
}

/// A case as the program lists it.
struct Case {
    name: String,
    iterations: String,
    unit: String,
}

/// Counts, and compares or writes. Without valgrind it says loudly that it does nothing.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let Some(options) = options(arguments)? else {
        println!("{USAGE}");
        return Ok(());
    };
    if !is_installed("valgrind", &["--version"]) {
        if options.write {
            bail!("valgrind is not installed: nothing can be written");
        }
        println!(
            "SKIPPED: valgrind is not installed (apt-get install valgrind): NO COUNT IS COMPARED"
        );
        return Ok(());
    }
    let path = root().join(TABLE);
    let made_with = made_with()?;
    let listed = match fs::read_to_string(&path) {
        Ok(text) => Table::parse(&text).context(TABLE)?,
        Err(_) if options.write => Table { made_with: made_with.clone(), rows: BTreeMap::new() },
        Err(error) => return Err(error).context(TABLE),
    };
    let same = listed.made_with == made_with;
    if !same && !options.write {
        println!("SKIPPED: NO COUNT IS COMPARED: {TABLE} was made with");
        println!("  {}\nand this is\n  {made_with}", listed.made_with);
        println!("`cargo xtask count --write` makes it anew");
        return Ok(());
    }
    if !same && !options.cases.is_empty() && !listed.rows.is_empty() {
        bail!("{TABLE} was made with {}: all of it must be written", listed.made_with);
    }
    let (program, cases) = (build()?, options.cases.as_slice());
    let all = list(&program)?;
    if let Some(unknown) = cases.iter().find(|name| all.iter().all(|case| case.name != **name)) {
        bail!("there is no case {unknown}");
    }
    let chosen: Vec<&Case> =
        all.iter().filter(|case| cases.is_empty() || cases.contains(&case.name)).collect();
    let folder = program.parent().context("the program is in a folder")?.join("count-callgrind");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    println!("instructions, by {made_with}; callgrind's files are in {}", folder.display());

    let mut rows = if cases.is_empty() { BTreeMap::new() } else { listed.rows.clone() };
    let mut worse = Vec::new();
    for case in &chosen {
        let found = count(&program, case, &folder).with_context(|| case.name.clone())?;
        let verdict = Verdict::of(found, listed.rows.get(&case.name).copied().filter(|_| same));
        println!("  {:<22} {found:>13} per {:<20} {verdict}", case.name, case.unit);
        if matches!(verdict, Verdict::More { .. } | Verdict::New) {
            worse.push(case.name.as_str());
        }
        rows.insert(case.name.clone(), found);
    }
    if options.write {
        let units = all.iter().map(|case| (case.name.as_str(), case.unit.as_str())).collect();
        let text = Table { made_with, rows }.write(&units);
        return fs::write(&path, text).context(TABLE);
    }
    if cases.is_empty() {
        let gone = listed.rows.keys().filter(|name| !rows.contains_key(*name));
        worse.extend(gone.map(String::as_str));
    }
    if !worse.is_empty() {
        bail!(
            "{}: more instructions than {TABLE} allows, or not in both; where that is meant, --write and say why",
            worse.join(", ")
        );
    }
    Ok(())
}

fn options(arguments: &[String]) -> anyhow::Result<Option<Options>> {
    let mut options = Options { write: false, cases: Vec::new() };
    for argument in arguments {
        match argument.as_str() {
            "--write" => options.write = true,
            "--help" | "-h" => return Ok(None),
            flag if flag.starts_with('-') => bail!("{flag}: no such flag\n{USAGE}"),
            case => options.cases.push(case.to_owned()),
        }
    }
    Ok(Some(options))
}

/// What counts depend on besides the sources and Cargo.lock.
fn made_with() -> anyhow::Result<MadeWith> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from);
    let version = output(rustc, &["-vV"])?;
    let field = |name: &str| {
        let line = version.lines().find_map(|line| line.strip_prefix(name));
        line.map(str::to_owned).with_context(|| format!("rustc -vV says no {name:?}"))
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has_avx2 = cpu.split_ascii_whitespace().any(|flag| flag == "avx2");
    Ok(MadeWith {
        rustc: field("rustc ")?,
        target: field("host: ")?,
        valgrind: output("valgrind", &["--version"])?.trim().to_owned(),
        processor: if has_avx2 { "with AVX2" } else { "without AVX2" }.to_owned(),
    })
}

/// Builds the program that does the cases, and says where it is.
fn build() -> anyhow::Result<PathBuf> {
    let arguments = [
        "build",
        "--release",
        "--package",
        "sev-launch-benches",
        "--bin",
        "count",
        "--message-format",
        "json-render-diagnostics",
    ];
    let messages = output(cargo(), &arguments)?;
    let executable = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    });
    executable.context("cargo names no program that it has built")
}

/// The cases, as the program lists them.
fn list(program: &Path) -> anyhow::Result<Vec<Case>> {
    let case = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        let case = Case { name: fields.next()?, iterations: fields.next()?, unit: fields.next()? };
        fields.next().is_none().then_some(case)
    };
    let lines = output(program, &[])?;
    lines.lines().map(|line| case(line).with_context(|| format!("no case: {line}"))).collect()
}

/// Instructions per unit: the case's work, less making it ready.
fn count(program: &Path, case: &Case, folder: &Path) -> anyhow::Result<u64> {
    let (ready, _) = callgrind(program, &case.name, "0", &folder.join("ready.out"))?;
    let file = folder.join(format!("{}.out", case.name));
    let (all, units) = callgrind(program, &case.name, &case.iterations, &file)?;
    let work = all.checked_sub(ready).context("the work has fewer instructions than none")?;
    work.checked_div(units).context("the work was of no units")
}

/// All instructions of a run, and how many units it says it did.
fn callgrind(program: &Path, case: &str, times: &str, file: &Path) -> anyhow::Result<(u64, u64)> {
    let (file_text, program) = (file.display().to_string(), program.display().to_string());
    let out = format!("--callgrind-out-file={file_text}");
    let arguments = ["--tool=callgrind", "--quiet", &out, &program, case, times];
    let units = output("valgrind", &arguments)?;
    let units = units.trim().parse().with_context(|| format!("units: {units:?}"))?;
    let text = fs::read_to_string(file).context(file_text)?;
    Ok((totals(&text).context("callgrind's file has no totals")?, units))
}

/// The sum over all threads in callgrind's file.
fn totals(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The end of a file that valgrind 3.19 wrote.
    #[test]
    fn totals_are_read_from_callgrinds_file() {
        assert_eq!(
            totals("events: Ir\nsummary: 12\n+1 2\n\ntotals: 119891584\n"),
            Some(119_891_584)
        );
        assert_eq!(totals("events: Ir\n"), None);
    }

    #[test]
    fn flags_are_told_from_cases() {
        let parse = |arguments: &[&str]| {
            options(&arguments.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
        };
        let options = parse(&["--write", "a", "b"]).ok().flatten();
        assert!(options.is_some_and(|options| options.write && options.cases == ["a", "b"]));
        assert!(parse(&["--wrte"]).is_err());
        assert!(parse(&["--help"]).is_ok_and(|options| options.is_none()));
    }
}
