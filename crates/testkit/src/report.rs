//! Throwaway SNP attestation reports, and an AMD-like certificate chain that signs them.
//!
//! The certificates have the names, extensions and odd encodings of AMD's (serial number 0, raw hardware identity, the PSS
//! trailer field written out), but RSA keys of 2048 bits, so only a verifier that is told to trust [`Authority::Ark`]'s
//! certificate accepts them. Encodings are written by hand here, byte by byte, and share nothing with what reads them.

mod keys;

use p384::ecdsa::signature::Signer as _;
use p384::ecdsa::{Signature, SigningKey};
use rsa::traits::PublicKeyParts as _;
use rsa::{PrivateKey, Pss};
use sha2::Digest as _;

use crate::certs::{Salts, rsa_key};
use crate::nonce_one;

/// Bytes of a report.
pub const REPORT_SIZE: usize = 1184;
/// Everything here is valid from this second on: 2024-01-01.
pub const NOT_BEFORE: u64 = 1_704_067_200;
/// And up to this one: 2031-01-01.
pub const NOT_AFTER: u64 = 1_924_992_000;

/// A throwaway authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The root.
    Ark,
    /// Signs VCEKs.
    Ask,
    /// Signs VLEKs.
    Asvk,
    /// A second root, to be mistaken for the first.
    OtherArk,
}

impl Authority {
    pub(crate) fn key(self) -> PrivateKey {
        let primes = match self {
            Self::Ark => keys::ARK,
            Self::Ask => keys::ASK,
            Self::Asvk => keys::ASVK,
            Self::OtherArk => keys::OTHER,
        };
        rsa_key(primes)
    }

    fn common_name(self, product: &str) -> String {
        match self {
            Self::Ark | Self::OtherArk => format!("ARK-{product}"),
            Self::Ask => format!("SEV-{product}"),
            Self::Asvk => format!("SEV-VLEK-{product}"),
        }
    }

    /// The certificate as DER: of `product`, signed by `issuer`.
    #[must_use]
    pub fn certificate(self, product: &str, issuer: Self) -> Vec<u8> {
        self.certificate_with(product, issuer, &[])
    }

    /// The same with more extensions, or with others in place of those with the same number.
    #[must_use]
    pub fn certificate_with(self, product: &str, issuer: Self, more: &[Extension]) -> Vec<u8> {
        let key = self.key();
        let modulus = key.n().to_be_bytes();
        let public = sequence(&[&integer(&modulus), &integer(&[1, 0, 1])]);
        let rsa_encryption =
            sequence(&[&oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), NULL]);
        let spki = sequence(&[&rsa_encryption, &bit_string(&public)]);
        let serial: &[u8] = match self {
            Self::Ark | Self::OtherArk => &[1],
            Self::Ask => &[2],
            Self::Asvk => &[3],
        };
        // keyCertSign and cRLSign; keyCertSign
        let usage: &[u8] = if self == issuer { &[3, 2, 1, 6] } else { &[3, 2, 2, 4] };
        let extensions = vec![
            Extension::critical(&[0x55, 0x1d, 0x0f], usage),
            Extension::critical(&[0x55, 0x1d, 0x13], &sequence(&[&[1, 1, 0xff]])),
        ];
        certificate(
            serial,
            &issuer.common_name(product),
            &self.common_name(product),
            &spki,
            &with(extensions, more),
            issuer,
        )
    }

    fn sign(self, message: &[u8]) -> Vec<u8> {
        let digest = sha2::Sha384::digest(message);
        let mut state = 1_u64;
        let mut salts = Salts(|to: &mut [u8]| {
            for chunk in to.chunks_mut(8) {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                chunk.iter_mut().zip(state.to_be_bytes()).for_each(|(to, from)| *to = from);
            }
        });
        self.key()
            .sign_with_rng(&mut salts, Pss::<sha2::Sha384>::new_with_salt(48), &digest)
            .expect("a digest of 48 bytes is signed with 2048 bits")
    }
}

