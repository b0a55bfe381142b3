//! The values of demands, as text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::names;
use sev_launch_abi::snp::policy::{Flag, Policy};
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_abi::{ApiVersion, Generation, PlatformVersion};
use sev_launch_verify::requirement::Bytes;
use sev_launch_verify::snp::advisory::{BULLETINS, Bulletin, Mended};
use sev_launch_verify::snp::certificate::VekKind;
use sev_launch_verify::snp::id_block::IdPublicKey;
use sev_launch_verify::snp::report::PlatformInfo;

use crate::blob;

/// A number in decimal, or in hex after `0x`.
pub(super) fn number<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let digits = text.trim();
    let is_number = |digits: &str, radix| digits.chars().all(|digit| digit.is_digit(radix));
    let parsed = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) if is_number(hex, 16) => u64::from_str_radix(hex, 16).ok(),
        None if is_number(digits, 10) => digits.parse().ok(),
        _ => None,
    };
    let bits = 8 * size_of::<T>();
    parsed.and_then(|number| number.try_into().ok()).ok_or_else(|| {
        format!("{text:?} is no number of {bits} bits, in decimal or in hex after 0x")
    })
}

/// `N` bytes in hex or base64.
pub(super) fn bytes<const N: usize>(text: &str) -> Result<Bytes<N>, String> {
    blob::digest(text).map(Bytes).map_err(|error| error.to_string())
}

/// CHIP_ID: 64 bytes, or the 8 that Turin has, after which there are zeros.
pub(super) fn chip_id(text: &str) -> Result<Bytes<64>, String> {
    if let Ok(short) = blob::digest::<8>(text) {
        let mut chip_id = [0; 64];
        chip_id.iter_mut().zip(short).for_each(|(to, from)| *to = from);
        return Ok(Bytes(chip_id));
    }
    bytes(text)
}

/// A privilege level of a guest. [APM2, Virtual Machine Privilege Levels]
pub(super) fn guest_level(text: &str) -> Result<u32, String> {
    let level = number(text)?;
    match level {
        0..=3 => Ok(level),
        _ => Err(format!(
            "{text:?}: wanted 0 to 3, the levels of a guest: what the host asked for holds the host's REPORT_DATA"
        )),
    }
}

fn spelled(text: &str) -> String {
    text.trim().replace('-', "_").to_ascii_uppercase()
}

/// A whole policy: a number, or the names of its bits.
pub(super) fn policy(text: &str) -> Result<Policy, String> {
    match names::is_number(text) {
        true => number(text).map(Policy::from_bits),
        false => Policy::from_names(text).map_err(|error| error.to_string()),
    }
}

/// A bit of the policy.
pub(super) fn policy_bit(text: &str) -> Result<Flag, String> {
    let name = spelled(text);
    Flag::ALL.into_iter().find(|flag| flag.name() == name).ok_or_else(|| {
        let names: Vec<_> = Flag::ALL.iter().map(|flag| flag.name()).collect();
        format!("{text:?} is no bit of the policy: wanted {}", names.join(", "))
    })
}

/// A bit of PLATFORM_INFO.
pub(super) fn platform_bit(text: &str) -> Result<u64, String> {
    let name = spelled(text);
    let found = PlatformInfo::NAMED.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, bit)| bit).ok_or_else(|| {
        let names = PlatformInfo::NAMED.map(|(name, _)| name);
        format!("{text:?} is no bit of PLATFORM_INFO: wanted {}", names.join(", "))
    })
}

/// A generation that has SNP.
pub(super) fn generation(text: &str) -> Result<Generation, String> {
    let generation = text.trim().parse().ok().filter(|one| Generation::SNP.contains(one));
    generation.ok_or_else(|| format!("{text:?}: wanted Milan, Genoa or Turin"))
}

/// A kind of key.
pub(super) fn key_kind(text: &str) -> Result<VekKind, String> {
    let found = VekKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text.trim()));
    found.ok_or_else(|| {
        format!("{text:?}: wanted vcek (the chip's own) or vlek (the cloud provider's)")
    })
}

/// A version of the ABI, as `1.55`.
pub(super) fn api_version(text: &str) -> Result<ApiVersion, String> {
    text.trim().parse().map_err(|error: sev_launch_abi::Error| error.to_string())
}

/// A version of the firmware, as `1.55.29`; without its build, any build of it.
pub(super) fn firmware_version(text: &str) -> Result<PlatformVersion, String> {
    let parts: Option<Vec<u8>> = text.trim().split('.').map(|part| number(part).ok()).collect();
    match parts.as_deref() {
        Some([major, minor]) => Ok(PlatformVersion { major: *major, minor: *minor, build: 0 }),
        Some([major, minor, build]) => {
            Ok(PlatformVersion { major: *major, minor: *minor, build: *build })
        }
        _ => Err(format!("{text:?}: wanted numbers up to 255, as 1.55 or 1.55.29")),
    }
}

