//! Keys that sign reports, each under a chain that was verified once; and the reports that they may sign.

use std::sync::LazyLock;

use sev_launch_testkit::report::{Authority, NOT_BEFORE, Vek as MadeUp};
use sev_launch_verify::snp::certificate::{CaCertificate, Vek};
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, Roots, VerifiedVek};

use super::changes;
use super::choices::Choices;

/// A key with its verified certificate.
pub(super) struct Key {
    pub(super) made_up: MadeUp,
    pub(super) verified: VerifiedVek,
    /// A right report of each version from 2 to 5.
    reports: [Vec<u8>; 4],
}

/// Both kinds of key, of every generation.
pub(super) static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let products = ["Milan", "Genoa", "Turin"];
    let of = |product| [MadeUp::vcek(product), MadeUp::vlek(product)];
    products.into_iter().flat_map(of).map(Key::new).collect()
});

impl Key {
    fn new(made_up: MadeUp) -> Self {
        let signer = if made_up.hardware_id.is_some() { Authority::Ask } else { Authority::Asvk };
        let authority = |one: Authority| {
            CaCertificate::parse(&one.certificate(made_up.product, Authority::Ark)).expect("right")
        };
        let (root, intermediate) = (authority(Authority::Ark), authority(signer));
        let vek = Vek::parse(&made_up.certificate(signer)).expect("a right certificate");
        let options = ChainOptions {
            roots: Roots::Explicit(&root),
            revocation: Revocation::NotChecked,
            time: NOT_BEFORE,
        };
        let chain = Chain { vek: &vek, intermediate: Some(&intermediate), root: None };
        let verified = chain.verify(&options).expect("a right chain");
        let reports = [2, 3, 4, 5].map(|version| made_up.report(version, |_| ()));
        Self { made_up, verified, reports }
    }

    /// A right report, of a version that is chosen.
    pub(super) fn report(&self, choices: &mut Choices<'_>) -> Vec<u8> {
        choices.one_of(&self.reports).clone()
    }
}

/// Offset and size of every field of a report, reserved ones too. [SNP-ABI, ATTESTATION_REPORT]
pub(super) const FIELDS: [(usize, usize); 34] = [
    (0x000, 4),
    (0x004, 4),
    (0x008, 8),
    (0x010, 16),
    (0x020, 16),
    (0x030, 4),
    (0x034, 4),
    (0x038, 8),
    (0x040, 8),
    (0x048, 4),
    (0x04c, 4),
    (0x050, 64),
    (0x090, 48),
    (0x0c0, 32),
    (0x0e0, 48),
    (0x110, 48),
    (0x140, 32),
    (0x160, 32),
    (0x180, 8),
    (0x188, 3),
    (0x18b, 21),
    (0x1a0, 64),
    (0x1e0, 8),
    (0x1e8, 3),
    (0x1eb, 1),
    (0x1ec, 3),
    (0x1ef, 1),
    (0x1f0, 8),
    (0x1f8, 8),
    (0x200, 8),
    (0x208, 8),
    (0x210, 16),
    (0x220, 64),
    (0x260, 64),
];

/// The fields that decide by which key, how and whether a report is signed.
pub(super) const BOUND: [usize; 5] = [0x000, 0x034, 0x180, 0x188, 0x1a0];

/// Fills fields, most of them with one small byte so that they may be what is wanted; `is_left` says which stay as they are.
pub(super) fn change_fields(
    choices: &mut Choices<'_>,
    report: &mut [u8],
    is_left: impl Fn(usize) -> bool,
) {
    for _ in 0..choices.below(10) {
        let (offset, size) = *choices.one_of(&FIELDS);
        let kind = choices.byte();
        if is_left(offset) {
            continue;
        }
        let field = &mut report[offset..offset + size];
        match kind % 4 {
            0 => field.fill(kind / 4 % 4),
            1 => field.copy_from_slice(&choices.array::<64>()[..size]),
            2 => field[usize::from(kind / 4) % size] ^= 1 << (choices.byte() % 8),
            _ => {
                let mut bytes = field.to_vec();
                changes::one(choices, &mut bytes);
                bytes.resize(size, 0);
                field.copy_from_slice(&bytes);
            }
        }
    }
}
