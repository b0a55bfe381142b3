//! A report's fields by name, for people and as JSON.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use sev_launch_abi::Generation;
use sev_launch_abi::snp::policy::Flag;
use sev_launch_abi::snp::tcb::{TcbLayout, TcbVersion};
use sev_launch_verify::snp::report::{AttestationReport, PlatformInfo};

/// Every field, in the report's order.
pub(crate) struct Fields(Vec<Field>);

struct Field {
    name: &'static str,
    json: Value,
    text: String,
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|field| (field.name, &field.json)))
    }
}

impl Fields {
    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        self.0.iter().try_for_each(|Field { name, text, .. }| writeln!(out, "  {name:<21} {text}"))
    }
}

/// The fields of a report; the parts of its TCB versions where it is known which byte is which.
pub(crate) fn fields(report: &AttestationReport, layout: Option<TcbLayout>) -> Fields {
    let plain = |name, json: Value| {
        let text = match &json {
            Value::String(text) => text.clone(),
            Value::Null => "none".into(),
            other => other.to_string(),
        };
        Field { name, json, text }
    };
    let bytes = |name, bytes: &[u8]| plain(name, hex::encode(bytes).into());
    let said = |name, json: Value, text: String| Field { name, json, text };
    let mitigations = |name, vector: Option<u64>| match vector {
        Some(vector) => plain(name, format!("{vector:#x}").into()),
        None => said(name, Value::Null, "none (since version 5)".into()),
    };
    let tcb = |name, version: TcbVersion| tcb(name, version, layout);
    let (key_info, platform) = (report.key_info, report.platform_info);
    let platform_flags = platform_flags(platform);
    let reserved = match layout {
        Some(layout) => report.reserved_with_tcb(layout),
        None => report.reserved.clone(),
    };
    let reserved: Vec<_> =
        (reserved.iter()).map(|(offset, value)| format!("{offset:#05x}: {value:#04x}")).collect();
    let flags: Vec<_> = report.policy.flags().map(Flag::name).collect();
    Fields(vec![
        plain("version", report.version.into()),
        plain("guest_svn", report.guest_svn.into()),
        said(
            "policy",
            json!({
                "value": format!("{:#x}", report.policy.bits()),
                "abi": report.policy.min_api().to_string(),
                "flags": flags,
            }),
            report.policy.to_string(),
        ),
        bytes("family_id", &report.family_id),
        bytes("image_id", &report.image_id),
        plain("vmpl", report.vmpl.into()),
        plain("signature_algo", report.signature_algo.into()),
        tcb("current_tcb", report.current_tcb),
        said(
            "platform_info",
            json!({ "value": format!("{:#x}", platform.bits()), "flags": platform_flags }),
            match platform_flags.is_empty() {
                true => platform.to_string(),
                false => format!("{platform} ({})", platform_flags.join(", ")),
            },
        ),
        said(
            "key_info",
            json!({
                "value": format!("{:#x}", key_info.bits()),
                "signing_key": key_info.signing_key().to_string(),
                "mask_chip_key": key_info.mask_chip_key(),
                "author_key_en": key_info.author_key_en(),
            }),
            format!(
                "{:#x} (signed by {}{}{}{})",
                key_info.bits(),
                key_info.signing_key(),
                if key_info.mask_chip_key() { ", MASK_CHIP_KEY" } else { "" },
                if key_info.author_key_en() { ", AUTHOR_KEY_EN" } else { "" },
                match key_info.reserved() {
                    0 => String::new(),
                    bits => format!(", reserved bits {bits:#x}"),
                },
            ),
        ),
        bytes("report_data", &report.report_data),
        bytes("measurement", report.measurement.as_bytes()),
        bytes("host_data", &report.host_data),
        bytes("id_key_digest", &report.id_key_digest),
        bytes("author_key_digest", &report.author_key_digest),
        bytes("report_id", &report.report_id),
        bytes("report_id_ma", &report.report_id_ma),
        tcb("reported_tcb", report.reported_tcb),
        match report.cpuid {
            None => said("cpuid", Value::Null, "none (since version 3)".into()),
            Some(cpuid) => said(
                "cpuid",
                json!({
                    "family": cpuid.family,
                    "model": cpuid.model,
                    "stepping": cpuid.stepping,
                    "generation": cpuid.generation().map(Generation::name),
                }),
                format!("{cpuid} ({})", cpuid.generation().map_or("unknown", Generation::name)),
            ),
        },
        bytes("chip_id", &report.chip_id),
        tcb("committed_tcb", report.committed_tcb),
        plain("current_version", report.current_version.to_string().into()),
        plain("committed_version", report.committed_version.to_string().into()),
        tcb("launch_tcb", report.launch_tcb),
        mitigations("launch_mit_vector", report.launch_mit_vector),
        mitigations("current_mit_vector", report.current_mit_vector),
        said(
            "reserved",
            json!(reserved),
            if reserved.is_empty() { "zero".into() } else { reserved.join(", ") },
        ),
    ])
}

fn tcb(name: &'static str, version: TcbVersion, layout: Option<TcbLayout>) -> Field {
    // The number, as AMD's documents and other tools have it: the bytes are little-endian.
    let value = format!("{:#018x}", u64::from_le_bytes(*version.as_bytes()));
    let Some(parts) = layout.map(|layout| version.parts(layout)) else {
        let text = "the parts depend on the processor, which the report does not tell";
        let text = format!("{value} ({text})");
        return Field { name, json: json!({ "value": value, "parts": null }), text };
    };
    let json = json!({
        "value": value,
        "parts": {
            "fmc": parts.fmc,
            "bootloader": parts.boot_loader,
            "tee": parts.tee,
            "snp": parts.snp,
            "microcode": parts.microcode,
        },
    });
    Field { name, json, text: format!("{value} ({parts})") }
}

fn platform_flags(info: PlatformInfo) -> Vec<&'static str> {
    let set = PlatformInfo::NAMED.into_iter().filter(|(_, bit)| info.has(*bit));
    set.map(|(name, _)| name).collect()
}
