//! `cargo xtask schemathesis`: asks the attestation service everything that its OpenAPI document describes, and some that it forbids.
//!
//! Schemathesis, of PyPI, is installed in a virtual environment below target/. It makes requests up from docs/openapi.json, and holds
//! each answer against what the document says of it. Not asked of it: that whatever fits the schema is accepted. A certificate chain
//! or a firmware image that fits its schema is refused for what no schema says.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::call::{Call, root, target};
use crate::machine::Machine;
use crate::markdown::{head, number, row};
use crate::peers;
use crate::served::{Client, Host, Programs, Request, Server, Setup, image, registration, sha256};
use crate::server_shown;

/// The release that is installed.
const VERSION: &str = "4.32.5";
/// What an answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,negative_data_rejection,unsupported_method,missing_required_header,allow_header_conformance,\
    use_after_free,ensure_resource_availability,ignored_auth";
/// What may do everything.
const SCOPES: &str = "vm:read,vm:write,launch,audit:read,admin";
/// Guests that are there before, each with a launch.
const GUESTS: u64 = 6;

/// 412, 413 and 431 refuse bad data too; Schemathesis does not count them by itself.
const CONFIG: &str = "\
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 428, 429, 431]
";

/// What is asked.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// How long requests are made up at random
    #[arg(long, default_value_t = 5)]
    minutes: u64,
    /// The seed of what is made up
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Take `sev-launch-server` and `sev-launch` of this folder instead of building them
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// Write the outcome to docs/server-shown.md
    #[arg(long)]
    write: bool,
}

/// Values at and beyond the bounds of each schema; and data at random, alone and in sequences: for people, and as phases.
const BOUNDS: (&str, &str) = ("bounds of every schema", "examples,coverage");
const RANDOM: (&str, &str) = ("at random, alone and in sequences", "fuzzing,stateful");

/// One run.
struct Run {
    who: &'static str,
    what: (&'static str, &'static str),
    has_token: bool,
    /// It goes on for so long; as long as it takes, if not said.
    seconds: Option<u64>,
}

/// What one run came to.
struct Outcome<'a> {
    run: &'a Run,
    operations: u64,
    cases: u64,
    failures: u64,
    seconds: f64,
}

/// Asks with a token and without one, and fails on every finding.
pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = Programs::of(options.programs.as_deref())?;
    let program = installed()?;
    let folder = std::path::absolute(target().join("schemathesis"))?;
    let (platform, work) = (folder.join("platform"), folder.join("work"));
    programs.platform(&platform)?;
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| work.display().to_string())?;
    }
    let setup = Setup::new(&programs, &work, &work.join("store"), &platform)?;
    let token = setup.token("everything", SCOPES)?;
    let mut server = setup.start()?;
    fs::write(work.join("schemathesis.toml"), CONFIG)?;
    fs::write(work.join("known.json"), known(&server, &token, &platform)?.to_string())?;

    let asked = Asked {
        program,
        work: &work,
        address: server.service.to_string(),
        token: &token,
        seed: options.seed,
    };
    let runs = [
        Run { who: "a token for everything", what: BOUNDS, has_token: true, seconds: None },
        Run {
            who: "a token for everything",
            what: RANDOM,
            has_token: true,
            seconds: Some(options.minutes * 60),
        },
        Run { who: "nobody", what: RANDOM, has_token: false, seconds: Some(60) },
    ];
    let outcomes = runs.iter().map(|run| asked.run(run)).collect::<Result<Vec<_>>>()?;
    let answer = Client::default().ask(server.service, &Request::new("GET", "/token", &token))?;
    ensure!(answer.status == 200, "the token no longer holds: {}", answer.told());
    ensure!(server.runs()?, "the service ended:\n{}", server.log());
    let log = server.log();
    let errors: Vec<_> = log.lines().filter(|line| line.contains("ERROR")).collect();
    server.stop()?;

    for Outcome { run, operations, cases, failures, seconds } in &outcomes {
        let Run { who, what: (what, _), .. } = run;
        println!(
            "{who}, {what}: {operations} operations, {cases} cases, {failures} failures, {seconds:.0} s"
        );
    }
    if options.write {
        server_shown::put("schemathesis", &text(options, &outcomes)?)?;
    }
    ensure!(errors.is_empty(), "the service logged:\n{}", errors.join("\n"));
    match outcomes.iter().map(|outcome| outcome.failures).sum::<u64>() {
        0 => Ok(()),
        failures => bail!("{failures} findings; they are in {}", work.display()),
    }
}

/// Schemathesis in a virtual environment of its own.
fn installed() -> Result<PathBuf> {
    let venv = std::path::absolute(peers::folder().join(format!("schemathesis-{VERSION}")))?;
    let program = venv.join("bin/schemathesis");
    if !program.is_file() {
        let make = Call::new("python3", "-m venv --clear").arg(&venv).text();
        make.context("python3 with venv is needed (Debian: apt-get install python3-venv)")?;
        let package = format!("install --quiet schemathesis=={VERSION}");
        Call::new(venv.join("bin/pip"), &package).text()?;
    }
    Ok(program)
}

