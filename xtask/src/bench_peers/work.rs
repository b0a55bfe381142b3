//! The work that is timed, and the timing itself: every tool once, then every tool again.
//!
//! A turn before the first is not counted: it fills the page cache and shows that the tools agree.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::rc::Rc;

use anyhow::{Context as _, Result, bail};

use super::inputs::{FIRMWARE, File, INITRD, KERNEL, LARGE_INITRD};
use super::record::{Measured, Unit};
use crate::call::Call;
use crate::peers::{Guest, Kind, Tool};
use crate::statistics::ratio_by_turn;

/// A line of the table: its name, what is asked, the mode, the vCPU count, the initrd if there is a kernel, and the bytes of the
/// longest SHA-256 stream, if that bounds the answer from below.
pub(super) struct Work(&'static str, Question, &'static str, u32, Option<File>, Option<usize>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    /// The time of one digest.
    Time,
    /// The time of all rows.
    Sweep,
    /// The peak memory of one digest.
    Memory,
}
use Question::{Memory, Sweep, Time};

/// Every line, in the table's order.
#[rustfmt::skip]
pub(super) const ALL: [Work; 8] = [
    Work("SEV, firmware", Time, "sev", 1, None, Some(FIRMWARE.1)),
    Work("SEV, firmware + kernel 14 MiB + initrd 30 MiB", Time, "sev", 1, Some(INITRD), Some(INITRD.1)),
    Work("SEV, firmware + kernel + initrd 200 MiB", Time, "sev", 1, Some(LARGE_INITRD), Some(LARGE_INITRD.1)),
    Work("SEV-ES, 64 vCPUs", Time, "seves", 64, None, Some(FIRMWARE.1 + 64 * 4096)),
    Work("SNP, 64 vCPUs", Time, "snp", 64, None, None),
    Work("sweep of 512 rows, SNP", Sweep, "snp", 1, Some(INITRD), None),
    Work("sweep of 512 rows, SEV-ES", Sweep, "seves", 1, Some(INITRD), None),
    Work("peak memory, initrd 200 MiB", Memory, "sev", 1, Some(LARGE_INITRD), None),
];

const CPU: &str = "EPYC-Milan";
/// The sweep: its largest vCPU count, its command lines, and by how much the two rows that a turn asks of a peer are fewer.
const SWEEP_VCPUS: u32 = 128;
const SWEEP_CMDLINES: u32 = 4;
const SCALE: f64 = 256.0;
/// Pairs of rows; one each turn, and from the start again.
const PAIRS: u32 = 8;
/// Memory does not change from run to run.
const MEMORY_TURNS: u32 = 3;

/// Who is measured, whether in the comparison or beside it, and how, in a turn.
type Contender<'a> = (String, bool, Box<dyn Fn(u32) -> Result<f64> + 'a>);

impl Work {
    pub(super) const fn name(&self) -> &'static str {
        self.0
    }

    pub(super) const fn longest_stream(&self) -> Option<usize> {
        self.5
    }

    /// Does the work, on the files in `folder`, and says what each tool needed for it.
    pub(super) fn measure(&self, folder: &Path, tools: &[Tool], turns: u32) -> Result<Measured> {
        let Self(name, question, mode, ..) = *self;
        let (contenders, turns, unit) = match question {
            Sweep => (sweep(folder, mode, tools)?, turns, Unit::Seconds),
            Time => (self.digests(folder, tools)?, turns, Unit::Seconds),
            Memory => (self.digests(folder, tools)?, turns.min(MEMORY_TURNS), Unit::Bytes),
        };
        let figures =
            contenders.iter().map(|(tool, compared, _)| (tool.clone(), *compared, vec![]));
        let mut figures: Vec<_> = figures.collect();
        for turn in 0..=turns {
            for ((.., measure), (.., found)) in contenders.iter().zip(&mut figures) {
                let measurement = measure(turn).context(name)?;
                found.extend((turn > 0).then_some(measurement));
            }
        }
        Measured::new(name, unit, &figures).context(name)
    }

    /// Everybody who has the technology, asked for one digest, about which they must agree.
    fn digests<'a>(&self, folder: &Path, tools: &'a [Tool]) -> Result<Vec<Contender<'a>>> {
        let Self(_, question, mode, vcpus, initrd, _) = *self;
        let guest = guest(folder, mode, vcpus, initrd, 0);
        let (mut contenders, mut digests) = (Vec::<Contender<'a>>::new(), BTreeSet::new());
        for tool in tools {
            let Some(call) = tool.digest(&guest)? else { continue };
            let said = call.text()?;
            digests.extend((tool.kind != Kind::Sevctl).then(|| hex(&said).to_owned()));
            let measure = move |_| match question {
                Memory => call.peak_memory(),
                Time | Sweep => Ok(call.time(Stdio::piped())?.0),
            };
            contenders.push((tool.name.clone(), true, Box::new(measure)));
        }
        if digests.len() != 1 {
            bail!("the tools do not agree: {digests:?}");
        }
        Ok(contenders)
    }
}

