//! What the agent's folder of launches shows from outside.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// How far a launch is by its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Asking,
    Starting,
    Started,
    Releasing,
}

impl Step {
    pub(super) const ALL: [Self; 4] =
        [Self::Asking, Self::Starting, Self::Started, Self::Releasing];

    /// As the entry has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Starting => "starting",
            Self::Started => "started",
            Self::Releasing => "releasing",
        }
    }
}

/// The step of a guest's entry; `None` if there is no entry. What is half written is an error.
pub(super) fn step(state: &Path, vmid: &str) -> Result<Option<Step>> {
    let Ok(text) = fs::read(state.join(format!("{vmid}.json"))) else { return Ok(None) };
    let entry: Value = serde_json::from_slice(&text).context("an entry that is no JSON")?;
    let name = entry.get("step").and_then(Value::as_str).context("an entry without a step")?;
    let step = Step::ALL.into_iter().find(|step| step.name() == name);
    Ok(Some(step.with_context(|| format!("an entry with the step {name}"))?))
}

/// Has a launch begun to be over? The entry is the first of its files to go.
pub(super) fn is_ending(state: &Path, vmid: &str) -> bool {
    !state.join(format!("{vmid}.json")).exists()
}

/// No launch is open, and no file of one is there: locks alone.
pub(super) fn is_empty(state: &Path) -> Result<()> {
    let Ok(entries) = state.read_dir() else { return Ok(()) };
    let mut left = Vec::new();
    for entry in entries {
        let name = entry?.file_name().display().to_string();
        if !name.ends_with(".lock") {
            left.push(name);
        }
    }
    ensure!(left.is_empty(), "left in the agent's folder: {left:?}");
    Ok(())
}

/// No file of the folder has any of these in it.
pub(super) fn holds_none(state: &Path, secrets: &[&str]) -> Result<()> {
    for entry in state.read_dir().into_iter().flatten() {
        let path = entry?.path();
        // A socket cannot be read, and what has gone meanwhile holds nothing.
        let Ok(bytes) = fs::read(&path) else { continue };
        let is_in = |secret: &&str| {
            let secret = secret.as_bytes();
            bytes.windows(secret.len()).any(|part| part == secret)
        };
        if secrets.iter().any(is_in) {
            bail!("{} has a secret or a token in it", path.display());
        }
    }
    Ok(())
}
