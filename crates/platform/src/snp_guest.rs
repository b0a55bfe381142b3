//! SNP guests: the launch commands, each with the firmware's checks in the firmware's order.
//!
//! Defined by [SNP-ABI, SNP_LAUNCH_START], [SNP-ABI, SNP_LAUNCH_UPDATE] and [SNP-ABI, SNP_LAUNCH_FINISH]; where the document leaves something open,
//! it is as in AMD's published firmware ([ASPFW, snp_mcmd_launch_update] and its neighbours). The launch digest is a chain: of each page, the
//! SHA-384 of PAGE_INFO, which holds the digest so far. [SNP-ABI, PAGE_INFO]

use sev_launch_abi::snp::Policy;
use sev_launch_abi::snp::policy::Flag;
use sev_launch_abi::snp::tcb::TcbVersion;
use sev_launch_abi::{Gpa, PAGE_SIZE, Technology};

use crate::crypto::sha384;
use crate::guest::{Handle, SnpGuestState, SnpGuestStatus};
use crate::id_block::Identified;
use crate::layout::{put, u32_at};
use crate::platform::Platform;
use crate::status::Status;

/// Bytes of PAGE_INFO. [SNP-ABI, PAGE_INFO]
const PAGE_INFO_SIZE: usize = 0x70;
/// GUEST_TSC_SCALE and GUEST_TSC_OFFSET in a save area: 16 bytes that are measured as zeros, whatever they are. [APM2, VMSA layout] [ASPFW,
/// snp_mcmd_launch_update]
const TSC_FIELDS: usize = 0x2f0;
const TSC_FIELDS_SIZE: usize = 16;
/// The most functions in a CPUID page. [SNP-ABI, CPUID page]
const MAX_CPUID_COUNT: u32 = 64;

sev_launch_abi::named! {
    /// What a page of a launch is. [SNP-ABI, SNP_LAUNCH_UPDATE, PAGE_TYPE]
    pub enum PageType, number: u8 {
        /// A page with contents, which are measured.
        Normal = 1 => "NORMAL",
        /// A vCPU's save area, which is measured.
        Vmsa = 2 => "VMSA",
        /// A page that the firmware clears.
        Zero = 3 => "ZERO",
        /// A page whose contents are not measured.
        Unmeasured = 4 => "UNMEASURED",
        /// The page that the firmware fills with the guest's keys.
        Secrets = 5 => "SECRETS",
        /// The page of CPUID values, which the firmware checks.
        Cpuid = 6 => "CPUID",
    }
}

impl PageType {
    /// The type with this number; `None` for 0 and for every number that no document has.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|page_type| page_type.number() == number)
    }
}

/// What the host gives to SNP_LAUNCH_FINISH.
#[derive(Clone, Copy, Debug)]
pub struct SnpFinish<'a> {
    /// ID_BLOCK_EN, with the ID block (96 bytes) and the ID authentication (4096 bytes).
    pub id_block: Option<(&'a [u8], &'a [u8])>,
    /// AUTH_KEY_EN: an author key must have signed the ID key.
    pub author_key_enabled: bool,
    /// VCEK_DIS: no report of this guest is signed by the VCEK.
    pub vcek_disabled: bool,
    /// HOST_DATA, which every report repeats.
    pub host_data: [u8; 32],
}

impl SnpFinish<'_> {
    /// Without an ID block, and with zeros for HOST_DATA.
    pub const PLAIN: Self = Self {
        id_block: None,
        author_key_enabled: false,
        vcek_disabled: false,
        host_data: [0; 32],
    };
}

/// An SNP guest: what of its context page is simulated. [SNP-ABI, guest context]
#[derive(Debug)]
pub(crate) struct SnpGuest {
    pub(crate) asid: u32,
    pub(crate) policy: Policy,
    pub(crate) state: SnpGuestState,
    /// GCTX.LD.
    pub(crate) digest: [u8; 48],
    pub(crate) launch_tcb: TcbVersion,
    pub(crate) report_id: [u8; 32],
    pub(crate) identified: Identified,
    pub(crate) vcek_disabled: bool,
    pub(crate) host_data: [u8; 32],
}

impl Platform {
    /// SNP_GCTX_CREATE and SNP_LAUNCH_START, without a migration agent.
    ///
    /// Errors: INVALID_COMMAND on a generation without SNP; INVALID_PLATFORM_STATE where SNP is not initialised; POLICY_FAILURE for bit 17 clear,
    /// reserved bits, a version above this one, and where the policy forbids SMT, which PLATFORM_INFO says is on; RESOURCE_LIMIT without a free
    /// ASID.
    pub fn snp_launch_start(&mut self, policy: u64) -> Result<Handle, Status> {
        self.snp_initialised()?;
        let policy = Policy::from_bits(policy);
        let smt_is_on = self.snp.platform_info & 1 == 1;
        let smt_is_forbidden = !policy.has(Flag::Smt) && smt_is_on;
        if !policy.is_valid() || !self.meets(policy.min_api()) || smt_is_forbidden {
            return Err(Status::PolicyFailure);
        }
        let asid = self.free_asid(Technology::Snp)?;
        let handle = self.free_handle(Technology::Snp);
        let guest = SnpGuest {
            asid,
            policy,
            state: SnpGuestState::Launch,
            digest: [0; 48],
            launch_tcb: self.snp.current_tcb,
            report_id: self.draw(),
            identified: Identified::NONE,
            vcek_disabled: false,
            host_data: [0; 32],
        };
        self.snp_guests.insert(handle.0, guest);
        Ok(handle)
    }

