//! libvirt's `virt-qemu-sev-validate` and `verify`: the same arguments, the same answers, and packets of secrets that open on
//! both sides.
//!
//! The tool is in Debian's libvirt-clients-qemu, and needs python3-lxml and python3-cryptography; another copy of it is named
//! by `SEV_LAUNCH_LIBVIRT_VALIDATE`. Without it these tests say that they were skipped. Where the two differ on purpose,
//! [`DIFFERENCES`] says why, and an entry that no longer applies fails.

use std::path::PathBuf;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_testkit::expected::Layout;
use sev_launch_testkit::pattern;

use super::guest::{CMDLINE, Guest, RESET};
use super::harness::Outcome;
use super::platform::{TEK, TIK, VERSION, open_packet, reported};
use super::secret::table;
use sev_launch_testkit::expected;

/// Names another copy of the tool.
const VARIABLE: &str = "SEV_LAUNCH_LIBVIRT_VALIDATE";
/// Debian's Python, for which Debian's modules are.
const PYTHON: &str = "/usr/bin/python3";
const LUKS: &str = "736869e5-84f0-4973-92ec-06879ce3da0b";

/// libvirt's tool.
struct Validate(PathBuf);

impl Validate {
    /// The tool, or nothing and a line that says so. Panics where it was named and does not run.
    fn find() -> Option<Self> {
        let named = std::env::var_os(VARIABLE).map(PathBuf::from);
        let was_named = named.is_some();
        let path = named.unwrap_or_else(|| "/usr/bin/virt-qemu-sev-validate".into());
        let help = Command::new(PYTHON).arg(&path).arg("--help").output();
        if help.is_ok_and(|output| output.status.success()) {
            return Some(Self(path));
        }
        assert!(!was_named, "{VARIABLE} is set, but {PYTHON} {} does not run", path.display());
        println!(
            "SKIPPED: {} does not run: apt-get install libvirt-clients-qemu python3-lxml python3-cryptography",
            path.display()
        );
        None
    }

    /// Runs it in the guest's folder, and gives its exit code.
    fn run(&self, guest: &Guest, arguments: &[String]) -> (Option<i32>, String) {
        let mut command = Command::new(PYTHON);
        command.arg(&self.0).args(arguments).current_dir(guest.folder.path());
        let Output { status, stderr, .. } = command.output().expect("the tool starts");
        (status.code(), String::from_utf8_lossy(&stderr).into_owned())
    }
}

/// What both tools are told of a launch; flags are apart by spaces.
fn arguments(blob: &str, policy: u32, flags: &str) -> Vec<String> {
    let [major, minor, build] = VERSION;
    format!(
        "--measurement {blob} --api-major {major} --api-minor {minor} --build-id {build} --policy {policy} \
         --tik tik.bin --tek tek.bin --firmware OVMF.fd {flags}"
    )
    .split_ascii_whitespace()
    .map(str::to_owned)
    .collect()
}

/// The exit codes of `verify` and of libvirt's tool for the same arguments.
fn both(tool: &Validate, guest: &Guest, arguments: &[String]) -> (Option<i32>, Option<i32>) {
    let ours = guest.run("verify").with(arguments).go();
    let (theirs, _) = tool.run(guest, arguments);
    (ours.code, theirs)
}

const YES: (Option<i32>, Option<i32>) = (Some(0), Some(0));
const NO: (Option<i32>, Option<i32>) = (Some(1), Some(1));

#[test]
fn both_say_yes_to_sev_guests_with_and_without_a_kernel() {
    let Some(tool) = Validate::find() else { return };
    let guest = Guest::new().with_keys();
    let plain = reported(&guest.sev(None), 1);
    assert_eq!(both(&tool, &guest, &arguments(&plain, 1, "")), YES);
    let table = guest.table();
    let mut measured = arguments(
        &reported(&guest.sev(Some(&table)), 3),
        3,
        "--kernel vmlinuz --initrd initrd.img --cmdline",
    );
    measured.push(CMDLINE.into());
    assert_eq!(both(&tool, &guest, &measured), YES);
    let kernel = expected::hashes_table(&guest.kernel, None, None);
    let kernel = arguments(&reported(&guest.sev(Some(&kernel)), 1), 1, "--kernel vmlinuz");
    assert_eq!(both(&tool, &guest, &kernel), YES);
}

