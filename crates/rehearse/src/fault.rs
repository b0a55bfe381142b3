//! Faults on purpose, for whoever tests what watches launches.

/// What goes wrong in a rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// MEASURE has a wrong bit.
    WrongMeasurement,
    /// MNONCE is another than the one that MEASURE was made with.
    StaleNonce,
    /// The first byte of the first thing that is measured is another.
    ChangedPage,
    /// One vCPU more is measured than there are. SEV-ES and SNP.
    ExtraVcpu,
    /// LAUNCH_START and SNP_LAUNCH_START say POLICY_FAILURE.
    RefusedPolicy,
    /// Each command takes a tenth of a second more.
    SlowAnswers,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::WrongMeasurement,
        Self::StaleNonce,
        Self::ChangedPage,
        Self::ExtraVcpu,
        Self::RefusedPolicy,
        Self::SlowAnswers,
    ];

    /// Its name, as a flag has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongMeasurement => "wrong-measurement",
            Self::StaleNonce => "stale-nonce",
            Self::ChangedPage => "changed-page",
            Self::ExtraVcpu => "extra-vcpu",
            Self::RefusedPolicy => "refused-policy",
            Self::SlowAnswers => "slow-answers",
        }
    }
}
