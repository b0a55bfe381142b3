//! The AMD-SP itself: its state, its identity, and the commands that belong to no guest.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use core::fmt;

use sev_launch_abi::{ApiVersion, LaunchDigest, PlatformVersion, Technology, sev, snp};
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::certificate::CERTIFICATE_SIZE;
use crate::guest::Handle;
use crate::identity::Identity;
use crate::layout::put;
use crate::model::Model;
use crate::random::Generator;
use crate::sev_guest::SevGuest;
use crate::snp_guest::SnpGuest;
use crate::snp_settings::SnpSettings;
use crate::status::Status;

/// Bytes of the seed.
pub const SEED_SIZE: usize = 32;
/// Bytes of PEK, OCA and CEK together.
pub const CERT_CHAIN_SIZE: usize = 3 * CERTIFICATE_SIZE;
/// The first number of an SNP guest's handle.
const FIRST_SNP_HANDLE: u32 = 0x8000_0000;
/// The ASIDs of SEV-ES and SNP guests, and those of SEV guests: a host with 509 of which the first 99 are kept for encrypted registers.
/// [Linux, sev_hardware_setup]
const ES_ASIDS: core::ops::RangeInclusive<u32> = 1..=99;
const SEV_ASIDS: core::ops::RangeInclusive<u32> = 100..=509;

/// What every chip's identity begins with, so that nobody takes it for one of AMD's. Turin's has room for no more than its first bytes.
const MARK: &[u8] = b"sev-launch simulation ";
/// The same for Turin, whose identity has 8 bytes.
const SHORT_MARK: &[u8] = b"sim";

sev_launch_abi::named! {
    /// The state of the platform. [SEV-API, PSTATE]
    pub enum PlatformState, number: u8 {
        /// Not initialised.
        Uninit = 0 => "UNINIT",
        /// Initialised, without a guest of SEV or SEV-ES.
        Init = 1 => "INIT",
        /// Initialised, with one.
        Working = 2 => "WORKING",
    }
}

/// What PLATFORM_STATUS answers. [SEV-API, PLATFORM_STATUS]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformStatus {
    /// API version and build.
    pub version: PlatformVersion,
    /// The platform's state.
    pub state: PlatformState,
    /// Has an owner imported a certificate chain?
    pub is_externally_owned: bool,
    /// Are SEV-ES guests possible?
    pub is_es_enabled: bool,
    /// How many guests of SEV and SEV-ES there are.
    pub guests: u32,
}

impl PlatformStatus {
    /// The 12 bytes: API_MAJOR, API_MINOR, state, owner (bit 0), SEV-ES (bit 0), three more of flags and BUILD, guest count as u32 LE.
    pub fn to_bytes(&self) -> [u8; 12] {
        let PlatformVersion { major, minor, build } = self.version;
        let owner = u8::from(self.is_externally_owned);
        let es = u8::from(self.is_es_enabled);
        let mut bytes = [major, minor, self.state.number(), owner, es, 0, 0, build, 0, 0, 0, 0];
        put(&mut bytes, 8, &self.guests.to_le_bytes());
        bytes
    }
}

/// What PDH_CERT_EXPORT answers. [SEV-API, PDH_CERT_EXPORT]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PdhExport {
    /// The PDH's certificate, 2084 bytes.
    pub pdh: [u8; CERTIFICATE_SIZE],
    /// PEK, OCA and CEK. The CEK has no signature, as in what the firmware exports: AMD's key server has the signed one, and so has
    /// [`Platform::signed_cek`].
    pub chain: [u8; CERT_CHAIN_SIZE],
}

/// An AMD secure processor in software.
///
/// It is initialised as Linux does it at first use, SEV-ES included. Every guest has an ASID from its start, since KVM activates it then. Nothing
/// is encrypted: memory comes in as bytes, is measured, and stays where it was.
///
/// All that a chip draws or has burnt in follows from the seed, so the same seed and the same commands give the same answers, nonces included.
pub struct Platform {
    pub(crate) model: Model,
    pub(crate) seed: Box<Zeroizing<[u8; SEED_SIZE]>>,
    pub(crate) state: PlatformState,
    pub(crate) is_es_enabled: bool,
    pub(crate) identity: Identity,
    /// How often the firmware's random number generator was asked.
    pub(crate) draws: u64,
    pub(crate) guests: BTreeMap<u32, SevGuest>,
    pub(crate) snp: SnpSettings,
    pub(crate) snp_guests: BTreeMap<u32, SnpGuest>,
    /// Made when it is first needed: RSA keys are searched for some seconds.
    pub(crate) authority: OnceLock<Authority>,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, state, guests, snp_guests, .. } = self;
        write!(f, "Platform({} {}, {state}, ", model.generation, model.version())?;
        write!(f, "{} guests, {} SNP guests, seed ..)", guests.len(), snp_guests.len())
    }
}

