//! Launch endorsements of clouds, for the commands: the file, the root that is trusted, and what they say.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use sev_launch_abi::snp;
use sev_launch_evidence::endorsement;
use sev_launch_manifest::{Manifest, RowProof};
use sev_launch_sweep::{Accepted, Described};
use sev_launch_verify::endorsement::uvm::UvmRequirements;
use sev_launch_verify::endorsement::{
    ExpectedLaunch, Refusal, Root, Statement, UnverifiedEndorsement, VerifiedEndorsement,
    VerifyOptions,
};
use sev_launch_verify::requirement::Requirement;

use super::verdict::Appraised;
use crate::checks::{CheckView, print_checks};
use crate::exit::{Answer, Steps};
use crate::{inputs, output};

/// The root under which launch endorsements are believed, and whose.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Launch endorsement")]
pub(crate) struct RootFlags {
    /// The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing.
    #[arg(long, value_name = "CERT")]
    pub(crate) endorsement_root: Option<PathBuf>,
    /// Azure's utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID.
    #[arg(long, value_name = "DID", requires = "endorsement_feed")]
    endorsement_issuer: Option<String>,
    /// Azure's utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM.
    #[arg(long, value_name = "TEXT", requires = "endorsement_issuer")]
    endorsement_feed: Option<String>,
    /// Azure's utility VM: the lowest guest SVN that is accepted [default: any].
    #[arg(long, value_name = "NUMBER", requires = "endorsement_issuer")]
    endorsement_min_svn: Option<u32>,
}

/// An endorsement that was verified.
pub(crate) struct Endorsed {
    /// As it is named where a digest is.
    pub(crate) name: String,
    /// The bytes that a manifest keeps.
    pub(crate) bytes: Vec<u8>,
    pub(crate) verified: VerifiedEndorsement,
}

impl RootFlags {
    /// Is a root given?
    pub(crate) const fn is_given(&self) -> bool {
        self.endorsement_root.is_some()
    }

    fn root(&self, path: &Path) -> anyhow::Result<Root> {
        let name = inputs::name(path);
        Root::parse(&inputs::read_small(path)?).with_context(|| name)
    }

    fn options<'a>(&'a self, root: &'a Root, time: u64) -> VerifyOptions<'a> {
        let names = self.endorsement_issuer.as_deref().zip(self.endorsement_feed.as_deref());
        let guest_svn = Requirement::at_least(self.endorsement_min_svn);
        let uvm = names.map(|(issuer, feed)| UvmRequirements { issuer, feed, guest_svn });
        VerifyOptions { root, time, uvm }
    }

    /// Verifies the endorsements that a manifest keeps, if a root is given; gives each of their rows with what came of it.
    pub(crate) fn prove(
        &self,
        manifest: &mut Manifest,
        time: u64,
    ) -> anyhow::Result<Vec<RowProof>> {
        let Some(path) = &self.endorsement_root else { return Ok(Vec::new()) };
        let root = self.root(path)?;
        Ok(manifest.prove(&self.options(&root, time)))
    }

