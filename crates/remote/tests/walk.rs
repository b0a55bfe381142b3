//! `sev-launch remote` against `sev-launch serve --demo`, as processes: every command, with guests that are launched on an AMD-SP in
//! software; and no secret is in any output.
//!
//! This program is three things, by the name that it is called by: the test, and, in the folder where a test finds its programs, the
//! commands `sev-launch` and `sev-launch-server`, which are in the libraries below; so that none from an earlier build is taken.

#[path = "walk/lab.rs"]
mod lab;

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sev_launch_client::Error;
use sev_launch_protocol::launch::{LaunchRequest, ValidateAnswer, ValidateRequest};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::text::{Blob, VmId};
use sev_launch_protocol::views::{
    FirmwareList, MeasureAnswer, ServiceDocument, TokenList, VmList, VmView,
};
use sev_launch_testkit::runner;

use lab::{Lab, PASSPHRASE, testdata};

const VM: &str = "9e2c1d7a-5b0f-4c63-8f2e-1a7b3c5d9e01";
/// `sha256sum testdata/boot/initrd.img`, and of the firmware.
const INITRD: &str = "0d0ae36d48daf38cc578161aeadf19f812aa38c70ffbc0664b05fe9f4b91296b";

const TESTS: [(&str, fn()); 4] = [
    ("every_command_of_an_owner", every_command_of_an_owner),
    ("guests_of_every_technology", guests_of_every_technology),
    ("what_cannot_be_asked", what_cannot_be_asked),
    ("the_demo_says_where_its_files_are", the_demo_says_where_its_files_are),
];

fn main() -> ExitCode {
    if let Some(code) = lab::other_program() {
        return code;
    }
    runner::run(&TESTS)
}

/// The lines of a registration of the README's guest, of plain SEV.
fn register(lab: &Lab, command: &str, more: &str) -> lab::Outcome {
    let line = format!(
        "{command} --description {} --technology sev --policy NODBG+NOKS+NOSEND --any-owner {more}",
        testdata("launch.toml")
    );
    lab.remote("owner", &line)
}

fn vmid() -> VmId {
    VM.parse().expect("a UUID")
}

/// Begins a launch as the host does, and starts the guest up to its measurement; without an initrd where none is wanted.
fn launch(lab: &Lab, state: &str, has_initrd: bool) -> ValidateRequest {
    let chain = fs::read(lab.path("certificates/platform.chain")).expect("a chain");
    let request = LaunchRequest {
        pdh: None,
        cert_chain: Some(Blob(chain)),
        cpu_id: None,
        host: Some("node-17".parse().expect("a label")),
        more: Default::default(),
    };
    let answer = lab.client("launcher").launch(vmid(), &request, state).expect("a launch");
    lab.file("launch.json", &serde_json::to_string(&answer).expect("JSON"));
    let initrd = if has_initrd {
        format!("--initrd {}", testdata("boot/initrd.img"))
    } else {
        String::new()
    };
    let line = format!(
        "platform launch milan launch.json {state} --firmware {} --kernel {} --cmdline-file {} {initrd}",
        testdata("firmware/amdsev.fd"),
        testdata("boot/vmlinuz"),
        testdata("boot/cmdline"),
    );
    let measured = lab.command(&line).said();
    serde_json::from_str(&measured).expect("the body of validate")
}

fn validate(lab: &Lab, request: &ValidateRequest) -> Result<ValidateAnswer, Error> {
    lab.client("launcher").validate(vmid(), request)
}