    /// SNP_LAUNCH_UPDATE: measures one page of 4096 bytes at a guest physical address. VMPL permissions are 0, and there is no IMI, as KVM has it.
    ///
    /// `page_type` is [`PageType::number`]. Of a page that is cleared or filled by the firmware the bytes are not looked at, but they must be there. A
    /// CPUID page is checked for its form alone, and not for what the processor could offer.
    ///
    /// Errors: INVALID_COMMAND on a generation without SNP; INVALID_PLATFORM_STATE where SNP is not initialised; INVALID_GUEST; INVALID_PAGE_SIZE for
    /// other than 4096 bytes; INVALID_ADDRESS for an address that is no page's; INVALID_PARAM for an unknown page type, and for a CPUID page with more
    /// than 64 functions or with reserved bytes; INVALID_GUEST_STATE after SNP_LAUNCH_FINISH.
    pub fn snp_launch_update(
        &mut self,
        handle: Handle,
        gpa: u64,
        page_type: u8,
        page: &[u8],
    ) -> Result<(), Status> {
        self.snp_initialised()?;
        let guest = self.snp_guests.get_mut(&handle.0).ok_or(Status::InvalidGuest)?;
        let page: &[u8; PAGE_SIZE] = page.try_into().map_err(|_| Status::InvalidPageSize)?;
        if !Gpa(gpa).is_page_aligned() {
            return Err(Status::InvalidAddress);
        }
        let page_type = PageType::from_number(page_type).ok_or(Status::InvalidParam)?;
        if guest.state != SnpGuestState::Launch {
            return Err(Status::InvalidGuestState);
        }
        let contents = contents(page_type, page)?;
        let mut info = [0; PAGE_INFO_SIZE];
        put(&mut info, 0x00, &guest.digest);
        put(&mut info, 0x30, &contents);
        put(&mut info, 0x60, &[0x70, 0x00, page_type.number()]);
        put(&mut info, 0x68, &gpa.to_le_bytes());
        guest.digest = sha384(&info);
        Ok(())
    }

    /// SNP_LAUNCH_FINISH: checks the ID block, where there is one, and lets the guest run.
    ///
    /// Errors: INVALID_COMMAND on a generation without SNP; INVALID_PLATFORM_STATE where SNP is not initialised; INVALID_GUEST; INVALID_GUEST_STATE
    /// where it was finished already; INVALID_LENGTH for an ID block or an ID authentication of another size; BAD_MEASUREMENT where the ID block has
    /// another launch digest; POLICY_FAILURE where it has another policy; INVALID_PARAM for its version, for an unknown algorithm, and for an author key
    /// without an ID block; BAD_SIGNATURE for a key or a signature.
    pub fn snp_launch_finish(
        &mut self,
        handle: Handle,
        finish: SnpFinish<'_>,
    ) -> Result<(), Status> {
        self.snp_initialised()?;
        let guest = self.snp_guests.get_mut(&handle.0).ok_or(Status::InvalidGuest)?;
        if guest.state != SnpGuestState::Launch {
            return Err(Status::InvalidGuestState);
        }
        guest.identified = match finish.id_block {
            Some((block, auth)) => Identified::check(
                block,
                auth,
                finish.author_key_enabled,
                &guest.digest,
                guest.policy,
            )?,
            None if finish.author_key_enabled => return Err(Status::InvalidParam),
            None => Identified::NONE,
        };
        guest.vcek_disabled = finish.vcek_disabled;
        guest.host_data = finish.host_data;
        guest.state = SnpGuestState::Running;
        Ok(())
    }

    /// SNP_GUEST_STATUS.
    ///
    /// Errors: INVALID_COMMAND on a generation without SNP; INVALID_PLATFORM_STATE where SNP is not initialised; INVALID_GUEST.
    pub fn snp_guest_status(&self, handle: Handle) -> Result<SnpGuestStatus, Status> {
        self.snp_initialised()?;
        let guest = self.snp_guests.get(&handle.0).ok_or(Status::InvalidGuest)?;
        Ok(SnpGuestStatus { policy: guest.policy.bits(), state: guest.state, asid: guest.asid })
    }
}

/// CONTENTS of PAGE_INFO: the SHA-384 of what is measured, and zeros where nothing is.
fn contents(page_type: PageType, page: &[u8; PAGE_SIZE]) -> Result<[u8; 48], Status> {
    match page_type {
        PageType::Normal => Ok(sha384(page)),
        PageType::Vmsa => {
            let mut measured = *page;
            put(&mut measured, TSC_FIELDS, &[0; TSC_FIELDS_SIZE]);
            Ok(sha384(&measured))
        }
        PageType::Cpuid => {
            // COUNT, and 12 reserved bytes.
            let is_well_formed = u32_at(page, 0).is_some_and(|count| count <= MAX_CPUID_COUNT)
                && page.get(4..16).is_some_and(|reserved| *reserved == [0; 12]);
            if is_well_formed { Ok([0; 48]) } else { Err(Status::InvalidParam) }
        }
        PageType::Zero | PageType::Unmeasured | PageType::Secrets => Ok([0; 48]),
    }
}
