//! Manifests that bytes choose: few values for each fact, so that rows and inputs are often equal, and texts that would do harm where
//! they are not escaped.

use arbitrary::{Result, Unstructured};
use sev_launch_abi::snp::{self, HostData};
use sev_launch_abi::{CpuSignature, Generation, Guid, LaunchDigest, SevFeatures, Technology};
use sev_launch_digest::firmware::{KernelHashCheck, SectionKind};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_manifest::firmware_facts::{Area, Module, Section};
use sev_launch_manifest::row::{Detail, Observed, Source};
use sev_launch_manifest::{
    Facts, FirmwareFacts, Head, Input, InputRefs, Manifest, Obtained, Role, Root, Row, serde_json,
};
use sev_launch_sweep::inside;

/// Texts of owners and files: what ends a string, a comment or a command somewhere, and what nobody sees.
const TEXTS: [&str; 16] = [
    "guest 'one'",
    "a",
    "a, b: c%0A::error::d",
    "\"\\\"",
    "</testcase><!--",
    "#}{",
    "##[error]##vso[a]",
    "\u{202e}a",
    "\u{1d173}\u{e0041}",
    "Größe.img",
    "\\n",
    "'); DROP TABLE policy; --",
    "${{ a }}",
    "yes",
    "𝄞",
    "OVMF.fd",
];

/// What a technology has.
pub(super) fn technology(u: &mut Unstructured<'_>) -> Result<Technology> {
    Ok(*u.choose(&[Technology::Sev, Technology::SevEs, Technology::Snp])?)
}

pub(super) fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let text = match u.ratio(1, 16)? {
        true => u.arbitrary::<&str>()?.chars().take(24).collect(),
        false => (*u.choose(&TEXTS)?).to_owned(),
    };
    Ok(text)
}

