//! A file of services: where each is, below whose certificates, and with what one asks there.
//!
//! ```toml
//! [service.home]
//! url = "https://attestation.example/v1"
//! ca = "ca.pem"
//! token-file = "launcher.token"
//!
//! [service.other]
//! url = "https://attest.example.org/v1/t/acme"
//! ca = "/etc/ssl/acme.pem"
//! certificate = "host.pem"
//! key = "host.key"
//! ```
//!
//! Whoever can change the file, or read a credential, can act for this machine: so the file must be writable by its owner alone, and
//! a credential readable by its owner alone (mode 0600). Relative paths are taken from the file's folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::base::{Base, BaseError};
use crate::{Connection, Credential};

/// The longest file that is read here, in bytes.
const MOST: u64 = 1 << 20;

/// Why there is no service to ask.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServicesError {
    /// A file is not read.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that others can change or read.
    #[error("{path}: {detail}", path = .path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// What was found, and what to do.
        detail: String,
    },
    /// The file is not as this page has it.
    #[error("{path}: {detail}", path = .path.display())]
    Form {
        /// Which.
        path: PathBuf,
        /// What was found and wanted.
        detail: String,
    },
    /// There is no such service in the file.
    #[error("{path}: {detail}; there {are}", path = .path.display(), are = listed(.known))]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// What was looked for.
        detail: String,
        /// The names and addresses that are there.
        known: Vec<String>,
    },
}