fn every_command_of_an_owner() {
    let lab = Lab::with_platform();
    lab.file("passphrase", PASSPHRASE);
    let said = lab.remote("owner", "service").said();
    for part in
        ["  service      sev-attestation v1\n", "amd-sev, amd-sev-es, amd-sev-snp", "simulated"]
    {
        assert!(said.contains(part), "{said}");
    }
    let document: ServiceDocument = lab.json("owner", "service");
    assert_eq!((document.api.as_str(), document.simulated), ("v1", true));

    // The firmware goes up first, and what a registration does not hold is named. A table of secrets is 20 bytes, and 20 more before each.
    let secret = "--secret luks-key:passphrase";
    let register_it = format!("register {VM}");
    let outcome = register(
        &lab,
        &register_it,
        &format!("{secret} --name web --label env=prod --issue-launch-token vm.token"),
    );
    let firmware = lab.sha256("firmware/amdsev.fd");
    for part in [
        format!("SHA-256 {firmware})\n"),
        "not registered: cpu: plain SEV measures no registers\n".into(),
        "assumed: QEMU's kernel-hashes is on\n".into(),
        "note: this is a service for tests: it trusts a simulated platform\n".into(),
    ] {
        assert!(outcome.stderr.contains(&part), "{part}: {}", outcome.stderr);
    }
    assert_eq!(
        outcome.said(),
        format!(
            "\
registered: {VM}
  scheme       amd-sev
  name         web
  label        env=prod
  status       registered
  accepts      1 launch digest
  secrets      a table of 68 bytes
  launches     0 so far, no limit
  warning      the number of vCPUs is not measured with amd-sev: a host may start others
  warning      a platform of any owner is accepted
  launch token vm.token
"
        )
    );
    lab.is_private("vm.token");
    lab.is_secret("vm.token");

    // The same again is no error, another is.
    let again = register(
        &lab,
        &register_it,
        &format!("{secret} --name web --label env=prod --issue-launch-token two.token"),
    );
    assert!(again.stderr.contains("no launch token is in the answer"), "{}", again.stderr);
    assert!(again.said().starts_with(&format!("registered already, exactly so: {VM}\n")));
    assert!(!lab.path("two.token").exists());
    let other = register(&lab, &register_it, secret).fails(1);
    assert!(
        other.contains(&format!("sev-launch remote replace {VM} …")) && other.contains("exists: "),
        "{other}"
    );
    let replace = format!("replace {VM}");
    let without = register(&lab, &replace, "--approval manual").fails(2);
    assert!(without.contains("--without-secrets"), "{without}");
    let replaced = register(&lab, &replace, &format!("{secret} --approval manual")).said();
    assert!(replaced.starts_with(&format!("replaced: {VM}\n")), "{replaced}");

    let shown = lab.remote("owner", &format!("show {VM}")).said();
    assert!(shown.contains("  registered   approval: \"manual\"\n"), "{shown}");
    let view: VmView = lab.json("owner", &format!("show {VM}"));
    assert_eq!(view.registration.expect("a registration")["policy"], 11);
    let listed = lab.remote("owner", "list").said();
    let head =
        "guest                                 status      scheme   digests  launches  name\n";
    assert_eq!(listed, format!("{head}{VM}  registered  amd-sev  1        0\n"));

    approving(&lab);
    refusing(&lab);
    firmwares(&lab);
    tokens(&lab);
    audits(&lab);

    let line = format!("delete {VM}");
    assert_eq!(
        lab.remote("owner", &line).said(),
        format!("deleted, and its secrets are destroyed: {VM}\n")
    );
    assert!(lab.remote("owner", &format!("show {VM}")).fails(1).contains("no-such-vm"));
    assert!(register(&lab, &replace, secret).fails(1).contains("sev-launch remote register"));
    lab.shows_no_secret();
}

