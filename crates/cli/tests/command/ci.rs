//! The GitHub action and the GitLab template, step by step as their runners run them: bash, the environment that each sets, and nothing else.
//!
//! `cargo`, which would build for minutes, is a stand-in that installs the command under test; a second stand-in for the command itself
//! notes what it was asked. All else is real: the steps, git, and the answers.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use saphyr::{LoadableYamlNode, Yaml};
use sev_launch_testkit::pi::{File, Ovmf, Section};

use super::guest::Guest;
use super::harness::{Folder, Outcome};

const ACTION: &str = include_str!("../../../../action.yml");
const TEMPLATE: &str = include_str!("../../../../ci/gitlab.yml");
const README: &str = include_str!("../../../../README.md");
const PAGE: &str = include_str!("../../../../docs/ci.md");
const BUILDS: &str = include_str!("../../../../docs/reproducible-firmware.md");
/// What a value that nobody gave is.
const NOT_GIVEN: &str = "(none)";

/// The folder with `action.yml`.
fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn yaml(text: &str) -> Yaml<'_> {
    Yaml::load_from_str(text).expect("YAML").into_iter().next().expect("a document")
}

fn text<'a>(node: &'a Yaml<'_>) -> &'a str {
    node.as_str().unwrap_or_else(|| panic!("{node:?} is no text"))
}

/// A job on a machine: its project, its programs and what it leaves.
struct Job {
    /// The project that is checked out, where the steps run.
    project: Folder,
    /// Everything else.
    machine: Folder,
}

impl Job {
    fn new() -> Self {
        let (project, machine) = (Folder::new(), Folder::new());
        for name in ["programs", "temp"] {
            fs::create_dir(machine.join(name)).expect("a folder");
        }
        let job = Self { project, machine };
        job.cargo(&format!(
            "ln -sf '{}' \"$root/bin/sev-launch\"",
            env!("CARGO_BIN_EXE_sev-launch")
        ));
        job
    }

    /// A job where the command notes its arguments in `asked`, and says yes.
    fn noting() -> Self {
        let job = Self::new();
        let program = "#!/bin/sh\nprintf '%s\\0' \"$@\" >>../machine/asked\necho '# yes'\n";
        let program = program.replace("../machine", &job.machine.path().display().to_string());
        job.program("noting", &program);
        job.cargo(&format!(
            "ln -sf '{}' \"$root/bin/sev-launch\"",
            job.path("programs/noting").display()
        ));
        job
    }

