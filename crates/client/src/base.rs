//! The address of a service, and whom a credential may be sent to.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ureq::http::Uri;

/// The base address of a service, for example `https://attestation.example/v1` or `https://attestation.example/v1/t/acme`, in one
/// form: scheme and host in lower case, no port that goes without saying, no slash at the end.
///
/// Two addresses are the same service exactly where their forms are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base {
    scheme: Scheme,
    /// As an authority has it: with brackets around an IPv6 address.
    host: String,
    port: u16,
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Why a text is no address of a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?}: {why}; wanted the base address of a service, such as https://attestation.example/v1"
)]
pub struct BaseError {
    text: String,
    why: &'static str,
}

impl FromStr for Base {
    type Err = BaseError;

    fn from_str(text: &str) -> Result<Self, BaseError> {
        let wrong = |why| BaseError { text: text.chars().take(200).collect(), why };
        let uri: Uri = text.parse().map_err(|_| wrong("this is no address"))?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(wrong("it begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("it has a user's name in it"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(wrong("it has a query or a fragment"));
        }
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() {
            return Err(wrong("it names no host"));
        }
        let path = uri.path().trim_end_matches('/');
        if path.contains("//") || path.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(wrong("its path is not in its simplest form"));
        }
        let base = Self {
            scheme,
            host,
            port: authority.port_u16().unwrap_or(scheme.port()),
            path: path.to_owned(),
        };
        if scheme == Scheme::Http && !base.is_loopback() {
            return Err(wrong(
                "http is spoken to a loopback address alone (127.0.0.1, [::1]), since whoever listens would have the credential",
            ));
        }
        Ok(base)
    }
}

impl Base {
    /// Is it reached with TLS?
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// An address of this machine's, as digits: names are looked up elsewhere.
    fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        if self.port != self.scheme.port() {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_service_has_one_form() {
        for (text, form) in [
            ("https://Attest.Example/v1", "https://attest.example/v1"),
            ("https://attest.example:443/v1/", "https://attest.example/v1"),
            ("HTTPS://attest.example:8443/v1/t/acme", "https://attest.example:8443/v1/t/acme"),
            ("http://127.0.0.1:8480/v1", "http://127.0.0.1:8480/v1"),
            ("http://[::1]:8480/v1", "http://[::1]:8480/v1"),
            ("https://[2001:DB8::1]/", "https://[2001:db8::1]"),
        ] {
            assert_eq!(text.parse::<Base>().expect(text).to_string(), form);
        }
        assert_ne!("https://a.example/v1".parse::<Base>(), "https://a.example/V1".parse::<Base>());
    }

    #[test]
    fn nothing_else_is_one() {
        for text in [
            "",
            "attest.example/v1",
            "/v1",
            "ftp://attest.example/v1",
            "https://user@attest.example/v1",
            "https://user:word@attest.example/v1",
            "https://attest.example/v1?a=b",
            "https://attest.example/v1#a",
            "https://attest.example/../v1",
            "https://attest.example//v1",
            "https:///v1",
            "http://attest.example/v1",
            "http://10.0.0.1/v1",
            "http://localhost/v1",
            "http://127.0.0.1.attest.example/v1",
            "https://attest.example/v1\n",
            "https://attest .example/v1",
        ] {
            assert!(text.parse::<Base>().is_err(), "{text:?}");
        }
    }
}
