//! The timing itself: every tool once, then every tool again.
//!
//! A turn before the first is not counted: it fills the page cache and shows that the tools agree.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};

use super::inputs::Inputs;
use super::record::{Measured, Unit, measured};
use super::tools::{Kind, Tool, text};
use super::work::{CPU, Guest, Mode, Question, ROWS_PER_TURN, SWEEP_ROWS, Work, sampled};
use crate::process::Invocation;
use crate::statistics::ratio_by_turn;

const IN_PROCESS: &str = include_str!("in_process.py");
/// Memory does not change from run to run.
const MEMORY_TURNS: usize = 3;

/// A tool's name, and a measurement for each turn.
type ByTurn = Vec<(String, Vec<f64>)>;

/// Does the work, and says what each tool needed for it.
pub(crate) fn measure(
    work: &Work,
    inputs: &Inputs,
    tools: &[Tool],
    turns: usize,
) -> Result<Measured> {
    let (unit, by_turn, beside) = match &work.question {
        Question::Time(guest) => (Unit::Seconds, times(inputs, tools, guest, turns)?, Vec::new()),
        Question::Memory(guest) => {
            (Unit::Bytes, memory(inputs, tools, guest, turns.min(MEMORY_TURNS))?, Vec::new())
        }
        Question::Sweep(mode) => {
            let (by_turn, beside) = sweep(inputs, tools, *mode, turns)?;
            (Unit::Seconds, by_turn, beside)
        }
    };
    measured(work.name, unit, &by_turn, &beside, None).context("no tool at all")
}

fn times(inputs: &Inputs, tools: &[Tool], guest: &Guest, turns: usize) -> Result<ByTurn> {
    let able = able(inputs, tools, guest)?;
    let mut digests = BTreeSet::new();
    for (tool, invocation) in &able {
        let (_, said) = invocation.time()?;
        if tool.prints_digests() {
            digests.insert(hex(&said).to_owned());
        }
    }
    if digests.len() != 1 {
        bail!("the tools do not agree about {guest:?}: {digests:?}");
    }
    let mut by_turn = empty(&able);
    for _ in 0..turns {
        for ((_, invocation), (_, measurements)) in able.iter().zip(&mut by_turn) {
            measurements.push(invocation.time()?.0.as_secs_f64());
        }
    }
    Ok(by_turn)
}

fn memory(inputs: &Inputs, tools: &[Tool], guest: &Guest, turns: usize) -> Result<ByTurn> {
    let able = able(inputs, tools, guest)?;
    let note = inputs.folder.join("peak-memory");
    let mut by_turn = empty(&able);
    for _ in 0..turns {
        for ((_, invocation), (_, measurements)) in able.iter().zip(&mut by_turn) {
            let kibibytes = u32::try_from(invocation.peak_memory(&note)? / 1024)?;
            measurements.push(f64::from(kibibytes) * 1024.0);
        }
    }
    Ok(by_turn)
}

/// All rows by ours; by each peer two rows a turn, times 256. Beside them sev-snp-measure's library in one process.
fn sweep(inputs: &Inputs, tools: &[Tool], mode: Mode, turns: usize) -> Result<(ByTurn, ByTurn)> {
    let [first, _] = sampled(mode, inputs, 0);
    let able = able(inputs, tools, &first)?;
    let scale = f64::from(SWEEP_ROWS / ROWS_PER_TURN);
    let mut by_turn = empty(&able);
    let mut inside = Vec::new();
    let mut rows = String::new();
    // The first is not counted.
    for turn in 0..=turns {
        let guests = sampled(mode, inputs, turn);
        for ((tool, _), (_, measurements)) in able.iter().zip(&mut by_turn) {
            let seconds = if tool.kind == Kind::Ours {
                let (wall, said) = tool.sweep(inputs, mode)?.time()?;
                rows = said;
                wall.as_secs_f64()
            } else {
                scale * ask_for_rows(tool, inputs, &guests, &rows)?
            };
            if turn > 0 {
                measurements.push(seconds);
            }
        }
        if let Some(tool) = tools.iter().find(|tool| tool.kind == Kind::SevSnpMeasure) {
            let (_, said) = in_process(tool, inputs, mode, &guests)?.time()?;
            let seconds: f64 = said.parse().with_context(|| said.clone())?;
            if turn > 0 {
                inside.push(scale * seconds);
            }
        }
    }
    let beside = if inside.is_empty() {
        Vec::new()
    } else {
        vec![("sev-snp-measure in process".to_owned(), inside)]
    };
    Ok((by_turn, beside))
}

