//! `session`: every layout of a chain, what is refused, the files that are written and what the platform makes of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_testkit::certs::vectors::{CertificateFiles, CertificateVectors};
use sev_launch_testkit::certs::{Platform, RsaSize, algorithm, ec_certificate, usage};
use sev_launch_testkit::sev_api::SevApi;
use sha2::{Digest as _, Sha256};

use super::harness::{Folder, Outcome, Run};
use super::platform::open_session;
use super::verify::shows_no_key;

/// The lab's roots.
const LAB: &str = "--ca ca --root ark";
const FILES: [&str; 4] = ["vm_godh.b64", "vm_session.b64", "vm_tek.bin", "vm_tik.bin"];

/// A lab's machine, its certificates as files in every layout.
struct Lab {
    folder: Folder,
    platform: Platform,
}

impl Lab {
    fn new(size: RsaSize) -> Self {
        let (folder, platform) = (Folder::new(), Platform::new(size, "a machine"));
        for (name, bytes) in [
            ("export", platform.export()),
            ("full", platform.full()),
            ("host", platform.host_chain()),
            ("ca", platform.ca()),
            ("ark", platform.ark.clone()),
            ("ask", platform.ask.clone()),
            ("pdh", platform.pdh.clone()),
            ("pek", platform.pek.clone()),
            ("oca", platform.oca.clone()),
            ("cek", platform.cek.clone()),
        ] {
            folder.file(&format!("{name}.b64"), BASE64.encode(&bytes));
            folder.file(&format!("{name}.hex"), format!("{}\n", hex::encode(&bytes)));
            folder.file(name, bytes);
        }
        Self { folder, platform }
    }

    fn run(&self, arguments: &str) -> Run {
        Run::new(["session"]).with(arguments.split_ascii_whitespace()).in_folder(self.folder.path())
    }

    /// Changes one bit of a file's copy, whose name it gives.
    fn flipped(&self, name: &str, at: usize) -> String {
        let mut bytes = self.folder.read(name);
        bytes[at] ^= 1;
        let changed = format!("{name}.changed");
        self.folder.file(&changed, bytes);
        changed
    }

    /// The keys that the platform finds in the session that was written, which are those that were written.
    #[track_caller]
    fn opens(&self, policy: u32) {
        let found = self.open(policy).expect("the session opens");
        let [tek, tik] = ["vm_tek.bin", "vm_tik.bin"].map(|name| self.folder.read(name));
        assert_eq!((found.0.to_vec(), found.1.to_vec()), (tek, tik));
    }

    fn open(&self, policy: u32) -> Result<([u8; 16], [u8; 16]), &'static str> {
        let [godh, session] = ["vm_godh.b64", "vm_session.b64"]
            .map(|name| BASE64.decode(self.folder.read(name)).expect("base64"));
        open_session(&self.platform.pdh_key.private(), &godh, &session, policy)
    }

    fn clear(&self) {
        for name in FILES {
            fs::remove_file(self.folder.join(name)).expect("the file was written");
        }
    }

    /// Nothing was written.
    #[track_caller]
    fn wrote_nothing(&self) {
        let names = self.folder.names();
        let written: Vec<_> =
            names.iter().filter(|name| name.to_string_lossy().starts_with("vm_")).collect();
        assert!(written.is_empty(), "{written:?}");
    }
}

// Layouts.

#[test]
fn every_layout_of_a_chain_is_read() {
    for size in [RsaSize::Bits2048, RsaSize::Bits4096] {
        let lab = Lab::new(size);
        for arguments in [
            "export 5",
            "export.b64 5",
            "export.hex 5",
            "full 5",
            "full.b64 5",
            "host 5 --pdh pdh",
            "host.b64 5 --pdh pdh.b64",
            "5 --pdh pdh --pek pek --oca oca --cek cek",
            "5 --pdh pdh.b64 --pek pek.hex --oca oca --cek cek.b64",
        ] {
            lab.run(&format!("{arguments} {LAB}")).go().answer();
            lab.opens(5);
            lab.clear();
            lab.run(&format!("{arguments} --ca ca.b64 --root ark.hex")).go().answer();
            lab.clear();
        }
    }
}

