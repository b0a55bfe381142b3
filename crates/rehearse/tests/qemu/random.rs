//! Launches at random: combinations of everything that a launch has, some of them odd, some of them refused.

use std::fs;
use std::path::Path;

use sev_launch_abi::Technology;
use sev_launch_testkit::firmware::{
    AMD_SEV_SECTIONS, FirmwareBuilder, HASH_AREA, RESET_BLOCK, SEC_MEM, Section,
};

use super::installed::{KERNEL, Qemu};
use super::launch::{GENOA, Launch, Load, MILAN, NAPLES, ROME};

/// xorshift64*, by Sebastiano Vigna.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Zero would stay zero; neighbours shall be no neighbours.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let word = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(word).unwrap_or(0) % end
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

/// A launch, its line, and what is odd about it.
pub(crate) struct Case {
    pub(crate) launch: Launch,
    pub(crate) line: Vec<String>,
    /// Do the launch's values still say what the line says?
    pub(crate) has_values: bool,
    pub(crate) oddity: &'static str,
}

/// Images that QEMU should start.
const GOOD: [&str; 4] = ["amdsev.fd", "large.fd", "4m.fd", "plain.fd"];
/// Images in which something is missing or too much.
const BAD: [&str; 7] = [
    "no-reset.fd",
    "no-hashes.fd",
    "no-metadata.fd",
    "overlap.fd",
    "odd-size.fd",
    "16m.fd",
    "reset-0.fd",
];

/// Puts the images into QEMU's folder, and what odd lines name.
pub(crate) fn write_files(qemu: &mut Qemu, roots: &[&str]) {
    let good = FirmwareBuilder::amd_sev;
    let mut overlapping = AMD_SEV_SECTIONS.to_vec();
    overlapping.push(Section::new(AMD_SEV_SECTIONS[0].base, 0x1000, SEC_MEM));
    for (name, image) in [
        ("large.fd", good().size(0x10_0000).pattern(5, 1).build()),
        ("4m.fd", good().size(0x40_0000).pattern(7, 3).build()),
        ("plain.fd", good().size(0x2_0000).pattern(3, 9).build()),
        ("no-reset.fd", good().without(RESET_BLOCK).build()),
        ("no-hashes.fd", good().without(HASH_AREA).build()),
        ("no-metadata.fd", good().without_metadata().build()),
        ("overlap.fd", good().sections(overlapping).build()),
        ("odd-size.fd", good().size(0x1_1000).build()),
        ("16m.fd", good().size(0x100_0000).build()),
        ("reset-0.fd", good().reset(0).build()),
    ] {
        qemu.write(name, &image);
    }
    // Debian's: a combined image, a CODE image for flash alone, and that of the AmdSev build.
    for (path, name) in [
        ("usr/share/ovmf/OVMF.fd", "OVMF.fd"),
        ("usr/share/OVMF/OVMF_CODE_4M.fd", "OVMF_CODE_4M.fd"),
        ("usr/share/ovmf/OVMF.amdsev.fd", "OVMF.amdsev.fd"),
    ] {
        if let Some(image) = roots.iter().find_map(|root| fs::read(Path::new(root).join(path)).ok())
        {
            qemu.write(name, &image);
            qemu.real_firmware.push(name.to_owned());
        }
    }
    qemu.write("vars.fd", &[0xff; 0x1000]);
    qemu.write("machine.cfg", b"[machine]\n  usb = \"off\"\n");
    qemu.write("guest.dtb", &[0xd0; 0x100]);
    qemu.write("shim.efi", &[0x4d; 0x2345]);
}

/// CPUs as `-cpu` says them, the signature where it is no model's own, and the QEMU that has them. [QEMU, builtin_x86_defs]
const CPUS: [(&str, Option<u32>); 14] = [
    ("EPYC", None),
    ("EPYC-v2", None),
    ("EPYC-v4", None),
    ("EPYC-IBPB", None),
    ("EPYC-Rome", None),
    ("EPYC-Rome-v2", None),
    ("EPYC-Milan", None),
    ("EPYC-Milan-v2", None),
    ("EPYC-Genoa", None),
    ("EPYC-Turin", None),
    ("EPYC-Milan,stepping=2", Some(0x00a0_0f12)),
    ("EPYC-Rome,family=25,model=17,stepping=0", Some(0x00a1_0f10)),
    ("qemu64", Some(0x0006_0fb1)),
    ("host", Some(0)),
];

/// `-smp`, and how many vCPUs that is.
const SMP: [(&str, u32); 16] = [
    ("1", 1),
    ("2", 2),
    ("3", 3),
    ("4", 4),
    ("5", 5),
    ("8", 8),
    ("16", 16),
    ("31", 31),
    ("64", 64),
    ("maxcpus=4", 4),
    ("2,maxcpus=6", 2),
    ("sockets=2,cores=3", 6),
    ("cpus=4,sockets=1,cores=2,threads=2", 4),
    ("6,cores=3", 6),
    ("cores=5", 5),
    ("0x3", 3),
];

const KERNELS: [&str; 12] = [
    "5.11", "5.14", "5.19", "6.1", "6.6.0", "6.6.24", "6.7.0", "6.9", "6.10", "6.11", "6.12", "7.0",
];

