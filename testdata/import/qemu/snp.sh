#!/bin/bash
# A script as people keep one.
sudo /usr/local/bin/qemu-system-x86_64 \
    -enable-kvm -cpu EPYC-v4 -machine q35 -smp 4,maxcpus=255 -m 2048M,slots=5,maxmem=10G -no-reboot \
    -machine memory-encryption=sev0,vmport=off \
    -object memory-backend-memfd,id=ram1,size=2048M,share=true,prealloc=false \
    -machine memory-backend=ram1 \
    -object sev-snp-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,policy=0xb0000,kernel-hashes=on \
    -bios /usr/share/qemu/OVMF.fd \
    -kernel ./vmlinuz-6.9 -initrd ./initrd.img \
    -append "console=ttyS0 earlyprintk=serial root=/dev/sda1" \
    -nographic -monitor pty -device virtio-net-pci,netdev=vmnic >guest.log 2>&1 &
