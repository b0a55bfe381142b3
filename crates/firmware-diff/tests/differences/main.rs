//! Two made-up builds compared: each kind of difference, made on purpose, is told by its name and at its place, and nothing else is.

mod behaviour;
mod disguised;
mod kinds;
mod told;
