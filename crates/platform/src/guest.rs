//! Guests as the firmware knows them: a handle, a state, a policy, an ASID.
//!
//! ```
//! use sev_launch_platform::GuestState;
//!
//! assert_eq!(GuestState::LaunchSecret.number(), 2);
//! assert_eq!(GuestState::LaunchSecret.to_string(), "LSECRET");
//! ```

/// The number by which a host names a guest.
///
/// A guest of SEV or SEV-ES has a small one, the lowest that is free, as the firmware gives it. The firmware gives none to an SNP guest, which is
/// named by its context page: here its number is from 0x80000000 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub(crate) u32);

impl Handle {
    /// From the number that a host gives. Whether there is such a guest is found out when it is used.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

sev_launch_abi::named! {
    /// The state of a SEV or SEV-ES guest. [SEV-API, GSTATE]
    pub enum GuestState, number: u32 {
        /// No guest has the handle.
        Uninit = 0 => "UNINIT",
        /// Launch: memory is handed over and measured.
        LaunchUpdate = 1 => "LUPDATE",
        /// Launch: it was measured, and secrets may come.
        LaunchSecret = 2 => "LSECRET",
        /// It runs.
        Running = 3 => "RUNNING",
    }
}

sev_launch_abi::named! {
    /// The state of an SNP guest. [SNP-ABI, GCTX.GuestState]
    pub enum SnpGuestState, number: u32 {
        /// It has a context and nothing else.
        Init = 0 => "INIT",
        /// Launch: memory is handed over and measured.
        Launch = 1 => "LAUNCH",
        /// It runs.
        Running = 2 => "RUNNING",
    }
}

/// What GUEST_STATUS answers. [SEV-API, GUEST_STATUS]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestStatus {
    /// The policy word.
    pub policy: u32,
    /// The state.
    pub state: GuestState,
    /// The ASID; 0 for none.
    pub asid: u32,
}

/// What SNP_GUEST_STATUS answers, as far as it is simulated. [SNP-ABI, SNP_GUEST_STATUS]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnpGuestStatus {
    /// The policy word.
    pub policy: u64,
    /// The state.
    pub state: SnpGuestState,
    /// The ASID; 0 for none.
    pub asid: u32,
}