/// All rows by ours; by each peer two rows a turn, times 256, and so by sev-snp-measure's library in one process.
fn sweep<'a>(folder: &'a Path, mode: &'a str, tools: &'a [Tool]) -> Result<Vec<Contender<'a>>> {
    let [ours, peers @ ..] = tools else { bail!("no tool") };
    let rows = guest(folder, mode, format!("1..={SWEEP_VCPUS}"), Some(INITRD), 0);
    let more = (1..SWEEP_CMDLINES).flat_map(|line| ["--append".to_owned(), cmdline(line)]);
    let all = ours.command("digest --format csv", &rows).args(more);
    let rows = Rc::new(all.text()?);
    let time = move |_| Ok(all.time(Stdio::piped())?.0);
    let mut contenders: Vec<Contender<'a>> = vec![(ours.name.clone(), true, Box::new(time))];
    let guests = move |turn| {
        sampled(turn).map(|(vcpus, line)| guest(folder, mode, vcpus, Some(INITRD), line))
    };
    for tool in peers {
        let [first, _] = guests(0);
        if tool.digest(&first)?.is_none() {
            continue;
        }
        let rows = Rc::clone(&rows);
        let ask = move |turn| {
            let mut seconds = 0.0;
            for guest in guests(turn) {
                let call = tool.digest(&guest)?.context("it has the technology")?;
                let (wall, said) = call.time(Stdio::piped())?;
                seconds += SCALE * wall;
                if tool.kind != Kind::Sevctl && !rows.contains(hex(&said)) {
                    bail!("{}: {said} is none of our rows ({guest:?})", tool.name);
                }
            }
            Ok(seconds)
        };
        contenders.push((tool.name.clone(), true, Box::new(ask)));
    }
    for tool in peers.iter().filter(|tool| tool.kind == Kind::SevSnpMeasure) {
        let inside = move |turn| {
            let said = in_process(tool, folder, mode, &guests(turn)).text()?;
            Ok(SCALE * said.parse::<f64>().with_context(|| said.clone())?)
        };
        contenders.push(("sev-snp-measure in process".into(), false, Box::new(inside)));
    }
    Ok(contenders)
}

fn in_process(tool: &Tool, folder: &Path, mode: &str, guests: &[Guest]) -> Call {
    let call = tool.call.of(tool.call.program().with_file_name("python"));
    let call = call.args(["-c", include_str!("in_process.py"), mode]);
    let call = call.args([FIRMWARE, KERNEL, INITRD].map(|(name, _)| folder.join(name))).arg(CPU);
    let flag = |guest: &Guest, name| guest.flag(name).unwrap_or_default().to_owned();
    call.args(guests.iter().flat_map(|guest| [flag(guest, "--vcpus"), flag(guest, "--append")]))
}

/// A guest, with a kernel if it has an initrd, and the command line of that number.
fn guest(
    folder: &Path,
    mode: &str,
    vcpus: impl ToString,
    initrd: Option<File>,
    line: u32,
) -> Guest {
    let file = |(name, _): File| folder.join(name).display().to_string();
    let mut guest = Guest::default();
    let mut flag = |name: &str, value| guest.flags.push((name.to_owned(), value));
    flag("--mode", mode.into());
    flag("--ovmf", file(FIRMWARE));
    if mode != "sev" {
        flag("--vcpus", vcpus.to_string());
        flag("--vcpu-type", CPU.into());
    }
    if mode == "snp" {
        flag("--guest-features", "0x1".into());
    }
    if let Some(initrd) = initrd {
        flag("--kernel", file(KERNEL));
        flag("--initrd", file(initrd));
        flag("--append", cmdline(line));
    }
    // What sev-snp-measure and the sev crate compute.
    guest.profile = (mode == "seves").then(|| "es-init2".to_owned());
    guest
}

/// The command lines of the sweep; the first is that of single guests too.
fn cmdline(number: u32) -> String {
    format!("console=ttyS0 loglevel={number}")
}

/// The rows of the sweep that a turn asks a peer for: vCPU counts, and numbers of command lines.
///
/// A pair's mean count is that of the whole sweep, and time grows evenly with the count, so each turn's two rows times
/// 256 are an estimate of the whole. Eight turns go through 16 rows that are spread evenly.
fn sampled(turn: u32) -> [(u32, u32); 2] {
    let low = 4 + turn % PAIRS * (SWEEP_VCPUS / 2 / PAIRS);
    [(low, turn % SWEEP_CMDLINES), (SWEEP_VCPUS + 1 - low, (turn + 1) % SWEEP_CMDLINES)]
}

/// Is the tool slower when it is told to leave SHA instructions alone? By the large initrd, which is nearly all hashing.
pub(super) fn heeds_the_mask(tool: &Tool, folder: &Path) -> Result<bool> {
    const SLOWER_BY: f64 = 1.3;
    let digest = |mode| tool.digest(&guest(folder, mode, 1, Some(LARGE_INITRD), 0));
    let hidden = match digest("sev")? {
        Some(hidden) => hidden,
        None => digest("snp")?.context("it has SEV or SNP")?,
    };
    let all = hidden.clone().in_plain_environment();
    let (mut slow, mut fast) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        slow.push(hidden.time(Stdio::piped())?.0);
        fast.push(all.time(Stdio::piped())?.0);
    }
    Ok(ratio_by_turn(&slow, &fast).is_some_and(|ratio| ratio > SLOWER_BY))
}

/// A digest as it was printed, without snpguest's 0x.
fn hex(said: &str) -> &str {
    said.strip_prefix("0x").unwrap_or(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampled_rows_are_spread_and_stand_for_the_mean() {
        let mut seen: Vec<u32> = (0..8).flat_map(sampled).map(|(vcpus, _)| vcpus).collect();
        assert!(seen.chunks(2).all(|pair| pair[0] + pair[1] == 129), "twice the mean of 1 to 128");
        seen.sort_unstable();
        assert_eq!((&seen[..3], &seen[13..]), (&[4, 12, 20][..], &[109, 117, 125][..]));
    }
}
