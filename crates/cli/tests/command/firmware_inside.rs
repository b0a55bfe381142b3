//! `firmware tree`, `extract`, `diff` and `reproduce`: what is in an image, and where two differ.
//!
//! Images are the test kit's, which it builds by the UEFI Platform Initialization Specification and tells from the bytes that it wrote.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sev_launch_testkit::pi::{File, Ovmf, Section};
use sha2::{Digest, Sha256};

use super::guest::Guest;
use super::harness::{Outcome, golden};
use super::json::{check, check_strictness, document, schema};

/// A driver's GUID.
const DRIVER: &str = "9a5163e7-5c29-453f-825c-837a46a81e15";
const OTHER: &str = "4ee76bd7-0736-44e4-9fb5-1e84b1a2c2a0";

/// A folder with two builds of one firmware: `b.fd` has `change` made to it.
fn builds(change: impl FnOnce(Ovmf) -> Ovmf) -> Guest {
    let guest = Guest::new();
    let build = || Ovmf::amd_sev().driver(driver(b"first"));
    guest.file("a.fd", build().build());
    guest.file("b.fd", change(build()).build());
    guest
}

fn driver(text: &[u8]) -> File {
    let pe = Ovmf::amd_sev().executable("Changed", text);
    File::driver(DRIVER, "Changed").section(Section::pe32(pe.bytes()))
}

/// Two builds that differ in the code of one driver.
fn changed() -> Guest {
    let guest = Guest::new();
    guest.file("a.fd", Ovmf::amd_sev().driver(driver(b"first")).build());
    guest.file("b.fd", Ovmf::amd_sev().driver(driver(b"other")).build());
    guest
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn a_tree_is_a_golden_page_and_a_document() {
    let guest = builds(|build| build);
    golden("firmware-tree.txt", guest.run("firmware tree a.fd").go().answer());
    golden("firmware-tree-all.txt", guest.run("firmware tree a.fd --all").go().answer());
    let found = document(&guest.run("firmware tree a.fd --json").go());
    check(&schema("firmware-tree"), &found);
    assert_eq!(found["kernel_hash_check"], "yes");
    assert_eq!(found["understood"], true);
}

/// The bytes of a part, of the image or of what its space unpacks to.
fn whole(node: &Value, spaces: &[Option<Vec<u8>>]) -> Option<Vec<u8>> {
    let number = |key: &str| usize::try_from(node[key].as_u64().expect("a number")).expect("small");
    let space = spaces[number("space")].as_ref()?;
    Some(space[number("offset")..number("offset") + number("size")].to_vec())
}

fn each(node: &Value, look: &mut impl FnMut(&Value)) {
    look(node);
    node["parts"].as_array().expect("a list").iter().for_each(|below| each(below, look));
}

// Sizes and hashes of the tree are held against the file's own bytes, by another hash implementation; the packed part against what Python's
// `lzma` would read is the library's own test.
#[test]
fn sizes_and_hashes_of_a_tree_add_up_to_the_image() {
    let guest = builds(|build| build);
    let image = guest.folder.read("a.fd");
    let found = document(&guest.run("firmware tree a.fd --json").go());
    assert_eq!(found["size"], image.len());
    assert_eq!(found["sha256"], sha256(&image));
    let spaces = [Some(image.clone()), None];
    let (mut seen, mut covered) = (0, vec![false; image.len()]);
    for node in found["parts"].as_array().expect("a list") {
        each(node, &mut |node| {
            if let Some(bytes) = (node["space"] == 0).then(|| whole(node, &spaces)).flatten() {
                seen += 1;
                assert_eq!(node["sha256"], sha256(&bytes), "{node}");
                let start =
                    usize::try_from(node["offset"].as_u64().expect("a number")).expect("small");
                covered[start..start + bytes.len()].fill(true);
            }
        });
    }
    assert!(seen > 10, "{seen}");
    assert!(covered.iter().all(|is_covered| *is_covered));
}

#[test]
fn what_is_extracted_is_what_was_built_in() {
    let guest = builds(|build| build);
    let outcome = guest.run("firmware extract a.fd --output all --json").go();
    let found = document(&outcome);
    check_strictness(&schema("firmware-extract"), &found, &[]);
    for one in found.as_array().expect("a list") {
        let path = Path::new("all").join(one["file"].as_str().expect("text"));
        let bytes = guest.folder.read(path.to_str().expect("text"));
        assert_eq!(one["sha256"], sha256(&bytes));
        assert_eq!(one["size"], bytes.len());
    }
    // One module, whose executable is the one that was put in.
    let pe = Ovmf::amd_sev().executable("Changed", b"first").bytes();
    for (number, name) in ["Changed", DRIVER].iter().enumerate() {
        let folder = format!("one{number}");
        let outcome = guest.run(&format!("firmware extract a.fd {name} -o {folder} --json")).go();
        let found = document(&outcome);
        let is_efi = |one: &&Value| one["file"].as_str().expect("text").ends_with(".efi");
        let efi = found.as_array().expect("a list").iter().find(is_efi).expect("an executable");
        assert_eq!(efi["sha256"], sha256(&pe));
        assert_eq!(efi["guid"], DRIVER);
    }
    // What is there stays, and what is nobody's leaves nothing.
    let again = guest.run("firmware extract a.fd -o all").go();
    assert_eq!(again.code, Some(2));
    let none = guest.run("firmware extract a.fd Nobody -o none").go();
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("it has no module Nobody"), "{}", none.stderr);
    assert!(!guest.folder.join("none").exists());
}