    /// Reads an endorsement and verifies it. The inner error is why it is not believed: a no.
    ///
    /// Errors: no root given; a file that is no endorsement, or no certificate; an endorsement of a utility VM of which nothing is demanded.
    pub(crate) fn verify(
        &self,
        path: &Path,
        time: u64,
    ) -> anyhow::Result<Result<Endorsed, Refusal>> {
        let name = inputs::name(path);
        let limit = usize::try_from(inputs::SMALL).unwrap_or(usize::MAX);
        let bytes = inputs::read_piped(path, limit)?;
        let read = endorsement::read(&bytes).with_context(|| name.clone())?;
        let Some(root) = &self.endorsement_root else { return Err(no_root(&name).into()) };
        let root = self.root(root)?;
        match read.endorsement.verify(&self.options(&root, time)) {
            Ok(verified) => Ok(Ok(Endorsed { name, bytes: read.bytes, verified })),
            Err(Refusal::IssuerNotDemanded) => {
                Err(nothing_demanded(&name, &read.endorsement).into())
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// What to type, where an endorsement was given and no root.
fn no_root(name: &str) -> Steps {
    let next = [
        "the root that you trust:  --endorsement-root CERT",
        "Google's root:            https://pki.goog/cloud_integrity/GCE-cc-tcb-root_1.crt (fetch it once, and compare it with what others have)",
    ];
    let said = format!(
        "{name}: an endorsement proves nothing without the root that it is signed under, and none is built in"
    );
    Steps { said, next: next.map(str::to_owned).to_vec(), insecure: false }
}

/// What to type, where the root alone would accept too much.
fn nothing_demanded(name: &str, endorsement: &UnverifiedEndorsement) -> Steps {
    let said = format!("{name}: {}", Refusal::IssuerNotDemanded);
    let kind = endorsement.kind();
    let next = vec![format!(
        "whose {kind} is accepted:  --endorsement-issuer DID --endorsement-feed TEXT"
    )];
    Steps { said, next, insecure: false }
}

/// The answer where an endorsement is not believed: a no, whatever the report is.
pub(crate) fn say_no(path: &Path, refusal: &Refusal, json: bool) -> anyhow::Result<Answer> {
    let name = inputs::name(path);
    let refused = CheckView {
        check: "launch endorsement".to_owned(),
        answer: "no",
        reason: Some(refusal.to_string()),
    };
    let refused = Appraised {
        version: 1,
        answer: Answer::No,
        checks: vec![refused],
        demands: Vec::new(),
        stands_for: None,
        accepted_digests: 0,
        digests: None,
        why: None,
        signer: None,
        trust: "nothing: of the report nothing was asked".to_owned(),
        assumptions: Vec::new(),
        notes: Vec::new(),
        warnings: Vec::new(),
        not_covered: Vec::new(),
        advisories: None,
        unwrapped: Vec::new(),
        report: None,
    };
    output::print(json, &refused, |out| {
        writeln!(out, "no: the launch endorsement {name} is not to be believed")?;
        print_checks(out, &refused.checks, 29)
    })?;
    Ok(Answer::No)
}

/// What to say of rows that are not proven.
pub(crate) fn unproven(proofs: &[RowProof], name: &str) -> Vec<String> {
    let failed = proofs.iter().filter_map(|proof| {
        let error = proof.outcome.as_ref().err()?;
        Some(format!("{name}: row {}: {error}", proof.row))
    });
    failed.collect()
}

impl Endorsed {
    /// The digests that a report may have: those of the launch that is expected; and the policy that it must have, unless another is
    /// allowed.
    ///
    /// Errors: none of such a launch.
    pub(crate) fn accepted(
        &self,
        expected: ExpectedLaunch,
        allow_other_policy: bool,
    ) -> anyhow::Result<Accepted<snp::LaunchDigest>> {
        let name = &self.name;
        let references = self.verified.references(expected, name).with_context(|| name.clone())?;
        let policy = self.verified.policy().filter(|_| !allow_other_policy);
        let policy = policy.map(|policy| Described { value: policy.bits(), by: name.clone() });
        let mut notes = vec![
            "an endorsement says who stands behind the digest, not what it is computed from: the kernel is no part of it".to_owned(),
        ];
        if !matches!(expected, ExpectedLaunch::Vmsas(_)) && references.len() > 1 {
            notes.push(
                "the host chooses how many VMSAs there are: --vcpus N accepts one number alone"
                    .to_owned(),
            );
        }
        Ok(Accepted { references, policy, notes, ..Accepted::default() })
    }

    /// The check, as it is printed.
    pub(crate) fn check(&self) -> CheckView {
        let kind = self.verified.kind();
        let root = hex::encode(self.verified.root_sha256());
        let said = match self.verified.statement() {
            Statement::Google(golden) => {
                let firmware = hex::encode(golden.digest);
                format!("svn {}, firmware SHA-384 {firmware}", golden.svn)
            }
            Statement::AzureUvm(uvm) => {
                format!("{} of {}, guest SVN {}", uvm.feed, uvm.issuer, uvm.guest_svn)
            }
            _ => String::new(),
        };
        let reason = Some(format!("{kind} under root {root}: {said}"));
        CheckView { check: "launch endorsement".to_owned(), answer: "yes", reason }
    }
}

/// One number of VMSAs, out of what was typed.
pub(crate) fn one_number(counts: &[u32]) -> anyhow::Result<Option<u32>> {
    match counts {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => bail!(
            "--vcpus beside --endorsement is one number: the one that the guest was started with"
        ),
    }
}
