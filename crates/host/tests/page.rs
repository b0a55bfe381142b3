//! docs/preflight.md: its tables are made of the rules themselves. `SEV_LAUNCH_BLESS=1` writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sev_launch_abi::snp::policy::Flag;
use sev_launch_abi::{ApiVersion, SevFeatures, Technology, sev, snp};
use sev_launch_host::support::Least;
use sev_launch_host::{Hosts, Refusal, features, policy};

const HEAD: &str = "\
# Before the launch

Half of the public questions about SEV guests are about launches that no host would start. `sev-launch preflight` tells it before anything boots:

- Without a host it says whether any host starts what is described, and what some hosts refuse.
- With `--host` and the facts that `sev-launch host collect` wrote there, it says whether that host starts it, by which launch profile, and with which
  digest. What is not known of the host is no yes: exit code 2, with what would tell.

`sev-launch host` says the same of the host alone: which technologies it launches, for how many guests, what is missing and what to change. Every command
that reads a description notes what hosts refuse of its policy and of its features; importers warn of it (`policy-refused`).

Policies and SEV_FEATURES are written as numbers, or by the names of their bits: `NODBG+ES`, `SMT+SINGLE_SOCKET+ABI=1.55`, `SNPActive+DebugSwap`. Names
are AMD's; upper and lower case, `-`, `_` and spaces in them are no difference. `+` and `|` separate names, and in a policy `,` too. Bit 17 of an SNP policy,
which must be one, need not be said.

The rules below are those of the crate `sev-launch-host`, by upstream kernels up to 7.3 and AMD's documents. \"Every host\" means every such kernel. Debian's,
Ubuntu's and Proxmox's kernels are taken by their release. RHEL's, SUSE's and openEuler's have more than their release says: where it would decide, the answer
is open. No rule was tried on hardware; `rehearse` holds KVM's model to them, and the AMD-SP in software was written apart from them.
";

const TAIL: &str = "
SEV and SNP need a proof that the AMD-SP started them. From Linux 6.16 on the module's parameter is one. Before, it stays Y where the firmware failed, and the
kernel's log has to say `SEV API` and `SEV-SNP API`; for SEV libvirt's word is a proof too, since QEMU then asked for the platform's certificates. Kernel and QEMU of AMD's forks launched SNP guests before Linux 6.11, with versions that tell nothing: open.

