//! What the same command line is predicted to launch.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use sev_launch_abi::{Gpa, LaunchDigest, Technology};
use sev_launch_description::axes::Cpu;
use sev_launch_description::import::qemu;
use sev_launch_description::{Description, Origin, Sourced};
use sev_launch_digest::vmsa::VmsaPage;
use sev_launch_explain::{Options, Outcome, Pool, Reported, plan};
use sev_launch_platform::PageType;
use sev_launch_rehearse::{Host, Record, Update, UpdateKind};
use sev_launch_sweep::updates::{DATA, LaunchUpdate, VMSA};
use sev_launch_sweep::{Inputs, Mode, Reading, SecretPlace};

use super::args::Rehearse;
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
            let words: Vec<_> =
                arguments.words.iter().map(|word| word.as_bytes().to_vec()).collect();
            let import = qemu::from_argv(&words, "the arguments")?;
            if !arguments.quiet {
                import.warnings.iter().for_each(|warning| output::remark("warning", &warning.text));
            }
            import.description
        }
    };
    arguments.guest.describe_over(None, base)
}

/// Adds what is known because it is pretended: the host's kernel, its processor and its module's parameter; and the VMM's version by its own word.
/// What a flag or a file said of the host goes before that: it was pretended because of it.
pub(super) fn on_host(described: Description, host: &Host, words: &[OsString]) -> Description {
    let origin = || Origin::default("the host that is rehearsed");
    let text = |value: String| Some(Sourced { value, origin: origin() });
    let mut known = Description::default();
    known.host.kernel = described.host.kernel.clone().or(text(host.kernel.to_string()));
    known.host.cpu = text(host.generation().name().to_owned());
    known.host.debug_swap = Some(Sourced { value: host.supports_debug_swap(), origin: origin() });
    let says_version = described
        .host
        .vmm
        .as_ref()
        .is_some_and(|vmm| vmm.value.bytes().any(|byte| byte.is_ascii_digit()));
    if !says_version && let Some(version) = version_of(words) {
        known.host.vmm = text(format!("qemu {version}"));
    }
    if names_host_cpu(words) && described.cpus.is_none() {
        let cpu = Cpu { signature: host.signature, name: None, short: None };
        known.cpus = Some(Sourced { value: vec![cpu], origin: origin() });
    }
    known.over(described)
}

/// Does the VMM take its own processor's signature? [QEMU, host_cpu_class_init, max_x86_cpu_class_init]
fn names_host_cpu(words: &[OsString]) -> bool {
    words.windows(2).any(|pair| match pair {
        [option, value] => {
            let model = value.as_bytes().split(|byte| *byte == b',').next().unwrap_or_default();
            matches!(option.as_bytes(), b"-cpu" | b"--cpu") && matches!(model, b"host" | b"max")
        }
        _ => false,
    })
}

/// The version in the first line of `--version`; `None` if the program is no QEMU.
fn version_of(words: &[OsString]) -> Option<String> {
    let program = words.first()?;
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null());
    let printed = command.output().ok()?.stdout;
    let text = String::from_utf8_lossy(&printed).into_owned();
    let version = text.strip_prefix("QEMU emulator version ")?.split_whitespace().next()?;
    Some(version.to_owned())
}

/// Computes it. Errors: what is unknown, and what no host would launch.
pub(super) fn predict(arguments: &Rehearse, described: Description) -> anyhow::Result<Prediction> {
    let mode = Mode::of(&described).context(
        "no technology: the command line makes no guest confidential, and --description says none",
    )?;
    let reading = Reading { keeps_image: true, ..Reading::SEARCH };
    let inputs = arguments.guest.read(mode, described, reading)?;
    if !arguments.quiet {
        inputs.notes.iter().for_each(|text| output::remark("note", text));
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
    }
}
