//! From a described launch to the values of every axis.
//!
//! Each axis lists values with keys; equal keys are one alternative, and the key of what is described is no change.

use std::collections::BTreeMap;

use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{ALL, LaunchProfile};
use sev_launch_digest::vcpus::VcpuCount;

use super::{Alternative, Axes, Axis, AxisValues, Content, Custom, Value, cmdline, signature};
use crate::described::{Cmdline, File, Launch};
use crate::error::Error;
use crate::layout::Layout;
use crate::reported::{Reported, policies_near, versions_near};
use crate::vmsa;

/// The most vCPUs that are tried without being asked for.
const MAX_VCPUS_TRIED: u32 = 512;

/// The most late vCPUs that are tried: a guest is seldom started with more to be plugged in at once.
const MAX_LATE_TRIED: u32 = 8;

/// Features words that known hosts set: nothing or DebugSwap, and with SNP also SecureTSC.
/// [Linux, sev_supported_vmsa_features]
const ES_FEATURES: [u64; 2] = [0, 0x20];
const SNP_FEATURES: [u64; 4] = [0x1, 0x21, 0x201, 0x221];

impl Axes {
    /// The axes of a launch that was checked. Errors: a custom value without an axis.
    pub(crate) fn new(
        launch: &Launch,
        reported: &Reported,
        custom: &[Custom],
    ) -> Result<Self, Error> {
        let mut axes = BTreeMap::new();
        // With an SVSM no kernel is measured, nor beside an IGVM file.
        if launch.svsm.is_empty() && !launch.is_igvm() {
            boot(launch, custom, &mut axes);
        }
        axes.insert(Axis::Firmware, firmware(launch));
        if launch.technology != Technology::Sev {
            axes.insert(Axis::Vcpus, vcpus(launch, custom));
            axes.insert(Axis::LateVcpus, late_vcpus(launch));
            if let Some(profile) = launch.profile {
                axes.insert(Axis::Profile, profiles(launch, profile));
                // Those of an IGVM file are the file's.
                if !launch.is_igvm() {
                    axes.insert(Axis::SevFeatures, features(launch, profile, custom));
                }
            }
            axes.insert(Axis::Signature, signatures(launch, custom));
        }
        measurement(reported, custom, &mut axes);
        let technology = launch.technology;
        match custom.iter().map(Custom::axis).find(|axis| !axes.contains_key(axis)) {
            Some(axis) => Err(Error::CustomAxis { axis, technology }),
            None => Ok(Self(axes)),
        }
    }
}

/// The custom values of one kind.
macro_rules! added {
    ($custom:ident, $kind:pat => $value:expr) => {
        $custom.iter().filter_map(|custom| if let $kind = custom { Some($value) } else { None })
    };
}

fn value(text: impl Into<String>, content: Content) -> Value {
    Value { text: text.into(), content }
}

/// Joins values of the same key, in order of first appearance.
fn collect<K: Ord>(
    described: (K, Value),
    values: impl IntoIterator<Item = (K, Value)>,
) -> AxisValues {
    let (described_key, described) = described;
    let mut described = Alternative::new(described);
    let mut alternatives: Vec<Alternative> = Vec::new();
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    for (key, value) in values {
        if key == described_key {
            described.add(value);
        } else if let Some(found) = places.get(&key).and_then(|place| alternatives.get_mut(*place))
        {
            found.add(value);
        } else {
            places.insert(key, alternatives.len());
            alternatives.push(Alternative::new(value));
        }
    }
    AxisValues { described, alternatives }
}

