//! Trees of images: ours as JSON, and what two readers say of the same volumes.

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

/// A volume of the flash itself.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Volume {
    /// Its place in the image.
    pub(super) at: u64,
    pub(super) size: u64,
    /// Its files, each followed by those of the volumes in it.
    pub(super) files: Vec<File>,
}

/// A file of a volume.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct File {
    guid: String,
    /// `EFI_FV_FILETYPE`.
    kind: u64,
    size: u64,
    /// Of its user interface section.
    name: Option<String>,
    /// Types and sizes.
    sections: Vec<(u64, u64)>,
}

/// Types of files, by what our command calls them (UEFI PI, `EFI_FV_FILETYPE`).
const FILES: [(&str, u64); 16] = [
    ("raw", 0x01),
    ("freeform", 0x02),
    ("security core", 0x03),
    ("PEI core", 0x04),
    ("DXE core", 0x05),
    ("PEI module", 0x06),
    ("driver", 0x07),
    ("PEI module and driver", 0x08),
    ("application", 0x09),
    ("MM driver", 0x0a),
    ("volume image", 0x0b),
    ("MM and DXE driver", 0x0c),
    ("MM core", 0x0d),
    ("standalone MM driver", 0x0e),
    ("standalone MM core", 0x0f),
    ("padding file", 0xf0),
];

/// Types of sections, by what our command calls them (UEFI PI, `EFI_SECTION_TYPE`). A volume image may be a file too, which is not
/// inside of a file.
const SECTIONS: [(&str, u64); 15] = [
    ("compressed section", 0x01),
    ("GUID-defined section", 0x02),
    ("disposable section", 0x03),
    ("PE32 image", 0x10),
    ("position-independent code", 0x11),
    ("TE image", 0x12),
    ("DXE dependencies", 0x13),
    ("version", 0x14),
    ("user-interface name", 0x15),
    ("16-bit code", 0x16),
    ("volume image", 0x17),
    ("freeform section", 0x18),
    ("raw section", 0x19),
    ("PEI dependencies", 0x1b),
    ("MM dependencies", 0x1c),
];

fn number(node: &Value, key: &str) -> Result<u64> {
    node[key].as_u64().with_context(|| format!("{key}: {}", node[key]))
}

fn parts(node: &Value) -> impl Iterator<Item = &Value> {
    node["parts"].as_array().into_iter().flatten()
}

/// Checks that every byte of the image, and of all that it unpacks to, is part of exactly one header or leaf; the number of parts.
pub(super) fn add_up(document: &Value) -> Result<usize> {
    let spaces: Vec<u64> = serde_json::from_value(document["spaces"].clone())?;
    let mut whole = vec![0; spaces.len()];
    let count = tile(document, 0, 0, number(document, "size")?, &mut whole, &spaces)?;
    ensure!(whole.iter().skip(1).all(|owners| *owners == 1), "a space of no section: {whole:?}");
    Ok(count)
}

fn tile(
    node: &Value,
    space: u64,
    start: u64,
    end: u64,
    owners: &mut [usize],
    spaces: &[u64],
) -> Result<usize> {
    let (mut at, mut count) = (start, 0);
    for part in parts(node) {
        let name = &part["name"];
        let (offset, size, header) =
            (number(part, "offset")?, number(part, "size")?, number(part, "header")?);
        ensure!(
            part["space"] == space && offset == at,
            "{name}: at {offset:#x} and not at {at:#x}"
        );
        ensure!(header <= size, "{name}: a header of {header} bytes in {size}");
        at += size;
        count += 1;
        count += match part["unpacked"].as_u64() {
            Some(inside) => {
                let place = usize::try_from(inside)?;
                *owners.get_mut(place).context("a space that there is not")? += 1;
                tile(part, inside, 0, *spaces.get(place).context("no space")?, owners, spaces)?
            }
            None if parts(part).next().is_some() => {
                tile(part, space, offset + header, offset + size, owners, spaces)?
            }
            None => 0,
        };
    }
    ensure!(at == end, "{}: parts end at {at:#x} and not at {end:#x}", node["name"]);
    Ok(count)
}

