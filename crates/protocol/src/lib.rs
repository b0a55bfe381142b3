//! The words of the attestation service of a guest owner, and the rules between them.
//!
//! Nothing here opens a file or a socket, reads a clock or draws a random number: time and random bytes are arguments, and HTTP, TLS
//! and the store are the server's. What came from outside is a value of these types or a [`problem::Problem`], and what happens to a
//! guest is a pure function of its state.
//!
//! | module | what it answers |
//! |---|---|
//! | [`text`] | the forms that texts have: ids, digests, base64, times, labels |
//! | [`body`] | a request's body to a value, or to the member that is wrong |
//! | [`registration`], [`secret`] | what an owner registers: what may be launched, where, and what the guest receives |
//! | [`launch`] | what a launcher sends and gets: launch, validate, acknowledge |
//! | [`views`] | what else the service shows and is asked: guests, firmwares, tokens, the audit, itself |
//! | [`problem`] | every no, by code, status and advice, in one table |
//! | [`routes`] | every path, who may take it, and what it may end in, in one table |
//! | `openapi` (feature `schema`) | both tables and all types as documents: for programs, and for people |
//! | [`state`] | the state machine of a guest's launches; the only way to a release of secrets |
//! | [`audit`] | records in a chain of hashes, and its verification |
//! | [`canonical`] | one form of JSON, under digests and hashes |
//!
//! # A registration
//!
//! ```
//! use sev_launch_protocol::body;
//! use sev_launch_protocol::problem::{Code, Problem};
//! use sev_launch_protocol::registration::Registration;
//!
//! /// What `POST /vm/{vmid}` does before it asks for a firmware.
//! fn register(bytes: &[u8]) -> Result<Registration, Problem> {
//!     let registration: Registration = body::read(bytes)?;
//!     registration.check()?;
//!     Ok(registration)
//! }
//!
//! let good = br#"{
//!     "scheme": "amd-sev", "policy": 3,
//!     "firmware-hashes": "8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424",
//!     "platform": {"any-owner": true, "generations": ["milan", "genoa"]},
//!     "secrets": [{"type": "luks-passphrase", "passphrase": "correct horse battery staple"}]
//! }"#;
//! let registration = register(good).expect("as the schema has it");
//! assert_eq!(registration.secrets[0].expose(), b"correct horse battery staple");
//!
//! // A misspelt restriction is never skipped.
//! let text = String::from_utf8_lossy(good).replace("generations", "generation");
//! let problem = register(text.as_bytes()).expect_err("misspelt");
//! assert_eq!(problem.code, Code::UnknownMember);
//! assert_eq!(problem.errors[0].pointer, "#/platform/generation");
//! ```

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test may panic"))]

pub mod audit;
pub mod body;
pub mod canonical;
pub mod launch;
#[cfg(feature = "schema")]
pub mod openapi;
pub mod problem;
pub mod registration;
pub mod routes;
pub mod secret;
pub mod state;
pub mod text;
pub mod views;
