//! What a command line says and no importer reads must stop the digest; what real command lines have beside must not.

use sev_launch_description::Error;
use sev_launch_description::import::{Import, qemu};

const SNP: &str = "-machine q35,confidential-guest-support=sev0 -cpu EPYC-Milan -object sev-snp-guest,id=sev0,policy=0x30000";

fn read(options: &str) -> Result<Import, Error> {
    qemu::from_text(format!("qemu-system-x86_64 {SNP} {options}").as_bytes(), "cmd")
}

fn import(options: &str) -> Import {
    read(options).unwrap_or_else(|error| panic!("{options}: {error}"))
}

/// The keys that are unknown, or the texts of what belongs to none.
fn unknown(import: &Import) -> Vec<&str> {
    let unknown = import.description.unknown.iter();
    unknown.map(|one| one.key.unwrap_or(&one.text)).collect()
}

fn has_text(import: &Import, start: &str) -> bool {
    import.description.unknown.iter().any(|one| one.key.is_none() && one.text.starts_with(start))
}

#[test]
fn options_and_keys_that_no_list_has_are_unknown() {
    for options in [
        "-no-such-option",
        "-no-such-option value",
        "-incoming defer",
        "-loadvm x",
        "-preconfig",
        "-plugin /x.so",
        "-machine x-new=1",
        "-machine auto-kernel-cmdline=on",
        "-smp cpus=1,x=2",
        "-accel kvm,x=2",
        "-object sev-snp-guest,id=sev1",
        "-object new-kind,id=x",
        "-device loader,file=x,addr=0xffc00000",
        "-device guest-loader,addr=0x1000,kernel=x",
        "-cpu EPYC,reset-vector=1",
        "-global EPYC-x86_64-cpu.reset-vector=1",
        "-global driver=cfi.pflash01,property=width,value=1",
        "-global machine",
        "-set drive.d.file=x",
        "-set device.d.driver=EPYC-x86_64-cpu",
    ] {
        let import = import(&format!("-bios f {options}"));
        assert!(
            has_text(&import, options.split(' ').next().unwrap()),
            "{options}: {:?}",
            unknown(&import)
        );
    }
    let key = "-object sev-snp-guest init-flags=4";
    let line = format!("qemu-system-x86_64 {SNP},init-flags=4 -bios f");
    assert!(has_text(&qemu::from_text(line.as_bytes(), "c").unwrap(), key));
    let microvm = format!("qemu-system-x86_64 {} -bios f", SNP.replace("q35", "microvm"));
    assert!(has_text(&qemu::from_text(microvm.as_bytes(), "c").unwrap(), "-machine microvm"));
    assert!(has_text(&import("-bios f -readconfig more.cfg"), "-readconfig more.cfg"));
}

#[test]
fn parts_of_the_signature_are_unknown_wherever_they_are_set() {
    for options in [
        "-global EPYC-Milan-x86_64-cpu.stepping=3",
        "-global driver=EPYC-Milan-x86_64-cpu,property=stepping,value=3",
        "-global cpu.family=0x19",
        "-global x86_64-cpu.model=1",
    ] {
        let import = import(&format!("-bios f {options}"));
        assert_eq!(unknown(&import), ["signature"], "{options}");
        assert!(import.description.cpus.is_none());
    }
    assert!(unknown(&import("-bios f -global EPYC-Milan-x86_64-cpu.pmu=off")).is_empty());
}

// QEMU 11.1, run: a vCPU of `-device` is measured, and starts with the first one's registers.
#[test]
fn vcpus_that_come_as_devices_are_late() {
    for device in [
        "EPYC-Milan-x86_64-cpu,socket-id=1,core-id=0,thread-id=0",
        "id=cpu1,driver=EPYC-Milan-x86_64-cpu,socket-id=1",
        "'{\"driver\":\"EPYC-Milan-x86_64-cpu\",\"id\":\"vcpu1\",\"socket-id\":1}'",
    ] {
        let import = import(&format!("-bios f -smp 2,maxcpus=3 -device {device}"));
        assert!(unknown(&import).is_empty(), "{device}: {:?}", unknown(&import));
        let count = import.description.vcpus.map(|field| field.value.to_string());
        assert_eq!(count.as_deref(), Some("3"), "{device}");
        assert_eq!(import.description.late_vcpus.map(|field| field.value), Some(1), "{device}");
    }
    assert!(import("-bios f -smp 2").description.late_vcpus.is_none());
}

