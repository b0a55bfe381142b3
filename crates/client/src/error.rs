//! Why there is no answer that can be used.

use sev_launch_protocol::problem::Refusal;

use crate::base::Base;

/// What a request ended in, where it did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The service said no, and why.
    #[error("{}", told(.0))]
    Refused(Box<Refusal>),
    /// There was no answer. Whether the request was carried out is not known; the same request may be sent again.
    #[error("{base}: {detail}")]
    Unreachable {
        /// The service.
        base: Box<Base>,
        /// What happened.
        detail: String,
    },
    /// Whoever answers is not trusted: nothing was sent.
    #[error("{base}: {detail}: is `ca` the authority that signed this service's certificate?")]
    Untrusted {
        /// The service.
        base: Box<Base>,
        /// What TLS found.
        detail: String,
    },
    /// An answer that the protocol does not have: another program answers there, or a newer one.
    #[error("{base}: {detail}")]
    Strange {
        /// The service.
        base: Box<Base>,
        /// What was found, and what was wanted.
        detail: String,
    },
    /// The request cannot be written.
    #[error("{0}")]
    Request(String),
}

impl Error {
    /// The refusal, if the service said no.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

fn told(refusal: &Refusal) -> String {
    let mut text = format!("the service says no: {refusal}");
    if let Some(hint) = &refusal.hint {
        text.push_str("; ");
        text.push_str(hint);
    }
    if let Some(request) = &refusal.instance {
        text.push_str(&format!(" ({})", request.trim_start_matches("urn:uuid:")));
    }
    text
}
