//! SEV and SEV-ES guests: the launch commands, each with the firmware's checks in the firmware's order.
//!
//! Defined by [SEV-API, guest management commands]. Where the document leaves the order of checks open, it is that of AMD's published firmware
//! ([ASPFW, sev_mcmd_launch_start] and its neighbours).

use core::fmt;

use sev_launch_abi::PAGE_SIZE;
use sev_launch_abi::sev::Policy;
use sev_launch_abi::sev::policy::Flag;
use sha2::{Digest as _, Sha256};

use crate::guest::{GuestState, GuestStatus, Handle};
use crate::layout::put;
use crate::platform::{Platform, PlatformState};
use crate::session::{Channel, MAX_SECRET_SIZE, PACKET_HEADER_SIZE, Session};
use crate::status::Status;

/// Bytes of a launch measurement: MEASURE and MNONCE. [SEV-API, LAUNCH_MEASURE]
pub const MEASUREMENT_SIZE: usize = 48;
/// What the firmware measures and encrypts at once. [SEV-API, LAUNCH_UPDATE_DATA]
const BLOCK: usize = 16;

/// A guest of SEV or SEV-ES.
pub(crate) struct SevGuest {
    pub(crate) asid: u32,
    policy: Policy,
    state: GuestState,
    /// GCTX.LD: all that was handed over so far.
    measured: Sha256,
    /// MEASURE, from LAUNCH_MEASURE on: LAUNCH_SECRET's MAC covers it.
    measure: Option<[u8; 32]>,
    /// TEK and TIK, until LAUNCH_FINISH.
    channel: Option<Channel>,
}

impl fmt::Debug for SevGuest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asid, policy, state, .. } = self;
        write!(f, "SevGuest({state}, ASID {asid}, policy {policy})")
    }
}

impl SevGuest {
    /// GCTX.LD as it is now.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.measured.clone().finalize().into()
    }

    fn in_state(&self, wanted: GuestState) -> Result<(), Status> {
        if self.state == wanted { Ok(()) } else { Err(Status::InvalidGuestState) }
    }
}

impl Platform {
    /// LAUNCH_START: a guest with a policy, and with the owner's session where there is one.
    ///
    /// The policy's reserved bits and its lowest version are checked with a session and without one, as the document has it; AMD's published
    /// firmware looks at them only with a session.
    ///
    /// Errors: INVALID_PLATFORM_STATE; with a session INVALID_LENGTH, INVALID_CERTIFICATE for the GODH, BAD_MEASUREMENT for either MAC;
    /// POLICY_FAILURE for reserved bits and for a version above this one; UNSUPPORTED for SEV-ES where it is off; RESOURCE_LIMIT without a free
    /// ASID.
    pub fn launch_start(
        &mut self,
        policy: u32,
        session: Option<Session<'_>>,
    ) -> Result<Handle, Status> {
        self.start(policy, session, None)
    }

    /// LAUNCH_START with the handle of another guest, whose memory encryption key the new one shares.
    ///
    /// Errors: those of [`Platform::launch_start`]; INVALID_GUEST where there is no such guest; POLICY_FAILURE where its policy is another one, or
    /// forbids sharing (NOKS).
    pub fn launch_start_shared(
        &mut self,
        policy: u32,
        session: Option<Session<'_>>,
        other: Handle,
    ) -> Result<Handle, Status> {
        self.start(policy, session, Some(other))
    }

