//! Sweeps: a row for each combination of what a description says, within its budget, and none that depends on what is unknown.

mod accepted;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use arbitrary::Unstructured;
use serde_json::Value;
use sev_launch_abi::Technology;
use sev_launch_description::Description;
use sev_launch_digest::firmware::{Firmware, KernelHashCheck};
use sev_launch_digest::hash::Portable;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_sweep::{Budget, Error, Inputs, Memory, Mode, Reading, Row, Sweep};
use sev_launch_testkit::firmware::{FirmwareBuilder, SECRET_AREA};
use sev_launch_testkit::kernel::bz_image;
use sev_launch_testkit::uki::{EFI_APPLICATION, pe};

use crate::description::{build, choices, origin};

/// The most rows that are computed: more take their time, and are no different. They are counted all the same.
const MOST_ROWS: usize = 200;

/// An input is choices, of which a description is built.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Unstructured::new(bytes);
    let Ok(document) = build::document(&mut choices) else { return };
    let Some(description) = read(&document) else { return };
    let Some(Ok(rows)) = sweep(&description) else { return };
    say_what_is_unknown(document, &description, &rows, &mut choices);
}

fn read(document: &Value) -> Option<Description> {
    let text = serde_json::to_vec(document).expect("JSON has a text");
    Description::from_json(&text, &origin(), Path::new("")).ok()
}

/// Whatever is said of what was unknown, the digests are the same: else they were computed as if it had been left out.
fn say_what_is_unknown(
    mut document: Value,
    description: &Description,
    rows: &[Row],
    choices: &mut Unstructured<'_>,
) {
    let open = description.unknown.iter().filter_map(|unknown| unknown.key);
    let open: Vec<_> = open.filter(|key| !description.says(key)).collect();
    for key in open {
        let Some(document) = document.as_object_mut() else { return };
        if build::say(document, build::find(key), choices).is_err() {
            return;
        }
    }
    let Some(Some(Ok(said))) = read(&document).map(|description| sweep(&description)) else {
        return;
    };
    let digests = |rows: &[Row]| -> BTreeSet<String> {
        rows.iter().map(|row| row.digest.to_string()).collect()
    };
    assert_eq!(digests(&said), digests(rows), "{document}");
}

/// The rows of a description that has a technology; none where there are too many to be computed here.
fn sweep(description: &Description) -> Option<Result<Vec<Row>, Error>> {
    let mode = Mode::of(description)?;
    let inputs = Inputs::read(mode, description.clone(), Reading::default(), &*FILES, &Portable);
    let rows = inputs.and_then(|inputs| {
        check_budget(&inputs);
        let sweep = Sweep::new(&inputs, &Portable)?;
        assert_eq!(sweep.len(), count(&inputs.description), "{:?}", inputs.description);
        if sweep.len() > MOST_ROWS {
            return Ok(None);
        }
        let rows = sweep.rows()?;
        assert_eq!(rows.len(), sweep.len());
        assert!(sweep.rows_within(rows.len() - 1).is_err(), "one less is held");
        check_keys(&rows, &inputs.description);
        accepted::check(&sweep, &rows);
        Ok(Some(rows))
    });
    rows.transpose()
}

/// The product of a resolved description's axes.
fn count(description: &Description) -> usize {
    let technology = description.technology.as_ref().map(|field| field.value);
    let firmwares = description.firmware.images.as_ref().map_or(0, |field| field.value.len());
    let boot = &description.boot;
    let (mut is_on, mut is_off) = (true, false);
    if let Some(switches) = &boot.kernel_hashes {
        is_on = switches.value.contains(&true);
        is_off = switches.value.contains(&false);
    }
    let profiles = description.profiles.as_ref().map_or(&[][..], |field| &field.value);
    // libkrun measures its kernel whole, and has no hashes.
    is_on &= !profiles.iter().any(|profile| profile.name.contains("krun"));
    let kernels = boot.kernels.as_ref().map_or(0, |field| field.value.len());
    let one_at_least = |count: Option<usize>| count.unwrap_or(1);
    let initrds = one_at_least(boot.initrds.as_ref().map(|field| field.value.len()));
    let cmdlines = one_at_least(boot.cmdlines.as_ref().map(|field| field.value.len()));
    let hashed = if is_on { kernels * initrds * cmdlines } else { 0 };
    let boots = hashed + usize::from(hashed == 0 || is_off);
    if technology == Some(Technology::Sev) {
        return firmwares * boots;
    }
    let features = one_at_least(description.sev_features.as_ref().map(|field| field.value.len()));
    let cpus = one_at_least(description.cpus.as_ref().map(|field| field.value.len()));
    let counts = description.vcpus.as_ref().map_or(0, |field| field.value.counts().len());
    firmwares * boots * profiles.len() * features * cpus * counts
}

