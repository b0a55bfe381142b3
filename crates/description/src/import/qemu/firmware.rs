//! Which image QEMU starts: the first flash, where there is one, and else `-bios`. [QEMU, pc_system_firmware_init]
//!
//! A flash's image is what its block device shows the guest, so whatever stands between the file and the guest counts: a format
//! with a header of its own (qcow2), a slice of the file, a filter. The one that can be read here is a raw file, whole.

use sev_launch_abi::Technology;

use super::super::{Import, Source, codes, found};
use super::arguments::Arguments;
use super::options::Options;
use super::table::is_listed;
use crate::description::Image;
use crate::error::Error;

/// How many block devices may stand between a flash and its file: two, as libvirt has them, is usual.
const MOST_LAYERS: usize = 16;
/// More flashes than any machine has.
const MOST_FLASHES: usize = 16;

/// Keys of `-drive` that move nothing of what the guest reads, or are read. [QEMU, qemu_legacy_drive_opts, bdrv_runtime_opts]
const DRIVE: &str = "if id unit index bus file format driver readonly read-only media snapshot cache cache.* aio discard rerror werror \
     copy-on-read detect-zeroes auto-read-only force-share node-name locking serial throttling.* bps bps_* iops iops_* stats-* \
     addr trans cyls heads secs";
/// Keys of a block device of any driver.
const BLOCK: &str = "driver node-name read-only auto-read-only readonly discard cache cache.* detect-zeroes force-share";
/// Further keys of a file. [QEMU, raw_runtime_opts of file-posix.c]
const FILE: &str = "filename aio aio-max-batch locking pr-manager drop-cache x-check-cache-dropped";

/// Drivers that are formats.
const FORMATS: &str = "raw qcow2 qcow qed vdi vmdk vpc vhdx luks parallels dmg bochs cloop";

/// Says the image, or that none is given or can be read.
pub(super) fn read(
    import: &mut Import,
    arguments: &Arguments,
    technology: Technology,
    source: Source<'_>,
) -> Result<(), Error> {
    let flash = match arguments.machine.value("pflash0") {
        Some(node) => Some((node_flash(arguments, node, source)?, "-machine pflash0")),
        None => flash_unit(arguments, 0, source)?.map(|flash| (flash, "-drive if=pflash,unit=0")),
    };
    let vars =
        arguments.machine.value("pflash1").is_some() || flash_unit(arguments, 1, source)?.is_some();
    if vars {
        let advice = ": use firmware without NVRAM, and no second flash";
        import.warn_of_variables("a second flash", advice);
    }
    match (flash, arguments.machine.value("firmware")) {
        (Some((Flash { image, writable }, place)), _) => {
            if writable {
                import.warn_of_writable(&format!("{place} is writable"));
            }
            if technology == Technology::Snp {
                import.warn(
                    codes::SNP_WITH_PFLASH,
                    format!("{place}: upstream QEMU starts SNP guests with -bios only"),
                );
            }
            import.description.firmware.in_flash = found(true, place);
            match image {
                Ok(file) => import.found_firmware(file, place),
                Err(why) => import.unknown_firmware(place, why),
            }
        }
        (None, Some(file)) => {
            import.description.firmware.in_flash = found(false, "-bios");
            match arguments.folders.as_slice() {
                [folder, ..] if !file.contains('/') => {
                    let why = format!(
                        "QEMU looks for {file:?} in its own working folder and then in -L {folder}"
                    );
                    import.unknown_firmware("-bios", why);
                }
                _ => import.found_firmware(file.to_owned(), "-bios"),
            }
        }
        (None, None) => import.no_firmware("the arguments", "neither -bios nor a flash"),
    }
    Ok(())
}

impl Import {
    fn found_firmware(&mut self, file: String, place: &str) {
        if is_of_the_process(&file) {
            return self
                .unknown_firmware(place, format!("{file} is a file that QEMU was handed open"));
        }
        self.description.firmware.images = found(vec![Image::File(file.into())], place);
    }
}

/// Is a path one that means another file in another process?
pub(super) fn is_of_the_process(path: &str) -> bool {
    ["/dev/fdset/", "/dev/fd/", "/proc/self/"].iter().any(|start| path.starts_with(start))
        || path == "/dev/stdin"
}

/// Is there a flash, of whatever unit?
pub(super) fn has_flash(arguments: &Arguments) -> bool {
    arguments.machine.any(&["pflash0", "pflash1"]).is_some() || !arguments.flashes.is_empty()
}

struct Flash {
    /// The file, or why nobody can say what the guest reads.
    image: Result<String, String>,
    writable: bool,
}

/// The flash of a unit among `-drive if=pflash`. One without a unit has the next that is free.
fn flash_unit(
    arguments: &Arguments,
    wanted: u64,
    source: Source<'_>,
) -> Result<Option<Flash>, Error> {
    let wrong = |message: String| source.value("-drive", message);
    let mut taken = Vec::new();
    for drive in &arguments.flashes {
        let given =
            drive.number("unit").map_err(wrong)?.or(drive.number("index").map_err(wrong)?);
        let free = || (0..).find(|unit| !taken.contains(unit)).unwrap_or(0);
        let unit = given.unwrap_or_else(free);
        if taken.contains(&unit) {
            return Err(wrong(format!("two flashes have unit {unit}")));
        }
        taken.push(unit);
        if unit == wanted {
            return drive_flash(drive, source).map(Some);
        }
        if taken.len() > MOST_FLASHES {
            return Err(wrong("more flashes than any machine has".into()));
        }
    }
    Ok(None)
}