fn listed(known: &[String]) -> String {
    match known {
        [] => "is no service in it".to_owned(),
        [one] => format!("is {one}"),
        more => format!("are {}", more.join(", ")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    service: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    url: String,
    ca: Option<PathBuf>,
    token_file: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

/// The services of a file.
#[derive(Debug)]
pub struct Services {
    path: PathBuf,
    services: Vec<Service>,
}

/// One of them. Its credential is read when it is connected to.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name in the file.
    pub name: String,
    /// Its address.
    pub base: Base,
    ca: Option<PathBuf>,
    proof: Proof,
}

#[derive(Clone, Debug)]
enum Proof {
    None,
    Token(PathBuf),
    Certificate(PathBuf, PathBuf),
}

impl Services {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`ServicesError`]: it is not there, others than its owner can change it, or it is not of this form.
    pub fn read(path: &Path) -> Result<Self, ServicesError> {
        let bytes = read(path, Wanted::NoOtherWriter)?;
        let form = |detail: String| ServicesError::Form { path: path.to_owned(), detail };
        let text = std::str::from_utf8(&bytes).map_err(|error| form(error.to_string()))?;
        let read: Form = toml::from_str(text).map_err(|error| form(placed(text, &error)))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut services = Vec::new();
        for (name, entry) in read.service {
            let place = |key: &str, why: &str| form(format!("service.{name}.{key}: {why}"));
            let base: Base =
                entry.url.parse().map_err(|error: BaseError| place("url", &error.to_string()))?;
            if base.is_https() && entry.ca.is_none() {
                return Err(place(
                    "ca",
                    "https needs the certificates, in PEM, of whoever signs the service's",
                ));
            }
            let at = |path: PathBuf| folder.join(path);
            let proof = match (entry.token_file, entry.certificate, entry.key) {
                (None, None, None) => Proof::None,
                (Some(token), None, None) => Proof::Token(at(token)),
                (None, Some(chain), Some(key)) => Proof::Certificate(at(chain), at(key)),
                (None, None, Some(_)) => {
                    return Err(place("certificate", "there is a `key` and no `certificate`"));
                }
                (None, Some(_), None) => {
                    return Err(place("key", "there is a `certificate` and no `key`"));
                }
                _ => {
                    return Err(place(
                        "token-file",
                        "a token and a certificate: a service is asked with one of both",
                    ));
                }
            };
            services.push(Service { ca: entry.ca.map(at), name, base, proof });
        }
        for (at, one) in services.iter().enumerate() {
            if let Some(other) = services.iter().skip(at + 1).find(|other| other.base == one.base) {
                let detail = format!(
                    "service.{} and service.{} have one address, {}",
                    one.name, other.name, one.base
                );
                return Err(form(detail));
            }
        }
        Ok(Self { path: path.to_owned(), services })
    }

    /// The service of a name or of an address; `None` is the only one that there is.
    ///
    /// # Errors
    ///
    /// [`ServicesError::Unknown`]: none, or several, are meant.
    pub fn choose(&self, which: Option<&str>) -> Result<&Service, ServicesError> {
        let Some(which) = which else {
            return match self.services.as_slice() {
                [one] => Ok(one),
                _ => Err(self.unknown("which service is meant is not said".into())),
            };
        };
        let named = self.services.iter().find(|service| service.name == which);
        let base: Result<Base, _> = which.parse();
        let found = named.or_else(|| {
            let base = base.as_ref().ok()?;
            self.services.iter().find(|service| service.base == *base)
        });
        let shown: String = which.chars().take(200).collect();
        found.ok_or_else(|| {
            self.unknown(format!("no service is called {shown:?} or has this address"))
        })
    }

    /// The service of an address, and of nothing else: what comes from somebody who does not decide whom this machine trusts, such
    /// as a domain's metadata, names no service by the name that it has here.
    ///
    /// # Errors
    ///
    /// [`ServicesError::Unknown`].
    pub fn at(&self, address: &str) -> Result<&Service, ServicesError> {
        let base: Result<Base, BaseError> = address.parse();
        match base {
            Ok(base) => {
                self.services.iter().find(|service| service.base == base).ok_or_else(|| {
                    self.unknown(format!(
                        "the service at {base} is none that this machine is set up for"
                    ))
                })
            }
            Err(error) => Err(self.unknown(error.to_string())),
        }
    }

    fn unknown(&self, detail: String) -> ServicesError {
        let known =
            self.services.iter().map(|service| format!("{} ({})", service.name, service.base));
        ServicesError::Unknown { path: self.path.clone(), detail, known: known.collect() }
    }
}

/// Where a file stopped fitting its form, without the line that stands there: somebody may have written a token into it.
fn placed(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count().saturating_add(1);
    format!("line {line}: {}", error.message())
}

impl Service {
    /// What is needed to ask it: the files are read now.
    ///
    /// # Errors
    ///
    /// [`ServicesError`]: a file is not there, or a credential can be read by others.
    pub fn connection(&self) -> Result<Connection, ServicesError> {
        let ca = self.ca.as_deref().map(|path| read(path, Wanted::NoOtherWriter)).transpose()?;
        let credential = match &self.proof {
            Proof::None => Credential::None,
            Proof::Token(path) => {
                let bytes = read(path, Wanted::OwnersAlone)?;
                let text = std::str::from_utf8(&bytes).map_err(|_| ServicesError::Form {
                    path: path.clone(),
                    detail: "this is no token: it is not text".into(),
                })?;
                Credential::Token(Zeroizing::new(text.trim().to_owned()))
            }
            Proof::Certificate(chain, key) => Credential::Certificate {
                chain: read(chain, Wanted::NoOtherWriter)?.to_vec(),
                key: read(key, Wanted::OwnersAlone)?,
            },
        };
        Ok(Connection { base: self.base.clone(), ca: ca.map(|bytes| bytes.to_vec()), credential })
    }
}

/// Who may have access to a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Its owner alone changes it.
    NoOtherWriter,
    /// Its owner alone reads it.
    OwnersAlone,
}

/// Reads a regular file that belongs to this user or to root.
fn read(path: &Path, wanted: Wanted) -> Result<Zeroizing<Vec<u8>>, ServicesError> {
    let failed = |source| ServicesError::File { path: path.to_owned(), source };
    let open = |detail: String| ServicesError::Open { path: path.to_owned(), detail };
    // A pipe that nobody writes to is not waited for.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let opened = rustix::fs::open(path, flags, Mode::empty());
    let file = File::from(opened.map_err(|errno| failed(errno.into()))?);
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(open("this is no regular file".into()));
    }
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() != own && metadata.uid() != 0 {
        let found = metadata.uid();
        return Err(open(format!("it belongs to user {found}, wanted this user ({own}) or root")));
    }
    let mode = metadata.permissions().mode() & 0o777;
    let (forbidden, detail) = match wanted {
        Wanted::NoOtherWriter => (0o022, "others than its owner can write it (chmod go-w)"),
        Wanted::OwnersAlone => (0o077, "others than its owner have access to it (chmod 600)"),
    };
    if mode & forbidden != 0 {
        return Err(open(format!("mode {mode:04o}: {detail}")));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|found| found > MOST) {
        return Err(open(format!("it is longer than {MOST} bytes")));
    }
    Ok(bytes)
}
