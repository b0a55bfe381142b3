//! A store that cannot be written for a while, under a service that runs: every change is refused, nothing is half done, what is read
//! is read, and when the fault is gone the same requests succeed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::checker::{Checker, empty_log};
use super::client::Tokens;
use super::tokens_of;
use crate::call::Call;
use crate::served::{
    Answer, Client, Host, Programs, Request, Server, Setup, Starting, Waiting, image, registration,
    sha256,
};

const SECRET: &str = "a secret that waits for a disk";

/// A way in which a store fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// No file of the process may grow.
    FileSize,
    /// A file system without room.
    DiskFull,
    /// The database and its log may not be written.
    ReadOnly,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::FileSize => "no file may grow (RLIMIT_FSIZE)",
            Self::DiskFull => "the disk is full (a tmpfs)",
            Self::ReadOnly => "the store's files are immutable (chattr +i)",
        }
    }

    /// Why it is not tried here, if so.
    fn skipped(self, folder: &Path) -> Option<String> {
        let has = |program: &str| Call::new(program, "--version").succeeds();
        let is_root = Call::new("id", "-u").text().is_ok_and(|id| id == "0");
        match self {
            Self::FileSize if !has("prlimit") => Some("there is no `prlimit` (util-linux)".into()),
            Self::FileSize => None,
            _ if !is_root => Some("it needs root".into()),
            Self::DiskFull => {
                let place = folder.join("tried");
                let mounted = mount(&place);
                let _ = unmount(&place);
                mounted.err().map(|error| format!("no tmpfs can be mounted: {error:#}"))
            }
            Self::ReadOnly => {
                let file = folder.join("tried-file");
                let made = fs::write(&file, "").is_ok()
                    && immutable(std::slice::from_ref(&file), true).is_ok();
                let _ = immutable(&[file], false);
                (!made).then(|| "`chattr +i` does not work on this file system".into())
            }
        }
    }

    fn begin(self, setup: &Setup, server: &Server) -> Result<()> {
        empty_log(&setup.database())?;
        match self {
            Self::FileSize => limit(server, "0:"),
            Self::DiskFull => {
                let mut filled = fs::File::create(setup.store().join("filler"))?;
                // It ends with an error where the room ends.
                let _ = std::io::copy(&mut std::io::repeat(7), &mut filled);
                Ok(())
            }
            Self::ReadOnly => immutable(&files(setup), true),
        }
    }

    fn end(self, setup: &Setup, server: &Server) -> Result<()> {
        match self {
            Self::FileSize => limit(server, "unlimited:"),
            Self::DiskFull => fs::remove_file(setup.store().join("filler")).context("the filler"),
            Self::ReadOnly => immutable(&files(setup), false),
        }
    }
}

/// Tries every fault that can be tried here: what it was, and how many requests were refused, or why it was skipped.
pub(super) fn run(
    programs: &Programs,
    folder: &Path,
    platform: &Path,
) -> Result<Vec<(&'static str, Result<usize, String>)>> {
    let mut outcomes = Vec::new();
    for (number, fault) in
        [Fault::FileSize, Fault::DiskFull, Fault::ReadOnly].into_iter().enumerate()
    {
        let folder = folder.join(format!("fault-{number}"));
        fs::create_dir_all(&folder)?;
        if let Some(why) = fault.skipped(&folder) {
            println!("SKIPPED: {}: {why}", fault.name());
            outcomes.push((fault.name(), Err(why)));
            continue;
        }
        let store = folder.join("store");
        if fault == Fault::DiskFull {
            mount(&store)?;
        }
        let held = hold(fault, programs, &folder, &store, platform).context(fault.name());
        if fault == Fault::DiskFull {
            unmount(&store)?;
        }
        let refused = held?;
        println!("{}: {refused} requests refused, and done afterwards", fault.name());
        outcomes.push((fault.name(), Ok(refused)));
    }
    println!(
        "SKIPPED: a clock that jumps under the process: there is no way to turn the clock of one process alone; \
         the tests in the process have clocks that jump"
    );
    Ok(outcomes)
}