#[test]
fn a_cek_as_it_is_exported_needs_the_signed_one_beside_it() {
    let lab = Lab::new(RsaSize::Bits2048);
    let Platform { pdh, pek, oca, cek_key, .. } = &lab.platform;
    let unsigned = ec_certificate(usage::CEK, algorithm::ECDSA_SHA256, &cek_key.coordinates(), &[]);
    lab.folder.file("exported", [&**pdh, pek, oca, &unsigned].concat());
    let outcome = lab.run(&format!("exported 5 {LAB}")).go();
    assert!(outcome.no_link("ASK -> CEK"), "{}", outcome.stdout);
    lab.wrote_nothing();
    lab.run(&format!("exported 5 --cek cek {LAB}")).go().answer();
    lab.opens(5);
}

#[test]
fn without_amd_s_signature_it_is_said_where_to_get_it() {
    let lab = Lab::new(RsaSize::Bits2048);
    lab.run("export 5").go().refused_with(&["kdsintf.amd.com", "--cek"]);
    lab.wrote_nothing();
}

#[test]
fn real_chains_are_accepted_under_amd_s_own_roots() {
    let Some(files) = CertificateFiles::folder() else { return };
    for (name, generation) in [("rome", "Rome"), ("naples", "Naples")] {
        let folder = Folder::new();
        let [pdh, pek, oca, cek, ..] = files.chain(name);
        let export = [pdh, pek, oca, cek].concat();
        assert_eq!(export.len(), 8336);
        folder.file("export", export);
        let run =
            |flags: &str| Run::new(["session", "export", "5"]).with(flags.split_ascii_whitespace());
        run("").in_folder(folder.path()).go().answer();
        run("--name b --generation Naples,Rome").in_folder(folder.path()).go().answer();
        let flags = format!("--name c --generation {generation}");
        run(&flags).in_folder(folder.path()).go().answer();
        let outcome = run("--name d --generation Milan,Genoa").in_folder(folder.path()).go();
        assert!(outcome.no_link("root"), "{}", outcome.stdout);
        assert!(!folder.join("d_tik.bin").exists());
    }
}

#[test]
fn a_session_for_a_foreign_chain_opens_with_its_pdh() {
    let Some(files) = CertificateFiles::folder() else { return };
    for (name, keys) in CertificateVectors::read().syn_private_keys {
        let folder = Folder::new();
        let [pdh, pek, oca, cek, ask, ark] = files.chain(&name);
        folder.file("full", [pdh, pek, oca, cek, ask.clone(), ark.clone()].concat());
        folder.file("ca", [ask, ark.clone()].concat());
        folder.file("ark", ark);
        let flags = format!("session full 0x33010007 {LAB}");
        Run::new(flags.split(' ')).in_folder(folder.path()).go().answer();
        let [godh, session] = ["vm_godh.b64", "vm_session.b64"]
            .map(|name| BASE64.decode(folder.read(name)).expect("base64"));
        let (tek, tik) =
            open_session(&keys["pdh"], &godh, &session, 0x3301_0007).expect("the session opens");
        assert_eq!(
            (tek.to_vec(), tik.to_vec()),
            (folder.read("vm_tek.bin"), folder.read("vm_tik.bin"))
        );
    }
}

// Chains that are refused.

impl Outcome {
    /// Is this a no in which this link is the only one that is wrong? Every link has a line.
    fn no_link(&self, link: &str) -> bool {
        let lines: Vec<_> = self.stdout.lines().collect();
        let links = [
            "root",
            "owner",
            "ARK -> ARK",
            "ARK -> ASK",
            "ASK -> CEK",
            "OCA -> OCA",
            "OCA -> PEK",
            "CEK -> PEK",
            "PEK -> PDH",
        ];
        self.code == Some(1)
            && lines[0].starts_with("no: ")
            && links.iter().all(|name| {
                let answer = if *name == link { "no" } else { "yes" };
                lines.iter().any(|line| line.starts_with(&format!("{name}: {answer}")))
            })
    }
}

#[test]
fn a_chain_with_one_wrong_signature_is_a_no_that_names_the_link() {
    let lab = Lab::new(RsaSize::Bits2048);
    // In the order of the file: PDH, PEK, OCA, CEK. The first byte of a slot's signature is at 0x41c or 0x624.
    for (at, link) in [
        (0x41c, "PEK -> PDH"),
        (2084 + 0x41c, "OCA -> PEK"),
        (2084 + 0x624, "CEK -> PEK"),
        (2 * 2084 + 0x41c, "OCA -> OCA"),
        (3 * 2084 + 0x41c, "ASK -> CEK"),
    ] {
        let changed = lab.flipped("export", at);
        let outcome = lab.run(&format!("{changed} 5 {LAB}")).go();
        assert!(outcome.no_link(link), "{link}: {}", outcome.stdout);
        lab.wrote_nothing();
    }
}

