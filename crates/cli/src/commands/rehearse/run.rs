//! One rehearsal: described, predicted, started, compared, told.

use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use sev_launch_abi::LaunchDigest;
use sev_launch_explain::Outcome as Explained;
use sev_launch_rehearse::{Ended, Fault, Outcome, Record, Rehearsal, Stay, Watcher};
use sev_launch_sweep::updates::differences;

use super::args::Rehearse;
use super::owner::Owner;
use super::prediction::{self, Prediction};
use super::{background, host, report, secrets, signals};
use crate::exit::{Answer, Program};
use crate::output::{self, Outputs};

/// Runs it.
pub(super) fn run(arguments: &Rehearse) -> anyhow::Result<Answer> {
    let is_detached = arguments.stay && background::is_asked(arguments);
    if is_detached && !arguments.tells_parent {
        return background::front();
    }
    if let Some(folder) = &arguments.save {
        output::check_new(folder)?;
    }
    let faults = arguments.fault.iter().map(|name| fault(name)).collect::<Result<_, _>>()?;
    let expected = secrets::expected("--expect-secret", &arguments.expect_secret)?;
    let injected = secrets::expected("--inject-secret", &arguments.inject_secret)?;
    let described = prediction::describe(arguments)?;
    let host = host::host(arguments, &described)?;
    let platform = host::platform(arguments, &host)?;
    let (program, rest) = arguments.words.split_first().context("no VMM: give it after --")?;
    let is_owner = !injected.is_empty();
    let owner = is_owner
        .then(|| Owner::new(&platform, &described, &arguments.demands, injected.clone()))
        .transpose()?;
    let rest = match &owner {
        Some(owner) => owner.arguments(rest)?,
        None => rest.to_vec(),
    };
    // What is predicted is told afterwards: what the VMM does is worth knowing even where nothing can be predicted.
    let predicted = (!arguments.no_prediction).then(|| {
        let described = prediction::on_host(described, &host, &arguments.words);
        prediction::predict(arguments, described)
    });
    let (prediction, undecided) = match predicted.transpose() {
        Ok(prediction) => (prediction, None),
        // An owner who expects nothing judges nothing.
        Err(error) if is_owner => return Err(error),
        Err(error) => (None, Some(error)),
    };
    let rehearsal = Rehearsal {
        program: program.clone(),
        arguments: rest,
        host,
        platform,
        keeps_bytes: arguments.save.is_some(),
        stay: match (arguments.stay, is_detached) {
            (true, false) => Stay::Attached,
            (true, true) => Stay::Detached,
            _ if is_owner => Stay::Within,
            _ => Stay::No,
        },
        patience: Duration::from_secs(arguments.timeout),
        faults,
    };
    let mut told = Told {
        says_digest: arguments.stay && !arguments.quiet,
        tells_parent: arguments.tells_parent,
    };
    let (outcome, is_proven) = match (owner, &prediction) {
        (Some(owner), Some(prediction)) => with_owner(rehearsal, owner, prediction, &mut told)?,
        _ => (rehearsal.run(&mut told)?, None),
    };
    tell(arguments, &outcome);
    let Some(record) = outcome.records.iter().find(|record| record.digest.is_some()) else {
        return nothing(arguments, &outcome, is_proven);
    };
    let digest = record.digest.context("a launch without a digest")?;
    let updates = prediction.as_ref().and_then(|prediction| prediction.updates.as_ref());
    let found = updates.map(|updates| differences(updates, &prediction::measured(record)));
    let found = found.unwrap_or_default();
    let contradictions =
        prediction.as_ref().map(|prediction| prediction.contradictions(record, digest));
    let contradictions = contradictions.unwrap_or_default();
    let agrees = contradictions.is_empty();
    let answer = report::Answer {
        agrees: prediction.is_some().then_some(agrees),
        contradictions: &contradictions,
        outcome: &outcome,
        record,
        digest,
        prediction: prediction.as_ref(),
        differences: &found,
        host: &host,
    };
    print(arguments, &answer)?;
    if outcome.records.len() > 1 {
        let text = format!(
            "{} guests were started: this is of the first one that was launched",
            outcome.records.len()
        );
        output::remark("warning", &text);
    }
    match &prediction {
        Some(prediction) if !agrees => {
            contradictions.iter().for_each(|one| output::remark("differs", one));
            if prediction.digest != digest {
                explained(arguments, digest, prediction)?;
                report::tell(&found);
            }
        }
        Some(_) if !arguments.quiet => output::remark(
            "yes",
            &format_args!(
                "it launched what is predicted ({}, policy {:#x})",
                record.technology, record.policy
            ),
        ),
        _ => {}
    }
    let place = prediction.as_ref().map(|prediction| prediction.secret_place);
    let all: secrets::Expected = match is_proven {
        // A launch that is not proven got none.
        Some(Ok(false)) => Vec::new(),
        _ => expected.into_iter().chain(injected).collect(),
    };
    let have_arrived = secrets::arrived(&all, record, place)?;
    let is_proven = is_proven.transpose()?.unwrap_or(true);
    if arguments.stay {
        return if have_arrived { own_end(&outcome) } else { Ok(Answer::No) };
    }
    match undecided {
        Some(error) => Err(error.context("the VMM launched it, but nothing can be predicted")),
        None => Ok((agrees && have_arrived && is_proven).into()),
    }
}

