//! What is in an image, as files: their names and their bytes.

use sev_launch_abi::Guid;

use crate::image::Image;
use crate::part::{Part, Span, What};
use crate::section::SectionKind;

/// A longer name of a module is cut.
const MOST_LETTERS: usize = 64;

/// A leaf of an image, and the file that it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extract {
    /// The folder: the volume that it is in, innermost. Letters, digits, `-`, `_` and `.`, and no `.` at the start, whatever the image says.
    pub folder: String,
    /// The file in it: its number among the image's leaves, its module's name, and an ending that says what it is.
    pub file: String,
    /// Its bytes, without headers.
    pub span: Span,
    /// The name of the module, or of the part where there is none.
    pub name: String,
    /// The module's GUID; `None` if it is in no file.
    pub guid: Option<Guid>,
}

impl Extract {
    /// Is it of the module, or the part, that is named so or has this GUID?
    #[must_use]
    pub fn is_of(&self, module: &str) -> bool {
        let guid: Option<Guid> = module.parse().ok();
        self.name == module || (guid.is_some() && guid == self.guid)
    }
}

impl Image<'_> {
    /// Every leaf of the image that has contents: sections, raw files, variables, and what is in between if it is no padding. In the order in
    /// which they stand.
    pub fn extracts(&self) -> Vec<Extract> {
        let mut extracts = Vec::new();
        collect(self.root(), &Around::default(), &mut extracts);
        extracts
    }
}

/// What a leaf stands in.
#[derive(Clone, Default)]
struct Around {
    volume: Option<String>,
    module: Option<(String, Guid)>,
}

fn collect(part: &Part, around: &Around, extracts: &mut Vec<Extract>) {
    let mut inside = around.clone();
    match &part.what {
        What::Volume(_) => {
            inside = Around { volume: Some(part.name()), module: around.module.clone() };
        }
        What::File(file) => inside.module = Some((part.name(), file.name)),
        _ => {}
    }
    if !part.parts.is_empty() {
        part.parts.iter().for_each(|below| collect(below, &inside, extracts));
        return;
    }
    let span = part.body();
    let is_padding = matches!(part.what, What::Padding { .. });
    if span.is_empty() || is_padding {
        return;
    }
    let (name, guid) = match &inside.module {
        Some((name, guid)) => (name.clone(), Some(*guid)),
        None => (part.name(), part.guid()),
    };
    let folder = inside.volume.as_deref().map_or_else(|| "image".into(), safe);
    let file = format!("{:05}-{}.{}", extracts.len(), safe(&name), ending(part));
    extracts.push(Extract { folder, file, span, name, guid });
}

/// The ending of a leaf's file.
fn ending(part: &Part) -> &'static str {
    match &part.what {
        What::Section(section) => match section.kind {
            SectionKind::PE32 => "efi",
            SectionKind::TE => "te",
            SectionKind::VERSION => "version",
            SectionKind::USER_INTERFACE => "name",
            SectionKind::RAW => "raw",
            SectionKind(0x13 | 0x1b | 0x1c) => "depex",
            SectionKind::VOLUME_IMAGE => "fv",
            _ if section.packing.is_some() => "packed",
            _ => "bin",
        },
        What::Variable(_) => "variable",
        What::File(_) => "file",
        _ => "bin",
    }
}

/// A name that is one of a file on every system, and cannot lead elsewhere.
fn safe(name: &str) -> String {
    let letters = name.chars().take(MOST_LETTERS).map(|letter| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => letter,
        _ => '_',
    });
    let name: String = letters.collect();
    if name.starts_with('.') || name.is_empty() { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere() {
        for (name, wanted) in [
            ("SecMain", "SecMain"),
            ("../../etc/passwd", "_.._.._etc_passwd"),
            ("", "_"),
            ("a\0b\u{202e}", "a_b_"),
        ] {
            assert_eq!(safe(name), wanted);
        }
        assert_eq!(safe(&"x".repeat(1000)).len(), MOST_LETTERS);
    }
}
