//! The address of a service, as far as its text can be judged without knowing any service.
//!
//! RFC 3986 has the form. What is left out here is what an address could hide behind: a user's name before the host, a query, a
//! fragment, and every character that one reader of addresses takes otherwise than another. Nothing is rewritten.

use std::net::Ipv6Addr;

/// The most bytes of an address.
const MOST_BYTES: usize = 2048;

/// Is this the plain base address of a service? The error says what it has, and what was wanted.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
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
    use super::check;

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
