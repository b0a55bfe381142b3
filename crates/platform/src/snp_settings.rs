//! What SNP reports say of the platform: its TCB, its processor, and what the host has configured.
//!
//! Defined by [SNP-ABI, SNP_PLATFORM_STATUS] and [SNP-ABI, SNP_CONFIG].

use sev_launch_abi::snp::tcb::{TcbLayout, TcbParts, TcbVersion};
use sev_launch_abi::{ApiVersion, Generation, PlatformVersion, Technology};

use crate::layout::put;
use crate::model::Model;
use crate::platform::{Platform, PlatformState};
use crate::status::Status;

/// PLATFORM_INFO, bits 0, 2 and 5: SMT and ECC are on, and memory was checked for aliases. [SNP-ABI, ATTESTATION_REPORT]
const PLATFORM_INFO: u64 = 0b10_0101;
/// The same before bit 5 had a name.
const OLD_PLATFORM_INFO: u64 = 0b00_0101;
/// From this version on there is the bit, and mitigation vectors.
const WITH_ALIAS_CHECK: ApiVersion = ApiVersion { major: 1, minor: 58 };
/// From this version on reports tell the processor.
const WITH_CPUID: ApiVersion = ApiVersion { major: 1, minor: 56 };

/// Family, model and stepping, as a report has them. [SNP-ABI, ATTESTATION_REPORT, CPUID_FAM_ID and its neighbours]
pub(crate) const fn cpuid(generation: Generation) -> [u8; 3] {
    match generation {
        Generation::Naples => [0x17, 0x01, 0x02],
        Generation::Rome => [0x17, 0x31, 0x00],
        Generation::Milan => [0x19, 0x01, 0x01],
        Generation::Genoa => [0x19, 0x11, 0x01],
        Generation::Turin => [0x1a, 0x02, 0x01],
    }
}

/// What SNP_CONFIG sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnpConfig {
    /// REPORTED_TCB: what reports claim, and what VCEK and VLEK are derived for. Zeros stand for the current TCB.
    pub reported_tcb: TcbVersion,
    /// MASK_CHIP_ID: reports have zeros for CHIP_ID.
    pub mask_chip_id: bool,
    /// MASK_CHIP_KEY: reports have zeros for a signature.
    pub mask_chip_key: bool,
}

/// What SNP_PLATFORM_STATUS answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnpPlatformStatus {
    /// ABI version and build.
    pub version: PlatformVersion,
    /// Is SNP initialised?
    pub is_initialised: bool,
    /// How many SNP guests there are.
    pub guests: u32,
    /// The TCB that runs, which is committed too.
    pub current_tcb: TcbVersion,
    /// What the host has configured.
    pub config: SnpConfig,
}

impl SnpPlatformStatus {
    /// The 32 bytes: ABI_MAJOR, ABI_MINOR, state, RMP initialised (bit 0), build as u32 LE, flags as u32 LE (bits 0 to 2: MASK_CHIP_ID, MASK_CHIP_KEY,
    /// VLEK_EN), guest count as u32 LE, current TCB, reported TCB.
    pub fn to_bytes(&self) -> [u8; 32] {
        let PlatformVersion { major, minor, build } = self.version;
        let initialised = u8::from(self.is_initialised);
        let flags =
            u8::from(self.config.mask_chip_id) | u8::from(self.config.mask_chip_key) << 1 | 1 << 2;
        let mut bytes = [0; 32];
        put(&mut bytes, 0x00, &[major, minor, initialised, initialised, build]);
        put(&mut bytes, 0x08, &[flags]);
        put(&mut bytes, 0x0c, &self.guests.to_le_bytes());
        put(&mut bytes, 0x10, self.current_tcb.as_bytes());
        put(&mut bytes, 0x18, self.config.reported_tcb.as_bytes());
        bytes
    }
}

/// The SNP half of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SnpSettings {
    pub(crate) current_tcb: TcbVersion,
    pub(crate) config: SnpConfig,
    pub(crate) report_version: u32,
    pub(crate) platform_info: u64,
}

