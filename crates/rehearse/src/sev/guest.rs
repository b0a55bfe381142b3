//! What KVM keeps of a SEV guest.

use std::collections::BTreeSet;

use sev_launch_platform::Handle;

/// Which calls made the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Init {
    /// `KVM_SEV_INIT`.
    Sev,
    /// `KVM_SEV_ES_INIT`.
    SevEs,
    /// `KVM_SEV_INIT2`, of which the VM's type says the rest.
    Init2,
}

/// A guest from the first of its commands on.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) init: Init,
    /// Are VMSAs measured?
    pub(crate) has_vmsas: bool,
    /// SEV_FEATURES of its VMSAs.
    pub(crate) sev_features: u64,
    /// The AMD-SP's name of it, from LAUNCH_START on.
    pub(crate) handle: Option<Handle>,
    /// Pages that were added already, of SNP: an RMP entry is made once.
    pub(crate) pages: BTreeSet<u64>,
    /// Is the launch over?
    pub(crate) is_finished: bool,
}