// QEMU 7.2, 10.0 and 11.1, run: what is measured is what the guest sees of the flash.
#[test]
fn flashes_that_are_no_whole_raw_file_are_unknown() {
    const NODE: &str = "-machine pflash0=f -blockdev";
    for (flash, part) in [
        ("-drive if=pflash,unit=0,file=f.qcow2,format=qcow2", "its format is qcow2"),
        ("-drive if=pflash,unit=0,file=f,driver=qcow2", "its format is qcow2"),
        ("-drive if=pflash,unit=0,file=f,format=raw,offset=4096", "offset=4096 makes a slice"),
        ("-drive if=pflash,unit=0,file=f,format=raw,size=65536", "size=65536 makes a slice"),
        (
            "-drive if=pflash,unit=0,format=raw,file.filename=f,file.driver=http",
            "its driver is http",
        ),
        (
            "-drive if=pflash,unit=0,format=raw,file='json:{\"driver\":\"file\",,\"filename\":\"f\"}'",
            "its name is json:…",
        ),
        ("-pflash nbd:localhost:10809", "its name is nbd:…"),
        ("-pflash /dev/fdset/3", "is a file that QEMU was handed open"),
        ("-drive if=none,id=f,file=f,format=vmdk -machine pflash0=f", "its format is vmdk"),
    ] {
        let import = import(flash);
        assert_eq!(unknown(&import), ["firmware.path"], "{flash}");
        let text = &import.description.unknown[0].text;
        assert!(text.contains(part), "{flash}: {text}");
        assert!(import.description.firmware.images.is_none());
    }
    for (device, part) in [
        (
            "node-name=f,driver=qcow2,file=s -blockdev driver=file,node-name=s,filename=x",
            "its format is qcow2",
        ),
        (
            "node-name=f,driver=raw,offset=4096,file=s -blockdev driver=file,node-name=s,filename=x",
            "offset=4096",
        ),
        (
            "'{\"node-name\":\"f\",\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"x\"}}'",
            "its format is qcow2",
        ),
        (
            "'{\"node-name\":\"f\",\"driver\":\"raw\",\"size\":65536,\"file\":{\"driver\":\"file\",\"filename\":\"x\"}}'",
            "size=65536",
        ),
        ("node-name=f,driver=nbd,server.type=unix,server.path=x", "its driver is nbd"),
        ("node-name=f,driver=host_device,filename=/dev/sdb", "its driver is host_device"),
        (
            "node-name=f,driver=raw,file.driver=throttle,file.file.driver=file,file.file.filename=x",
            "its driver is throttle",
        ),
    ] {
        let import = import(&format!("{NODE} {device}"));
        assert_eq!(unknown(&import), ["firmware.path"], "{device}");
        let text = &import.description.unknown[0].text;
        assert!(text.contains(part), "{device}: {text}");
    }
    let drive = import("-drive if=none,id=f,file=/f.fd,format=raw,readonly=on -machine pflash0=f");
    assert!(unknown(&drive).is_empty() && drive.description.firmware.images.is_some());
    let named = import("-drive if=pflash,unit=0,format=raw,readonly=on,file=file:/f.fd");
    assert!(named.description.to_toml(false).unwrap().contains("path = \"/f.fd\""));
}

#[test]
fn firmware_that_qemu_looks_for_is_unknown() {
    assert_eq!(unknown(&import("-L /usr/share/ovmf -bios OVMF.fd")), ["firmware.path"]);
    for whole in ["-L /usr/share/ovmf -bios ./OVMF.fd", "-bios OVMF.fd"] {
        assert!(unknown(&import(whole)).is_empty(), "{whole}");
    }
}

