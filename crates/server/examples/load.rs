//! How much the service does on this machine: launches and measurements per second with their p50 and p99, beside a bare axum route and
//! beside single writes to the same disk in the same run, and its memory with many registered guests.
//!
//! `cargo build --release -p sev-launch-server --bins --examples && target/release/examples/load` prints a table; docs/server-load.md
//! keeps one. The server is a process of its own, started with a configuration in a temporary folder.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_abi::Generation;
use sev_launch_platform::{Model, Platform, Session};
use sev_launch_testkit::expected;
use sha2::{Digest as _, Sha256};

/// Connections at once.
const CONNECTIONS: usize = 8;
/// Launches that are timed.
const LAUNCHES: usize = 4000;
/// Requests to routes without a store.
const READS: usize = 40_000;
/// Single writes to the disk.
const WRITES: u32 = 2000;
/// Guests of the large store.
const MANY: usize = 100_000;

const KERNEL: &[u8] = b"test-kernel";
const PASSPHRASE: &str = "correct horse battery staple";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("bare"), None) => return bare(),
        (None, _) => {}
        (Some("--guests"), Some(number)) => return run(number.parse().context("--guests")?),
        _ => anyhow::bail!("usage: load [--guests NUMBER]"),
    }
    run(MANY)
}

/// A bare axum route behind the same listener, which prints its address.
fn bare() -> anyhow::Result<()> {
    use sev_launch_server::listener::{Limits, Listener, bind};
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener =
            Listener::plaintext_on_loopback(bind(([127, 0, 0, 1], 0).into())?, Limits::default())?;
        println!("{}", listener.address()?);
        let app = axum::Router::new().route("/", axum::routing::get(|| async { "0".repeat(374) }));
        let (_told, stop) = tokio::sync::watch::channel(false);
        listener.serve(app, stop).await;
        Ok(())
    })
}

/// A child that is killed when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Kibibytes that it holds in memory now.
    fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        line.trim().trim_end_matches(" kB").parse().context("VmRSS")
    }
}

/// One connection that is kept.
struct Client {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Client {
    fn new(address: SocketAddr, token: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let head = format!("host: {address}\r\nauthorization: Bearer {token}\r\n");
        Ok(Self { stream: BufReader::new(stream), head })
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        let length = body.len();
        let mut request = format!("{method} {path} HTTP/1.1\r\n{}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n", self.head).into_bytes();
        request.extend_from_slice(body);
        self.stream.get_mut().write_all(&request)?;
        let (mut status, mut wanted) = (0, 0_usize);
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line)? > 0, "the connection ended");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest.get(..3).context("status")?.parse()?;
            } else if let Some(length) = line.strip_prefix("content-length: ") {
                wanted = length.parse()?;
            }
        }
        let mut answer = vec![0; wanted];
        self.stream.read_exact(&mut answer)?;
        Ok((status, answer))
    }

    fn json(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
        wanted: &[u16],
    ) -> anyhow::Result<Value> {
        let (status, answer) =
            self.send(method, path, "application/json", body.to_string().as_bytes())?;
        ensure!(
            wanted.contains(&status),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&answer)
        );
        Ok(serde_json::from_slice(&answer)?)
    }
}

/// What was timed.
struct Timed {
    what: String,
    count: usize,
    took: Duration,
    each: Vec<Duration>,
}

impl Timed {
    fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.count).unwrap_or(u32::MAX)) / self.took.as_secs_f64()
    }

    fn at(&self, percent: usize) -> f64 {
        let place = self.each.len().saturating_mul(percent) / 100;
        self.each
            .get(place.min(self.each.len().saturating_sub(1)))
            .map_or(0.0, |each| each.as_secs_f64() * 1000.0)
    }

    fn row(&self) -> String {
        format!("| {} | {:.0} | {:.2} | {:.2} |", self.what, self.rate(), self.at(50), self.at(99))
    }
}

/// Does `count` things over all connections, and times each.
fn timed(
    what: &str,
    address: SocketAddr,
    token: &str,
    count: usize,
    work: impl Fn(&mut Client, usize) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<Timed> {
    let began = Instant::now();
    let mut each = Vec::with_capacity(count);
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|first| {
                let work = &work;
                scope.spawn(move || -> anyhow::Result<Vec<Duration>> {
                    let mut client = Client::new(address, token)?;
                    let mut each = Vec::new();
                    for number in (first..count).step_by(CONNECTIONS) {
                        let began = Instant::now();
                        work(&mut client, number)?;
                        each.push(began.elapsed());
                    }
                    Ok(each)
                })
            })
            .collect();
        for thread in threads {
            each.extend(thread.join().map_err(|_| anyhow::anyhow!("a client failed"))??);
        }
        Ok(())
    })?;
    let took = began.elapsed();
    each.sort_unstable();
    Ok(Timed { what: what.to_owned(), count, took, each })
}

