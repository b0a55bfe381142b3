//! A lab: an AMD-SP in software under a throw-away root, registrations, and randomness that is the same each time.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_abi::Generation;
use sev_launch_platform::{Authority, AuthorityKeys, Model, Platform, Primes};
use sev_launch_protocol::body;
use sev_launch_protocol::launch::LaunchRequest;
use sev_launch_protocol::problem::Problem;
use sev_launch_protocol::registration::Registration;
use sev_launch_protocol::text::{Blob, CpuId, Exact, Sha256};
use sev_launch_server::candidates::Candidates;
use sev_launch_server::catalogue::Entry;
use sev_launch_server::platform::{Proven, Prover, Roots};
use sev_launch_testkit::certs::{RsaKey, RsaSize};
use sev_launch_verify::rand_core::{TryCryptoRng, TryRng};
use sev_launch_verify::sev::certificate::SIZE;
use sev_launch_verify::sev::chain::Ca;
use sha2::Digest as _;

pub(crate) const GENERATION: Generation = Generation::Milan;

fn authority() -> Authority {
    let [ark, ask] =
        [RsaKey::ark(RsaSize::Bits4096), RsaKey::ask(RsaSize::Bits4096)].map(|key| key.primes());
    let primes = |p: &[u8], q: &[u8]| Primes { p: p.to_vec().into(), q: q.to_vec().into() };
    let keys = AuthorityKeys {
        ark: primes(&ark[0], &ark[1]),
        ask: primes(&ask[0], &ask[1]),
        asvk: primes(&ark[0], &ask[1]),
    };
    Authority::from_keys(GENERATION, &keys).expect("keys")
}

/// A platform under the lab's root.
pub(crate) fn platform(seed: u8) -> Platform {
    let platform = Platform::new(Model::of(GENERATION), &[seed; 32]);
    platform.with_authority(authority()).expect("of the same generation")
}

pub(crate) fn roots(platform: &Platform) -> Roots {
    let file = platform.authority().unwrap().sev_ca_file().unwrap();
    Roots::Explicit(Box::new(Ca::parse(&file).unwrap()))
}

/// The OCA of a platform, from its export of PDH, PEK, OCA, CEK.
pub(crate) fn oca(platform: &Platform) -> Vec<u8> {
    platform.export()[2 * SIZE..3 * SIZE].to_vec()
}

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn unbase64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64")
}

pub(crate) fn unhex<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).expect("hex").try_into().expect("so many bytes")
}

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(sha2::Sha256::digest(bytes))
}

/// A registration of `base` with the members of `more` in place of its own; a null takes a member out.
pub(crate) fn registration(mut base: Value, more: Value) -> Registration {
    for (key, value) in more.as_object().expect("an object") {
        match value {
            Value::Null => drop(base.as_object_mut().unwrap().remove(key)),
            value => base[key] = value.clone(),
        }
    }
    let read: Registration = body::read(base.to_string().as_bytes()).expect("a registration");
    read.check().expect("one that holds");
    read
}

/// A request as QMP's `query-sev-capabilities` and the like would fill it.
pub(crate) fn request(chain: Vec<u8>, pdh: Option<&[u8]>, id: Option<[u8; 64]>) -> LaunchRequest {
    LaunchRequest {
        pdh: pdh.map(|pdh| Exact(pdh.try_into().expect("2084 bytes"))),
        cert_chain: Some(Blob(chain)),
        cpu_id: id.map(CpuId),
        host: None,
        more: body::More::new(),
    }
}

/// The operator's folder with one machine's CEK in it.
pub(crate) fn held(platform: &Platform) -> impl Fn(&CpuId) -> Option<Vec<u8>> + use<> {
    let (own, cek) = (platform.id(), platform.signed_cek().unwrap().to_vec());
    move |id: &CpuId| (id.0 == own).then(|| cek.clone())
}

pub(crate) fn prove(
    roots: &Roots,
    request: &LaunchRequest,
    registration: &Registration,
) -> Result<Proven, Problem> {
    let none = |_: &CpuId| None;
    Prover { roots, ceks: &none }.prove(request, registration)
}

/// A catalogue in memory.
#[derive(Default)]
pub(crate) struct Catalogue(BTreeMap<Sha256, Arc<Entry>>);

impl Catalogue {
    pub(crate) fn of(images: &[&[u8]]) -> Self {
        let entries =
            images.iter().map(|image| Arc::new(Entry::of_image(image).expect("an image")));
        Self(entries.map(|entry| (entry.sha256(), entry)).collect())
    }

    pub(crate) fn candidates(&self, registration: &Registration) -> Result<Candidates, Problem> {
        Candidates::of(registration, &|hash| Ok(self.0.get(hash).cloned()))
    }

    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        self.0.values().cloned().collect()
    }
}

/// The image of TV-2 of attestation-service.md, from its text.
pub(crate) fn tv2_image() -> Vec<u8> {
    let tail: Vec<u8> = [
        "000c8100000400001a001f3755723b3a044b927b1da6efa8d454",
        "00008100000c00001a0061b32e4c9b7dc34c8081127c90d3d294",
        "04b080001600de71f7007e1acb4f890e68c77e2fb44e",
        "5c00de82b596b21ff745baeaa366c55a082d",
        &"90".repeat(32),
    ]
    .into_iter()
    .flat_map(|part| hex::decode(part).expect("hex"))
    .collect();
    let mut image: Vec<u8> = (0..=255).cycle().take(4096 - tail.len()).collect();
    image.extend(tail);
    image
}

pub(crate) const KERNEL: &[u8] = b"test-kernel";
pub(crate) const INITRD: &[u8] = b"test-initrd";
pub(crate) const CMDLINE: &str = "console=ttyS0 panic=1";

/// The registration of 1.6 of attestation-service.md, but that any owner is accepted.
pub(crate) fn sev_base() -> Value {
    json!({
        "scheme": "amd-sev", "policy": 3, "cpu-count": 2,
        "firmware-hashes": [sha256(tv2_image())],
        "kernel-hash": sha256(KERNEL), "initrd-hash": sha256(INITRD), "cmdline": CMDLINE,
        "platform": {"any-owner": true},
        "secrets": [{"type": "luks-passphrase", "passphrase": "correct horse battery staple"}],
    })
}

pub(crate) fn es_base() -> Value {
    let mut base = sev_base();
    base["scheme"] = json!("amd-sev-es");
    base["policy"] = json!(7);
    base["cpu"] = json!({"type": "EPYC-Milan"});
    base["vmsa-profiles"] = json!("kvm-sev-init2");
    base
}

/// Not random at all: it counts.
pub(crate) struct Counted(pub(crate) u8);

impl TryRng for Counted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for byte in to {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counted {}