/// Levels of a TCB: by name, all but `fmc` must be there, each once. Before them may stand the generation for which they are, with a colon.
pub(super) fn levels(text: &str) -> Result<(Option<Generation>, TcbParts), String> {
    let (of, text) = match text.split_once(':') {
        Some((of, rest)) => (Some(generation(of)?), rest),
        None => (None, text),
    };
    let names = ["fmc", "bootloader", "tee", "snp", "microcode"];
    let mut found = [None; 5];
    for part in text.split(',') {
        let wanted = || format!("{part:?}: wanted a name and a level up to 255, as snp=24");
        let (name, level) = part.trim().split_once('=').ok_or_else(wanted)?;
        let level = number::<u8>(level).map_err(|_| wanted())?;
        // As certificates and reports are shown: `boot loader`, `boot_loader`.
        let spelled = name.trim().replace(['_', ' ', '-'], "");
        let place = names.iter().zip(&mut found).find(|(known, _)| **known == spelled);
        let (_, place) =
            place.ok_or_else(|| format!("{name:?} is no level: wanted {}", names.join(", ")))?;
        if place.replace(level).is_some() {
            return Err(format!("{} is given twice", name.trim()));
        }
    }
    let [fmc, boot_loader, tee, snp, microcode] = found;
    let missing = |name: &str| format!("no level of {name}: 0 if any will do");
    let parts = TcbParts {
        fmc,
        boot_loader: boot_loader.ok_or_else(|| missing("bootloader"))?,
        tee: tee.ok_or_else(|| missing("tee"))?,
        snp: snp.ok_or_else(|| missing("snp"))?,
        microcode: microcode.ok_or_else(|| missing("microcode"))?,
    };
    match (of, parts.fmc) {
        (Some(Generation::Milan | Generation::Genoa), Some(_)) => {
            Err("fmc is a level of Turin alone".into())
        }
        (Some(Generation::Turin), None) => Err(missing("fmc")),
        _ => Ok((of, parts)),
    }
}

/// A bulletin of AMD's.
pub(super) fn bulletin(text: &str) -> Result<Mended, String> {
    Bulletin::named(text.trim()).map(Mended).ok_or_else(|| {
        let names: Vec<_> = BULLETINS.iter().map(|one| one.name).collect();
        format!(
            "{text:?}: no level of such a bulletin is known; of these there are: {}",
            names.join(", ")
        )
    })
}

/// A key that signs ID blocks or ID keys: its digest as reports have it, or the key itself, as a certificate or a public key in PEM, or
/// either of them in base64 of its DER.
pub(super) fn signer(text: &str) -> Result<Bytes<48>, String> {
    let digest = match blob::digest::<48>(text) {
        Ok(digest) => digest,
        Err(_) => {
            let packed: String = text.split_ascii_whitespace().collect();
            let der = BASE64.decode(packed).unwrap_or_else(|_| text.as_bytes().to_vec());
            let key = IdPublicKey::of_certificate(&der).or_else(|_| IdPublicKey::parse(&der));
            let key = key.map_err(|_| {
                "neither the 48 bytes of a key's digest nor a certificate or a public key on P-384, in PEM or in base64 of DER".to_owned()
            })?;
            key.digest()
        }
    };
    match digest == [0; 48] {
        true => Err("zeros are no key's digest: reports have them where nobody signed".into()),
        false => Ok(Bytes(digest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_name_each_part_once() {
        let parts = TcbParts { fmc: None, boot_loader: 4, tee: 0, snp: 24, microcode: 219 };
        let text = "bootloader=4, tee=0,snp=0x18,microcode=219";
        assert_eq!(levels(text), Ok((None, parts)));
        assert_eq!(levels(&format!("milan:{text}")), Ok((Some(Generation::Milan), parts)));
        for wrong in [
            "",
            "snp=24",
            "bootloader=4,tee=0,snp=24,microcode=256",
            "bootloader=4,tee=0,snp=24,snp=24,microcode=1",
            "bootloader=4,tee=0,snp=+4,microcode=1",
            "rome:bootloader=4,tee=0,snp=24,microcode=219",
            "turin:bootloader=4,tee=0,snp=24,microcode=219",
            "genoa:fmc=1,bootloader=4,tee=0,snp=24,microcode=219",
            "bootloader=4,tee=0,snp=24,microcode=219,cache=1",
        ] {
            assert!(levels(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_and_versions() {
        assert_eq!(number::<u8>(" 0xFf "), Ok(255));
        for wrong in ["", "0x", "256", "-1", "+1", "1.5", "0x+1"] {
            assert!(number::<u8>(wrong).is_err(), "{wrong}");
        }
        let version = |build| Ok(PlatformVersion { major: 1, minor: 55, build });
        assert_eq!(firmware_version("1.55.29"), version(29));
        assert_eq!(firmware_version("1.55"), version(0));
        for wrong in ["1", "1.55.29.1", "1.256", "1..2", ""] {
            assert!(firmware_version(wrong).is_err(), "{wrong}");
        }
        assert!(api_version("1.55").is_ok() && api_version("1.55.1").is_err());
        assert!(api_version("0x1.5").is_err() && api_version("+1.5").is_err());
    }

    #[test]
    fn a_chip_of_turin_has_eight_bytes() {
        let Bytes(id) = chip_id("0102030405060708").unwrap();
        assert_eq!((&id[..9], id[63]), (&[1, 2, 3, 4, 5, 6, 7, 8, 0][..], 0));
        assert!(chip_id("01").is_err() && chip_id(&"01".repeat(64)).is_ok());
    }
}
