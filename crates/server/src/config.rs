//! The configuration file: TOML, whose schema is docs/schemas/server.schema.json. An unknown key is an error.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use sev_launch_protocol::views::Scope;

use crate::access::{Grant, Grants};
use crate::http::Rates;
use crate::listener::{Limits, TlsSettings};
use crate::rate::Rate;
use crate::seal::KeySource;
use crate::service::{Behaviour, is_tenant};

/// The configuration, as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The address and port of the service.
    pub listen: SocketAddr,
    /// The address and port for operators: health, readiness, metrics; loopback alone. Port 0 is any.
    #[serde(default = "admin")]
    pub admin_listen: SocketAddr,
    /// The folder of the store.
    pub store: PathBuf,
    /// Answer and audit, and release nothing, whatever is registered.
    #[serde(default)]
    pub report_only: bool,
    /// A folder with certificates of chips (CEK), each named by its CPU id in lower-case hex and `.cert`.
    #[serde(default)]
    pub cek_folder: Option<PathBuf>,
    /// The keys by which the store is sealed.
    pub keys: Keys,
    /// TLS; without it the service listens on loopback alone.
    #[serde(default)]
    pub tls: Option<TlsFiles>,
    /// What client certificates may do.
    #[serde(default, rename = "certificate")]
    pub certificates: Vec<Certificate>,
    /// Bounds of connections and time.
    #[serde(default)]
    pub limits: Bounds,
    /// How often somebody may ask, by bucket.
    #[serde(default)]
    pub rates: RateTable,
    /// Write the log as JSON.
    #[serde(default)]
    pub log_json: bool,
    /// What makes the service worth nothing, but for tests.
    #[serde(default)]
    pub danger: Danger,
}

fn admin() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9464))
}

/// `[keys]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The key that seals: a file with 32 bytes (raw, hex or base64), or `credential:NAME`, a credential of systemd.
    pub current: String,
    /// Keys that still open what was sealed before.
    #[serde(default)]
    pub older: Vec<String>,
}

/// `[tls]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TlsFiles {
    /// The certificate and its issuers, PEM.
    pub chain: PathBuf,
    /// Its key, PEM; nobody else may read the file.
    pub key: PathBuf,
    /// The authorities of client certificates, PEM; without them none is asked for.
    #[serde(default)]
    pub client_authorities: Option<PathBuf>,
    /// Accept TLS 1.2 too.
    #[serde(default, rename = "allow-tls-1-2")]
    pub allow_tls_1_2: bool,
}

/// `[[certificate]]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Its first URI in SubjectAltName, otherwise its first DNS name there, otherwise its SHA-256 in hex.
    pub principal: String,
    /// The tenant.
    #[serde(default = "tenant")]
    pub tenant: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

fn tenant() -> String {
    crate::access::DEFAULT_TENANT.into()
}

/// `[limits]`; what is left out is as the listener has it.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bounds {
    /// Connections at once.
    pub connections: Option<usize>,
    /// Connections at once from one address.
    pub connections_per_address: Option<usize>,
    /// Do connections from this machine not count for it?
    pub exempt_loopback: Option<bool>,
    /// Seconds for a request, 1 to 60.
    #[schemars(range(min = 1, max = 60))]
    pub request_seconds: Option<u64>,
    /// Seconds for requests in flight when the service stops.
    pub drain_seconds: Option<u64>,
}

/// `[rates]`; what is left out is as the service has it.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RateTable {
    /// Credentials that are refused, by address.
    pub refused: Option<RateEntry>,
    /// Launches of one guest.
    pub launch_of_guest: Option<RateEntry>,
    /// Launches by one launcher.
    pub launch: Option<RateEntry>,
    /// Measurements of one guest.
    pub validate_of_guest: Option<RateEntry>,
    /// Measurements by one launcher.
    pub validate: Option<RateEntry>,
    /// Changes by one principal.
    pub write: Option<RateEntry>,
    /// Firmware images by one principal.
    pub firmware: Option<RateEntry>,
    /// Requests that read and change nothing, by one principal.
    pub read: Option<RateEntry>,
    /// Requests that compute launch digests, by one tenant.
    pub compute: Option<RateEntry>,
}

/// One rate.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RateEntry {
    /// In a minute.
    #[schemars(range(min = 1))]
    pub per_minute: u32,
    /// At once.
    #[schemars(range(min = 1))]
    pub burst: u32,
}

/// `[danger]`: with any of these, whoever has a key that is not AMD's gets the secrets, or whoever listens sees them pass.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Danger {
    /// Trust the simulated platform of this folder, as `sev-launch platform export` writes it, and nothing of AMD's. Every answer says
    /// `simulated`.
    #[serde(default)]
    pub trust_simulated: Option<PathBuf>,
    /// Listen without TLS on addresses that others reach: for a proxy that ends TLS in front of the service.
    #[serde(default)]
    pub plaintext_anywhere: bool,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not read.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("{path}", path = .path.display())]
    Toml {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A value is not one.
    #[error("{key}: {detail}")]
    Value {
        /// Which.
        key: String,
        /// What was found and wanted.
        detail: String,
    },
}

