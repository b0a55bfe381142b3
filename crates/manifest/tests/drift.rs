//! Drift: what a changed file does to a manifest, and what people and CI are told. The digests are testkit's own.

use serde_json::{Value, json};
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_digest::firmware::{Firmware, KernelHashCheck};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_manifest::check::{Recorded, annotations, junit, markdown};
use sev_launch_manifest::differences::{Cause, Change, Differences};
use sev_launch_manifest::row::{Detail, Observed, Source};
use sev_launch_manifest::{
    Acceptance, Error, Facts, Finding, Head, Input, InputRefs, Manifest, Obtained, Others,
    Published, Role, Root, Row, check, diff,
};
use sev_launch_sweep::inside;
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::FirmwareBuilder;

/// A SEV guest with two command lines, as CI would record it.
#[derive(Clone)]
struct Guest<'a> {
    image: Vec<u8>,
    kernel: &'static str,
    cmdlines: Vec<&'a str>,
    kernel_hashes: bool,
    policy: u64,
    tool: &'static str,
    check: KernelHashCheck,
    /// Names and contents of the image's modules; none where nobody looked.
    modules: Vec<(&'a str, &'a str)>,
}

impl Guest<'_> {
    fn new() -> Self {
        Self {
            image: FirmwareBuilder::amd_sev().build(),
            kernel: "kernel 1",
            cmdlines: vec!["quiet", "debug"],
            kernel_hashes: true,
            policy: 1,
            tool: "sev-launch 0.1.0",
            check: KernelHashCheck::Unknown,
            modules: Vec::new(),
        }
    }

    fn manifest(&self) -> Manifest {
        let firmware = Firmware::parse(&self.image).expect("an image").absorb();
        let firmware = firmware.with_kernel_hash_check(self.check);
        let kernel = self.kernel.as_bytes();
        let size = u64::try_from(kernel.len()).expect("a size");
        let input = Input::firmware(Role::Firmware, "OVMF.fd", &firmware).expect("absorbed whole");
        let module = |(name, contents): &(&str, &str)| inside::Module {
            name: (*name).into(),
            guid: None,
            sha256: Sha256Digest::of(contents.as_bytes()),
        };
        let modules: Vec<_> = self.modules.iter().map(module).collect();
        let mut inputs = vec![
            input.with_modules(&modules),
            Input::file(Role::Kernel, "vmlinuz", size, Sha256Digest::of(kernel)),
        ];
        let mut rows = Vec::new();
        for cmdline in &self.cmdlines {
            let table = expected::hashes_table(kernel, None, Some(cmdline.as_bytes()));
            let digest = expected::sev(&self.image, self.kernel_hashes.then_some(&table));
            let index = u32::try_from(inputs.len()).expect("an index");
            inputs.push(Input::cmdline(cmdline.as_bytes()).expect("no NUL"));
            rows.push(Row {
                digest: LaunchDigest::from_slice(&digest).expect("32 bytes"),
                facts: Facts {
                    kernel_hashes: Some(self.kernel_hashes),
                    inputs: InputRefs {
                        firmware: Some(0),
                        kernel: Some(1),
                        cmdline: Some(index),
                        ..InputRefs::default()
                    },
                    ..Facts::default()
                },
                obtained: Obtained::Computed,
            });
        }
        let head = Head {
            name: "web: a, b".into(),
            tool: self.tool.into(),
            technology: Technology::Sev,
            policy: Some(self.policy),
            host_data: None,
            description: json!({"boot": {"kernel_hashes": self.kernel_hashes}}),
        };
        Manifest::new(head, inputs, rows).expect("a manifest")
    }
}

fn observed(digest: LaunchDigest, facts: Facts) -> Row {
    let observed = Observed {
        from: Source::Measurement,
        verified: true,
        root: None,
        detail: Detail::default(),
    };
    Row { digest, facts, obtained: Obtained::Observed(observed) }
}

#[test]
fn the_same_inputs_are_no_drift() {
    let old = Guest::new().manifest();
    assert!(diff(&old, &old).is_empty());
    let found = check(&old, &old).expect("checked");
    assert!(found.is_same());
    assert_eq!(found.to_string(), "web: a, b is current: 2 rows are the same\n");
    let notice =
        "::notice title=web%3A a%2C b%3A manifest is current::2 computed rows are the same\n";
    assert_eq!(annotations::write(&found, None), notice);
    assert_eq!(failures(&junit::write(&found)), Vec::<(String, String)>::new());
    let rows = old.rows().iter().zip(["quiet", "debug"]).map(|(row, cmdline)| {
        format!("| <code>cmdline &#34;{cmdline}&#34;</code> | `{}` | the same |\n", row.digest)
    });
    let rows: String = rows.collect();
    let head = "### Launch digests: <code>web&#58; a, b</code> is current\n\n";
    assert_eq!(
        markdown::write(&found),
        format!("{head}| launch | digest | |\n|---|---|---|\n{rows}")
    );
}

