//! The JSON form of an envelope. [DSSE, envelope]
//!
//! What surprises: base64 may be of either alphabet, as DSSE allows; but it has one spelling in each, so that no bit of an envelope that carries
//! the payload or the signature can change unseen.
//!
//! No example: [`super::SignedManifest::from_json`] reads it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sev_launch_verify::dsse::{Envelope, MAX_SIGNATURES, Signature};

use super::SignedError;
use crate::error::Error;
use crate::strict::{self, Object, present};
use crate::text::compact_json;

/// What a file looks to be, before anything of it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A manifest that nobody signed: it has the field `manifest`.
    Manifest,
    /// An envelope: it has one of an envelope's fields.
    Envelope,
    /// Neither.
    Other,
}

/// What a file looks to be, by the names of its fields. Which reader says what is wrong with it comes of this, and nothing else.
#[must_use]
pub fn kind(bytes: &[u8]) -> Kind {
    #[derive(Deserialize)]
    struct Fields {
        manifest: Option<IgnoredAny>,
        #[serde(rename = "payloadType")]
        payload_type: Option<IgnoredAny>,
        payload: Option<IgnoredAny>,
        signatures: Option<IgnoredAny>,
    }

    match serde_json::from_slice::<Object<Fields>>(bytes) {
        Ok(Object(Fields { manifest: Some(_), .. })) => Kind::Manifest,
        Ok(Object(Fields { payload_type: None, payload: None, signatures: None, .. })) => {
            Kind::Other
        }
        Ok(_) => Kind::Envelope,
        Err(_) => Kind::Other,
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredEnvelope {
    #[serde(rename = "payloadType")]
    payload_type: String,
    payload: String,
    #[serde(deserialize_with = "strict::at_most::<_, _, MAX_SIGNATURES>")]
    signatures: Vec<StoredSignature>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredSignature {
    #[serde(default, deserialize_with = "present")]
    keyid: Option<String>,
    sig: String,
}

/// In one line, with a newline at its end.
pub(super) fn write(envelope: &Envelope) -> Result<Vec<u8>, Error> {
    let signature = |signature: &Signature| StoredSignature {
        keyid: Some(signature.key_id.clone()),
        sig: STANDARD.encode(&signature.bytes),
    };
    let stored = StoredEnvelope {
        payload_type: envelope.payload_type().to_owned(),
        payload: STANDARD.encode(envelope.danger_unverified_payload()),
        signatures: envelope.signatures().iter().map(signature).collect(),
    };
    let mut bytes = compact_json(&stored)?;
    bytes.push(b'\n');
    Ok(bytes)
}

pub(super) fn read(bytes: &[u8]) -> Result<Envelope, SignedError> {
    let Object(stored) = serde_json::from_slice::<Object<StoredEnvelope>>(bytes)
        .map_err(|error| SignedError::json("envelope", error))?;
    let signatures = stored.signatures.into_iter().map(|stored| {
        let key_id = stored.keyid.unwrap_or_default();
        Ok(Signature { key_id, bytes: decoded("sig", &stored.sig)? })
    });
    let signatures = signatures.collect::<Result<_, SignedError>>()?;
    let payload = decoded("payload", &stored.payload)?;
    Ok(Envelope::new(stored.payload_type, payload, signatures)?)
}

fn decoded(field: &'static str, text: &str) -> Result<Vec<u8>, SignedError> {
    let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
    decoded.map_err(|_| SignedError::Base64 { field })
}
