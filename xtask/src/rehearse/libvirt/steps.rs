//! The steps in their order, with what must come of each.

mod attested;
mod killed;
mod service;

use anyhow::{Context as _, Result};

use super::domain::{CMDLINE, Domain, sev, snp};
use super::inside::{Inside, Said};
use super::step::Step;

/// libvirt on the inside, and what came so far.
struct Run<'a> {
    inside: &'a mut Inside,
    guest: &'static str,
    steps: Vec<Step>,
}

/// Yes and no, as both judges' exit codes have them.
const YES: &str = "exit code 0";
const NO: &str = "exit code 1";
/// The measured kernel.
const KERNEL: &str = "vmlinuz";
/// The values that a verdict on SEV-ES takes, as both judges name them.
const CPU: &str = "--num-cpus 2 --cpu-family 25 --cpu-model 1 --cpu-stepping 1";

/// All of them, in order.
pub(super) fn all(inside: &mut Inside) -> Result<Vec<Step>> {
    let mut run = Run { inside, guest: "none", steps: Vec::new() };
    let knows_snp = run.capabilities()?;
    run.owner("SEV", "sev", "0x1", "", false)?;
    run.owner("SEV-ES", "es", "0x5", CPU, false)?;
    run.owner("SEV-ES with a measured kernel", "es-kernel", "0x5", CPU, true)?;
    run.changed_launch()?;
    run.nothing_said()?;
    if knows_snp {
        run.snp("SNP", "snp", false)?;
        run.snp("SNP with a measured kernel", "snp-kernel", true)?;
    }
    let service = run.service()?;
    run.attested(&service)?;
    run.killed(&service)?;
    run.guest = "all";
    // The pattern does not find itself.
    let find = "grep -las 'qemu-system-x86_6[4]' /proc/[0-9]*/cmdline";
    let left = run.inside.run(&["sh", "-c", find])?.text;
    run.came("VMMs that are left", "none", if left.is_empty() { "none" } else { &left });
    Ok(run.steps)
}

