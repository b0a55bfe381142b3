//! Facts of a host in all their forms, what a host launches by them, and what is refused of words.

use sev_launch_abi::{SevFeatures, Technology, snp};
use sev_launch_digest::profile;
use sev_launch_host::domain_capabilities::DomainCapabilities;
use sev_launch_host::kernel_log::{self, KernelLog};
use sev_launch_host::support::Verdict;
use sev_launch_host::{Collected, Facts, Hosts, Refusal, Support, features, policy, refusal};
use sev_launch_testkit::testdata_folder;

/// The first byte says what the rest is: a document, a kernel's log, libvirt's XML, or two words and a document.
pub(crate) fn run(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match kind % 4 {
        0 => drop(facts(&text)),
        1 => log(&text),
        2 => libvirt(&text),
        _ => {
            let Some((words, rest)) = rest.split_at_checked(16) else { return };
            let word = |range: std::ops::Range<usize>| {
                u64::from_le_bytes(words[range].try_into().expect("8 bytes"))
            };
            let host = facts(&String::from_utf8_lossy(rest)).unwrap_or_default();
            refused(word(0..8), SevFeatures(word(8..16)), &host);
        }
    }
}

fn facts(text: &str) -> Option<Facts> {
    let collected = Collected::from_json(text).ok()?;
    let written = serde_json::to_string(&collected).expect("plain data");
    assert_eq!(Collected::from_json(&written).as_ref(), Ok(&collected), "{written}");
    let facts = collected.facts().ok()?;
    for technology in Technology::ALL {
        let support = Support::of(technology, &facts);
        let is_yes = support.lacks.is_empty() && support.open.is_empty();
        assert_eq!(support.verdict == Verdict::Yes, is_yes, "{support:?}");
        // Without KVM's own word there is no yes.
        let parameters = facts.parameters.unwrap_or_default();
        let by_kvm = match technology {
            Technology::Sev => parameters.sev,
            Technology::SevEs => parameters.sev_es,
            Technology::Snp => parameters.sev_snp,
        };
        assert!(!is_yes || by_kvm == Some(true), "{support:?}");
        let known = profile::derive(technology, &facts.for_profile());
        assert!(technology == Technology::Sev || support.profiles == known.profiles);
        for lack in &support.lacks {
            assert!(
                !lack.to_string().is_empty() && lack.remedy().is_none_or(|text| !text.is_empty())
            );
        }
    }
    Some(facts)
}

fn log(text: &str) {
    let read = KernelLog::read(text);
    let lines = kernel_log::known_lines(text);
    let again = KernelLog::read(&lines.join("\n"));
    // The last ones are kept, and of each message the last counts: only one that is long past can be lost.
    assert!(lines.len() <= 32);
    assert!(lines.len() == 32 || again == read, "{lines:?}");
    assert_eq!(kernel_log::known_lines(&lines.join("\n")), lines);
}

fn libvirt(text: &str) {
    if let Ok(read) = DomainCapabilities::read(text) {
        let json = serde_json::to_string(&read).expect("plain data");
        assert_eq!(serde_json::from_str::<DomainCapabilities>(&json).ok(), Some(read));
    }
}

fn refused(word: u64, word_of_features: SevFeatures, host: &Facts) {
    // Most words have no more than the bits that there are.
    let word = if word >> 63 == 1 { word } else { word & 0x3ff_ffff };
    let snp_policy = snp::Policy::from_bits(word);
    let refusals = policy::of_snp(snp_policy);
    let by_all = |refusal: &Refusal| refusal.hosts == Hosts::All;
    let is_impossible = !snp_policy.is_valid() || word >> 18 & 1 == 1;
    assert_eq!(refusals.iter().any(by_all), is_impossible, "{snp_policy}");
    let of_features =
        Technology::ALL.map(|technology| features::of_init2(technology, word_of_features));
    for refusals in of_features.into_iter().chain([refusals]) {
        let told = refusal::worth_telling(refusals.clone(), host);
        assert!(
            told.iter().all(|one| refusals.contains(one) && one.hosts.has(host) != Some(false))
        );
        let is_refused = refusals.iter().any(|one| one.hosts.has(host) == Some(true));
        assert_eq!(told.iter().any(|one| one.hosts.has(host) == Some(true)), is_refused);
        assert!(told.iter().all(|one| !one.to_string().is_empty()));
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let host = |name: &str| {
        let path = testdata_folder().join("host").join(name);
        std::fs::read(path).expect("test data")
    };
    let words = [0x13_0137_u64.to_le_bytes(), 0x221_u64.to_le_bytes()].concat();
    vec![
        [vec![0], host("milan.json")].concat(),
        [vec![0], host("no-es-asids.json")].concat(),
        [&[1], LOG.as_bytes()].concat(),
        [&[2], XML.as_bytes()].concat(),
        [vec![3], words, host("milan.json")].concat(),
    ]
}

const LOG: &str = "[    7.284091] ccp 0000:22:00.1: sev enabled\n[    7.705036] ccp 0000:22:00.1: SEV API:1.55 build:21\n\
[    7.7] ccp: SEV-SNP API:1.55 build:21\n[ 7.71] kvm_amd: SEV enabled (ASIDs 100 - 509)\n[7.72] kvm_amd: SEV-ES unusable (ASIDs 1 - 99)\n\
[ 7.8] SVM: SEV supported: 410 ASIDs\n[ 0.5] SEV-SNP: Memory for the RMP table has not been reserved by BIOS\n";
const XML: &str = "<domainCapabilities><features><sev supported='yes'><cbitpos>51</cbitpos><maxGuests>410</maxGuests><maxESGuests>99</maxESGuests></sev>\
<launchSecurity supported='yes'><enum name='sectype'><value>sev</value><value>sev-snp</value></enum></launchSecurity></features></domainCapabilities>";