/// The volumes of the flash.
pub(super) fn volumes(document: &Value) -> Result<Vec<Volume>> {
    let volumes = parts(document).filter(|part| part["kind"] == "firmware volume");
    let volume = |part: &Value| {
        let mut files = Vec::new();
        collect(part, &mut files)?;
        Ok(Volume { at: number(part, "offset")?, size: number(part, "size")?, files })
    };
    volumes.map(volume).collect()
}

/// Files below a part, each followed by those in it.
fn collect(node: &Value, files: &mut Vec<File>) -> Result<()> {
    for part in parts(node) {
        if node["kind"] == "firmware volume"
            && let Some(kind) = of(&FILES, part)
        {
            let sections =
                parts(part).filter_map(|section| Some((of(&SECTIONS, section)?, section)));
            let sections: Vec<_> = sections.collect();
            let sizes =
                sections.iter().map(|(kind, section)| Ok((*kind, number(section, "size")?)));
            let is_named = sections.iter().any(|(kind, _)| *kind == 0x15);
            files.push(File {
                guid: part["guid"].as_str().context("a file without a GUID")?.to_owned(),
                kind,
                size: number(part, "size")?,
                name: part["name"].as_str().filter(|_| is_named).map(str::to_owned),
                sections: sizes.collect::<Result<_>>()?,
            });
        }
        collect(part, files)?;
    }
    Ok(())
}

fn of(types: &[(&str, u64)], part: &Value) -> Option<u64> {
    types.iter().find(|(name, _)| part["kind"] == *name).map(|(_, number)| *number)
}

/// Fails on the first thing in which two readers differ.
pub(super) fn assert_same(ours: &[Volume], theirs: &[Volume]) -> Result<()> {
    ensure!(ours.len() == theirs.len(), "{} volumes, and {} of the peer", ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        for (file, other) in ours.files.iter().zip(&theirs.files) {
            if file != other {
                bail!("the peer differs:\n  ours   {file:?}\n  theirs {other:?}");
            }
        }
        ensure!(
            ours == theirs,
            "{} files, and {} of the peer",
            ours.files.len(),
            theirs.files.len()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(second: u64) -> Value {
        let text = r#"{ "size": 100, "spaces": [100, 8], "parts": [
            { "kind": "firmware volume", "name": "v", "space": 0, "offset": 0, "size": 60, "header": 20, "parts": [
                { "kind": "driver", "guid": "g", "name": "D", "space": 0, "offset": 20, "size": 40, "header": 24, "parts": [
                    { "kind": "user-interface name", "name": "n", "space": 0, "offset": 44, "size": 6, "header": 4 },
                    { "kind": "GUID-defined section", "name": "l", "space": 0, "offset": 50, "size": 10, "header": 4,
                      "unpacked": 1, "parts": [
                        { "kind": "raw section", "name": "r", "space": 1, "offset": 0, "size": 8, "header": 4 } ] } ] } ] },
            { "kind": "padding", "name": "p", "space": 0, "offset": SECOND, "size": 40, "header": 0 } ] }"#;
        serde_json::from_str(&text.replace("SECOND", &second.to_string())).unwrap()
    }

    #[test]
    fn trees_that_do_not_add_up_fail() {
        assert_eq!(add_up(&document(60)).unwrap(), 6);
        assert!(add_up(&document(61)).is_err());
        let mut unowned = document(60);
        unowned["spaces"] = json!([100, 8, 3]);
        assert!(add_up(&unowned).is_err());
        let mut short = document(60);
        short["size"] = json!(101);
        assert!(add_up(&short).is_err());
    }

    #[test]
    fn readers_that_differ_in_a_file_are_told() {
        let ours = volumes(&document(60)).unwrap();
        let theirs = |size: u64| {
            let files = json!([{ "guid": "g", "kind": 7, "size": size, "name": "D", "sections": [[0x15, 6], [2, 10]] }]);
            let volume = json!([{ "at": 0, "size": 60, "files": files }]);
            serde_json::from_value::<Vec<Volume>>(volume).unwrap()
        };
        assert!(assert_same(&ours, &theirs(40)).is_ok());
        assert!(assert_same(&ours, &theirs(41)).is_err());
        assert!(assert_same(&ours, &[]).is_err());
    }
}