#[test]
fn names_that_stand_twice_are_refused_as_by_qemu() {
    for options in [
        "-object iothread,id=i -object iothread,id=i",
        "-blockdev driver=file,node-name=n,filename=a -blockdev driver=file,node-name=n,filename=b",
        "-drive if=none,id=d,file=a -drive if=pflash,id=d,file=b",
    ] {
        let error = read(&format!("-bios f {options}")).unwrap_err().to_string();
        assert!(error.contains("QEMU refuses them"), "{options}: {error}");
    }
}

#[test]
fn what_a_shell_puts_in_is_unknown_where_it_counts() {
    for (options, expected) in [
        ("-bios f -kernel k -append \"$(cat cmdline) root=$ROOT\"", vec!["boot.cmdline"]),
        ("-bios f -kernel k -append \"a `uname -r`\"", vec!["boot.cmdline"]),
        ("-bios \"$OVMF\"", vec!["firmware.path"]),
        ("-pflash \"$OVMF\"", vec!["firmware.path"]),
        ("-bios f -kernel \"${K}\" -initrd \"${I}\"", vec!["boot.kernel", "boot.initrd"]),
        ("-bios f -smp \"$N\"", vec!["vcpus"]),
        // Quoted, it is one value of an option that moves nothing.
        ("-bios f -m \"$MEM\" -netdev \"tap,id=n,ifname=$TAP\" -name '$X'", vec![]),
        ("-bios f -device \"virtio-blk-pci,drive=$D\"", vec![]),
    ] {
        let import = import(options);
        assert_eq!(unknown(&import), expected, "{options}");
        let description = &import.description;
        assert!(expected.iter().all(|key| !description.says(key)), "{options}");
    }
    for (options, part) in [
        ("-bios f -m $MEM", "$MEM stands outside of quotes"),
        ("-bios f $EXTRA", "$EXTRA stands outside of quotes"),
        ("-bios f $A -m $B", "$A and 1 more stand outside of quotes"),
        ("-bios f -device \"$D\"", "-device $D: a shell would have replaced"),
        ("-bios f -machine \"usb=$U\"", "-machine usb=$U: a shell would have replaced"),
    ] {
        let import = import(options);
        assert!(has_text(&import, part), "{options}: {:?}", unknown(&import));
    }
    // A placeholder that nobody filled in, which a shell would take for a file.
    let line = format!("qemu-system-x86_64 {SNP},host-data=<HOST_DATA>,kernel-hashes=on -bios f");
    let error = qemu::from_text(line.as_bytes(), "c").unwrap_err().to_string();
    assert!(error.contains("< at byte") && error.contains("placeholder"), "{error}");
}

#[test]
fn command_lines_come_in_many_wrappings() {
    let words = format!("qemu-system-x86_64 {SNP} -bios OVMF.fd -smp 3");
    let json: Vec<_> = words.split(' ').map(|word| format!("{word:?}")).collect();
    let spaced = words.replace(" -", " \\ \n   -");
    let lines = words.replacen("qemu-system-x86_64 ", "", 1).replace(" -", "\n-");
    for text in
        [format!(" [{}]\n", json.join(", ")), spaced, lines, format!("modprobe kvm; ({words})")]
    {
        let import =
            qemu::from_text(text.as_bytes(), "c").unwrap_or_else(|error| panic!("{text}: {error}"));
        let count = import.description.vcpus.map(|field| field.value.to_string());
        assert_eq!(count.as_deref(), Some("3"), "{text}");
        assert!(import.description.unknown.is_empty(), "{text}");
    }
    let two = format!("{words}\n{words}");
    let error = qemu::from_text(two.as_bytes(), "c").unwrap_err().to_string();
    assert!(error.contains("2 commands start QEMU"), "{error}");
}

