//! Chains of SEV certificates: links are ok where a plain model says so, no other bytes verify, and a session that is made for the
//! end of a right one is opened by its key.
//!
//! A chain is put together from choices: whose key each certificate has, what it claims, and who signs it with which key. Or it is
//! a right one, of which bytes are changed.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::LazyLock;

use sev_launch_abi::Generation;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_testkit::certs::{self, EcKey, RsaKey, RsaSize, Signer, algorithm, usage};
use sev_launch_verify::sev::ca_certificate::CaCertificate;
use sev_launch_verify::sev::chain::{
    Ca, Chain, Check, Link, OcaRequirement, Platform, Roots, VerifiedPdh,
};
use sev_launch_verify::sev::keys::PrivateKey;
use sev_launch_verify::sev::session::Session;
use sha2::{Digest as _, Sha256};

use super::changes;
use super::choices::Choices;
use super::random::Drawn;

const ARK_ID: [u8; 16] = *b"throwaway ARK id";
const ASK_ID: [u8; 16] = *b"throwaway ASK id";

/// The bits of a policy that must be 0. [SEV-API, GUEST_POLICY]
const RESERVED: u32 = 0xffc0;

/// How many keys there are on P-384.
const KEYS: usize = 4;

/// A key with all that is made of it once.
struct Key {
    key: EcKey,
    coordinates: [[u8; 72]; 2],
    /// The certificate of a CEK with it, signed by the ASK, and by the ARK as if that were one.
    cek: [Vec<u8>; 2],
}

/// What chains are made of.
struct Pool {
    keys: Vec<Key>,
    /// The root that is trusted, and one with its key and another identifier.
    roots: [Vec<u8>; 2],
    /// The right ASK, one that names another root, and one that signed itself.
    asks: [Vec<u8>; 3],
    /// A whole chain that is right, as `sevctl export --full` writes it.
    right: Vec<u8>,
    trusted: CaCertificate,
}

static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let size = RsaSize::Bits2048;
    let (ark, ask) = (RsaKey::ark(size), RsaKey::ask(size));
    let key = |number: usize| {
        let key = EcKey::from_seed(&format!("chain key {number}"));
        let coordinates = key.coordinates();
        let ecdsa = algorithm::ECDSA_SHA256;
        let cek = [&ask, &ark].map(|signer| {
            certs::ec_certificate(usage::CEK, ecdsa, &coordinates, &[Signer::Rsa(signer)])
        });
        Key { key, coordinates, cek }
    };
    let root = |id| certs::ca_certificate(usage::ARK, id, &ark, id, &ark);
    let roots = [root(ARK_ID), root([7; 16])];
    let asks = [(ARK_ID, &ark), ([8; 16], &ark), (ARK_ID, &ask)]
        .map(|(above, signer)| certs::ca_certificate(usage::ASK, ASK_ID, &ask, above, signer));
    let right = certs::Platform::new(size, "a chain").full();
    let trusted = CaCertificate::parse(&roots[0]).expect("a right root");
    Pool { keys: (0..KEYS).map(key).collect(), roots, asks, right, trusted }
});

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 4 {
        0 => layouts(choices.rest()),
        1 => changed(&mut choices),
        _ => put_together(&mut choices),
    }
}

/// Any bytes in any layout: what is read is written as it was.
fn layouts(bytes: &[u8]) {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    assert!(Platform::parse_host(first, second).is_err() || bytes.len() == 8336);
    if let Ok(platform) = Platform::parse_export(bytes) {
        assert_eq!(platform.to_export(), bytes);
        let (pdh, others) = bytes.split_at(2084);
        assert_eq!(platform.to_host_chain(), others);
        assert_eq!(Platform::parse_host(others, pdh), Ok(platform));
    }
    if let Ok(ca) = Ca::parse(bytes) {
        assert_eq!(ca.to_bytes(), bytes);
    }
    if let Ok(chain) = Chain::parse_full(bytes) {
        assert_eq!(chain.to_full(), bytes);
        assert!(chain.to_string().contains("SEV certificate of the PDH"));
    }
}

