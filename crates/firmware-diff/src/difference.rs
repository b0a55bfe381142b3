//! A difference between two images: what, and where in each.

use std::sync::Arc;

use sev_launch_abi::Guid;

use crate::kind::Kind;
use crate::part::Span;

/// A module, or another file of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Module {
    /// The file's name in the volume.
    pub guid: Guid,
    /// Its name for people: of its user-interface section, or edk2's for the GUID.
    pub name: String,
}

/// Where a part stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// What it stands in; `None` for the image and what stands in nothing else.
    around: Option<Arc<Location>>,
    /// Its name; empty for the image. Text of the images, so any letter may be in it.
    name: String,
    /// The innermost file that it is, or is in.
    pub module: Option<Arc<Module>>,
    /// Is it a volume of variables, or in one?
    pub(crate) is_in_variables: bool,
}

impl Location {
    /// A part that stands in `around`.
    pub(crate) fn inside(
        around: &Arc<Self>,
        name: String,
        module: Option<Arc<Module>>,
        is_in_variables: bool,
    ) -> Self {
        Self { around: Some(Arc::clone(around)), name, module, is_in_variables }
    }

    /// The names of the parts around it and its own, from the outermost in.
    pub fn path(&self) -> Vec<&str> {
        let mut path: Vec<&str> =
            core::iter::successors(Some(self), |location| location.around.as_deref())
                .map(|location| location.name.as_str())
                .filter(|name| !name.is_empty())
                .collect();
        path.reverse();
        path
    }

    /// Its own name; empty for the image.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it: its module, or all parts that it stands in.
    pub fn label(&self) -> String {
        self.module.as_ref().map_or_else(|| self.path().join(" / "), |module| module.name.clone())
    }
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub location: Arc<Location>,
    /// What of the part: a section of an executable, a header.
    pub detail: Option<String>,
    /// The bytes in the first image; `None` if it has none there.
    pub a: Option<Span>,
    /// The bytes in the second image; `None` if it has none there.
    pub b: Option<Span>,
}

/// Where the bytes of a space of the second image come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// They are bytes of the first image.
    Same {
        /// Which.
        a: Span,
        /// Where they stand in the second.
        b: Span,
    },
    /// They are the second's own.
    New {
        /// Where they stand.
        b: Span,
        /// By which difference: its number in the list.
        difference: usize,
    },
}
