//! Files that others name, or change: what a manifest or a description of a stranger can make the command read, print or wait for.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sev_launch_testkit::firmware::{AMD_SEV_SECTIONS, SEC_MEM, Section};
use sev_launch_testkit::testdata_folder;

use super::guest::{CMDLINE, Guest, image};
use super::harness::{Folder, Outcome, Run, feed};

const LAUNCH: &str = r#"
technology = "snp"
vcpus = 2
cpu = "EPYC-Milan"
[firmware]
path = "OVMF.fd"
[boot]
kernel = "vmlinuz"
initrd = "initrd.img"
cmdline = "console=ttyS0 root=/dev/vda1 quiet"
"#;

/// A digest of nothing.
const ZERO: &str = "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000";

/// A guest with `launch.toml`, and `manifest.json` built of it.
fn built() -> Guest {
    let guest = Guest::new();
    guest.file("launch.toml", LAUNCH);
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    guest
}

/// Writes the guest's manifest again with another value in its description's table `boot`.
fn described(guest: &Guest, key: &str, value: impl Into<Value>) {
    let mut manifest: Value =
        serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON");
    let boot = manifest["description"]["boot"].as_object_mut().expect("a table");
    if key.starts_with("cmdline") {
        boot.remove("cmdline");
    }
    boot.insert(key.into(), value.into());
    guest.file("manifest.json", manifest.to_string());
}

/// The same in `launch.toml`.
fn toml(guest: &Guest, key: &str, path: &str) {
    let text = match key {
        "cmdline_file" => LAUNCH.replace(&format!("cmdline = \"{CMDLINE}\""), ""),
        _ => LAUNCH.replace("kernel = \"vmlinuz\"", ""),
    };
    guest.file("launch.toml", format!("{text}\n{key} = {path:?}\n"));
}

#[track_caller]
fn refused_outside(outcome: &Outcome) {
    outcome.refused_with(&[
        "names it as boot.",
        "outside of that file's folder",
        "--allow-outside",
    ]);
}

#[test]
fn attack_no_text_of_a_file_outside_its_folder_is_printed() {
    let guest = built();
    let outside = Folder::new();
    let secret = outside.file("secret", "correct horse battery staple");
    symlink(&secret, guest.folder.join("link")).expect("a link");
    let up = format!("../{}/secret", outside.path().file_name().expect("a name").to_string_lossy());
    for path in ["/etc/passwd", secret.to_str().expect("text"), &up, "link", "/nowhere/at/all"] {
        described(&guest, "cmdline_file", path);
        for form in ["text", "json", "junit", "annotations"] {
            refused_outside(
                &guest.run(&format!("manifest check manifest.json --format {form}")).go(),
            );
        }
        toml(&guest, "cmdline_file", path);
        for command in [
            "digest -d launch.toml --json",
            "manifest build -d launch.toml",
            &format!("explain -d launch.toml --reported {ZERO} --axes launch.toml"),
        ] {
            let outcome = guest.run(command).go();
            assert_eq!(outcome.code, Some(2), "{command}: {}", outcome.stdout);
            assert!(!outcome.stdout.contains("horse") && !outcome.stderr.contains("horse"));
            assert!(!outcome.stdout.contains("root:") && !outcome.stderr.contains("root:"));
        }
        refused_outside(&guest.run("digest -d launch.toml --json").go());
    }
    // Where it is meant, the command line says so: by the folder, or by the file.
    described(&guest, "cmdline_file", up.as_str());
    let allow = ["--allow-outside".as_ref(), outside.path().as_os_str()];
    let outcome = guest.run("manifest check manifest.json").with(allow).go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let named = guest.run("manifest check manifest.json --cmdline-file").with([&secret]).go();
    assert_eq!(named.code, Some(1), "{}", named.stderr);
}

