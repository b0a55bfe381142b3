//! `sev-launch manifest publish`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sev_launch_manifest::publish::config_map::{self, ObjectName};
use sev_launch_manifest::publish::corim::{self, Instance};
use sev_launch_manifest::publish::in_toto;
use sev_launch_manifest::publish::rego::{self, Claim, Package};
use sev_launch_manifest::publish::simple_kbs::{self, Builds, Platform};
use sev_launch_manifest::publish::trustee::{self, Claims};
use sev_launch_manifest::{Accept, Published};

use crate::exit::Answer;
use crate::output;

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch manifest publish manifest.json --to trustee
  sev-launch manifest publish manifest.json --to corim -o guest.corim
  sev-launch manifest publish manifest.json --to rego --claim input.snp.measurement

Published are computed rows, endorsed ones, and observed ones whose evidence was verified.
What is written is not signed: sign the file, or the in-toto statement.";

/// A verifier's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Reference values of Trustee's RVPS, under the names of its default policy (SNP).
    Trustee,
    /// The message that registers them.
    TrusteeMessage,
    /// The same values under the names of az-snp-vtpm, Azure's confidential VMs.
    TrusteeAzure,
    /// An unsigned CoRIM, in CBOR.
    Corim,
    /// The same, with each digest as its environment's instance, by which Veraison looks it up.
    CorimVeraison,
    /// An in-toto Statement v1.
    InToto,
    /// A row of simple-kbs's policy table, as SQL (SEV, SEV-ES).
    SimpleKbs,
    /// The same as a tenant's default_policy.json.
    SimpleKbsJson,
    /// A Rego module.
    Rego,
    /// A Kubernetes ConfigMap.
    ConfigMap,
}

/// Write the digests in the form of a verifier.
#[derive(Debug, clap::Args)]
pub(crate) struct Publish {
    /// The manifest.
    #[arg(value_name = "MANIFEST")]
    manifest: PathBuf,
    /// The verifier's form.
    #[arg(long, value_enum, value_name = "FORM")]
    to: Form,
    /// Where it is written; - is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Publish observed rows too whose evidence nobody verified: whatever that host reported is then accepted.
    #[arg(long)]
    accept_unverified: bool,
    /// simple-kbs: the least API version of the platform, as 1.55 [default: any].
    #[arg(long, value_name = "MAJOR.MINOR", value_parser = api)]
    min_api: Option<(u8, u8)>,
    /// simple-kbs: the builds of the platform that are accepted, apart by commas [default: any].
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    build_ids: Vec<u8>,
    /// Rego: the module's package.
    #[arg(long, value_name = "NAME", default_value = "sev_launch.digests")]
    package: String,
    /// Rego: where the claim stands in the input, parts apart by dots.
    #[arg(long, value_name = "PATH", default_value = "snp.measurement")]
    claim: String,
    /// ConfigMap: the object's name.
    #[arg(long, value_name = "NAME", default_value = "launch-digests")]
    object: String,
    /// ConfigMap: its namespace [default: none is written].
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
}

fn api(text: &str) -> Result<(u8, u8), String> {
    let parsed = text
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    parsed.ok_or_else(|| format!("{text:?}: wanted two numbers up to 255, as 1.55"))
}

impl Publish {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let manifest = super::read(&self.manifest)?;
        let accept = if self.accept_unverified { Accept::Everything } else { Accept::Vouched };
        let published = Published::of(&manifest, accept)?;
        let bytes = self.write(&published)?;
        if self.output == Path::new("-") {
            let mut out = output::stdout();
            out.write_all(&bytes)?;
            out.flush()?;
        } else {
            output::write_file(&self.output, &bytes)?;
        }
        Ok(Answer::Yes)
    }

    fn write(&self, published: &Published<'_>) -> anyhow::Result<Vec<u8>> {
        let (major, minor) = self.min_api.unwrap_or_default();
        let platform = Platform {
            min_fw_api_major: major,
            min_fw_api_minor: minor,
            builds: match self.build_ids.is_empty() {
                true => Builds::Any,
                false => Builds::Only(self.build_ids.clone()),
            },
        };
        Ok(match self.to {
            Form::Trustee => trustee::reference_values(published, Claims::Snp)?,
            Form::TrusteeAzure => trustee::reference_values(published, Claims::AzSnpVtpm)?,
            Form::TrusteeMessage => trustee::message(published, Claims::Snp)?,
            Form::Corim => corim::write(published, Instance::Any)?,
            Form::CorimVeraison => corim::write(published, Instance::LaunchDigest)?,
            Form::InToto => in_toto::write(published)?,
            Form::SimpleKbs => simple_kbs::sql(published, &platform)?.into_bytes(),
            Form::SimpleKbsJson => simple_kbs::default_policy(published, &platform)?,
            Form::Rego => {
                let package = Package::new(&self.package).context("--package")?;
                let path = self.claim.strip_prefix("input.").unwrap_or(&self.claim);
                let claim = Claim::new(path.split('.')).context("--claim")?;
                rego::write(published, &package, &claim)?.into_bytes()
            }
            Form::ConfigMap => {
                let object = ObjectName::new(&self.object, self.namespace.as_deref())?;
                config_map::write(published, &object)?.into_bytes()
            }
        })
    }
}