const APPENDS: [&str; 5] =
    ["", "console=ttyS0", "root=/dev/vda ro  quiet", "a=\"b c\" d", "\u{fc}nicode=ja"];

/// Options that move nothing, or so it should be.
const QUIET: [&str; 29] = [
    "-S",
    "-nographic",
    "-no-reboot",
    "-S -daemonize",
    "-name guest=a,debug-threads=on",
    "-uuid 4dea22b3-1d52-d8f3-2516-782e98ab3fa0",
    "-rtc base=utc,driftfix=slew",
    "-boot menu=on,strict=on",
    "-vga std",
    "-device virtio-rng-pci",
    "-device qemu-xhci",
    "-device virtio-scsi-pci,id=s -device virtio-balloon-pci",
    "-netdev user,id=n -device virtio-net-pci,netdev=n,romfile=",
    "-global kvm-pit.lost_tick_policy=discard",
    "-overcommit mem-lock=off",
    "-msg timestamp=on",
    "-monitor none -serial null",
    "-chardev null,id=a -mon chardev=a,mode=control",
    "-machine usb=off,dump-guest-core=off",
    "-smbios type=1,serial=1",
    "-fw_cfg name=opt/org.example,string=x",
    "-sandbox on",
    "-object rng-random,id=r,filename=/dev/urandom",
    "-object memory-backend-memfd,id=m,size=512M,share=on -machine memory-backend=m",
    "-machine kernel-irqchip=split",
    "-no-user-config",
    "-snapshot",
    "-audiodev none,id=a",
    "-device isa-debugcon,iobase=0x402,chardev=d -chardev null,id=d",
];

/// How many kinds of oddities there are, some of them more often than others.
const ODDITIES: usize = 24;

/// A case of a QEMU. The first ones have every oddity in turn, so that each is seen.
pub(crate) fn case(qemu: &Qemu, random: &mut Random, number: u64) -> Case {
    let mut launch = ordinary(qemu, random);
    let (mut has_values, mut oddity) = (true, "");
    let first = usize::try_from(number).ok().filter(|number| *number < 4 * ODDITIES);
    if first.is_some() || random.one_in(5) {
        let kind = first.map_or_else(|| random.below(ODDITIES), |number| number % ODDITIES);
        (has_values, oddity) = odd(qemu, &mut launch, random, kind);
    }
    let mut line = launch.line(qemu);
    if oddity == "options twice" {
        let before = ["-cpu", "qemu32", "-smp", "2", "-m", "1G"].map(str::to_owned);
        line.splice(0..0, before);
    } else if oddity == "a PVH kernel" {
        let (kernel, pvh) = (qemu.path(KERNEL), qemu.path("pvh"));
        line.iter_mut().filter(|word| **word == kernel).for_each(|word| word.clone_from(&pvh));
    }
    Case { launch, line, has_values, oddity }
}

fn ordinary(qemu: &Qemu, random: &mut Random) -> Launch {
    let is_new = qemu.is_at_least(9, 1);
    let vcpus = random.of(&SMP);
    let kind = random.below(if is_new { 9 } else { 5 });
    let mut launch = match kind {
        0 => Launch::sev().smp(vcpus.0, vcpus.1),
        1..=4 => Launch::sev_es(1).smp(vcpus.0, vcpus.1),
        5 | 6 => Launch { is_init2: true, ..Launch::sev_es(1).smp(vcpus.0, vcpus.1) },
        _ => Launch::snp(1).smp(vcpus.0, vcpus.1),
    };
    let is_snp = launch.technology == Technology::Snp;
    let hosts = match (launch.technology, launch.is_init2) {
        (Technology::Snp, _) => &["6.11", "6.12", "7.0"][..],
        (_, true) => &["6.10", "6.11", "6.12", "7.0"],
        _ => &KERNELS,
    };
    let processors = if is_snp { &[MILAN, GENOA][..] } else { &[NAPLES, ROME, MILAN, GENOA] };
    launch = launch.on(random.of(hosts), random.of(processors));
    let models = if random.one_in(3) { &CPUS[..] } else { &CPUS[4..7] };
    let (cpu, signature) = random.of(models);
    launch.cpu = cpu.to_owned();
    launch.signature = signature.map(|word| if word == 0 { launch.host_cpu } else { word });
    launch.machine =
        random.of(&["q35", "q35", "pc", "q35,vmport=off", "q35,smm=off", "pc,usb=off"]).to_owned();
    launch.image = random.of(&GOOD).to_owned();
    launch.load = match random.below(6) {
        0 => Load::Pflash { is_read_only: true },
        1 => Load::Pflash { is_read_only: false },
        2 => Load::Blockdev,
        _ => Load::Bios,
    };
    // Flash is none of theirs: some of them, to see it refused.
    if (is_snp || launch.is_init2) && !random.one_in(6) {
        launch.load = Load::Bios;
    }
    if random.one_in(2) {
        let append = random.one_in(2).then(|| random.of(&APPENDS));
        launch = launch.measured(random.one_in(2), append);
        if random.one_in(6) {
            launch.boot.iter_mut().for_each(|boot| boot.is_measured = false);
        }
    }
    if !qemu.real_firmware.is_empty() && random.one_in(3) {
        launch.image = random.of(&qemu.real_firmware);
        // Most of it has no place for hashes and no metadata, and CODE alone is for flash: some of that, to see it refused.
        let wants_tables = launch.boot.is_some() || launch.technology == Technology::Snp;
        if wants_tables && !random.one_in(8) {
            let of_amdsev = qemu.real_firmware.iter().find(|name| name.contains("amdsev"));
            launch.image = of_amdsev.map_or("4m.fd", String::as_str).to_owned();
        }
        if launch.image.contains("CODE") && !random.one_in(8) {
            launch.load = Load::Pflash { is_read_only: true };
        }
    }
    launch.is_json = random.one_in(5) && !launch.is_init2;
    if random.one_in(3) {
        launch = launch.options(random.of(&QUIET));
    }
    launch
}

