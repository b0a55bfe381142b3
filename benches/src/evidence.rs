//! Evidence that verifies: a launch measurement, a SEV platform's chain, an SNP report with its chain.
//!
//! All of it is signed by the testkit's throwaway keys. Their sizes are those of real ones but for the RSA keys of the SNP chain:
//! AMD's have 4096 bits and these 2048, so a real SNP chain costs some four times as much for its signatures.

use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{PlatformVersion, Technology};
use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_testkit::expected;
use sev_launch_testkit::report::{Authority, NOT_BEFORE, Vek as MadeUpVek};
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement::Any;
use sev_launch_verify::roots::Roots;
use sev_launch_verify::sev::chain::{Chain as SevChain, OcaRequirement, VerifiedPdh};
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, VerifiedLaunch};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::session::LaunchSession;
use sev_launch_verify::snp::certificate::{CaCertificate, Vek};
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, VerifiedVek};
use sev_launch_verify::snp::report::{
    MaskedChipId, ReportOptions, UnknownVersion, UnverifiedReport, VerifiedReport,
};

const TIK: [u8; 16] = [7; 16];
const VERSION: PlatformVersion = PlatformVersion { major: 1, minor: 55, build: 24 };
const POLICY: u32 = 5;
const PRODUCT: &str = "Milan";

/// A launch measurement, and the digests that are accepted.
#[derive(Debug)]
pub struct Measurement {
    blob: [u8; 48],
    requirements: Requirements,
}

impl Measurement {
    /// With one reference value, which matches.
    pub fn make() -> Self {
        let mut accepted = ReferenceValues::new();
        let stands_for = StandsFor { vcpus: Some(1), ..StandsFor::image(Technology::SevEs, "") };
        accepted.add(LaunchDigest::from_bytes([0; 32]), stands_for);
        let version = [VERSION.major, VERSION.minor, VERSION.build];
        let blob = expected::measurement(&TIK, version, POLICY, [0; 32], [9; 16]);
        let platform = PlatformRequirements { api: Any, build: Any };
        let policy = PolicyRequirements { noks: Any, nosend: Any, ..PolicyRequirements::STRICT };
        let requirements = Requirements { policy, ..Requirements::strict(accepted, platform) };
        Self { blob, requirements }
    }

    /// Parses and verifies it, with a session made of stored keys.
    pub fn verify(&self) -> VerifiedLaunch {
        let key = "16 bytes are a key";
        let keys = SessionKeys {
            tek: Tek::from_bytes(&TIK.map(|byte| !byte)).expect(key),
            tik: Tik::from_bytes(&TIK).expect(key),
        };
        let session = LaunchSession::from_stored_keys(keys, Policy::from_bits(POLICY))
            .expect("no reserved bits");
        let blob = LaunchMeasurement::parse(&self.blob).expect("48 bytes");
        session.verify(&blob, VERSION, &self.requirements).expect("the digest is the one measured")
    }
}

/// All certificates of a SEV platform, under a root of its own.
#[derive(Debug)]
pub struct SevPlatform(Vec<u8>);

impl SevPlatform {
    /// With keys of 4096 bits, as AMD's since Rome.
    pub fn make() -> Self {
        Self(Platform::new(RsaSize::Bits4096, "benches").full())
    }

    /// Parses the six certificates and makes all nine checks.
    pub fn verify(&self) -> VerifiedPdh {
        let chain = SevChain::parse_full(&self.0).expect("the testkit makes valid chains");
        let verdict = chain.verify(Roots::Explicit(chain.ca().ark()), OcaRequirement::Any);
        verdict.verified().expect("every link holds")
    }
}

/// An SNP report and the certificates above it, as DER.
#[derive(Debug)]
pub struct SnpEvidence {
    report: Vec<u8>,
    vcek: Vec<u8>,
    ask: Vec<u8>,
    ark: Vec<u8>,
}

impl SnpEvidence {
    /// A report of version 3 under a VCEK.
    pub fn make() -> Self {
        let key = MadeUpVek::vcek(PRODUCT);
        Self {
            report: key.report(3, |_| ()),
            vcek: key.certificate(Authority::Ask),
            ask: Authority::Ask.certificate(PRODUCT, Authority::Ark),
            ark: Authority::Ark.certificate(PRODUCT, Authority::Ark),
        }
    }

    /// Parses the three certificates and verifies the chain.
    pub fn verify_chain(&self) -> VerifiedVek {
        let valid = "the testkit makes valid certificates";
        let vek = Vek::parse(&self.vcek).expect(valid);
        let ask = CaCertificate::parse(&self.ask).expect(valid);
        let ark = CaCertificate::parse(&self.ark).expect(valid);
        let options = ChainOptions {
            roots: Roots::Explicit(&ark),
            revocation: Revocation::NotChecked,
            time: NOT_BEFORE,
        };
        let chain = Chain { vek: &vek, intermediate: Some(&ask), root: Some(&ark) };
        chain.verify(&options).expect("every link holds")
    }

    /// Parses and verifies the report.
    pub fn verify_report(&self, vek: &VerifiedVek) -> VerifiedReport {
        let options = ReportOptions {
            unknown_version: UnknownVersion::Refuse,
            masked_chip_id: MaskedChipId::Refuse,
        };
        let report = UnverifiedReport::parse(self.report.as_slice()).expect("1184 bytes");
        report.verify(vek, options).expect("the VCEK signed it")
    }
}
