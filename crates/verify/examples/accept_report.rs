//! An SNP report accepted against three vCPU counts: `cargo run -p sev-launch-verify --example accept_report`.
//!
//! The report and its chain are generated, see `testdata/README.md`, and so end in a root of their own; real ones end in
//! `Roots::Pinned { generations: &Generation::SNP }`.

use sev_launch_verify::abi::{Technology, snp::TcbParts};
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::certificate::{CaCertificate, Vek};
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, Roots};
use sev_launch_verify::snp::report::{ReportOptions, UnverifiedReport};
use sev_launch_verify::snp::requirements::{Generations, Requirements, TcbRequirements};

/// The launch digests of one guest by its vCPUs, as `sev-launch digest` prints them.
#[rustfmt::skip]
const DIGESTS: [(u32, &str); 3] = [
    (1, "e14f6eea3d9275d90c5592dd6027bd8b69aae536e513c881214282534f86c5a0f01167bf98ed805c09fd5ac350d7401f"),
    (2, "510c71443f1985e33323e78ce97b2b16ed2115445c7e32714213f05ce8f341c9d23482b8f8847b9c8829e303c73f6587"),
    (4, "094545c7079dd4c981f681a586dd823b639d0094d207796d7baa44d959563f3175c199ca7c038184780c12cb0874bb25"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let vek = Vek::parse(include_bytes!("../../../testdata/snp/vcek.der"))?;
    let ask = CaCertificate::parse(include_bytes!("../../../testdata/snp/ask.der"))?;
    let ark = CaCertificate::parse(include_bytes!("../../../testdata/snp/ark.der"))?;
    let report = include_bytes!("../../../testdata/snp/report.bin");

    let mut references = ReferenceValues::new();
    for (vcpus, digest) in DIGESTS {
        let image = StandsFor::image(Technology::Snp, "build 7");
        references.add(digest.parse()?, StandsFor { vcpus: Some(vcpus), ..image });
    }
    let floor = TcbParts { fmc: None, boot_loader: 4, tee: 2, snp: 24, microcode: 219 };
    let milan = Some(TcbRequirements::all(Requirement::AtLeast(floor)));
    let nonce = [0; 64]; // fresh for each guest, and told to it before it asks for its report
    let requirements = Requirements {
        generations: Generations { milan, ..Generations::NONE },
        ..Requirements::strict(references, nonce)
    };

    let time = 1_750_000_000; // the present, in unix seconds
    let revocation = Revocation::NotChecked;
    let options = ChainOptions { roots: Roots::Explicit(&ark), revocation, time };
    let vek = Chain { vek: &vek, intermediate: Some(&ask), root: None }.verify(&options)?;
    let report = UnverifiedReport::parse(&report[..])?.verify(&vek, ReportOptions::STRICT)?;
    let accepted = requirements.appraise(&report)?;
    println!("yes: {}", accepted.stands_for());
    accepted.demands().iter().for_each(|demand| println!("  {demand}"));
    Ok(())
}

#[test]
fn it_runs() {
    main().expect("the report is accepted");
}
