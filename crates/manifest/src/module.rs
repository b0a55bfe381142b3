//! The modules of a firmware image, by which a change of the image is named. No answer depends on them: digests decide.
//!
//! Whoever takes images apart passes them in, by [`Inside`](sev_launch_sweep::Inside). A list that is wrong names a wrong module, and no more.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sev_launch_abi::{Guid, text};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_sweep::inside::{self, MOST_MODULES};

use crate::error::Error;
use crate::text::check_text;

/// The most bytes of a module's name.
const MOST_NAME: usize = 256;

/// A file of a firmware volume, or what is in none, as a variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its name for people: 1 to 256 bytes without control characters.
    pub name: String,
    /// The file's GUID; missing if it is in no file.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_guid",
        deserialize_with = "read_guid"
    )]
    pub guid: Option<Guid>,
    /// The SHA-256 of its contents, wherever in the image it lies and for whichever address it was linked. It is not that of a file
    /// that was taken out of the image.
    pub sha256: Sha256Digest,
}

impl From<&inside::Module> for Module {
    /// The name is an image's, so any letter may be in it: hidden ones are escaped, and a long one is cut.
    fn from(found: &inside::Module) -> Self {
        let mut name = text::printable(&found.name).into_owned();
        if name.len() > MOST_NAME {
            let ends = name.char_indices().map(|(at, _)| at);
            let end = ends.take_while(|at| at.saturating_add("…".len()) <= MOST_NAME).last();
            name.truncate(end.unwrap_or_default());
            name.push('…');
        }
        if name.is_empty() {
            name.push_str("without a name");
        }
        Self { name, guid: found.guid, sha256: found.sha256 }
    }
}

/// The modules of an image as a manifest keeps them; `None` where they are not known, or are too many.
pub(crate) fn kept(found: &[inside::Module]) -> Option<Vec<Module>> {
    (1..=MOST_MODULES).contains(&found.len()).then(|| found.iter().map(Module::from).collect())
}

/// Checks a list; `place` is said in errors.
pub(crate) fn check(place: &str, modules: &[Module]) -> Result<(), Error> {
    if modules.is_empty() {
        return Err(Error::field(place, "an empty list, wanted modules or no such field"));
    }
    if modules.len() > MOST_MODULES {
        let what = format!("{} modules, at most {MOST_MODULES}", modules.len());
        return Err(Error::field(place, what));
    }
    let name = |(index, module): (usize, &Module)| {
        // The place is put together for an error alone: lists are long.
        check_text("name", &module.name, MOST_NAME).map_err(|error| match error {
            Error::Field { what, .. } => Error::field(format!("{place}[{index}].name"), what),
            other => other,
        })
    };
    modules.iter().enumerate().try_for_each(name)
}

pub(crate) fn write_guid<S: Serializer>(
    guid: &Option<Guid>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match guid {
        Some(guid) => serializer.collect_str(guid),
        None => serializer.serialize_none(),
    }
}

/// One spelling is read: the one that is written.
fn read_guid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Guid>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let guid: Option<Guid> = text.parse().ok().filter(|guid: &Guid| guid.to_string() == text);
    guid.map(Some).ok_or_else(|| {
        D::Error::custom(format!("{text:?}, wanted a GUID in lower-case hex, or no such field"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Module {
        let sha256 = Sha256Digest::of(b"");
        Module::from(&inside::Module { name: name.into(), guid: None, sha256 })
    }

    #[test]
    fn attack_any_name_of_an_image_is_one_that_is_kept() {
        let long = "é".repeat(200);
        let cut = format!("{}…", "é".repeat(126));
        for (name, expected) in [
            ("SecMain", "SecMain"),
            ("", "without a name"),
            ("a\n::error::b", "a\\n::error::b"),
            ("a\u{202e}b\u{1b}[2J", "a\\u{202e}b\\u{1b}[2J"),
            ("a\u{2028}b\u{feff}", "a\\u{2028}b\\u{feff}"),
            (&"n".repeat(256), &"n".repeat(256)),
            (&long, &cut),
        ] {
            let module = named(name);
            assert_eq!(module.name, expected);
            assert_eq!(check("modules", &[module]), Ok(()));
        }
        assert!(check("modules", &[]).is_err());
        assert!(kept(&[]).is_none());
    }

    #[test]
    fn more_than_a_manifest_holds_are_not_kept() {
        let sha256 = Sha256Digest::of(b"");
        let module = inside::Module { name: "a".into(), guid: None, sha256 };
        let most = vec![module; 4096];
        assert_eq!(kept(&most).map(|list| list.len()), Some(4096));
        let more = [most.as_slice(), &most[..1]].concat();
        assert!(kept(&more).is_none());
        let more: Vec<_> = more.iter().map(Module::from).collect();
        let error = check("modules", &more).expect_err("too many");
        assert!(error.to_string().contains("4097 modules, at most 4096"), "{error}");
    }
}
