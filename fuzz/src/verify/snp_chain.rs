//! Chains of SNP certificates: which ones hold is said by a plain model of who signed what, and no other bytes verify.

use std::sync::LazyLock;

use sev_launch_abi::Generation;
use sev_launch_testkit::report::{Authority, NOT_AFTER, NOT_BEFORE, Vek as MadeUp, crl};
use sev_launch_verify::snp::certificate::{CaCertificate, CaKind, Vek};
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Link, Revocation, Roots};
use sev_launch_verify::snp::crl::Crl;

use super::choices::Choices;
use super::der;

const PRODUCTS: [&str; 2] = ["Milan", "Turin"];

/// An authority's certificate, and who signed it.
struct Ca {
    der: Vec<u8>,
    kind: CaKind,
    product: &'static str,
    /// Whose key is in it.
    key: Authority,
    signer: Authority,
}

/// A VEK's certificate, and who signed it.
struct Leaf {
    der: Vec<u8>,
    is_vcek: bool,
    product: &'static str,
    signer: Authority,
}

/// A revocation list, who signed it, and the serial numbers that it names.
struct List {
    der: Vec<u8>,
    product: &'static str,
    signer: Authority,
    revoked: Vec<u8>,
}

/// All that a chain may be put together from.
struct Pool {
    authorities: Vec<Ca>,
    leaves: Vec<Leaf>,
    lists: Vec<List>,
}

/// As the test kit numbers certificates.
fn serial(key: Authority) -> u8 {
    match key {
        Authority::Ark | Authority::OtherArk => 1,
        Authority::Ask => 2,
        Authority::Asvk => 3,
    }
}

fn kind(key: Authority) -> CaKind {
    match key {
        Authority::Ark | Authority::OtherArk => CaKind::Ark,
        Authority::Ask => CaKind::Ask,
        Authority::Asvk => CaKind::Asvk,
    }
}

static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let (ark, other) = (Authority::Ark, Authority::OtherArk);
    let (mut authorities, mut leaves, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    for product in PRODUCTS {
        for (key, signer) in [
            (ark, ark),
            (other, other),
            (Authority::Ask, ark),
            (Authority::Asvk, ark),
            (Authority::Ask, other),
        ] {
            let der = key.certificate(product, signer);
            authorities.push(Ca { der, kind: kind(key), product, key, signer });
        }
        for (made_up, is_vcek, signer) in [
            (MadeUp::vcek(product), true, Authority::Ask),
            (MadeUp::vlek(product), false, Authority::Asvk),
            // Names its issuer as the others do, and is signed by another.
            (MadeUp::vcek(product), true, Authority::Asvk),
        ] {
            leaves.push(Leaf { der: made_up.certificate(signer), is_vcek, product, signer });
        }
        for (signer, revoked) in [(ark, vec![]), (ark, vec![2]), (ark, vec![3, 1]), (other, vec![])]
        {
            let serials: Vec<[u8; 1]> = revoked.iter().map(|one| [*one]).collect();
            let serials: Vec<&[u8]> = serials.iter().map(<[u8; 1]>::as_slice).collect();
            lists.push(List { der: crl(product, signer, &serials), product, signer, revoked });
        }
    }
    Pool { authorities, leaves, lists }
});

/// The signed part of a certificate or list as it stands, without the algorithm and the signature after it.
fn signed(der: &[u8]) -> Option<Vec<u8>> {
    let elements = der::read(der)?;
    let [envelope] = elements.as_slice() else { return None };
    Some(der::write(envelope.parts().get(..1)?))
}

