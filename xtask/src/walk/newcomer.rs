//! The newcomer's walk: docs/first-digest.md in a bare Debian, and its digests beside those of PyPI's sev-snp-measure on the same files.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use super::steps::{self, Ran};
use super::substitutions::{self, Walks};
use super::system::System;
use crate::call::read;
use crate::peers::{Guest, SEV_SNP_MEASURE, Tool};

const PAGE: &str = "docs/first-digest.md";
/// What a line that prints a digest begins with.
const DIGEST: &str = "sev-launch digest --mode snp ";
/// Our flags, and those of sev-snp-measure; whether the value is a file.
const FLAGS: [(&str, &str, bool); 6] = [
    ("--firmware", "--ovmf", true),
    ("--kernel", "--kernel", true),
    ("--initrd", "--initrd", true),
    ("--cmdline", "--append", false),
    ("--vcpus", "--vcpus", false),
    ("--vcpu-type", "--vcpu-type", false),
];

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Fail where a bare Debian cannot be had
    #[arg(long)]
    must: bool,
}

/// Goes the whole way.
pub(super) fn run(options: &Options) -> Result<()> {
    let page = read(PAGE)?;
    let system = match System::new(super::checkout("checkout")?) {
        Ok(system) => system,
        Err(error) if !options.must => {
            println!("SKIPPED: nobody went through {PAGE}: {error:#}");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    substitutions::tell(Walks::Newcomer);
    let ran = steps::go(&page, &system).context(PAGE)?;
    let digests: Vec<&Ran<'_>> = ran.iter().filter(|ran| ran.line.starts_with(DIGEST)).collect();
    ensure!(!digests.is_empty(), "{PAGE} shows no line that begins with {DIGEST:?}");
    let version = SEV_SNP_MEASURE.last().context("a version")?;
    let peer = Tool::sev_snp_measure(version)?;
    for Ran { line, folder, printed } in digests {
        let call = peer.digest(&guest(line, folder)?)?.context("it has SNP")?;
        let theirs = call.text()?;
        let ours = printed.trim_end();
        ensure!(ours == theirs, "{line}\n  printed {ours}\n  {} prints {theirs}", peer.name);
        println!("walk: {} prints the same: {ours}", peer.name);
    }
    println!("walk: {} commands of {PAGE}, each as the page shows it", ran.len());
    Ok(())
}

/// The guest of a line, its files named as this machine names them.
fn guest(line: &str, folder: &Path) -> Result<Guest> {
    let mut flags = vec![("--mode".to_owned(), "snp".to_owned())];
    let words = words(line.strip_prefix(DIGEST).unwrap_or_default());
    for pair in words.chunks(2) {
        let [flag, value] = pair else { bail!("{line}: a flag without a value") };
        let known = FLAGS.iter().find(|(ours, ..)| ours == flag);
        let (_, theirs, is_file) = known.with_context(|| {
            format!("{line}: sev-snp-measure's word for {flag} is not known here: add it to FLAGS")
        })?;
        let value = if *is_file { folder.join(value).display().to_string() } else { value.clone() };
        flags.push(((*theirs).to_owned(), value));
    }
    Ok(Guest { flags, profile: None })
}

/// The words of a line: apart by spaces, what stands between quotes kept together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_the_flags_of_the_other_tool() {
        let line = format!("{DIGEST}--firmware a.fd --cmdline \"x y\" --vcpus 4");
        let guest = guest(&line, Path::new("/there")).unwrap();
        assert_eq!(guest.flag("--ovmf"), Some("/there/a.fd"));
        assert_eq!(guest.flag("--append"), Some("x y"));
        assert_eq!(guest.flag("--vcpus"), Some("4"));
        assert!(super::guest(&format!("{DIGEST}--trace x"), Path::new("")).is_err());
    }
}
