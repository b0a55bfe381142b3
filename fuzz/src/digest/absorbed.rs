//! The stored form of an absorbed firmware: what is read is written again as it was, whatever stands around it.

use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_testkit::firmware::FirmwareBuilder;

/// The input is JSON.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(absorbed) = serde_json::from_slice::<AbsorbedFirmware>(bytes) else { return };
    let written = serde_json::to_string(&absorbed).expect("a stored form");
    let again: AbsorbedFirmware = serde_json::from_str(&written).expect("what was written");
    assert_eq!(again, absorbed, "{written}");
    // One spelling: the same fields with the same values.
    let given: serde_json::Value = serde_json::from_slice(bytes).expect("read before");
    let written: serde_json::Value = serde_json::from_str(&written).expect("written before");
    assert_eq!(without_case(given), without_case(written));
    let _ = (absorbed.hash_area(), absorbed.secret_area(), absorbed.reset_address());
}

/// With every text in lower case: hexadecimal digits may be given in either.
fn without_case(mut value: serde_json::Value) -> serde_json::Value {
    for text in value.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        if let serde_json::Value::String(text) = text {
            *text = text.to_lowercase();
        }
    }
    // A tail of no bytes may be said or left out.
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, value| name != "tail" || value != "");
    }
    value
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let images = [
        FirmwareBuilder::amd_sev().size(0x1000).build(),
        FirmwareBuilder::amd_sev().size(0x1000).svsm_info(16).secret_area(0x80_c000, 4096).build(),
        FirmwareBuilder::new(0x1001).build(),
    ];
    let stored = |image: Vec<u8>| {
        let absorbed = Firmware::parse(&image).expect("an image").absorb();
        serde_json::to_vec(&absorbed).expect("a stored form")
    };
    images.into_iter().map(stored).collect()
}
