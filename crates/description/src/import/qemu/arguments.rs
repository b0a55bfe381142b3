//! The options of a command line that have a say in the launch, merged as QEMU merges them; and those that nobody can read.

use std::collections::BTreeSet;

use super::super::Source;
use super::igvm;
use super::late::is_cpu;
use super::options::Options;
use super::program;
use super::shell::Word;
use super::table::{self, Effect, Known};
use crate::error::Error;

/// A command line, as far as the launch depends on it.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// `-machine`, and all that stands for a key of it: `-kernel`, `-bios`, `-smp`, …
    pub machine: Options,
    /// `-append`, whose bytes need not be text; `None` if a later `-machine append=` holds.
    pub append: Option<Vec<u8>>,
    /// `-cpu`, whole.
    pub cpu: Option<String>,
    /// `-object`, in order.
    pub objects: Vec<Options>,
    /// `-blockdev`.
    pub blockdevs: Vec<Options>,
    /// `-drive` that is no flash.
    pub drives: Vec<Options>,
    /// `-drive if=pflash` and `-pflash`, in order.
    pub flashes: Vec<Options>,
    /// `-accel`.
    pub accelerators: Vec<Options>,
    /// Files of further options.
    pub config_files: Vec<String>,
    /// `-device`.
    pub devices: Vec<Options>,
    /// `-global`.
    pub globals: Vec<String>,
    /// `-set`.
    pub settings: Vec<String>,
    /// Folders of `-L`, in which QEMU looks for `-bios`.
    pub folders: Vec<String>,
    /// Options that can move anything, with their values.
    pub unread: BTreeSet<String>,
    /// Those that can move anything of an SNP guest alone.
    pub unread_of_snp: BTreeSet<String>,
    /// Words that belong to no option.
    pub stray: Vec<String>,
    /// Do such words follow `-append`, so that it was likely cut short?
    pub append_cut: bool,
    /// What a shell would have put in the place of something.
    pub expansions: Expansions,
}

/// What a shell would have replaced in the words that count.
#[derive(Debug, Default)]
pub(super) struct Expansions {
    /// In a value that is a key's of its own: the key, the option, and what stands there.
    pub of_keys: Vec<(&'static str, String, String)>,
    /// In the values of other options that count.
    pub of_options: BTreeSet<String>,
    /// Outside of quotes, so that more options may come of it.
    pub loose: Vec<String>,
    /// The first of all, those that move nothing included.
    pub first: Option<String>,
}

/// Options that stand for a key of the machine's, and the description's key that both say. [QEMU, qemu_init]
const MACHINE_KEYS: [(&str, &str, &str); 6] = [
    ("kernel", "kernel", "boot.kernel"),
    ("initrd", "initrd", "boot.initrd"),
    ("append", "append", "boot.cmdline"),
    ("dtb", "dtb", "boot.dtb"),
    ("shim", "shim", "boot.shim"),
    ("bios", "firmware", "firmware.path"),
];

/// Options that say a key of the description alone.
const OTHER_KEYS: [(&str, &str); 3] =
    [("pflash", "firmware.path"), ("smp", "vcpus"), ("cpu", "signature")];

/// How the keys of the machine start that are those of `-smp`.
const SMP: &str = "smp.";

/// How many options nobody knows: more are no command line of QEMU's.
const MOST_UNREAD: usize = 64;

impl Arguments {
    /// Reads a command's words, the program's own name among them or not. Errors: those of [`read_options`](Self::read_options);
    /// a program that reads its words as a shell once more.
    pub(super) fn read(words: &[Word], source: Source<'_>) -> Result<Self, Error> {
        let (before, own) = program::split(words);
        if let Some(reader) = program::reader(before) {
            return source.error(format!(
                "{reader} reads its words as a shell once more, or adds to them: give the command line that QEMU got, as \
                /proc/PID/cmdline has it"
            ));
        }
        let mut arguments = Self::read_options(own, source)?;
        // A program that is a variable's may come with options.
        if program::find(words).is_none() {
            for word in before.iter().filter(|word| word.splits && !program::is_assignment(word)) {
                arguments.expansions.note(word, true);
            }
        }
        if let Some(name) = program::other_architecture(before) {
            arguments.unread.insert(format!("the program {name}"));
        }
        Ok(arguments)
    }