    fn start(
        &mut self,
        policy: u32,
        session: Option<Session<'_>>,
        shared: Option<Handle>,
    ) -> Result<Handle, Status> {
        self.initialised()?;
        let policy = Policy::from_bits(policy);
        let channel = match session {
            Some(session) => Channel::open(session, &self.identity.pdh(self.seed()), policy)?,
            None => Channel::without_owner(),
        };
        if !self.meets(policy.min_api()) || policy.reserved_bits() != 0 {
            return Err(Status::PolicyFailure);
        }
        if let Some(other) = shared {
            let other = self.guests.get(&other.0).ok_or(Status::InvalidGuest)?;
            if other.policy != policy || policy.has(Flag::Noks) {
                return Err(Status::PolicyFailure);
            }
        }
        if policy.has(Flag::Es) && !self.is_es_enabled {
            return Err(Status::Unsupported);
        }
        let asid = self.free_asid(policy.technology())?;
        let handle = self.free_handle(policy.technology());
        let guest = SevGuest {
            asid,
            policy,
            state: GuestState::LaunchUpdate,
            measured: Sha256::new(),
            measure: None,
            channel: Some(channel),
        };
        self.guests.insert(handle.0, guest);
        self.state = PlatformState::Working;
        Ok(handle)
    }

    /// LAUNCH_UPDATE_DATA: measures memory that the host hands over.
    ///
    /// Errors: INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_GUEST_STATE after LAUNCH_MEASURE, INVALID_LENGTH for no bytes and for a number that is
    /// no multiple of 16.
    pub fn launch_update_data(&mut self, handle: Handle, bytes: &[u8]) -> Result<(), Status> {
        let guest = self.sev_guest(handle)?;
        guest.in_state(GuestState::LaunchUpdate)?;
        if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK) {
            return Err(Status::InvalidLength);
        }
        guest.measured.update(bytes);
        Ok(())
    }

    /// LAUNCH_UPDATE_VMSA: measures a vCPU's save area, 4096 bytes.
    ///
    /// Errors: INVALID_LENGTH before all others; INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_GUEST_STATE after LAUNCH_MEASURE, UNSUPPORTED for a
    /// guest without SEV-ES.
    pub fn launch_update_vmsa(&mut self, handle: Handle, page: &[u8]) -> Result<(), Status> {
        if page.len() != PAGE_SIZE {
            return Err(Status::InvalidLength);
        }
        let guest = self.sev_guest(handle)?;
        guest.in_state(GuestState::LaunchUpdate)?;
        if !guest.policy.has(Flag::Es) {
            return Err(Status::Unsupported);
        }
        guest.measured.update(page);
        Ok(())
    }

    /// LAUNCH_MEASURE: MEASURE (32 bytes) and MNONCE (16 bytes). From now on nothing more is measured, and secrets may come.
    ///
    /// Errors: INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_GUEST_STATE where it was measured already.
    pub fn launch_measure(&mut self, handle: Handle) -> Result<[u8; MEASUREMENT_SIZE], Status> {
        self.sev_guest(handle)?.in_state(GuestState::LaunchUpdate)?;
        let mnonce: [u8; 16] = self.draw();
        let version = self.model.version();
        let guest = self.sev_guest(handle)?;
        let channel = guest.channel.as_ref().ok_or(Status::InvalidGuestState)?;
        // 4: the label of LAUNCH_MEASURE. [SEV-API, LAUNCH_MEASURE]
        let head = [4, version.major, version.minor, version.build];
        let measure =
            channel.measure(&[&head, &guest.policy.to_le_bytes(), &guest.digest(), &mnonce]);
        guest.measure = Some(measure);
        guest.state = GuestState::LaunchSecret;
        let mut blob = [0; MEASUREMENT_SIZE];
        put(&mut blob, 0, &measure);
        put(&mut blob, 32, &mnonce);
        Ok(blob)
    }

    /// LAUNCH_SECRET: checks a packet and gives its plaintext, which the firmware would put where the host says. It may be given again.
    ///
    /// `guest_length` is the space in the guest, in bytes; it is under the MAC. The header has 52 bytes: FLAGS, IV, MAC.
    ///
    /// Errors: INVALID_PLATFORM_STATE; INVALID_GUEST; INVALID_LENGTH for another header, for a space that is 0, over 16384 or no multiple of 16, and
    /// where the packet is not as long as the space; INVALID_GUEST_STATE before LAUNCH_MEASURE and after LAUNCH_FINISH; BAD_MEASUREMENT for the MAC;
    /// UNSUPPORTED for a compressed packet.
    pub fn launch_secret(
        &mut self,
        handle: Handle,
        header: &[u8],
        packet: &[u8],
        guest_length: usize,
    ) -> Result<Vec<u8>, Status> {
        let guest = self.sev_guest(handle)?;
        let header: &[u8; PACKET_HEADER_SIZE] =
            header.try_into().map_err(|_| Status::InvalidLength)?;
        let is_allowed = guest_length != 0
            && guest_length <= MAX_SECRET_SIZE
            && guest_length.is_multiple_of(BLOCK)
            && guest_length == packet.len();
        if !is_allowed {
            return Err(Status::InvalidLength);
        }
        guest.in_state(GuestState::LaunchSecret)?;
        let (Some(channel), Some(measure)) = (&guest.channel, &guest.measure) else {
            return Err(Status::InvalidGuestState);
        };
        channel.open_packet(header, packet, measure)
    }

    /// LAUNCH_FINISH: the guest may run. Its TEK and TIK are wiped.
    ///
    /// Errors: INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_GUEST_STATE before LAUNCH_MEASURE and where it was finished already.
    pub fn launch_finish(&mut self, handle: Handle) -> Result<(), Status> {
        let guest = self.sev_guest(handle)?;
        guest.in_state(GuestState::LaunchSecret)?;
        guest.channel = None;
        guest.measure = None;
        guest.state = GuestState::Running;
        Ok(())
    }

    /// GUEST_STATUS. A handle that no guest has is answered as the firmware does it: UNINIT, and zeros.
    ///
    /// Errors: INVALID_PLATFORM_STATE where it is not initialised.
    pub fn guest_status(&self, handle: Handle) -> Result<GuestStatus, Status> {
        self.initialised()?;
        let unknown = GuestStatus { policy: 0, state: GuestState::Uninit, asid: 0 };
        Ok(self.guests.get(&handle.0).map_or(unknown, |guest| GuestStatus {
            policy: guest.policy.bits(),
            state: guest.state,
            asid: guest.asid,
        }))
    }

    /// ATTESTATION: the platform's own report of a guest, 208 bytes, signed by the PEK. It proves no session.
    ///
    /// Errors: INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_GUEST_STATE before LAUNCH_MEASURE.
    pub fn attestation(
        &mut self,
        handle: Handle,
        mnonce: [u8; 16],
    ) -> Result<[u8; crate::attestation::REPORT_SIZE], Status> {
        let guest = self.sev_guest(handle)?;
        if !matches!(guest.state, GuestState::LaunchSecret | GuestState::Running) {
            return Err(Status::InvalidGuestState);
        }
        let (digest, policy) = (guest.digest(), guest.policy);
        let pek = self.identity.pek(self.seed());
        Ok(crate::attestation::report(&pek, mnonce, digest, policy))
    }

    fn sev_guest(&mut self, handle: Handle) -> Result<&mut SevGuest, Status> {
        if self.state != PlatformState::Working {
            return Err(Status::InvalidPlatformState);
        }
        self.guests.get_mut(&handle.0).ok_or(Status::InvalidGuest)
    }
}

#[cfg(test)]
mod tests {
    use sev_launch_abi::Generation;

    use super::*;
    use crate::model::Model;

    #[test]
    fn a_finished_launch_keeps_no_key() {
        let mut platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
        let guest = platform.launch_start(0x1, None).unwrap();
        platform.launch_measure(guest).unwrap();
        assert!(platform.guests[&guest.0].channel.is_some());
        platform.launch_finish(guest).unwrap();
        assert!(platform.guests[&guest.0].channel.is_none());
        assert!(platform.guests[&guest.0].measure.is_none());
    }
}