#[test]
fn attack_no_text_of_a_file_that_a_manifest_names_is_printed() {
    let guest = built();
    fs::create_dir(guest.folder.join(".git")).expect("a folder");
    // 28 bytes.
    guest.file(".git/config", "correct horse battery staple");
    described(&guest, "cmdline_file", ".git/config");
    let forms = ["text", "json", "junit", "annotations"];
    for form in forms {
        let outcome = guest.run(&format!("manifest check manifest.json --format {form}")).go();
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        assert!(!outcome.stdout.contains("horse"), "{form}: {}", outcome.stdout);
        assert!(!outcome.stderr.contains("horse"), "{form}: {}", outcome.stderr);
    }
    // Its hash and its size are told: SHA-256 with one NUL more, by sha256sum.
    let outcome = guest.run("manifest check manifest.json --json").go();
    let hash = "455816a8a973a8f4b1d09013bb8bf6048eb9b0e7e89ca886b7e9609c47b34924";
    assert!(outcome.stdout.contains(hash), "{}", outcome.stdout);
    assert!(guest.run("manifest check manifest.json").go().stdout.contains("28 bytes"));
    // So is what somebody else's description names.
    toml(&guest, "cmdline_file", ".git/config");
    for flags in ["--json", "--format jsonl", "--format csv", "--format table"] {
        let outcome = guest.run(&format!("digest -d launch.toml --confine {flags}")).go();
        assert!(!outcome.answer().contains("horse"), "{}", outcome.stdout);
    }
    // The user's own is shown, and what a flag names.
    let shown = guest.run("digest -d launch.toml --json").go();
    assert!(shown.answer().contains("correct horse"), "{}", shown.stdout);
    let named = guest.run("manifest check manifest.json --json --cmdline-file .git/config").go();
    assert!(named.stdout.contains("correct horse"), "{}", named.stdout);
}

#[test]
fn a_manifest_of_a_command_line_s_file_is_still_the_same() {
    let guest = built();
    guest.file("cmdline", CMDLINE);
    toml(&guest, "cmdline_file", "cmdline");
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    // It holds the text, which whoever built it knows; checked, it is the same.
    assert!(String::from_utf8_lossy(&guest.folder.read("manifest.json")).contains(CMDLINE));
    guest.run("manifest check manifest.json").go().answer();
}

#[test]
fn attack_no_error_quotes_a_file_that_another_names() {
    let guest = Guest::new();
    guest.file("secret.json", "{\"absorbed_firmware\":\n \"correct horse\"}");
    guest.file("launch.toml", "technology = \"sev\"\nfirmware.absorbed = \"secret.json\"\n");
    let outcome = guest.run("digest -d launch.toml").go();
    outcome.refused_with(&["secret.json: not an absorbed firmware", "line 2"]);
    assert!(!outcome.stderr.contains("horse"), "{}", outcome.stderr);
    // Whoever names it on the command line reads it.
    guest
        .run("digest --mode sev --firmware-absorbed secret.json")
        .go()
        .refused_with(&["correct horse"]);
}

#[test]
fn attack_more_rows_than_a_manifest_holds_are_refused_before_they_are_computed() {
    let guest = built();
    let lines: Vec<String> = (0..1950).map(|number| format!("{number}")).collect();
    described(&guest, "cmdline", json!(lines));
    let started = Instant::now();
    let outcome = guest.run("manifest check manifest.json --vcpus 1..=512").go();
    // 1950 times 512, and the most that a manifest has: 2^18.
    outcome.refused_with(&["998400 launches", "262144"]);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn attack_where_no_thread_can_be_made_the_answer_is_the_same() {
    let guest = Guest::new();
    guest.folder.sparse("huge", 1 << 20);
    fs::set_permissions(guest.folder.path(), fs::Permissions::from_mode(0o755)).expect("readable");
    let limited = |words: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=64242", "--regid=64242", "--clear-groups", "prlimit", "--nproc=1"]);
        command.arg(env!("CARGO_BIN_EXE_sev-launch")).args(words.split_ascii_whitespace());
        command.current_dir(guest.folder.path()).stdin(Stdio::null()).output()
    };
    // Another user can be made only by root, and must be let in to the command's own folder.
    if !limited("--version").is_ok_and(|output| output.status.success()) {
        return;
    }
    let digest = "digest --mode sev --firmware OVMF.fd --kernel huge --initrd initrd.img";
    let explain = format!(
        "explain --mode snp --firmware OVMF.fd --vcpus 2 --cpu EPYC-Milan --reported {ZERO}"
    );
    let sweep =
        "digest --mode seves --firmware OVMF.fd --vcpus 1..=4 --vcpu-type EPYC-Milan,EPYC-Rome";
    for words in [digest, sweep, &explain] {
        let (usual, found) = (guest.run(words).go(), limited(words).expect("it runs"));
        let said = String::from_utf8_lossy(&found.stderr);
        assert!(!said.contains("panicked"), "{words}: {said}");
        assert_eq!(found.status.code(), usual.code, "{words}: {said}");
        if words != explain {
            assert_eq!(String::from_utf8_lossy(&found.stdout), usual.answer(), "{words}");
        }
    }
}

