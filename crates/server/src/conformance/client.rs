//! A small client of HTTP/1.1: a connection for each request, and what every answer has to have.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::expect::Fault;

mod message;
mod well_formed;

pub use self::message::{Answer, Ask};

/// A request and its answer take at most so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// No answer of this protocol is longer, in bytes.
const MOST: usize = 16 * 1024 * 1024;
/// A service that limits rates is asked again so often, and so many seconds are waited at most for each.
const AGAIN: u32 = 8;
const LONGEST_WAIT: u64 = 60;

/// Sees an answer, and says what is wrong with it.
pub type Observer = Arc<dyn Fn(&Ask, &Answer) -> Result<(), String> + Send + Sync>;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No base of a service.
    #[error(
        "{url:?}: wanted the base of a service, such as http://127.0.0.1:8480/v1, with http or https"
    )]
    Url {
        /// What was given.
        url: String,
    },
    /// https without authorities.
    #[error(
        "{url}: https is used with --ca FILE, the certificates (PEM) of whoever signed the service's"
    )]
    NoAuthorities {
        /// The base.
        url: String,
    },
    /// A file that holds none.
    #[error("the file of authorities holds no certificate in PEM that can be used")]
    Authorities,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A client of one service.
pub struct Client {
    host: String,
    port: u16,
    authority: String,
    prefix: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    observer: Option<Observer>,
    /// What must be in no answer: a name for people, and the bytes.
    secrets: Vec<(&'static str, Zeroizing<Vec<u8>>)>,
    wrong: Mutex<Vec<String>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({}{})", self.authority, self.prefix)
    }
}

impl Client {
    /// A client of the service at `url`, with the authorities in PEM where it is https.
    ///
    /// # Errors
    ///
    /// [`ClientError`]; nothing is sent yet.
    pub fn new(
        url: &str,
        ca: Option<&[u8]>,
        observer: Option<Observer>,
    ) -> Result<Self, ClientError> {
        let wrong = || ClientError::Url { url: url.to_owned() };
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let (scheme, host) = uri.scheme_str().zip(uri.host()).ok_or_else(wrong)?;
        let default = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(wrong()),
        };
        // Uri keeps the brackets of an IPv6 address, and a socket has none.
        let bare = host.trim_matches(['[', ']']).to_owned();
        if uri.query().is_some() || uri.authority().is_some_and(|all| all.as_str().contains('@')) {
            return Err(wrong());
        }
        let tls = match (scheme, ca) {
            ("https", Some(pem)) => {
                let name = ServerName::try_from(bare.clone()).map_err(|_| wrong())?;
                Some((connector(pem)?, name))
            }
            ("https", None) => return Err(ClientError::NoAuthorities { url: url.to_owned() }),
            _ => None,
        };
        Ok(Self {
            port: uri.port_u16().unwrap_or(default),
            authority: uri.authority().map(|all| all.as_str().to_owned()).unwrap_or_default(),
            prefix: uri.path().trim_end_matches('/').to_owned(),
            host: bare,
            tls,
            observer,
            secrets: Vec::new(),
            wrong: Mutex::default(),
        })
    }

    /// The same, which looks for a secret in every answer.
    #[must_use]
    pub fn watching_for(mut self, name: &'static str, secret: &[u8]) -> Self {
        self.secrets.push((name, Zeroizing::new(secret.to_vec())));
        self
    }

    /// What was wrong with answers since it was asked last; none where nothing was.
    pub fn wrong(&self) -> Option<String> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let found = std::mem::take(&mut *wrong);
        (!found.is_empty()).then(|| found.join("; "))
    }

    /// Sends a request, and waits where the service says that there were too many.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub async fn send(&self, ask: &Ask) -> Result<Answer, Fault> {
        for _ in 0..AGAIN {
            let answer = self.once(ask).await?;
            let wait = answer.header("retry-after").and_then(|text| text.parse::<u64>().ok());
            match wait.filter(|_| answer.status == 429) {
                Some(wait) if wait <= LONGEST_WAIT => {
                    tokio::time::sleep(Duration::from_secs(wait.max(1))).await;
                }
                _ => return Ok(answer),
            }
        }
        Err(Fault::Unanswered(format!(
            "{ask:?}: rate-limited {AGAIN} times: raise the service's rates"
        )))
    }

    /// Sends a request, once.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub async fn once(&self, ask: &Ask) -> Result<Answer, Fault> {
        let answered = tokio::time::timeout(PATIENCE, self.exchange(ask)).await;
        let answer = match answered {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(Fault::Unanswered(format!("{ask:?}: {error:#}"))),
            Err(_) => {
                return Err(Fault::Unanswered(format!(
                    "{ask:?}: no answer in {} s",
                    PATIENCE.as_secs()
                )));
            }
        };
        self.look_at(ask, &answer);
        Ok(answer)
    }

    fn look_at(&self, ask: &Ask, answer: &Answer) {
        let mut found = well_formed::faults(ask, answer);
        for (name, secret) in &self.secrets {
            let holds =
                |bytes: &[u8]| bytes.windows(secret.len()).any(|part| part == secret.as_slice());
            if holds(&answer.body) || answer.headers.values().any(|value| holds(value.as_bytes())) {
                found.push(format!("it holds {name}"));
            }
        }
        if let Some(observer) = &self.observer
            && let Err(why) = observer(ask, answer)
        {
            found.push(why);
        }
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.extend(found.into_iter().map(|why| format!("{ask:?}, {answer:?}: {why}")));
    }

    async fn connect(&self) -> anyhow::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
            None => Box::new(stream),
        })
    }

    async fn exchange(&self, ask: &Ask) -> anyhow::Result<Answer> {
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(format!("{}{}", self.prefix, ask.path))
            .header("host", &self.authority)
            .header("accept", "application/json, application/problem+json, text/markdown");
        if !ask.media_type.is_empty() {
            request = request.header("content-type", ask.media_type);
        }
        if let Some(token) = &ask.token {
            request = request.header("authorization", format!("Bearer {}", token.as_str()));
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(ask.body.clone()))?;
        let stream = TokioIo::new(self.connect().await?);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        let collected = Limited::new(body, MOST).collect().await;
        let body = collected.map_err(|error| anyhow::anyhow!("the answer's body: {error}"))?;
        drop(sender);
        connection.abort();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
    }
}

fn connector(pem: &[u8]) -> Result<TlsConnector, ClientError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| ClientError::Authorities)?;
        roots.add(certificate).map_err(|_| ClientError::Authorities)?;
    }
    if roots.is_empty() {
        return Err(ClientError::Authorities);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.map_err(|_| ClientError::Authorities)?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}