/// What was chosen, each with the bytes that are given for it.
struct Chosen<'a> {
    leaf: &'a Leaf,
    intermediate: Option<&'a Ca>,
    root: Option<&'a Ca>,
    /// Nothing: AMD's roots are trusted.
    trusted: Option<&'a Ca>,
    list: Option<&'a List>,
    time: u64,
}

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let pool = &*POOL;
    let leaf = choices.one_of(&pool.leaves);
    let mut authority = |among: &'static [Ca]| -> Option<&'static Ca> {
        let number = choices.byte();
        among.get(usize::from(number) % (among.len() + 1))
    };
    let (intermediate, root, trusted) =
        (authority(&pool.authorities), authority(&pool.authorities), authority(&pool.authorities));
    let list = pool.lists.get(usize::from(choices.byte()) % (pool.lists.len() + 1));
    let times =
        [NOT_BEFORE, NOT_AFTER, NOT_BEFORE - 1, NOT_AFTER + 1, (NOT_BEFORE + NOT_AFTER) / 2];
    let time = match choices.byte() {
        255 => choices.u64(),
        which => times[usize::from(which) % times.len()],
    };
    let chosen = Chosen { leaf, intermediate, root, trusted, list, time };

    // One of them is changed, most often.
    let changed = choices.byte() % 5;
    let mut bytes_of = |number: u8, der: &[u8]| {
        let mut bytes = der.to_vec();
        if number == changed {
            der::change(&mut choices, &mut bytes);
        }
        bytes
    };
    let leaf_bytes = bytes_of(1, &leaf.der);
    let intermediate_bytes = intermediate.map(|one| bytes_of(2, &one.der));
    let root_bytes = root.map(|one| bytes_of(3, &one.der));
    let list_bytes = list.map(|one| bytes_of(4, &one.der));
    let Ok(vek) = Vek::parse(&leaf_bytes) else {
        assert_ne!(leaf_bytes, leaf.der, "a right certificate is not read");
        return;
    };
    let parse =
        |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|der| CaCertificate::parse(der)).transpose();
    let (Ok(given_intermediate), Ok(given_root)) = (parse(&intermediate_bytes), parse(&root_bytes))
    else {
        return;
    };
    let Ok(given_list) = list_bytes.as_ref().map(|der| Crl::from_der(der)).transpose() else {
        return;
    };
    let trusted_root = trusted.map(|one| CaCertificate::parse(&one.der).expect("it is right"));
    let options = ChainOptions {
        roots: match &trusted_root {
            Some(root) => Roots::Explicit(root),
            None => Roots::Pinned { generations: &Generation::SNP },
        },
        revocation: given_list.as_ref().map_or(Revocation::NotChecked, Revocation::Checked),
        time,
    };
    let chain =
        Chain { vek: &vek, intermediate: given_intermediate.as_ref(), root: given_root.as_ref() };
    let outcome = chain.verify(&options);
    let is_unchanged = leaf_bytes == leaf.der
        && intermediate_bytes.as_deref() == intermediate.map(|one| one.der.as_slice())
        && root_bytes.as_deref() == root.map(|one| one.der.as_slice())
        && list_bytes.as_deref() == list.map(|one| one.der.as_slice());
    match outcome {
        Ok(verified) => {
            assert!(chosen.holds(), "a wrong chain holds");
            assert!(!verified.is_under_amd_root(), "no key here is AMD's");
            // What is around a signature may be spelled in two ways; what is signed may not.
            assert_eq!(signed(&leaf_bytes), signed(&leaf.der));
            assert_eq!(
                intermediate_bytes.as_deref().map(signed),
                intermediate.map(|one| signed(&one.der))
            );
            assert_eq!(root_bytes.as_deref(), root.map(|one| one.der.as_slice()));
            assert_eq!(list_bytes.as_deref().map(signed), list.map(|one| signed(&one.der)));
            assert_eq!(verified.links().len(), Link::ALL.len());
        }
        Err(error) => {
            assert!(!(is_unchanged && chosen.holds()), "a right chain is refused: {error}");
            assert_eq!(error.links().len(), Link::ALL.len());
            assert!(error.failures().count() > 0);
            if is_unchanged {
                let failed = |link: Link| error.failures().any(|(failed, _)| failed == link);
                for (link, holds) in chosen.links() {
                    assert_eq!(failed(link), !holds, "{link}: {error}");
                }
            }
        }
    }
}

