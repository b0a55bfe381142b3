//! Firmware images of the service's catalogue.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use sev_launch_client::Client;
use sev_launch_digest::firmware::Firmware as Image;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::text::Sha256;
use sev_launch_protocol::views::FirmwareView;

use super::connect::{Global, Session};
use super::guest::done;
use crate::files;
use crate::output::{Lines, print_json, remark};
use crate::registration;

/// Upload, list and remove firmware images.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Firmware {
    /// Upload an image, 64 MiB at most.
    Upload {
        /// The image as hosts load it.
        file: PathBuf,
    },
    /// List the images that the service knows.
    List,
    /// Take an image out of the catalogue; guests that are registered with it stay as they are.
    Remove {
        /// The image's SHA-256.
        sha256: Sha256,
    },
}

impl Firmware {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<()> {
        let session = &global.session()?;
        match self {
            Self::Upload { file } => {
                let (view, is_new) = upload(session, file, None)?;
                if session.json {
                    return print_json(&view);
                }
                let mut lines = Lines::default();
                let said = if is_new { "uploaded" } else { "known already" };
                lines.line(format_args!("{said}: {}", view.sha256));
                lines.field("size", format_args!("{} bytes", view.size));
                lines.field("takes", takes(&view));
                lines.print()
            }
            Self::List => list(session),
            Self::Remove { sha256 } => {
                session.ask(|client| client.remove_firmware(*sha256))?;
                done(session, format_args!("removed: {sha256}"))
            }
        }
    }
}

fn list(session: &Session) -> anyhow::Result<()> {
    let list = session.ask(Client::firmwares)?;
    if session.json {
        return print_json(&list);
    }
    let row = |view: &FirmwareView| {
        [view.sha256.to_string(), view.size.to_string(), view.created.to_string(), takes(view)]
    };
    let rows: Vec<_> = list.items.iter().map(row).collect();
    let mut lines = Lines::default();
    lines.table(["SHA-256", "bytes", "uploaded", "takes"], &rows);
    lines.print()
}

/// What an image is good for.
fn takes(view: &FirmwareView) -> String {
    let mut parts = Vec::new();
    if let Some(bytes) = view.secret_area.filter(|bytes| *bytes > 0) {
        parts.push(format!("secrets of {bytes} bytes"));
    }
    for (is_so, what) in [
        (view.hash_table, "kernel hashes"),
        (view.es_reset, "SEV-ES"),
        (view.snp_metadata, "SEV-SNP"),
    ] {
        if is_so {
            parts.push(what.to_owned());
        }
    }
    if parts.is_empty() { "nothing".into() } else { parts.join(", ") }
}

/// Uploads an image. One of a description must be that of its hash, and a firmware as far as its form says it: a description may be another's, and name any file
/// of its reader's.
fn upload(
    session: &Session,
    file: &Path,
    wanted: Option<Sha256>,
) -> anyhow::Result<(FirmwareView, bool)> {
    let image = files::read_image(file)?;
    let own = Sha256(*Sha256Digest::of(&image).as_bytes());
    if let Some(wanted) = wanted {
        let name = || files::name(file);
        ensure!(
            wanted == own,
            "{}: it changed since it was read: run again when nothing writes it",
            name()
        );
        let table = Image::parse(&image).map(|image| matches!(image.table(), Ok(Some(_))));
        ensure!(
            table.with_context(name)?,
            "{}: it has no GUIDed table, as images of OVMF have, and what is none is not sent unasked; if it is the guest's firmware: `firmware upload {}`",
            name(),
            name()
        );
    }
    let (view, is_new) = session.ask(|client| client.upload_firmware(&image))?;
    ensure!(
        view.sha256 == own,
        "{}: the service calls {own} {}: it is not to be trusted with firmware",
        session.address(),
        view.sha256
    );
    Ok((view, is_new))
}

/// Uploads a firmware if the service does not have it, and says so.
pub(super) fn upload_missing(
    session: &Session,
    firmware: &registration::Firmware,
) -> anyhow::Result<()> {
    let sha256 = firmware.sha256;
    let Err(error) = session.ask(|client| client.firmware(sha256)) else { return Ok(()) };
    let is_missing = error.refusal().is_some_and(|refusal| refusal.is(Code::NoSuchFirmware));
    let Some(image) = firmware.image.as_ref().filter(|_| is_missing) else {
        return Err(match is_missing {
            true => anyhow::Error::from(error).context(
                "only what was absorbed of this firmware is at hand: upload its image by `firmware upload`",
            ),
            false => error.into(),
        });
    };
    let (view, _) = upload(session, image, Some(sha256))?;
    remark(
        "uploaded",
        format_args!("firmware {} ({} bytes, SHA-256 {sha256})", files::name(image), view.size),
    );
    Ok(())
}
