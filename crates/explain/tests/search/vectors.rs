//! The known answers as mismatching hosts: each is explained to the profile of the tool or host that it is from.

use std::collections::BTreeMap;

use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::profile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::{sev, snp};
use sev_launch_explain::{Cmdline, Content, File, Hypothesis, Launch, Reported};
use sev_launch_testkit::vectors::{Mode, Suite, Vector, vectors_folder};

use crate::made::{by_name, explanation, members, search};

/// Vectors that are no refusals and are digests of whole launches: all, and those that need no third-party file.
const ALL: usize = 187;
const OURS: usize = 45;

/// The vector's launch, but for what a host does: QEMU's default profile, and 3 vCPUs.
fn described(suite: &Suite, vector: &Vector, technology: Technology) -> Launch {
    let folder = vectors_folder();
    let bytes = |name: &String| suite.bytes(name, folder.as_deref()).expect("the input is there");
    let image = bytes(&vector.ovmf);
    let mut files = vec![File::of_firmware("firmware", &image).expect("an image")];
    let mut add = |name: &String| {
        files.push(File::of(name.clone(), &bytes(name)));
        files.len() - 1
    };
    let (kernel, initrd) = (vector.kernel.as_ref().map(&mut add), vector.initrd.as_ref().map(add));
    let cmdline = vector.cmdline.clone().unwrap_or_default().into_bytes();
    Launch {
        technology,
        files,
        firmware: 0,
        kernel,
        initrd,
        cmdline: Cmdline::Bytes(cmdline),
        kernel_hashes: true,
        profile: profile::default_for(technology),
        sev_features: vector.guest_features.map(SevFeatures),
        signature: suite.signature(vector).map(CpuSignature),
        vcpus: VcpuCount::new(3).expect("a good count"),
        captured: None,
        svsm: BTreeMap::new(),
    }
}

/// The profile and the vCPUs of a member.
fn host(launch: &Launch, member: &Hypothesis) -> (Option<&'static str>, u32) {
    let mut host = (launch.profile.map(|profile| profile.name), launch.vcpus.number());
    for change in &member.changes {
        match change.content() {
            Content::Profile(profile) => host.0 = profile.map(|profile| profile.name),
            Content::Vcpus(count) => host.1 = count.number(),
            _ => {}
        }
    }
    host
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn known_answers_are_explained_to_their_profile() {
    let suite = Suite::ours().expect("testdata/vectors/digests.json");
    let mut explained = 0;
    for vector in &suite.vectors {
        let technology = match vector.mode {
            Mode::Sev => Technology::Sev,
            Mode::SevEs => Technology::SevEs,
            Mode::Snp => Technology::Snp,
            Mode::SnpFirmware | Mode::Vmsa => continue,
        };
        let missing = vectors_folder().is_none() && vector.needs_files(&suite);
        if vector.is_refused() || missing || vector.ovmf_hash.is_some() {
            continue;
        }
        let launch = described(&suite, vector, technology);
        let reported = match technology {
            Technology::Snp => {
                Reported::Snp(vector.expect.parse::<snp::LaunchDigest>().expect("hex"))
            }
            _ => Reported::Sev(vector.expect.parse::<sev::LaunchDigest>().expect("hex")),
        };
        let answer = explanation(search(&launch, &reported, 2));
        let wanted = match technology {
            Technology::Sev => (None, 3),
            _ => (Some(by_name(vector.profile()).name), vector.vcpus.expect("it counts vCPUs")),
        };
        let found = members(&answer).any(|member| host(&launch, member) == wanted);
        assert!(found, "{}: {}, not {wanted:?}", vector.id, answer.first);
        explained += 1;
    }
    assert_eq!(explained, if vectors_folder().is_some() { ALL } else { OURS });
}
