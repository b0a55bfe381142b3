//! vCPUs that are plugged in while the guest waits to be started: SEV-ES has measured before, SNP measures when the guest begins to run.

use std::thread;

use serde_json::json;
use sev_launch_abi::Technology;
use sev_launch_rehearse::Stay;

use super::installed::Qemu;
use super::launch::Launch;
use super::many::qemus;
use super::qmp::Qmp;
use super::rehearsed::rehearsal;

/// The digest of a guest of two vCPUs to which a third is added before `cont`.
fn plugged(qemu: &Qemu, launch: &Launch) -> String {
    let socket = qemu.path("plugged");
    let options = format!("-S -qmp unix:{socket},server=on,wait=off");
    let launch = launch.clone().smp("2,maxcpus=4,sockets=4", 2).options(&options);
    let mut rehearsal = rehearsal(qemu, &launch, &launch.line(qemu), "words");
    rehearsal.stay = Stay::Attached;
    let outcome = thread::scope(|scope| {
        let running = scope.spawn(|| rehearsal.run(&mut ()).expect("a rehearsal"));
        let mut qmp = Qmp::connect(&qemu.folder.path().join("plugged"));
        let vcpu = json!({
            "driver": "EPYC-Milan-x86_64-cpu", "id": "third", "socket-id": 2, "core-id": 0, "thread-id": 0,
        });
        qmp.ask("device_add", vcpu).expect("a third vCPU");
        qmp.ask("cont", json!({})).expect("a guest that runs");
        qmp.ask("quit", json!({})).expect("an end");
        running.join().expect("no panic")
    });
    let record = outcome.records.last().expect("a launch");
    record.digest.expect("a digest").to_string()
}

#[test]
fn vcpus_that_are_plugged_in_before_the_guest_runs() {
    for qemu in qemus() {
        let es = Launch::sev_es(2);
        assert_eq!(Ok(plugged(&qemu, &es)), es.digest(&qemu), "{}: two are measured", qemu.version);
        if qemu.is_at_least(9, 1) {
            let snp = Launch::snp(2);
            // As one of `-device`: of three the last.
            let three = Launch { vcpus: 3, devices: 1, ..snp.clone() };
            assert_eq!(three.technology, Technology::Snp);
            assert_eq!(Ok(plugged(&qemu, &snp)), three.digest(&qemu), "{}: three", qemu.version);
        }
    }
}
