//! The service over HTTP: one function returns the app, made of the protocol's table of routes, so that no path is without a stated
//! role. Handlers read headers and bodies, call [`Service`], and write; they hold no rule.

mod admin;
mod answer;
mod operations;
mod request;
mod turns;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::routes::{Access, Method, ROUTES, Route};
use sev_launch_protocol::text::{RequestId, Time, VmId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::access::{self, Grants, Identity, Target};
use crate::listener::{Peer, network};
use crate::metrics::Metrics;
use crate::rate::{Limiter, Rate};
use crate::service::{Service, random_bytes};

pub use self::admin::{Check, Readiness, admin};
pub use self::answer::problem as problem_answer;
use self::turns::Turns;

/// Requests that are worked on at once; others wait for their turn, as long as the listener's time for a request lasts.
const AT_ONCE: usize = 64;

/// Requests at once that compute or read much, of all and of one tenant: others do not wait for them.
const HEAVY_AT_ONCE: usize = 2;
const HEAVY_OF_TENANT: usize = 2;

/// Firmware images that are taken in at once, of all and of one tenant: each is up to 64 MiB in memory.
const IMAGES_AT_ONCE: usize = 4;
const IMAGES_OF_TENANT: usize = 1;

/// How often somebody may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Credentials that are refused, by address.
    pub refused: Rate,
    /// Launches of one guest.
    pub launch_of_guest: Rate,
    /// Launches by one launcher.
    pub launch: Rate,
    /// Measurements of one guest.
    pub validate_of_guest: Rate,
    /// Measurements by one launcher.
    pub validate: Rate,
    /// Changes by one principal.
    pub write: Rate,
    /// Firmware images by one principal.
    pub firmware: Rate,
    /// Requests that read and change nothing, by one principal.
    pub read: Rate,
    /// Requests that compute launch digests, by one tenant, whatever tokens it has.
    pub compute: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |per_minute, burst| Rate { per_minute, burst };
        Self {
            refused: rate(30, 30),
            launch_of_guest: rate(6, 3),
            launch: rate(60, 30),
            validate_of_guest: rate(10, 10),
            validate: rate(120, 60),
            write: rate(60, 60),
            firmware: rate(6, 6),
            read: rate(600, 200),
            compute: rate(120, 60),
        }
    }
}

/// A principal: kind and id of an actor.
type Principal = (&'static str, String);

struct Limiters {
    refused: Limiter<IpAddr>,
    unseen: Limiter<IpAddr>,
    launch_of_guest: Limiter<(String, VmId)>,
    launch: Limiter<Principal>,
    validate_of_guest: Limiter<(String, VmId)>,
    validate: Limiter<Principal>,
    write: Limiter<Principal>,
    firmware: Limiter<Principal>,
    read: Limiter<Principal>,
    compute: Limiter<String>,
}

/// What all requests share.
pub struct App {
    service: Arc<Service>,
    grants: Grants,
    metrics: Arc<Metrics>,
    limiters: Limiters,
    turns: Arc<Semaphore>,
    heavy: Turns,
    images: Turns,
    draining: AtomicBool,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

impl App {
    /// What all requests share.
    #[must_use]
    pub fn new(
        service: Arc<Service>,
        grants: Grants,
        rates: &Rates,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        Arc::new(Self {
            service,
            grants,
            metrics,
            limiters: Limiters {
                refused: Limiter::new(rates.refused),
                unseen: Limiter::new(rates.read),
                launch_of_guest: Limiter::new(rates.launch_of_guest),
                launch: Limiter::new(rates.launch),
                validate_of_guest: Limiter::new(rates.validate_of_guest),
                validate: Limiter::new(rates.validate),
                write: Limiter::new(rates.write),
                firmware: Limiter::new(rates.firmware),
                read: Limiter::new(rates.read),
                compute: Limiter::new(rates.compute),
            },
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            heavy: Turns::new(HEAVY_AT_ONCE, HEAVY_OF_TENANT),
            images: Turns::new(IMAGES_AT_ONCE, IMAGES_OF_TENANT),
            draining: AtomicBool::new(false),
        })
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// From now on new requests are refused by `draining`; those that are worked on go on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Waits for a turn of those that are done soon.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        turn.map_err(|_| Problem::of(Code::Draining))
    }

    /// Are new requests refused?
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }
}

/// The app: every route of the protocol, below `/v1` and below `/v1/t/{tenant}`. Requests carry a [`Peer`] extension.
pub fn app(shared: &Arc<App>) -> Router {
    let mut router = Router::new();
    for prefix in ["/v1", "/v1/t/{tenant}"] {
        let mut paths: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let mut methods = MethodRouter::new();
            for route in ROUTES.iter().filter(|route| route.path == path) {
                let handler = move |State(app): State<Arc<App>>, request: Request| {
                    handle(app, route, request)
                };
                methods = methods.merge(on(filter(route.method), handler));
            }
            let allowed = path.to_owned();
            methods = methods.fallback(move |State(app): State<Arc<App>>| {
                let path = allowed.clone();
                async move { other_method(&app, &path) }
            });
            let full = if path == "/" { format!("{prefix}/") } else { format!("{prefix}{path}") };
            router = router.route(&full, methods.clone());
            if path == "/" {
                router = router.route(prefix, methods);
            }
        }
    }
    router
        .fallback(|State(app): State<Arc<App>>| async move {
            let id = request_id(app.service.now());
            refused(&app, id, "none", "", Problem::of(Code::NoSuchRoute), Instant::now())
        })
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(shared))
}

const fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Delete => MethodFilter::DELETE,
        Method::Get => MethodFilter::GET,
        Method::Patch => MethodFilter::PATCH,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
    }
}

fn request_id(now: Time) -> RequestId {
    RequestId::new(now.millis(), &random_bytes())
}

fn other_method(app: &App, path: &str) -> Response {
    let id = request_id(app.service.now());
    let mut allowed: Vec<&str> =
        ROUTES.iter().filter(|route| route.path == path).map(|route| route.method.name()).collect();
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    let response = refused(app, id, "none", "", Problem::of(Code::Method), Instant::now());
    answer::with_header(response, "allow", &allowed.join(", "))
}

/// A refusal as it is answered and counted.
fn refused(
    app: &App,
    id: RequestId,
    route: &'static str,
    method: &'static str,
    mut problem: Problem,
    began: Instant,
) -> Response {
    problem.request = Some(id);
    problem.simulated = app.service.is_simulated();
    app.metrics.answered(route, method, problem.code.status(), began.elapsed());
    app.metrics.came(route, Some(problem.code));
    answer::problem(&problem)
}

async fn handle(app: Arc<App>, route: &'static Route, request: Request) -> Response {
    let began = Instant::now();
    let now = app.service.now();
    let id = request_id(now);
    let method = route.method.name();
    let outcome = answered(Arc::clone(&app), route, request, id, now).await;
    match outcome {
        Ok(response) => {
            app.metrics.answered(route.name, method, response.status().as_u16(), began.elapsed());
            app.metrics.came(route.name, None);
            tracing::info!(request = %id, route = route.name, status = response.status().as_u16(), "answered");
            answer::with_header(response, "request-id", &id.to_string())
        }
        Err(problem) => {
            let code = problem.code;
            tracing::info!(request = %id, route = route.name, code = code.name(), "refused");
            let response = refused(&app, id, route.name, method, problem, began);
            answer::with_header(response, "request-id", &id.to_string())
        }
    }
}

async fn answered(
    app: Arc<App>,
    route: &'static Route,
    request: Request,
    id: RequestId,
    now: Time,
) -> Result<Response, Problem> {
    if app.is_draining() {
        return Err(Code::Draining.into());
    }
    let Some(peer) = request.extensions().get::<Peer>().cloned() else {
        tracing::error!("a request without a peer: the app is not behind its listener");
        return Err(Code::Internal.into());
    };
    let (head, body) = request.into_parts();
    let mut asked = request::Asked::read(route, &head)?;
    let image = matches!(route.request, Some(sev_launch_protocol::routes::Body::Image));

    let client = network(peer.address.ip());
    // Who asks comes before what they send: a stranger's body is not read.
    let identity = {
        let (shared, asked) = (Arc::clone(&app), asked.clone());
        let turn = app.turn().await?;
        blocking(turn, move || identify(&shared, route, &asked, &peer, now)).await?
    };
    limit(&app, route, &asked, &identity, client)?;
    let image = if image { Some(app.images.take(&identity.tenant).await?) } else { None };
    asked.body = request::body(route, &head, body).await?;
    let tenant = identity.tenant.clone();
    // Not dropped where it waits: what has begun is finished, and whoever asks again gets the same answer.
    let shared = Arc::clone(&app);
    let work = move || {
        let outcome = operations::run(&shared, route, &asked, &identity, id, now);
        drop(image);
        outcome
    };
    if is_heavy(route) {
        blocking(app.heavy.take(&tenant).await?, work).await
    } else {
        blocking(app.turn().await?, work).await
    }
}

