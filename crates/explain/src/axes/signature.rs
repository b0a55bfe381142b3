//! CPU signatures worth trying: QEMU's models and processors as they are sold.
//!
//! Models are [`sev_launch_digest::cpu::MODELS`]. A guest of `-cpu host` or `max` has the host's own signature, in which the
//! stepping differs from QEMU's model of the same name: `EPYC-Genoa` is stepping 0, the processors sold are stepping 1.

use sev_launch_abi::CpuSignature;
use sev_launch_digest::cpu::MODELS;

/// Processors as they are sold: CPUID Fn0000_0001_EAX by public processor lists. Steppings vary; these are the usual ones.
const RETAIL: [(&str, u32); 10] = [
    ("a Milan processor", 0x00a0_0f11),
    ("a Genoa processor", 0x00a1_0f11),
    ("a Turin processor", 0x00b0_0f21),
    ("a Rome processor", 0x0083_0f10),
    ("a Naples processor", 0x0080_0f12),
    ("an early Milan processor", 0x00a0_0f10),
    ("a Milan-X processor", 0x00a0_0f12),
    ("a Bergamo processor", 0x00aa_0f02),
    ("a Siena processor", 0x00aa_0f02),
    ("a Turin Dense processor", 0x00b1_0f10),
];

/// Every name with its signature, the servers' models first.
pub(super) fn signatures() -> impl Iterator<Item = (String, CpuSignature)> {
    let models =
        MODELS.iter().flat_map(|model| model.names().map(move |name| (name, model.signature)));
    let retail = RETAIL.iter().map(|(name, number)| ((*name).to_owned(), CpuSignature(*number)));
    models.chain(retail)
}

/// A signature as people know it: the first name it has, and the number.
pub(super) fn text(signature: CpuSignature) -> String {
    match signatures().find(|(_, known)| *known == signature) {
        Some((name, _)) => named(&name, signature),
        None => signature.to_string(),
    }
}

/// A name with its number.
pub(super) fn named(name: &str, signature: CpuSignature) -> String {
    format!("{name} ({signature})")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Family, model, stepping as the lists give them.
    #[test]
    fn processors_have_the_signature_of_their_parts() {
        for (name, parts) in [
            ("a Milan processor", (25, 1, 1)),
            ("a Genoa processor", (25, 17, 1)),
            ("a Bergamo processor", (25, 160, 2)),
            ("a Turin processor", (26, 2, 1)),
            ("a Turin Dense processor", (26, 17, 0)),
        ] {
            let found = signatures().find(|(known, _)| known == name);
            assert_eq!(found.map(|(_, signature)| signature.parts()), Some(parts), "{name}");
        }
    }
}
