//! The flags by which a host's claims of a launched SEV guest are given: one by one, or in a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::PlatformVersion;
use sev_launch_evidence::{HostClaims, host_claims};
use sev_launch_verify::sev::measurement::LaunchMeasurement;

use crate::args::number;
use crate::blob;

/// What the host says of a SEV or SEV-ES launch.
#[derive(Debug, clap::Args)]
pub(crate) struct EvidenceFlags {
    /// What QMP's query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken.
    #[arg(long, value_name = "FILE", help_heading = "Evidence")]
    evidence: Option<PathBuf>,
    /// The launch measurement: 48 bytes in base64 or hex.
    #[arg(
        short,
        long,
        visible_alias = "launch-measure-blob",
        value_name = "BASE64",
        help_heading = "Evidence"
    )]
    measurement: Option<String>,
    /// The platform's API version: major.
    #[arg(long, value_name = "NUMBER", value_parser = number, help_heading = "Evidence")]
    api_major: Option<u64>,
    /// The platform's API version: minor.
    #[arg(long, value_name = "NUMBER", value_parser = number, help_heading = "Evidence")]
    api_minor: Option<u64>,
    /// The platform's build.
    #[arg(long, value_name = "NUMBER", value_parser = number, help_heading = "Evidence")]
    build_id: Option<u64>,
}

impl EvidenceFlags {
    /// Is a launch measurement given, or a file that may hold one?
    pub(crate) fn is_given(&self) -> bool {
        self.evidence.is_some() || self.measurement.is_some()
    }

    /// The claims of the file; none where no file was given.
    pub(crate) fn read(&self) -> anyhow::Result<HostClaims> {
        let read = |path: &PathBuf| blob::read(path, HostClaims::parse);
        self.evidence.as_ref().map_or_else(|| Ok(HostClaims::default()), read)
    }

    /// The claims of another file, which stands in for that of the flags.
    pub(crate) fn read_from(&self, path: &Path) -> anyhow::Result<HostClaims> {
        if self.evidence.is_some() {
            bail!("two files of evidence: leave --evidence out");
        }
        blob::read(path, HostClaims::parse)
    }

    /// The host's claims, from flags and the file. An error for what is missing or stands in both and differs.
    pub(crate) fn claims(
        &self,
        claims: &HostClaims,
    ) -> anyhow::Result<(LaunchMeasurement, PlatformVersion)> {
        let flag = self.measurement.as_deref().map(host_claims::measurement).transpose()?;
        let base64 = |value: &LaunchMeasurement| format!("{:?}", BASE64.encode(value.to_bytes()));
        let measurement = merge("--measurement", claims.measurement, flag, base64)?;
        let number = |name, claimed, flag| merge(name, claimed, flag, u64::to_string);
        let version = PlatformVersion::from_numbers(
            number("--api-major", claims.api_major, self.api_major)?,
            number("--api-minor", claims.api_minor, self.api_minor)?,
            number("--build-id", claims.build_id, self.build_id)?,
        )?;
        Ok((measurement, version))
    }
}

/// What a flag gives or the host claims; one must be there, and they must not differ.
fn merge<T: PartialEq>(
    name: &str,
    claimed: Option<T>,
    flag: Option<T>,
    show: impl Fn(&T) -> String,
) -> anyhow::Result<T> {
    match (claimed, flag) {
        (Some(claimed), Some(flag)) if claimed != flag => {
            bail!("{name}: the flag says {}, the evidence {}", show(&flag), show(&claimed))
        }
        (claimed, flag) => flag.or(claimed).with_context(|| {
            format!("no {name}: give it, or --evidence with what the host's tools print")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_and_claim_must_not_differ() {
        let merge = |claimed, flag| merge("--api-major", claimed, flag, u64::to_string);
        assert_eq!(merge(Some(1), None).unwrap(), 1);
        assert_eq!(merge(None, Some(2)).unwrap(), 2);
        assert_eq!(merge(Some(1), Some(1)).unwrap(), 1);
        for (claimed, flag, told) in [
            (Some(1), Some(2), "--api-major: the flag says 2, the evidence 1"),
            (None, None, "no --api-major: give it, or --evidence"),
        ] {
            let error = merge(claimed, flag).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }
}
