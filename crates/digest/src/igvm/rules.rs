//! What loaders make of one file, as data: the host's behaviour where it has one, and that of the tools that compute a digest.
//!
//! QEMU's is that of 10.2.2, which was seen to measure 428 files [QEMU, backends/igvm.c and sev.c]. The order of the `igvm` crate is
//! what Microsoft's loader for Hyper-V has, as far as that crate tells [igvm, generate_snp_measurement]; igvmmeasure's is
//! what Coconut's own QEMU and kernel do [coconut-svsm, tools/igvmmeasure].

use sev_launch_abi::Technology;

/// How a loader turns the directives of a file into launch updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoaderRules {
    /// The loader's name in an error.
    pub name: &'static str,
    /// The technologies of which it measures guests.
    pub technologies: &'static [Technology],
    /// Does a guest start from a file for a weaker technology, or for none?
    pub takes_weaker_platforms: bool,
    /// Does it refuse a file without a policy for the guest's platform?
    pub needs_policy: bool,
    /// Where VMSAs are measured.
    pub vmsas: VmsaRule,
    /// Are pages that continue each other kept back, so that an inserted area overtakes them?
    pub keeps_runs_back: bool,
    /// How much of an inserted parameter area is measured.
    pub inserts: InsertRule,
    /// Are shared pages left out?
    pub skips_shared: bool,
    /// What a page of 2 MiB is.
    pub large_pages: LargePageRule,
    /// What SEV and SEV-ES hash of a page without data: 4096 zero bytes, or nothing.
    pub sev_hashes_empty_pages: bool,
    /// Do SEV and SEV-ES hash the data of an unmeasured page?
    pub sev_hashes_unmeasured: bool,
    /// Are the directives refused that QEMU does not know, and memory that is required and registers held to what KVM takes?
    pub is_qemu: bool,
}

/// Where VMSAs are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VmsaRule {
    /// After all pages, one for each vCPU of the guest, as KVM makes them of the registers.
    AtTheEnd,
    /// Where they stand in the file, as they stand.
    InPlace {
        /// Are those of other platforms measured too?
        of_all_platforms: bool,
    },
}

/// How much of an inserted parameter area is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertRule {
    /// All its pages.
    Whole,
    /// One page, however large it is.
    FirstPage,
}

/// What a page of 2 MiB is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LargePageRule {
    /// 512 pages of 4 KiB, of which the first has the data: no reader of the format keeps more than 4096 bytes.
    Split,
    /// The same, and a file is refused in which one has data.
    SplitWithoutData,
    /// One page of 4 KiB.
    OnePage,
}

impl LoaderRules {
    /// Are the VMSAs of the file measured as they stand, whatever number of vCPUs the guest has?
    #[must_use]
    pub const fn measures_own_vmsas(&self) -> bool {
        matches!(self.vmsas, VmsaRule::InPlace { .. })
    }

    /// QEMU on KVM.
    pub const QEMU: Self = Self {
        name: "QEMU",
        technologies: &[Technology::Sev, Technology::SevEs, Technology::Snp],
        takes_weaker_platforms: true,
        needs_policy: false,
        vmsas: VmsaRule::AtTheEnd,
        keeps_runs_back: true,
        inserts: InsertRule::Whole,
        skips_shared: false,
        large_pages: LargePageRule::Split,
        sev_hashes_empty_pages: true,
        sev_hashes_unmeasured: false,
        is_qemu: true,
    };

    /// The order of the `igvm` crate, which is Hyper-V's.
    pub const HYPER_V: Self = Self {
        name: "the igvm crate",
        technologies: &[Technology::Snp],
        takes_weaker_platforms: false,
        needs_policy: true,
        vmsas: VmsaRule::InPlace { of_all_platforms: false },
        keeps_runs_back: false,
        inserts: InsertRule::Whole,
        skips_shared: true,
        large_pages: LargePageRule::OnePage,
        sev_hashes_empty_pages: true,
        sev_hashes_unmeasured: false,
        is_qemu: false,
    };

    /// igvmmeasure, and Coconut's QEMU and kernel for which it is written.
    pub const IGVMMEASURE: Self = Self {
        name: "igvmmeasure",
        technologies: &[Technology::Sev, Technology::SevEs, Technology::Snp],
        takes_weaker_platforms: false,
        needs_policy: false,
        vmsas: VmsaRule::InPlace { of_all_platforms: true },
        keeps_runs_back: false,
        inserts: InsertRule::FirstPage,
        skips_shared: false,
        large_pages: LargePageRule::SplitWithoutData,
        sev_hashes_empty_pages: false,
        sev_hashes_unmeasured: true,
        is_qemu: false,
    };
}