// As libvirt 9.0 to 12.8 generate them for SEV guests, options of every device class included, and as people write them.
#[test]
fn what_real_command_lines_have_beside_is_quiet() {
    for options in [
        "-name guest=g,debug-threads=on -S -accel kvm -m size=4194304k -overcommit mem-lock=off -uuid 1 -display none -no-user-config \
         -nodefaults -chardev socket,id=charmonitor,fd=24,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control \
         -rtc base=utc,driftfix=slew -global kvm-pit.lost_tick_policy=delay -no-hpet -no-shutdown -global ICH9-LPC.disable_s3=1 \
         -global ICH9-LPC.disable_s4=1 -boot strict=on -msg timestamp=on \
         -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        "-object '{\"qom-type\":\"memory-backend-memfd\",\"id\":\"pc.ram\",\"size\":1}' -object '{\"qom-type\":\"secret\",\"id\":\"m\"}' \
         -object '{\"qom-type\":\"iothread\",\"id\":\"iothread1\"}' -object '{\"qom-type\":\"rng-random\",\"id\":\"objrng0\",\"filename\":\"/dev/urandom\"}' \
         -object '{\"qom-type\":\"tls-creds-x509\",\"id\":\"t\",\"dir\":\"/x\"}'",
        "-device '{\"driver\":\"pcie-root-port\",\"port\":16,\"chassis\":1,\"id\":\"pci.1\",\"bus\":\"pcie.0\",\"multifunction\":true,\"addr\":\"0x2\"}' \
         -device '{\"driver\":\"virtio-net-pci\",\"netdev\":\"hostnet0\",\"id\":\"net0\",\"romfile\":\"\",\"iommu_platform\":true}' \
         -netdev '{\"type\":\"tap\",\"fds\":\"3\",\"vhost\":true,\"id\":\"hostnet0\"}' \
         -blockdev '{\"driver\":\"qcow2\",\"file\":\"s\",\"node-name\":\"libvirt-1-format\",\"backing\":null}' -audiodev '{\"id\":\"audio1\",\"driver\":\"none\"}' \
         -chardev pty,id=charserial0 -device '{\"driver\":\"isa-serial\",\"chardev\":\"charserial0\",\"id\":\"serial0\",\"index\":0}' \
         -fw_cfg name=opt/x,string=y -smbios type=1,serial=x -compat deprecated-input=reject -run-with async-teardown=on -add-fd set=0,fd=33",
        "-machine pc-q35-9.2,usb=off,smm=off,dump-guest-core=off,memory-backend=pc.ram,hpet=off,acpi=on,kernel_irqchip=split,nvdimm=on,vmport=off",
        "-cpu host,migratable=on,hv-time=on,hv-vendor-id=x,+topoext,-svm,phys-bits=48,host-phys-bits-limit=0x28,family=25,model=1,stepping=1",
        "-smp 1,sockets=1,dies=1,clusters=1,cores=1,threads=1 -numa node,nodeid=0,cpus=0,memdev=pc.ram -global virtio-net-pci.romfile= \
         -global q35-pcihost.pci-hole64-size=1024G -enable-kvm -nographic -monitor none -serial mon:stdio -no-reboot -vga none -snapshot \
         -drive file=disk.qcow2,if=none,id=disk0,format=qcow2 -device virtio-scsi-pci,id=scsi0 -qmp tcp:localhost:4444,server -trace x -daemonize",
    ] {
        let import = import(&format!("-bios f {options}"));
        assert!(unknown(&import).is_empty(), "{:?}", unknown(&import));
    }
}

// DebugSwap is in no command line: kernels 6.6 and 6.7 switch it on for SEV-ES guests of the legacy ioctl.
#[test]
fn the_host_s_kernel_is_unknown_where_it_decides() {
    let of = |object: &str| {
        let line = format!(
            "qemu-system-x86_64 -machine q35,confidential-guest-support=s -cpu EPYC -bios f -object {object},id=s"
        );
        qemu::from_text(line.as_bytes(), "c").unwrap()
    };
    assert_eq!(unknown(&of("sev-guest,policy=7")), ["host.kernel"]);
    assert_eq!(unknown(&of("sev-guest,policy=7,legacy-vm-type=on")), ["host.kernel"]);
    for settled in ["sev-guest,policy=7,legacy-vm-type=off", "sev-guest,policy=3", "sev-snp-guest"]
    {
        assert!(unknown(&of(settled)).is_empty(), "{settled}");
    }
}
