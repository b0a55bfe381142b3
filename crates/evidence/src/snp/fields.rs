//! A report that was taken apart: its fields by name, put back into the 1184 bytes that were signed.
//!
//! The messages hold no reserved bytes, so these are zero again; where a chip had set one, the signature will not hold, which is the
//! safe side. Names are those of [go-sev-guest, sevsnp.proto] and of [virtee sev, AttestationReport].

use sev_launch_verify::snp::report::REPORT_SIZE;
use thiserror::Error;

use crate::tree::Tree;

/// Why fields do not make a report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldsError {
    /// A field that every report has.
    #[error("the report has no field {0:?}: it was not taken apart by a tool that is known")]
    Missing(&'static str),
    /// A field that is read, with something else in it.
    #[error("the report's field {0:?} is none: wanted {1}")]
    Wrong(&'static str, &'static str),
    /// A field that the report of a known tool does not have: what it says would be lost.
    #[error(
        "the report has a field {0:?} that is not known: it was written by another release of its tool"
    )]
    Unknown(String),
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A number of so many bytes, little-endian.
    Number,
    /// Exactly as many bytes.
    Bytes,
    /// CPUID Fn0000_0001_EAX with family, model and stepping, of which the report has one byte each.
    Cpuid,
}

/// A field: its number and its name in the protobuf message, its name in the sev crate, its place and size. [SNP-ABI, ATTESTATION_REPORT]
struct Field {
    number: u32,
    proto: &'static str,
    sev: &'static str,
    offset: usize,
    size: usize,
    kind: Kind,
}

const fn number(
    number: u32,
    proto: &'static str,
    sev: &'static str,
    offset: usize,
    size: usize,
) -> Field {
    Field { number, proto, sev, offset, size, kind: Kind::Number }
}

const fn bytes(
    number: u32,
    proto: &'static str,
    sev: &'static str,
    offset: usize,
    size: usize,
) -> Field {
    Field { number, proto, sev, offset, size, kind: Kind::Bytes }
}

/// Every field of the message.
const FIELDS: [Field; 31] = [
    number(1, "version", "version", 0x000, 4),
    number(2, "guest_svn", "guest_svn", 0x004, 4),
    number(3, "policy", "policy", 0x008, 8),
    bytes(4, "family_id", "family_id", 0x010, 16),
    bytes(5, "image_id", "image_id", 0x020, 16),
    number(6, "vmpl", "vmpl", 0x030, 4),
    number(7, "signature_algo", "sig_algo", 0x034, 4),
    number(8, "current_tcb", "current_tcb", 0x038, 8),
    number(9, "platform_info", "plat_info", 0x040, 8),
    number(10, "signer_info", "key_info", 0x048, 4),
    bytes(11, "report_data", "report_data", 0x050, 64),
    bytes(12, "measurement", "measurement", 0x090, 48),
    bytes(13, "host_data", "host_data", 0x0c0, 32),
    bytes(14, "id_key_digest", "id_key_digest", 0x0e0, 48),
    bytes(15, "author_key_digest", "author_key_digest", 0x110, 48),
    bytes(16, "report_id", "report_id", 0x140, 32),
    bytes(17, "report_id_ma", "report_id_ma", 0x160, 32),
    number(18, "reported_tcb", "reported_tcb", 0x180, 8),
    bytes(19, "chip_id", "chip_id", 0x1a0, 64),
    number(20, "committed_tcb", "committed_tcb", 0x1e0, 8),
    number(21, "current_build", "", 0x1e8, 1),
    number(22, "current_minor", "", 0x1e9, 1),
    number(23, "current_major", "", 0x1ea, 1),
    number(24, "committed_build", "", 0x1ec, 1),
    number(25, "committed_minor", "", 0x1ed, 1),
    number(26, "committed_major", "", 0x1ee, 1),
    number(27, "launch_tcb", "launch_tcb", 0x1f0, 8),
    bytes(28, "signature", "", 0x2a0, 512),
    Field {
        number: 29,
        proto: "cpuid1eax_fms",
        sev: "",
        offset: 0x188,
        size: 3,
        kind: Kind::Cpuid,
    },
    number(30, "launch_mit_vector", "launch_mit_vector", 0x1f8, 8),
    number(31, "current_mit_vector", "current_mit_vector", 0x200, 8),
];

/// Fields of the sev crate that hold more than one: the firmware's versions, and the signature's two halves.
const SEV_STRUCTURES: [&str; 6] =
    ["current", "committed", "signature", "cpuid_fam_id", "cpuid_mod_id", "cpuid_step"];