/// A right chain of which bytes are changed verifies no more, wherever they are.
fn changed(choices: &mut Choices<'_>) {
    let Pool { right, trusted, .. } = &*POOL;
    let owner = choices.flag();
    let mut bytes = right.clone();
    changes::make(choices, &mut bytes);
    let Ok(chain) = Chain::parse_full(&bytes) else {
        assert_ne!(bytes, *right, "a right chain is not read");
        return;
    };
    assert_eq!(chain.to_full(), bytes);
    let key = chain.platform().oca().key_sha256();
    let owner = if owner { OcaRequirement::KeySha256(&key) } else { OcaRequirement::Any };
    let verdict = chain.verify(Roots::Explicit(trusted), owner);
    assert_eq!(verdict.verified().is_ok(), bytes == *right, "{verdict}");
}

/// One of the three certificates that are made in each run: OCA, PEK, PDH.
struct Made {
    /// Which key is in it.
    key: usize,
    /// Its signatures, at most two.
    slots: Vec<Slot>,
}

/// A signature slot that is not empty.
#[derive(Clone, Copy)]
struct Slot {
    claims: u32,
    algorithm: u32,
    /// Who signs really.
    by: usize,
    /// Is a bit of the signature changed?
    is_broken: bool,
}

impl Made {
    /// Most often as it should be: the key of this number, and one slot for each of the right signers.
    fn chosen(choices: &mut Choices<'_>, key: usize, signers: &[(u32, usize)]) -> Self {
        let right = |(claims, by): &(u32, usize)| Slot {
            claims: *claims,
            algorithm: algorithm::ECDSA_SHA256,
            by: *by,
            is_broken: false,
        };
        let mut made = Self { key, slots: signers.iter().map(right).collect() };
        for _ in 0..choices.below(3) {
            let slot = choices.below(2);
            let has_room = made.slots.len() == 1;
            match (choices.byte() % 8, made.slots.get_mut(slot)) {
                (0, _) => made.key = choices.below(KEYS),
                (1, _) => made.slots.reverse(),
                (2, Some(_)) => {
                    made.slots.remove(slot);
                }
                (3, Some(slot)) => slot.claims = *choices.one_of(&CLAIMS),
                (4, Some(slot)) => {
                    slot.algorithm = *choices.one_of(&[algorithm::ECDSA_SHA256, 0x102]);
                }
                (5, Some(slot)) => slot.by = choices.below(KEYS),
                (6, Some(slot)) => slot.is_broken = true,
                (7, _) if has_room => {
                    let (claims, by) = (*choices.one_of(&CLAIMS), choices.below(KEYS));
                    made.slots.push(right(&(claims, by)));
                }
                _ => {}
            }
        }
        made
    }

    /// The bytes, by AMD 55766.
    fn written(&self, usage: u32, pool: &Pool) -> Vec<u8> {
        let algorithm = match usage {
            usage::PDH => algorithm::ECDH_SHA256,
            _ => algorithm::ECDSA_SHA256,
        };
        let coordinates = &pool.keys[self.key].coordinates;
        let mut bytes = certs::ec_certificate(usage, algorithm, coordinates, &[]);
        let (signed, fields) = bytes.split_at_mut(1044);
        for (slot, field) in self.slots.iter().zip(fields.chunks_mut(520)) {
            let mut signature = pool.keys[slot.by].key.sign_with_nonce_one(signed);
            if slot.is_broken {
                signature[75] ^= 1;
            }
            field[..4].copy_from_slice(&slot.claims.to_le_bytes());
            field[4..8].copy_from_slice(&slot.algorithm.to_le_bytes());
            field[8..8 + signature.len()].copy_from_slice(&signature);
        }
        bytes
    }

