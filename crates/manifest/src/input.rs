//! What digests are computed from: files and command lines, each by its hash.
//!
//! The crate's example shows it in use.

use std::fmt;

use serde::{Deserialize, Serialize};
use sev_launch_digest::firmware::{AbsorbedFirmware, MAX_SECTIONS};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_sweep::inside;

use crate::error::Error;
use crate::firmware_facts::FirmwareFacts;
use crate::igvm_facts::IgvmFacts;
use crate::module;
use crate::strict::{self, present};
use crate::text::check_text;

/// What an input is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A firmware image.
    Firmware,
    /// What stays of an image; size and SHA-256 are the image's.
    AbsorbedFirmware,
    /// An IGVM file, in place of a firmware.
    Igvm,
    /// A kernel.
    Kernel,
    /// An initrd.
    Initrd,
    /// A command line; the SHA-256 is that of its bytes and one NUL, as QEMU hashes it.
    Cmdline,
    /// An SVSM image.
    Svsm,
    /// A captured VMSA page of the first vCPU.
    VmsaBsp,
    /// A captured VMSA page of all further vCPUs.
    VmsaAp,
}

impl fmt::Display for Role {
    /// The role's name, as the manifest spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it is for.
    #[serde(deserialize_with = "strict::word")]
    pub role: Role,
    /// The file's path as it was described; missing where the hash alone was given, or for text.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub path: Option<String>,
    /// Its size in bytes, without the NUL of a command line; missing where the hash alone was given.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub size: Option<u64>,
    /// Its SHA-256.
    pub sha256: Sha256Digest,
    /// A command line, where it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub text: Option<String>,
    /// What a firmware image says.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_object"
    )]
    pub firmware_facts: Option<FirmwareFacts>,
    /// What an IGVM file brings that reports show.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_object"
    )]
    pub igvm_facts: Option<IgvmFacts>,
}

impl Input {
    /// A file, by its hash.
    pub fn file(role: Role, path: impl Into<String>, size: u64, sha256: Sha256Digest) -> Self {
        let path = Some(path.into());
        Self {
            role,
            path,
            size: Some(size),
            sha256,
            text: None,
            firmware_facts: None,
            igvm_facts: None,
        }
    }

    /// A firmware image, an absorbed firmware or an SVSM image, with its facts. An error where it was absorbed without its
    /// SHA-256.
    pub fn firmware(
        role: Role,
        path: impl Into<String>,
        firmware: &AbsorbedFirmware,
    ) -> Result<Self, sev_launch_digest::Error> {
        let firmware_facts = Some(FirmwareFacts::of(firmware));
        Ok(Self { firmware_facts, ..Self::file(role, path, firmware.size(), firmware.sha256()?) })
    }

    /// The same firmware with the modules that it consists of, where they are known and no more than a manifest holds.
    #[must_use]
    pub fn with_modules(mut self, modules: &[inside::Module]) -> Self {
        if let Some(facts) = &mut self.firmware_facts {
            facts.modules = module::kept(modules);
        }
        self
    }

    /// The same without the list of modules, on which no answer depends.
    pub(crate) fn without_modules(&self) -> Self {
        let firmware_facts = self.firmware_facts.as_ref().map(FirmwareFacts::without_modules);
        Self { firmware_facts, ..self.clone() }
    }

    /// A command line: its bytes as they are given to `-append`. An error where it holds a NUL.
    pub fn cmdline(bytes: &[u8]) -> Result<Self, sev_launch_digest::Error> {
        Ok(Self {
            role: Role::Cmdline,
            path: None,
            size: u64::try_from(bytes.len()).ok(),
            sha256: KernelHashes::of_cmdline(bytes)?,
            text: std::str::from_utf8(bytes).ok().map(str::to_owned),
            firmware_facts: None,
            igvm_facts: None,
        })
    }

