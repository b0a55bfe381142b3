//! ID blocks: what was signed checks, nothing that was changed afterwards does, and every byte has its place.

use std::sync::LazyLock;

use sev_launch_abi::snp::{LaunchDigest, Policy};
use sev_launch_testkit::certs::EcKey;
use sev_launch_testkit::nonce_one;
use sev_launch_verify::snp::id_block::{
    AuthorKey, ID_AUTH_SIZE, ID_BLOCK_SIZE, IdAuth, IdBlock, IdBlockError, IdPrivateKey,
};
use sha2::{Digest as _, Sha384};

use super::changes;
use super::choices::Choices;

/// A key, its private number, and its public half as the structure has it. [SNP-ABI, ECDSA P-384 public key]
type Key = ([u8; 48], Vec<u8>);

/// Keys that sign, and an ID authentication that the library has signed, without an author and with one.
struct Pool {
    keys: [Key; 3],
    signed: [Vec<u8>; 2],
}

/// The block that is signed once.
fn constant() -> IdBlock {
    let digest = LaunchDigest::from_bytes([0xd1; 48]);
    IdBlock::new(digest, [1; 16], [2; 16], 3, Policy::from_bits(0x3_0000))
}

static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let keys = ["one", "two", "three"].map(|seed| {
        let key = EcKey::from_seed(seed);
        let mut public = 2_u32.to_le_bytes().to_vec();
        public.extend(key.coordinates().as_flattened());
        public.resize(1028, 0);
        (key.private(), public)
    });
    let [id, author, _] = &keys;
    let private = |key: &Key| IdPrivateKey::from_scalar(&key.0).expect("a private key");
    let (id, author) = (private(id), private(author));
    let signed = [None, Some(&author)]
        .map(|author| IdAuth::sign(&constant(), &id, author).as_bytes().to_vec());
    Pool { keys, signed }
});

/// The first byte: bytes as they are, what the library signed once, or what is chosen and signed here.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 4 {
        0 => {
            let (block, auth) = choices.rest().split_at_checked(ID_BLOCK_SIZE).unwrap_or_default();
            look_at(block, auth);
        }
        1 => {
            let has_author = choices.flag();
            let right =
                (constant().to_bytes().to_vec(), POOL.signed[usize::from(has_author)].clone());
            change(&mut choices, &right, has_author, true);
        }
        _ => sign(&mut choices),
    }
}

fn little_endian(number: &[u8; 48]) -> [u8; 72] {
    let mut field = [0; 72];
    field.iter_mut().zip(number.iter().rev()).for_each(|(to, from)| *to = *from);
    field
}

/// A signature's 512 bytes. [SNP-ABI, ECDSA P-384 with SHA-384 signature]
fn signature(key: &Key, message: &[u8]) -> Vec<u8> {
    let numbers = nonce_one::sign(&key.0, &Sha384::digest(message));
    let mut field = numbers.map(|number| little_endian(&number)).concat();
    field.resize(512, 0);
    field
}

/// Chooses a block and its keys, and signs. [SNP-ABI, SNP_LAUNCH_FINISH]
fn sign(choices: &mut Choices<'_>) {
    let keys = &POOL.keys;
    let mut block = Vec::new();
    for field in [48, 16, 16] {
        let byte = choices.byte();
        block.extend(vec![byte; field]);
    }
    let version = if choices.byte() % 8 == 7 { choices.u32() } else { 1 };
    let svn = choices.u32();
    let mask = if choices.byte() % 8 == 7 { u64::MAX } else { 0x3ff_ffff };
    let policy = choices.u64() & mask | if mask == u64::MAX { 0 } else { 1 << 17 };
    block.extend(version.to_le_bytes());
    block.extend(svn.to_le_bytes());
    block.extend(policy.to_le_bytes());

    let (id, id_signer) = (choices.below(3), choices.below(3));
    // An author in half of them: it costs a second signature.
    let (author, author_signer) = (choices.below(6).min(3), choices.below(3));
    let mut auth = Vec::new();
    auth.extend(1_u32.to_le_bytes());
    auth.extend(u32::from(author < 3).to_le_bytes());
    auth.resize(64, 0);
    auth.extend(signature(&keys[id_signer], &block));
    auth.extend(&keys[id].1);
    auth.resize(0x680, 0);
    if let Some(author) = keys.get(author) {
        auth.extend(signature(&keys[author_signer], &keys[id].1));
        auth.extend(&author.1);
    }
    auth.resize(ID_AUTH_SIZE, 0);

    let policy_is_taken = policy >> 17 & 1 == 1 && policy >> 26 == 0;
    let author_is_right = author == 3 || author == author_signer;
    let is_right = version == 1 && policy_is_taken && id == id_signer && author_is_right;
    change(choices, &(block, auth), author < 3, is_right);
}