fn maybe<T>(
    u: &mut Unstructured<'_>,
    make: impl FnOnce(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Option<T>> {
    Ok(if u.arbitrary()? { Some(make(u)?) } else { None })
}

/// One of few hashes, none of which is one of [`digest`]'s.
fn sha256(u: &mut Unstructured<'_>) -> Result<Sha256Digest> {
    Ok(Sha256Digest::of(&[u.int_in_range(0..=3)?]))
}

/// One of few digests.
pub(super) fn digest(u: &mut Unstructured<'_>, technology: Technology) -> Result<LaunchDigest> {
    let number = u.int_in_range(0..=5)?;
    let bytes = sev_launch_testkit::pattern(LaunchDigest::size_for(technology), 37, number);
    Ok(LaunchDigest::from_slice(&bytes).expect("a digest's length"))
}

/// A manifest, or nothing where what was chosen is refused.
pub(super) fn manifest(u: &mut Unstructured<'_>) -> Result<Option<Manifest>> {
    let technology = technology(u)?;
    let head = head(u, technology)?;
    let count = u.int_in_range(1..=6)?;
    let mut inputs = vec![input(u, Role::Firmware)?];
    for _ in 1..count {
        let role = *u.choose(&ROLES)?;
        inputs.push(input(u, role)?);
    }
    let mut rows = Vec::new();
    for _ in 0..u.int_in_range(1..=6)? {
        rows.push(row(u, technology, &inputs)?);
    }
    Ok(Manifest::new(head, inputs, rows).ok())
}

/// The same manifest with some changes, or nothing where what came of it is refused.
pub(super) fn changed(u: &mut Unstructured<'_>, manifest: &Manifest) -> Result<Option<Manifest>> {
    let mut head = manifest.head().clone();
    let (mut inputs, mut rows) = (manifest.inputs().to_vec(), manifest.rows().to_vec());
    for _ in 0..u.int_in_range(0..=2)? {
        match u.int_in_range(0..=9)? {
            0 => head = self::head(u, head.technology)?,
            1 => head.name = text(u)?,
            2 => head.policy = maybe(u, policy)?,
            3 => {
                let place = u.choose_index(inputs.len())?;
                inputs[place] = input(u, inputs[place].role)?;
            }
            4 => {
                let role = *u.choose(&ROLES)?;
                inputs.push(input(u, role)?);
            }
            5 => {
                let [one, other] = [u.choose_index(inputs.len())?, u.choose_index(inputs.len())?];
                swap_inputs(&mut inputs, &mut rows, one, other);
            }
            6 => {
                let place = u.choose_index(rows.len())?;
                rows[place] = row(u, head.technology, &inputs)?;
            }
            7 => {
                let place = u.choose_index(rows.len())?;
                rows[place].digest = digest(u, head.technology)?;
            }
            8 => {
                let place = u.choose_index(rows.len())?;
                rows[place].obtained = obtained(u, head.technology)?;
            }
            _ => {
                let [one, other] = [u.choose_index(rows.len())?, u.choose_index(rows.len())?];
                rows.swap(one, other);
            }
        }
    }
    Ok(Manifest::new(head, inputs, rows).ok())
}

/// Exchanges two inputs, and what rows say of them.
fn swap_inputs(inputs: &mut [Input], rows: &mut [Row], one: usize, other: usize) {
    inputs.swap(one, other);
    let [one, other] = [one, other].map(|place| u32::try_from(place).expect("few"));
    for row in rows {
        let InputRefs { firmware, kernel, initrd, cmdline, svsm, vmsa_bsp, vmsa_ap } =
            &mut row.facts.inputs;
        for place in [firmware, kernel, initrd, cmdline, svsm, vmsa_bsp, vmsa_ap] {
            *place = place.map(|index| match index {
                index if index == one => other,
                index if index == other => one,
                index => index,
            });
        }
    }
}

fn policy(u: &mut Unstructured<'_>) -> Result<u64> {
    Ok(*u.choose(&[0, 1, 5, 0x3_0000, 0x1f_0137, u64::MAX])?)
}

fn head(u: &mut Unstructured<'_>, technology: Technology) -> Result<Head> {
    let policy = maybe(u, policy)?;
    let host_data = maybe(u, |u| Ok(HostData::from_bytes([u.int_in_range(0xa0..=0xa1)?; 32])))?;
    // It is no word of SEV and SEV-ES, whose manifests are refused with it.
    let host_data = host_data.filter(|_| technology == Technology::Snp);
    let mut description = serde_json::Map::new();
    for key in ["boot", "note/1", "vcpus"] {
        if u.arbitrary()? {
            let value = match u.int_in_range(0..=3)? {
                0 => serde_json::json!({"x": [1, null]}),
                1 => serde_json::json!([1, 2]),
                2 => text(u)?.into(),
                _ => u.int_in_range(0..=3)?.into(),
            };
            description.insert(key.to_owned(), value);
        }
    }
    if u.arbitrary()? {
        description.insert("technology".to_owned(), technology.name().into());
    }
    Ok(Head {
        name: text(u)?,
        tool: (*u.choose(&["sev-launch 0.1.0", "sev-launch 0.2.0", "\u{202e}'"])?).to_owned(),
        technology,
        policy,
        host_data,
        description: description.into(),
    })
}

const ROLES: [Role; 8] = [
    Role::Firmware,
    Role::AbsorbedFirmware,
    Role::Kernel,
    Role::Initrd,
    Role::Cmdline,
    Role::Svsm,
    Role::VmsaBsp,
    Role::VmsaAp,
];

fn input(u: &mut Unstructured<'_>, role: Role) -> Result<Input> {
    if role == Role::Cmdline && u.arbitrary()? {
        let text = text(u)?;
        return Ok(Input::cmdline(text.as_bytes())
            .unwrap_or_else(|_| Input::cmdline(b"").expect("no NUL")));
    }
    let has_facts = matches!(role, Role::Firmware | Role::AbsorbedFirmware | Role::Svsm);
    let firmware_facts = if has_facts && u.arbitrary()? { Some(firmware_facts(u)?) } else { None };
    Ok(Input {
        role,
        path: maybe(u, text)?,
        size: maybe(u, |u| u.int_in_range(0..=2))?,
        sha256: sha256(u)?,
        text: None,
        firmware_facts,
        igvm_facts: None,
    })
}

fn firmware_facts(u: &mut Unstructured<'_>) -> Result<FirmwareFacts> {
    let area = |u: &mut Unstructured<'_>| {
        Ok(Area {
            base: *u.choose(&[0x80_c000, 0xffff_f000, u64::MAX])?,
            size: *u.choose(&[0, 0x400, 0xc00, u32::MAX])?,
        })
    };
    let sections = |u: &mut Unstructured<'_>| {
        let mut sections = Vec::new();
        for _ in 0..u.int_in_range(0..=3)? {
            sections.push(Section {
                base: u.int_in_range(0..=2)? * 0x1000,
                length: u.int_in_range(0..=1)?,
                kind: *u.choose(&SectionKind::ALL)?,
            });
        }
        Ok(sections)
    };
    Ok(FirmwareFacts {
        reset_address: maybe(u, |u| u.int_in_range(0..=1))?,
        hash_area: maybe(u, area)?,
        secret_area: maybe(u, area)?,
        svsm_entry: maybe(u, |u| u.int_in_range(0..=1))?,
        sections: maybe(u, sections)?,
        snp_digest: maybe(u, |u| {
            Ok(snp::LaunchDigest::from_bytes([u.int_in_range(0x80..=0x81)?; 48]))
        })?,
        kernel_hash_check: *u.choose(&[
            KernelHashCheck::Unknown,
            KernelHashCheck::Yes,
            KernelHashCheck::No,
        ])?,
        modules: maybe(u, modules)?,
    })
}

