//! Flags of go-sev-guest's `check`, as flags of ours.
//!
//! A value that a flag of theirs does not have is given to ours as it is, which must not make a yes of it either.

use anyhow::{Result, bail};

/// The flags of ours that demand what one of theirs does.
pub(super) fn ours(flag: &str, value: &str) -> Result<Vec<String>> {
    let with = |flag: &str| vec![format!("{flag}={value}")];
    let number = value.parse::<u64>().ok();
    Ok(match (flag, number) {
        ("report_data", _) => with("--report-data"),
        ("host_data", _) => with("--host-data"),
        ("family_id", _) => with("--family-id"),
        ("image_id", _) => with("--image-id"),
        ("report_id", _) => with("--report-id"),
        ("report_id_ma", _) => with("--report-id-ma"),
        ("chip_id", _) => with("--chip-id"),
        ("measurement", _) => with("--launch-digest"),
        ("minimum_tcb", Some(word)) => vec![format!("--min-platform-tcb={}", levels(word))],
        ("minimum_launch_tcb", Some(word)) => vec![format!("--min-launch-tcb={}", levels(word))],
        ("guest_policy", Some(word)) => guest_policy(word),
        ("guest_policy", None) => with("--policy"),
        ("min_build", _) => with("--min-firmware-build"),
        ("min_version", _) => with("--min-firmware"),
        ("vmpl", _) => with("--vmpl"),
        ("platform_info", Some(word)) => {
            let forbidden: Vec<&str> = bits(!word, &[("SMT_EN", 0), ("TSME_EN", 1)]).collect();
            vec![format!("--platform-clear={}", forbidden.join(","))]
        }
        ("provisional" | "require_author_key" | "require_idblock", _) if value == "false" => {
            Vec::new()
        }
        ("provisional", _) if value == "true" => vec!["--allow-provisional-firmware".into()],
        // Whose key it must be has to be said: one that has signed nothing.
        ("require_author_key", _) if value == "true" => {
            vec![format!("--trusted-author-key={}", "99".repeat(48))]
        }
        ("require_idblock", _) if value == "true" => {
            vec![format!("--trusted-id-key={}", "99".repeat(48))]
        }
        ("require_author_key", _) => with("--trusted-author-key"),
        ("require_idblock", _) => with("--trusted-id-key"),
        ("product", _) => with("--generation"),
        ("product_key_path", _) => with("--chain"),
        _ => bail!("no flag of ours is known for -{flag}={value}"),
    })
}

/// The most that a guest policy may permit. [SNP-ABI, guest policy]
fn guest_policy(word: u64) -> Vec<String> {
    let forbidden: Vec<&str> = bits(!word, &[("SMT", 16), ("CXL_ALLOW", 21)]).collect();
    let mut flags = Vec::new();
    if !forbidden.is_empty() {
        flags.push(format!("--policy-clear={}", forbidden.join(",")));
    }
    flags.extend(
        bits(word, &[("--allow-migration-agent", 18), ("--allow-debug", 19)]).map(str::to_owned),
    );
    flags.extend(bits(word, &[("--policy-set=SINGLE_SOCKET", 20)]).map(str::to_owned));
    flags
}

/// The names of the bits that are set.
fn bits<'a>(word: u64, names: &'a [(&'a str, u32)]) -> impl Iterator<Item = &'a str> {
    names.iter().filter(move |(_, bit)| word >> bit & 1 == 1).map(|(name, _)| *name)
}

/// A TCB version of Milan and Genoa as its levels. [SNP-ABI, TCB_VERSION]
fn levels(word: u64) -> String {
    let [boot_loader, tee, .., snp, microcode] = word.to_le_bytes();
    format!("bootloader={boot_loader},tee={tee},snp={snp},microcode={microcode}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_apart_by_hand() {
        // 0x4405000000000002: microcode 0x44, SNP 5, boot loader 2.
        assert_eq!(levels(0x4405_0000_0000_0002), "bootloader=2,tee=0,snp=5,microcode=68");
        assert_eq!(guest_policy(0xb0000), ["--policy-clear=CXL_ALLOW", "--allow-debug"]);
        assert_eq!(guest_policy(0), ["--policy-clear=SMT,CXL_ALLOW"]);
        assert_eq!(ours("platform_info", "1").unwrap(), ["--platform-clear=TSME_EN"]);
    }
}
