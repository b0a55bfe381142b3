//! Answers of servers that are broken, or not the service at all: each ends in an error within its time, a credential goes to nobody
//! else, and what may not be sent twice is not.

#[path = "hostile/fake.rs"]
mod fake;

use std::io::Write as _;
use std::time::{Duration, Instant};

use sev_launch_client::{Client, Connection, Credential, Error, Patience};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::views::{Scope, TokenRequest};

use fake::{Fake, SERVICE, json, problem, typed};

const TOKEN: &str = "sat_000000000000_a-token-of-nobody_00000000";
/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

fn client(url: &str, together: Duration) -> Client {
    patient(url, Patience { request: Duration::from_secs(10), together })
}

fn patient(url: &str, patience: Patience) -> Client {
    let connection = Connection {
        base: url.parse().expect("an address"),
        ca: None,
        credential: Credential::Token(TOKEN.to_owned().into()),
    };
    Client::new(connection, patience).expect("a client")
}

/// A client that asks once.
fn once(fake: &Fake) -> Client {
    client(&fake.url, Duration::ZERO)
}

fn vmid() -> sev_launch_protocol::text::VmId {
    "57f669c2-c427-4132-bc7a-26f56b6a718c".parse().expect("a UUID")
}

fn token() -> TokenRequest {
    TokenRequest {
        name: "a".parse().expect("a label"),
        scopes: vec![Scope::Launch],
        vmid: None,
        days: None,
        tenant: None,
    }
}

fn strange(error: &Error, part: &str) {
    let text = error.to_string();
    assert!(matches!(error, Error::Strange { .. }) && text.contains(part), "{error:?}");
    assert!(!text.contains(TOKEN) && !format!("{error:?}").contains(TOKEN), "{error:?}");
}

