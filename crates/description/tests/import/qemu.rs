//! Command lines: options in both forms, merged as by QEMU.

use sev_launch_abi::Technology;
use sev_launch_description::Error;
use sev_launch_description::description::{Cmdline, Image};
use sev_launch_description::import::{Import, qemu};

const SEV: &str = "-machine q35,confidential-guest-support=sev0 -object sev-guest,id=sev0,policy=0x5,dh-cert-file=a,session-file=b";

pub(crate) fn read(options: &str) -> Result<Import, Error> {
    qemu::from_text(format!("qemu-system-x86_64 {options}").as_bytes(), "cmd")
}

fn sev(options: &str) -> Import {
    read(&format!("{SEV} {options}")).unwrap_or_else(|error| panic!("{options}: {error}"))
}

/// The keys that are unknown, but for the host's kernel, which is of every SEV-ES guest.
fn unknown_beside_the_kernel(import: &Import) -> Vec<&str> {
    unknown(import).into_iter().filter(|key| *key != "host.kernel").collect()
}

fn unknown(import: &Import) -> Vec<&str> {
    import.description.unknown.iter().filter_map(|unknown| unknown.key).collect()
}

#[test]
fn objects_stand_in_both_forms_and_both_spellings() {
    for text in [
        "-machine q35,memory-encryption=s -object sev-guest,policy=5,id=s",
        "-M confidential-guest-support=s -object '{\"qom-type\":\"sev-guest\",\"id\":\"s\",\"policy\":5}'",
        "-object secret,id=t -object qom-type=sev-guest,id=s,policy=05 -machine confidential-guest-support=s",
    ] {
        let description = read(text).unwrap().description;
        assert_eq!(description.policy.unwrap().value, 5, "{text}");
        assert_eq!(description.technology.unwrap().value, Technology::SevEs, "{text}");
    }
}

// QEMU, sev_guest_instance_init and sev_snp_guest_instance_init; sysemu's defaults.
#[test]
fn defaults_are_those_of_qemu() {
    for (kind, policy, technology) in
        [("sev-guest", 1, Technology::Sev), ("sev-snp-guest", 0x30000, Technology::Snp)]
    {
        let text =
            format!("-machine confidential-guest-support=s -object {kind},id=s -kernel k -bios b");
        let import = read(&text).unwrap();
        let description = import.description;
        assert_eq!(description.policy.unwrap().value, policy);
        assert_eq!(description.technology.unwrap().value, technology);
        assert_eq!(description.boot.kernel_hashes.unwrap().value, [false]);
        assert_eq!(description.vcpus.unwrap().value.to_string(), "1");
        assert_eq!(description.cpus.unwrap().value[0].to_string(), "qemu64");
        assert!(description.host.legacy_vm_type.is_none());
    }
}

// QEMU, pc_system_firmware_init: the first flash wins over -bios.
#[test]
fn how_the_firmware_is_loaded_is_a_fact() {
    for (options, in_flash) in [
        ("-bios f", Some(false)),
        ("-drive if=pflash,unit=0,readonly=on,format=raw,file=f", Some(true)),
        ("-bios b -drive if=pflash,unit=0,readonly=on,format=raw,file=f", Some(true)),
        ("", None),
    ] {
        let found = sev(options).description.firmware.in_flash.map(|field| field.value);
        assert_eq!(found, in_flash, "{options}");
    }
}

// Seen in QEMU 10.0 and 11.1; KVM has no SMM for guests whose registers are encrypted.
#[test]
fn system_management_mode_starts_no_guest_but_of_plain_sev() {
    let text = |machine: &str, policy: u32| {
        format!(
            "-machine q35,confidential-guest-support=s{machine} -object sev-guest,id=s,policy={policy} -bios f"
        )
    };
    for (machine, policy, starts) in [
        (",smm=on", 5, false),
        (",smm=off", 5, true),
        (",smm=auto", 5, true),
        ("", 5, true),
        (",smm=on", 1, true),
    ] {
        let import = read(&text(machine, policy));
        assert_eq!(import.is_ok(), starts, "{machine} {policy}");
        if let Err(error) = import {
            assert!(error.to_string().contains("System Management Mode not supported"));
        }
    }
}

