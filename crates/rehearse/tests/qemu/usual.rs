//! Guests as people start them.

use super::installed::Qemu;
use super::launch::{Launch, Load, MILAN, NAPLES, ROME};
use super::rehearsed::agrees;

#[test]
fn vcpus_are_measured_one_by_one() {
    let Some(qemu) = Qemu::find() else { return };
    for count in [1, 2, 3, 4, 7, 16, 64, 255] {
        agrees(&qemu, &Launch::sev_es(count).machine("q35,kernel-irqchip=split").options("-S"));
    }
    // Plain SEV measures none.
    agrees(&qemu, &Launch::sev().with_vcpus(4));
}

#[test]
fn cpu_models_have_their_signatures() {
    let Some(qemu) = Qemu::find() else { return };
    for model in ["EPYC", "EPYC-v3", "EPYC-Rome", "EPYC-Rome-v2", "EPYC-Milan", "EPYC-Milan-v1"] {
        agrees(&qemu, &Launch::sev_es(2).cpu(model));
    }
    // CPUID Fn0000_0001 EAX of family 19h, model 1, and a stepping that was chosen. [APM3, CPUID functions]
    agrees(&qemu, &Launch::sev_es(1).cpu("EPYC-Milan,stepping=2,+avx2").means(0x00a0_0f12));
    // qemu64 is family 15, model 107, stepping 1.
    agrees(&qemu, &Launch::sev_es(1).cpu("qemu64").means(0x0006_0fb1));
}

#[test]
fn host_is_the_host_that_is_rehearsed() {
    let Some(qemu) = Qemu::find() else { return };
    for (kernel, signature) in [("6.1", MILAN), ("6.9", ROME), ("5.11", NAPLES)] {
        agrees(&qemu, &Launch::sev_es(2).cpu("host").means(signature).on(kernel, signature));
    }
}

#[test]
fn machines_and_ways_to_load_the_firmware() {
    let Some(qemu) = Qemu::find() else { return };
    for machine in ["q35", "pc", "pc-q35-7.2", "pc-i440fx-6.2", "q35,vmport=off,smm=off"] {
        for load in [
            Load::Bios,
            Load::Pflash { is_read_only: true },
            Load::Pflash { is_read_only: false },
            Load::Blockdev,
        ] {
            agrees(&qemu, &Launch::sev_es(1).machine(machine).load(load));
        }
    }
    agrees(&qemu, &Launch::sev().load(Load::Pflash { is_read_only: true }));
}

#[test]
fn kernels_are_measured_where_it_is_asked_for() {
    let Some(qemu) = Qemu::find() else { return };
    for launch in [Launch::sev(), Launch::sev_es(2)] {
        for (has_initrd, append) in [
            (false, None),
            (false, Some("")),
            (true, None),
            (true, Some("console=ttyS0 root=/dev/vda")),
            (false, Some("  two  spaces, a comma, \u{e9}")),
        ] {
            agrees(&qemu, &launch.clone().measured(has_initrd, append));
        }
        let mut unmeasured = launch.clone().measured(true, Some("quiet"));
        unmeasured.boot.iter_mut().for_each(|boot| boot.is_measured = false);
        agrees(&qemu, &unmeasured);
    }
}

#[test]
fn host_kernels_differ_in_debug_swap() {
    let Some(qemu) = Qemu::find() else { return };
    for kernel in ["5.11", "5.14", "6.1", "6.6.0", "6.6.24", "6.9", "6.12", "7.0"] {
        agrees(&qemu, &Launch::sev_es(2).on(kernel, MILAN));
    }
    // Rome has none.
    agrees(&qemu, &Launch::sev_es(2).on("6.6.0", ROME));
    agrees(&qemu, &Launch::sev().on("6.6.0", ROME));
}

#[test]
fn memory_of_any_size_and_options_around_it() {
    let Some(qemu) = Qemu::find() else { return };
    for memory in ["256", "3G", "4G", "size=2G,slots=4,maxmem=80G"] {
        agrees(&qemu, &Launch::sev_es(1).memory(memory).options("-S"));
    }
    // More than machines have: nobody touches it, but the kernel wants to be told so.
    let ram = "-object memory-backend-ram,id=ram,size=96G,reserve=off -machine memory-backend=ram";
    agrees(&qemu, &Launch::sev_es(1).memory("96G").options(ram));
    agrees(&qemu, &Launch { is_json: true, ..Launch::sev_es(2).measured(true, None) });
    for options in [
        "-S",
        "-nographic",
        "-S -monitor none -serial null -parallel none",
        "-chardev null,id=a -mon chardev=a,mode=control -chardev null,id=b -mon chardev=b",
        "-no-reboot -name guest=g,debug-threads=on -rtc base=utc -msg timestamp=on",
        "-device virtio-rng-pci -device virtio-net-pci,netdev=n,romfile= -netdev user,id=n",
        "-object memory-backend-memfd,id=ram,size=512M,share=on -machine memory-backend=ram",
        "-overcommit mem-lock=off -sandbox on",
    ] {
        agrees(&qemu, &Launch::sev_es(2).options(options));
    }
}