#[test]
fn a_difference_is_a_golden_page_and_a_document() {
    let guest = changed();
    let outcome = guest.run("firmware diff a.fd b.fd").go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    golden("firmware-diff.txt", &outcome.stdout);
    golden("firmware-diff-all.txt", &guest.run("firmware diff a.fd b.fd --all").go().stdout);
    golden("firmware-diff.md", &guest.run("firmware diff a.fd b.fd --format markdown").go().stdout);
    let found = document(&guest.run("firmware diff a.fd b.fd --json").go());
    check_strictness(&schema("firmware-diff"), &found, &[]);
    // The digests that change are those that sev-launch gives, computed a second time here.
    let [a, b] = ["a.fd", "b.fd"].map(|name| guest.folder.read(name));
    let snp = &found["digests"][2]["because"][0];
    for (side, image) in [("a", &a), ("b", &b)] {
        assert_eq!(snp[side], hex::encode(sev_launch_testkit::expected::snp_firmware(image)));
        assert_eq!(found["digests"][0]["because"][0][side], sha256(image));
    }
    // The pages that differ, counted by hand.
    let differ = a.chunks(4096).zip(b.chunks(4096)).filter(|(a, b)| a != b).count();
    assert_eq!(found["pages"]["differing"], differ);
}

#[test]
fn an_image_and_itself_are_the_same() {
    let guest = builds(|build| build);
    let outcome = guest.run("firmware diff a.fd b.fd").go();
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stdout.starts_with("the same, byte for byte\n"));
    guest.file("c.fd", guest.folder.read("a.fd"));
    let outcome = guest.run("firmware reproduce a.fd b.fd c.fd").go();
    assert_eq!(outcome.answer(), "b.fd: the same, byte for byte\nc.fd: the same, byte for byte\n");
    // A file held against itself proves nothing, whatever it is called.
    std::os::unix::fs::symlink("a.fd", guest.folder.join("link.fd")).expect("a link");
    for other in ["a.fd", "./a.fd", "link.fd"] {
        let outcome = guest.run(&format!("firmware reproduce a.fd b.fd {other}")).go();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{other}");
        assert!(outcome.stderr.contains("they are one file"), "{}", outcome.stderr);
    }
}

#[test]
fn a_map_is_svg_with_every_name_escaped() {
    let guest = Guest::new();
    let hostile = |text: &[u8]| {
        let pe = Ovmf::general().executable("x", text);
        let file = File::driver(OTHER, "</text><script>alert(1)</script>&\u{202e}\u{1b}[2J");
        Ovmf::general().driver(file.section(Section::pe32(pe.bytes()))).build()
    };
    guest.file("a.fd", hostile(b"first"));
    guest.file("b<&.fd", hostile(b"other"));
    let outcome = guest.run("firmware diff a.fd b<&.fd --map map.svg").go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let svg = String::from_utf8(guest.folder.read("map.svg")).expect("UTF-8");
    let map = roxmltree::Document::parse(&svg).expect("well-formed XML");
    let names: Vec<_> = map
        .descendants()
        .filter(roxmltree::Node::is_element)
        .map(|node| node.tag_name().name())
        .collect();
    assert!(names.iter().all(|name| ["svg", "rect", "text", "path"].contains(name)), "{names:?}");
    assert!(!svg.contains('\u{202e}') && !svg.contains('\u{1b}'));
    // A terminal is not moved either.
    assert!(!outcome.stdout.contains('\u{1b}') && !outcome.stdout.contains('\u{202e}'));
}

