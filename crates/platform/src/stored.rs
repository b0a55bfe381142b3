//! A platform as bytes, to keep it between two runs: its model, its secrets and its counters, and none of its guests.
//!
//! The form is text: one line for each value, `key value`, always all of them and in the same order. It holds the seed and the authority's primes, so
//! it is as secret as the platform is, which is a simulation.
//!
//! ```
//! use sev_launch_abi::Generation;
//! use sev_launch_platform::{Model, Platform};
//!
//! let platform = Platform::new(Model::of(Generation::Rome), &[7; 32]);
//! let stored = platform.to_bytes();
//! assert!(stored.starts_with(b"sev-launch-platform 1\nsimulated true\n"));
//! assert_eq!(Platform::from_bytes(&stored)?.id(), platform.id());
//! # Ok::<(), sev_launch_platform::StoredError>(())
//! ```

use core::str::FromStr;

use sev_launch_abi::snp::TcbVersion;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::authority::{Authority, AuthorityError, AuthorityKeys};
use crate::certificate::CERTIFICATE_SIZE;
use crate::identity::{External, Identity};
use crate::model::Model;
use crate::platform::{Platform, SEED_SIZE};
use crate::rsa_key::Primes;
use crate::snp_settings::SnpConfig;

/// Room for everything, so that no secret is left behind where a vector grew.
const CAPACITY: usize = 32 * 1024;
/// More than this is no stored platform.
const MAX_SIZE: usize = CAPACITY;

/// The keys, in their order.
const KEYS: [&str; 20] = [
    "sev-launch-platform",
    "simulated",
    "generation",
    "api",
    "build",
    "seed",
    "draws",
    "pek-number",
    "pdh-number",
    "owner-pek",
    "owner-oca",
    "current-tcb",
    "reported-tcb",
    "mask-chip-id",
    "mask-chip-key",
    "report-version",
    "platform-info",
    "ark",
    "ask",
    "asvk",
];
/// The version of the form, in the first line.
const VERSION: &str = "1";
/// A value that is not there.
const NONE: &str = "-";

/// Why bytes are no stored platform.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredError {
    /// Too many bytes.
    #[error("{found} bytes, wanted at most {MAX_SIZE}: this is no stored platform")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// A line that is missing, or has another key or no value that can be.
    #[error("line {line} of the stored platform: wanted \"{key}\" with {wanted}")]
    Line {
        /// The line's number, from 1.
        line: usize,
        /// The key that belongs there.
        key: &'static str,
        /// What belongs behind it.
        wanted: &'static str,
    },
    /// Something after the last line.
    #[error("the stored platform goes on after its last line, {last}")]
    Trailing {
        /// The number of lines wanted.
        last: usize,
    },
    /// Primes that make no authority.
    #[error("the stored platform's authority: {0}")]
    Authority(#[from] AuthorityError),
}

impl Platform {
    /// The platform without its guests, as bytes that are wiped on drop. An authority is stored where it was made or given.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Writer::new();
        text.line(VERSION.as_bytes());
        text.line(b"true");
        text.line(self.model.generation.name().as_bytes());
        text.line(self.model.api.to_string().as_bytes());
        text.line(self.model.build.to_string().as_bytes());
        text.hex(&[self.seed()]);
        text.line(self.draws.to_string().as_bytes());
        text.line(self.identity.pek_number.to_string().as_bytes());
        text.line(self.identity.pdh_number.to_string().as_bytes());
        match &self.identity.external {
            Some(external) => {
                text.hex(&[&external.pek]);
                text.hex(&[&external.oca]);
            }
            None => (0..2).for_each(|_| text.line(NONE.as_bytes())),
        }
        let SnpConfig { reported_tcb, mask_chip_id, mask_chip_key } = self.snp.config;
        text.hex(&[self.snp.current_tcb.as_bytes()]);
        text.hex(&[reported_tcb.as_bytes()]);
        text.line(mask_chip_id.to_string().as_bytes());
        text.line(mask_chip_key.to_string().as_bytes());
        text.line(self.snp.report_version.to_string().as_bytes());
        text.line(self.snp.platform_info.to_string().as_bytes());
        match self.authority.get() {
            Some(authority) => {
                let AuthorityKeys { ark, ask, asvk } = authority.keys();
                [ark, ask, asvk].iter().for_each(|key| text.hex(&[&key.p, &key.q]));
            }
            None => (0..3).for_each(|_| text.line(NONE.as_bytes())),
        }
        text.bytes
    }

    /// A platform from such bytes: as after power-on, initialised and without guests.
    ///
    /// Errors: anything that [`Platform::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        if bytes.len() > MAX_SIZE {
            return Err(StoredError::TooLarge { found: bytes.len() });
        }
        let mut lines = Lines { rest: bytes, line: 0 };
        lines.constant(VERSION, "the version 1")?;
        lines.constant("true", "true: this is a simulation")?;
        let generation = lines.parsed("the name of a generation")?;
        let api = lines.parsed("a version such as 1.55")?;
        let build = lines.parsed("a number up to 255")?;
        let seed: [u8; SEED_SIZE] = *lines.array("64 hex digits")?;
        let mut platform = Self::new(Model { generation, api, build }, &seed);
        platform.draws = lines.parsed("a number")?;
        platform.identity = Identity {
            pek_number: lines.parsed("a number")?,
            pdh_number: lines.parsed("a number")?,
            external: None,
        };
        const CERTIFICATE: &str = "a certificate of 2084 bytes as hex, or -";
        let pek = lines.optional::<CERTIFICATE_SIZE>(CERTIFICATE)?;
        let oca =
            lines.optional::<CERTIFICATE_SIZE>("one as well, where there is the one before")?;
        platform.identity.external = match (pek, oca) {
            (None, None) => None,
            (Some(pek), Some(oca)) => Some(Box::new(External { pek: *pek, oca: *oca })),
            _ => return Err(lines.wrong("one as well, where there is the one before")),
        };
        platform.snp.current_tcb = TcbVersion::from_bytes(*lines.array("16 hex digits")?);
        platform.snp.config = SnpConfig {
            reported_tcb: TcbVersion::from_bytes(*lines.array("16 hex digits")?),
            mask_chip_id: lines.parsed("true or false")?,
            mask_chip_key: lines.parsed("true or false")?,
        };
        let version = lines.parsed("2, 3 or 5")?;
        platform.set_report_version(version).map_err(|_| lines.wrong("2, 3 or 5"))?;
        platform.snp.platform_info = lines.parsed("a number")?;
        let keys = [lines.primes()?, lines.primes()?, lines.primes()?];
        if !lines.rest.is_empty() {
            return Err(StoredError::Trailing { last: KEYS.len() });
        }
        match keys {
            [None, None, None] => Ok(platform),
            [Some(ark), Some(ask), Some(asvk)] => {
                let keys = AuthorityKeys { ark, ask, asvk };
                let authority = Authority::from_keys(generation, &keys)?;
                Ok(platform.with_authority(authority)?)
            }
            _ => Err(lines.wrong("the primes of ARK, ASK and ASVK, or - for all three")),
        }
    }
}

