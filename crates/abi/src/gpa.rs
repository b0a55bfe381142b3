//! Guest physical addresses.
//!
//! ```
//! use sev_launch_abi::Gpa;
//!
//! let pages: Vec<Gpa> = Gpa(0x80_d000).pages(0x2000).collect();
//! assert_eq!(pages, [Gpa(0x80_d000), Gpa(0x80_e000)]);
//! ```

use core::fmt;

use crate::reader::wide;

/// Bytes in a guest page: everything that a launch measures page by page is this large.
pub const PAGE_SIZE: usize = 4096;

/// A guest physical address, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gpa(pub u64);

impl Gpa {
    /// Where a firmware image must end: 4 GiB. [QEMU, pc_system_firmware_init]
    pub const FIRMWARE_END: Self = Self(1 << 32);

    /// The addresses of the pages of a region that starts here and has `length` bytes; a part of a page counts whole.
    pub fn pages(self, length: u64) -> impl Iterator<Item = Self> + Clone {
        let page = wide(PAGE_SIZE);
        (0..length.div_ceil(page)).map(move |number| Self(self.0.wrapping_add(number * page)))
    }

    /// Is the address that of a page's first byte?
    #[must_use]
    pub fn is_page_aligned(self) -> bool {
        self.0.is_multiple_of(wide(PAGE_SIZE))
    }

    /// The offset in its page, in bytes.
    pub fn page_offset(self) -> usize {
        usize::try_from(self.0 % wide(PAGE_SIZE)).unwrap_or_default()
    }
}

impl fmt::Display for Gpa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}