/// A box that text or a rectangle takes, in pixels: left, right, top, bottom.
type Box4 = (f64, f64, f64, f64);

/// Where the words of a map stand. DejaVu Sans has no letter of 12 pixels that is wider than 12, and 7.4 on average over names.
fn words(map: &roxmltree::Document<'_>) -> Vec<(String, Box4)> {
    let number = |node: roxmltree::Node<'_, '_>, key: &str| {
        node.attribute(key).and_then(|value| value.parse::<f64>().ok())
    };
    map.descendants()
        .filter(|node| node.has_tag_name("text"))
        .map(|node| {
            let size = number(node, "font-size").unwrap_or(12.0);
            let text = node.text().unwrap_or_default().to_owned();
            let (x, y) = (number(node, "x").expect("x"), number(node, "y").expect("y"));
            let letters = f64::from(u32::try_from(text.chars().count()).expect("a short text"));
            let width = letters * size * 0.62;
            (text, (x, x + width, y - size * 0.8, y + size * 0.2))
        })
        .collect()
}

#[test]
fn no_words_of_a_map_overlap() {
    let guest = Guest::new();
    // Many modules differ, so that labels have to move apart.
    let many = |text: &[u8]| {
        let driver = |build: Ovmf, number: u32| {
            let guid = format!("{number:08x}-5c29-453f-825c-837a46a81e15");
            let pe = build.executable("x", [text, &number.to_le_bytes()].concat());
            let name = format!("DriverWithALongNameIndeed{number}");
            build.driver(File::driver(&guid, &name).section(Section::pe32(pe.bytes())))
        };
        (0..60).fold(Ovmf::amd_sev(), driver).build()
    };
    guest.file("a.fd", many(b"first"));
    guest.file("b.fd", many(b"other"));
    guest.run("firmware diff a.fd b.fd --map map.svg").go();
    let svg = String::from_utf8(guest.folder.read("map.svg")).expect("UTF-8");
    let map = roxmltree::Document::parse(&svg).expect("well-formed XML");
    let words = words(&map);
    assert!(words.iter().any(|(text, _)| text.contains("smaller ones")));
    for (number, (text, a)) in words.iter().enumerate() {
        for (other, b) in &words[number + 1..] {
            let apart = a.1 <= b.0 || b.1 <= a.0 || a.3 <= b.2 || b.3 <= a.2;
            assert!(apart, "{text:?} {a:?} and {other:?} {b:?}");
        }
    }
}

const ALLOW: &str =
    "[[allow]]\nmodule = \"Changed\"\nkinds = [\"code\", \"data\"]\nreason = \"on purpose\"\n";

#[test]
fn what_may_differ_is_written_down() {
    let guest = changed();
    guest.file("allow.toml", ALLOW);
    let run = |more: &str| guest.run(&format!("firmware reproduce a.fd b.fd {more}")).go();
    let refused = run("");
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stdout.contains("not allowed  Changed: "), "{}", refused.stdout);
    let allowed = run("--allow allow.toml");
    assert_eq!(allowed.code, Some(0), "{}{}", allowed.stdout, allowed.stderr);
    golden("firmware-reproduce.txt", &allowed.stdout);
    for more in ["--json", "--json --allow allow.toml"] {
        let found = document(&run(more));
        check_strictness(&schema("firmware-reproduce"), &found, &[]);
        assert_eq!(found["reproduced"], more.contains("allow"));
    }
    // The same of another module is not the same.
    guest.file("allow.toml", ALLOW.replace("Changed", "SecMain"));
    let outcome = run("--allow allow.toml");
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stdout.contains("allow.toml:1: no build differs"), "{}", outcome.stdout);
    let annotations = run("--allow allow.toml --format annotations");
    assert_eq!(annotations.code, Some(1));
    let lines: Vec<_> = annotations.stdout.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("::error file=allow.toml,title=firmware is another build::a.fd and b.fd: Changed differs in ")), "{lines:?}");
    assert!(
        lines.iter().any(|line| line
            .starts_with("::warning file=allow.toml,line=1,title=entry allows nothing::")),
        "{lines:?}"
    );
    let junit = run("--format junit");
    let xml = roxmltree::Document::parse(&junit.stdout).expect("well-formed XML");
    assert_eq!(xml.descendants().filter(|node| node.has_tag_name("failure")).count(), 1);
    assert!(
        run("--format markdown")
            .stdout
            .starts_with("### Firmware: <code>b.fd</code> is not the same\n")
    );
}

