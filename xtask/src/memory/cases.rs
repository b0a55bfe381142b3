//! The commands that handle secrets, and the inputs in which secrets are planted.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::FirmwareBuilder;

use super::Planted;
use crate::call::Call;

/// API_MAJOR, API_MINOR and BUILD of the pretended platform.
const VERSION: [u8; 3] = [1, 55, 24];
/// A policy for which no demand is needed: NODBG.
const POLICY: u32 = 1;

/// One run of the command.
pub(super) struct Case {
    /// What is told of it.
    pub(super) name: &'static str,
    /// Its arguments, apart by spaces.
    pub(super) arguments: String,
    /// What is planted, by name; the session's own keys are read from the files that it wrote.
    secrets: &'static [&'static str],
    /// What is written to the pipe of the name `pipe`.
    piped: Option<Vec<u8>>,
}

/// Files with planted secrets, in a folder of their own.
pub(super) struct Inputs {
    folder: PathBuf,
    files: Vec<(&'static str, Vec<u8>)>,
    secrets: Vec<Planted>,
    claims: String,
}

impl Inputs {
    pub(super) fn new(program: &Path, folder: &Path) -> Result<Self> {
        let tik = Planted::new("TIK", 16);
        let tek = Planted::new("TEK", 16);
        let secret = Planted::new("secret", 45);
        // Below the curve's order, which starts with ff.
        let scalar = |name| {
            let mut planted = Planted::new(name, 48);
            planted.bytes.splice(..1, [0x7f]);
            planted
        };
        let (id, author) = (scalar("ID key"), scalar("author key"));
        let mut signing = Planted::new("signing key", 32);
        signing.bytes.splice(..1, [0x7f]);
        let image = FirmwareBuilder::new(0x10000).secret_area(0x0081_0000, 0xc00).build();
        let machine = Platform::new(RsaSize::Bits2048, "a machine");
        let [major, minor, build] = VERSION;
        let digest = expected::sev(&image, None);
        let mnonce = *b"platform's nonce";
        let key = tik.bytes.clone().try_into().ok().context("16 bytes")?;
        let blob = BASE64.encode(expected::measurement(&key, VERSION, POLICY, digest, mnonce));
        let claims = format!(
            "--measurement {blob} --api-major {major} --api-minor {minor} --build-id {build} --policy {POLICY}"
        );
        // As QMP's query-sev-launch-measure and query-sev tell it.
        let info = format!(
            "{{\"data\": \"{blob}\"}}\n{{\"api-major\": {major}, \"api-minor\": {minor}, \"build-id\": {build}}}\n"
        );
        let signing_sec1 = sec1(&signing.bytes, Some(P256));
        let signing_wrapped = pkcs8(&signing.bytes, P256);
        let (sec1, wrapped) = (sec1(&id.bytes, Some(P384)), pkcs8(&author.bytes, P384));
        let files = vec![
            ("OVMF.fd", image),
            (
                "launch.toml",
                b"technology = \"sev\"\npolicy = 1\nfirmware.path = \"OVMF.fd\"\n".into(),
            ),
            ("export", machine.export()),
            ("ca", machine.ca()),
            ("ark", machine.ark),
            ("info", info.into()),
            ("tik.bin", tik.bytes.clone()),
            ("tek.bin", tek.bytes.clone()),
            ("tik.hex", format!("{}\n", hex::encode(&tik.bytes)).into()),
            ("tek.b64", format!("{}\n", BASE64.encode(&tek.bytes)).into()),
            ("secret", secret.bytes.clone()),
            ("id.pem", pem("EC PRIVATE KEY", &sec1).into()),
            ("author.pem", pem("PRIVATE KEY", &wrapped).into()),
            ("id.der", sec1),
            ("signing.pem", pem("PRIVATE KEY", &signing_wrapped).into()),
            ("signing.der", signing_sec1),
        ];
        let secrets = vec![tik, tek, secret, id, author, signing];
        let inputs = Self { folder: folder.to_owned(), files, secrets, claims };
        // Inputs that the command makes itself.
        inputs.write()?;
        let packet = inputs.secret_build("h p");
        let manifest = "manifest build --description launch.toml -o m.json".to_owned();
        let mut inputs = inputs;
        for (words, names) in [(packet, &["h", "p"][..]), (manifest, &["m.json"])] {
            let folder = folder.to_str().context("a folder's name in UTF-8")?;
            let call = Call::new("env", "-C").arg(folder).arg(program).words(&words);
            call.text()?;
            for name in names {
                inputs.files.push((name, fs::read(inputs.folder.join(name))?));
            }
        }
        Ok(inputs)
    }

    /// Writes all files, and nothing else is in the folder.
    pub(super) fn write(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)?;
        for (name, bytes) in &self.files {
            fs::write(self.folder.join(name), bytes)?;
        }
        Call::new("mkfifo", "").arg(self.folder.join("pipe")).run()
    }

    fn planted(&self, name: &str) -> &[u8] {
        let secret = self.secrets.iter().find(|secret| secret.name == name);
        secret.map_or(&[], |secret| secret.bytes.as_slice())
    }

    fn secret_build(&self, files: &str) -> String {
        let claims = &self.claims;
        format!(
            "secret build {files} -s luks-key:secret --firmware OVMF.fd --tik tik.bin --tek tek.bin {claims}"
        )
    }
}