/// Few names, GUIDs and hashes, so that two lists have much in common.
fn modules(u: &mut Unstructured<'_>) -> Result<Vec<Module>> {
    let mut modules = Vec::new();
    for _ in 0..u.int_in_range(1..=4)? {
        let guid = maybe(u, |u| Ok(Guid::from_bytes([u.int_in_range(0..=2)?; 16])))?;
        let sha256 = Sha256Digest::from_bytes([u.int_in_range(0..=2)?; 32]);
        // As it is taken from an image, or as a manifest has it.
        let found = inside::Module { name: text(u)?, guid, sha256 };
        modules.push(match u.arbitrary()? {
            true => Module::from(&found),
            false => Module { name: found.name, guid, sha256 },
        });
    }
    Ok(modules)
}

/// The place of an input of one of these roles.
fn place(u: &mut Unstructured<'_>, inputs: &[Input], roles: &[Role]) -> Result<Option<u32>> {
    let all = (0..).zip(inputs).filter(|(_, input)| roles.contains(&input.role));
    let places: Vec<u32> = all.map(|(index, _)| index).collect();
    Ok(if places.is_empty() { None } else { Some(*u.choose(&places)?) })
}

fn row(u: &mut Unstructured<'_>, technology: Technology, inputs: &[Input]) -> Result<Row> {
    let obtained = obtained(u, technology)?;
    // A computed row says it all, or is refused.
    let is_computed = obtained == Obtained::Computed && u.ratio(15, 16)?;
    let given = |u: &mut Unstructured<'_>, roles: &[Role], must: bool| {
        if must || u.arbitrary()? { place(u, inputs, roles) } else { Ok(None) }
    };
    let kernel = given(u, &[Role::Kernel], false)?;
    let kernel_hashes = match kernel {
        None if is_computed => Some(false),
        _ if is_computed => Some(u.arbitrary()?),
        _ => *u.choose(&[None, Some(false), Some(true)])?,
    };
    let inputs = InputRefs {
        firmware: given(u, &[Role::Firmware, Role::AbsorbedFirmware], is_computed)?,
        kernel,
        initrd: given(u, &[Role::Initrd], false)?,
        cmdline: given(u, &[Role::Cmdline], false)?,
        svsm: given(u, &[Role::Svsm], false)?,
        vmsa_bsp: given(u, &[Role::VmsaBsp], false)?,
        vmsa_ap: given(u, &[Role::VmsaAp], false)?,
    };
    let has_vmsas = is_computed && technology != Technology::Sev;
    let vcpus = |u: &mut Unstructured<'_>| {
        let count = VcpuCount::new(u.int_in_range(1..=3)?).expect("small");
        let late = u.int_in_range(0..=2)?;
        Ok(count.with_late(late).unwrap_or(count))
    };
    let profile = |u: &mut Unstructured<'_>| {
        Ok((*u.choose(&["snp-qemu", "es-legacy", "'\u{202e}"])?).to_owned())
    };
    let facts = Facts {
        vcpus: if has_vmsas { Some(vcpus(u)?) } else { maybe(u, vcpus)? },
        signature: maybe(u, |u| Ok(CpuSignature(u.int_in_range(0..=1)?)))?,
        sev_features: maybe(u, |u| Ok(SevFeatures(u.int_in_range(0..=1)?)))?,
        profile: if has_vmsas { Some(profile(u)?) } else { maybe(u, profile)? },
        kernel_hashes,
        inputs,
    };
    Ok(Row { digest: digest(u, technology)?, facts, obtained })
}

