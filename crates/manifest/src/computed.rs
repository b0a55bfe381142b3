//! From the rows of a sweep to a manifest: every launch computed, every input by its hash.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sev_launch_abi::Technology;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_sweep::boot::{BootFile, Cmdline};
use sev_launch_sweep::inputs::CapturedPage;
use sev_launch_sweep::{Inputs as Asked, Row as Answer};

use crate::endorsement;
use crate::error::Error;
use crate::igvm_facts::IgvmFacts;
use crate::input::{Input, Role};
use crate::manifest::{Head, Manifest};
use crate::row::{Facts, InputRefs, Obtained, Row};

/// The inputs of a sweep, and where each is in the manifest's list.
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

impl Manifest {
    /// The manifest of every row of a sweep, for a guest of this name. `tool` says what computed it; `seen` gives each path as
    /// it is seen from the manifest's own folder.
    ///
    /// Errors: those of [`Manifest::new`]; a firmware that was not absorbed whole; a policy or HOST_DATA that is unknown.
    pub fn of_sweep(
        asked: &Asked,
        rows: &[Answer],
        name: &str,
        tool: &str,
        seen: &dyn Fn(&Path) -> PathBuf,
    ) -> Result<Self, Error> {
        let mut inputs = Inputs::default();
        inputs.read(asked, seen)?;
        let rows = rows.iter().map(|row| inputs.row(asked, row)).collect();
        let head = Head {
            name: name.to_owned(),
            tool: tool.to_owned(),
            technology: asked.mode.technology(),
            policy: asked.description.policy.as_ref().map(|field| field.value),
            host_data: asked.description.host_data.as_ref().map(|field| field.value),
            description: asked.description.clone().with_paths(seen).to_json()?,
        };
        Self::new(head, inputs.list, rows)
    }

    /// This manifest with those rows of an old one that were not computed, and how many they are.
    ///
    /// Errors: an old manifest of another technology; a kept row that [`Others::Refused`] is about; those of [`Manifest::new`].
    pub fn keeping(self, old: &Self, others: Others) -> Result<(Self, usize), Error> {
        let kept = old.rows().iter().filter(|row| row.obtained != Obtained::Computed);
        let mut kept: Vec<Row> = kept.cloned().collect();
        if kept.is_empty() {
            return Ok((self, 0));
        }
        if old.technology() != self.technology() {
            return Err(Error::KeptTechnology { old: old.technology(), new: self.technology() });
        }
        let mut inputs = Joined::new(self.inputs());
        for place in kept.iter_mut().flat_map(|row| row.facts.inputs.places()) {
            *place = place.and_then(|index| inputs.place_of(index, old));
        }
        let (mut rows, count) = (self.rows().to_vec(), kept.len());
        // What is computed again has no endorsement.
        let endorsements = endorsement::of_rows(old, &mut kept);
        rows.extend(kept);
        let head = self.head().clone();
        let manifest = Self::with_endorsements(head, inputs.list, endorsements, rows)?;
        if others == Others::Refused
            && let Some(finding) = manifest.of_no_computed().next()
        {
            return Err(Error::KeptOther { finding });
        }
        Ok((manifest, count))
    }
}

/// What becomes of kept rows whose digests are none of those computed. One whose digest is computed too adds nothing that is accepted; another may be
/// that of the guest before something of it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Nothing is kept then.
    Refused,
    /// They are kept too.
    Kept,
}

/// The inputs of a new manifest, to which those of an old one are added.
struct Joined {
    list: Vec<Input>,
    /// The places of each hash, and of each old input that was looked for.
    of_hash: HashMap<Sha256Digest, Vec<usize>>,
    of_old: HashMap<u32, u32>,
}

impl Joined {
    /// Inputs of one hash that are compared: a manifest of anybody may have tens of thousands, and to have one twice harms nobody.
    const MOST_COMPARED: usize = 16;

    fn new(inputs: &[Input]) -> Self {
        let mut of_hash: HashMap<_, Vec<_>> = HashMap::new();
        for (place, input) in inputs.iter().enumerate() {
            of_hash.entry(input.sha256).or_default().push(place);
        }
        Self { list: inputs.to_vec(), of_hash, of_old: HashMap::new() }
    }

    /// Where an input of the old manifest is, to which it is added where it is not there.
    fn place_of(&mut self, index: u32, old: &Manifest) -> Option<u32> {
        if let Some(place) = self.of_old.get(&index) {
            return Some(*place);
        }
        let input = old.inputs().get(usize::try_from(index).ok()?)?;
        let alike = self.of_hash.entry(input.sha256).or_default();
        let mut compared = alike.iter().take(Self::MOST_COMPARED);
        let is_it =
            |place: &&usize| self.list.get(**place).is_some_and(|other| other.says_all_of(input));
        let found = compared.find(is_it).copied();
        let place = found.unwrap_or_else(|| {
            alike.push(self.list.len());
            self.list.push(input.clone());
            self.list.len() - 1
        });
        let place = u32::try_from(place).ok()?;
        self.of_old.insert(index, place);
        Some(place)
    }
}

