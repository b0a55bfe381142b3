//! Where a monitor listens.
//!
//! Written as in QEMU's `-qmp`: `unix:/run/vm.qmp`, the path alone, or `tcp:127.0.0.1:4444`. No port of another machine: a monitor asks for no password and
//! encrypts nothing.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// Where a monitor listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A Unix socket, by its path.
    Unix(PathBuf),
    /// A port of this machine. [`Qmp::connect`](super::Qmp::connect) refuses others than those of the loopback.
    Tcp(SocketAddr),
}

/// What is no monitor's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// No path.
    #[error("an empty path: wanted unix:PATH or tcp:127.0.0.1:PORT")]
    Empty,
    /// Behind `tcp:` stands no address with a port.
    #[error(
        "tcp:{0}: wanted an address of this machine and a port, as tcp:127.0.0.1:4444 or tcp:[::1]:4444"
    )]
    Port(String),
    /// A port of another machine, or one that other machines reach.
    #[error(
        "{0} is not on the loopback: a monitor has no password, and whoever reaches it rules the guest; use unix:PATH, or tcp:127.0.0.1:PORT"
    )]
    NotLoopback(SocketAddr),
}

impl Address {
    /// # Errors
    ///
    /// A port that is not on the loopback.
    pub(super) fn check(&self) -> Result<(), AddressError> {
        match self {
            // An IPv4 address within IPv6 is what it maps to.
            Self::Tcp(address) if !address.ip().to_canonical().is_loopback() => {
                Err(AddressError::NotLoopback(*address))
            }
            Self::Unix(_) | Self::Tcp(_) => Ok(()),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let address = if let Some(rest) = text.strip_prefix("tcp:") {
            let wrong = || AddressError::Port(rest.to_owned());
            Self::Tcp(match rest.strip_prefix("localhost:") {
                Some(port) => {
                    (IpAddr::from(Ipv4Addr::LOCALHOST), port.parse().map_err(|_| wrong())?).into()
                }
                None => rest.parse().map_err(|_| wrong())?,
            })
        } else {
            match text.strip_prefix("unix:").unwrap_or(text) {
                "" => return Err(AddressError::Empty),
                path => Self::Unix(path.into()),
            }
        };
        address.check()?;
        Ok(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_are_addresses() {
        for (text, wanted) in [
            ("unix:/run/vm.qmp", Address::Unix("/run/vm.qmp".into())),
            ("/run/vm.qmp", Address::Unix("/run/vm.qmp".into())),
            ("tcp:127.0.0.1:4444", Address::Tcp(([127, 0, 0, 1], 4444).into())),
            ("tcp:localhost:1", Address::Tcp(([127, 0, 0, 1], 1).into())),
            ("tcp:[::1]:4444", Address::Tcp(([0, 0, 0, 0, 0, 0, 0, 1], 4444).into())),
            (
                "tcp:[::ffff:127.0.0.1]:5",
                Address::Tcp(([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], 5).into()),
            ),
        ] {
            let read: Address = text.parse().unwrap();
            assert_eq!(read, wanted, "{text}");
            assert_eq!(read.to_string().parse(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn others_are_refused_with_what_to_write() {
        for text in ["tcp:192.0.2.1:4444", "tcp:0.0.0.0:1", "tcp:[::]:1", "tcp:[::ffff:10.0.0.1]:5"]
        {
            let error = text.parse::<Address>().unwrap_err();
            assert!(matches!(error, AddressError::NotLoopback(_)), "{error}");
            assert!(error.to_string().contains("no password"), "{error}");
        }
        for text in
            ["tcp:", "tcp:host:4444", "tcp:127.0.0.1", "tcp:127.0.0.1:70000", "tcp:localhost:x"]
        {
            assert!(matches!(text.parse::<Address>(), Err(AddressError::Port(_))), "{text}");
        }
        for text in ["", "unix:"] {
            assert_eq!(text.parse::<Address>(), Err(AddressError::Empty));
        }
    }
}
