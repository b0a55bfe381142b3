//! Initial CPU states: what is told of a page's fields is what stands in it.

use sev_launch_digest::vmsa::{Vmsa, VmsaPage};
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
    let fields = Vmsa::from_page(&after).non_zero();
    for (field, value) in &fields {
        let range = field.offset..field.offset + field.size;
        assert_eq!(&page[range], &value[..], "{}", field.name);
    }
    // Every byte that differs stands in one of the differences, and no other does.
    let told = before.compare(&after);
    assert_eq!(told.is_empty(), before.as_bytes() == after.as_bytes());
    assert!(after.compare(&after).is_empty());
    let _ = after.sev_features().names();
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let page = vmsa_page(Layout::Ec2, 0, 1, Some(0x80_b004));
    vec![page.to_vec(), page[..0x400].to_vec(), vec![0; 16]]
}
