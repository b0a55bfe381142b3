//! Stored platforms: the same after loading, and refused where a line is wrong.

#[path = "generators/lab.rs"]
mod lab;

use lab::Seeded;
use sev_launch_abi::Generation;
use sev_launch_platform::{Model, Platform, StoredError};

#[test]
fn what_is_loaded_is_what_was_stored() {
    for generation in Generation::ALL {
        let mut platform = lab::platform(generation);
        platform.pdh_gen().unwrap();
        platform.set_report_version(5).unwrap();
        platform.set_platform_info(u64::MAX);
        platform.launch_start(0x1, None).unwrap();
        let stored = platform.to_bytes();
        let loaded = Platform::from_bytes(&stored).unwrap();
        assert_eq!(*loaded.to_bytes(), *stored, "{generation}");
        assert_eq!(loaded.export(), platform.export());
        assert_eq!(loaded.model(), platform.model());
        assert_eq!(loaded.status().guests, 0, "guests are not kept");
    }
}

#[test]
fn runs_of_one_chip_share_no_nonce() {
    let run = |number| {
        let mut platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
        platform.draw_from(number);
        let handle = platform.launch_start(0x1, None).unwrap();
        platform.launch_update_data(handle, &[0; 16]).unwrap();
        (platform.id(), platform.launch_measure(handle).unwrap()[32..].to_vec())
    };
    let ((chip, nonce), (other_chip, other_nonce)) = (run(u64::MAX), run(0));
    assert_eq!(chip, other_chip);
    assert_ne!(nonce, other_nonce);
}

#[test]
fn a_wrong_line_is_named() {
    let text = Platform::new(Model::of(Generation::Milan), &[7; 32]).to_bytes();
    let text = core::str::from_utf8(&text).unwrap();
    assert_eq!(text.lines().count(), 20);
    for (number, line) in text.lines().enumerate() {
        let key = line.split(' ').next().unwrap();
        for changed in [
            text.replacen(line, &format!("{line} "), 1),
            text.replacen(line, &format!("{key} x"), 1),
            text.replacen(line, &format!("x{line}"), 1),
            text.replacen(line, key, 1),
            text.replacen(&format!("{line}\n"), "", 1),
        ] {
            match Platform::from_bytes(changed.as_bytes()) {
                Err(StoredError::Line { line, .. }) => assert_eq!(line, number + 1, "{changed}"),
                other => panic!("{other:?}: {changed}"),
            }
        }
    }
    for (from, to) in [
        ("generation Milan", "generation milan"),
        ("api 1.55", "api 01.55"),
        ("build 29", "build 256"),
        ("draws 0", "draws 00"),
        ("18db", "18DB"),
        ("seed 07", "seed 0"),
        ("mask-chip-id false", "mask-chip-id 0"),
        ("report-version 2", "report-version 4"),
        ("simulated true", "simulated false"),
        ("sev-launch-platform 1", "sev-launch-platform 2"),
        ("ark -", "ark 05 07"),
        ("owner-oca -", "owner-oca 00"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let found = Platform::from_bytes(changed.as_bytes()).unwrap_err();
        assert!(matches!(found, StoredError::Line { .. }), "{to}: {found}");
    }
    let more = [text, "x"].concat();
    assert_eq!(
        Platform::from_bytes(more.as_bytes()).unwrap_err(),
        StoredError::Trailing { last: 20 }
    );
    let keys = text.replace("ark -", "ark 05 07").replace("ask -", "ask 05 07");
    let keys = keys.replace("asvk -", "asvk 05 07");
    let found = Platform::from_bytes(keys.as_bytes()).unwrap_err();
    assert!(matches!(found, StoredError::Authority(_)), "{found}");
    let large = vec![b'x'; 100_000];
    assert_eq!(Platform::from_bytes(&large).unwrap_err(), StoredError::TooLarge { found: 100_000 });
}

#[test]
fn no_bytes_panic() {
    let stored = lab::platform(Generation::Rome).to_bytes();
    let mut random = Seeded(5);
    for _ in 0..300 {
        let mut changed = stored.to_vec();
        for _ in 0..=random.below(3) {
            let at = usize::try_from(random.below(600)).unwrap();
            changed[at] = random.word().to_be_bytes()[0];
        }
        changed.truncate(usize::try_from(random.below(20_000)).unwrap());
        drop(Platform::from_bytes(&changed));
    }
}
