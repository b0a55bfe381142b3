//! How much work a description may ask for, whoever wrote it.
//!
//! A firmware image of 64 KiB may ask for 4 GiB of pages (about a second of work), and a description of 1 MiB for a hundred thousand
//! command lines with each. Real sweeps stay far below: firmware of edk2 asks for some dozen pages.
//!
//! The crate's example reads within it.

use sev_launch_description::Description;

use crate::error::Error;
use crate::files::Files;

/// How much work may be done for one description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The pages that are hashed for all launches together.
    pub pages: u64,
    /// The bytes of all files that are read.
    pub bytes: u64,
}

impl Budget {
    /// What is done unasked: some minutes of one core, and files of 64 GiB.
    pub const DEFAULT: Self = Self { pages: 1 << 27, bytes: 64 << 30 };

    /// So many times as much.
    #[must_use]
    pub const fn times(self, factor: u64) -> Self {
        Self { pages: self.pages.saturating_mul(factor), bytes: self.bytes.saturating_mul(factor) }
    }

    /// An error where a description's files have more bytes. A pipe has no size; it ends when whoever named it ends it.
    pub(crate) fn check_files(
        self,
        description: &Description,
        files: &dyn Files,
    ) -> Result<(), Error> {
        let paths = description.paths();
        let sizes = paths.iter().map(|(_, _, path)| files.size(path).unwrap_or_default());
        let found = sizes.fold(0, u64::saturating_add);
        if found > self.bytes {
            return Err(Error::Work { of: "bytes of files to read", found, most: self.bytes });
        }
        Ok(())
    }

    /// An error where launches ask for more pages.
    pub(crate) const fn check_pages(self, found: u64) -> Result<(), Error> {
        if found > self.pages {
            return Err(Error::Work { of: "pages to hash", found, most: self.pages });
        }
        Ok(())
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use sev_launch_description::Origin;

    use super::*;
    use crate::Memory;

    #[test]
    fn each_mention_of_a_file_counts() {
        let files = Memory::from([("a", vec![0; 6]), ("b", vec![0; 5])]);
        let text = "boot.kernel = 'a'\nboot.initrd = ['a', 'b', 'missing']";
        let description = Description::from_toml(text, &Origin::file("l.toml"), "".as_ref());
        let description = description.expect("a description");
        let check = |bytes| Budget { pages: 0, bytes }.check_files(&description, &files);
        assert!(check(17).is_ok());
        let error = check(16).expect_err("17 bytes of 16").to_string();
        assert_eq!(
            error,
            "17 bytes of files to read are described, more than the 16 that are allowed"
        );
    }

    #[test]
    fn more_is_a_number_of_times_as_much() {
        let more = Budget { pages: 3, bytes: u64::MAX }.times(2);
        assert_eq!(more, Budget { pages: 6, bytes: u64::MAX });
        assert!(more.check_pages(6).is_ok());
        assert!(more.check_pages(7).is_err());
    }
}
