//! Kinds of differences: what two builds can differ in, and what to do about it.

use core::fmt;

/// What a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Code, or constants that the compiler keeps beside it.
    Code,
    /// Data of an executable.
    Data,
    /// Sizes and places in an executable's headers that follow from how long its sections are, and zeros at a section's end.
    Layout,
    /// Contents of a file, section or gap that is no executable.
    Content,
    /// What a header says besides such sizes: a type, attributes, an entry point; or where a volume lies.
    Header,
    /// The table of GUIDs at the image's end, from which launchers read areas and sections.
    Tables,
    /// A file, section or volume that the first has not.
    Added,
    /// A file, section or volume that the second has not.
    Removed,
    /// The same part at another place among its neighbours.
    Order,
    /// Variables, their store, or the space for writing them.
    Variables,
    /// Another table of the same words that change with an executable's address.
    Relocation,
    /// The address that an executable is rebased to, and all its words that change with that, by as much as it has moved in its volume.
    Rebased,
    /// The debug directory, besides its times and paths.
    Debug,
    /// A folder in which it was built.
    BuildPath,
    /// What names one build: a GUID of its symbols.
    BuildId,
    /// A date or a time as text.
    BuildDate,
    /// A time as a number, in a header or the debug directory.
    Timestamp,
    /// An executable's checksum.
    Checksum,
    /// Other compressed bytes of the same contents.
    Packing,
    /// Bytes of one value, which fill a gap.
    Padding,
    /// What follows from another difference: sizes, header checksums, compressed bytes of other contents, padding behind something
    /// that grew.
    Consequence,
}

impl Kind {
    /// All of them; what matters most stands first.
    pub const ALL: [Self; 21] = [
        Self::Code,
        Self::Data,
        Self::Layout,
        Self::Content,
        Self::Header,
        Self::Tables,
        Self::Added,
        Self::Removed,
        Self::Order,
        Self::Variables,
        Self::Relocation,
        Self::Rebased,
        Self::Debug,
        Self::BuildPath,
        Self::BuildId,
        Self::BuildDate,
        Self::Timestamp,
        Self::Checksum,
        Self::Packing,
        Self::Padding,
        Self::Consequence,
    ];

    /// Its name in an allow file and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Data => "data",
            Self::Layout => "layout",
            Self::Content => "content",
            Self::Header => "header",
            Self::Tables => "tables",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Order => "order",
            Self::Variables => "variables",
            Self::Relocation => "relocation",
            Self::Rebased => "rebased",
            Self::Debug => "debug",
            Self::BuildPath => "build-path",
            Self::BuildId => "build-id",
            Self::BuildDate => "build-date",
            Self::Timestamp => "timestamp",
            Self::Checksum => "checksum",
            Self::Packing => "packing",
            Self::Padding => "padding",
            Self::Consequence => "consequence",
        }
    }

    /// In words, after "differs in".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Data => "data",
            Self::Layout => "layout",
            Self::Content => "content",
            Self::Header => "a header",
            Self::Tables => "the GUIDed table",
            Self::Added => "what was added",
            Self::Removed => "what was removed",
            Self::Order => "order",
            Self::Variables => "variables",
            Self::Relocation => "the relocation table",
            Self::Rebased => "rebased addresses",
            Self::Debug => "the debug directory",
            Self::BuildPath => "the build path",
            Self::BuildId => "the build id",
            Self::BuildDate => "the build date string",
            Self::Timestamp => "the timestamp",
            Self::Checksum => "the checksum",
            Self::Packing => "compression",
            Self::Padding => "padding",
            Self::Consequence => "what follows from other differences",
        }
    }

    /// Where such a difference comes from between builds of one source, and what stops it; `None` if it has no such cause.
    pub const fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Self::Timestamp => {
                "a tool wrote the time of the build: let edk2's GenFw clear it (--zero, in tools_def.txt's GENFW_FLAGS), and set SOURCE_DATE_EPOCH"
            }
            Self::BuildDate => {
                "__DATE__, __TIME__ or a version string with the date: set SOURCE_DATE_EPOCH to one value for all builds, and PcdFirmwareReleaseDateString to a fixed one"
            }
            Self::BuildPath => {
                "the build's folder went into the module (the path of its symbols, or __FILE__): build in the same folder, or give the compiler -ffile-prefix-map and clear the debug directory with GenFw --zero"
            }
            Self::BuildId => {
                "the linker named the build: leave it out (-Wl,--build-id=none), or clear the debug directory with GenFw --zero"
            }
            Self::Debug => "symbols of another build: clear the debug directory with GenFw --zero",
            Self::Order => {
                "the list of modules was written in another order: sort what generates it, and build with one thread to see whether that settles it"
            }
            Self::Packing => {
                "another compressor or another version of it: build BaseTools from the same source with the same compiler"
            }
            Self::Layout => {
                "sections of other sizes; where only zeros were added, a longer build path left more room, even if GenFw cleared the path itself: build in the same folder"
            }
            Self::Rebased => {
                "a module before this one changed its size, so this one lies elsewhere: it goes away with that difference"
            }
            _ => return None,
        })
    }

    /// The kind of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
