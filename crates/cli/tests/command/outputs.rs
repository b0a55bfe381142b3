//! Files that are written: all or none, whatever happens; never over what the command has read; and redirected descriptors.

use std::ffi::OsString;
use std::fs;
use std::io::{Write as _, pipe};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_testkit::firmware::FirmwareBuilder;

use super::guest::Guest;
use super::harness::Folder;
use super::platform::{VERSION, claims, reported};

const DIGEST: &str = "abfac8ef0c3d0f156fe711c2ef8653b8b26d43cd92dbae46a1730e70b3ca135b5bd721c29a5972aee7ef15fc83acea0e";
/// A session for a lab's machine.
const SESSION: &str = "session export 5 --ca ca --root ark";
/// The bytes that a pipe holds before writing to it waits. [pipe(7)]
const PIPE: usize = 65_536;

/// A machine's certificates, and files for one command of every kind.
fn files() -> Guest {
    let (guest, platform) =
        (Guest::new().with_keys(), Platform::new(RsaSize::Bits2048, "a machine"));
    guest.file("export", platform.export());
    guest.file("ca", platform.ca());
    guest.file("ark", &platform.ark);
    guest.file("secret", "correct horse");
    // ECPrivateKey (RFC 5915) with the curve's name and without the public half, by hand.
    let curve = [0xa0, 7, 6, 5, 0x2b, 0x81, 4, 0, 0x22];
    guest.file("id.pem", [&[0x30, 62, 2, 1, 1, 4, 48][..], &[7; 48], &curve].concat());
    guest
}

fn id_block(flags: &str) -> String {
    format!("id-block build --digest {DIGEST} --policy 0x30000 {flags}")
}

/// Runs a line of shell in a folder; `$S` is the command.
fn shell(folder: &Folder, line: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("S", env!("CARGO_BIN_EXE_sev-launch"));
    shell.current_dir(folder.path()).stdin(Stdio::null()).output().expect("a shell runs")
}

#[track_caller]
fn refused(output: &Output, text: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(text), "{text:?} is not in {said}");
}

/// Every file of a folder, with what it holds; of links, where they lead.
fn contents(folder: &Folder) -> Vec<(OsString, Vec<u8>)> {
    let read = |name: OsString| {
        let bytes = fs::read(folder.path().join(&name)).unwrap_or_default();
        (name, bytes)
    };
    folder.names().into_iter().map(read).collect()
}

// All or none.

/// Commands that print an answer and write more than one file, or a key.
fn writers(guest: &Guest) -> [String; 5] {
    let claims = claims(&reported(&guest.sev(None), 1), 1);
    [
        SESSION.into(),
        id_block("--id-key id.pem -o block auth"),
        format!("secret build h p -s luks-key:secret --firmware OVMF.fd --tek tek.bin {claims}"),
        "certs split export --out made/deep".into(),
        "digest --mode seves --firmware OVMF.fd --vcpus 2 --vcpu-type EPYC-Milan --dump-vmsa"
            .into(),
    ]
}

#[test]
fn attack_an_answer_that_cannot_be_printed_leaves_no_file() {
    let guest = files();
    let before = contents(&guest.folder);
    for writer in writers(&guest) {
        refused(&shell(&guest.folder, &format!("$S {writer} > /dev/full")), "No space left");
        assert_eq!(contents(&guest.folder), before, "{writer}");
        // Into a pipe whose reader has gone.
        shell(&guest.folder, &format!("{{ $S {writer}; echo $? > code; }} | true"));
        let code = fs::read_to_string(guest.folder.join("code")).expect("it has ended");
        fs::remove_file(guest.folder.join("code")).expect("it is there");
        // The reader may have gone too late.
        if code.trim() == "2" {
            assert_eq!(contents(&guest.folder), before, "{writer}");
        }
        // With a reader all of them are written.
        let outcome =
            shell(&guest.folder, &format!("rm -rf vm_* block auth h p made vmsa*; $S {writer}"));
        assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
        assert!(contents(&guest.folder).len() > before.len(), "{writer}");
        shell(&guest.folder, "rm -rf vm_* block auth h p made vmsa*");
        assert_eq!(contents(&guest.folder), before, "{writer}");
    }
}

