//! The JSON form of a manifest: the wire's own types, flat and strict, and the way between them and ours.
//!
//! Its schema is `docs/schemas/manifest.schema.json`. Unknown and duplicate fields are refused everywhere.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sev_launch_abi::snp::HostData;
use sev_launch_abi::{CpuSignature, SevFeatures, Technology};
use sev_launch_digest::vcpus::VcpuCount;

use crate::endorsement::{KeptEndorsement, MAX_ENDORSEMENTS, Proof};
use crate::input::Input;
use crate::manifest::{MAX_INPUTS, MAX_ROWS};
use crate::row::{Detail, Facts, InputRefs, Observed, Obtained, Root, Row, Source};
use crate::strict::present;
use crate::{hexadecimal, strict};
use sev_launch_abi::LaunchDigest;

/// A manifest's file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredManifest {
    pub(crate) manifest: u64,
    pub(crate) name: String,
    pub(crate) tool: String,
    #[serde(deserialize_with = "strict::word")]
    pub(crate) technology: Technology,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    pub(crate) policy: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) host_data: Option<HostData>,
    #[serde(deserialize_with = "strict::deserialize")]
    pub(crate) description: Value,
    #[serde(deserialize_with = "strict::at_most::<_, _, MAX_INPUTS>")]
    pub(crate) inputs: Vec<Input>,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "strict::at_most::<_, _, MAX_ENDORSEMENTS>"
    )]
    pub(crate) endorsements: Vec<KeptEndorsement>,
    #[serde(deserialize_with = "strict::at_most::<_, _, MAX_ROWS>")]
    pub(crate) rows: Vec<Row>,
}

/// The form's version alone, so that a newer manifest is told from a broken one.
#[derive(Deserialize)]
pub(crate) struct StoredVersion {
    pub(crate) manifest: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredRow {
    digest: LaunchDigest,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    vcpus: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    late_vcpus: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    signature: Option<CpuSignature>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hexadecimal::optional")]
    sev_features: Option<SevFeatures>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    profile: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    kernel_hashes: Option<bool>,
    #[serde(deserialize_with = "strict::object")]
    inputs: InputRefs,
    #[serde(deserialize_with = "strict::object")]
    obtained: StoredObtained,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredObtained {
    #[serde(deserialize_with = "strict::word")]
    how: How,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    endorsement: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    svsm: Option<bool>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_word"
    )]
    from: Option<Source>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    verified: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    root: Option<Root>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "strict::present_object"
    )]
    detail: Option<Detail>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum How {
    Computed,
    Endorsed,
    Observed,
}

impl Obtained {
    /// All that it says, as a manifest's JSON has it.
    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(StoredObtained::from(self)).unwrap_or_default()
    }
}

impl From<&Obtained> for StoredObtained {
    fn from(obtained: &Obtained) -> Self {
        let none = Self {
            how: How::Computed,
            by: None,
            endorsement: None,
            svsm: None,
            from: None,
            verified: None,
            root: None,
            detail: None,
        };
        match obtained {
            Obtained::Computed => none,
            Obtained::Endorsed { by } => Self { how: How::Endorsed, by: Some(by.clone()), ..none },
            Obtained::EndorsementKept(proof) => Self {
                how: How::Endorsed,
                endorsement: Some(proof.endorsement),
                svsm: proof.svsm.then_some(true),
                ..none
            },
            Obtained::Observed(observed) => Self {
                how: How::Observed,
                from: Some(observed.from),
                verified: Some(observed.verified),
                root: observed.root,
                detail: Some(observed.detail.clone()),
                ..none
            },
        }
    }
}

impl TryFrom<StoredObtained> for Obtained {
    type Error = String;

    fn try_from(stored: StoredObtained) -> Result<Self, String> {
        let StoredObtained { how, by, endorsement, svsm, from, verified, root, detail } = stored;
        if let Some(endorsement) = endorsement {
            return match (how, by, from, verified, root, detail, svsm) {
                (How::Endorsed, None, None, None, None, None, None | Some(true)) => {
                    Ok(Self::EndorsementKept(Proof::new(endorsement, svsm.is_some())))
                }
                _ => Err("a row of an endorsement that is kept is endorsed, and has the fields endorsement, \
                          svsm (true) and no other"
                    .into()),
            };
        }
        if svsm.is_some() {
            return Err("svsm stands only beside endorsement".into());
        }
        match (how, by, from, verified, root, detail) {
            (How::Computed, None, None, None, None, None) => Ok(Self::Computed),
            (How::Endorsed, Some(by), None, None, None, None) => Ok(Self::Endorsed { by }),
            (How::Observed, None, Some(from), Some(verified), root, detail) => {
                if root.is_some() && !(verified && from == Source::Report) {
                    return Err("only a report that was verified has a root".into());
                }
                let detail = detail.unwrap_or_default();
                Ok(Self::Observed(Observed { from, verified, root, detail }))
            }
            (How::Computed, ..) => Err("computed has no further fields".into()),
            (How::Endorsed, ..) => {
                Err("endorsed has the field by or endorsement, and not both".into())
            }
            (How::Observed, ..) => {
                Err("observed has the fields from, verified, root, detail".into())
            }
        }
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StoredRow {
            digest: self.digest,
            vcpus: self.facts.vcpus.map(VcpuCount::number),
            late_vcpus: self.facts.vcpus.map(VcpuCount::late).filter(|late| *late > 0),
            signature: self.facts.signature,
            sev_features: self.facts.sev_features,
            profile: self.facts.profile.clone(),
            kernel_hashes: self.facts.kernel_hashes,
            inputs: self.facts.inputs,
            obtained: StoredObtained::from(&self.obtained),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        let stored = strict::object::<_, StoredRow>(deserializer)?;
        let vcpus = stored.vcpus.map(VcpuCount::new).transpose().map_err(D::Error::custom)?;
        let vcpus = match (vcpus, stored.late_vcpus) {
            (vcpus, None) => vcpus,
            (Some(vcpus), Some(late @ 1..)) => {
                Some(vcpus.with_late(late).map_err(D::Error::custom)?)
            }
            (_, Some(late)) => {
                let wanted = "1 or more beside vcpus";
                return Err(D::Error::custom(format!("late_vcpus is {late}: wanted {wanted}")));
            }
        };
        Ok(Self {
            digest: stored.digest,
            facts: Facts {
                vcpus,
                signature: stored.signature,
                sev_features: stored.sev_features,
                profile: stored.profile,
                kernel_hashes: stored.kernel_hashes,
                inputs: stored.inputs,
            },
            obtained: stored.obtained.try_into().map_err(D::Error::custom)?,
        })
    }
}
