//! A SEV-ES launch measurement to a secret packet: `cargo run -p sev-launch-verify --example sev_es_secret`.
//!
//! The launch is `measure/el9-es-4` of `testdata/vectors/digests.json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_verify::abi::{ApiVersion, PlatformVersion, Technology, sev::Policy};
use sev_launch_verify::rand_core::UnwrapErr;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::LaunchMeasurement;
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, SecretArea, SecretTable};
use sev_launch_verify::sev::session::LaunchSession;

/// The launch digest of the guest, as `sev-launch digest` prints it.
const DIGEST: &str = "cfdae30b57ab188b5c7773b15be0a2f0bca8c12f8f6b0b8cb33a69c674eb26f7";
/// What the host reports: the measurement, and the version of its platform.
const BLOB: &str = "XRLStqp3Vk0/R+bUpvaoaE+3OY1noecWYFmeCopFOk8QERITFBUWFxgZGhscHR4f";
const VERSION: PlatformVersion = PlatformVersion { major: 1, minor: 55, build: 24 };

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Kept since the session was made by `Session::create`: its keys, and the policy that it was made for.
    let tik: [u8; 16] = std::array::from_fn(|byte| u8::try_from(byte).unwrap_or_default());
    let keys = SessionKeys { tik: Tik::from_bytes(&tik)?, tek: Tek::from_bytes(&[7; 16])? };
    let session = LaunchSession::from_stored_keys(keys, Policy::from_bits(0x5))?;

    let mut references = ReferenceValues::new();
    references.add(DIGEST.parse()?, StandsFor::image(Technology::SevEs, "build 7, 4 vCPUs"));
    let api = Requirement::AtLeast(ApiVersion { major: 1, minor: 51 });
    let platform = PlatformRequirements { api, build: Requirement::Any };
    // This guest may share its key and be sent away; debugging stays refused.
    let any = Requirement::Any;
    let policy = PolicyRequirements { noks: any, nosend: any, ..PolicyRequirements::STRICT };
    let requirements = Requirements { policy, ..Requirements::strict(references, platform) };

    let measurement = LaunchMeasurement::parse(&BASE64.decode(BLOB)?)?;
    let launch = session.verify(&measurement, VERSION, &requirements)?;
    println!("yes: {}", launch.stands_for());

    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, b"correct horse battery staple")?;
    let random = &mut UnwrapErr(getrandom::SysRng);
    let packet = launch.pack_secret(&table, SecretArea::OVMF, random)?;
    println!("header:  {}", BASE64.encode(packet.header));
    println!("payload: {}", BASE64.encode(&packet.payload));
    Ok(())
}

#[test]
fn it_runs() {
    main().expect("the secret is packed");
}