fn value(key: impl Into<String>, detail: impl Into<String>) -> ConfigError {
    ConfigError::Value { key: key.into(), detail: detail.into() }
}

/// The longest configuration, in bytes.
const MOST: u64 = 1 << 20;

impl Config {
    /// Reads a file. Relative paths in it are taken from its folder.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with the place.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        use std::io::Read as _;
        let file = |source| ConfigError::File { path: path.to_owned(), source };
        let mut text = String::new();
        std::fs::File::open(path)
            .map_err(file)?
            .take(MOST.saturating_add(1))
            .read_to_string(&mut text)
            .map_err(file)?;
        if u64::try_from(text.len()).is_ok_and(|found| found > MOST) {
            let longer = format!("it is longer than {MOST} bytes");
            return Err(file(std::io::Error::new(std::io::ErrorKind::FileTooLarge, longer)));
        }
        let mut config = Self::parse(&text).map_err(|source| ConfigError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        config.take_from(path.parent().unwrap_or(Path::new("")));
        config.check()?;
        Ok(config)
    }

    /// Reads a text; paths stay as they are.
    ///
    /// # Errors
    ///
    /// What the TOML is not.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    fn take_from(&mut self, folder: &Path) {
        let at = |path: &mut PathBuf| *path = folder.join(&*path);
        at(&mut self.store);
        self.cek_folder.iter_mut().chain(&mut self.danger.trust_simulated).for_each(at);
        if let Some(tls) = &mut self.tls {
            at(&mut tls.chain);
            at(&mut tls.key);
            tls.client_authorities.iter_mut().for_each(at);
        }
        for key in std::iter::once(&mut self.keys.current).chain(&mut self.keys.older) {
            if !key.starts_with("credential:") {
                *key = folder.join(&*key).display().to_string();
            }
        }
    }

    /// Checks what the form does not say.
    ///
    /// # Errors
    ///
    /// The first value that is wrong.
    pub fn check(&self) -> Result<(), ConfigError> {
        if !self.admin_listen.ip().is_loopback() {
            let detail = format!(
                "{} is reached by others; wanted a loopback address, or a proxy in front of one",
                self.admin_listen
            );
            return Err(value("admin-listen", detail));
        }
        if self.tls.is_none() && !self.listen.ip().is_loopback() && !self.danger.plaintext_anywhere
        {
            return Err(value(
                "listen",
                format!(
                    "{} is reached by others and there is no [tls]: without it the service listens on loopback alone",
                    self.listen
                ),
            ));
        }
        if self.tls.is_some() && self.danger.plaintext_anywhere {
            return Err(value("danger.plaintext-anywhere", "contradicts [tls]"));
        }
        let asks = self.tls.as_ref().is_some_and(|tls| tls.client_authorities.is_some());
        if !self.certificates.is_empty() && !asks {
            return Err(value(
                "certificate",
                "no client certificate is asked for without tls.client-authorities",
            ));
        }
        if self.listen == self.admin_listen && self.listen.port() != 0 {
            return Err(value("admin-listen", "is the address of `listen`; give it another port"));
        }
        if self.limits.request_seconds.is_some_and(|seconds| !(1..=60).contains(&seconds)) {
            return Err(value("limits.request-seconds", "wanted 1 to 60"));
        }
        if self.cek_folder.is_some() && self.danger.trust_simulated.is_some() {
            let detail =
                "nothing of AMD's is trusted beside danger.trust-simulated: leave one of them out";
            return Err(value("cek-folder", detail));
        }
        if self.store.exists() && !self.store.is_dir() {
            return Err(value("store", format!("{} is no folder", self.store.display())));
        }
        self.grants()?;
        self.key_sources()?;
        self.rates()?;
        self.limits().check().map_err(|error| value("limits", error.to_string()))
    }

    /// What client certificates may do.
    ///
    /// # Errors
    ///
    /// A principal that stands twice, a tenant that is none, no scope.
    pub fn grants(&self) -> Result<Grants, ConfigError> {
        let mut grants = BTreeMap::new();
        for entry in &self.certificates {
            let Certificate { principal, tenant, scopes } = entry;
            if !is_tenant(tenant) {
                return Err(value(
                    "certificate.tenant",
                    format!("{tenant:?} is not 1 to 63 of a-z, 0-9 and '-'"),
                ));
            }
            if !principal.contains(':') && principal.bytes().any(|byte| byte.is_ascii_uppercase()) {
                let detail =
                    format!("{principal:?}: DNS names and SHA-256 are written in lower case");
                return Err(value("certificate.principal", detail));
            }
            if scopes.is_empty() {
                return Err(value("certificate.scopes", format!("{principal:?} may nothing")));
            }
            let grant = Grant { tenant: tenant.clone(), scopes: scopes.clone() };
            if grants.insert(principal.clone(), grant).is_some() {
                return Err(value("certificate.principal", format!("{principal:?} stands twice")));
            }
        }
        Ok(grants)
    }

    /// Where the keys are: the current one, and older ones.
    ///
    /// # Errors
    ///
    /// A source that is none.
    pub fn key_sources(&self) -> Result<(KeySource, Vec<KeySource>), ConfigError> {
        let source = |key: &'static str, text: &String| {
            text.parse::<KeySource>().map_err(|error| value(key, error.to_string()))
        };
        let current = source("keys.current", &self.keys.current)?;
        let older = self
            .keys
            .older
            .iter()
            .map(|text| source("keys.older", text))
            .collect::<Result<_, _>>()?;
        Ok((current, older))
    }

    /// The listener's bounds.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        let Bounds {
            connections,
            connections_per_address,
            exempt_loopback,
            request_seconds,
            drain_seconds,
        } = self.limits;
        limits.connections = connections.unwrap_or(limits.connections);
        limits.connections_per_address =
            connections_per_address.unwrap_or(limits.connections_per_address);
        limits.exempt_loopback = exempt_loopback.unwrap_or(limits.exempt_loopback);
        if let Some(seconds) = request_seconds {
            limits.request = Duration::from_secs(seconds);
            limits.exchange = limits.exchange.max(Duration::from_secs(seconds.saturating_add(10)));
        }
        limits.drain = drain_seconds.map_or(limits.drain, Duration::from_secs);
        limits
    }

    /// The rates.
    ///
    /// # Errors
    ///
    /// A rate of 0.
    pub fn rates(&self) -> Result<Rates, ConfigError> {
        let mut rates = Rates::default();
        let table = self.rates;
        let entries = [
            ("rates.refused", table.refused, &mut rates.refused),
            ("rates.launch-of-guest", table.launch_of_guest, &mut rates.launch_of_guest),
            ("rates.launch", table.launch, &mut rates.launch),
            ("rates.validate-of-guest", table.validate_of_guest, &mut rates.validate_of_guest),
            ("rates.validate", table.validate, &mut rates.validate),
            ("rates.write", table.write, &mut rates.write),
            ("rates.firmware", table.firmware, &mut rates.firmware),
            ("rates.read", table.read, &mut rates.read),
            ("rates.compute", table.compute, &mut rates.compute),
        ];
        for (key, entry, rate) in entries {
            let Some(RateEntry { per_minute, burst }) = entry else { continue };
            if per_minute == 0 || burst == 0 {
                return Err(value(key, "0 lets nobody through; wanted 1 or more"));
            }
            *rate = Rate { per_minute, burst };
        }
        Ok(rates)
    }

    /// How the service behaves.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        Behaviour { report_only: self.report_only, ..Behaviour::default() }
    }

    /// The TLS files.
    #[must_use]
    pub fn tls_settings(&self) -> Option<TlsSettings> {
        let TlsFiles { chain, key, client_authorities, allow_tls_1_2 } = self.tls.clone()?;
        Some(TlsSettings { chain, key, client_authorities, allow_tls_1_2 })
    }

    /// The schema of the file, JSON Schema 2020-12.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Config).to_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str =
        "listen = \"127.0.0.1:8443\"\nstore = \"store\"\n[keys]\ncurrent = \"kek\"\n";

    fn check(text: &str) -> Result<(), String> {
        Config::parse(text)
            .map_err(|error| error.to_string())?
            .check()
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_least_is_enough() {
        check(LEAST).expect("the least");
    }

    #[test]
    fn what_would_be_dropped_or_open_is_refused() {
        for (change, told) in [
            ("listne = 1\n", "unknown field"),
            ("admin-listen = \"0.0.0.0:9464\"\n", "loopback"),
            ("listen = \"0.0.0.0:8443\"\n", "duplicate key"),
        ] {
            let error = check(&format!("{change}{LEAST}")).expect_err(change);
            assert!(error.contains(told), "{change}: {error}");
        }
        let open = LEAST.replace("127.0.0.1", "0.0.0.0");
        assert!(check(&open).expect_err("open").contains("[tls]"));
        check(&format!("{open}[danger]\nplaintext-anywhere = true\n")).expect("said");
        let granted = format!("{LEAST}[[certificate]]\nprincipal = \"a\"\nscopes = [\"launch\"]\n");
        assert!(check(&granted).expect_err("no TLS").contains("client-authorities"));
        let never = format!("{LEAST}[rates.launch]\nper-minute = 0\nburst = 1\n");
        assert!(check(&never).expect_err("never").contains("rates.launch"));
        assert!(check(&LEAST.replace("\"kek\"", "\"credential:\"")).is_err());
    }
}
