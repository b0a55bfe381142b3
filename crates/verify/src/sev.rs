//! SEV and SEV-ES: certificates of the platform, launch sessions, launch measurements, secrets.
//!
//! Evidence passes three doors: [`chain::Chain::verify`] makes a [`chain::VerifiedPdh`], a [`session::Session`] is made for it,
//! and [`session::LaunchSession::verify`] takes the measurement and the [`requirements::Requirements`] and makes a
//! [`measurement::VerifiedLaunch`], which alone packs secrets. The whole way, with a platform that nobody verified:
//!
//! ```
//! use sev_launch_verify::abi::{Technology, sev::LaunchDigest, sev::Policy};
//! # use sev_launch_verify::abi::PlatformVersion;
//! # use sev_launch_verify::rand_core::UnwrapErr;
//! use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
//! # use sev_launch_verify::requirement::Requirement;
//! # use sev_launch_verify::sev::keys::PrivateKey;
//! use sev_launch_verify::sev::measurement::{LaunchMeasurement, compute};
//! use sev_launch_verify::sev::requirements::{PlatformRequirements, Requirements};
//! use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, SecretArea, SecretTable};
//! use sev_launch_verify::sev::session::{Session, UnverifiedPdh};
//! # let random = &mut UnwrapErr(getrandom::SysRng);
//! # let pdh = UnverifiedPdh(PrivateKey::generate(random)?.public_point());
//! # let platform = PlatformRequirements { api: Requirement::Any, build: Requirement::Any };
//! # let version = PlatformVersion { major: 1, minor: 55, build: 24 };
//! # let digest = LaunchDigest::from_bytes([0x5a; 32]);
//!
//! let policy = Policy::from_bits(0xb); // NODBG, NOKS, NOSEND
//! let session = Session::create_unverified(policy, &pdh, random)?;
//!
//! // The host launches the guest, and reports this.
//! let (tik, mnonce) = (&session.launch().keys().tik, [7; 16]);
//! let measure = compute(tik, version, policy, &digest, &mnonce);
//! let reported = LaunchMeasurement { measure, mnonce };
//!
//! let mut references = ReferenceValues::new();
//! references.add(digest, StandsFor::image(Technology::Sev, "build 7"));
//! let requirements = Requirements::strict(references, platform);
//! let launch = session.into_launch().verify(&reported, version, &requirements)?;
//!
//! let mut table = SecretTable::new();
//! table.add(LUKS_PASSPHRASE, b"correct horse battery staple")?;
//! let packet = launch.pack_secret(&table, SecretArea::OVMF, random)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod attestation_report;
pub mod ca_certificate;
pub mod certificate;
pub mod chain;
pub mod godh;
pub mod keys;
mod measure_key;
pub mod measurement;
pub mod requirements;
pub mod secret;
pub mod session;
