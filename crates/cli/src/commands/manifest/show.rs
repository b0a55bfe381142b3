//! `sev-launch manifest show`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_manifest::{Manifest, Obtained};

use crate::exit::Answer;
use crate::manifest::signing::ManifestKeys;
use crate::output;

/// Show a manifest: its inputs, its rows, and what is noteworthy about them.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The manifest.
    #[arg(value_name = "MANIFEST")]
    manifest: PathBuf,
    /// Print it as the JSON that is stored, once it was found to be sound.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keys: ManifestKeys,
}

impl Show {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let manifest = self.keys.read(&self.manifest)?;
        match self.json {
            true => output::write(Path::new(output::STDOUT), &manifest.to_json()?)?,
            false => output::print_text(|out| print(out, &manifest))?,
        }
        Ok(Answer::Yes)
    }
}

fn print(out: &mut impl Write, manifest: &Manifest) -> io::Result<()> {
    let head = manifest.head();
    writeln!(out, "name        {}", head.name)?;
    writeln!(out, "technology  {}", head.technology)?;
    if let Some(policy) = head.policy {
        writeln!(out, "policy      {policy:#x}")?;
    }
    writeln!(out, "made by     {}", head.tool)?;
    for input in manifest.inputs() {
        let name = match (&input.path, &input.text) {
            (Some(path), _) => path.clone(),
            (None, Some(text)) => format!("{text:?}"),
            (None, None) => "of the hash given".into(),
        };
        let facts = input.firmware_facts.as_ref();
        let check = facts.map(|facts| facts.kernel_hash_check).unwrap_or_default();
        let check = match check {
            KernelHashCheck::Unknown => "",
            KernelHashCheck::Yes => ", checks the kernel's hashes",
            KernelHashCheck::No => ", does not check the kernel's hashes",
        };
        writeln!(out, "input       {} {name}, sha256 {}{check}", input.role, input.sha256)?;
    }
    for (index, row) in manifest.rows().iter().enumerate() {
        let (how, of) = (obtained(&row.obtained), manifest.describe(row));
        writeln!(out, "row {index:<7} {}  {how}  {of}", row.digest)?;
    }
    for finding in manifest.findings() {
        output::remark(if finding.is_warning() { "warning" } else { "note" }, &finding);
    }
    Ok(())
}

/// How a row was obtained, in few words.
pub(super) fn obtained(obtained: &Obtained) -> String {
    match obtained {
        Obtained::Computed => "computed".into(),
        Obtained::Endorsed { by } => format!("endorsed by {by}"),
        Obtained::EndorsementKept(proof) => {
            let under = if proof.svsm { " (SVSM)" } else { "" };
            format!("endorsed in {}{under}", proof.endorsement)
        }
        Obtained::Observed(observed) if observed.verified => "observed, verified".into(),
        Obtained::Observed(_) => "observed, not verified".into(),
    }
}