#[test]
fn names_of_others_break_no_markdown() {
    let hostile = "a|b <img src=x> `c` @team [d](e) \\";
    let mut guest = Guest { cmdlines: vec![hostile, "quiet"], ..Guest::new() };
    let old = guest.manifest();
    guest.kernel = "kernel two";
    let page = markdown::write(&check(&old, &guest.manifest()).expect("checked"));
    for line in page.lines().filter(|line| line.starts_with('|')) {
        // A table's line has three cells, or two above.
        let bars = line.matches('|').count();
        assert!(bars == 4 || bars == 3, "{line}");
        let mut rest = line.replace("<code>", "").replace("</code>", "").replace("<br>", "");
        rest = rest.replace("**changed**", "");
        assert!(!rest.contains(['<', '>', '@', '[', '*', '\\']), "{rest}");
    }
    assert!(page.contains("a&#124;b &#60;img src=x&#62; &#96;c&#96; &#64;team"), "{page}");
}

#[test]
fn a_summary_stays_small_enough_to_be_shown() {
    let cmdlines: Vec<String> = (0..4000).map(|number| format!("console={number:0>200}")).collect();
    let guest = Guest { cmdlines: cmdlines.iter().map(String::as_str).collect(), ..Guest::new() };
    let manifest = guest.manifest();
    let page = markdown::write(&check(&manifest, &manifest).expect("checked"));
    // GitHub refuses a summary of more than 1 MiB.
    assert!(page.len() < 300 << 10, "{}", page.len());
    let shown = page.lines().filter(|line| line.contains("console")).count();
    let end = format!("\n{} more lines are not shown.\n", 4000 - shown);
    assert!(shown > 500 && page.ends_with(&end), "{shown}");
}

#[test]
fn the_order_of_inputs_and_rows_is_no_drift() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    guest.cmdlines.reverse();
    let found = check(&old, &guest.manifest()).expect("checked");
    assert!(found.is_same() && found.differences().is_empty(), "{found}");
}

#[test]
fn a_changed_kernel_explains_every_row() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    guest.kernel = "kernel two";
    let new = guest.manifest();
    let found = check(&old, &new).expect("checked");
    assert!(!found.is_same());
    let differences = found.differences();
    assert_eq!(differences.rows_changed.len(), 2);
    for (number, change) in differences.rows_changed.iter().enumerate() {
        assert_eq!(change.causes, [Cause::Input { input: 0 }]);
        assert_eq!(change.old.digest, old.rows()[number].digest);
        assert_eq!(change.new.digest, new.rows()[number].digest);
    }
    // SHA-256 of both kernels, by sha256sum; the digests are testkit's.
    let short = |row: &Row| row.digest.to_string()[..16].to_owned();
    let change = "kernel vmlinuz: sha256 7633ff3bf7b49e3d… -> 00d0d447b9fee9e5…, 8 -> 10 bytes";
    let expected = format!(
        "web: a, b has drifted: 0 rows are the same\n\
         input {change}\n\
         guest of cmdline \"quiet\": digest {}… -> {}…\n  because {change}\n\
         guest of cmdline \"debug\": digest {}… -> {}…\n  because {change}\n",
        short(&old.rows()[0]),
        short(&new.rows()[0]),
        short(&old.rows()[1]),
        short(&new.rows()[1]),
    );
    assert_eq!(found.to_string(), expected);

    let lines = annotations::write(&found, None);
    let lines: Vec<_> = lines.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    let title = "::error title=web%3A a%2C b%3A input changed::";
    assert_eq!(lines[0], format!("{title}{change}"));
    let title = "::error title=web%3A a%2C b%3A launch digest changed::cmdline \"quiet\": ";
    assert!(lines[1].starts_with(title), "{}", lines[1]);

    // In the recorded text each failure has its line: that of the input's hash, and of each row's digest.
    let text = String::from_utf8(old.to_json().expect("JSON")).expect("text");
    let recorded = Recorded { file: "ci/a,b.json", text: &text, manifest: &old };
    let of = |wanted: &str| text.lines().position(|line| line.contains(wanted)).expect("there") + 1;
    let hash = of("7633ff3bf7b49e3d");
    let digests = old.rows().iter().map(|row| of(&row.digest.to_string()));
    let wanted = std::iter::once(hash).chain(digests);
    let placed = annotations::write(&found, Some(recorded));
    for (line, number) in placed.lines().zip(wanted) {
        let start = format!("::error file=ci/a%2Cb.json,line={number},title=web%3A a%2C b%3A ");
        assert!(line.starts_with(&start), "{line} is not of {number}");
    }

    let page = markdown::write(&found);
    let lines: Vec<_> = page.lines().collect();
    assert_eq!(lines[0], "### Launch digests: <code>web&#58; a, b</code> has drifted");
    let change = "<code>kernel vmlinuz&#58; sha256 7633ff3bf7b49e3d… -&#62; 00d0d447b9fee9e5…, 8 -&#62; 10 bytes</code>";
    assert_eq!(
        lines[2..5],
        ["| what changed | how |", "|---|---|", &format!("| input | {change} |")]
    );
    assert_eq!(lines[6..8], ["| launch | digest | |", "|---|---|---|"]);
    for (line, (number, cmdline)) in lines[8..].iter().zip([(0, "quiet"), (1, "debug")]) {
        let (old, new) = (&old.rows()[number].digest, &new.rows()[number].digest);
        let facts = format!("<code>cmdline &#34;{cmdline}&#34;</code>");
        let how = format!("**changed**, because {change}");
        assert_eq!(*line, format!("| {facts} | `{old}`<br>now `{new}` | {how} |"));
    }
    assert_eq!(lines.len(), 10);

    let change = "kernel vmlinuz: sha256 7633ff3bf7b49e3d… -> 00d0d447b9fee9e5…, 8 -> 10 bytes";
    let failed = failures(&junit::write(&found));
    let names: Vec<_> = failed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["kernel vmlinuz", "cmdline \"quiet\"", "cmdline \"debug\""]);
    assert!(failed[1].1.ends_with(&format!("because {change}")), "{}", failed[1].1);
}

