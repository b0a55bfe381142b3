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
        "-object qtest,id=x,chardev=c",
        "-object rtc,id=x",
        "-s",
        "-gdb tcp::1234",
        "-set device.cpu1",
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

// Devices, whose settings reach no register and no byte that is measured. [QEMU, the drivers' properties]
#[test]
fn globals_that_move_nothing_are_quiet() {
    for options in [
        "-global driver=cfi.pflash01,property=secure,value=on -global isa-debugcon.iobase=0x402",
        "-global PIIX4_PM.disable_s3=0 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off -global pcie-root-port.x-speed=16",
        "-global migration.x-ignore-shared=on -global mch.extended-tseg-mbytes=16 -global megasas.use_msi=off -global igb.x=1",
        "-global kvm-apic.vapic=off -global hyperv-testdev.x=1 -global pci-serial.chardev=c -global sdhci-pci.x=1",
    ] {
        assert_eq!(unknown(&import(&format!("-bios f {options}"))), [""; 0], "{options}");
    }
    // A plain SEV guest's vCPUs are not measured.
    for (object, expected) in [("policy=1", &[][..]), ("policy=5", &["signature"])] {
        let line = format!(
            "qemu-system-x86_64 -machine q35,confidential-guest-support=s -cpu EPYC -bios f -object sev-guest,id=s,{object} \
             -global EPYC-x86_64-cpu.stepping=3"
        );
        let import = qemu::from_text(line.as_bytes(), "c").unwrap();
        let found: Vec<_> =
            unknown(&import).into_iter().filter(|key| *key != "host.kernel").collect();
        assert_eq!(found, expected, "{object}");
    }
}

// Each vCPU's RDX is its own family, model and stepping. [QEMU, x86_cpu_reset_hold]
#[test]
fn keys_of_a_late_vcpu_are_those_of_cpu() {
    const VCPU: &str = "EPYC-Milan-x86_64-cpu,id=cpu1,socket-id=1,core-id=0,thread-id=0";
    let late = |more: &str| import(&format!("-bios f -smp 1,maxcpus=2 -device {VCPU}{more}"));
    for more in [",stepping=3", ",family=0x19", ",model=1", ",pmu=off,stepping=1"] {
        let import = late(more);
        assert_eq!(unknown(&import), ["signature"], "{more}");
        assert!(import.description.cpus.is_none());
    }
    let json = "'{\"driver\":\"EPYC-Milan-x86_64-cpu\",\"socket-id\":1,\"stepping\":3}'";
    assert_eq!(unknown(&import(&format!("-bios f -device {json}"))), ["signature"]);
    for quiet in ["", ",pmu=off,kvm_pv_eoi=on,phys-bits=48", ",svm=off,vendor=AuthenticAMD"] {
        assert!(unknown(&late(quiet)).is_empty(), "{quiet}");
    }
    let key = "-device EPYC-Milan-x86_64-cpu reset-vector=7 was not looked at";
    assert!(has_text(&late(",reset-vector=7"), key));
    // By `-set` alike, and by what a shell puts in.
    let set = |setting: &str| late(&format!(" -set {setting}"));
    assert!(has_text(&set("device.cpu1.stepping=3"), "-set device.cpu1.stepping=3"));
    assert!(has_text(&set("device.cpu1.pmu=off"), "-set device.cpu1.pmu=off"));
    assert!(unknown(&set("device.net0.mac=1")).is_empty());
    for device in [
        format!("\"{VCPU},$MORE\""),
        "\"id=c,driver=$D\"".to_owned(),
        "\"$M-x86_64-cpu\"".to_owned(),
    ] {
        let import = import(&format!("-bios f -device {device}"));
        assert!(has_text(&import, "-device "), "{device}: {:?}", unknown(&import));
    }
    // Plain SEV measures no vCPU.
    let sev = format!(
        "-machine q35,confidential-guest-support=s -object sev-guest,id=s,policy=1 -bios f -cpu EPYC-Milan -device {VCPU},stepping=3"
    );
    assert!(unknown(&qemu::from_text(sev.as_bytes(), "c").unwrap()).is_empty());
}