/// An extension of a certificate or of a revocation list.
#[derive(Clone, Debug)]
pub struct Extension {
    /// The body of its number's DER.
    pub oid: Vec<u8>,
    /// Must whoever does not know it refuse what it stands in?
    pub critical: bool,
    /// Its value.
    pub value: Vec<u8>,
}

impl Extension {
    /// One that is critical.
    #[must_use]
    pub fn critical(oid: &[u8], value: &[u8]) -> Self {
        Self { oid: oid.to_vec(), critical: true, value: value.to_vec() }
    }

    /// One under AMD's arc, 1.3.6.1.4.1.3704.1, that is not critical.
    #[must_use]
    pub fn amd(suffix: &[u8], value: &[u8]) -> Self {
        let oid = [&[0x2b, 6, 1, 4, 1, 0x9c, 0x78, 1], suffix].concat();
        Self { oid, critical: false, value: value.to_vec() }
    }

    /// AMD's productName.
    #[must_use]
    pub fn product_name(name: &str) -> Self {
        Self::amd(&[2], &tlv(0x16, &[name.as_bytes()]))
    }

    fn to_der(&self) -> Vec<u8> {
        let critical: &[u8] = if self.critical { &[1, 1, 0xff] } else { &[] };
        sequence(&[&oid(&self.oid), critical, &tlv(4, &[&self.value])])
    }
}

/// Extensions, with others that go before those of the same number.
fn with(extensions: Vec<Extension>, more: &[Extension]) -> Vec<Extension> {
    let is_replaced = |one: &Extension| more.iter().any(|other| other.oid == one.oid);
    extensions.into_iter().filter(|one| !is_replaced(one)).chain(more.iter().cloned()).collect()
}

/// Several as one SEQUENCE.
pub(crate) fn extension_list(extensions: &[Extension]) -> Vec<u8> {
    let extensions: Vec<Vec<u8>> = extensions.iter().map(Extension::to_der).collect();
    sequence(&[&extensions.concat()])
}

/// A revocation list of `product` by `issuer`, as DER, that names serial numbers.
#[must_use]
pub fn crl(product: &str, issuer: Authority, revoked: &[&[u8]]) -> Vec<u8> {
    crl_with(product, issuer, revoked, &[], &[])
}

/// The same with extensions: of every entry, and of the list.
#[must_use]
pub fn crl_with(
    product: &str,
    issuer: Authority,
    revoked: &[&[u8]],
    of_entries: &[Extension],
    of_list: &[Extension],
) -> Vec<u8> {
    let of_entry = if of_entries.is_empty() { Vec::new() } else { extension_list(of_entries) };
    let entry = |serial: &&[u8]| sequence(&[&integer(serial), &time(NOT_BEFORE), &of_entry]);
    let rows: Vec<Vec<u8>> = revoked.iter().map(entry).collect();
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    let entries = if rows.is_empty() { Vec::new() } else { sequence(&rows) };
    let of_list = match of_list {
        [] => Vec::new(),
        _ => tlv(0xa0, &[&extension_list(of_list)]),
    };
    let tbs = sequence(&[
        &integer(&[1]),
        &pss(),
        &name(&issuer.common_name(product)),
        &time(NOT_BEFORE),
        &time(NOT_AFTER),
        &entries,
        &of_list,
    ]);
    sequence(&[&tbs, &pss(), &bit_string(&issuer.sign(&tbs))])
}

/// The private key of every [`Vek`], big-endian.
const PRIVATE: [u8; 48] = [0x42; 48];

/// The key that signs reports, with what its certificate says.
#[derive(Clone, Debug)]
pub struct Vek {
    /// The product's name in the issuer and in the extensions.
    pub product: &'static str,
    /// VCEK where there is a hardware identity, else VLEK.
    pub hardware_id: Option<Vec<u8>>,
    /// REPORTED_TCB, from which the levels are taken.
    pub tcb: [u8; 8],
}

impl Vek {
    /// A VCEK of a product, for a chip whose identity is 0x11, 0x12 and so on, at levels that all differ.
    #[must_use]
    pub fn vcek(product: &'static str) -> Self {
        let turin = product == "Turin";
        let id = crate::pattern(if turin { 8 } else { 64 }, 1, 0x11);
        let tcb = if turin { [1, 2, 3, 4, 0, 0, 0, 0x51] } else { [4, 2, 0, 0, 0, 0, 0x18, 0xdb] };
        Self { product, hardware_id: Some(id), tcb }
    }