SEV-ES has further bounds. Its guests need ASIDs that the BIOS sets aside for SEV-ES and SNP together. Where ccp has started SNP
(kvm_amd's parameter does not stop that), newer firmware of the AMD-SP refuses SEV-ES guests (AMD-SB-3023): from 1.55.35 on Milan, 1.55.49 on Genoa and 1.58.3 on Turin at the latest. Between those and the last builds that are known to
allow them (1.55.29 and 1.55.40) only CURRENT_TCB tells, and the answer is open.

## What QEMU prints, and what to look at

| QEMU prints | who refuses | what to look at |
|---|---|---|
| `SNP_LAUNCH_START ret=-22 fw_error=0` | KVM | the policy: MIGRATE_MA, a reserved bit; on older kernels no SMT, SINGLE_SOCKET, and newer bits |
| `SNP_LAUNCH_START` … `fw_error=7` | the AMD-SP | the policy: SMT, sockets, ABI |
| `LAUNCH_START` … `fw_error=7` | the AMD-SP | the policy of SEV or SEV-ES: reserved bits, API |
| `LAUNCH_START` … `fw_error=11` | the AMD-SP | the session: of another policy, or for another platform |
| `SNP_LAUNCH_FINISH` … `fw_error=7`, `10`, `11` | the AMD-SP | the ID block: its policy, a signature, the digest |
| `failed to initialize ret=-22` | KVM | SEV_FEATURES |
| `failed to initialize ret=-16` | KVM | ASIDs: none is free, or there are none |
| `unsupported machine type` | QEMU | the machine type is newer than QEMU |

## What is collected

`sev-launch host collect` reads `/proc/sys/kernel/osrelease`, the first processor of `/proc/cpuinfo`, `/sys/devices/system/cpu` (SMT, sockets),
`/sys/module/kvm_amd/parameters`, `/sys/fs/cgroup/misc.capacity` and `misc.current`, and whether there is `/dev/sev`; it runs `dmesg` or `journalctl -k`,
`qemu-system-x86_64 --version`, `virsh --version`, `virsh domcapabilities`, and `dpkg-query` or `rpm`. The document
([schema](schemas/host-collected.schema.json)) holds versions, switches and counts. It has no name, address, serial number or chip id of the host, and of the
kernel's log only the messages about SEV that are known; of versions the numbers, and of a kernel's release the words that many have (`6.12.41-custom` is one
that a host's owner named). Facts in another form than `collect` writes are refused. `--root` reads a copied tree in place of the host and runs nothing.
";

/// How a row says on which hosts something is refused.
fn hosts(hosts: Hosts) -> String {
    match hosts {
        Hosts::All => "every host".to_owned(),
        hosts => hosts.to_string().trim().to_owned(),
    }
}

fn row(page: &mut String, what: &str, refusal: &Refusal) {
    let Refusal { by, command, .. } = refusal;
    let hosts = hosts(refusal.hosts);
    let answer = refusal.answer.to_string();
    let (answer, words) = answer.split_once(" (QEMU prints ").expect("QEMU's words");
    let words = words.trim_end_matches(')');
    writeln!(page, "| {what} | {by} | {hosts} | {command}: {answer} | `{words}` |").expect("text");
}

const TABLE: &str = "| what | refused by | on which hosts | the error | what QEMU prints |\n|---|---|---|---|---|\n";

/// The page, whole.
fn page() -> String {
    let mut page = format!("{HEAD}\n## Policies of SNP\n\n{TABLE}");
    let smt = 0x3_0000;
    let mut rows = |what: &str, bits: u64| {
        let refusals = policy::of_snp(snp::Policy::from_bits(bits));
        refusals.iter().for_each(|refusal| row(&mut page, what, refusal));
    };
    rows("bit 17 is 0", smt & !(1 << 17));
    rows("a reserved bit is 1 (26 to 63)", smt | 1 << 26);
    rows("SMT (bit 16) is 0", smt & !(1 << 16));
    for flag in Flag::ALL.into_iter().filter(|flag| *flag != Flag::Smt) {
        rows(&format!("{flag} (bit {}) is 1", flag.bit()), smt | 1 << flag.bit());
    }
    let api = ApiVersion { major: 1, minor: 55 };
    rows("the lowest ABI is 1.55", snp::Policy::from_parts(&[Flag::Smt], api).bits());

    write!(page, "\n## Policies of SEV and SEV-ES\n\n{TABLE}").expect("text");
    let mut rows = |what: &str, bits: u32| {
        let refusals = policy::of_sev(sev::Policy::from_bits(bits));
        refusals.iter().for_each(|refusal| row(&mut page, what, refusal));
    };
    rows("a reserved bit is 1 (6 to 15)", 1 << 6);
    rows("the lowest API is 1.55", sev::Policy::from_parts(&[], api).bits());

    write!(page, "\n## SEV_FEATURES\n\nOf guests that are made by KVM_SEV_INIT2: SNP's, and SEV-ES's with `legacy-vm-type=off`. SNPActive is KVM's to set. No released QEMU asks for a bit, but by an\nIGVM file.\n\n{TABLE}").expect("text");
    for (number, name) in SevFeatures::all_names().enumerate() {
        let bit = SevFeatures::from_names(name).expect("a name");
        let of_snp = features::of_init2(Technology::Snp, bit);
        let of_es = features::of_init2(Technology::SevEs, bit);
        let what = |of| format!("{name} (bit {}){of}", bit.0.trailing_zeros());
        if of_snp == of_es {
            of_snp.iter().for_each(|refusal| row(&mut page, &what(""), refusal));
        } else {
            of_snp.iter().for_each(|refusal| row(&mut page, &what(", SNP"), refusal));
            of_es.iter().for_each(|refusal| row(&mut page, &what(", SEV-ES"), refusal));
        }
        assert!(number < 64);
    }

    page.push_str("\n## The oldest versions\n\n| technology | Linux (upstream) | QEMU | libvirt | OVMF |\n|---|---|---|---|---|\n");
    for technology in Technology::ALL {
        let Least { kernel, qemu, libvirt, ovmf } = Least::of(technology);
        let ovmf =
            ovmf.map_or("any".to_owned(), |(year, month)| format!("edk2-stable{year}{month:02}"));
        let two = |version: sev_launch_digest::profile::Version| {
            format!("{}.{}", version.major, version.minor)
        };
        writeln!(
            page,
            "| {technology} | {} | {} | {} | {ovmf} |",
            two(kernel),
            two(qemu),
            two(libvirt)
        )
        .expect("text");
    }
    page.push_str(TAIL);
    page
}

#[test]
fn the_page_has_the_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/preflight.md");
    let page = page();
    if std::env::var_os("SEV_LAUNCH_BLESS").is_some() {
        fs::write(&path, &page).expect("written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/preflight.md is not what the rules say: SEV_LAUNCH_BLESS=1 writes it"
    );
}
