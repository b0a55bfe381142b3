//! A transcript: the commands and files of a page, in their order, and what the commands print.
//!
//! A line of a `console` block that begins with `$ ` is a command; what follows is its standard output, where `...` stands for any lines, and
//! `# exit code N` for an exit code that is not 0. A block of another language whose first line is a comment with a file's name and nothing else
//! is that file, without the line.

/// One thing that the reader does.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'t> {
    /// Types a command.
    Command {
        /// The command, for a shell.
        line: &'t str,
        /// The lines that are shown under it.
        shown: Vec<&'t str>,
        /// Its exit code.
        code: i32,
    },
    /// Writes a file.
    File {
        /// Where, from the folder that the reader is in.
        name: &'t str,
        /// All that is in it.
        text: String,
    },
}

/// The steps of a page.
///
/// Errors: a line of output before the first command of its block, or an exit code that is no number.
pub fn steps(page: &str) -> Result<Vec<Step<'_>>, String> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match (language, block.split_first()) {
            ("console", _) => commands(&block, &mut steps)?,
            (_, Some((first, text))) => {
                let name = first.strip_prefix("# ").or_else(|| first.strip_prefix("// "));
                if let Some(name) = name.filter(|name| name.contains('.') && !name.contains(' ')) {
                    steps.push(Step::File { name, text: format!("{}\n", text.join("\n")) });
                }
            }
            (_, None) => {}
        }
    }
    Ok(steps)
}

fn commands<'t>(block: &[&'t str], steps: &mut Vec<Step<'t>>) -> Result<(), String> {
    let start = steps.len();
    for text in block {
        if let Some(line) = text.strip_prefix("$ ") {
            steps.push(Step::Command { line, shown: Vec::new(), code: 0 });
            continue;
        }
        // Output belongs to a command of its own block.
        let Some(Step::Command { shown, code, .. }) =
            steps.get_mut(start..).and_then(<[_]>::last_mut)
        else {
            return Err(format!(
                "{text:?} stands before the first command of its block: put `$ ` before a command"
            ));
        };
        match text.strip_prefix("# exit code ") {
            Some(number) => *code = number.parse().map_err(|error| format!("{text}: {error}"))?,
            None => shown.push(text),
        }
    }
    Ok(())
}

/// Are these lines as they are shown?
///
/// Errors: the first line that is not, and all that was printed.
pub fn compare(printed: &str, shown: &[&str]) -> Result<(), String> {
    let printed: Vec<&str> = printed.lines().collect();
    if fits(&printed, shown) {
        return Ok(());
    }
    let same = printed.iter().zip(shown).take_while(|(printed, shown)| printed == shown).count();
    let at = |lines: &[&str]| lines.get(same).map_or("nothing more", |line| *line).to_owned();
    Err(format!(
        "line {} of the output is {:?}, and the page shows {:?}; all of it:\n{}",
        same + 1,
        at(&printed),
        at(shown),
        printed.join("\n")
    ))
}

fn fits(printed: &[&str], shown: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        // At least one line: what prints nothing is shown without dots.
        Some((&"...", rest)) => (1..=printed.len())
            .any(|skipped| printed.get(skipped..).is_some_and(|printed| fits(printed, rest))),
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, more)| line == first && fits(more, rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
Text.

```console
$ one
...
$ two --flag
# exit code 1
no
```

```toml
# a.toml
a = 1
```

```rust
// No file: a sentence.
fn main() {}
```
";

    #[test]
    fn commands_and_files_come_in_their_order() {
        let expected = [
            Step::Command { line: "one", shown: vec!["..."], code: 0 },
            Step::Command { line: "two --flag", shown: vec!["no"], code: 1 },
            Step::File { name: "a.toml", text: "a = 1\n".to_owned() },
        ];
        assert_eq!(steps(PAGE).unwrap(), expected);
        assert!(steps("```console\noutput\n```\n").is_err());
    }

    #[test]
    fn dots_stand_for_lines_and_nothing_else_does() {
        for shown in [&["a", "b"][..], &["..."], &["a", "..."], &["...", "b"]] {
            assert!(compare("a\nb\n", shown).is_ok(), "{shown:?}");
        }
        for shown in [&["a"][..], &[], &["a", "b", "..."], &["b", "a"], &["a", "...", "b"]] {
            assert!(compare("a\nb\n", shown).is_err(), "{shown:?}");
        }
    }
}