    /// A VLEK of a product.
    #[must_use]
    pub fn vlek(product: &'static str) -> Self {
        Self { hardware_id: None, ..Self::vcek(product) }
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_slice(&PRIVATE).expect("the scalar is below the order")
    }

    /// The certificate as DER, signed by `issuer`.
    #[must_use]
    pub fn certificate(&self, issuer: Authority) -> Vec<u8> {
        self.certificate_with(issuer, &[])
    }

    /// The same with more extensions, or with others in place of those with the same number.
    #[must_use]
    pub fn certificate_with(&self, issuer: Authority, more: &[Extension]) -> Vec<u8> {
        let point = self.key().verifying_key().to_sec1_point(false);
        let ec = sequence(&[
            &oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]),
            &oid(&[0x2b, 0x81, 0x04, 0x00, 0x22]),
        ]);
        let spki = sequence(&[&ec, &bit_string(point.as_bytes())]);
        let turin = self.product == "Turin";
        let [b0, b1, b2, b3, .., b6, b7] = self.tcb;
        let levels = if turin {
            vec![(1, b1), (2, b2), (3, b3), (5, 0), (6, 0), (7, 0), (8, b7), (9, b0)]
        } else {
            vec![(1, b0), (2, b1), (3, b6), (4, 0), (5, 0), (6, 0), (7, 0), (8, b7)]
        };
        let mut extensions = vec![
            Extension::amd(&[1], &integer(&[u8::from(turin)])),
            Extension::product_name(self.product),
        ];
        extensions.extend(
            levels
                .into_iter()
                .map(|(number, level)| Extension::amd(&[3, number], &integer(&[level]))),
        );
        match &self.hardware_id {
            Some(id) => extensions.push(Extension::amd(&[4], id)),
            None => extensions.push(Extension::amd(&[5], &tlv(0x16, &[b"CN=cloud.example"]))),
        }
        let (subject, by) = match self.hardware_id {
            Some(_) => ("SEV-VCEK", format!("SEV-{}", self.product)),
            None => ("SEV-VLEK", format!("SEV-VLEK-{}", self.product)),
        };
        certificate(&[0], &by, subject, &spki, &with(extensions, more), issuer)
    }

    /// A report of `version` with every field that the certificate determines, a policy of 0x30000, VMPL 0, and otherwise
    /// zeros; then `change` is made, and the whole is signed.
    #[must_use]
    pub fn report(&self, version: u32, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut report = vec![0; REPORT_SIZE];
        let mut field = |offset, bytes: &[u8]| crate::put(&mut report, offset, bytes, "a field");
        field(0x000, &version.to_le_bytes());
        field(0x008, &0x30000u64.to_le_bytes());
        field(0x034, &[1]);
        for offset in [0x038, 0x180, 0x1e0, 0x1f0] {
            field(offset, &self.tcb);
        }
        field(0x160, &[0xff; 32]);
        if version >= 3 {
            field(
                0x188,
                match self.product {
                    "Milan" => &[0x19, 0x01, 0x01],
                    "Genoa" => &[0x19, 0x11, 0x01],
                    _ => &[0x1a, 0x02, 0x01],
                },
            );
        }
        match &self.hardware_id {
            Some(id) => field(0x1a0, id),
            None => field(0x048, &[4]),
        }
        field(0x1e8, &[29, 55, 1]);
        field(0x1ec, &[29, 55, 1]);
        change(&mut report);
        self.sign(&mut report);
        report
    }

    /// Signs the first 672 bytes of a report, and writes the signature behind them.
    pub fn sign(&self, report: &mut [u8]) {
        let (signed, field) = report.split_at_mut(REPORT_SIZE - 512);
        let signature: Signature = self.key().sign(signed);
        let (r, s) = signature.split_bytes();
        write_signature(field, [r.into(), s.into()]);
    }

    /// The same with [nonce 1](nonce_one): at next to no cost, and anybody can compute the key from it.
    pub fn sign_with_nonce_one(&self, report: &mut [u8]) {
        let (signed, field) = report.split_at_mut(REPORT_SIZE - 512);
        write_signature(field, nonce_one::sign(&PRIVATE, &sha2::Sha384::digest(signed)));
    }
}

