//! Registering a guest, and registering it anew.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use getrandom::SysRng;
use getrandom::rand_core::TryRng as _;
use sev_launch_client::Error;
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::text::VmId;
use sev_launch_protocol::views::VmView;
use zeroize::Zeroizing;

use super::connect::{Global, Session};
use super::flags::{LaunchFlags, OwnerFlags};
use super::{firmware, view};
use crate::files::Private;
use crate::output::{Lines, print_json, remark};
use crate::registration::{self, Made, Purpose};

/// Register a guest from its launch description.
#[derive(Debug, clap::Args)]
pub(super) struct Register {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    guest: Guest,
}

/// Register a guest anew.
#[derive(Debug, clap::Args)]
pub(super) struct Replace {
    /// The guest's UUID.
    vmid: VmId,
    /// Register it without secrets, though it has some now: a registration replaces all of the one before.
    #[arg(long, conflicts_with = "secret")]
    without_secrets: bool,
    #[command(flatten)]
    guest: Guest,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The guest's UUID: libvirt's, or Nova's.
    vmid: Option<VmId>,
    /// Give it a new UUID, which is printed.
    #[arg(long)]
    new: bool,
}

#[derive(Debug, clap::Args)]
struct Guest {
    #[command(flatten)]
    launch: LaunchFlags,
    #[command(flatten)]
    owner: OwnerFlags,
    /// Do not upload a firmware that the service does not have.
    #[arg(long, help_heading = "Launch")]
    no_upload: bool,
}

/// What is sent, and where a launch token goes.
struct Prepared {
    made: Made,
    token: Option<(PathBuf, Private)>,
}

impl Register {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<()> {
        let session = global.session()?;
        let vmid = match self.which.vmid {
            Some(vmid) => vmid,
            None => new_vmid()?,
        };
        let Prepared { made, token } = self.guest.prepare(&session)?;
        let outcome = session.ask(|client| client.register(vmid, &made.body));
        let (view, is_new) = outcome.map_err(|error| match error.refusal() {
            Some(refusal) if refusal.is(Code::Exists) => {
                let said = format!("{vmid} is registered otherwise already; `sev-launch remote replace {vmid} …` takes its place");
                anyhow::Error::from(error).context(said)
            }
            _ => error.into(),
        })?;
        let said = if is_new { "registered" } else { "registered already, exactly so" };
        finish(&session, view, token, said)
    }
}

impl Replace {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<()> {
        let (session, vmid) = (global.session()?, self.vmid);
        let (found, etag) =
            session.ask(|client| client.vm(vmid)).map_err(|error| registers(error, vmid))?;
        let keeps = self.without_secrets || self.guest.owner.has_secrets();
        ensure!(
            found.secret_table_bytes == 0 || keeps,
            "{vmid} has secrets, which the service never gives back, and a registration replaces all of the one before: give each again by --secret, or --without-secrets"
        );
        let etag =
            etag.with_context(|| format!("{}: an answer without an ETag", session.address()))?;
        let Prepared { made, token } = self.guest.prepare(&session)?;
        let view = session.ask(|client| client.replace(vmid, &made.body, &etag))?;
        finish(&session, view, token, "replaced")
    }
}

fn registers(error: Error, vmid: VmId) -> anyhow::Error {
    match error.refusal() {
        Some(refusal) if refusal.is(Code::NoSuchVm) => {
            let said = format!("`sev-launch remote register {vmid} …` registers it");
            anyhow::Error::from(error).context(said)
        }
        _ => error.into(),
    }
}

impl Guest {
    /// Everything that can go wrong here goes wrong before the service is told anything of the guest.
    fn prepare(&self, session: &Session) -> anyhow::Result<Prepared> {
        let inputs = self.launch.read()?;
        let owner = self.owner.read(&self.launch)?;
        let made = registration::of(&inputs, &owner, Purpose::Register)?;
        for one in &made.unregistered {
            remark("not registered", one);
        }
        let path = self.owner.issue_launch_token.clone();
        let token = path.map(|path| Private::new(&path).map(|file| (path, file))).transpose()?;
        if !self.no_upload {
            for one in &made.firmwares {
                firmware::upload_missing(session, one)?;
            }
        }
        Ok(Prepared { made, token })
    }
}

/// Keeps the launch token, and says what is accepted.
fn finish(
    session: &Session,
    mut view: VmView,
    token: Option<(PathBuf, Private)>,
    said: &str,
) -> anyhow::Result<()> {
    let shown = view.launch_token.take().map(Zeroizing::new);
    let vmid = view.vmid;
    let mut written = None;
    match (token, shown) {
        (Some((path, mut file)), Some(text)) => {
            file.write(text.as_bytes()).and_then(|()| file.keep()).with_context(|| {
                format!("{vmid}: {said}, and its launch token could not be kept: `token list` has it, `token revoke` takes it back, and `token make --scope launch --vmid {vmid}` makes another")
            })?;
            written = Some(path);
        }
        (Some((path, _)), None) => {
            let path = crate::files::name(&path);
            remark(
                "warning",
                format_args!(
                    "no launch token is in the answer, so that {path} is not written: a token is shown once, when the guest is registered; another is made by `token make --scope launch --vmid {vmid}`"
                ),
            );
        }
        (None, _) => {}
    }
    if session.json {
        return print_json(&view);
    }
    session.mind_simulated(view.simulated);
    let mut lines = Lines::default();
    lines.line(format_args!("{said}: {vmid}"));
    view::summary(&mut lines, &view);
    if let Some(path) = written {
        lines.field("launch token", crate::files::name(&path));
    }
    lines.print()
}

fn new_vmid() -> anyhow::Result<VmId> {
    let mut random = [0; 16];
    if SysRng.try_fill_bytes(&mut random).is_err() {
        bail!("the system has no randomness for a new UUID: give one");
    }
    Ok(VmId::from_random(random))
}