/// The failed cases of a JUnit document with their texts, by a reader of XML, after a look at its counts.
fn failures(xml: &str) -> Vec<(String, String)> {
    let document = roxmltree::Document::parse(xml).expect("XML");
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suite = root.first_element_child().expect("a suite");
    assert_eq!(suite.tag_name().name(), "testsuite");
    let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
    let failed: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let failure = case.children().find(|node| node.has_tag_name("failure"))?;
            Some((
                case.attribute("name").expect("a name").to_owned(),
                failure.text().unwrap_or_default().to_owned(),
            ))
        })
        .collect();
    for counter in [root, suite] {
        assert_eq!(counter.attribute("tests"), Some(cases.len().to_string().as_str()));
        assert_eq!(counter.attribute("failures"), Some(failed.len().to_string().as_str()));
    }
    failed
}

#[test]
fn a_case_stands_for_each_input_and_row() {
    let old = Guest::new().manifest();
    let xml = junit::write(&check(&old, &old).expect("checked"));
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    let found: Vec<_> =
        cases.map(|case| (case.attribute("classname"), case.attribute("name"))).collect();
    let expected = [
        ("web: a, b.guest", "technology"),
        ("web: a, b.guest", "policy"),
        ("web: a, b.guest", "host data"),
        ("web: a, b.guest", "ID block"),
        ("web: a, b.inputs", "firmware OVMF.fd"),
        ("web: a, b.inputs", "kernel vmlinuz"),
        ("web: a, b.inputs", "cmdline \"quiet\""),
        ("web: a, b.inputs", "cmdline \"debug\""),
        ("web: a, b.rows", "cmdline \"quiet\""),
        ("web: a, b.rows", "cmdline \"debug\""),
    ];
    assert_eq!(found, expected.map(|(class, name)| (Some(class), Some(name))));
}

#[test]
fn a_kernel_that_is_not_measured_is_compared_all_the_same() {
    let mut guest = Guest { kernel_hashes: false, ..Guest::new() };
    let old = guest.manifest();
    guest.kernel = "kernel two";
    let found = check(&old, &guest.manifest()).expect("checked");
    assert!(!found.is_same());
    assert_eq!((found.differences().inputs.len(), found.differences().rows_changed.len()), (1, 0));
    assert!(annotations::write(&found, None).starts_with("::error title="));
    assert_eq!(failures(&junit::write(&found)).len(), 1);
    // Another place is no difference.
    let mut moved = old.inputs().to_vec();
    moved[0].path = Some("elsewhere".into());
    let moved = Manifest::new(old.head().clone(), moved, old.rows().to_vec()).expect("a manifest");
    let found = check(&old, &moved).expect("checked");
    assert!(found.is_same());
    assert!(annotations::write(&found, None).starts_with("::warning title="));
    assert_eq!(failures(&junit::write(&found)), []);
}

#[test]
fn a_firmware_change_is_named_by_its_part() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    guest.image = FirmwareBuilder::amd_sev().reset(0x0080_c004).build();
    let found = diff(&old, &guest.manifest());
    let parts: Vec<_> = found.inputs[0].firmware.iter().map(ToString::to_string).collect();
    assert_eq!(parts, ["SEV-ES reset address 0x80b004 -> 0x80c004"]);
    assert_eq!(found.rows_changed.len(), 2);

    guest.image = FirmwareBuilder::amd_sev().pattern(3, 5).build();
    let found = diff(&old, &guest.manifest());
    let parts: Vec<_> = found.inputs[0].firmware.iter().map(ToString::to_string).collect();
    assert_eq!(parts, ["only the body differs: no table, address or section"]);

    guest.image = FirmwareBuilder::amd_sev().size(0x20000).build();
    let found = diff(&old, &guest.manifest());
    let parts: Vec<_> = found.inputs[0].firmware.iter().map(ToString::to_string).collect();
    assert_eq!(parts, ["size 65536 bytes -> 131072 bytes"]);
    assert!(found.to_string().contains("\n  size 65536 bytes -> 131072 bytes\n"), "{found}");
}

#[test]
fn one_command_line_changes_its_own_row() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    guest.cmdlines = vec!["quiet", "debug "];
    let found = diff(&old, &guest.manifest());
    assert_eq!(found.rows_changed.len(), 1);
    assert_eq!(found.rows_same.len(), 1);
    let causes = &found.rows_changed[0].causes;
    let text = "cmdline \"debug\" -> cmdline \"debug \"";
    assert!(found.explain(&causes[0]).starts_with(text), "{found}");
}

#[test]
fn rows_come_and_go_with_their_command_lines() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    guest.cmdlines.push("splash");
    let new = guest.manifest();
    let found = check(&old, &new).expect("checked");
    assert!(!found.is_same());
    assert_eq!(found.differences().rows_added.len(), 1);
    let back = check(&new, &old).expect("checked");
    assert_eq!(back.differences().rows_removed.len(), 1);
    assert!(!back.is_same());
    // The command line that is gone, and its row.
    assert_eq!(failures(&junit::write(&back)).len(), 2);
}

