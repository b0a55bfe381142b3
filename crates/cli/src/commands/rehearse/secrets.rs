//! Did the secrets arrive where the firmware looks for them?

use anyhow::{Context as _, bail};
use sev_launch_abi::Guid;
use sev_launch_rehearse::Record;
use sev_launch_sweep::SecretPlace;
use sev_launch_verify::sev::secret::SecretTable;
use zeroize::Zeroizing;

use crate::output;
use crate::sev::secrets::read_secret;

/// What is expected: each secret by its GUID.
pub(super) type Expected = Vec<(Guid, Zeroizing<Vec<u8>>)>;

/// Reads what is expected, before anything is started.
pub(super) fn expected(flag: &'static str, secrets: &[String]) -> anyhow::Result<Expected> {
    secrets.iter().map(|text| read_secret(text).context(flag)).collect()
}

/// Says of each secret what became of it. Is each of them there?
pub(super) fn arrived(
    expected: &Expected,
    record: &Record,
    place: Option<SecretPlace>,
) -> anyhow::Result<bool> {
    let area = match place {
        Some(SecretPlace::Firmware(Some(area))) => Some(area),
        Some(SecretPlace::Firmware(None)) => bail!("the firmware has no area for secrets"),
        _ => None,
    };
    let mut all = true;
    for (guid, wanted) in expected {
        let found = record.secrets.iter().find_map(|secret| {
            let table = SecretTable::parse(&secret.bytes).ok()?;
            let is_there =
                table.entries().any(|(its, data)| its == guid && data == wanted.as_slice());
            is_there.then_some(secret.gpa)
        });
        let said = match (found, area) {
            (None, _) => format!("{guid} did not arrive"),
            (Some(Some(gpa)), Some(area)) if gpa != area.base.0 => {
                format!("{guid} arrived at {gpa:#x}, and the firmware looks at {}", area.base)
            }
            (Some(None), Some(_)) => format!("{guid} arrived outside of guest memory"),
            (Some(gpa), _) => {
                let at =
                    gpa.map_or_else(|| "an unknown place".to_owned(), |gpa| format!("{gpa:#x}"));
                output::remark("secret", &format!("{guid} arrived at {at}"));
                continue;
            }
        };
        output::remark("secret", &said);
        all = false;
    }
    Ok(all)
}
