//! The file of services: its form, and who may have access to it and to what it names.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use sev_launch_client::services::{Services, ServicesError};
use sev_launch_client::{Client, Credential, SetupError};
use tempfile::TempDir;

const TOKEN: &str = "sat_000000000000_a-token-of-nobody_00000000";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        path
    }

    /// A file of services, readable by all.
    fn services(&self, text: &str) -> Result<Services, ServicesError> {
        Services::read(&self.file("services.toml", text, 0o644))
    }

    /// A service with a token in a file of this mode.
    fn token(&self, text: &str, mode: u32) -> Result<sev_launch_client::Connection, ServicesError> {
        self.file("token", text, mode);
        let services =
            self.services("[service.a]\nurl = 'http://127.0.0.1:1/v1'\ntoken-file = 'token'")?;
        services.choose(None)?.connection()
    }
}

fn refused<T>(found: Result<T, ServicesError>, part: &str) {
    match found {
        Ok(_) => panic!("{part}: it was taken"),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(part) && !text.contains(TOKEN), "{part}: {text}");
        }
    }
}

#[test]
fn a_token_is_its_owners_alone() {
    let folder = Folder::new();
    for mode in [0o644, 0o640, 0o604, 0o660, 0o610] {
        refused(folder.token(TOKEN, mode), "others than its owner have access to it (chmod 600)");
    }
    for (mode, text) in [(0o600, TOKEN.to_owned()), (0o400, format!("{TOKEN}\n"))] {
        let _ = fs::remove_file(folder.0.path().join("token"));
        match folder.token(&text, mode).expect("a connection").credential {
            Credential::Token(token) => assert_eq!(token.as_str(), TOKEN),
            _ => panic!("no token"),
        }
    }
}

#[test]
fn what_is_no_token_is_not_sent_and_not_shown() {
    let folder = Folder::new();
    for text in ["", "two words", "a\u{1}b", &"x".repeat(513)] {
        let connection = folder.token(text, 0o600).expect("a connection");
        let error = Client::new(connection, Default::default()).expect_err("no token");
        assert!(matches!(error, SetupError::Token { .. }), "{error}");
        assert!(text.is_empty() || !error.to_string().contains(text), "{error}");
    }
}

#[test]
fn the_file_is_changed_by_its_owner_alone() {
    let folder = Folder::new();
    let text = "[service.a]\nurl = 'http://127.0.0.1:1/v1'";
    for mode in [0o664, 0o646, 0o666, 0o620] {
        refused(
            Services::read(&folder.file("s.toml", text, mode)),
            "others than its owner can write it",
        );
    }
    for mode in [0o644, 0o600, 0o444] {
        let path = folder.file(&format!("{mode:o}.toml"), text, mode);
        assert!(Services::read(&path).is_ok(), "{mode:o}");
    }
    // A link is as good as what it leads to.
    let open = folder.file("open.toml", text, 0o666);
    let link = folder.0.path().join("link.toml");
    symlink(open, &link).expect("a link");
    refused(Services::read(&link), "can write it");
}

#[test]
fn another_users_file_is_not_read() {
    let folder = Folder::new();
    let path = folder.file("s.toml", "[service.a]\nurl = 'http://127.0.0.1:1/v1'", 0o644);
    if std::os::unix::fs::chown(&path, Some(65_534), None).is_err() {
        println!(
            "SKIPPED: only root can give a file to another user, so that a foreign file was not tried"
        );
        return;
    }
    refused(Services::read(&path), "it belongs to user 65534");
    let link = folder.0.path().join("link.toml");
    symlink(&path, &link).expect("a link");
    refused(Services::read(&link), "it belongs to user 65534");
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = Folder::new();
    let pipe = folder.0.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    refused(Services::read(&pipe), "no regular file");
    refused(Services::read("/dev/zero".as_ref()), "");
    refused(Services::read(folder.0.path()), "");
    refused(Services::read(&folder.0.path().join("none.toml")), "none.toml");
    let long = folder.file("long.toml", &"#".repeat((1 << 20) + 1), 0o600);
    refused(Services::read(&long), "longer than 1048576 bytes");
}

#[test]
fn a_form_that_means_nothing_is_an_error() {
    let folder = Folder::new();
    let refuse = |text: &str, part: &str| refused(folder.services(text), part);
    refuse("[service.a]\nurl = 'http://attest.example/v1'", "service.a.url: ");
    refuse("[service.a]\nurl = 'http://attest.example/v1'", "loopback");
    refuse("[service.a]\nurl = 'https://attest.example/v1'", "service.a.ca: https needs");
    refuse("[service.a]\nurl = 'x'", "service.a.url");
    refuse("[service.a]", "url");
    refuse("[services.a]\nurl = 'http://127.0.0.1:1/v1'", "services");
    let url = "[service.a]\nurl = 'http://127.0.0.1:1/v1'\n";
    refuse(&format!("{url}key = 'k'"), "service.a.certificate");
    refuse(&format!("{url}certificate = 'k'"), "service.a.key");
    refuse(&format!("{url}token-file = 't'\ncertificate = 'c'\nkey = 'k'"), "one of both");
    refuse(&format!("{url}[service.b]\nurl = 'http://127.0.0.1:1/v1/'"), "have one address");
    // Who writes a token itself sees that it is wrong, and nobody sees the token.
    refuse(&format!("{url}token = '{TOKEN}'"), "line 3: unknown field `token`");
    refuse(&format!("{url}token-file = '{TOKEN}"), "line 3: ");
}

#[test]
fn a_service_is_named_by_its_name_or_its_address() {
    let folder = Folder::new();
    let text = "[service.home]\nurl = 'http://127.0.0.1:1/v1'\n[service.other]\nurl = 'https://Attest.example:443/v1/'\nca = 'ca.pem'";
    let services = folder.services(text).expect("services");
    let name = |which: Option<&str>| services.choose(which).map(|service| service.name.clone());
    refused(
        name(None),
        "which service is meant is not said; there are home (http://127.0.0.1:1/v1), other (https://attest.example/v1)",
    );
    assert_eq!(name(Some("home")).expect("by name"), "home");
    assert_eq!(name(Some("https://ATTEST.example/v1")).expect("by address"), "other");
    refused(name(Some("attest.example")), "no service is called");
    // From whom this machine does not trust, an address alone names one.
    assert_eq!(services.at("https://attest.example/v1").expect("by address").name, "other");
    refused(services.at("home").map(|_| ()), "");
    refused(
        services.at("https://attest.example/v2").map(|_| ()),
        "none that this machine is set up for",
    );
    assert_eq!(
        folder
            .services("")
            .expect("none")
            .choose(None)
            .expect_err("none")
            .to_string()
            .matches("is no service in it")
            .count(),
        1
    );
}

#[test]
fn the_authorities_are_read_when_they_are_needed() {
    let folder = Folder::new();
    let text = "[service.a]\nurl = 'https://127.0.0.1:1/v1'\nca = 'ca.pem'";
    let connect = || folder.services(text)?.choose(None)?.connection();
    refused(connect(), "ca.pem");
    folder.file("ca.pem", "no PEM", 0o666);
    refused(connect(), "can write it");
    let path: &Path = &folder.file("ca.pem", "no PEM", 0o644);
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("permissions");
    let error =
        Client::new(connect().expect("a connection"), Default::default()).expect_err("no PEM");
    assert!(error.to_string().contains("there is no certificate in it"), "{error}");
}
