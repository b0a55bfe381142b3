//! What is published of a manifest: readers of others, who know nothing of ours, find exactly the accepted digests in it, texts of others
//! come back as they were, and nothing in it moves a terminal's cursor or gives a CI runner a command.

use std::collections::BTreeSet;

use arbitrary::{Result, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value as Cbor;
use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::{Value, json};
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_manifest::check::{Recorded, annotations, junit, markdown};
use sev_launch_manifest::publish::config_map::{self, ObjectName};
use sev_launch_manifest::publish::corim::{self, Instance};
use sev_launch_manifest::publish::in_toto;
use sev_launch_manifest::publish::rego::{self, Claim, Package};
use sev_launch_manifest::publish::simple_kbs::{self, Builds, Platform};
use sev_launch_manifest::publish::trustee::{Claims, ReferenceValues};
use sev_launch_manifest::{Manifest, Published, check, serde_json};

use super::accepted::{acceptance, each_once, is_accepted};
use super::{made, names};
use crate::text::is_hidden;

pub(crate) fn run(bytes: &[u8]) {
    let _ = chosen(&mut Unstructured::new(bytes));
}

/// What a verifier shall find, and what it was written from.
struct Case<'a> {
    published: Published<'a>,
    digests: Vec<LaunchDigest>,
    /// Digests of rows that are not accepted.
    others: Vec<LaunchDigest>,
}

fn chosen(u: &mut Unstructured<'_>) -> Result<()> {
    let acceptance = acceptance(u)?;
    let Some(manifest) = made::manifest(u)? else { return Ok(()) };
    if u.ratio(1, 4)? {
        if let Some(other) = made::changed(u, &manifest)? {
            checked(&manifest, &other);
        }
        return Ok(());
    }
    let Ok(published) = Published::of(&manifest, &acceptance) else { return Ok(()) };
    let (rows, left): (Vec<_>, Vec<_>) =
        manifest.rows().iter().partition(|row| is_accepted(row, &acceptance));
    let digests = each_once(&rows);
    let others = each_once(&left);
    let others = others.into_iter().filter(|digest| !digests.contains(digest)).collect();
    let case = Case { published, digests, others };
    // One reader a run: to write for all and to read it back takes longest.
    match u.int_in_range(0..=5)? {
        0 => case.to_config_map(u)?,
        1 => case.to_corim(),
        2 => case.to_in_toto(),
        3 => case.to_rego(u)?,
        4 => case.to_simple_kbs(u)?,
        _ => case.to_trustee(),
    }
    Ok(())
}