#[test]
fn an_ark_that_does_not_sign_itself_is_a_no() {
    let lab = Lab::new(RsaSize::Bits2048);
    // The last byte of the file is the last of the ARK's signature over itself.
    let changed = lab.flipped("ca", 1663);
    let outcome = lab.run(&format!("export 5 --ca {changed} --root ark")).go();
    assert!(outcome.no_link("ARK -> ARK"), "{}", outcome.stdout);
    lab.wrote_nothing();
}

#[test]
fn a_pdh_of_another_machine_is_a_no() {
    let lab = Lab::new(RsaSize::Bits2048);
    lab.folder.file("other", Platform::new(RsaSize::Bits2048, "another machine").pdh);
    let outcome = lab.run(&format!("host 5 --pdh other {LAB}")).go();
    assert!(outcome.no_link("PEK -> PDH"), "{}", outcome.stdout);
    lab.wrote_nothing();
}

#[test]
fn a_consistent_chain_under_a_root_that_is_not_amd_s_is_a_no() {
    let lab = Lab::new(RsaSize::Bits2048);
    for arguments in ["full 5", "export 5 --ca ca"] {
        let outcome = lab.run(arguments).go();
        assert!(outcome.no_link("root"), "{}", outcome.stdout);
        lab.wrote_nothing();
    }
}

#[test]
fn amd_s_own_roots_are_refused_where_another_is_given() {
    let lab = Lab::new(RsaSize::Bits2048);
    let Some(files) = CertificateFiles::folder() else { return };
    let [pdh, pek, oca, cek, ask, ark] = files.chain("rome");
    lab.folder.file("rome", [pdh, pek, oca, cek].concat());
    lab.folder.file("rome-ca", [ask, ark].concat());
    let outcome = lab.run("rome 5 --ca rome-ca --root ark").go();
    assert!(outcome.no_link("root"), "{}", outcome.stdout);
}

#[test]
fn another_owner_is_a_no() {
    let lab = Lab::new(RsaSize::Bits2048);
    let other = Platform::new(RsaSize::Bits2048, "another machine").oca;
    lab.folder.file("other", &other);
    // PUBKEY (AMD 55766, SEV certificate).
    let hash = |oca: &[u8]| hex::encode(Sha256::digest(&oca[0x10..0x414]));
    for (right, wrong) in
        [("oca".to_owned(), "other".to_owned()), (hash(&lab.platform.oca), hash(&other))]
    {
        let outcome = lab.run(&format!("export 5 {LAB} --owner {wrong}")).go();
        assert!(outcome.no_link("owner"), "{}", outcome.stdout);
        lab.wrote_nothing();
        lab.run(&format!("export 5 {LAB} --owner {right}")).go().answer();
        lab.clear();
    }
    let outcome = lab.run(&format!("export 5 {LAB} --owner pek")).go();
    outcome.refused_with(&["wanted an OCA"]);
}

#[test]
fn a_no_tells_what_was_demanded() {
    let lab = Lab::new(RsaSize::Bits2048);
    let outcome = lab.run("full 5").go();
    let demands = "demands: AMD's roots, built in; any generation; any owner\n";
    assert!(outcome.stdout.ends_with(demands), "{}", outcome.stdout);
}

#[test]
fn files_that_are_no_chain_are_malformed() {
    let lab = Lab::new(RsaSize::Bits2048);
    let export = lab.platform.export();
    let Platform { pdh, pek, oca, cek, ask, ark, .. } = &lab.platform;
    for (bytes, text) in [
        (export[..8335].to_vec(), "wanted 2084 or"),
        ([&*export, &[0]].concat(), "wanted 2084 or"),
        (BASE64.encode(&export)[..100].into(), "wanted 2084 or"),
        (Vec::new(), "wanted 2084 or"),
        ([&**pek, pdh, oca, cek].concat(), "in place of the"),
        ([&**pdh, pek, cek, oca].concat(), "in place of the"),
        ([&*export, ark, ask].concat(), "in place of the"),
        (vec![0; 8336], "in place of the"),
    ] {
        lab.folder.file("wrong", bytes);
        lab.run(&format!("wrong 5 {LAB}")).go().refused_with(&[text]);
        lab.wrote_nothing();
    }
}

