//! The same by the agent: an attestation service trusts the simulated platform, an owner registers guests by their domains' XML, and `sev-launch agent start`
//! does the host's side. What was defined must be byte for byte the same afterwards.

use anyhow::Result;

use super::super::domain::{Domain, sev};
use super::super::inside::Said;
use super::{KERNEL, Run, YES};

/// A guest: what its owner registers, and what its host defines.
#[derive(Clone, Copy)]
pub(super) struct Guest {
    /// As steps call it.
    pub(super) guest: &'static str,
    pub(super) name: &'static str,
    /// The end of its UUID.
    pub(super) number: u8,
    pub(super) policy: &'static str,
    /// The kernel that is registered.
    pub(super) kernel: Option<&'static str>,
    /// The one that the host has instead.
    pub(super) instead: Option<&'static str>,
    /// The service that the host's metadata names instead.
    pub(super) elsewhere: Option<&'static str>,
}

/// A guest that is registered and defined.
pub(super) struct Defined {
    pub(super) name: &'static str,
    pub(super) uuid: String,
    /// The definition, as libvirt prints it and as it lies on disk.
    stored: String,
}

/// Where the secret is, by the firmware.
pub(super) const ARRIVED: &str = "0x810000";
pub(super) const NOTHING: &str = "nothing";
/// What the audit has of a guest that runs.
pub(super) const RELEASED: &str = "launch, validate: released, acknowledge: injected";

/// Why a domain that runs is not started.
const RUNS: &str = "shut it off first";

pub(super) const START: &str = "`sev-launch agent start`";
pub(super) const STATE: &str = "the domain's state";
pub(super) const AUDIT: &str = "the service's audit";
pub(super) const OPEN: &str = "`sev-launch agent list`";
const STORED: &str = "the stored definition, beside that before the start";
const ENDED: &str = "`virsh destroy`; where the secret arrived, by the domain's log";

