//! What an image consists of, as hashes: so that whoever keeps them can name what another build has changed.

use sev_launch_abi::Guid;
use sev_launch_digest::hash::Sha256Digest;

use crate::executable::Executable;
use crate::file::FileKind;
use crate::image::Image;
use crate::part::{Part, What};

/// A file of a volume, or what is in none, and the hash of its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryEntry {
    /// Its name for people. Text of the image, so any letter may be in it.
    pub name: String,
    /// The file's GUID; `None` if it is in no file.
    pub guid: Option<Guid>,
    /// The SHA-256 of its contents: of all its sections' types and bytes, with executables as they are at address 0. A module that
    /// was only rebased has the same.
    pub sha256: Sha256Digest,
}

impl Image<'_> {
    /// Every file that is no padding and holds no volume, in order, and what is in no file: variables, and data between volumes.
    pub fn inventory(&self) -> Vec<InventoryEntry> {
        let mut entries = Vec::new();
        self.collect(self.root(), &mut entries);
        entries
    }

    fn collect(&self, part: &Part, entries: &mut Vec<InventoryEntry>) {
        match &part.what {
            What::Padding { .. } => return,
            What::File(file) if file.kind == FileKind::PADDING => return,
            What::File(file) if !holds_a_volume(part) => {
                let mut contents = Vec::new();
                self.contents(part, &mut contents);
                let sha256 = Sha256Digest::of(&contents);
                entries.push(InventoryEntry { name: part.name(), guid: Some(file.name), sha256 });
                return;
            }
            _ if part.parts.is_empty() => {
                let sha256 = Sha256Digest::of(self.bytes(&part.body()));
                entries.push(InventoryEntry { name: part.name(), guid: None, sha256 });
                return;
            }
            _ => {}
        }
        part.parts.iter().for_each(|below| self.collect(below, entries));
    }

    /// What of a file is hashed: each leaf after its kind and its size.
    fn contents(&self, part: &Part, contents: &mut Vec<u8>) {
        if !part.parts.is_empty() {
            part.parts.iter().for_each(|below| self.contents(below, contents));
            return;
        }
        if matches!(part.what, What::Padding { .. }) {
            return;
        }
        let bytes = self.bytes(&part.body());
        contents.extend_from_slice(part.kind().as_bytes());
        contents.extend_from_slice(&sev_launch_abi::reader::wide(bytes.len()).to_le_bytes());
        let is_executable =
            matches!(&part.what, What::Section(section) if section.kind.is_executable());
        match Executable::parse(bytes).filter(|_| is_executable) {
            Some(executable) => contents.extend(executable.at_zero(bytes)),
            None => contents.extend_from_slice(bytes),
        }
    }
}

fn holds_a_volume(part: &Part) -> bool {
    part.walk().any(|(_, below)| matches!(below.what, What::Volume(_)))
}
