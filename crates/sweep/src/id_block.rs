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
use sev_launch_digest::igvm::Loaded;
use sev_launch_verify::requirement::{Bytes, Requirement};
use sev_launch_verify::snp::demands::ReportDemands;
use sev_launch_verify::snp::id_block::{IdAuth, IdBlock};

use crate::error::Error;
use crate::igvm::IgvmInput;
use crate::launched::LaunchedIdBlock;

/// The demands; `None` where no ID block is described.
///
/// Errors: a block and an authentication of which one is missing, or that do not have the sizes that they have.
pub fn demands(description: &Description) -> Result<Option<ReportDemands>, Error> {
    description.check_id_block()?;
    let (Some(block), Some(auth)) = (&description.id_block, &description.id_auth) else {
        return Ok(None);
    };
    let has_author = description.author_key.as_ref().is_some_and(|field| field.value);
    demands_of(block.value.as_bytes(), auth.value.as_bytes(), has_author).map(Some)
}

/// The same of the ID block that a loader takes out of an IGVM file.
///
/// Errors: several files, whose blocks demand different things of a report, or of which some have none; a block that no AMD-SP takes.
pub fn demands_of_igvms(igvms: &[IgvmInput]) -> Result<Option<ReportDemands>, Error> {
    let blocks = igvms.iter().flat_map(|input| &input.loaded).map(launched);
    let demands = |block: LaunchedIdBlock| demands_of(&block.block, &block.auth, block.author_key);
    the_same(blocks.map(|block| block.map(demands).transpose()))?.ok_or(Error::SeveralIdBlocks)
}

/// What all demand, where they demand the same: each file's block is for a digest of its own. `None` if they differ.
///
/// Errors: those of the items.
pub fn the_same<E>(
    mut demands: impl Iterator<Item = Result<Option<ReportDemands>, E>>,
) -> Result<Option<Option<ReportDemands>>, E> {
    let first = demands.next().transpose()?.flatten();
    for other in demands {
        if other? != first {
            return Ok(None);
        }
    }
    Ok(Some(first))
}

/// What is handed over with the guest.
pub fn launched(loaded: &Loaded) -> Option<LaunchedIdBlock> {
    let (block, policy) = loaded.id_block()?;
    Some(LaunchedIdBlock {
        block: block.to_bytes(policy).to_vec(),
        auth: block.to_auth_page().to_vec(),
        author_key: block.has_author_key(),
    })
}

/// What an ID block and its authentication make every report say, as bytes of 96 and 4096.
///
/// Errors: bytes that are none.
pub fn demands_of(block: &[u8], auth: &[u8], has_author: bool) -> Result<ReportDemands, Error> {
    let block = IdBlock::from_bytes(block)?;
    let auth = IdAuth::from_bytes(auth)?;
    let author = Requirement::Exactly(Bytes(auth.author_key_digest()));
    Ok(ReportDemands {
        // The AMD-SP starts no guest under another policy than its block's.
        policy: Requirement::Exactly(block.policy),
        guest_svn: Requirement::Exactly(block.guest_svn),
        family_id: Requirement::Exactly(Bytes(block.family_id)),
        image_id: Requirement::Exactly(Bytes(block.image_id)),
        id_key_digest: Requirement::Exactly(Bytes(auth.id_key_digest())),
        author_key_digest: if has_author { author } else { Requirement::Any },
        ..ReportDemands::default()
    })
}