/// An allow file, and what its error says.
#[test]
fn an_allow_file_that_is_not_understood_decides_nothing() {
    let guest = changed();
    for (text, wanted) in [
        (
            "[[allow]]\nkinds = [\"cod\"]\nreason = \"x\"",
            "line 2: no kind is called `cod`: there are code, data",
        ),
        (
            "[[allow]]\nkinds = [\"consequence\"]\nreason = \"x\"",
            "line 2: the kind `consequence` needs no entry",
        ),
        ("[[allow]]\nkinds = []\nreason = \"x\"", "line 2: no kinds"),
        ("[[allow]]\nkinds = [\"code\"]\nreason = \" \"", "line 3: the reason is empty"),
        ("[[allow]]\nkinds = [\"code\"]", "line 1: missing field `reason`"),
        (
            "[[allow]]\nmodule = \"\"\nkinds = [\"code\"]\nreason = \"x\"",
            "line 2: the module's name is empty",
        ),
        (
            "[[allow]]\nmodul = \"a\"\nkinds = [\"code\"]\nreason = \"x\"",
            "line 2: unknown field `modul`",
        ),
        ("allows = 1", "line 1: unknown field `allows`"),
        (
            "[[allow]]\nmodule = \"a\"\nmodule = \"b\"\nkinds = [\"code\"]\nreason = \"x\"",
            "line 3: duplicate key",
        ),
        ("\u{0}", "line 1: "),
    ] {
        guest.file("allow.toml", text);
        let outcome = guest.run("firmware reproduce a.fd b.fd --allow allow.toml").go();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{text}");
        assert!(
            outcome.stderr.contains(&format!("allow.toml: {wanted}")),
            "{text}: {}",
            outcome.stderr
        );
    }
    guest.file("allow.toml", [0xff, 0xfe]);
    let outcome = guest.run("firmware reproduce a.fd b.fd --allow allow.toml").go();
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("an allow file is text in UTF-8"), "{}", outcome.stderr);
}

#[test]
fn images_that_cannot_be_looked_into_decide_nothing() {
    let guest = changed();
    guest.file("empty.fd", []);
    for command in [
        "firmware tree empty.fd",
        "firmware diff a.fd empty.fd",
        "firmware reproduce a.fd empty.fd",
        "firmware extract empty.fd -o x",
    ] {
        let outcome = guest.run(command).go();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{command}");
        assert!(
            outcome.stderr.contains("empty.fd: the image is empty"),
            "{command}: {}",
            outcome.stderr
        );
    }
    let outcome: Outcome = guest.run("firmware reproduce a.fd").go();
    assert_eq!(outcome.code, Some(2));
    guest.file("c.fd", guest.folder.read("a.fd"));
    let found = document(&guest.run("firmware reproduce a.fd c.fd --json").go());
    assert_eq!(found["unused"], json!([]));
    // A variable store has no code, and what has no volume is no image at all.
    guest.file("vars.fd", Ovmf::general().variable_volume());
    guest.file("noise.fd", [0x5a; 8192]);
    for (name, wanted) in
        [("vars.fd", "no module is in it"), ("noise.fd", "no firmware volume is in it")]
    {
        let outcome = guest.run(&format!("firmware reproduce a.fd {name}")).go();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{name}");
        assert!(outcome.stderr.contains(wanted), "{}", outcome.stderr);
    }
    fs::remove_file(guest.folder.join("b.fd")).expect("it was there");
    assert_eq!(guest.run("firmware diff a.fd b.fd --map map.svg").go().code, Some(2));
    assert!(!guest.folder.join("map.svg").exists());
}
