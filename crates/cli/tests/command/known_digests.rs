//! `verify` with launch digests that are known already, what it says of a no, and why a certificate did not sign a report.

use serde_json::{Value, json};
use sev_launch_testkit::report::{Authority, Vek};

use super::guest::{Guest, MILAN};
use super::json::{check, document, schema};
use super::report::{LAB, guest_and_report, unmet, write_chain};

const GUEST: &str = "--firmware OVMF.fd --vcpu-type EPYC-Milan --vcpus 1";

/// A guest of one vCPU with its report, and its launch digest.
fn known() -> (Guest, String) {
    let guest = guest_and_report(1);
    let digest = guest.snp(None, MILAN, 1);
    (guest, digest)
}

#[test]
fn a_known_digest_is_held_against_a_report() {
    let (guest, digest) = known();
    let zeros = "00".repeat(48);
    let verify = format!("verify --report report {LAB}");
    for flags in [
        format!("--launch-digest {digest}"),
        format!("--launch-digest {zeros} --launch-digest {digest}"),
        format!("--mode snp --launch-digest {digest}"),
    ] {
        let outcome = guest.run(&format!("{verify} {flags}")).go();
        assert!(outcome.answer().starts_with("yes: "), "{}", outcome.stdout);
    }
    guest.file("digests", format!("# of the last release\n{zeros}\n\n  {digest}  \n"));
    guest.run(&format!("{verify} --launch-digest-file digests")).go().answer();
    let both = format!("{verify} --launch-digest-file digests --launch-digest {zeros} --json");
    assert_eq!(document(&guest.run(&both).go())["accepted_digests"], 2);
    let appraise = format!("report appraise report {LAB} --launch-digest {digest}");
    guest.run(&appraise).go().answer();
}

#[test]
fn a_known_digest_that_is_none_is_refused() {
    let (guest, digest) = known();
    let verify = format!("verify --report report {LAB}");
    guest.file("comments", "# nothing\n\n");
    guest.file("bad", format!("{digest}\n{}\n", &digest[1..]));
    for (flags, says) in [
        (format!("--launch-digest {}", "00".repeat(32)), "no launch digest of snp"),
        (format!("--launch-digest {}", "00".repeat(47)), "--launch-digest"),
        ("--launch-digest-file comments".to_owned(), "comments: no launch digest in it"),
        ("--launch-digest-file bad".to_owned(), "bad, line 2"),
        ("--launch-digest-file missing".to_owned(), "missing"),
        (format!("--launch-digest {digest} --vcpus 1"), "cannot be used with"),
        (format!("--launch-digest {digest} --manifest m.json"), "cannot be used with"),
        (format!("--launch-digest-file bad {GUEST}"), "cannot be used with"),
        (format!("--launch-digest {digest} --mode seves"), "--mode says sev-es"),
        (format!("{GUEST} --mode snp:ovmf-hash"), "snp:ovmf-hash"),
    ] {
        guest.run(&format!("{verify} {flags}")).go().refused_with(&[says]);
    }
}

#[test]
fn verify_alone_says_its_two_ways() {
    let guest = Guest::new();
    for flags in ["", "--mode snp", GUEST, "--quiet"] {
        let outcome = guest.run(&format!("verify {flags}")).go();
        outcome.refused_with(&["sev-launch verify --report FILE", "sev-launch verify --policy"]);
        assert_eq!(outcome.stderr.lines().count(), 4, "{}", outcome.stderr);
    }
    let half = guest.run("verify --tik tik.bin").go();
    half.refused_with(&["--policy", "--evidence"]);
    let half = guest.run("verify --policy 1").go();
    half.refused_with(&["--tik", "--evidence"]);
}

