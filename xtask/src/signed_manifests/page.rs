//! docs/signed-manifests.md: who verified what.

use super::peers::Peers;
use super::{Answer, MANIFESTS};
use crate::markdown::{head, row};

/// The outcome as a document.
pub(super) fn page(date: &str, peers: &Peers, answers: &[Answer]) -> String {
    let network = match peers.is_alone() {
        true => "cosign ran in a network namespace with nothing in it.",
        false => "cosign ran with this machine's network, and was told to ask nobody.",
    };
    let mut text = format!(
        "{INTRODUCTION}\n{date}: {}. {network}\n\n## Who verified what\n\n",
        peers.versions().join("; ")
    );
    text +=
        &head(&["signed by", "verified by", "right ones: yes", "changed ones, another key: no"]);
    for Answer { signer, verifier, right, wrong } in answers {
        let of = |[all, as_wanted]: &[usize; 2]| format!("{as_wanted} of {all}");
        text += &row(&[signer.name(), verifier.name(), &of(right), &of(wrong)]);
    }
    text += "\nThe manifests:\n\n";
    text += &head(&["name", "built by `sev-launch manifest build`"]);
    for (name, flags) in MANIFESTS {
        text += &row(&[name, &format!("`{flags}`")]);
    }
    text + NOTES
}

const INTRODUCTION: &str = "\
# Signed manifests, beside cosign and securesystemslib

Written by `cargo xtask signed-manifests --write`; not edited by hand. Manifests are signed by each of the three and verified by each of the
three, offline. Of every envelope each verifier is asked for the right one, and for the same with the other half of s, which ECDSA verifies too; for seven with one byte changed (the payload's and the signature's
first, middle and last, and the payload's type); and for the right one under another key. What ours verifies it also shows, and that must be
the very manifest that was signed.
";

const NOTES: &str = "
- Ours signs with a key that `openssl genpkey` made. cosign signs with a key of its own: Debian's 2.5.0 imports none (`cosign import-key-pair` ends
  with \"unsupported public key type\" for openssl's keys on P-256), and its private keys are encrypted in a way that only it reads. Each reads
  the other's public key.
- cosign's `attest-blob` writes a statement about one SHA-256, as `--hash` gives it, of version v0.1: a manifest of a guest of SEV or SEV-ES with one
  digest. Manifests of several digests and of SNP (SHA-384) it verifies, and does not make.
- cosign's `verify-blob-attestation` is asked with `--check-claims=false`: it would look for a file's SHA-256 among the subjects, which are launch
  digests.
- securesystemslib passes over a signature whose key's id is another than that of the key it is given; ours leaves the id empty, as cosign does, and
  the key is given under the id that the envelope says.
";
