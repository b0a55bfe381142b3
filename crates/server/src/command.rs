//! The command `sev-launch-server`.

mod conformance;
mod demo;
mod serve;
mod store;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sev_launch_abi::text::{printable, printable_bytes};

use crate::config::Config;

const AFTER: &str = "\
Examples:
  sev-launch-server --demo --platform certificates
  sev-launch-server --config server.toml --check
  sev-launch-server --config server.toml
  sev-launch-server token --config server.toml --name first --scope admin
  sev-launch-server conformance --url http://127.0.0.1:8480/v1 --platform platform \\
      --owner TOKEN --launcher TOKEN --auditor TOKEN

Signals: SIGTERM and SIGINT stop it after requests in flight, SIGHUP reads the TLS files again.

Exit codes:
  0  it stopped as it was told to, the configuration is good, or the protocol is kept
  1  conformance: the protocol is not kept
  2  it could not be done; the text says why";

/// The attestation service of a guest owner.
#[derive(Debug, Parser)]
#[command(name = "sev-launch-server", version, after_help = AFTER, args_conflicts_with_subcommands = true)]
pub struct Command {
    #[command(subcommand)]
    action: Option<Action>,
    /// The configuration file.
    #[arg(long, value_name = "FILE", required_unless_present = "demo")]
    config: Option<PathBuf>,
    /// Check the configuration and what it names, and do nothing.
    #[arg(long, requires = "config")]
    check: bool,
    /// Run a service to try: a new store, on loopback, with tokens that it prints.
    #[arg(long, conflicts_with = "config")]
    demo: bool,
    /// With --demo: trust the simulated platform of this folder (`sev-launch platform export`), and nothing of AMD's.
    #[arg(long, value_name = "FOLDER", requires = "demo")]
    platform: Option<PathBuf>,
    /// With --demo: the new folder for the store.
    #[arg(long, value_name = "FOLDER", requires = "demo", default_value = "sev-launch-demo")]
    folder: PathBuf,
    /// With --demo: where it listens, loopback alone; port 0 is any.
    #[arg(long, value_name = "ADDRESS", requires = "demo", default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write a copy of the store to a new file, while the service may be running.
    Backup {
        /// The configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The new file.
        #[arg(value_name = "TO")]
        to: PathBuf,
    },
    /// Make the store out of a copy; there must be none.
    Restore {
        /// The configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The copy.
        #[arg(value_name = "FROM")]
        from: PathBuf,
    },
    /// Seal everything with the current key, so that older ones can be destroyed. The service must not be running.
    Rewrap {
        /// The configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Make a new key to seal the store with, in a new file that its owner alone may read.
    NewKey {
        /// The new file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Make the first token, while the service is not running; later ones are made by POST /token.
    Token {
        /// The configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// A name for people.
        #[arg(long)]
        name: String,
        /// What it may do: vm:read, vm:write, launch, audit:read, admin. Several times, or comma-separated.
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// For which tenant.
        #[arg(long, default_value = crate::access::DEFAULT_TENANT)]
        tenant: String,
        /// How many days it holds.
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
    /// Print the schema of the configuration file.
    Schema,
    /// Does a service keep the protocol? Try it over HTTP, with launches on a simulated platform that it trusts.
    Conformance(conformance::Conformance),
}

impl Command {
    /// Reads the arguments and does what they say.
    pub fn main() -> ExitCode {
        let arguments: Vec<OsString> = std::env::args_os().collect();
        let command = match Self::try_parse_from(&arguments) {
            Ok(command) => command,
            Err(error) if error.use_stderr() => return unusable(&arguments, &error),
            // Help, or the version.
            Err(error) => error.exit(),
        };
        match command.run() {
            Ok(code) => code,
            Err(error) => {
                eprintln!("error: {}", told(&error));
                ExitCode::from(2)
            }
        }
    }

    fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(Action::Conformance(conformance)) = self.action {
            return conformance.run();
        }
        self.operate().map(|()| ExitCode::SUCCESS)
    }

    fn operate(self) -> anyhow::Result<()> {
        match (self.action, self.config) {
            // It has exit codes of its own, above.
            (Some(Action::Conformance(_)), _) => Ok(()),
            (Some(Action::Backup { config, to }), _) => store::backup(&Config::read(&config)?, &to),
            (Some(Action::Restore { config, from }), _) => {
                store::restore(&Config::read(&config)?, &from)
            }
            (Some(Action::Rewrap { config }), _) => store::rewrap(&Config::read(&config)?),
            (Some(Action::NewKey { file }), _) => store::new_key(&file),
            (Some(Action::Token { config, name, scopes, tenant, days }), _) => {
                store::token(&Config::read(&config)?, &name, &scopes, &tenant, days)
            }
            (Some(Action::Schema), _) => {
                println!("{:#}", Config::schema());
                Ok(())
            }
            (None, Some(config)) => serve::serve(&Config::read(&config)?, self.check),
            (None, None) => demo::demo(&self.folder, self.listen, self.platform.as_deref()),
        }
    }
}

/// Says what is wrong with the arguments, in which no character comes out that a terminal or a CI runner would obey: they are read
/// once more, escaped.
fn unusable(arguments: &[OsString], error: &clap::Error) -> ExitCode {
    let escaped: Vec<OsString> = arguments
        .iter()
        .map(|argument| printable_bytes(argument.as_encoded_bytes()).as_ref().into())
        .collect();
    let said = if escaped == arguments {
        error.print()
    } else {
        match Command::try_parse_from(&escaped) {
            Err(error) => error.print(),
            Ok(_) => {
                eprintln!("error: an argument has characters that are not shown");
                Ok(())
            }
        }
    };
    // Where nothing can be said, the exit code says it.
    drop(said);
    ExitCode::from(2)
}

/// An error with its causes, each said once, since some errors say their cause themselves; in one line, but for the lines of a TOML file.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let said = cause.to_string();
        let said = if cause.is::<Box<toml::de::Error>>() || cause.is::<toml::de::Error>() {
            let lines: Vec<_> = said.lines().map(printable).collect();
            lines.join("\n")
        } else {
            printable(&said).into_owned()
        };
        if text.is_empty() {
            text = said;
        } else if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
    }
    text
}
