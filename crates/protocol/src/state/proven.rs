//! What was proven, and what may leave because of it. A measurement and a report are proven by a type of `verify` alone, and so is a platform that
//! gets a session; the platform of an SEV-SNP guest comes with its report, and nothing is released to it.

use sev_launch_verify::rand_core::CryptoRng;
use sev_launch_verify::sev::chain::VerifiedPdh;
use sev_launch_verify::sev::measurement::VerifiedLaunch;
use sev_launch_verify::sev::secret::{Packet, SecretArea, SecretError, SecretTable};
use sev_launch_verify::snp::requirements::AcceptedReport;

use crate::registration::Scheme;
use crate::text::LaunchId;

/// A platform whose chain was verified, up to a root that the service trusts, and whose owner is accepted; or one that comes with its report. A launch begins
/// where it goes with the guest's scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenPlatform(By);

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Chain,
    Report,
    Nobody,
}

impl ProvenPlatform {
    /// The platform of a verified PDH.
    #[must_use]
    pub fn of(_: &VerifiedPdh) -> Self {
        Self(By::Chain)
    }

    /// For SEV-SNP alone, where the platform is proven with the report, there is no session, and nothing is released. It proves nothing.
    #[must_use]
    pub const fn with_the_report() -> Self {
        Self(By::Report)
    }

    /// A platform that nobody proved, of any scheme, for suites that try a store: a service that begins a launch with it gives a session to anybody.
    #[must_use]
    pub const fn danger_unproven() -> Self {
        Self(By::Nobody)
    }

    pub(super) fn goes_with(&self, scheme: Scheme) -> bool {
        match self.0 {
            By::Chain => scheme != Scheme::AmdSevSnp,
            By::Report => scheme == Scheme::AmdSevSnp,
            By::Nobody => true,
        }
    }
}

/// A measurement, or a report, that was verified and is one of those that the owner approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    kind: Kind,
    withheld: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// MEASURE, which the packet is bound to.
    Measure([u8; 32]),
    Report,
}

impl Proven {
    /// What a verified launch proves.
    #[must_use]
    pub fn of(launch: &VerifiedLaunch) -> Self {
        Self { kind: Kind::Measure(*launch.measure()), withheld: false }
    }

    /// What an accepted report proves: no secret can follow from it.
    #[must_use]
    pub fn of_report(_: &AcceptedReport) -> Self {
        Self { kind: Kind::Report, withheld: false }
    }

    /// A measurement that nobody verified, for the model of the state machine.
    #[cfg(test)]
    pub(super) const fn for_the_model(measure: [u8; 32]) -> Self {
        Self { kind: Kind::Measure(measure), withheld: false }
    }

    /// The same, where the service as a whole answers and releases nothing.
    #[must_use]
    pub const fn withheld(mut self) -> Self {
        self.withheld = true;
        self
    }

    pub(super) const fn is_withheld(&self) -> bool {
        self.withheld
    }

    pub(super) const fn release(&self, launch: LaunchId) -> Release {
        let measure = match self.kind {
            Kind::Measure(measure) => Some(measure),
            Kind::Report => None,
        };
        Release { launch, measure }
    }
}

/// Leave to hand out the packet of one launch and one measurement. Only a step makes it, with the record that says so.
#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    launch: LaunchId,
    measure: Option<[u8; 32]>,
}

impl Release {
    /// Which launch.
    #[must_use]
    pub const fn launch(&self) -> LaunchId {
        self.launch
    }
}

/// A packet that is made and not yet allowed to leave.
pub struct Held {
    launch: LaunchId,
    measure: [u8; 32],
    packet: Packet,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Held({})", self.launch)
    }
}

impl Held {
    /// Packs `table` for the guest whose launch `id` was verified.
    ///
    /// # Errors
    ///
    /// As [`VerifiedLaunch::pack_secret`].
    pub fn pack(
        id: LaunchId,
        launch: &VerifiedLaunch,
        table: &SecretTable,
        area: SecretArea,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SecretError> {
        let packet = launch.pack_secret(table, area, rng)?;
        Ok(Self { launch: id, measure: *launch.measure(), packet })
    }

    /// The packet, if `release` is for this launch and this measurement.
    #[must_use]
    pub fn release(self, release: &Release) -> Option<Packet> {
        let same = release.launch == self.launch && release.measure == Some(self.measure);
        same.then_some(self.packet)
    }
}
