//! `<launchSecurity>`: the technology, the policy, and whether the owner has a session.

use roxmltree::Node;
use sev_launch_abi::Technology;

use super::super::{Import, Source, checks, default, found};
use super::{child, children, qemu_arguments, text};
use crate::error::Error;

const PLACE: &str = "domain/launchSecurity";

pub(super) fn read(
    import: &mut Import,
    domain: Node<'_, '_>,
    source: Source<'_>,
) -> Result<Technology, Error> {
    let mut found_security = children(domain, "launchSecurity");
    let (security, more) = (found_security.next(), found_security.next());
    let Some(security) = security else {
        let arguments = qemu_arguments(domain);
        let object = arguments
            .iter()
            .find(|value| value.contains("sev-guest") || value.contains("sev-snp-guest"));
        return source.error(match object {
            Some(object) => format!(
                "no launchSecurity, and qemu:commandline has {object:?}: what such a guest is stands in the command line of the \
                running QEMU, which `import qemu` reads"
            ),
            None => "no launchSecurity: this is no SEV guest".to_owned(),
        });
    };
    if more.is_some() {
        return source.error("more than one launchSecurity, and libvirt takes one");
    }
    let is_snp = match security.attribute("type") {
        Some("sev") => false,
        Some("sev-snp") => true,
        other => {
            let other = other.unwrap_or_default();
            return source.error(format!("{PLACE}/@type is {other:?}, wanted sev or sev-snp"));
        }
    };
    let place = format!("{PLACE}/policy");
    let Some(policy) = child(security, &["policy"]).and_then(text) else {
        return source.error(format!("no {place}, without which libvirt starts no SEV guest"));
    };
    let policy = hex(&policy, is_snp).map_err(|message| source.value(&place, message))?;
    let technology = checks::technology(is_snp, policy);
    import.description.technology = match technology {
        Technology::Snp => found(technology, format!("{PLACE}/@type")),
        _ => found(technology, format!("{PLACE}/@type, and bit 2 of policy")),
    };
    import.description.policy = found(policy, place);
    import.check_policy(technology, policy);
    let place = format!("{PLACE}/@kernelHashes");
    let hashes = match security.attribute("kernelHashes") {
        Some("yes") => found(vec![true], place),
        Some("no") => found(vec![false], place),
        Some(other) => {
            return Err(source.value(place, format!("{other:?} is neither yes nor no")));
        }
        None => default(vec![false], "libvirt leaves kernelHashes to QEMU, whose default is off"),
    };
    import.description.boot.kernel_hashes = hashes;
    let has = |name| child(security, &[name]).and_then(text).is_some();
    let has_session = has("dhCert") && has("session");
    if !is_snp && !has_session {
        import.warn_of_no_session(&format!("{PLACE} has no dhCert with a session"));
    }
    if let Some(text) = child(security, &["hostData"]).and_then(text).filter(|_| is_snp) {
        let place = format!("{PLACE}/hostData");
        import.host_data(&place, &text).map_err(|message| source.value(&place, message))?;
    }
    if is_snp {
        let value = |name: &str| child(security, &[name]).and_then(text);
        let place = |name: &str| format!("{PLACE}/{name}");
        let (block, auth) = (value("idBlock"), value("idAuth"));
        let author_key = match security.attribute("authorKey") {
            Some(word @ ("yes" | "no")) => found(word == "yes", place("@authorKey")),
            Some(other) => {
                let message = format!("{other:?} is neither yes nor no");
                return Err(source.value(place("@authorKey"), message));
            }
            None => None,
        };
        let (block_at, auth_at) = (place("idBlock"), place("idAuth"));
        let block = (&*block_at, block.as_deref());
        import.id_block(source, block, (&*auth_at, auth.as_deref()), author_key)?;
    }
    Ok(technology)
}

/// Where a part of an SNP guest's ID block stands, if one does.
pub(super) fn id_block(domain: Node<'_, '_>, technology: Technology) -> Option<&'static str> {
    let parts =
        [("idBlock", "domain/launchSecurity/idBlock"), ("idAuth", "domain/launchSecurity/idAuth")];
    let has = |name: &str| child(domain, &["launchSecurity", name]).and_then(text).is_some();
    let found = parts.into_iter().find(|(name, _)| has(name)).map(|(_, place)| place);
    found.filter(|_| technology == Technology::Snp)
}

/// A policy: hexadecimal, `0x` or not. [libvirt, domaincommon.rng, hexuint]
fn hex(text: &str, is_snp: bool) -> Result<u64, String> {
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits);
    let wrong = || format!("{text:?} is no hexadecimal number");
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let policy = u64::from_str_radix(digits, 16).map_err(|_| wrong())?;
    if !is_snp && u32::try_from(policy).is_err() {
        return Err(format!("{policy:#x} has more than 32 bits"));
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_hexadecimal_always() {
        assert_eq!(hex("0x0033", false), Ok(0x33));
        assert_eq!(hex("10", false), Ok(16));
        assert_eq!(hex("\n 0X30000 ", true), Ok(0x30000));
        for wrong in ["", "0x", "+1", "-1", "g", "0x1 2", "100000000"] {
            assert!(hex(wrong, false).is_err(), "{wrong}");
        }
        assert_eq!(hex("100000000", true), Ok(1 << 32));
    }
}
