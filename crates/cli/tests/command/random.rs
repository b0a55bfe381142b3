//! Whatever bytes come in, the command ends with one of its exit codes and without a panic.

use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_oneof};
use proptest::{collection::vec, proptest};

use super::guest::{Guest, image};
use super::harness::Outcome;

fn few_cases() -> ProptestConfig {
    ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() }
}

/// An exit code of the command, no panic, and nothing on standard output where there is no answer.
fn is_sane(outcome: &Outcome) -> bool {
    matches!(outcome.code, Some(0..=2))
        && !outcome.stderr.contains("panicked")
        && (outcome.code != Some(2) || outcome.stdout.is_empty())
}

/// A good image with a few bytes of its tables changed.
fn damaged_image() -> impl Strategy<Value = Vec<u8>> {
    vec((0_usize..1500, any::<u8>()), 1..6).prop_map(|changes| {
        let mut bytes = image().size(8192).build();
        let size = bytes.len();
        for (back, value) in changes {
            bytes[size - 1 - back] = value;
        }
        bytes
    })
}

proptest! {
    #![proptest_config(few_cases())]

    #[test]
    #[ignore = "slow: `cargo xtask check` runs it"]
    fn any_bytes_as_firmware(bytes in prop_oneof![vec(any::<u8>(), 0..200), damaged_image()]) {
        let guest = Guest::new();
        guest.file("any.fd", bytes);
        for command in [
            "digest --mode snp --vcpus 2 --vcpu-type EPYC --firmware any.fd --kernel vmlinuz",
            "digest --mode seves --vcpus 2 --vcpu-type EPYC --firmware any.fd",
            "firmware show any.fd --json",
            "firmware absorb any.fd -o -",
        ] {
            let outcome = guest.run(command).go();
            prop_assert!(is_sane(&outcome), "{command}: {outcome:?}");
        }
    }

    #[test]
    fn any_bytes_as_absorbed_firmware(at in any::<usize>(), byte in any::<u8>(), noise in vec(any::<u8>(), 0..200)) {
        let guest = Guest::new();
        let mut text = guest.run("firmware absorb OVMF.fd -o -").go().stdout.into_bytes();
        let place = at % text.len();
        text[place] = byte;
        guest.file("damaged.json", text);
        guest.file("noise.json", noise);
        for file in ["damaged.json", "noise.json"] {
            let flags = "digest --mode snp --vcpus 2 --vcpu-type EPYC --kernel vmlinuz";
            let outcome = guest.run(&format!("{flags} --firmware-absorbed {file}")).go();
            prop_assert!(is_sane(&outcome), "{file}: {outcome:?}");
        }
    }

    #[test]
    fn any_bytes_as_vmsa(bytes in prop_oneof![vec(any::<u8>(), 0..200), vec(any::<u8>(), 4096)]) {
        let guest = Guest::new();
        guest.file("any.bin", bytes);
        guest.file("zero.bin", [0; 4096]);
        for command in [
            "vmsa show any.bin",
            "vmsa diff zero.bin any.bin --json",
            "digest --mode snp --vcpus 2 --firmware OVMF.fd --vmsa-bsp any.bin --vmsa-ap any.bin",
        ] {
            let outcome = guest.run(command).go();
            prop_assert!(is_sane(&outcome), "{command}: {outcome:?}");
        }
    }
}
