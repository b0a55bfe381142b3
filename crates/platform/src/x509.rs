//! X.509 certificates of the simulation: ARK, ASK and ASVK, and the VCEK and VLEK that sign reports.
//!
//! Defined by [VCEK, certificate definition] on top of [RFC 5280, Certificate]. They have what AMD's have and strict parsers stumble over: serial
//! number 0 in VCEK and VLEK, a hardware identity that is no encoded value, and in some the default trailer field of RSASSA-PSS written out. The
//! common names
//! are AMD's, since they are how a verifier finds the product; the organisation says that it is a simulation.

use sev_launch_abi::Generation;
use sev_launch_abi::snp::TcbParts;

use crate::authority::AuthorityError;
use crate::der::{
    NULL, TRUE, bit_string, explicit, ia5, integer, octet_string, oid, sequence, set_of, tlv,
    utc_time, utf8,
};
use crate::rsa_key::{EXPONENT, RsaKey};

/// Who is named as organisation in every certificate.
const ORGANIZATION: &str = "sev-launch simulation, not AMD";
/// When certificates are valid: from 2024 to the end of 2049, so that no clock is needed.
const NOT_BEFORE: &str = "240101000000Z";
const NOT_AFTER: &str = "491231235959Z";
/// Who is named as provider in a VLEK.
const CSP_ID: &str = "CN=sev-launch simulation";

/// 1.2.840.113549.1.1, the arc of PKCS #1; .1 is rsaEncryption, .8 MGF1, .10 RSASSA-PSS. [RFC 8017, object identifiers]
const PKCS1: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
/// id-sha384. [RFC 8017, object identifiers]
const SHA384: [u8; 9] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
/// id-ecPublicKey and secp384r1. [RFC 5480, object identifiers]
const EC_PUBLIC_KEY: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const SECP384R1: [u8; 5] = [0x2b, 0x81, 0x04, 0x00, 0x22];
/// Organization and common name. [RFC 5280, naming attributes]
const ORGANIZATION_NAME: [u8; 3] = [0x55, 4, 10];
const COMMON_NAME: [u8; 3] = [0x55, 4, 3];
/// Key usage and basic constraints. [RFC 5280, standard extensions]
const KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x0f];
const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];
/// 1.3.6.1.4.1.3704.1, AMD's arc. [VCEK, certificate extensions]
const AMD: [u8; 8] = [0x2b, 6, 1, 4, 1, 0x9c, 0x78, 1];

/// Which authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CaKind {
    Ark,
    Ask,
    Asvk,
}

impl CaKind {
    pub(crate) const fn serial(self) -> u8 {
        match self {
            Self::Ark => 1,
            Self::Ask => 2,
            Self::Asvk => 3,
        }
    }

    fn common_name(self, generation: Generation) -> String {
        let prefix = match self {
            Self::Ark => "ARK-",
            Self::Ask => "SEV-",
            Self::Asvk => "SEV-VLEK-",
        };
        format!("{prefix}{generation}")
    }
}

/// An authority's certificate, signed by the ARK.
pub(crate) fn ca(
    kind: CaKind,
    generation: Generation,
    key: &RsaKey,
    ark: &RsaKey,
) -> Result<Vec<u8>, AuthorityError> {
    let public = sequence(&[&integer(&key.modulus()), &integer(&EXPONENT.to_be_bytes())]);
    let algorithm = sequence(&[&pkcs1(1), NULL]);
    let spki = sequence(&[&algorithm, &bit_string(&public)]);
    // BIT STRINGs as AMD's are, with one unused bit each: keyCertSign and cRLSign; keyCertSign.
    let (usage, constraints): (&[u8], _) = match kind {
        CaKind::Ark => (&[3, 2, 1, 0x06], sequence(&[TRUE])),
        CaKind::Ask | CaKind::Asvk => (&[3, 2, 1, 0x04], sequence(&[TRUE, &integer(&[0])])),
    };
    let extensions =
        [critical(&KEY_USAGE, usage), critical(&BASIC_CONSTRAINTS, &constraints)].concat();
    let subject = kind.common_name(generation);
    let issuer = CaKind::Ark.common_name(generation);
    let signer = (ark, Trailer::Written);
    certificate(&[kind.serial()], &issuer, &subject, &spki, &extensions, signer)
}

/// A revocation list of the ARK's.
pub(crate) fn revocation_list(
    generation: Generation,
    ark: &RsaKey,
    revoked: &[u8],
) -> Result<Vec<u8>, AuthorityError> {
    let entry = |serial: &u8| sequence(&[&integer(&[*serial]), &utc_time(NOT_BEFORE)]);
    let entries: Vec<u8> = revoked.iter().flat_map(entry).collect();
    let entries = if entries.is_empty() { Vec::new() } else { sequence(&[&entries]) };
    let signed = sequence(&[
        &integer(&[1]),
        &pss(Trailer::Written),
        &name(&CaKind::Ark.common_name(generation)),
        &utc_time(NOT_BEFORE),
        &utc_time(NOT_AFTER),
        &entries,
    ]);
    enveloped(&signed, ark, Trailer::Written)
}

