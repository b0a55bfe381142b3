//! What is reported, and what there is to be wrong about it.
//!
//! A digest is taken as it is. A launch measurement is an HMAC over more than the digest [SEV-API, LAUNCH_MEASURE], and
//! comes with numbers that people copy: the policy, the platform's version, and 48 bytes of two parts.
//!
//! The crate's example shows it in use.

use sev_launch_abi::sev::policy::{Flag, Policy};
use sev_launch_abi::{PlatformVersion, Technology};
use sev_launch_digest::{sev, snp};
use sev_launch_verify::sev::keys::Tik;
use sev_launch_verify::sev::measurement::LaunchMeasurement;

use crate::error::Error;

/// The value to be explained.
#[derive(Debug)]
pub enum Reported {
    /// A launch digest of SEV or SEV-ES.
    Sev(sev::LaunchDigest),
    /// A launch digest of SNP: the MEASUREMENT field of a report.
    Snp(snp::LaunchDigest),
    /// A launch measurement of SEV or SEV-ES.
    Measurement {
        /// The launch session's TIK.
        tik: Tik,
        /// The platform's version, as it was told.
        version: PlatformVersion,
        /// The guest's policy, as it was put into the session.
        policy: Policy,
        /// The blob.
        measurement: LaunchMeasurement,
    },
}

impl Reported {
    /// Can a launch of this technology give it?
    pub(crate) fn check(&self, technology: Technology) -> Result<(), Error> {
        let snp = technology == Technology::Snp;
        let reported = match self {
            Self::Sev(_) if snp => "a launch digest of SEV or SEV-ES",
            Self::Snp(_) if !snp => "a launch digest of SNP",
            Self::Measurement { .. } if snp => "a launch measurement of SEV or SEV-ES",
            _ => return Ok(()),
        };
        Err(Error::ReportedTechnology { reported, technology })
    }
}

/// Policies near one: each defined bit the other way, the bytes in reverse, those in common use (0, 1, 3, 5, 7, and what
/// OpenStack sets, 0x33 and 0x37), and then every other set of the defined bits, with and without the API version.
pub(crate) fn policies_near(policy: Policy) -> impl Iterator<Item = Policy> {
    /// The defined bits. [SEV-API, guest policy]
    const BITS: u32 = 0x3f;
    let word = policy.bits();
    let flipped = Flag::ALL.into_iter().map(move |bit| word ^ (1 << bit.bit()));
    let common = [word.swap_bytes(), 0, 1, 3, 5, 7, 0x33, 0x37];
    let all = (0..=BITS).map(move |bits| (word & !BITS) | bits).chain(0..=BITS);
    flipped.chain(common).chain(all).map(Policy::from_bits)
}

/// Versions near one: a number off by one, decimal digits read as hex and the reverse, numbers exchanged, every build, and
/// every minor number up to 99.
pub(crate) fn versions_near(version: PlatformVersion) -> Vec<PlatformVersion> {
    let PlatformVersion { major, minor, build } = version;
    let with = |[major, minor, build]: [u8; 3]| PlatformVersion { major, minor, build };
    // The build changes most often, the major number least.
    let each = |slip: fn(u8) -> Option<u8>| {
        [
            slip(build).map(|build| with([major, minor, build])),
            slip(minor).map(|minor| with([major, minor, build])),
            slip(major).map(|major| with([major, minor, build])),
        ]
    };
    let all = |slip: fn(u8) -> Option<u8>| Some(with([slip(major)?, slip(minor)?, slip(build)?]));
    let slips: [fn(u8) -> Option<u8>; 4] =
        [as_hex, as_decimal, |number| number.checked_add(1), |number| number.checked_sub(1)];
    let mut versions: Vec<_> = slips.into_iter().flat_map(each).flatten().collect();
    versions.extend(all(as_hex));
    versions.extend(all(as_decimal));
    versions.push(with([minor, major, build]));
    versions.push(with([major, build, minor]));
    versions.push(with([build, minor, major]));
    versions.push(with([major, minor, 0]));
    versions.extend((0..=u8::MAX).map(|build| with([major, minor, build])));
    versions.extend((0..=99).map(|minor| with([major, minor, build])));
    versions
}

/// The number whose hex digits are this one's decimal digits: 17 is 0x17, which is 23.
fn as_hex(number: u8) -> Option<u8> {
    u8::from_str_radix(&number.to_string(), 16).ok()
}

/// The number whose decimal digits are this one's hex digits: 0x17, which is 23, is 17.
fn as_decimal(number: u8) -> Option<u8> {
    format!("{number:x}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_digits_go_both_ways() {
        assert_eq!((as_hex(17), as_hex(99), as_hex(200)), (Some(0x17), Some(0x99), None));
        assert_eq!((as_decimal(0x17), as_decimal(0x1a)), (Some(17), None));
    }
}