#[test]
fn kernel_hashes_off_is_another_fact() {
    let guest = Guest::new();
    let off = Guest { kernel_hashes: false, ..guest.clone() };
    let found = diff(&guest.manifest(), &off.manifest());
    assert_eq!((found.rows_added.len(), found.rows_removed.len()), (2, 2));
    let change = &found.description[0];
    assert_eq!(change.to_string(), "/boot/kernel_hashes: true -> false");
}

#[test]
fn without_a_changed_input_the_tool_or_profile_changed() {
    let guest = Guest::new();
    let old = guest.manifest();
    let mut rows = old.rows().to_vec();
    rows[0].digest = LaunchDigest::from_slice(&[7; 32]).expect("32 bytes");
    let head = Head { tool: "sev-launch 0.2.0".into(), ..old.head().clone() };
    let new = Manifest::new(head, old.inputs().to_vec(), rows).expect("a manifest");
    let found = diff(&old, &new);
    assert_eq!(found.rows_changed[0].causes, [Cause::ToolOrProfile]);
    let text =
        "the tool or what it knows of the profile changed: sev-launch 0.1.0 -> sev-launch 0.2.0";
    assert_eq!(found.explain(&Cause::ToolOrProfile), text);
    // The version alone is told, and is no drift.
    let newer = Guest { tool: "sev-launch 0.2.0", ..guest }.manifest();
    let found = check(&old, &newer).expect("checked");
    assert!(found.is_same() && found.differences().tool.is_some());
}

#[test]
fn another_profile_is_a_changed_row() {
    let with = |profile: &str, byte| {
        let mut facts = Facts {
            vcpus: VcpuCount::new(4).ok(),
            profile: Some(profile.into()),
            kernel_hashes: Some(false),
            ..Facts::default()
        };
        facts.inputs.firmware = Some(0);
        let inputs = vec![Input::file(Role::Firmware, "a", 1, Sha256Digest::of(b"a"))];
        let digest = LaunchDigest::from_slice(&[byte; 32]).expect("32 bytes");
        let head = Head { technology: Technology::SevEs, ..Guest::new().manifest().head().clone() };
        let row = Row { digest, facts, obtained: Obtained::Computed };
        Manifest::new(head, inputs, vec![row]).expect("a manifest")
    };
    let old = with("es-legacy", 1);
    let found = diff(&old, &with("es-init2", 2));
    let change = Change { old: "es-legacy".to_owned(), new: "es-init2".to_owned() };
    assert_eq!(found.rows_changed[0].causes, [Cause::Profile(change)]);
    // Two profiles may give one digest: no digest changed, but the row did.
    let same = with("es-init2", 1);
    let rows = diff(&old, &same).rows_changed;
    assert!(matches!(rows.as_slice(), [row] if row.old.digest == row.new.digest));
    assert!(!check(&old, &same).expect("checked").is_same());
}

#[test]
fn a_policy_or_technology_that_changed_is_drift() {
    let guest = Guest::new();
    let old = guest.manifest();
    let new = Guest { policy: 0, ..guest }.manifest();
    let found = check(&old, &new).expect("checked");
    assert!(!found.is_same());
    let text = "::error title=web%3A a%2C b%3A guest policy changed::0x1 -> 0x0\n";
    assert_eq!(annotations::write(&found, None), text);
    assert_eq!(failures(&junit::write(&found)), [("policy".to_owned(), "0x1 -> 0x0".to_owned())]);

    let head = Head { technology: Technology::SevEs, ..old.head().clone() };
    let rows = vec![observed(old.rows()[0].digest, Facts::default())];
    let es = Manifest::new(head, Vec::new(), rows).expect("a manifest");
    assert!(diff(&old, &es).technology.is_some());
}

#[test]
fn nothing_computed_is_no_yes() {
    let guest = Guest::new().manifest();
    let rows = vec![observed(guest.rows()[0].digest, Facts::default())];
    let seen = Manifest::new(guest.head().clone(), Vec::new(), rows).expect("a manifest");
    assert_eq!(check(&seen, &guest), Err(Error::NothingComputed { which: "recorded" }));
    assert_eq!(check(&guest, &seen), Err(Error::NothingComputed { which: "recomputed" }));
}

#[test]
fn observed_rows_are_kept_as_they_are() {
    let new = Guest::new().manifest();
    let mut old = new.clone();
    let digest = LaunchDigest::from_slice(&[9; 32]).expect("32 bytes");
    old.add(observed(digest, Facts::default())).expect("added");
    let found = check(&old, &new).expect("checked");
    assert!(found.is_same());
    assert_eq!(found.kept().len(), 1);
    let text = "web: a, b is current: 2 rows are the same, 1 row kept unchecked\n\
                row 2, facts not stated: observed in a measurement, verified, and not computed, so it is not checked\n";
    assert_eq!(found.to_string(), text);
    // Between two manifests as they are, it counts.
    assert_eq!(diff(&old, &new).rows_removed.len(), 1);
}

