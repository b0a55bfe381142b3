//! Secrets for a launch that was verified: flags, files, and the packet.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use sev_launch_abi::Guid;
use sev_launch_sweep::SecretPlace;
use sev_launch_verify::sev::measurement::VerifiedLaunch;
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, Packet, SecretTable};
use zeroize::Zeroizing;

use crate::exit::Insecure;
use crate::output::Outputs;
use crate::{inputs, output};

/// Secrets to pack after a yes, as virt-qemu-sev-validate has them.
#[derive(Debug, clap::Args)]
pub(crate) struct SecretFlags {
    /// A secret as GUID:FILE or luks-key:FILE; the file's bytes are the secret, line ends included. May repeat.
    #[arg(
        short = 's',
        long,
        visible_alias = "secret",
        value_name = "NAME:FILE",
        help_heading = "Secrets"
    )]
    inject_secret: Vec<String>,
    /// Where the packet's header is written, in base64.
    #[arg(long, value_name = "FILE", help_heading = "Secrets")]
    secret_header: Option<PathBuf>,
    /// Where the packet's payload is written, in base64.
    #[arg(long, value_name = "FILE", help_heading = "Secrets")]
    secret_payload: Option<PathBuf>,
}

impl SecretFlags {
    /// Secrets, header and payload go together.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let outputs = [&self.secret_header, &self.secret_payload];
        if self.inject_secret.is_empty() && outputs.iter().any(|output| output.is_some()) {
            bail!("no secret: give --inject-secret luks-key:FILE");
        }
        if !self.inject_secret.is_empty() && outputs.iter().any(|output| output.is_none()) {
            bail!("secrets need --secret-header and --secret-payload, the files for the packet");
        }
        Ok(())
    }

    /// Are there secrets to pack?
    pub(crate) fn is_empty(&self) -> bool {
        self.inject_secret.is_empty()
    }

    /// Packs the secrets for a launch that was verified, and stages the packet's two files.
    pub(crate) fn pack(
        &self,
        launch: &VerifiedLaunch,
        place: SecretPlace,
        outputs: &mut Outputs,
    ) -> anyhow::Result<()> {
        let (Some(header), Some(payload)) = (&self.secret_header, &self.secret_payload) else {
            return Ok(());
        };
        let packet = pack(launch, &self.inject_secret, place)?;
        stage_packet(&packet, header, payload, outputs)
    }
}

/// Packs secrets.
pub(crate) fn pack(
    launch: &VerifiedLaunch,
    secrets: &[String],
    place: SecretPlace,
) -> anyhow::Result<Packet> {
    let secrets: Vec<_> = secrets.iter().map(|text| read_secret(text)).collect::<Result<_, _>>()?;
    pack_table(launch, &secrets, place)
}

/// Packs secrets that were read.
pub(crate) fn pack_table(
    launch: &VerifiedLaunch,
    secrets: &[(Guid, Zeroizing<Vec<u8>>)],
    place: SecretPlace,
) -> anyhow::Result<Packet> {
    let mut table = SecretTable::new();
    for (guid, data) in secrets {
        table.add(*guid, data)?;
    }
    let area = place.area().map_err(|error| match error {
        insecure if insecure.is_insecure() => anyhow::Error::from(Insecure(insecure.to_string())),
        other => other.into(),
    })?;
    Ok(launch.pack_secret(&table, area, &mut UnwrapErr(SysRng))?)
}

/// Stages the packet's two files.
pub(crate) fn stage_packet(
    packet: &Packet,
    header: &Path,
    payload: &Path,
    outputs: &mut Outputs,
) -> anyhow::Result<()> {
    outputs.add_new(header, BASE64.encode(packet.header).as_bytes())?;
    outputs.add_new(payload, BASE64.encode(&packet.payload).as_bytes())
}

/// A secret of the form NAME:FILE.
pub(crate) fn read_secret(text: &str) -> anyhow::Result<(Guid, Zeroizing<Vec<u8>>)> {
    let (name, path) = text
        .split_once(':')
        .with_context(|| format!("{text:?}: wanted GUID:FILE or luks-key:FILE"))?;
    let guid = if name == "luks-key" { LUKS_PASSPHRASE } else { name.parse()? };
    let data = inputs::read_secret(path.as_ref())?;
    if data.is_empty() {
        output::remark("warning", &format!("{path} is empty, and so is the secret"));
    }
    if data.last() == Some(&b'\n') {
        let text = format!("{path} ends with a newline, which is part of the secret");
        output::remark("warning", &text);
    }
    Ok((guid, data))
}
