//! The command's own words: how errors, warnings and notes begin, and what help says.

use sev_launch_testkit::testdata_folder;

use super::guest::Guest;
use super::harness::{Folder, Run, root};

/// Is this the first line of something said, or one that goes on?
fn is_begun(line: &str) -> bool {
    ["error: ", "warning: ", "note: ", "assumed: "].iter().any(|prefix| line.starts_with(prefix))
        || line.starts_with("  ")
        || line.starts_with("unknown: ")
}

#[test]
fn every_error_begins_with_the_same_word() {
    let guest = Guest::new();
    guest.file("bad.toml", "technology = \"snp\"\nnonsense = 1\n");
    guest.file("bad.json", "{");
    guest.file("few.bin", [0; 5]);
    let report = testdata_folder().join("snp/report.bin");
    let verify = format!("report verify {}", report.display());
    for (line, code) in [
        // clap's own.
        ("digest --nonsense", 2),
        ("nonsense", 2),
        ("digest", 2),
        ("digest --mode nonsense --firmware OVMF.fd", 2),
        ("manifest publish m.json --to nonsense", 2),
        ("digest --mode sev --firmware OVMF.fd --firmware-absorbed a.json", 2),
        // The libraries'.
        ("digest --mode sev --firmware nowhere.fd", 2),
        ("digest --mode sev --firmware few.bin --kernel few.bin", 2),
        ("digest --mode snp --firmware OVMF.fd --vcpus 1 --vcpu-type nonsense", 2),
        ("digest --description bad.toml", 2),
        ("manifest show bad.json", 2),
        ("report show few.bin", 2),
        ("certs verify few.bin", 2),
        ("import qemu nowhere.sh", 2),
        ("profile show nonsense", 2),
        ("verify", 2),
        // Refused as insecure.
        (verify.as_str(), 3),
        // Commands of others.
        ("provision --all", 2),
        ("snpguest nonsense", 2),
        ("sev-snp-measure --mode sev --ovmf nowhere.fd", 1),
    ] {
        let outcome = guest.run(line).go();
        assert_eq!(outcome.code, Some(code), "{line}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "{line}");
        let said = outcome.stderr;
        assert!(said.starts_with("error: "), "{line}: {said}");
        assert_eq!(said.matches("error: ").count(), 1, "{line}: {said}");
        assert!(!said.contains("sev-launch: "), "{line}: {said}");
    }
}

#[test]
fn errors_of_words_that_cannot_be_printed_begin_so_too() {
    let outcome = Run::new(["digest", "--mode", "a\u{1b}b"]).go();
    assert!(outcome.refusal().starts_with("error: "), "{}", outcome.stderr);
}

#[test]
fn what_is_said_beside_an_answer_is_a_warning_or_a_note() {
    let guest = Guest::new();
    guest.file("uki.efi", "MZ");
    for line in [
        "digest -v --mode snp --firmware OVMF.fd --vcpus 2 --vcpu-type EPYC-Milan",
        "digest -v --mode seves --firmware OVMF.fd --vcpus 2 --vcpu-type EPYC-Milan --kernel vmlinuz",
        "digest -v --mode seves --firmware OVMF.fd --vcpus 2 --vcpu-type EPYC --kernel vmlinuz --cmdline quiet",
    ] {
        let outcome = guest.run(line).go();
        outcome.answer();
        for said in outcome.stderr.lines() {
            assert!(is_begun(said), "{line}: {said}");
        }
    }
}

#[test]
fn help_is_short_or_long_as_it_was_asked() {
    let help = |line: &str| {
        let outcome = Run::new(line.split(' ')).go();
        outcome.answer().to_owned()
    };
    let (short, long) = (help("verify -h"), help("verify --help"));
    assert!(short.lines().count() <= 60, "{short}");
    assert!(short.contains("More flags, and the exit codes: sev-launch verify --help"), "{short}");
    assert!(!short.contains("--vmsa-bsp") && long.contains("--vmsa-bsp"));
    assert!(long.contains("Exit codes:"), "{long}");
    assert_eq!(long, help("help verify"));
    let first = help("--help");
    for text in
        ["sev-snp-measure", "snp-create-id-block", "`sev-launch --mode …`", "What was measured:"]
    {
        assert!(first.contains(text), "{text}: {first}");
    }
    assert!(help("-h").lines().count() <= 60);
    // Of a mode without a command, the help is digest's.
    assert_eq!(help("--mode snp -h"), help("digest -h"));
    for nothing in ["manifest", "report"] {
        let outcome = Run::new([nothing]).go();
        assert!(outcome.refusal().contains("Examples:"), "{}", outcome.stderr);
    }
    let folder = Folder::new();
    let outcome = Run::new([""; 0]).in_folder(folder.path()).go();
    assert!(outcome.refusal().contains("What will be measured:"), "{}", outcome.stderr);
}

/// Every command by the words that lead to it.
fn walk(command: &clap::Command, name: &str, see: &mut impl FnMut(&clap::Command, &str)) {
    see(command, name);
    for sub in command.get_subcommands() {
        walk(sub, &format!("{name}-{}", sub.get_name()), see);
    }
}

#[test]
fn man_pages_have_titles_and_say_what_a_command_is() {
    let mut number = 0;
    walk(&sev_launch::manual(), "sev-launch", &mut |command, name| {
        number += 1;
        let path = root().join(format!("docs/man/{name}.1"));
        let page = std::fs::read_to_string(&path).expect("a page for each command");
        let version = env!("CARGO_PKG_VERSION");
        let title = format!(".TH {name} 1  \"sev-launch {version}\" \"sev-launch manual\"\n");
        assert!(page.contains(&title), "{name}: {page}");
        let plain = page.replace("\\-", "-").replace("\\*(Aq", "'");
        let about = command.get_about().expect("every command says what it does");
        assert!(plain.contains(&format!(".SH NAME\n{name} - {about}\n")), "{name}: {page}");
        assert!(page.contains(".SH \"EXAMPLES\""), "{name}: {page}");
    });
    assert!(number > 40, "{number}");
}

#[test]
fn short_names_of_cpu_models_are_understood_and_told() {
    let guest = Guest::new();
    let digest =
        |model: &str| guest.digest(&format!("--mode snp --vcpus 1 --vcpu-type {model}")).go();
    for (short, whole) in [("Genoa", "EPYC-Genoa"), ("milan", "EPYC-Milan"), ("naples", "EPYC")] {
        let outcome = digest(short);
        assert_eq!(outcome.answer(), digest(whole).answer());
        let note = format!("CPU model {short} is taken for QEMU's {whole}");
        assert_eq!(outcome.notes(), [note.as_str()], "{}", outcome.stderr);
        let toml = format!(
            "technology = \"snp\"\nvcpus = 1\ncpu = \"{short}\"\n[firmware]\npath = \"OVMF.fd\"\n"
        );
        guest.file("launch.toml", toml);
        let described = guest.run("digest -d launch.toml").go();
        assert_eq!((described.answer(), described.notes()), (outcome.answer(), outcome.notes()));
        let shown = guest.run("describe -d launch.toml").go();
        assert!(shown.answer().contains(&format!("cpu = \"{whole}\"")), "{}", shown.stdout);
        let built = format!("vmsa build --profile snp-qemu --vcpu-type {short} {short}.bin");
        assert_eq!(guest.run(&built).go().notes(), [note.as_str()]);
    }
    assert_eq!(digest("EPYC-Genoa").stderr, "");
    digest("Opteron").refused_with(&["Opteron_G1, Opteron_G2", "give the whole name of one"]);
    digest("Bergamo").refused_with(&["no QEMU CPU model is called \"Bergamo\""]);
}