impl Platform {
    /// A platform that owns itself, initialised and without a guest. The seed is all that is secret of it.
    pub fn new(model: Model, seed: &[u8; SEED_SIZE]) -> Self {
        let mut kept = Box::new(Zeroizing::new([0; SEED_SIZE]));
        kept.copy_from_slice(seed);
        Self {
            model,
            seed: kept,
            state: PlatformState::Init,
            is_es_enabled: true,
            identity: Identity::default(),
            draws: 0,
            guests: BTreeMap::new(),
            snp: SnpSettings::of(model),
            snp_guests: BTreeMap::new(),
            authority: OnceLock::new(),
        }
    }

    /// Another run of the same chip: what the firmware draws from here on is told by this number too. With a random one, runs that know nothing of
    /// each other share no nonce.
    pub const fn draw_from(&mut self, number: u64) {
        self.draws = number;
    }

    /// The processor and its firmware's version.
    pub const fn model(&self) -> Model {
        self.model
    }

    /// INIT: without SEV-ES where `es` is false, and then without SNP too. [SEV-API, INIT]
    ///
    /// Errors: INVALID_PLATFORM_STATE where it is initialised already.
    pub fn init(&mut self, es: bool) -> Result<(), Status> {
        if self.state != PlatformState::Uninit {
            return Err(Status::InvalidPlatformState);
        }
        self.state = PlatformState::Init;
        self.is_es_enabled = es;
        Ok(())
    }

    /// SHUTDOWN: every guest is gone. [SEV-API, SHUTDOWN]
    pub fn shutdown(&mut self) {
        self.guests.clear();
        self.snp_guests.clear();
        self.state = PlatformState::Uninit;
    }

    /// PLATFORM_STATUS. An uninitialised platform says nothing about owner, SEV-ES and guests.
    pub fn status(&self) -> PlatformStatus {
        let is_initialised = self.state != PlatformState::Uninit;
        PlatformStatus {
            version: self.model.version(),
            state: self.state,
            is_externally_owned: is_initialised && self.identity.external.is_some(),
            is_es_enabled: is_initialised && self.is_es_enabled,
            guests: u32::try_from(self.guests.len()).unwrap_or(u32::MAX),
        }
    }

    /// GET_ID2: the chip's identity, which is CHIP_ID in reports too. 64 bytes; on Turin 8, and zeros. It begins with a mark of the simulation.
    pub fn id(&self) -> [u8; 64] {
        let mut id = [0; 64];
        let mut stream = Generator::new(self.seed(), "chip", 0);
        match self.model.generation {
            sev_launch_abi::Generation::Turin => {
                put(&mut id, 0, &stream.array::<8>());
                put(&mut id, 0, SHORT_MARK);
            }
            _ => {
                stream.fill(&mut id);
                put(&mut id, 0, MARK);
            }
        }
        id
    }

    /// PDH_CERT_EXPORT.
    ///
    /// Errors: INVALID_PLATFORM_STATE where it is not initialised.
    pub fn pdh_cert_export(&self) -> Result<PdhExport, Status> {
        self.initialised()?;
        let api = self.model.api;
        let certificates = [
            self.identity.pek_certificate(self.seed(), api),
            self.identity.oca_certificate(self.seed(), api),
            Identity::exported_cek(self.seed(), api),
        ];
        let mut chain = [0; CERT_CHAIN_SIZE];
        put(&mut chain, 0, certificates.as_flattened());
        Ok(PdhExport { pdh: self.identity.pdh_certificate(self.seed(), api), chain })
    }

    /// PEK_CSR: the PEK's certificate for an owner to sign, 2084 bytes with two empty slots.
    ///
    /// Errors: INVALID_PLATFORM_STATE where it is not initialised.
    pub fn pek_csr(&self) -> Result<[u8; CERTIFICATE_SIZE], Status> {
        self.initialised()?;
        Ok(self.identity.pek_csr(self.seed(), self.model.api))
    }

