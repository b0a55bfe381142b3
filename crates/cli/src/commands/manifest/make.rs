//! From what is described to a manifest: every launch computed, every input by its hash.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use anyhow::bail;

use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_manifest::{Facts, Head, Input, InputRefs, Manifest, Obtained, Role, Row};

use crate::guest::boot::{BootFile, Cmdline};
use crate::guest::plan::{CapturedPage, Plan};
use crate::guest::rows::{AnyDigest, Computed, Row as Answer};

/// The inputs of a plan, and where each is in the manifest's list.
#[derive(Default)]
struct Inputs {
    list: Vec<Input>,
    firmwares: Vec<u32>,
    kernels: Vec<u32>,
    initrds: Vec<u32>,
    cmdlines: Vec<u32>,
    svsm: Option<u32>,
    vmsa_bsp: Option<u32>,
    vmsa_ap: Option<u32>,
}

/// The manifest of everything that was computed; its paths are those seen from `folder`, where it will be.
pub(super) fn manifest(
    plan: &Plan,
    computed: &Computed,
    name: &str,
    folder: &Path,
) -> anyhow::Result<Manifest> {
    let mut inputs = Inputs::default();
    inputs.read(plan, folder)?;
    let rows = computed.rows.iter().map(|row| inputs.row(plan, row)).collect();
    let description = plan.description.clone().with_paths(|path| seen_from(path, folder));
    let head = Head {
        name: name.to_owned(),
        tool: concat!("sev-launch ", env!("CARGO_PKG_VERSION")).into(),
        technology: plan.mode.technology(),
        policy: plan.description.policy.as_ref().map(|field| field.value),
        description: description.to_json(),
    };
    Ok(Manifest::new(head, inputs.list, rows)?)
}

/// The new manifest with those rows of the old one that were not computed, and how many they are.
pub(super) fn keep(old: &Manifest, new: Manifest) -> anyhow::Result<(Manifest, usize)> {
    let kept: Vec<&Row> =
        old.rows().iter().filter(|row| row.obtained != Obtained::Computed).collect();
    if kept.is_empty() {
        return Ok((new, 0));
    }
    if old.technology() != new.technology() {
        bail!(
            "the manifest in this place has rows of {} that were not computed: write one of {} elsewhere",
            old.technology(),
            new.technology()
        );
    }
    let mut inputs = new.inputs().to_vec();
    let mut rows = new.rows().to_vec();
    for row in &kept {
        let mut row = (*row).clone();
        let refs = &mut row.facts.inputs;
        for place in [
            &mut refs.firmware,
            &mut refs.kernel,
            &mut refs.initrd,
            &mut refs.cmdline,
            &mut refs.svsm,
            &mut refs.vmsa_bsp,
            &mut refs.vmsa_ap,
        ] {
            let input = place.and_then(|index| old.inputs().get(usize::try_from(index).ok()?));
            *place = input.map(|input| index_of(&mut inputs, input));
        }
        rows.push(row);
    }
    Ok((Manifest::new(new.head().clone(), inputs, rows)?, kept.len()))
}