/// Mostly computed.
fn obtained(u: &mut Unstructured<'_>, technology: Technology) -> Result<Obtained> {
    Ok(match u.int_in_range(0..=5)? {
        0 => Obtained::Endorsed { by: text(u)? },
        1 | 2 => {
            let from =
                if technology == Technology::Snp { Source::Report } else { Source::Measurement };
            let verified = u.arbitrary()?;
            let root = match from {
                Source::Report if verified => {
                    *u.choose(&[None, Some(Root::Amd), Some(OTHER_ROOT), Some(SECOND_ROOT)])?
                }
                _ => None,
            };
            Obtained::Observed(Observed { from, verified, root, detail: detail(u)? })
        }
        _ => Obtained::Computed,
    })
}

/// Roots that are not AMD's.
pub(super) const OTHER_ROOT: Root = Root::Other(Sha256Digest::from_bytes([0xb0; 32]));
pub(super) const SECOND_ROOT: Root = Root::Other(Sha256Digest::from_bytes([0xb1; 32]));

fn detail(u: &mut Unstructured<'_>) -> Result<Detail> {
    Ok(Detail {
        chip_id: maybe(u, |u| Ok(format!("{:0128x}", u.int_in_range(0..=1)?)))?,
        reported_tcb: maybe(u, |u| u.int_in_range(0..=1))?,
        generation: maybe(u, |u| Ok(*u.choose(&[Generation::Milan, Generation::Turin])?))?,
        platform_info: maybe(u, |u| u.int_in_range(0..=3))?,
        report_sha256: maybe(u, |u| Ok(Sha256Digest::of(&[u.int_in_range(0xc0..=0xc1)?])))?,
        platform_version: maybe(u, text)?,
        policy: maybe(u, policy)?,
        when: maybe(u, text)?,
    })
}

/// Manifests of all technologies, as good as any.
pub(super) fn seeds() -> Vec<Manifest> {
    let choices =
        (0..32_u8).map(|number| sev_launch_testkit::pattern(600, 2 * number + 1, 7 * number));
    let made = choices.filter_map(|bytes| manifest(&mut Unstructured::new(&bytes)).ok().flatten());
    let mut seeds: Vec<Manifest> = made.collect();
    seeds.sort_by_key(|manifest| manifest.to_json().expect("small").len());
    seeds.truncate(6);
    seeds
}