    /// PEK_CERT_IMPORT: an owner's OCA, and the PEK that it signed. The PDH is made anew.
    ///
    /// Errors: INVALID_PLATFORM_STATE where there are guests, or it is not initialised; ALREADY_OWNED; INVALID_LENGTH; INVALID_CERTIFICATE;
    /// BAD_SIGNATURE.
    pub fn pek_cert_import(&mut self, pek: &[u8], oca: &[u8]) -> Result<(), Status> {
        self.without_guests()?;
        self.identity.import(&**self.seed, self.model.api, pek, oca)
    }

    /// PEK_GEN: OCA, PEK and PDH are made anew, and the platform owns itself again.
    ///
    /// Errors: INVALID_PLATFORM_STATE where there are guests, or it is not initialised.
    pub fn pek_gen(&mut self) -> Result<(), Status> {
        self.without_guests()?;
        self.identity.pek_number = self.identity.pek_number.wrapping_add(1);
        self.identity.pdh_number = self.identity.pdh_number.wrapping_add(1);
        self.identity.external = None;
        Ok(())
    }

    /// PDH_GEN: the PDH is made anew. Sessions that were made for the last one open no more.
    ///
    /// Errors: INVALID_PLATFORM_STATE where it is not initialised.
    pub fn pdh_gen(&mut self) -> Result<(), Status> {
        self.initialised()?;
        self.identity.pdh_number = self.identity.pdh_number.wrapping_add(1);
        Ok(())
    }

    /// The launch digest of what was measured so far, or of what was measured at LAUNCH_MEASURE. No firmware tells it before.
    ///
    /// Errors: INVALID_GUEST.
    pub fn digest(&self, handle: Handle) -> Result<LaunchDigest, Status> {
        if let Some(guest) = self.guests.get(&handle.0) {
            return Ok(sev::LaunchDigest::from_bytes(guest.digest()).into());
        }
        let guest = self.snp_guests.get(&handle.0).ok_or(Status::InvalidGuest)?;
        Ok(snp::LaunchDigest::from_bytes(guest.digest).into())
    }

    /// DECOMMISSION, for guests of every technology: the guest is gone, its keys are wiped. A handle that no guest has is passed over.
    pub fn decommission(&mut self, handle: Handle) {
        self.guests.remove(&handle.0);
        self.snp_guests.remove(&handle.0);
        if self.guests.is_empty() && self.state == PlatformState::Working {
            self.state = PlatformState::Init;
        }
    }

    pub(crate) fn seed(&self) -> &[u8] {
        self.seed.as_slice()
    }

    /// The next bytes of the firmware's random number generator.
    pub(crate) fn draw<const N: usize>(&mut self) -> [u8; N] {
        let bytes = Generator::new(self.seed(), "draw", self.draws).array();
        self.draws = self.draws.wrapping_add(1);
        bytes
    }

    pub(crate) fn initialised(&self) -> Result<(), Status> {
        match self.state {
            PlatformState::Uninit => Err(Status::InvalidPlatformState),
            PlatformState::Init | PlatformState::Working => Ok(()),
        }
    }

    fn without_guests(&self) -> Result<(), Status> {
        match self.state {
            PlatformState::Init => Ok(()),
            PlatformState::Uninit | PlatformState::Working => Err(Status::InvalidPlatformState),
        }
    }

    /// The lowest ASID that is free for a guest of this technology.
    pub(crate) fn free_asid(&self, technology: Technology) -> Result<u32, Status> {
        let taken = |asid: &u32| {
            self.guests.values().any(|guest| guest.asid == *asid)
                || self.snp_guests.values().any(|guest| guest.asid == *asid)
        };
        let mut asids = match technology {
            Technology::Sev => SEV_ASIDS,
            Technology::SevEs | Technology::Snp => ES_ASIDS,
        };
        asids.find(|asid| !taken(asid)).ok_or(Status::ResourceLimit)
    }

    /// The lowest handle that is free.
    pub(crate) fn free_handle(&self, technology: Technology) -> Handle {
        Handle(match technology {
            Technology::Snp => lowest_free(FIRST_SNP_HANDLE, &self.snp_guests),
            Technology::Sev | Technology::SevEs => lowest_free(1, &self.guests),
        })
    }

    /// Is this API version at least `wanted`?
    #[must_use]
    pub(crate) fn meets(&self, wanted: ApiVersion) -> bool {
        self.model.api >= wanted
    }
}

/// The lowest number from `first` on that is no key. There are never more guests than ASIDs, so one is found at once.
fn lowest_free<T>(first: u32, guests: &BTreeMap<u32, T>) -> u32 {
    (first..u32::MAX).find(|number| !guests.contains_key(number)).unwrap_or(u32::MAX)
}