#[test]
fn attack_a_manifest_reads_nothing_outside_its_folder() {
    let guest = built();
    let outside = Folder::new();
    let other = outside.file("vmlinuz", &guest.kernel);
    symlink(&other, guest.folder.join("link")).expect("a link");
    fs::create_dir(guest.folder.join("inside")).expect("a folder");
    symlink(guest.folder.join("vmlinuz"), guest.folder.join("inside/link")).expect("a link");
    for path in [other.to_str().expect("text"), "link", "/etc/shadow", "../vmlinuz"] {
        described(&guest, "kernel", path);
        refused_outside(&guest.run("manifest check manifest.json").go());
    }
    // What lies below is the manifest's own, and so is a link that stays there.
    for path in ["vmlinuz", "inside/../vmlinuz", "inside/link"] {
        described(&guest, "kernel", path);
        let outcome = guest.run("manifest check manifest.json").go();
        assert_ne!(outcome.code, Some(2), "{path}: {}", outcome.stderr);
    }
    // A description that the user names speaks for the user, unless it is said to be somebody else's.
    toml(&guest, "kernel", other.to_str().expect("text"));
    guest.run("digest -d launch.toml").go().answer();
    refused_outside(&guest.run("digest -d launch.toml --confine").go());
    let allow = ["--allow-outside".as_ref(), outside.path().as_os_str()];
    guest.run("digest -d launch.toml --confine").with(allow).go().answer();
    guest.run("digest -d launch.toml --confine --kernel vmlinuz").go().answer();
}

#[test]
fn attack_what_a_file_names_must_end() {
    let guest = built();
    guest.folder.fifo("pipe");
    symlink("/dev/zero", guest.folder.join("link")).expect("a link");
    for path in ["/dev/zero", "pipe", "link", "/dev/stdin"] {
        for key in ["kernel", "initrd"] {
            described(&guest, key, path);
            guest.run("manifest check manifest.json").go().refused_with(&["names it as boot."]);
            let allowed = guest.run("manifest check manifest.json --allow-outside /").go();
            allowed.refused_with(&["wanted a regular file"]);
        }
        toml(&guest, "kernel", path);
        guest
            .run("digest -d launch.toml")
            .go()
            .refused_with(&["wanted a regular file", "--kernel FILE"]);
        guest.run(&format!("explain -d launch.toml --reported {ZERO}")).go().refusal();
    }
    toml(&guest, "kernel", "/proc/self/environ");
    guest.run("digest -d launch.toml").go().refused_with(&["no file of a disk", "--kernel FILE"]);
    described(&guest, "kernel", "-");
    guest.run("manifest check manifest.json").stdin("x").go().refused_with(&["standard input"]);
    // A flag may name a pipe, since whoever typed it feeds it.
    let feeder = feed(&guest.folder.join("pipe"), guest.kernel.clone());
    guest.run("digest -d launch.toml --kernel pipe").go().answer();
    feeder.join().expect("the pipe was read");
}

/// 64 KiB that ask for 3.5 GiB.
fn greedy(guest: &Guest) {
    let mut sections = AMD_SEV_SECTIONS.to_vec();
    sections.push(Section::new(0x0100_0000, 0xe000_0000, SEC_MEM));
    guest.file("OVMF.fd", image().sections(sections).build());
}