/// r and s, big-endian, into a field of 512 bytes.
fn write_signature(field: &mut [u8], numbers: [[u8; 48]; 2]) {
    field.fill(0);
    for (at, number) in [0, 72].into_iter().zip(numbers) {
        let little: Vec<u8> = number.iter().rev().copied().collect();
        crate::put(field, at, &little, "half a signature");
    }
}

pub(crate) const NULL: &[u8] = &[5, 0];

/// Tag, length, value.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = u16::try_from(value.len()).expect("nothing here has 64 KiB");
    let mut der = vec![tag];
    match (length, length.to_be_bytes()) {
        (0..=0x7f, [_, low]) => der.push(low),
        (0x80..=0xff, [_, low]) => der.extend([0x81, low]),
        (_, [high, low]) => der.extend([0x82, high, low]),
    }
    der.extend(value);
    der
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

pub(crate) fn oid(body: &[u8]) -> Vec<u8> {
    tlv(6, &[body])
}

/// An INTEGER that is not negative, from big-endian bytes.
pub(crate) fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len() - 1);
    let (_, number) = bytes.split_at(zeros);
    let sign: &[u8] = if number.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    tlv(2, &[sign, number])
}

pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], bytes])
}

pub(crate) fn name(common_name: &str) -> Vec<u8> {
    let attribute = sequence(&[&oid(&[0x55, 4, 3]), &tlv(0x0c, &[common_name.as_bytes()])]);
    sequence(&[&tlv(0x31, &[&attribute])])
}

fn time(at: u64) -> Vec<u8> {
    tlv(0x17, &[if at == NOT_BEFORE { b"240101000000Z" } else { b"310101000000Z" }])
}

/// RSASSA-PSS with SHA-384, salt 48, and the trailer field that DER would leave out.
fn pss() -> Vec<u8> {
    let sha384 = sequence(&[&oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2]), NULL]);
    let mgf1 = sequence(&[&oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8]), &sha384]);
    let parameters = sequence(&[
        &tlv(0xa0, &[&sha384]),
        &tlv(0xa1, &[&mgf1]),
        &tlv(0xa2, &[&integer(&[48])]),
        &tlv(0xa3, &[&integer(&[1])]),
    ]);
    sequence(&[&oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0a]), &parameters])
}

fn certificate(
    serial: &[u8],
    issuer: &str,
    subject: &str,
    spki: &[u8],
    extensions: &[Extension],
    signer: Authority,
) -> Vec<u8> {
    let extensions = extension_list(extensions);
    let tbs = sequence(&[
        &tlv(0xa0, &[&integer(&[2])]),
        &integer(serial),
        &pss(),
        &name(issuer),
        &sequence(&[&time(NOT_BEFORE), &time(NOT_AFTER)]),
        &name(subject),
        spki,
        &tlv(0xa3, &[&extensions]),
    ]);
    sequence(&[&tbs, &pss(), &bit_string(&signer.sign(&tbs))])
}

#[cfg(test)]
mod tests {
    use p384::ecdsa::signature::Verifier as _;

    use super::*;

    #[test]
    fn both_ways_to_sign_a_report_verify() {
        let vek = Vek::vcek("Milan");
        let mut report = vek.report(3, |_| ());
        let usual = report.clone();
        vek.sign_with_nonce_one(&mut report);
        assert_ne!(report, usual);
        for report in [usual, report] {
            let (signed, field) = report.split_at(REPORT_SIZE - 512);
            let number = |at: usize| -> [u8; 48] {
                let bytes: Vec<u8> = field[at..at + 48].iter().rev().copied().collect();
                bytes.try_into().unwrap()
            };
            let signature = Signature::from_scalars(number(0), number(72)).unwrap();
            assert!(vek.key().verifying_key().verify(signed, &signature).is_ok());
        }
    }
}
