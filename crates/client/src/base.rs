//! The address of a service, and whom a credential may be sent to.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ureq::http::Uri;

/// The most bytes of an address.
const MOST_BYTES: usize = 2048;

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
        check(text).map_err(wrong)?;
        let uri: Uri = text.parse().map_err(|_| wrong("this is no address"))?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(wrong("it begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        let host = authority.host().to_ascii_lowercase();
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

/// Is this a plain base address, as far as its text can be judged without knowing any service?
///
/// RFC 3986 has the form. What is left out here is what an address could hide behind: a user's name before the host, a query, a
/// fragment, and every character that one reader of addresses takes otherwise than another. Nothing is rewritten.
///
/// # Errors
///
/// What it has, and what was wanted.
pub fn check(text: &str) -> Result<(), &'static str> {
    if text.len() > MOST_BYTES {
        return Err("it has more than 2048 bytes");
    }
    // All that an address may be made of (RFC 3986, "Characters"), with what is refused below.
    let is_of_address =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    if !text.bytes().all(is_of_address) {
        return Err(
            "it has a character that no address has: blanks, control characters, letters that are not ASCII, and \\ among them",
        );
    }
    let rest = match text.split_once("://") {
        Some((scheme, rest))
            if ["http", "https"].iter().any(|one| scheme.eq_ignore_ascii_case(one)) =>
        {
            rest
        }
        _ => return Err("it begins with neither https:// nor http://"),
    };
    if rest.contains(['?', '#']) {
        return Err("it has a query or a fragment, wanted a base address");
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(
            "it has user info before the host, wanted none: credentials are the administrator's to configure",
        );
    }
    if path.contains(['[', ']']) {
        return Err("its path has a bracket, which no path has");
    }
    let (host, port) = split(authority).ok_or("its host is no name and no address")?;
    let port =
        port.map(|port| (port.bytes().all(|byte| byte.is_ascii_digit()), port.parse::<u16>()));
    if port.is_some_and(|(is_digits, number)| !is_digits || !number.is_ok_and(|number| number != 0))
    {
        return Err("its port is no number of 1 to 65535");
    }
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) if address.parse::<Ipv6Addr>().is_ok() => Ok(()),
        Some(_) => Err("what stands in brackets is no IPv6 address"),
        None if host.is_empty() => Err("it names no host"),
        None => Ok(()),
    }
}

/// A host and a port; a host without brackets is of letters, digits, hyphens, dots and underscores.
fn split(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = match authority.strip_prefix('[') {
        Some(_) => authority.find(']')?.checked_add(1)?,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at_checked(end)?;
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !host.starts_with('[') && !host.bytes().all(is_of_name) {
        return None;
    }
    match rest.strip_prefix(':') {
        None if rest.is_empty() => Some((host, None)),
        None => None,
        port => Some((host, port)),
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
            // Else the port would be the one that goes without saying.
            "https://attest.example:99999/v1",
            "https://attest.example:0/v1",
            "https://attest.example:/v1",
        ] {
            assert!(text.parse::<Base>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn plain_addresses_are_taken() {
        for text in [
            "https://attest.example/v1",
            "https://attest.example",
            "http://127.0.0.1:8480/v1/t/acme",
            "https://[2001:db8::1]:8443/v1",
            "HTTPS://Attest.Example:443/v1/",
            "https://attest_1.example/a%20b/@c",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_hides_something_is_not() {
        for text in [
            "",
            "attest.example/v1",
            "//attest.example/v1",
            "file:///etc/passwd",
            "ftp://attest.example",
            "javascript://attest.example/v1",
            "https:attest.example",
            "https://",
            "https:///v1",
            "https://user@attest.example/v1",
            "https://user:word@attest.example/v1",
            "https://attest.example@evil.example/v1",
            "https://attest.example/v1?token=1",
            "https://attest.example/v1#there",
            "https://attest.example?/v1",
            "https://attest.example\\@evil.example/v1",
            "https://attest.example/v1\n",
            "https://attest.example/v1\0",
            "https://attest .example/v1",
            "https://attest.example\u{200b}/v1",
            "https://\u{430}ttest.example/v1",
            "https://attest.example:0/v1",
            "https://attest.example:65536/v1",
            "https://attest.example:+1/v1",
            "https://attest.example:/v1",
            "https://attest.example:1:2/v1",
            "https://attest%2eexample/v1",
            "https://[::1/v1",
            "https://[attest.example]/v1",
            "https://[::1]x/v1",
            "https://a[::1]/v1",
            "https://attest.example/[v1]",
        ] {
            assert!(check(text).is_err(), "{text:?}");
        }
        assert!(check(&format!("https://attest.example/{}", "a".repeat(2048))).is_err());
    }
}
