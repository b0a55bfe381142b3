//! A Rego module: the set of accepted digests, and a rule that looks a claim up in it.
//!
//! Rego v1, for OPA and regorus. `allow` is false unless the claim is there and in the set, so a renamed claim refuses
//! instead of passing. One digest per line: regorus takes lines of up to 1024 columns.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use sev_launch_abi::text::{json, printable};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::KernelHashCheck;

use super::Published;
use crate::error::Error;

/// Words of Rego that cannot name a package. [OPA, policy reference, reserved names]
const RESERVED: [&str; 15] = [
    "as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input",
    "not", "null", "package", "some",
];

/// The name of a package, as `sev_launch.digests`: identifiers with dots between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package(String);

impl Package {
    /// Checks a name. An error for anything that is no identifier, or is a reserved word.
    pub fn new(name: &str) -> Result<Self, Error> {
        let is_identifier = |part: &str| {
            part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && !RESERVED.contains(&part)
                && !matches!(part, "true" | "with")
        };
        if name.len() <= 200 && name.split('.').all(is_identifier) {
            return Ok(Self(name.to_owned()));
        }
        Err(Error::field("package", "wanted identifiers of Rego with dots between"))
    }
}

/// Where the reported digest stands in the policy's input, as a path of keys: `["snp", "measurement"]` in Trustee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim(Vec<String>);

impl Claim {
    /// A path of at least one key, each of at most 100 bytes without control characters.
    pub fn new<T: Into<String>>(keys: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let keys: Vec<String> = keys.into_iter().map(Into::into).collect();
        keys.iter().try_for_each(|key| crate::text::check_text("claim", key, 100))?;
        if keys.is_empty() || keys.len() > 8 {
            return Err(Error::field("claim", "wanted 1 to 8 keys"));
        }
        Ok(Self(keys))
    }
}

/// The module. Digests are compared as lower-case hex.
pub fn write(published: &Published<'_>, package: &Package, claim: &Claim) -> Result<String, Error> {
    let head = published.manifest().head();
    let mut path = String::from("input");
    for key in &claim.0 {
        path.push_str(&format!("[{}]", json(&serde_json::to_string(key)?)));
    }
    let mut digests = String::new();
    for digest in published.digests() {
        let stands_for = published.stands_for(digest);
        let line = format!("\t\"{}\", # {}\n", digest.digest, printable(&stands_for));
        digests.push_str(&line);
    }
    let unchecked = match published.kernel_hash_check() {
        Some(KernelHashCheck::No) => format!("# Warning: {}.\n", Warning::KernelHashesUnchecked),
        _ => String::new(),
    };
    Ok(format!(
        "# Launch digests of {name} ({technology}), by {tool}.\n{unchecked}\
         package {package}\n\n\
         import rego.v1\n\n\
         default allow := false\n\n\
         allow if {path} in digests\n\n\
         digests := {{\n{digests}}}\n",
        name = printable(&head.name),
        technology = head.technology,
        tool = printable(&head.tool),
        package = package.0,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::Acceptance;
    use super::*;
    use crate::sample;

    // Evaluated by regorus 0.14 and by hand: true for either digest, false for any other, and without the claim.
    #[test]
    fn the_module_by_hand() {
        let manifest = sample::snp();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let package = Package::new("sev_launch.digests").expect("a name");
        let claim = Claim::new(["az-snp-vtpm", "measurement"]).expect("a path");
        let expected = format!(
            "# Launch digests of guest 'one' (snp), by sev-launch 0.1.0.\n\
             package sev_launch.digests\n\n\
             import rego.v1\n\n\
             default allow := false\n\n\
             allow if input[\"az-snp-vtpm\"][\"measurement\"] in digests\n\n\
             digests := {{\n\
             \t\"{}\", # 1 vCPU, CPU 0x00a00f11, features 0x1, profile snp-qemu (and 1 more)\n\
             \t\"{}\", # 2 vCPUs, CPU 0x00a00f11, features 0x1, profile snp-qemu\n}}\n",
            "11".repeat(48),
            "22".repeat(48)
        );
        assert_eq!(write(&published, &package, &claim), Ok(expected));
    }

    #[test]
    fn hashes_that_are_not_checked_are_said_in_a_comment() {
        let manifest = sample::checking(KernelHashCheck::No);
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let package = Package::new("a").expect("a name");
        let claim = Claim::new(["b"]).expect("a key");
        let text = write(&published, &package, &claim).expect("written");
        let lines: Vec<_> = text.lines().take(3).collect();
        assert!(lines[1].starts_with("# Warning: the firmware does not check kernel, initrd and"));
        assert_eq!(lines[2], "package a");
        let manifest = sample::checking(KernelHashCheck::Yes);
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let text = write(&published, &package, &claim).expect("written");
        assert!(!text.contains("Warning"), "{text}");
    }

    #[test]
    fn names_cannot_carry_code() {
        for bad in ["", "a b", "a.", ".a", "1a", "a-b", "a\nallow := true", "input.x", "a.import"] {
            assert!(Package::new(bad).is_err(), "{bad:?}");
        }
        assert!(Claim::new(Vec::<String>::new()).is_err());
        assert!(Claim::new(["a\n"]).is_err());
        let claim = Claim::new(["a\"] == 1 #"]).expect("a key");
        let manifest = sample::snp();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let package = Package::new("a").expect("a name");
        let text = write(&published, &package, &claim).expect("written");
        assert!(text.contains(r##"allow if input["a\"] == 1 #"] in digests"##), "{text}");
    }
}