/// The rehearsal in a thread of its own, while the owner asks.
fn with_owner(
    rehearsal: Rehearsal,
    owner: Owner,
    prediction: &Prediction,
    told: &mut Told,
) -> anyhow::Result<(Outcome, Option<anyhow::Result<bool>>)> {
    let (runs, patience) = (AtomicBool::new(true), rehearsal.patience);
    thread::scope(|scope| {
        let runs = &runs;
        let running = thread::Builder::new()
            .spawn_scoped(scope, move || {
                let outcome = rehearsal.run(told);
                runs.store(false, Ordering::Relaxed);
                outcome
            })
            .context("no thread for the VMM")?;
        let verdict = owner.attest(prediction, patience, runs);
        match running.join() {
            Ok(outcome) => Ok((outcome?, Some(verdict))),
            Err(_) => bail!("the VMM's thread came to a bad end"),
        }
    })
}

/// The answer in the form that was asked for, and the files.
fn print(arguments: &Rehearse, answer: &report::Answer<'_>) -> anyhow::Result<()> {
    let mut outputs = Outputs::new();
    if let Some(folder) = &arguments.save {
        report::save(folder, answer.record, &mut outputs)?;
    }
    match (arguments.stay, arguments.json, arguments.trace) {
        (true, ..) => {}
        (_, true, _) => answer.print_json()?,
        (_, _, true) => answer.print_trace()?,
        _ => answer.print()?,
    }
    outputs.settle()
}

fn fault(name: &str) -> anyhow::Result<Fault> {
    let known = Fault::ALL.iter().find(|fault| fault.name() == name);
    known.copied().with_context(|| {
        let names: Vec<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        format!("--fault {name}: wanted one of {}", names.join(", "))
    })
}

/// Says what was refused and what no model is of.
fn tell(arguments: &Rehearse, outcome: &Outcome) {
    for refusal in &outcome.refusals {
        output::remark("refused", &format!("{}: {}", refusal.command, refusal.reason));
    }
    if !arguments.quiet {
        for call in &outcome.unknown {
            output::remark("note", &format!("the VMM was told that this host has no {call}"));
        }
    }
}

/// Why the digest is not the predicted one, as far as a search finds it, and what to do next.
fn explained(
    arguments: &Rehearse,
    digest: LaunchDigest,
    prediction: &Prediction,
) -> anyhow::Result<()> {
    if !arguments.fault.is_empty() {
        output::remark("note", &format_args!("on purpose: {}", arguments.fault.join(", ")));
    }
    if let Explained::Explained(found) = prediction.explain(digest)? {
        output::remark("explained", &format_args!("it is what is predicted if {}", found.first));
        return Ok(());
    }
    let described = match &arguments.guest.description {
        Some(path) => path.display().to_string(),
        None => {
            let text = "`sev-launch import qemu -o launched.toml -- ...` writes down what the command line says";
            output::remark("next", &text);
            "launched.toml".to_owned()
        }
    };
    let text = format!(
        "`sev-launch explain --reported {digest} --description {described}` searches longer, and with --candidate other files"
    );
    output::remark("next", &text);
    Ok(())
}

/// Nothing was launched.
fn nothing(
    arguments: &Rehearse,
    outcome: &Outcome,
    verdict: Option<anyhow::Result<bool>>,
) -> anyhow::Result<Answer> {
    if arguments.stay {
        return own_end(outcome);
    }
    // The VMM's own end says more than that its monitor was not there.
    if let (Ended::Launched, Some(Err(error))) = (outcome.ended, verdict) {
        return Err(error);
    }
    match outcome.ended {
        Ended::NoSevGuest => bail!(
            "the guest began to run, and it is no SEV guest: -machine confidential-guest-support= and its -object make it one"
        ),
        Ended::TimedOut => bail!(
            "{} seconds passed, and the VMM launched no guest: --timeout gives it longer, and --stay as long as it likes",
            arguments.timeout
        ),
        Ended::Exited(status) => {
            bail!("the VMM launched no guest and ended ({status}): its own words are above")
        }
        Ended::Launched => bail!("the launch did not come to its end"),
    }
}

/// What is said while the VMM runs.
struct Told {
    says_digest: bool,
    tells_parent: bool,
}

impl Watcher for Told {
    fn launched(&mut self, record: &Record) {
        if let (true, Some(digest)) = (self.says_digest, record.digest) {
            output::remark("launch digest", &digest);
        }
    }

    fn detached(&mut self, status: ExitStatus) {
        if self.tells_parent {
            background::tell(status);
        }
    }

    fn end_requests(&mut self) -> Option<OwnedFd> {
        // Without it the VMM is ended with this process, less gently.
        signals::end_requests().ok()
    }
}

/// The end that the VMM itself came to.
fn own_end(outcome: &Outcome) -> anyhow::Result<Answer> {
    let Ended::Exited(status) = outcome.ended else { return Ok(Answer::Yes) };
    match code_of(status) {
        0 => Ok(Answer::Yes),
        code => Err(Program(code).into()),
    }
}

/// An exit code; that of a signal as a shell has it.
pub(super) fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