#[test]
fn both_say_yes_to_sev_es_guests() {
    let Some(tool) = Validate::find() else { return };
    let guest = Guest::new().with_keys();
    // EPYC of Naples, Rome, Milan and Genoa: signature; family, model and stepping.
    for (signature, [family, model, stepping]) in [
        (0x0080_0f12, [23, 1, 2]),
        (0x0083_0f10, [23, 49, 0]),
        (0x00a0_0f11, [25, 1, 1]),
        (0x00a1_0f10, [25, 17, 0]),
    ] {
        for vcpus in [1, 2, 64] {
            let blob = reported(&guest.es_legacy(signature, vcpus), 5);
            let cpu = format!(
                "--num-cpus {vcpus} --cpu-family {family} --cpu-model {model} --cpu-stepping {stepping}"
            );
            assert_eq!(both(&tool, &guest, &arguments(&blob, 5, &cpu)), YES, "{cpu}");
            let fewer = arguments(&blob, 5, &cpu.replace(&format!("s {vcpus} "), "s 3 "));
            assert_eq!(both(&tool, &guest, &fewer), NO, "{cpu}");
        }
    }
}

#[test]
fn both_take_captured_pages() {
    let Some(tool) = Validate::find() else { return };
    let guest = Guest::new().with_keys();
    let pages = expected::vmsa_pages(Layout::QemuFpu, 0x00a0_0f11, 0, RESET, 2);
    guest.file("vmsa0.bin", pages[0]);
    guest.file("vmsa1.bin", pages[1]);
    let digest = guest.sev_es(None, (Layout::QemuFpu, 0), 0x00a0_0f11, 4);
    let flags = "--num-cpus 4 --vmsa-cpu0 vmsa0.bin --vmsa-cpu1 vmsa1.bin";
    assert_eq!(both(&tool, &guest, &arguments(&reported(&digest, 5), 5, flags)), YES);
    let flags = "--num-cpus 4 --vmsa-cpu0 vmsa1.bin --vmsa-cpu1 vmsa0.bin";
    assert_eq!(both(&tool, &guest, &arguments(&reported(&digest, 5), 5, flags)), NO);
}

#[test]
fn both_say_no_to_what_was_not_launched() {
    let Some(tool) = Validate::find() else { return };
    let guest = Guest::new().with_keys();
    guest.file("other.bin", [9; 16]);
    let digest = guest.sev(None);
    let right = reported(&digest, 1);
    assert_eq!(both(&tool, &guest, &arguments(&right, 1, "")), YES);
    let flipped = |at: usize| {
        let mut blob = BASE64.decode(&right).expect("base64");
        blob[at] ^= 1;
        arguments(&BASE64.encode(blob), 1, "")
    };
    let claimed = |from: &str, to: &str| {
        let mut arguments = arguments(&right, 1, "");
        let at = arguments.iter().position(|argument| argument == from).expect("the flag is there");
        arguments[at + 1] = to.into();
        arguments
    };
    for (what, arguments) in [
        ("another digest", arguments(&reported(&"00".repeat(32), 1), 1, "")),
        ("another policy", arguments(&reported(&digest, 0), 1, "")),
        ("MEASURE", flipped(0)),
        ("MNONCE", flipped(47)),
        ("API major", claimed("--api-major", "2")),
        ("API minor", claimed("--api-minor", "54")),
        ("build", claimed("--build-id", "25")),
        ("another key", claimed("--tik", "other.bin")),
        ("a kernel", arguments(&right, 1, "--kernel vmlinuz")),
        ("another firmware", claimed("--firmware", "vmlinuz")),
    ] {
        assert_eq!(both(&tool, &guest, &arguments), NO, "{what}");
    }
}

