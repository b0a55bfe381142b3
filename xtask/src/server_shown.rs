//! docs/server-shown.md: what the attestation service was shown to do, each task's outcome between marks of its own.

use anyhow::{Context as _, Result};

use crate::call;

const FILE: &str = "docs/server-shown.md";

/// Puts a task's outcome in the place of its last one.
pub(crate) fn put(task: &str, outcome: &str) -> Result<()> {
    let text = call::read(FILE).unwrap_or_else(|_| EMPTY.to_owned());
    call::write(FILE, &replaced(&text, task, outcome)?)
}

fn replaced(text: &str, task: &str, outcome: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {task} -->\n"), format!("<!-- end of {task} -->\n"));
    let parts = text.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = parts.with_context(|| format!("{FILE}: the marks of {task} are gone"))?;
    Ok(format!("{before}{begin}{outcome}{end}{after}"))
}

const EMPTY: &str = "\
# What the attestation service was shown to do

Written by `cargo xtask serve-crash --write`, `schemathesis --write` and `serve-memory --write`; not edited by hand. All start the release build
of `sev-launch-server` as its users do, with a configuration, a SQLite store and the root of a simulated platform.

## Killed in the middle of its work, and with a store that fails

<!-- serve-crash -->
Not run yet.
<!-- end of serve-crash -->

## Every operation of its OpenAPI document, with data made up by Schemathesis

<!-- schemathesis -->
Not run yet.
<!-- end of schemathesis -->

## What is left in its memory

<!-- serve-memory -->
Not run yet.
<!-- end of serve-memory -->
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_task_leaves_the_others_outcome() {
        let once = replaced(EMPTY, "serve-crash", "killed\n").unwrap();
        let twice = replaced(&once, "schemathesis", "asked\n").unwrap();
        let thrice = replaced(&twice, "serve-memory", "searched\n").unwrap();
        let again = replaced(&thrice, "serve-crash", "killed again\n").unwrap();
        assert!(
            again.contains("<!-- serve-crash -->\nkilled again\n<!-- end")
                && again.contains("\nasked\n")
        );
        assert!(!again.contains("killed\n") && !again.contains("Not run"));
        assert!(replaced(EMPTY, "another", "").is_err());
    }
}
