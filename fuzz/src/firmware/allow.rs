//! Allow files: what is read of one is what any TOML reader finds in it, and an error names a line that there is.

use sev_launch_firmware_diff::{Allow, Kind, MOST_ALLOW_BYTES};
use toml::Table;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if text.len() > MOST_ALLOW_BYTES {
        return;
    }
    let table = text.parse::<Table>();
    match Allow::parse(text) {
        Ok(allow) => {
            let table = table.expect("what was read is TOML");
            assert!(table.keys().all(|key| key == "allow"), "a key that is not known: {table:?}");
            let wanted: Vec<_> = table.get("allow").map_or_else(Vec::new, |entries| {
                entries.as_array().expect("an array").iter().map(said).collect()
            });
            let found: Vec<_> = allow
                .entries()
                .iter()
                .map(|entry| {
                    let kinds: Vec<&str> = entry.kinds.iter().map(|kind| kind.name()).collect();
                    assert!(!entry.kinds.is_empty() && !entry.kinds.contains(&Kind::Consequence));
                    assert!(!entry.reason.trim().is_empty(), "an entry without a reason");
                    assert!(
                        (1..=text.lines().count()).contains(&entry.line),
                        "line {}",
                        entry.line
                    );
                    (entry.module.as_deref(), kinds, entry.reason.as_str())
                })
                .collect();
            assert_eq!(found, wanted);
            assert!(allow.entries().is_sorted_by_key(|entry| entry.line));
        }
        Err(error) => {
            assert!(
                (1..=text.split('\n').count()).contains(&error.line),
                "line {} of {}",
                error.line,
                text.split('\n').count()
            );
            let told = error.to_string();
            assert!(told.chars().all(|letter| !letter.is_control() || letter == '\n'), "{told:?}");
        }
    }
}

/// Module, kinds and reason of an entry.
fn said(entry: &toml::Value) -> (Option<&str>, Vec<&str>, &str) {
    let entry = entry.as_table().expect("a table");
    assert!(
        entry.keys().all(|key| ["module", "kinds", "reason"].contains(&key.as_str())),
        "{entry:?}"
    );
    let kinds = entry["kinds"].as_array().expect("an array").iter();
    let module = entry.get("module").map(|module| module.as_str().expect("a string"));
    (
        module,
        kinds.map(|kind| kind.as_str().expect("a string")).collect(),
        entry["reason"].as_str().expect("a string"),
    )
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let good = "# what may differ\n[[allow]]\nmodule = \"PlatformPei\"\nkinds = [\"build-path\", \"timestamp\"]\nreason = \"a folder of its own\"\n";
    let of_all = Kind::ALL
        .iter()
        .map(|kind| format!("[[allow]]\nkinds = [{:?}]\nreason = 'x'\n", kind.name()));
    let wrong = [
        "",
        "allow = []\n",
        "allow = [{ kinds = ['code'], reason = 'y' }]\n",
        "[[allow]]\nkinds = []\nreason = \"\"\n",
        "[[allow]]\nmodule = \"\"\nkinds = [\"codes\"]\nreason = \"\\u001b\"\n",
        "[[allow]]\nkinds = [\"code\"]\nreason = \"z\"\nmore = 1\n",
    ];
    let all = [good.to_owned(), format!("{good}{}", of_all.collect::<String>())].into_iter();
    all.chain(wrong.map(str::to_owned)).map(String::into_bytes).collect()
}
