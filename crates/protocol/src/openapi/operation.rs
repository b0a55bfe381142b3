//! One operation of the document: a route with its parameters, its body and its answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::headers;
use super::schemas::Schemas;
use crate::problem::Code;
use crate::routes::{Access, Query, QueryKind, Route};

/// Answers that are the same wherever their status occurs: they stand once, and operations refer to them.
pub(super) struct Shared(BTreeMap<u16, Vec<Code>>);

impl Shared {
    pub(super) fn of(routes: &[Route]) -> Self {
        let mut all: BTreeMap<u16, BTreeSet<Vec<Code>>> = BTreeMap::new();
        for route in routes {
            for (status, codes) in problems(route) {
                all.entry(status).or_default().insert(codes);
            }
        }
        let same = all.into_iter().filter(|(_, codes)| codes.len() == 1);
        Self(same.filter_map(|(status, codes)| Some((status, codes.into_iter().next()?))).collect())
    }

    /// Each by its name.
    pub(super) fn responses(&self, schemas: &mut Schemas) -> Map<String, Value> {
        let named =
            self.0.iter().map(|(status, codes)| (name(*status), problem(*status, codes, schemas)));
        named.collect()
    }
}

fn name(status: u16) -> String {
    format!("Problem{status}")
}

pub(super) fn of(route: &Route, shared: &Shared, schemas: &mut Schemas) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".into(), route.name.into());
    operation.insert("summary".into(), route.about.into());
    let mut parameters: Vec<Value> = route.query.iter().map(query).collect();
    parameters.extend(headers::of_request(route));
    if !parameters.is_empty() {
        operation.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = route.request {
        let content = content(schemas.of(body));
        operation.insert("requestBody".into(), json!({ "required": true, "content": content }));
    }
    let mut responses = Map::new();
    for (status, body) in route.answers {
        let mut answer = json!({ "description": meaning(*status), "headers": headers::of_answer(route, *status, *body) });
        if let (Some(body), Value::Object(answer)) = (body, &mut answer) {
            answer.insert("content".into(), content(schemas.of(*body)));
        }
        responses.insert(status.to_string(), answer);
    }
    for (status, codes) in problems(route) {
        let answer = if shared.0.contains_key(&status) {
            json!({ "$ref": format!("#/components/responses/{}", name(status)) })
        } else {
            problem(status, &codes, schemas)
        };
        responses.insert(status.to_string(), answer);
    }
    operation.insert("responses".into(), responses.into());
    operation.insert("security".into(), security(route.access));
    operation.into()
}

/// What a status of success says.
fn meaning(status: u16) -> &'static str {
    match status {
        201 => "Made",
        202 => "Right, and not decided: the owner's approval is awaited",
        204 => "Done",
        _ => "The answer",
    }
}

fn content((media_types, schema): (&[&str], Value)) -> Value {
    let typed = |media_type: &&str| ((*media_type).to_owned(), json!({ "schema": schema }));
    media_types.iter().map(typed).collect::<Map<_, _>>().into()
}

/// The problems of a route by status.
fn problems(route: &Route) -> BTreeMap<u16, Vec<Code>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in route.all_problems() {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

fn problem(status: u16, codes: &[Code], schemas: &mut Schemas) -> Value {
    let lines = codes.iter().map(|code| format!("- `{}`: {}", code.name(), code.title()));
    let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
    // Open, since v1 may gain codes: the names are listed, and any other is valid too.
    let code = json!({ "anyOf": [{ "enum": names }, { "type": "string" }] });
    let schema = json!({
        "allOf": [
            schemas.problem(),
            { "properties": { "status": { "const": status }, "code": code } }
        ]
    });
    json!({
        "description": lines.collect::<Vec<_>>().join("\n"),
        "headers": headers::of_problem(status),
        "content": { "application/problem+json": { "schema": schema } }
    })
}

/// Each alternative by itself: one scope is enough.
fn security(access: Access) -> Value {
    let scopes = match access {
        Access::Anyone => &[],
        Access::Scoped(scopes) | Access::ScopedOrAnonymous(scopes) => scopes,
    };
    let of_scheme = |scheme: &'static str| {
        scopes.iter().map(move |scope| {
            Value::from(Map::from_iter([(scheme.to_owned(), json!([scope.name()]))]))
        })
    };
    let mut alternatives: Vec<Value> = of_scheme("bearer").chain(of_scheme("mutual-tls")).collect();
    if matches!(access, Access::ScopedOrAnonymous(_)) {
        alternatives.push(json!({}));
    }
    alternatives.into()
}

/// The parameters in a path's braces.
pub(super) fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let parameter = |name: &str| {
        let (about, schema) = match name {
            "vmid" => ("The guest's UUID", json!({ "type": "string", "format": "uuid" })),
            "launch-id" => ("The launch's UUID", json!({ "type": "string", "format": "uuid" })),
            "sha256" => (
                "The image's SHA-256 in hex",
                json!({ "type": "string", "pattern": "^(sha256:)?[0-9A-Fa-f]{64}$" }),
            ),
            "code" => ("The problem's code", json!({ "type": "string" })),
            _ => ("Its name in this service", json!({ "type": "string", "minLength": 1 })),
        };
        json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema })
    };
    names.map(parameter).collect()
}

fn query(query: &Query) -> Value {
    let schema = match query.kind {
        QueryKind::Number(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        QueryKind::Uuid => json!({ "type": "string", "format": "uuid" }),
        QueryKind::OneOf(names) => json!({ "enum": names }),
        // An object whose members are parameters of their own: `label.env=prod&label.zone=a`.
        QueryKind::Labels => json!({
            "type": "object", "additionalProperties": false,
            "patternProperties": { r"^label\.[A-Za-z0-9._/-]{1,63}$": { "type": "string" } }
        }),
    };
    let mut parameter =
        json!({ "name": query.name, "in": "query", "description": query.about, "schema": schema });
    if let (QueryKind::Labels, Value::Object(parameter)) = (query.kind, &mut parameter) {
        parameter.insert("style".into(), "form".into());
        parameter.insert("explode".into(), true.into());
    }
    parameter
}
