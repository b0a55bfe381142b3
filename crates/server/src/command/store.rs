//! What is done with a store by hand.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use sev_launch_protocol::views::{Scope, TokenRequest};
use zeroize::Zeroizing;

use super::serve::service;
use crate::config::Config;
use crate::service::{is_tenant, random_bytes};
use crate::store::sqlite::{Open, Sqlite};

pub(super) fn backup(config: &Config, to: &Path) -> anyhow::Result<()> {
    Sqlite::backup_of(&config.store, to)?;
    println!("{}", to.display());
    Ok(())
}

pub(super) fn restore(config: &Config, from: &Path) -> anyhow::Result<()> {
    Sqlite::restore(&config.store, from)?;
    // Opened with its keys, so that a copy that nobody can open is known now and not at night.
    service(config, Open::Existing)
        .with_context(|| format!("{} is restored and needs no restoring again, but it does not open with the keys of the configuration", config.store.display()))?;
    println!("{}", config.store.display());
    Ok(())
}

pub(super) fn rewrap(config: &Config) -> anyhow::Result<()> {
    let service = service(config, Open::Existing)?;
    let rewrapped = service.rewrap().map_err(|problem| anyhow::anyhow!("{problem}"))?;
    println!("{rewrapped} values are sealed with key {} now", service.key_id());
    Ok(())
}

pub(super) fn new_key(file: &Path) -> anyhow::Result<()> {
    write_key(file)?;
    println!("{}", file.display());
    Ok(())
}

/// Writes a new key, whole or not at all.
pub(super) fn write_key(file: &Path) -> anyhow::Result<()> {
    let key = Zeroizing::new(random_bytes::<32>());
    let text = Zeroizing::new(hex::encode(*key));
    let at = || file.display().to_string();
    ensure!(
        !file.exists(),
        "{} exists: a key is never overwritten; choose another name",
        file.display()
    );
    let mut out = std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(file)
        .with_context(at)?;
    let written = out.write_all(text.as_bytes()).and_then(|()| out.sync_all());
    if let Err(error) = written {
        // What is half a key must not be taken for one.
        std::fs::remove_file(file).with_context(at)?;
        return Err(error).with_context(at);
    }
    Ok(())
}

pub(super) fn token(
    config: &Config,
    name: &str,
    scopes: &[String],
    tenant: &str,
    days: u32,
) -> anyhow::Result<()> {
    ensure!(is_tenant(tenant), "--tenant: {tenant:?} is not 1 to 63 of a-z, 0-9 and '-'");
    let label: Result<sev_launch_protocol::text::Label, _> = name.parse();
    label.map_err(|error| anyhow::anyhow!("--name: {error}"))?;
    let most = TokenRequest::MOST_DAYS;
    ensure!((1..=most).contains(&days), "--days: {days}, wanted 1 to {most}");
    let mut held = Vec::new();
    for text in scopes {
        let Some(scope) = Scope::from_name(text) else {
            let known: Vec<&str> = Scope::ALL.into_iter().map(Scope::name).collect();
            bail!("--scope: {text:?} is none; wanted {}", known.join(", "));
        };
        held.push(scope);
    }
    let service = service(config, Open::OrCreate)?;
    let token = service
        .first_token(tenant, name, &held, days)
        .map_err(|problem| anyhow::anyhow!("{problem}"))?;
    println!("{token}");
    Ok(())
}
