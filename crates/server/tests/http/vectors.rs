//! The known answers of attestation-service.md, byte for byte from the socket: TV-1 (session), TV-3 (measurement) and TV-4 (secret
//! packet), for whom the service draws what they were made with. Their values were computed beside it; libvirt's validator takes the
//! measurements, and made the packet's bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use serde_json::{Value, json};
use sev_launch_server::conformance::Ask;
use sev_launch_server::judge::ReportRoots;
use sev_launch_server::platform::Roots;
use sev_launch_server::service::{Randomness, Trust};
use sev_launch_server::trust::CekFolder;
use sev_launch_testkit::certs::{EcKey, Platform, RsaSize};
use sev_launch_verify::sev::chain::Ca;

use crate::host::{sha256, validating};
use crate::lab::{Lab, Setup};

const VMID: &str = "57f669c2-c427-4132-bc7a-26f56b6a718c";
const LAUNCH_ID: &str = "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31";
const PDH: &str = "3d79397aa9a892fe347eef1ec73ff48a4b27d0cce3401e46b606ff0666ef6c2e2dfcc28a84919d7c47e873f9576e0291";
const GODH: &str = "5af07adb30f455fe367ce04eece0ad633ab9cf89bf66f003adca642bf37a9c23cba61230beb0411b5516fc52275af2df";
const GODH_CERTIFICATE: &str = "17693dc189b19b0950fcda1286e611e7ed3e7595af4c2b07ff73764a2c9c3925";
/// Of policy 3.
const SESSION: &str = "ICEiIyQlJicoKSorLC0uL0+y6zSKmbVxcqSbLsL4ihGt+IIeMfVUFRjQhzk43K07MDEyMzQ1Njc4OTo7PD0+P6B2Q0doi3nljzeyUsh5rJwGKDSJDhLaUiRViYSHr/5n/AapvNieu7X132cv2XSQ/ZeBfvnfuHTxH50hnpgsTQk=";
/// MAC over policy 7, by the KIK of TV-1: the last 32 bytes of its session.
const POLICY_7: &str = "74eed3d8e49af8853896257831d61857a4c26ab69d601054bab3890c0ece4f06";
const TABLE: &str = "fAXFuz50++a3wg14/J7T8RclDNx34WVUoNZMPEHXtRPvGPcGEbaJKJeadCRIs/YwEiQ2tA8eO8SE5MyB/9Lceu94qNFsj9JLKDg7Ywmnt9E=";

/// Bytes that are given first, and then others that do not matter.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<(VecDeque<u8>, u64)>>);

impl Script {
    fn give(&self, bytes: &[u8]) {
        self.0.lock().unwrap().0.extend(bytes);
    }
}

impl Randomness for Script {
    fn fill(&self, bytes: &mut [u8]) {
        let (first, other) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if first.len() >= bytes.len() {
            bytes.fill_with(|| first.pop_front().unwrap());
            return;
        }
        assert!(first.is_empty(), "another size was drawn than the known answer's");
        *other += 1;
        bytes.fill(0);
        for (to, from) in bytes.iter_mut().zip(other.to_be_bytes().iter().rev()) {
            *to = *from;
        }
    }
}

fn unhex(text: &str) -> [u8; 48] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// Sixteen bytes in a row.
fn row(from: u8) -> Vec<u8> {
    (from..from + 16).collect()
}

