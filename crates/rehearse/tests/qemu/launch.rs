//! A launch in values: the command line that says it, and the digest that `sev-launch-digest` gives it.

use sev_launch_abi::{CpuSignature, Technology};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::{
    CpuModel, Error, Firmware, Guest, VcpuCount, Vmsas, profile, sev, sev_es, snp,
};

use super::installed::{FIRMWARE, INITRD, KERNEL, Qemu};

/// Signatures of processors with SEV. [AMD, PPR of each family: CPUID Fn0000_0001 EAX]
pub(crate) const NAPLES: u32 = 0x0080_0f12;
pub(crate) const ROME: u32 = 0x0083_0f10;
pub(crate) const MILAN: u32 = 0x00a0_0f11;
pub(crate) const GENOA: u32 = 0x00a1_0f11;

/// How QEMU gets its firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    Bios,
    /// `-drive if=pflash`, read-only or not.
    Pflash {
        is_read_only: bool,
    },
    /// `-blockdev`, and the machine's `pflash0`.
    Blockdev,
    /// As the other options say.
    None,
}

/// A kernel, and what goes with it.
#[derive(Clone, Debug)]
pub(crate) struct Boot {
    pub(crate) has_initrd: bool,
    pub(crate) append: Option<String>,
    /// QEMU's kernel-hashes.
    pub(crate) is_measured: bool,
}

/// A launch.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) technology: Technology,
    /// QEMU's `legacy-vm-type=off`.
    pub(crate) is_init2: bool,
    pub(crate) machine: String,
    /// As `-cpu` says it.
    pub(crate) cpu: String,
    /// What it means, where that is no model of its own.
    pub(crate) signature: Option<u32>,
    /// As `-smp` says it.
    pub(crate) smp: String,
    pub(crate) vcpus: u32,
    /// How many of them are added by `-device`.
    pub(crate) devices: u32,
    pub(crate) memory: String,
    pub(crate) load: Load,
    pub(crate) image: String,
    pub(crate) boot: Option<Boot>,
    /// The object, as JSON.
    pub(crate) is_json: bool,
    /// More keys of the object, as `,dh-cert-file=…`.
    pub(crate) keys: String,
    pub(crate) policy: u32,
    /// What else the command line has.
    pub(crate) options: Vec<String>,
    pub(crate) kernel: String,
    pub(crate) host_cpu: u32,
}

impl Launch {
    pub(crate) fn sev() -> Self {
        Self {
            technology: Technology::Sev,
            is_init2: false,
            machine: "q35".to_owned(),
            cpu: "EPYC-Milan".to_owned(),
            signature: None,
            smp: "1".to_owned(),
            vcpus: 1,
            devices: 0,
            memory: "512".to_owned(),
            load: Load::Bios,
            image: FIRMWARE.to_owned(),
            boot: None,
            is_json: false,
            keys: String::new(),
            policy: 0x1,
            options: ["-nodefaults", "-display", "none"].map(str::to_owned).into(),
            kernel: "6.1".to_owned(),
            host_cpu: MILAN,
        }
    }

    pub(crate) fn sev_es(vcpus: u32) -> Self {
        let technology = Technology::SevEs;
        Self { technology, policy: 0x5, ..Self::sev() }.with_vcpus(vcpus)
    }

    pub(crate) fn snp(vcpus: u32) -> Self {
        let (technology, kernel) = (Technology::Snp, "6.12".to_owned());
        Self { technology, kernel, policy: 0x30000, ..Self::sev() }.with_vcpus(vcpus)
    }

    pub(crate) fn with_vcpus(self, vcpus: u32) -> Self {
        self.smp(&vcpus.to_string(), vcpus)
    }

    pub(crate) fn smp(self, smp: &str, vcpus: u32) -> Self {
        Self { smp: smp.to_owned(), vcpus, ..self }
    }

    pub(crate) fn cpu(self, cpu: &str) -> Self {
        Self { cpu: cpu.to_owned(), ..self }
    }

    pub(crate) fn means(self, signature: u32) -> Self {
        Self { signature: Some(signature), ..self }
    }

    pub(crate) fn machine(self, machine: &str) -> Self {
        Self { machine: machine.to_owned(), ..self }
    }

    pub(crate) fn memory(self, memory: &str) -> Self {
        Self { memory: memory.to_owned(), ..self }
    }

    pub(crate) fn load(self, load: Load) -> Self {
        Self { load, ..self }
    }

    pub(crate) fn on(self, kernel: &str, host_cpu: u32) -> Self {
        Self { kernel: kernel.to_owned(), host_cpu, ..self }
    }

    pub(crate) fn measured(self, has_initrd: bool, append: Option<&str>) -> Self {
        let append = append.map(str::to_owned);
        Self { boot: Some(Boot { has_initrd, append, is_measured: true }), ..self }
    }

    pub(crate) fn options(mut self, options: &str) -> Self {
        self.options.extend(options.split_whitespace().map(str::to_owned));
        self
    }

    fn c_bit(&self) -> u32 {
        if self.host_cpu >= MILAN { 51 } else { 47 }
    }

