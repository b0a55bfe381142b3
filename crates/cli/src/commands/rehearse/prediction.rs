//! What the same command line is predicted to launch.

use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sev_launch_abi::snp::HostData;
use sev_launch_abi::{Gpa, LaunchDigest, Technology};
use sev_launch_description::import::qemu;
use sev_launch_description::{Description, Origin, Sourced};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_digest::vmsa::VmsaPage;
use sev_launch_explain::{Options, Outcome, Pool, Reported, plan};
use sev_launch_platform::PageType;
use sev_launch_rehearse::{Host, Record, Update, UpdateKind, with_host_cpu};
use sev_launch_sweep::launched::{Contradiction, Launched, LaunchedIdBlock, contradictions};
use sev_launch_sweep::updates::{DATA, LaunchUpdate, VMSA, hashes_in};
use sev_launch_sweep::{Inputs, Mode, Reading, SecretPlace};

use super::args::Rehearse;
use super::host;
use crate::guest;
use crate::output;
use crate::search::within;

/// What is predicted.
pub(super) struct Prediction {
    inputs: Inputs,
    pub(super) digest: LaunchDigest,
    /// Update by update; `None` where the firmware's image is not at hand.
    pub(super) updates: Option<Vec<LaunchUpdate>>,
    pub(super) secret_place: SecretPlace,
}

/// The launch's description: a file's, or that of the command line, under the flags.
pub(super) fn describe(arguments: &Rehearse) -> anyhow::Result<Description> {
    if arguments.no_prediction {
        return arguments.guest.describe(None);
    }
    let base = match arguments.guest.description {
        Some(_) => Description::default(),
        None => {
            // `-cpu host` is the processor that is pretended.
            let flags = arguments.guest.describe(None)?;
            let words = with_host_cpu(&arguments.words, host::signature(arguments, &flags)?);
            let words: Vec<_> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
            let import = qemu::from_argv(&words, "the arguments")?;
            // An owner that is played has a session.
            let is_owner = !arguments.inject_secret.is_empty();
            let told = import.warnings.iter().filter(|one| !(is_owner && one.code == NO_SESSION));
            if !arguments.quiet {
                told.for_each(|warning| output::remark("warning", &warning.text));
            }
            import.description
        }
    };
    arguments.guest.describe_over(None, base)
}

/// Adds what is known because it is pretended, where nobody said anything else: the host's kernel, its processor and its module's parameter; and the VMM's
/// version by its own word. Whoever names a launch profile has said all of it.
pub(super) fn on_host(mut described: Description, host: &Host, words: &[OsString]) -> Description {
    if described.profiles.is_some() {
        return described;
    }
    let origin = || Origin::default("the host that is rehearsed");
    let text = |value: String| Some(Sourced { value, origin: origin() });
    let said = &mut described.host;
    said.kernel = said.kernel.take().or_else(|| text(host.kernel.to_string()));
    said.cpu = said.cpu.take().or_else(|| text(host.generation().name().to_owned()));
    let debug_swap = Sourced { value: host.supports_debug_swap(), origin: origin() };
    said.debug_swap = said.debug_swap.take().or(Some(debug_swap));
    let is_bare_qemu = said.vmm.as_ref().is_none_or(|vmm| vmm.value.trim() == "qemu");
    if is_bare_qemu && let Some(version) = version_of(words) {
        said.vmm = text(format!("qemu {version}"));
    }
    described.unknown.retain(|unknown| !unknown.key.is_some_and(|key| PRETENDED.contains(&key)));
    described
}

/// The keys that are settled by what is pretended.
const PRETENDED: [&str; 3] = ["host.kernel", "host.cpu", "host.debug_swap"];

/// The version in the first line of `--version`; `None` if the program is not called as QEMU is, or does not say so soon.
fn version_of(words: &[OsString]) -> Option<String> {
    let program = words.first()?;
    let name = Path::new(program).file_name()?.as_bytes();
    if !name.starts_with(b"qemu-system-") {
        return None;
    }
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let end = Instant::now() + PATIENCE;
    while child.try_wait().ok()?.is_none() {
        if Instant::now() > end {
            child.kill().ok()?;
            child.wait().ok()?;
            return None;
        }
        thread::sleep(Duration::from_millis(2));
    }
    let mut text = String::new();
    child.stdout.take()?.take(MOST_VERSION).read_to_string(&mut text).ok()?;
    let version = text.strip_prefix("QEMU emulator version ")?.split_whitespace().next()?;
    Some(version.to_owned())
}

