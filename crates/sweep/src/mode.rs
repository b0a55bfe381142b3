//! What is computed of a description: a guest, or the firmware's part of one.
//!
//! ```
//! use sev_launch_abi::Technology;
//! use sev_launch_description::{Description, Origin};
//! use sev_launch_sweep::Mode;
//!
//! let description = Description::from_toml("technology = 'sev-es'", &Origin::file("launch.toml"), "".as_ref())?;
//! assert_eq!(Mode::of(&description), Some(Mode::Guest(Technology::SevEs)));
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

use sev_launch_abi::{Technology, sev};
use sev_launch_description::{Description, Origin, Sourced};
use sev_launch_verify::endorsement::ExpectedLaunch;

use crate::error::Error;

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A guest's launch digest.
    Guest(Technology),
    /// The SNP digest after the firmware's pages alone.
    SnpFirmware,
    /// An SNP guest whose SVSM is started before the firmware.
    SnpSvsm,
}

impl Mode {
    /// What a description is of: a guest, with an SVSM if it has one. `None` if it names no technology.
    pub fn of(description: &Description) -> Option<Self> {
        let technology = description.technology.as_ref()?.value;
        Some(if description.svsm.image.is_some() && technology == Technology::Snp {
            Self::SnpSvsm
        } else {
            Self::Guest(technology)
        })
    }

    /// What a guest under this policy of SEV or SEV-ES is launched as: the policy's ES bit says which of the two it is, and the
    /// description is completed by it.
    ///
    /// Errors: a description of another technology; vCPUs described for a guest whose registers are not measured.
    pub fn of_policy(description: &mut Description, policy: sev::Policy) -> Result<Self, Error> {
        let technology = policy.technology();
        let has_vcpus = description.vcpus.is_some() || description.vmsa.bsp.is_some();
        match &description.technology {
            Some(field) if field.value != technology => {
                let (by, described) = (field.origin.to_string(), field.value);
                return Err(Error::PolicyOfOther { by, described, technology });
            }
            Some(_) => {}
            None if technology == Technology::Sev && has_vcpus => {
                return Err(Error::VcpusWithoutEs);
            }
            None => {
                let origin = Origin::default("the policy's ES bit");
                description.technology = Some(Sourced { value: technology, origin });
            }
        }
        Ok(Self::Guest(technology))
    }

    /// Which of the launches that an endorsement names is expected, where this was asked for (`None` if nothing was) and the guest has
    /// so many VMSAs, if their number was said. `None` if both contradict each other: an endorsement under an SVSM is of no number.
    pub const fn expected_launch(mode: Option<Self>, vmsas: Option<u32>) -> Option<ExpectedLaunch> {
        match (mode, vmsas) {
            (Some(Self::SnpSvsm), Some(_)) => None,
            (Some(Self::SnpSvsm), None) => Some(ExpectedLaunch::Svsm),
            (_, Some(vmsas)) => Some(ExpectedLaunch::Vmsas(vmsas)),
            (Some(_), None) => Some(ExpectedLaunch::NoSvsm),
            (None, None) => Some(ExpectedLaunch::Any),
        }
    }

    /// The technology.
    pub const fn technology(self) -> Technology {
        match self {
            Self::Guest(technology) => technology,
            Self::SnpFirmware | Self::SnpSvsm => Technology::Snp,
        }
    }

    /// Are vCPUs' registers measured?
    #[must_use]
    pub fn measures_vmsas(self) -> bool {
        self != Self::SnpFirmware && self.technology() != Technology::Sev
    }

    /// The name, as sev-snp-measure's `--mode` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guest(technology) => technology.name(),
            Self::SnpFirmware => "snp:ovmf-hash",
            Self::SnpSvsm => "snp:svsm",
        }
    }
}
