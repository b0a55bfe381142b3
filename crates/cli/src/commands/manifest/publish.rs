//! `sev-launch manifest publish`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use sev_launch_abi::{ApiVersion, Technology};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_manifest::publish::config_map::{self, ObjectName};
use sev_launch_manifest::publish::corim::{self, Instance};
use sev_launch_manifest::publish::in_toto;
use sev_launch_manifest::publish::rego::{self, Claim, Package};
use sev_launch_manifest::publish::simple_kbs::{self, Builds, Platform};
use sev_launch_manifest::publish::trustee::{Claims, ReferenceValues};
use sev_launch_manifest::{Acceptance, Error, Manifest, Published};

use crate::exit::{Answer, Insecure};
use crate::manifest::acceptance::{AcceptanceFlags, told};
use crate::manifest::policies::PolicyAllowances;
use crate::manifest::signing::ManifestKeys;
use crate::snp::endorsement;
use crate::snp::launch_endorsement::{RootFlags, unproven};
use crate::{inputs, output};

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch manifest publish manifest.json --to trustee
  sev-launch manifest publish manifest.json --to corim -o guest.corim
  sev-launch manifest publish manifest.json --to rego --claim input.snp.measurement

Published are computed rows. What somebody endorses, or some host was seen to run, is published only
where that is asked for.
What is written is not signed: sign the file, or the in-toto statement. `sev-launch manifest sign`
signs a whole manifest.";

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

/// Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes.
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
    #[command(flatten)]
    acceptance: AcceptanceFlags,
    #[command(flatten)]
    policies: PolicyAllowances,
    #[command(flatten)]
    keys: ManifestKeys,
    #[command(flatten)]
    roots: RootFlags,
    /// simple-kbs: the least API version of the platform, for example 1.55 [default: any].
    #[arg(long, value_name = "MAJOR.MINOR")]
    min_api: Option<ApiVersion>,
    /// simple-kbs: the builds of the platform that are accepted, comma-separated [default: any].
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    build_ids: Vec<u8>,
    /// Rego: the module's package.
    #[arg(long, value_name = "NAME", default_value = "sev_launch.digests")]
    package: String,
    /// Rego: where the claim stands in the input, parts separated by dots [default in SNP: snp.measurement].
    #[arg(long, value_name = "PATH")]
    claim: Option<String>,
    /// ConfigMap: the object's name.
    #[arg(long, value_name = "NAME", default_value = "launch-digests")]
    object: String,
    /// ConfigMap: its namespace [default: none is written].
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
}

impl Publish {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let mut manifest = self.keys.read(&self.manifest)?;
        let proofs = self.roots.prove(&mut manifest, endorsement::now()?)?;
        for text in unproven(&proofs, &inputs::name(&self.manifest)) {
            output::remark("note", &text);
        }
        let accept = self.acceptance.accept();
        let published = match Published::of(&manifest, &accept) {
            Err(nothing @ Error::NothingToPublish { .. }) => {
                let name = inputs::name(&self.manifest);
                output::remark("no", &format!("{name}: {nothing}"));
                told(&manifest.left_out(&accept))
                    .iter()
                    .for_each(|text| output::remark("note", text));
                return Ok(Answer::No);
            }
            found => found?,
        };
        self.policies.check(manifest.technology(), published.policies().iter().copied())?;
        let bytes = match self.write(&published) {
            Err(error) => return Err(as_insecure(error)),
            Ok(bytes) => bytes,
        };
        self.warn(&manifest, &accept);
        output::write(&self.output, &bytes)?;
        Ok(Answer::Yes)
    }

    /// What the published digests contradict, and what they do not cover. Where a secret would be released by them, the library refuses instead.
    fn warn(&self, manifest: &Manifest, accept: &Acceptance) {
        for text in manifest.accepted_uncomputed(accept) {
            output::remark("warning", &text);
        }
        if manifest.leaves_kernel_unsaid(accept) {
            let text = "an accepted row does not say whether its digest covers the kernel, the initrd and the command line";
            output::remark("warning", &text);
        }
        if manifest.kernel_hash_check(accept) == Some(KernelHashCheck::No) {
            output::remark("warning", &Warning::KernelHashesUnchecked);
        }
        if manifest.leaves_kernel_out() {
            let text = "the kernel, the initrd and the command line are not covered by some of these digests: kernel-hashes is off";
            output::remark("warning", &text);
        }
    }

    fn write(&self, published: &Published<'_>) -> anyhow::Result<Vec<u8>> {
        let ApiVersion { major, minor } = self.min_api.unwrap_or(ApiVersion { major: 0, minor: 0 });
        let platform = Platform {
            min_fw_api_major: major,
            min_fw_api_minor: minor,
            builds: match self.build_ids.is_empty() {
                true => Builds::Any,
                false => Builds::Only(self.build_ids.clone()),
            },
        };
        Ok(match self.to {
            Form::Trustee => trustee_values(published, Claims::Snp)?.to_json()?,
            Form::TrusteeAzure => trustee_values(published, Claims::AzSnpVtpm)?.to_json()?,
            Form::TrusteeMessage => trustee_values(published, Claims::Snp)?.message()?,
            Form::Corim => corim::write(published, Instance::Any)?,
            Form::CorimVeraison => corim::write(published, Instance::LaunchDigest)?,
            Form::InToto => in_toto::write(published)?,
            Form::SimpleKbs => simple_kbs::sql(published, &platform)?.into_bytes(),
            Form::SimpleKbsJson => simple_kbs::default_policy(published, &platform)?,
            Form::Rego => {
                if self.claim.is_none() && published.manifest().technology() != Technology::Snp {
                    bail!(
                        "where a SEV or SEV-ES digest stands among the claims depends on the verifier: give --claim"
                    );
                }
                let package = Package::new(&self.package).context("--package")?;
                let claim = self.claim.as_deref().unwrap_or("snp.measurement");
                let path = claim.strip_prefix("input.").unwrap_or(claim);
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

/// Trustee's values; what of its default policy's is not among them is told.
fn trustee_values(published: &Published<'_>, claims: Claims) -> anyhow::Result<ReferenceValues> {
    let values = ReferenceValues::of(published, claims)?;
    values.left_out().iter().for_each(|left_out| output::remark("unknown", left_out));
    Ok(values)
}

/// Digests that would release a secret to whatever kernel the host starts are refused as insecure.
fn as_insecure(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(Error::KernelNotCovered { why }) => Insecure((*why).into()).into(),
        _ => error,
    }
}
