//! `certs`: a platform's certificates shown, verified, taken apart and put together.
//!
//! The throwaway platform is the testkit's. The known answers name certificate files that are not in this repository: they
//! are judged where `SEV_LAUNCH_VECTORS` names their folder.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use sev_launch_testkit::certs::vectors::{CertificateFiles, CertificateVectors};
use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_testkit::sev_api::Expect;

use super::harness::{Folder, Outcome, Run};
use super::json::{check, check_strictness, document, schema};

/// A throwaway platform's files: `full`, `ark.cert`, and one for each other certificate.
struct Files {
    folder: Folder,
    platform: Platform,
}

impl Files {
    fn new() -> Self {
        let (folder, platform) = (Folder::new(), Platform::new(RsaSize::Bits2048, "certs"));
        folder.file("full", platform.full());
        for (name, bytes) in [
            ("pdh.cert", &platform.pdh),
            ("pek.cert", &platform.pek),
            ("oca.cert", &platform.oca),
            ("cek.cert", &platform.cek),
            ("ask.cert", &platform.ask),
            ("ark.cert", &platform.ark),
        ] {
            folder.file(name, bytes);
        }
        folder.file("ca", platform.ca());
        Self { folder, platform }
    }

    fn run(&self, arguments: &str) -> Outcome {
        let arguments = arguments.split_ascii_whitespace();
        Run::new(arguments).in_folder(self.folder.path()).go()
    }
}

const LINKS: [&str; 7] = [
    "ARK -> ARK",
    "ARK -> ASK",
    "ASK -> CEK",
    "OCA -> OCA",
    "OCA -> PEK",
    "CEK -> PEK",
    "PEK -> PDH",
];

/// The checks that say no.
fn noes(document: &Value) -> Vec<&str> {
    let checks = document["checks"].as_array().expect("checks");
    assert_eq!(checks.len(), 9);
    checks
        .iter()
        .filter(|check| check["answer"] == "no")
        .map(|check| {
            assert!(check["reason"].is_string());
            check["check"].as_str().expect("a name")
        })
        .collect()
}

#[test]
fn a_chain_under_its_own_root_holds() {
    let files = Files::new();
    let outcome = files.run("certs verify full --root ark.cert --ca ca");
    assert!(outcome.answer().starts_with("yes: the chain holds\n"), "{}", outcome.stdout);
    for link in LINKS {
        assert!(outcome.stdout.contains(&format!("  {link:<12} yes\n")), "{}", outcome.stdout);
    }
    let outcome = files.run("certs verify full --root ark.cert --ca ca --json");
    let document = document(&outcome);
    check_strictness(&schema("certs-verify"), &document, &[]);
    assert_eq!((&document["answer"], noes(&document)), (&"yes".into(), vec![]));
    let platform = &document["platform"];
    assert_eq!(
        (&platform["generation"], &platform["owner_was_demanded"]),
        (&Value::Null, &false.into())
    );
}

#[test]
fn every_layout_is_verified() {
    let files = Files::new();
    files.folder.file("export", files.platform.export());
    files.folder.file("export.b64", BASE64.encode(files.platform.export()));
    files.folder.file("host", files.platform.host_chain());
    // As many characters as an export has bytes.
    files.folder.file("host.b64", BASE64.encode(files.platform.host_chain()));
    files.folder.file("pdh.b64", BASE64.encode(&files.platform.pdh));
    for chain in [
        "full",
        "export",
        "export.b64",
        "host --pdh pdh.cert",
        "host.b64 --pdh pdh.b64",
        "--pdh pdh.cert --pek pek.cert --oca oca.cert --cek cek.cert",
    ] {
        let outcome = files.run(&format!("certs verify {chain} --ca ca --root ark.cert"));
        assert_eq!(outcome.code, Some(0), "{chain}: {}{}", outcome.stdout, outcome.stderr);
    }
}

