//! The IGVM file that `-machine igvm-cfg` names, in place of a firmware.
//!
//! QEMU takes its guest from the file of the object alone: an image of `-bios` is looked at by nobody, and flash is refused, the
//! second alone too.
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

/// Is the guest one from an IGVM file, whatever that is?
pub(super) fn is_named(arguments: &Arguments) -> bool {
    arguments.machine.value(KIND).is_some()
}

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

/// Says the file; `sev` is the SEV object.
///
/// Errors: flash beside it, which QEMU refuses; those of [`Import::found_igvm`].
pub(super) fn read(
    import: &mut Import,
    arguments: &Arguments,
    technology: Technology,
    sev: &Options,
    file: &str,
    source: Source<'_>,
) -> Result<(), Error> {
    if has_flash(arguments) {
        let words = "pflash with kvm requires KVM readonly memory support";
        return source.error(format!(
            "flash (pflash) and -machine igvm-cfg: QEMU refuses both together ({words:?})"
        ));
    }
    let is_given = |key: &&str| sev.value(key).is_some_and(|text| !text.is_empty());
    let block = ["id-block", "id-auth"].into_iter().find(is_given);
    let block = block.filter(|_| technology == Technology::Snp);
    import.found_igvm(source, "-object igvm-cfg,file", file, block)?;
    if arguments.machine.value("firmware").is_some() {
        let text = "-bios is given beside -machine igvm-cfg: QEMU starts what the IGVM file says, and looks at no other image";
        import.warn(codes::UNUSED_FIRMWARE, text);
    }
    Ok(())
}

impl Import {
    /// Says the IGVM file, or that it is one which only the process has that was read of.
    ///
    /// Errors: `block` is the name of a part of an SNP guest's ID block, which stands beside it.
    pub(in crate::import) fn found_igvm(
        &mut self,
        source: Source<'_>,
        place: &str,
        file: &str,
        block: Option<&str>,
    ) -> Result<(), Error> {
        if let Some(block) = block {
            return source.error(format!(
                "{block} is given beside an IGVM file (igvm-cfg): QEMU dies of it where the file is for SNP"
            ));
        }
        if is_of_the_process(file) {
            self.description.forget("firmware.igvm");
            let text = format!("{file} is a file that QEMU was handed open");
            self.unknown("firmware.igvm", place, text, "the file itself");
        } else {
            self.description.firmware.images = found(vec![Image::Igvm(file.into())], place);
        }
        Ok(())
    }
}