/// Asks for some rows one by one, and looks for each among ours.
fn ask_for_rows(tool: &Tool, inputs: &Inputs, guests: &[Guest], ours: &str) -> Result<f64> {
    let mut seconds = 0.0;
    for guest in guests {
        let invocation = tool.digest(inputs, guest)?.context("it has the technology")?;
        let (wall, said) = invocation.time()?;
        seconds += wall.as_secs_f64();
        if tool.prints_digests() && !ours.contains(hex(&said)) {
            bail!("{}: {said} is none of our rows ({guest:?})", tool.name);
        }
    }
    Ok(seconds)
}

fn in_process(tool: &Tool, inputs: &Inputs, mode: Mode, guests: &[Guest]) -> Result<Invocation> {
    let python = tool.base.program.with_file_name("python");
    let mut invocation = Invocation { program: python, ..tool.base.clone() };
    invocation.arguments = vec!["-c".into(), IN_PROCESS.into(), mode.flag().into()];
    for path in [&inputs.firmware, &inputs.kernel, &inputs.initrd] {
        invocation.arguments.push(text(path)?);
    }
    invocation.arguments.push(CPU.into());
    for guest in guests {
        let cmdline = guest.boot.as_ref().map(|(_, _, cmdline)| cmdline.clone());
        invocation.arguments.extend([guest.vcpus.to_string(), cmdline.unwrap_or_default()]);
    }
    Ok(invocation)
}

/// The tools that have the guest's technology.
fn able<'t>(
    inputs: &Inputs,
    tools: &'t [Tool],
    guest: &Guest,
) -> Result<Vec<(&'t Tool, Invocation)>> {
    let mut able = Vec::new();
    for tool in tools {
        able.extend(tool.digest(inputs, guest)?.map(|invocation| (tool, invocation)));
    }
    Ok(able)
}

fn empty(able: &[(&Tool, Invocation)]) -> ByTurn {
    able.iter().map(|(tool, _)| (tool.name.clone(), Vec::new())).collect()
}

/// Is the tool slower when it is told to leave SHA instructions alone? By the large initrd, which is nearly all hashing.
pub(crate) fn heeds_the_mask(tool: &Tool, inputs: &Inputs) -> Result<bool> {
    const SLOWER_BY: f64 = 1.3;
    const TURNS: usize = 3;
    let guest = |mode| {
        let boot = Some((inputs.kernel.clone(), inputs.large_initrd.clone(), String::new()));
        Guest { mode, vcpus: 1, boot }
    };
    let hidden = match tool.digest(inputs, &guest(Mode::Sev))? {
        Some(hidden) => hidden,
        None => tool.digest(inputs, &guest(Mode::Snp))?.context("it has SEV or SNP")?,
    };
    let all = Invocation { variables: Vec::new(), ..hidden.clone() };
    let (mut slow, mut fast) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        slow.push(hidden.time()?.0.as_secs_f64());
        fast.push(all.time()?.0.as_secs_f64());
    }
    Ok(ratio_by_turn(&slow, &fast).is_some_and(|ratio| ratio > SLOWER_BY))
}

/// A digest as it was printed, without snpguest's 0x.
fn hex(said: &str) -> &str {
    said.strip_prefix("0x").unwrap_or(said)
}
