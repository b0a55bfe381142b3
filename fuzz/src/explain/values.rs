//! The values that a search tries: each once, none of them what is described, and of a command line what its name says; and the images
//! that can be made of others.

use std::collections::{BTreeMap, HashSet};

use arbitrary::{Result, Unstructured};
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{CpuSignature, PlatformVersion, SevFeatures, Technology, sev};
use sev_launch_digest::profile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_explain::axes::{Alternative, AxisValues, Value};
use sev_launch_explain::{
    Axis, Cmdline, Content, Custom, File, Launch, Options, Reported, firmware, plan,
};
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::FirmwareBuilder;
use sev_launch_verify::sev::keys::Tik;
use sev_launch_verify::sev::measurement::LaunchMeasurement;

use super::slip;

/// What a value is called that is added to the search.
const OF_OURS: &str = "of ours";

pub(crate) fn run(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let _ = match u.ratio(1, 4) {
        Ok(true) => images(&mut u),
        _ => axes(&mut u),
    };
}

/// The firmware is small and the same in every run: it is no part of what is tried here.
fn image(name: &str) -> File {
    thread_local! {
        static IMAGE: File =
            File::of_firmware("", &FirmwareBuilder::amd_sev().size(0x1000).build()).expect("an image");
    }
    let image = IMAGE.with(Clone::clone);
    File { name: name.to_owned(), ..image }
}

fn axes(u: &mut Unstructured<'_>) -> Result<()> {
    let line: Vec<u8> = match u.ratio(1, 2)? {
        true => text(u)?,
        false => u.arbitrary()?,
    };
    let mut files = vec![image("OVMF.fd")];
    for number in 0..u.int_in_range(0..=3)? {
        files.push(File::of(format!("file {number}"), &[u.int_in_range(0..=2)?]));
    }
    let file = |u: &mut Unstructured<'_>| {
        Ok::<_, arbitrary::Error>(if u.arbitrary()? {
            Some(u.choose_index(files.len())?)
        } else {
            None
        })
    };
    let (kernel, initrd) = (file(u)?, file(u)?);
    let launch = Launch {
        technology: *u.choose(&[Technology::Sev, Technology::SevEs])?,
        kernel,
        initrd,
        kernel_hashes: u.arbitrary()?,
        vcpus: VcpuCount::new(u.int_in_range(1..=600)?).expect("a count"),
        ..launch(line.clone(), files)
    };
    let [major, minor, build] = u.arbitrary()?;
    let version = PlatformVersion { major, minor, build };
    let policy = Policy::from_bits(u.arbitrary()?);
    let reported = match u.arbitrary()? {
        true => Reported::Sev(sev::LaunchDigest::from_bytes([7; 32])),
        false => Reported::Measurement {
            tik: Tik::from_bytes(&[1; 16]).expect("16 bytes"),
            version,
            policy,
            measurement: LaunchMeasurement::parse(&u.arbitrary::<[u8; 48]>()?).expect("48 bytes"),
        },
    };
    let custom = custom(u)?;
    let wanted: Vec<Axis> = custom.iter().map(Custom::axis).collect();
    let options = Options { max_changes: 1, custom, ..Options::default() };
    let planned = match plan(&launch, &reported, &options) {
        Ok(planned) => planned,
        // Registers of a guest that has none measured, or numbers of an HMAC where there is none.
        Err(error) => {
            assert!(!wanted.is_empty(), "{error}");
            return Ok(());
        }
    };
    let looked_at = *u.choose(&Axis::ALL)?;
    for axis in Axis::ALL {
        let Some(values) = planned.axes().values(axis) else {
            assert!(!wanted.contains(&axis), "{axis}: what was added is lost");
            continue;
        };
        // One axis a run: some have hundreds of values.
        if axis == looked_at {
            each_once(axis, values);
        }
    }
    if let Some(values) = planned.axes().values(Axis::Cmdline) {
        values.alternatives.iter().for_each(|alternative| is_what_it_says(&line, alternative));
    }
    let counts = planned.counts();
    assert_eq!(counts.levels[0], 1, "as described");
    Ok(())
}

/// A launch with this command line, and the first of these files.
fn launch(line: Vec<u8>, files: Vec<File>) -> Launch {
    Launch {
        technology: Technology::Sev,
        firmware: 0,
        kernel: None,
        initrd: None,
        cmdline: Cmdline::Bytes(line),
        kernel_hashes: true,
        profile: profile::by_name("es-legacy").ok(),
        sev_features: None,
        signature: Some(CpuSignature(0x0080_0f12)),
        vcpus: VcpuCount::ONE,
        captured: None,
        svsm: BTreeMap::new(),
        files,
    }
}

/// A command line as people write them, which slips are made of.
fn text(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const PARTS: [&str; 18] = [
        "ro",
        "rw",
        "quiet",
        "console=ttyS0",
        "console=hvc0",
        "root=/dev/vda1",
        "nr_cpus=3",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "\"",
        "'",
        "\0",
        "é",
        "BOOT_IMAGE=/vmlinuz",
        "a",
    ];
    let count = u.int_in_range(0..=8)?;
    let parts = (0..count).map(|_| {
        let part = *u.choose(&PARTS)?;
        Ok(format!("{part}{}", if u.arbitrary()? { " " } else { "" }))
    });
    Ok(parts.collect::<Result<String>>()?.into_bytes())
}

