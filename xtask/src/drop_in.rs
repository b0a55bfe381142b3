//! `cargo xtask drop-in`: sev-snp-measure and our program under its name, on the same command lines.
//!
//! Each line of drop_in/lines.txt is run by both in an empty folder. What they print, the exit code and every file that they
//! write must be the same, but for the lines that say why ours refuses. `snp-create-id-block` is compared in all but its
//! signatures, which the tool makes anew each time; `sev-launch id-block check` takes both. Then the tool's own tests are run on our
//! program ([`suite`]). The tool is installed as for
//! `cargo xtask reference`; where it cannot be had, that is said loudly, and is a failure only with `--must`.

mod suite;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail, ensure};

use crate::call::Call;
use crate::peers::{self, SEV_SNP_MEASURE, Tool};
use crate::reference::inputs::Inputs;

const LINES: &str = include_str!("drop_in/lines.txt");

/// What is asked.
#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// Fail where the tool cannot be had
    #[arg(long)]
    must: bool,
    /// Ask this sev-launch instead of building one
    #[arg(long, value_name = "PROGRAM")]
    ours: Option<PathBuf>,
}

/// A command line, and why ours refuses it where it does.
struct Line {
    flags: Vec<String>,
    refused: Option<&'static str>,
}

/// What a run has left.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    code: Option<i32>,
    stdout: String,
    files: BTreeMap<String, Vec<u8>>,
}

/// Runs the comparison; fails on whatever differs and has no reason.
pub(crate) fn run(options: &Options) -> Result<()> {
    let [.., newest] = SEV_SNP_MEASURE;
    let theirs = match Tool::sev_snp_measure(newest) {
        Ok(tool) => tool.call.program().to_owned(),
        Err(error) if !options.must => {
            println!(
                "SKIPPED: sev-snp-measure {newest} cannot be had, so nothing was compared: {error:#}"
            );
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let ours = Tool::ours(options.ours.as_deref())?.call.program().to_owned();
    let folder = peers::folder().join("drop-in");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let link = |name: &str| -> Result<PathBuf> {
        let link = folder.join(name);
        symlink(&ours, &link)?;
        Ok(link)
    };
    let inputs = Inputs::make(false)?;
    let (mut compared, mut refused, mut failures) = (0, 0, Vec::new());
    let linked = link("sev-snp-measure")?;
    for line in lines()? {
        let Some(flags) = with_paths(&line.flags, &inputs) else {
            println!("SKIPPED for want of input: {}", line.flags.join(" "));
            continue;
        };
        let (their_output, their_left) = left(&theirs, &flags, &folder.join("theirs"))?;
        let (our_output, our_left) = left(&linked, &flags, &folder.join("ours"))?;
        let said = String::from_utf8_lossy(&our_output.stderr);
        let is_right = match line.refused {
            None => their_left == our_left,
            Some(_) => {
                refused += 1;
                // The tool has an answer, and ours says that it is none.
                their_left.code == Some(0)
                    && (our_left.code, our_left.stdout.as_str()) == (Some(2), "")
                    && our_left.files.is_empty()
                    && said.starts_with("sev-snp-measure: error: ")
            }
        };
        compared += 1;
        if !is_right {
            let their_error = String::from_utf8_lossy(&their_output.stderr);
            failures.push(format!(
                "{}\n    theirs: {:?} {:?} {}\n    ours: {:?} {:?} {}",
                line.flags.join(" "),
                their_left.code,
                their_left.stdout,
                their_error.lines().last().unwrap_or_default(),
                our_left.code,
                our_left.stdout,
                said.lines().next().unwrap_or_default()
            ));
        }
    }
    println!("drop-in: {compared} command lines, {refused} of them refused with a reason");
    ensure!(failures.is_empty(), "{} to look at:\n  {}", failures.len(), failures.join("\n  "));
    let id_block = link("snp-create-id-block")?;
    id_blocks(&theirs, &id_block, &ours, &folder)?;
    println!("drop-in: ID blocks agree");
    let bin = theirs.parent().context("the tool lies in a folder")?;
    suite::run(newest, bin, [&linked, &id_block], &folder, options.must)
}

/// Every line of lines.txt: `refused, REASON: FLAGS` or the flags alone, where `a|b` is a line for each.
fn lines() -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for text in LINES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (refused, flags) = match text.strip_prefix("refused, ") {
            Some(rest) => {
                let (reason, flags) = rest.split_once(": ").with_context(|| text.to_owned())?;
                (Some(reason), flags)
            }
            None => (None, text),
        };
        let mut all = vec![Vec::new()];
        for word in flags.split(' ') {
            let choices: Vec<_> = word.split('|').collect();
            let with = |flags: &Vec<String>, choice: &str| {
                [&flags[..], &[choice.replace('_', " ")]].concat()
            };
            all = choices
                .iter()
                .flat_map(|choice| all.iter().map(|flags| with(flags, choice)))
                .collect();
        }
        lines.extend(all.into_iter().map(|flags| Line { flags, refused }));
    }
    Ok(lines)
}

