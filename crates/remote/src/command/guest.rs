//! Guests that are registered: shown, listed, approved, switched off, deleted; and the service itself.

use anyhow::{Context as _, bail};
use sev_launch_client::{Client, Listed};
use sev_launch_protocol::launch::LaunchState;
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::state::Status;
use sev_launch_protocol::text::{LaunchId, VmId};
use sev_launch_protocol::views::{VmList, VmPatch};

use super::connect::Session;
use super::view;
use crate::exit::No;
use crate::output::{Lines, print_json};

/// List guests.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Those of this status alone, for example validated: waiting for an approval.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<Status>,
}

/// A launch of a guest.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The guest's UUID.
    vmid: VmId,
    /// The launch's UUID; may be left out where one waits.
    launch_id: Option<LaunchId>,
}

fn status(text: &str) -> Result<Status, String> {
    let found = Status::ALL.into_iter().find(|status| status.name() == text);
    found.ok_or_else(|| format!("wanted one of {}", Status::ALL.map(Status::name).join(", ")))
}

/// What the service is.
pub(super) fn service(session: &Session) -> anyhow::Result<()> {
    let document = session.ask(Client::service)?;
    if session.json {
        return print_json(&document);
    }
    let mut lines = Lines::default();
    lines.line(session.address());
    lines.field("service", format_args!("{} {}", document.service, document.api));
    lines.field("time", document.time);
    let schemes: Vec<&str> = document.schemes.iter().copied().map(Scheme::name).collect();
    lines.field("schemes", schemes.join(", "));
    lines.field("features", document.features.join(", "));
    let limits = document.limits;
    lines.field(
        "limits",
        format_args!(
            "{} bytes of a body, {} of a firmware, {} launch digests of a guest",
            limits.body_bytes, limits.firmware_bytes, limits.candidates
        ),
    );
    if document.simulated {
        lines.field("simulated", "a service for tests: it trusts a simulated platform");
    }
    lines.print()
}

pub(super) fn show(session: &Session, vmid: VmId) -> anyhow::Result<()> {
    let (view, _) = session.ask(|client| client.vm(vmid))?;
    if session.json {
        return print_json(&view);
    }
    session.mind_simulated(view.simulated);
    let mut lines = Lines::default();
    view::whole(&mut lines, &view);
    lines.print()
}

impl List {
    pub(super) fn run(&self, session: &Session) -> anyhow::Result<()> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let listed = Listed { status: self.status, after };
            let VmList { items: mut page, next } = session.ask(|client| client.vms(&listed))?;
            items.append(&mut page);
            // Names ascend: a page that goes back would never end.
            if next.is_some() && next <= after {
                bail!(
                    "{}: a page of guests that comes before the one before it",
                    session.address()
                );
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        if session.json {
            return print_json(&VmList { items, next: None });
        }
        let rows: Vec<_> = items
            .iter()
            .map(|view| {
                [
                    view.vmid.to_string(),
                    view.status.name().to_owned(),
                    view.scheme.name().to_owned(),
                    view.candidates.to_string(),
                    view.launches.used.to_string(),
                    view.name.as_ref().map(ToString::to_string).unwrap_or_default(),
                ]
            })
            .collect();
        let mut lines = Lines::default();
        lines.table(["guest", "status", "scheme", "digests", "launches", "name"], &rows);
        lines.print()
    }
}

impl Which {
    pub(super) fn decide(&self, session: &Session, approve: bool) -> anyhow::Result<()> {
        let vmid = self.vmid;
        let launch = match self.launch_id {
            Some(launch) => launch,
            None => waiting(session, vmid)?,
        };
        session.ask(|client| client.decide(vmid, launch, approve))?;
        let said = if approve { "approved" } else { "denied" };
        done(session, format_args!("{said}: launch {launch} of {vmid}"))
    }
}

/// The launch that waits for an approval.
fn waiting(session: &Session, vmid: VmId) -> anyhow::Result<LaunchId> {
    let (view, _) = session.ask(|client| client.vm(vmid))?;
    let waiting = view
        .recent
        .iter()
        .filter(|launch| launch.state == LaunchState::Validated && !launch.approved);
    let waiting: Vec<_> = waiting.map(|launch| launch.launch_id).collect();
    match waiting.as_slice() {
        [one] => Ok(*one),
        [] => Err(No(format!("no launch of {vmid} waits for an approval")).into()),
        several => {
            let names: Vec<String> = several.iter().map(ToString::to_string).collect();
            bail!("several launches of {vmid} wait, name one: {}", names.join(", "))
        }
    }
}

pub(super) fn switch(session: &Session, vmid: VmId, disabled: bool) -> anyhow::Result<()> {
    let patch = VmPatch { disabled: Some(disabled), ..VmPatch::default() };
    let view = session.ask(|client| client.patch(vmid, &patch))?;
    if session.json {
        return print_json(&view);
    }
    let mut lines = Lines::default();
    lines.line(format_args!("{}: {vmid}", if disabled { "disabled" } else { "enabled" }));
    view::summary(&mut lines, &view);
    lines.print()
}

pub(super) fn delete(session: &Session, vmid: VmId) -> anyhow::Result<()> {
    session.ask(|client| client.delete(vmid))?;
    done(session, format_args!("deleted, and its secrets are destroyed: {vmid}"))
}

pub(super) fn revoke(session: &Session, vmid: VmId, launch: LaunchId) -> anyhow::Result<()> {
    session.ask(|client| client.revoke(vmid, launch)).context("revoke")?;
    done(session, format_args!("given up: launch {launch} of {vmid}"))
}

/// Says that it is done; the protocol's own JSON of that is nothing.
pub(super) fn done(session: &Session, said: impl std::fmt::Display) -> anyhow::Result<()> {
    if session.json {
        return Ok(());
    }
    let mut lines = Lines::default();
    lines.line(said);
    lines.print()
}
