//! Criterion benches of sev-launch: see `benches/`.
