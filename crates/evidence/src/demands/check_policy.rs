//! The policy of go-sev-guest's `check`, a text of protobuf: what it demands, as demands of ours.
//!
//! [go-sev-guest, check.proto and validate.go] Each field is taken over, or refused by its name with what to do instead. What the
//! policy permits is no demand: it is told, with the flag that permits the same here.
//!
//! ```
//! use sev_launch_evidence::demands::check_policy;
//!
//! let policy = check_policy::read("policy { policy: 0x30000 vmpl { value: 1 } minimum_version: '1.51' }", "policy.textproto")?;
//! assert_eq!(policy.document.demands()?.vmpl, Some(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use sev_launch_abi::snp::policy::{Flag, Policy};
use sev_launch_abi::snp::tcb::{TcbComponent, TcbLayout, TcbVersion};
use sev_launch_abi::{ApiVersion, Generation};
use sev_launch_verify::snp::id_block::IdPublicKey;
use sev_launch_verify::snp::report::PlatformInfo;
use thiserror::Error;

use super::document::{Document, DocumentError};
use super::keys::by_name;
use crate::textproto::{self, Fields, TextValue, TextprotoError};

/// Fields that may come several times.
const REPEATED: [&str; 6] = [
    "trusted_author_keys",
    "trusted_author_key_hashes",
    "trusted_id_keys",
    "trusted_id_key_hashes",
    "cabundle_paths",
    "cabundles",
];

/// Fields of a policy that stand where a policy should, if it was written without the message around it.
const FIELDS: [&str; 8] = [
    "policy",
    "minimum_guest_svn",
    "minimum_tcb",
    "measurement",
    "report_data",
    "host_data",
    "vmpl",
    "platform_info",
];

/// What a policy comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckPolicy {
    /// What it demands.
    pub document: Document,
    /// What it permits, each with the flag that permits it here.
    pub permits: Vec<String>,
}

/// Why a text is no policy that can be taken over.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckPolicyError {
    /// Not a message as text.
    #[error("{file}: {error}")]
    Text {
        /// The file's name.
        file: String,
        /// Why.
        error: TextprotoError,
    },
    /// No policy in it.
    #[error("{0}: no policy {{ … }}: wanted the text of a check.Config of go-sev-guest")]
    NoPolicy(String),
    /// A field that cannot be taken over.
    #[error("{file}: {field}: {what}")]
    Field {
        /// The file's name.
        file: String,
        /// The field's name.
        field: String,
        /// Why, and what to do.
        what: String,
    },
    /// A value that our key does not have.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Reads a `check.Config` as text. `file` names it in errors.
///
/// Errors: no such text; a field that has no counterpart, or a value that go-sev-guest refuses.
pub fn read(text: &str, file: &str) -> Result<CheckPolicy, CheckPolicyError> {
    let config = textproto::read(text, &REPEATED)
        .map_err(|error| CheckPolicyError::Text { file: file.to_owned(), error })?;
    let mut reader = Reader { file, entries: Vec::new(), generation: None, permits: Vec::new() };
    let mut has_policy = false;
    for (name, value) in &config {
        match (name.as_str(), value) {
            ("policy", TextValue::Message(fields)) => {
                has_policy = true;
                reader.policy(fields)?;
            }
            ("root_of_trust", TextValue::Message(fields)) => reader.root_of_trust(fields)?,
            _ if FIELDS.contains(&name.as_str()) => {
                let what = "a field of the policy: put it and the others into policy { … }, as in a check.Config";
                return Err(reader.refused(name, what));
            }
            _ => return Err(reader.refused(name, "no such field of check.Config is known")),
        }
    }
    if !has_policy {
        return Err(CheckPolicyError::NoPolicy(file.to_owned()));
    }
    reader.check_levels()?;
    reader.document()
}

struct Reader<'a> {
    file: &'a str,
    /// Values by key.
    entries: Vec<(String, Vec<String>)>,
    /// The generation that is named, and by which field.
    generation: Option<(Generation, String)>,
    permits: Vec<String>,
}

type Done = Result<(), CheckPolicyError>;