fn vmid(number: usize) -> String {
    format!("57f669c2-c427-4132-bc7a-{number:012x}")
}

fn run(many: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let server = std::env::current_exe()?.with_file_name("../sev-launch-server");
    ensure!(
        server.exists(),
        "{} is not built: cargo build --release -p sev-launch-server --bins",
        server.display()
    );

    let mut platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
    eprintln!("the platform's authority is made");
    let (process, address, token) = start(folder.path(), &server, &platform)?;
    std::thread::sleep(Duration::from_millis(500));
    let at_rest = process.resident_kib()?;

    let mut rows = Vec::new();
    rows.push(writes(folder.path())?);
    {
        let mut child =
            Command::new(std::env::current_exe()?).arg("bare").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("stdout")?).read_line(&mut line)?;
        let _bare = Process(child);
        let bare: SocketAddr = line.trim().parse()?;
        rows.push(timed("a bare axum route", bare, &token, READS, |client, _| {
            let (status, _) = client.send("GET", "/", "text/plain", b"")?;
            ensure!(status == 200, "{status}");
            Ok(())
        })?);
    }
    rows.push(timed("GET /v1", address, &token, READS, |client, _| {
        let (status, _) = client.send("GET", "/v1", "text/plain", b"")?;
        ensure!(status == 200, "{status}");
        Ok(())
    })?);

    let image = sev_launch_testkit::firmware::FirmwareBuilder::amd_sev().build();
    let mut client = Client::new(address, &token)?;
    let (status, _) = client.send("POST", "/v1/firmware", "application/octet-stream", &image)?;
    ensure!(status == 201, "firmware: {status}");
    let registration = json!({
        "scheme": "amd-sev", "policy": 3,
        "firmware-hashes": hex::encode(Sha256::digest(&image)), "kernel-hash": hex::encode(Sha256::digest(KERNEL)),
        "platform": { "any-owner": true },
        "secrets": [{ "type": "luks-passphrase", "passphrase": PASSPHRASE }],
    });
    rows.push(timed("register", address, &token, LAUNCHES, |client, number| {
        client.json("POST", &format!("/v1/vm/{}", vmid(number)), &registration, &[201]).map(drop)
    })?);

    let chain = STANDARD.encode(platform.full_chain()?);
    let launch = json!({ "cert-chain": chain, "host": "load" });
    let answers: Vec<std::sync::OnceLock<Value>> =
        (0..LAUNCHES).map(|_| std::sync::OnceLock::new()).collect();
    rows.push(timed("launch", address, &token, LAUNCHES, |client, number| {
        let answer =
            client.json("POST", &format!("/v1/vm/{}/launch", vmid(number)), &launch, &[200])?;
        if let Some(place) = answers.get(number) {
            place.set(answer).map_err(|_| anyhow::anyhow!("twice"))?;
        }
        Ok(())
    })?);

    eprintln!("the software AMD-SP measures, which is not timed");
    let table = expected::hashes_table(KERNEL, None, None);
    let mut requests = Vec::with_capacity(LAUNCHES);
    for answer in &answers {
        requests.push(measured(&mut platform, answer.get().context("no answer")?, &image, &table)?);
    }
    rows.push(timed("validate", address, &token, LAUNCHES, |client, number| {
        let request = requests.get(number).context("number")?;
        let answer =
            client.json("POST", &format!("/v1/vm/{}/validate", vmid(number)), request, &[200])?;
        ensure!(answer.get("secret-header").is_some(), "{answer}");
        Ok(())
    })?);

    let after_load = process.resident_kib()?;
    let left = many.saturating_sub(LAUNCHES);
    rows.push(timed("register, the rest", address, &token, left, |client, number| {
        client
            .json("POST", &format!("/v1/vm/{}", vmid(LAUNCHES + number)), &registration, &[201])
            .map(drop)
    })?);
    let with_many = process.resident_kib()?;

    let cores = std::thread::available_parallelism()?;
    println!(
        "{cores} cores, {CONNECTIONS} connections, client and server on one machine, SQLite with a full sync for each change."
    );
    println!("\n| what | per second | p50 ms | p99 ms |\n|---|---|---|---|");
    for row in &rows {
        println!("{}", row.row());
    }
    println!("\n| memory of the server (VmRSS) | MiB |\n|---|---|");
    for (what, kib) in [
        ("at rest".to_owned(), at_rest),
        (format!("after {LAUNCHES} launches"), after_load),
        (format!("with {many} registered guests"), with_many),
    ] {
        println!("| {what} | {:.1} |", f64::from(u32::try_from(kib)?) / 1024.0);
    }
    drop(process);
    Ok(())
}