fn approving(lab: &Lab) {
    let shown = launch(lab, "guest", true);
    let launch_id = shown.launch_id.expect("a launch");
    let approve = format!("approve {VM}");
    assert!(lab.remote("owner", &approve).fails(1).contains("no launch of"));
    assert_eq!(validate(lab, &shown).expect("an answer").secret_table, None);
    let waiting: VmList = lab.json("owner", "list --status validated");
    assert_eq!(waiting.items.len(), 1);
    let approved = lab.remote("owner", &approve).said();
    assert_eq!(approved, format!("approved: launch {launch_id} of {VM}\n"));
    let answer = validate(lab, &shown).expect("a packet");
    lab.file("answer.json", &serde_json::to_string(&answer).expect("JSON"));
    let injected = lab.command("platform inject milan guest answer.json").said();
    assert_eq!(injected, "736869e5-84f0-4973-92ec-06879ce3da0b  28 bytes  LUKS passphrase\n");
    let shown = lab.remote("owner", &format!("show {VM}")).said();
    assert!(shown.contains(&format!("  launch       {launch_id}  consumed  began ")), "{shown}");

    // A launch that is denied, one that is given up, and a guest that is switched off.
    let shown = launch(lab, "second", true);
    let launch_id = shown.launch_id.expect("a launch");
    assert!(validate(lab, &shown).is_ok());
    let deny = format!("deny {VM} {launch_id}");
    assert_eq!(lab.remote("owner", &deny).said(), format!("denied: launch {launch_id} of {VM}\n"));
    assert!(lab.remote("owner", &deny).fails(1).contains("denied-by-owner"));
    assert!(validate(lab, &shown).is_err());
    let launch_id = launch(lab, "third", true).launch_id.expect("a launch");
    let revoked = lab.remote("owner", &format!("revoke {VM} {launch_id}")).said();
    assert_eq!(revoked, format!("given up: launch {launch_id} of {VM}\n"));
    let disabled = lab.remote("owner", &format!("disable {VM}")).said();
    assert!(
        disabled.starts_with(&format!("disabled: {VM}\n"))
            && disabled.contains("status       disabled\n"),
        "{disabled}"
    );
    let view: VmView = lab.json("owner", &format!("enable {VM}"));
    assert_ne!(view.status.name(), "disabled");
}

fn refusing(lab: &Lab) {
    let shown = launch(lab, "without", false);
    let error = validate(lab, &shown).expect_err("no initrd");
    assert!(error.refusal().expect("a refusal").is(Code::MeasurementMismatch));
    let why = format!("audit why {VM}");
    let found = format!("initrd: none instead of file {INITRD}");
    // It is looked for beside the service's other work.
    let mut said = String::new();
    for _ in 0..60 {
        said = lab.remote("auditor", &why).said();
        if said.contains(&found) {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(said.contains(&format!("  {found}\n")), "{said}");
    let launch_id = shown.launch_id.expect("a launch");
    assert!(
        said.contains(&format!("  validate: measurement-mismatch  launch {launch_id}")),
        "{said}"
    );
    let records: Vec<serde_json::Value> = lab.json("auditor", &why);
    assert!(
        records.iter().any(|record| record["facts"]["found"]
            .as_str()
            .is_some_and(|text| text.contains(&found)))
    );
    assert!(lab.remote("owner", &why).fails(2).contains("not-allowed"));
}

fn firmwares(lab: &Lab) {
    let firmware = lab.sha256("firmware/amdsev.fd");
    let known =
        lab.remote("owner", &format!("firmware upload {}", testdata("firmware/amdsev.fd"))).said();
    assert!(known.starts_with(&format!("known already: {firmware}\n")), "{known}");
    let listed = lab.remote("owner", "firmware list").said();
    assert!(listed.contains(&firmware) && listed.contains("kernel hashes"), "{listed}");
    let list: FirmwareList = lab.json("owner", "firmware list");
    assert_eq!(list.items.len(), 1);
    let measure =
        format!("measure --description {} --technology sev --policy 0xb", testdata("launch.toml"));
    let measured = lab.remote("owner", &measure);
    assert!(
        measured.stderr.contains("agreed: 1 launch digest, the same as computed here\n"),
        "{}",
        measured.stderr
    );
    let digest =
        lab.command(&format!("digest --description {} --mode sev", testdata("launch.toml"))).said();
    assert!(measured.said().starts_with(&format!("{}  firmware ", digest.trim())));
    let answer: MeasureAnswer = lab.json("owner", &measure);
    assert_eq!(answer.candidates.len(), 1);
    let removed = lab.remote("owner", &format!("firmware remove {firmware}")).said();
    assert_eq!(removed, format!("removed: {firmware}\n"));
    let missing = lab.remote("owner", &measure).fails(1);
    assert!(missing.contains("firmware upload FILE"), "{missing}");
    let not_sent = register(lab, "register --new", "--no-upload").fails(1);
    assert!(not_sent.contains("unknown-firmware"), "{not_sent}");
    let missing = format!("firmware remove {firmware}");
    assert!(lab.remote("owner", &missing).fails(1).contains("no-such-firmware"));
}

fn tokens(lab: &Lab) {
    let make =
        format!("token make --name ci --scope launch --vmid {VM} --days 2 --output ci.token");
    let made = lab.remote("owner", &make).said();
    let id =
        made.lines().next().and_then(|line| line.strip_prefix("made: ")).expect("an id").to_owned();
    assert!(
        made.contains("  may          launch\n") && made.contains("  file         ci.token\n"),
        "{made}"
    );
    lab.is_private("ci.token");
    lab.is_secret("ci.token");
    assert!(lab.remote("owner", &make).fails(2).contains("ci.token: it is there already"));
    let list: TokenList = lab.json("owner", "token list");
    assert!(list.items.iter().any(|token| token.id == id && token.token.is_none()));
    assert!(lab.remote("owner", "token list").said().contains(&id));
    assert_eq!(
        lab.remote("owner", &format!("token revoke {id}")).said(),
        format!("revoked: {id}\n")
    );
    assert!(lab.remote("owner", &format!("token revoke {id}")).fails(1).contains("no-such-token"));
    let more = "token make --name all --scope admin --output all.token";
    assert!(lab.remote("owner", more).fails(2).contains("not-allowed"));
    assert!(!lab.path("all.token").exists());
}

fn audits(lab: &Lab) {
    // The service signs every minute.
    let client = lab.client("auditor");
    let began = Instant::now();
    while client.checkpoints().expect("an answer").0.items.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(150), "no checkpoint");
        std::thread::sleep(Duration::from_secs(1));
    }
    let fetched = lab.remote("auditor", "audit --output audit.json --checkpoints points.json");
    let last = fetched.stderr.trim_end().rsplit(' ').next().expect("a number").to_owned();
    fetched.said();
    let points = fs::read_to_string(lab.path("points.json")).expect("a file");
    let points: serde_json::Value = serde_json::from_str(&points).expect("JSON");
    lab.file("audit.key", points["key"].as_str().expect("a key"));
    let verify = "audit verify audit.json --from-start --checkpoints points.json --key audit.key";
    let verified = lab.command(verify).said();
    assert!(verified.starts_with("yes: "), "{verified}");
    assert!(verified.contains(&format!("  numbers     1 to {last}\n")), "{verified}");
    assert!(lab.remote("auditor", "audit --output audit.json").fails(2).contains("there already"));
    lab.remote("auditor", "audit --output later.json --follow-from 3").said();
    let verified = lab.command("audit verify later.json").said();
    assert!(verified.contains(&format!("  numbers     4 to {last}\n")), "{verified}");
    let piped = lab.remote("auditor", &format!("audit --output - --follow-from {last}"));
    assert!(piped.stderr.starts_with("fetched: 0 records"), "{}", piped.stderr);
    assert_eq!(piped.said(), "{\"lines\":[],\"next\":null}\n");
    assert!(lab.remote("owner", "audit --output no.json").fails(2).contains("not-allowed"));
    assert!(!lab.path("no.json").exists());
}