// "Invalid CPU type, expected cpu type: '%s', got '%s'". [QEMU, x86_cpu_pre_plug]
#[test]
fn a_late_vcpu_of_another_model_is_refused_as_by_qemu() {
    let of = |cpu: &str, device: &str| {
        let line = SNP.replace("-cpu EPYC-Milan", cpu);
        let line = format!("{line} -bios f -smp 1,maxcpus=2 -device {device},socket-id=1");
        qemu::from_text(line.as_bytes(), "c")
    };
    for (cpu, device) in [
        ("-cpu EPYC-Milan,+svm", "EPYC-Milan-x86_64-cpu"),
        ("-cpu EPYC-Milan-v2", "EPYC-Milan-v2-x86_64-cpu"),
        ("-cpu host", "host-x86_64-cpu"),
        ("-cpu max", "host-x86_64-cpu"),
        ("", "qemu64-x86_64-cpu"),
        ("-cpu \"$CPU\"", "EPYC-Milan-x86_64-cpu"),
    ] {
        assert!(of(cpu, device).is_ok(), "{cpu} {device}");
    }
    for (cpu, device) in [
        ("-cpu EPYC-Milan", "EPYC-Genoa-x86_64-cpu"),
        ("-cpu EPYC-Milan", "EPYC-Milan-v2-x86_64-cpu"),
        ("-cpu EPYC-Milan-v2", "EPYC-Milan-x86_64-cpu"),
        ("-cpu host", "max-x86_64-cpu"),
        ("", "EPYC-Milan-x86_64-cpu"),
        ("-cpu EPYC-Milan", "cpu"),
    ] {
        let error = of(cpu, device).unwrap_err().to_string();
        assert!(error.contains("Invalid CPU type, expected cpu type: '"), "{error}");
    }
}

// SNP measures its VMSAs when the guest is first let run, which a debugger may come before; SEV-ES when the machine is made.
#[test]
fn debuggers_are_quiet_but_in_snp() {
    for options in ["-s", "-gdb tcp::1234", "-s -S"] {
        assert_eq!(unknown(&import(&format!("-bios f {options}"))).len(), 1, "{options}");
        for policy in [1, 5] {
            let line = format!(
                "-machine q35,confidential-guest-support=s -object sev-guest,id=s,policy={policy},legacy-vm-type=off -bios f \
                 -cpu EPYC {options}"
            );
            let import = qemu::from_text(line.as_bytes(), "c").unwrap();
            assert!(unknown(&import).is_empty(), "{options}: {:?}", unknown(&import));
        }
    }
}

