//! The IGVM file that `-machine igvm-cfg` names, in place of a firmware.
//!
//! QEMU takes its guest from the file of the object alone: an image of `-bios` is looked at by nobody, and flash is refused.
//! [QEMU, backends/igvm-cfg.c; seen in 10.2.2]

use sev_launch_abi::Technology;

use super::super::{Import, Source, codes, found};
use super::arguments::Arguments;
use super::firmware::{has_flash, is_of_the_process};
use super::options::Options;
use crate::description::Image;
use crate::error::Error;

/// The object's kind, and the machine's key that names it.
pub(super) const KIND: &str = "igvm-cfg";

/// The file; `None` where the machine has none.
///
/// Errors: an object that is not there, is of another kind, or has no file.
pub(super) fn file(arguments: &Arguments, source: Source<'_>) -> Result<Option<String>, Error> {
    let Some(id) = arguments.machine.value(KIND) else { return Ok(None) };
    let Some(object) = object(arguments, id) else {
        return source.error(format!(
            "-machine names the object {id:?} as igvm-cfg, and no -object igvm-cfg has that id"
        ));
    };
    match object.value("file") {
        Some(file) if !file.is_empty() => Ok(Some(file.to_owned())),
        _ => source.error("-object igvm-cfg has no file: QEMU refuses it"),
    }
}

fn object<'a>(arguments: &'a Arguments, id: &str) -> Option<&'a Options> {
    let is_it = |object: &&Options| {
        object.value("qom-type") == Some(KIND) && object.value("id") == Some(id)
    };
    arguments.objects.iter().find(is_it)
}

/// Says the file.
///
/// Errors: flash beside it, and kernel hashes: QEMU starts neither.
pub(super) fn read(
    import: &mut Import,
    arguments: &Arguments,
    technology: Technology,
    file: &str,
    source: Source<'_>,
) -> Result<(), Error> {
    if has_flash(arguments, source)? {
        let words = "pflash with kvm requires KVM readonly memory support";
        return source.error(format!(
            "flash (pflash) and -machine igvm-cfg: QEMU refuses both together ({words:?})"
        ));
    }
    let place = "-object igvm-cfg,file";
    if arguments.machine.value("firmware").is_some() {
        let text = "-bios is given beside -machine igvm-cfg: QEMU starts what the IGVM file says, and looks at no other image";
        import.warn(codes::UNUSED_FIRMWARE, text);
    }
    if technology == Technology::Snp && import.description.id_block.is_some() {
        let text =
            "id-block is given beside -machine igvm-cfg: QEMU dies of it where the file is for SNP";
        return source.error(text);
    }
    if is_of_the_process(file) {
        import.unknown(
            "firmware.path",
            place,
            format!("{file} is a file that QEMU was handed open"),
            "the file itself",
        );
    } else {
        import.description.firmware.images = found(vec![Image::Igvm(file.into())], place);
    }
    Ok(())
}