    /// Has that signer signed it, as the one that it is, and nobody whom nothing would verify?
    fn is_signed(&self, by: usize, claims: u32, may_sign: &[u32]) -> bool {
        let mut of_signer = self.slots.iter().filter(|slot| slot.claims == claims);
        let (Some(slot), None) = (of_signer.next(), of_signer.next()) else { return false };
        let right = slot.algorithm == algorithm::ECDSA_SHA256 && slot.by == by && !slot.is_broken;
        right && self.slots.iter().all(|slot| may_sign.contains(&slot.claims))
    }
}

/// Whom a slot may name.
const CLAIMS: [u32; 6] = [usage::OCA, usage::CEK, usage::PEK, usage::PDH, usage::ASK, usage::ARK];

thread_local! {
    /// Chains of which was asked already, with the owner that was wanted: seven signatures are much work, and many inputs choose the
    /// same chain.
    static ASKED: RefCell<HashSet<([u8; 32], u8)>> = RefCell::default();
}

/// A chain of choices, verified; each link is as the model has it.
fn put_together(choices: &mut Choices<'_>) {
    let pool = &*POOL;
    let is_right = |choices: &mut Choices<'_>| choices.byte() % 8 != 7;
    let root = usize::from(!is_right(choices));
    let ask = if is_right(choices) { 0 } else { choices.below(3) };
    let cek_key = choices.below(KEYS);
    let cek_is_by_ask = is_right(choices);
    let oca_key = choices.below(KEYS);
    let oca = Made::chosen(choices, oca_key, &[(usage::OCA, oca_key)]);
    let pek = Made::chosen(choices, 2, &[(usage::OCA, oca_key), (usage::CEK, cek_key)]);
    let pdh = Made::chosen(choices, 3, &[(usage::PEK, 2)]);
    let pdh_key = pdh.key;
    let parts = [
        &pdh.written(usage::PDH, pool),
        &pek.written(usage::PEK, pool),
        &oca.written(usage::OCA, pool),
        &pool.keys[cek_key].cek[usize::from(!cek_is_by_ask)],
        &pool.asks[ask],
        &pool.roots[root],
    ];
    let bytes = parts.map(Vec::as_slice).concat();
    let chain = Chain::parse_full(&bytes).expect("a right layout");
    let wanted = chain.platform().oca().key_sha256();
    let owner = match choices.byte() % 3 {
        0 => OcaRequirement::Any,
        1 => OcaRequirement::KeySha256(&wanted),
        // Any key will do for one that is mostly another's.
        _ => OcaRequirement::Key(chain.platform().cek().point()),
    };
    let is_new = ASKED.with_borrow_mut(|asked| {
        let number = match owner {
            OcaRequirement::Any => 0,
            OcaRequirement::KeySha256(_) => 1,
            OcaRequirement::Key(_) => 2,
        };
        asked.insert((Sha256::digest(&bytes).into(), number))
    });
    if !is_new {
        return;
    }
    let owner_is_right = !matches!(owner, OcaRequirement::Key(_)) || oca.key == cek_key;
    let verdict = chain.verify(Roots::Explicit(&pool.trusted), owner);
    let links = [
        // The second root has signed itself too; it is not the one that is trusted.
        true,
        // The ASK names the first root, and is signed by the key of both.
        ask == 0 && root == 0,
        cek_is_by_ask,
        oca.is_signed(oca.key, usage::OCA, &[usage::OCA]),
        pek.is_signed(oca.key, usage::OCA, &[usage::OCA, usage::CEK]),
        pek.is_signed(cek_key, usage::CEK, &[usage::OCA, usage::CEK]),
        pdh.is_signed(pek.key, usage::PEK, &[usage::PEK]),
    ];
    assert_eq!(verdict.outcomes().len(), 2 + links.len());
    for outcome in verdict.outcomes() {
        let wanted = match outcome.check {
            Check::Root => root == 0,
            Check::Owner => owner_is_right,
            Check::Link(link) => {
                let number = Link::ALL.iter().position(|one| *one == link);
                links[number.expect("one of them")]
            }
        };
        assert_eq!(outcome.result.is_ok(), wanted, "{}\n{verdict}", outcome.check);
    }
    let all = root == 0 && owner_is_right && links.into_iter().all(|link| link);
    assert_eq!(verdict.verified().is_ok(), all);
    assert_eq!(verdict.verified_pek().is_ok(), all);
    if let Err(refused) = verdict.verified() {
        assert!(!refused.faults().is_empty() && !refused.to_string().is_empty());
    }
    if let (Ok(pdh), Ok(pek)) = (verdict.verified(), verdict.verified_pek()) {
        assert_eq!(pdh.point(), chain.platform().pdh().point());
        assert_eq!(pek.point(), chain.platform().pek().point());
        assert_eq!(pdh.owner().expected, owner != OcaRequirement::Any);
        assert_eq!((pdh.owner().key_sha256, pdh.generation()), (wanted, None));
        opens(&pdh, pool.keys[pdh_key].key.private(), choices);
    }
    // AMD signed none of it.
    if choices.byte() % 8 == 7 {
        let verdict = chain.verify(Roots::Pinned { generations: &Generation::ALL }, owner);
        assert!(verdict.verified().is_err() && verdict.verified_pek().is_err(), "{verdict}");
    }
}