// A flag of QEMU's without a value: the next word is an option.
#[test]
fn virtfs_synth_has_no_value() {
    let import = import("-virtfs_synth -bios f");
    assert!(unknown(&import).is_empty() && import.warnings.is_empty(), "{:?}", import.warnings);
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
        ("-bios f -m $MEM", "$MEM stands where a shell may make further options"),
        ("-bios f $EXTRA", "$EXTRA stands where a shell may make further options"),
        ("-bios f $A -m $B", "$A $B stand where a shell may make further options"),
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

fn words_of(words: &[&str]) -> Result<Import, Error> {
    let words: Vec<_> = words.iter().flat_map(|part| part.split(' ')).collect();
    let words: Vec<_> = words.into_iter().map(|word| word.as_bytes().to_vec()).collect();
    qemu::from_argv(&words, "cmd")
}

// A program's name is the value of many options, and what stands before it counts as ever.
#[test]
fn attack_a_value_that_is_called_as_qemu_is_no_program() {
    for value in [
        "-runas qemu",
        "-name kvm",
        "-L /usr/share/qemu",
        "-name /x/qemu-system-x86_64",
        "-pidfile /run/kvm",
        "-D qemu-kvm",
    ] {
        for program in ["", "qemu-kvm ", "/opt/my-vmm ", "sudo -E /usr/bin/qemu-system-x86_64 "] {
            let line = format!("{program}-smp 4 -bios ./f {value} {SNP}");
            let texts = [line.clone(), line.replace(" -", " \\\n -"), line.replace(" -", "\n-")];
            let lines = if program.is_empty() { 3 } else { 2 };
            let read = texts.iter().take(lines).map(|text| qemu::from_text(text.as_bytes(), "c"));
            for import in read.chain([words_of(&[&line])]) {
                let import = import.unwrap_or_else(|error| panic!("{line}: {error}"));
                let count = import.description.vcpus.as_ref().map(|field| field.value.to_string());
                assert_eq!(count.as_deref(), Some("4"), "{line}");
                let cpu = import.description.cpus.as_ref().map(|field| field.value[0].to_string());
                assert_eq!(cpu.as_deref(), Some("EPYC-Milan"), "{line}");
                assert!(unknown(&import).is_empty(), "{line}: {:?}", unknown(&import));
            }
        }
    }
    // An unknown option keeps its value, and a wrapper's option that QEMU has too is not skipped.
    for (start, text) in [
        ("-fancy kvm", "-fancy kvm was not looked at"),
        ("/opt/my-vmm -fancy kvm", "-fancy kvm was not looked at"),
        ("numactl -m 0 qemu-kvm", "\"qemu-kvm\" belongs to no option"),
        ("qemu-system-aarch64", "the program qemu-system-aarch64 was not"),
    ] {
        let import = words_of(&[start, "-smp 4 -bios f", SNP]).unwrap();
        assert!(has_text(&import, text), "{start}: {:?}", unknown(&import));
        let count = import.description.vcpus.map(|field| field.value.to_string());
        assert_eq!(count.as_deref(), Some("4"), "{start}");
    }
    let user = words_of(&["sudo -u qemu qemu-kvm -smp 4 -bios f", SNP]).unwrap();
    assert!(unknown(&user).is_empty(), "{:?}", unknown(&user));
}

// What follows a torn command line may be options that QEMU got as one word with it.
#[test]
fn attack_words_after_append_are_not_settled_by_the_command_line() {
    let import = import("-bios f -kernel k -append console=ttyS0 quiet x -S");
    assert!(unknown(&import).contains(&"boot.cmdline"));
    assert!(has_text(&import, "\"quiet\" \"x\" belong to no option"), "{:?}", unknown(&import));
}

#[test]
fn attack_lines_of_options_beside_the_command_are_unknown() {
    for (rest, text) in [
        ("\n-smp 8", "the line -smp 8 was not looked at"),
        (" \n  -append \"a b\" -x\n", "the line -append \"a b\" -x was not looked at"),
        ("\n$EXTRA", "the line $EXTRA was not looked at"),
        ("; \"${ARGS[@]}\"", "the line ${ARGS[@]} was not looked at"),
    ] {
        let import = import(&format!("-bios f -smp 4{rest}"));
        assert!(has_text(&import, text), "{rest}: {:?}", unknown(&import));
    }
    let two = format!("/opt/my-vmm {SNP} -bios f\n-smp 8");
    assert!(has_text(&qemu::from_text(two.as_bytes(), "c").unwrap(), "the line -smp 8"));
    assert!(unknown(&import("-bios f\necho -smp 8")).is_empty());
}

// By bash 5.2 and dash: what each of these hands to QEMU is not what stands there.
#[test]
fn attack_forms_of_a_shell_that_make_other_words_are_seen() {
    for (rest, text) in [
        ("\"$@\"", "$@ stands where"),
        ("\"${A[@]}\"", "${A[@]} stands where"),
        ("-m {1..3}", "{ stands where"),
        ("-name x{1,2}", "{ stands where"),
        ("-m $[1+1]", "$[1+1] stands where"),
    ] {
        let import = import(&format!("-bios f {rest}"));
        assert!(has_text(&import, text), "{rest}: {:?}", unknown(&import));
    }
    assert_eq!(unknown(&import("-bios \"f$-\"")), ["firmware.path"]);
    let error = read("-bios f &> log -smp 8").unwrap_err().to_string();
    assert!(error.contains("words follow the &>"), "{error}");
    assert!(unknown(&import("-bios f &> log")).is_empty());
    let count = import("-smp 4 -bios f >log&& x -smp 8").description.vcpus;
    assert_eq!(count.map(|field| field.value.to_string()).as_deref(), Some("4"));
    for program in ["eval", "ssh host", "xargs"] {
        let line = format!("{program} qemu-system-x86_64 {SNP} -bios f");
        let error = qemu::from_text(line.as_bytes(), "c").unwrap_err().to_string();
        assert!(error.contains("reads its words as a shell once more"), "{program}: {error}");
    }
    let line = format!("$QEMU {SNP} -bios f");
    assert!(has_text(&qemu::from_text(line.as_bytes(), "c").unwrap(), "$QEMU stands where"));
}

#[test]
fn attack_a_text_that_is_named_harmless_has_all_that_it_settles() {
    let text = |options: &str| {
        let import = import(&format!("-bios f {options}"));
        let keyless = import.description.unknown.into_iter().find(|one| one.key.is_none());
        keyless.map(|one| one.text).unwrap_or_else(|| panic!("{options}"))
    };
    assert!(text("-object fancy,id=a,file=evil").starts_with("-object fancy,id=a,file=evil was"));
    let long = |end: &str| text(&format!("-fancy {}{end}", "x".repeat(1000)));
    assert!(long("a") != long("b") && long("a").len() < 500, "{}", long("a"));
    // The rest after 200 characters of `-fancy xxx…`: 807 letters and the last, by sha256sum.
    assert!(
        long("a").contains("d494a2e29e61dfa6860d03148f8b92458f98e17c4f5073680f02db14973e378e"),
        "{}",
        long("a")
    );
}