impl Chosen<'_> {
    fn holds(&self) -> bool {
        self.links().into_iter().all(|(_, holds)| holds)
    }

    /// Each link of the unchanged certificates, by who signed what.
    fn links(&self) -> [(Link, bool); 6] {
        let Self { leaf, intermediate, root, trusted, list, time } = *self;
        let is_valid = (NOT_BEFORE..=NOT_AFTER).contains(&time);
        let is_same = |one: &Ca, other: &Ca| one.der == other.der;
        // The root's key: the given one's, or that of the trusted one; AMD's where there is neither.
        let above = root.or(trusted);
        let names = |signed: &Ca, by: &Ca| by.kind == CaKind::Ark && by.product == signed.product;
        let signs = |signed: &Ca, by: &Ca| names(signed, by) && by.key == signed.signer && is_valid;
        let issuer = if leaf.is_vcek { CaKind::Ask } else { CaKind::Asvk };
        let generation =
            intermediate.into_iter().chain(root).all(|one| one.product == leaf.product);
        let anchor = match (root, trusted) {
            (None, _) => true,
            (Some(root), Some(trusted)) => is_same(root, trusted),
            (Some(_), None) => false,
        };
        let own = above.is_none_or(|root| root.kind == CaKind::Ark && signs(root, root));
        let authorised = match (intermediate, above) {
            (Some(one), Some(above)) => one.kind == issuer && signs(one, above),
            (Some(_), None) => false,
            // AMD's own stands in for it where AMD's roots are trusted.
            (None, _) => trusted.is_none(),
        };
        let endorsed = intermediate.is_some_and(|one| {
            let by_name = one.kind == issuer && one.product == leaf.product;
            by_name && one.key == leaf.signer && is_valid
        });
        let unrevoked = list.is_none_or(|list| {
            let by = above.filter(|above| above.kind == CaKind::Ark && above.key == list.signer);
            let named = |one: &Ca| list.revoked.contains(&serial(one.key));
            list.product == leaf.product
                && is_valid
                && by.is_some_and(|above| !named(above))
                && !intermediate.is_some_and(named)
        });
        [
            (Link::Generation, generation),
            (Link::Anchor, anchor),
            (Link::Root, own),
            (Link::Intermediate, authorised),
            (Link::Vek, endorsed),
            (Link::Revocation, unrevoked),
        ]
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    // The numbers in the pool: VCEK, VLEK, one by another; ARK, the other ARK, ASK, ASVK, the other's ASK; then those of Turin.
    let none = 10;
    let right = [0, 2, none, 0, 8, 0];
    let mut seeds = vec![
        right.to_vec(),
        vec![1, 3, 0, 0, 8, 4],
        vec![3, 7, 5, 5, 4, 1],
        vec![0, 2, 0, 0, 0, 0],
        vec![0, 2, 0, 0, 1, 0],
        vec![0, 2, 0, 0, 2, 0],
        vec![0, 4, 1, 1, 3, 0],
        vec![0, 4, 0, 0, 8, 0],
        vec![2, 2, 0, 0, 8, 0],
        vec![0, 2, none, none, 8, 0],
        vec![0, none, none, none, 8, 0],
        vec![0, 2, 0, 0, 8, 2],
        vec![0, 2, 5, 5, 8, 0],
    ];
    for (which, number) in [(1, 40), (2, 30), (3, 20), (4, 20), (1, 60), (2, 3)] {
        let with = [0, 2, 0, 0, 0, 0, which];
        seeds.push([&with[..], &der::seed(2, number, &[0, 1, 0])].concat());
        seeds.push([&with[..], &der::seed(4, number, &[])].concat());
    }
    seeds
}