/// Makes it one of plain SEV.
fn make_sev(launch: &mut Launch) {
    (launch.technology, launch.is_init2, launch.policy) = (Technology::Sev, false, 1);
}

/// Makes a launch odd. Says whether its values still hold, and what is odd.
fn odd(qemu: &Qemu, launch: &mut Launch, random: &mut Random, kind: usize) -> (bool, &'static str) {
    let add = |launch: &mut Launch, options: &str| *launch = launch.clone().options(options);
    let image = qemu.path(&launch.image);
    match kind {
        0..=4 => {
            launch.image = random.of(&BAD).to_owned();
            (true, "a bad image")
        }
        22 if launch.technology == Technology::Snp => {
            launch.image = "overlap.fd".to_owned();
            (true, "a bad image")
        }
        5..=8 => {
            let devices = u32::try_from(1 + random.below(2)).unwrap_or(1);
            launch.smp = "2,maxcpus=6,sockets=6".to_owned();
            (launch.vcpus, launch.devices) = (2 + devices, devices);
            (true, "late vCPUs")
        }
        9 => {
            add(launch, "-machine smm=on");
            (true, "smm=on")
        }
        10 => {
            if random.one_in(2) {
                make_sev(launch);
            }
            add(launch, "-machine kernel-irqchip=off");
            (true, "kernel-irqchip=off")
        }
        11 => {
            let model = launch.cpu.split(',').next().unwrap_or_default().to_owned();
            add(launch, &format!("-global {model}-x86_64-cpu.stepping=3"));
            (false, "-global stepping")
        }
        12 => {
            add(launch, &format!("-readconfig {}", qemu.path("machine.cfg")));
            (false, "-readconfig")
        }
        13 => {
            launch.smp = random
                .of(&["0", "5,maxcpus=2", "3,sockets=2,cores=2,threads=2", "100000"])
                .to_owned();
            (false, "an impossible -smp")
        }
        14 => {
            (launch.machine, launch.load) = (format!("{},pflash0=d", launch.machine), Load::None);
            add(launch, &format!("-drive if=none,id=d,format=raw,readonly=on,file={image}"));
            (true, "pflash0 of -drive")
        }
        15 => {
            let name = launch.image.clone();
            launch.load = Load::None;
            let folder = qemu.path("");
            add(launch, &format!("-L {folder} -bios {name}"));
            (true, "-bios by -L")
        }
        16 => {
            *launch = launch.clone().measured(true, Some("x"));
            add(launch, &format!("-dtb {}", qemu.path("guest.dtb")));
            (false, "-dtb")
        }
        17 => {
            *launch = launch.clone().measured(true, Some("x"));
            add(launch, &format!("-shim {}", qemu.path("shim.efi")));
            (false, "-shim")
        }
        18 => {
            *launch = launch.clone().measured(false, None);
            (false, "a PVH kernel")
        }
        19 => (true, "options twice"),
        20 => {
            // QEMU starts an older machine's guest with its own idea of the processor's leaves, never of its signature.
            let machines = ["pc-q35-7.2", "pc-q35-6.2", "pc-i440fx-7.1", "pc-q35-9.2", "isapc"];
            launch.machine = random.of(&machines).to_owned();
            (true, "a versioned machine")
        }
        21 => {
            launch.machine = "microvm".to_owned();
            if random.one_in(2) {
                make_sev(launch);
            }
            (true, "microvm")
        }
        _ => {
            launch.policy = match launch.technology {
                // The first one wants ABI 9.0, the second a migration agent, the last no SMT. [SNP-ABI, guest policy]
                Technology::Snp => random.of(&[0x3_0900, 0x1f_0000, 0xb0000, 0x0, 0x2_0000]),
                _ => random.of(&[0x3, 0x7, 0x105, 0x0200_0001, 0x5_0001, 0xff_0005]),
            };
            let is_es = launch.policy & 4 != 0 && launch.technology != Technology::Snp;
            if launch.technology != Technology::Snp {
                let technology = if is_es { Technology::SevEs } else { Technology::Sev };
                (launch.technology, launch.is_init2) = (technology, false);
            }
            (true, "another policy")
        }
    }
}
