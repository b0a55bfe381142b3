//! The guest policy of SEV and SEV-ES: known answers and findings.

use sev_launch_abi::sev::policy::{Finding, Flag, Policy};
use sev_launch_abi::{ApiVersion, Technology};
use sev_launch_testkit::sev_api::{Expect, SevApi};

#[test]
fn known_answers() {
    let vectors = SevApi::read().sev_policy;
    assert_eq!(vectors.len(), 18);
    for vector in vectors {
        let policy = Policy::from_bits(vector.value);
        let name = &vector.name;
        assert_eq!(policy.bits(), vector.value, "{name}");
        assert_eq!(policy.to_le_bytes(), *vector.bytes_le, "{name}");
        let bits: Vec<Flag> = policy.flags().collect();
        let names: Vec<String> = bits.iter().map(|bit| bit.name().to_lowercase()).collect();
        assert_eq!(names, vector.flags, "{name}");
        assert_eq!(policy.reserved_bits() != 0, vector.reserved_bits_set, "{name}");
        let min_api = ApiVersion { major: vector.api_min_major, minor: vector.api_min_minor };
        assert_eq!(policy.min_api(), min_api, "{name}");
        let rebuilt = Policy::from_parts(&bits, min_api).bits();
        assert_eq!(rebuilt, vector.value - policy.reserved_bits(), "{name}");
        let refused =
            policy.findings(policy.technology()).iter().any(|f| f.is_refused_by_platform());
        assert_eq!(!refused, vector.expect == Expect::Accept, "{name}");
        assert!(policy.to_string().starts_with(&vector.hex), "{name}");
    }
}

