//! Certificates: whoever is not below the given authorities is told nothing. Made by /usr/bin/openssl, so that no code of rustls's has
//! a say in what is expected.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream};
use sev_launch_client::{Client, Connection, Credential, Error, Patience};
use tempfile::TempDir;

const TOKEN: &str = "sat_000000000000_a-token-of-nobody_00000000";
const SERVICE: &str = r#"{"service":"sev-attestation","api":"v1","time":"2026-08-01T00:00:00Z","schemes":["amd-sev"],"features":[],"limits":{"body-bytes":1,"firmware-bytes":2,"candidates":3},"openapi":"/v1/openapi.json"}"#;

/// Authorities `ca` and `other`, and certificates below the first.
struct Made(TempDir);

impl Made {
    /// `None`, loudly, where there is no openssl.
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("SKIPPED: openssl is missing, so that no certificate was tried");
            return None;
        }
        let made = Self(tempfile::tempdir().expect("a folder"));
        made.make("ca", None, "basicConstraints=critical,CA:TRUE");
        made.make("other", None, "basicConstraints=critical,CA:TRUE");
        made.make("server", Some("ca"), "subjectAltName=IP:127.0.0.1");
        made.make("elsewhere", Some("ca"), "subjectAltName=DNS:attest.example");
        made.make(
            "owner",
            Some("ca"),
            "subjectAltName=URI:spiffe://a/owner\nextendedKeyUsage=clientAuth",
        );
        Some(made)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("a file")
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
        let (curve, subject) = ("ec_paramgen_curve:P-256", format!("/CN={name}"));
        self.openssl(&[
            "req", "-new", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-subj", &subject,
            "-keyout", &key, "-out", &csr,
        ]);
        let signer = signer.unwrap_or(name);
        let (ca, ca_key) = (format!("{signer}.pem"), format!("{signer}.key"));
        let mut arguments =
            vec!["x509", "-req", "-in", &csr, "-days", "30", "-extfile", &ext, "-out", &pem];
        if signer == name {
            arguments.extend(["-signkey", &key]);
        } else {
            arguments.extend(["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial"]);
        }
        self.openssl(&arguments);
    }

    /// A server with this certificate; what it was told, once TLS was agreed on.
    fn serve(&self, name: &str, asks_clients: bool) -> (String, Arc<Mutex<Vec<String>>>) {
        let pem = |name: &str| CertificateDer::from_pem_file(self.path(name)).expect("PEM");
        let key = PrivateKeyDer::from_pem_file(self.path(&format!("{name}.key"))).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let mut roots = RootCertStore::empty();
        roots.add(pem("ca.pem")).expect("a root");
        let builder = if asks_clients {
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        } else {
            builder.with_no_client_auth()
        };
        let config = builder.with_single_cert(vec![pem(&format!("{name}.pem"))], key);
        let config = Arc::new(config.expect("a configuration"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("https://{}/v1", listener.local_addr().expect("an address"));
        let told = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&told);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.expect("a connection");
                socket.set_read_timeout(Some(Duration::from_secs(5))).expect("set");
                let mut connection = ServerConnection::new(Arc::clone(&config)).expect("TLS");
                let mut stream = Stream::new(&mut connection, &mut socket);
                let mut bytes = [0; 4096];
                let Ok(length @ 1..) = stream.read(&mut bytes) else { continue };
                kept.lock()
                    .expect("a lock")
                    .push(String::from_utf8_lossy(&bytes[..length]).into_owned());
                let size = SERVICE.len();
                let text = format!(
                    "HTTP/1.1 200 X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n{SERVICE}"
                );
                let _ = stream.write_all(text.as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        (url, told)
    }

    fn client(&self, url: &str, ca: &str, credential: Credential) -> Client {
        let connection = Connection {
            base: url.parse().expect("an address"),
            ca: Some(self.bytes(&format!("{ca}.pem"))),
            credential,
        };
        let patience = Patience { request: Duration::from_secs(5), together: Duration::ZERO };
        Client::new(connection, patience).expect("a client")
    }

    fn token() -> Credential {
        Credential::Token(TOKEN.to_owned().into())
    }
}

#[test]
fn whoever_is_not_below_the_authorities_is_told_nothing() {
    let Some(made) = Made::new() else { return };
    let (url, told) = made.serve("server", false);
    made.client(&url, "ca", Made::token()).service().expect("the service's own authority");
    assert!(told.lock().expect("a lock").concat().contains(TOKEN));
    told.lock().expect("a lock").clear();

    // Another authority; and a name that the certificate does not have.
    let error = made.client(&url, "other", Made::token()).service().expect_err("another authority");
    assert!(matches!(error, Error::Untrusted { .. }), "{error:?}");
    assert!(error.to_string().contains("is `ca` the authority"), "{error}");
    let (elsewhere, told_there) = made.serve("elsewhere", false);
    let error = made.client(&elsewhere, "ca", Made::token()).service().expect_err("another name");
    assert!(matches!(error, Error::Untrusted { .. }), "{error:?}");
    for told in [told, told_there] {
        assert_eq!(*told.lock().expect("a lock"), [""; 0]);
    }
}

#[test]
fn a_certificate_proves_who_asks() {
    let Some(made) = Made::new() else { return };
    let (url, told) = made.serve("server", true);
    let owner = Credential::Certificate {
        chain: made.bytes("owner.pem"),
        key: made.bytes("owner.key").into(),
    };
    made.client(&url, "ca", owner).service().expect("a certificate of its authority");
    let told = told.lock().expect("a lock").clone();
    assert!(told.len() == 1 && !told.concat().contains("authorization"), "{told:?}");
    assert!(made.client(&url, "ca", Credential::None).service().is_err());
}

#[test]
fn https_is_never_answered_in_plain() {
    let Some(made) = Made::new() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}/v1", listener.local_addr().expect("an address"));
    let (sender, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        let (mut stream, _) = listener.accept().expect("a connection");
        let length = stream.read(&mut bytes).expect("bytes");
        let text = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n{SERVICE}", SERVICE.len());
        let _ = stream.write_all(text.as_bytes());
        let _ = sender.send(bytes[..length].to_vec());
    });
    let error = made.client(&url, "ca", Made::token()).service().expect_err("no TLS");
    assert!(matches!(error, Error::Untrusted { .. } | Error::Unreachable { .. }), "{error:?}");
    let told = told.recv_timeout(Duration::from_secs(10)).expect("what it was told");
    assert!(!told.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()));
}

#[test]
fn https_without_authorities_is_no_client() {
    for ca in [None, Some(Vec::new()), Some(b"-----BEGIN CERTIFICATE-----\nAA".to_vec())] {
        let connection = Connection {
            base: "https://127.0.0.1:1/v1".parse().expect("an address"),
            ca,
            credential: Made::token(),
        };
        assert!(Client::new(connection, Patience::default()).is_err());
    }
}