/// The flags with the paths of inputs for `@name`, and nothing for `''`; `None` if this machine does not have them all.
fn with_paths(flags: &[String], inputs: &Inputs) -> Option<Vec<String>> {
    let path = |flag: &String| match flag.split_once('@') {
        _ if flag == "''" => Some(String::new()),
        Some((before, name)) => Some(format!("{before}{}", inputs.path(name)?.display())),
        None => Some(flag.clone()),
    };
    flags.iter().map(path).collect()
}

/// Runs a program in an empty folder, and says what it leaves.
fn left(program: &Path, flags: &[String], folder: &Path) -> Result<(Output, Left)> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let output = Command::new(program).args(flags).current_dir(folder).output();
    let output = output.with_context(|| program.display().to_string())?;
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        files.insert(entry.file_name().display().to_string(), fs::read(entry.path())?);
    }
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.clone(), Left { code: output.status.code(), stdout, files }))
}

/// ID blocks of both for the same keys: the same block and digests, and authentications that both check.
fn id_blocks(theirs: &Path, ours: &Path, command: &Path, folder: &Path) -> Result<()> {
    let bin = theirs.parent().context("the tool lies in a folder")?;
    let make = "import sys\n\
                from cryptography.hazmat.primitives.asymmetric import ec\n\
                from cryptography.hazmat.primitives import serialization as s\n\
                for name, form in zip(sys.argv[1:], (s.PrivateFormat.TraditionalOpenSSL, s.PrivateFormat.PKCS8)):\n    \
                    key = ec.generate_private_key(ec.SECP384R1())\n    \
                    open(name, 'wb').write(key.private_bytes(s.Encoding.PEM, form, s.NoEncryption()))\n";
    let (id_key, author_key) = (folder.join("id.pem"), folder.join("author.pem"));
    Call::new(bin.join("python"), "-c").arg(make).arg(&id_key).arg(&author_key).text()?;
    let measurement = "QUJD".repeat(16);
    let mut shown = Vec::new();
    for program in [&bin.join("snp-create-id-block"), ours] {
        let call =
            Call::new(program, "--measurement").arg(&measurement).arg("--idkey").arg(&id_key);
        let text = call.arg("--authorkey").arg(&author_key).text()?;
        let (blocks, digests) = text.split_once('\n').context("three lines")?;
        let (block, auth) = blocks
            .strip_prefix("id-block=")
            .and_then(|rest| rest.split_once(",id-auth="))
            .with_context(|| blocks.to_owned())?;
        let (block_file, auth_file) = (folder.join("block.b64"), folder.join("auth.b64"));
        fs::write(&block_file, block)?;
        fs::write(&auth_file, auth)?;
        let check = Call::new(command, "id-block check").arg(block_file).arg(auth_file).text()?;
        shown.push((block.to_owned(), digests.to_owned(), auth.len(), check));
    }
    match shown.as_slice() {
        [theirs, ours] if theirs == ours => Ok(()),
        _ => bail!("ID blocks differ: {shown:#?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_read() {
        let lines = lines().unwrap();
        assert!(lines.len() > 100, "{}", lines.len());
        assert!(lines.iter().filter(|line| line.refused.is_some()).count() > 15);
        assert!(lines.iter().all(|line| line.flags.iter().all(|flag| !flag.contains('|'))));
    }
}
