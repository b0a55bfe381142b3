//! Interoperation with sevctl, where the variable `SEV_LAUNCH_SEVCTL` names its program: what it writes we read, and what we
//! write it reads. `cargo xtask reference --with-sevctl` installs it and sets the variable; building it takes minutes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_testkit::certs::{Platform as Machine, RsaSize};
use sev_launch_verify::sev::certificate::{Certificate, CertificateError, Usage};
use sev_launch_verify::sev::chain::{Ca, Platform};
use sev_launch_verify::sev::keys::{PrivateKey, SessionKeys, Tek, Tik};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, SecretTable, open_packet};
use sev_launch_verify::sev::session::SessionBlob;
use sev_launch_verify::sev::session::SessionError;

const MEASURE: [u8; 48] = [0x5a; 48];

/// A folder of its own with the machine's certificates in it, and the program. `None` if sevctl is not there.
struct Bench {
    program: PathBuf,
    folder: tempfile::TempDir,
    machine: Machine,
}

impl Bench {
    fn new() -> Option<Self> {
        let Some(program) = std::env::var_os("SEV_LAUNCH_SEVCTL").map(PathBuf::from) else {
            eprintln!("SKIPPED: SEV_LAUNCH_SEVCTL is not set");
            return None;
        };
        let machine = Machine::new(RsaSize::Bits4096, "sevctl");
        let bench = Self { program, folder: tempfile::tempdir().expect("a folder"), machine };
        // By way of our own types, so that sevctl reads what we write.
        let platform = Platform::parse_export(&bench.machine.export()).expect("a platform");
        let ca = Ca::parse(&bench.machine.ca()).expect("a CA file");
        bench.write("chain", &platform.to_export());
        bench.write("ca", &ca.to_bytes());
        bench.write("oca", platform.oca().as_bytes());
        Some(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("a file");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("a file")
    }

    fn read_base64(&self, name: &str) -> Vec<u8> {
        BASE64.decode(self.read(name).trim_ascii()).expect("base64")
    }

    fn sevctl(&self, arguments: &[&str]) -> Output {
        Command::new(&self.program)
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("sevctl starts")
    }

    /// Runs sevctl, which must succeed.
    fn succeeds(&self, arguments: &[&str]) {
        let output = self.sevctl(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "sevctl {arguments:?}: {said}");
    }

    /// Has sevctl make a session, and opens it as the platform would.
    fn session(&self, made_for: u32, opened_for: u32) -> Result<SessionKeys, SessionError> {
        self.succeeds(&["session", "--name", "s", "chain", &made_for.to_string()]);
        let godh = Certificate::parse(&self.read_base64("s_godh.b64")).expect("a certificate");
        assert_eq!(godh.usage(), Usage::Pdh);
        let blob = SessionBlob::parse(&self.read_base64("s_session.b64")).expect("a session");
        let pdh = PrivateKey::from_bytes(&self.machine.pdh_key.private()).expect("a key");
        blob.open(&pdh.agree(godh.point()), Policy::from_bits(opened_for))
    }
}

#[test]
fn sevctl_accepts_the_chain_that_we_write() {
    let Some(bench) = Bench::new() else { return };
    bench.succeeds(&["verify", "--sev", "chain", "--ca", "ca", "--oca", "oca"]);
    let mut chain = bench.read("chain");
    chain[0x20] ^= 1;
    bench.write("chain", &chain);
    assert!(!bench.sevctl(&["verify", "--sev", "chain", "--ca", "ca"]).status.success());
}

#[test]
fn we_open_sevctl_s_session() {
    let Some(bench) = Bench::new() else { return };
    let keys = bench.session(0x5, 0x5).expect("the session opens");
    assert_eq!(keys.tik.expose().as_slice(), bench.read("s_tik.bin"));
    assert_eq!(keys.tek.expose().as_slice(), bench.read("s_tek.bin"));
}

/// A difference: the `sev` crate takes the version's bytes for something else, so such a session fits another policy.
#[test]
fn sevctl_s_session_for_a_policy_with_a_version_fits_another_one() {
    let Some(bench) = Bench::new() else { return };
    let wrong = bench.session(0x1800_0003, 0x1800_0003).map(|_| ());
    let policy = Policy::from_bits(0x1800_0003);
    assert_eq!(wrong, Err(SessionError::PolicyMac { policy }));
    assert!(bench.session(0x1800_0003, 0x3).is_ok());
}

#[test]
fn we_open_sevctl_s_secret() {
    let Some(bench) = Bench::new() else { return };
    bench.write("tik", &[1; 16]);
    bench.write("tek", &[2; 16]);
    bench.write("measure", &MEASURE);
    bench.write("passphrase", b"correct horse");
    let secret = format!("{LUKS_PASSPHRASE}:passphrase");
    let flags =
        ["secret", "build", "--tik", "tik", "--tek", "tek", "--launch-measure-blob", "measure"];
    bench.succeeds(&[&flags[..], &["--secret", &secret, "header", "payload"]].concat());
    let key = |byte| [byte; 16];
    let (tek, tik) =
        (Tek::from_bytes(&key(2)).expect("a key"), Tik::from_bytes(&key(1)).expect("a key"));
    let (header, payload) = (bench.read("header"), bench.read("payload"));
    let plaintext = open_packet(&tek, &tik, &[0x5a; 32], &header, &payload).expect("it opens");
    let table = SecretTable::parse(&plaintext).expect("a table");
    let entries: Vec<_> = table.entries().collect();
    assert_eq!(entries, [(&LUKS_PASSPHRASE, b"correct horse".as_slice())]);
}

/// A difference: sevctl leaves whatever was on its stack in the reserved bytes after the key, addresses of its memory among
/// them. They must be zero [SEV-API, PUBKEY], so we refuse the certificate. An owner should make it by other means.
#[test]
fn the_owner_s_certificate_that_sevctl_makes_has_reserved_bytes_set() {
    let Some(bench) = Bench::new() else { return };
    bench.succeeds(&["generate", "own.cert", "own.key"]);
    let bytes = bench.read("own.cert");
    assert!(bytes[0xa4..0x414].iter().any(|byte| *byte != 0), "sevctl was mended: accept it again");
    let refused = Certificate::parse(&bytes);
    assert!(matches!(refused, Err(CertificateError::Reserved { .. })), "{refused:?}");
    let mut mended = bytes;
    mended[0xa4..0x414].fill(0);
    assert_eq!(Certificate::parse(&mended).map(|oca| oca.usage()), Ok(Usage::Oca));
}

/// The variable must name a program, or every test above would pass for want of one.
#[test]
fn the_variable_names_a_program() {
    if let Some(program) = std::env::var_os("SEV_LAUNCH_SEVCTL") {
        assert!(Path::new(&program).is_file(), "{}", program.display());
    }
}
