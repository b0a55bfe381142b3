//! Revocation lists: the serial numbers and dates that are read are those that a plain reader finds.

use std::sync::LazyLock;

use sev_launch_testkit::report::{Authority, Extension, NOT_AFTER, NOT_BEFORE, crl, crl_with};
use sev_launch_verify::snp::crl::Crl;

use super::choices::Choices;
use super::der::{self, Element};

static RIGHT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let number = Extension { oid: vec![0x55, 0x1d, 0x14], critical: false, value: vec![2, 1, 1] };
    let reason = Extension { oid: vec![0x55, 0x1d, 0x15], critical: false, value: vec![10, 1, 1] };
    vec![
        crl("Milan", Authority::Ark, &[]),
        crl("Genoa", Authority::Ark, &[&[2]]),
        crl("Turin", Authority::Ark, &[&[1], &[0, 0x80, 3], &[3]]),
        crl_with("Milan", Authority::Ark, &[&[2], &[0x7f; 20]], &[reason], &[number]),
    ]
});

/// The first byte is one of [`RIGHT`], which the rest changes; or else the rest is looked at as it is.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match RIGHT.get(usize::from(choices.byte())) {
        Some(right) => {
            let mut changed = right.clone();
            der::change(&mut choices, &mut changed);
            let is_read = look_at(&changed);
            assert!(is_read || changed != *right, "a right list is not read");
        }
        None => {
            look_at(choices.rest());
        }
    }
}

fn look_at(bytes: &[u8]) -> bool {
    let Ok(list) = Crl::from_der(bytes) else { return false };
    let elements = der::read(bytes).expect("DER");
    let fields = elements[0].parts()[0].parts();
    // A version, the algorithm, the issuer, two dates, the entries, extensions: the first and the last two may be missing.
    let from = usize::from(fields[0].tag == 2);
    let issuer = &fields[from + 1];
    let name = format!("ARK-{}", list.generation());
    let holds = |element: &Element| element.content().ends_with(name.as_bytes());
    assert!(issuer.parts().iter().flat_map(Element::parts).any(holds), "another issuer");
    let entries = fields.get(from + 4).filter(|one| one.tag == 0x30);
    let entries = entries.map(Element::parts).unwrap_or_default();
    assert_eq!(list.len(), entries.len());
    assert_eq!(list.is_empty(), entries.is_empty());
    for entry in entries {
        assert!(list.revokes(&entry.parts()[0].content()), "an entry is not seen");
    }
    let named = |serial: &[u8]| {
        let number = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
        };
        entries.iter().any(|entry| number(&entry.parts()[0].content()) == number(serial))
    };
    for serial in [&[1][..], &[2], &[3], &[0, 2], &[]] {
        assert_eq!(list.revokes(serial), named(serial), "{serial:?}");
    }
    let (this_update, next_update) = list.dates();
    for (date, field) in [(this_update, &fields[from + 2]), (next_update, &fields[from + 3])] {
        // As the test kit writes its two dates: others are the library's to read.
        match field.content().as_slice() {
            b"240101000000Z" => assert_eq!(date, NOT_BEFORE),
            b"310101000000Z" => assert_eq!(date, NOT_AFTER),
            _ => {}
        }
    }
    for time in [0, NOT_BEFORE - 1, NOT_BEFORE, NOT_AFTER, NOT_AFTER + 1, u64::MAX] {
        assert_eq!(list.is_current(time), (this_update..=next_update).contains(&time));
    }
    let of_entries = entries.iter().filter_map(|entry| entry.parts().get(2));
    let of_list = fields.iter().filter(|field| field.tag == 0xa0).flat_map(Element::parts);
    for extension in of_entries.chain(of_list).flat_map(Element::parts) {
        let is_critical = extension.parts()[1].tag == 1 && extension.parts()[1].content() == [0xff];
        assert!(!is_critical, "a critical extension is passed over");
    }
    true
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = (0..4).map(|which| vec![which]).collect();
    for number in [1, 2, 3, 20, 25, 30, 33, 36, 40] {
        seeds.push([vec![3], der::seed(4, number, &[])].concat());
        seeds.push([vec![3], der::seed(6, number, &[])].concat());
        seeds.push([vec![2], der::seed(2, number, &[2, 0, 0, 1])].concat());
    }
    // TRUE before each element: one of them is an extension's value, which is critical then.
    seeds.extend((20..60).map(|number| [vec![3], der::seed(7, number, &[])].concat()));
    seeds.push([&[255], RIGHT[1].as_slice()].concat());
    seeds
}
