//! What tasks that time whole commands are asked.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

/// The options.
pub(crate) struct Options {
    /// How often, at least once.
    pub(crate) turns: usize,
    /// Are the processor's SHA instructions to be hidden?
    pub(crate) without_sha: bool,
    /// Are the documents to be written?
    pub(crate) write: bool,
    /// A `sev-launch` to time instead of building one.
    pub(crate) ours: Option<PathBuf>,
}

impl Options {
    /// Reads them; nothing where help is wanted. `default` is what counts where no other is given.
    pub(crate) fn read(
        arguments: &[String],
        default: Self,
        hides_sha: bool,
        usage: &str,
    ) -> Result<Option<Self>> {
        let mut options = default;
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--runs" => {
                    let number = arguments.next().context("--runs wants a number")?;
                    options.turns = number.parse().with_context(|| format!("--runs {number}"))?;
                }
                "--without-sha" if hides_sha => options.without_sha = true,
                "--write" => options.write = true,
                "--ours" => {
                    let program = arguments.next().context("--ours wants a program")?;
                    options.ours = Some(std::path::absolute(program)?);
                }
                "--help" | "-h" => return Ok(None),
                other => bail!("unknown option {other}\n{usage}"),
            }
        }
        if options.turns == 0 {
            bail!("--runs 0: nothing would be measured");
        }
        Ok(Some(options))
    }

    /// So many turns, and nothing else.
    pub(crate) const fn of(turns: usize) -> Self {
        Self { turns, without_sha: false, write: false, ours: None }
    }
}
