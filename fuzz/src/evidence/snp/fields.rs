//! Reports that are told field by field: the protobuf message of go-sev-guest in its three forms, and the fields of the sev crate.

use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_verify::snp::report::REPORT_SIZE;

use super::Made;
use super::forms::{certificates, distinct, of_report, report};

/// A report of which nothing is lost where its fields are told by name: what they do not hold is zero. [SNP-ABI, ATTESTATION_REPORT]
fn tellable(u: &mut Unstructured<'_>) -> Result<[u8; REPORT_SIZE]> {
    let mut report = report(u)?;
    for reserved in [0x4c..0x50, 0x18b..0x1a0, 0x1eb..0x1ec, 0x1ef..0x1f0, 0x208..0x2a0] {
        report[reserved].fill(0);
    }
    // Family 0x19 or 0x1a, any model, a stepping of four bits.
    report[0x188] = 0x19 + (report[0x188] & 1);
    report[0x18a] &= 0xf;
    Ok(report)
}

/// Numbers of `sevsnp.Report`: field number, name, offset, size. [go-sev-guest, sevsnp.proto]
const NUMBERS: [(u64, &str, usize, usize); 18] = [
    (1, "version", 0x000, 4),
    (2, "guest_svn", 0x004, 4),
    (3, "policy", 0x008, 8),
    (6, "vmpl", 0x030, 4),
    (7, "signature_algo", 0x034, 4),
    (8, "current_tcb", 0x038, 8),
    (9, "platform_info", 0x040, 8),
    (10, "signer_info", 0x048, 4),
    (18, "reported_tcb", 0x180, 8),
    (20, "committed_tcb", 0x1e0, 8),
    (21, "current_build", 0x1e8, 1),
    (22, "current_minor", 0x1e9, 1),
    (23, "current_major", 0x1ea, 1),
    (24, "committed_build", 0x1ec, 1),
    (25, "committed_minor", 0x1ed, 1),
    (26, "committed_major", 0x1ee, 1),
    (27, "launch_tcb", 0x1f0, 8),
    (30, "launch_mit_vector", 0x1f8, 8),
];
/// The last of them.
const CURRENT_MIT_VECTOR: (u64, &str, usize, usize) = (31, "current_mit_vector", 0x200, 8);
/// The same of its bytes.
const BYTES: [(u64, &str, usize, usize); 11] = [
    (4, "family_id", 0x010, 16),
    (5, "image_id", 0x020, 16),
    (11, "report_data", 0x050, 64),
    (12, "measurement", 0x090, 48),
    (13, "host_data", 0x0c0, 32),
    (14, "id_key_digest", 0x0e0, 48),
    (15, "author_key_digest", 0x110, 48),
    (16, "report_id", 0x140, 32),
    (17, "report_id_ma", 0x160, 32),
    (19, "chip_id", 0x1a0, 64),
    (28, "signature", 0x2a0, 512),
];

fn number(report: &[u8; REPORT_SIZE], offset: usize, size: usize) -> u64 {
    report[offset..offset + size]
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// CPUID Fn0000_0001_EAX of a report's family, model and stepping. [APM3, CPUID Fn0000_0001_EAX]
fn cpuid(report: &[u8; REPORT_SIZE]) -> u64 {
    let [family, model, stepping] = [0x188, 0x189, 0x18a].map(|at| u64::from(report[at]));
    (family - 0xf) << 20 | (model >> 4) << 16 | 0xf << 8 | (model & 0xf) << 4 | stepping
}

/// Every number of the message, by field number and name.
fn numbers(report: &[u8; REPORT_SIZE]) -> Vec<(u64, &'static str, u64)> {
    let mut all: Vec<_> = NUMBERS
        .iter()
        .chain([&CURRENT_MIT_VECTOR])
        .map(|(field, name, offset, size)| (*field, *name, number(report, *offset, *size)))
        .collect();
    all.push((29, "cpuid1eax_fms", cpuid(report)));
    // Zero is not written. [Protocol Buffers, field presence]
    all.retain(|(_, _, value)| *value != 0);
    all
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    let size = u64::try_from(bytes.len()).expect("small");
    [varint(number << 3 | 2), varint(size), bytes.to_vec()].concat()
}

/// `sevsnp.Report` alone, or `sevsnp.Attestation` with certificates; wrong where the report has a field twice.
pub(super) fn message(u: &mut Unstructured<'_>) -> Result<Made> {
    let report = tellable(u)?;
    let mut bytes = Vec::new();
    for (number, _, value) in numbers(&report) {
        bytes.extend([varint(number << 3), varint(value)].concat());
    }
    for (number, _, offset, size) in BYTES {
        bytes.extend(field(number, &report[offset..offset + size]));
    }
    let is_wrong = u.ratio(1, 8)?;
    if is_wrong {
        bytes.extend(field(12, &[1; 48]));
    }
    if !u.arbitrary()? {
        return Ok(Made { is_wrong, ..of_report(bytes, report) });
    }
    let chosen = certificates(u)?;
    // VCEK, VLEK, ASK, ARK as they stand in a table, and their fields.
    let chain = [1, 6, 2, 3].into_iter().zip(&chosen);
    let chain: Vec<u8> =
        chain.filter_map(|(number, der)| Some(field(number, der.as_ref()?))).flatten().collect();
    let bytes = [field(1, &bytes), field(2, &chain)].concat();
    Ok(Made { certificates: distinct(&chosen), is_wrong, ..of_report(bytes, report) })
}

/// The report in protobuf's JSON: camel case, 64-bit numbers as text, bytes in base64.
pub(super) fn message_json(u: &mut Unstructured<'_>) -> Result<Made> {
    let report = tellable(u)?;
    let mut fields = serde_json::Map::new();
    for (_, name, value) in numbers(&report) {
        let is_wide = NUMBERS.iter().any(|(_, wide, _, size)| *wide == name && *size == 8);
        let value = if is_wide { value.to_string().into() } else { value.into() };
        fields.insert(camel(name), value);
    }
    for (_, name, offset, size) in BYTES {
        fields.insert(camel(name), STANDARD.encode(&report[offset..offset + size]).into());
    }
    let is_wrong = u.ratio(1, 8)?;
    if is_wrong {
        fields.insert("newField".to_owned(), 1.into());
    }
    let text = serde_json::json!({ "report": fields, "product": {"name": "SEV_PRODUCT_MILAN"} });
    Ok(Made { is_wrong, ..of_report(text.to_string().into_bytes(), report) })
}

fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |camel, part| {
        let (head, tail) = part.split_at(1);
        camel + &head.to_uppercase() + tail
    })
}