#[test]
fn attack_a_small_firmware_cannot_ask_for_hours() {
    let guest = built();
    greedy(&guest);
    let lines: Vec<String> = (0..100_000).map(|number| format!("{number:05}")).collect();
    described(&guest, "cmdline", json!(lines));
    assert!(guest.folder.read("manifest.json").len() < 1_000_000);
    let started = Instant::now();
    let outcome = guest.run("manifest check manifest.json").go();
    // 917504 pages of 3.5 GiB, the 31 of the other sections, 2 vCPUs: for each command line.
    outcome.refused_with(&["91753700000 pages to hash", "134217728", "--work-limit"]);
    assert!(started.elapsed() < Duration::from_secs(20));
    let more = guest.run("manifest check manifest.json --work-limit 2").go();
    more.refused_with(&["more than the 268435456"]);
    // One such launch is slow, and no more.
    guest.run("digest -d launch.toml").go().answer();
}

#[test]
fn attack_files_cannot_be_without_end() {
    let guest = built();
    guest.folder.sparse("huge", 33 << 30);
    described(&guest, "initrd", json!(["huge", "huge"]));
    guest
        .run("manifest check manifest.json")
        .go()
        .refused_with(&["bytes of files to read", "68719476736"]);
}

#[test]
fn attack_a_manifest_cannot_fill_the_memory() {
    let guest = built();
    guest.folder.sparse("large.json", (128 << 20) + 1);
    guest.run("manifest show large.json").go().refused_with(&["more than 134217728 bytes"]);
    let mut manifest: Value =
        serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON");
    manifest["description"]["boot"]["cmdline"] = json!(vec![0; 1 << 18]);
    guest.file("values.json", manifest.to_string());
    guest.run("manifest show values.json").go().refused_with(&["more than 262144 values"]);
}

#[test]
fn attack_one_pipe_is_not_two_inputs() {
    let guest = Guest::new();
    let digest = |kernel: &str, initrd: &str| {
        guest.digest(&format!("--mode sev --cmdline x --kernel {kernel} --initrd {initrd}"))
    };
    let names = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
    for kernel in names {
        for initrd in names {
            let outcome = digest(kernel, initrd).stdin(guest.kernel.clone()).go();
            outcome.refused_with(&["gives its bytes only once"]);
        }
    }
    guest.folder.fifo("pipe");
    symlink("pipe", guest.folder.join("link")).expect("a link");
    let feeder = feed(&guest.folder.join("pipe"), guest.kernel.clone());
    digest("pipe", "link").go().refused_with(&["gives its bytes only once"]);
    drop(feeder);
    // A description and a kernel cannot both be standard input.
    let outcome = guest.run("digest -d - --kernel - --firmware OVMF.fd --mode sev").stdin("").go();
    outcome.refused_with(&["gives its bytes only once"]);
    // Keys neither.
    let keys = "verify --policy 5 --measurement AA== --api-major 1 --api-minor 1 --build-id 1";
    let outcome = guest.run(&format!("{keys} --tik /dev/stdin --tek /dev/stdin")).stdin("x").go();
    assert_eq!(outcome.code, Some(2));
}