    /// Reads words that are QEMU's alone. Errors: an option without its value, or with one that is none; far too many that nobody
    /// knows.
    pub(super) fn read_options(words: &[Word], source: Source<'_>) -> Result<Self, Error> {
        let mut arguments = Self::default();
        let mut words = words.iter().peekable();
        let mut last = "";
        while let Some(word) = words.next() {
            let option = option_name(&word.bytes).filter(|_| word.expansion.is_none());
            let Some(option) = option else {
                // What a shell puts here may be nothing, a disk, or any option.
                if !arguments.expansions.note(word, true) {
                    arguments.append_cut |= last == "append";
                    arguments.stray.push(String::from_utf8_lossy(&word.bytes).into_owned());
                }
                continue;
            };
            last = option;
            let known = table::find(option);
            let takes_value = match known {
                Some(known) => known.takes_value,
                // A fork's or a newer release's: whether it has a value is known by what follows.
                None => words.peek().is_some_and(|next| option_name(&next.bytes).is_none()),
            };
            let value = match takes_value {
                false => None,
                true => match words.next() {
                    Some(value) => Some(value),
                    None => return source.error(format!("-{option} has no value")),
                },
            };
            match known {
                Some(Known { effect: Effect::Nothing, .. }) => {
                    value.map(|value| arguments.expansions.note(value, false));
                }
                Some(Known { effect: Effect::Read, .. }) => {
                    arguments.take(option, value, source)?;
                }
                Some(Known { effect: Effect::OfSnp, .. }) => {
                    arguments.unread_of_snp.insert(whole(option, value));
                }
                Some(Known { effect: Effect::Anything, .. }) | None => {
                    arguments.unread.insert(whole(option, value));
                }
            }
            if arguments.unread.len() > MOST_UNREAD {
                let text =
                    format!("more than {MOST_UNREAD} options that QEMU is not known to have");
                return source.error(text);
            }
        }
        Ok(arguments)
    }

    fn take(
        &mut self,
        option: &str,
        value: Option<&Word>,
        source: Source<'_>,
    ) -> Result<(), Error> {
        let place = format!("-{option}");
        let Some(value) = value else {
            let (key, name) = match option {
                "enable-kvm" => ("accel", "kvm"),
                "no-kvm-irqchip" => ("kernel-irqchip", "off"),
                _ => ("accel", "tcg"),
            };
            return self.machine.set(key, name).map_err(|message| source.value(place, message));
        };
        self.expand(option, value);
        if option == "smp" && value.expansion.is_some() {
            return Ok(());
        }
        if option == "append" {
            self.append = Some(value.bytes.clone());
            return Ok(());
        }
        let Ok(text) = std::str::from_utf8(&value.bytes) else {
            return Err(source.value(place, "no UTF-8"));
        };
        self.take_text(option, text).map_err(|message| source.value(place, message))
    }

    /// Notes what a shell would have replaced in an option's value.
    fn expand(&mut self, option: &str, value: &Word) {
        let Some(expansion) = &value.expansion else { return };
        self.expansions.note(value, false);
        let of_machine = MACHINE_KEYS.iter().map(|(name, _, key)| (*name, *key));
        match of_machine.chain(OTHER_KEYS).find(|(name, _)| *name == option) {
            Some((_, key)) => {
                self.expansions.of_keys.push((key, format!("-{option}"), expansion.clone()));
            }
            // What stands behind a folder or an accelerator's name moves nothing.
            None if matches!(option, "L" | "accel") => {}
            None => {
                let text = String::from_utf8_lossy(&value.bytes);
                if option != "device" || may_be_vcpu(&text) {
                    self.expansions.of_options.insert(format!("-{option} {text}"));
                }
            }
        }
    }

    fn take_text(&mut self, option: &str, text: &str) -> Result<(), String> {
        match option {
            "M" | "machine" => {
                let options = Options::parse(text, Some("type"))?.dashed();
                if options.value("append").is_some() {
                    self.append = None;
                }
                self.machine.merge(options)?;
            }
            "cpu" => self.cpu = Some(text.to_owned()),
            // A dictionary within the machine's, into which each is merged in order. [QEMU, machine_merge_property, keyval_merge]
            "smp" => {
                for (key, value) in Options::parse(text, Some("cpus"))?.pairs() {
                    self.machine.set(&format!("{SMP}{key}"), value)?;
                }
            }
            "object" => self.objects.push(Options::parse(text, Some("qom-type"))?),
            "blockdev" => self.blockdevs.push(Options::parse(text, Some("driver"))?),
            "drive" => {
                let drive = Options::parse(text, None)?;
                let is_flash = drive.value("if") == Some("pflash");
                if is_flash { &mut self.flashes } else { &mut self.drives }.push(drive);
            }
            "pflash" => {
                let mut flash = Options::default();
                flash.set("file", text)?;
                self.flashes.push(flash);
            }
            "accel" => self.accelerators.push(Options::parse(text, Some("accel"))?),
            "readconfig" => self.config_files.push(text.to_owned()),
            "device" => self.devices.push(Options::parse(text, Some("driver"))?),
            "global" => self.globals.push(text.to_owned()),
            "set" => self.settings.push(text.to_owned()),
            "L" => self.folders.push(text.to_owned()),
            _ => {
                if let Some((_, key, _)) = MACHINE_KEYS.iter().find(|(name, ..)| *name == option) {
                    self.machine.set(key, text)?;
                }
            }
        }
        Ok(())
    }

