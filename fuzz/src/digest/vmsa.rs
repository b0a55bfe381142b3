//! Initial CPU states: what is told of a page's fields is what stands in it.

use sev_launch_digest::vmsa::{FIELDS, Vmsa, VmsaPage};
use sev_launch_testkit::expected::{Layout, vmsa_page};

/// The input is written over a page, from offset 0.
pub(crate) fn run(bytes: &[u8]) {
    assert_eq!(VmsaPage::from_bytes(bytes).is_ok(), bytes.len() == 4096);
    let mut page = vmsa_page(Layout::QemuFpu, 0x00a0_0f11, 1, None);
    let before = VmsaPage::from_bytes(&page).expect("a page");
    for (place, byte) in page.iter_mut().zip(bytes) {
        *place = *byte;
    }
    let after = VmsaPage::from_bytes(&page).expect("a page");
    // What is told of a field stands in the page, and outside of what is told every field is zero.
    let mut rest = page;
    for (field, value) in Vmsa::from_page(&after).non_zero() {
        let place = &mut rest[field.offset..field.offset + field.size];
        assert_eq!(place, value, "{}", field.name);
        assert!(value.iter().any(|byte| *byte != 0), "{} is zero", field.name);
        place.fill(0);
    }
    for field in FIELDS {
        let place = &rest[field.offset..field.offset + field.size];
        assert!(place.iter().all(|byte| *byte == 0), "{} is not told", field.name);
    }
    // Where nothing is told, the pages are the same; and what is told stands in them, and differs.
    let [mut left, mut right] = [*before.as_bytes(), *after.as_bytes()];
    for told in before.compare(&after) {
        let range = told.offset..told.offset + told.left.len();
        assert_ne!(told.left, told.right, "{}", told.name);
        for (page, bytes) in [(&mut left, told.left), (&mut right, told.right)] {
            let place = &mut page[range.clone()];
            assert_eq!(place, bytes, "{}", told.name);
            place.fill(0);
        }
    }
    assert!(left == right, "a byte that differs is not told");
    assert!(after.compare(&after).is_empty());
    let _ = after.sev_features().names();
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let page = vmsa_page(Layout::Ec2, 0, 1, Some(0x80_b004));
    vec![page.to_vec(), page[..0x400].to_vec(), vec![0; 16]]
}