    /// Checks that the fields fit together; `index` is said in errors.
    pub(crate) fn check(&self, index: usize) -> Result<(), Error> {
        let fail =
            |field: &str, what: String| Err(Error::field(format!("inputs[{index}].{field}"), what));
        if let Some(path) = &self.path {
            check_text(&format!("inputs[{index}].path"), path, 4096)?;
        }
        if let Some(text) = &self.text {
            if self.role != Role::Cmdline {
                return fail("text", format!("the role {} has none", self.role));
            }
            if KernelHashes::of_cmdline(text.as_bytes()) != Ok(self.sha256) {
                return fail("text", "its hash is not the SHA-256 beside it".into());
            }
            if self.size.is_some_and(|size| u64::try_from(text.len()) != Ok(size)) {
                return fail("text", "its length is not the size beside it".into());
            }
        }
        let has_facts = matches!(self.role, Role::Firmware | Role::AbsorbedFirmware | Role::Svsm);
        if self.firmware_facts.is_some() && !has_facts {
            return fail("firmware_facts", format!("the role {} has none", self.role));
        }
        if let Some(facts) = &self.igvm_facts {
            if self.role != Role::Igvm {
                return fail("igvm_facts", format!("the role {} has none", self.role));
            }
            facts.demands(&format!("inputs[{index}].igvm_facts"))?;
        }
        let sections = self.firmware_facts.as_ref().and_then(|facts| facts.sections.as_ref());
        let count = sections.map_or(0, Vec::len);
        if u32::try_from(count).map_or(true, |count| count > MAX_SECTIONS) {
            let what = format!("{count} sections, at most {MAX_SECTIONS}");
            return fail("firmware_facts.sections", what);
        }
        if let Some(modules) = self.firmware_facts.as_ref().and_then(|facts| facts.modules.as_ref())
        {
            module::check(&format!("inputs[{index}].firmware_facts.modules"), modules)?;
        }
        Ok(())
    }

    /// Does this say the same as an older one, or only that besides what nobody knew before: whether the firmware checks the
    /// kernel's hashes? Who wrote the older one may have had a tool that does not look. Of the same image a list of modules is as good
    /// as another: it judges nothing.
    pub(crate) fn says_all_of(&self, old: &Self) -> bool {
        if self.sha256 != old.sha256 {
            return false;
        }
        let (this, old) = (self.without_modules(), old.without_modules());
        let without_check = Self {
            firmware_facts: this.firmware_facts.as_ref().map(FirmwareFacts::without_check),
            ..this.clone()
        };
        this == old || without_check == old
    }

    /// The path, or the text in quotes, or the beginning of the hash: what people know the input by.
    pub(crate) fn label(&self) -> String {
        match (&self.path, &self.text) {
            (Some(path), _) => format!("{} {path}", self.role),
            (None, Some(text)) => format!("{} {text:?}", self.role),
            (None, None) => {
                let hash = self.sha256.to_string();
                format!("{} {}", self.role, hash.get(..12).unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_has_one_nul_more() {
        // SHA-256 of one NUL, by sha256sum.
        let nul = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        let input = Input::cmdline(b"").expect("no NUL");
        assert_eq!((input.sha256.to_string().as_str(), input.size), (nul, Some(0)));
        assert_eq!(input.check(0), Ok(()));
    }

    #[test]
    fn a_command_line_that_is_no_text_has_none() {
        let input = Input::cmdline(b"\xff").expect("no NUL");
        assert_eq!((input.text, input.size), (None, Some(1)));
    }

    #[test]
    fn text_must_be_what_was_hashed() {
        let good = Input::cmdline(b"quiet").expect("no NUL");
        for (bad, field) in [
            (Input { text: Some("quite".into()), ..good.clone() }, "text"),
            (Input { size: Some(6), ..good.clone() }, "text"),
            (Input { role: Role::Kernel, ..good.clone() }, "text"),
            (
                Input { firmware_facts: Some(FirmwareFacts::default()), ..good.clone() },
                "firmware_facts",
            ),
            (Input { path: Some("a\nb".into()), ..good }, "path"),
        ] {
            let place = format!("inputs[7].{field}");
            let error = bad.check(7).expect_err(field);
            assert!(
                matches!(error, Error::Field { place: found, .. } if found == place),
                "{field}"
            );
        }
    }
}
