//! Manifests: read and written, compared, checked, and published to verifiers.

pub(crate) mod accepted;
pub(crate) mod check;
pub(crate) mod diff;
mod made;
mod names;
pub(crate) mod publish;
pub(crate) mod read;
pub(crate) mod signed;
