//! Which image QEMU starts: the first flash, where there is one, and else `-bios`. [QEMU, pc_system_firmware_init]

use sev_launch_abi::Technology;

use super::super::{Import, Source, codes, found};
use super::arguments::Arguments;
use crate::description::Image;
use crate::error::Error;

/// How many block devices may stand between a flash and its file: two, as libvirt has them, is usual.
const MOST_LAYERS: usize = 16;

/// Says the image, or that none is given.
pub(super) fn read(
    import: &mut Import,
    arguments: &Arguments,
    technology: Technology,
    source: Source<'_>,
) -> Result<(), Error> {
    let flash = match arguments.machine.value("pflash0") {
        Some(node) => Some((file_of_node(arguments, node, source)?, "-machine pflash0")),
        None => flash_unit(arguments, 0, source)?.map(|flash| (flash, "-drive if=pflash,unit=0")),
    };
    let vars =
        arguments.machine.value("pflash1").is_some() || flash_unit(arguments, 1, source)?.is_some();
    if vars {
        let advice = ": use firmware without NVRAM, and no second flash";
        import.warn_of_variables("a second flash", advice);
    }
    match (flash, arguments.machine.value("firmware")) {
        (Some((Flash { file, writable }, place)), _) => {
            if writable {
                import.warn_of_writable(&format!("{place} is writable"));
            }
            if technology == Technology::Snp {
                import.warn(
                    codes::SNP_WITH_PFLASH,
                    format!("{place}: upstream QEMU starts SNP guests with -bios only"),
                );
            }
            import.description.firmware.images = found(vec![Image::File(file.into())], place);
        }
        (None, Some(file)) => {
            import.description.firmware.images = found(vec![Image::File(file.into())], "-bios");
        }
        (None, None) => import.no_firmware("the arguments", "neither -bios nor a flash"),
    }
    Ok(())
}

struct Flash {
    file: String,
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
            let Some(file) = drive.any(&["file", "file.filename"]) else {
                return Err(wrong(format!("the flash of unit {unit} has no file")));
            };
            let readonly = ["readonly", "read-only"]
                .iter()
                .map(|key| drive.switch(key).map_err(wrong))
                .collect::<Result<Vec<_>, _>>()?
                .contains(&Some(true));
            return Ok(Some(Flash { file: file.to_owned(), writable: !readonly }));
        }
        if taken.len() > MOST_LAYERS {
            return Err(wrong("more flashes than any machine has".into()));
        }
    }
    Ok(None)
}

/// The file under a block device: a format's node names its storage, or holds it.
fn file_of_node(arguments: &Arguments, name: &str, source: Source<'_>) -> Result<Flash, Error> {
    let place = "-blockdev";
    let wrong = |message: String| source.value(place, message);
    let mut node = name.to_owned();
    let mut writable = None;
    for _ in 0..MOST_LAYERS {
        let Some(device) = arguments.node(&node) else {
            return Err(wrong(format!(
                "-machine names the node {node:?}, and no -blockdev has it"
            )));
        };
        let readonly = device.switch("read-only").map_err(wrong)?;
        writable.get_or_insert(readonly != Some(true));
        if let Some(file) = device.any(&["filename", "file.filename", "file.file.filename"]) {
            let writable = writable.unwrap_or(true);
            return Ok(Flash { file: file.to_owned(), writable });
        }
        let Some(next) = device.value("file") else {
            return Err(wrong(format!("the node {node:?} has neither filename nor file")));
        };
        node = next.to_owned();
    }
    Err(wrong(format!("more than {MOST_LAYERS} nodes under {name:?}")))
}
