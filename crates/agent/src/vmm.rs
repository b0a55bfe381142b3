//! What every VMM has to do for a launch, whatever it is called there.

use sev_launch_abi::PlatformVersion;

pub use crate::started::Started;

/// What a host shows of its platform before anything is launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The platform's Diffie-Hellman certificate, 2084 bytes.
    pub pdh: Vec<u8>,
    /// PEK, OCA and CEK, 3 * 2084 bytes; the CEK usually unsigned.
    pub cert_chain: Vec<u8>,
    /// The machine's id, where the VMM tells it: `cpu0-id`, QEMU 7.1 and newer.
    pub cpu_id: Option<Vec<u8>>,
    /// The place of the C-bit.
    pub cbitpos: u32,
    /// Physical address bits that are lost.
    pub reduced_phys_bits: u32,
}

/// What the owner dictates: the answer to launch, as a VMM takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The owner's Diffie-Hellman certificate (GODH), 2084 bytes.
    pub godh: Vec<u8>,
    /// The session blob, 128 bytes.
    pub blob: Vec<u8>,
    /// The guest policy.
    pub policy: u32,
    /// Must the VMM pass hashes of kernel, initrd and command line? `None` if the owner does not say.
    pub kernel_hashes: Option<bool>,
}

/// What a launched guest shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// MEASURE and MNONCE.
    pub measurement: [u8; 48],
    /// The version that the platform shows.
    pub version: PlatformVersion,
    /// The policy that the platform shows.
    pub policy: u32,
}

/// How a started guest stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits, launched and measured, for a secret or for its start (LAUNCH_SECRET).
    Waiting,
    /// It runs, or has run: no secret reaches it any more.
    Running,
    /// There is no such guest any more.
    Gone,
}

/// Why a VMM does not do what it is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VmmError {
    /// It cannot be reached, or does not answer in time. Whether it did what it was told is not known.
    #[error("{vmm}: {detail}")]
    Unreachable {
        /// Which: for example `QEMU's monitor`.
        vmm: &'static str,
        /// What happened.
        detail: String,
    },
    /// It refused, in its own words.
    #[error("{vmm} refused {command}: {words}")]
    Refused {
        /// Which.
        vmm: &'static str,
        /// Its command: for example `sev-inject-launch-secret`.
        command: String,
        /// Its words.
        words: String,
    },
    /// It answered what no VMM of its kind answers.
    #[error("{vmm}'s answer to {command}: {detail}")]
    Strange {
        /// Which.
        vmm: &'static str,
        /// Its command.
        command: String,
        /// What was found, and what was wanted.
        detail: String,
    },
    /// What was described cannot be launched so.
    #[error("{0}")]
    Description(String),
}

/// A guest that was started and stands before its first instruction.
pub trait Guest {
    /// Its measurement, with what is authenticated by it.
    ///
    /// # Errors
    ///
    /// [`VmmError`]; `Refused` too where the guest is none of SEV or SEV-ES.
    fn measured(&mut self) -> Result<Measured, VmmError>;

    /// Hands a secret in: the header of 52 bytes, and the table.
    ///
    /// # Errors
    ///
    /// [`VmmError`]; `Refused` means that the guest did not get it.
    fn inject(&mut self, header: &[u8; 52], table: &[u8]) -> Result<(), VmmError>;

    /// Lets it run.
    ///
    /// # Errors
    ///
    /// [`VmmError`].
    fn run(&mut self) -> Result<(), VmmError>;

    /// How it stands.
    ///
    /// # Errors
    ///
    /// [`VmmError`].
    fn state(&mut self) -> Result<State, VmmError>;

    /// Ends it: what was started only for this launch is gone afterwards.
    ///
    /// # Errors
    ///
    /// [`VmmError`].
    fn end(&mut self) -> Result<(), VmmError>;
}
