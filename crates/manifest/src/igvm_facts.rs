//! What an IGVM file brings that no digest covers and every report of its guest shows: its ID block.
//!
//! Kept so that who verifies by the manifest demands what who has the file does. [IGVM, IGVM_VHS_SNP_ID_BLOCK]
//!
//! The crate's example has no IGVM file; the command's tests build such a manifest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sev_launch_sweep::id_block;
use sev_launch_sweep::igvm::IgvmInput;
use sev_launch_sweep::launched::LaunchedIdBlock;
use sev_launch_verify::snp::demands::ReportDemands;

use crate::error::Error;
use crate::input::Role;
use crate::manifest::Manifest;

/// The ID block that a loader takes out of the file, as it is handed to the AMD-SP.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IgvmFacts {
    /// ID_BLOCK: 96 bytes in base64.
    pub id_block: String,
    /// ID_AUTH_INFO: 4096 bytes in base64.
    pub id_auth: String,
    /// AUTHOR_KEY_EN.
    pub author_key: bool,
}

impl IgvmFacts {
    /// Those of a file; `None` if it brings no ID block for its guest.
    pub fn of(input: &IgvmInput) -> Option<Self> {
        let LaunchedIdBlock { block, auth, author_key } =
            id_block::launched(input.loaded.first()?)?;
        let (id_block, id_auth) = (BASE64.encode(block), BASE64.encode(auth));
        Some(Self { id_block, id_auth, author_key })
    }

    /// What every report of the guest says; `place` is where in the manifest they stand.
    ///
    /// Errors: what is no ID block, or no authentication of one.
    pub(crate) fn demands(&self, place: &str) -> Result<ReportDemands, Error> {
        let bytes = |name: &str, text: &str| {
            let wrong = |error: base64::DecodeError| {
                Error::field(format!("{place}.{name}"), error.to_string())
            };
            BASE64.decode(text).map_err(wrong)
        };
        let block = bytes("id_block", &self.id_block)?;
        let auth = bytes("id_auth", &self.id_auth)?;
        id_block::demands_of(&block, &auth, self.author_key)
            .map_err(|error| Error::field(place.to_owned(), error.to_string()))
    }
}

impl Manifest {
    /// What the ID block of each IGVM file makes its guests' reports say; `None` where a file brings none.
    ///
    /// Errors: those of each block.
    pub(crate) fn igvm_demands(
        &self,
    ) -> impl Iterator<Item = Result<Option<ReportDemands>, Error>> {
        self.inputs().iter().enumerate().filter(|(_, input)| input.role == Role::Igvm).map(
            |(index, input)| {
                let place = format!("inputs[{index}].igvm_facts");
                input.igvm_facts.as_ref().map(|facts| facts.demands(&place)).transpose()
            },
        )
    }
}
