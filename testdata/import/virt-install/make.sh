#!/bin/sh
# Writes the domains of this folder anew. Needs Debian's virtinst (4.1.0-2 wrote them); no libvirt daemon, no host with SEV.
set -eu
cd "$(dirname "$0")"
uri="__virtinst_test__test:///default,predictable,fakeuri=qemu:///system,caps=$PWD/caps.xml,domcaps=$PWD/domcaps.xml"
make() {
    name=$1
    shift
    virt-install --connect "$uri" --name "$name" --osinfo generic --disk none --graphics none --network none \
        --import --virt-type kvm --arch x86_64 --machine q35 --print-xml "$@" >"$name.xml"
}
make sev-auto --memory 2048 --boot uefi --launchSecurity type=sev
make sev-direct --memory 2048 --vcpus 2 --cpu host-passthrough \
    --boot 'loader=/usr/share/OVMF/OVMF.amdsev.fd,loader.readonly=yes,loader.type=pflash,kernel=/boot/vmlinuz,initrd=/boot/initrd.img,kernel_args=console=ttyS0 root=/dev/vda' \
    --launchSecurity type=sev,policy=0x03,dhCert=AQAAAA==,session=AQAAAA==,kernelHashes=yes
make sev-es --memory 4096 --vcpus 4,maxvcpus=8 --cpu EPYC-Milan \
    --boot 'loader=/usr/share/OVMF/OVMF.amdsev.fd,loader.readonly=yes,loader.type=pflash,kernel=/boot/vmlinuz,kernel_args=console=ttyS0' \
    --launchSecurity sev,policy=0x07
make sev-es-host-model --memory 4096 --vcpus 4 --cpu host-model --boot uefi \
    --launchSecurity type=sev,policy=0x05,dhCert=AQAAAA==,session=AQAAAA==
make sev-nvram --memory 2048 --vcpus 2 --cpu EPYC --boot 'loader=/usr/share/OVMF/OVMF_CODE_4M.fd,loader.readonly=yes,loader.type=pflash,nvram=/var/lib/libvirt/qemu/nvram/g_VARS.fd' \
    --launchSecurity type=sev,policy=0x01
