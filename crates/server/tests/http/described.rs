//! What `docs/openapi.json` says of an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};
use sev_launch_protocol::routes::{ROUTES, Route};
use sev_launch_server::conformance::{Answer, Ask, Observer};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    serde_json::from_slice(&std::fs::read(path).expect("the description")).expect("JSON")
});

/// Header fields that mean something to a client, so that a description has to name them.
const FIELDS: [&str; 6] =
    ["etag", "location", "idempotent-replay", "retry-after", "www-authenticate", "request-id"];

/// Answers that came, by route and status; and schemas that were compiled.
#[derive(Default)]
struct Seen {
    answers: BTreeSet<(String, u16, String)>,
    validators: BTreeMap<(String, u16), Arc<Validator>>,
}

static SEEN: LazyLock<Mutex<Seen>> = LazyLock::new(Mutex::default);

/// Every route and status that was answered so far, with the code of a problem.
pub(crate) fn seen() -> BTreeSet<(String, u16, String)> {
    SEEN.lock().unwrap().answers.clone()
}

pub(crate) fn observer() -> Observer {
    Arc::new(check)
}

fn is_of(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    pattern.clone().count() == path.clone().count()
        && pattern
            .zip(path)
            .all(|(part, found)| part == found || part.starts_with('{') && !found.is_empty())
}

fn resolved(value: &Value) -> &Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(place) => DOCUMENT.pointer(place.strip_prefix('#').unwrap()).expect("a definition"),
        None => value,
    }
}

fn check(ask: &Ask, answer: &Answer) -> Result<(), String> {
    let path = ask.path.split('?').next().unwrap_or_default();
    let routes: Vec<&Route> = ROUTES.iter().filter(|route| is_of(route.path, path)).collect();
    let of_method = |route: &&&Route| route.method.name() == ask.method.as_str();
    let Some(route) = routes.iter().find(of_method) else {
        let wanted = if routes.is_empty() { (404, "no-such-route") } else { (405, "method") };
        let code = answer.code();
        let found = (answer.status, code.as_str());
        return if found == wanted { Ok(()) } else { Err(format!("wanted {wanted:?}")) };
    };
    let name = (route.name.to_owned(), answer.status, answer.code());
    SEEN.lock().unwrap().answers.insert(name);
    let operation = &DOCUMENT["paths"][route.path][route.method.name().to_ascii_lowercase()];
    let described = operation["responses"].get(answer.status.to_string());
    let described = described.ok_or_else(|| {
        format!(
            "{} {}: this status is not described for {}",
            answer.status,
            answer.code(),
            route.name
        )
    })?;
    let described = resolved(described);
    let fields: BTreeSet<String> = described["headers"]
        .as_object()
        .map(|fields| fields.keys().map(|name| name.to_ascii_lowercase()).collect())
        .unwrap_or_default();
    for field in FIELDS {
        if answer.headers.contains_key(field) && !fields.contains(field) {
            return Err(format!("the field {field} is not described for {}", route.name));
        }
    }
    let Some(content) = described.get("content") else {
        return if answer.body.is_empty() { Ok(()) } else { Err("no body is described".into()) };
    };
    let kind = answer.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    let schema = content.get(kind).and_then(|content| content.get("schema"));
    let schema = schema.ok_or_else(|| format!("the media type {kind:?} is not described"))?;
    if kind == "text/markdown" {
        return Ok(());
    }
    let body: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    if answer.status >= 400 {
        let names = schema.pointer("/allOf/1/properties/code/anyOf/0/enum").expect("the codes");
        if !names.as_array().unwrap().contains(&answer.code().into()) {
            return Err(format!("the code is not described for {}", route.name));
        }
    }
    let validator = {
        let mut seen = SEEN.lock().unwrap();
        let made = seen.validators.entry((route.name.to_owned(), answer.status));
        Arc::clone(made.or_insert_with(|| {
            let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&whole).expect("a schema"))
        }))
    };
    // The error's own text would quote the answer.
    validator
        .validate(&body)
        .map_err(|error| format!("not as described at {:?}", error.instance_path().to_string()))
}
