//! What is compared: the guests of cases.txt, in the flags that sev-snp-measure has and all tools here share.
//!
//! A case's id says what is special about it, and testdata/differences.toml names cases by their ids.
//! Every case is in the list whether or not its inputs are there, so that a difference that is listed
//! for a file of another distribution is not taken for a mistake. The quick cases vary one thing at a
//! time; the full run adds every combination of vCPU count, model and features.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::inputs::Inputs;
use crate::peers::Guest;

/// A guest to ask every tool about.
pub(crate) struct Case {
    pub(crate) id: String,
    /// Part of the short run as well.
    pub(crate) quick: bool,
    /// The launch cannot succeed, so we must refuse to print a digest.
    pub(crate) refused: bool,
    /// Its flags; `@name` stands for the path of an input.
    guest: Guest,
}

/// What the values of `--append` stand for.
const CMDLINES: [(&str, Option<&str>); 5] = [
    ("none", None),
    ("empty", Some("")),
    ("normal", Some("console=ttyS0 loglevel=7")),
    ("trailing-space", Some("console=ttyS0 root=/dev/vda1 ")),
    ("unicode", Some("console=ttyS0 root=LABEL=d\u{e9}marrage-\u{65e5}\u{672c}")),
];

/// Every case of cases.txt.
pub(crate) fn all() -> Result<Vec<Case>> {
    let (mut names, mut cases) = (BTreeMap::new(), Vec::new());
    let lines = include_str!("cases.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((name, words)) = line.split_once(" = ") {
            names.insert(name, words);
            continue;
        }
        let (pattern, flags) = line.split_once(": ").with_context(|| line.to_owned())?;
        for (id, choices) in chosen(pattern) {
            let mut flags = flags.to_owned();
            for (number, choice) in (1..).zip(choices) {
                flags = flags.replace(&format!("{{{number}}}"), choice);
            }
            let words =
                flags.split(' ').flat_map(|word| names.get(word).unwrap_or(&word).split(' '));
            cases.push(Case::read(id, words).with_context(|| line.to_owned())?);
        }
    }
    Ok(cases)
}

/// The ids that a pattern stands for, each with what is chosen in its braces.
fn chosen(pattern: &str) -> Vec<(String, Vec<&str>)> {
    let parts = pattern.split_once('{').and_then(|(before, rest)| {
        let (choices, after) = rest.split_once('}')?;
        Some((before, choices, after))
    });
    let Some((before, choices, after)) = parts else { return vec![(pattern.into(), Vec::new())] };
    let each = |choice| {
        chosen(after).into_iter().map(move |(end, more)| {
            (format!("{before}{choice}{end}"), [vec![choice], more].concat())
        })
    };
    choices.split(',').flat_map(each).collect()
}

impl Case {
    fn read<'a>(id: String, mut words: impl Iterator<Item = &'a str>) -> Result<Self> {
        let has = |texts: &str| texts.split(',').any(|text| id.contains(text));
        let (mut quick, mut refused, mut guest) = (true, false, Guest::default());
        while let Some(word) = words.next() {
            match word.split_once('=').unwrap_or((word, "")) {
                ("full", "") => quick = false,
                ("full-but", texts) => quick = has(texts),
                ("refused", text) => refused = has(text),
                (flag, "") if flag.starts_with("--") => {
                    let value = words.next().with_context(|| format!("{flag} has no value"))?;
                    match flag {
                        "--profile" => guest.profile = Some(value.to_owned()),
                        "--append" => {
                            let cmdline = CMDLINES.iter().find(|(name, _)| *name == value);
                            let (_, cmdline) = cmdline.context("no such command line")?;
                            guest.flags.extend(cmdline.map(|text| (flag.into(), text.into())));
                        }
                        _ => guest.flags.push((flag.into(), value.into())),
                    }
                }
                _ => bail!("{word}?"),
            }
        }
        Ok(Self { id, quick, refused, guest })
    }

    /// The guest with the inputs' paths; `None` if this run does not have them all.
    pub(crate) fn guest(&self, inputs: &Inputs) -> Option<Guest> {
        let mut guest = self.guest.clone();
        for (_, value) in &mut guest.flags {
            if let Some(name) = value.strip_prefix('@') {
                *value = inputs.path(name)?.display().to_string();
            }
        }
        Some(guest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_choices() {
        let ids = chosen("a/{1,2}x{b,c}").into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(ids, ["a/1xb", "a/1xc", "a/2xb", "a/2xc"]);
        assert_eq!(chosen("a{b}c"), [("abc".into(), vec!["b"])]);
    }

    #[test]
    fn the_list_can_be_read() {
        let ids: std::collections::BTreeSet<_> =
            all().unwrap().into_iter().map(|case| case.id).collect();
        assert_eq!(ids.len(), 195, "each case once");
    }
}