/// Waits until the command has a file open, and changes it.
fn change_while_read(
    guest: &Guest,
    flags: &str,
    name: &str,
    change: impl FnOnce(&Path),
) -> Outcome {
    let path = guest.folder.join(name);
    let running = guest.digest(flags).start();
    let descriptors = format!("/proc/{}/fd", running.child.id());
    let is_open = || {
        let entries = fs::read_dir(&descriptors).into_iter().flatten().flatten();
        entries.flat_map(|entry| fs::read_link(entry.path())).any(|link| link == path)
    };
    let started = Instant::now();
    while !is_open() {
        assert!(started.elapsed() < Duration::from_secs(30), "{name} was never open");
    }
    // What is known of it is asked right after it was opened.
    std::thread::sleep(Duration::from_millis(30));
    change(&path);
    running.finish()
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn attack_a_kernel_or_initrd_that_changes_while_it_is_read() {
    const SIZE: u64 = 2 << 30;
    let guest = Guest::new();
    let flags = "--mode sev --kernel huge --initrd initrd.img";
    let resized = |size: u64| {
        move |path: &Path| {
            OpenOptions::new()
                .write(true)
                .open(path)
                .and_then(|file| file.set_len(size))
                .expect("resized");
        }
    };
    guest.folder.sparse("huge", SIZE);
    let outcome = change_while_read(&guest, flags, "huge", resized(1 << 20));
    outcome.refused_with(&[
        "huge: it changed while it was read",
        "2147483648 bytes when it was opened",
        "1048576 now",
    ]);
    guest.folder.sparse("huge", SIZE);
    let outcome = change_while_read(&guest, flags, "huge", resized(SIZE + 1));
    outcome.refused_with(&["it changed while it was read"]);
    // Of the same size, but another.
    guest.folder.sparse("huge", SIZE);
    let flags = "--mode sev --kernel vmlinuz --initrd huge";
    let outcome = change_while_read(&guest, flags, "huge", |path| {
        use std::io::Write as _;
        let mut file = OpenOptions::new().write(true).open(path).expect("opened");
        file.write_all(b"x").expect("written");
    });
    outcome.refused_with(&["it changed while it was read"]);
    // The same, and the time of writing is put back.
    let path = guest.folder.sparse("huge", SIZE);
    let before = fs::metadata(&path).and_then(|of| of.modified()).expect("a time");
    let outcome = change_while_read(&guest, flags, "huge", |path| {
        use std::io::Write as _;
        let mut file = OpenOptions::new().write(true).open(path).expect("opened");
        file.write_all(b"x").expect("written");
        file.set_modified(before).expect("put back");
    });
    assert_eq!(fs::metadata(&path).and_then(|of| of.modified()).expect("a time"), before);
    outcome.refused_with(&["it changed while it was read"]);
}

#[test]
fn a_file_that_stays_is_read_whatever_it_lies_on() {
    let guest = Guest::new();
    // Files of the kernel's own have no size of their own.
    let outcome = guest.digest("--mode sev --kernel vmlinuz --cmdline-file /proc/version").go();
    outcome.answer();
    guest.folder.sparse("initrd", 1 << 20);
    guest.digest("--mode sev --kernel vmlinuz --initrd initrd").go().answer();
    let twice = guest.digest("--mode sev --kernel vmlinuz --initrd vmlinuz").go();
    twice.answer();
}

/// A manifest of one SNP guest, and the flags that verify `testdata/snp/report.bin`.
fn verifying(guest: &Guest) -> impl Fn(&str) -> Run + '_ {
    let snp = testdata_folder().join("snp");
    move |report| {
        let flags = ["--vek", "vcek.der", "--chain", "ask.der", "--root", "ark.der"];
        let flags = flags.map(|part| match part.starts_with("--") {
            true => part.into(),
            false => snp.join(part).into_os_string(),
        });
        let add = "manifest add manifest.json -o added.json --vcpus 2 --allow-contradiction --from-report";
        guest.run(add).with([report]).with(flags)
    }
}

#[test]
fn attack_a_row_is_made_of_the_report_that_was_verified() {
    let guest = built();
    let add = verifying(&guest);
    let report = fs::read(testdata_folder().join("snp/report.bin")).expect("the report");
    let mut other = report.clone();
    other[0x90..0xc0].fill(0xee); // [SNP-ABI, ATTESTATION_REPORT.MEASUREMENT]
    let pipe = guest.folder.fifo("pipe");
    // Fed once: whoever opened the pipe a second time, for another report, would wait.
    for (fed, code) in [(&other, 1), (&report, 0)] {
        let writer = feed(&pipe, fed.clone());
        let outcome = add("pipe").go();
        assert_eq!(outcome.code, Some(code), "{}{}", outcome.stdout, outcome.stderr);
        writer.join().expect("the pipe was read");
    }
    let added: Value = serde_json::from_slice(&guest.folder.read("added.json")).expect("JSON");
    let rows = added["rows"].as_array().expect("rows");
    let row = rows.last().expect("a row");
    assert_eq!(row["obtained"]["verified"], true);
    assert_eq!(row["digest"], hex::encode(&report[0x90..0xc0]));
    // Where nothing verifies it, the row says so.
    guest.file("other.bin", &other);
    guest
        .run("manifest add manifest.json -o claimed.json --allow-contradiction --from-report other.bin")
        .go()
        .answer();
    let claimed: Value = serde_json::from_slice(&guest.folder.read("claimed.json")).expect("JSON");
    let row = claimed["rows"].as_array().and_then(|rows| rows.last()).expect("a row");
    assert_eq!(row["obtained"]["verified"], false);
}