/// Guests with a launch, and what they are made of, for the hooks.
fn known(server: &Server, token: &str, platform: &Path) -> Result<Value> {
    let mut client = Client::default();
    let mut ask = |request: &Request| -> Result<Value> {
        let answer = client.ask(server.service, request)?;
        ensure!(answer.status < 300, "{} {}: {}", request.method, request.path, answer.told());
        Ok(answer.json())
    };
    let mut host = Host::new(platform)?;
    let mut images = Vec::new();
    for number in 0..GUESTS {
        ask(&Request::new("POST", "/firmware?keep=true", token).image(&image(number)))?;
        images.push(sha256(image(number)));
    }
    let mut guests = Vec::new();
    for number in 1..=GUESTS {
        let body = registration(number % 2 == 0, number % 3 == 0, 64, "a passphrase");
        let vmid = format!("{number:08}-0000-4000-8000-000000000000");
        ask(&Request::new("POST", format!("/vm/{vmid}"), token).json(&body))?;
        let launch = Request::new("POST", format!("/vm/{vmid}/launch"), token);
        let begun = ask(&launch.json(&host.request()))?;
        let guest = host.start(&begun, false)?;
        // Some wait for their measurement, some for the owner, some for an acknowledgement.
        if number % 3 != 1 {
            let validate = Request::new("POST", format!("/vm/{vmid}/validate"), token);
            ask(&validate.json(&guest.validate))?;
        }
        guests.push(
            json!({ "vmid": vmid, "launch": begun.get("launch-id"), "validate": guest.validate }),
        );
    }
    let id = token.split('_').nth(1).context("a token without its id")?;
    Ok(json!({
        "token": id, "guests": guests, "images": images, "launch": host.request(),
        "registration": registration(false, false, 64, "a passphrase"),
    }))
}

/// How it is asked.
struct Asked<'a> {
    program: PathBuf,
    work: &'a Path,
    address: String,
    token: &'a str,
    seed: u64,
}

impl Asked<'_> {
    fn run<'r>(&self, run: &'r Run) -> Result<Outcome<'r>> {
        let Self { program, work, address, token, seed } = self;
        let Run { who, what: (what, phases), has_token, seconds } = run;
        let name = phases.split(',').next_back().unwrap_or_default();
        let report =
            work.join(format!("{name}{}.json", if *has_token { "" } else { "-without-a-token" }));
        let hooks = root().join("xtask/src/schemathesis/hooks.py");
        let mut words = format!(
            "run --url http://{address}/v1 --checks {CHECKS} --phases {phases} --seed {seed} --mode all --continue-on-failure \
             --no-color --warnings off --generation-database none --report json --report-json-path"
        );
        if let Some(seconds) = seconds {
            words = words.replacen("run ", &format!("run --max-time {seconds} "), 1);
        }
        // In its own folder, where its configuration is, and where it leaves things.
        let call = Call::new("sh", "-c")
            .arg("cd \"$0\" && exec \"$@\"")
            .arg(work)
            .arg(program)
            .arg("--config-file");
        let mut call = call.arg(work.join("schemathesis.toml")).words(&words).arg(&report);
        if *has_token {
            call = call.arg("--header").arg(format!("Authorization: Bearer {token}"));
        }
        let call = call.arg(root().join("docs/openapi.json")).env("SCHEMATHESIS_HOOKS", hooks);
        let call = call.env("KNOWN", work.join("known.json")).env("KNOWN_SEED", seed.to_string());
        println!("== schemathesis {VERSION}: {who}, {what}");
        let started = Instant::now();
        let status = call.status()?;
        let text = fs::read_to_string(&report).with_context(|| report.display().to_string())?;
        let report: Value = serde_json::from_str(&text).context("the report of Schemathesis")?;
        let count = |path: &str| {
            report
                .pointer(path)
                .and_then(Value::as_u64)
                .with_context(|| format!("no {path} in its report"))
        };
        let failures = count("/test_cases/unique_failures")?
            + count("/test_cases/errored")?
            + count("/operations/errored")?;
        let (operations, all) = (count("/operations/tested")?, count("/operations/total")?);
        ensure!(operations == all, "{operations} operations of {all} were asked");
        ensure!(status.success() || failures > 0, "Schemathesis ended with {status}");
        let cases = count("/test_cases/generated")?;
        Ok(Outcome { run, operations, cases, failures, seconds: started.elapsed().as_secs_f64() })
    }
}

fn text(options: &Options, outcomes: &[Outcome<'_>]) -> Result<String> {
    let Options { minutes, seed, .. } = options;
    let checks = CHECKS.split(',').map(|check| format!("`{}`", check.trim())).collect::<Vec<_>>();
    let mut text = format!(
        "`cargo xtask schemathesis --minutes {minutes} --seed {seed}`, Schemathesis {VERSION}, {}.\n\nEvery operation of docs/openapi.json, \
         with data that should be accepted and data that should not, in all of its phases; {GUESTS} guests with a launch and {GUESTS} firmware \
         images are there before. Each answer is held against {}.\n\n",
        Machine::read()?.line(),
        checks.join(", ")
    );
    text += &head(&["who asks", "what", "operations", "cases", "findings", "seconds"]);
    for Outcome { run, operations, cases, failures, seconds } in outcomes {
        let counts = [operations, cases, failures].map(u64::to_string);
        let [operations, cases, failures] = &counts;
        text += &row(&[run.who, run.what.0, operations, cases, failures, &number(*seconds)]);
    }
    Ok(text)
}