/// Does it compute launch digests, take in an image, or read many rows?
fn is_heavy(route: &Route) -> bool {
    matches!(
        route.name,
        "audit"
            | "firmware-list"
            | "firmware-upload"
            | "import"
            | "measure"
            | "vm-list"
            | "vm-register"
            | "vm-replace"
    )
}

/// Work on a thread that may wait. Its turn ends with it, also where nobody waits for it any more.
async fn blocking<T: Send + 'static>(
    turn: impl Send + 'static,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(move || {
        let outcome = work();
        drop(turn);
        outcome
    });
    match done.await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::error!(%error, "a request failed");
            Err(Code::Internal.into())
        }
    }
}

fn identify(
    app: &App,
    route: &'static Route,
    asked: &request::Asked,
    peer: &Peer,
    now: Time,
) -> Result<Identity, Problem> {
    let address = network(peer.address.ip());
    let target = Target { route, tenant: &asked.tenant, vmid: asked.vmid, launch: asked.launch };
    let authorization = asked.authorization.as_ref().map(|value| value.as_slice());
    let outcome = access::authenticate(&app.service, &app.grants, authorization, peer, now)
        .or_else(|problem| if route.access == Access::Anyone { Ok(None) } else { Err(problem) })
        .and_then(|identity| access::authorise(&app.service, &target, identity, peer));
    outcome.map_err(|problem| {
        let credentials = matches!(
            problem.code,
            Code::NoCredentials | Code::BadCredentials | Code::ExpiredCredentials
        );
        if !credentials {
            // Asking for what may not be seen is asking too.
            let now = app.service.clock_time();
            return match app.limiters.unseen.take(address, now) {
                Ok(()) => problem,
                Err(wait) => limited(app, "unseen", wait),
            };
        }
        app.metrics.refused_credentials(problem.code);
        match app.limiters.refused.take(address, app.service.clock_time()) {
            Ok(()) => problem,
            Err(wait) => limited(app, "refused", wait),
        }
    })
}

fn limited(app: &App, bucket: &'static str, wait: u64) -> Problem {
    app.metrics.rate_limited(bucket);
    let mut problem = Problem::new(Code::RateLimited, format!("again in {wait} s"));
    problem.retry_after = Some(wait);
    problem
}

/// Takes one of each bucket that the route has.
fn limit(
    app: &App,
    route: &Route,
    asked: &request::Asked,
    identity: &Identity,
    client: IpAddr,
) -> Result<(), Problem> {
    let now = app.service.clock_time();
    let who = || {
        let id = match identity.actor.kind {
            // Those without a name are told apart by where they are.
            "anonymous" => client.to_string(),
            _ => identity.actor.id.clone(),
        };
        (identity.actor.kind, id)
    };
    let guest = || asked.vmid.map(|vmid| (identity.tenant.clone(), vmid));
    let limiters = &app.limiters;
    let take =
        |bucket, outcome: Result<(), u64>| outcome.map_err(|wait| limited(app, bucket, wait));
    match route.name {
        "launch" => {
            take("launch", limiters.launch.take(who(), now))?;
            guest().map_or(Ok(()), |guest| {
                take("launch-of-guest", limiters.launch_of_guest.take(guest, now))
            })
        }
        "validate" => {
            take("validate", limiters.validate.take(who(), now))?;
            guest().map_or(Ok(()), |guest| {
                take("validate-of-guest", limiters.validate_of_guest.take(guest, now))
            })
        }
        "firmware-upload" => take("firmware", limiters.firmware.take(who(), now)),
        "measure" | "vm-register" | "vm-replace" => {
            take("write", limiters.write.take(who(), now))?;
            take("compute", limiters.compute.take(identity.tenant.clone(), now))
        }
        _ if route.method != Method::Get => take("write", limiters.write.take(who(), now)),
        _ if route.access != Access::Anyone => take("read", limiters.read.take(who(), now)),
        _ => Ok(()),
    }
}
