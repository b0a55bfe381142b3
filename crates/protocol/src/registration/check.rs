//! What no member of a registration says by itself: the rules between them.

use sev_launch_abi::sev::Policy;
use sev_launch_abi::sev::policy::Flag;
use sev_launch_abi::{Technology, snp};
use sev_launch_verify::sev::secret::SecretError;

use super::{PlatformRules, Registration, Scheme};
use crate::problem::{Code, Problem};
use crate::secret;
use crate::views::VmPatch;

impl Registration {
    /// Checks the rules between members, as far as they need no firmware.
    ///
    /// # Errors
    ///
    /// A [`Problem`] that names the member.
    pub fn check(&self) -> Result<(), Problem> {
        self.check_policy()?;
        self.check_inputs()?;
        self.check_platform()?;
        self.check_limits()?;
        // No table is longer than what the AMD-SP takes as one packet (SEV API, LAUNCH_SECRET).
        secret::table(&self.secrets).map_err(|error| {
            let code = match error {
                SecretError::TooLarge { .. } => Code::SecretsTooLarge,
                _ => Code::Schema,
            };
            Problem::at(code, "#/secrets", error.to_string())
        })?;
        if self.scheme == Scheme::AmdSevSnp && !self.secrets.is_empty() {
            let detail = "an SEV-SNP launch has no secret: the answer is a verdict alone";
            return Err(Problem::at(Code::Schema, "#/secrets", detail));
        }
        Ok(())
    }

    /// Checks what decides launch digests, and nothing of platforms, limits or secrets.
    ///
    /// # Errors
    ///
    /// A [`Problem`] that names the member.
    pub fn check_measured(&self) -> Result<(), Problem> {
        self.check_policy()?;
        self.check_inputs()
    }

    fn check_policy(&self) -> Result<(), Problem> {
        if self.sev_features.is_some_and(|features| features >= 1 << 53) {
            return Err(Problem::at(Code::OutOfRange, "#/sev-features", "more than 2^53 - 1"));
        }
        let inconsistent =
            |detail: String| Problem::at(Code::PolicyInconsistent, "#/policy", detail);
        if self.scheme == Scheme::AmdSevSnp {
            if self.policy >= 1 << 53 {
                return Err(Problem::at(Code::OutOfRange, "#/policy", "more than 2^53 - 1"));
            }
            let policy = snp::Policy::from_bits(self.policy);
            if let Some(finding) =
                policy.findings().into_iter().find(|finding| finding.is_refused_by_platform())
            {
                return Err(inconsistent(finding.to_string()));
            }
            if policy.has(snp::policy::Flag::Debug) && !self.allow_debug {
                return Err(inconsistent(
                    "the host may debug the guest (DEBUG); `allow-debug` says that this is meant"
                        .into(),
                ));
            }
            return Ok(());
        }
        let bits = u32::try_from(self.policy)
            .map_err(|_| Problem::at(Code::OutOfRange, "#/policy", "more than 2^32 - 1"))?;
        let policy = Policy::from_bits(bits);
        let es = self.scheme.technology() == Technology::SevEs;
        if policy.has(Flag::Es) != es {
            let is = if policy.has(Flag::Es) { "set" } else { "clear" };
            return Err(inconsistent(format!(
                "bit 2 (ES) is {is}, and the scheme is {}",
                self.scheme.name()
            )));
        }
        if policy.reserved_bits() != 0 {
            return Err(inconsistent(format!(
                "reserved bits are set: {:#x}",
                policy.reserved_bits()
            )));
        }
        if !policy.has(Flag::Nodbg) && !self.allow_debug {
            return Err(inconsistent(
                "the host may debug the guest (bit 0, NODBG, is clear); `allow-debug` says that this is meant".into(),
            ));
        }
        Ok(())
    }

