//! What a registration would accept: asked of the service, and computed here.

use std::collections::BTreeSet;

use anyhow::Context as _;
use sev_launch_digest::hash::Portable;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::views::{Candidate, MeasureAnswer};
use sev_launch_sweep::{Inputs, Sweep};

use super::connect::Global;
use super::flags::LaunchFlags;
use crate::exit::No;
use crate::output::{Lines, counted, print_json, remark};
use crate::registration::{self, Purpose};

/// Say which launch digests a registration would accept.
#[derive(Debug, clap::Args)]
pub(super) struct Measure {
    #[command(flatten)]
    launch: LaunchFlags,
}

impl Measure {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<()> {
        let session = global.session()?;
        let inputs = self.launch.read()?;
        let made = registration::of(&inputs, &self.launch.owner(), Purpose::Measure)?;
        for one in &made.unregistered {
            remark("not registered", one);
        }
        let answer = session.ask(|client| client.measure(&made.body)).map_err(|error| {
            match error.refusal() {
                Some(refusal) if refusal.is(Code::UnknownFirmware) => anyhow::Error::from(error)
                    .context("nothing is stored by `measure`: upload the image by `firmware upload FILE`"),
                _ => error.into(),
            }
        })?;
        if session.json {
            print_json(&answer)?;
        } else {
            lines(&answer).print()?;
        }
        compare(&answer, &computed(&inputs)?)
    }
}

fn lines(answer: &MeasureAnswer) -> Lines {
    let mut lines = Lines::default();
    for candidate in &answer.candidates {
        lines.line(line(candidate));
    }
    for warning in &answer.warnings {
        remark("warning", warning);
    }
    lines
}

fn line(candidate: &Candidate) -> String {
    let mut parts = vec![candidate.digest.clone()];
    if let Some(count) = candidate.cpu_count {
        parts.push(counted(count.into(), "vCPU", "vCPUs"));
    }
    parts.extend(candidate.cpu_signature.as_ref().map(|cpu| format!("CPU {cpu}")));
    parts.extend(candidate.vmsa_profile.clone());
    for (what, hash) in [
        ("firmware", candidate.firmware),
        ("kernel", candidate.kernel),
        ("initrd", candidate.initrd),
        ("cmdline", candidate.cmdline),
    ] {
        // Enough to tell one file from another; --json has all of it.
        parts.extend(hash.map(|hash| format!("{what} {}", hash.to_string().split_at(12).0)));
    }
    parts.join("  ")
}

/// The digests that the description gives, computed on this machine.
fn computed(inputs: &Inputs) -> anyhow::Result<BTreeSet<String>> {
    let rows = Sweep::new(inputs, &Portable)?.rows().context("the digests of the description")?;
    Ok(rows.iter().map(|row| row.digest.to_string()).collect())
}

/// A service accepts what the description gives, and nothing else.
fn compare(answer: &MeasureAnswer, computed: &BTreeSet<String>) -> anyhow::Result<()> {
    let accepted: BTreeSet<_> = answer.candidates.iter().map(|one| one.digest.clone()).collect();
    if let Some(other) = accepted.difference(computed).next() {
        let said = format!(
            "the service would accept {other}, which no launch of the description gives by what is computed here: do not register this guest there"
        );
        return Err(No(said).into());
    }
    if let Some(missing) = computed.difference(&accepted).next() {
        let said = format!(
            "the service would not accept {missing}, which the description gives by what is computed here"
        );
        return Err(No(said).into());
    }
    remark(
        "agreed",
        format_args!(
            "{}, the same as computed here",
            counted(
                u64::try_from(accepted.len()).unwrap_or(u64::MAX),
                "launch digest",
                "launch digests"
            )
        ),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit;

    fn answer(digests: &[&str]) -> MeasureAnswer {
        let candidates = digests.iter().map(|digest| format!("{{\"digest\": \"{digest}\"}}"));
        let candidates = candidates.collect::<Vec<_>>().join(",");
        let text =
            format!(r#"{{"candidates": [{candidates}], "secret-table-bytes": 0, "warnings": []}}"#);
        serde_json::from_str(&text).expect("an answer")
    }

    #[test]
    fn a_service_that_accepts_more_or_less_is_a_no() {
        let own = BTreeSet::from(["aa".to_owned(), "bb".to_owned()]);
        assert!(compare(&answer(&["bb", "aa"]), &own).is_ok());
        for (found, said) in
            [(&["aa", "bb", "cc"][..], "would accept cc"), (&["aa"], "would not accept bb")]
        {
            let error = compare(&answer(found), &own).expect_err("another set");
            assert!(error.to_string().contains(said), "{error}");
            assert_eq!(exit::of(&error), exit::NO);
        }
    }

    #[test]
    fn a_candidate_is_told_in_a_line() {
        let candidate = Candidate {
            digest: "ab".into(),
            firmware: Some(sev_launch_protocol::text::Sha256([0x12; 32])),
            kernel: None,
            initrd: None,
            cmdline: None,
            cpu_count: Some(2),
            cpu_signature: Some("0x00a00f11".into()),
            vmsa_profile: Some("es-legacy".into()),
        };
        assert_eq!(
            line(&candidate),
            "ab  2 vCPUs  CPU 0x00a00f11  es-legacy  firmware 121212121212"
        );
    }
}