#[test]
fn anothers_root_is_no_root() {
    let files = Files::new();
    let outcome = files.run("certs verify full --json");
    assert_eq!(outcome.code, Some(1));
    let found = document(&outcome);
    check(&schema("certs-verify"), &found);
    assert_eq!(noes(&found), ["root"]);
    assert_eq!(found["platform"], Value::Null);
    let outcome = files.run("certs verify full");
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stdout.starts_with("no: "), "{}", outcome.stdout);
    files.folder.file("other.cert", Platform::new(RsaSize::Bits2048, "another").oca);
    let owner = files.run("certs verify full --ca ca --root ark.cert --owner other.cert --json");
    assert_eq!((owner.code, noes(&document(&owner))), (Some(1), vec!["owner"]));
    let owner = files.run("certs verify full --ca ca --root ark.cert --owner oca.cert --json");
    assert_eq!(document(&owner)["platform"]["owner_was_demanded"], true);
}

#[test]
fn every_signature_is_judged_whichever_failed() {
    let files = Files::new();
    let full = files.platform.full();
    // The first byte of a signature in each certificate: PDH, PEK, OCA, CEK with slots at 0x414, then ASK and ARK.
    let ca = 4 * 2084;
    let size = 832;
    let signature = size - 256;
    let places = [
        0x41c,
        2084 + 0x41c,
        2 * 2084 + 0x41c,
        3 * 2084 + 0x41c,
        ca + signature,
        ca + size + signature,
    ];
    let expected = [
        vec!["PEK -> PDH"],
        vec!["OCA -> PEK"],
        vec!["OCA -> OCA"],
        vec!["ASK -> CEK"],
        vec!["ARK -> ASK"],
        vec!["ARK -> ARK"],
    ];
    for (place, expected) in places.into_iter().zip(expected) {
        let mut bytes = full.clone();
        bytes[place] ^= 1;
        files.folder.file("bad", &bytes);
        let outcome = files.run("certs verify bad --root ark.cert --ca ca --json");
        let outcome = if place > ca {
            // The CA inside the file is what is judged.
            files.run("certs verify bad --json")
        } else {
            outcome
        };
        assert_eq!(outcome.code, Some(1), "{place:#x}: {}", outcome.stderr);
        let document = document(&outcome);
        let found: Vec<_> = noes(&document).into_iter().filter(|check| *check != "root").collect();
        assert_eq!(found, expected, "{place:#x}");
    }
}

#[test]
fn split_and_join_are_each_others_reverse() {
    let files = Files::new();
    let outcome = files.run("certs split full -o parts");
    assert_eq!(outcome.lines().len(), 6);
    for (name, bytes) in
        [("pdh", &files.platform.pdh), ("cek", &files.platform.cek), ("ark", &files.platform.ark)]
    {
        assert!(files.folder.read(&format!("parts/{name}.cert")) == *bytes, "{name}");
    }
    let parts = ["ark", "ask", "cek", "oca", "pek", "pdh"].map(|name| format!("parts/{name}.cert"));
    for (layout, expected) in [
        ("full", files.platform.full()),
        ("export", files.platform.export()),
        ("host", files.platform.host_chain()),
        ("ca", files.platform.ca()),
    ] {
        let outcome =
            files.run(&format!("certs join {} --layout {layout} -o joined", parts.join(" ")));
        assert_eq!(outcome.answer(), "");
        assert!(files.folder.read("joined") == expected, "{layout}");
        files.run(&format!("certs join full --layout {layout} -o joined")).answer();
        assert!(files.folder.read("joined") == expected, "{layout}");
    }
}

#[test]
fn joining_needs_each_certificate_once() {
    let files = Files::new();
    let other = Platform::new(RsaSize::Bits2048, "another");
    files.folder.file("other.cert", &other.pdh);
    files.run("certs join pek.cert oca.cert --layout host -o joined").refused_with(&["CEK"]);
    files
        .run("certs join full other.cert --layout full -o joined")
        .refused_with(&["other.cert", "PDH"]);
    files
        .run("certs join pdh.cert pek.cert oca.cert cek.cert --layout full -o joined")
        .refused_with(&["ASK"]);
    assert!(!files.folder.join("joined").exists());
}

