//! `cargo xtask reference`: runs other tools and ours on the same guests, and says where they agree.
//!
//! The others are sev-snp-measure (three releases, each in a virtual environment), the `sev` crate (in
//! xtask/peers, a workspace of its own, because it brings OpenSSL) and, if asked for, sevctl. All that
//! they need is installed and kept under target/reference. A difference is either listed with its reason
//! in testdata/differences.toml, or it fails the task; so does a listed one that is there no more.
//! Nobody here is right because of being many: the reasons say whose answer a host confirms.

mod cases;
mod differences;
mod explained;
mod inputs;
pub(crate) mod peers;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use cases::{Case, Value};
use inputs::Inputs;
use peers::{Ours, Peer, SEV_SNP_MEASURE};
use table::{Comparison, Row};

const USAGE: &str = "\
usage: cargo xtask reference [--python-only] [--with-sevctl] [--write] [--ours PROGRAM]
  --python-only    the newest sev-snp-measure alone, on the short list of cases
  --with-sevctl    sevctl too: it is built first, which takes minutes
  --write          write docs/reference.md
  --ours PROGRAM   ask this sev-launch instead of building one";

struct Options {
    python_only: bool,
    with_sevctl: bool,
    write: bool,
    ours: Option<PathBuf>,
}

/// Runs the comparison; fails on whatever is neither agreement nor listed.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let Some(options) = options(arguments)? else {
        println!("{USAGE}");
        return Ok(());
    };
    let started = Instant::now();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace above")?;
    let target = root.join("target");
    let folder = target.join("reference");
    let inputs = Inputs::make(root, &folder.join("inputs"), !options.python_only)?;
    let mut peers = install(root, &folder, &options)?;
    let ours = match options.ours {
        Some(program) => Ours::at(program),
        None => Ours::build(root, &target)?,
    };
    let ready = started.elapsed();

    let listed = differences::read(&root.join("testdata/differences.toml"))?;
    let cases = cases::all();
    let (rows, missing, times) = ask(&cases, &inputs, &ours, &mut peers, options.python_only)?;
    let names: Vec<String> = peers.iter().map(|peer| peer.name.clone()).collect();
    keep(&folder, &names, &rows)?;
    let explained = explained::check(&cases, &rows, &peers, &inputs, &ours, &folder)?;
    let comparison = Comparison {
        peers: names,
        rows,
        all_cases: cases.iter().map(|case| case.id.clone()).collect(),
        differences: &listed,
    };
    let table = comparison.markdown();
    if options.write {
        let path = root.join("docs/reference.md");
        fs::create_dir_all(root.join("docs"))?;
        fs::write(&path, page(&comparison.peers, &inputs, &table, &explained))
            .context("docs/reference.md")?;
    } else {
        print!("{table}");
        explained.iter().for_each(|line| println!("{line}"));
    }

    eprintln!(
        "reference: {} cases, {missing} skipped for want of input; ready after {:.1} s, {}",
        comparison.rows.len(),
        ready.as_secs_f64(),
        times
            .iter()
            .map(|(name, time)| format!("{name} {:.1} s", time.as_secs_f64()))
            .collect::<Vec<_>>()
            .join(", "),
    );
    let failures = comparison.failures();
    if !failures.is_empty() {
        bail!("{} to look at:\n  {}", failures.len(), failures.join("\n  "));
    }
    if options.with_sevctl { interoperate(&folder) } else { Ok(()) }
}

/// Sessions, secrets and certificates between sevctl and us: the tests of sev-launch-verify that want its program.
fn interoperate(folder: &Path) -> Result<()> {
    let program = folder.join("sevctl/bin/sevctl").display().to_string();
    let arguments =
        ["test", "--package", "sev-launch-verify", "--all-features", "--test", "sevctl"];
    crate::command::run_with(
        crate::command::cargo(),
        &arguments,
        &[("SEV_LAUNCH_SEVCTL", &program)],
    )
}

fn options(arguments: &[String]) -> Result<Option<Options>> {
    let mut options = Options { python_only: false, with_sevctl: false, write: false, ours: None };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--python-only" => options.python_only = true,
            "--with-sevctl" => options.with_sevctl = true,
            "--write" => options.write = true,
            "--ours" => {
                let program = arguments.next().context("--ours wants a program")?;
                options.ours = Some(std::path::absolute(program)?);
            }
            "--help" | "-h" => return Ok(None),
            other => bail!("unknown option {other}\n{USAGE}"),
        }
    }
    if options.python_only && (options.write || options.with_sevctl) {
        bail!("--python-only is the short run: it goes with neither --write nor --with-sevctl");
    }
    Ok(Some(options))
}

