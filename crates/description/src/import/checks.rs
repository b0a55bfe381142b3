//! What every importer warns of: policies that let the host in, and kernels that nothing measures.

use sev_launch_abi::Technology;

use super::{Import, codes};
use crate::description::Cmdline;

/// Bits of a SEV policy: they forbid. [SEV-API, guest policy]
mod sev {
    pub(super) const NODBG: u64 = 1 << 0;
    pub(super) const NOKS: u64 = 1 << 1;
    pub(super) const ES: u64 = 1 << 2;
    pub(super) const NOSEND: u64 = 1 << 3;
    /// Only to platforms of the same owner, and only to genuine ones.
    pub(super) const SEND_LIMITS: u64 = 1 << 4 | 1 << 5;
}

/// Bits of an SNP policy: they allow. [SNP-ABI, guest policy]
mod snp {
    pub(super) const MIGRATE_MA: u64 = 1 << 18;
    pub(super) const DEBUG: u64 = 1 << 19;
}

/// SEV or SEV-ES, as the policy asks for.
pub(super) fn technology_of_sev_policy(policy: u64) -> Technology {
    if policy & sev::ES == 0 { Technology::Sev } else { Technology::SevEs }
}

impl Import {
    /// Warns of what the policy lets the host do.
    pub(super) fn check_policy(&mut self, technology: Technology, policy: u64) {
        let (debug, share, migrate) = match technology {
            Technology::Snp => ((policy & snp::DEBUG != 0).then_some("bit 19 is set"), None, {
                (policy & snp::MIGRATE_MA != 0).then_some("bit 18 is set: with a migration agent")
            }),
            Technology::Sev | Technology::SevEs => {
                let limited = policy & sev::SEND_LIMITS == sev::SEND_LIMITS;
                (
                    (policy & sev::NODBG == 0).then_some("bit 0 is clear"),
                    (policy & sev::NOKS == 0).then_some("bit 1 is clear"),
                    (policy & sev::NOSEND == 0 && !limited)
                        .then_some("bit 3 is clear, and bits 4 and 5 do not both limit it"),
                )
            }
        };
        for (code, what, why) in [
            (codes::DEBUG_POLICY, "lets the host debug the guest", debug),
            (codes::KEY_SHARING_POLICY, "lets other guests share the key", share),
            (codes::MIGRATION_POLICY, "lets the guest be sent away", migrate),
        ] {
            if let Some(why) = why {
                self.warn(code, format!("policy {policy:#x} {what} ({why})"));
            }
        }
    }

    /// Warns of what of the boot is in no digest, or looks like a slip.
    pub(super) fn check_boot(&mut self, how: &str) {
        let boot = &self.description.boot;
        let mut warnings = Vec::new();
        let hashes = boot.kernel_hashes.as_ref().is_none_or(|field| !field.value.contains(&false));
        if boot.kernels.is_some() && !hashes {
            warnings.push((
                codes::KERNEL_NOT_MEASURED,
                format!("kernel, initrd and command line are NOT covered by the digest: {how}"),
            ));
        }
        for (what, field) in [("shim", &boot.shim), ("dtb", &boot.dtb)] {
            if field.is_some() {
                let text = format!("with a {what}, what QEMU measures of the kernel is not known");
                warnings.push((codes::DIGEST_UNPREDICTABLE, text));
            }
        }
        for cmdline in boot.cmdlines.iter().flat_map(|field| &field.value) {
            if let Cmdline::Bytes(bytes) = cmdline
                && let Some(oddity) = oddity(bytes)
            {
                let text = format!("the command line {oddity}: all of it is measured as it is");
                warnings.push((codes::CMDLINE_SPACE, text));
            }
        }
        for (code, text) in warnings {
            self.warn(code, text);
        }
    }
}

/// What of a command line is likely a slip.
fn oddity(cmdline: &[u8]) -> Option<&'static str> {
    let first = cmdline.first()?;
    let last = cmdline.last()?;
    if last == &b'\n' {
        return Some("ends in a newline");
    }
    if first.is_ascii_whitespace() || last.is_ascii_whitespace() {
        return Some("starts or ends in white space");
    }
    if first == last && matches!(first, b'"' | b'\'') && cmdline.len() > 1 {
        return Some("stands in quotes");
    }
    let odd = |byte: &u8| byte.is_ascii_whitespace() && *byte != b' ';
    if cmdline.iter().any(odd) || cmdline.windows(2).any(|pair| pair == b"  ") {
        return Some("has white space that is no single space");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes_of(technology: Technology, policy: u64) -> Vec<&'static str> {
        let mut import = Import::default();
        import.check_policy(technology, policy);
        import.warnings.iter().map(|warning| warning.code).collect()
    }

    // The policies that QEMU, sevctl and Nova use; bits as in AMD 55766 and 56860.
    #[test]
    fn policies_let_in_whom_they_say() {
        let all = [codes::DEBUG_POLICY, codes::KEY_SHARING_POLICY, codes::MIGRATION_POLICY];
        assert_eq!(codes_of(Technology::Sev, 0), all);
        assert_eq!(codes_of(Technology::Sev, 1), all[1..]);
        assert_eq!(codes_of(Technology::SevEs, 7), all[2..]);
        assert_eq!(codes_of(Technology::Sev, 0x33), [""; 0]);
        assert_eq!(codes_of(Technology::SevEs, 0xf), [""; 0]);
        assert_eq!(codes_of(Technology::Snp, 0x30000), [""; 0]);
        assert_eq!(codes_of(Technology::Snp, 0xb0000), all[..1]);
        assert_eq!(codes_of(Technology::Snp, 0x70000), all[2..]);
    }

    #[test]
    fn slips_in_command_lines_are_seen() {
        for slip in ["a\n", " a", "a ", "\"a b\"", "'a'", "a  b", "a\tb", "a\r\nb"] {
            assert!(oddity(slip.as_bytes()).is_some(), "{slip:?}");
        }
        for fine in ["", "\"", "a b", "a=\"b c\"", "console=ttyS0 quiet"] {
            assert_eq!(oddity(fine.as_bytes()), None, "{fine:?}");
        }
    }
}
