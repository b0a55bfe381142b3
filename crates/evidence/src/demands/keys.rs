//! The keys of demands: each with its name, its values and what it demands.

use sev_launch_abi::Generation;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_verify::requirement::Requirement::{self, AtLeast, Exactly};
use sev_launch_verify::snp::demands::ReportDemands;
use sev_launch_verify::snp::requirements::{TcbRequirements, TrustedSigners};

use super::values;

/// How many values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One.
    One,
    /// One or several, all of which are demanded.
    All,
    /// One or several, of which one is demanded.
    Any,
}

/// A key of a demands file: something that can be demanded.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in a file, as `min_tcb`.
    pub name: &'static str,
    /// The same as a command's flag has it, without the two dashes before it, as `min-tcb`.
    pub flag: &'static str,
    /// How many values it takes.
    pub takes: Takes,
    /// What a value is, in a word for a help text.
    pub value: &'static str,
    /// What it demands, and what its values look like.
    pub help: &'static str,
    /// May several values stand in one text, comma-separated?
    pub is_comma_separated: bool,
    /// May a value be a public key or a certificate, which a command reads from a file?
    pub is_signer: bool,
    add: fn(&mut ReportDemands, &[&str]) -> Result<(), String>,
}

impl Key {
    /// Adds what its values demand to what the same source demands already.
    ///
    /// Errors: a value that is none of the key's, and what was wanted; several values where one is wanted, or none.
    pub fn add(&self, demands: &mut ReportDemands, values: &[&str]) -> Result<(), String> {
        let split = values.iter().flat_map(|value| value.split(','));
        let split: Vec<&str> =
            if self.is_comma_separated { split.collect() } else { values.to_vec() };
        let values = split.as_slice();
        match (values, self.takes) {
            ([], _) => Err("an empty list: leave the key out if nothing is demanded".into()),
            ([_, _, ..], Takes::One) => Err("several values: wanted one".into()),
            _ => (self.add)(demands, values),
        }
    }

    /// Is this a value of the key?
    ///
    /// Errors: what was wanted.
    pub fn check(&self, value: &str) -> Result<(), String> {
        self.add(&mut ReportDemands::default(), &[value])
    }
}

