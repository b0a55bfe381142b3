//! Command lines that nobody should write, and that QEMU takes or refuses.

use std::fs;

use sev_launch_abi::sev::Policy;
use sev_launch_host::policy;
use sev_launch_platform::Status;
use sev_launch_rehearse::Ended;

use super::installed::{KERNEL, Qemu};
use super::launch::{Launch, Load};
use super::predicted::Predicted;
use super::rehearsed::{agrees, agrees_with, predicted, rehearse};

#[test]
fn numbers_of_vcpus_as_qemu_reads_them() {
    let Some(qemu) = Qemu::find() else { return };
    // From the largest part to the smallest, what is not said is one; maxcpus alone says how many there are.
    for (smp, count) in [
        ("maxcpus=4", 4),
        ("2,maxcpus=8", 2),
        ("sockets=2,cores=2,threads=2", 8),
        ("cpus=3,sockets=3", 3),
        ("6,sockets=1,dies=2,cores=3", 6),
        ("0x4", 4),
    ] {
        agrees(&qemu, &Launch::sev_es(1).smp(smp, count));
    }
}

/// QEMU 7.2 takes no vCPU for one, and 9.0 refuses it: so does the importer, which does not ask which it is.
#[test]
fn no_vcpu_is_refused() {
    let Some(qemu) = Qemu::find() else { return };
    let launch = Launch::sev_es(1).smp("0", 1);
    let line = launch.line(&qemu);
    let rehearsed = rehearse(&qemu, &launch, &line);
    assert!(rehearsed.words.contains("CPU topology parameters must be greater than zero"));
    let values = if qemu.is_at_least(9, 0) { None } else { launch.digest(&qemu).ok() };
    assert_eq!(rehearsed.digest(), values);
    let Predicted::Refused(words) = predicted(&qemu, &launch, &line).answer else {
        panic!("{line:?}")
    };
    assert!(words.contains("topology parameters must be greater than zero"), "{words}");
}

#[test]
fn options_that_stand_twice_count_as_qemu_counts_them() {
    let Some(qemu) = Qemu::find() else { return };
    // Of -cpu the last counts; -smp and -machine are merged.
    let launch = Launch::sev_es(3).cpu("EPYC-Rome");
    let mut line = vec!["-cpu".to_owned(), "EPYC-Milan".to_owned()];
    line.extend(launch.line(&qemu));
    agrees_with(&qemu, &launch, &line);
    let mut line = launch.line(&qemu);
    line.extend(["-machine".to_owned(), "usb=off".to_owned()]);
    agrees_with(&qemu, &launch, &line);
    // Two dashes are one.
    let line: Vec<_> =
        launch.line(&qemu).iter().map(|word| word.replace("-smp", "--smp")).collect();
    agrees_with(&qemu, &launch, &line);
}

#[test]
fn vcpus_of_device_are_measured_with_the_others() {
    let Some(qemu) = Qemu::find() else { return };
    let smp = "2,maxcpus=4,sockets=4";
    agrees(&qemu, &Launch { devices: 1, ..Launch::sev_es(1).smp(smp, 3) });
}

#[test]
fn qemu_goes_to_the_background_and_is_ended_there() {
    let Some(qemu) = Qemu::find() else { return };
    let pidfile = qemu.path("qemu.pid");
    let name = qemu.path("name").replace('/', "_");
    let launch = Launch::sev_es(2).options(&format!("-daemonize -pidfile {pidfile} -name {name}"));
    agrees(&qemu, &launch);
    // It removes the file itself where it was asked to end.
    assert!(!qemu.folder.path().join("qemu.pid").exists(), "{pidfile}");
    let mut lines = fs::read_dir("/proc")
        .expect("/proc")
        .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    let is_left = |line: Vec<u8>| String::from_utf8_lossy(&line).contains(&format!("\0{name}\0"));
    assert!(!lines.any(is_left), "a QEMU was left behind");
}

