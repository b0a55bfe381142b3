//! A platform's certificates: in any layout and form the same ones are read, in the order in which they stand.
//!
//! The first bytes choose certificates of a throw-away platform and change some of their bytes; the whole input is read as it is, too.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use sev_launch_evidence::sev_certificates::{
    self, CertificateSet, CertificatesError, PlatformFile, SevCertificate,
};
use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_verify::sev::certificate::Usage;

use super::texts;

/// The certificates of throw-away platforms of both sizes of AMD's keys: PDH, PEK, OCA, CEK, ASK, ARK.
static PIECES: LazyLock<[[Vec<u8>; 6]; 2]> = LazyLock::new(|| {
    [RsaSize::Bits2048, RsaSize::Bits4096].map(|size| {
        let Platform { pdh, pek, oca, cek, ask, ark, .. } = Platform::new(size, "fuzz");
        [pdh, pek, oca, cek, ask, ark]
    })
});

pub(crate) fn run(bytes: &[u8]) {
    read(bytes);
    if let Ok(file) = made(&mut Unstructured::new(bytes)) {
        read(&file);
    }
}

/// A file of some certificates, in any order, with some bytes changed.
fn made(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const LAYOUTS: [&[usize]; 11] = [
        &[0],
        &[1],
        &[2],
        &[3],
        &[1, 2, 3],
        &[0, 1, 2, 3],
        &[0, 1, 2, 3, 4, 5],
        &[4],
        &[5],
        &[4, 5],
        &[5, 4],
    ];
    let pieces = u.choose(&*PIECES)?;
    let mut layout = u.choose(&LAYOUTS)?.to_vec();
    if u.ratio(1, 4)? {
        let [one, other] = [u.choose_index(layout.len())?, u.choose_index(layout.len())?];
        // In another order; or one of them twice, where both are of one size.
        match (layout[one] < 4) == (layout[other] < 4) && u.arbitrary()? {
            true => layout[one] = layout[other],
            false => layout.swap(one, other),
        }
    }
    let mut file = layout.iter().flat_map(|index| &pieces[*index]).copied().collect::<Vec<_>>();
    for _ in 0..u.int_in_range(0..=4)? {
        let at = u.choose_index(file.len())?;
        file[at] = u.arbitrary()?;
    }
    if u.ratio(1, 16)? {
        file.truncate(u.choose_index(file.len())?);
    }
    Ok(file)
}

fn read(bytes: &[u8]) {
    let read = sev_certificates::read(bytes);
    let platform = PlatformFile::parse(bytes);
    let one = sev_certificates::one("a certificate", bytes).ok();
    let oca = sev_certificates::oca(bytes).ok();
    let ark = sev_certificates::ark(bytes);
    let ca = sev_certificates::ca(bytes);
    let Ok(certificates) = read else {
        // PEK, OCA and CEK wait for their PDH before they are looked at.
        assert!(matches!(platform, Err(_) | Ok(PlatformFile::Host(_))), "a platform of none");
        assert!(ark.is_err() && ca.is_err(), "AMD's of none");
        assert!(one.is_none() && oca.is_none(), "a certificate of none");
        return;
    };
    let single = match certificates.as_slice() {
        [SevCertificate::Platform(one)] => Some(&**one),
        _ => None,
    };
    assert_eq!(one.as_ref(), single, "one by itself");
    assert_eq!(oca.as_ref(), single.filter(|one| one.usage() == Usage::Oca), "an owner's");
    let whole: Vec<u8> = joined(&certificates);
    assert_eq!(sev_certificates::read(&whole), Ok(certificates.clone()), "what was read");
    // The text of some thousand bytes is not worth its time in every run.
    if bytes.first().is_some_and(|first| first % 8 == 0) {
        for text in texts(&whole) {
            assert_eq!(sev_certificates::read(text.as_bytes()), Ok(certificates.clone()));
        }
    }
    for certificate in &certificates {
        assert!(!certificate.to_string().is_empty());
    }
    match platform {
        Ok(PlatformFile::Pdh(one)) => assert_eq!(one.as_bytes().as_slice(), &*whole),
        Ok(PlatformFile::Host(chain)) => {
            let pdh = &PIECES[0][0];
            if let Ok(platform) = chain.with_pdh(pdh) {
                assert_eq!(platform.to_export(), [pdh.as_slice(), &*whole].concat());
            }
        }
        Ok(PlatformFile::Whole(parts)) => {
            let (platform, ca) = *parts;
            let ca = ca.map(|ca| ca.to_bytes()).unwrap_or_default();
            assert_eq!([platform.to_export(), ca].concat(), whole);
        }
        Err(_) => {}
    }
    if let Ok(ca) = ca {
        assert_eq!(ca.to_bytes(), whole);
    }
    in_a_set(&certificates);
}

fn joined<'a>(certificates: impl IntoIterator<Item = &'a SevCertificate>) -> Vec<u8> {
    certificates.into_iter().flat_map(SevCertificate::as_bytes).copied().collect()
}

/// A set has each usage once, and gives a platform back whatever the order.
fn in_a_set(certificates: &[SevCertificate]) {
    let mut set = CertificateSet::default();
    let mut kept: Vec<&SevCertificate> = Vec::new();
    for certificate in certificates {
        let same = kept.iter().find(|other| other.usage() == certificate.usage());
        match set.put(certificate.clone()) {
            Ok(()) => assert!(same.is_none_or(|other| *other == certificate)),
            Err(error) => {
                assert!(matches!(error, CertificatesError::Second(_)), "{error}");
                assert!(same.is_some_and(|other| *other != certificate));
                continue;
            }
        }
        if same.is_none() {
            kept.push(certificate);
        }
    }
    assert_eq!(joined(set.iter()), joined(kept.iter().copied()));
    if let Ok(platform) = set.platform() {
        let export = platform.to_export();
        assert_eq!(set.to_host_chain().expect("a platform")[..], export[2084..]);
        let read = sev_certificates::read(&export).expect("an export");
        assert!(read.iter().all(|certificate| kept.contains(&certificate)));
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let choices = (0..8).map(|number| sev_launch_testkit::pattern(48, 29, number * 32));
    let files = ["sev/pdh.cert", "sev/ark.cert", "sev/ca.cert"].map(super::testdata);
    choices.chain(files).collect()
}
