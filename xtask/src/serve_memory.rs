//! `cargo xtask serve-memory`: what is left in the service's memory when it ends.
//!
//! A guest with a planted passphrase is registered, launched on the software AMD-SP, and given its packet; the service is told to stop,
//! gdb stops it where the process ends, and all of its memory is searched for what was planted. That the search finds things is shown by
//! the guest's name, which nobody wipes.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::call::{Call, target};
use crate::machine::Machine;
use crate::markdown::{head, row};
use crate::served::{Client, Host, Programs, Request, Setup, image, registration};
use crate::server_shown;

const PASSPHRASE: &str = "planted-4bc1f0e2-passphrase-of-a-disk";
const VMID: &str = "9e2c1d7a-5b0f-4c63-8f2e-1a7b3c5d9e01";

/// What is looked at.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// Take `sev-launch-server` and `sev-launch` of this folder instead of building them
    #[arg(long, value_name = "FOLDER")]
    programs: Option<std::path::PathBuf>,
    /// Write the outcome to docs/server-shown.md
    #[arg(long)]
    write: bool,
}

/// Plants, ends, searches; an error if anything secret is found.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !Call::new("gdb", "--version").succeeds() {
        bail!(
            "gdb is needed, and the right to trace another process (Debian: apt-get install gdb; root)"
        );
    }
    let programs = Programs::of(options.programs.as_deref())?;
    let folder = std::path::absolute(target().join("serve-memory"))?;
    let (platform, work) = (folder.join("platform"), folder.join("work"));
    programs.platform(&platform)?;
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| work.display().to_string())?;
    }
    let setup = Setup::new(&programs, &work, &work.join("store"), &platform)?;
    let token = setup.token("everything", "vm:read,vm:write,launch")?;
    let mut host = Host::new(&platform)?;
    let server = setup.start()?;
    let mut client = Client::default();
    let mut ask = |request: &Request, wanted: &[u16]| -> Result<serde_json::Value> {
        let answer = client.ask(server.service, request)?;
        ensure!(wanted.contains(&answer.status), "{}: {}", request.path, answer.told());
        Ok(answer.json())
    };
    let path = |rest: &str| format!("/vm/{VMID}{rest}");
    ask(&Request::new("POST", "/firmware", &token).image(&image(0)), &[201])?;
    let guest = registration(false, false, 1, PASSPHRASE);
    ask(&Request::new("POST", path(""), &token).json(&guest), &[201])?;
    let launch = ask(&Request::new("POST", path("/launch"), &token).json(&host.request()), &[200])?;
    let waiting = host.start(&launch, false)?;
    let validate = Request::new("POST", path("/validate"), &token).json(&waiting.validate);
    let answer = ask(&validate, &[200])?;
    host.inject(&waiting, &answer, PASSPHRASE)?;

    let core = work.join("core");
    let dump = at_end(server.id(), &core)?;
    drop(server);
    let kek = fs::read_to_string(work.join("kek")).context("the key")?;
    let key: Vec<u8> = (0..32)
        .filter_map(|at| u8::from_str_radix(kek.trim().get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    let proof = token.split('_').nth(2).context("a token")?;
    let planted: [(&str, &[u8]); 4] = [
        ("the guest's passphrase", PASSPHRASE.as_bytes()),
        ("what proves the token", proof.as_bytes()),
        ("the key that seals the store, as text", kek.trim().as_bytes()),
        ("the key that seals the store", &key),
    ];
    ensure!(
        count(&dump, VMID.as_bytes()) > 0,
        "the search finds nothing: the dump is no memory of the service"
    );
    let found: Vec<_> = planted.iter().map(|(what, bytes)| (*what, count(&dump, bytes))).collect();
    for (what, times) in &found {
        println!("{what}: {times}");
    }
    if options.write {
        let mut text = format!(
            "`cargo xtask serve-memory`, {}: {} MiB of memory where the process ends.\n\n{}",
            Machine::read()?.line(),
            dump.len() >> 20,
            head(&["what was planted", "found"])
        );
        for (what, times) in &found {
            text += &row(&[(*what).to_owned(), times.to_string()]);
        }
        server_shown::put("serve-memory", &text)?;
    }
    ensure!(found.iter().all(|(_, times)| *times == 0), "something secret is left in memory");
    Ok(())
}

/// Tells a process to stop, and dumps its memory where it ends.
fn at_end(id: u32, core: &std::path::Path) -> Result<Vec<u8>> {
    let commands = [
        "set pagination off".to_owned(),
        "handle SIGTERM nostop noprint pass".to_owned(),
        "catch syscall exit_group".to_owned(),
        format!("shell (sleep 1; kill -TERM {id}) &"),
        "continue".to_owned(),
        format!("gcore {}", core.display()),
    ];
    let mut gdb = Command::new("gdb");
    gdb.args(["-q", "-batch", "-nx", "-p", &id.to_string()]).stdin(Stdio::null());
    gdb.args(commands.iter().flat_map(|command| ["-ex", command]));
    let output = gdb.output().context("gdb")?;
    let dump = fs::read(core).with_context(|| {
        format!("gdb wrote no dump:\n{}", String::from_utf8_lossy(&output.stderr))
    })?;
    fs::remove_file(core)?;
    Ok(dump)
}

fn count(memory: &[u8], wanted: &[u8]) -> usize {
    memory.windows(wanted.len()).filter(|part| *part == wanted).count()
}
