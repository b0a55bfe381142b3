//! The search, against digests that the testkit computes by itself.

#[path = "search/answers.rs"]
mod answers;
#[path = "search/axes.rs"]
mod axes;
#[path = "search/firmware.rs"]
mod firmware;
#[path = "search/hostile.rs"]
mod hostile;
#[path = "search/made.rs"]
mod made;
#[path = "search/measurements.rs"]
mod measurements;
#[path = "search/plans.rs"]
mod plans;
#[path = "search/vectors.rs"]
mod vectors;
