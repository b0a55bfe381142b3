//! What people see of a guest.

use sev_launch_protocol::registration::Registration;
use sev_launch_protocol::views::{LaunchView, VmView};

use crate::output::{Lines, counted, cut};

/// What a registration came to.
pub(super) fn summary(lines: &mut Lines, view: &VmView) {
    lines.field("scheme", view.scheme.name());
    if let Some(name) = &view.name {
        lines.field("name", name);
    }
    for (key, label) in &view.labels {
        lines.field("label", format_args!("{key}={label}"));
    }
    lines.field("status", view.status.name());
    lines.field("accepts", counted(view.candidates, "launch digest", "launch digests"));
    lines.field(
        "secrets",
        match view.secret_table_bytes {
            0 => "none".to_owned(),
            bytes => format!("a table of {bytes} bytes"),
        },
    );
    let left = view.launches.left.map_or("no limit".to_owned(), |left| format!("{left} left"));
    lines.field("launches", format_args!("{} so far, {left}", view.launches.used));
    for warning in &view.warnings {
        lines.field("warning", warning);
    }
}

/// All that there is of a guest.
pub(super) fn whole(lines: &mut Lines, view: &VmView) {
    lines.line(view.vmid);
    summary(lines, view);
    lines.field("created", view.created);
    lines.field("changed", view.changed);
    let is_of_this_version = |registration: &serde_json::Map<String, serde_json::Value>| {
        serde_json::from_value::<Registration>(registration.clone().into()).is_ok()
    };
    if let Some(registration) = &view.registration {
        if !is_of_this_version(registration) {
            lines.field("registered", "in a form that this version does not know all of");
        }
        for (member, value) in registration {
            lines.field("registered", format_args!("{member}: {}", cut(&value.to_string())));
        }
    }
    for launch in &view.recent {
        lines.field("launch", launch_line(launch));
    }
}

fn launch_line(launch: &LaunchView) -> String {
    let mut text = format!("{}  {}  began {}", launch.launch_id, launch.state.name(), launch.began);
    if launch.state.is_live() {
        text.push_str(&format!(
            ", expires {}, {} left",
            launch.expires_at,
            counted(launch.attempts_left.into(), "attempt", "attempts")
        ));
    }
    if launch.approved {
        text.push_str(", approved");
    }
    if let Some(reason) = launch.reason {
        text.push_str(&format!(", {}", reason.name()));
    }
    if let Some(injection) = launch.acknowledged {
        let said = match injection {
            sev_launch_protocol::launch::Injection::Injected => "the host injected its secrets",
            sev_launch_protocol::launch::Injection::Failed => {
                "the host could not inject its secrets"
            }
        };
        text.push_str(&format!(", {said}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // The shape is docs/openapi.json's.
    const VIEW: &str = r#"{
        "vmid": "57f669c2-c427-4132-bc7a-26f56b6a718c", "status": "validated", "scheme": "amd-sev-es",
        "name": "web", "labels": {"env": "prod"}, "candidates": 8, "secret-table-bytes": 80,
        "launches": {"used": 2, "left": 1}, "created": "2026-08-01T00:00:00Z", "changed": "2026-08-02T00:00:00Z",
        "warnings": ["a platform of any owner is accepted"],
        "registration": {"policy": 5, "cmdline": "console=ttyS0"},
        "recent": [
            {"launch-id": "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31", "state": "validated", "began": "2026-08-03T00:00:00Z",
             "expires-at": "2026-08-03T00:10:00Z", "attempts-left": 1, "approved": false},
            {"launch-id": "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f32", "state": "failed", "began": "2026-08-02T00:00:00Z",
             "expires-at": "2026-08-02T00:10:00Z", "attempts-left": 0, "approved": false, "reason": "measurement-mismatch"}
        ]
    }"#;

    #[test]
    fn people_see_all_of_a_guest() {
        let mut lines = Lines::default();
        whole(&mut lines, &serde_json::from_str(VIEW).expect("a view"));
        assert_eq!(
            lines.text(),
            "\
57f669c2-c427-4132-bc7a-26f56b6a718c
  scheme       amd-sev-es
  name         web
  label        env=prod
  status       validated
  accepts      8 launch digests
  secrets      a table of 80 bytes
  launches     2 so far, 1 left
  warning      a platform of any owner is accepted
  created      2026-08-01T00:00:00.000Z
  changed      2026-08-02T00:00:00.000Z
  registered   in a form that this version does not know all of
  registered   cmdline: \"console=ttyS0\"
  registered   policy: 5
  launch       6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31  validated  began 2026-08-03T00:00:00.000Z, expires 2026-08-03T00:10:00.000Z, 1 attempt left
  launch       6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f32  failed  began 2026-08-02T00:00:00.000Z, measurement-mismatch
"
        );
    }
}
