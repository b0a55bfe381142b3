//! Manifests: read and written, and accepted by verifiers.

pub(crate) mod accepted;
mod made;
pub(crate) mod read;