impl Run<'_> {
    fn came(&mut self, what: &'static str, wanted: &str, came: &str) {
        let (wanted, came) = (wanted.to_owned(), came.trim().to_owned());
        let step = Step { guest: self.guest, what, wanted, came };
        println!("rehearse:   {step}");
        self.steps.push(step);
    }

    fn virsh(&mut self, words: &str) -> Result<Said> {
        let words: Vec<&str> =
            "virsh -q -c qemu:///system".split(' ').chain(words.split(' ')).collect();
        self.inside.run(&words)
    }

    fn code(&mut self, what: &'static str, wanted: &str, line: &str) -> Result<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Said { code, text } = self.inside.run(&words)?;
        self.came(what, wanted, &format!("exit code {code}"));
        if self.steps.last().is_some_and(|step| !step.is_right()) {
            println!("{}", text.trim());
        }
        Ok(text)
    }

    /// The state, as libvirt tells it.
    fn state(&mut self, what: &'static str, name: &str, wanted: &str) -> Result<()> {
        let state = self.virsh(&format!("domstate {name}"))?;
        self.came(what, wanted, &state.text);
        Ok(())
    }

    /// What libvirt says that it can do. Does it know SNP?
    fn capabilities(&mut self) -> Result<bool> {
        let said = self.virsh(
            "domcapabilities --emulatorbin /rehearsal/emulator --virttype kvm --machine q35",
        )?;
        let has = |text: &str| said.text.contains(text);
        let (sev, snp) = (has("<sev supported='yes'>"), has("<value>sev-snp</value>"));
        self.came(
            "`virsh domcapabilities`: `<sev supported=…>`",
            "yes",
            if sev { "yes" } else { &said.text },
        );
        let knows_snp =
            version(&self.inside.libvirt) >= (10, 5) && version(&self.inside.qemu) >= (9, 1);
        let word = |is: bool| if is { "yes" } else { "no" };
        self.came(
            "`virsh domcapabilities`: `sev-snp` among `<launchSecurity>`'s types",
            word(knows_snp),
            word(snp),
        );
        Ok(knows_snp)
    }

    /// Defines it and starts it paused.
    fn start(&mut self, domain: &Domain<'_>) -> Result<()> {
        let name = domain.name;
        self.inside.write(&format!("{name}.xml"), &domain.xml())?;
        let defined = self.virsh(&format!("define {name}.xml"))?;
        let started = self.virsh(&format!("start --paused {name}"))?;
        for said in [defined, started] {
            if said.code != 0 {
                println!("{}", said.text.trim());
            }
        }
        self.state("`virsh define`, `start --paused`, `domstate`", name, "paused")
    }

    /// What `domlaunchsecinfo` prints, kept as a file, and the flags that say it to both judges.
    fn evidence(&mut self, name: &str, policy: &str) -> Result<String> {
        let said = self.virsh(&format!("domlaunchsecinfo {name}"))?;
        self.inside.write(&format!("{name}.info"), &said.text)?;
        let value = |key: &str| {
            let found = said.text.lines().find_map(|line| line.trim().strip_prefix(key));
            let found = found.and_then(|rest| rest.trim().strip_prefix(':')).map(str::trim);
            found.map(str::to_owned).with_context(|| said.text.clone())
        };
        Ok(format!(
            "--measurement {} --api-major {} --api-minor {} --build-id {} --policy {} --tik {name}_tik.bin --tek {name}_tek.bin --firmware OVMF.fd",
            value("sev-measurement")?,
            value("sev-api-major")?,
            value("sev-api-minor")?,
            value("sev-build-id")?,
            u32::from_str_radix(policy.trim_start_matches("0x"), 16)?,
        ))
    }

    fn session(&mut self, name: &str, policy: &str) -> Result<[String; 2]> {
        let line = format!(
            "./sev-launch session certs/platform.chain {policy} --ca certs/ask_ark.cert --root certs/ark.cert --name {name}"
        );
        self.inside.must(&line.split(' ').collect::<Vec<_>>())?;
        Ok([
            self.inside.read(&format!("{name}_godh.b64"))?,
            self.inside.read(&format!("{name}_session.b64"))?,
        ])
    }

    /// The whole way of an owner: session, start, verdict, secret, resume, end.
    fn owner(
        &mut self,
        guest: &'static str,
        name: &str,
        policy: &str,
        cpu: &str,
        has_kernel: bool,
    ) -> Result<()> {
        self.guest = guest;
        let [godh, blob] = self.session(name, policy)?;
        let security = sev(policy, has_kernel, Some([&godh, &blob]), Some(51));
        let kernel = has_kernel.then_some(KERNEL);
        self.start(&Domain { name, emulator: "with-secret", kernel, security, attested: None })?;
        let flags = self.evidence(name, policy)?;
        let kernel = format!("--kernel vmlinuz --initrd initrd.img --cmdline {CMDLINE}");
        let (right, wrong) = if has_kernel { (&*kernel, "") } else { ("", "--kernel vmlinuz") };
        self.code(
            "`virt-qemu-sev-validate` of what was launched",
            YES,
            &format!("virt-qemu-sev-validate {flags} {cpu} {right}"),
        )?;
        self.code(
            "`virt-qemu-sev-validate` with another kernel, or none",
            NO,
            &format!("virt-qemu-sev-validate {flags} {cpu} {wrong}"),
        )?;
        self.code(
            "`sev-launch verify` with another kernel, or none",
            NO,
            &format!("./sev-launch verify {flags} {cpu} {wrong}"),
        )?;
        let keys = format!("--policy {policy} --tik {name}_tik.bin --tek {name}_tek.bin");
        let packs = format!(
            "--inject-secret luks-key:passphrase --secret-header {name}.header --secret-payload {name}.payload"
        );
        let evidence = format!("--evidence {name}.info {keys} --firmware OVMF.fd");
        self.code(
            "`virsh domlaunchsecinfo`, `sev-launch verify --evidence`, which packs the secret",
            YES,
            &format!("./sev-launch verify {evidence} {cpu} {right} {packs}"),
        )?;
        self.packets(name)?;
        self.virsh(&format!("resume {name}"))?;
        self.state("`virsh resume`, `domstate`", name, "running")?;
        self.predicted(name)?;
        self.virsh(&format!("destroy {name}"))?;
        let log = self.log(name)?;
        let arrived =
            log.lines().find_map(|line| line.split_once(" arrived at ")).map(|(_, place)| place);
        self.came(
            "`virsh destroy`; where the secret arrived, by the domain's log",
            "0x810000",
            arrived.unwrap_or("nowhere"),
        );
        Ok(())
    }

    /// A packet that somebody changed, then the right one.
    fn packets(&mut self, name: &str) -> Result<()> {
        let mut payload = self.inside.read(&format!("{name}.payload"))?;
        let other = if payload.starts_with('A') { "B" } else { "A" };
        payload.replace_range(..1, other);
        self.inside.write(&format!("{name}.changed"), &payload)?;
        let inject =
            format!("domsetlaunchsecstate {name} --secrethdr {name}.header --secret {name}");
        let said = self.virsh(&format!("{inject}.changed"))?;
        let told =
            said.text.contains("failed to inject secret") && said.text.contains("Bad measurement");
        let came =
            format!("exit code {}{}", said.code, if told { ", Bad measurement" } else { "" });
        self.came(
            "`virsh domsetlaunchsecstate` of a packet that was changed",
            "exit code 1, Bad measurement",
            &came,
        );
        self.state("the guest after it", name, "paused")?;
        let line = format!("virsh -q -c qemu:///system {inject}.payload");
        self.code("`virsh domsetlaunchsecstate` of the right packet", YES, &line)?;
        Ok(())
    }

    /// The digest of the running domain's XML, read and predicted, beside what the domain's log says of the launch.
    fn predicted(&mut self, name: &str) -> Result<()> {
        let xml = self.virsh(&format!("dumpxml {name}"))?;
        self.inside.write(&format!("{name}.live.xml"), &xml.text)?;
        let import = format!("./sev-launch import libvirt {name}.live.xml -o {name}.toml");
        self.inside.must(&import.split(' ').collect::<Vec<_>>())?;
        let digest = format!("./sev-launch digest -d {name}.toml --host-kernel 6.12 -q");
        let said = self.inside.run(&digest.split(' ').collect::<Vec<_>>())?;
        let log = self.log(name)?;
        let launched =
            log.lines().filter_map(|line| line.strip_prefix("launch digest: ")).next_back();
        let launched = launched.unwrap_or("nothing was launched");
        let came = if said.text.trim() == launched { "the same" } else { &said.text };
        self.came(
            "`virsh dumpxml`, `sev-launch import libvirt`, `digest`: beside the launch",
            "the same",
            came,
        );
        Ok(())
    }

    fn log(&mut self, name: &str) -> Result<String> {
        self.inside.must(&["cat", &format!("/var/log/libvirt/qemu/{name}.log")])
    }

    /// A launch in which one byte is another: both judges say no.
    fn changed_launch(&mut self) -> Result<()> {
        self.guest = "SEV-ES, a byte changed";
        let (name, policy) = ("changed", "0x5");
        let [godh, blob] = self.session(name, policy)?;
        let security = sev(policy, false, Some([&godh, &blob]), Some(51));
        self.start(&Domain { name, emulator: "changed", security, ..Domain::default() })?;
        let flags = self.evidence(name, policy)?;
        self.code(
            "`virt-qemu-sev-validate`",
            NO,
            &format!("virt-qemu-sev-validate {flags} {CPU}"),
        )?;
        self.code("`sev-launch verify`", NO, &format!("./sev-launch verify {flags} {CPU}"))?;
        self.virsh(&format!("destroy {name}"))?;
        Ok(())
    }

    /// Two at a time whose domains say neither a session nor where the C-bit is.
    fn nothing_said(&mut self) -> Result<()> {
        self.guest = "SEV-ES, no session, no `<cbitpos>`, twice at once";
        let mut nonces = Vec::new();
        for name in ["first", "second"] {
            let security = sev("0x5", false, None, None);
            self.start(&Domain { name, emulator: "emulator", security, ..Domain::default() })?;
            let said = self.virsh(&format!("domlaunchsecinfo {name}"))?;
            let line = said.text.lines().find(|line| line.contains("sev-measurement"));
            // Of 48 bytes the last 16 are the nonce: of 64 letters the last 21 are of nothing else.
            let line = line.with_context(|| said.text.clone())?.trim();
            nonces.push(line.chars().rev().take(21).collect::<String>());
        }
        let differ = if nonces[0] == nonces[1] { "the same" } else { "different" };
        self.came("their nonces", "different", differ);
        self.predicted("second")?;
        for name in ["first", "second"] {
            self.virsh(&format!("destroy {name}"))?;
        }
        Ok(())
    }

    fn snp(&mut self, guest: &'static str, name: &str, has_kernel: bool) -> Result<()> {
        self.guest = guest;
        let (kernel, security) = (has_kernel.then_some(KERNEL), snp(has_kernel));
        self.start(&Domain { name, emulator: "emulator", kernel, security, attested: None })?;
        // QEMU has no launch measurement of such guests.
        let said = self.virsh(&format!("domlaunchsecinfo {name}"))?;
        let told = said.text.contains("SEV launch measurement is not available");
        let came = if told { "refused" } else { &said.text };
        self.came("`virsh domlaunchsecinfo`", "refused", came);
        self.virsh(&format!("resume {name}"))?;
        self.state("`virsh resume`, `domstate`", name, "running")?;
        self.predicted(name)?;
        self.virsh(&format!("destroy {name}"))?;
        Ok(())
    }
}

/// The first two numbers of a version.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(version("10.5.0") > version("9.12.1"));
        assert_eq!(version("12.8.0"), (12, 8));
    }
}