#[test]
fn a_no_shows_both_digests_and_the_command_that_looks_for_the_reason() {
    let (guest, digest) = known();
    let other = guest.snp(None, MILAN, 2);
    for command in ["verify --report report", "report appraise report"] {
        let flags = GUEST.replace("--vcpus 1", "--vcpus 2");
        let outcome = guest.run(&format!("{command} {LAB} {flags}")).go();
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        let lines: Vec<_> = outcome.stdout.lines().take(5).collect();
        assert_eq!(lines[0], "no: the report is authentic, and not as demanded: MEASUREMENT");
        assert!(lines[1].starts_with("  MEASUREMENT "), "{}", outcome.stdout);
        assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), ["reported", &digest]);
        assert_eq!(lines[3].split_whitespace().collect::<Vec<_>>(), ["accepted", &other]);
        // The command is run as it stands there, and finds that it was one vCPU.
        let why = lines[4].trim().strip_prefix("why").expect("the reason").trim();
        let explain = why.strip_prefix("sev-launch ").expect("a command of ours");
        let explained = guest.run(explain).go();
        assert!(explained.stdout.contains("vCPUs"), "{explain}: {}", explained.stdout);
        assert_ne!(explained.code, Some(2), "{explain}: {}", explained.stderr);

        let outcome = guest.run(&format!("{command} {LAB} {flags} --json")).go();
        let found = document(&outcome);
        check(&schema("report-appraise"), &found);
        assert_eq!(found["digests"], json!({"reported": digest, "accepted": [other]}));
        assert_eq!(found["why"], json!(why));
    }
    // Nothing is described, so there is nothing to look in.
    let zeros = "00".repeat(48);
    let outcome =
        guest.run(&format!("verify --report report {LAB} --launch-digest {zeros} --json"));
    let found = document(&outcome.go());
    assert_eq!((unmet(&found), &found["why"]), (vec!["MEASUREMENT"], &Value::Null));
    assert_eq!(found["digests"]["accepted"], json!([zeros]));
    // A yes has neither.
    let found = document(&guest.run(&format!("verify --report report {LAB} {GUEST} --json")).go());
    assert_eq!((&found["digests"], &found["why"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_command_to_paste_is_quoted_and_leaves_nothing_out() {
    let (guest, _) = known();
    guest.file("my kernel", vec![0x90; 0x1000]);
    let outcome = guest
        .run(&format!("verify --json --report=report {LAB} {GUEST} -q --kernel"))
        .with(["my kernel", "--cmdline", "it's quiet"])
        .go();
    let found = document(&outcome);
    let wanted = "sev-launch explain --mode snp --report report --firmware OVMF.fd --vcpu-type EPYC-Milan --vcpus 1 \
                  --kernel 'my kernel' --cmdline 'it'\\''s quiet'";
    assert_eq!(found["why"], json!(wanted));
    // What cannot be shown as text cannot be typed again: no command is better than another one.
    let unprintable = guest
        .run(&format!("verify --json --report report {LAB} {GUEST} --kernel OVMF.fd"))
        .with(["--cmdline", "a\tb"]);
    assert_eq!(document(&unprintable.go())["why"], Value::Null);
}

#[test]
fn why_a_certificate_did_not_sign_a_report() {
    let (guest, digest) = known();
    let mine = Vek::vcek("Milan");
    let mut updated = Vek::vcek("Milan");
    updated.tcb[7] -= 1;
    let mut other_chip = Vek::vcek("Milan");
    other_chip.hardware_id = other_chip.hardware_id.map(|mut id| {
        id[0] ^= 0xff;
        id
    });
    let chip = hex::encode(mine.hardware_id.as_ref().expect("a chip"));
    let fetch = format!("https://kdsintf.amd.com/vcek/v1/Milan/{chip}?");
    for (key, says, part) in [
        (updated, "chip at another TCB", "TCB "),
        (other_chip, "claims another chip", "chip"),
        (Vek::vlek("Milan"), "the other kind of key", "signing key"),
    ] {
        write_chain(&guest.folder, &key);
        for command in [
            format!("report verify report {LAB}"),
            format!("verify --report report {LAB} --launch-digest {digest}"),
        ] {
            let outcome = guest.run(&command).go();
            assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
            let first = outcome.stdout.lines().next().expect("an answer");
            let start = "no: the report was not signed by this certificate's key: ";
            assert!(first.starts_with(start) && first.contains(says), "{first}");
            let both = outcome.stdout.lines().find(|line| line.contains("in the certificate"));
            assert!(both.expect("a difference").trim_start().starts_with(part), "{both:?}");
            assert!(outcome.stdout.contains(&fetch), "{}", outcome.stdout);

            let found = document(&guest.run(&format!("{command} --json")).go());
            let form = if command.starts_with("verify") { "report-appraise" } else { "report" };
            check(&schema(form), &found);
            assert!(
                found["signer"]["fetch"][0].as_str().is_some_and(|url| url.starts_with(&fetch))
            );
        }
    }
    // The right certificate and a report that was changed: nobody is told to fetch another certificate for it.
    write_chain(&guest.folder, &mine);
    let mut report = guest.folder.read("report");
    report[0x90] ^= 1;
    guest.file("changed", report);
    let outcome = guest.run(&format!("report verify changed {LAB}")).go();
    assert!(outcome.stdout.starts_with("no: the report is not authentic: "), "{}", outcome.stdout);
    // A chain that does not hold is no question of the signer's.
    guest.file("ark.der", Authority::OtherArk.certificate("Milan", Authority::OtherArk));
    let found = document(&guest.run(&format!("report verify report {LAB} --json")).go());
    assert_eq!((&found["answer"], &found["signer"]), (&json!("no"), &Value::Null));
}

#[test]
fn without_a_certificate_the_key_server_s_address_is_told() {
    let (guest, digest) = known();
    let outcome = guest.run(&format!("verify --report report --launch-digest {digest}")).go();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""));
    let chip = hex::encode(Vek::vcek("Milan").hardware_id.expect("a chip"));
    // [VCEK, KDS interface]: chip and TCB, as the report has them.
    let address = format!(
        "https://kdsintf.amd.com/vcek/v1/Milan/{chip}?blSPL=04&teeSPL=02&snpSPL=24&ucodeSPL=219"
    );
    assert!(outcome.stderr.lines().any(|line| line.ends_with(&address)), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("--vek"), "{}", outcome.stderr);
}