/// Lines that are written.
struct Writer {
    bytes: Zeroizing<Vec<u8>>,
    next: usize,
}

impl Writer {
    fn new() -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(CAPACITY)), next: 0 }
    }

    fn key(&mut self) {
        let key = KEYS.get(self.next).copied().unwrap_or_default();
        self.bytes.extend(key.as_bytes());
        self.bytes.push(b' ');
        self.next += 1;
    }

    fn line(&mut self, value: &[u8]) {
        self.key();
        self.bytes.extend(value);
        self.bytes.push(b'\n');
    }

    /// Parts in hex, with a space between them.
    fn hex(&mut self, parts: &[&[u8]]) {
        self.key();
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                self.bytes.push(b' ');
            }
            for byte in *part {
                self.bytes.extend([byte >> 4, byte & 0xf].map(digit));
            }
        }
        self.bytes.push(b'\n');
    }
}

const fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    }
}

/// Lines that are read.
struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Lines<'a> {
    /// The value of the next line, which must have the next key.
    fn value(&mut self, wanted: &'static str) -> Result<&'a str, StoredError> {
        let key = KEYS.get(self.line).copied().unwrap_or_default();
        self.line += 1;
        let error = StoredError::Line { line: self.line, key, wanted };
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or(error)?;
        let (line, rest) = self.rest.split_at_checked(end).ok_or(error)?;
        self.rest = rest.get(1..).unwrap_or_default();
        let value = line.strip_prefix(key.as_bytes()).and_then(|value| value.strip_prefix(b" "));
        value.and_then(|value| core::str::from_utf8(value).ok()).ok_or(error)
    }

    /// What is wrong with the line that was read last.
    fn wrong(&self, wanted: &'static str) -> StoredError {
        let key = KEYS.get(self.line.saturating_sub(1)).copied().unwrap_or_default();
        StoredError::Line { line: self.line, key, wanted }
    }

    fn constant(&mut self, value: &str, wanted: &'static str) -> Result<(), StoredError> {
        match self.value(wanted)? == value {
            true => Ok(()),
            false => Err(self.wrong(wanted)),
        }
    }

    /// A value that is written as it would be written here.
    fn parsed<T: FromStr + ToString>(&mut self, wanted: &'static str) -> Result<T, StoredError> {
        let text = self.value(wanted)?;
        let value = text.parse::<T>().ok().filter(|value| value.to_string() == text);
        value.ok_or_else(|| self.wrong(wanted))
    }

    fn array<const N: usize>(
        &mut self,
        wanted: &'static str,
    ) -> Result<Zeroizing<[u8; N]>, StoredError> {
        self.optional(wanted)?.ok_or_else(|| self.wrong(wanted))
    }

    fn optional<const N: usize>(
        &mut self,
        wanted: &'static str,
    ) -> Result<Option<Zeroizing<[u8; N]>>, StoredError> {
        let text = self.value(wanted)?;
        if text == NONE {
            return Ok(None);
        }
        let mut bytes = Zeroizing::new([0; N]);
        match from_hex(text, bytes.as_mut_slice()) {
            true => Ok(Some(bytes)),
            false => Err(self.wrong(wanted)),
        }
    }

    /// Two numbers; one that no key is made of is refused later.
    fn primes(&mut self) -> Result<Option<Primes>, StoredError> {
        const WANTED: &str = "two primes as hex with a space between them, or -";
        let text = self.value(WANTED)?;
        if text == NONE {
            return Ok(None);
        }
        let number = |digits: &str| {
            let mut bytes = Zeroizing::new(vec![0; digits.len() / 2]);
            from_hex(digits, &mut bytes).then_some(bytes)
        };
        let primes =
            text.split_once(' ').and_then(|(p, q)| Some(Primes { p: number(p)?, q: number(q)? }));
        primes.map(Some).ok_or_else(|| self.wrong(WANTED))
    }
}

/// Reads lower-case hex that fills the bytes exactly.
#[must_use]
fn from_hex(text: &str, bytes: &mut [u8]) -> bool {
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    is_lower && hex::decode_to_slice(text, bytes).is_ok()
}
