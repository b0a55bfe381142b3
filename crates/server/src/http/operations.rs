//! From a route to the service's operation, and from its outcome to an answer.

use axum::response::Response;
use sev_launch_protocol::openapi;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::routes::Route;
use sev_launch_protocol::text::{LaunchId, RequestId, Sha256, Time, VmId};

use super::App;
use super::answer::{empty, json, public, stored, with_header};
use super::request::Asked;
use crate::access::Identity;
use crate::service::{ASK_AGAIN, Filter, Written};
use crate::store::{Caller, Condition};

/// Guests and records on a page where nothing is said.
const PAGE: u64 = 100;

/// Does what a request asks for.
pub(super) fn run(
    app: &App,
    route: &Route,
    asked: &Asked,
    identity: &Identity,
    id: RequestId,
    now: Time,
) -> Result<Response, Problem> {
    let service = app.service();
    let caller = &Caller {
        tenant: identity.tenant.clone(),
        request: id,
        actor: identity.actor.clone(),
        now,
    };
    let body = asked.body.as_slice();
    let base = base(asked);
    match route.name {
        "service" => json(200, &service.document(&base)),
        "openapi" => Ok(public("application/json; charset=utf-8", document())),
        "problem" => {
            let code = Code::from_name(&asked.name).ok_or(Code::NoSuchRoute)?;
            Ok(public("text/markdown; charset=utf-8", &openapi::page(code)))
        }
        "vm-list" => json(200, &service.list_vms(caller, &filter(asked))?),
        "vm-register" => {
            written(&base, service.register(caller, vmid(asked)?, body, Condition::New)?)
        }
        "vm-replace" => {
            let condition = asked.condition()?;
            written(&base, service.register(caller, vmid(asked)?, body, condition)?)
        }
        "vm-read" => {
            let (view, version) = service.read_vm(caller, vmid(asked)?)?;
            Ok(tagged(json(200, &view)?, version))
        }
        "vm-patch" => {
            let (view, version) = service.patch_vm(caller, vmid(asked)?, body, asked.matches)?;
            Ok(tagged(json(200, &view)?, version))
        }
        "vm-delete" => service.delete_vm(caller, vmid(asked)?, asked.matches).map(|()| empty()),
        "launch" => service.launch(caller, vmid(asked)?, body, asked.key.as_deref()).map(stored),
        "validate" => {
            let answer = service.validate(caller, vmid(asked)?, body, identity)?;
            let waits = answer.status == 202;
            let response = stored(answer);
            Ok(if waits {
                with_header(response, "retry-after", &ASK_AGAIN.to_string())
            } else {
                response
            })
        }
        "launch-read" => json(200, &service.read_launch(caller, vmid(asked)?, launch(asked)?)?),
        "acknowledge" => {
            service.acknowledge(caller, vmid(asked)?, launch(asked)?, body).map(|()| empty())
        }
        "launch-revoke" => service.revoke(caller, vmid(asked)?, launch(asked)?).map(|()| empty()),
        "approve" => service.decide(caller, vmid(asked)?, launch(asked)?, body).map(|()| empty()),
        "firmware-upload" => {
            let keep = asked.query.get("keep").is_some_and(|keep| keep == "true");
            let (added, view) = service.add_firmware(caller, body, keep)?;
            let response = json(if added { 201 } else { 200 }, &view)?;
            Ok(with_header(response, "location", &format!("{base}/firmware/{}", view.sha256)))
        }
        "firmware-list" => json(200, &service.list_firmwares(caller)?),
        "firmware-read" => json(200, &service.read_firmware(caller, sha256(asked)?)?),
        "firmware-delete" => service.remove_firmware(caller, sha256(asked)?).map(|()| empty()),
        "measure" => json(200, &service.measure(caller, body)?),
        "import" => json(200, &service.import(body)?),
        "audit" => {
            let limit = u32::try_from(asked.number("limit", PAGE)).unwrap_or(u32::MAX);
            json(200, &service.audit(caller, asked.number("after", 0), limit)?)
        }
        "checkpoints" => json(200, &service.checkpoints(caller)?),
        "token-make" => json(201, &service.make_token(caller, identity, body)?),
        "token-list" => json(200, &service.list_tokens(caller)?),
        "token-delete" => service.remove_token(caller, identity, &asked.name).map(|()| empty()),
        other => {
            tracing::error!(route = other, "a route that nothing is done for");
            Err(Code::Internal.into())
        }
    }
}

/// The OpenAPI document, made once.
fn document() -> &'static str {
    static DOCUMENT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    DOCUMENT.get_or_init(|| openapi::document().to_string())
}

/// Below what the request's paths stand.
fn base(asked: &Asked) -> String {
    if asked.tenant == crate::access::DEFAULT_TENANT {
        String::from("/v1")
    } else {
        format!("/v1/t/{}", asked.tenant)
    }
}

fn vmid(asked: &Asked) -> Result<VmId, Problem> {
    asked.vmid.ok_or(Problem::of(Code::BadVmid))
}

fn launch(asked: &Asked) -> Result<LaunchId, Problem> {
    asked.launch.ok_or(Problem::of(Code::NoSuchLaunch))
}

fn sha256(asked: &Asked) -> Result<Sha256, Problem> {
    asked.sha256.ok_or(Problem::of(Code::NoSuchFirmware))
}

fn tagged(response: Response, version: u64) -> Response {
    with_header(response, "etag", &format!("\"{version}\""))
}

fn written(base: &str, written: Written) -> Result<Response, Problem> {
    let Written { created, version, view } = written;
    let response = json(if created { 201 } else { 200 }, &view)?;
    let response = with_header(response, "location", &format!("{base}/vm/{}", view.vmid));
    Ok(tagged(response, version))
}

fn filter(asked: &Asked) -> Filter {
    let label = |(name, value): (&String, &String)| {
        Some((name.strip_prefix("label.")?.to_owned(), value.clone()))
    };
    Filter {
        after: asked.query.get("after").and_then(|text| text.parse().ok()),
        limit: u32::try_from(asked.number("limit", PAGE)).unwrap_or(u32::MAX),
        status: asked.query.get("status").cloned(),
        scheme: asked.query.get("scheme").cloned(),
        labels: asked.query.iter().filter_map(label).collect(),
    }
}