    fn check_inputs(&self) -> Result<(), Problem> {
        let wrong = |member: &str, detail: &str| {
            Err(Problem::at(Code::Schema, format!("#/{member}"), detail))
        };
        let computed = self.firmware_hashes.is_some();
        match (&self.launch_digests, computed) {
            (None, false) => {
                return wrong(
                    "firmware-hashes",
                    "wanted, or `launch-digests`: without either no launch is accepted",
                );
            }
            (Some(_), true) if self.digest_mode == super::DigestMode::Exclusive => {
                return wrong(
                    "launch-digests",
                    "beside `firmware-hashes` only with \"digest-mode\": \"any\"",
                );
            }
            (Some(digests), _) => {
                let size = sev_launch_abi::LaunchDigest::size_for(self.scheme.technology());
                if digests.values().iter().any(|digest| digest.0.as_bytes().len() != size) {
                    let detail =
                        format!("a launch digest of {} has {size} bytes", self.scheme.name());
                    return Err(Problem::at(Code::BadLength, "#/launch-digests", detail));
                }
            }
            (None, true) => {}
        }
        let boot = [
            ("initrd-hash", self.initrd_hash.is_some()),
            ("cmdline-hash", self.cmdline_hash.is_some()),
            ("cmdline", self.cmdline.is_some()),
        ];
        for (member, said) in boot {
            if said && self.kernel_hash.is_none() {
                return wrong(member, "means nothing without `kernel-hash`");
            }
        }
        if self.cmdline.is_some() && self.cmdline_hash.is_some() {
            return wrong(
                "cmdline",
                "`cmdline` and `cmdline-hash` say the same thing; give one of them",
            );
        }
        if let Some(cmdline) = &self.cmdline
            && cmdline.values().iter().any(|line| line.contains('\0'))
        {
            return wrong("cmdline", "a NUL ends a command line");
        }
        if !computed {
            let needs_firmware = [
                ("kernel-hash", self.kernel_hash.is_some()),
                ("vmsa-profiles", self.vmsa_profiles.is_some()),
                ("cpu", self.cpu.is_some()),
                ("sev-features", self.sev_features.is_some()),
            ];
            for (member, said) in needs_firmware {
                if said {
                    return wrong(
                        member,
                        "means nothing without `firmware-hashes`: a digest says it all",
                    );
                }
            }
        }
        if computed && self.scheme != Scheme::AmdSev {
            if self.cpu_count.is_none() {
                return wrong("cpu-count", "wanted: each vCPU of this scheme is measured");
            }
            if self.cpu.is_none() {
                return wrong("cpu", "wanted: the kind of CPU is measured with this scheme");
            }
            if self.vmsa_profiles.is_none() {
                return wrong(
                    "vmsa-profiles",
                    "wanted: how the VMM sets up a vCPU is measured with this scheme; list several where the host is not known",
                );
            }
        }
        if self.scheme == Scheme::AmdSev {
            for (member, said) in [
                ("vmsa-profiles", self.vmsa_profiles.is_some()),
                ("cpu", self.cpu.is_some()),
                ("sev-features", self.sev_features.is_some()),
            ] {
                if said {
                    return wrong(member, "is not measured with amd-sev: it would demand nothing");
                }
            }
        }
        Ok(())
    }

    fn check_platform(&self) -> Result<(), Problem> {
        let wrong = |member: &str, detail: &str| {
            Err(Problem::at(Code::Schema, format!("#/{member}"), detail))
        };
        let named = self.cloud_certs().next().is_some();
        if self.scheme == Scheme::AmdSevSnp {
            if named || self.platform.any_owner {
                return wrong(
                    "platform",
                    "an SEV-SNP platform has no owner's certificate: leave `cloud-certs` and `any-owner` out",
                );
            }
            if self.firmware_version.is_some() {
                return wrong(
                    "firmware-version",
                    "an SEV-SNP report has TCB versions, which this version takes no demand on",
                );
            }
            return Ok(());
        }
        match (named, self.platform.any_owner) {
            (false, false) => wrong(
                "platform/cloud-certs",
                "wanted: the certificates of the owners (OCA) whose machines are accepted, or \"any-owner\": true",
            ),
            (true, true) => {
                wrong("platform/any-owner", "contradicts the certificates that are named")
            }
            (true, false) | (false, true) => Ok(()),
        }
    }

    fn check_limits(&self) -> Result<(), Problem> {
        self.launch_limit.check()?;
        if let (Some(from), Some(until)) = (self.valid_from, self.valid_until)
            && from >= until
        {
            return Err(Problem::at(Code::Schema, "#/valid-until", "is not after `valid-from`"));
        }
        if self.anonymous && self.launchers.is_some() {
            return Err(Problem::at(Code::Schema, "#/anonymous", "contradicts `launchers`"));
        }
        let denied = self.firmware_version.as_ref().map_or(0, |rules| rules.deny.len());
        let bounds = [
            (
                "platform/cloud-certs",
                self.platform.cloud_certs.len(),
                PlatformRules::MOST_CLOUD_CERTS,
            ),
            ("platform/deny-cpu-ids", self.platform.deny_cpu_ids.len(), PlatformRules::MOST_DENIED),
            ("firmware-version/deny", denied, PlatformRules::MOST_DENIED),
            ("secrets", self.secrets.len(), secret::MOST_ENTRIES),
            ("labels", self.labels.len(), VmPatch::MOST_LABELS),
        ];
        for (member, found, most) in bounds {
            if found > most {
                let detail = format!("{found} entries, wanted at most {most}");
                return Err(Problem::at(Code::OutOfRange, format!("#/{member}"), detail));
            }
        }
        Ok(())
    }
}
