//! A monitor that does not keep to its protocol, or to any end.

use std::net::TcpListener;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sev_launch_agent::qmp::{Address, MOST_BYTES, MOST_EVENTS, Qmp};
use sev_launch_agent::vmm::VmmError;

use super::fake::{Fake, GREETING, Talk};

/// As QEMU sends it.
const EVENT: &str = "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"RTC_CHANGE\", \"data\": {\"offset\": 0}}\r\n";
const SHORT: Duration = Duration::from_millis(400);
/// More than this is a wait that has no end.
const FAR: Duration = Duration::from_secs(10);

fn ask(qmp: &mut Qmp) -> Result<Value, VmmError> {
    qmp.ask("query-sev", Value::Null)
}

fn unreachable<T: std::fmt::Debug>(answer: Result<T, VmmError>) -> String {
    match answer {
        Err(error @ VmmError::Unreachable { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn strange<T: std::fmt::Debug>(answer: Result<T, VmmError>) -> String {
    match answer {
        Err(error @ VmmError::Strange { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// What comes of a command that is answered so, and of one after it.
fn answered(with: impl FnOnce(&mut Talk) + Send + 'static) -> (Result<Value, VmmError>, String) {
    let fake = Fake::start(move |mut talk| {
        talk.greet();
        talk.command();
        with(&mut talk);
    });
    let mut qmp = fake.connect().expect("a monitor").with_patience(SHORT);
    let first = ask(&mut qmp);
    let second = unreachable(ask(&mut qmp));
    fake.end();
    (first, second)
}

pub(crate) fn events_are_skipped_and_words_are_bounded() {
    let long = format!("a\nb\u{1b}[31m{}", "x".repeat(100_000));
    let fake = Fake::start(move |mut talk| {
        talk.send(EVENT.trim_end());
        talk.send("\n");
        talk.wait_closed();
    });
    // An event is no greeting.
    assert!(strange(fake.connect()).contains("no greeting"));
    fake.end();

    let fake = Fake::start(move |mut talk| {
        talk.greet();
        talk.send(&EVENT.repeat(1000));
        let command = talk.answer(json!({ "enabled": true }));
        assert_eq!(command, json!({ "execute": "query-sev", "id": command["id"] }));
        let command = talk.answer(json!({ "refused": long }));
        assert_eq!(command["arguments"], json!({ "a": [1] }));
        talk.answer(json!([]));
        talk.wait_closed();
    });
    let mut qmp = fake.connect().expect("a monitor");
    assert_eq!(qmp.version().to_string(), "7.2.22");
    assert_eq!(ask(&mut qmp).expect("an answer"), json!({ "enabled": true }));
    match qmp.ask("x", json!({ "a": [1] })) {
        Err(VmmError::Refused { command, words, .. }) => {
            assert_eq!(command, "x");
            assert!(words.starts_with("a b [31mx") && words.len() < 1100, "{}", words.len());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(ask(&mut qmp).expect("it can be asked on"), json!([]));
    drop(qmp);
    fake.end();
}

pub(crate) fn a_connection_may_be_closed_at_each_point() {
    let whole = format!("{GREETING}\r\n");
    for (sent, waits) in [("", false), ("{\"QMP\": {", false), (&whole, false), (&whole, true)] {
        let sent = sent.to_owned();
        let fake = Fake::start(move |mut talk| {
            talk.send(&sent);
            if waits {
                talk.command();
                talk.send("{\"return\": {}, ");
            }
        });
        let text = unreachable(fake.connect());
        assert!(text.contains("the connection was closed while"), "{text}");
        fake.end();
    }
    for sent in ["", "{\"return\": {}", EVENT] {
        let (first, second) = answered(move |talk| talk.send(sent));
        let text = unreachable(first);
        assert_eq!(
            text,
            "QEMU's monitor: the connection was closed while query-sev was waited for"
        );
        assert!(second.contains("query-sev was not sent"), "{second}");
    }
}

pub(crate) fn silence_ends_with_the_patience() {
    let start = Instant::now();
    let fake = Fake::start(Talk::wait_closed);
    let text = unreachable(Qmp::connect(&fake.address, SHORT, || true));
    assert!(text.contains("no greeting came in 0.4 s"), "{text}");
    fake.end();

    // The process behind it ends while its greeting is waited for.
    let fake = Fake::start(Talk::wait_closed);
    let mut asked = 0;
    let still_there = || {
        asked += 1;
        asked < 3
    };
    let text = unreachable(Qmp::connect(&fake.address, Duration::from_secs(600), still_there));
    assert!(text.contains("the process ended while the greeting was waited for"), "{text}");
    fake.end();

    // The connection is kept open.
    let (first, second) = answered(|_| thread::sleep(2 * SHORT));
    assert!(unreachable(first).contains("no answer to query-sev came in 0.4 s"));
    assert!(second.contains("the connection was given up before"), "{second}");

    let nowhere = Address::Unix("/no/such/qmp".into());
    let text = unreachable(Qmp::connect(&nowhere, SHORT, || true));
    assert!(text.contains("nobody listened in 0.4 s: unix:/no/such/qmp: "), "{text}");
    let text = unreachable(Qmp::connect(&nowhere, Duration::from_secs(600), || false));
    assert!(text.contains("the process ended"), "{text}");
    assert!(start.elapsed() < FAR);
}

pub(crate) fn a_drip_of_bytes_does_not_move_the_deadline() {
    let start = Instant::now();
    for drip in ["x", EVENT] {
        let (first, _) = answered(move |talk| {
            for _ in 0..40 {
                talk.send(drip);
                thread::sleep(SHORT / 20);
            }
        });
        assert!(unreachable(first).contains("no answer to query-sev"));
    }
    assert!(start.elapsed() < FAR);
}

pub(crate) fn what_has_no_end_is_cut() {
    let start = Instant::now();
    let fake = Fake::start(|mut talk| talk.flood(&"x".repeat(1 << 16)));
    assert!(strange(fake.connect()).contains(&format!("a line of more than {MOST_BYTES} bytes")));
    fake.end();

    let flood = |text: &'static str, answer: &str| {
        let fake = Fake::start(move |mut talk| {
            talk.greet();
            talk.command();
            talk.flood(&text.repeat(1000));
        });
        let mut qmp = fake.connect().expect("a monitor");
        let text = strange(ask(&mut qmp));
        assert!(text.contains(answer), "{text}");
        fake.end();
    };
    flood("\u{0}", "a line of more than");
    flood(EVENT, &format!("more than {MOST_EVENTS} events"));
    println!("{:?}", start.elapsed());
}

pub(crate) fn an_answer_must_be_the_commands_own() {
    for line in [
        "{\"return\": {}}\n",
        "{\"return\": {}, \"id\": 1}\n",
        "{\"return\": {}, \"id\": \"2\"}\n",
        "{\"return\": {}, \"id\": 18446744073709551615}\n",
        "{\"error\": {\"class\": \"GenericError\", \"desc\": \"x\"}}\n",
    ] {
        let (first, _) = answered(move |talk| talk.send(line));
        let text = strange(first);
        assert!(text.contains("the number (id) that the command was given"), "{line}: {text}");
    }
}

pub(crate) fn what_is_no_answer_is_strange() {
    let deep = "[".repeat(100_000) + "\n";
    for (line, words) in [
        ("\n", "no JSON"),
        ("nonsense\n", "no JSON"),
        ("\u{1}\u{2}\n", "no JSON"),
        (&deep, "no JSON"),
        ("[]\n", "no object"),
        ("{\"id\": 2}\n", "neither return nor error nor event"),
        ("{\"error\": {}, \"id\": 2}\n", "without its words"),
        ("{\"error\": {\"desc\": 5}, \"id\": 2}\n", "without its words"),
        ("{\"error\": null, \"id\": 2}\n", "without its words"),
    ] {
        let line = line.to_owned();
        let (first, _) = answered(move |talk| talk.send(&line));
        let text = strange(first);
        assert!(text.contains(words) && text.len() < 300, "{text}");
    }
    for greeting in ["{}\n", "{\"QMP\": {\"version\": {\"qemu\": {\"major\": -1}}}}\n", "x\n"] {
        let fake = Fake::start(move |mut talk| {
            talk.send(greeting);
            talk.wait_closed();
        });
        assert!(strange(fake.connect()).contains("no greeting of QEMU's"));
        fake.end();
    }
}

pub(crate) fn tcp_is_for_the_loopback() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = thread::spawn(move || {
        use std::io::{BufRead as _, BufReader, Write as _};
        let (mut stream, _) = listener.accept().expect("a connection");
        writeln!(stream, "{GREETING}").expect("it is read");
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).expect("a command");
        let command: Value = serde_json::from_str(&line).expect("JSON");
        writeln!(stream, "{}", json!({ "return": {}, "id": command["id"] })).expect("it is read");
    });
    Qmp::connect(&Address::Tcp(address), FAR, || true).expect("a monitor");
    server.join().expect("its part was played");
    // An address that nobody has, and that is not tried.
    let elsewhere = Address::Tcp(([192, 0, 2, 1], 4444).into());
    let error = Qmp::connect(&elsewhere, FAR, || true).expect_err("not of this machine");
    assert!(
        matches!(&error, VmmError::Description(text) if text.contains("no password")),
        "{error}"
    );
}

pub(crate) fn a_full_queue_is_not_waited_in() {
    let start = Instant::now();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("qmp");
    // Nobody takes the connections: the queue is full at some time, and another connection would wait.
    let _listener = UnixListener::bind(&path).expect("a socket");
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    let most: usize = most.expect("a limit").trim().parse().expect("a number");
    let queue = most.min(128) + 2;
    let (sender, receiver) = std::sync::mpsc::channel();
    let filled = path.clone();
    thread::spawn(move || {
        let mut streams = Vec::new();
        for _ in 0..queue.max(4200) {
            streams.push(UnixStream::connect(&filled));
            let _ = sender.send(());
        }
    });
    while receiver.recv_timeout(Duration::from_millis(300)).is_ok() {}
    let text = unreachable(Qmp::connect(&Address::Unix(path), SHORT, || true));
    assert!(text.contains("nobody listened in 0.4 s"), "{text}");
    assert!(start.elapsed() < FAR);
}
