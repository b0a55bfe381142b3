//! X.509 certificates of SNP: what is said of one is what a plain reader finds in it, and PEM says the same as DER.

use std::sync::LazyLock;

use sev_launch_testkit::report::{self as made_up, Authority, Extension};
use sev_launch_verify::snp::certificate::{CaCertificate, CaKind, Vek, VekKind};

use super::choices::Choices;
use super::der::{self, Element};
use super::pem;

/// Certificates of every kind and generation, all of them right.
pub(super) static RIGHT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for product in ["Milan", "Genoa", "Turin"] {
        all.push(made_up::Vek::vcek(product).certificate(Authority::Ask));
        all.push(made_up::Vek::vlek(product).certificate(Authority::Asvk));
        for authority in [Authority::Ark, Authority::Ask, Authority::Asvk] {
            all.push(authority.certificate(product, Authority::Ark));
        }
    }
    // keyUsage: digitalSignature.
    let usage = Extension::critical(&[0x55, 0x1d, 0x0f], &[3, 2, 7, 0x80]);
    all.push(made_up::Vek::vcek("Milan").certificate_with(Authority::Ask, &[usage]));
    all
});

/// AMD's arc, 1.3.6.1.4.1.3704.1.
const AMD: [u8; 8] = [0x2b, 6, 1, 4, 1, 0x9c, 0x78, 1];

/// The first byte is one of [`RIGHT`], which the rest changes; or else the rest is looked at as it is.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match RIGHT.get(usize::from(choices.byte())) {
        Some(right) => {
            let form = choices.byte();
            let mut changed = right.clone();
            der::change(&mut choices, &mut changed);
            let is_read = look_at(&changed);
            assert!(is_read || changed != *right, "a right certificate is not read");
            if form % 4 == 3 {
                // The same as text, which is changed again.
                let mut text = pem::written("CERTIFICATE", &changed);
                super::changes::make(&mut choices, &mut text);
                look_at(&text);
            }
        }
        None => {
            look_at(choices.rest());
        }
    }
}

/// Was it read as one kind or the other?
fn look_at(bytes: &[u8]) -> bool {
    let vek = Vek::parse(bytes);
    let authority = CaCertificate::parse(bytes);
    assert!(vek.is_err() || authority.is_err(), "both kinds at once");
    if let Ok(vek) = &vek {
        look_at_vek(vek);
        is_the_same_as_text(bytes, vek.der());
        assert_eq!(Vek::parse(&pem::written("CERTIFICATE", vek.der())).as_ref(), Ok(vek));
        assert!(Vek::parse(&pem::written("PRIVATE KEY", vek.der())).is_err());
    }
    if let Ok(authority) = &authority {
        look_at_authority(authority);
        is_the_same_as_text(bytes, authority.der());
        let text = pem::written("CERTIFICATE", authority.der());
        assert_eq!(CaCertificate::parse(&text).as_ref(), Ok(authority));
        let twice = [text.as_slice(), &text].concat();
        assert!(CaCertificate::parse(&twice).is_err(), "two in place of one");
        let many = CaCertificate::parse_many(&twice);
        assert_eq!(many, Ok(vec![authority.clone(), authority.clone()]));
    }
    if let Ok(many) = CaCertificate::parse_many(bytes) {
        assert!(many.len() <= 8);
        for one in &many {
            look_at_authority(one);
        }
    }
    vek.is_ok() || authority.is_ok()
}

/// DER is kept as it came.
fn is_the_same_as_text(bytes: &[u8], der: &[u8]) {
    assert!(bytes == der || bytes.trim_ascii().starts_with(b"-----BEGIN CERTIFICATE-----"));
}

/// The certificate's fields from the serial number on, and its extensions: number, critical or not, value.
struct Plain {
    fields: Vec<Element>,
    extensions: Vec<(Vec<u8>, bool, Vec<u8>)>,
}

impl Plain {
    fn of(der: &[u8]) -> Self {
        let certificate = der::read(der).expect("DER");
        let [certificate] = certificate.as_slice() else { panic!("one certificate") };
        let fields = certificate.parts()[0].parts().to_vec();
        // Version 3 stands before all others; extensions are the fourth optional field.
        assert_eq!((fields[0].tag, fields[0].content()), (0xa0, vec![2, 1, 2]), "version 3");
        let extensions = fields.iter().find(|field| field.tag == 0xa3);
        let list = extensions.map(|wrapped| wrapped.parts()[0].parts()).unwrap_or_default();
        let extension = |one: &Element| {
            let parts = one.parts();
            let is_critical = parts[1].tag == 1 && parts[1].content() == [0xff];
            let value = parts.last().expect("a value");
            (parts[0].content(), is_critical, value.content())
        };
        let extensions: Vec<_> = list.iter().map(extension).collect();
        for (index, (number, ..)) in extensions.iter().enumerate() {
            assert!(extensions[..index].iter().all(|(other, ..)| other != number), "one twice");
        }
        Self { fields: fields[1..].to_vec(), extensions }
    }

    /// The value of AMD's extension with these last numbers.
    fn amd(&self, last: &[u8]) -> Option<&[u8]> {
        let number = [AMD.as_slice(), last].concat();
        let found = self.extensions.iter().find(|(other, ..)| *other == number);
        found.map(|(.., value)| value.as_slice())
    }

