//! The wrapper: `rehearse-here REPORT -- QEMU …` starts QEMU on an AMD-SP in software, and writes each secret that arrived.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use sev_launch_abi::CpuSignature;
use sev_launch_platform::{Model, Platform};
use sev_launch_rehearse::{Ended, Host, Rehearsal, Stay};

/// What this program is called then.
pub(crate) const NAME: &str = "rehearse-here";
/// All that is secret of the AMD-SP.
pub(crate) const SEED: [u8; 32] = [7; 32];
/// A Milan. [AMD, PPR: CPUID Fn0000_0001 EAX]
const MILAN: u32 = 0x00a0_0f11;

pub(crate) fn is_called(words: &[OsString]) -> bool {
    words.first().is_some_and(|name| Path::new(name).file_name().is_some_and(|name| name == NAME))
}

/// The AMD-SP, as it is before anything is launched.
pub(crate) fn platform() -> Platform {
    Platform::new(Model::of(host().generation()), &SEED)
}

fn host() -> Host {
    Host::new("6.12".parse().expect("a kernel"), CpuSignature(MILAN))
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let [_, report, dashes, program, arguments @ ..] = words else { panic!("{words:?}") };
    assert_eq!(dashes, "--");
    let rehearsal = Rehearsal {
        program: program.clone(),
        arguments: arguments.to_vec(),
        host: host(),
        platform: platform(),
        keeps_bytes: false,
        stay: Stay::Attached,
        patience: Duration::from_secs(60),
        faults: Vec::new(),
    };
    let outcome = rehearsal.run(&mut ()).expect("a rehearsal");
    let secrets = outcome.records.iter().flat_map(|record| &record.secrets);
    let lines =
        secrets.map(|secret| format!("{:x?} {}\n", secret.gpa, hex::encode(&*secret.bytes)));
    // Whole as soon as it is there.
    let new = Path::new(report).with_extension("new");
    std::fs::write(&new, lines.collect::<String>()).expect("a report");
    std::fs::rename(new, report).expect("a report");
    match outcome.ended {
        Ended::Exited(status) => {
            let code = status.code().unwrap_or(128 + status.signal().unwrap_or(0));
            ExitCode::from(u8::try_from(code).unwrap_or(255))
        }
        other => panic!("{other:?}"),
    }
}
