//! The options of a command line that have a say in the launch, merged as QEMU merges them.

use super::super::Source;
use super::options::Options;
use crate::error::Error;

/// A command line, as far as the launch depends on it.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// `-machine`, and all that stands for a key of it: `-kernel`, `-bios`, …
    pub machine: Options,
    /// `-append`, whose bytes need not be text; `None` if a later `-machine append=` holds.
    pub append: Option<Vec<u8>>,
    /// `-cpu`, whole.
    pub cpu: Option<String>,
    /// `-smp`, and `-machine smp.…`.
    pub smp: Options,
    /// `-object`, in order.
    pub objects: Vec<Options>,
    /// `-blockdev`.
    pub blockdevs: Vec<Options>,
    /// `-drive if=pflash` and `-pflash`, in order.
    pub flashes: Vec<Options>,
    /// `-accel`.
    pub accelerators: Vec<String>,
    /// Files of further options.
    pub config_files: Vec<String>,
    /// `-device` of a vCPU.
    pub cpu_devices: usize,
    /// `-global` and `-set`, which can change any property.
    pub settings: Vec<String>,
    /// Words that belong to no option.
    pub stray: Vec<String>,
    /// Do such words follow `-append`, so that it was likely cut short?
    pub append_cut: bool,
}

/// Is a text one of these?
macro_rules! one_of {
    ($text:expr, $($name:literal)*) => { matches!($text, $($name)|*) };
}

/// Is it one of QEMU's options that take no value? [QEMU, qemu-options.hx]
fn is_flag(option: &str) -> bool {
    one_of!(option,
        "h" "help" "version" "S" "s" "snapshot" "nographic" "portrait" "no-quit" "no-frame"
        "full-screen" "alt-grab" "ctrl-grab" "curses" "sdl" "usb" "enable-kvm" "no-kvm" "no-acpi"
        "no-hpet" "no-fd-bootchk" "no-reboot" "no-shutdown" "nodefaults" "no-user-config"
        "nouserconfig" "daemonize" "singlestep" "one-insn-per-tb" "preconfig" "only-migratable"
        "mem-prealloc" "enable-fips" "win2k-hack" "xen-attach" "xen-domid-restrict"
        "async-teardown" "old-param" "semihosting" "audio-help" "soundhw-help" "no-kvm-irqchip"
        "no-kvm-pit-reinjection")
}

/// Has its value a say in the launch?
fn is_known(option: &str) -> bool {
    one_of!(option,
        "M" "machine" "cpu" "smp" "object" "blockdev" "drive" "pflash" "accel" "device" "global"
        "set" "readconfig")
        || MACHINE_KEYS.iter().any(|(name, _)| *name == option)
}

/// Options that stand for a key of the machine's. [QEMU, qemu_init]
const MACHINE_KEYS: [(&str, &str); 6] = [
    ("kernel", "kernel"),
    ("initrd", "initrd"),
    ("append", "append"),
    ("dtb", "dtb"),
    ("shim", "shim"),
    ("bios", "firmware"),
];

impl Arguments {
    /// Reads the words. Errors: an option without its value, or with one that is none.
    pub(super) fn read(words: &[Vec<u8>], source: Source<'_>) -> Result<Self, Error> {
        let mut arguments = Self::default();
        let mut words = after_program(words).iter();
        let mut last = "";
        while let Some(word) = words.next() {
            let Some(option) = option_name(word) else {
                arguments.append_cut |= last == "append";
                arguments.stray.push(String::from_utf8_lossy(word).into_owned());
                continue;
            };
            last = option;
            if is_flag(option) {
                continue;
            }
            let Some(value) = words.next() else {
                return source.error(format!("-{option} has no value"));
            };
            arguments.take(option, value, source)?;
        }
        Ok(arguments)
    }

    fn take(&mut self, option: &str, value: &[u8], source: Source<'_>) -> Result<(), Error> {
        if option == "append" {
            self.append = Some(value.to_vec());
            return Ok(());
        }
        if !is_known(option) {
            return Ok(());
        }
        let place = format!("-{option}");
        let Ok(text) = std::str::from_utf8(value) else {
            return Err(source.value(place, "no UTF-8"));
        };
        self.take_text(option, text).map_err(|message| source.value(place, message))
    }