// "SEV-ES guests require in-kernel irqchip support". [QEMU, sev_kvm_init]
#[test]
fn guests_with_encrypted_registers_have_kvm_s_interrupt_controllers() {
    let es = "-object sev-guest,id=s,policy=5";
    let snp = "-object sev-snp-guest,id=s";
    for (options, starts) in [
        ("-machine kernel-irqchip=off", false),
        ("-machine kernel_irqchip=off", false),
        ("-machine accel=kvm -accel kvm,kernel-irqchip=off", false),
        ("-no-kvm-irqchip", false),
        ("-machine kernel-irqchip=off -machine kernel-irqchip=split", true),
        ("-machine kernel-irqchip=off -accel kvm,kernel-irqchip=on", true),
        ("-machine kernel-irqchip=split", true),
        ("-accel kvm,kernel-irqchip=on", true),
        ("-accel kvm", true),
    ] {
        let text = |object: &str| {
            format!("-machine q35,confidential-guest-support=s {object} -bios f {options}")
        };
        for object in [es, snp] {
            let import = read(&text(object));
            assert_eq!(import.is_ok(), starts, "{options} {object}");
            if let Err(error) = import {
                let words = "SEV-ES guests require in-kernel irqchip support";
                assert!(error.to_string().contains(words), "{error}");
            }
        }
        assert!(read(&text("-object sev-guest,id=s,policy=1")).is_ok(), "{options}");
    }
}

// `-smp` is put into the machine's own dictionary, in order. [QEMU, machine_merge_property, keyval_merge]
#[test]
fn of_smp_and_the_machine_s_keys_the_later_holds() {
    for (options, expected) in [
        ("-machine smp.cpus=2 -smp 4", "4"),
        ("-smp 4 -machine smp.cpus=2", "2"),
        ("-smp 4 -smp 3 -M smp.maxcpus=8", "3"),
        ("-machine smp.cpus=2 -smp maxcpus=8", "2"),
        ("-machine smp.cpus=2,smp.maxcpus=2 -smp 4,maxcpus=4", "4"),
        ("-smp 2,cores=2 -machine smp.cores=4,smp.cpus=4", "4"),
        ("-machine smp.cores=3", "3"),
    ] {
        let count = sev(&format!("-bios f {options}")).description.vcpus;
        assert_eq!(count.unwrap().value.to_string(), expected, "{options}");
    }
}

#[test]
fn cpus_are_models_overrides_or_the_host_s() {
    for (cpu, signature) in [
        ("EPYC-v4,+x2apic", Some(0x0080_0f12)),
        ("EPYC-Milan,stepping=2", Some(0x00a0_0f12)),
        ("host,family=25,model=17,stepping=1", Some(0x00a1_0f11)),
        ("host", None),
        ("max", None),
        ("host,stepping=1", None),
        ("Nehalem", None),
    ] {
        let import = sev(&format!("-bios b -cpu {cpu}"));
        let found = import.description.cpus.as_ref().map(|field| field.value[0].signature.0);
        assert_eq!(found, signature, "{cpu}");
        assert_eq!(unknown_beside_the_kernel(&import).is_empty(), signature.is_some(), "{cpu}");
    }
    assert!(read(&format!("{SEV} -cpu host,family=300,model=1,stepping=1")).is_err());
}

#[test]
fn firmware_is_followed_through_nodes() {
    // The names after -bios and -pflash are whole; in lists of options a comma is doubled.
    for text in [
        "-bios /a,b.fd",
        "-pflash /a,b.fd",
        "-drive if=pflash,format=raw,readonly=on,file=/a,,b.fd",
        "-drive if=pflash,unit=1,file=v -drive if=pflash,unit=0,readonly=on,file=/a,,b.fd",
        "-bios x -drive if=virtio,file=d -pflash /a,b.fd",
        "-blockdev driver=file,filename=/a,,b.fd,node-name=n,read-only=on -machine pflash0=n",
        "-blockdev node-name=f,driver=raw,file=s,read-only=on -blockdev driver=file,node-name=s,filename=/a,,b.fd -machine pflash0=f",
        "-blockdev '{\"node-name\":\"f\",\"driver\":\"raw\",\"read-only\":true,\"file\":{\"driver\":\"file\",\"filename\":\"/a,b.fd\"}}' -machine pflash0=f",
        "-blockdev node-name=f,driver=raw,file.driver=file,file.filename=/a,,b.fd -machine pflash0=f",
    ] {
        let images = sev(text).description.firmware.images.unwrap();
        assert_eq!(images.value, [Image::File("/a,b.fd".into())], "{text}");
    }
    assert!(unknown(&sev("-drive file=disk.img")).contains(&"firmware.path"));
    for wrong in [
        "-machine pflash0=n",
        "-blockdev node-name=a,driver=raw,file=b -blockdev node-name=b,driver=raw,file=a -machine pflash0=a",
        "-blockdev node-name=a,driver=raw -machine pflash0=a",
        "-drive if=pflash,unit=0,file=a -drive if=pflash,unit=0,file=b",
        "-drive if=pflash,unit=0",
    ] {
        assert!(read(&format!("{SEV} {wrong}")).is_err(), "{wrong}");
    }
}

