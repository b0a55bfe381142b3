//! The PAGE_INFO chain: the only place that builds that structure.
//!
//! Defined by [SNP-ABI, PAGE_INFO]: 112 bytes, whose SHA-384 is the next launch digest. KVM always gives 4 KiB pages and
//! VMPL permissions of 0, over whose byte order documents and tools differ without effect.

use super::update::{LaunchUpdate, PageDigest, Update};
use crate::hash::sha384_of_padded;
use sev_launch_abi::snp::LaunchDigest;

/// What is the same in every structure, and the padding of its 0x70 bytes after it: one bit, zeros, and the length in bits.
/// [SNP-ABI, PAGE_INFO] [FIPS 180-4, padding]
const TEMPLATE: [u8; 256] = {
    let mut bytes = [0; 256];
    bytes[0x60] = 0x70; // LENGTH
    bytes[0x70] = 0x80;
    [bytes[0xfe], bytes[0xff]] = (8_u16 * 0x70).to_be_bytes();
    bytes
};

/// Page types. [SNP-ABI, PAGE_INFO.PAGE_TYPE]
const NORMAL: u8 = 1;
const VMSA: u8 = 2;
const ZERO: u8 = 3;
const UNMEASURED: u8 = 4;
const SECRETS: u8 = 5;
const CPUID: u8 = 6;

/// CONTENTS of a page whose bytes are not measured.
const NO_CONTENTS: PageDigest = PageDigest::from_bytes([0; 48]);

/// The launch digest after one more update.
pub(super) fn extend(digest: LaunchDigest, update: &LaunchUpdate) -> LaunchDigest {
    let (page_type, contents) = match &update.what {
        Update::Region { digest_after, .. } => return *digest_after,
        Update::Normal(contents) => (NORMAL, contents),
        Update::Vmsa { contents, .. } => (VMSA, contents),
        Update::Zero => (ZERO, &NO_CONTENTS),
        Update::Unmeasured => (UNMEASURED, &NO_CONTENTS),
        Update::Secrets => (SECRETS, &NO_CONTENTS),
        Update::Cpuid => (CPUID, &NO_CONTENTS),
    };
    let mut bytes = TEMPLATE;
    bytes[0x00..0x30].copy_from_slice(digest.as_bytes()); // DIGEST_CUR
    bytes[0x30..0x60].copy_from_slice(contents.as_bytes()); // CONTENTS
    bytes[0x62] = page_type; // PAGE_TYPE; IMI_PAGE and VMPL permissions after it are 0
    bytes[0x68..0x70].copy_from_slice(&update.gpa.0.to_le_bytes()); // GPA
    LaunchDigest::from_bytes(sha384_of_padded(bytes.as_chunks().0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_abi::Gpa;
    use sev_launch_testkit::expected;

    // [SNP-ABI, PAGE_INFO]: each kind has its number, and contents where its bytes are measured.
    #[test]
    fn every_update_is_taken_in_as_its_page_type() {
        let (gpa, vcpu) = (Gpa(0x0123_4567_89ab_c000), 7);
        let contents = PageDigest::from_bytes([0xc0; 48]);
        let start = LaunchDigest::from_bytes([0xd1; 48]);
        for (update, page_type, measured) in [
            (Update::Normal(contents), expected::NORMAL, [0xc0; 48]),
            (Update::Vmsa { vcpu, contents }, expected::VMSA, [0xc0; 48]),
            (Update::Zero, expected::ZERO, [0; 48]),
            (Update::Unmeasured, expected::UNMEASURED, [0; 48]),
            (Update::Secrets, expected::SECRETS, [0; 48]),
            (Update::Cpuid, expected::CPUID, [0; 48]),
        ] {
            let update = update.at(gpa);
            let expected = expected::extend([0xd1; 48], page_type, gpa.0, measured);
            assert_eq!(*extend(start, &update).as_bytes(), expected, "{update}");
        }
    }

    #[test]
    fn region_gives_the_digest_after_it() {
        let digest_after = LaunchDigest::from_bytes([0xa5; 48]);
        let region = Update::Region { name: "", size: 4096, digest_after }.at(Gpa(0));
        assert_eq!(extend(LaunchDigest::START, &region), digest_after);
    }
}
