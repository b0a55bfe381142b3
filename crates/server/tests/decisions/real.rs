//! Machines of AMD: chains and a report that other projects published. They are judged where `SEV_LAUNCH_VECTORS` names their folder, and said to be
//! skipped where not.

use serde_json::{Value, json};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::Registration;
use sev_launch_protocol::text::CpuId;
use sev_launch_server::judge::{Judgement, ReportRoots};
use sev_launch_server::platform::{Prover, Roots};
use sev_launch_testkit::certs::vectors::CertificateFiles;
use sev_launch_verify::sev::certificate::SIZE;

use crate::chains::slot;
use crate::lab::{prove, registration, request, sev_base};
use crate::reports::judge_of;

fn only(generations: Value) -> Registration {
    let platform = json!({"any-owner": true, "generations": generations});
    registration(sev_base(), json!({"platform": platform}))
}

// naples and rome: virtee/sev's tests.
#[test]
fn real_chains_of_sev() {
    let Some(files) = CertificateFiles::folder() else { return };
    for (name, said, other) in [("naples", "Naples", "rome"), ("rome", "Rome", "naples")] {
        let [pdh, pek, oca, cek, ask, ark] = files.chain(name);
        let own = only(json!([name]));
        let host = [&pek[..], &oca, &cek].concat();
        let export = [&pdh[..], &host].concat();
        let full = [&export[..], &ask, &ark].concat();
        let forms = [
            request(host, Some(&pdh), None),
            request(export.clone(), None, None),
            request(full.clone(), None, None),
        ];
        for request in &forms {
            let facts = prove(&Roots::Amd, request, &own).expect("a machine of AMD").facts;
            assert_eq!(facts.generation.as_deref(), Some(said));
            assert!(!facts.simulated);
            let refused = prove(&Roots::Amd, request, &only(json!([other]))).expect_err("another");
            assert_eq!(refused.code, Code::GenerationNotAllowed);
        }
        // The CEK as firmware exports it, and the operator's signed one.
        let id = [7; 64];
        let held = |found: &CpuId| (found.0 == id).then(|| cek.clone());
        let mut unsigned = export.clone();
        let at = 3 * SIZE + slot(&unsigned[3 * SIZE..], 0x13);
        unsigned[at..at + 520].fill(0);
        unsigned[at..at + 4].copy_from_slice(&0x1000_u32.to_le_bytes());
        let prover = Prover { roots: &Roots::Amd, ceks: &held };
        let proven = prover.prove(&request(unsigned.clone(), None, Some(id)), &own);
        assert_eq!(proven.expect("completed").facts.cpu_id, Some(CpuId(id)));
        let refused = prove(&Roots::Amd, &request(unsigned, None, Some(id)), &own);
        assert_eq!(refused.expect_err("unsigned").code, Code::ChainSignature);
        // A broken signature: with AMD's ASK beside it that is what is said of it.
        let mut broken = full;
        broken[at + 8 + 100] ^= 1;
        let refused = prove(&Roots::Amd, &request(broken.clone(), None, None), &own);
        assert_eq!(refused.expect_err("broken").code, Code::ChainSignature);
        broken.truncate(4 * SIZE);
        let refused = prove(&Roots::Amd, &request(broken, None, None), &own);
        assert_eq!(refused.expect_err("of nobody").code, Code::ChainRoot);
    }
}

// milan: virtee/sev's tests. The report is authentic, and of no launch of this service.
#[test]
fn a_real_report_of_another_launch() {
    let Some(files) = CertificateFiles::folder() else { return };
    let text = String::from_utf8(files.read("snp/milan/report.hex")).expect("hex");
    let bytes = hex::decode(text.split_whitespace().collect::<String>()).expect("hex");
    let evidence = (bytes.try_into().expect("a report"), files.read("snp/milan/vcek.der"));
    let Judgement::Unproven(problem) = judge_of(&evidence, &ReportRoots::Amd) else {
        panic!("it is of another launch")
    };
    assert_eq!(problem.code, Code::ReportRejected, "{problem:?}");
    let mut forged = evidence;
    forged.0[0x90] ^= 1;
    assert_eq!(judge_of(&forged, &ReportRoots::Amd).code(), Some(Code::ReportSignature));
}