fn custom(u: &mut Unstructured<'_>) -> Result<Vec<Custom>> {
    let mut custom = Vec::new();
    for _ in 0..u.int_in_range(0..=2)? {
        let name = OF_OURS.to_owned();
        custom.push(match u.int_in_range(0..=5)? {
            0 => Custom::Cmdline { name, bytes: u.arbitrary()? },
            1 => {
                let [major, minor, build] = u.arbitrary()?;
                Custom::PlatformVersion(PlatformVersion { major, minor, build })
            }
            2 => Custom::Policy(Policy::from_bits(u.arbitrary()?)),
            3 => Custom::SevFeatures(SevFeatures(u.arbitrary()?)),
            4 => Custom::Signature { name, signature: CpuSignature(u.arbitrary()?) },
            _ => Custom::Vcpus(VcpuCount::new(u.int_in_range(1..=4096)?).unwrap_or(VcpuCount::ONE)),
        });
    }
    Ok(custom)
}

fn members(alternative: &Alternative) -> impl Iterator<Item = &Value> {
    [&alternative.first].into_iter().chain(&alternative.others)
}

/// No value is tried twice, nor what is described.
fn each_once(axis: Axis, values: &AxisValues) {
    let mut seen = HashSet::new();
    for alternative in [&values.described].into_iter().chain(&values.alternatives) {
        for value in members(alternative) {
            assert!(!value.text.is_empty() || axis == Axis::Firmware, "{axis}: {value:?}");
        }
        // What a file or a profile comes to is compared by its content, which these do not show.
        if !matches!(axis, Axis::Firmware | Axis::Kernel | Axis::Initrd | Axis::Profile) {
            let content = format!("{:?}", alternative.first.content);
            assert!(seen.insert(content), "{axis}: {:?} is tried twice", alternative.first);
        }
    }
}

/// Whatever an alternative is called, it is the hash of the line that its name says.
fn is_what_it_says(line: &[u8], alternative: &Alternative) {
    for value in members(alternative) {
        let Content::Cmdline(hash) = value.content else { panic!("{value:?}") };
        if value.text == OF_OURS {
            continue;
        }
        let mut said = slip::measured(line, &value.text).into_iter();
        let is_said = said.any(|bytes| *hash.as_bytes() == expected::sev(&bytes, None));
        assert!(is_said, "{:?} of {:?}", value.text, String::from_utf8_lossy(line));
    }
}

/// Images that are made of others: a store of variables and code in both orders, or what follows the store.
fn images(u: &mut Unstructured<'_>) -> Result<()> {
    let mut images = Vec::new();
    for number in 0..u.int_in_range(0..=4)? {
        let mut image = vec![number; u.int_in_range(0..=96)?];
        if u.arbitrary()? && image.len() >= 44 {
            // EFI_SYSTEM_NV_DATA_FV_GUID, the length and the signature of a volume. [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
            const GUID: u128 = 0x8d2b_f1ff_9676_8b4c_a985_2747_075b_4f50;
            image[16..32].copy_from_slice(&GUID.to_be_bytes());
            let length = if u.ratio(1, 8)? { u.arbitrary()? } else { u.int_in_range(0..=100_u64)? };
            image[32..40].copy_from_slice(&length.to_le_bytes());
            image[40..44].copy_from_slice(b"_FVH");
        }
        images.push(image);
    }
    let named: Vec<(&str, &[u8])> =
        images.iter().map(|image| ("image", image.as_slice())).collect();
    let hash = |parts: [&[u8]; 2]| expected::sev(&parts.concat(), None);
    let mut possible: HashSet<[u8; 32]> = HashSet::new();
    for one in &images {
        possible.extend((0..one.len()).map(|from| hash([&one[from..], &[]])));
        possible.extend(images.iter().map(|other| hash([one, other])));
    }
    let made = firmware::variants(&named);
    assert!(made.len() <= firmware::MAX_VARIANTS);
    for file in made {
        assert!(possible.contains(file.sha256.as_bytes()), "{} is made of nothing", file.name);
    }
    Ok(())
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    (0..8_u8).map(|number| sev_launch_testkit::pattern(160, 2 * number + 3, 32 * number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Each line has something that others have not: every kind of slip is made of one of them, and asked for by its name.
    #[test]
    fn every_name_of_a_slip_is_known() {
        let kata = "tsc=reliable no_timer_check rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 i8042.nopnp=1 \
                    i8042.noaux=1 noreplace-smp reboot=k cryptomgr.notests net.ifnames=0 pci=lastbus=0 a";
        let lines = [
            "",
            "\"a  b\"",
            "'a\tb'",
            " ro quiet nr_cpus=3 console=ttyS0 root=/dev/vda1 a a \n",
            "a\r\n",
            "a\0",
            "é ",
            kata,
        ];
        let mut names = HashSet::new();
        for line in lines {
            let files = vec![image("OVMF.fd"), File::of("a kernel", b"a kernel")];
            let launch = Launch { kernel: Some(1), ..launch(line.into(), files) };
            let reported = Reported::Sev(sev::LaunchDigest::from_bytes([7; 32]));
            let planned = plan(&launch, &reported, &Options::default()).expect("a plan");
            let values = planned.axes().values(Axis::Cmdline).expect("a kernel has a command line");
            for alternative in &values.alternatives {
                is_what_it_says(line.as_bytes(), alternative);
                names.extend(members(alternative).map(|value| value.text.clone()));
            }
        }
        for name in ["without \"quiet\"", "without Kata's parameters", "without its trailing NUL"] {
            assert!(names.contains(name), "no line has a slip that is called {name}");
        }
    }
}