/// The service under a fault; how many requests were refused by it.
fn hold(
    fault: Fault,
    programs: &Programs,
    folder: &Path,
    store: &Path,
    platform: &Path,
) -> Result<usize> {
    let setup = Setup::new(programs, folder, store, platform)?;
    let tokens = tokens_of(&setup)?;
    let mut server = setup.start()?;
    let mut host = Host::new(platform)?;
    let mut asking = Client::default();
    let mut ask = |server: &Server, request: &Request| -> Result<Answer> {
        Ok(asking.ask(server.service, request)?)
    };
    let prepared = prepare(&mut |request| ask(&server, request), &mut host, &tokens)?;
    let mut checker = Checker::new();
    checker.follow(&setup.database())?;
    let before = checker.audited.records;

    fault.begin(&setup, &server)?;
    let refused = prepared.changes.iter().try_for_each(|(what, request, _)| {
        let answer = ask(&server, request).context(*what)?;
        unavailable(&answer).with_context(|| format!("{what}: {}", answer.told()))
    });
    let read = prepared.reads.iter().try_for_each(|request| {
        let answer = ask(&server, request)?;
        ensure!(answer.status == 200, "{}: {}", request.path, answer.told());
        Ok(())
    });
    let ready = readiness(&server);
    fault.end(&setup, &server)?;
    refused?;
    read?;
    ensure!(ready? == 503, "/readyz did not say that the store cannot be written");

    checker.follow(&setup.database())?;
    let since = checker.audited.records - before;
    ensure!(since == 0, "{since} records of what was refused");
    for (what, request, wanted) in &prepared.changes {
        let answer = ask(&server, request)?;
        ensure!(answer.status == *wanted, "{what}, after the fault: {}", answer.told());
        if *what == "validate" {
            host.inject(&prepared.guest, &answer.json(), SECRET)?;
        }
    }
    checker.follow(&setup.database())?;
    ensure!(checker.audited.releases == 2, "{} releases", checker.audited.releases);
    ensure!(readiness(&server)? == 200, "/readyz still says no");
    ensure!(server.runs()?, "the process ended");
    server.stop()?;
    if fault == Fault::ReadOnly {
        does_not_start(&setup)?;
    }
    Ok(prepared.changes.len())
}

/// With files that it cannot write the service does not start, and says why; when it can, it starts.
fn does_not_start(setup: &Setup) -> Result<()> {
    let files: Vec<PathBuf> = files(setup).into_iter().filter(|file| file.exists()).collect();
    immutable(&files, true)?;
    let ended = setup.spawn().and_then(Starting::ends);
    immutable(&files, false)?;
    let (status, log) = ended?;
    let says = log.contains("error: ") && log.contains("sev-launch.sqlite");
    ensure!(status.code() == Some(2) && says, "it ended with {status}, and said: {log}");
    setup.start()?.stop()
}