#[test]
fn each_difference_alone_is_one() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    let same = diff(&old, &old);
    assert!(same.is_empty());
    let text = || Some(Change { old: "one".to_owned(), new: "two".to_owned() });
    let technology = Some(Change { old: Technology::Sev, new: Technology::SevEs });
    let is_empty = |change: &dyn Fn(&mut Differences)| {
        let mut differences = same.clone();
        change(&mut differences);
        differences.is_empty()
    };
    assert!(!is_empty(&|one| one.name = text()));
    assert!(!is_empty(&|one| one.tool = text()));
    assert!(!is_empty(&|one| one.technology.clone_from(&technology)));
    assert!(!is_empty(&|one| one.policy = text()));
    assert!(!is_empty(&|one| one.host_data = text()));
    guest.kernel = "kernel 2";
    let other = diff(&old, &guest.manifest());
    assert!(!is_empty(&|one| one.inputs.clone_from(&other.inputs)));
    assert!(!is_empty(&|one| one.rows_changed.clone_from(&other.rows_changed)));
    guest.cmdlines = vec!["quiet"];
    let fewer = guest.manifest();
    let (gone, come) = (diff(&old, &fewer).rows_removed, diff(&fewer, &old).rows_added);
    assert!(!is_empty(&|one| one.rows_removed.clone_from(&gone)));
    assert!(!is_empty(&|one| one.rows_added.clone_from(&come)));
    guest.kernel_hashes = false;
    let described = diff(&fewer, &guest.manifest()).description;
    assert!(!is_empty(&|one| one.description.clone_from(&described)));
}

// A digest that was computed and observed stands twice in the text: each row has its own line, and what has no place has none.
#[test]
fn each_row_has_its_own_line() {
    let mut guest = Guest { cmdlines: vec!["quiet"], ..Guest::new() };
    let computed = guest.manifest();
    let mut rows = computed.rows().to_vec();
    rows.push(observed(rows[0].digest, rows[0].facts.clone()));
    let old = Manifest::new(computed.head().clone(), computed.inputs().to_vec(), rows);
    let old = old.expect("a manifest");
    guest.policy = 3;
    guest.cmdlines = vec!["quiet", "debug"];
    let found = check(&old, &guest.manifest()).expect("checked");
    let text = String::from_utf8(old.to_json().expect("JSON")).expect("text");
    let recorded = Recorded { file: "m.json", text: &text, manifest: &old };
    let all = annotations::write(&found, Some(recorded));
    let line = |title: &str| all.lines().find(|line| line.contains(title)).expect("said");
    let digest = old.rows()[1].digest.to_string();
    let numbers = text.lines().enumerate().filter(|(_, line)| line.contains(&digest));
    let numbers: Vec<_> = numbers.map(|(at, _)| at + 1).collect();
    assert_eq!(numbers.len(), 2);
    let unchecked = format!("::warning file=m.json,line={},", numbers[1]);
    assert!(line("row is not checked").starts_with(&unchecked), "{all}");
    let policy = text.lines().position(|line| line.starts_with("  \"policy\"")).expect("there");
    let policy = format!("::error file=m.json,line={},", policy + 1);
    assert!(line("guest policy changed").starts_with(&policy), "{all}");
    assert!(line("row is not recorded").starts_with("::error file=m.json,title="), "{all}");
}

// CI computes again what it can: a file that only somebody's observation names is not missed, one that computed rows name is.
#[test]
fn only_files_of_computed_rows_are_missed() {
    let new = Guest::new().manifest();
    let with = |computed_names_it: bool| {
        let mut inputs = new.inputs().to_vec();
        let index = u32::try_from(inputs.len()).expect("an index");
        inputs.push(Input::file(Role::Initrd, "initrd", 1, Sha256Digest::of(b"1")));
        let mut rows = new.rows().to_vec();
        if computed_names_it {
            rows[0].facts.inputs.initrd = Some(index);
        }
        let names = InputRefs { initrd: Some(index), ..InputRefs::default() };
        let digest = LaunchDigest::from_slice(&[9; 32]).expect("32 bytes");
        rows.push(observed(digest, Facts { inputs: names, ..Facts::default() }));
        Manifest::new(new.head().clone(), inputs, rows).expect("a manifest")
    };
    let found = check(&with(false), &new).expect("checked");
    assert!(found.is_same(), "{found}");
    assert!(found.differences().inputs.is_empty(), "{found}");
    let found = check(&with(true), &new).expect("checked");
    assert!(!found.is_same() && !found.differences().inputs.is_empty(), "{found}");
}

#[test]
fn an_absorbed_firmware_is_the_same_to_a_row() {
    let old = Guest::new().manifest();
    let mut inputs = old.inputs().to_vec();
    inputs[0].role = Role::AbsorbedFirmware;
    let new = Manifest::new(old.head().clone(), inputs, old.rows().to_vec()).expect("a manifest");
    let found = diff(&old, &new);
    assert_eq!(found.rows_same.len(), 2, "{found}");
    assert!(found.rows_changed.is_empty() && found.rows_removed.is_empty(), "{found}");
    assert!(check(&old, &new).expect("checked").is_same());
}

const CHECKS: &str = "whether it checks the kernel against the measured hashes";