impl SnpSettings {
    pub(crate) fn of(model: Model) -> Self {
        // Boot loader 4, TEE 2, SNP 24, microcode 219; on Turin FMC 1, boot loader 1, TEE 1, SNP 4, microcode 81.
        let current_tcb = TcbVersion::from_bytes(match model.generation {
            Generation::Turin => [1, 1, 1, 4, 0, 0, 0, 0x51],
            _ => [4, 2, 0, 0, 0, 0, 24, 219],
        });
        let has_alias_check = model.api >= WITH_ALIAS_CHECK;
        let report_version = if has_alias_check {
            5
        } else if model.api >= WITH_CPUID {
            3
        } else {
            2
        };
        Self {
            current_tcb,
            config: SnpConfig {
                reported_tcb: current_tcb,
                mask_chip_id: false,
                mask_chip_key: false,
            },
            report_version,
            platform_info: if has_alias_check { PLATFORM_INFO } else { OLD_PLATFORM_INFO },
        }
    }
}

impl Platform {
    /// SNP_PLATFORM_STATUS.
    ///
    /// Errors: INVALID_COMMAND on a generation without SNP.
    pub fn snp_platform_status(&self) -> Result<SnpPlatformStatus, Status> {
        self.has_snp()?;
        Ok(SnpPlatformStatus {
            version: self.model.version(),
            is_initialised: self.is_snp_initialised(),
            guests: u32::try_from(self.snp_guests.len()).unwrap_or(u32::MAX),
            current_tcb: self.snp.current_tcb,
            config: self.snp.config,
        })
    }

    /// SNP_CONFIG: what reports claim of the platform.
    ///
    /// Errors: INVALID_COMMAND on a generation without SNP; INVALID_PLATFORM_STATE where SNP is not initialised; INVALID_PARAM for a REPORTED_TCB of
    /// which a part is above the current one's, or a reserved byte is not zero.
    pub fn snp_config(&mut self, config: SnpConfig) -> Result<(), Status> {
        self.snp_initialised()?;
        let reported_tcb = match config.reported_tcb.as_bytes() {
            [0, 0, 0, 0, 0, 0, 0, 0] => self.snp.current_tcb,
            _ => config.reported_tcb,
        };
        self.check_tcb(reported_tcb)?;
        let (reported, current) =
            (self.tcb_parts(reported_tcb), self.tcb_parts(self.snp.current_tcb));
        if !current.below(&reported).is_empty() {
            return Err(Status::InvalidParam);
        }
        self.snp.config = SnpConfig { reported_tcb, ..config };
        Ok(())
    }

    /// Another TCB that runs and is committed, as after an update of the platform. What is reported is then the same.
    ///
    /// Errors: INVALID_COMMAND on a generation without SNP; INVALID_PARAM where a reserved byte is not zero.
    pub fn set_tcb(&mut self, tcb: TcbVersion) -> Result<(), Status> {
        self.has_snp()?;
        self.check_tcb(tcb)?;
        self.snp.current_tcb = tcb;
        self.snp.config.reported_tcb = tcb;
        Ok(())
    }

    /// Which version of the report's structure is made: 2, 3 or 5. Without this it is the one that goes with the ABI's version.
    ///
    /// Errors: INVALID_PARAM for any other.
    pub fn set_report_version(&mut self, version: u32) -> Result<(), Status> {
        if !matches!(version, 2 | 3 | 5) {
            return Err(Status::InvalidParam);
        }
        self.snp.report_version = version;
        Ok(())
    }

    /// PLATFORM_INFO of reports: 64 bits, in which bit 0 says that SMT is on. Bits that have no name yet may be set, to see what a verifier does.
    pub fn set_platform_info(&mut self, bits: u64) {
        self.snp.platform_info = bits;
    }

    pub(crate) fn has_snp(&self) -> Result<(), Status> {
        match self.model.generation.runs(Technology::Snp) {
            true => Ok(()),
            false => Err(Status::InvalidCommand),
        }
    }

    pub(crate) fn snp_initialised(&self) -> Result<(), Status> {
        self.has_snp()?;
        match self.is_snp_initialised() {
            true => Ok(()),
            false => Err(Status::InvalidPlatformState),
        }
    }

    fn is_snp_initialised(&self) -> bool {
        self.state != PlatformState::Uninit && self.is_es_enabled
    }

    pub(crate) fn tcb_parts(&self, tcb: TcbVersion) -> TcbParts {
        tcb.parts(TcbLayout::of(self.model.generation))
    }

    fn check_tcb(&self, tcb: TcbVersion) -> Result<(), Status> {
        match tcb.reserved(TcbLayout::of(self.model.generation)) {
            [0, 0, 0, 0, 0, 0, 0, 0] => Ok(()),
            _ => Err(Status::InvalidParam),
        }
    }
}
