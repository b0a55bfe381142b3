//! The endorsement of a utility VM, in which Azure's container groups run: what the file `reference-info-base64` holds.
//!
//! Defined by [Azure UVM] on top of [RFC 9052, COSE_Sign1]: certificates in the protected header `x5chain` [RFC 9360, x5chain], an
//! issuer that names one of them by its fingerprint and the leaf by its purpose [did:x509, eku], and a payload of two texts in JSON.
//!
//! What surprises: leaf certificates live for days, and the file says when it was signed. That is no proof: whoever has the key of
//! an expired certificate can write any time. The unprotected header has a token of a time-stamping authority that would be one;
//! it is not verified here, so every certificate must be valid at the time that the caller gives. Microsoft signs more than this
//! under its root, so issuer and feed must be demanded.

mod header;
mod issuer;
mod payload;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use coset::{CoseError, CoseSign1, TaggedCborSerializable as _, cbor};
use sev_launch_abi::snp::LaunchDigest;

use self::header::Header;
use self::issuer::Issuer;
use super::certificate::{self, Certificate};
use super::error::{FormError, Refusal};
use super::google::ROOT;
use super::{EndorsedLaunch, EndorsedMeasurement, Kind, Root};
use crate::requirement::Requirement;
use crate::rsa_pss::Hash;

/// What errors call the certificate that signed.
const LEAF: &str = "the signer's certificate (x5chain[0])";
/// The most certificates above the leaf.
const MAX_AUTHORITIES: usize = 4;
/// What errors call them.
const AUTHORITIES: [&str; MAX_AUTHORITIES] =
    ["x5chain[1]", "x5chain[2]", "x5chain[3]", "x5chain[4]"];

/// What an endorsement of a utility VM must say. The root alone would not do: more is signed under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UvmRequirements<'a> {
    /// The issuer, exactly: `did:x509:0:sha256:FINGERPRINT::eku:OID`.
    pub issuer: &'a str,
    /// What it is of, exactly, as `ContainerPlat-AMD-UVM`.
    pub feed: &'a str,
    /// Its security version.
    pub guest_svn: Requirement<u32>,
}

/// What an endorsement of a utility VM says beside its measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UvmStatement {
    /// Who issued it: `did:x509:0:sha256:FINGERPRINT::eku:OID`.
    pub issuer: String,
    /// What it is of.
    pub feed: String,
    /// Its security version.
    pub guest_svn: u32,
    /// When it says that it was signed, in unix seconds: believed by nobody here.
    pub claimed_signing_time: Option<u64>,
}

/// What is wrong with a message that the decoder does not take.
fn decoding_problem(error: &CoseError) -> String {
    match error {
        CoseError::DecodeFailed(cbor::de::Error::Io(_)) => "it ends too early".into(),
        CoseError::DecodeFailed(cbor::de::Error::Syntax(at)) => format!("no CBOR at byte {at}"),
        CoseError::DecodeFailed(cbor::de::Error::Semantic(_, what)) => what.clone(),
        CoseError::DecodeFailed(cbor::de::Error::RecursionLimitExceeded) => {
            "it is nested too deeply".into()
        }
        CoseError::DuplicateMapKey => "a header stands there twice".into(),
        CoseError::ExtraneousData => "bytes stand behind it".into(),
        CoseError::UnexpectedItem(found, wanted) => format!("{found}, wanted {wanted}"),
        other => other.to_string(),
    }
}

/// An endorsement that was read and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unverified {
    /// The Sig_structure. [RFC 9052, Signing and Verification Process]
    signed: Vec<u8>,
    signature: Vec<u8>,
    leaf: Certificate,
    authorities: Vec<Certificate>,
    statement: UvmStatement,
    digest: LaunchDigest,
}

impl Unverified {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        let cose = CoseSign1::from_tagged_slice(bytes)
            .map_err(|error| FormError::Cose { what: decoding_problem(&error) })?;
        let Header { leaf, authorities, issuer, feed, claimed_signing_time } =
            Header::read(&cose.protected.header, &cose.unprotected)?;
        let payload =
            cose.payload.as_deref().ok_or(FormError::Payload { what: "it is not in the file" })?;
        let (guest_svn, digest) = payload::read(payload)?;
        Ok(Self {
            signed: cose.tbs_data(&[]),
            leaf,
            authorities,
            statement: UvmStatement { issuer, feed, guest_svn, claimed_signing_time },
            digest,
            signature: cose.signature,
        })
    }

    /// Is it signed by a leaf whose chain ends in the root, and are issuer, feed and version the wanted ones?
    pub(super) fn check(
        &self,
        root: &Root,
        wanted: &UvmRequirements<'_>,
        time: u64,
    ) -> Result<(), Refusal> {
        let authorities = self.check_chain(root, time)?;
        self.leaf.check_signs(LEAF)?;
        if !self.leaf.verifies(Hash::Sha384, &self.signed, &self.signature) {
            return Err(Refusal::Signature);
        }
        let issuer = Issuer::parse(&self.statement.issuer)?;
        if !authorities.iter().any(|one| issuer.is_fingerprint_of(one)) {
            return Err(Refusal::IssuerNotInChain);
        }
        if !self.leaf.has_purpose(&issuer.purpose) {
            let what = "sign for the issuer's purpose (extKeyUsage)";
            return Err(Refusal::Usage { which: LEAF, what });
        }
        let is_wanted = |what: &'static str, found: &str, wanted: &str| match found == wanted {
            true => Ok(()),
            false => Err(Refusal::Other { what, found: found.into(), wanted: wanted.into() }),
        };
        is_wanted("the issuer", &self.statement.issuer, wanted.issuer)?;
        is_wanted("the feed", &self.statement.feed, wanted.feed)?;
        let found = self.statement.guest_svn;
        match wanted.guest_svn.check(&found) {
            true => Ok(()),
            false => {
                let wanted = alloc::string::ToString::to_string(&wanted.guest_svn);
                Err(Refusal::GuestSvn { found, wanted })
            }
        }
    }

    /// Each certificate is signed by the next one, and the last is the root or signed by it. Gives the authorities of which that holds,
    /// the root among them: any other in the file is nobody's.
    fn check_chain<'a>(
        &'a self,
        root: &'a Root,
        time: u64,
    ) -> Result<Vec<&'a Certificate>, Refusal> {
        let algorithm = certificate::algorithm(Kind::AzureUvm);
        // The root's own certificate may end the chain; it is the one given that counts.
        let is_root = |one: &&Certificate| one.fingerprint() == root.sha256();
        let end = self.authorities.iter().position(|one| is_root(&one));
        let above_root = end.and_then(|end| self.authorities.get(end.saturating_add(1)));
        if above_root.is_some() {
            return Err(Refusal::AboveRoot);
        }
        let between = self.authorities.iter().take(end.unwrap_or(MAX_AUTHORITIES)).zip(AUTHORITIES);
        let mut lower = (&self.leaf, LEAF);
        let mut authorities = Vec::new();
        for (below, above) in between.chain([(&root.0, ROOT)]).enumerate() {
            let (certificate, which) = lower;
            certificate.check_signed_by(which, above, (algorithm, below), time)?;
            authorities.push(above.0);
            lower = above;
        }
        Ok(authorities)
    }

    pub(super) const fn statement(&self) -> &UvmStatement {
        &self.statement
    }

    pub(super) const fn measurement(&self) -> EndorsedMeasurement {
        EndorsedMeasurement { launch: EndorsedLaunch::NotSaid, digest: self.digest }
    }
}