/// What QEMU, KVM or the AMD-SP refuses is refused by the importer or warned of by it.
#[test]
fn what_does_not_start_is_told_by_the_importer() {
    let Some(qemu) = Qemu::find() else { return };
    let es = || Launch::sev_es(1);
    for (launch, words, ours) in [
        (es().smp("5,maxcpus=2", 5), "maxcpus must be equal to or greater than smp", "maxcpus"),
        (es().machine("q35,smm=on"), "System Management Mode", "System Management Mode"),
        (es().machine("q35,kernel-irqchip=off"), "in-kernel irqchip", "in-kernel irqchip"),
    ] {
        let line = launch.line(&qemu);
        let rehearsed = rehearse(&qemu, &launch, &line);
        let against = rehearsed.against();
        assert!(rehearsed.digest().is_none(), "{line:?}");
        assert!(matches!(rehearsed.outcome.ended, Ended::Exited(status) if !status.success()));
        assert!(against.contains(words), "{against}");
        let prediction = predicted(&qemu, &launch, &line);
        let told = format!("{prediction:?}");
        assert!(told.contains(ours), "{line:?}: {told}");
        assert!(!matches!(prediction.answer, Predicted::Digest(_)), "{line:?}: {told}");
    }
}

/// A policy that wants API 7.0 of its platform: which one that is, no command line says.
#[test]
fn a_policy_for_newer_platforms_is_refused_by_this_one() {
    let Some(qemu) = Qemu::find() else { return };
    let launch = Launch { policy: 0x7_0005, ..Launch::sev_es(1) };
    let rehearsed = rehearse(&qemu, &launch, &launch.line(&qemu));
    // In the words that were said beforehand.
    let said = policy::of_sev(Policy::from_bits(launch.policy))[0].to_string();
    let (_, words) = said.split_once("QEMU prints ").expect("QEMU's words");
    assert!(rehearsed.words.contains(words.trim_end_matches(')')), "{said}: {}", rehearsed.words);
    let [refusal] = &rehearsed.outcome.refusals[..] else { panic!("{}", rehearsed.against()) };
    let status = Status::PolicyFailure.to_string();
    assert!(refusal.command == "LAUNCH_START" && refusal.reason.contains(&status), "{refusal:?}");
}

#[test]
fn a_guest_that_is_none_of_sev_is_said_to_be_none() {
    let Some(qemu) = Qemu::find() else { return };
    let line = ["-machine", "q35", "-accel", "kvm", "-display", "none", "-nodefaults"];
    let line: Vec<_> = line.map(str::to_owned).into();
    let rehearsed = rehearse(&qemu, &Launch::sev(), &line);
    assert_eq!(rehearsed.outcome.ended, Ended::NoSevGuest, "{}", rehearsed.against());
    assert!(rehearsed.outcome.records.is_empty());
}

#[test]
fn flash_in_two_halves_is_measured_by_its_first() {
    let Some(qemu) = Qemu::find() else { return };
    qemu.write("vars.fd", &[0xff; 0x1000]);
    let vars = qemu.path("vars.fd");
    let launch = Launch::sev_es(1).load(Load::Pflash { is_read_only: true });
    agrees(&qemu, &launch.options(&format!("-drive if=pflash,unit=1,format=raw,file={vars}")));
}

/// An ELF kernel with a PVH note is no bzImage: QEMU starts it and hashes nothing, although it was asked to.
#[test]
fn a_kernel_that_qemu_does_not_hash() {
    let Some(qemu) = Qemu::find() else { return };
    let measured = Launch::sev_es(1).measured(false, None);
    let pvh = qemu.path("pvh");
    let line: Vec<_> = measured
        .line(&qemu)
        .into_iter()
        .map(|word| word.replace(&qemu.path(KERNEL), &pvh))
        .collect();
    let rehearsed = rehearse(&qemu, &measured, &line);
    assert_eq!(rehearsed.digest(), Launch::sev_es(1).digest(&qemu).ok(), "{}", rehearsed.against());
    let prediction = predicted(&qemu, &measured, &line);
    let Predicted::Refused(words) = prediction.answer else { panic!("{prediction:?}") };
    assert!(words.contains("QEMU starts it without adding its hashes"), "{words}");
    // Beside it the importer says what else is wrong.
    let is_told = |warning: &String| warning.ends_with("(no-session)");
    assert!(prediction.warnings.iter().any(is_told), "{:?}", prediction.warnings);
}