/// The key of this name.
pub fn by_name(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// One value that a field must be, or the least that it may be.
macro_rules! one {
    ($field:ident, $bound:ident, $read:expr) => {
        |demands, values| {
            for value in values {
                demands.$field = $bound($read(value)?);
            }
            Ok(())
        }
    };
}

/// Values that are added to a list.
macro_rules! list {
    ($field:ident, $read:expr) => {
        |demands, values| {
            for value in values {
                demands.$field.push($read(value)?);
            }
            Ok(())
        }
    };
}

/// Values of which one is wanted.
macro_rules! any {
    ($field:ident, $read:expr) => {
        |demands, values| {
            let read =
                values.iter().map(|value| $read(value)).collect::<Result<Vec<_>, String>>()?;
            demands.$field.get_or_insert_default().extend(read);
            Ok(())
        }
    };
}

macro_rules! bits {
    ($field:ident) => {
        |demands, values| {
            for value in values {
                demands.$field |= values::platform_bit(value)?;
            }
            Ok(())
        }
    };
}

/// Levels of TCB versions, of one generation or of all; `set` says which versions.
fn levels(
    demands: &mut ReportDemands,
    texts: &[&str],
    versions: fn(&mut TcbRequirements) -> Vec<&mut Requirement<TcbParts>>,
) -> Result<(), String> {
    for text in texts {
        let (of, wanted) = values::levels(text)?;
        for generation in Generation::SNP.into_iter().filter(|one| of.is_none_or(|of| of == *one)) {
            demands.raise(generation, wanted, versions).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

fn signers(
    demands: &mut ReportDemands,
    texts: &[&str],
    of: fn(&mut TrustedSigners) -> &mut Vec<sev_launch_verify::requirement::Bytes<48>>,
) -> Result<(), String> {
    let keys = texts.iter().map(|text| values::signer(text)).collect::<Result<Vec<_>, _>>()?;
    // ID keys and author keys of one source are alternatives: one of all of them must be met.
    if demands.signers.is_empty() {
        demands.signers.push(TrustedSigners::default());
    }
    demands.signers.iter_mut().take(1).for_each(|all| of(all).extend(&keys));
    Ok(())
}

const fn key(
    name: &'static str,
    flag: &'static str,
    takes: Takes,
    value: &'static str,
    help: &'static str,
    add: fn(&mut ReportDemands, &[&str]) -> Result<(), String>,
) -> Key {
    Key { name, flag, takes, value, help, is_comma_separated: false, is_signer: false, add }
}

/// A key whose values are names, which may stand in one text.
const fn names(key: Key) -> Key {
    Key { is_comma_separated: true, ..key }
}

/// Everything that can be demanded of a report, in the order in which a help text lists it.
pub const KEYS: &[Key] = &[
    key(
        "policy",
        "policy",
        Takes::One,
        "NUMBER",
        "The guest policy that it must have, for example 0x30000 or SMT+ABI=1.55",
        one!(policy, Exactly, values::policy),
    ),
    names(key(
        "policy_set",
        "policy-set",
        Takes::All,
        "BITS",
        "Bits that the policy must have, by AMD's names, comma-separated, for example SINGLE_SOCKET,RAPL_DIS",
        list!(policy_set, values::policy_bit),
    )),
    names(key(
        "policy_clear",
        "policy-clear",
        Takes::All,
        "BITS",
        "Bits that the policy must not have, for example SMT,CXL_ALLOW",
        list!(policy_clear, values::policy_bit),
    )),
    key(
        "min_policy_abi",
        "min-policy-abi",
        Takes::One,
        "VERSION",
        "The lowest ABI version that the policy must ask of the platform, for example 1.51",
        one!(min_api, AtLeast, values::api_version),
    ),
    names(key(
        "generation",
        "generation",
        Takes::Any,
        "NAME",
        "The generations that are accepted [default: Milan, Genoa, Turin; of those, the ones with TCB levels if only some have them]",
        any!(generations, values::generation),
    )),
    key(
        "min_tcb",
        "min-tcb",
        Takes::All,
        "LEVELS",
        "The lowest levels that each TCB version may have (reported, current, committed, launch), for example \
         bootloader=4,tee=0,snp=24,microcode=219; with fmc=… for Turin, and only for it; milan:… is for one generation, and the others are refused unless they have levels too or are named",
        |demands, texts| {
            levels(demands, texts, |tcb| {
                vec![&mut tcb.reported, &mut tcb.current, &mut tcb.committed, &mut tcb.launch]
            })
        },
    ),
    key(
        "min_platform_tcb",
        "min-platform-tcb",
        Takes::All,
        "LEVELS",
        "The same of the TCB versions that the platform has now (reported, current, committed)",
        |demands, texts| {
            levels(demands, texts, |tcb| {
                vec![&mut tcb.reported, &mut tcb.current, &mut tcb.committed]
            })
        },
    ),
    key(
        "min_launch_tcb",
        "min-launch-tcb",
        Takes::All,
        "LEVELS",
        "The same of the TCB version at launch",
        |demands, texts| levels(demands, texts, |tcb| vec![&mut tcb.launch]),
    ),
    key(
        "min_firmware",
        "min-firmware",
        Takes::One,
        "VERSION",
        "The lowest version of the firmware that runs, for example 1.55.29",
        one!(current_version, AtLeast, values::firmware_version),
    ),
    key(
        "min_firmware_build",
        "min-firmware-build",
        Takes::One,
        "NUMBER",
        "The lowest build of the firmware that runs, whatever its version",
        one!(current_build, AtLeast, values::number),
    ),
    key(
        "min_committed_firmware",
        "min-committed-firmware",
        Takes::One,
        "VERSION",
        "The lowest version of the firmware that the platform cannot go back behind",
        one!(committed_version, AtLeast, values::firmware_version),
    ),
    names(key(
        "advisory",
        "advisory",
        Takes::All,
        "NUMBER",
        "AMD's security bulletins that the platform must be mended of, for example AMD-SB-3019; what is not known of one is not enough",
        list!(advisories, values::bulletin),
    )),
    names(key(
        "platform_set",
        "platform-set",
        Takes::All,
        "BITS",
        "Bits that PLATFORM_INFO must have, by AMD's names, for example ALIAS_CHECK_COMPLETE",
        bits!(platform_set),
    )),
    names(key(
        "platform_clear",
        "platform-clear",
        Takes::All,
        "BITS",
        "Bits that PLATFORM_INFO must not have, for example SMT_EN",
        bits!(platform_clear),
    )),
    key(
        "report_data",
        "report-data",
        Takes::One,
        "HEX",
        "What the guest must have put into the report: 64 bytes in hex or base64. It is what makes a report fresh",
        one!(report_data, Exactly, values::bytes),
    ),
    key(
        "host_data",
        "host-data",
        Takes::One,
        "HEX",
        "What the host must have given at launch: 32 bytes",
        one!(host_data, Exactly, values::bytes),
    ),
    key(
        "id_key_digest",
        "id-key-digest",
        Takes::One,
        "HASH",
        "The key that must have signed the ID block: SHA-384 of its 1028 bytes, as `sev-launch id-block check` prints it",
        one!(id_key_digest, Exactly, values::bytes),
    ),
    key(
        "author_key_digest",
        "author-key-digest",
        Takes::One,
        "HASH",
        "The key that must have signed the ID key",
        one!(author_key_digest, Exactly, values::bytes),
    ),
    Key {
        is_signer: true,
        ..key(
            "trusted_id_key",
            "trusted-id-key",
            Takes::Any,
            "KEY",
            "Keys of which one must have signed the ID block: each by its digest, or a certificate or public key of it",
            |demands, texts| signers(demands, texts, |all| &mut all.id_keys),
        )
    },
    Key {
        is_signer: true,
        ..key(
            "trusted_author_key",
            "trusted-author-key",
            Takes::Any,
            "KEY",
            "Keys of which one must have signed the ID key, unless that is trusted itself",
            |demands, texts| signers(demands, texts, |all| &mut all.author_keys),
        )
    },
    key(
        "min_guest_svn",
        "min-guest-svn",
        Takes::One,
        "NUMBER",
        "The lowest security version that the guest's ID block may have",
        one!(guest_svn, AtLeast, values::number),
    ),
    key(
        "family_id",
        "family-id",
        Takes::One,
        "HEX",
        "The family that the ID block must have: 16 bytes",
        one!(family_id, Exactly, values::bytes),
    ),
    key(
        "image_id",
        "image-id",
        Takes::One,
        "HEX",
        "The image that the ID block must have: 16 bytes",
        one!(image_id, Exactly, values::bytes),
    ),
    key(
        "vmpl",
        "vmpl",
        Takes::One,
        "LEVEL",
        "The privilege level that must have asked for the report [default: 0 to 3, not the host]",
        |demands, texts| {
            for text in texts {
                demands.vmpl = Some(values::guest_level(text)?);
            }
            Ok(())
        },
    ),
    key(
        "report_id",
        "report-id",
        Takes::One,
        "HEX",
        "The number that the platform must have given the guest: 32 bytes",
        one!(report_id, Exactly, values::bytes),
    ),
    key(
        "report_id_ma",
        "report-id-ma",
        Takes::One,
        "HEX",
        "The number of the migration agent: 32 bytes, all ff for none",
        one!(migration_agent, Exactly, values::bytes),
    ),
    key(
        "chip_id",
        "chip-id",
        Takes::One,
        "HEX",
        "The chip that it must be: 64 bytes, or the 8 of Turin",
        one!(chip_id, Exactly, values::chip_id),
    ),
    key(
        "signing_key",
        "signing-key",
        Takes::One,
        "KIND",
        "The kind of key that must have signed the report: vcek (the chip's own) or vlek (the cloud provider's)",
        one!(signing_key, Exactly, values::key_kind),
    ),
    key(
        "min_report_version",
        "min-report-version",
        Takes::One,
        "NUMBER",
        "The lowest version of the report's structure",
        one!(version, AtLeast, values::number),
    ),
    key(
        "launch_digest",
        "launch-digest",
        Takes::Any,
        "DIGEST",
        "Launch digests of which it must have one (MEASUREMENT): 48 bytes",
        any!(measurements, |text| values::bytes(text)
            .map(|bytes| LaunchDigest::from_bytes(bytes.0))),
    ),
];