#[test]
fn both_refuse_the_same_usage() {
    let Some(tool) = Validate::find() else { return };
    let guest = Guest::new().with_keys();
    guest.file("short", [1; 15]);
    guest.file("secret", "correct horse");
    let blob = reported(&guest.sev(None), 1);
    let packet = "--secret-header h --secret-payload p --inject-secret";
    for flags in [
        "--initrd initrd.img".to_owned(),
        "--vmsa-cpu1 OVMF.fd".into(),
        "--cpu-family 25".into(),
        "--inject-secret luks-key:secret".into(),
        format!("{packet} disk:secret"),
        format!("{packet} luks-key"),
        format!("{packet} luks-key:secret --inject-secret {LUKS}:secret"),
    ] {
        let arguments = arguments(&blob, 1, &flags);
        assert_eq!(both(&tool, &guest, &arguments), (Some(2), Some(2)), "{flags}");
    }
    let mut short = arguments(&blob, 1, "");
    let at = short.iter().position(|argument| argument == "tik.bin").expect("the TIK");
    short[at] = "short".into();
    assert_eq!(both(&tool, &guest, &short), (Some(2), Some(2)));
}

/// Where the two differ on purpose: what, our exit code and theirs, and why.
const DIFFERENCES: [(&str, i32, i32, &str); 6] = [
    ("blob of 49 bytes", 2, 0, "the tool takes the first 48 bytes, and a blob has exactly those"),
    (
        "junk in the base64",
        2,
        0,
        "Python's decoder skips what is not base64, so that many texts are one blob",
    ),
    ("blob of 47 bytes", 2, 1, "to the tool it is another nonce; it can be no blob at all"),
    (
        "API minor of 311",
        2,
        6,
        "neither cuts it to a byte; the tool fails with its last-resort code",
    ),
    (
        "debugging allowed",
        3,
        0,
        "the tool judges the measurement only; --allow-debug gives its answer",
    ),
    (
        "reserved policy bits",
        3,
        0,
        "no platform launches with them, so such a measurement was made up",
    ),
];

#[test]
fn known_differences_still_apply() {
    let Some(tool) = Validate::find() else { return };
    let guest = Guest::new().with_keys();
    let digest = guest.sev(None);
    let blob = BASE64.decode(reported(&digest, 1)).expect("base64");
    for (what, ours, theirs, reason) in DIFFERENCES {
        let arguments = match what {
            "blob of 49 bytes" => arguments(&BASE64.encode([&*blob, &[0]].concat()), 1, ""),
            "junk in the base64" => arguments(
                &BASE64.encode(&blob).replacen('A', "A!", 1).replacen('a', "a!", 1),
                1,
                "",
            ),
            "blob of 47 bytes" => arguments(&BASE64.encode(&blob[..47]), 1, ""),
            "API minor of 311" => {
                let mut arguments = arguments(&BASE64.encode(&blob), 1, "");
                let at = arguments.iter().position(|argument| argument == "55");
                arguments[at.expect("the API minor number")] = "311".into();
                arguments
            }
            "debugging allowed" => arguments(&reported(&digest, 0), 0, ""),
            "reserved policy bits" => arguments(&reported(&digest, 0x41), 0x41, ""),
            other => panic!("no case {other}"),
        };
        let found = both(&tool, &guest, &arguments);
        assert_eq!(found, (Some(ours), Some(theirs)), "{what}: {reason}");
    }
}

// Secrets.