fn guests_of_every_technology() {
    let lab = Lab::new();
    // The description as it is: SEV-SNP, which has no owner and no secret.
    let description = testdata("launch.toml");
    let said = lab.remote("owner", &format!("register --new --description {description}")).said();
    assert!(
        said.contains("  scheme       amd-sev-snp\n") && said.contains("1 launch digest\n"),
        "{said}"
    );
    let measure = lab.remote("owner", &format!("measure --description {description}"));
    assert!(measure.stderr.contains("agreed: 1 launch digest"), "{}", measure.stderr);
    measure.said();

    let es = format!(
        "technology = 'sev-es'\npolicy = 5\nvcpus = '1..=3,8'\ncpu = ['EPYC-Milan', 'EPYC-Genoa']\nprofile = ['es-legacy', 'es-init2']\n\
         [firmware]\npath = '{}'\n[boot]\nkernel = '{}'\ncmdline = ['a', 'b']\n",
        testdata("firmware/amdsev.fd"),
        testdata("boot/vmlinuz"),
    );
    lab.file("es.toml", &es);
    // 4 counts, 2 CPUs, 2 profiles, 2 command lines.
    let measure = lab.remote("owner", "measure --description es.toml");
    assert!(measure.stderr.contains("agreed: 32 launch digests"), "{}", measure.stderr);
    assert_eq!(measure.said().lines().count(), 32);
    lab.file("passphrase", PASSPHRASE);
    let line = "register --new --description es.toml --any-owner --json --secret luks-key:-";
    let outcome = lab.remote_with("owner", line, PASSPHRASE.as_bytes());
    let view: VmView = serde_json::from_str(&outcome.said()).expect("a view");
    assert_eq!((view.candidates, view.secret_table_bytes), (32, 68));
    let file = register(&lab, "register --new", "--secret passphrase").fails(2);
    assert!(file.contains("luks-key:FILE"), "{file}");
    lab.shows_no_secret();
}

