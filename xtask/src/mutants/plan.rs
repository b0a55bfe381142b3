//! xtask/mutants.toml: which modules decide, which tests must notice a change of them, and which changes are left out and why.

use std::fmt;
use std::ptr;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::changes::Change;
use crate::call;

/// What is tried, and what is not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// The modules, in parts that have tests of their own.
    #[serde(rename = "part")]
    pub(crate) parts: Vec<Part>,
    /// What is not tried.
    #[serde(default)]
    left_out: Vec<LeftOut>,
}

/// Modules and the tests that must notice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// Whose modules they are.
    pub(crate) package: String,
    /// Flags that name the tests: `--lib` those in the package's modules, `--test=NAME` an integration test.
    pub(crate) tests: Vec<String>,
    /// The modules.
    pub(crate) files: Vec<String>,
}

/// Changes that are not tried, since no test has to notice them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOut {
    /// `FILE: WHAT`, as cargo-mutants says it, without line and column; `*` stands for any text.
    change: String,
    /// The source line, where other lines of the function have the same change.
    line: Option<String>,
    /// Why no test has to notice.
    pub(crate) reason: String,
}

impl Plan {
    /// The repository's.
    pub(crate) fn read() -> Result<Self> {
        Self::parse(&call::read("xtask/mutants.toml")?).context("xtask/mutants.toml")
    }

    /// Of the text of such a file.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let plan: Self = toml::from_str(text)?;
        let mut files: Vec<&String> = plan.parts.iter().flat_map(|part| &part.files).collect();
        files.sort_unstable();
        for pair in files.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                bail!("{one} is in two parts");
            }
        }
        if let Some(one) = plan.left_out.iter().find(|one| one.reason.trim().is_empty()) {
            bail!("{one} is left out without a reason");
        }
        Ok(plan)
    }

    /// Why a change is left out; `None` if it has to be tried.
    pub(crate) fn reason(&self, change: &Change) -> Option<&LeftOut> {
        self.left_out.iter().find(|left_out| left_out.is(change))
    }

    /// Every reason, and how many changes it leaves out; one that names what is no change any more leaves out none.
    pub(crate) fn reasons(&self, changes: &[Change]) -> impl Iterator<Item = (&LeftOut, usize)> {
        self.left_out.iter().map(|one| {
            let own =
                |change: &&Change| self.reason(change).is_some_and(|found| ptr::eq(found, one));
            (one, changes.iter().filter(own).count())
        })
    }
}

impl LeftOut {
    fn is(&self, change: &Change) -> bool {
        let line = self.line.as_ref().is_none_or(|line| line.trim() == change.line);
        line && matches(&self.change, &format!("{}: {}", change.file, change.what))
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.change)?;
        self.line.as_ref().map_or(Ok(()), |line| write!(f, ", line: {}", line.trim()))
    }
}

/// Is this the text, where `*` stands for any text?
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    // Without a star nothing may follow.
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(what: &str, line: &str) -> Change {
        Change { file: "src/a.rs".to_owned(), line: line.to_owned(), ..Change::sample(what) }
    }

    const PLAN: &str = "
        [[part]]
        package = 'a'
        tests = ['--lib']
        files = ['src/a.rs']
        [[left_out]]
        change = '*: replace <impl fmt::Debug for *'
        reason = 'read by developers'
        [[left_out]]
        change = 'src/a.rs: replace < with <= in f'
        line = '  if a < b {'
        reason = 'a is never b'
    ";

    #[test]
    fn a_reason_is_for_one_line_or_a_kind() {
        let plan = Plan::parse(PLAN).unwrap();
        let reason = |what, line| plan.reason(&change(what, line)).map(|one| one.reason.as_str());
        assert_eq!(reason("replace < with <= in f", "if a < b {"), Some("a is never b"));
        assert_eq!(reason("replace < with <= in f", "if a < c {"), None);
        assert_eq!(reason("replace < with <= in fg", "if a < b {"), None);
        let debug =
            "replace <impl fmt::Debug for A>::fmt -> fmt::Result with Ok(Default::default())";
        assert_eq!(reason(debug, ""), Some("read by developers"));
        assert_eq!(reason("replace <impl fmt::Display for A>::fmt", ""), None);
    }

    #[test]
    fn a_reason_for_nothing_is_seen() {
        let plan = Plan::parse(PLAN).unwrap();
        let changes = [change("replace < with <= in f", "if a < b {")];
        let counts: Vec<usize> = plan.reasons(&changes).map(|(_, count)| count).collect();
        assert_eq!(counts, [0, 1]);
    }

    #[test]
    fn a_file_twice_and_an_empty_reason_are_refused() {
        let twice = PLAN.replace("['src/a.rs']", "['src/a.rs', 'src/a.rs']");
        assert!(Plan::parse(&twice).unwrap_err().to_string().contains("in two parts"));
        let empty = PLAN.replace("a is never b", " ");
        assert!(Plan::parse(&empty).unwrap_err().to_string().contains("without a reason"));
    }

    #[test]
    fn stars_stand_for_any_text() {
        assert!(
            matches("a*c", "abc") && matches("a*c", "ac") && matches("*", "") && matches("a", "a")
        );
        assert!(!matches("a", "ab") && !matches("a*c", "acb") && !matches("a*b*c", "ac"));
        assert!(!matches("ab*ba", "aba"));
    }
}
