//! What importers have in common: what every one warns of, as policies that let the host in and kernels that nothing measures,
//! and what several read or say alike.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::Technology;
use sev_launch_abi::sev::policy as sev;
use sev_launch_abi::snp::HostData;
use sev_launch_abi::snp::policy as snp;
use sev_launch_digest::kernel_hashes::cmdline_warnings;
use sev_launch_host::{Facts, policy as refused, refusal};

use super::{Import, Source, codes, default, found, qemu};
use crate::axes::Cpu;
use crate::description::{Blob, Cmdline, Kernel};
use crate::error::Error;
use crate::origin::Field;

/// The technology of a guest that is one of SNP or not: SEV or SEV-ES is what the policy asks for.
pub(super) fn technology(is_snp: bool, policy: u64) -> Technology {
    if is_snp {
        return Technology::Snp;
    }
    // A policy of more bits is refused elsewhere.
    u32::try_from(policy).map_or(Technology::Sev, |bits| sev::Policy::from_bits(bits).technology())
}

impl Import {
    /// Warns of what the policy lets the host do, and of what hosts refuse of it.
    pub(super) fn check_policy(&mut self, technology: Technology, policy: u64) {
        const DEBUG: (&str, &str) = (codes::DEBUG_POLICY, "lets the host debug the guest");
        const SHARE: (&str, &str) = (codes::KEY_SHARING_POLICY, "lets other guests share the key");
        const MIGRATE: (&str, &str) = (codes::MIGRATION_POLICY, "lets the guest be sent away");
        let snp = |finding| match finding {
            snp::Finding::DebugAllowed => Some((DEBUG, "bit 19 is set")),
            snp::Finding::MigrationAgentAllowed => {
                Some((MIGRATE, "bit 18 is set: with a migration agent"))
            }
            _ => None,
        };
        let sev = |finding| match finding {
            sev::Finding::DebugAllowed => Some((DEBUG, "bit 0 is clear")),
            sev::Finding::KeySharingAllowed => Some((SHARE, "bit 1 is clear")),
            // To genuine platforms of the same owner is no leak.
            sev::Finding::SendingAllowed { domain: true, sev: true } => None,
            sev::Finding::SendingAllowed { .. } => {
                Some((MIGRATE, "bit 3 is clear, and bits 4 and 5 do not both limit it"))
            }
            _ => None,
        };
        let found: Vec<_> = match (technology, u32::try_from(policy)) {
            (Technology::Snp, _) => {
                snp::Policy::from_bits(policy).findings().into_iter().filter_map(snp).collect()
            }
            (_, Ok(bits)) => {
                let findings = sev::Policy::from_bits(bits).findings(technology);
                findings.into_iter().filter_map(sev).collect()
            }
            // No SEV policy at all, which is an error of its own.
            (_, Err(_)) => Vec::new(),
        };
        let refusals = refused::of_guest(technology, policy, &[]);
        for ((code, what), why) in found {
            self.warn(code, format!("policy {policy:#x} {what} ({why})"));
        }
        for refusal in refusal::worth_telling(refusals, &Facts::default()) {
            self.warn(codes::POLICY_REFUSED, format!("policy {policy:#x}: {refusal}"));
        }
    }

    /// Reads a direct boot: the files as `file` has them by name, and the command line with its name. `place` says where a
    /// name stands. An error, as QEMU's, for what is given without `kernel`.
    pub(super) fn read_boot(
        &mut self,
        source: Source<'_>,
        place: impl Fn(&str) -> String,
        file: impl Fn(&str) -> Option<PathBuf>,
        (append, cmdline): (&str, Option<Vec<u8>>),
        kernel: &str,
    ) -> Result<(), Error> {
        let boot = &mut self.description.boot;
        let path = |name: &str| file(name).map(|path| (path, place(name)));
        boot.kernels = path("kernel").and_then(|(path, at)| found(vec![Kernel::File(path)], at));
        boot.initrds = path("initrd").and_then(|(path, at)| found(vec![Blob::File(path)], at));
        boot.dtb = path("dtb").and_then(|(path, at)| found(path, at));
        boot.shim = path("shim").and_then(|(path, at)| found(path, at));
        boot.cmdlines = cmdline.and_then(|line| found(vec![Cmdline::Bytes(line)], place(append)));
        if boot.kernels.is_some() {
            return Ok(());
        }
        for (name, given) in [("initrd", boot.initrds.is_some()), (append, boot.cmdlines.is_some())]
        {
            if given {
                let place = place(name);
                return source.error(format!("{place} without {kernel}: QEMU refuses it"));
            }
        }
        if boot.kernel_hashes.as_ref().is_some_and(|field| field.value == [false]) {
            boot.kernel_hashes = None;
        }
        Ok(())
    }

