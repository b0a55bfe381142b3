//! A guest owner's service, from end to end and all in memory: `cargo run -p sev-launch-sweep --example service`.
//!
//! It knows a guest by its `launch.toml` and files. A platform's certificates come in and a session goes out; a launch measurement comes
//! in and a packet with the guest's passphrase goes out, or a reason why not.

use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use sev_launch_abi::sev::{self, Policy};
use sev_launch_abi::{ApiVersion, PlatformVersion};
use sev_launch_description::{Description, Origin};
use sev_launch_digest::hash::Portable;
use sev_launch_evidence::HostClaims;
use sev_launch_evidence::sev_certificates::{self, PlatformFile};
use sev_launch_firmware_diff::kernel_hash_check;
use sev_launch_sweep::inside::{Inside, LooksInside};
use sev_launch_sweep::{Accepted, Inputs, Memory, Mode, Reading, Sweep};
use sev_launch_verify::requirement::Requirement::{Any, AtLeast};
use sev_launch_verify::sev::chain::{Chain, OcaRequirement, Roots};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, Packet, SecretTable};
use sev_launch_verify::sev::session::{LaunchSession, Session};

/// What the owner registered: two numbers of vCPUs are accepted.
const LAUNCH_TOML: &str = r#"
technology = "sev-es"
policy = 0x5
vcpus = [2, 4]
cpu = "EPYC-Milan"
firmware.path = "OVMF.fd"
boot.kernel = "vmlinuz"
boot.cmdline = "console=ttyS0"
"#;

/// Every digest that the registered guest may have, and where its secret goes.
fn accepted(files: &Memory) -> Result<Accepted<sev::LaunchDigest>, Box<dyn Error>> {
    let origin = Origin::file("launch.toml");
    let description = Description::from_toml(LAUNCH_TOML, &origin, "".as_ref())?;
    let mode = Mode::of(&description).ok_or("no technology")?;
    // Whoever releases a secret asks whether the firmware checks the kernel that it starts.
    let looks_inside: LooksInside =
        |image| Inside { kernel_hash_check: kernel_hash_check(image), ..Inside::default() };
    let reading = Reading { looks_inside: Some(looks_inside), ..Reading::default() };
    let inputs = Inputs::read(mode, description, reading, files, &Portable)?;
    Ok(Accepted::of(&Sweep::new(&inputs, &Portable)?)?)
}

/// A session for the platform whose certificates these are: for a lab's root here, AMD's are built in.
fn session(certificates: &[u8], ca: &[u8], root: &[u8]) -> Result<Session, Box<dyn Error>> {
    let PlatformFile::Whole(whole) = PlatformFile::parse(certificates)? else {
        return Err("these are not all of the platform's certificates".into());
    };
    let (platform, _) = *whole;
    let root = sev_certificates::ark(root)?;
    let chain = Chain::new(platform, sev_certificates::ca(ca)?);
    let platform = chain.verify(Roots::Explicit(&root), OcaRequirement::Any).verified()?;
    Ok(Session::create(Policy::from_bits(0x5), &platform, &mut UnwrapErr(SysRng))?)
}

