//! A rehearsal of a launch, and its agreement with both predictions.

use std::fs;
use std::time::Duration;

use sev_launch_abi::CpuSignature;
use sev_launch_platform::{Model, Platform};
use sev_launch_rehearse::{Ended, Host, Outcome, Rehearsal, Stay};

use super::installed::Qemu;
use super::launch::{GENOA, Launch, MILAN, NAPLES, ROME};
use super::predicted::{Predicted, Prediction, predict};

/// All that is secret of the AMD-SP of these tests.
pub(crate) const SEED: [u8; 32] = [7; 32];

/// What came of a rehearsal, and what QEMU said.
pub(crate) struct Rehearsed {
    pub(crate) outcome: Outcome,
    pub(crate) words: String,
}

impl Rehearsed {
    /// The launch digest, if there is one.
    pub(crate) fn digest(&self) -> Option<String> {
        let record = self.outcome.records.last()?;
        Some(record.digest?.to_string())
    }

    /// What QEMU, KVM and the AMD-SP said against it.
    pub(crate) fn against(&self) -> String {
        let refusals = self.outcome.refusals.iter();
        let refusals: Vec<_> =
            refusals.map(|refusal| format!("{}: {}", refusal.command, refusal.reason)).collect();
        format!("{}{}", self.words, refusals.join("; "))
    }
}

/// A host with the release's defaults, and an AMD-SP of its processor's generation.
pub(crate) fn host_of(launch: &Launch) -> (Host, Platform) {
    let kernel = launch.kernel.parse().expect("a kernel");
    let host = Host::new(kernel, CpuSignature(launch.host_cpu));
    (host, Platform::new(Model::of(host.generation()), &SEED))
}

/// A rehearsal of this line: QEMU's words go into a file of its folder, that it may be asked for them.
pub(crate) fn rehearsal(qemu: &Qemu, launch: &Launch, line: &[String], words: &str) -> Rehearsal {
    let (host, platform) = host_of(launch);
    let to = qemu.folder.path().join(words);
    // `exec`, so that QEMU is the child and not a shell's.
    let before = ["-c", "exec \"$@\" 2>\"$0\"", &to.to_string_lossy()].map(Into::into);
    let arguments = before.into_iter().chain(qemu.command.iter().chain(line).map(Into::into));
    Rehearsal {
        program: "/bin/sh".into(),
        arguments: arguments.collect(),
        host,
        platform,
        keeps_bytes: false,
        stay: Stay::No,
        patience: Duration::from_secs(60),
        faults: Vec::new(),
    }
}

/// Starts QEMU with this line.
pub(crate) fn rehearse(qemu: &Qemu, launch: &Launch, line: &[String]) -> Rehearsed {
    let id = format!("{:?}", std::thread::current().id());
    let name = format!("words-{}", id.replace(|letter: char| !letter.is_ascii_digit(), ""));
    let outcome = rehearsal(qemu, launch, line, &name).run(&mut ());
    let outcome = outcome.unwrap_or_else(|error| panic!("{line:?}: {error}"));
    let words = fs::read(qemu.folder.path().join(&name)).unwrap_or_default();
    Rehearsed { outcome, words: String::from_utf8_lossy(&words).into_owned() }
}

/// What the import of this line predicts, with the host that is rehearsed.
pub(crate) fn predicted(qemu: &Qemu, launch: &Launch, line: &[String]) -> Prediction {
    let generation = match launch.host_cpu {
        NAPLES => "Naples",
        ROME => "Rome",
        MILAN => "Milan",
        GENOA => "Genoa",
        other => panic!("a host of no generation: {other:#x}"),
    };
    let mut said = String::new();
    if let Some(signature) = launch.signature {
        said += &format!("signature = {signature:#010x}\n");
    }
    said += &format!(
        "[host]\nkernel = '{}'\nvmm = 'qemu {}'\ncpu = '{generation}'\n",
        launch.kernel,
        qemu.release()
    );
    predict(line, &qemu.root, &said)
}

/// Rehearsal, values and import must give one digest.
pub(crate) fn agrees(qemu: &Qemu, launch: &Launch) {
    agrees_with(qemu, launch, &launch.line(qemu));
}

/// The same for a line that says this launch in another way.
pub(crate) fn agrees_with(qemu: &Qemu, launch: &Launch, line: &[String]) {
    let rehearsed = rehearse(qemu, launch, line);
    let Outcome { ended, refusals, unknown, .. } = &rehearsed.outcome;
    let told = format!("{line:?} on Linux {}\n{}", launch.kernel, rehearsed.against());
    assert_eq!(*ended, Ended::Launched, "{told}");
    assert!(refusals.is_empty() && unknown.is_empty(), "{told}, not modelled: {unknown:?}");
    let digest = rehearsed.digest().unwrap_or_else(|| panic!("no digest: {told}"));
    let values = launch.digest(qemu).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert_eq!(digest, values, "what QEMU launched, and the digest of its values: {told}");
    let import = predicted(qemu, launch, line).answer;
    assert_eq!(Predicted::Digest(digest), import, "what QEMU launched, and the import: {told}");
}