fn what_cannot_be_asked() {
    let lab = Lab::new();
    let description = testdata("launch.toml");
    let no_owner =
        format!("register --new --description {description} --technology sev --policy 0xb");
    assert!(lab.remote("owner", &no_owner).fails(2).contains("--any-owner"));
    let no_policy =
        format!("register --new --description {description} --technology sev --any-owner");
    assert!(lab.remote("owner", &no_policy).fails(2).contains("--policy"));
    lab.file("short.cert", "a certificate");
    let short = format!("{no_owner} --owner-cert short.cert");
    assert!(lab.remote("owner", &short).fails(2).contains("13 bytes, wanted 2084"));
    // A description may be somebody else's, and name any file of its reader's.
    let other = format!(
        "technology = 'sev'\npolicy = 1\n[firmware]\npath = '{}'\n",
        testdata("boot/initrd.img")
    );
    lab.file("other.toml", &other);
    let unasked = lab.remote("owner", "register --new --description other.toml --any-owner");
    assert!(unasked.fails(2).contains("it has no GUIDed table"));
    let list: FirmwareList = lab.json("owner", "firmware list");
    assert!(list.items.is_empty());
    // Nothing of a guest was told.
    let list: VmList = lab.json("owner", "list");
    assert_eq!(list.items, []);

    assert!(lab.remote("launcher", "list").fails(2).contains("not-allowed"));
    assert!(lab.remote("owner", &format!("show {VM}")).fails(1).contains("no-such-vm"));
    assert!(lab.remote("owner", "show x").fails(2).contains("UUID"));
    assert!(lab.remote("nobody", "list").fails(2).contains("nobody.toml"));
    assert!(lab.remote("owner", "--service other list").fails(2).contains("demo (http://"));
    lab.remote("owner", "--service demo list").said();
    // Nobody listens there.
    lab.file("demo/gone.toml", "[service.gone]\nurl = 'http://127.0.0.1:1/v1'");
    assert!(lab.remote("gone", "--wait 0 list").fails(2).contains("http://127.0.0.1:1/v1: "));
    lab.file(
        "demo/open.toml",
        "[service.open]\nurl = 'http://127.0.0.1:1/v1'\ntoken-file = 'open.token'",
    );
    lab.file("demo/open.token", "sat_");
    lab.set_mode("demo/open.token", 0o644);
    assert!(lab.remote("open", "list").fails(2).contains("chmod 600"));
    // A default that is not there is named.
    let outcome = lab.remote_plain("list");
    assert!(outcome.fails(2).contains("sev-launch/services.toml"));
    lab.shows_no_secret();
}

fn the_demo_says_where_its_files_are() {
    let lab = Lab::new();
    let printed = fs::read_to_string(lab.path("demo.txt")).expect("what it printed");
    let names: Vec<&str> = printed.lines().filter_map(|line| line.split(' ').next()).collect();
    let wanted =
        ["service", "owner", "launcher", "auditor", "file", "file", "file", "trusted", "store"];
    assert_eq!(names, wanted, "{printed}");
    for name in ["owner", "launcher", "auditor"] {
        assert!(printed.contains(&format!("file      demo/{name}.toml\n")), "{printed}");
        lab.is_private(&format!("demo/{name}.toml"));
        lab.is_private(&format!("demo/{name}.token"));
        let token = fs::read_to_string(lab.path(&format!("demo/{name}.token"))).expect("a token");
        assert!(printed.contains(&format!("{name:<9} {token}\n")), "{printed}");
    }
}
