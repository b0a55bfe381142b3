//! The service over HTTP, in this process and on a loopback socket: the conformance suite of the protocol, and what is this service's own.
//!
//! Every answer, of the suite and of each test here, is held against `docs/openapi.json`: a status, a code, a header field or a body that is not
//! described there fails the test.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

#[path = "http/described.rs"]
mod described;
#[path = "http/host.rs"]
mod host;
#[path = "http/lab.rs"]
mod lab;

#[path = "http/access.rs"]
mod access;
#[path = "http/attacked.rs"]
mod attacked;
#[path = "http/bodies.rs"]
mod bodies;
#[path = "http/certificates.rs"]
mod certificates;
#[path = "http/clock.rs"]
mod clock;
#[path = "http/limits.rs"]
mod limits;
#[path = "http/races.rs"]
mod races;
#[path = "http/secrets.rs"]
mod secrets;
#[path = "http/suite.rs"]
mod suite;
#[path = "http/tokens.rs"]
mod tokens;
#[path = "http/vectors.rs"]
mod vectors;