/// What the guest reads of a `-drive`.
fn drive_flash(drive: &Options, source: Source<'_>) -> Result<Flash, Error> {
    let wrong = |message: String| source.value("-drive", message);
    let Some(file) = drive.any(&["file", "file.filename"]) else {
        return Err(wrong("the flash has no file".into()));
    };
    let readonly = ["readonly", "read-only"]
        .iter()
        .map(|key| drive.switch(key).map_err(wrong))
        .collect::<Result<Vec<_>, _>>()?
        .contains(&Some(true));
    let image = format(drive.any(&["format", "driver"]))
        .and_then(|()| drive.pairs().try_for_each(|(key, value)| drive_key(key, value)))
        .and_then(|()| plain_path(file));
    Ok(Flash { image, writable: !readonly })
}

/// Does a key of `-drive` leave the file as it is?
fn drive_key(key: &str, value: &str) -> Result<(), String> {
    let quiet = match key.strip_prefix("file.") {
        Some("driver") => return protocol(value),
        Some(inner) => is_listed(BLOCK, inner) || is_listed(FILE, inner),
        None => is_listed(DRIVE, key),
    };
    if quiet { Ok(()) } else { Err(slice(key, value)) }
}

/// What the guest reads under a node: a format's node names its storage, or holds it.
fn node_flash(arguments: &Arguments, name: &str, source: Source<'_>) -> Result<Flash, Error> {
    let wrong = |message: String| source.value("-blockdev", message);
    let mut node = name.to_owned();
    let mut writable = None;
    let mut why = None;
    for _ in 0..MOST_LAYERS {
        let Some(device) = arguments.node(&node) else {
            return Err(wrong(format!(
                "-machine names {node:?}, and neither a -blockdev's node nor a -drive is called so"
            )));
        };
        if device.value("driver").is_none() && device.value("id") == Some(&node) {
            let mut flash = drive_flash(device, source)?;
            flash.writable = writable.unwrap_or(flash.writable);
            flash.image = why.map_or(flash.image, Err);
            return Ok(flash);
        }
        let readonly = device.switch("read-only").map_err(wrong)?;
        let writable = *writable.get_or_insert(readonly != Some(true));
        match layers(device, &mut why) {
            Some(Next::File(file)) => {
                return Ok(Flash { image: why.map_or_else(|| plain_path(file), Err), writable });
            }
            Some(Next::Node(next)) => next.clone_into(&mut node),
            None => {
                let driver = device.value("driver").unwrap_or_default();
                let text = format!("the node {node:?} has neither filename nor file");
                return match why {
                    // A driver that is not known may find its image elsewhere.
                    Some(why) if !matches!(driver, "raw" | "file") => {
                        Ok(Flash { image: Err(why), writable })
                    }
                    _ => Err(wrong(text)),
                };
            }
        }
    }
    Err(wrong(format!("more than {MOST_LAYERS} nodes under {name:?}")))
}

/// Where a block device leads.
enum Next<'a> {
    File(&'a str),
    Node(&'a str),
}

/// Follows a device through the devices that it holds (`file.driver`, `file.file.driver`, …). `why` becomes the first reason for
/// which the guest may read something else than the file.
fn layers<'a>(device: &'a Options, why: &mut Option<String>) -> Option<Next<'a>> {
    let mut prefix = String::new();
    for _ in 0..MOST_LAYERS {
        let of = |key: &str| device.value(&format!("{prefix}{key}"));
        let driver = of("driver").unwrap_or("file");
        let is_file = driver == "file";
        let known = match is_listed(FORMATS, driver) {
            true => format(Some(driver)),
            false => protocol(driver),
        };
        let inner =
            device.pairs().filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?, value)));
        let odd = inner.filter(|(key, _)| {
            let is_own = is_listed(BLOCK, key) || is_file && is_listed(FILE, key);
            !is_own && *key != "file" && !key.starts_with("file.")
        });
        let odd = odd.map(|(key, value)| slice(key, value)).next();
        if why.is_none() {
            *why = known.err().or(odd);
        }
        if let Some(file) = of("filename") {
            return Some(Next::File(file));
        }
        if let Some(node) = of("file") {
            return Some(Next::Node(node));
        }
        prefix.push_str("file.");
        if !device.pairs().any(|(key, _)| key.starts_with(&prefix)) {
            return None;
        }
    }
    None
}

/// A format other than raw has a header of its own. Not given, QEMU finds it out by the content: so does whoever reads the file.
fn format(format: Option<&str>) -> Result<(), String> {
    match format {
        None | Some("raw") => Ok(()),
        Some(format) => Err(format!(
            "its format is {format}, and QEMU measures what is inside: `qemu-img convert -O raw` gives that"
        )),
    }
}

fn protocol(driver: &str) -> Result<(), String> {
    match driver {
        "file" => Ok(()),
        other => Err(format!("its driver is {other}, and not a file")),
    }
}

/// `offset=` and `size=` of the raw driver, and whatever else nobody reads.
fn slice(key: &str, value: &str) -> String {
    match key {
        "offset" | "size" => {
            format!(
                "{key}={value} makes a slice of the file the image, and QEMU measures that alone"
            )
        }
        _ => format!("{key}={value} was not read, and may change what the guest reads"),
    }
}

/// A file's name as it is, or why it is no file's: QEMU takes what stands before a colon for a protocol. [QEMU,
/// path_has_protocol, bdrv_parse_filename_strip_prefix]
fn plain_path(name: &str) -> Result<String, String> {
    let protocol = name.split_once(':').filter(|(start, _)| !start.contains('/'));
    match protocol {
        Some(("file", path)) => Ok(path.to_owned()),
        Some((protocol, _)) => Err(format!(
            "its name is {protocol}:…, which is no file's, and stands for what that says"
        )),
        None => Ok(name.to_owned()),
    }
}
