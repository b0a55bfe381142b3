//! Command lines as `qm showcmd` of Proxmox VE prints them. The options and their order are those of its own tests
//! [Proxmox VE, cfg2cmd/sev-std, sev-es, sev-snp]; names and numbers are made up.

use sev_launch_abi::Technology;
use sev_launch_description::description::Image;
use sev_launch_description::import::{Import, qemu};
use sev_launch_description::resolve::resolve;

const START: &str = "/usr/bin/kvm -id 100 -name 'secret,debug-threads=on' -no-shutdown \
    -chardev 'socket,id=qmp,path=/var/run/qemu-server/100.qmp,server=on,wait=off' -mon 'chardev=qmp,mode=control' \
    -pidfile /var/run/qemu-server/100.pid -daemonize -smbios 'type=1,uuid=c1d2e3f4-0000-4000-8000-000000000001' \
    -nodefaults -boot 'menu=on,strict=on,reboot-timeout=1000,splash=/usr/share/qemu-server/bootsplash.jpg' \
    -vnc 'unix:/var/run/qemu-server/100.vnc,password=on' -m 4096 -global 'PIIX4_PM.disable_s3=1' \
    -device 'pci-bridge,id=pci.1,chassis_nr=1,bus=pci.0,addr=0x1e' -device 'VGA,id=vga,bus=pcie.0,addr=0x1' \
    -device 'virtio-balloon-pci,id=balloon0,bus=pci.0,addr=0x3,free-page-reporting=on' \
    -iscsi 'initiator-name=iqn.1993-08.org.debian:01:0123456789ab' ";

const FLASHES: &str = r#" -object '{"id":"throttle-drive-efidisk0","limits":{},"qom-type":"throttle-group"}' -blockdev '{"driver":"raw","file":{"driver":"file","filename":"/usr/share/pve-edk2-firmware//OVMF_SEV_CODE_4M.fd"},"node-name":"pflash0","read-only":true}' -blockdev '{"detect-zeroes":"on","driver":"throttle","file":{"driver":"raw","file":{"driver":"file","filename":"/var/lib/vz/images/100/vm-100-disk-0.raw"},"size":540672},"node-name":"drive-efidisk0","throttle-group":"throttle-drive-efidisk0"}' "#;

fn read(rest: &str) -> Import {
    let line = format!("{START}{rest}\n");
    qemu::from_text(line.as_bytes(), "showcmd").unwrap_or_else(|error| panic!("{rest}: {error}"))
}

fn codes(import: &Import) -> Vec<&str> {
    import.warnings.iter().map(|warning| warning.code).collect()
}

#[test]
fn an_snp_guest_is_started_from_bios_and_may_be_debugged() {
    // Without no-debug=1 in amd-sev, Proxmox VE's policy is 0xb0000. [Proxmox VE, get_amd_sev_object]
    let import = read(
        "-bios /usr/share/pve-edk2-firmware//OVMF_SEV_4M.fd -smp '2,sockets=1,cores=2,maxcpus=2' \
         -cpu EPYC-Milan,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,vendor=AuthenticAMD \
         -object 'sev-snp-guest,id=sev0,cbitpos=51,reduced-phys-bits=6,policy=0xb0000' \
         -machine 'type=q35+pve0,confidential-guest-support=sev0'",
    );
    assert_eq!(codes(&import), ["debug-policy"]);
    let found = import.description;
    assert_eq!(found.unknown, []);
    assert_eq!(found.technology.as_ref().unwrap().value, Technology::Snp);
    assert_eq!(found.policy.as_ref().unwrap().value, 0xb0000);
    assert_eq!(found.vcpus.as_ref().unwrap().value.to_string(), "2");
    assert_eq!(found.host.machine.as_ref().unwrap().value, "q35");
    let image = &found.firmware.images.as_ref().unwrap().value[0];
    assert_eq!(*image, Image::File("/usr/share/pve-edk2-firmware//OVMF_SEV_4M.fd".into()));
    assert!(resolve(found).is_ok());
}

#[test]
fn sev_and_sev_es_guests_are_started_from_flash_with_variables() {
    for (policy, technology) in [("0x8", Technology::Sev), ("0xc", Technology::SevEs)] {
        let machine = "-machine 'pflash0=pflash0,pflash1=drive-efidisk0,type=pc+pve1,confidential-guest-support=sev0'";
        let import = read(&format!(
            "{FLASHES} -smp '1,sockets=1,cores=1,maxcpus=1' -cpu kvm64,enforce,+kvm_pv_eoi,+lahf_lm,+sep \
             -object 'sev-guest,id=sev0,cbitpos=51,reduced-phys-bits=6,policy={policy}' {machine}"
        ));
        assert!(codes(&import).contains(&"nvram-not-measured"), "{:?}", codes(&import));
        let found = import.description;
        assert_eq!(found.technology.unwrap().value, technology);
        assert_eq!(found.host.machine.unwrap().value, "pc");
        assert!(found.firmware.in_flash.unwrap().value);
        let image = &found.firmware.images.unwrap().value[0];
        assert_eq!(*image, Image::File("/usr/share/pve-edk2-firmware//OVMF_SEV_CODE_4M.fd".into()));
        let unknown: Vec<_> = found.unknown.iter().map(|one| one.key).collect();
        let kernel: &[Option<&str>] =
            if technology == Technology::Sev { &[] } else { &[Some("host.kernel")] };
        assert_eq!(unknown, kernel);
    }
}

#[test]
fn a_configuration_is_no_command_line() {
    let text = "amd-sev: type=snp,no-debug=1\nbios: ovmf\ncores: 2\nmachine: q35\n";
    let error = qemu::from_text(text.as_bytes(), "100.conf").unwrap_err().to_string();
    assert!(error.contains("qm showcmd"), "{error}");
}

#[test]
fn only_a_level_of_pve_is_taken_off_a_machine() {
    let rest = "-bios f -cpu EPYC-v4 -object sev-snp-guest,id=s -machine";
    for (machine, is_known) in [("pc-q35-9.2+pve1", true), ("pc+pve", false), ("pc+x", false)] {
        let import = read(&format!("{rest} 'type={machine},confidential-guest-support=s'"));
        assert_eq!(import.description.unknown.is_empty(), is_known, "{machine}");
    }
}
