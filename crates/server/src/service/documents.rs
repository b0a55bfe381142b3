//! What the service says of itself.

use sev_launch_protocol::body;
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::views::{Limits, ServiceDocument};

use super::Service;
use crate::{candidates, catalogue};

/// What it has beyond the least that the protocol asks for.
const FEATURES: [&str; 8] = [
    "ack",
    "approval",
    "firmware-catalogue",
    "idempotency-key",
    "launch-token",
    "range-cpu-count",
    "report-only",
    "snp-verdict",
];

impl Service {
    /// `GET /`.
    #[must_use]
    pub fn document(&self, base: &str) -> ServiceDocument {
        ServiceDocument {
            service: "sev-attestation".into(),
            api: "v1".into(),
            time: self.now(),
            schemes: Scheme::ALL.to_vec(),
            features: FEATURES.map(str::to_owned).to_vec(),
            limits: Limits {
                body_bytes: wide(body::MOST),
                firmware_bytes: wide(catalogue::MOST_BYTES),
                candidates: wide(candidates::MOST),
            },
            openapi: format!("{base}/openapi.json"),
            simulated: self.is_simulated(),
        }
    }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
