//! Why a certificate did not sign a report, by what both say; and where AMD's key server has the one that did.

use sev_launch_testkit::report::{Authority, Vek as Maker};
use sev_launch_verify::abi::Generation;
use sev_launch_verify::snp::certificate::{Vek, VekKind};
use sev_launch_verify::snp::report::{AttestationReport, UnverifiedReport};
use sev_launch_verify::snp::signer::{
    Mismatch, Part, chain_address, compare, mismatch, vcek_addresses,
};

fn report(maker: &Maker, version: u32, change: impl FnOnce(&mut Vec<u8>)) -> AttestationReport {
    let bytes = maker.report(version, change);
    UnverifiedReport::parse(bytes.as_slice()).expect("a report").claims()
}

fn certificate(maker: &Maker, issuer: Authority) -> Vek {
    Vek::parse(&maker.certificate(issuer)).expect("a certificate")
}

fn milan() -> Maker {
    Maker::vcek("Milan")
}

#[test]
fn the_first_reason_is_told() {
    let own = certificate(&milan(), Authority::Ask);
    let genoa = certificate(&Maker::vcek("Genoa"), Authority::Ask);
    let vlek = certificate(&Maker::vlek("Milan"), Authority::Asvk);
    // [SNP-ABI, ATTESTATION_REPORT]: REPORTED_TCB's SNP level at 0x186, CHIP_ID at 0x1a0, MEASUREMENT at 0x90.
    let of_tcb = report(&milan(), 3, |bytes| bytes[0x186] = 5);
    let of_chip = report(&milan(), 3, |bytes| bytes[0x1a0] ^= 1);
    let of_both = report(&milan(), 3, |bytes| {
        bytes[0x186] = 5;
        bytes[0x1a0] ^= 1;
    });
    let changed = report(&milan(), 3, |bytes| bytes[0x90] ^= 1);
    for (report, vek, wanted) in [
        (&of_tcb, &own, Mismatch::Tcb),
        (&of_chip, &own, Mismatch::Chip),
        (&of_both, &own, Mismatch::Chip),
        (&changed, &own, Mismatch::Changed),
        (&changed, &genoa, Mismatch::Product),
        (&changed, &vlek, Mismatch::Kind),
    ] {
        assert_eq!(mismatch(&compare(report, vek)), wanted);
    }
    // What people read is of the report's own claims, which anybody can have changed.
    assert!(
        Mismatch::Tcb
            .to_string()
            .starts_with("the report claims the certificate's chip at another TCB")
    );
    assert!(Mismatch::Changed.to_string().contains("not those that were signed"));
    assert_eq!([Part::Chip, Part::Snp].map(|part| part.to_string()), ["chip", "TCB SNP"]);
    let compared = compare(&of_tcb, &own);
    let other: Vec<_> = compared.iter().filter(|one| !one.agrees()).collect();
    // The test kit's certificate is for SNP level 0x18.
    assert_eq!(other.len(), 1);
    assert_eq!(other[0].part, Part::Snp);
    assert_eq!((other[0].report.as_str(), other[0].certificate.as_str()), ("5", "24"));
}

// The form is that of the sev crate's and of Trustee's requests: chip in hex, levels in decimal with two digits at least.
#[test]
fn addresses_are_those_of_the_key_server() {
    let chip: String = (0x11..0x51).map(|byte| format!("{byte:02x}")).collect();
    let levels = "blSPL=04&teeSPL=02&snpSPL=24&ucodeSPL=219";
    let address =
        |product: &str| format!("https://kdsintf.amd.com/vcek/v1/{product}/{chip}?{levels}");
    assert_eq!(vcek_addresses(&report(&milan(), 3, |_| ())), [address("Milan")]);
    // Before version 3 a report does not say which processor it is of.
    let both = [address("Milan"), address("Genoa")];
    assert_eq!(vcek_addresses(&report(&milan(), 2, |_| ())), both);
    // Turin: an identity of 8 bytes, and the FMC's level first.
    let turin = "https://kdsintf.amd.com/vcek/v1/Turin/1112131415161718?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=81";
    assert_eq!(vcek_addresses(&report(&Maker::vcek("Turin"), 3, |_| ())), [turin]);
    // A VLEK is the cloud's to fetch, and a masked chip cannot be asked for.
    assert!(vcek_addresses(&report(&Maker::vlek("Milan"), 3, |_| ())).is_empty());
    let masked = report(&milan(), 3, |bytes| bytes[0x1a0..0x1e0].fill(0));
    assert!(vcek_addresses(&masked).is_empty());
    let chain = chain_address(VekKind::Vlek, Generation::Genoa);
    assert_eq!(chain, "https://kdsintf.amd.com/vlek/v1/Genoa/cert_chain");
}