// A manifest of before says nothing of it.
#[test]
fn what_nobody_knew_before_of_the_same_image_is_no_change() {
    let of = |check| Guest { check, ..Guest::new() }.manifest();
    let unknown = KernelHashCheck::Unknown;
    for known in [KernelHashCheck::Yes, KernelHashCheck::No] {
        for (old, new) in [(unknown, known), (known, known)] {
            let (old, new) = (of(old), of(new));
            assert!(diff(&old, &new).is_empty(), "{}", diff(&old, &new));
            let found = check(&old, &new).expect("checked");
            assert!(found.is_same(), "{found}");
        }
        // What is said and cannot be found again is one: anybody can write a yes.
        let found = check(&of(known), &of(unknown)).expect("checked");
        assert!(!found.is_same());
        assert!(found.to_string().contains(&format!("{CHECKS}: {known} -> unknown")), "{found}");
    }
    // Elsewhere it is the same file that moved.
    let (old, new) = (of(unknown), of(KernelHashCheck::Yes));
    let mut inputs = new.inputs().to_vec();
    inputs[0].path = Some("elsewhere".into());
    let moved = Manifest::new(new.head().clone(), inputs, new.rows().to_vec()).expect("a manifest");
    let found = check(&old, &moved).expect("checked");
    assert!(found.is_same() && found.differences().inputs[0].is_move(), "{found}");
}

#[test]
fn a_firmware_that_no_longer_checks_the_hashes_is_named() {
    let mut guest = Guest { check: KernelHashCheck::Yes, ..Guest::new() };
    let old = guest.manifest();
    // Of one image both cannot be true: somebody wrote one of them.
    guest.check = KernelHashCheck::No;
    let found = check(&old, &guest.manifest()).expect("checked");
    assert!(!found.is_same());
    let lines = found.to_string();
    assert!(lines.contains("the same sha256, and what is said of it differs"), "{lines}");
    assert!(lines.contains(&format!("{CHECKS}: yes -> no")), "{lines}");
    // Of another build it is told beside the digests that changed,
    guest.image = FirmwareBuilder::amd_sev().pattern(3, 5).build();
    let found = check(&old, &guest.manifest()).expect("checked");
    assert!(!found.is_same() && found.differences().rows_changed.len() == 2, "{found}");
    let parts = json!([{"part": "kernel-hash-check", "old": "yes", "new": "no"}]);
    let value = serde_json::to_value(found.differences()).expect("JSON");
    assert_eq!(value["inputs"][0]["firmware"], parts);
    // and nothing of it where nobody knew before.
    let unknown = Guest { check: KernelHashCheck::Unknown, ..Guest::new() }.manifest();
    let lines = diff(&unknown, &guest.manifest()).to_string();
    assert!(lines.contains("only the body differs") && !lines.contains(CHECKS), "{lines}");
}

// Kept beside the rows that were computed again, the image of before stands once.
#[test]
fn a_kept_row_refers_to_the_image_of_which_more_is_known_now() {
    let of = |check| Guest { check, ..Guest::new() }.manifest();
    let with_observed = |manifest: &Manifest| {
        let names = InputRefs { firmware: Some(0), ..InputRefs::default() };
        let digest = LaunchDigest::from_slice(&[9; 32]).expect("32 bytes");
        let mut rows = manifest.rows().to_vec();
        rows.push(observed(digest, Facts { inputs: names, ..Facts::default() }));
        Manifest::new(manifest.head().clone(), manifest.inputs().to_vec(), rows).expect("rows")
    };
    let known = of(KernelHashCheck::No);
    let count = known.inputs().len();
    let (kept, rows) =
        known.keeping(&with_observed(&of(KernelHashCheck::Unknown)), Others::Kept).expect("kept");
    assert_eq!((kept.inputs().len(), rows), (count, 1));
    // Its digest is computed for nothing, and so it is kept only where that is wanted.
    let refused = of(KernelHashCheck::No)
        .keeping(&with_observed(&of(KernelHashCheck::Unknown)), Others::Refused);
    assert!(matches!(refused, Err(Error::KeptOther { .. })), "{refused:?}");
    // What was known before of a row that is kept is not lost.
    let unknown = of(KernelHashCheck::Unknown);
    let (kept, _) =
        unknown.keeping(&with_observed(&of(KernelHashCheck::No)), Others::Kept).expect("kept");
    assert_eq!(kept.inputs().len(), count + 1);
}

/// Two builds that differ in the module in the middle, of which the second has another image.
fn two_builds() -> [Guest<'static>; 2] {
    let modules = vec![("SecMain", "1"), ("PeiCore", "1"), ("Logo", "1")];
    let old = Guest { modules, ..Guest::new() };
    let modules = vec![("SecMain", "1"), ("PeiCore", "2"), ("Logo", "1")];
    let image = FirmwareBuilder::amd_sev().pattern(3, 5).build();
    [old.clone(), Guest { modules, image, ..old }]
}

#[test]
fn the_module_that_changed_is_named_in_every_form() {
    let [old, new] = two_builds().map(|guest| guest.manifest());
    for found in [diff(&old, &new).to_string(), check(&old, &new).expect("checked").to_string()] {
        let body = "  only the body differs: no table, address or section\n";
        assert!(found.contains(&format!("{body}  modules: PeiCore changed\n")), "{found}");
        assert!(!found.contains("SecMain") && !found.contains("Logo"), "{found}");
    }
    let found = check(&old, &new).expect("checked");
    assert!(!found.is_same() && found.differences().rows_changed.len() == 2, "{found}");
    let value: Value = serde_json::from_slice(&found.to_json().expect("JSON")).expect("JSON");
    let of = |text: &str| Sha256Digest::of(text.as_bytes()).to_string();
    let changed = json!([{"name": "PeiCore", "old": of("1"), "new": of("2")}]);
    let parts = json!([
        {"part": "body-only"},
        {"part": "modules", "changed": changed, "added": [], "removed": [], "reordered": false},
    ]);
    assert_eq!(value["differences"]["inputs"][0]["firmware"], parts);
    let lines = annotations::write(&found, None);
    assert!(lines.starts_with("::error ") && lines.contains("%0Amodules: PeiCore changed\n"));
    let xml = junit::write(&found);
    let xml = roxmltree::Document::parse(&xml).expect("XML");
    let failures = xml.descendants().filter(|node| node.has_tag_name("failure"));
    let mut texts = failures.filter_map(|node| node.text());
    assert!(texts.any(|text| text.ends_with("\nmodules: PeiCore changed")));
    let page = markdown::write(&found);
    assert!(page.contains("<br><code>modules&#58; PeiCore changed</code> |"), "{page}");
}