fn boot(launch: &Launch, custom: &[Custom], axes: &mut BTreeMap<Axis, AxisValues>) {
    let switch = |on: bool| (on, value(if on { "on" } else { "off" }, Content::KernelHashes(on)));
    let takes_hashes = launch
        .files
        .iter()
        .filter_map(|file| file.firmware.as_ref())
        .any(|firmware| firmware.hash_area().is_ok());
    let other = launch.kernel.is_some() && (launch.kernel_hashes || takes_hashes);
    let other = other.then(|| switch(!launch.kernel_hashes));
    axes.insert(Axis::KernelHashes, collect(switch(launch.kernel_hashes), other));

    let vcpus = launch.vcpus.number();
    let mut lines = match &launch.cmdline {
        Cmdline::Bytes(bytes) => cmdline::variants(bytes, vcpus),
        Cmdline::Sha256(_) => vec![("missing".to_owned(), KernelHashes::of_any_cmdline(b""))],
    };
    lines.extend(added!(custom, Custom::Cmdline { name, bytes } => {
        (name.clone(), KernelHashes::of_any_cmdline(bytes))
    }));
    let described = ("as described".to_owned(), launch.cmdline.sha256());
    // A slip that leaves the line as it is is none.
    lines.retain(|(_, hash)| *hash != described.1);
    let line = |(text, hash)| (hash, value(text, Content::Cmdline(hash)));
    axes.insert(Axis::Cmdline, collect(line(described), lines.into_iter().map(line)));

    let files = || (0..launch.files.len()).map(Some);
    let initrd = |file| keyed_file(launch, file, Content::Initrd);
    // The initrd that is not there and a file without bytes are measured alike.
    let absent = [None].into_iter().chain(files());
    axes.insert(Axis::Initrd, collect(initrd(launch.initrd), absent.map(initrd)));
    let kernel = |file| keyed_file(launch, file, Content::Kernel);
    let none = launch.kernel.is_none();
    let described = match none {
        // No file has this key: a kernel without bytes is another thing than none.
        true => (None, value("none", Content::Kernel(None))),
        false => wrap(kernel(launch.kernel)),
    };
    axes.insert(Axis::Kernel, collect(described, files().map(kernel).map(wrap)));

    let hash =
        |file: Option<usize>| file.and_then(|file| launch.files.get(file)).map(|file| file.sha256);
    let (kernel, initrd) = (hash(launch.kernel), hash(launch.initrd));
    let swapped = kernel.is_some() && initrd.is_some() && kernel != initrd;
    let swap = |swapped: bool| {
        let text =
            if swapped { "kernel and initrd swapped" } else { "kernel and initrd as described" };
        (swapped, value(text, Content::BootFilesSwapped(swapped)))
    };
    axes.insert(Axis::BootFiles, collect(swap(false), swapped.then(|| swap(true))));
}

fn wrap<K>((key, value): (K, Value)) -> (Option<K>, Value) {
    (Some(key), value)
}

fn keyed_file(
    launch: &Launch,
    index: Option<usize>,
    content: fn(Option<usize>) -> Content,
) -> (Sha256Digest, Value) {
    match index.and_then(|index| launch.files.get(index)) {
        Some(file) => (file.sha256, value(file_text(file), content(index))),
        None => (Sha256Digest::of(&[]), value("none", content(None))),
    }
}

fn file_text(file: &File) -> String {
    format!("file {}", file.name)
}

fn firmware(launch: &Launch) -> AxisValues {
    let is_igvm = launch.is_igvm();
    let images = launch.files.iter().enumerate().filter_map(|(index, file)| {
        // A guest from an IGVM file is one from another, and from no image.
        let firmware = file.firmware.as_ref().filter(|_| !is_igvm);
        if file.igvm.is_some() != is_igvm || firmware.is_none() != is_igvm {
            return None;
        }
        // Who gives an SNP digest in place of the image's has another firmware.
        let sha256 = firmware.and_then(|firmware| firmware.sha256().ok());
        let snp_digest = firmware.and_then(|firmware| firmware.snp_digest().ok());
        let key = (file.sha256, sha256, snp_digest);
        Some((index, (key, value(file_text(file), Content::Firmware(index)))))
    });
    let (described, others): (Vec<_>, Vec<_>) =
        images.partition(|(index, _)| *index == launch.firmware);
    let described = described.into_iter().map(|(_, value)| value).next();
    let nothing = || value(launch.name(launch.firmware), Content::Firmware(launch.firmware));
    let described = described.unwrap_or_else(|| ((Sha256Digest::of(&[]), None, None), nothing()));
    collect(described, others.into_iter().map(|(_, value)| value))
}

/// Counts nearest to the described one first; of two as near, the smaller.
fn vcpus(launch: &Launch, custom: &[Custom]) -> AxisValues {
    let described = VcpuCount::new(launch.vcpus.number()).unwrap_or(VcpuCount::ONE);
    let mut counts: Vec<VcpuCount> =
        (1..=MAX_VCPUS_TRIED).filter_map(|count| VcpuCount::new(count).ok()).collect();
    counts.extend(added!(custom, Custom::Vcpus(count) => *count));
    counts.sort_by_key(|count| (count.number().abs_diff(described.number()), count.number()));
    let count =
        |count: VcpuCount| (count, value(count.number().to_string(), Content::Vcpus(count)));
    collect(count(described), counts.into_iter().map(count))
}