/// A value of the protobuf message, in whichever of its forms it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A varint.
    Number(u64),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A report under construction.
struct Report([u8; REPORT_SIZE]);

impl Report {
    fn put(&mut self, offset: usize, bytes: &[u8]) {
        let place = self.0.get_mut(offset..).and_then(|rest| rest.get_mut(..bytes.len()));
        if let Some(place) = place {
            place.copy_from_slice(bytes);
        }
    }

    fn put_number(
        &mut self,
        field: &Field,
        name: &'static str,
        value: u64,
    ) -> Result<(), FieldsError> {
        let bytes = value.to_le_bytes();
        match bytes.split_at_checked(field.size) {
            Some((low, high)) if high.iter().all(|byte| *byte == 0) => self.put(field.offset, low),
            _ => return Err(FieldsError::Wrong(name, "a number that fits in it")),
        }
        Ok(())
    }
}

/// The number of a message's field by its name, in snake case or in the camel case of protobuf's JSON.
pub(super) fn number_of(name: &str) -> Option<u32> {
    let snake: String = name.chars().fold(String::new(), |mut snake, c| {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        snake
    });
    FIELDS.iter().find(|field| field.proto == snake).map(|field| field.number)
}

/// Is the field of this number bytes?
pub(super) fn is_bytes(number: u32) -> bool {
    FIELDS.iter().any(|field| field.number == number && field.kind == Kind::Bytes)
}

/// The report of a message's fields, by their numbers; one that is not there is zero, as protobuf has it.
pub(super) fn of_message(values: &[(u32, Value)]) -> Result<[u8; REPORT_SIZE], FieldsError> {
    let mut report = Report([0; REPORT_SIZE]);
    for (number, value) in values {
        let field = FIELDS.iter().find(|field| field.number == *number);
        let field = field.ok_or_else(|| FieldsError::Unknown(format!("number {number}")))?;
        match (field.kind, value) {
            (Kind::Number, Value::Number(value)) => {
                report.put_number(field, field.proto, *value)?;
            }
            (Kind::Bytes, Value::Bytes(bytes)) if bytes.len() == field.size => {
                report.put(field.offset, bytes);
            }
            (Kind::Cpuid, Value::Number(eax)) => report.put(field.offset, &cpuid(*eax)),
            (Kind::Bytes, _) => {
                return Err(FieldsError::Wrong(field.proto, "as many bytes as it has"));
            }
            (Kind::Number | Kind::Cpuid, _) => {
                return Err(FieldsError::Wrong(field.proto, "a number"));
            }
        }
    }
    for wanted in [1, 12, 28] {
        if !values.iter().any(|(number, _)| *number == wanted) {
            let field = FIELDS.iter().find(|field| field.number == wanted);
            return Err(FieldsError::Missing(field.map_or("", |field| field.proto)));
        }
    }
    Ok(report.0)
}

/// Family, model and stepping of CPUID Fn0000_0001_EAX, as the report has them. [APM3, CPUID Fn0000_0001_EAX]
fn cpuid(eax: u64) -> [u8; 3] {
    let part = |shift: u32, mask: u64| u8::try_from((eax >> shift) & mask).unwrap_or(0);
    let (base_family, base_model) = (part(8, 0xf), part(4, 0xf));
    if base_family == 0xf {
        let family = base_family.saturating_add(part(20, 0xff));
        [family, (part(16, 0xf) << 4) | base_model, part(0, 0xf)]
    } else {
        [base_family, base_model, part(0, 0xf)]
    }
}

/// Does an object look like the sev crate's fields of a report?
pub(super) fn is_sev(tree: &Tree) -> bool {
    ["measurement", "report_data", "chip_id"].iter().all(|name| tree.get(name).is_some())
}

