//! Agents that are killed.

use std::time::{Duration, Instant};

use serde_json::json;

use super::host::Host;
use super::service::{Owner, VMID};
use super::trusted::arrived;

/// Kills the agent after a while, and says whether it was over by then.
fn killed(host: &Host, after: Duration) -> bool {
    let mut agent = host.spawned(&[]);
    let end = Instant::now() + after;
    while Instant::now() < end {
        if let Some(status) = agent.try_wait().expect("a status") {
            assert!(status.success(), "{}", host.said());
            return true;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    agent.kill().expect("killed");
    agent.wait().expect("a status");
    false
}

/// `xtask agent-crash` does the same 200 times, at random.
pub(crate) fn a_killed_agents_launch_goes_on_or_is_over() {
    let mut ends = Vec::new();
    for after in [50, 200, 400, 500, 600, 700, 800, 1000, 1500] {
        let owner = Owner::new();
        owner.register(&json!({}));
        let Some(host) = Host::new("killed-", &owner, None, None) else { return };
        if killed(&host, Duration::from_millis(after)) {
            assert_eq!(host.ended(), arrived());
            ends.push("over");
            continue;
        }
        let came = host.came(host.agent(&["resume", VMID]));
        assert_eq!(host.open_launches(), 0, "{after}: {}", came.said);
        let (released, _) = owner.releases();
        match came.code {
            Some(0) => {
                assert_eq!(released, 1, "{after}");
                let ended = host.ended();
                // One that was killed after it handed the packet in, and before it wrote so, leaves that to the next one too: the same
                // bytes, at the same place.
                let again = ended.strip_prefix(&arrived()).unwrap_or("nothing arrived");
                assert!(again.is_empty() || again == arrived(), "{after}: {ended}");
                ends.push("resumed");
            }
            code => {
                assert_eq!(code, Some(2), "{after}: {}", came.said);
                if released == 1 {
                    // It was killed between its last step and its end.
                    assert!(came.said.contains("it is over"), "{after}: {}", came.said);
                    assert_eq!(host.ended(), arrived(), "{after}");
                    ends.push("over");
                } else {
                    assert_eq!(released, 0, "{after}: {}", came.said);
                    // Where a guest was started it was never let run.
                    assert_eq!(host.ended(), "", "{after}");
                    ends.push("gone");
                }
            }
        }
        // And another launch begins as if nothing had been.
        let came = host.started(&[]);
        assert_eq!(came.code, Some(0), "{after}: {}", came.said);
        assert_eq!(host.ended(), arrived());
    }
    println!("{ends:?}");
}

pub(crate) fn what_a_killed_agent_left_is_ended_by_drop() {
    let owner = Owner::new();
    owner.register(&json!({ "approval": "manual" }));
    let Some(host) = Host::new("drop-", &owner, None, None) else { return };
    let mut agent = host.spawned(&[]);
    let end = Instant::now() + Duration::from_secs(60);
    while !host.said().contains("approve") {
        assert!(Instant::now() < end, "{}", host.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    // One agent at a time.
    let came = host.came(host.agent(&["resume", VMID]));
    assert_eq!(came.code, Some(2), "{}", came.said);
    assert!(came.said.contains("another agent works on guest"), "{}", came.said);
    agent.kill().unwrap();
    agent.wait().unwrap();
    let came = host.came(host.agent(&["list"]));
    assert!(
        came.said.starts_with(&format!("{VMID}  waits for the owner's yes  qemu ")),
        "{}",
        came.said
    );
    // A new launch does not take its place in silence.
    let came = host.came(host.run(&[]));
    assert_eq!(came.code, Some(2), "{}", came.said);
    assert!(came.said.contains("sev-launch agent resume"), "{}", came.said);
    assert!(host.runs());
    let came = host.came(host.agent(&["drop", VMID]));
    assert_eq!(came.code, Some(0), "{}", came.said);
    assert_eq!((host.ended().as_str(), host.open_launches()), ("", 0));
    assert_eq!(owner.releases(), (0, 0));
    let (view, _) = owner.client().vm(super::service::vmid()).unwrap();
    assert_eq!(view.recent[0].state.name(), "revoked");
}
