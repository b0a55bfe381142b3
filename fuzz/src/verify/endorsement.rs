//! Launch endorsements: what was changed after it was signed says nothing that was not signed, and what is changed before is read as it
//! stands there.

use std::sync::LazyLock;

use sev_launch_testkit::endorsement::{Golden, POLICY, bytes, measurement, number, root, sign};
use sev_launch_testkit::report::Authority;
use sev_launch_testkit::testdata_folder;
use sev_launch_verify::endorsement::uvm::UvmRequirements;
use sev_launch_verify::endorsement::{
    EndorsedLaunch, ExpectedLaunch, Root, UnverifiedEndorsement, VerifiedEndorsement, VerifyOptions,
};
use sev_launch_verify::requirement::Requirement;

use super::changes;
use super::choices::Choices;

/// A time at which every certificate here is valid.
const TIME: u64 = 1_790_000_000;
const UVM: UvmRequirements<'_> = UvmRequirements {
    issuer: "did:x509:0:sha256:CmmXQ9WW9ih_Iuft8eOUueM-aTEYm7C1MLireett-ec::eku:1.3.6.1.4.1.311.76.59.1.2",
    feed: "Made-Up-UVM",
    guest_svn: Requirement::Any,
};

fn golden() -> Golden {
    Golden::new(POLICY, &[(1, [1; 48]), (4, [4; 48])]).with_svsm(&[9; 48])
}

/// Right ones, with the roots under which they are.
static RIGHT: LazyLock<Vec<(Vec<u8>, Root)>> = LazyLock::new(|| {
    let folder = testdata_folder().join("endorsement");
    let file = |name: &str| std::fs::read(folder.join(name)).expect("a file of testdata");
    let made = (golden().endorsement(), root(Authority::Ark));
    let others = [("gce.binarypb", "gce-root.crt"), ("uvm.cose", "uvm-root.crt")];
    let others = others.map(|(name, root)| (file(name), file(root)));
    let all = std::iter::once(made).chain(others);
    all.map(|(bytes, root)| (bytes, Root::parse(&root).expect("a root"))).collect()
});

fn judge(bytes: &[u8], root: &Root) -> Option<VerifiedEndorsement> {
    let options = VerifyOptions { root, time: TIME, uvm: Some(UVM) };
    UnverifiedEndorsement::parse(bytes).ok()?.verify(&options).ok()
}

/// The first byte is one of [`RIGHT`], which the rest changes; or 64 for a message that is changed and then signed; or else the rest is
/// looked at as it is.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let which = usize::from(choices.byte());
    if let Some((right, root)) = RIGHT.get(which) {
        let mut changed = right.clone();
        changes::make(&mut choices, &mut changed);
        let verified = judge(&changed, root);
        if changed == *right {
            assert!(verified.is_some(), "a right endorsement is not believed");
        }
        if let Some(verified) = verified {
            assert_eq!(Some(verified), judge(right, root), "what was not signed is believed");
        }
        for (_, other) in RIGHT.iter().filter(|(_, other)| other != root) {
            assert_eq!(judge(&changed, other), None, "another root");
        }
    } else if which == 64 {
        let mut message = golden().to_bytes();
        changes::make(&mut choices, &mut message);
        let Some((_, root)) = RIGHT.first() else { return };
        if let Some(verified) = judge(&sign(&message), root) {
            look_at(&verified, &message);
        }
    } else {
        let rest = choices.rest();
        let _ = sev_launch_evidence::endorsement::read(rest);
        RIGHT.iter().for_each(|(_, root)| {
            if let Some(verified) = judge(rest, root) {
                look_at(&verified, rest);
            }
        });
    }
}

/// Every digest stands in what was signed, and each launch is there once.
fn look_at(verified: &VerifiedEndorsement, message: &[u8]) {
    let all = verified.measurements();
    assert!(!all.is_empty());
    for (at, one) in all.iter().enumerate() {
        assert!(
            all.iter().skip(at + 1).all(|other| other.launch != one.launch),
            "one launch twice"
        );
        let digest = one.digest.as_bytes();
        let stands_there = message.windows(digest.len()).any(|window| window == digest);
        assert!(stands_there || one.launch == EndorsedLaunch::NotSaid, "{one:?}");
        if let EndorsedLaunch::Vmsas(vmsas) = one.launch {
            let references =
                verified.references(ExpectedLaunch::Vmsas(vmsas), "it").expect("it is listed");
            assert_eq!(references.rows().len(), 1);
            assert!(references.lookup(&one.digest).is_some());
        }
    }
    assert_eq!(verified.references(ExpectedLaunch::Any, "it").map(|all| all.len()), Ok(all.len()));
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = [0, 1, 2, 64].map(|which| vec![which]).into();
    // A bit here and there: one change, of the first kind, at such an offset.
    for at in [0u8, 1, 2, 3, 8, 12, 60, 200] {
        seeds.extend([0, 1, 2, 64].map(|which| vec![which, 1, 0, at, 0]));
        seeds.extend([0, 64].map(|which| vec![which, 1, 8, at, 3]));
    }
    // What is read by nobody's key.
    seeds.extend([
        vec![255],
        [vec![255], sign(&[])].concat(),
        [vec![255], bytes(1, &measurement(1, &[1; 48])), bytes(2, &[0; 256])].concat(),
        [vec![255], bytes(1, &bytes(7, &number(5, POLICY)))].concat(),
        [vec![255, 0xd2, 0x84], b"CrUJCgYIgPCdxwYQASK/BjCCAzswggHv".to_vec()].concat(),
        [
            vec![255],
            b"0oRZCW2nATglA3BhcHBsaWNhdGlvbi9qc29uGCGDWQLuMIIC6jCCAdKgAwIBAgIBAzAN".to_vec(),
        ]
        .concat(),
    ]);
    seeds
}