/// The report of the sev crate's fields (release 7; earlier ones have other names, which are refused by name).
pub(super) fn of_sev(tree: &Tree) -> Result<[u8; REPORT_SIZE], FieldsError> {
    let Tree::Object(fields) = tree else { return Err(FieldsError::Missing("measurement")) };
    for (name, _) in fields {
        let known =
            FIELDS.iter().any(|field| field.sev == name) || SEV_STRUCTURES.contains(&&**name);
        if !known || name.is_empty() {
            return Err(FieldsError::Unknown(name.clone()));
        }
    }
    let mut report = Report([0; REPORT_SIZE]);
    for field in FIELDS.iter().filter(|field| !field.sev.is_empty()) {
        let name = field.sev;
        let may_lack = name.ends_with("_mit_vector");
        match (tree.get(name), field.kind) {
            (None | Some(Tree::Other), _) if may_lack => {}
            (None, _) => return Err(FieldsError::Missing(name)),
            (Some(value), Kind::Bytes) => {
                let bytes = value.bytes().filter(|bytes| bytes.len() == field.size);
                report.put(
                    field.offset,
                    &bytes.ok_or(FieldsError::Wrong(name, "as many bytes as it has"))?,
                );
            }
            (Some(Tree::Number(value)), _) => report.put_number(field, name, *value)?,
            (Some(value), _) if name.ends_with("_tcb") => {
                report.put(field.offset, &tcb(name, value)?);
            }
            _ => return Err(FieldsError::Wrong(name, "a number")),
        }
    }
    for (name, offset) in [("current", 0x1e8), ("committed", 0x1ec)] {
        let version = tree.get(name).ok_or(FieldsError::Missing(name))?;
        let part = |part: &str| {
            small(version.get(part)).ok_or(FieldsError::Wrong(name, "major, minor and build"))
        };
        report.put(offset, &[part("build")?, part("minor")?, part("major")?]);
    }
    for (name, offset) in [("cpuid_fam_id", 0x188), ("cpuid_mod_id", 0x189), ("cpuid_step", 0x18a)]
    {
        match tree.get(name) {
            None | Some(Tree::Other) => {}
            value => {
                let value = small(value).ok_or(FieldsError::Wrong(name, "a number of one byte"))?;
                report.put(offset, &[value]);
            }
        }
    }
    let signature = tree.get("signature").ok_or(FieldsError::Missing("signature"))?;
    for (name, offset) in [("r", 0x2a0), ("s", 0x2e8)] {
        let half = signature.get(name).and_then(Tree::bytes).filter(|half| half.len() == 72);
        report
            .put(offset, &half.ok_or(FieldsError::Wrong("signature", "r and s of 72 bytes each"))?);
    }
    Ok(report.0)
}

/// The eight bytes of a TCB version: with the FMC's level it is that of Turin and newer. [SNP-ABI, TCB_VERSION]
fn tcb(name: &'static str, value: &Tree) -> Result<[u8; 8], FieldsError> {
    let wrong = FieldsError::Wrong(name, "bootloader, tee, snp, microcode, and fmc or null");
    let part = |part: &str| small(value.get(part)).ok_or_else(|| wrong.clone());
    let (boot_loader, tee, snp, microcode) =
        (part("bootloader")?, part("tee")?, part("snp")?, part("microcode")?);
    Ok(match value.get("fmc") {
        None | Some(Tree::Other) => [boot_loader, tee, 0, 0, 0, 0, snp, microcode],
        fmc => {
            let fmc = small(fmc).ok_or(wrong)?;
            [fmc, boot_loader, tee, snp, 0, 0, 0, microcode]
        }
    })
}

fn small(value: Option<&Tree>) -> Option<u8> {
    match value? {
        Tree::Number(number) => u8::try_from(*number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Milan, stepping 1, as Linux prints it of such a processor: family 25, model 1.
    #[test]
    fn cpuid_of_milan_is_family_25() {
        assert_eq!(cpuid(0x00a0_0f11), [25, 1, 1]);
        // Turin: family 26, model 2.
        assert_eq!(cpuid(0x00b0_0f20), [26, 2, 0]);
        assert_eq!(cpuid(0x0000_0652), [6, 5, 2]);
    }

    #[test]
    fn names_are_found_in_both_cases() {
        assert_eq!(number_of("report_id_ma"), Some(17));
        assert_eq!(number_of("reportIdMa"), Some(17));
        assert_eq!(number_of("cpuid1eaxFms"), Some(29));
        assert_eq!(number_of("other"), None);
    }

    #[test]
    fn a_message_without_a_measurement_is_no_report() {
        let version = (1, Value::Number(2));
        assert_eq!(of_message(&[version]), Err(FieldsError::Missing("measurement")));
        let wide = (21, Value::Number(256));
        assert!(matches!(of_message(&[wide]), Err(FieldsError::Wrong("current_build", _))));
        let short = (12, Value::Bytes(vec![0; 47]));
        assert!(matches!(of_message(&[short]), Err(FieldsError::Wrong("measurement", _))));
        assert!(matches!(of_message(&[(32, Value::Number(0))]), Err(FieldsError::Unknown(_))));
    }
}
