//! The flags by which a host's claims are given: one by one, or in a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::PlatformVersion;
use sev_launch_verify::sev::measurement::{LaunchMeasurement, MEASUREMENT_SIZE};

use super::Evidence;
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
    pub(crate) fn read(&self) -> anyhow::Result<Evidence> {
        match &self.evidence {
            Some(path) => super::read(path),
            None => Ok(Evidence::default()),
        }
    }

    /// The claims of another file, which stands in for that of the flags.
    pub(crate) fn read_from(&self, path: &Path) -> anyhow::Result<Evidence> {
        if self.evidence.is_some() {
            bail!("two files of evidence: leave --evidence out");
        }
        super::read(path)
    }

    /// The host's claims, from flags and the file. An error for what is missing or stands in both and differs.
    pub(crate) fn claims(
        &self,
        evidence: &Evidence,
    ) -> anyhow::Result<(LaunchMeasurement, PlatformVersion)> {
        let missing =
            |what| format!("no {what}: give it, or --evidence with what the host's tools print");
        let text = Evidence::or_flag(
            "measurement",
            evidence.measurement.clone(),
            self.measurement.clone(),
        )?;
        let text = text.with_context(|| missing("--measurement"))?;
        let bytes = blob::typed_array::<MEASUREMENT_SIZE>("launch measurement", &text)?;
        let number = |name: &'static str, claimed, flag| {
            Evidence::or_flag(name, claimed, flag)?.with_context(|| missing(name))
        };
        let version = PlatformVersion::from_numbers(
            number("--api-major", evidence.api_major, self.api_major)?,
            number("--api-minor", evidence.api_minor, self.api_minor)?,
            number("--build-id", evidence.build_id, self.build_id)?,
        )?;
        Ok((LaunchMeasurement::parse(&bytes)?, version))
    }
}