/// What the disk does: one small write after the other, each with a sync.
fn writes(folder: &Path) -> anyhow::Result<Timed> {
    let mut file = File::create(folder.join("writes"))?;
    let began = Instant::now();
    let mut each = Vec::new();
    for _ in 0..WRITES {
        let one = Instant::now();
        file.write_all(&[0x5a; 4096])?;
        file.sync_data()?;
        each.push(one.elapsed());
    }
    let took = began.elapsed();
    each.sort_unstable();
    let what = "4 KiB written to this disk and synced, one after the other".to_owned();
    Ok(Timed { what, count: usize::try_from(WRITES)?, took, each })
}

/// Starts the server on a new store; its address, and a token that may everything that is timed.
fn start(
    folder: &Path,
    server: &Path,
    platform: &Platform,
) -> anyhow::Result<(Process, SocketAddr, String)> {
    let trusted = folder.join("platform");
    std::fs::create_dir(&trusted)?;
    let authority = platform.authority()?;
    for (name, bytes) in [
        ("ask_ark.cert", authority.sev_ca_file()?),
        ("ark.der", authority.ark_der()?),
        ("ask.der", authority.ask_der()?),
    ] {
        std::fs::write(trusted.join(name), bytes)?;
    }
    let run = |arguments: &[&str]| -> anyhow::Result<String> {
        let out = Command::new(server).args(arguments).current_dir(folder).output()?;
        ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        Ok(String::from_utf8(out.stdout)?.trim().to_owned())
    };
    run(&["new-key", "kek"])?;
    // A port that is free now, and surely a moment later.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let rate = "{ per-minute = 100000000, burst = 1000000 }";
    let rates: Vec<String> = [
        "launch-of-guest",
        "launch",
        "validate-of-guest",
        "validate",
        "write",
        "firmware",
        "read",
        "compute",
    ]
    .iter()
    .map(|name| format!("{name} = {rate}\n"))
    .collect();
    let config = format!(
        "listen = \"127.0.0.1:{port}\"\nadmin-listen = \"127.0.0.1:0\"\nstore = \"store\"\n[keys]\ncurrent = \"kek\"\n[rates]\n{}[danger]\ntrust-simulated = \"platform\"\n",
        rates.concat()
    );
    std::fs::write(folder.join("server.toml"), config)?;
    let scopes = "vm:read,vm:write,launch,audit:read";
    let token = run(&["token", "--config", "server.toml", "--name", "load", "--scope", scopes])?;
    let log: PathBuf = folder.join("log");
    let child = Command::new(server)
        .args(["--config", "server.toml"])
        .env("RUST_LOG", "warn")
        .current_dir(folder)
        .stderr(File::create(&log)?)
        .spawn()?;
    let process = Process(child);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    for _ in 0..100 {
        if TcpStream::connect(address).is_ok() {
            return Ok((process, address, token));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    anyhow::bail!("the server does not listen: {}", std::fs::read_to_string(log)?)
}

/// Launches on the software AMD-SP with the session of an answer: the request to validate.
fn measured(
    platform: &mut Platform,
    answer: &Value,
    image: &[u8],
    table: &[u8],
) -> anyhow::Result<Value> {
    let bytes = |name: &str| -> anyhow::Result<Vec<u8>> {
        Ok(STANDARD.decode(answer.get(name).and_then(Value::as_str).context("no session")?)?)
    };
    let (session, godh) = (bytes("session")?, bytes("owner-cert")?);
    let guest = platform.launch_start(3, Some(Session { godh: &godh, session: &session }))?;
    platform.launch_update_data(guest, image)?;
    platform.launch_update_data(guest, table)?;
    let measurement = platform.launch_measure(guest)?;
    platform.decommission(guest);
    let version = platform.model().version();
    Ok(json!({
        "launch-id": answer.get("launch-id"), "measurement": STANDARD.encode(measurement),
        "api-major": version.major, "api-minor": version.minor, "build-id": version.build, "policy": 3,
    }))
}
