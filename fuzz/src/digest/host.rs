//! The words for hosts and processors: what is read of a text, and which profiles fit it.

use sev_launch_abi::{Generation, Guid, LaunchDigest, Technology};
use sev_launch_description::import::kata::Release;
use sev_launch_digest::cpu::{self, CpuModel};
use sev_launch_digest::profile::{self, HostFacts, HostKernel, VersionRange, VmmFact};
use sev_launch_digest::snp;

/// The input is a host's facts, a line each: kernel, VMM, generation, and two switches.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (kernel, vmm, generation) = (line(), line(), line());
    let switch = |text: &str| match text {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    };
    assert_eq!(kernel.parse::<VersionRange>().is_ok(), kernel.parse::<HostKernel>().is_ok());
    let facts = HostFacts {
        kernel: kernel.parse().ok(),
        vmm: vmm.parse::<VmmFact>().ok(),
        generation: cpu::generation(generation).ok(),
        debug_swap: switch(line()),
        legacy_vm_type: switch(line()),
    };
    for technology in [Technology::Sev, Technology::SevEs, Technology::Snp] {
        let derived = profile::derive(technology, &facts);
        for profile in &derived.profiles {
            assert_eq!(profile.technology, technology);
            assert!(facts.vmm.is_none_or(|fact| fact.vmm == profile.vmm), "{}", profile.name);
        }
        // Knowing less leaves more: what is not known rules nothing out.
        let less = [
            HostFacts { kernel: None, ..facts },
            HostFacts { vmm: None, ..facts },
            HostFacts { generation: None, ..facts },
        ];
        for less in less {
            let more = profile::derive(technology, &less).profiles;
            let kept = derived.profiles.iter().all(|profile| more.contains(profile));
            assert!(kept, "{technology}: {facts:?} fits what {less:?} does not");
        }
    }
    read(generation);
}

/// Every other word that is read from a text, and back.
fn read(text: &str) {
    if let Ok(model) = CpuModel::by_name(text) {
        assert!(model.names().any(|name| name.eq_ignore_ascii_case(text)), "{text}");
    }
    if let Ok(generation) = text.parse::<Generation>() {
        assert_eq!(generation.to_string().parse(), Ok(generation));
    }
    if let Ok(technology) = text.parse::<Technology>() {
        assert_eq!(technology.to_string().parse(), Ok(technology));
    }
    if let Ok(digest) = text.parse::<snp::LaunchDigest>() {
        assert_eq!(digest.to_string(), text.to_lowercase());
    }
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.parse::<Guid>() {
        Ok(guid) => assert_eq!(guid.to_string(), text.to_lowercase()),
        Err(_) => assert!(
            !text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) || !text.split('-').all(is_hex)
        ),
    }
    let is_digest = matches!(text.len(), 64 | 96) && is_hex(text) && text == text.to_lowercase();
    let digest = text.parse::<LaunchDigest>().map(|digest| digest.to_string());
    assert_eq!(digest.ok().as_deref(), is_digest.then_some(text));
    if let Ok(release) = text.parse::<Release>() {
        let is_right = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let text = text.to_lowercase();
        let is_own = text.split('.').all(is_right);
        assert!(is_own || release == Release::CC && text.starts_with("cc"), "{text}");
    }
    if let Ok(profile) = profile::by_name(text) {
        assert_eq!(profile.name, text);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "6.8.12\nqemu 9.2\nGenoa\n1\n0",
        "6.1.0-18-amd64\nQEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nEPYC-Milan-v2\n0\n1",
        "5.14.0-427.el9.x86_64\nlibkrun 1.9\nsev-es\n\n",
        "6.11-rc3\nec2\nsnp-gce-genoa\n1\n1",
        "x\ngce\n00112233\n",
        "x\ngce\n96b582de-1fb2-45f7-baea-a366c55a082d\n",
        "x\ngce\n3.30.0\n",
        "x\ngce\ncc-0.8.1\n",
        "x\ngce\n00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
