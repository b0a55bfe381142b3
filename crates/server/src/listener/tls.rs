//! TLS as the service speaks it: TLS 1.3 with ring's cryptography, our certificate, and whose client certificates we believe.
//!
//! TLS 1.3 is RFC 8446, TLS 1.2 is RFC 5246, ALPN is RFC 7301. A client may come without a certificate; one that it gives must
//! be of an authority of the bundle, within its time, and for client authentication, or the handshake ends.
//! The files can be read again while connections are open: those that are open keep what they have.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::server::{NoClientAuth, NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::pem_files::{self, PemError};

/// Where TLS's parts are, and what is spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// PEM: our certificate, then those that lead to a root. The root itself is not needed.
    pub chain: PathBuf,
    /// PEM: the private key of the first certificate, unencrypted, with no rights for group and others.
    pub key: PathBuf,
    /// PEM: the authorities whose client certificates we believe. `None`: clients are not asked for one.
    pub client_authorities: Option<PathBuf>,
    /// Whether TLS 1.2 is spoken with clients that have no 1.3.
    pub allow_tls_1_2: bool,
}

/// Why there is no TLS, or why it stays as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file.
    #[error(transparent)]
    File(#[from] PemError),
    /// A certificate that is none.
    #[error("certificate {number} of {} cannot be used: {error}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        number: usize,
        /// What was found in it.
        error: String,
    },
    /// The two files do not belong together, or the key is of a kind that TLS does not have.
    #[error(
        "the key of {} does not go with the first certificate of {}: {error}: put our own certificate first, then its issuers",
        key.display(), chain.display()
    )]
    Key {
        /// The key's file.
        key: PathBuf,
        /// The certificates' file.
        chain: PathBuf,
        /// What rustls said.
        error: rustls::Error,
    },
    /// The cryptography does not have what we speak.
    #[error("the TLS library refuses its settings: {error}")]
    Library {
        /// What it said.
        error: String,
    },
}

/// TLS with the files as they were read last. Clones share it: keep one to call [`Tls::reload`] on.
#[derive(Clone, Debug)]
pub struct Tls(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: TlsSettings,
    now: RwLock<Loaded>,
}

#[derive(Clone, Debug)]
struct Loaded {
    config: Arc<ServerConfig>,
    not_after: u64,
    sha256: [u8; 32],
}

impl Tls {
    /// Reads the files: blocks for as long. Errors: see [`TlsError`]. A certificate out of its time is none: see
    /// [`Tls::not_after`].
    pub fn load(settings: TlsSettings) -> Result<Self, TlsError> {
        let now = RwLock::new(Loaded::read(&settings)?);
        Ok(Self(Arc::new(Shared { settings, now })))
    }

    /// Reads the files again, for connections from now on: blocks for as long. On an error all stays as it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        let read = Loaded::read(&self.0.settings)?;
        *self.0.now.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// The end of our certificate's time (notAfter), in seconds since 1970-01-01 UTC.
    pub fn not_after(&self) -> u64 {
        self.now().not_after
    }

    /// SHA-256 of our certificate in DER.
    pub fn sha256(&self) -> [u8; 32] {
        self.now().sha256
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        self.now().config
    }

    fn now(&self) -> Loaded {
        self.0.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Loaded {
    fn read(settings: &TlsSettings) -> Result<Self, TlsError> {
        let chain = pem_files::certificates(&settings.chain)?;
        let key = pem_files::private_key(&settings.key)?;
        let (mut not_after, mut sha256) = (0, [0; 32]);
        // From the last to the first, so that the first one's stay.
        for (index, der) in chain.iter().enumerate().rev() {
            let certificate =
                Certificate::from_der(der).map_err(|error| TlsError::Certificate {
                    path: settings.chain.clone(),
                    number: index.saturating_add(1),
                    error: error.to_string(),
                })?;
            let end = certificate.tbs_certificate().validity().not_after;
            (not_after, sha256) = (end.to_unix_duration().as_secs(), Sha256::digest(der).into());
        }
        // Named, never the process's default, which whoever comes first may set.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = match &settings.client_authorities {
            None => Arc::new(NoClientAuth),
            Some(path) => {
                let roots = Arc::new(authorities(path.clone())?);
                WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider))
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| TlsError::Library { error: error.to_string() })?
            }
        };
        let versions = if settings.allow_tls_1_2 { &[&TLS13, &TLS12][..] } else { &[&TLS13] };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|error| TlsError::Library { error: error.to_string() })?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .map_err(|error| TlsError::Key {
                key: settings.key.clone(),
                chain: settings.chain.clone(),
                error,
            })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A resumed session would bring back a client certificate without looking at it again.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { config: Arc::new(config), not_after, sha256 })
    }
}

fn authorities(path: PathBuf) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for (index, der) in pem_files::certificates(&path)?.into_iter().enumerate() {
        roots.add(der).map_err(|error| TlsError::Certificate {
            path: path.clone(),
            number: index.saturating_add(1),
            error: error.to_string(),
        })?;
    }
    Ok(roots)
}
