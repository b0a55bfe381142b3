//! Agents that are killed: the `virsh` that they find kills them before or after one of its commands, and whoever comes next goes on from there, or gives it up.

use anyhow::Result;

use super::attested::{ARRIVED, AUDIT, Defined, Guest, NOTHING, OPEN, RELEASED, STATE, start};
use super::{KERNEL, Run, YES, version};

/// A `virsh` that kills who asks, before or after one of its commands. All else it leaves to the real one.
const VIRSH: &str = "\
#!/bin/sh
case \" $* \" in *\" $AT \"*) ;; *) exec /usr/bin/virsh \"$@\" ;; esac
[ \"$WHEN\" = after ] && /usr/bin/virsh \"$@\"
kill -KILL $PPID
";

/// How a killed agent's launch is found, and what is done of it.
struct Killed {
    guest: &'static str,
    name: &'static str,
    command: &'static str,
    when: &'static str,
    /// The domain's state, and how far the agent remembers the launch to be.
    left: [&'static str; 2],
    /// The audit, after `resume`.
    audit: &'static str,
}

/// Those whose guests come to run.
const GO_ON: [Killed; 6] = [
    Killed {
        guest: "SEV-ES, the agent killed after `virsh create`",
        name: "killed-1",
        command: "create",
        when: "after",
        left: ["paused", "starting"],
        audit: RELEASED,
    },
    Killed {
        guest: "SEV-ES, the agent killed before `virsh domlaunchsecinfo`",
        name: "killed-2",
        command: "domlaunchsecinfo",
        when: "before",
        left: ["paused", "waits for the owner's yes"],
        audit: RELEASED,
    },
    Killed {
        guest: "SEV-ES, the agent killed before `virsh domsetlaunchsecstate`",
        name: "killed-3",
        command: "domsetlaunchsecstate",
        when: "before",
        left: ["paused", "waits for the owner's yes"],
        audit: AGAIN,
    },
    Killed {
        guest: "SEV-ES, the agent killed after `virsh domsetlaunchsecstate`",
        name: "killed-4",
        command: "domsetlaunchsecstate",
        when: "after",
        left: ["paused", "waits for the owner's yes"],
        audit: AGAIN,
    },
    Killed {
        guest: "SEV-ES, the agent killed before `virsh resume`",
        name: "killed-5",
        command: "resume",
        when: "before",
        left: ["paused", "validated, may not run yet"],
        audit: RELEASED,
    },
    Killed {
        guest: "SEV-ES, the agent killed after `virsh resume`",
        name: "killed-6",
        command: "resume",
        when: "after",
        left: ["running", "validated, may not run yet"],
        audit: RELEASED,
    },
];

/// The same packet was asked for twice.
const AGAIN: &str = "launch, validate: released, replay: released again, acknowledge: injected";

/// `nodesevinfo` has no `cpu0-id` where the daemon of libvirt 9.0 has its capabilities from its cache, as at its second start; 11.3 has it.
const KEEPS_ID: (u32, u32) = (10, 0);

const KILLED: &str = "`sev-launch agent start`, killed";
const RESUME: &str = "`sev-launch agent resume`";
const ANEW: &str = "`sev-launch agent start` anew";

impl Run<'_> {
    pub(super) fn killed(&mut self, service: &str) -> Result<()> {
        self.inside.must(&["mkdir", "-p", "killing"])?;
        self.inside.write("killing/virsh", VIRSH)?;
        self.inside.must(&["chmod", "755", "killing/virsh"])?;
        for (killed, number) in GO_ON.iter().zip(0x10..) {
            self.goes_on(service, killed, number)?;
        }
        self.never_started(service)?;
        self.given_up(service)?;
        self.daemon_killed(service)
    }

    fn goes_on(&mut self, service: &str, killed: &Killed, number: u8) -> Result<()> {
        let defined = self.defined(service, guest(killed.guest, killed.name, number))?;
        self.kill(&defined, killed.command, killed.when)?;
        let [state, step] = killed.left;
        self.state(STATE, defined.name, state)?;
        self.open(OPEN, step)?;
        self.agent(RESUME, YES, "", &format!("resume {}", defined.uuid))?;
        self.state(STATE, defined.name, "running")?;
        self.audit(AUDIT, &defined, killed.audit)?;
        self.open(OPEN, NOTHING)?;
        self.ended(&defined, ARRIVED)?;
        self.stored(&defined)
    }

    /// libvirt's daemon is killed too, and comes again.
    fn daemon_killed(&mut self, service: &str) -> Result<()> {
        let name = "SEV-ES, the agent killed before `virsh domlaunchsecinfo`, and libvirt's daemon";
        let defined = self.defined(service, guest(name, "killed-9", 0x22))?;
        self.kill(&defined, "domlaunchsecinfo", "before")?;
        self.inside.kill_daemon()?;
        let resume = format!("resume {}", defined.uuid);
        let (code, words) = ("exit code 2", "failed to connect to the hypervisor");
        self.agent("`sev-launch agent resume` without a daemon", code, words, &resume)?;
        self.audit(AUDIT, &defined, "launch")?;
        self.open(OPEN, "waits for the owner's yes")?;
        self.inside.start_daemon()?;
        self.state("the domain's state, by the next daemon", defined.name, "paused")?;
        self.agent(RESUME, YES, "", &resume)?;
        self.state(STATE, defined.name, "running")?;
        self.audit(AUDIT, &defined, RELEASED)?;
        self.open(OPEN, NOTHING)?;
        self.ended(&defined, ARRIVED)?;
        self.stored(&defined)?;
        // Which of a host's facts libvirt remembers in its cache differs; the platform's own chain needs no id.
        let said = self.virsh("nodesevinfo")?.text;
        let has_id = said.lines().any(|line| line.starts_with("cpu0-id"));
        let keeps_id = version(&self.inside.libvirt) >= KEEPS_ID;
        let word = |is: bool| if is { "yes" } else { "no" };
        let what = "`virsh nodesevinfo` of the next daemon: `cpu0-id`";
        self.came(what, word(keeps_id), word(has_id));
        let line = start(defined.name);
        if !keeps_id {
            let what = "`sev-launch agent start` without it";
            self.agent(what, "exit code 1", "chain-signature", &line)?;
        }
        let line = format!("{line} --chain certs/platform.chain");
        self.agent("`sev-launch agent start --chain`", YES, "", &line)?;
        self.state(STATE, defined.name, "running")?;
        self.releases(&defined, 2)?;
        self.ended(&defined, &format!("{ARRIVED}, {ARRIVED}"))?;
        self.stored(&defined)
    }

    /// There is no guest to go on with.
    fn never_started(&mut self, service: &str) -> Result<()> {
        let defined = self.defined(
            service,
            guest("SEV-ES, the agent killed before `virsh create`", "killed-7", 0x20),
        )?;
        self.kill(&defined, "create", "before")?;
        self.state(STATE, defined.name, "shut off")?;
        self.open(OPEN, "starting")?;
        let words = "its launch is given up";
        self.agent(RESUME, "exit code 2", words, &format!("resume {}", defined.uuid))?;
        self.state(STATE, defined.name, "shut off")?;
        self.audit(AUDIT, &defined, "launch, revoke")?;
        self.agent(ANEW, YES, "", &start(defined.name))?;
        self.state(STATE, defined.name, "running")?;
        self.audit(AUDIT, &defined, &format!("launch, revoke, {RELEASED}"))?;
        self.open(OPEN, NOTHING)?;
        self.ended(&defined, ARRIVED)?;
        self.stored(&defined)
    }

    /// The host's people give it up.
    fn given_up(&mut self, service: &str) -> Result<()> {
        let defined =
            self.defined(service, guest("SEV-ES, the agent killed, given up", "killed-8", 0x21))?;
        self.kill(&defined, "domlaunchsecinfo", "before")?;
        self.state(STATE, defined.name, "paused")?;
        let words = format!("sev-launch agent resume {}", defined.uuid);
        // By its UUID, which is as good as its name.
        let line = start(&defined.uuid);
        self.agent(ANEW, "exit code 2", &words, &line)?;
        self.state(STATE, defined.name, "paused")?;
        self.agent("`sev-launch agent drop`", YES, "", &format!("drop {}", defined.uuid))?;
        self.state(STATE, defined.name, "shut off")?;
        self.audit(AUDIT, &defined, "launch, revoke")?;
        self.open(OPEN, NOTHING)?;
        self.arrived("where the secret arrived, by the domain's log", &defined, "nowhere")?;
        self.stored(&defined)?;
        self.agent(ANEW, YES, "", &line)?;
        self.state(STATE, defined.name, "running")?;
        self.audit(AUDIT, &defined, &format!("launch, revoke, {RELEASED}"))?;
        self.ended(&defined, &format!("nowhere, {ARRIVED}"))?;
        self.stored(&defined)
    }

    fn kill(&mut self, defined: &Defined, command: &str, when: &str) -> Result<()> {
        let line = format!(
            "env PATH=/rehearsal/killing:/usr/sbin:/usr/bin:/sbin:/bin AT={command} WHEN={when} timeout 120 ./sev-launch-agent --services demo/launcher.toml --state state {}",
            start(defined.name)
        );
        // 128 and the number of SIGKILL, as a shell tells it.
        self.ends(KILLED, "exit code 137", "", &line)
    }
}

fn guest(guest: &'static str, name: &'static str, number: u8) -> Guest {
    Guest {
        guest,
        name,
        number,
        policy: "0x5",
        kernel: Some(KERNEL),
        instead: None,
        elsewhere: None,
    }
}
