//! AMD's keys that sign SNP certificates: the root (ARK), and the keys of its chips (ASK) and of its cloud customers (ASVK).
//!
//! Published by AMD's key server under `/vcek/v1/<product>/cert_chain` and `/vlek/v1/<product>/cert_chain`; the certificates
//! themselves are not kept here, only their serial numbers, the SHA-256 of their DER and what keys they hold. Each is RSA-4096
//! with exponent 65537. What surprises: ARK and ASK are the keys of the SEV certificates of the same generation, since AMD
//! publishes one key in two formats, so their moduli stand in [`crate::amd_keys`] alone. An ASVK exists in X.509 only.

use sev_launch_abi::Generation;

use crate::amd_keys::{self as both, hex};

/// A key of AMD, from a certificate that is not kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PinnedKey {
    /// The serial number, which a revocation list names.
    pub(crate) serial: u32,
    /// SHA-256 of the certificate's DER.
    pub(crate) der_sha256: [u8; 32],
    /// The modulus, big-endian.
    pub(crate) modulus: &'static [u8],
}

/// The keys of one generation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PinnedKeys {
    /// The generation.
    pub(crate) generation: Generation,
    /// The root.
    pub(crate) ark: PinnedKey,
    /// Signs VCEKs.
    pub(crate) ask: PinnedKey,
    /// Signs VLEKs.
    pub(crate) asvk: PinnedKey,
}

/// The keys of the generation with this name, exactly; `None` if it has none that are known.
pub(crate) fn by_name(generation: &str) -> Option<&'static PinnedKeys> {
    [&MILAN, &GENOA, &TURIN].into_iter().find(|keys| keys.generation.name() == generation)
}

/// The keys of a generation, from serial number and SHA-256 of the certificates of ARK, ASK and ASVK, and the ASVK's modulus.
const fn pinned(
    generation: Generation,
    [ark, ask, asvk]: [(u32, &str); 3],
    asvk_modulus: &'static [u8],
) -> PinnedKeys {
    const fn key((serial, der_sha256): (u32, &str), modulus: &'static [u8]) -> PinnedKey {
        PinnedKey { serial, der_sha256: hex(der_sha256), modulus }
    }
    PinnedKeys {
        generation,
        ark: key(ark, both::ark(generation).modulus),
        ask: key(ask, both::ask(generation).modulus),
        asvk: key(asvk, asvk_modulus),
    }
}

static MILAN: PinnedKeys = pinned(
    Generation::Milan,
    [
        (65536, "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd"),
        (65537, "67d303bd3905fd38db8b20e0793699870e7fa612eaad5dec358293fd8c0bac1b"),
        (65793, "c5e081f59b7efab1fe2f8b505e159704e72f29cab7ef7cf628a05a42439082f5"),
    ],
    &MILAN_ASVK,
);
static MILAN_ASVK: [u8; 512] = hex(
    "d44516933e454cfcfeb964f68421328ac6a6f0546e5d90264b797ead781209e4b5434fb5a257271522698b07ecb1f868\
     bad26a78fca272ef8e8645f5df53cc78efd53ad1f7ba92b860d266ab7e88269ed95889b99cad9f24d9181075b49bf357\
     70803d5368879796c043971b1a9f7bfc568e2785661a84cc57ae7c628c7fa6516665115f45cb30da1c8d86a525d60cdd\
     a6720880f932814a2f14481a6b42154a018b1d085942279b34b2d255645545ebded2df78ce544845176bcfce1c7243fd\
     1fd0d301433241ac5265b3c834a6d5e933e6b6bc0057d50fd50ab8d7cc67f48f82d12b16bad3ffe52d4e88bf0e4f3438\
     0af81b1ce7ddd85df256fe310c1cdae127a51768a0a037fe045e1723f2081c92f6379b8acb7fa09120765e5ea9ae8860\
     566a9116f056f4e4c211adf65a15eed2dd59d5a6c42836772e966df7f0ab83acf23e95c32d1fed2c71e949a3d18fb093\
     cc789e28c4f3f90e91ac209070719f6800ff113358e7a687bcd2516606f35c3509be72ebddd6323afbe7fc3b4a8424a2\
     989ca79fb2de9f802b0d5415c1744f7b7851fdab0213609a8d3ee4182d403ad53342e20a652d83d1093be20dbdec984b\
     1e91019508b28d127e2c2599371f6e25c8b11b2cdabfa7e2396c7853cb96851cc7b3c9ef0c075c4b82d6df5b4f940f41\
     78e2bf0468a6413bbb84ce4c0c564bd02f5d58ae69b825097b1e88daf4aabf27",
);

