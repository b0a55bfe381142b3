//! How much was computed, by technology and profile.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::json;
use sev_launch_testkit::expected::PROFILES;

/// Descriptions and their digests, and those that were refused.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) accepted: u64,
    pub(super) refused: u64,
    /// Descriptions that were told by flags too.
    pub(super) by_flags: u64,
    /// SNP digests of the firmware alone.
    pub(super) firmware_alone: u64,
    /// Descriptions and digests of each technology and profile.
    pub(super) profiles: BTreeMap<(&'static str, String), (u64, u64)>,
    /// Descriptions with each fault.
    pub(super) faults: BTreeMap<&'static str, u64>,
}

impl Totals {
    pub(super) fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.by_flags += other.by_flags;
        self.firmware_alone += other.firmware_alone;
        for (key, (descriptions, digests)) in &other.profiles {
            let sum = self.profiles.entry(key.clone()).or_default();
            *sum = (sum.0 + descriptions, sum.1 + digests);
        }
        for (name, count) in &other.faults {
            *self.faults.entry(name).or_default() += count;
        }
    }

    /// Looks that the descriptions were good for something: four of five are possible, and every profile is among them.
    pub(super) fn check(&self, descriptions: usize) {
        if descriptions < 200 {
            return;
        }
        assert!(self.accepted * 10 >= (self.accepted + self.refused) * 8, "{self}");
        let technology = |name: &str| if name.starts_with("snp-") { "snp" } else { "sev-es" };
        for profile in PROFILES {
            let key = (technology(profile.name), profile.name.to_owned());
            assert!(self.profiles.contains_key(&key), "{}: never computed\n{self}", profile.name);
        }
        assert!(self.profiles.contains_key(&("sev", "-".into())) && self.by_flags > 0, "{self}");
    }

    /// For the task that writes them down.
    pub(super) fn to_json(&self) -> String {
        let rows = self.profiles.iter().map(|((technology, profile), (descriptions, digests))| {
            json!({ "technology": technology, "profile": profile, "descriptions": descriptions, "digests": digests })
        });
        json!({
            "accepted": self.accepted,
            "refused": self.refused,
            "by_flags": self.by_flags,
            "firmware_alone": self.firmware_alone,
            "profiles": rows.collect::<Vec<_>>(),
            "faults": self.faults,
        })
        .to_string()
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, refused, by_flags, firmware_alone, .. } = self;
        writeln!(
            f,
            "{accepted} descriptions computed ({by_flags} by flags too), {refused} refused"
        )?;
        writeln!(f, "{firmware_alone} digests of the firmware alone")?;
        for ((technology, profile), (descriptions, digests)) in &self.profiles {
            writeln!(
                f,
                "{technology:7} {profile:20} {descriptions:6} descriptions {digests:7} digests"
            )?;
        }
        for (name, count) in &self.faults {
            writeln!(f, "refused: {count:5} {name}")?;
        }
        Ok(())
    }
}