// Before `main` a closed descriptor is opened as /dev/null, so that it cannot be told from one that was meant.
#[test]
fn a_closed_standard_output_is_dev_null() {
    let guest = files();
    let before = guest.folder.names().len();
    for closed in [">&-", "> /dev/null"] {
        let outcome = shell(&guest.folder, &format!("$S {SESSION} {closed}"));
        assert!(outcome.status.success());
        assert_eq!(guest.folder.names().len(), before + 4);
        shell(&guest.folder, "rm vm_*");
    }
}

#[test]
fn a_second_file_that_cannot_be_written_leaves_no_first_one() {
    let guest = files();
    fs::create_dir(guest.folder.join("folder")).expect("a folder can be made");
    let before = contents(&guest.folder);
    let sign = |outputs: &str| format!("$S {}", id_block(&format!("--id-key id.pem -o {outputs}")));
    for (line, text) in [
        (sign("block absent/auth"), "absent/auth: cannot be written"),
        (sign("block folder"), "folder: cannot be written: it is a directory, wanted a file"),
        (sign("block folder/"), "folder/: cannot be written: it is a directory, wanted a file"),
        (sign("block OVMF.fd/auth"), "OVMF.fd/auth: cannot be written"),
        (sign("- auth"), "give the path of a file in place of -"),
        // Room for the 96 bytes of the block, and not for the 4096 of the other.
        (format!("trap '' XFSZ; ulimit -f 1; {}", sign("block auth")), "auth: cannot be written"),
    ] {
        refused(&shell(&guest.folder, &line), text);
        assert_eq!(contents(&guest.folder), before, "{line}");
    }
    // The same limit as the system has it by default: a signal.
    let outcome = shell(&guest.folder, &format!("ulimit -f 1; {}", sign("block auth")));
    assert!(!outcome.status.success());
    assert_eq!(contents(&guest.folder), before);
}

// Signals.

fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args(["-s", signal]).arg(process.to_string()).status();
    assert!(sent.expect("kill runs").success());
}

