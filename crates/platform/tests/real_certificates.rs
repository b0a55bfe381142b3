//! The platform's certificates beside AMD's real ones: the same in everything but keys, names, numbers and signatures.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generators/lab.rs"]
mod lab;

use der::{Decode as _, DecodePem as _, Encode as _};
use sev_launch_abi::Generation;
use sev_launch_platform::SigningKey;
use sev_launch_testkit::certs::vectors::CertificateFiles;
use x509_cert::Certificate;

/// Where a SEV certificate has what is its own: API version, both coordinates, r and s of either slot.
const OWN: [core::ops::Range<usize>; 4] = [0x04..0x06, 0x14..0xa4, 0x41c..0x4ac, 0x624..0x6b4];

#[test]
fn sev_certificates_have_the_real_layout() {
    let Some(files) = CertificateFiles::folder() else { return };
    for (generation, base) in [(Generation::Naples, "naples"), (Generation::Rome, "rome")] {
        let platform = lab::platform(generation);
        let ours = platform.full_chain().unwrap();
        let mut rest = &ours[..];
        for (number, real) in files.chain(base).into_iter().enumerate() {
            let (ours, after) = rest.split_at(real.len());
            rest = after;
            let blank = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                if number < 4 {
                    OWN.into_iter().for_each(|range| bytes[range].fill(0));
                    // The CEK is signed by an RSA key, whose signature fills its slot.
                    if number == 3 {
                        bytes[0x41c..0x61c].fill(0);
                    }
                } else {
                    // Both key identifiers, the modulus and the signature.
                    let size = (bytes.len() - 0x40) / 3;
                    bytes[0x04..0x24].fill(0);
                    bytes[0x40 + size..].fill(0);
                }
                bytes
            };
            assert!(blank(ours) == blank(&real), "{generation}: certificate {number}");
        }
        assert!(rest.is_empty());
    }
}

/// What certificates of one kind have in common, as DER: version, algorithm of the signature, algorithm of the key.
fn algorithms(certificate: &Certificate) -> [Vec<u8>; 3] {
    let tbs = certificate.tbs_certificate();
    let key = &tbs.subject_public_key_info().algorithm;
    [tbs.version().to_der(), tbs.signature().to_der(), key.to_der()].map(Result::unwrap)
}

/// The numbers of the extensions in their order, and which are critical.
fn extensions(certificate: &Certificate) -> Vec<(String, bool)> {
    let extensions = certificate.tbs_certificate().extensions().unwrap();
    extensions.iter().map(|one| (one.extn_id.to_string(), one.critical)).collect()
}

/// The values of a VEK's extensions, without the levels.
fn values(certificate: &Certificate) -> Vec<(String, Vec<u8>)> {
    let extensions = certificate.tbs_certificate().extensions().unwrap();
    let levels = ["3.1", "3.2", "3.3", "3.8", "3.9", "4", "5"].map(|end| format!("3704.1.{end}"));
    extensions
        .iter()
        .map(|one| (one.extn_id.to_string(), one.extn_value.as_bytes().to_vec()))
        .filter(|(number, _)| !levels.iter().any(|level| number.ends_with(level)))
        .collect()
}

/// The file's certificate, in DER or PEM.
fn read(files: &CertificateFiles, path: &str) -> Certificate {
    let bytes = files.read(path);
    Certificate::from_der(&bytes).or_else(|_| Certificate::from_pem(&bytes)).unwrap()
}

#[test]
fn snp_certificates_have_the_real_form() {
    let Some(files) = CertificateFiles::folder() else { return };
    for (generation, key, path) in [
        (Generation::Milan, SigningKey::Vcek, "snp/milan/vcek.der"),
        (Generation::Genoa, SigningKey::Vcek, "extra/microsoft-tav/genoa_vcek.pem"),
        (Generation::Turin, SigningKey::Vcek, "snp/turin/vcek.der"),
        (Generation::Milan, SigningKey::Vlek, "extra/trustee-vlek/test-vlek.der"),
    ] {
        let platform = lab::platform(generation);
        let ours = Certificate::from_der(&platform.vek_der(key).unwrap()).unwrap();
        let real = read(&files, path);
        assert_eq!(algorithms(&ours), algorithms(&real), "{generation}: {key}");
        assert_eq!(extensions(&ours), extensions(&real), "{generation}: {key}");
        assert_eq!(values(&ours), values(&real), "{generation}: {key}");
        let (ours, real) = (ours.tbs_certificate(), real.tbs_certificate());
        assert_eq!(ours.serial_number(), real.serial_number(), "{generation}: {key}");
    }
}

#[test]
fn authorities_have_the_real_form() {
    let Some(files) = CertificateFiles::folder() else { return };
    for (generation, folder) in
        [(Generation::Milan, "milan"), (Generation::Genoa, "genoa"), (Generation::Turin, "turin")]
    {
        let platform = lab::platform(generation);
        let authority = platform.authority().unwrap();
        for (der, file) in [(authority.ark_der(), "ark"), (authority.ask_der(), "ask")] {
            let ours = Certificate::from_der(&der.unwrap()).unwrap();
            let real = read(&files, &format!("snp/{folder}/{file}.pem"));
            assert_eq!(algorithms(&ours), algorithms(&real), "{generation}: {file}");
            // Beside these AMD's have key identifiers, and where the revocation list is.
            for number in ["2.5.29.15", "2.5.29.19"] {
                let value = |certificate: &Certificate| {
                    let extensions = certificate.tbs_certificate().extensions().unwrap();
                    let found = extensions.iter().find(|one| one.extn_id.to_string() == number);
                    found.map(|one| (one.critical, one.extn_value.as_bytes().to_vec())).unwrap()
                };
                assert_eq!(value(&ours), value(&real), "{generation}: {file}, {number}");
            }
        }
    }
}