#[test]
fn a_host_s_chain_needs_its_pdh() {
    let lab = Lab::new(RsaSize::Bits2048);
    lab.run(&format!("host 5 {LAB}")).go().refused_with(&["--pdh"]);
}

#[test]
fn flags_that_do_not_go_together_are_wrong_usage() {
    let lab = Lab::new(RsaSize::Bits2048);
    for (arguments, text) in [
        ("export 5 --root ark", "--ca"),
        ("5 --pdh pdh --pek pek --cek cek --ca ca --root ark", "--oca"),
        ("export 5 --pdh pdh --pek pek --oca oca --cek cek --ca ca --root ark", "contradict"),
        ("export 5 --ca ca --root ark --generation Rome", "--generation"),
        ("export 5 --generation Rom", "--generation"),
        ("5", "CHAIN"),
        ("export", "<POLICY>"),
        ("export 5 --name a/b --ca ca --root ark", "--name"),
        ("export 5 --out absent --ca ca --root ark", "absent"),
    ] {
        lab.run(arguments).go().refused_with(&[text]);
        lab.wrote_nothing();
    }
}

// A bare PDH.

#[test]
fn a_bare_pdh_is_refused_as_insecure() {
    let lab = Lab::new(RsaSize::Bits2048);
    lab.run("pdh 5").go().insecure(&["a bare PDH proves nothing", "--unverified-pdh"]);
    lab.wrote_nothing();
}

#[test]
fn a_bare_pdh_can_be_accepted_and_is_warned_of() {
    let lab = Lab::new(RsaSize::Bits2048);
    let outcome = lab.run("pdh.b64 5 --unverified-pdh").go();
    outcome.answer();
    assert!(outcome.warnings().iter().any(|text| text.contains("the PDH is not verified")));
    lab.opens(5);
}

#[test]
fn only_a_pdh_is_taken_for_one_and_nothing_can_be_demanded_of_it() {
    let lab = Lab::new(RsaSize::Bits2048);
    lab.run("pek 5 --unverified-pdh").go().refused_with(&["of a PEK, wanted a PDH"]);
    lab.run("pdh 5 --unverified-pdh --generation milan")
        .go()
        .refused_with(&["nothing can be demanded"]);
}

#[test]
fn a_session_says_whose_platform_it_is_for() {
    let lab = Lab::new(RsaSize::Bits2048);
    let outcome = lab.run(&format!("export 5 {LAB}")).go();
    let notes = outcome.notes().join("\n");
    for text in ["platform: a lab's own", "owner's key", "chip's key", "demanded: the root given"] {
        assert!(notes.contains(text), "{notes}");
    }
}

#[test]
fn a_chain_is_never_left_unverified() {
    let lab = Lab::new(RsaSize::Bits2048);
    let outcome = lab.run(&format!("export 5 --unverified-pdh {LAB}")).go();
    outcome.refused_with(&["--unverified-pdh is for a bare PDH"]);
    lab.wrote_nothing();
}

// The policy.

#[test]
fn no_session_is_made_for_a_policy_that_is_refused() {
    let lab = Lab::new(RsaSize::Bits2048);
    for (arguments, text) in [
        ("export 0", "--allow-debug"),
        ("export 4", "--allow-debug"),
        ("export 0x41", "reserved bits"),
        ("export 0x8001 --allow-debug", "reserved bits"),
    ] {
        lab.run(&format!("{arguments} {LAB}")).go().insecure(&[text]);
        lab.wrote_nothing();
    }
    let outcome = lab.run(&format!("export 1 --require noks {LAB}")).go();
    assert!(outcome.no().contains("NOKS: found 0, wanted 1"), "{}", outcome.stdout);
    lab.wrote_nothing();
}

#[test]
fn the_session_is_for_the_whole_policy_and_for_no_other() {
    let lab = Lab::new(RsaSize::Bits2048);
    // sevctl loses the upper half of the first three.
    for policy in [0x1800_0003, 0x1a02_0003, 0x3301_0007, 0x3f] {
        lab.run(&format!("export {policy:#x} {LAB}")).go().answer();
        lab.opens(policy);
        for bit in 0..32 {
            assert_eq!(lab.open(policy ^ 1 << bit), Err("policy_mac"), "bit {bit}");
        }
        lab.clear();
    }
}

#[test]
fn a_policy_of_more_than_32_bits_is_wrong_usage() {
    let lab = Lab::new(RsaSize::Bits2048);
    for policy in ["0x100000005", "-1", "five", "", "SMT", "NODBG+ES+", "API=2.0"] {
        let outcome = Run::new(["session", "export", policy]).in_folder(lab.folder.path()).go();
        outcome.refusal();
    }
}