#[test]
fn a_body_of_the_same_modules_is_said_to_be_none_of_them() {
    let [old, mut new] = two_builds();
    new.modules = old.modules.clone();
    let found = check(&old.manifest(), &new.manifest()).expect("checked").to_string();
    let none =
        "\n  no module changed: padding, headers, packing or places did; firmware diff says more\n";
    assert!(found.contains(none), "{found}");
    // Where one side has no list nothing is said of modules.
    new.modules.clear();
    for [one, two] in [[&old, &new], [&new, &old]] {
        let found = check(&one.manifest(), &two.manifest()).expect("checked").to_string();
        assert!(found.contains("only the body differs"), "{found}");
        assert!(!found.contains("module"), "{found}");
    }
}

// Anybody can write a list: it names changes, and neither makes one nor hides one.
#[test]
fn attack_a_list_of_modules_that_lies_changes_no_verdict() {
    let [old, new] = two_builds();
    let liar = Guest { modules: vec![("SecMain", "forged")], ..old.clone() };
    for (one, two) in [(&old, &liar), (&liar, &old)] {
        let (one, two) = (one.manifest(), two.manifest());
        let found = check(&one, &two).expect("checked");
        assert!(found.is_same(), "{found}");
        // It is told, in a warning.
        let said = "another list of modules for the same image: ";
        assert!(found.to_string().contains(said), "{found}");
        assert!(annotations::write(&found, None).starts_with("::warning "));
        assert!(markdown::write(&found).contains("| input, the same | "));
        assert!(junit::write(&found).contains("failures=\"0\""));
        assert!(!diff(&one, &two).is_empty());
    }
    // Another image is drift whatever is said of its modules.
    let hidden = Guest { modules: old.modules.clone(), ..new };
    assert!(!check(&old.manifest(), &hidden.manifest()).expect("checked").is_same());
    // One of before has none, which is no difference.
    let before = Guest { modules: Vec::new(), ..old.clone() }.manifest();
    let old = old.manifest();
    for (one, two) in [(&before, &old), (&old, &before)] {
        assert!(diff(one, two).is_empty(), "{}", diff(one, two));
        assert!(check(one, two).expect("checked").is_same());
    }
}

#[test]
fn attack_a_hostile_name_of_a_module_is_no_command() {
    let names = ["a\n::error::forged", "##[error]x", "| <img src=x> @all", "\u{202e}\u{1b}[2J"];
    let [old, new] = two_builds();
    let with = |guest: &Guest<'static>, contents| {
        let modules = names.iter().map(|name| (*name, contents)).collect();
        Guest { modules, ..guest.clone() }.manifest()
    };
    let found = check(&with(&old, "1"), &with(&new, "2")).expect("checked");
    let json = String::from_utf8(found.to_json().expect("JSON")).expect("text");
    let page = markdown::write(&found);
    let forms = [found.to_string(), json, annotations::write(&found, None), junit::write(&found)];
    for text in forms.iter().chain([&page]) {
        assert!(!text.contains("\n::error::forged") && !text.contains('\u{1b}'), "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
    }
    assert!(!page.contains("<img") && !page.contains("@all"), "{page}");
    assert!(found.to_string().contains("\"a\\\\n::error::forged\" changed; "), "{found}");
    assert!(!forms[2].contains("##["), "{}", forms[2]);
}

#[test]
fn published_values_name_no_module() {
    let [old, _] = two_builds().map(|guest| guest.manifest());
    let published = Published::of(&old, &Acceptance::COMPUTED).expect("rows");
    let manifest = published.published_manifest().expect("a manifest");
    let facts = manifest.inputs()[0].firmware_facts.as_ref().expect("facts");
    assert_eq!(facts.modules, None);
    assert!(diff(&manifest, &old).is_empty());
}

/// The causes that a check tells of its first changed row.
fn causes(old: &Manifest, new: &Manifest) -> Vec<String> {
    let found = check(old, new).expect("checked");
    let differences = found.differences();
    let row = &differences.rows_changed[0];
    row.causes.iter().map(|cause| differences.explain(cause)).collect()
}

#[test]
fn a_file_that_only_moved_is_no_cause() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    guest.kernel = "kernel two";
    let new = guest.manifest();
    let kernel_alone = causes(&old, &new);
    assert_eq!(kernel_alone.len(), 1);
    let mut inputs = new.inputs().to_vec();
    inputs[0].path = Some("elsewhere".into());
    let moved = Manifest::new(new.head().clone(), inputs, new.rows().to_vec()).expect("a manifest");
    assert_eq!(causes(&old, &moved), kernel_alone);
}

