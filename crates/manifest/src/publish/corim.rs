//! An unsigned CoRIM with one CoMID: the launch digests as reference values.
//!
//! Defined by [CoRIM, concise-mid-tag]. SNP follows the profile that AMD's report has a draft for [SNP-CoRIM, mkey 641]:
//! the class of the environment is an OID per signing key, MEASUREMENT is `mkey` 641, and a digest is `[7, bytes]`, since 7
//! is SHA-384 in the registry of named information. Every digest is a triple of its own, once for reports that a chip's key
//! signs and once for a cloud provider's: two digests in one triple would have to match together.
//!
//! SEV and SEV-ES have no profile. Their CoMID names vendor and model, and the measurement `launch-digest`.
//!
//! For Trustee take [`trustee`](super::trustee): its CoRIM reader names values by `mkey` alone, so the last triple replaces
//! the others.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use ::corim::builder::{ComidBuilder, CorimBuilder};
use ::corim::types::common::{ClassIdChoice, InstanceIdChoice, MeasuredElement, TagIdChoice};
use ::corim::types::corim::{CorimId, ProfileChoice};
use ::corim::types::environment::{ClassMap, EnvironmentMap};
use ::corim::types::measurement::{Digest, MeasurementMap, MeasurementValuesMap};
use ::corim::types::triples::ReferenceTriple;
use sev_launch_abi::Technology;
use sev_launch_digest::hash::Sha256Digest;

use super::{Published, PublishedDigest};
use crate::error::Error;

/// The profile of SNP reference values. [SNP-CoRIM, profile]
pub const SNP_PROFILE: &str = "tag:amd.com,2024:snp-corim-profile";

/// 1.3.6.1.4.1.3704.3.1, by chip, and 1.3.6.1.4.1.3704.3.2, by CSP, as the content of a BER OID. [SNP-CoRIM, class-id]
const SNP_CLASSES: [[u8; 9]; 2] = [
    [0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x03, 0x01],
    [0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x03, 0x02],
];

/// The bit offset of MEASUREMENT, as the profile numbers it. [SNP-CoRIM, mkey 641]
const SNP_MEASUREMENT: u64 = 641;

/// What stands as the environment's instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instance {
    /// Nothing: the values hold for every chip, as the drafts have it.
    Any,
    /// The launch digest itself, which Veraison's SNP scheme looks reference values up by.
    LaunchDigest,
}

/// The CoRIM: tag 501, deterministic CBOR. Its ids are the manifest's name and its hash.
pub fn write(published: &Published<'_>, instance: Instance) -> Result<Vec<u8>, Error> {
    let technology = published.technology();
    let hash = Sha256Digest::of(&published.manifest().to_json()?);
    let id = format!("{}/{hash}", published.manifest().head().name);
    let mut comid = ComidBuilder::new(TagIdChoice::Text(format!("{id}/comid")));
    for digest in published.digests() {
        for triple in triples(digest, technology, instance) {
            comid = comid.add_reference_triple(triple);
        }
    }
    let comid = comid.build().map_err(fail)?;
    let mut corim = CorimBuilder::new(CorimId::Text(id)).add_comid_tag(comid).map_err(fail)?;
    if technology == Technology::Snp {
        corim = corim.set_profile(ProfileChoice::Uri(SNP_PROFILE.to_owned()));
    }
    corim.build_bytes().map_err(fail)
}

fn fail(error: impl ToString) -> Error {
    Error::Corim { reason: error.to_string() }
}