#[test]
fn command_lines_are_bytes() {
    let mut words: Vec<Vec<u8>> = SEV.split(' ').map(|word| word.as_bytes().to_vec()).collect();
    for word in [&b"-kernel"[..], b"k", b"-append", b"a=\xff b"] {
        words.push(word.to_vec());
    }
    let import = qemu::from_argv(&words, "cmd").unwrap();
    let bytes = Cmdline::Bytes(b"a=\xff b".to_vec());
    assert_eq!(import.description.boot.cmdlines.unwrap().value, [bytes]);
    let joined = words.join(&0);
    assert_eq!(qemu::split_nul(&joined), words);
    // The last holds, and an empty kernel is none.
    let import = sev("-kernel a -kernel b -append x -machine append=y");
    assert_eq!(import.description.boot.cmdlines.unwrap().value, [Cmdline::Bytes(b"y".to_vec())]);
    assert!(sev("-kernel ''").description.boot.kernels.is_none());
}

#[test]
fn lost_quotes_leave_the_command_line_unknown() {
    let import = sev("-bios b -cpu EPYC -kernel k -append console=ttyS0 root=/dev/vda");
    assert!(import.description.boot.cmdlines.is_none());
    assert_eq!(unknown_beside_the_kernel(&import), ["boot.cmdline"]);
}

#[test]
fn features_of_forks_are_unknown() {
    let text =
        "-machine confidential-guest-support=s -object sev-snp-guest,id=s,secure-tsc=on -bios b";
    assert_eq!(unknown(&read(text).unwrap()), ["sev_features"]);
    assert!(unknown(&read(&text.replace("=on", "=off")).unwrap()).is_empty());
}

#[test]
fn of_several_commands_the_one_of_qemu_counts() {
    let text = format!("cd /x; modprobe kvm_amd\nFOO=1 exec qemu-kvm {SEV} -smp 3 && echo done");
    let import = qemu::from_text(text.as_bytes(), "cmd").unwrap();
    assert_eq!(import.description.vcpus.unwrap().value.to_string(), "3");
}

#[test]
fn what_qemu_would_not_start_encrypted_is_refused() {
    for (text, part) in [
        ("-m 1G", "this is no confidential guest"),
        ("-object sev-guest,id=s", "QEMU does not use the SEV object"),
        ("-machine confidential-guest-support=s", "no -object has that id"),
        ("-machine confidential-guest-support=s -object tdx-guest,id=s", "neither sev-guest nor"),
        (
            "-machine confidential-guest-support=s -object sev-guest,id=s -object sev-guest,id=s",
            "two objects",
        ),
        (
            "-machine confidential-guest-support=s,igvm-cfg=i -object sev-snp-guest,id=s",
            "no -object igvm-cfg has that id",
        ),
        (
            "-machine confidential-guest-support=s,igvm-cfg=i -object sev-snp-guest,id=s -object igvm-cfg,id=i",
            "-object igvm-cfg has no file",
        ),
        (
            "-machine confidential-guest-support=s,igvm-cfg=i -object sev-snp-guest,id=s -object igvm-cfg,id=i,file=f \
             -drive if=pflash,file=OVMF.fd",
            "QEMU refuses both together",
        ),
        ("-machine confidential-guest-support=s -object sev-guest,id=s,policy=x", "policy: "),
        (
            "-machine confidential-guest-support=s -object sev-guest,id=s,policy=0x100000000",
            "32 bits",
        ),
        (
            "-machine confidential-guest-support=s -object sev-guest,id=s,kernel-hashes=maybe",
            "neither on nor off",
        ),
        (
            "-machine confidential-guest-support=s -object sev-guest,id=s -append x",
            "-append without -kernel",
        ),
        (
            "-machine confidential-guest-support=s -object sev-guest,id=s -initrd x",
            "-initrd without -kernel",
        ),
        ("-machine confidential-guest-support=s -object sev-guest,id=s -smp 0", "-smp"),
        (
            "-machine confidential-guest-support=s -object sev-guest,id=s -smp 5000",
            "more than any host",
        ),
        ("-machine confidential-guest-support=s -object '{'", "-object"),
        ("-cpu", "-cpu has no value"),
        ("-cpu 'x", "has no end"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert!(qemu::from_text(b" # nothing\n", "cmd").is_err());
}

// As libvirt writes it before each command. [libvirt, qemuLogOperation]
#[test]
fn libvirt_s_log_says_which_qemu_and_which_kernel() {
    let header = "2025-03-01 10:00:00.000+0000: starting up libvirt version: 11.0.0, package: 1.fc42, \
        qemu version: 9.2.3qemu-9.2.3-1.fc42, kernel: 6.14.0-63.fc42.x86_64, hostname: h\n";
    let line = format!(
        "{header}LC_ALL=C \\\nPATH=/bin \\\n/usr/bin/qemu-system-x86_64 {SEV} -cpu EPYC-v4 -bios f\n"
    );
    let found = qemu::from_text(line.as_bytes(), "g.log").unwrap().description;
    assert_eq!(found.host.vmm.unwrap().value, "qemu 9.2.3");
    assert_eq!(found.host.kernel.unwrap().value, "6.14.0-63.fc42.x86_64");
    assert_eq!(found.unknown, []);
}