/// Changes what was signed, and checks: only what is right and unchanged is taken.
fn change(choices: &mut Choices<'_>, right: &(Vec<u8>, Vec<u8>), has_author: bool, is_right: bool) {
    let (mut block, mut auth) = right.clone();
    let changed = if choices.flag() { &mut block } else { &mut auth };
    changes::make(choices, changed);
    let is_same = (&block, &auth) == (&right.0, &right.1);
    let Some((read_block, read_auth)) = look_at(&block, &auth) else {
        assert!(!is_same, "what was signed is not read");
        return;
    };
    let asked = if choices.byte() % 4 == 3 { !has_author } else { has_author };
    let author = if asked { AuthorKey::Enabled } else { AuthorKey::Disabled };
    let (mut digest, mut policy) = (read_block.launch_digest, read_block.policy);
    // One of the two questions: a signature is checked for each.
    let outcome = match choices.byte() % 4 {
        0 => read_auth.check(&read_block, author),
        which => {
            match which {
                1 => {}
                2 => digest = LaunchDigest::from_bytes(choices.array()),
                _ => policy = Policy::from_bits(choices.u64()),
            }
            read_auth.check_for(&read_block, author, digest, policy)
        }
    };
    let is_wanted = digest == read_block.launch_digest && policy == read_block.policy;
    let is_taken = is_same && is_right && asked == has_author && is_wanted;
    assert_eq!(outcome.is_ok(), is_taken, "{outcome:?}");
    if let Err(IdBlockError::Refused(rules)) = &outcome {
        assert!(!rules.is_empty());
    }
}

/// Both are read where they have their size, and each field is where the specification has it.
fn look_at(block: &[u8], auth: &[u8]) -> Option<(IdBlock, IdAuth)> {
    let (read_block, read_auth) = (IdBlock::from_bytes(block), IdAuth::from_bytes(auth));
    assert_eq!(read_block.is_ok(), block.len() == ID_BLOCK_SIZE);
    assert_eq!(read_auth.is_ok(), auth.len() == ID_AUTH_SIZE);
    let (read_block, read_auth) = (read_block.ok()?, read_auth.ok()?);
    assert_eq!(read_block.to_bytes(), block);
    assert_eq!(read_auth.as_bytes(), auth);
    assert_eq!(read_block.launch_digest.as_bytes(), &block[..48]);
    assert_eq!([read_block.family_id, read_block.image_id].as_flattened(), &block[48..80]);
    assert_eq!(read_block.version.to_le_bytes(), block[80..84]);
    assert_eq!(read_block.guest_svn.to_le_bytes(), block[84..88]);
    assert_eq!(read_block.policy.bits().to_le_bytes(), block[88..96]);
    let id: [u8; 48] = Sha384::digest(&auth[0x240..0x644]).into();
    assert_eq!(read_auth.id_key_digest(), id);
    let author = &auth[0x880..0xc84];
    let digest =
        if author.iter().all(|byte| *byte == 0) { [0; 48] } else { Sha384::digest(author).into() };
    assert_eq!(read_auth.author_key_digest(), digest);
    Some((read_block, read_auth))
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let block = [0xd1, 1, 2, 0, 3, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0];
    let with = |keys: [u8; 4], rest: &[u8]| [&[2], &block[..], &keys, rest].concat();
    vec![
        vec![1, 0],
        vec![1, 1],
        [&[1, 1, 0], changes::seed(0, 0x50, &[]).as_slice()].concat(),
        [&[1, 1, 0], changes::seed(0, 0xc90, &[]).as_slice()].concat(),
        [&[1, 0, 1], changes::seed(0, 0x50, &[]).as_slice()].concat(),
        with([0, 0, 3, 0], &[]),
        with([0, 0, 1, 1], &[]),
        with([0, 1, 3, 0], &[]),
        with([0, 0, 1, 2], &[]),
        with([0, 0, 3, 0], &[0, 0, 3]),
        with([0, 0, 1, 1], &[0, 0, 3, 0]),
        with([0, 0, 3, 0], &[0, 0, 0, 1]),
        with([0, 0, 1, 1], &[0, 0, 0, 2]),
        vec![2, 0xd1, 1, 2, 7, 2, 0, 0, 0, 3, 0, 0, 0, 7],
    ]
}