impl Run<'_> {
    /// Guests that run, and guests that do not.
    pub(super) fn attested(&mut self, service: &str) -> Result<()> {
        let sev = Guest {
            guest: "SEV with a measured kernel, by the agent",
            name: "agent-sev",
            number: 1,
            policy: "0x1",
            kernel: Some(KERNEL),
            instead: None,
            elsewhere: None,
        };
        let es = Guest {
            guest: "SEV-ES, by the agent",
            name: "agent-es",
            number: 2,
            policy: "0x5",
            kernel: None,
            ..sev
        };
        for guest in [sev, es] {
            self.runs(service, guest)?;
        }
        self.another_kernel(
            service,
            Guest {
                guest: "SEV, by the agent, with another kernel",
                name: "agent-kernel",
                number: 3,
                instead: Some("another-kernel"),
                ..sev
            },
        )?;
        self.another_service(
            service,
            Guest {
                guest: "SEV, by the agent, with the metadata of another service",
                name: "agent-elsewhere",
                number: 4,
                elsewhere: Some("http://127.0.0.1:9/v1"),
                ..sev
            },
        )?;
        self.running_already(
            service,
            Guest {
                guest: "SEV, by the agent, running without it",
                name: "agent-running",
                number: 5,
                ..sev
            },
        )
    }

    /// From a defined domain to a running one, and again.
    fn runs(&mut self, service: &str, guest: Guest) -> Result<()> {
        let defined = self.defined(service, guest)?;
        let name = defined.name;
        self.agent(START, YES, "", &start(name))?;
        self.state(STATE, name, "running")?;
        self.audit(AUDIT, &defined, RELEASED)?;
        self.open(OPEN, NOTHING)?;
        self.predicted(name)?;
        self.stored(&defined)?;
        self.ended(&defined, ARRIVED)?;
        self.stored(&defined)?;
        self.agent("`sev-launch agent start` once more", YES, "", &start(name))?;
        self.state(STATE, name, "running")?;
        self.audit(AUDIT, &defined, &format!("{RELEASED}, {RELEASED}"))?;
        self.agent(
            "`sev-launch agent start` of the domain that runs",
            "exit code 2",
            RUNS,
            &start(name),
        )?;
        self.state(STATE, name, "running")?;
        self.releases(&defined, 2)?;
        self.ended(&defined, &format!("{ARRIVED}, {ARRIVED}"))?;
        self.stored(&defined)
    }

    /// The host's kernel is not the one that is registered.
    fn another_kernel(&mut self, service: &str, guest: Guest) -> Result<()> {
        self.inside.must(&["sh", "-c", "cp vmlinuz another-kernel && echo >>another-kernel"])?;
        let defined = self.defined(service, guest)?;
        let name = defined.name;
        let refused = "launch, validate: measurement-mismatch, revoke";
        self.agent(START, "exit code 1", "measurement-mismatch", &start(name))?;
        self.state(STATE, name, "paused")?;
        self.audit(AUDIT, &defined, refused)?;
        self.open(OPEN, NOTHING)?;
        self.stored(&defined)?;
        self.ended(&defined, "nowhere")?;
        self.stored(&defined)?;
        let line = format!("{} --if-not end", start(name));
        let what = "`sev-launch agent start --if-not end`";
        self.agent(what, "exit code 1", "measurement-mismatch", &line)?;
        self.state(STATE, name, "shut off")?;
        self.audit(AUDIT, &defined, &format!("{refused}, {refused}"))?;
        self.arrived(
            "where the secret arrived, by the domain's log",
            &defined,
            "nowhere, nowhere",
        )?;
        self.stored(&defined)
    }

    /// The metadata names a service that this host is not set up for.
    fn another_service(&mut self, service: &str, guest: Guest) -> Result<()> {
        let defined = self.defined(service, guest)?;
        let elsewhere = guest.elsewhere.unwrap_or_default();
        self.agent(START, "exit code 2", elsewhere, &start(defined.name))?;
        self.state(STATE, defined.name, "shut off")?;
        let log = format!("/var/log/libvirt/qemu/{}.log", defined.name);
        let is_there = self.inside.run(&["test", "-e", &log])?.code == 0;
        self.came("the domain's log", "none", if is_there { "there is one" } else { "none" });
        self.audit(AUDIT, &defined, NOTHING)?;
        self.open(OPEN, NOTHING)?;
        self.stored(&defined)
    }

    /// Somebody has started it by other means.
    fn running_already(&mut self, service: &str, guest: Guest) -> Result<()> {
        let defined = self.defined(service, guest)?;
        let name = defined.name;
        self.virsh(&format!("start {name}"))?;
        self.state("`virsh start`, `domstate`", name, "running")?;
        self.agent(START, "exit code 2", RUNS, &start(name))?;
        self.state(STATE, name, "running")?;
        self.releases(&defined, 0)?;
        self.open(OPEN, NOTHING)?;
        self.ended(&defined, "nowhere")?;
        self.stored(&defined)
    }

    /// Registers a guest by its domain's XML, and defines the domain as the host has it.
    pub(super) fn defined(&mut self, service: &str, guest: Guest) -> Result<Defined> {
        let Guest { guest, name, number, policy, kernel, instead, elsewhere } = guest;
        self.guest = guest;
        let uuid = format!("57f669c2-c427-4132-bc7a-26f56b6a71{number:02x}");
        let right = Domain {
            name,
            emulator: "with-secret",
            kernel,
            security: sev(policy, kernel.is_some(), None, None),
            attested: Some((uuid.clone(), service.to_owned())),
        };
        self.inside.write(&format!("{name}.right.xml"), &right.xml())?;
        let import = format!("./sev-launch import libvirt {name}.right.xml -o {name}.right.toml");
        self.inside.must(&import.split(' ').collect::<Vec<_>>())?;
        // What a domain does not say, and SEV-ES depends on: the platform's is as a host of this kernel.
        let description = self.inside.read(&format!("{name}.right.toml"))?;
        let description = description.replacen("[host]\n", "[host]\nkernel = '6.12'\n", 1);
        self.inside.write(&format!("{name}.right.toml"), &description)?;
        let register = format!(
            "timeout 60 ./sev-launch-remote --services demo/owner.toml register {uuid} --description {name}.right.toml --any-owner --secret luks-key:passphrase"
        );
        self.code("`sev-launch remote register` of the domain's XML", YES, &register)?;
        let address = elsewhere.unwrap_or(service).to_owned();
        let kernel = instead.or(kernel);
        let here = Domain { kernel, attested: Some((uuid.clone(), address)), ..right };
        self.inside.write(&format!("{name}.xml"), &here.xml())?;
        self.inside.must(&["virsh", "-c", "qemu:///system", "define", &format!("{name}.xml")])?;
        self.state("`virsh define`, `domstate`", name, "shut off")?;
        let stored = self.definition(name)?;
        Ok(Defined { name, uuid, stored })
    }

    fn definition(&mut self, name: &str) -> Result<String> {
        let printed = format!("virsh -c qemu:///system dumpxml --inactive --security-info {name}");
        let printed = self.inside.must(&printed.split(' ').collect::<Vec<_>>())?;
        Ok(printed + &self.inside.must(&["cat", &format!("/etc/libvirt/qemu/{name}.xml")])?)
    }

    pub(super) fn stored(&mut self, defined: &Defined) -> Result<()> {
        let is_same = self.definition(defined.name)? == defined.stored;
        self.came(STORED, "the same", if is_same { "the same" } else { "another" });
        Ok(())
    }

    /// Runs the agent for at most two minutes; it must end with a code, and its words must have others in them.
    pub(super) fn agent(
        &mut self,
        what: &'static str,
        code: &str,
        words: &str,
        line: &str,
    ) -> Result<()> {
        let line = format!(
            "timeout 120 ./sev-launch-agent --services demo/launcher.toml --state state {line}"
        );
        self.ends(what, code, words, &line)
    }

    /// The same of any program.
    pub(super) fn ends(
        &mut self,
        what: &'static str,
        code: &str,
        words: &str,
        line: &str,
    ) -> Result<()> {
        let said = self.inside.run(&line.split_whitespace().collect::<Vec<_>>())?;
        let Said { code: found, text } = said;
        let told = if words.is_empty() { String::new() } else { format!(", “{words}”") };
        let is_told = text.contains(words);
        let came = format!("exit code {found}{}", if is_told { &told } else { ", other words" });
        self.came(what, &format!("{code}{told}"), &came);
        if self.steps.last().is_some_and(|step| !step.is_right()) {
            println!("{}", text.trim());
        }
        Ok(())
    }

    /// The launches that are not over.
    pub(super) fn open(&mut self, what: &'static str, wanted: &str) -> Result<()> {
        let list = "timeout 60 ./sev-launch-agent --state state list";
        let said = self.inside.must(&list.split(' ').collect::<Vec<_>>())?;
        // A guest's UUID, how far it is, and where: parted by two blanks.
        let lines = said.lines().map(|line| line.split("  ").nth(1).unwrap_or(line));
        let found = lines.collect::<Vec<_>>().join(", ");
        self.came(what, wanted, if found.is_empty() { NOTHING } else { &found });
        Ok(())
    }

    /// Ends the domain, and says where the secret was in each of its starts.
    pub(super) fn ended(&mut self, defined: &Defined, wanted: &str) -> Result<()> {
        self.virsh(&format!("destroy {}", defined.name))?;
        self.arrived(ENDED, defined, wanted)
    }

    pub(super) fn arrived(
        &mut self,
        what: &'static str,
        defined: &Defined,
        wanted: &str,
    ) -> Result<()> {
        let log = format!("/var/log/libvirt/qemu/{}.log", defined.name);
        let log = self.inside.run(&["cat", &log])?.text;
        let found = log.lines().filter_map(|line| match line.split_once(" arrived at ") {
            Some((_, place)) => Some(place),
            None => line.ends_with(" did not arrive").then_some("nowhere"),
        });
        let found = found.collect::<Vec<_>>().join(", ");
        self.came(what, wanted, &found);
        Ok(())
    }
}

pub(super) fn start(name: &str) -> String {
    format!("start {name} --connect qemu:///system")
}
