//! The work that is timed: the guests, and the sweep with the rows of it that stand for all.

use std::path::PathBuf;

use super::inputs::{FIRMWARE, INITRD, Inputs, KERNEL, LARGE_INITRD};

/// The CPU model of every guest.
pub(crate) const CPU: &str = "EPYC-Milan";
/// The largest vCPU count of the sweep.
pub(crate) const SWEEP_VCPUS: u32 = 128;
/// Its command lines.
pub(crate) const SWEEP_CMDLINES: usize = 4;
/// Its rows.
pub(crate) const SWEEP_ROWS: u32 = 512;
/// Rows of it that one turn asks a peer for.
pub(crate) const ROWS_PER_TURN: u32 = 2;
/// Pairs of rows; one each turn, and from the start again.
const PAIRS: u32 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Sev,
    SevEs,
    Snp,
}

impl Mode {
    /// As sev-snp-measure and we call it.
    pub(crate) const fn flag(self) -> &'static str {
        match self {
            Self::Sev => "sev",
            Self::SevEs => "seves",
            Self::Snp => "snp",
        }
    }
}

/// One guest.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    pub(crate) mode: Mode,
    pub(crate) vcpus: u32,
    /// Kernel, initrd, command line.
    pub(crate) boot: Option<(PathBuf, PathBuf, String)>,
}

/// What is asked of the tools.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// The time of one digest.
    Time(Guest),
    /// The time of all rows.
    Sweep(Mode),
    /// The peak memory of one digest.
    Memory(Guest),
}

/// A line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) question: Question,
    /// Bytes of the longest SHA-256 stream, where that bounds the answer from below.
    pub(crate) longest_stream: Option<usize>,
}

/// Every line, in the table's order.
pub(crate) fn all(inputs: &Inputs) -> Vec<Work> {
    let boot = |initrd: &PathBuf| Some((inputs.kernel.clone(), initrd.clone(), cmdline(0)));
    let guest = |mode, vcpus, boot| Guest { mode, vcpus, boot };
    let (small, large) = (boot(&inputs.initrd), boot(&inputs.large_initrd));
    let (alone, with_small) = (FIRMWARE, INITRD.max(KERNEL));
    vec![
        work("SEV, firmware", Question::Time(guest(Mode::Sev, 1, None)), Some(alone)),
        work(
            "SEV, firmware + kernel 14 MiB + initrd 30 MiB",
            Question::Time(guest(Mode::Sev, 1, small)),
            Some(with_small),
        ),
        work(
            "SEV, firmware + kernel + initrd 200 MiB",
            Question::Time(guest(Mode::Sev, 1, large.clone())),
            Some(LARGE_INITRD),
        ),
        work(
            "SEV-ES, 64 vCPUs",
            Question::Time(guest(Mode::SevEs, 64, None)),
            Some(alone + 64 * 4096),
        ),
        work("SNP, 64 vCPUs", Question::Time(guest(Mode::Snp, 64, None)), None),
        work("sweep of 512 rows, SNP", Question::Sweep(Mode::Snp), None),
        work("sweep of 512 rows, SEV-ES", Question::Sweep(Mode::SevEs), None),
        work("peak memory, initrd 200 MiB", Question::Memory(guest(Mode::Sev, 1, large)), None),
    ]
}

fn work(name: &'static str, question: Question, longest_stream: Option<usize>) -> Work {
    Work { name, question, longest_stream }
}

/// The command lines of the sweep; the first is that of single guests too.
pub(crate) fn cmdline(number: usize) -> String {
    format!("console=ttyS0 loglevel={number}")
}

/// The rows of the sweep that a turn asks a peer for.
///
/// A pair's mean count is that of the whole sweep, and time grows evenly with the count, so each turn's two rows times
/// 256 are an estimate of the whole. Eight turns go through 16 rows that are spread evenly.
pub(crate) fn sampled(mode: Mode, inputs: &Inputs, turn: usize) -> [Guest; 2] {
    let pair = u32::try_from(turn).unwrap_or(0) % PAIRS;
    let low = 4 + pair * (SWEEP_VCPUS / 2 / PAIRS);
    let guest = |vcpus, number| Guest {
        mode,
        vcpus,
        boot: Some((inputs.kernel.clone(), inputs.initrd.clone(), cmdline(number))),
    };
    [guest(low, turn % SWEEP_CMDLINES), guest(SWEEP_VCPUS + 1 - low, (turn + 1) % SWEEP_CMDLINES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampled_rows_are_spread_and_stand_for_the_mean() {
        let inputs = Inputs {
            folder: PathBuf::new(),
            firmware: PathBuf::new(),
            kernel: PathBuf::new(),
            initrd: PathBuf::new(),
            large_initrd: PathBuf::new(),
        };
        let mut seen = Vec::new();
        for turn in 0..8 {
            let rows = sampled(Mode::Snp, &inputs, turn).map(|guest| guest.vcpus);
            assert_eq!(rows[0] + rows[1], 129, "twice the mean of 1 to 128");
            seen.extend(rows);
        }
        seen.sort_unstable();
        assert_eq!(seen[..3], [4, 12, 20]);
        assert_eq!(seen[13..], [109, 117, 125]);
        assert_eq!(SWEEP_ROWS, SWEEP_VCPUS * u32::try_from(SWEEP_CMDLINES).unwrap());
    }
}