/// Registers, launches and validates with what the known answers were made with: the answers of both.
async fn known(policy: u32, more: Value, measurement: &str) -> (Value, Value) {
    let platform =
        Platform::new(RsaSize::Bits4096, "TV-1").with_pdh(EcKey::from_private(&unhex(PDH)));
    let script = Script::default();
    let setup = Setup {
        trust: Some(Trust {
            roots: Roots::Explicit(Box::new(Ca::parse(&platform.ca()).unwrap())),
            report_roots: ReportRoots::Nobody,
            ceks: Box::new(CekFolder(None)),
        }),
        randomness: Box::new(script.clone()),
        ..Setup::default()
    };
    let lab = Lab::with(setup);
    let launcher = lab.launcher();
    lab.register(VMID, more).await;
    script.give(&hex::decode(LAUNCH_ID.replace('-', "")).unwrap());
    script.give(&unhex(GODH));
    // TEK, TIK, nonce and WRAP_IV.
    [0x00, 0x10, 0x20, 0x30].into_iter().for_each(|from| script.give(&row(from)));
    let chain = json!({ "cert-chain": STANDARD.encode(platform.full()) });
    let ask = Ask::post(format!("/vm/{VMID}/launch"), &chain).by(&launcher);
    let launch = lab.expect(200, "", ask).await;
    // The vector of the packet.
    script.give(&row(0x50));
    let shown = json!({
        "launch-id": LAUNCH_ID, "api-major": 1, "api-minor": 55, "build-id": 31,
        "policy": policy, "measurement": measurement,
    });
    let answer = lab.expect(200, "", validating(VMID, &shown, &launcher)).await;
    assert_eq!(lab.releases(), 1);
    // Nothing of it is left to be given again.
    let gone = Ask::new(Method::GET, format!("/vm/{VMID}/launch/{LAUNCH_ID}")).by(&lab.owner());
    assert_eq!(lab.expect(200, "", gone).await["state"], "consumed");
    (launch, answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sev_with_kernel_hashes() {
    let measurement = "4ch0BE+0H6sEW1d6Yj+HqS6kJMfO7gIqPsidAELC5sZAQUJDREVGR0hJSktMTU5P";
    let (launch, answer) = known(3, json!({}), measurement).await;
    assert_eq!(launch["launch-id"], LAUNCH_ID);
    assert_eq!(launch["session"], SESSION);
    let certificate = STANDARD.decode(launch["owner-cert"].as_str().unwrap()).unwrap();
    assert_eq!((certificate.len(), sha256(&certificate).as_str()), (2084, GODH_CERTIFICATE));
    assert_eq!(
        answer["secret-header"],
        "AAAAAFBRUlNUVVZXWFlaW1xdXl/pHBUQ0Xxo1ToCjNn/CqcA9//qwQK5l7jHYdULjkzH+w=="
    );
    assert_eq!(answer["secret-table"], TABLE);
}

async fn sev_es(profile: &str, measurement: &str) -> Value {
    let more = json!({
        "scheme": "amd-sev-es", "policy": 7, "cpu-count": 2, "cpu": {"type": "EPYC-Milan"},
        "vmsa-profiles": profile,
    });
    let (launch, answer) = known(7, more, measurement).await;
    let session = STANDARD.decode(launch["session"].as_str().unwrap()).unwrap();
    // The keys are wrapped as for policy 3; the MAC of the policy is another.
    assert_eq!(session[..96], STANDARD.decode(SESSION).unwrap()[..96]);
    assert_eq!(hex::encode(&session[96..]), POLICY_7);
    assert_eq!(answer["secret-table"], TABLE);
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sev_es_of_kvm_sev_init2() {
    let measurement = "DjTQMhWbjn4jysFzawMn9kEjSNH8t7CgRgaIQgHya/hAQUJDREVGR0hJSktMTU5P";
    let answer = sev_es("kvm-sev-init2", measurement).await;
    assert_eq!(
        answer["secret-header"],
        "AAAAAFBRUlNUVVZXWFlaW1xdXl/pTmRme7ccxg116rgglO4pQKNN0gWRTlHZVFAMYMu9yg=="
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sev_es_of_the_legacy_command() {
    let measurement = "dHhEFTgflu8vCYA6Gcj2RwmBOqB0sF+KRlWhY/xCo4xAQUJDREVGR0hJSktMTU5P";
    sev_es("kvm-sev-init", measurement).await;
}
