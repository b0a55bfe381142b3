//! docs/libvirt.md.

use std::collections::BTreeSet;

use super::System;
use super::step::Step;
use crate::machine::Machine;
use crate::markdown::{head, row};

pub(super) fn page(commit: &str, machine: &Machine, systems: &[System]) -> String {
    let mut text = format!(
        "{INTRODUCTION}\n`cargo xtask rehearse --libvirt --write`, at commit {commit}, {}.\n\n",
        machine.line()
    );
    let names =
        systems.iter().map(|system| format!("libvirt {}, QEMU {}", system.libvirt, system.qemu));
    let columns = ["guest".to_owned(), "step".to_owned()].into_iter().chain(names);
    text += &head(&columns.collect::<Vec<_>>());
    let mut told = BTreeSet::new();
    // The newest has all the steps that any has.
    let steps = systems.iter().rev().flat_map(|system| &system.steps);
    for step in steps {
        if !told.insert((step.guest, step.what)) {
            continue;
        }
        let mut cells = vec![step.guest.to_owned(), step.what.to_owned()];
        cells.extend(systems.iter().map(|system| {
            let is_it = |other: &&Step| (other.guest, other.what) == (step.guest, step.what);
            let found: Vec<String> = system.steps.iter().filter(is_it).map(cell).collect();
            if found.is_empty() { "-".to_owned() } else { found.join(", ") }
        }));
        text += &row(&cells);
    }
    text
}

fn cell(step: &Step) -> String {
    let came = step.came.lines().next().unwrap_or_default().replace('|', "/");
    if step.is_right() { came } else { format!("**{came}**, wanted {}", step.wanted) }
}

const INTRODUCTION: &str = "\
# Through real libvirt

Written by `cargo xtask rehearse --libvirt --write`; not edited by hand. Debian's libvirt, unmodified, with `sev-launch rehearse --stay` as the `<emulator>` in
front of Debian's QEMU, unmodified: domains are defined from XML, started paused, measured, judged by libvirt's own `virt-qemu-sev-validate` and by
`sev-launch verify`, given a secret, resumed and ended. Each step has what must come of it, and the task fails where something else comes; that would stand
here in bold. A hyphen: this libvirt does not have it. [rehearse.md](rehearse.md) says how to set such a host up.
";