/// What is asked under a fault.
struct Prepared {
    guest: Waiting,
    /// What it is, the request, and its status without the fault.
    changes: Vec<(&'static str, Request, u16)>,
    reads: Vec<Request>,
}

fn prepare(
    ask: &mut dyn FnMut(&Request) -> Result<Answer>,
    host: &mut Host,
    tokens: &Tokens,
) -> Result<Prepared> {
    let owner = |method, path: String| Request::new(method, path, &tokens.owner);
    let launcher = |method, path: String| Request::new(method, path, &tokens.launcher);
    let names = ["1", "2", "3", "4"]
        .map(|digit| format!("{0}-fa17-4000-8000-000000000000", digit.repeat(8)));
    let [waiting, done, deleted, new] = &names;
    let body = registration(false, false, 1, SECRET);
    ask(&owner("POST", "/firmware".into()).image(&image(0)))?;
    for guest in [waiting, done, deleted] {
        let answer = ask(&owner("POST", format!("/vm/{guest}")).json(&body))?;
        ensure!(answer.status == 201, "{}", answer.told());
    }
    let mut begin = |guest: &String| -> Result<(String, Waiting)> {
        let begun =
            ask(&launcher("POST", format!("/vm/{guest}/launch")).json(&host.request()))?.json();
        let launch = begun.get("launch-id").and_then(Value::as_str).context("no launch-id")?;
        Ok((launch.to_owned(), host.start(&begun, false)?))
    };
    let (_, guest) = begin(waiting)?;
    let (released, other) = begin(done)?;
    let (revoked, _) = begin(deleted)?;
    let validate = |name: &String, guest: &Waiting| {
        launcher("POST", format!("/vm/{name}/validate")).json(&guest.validate)
    };
    let answer = ask(&validate(done, &other))?;
    ensure!(answer.status == 200, "{}", answer.told());
    let again = launcher("POST", format!("/vm/{done}/launch")).json(&host.request());
    let changes = vec![
        ("register", owner("POST", format!("/vm/{new}")).json(&body), 201),
        (
            "patch",
            owner("PATCH", format!("/vm/{done}")).json(&json!({ "labels": { "a": "b" } })),
            200,
        ),
        // What leaves once more is in the audit once more, or does not leave.
        ("validate again", validate(done, &other), 200),
        ("validate", validate(waiting, &guest), 200),
        (
            "acknowledge",
            launcher("POST", format!("/vm/{done}/launch/{released}/ack"))
                .json(&json!({ "result": "injected" })),
            204,
        ),
        ("launch", again.header("Idempotency-Key", "under a fault"), 200),
        ("revoke", launcher("DELETE", format!("/vm/{deleted}/launch/{revoked}")), 204),
        ("delete", owner("DELETE", format!("/vm/{deleted}")), 204),
        ("upload", owner("POST", "/firmware?keep=true".into()).image(&image(1)), 201),
        ("take a firmware out", owner("DELETE", format!("/firmware/{}", sha256(image(0)))), 204),
        (
            "make a token",
            owner("POST", "/token".into()).json(&json!({ "name": "a", "scopes": ["launch"] })),
            201,
        ),
    ];
    let reads = vec![
        owner("GET", format!("/vm/{waiting}")),
        owner("GET", "/vm".into()),
        owner("GET", "/firmware".into()),
        Request::new("GET", "/audit", &tokens.auditor),
    ];
    Ok(Prepared { guest, changes, reads })
}

/// Is it the answer of a service whose store cannot be written?
fn unavailable(answer: &Answer) -> Result<()> {
    let kind = answer.header("content-type").unwrap_or_default();
    ensure!(answer.status == 503, "wanted 503");
    ensure!(kind.starts_with("application/problem+json"), "the type {kind:?}");
    ensure!(answer.code() == "store-unavailable", "wanted store-unavailable");
    ensure!(answer.header("retry-after").is_some(), "no Retry-After");
    let retryable = answer.json().get("retryable").and_then(Value::as_bool);
    ensure!(retryable == Some(true), "it is not said that the same request may succeed");
    Ok(())
}

fn readiness(server: &Server) -> Result<u16> {
    Ok(Client::default().ask(server.admin, &Request::new("GET", "//readyz", ""))?.status)
}

fn limit(server: &Server, soft: &str) -> Result<()> {
    Call::new("prlimit", &format!("--pid {} --fsize={soft}", server.id())).text().map(drop)
}

fn files(setup: &Setup) -> Vec<PathBuf> {
    let database = setup.database().display().to_string();
    vec![PathBuf::from(format!("{database}-wal")), PathBuf::from(database)]
}

fn immutable(files: &[PathBuf], so: bool) -> Result<()> {
    Call::new("chattr", if so { "+i" } else { "-i" }).args(files).text().map(drop)
}

fn mount(place: &Path) -> Result<()> {
    fs::create_dir_all(place)?;
    let _ = unmount(place);
    let call = Call::new("mount", "-t tmpfs -o size=4m,mode=0700 sev-launch-crash");
    call.arg(place).text().map(drop)
}

fn unmount(place: &Path) -> Result<()> {
    Call::new("umount", "").arg(place).text().map(drop)
}
