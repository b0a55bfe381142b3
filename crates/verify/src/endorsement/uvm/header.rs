//! The headers of an endorsement of a utility VM. What is not known is refused: a header can change what is meant.
//!
//! Defined by [RFC 9052, COSE header parameters], [RFC 9360, x5chain and x5t], and for the texts among them by [Azure UVM].

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use coset::cbor::value::Value;
use coset::iana::{self, EnumI64 as _};
use coset::{Label, RegisteredLabel, RegisteredLabelWithPrivate};

use super::{AUTHORITIES, LEAF, MAX_AUTHORITIES};
use crate::endorsement::certificate::{Certificate, carried};
use crate::endorsement::error::FormError;

/// SHA-256 in COSE. [RFC 9054, SHA-256]
const SHA_256: i64 = -16;
/// The tag of a number of seconds since 1970. [RFC 8949, epoch-based date/time]
const EPOCH: u64 = 1;
/// The most bytes of the issuer's name, and of the feed's.
const MOST_TEXT: usize = 1024;

/// What the headers say.
pub(super) struct Header {
    pub(super) leaf: Certificate,
    /// From the leaf's issuer up.
    pub(super) authorities: Vec<Certificate>,
    pub(super) issuer: String,
    pub(super) feed: String,
    pub(super) claimed_signing_time: Option<u64>,
}

fn wrong(header: impl Into<String>, what: &'static str) -> FormError {
    FormError::Header { header: header.into(), what }
}

impl Header {
    pub(super) fn read(
        protected: &coset::Header,
        unprotected: &coset::Header,
    ) -> Result<Self, FormError> {
        if protected.alg != Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::PS384)) {
            return Err(wrong("alg", "wanted -38, PS384"));
        }
        let json = RegisteredLabel::Text("application/json".to_string());
        if protected.content_type != Some(json) {
            return Err(wrong("content type", "wanted application/json"));
        }
        check_rest(protected)?;
        check_rest(unprotected)?;
        if unprotected.alg.is_some() || unprotected.content_type.is_some() {
            return Err(wrong("alg or content type", "it is not among those that are signed"));
        }
        // A time-stamping authority's token. It is not verified, so it counts for nothing.
        let is_token = |(label, _): &(Label, Value)| *label == Label::Text("timestamp".to_string());
        if let Some((label, _)) = unprotected.rest.iter().find(|header| !is_token(header)) {
            return Err(wrong(format!("{label:?}"), "it is not known, and not signed"));
        }
        let (mut chain, mut thumbprint, mut issuer, mut feed, mut time) =
            (None, None, None, None, None);
        for (label, value) in &protected.rest {
            match label {
                Label::Int(number) if *number == iana::HeaderParameter::X5Chain.to_i64() => {
                    chain = Some(read_chain(value)?);
                }
                Label::Int(number) if *number == iana::HeaderParameter::X5T.to_i64() => {
                    thumbprint = Some(read_thumbprint(value)?);
                }
                Label::Text(name) if name == "iss" => issuer = Some(read_text("iss", value)?),
                Label::Text(name) if name == "feed" => feed = Some(read_text("feed", value)?),
                Label::Text(name) if name == "signingtime" => time = Some(read_time(value)?),
                other => return Err(wrong(format!("{other:?}"), "it is not known")),
            }
        }
        let missing = |header: &str| wrong(header, "it is missing");
        let (leaf, authorities) = chain.ok_or_else(|| missing("x5chain"))?;
        if thumbprint.is_some_and(|thumbprint| thumbprint != leaf.fingerprint()) {
            return Err(wrong("x5t", "it is not the SHA-256 of the first certificate of x5chain"));
        }
        Ok(Self {
            leaf,
            authorities,
            issuer: issuer.ok_or_else(|| missing("iss"))?,
            feed: feed.ok_or_else(|| missing("feed"))?,
            claimed_signing_time: time,
        })
    }
}

/// Nothing that would have to be understood or that is another's.
fn check_rest(header: &coset::Header) -> Result<(), FormError> {
    let others = [
        ("crit", header.crit.is_empty()),
        ("kid", header.key_id.is_empty()),
        ("IV", header.iv.is_empty() && header.partial_iv.is_empty()),
        ("counter signature", header.counter_signatures.is_empty()),
    ];
    match others.into_iter().find(|(_, is_empty)| !is_empty) {
        Some((name, _)) => Err(wrong(name, "it is not known here")),
        None => Ok(()),
    }
}

/// The leaf, and what stands above it.
fn read_chain(value: &Value) -> Result<(Certificate, Vec<Certificate>), FormError> {
    let form = || wrong("x5chain", "wanted one to five certificates, each as bytes");
    let list = match value {
        Value::Bytes(_) => core::slice::from_ref(value),
        Value::Array(list) => list,
        _ => return Err(form()),
    };
    let (leaf, above) = list.split_first().ok_or_else(form)?;
    if above.len() > MAX_AUTHORITIES {
        return Err(form());
    }
    let certificate = |which, value: &Value| {
        carried(which, value.as_bytes().map(Vec::as_slice).ok_or_else(form)?)
    };
    let leaf = certificate(LEAF, leaf)?;
    let above = above.iter().zip(AUTHORITIES).map(|(value, which)| certificate(which, value));
    Ok((leaf, above.collect::<Result<_, _>>()?))
}

fn read_thumbprint(value: &Value) -> Result<[u8; 32], FormError> {
    let form = || wrong("x5t", "wanted -16 for SHA-256, and 32 bytes");
    let Some([algorithm, hash]) = value.as_array().map(Vec::as_slice) else { return Err(form()) };
    let is_sha_256 = algorithm.as_integer().is_some_and(|number| number == SHA_256.into());
    let hash = hash.as_bytes().filter(|_| is_sha_256).ok_or_else(form)?;
    hash.as_slice().try_into().map_err(|_| form())
}

fn read_text(name: &'static str, value: &Value) -> Result<String, FormError> {
    let text = value.as_text().filter(|text| {
        !text.is_empty() && text.len() <= MOST_TEXT && text.chars().all(|c| c.is_ascii_graphic())
    });
    text.map(String::from)
        .ok_or_else(|| wrong(name, "wanted a text of printable characters without spaces"))
}

fn read_time(value: &Value) -> Result<u64, FormError> {
    let seconds = match value {
        Value::Tag(EPOCH, inner) => inner.as_integer().and_then(|time| u64::try_from(time).ok()),
        _ => None,
    };
    seconds.ok_or_else(|| wrong("signingtime", "wanted whole seconds since 1970, with tag 1"))
}