    fn take_text(&mut self, option: &str, text: &str) -> Result<(), String> {
        match option {
            "M" | "machine" => {
                let options = Options::parse(text, Some("type"))?;
                if options.value("append").is_some() {
                    self.append = None;
                }
                self.machine.merge(options)?;
            }
            "cpu" => self.cpu = Some(text.to_owned()),
            "smp" => self.smp.merge(Options::parse(text, Some("cpus"))?)?,
            "object" => self.objects.push(Options::parse(text, Some("qom-type"))?),
            "blockdev" => self.blockdevs.push(Options::parse(text, Some("driver"))?),
            "drive" => {
                let drive = Options::parse(text, None)?;
                if drive.value("if") == Some("pflash") {
                    self.flashes.push(drive);
                }
            }
            "pflash" => {
                let mut flash = Options::default();
                flash.set("file", text)?;
                self.flashes.push(flash);
            }
            "accel" => self.accelerators.push(text.split(',').next().unwrap_or_default().into()),
            "readconfig" => self.config_files.push(text.to_owned()),
            // A vCPU that is there before the machine starts is launched with the others. [QEMU, x86_cpu_pre_plug]
            "device" => {
                let driver = text.split(',').next().unwrap_or_default();
                self.cpu_devices += usize::from(driver.ends_with("-x86_64-cpu"));
            }
            "global" | "set" => self.settings.push(format!("-{option} {text}")),
            _ => {
                if let Some((_, key)) = MACHINE_KEYS.iter().find(|(name, _)| *name == option) {
                    self.machine.set(key, text)?;
                }
            }
        }
        Ok(())
    }

    /// `-smp`, and what `-machine smp.…` says beside it.
    pub(super) fn smp(&self) -> Result<Options, String> {
        let mut smp = self.smp.clone();
        for key in ["cpus", "maxcpus", "sockets", "dies", "clusters", "modules", "cores", "threads"]
        {
            if let Some(value) = self.machine.value(&format!("smp.{key}")) {
                smp.set(key, value)?;
            }
        }
        Ok(smp)
    }

    /// The block device of a node's name.
    pub(super) fn node(&self, name: &str) -> Option<&Options> {
        self.blockdevs.iter().find(|device| device.value("node-name") == Some(name))
    }
}

/// `-name` or `--name` without its dashes.
fn option_name(word: &[u8]) -> Option<&str> {
    let name = word.strip_prefix(b"--").or_else(|| word.strip_prefix(b"-"))?;
    std::str::from_utf8(name).ok().filter(|name| !name.is_empty())
}

/// Is this the name of QEMU's program?
pub(super) fn is_qemu(word: &[u8]) -> bool {
    let name = word.rsplit(|byte| *byte == b'/').next().unwrap_or(word);
    name.starts_with(b"qemu-system-") || matches!(name, b"qemu-kvm" | b"kvm" | b"qemu")
}

/// The words after the program's name. Where no word is QEMU's, those from the first option on.
fn after_program(words: &[Vec<u8>]) -> &[Vec<u8>] {
    // A path to QEMU after the first option is that option's value.
    let first = words.iter().position(|word| option_name(word).is_some()).unwrap_or(words.len());
    let program = words.iter().rposition(|word| is_qemu(word)).filter(|at| *at < first);
    let wrapped = || words.iter().position(|word| is_qemu(word)).filter(|at| *at > first);
    let start = match (program, wrapped()) {
        (Some(at), _) => at + 1,
        // `sudo -E qemu-system-x86_64 …`: a wrapper's own options come first. QEMU's have -machine, -object and such.
        (None, Some(at)) if words.get(at + 1).is_some_and(|word| option_name(word).is_some()) => {
            at + 1
        }
        (None, _) => first,
    };
    words.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Arguments, Error> {
        let words: Vec<_> = text.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        Arguments::read(&words, Source("t"))
    }

    #[test]
    fn programs_and_wrappers_are_skipped() {
        for text in [
            "/usr/bin/qemu-system-x86_64 -cpu X",
            "LC_ALL=C PATH=/bin qemu-kvm -cpu X",
            "sudo -E qemu-system-x86_64 -cpu X",
            "-cpu X",
            "numactl --cpunodebind=0 /opt/qemu-system-x86_64 --cpu X",
            "sudo A=b qemu-system-x86_64 -S -nodefaults -cpu X",
        ] {
            let found = read(text).unwrap();
            assert_eq!(found.cpu.as_deref(), Some("X"), "{text}");
            assert!(found.stray.is_empty(), "{text}: {:?}", found.stray);
        }
    }

    // QEMU's own order: machine options are one dictionary, into which the last one is put.
    #[test]
    fn options_are_merged_as_by_qemu() {
        let found = read(
            "qemu-kvm -M q35,accel=kvm -bios a -machine type=pc,usb=off -bios b -cpu A -cpu B",
        )
        .unwrap();
        assert_eq!(found.machine.value("type"), Some("pc"));
        assert_eq!(found.machine.value("accel"), Some("kvm"));
        assert_eq!(found.machine.value("firmware"), Some("b"));
        assert_eq!(found.cpu.as_deref(), Some("B"));
    }

    #[test]
    fn lost_quotes_leave_stray_words() {
        let found = read("qemu-kvm -append console=ttyS0 quiet root=/dev/vda -S").unwrap();
        assert_eq!(found.append.as_deref(), Some(&b"console=ttyS0"[..]));
        assert_eq!(found.stray, ["quiet", "root=/dev/vda"]);
        assert!(found.append_cut);
        assert!(!read("qemu-kvm -append quiet -S disk.img").unwrap().append_cut);
        assert!(read("qemu-kvm -cpu").is_err());
    }
}