/// The packet for a launch that is acceptable.
fn decide(
    session: LaunchSession,
    claims: &HostClaims,
    accepted: Accepted<sev::LaunchDigest>,
) -> Result<Packet, Box<dyn Error>> {
    let measurement = claims.measurement.ok_or("no measurement")?;
    let number = |what: Option<u64>| what.ok_or("the platform's version is not told whole");
    let version = PlatformVersion::from_numbers(
        number(claims.api_major)?,
        number(claims.api_minor)?,
        number(claims.build_id)?,
    )?;
    let area = accepted.secret_place.area()?;
    let api = AtLeast(ApiVersion { major: 1, minor: 51 });
    let platform = PlatformRequirements { api, build: Any };
    // This guest may share its key and be sent away; debugging stays refused.
    let policy = PolicyRequirements { noks: Any, nosend: Any, ..PolicyRequirements::STRICT };
    let strict = Requirements::strict(accepted.references, platform);
    let launch = session.verify(&measurement, version, &Requirements { policy, ..strict })?;
    println!("yes: {}", launch.stands_for());
    let mut secrets = SecretTable::new();
    secrets.add(LUKS_PASSPHRASE, b"correct horse battery staple")?;
    Ok(launch.pack_secret(&secrets, area, &mut UnwrapErr(SysRng))?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (image, kernel) = (host::firmware(), b"a kernel".to_vec());
    let files = Memory::from([("OVMF.fd", image.clone()), ("vmlinuz", kernel.clone())]);
    let accepted = accepted(&files)?;
    let session = session(host::CERTIFICATES, host::CA, host::ROOT)?;
    let (tik, launch) = (*session.launch().keys().tik.expose(), session.into_launch());
    // The host has launched the guest, and QEMU tells this.
    let answer = host::query_launch_measure(&tik, &image, &kernel, 4);
    let packet = decide(launch, &HostClaims::parse(answer.as_bytes())?, accepted)?;
    println!("header:  {}", BASE64.encode(packet.header));
    println!("payload: {}", BASE64.encode(&packet.payload));
    Ok(())
}

/// The other side: a made-up platform and what it measures, by the independent computation of the test kit.
mod host {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use sev_launch_testkit::expected::{self, Layout};
    use sev_launch_testkit::firmware::FirmwareBuilder;

    pub(super) const CERTIFICATES: &[u8] =
        include_bytes!("../../../testdata/sev/platform.chain").as_slice();
    pub(super) const CA: &[u8] = include_bytes!("../../../testdata/sev/ca.cert").as_slice();
    pub(super) const ROOT: &[u8] = include_bytes!("../../../testdata/sev/ark.cert").as_slice();

    pub(super) fn firmware() -> Vec<u8> {
        FirmwareBuilder::amd_sev().build()
    }

    /// QMP's answers to `query-sev` and `query-sev-launch-measure` in one, for a guest with that many vCPUs.
    pub(super) fn query_launch_measure(
        tik: &[u8; 16],
        image: &[u8],
        kernel: &[u8],
        vcpus: u32,
    ) -> String {
        let table = expected::hashes_table(kernel, None, Some(b"console=ttyS0"));
        let (signature, reset) = (0x00a0_0f11, 0x0080_b004);
        let pages = expected::vmsa_pages(Layout::QemuNofpu, signature, 0, reset, vcpus);
        let digest = expected::sev_es(image, Some(&table), &pages);
        let (version, mnonce) = ([1, 55, 24], [7; 16]);
        let blob = expected::measurement(tik, version, 0x5, digest, mnonce);
        format!(
            r#"{{"return": {{"data": "{}", "api-major": 1, "api-minor": 55, "build-id": 24, "policy": 5, "state": "launch-secret"}}}}"#,
            BASE64.encode(blob)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet_for(vcpus: u32, kernel: &[u8]) -> Result<Packet, Box<dyn Error>> {
        let (image, registered) = (host::firmware(), b"a kernel".to_vec());
        let files = Memory::from([("OVMF.fd", image.clone()), ("vmlinuz", registered)]);
        let session = session(host::CERTIFICATES, host::CA, host::ROOT)?;
        let (tik, launch) = (*session.launch().keys().tik.expose(), session.into_launch());
        let answer = host::query_launch_measure(&tik, &image, kernel, vcpus);
        decide(launch, &HostClaims::parse(answer.as_bytes())?, accepted(&files)?)
    }

    #[test]
    fn a_registered_guest_gets_its_secret() {
        main().expect("a packet");
        assert!(packet_for(2, b"a kernel").is_ok());
    }

    #[test]
    fn another_guest_gets_none() {
        assert!(packet_for(3, b"a kernel").is_err());
        assert!(packet_for(4, b"another kernel").is_err());
    }
}