fn install(root: &Path, folder: &Path, options: &Options) -> Result<Vec<Peer>> {
    let [old, middle, newest] = SEV_SNP_MEASURE;
    if options.python_only {
        return Ok(vec![Peer::sev_snp_measure(folder, newest)?]);
    }
    let mut peers = Vec::new();
    for version in [old, middle, newest] {
        peers.push(Peer::sev_snp_measure(folder, version)?);
    }
    peers.push(Peer::sev_crate(root)?);
    if options.with_sevctl {
        peers.push(Peer::sevctl(folder)?);
    }
    Ok(peers)
}

type Times = Vec<(String, Duration)>;

/// Asks everybody about every case that this run has the inputs for.
fn ask(
    cases: &[Case],
    inputs: &Inputs,
    ours: &Ours,
    peers: &mut [Peer],
    quick: bool,
) -> Result<(Vec<Row>, usize, Times)> {
    let mut rows = Vec::new();
    let mut missing = 0;
    let mut times: Times = vec![("sev-launch".into(), Duration::ZERO)];
    times.extend(peers.iter().map(|peer| (peer.name.clone(), Duration::ZERO)));
    for case in cases.iter().filter(|case| case.quick || !quick) {
        let there = |value: &Value| match value {
            Value::Input(name) => inputs.path(name).is_some(),
            Value::Text(_) => true,
        };
        if !case.flags.iter().all(|(_, value)| there(value)) {
            missing += 1;
            continue;
        }
        let mut clock = Instant::now();
        let mut spent = vec![];
        let mut lap = || {
            spent.push(clock.elapsed());
            clock = Instant::now();
        };
        let ours = ours.ask(case, inputs)?;
        lap();
        let mut theirs = Vec::new();
        for peer in peers.iter_mut() {
            let answer = peer.ask(case, inputs, &ours);
            theirs.push(answer.with_context(|| format!("{}: {}", peer.name, case.id))?);
            lap();
        }
        for ((_, total), time) in times.iter_mut().zip(spent) {
            *total += time;
        }
        rows.push(Row { id: case.id.clone(), refused: case.refused, ours, theirs });
    }
    Ok((rows, missing, times))
}

fn keep(folder: &Path, names: &[String], rows: &[Row]) -> Result<()> {
    let said: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut answers = vec![("sev-launch".to_owned(), Some(row.ours.clone()))];
            answers.extend(names.iter().cloned().zip(row.theirs.iter().cloned()));
            (row.id.clone(), answers)
        })
        .collect();
    peers::keep(&folder.join("answers.json"), &said)
}

fn page(names: &[String], inputs: &Inputs, table: &str, explained: &[String]) -> String {
    let mut text = String::from(
        "# Agreement with other tools\n\n\
         Written by `cargo xtask reference --write`; not edited by hand. Each row is a guest, given to \
         every tool.\nA column says whether that tool prints the digest that we print; a number names \
         the reason, below\nthe table, from `testdata/differences.toml`. No host took part: where tools \
         disagree, the reason says\nwhat QEMU, KVM or the operator of the cloud does.\n\n",
    );
    text.push_str(&format!("Compared: sev-launch {}", env!("CARGO_PKG_VERSION")));
    for name in names {
        text.push_str(&format!(", {name}"));
    }
    text.push_str(".\n\nInputs from outside of this repository:\n\n");
    for origin in &inputs.origins {
        text.push_str(&format!("- {origin}\n"));
    }
    if inputs.origins.is_empty() {
        text.push_str("- none\n");
    }
    text.push('\n');
    text.push_str(table);
    text.push_str(
        "\n## Explained\n\nWhat a tool computes, taken as the value that a host reported: `sev-launch explain` names the \
         profile that\nthe tool follows. sevctl prints a launch measurement, made with VMSAs of its own.\n\n\
         | case | tool | profile described | answer |\n|---|---|---|---|\n",
    );
    for line in explained {
        text.push_str(line);
        text.push('\n');
    }
    text
}
