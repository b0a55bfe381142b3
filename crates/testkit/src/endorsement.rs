//! Throwaway launch endorsements in the form of Google's, and a root that signs their signer.
//!
//! The names are made up, and the keys are those of [`report::Authority`](crate::report::Authority): they are in this folder for
//! everybody, and protect nothing. Encodings are written by hand here, field by field, so that wrong ones can be written too: a
//! [`Golden`] is a list of fields, and [`sign`] signs any bytes.

use rsa::Pss;
use rsa::traits::PublicKeyParts as _;
use sha2::{Digest as _, Sha256};

use crate::certs::Salts;
use crate::report::{
    Authority, Extension, NULL, bit_string, extension_list, integer, name, oid, sequence, tlv,
};

/// The guest policy that Google's endorsements say.
pub const POLICY: u64 = 0x70000;
/// When the made-up ones were signed, in unix seconds: 2025-10-09.
pub const TIMESTAMP: u64 = 1_760_000_000;
/// The subject of the root.
const ROOT: &str = "made-up-tcb-root";
/// The key of the signer.
const SIGNER: Authority = Authority::Ask;

/// A field of a protobuf message that holds a number.
#[must_use]
pub fn number(field: u8, value: u64) -> Vec<u8> {
    [vec![field << 3], varint(value)].concat()
}

/// A field of a protobuf message that holds bytes.
#[must_use]
pub fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
    let length = varint(value.len().try_into().expect("64 bits hold any length"));
    [vec![field << 3 | 2], length, value.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// An entry of the map of measurements.
#[must_use]
pub fn measurement(vmsas: u32, digest: &[u8]) -> Vec<u8> {
    bytes(2, &[number(1, vmsas.into()), bytes(2, digest)].concat())
}

/// What a signer's certificate says, where it is not as Google's.
#[derive(Clone, Debug)]
pub struct Signer {
    /// Whose key signed it. Its name is the root's in any case.
    pub issuer: Authority,
    /// Further extensions.
    pub more: Vec<Extension>,
    /// The bits of its key usage, as the body of a BIT STRING.
    pub usage: [u8; 2],
}

impl Default for Signer {
    /// As Google's: for signatures alone, and no authority.
    fn default() -> Self {
        Self { issuer: Authority::Ark, more: Vec::new(), usage: [7, 0x80] }
    }
}

impl Signer {
    /// The certificate as DER.
    #[must_use]
    pub fn certificate(&self) -> Vec<u8> {
        let mut extensions = vec![
            Extension::critical(&[0x55, 0x1d, 0x13], &sequence(&[])),
            Extension::critical(&[0x55, 0x1d, 0x0f], &tlv(3, &[&self.usage])),
        ];
        extensions.extend(self.more.iter().cloned());
        certificate(2, "made-up-tcb-signer", SIGNER, &extensions, self.issuer)
    }
}

/// The root as DER, with this key: [`Authority::Ark`]'s has signed the signers, and any other has not.
#[must_use]
pub fn root(key: Authority) -> Vec<u8> {
    let extensions = [
        Extension::critical(&[0x55, 0x1d, 0x13], &sequence(&[&[1, 1, 0xff], &integer(&[0])])),
        Extension::critical(&[0x55, 0x1d, 0x0f], &[3, 2, 1, 6]),
    ];
    certificate(1, ROOT, key, &extensions, key)
}

/// The fields of a `VMGoldenMeasurement`, in its order; those of the signer's certificate and of SNP are put together by [`Golden::new`].
#[derive(Clone, Debug)]
pub struct Golden {
    /// 1 timestamp, 2 cl_spec, 5 digest: each as it is encoded.
    pub fields: Vec<Vec<u8>>,
    /// The fields of `VMSevSnp`, each as it is encoded.
    pub snp: Vec<Vec<u8>>,
    /// 4 cert.
    pub signer: Vec<u8>,
}

impl Golden {
    /// An endorsement of these digests by number of VMSAs, with a policy.
    #[must_use]
    pub fn new(policy: u64, measurements: &[(u32, [u8; 48])]) -> Self {
        let mut snp = vec![number(1, 1)];
        snp.extend(measurements.iter().map(|(vmsas, digest)| measurement(*vmsas, digest)));
        snp.extend([
            bytes(3, &hex(b"f73a6949e8f3473b9553e40e056fa3a2")),
            bytes(4, &hex(b"00000000000040008000000000000001")),
            number(5, policy),
        ]);
        Self {
            fields: vec![
                bytes(1, &number(1, TIMESTAMP)),
                number(2, 1),
                bytes(5, &sha2::Sha384::digest(b"a firmware")),
            ],
            snp,
            signer: Signer::default().certificate(),
        }
    }

    /// The same with a digest under an SVSM.
    #[must_use]
    pub fn with_svsm(mut self, digest: &[u8; 48]) -> Self {
        self.snp.push(bytes(7, digest));
        self
    }

    /// The serialised message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let snp = bytes(7, &self.snp.concat());
        [self.fields.concat(), bytes(4, &self.signer), snp].concat()
    }

    /// The signed endorsement.
    #[must_use]
    pub fn endorsement(&self) -> Vec<u8> {
        sign(&self.to_bytes())
    }
}

/// A `VMLaunchEndorsement` of any bytes, signed with the signer's key.
#[must_use]
pub fn sign(golden: &[u8]) -> Vec<u8> {
    [bytes(1, golden), bytes(2, &pss_sha256(SIGNER, golden))].concat()
}

fn hex(digits: &[u8]) -> Vec<u8> {
    ::hex::decode(digits).expect("hex")
}

/// RSASSA-PSS with SHA-256 and a salt of 32 bytes, which follows from the message.
fn pss_sha256(key: Authority, message: &[u8]) -> Vec<u8> {
    let mut state: [u8; 32] = Sha256::digest(message).into();
    let mut salts = Salts(|to: &mut [u8]| {
        for part in to.chunks_mut(32) {
            state = Sha256::digest(state).into();
            part.copy_from_slice(&state[..part.len()]);
        }
    });
    key.key()
        .sign_with_rng(&mut salts, Pss::<Sha256>::new_with_salt(32), &Sha256::digest(message))
        .expect("a digest of 32 bytes is signed with 2048 bits")
}

/// The algorithm's identifier, as OpenSSL and Go write it.
fn pss() -> Vec<u8> {
    let sha256 = sequence(&[&oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]), NULL]);
    let mgf1 = sequence(&[&oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8]), &sha256]);
    let parameters =
        sequence(&[&tlv(0xa0, &[&sha256]), &tlv(0xa1, &[&mgf1]), &tlv(0xa2, &[&integer(&[32])])]);
    sequence(&[&oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0a]), &parameters])
}

fn certificate(
    serial: u8,
    subject: &str,
    key: Authority,
    extensions: &[Extension],
    issuer: Authority,
) -> Vec<u8> {
    let public = sequence(&[&integer(&key.key().n().to_be_bytes()), &integer(&[1, 0, 1])]);
    let rsa_encryption = sequence(&[&oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), NULL]);
    let time = |text: &[u8]| tlv(0x17, &[text]);
    let tbs = sequence(&[
        &tlv(0xa0, &[&integer(&[2])]),
        &integer(&[serial]),
        &pss(),
        &name(ROOT),
        &sequence(&[&time(b"240101000000Z"), &time(b"310101000000Z")]),
        &name(subject),
        &sequence(&[&rsa_encryption, &bit_string(&public)]),
        &tlv(0xa3, &[&extension_list(extensions)]),
    ]);
    sequence(&[&tbs, &pss(), &bit_string(&pss_sha256(issuer, &tbs))])
}