impl Reader<'_> {
    fn refused(&self, field: &str, what: impl Into<String>) -> CheckPolicyError {
        CheckPolicyError::Field {
            file: self.file.to_owned(),
            field: field.to_owned(),
            what: what.into(),
        }
    }

    /// Demands values of a key; beside those it demands already.
    fn demand(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        match self.entries.iter_mut().find(|(known, _)| known == name) {
            Some((_, list)) => list.extend(values),
            None => self.entries.push((name.to_owned(), values.into_iter().collect())),
        }
    }

    /// The generation that a field names: every field must name the same one.
    fn generation(&mut self, field: &str, name: &str) -> Done {
        let found = name.parse().ok().filter(|one| Generation::SNP.contains(one));
        let found = found.ok_or_else(|| {
            self.refused(field, format!("{name:?}: wanted Milan, Genoa or Turin"))
        })?;
        match &self.generation {
            Some((other, by)) if *other != found => {
                let what = format!("{found}, and {by} names {other}: no processor is both");
                return Err(self.refused(field, what));
            }
            Some(_) => {}
            None => {
                self.demand("generation", [found.name().to_owned()]);
                self.generation = Some((found, field.to_owned()));
            }
        }
        Ok(())
    }

    /// What came together, each by its key: whatever has none is no demand, and refused.
    fn document(self) -> Result<CheckPolicy, CheckPolicyError> {
        let mut entries = Vec::new();
        for (name, values) in &self.entries {
            let key = by_name(name);
            let key =
                key.ok_or_else(|| self.refused(name, "nothing of it can be demanded here"))?;
            entries.push((key, values.clone()));
        }
        let document = Document::of_entries(entries, self.file)?;
        Ok(CheckPolicy { document, permits: self.permits })
    }

    fn number(&self, field: &str, value: &TextValue) -> Result<u64, CheckPolicyError> {
        match value {
            TextValue::Number(number) => Ok(*number),
            // google.protobuf.UInt32Value and UInt64Value: a message with a value, which may be left out for 0.
            TextValue::Message(inner) => match inner.as_slice() {
                [] => Ok(0),
                [(name, TextValue::Number(number))] if name == "value" => Ok(*number),
                _ => Err(self.refused(field, "wanted { value: NUMBER }")),
            },
            _ => Err(self.refused(field, "wanted a number")),
        }
    }

    fn flag(&self, field: &str, value: &TextValue) -> Result<bool, CheckPolicyError> {
        match value {
            TextValue::Word(word) if ["true", "True", "t"].contains(&word.as_str()) => Ok(true),
            TextValue::Word(word) if ["false", "False", "f"].contains(&word.as_str()) => Ok(false),
            TextValue::Number(1) => Ok(true),
            TextValue::Number(0) => Ok(false),
            _ => Err(self.refused(field, "wanted true or false")),
        }
    }

    fn bytes<'v>(&self, field: &str, value: &'v TextValue) -> Result<&'v [u8], CheckPolicyError> {
        match value {
            TextValue::Bytes(bytes) => Ok(bytes),
            _ => Err(self.refused(field, "wanted a string of bytes")),
        }
    }

    /// The digest of a certificate's key.
    fn certificate(&self, field: &str, value: &TextValue) -> Result<String, CheckPolicyError> {
        let key = IdPublicKey::of_certificate(self.bytes(field, value)?);
        let key =
            key.map_err(|_| self.refused(field, "no certificate in DER of a key on P-384"))?;
        Ok(hex::encode(key.digest()))
    }

    fn policy(&mut self, fields: &Fields) -> Done {
        let (mut word, mut requires_block, mut requires_author) = (None, false, false);
        let (mut id_keys, mut author_keys) = (Vec::new(), Vec::new());
        for (name, value) in fields {
            match name.as_str() {
                "policy" => word = Some(self.number(name, value)?),
                "minimum_guest_svn" => self.least("min_guest_svn", name, value, u32::MAX.into())?,
                "minimum_build" => self.least("min_firmware_build", name, value, 255)?,
                "vmpl" => {
                    let level = self.number(name, value)?;
                    self.demand("vmpl", [level.to_string()]);
                }
                "family_id" | "image_id" | "report_data" | "measurement" | "host_data"
                | "report_id" | "report_id_ma" | "chip_id" => {
                    let bytes = self.bytes(name, value)?;
                    let key = match name.as_str() {
                        "measurement" => "launch_digest",
                        other => other,
                    };
                    let is_hex = bytes.len() % 2 == 0 && bytes.iter().all(u8::is_ascii_hexdigit);
                    if is_hex && bytes.len() >= 32 {
                        let what =
                            "hex digits: protobuf's text has the bytes themselves, each as \\x5a";
                        return Err(self.refused(name, what));
                    }
                    // Bytes that are not given are given as none.
                    if !bytes.is_empty() {
                        self.demand(key, [hex::encode(bytes)]);
                    }
                }
                "minimum_tcb" => {
                    self.tcb("min_platform_tcb", name, value, TcbLayout::MilanGenoa)?;
                }
                "minimum_launch_tcb" => {
                    self.tcb("min_launch_tcb", name, value, TcbLayout::MilanGenoa)?;
                }
                "minimum_tcb_turin" => {
                    self.tcb("min_platform_tcb", name, value, TcbLayout::Turin)?;
                }
                "minimum_launch_tcb_turin" => {
                    self.tcb("min_launch_tcb", name, value, TcbLayout::Turin)?;
                }
                "minimum_version" => {
                    let bytes = self.bytes(name, value)?;
                    let version = String::from_utf8_lossy(bytes).into_owned();
                    if version.is_empty() {
                        continue;
                    }
                    let version: ApiVersion =
                        version.parse().map_err(|error: sev_launch_abi::Error| {
                            self.refused(name, error.to_string())
                        })?;
                    self.demand("min_firmware", [version.to_string()]);
                }
                "platform_info" => self.platform_info(name, value)?,
                "permit_provisional_firmware" => {
                    if self.flag(name, value)? {
                        self.permits.push(
                            "firmware that runs before it is committed: --allow-provisional-firmware".into(),
                        );
                    }
                }
                "require_id_block" => requires_block = self.flag(name, value)?,
                "require_author_key" => requires_author = self.flag(name, value)?,
                "trusted_id_key_hashes" => id_keys.push(hex::encode(self.bytes(name, value)?)),
                "trusted_author_key_hashes" => {
                    author_keys.push(hex::encode(self.bytes(name, value)?));
                }
                "trusted_id_keys" => id_keys.push(self.certificate(name, value)?),
                "trusted_author_keys" => author_keys.push(self.certificate(name, value)?),
                "product" => self.product(name, value)?,
                _ => return Err(self.refused(name, "no such field of check.Policy is known")),
            }
        }
        self.word(word)?;
        self.signers(requires_block, requires_author, id_keys, author_keys)
    }

    /// A number of which 0 demands nothing.
    fn least(&mut self, key: &'static str, field: &str, value: &TextValue, most: u64) -> Done {
        match self.number(field, value)? {
            0 => {}
            number if number > most => {
                return Err(self.refused(field, format!("{number}: wanted at most {most}")));
            }
            number => self.demand(key, [number.to_string()]),
        }
        Ok(())
    }

    /// The most that the guest's policy may permit, and the least that it must restrict.
    fn word(&mut self, word: Option<u64>) -> Done {
        let policy = Policy::from_bits(word.unwrap_or_default());
        if !policy.is_valid() {
            let what = "wanted a guest policy with bit 17 set and no reserved bits, as 0x20000";
            return Err(self.refused("policy", what));
        }
        let least = policy.min_api();
        if (least.major, least.minor) != (0, 0) {
            self.demand("min_policy_abi", [least.to_string()]);
        }
        for flag in Flag::ALL {
            let is_set = policy.has(flag);
            match flag {
                Flag::Debug if is_set => {
                    self.permits.push("debugging by the host: --allow-debug".into());
                }
                Flag::MigrateMa if is_set => {
                    self.permits.push("a migration agent: --allow-migration-agent".into());
                }
                Flag::Smt | Flag::MigrateMa | Flag::Debug | Flag::CxlAllow if !is_set => {
                    self.demand("policy_clear", [flag.name().to_owned()]);
                }
                Flag::Smt | Flag::CxlAllow => {}
                // The others restrict the host.
                _ if is_set => self.demand("policy_set", [flag.name().to_owned()]),
                _ => {}
            }
        }
        Ok(())
    }

    /// The most that the platform may have of the first two bits, and the least of the others.
    fn platform_info(&mut self, field: &str, value: &TextValue) -> Done {
        let word = self.number(field, value)?;
        let unknown = PlatformInfo::from_bits(word).unknown();
        if unknown != 0 {
            return Err(self.refused(field, format!("the bits {unknown:#x} have no name")));
        }
        for (name, bit) in PlatformInfo::NAMED {
            let is_most = ["SMT_EN", "TSME_EN"].contains(&name);
            let key = match (is_most, word & bit != 0) {
                (true, false) => "platform_clear",
                (false, true) => "platform_set",
                _ => continue,
            };
            self.demand(key, [name.to_owned()]);
        }
        Ok(())
    }

    fn tcb(
        &mut self,
        key: &'static str,
        field: &str,
        value: &TextValue,
        layout: TcbLayout,
    ) -> Done {
        let word = self.number(field, value)?;
        if word == 0 {
            return Ok(());
        }
        let version = TcbVersion::from_bytes(word.to_le_bytes());
        if version.reserved(layout).into_iter().any(|byte| byte != 0) {
            return Err(
                self.refused(field, format!("{word:#x} has levels that no processor has there"))
            );
        }
        let parts = version.parts(layout);
        let level = |name: &str, part| parts.level(part).map(|level| format!("{name}={level}"));
        let levels: Vec<String> = [
            level("fmc", TcbComponent::Fmc),
            level("bootloader", TcbComponent::BootLoader),
            level("tee", TcbComponent::Tee),
            level("snp", TcbComponent::Snp),
            level("microcode", TcbComponent::Microcode),
        ]
        .into_iter()
        .flatten()
        .collect();
        let generations: &[&str] = match layout {
            TcbLayout::Turin => &["turin"],
            _ => &["milan", "genoa"],
        };
        let levels = levels.join(",");
        let values: Vec<String> = generations.iter().map(|of| format!("{of}:{levels}")).collect();
        self.demand(key, values);
        Ok(())
    }

    fn signers(
        &mut self,
        requires_block: bool,
        requires_author: bool,
        id_keys: Vec<String>,
        author_keys: Vec<String>,
    ) -> Done {
        let is_given = !(id_keys.is_empty() && author_keys.is_empty());
        match (requires_author, requires_block) {
            (true, _) if author_keys.is_empty() => Err(self.refused(
                "require_author_key",
                "no author key is trusted, so that every report is refused: give trusted_author_keys or trusted_author_key_hashes",
            )),
            (true, _) => {
                self.demand("trusted_author_key", author_keys);
                Ok(())
            }
            (false, true) if !is_given => Err(self.refused(
                "require_id_block",
                "no key is trusted, so that every report is refused: give trusted_id_keys, trusted_author_keys or their hashes",
            )),
            (false, true) => {
                if !id_keys.is_empty() {
                    self.demand("trusted_id_key", id_keys);
                }
                if !author_keys.is_empty() {
                    self.demand("trusted_author_key", author_keys);
                }
                Ok(())
            }
            (false, false) if is_given => Err(self.refused(
                "trusted_id_keys",
                "keys are trusted and no ID block is required, so that go-sev-guest looks at none of them: set require_id_block, or \
                 leave the keys out",
            )),
            (false, false) => Ok(()),
        }
    }

    fn product(&mut self, field: &str, value: &TextValue) -> Done {
        let TextValue::Message(fields) = value else {
            return Err(self.refused(field, "wanted { name: SEV_PRODUCT_… }"));
        };
        for (name, value) in fields {
            let generation = match (name.as_str(), value) {
                ("name", TextValue::Word(word)) => word.strip_prefix("SEV_PRODUCT_"),
                ("name", TextValue::Number(1)) => Some("MILAN"),
                ("name", TextValue::Number(2)) => Some("GENOA"),
                ("name", TextValue::Number(3)) => Some("TURIN"),
                _ => {
                    let what = "a stepping cannot be demanded; leave it out, or demand the levels of its processor";
                    return Err(self.refused(&format!("{field}.{name}"), what));
                }
            };
            self.generation(field, generation.unwrap_or_default())?;
        }
        Ok(())
    }

    /// Levels are of the one generation that it must be, if it must be one.
    fn check_levels(&self) -> Done {
        let generation = self.generation.as_ref().map(|(generation, _)| *generation);
        for (key, field) in
            [("min_platform_tcb", "minimum_tcb"), ("min_launch_tcb", "minimum_launch_tcb")]
        {
            let levels = self.entries.iter().find(|(known, _)| known == key);
            let Some((_, levels)) = levels else { continue };
            let has_turin = levels.iter().any(|level| level.starts_with("turin:"));
            if generation == Some(Generation::Turin) && !has_turin {
                let what =
                    format!("levels of Milan and Genoa, and it must be Turin: give {field}_turin");
                return Err(self.refused(field, what));
            }
            let has_others = levels.iter().any(|level| !level.starts_with("turin:"));
            if generation.is_some_and(|one| one != Generation::Turin) && !has_others {
                let what = format!("levels of Turin, and it must be another: give {field}");
                return Err(self.refused(&format!("{field}_turin"), what));
            }
        }
        Ok(())
    }

    fn root_of_trust(&mut self, fields: &Fields) -> Done {
        for (name, value) in fields {
            match name.as_str() {
                "product" | "product_line" => {
                    let line = String::from_utf8_lossy(self.bytes(name, value)?).into_owned();
                    self.generation(name, &line)?;
                }
                // Nothing is ever fetched.
                "disallow_network" => {
                    self.flag(name, value)?;
                }
                "check_crl" => {
                    if self.flag(name, value)? {
                        return Err(self.refused(name, "fetch AMD's revocation list, give it with --crl, and leave this field out"));
                    }
                }
                "cabundle_paths" | "cabundles" => {
                    return Err(self.refused(
                        name,
                        "give the certificates with --chain and --root, and leave this field out",
                    ));
                }
                _ => return Err(self.refused(name, "no such field of check.RootOfTrust is known")),
            }
        }
        Ok(())
    }
}
