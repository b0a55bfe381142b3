//! Which service is asked, and how one waits for it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use sev_launch_client::services::Services;
use sev_launch_client::{Client, Error, Patience};

use crate::output::remark;
use crate::waiting::Waiting;

/// The folder of this project's files in the folder of a user's configurations, and the file in it.
const FILE: &str = "sev-launch/services.toml";

/// The longest that one request takes: a service gives an upload at most a minute (docs/server.md, limits.request-seconds).
const REQUEST: Duration = Duration::from_secs(65);

/// What is said of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Service")]
pub(super) struct Global {
    /// The file of services [default: sev-launch/services.toml in $XDG_CONFIG_HOME or ~/.config].
    #[arg(long, global = true, value_name = "FILE")]
    services: Option<PathBuf>,
    /// Which of them, by its name in the file or by its address; may be left out where there is one.
    #[arg(long, global = true, value_name = "NAME|URL")]
    service: Option<String>,
    /// How many seconds a service that cannot answer for the moment is asked again; 0 asks once.
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(..=3600))]
    wait: u64,
    /// Print the protocol's own JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

impl Global {
    /// A client of the service. Nothing is sent yet.
    pub(super) fn session(&self) -> anyhow::Result<Session> {
        let file = match &self.services {
            Some(file) => file.clone(),
            None => default_file(|name| std::env::var_os(name).map(PathBuf::from))
                .context("--services: which file is meant is not said, and neither XDG_CONFIG_HOME nor HOME is set")?,
        };
        let services = Services::read(&file)?;
        let service = services.choose(self.service.as_deref()).context("--service")?;
        let patience = Patience { request: REQUEST, together: Duration::from_secs(self.wait) };
        let client = Client::new(service.connection()?, patience)?;
        Ok(Session { client, json: self.json })
    }
}

/// [XDG Base Directory Specification]: a path that is not absolute is as if it were not set.
fn default_file(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|path| path.is_absolute());
    let folder = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(folder.join(FILE))
}

/// A service that is asked.
pub(super) struct Session {
    client: Client,
    pub(super) json: bool,
}

impl Session {
    /// The address.
    pub(super) fn address(&self) -> String {
        self.client.base().to_string()
    }

    /// Asks, and shows on a terminal that it takes long.
    pub(super) fn ask<T>(&self, ask: impl FnOnce(&Client) -> Result<T, Error>) -> Result<T, Error> {
        let _waiting = Waiting::for_answer(&format!("asking {}", self.client.base()));
        ask(&self.client)
    }

    /// Says what people must know of an answer of a service for tests.
    pub(super) fn mind_simulated(&self, is_simulated: bool) {
        if is_simulated {
            remark("note", "this is a service for tests: it trusts a simulated platform");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_where_configurations_are() {
        let of = |set: &[(&str, &str)]| {
            default_file(|name| {
                set.iter().find(|(one, _)| *one == name).map(|(_, path)| path.into())
            })
        };
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(of(&[("HOME", "/home/o")]), path("/home/o/.config/sev-launch/services.toml"));
        let both = [("HOME", "/home/o"), ("XDG_CONFIG_HOME", "/etc/xdg")];
        assert_eq!(of(&both), path("/etc/xdg/sev-launch/services.toml"));
        let relative = [("HOME", "/home/o"), ("XDG_CONFIG_HOME", "xdg")];
        assert_eq!(of(&relative), path("/home/o/.config/sev-launch/services.toml"));
        assert_eq!(of(&[("HOME", "")]), None);
    }
}
