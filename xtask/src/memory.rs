//! `cargo xtask memory`: looks for keys in the memory of the command at its end.
//!
//! Each command that handles a secret runs under gdb, which stops it where the process ends and dumps all of its memory:
//! stacks, heap, freed heap, buffers. Known keys were planted in its inputs, and the dump is searched for them in every form that
//! our code or a library gives them. That the search can find anything is shown by a marker in the environment, which every dump
//! must hold.

mod cases;
mod search;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sev_launch_testkit::expected::hmac;

use crate::call::{self, Call, target};
use crate::markdown;
use cases::{Case, Inputs};
use search::copies;

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write docs/memory.md
    #[arg(long)]
    write: bool,
    /// Look into this sev-launch instead of building one
    #[arg(long, value_name = "PROGRAM")]
    ours: Option<PathBuf>,
    /// Only commands whose name holds this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

/// The variable in the command's environment whose value every dump must hold.
const MARKER: &str = "SEV_LAUNCH_MARKER";

/// A secret of our own, and what it is called.
struct Planted {
    name: &'static str,
    bytes: Vec<u8>,
}

impl Planted {
    /// Bytes that occur nowhere by chance.
    fn new(name: &'static str, size: usize) -> Self {
        let pieces = (0_u8..).map(|counter| hmac(name.as_bytes(), &[counter]));
        Self { name, bytes: pieces.flatten().take(size).collect() }
    }
}

/// Runs every command, and fails if one of them leaves a copy.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !Call::new("gdb", "--version").succeeds() {
        bail!(
            "gdb is needed, and the right to trace a process of one's own (Debian: apt-get install gdb)"
        );
    }
    let program = match &options.ours {
        Some(program) => {
            fs::canonicalize(program).with_context(|| program.display().to_string())?
        }
        None => {
            Call::cargo("build --release --package sev-launch").run()?;
            target().join("release/sev-launch")
        }
    };
    let folder = std::path::absolute(target().join("memory"))?;
    let inputs = Inputs::new(&program, &folder)?;
    let mut rows = Vec::new();
    for case in cases::all(&inputs).iter().filter(|case| case.name.contains(&options.only)) {
        inputs.write()?;
        let dump = dump(&program, &folder, case)?;
        let planted = case.planted(&inputs)?;
        let mut found = 0;
        for secret in &planted {
            let places = copies(&dump, &secret.bytes);
            for (form, offset) in &places {
                println!(
                    "  {}: {}, {form}, at {offset:#x} of {}",
                    case.name,
                    secret.name,
                    folder.join("core").display()
                );
            }
            found += places.len();
        }
        println!("{}: {found} copies", case.name);
        rows.push((case.name, planted, found));
    }
    if options.write {
        call::write("docs/memory.md", &document(&program, &rows)?)?;
    }
    match rows.iter().filter(|(.., found)| *found > 0).count() {
        0 => Ok(()),
        commands => bail!("{commands} commands leave secrets in their memory"),
    }
}

/// The memory of the command at its end.
fn dump(program: &Path, folder: &Path, case: &Case) -> Result<Vec<u8>> {
    let core = folder.join("core");
    let marker = hex::encode(Planted::new("the marker", 16).bytes);
    let feeder = case.feed(folder)?;
    let commands = [
        "set confirm off".to_owned(),
        "set debuginfod enabled off".to_owned(),
        // Everything, whatever the system leaves out of dumps.
        "set use-coredump-filter off".to_owned(),
        "set dump-excluded-mappings on".to_owned(),
        format!("set cwd {}", folder.display()),
        "catch syscall exit_group".to_owned(),
        format!("run {} < /dev/null > stdout 2> stderr", case.arguments),
        "print $rdi".to_owned(),
        format!("gcore {}", core.display()),
        "kill".to_owned(),
    ];
    let mut gdb = Call::new("gdb", "-q -batch -nx").env(MARKER, &marker);
    gdb = gdb.args(commands.iter().flat_map(|command| ["-ex", command]));
    let output = gdb.arg(program).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !said.lines().any(|line| line == "$1 = 0") {
        let stderr = fs::read_to_string(folder.join("stderr")).unwrap_or_default();
        let gdb = String::from_utf8_lossy(&output.stderr);
        bail!("{}: not at its end with a yes\n{said}\n{gdb}\n{stderr}", case.name);
    }
    if let Some(feeder) = feeder {
        feeder.join().ok().context("the pipe's writer")??;
    }
    let dump = fs::read(&core).context("gdb wrote no dump")?;
    if copies(&dump, marker.as_bytes()).is_empty() {
        bail!("{}: the dump does not hold what is certainly there, so it tells nothing", case.name);
    }
    Ok(dump)
}

/// The outcome as a document.
fn document(program: &Path, rows: &[(&'static str, Vec<Planted>, usize)]) -> Result<String> {
    let version = Call::new(program, "--version").text()?;
    let rustc = Call::new("rustc", "--version").text()?;
    let mut text = format!("{INTRODUCTION}\n{version}, release build, {rustc}.\n\n");
    text += &markdown::head(&["command", "planted", "copies at its end"]);
    for (name, planted, found) in rows {
        let names: Vec<_> = planted.iter().map(|secret| secret.name).collect();
        text += &markdown::row(&[format!("`{name}`"), names.join(", "), found.to_string()]);
    }
    Ok(text)
}

const INTRODUCTION: &str = "\
# Secrets in memory

Written by `cargo xtask memory --write`; not edited by hand. Each command that handles a key or a secret is run under gdb, stopped
where the process ends (`exit_group`), and all of its memory is dumped: stacks, heap, freed heap, the standard library's buffers,
registers. Keys were planted in its inputs, and the dump is searched for each 16 bytes of them: as they are, reversed, in hex and
base64, with the bytes of each word turned round (as SHA-2 and big numbers hold them), and under HMAC's pads. A marker that every dump
must hold shows that the search finds what is there.

Not searched for, though whoever finds one can use or undo it: what was computed from a key (the states of HMAC after the key's block,
the later round keys of AES, an ECDSA scalar in Montgomery's form, the secret that ECDH agrees on). They are wiped by the same means, and only
that is said of them here. Nor what the kernel keeps of files and pipes. `secret show --reveal` prints the secrets, so whoever reads
its output has them.

Before keys lay on the heap, files were read straight to their place and the stack was wiped at the end, the same search found 1 to 31
copies after each command that takes a TIK (unoptimised build), and none of the keys of ID blocks.
";
