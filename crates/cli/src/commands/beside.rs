//! Programs of their own that this command starts: they lie beside its own file, take its place, and have parts that it does not have.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exit::Answer;
use crate::inputs;

/// Starts `program` in this command's place. It is looked for beside this command's own file and nowhere else.
///
/// # Errors
///
/// There is none, with the line that builds it; or it cannot be started.
pub(super) fn start(
    program: &str,
    words: impl IntoIterator<Item = OsString>,
) -> anyhow::Result<Answer> {
    let own = std::env::current_exe().context("this program's own file is not known")?;
    let path = own.parent().unwrap_or(Path::new("/")).join(program);
    if !inputs::exists(&path) {
        let name = inputs::name(&path);
        // Each is built by the package of its name.
        bail!(
            "{name}: there is no such program; in a clone, this puts it beside an installed command: cargo install --locked --path crates/{}",
            program.trim_start_matches("sev-launch-")
        );
    }
    // It returns only where it fails.
    let error = Command::new(&path).args(words).exec();
    Err(error).with_context(|| inputs::name(&path))
}