/// How long a program may take to tell its version, and how much of what it says is read.
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_VERSION: u64 = 4096;

/// What an import warns of where a guest has no session.
const NO_SESSION: &str = "no-session";

/// Computes it. Errors: what is unknown, and what no host would launch.
pub(super) fn predict(arguments: &Rehearse, described: Description) -> anyhow::Result<Prediction> {
    let mode = Mode::of(&described).context(
        "no technology: the command line makes no guest confidential, and --description says none",
    )?;
    let looks_inside = guest::inputs::for_verdict().looks_inside;
    let reading = Reading { keeps_image: true, looks_inside, ..Reading::SEARCH };
    let inputs = arguments.guest.read(mode, described, reading)?;
    if !arguments.quiet {
        inputs.notes.iter().for_each(|text| output::remark("note", text));
        if inputs.kernel_hash_check() == Some(KernelHashCheck::No) {
            output::remark("warning", &Warning::KernelHashesUnchecked);
        }
    }
    of_inputs(inputs)
}

fn of_inputs(inputs: Inputs) -> anyhow::Result<Prediction> {
    let sweep = guest::inputs::sweep(&inputs)?;
    let rows = sweep.rows()?;
    let [row] = rows.as_slice() else {
        anyhow::bail!("{} launches are described, and one VMM was started: say which", rows.len());
    };
    let updates = sweep.updates()?;
    // An absorbed image has no pages to tell apart.
    let updates = updates.filter(|updates| updates.iter().all(|update| update.kind != "REGION"));
    let (digest, secret_place) = (row.digest, SecretPlace::of(&inputs)?);
    drop(sweep);
    Ok(Prediction { inputs, digest, updates, secret_place })
}

impl Prediction {
    /// In what this launch is not the one that is described and predicted.
    pub(super) fn contradictions(
        &self,
        record: &Record,
        digest: LaunchDigest,
    ) -> Vec<Contradiction> {
        let launched = Launched {
            technology: record.technology,
            policy: record.policy,
            host_data: HostData::from_bytes(record.host_data.unwrap_or_default()),
            id_block: record.id_block.as_ref().map(|given| LaunchedIdBlock {
                block: given.block.clone(),
                auth: given.auth.clone(),
                author_key: given.author_key,
            }),
            digest,
        };
        contradictions(&self.inputs, self.digest, &launched)
    }

    /// The technology of the guest.
    pub(super) fn technology(&self) -> Technology {
        self.inputs.mode.technology()
    }

    /// What would have to be otherwise in the description, so that it gives this digest: the search of `sev-launch explain`, for some seconds.
    pub(super) fn explain(&self, digest: LaunchDigest) -> anyhow::Result<Outcome> {
        let pool = Pool::new(&self.inputs)?;
        let launch = pool.launch(&self.inputs);
        let reported = match digest {
            LaunchDigest::Sev(digest) => Reported::Sev(digest),
            LaunchDigest::Snp(digest) => Reported::Snp(digest),
        };
        let options = Options { max_changes: 2, hypotheses: None, custom: Vec::new() };
        Ok(within(SECONDS, &plan(&launch, &reported, &options)?))
    }
}

/// How long an explanation is searched for.
const SECONDS: u64 = 20;

/// What came, in the words of what is predicted.
pub(super) fn measured(record: &Record) -> Vec<LaunchUpdate> {
    record.updates.iter().map(update).collect()
}

fn update(update: &Update) -> LaunchUpdate {
    let (kind, is_vmsa, has_contents) = match update.kind {
        UpdateKind::Data => (DATA, false, true),
        UpdateKind::Vmsa { .. } => (VMSA, true, true),
        UpdateKind::Page { page_type } => {
            let known = PageType::from_number(page_type);
            let has_contents = matches!(known, Some(PageType::Normal | PageType::Vmsa));
            (known.map_or("?", PageType::name), known == Some(PageType::Vmsa), has_contents)
        }
    };
    let page = update.bytes.as_deref().filter(|_| is_vmsa);
    LaunchUpdate {
        kind,
        gpa: update.gpa.map(Gpa),
        size: update.size,
        contents: if has_contents { update.contents.clone() } else { Vec::new() },
        vmsa: page.and_then(|page| VmsaPage::from_bytes(page).ok()),
        hashes: update.bytes.as_deref().filter(|_| !is_vmsa).and_then(hashes_in),
    }
}
