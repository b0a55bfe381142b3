//! docs/libvirt.md.

use std::collections::BTreeMap;

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
    let numbered: Vec<Vec<Row<'_>>> = systems.iter().map(|system| rows(&system.steps)).collect();
    for row_of_any in in_order(&numbered) {
        let (guest, what, _) = row_of_any.key;
        let mut cells = vec![guest.to_owned(), what.to_owned()];
        cells.extend(numbered.iter().map(|rows| {
            let found = rows.iter().find(|row| row.key == row_of_any.key);
            found.map_or_else(|| "-".to_owned(), |row| cell(row.step))
        }));
        text += &row(&cells);
    }
    text
}

/// A step, by its guest, what is done, and how often that was done before.
#[derive(Clone, Copy)]
struct Row<'a> {
    key: (&'static str, &'static str, usize),
    step: &'a Step,
}

fn rows(steps: &[Step]) -> Vec<Row<'_>> {
    let mut times = BTreeMap::new();
    let mut rows = Vec::new();
    for step in steps {
        let times = times.entry((step.guest, step.what)).or_insert(0);
        *times += 1;
        rows.push(Row { key: (step.guest, step.what, *times), step });
    }
    rows
}

/// Each step that any has, once: those of the newest, and what only others have, after what came before it there.
fn in_order<'a>(systems: &[Vec<Row<'a>>]) -> Vec<Row<'a>> {
    let mut all: Vec<Row<'a>> = Vec::new();
    for rows in systems.iter().rev() {
        let mut at = 0;
        for row in rows {
            match all.iter().position(|other| other.key == row.key) {
                Some(found) => at = found + 1,
                None => {
                    all.insert(at, *row);
                    at += 1;
                }
            }
        }
    }
    all
}

fn cell(step: &Step) -> String {
    let came = step.came.lines().next().unwrap_or_default().replace('|', "/");
    if step.is_right() { came } else { format!("**{came}**, wanted {}", step.wanted) }
}

const INTRODUCTION: &str = "\
# Through real libvirt

Written by `cargo xtask rehearse --libvirt --write`; not edited by hand. Debian's libvirt, unmodified, with `sev-launch rehearse --stay` as the `<emulator>` in
front of Debian's QEMU, unmodified: domains are defined from XML, started paused, measured, judged by libvirt's own `virt-qemu-sev-validate` and by
`sev-launch verify`, given a secret, resumed and ended. Then the same by the agent ([agent.md](agent.md)): the demo service trusts the simulated platform, the owner
registers each guest by its domain's XML, and `sev-launch agent start` does the host's side, for guests that come to run, for such that must not, and where the
agent is killed in between: `sev-launch agent resume` and `drop`. `virsh nodesevinfo` is answered by the `qemu-system-x86_64` that libvirt's daemon finds on its PATH, and
not by the domain's emulator; so the rehearsal's stands there too. Each step has what must come of it, and the task fails where something else comes; that would stand
here in bold. A hyphen: this libvirt does not have it. [rehearse.md](rehearse.md) says how to set such a host up.
";

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(names: &[&'static str]) -> Vec<Step> {
        let step = |what| Step { guest: "a", what, wanted: String::new(), came: String::new() };
        names.iter().copied().map(step).collect()
    }

    #[test]
    fn a_step_that_only_one_has_stands_where_it_was() {
        let (old, new) = (steps(&["a", "b", "a", "c"]), steps(&["a", "a", "c", "d"]));
        let all = in_order(&[rows(&old), rows(&new)]);
        let all: Vec<_> = all.iter().map(|row| (row.key.1, row.key.2)).collect();
        assert_eq!(all, [("a", 1), ("b", 1), ("a", 2), ("c", 1), ("d", 1)]);
    }
}
