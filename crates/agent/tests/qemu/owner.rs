//! The guest's owner: makes a session for the platform, judges the measurement, and packs a secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::sev::{LaunchDigest, Policy};
use sev_launch_abi::{Generation, Technology};
use sev_launch_agent::qemu::Files;
use sev_launch_agent::vmm::{Measured, Session as Dictated};
use sev_launch_platform::{Authority, AuthorityKeys, Primes};
use sev_launch_testkit::certs::{RsaKey, RsaSize};
use sev_launch_verify::rand_core::UnwrapErr;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::ca_certificate::CaCertificate;
use sev_launch_verify::sev::chain::{Chain, OcaRequirement, Roots};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, VerifiedLaunch};
use sev_launch_verify::sev::requirements::{PlatformRequirements, Requirements};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, Packet, SecretArea, SecretTable};
use sev_launch_verify::sev::session::Session;
use sha2::{Digest as _, Sha256};

use super::installed::{Qemu, firmware};
use super::wrapper::platform;

/// No debugging, no key sharing, not to be sent away; plain SEV.
pub(crate) const POLICY: u32 = 0xb;
/// Where the firmware has its area for secrets, and how large it is.
pub(crate) const AREA: (u64, u32) = (0x0081_0000, 0xc00);

pub(crate) fn random() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// A session for the platform's PDH, whose chain of certificates holds under a root of the tests'.
pub(crate) fn session() -> Session {
    let platform = platform();
    assert_eq!(platform.model().generation, Generation::Milan);
    let [ark, ask] = [RsaKey::ark(RsaSize::Bits4096), RsaKey::ask(RsaSize::Bits4096)];
    let primes = |[p, q]: [Vec<u8>; 2]| Primes { p: p.into(), q: q.into() };
    let keys = AuthorityKeys {
        ark: primes(ark.primes()),
        ask: primes(ask.primes()),
        asvk: primes([ark.primes()[0].clone(), ask.primes()[1].clone()]),
    };
    let authority = Authority::from_keys(platform.model().generation, &keys).expect("keys");
    let root = CaCertificate::parse(&authority.sev_ark().expect("an ARK")).expect("a certificate");
    let platform = platform.with_authority(authority).expect("of its generation");
    let chain = Chain::parse_full(&platform.full_chain().expect("a chain")).expect("certificates");
    let verdict = chain.verify(Roots::Explicit(&root), OcaRequirement::Any);
    let pdh = verdict.verified().expect("a chain that holds");
    Session::create(Policy::from_bits(POLICY), &pdh, &mut random()).expect("a session")
}

/// What the owner dictates, and its files.
pub(crate) fn dictated(qemu: &Qemu, session: &Session) -> (Dictated, Files) {
    let (godh, blob) = (session.godh_certificate().to_vec(), session.blob().to_bytes().to_vec());
    let files = Files { godh: qemu.path("godh.b64"), blob: qemu.path("session.b64") };
    for (path, bytes) in [(&files.godh, &godh), (&files.blob, &blob)] {
        std::fs::write(path, BASE64.encode(bytes)).expect("a file");
    }
    (Dictated { godh, blob, policy: POLICY, kernel_hashes: None }, files)
}

/// Judges what the host says of the guest. A guest of plain SEV without a kernel measures its firmware alone. [SEV-API, LAUNCH_MEASURE]
pub(crate) fn judge(session: Session, measured: &Measured) -> VerifiedLaunch {
    let image = std::fs::read(firmware()).expect("an image");
    let digest: LaunchDigest = hex::encode(Sha256::digest(image)).parse().expect("a digest");
    let mut references = ReferenceValues::new();
    references.add(digest, StandsFor::image(Technology::Sev, "testdata's firmware"));
    let platform = PlatformRequirements { api: Requirement::Any, build: Requirement::Any };
    let requirements = Requirements::strict(references, platform);
    let measurement = LaunchMeasurement::parse(&measured.measurement).expect("48 bytes");
    let verdict = session.into_launch().verify(&measurement, measured.version, &requirements);
    verdict.expect("the guest is what its owner expects")
}

/// A secret, packed for this guest, and the bytes that it is to find.
pub(crate) fn secret(launch: &VerifiedLaunch) -> (Packet, Vec<u8>) {
    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, b"correct horse battery staple").expect("room");
    let area = SecretArea::of_firmware(AREA.1).expect("an area");
    let plain = table.to_bytes(area).expect("a table").to_vec();
    (launch.pack_secret(&table, area, &mut random()).expect("a packet"), plain)
}
