//! A guest's owner from end to end: a session for a verified platform, a launch measurement, and a secret after a yes.
//!
//! `cargo run -p sev-launch-verify --example guest_owner`. The platform is a pretended one, and so is its root.

use std::error::Error;

use getrandom::SysRng;
use rand_core::UnwrapErr;
use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{ApiVersion, PlatformVersion, Technology};
use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_verify::reference_values::{Description, ReferenceValues};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::chain::{Chain, OcaRequirement, Roots};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, PlatformRequirements, compute};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, SecretArea, SecretTable};
use sev_launch_verify::sev::session::Session;

fn main() -> Result<(), Box<dyn Error>> {
    let mut random = UnwrapErr(SysRng);

    // Before the launch: the platform's certificates, under a root that is pinned. Real ones end in `Roots::Pinned`.
    let chain = Chain::parse_full(&Platform::new(RsaSize::Bits4096, "example").full())?;
    let verdict = chain.verify(Roots::Explicit(chain.ca().ark()), OcaRequirement::Any);
    println!("{verdict}");
    let policy = Policy::from_bits(0x3); // NODBG, NOKS
    let session = Session::create(policy, &verdict.verified()?, &mut random)?;
    println!(
        "for the host: GODH certificate, session of {} bytes",
        session.blob().to_bytes().len()
    );

    // The host launches the guest and reports this. The digest would be that of firmware and kernel: see sev-launch-digest.
    let digest = LaunchDigest::from_bytes([0x5a; 32]);
    let version = PlatformVersion::from_numbers(1, 55, 24)?;
    let (tik, mnonce) = (&session.launch().keys().tik, [7; 16]);
    let measure = compute(tik, version, policy, &digest, &mnonce);
    let reported = LaunchMeasurement { measure, mnonce };

    // After it: is that a launch that we accept?
    let mut accepted = ReferenceValues::new();
    let image = "build 7".to_owned();
    let (vcpus, signature, profile) = (None, None, None);
    let technology = Technology::Sev;
    accepted.add(digest, Description { technology, vcpus, signature, profile, image });
    let api = Requirement::AtLeast(ApiVersion { major: 1, minor: 50 });
    let platform = PlatformRequirements { api, build: Requirement::Any };
    let launch = session.into_launch().verify(&reported, version, &accepted, &platform)?;
    println!("yes: {} on platform {}", launch.stands_for(), launch.platform_version());

    // Only a yes packs secrets.
    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, b"correct horse battery staple")?;
    let packet = launch.pack_secret(&table, SecretArea::OVMF, &mut random)?;
    println!(
        "for the host: header of {} bytes, payload of {}",
        packet.header.len(),
        packet.payload.len()
    );
    Ok(())
}
