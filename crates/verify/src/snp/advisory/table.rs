//! The table of bulletins and levels. A level without a source has no row here: of that bulletin and generation nothing is known then.
//!
//! AMD writes firmware versions twice: 1.55.22 is "hex 1.37.16" in its records.

use sev_launch_abi::snp::tcb::TcbComponent::{self, Microcode, Snp};
use sev_launch_abi::{Generation, PlatformVersion};

use super::{Besides, Bulletin, Floor, Level, Mark};
use Generation::{Genoa, Milan, Turin};

/// When the sources were last looked up: `YYYY-MM`.
pub const DATE: &str = "2026-11";

/// Model and stepping of processors whose microcode has lines of its own. As linux-firmware's amd-ucode/README lists them.
const MILAN: Option<(u8, u8)> = Some((0x01, 1));
const MILAN_X: Option<(u8, u8)> = Some((0x01, 2));
const GENOA: Option<(u8, u8)> = Some((0x11, 1));
const GENOA_X: Option<(u8, u8)> = Some((0x11, 2));
const BERGAMO_SIENA: Option<(u8, u8)> = Some((0xa0, 2));
const TURIN: Option<(u8, u8)> = Some((0x02, 1));

const fn part(
    generation: Generation,
    processor: Option<(u8, u8)>,
    (part, level): (TcbComponent, u8),
    (source, mark): (&'static str, Mark),
) -> Level {
    Level { generation, processor, floor: Floor::Part(part, level), source, mark }
}

const fn firmware(
    generation: Generation,
    build: u8,
    (source, mark): (&'static str, Mark),
) -> Level {
    let version = PlatformVersion { major: 1, minor: 55, build };
    Level { generation, processor: None, floor: Floor::Firmware(version), source, mark }
}

const FWUPD: (&str, Mark) = ("fwupd, table of fixed microcode versions", Mark::Source);
const LINUX: (&str, Mark) = ("Linux 4b28f0846ef6, quoting AMD's release notes", Mark::Source);
const READ_BY_OTHERS: (&str, Mark) = ("AMD's bulletin as others quote it", Mark::SecondHand);

/// Every bulletin that has a level with a source, the oldest first.
pub const BULLETINS: &[Bulletin] = &[
    Bulletin {
        name: "AMD-SB-3005",
        cve: "CVE-2023-20592",
        about: "CacheWarp",
        published: "2023-11-14",
        besides: None,
        levels: &[
            firmware(Milan, 16, READ_BY_OTHERS),
            part(Milan, MILAN, (Microcode, 0xd1), READ_BY_OTHERS),
            part(Milan, MILAN_X, (Microcode, 0x34), READ_BY_OTHERS),
        ],
    },
    Bulletin {
        name: "AMD-SB-3015",
        cve: "CVE-2024-21944",
        about: "BadRAM",
        published: "2024-12",
        besides: None,
        levels: &[
            part(Milan, None, (Snp, 0x17), READ_BY_OTHERS),
            part(Genoa, None, (Snp, 0x16), READ_BY_OTHERS),
        ],
    },
    Bulletin {
        name: "AMD-SB-3019",
        cve: "CVE-2024-56161",
        about: "microcode signatures (EntrySign)",
        published: "2025-02-03",
        besides: None,
        levels: &[
            part(Milan, MILAN, (Microcode, 0xdb), FWUPD),
            part(Milan, MILAN_X, (Microcode, 0x44), FWUPD),
            part(Genoa, GENOA, (Microcode, 0x54), FWUPD),
            part(Genoa, GENOA_X, (Microcode, 0x4f), FWUPD),
            part(Genoa, BERGAMO_SIENA, (Microcode, 0x19), FWUPD),
            part(Genoa, None, (Snp, 0x17), READ_BY_OTHERS),
        ],
    },
    Bulletin {
        name: "AMD-SB-3020",
        cve: "CVE-2025-0033",
        about: "RMPocalypse",
        published: "2025-10-14",
        besides: None,
        levels: &[
            part(Genoa, None, (Snp, 0x1b), READ_BY_OTHERS),
            part(Genoa, GENOA, (Microcode, 0x56), READ_BY_OTHERS),
            part(Genoa, GENOA_X, (Microcode, 0x51), READ_BY_OTHERS),
            part(Turin, None, (Snp, 4), READ_BY_OTHERS),
            part(Turin, TURIN, (Microcode, 0x50), READ_BY_OTHERS),
        ],
    },
    Bulletin {
        name: "AMD-SB-3027",
        cve: "CVE-2025-29943",
        about: "StackWarp",
        published: "2026-01-16",
        besides: Some(Besides::SmtOff),
        levels: &[
            part(Milan, MILAN, (Microcode, 0xde), READ_BY_OTHERS),
            part(Milan, MILAN_X, (Microcode, 0x47), READ_BY_OTHERS),
            part(Genoa, GENOA, (Microcode, 0x56), READ_BY_OTHERS),
            part(Genoa, GENOA_X, (Microcode, 0x51), READ_BY_OTHERS),
            part(Turin, TURIN, (Microcode, 0x51), READ_BY_OTHERS),
        ],
    },
    Bulletin {
        name: "AMD-SB-3023",
        cve: "CVE-2025-48514",
        about: "a SEV-ES guest attacks an SNP guest",
        published: "2026-02-10",
        besides: None,
        levels: &[
            part(Milan, None, (Snp, 0x1b), LINUX),
            part(Genoa, None, (Snp, 0x1b), LINUX),
            part(Turin, None, (Snp, 4), LINUX),
        ],
    },
    Bulletin {
        name: "AMD-SB-3016",
        cve: "CVE-2023-20585",
        about: "buffers of the IOMMU",
        published: "2026-04-14",
        besides: Some(Besides::Unseen("a fixed host kernel is needed too")),
        levels: &[
            firmware(Milan, 35, READ_BY_OTHERS),
            part(Milan, None, (Snp, 0x1b), READ_BY_OTHERS),
            firmware(Genoa, 49, READ_BY_OTHERS),
            part(Genoa, None, (Snp, 0x1b), READ_BY_OTHERS),
        ],
    },
    Bulletin {
        name: "AMD-SB-3030",
        cve: "CVE-2025-61971",
        about: "BreakFAST",
        published: "2026-05-13",
        besides: None,
        levels: &[part(Milan, None, (Snp, 0x1d), READ_BY_OTHERS)],
    },
];