/// Every command that handles a secret.
pub(super) fn all(inputs: &Inputs) -> Vec<Case> {
    const NONE: Option<Vec<u8>> = None;
    let claims = &inputs.claims;
    let verify = |flags: &str| format!("verify --firmware OVMF.fd {flags} {claims}");
    let packed = "--secret-header head --secret-payload body";
    let tk = [inputs.planted("TEK"), inputs.planted("TIK")].concat();
    let secret = inputs.planted("secret").to_vec();
    let measurement = claims.split(' ').nth(1).unwrap_or_default();
    let show = |flags: &str| {
        format!("secret show h p --tik tik.bin --tek tek.bin -m {measurement} {flags}")
    };
    let id_block = |flags: &str| {
        let digest = "ab".repeat(48);
        format!("id-block build --digest {digest} --policy 0x30000 {flags}")
    };
    let case = |name, secrets, arguments, piped| Case { name, arguments, secrets, piped };
    vec![
        case("session", &[], "session export 5 --ca ca --root ark".into(), NONE),
        case("verify --tik, raw", &["TIK"], verify("--tik tik.bin"), NONE),
        case("verify --tik, hex", &["TIK"], verify("--tik tik.hex"), NONE),
        case("verify --tik, pipe", &["TIK"], verify("--tik pipe"), Some(tk[16..].to_vec())),
        case(
            "verify --inject-secret",
            &["TIK", "TEK", "secret"],
            verify(&format!(
                "--tik tik.hex --tek tek.b64 --inject-secret luks-key:secret {packed}"
            )),
            NONE,
        ),
        case(
            "verify --inject-secret --tk, pipe",
            &["TIK", "TEK", "secret"],
            verify(&format!("--tk pipe --inject-secret luks-key:secret {packed}")),
            Some(tk),
        ),
        case("secret build", &["TIK", "TEK", "secret"], inputs.secret_build("head body"), NONE),
        case(
            "secret build, pipe",
            &["TIK", "TEK", "secret"],
            inputs.secret_build("head body").replace(":secret", ":pipe"),
            Some(secret),
        ),
        case("secret show", &["TIK", "TEK", "secret"], show(""), NONE),
        case("secret show --reveal", &["TIK", "TEK", "secret"], show("--reveal"), NONE),
        case(
            "secret show --reveal --json",
            &["TIK", "TEK", "secret"],
            show("--reveal --json"),
            NONE,
        ),
        case(
            "manifest add --from-measurement",
            &["TIK"],
            format!("manifest add m.json --from-measurement info --tik tik.bin --policy {POLICY}"),
            NONE,
        ),
        case(
            "manifest sign, PEM",
            &["signing key"],
            "manifest sign m.json --key signing.pem -o signed.json".into(),
            NONE,
        ),
        case(
            "manifest sign, DER",
            &["signing key"],
            "manifest sign m.json --key signing.der -o signed.json".into(),
            NONE,
        ),
        case(
            "explain --tik",
            &["TIK"],
            format!("explain --description launch.toml --tik tik.bin {claims}"),
            NONE,
        ),
        case(
            "id-block build, PEM",
            &["ID key", "author key"],
            id_block("--id-key id.pem --author-key author.pem -o block auth"),
            NONE,
        ),
        case("id-block build, DER", &["ID key"], id_block("--id-key id.der -o block auth"), NONE),
        case(
            "id-block build --author-to-be-signed",
            &["ID key"],
            id_block("--id-key id.pem --author-to-be-signed tbs"),
            NONE,
        ),
    ]
}

impl Case {
    /// Feeds the pipe once the command opens it.
    pub(super) fn feed(&self, folder: &Path) -> Result<Option<JoinHandle<Result<()>>>> {
        let pipe = folder.join("pipe");
        let feeder = self.piped.clone().map(|bytes| {
            thread::spawn(move || fs::write(pipe, bytes).context("the pipe cannot be fed"))
        });
        Ok(feeder)
    }

    /// The secrets that were planted in its inputs, or that it made itself.
    pub(super) fn planted(&self, inputs: &Inputs) -> Result<Vec<Planted>> {
        if self.secrets.is_empty() {
            let made =
                |(name, file)| Ok(Planted { name, bytes: fs::read(inputs.folder.join(file))? });
            let files = [("its own TIK", "vm_tik.bin"), ("its own TEK", "vm_tek.bin")];
            return files.into_iter().map(made).collect();
        }
        let planted = |name: &&'static str| Planted { name, bytes: inputs.planted(name).to_vec() };
        Ok(self.secrets.iter().map(planted).collect())
    }
}

/// A DER element of less than 128 bytes.
fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u8::try_from(contents.len()).unwrap_or(u8::MAX);
    [&[tag, length], contents].concat()
}

/// secp384r1 and secp256r1, as object identifiers in DER. [RFC 5480, named curves]
const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

/// ECPrivateKey without the public half. [RFC 5915, ECPrivateKey]
fn sec1(scalar: &[u8], curve: Option<&[u8]>) -> Vec<u8> {
    let mut body = [&[2, 1, 1][..], &element(4, scalar)].concat();
    if let Some(curve) = curve {
        body.extend(element(0xa0, curve));
    }
    element(0x30, &body)
}

/// PrivateKeyInfo around it. [RFC 5208, PrivateKeyInfo]
fn pkcs8(scalar: &[u8], curve: &[u8]) -> Vec<u8> {
    let algorithm = [&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1][..], curve].concat();
    let inner = element(4, &sec1(scalar, None));
    element(0x30, &[&[2, 1, 0][..], &element(0x30, &algorithm), &inner].concat())
}

/// One block of PEM.
fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
