//! The description of every path for programs (OpenAPI 3.1), and of every problem for people.
//!
//! Both are made of what the service itself reads: [`ROUTES`], the types of bodies (by schemars, JSON Schema 2020-12) and the table of
//! codes. `docs/openapi.json` and `docs/problems.md` are what they came to; a test holds them together.
//!
//! A schema never refuses what the reader accepts, and says less than the reader knows: rules between members, base64 that is not
//! canonical, and characters that nobody sees are for the reader alone. Requests are described as they are read, answers as they are
//! written, so an optional member of an answer is left out and never null, unless it says so.

mod headers;
mod operation;
mod pages;
mod schemas;

use serde_json::{Map, Value, json};

use self::operation::Shared;
use self::schemas::Schemas;
use crate::routes::ROUTES;

pub use self::pages::{page, problem_pages};

/// The OpenAPI document of the whole service.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let shared = Shared::of(ROUTES);
    let mut paths = Map::new();
    for route in ROUTES {
        let operation = operation::of(route, &shared, &mut schemas);
        let place = paths.entry(route.path).or_insert_with(|| {
            let parameters = operation::path_parameters(route.path);
            if parameters.is_empty() { json!({}) } else { json!({ "parameters": parameters }) }
        });
        if let Value::Object(place) = place {
            place.insert(route.method.name().to_ascii_lowercase(), operation);
        }
    }
    let responses = shared.responses(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "sev-launch attestation service",
            "summary": "A guest's owner registers guests; a launcher gets a session for each launch, and the secrets for a right measurement.",
            "description": ABOUT,
            "version": "1",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" }
        },
        "servers": [
            { "url": "/v1", "description": "The tenant `default`" },
            {
                "url": "/v1/t/{tenant}",
                "description": "The same paths for a tenant by name",
                "variables": { "tenant": { "default": "default", "description": "The tenant's name" } }
            }
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.into_definitions(),
            "responses": responses,
            "headers": headers::all(),
            "securitySchemes": {
                "bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "A token of `POST /token`. Beside a client certificate the token alone counts."
                },
                "mutual-tls": { "type": "mutualTLS", "description": "A client certificate of an authority that the service knows" }
            }
        }
    })
}

const ABOUT: &str = "\
Members of requests that the description does not name are refused with `unknown-member`, but for launch and validate, which keep them for the audit. \
Answers may gain members and problems may gain codes: ignore the members, and take an unknown code by the class of its status. \
Every body is UTF-8 without a member twice, 256 KiB at most but for firmware images. \
Of the scopes that an operation lists, one is enough.";
