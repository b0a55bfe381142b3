//! Tokens: made into files, listed, revoked.

use std::path::PathBuf;

use anyhow::Context as _;
use sev_launch_client::Client;
use sev_launch_protocol::text::{Label, VmId};
use sev_launch_protocol::views::{Scope, TokenRequest, TokenView};
use zeroize::Zeroizing;

use super::connect::{Global, Session};
use super::guest::done;
use crate::files::{self, Private};
use crate::output::{Lines, print_json};

/// Make, list and revoke tokens.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Token {
    /// Make a token, and write it into a new file that its owner alone may read.
    Make(Make),
    /// List tokens, without what proves them.
    List,
    /// Revoke a token.
    Revoke {
        /// Its id, as `token list` has it.
        id: String,
    },
}

/// Make a token.
#[derive(Debug, clap::Args)]
pub(super) struct Make {
    /// A name for people.
    #[arg(long, value_name = "TEXT")]
    name: Label,
    /// What it may do: vm:read, vm:write, launch, audit:read, admin. Several times, or comma-separated.
    #[arg(long, value_name = "SCOPE", value_delimiter = ',', required = true, value_parser = scope)]
    scope: Vec<Scope>,
    /// For this guest alone.
    #[arg(long, value_name = "VMID")]
    vmid: Option<VmId>,
    /// How many days it holds [default: 90].
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(TokenRequest::MOST_DAYS)))]
    days: Option<u32>,
    /// For this tenant; an administrator's token alone makes tokens of other tenants.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<Label>,
    /// The new file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

fn scope(text: &str) -> Result<Scope, String> {
    let names = Scope::ALL.map(Scope::name).join(", ");
    Scope::from_name(text).ok_or_else(|| format!("wanted {names}"))
}

impl Token {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<()> {
        let session = &global.session()?;
        match self {
            Self::Make(make) => make.run(session),
            Self::List => list(session),
            Self::Revoke { id } => {
                session.ask(|client| client.revoke_token(id))?;
                done(session, format_args!("revoked: {id}"))
            }
        }
    }
}

impl Make {
    fn run(&self, session: &Session) -> anyhow::Result<()> {
        // A token that was made and cannot be kept would be nobody's.
        let mut file = Private::new(&self.output)?;
        let request = TokenRequest {
            name: self.name.clone(),
            scopes: self.scope.clone(),
            vmid: self.vmid,
            days: self.days,
            tenant: self.tenant.clone(),
        };
        let mut view = session
            .ask(|client| client.make_token(&request))
            .map_err(|error| match error {
                error @ sev_launch_client::Error::Unreachable { .. } => anyhow::Error::from(error)
                    .context("whether a token was made is not known; `token list` says it, and `token revoke` takes it back"),
                error => error.into(),
            })?;
        let text = view.token.take().map(Zeroizing::new);
        let text =
            text.with_context(|| format!("{}: an answer without a token", session.address()))?;
        file.write(text.as_bytes()).and_then(|()| file.keep()).with_context(|| {
            let id = &view.id;
            format!("token {id} was made and could not be kept: `token revoke {id}` takes it back")
        })?;
        if session.json {
            return print_json(&view);
        }
        let mut lines = Lines::default();
        lines.line(format_args!("made: {}", view.id));
        lines.field("name", &view.name);
        lines.field("may", scopes(&view));
        if let Some(vmid) = view.vmid {
            lines.field("guest", vmid);
        }
        lines.field("expires", view.expires);
        lines.field("file", files::name(&self.output));
        lines.print()
    }
}

fn list(session: &Session) -> anyhow::Result<()> {
    let list = session.ask(Client::tokens)?;
    if session.json {
        return print_json(&list);
    }
    let row = |view: &TokenView| {
        [
            view.id.clone(),
            scopes(view),
            view.expires.to_string(),
            view.vmid.map_or("any".into(), |vmid| vmid.to_string()),
            view.name.clone(),
        ]
    };
    let rows: Vec<_> = list.items.iter().map(row).collect();
    let mut lines = Lines::default();
    lines.table(["token", "may", "expires", "guest", "name"], &rows);
    lines.print()
}

fn scopes(view: &TokenView) -> String {
    let names: Vec<&str> = view.scopes.iter().copied().map(Scope::name).collect();
    names.join(",")
}
