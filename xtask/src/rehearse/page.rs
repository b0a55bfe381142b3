//! docs/rehearsals.md.

use std::collections::BTreeSet;

use super::Figures;
use super::judge::{Judged, Kind};
use crate::machine::Machine;
use crate::markdown::{head, number, row, seconds};

/// What was run, and where.
pub(super) struct Run {
    pub(super) commit: String,
    pub(super) cases: u32,
    pub(super) seed: u64,
    pub(super) minutes: f64,
    pub(super) machine: Machine,
}

/// The columns, and their kinds.
const KINDS: [(&str, Kind); 5] = [
    ("one digest", Kind::Agrees),
    ("refused by all", Kind::BothRefuse),
    ("QEMU refuses, we compute", Kind::QemuRefuses),
    ("we refuse, QEMU launches", Kind::WeRefuse),
    ("we ask, QEMU launches", Kind::WeAsk),
];

pub(super) fn page(run: &Run, versions: &[String], judged: &Judged, figures: &Figures) -> String {
    let Run { commit, cases, seed, minutes, machine } = run;
    let mut text = format!(
        "{INTRODUCTION}\n`cargo xtask rehearse --cases {cases} --seed {seed}`, at commit {commit}, QEMU {}, {} minutes, {}.\n\n{}; {} digests differ.\n\n",
        versions.join(", "),
        number(*minutes),
        machine.line(),
        judged.line(),
        judged.count(Kind::Differs),
    );
    let mut columns = vec!["QEMU", "technology"];
    columns.extend(KINDS.map(|(name, _)| name));
    text += &head(&columns);
    let groups: BTreeSet<_> =
        judged.counts.keys().map(|(qemu, technology, _)| (qemu, technology)).collect();
    for (qemu, technology) in groups {
        let count = |kind| {
            let key = (qemu.clone(), technology.clone(), kind);
            judged.counts.get(&key).copied().unwrap_or(0).to_string()
        };
        let mut cells = vec![qemu.clone(), technology.clone()];
        cells.extend(KINDS.map(|(_, kind)| count(kind)));
        text += &row(&cells);
    }
    text += "\nWhat was odd about them:\n\n";
    text += &head(&["oddity", "launches"]);
    for (oddity, count) in &judged.oddities {
        let oddity = if oddity.is_empty() { "nothing" } else { oddity };
        text += &row(&[oddity, &count.to_string()]);
    }
    text += "\nThe firmware of each: made up by `crates/testkit`, or Debian's OVMF.\n\n";
    text += &head(&["image", "launches", "of them with one digest"]);
    for (image, (all, agreeing)) in &judged.images {
        text += &row(&[image, &all.to_string(), &agreeing.to_string()]);
    }
    text += "\n## Where they end otherwise, and why\n\nFrom xtask/rehearse.toml; an entry that no longer applies fails the task.\n\n";
    text += &head(&["what", "who refuses", "launches", "reason"]);
    for difference in &judged.differences {
        let who = KINDS.iter().find(|(_, kind)| *kind == difference.kind);
        let counts = difference.counts.iter().map(|(qemu, count)| format!("{count} of {qemu}"));
        let counts: Vec<String> = counts.collect();
        text += &row(&[
            difference.name().as_str(),
            who.map_or("two digests", |(name, _)| name),
            counts.join(", ").as_str(),
            difference.reason.as_str(),
        ]);
    }
    text + &cost(figures)
}

fn cost(figures: &Figures) -> String {
    let Figures { qemu, rounds, rehearsal, own, tcg, memory, .. } = figures;
    let mut text = format!(
        "\n## What a rehearsal costs\n\nQEMU {qemu}, the middle of {rounds} rounds, our own code built without optimisation but for the hashes: \
        `cargo test -p sev-launch-rehearse --test qemu figures -- --ignored --nocapture`.\n\n"
    );
    text += &head(&["what", "time", "of it our own"]);
    let lines = [
        ("a rehearsal: SEV-ES, firmware of 4 MiB, 4 vCPUs", *rehearsal, Some(*own)),
        (
            "QEMU's own start of the same machine under TCG, to its first answer and its end",
            *tcg,
            None,
        ),
        (
            "a rehearsal with a measured kernel and an initrd of 8 KB",
            figures.small_initrd,
            Some(figures.own_small_initrd),
        ),
        (
            "the same with an initrd of 200 MB, which QEMU reads and hashes",
            figures.large_initrd,
            Some(figures.own_large_initrd),
        ),
        ("`sha256sum` of that initrd", figures.sha256sum, None),
    ];
    for (what, time, own) in lines {
        let own = own.map_or_else(|| "-".to_owned(), seconds);
        text += &row(&[what, &seconds(time), &own]);
    }
    text + &format!(
        "\nThe most memory of the process that rehearses, with the test around it: {} MiB. Of the initrd it gets the hash alone, \
        as the AMD-SP does.\n",
        number(memory / 1024.0 / 1024.0)
    )
}

const INTRODUCTION: &str = "\
# Launches by real QEMUs, and what was predicted

Written by `cargo xtask rehearse --write`; not edited by hand. Unmodified QEMUs of Debian's releases start guests made at random: technology and
the way the VM is made, machine, CPU, vCPUs, those that are plugged in by `-device`, firmware images and how they are loaded, measured and unmeasured
kernels, the object's form, options around it, host kernels and processors; one in five is odd, and so are the first of each QEMU. What QEMU asks of `/dev/kvm` and `/dev/sev` is
answered by `crates/rehearse`: a model of KVM, and an AMD-SP in software that measures the memory that it is handed. The launch digest that comes
of it is held against

1. the digest of the launch's values, by `sev-launch-digest`;
2. the digest of the same command line, read as `sev-launch import qemu` reads it, with the host's kernel and processor said.

A vCPU that is plugged in by `device_add` before `cont` is tried on each QEMU too: SEV-ES has measured before, SNP measures it.

The three share no code that says what is measured. KVM is modelled as its source has it: that is not hardware.
";