/// As many as were described, or a few, where some host of such a launch is known to leave late vCPUs the first one's registers.
fn late_vcpus(launch: &Launch) -> AxisValues {
    let late = |late: u32| (late, value(late.to_string(), Content::LateVcpus(late)));
    let mut candidates = ALL
        .iter()
        .filter(|profile| profile.technology == launch.technology && launch.loads_like(profile));
    let known = candidates.any(vmsa::has_late_vcpus);
    let tried = if known { 0..=MAX_LATE_TRIED } else { 0..=0 };
    collect(late(launch.vcpus.late()), tried.map(late))
}

/// Profiles that load what this launch loads. With captured pages, a profile's are a change whichever it is.
fn profiles(launch: &Launch, described: &'static LaunchProfile) -> AxisValues {
    let keyed = |profile: &'static LaunchProfile| {
        let features = launch.sev_features.unwrap_or(profile.sev_features());
        let key = (vmsa::class(profile), features);
        (Some(key), value(profile.name, Content::Profile(Some(profile))))
    };
    let first = match launch.captured {
        Some(_) => (None, value("captured VMSA pages", Content::Profile(None))),
        None => keyed(described),
    };
    let candidates = ALL
        .iter()
        .filter(|profile| profile.technology == launch.technology && launch.loads_like(profile));
    collect(first, candidates.map(keyed))
}

fn features(launch: &Launch, profile: &LaunchProfile, custom: &[Custom]) -> AxisValues {
    let known: &[u64] = match launch.technology {
        Technology::Snp => &SNP_FEATURES,
        _ => &ES_FEATURES,
    };
    let known = known.iter().map(|word| SevFeatures(*word));
    let custom = added!(custom, Custom::SevFeatures(features) => *features);
    let effective = launch.sev_features.unwrap_or(profile.sev_features());
    let text = match launch.sev_features {
        Some(features) => features.to_string(),
        None => format!("{effective}, the profile's"),
    };
    let described = (effective, value(text, Content::SevFeatures(launch.sev_features)));
    let others = known.chain(custom).filter(|features| *features != effective);
    collect(
        described,
        others.map(|word| (word, value(word.to_string(), Content::SevFeatures(Some(word))))),
    )
}

fn signatures(launch: &Launch, custom: &[Custom]) -> AxisValues {
    let custom =
        added!(custom, Custom::Signature { name, signature } => (name.clone(), *signature));
    let keyed = |(name, number): (String, CpuSignature)| {
        (Some(number), value(signature::named(&name, number), Content::Signature(Some(number))))
    };
    let text = launch.signature.map_or_else(|| "none".to_owned(), signature::text);
    let described = (launch.signature, value(text, Content::Signature(launch.signature)));
    collect(described, signature::signatures().chain(custom).map(keyed))
}

fn measurement(reported: &Reported, custom: &[Custom], axes: &mut BTreeMap<Axis, AxisValues>) {
    let Reported::Measurement { version, policy, .. } = reported else {
        return;
    };
    let keyed = |policy: sev_launch_abi::sev::Policy| {
        (policy.bits(), value(policy.to_string(), Content::Policy(policy)))
    };
    let policies = policies_near(*policy).chain(added!(custom, Custom::Policy(policy) => *policy));
    axes.insert(Axis::Policy, collect(keyed(*policy), policies.map(keyed)));
    let keyed = |version: sev_launch_abi::PlatformVersion| {
        let key = (version.major, version.minor, version.build);
        (key, value(version.with_build_named(), Content::PlatformVersion(version)))
    };
    let added = added!(custom, Custom::PlatformVersion(version) => *version);
    let versions = versions_near(*version).into_iter().chain(added);
    axes.insert(Axis::PlatformVersion, collect(keyed(*version), versions.map(keyed)));
    let keyed = |layout: Layout| (layout, value(layout.name(), Content::Layout(layout)));
    axes.insert(Axis::Layout, collect(keyed(Layout::MeasureNonce), Layout::ALL.map(keyed)));
}
