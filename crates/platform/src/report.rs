//! Attestation reports of SNP guests: 1184 bytes, signed by the VCEK or the VLEK.
//!
//! Defined by [SNP-ABI, ATTESTATION_REPORT]. The signature covers the first 672 bytes. Both keys are derived for the REPORTED_TCB, so another TCB has
//! other keys; a VLEK names no chip. [VCEK, key derivation]

use sev_launch_abi::snp::tcb::TcbVersion;

use crate::guest::{Handle, SnpGuestState};
use crate::keys::EcKey;
use crate::layout::put;
use crate::platform::Platform;
use crate::snp_settings::cpuid;
use crate::status::Status;

/// Bytes of a report.
pub const SNP_REPORT_SIZE: usize = 1184;
/// Bytes of it that are signed.
const SIGNED_SIZE: usize = 0x2a0;
/// The highest VMPL.
const LOWEST_PRIVILEGE: u32 = 3;

sev_launch_abi::named! {
    /// Which key signs a report. [SNP-ABI, KEY_INFO, SIGNING_KEY]
    pub enum SigningKey, number: u32 {
        /// The chip's own.
        Vcek = 0 => "VCEK",
        /// The one that AMD lends to a cloud provider. A simulated platform always has one loaded.
        Vlek = 1 => "VLEK",
    }
}

/// SIGNING_KEY where no key signs.
const NO_KEY: u32 = 7;

impl Platform {
    /// A report of a running guest, as MSG_REPORT_REQ gets it: for a VMPL from 0 to 3, and with 64 bytes of the guest's.
    ///
    /// Errors: INVALID_COMMAND on a generation without SNP; INVALID_PLATFORM_STATE where SNP is not initialised; INVALID_GUEST; INVALID_GUEST_STATE
    /// before SNP_LAUNCH_FINISH; INVALID_PARAM for another VMPL; INVALID_KEY for the VCEK where SNP_LAUNCH_FINISH forbade it.
    pub fn report(
        &mut self,
        handle: Handle,
        vmpl: u32,
        report_data: &[u8; 64],
        key: SigningKey,
    ) -> Result<[u8; SNP_REPORT_SIZE], Status> {
        self.snp_initialised()?;
        let guest = self.snp_guests.get(&handle.0).ok_or(Status::InvalidGuest)?;
        if guest.state != SnpGuestState::Running {
            return Err(Status::InvalidGuestState);
        }
        if vmpl > LOWEST_PRIVILEGE {
            return Err(Status::InvalidParam);
        }
        if guest.vcek_disabled && key == SigningKey::Vcek {
            return Err(Status::InvalidKey);
        }
        let config = self.snp.config;
        let version = self.snp.report_version;
        let signer = if config.mask_chip_key { NO_KEY } else { key.number() };
        let key_info = u32::from(guest.identified.author_key_enabled)
            | u32::from(config.mask_chip_key) << 1
            | signer << 2;
        let names_chip = key == SigningKey::Vcek && !config.mask_chip_id;
        let chip_id = if names_chip { self.id() } else { [0; 64] };
        let firmware = self.model.version();
        let firmware = [firmware.build, firmware.minor, firmware.major, 0];
        let current_tcb = self.snp.current_tcb;
        let identified = &guest.identified;
        let processor = cpuid(self.model.generation);
        let mut report = [0; SNP_REPORT_SIZE];
        let fields: [(usize, &[u8]); 25] = [
            (0x000, &version.to_le_bytes()),
            (0x004, &identified.guest_svn.to_le_bytes()),
            (0x008, &guest.policy.to_le_bytes()),
            (0x010, &identified.family_id),
            (0x020, &identified.image_id),
            (0x030, &vmpl.to_le_bytes()),
            (0x034, &1_u32.to_le_bytes()), // ECDSA on P-384 with SHA-384
            (0x038, current_tcb.as_bytes()),
            (0x040, &self.snp.platform_info.to_le_bytes()),
            (0x048, &key_info.to_le_bytes()),
            (0x050, report_data),
            (0x090, &guest.digest),
            (0x0c0, &guest.host_data),
            (0x0e0, &identified.id_key_digest),
            (0x110, &identified.author_key_digest),
            (0x140, &guest.report_id),
            (0x160, &[0xff; 32]), // no migration agent
            (0x180, config.reported_tcb.as_bytes()),
            (0x188, if version >= 3 { &processor } else { &[] }),
            (0x1a0, &chip_id),
            (0x1e0, current_tcb.as_bytes()), // what runs is committed
            (0x1e8, &firmware),
            (0x1ec, &firmware),
            (0x1f0, guest.launch_tcb.as_bytes()),
            (0x1f8, &[0; 16]), // LAUNCH_MIT_VECTOR and CURRENT_MIT_VECTOR: nothing needed mending
        ];
        for (offset, value) in fields {
            put(&mut report, offset, value);
        }
        if !config.mask_chip_key {
            let signed = report.get(..SIGNED_SIZE).unwrap_or_default();
            let signature = self.signing_key(key, config.reported_tcb).sign_sha384(signed);
            put(&mut report, SIGNED_SIZE, &signature);
        }
        Ok(report)
    }

    /// The key that signs reports for a REPORTED_TCB.
    pub(crate) fn signing_key(&self, key: SigningKey, tcb: TcbVersion) -> EcKey {
        EcKey::derive(self.seed(), key.name(), u64::from_le_bytes(*tcb.as_bytes()))
    }
}