    /// `-smp` and `-machine smp.…`: the keys without their prefix, in order.
    pub(super) fn smp(&self) -> Options {
        self.machine.clone().under(SMP)
    }

    /// Without the object of an IGVM file and the machine's key that names it, where neither says more.
    pub(super) fn without_igvm(mut self) -> Self {
        let id = self.machine.value(igvm::KIND).map(str::to_owned);
        let is_it = |object: &Options| {
            let mut keys = object.pairs().map(|(key, _)| key);
            object.value("qom-type") == Some(igvm::KIND)
                && object.value("id") == id.as_deref()
                && keys.all(|key| matches!(key, "qom-type" | "id" | "file"))
        };
        self.objects.retain(|object| !is_it(object));
        self.machine = self.machine.without(|key| key == igvm::KIND);
        self
    }

    /// The machine's keys but those of `-smp`.
    pub(super) fn machine_without_smp(&self) -> Options {
        self.machine.clone().without(|key| key.starts_with(SMP))
    }

    /// The block device of a name: a node's, or a drive's.
    pub(super) fn node(&self, name: &str) -> Option<&Options> {
        let node = self.blockdevs.iter().find(|device| device.value("node-name") == Some(name));
        node.or_else(|| self.drives.iter().find(|drive| drive.value("id") == Some(name)))
    }

    /// A name that stands twice where QEMU takes each once. [QEMU, object_property_try_add_child, qemu_opts_create]
    pub(super) fn duplicate(&self) -> Option<(&'static str, &str)> {
        let lists: [(_, &[&[Options]], _); 3] = [
            ("objects", &[&self.objects], "id"),
            ("block devices", &[&self.blockdevs], "node-name"),
            ("drives", &[&self.drives, &self.flashes], "id"),
        ];
        lists.into_iter().find_map(|(what, parts, key)| {
            let mut seen = BTreeSet::new();
            let mut names = parts.iter().copied().flatten().filter_map(|one| one.value(key));
            names.find(|name| !seen.insert(*name)).map(|name| (what, name))
        })
    }
}

/// An option with its value, as it stands.
fn whole(option: &str, value: Option<&Word>) -> String {
    let value = value.map(|word| format!(" {}", String::from_utf8_lossy(&word.bytes)));
    format!("-{option}{}", value.unwrap_or_default())
}

/// Is a device a vCPU, or might it be one by what a shell puts in? It is one by its driver's name.
fn may_be_vcpu(text: &str) -> bool {
    let device = Options::parse(text, Some("driver")).ok();
    let driver = device.as_ref().and_then(|device| device.value("driver"));
    text.starts_with('{')
        || driver.is_none_or(|driver| is_cpu(driver) || driver.contains(['$', '`', '{']))
}

impl Expansions {
    /// Notes a word's. Is there one?
    fn note(&mut self, word: &Word, is_whole: bool) -> bool {
        let Some(expansion) = &word.expansion else { return false };
        if word.splits || is_whole {
            self.loose.push(expansion.clone());
        }
        self.first.get_or_insert_with(|| expansion.clone());
        true
    }
}

/// `-name` or `--name` without its dashes.
pub(super) fn option_name(word: &[u8]) -> Option<&str> {
    let name = word.strip_prefix(b"--").or_else(|| word.strip_prefix(b"-"))?;
    std::str::from_utf8(name).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Arguments, Error> {
        let words: Vec<_> = text.split(' ').map(|word| Word::from(word.as_bytes())).collect();
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

    #[test]
    fn what_no_list_has_is_kept_with_its_value() {
        let found = read("qemu-kvm -fancy -cpu X -fancier a -incoming defer -preconfig").unwrap();
        assert_eq!(found.cpu.as_deref(), Some("X"));
        let unread: Vec<_> = found.unread.iter().map(String::as_str).collect();
        assert_eq!(unread, ["-fancier a", "-fancy", "-incoming defer", "-preconfig"]);
        let many: String = (0..70).map(|number| format!(" -x{number}")).collect();
        assert!(read(&format!("qemu-kvm{many}")).is_err());
    }
}