    fn path(&self, name: &str) -> PathBuf {
        self.machine.join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.machine.file(&format!("programs/{name}"), text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a program");
    }

    /// The stand-in for cargo: it wants what `cargo install` is told, and then installs by these commands.
    fn cargo(&self, install: &str) {
        let program = "#!/bin/sh\nset -e\n\
            case \" $* \" in ' install --locked '*) ;; *) echo \"no: $*\" >&2; exit 9 ;; esac\n\
            [ -f Cargo.toml ]\n\
            while [ \"$1\" != --root ]; do shift; done\nroot=$2\nmkdir -p \"$root/bin\"\n";
        self.program("cargo", &format!("{program}{install}\n"));
    }

    /// What the steps left in a file of the machine.
    fn left(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The arguments of each run of the noting command.
    fn asked(&self) -> Vec<Vec<String>> {
        let all = self.left("asked");
        let mut runs: Vec<Vec<String>> = Vec::new();
        for word in all.split_terminator('\0') {
            if matches!(word, "manifest" | "firmware")
                && runs.last().is_none_or(|run| run.len() > 1)
            {
                runs.push(Vec::new());
            }
            runs.last_mut().expect("a run starts with its command").push(word.to_owned());
        }
        runs
    }

    fn bash(
        &self,
        script: &str,
        path: &[PathBuf],
        environment: &BTreeMap<String, OsString>,
    ) -> Outcome {
        let file = self.machine.file("step.sh", script);
        let path = path.iter().cloned().chain(["/usr/bin".into(), "/bin".into()]);
        // As GitHub runs `shell: bash`; GitLab's runner sets the same.
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(file)
            .current_dir(self.project.path())
            .env_clear()
            .env("PATH", std::env::join_paths(path).expect("paths"))
            .env("HOME", self.machine.path())
            .envs(environment)
            .stdin(std::process::Stdio::null())
            .output()
            .expect("bash starts");
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// The action with these inputs: the outcome of its last step, with what all steps printed.
    fn action(&self, given: &[(&str, &str)]) -> Outcome {
        let action = yaml(ACTION);
        let inputs = &action["inputs"];
        for (name, _) in given {
            assert!(inputs.contains_mapping_key(name), "no input {name}");
        }
        let value = |name: &str| match given.iter().find(|(given, _)| *given == name) {
            Some((_, value)) => (*value).to_owned(),
            None => text(&inputs[name]["default"]).to_owned(),
        };
        let file = |name: &str| self.path(name).into_os_string();
        let mut path = vec![self.path("programs")];
        let mut last = Outcome { code: None, stdout: String::new(), stderr: String::new() };
        for step in action["runs"]["steps"].as_vec().expect("steps") {
            let mut environment = BTreeMap::from([
                ("GITHUB_ACTIONS".to_owned(), "true".into()),
                ("GITHUB_ACTION_PATH".to_owned(), checkout().into_os_string()),
                ("GITHUB_OUTPUT".to_owned(), file("output")),
                ("GITHUB_PATH".to_owned(), file("path")),
                ("GITHUB_STEP_SUMMARY".to_owned(), file("summary")),
                ("GITHUB_WORKSPACE".to_owned(), self.project.path().into()),
                ("RUNNER_TEMP".to_owned(), file("temp")),
            ]);
            for (name, wanted) in
                step.as_mapping_get("env").and_then(Yaml::as_mapping).into_iter().flatten()
            {
                let wanted = text(wanted)
                    .strip_prefix("${{ inputs.")
                    .and_then(|rest| rest.strip_suffix(" }}"));
                let wanted = value(wanted.expect("an input, and nothing else"));
                environment.insert(text(name).to_owned(), wanted.into());
            }
            let outcome = self.bash(text(&step["run"]), &path, &environment);
            last.stdout.push_str(&outcome.stdout);
            last.stderr.push_str(&outcome.stderr);
            last.code = outcome.code;
            if outcome.code != Some(0) {
                break;
            }
            path = self
                .left("path")
                .lines()
                .map(PathBuf::from)
                .chain([self.path("programs")])
                .collect();
        }
        last
    }

    /// The template's job with these variables.
    fn template(&self, variables: &[(&str, &str)]) -> Outcome {
        let template = yaml(TEMPLATE);
        let lines = template[".sev-launch"]["script"].as_vec().expect("a script");
        let script: Vec<_> = lines.iter().map(text).collect();
        let mut environment = BTreeMap::from([
            ("CI_PROJECT_DIR".to_owned(), OsString::from(self.project.path())),
            ("TMPDIR".to_owned(), self.path("temp").into_os_string()),
        ]);
        for (name, value) in variables {
            environment.insert((*name).to_owned(), value.into());
        }
        self.bash(&script.join("\n"), &[self.path("programs")], &environment)
    }

    /// A repository that looks like ours to the template, and its commit.
    fn repository(&self) -> (String, String) {
        let folder = self.path("repository");
        for name in ["ci/check", "Cargo.toml"] {
            let to = folder.join(name);
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            fs::copy(checkout().join(name), to).expect("a copy");
        }
        let git = |arguments: &[&str]| {
            let output = Command::new("git")
                .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"])
                .args(arguments)
                .current_dir(&folder)
                .output()
                .expect("git runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text").trim().to_owned()
        };
        git(&["init", "--quiet"]);
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", "one"]);
        (folder.display().to_string(), git(&["rev-parse", "HEAD"]))
    }

    /// The README's guest in the project, and its manifest.
    fn manifest(&self) {
        let guest = Guest::new();
        for name in ["OVMF.fd", "vmlinuz", "initrd.img"] {
            self.project.file(name, fs::read(guest.folder.join(name)).expect("a file"));
        }
        let flags = "manifest build --mode snp --vcpu-type EPYC-Milan --vcpus 2 --firmware OVMF.fd --kernel vmlinuz \
             --initrd initrd.img --cmdline quiet -o manifest.json";
        let built = super::harness::Run::new(flags.split_ascii_whitespace());
        built.in_folder(self.project.path()).go().answer();
    }
}

#[test]
fn no_input_stands_in_a_script_and_no_other_action_is_used() {
    let action = yaml(ACTION);
    let steps = action["runs"]["steps"].as_vec().expect("steps");
    assert_eq!((text(&action["runs"]["using"]), steps.len()), ("composite", 2));
    for step in steps {
        assert!(
            !text(&step["run"]).contains("${{") && !step.contains_mapping_key("uses"),
            "{step:?}"
        );
        assert_eq!(text(&step["shell"]), "bash");
    }
    for (name, input) in action["inputs"].as_mapping().expect("inputs") {
        assert_eq!(text(&input["default"]), NOT_GIVEN, "{name:?}");
    }
    assert!(!TEMPLATE.contains("$[["), "inputs of a template are put into its text");
}

#[test]
fn a_manifest_that_is_current_passes() {
    let job = Job::new();
    job.manifest();
    let outcome = job.action(&[("manifest", "manifest.json\n")]);
    assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("::notice file=manifest.json,"), "{}", outcome.stdout);
    let manifest = fs::read_to_string(job.project.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let digest = manifest["rows"][0]["digest"].as_str().expect("a digest");
    let summary = job.left("summary");
    assert!(
        summary.starts_with("## sev-launch: yes\n") && summary.contains(&format!("| `{digest}` |")),
        "{summary}"
    );
    let output = job.left("output");
    assert!(output.starts_with("answer=0\nreports="), "{output}");
    let reports = output.lines().find_map(|line| line.strip_prefix("reports=")).expect("a folder");
    let names = |name: &str| Path::new(reports).join(name).is_file();
    assert!(names("summary.md") && names("1.xml"), "{reports}");
}

#[test]
fn drift_is_a_no_beside_its_line_and_in_the_summary() {
    let job = Job::new();
    job.manifest();
    job.project.file("vmlinuz", sev_launch_testkit::kernel::bz_image(13_900));
    let outcome = job.action(&[("manifest", "manifest.json")]);
    assert_eq!(outcome.code, Some(1), "{}\n{}", outcome.stdout, outcome.stderr);
    let manifest = fs::read_to_string(job.project.join("manifest.json")).expect("a manifest");
    let line = manifest.lines().position(|line| line.contains("\"digest\"")).expect("a row") + 1;
    assert!(
        outcome.stdout.contains(&format!("::error file=manifest.json,line={line},")),
        "{}",
        outcome.stdout
    );
    let summary = job.left("summary");
    assert!(
        summary.starts_with("## sev-launch: no\n") && summary.contains("**changed**"),
        "{summary}"
    );
    assert!(job.left("output").starts_with("answer=1\n"));
    // With the flag that the job gives, another command line, the same is asked of another guest.
    job.manifest();
    let outcome =
        job.action(&[("manifest", "manifest.json"), ("manifest-flags", "--cmdline=quiet")]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stdout);
}

/// Values that a shell, an option parser, a runner or Markdown would take for something.
const HOSTILE: [&str; 9] = [
    "$(touch pwned)",
    "`touch pwned`",
    "\"; touch pwned; \"",
    "'; touch pwned; '",
    "--help",
    "-x y  z ",
    "*",
    "a\\nb %0A::error::x",
    "</code><img src=x> @team |",
];

#[test]
fn every_value_stays_one_argument() {
    let lines = HOSTILE.join("\n");
    let job = Job::noting();
    let given = [
        ("manifest", "a\n-b c"),
        ("manifest-flags", lines.as_str()),
        ("builds", lines.as_str()),
        ("allow", "-$(id)"),
    ];
    let outcome = job.action(&given);
    assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
    let asked = job.asked();
    let (url, commit) = job.repository();
    fs::remove_file(job.path("asked")).expect("it was asked");
    let outcome = job.template(&[
        ("SEV_LAUNCH_URL", &url),
        ("SEV_LAUNCH_COMMIT", &commit),
        ("SEV_LAUNCH_MANIFEST", "a\n-b c"),
        ("SEV_LAUNCH_MANIFEST_FLAGS", &lines),
        ("SEV_LAUNCH_BUILDS", &lines),
        ("SEV_LAUNCH_ALLOW", "-$(id)"),
    ]);
    assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
    let places: Vec<String> = HOSTILE
        .iter()
        .map(|one| if one.starts_with('-') { format!("./{one}") } else { (*one).to_owned() })
        .collect();
    for (asked, last) in [(asked, "annotations"), (job.asked(), "text")] {
        let mut wanted: Vec<Vec<String>> = Vec::new();
        for manifest in ["a", "./-b c"] {
            for form in ["markdown", "junit", last] {
                let mut run =
                    vec!["manifest".to_owned(), "check".into(), format!("--format={form}")];
                run.extend(HOSTILE.map(String::from));
                run.extend(["--".to_owned(), manifest.to_owned()]);
                wanted.push(run);
            }
        }
        for form in ["markdown", "junit", last] {
            let mut run =
                vec!["firmware".to_owned(), "reproduce".into(), format!("--format={form}")];
            run.extend(["--allow=-$(id)".to_owned(), "--".to_owned()]);
            run.extend(places.clone());
            wanted.push(run);
        }
        assert_eq!(asked, wanted);
    }
    assert!(!job.project.join("pwned").exists());
}

#[test]
fn names_of_others_stay_text_in_log_and_summary() {
    let job = Job::new();
    let outcome = job.action(&[("manifest", &HOSTILE.join("\n"))]);
    assert_eq!(outcome.code, Some(2), "{}\n{}", outcome.stdout, outcome.stderr);
    let commands = outcome.stdout.lines().filter(|line| line.starts_with("::"));
    assert_eq!(commands.count(), HOSTILE.len(), "{}", outcome.stdout);
    let summary = job.left("summary");
    assert!(summary.starts_with("## sev-launch: could not decide\n"), "{summary}");
    for line in summary.lines().filter(|line| line.contains("img") || line.contains("touch")) {
        assert!(line.starts_with("    "), "{line}");
    }
    assert!(!job.project.join("pwned").exists());
}

#[test]
fn what_was_not_asked_or_not_decided_is_no_yes() {
    let cases: [(&[(&str, &str)], &str); 11] = [
        (&[], "Nothing was asked"),
        (&[("manifest", "")], "an empty text"),
        (&[("manifest", "\n \n")], "an empty text"),
        (&[("builds", "")], "an empty text"),
        (&[("manifest", "manifest.json"), ("builds", " ")], "an empty text"),
        (&[("manifest", "manifest.json"), ("manifest-flags", "")], "an empty text"),
        (&[("manifest", "manifest.json"), ("allow", "allow.toml")], "and no builds"),
        (&[("builds", "OVMF.fd\nOVMF.fd"), ("allow", "")], "an empty text"),
        (&[("manifest-flags", "--cmdline=quiet")], "and no manifest"),
        (&[("manifest", "manifest.json"), ("manifest-flags", "--help")], "no answer"),
        (&[("manifest", "manifest.json\nabsent.json")], "absent.json"),
    ];
    for (given, said) in cases {
        let job = Job::new();
        job.manifest();
        let outcome = job.action(given);
        assert_eq!(outcome.code, Some(2), "{given:?}: {}\n{}", outcome.stdout, outcome.stderr);
        let summary = job.left("summary");
        assert!(summary.starts_with("## sev-launch: could not decide\n"), "{given:?}: {summary}");
        assert!(summary.contains(said), "{given:?}: {summary}");
        assert!(
            outcome.stdout.contains("::error title=sev-launch%3A could not decide::"),
            "{}",
            outcome.stdout
        );
        assert!(job.left("output").starts_with("answer=2\n"), "{given:?}");
    }
}

#[test]
fn a_summary_stays_below_what_is_shown() {
    let job = Job::noting();
    job.program("noting", "#!/bin/sh\necho '# yes'\nhead -c 600000 /dev/zero | tr '\\0' x\n");
    let outcome = job.action(&[("manifest", "a\nb\nc")]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let summary = job.left("summary");
    // GitHub shows none of more than 1 MiB.
    assert!((600_000..1 << 20).contains(&summary.len()), "{}", summary.len());
    assert_eq!(summary.matches("too long to be shown").count(), 2);
}

#[test]
fn an_action_that_cannot_be_installed_says_so() {
    let job = Job::new();
    job.cargo("exit 101");
    job.manifest();
    let outcome = job.action(&[("manifest", "manifest.json")]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    assert!(job.left("summary").contains("could not be installed"), "{}", job.left("summary"));
    // A program that is gone or ends by a signal decided nothing either.
    for broken in [
        "true",
        "printf '#!/bin/sh\\nkill -9 $$\\n' >\"$root/bin/sev-launch\"; chmod +x \"$root/bin/sev-launch\"",
    ] {
        let job = Job::new();
        job.cargo(broken);
        let outcome = job.action(&[("manifest", "manifest.json")]);
        assert_eq!(outcome.code, Some(2), "{}\n{}", outcome.stdout, outcome.stderr);
        assert!(job.left("summary").starts_with("## sev-launch: could not decide\n"));
    }
}

#[test]
fn the_template_answers_as_the_action_does() {
    let job = Job::new();
    job.manifest();
    let (url, commit) = job.repository();
    let run = |commit: &str| {
        let _ = fs::remove_dir_all(job.project.join("sev-launch-reports"));
        job.template(&[
            ("SEV_LAUNCH_URL", &url),
            ("SEV_LAUNCH_COMMIT", commit),
            ("SEV_LAUNCH_MANIFEST", "manifest.json"),
        ])
    };
    let outcome = run(&commit);
    assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains(" is current: 1 row is the same"), "{}", outcome.stdout);
    let template = yaml(TEMPLATE);
    let artifacts = &template[".sev-launch"]["artifacts"];
    assert_eq!(text(&artifacts["paths"][0]), "sev-launch-reports/");
    assert_eq!(text(&artifacts["reports"]["junit"]), "sev-launch-reports/*.xml");
    let xml = fs::read_to_string(job.project.join("sev-launch-reports/1.xml")).expect("JUnit");
    assert!(roxmltree::Document::parse(&xml).is_ok(), "{xml}");
    // What lay there before the job is nobody's answer.
    let again = [
        ("SEV_LAUNCH_URL", url.as_str()),
        ("SEV_LAUNCH_COMMIT", &commit),
        ("SEV_LAUNCH_MANIFEST", "manifest.json"),
    ];
    assert_eq!(job.template(&again).code, Some(2));
    // Nothing but a commit's whole hash names what is installed.
    for other in [
        "",
        "main",
        &commit[..39],
        &commit.to_uppercase(),
        "--upload-pack=touch pwned;aaaaaaaaaaaaaaa",
    ] {
        let outcome = run(other);
        assert_eq!(outcome.code, Some(2), "{other}");
        assert!(outcome.stderr.contains("40 hex digits"), "{}", outcome.stderr);
    }
    assert_eq!(run(&"0".repeat(40)).code, Some(2));
    let url = format!("--upload-pack=touch '{}'", job.path("pwned").display());
    assert_eq!(
        job.template(&[("SEV_LAUNCH_URL", &url), ("SEV_LAUNCH_COMMIT", &commit)]).code,
        Some(2)
    );
    assert!(!job.path("pwned").exists());
    job.project.file("vmlinuz", sev_launch_testkit::kernel::bz_image(13_900));
    let outcome = run(&commit);
    assert_eq!(outcome.code, Some(1), "{}\n{}", outcome.stdout, outcome.stderr);
}

/// Two builds whose one driver has other code.
fn builds(job: &Job) {
    let build = |code: u8| {
        let ovmf = Ovmf::amd_sev();
        let code = Section::pe32(ovmf.executable("NightDxe", vec![code; 0x200]).bytes());
        let driver = File::driver("1f2e3d4c-5b6a-4788-9a0b-1c2d3e4f5a6b", "NightDxe").section(code);
        ovmf.driver(driver).build()
    };
    job.project.file("a.fd", build(0x90));
    job.project.file("b b.fd", build(0xcc));
    job.project.file("again.fd", build(0x90));
    let allow = "[[allow]]\nmodule = \"NightDxe\"\nkinds = [\"code\"]\nreason = \"told\"\n";
    job.project.file("allow.toml", allow);
}

#[test]
fn builds_that_differ_in_one_module_are_a_no_that_names_it() {
    let job = Job::new();
    builds(&job);
    let outcome = job.action(&[("builds", "a.fd\nb b.fd")]);
    assert_eq!(outcome.code, Some(1), "{}\n{}", outcome.stdout, outcome.stderr);
    let error = outcome.stdout.lines().find(|line| line.starts_with("::error"));
    assert!(error.is_some_and(|line| line.contains("NightDxe")), "{}", outcome.stdout);
    let summary = job.left("summary");
    assert!(
        summary.starts_with("## sev-launch: no\n") && summary.contains("NightDxe"),
        "{summary}"
    );
    // The same builds, and a difference that is allowed, are a yes.
    let job = Job::new();
    builds(&job);
    let outcome = job.action(&[("builds", "a.fd\nagain.fd")]);
    assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
    let outcome = job.action(&[("builds", "a.fd\nb b.fd"), ("allow", "allow.toml")]);
    assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
    // What the allow file does not say is refused beside it, and what it says for nothing is told with its line.
    let other = "# told\n[[allow]]\nmodule = \"DayDxe\"\nkinds = [\"code\"]\nreason = \"told\"\n";
    job.project.file("other.toml", other);
    let outcome = job.action(&[("builds", "a.fd\nb b.fd"), ("allow", "other.toml")]);
    assert_eq!(outcome.code, Some(1), "{}\n{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("::error file=other.toml,"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("::warning file=other.toml,line=2,"), "{}", outcome.stdout);
    // One build alone is nothing that can be compared.
    assert_eq!(job.action(&[("builds", "a.fd")]).code, Some(2));
    let (url, commit) = job.repository();
    let variables = [
        ("SEV_LAUNCH_URL", url.as_str()),
        ("SEV_LAUNCH_COMMIT", &commit),
        ("SEV_LAUNCH_BUILDS", "a.fd\nb b.fd"),
    ];
    let outcome = job.template(&variables);
    assert_eq!(outcome.code, Some(1), "{}\n{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("NightDxe"), "{}", outcome.stdout);
    let read = |name: &str| fs::read_to_string(job.project.join(name)).expect("a report");
    assert!(read("sev-launch-reports/1.xml").contains("NightDxe"));
    assert!(read("sev-launch-reports/summary.md").contains("NightDxe"));
}

#[test]
fn the_page_on_builds_says_what_to_do_with_each_kind_of_difference() {
    let folder = Folder::new();
    folder.file("a.fd", [0; 64]);
    folder.file("allow.toml", "[[allow]]\nkinds = [\"no kind\"]\nreason = \"told\"\n");
    let flags = ["firmware", "reproduce", "a.fd", "a.fd", "--allow", "allow.toml"];
    let outcome = super::harness::Run::new(flags).in_folder(folder.path()).go();
    let (_, kinds) =
        outcome.refusal().split_once(": there are ").expect("the kinds that there are");
    let kinds: Vec<_> = kinds.lines().next().unwrap_or_default().split(", ").collect();
    assert!(kinds.len() >= 20, "{kinds:?}");
    let rows: Vec<_> = BUILDS.lines().filter(|line| line.starts_with("| `")).collect();
    for kind in kinds {
        let row = rows.iter().find(|row| {
            let cell = row.split('|').nth(1).unwrap_or_default();
            cell.contains(&format!("`{kind}`"))
        });
        assert!(row.is_some(), "nothing is said of {kind}");
    }
}

#[test]
fn the_snippets_use_what_there_is() {
    let action = yaml(ACTION);
    let mut seen = 0;
    for document in [README, PAGE] {
        for block in document.split("```yaml\n").skip(1) {
            let block = block.split("```").next().expect("a block");
            let workflow = yaml(block);
            if let Some(jobs) = workflow.as_mapping_get("jobs").and_then(Yaml::as_mapping) {
                assert_eq!(text(&workflow["permissions"]["contents"]), "read");
                let permissions = workflow["permissions"].as_mapping().expect("permissions");
                assert_eq!(permissions.len(), 1);
                for step in jobs.iter().flat_map(|(_, job)| job["steps"].as_vec().expect("steps")) {
                    let Some(uses) = step.as_mapping_get("uses").and_then(Yaml::as_str) else {
                        continue;
                    };
                    if !uses.starts_with("sev-launch/sev-launch@") {
                        continue;
                    }
                    for (name, _) in step["with"].as_mapping().expect("inputs") {
                        assert!(action["inputs"].contains_mapping_key(text(name)), "{name:?}");
                    }
                    seen += 1;
                }
            } else {
                let job = workflow["firmware"].as_mapping().expect("a job");
                assert!(
                    job.iter().any(
                        |(name, value)| text(name) == "extends" && text(value) == ".sev-launch"
                    )
                );
                for (name, _) in workflow["firmware"]["variables"].as_mapping().expect("variables")
                {
                    let name = text(name);
                    assert!(
                        TEMPLATE.contains(name)
                            || fs::read_to_string(checkout().join("ci/check"))
                                .expect("a script")
                                .contains(name),
                        "{name}"
                    );
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "{seen}");
}