/// The attestation in protobuf's text.
pub(super) fn message_text(u: &mut Unstructured<'_>) -> Result<Made> {
    let report = tellable(u)?;
    let mut text = String::from("# made up\nreport: {\n");
    for (_, name, value) in numbers(&report) {
        writeln!(text, "  {name}: {value}").expect("a text");
    }
    for (_, name, offset, size) in BYTES {
        writeln!(text, "  {name}: \"{}\"", escaped(&report[offset..offset + size]))
            .expect("a text");
    }
    text.push_str("}\ncertificate_chain {\n");
    let chosen = certificates(u)?;
    for (name, der) in ["vcek_cert", "vlek_cert", "ask_cert", "ark_cert"].iter().zip(&chosen) {
        if let Some(der) = der {
            writeln!(text, "  {name}: '{}'", escaped(der)).expect("a text");
        }
    }
    text.push_str("}\n");
    let is_wrong = u.ratio(1, 8)?;
    if is_wrong {
        text.push_str("certificate_chain { }\n");
    }
    Ok(Made { certificates: distinct(&chosen), is_wrong, ..of_report(text.into_bytes(), report) })
}

/// Bytes in C's escapes: octal, or the character itself.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b' ' => text.push(char::from(*byte)),
            _ => write!(text, "\\{byte:03o}").expect("a text"),
        }
        text
    })
}

/// The fields as serde writes those of the sev crate, in Trustee's evidence. [virtee sev, AttestationReport; Trustee, SnpEvidence]
pub(super) fn sev_fields(u: &mut Unstructured<'_>) -> Result<Made> {
    let mut report = tellable(u)?;
    // R and S of 72 bytes each; what follows them has no field.
    report[0x2a0 + 144..].fill(0);
    let mut fields = serde_json::Map::new();
    for (_, name, offset, size) in NUMBERS {
        let name = match name {
            "signature_algo" => "sig_algo",
            "platform_info" => "plat_info",
            "signer_info" => "key_info",
            _ => name,
        };
        if name.ends_with("_tcb") {
            // Turin's FMC comes first and the bytes after it move up. [SNP-ABI, TCB_VERSION]
            report[offset + 2..offset + 6].fill(0);
            let is_turin = report[0x188] == 0x1a;
            let at = |place: usize| report[offset + place];
            let [fmc, boot_loader, tee, snp] = if is_turin {
                [Some(at(0)), Some(at(1)), Some(0), Some(0)]
            } else {
                [None, Some(at(0)), Some(at(1)), Some(at(6))]
            };
            if is_turin {
                report[offset + 6] = 0;
            }
            let tcb = serde_json::json!({ "fmc": fmc, "bootloader": boot_loader, "tee": tee, "snp": snp, "microcode": report[offset + 7] });
            fields.insert(name.to_owned(), tcb);
        } else if size > 1 {
            fields.insert(name.to_owned(), number(&report, offset, size).into());
        }
    }
    let (_, name, offset, size) = CURRENT_MIT_VECTOR;
    fields.insert(name.to_owned(), number(&report, offset, size).into());
    for (_, name, offset, size) in &BYTES[..10] {
        fields.insert((*name).to_owned(), report[*offset..*offset + *size].into());
    }
    for (name, offset) in [("current", 0x1e8), ("committed", 0x1ec)] {
        let version = serde_json::json!({"major": report[offset + 2], "minor": report[offset + 1], "build": report[offset]});
        fields.insert(name.to_owned(), version);
    }
    for (name, offset) in [("cpuid_fam_id", 0x188), ("cpuid_mod_id", 0x189), ("cpuid_step", 0x18a)]
    {
        fields.insert(name.to_owned(), report[offset].into());
    }
    let half = |offset: usize| report[offset..offset + 72].to_vec();
    fields.insert("signature".to_owned(), serde_json::json!({"r": half(0x2a0), "s": half(0x2e8)}));
    let is_wrong = u.ratio(1, 8)?;
    if is_wrong {
        fields.remove(*u.choose(&["version", "policy", "reported_tcb", "signature", "current"])?);
    }
    let chosen = certificates(u)?;
    let chain: Vec<_> = chosen
        .iter()
        .flatten()
        .map(|der| serde_json::json!({"cert_type": "VCEK", "data": der}))
        .collect();
    let text = serde_json::json!({"attestation_report": fields, "cert_chain": chain}).to_string();
    Ok(Made { certificates: distinct(&chosen), is_wrong, ..of_report(text.into_bytes(), report) })
}
