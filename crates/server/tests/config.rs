//! The configuration file: its schema as it is committed, and docs/server.md, which has every key with its default.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use sev_launch_server::config::Config;
use sev_launch_server::http::Rates;
use sev_launch_server::listener::Limits;
use sev_launch_server::metrics::Metrics;
use sev_launch_server::rate::Rate;

const PAGE: &str = include_str!("../../../docs/server.md");

#[test]
fn the_schema_is_the_committed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/server.schema.json");
    let found = format!("{:#}\n", Config::schema());
    if std::env::var_os("SEV_LAUNCH_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &found).expect("the schema can be written");
    }
    let committed = fs::read_to_string(&path).expect("SEV_LAUNCH_BLESS=1 writes it");
    assert!(found == committed, "SEV_LAUNCH_BLESS=1 writes what `sev-launch-server schema` prints");
}

/// What a part of the schema refers to.
fn referred<'a>(schema: &'a Value, part: &'a Value) -> Option<&'a Value> {
    let of = |value: &'a Value| value.get("$ref").and_then(Value::as_str);
    let any = || part.get("anyOf")?.as_array()?.iter().find_map(of);
    let item = || of(part.get("items")?);
    let name = of(part).or_else(any).or_else(item)?.strip_prefix("#/$defs/")?;
    schema.get("$defs")?.get(name)
}

/// Every key of an object of the schema, with its default as the page has it.
fn keys(schema: &Value, object: &Value, before: &str, found: &mut BTreeMap<String, String>) {
    let required = object.get("required").and_then(Value::as_array);
    let properties = object.get("properties").and_then(Value::as_object).expect("an object");
    for (name, part) in properties {
        let key = format!("{before}{name}");
        let below = referred(schema, part).filter(|below| below.get("properties").is_some());
        let is_rate = before == "rates.";
        if let Some(below) = below.filter(|_| !is_rate) {
            keys(schema, below, &format!("{key}."), found);
            continue;
        }
        let is_required =
            required.is_some_and(|names| names.iter().any(|required| required == name));
        let default = match part.get("default") {
            _ if is_required => "required".to_owned(),
            Some(Value::String(text)) => format!("`{text}`"),
            Some(Value::Bool(value)) => format!("`{value}`"),
            _ => "none".to_owned(),
        };
        found.insert(key, default);
    }
}

/// Defaults that are numbers of the listener and of the rates, and stand in no schema.
fn numbers() -> BTreeMap<String, String> {
    let limits = Limits::default();
    let rates = Rates::default();
    let rate = |Rate { per_minute, burst }: Rate| format!("{per_minute} a minute, {burst} at once");
    [
        ("limits.connections", format!("`{}`", limits.connections)),
        ("limits.connections-per-address", format!("`{}`", limits.connections_per_address)),
        ("limits.exempt-loopback", format!("`{}`", limits.exempt_loopback)),
        ("limits.request-seconds", format!("`{}`", limits.request.as_secs())),
        ("limits.drain-seconds", format!("`{}`", limits.drain.as_secs())),
        ("rates.refused", rate(rates.refused)),
        ("rates.launch-of-guest", rate(rates.launch_of_guest)),
        ("rates.launch", rate(rates.launch)),
        ("rates.validate-of-guest", rate(rates.validate_of_guest)),
        ("rates.validate", rate(rates.validate)),
        ("rates.write", rate(rates.write)),
        ("rates.firmware", rate(rates.firmware)),
        ("rates.read", rate(rates.read)),
        ("rates.compute", rate(rates.compute)),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

/// The part of the page under a heading.
fn part(heading: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("\n## {heading}\n")).expect("the heading");
    rest.split("\n## ").next().expect("split gives at least one part")
}

#[test]
fn the_page_has_every_key_with_its_default_and_no_other() {
    let schema = Config::schema();
    let mut wanted = BTreeMap::new();
    keys(&schema, &schema, "", &mut wanted);
    for (key, default) in numbers() {
        assert!(wanted.insert(key.clone(), default).is_some(), "{key} is no key");
    }
    let rows = part("The configuration file").lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        Some((cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.to_owned()))
    });
    let found: BTreeMap<String, String> = rows.collect();
    assert_eq!(found, wanted);
    assert!(found.len() > 25, "{}", found.len());
}

/// The configuration that the page shows.
fn shown() -> &'static str {
    let (_, rest) = part("The configuration file").split_once("```toml\n").expect("a block");
    rest.split("```").next().expect("split gives at least one part")
}

#[test]
fn the_pages_configuration_is_a_good_one() {
    let config = Config::parse(shown()).expect("TOML of the schema");
    config.check().expect("a good configuration");
}

// Not cut off, and then read as if it were whole.
#[test]
fn a_configuration_that_is_too_long_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sev-launch-server.toml");
    fs::write(&path, format!("{}\n#{}", shown(), " ".repeat(1 << 20))).expect("written");
    let error = Config::read(&path).expect_err("too long").to_string();
    assert!(error.contains("longer than 1048576 bytes"), "{error}");
}

#[test]
fn the_page_names_every_metric() {
    let metrics = Metrics::default();
    // A family shows itself once something was counted.
    metrics.answered("service", "GET", 200, std::time::Duration::ZERO);
    metrics.came("launch", None);
    metrics.came("validate", None);
    metrics.refused_credentials(sev_launch_protocol::problem::Code::BadCredentials);
    metrics.rate_limited("launch");
    let text = metrics.text();
    let mut wanted: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let mut found: Vec<&str> = part("What to watch")
        .lines()
        .filter_map(|line| line.strip_prefix("| `sevattest_").map(|_| line))
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    wanted.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, wanted);
}
