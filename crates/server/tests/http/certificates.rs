//! Client certificates: what they are granted, and that a token beside one is judged alone. Made by /usr/bin/openssl.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use sev_launch_protocol::views::Scope;
use sev_launch_server::access::{Grant, Grants};
use sev_launch_server::conformance::{Ask, Client, ClientError};
use sev_launch_server::listener::{Tls, TlsSettings};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::lab::{Lab, OTHER, Setup, TENANT};

/// A throwaway authority, the server's certificate, and clients'.
struct Made(TempDir);

impl Made {
    fn new(clients: &[(&str, &str)]) -> Self {
        let made = Self(tempfile::tempdir().expect("a folder"));
        made.make("ca", None, "basicConstraints=critical,CA:TRUE");
        made.make("server", Some("ca"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
        for (name, uri) in clients {
            let extensions = format!("subjectAltName=URI:{uri}\nextendedKeyUsage=clientAuth");
            made.make(name, Some("ca"), &extensions);
        }
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let done = Command::new("openssl").args(arguments).current_dir(self.0.path()).output();
        let done = done.expect("openssl runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    fn make(&self, name: &str, signer: Option<&str>, extensions: &str) {
        let file = |ending: &str| format!("{name}.{ending}");
        let (key, csr, pem, ext) = (file("key"), file("csr"), file("pem"), file("ext"));
        std::fs::write(self.path(&ext), extensions).expect("written");
        let (new, subject) = ("ec_paramgen_curve:P-256", format!("/CN={name}"));
        self.openssl(&[
            "req", "-new", "-newkey", "ec", "-pkeyopt", new, "-nodes", "-subj", &subject,
            "-keyout", &key, "-out", &csr,
        ]);
        let (ca, ca_key) = (
            format!("{}.pem", signer.unwrap_or_default()),
            format!("{}.key", signer.unwrap_or_default()),
        );
        let mut arguments =
            vec!["x509", "-req", "-in", &csr, "-days", "30", "-extfile", &ext, "-out", &pem];
        match signer {
            Some(_) => arguments.extend(["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial"]),
            None => arguments.extend(["-signkey", &key]),
        }
        self.openssl(&arguments);
    }

    fn tls(&self) -> Tls {
        let settings = TlsSettings {
            chain: self.path("server.pem"),
            key: self.path("server.key"),
            client_authorities: Some(self.path("ca.pem")),
            allow_tls_1_2: false,
        };
        Tls::load(settings).expect("TLS")
    }

    /// The answer to a request by a client: status and body.
    async fn ask(&self, lab: &Lab, client: Option<&str>, head: &str) -> (u16, Value) {
        let mut roots = RootCertStore::empty();
        let pem = |name: &str| CertificateDer::from_pem_file(self.path(name)).expect("PEM");
        roots.add(pem("ca.pem")).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots);
        let config = match client {
            Some(name) => {
                let key = PrivateKeyDer::from_pem_file(self.path(&format!("{name}.key")));
                config
                    .with_client_auth_cert(vec![pem(&format!("{name}.pem"))], key.expect("a key"))
                    .expect("a pair")
            }
            None => config.with_no_client_auth(),
        };
        let stream = TcpStream::connect(lab.address).await.expect("a connection");
        let name = ServerName::try_from("localhost").expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, stream).await.expect("TLS");
        let request = format!("{head}Host: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut found = Vec::new();
        let _ = stream.read_to_end(&mut found).await;
        let found = String::from_utf8_lossy(&found).into_owned();
        let (head, body) = found.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).unwrap().parse().expect("a status");
        (status, serde_json::from_str(body).unwrap_or_default())
    }
}

fn grants() -> Grants {
    let grant = |tenant: &str, scopes: &[Scope]| Grant {
        tenant: tenant.to_owned(),
        scopes: scopes.to_vec(),
    };
    Grants::from([
        ("spiffe://cloud/reader".to_owned(), grant(TENANT, &[Scope::VmRead])),
        ("spiffe://cloud/node-17".to_owned(), grant(TENANT, &[Scope::Launch])),
        ("spiffe://cloud/acme".to_owned(), grant(OTHER, &[Scope::VmRead, Scope::VmWrite])),
    ])
}

fn lab(made: &Made) -> Lab {
    Lab::with(Setup { grants: grants(), tls: Some(made.tls()), ..Setup::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_may_what_they_are_granted() {
    let made = Made::new(&[
        ("reader", "spiffe://cloud/reader"),
        ("node", "spiffe://cloud/node-17"),
        ("acme", "spiffe://cloud/acme"),
        ("nobody", "spiffe://cloud/nobody"),
    ]);
    let lab = lab(&made);
    let read = "GET /v1/vm HTTP/1.1\r\n";
    for (client, head, status, code) in [
        (Some("reader"), read, 200, Value::Null),
        (Some("node"), read, 403, json!("not-allowed")),
        (Some("acme"), read, 403, json!("not-allowed")),
        (Some("acme"), "GET /v1/t/acme/vm HTTP/1.1\r\n", 200, Value::Null),
        (Some("reader"), "GET /v1/t/acme/vm HTTP/1.1\r\n", 403, json!("not-allowed")),
        (Some("nobody"), read, 401, json!("bad-credentials")),
        (Some("nobody"), "GET /v1 HTTP/1.1\r\n", 200, Value::Null),
        (None, read, 401, json!("no-credentials")),
    ] {
        let (found, body) = made.ask(&lab, client, head).await;
        assert_eq!((found, &body["code"]), (status, &code), "{client:?} {head}");
    }
}

// A host's certificate lends no rights to a token, and a token's trouble is not healed by one.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_beside_a_certificate_is_judged_alone() {
    let made =
        Made::new(&[("reader", "spiffe://cloud/reader"), ("nobody", "spiffe://cloud/nobody")]);
    let lab = lab(&made);
    let (launcher, owner) = (lab.launcher(), lab.owner());
    let with = |token: &str| format!("GET /v1/vm HTTP/1.1\r\nAuthorization: Bearer {token}\r\n");
    for (client, head, status, code) in [
        (Some("reader"), with(&launcher), 403, json!("not-allowed")),
        (Some("reader"), with("sat_wrong"), 401, json!("bad-credentials")),
        (
            Some("reader"),
            "GET /v1/vm HTTP/1.1\r\nAuthorization: \r\n".to_owned(),
            401,
            json!("bad-credentials"),
        ),
        (Some("nobody"), with(&owner), 200, Value::Null),
    ] {
        let (found, body) = made.ask(&lab, client, &head).await;
        assert_eq!((found, &body["code"]), (status, &code), "{client:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_s_client_speaks_https() {
    let made = Made::new(&[]);
    let lab = lab(&made);
    let url = format!("https://localhost:{}/v1", lab.address.port());
    let ca = std::fs::read(made.path("ca.pem")).expect("PEM");
    let client = Client::new(&url, Some(&ca), Some(crate::described::observer())).expect("a base");
    let answer = client.once(&Ask::get("/vm").by(&lab.owner())).await.expect("an answer");
    assert_eq!((answer.status, client.wrong()), (200, None));
    // By whom it does not know it is not served.
    made.make("other", None, "basicConstraints=critical,CA:TRUE");
    let other = std::fs::read(made.path("other.pem")).expect("PEM");
    let stranger = Client::new(&url, Some(&other), None).expect("a base");
    assert!(stranger.once(&Ask::get("/")).await.is_err());
    assert!(matches!(Client::new(&url, None, None), Err(ClientError::NoAuthorities { .. })));
    assert!(matches!(Client::new(&url, Some(b"none"), None), Err(ClientError::Authorities)));
}