#[test]
fn a_policy_is_said_by_its_bits_names() {
    let lab = Lab::new(RsaSize::Bits2048);
    // [SEV-API, guest policy structure]: NODBG 0, NOKS 1, ES 2, NOSEND 3; API 1.51 is 0x3301 above them.
    for (names, policy) in [("NODBG+ES", 0x5), ("nodbg,noks,es,nosend,API=1.51", 0x3301_000f)] {
        lab.run(&format!("export {names} {LAB}")).go().answer();
        lab.opens(policy);
        lab.clear();
    }
}

// Files.

#[test]
fn the_files_have_their_sizes_and_are_their_owner_s_alone() {
    let lab = Lab::new(RsaSize::Bits2048);
    let outcome = lab.run(&format!("export 5 {LAB}")).go();
    assert_eq!(
        outcome.answer(),
        "./vm_tik.bin\n./vm_tek.bin\n./vm_godh.b64\n./vm_session.b64\n".replace("./", "")
    );
    for (name, size) in FILES.into_iter().zip([2780, 172, 16, 16]) {
        let metadata = fs::metadata(lab.folder.join(name)).expect("the file was written");
        assert_eq!(
            (metadata.len(), metadata.permissions().mode() & 0o777),
            (size, 0o600),
            "{name}"
        );
    }
}

#[test]
fn name_and_folder_are_as_wanted() {
    let lab = Lab::new(RsaSize::Bits2048);
    fs::create_dir(lab.folder.join("keys")).expect("a folder can be made");
    lab.run(&format!("export 5 --name web1 --out keys {LAB}")).go().answer();
    for end in ["tik.bin", "tek.bin", "godh.b64", "session.b64"] {
        assert!(lab.folder.join(&format!("keys/web1_{end}")).is_file(), "{end}");
    }
    lab.wrote_nothing();
}

#[test]
fn no_file_is_ever_overwritten_and_none_is_left_half_made() {
    for existing in FILES {
        let lab = Lab::new(RsaSize::Bits2048);
        lab.folder.file(existing, "mine");
        let names = lab.folder.names();
        let outcome = lab.run(&format!("export 5 {LAB}")).go();
        outcome.refused_with(&[existing, "never overwritten", "no session was written"]);
        assert_eq!(lab.folder.names(), names);
        assert_eq!(lab.folder.read(existing), b"mine");
    }
}

#[test]
fn two_sessions_share_nothing() {
    let lab = Lab::new(RsaSize::Bits2048);
    let made = [(); 2].map(|()| {
        lab.run(&format!("export 5 {LAB}")).go().answer();
        let files = FILES.map(|name| lab.folder.read(name));
        lab.clear();
        files
    });
    let [first, second] = &made;
    for (name, (first, second)) in FILES.iter().zip(first.iter().zip(second)) {
        assert_ne!(first, second, "{name}");
    }
    let blobs = made.each_ref().map(|[_, blob, ..]| BASE64.decode(blob).expect("base64"));
    // NONCE, WRAP_TK, WRAP_IV, WRAP_MAC, POLICY_MAC.
    for field in [0..16, 16..48, 48..64, 64..96, 96..128] {
        assert_ne!(blobs[0][field.clone()], blobs[1][field.clone()], "{field:?}");
    }
}

#[test]
fn the_owner_s_certificate_has_the_form_of_the_known_ones() {
    let lab = Lab::new(RsaSize::Bits2048);
    lab.run(&format!("export 5 {LAB}")).go().answer();
    let blank = |text: &[u8]| {
        let mut bytes = BASE64.decode(text).expect("base64");
        // QX and QY, 48 bytes each in 72.
        for at in [0x14, 0x5c] {
            bytes[at..at + 48].fill(0);
        }
        bytes
    };
    let known = &SevApi::read().godh_certificate[0];
    let found = blank(&lab.folder.read("vm_godh.b64"));
    assert!(found == blank(known.cert_base64.as_bytes()));
}

#[test]
fn no_key_is_ever_printed() {
    let lab = Lab::new(RsaSize::Bits2048);
    let outcome = lab.run(&format!("export 5 {LAB}")).go();
    outcome.answer();
    let [tek, tik] = ["vm_tek.bin", "vm_tik.bin"].map(|name| lab.folder.read(name));
    shows_no_key(&outcome, &[&tek, &tik]);
}
