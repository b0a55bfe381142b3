//! What the service counts, as Prometheus reads it. No name of a guest, a host or a path is a label: what an outsider chooses would
//! fill the memory of whoever keeps the metrics, and tell what nobody asked.

use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use sev_launch_protocol::problem::Code;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Came {
    outcome: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

/// Seconds of an answer.
fn seconds() -> Histogram {
    Histogram::new([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0])
}

/// All of it.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<OfRoute, Histogram, fn() -> Histogram>,
    launches: Family<Came, Counter>,
    validations: Family<Came, Counter>,
    refused_credentials: Family<OfKind, Counter>,
    rate_limited: Family<OfKind, Counter>,
    swept: Counter,
    checkpoints: Counter,
    certificate_expiry: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sevattest");
        let requests = Family::<Answered, Counter>::default();
        registry.register(
            "http_requests",
            "Requests, by route, method and status",
            requests.clone(),
        );
        let durations =
            Family::<OfRoute, Histogram, fn() -> Histogram>::new_with_constructor(seconds);
        registry.register(
            "http_request_seconds",
            "Time to the answer, by route",
            durations.clone(),
        );
        let launches = Family::<Came, Counter>::default();
        registry.register("launches", "Requests to launch, by what came of them", launches.clone());
        let validations = Family::<Came, Counter>::default();
        registry.register(
            "validations",
            "Requests to validate, by what came of them",
            validations.clone(),
        );
        let refused_credentials = Family::<OfKind, Counter>::default();
        registry.register(
            "auth_failures",
            "Credentials that were refused",
            refused_credentials.clone(),
        );
        let rate_limited = Family::<OfKind, Counter>::default();
        registry.register(
            "rate_limited",
            "Requests beyond a rate, by bucket",
            rate_limited.clone(),
        );
        let swept = Counter::default();
        registry.register("guests_swept", "Guests whose launches time ended", swept.clone());
        let checkpoints = Counter::default();
        registry.register(
            "audit_checkpoints",
            "Heads of audits that were signed",
            checkpoints.clone(),
        );
        let certificate_expiry = Gauge::default();
        registry.register(
            "tls_cert_expiry_timestamp_seconds",
            "When the TLS certificate expires, in unix seconds; 0 without TLS",
            certificate_expiry.clone(),
        );
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "This program", build);
        Self {
            registry,
            requests,
            durations,
            launches,
            validations,
            refused_credentials,
            rate_limited,
            swept,
            checkpoints,
            certificate_expiry,
        }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, route: &'static str, method: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answered { route, method, status }).inc();
        self.durations.get_or_create(&OfRoute { route }).observe(took.as_secs_f64());
    }

    /// Counts what came of a request to launch or to validate: `None` is a yes.
    pub fn came(&self, route: &'static str, refused: Option<Code>) {
        let came = Came {
            outcome: if refused.is_some() { "refused" } else { "done" },
            reason: refused.map_or("", Code::name),
        };
        match route {
            "launch" => self.launches.get_or_create(&came).inc(),
            "validate" => self.validations.get_or_create(&came).inc(),
            _ => 0,
        };
    }

    /// Counts credentials that were refused.
    pub fn refused_credentials(&self, code: Code) {
        self.refused_credentials.get_or_create(&OfKind { kind: code.name() }).inc();
    }

    /// Counts a request beyond a rate.
    pub fn rate_limited(&self, bucket: &'static str) {
        self.rate_limited.get_or_create(&OfKind { kind: bucket }).inc();
    }

    /// Counts guests that were swept.
    pub fn swept(&self, guests: u32) {
        self.swept.inc_by(guests.into());
    }

    /// Counts checkpoints.
    pub fn checkpoints(&self, made: u32) {
        self.checkpoints.inc_by(made.into());
    }

    /// Says when the TLS certificate expires, in unix seconds.
    pub fn certificate_expiry(&self, seconds: u64) {
        self.certificate_expiry.set(seconds);
    }

    /// All of it as OpenMetrics text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            text.clear();
            // Writing to memory does not fail.
            let _ = text.write_str("# EOF\n");
        }
        text
    }
}
