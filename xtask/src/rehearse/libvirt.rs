//! `cargo xtask rehearse --libvirt`: the way of a guest through real libvirt, with `sev-launch rehearse` as its emulator.
//!
//! Each system's own libvirt and QEMU ([`inside`]) define domains from XML ([`domain`]), start, measure, give secrets to, resume and end them ([`steps`]);
//! libvirt's own `virt-qemu-sev-validate` and `sev-launch verify` judge the same guest. Then `sev-launch agent` does the host's side, with an attestation
//! service beside it ([`steps`]'s `attested` and `killed`). Every step has what must come of it, and one that ends
//! otherwise fails the task. What came is docs/libvirt.md.

mod domain;
mod inside;
mod page;
mod step;
mod steps;

use anyhow::{Result, ensure};

use super::{Options, systems};
use crate::call::{self, Call, target};
use crate::machine::Machine;
use inside::{Inside, OURS};
use step::Step;

/// The releases of Debian: QEMU 7.2, 10 and 11, and the libvirt beside each.
const RELEASES: [&str; 3] = ["bookworm", "trixie", "sid"];

/// What came of one system.
struct System {
    libvirt: String,
    qemu: String,
    steps: Vec<Step>,
}

/// Runs all, and fails where a step ends otherwise than it must.
pub(super) fn run(options: &Options) -> Result<()> {
    let roots = match systems::find(&options.qemu, &RELEASES) {
        Ok(roots) => roots,
        Err(error) if !options.must && options.qemu.is_empty() => {
            println!("SKIPPED: systems with libvirt cannot be had: {error:#}");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let commit = Call::new("git", "describe --always --dirty").text()?;
    OURS.iter()
        .fold(Call::cargo("build --quiet"), |call, name| call.words("--package").arg(*name))
        .run()?;
    let programs = target().join("debug");
    let mut systems = Vec::new();
    for (name, root) in roots {
        println!("rehearse: {name}");
        let mut inside = Inside::enter(&name, &root, &programs)?;
        let steps = steps::all(&mut inside)?;
        let (libvirt, qemu) = (inside.libvirt.clone(), inside.qemu.clone());
        inside.leave()?;
        println!("rehearse: libvirt {libvirt}, QEMU {qemu}: {} steps", steps.len());
        systems.push(System { libvirt, qemu, steps });
    }
    let wrong = systems.iter().flat_map(|system| {
        let wrong = system.steps.iter().filter(|step| !step.is_right());
        wrong.map(|step| format!("libvirt {}: {step}", system.libvirt))
    });
    let wrong: Vec<String> = wrong.collect();
    if options.write {
        call::write("docs/libvirt.md", &page::page(&commit, &Machine::read()?, &systems))?;
    }
    ensure!(wrong.is_empty(), "otherwise than it must be:\n{}", wrong.join("\n"));
    Ok(())
}