/// The place of an input in a list, to which it is added where it is not there.
fn index_of(inputs: &mut Vec<Input>, input: &Input) -> u32 {
    let place = inputs.iter().position(|other| other == input).unwrap_or_else(|| {
        inputs.push(input.clone());
        inputs.len() - 1
    });
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl Inputs {
    fn add(&mut self, input: Input) -> u32 {
        let index = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(input);
        index
    }

    fn read(&mut self, plan: &Plan, folder: &Path) -> anyhow::Result<()> {
        let name = |path: &Path| seen_from(path, folder).display().to_string();
        for firmware in &plan.firmwares {
            let role = if firmware.is_absorbed { Role::AbsorbedFirmware } else { Role::Firmware };
            let index = self.add(Input::firmware(role, name(&firmware.path), &firmware.absorbed)?);
            self.firmwares.push(index);
        }
        let boot_file = |role, file: &BootFile| Input {
            path: file.path.as_deref().map(&name),
            size: file.size,
            ..Input::file(role, "", 0, file.sha256)
        };
        for file in &plan.boot.kernels {
            let index = self.add(boot_file(Role::Kernel, file));
            self.kernels.push(index);
        }
        for file in &plan.boot.initrds {
            let index = self.add(boot_file(Role::Initrd, file));
            self.initrds.push(index);
        }
        if plan.boot.is_measured() {
            for cmdline in &plan.boot.cmdlines {
                let index = self.add(cmdline_input(cmdline)?);
                self.cmdlines.push(index);
            }
        }
        if let Some(svsm) = &plan.svsm {
            let input = match svsm.placed.first() {
                Some(placed) => Input::firmware(Role::Svsm, name(&svsm.path), placed.firmware())?,
                None => Input::file(Role::Svsm, name(&svsm.path), svsm.size, svsm.sha256),
            };
            self.svsm = Some(self.add(input));
        }
        if let Some(captured) = &plan.captured {
            let page = |role, page: &CapturedPage| {
                Input::file(role, name(&page.path), 4096, page.sha256())
            };
            self.vmsa_bsp = Some(self.add(page(Role::VmsaBsp, &captured.bsp)));
            self.vmsa_ap = captured.ap.as_ref().map(|ap| self.add(page(Role::VmsaAp, ap)));
        }
        Ok(())
    }

    fn row(&self, plan: &Plan, row: &Answer) -> Row {
        let at = |list: &[u32], index: Option<usize>| list.get(index?).copied();
        let has_vmsas = plan.mode.technology() != Technology::Sev;
        // libkrun measures its files whole; and a kernel that is given and not measured is worth knowing of.
        let given = row.boot.is_none() && !plan.boot.kernels.is_empty();
        let krun = (given || plan.boot.krun.is_some()).then_some(0);
        Row {
            digest: match row.digest {
                AnyDigest::Sha256(digest) => LaunchDigest::Sev(digest),
                AnyDigest::Sha384(digest) => LaunchDigest::Snp(digest),
            },
            facts: Facts {
                vcpus: row.vcpus,
                signature: row.signature,
                sev_features: row.sev_features,
                profile: row.profile.map(|profile| profile.name.to_owned()),
                kernel_hashes: Some(row.boot.is_some()),
                inputs: InputRefs {
                    firmware: at(&self.firmwares, Some(row.firmware)),
                    kernel: at(&self.kernels, row.boot.map(|boot| boot.kernel).or(krun)),
                    initrd: at(&self.initrds, row.boot.and_then(|boot| boot.initrd).or(krun)),
                    cmdline: at(&self.cmdlines, row.boot.map(|boot| boot.cmdline)),
                    svsm: self.svsm,
                    vmsa_bsp: self.vmsa_bsp.filter(|_| has_vmsas),
                    vmsa_ap: self.vmsa_ap.filter(|_| has_vmsas),
                },
            },
            obtained: Obtained::Computed,
        }
    }
}

fn cmdline_input(cmdline: &Cmdline) -> anyhow::Result<Input> {
    Ok(match &cmdline.bytes {
        Some(bytes) => Input::cmdline(bytes)?,
        None => {
            Input { path: None, size: None, ..Input::file(Role::Cmdline, "", 0, cmdline.sha256) }
        }
    })
}

/// A path as it is seen from a folder: one that stays right when both are moved together.
pub(crate) fn seen_from(path: &Path, folder: &Path) -> PathBuf {
    let (Ok(target), Ok(folder)) = (std::path::absolute(path), std::path::absolute(folder)) else {
        return path.to_owned();
    };
    if path.is_absolute() {
        return path.to_owned();
    }
    let (target, folder) = (lexical(&target), lexical(&folder));
    let shared = target.iter().zip(&folder).take_while(|(one, other)| one == other).count();
    let up = folder.iter().skip(shared).map(|_| Path::new("..").as_os_str());
    up.chain(target.iter().skip(shared).map(OsString::as_os_str)).collect()
}

/// The parts of an absolute path, with `..` carried out as written.
fn lexical(path: &Path) -> Vec<OsString> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir if parts.len() > 1 => {
                parts.pop();
            }
            Component::ParentDir | Component::CurDir => {}
            part => parts.push(part.as_os_str().to_owned()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_manifest() {
        for (path, folder, seen) in [
            ("OVMF.fd", ".", "OVMF.fd"),
            ("OVMF.fd", "out", "../OVMF.fd"),
            ("build/OVMF.fd", "build", "OVMF.fd"),
            ("build/x/../OVMF.fd", "build/out", "../OVMF.fd"),
            ("/usr/share/OVMF.fd", "out", "/usr/share/OVMF.fd"),
        ] {
            let found = seen_from(Path::new(path), Path::new(folder));
            assert_eq!(found, Path::new(seen), "{path} from {folder}");
        }
    }
}