/// What a row says of itself is another than what every other says, if no axis has a value twice.
fn check_keys(rows: &[Row], description: &Description) {
    if has_twin(description) {
        return;
    }
    let key = |row: &Row| {
        let boot = row.boot.map(|boot| (boot.kernel, boot.initrd, boot.cmdline));
        let profile = row.profile.map(|profile| profile.name);
        let vcpus = row.vcpus.map(VcpuCount::number);
        let features = row.sev_features.map(|features| features.0);
        (row.firmware, boot, profile, row.signature.map(|signature| signature.0), features, vcpus)
    };
    let keys: BTreeSet<_> = rows.iter().map(key).collect();
    assert_eq!(keys.len(), rows.len(), "{description:?}");
}

/// May two rows be the same? Where an axis has a value twice, or moves nothing: captured pages are measured as they are, some
/// profiles have no signature, and libkrun's features go without saying.
fn has_twin(description: &Description) -> bool {
    fn repeats<T: PartialEq>(list: &[T]) -> bool {
        list.iter().enumerate().any(|(at, one)| list.iter().take(at).any(|other| other == one))
    }
    let is_axis = |count: Option<usize>| count.is_some_and(|count| count > 1);
    let features = description.sev_features.as_ref().map(|field| &field.value);
    let cpus = description.cpus.as_ref().map(|field| &field.value);
    let profiles = description.profiles.as_ref().map_or(&[][..], |field| &field.value);
    let counts = description.vcpus.as_ref().map_or(&[][..], |field| field.value.counts());
    let numbers: Vec<_> = counts.iter().map(|count| count.number()).collect();
    repeats(&numbers)
        || repeats(&profiles.iter().map(|profile| profile.name).collect::<Vec<_>>())
        || is_axis(features.map(Vec::len))
        || is_axis(cpus.map(Vec::len))
}

/// The pages that are asked for are allowed, and one less is not.
fn check_budget(inputs: &Inputs) {
    let within = |pages| {
        let budget = Budget { pages, ..Budget::DEFAULT };
        let inputs = Inputs { budget, ..inputs.clone() };
        Sweep::new(&inputs, &Portable).map(|_| ())
    };
    let Err(Error::Work { found, most: 0, .. }) = within(0) else { return };
    assert!(found > 0, "no work is too much");
    assert!(!matches!(within(found), Err(Error::Work { .. })), "{found} of {found} pages");
    let less = within(found - 1);
    assert!(matches!(less, Err(Error::Work { found: again, .. }) if again == found), "{less:?}");
}

/// The secret area of each image's table, guest physical address and size; nothing where it has none.
fn secret_area(path: &Path) -> Option<(u64, u32)> {
    match path.to_str().expect("a text") {
        "firmware-path-0" | "firmware-absorbed-0" => Some((0x0081_0000, 0xc00)),
        "firmware-path-1" => Some((0x0081_0400, 0x200)),
        "firmware-absorbed-1" => None,
        other => panic!("{other}"),
    }
}

/// Does it say of itself that it checks no hashes?
fn checks_nothing(path: &Path) -> bool {
    path.to_str() == Some("firmware-absorbed-0")
}

/// Every file that a description of these targets may name.
static FILES: LazyLock<Memory> = LazyLock::new(|| {
    let plain = FirmwareBuilder::amd_sev().size(0x1000).build();
    let other = FirmwareBuilder::amd_sev().size(0x2000).pattern(3, 5).svsm_info(16);
    let other = other.secret_area(0x0081_0400, 0x200);
    let no_area = other.clone().without(SECRET_AREA).build();
    let other = other.build();
    let absorbed = |image: &[u8], check| {
        let absorbed = Firmware::parse(image).expect("an image").absorb();
        let absorbed = absorbed.with_kernel_hash_check(check);
        serde_json::to_vec(&absorbed).expect("a stored form")
    };
    let uki = |kernel: &[u8]| pe(EFI_APPLICATION, &[(".linux", kernel), (".cmdline", b"a")]);
    [
        (
            "firmware-absorbed",
            [absorbed(&plain, KernelHashCheck::No), absorbed(&no_area, KernelHashCheck::Yes)],
        ),
        ("firmware-path", [plain.clone(), other.clone()]),
        ("boot-kernel", [bz_image(64), bz_image(100)]),
        ("boot-uki", [uki(b"a"), uki(b"b")]),
        ("boot-initrd", [b"an initrd".to_vec(), Vec::new()]),
        ("boot-cmdline_file", [b"console=ttyS0".to_vec(), b"a".to_vec()]),
        ("boot-shim", [vec![1], vec![2]]),
        ("boot-dtb", [vec![1], vec![2]]),
        ("vmsa-bsp", [vec![1; 4096], vec![2; 4096]]),
        ("vmsa-ap", [vec![3; 4096], vec![4; 4096]]),
        ("svsm-image", [plain, other]),
        ("svsm-vars_file", [vec![0; 4096], Vec::new()]),
    ]
    .into_iter()
    .flat_map(|(name, [zero, one])| [(format!("{name}-0"), zero), (format!("{name}-1"), one)])
    .collect()
});

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    choices(12, 200)
}