fn triples(
    digest: &PublishedDigest<'_>,
    technology: Technology,
    instance: Instance,
) -> Vec<ReferenceTriple> {
    // IANA Named Information hash algorithms: 1 is sha-256, 7 is sha-384.
    let (classes, mkey, algorithm) = match technology {
        Technology::Snp => {
            let class = |oid: [u8; 9]| ClassMap {
                class_id: Some(ClassIdChoice::Oid(oid.to_vec())),
                ..ClassMap::default()
            };
            (SNP_CLASSES.map(class).to_vec(), MeasuredElement::Uint(SNP_MEASUREMENT), 7)
        }
        Technology::Sev | Technology::SevEs => {
            let model = if technology == Technology::Sev { "SEV" } else { "SEV-ES" };
            (vec![ClassMap::new("AMD", model)], MeasuredElement::Text("launch-digest".into()), 1)
        }
    };
    let bytes = || digest.digest.as_bytes().to_vec();
    let environments = classes.into_iter().map(|class| EnvironmentMap {
        class: Some(class),
        instance: match instance {
            Instance::Any => None,
            Instance::LaunchDigest => Some(InstanceIdChoice::Bytes(bytes())),
        },
        group: None,
    });
    environments
        .map(|environment| {
            let mut mval = MeasurementValuesMap::default();
            mval.digests = Some(vec![Digest::new(algorithm, bytes())]);
            let measurement =
                MeasurementMap { mkey: Some(mkey.clone()), mval, authorized_by: None };
            ReferenceTriple::new(environment, vec![measurement])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ciborium::Value;

    use super::super::Acceptance;
    use super::*;
    use crate::manifest::Manifest;
    use crate::sample;

    fn read(bytes: &[u8]) -> Value {
        ciborium::from_reader(bytes).expect("CBOR")
    }

    fn tagged(value: &Value, tag: u64) -> &Value {
        let (found, inner) = value.as_tag().expect("a tag");
        assert_eq!(found, tag);
        inner
    }

    fn field(value: &Value, key: i64) -> Option<&Value> {
        let fields = value.as_map().expect("a map");
        fields.iter().find(|(found, _)| *found == Value::from(key)).map(|(_, value)| value)
    }

    #[track_caller]
    fn at(value: &Value, key: i64) -> &Value {
        field(value, key).expect("the key is there")
    }

    /// The corim-map and the reference triples of its only CoMID, taken apart by the CDDL's numbers.
    fn parts(manifest: &Manifest, instance: Instance) -> (Value, Vec<Value>) {
        let published = Published::of(manifest, &Acceptance::COMPUTED).expect("rows");
        let bytes = write(&published, instance).expect("written");
        let corim = tagged(&read(&bytes), 501).clone();
        let tags = at(&corim, 1).as_array().expect("tags");
        assert_eq!(tags.len(), 1);
        let comid = read(tagged(&tags[0], 506).as_bytes().expect("a CoMID in bytes"));
        let triples = at(at(&comid, 4), 0).as_array().expect("reference triples").clone();
        (corim, triples)
    }

    fn digests(byte: u8, size: usize, algorithm: i64) -> Value {
        let digest = vec![Value::from(algorithm), Value::Bytes(vec![byte; size])];
        Value::Array(vec![Value::Array(digest)])
    }

    #[test]
    fn another_cbor_reader_finds_snp_digests_by_the_profile() {
        let (corim, triples) = parts(&sample::snp(), Instance::Any);
        let profile = tagged(at(&corim, 3), 32);
        assert_eq!(profile.as_text(), Some("tag:amd.com,2024:snp-corim-profile"));
        assert_eq!(triples.len(), 4);
        // The OIDs' content by `openssl asn1parse -genstr OID:1.3.6.1.4.1.3704.3.1`.
        for (number, (byte, last)) in
            [(0x11, 1), (0x11, 2), (0x22, 1), (0x22, 2)].iter().enumerate()
        {
            let triple = triples[number].as_array().expect("a record");
            assert_eq!(triple.len(), 2);
            let oid = tagged(at(at(&triple[0], 0), 0), 111);
            assert_eq!(oid.as_bytes(), Some(&vec![0x2b, 6, 1, 4, 1, 0x9c, 0x78, 3, *last]));
            assert_eq!(field(&triple[0], 1), None);
            let measurement = &triple[1].as_array().expect("measurements")[0];
            assert_eq!(at(measurement, 0), &Value::from(641));
            assert_eq!(at(at(measurement, 1), 2), &digests(*byte, 48, 7));
        }
    }

    #[test]
    fn veraison_finds_the_digest_as_the_instance() {
        let (_, triples) = parts(&sample::snp(), Instance::LaunchDigest);
        let environment = &triples[0].as_array().expect("a record")[0];
        assert_eq!(tagged(at(environment, 1), 560).as_bytes(), Some(&vec![0x11; 48]));
    }

    #[test]
    fn sev_es_has_no_profile() {
        let (corim, triples) = parts(&sample::sev_es(), Instance::Any);
        assert_eq!(field(&corim, 3), None);
        let triple = triples[1].as_array().expect("a record");
        let class = at(&triple[0], 0);
        assert_eq!(at(class, 1).as_text(), Some("AMD"));
        assert_eq!(at(class, 2).as_text(), Some("SEV-ES"));
        let measurement = &triple[1].as_array().expect("measurements")[0];
        assert_eq!(at(measurement, 0).as_text(), Some("launch-digest"));
        assert_eq!(at(at(measurement, 1), 2), &digests(0x22, 32, 1));
    }
}