    /// Says the CPU's model that holds where none is given.
    pub(super) fn default_cpu(&mut self, model: &str, reason: &str) {
        let cpu = Cpu::of_model(model).ok();
        self.description.cpus = cpu.and_then(|cpu| default(vec![cpu], reason));
    }

    /// The host's own signature is measured, or that of a model that is not known.
    pub(super) fn unknown_cpu(&mut self, place: impl Into<String>, why: &str) {
        let settled_by = "family, model and stepping as the host's /proc/cpuinfo has them";
        self.unknown("signature", place, why, settled_by);
    }

    /// Names a machine on which kernels and firmware may be loaded in another way than is known.
    pub(super) fn check_machine(&mut self, place: &str, machine: &str) {
        if !qemu::is_pc(machine) {
            self.unread_kind(place, format!("{machine} is neither of the pc nor of the q35 kind"));
        }
    }

    /// Names an architecture that has no SEV.
    pub(super) fn check_architecture(&mut self, place: &str, architecture: &str) {
        if architecture != "x86_64" {
            self.unread_kind(place, format!("{architecture} is not x86_64"));
        }
    }

    fn unread_kind(&mut self, place: &str, what: String) {
        let text = format!("{place}: {what}, so that it may change what is measured");
        let settled_by = "the command line of the running QEMU, imported in its place";
        self.unknown(None, place, text.clone(), settled_by);
        self.warn(codes::UNREAD_SETTING, text);
    }

    /// No firmware is given.
    pub(super) fn no_firmware(&mut self, place: impl Into<String>, why: &str) {
        let text = format!("{why}: QEMU loads its own BIOS, which is no firmware for SEV");
        self.unknown("firmware.path", place, text, "the image that the host really uses");
    }

    /// The guest reads something else of the firmware's file than its bytes, or of another file.
    pub(super) fn unknown_firmware(&mut self, place: impl Into<String>, why: impl Into<String>) {
        let settled_by = "the bytes that the guest sees there, as a file of their own";
        self.unknown("firmware.path", place, why, settled_by);
    }

    /// KVM's DebugSwap decides the features of a SEV-ES guest that is made by the legacy ioctl, and nothing that describes a
    /// guest says which kernel its host runs. [Linux, sev_es_sync_vmsa]
    pub(super) fn unknown_host_kernel(&mut self, technology: Technology) {
        let legacy = self.description.host.legacy_vm_type.as_ref();
        if technology == Technology::SevEs && legacy.is_none_or(|field| field.value) {
            let text = "some kernels switch DebugSwap on for every SEV-ES guest, which moves its digest, and what was read \
                does not say which one the host runs";
            self.unknown("host.kernel", "the host", text, "`uname -r` on the host");
        }
    }

    /// Reads HOST_DATA in base64, as QEMU and libvirt have it. [QEMU, sev_snp_guest_set_host_data]
    ///
    /// Errors: what is none, which QEMU refuses.
    pub(super) fn host_data(&mut self, place: &str, text: &str) -> Result<(), String> {
        let bytes =
            BASE64.decode(text).map_err(|error| format!("{text:?} is no base64: {error}"))?;
        let size = bytes.len();
        let bytes = bytes.try_into().map_err(|_| {
            format!("{size} bytes, wanted the 32 of HOST_DATA in base64: QEMU refuses others")
        })?;
        self.description.host_data = found(HostData::from_bytes(bytes), place);
        let text = format!(
            "{place} gives the guest HOST_DATA, which no digest covers: `verify` demands it of the report where this description is given"
        );
        self.warn(codes::HOST_DATA, text);
        Ok(())
    }