#[test]
fn a_kernel_that_is_not_measured_is_no_cause() {
    let mut guest = Guest { kernel_hashes: false, ..Guest::new() };
    let old = guest.manifest();
    guest.image = FirmwareBuilder::amd_sev().pattern(3, 5).build();
    let firmware_alone = causes(&old, &guest.manifest());
    assert_eq!(firmware_alone.len(), 1);
    assert!(firmware_alone[0].contains("OVMF.fd"), "{firmware_alone:?}");
    guest.kernel = "kernel two";
    assert_eq!(causes(&old, &guest.manifest()), firmware_alone);
}

#[test]
fn rows_are_told_by_what_they_stand_for() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    guest.cmdlines.push("splash");
    let text = diff(&old, &guest.manifest()).to_string();
    let row = text.lines().find(|line| line.starts_with("guest of ")).expect("a row");
    assert!(row.contains("splash") && row.ends_with(", computed: added"), "{row}");
    let observed = |root| {
        let detail = Detail::default();
        Obtained::Observed(Observed { from: Source::Report, verified: true, root, detail })
    };
    assert_eq!(observed(Some(Root::Amd)).to_string(), "observed in a report, verified");
    let root = Sha256Digest::of(b"a root");
    let text = format!("observed in a report, verified under root {root}");
    assert_eq!(observed(Some(Root::Other(root))).to_string(), text);
}

#[test]
fn the_json_of_a_check_says_the_verdict_and_the_causes() {
    let mut guest = Guest::new();
    let old = guest.manifest();
    guest.kernel = "kernel two";
    let json = check(&old, &guest.manifest()).expect("checked").to_json().expect("written");
    let found: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(found["same"], false);
    assert_eq!(found["rows_same"], 0);
    let row = &found["differences"]["rows_changed"][0];
    assert_eq!(row["causes"], json!([{"input": {"input": 0}}]));
    assert_eq!(row["old"]["digest"], json!(old.rows()[0].digest));
    assert_eq!(found["differences"]["inputs"][0]["role"], "kernel");
}

#[test]
fn observations_confirm_or_contradict() {
    let mut manifest = Guest::new().manifest();
    let computed = manifest.rows()[1].clone();
    let about = |cmdline| {
        let inputs = InputRefs { cmdline: Some(cmdline), ..InputRefs::default() };
        Facts { inputs, ..Facts::default() }
    };
    let seen = manifest.add(observed(computed.digest, about(3))).expect("added");
    let same = |row| Finding::SameDigest { row, first: 1 };
    assert_eq!(seen, [same(2), Finding::Confirms { row: 2, computed: 1 }]);
    let seen = manifest.add(observed(computed.digest, about(2))).expect("added");
    assert_eq!(seen, [same(3), Finding::OtherFacts { row: 3, computed: 1 }]);
    let other = LaunchDigest::from_slice(&[9; 32]).expect("32 bytes");
    let seen = manifest.add(observed(other, about(3))).expect("added");
    assert_eq!(seen, [Finding::Contradicts { row: 4, computed: 1 }]);
    assert!(seen[0].is_warning());
    assert_eq!(manifest.rows().len(), 5);
    assert_eq!(manifest.findings().len(), 5);
    let rows: Vec<_> = manifest.find(&computed.digest).map(|(row, _)| row).collect();
    assert_eq!(rows, [1, 2, 3]);
}

#[test]
fn a_row_that_does_not_fit_is_not_added() {
    let mut manifest = Guest::new().manifest();
    let digest = LaunchDigest::from_slice(&[9; 48]).expect("48 bytes");
    let error = manifest.add(observed(digest, Facts::default())).expect_err("too long");
    let technology = Technology::Sev;
    assert_eq!(error, Error::RowDigest { row: 2, technology, found: 48, wanted: 32 });
    assert_eq!(manifest.rows().len(), 2);
}

/// Who reads what changed must see that a row is called verified now, which `verify` would accept and did not.
#[test]
fn what_is_said_of_how_a_digest_was_obtained_is_a_difference() {
    let with = |obtained: Vec<Obtained>| {
        let manifest = Guest::new().manifest();
        let row = |obtained| Row { obtained, ..manifest.rows()[0].clone() };
        let rows = obtained.into_iter().map(row).collect();
        Manifest::new(manifest.head().clone(), manifest.inputs().to_vec(), rows).expect("rows")
    };
    let observed = |verified, when: &str| {
        let detail = Detail { when: Some(when.into()), ..Detail::default() };
        Obtained::Observed(Observed { from: Source::Measurement, verified, root: None, detail })
    };
    let endorsed = |by: &str| Obtained::Endorsed { by: by.into() };
    let old = with(vec![observed(false, "then"), observed(true, "later"), endorsed("us")]);
    let new = with(vec![observed(true, "later"), observed(true, "then"), endorsed("them")]);
    let found = diff(&old, &new);
    assert!(!found.is_empty());
    assert_eq!((found.rows_same.len(), found.rows_changed.len()), (1, 2));
    let causes = |row: usize| -> Vec<String> {
        found.rows_changed[row].causes.iter().map(|cause| found.explain(cause)).collect()
    };
    assert_eq!(causes(0), ["/obtained/verified: false -> true"]);
    assert_eq!(causes(1), ["/obtained/by: \"us\" -> \"them\""]);
    assert_eq!(
        found.to_string(),
        "guest of cmdline \"quiet\": the same digest\n  because /obtained/verified: false -> true\n\
         guest of cmdline \"quiet\": the same digest\n  because /obtained/by: \"us\" -> \"them\"\n"
    );
}