impl Inputs {
    fn add(&mut self, input: Input) -> u32 {
        let index = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(input);
        index
    }

    fn read(&mut self, asked: &Asked, seen: &dyn Fn(&Path) -> PathBuf) -> Result<(), Error> {
        let name = |path: &Path| {
            let path = seen(path);
            let text = path.to_str().map(str::to_owned);
            text.ok_or_else(|| Error::NotText { shown: path.display().to_string() })
        };
        for firmware in &asked.firmwares {
            let role = if firmware.is_absorbed { Role::AbsorbedFirmware } else { Role::Firmware };
            let input = Input::firmware(role, name(&firmware.path)?, &firmware.absorbed)?;
            let index = self.add(input.with_modules(&firmware.modules));
            self.firmwares.push(index);
        }
        for igvm in &asked.igvms {
            let input = Input::file(Role::Igvm, name(&igvm.path)?, igvm.size, igvm.sha256);
            let input = Input { igvm_facts: IgvmFacts::of(igvm), ..input };
            let index = self.add(input);
            // A guest is started from one of either.
            self.firmwares.push(index);
        }
        let mut boot_files = |role, files: &[BootFile]| -> Result<Vec<u32>, Error> {
            let input = |file: &BootFile| -> Result<Input, Error> {
                let path = file.path.as_deref().map(&name).transpose()?;
                Ok(Input { path, size: file.size, ..Input::file(role, "", 0, file.sha256) })
            };
            files.iter().map(|file| Ok(self.add(input(file)?))).collect()
        };
        let kernels = boot_files(Role::Kernel, &asked.boot.kernels)?;
        let initrds = boot_files(Role::Initrd, &asked.boot.initrds)?;
        (self.kernels, self.initrds) = (kernels, initrds);
        // libkrun passes its command line past the launch, and a guest without a kernel has none.
        if !asked.boot.kernels.is_empty() && asked.boot.krun.is_none() {
            for cmdline in &asked.boot.cmdlines {
                let index = self.add(cmdline_input(cmdline)?);
                self.cmdlines.push(index);
            }
        }
        if let Some(svsm) = &asked.svsm {
            let input = match svsm.placed.first() {
                Some(placed) => Input::firmware(Role::Svsm, name(&svsm.path)?, placed.firmware())?,
                None => Input::file(Role::Svsm, name(&svsm.path)?, svsm.size, svsm.sha256),
            };
            self.svsm = Some(self.add(input));
        }
        if let Some(captured) = &asked.captured {
            let page = |role, page: &CapturedPage| {
                Ok::<_, Error>(Input::file(role, name(&page.path)?, 4096, page.sha256()))
            };
            self.vmsa_bsp = Some(self.add(page(Role::VmsaBsp, &captured.bsp)?));
            let ap = captured.ap.as_ref().map(|ap| page(Role::VmsaAp, ap)).transpose()?;
            self.vmsa_ap = ap.map(|ap| self.add(ap));
        }
        Ok(())
    }

    fn row(&self, asked: &Asked, row: &Answer) -> Row {
        let at = |list: &[u32], index: Option<usize>| list.get(index?).copied();
        let has_vmsas = asked.mode.technology() != Technology::Sev;
        // libkrun measures its files whole; and a kernel that is given and not measured is worth knowing of.
        let given = row.boot.is_none() && !asked.boot.kernels.is_empty();
        let krun = (given || asked.boot.krun.is_some()).then_some(0);
        Row {
            digest: row.digest,
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
                    cmdline: at(&self.cmdlines, row.boot.map(|boot| boot.cmdline).or(krun)),
                    svsm: self.svsm,
                    vmsa_bsp: self.vmsa_bsp.filter(|_| has_vmsas),
                    vmsa_ap: self.vmsa_ap.filter(|_| has_vmsas),
                },
            },
            obtained: Obtained::Computed,
        }
    }
}

fn cmdline_input(cmdline: &Cmdline) -> Result<Input, Error> {
    Ok(match &cmdline.bytes {
        Some(bytes) => Input { text: cmdline.text(), ..Input::cmdline(bytes)? },
        None => {
            Input { path: None, size: None, ..Input::file(Role::Cmdline, "", 0, cmdline.sha256) }
        }
    })
}
