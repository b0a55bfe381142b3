//! Bodies and header fields that are not taken, and paths that are not there.

use std::time::Duration;

use hyper::Method;
use serde_json::json;
use sev_launch_protocol::routes::ROUTES;
use sev_launch_server::conformance::Ask;
use sev_launch_server::listener::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::host::{image, registration};
use crate::lab::{Lab, Setup, vmid};

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_paths() {
    let lab = Lab::new();
    for path in ["/", "/vm", "/firmware", "/measure", "/audit", "/token"] {
        let answer = lab.send(Ask::new(Method::OPTIONS, path)).await;
        assert_eq!((answer.status, answer.code().as_str()), (405, "method"), "{path}");
        let mut wanted: Vec<&str> = ROUTES
            .iter()
            .filter(|route| route.path == path)
            .map(|route| route.method.name())
            .collect();
        if wanted.contains(&"GET") {
            wanted.push("HEAD");
        }
        assert_eq!(answer.header("allow").unwrap(), wanted.join(", "));
    }
    for path in ["/nothing", "/vm/", "/vm/a/b/c/d/e", "/problems/nothing", "/t", "/%2e%2e/vm"] {
        lab.expect(404, "no-such-route", Ask::get(path)).await;
    }
    // A guest's name in percent-encoding is that name, and what is no encoding is an error.
    let owner = lab.owner();
    lab.register(&vmid(1), json!({})).await;
    let encoded = vmid(1).replace('5', "%35");
    lab.expect(200, "", Ask::get(format!("/vm/{encoded}")).by(&owner)).await;
    lab.expect(400, "schema", Ask::get("/vm/%zz").by(&owner)).await;
    lab.expect(400, "schema", Ask::get("/vm/%ff").by(&owner)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_types_and_encodings() {
    let lab = Lab::new();
    let owner = lab.owner();
    lab.upload().await;
    let body = || registration(json!({})).to_string().into_bytes();
    let post = |kind| Ask::new(Method::POST, "/measure").bytes(kind, body()).by(&owner);
    for kind in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        lab.expect(200, "", post(kind)).await;
    }
    for kind in [
        "",
        "text/plain",
        "application/octet-stream",
        "application/json; charset=latin1",
        "application/json5",
        "application/json; x",
    ] {
        lab.expect(415, "media-type", post(kind)).await;
    }
    for encoding in ["gzip", "identity", "br"] {
        let ask = post("application/json").header("content-encoding", encoding);
        lab.expect(415, "media-type", ask).await;
    }
    let image = Ask::new(Method::POST, "/firmware").bytes("application/json", image()).by(&owner);
    lab.expect(415, "media-type", image).await;
    let wants = |kind: &str| Ask::get("/vm").by(&owner).header("accept", kind);
    lab.expect(200, "", wants("text/html, */*;q=0.1")).await;
    // The client asks for JSON itself: without that nothing fits.
    let plain = request(
        &lab,
        &format!("GET /v1/vm HTTP/1.1\r\nAccept: text/html\r\nAuthorization: Bearer {owner}\r\n"),
    )
    .await;
    assert!(plain.starts_with("HTTP/1.1 406 ") && plain.contains("\"not-acceptable\""), "{plain}");
}

/// Sends a head, to which `Host` and `Connection` are added, and reads to the end.
async fn request(lab: &Lab, head: &str) -> String {
    let mut stream = TcpStream::connect(lab.address).await.expect("a connection");
    let head = format!("{head}Host: a\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut found = Vec::new();
    let _ = stream.read_to_end(&mut found).await;
    String::from_utf8_lossy(&found).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json() {
    let lab = Lab::new();
    let owner = lab.owner();
    let post = |body: &[u8]| {
        Ask::new(Method::POST, "/measure").bytes("application/json", body.to_vec()).by(&owner)
    };
    let deep = "[".repeat(200);
    for body in
        [&b""[..], b"{", b"{}{}", b"{\"a\":\xff}", b"\xef\xbb\xbf{}", b"nul", deep.as_bytes()]
    {
        lab.expect(400, "malformed-json", post(body)).await;
    }
    for body in [&b"[]"[..], b"1", b"null", b"\"text\""] {
        lab.expect(400, "schema", post(body)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn header_fields_that_contradict() {
    let lab = Lab::new();
    let owner = lab.owner();
    lab.register(&vmid(1), json!({})).await;
    let path = format!("/vm/{}", vmid(1));
    let put = || Ask::put(&path, &registration(json!({}))).by(&owner);
    let both = put().header("if-match", "\"1\"").header("if-none-match", "*");
    lab.expect(400, "schema", both).await;
    let twice = put().header("if-match", "\"1\"").header("if-match", "\"2\"");
    lab.expect(400, "schema", twice).await;
    lab.expect(412, "etag-mismatch", put().header("if-match", "W/\"1\"")).await;
    lab.expect(400, "schema", put().header("if-none-match", "\"1\"")).await;
    // Where no condition is meant, what a cache asks means nothing.
    let cached = Ask::get(&path).by(&owner).header("if-none-match", "\"1\"");
    lab.expect(200, "", cached).await;
    let cached = Ask::get(&path).by(&owner).header("if-match", "W/\"1\"");
    lab.expect(200, "", cached).await;
    let launch = || Ask::post(format!("{path}/launch"), &lab.launching()).by(&owner);
    for key in [String::new(), "x".repeat(256)] {
        lab.expect(400, "schema", launch().header("idempotency-key", key)).await;
    }
    let body = Ask::get("/vm").by(&owner).json(&json!({}));
    lab.expect(413, "too-large", body).await;
    let body = Ask::delete(&path).by(&owner).json(&json!({}));
    lab.expect(413, "too-large", body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_large() {
    let lab = Lab::new();
    let owner = lab.owner();
    let most = 256 * 1024;
    let spaced = |size: usize| {
        let mut body = b"{}".to_vec();
        body.resize(size, b' ');
        Ask::new(Method::POST, "/measure").bytes("application/json", body).by(&owner)
    };
    // As long as it may be it is read, and has no member.
    lab.expect(400, "schema", spaced(most)).await;
    lab.expect(413, "too-large", spaced(most + 1)).await;
    // Without a length, piece by piece.
    let streamed = |path: &'static str, kind: &'static str, bytes: usize, owner: String| {
        let address = lab.address;
        async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            let head = format!(
                "POST /v1{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: {kind}\r\nAuthorization: Bearer {owner}\r\nTransfer-Encoding: chunked\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.expect("written");
            let (mut read, mut write) = stream.into_split();
            let writer = tokio::spawn(async move {
                let mut left = bytes;
                while left > 0 {
                    let size = left.min(65_536);
                    let piece =
                        [format!("{size:x}\r\n").as_bytes(), &vec![b' '; size], b"\r\n"].concat();
                    if write.write_all(&piece).await.is_err() {
                        return;
                    }
                    left -= size;
                }
                let _ = write.write_all(b"0\r\n\r\n").await;
            });
            let mut found = Vec::new();
            let _ = read.read_to_end(&mut found).await;
            writer.abort();
            String::from_utf8_lossy(&found).into_owned()
        }
    };
    let found = streamed("/measure", "application/json", most + 1, owner.clone()).await;
    assert!(found.starts_with("HTTP/1.1 413 ") && found.contains("\"too-large\""), "{found}");
    let image = 64 * 1024 * 1024;
    let found = streamed("/firmware", "application/octet-stream", image + 1, owner.clone()).await;
    assert!(found.starts_with("HTTP/1.1 413 ") && found.contains("\"too-large\""), "{found}");
    // By its length alone it is refused before a byte of it comes.
    let head = format!(
        "POST /v1/firmware HTTP/1.1\r\nContent-Type: application/octet-stream\r\nAuthorization: Bearer {owner}\r\nContent-Length: {}\r\n",
        image + 1
    );
    let found = request(&lab, &head).await;
    assert!(found.starts_with("HTTP/1.1 413 ") && found.contains("\"too-large\""), "{found}");
    // A stranger's body is not read at all.
    let head = "POST /v1/firmware HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\n";
    let found = request(&lab, head).await;
    assert!(found.starts_with("HTTP/1.1 401 "), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_too_slowly() {
    let limits = Limits { request: Duration::from_millis(300), ..Limits::default() };
    let lab = Lab::with(Setup { limits, ..Setup::default() });
    let owner = lab.owner();
    let mut stream = TcpStream::connect(lab.address).await.expect("a connection");
    let head = format!(
        "POST /v1/measure HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer {owner}\r\nContent-Length: 10\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut found = Vec::new();
    let _ = stream.read_to_end(&mut found).await;
    let found = String::from_utf8_lossy(&found).into_owned();
    let (head, body) = found.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 408 "), "{found}");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    assert!(head.contains("cache-control: no-store"), "{head}");
    let problem: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(problem["code"], "timeout");
    assert_eq!(problem["retryable"], true);
    let id = head.lines().find_map(|line| line.strip_prefix("request-id: ")).expect("an id");
    assert_eq!(problem["instance"], format!("urn:uuid:{id}"));
}
