//! `sev-launch manifest sign`.

use std::path::PathBuf;

use sev_launch_manifest::Published;

use crate::exit::Answer;
use crate::manifest::acceptance::{AcceptanceFlags, told};
use crate::manifest::policies::PolicyAllowances;
use crate::manifest::{self, signing};
use crate::snp::endorsement;
use crate::snp::launch_endorsement::{RootFlags, unproven};
use crate::{inputs, output};

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem
  openssl pkey -in key.pem -pubout -out key.pub
  sev-launch manifest sign manifest.json --key key.pem -o manifest.dsse.json
  sev-launch verify --report report.bin --manifest manifest.dsse.json --manifest-key key.pub

Written is a DSSE envelope with an in-toto statement: the manifest whole, and as subjects the
digests of its rows. cosign and securesystemslib verify it too.
A signature vouches for every row: rows that somebody endorses, or some host was seen to run, are
signed only where that is asked for, and whoever verifies is asked again.

Exit codes:
  0  the signed manifest is written
  1  a row is not to be vouched for: nothing is written
  2  there is none: wrong usage, malformed input, a key of another kind
  3  refused as insecure: the policy";

/// Sign a manifest with a key in a file, to be verified without a network.
#[derive(Debug, clap::Args)]
pub(crate) struct Sign {
    /// The manifest.
    #[arg(value_name = "MANIFEST")]
    manifest: PathBuf,
    /// The private key, on P-256, not encrypted: PKCS#8 or SEC1, in PEM or DER.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the signed manifest is written, best beside the manifest, whose paths it has; - is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    acceptance: AcceptanceFlags,
    #[command(flatten)]
    roots: RootFlags,
    #[command(flatten)]
    policies: PolicyAllowances,
}

impl Sign {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let mut manifest = manifest::read(&self.manifest)?;
        let proofs = self.roots.prove(&mut manifest, endorsement::now()?)?;
        unproven(&proofs, &inputs::name(&self.manifest))
            .iter()
            .for_each(|text| output::remark("note", text));
        let accept = self.acceptance.accept();
        let left_out = told(&manifest.left_out(&accept));
        if !left_out.is_empty() {
            let name = inputs::name(&self.manifest);
            let text = "a signature would vouch for rows that were not computed";
            output::remark("no", &format!("{name}: {text}"));
            left_out.iter().for_each(|text| output::remark("note", text));
            return Ok(Answer::No);
        }
        let published = Published::of(&manifest, &accept)?;
        self.policies.check(manifest.technology(), published.policies().iter().copied())?;
        for text in manifest.accepted_uncomputed(&accept) {
            output::remark("warning", &text);
        }
        let key = signing::private_key(&self.key)?;
        output::write(&self.output, &signing::sign(&manifest, &self.acceptance, &key)?)?;
        Ok(Answer::Yes)
    }
}