#[test]
fn its_packets_open_with_ours() {
    let Some(tool) = Validate::find() else { return };
    let guest = Guest::new().with_keys();
    let blob = reported(&guest.sev(None), 1);
    // It adds a whole block of zeros where a table ends at one: 20 + 20 + 24 bytes do.
    for (size, payload) in [(13, 64), (24, 80), (25, 80), (1, 48), (3000, 3056)] {
        let secret = pattern(size, 5, 1);
        guest.file("secret", &secret);
        let flags = "--secret-header h --secret-payload p --inject-secret luks-key:secret";
        let (code, stderr) = tool.run(&guest, &arguments(&blob, 1, flags));
        assert_eq!(code, Some(0), "{stderr}");
        let bytes = BASE64.decode(guest.folder.read("p")).expect("base64");
        assert_eq!(bytes.len(), payload, "{size}");
        let outcome = guest
            .run("secret show h p --tek tek.bin --tik tik.bin --reveal")
            .with(["--measurement", &blob])
            .go();
        let line = format!("{LUKS}  {size} bytes  LUKS passphrase  {}", BASE64.encode(&secret));
        assert_eq!(outcome.line(), line);
    }
}

/// Opens a packet in Python, after AMD 55766 (LAUNCH_SECRET), and prints the plaintext in hex.
const OPEN: &str = "
import base64, hmac, sys
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
header, payload = (base64.b64decode(open(name).read(), validate=True) for name in ('h', 'p'))
tek, tik = (open(name, 'rb').read() for name in ('tek.bin', 'tik.bin'))
measure = base64.b64decode(sys.argv[1])[:32]
size = len(payload).to_bytes(4, 'little')
mac = hmac.new(tik, b'\\x01' + header[:20] + size + size + payload + measure, 'sha256').digest()
assert len(header) == 52 and mac == header[20:], 'MAC'
print((Cipher(algorithms.AES(tek), modes.CTR(header[4:20])).decryptor().update(payload)).hex())
";

/// libvirt's own table of the same secret, in hex.
const TABLE: &str = "
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader('validate', sys.argv[1])
module = importlib.util.module_from_spec(importlib.util.spec_from_loader('validate', loader))
sys.dont_write_bytecode = True
loader.exec_module(module)
table = module.SecretsTable()
table.load_secret('luks-key', 'secret')
print(table.build().hex())
";

/// What a script prints in the guest's folder, as bytes in hex.
fn python(guest: &Guest, script: &str, argument: &str) -> Vec<u8> {
    let mut command = Command::new(PYTHON);
    command.args(["-B", "-c", script, argument]).current_dir(guest.folder.path());
    let Output { status, stdout, stderr } = command.output().expect("Python starts");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    hex::decode(String::from_utf8(stdout).expect("text").trim()).expect("hex")
}

#[test]
fn our_packets_open_in_python_to_the_table_that_it_would_write() {
    let Some(tool) = Validate::find() else { return };
    let guest = Guest::new().with_keys();
    let blob = reported(&guest.sev(None), 1);
    for size in [1, 13, 23, 24, 25, 3032] {
        let secret = pattern(size, 5, 1);
        guest.file("secret", &secret);
        let flags = "--secret-header h --secret-payload p --inject-secret luks-key:secret";
        let outcome: Outcome = guest.run("verify").with(arguments(&blob, 1, flags)).go();
        outcome.answer();
        let found = python(&guest, OPEN, &blob);
        assert!(found == table(&[(LUKS, &secret)]), "{size}");
        let mut theirs = python(&guest, TABLE, tool.0.to_str().expect("the path is text"));
        theirs.truncate(found.len());
        assert!(found == theirs, "{size}");
        let [header, payload] =
            ["h", "p"].map(|name| BASE64.decode(guest.folder.read(name)).expect("base64"));
        let bytes = BASE64.decode(&blob).expect("base64");
        assert_eq!(open_packet(TEK, &TIK, &bytes, &header, &payload), Some(found));
        for name in ["h", "p"] {
            std::fs::remove_file(guest.folder.join(name)).expect("the file was written");
        }
    }
}
