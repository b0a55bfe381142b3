//! The protocol as its callers meet it: bodies that are read and refused, answers that are written, and the documents that say so.
//!
//! One binary, a module for each subject. What a body must come to is said here by hand, after the tables of the protocol's
//! description (registration, launch, validate) and of the types; JSON Schema is judged by another's validator.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod protocol {
    mod answers;
    mod changed;
    mod documents;
    mod examples;
    mod kinds;
    mod refused;
    mod secrets;
    mod whole;
}