static GENOA: PinnedKeys = pinned(
    Generation::Genoa,
    [
        (131072, "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1"),
        (131074, "5464738c1546aed5f2cecf1dc98c5c960a92e8913238a61711bc90ec6e828521"),
        (131329, "197e610743a917d6b9bb982a5a9226ccc0a15b611be0619e626aca9151457372"),
    ],
    &GENOA_ASVK,
);
static GENOA_ASVK: [u8; 512] = hex(
    "ccbdbfc62847b1c129c52dfe3ac419a40b8d20919211066b92858fb6a28c8e364ec9730c4470217939b9e848b431bf13\
     25995b1834b9c7f01d6e8c2cb469a91ea876cef4af8d93bb578bfa16df38a7bd4fe865df395110802b9ab62b337c8c05\
     ad1424fdc994ec7b8969d06ae97b5813ea8124c8eeb3c0b45b05bf21663d8faa4d6c40354a752f560eadf3dcdf13e01c\
     07950308aab4f71eeac3eacfb7da53a44721d1fd5b1dd445265a605864ead36a211fd6d3fba6aef243e9bcc6b79b6a7c\
     cdd208aadbae486eacac88a6ae9b76e25b2be2d2e1406eb947f45b5494fd32c2b850ba5b0143b93707652f06e7a4b587\
     894c2862bc92303f25df1443be13e6227957105128f256a1718965c6224947ca2aa80eb1de33c52a691f84481a41e7dc\
     9f83fc9c0e1249ca80a0b8a19fbe62883b54dbe66590f9ca81c36ce54d4b7b8e35ca97a7da7ec13a7472866c32014046\
     93739c3171ec27a286a432724d509a0b77d65f77b1e08bf82e4b8a440e8ef72bb7cc73f6dcdfee6c4f3f63291f7c88cc\
     6ed068380cdd5829fd944e1a9a8e1567ef1ec08bad6406260b94c840efb0594a8a62bd220286dc70c9d97498d43918d5\
     a2a550f9d2ebfbfd68b64dfa81f3dcd0ba6685664a7c05c5f6c82f62d42371a47dc251abf32491b59d98256a1fb91ef3\
     8181493c45d1c009db011ff4e61066a20ec232dd45f582929a4bba25f45e718f",
);

static TURIN: PinnedKeys = pinned(
    Generation::Turin,
    [
        (196608, "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a"),
        (196609, "5b77ef5fe7a7a004fd9032668fba9d0fda22f88c4442069a479636a6ae3b3185"),
        (196865, "104e10a8bd060a3c20a434261a57d0588fd65a88915b4f65b08bdecaf8df1a3c"),
    ],
    &TURIN_ASVK,
);
static TURIN_ASVK: [u8; 512] = hex(
    "a63aee8b89746688048747c37557c9e2e9e8c061a8964db05f2ce36e30bf7e7aa5845aa2163d4948a764612bf33d57e0\
     0d1d0c53658b972b6b006a8e1d805d938328cf7c474d726eb3be4d79fd04059a4693d3383d0185fa74ea622fa10e0baa\
     d78c1050496d37dc06ba79d479a333d1eea17c26ac0debe4ca920b329a27bd3bda338f51022a42bd38263d14e4400f21\
     8e5ded03a47b4bf1ca4e7ebf4374fbe00d017f280ae3d2cb91d1c5d395a8d2967daa63f2862d1187d7a96342fefd3d9e\
     d7b7e88567026af804f8a17918ee5720dcee9f02a89420b21f7f77d220266f5befe6fe0f8a69c6b1f1f889ce24200a51\
     d61640a54dd81b7a9413ce2a91be52100490b136424f426ffc0c42f52a39876c2b695cd6cfa1afa4f1c4b512afb9ee6f\
     7a19303e3162a49313e59ec298db9773ed2571549930749bb301521ca2ada78174503a0f9ee216c3f7631838e41974bd\
     5b9336377cd549b9fde1c27108ccce4f320b85c5ff9496ada28b257f1beab9c147f0fa52f7104c86e3787d33e5364fe8\
     55b43ac3ca7110c89ba342bc43e80eaaacdd566ea2ee3a2da1bb2e6311f51edb63b1ceb5bd2b244834f82643e3a935a2\
     c8e9ac148fba39bfe1c9afdfaa97b410fcbaf133e4f3908e0bbbaa34cceee7cc5bd2e02db746de7a30f1dbd99145b88f\
     34be6d9f02bd2859990e9799592660cef9f62be4904caf3464a9fc62ad9229f5",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_odd_and_have_4096_bits() {
        for generation in Generation::SNP {
            let PinnedKeys { ark, ask, asvk, .. } = by_name(generation.name()).unwrap();
            for key in [ark, ask, asvk] {
                assert_eq!(key.modulus.len(), 512, "{generation}");
                assert!(key.modulus[0] >= 0x80 && key.modulus[511] & 1 == 1, "{generation}");
            }
            let serials = [ark.serial, ask.serial, asvk.serial];
            assert!(serials.is_sorted_by(|a, b| a < b));
        }
    }
}
