//! Attestation reports of SNP: every field is where the specification has it, and only what the key signed is believed.

use sev_launch_verify::snp::certificate::VekKind;
use sev_launch_verify::snp::report::{
    AttestationReport, MaskedChipId, REPORT_SIZE, ReportOptions, UnknownVersion, UnverifiedReport,
};

use super::changes;
use super::choices::Choices;
use super::snp_keys::{self, KEYS, Key};

/// The first byte: a report as it stands, or one whose fields are chosen and which is then signed.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    if choices.byte().is_multiple_of(8) {
        let bytes = choices.rest();
        let Ok(report) = UnverifiedReport::parse(bytes) else {
            assert_ne!(bytes.len(), REPORT_SIZE);
            return;
        };
        look_at(&report.claims(), bytes);
        return;
    }
    let key = choices.one_of(&KEYS);
    let unknown_version =
        if choices.flag() { UnknownVersion::ReadAsLastKnown } else { UnknownVersion::Refuse };
    let masked_chip_id = if choices.flag() { MaskedChipId::Accept } else { MaskedChipId::Refuse };
    let options = ReportOptions { unknown_version, masked_chip_id };
    let mut right = key.report(&mut choices);
    snp_keys::change_fields(&mut choices, &mut right, |_| false);
    key.made_up.sign_with_nonce_one(&mut right);
    let mut changed = right.clone();
    changes::make(&mut choices, &mut changed);
    let Ok(report) = UnverifiedReport::parse(changed.as_slice()) else {
        assert_ne!(changed.len(), REPORT_SIZE);
        return;
    };
    look_at(&report.claims(), &changed);
    match report.verify(&key.verified, options) {
        Ok(verified) => {
            assert_eq!(changed, right, "it was changed after it was signed");
            assert!(is_of(key, &right, options), "it cannot be this key's");
            assert_eq!(verified.as_bytes(), right.as_slice());
            assert_eq!(verified.report(), &report.claims());
            assert_eq!(verified.generation().name(), key.made_up.product);
            assert!(!verified.is_under_amd_root());
        }
        Err(error) => {
            assert!(
                changed != right || !is_of(key, &right, options),
                "a right one is refused: {error}"
            );
            assert!(!error.to_string().is_empty());
        }
    }
}

pub(super) fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