/// A session that is made for a platform is opened by its key.
fn opens(pdh: &VerifiedPdh, private: [u8; 48], choices: &mut Choices<'_>) {
    let policy = Policy::from_bits(choices.u32());
    let seed = choices.byte();
    let session = match Session::create(policy, pdh, &mut Drawn::new(seed)) {
        Ok(session) => session,
        Err(error) => {
            assert_ne!(policy.bits() & RESERVED, 0, "{error}");
            return;
        }
    };
    assert_eq!(policy.bits() & RESERVED, 0, "bits that nobody knows are passed on");
    // The GODH key is what is drawn first.
    let godh = PrivateKey::generate(&mut Drawn::new(seed)).expect("a key").public_point();
    let z = PrivateKey::from_bytes(&private).expect("a key").agree(&godh);
    let opened = session.blob().open(&z, policy).expect("it is for this platform");
    let kept = session.launch().keys();
    assert_eq!(opened.tek.expose(), kept.tek.expose());
    assert_eq!(opened.tik.expose(), kept.tik.expose());
    let other = Policy::from_bits(policy.bits() ^ 1);
    assert!(session.blob().open(&z, other).is_err(), "for another policy");
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let at =
        |at: u16, kind: u8, value: &[u8]| [&[1, 0][..], &changes::seed(kind, at, value)].concat();
    let put = |of_oca: &[u8], of_pek: &[u8], of_pdh: &[u8], rest: &[u8]| {
        [&[2, 0, 0, 0, 0, 1][..], of_oca, of_pek, of_pdh, rest].concat()
    };
    let mut seeds = vec![
        vec![1, 0],
        vec![1, 1],
        at(4, 0, &[]),
        at(0x41c, 0, &[]),
        at(2084 + 4, 0, &[]),
        at(3 * 2084 + 0x430, 0, &[]),
        at(8336 + 4, 0, &[]),
        at(9900, 0, &[]),
        put(&[0], &[0], &[0], &[]),
        put(&[0], &[0], &[0], &[1]),
        put(&[0], &[0], &[0], &[2]),
        vec![2, 7, 0, 0, 0, 1],
        vec![2, 0, 7, 1, 0, 0, 1],
        vec![2, 0, 7, 2, 0, 0, 1],
        vec![2, 0, 0, 0, 7, 1],
    ];
    for kind in 0..8 {
        seeds.push(put(&[1, 0, kind, 4], &[0], &[0], &[]));
        seeds.push(put(&[0], &[1, 0, kind, 4], &[0], &[]));
        seeds.push(put(&[0], &[1, 1, kind, 0], &[0], &[]));
        seeds.push(put(&[0], &[0], &[1, 0, kind, 4], &[]));
    }
    seeds
}