/// What the certificate of a key that signs reports says.
pub(crate) struct VekFacts<'a> {
    pub(crate) generation: Generation,
    /// The levels that the key is derived for.
    pub(crate) tcb: TcbParts,
    /// The chip's 64 bytes, of which Turin has 8; `None` in a VLEK.
    pub(crate) chip: Option<&'a [u8; 64]>,
    /// The key, uncompressed.
    pub(crate) point: &'a [u8],
}

/// A VCEK, where there is a chip, signed by the ASK; else a VLEK, signed by the ASVK.
pub(crate) fn vek(facts: &VekFacts<'_>, signer: &RsaKey) -> Result<Vec<u8>, AuthorityError> {
    let VekFacts { generation, tcb, chip, point } = facts;
    let algorithm = sequence(&[&oid(&EC_PUBLIC_KEY), &oid(&SECP384R1)]);
    let spki = sequence(&[&algorithm, &bit_string(point)]);
    let is_turin = *generation == Generation::Turin;
    let product = match (generation, chip) {
        (Generation::Milan, Some(_)) => "Milan-B0",
        _ => generation.name(),
    };
    let mut extensions =
        [amd(&[1], &integer(&[u8::from(is_turin)])), amd(&[2], &ia5(product))].concat();
    // In the order of AMD's own certificates: on Turin the FMC first; on the others SNP behind the reserved levels.
    let levels: Vec<(u8, u8)> = match tcb.fmc {
        Some(fmc) => vec![
            (9, fmc),
            (1, tcb.boot_loader),
            (2, tcb.tee),
            (3, tcb.snp),
            (5, 0),
            (6, 0),
            (7, 0),
            (8, tcb.microcode),
        ],
        None => vec![
            (1, tcb.boot_loader),
            (2, tcb.tee),
            (4, 0),
            (5, 0),
            (6, 0),
            (7, 0),
            (3, tcb.snp),
            (8, tcb.microcode),
        ],
    };
    let level = |(number, level)| amd(&[3, number], &integer(&[level]));
    extensions.extend(levels.into_iter().flat_map(level));
    let size = if is_turin { 8 } else { 64 };
    extensions.extend(match chip {
        Some(chip) => amd(&[4], chip.get(..size).unwrap_or_default()),
        None => amd(&[5], &ia5(CSP_ID)),
    });
    let (subject, issuer) = match chip {
        Some(_) => ("SEV-VCEK", CaKind::Ask),
        None => ("SEV-VLEK", CaKind::Asvk),
    };
    // AMD's are made in both ways: of those that are known, VCEKs of Milan have it.
    let trailer = match (generation, chip) {
        (Generation::Milan, Some(_)) => Trailer::Written,
        _ => Trailer::LeftOut,
    };
    let issuer = issuer.common_name(*generation);
    certificate(&[0], &issuer, subject, &spki, &extensions, (signer, trailer))
}

fn critical(number: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(number), TRUE, &octet_string(value)])
}

fn amd(suffix: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(&[&AMD, suffix].concat()), &octet_string(value)])
}

fn pkcs1(number: u8) -> Vec<u8> {
    oid(&[&PKCS1[..], &[number]].concat())
}

fn name(common_name: &str) -> Vec<u8> {
    let attribute = |number: &[u8], text: &str| set_of(&sequence(&[&oid(number), &utf8(text)]));
    let organization = attribute(&ORGANIZATION_NAME, ORGANIZATION);
    sequence(&[&organization, &attribute(&COMMON_NAME, common_name)])
}

/// Is the trailer field of RSASSA-PSS written, though it has its default value?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trailer {
    Written,
    LeftOut,
}

/// RSASSA-PSS with SHA-384, MGF1 with SHA-384, and a salt of 48 bytes.
fn pss(trailer: Trailer) -> Vec<u8> {
    let sha384 = sequence(&[&oid(&SHA384), NULL]);
    let mask = sequence(&[&pkcs1(8), &sha384]);
    let trailer = match trailer {
        Trailer::Written => explicit(3, &integer(&[1])),
        Trailer::LeftOut => Vec::new(),
    };
    let salt = explicit(2, &integer(&[48]));
    let parameters = sequence(&[&explicit(0, &sha384), &explicit(1, &mask), &salt, &trailer]);
    sequence(&[&pkcs1(10), &parameters])
}

fn certificate(
    serial: &[u8],
    issuer: &str,
    subject: &str,
    spki: &[u8],
    extensions: &[u8],
    (signer, trailer): (&RsaKey, Trailer),
) -> Result<Vec<u8>, AuthorityError> {
    let signed = sequence(&[
        &explicit(0, &integer(&[2])), // version 3
        &integer(serial),
        &pss(trailer),
        &name(issuer),
        &sequence(&[&utc_time(NOT_BEFORE), &utc_time(NOT_AFTER)]),
        &name(subject),
        spki,
        &explicit(3, &tlv(0x30, &[extensions])),
    ]);
    enveloped(&signed, signer, trailer)
}

fn enveloped(signed: &[u8], signer: &RsaKey, trailer: Trailer) -> Result<Vec<u8>, AuthorityError> {
    Ok(sequence(&[signed, &pss(trailer), &bit_string(&signer.sign(signed)?)]))
}