#[test]
fn every_certificate_is_shown() {
    let files = Files::new();
    let outcome = files.run("certs show full pdh.cert --json");
    let document = document(&outcome);
    check(&schema("certs-show"), &document);
    let usages = |file: usize| -> Vec<&str> {
        let certificates = document[file]["certificates"].as_array().expect("certificates");
        certificates.iter().map(|one| one["usage"].as_str().expect("a usage")).collect()
    };
    assert_eq!(usages(0), ["PDH", "PEK", "OCA", "CEK", "ASK", "ARK"]);
    assert_eq!(usages(1), ["PDH"]);
    let pek = &document[0]["certificates"][1]["signatures"];
    let signers = [&pek[0]["by"], &pek[1]["by"]];
    assert_eq!(signers, ["OCA", "CEK"]);
    let outcome = files.run("certs show full");
    let text = outcome.answer();
    assert!(text.starts_with("full: nothing is verified\n"), "{text}");
    for usage in ["PDH", "PEK", "OCA", "CEK"] {
        assert!(text.contains(&format!("SEV certificate of the {usage}\n")), "{usage}");
    }
}

#[test]
fn malformed_certificates_are_undecided() {
    let files = Files::new();
    let full = files.platform.full();
    let mut usage = full.clone();
    usage[0x8] = 9;
    let swapped =
        [&*files.platform.pek, &files.platform.pdh, &files.platform.oca, &files.platform.cek]
            .concat();
    for (bytes, says) in [
        (&full[..full.len() - 1], "wanted"),
        (&[][..], "wanted"),
        (b"hello", "wanted"),
        (&vec![0; 2084], "version"),
        (&usage, "usage"),
        (&swapped, "in place of"),
        (files.platform.pdh.as_slice(), "bare PDH"),
    ] {
        files.folder.file("bad", bytes);
        files.run("certs verify bad").refused_with(&[says]);
    }
    files.folder.file("bad", &full[1..]);
    for command in ["show bad", "split bad -o parts", "join bad --layout full -o joined"] {
        files.run(&format!("certs {command}")).refused_with(&["bad"]);
    }
    files.run("certs verify missing").refused_with(&["missing"]);
    files.run("certs verify").refusal();
}

#[test]
fn known_chains() {
    let suite = CertificateVectors::read();
    assert_eq!(suite.sev_chain.len(), 64);
    let Some(third_party) = CertificateFiles::folder() else {
        return;
    };
    let folder = Folder::new();
    let (mut accepted, mut refused) = (0, 0);
    for vector in &suite.sev_chain {
        folder.file("chain", third_party.changed_chain(vector).concat());
        let mut flags = vec!["certs", "verify", "chain"];
        match vector.pinned_ark.as_deref() {
            Some(lab) if lab.starts_with("syn") => {
                let [.., ask, ark] = third_party.changed_chain(vector);
                folder.file("ca", [ask, ark].concat());
                folder.file("ark", third_party.certificate(lab, "ark"));
                flags.extend(["--root", "ark", "--ca", "ca"]);
            }
            Some("naples") => flags.extend(["--generation", "Naples"]),
            Some("rome") => flags.extend(["--generation", "Rome"]),
            _ => {}
        }
        if let Some(base) = &vector.pinned_oca {
            folder.file("oca", third_party.certificate(base, "oca"));
            flags.extend(["--owner", "oca"]);
        }
        let outcome = Run::new(flags).in_folder(folder.path()).go();
        match (vector.expect == Expect::Accept, outcome.code) {
            (true, Some(0)) => accepted += 1,
            (false, Some(1)) => refused += 1,
            (false, Some(2)) if outcome.stdout.is_empty() => refused += 1,
            (_, code) => panic!("{}: {code:?}\n{}{}", vector.name, outcome.stdout, outcome.stderr),
        }
    }
    assert_eq!((accepted, refused), (8, 56));
}