pub(super) fn wide(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

/// Can it be a report by that key, signature aside? [SNP-ABI, ATTESTATION_REPORT]
fn is_of(key: &Key, report: &[u8], options: ReportOptions) -> bool {
    let version = number(report, 0);
    let version_is_known = (2..=5).contains(&version)
        || version > 5 && options.unknown_version == UnknownVersion::ReadAsLastKnown;
    let kind = key.verified.vek().kind();
    let signing_key = if kind == VekKind::Vcek { 0 } else { 1 };
    let key_info = number(report, 0x48);
    let product = match report[0x188..0x18a] {
        [0x19, 0x00..=0x0f] => "Milan",
        [0x19, 0x10..=0x1f | 0xa0..=0xaf] => "Genoa",
        [0x1a, 0x00..=0x11] => "Turin",
        _ => "",
    };
    let chip = &report[0x1a0..0x1e0];
    let chip_is_zero = chip.iter().all(|byte| *byte == 0);
    let chip_is_right = match &key.made_up.hardware_id {
        None => chip_is_zero,
        Some(id) => {
            let (start, rest) = chip.split_at(id.len());
            start == id && rest.iter().all(|byte| *byte == 0)
                || chip_is_zero && options.masked_chip_id == MaskedChipId::Accept
        }
    };
    version_is_known
        && number(report, 0x34) == 1
        && key_info >> 2 & 7 == signing_key
        && key_info & 2 == 0
        && (version < 3 || product == key.made_up.product)
        // The levels are in the certificate; what is reserved is 0 there.
        && report[0x180..0x188] == key.made_up.tcb
        && chip_is_right
}

/// Every field, from its bytes.
fn look_at(claims: &AttestationReport, bytes: &[u8]) {
    let version = number(bytes, 0);
    assert_eq!([claims.version, claims.guest_svn], [version, number(bytes, 4)]);
    assert_eq!(claims.policy.bits(), wide(bytes, 8));
    assert_eq!(claims.family_id, bytes[0x10..0x20]);
    assert_eq!(claims.image_id, bytes[0x20..0x30]);
    assert_eq!([claims.vmpl, claims.signature_algo], [number(bytes, 0x30), number(bytes, 0x34)]);
    assert_eq!(claims.current_tcb.as_bytes(), &bytes[0x38..0x40]);
    assert_eq!(claims.platform_info.bits(), wide(bytes, 0x40));
    assert_eq!(claims.key_info.bits(), number(bytes, 0x48));
    assert_eq!(claims.report_data, bytes[0x50..0x90]);
    assert_eq!(claims.measurement.as_bytes(), &bytes[0x90..0xc0]);
    assert_eq!(claims.host_data, bytes[0xc0..0xe0]);
    assert_eq!(claims.id_key_digest, bytes[0xe0..0x110]);
    assert_eq!(claims.author_key_digest, bytes[0x110..0x140]);
    assert_eq!(claims.report_id, bytes[0x140..0x160]);
    assert_eq!(claims.report_id_ma, bytes[0x160..0x180]);
    assert_eq!(claims.reported_tcb.as_bytes(), &bytes[0x180..0x188]);
    let cpuid = claims.cpuid.map(|cpu| [cpu.family, cpu.model, cpu.stepping]);
    assert_eq!(
        cpuid.as_ref().map(<[u8; 3]>::as_slice),
        (version >= 3).then_some(&bytes[0x188..0x18b])
    );
    assert_eq!(claims.chip_id, bytes[0x1a0..0x1e0]);
    assert_eq!(claims.committed_tcb.as_bytes(), &bytes[0x1e0..0x1e8]);
    // The build comes first.
    for (found, at) in [(claims.current_version, 0x1e8), (claims.committed_version, 0x1ec)] {
        assert_eq!([found.build, found.minor, found.major], bytes[at..at + 3]);
    }
    assert_eq!(claims.launch_tcb.as_bytes(), &bytes[0x1f0..0x1f8]);
    let mitigations = [claims.launch_mit_vector, claims.current_mit_vector];
    let wanted = [0x1f8, 0x200].map(|at| (version >= 5).then(|| wide(bytes, at)));
    assert_eq!(mitigations, wanted);
    let mut reserved = claims.reserved.clone();
    reserved.sort_unstable();
    assert_eq!(reserved, reserved_bytes(bytes));
    assert!(!format!("{claims:?}").is_empty());
}

/// Bytes that must be zero in this version of the report and are not, those of the TCB versions aside.
pub(super) fn reserved_bytes(report: &[u8]) -> Vec<(u16, u8)> {
    let version = number(report, 0);
    let mut found = Vec::new();
    for (at, byte) in report[..0x2a0].iter().enumerate() {
        let is_reserved = match at {
            0x49..=0x4f | 0x18b..=0x19f | 0x1eb | 0x1ef | 0x208..=0x29f => true,
            0x188..=0x18a => version < 3,
            0x1f8..=0x207 => version < 5,
            _ => false,
        };
        // KEY_INFO has five bits.
        let byte = if at == 0x48 { byte & 0xe0 } else { *byte };
        if (is_reserved || at == 0x48) && byte != 0 {
            found.push((u16::try_from(at).expect("it is small"), byte));
        }
    }
    found
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for which in 0..6 {
        for version in 0..4 {
            seeds.push(vec![1, which, 0, 0, version]);
        }
    }
    let field =
        |number: u8, kind: u8, value: &[u8]| [&[1, 0, 1, 1, 3, 1, number, kind], value].concat();
    // The version, the algorithm, KEY_INFO, REPORTED_TCB, the processor, CHIP_ID, something reserved.
    for number in [0, 6, 9, 18, 19, 21, 10, 32] {
        seeds.push(field(number, 0, &[]));
        seeds.push(field(number, 2, &[1]));
    }
    seeds.push(field(0, 1, &[6]));
    // A bit of REPORTED_TCB that is reserved.
    seeds.push(field(18, 14, &[1]));
    seeds.push([&[1, 0, 0, 0, 3, 0], changes::seed(0, 0x55, &[]).as_slice()].concat());
    seeds.push([&[1, 0, 0, 0, 3, 0], changes::seed(0, 0x2b0, &[]).as_slice()].concat());
    seeds.push([&[0], KEYS[0].report(&mut Choices::new(&[3])).as_slice()].concat());
    seeds
}
