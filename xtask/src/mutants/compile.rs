//! The checkout with a switch for every change that compiles, and the tests built of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::changes::Change;
use super::checkout::Checkout;
use super::plan::Plan;
use super::switch::{Switched, switched};

/// The switch's own source: see there.
const SWITCH: &str = include_str!("mutant_switch.rs");
const SWITCH_MANIFEST: &str =
    "[package]\nname = \"mutant_switch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";

/// What was built.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The test programs, by package and target.
    pub(crate) programs: BTreeMap<(String, String), PathBuf>,
    /// The numbers of the changes that do not compile.
    pub(crate) not_compiling: BTreeSet<usize>,
    /// The numbers of those that cannot be switched, or of which that is not sure.
    pub(crate) others: BTreeSet<usize>,
}

/// Builds the tests with all changes switched, which have their index as number. What the compiler refuses is left out, and it is
/// tried again until nothing is refused.
pub(crate) fn build(checkout: &Checkout, plan: &Plan, changes: &[&Change]) -> Result<Built> {
    let switch = checkout.folder().with_file_name("switch");
    fs::create_dir_all(switch.join("src")).context("the switch's folder")?;
    write(&switch.join("Cargo.toml"), SWITCH_MANIFEST)?;
    write(&switch.join("src/lib.rs"), SWITCH)?;
    let packages: BTreeSet<&str> = plan.parts.iter().map(|part| part.package.as_str()).collect();
    for package in packages {
        let name = package.trim_start_matches("sev-launch-");
        let path = checkout.folder().join("crates").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let line = format!(
            "[dependencies]\nmutant_switch = {{ path = {:?} }}\n",
            switch.display().to_string()
        );
        write(&path, &manifest.replacen("[dependencies]\n", &line, 1))?;
    }
    let mut files: BTreeMap<&str, Vec<(usize, &Change)>> = BTreeMap::new();
    for (number, change) in changes.iter().enumerate() {
        files.entry(&change.file).or_default().push((number, *change));
    }
    let sources: BTreeMap<&str, String> = files
        .keys()
        .map(|file| {
            let path = checkout.folder().join(file);
            Ok((*file, fs::read_to_string(&path).with_context(|| path.display().to_string())?))
        })
        .collect::<Result<_>>()?;
    let mut built = Built::default();
    let mut places = Places::new();
    let mut refused: BTreeSet<usize> = (0..changes.len()).collect();
    while !refused.is_empty() {
        for (file, changes) in &files {
            if !changes.iter().any(|(number, _)| refused.contains(number)) {
                continue;
            }
            let left = changes.iter().filter(|(number, _)| !built.is_left_out(*number));
            let source = sources.get(file).context("a source")?;
            let switched = switched(source, &left.copied().collect::<Vec<_>>());
            let switched = switched.with_context(|| (*file).to_owned())?;
            built.others.extend(&switched.others);
            write(&checkout.folder().join(file), &switched.text)?;
            places.insert(file, switched);
        }
        let output = checkout.build_tests(plan).output()?;
        let errors = built.read(&String::from_utf8_lossy(&output.stdout))?;
        if output.status.success() {
            return Ok(built);
        }
        refused.clear();
        for error in &errors {
            let (found, sure) = error.changes(&places);
            match sure {
                true => built.not_compiling.extend(&found),
                false => built.others.extend(&found),
            }
            refused.extend(found);
        }
        println!("{} changes do not compile", refused.len());
        if refused.is_empty() {
            let texts = errors.iter().filter_map(|error| error.rendered.as_deref());
            let texts: String = texts.collect();
            bail!("no change explains it:\n{texts}\n{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    bail!("there is nothing to build")
}

/// Each file with its switches.
type Places<'a> = BTreeMap<&'a str, Switched>;

impl Built {
    fn is_left_out(&self, number: usize) -> bool {
        self.not_compiling.contains(&number) || self.others.contains(&number)
    }

    /// Takes the programs of cargo's messages; the compiler's errors among them.
    fn read(&mut self, messages: &str) -> Result<Vec<Diagnostic>> {
        let mut errors = Vec::new();
        for line in messages.lines().filter(|line| line.starts_with('{')) {
            match serde_json::from_str(line).with_context(|| line.to_owned())? {
                Message::Artifact { package_id, target, executable: Some(program) } => {
                    let target = (package(&package_id), target.program());
                    self.programs.insert(target, program);
                }
                Message::Diagnostic { message } if message.level == "error" => {
                    errors.push(message);
                }
                _ => {}
            }
        }
        Ok(errors)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| path.display().to_string())
}

/// What cargo says with `--message-format=json`, as far as it is read.
#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-artifact")]
    Artifact { package_id: String, target: Target, executable: Option<PathBuf> },
    #[serde(rename = "compiler-message")]
    Diagnostic { message: Diagnostic },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
    spans: Vec<Span>,
    children: Vec<Diagnostic>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

impl Target {
    /// As flags name it: `--lib` or `--test=NAME`.
    fn program(&self) -> String {
        match self.kind.iter().any(|kind| kind == "test") {
            true => format!("--test={}", self.name),
            false => "--lib".to_owned(),
        }
    }
}

/// `path+file:///…/crates/abi#sev-launch-abi@0.1.0`, or without the name where the folder is called so.
fn package(id: &str) -> String {
    let (path, fragment) = id.rsplit_once('#').unwrap_or_default();
    let name = fragment.split_once('@').map(|(name, _)| name);
    name.or(path.rsplit('/').next()).unwrap_or_default().to_owned()
}

impl Span {
    /// The arms of the next match from here on: with all of them switched, it may not be complete.
    fn arms(&self, places: &Places<'_>) -> Vec<usize> {
        let Some(file) = places.get(self.file_name.as_str()) else { return Vec::new() };
        let behind = |(number, of): &(usize, usize)| {
            let (_, place) = file.places.iter().find(|(other, _)| other == number)?;
            (place.start >= self.byte_start).then_some((place.start, *of))
        };
        let next = file.arms.iter().filter_map(behind).min().map(|(_, of)| of);
        file.arms.iter().filter(|(_, of)| Some(*of) == next).map(|(number, _)| *number).collect()
    }
}

impl Diagnostic {
    /// The changes that it is of: those where it stands, or else those that it stands beside, which is not sure.
    fn changes(&self, places: &Places<'_>) -> (BTreeSet<usize>, bool) {
        let mut spans: Vec<&Span> = Vec::new();
        for diagnostic in [self].into_iter().chain(&self.children) {
            for span in &diagnostic.spans {
                let mut at = Some(span);
                while let Some(span) = at {
                    spans.push(span);
                    at = span.expansion.as_ref().map(|expansion| &expansion.span);
                }
            }
        }
        let primary: Vec<&Span> = spans.iter().filter(|span| span.is_primary).copied().collect();
        let here = |spans: &[&Span], around: bool| {
            let mut found: BTreeSet<(usize, usize)> = BTreeSet::new();
            for span in spans {
                let Some(file) = places.get(span.file_name.as_str()) else { continue };
                for (number, place) in if around { &file.around } else { &file.places } {
                    if place.start <= span.byte_start && span.byte_end <= place.end {
                        found.insert((place.len(), *number));
                    }
                }
            }
            // The innermost of several.
            let least = found.first().map(|(size, _)| *size);
            let innermost = found.into_iter().filter(|(size, _)| Some(*size) == least);
            innermost.map(|(_, number)| number).collect::<BTreeSet<_>>()
        };
        for (spans, around) in
            [(&primary, false), (&spans, false), (&primary, true), (&spans, true)]
        {
            let found = here(spans, around);
            if !found.is_empty() {
                return (found, !around);
            }
        }
        (primary.iter().flat_map(|span| span.arms(places)).collect(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_messages_are_read() {
        let mut built = Built::default();
        let messages = r#"{"reason":"compiler-artifact","package_id":"path+file:///a/crates/abi#sev-launch-abi@0.1.0","target":{"name":"sev_policy","kind":["test"]},"executable":"/b/sev_policy"}
{"reason":"compiler-artifact","package_id":"path+file:///a/sev-launch-abi#0.1.0","target":{"name":"sev_launch_abi","kind":["lib"]},"executable":"/b/abi"}
{"reason":"compiler-artifact","package_id":"registry+x#hex@0.4.3","target":{"name":"hex","kind":["lib"]},"executable":null}
{"reason":"compiler-message","message":{"level":"warning","rendered":"w","spans":[],"children":[]}}
{"reason":"compiler-message","message":{"level":"error","rendered":"e","spans":[],"children":[]}}
{"reason":"build-finished","success":false}"#;
        let errors = built.read(messages).unwrap();
        assert_eq!(
            errors.iter().map(|error| error.rendered.as_deref()).collect::<Vec<_>>(),
            [Some("e")]
        );
        let program = |target: &str| {
            let target = ("sev-launch-abi".to_owned(), target.to_owned());
            built.programs.get(&target).and_then(|program| program.to_str())
        };
        assert_eq!(program("--test=sev_policy"), Some("/b/sev_policy"));
        assert_eq!(program("--lib"), Some("/b/abi"));
    }

    fn error(start: usize, end: usize) -> Diagnostic {
        let span = Span {
            file_name: "a.rs".to_owned(),
            byte_start: start,
            byte_end: end,
            is_primary: true,
            expansion: None,
        };
        Diagnostic {
            level: "error".to_owned(),
            rendered: None,
            spans: vec![span],
            children: Vec::new(),
        }
    }

    // 7 stands at 10 to 20, around it 10 to 40; 8 within it at 12 to 18; 9 takes an arm away at 60, of the match at 50.
    #[test]
    fn an_error_is_of_the_innermost_change_where_it_stands() {
        let file = Switched {
            text: String::new(),
            places: vec![(7, 10..20), (8, 12..18), (9, 60..65), (10, 70..75)],
            around: vec![(7, 10..40)],
            arms: vec![(9, 50), (10, 50)],
            others: Vec::new(),
        };
        let places = Places::from([("a.rs", file)]);
        let found = |start, end| {
            let (numbers, sure) = error(start, end).changes(&places);
            (numbers.into_iter().collect::<Vec<_>>(), sure)
        };
        assert_eq!(found(11, 15), (vec![7], true));
        assert_eq!(found(13, 15), (vec![8], true));
        // Beside a change it is not sure that it is the change's.
        assert_eq!(found(30, 35), (vec![7], false));
        assert_eq!(found(52, 55), (vec![9, 10], false));
        assert_eq!(found(80, 85), (vec![], false));
    }
}