    /// Reads an ID block and its authentication in base64, each with its place. KVM looks at the authentication only beside a block.
    /// [QEMU, sev_snp_guest_set_id_block, sev_snp_guest_set_id_auth; Linux, snp_launch_finish]
    ///
    /// Errors: what is none of the two, which QEMU refuses; a block for guests of another policy, which the AMD-SP does not start.
    pub(super) fn id_block(
        &mut self,
        source: Source<'_>,
        (block_at, block): (&str, Option<&str>),
        (auth_at, auth): (&str, Option<&str>),
        author_key: Field<bool>,
    ) -> Result<(), Error> {
        let (Some(block), Some(auth)) = (block, auth) else {
            if block.is_some() || auth.is_some() {
                let text = format!("of {block_at} and {auth_at} one is given without the other");
                self.warn(codes::ID_BLOCK_INCOMPLETE, text);
            }
            return Ok(());
        };
        let wrong = |place: &str, message: String| source.value(place, message);
        let block = block.trim().parse().map_err(|error| wrong(block_at, error))?;
        let auth = auth.trim().parse().map_err(|error| wrong(auth_at, error))?;
        self.description.id_block = found(block, block_at);
        self.description.id_auth = found(auth, auth_at);
        self.description.author_key = author_key;
        self.description.check_id_block().map_err(|error| wrong(block_at, error.to_string()))?;
        let text = format!(
            "{block_at} gives the guest an ID block, which no digest covers: `verify` demands its signer, its names and its security \
             version of the report where this description is given"
        );
        self.warn(codes::ID_BLOCK, text);
        Ok(())
    }

    /// Warns of a store of variables; `advice` comes last.
    pub(super) fn warn_of_variables(&mut self, what: &str, advice: &str) {
        let text = format!("{what} holds the firmware's variables, which no digest covers{advice}");
        self.warn(codes::NVRAM_NOT_MEASURED, text);
    }

    /// Warns of a flash that can be written.
    pub(super) fn warn_of_writable(&mut self, why: &str) {
        let text = format!("{why}: the guest can change the image that the next launch measures");
        self.warn(codes::FIRMWARE_WRITABLE, text);
    }

    /// Warns of a launch without the owner's session.
    pub(super) fn warn_of_no_session(&mut self, why: &str) {
        let text = format!("{why}: nobody can verify this launch or give it a secret");
        self.warn(codes::NO_SESSION, text);
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
                && let Some(text) = oddity(bytes)
            {
                warnings.push((codes::CMDLINE_SPACE, text));
            }
        }
        for (code, text) in warnings {
            self.warn(code, text);
        }
    }
}

/// What of a command line is likely a slip: at its ends as for any digest, and inside as an import alone can bring it about.
fn oddity(cmdline: &[u8]) -> Option<String> {
    let odd = |byte: &u8| byte.is_ascii_whitespace() && *byte != b' ';
    let inside = || cmdline.iter().any(odd) || cmdline.windows(2).any(|pair| pair == b"  ");
    let at_an_end = cmdline_warnings(cmdline).next().map(|warning| warning.to_string());
    at_an_end.or_else(|| {
        inside().then(|| {
            "the command line has white space that is no single space: all of it is measured as it is"
                .to_owned()
        })
    })
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
        // Upstream KVM refuses a migration agent.
        assert_eq!(codes_of(Technology::Snp, 0x70000), [all[2], codes::POLICY_REFUSED]);
        // Without SMT: by KVM before Linux 6.17, and by the AMD-SP where SMT is on.
        assert_eq!(codes_of(Technology::Snp, 0x20000), [codes::POLICY_REFUSED; 2]);
        // Bit 17 clear, as where a digit of 0x30000 was lost; a reserved bit.
        for refused in [0x3000, 0, 0x1_0003_0000_0000] {
            assert_eq!(codes_of(Technology::Snp, refused)[0], codes::POLICY_REFUSED);
        }
        assert_eq!(codes_of(Technology::Snp, 1 << 40 | 0x30000), [codes::POLICY_REFUSED]);
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