impl Case<'_> {
    fn hex(&self) -> Vec<Value> {
        self.digests.iter().map(|digest| hex::encode(digest.as_bytes()).into()).collect()
    }

    /// The text is harmless, and holds no digest that was not accepted.
    fn look_at(&self, text: &str) {
        is_harmless(text);
        for digest in &self.others {
            let bytes = digest.as_bytes();
            assert!(!text.contains(&hex::encode(bytes)), "{text}");
            assert!(!text.contains(&STANDARD.encode(bytes)), "{text}");
        }
    }

    fn json(&self, document: &[u8]) -> Value {
        let text = std::str::from_utf8(document).expect("UTF-8");
        self.look_at(text);
        serde_json::from_str(text).expect("JSON")
    }

    /// The manifest of the published rows, and of no others.
    fn is_published(&self, manifest: &Manifest) {
        let found: BTreeSet<_> = manifest.rows().iter().map(|row| row.digest.to_string()).collect();
        let wanted = self.digests.iter().map(ToString::to_string).collect();
        assert_eq!(found, wanted);
        assert_eq!(manifest.head(), self.published.manifest().head());
    }

    fn to_config_map(&self, u: &mut Unstructured<'_>) -> Result<()> {
        let name = names::chosen(u)?;
        let namespace = if u.arbitrary()? { Some(names::chosen(u)?) } else { None };
        let object = ObjectName::new(&name, namespace.as_deref());
        let is_right =
            names::is_subdomain(&name) && namespace.as_deref().is_none_or(names::is_label);
        assert_eq!(object.is_ok(), is_right, "{name:?} in {namespace:?}");
        let Ok(object) = object else { return Ok(()) };
        let text = config_map::write(&self.published, &object).expect("small");
        self.look_at(&text);
        assert!(text.is_ascii(), "{text}");
        let documents = Yaml::load_from_str(&text).expect("YAML");
        assert_eq!(documents.len(), 1);
        let metadata = &documents[0]["metadata"];
        assert_eq!(metadata["name"].as_str(), Some(&*name), "{text}");
        let found = metadata.as_mapping_get("namespace").map(|found| found.as_str());
        assert_eq!(found, namespace.as_deref().map(Some), "{text}");
        let data = &documents[0]["data"];
        let field = |name: &str| data[name].as_str().expect("a text");
        let digests: Vec<Value> = field("digests").lines().map(Into::into).collect();
        assert_eq!(digests, self.hex());
        let manifest = Manifest::from_json(field("manifest.json").as_bytes()).expect("a manifest");
        self.is_published(&manifest);
        assert_eq!(documents[0]["kind"].as_str(), Some("ConfigMap"));
        Ok(())
    }

    fn to_corim(&self) {
        for instance in [Instance::Any, Instance::LaunchDigest] {
            let bytes = corim::write(&self.published, instance).expect("a CoRIM");
            let document = ciborium::from_reader(bytes.as_slice()).expect("CBOR");
            let mut found = Vec::new();
            let mut texts = Vec::new();
            collect(&document, &mut found, &mut texts);
            let size = self.digests[0].as_bytes().len();
            let found: BTreeSet<Vec<u8>> =
                found.into_iter().filter(|bytes| bytes.len() == size).collect();
            let wanted = self.digests.iter().map(|digest| digest.as_bytes().to_vec()).collect();
            assert_eq!(found, wanted);
            let name = &self.published.manifest().head().name;
            assert!(texts.iter().any(|text| text.starts_with(&format!("{name}/"))), "{texts:?}");
        }
    }

    fn to_in_toto(&self) {
        let statement = self.json(&in_toto::write(&self.published).expect("a statement"));
        let algorithm = if self.digests[0].as_bytes().len() == 48 { "sha384" } else { "sha256" };
        let subjects = statement["subject"].as_array().expect("a list");
        let wanted = self.hex().into_iter().map(|digest| json!({algorithm: digest}));
        assert!(subjects.iter().map(|subject| subject["digest"].clone()).eq(wanted), "{statement}");
        let name = &self.published.manifest().head().name;
        for subject in subjects {
            let found = subject["name"].as_str().expect("a text");
            assert!(found.starts_with(&format!("{name}: ")), "{found}");
        }
        let predicate = serde_json::to_vec(&statement["predicate"]).expect("JSON");
        self.is_published(&Manifest::from_json(&predicate).expect("a manifest"));
    }

    /// No reader of Rego is at hand, so its lines are told apart by what each begins with.
    fn to_rego(&self, u: &mut Unstructured<'_>) -> Result<()> {
        let keys =
            (0..u.int_in_range(1..=3)?).map(|_| made::text(u)).collect::<Result<Vec<_>>>()?;
        let name = names::chosen(u)?;
        let package = Package::new(&name);
        assert_eq!(package.is_ok(), names::is_package(&name), "{name:?}");
        let (Ok(package), Ok(claim)) = (package, Claim::new(keys.clone())) else { return Ok(()) };
        let text = rego::write(&self.published, &package, &claim).expect("a module");
        self.look_at(&text);
        let mut digests = Vec::new();
        let mut lines = text.lines();
        let mut line = || lines.next().expect("a line");
        assert!(line().starts_with("# Launch digests of "), "{text}");
        let package = format!("package {name}");
        let expected = [&*package, "", "import rego.v1", "", "default allow := false", ""];
        assert!(expected.into_iter().all(|one| one == line()), "{text}");
        let rule = line().strip_prefix("allow if input").expect("a rule").to_owned();
        let path = rule.strip_suffix(" in digests").expect("a rule");
        // Each key is a text in brackets: what JSON reads as a list, if a comma stands between.
        let mut stream = serde_json::Deserializer::from_str(path).into_iter::<[String; 1]>();
        let found: Vec<String> =
            stream.by_ref().map(|one| one.expect("a key")[0].clone()).collect();
        assert_eq!(found, keys, "{path}");
        assert_eq!(["", "digests := {"], [line(), line()], "{text}");
        while let Some(row) = line().strip_prefix("\t\"") {
            let (digest, comment) = row.split_once("\", # ").expect("a digest and a comment");
            assert!(!comment.is_empty(), "{text}");
            digests.push(Value::from(digest));
        }
        assert_eq!((lines.next(), text.ends_with("\n}\n")), (None, true), "{text}");
        assert_eq!(digests, self.hex());
        Ok(())
    }

    fn to_simple_kbs(&self, u: &mut Unstructured<'_>) -> Result<()> {
        let [min_fw_api_major, min_fw_api_minor] = u.arbitrary()?;
        let only: Option<Vec<u8>> = match u.arbitrary()? {
            true => {
                Some((0..u.int_in_range(0..=3)?).map(|_| u.arbitrary()).collect::<Result<_>>()?)
            }
            false => None,
        };
        let builds = only.clone().map_or(Builds::Any, Builds::Only);
        let platform = Platform { min_fw_api_major, min_fw_api_minor, builds };
        let head = self.published.manifest().head();
        let policy = head.policy.filter(|_| head.technology != Technology::Snp);
        let policy = policy.and_then(|policy| u32::try_from(policy).ok());
        // An empty list would accept every build.
        let policy = policy.filter(|_| only.as_ref().is_none_or(|only| !only.is_empty()));
        let Some(policy) = policy else {
            assert!(simple_kbs::sql(&self.published, &platform).is_err(), "any policy");
            assert!(simple_kbs::default_policy(&self.published, &platform).is_err(), "any policy");
            return Ok(());
        };
        let builds = json!(only.unwrap_or_default());
        let base64 = self.digests.iter().map(|digest| STANDARD.encode(digest.as_bytes()));
        let base64: Vec<Value> = base64.map(Into::into).collect();
        let file = simple_kbs::default_policy(&self.published, &platform).expect("a policy");
        let file = self.json(&file);
        assert_eq!(file["allowed_digests"], Value::from(base64.clone()));
        assert_eq!(file["allowed_policies"], json!([policy]));
        assert_eq!(file["allowed_build_ids"], builds);
        assert_eq!(file["min_fw_api_major"], min_fw_api_major);
        assert_eq!(file["min_fw_api_minor"], min_fw_api_minor);
        let sql = simple_kbs::sql(&self.published, &platform).expect("a statement");
        self.look_at(&sql);
        let texts: Vec<&str> = sql.split('\'').skip(1).step_by(2).collect();
        let texts: Vec<Value> =
            texts.into_iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
        assert_eq!(texts, [Value::from(base64), json!([policy]), builds], "{sql}");
        let numbers = format!("', {min_fw_api_major}, {min_fw_api_minor}, '");
        assert_eq!(sql.matches(&numbers).count(), 1, "{sql}");
        Ok(())
    }

    fn to_trustee(&self) {
        for (claims, key) in
            [(Claims::Snp, "snp_launch_measurement"), (Claims::AzSnpVtpm, "measurement")]
        {
            if self.published.manifest().technology() != Technology::Snp {
                assert!(ReferenceValues::of(&self.published, claims).is_err());
                return;
            }
            let made = ReferenceValues::of(&self.published, claims).expect("values");
            let values = self.json(&made.to_json().expect("values"));
            assert_eq!(values[key], Value::from(self.hex()));
            let message = self.json(&made.message().expect("a message"));
            let payload = message["payload"].as_str().expect("a text");
            let payload = STANDARD.decode(payload).expect("base64");
            assert_eq!(self.json(&payload), values);
        }
    }
}