/// The command, with every signal as a terminal starts it: whoever runs the tests may ignore some (nohup, a job in the background), and what
/// is ignored stays so.
fn command(folder: &Path, words: &str) -> Command {
    let mut command = Command::new("env");
    command.args(["--default-signal", env!("CARGO_BIN_EXE_sev-launch")]);
    command.args(words.split_ascii_whitespace()).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn attack_a_signal_while_the_answer_waits_leaves_no_file() {
    let guest = files();
    let before = contents(&guest.folder);
    for (name, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        for writer in writers(&guest) {
            // Standard output is a pipe that is full.
            let (_reader, mut full) = pipe().expect("a pipe");
            full.write_all(&[b'x'; PIPE]).expect("a pipe holds that much");
            let mut child = command(guest.folder.path(), &writer)
                .stdout(full)
                .spawn()
                .expect("the command starts");
            let started = Instant::now();
            while guest.folder.names().len() == before.len() {
                assert!(started.elapsed() < Duration::from_secs(60), "nothing is staged: {writer}");
                sleep(Duration::from_millis(1));
            }
            send(name, child.id());
            let status = child.wait().expect("the command ends");
            assert_eq!(status.signal(), Some(number), "{writer}");
            assert_eq!(contents(&guest.folder), before, "{writer}");
        }
    }
}

#[test]
fn attack_no_signal_that_ends_the_command_leaves_a_file() {
    let guest = files();
    let before = contents(&guest.folder);
    // By signal(7): first those whose end the parent sees, then those that it sees as an exit code.
    let seen = ["ALRM", "VTALRM", "PROF", "USR1", "USR2", "XCPU", "XFSZ", "QUIT", "ABRT", "TRAP"];
    let told = [("IO", 29), ("PWR", 30), ("STKFLT", 16), ("RTMIN", 34), ("RTMAX", 64)];
    let all = seen.map(|name| (name, None)).into_iter();
    for (name, number) in all.chain(told.map(|(name, number)| (name, Some(number)))) {
        let (_reader, mut full) = pipe().expect("a pipe");
        full.write_all(&[b'x'; PIPE]).expect("a pipe holds that much");
        let mut child =
            command(guest.folder.path(), SESSION).stdout(full).spawn().expect("the command starts");
        let started = Instant::now();
        while guest.folder.names().len() == before.len() {
            assert!(started.elapsed() < Duration::from_secs(60), "nothing is staged: {name}");
            sleep(Duration::from_millis(1));
        }
        // Not every `kill` knows the names of the others.
        let sent = number.map_or(name.into(), |number: i32| number.to_string());
        send(&sent, child.id());
        let status = child.wait().expect("the command ends");
        match number {
            Some(number) => assert_eq!(status.code(), Some(128 + number), "{name}"),
            None => assert!(status.signal().is_some(), "{name}"),
        }
        assert_eq!(contents(&guest.folder), before, "{name}");
    }
}

#[test]
fn attack_a_signal_at_any_moment_leaves_all_files_or_none() {
    const TRIES: u32 = 60;
    let guest = files();
    let before = contents(&guest.folder);
    let run = || command(guest.folder.path(), SESSION).spawn().expect("the command starts");
    let ended = |status: ExitStatus| match (status.code(), status.signal()) {
        // Past the point of no return.
        (Some(0), None) => {
            assert_eq!(guest.folder.names().len(), before.len() + 4);
            shell(&guest.folder, "rm vm_*");
        }
        (None, Some(_)) => {}
        other => panic!("{other:?}"),
    };
    let started = Instant::now();
    ended(run().wait().expect("the command ends"));
    let whole = started.elapsed();
    for (attempt, signal) in (0..TRIES).zip(["TERM", "INT", "HUP"].into_iter().cycle()) {
        let mut child = run();
        sleep(whole * attempt / TRIES);
        send(signal, child.id());
        ended(child.wait().expect("the command ends"));
        assert_eq!(contents(&guest.folder), before, "attempt {attempt}");
    }
}

#[test]
fn a_signal_that_is_ignored_stays_so() {
    let guest = files();
    let before = guest.folder.names().len();
    let line = format!(
        "mkfifo pipe; trap '' HUP; $S {SESSION} > pipe & exec 3< pipe; \
         while ! ls -A | grep -q tmp && ! test -e vm_tik.bin; do :; done; kill -s HUP $!; cat <&3; wait $!"
    );
    let outcome = shell(&guest.folder, &line);
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    assert_eq!(guest.folder.names().len(), before + 5);
}

// Never over what was read, nor twice.

#[test]
fn attack_an_id_block_is_never_written_over_its_key() {
    let guest = files();
    shell(&guest.folder, "ln -s id.pem link; ln id.pem hard; mkdir folder");
    let before = contents(&guest.folder);
    let text = "is read by the same command";
    for outputs in ["id.pem auth", "auth id.pem", "link auth", "hard auth", "folder/../id.pem auth"]
    {
        let line = format!("$S {}", id_block(&format!("--id-key id.pem -o {outputs}")));
        refused(&shell(&guest.folder, &line), text);
        assert_eq!(contents(&guest.folder), before, "{outputs}");
    }
    let line = format!("$S {} < id.pem", id_block("--id-key /dev/stdin -o id.pem auth"));
    refused(&shell(&guest.folder, &line), text);
    let line = format!("$S {}", id_block("--id-key id.pem --to-be-signed id.pem"));
    refused(&shell(&guest.folder, &line), text);
    assert_eq!(contents(&guest.folder), before);
}

#[test]
fn attack_two_outputs_are_never_one_file() {
    let guest = files();
    shell(
        &guest.folder,
        "echo x > old; ln -s old link; ln old hard; ln -s absent dangling; echo y > log",
    );
    let before = contents(&guest.folder);
    for outputs in [
        "new new",
        "new ./new",
        "old link",
        "old hard",
        "absent dangling",
        "/dev/stdout /dev/fd/1 >> log",
        "/dev/stdout log >> log",
    ] {
        let line = format!("$S {}", id_block(&format!("--id-key id.pem -o {outputs}")));
        let outcome = shell(&guest.folder, &line);
        assert_eq!(outcome.status.code(), Some(2), "{outputs}");
        assert_eq!(contents(&guest.folder), before, "{outputs}");
    }
    // What takes anything may be given twice.
    let line = format!("$S {}", id_block("--id-key id.pem -o /dev/null /dev/null"));
    assert!(shell(&guest.folder, &line).status.success());
}

#[test]
fn attack_no_output_replaces_an_input() {
    let guest = files();
    guest.file("launch.toml", "technology = \"sev\"\nfirmware.path = \"OVMF.fd\"\n");
    let words = "qemu-system-x86_64 -machine q35,confidential-guest-support=s -bios OVMF.fd \
                 -object sev-guest,id=s,cbitpos=47,reduced-phys-bits=1,policy=1";
    guest.file("guest.sh", words);
    assert!(shell(&guest.folder, "$S manifest build -d launch.toml -o m.json").status.success());
    let before = contents(&guest.folder);
    let text = "is read by the same command";
    for line in [
        "firmware absorb OVMF.fd -o OVMF.fd",
        "manifest publish m.json --to in-toto -o m.json",
        "manifest publish m.json --to in-toto -o /dev/stdout >> m.json",
        "manifest publish m.json --to in-toto >> m.json",
        "import qemu guest.sh -o guest.sh",
        "import qemu - -o guest.sh < guest.sh",
        "certs join export --layout export -o export",
        "vmsa build OVMF.fd --profile es-legacy --vcpu-type EPYC-Milan --cpu 1 --firmware OVMF.fd",
    ] {
        refused(&shell(&guest.folder, &format!("$S {line}")), text);
        assert_eq!(contents(&guest.folder), before, "{line}");
    }
    // This one is meant: rows that cannot be computed again are kept.
    assert!(shell(&guest.folder, "$S manifest build -d launch.toml -o m.json").status.success());
    assert_eq!(contents(&guest.folder), before);
}

/// A manifest of a SEV guest, and the flags that add what a host reported of it.
fn measured() -> (Guest, String) {
    let guest = files();
    guest.file("launch.toml", "technology = \"sev\"\nfirmware.path = \"OVMF.fd\"\n");
    assert!(shell(&guest.folder, "$S manifest build -d launch.toml -o m.json").status.success());
    let (blob, [major, minor, build]) = (reported(&guest.sev(None), 1), VERSION);
    // As `virsh domlaunchsecinfo` prints it.
    let info = format!(
        "sev-measurement: {blob}\nsev-api-major  : {major}\nsev-api-minor  : {minor}\nsev-build-id   : {build}\nsev-policy     : 1\n"
    );
    guest.file("info", info);
    (guest, "--policy 0x1 --from-measurement info --tik tik.bin".into())
}

#[test]
fn attack_a_manifest_alone_is_replaced_by_its_new_version() {
    let guest = files();
    let snp = sev_launch_testkit::testdata_folder().join("snp");
    for name in ["report.bin", "vcek.der", "ask.der", "ark.der"] {
        guest.file(name, fs::read(snp.join(name)).expect("it is there"));
    }
    guest.file(
        "launch.toml",
        "technology = \"snp\"\nvcpus = 1\ncpu = \"EPYC-Milan\"\nfirmware.path = \"OVMF.fd\"\n",
    );
    assert!(shell(&guest.folder, "$S manifest build -d launch.toml -o m.json").status.success());
    let before = contents(&guest.folder);
    let add = "manifest add m.json --allow-contradiction --from-report report.bin --vek vcek.der --chain ask.der --root ark.der";
    for line in [
        format!("{add} -o report.bin"),
        format!("{add} -o vcek.der"),
        format!("{add} -o ./ark.der"),
        format!("{add} -o - >> report.bin"),
        format!("{add} -o - >> vcek.der"),
        format!("{add} -o - >> m.json"),
        "manifest build -d launch.toml >> launch.toml".into(),
        "manifest build -d launch.toml >> OVMF.fd".into(),
        "manifest check m.json >> m.json".into(),
        "manifest check m.json --json >> OVMF.fd".into(),
        "manifest show m.json >> m.json".into(),
        "digest -d launch.toml >> launch.toml".into(),
        "digest -d launch.toml --json >> OVMF.fd".into(),
    ] {
        refused(&shell(&guest.folder, &format!("$S {line}")), "is read by the same command");
        assert_eq!(contents(&guest.folder), before, "{line}");
    }
    // The manifest itself, by whatever name, and a file that was not read.
    assert!(shell(&guest.folder, &format!("$S {add} -o new.json")).status.success());
    assert!(shell(&guest.folder, &format!("$S {add} -o ./m.json")).status.success());
    assert_eq!(guest.folder.read("m.json"), guest.folder.read("new.json"));
}

#[test]
fn attack_a_key_is_never_replaced_by_a_manifest() {
    let (guest, info) = measured();
    let before = contents(&guest.folder);
    let line = format!("manifest add m.json {info}");
    let text = "is read by the same command";
    for output in ["-o tik.bin", "-o ./tik.bin", "-o info", "-o - >> tik.bin", "-o - >> info"] {
        refused(&shell(&guest.folder, &format!("$S {line} {output}")), text);
        assert_eq!(contents(&guest.folder), before, "{output}");
    }
    assert!(shell(&guest.folder, &format!("$S {line}")).status.success());
    assert_ne!(contents(&guest.folder), before);
}

#[test]
fn attack_nothing_is_written_back_into_a_pipe_that_was_read() {
    let (guest, add) = measured();
    guest.folder.fifo("pipe");
    let before = guest.folder.names().len();
    for line in [
        format!("cat m.json | $S manifest add /dev/stdin {add}"),
        format!("cat m.json > pipe & $S manifest add pipe {add}"),
    ] {
        refused(&shell(&guest.folder, &line), "pipe");
    }
    assert_eq!(guest.folder.names().len(), before);
}

#[test]
fn a_digest_that_cannot_be_printed_says_where_to() {
    let folder = Folder::new();
    folder.file("OVMF.fd", FirmwareBuilder::amd_sev().build());
    for form in ["hex", "base64", "csv", "jsonl", "json", "table"] {
        let line = format!("$S digest --mode sev --firmware OVMF.fd --format {form}");
        refused(
            &shell(&folder, &format!("{line} > /dev/full")),
            "standard output: cannot be written",
        );
        assert!(shell(&folder, &line).status.success());
    }
}

#[test]
fn help_that_cannot_be_printed_is_no_success() {
    let folder = Folder::new();
    for line in ["--help", "--version", "digest --help", "help digest"] {
        refused(&shell(&folder, &format!("$S {line} > /dev/full")), "cannot be written");
        assert!(shell(&folder, &format!("$S {line}")).status.success());
    }
}

#[test]
fn standard_output_s_own_file_is_not_replaced() {
    let guest = files();
    let line = format!("$S {} > block", id_block("--id-key id.pem -o block auth"));
    refused(&shell(&guest.folder, &line), "standard output goes to this file");
    assert!(!guest.folder.join("auth").exists());
}

// Redirected descriptors.

#[test]
fn attack_a_redirected_log_is_continued_and_not_replaced() {
    let guest = files();
    guest.file("launch.toml", "technology = \"sev\"\nfirmware.path = \"OVMF.fd\"\n");
    assert!(shell(&guest.folder, "$S manifest build -d launch.toml -o m.json").status.success());
    let publish = "$S manifest publish m.json --to in-toto";
    let published = shell(&guest.folder, publish).stdout;
    assert!(published.len() > 100);
    let before = guest.folder.names().len();
    for redirected in [
        "-o - >> log",
        "-o /dev/stdout >> log",
        "-o /dev/fd/1 >> log",
        "-o /proc/self/fd/1 >> log",
        "-o /dev/stderr 2>> log",
        "-o /dev/fd/3 3>> log",
    ] {
        guest.file("log", "before\n");
        let line = format!("{{ {publish} {redirected}; }} && echo after >> log");
        assert!(shell(&guest.folder, &line).status.success(), "{redirected}");
        let wanted = [b"before\n", &*published, b"after\n"].concat();
        assert_eq!(guest.folder.read("log"), wanted, "{redirected}");
        assert_eq!(guest.folder.names().len(), before + 1, "{redirected}");
    }
    // Without >> the shell has emptied the file, and goes on after what was written.
    let line = format!("{{ {publish} -o /dev/stdout; echo after; }} > log");
    assert!(shell(&guest.folder, &line).status.success());
    assert_eq!(guest.folder.read("log"), [&*published, b"after\n"].concat());
    // A descriptor's own place in its file is known to standard output and error alone.
    guest.file("log", "before\n");
    let outcome = shell(&guest.folder, &format!("{publish} -o /dev/fd/3 3<> log"));
    refused(&outcome, "not opened for appending");
    assert_eq!(guest.folder.read("log"), b"before\n");
    // A pipe has no place.
    let piped =
        shell(&guest.folder, &format!("{{ {publish} -o /dev/fd/3 3>&1 >/dev/null; }} | cat"));
    assert_eq!(piped.stdout, published);
}