    /// A common name that is all of a name; nothing if there is more in it.
    fn common_name(&self, field: usize) -> String {
        let mut found = Vec::new();
        for set in self.fields[field].parts() {
            for attribute in set.parts() {
                if attribute.parts()[0].content() == [0x55, 4, 3] {
                    found.push(attribute.parts()[1].content());
                }
            }
        }
        let [one] = found.as_slice() else { panic!("{} common names", found.len()) };
        String::from_utf8(one.clone()).expect("text")
    }

    fn serial(&self) -> Vec<u8> {
        self.fields[0].content().into_iter().skip_while(|byte| *byte == 0).collect()
    }
}

fn look_at_vek(vek: &Vek) {
    let plain = Plain::of(vek.der());
    let (subject, by) = match vek.kind() {
        VekKind::Vcek => ("SEV-VCEK", format!("SEV-{}", vek.generation())),
        VekKind::Vlek => ("SEV-VLEK", format!("SEV-VLEK-{}", vek.generation())),
    };
    assert_eq!((plain.common_name(2), plain.common_name(4)), (by, subject.to_owned()));
    assert_eq!(vek.serial(), plain.serial());
    let is_turin = vek.generation().name() == "Turin";
    // An INTEGER of one byte, or of two where the first is the sign's.
    let level = |last: &[u8]| match plain.amd(last) {
        Some([2, 1, level @ 0..=0x7f] | [2, 2, 0, level @ 0x80..=0xff]) => *level,
        other => panic!("no level at {last:?}: {other:?}"),
    };
    assert_eq!(level(&[1]), u8::from(is_turin));
    let tcb = vek.tcb();
    assert_eq!(
        [tcb.boot_loader, tcb.tee, tcb.snp, tcb.microcode],
        [level(&[3, 1]), level(&[3, 2]), level(&[3, 3]), level(&[3, 8])]
    );
    assert_eq!(tcb.fmc, is_turin.then(|| level(&[3, 9])));
    assert_eq!(plain.amd(&[3, 9]).is_some(), is_turin);
    for reserved in 4..=7 {
        assert!(plain.amd(&[3, reserved]).is_none_or(|value| value == [2, 1, 0]));
    }
    let id = plain.amd(&[4]);
    match (vek.kind(), vek.hardware_id()) {
        (VekKind::Vcek, Some(hardware)) => {
            let size = if is_turin { 8 } else { 64 };
            assert_eq!(hardware.as_bytes().len(), size);
            assert!(id.is_some_and(|id| id.ends_with(hardware.as_bytes()) && id.len() <= size + 2));
        }
        (VekKind::Vlek, None) => assert_eq!(id, None),
        other => panic!("{other:?}"),
    }
    let text = |last: &[u8]| {
        let elements = der::read(plain.amd(last)?).expect("one string");
        let [one] = elements.as_slice() else { panic!("{} strings", elements.len()) };
        assert_eq!(one.tag, 0x16, "an IA5String");
        Some(String::from_utf8(one.content()).expect("ASCII"))
    };
    assert_eq!(Some(vek.product_name()), text(&[2]).as_deref());
    assert_eq!(vek.csp_id(), text(&[5]).as_deref());
    let known: Vec<Vec<u8>> = [&[1][..], &[2], &[4], &[5]]
        .into_iter()
        .map(<[u8]>::to_vec)
        .chain((1..=9).map(|level| vec![3, level]))
        .map(|last| [AMD.as_slice(), &last].concat())
        .collect();
    refuses_unknown(&plain, &known);
}

fn look_at_authority(authority: &CaCertificate) {
    let plain = Plain::of(authority.der());
    let name = |kind: CaKind| {
        let prefix = match kind {
            CaKind::Ark => "ARK-",
            CaKind::Ask => "SEV-",
            CaKind::Asvk => "SEV-VLEK-",
        };
        format!("{prefix}{}", authority.generation())
    };
    assert_eq!(plain.common_name(4), name(authority.kind()));
    assert_eq!(plain.common_name(2), name(CaKind::Ark));
    assert_eq!(authority.serial(), plain.serial());
    assert!((256..=512).contains(&authority.modulus().len()));
    let modulus = plain.fields[5].parts()[1].parts()[0].parts()[0].content();
    assert!(
        modulus.ends_with(authority.modulus()) && modulus.len() <= authority.modulus().len() + 1
    );
    refuses_unknown(&plain, &[]);
}

/// Nothing is critical but what is read: basicConstraints, keyUsage and those of AMD's.
fn refuses_unknown(plain: &Plain, known: &[Vec<u8>]) {
    for (number, is_critical, _) in &plain.extensions {
        let is_known = [[0x55, 0x1d, 0x0f], [0x55, 0x1d, 0x13]].iter().any(|one| number == one);
        assert!(!is_critical || is_known || known.contains(number), "{number:02x?} is critical");
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let count = u8::try_from(RIGHT.len()).expect("a few");
    let mut seeds: Vec<Vec<u8>> = (0..count).map(|which| vec![which]).collect();
    seeds.push(vec![0, 3]);
    seeds.push(vec![2, 3]);
    for number in [2, 5, 20, 30, 40, 50, 60, 70, 80] {
        seeds.push([vec![0, 0], der::seed(4, number, &[])].concat());
        seeds.push([vec![0, 0], der::seed(6, number, &[])].concat());
        seeds.push([vec![2, 0], der::seed(2, number, &[2, 0, 0, 1])].concat());
    }
    seeds.push([&[255], RIGHT[10].as_slice()].concat());
    seeds
}