#[test]
fn a_request_is_what_the_protocol_has() {
    let fake = Fake::saying(json(200, "etag: \"7\"\r\n", SERVICE));
    assert_eq!(once(&fake).service().expect("a document").limits.candidates, 3);
    let view = r#"{"vmid":"57f669c2-c427-4132-bc7a-26f56b6a718c","status":"registered","scheme":"amd-sev","candidates":1,"secret-table-bytes":0,"launches":{"used":0,"left":null},"created":"2026-08-01T00:00:00Z","changed":"2026-08-01T00:00:00Z"}"#;
    let other = Fake::saying(json(200, "etag: \"7\"\r\n", view));
    let asked = once(&other).replace(vmid(), b"{\"policy\":3}", "\"6\"");
    assert_eq!(asked.expect("a view").candidates, 1);
    assert_eq!(once(&other).vm(vmid()).expect("a view").1.as_deref(), Some("\"7\""));
    let [head] = &fake.seen()[..] else { panic!("{:?}", fake.seen()) };
    assert!(head.starts_with("GET /v1/ HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{head}");
    let [put, get] = &other.seen()[..] else { panic!("{:?}", other.seen()) };
    let path = "/v1/vm/57f669c2-c427-4132-bc7a-26f56b6a718c";
    assert!(put.starts_with(&format!("PUT {path} HTTP/1.1\r\n")), "{put}");
    assert!(
        put.contains("if-match: \"6\"\r\n") && put.ends_with("\r\n\r\n{\"policy\":3}"),
        "{put}"
    );
    assert!(put.contains("content-type: application/json\r\n"), "{put}");
    assert!(get.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{get}");
}

#[test]
fn no_redirect_is_followed_and_no_other_host_sees_the_credential() {
    for status in [301, 302, 303, 307, 308] {
        let other = Fake::saying(json(200, "", SERVICE));
        let to = format!("location: {}/\r\n", other.url);
        let fake = Fake::saying(json(status, &to, "{}"));
        let client = client(&fake.url, Duration::from_secs(2));
        strange(&client.service().expect_err("a redirect"), "a redirect to");
        strange(&client.register(vmid(), b"{}").expect_err("a redirect"), "none is followed");
        assert_eq!((fake.seen().len(), other.seen()), (2, vec![]), "{status}");
    }
}

#[test]
fn an_endless_body_is_cut() {
    let fake = Fake::new(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\n\r\n");
        let spaces = vec![b' '; 1 << 20];
        while stream.write_all(&spaces).is_ok() {}
    });
    let client = Client::new(
        Connection {
            base: fake.url.parse().expect("an address"),
            ca: None,
            credential: Credential::None,
        },
        Patience { request: LONG, together: Duration::ZERO },
    );
    strange(&client.expect("a client").service().expect_err("endless"), "more than 16777216 bytes");
}

#[test]
fn endless_headers_and_slow_bytes_end_in_time() {
    let began = Instant::now();
    let hurried = |fake: &Fake| {
        patient(&fake.url, Patience { request: Duration::from_secs(1), together: Duration::ZERO })
    };
    let headers = Fake::new(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 X\r\n");
        while stream.write_all(b"x-a: 0123456789\r\n").is_ok() {}
    });
    strange(&hurried(&headers).service().expect_err("endless headers"), "");
    for before in ["HTTP/1.1 200 X\r\nx-a: ", "HTTP/1.1 200 X\r\ncontent-length: 99999\r\n\r\n"] {
        let slow = Fake::new(move |_, stream| {
            let _ = stream.write_all(before.as_bytes());
            while stream.write_all(b"a").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let error = hurried(&slow).service().expect_err("slow");
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    }
    let silent = Fake::new(|_, _| std::thread::sleep(Duration::from_secs(3)));
    assert!(matches!(hurried(&silent).service(), Err(Error::Unreachable { .. })));
    assert!(began.elapsed() < LONG, "{:?}", began.elapsed());
}

#[test]
fn an_answer_that_breaks_off_is_no_answer_wherever_it_does() {
    let whole = json(200, "", SERVICE);
    for length in 0..whole.len() {
        let fake = Fake::saying(whole.as_bytes()[..length].to_vec());
        let error = once(&fake).service().expect_err("a part");
        assert!(matches!(error, Error::Unreachable { .. } | Error::Strange { .. }), "{error:?}");
    }
    let chunked = "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n";
    for body in ["zz\r\n", "-1\r\n", "5\r\nab", "ffffffffffffffffff\r\n", "2\r\n{}\r\n0\r\n\r\n"] {
        assert!(once(&Fake::saying(format!("{chunked}{body}"))).service().is_err(), "{body:?}");
    }
    for head in
        ["", "\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 99 X\r\n\r\n", "HTTP/9.9 200\r\n\r\n"]
    {
        assert!(once(&Fake::saying(head)).service().is_err(), "{head:?}");
    }
}

#[test]
fn what_is_no_problem_of_the_protocol_is_strange() {
    let page = "<html>no such page</html>";
    let of = |text: String| once(&Fake::saying(text)).service().expect_err("no answer");
    strange(&of(typed(404, "text/html", "", page)), "this is not the attestation service");
    strange(&of(typed(200, "text/html", "", page)), "does not understand");
    strange(&of(json(200, "", "{}")), "does not understand");
    // A problem under another type, of another status, or with half of its members.
    let body = r#"{"title":"t","status":403,"code":"not-allowed"}"#;
    strange(&of(typed(403, "application/json", "", body)), "status 403");
    strange(&of(typed(404, "application/problem+json", "", body)), "status 404");
    strange(&of(typed(403, "application/problem+json", "", r#"{"status":403}"#)), "status 403");
    // A success that the route does not have.
    strange(&of(json(206, "", SERVICE)), "status 206");
}

#[test]
fn a_problem_of_a_newer_version_is_a_problem() {
    let fake = Fake::saying(problem(409, "of-a-newer-version", false, ""));
    let error = once(&fake).service().expect_err("a problem");
    let refusal = error.refusal().expect("a refusal");
    assert_eq!((refusal.code.as_str(), refusal.status), ("of-a-newer-version", 409));
    assert_eq!(error.to_string(), "the service says no: of-a-newer-version: a detail; a hint");
}

#[test]
fn what_may_pass_is_asked_again_after_the_time_that_is_said() {
    for (status, code) in [(503, "store-unavailable"), (429, "rate-limited")] {
        let fake = Fake::new(move |number, stream| {
            let text = match number {
                0 => problem(status, code, true, "retry-after: 1\r\n"),
                _ => json(200, "", SERVICE),
            };
            let _ = stream.write_all(text.as_bytes());
        });
        let began = Instant::now();
        client(&fake.url, LONG).service().expect("the second answer");
        assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
        assert_eq!(fake.seen().len(), 2, "{code}");
    }
    // What stands before the service, and a connection that was lost.
    let fake = Fake::new(|number, stream| {
        let text = match number {
            0 => typed(502, "text/html", "", "bad gateway"),
            1 => String::new(),
            _ => json(200, "", SERVICE),
        };
        let _ = stream.write_all(text.as_bytes());
    });
    client(&fake.url, LONG).service().expect("the third answer");
    assert_eq!(fake.seen().len(), 3);
}

#[test]
fn what_stays_as_it_is_is_asked_once() {
    for (status, code, retryable, more) in [
        (409, "launch-limit", true, "retry-after: 1\r\n"),
        (409, "exists", false, ""),
        (403, "not-allowed", false, ""),
        (500, "internal", false, ""),
        (503, "sealed", false, "retry-after: 1\r\n"),
        // Longer than anybody waits.
        (503, "draining", true, "retry-after: 18446744073709551615\r\n"),
    ] {
        let fake = Fake::saying(problem(status, code, retryable, more));
        let began = Instant::now();
        let error = client(&fake.url, Duration::from_secs(5)).service().expect_err(code);
        assert_eq!(error.refusal().expect("a refusal").code, code);
        assert_eq!(fake.seen().len(), 1, "{code}");
        assert!(began.elapsed() < Duration::from_secs(4), "{code}");
    }
}

#[test]
fn patience_ends() {
    let fake = Fake::saying(problem(503, "store-unavailable", true, ""));
    let began = Instant::now();
    let error = client(&fake.url, Duration::from_secs(2)).service().expect_err("no answer");
    assert!(error.refusal().expect("a refusal").is(Code::StoreUnavailable));
    assert!(began.elapsed() < LONG && fake.seen().len() > 1);
}

#[test]
fn a_token_is_made_once_whatever_becomes_of_the_answer() {
    let gone = Fake::saying("");
    let error = client(&gone.url, Duration::from_secs(3)).make_token(&token()).expect_err("lost");
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!(gone.seen().len(), 1);
    // A gateway does not know whether it was made.
    let gateway = Fake::saying(typed(504, "text/html", "", "too late"));
    assert!(client(&gateway.url, Duration::from_secs(3)).make_token(&token()).is_err());
    assert_eq!(gateway.seen().len(), 1);
    // The service does.
    let busy = Fake::saying(problem(503, "store-unavailable", true, ""));
    assert!(client(&busy.url, Duration::from_secs(2)).make_token(&token()).is_err());
    assert!(busy.seen().len() > 1);
    // All else may be sent again.
    let lost = Fake::saying("");
    assert!(client(&lost.url, Duration::from_secs(2)).register(vmid(), b"{}").is_err());
    assert!(lost.seen().len() > 1);
}

/// Whoever replaced, deleted or decided, and did not hear of it, is told no by what was done: that is no no.
#[test]
fn a_no_after_a_lost_answer_is_none_where_it_may_be_of_its_own_doing() {
    let lost_then = |status: u16, code: &'static str| {
        Fake::new(move |number, stream| {
            let text = match number {
                0 => String::new(),
                _ => problem(status, code, false, ""),
            };
            let _ = stream.write_all(text.as_bytes());
        })
    };
    let launch = "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31".parse().expect("a UUID");
    let replace = |client: &Client| client.replace(vmid(), b"{}", "\"1\"").err();
    let delete = |client: &Client| client.delete(vmid()).err();
    let decide = |client: &Client| client.decide(vmid(), launch, true).err();
    type Ask<'a> = &'a dyn Fn(&Client) -> Option<Error>;
    let asks: [(u16, &str, Ask<'_>); 3] = [
        (412, "etag-mismatch", &replace),
        (404, "no-such-vm", &delete),
        (409, "launch-consumed", &decide),
    ];
    for (status, code, ask) in asks {
        let fake = lost_then(status, code);
        let error = ask(&client(&fake.url, LONG)).expect("a no");
        let text = error.to_string();
        assert!(matches!(error, Error::Unreachable { .. }), "{code}: {error:?}");
        assert!(text.contains("may have been carried out") && text.contains(code), "{text}");
        assert_eq!(fake.seen().len(), 2, "{code}");
        // Where nothing was lost it is a no, and so is what decides nothing of what was asked.
        let fake = Fake::saying(problem(status, code, false, ""));
        assert!(matches!(ask(&client(&fake.url, LONG)), Some(Error::Refused(_))), "{code}");
        let fake = lost_then(401, "bad-credentials");
        assert!(matches!(ask(&client(&fake.url, LONG)), Some(Error::Refused(_))), "{code}");
    }
    // The same registration again is none, so that a no is one.
    let fake = lost_then(409, "exists");
    let error = client(&fake.url, LONG).register(vmid(), b"{}").expect_err("a no");
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
}

#[test]
fn nothing_is_put_into_a_path_or_a_header() {
    let fake = Fake::saying(json(200, "", SERVICE));
    let client = once(&fake);
    for id in ["", "../vm", "a/b", "a?b", "a b", "a%2fb", "a\r\nx: y"] {
        assert!(matches!(client.revoke_token(id), Err(Error::Request(_))), "{id:?}");
    }
    let etag = client.replace(vmid(), b"{}", "\"1\"\r\nx: y");
    assert!(matches!(etag, Err(Error::Request(_))));
    assert_eq!(fake.seen(), [""; 0]);
}

const INNER: &str = "SEV_LAUNCH_CLIENT_TEST_ASKS";

/// Asks where the variable says: the other test's child.
#[test]
fn asks_where_the_environment_says() {
    let Ok(url) = std::env::var(INNER) else { return };
    client(&url, Duration::ZERO).service().expect("an answer");
}

#[test]
fn no_proxy_of_the_environment_is_used() {
    let (fake, proxy) = (Fake::saying(json(200, "", SERVICE)), Fake::saying(""));
    let at = proxy.url.trim_end_matches("/v1").to_owned();
    let mut child = std::process::Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", "asks_where_the_environment_says"]).env(INNER, &fake.url);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        child.env(name, &at);
    }
    let output = child.env_remove("NO_PROXY").env_remove("no_proxy").output().expect("a child");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((fake.seen().len(), proxy.seen().len()), (1, 0));
}