// The same words as in the vectors, said by names.
#[test]
fn names_make_the_same_policies() {
    for vector in SevApi::read().sev_policy.iter().filter(|vector| !vector.reserved_bits_set) {
        let api = format!("API={}.{}", vector.api_min_major, vector.api_min_minor);
        let names: Vec<_> = vector.flags.iter().cloned().chain([api]).collect();
        for separator in ["+", ", ", "|"] {
            let text = names.join(separator);
            assert_eq!(Policy::from_names(&text).unwrap().bits(), vector.value, "{text}");
        }
    }
    assert_eq!(Policy::from_names("none").unwrap().bits(), 0);
    for wrong in ["", "SMT", "NODBG+", "API=256.0", "API=1.2,API=1.2", "ABI=1.55", "0x5"] {
        assert!(Policy::from_names(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_lowest_version_is_compared_as_a_pair() {
    let vectors = SevApi::read().sev_policy_min_api;
    assert_eq!(vectors.len(), 8);
    for vector in vectors {
        let [least, platform] =
            [vector.policy_min, vector.platform].map(|[major, minor]| ApiVersion { major, minor });
        assert_eq!(platform >= least, vector.expect == Expect::Accept, "{vector:?}");
        assert_eq!(Policy::from_parts(&[], least).min_api(), least);
    }
}

#[test]
fn the_text_names_every_bit() {
    for (word, text) in [
        (0x0000_0000, "0x00000000 (no bits)"),
        (0x0000_0005, "0x00000005 (NODBG, ES)"),
        (0x0000_003f, "0x0000003f (NODBG, NOKS, ES, NOSEND, DOMAIN, SEV)"),
        (0x3301_0007, "0x33010007 (NODBG, NOKS, ES, API 1.51)"),
        (0x0000_8001, "0x00008001 (NODBG, reserved 0x8000)"),
        (0x1800_0040, "0x18000040 (reserved 0x40, API 0.24)"),
    ] {
        assert_eq!(Policy::from_bits(word).to_string(), text);
    }
}

#[test]
fn every_reserved_bit_is_found() {
    for bit in 0..32 {
        let found = Policy::from_bits(1 << bit).reserved_bits();
        assert_eq!(found, if (6..16).contains(&bit) { 1 << bit } else { 0 }, "bit {bit}");
    }
}

// [SEV-API, guest policy structure]: NODBG is bit 0, SEV bit 5.
#[test]
fn flags_stand_in_the_order_of_their_bits() {
    for (index, flag) in (0..).zip(Flag::ALL) {
        assert_eq!(flag.bit(), index);
        assert_eq!(Policy::from_bits(1 << index).flags().collect::<Vec<_>>(), [flag]);
    }
}

#[test]
fn findings_name_what_a_policy_permits() {
    let sending = |domain, sev| Finding::SendingAllowed { domain, sev };
    let contradiction = |es, technology| Finding::ContradictsTechnology { es, technology };
    for (word, technology, findings) in [
        (0x0b, Technology::Sev, vec![]),
        (0x0f, Technology::SevEs, vec![]),
        (
            0x00,
            Technology::Sev,
            vec![Finding::DebugAllowed, Finding::KeySharingAllowed, sending(false, false)],
        ),
        (0x03, Technology::Sev, vec![sending(false, false)]),
        (0x13, Technology::Sev, vec![sending(true, false)]),
        (0x23, Technology::Sev, vec![sending(false, true)]),
        (0x33, Technology::Sev, vec![sending(true, true)]),
        (0x0f, Technology::Sev, vec![contradiction(true, Technology::Sev)]),
        (0x0b, Technology::SevEs, vec![contradiction(false, Technology::SevEs)]),
        (0x0f, Technology::Snp, vec![contradiction(true, Technology::Snp)]),
        (0x804b, Technology::Sev, vec![Finding::ReservedBits(0x8040)]),
    ] {
        assert_eq!(Policy::from_bits(word).findings(technology), findings, "{word:#x}");
    }
}

#[test]
fn a_bit_that_is_named_twice_is_one() {
    let version = ApiVersion { major: 1, minor: 51 };
    let twice = Policy::from_parts(&[Flag::Nodbg, Flag::Es, Flag::Nodbg], version);
    assert_eq!(twice.bits(), 0x3301_0005);
}

#[test]
fn findings_say_what_follows() {
    let texts = |bits, technology| {
        let findings = Policy::from_bits(bits).findings(technology);
        findings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        texts(0x40, Technology::SevEs),
        [
            "debugging is allowed (NODBG is 0): the host can read the guest's memory",
            "key sharing is allowed (NOKS is 0): another guest can be given the key",
            "sending is allowed (NOSEND is 0), to any target: nobody checks its certificates",
            "reserved bits 0x40 are set: the platform refuses this policy",
            "ES is 0, which contradicts sev-es",
        ]
    );
    assert_eq!(texts(0x0f, Technology::Sev), ["ES is 1, which contradicts sev"]);
    assert_eq!(texts(0x0f, Technology::Snp), ["this is a policy of SEV (ES is 1), not one of SNP"]);
    for (word, target) in [
        (0x13, "to platforms of the same owner, genuine or not"),
        (0x23, "to genuine platforms of any owner"),
        (0x33, "to genuine platforms of the same owner"),
    ] {
        let text = format!("sending is allowed (NOSEND is 0), {target}");
        assert_eq!(texts(word, Technology::Sev), [text]);
    }
}

// The policies of SNP guests that public examples have: SMT, and a migration agent; SNP's documentation has bit 17 always 1.
#[test]
fn a_policy_of_snp_is_told_as_that() {
    for bits in [0x3_0000, 0x2_0000, 0x7_0000, 0xb_0000] {
        assert!(Policy::from_bits(bits).findings(Technology::Sev).contains(&Finding::LikeSnp));
    }
    // Policies of SEV with a lowest API, from sevctl's and libvirt's documentation.
    for bits in [0x1, 0x5, 0x0037_0001, 0x3301_0005, 0x1a02_0003] {
        assert!(!Policy::from_bits(bits).findings(Technology::Sev).contains(&Finding::LikeSnp));
    }
}