    /// The command line, without the program.
    pub(crate) fn line(&self, qemu: &Qemu) -> Vec<String> {
        let image = qemu.path(&self.image);
        let mut machine = format!("{},confidential-guest-support=sev0", self.machine);
        let mut words = Vec::new();
        let mut push = |option: &str, value: String| words.extend([option.to_owned(), value]);
        push("-accel", "kvm".to_owned());
        push("-cpu", self.cpu.clone());
        push("-smp", self.smp.clone());
        push("-m", self.memory.clone());
        push("-object", self.object());
        match self.load {
            Load::Bios => push("-bios", image),
            Load::None => {}
            Load::Pflash { is_read_only } => {
                let read_only = if is_read_only { "on" } else { "off" };
                push(
                    "-drive",
                    format!("if=pflash,unit=0,format=raw,readonly={read_only},file={image}"),
                );
            }
            Load::Blockdev => {
                machine += ",pflash0=flash";
                push(
                    "-blockdev",
                    format!("node-name=file,driver=file,filename={image},read-only=on"),
                );
                push("-blockdev", "node-name=flash,driver=raw,file=file,read-only=on".to_owned());
            }
        }
        push("-machine", machine);
        if let Some(boot) = &self.boot {
            push("-kernel", qemu.path(KERNEL));
            if boot.has_initrd {
                push("-initrd", qemu.path(INITRD));
            }
            if let Some(append) = &boot.append {
                push("-append", append.clone());
            }
        }
        let model = self.cpu.split(',').next().unwrap_or_default();
        for number in 0..self.devices {
            // Sockets of one vCPU each, after those of `-smp`.
            let socket = self.vcpus - self.devices + number;
            push("-device", format!("{model}-x86_64-cpu,socket-id={socket},core-id=0,thread-id=0"));
        }
        words.extend(self.options.iter().cloned());
        words
    }

    fn object(&self) -> String {
        let kind = if self.technology == Technology::Snp { "sev-snp-guest" } else { "sev-guest" };
        let hashes = self.boot.as_ref().is_some_and(|boot| boot.is_measured);
        let (policy, c_bit) = (self.policy, self.c_bit());
        if self.is_json {
            return format!(
                r#"{{"qom-type":"{kind}","id":"sev0","policy":{policy},"cbitpos":{c_bit},"reduced-phys-bits":1,"kernel-hashes":{hashes}}}"#
            );
        }
        let mut object =
            format!("{kind},id=sev0,policy={policy:#x},cbitpos={c_bit},reduced-phys-bits=1");
        if hashes {
            object += ",kernel-hashes=on";
        }
        if self.is_init2 {
            object += ",legacy-vm-type=off";
        }
        object + &self.keys
    }

    /// The profile of such a host: the table of the releases in which QEMU's guests got DebugSwap without asking is
    /// that of [Linux, d1f85fbe836e, 5abf6dceb066].
    fn profile(&self) -> &'static str {
        match self.technology {
            Technology::Snp => "snp-qemu",
            _ if self.is_init2 => "es-init2",
            _ if matches!(self.kernel.as_str(), "6.6.0" | "6.6.23" | "6.7.0" | "6.7.11")
                && self.host_cpu >= MILAN =>
            {
                "es-legacy-debugswap"
            }
            _ => "es-legacy",
        }
    }

    /// The launch digest, by values.
    pub(crate) fn digest(&self, qemu: &Qemu) -> Result<String, Error> {
        let image = qemu.read(&self.image);
        let firmware = Firmware::parse(&image)?.absorb();
        let kernel_hashes = match &self.boot {
            Some(boot) if boot.is_measured => Some(KernelHashes {
                kernel: Sha256Digest::of(&qemu.read(KERNEL)),
                initrd: match boot.has_initrd {
                    true => Sha256Digest::of(&qemu.read(INITRD)),
                    false => KernelHashes::no_initrd(),
                },
                cmdline: KernelHashes::of_cmdline(boot.append.as_deref().unwrap_or("").as_bytes())?,
            }),
            _ => None,
        };
        let model = self.cpu.split(',').next().unwrap_or_default();
        let signature = match self.signature {
            Some(signature) => CpuSignature(signature),
            None => CpuModel::by_name(model)?.signature,
        };
        let (profile, vmsas) = (profile::by_name(self.profile())?, Vmsas::of_signature(signature));
        // From QEMU 10.1 on, those of `-device` keep the first one's registers. [QEMU, sev_es_set_ap_context]
        let is_late = qemu.is_at_least(10, 1);
        let vcpus = VcpuCount::new(self.vcpus)?;
        let vcpus = vcpus.with_late(if is_late { self.devices } else { 0 })?;
        let guest = match self.technology {
            Technology::Sev => Guest::Sev(sev::Guest { firmware: &firmware, kernel_hashes }),
            Technology::SevEs => Guest::SevEs(sev_es::Guest {
                firmware: &firmware,
                kernel_hashes,
                vcpus,
                profile,
                vmsas,
            }),
            Technology::Snp => Guest::Snp(snp::Guest {
                firmware: &firmware,
                kernel_hashes,
                svsm: None,
                vcpus,
                profile,
                vmsas,
            }),
        };
        Ok(guest.launch()?.digest().to_string())
    }
}

impl Qemu {
    /// Is it of this release or newer?
    pub(crate) fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let mut numbers = self.version.split('.').map(|number| number.parse().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (major, minor)
    }
}
