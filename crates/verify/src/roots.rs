//! The roots that a chain of certificates may end in.
//!
//! The same question for SEV's certificates and for SNP's, each with its own form of a root's certificate.
//!
//! ```
//! use sev_launch_verify::abi::Generation;
//! use sev_launch_verify::{sev, snp};
//!
//! let generations = &[Generation::Milan, Generation::Genoa];
//! let of_sev = sev::chain::Roots::Pinned { generations };
//! let of_snp = snp::chain::Roots::Pinned { generations };
//! ```

use sev_launch_abi::Generation;

/// The roots that are trusted without proof; `C` is the form of a root's certificate.
#[derive(Debug)]
pub enum Roots<'a, C> {
    /// AMD's roots of these generations, as they are built in. None of them means that no chain passes.
    Pinned {
        /// The generations that are accepted.
        generations: &'a [Generation],
    },
    /// This root and no other: for a lab or a test that signs its own chains. Whoever made it can make any evidence. AMD's
    /// are then refused.
    Explicit(&'a C),
}

// By hand: a reference can be copied whatever it points to.
impl<C> Clone for Roots<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Roots<'_, C> {}
