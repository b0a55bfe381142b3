//! A Kubernetes ConfigMap with the manifest of the published rows and the list of digests.
//!
//! Defined by [Kubernetes, ConfigMap v1]. YAML, with every text in double quotes and only ASCII in them, so that no reader
//! takes `on` for a boolean or a digest of digits for a number.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use super::Published;
use crate::error::Error;

/// The most bytes of a ConfigMap's data. [Kubernetes, MaxSecretSize]
pub const MAX_DATA: usize = 1 << 20;

/// Where the ConfigMap goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    name: String,
    namespace: Option<String>,
}

impl ObjectName {
    /// A name, which is a DNS-1123 subdomain, and a namespace, which is a DNS-1123 label; without one, the reader's own.
    pub fn new(name: &str, namespace: Option<&str>) -> Result<Self, Error> {
        if name.len() > 253 || !name.split('.').all(is_label) {
            let what = "wanted a DNS-1123 subdomain: labels of a-z, 0-9 and - with dots between";
            return Err(Error::field("name", what));
        }
        if !namespace.is_none_or(|namespace| namespace.len() <= 63 && is_label(namespace)) {
            let what = "wanted a DNS-1123 label: 1 to 63 of a-z, 0-9 and -";
            return Err(Error::field("namespace", what));
        }
        Ok(Self { name: name.to_owned(), namespace: namespace.map(str::to_owned) })
    }
}

/// Unlike a namespace, a label of a subdomain is bounded by the whole name only.
fn is_label(text: &str) -> bool {
    let is_end = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(|byte| is_end(Some(byte)) || *byte == b'-')
}

/// The ConfigMap: `manifest.json`, and `digests` with one digest in hex per line. An error where both together are more
/// than [`MAX_DATA`] bytes.
pub fn write(published: &Published<'_>, object: &ObjectName) -> Result<String, Error> {
    let manifest =
        String::from_utf8_lossy(&published.published_manifest()?.to_json()?).into_owned();
    let digests: String =
        published.digests().iter().map(|digest| format!("{}\n", digest.digest)).collect();
    let found = manifest.len().saturating_add(digests.len());
    if found > MAX_DATA {
        return Err(Error::TooMany { what: "bytes of a ConfigMap", found, limit: MAX_DATA });
    }
    let namespace = object.namespace.as_ref();
    let namespace = namespace.map(|namespace| format!("  namespace: {}\n", quote(namespace)));
    Ok(format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n{}data:\n  \"digests\": {}\n  \"manifest.json\": {}\n",
        quote(&object.name),
        namespace.unwrap_or_default(),
        quote(&digests),
        quote(&manifest),
    ))
}

/// A double-quoted scalar of YAML 1.2. JSON would write what is beyond the BMP as two halves, which YAML does not join.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            // Runners take `##[` and the like anywhere in a line.
            ' '..='~' if c != '#' => quoted.push(c),
            '\0'..='\u{ffff}' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use saphyr::{LoadableYamlNode, Yaml};

    use super::super::Acceptance;
    use super::*;
    use crate::manifest::Manifest;
    use crate::sample;

    fn load(text: &str) -> Yaml<'_> {
        let mut documents = Yaml::load_from_str(text).expect("YAML");
        assert_eq!(documents.len(), 1);
        documents.remove(0)
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let yaml = format!("a: {}\n", quote(&text));
            let document = load(&yaml);
            prop_assert_eq!(document["a"].as_str(), Some(text.as_str()));
        }
    }

    #[test]
    fn a_reader_of_yaml_finds_the_manifest() {
        let manifest = sample::snp();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let object = ObjectName::new("guest-1.example", Some("tenant")).expect("names");
        let text = write(&published, &object).expect("written");
        let document = load(&text);
        assert_eq!(document["apiVersion"].as_str(), Some("v1"));
        assert_eq!(document["kind"].as_str(), Some("ConfigMap"));
        assert_eq!(document["metadata"]["name"].as_str(), Some("guest-1.example"));
        assert_eq!(document["metadata"]["namespace"].as_str(), Some("tenant"));
        let digests = format!("{}\n{}\n", "11".repeat(48), "22".repeat(48));
        assert_eq!(document["data"]["digests"].as_str(), Some(digests.as_str()));
        let json = document["data"]["manifest.json"].as_str().expect("text");
        let found = Manifest::from_json(json.as_bytes()).expect("a manifest");
        assert_eq!(found.rows(), &manifest.rows()[..3]);
    }

    #[test]
    fn names_are_dns_1123() {
        let long = "a".repeat(254);
        for bad in ["", "A", "a_b", "-a", "a-", "a..b", ".a", "a\n", "é", &long] {
            assert!(ObjectName::new(bad, None).is_err(), "{bad:?}");
        }
        for good in ["a", "0", "a-b.c-d", &"a".repeat(253)] {
            assert!(ObjectName::new(good, None).is_ok(), "{good:?}");
        }
        for bad in ["", "a.b", &"a".repeat(64)] {
            assert!(ObjectName::new("a", Some(bad)).is_err(), "{bad:?}");
        }
    }
}
