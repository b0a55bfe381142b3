//! The ARK and the ASK of Naples, out of the certificates that AMD publishes as `ask_ark_naples.cert`.

use super::{AmdKey, hex};
use crate::sev::certificate::Usage;
use crate::sev::rsa_pss::EXPONENT;

/// The root key.
pub(super) static ARK: AmdKey = AmdKey {
    usage: Usage::Ark,
    key_id: hex("1bb987c359494606b174945601c9ea5b"),
    certifying_id: hex("1bb987c359494606b174945601c9ea5b"),
    exponent: EXPONENT,
    modulus: &MODULUS_OF_ARK,
    signature: &SIGNATURE_OF_ARK,
    certificate_sha256: hex("dedabca561e1dece8cc00b7bda864cf5f20b95017864408cfe18eaee0dce24b9"),
};
static MODULUS_OF_ARK: [u8; 256] = hex(
    "dbbe91655458b2c0c990a611246c50d0d156fe3a40c6ad1975da499b0a0325bb54df8bc7f5d8a1bb4a0cfdbee558abf4\
     792781b0c3a8fe30365c332b59c9a2df316f38037f965a2803900221872e51cd943f655562563a47a9a1d66993f144ff\
     5a356e9027dbbc6ea43e33fdf555684bfefd831b3a74663ef42015078c10597e41a95367371e34d10204d6c2e7cb1fbc\
     1d6b6145b458f29c1019e317a6436a8be8b731dfac1861bab5223da03cc90a0272d52311eb19e0f8568f2d1e885615a9\
     d8c6238b656a068368ee0afb6a8bd2eff95d37eae3427f40345d35a827b97f4e9012e05660ac9fb48677de84d4949826\
     fde45c243aa655eb1c83000ace606cb9",
);
static SIGNATURE_OF_ARK: [u8; 256] = hex(
    "557c4235d6fe39162c9ea4f703506a35cc36f25b7f8968040e2f77ae1a5d3b621077985beb83a38dea097dce1b493c67\
     4d80547469c0f987268d5aad9a00753e8d7b13cf758e6a73e956b08db4a1451070b0a41adeebbb21c0fefbcbedf67fbf\
     df0056b67317d36f6d4618d6f17c7bebcbbd1f6c930f1e85d107942b4cbc20d1de0eb0a48722d4c1d0178a4ae5bf8aac\
     92c01991952953d170917b5450cf55d278b163aee354b921f4b14c7f979d599186d40f9a679ad178c7962c90891b73df\
     d7301564c0aafdaa01ccb7e39544f6ca74111e4353235917294276fd415968c22313bc9861ac83d711dd5a86d1a4af71\
     f8b9f36541f0f4b04bf0acb88cade582",
);

/// The signing key.
pub(super) static ASK: AmdKey = AmdKey {
    usage: Usage::Ask,
    key_id: hex("e139970cfc464377ae61b289e2f9e96e"),
    certifying_id: hex("1bb987c359494606b174945601c9ea5b"),
    exponent: EXPONENT,
    modulus: &MODULUS_OF_ASK,
    signature: &SIGNATURE_OF_ASK,
    certificate_sha256: hex("c6f30cf923f526c3bcd5c8c221db51e0db65911782f046de17a6603131cdfd7f"),
};
static MODULUS_OF_ASK: [u8; 256] = hex(
    "d382ec946922966be504ef2205da44ae319ba0a7ce986745541e554e18ee4ec80e9df7cbf1193bd9a7f81ce41a7236f1\
     1838889b610a70598e422ab0bae05388e6943ffa6db8f24e185d228c65c39d270de8fb2c4eb3bdcaec2d41eb7e4c4252\
     a2bdad918b6977661507d1e5b54358a3dd586d512aaf427ea56ed82cb3e6c406099ff5721d414494b73c32e2ae19f031\
     546b3635ead83b08e622805311a2c9cf8b15ef602a81913a26da88bed5ef4825c1edbad1f1b0cdd9e4cb4bce0ed75786\
     b2f949f0860abaaee6f961650ae80335a85a3bbc6dca83c07e7a5dd7fb79a3de15f0f41199eeae13142412350a92224d\
     43d5222959c62e2a229df0046708811f",
);
static SIGNATURE_OF_ASK: [u8; 256] = hex(
    "ce1fe4eda2ba5416505a142ddb75fbfd10c90441a9c00433a82353d225f4dcd5e20dd45fbdfff9e547a1f4775745780b\
     745b397c65076e1bbfb61dd79049b0903e39a10eb9c981292588b48a356138c413ae20026c31d9b7d0d2fcf810e88cf8\
     6e0317217516f982a57dc3164e4153b2fe8f08fae135ed72a5774d8112665c1328fc99accd3de877d0e69cbc0584e87f\
     551e3917b2acdb87cbad8a723d65008182cc19b5832dc421ca248e3a589700d44b4eb2432092b6981a328c345494a474\
     dbea271f53adaacbe9c8eefe527caffb4e4fa2ec74657aa2358b3d0ae052d1d7e3f341af4b7b1c67561a9c7b638271d2\
     a7949ce873e5c24fbb2c5f04acbd1464",
);