/// Every byte string and every text of a document; a byte string that is CBOR itself is gone into.
fn collect(value: &Cbor, bytes: &mut Vec<Vec<u8>>, texts: &mut Vec<String>) {
    match value {
        Cbor::Bytes(found) => {
            // A tag's content, as the CoMID that stands in a CoRIM. [CoRIM, concise-mid-tag]
            match ciborium::from_reader::<Cbor, _>(found.as_slice()) {
                Ok(inner @ (Cbor::Map(_) | Cbor::Tag(..))) if found.len() > 48 => {
                    collect(&inner, bytes, texts);
                }
                _ => bytes.push(found.clone()),
            }
        }
        Cbor::Text(text) => texts.push(text.clone()),
        Cbor::Array(items) => items.iter().for_each(|item| collect(item, bytes, texts)),
        Cbor::Map(fields) => fields.iter().for_each(|(key, value)| {
            collect(key, bytes, texts);
            collect(value, bytes, texts);
        }),
        Cbor::Tag(_, inner) => collect(inner, bytes, texts),
        _ => {}
    }
}

/// The outcome of a check, in the forms that CI reads.
fn checked(one: &Manifest, other: &Manifest) {
    let Ok(check) = check(one, other) else { return };
    let document = check.to_json().expect("JSON");
    is_harmless(std::str::from_utf8(&document).expect("UTF-8"));
    let value: Value = serde_json::from_slice(&document).expect("JSON");
    assert_eq!(value["same"], Value::from(check.is_same()));
    assert_eq!(value["name"], Value::from(one.head().name.clone()));

    let xml = junit::write(&check);
    is_harmless(&xml);
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let all = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite"));
    let suite = suite.expect("a suite");
    let number = |name: &str| suite.attribute(name).and_then(|text| text.parse().ok());
    assert_eq!(suite.attribute("name"), Some(&*one.head().name));
    assert_eq!(number("tests"), Some(all("testcase")), "{xml}");
    assert_eq!(number("failures"), Some(all("failure")), "{xml}");
    assert_eq!(number("skipped"), Some(all("skipped")), "{xml}");
    assert_eq!(all("failure") == 0, check.is_same(), "{xml}");

    let page = markdown::write(&check);
    // Ours is the heading's mark, and no other is in it.
    is_harmless(page.strip_prefix("### ").expect("a heading"));
    assert_eq!(
        page.lines().next().is_some_and(|line| line.ends_with("is current")),
        check.is_same()
    );
    for line in page.lines() {
        // A table's line has two cells or three, and no tag but ours.
        let bars = line.matches('|').count();
        assert!(matches!(bars, 0 | 3 | 4), "{line}");
        let ours = ["<code>", "</code>", "<br>"];
        let rest = ours.iter().fold(line.to_owned(), |rest, tag| rest.replace(tag, ""));
        assert!(!rest.contains(['<', '>', '@', '[']), "{line}");
    }

    let text = String::from_utf8(one.to_json().expect("JSON")).expect("UTF-8");
    let recorded = Recorded { file: "a,b.json", text: &text, manifest: one };
    let lines = annotations::write(&check, Some(recorded));
    is_harmless(&lines);
    let is_command =
        |line: &str, level: &str| line.starts_with(&format!("::{level} file=a%2Cb.json,"));
    for line in lines.lines() {
        assert!(
            ["error", "warning", "notice"].iter().any(|level| is_command(line, level)),
            "{line}"
        );
    }
    let failed = lines.lines().any(|line| is_command(line, "error"));
    assert_eq!(failed, !check.is_same(), "{lines}");
}

/// No control but the ends of lines and the tabs of layout, nothing that turns the direction of text or is not seen, and no command
/// within a line.
fn is_harmless(text: &str) {
    let is_bad = |c: char| is_hidden(c) && !matches!(c, '\n' | '\t');
    assert!(!text.contains(is_bad), "{text:?}");
    assert!(!text.contains("##"), "{text:?}");
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    (0..6_u8).map(|number| sev_launch_testkit::pattern(900, 2 * number + 5, 41 * number)).collect()
}
