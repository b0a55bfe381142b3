//! What a described ID block makes a verifier demand of a report.
//!
//! The AMD-SP copies the block's names and security version into every report of the guest, and the digests of the keys. Who describes
//! the block demands them: a guest that the host started without it, or with one of its own, has others.
//!
//! ```
//! use sev_launch_description::Description;
//!
//! assert!(sev_launch_sweep::id_block::demands(&Description::default())?.is_none());
//! # Ok::<(), sev_launch_sweep::Error>(())
//! ```

use sev_launch_description::Description;
use sev_launch_verify::requirement::{Bytes, Requirement};
use sev_launch_verify::snp::demands::ReportDemands;
use sev_launch_verify::snp::id_block::{IdAuth, IdBlock};

use crate::error::Error;

/// The demands; `None` where no ID block is described.
///
/// Errors: a block and an authentication of which one is missing, or that do not have the sizes that they have.
pub fn demands(description: &Description) -> Result<Option<ReportDemands>, Error> {
    description.check_id_block()?;
    let (Some(block), Some(auth)) = (&description.id_block, &description.id_auth) else {
        return Ok(None);
    };
    let block = IdBlock::from_bytes(block.value.as_bytes())?;
    let auth = IdAuth::from_bytes(auth.value.as_bytes())?;
    let has_author = description.author_key.as_ref().is_some_and(|field| field.value);
    let author = Requirement::Exactly(Bytes(auth.author_key_digest()));
    Ok(Some(ReportDemands {
        // The AMD-SP starts no guest under another policy than its block's.
        policy: Requirement::Exactly(block.policy),
        guest_svn: Requirement::Exactly(block.guest_svn),
        family_id: Requirement::Exactly(Bytes(block.family_id)),
        image_id: Requirement::Exactly(Bytes(block.image_id)),
        id_key_digest: Requirement::Exactly(Bytes(auth.id_key_digest())),
        author_key_digest: if has_author { author } else { Requirement::Any },
        ..ReportDemands::default()
    }))
}
