OVMF=/usr/share/OVMF
qemu-system-x86_64 -M q35,accel=tcg,confidential-guest-support=sev0 -cpu host -smp 2 \
  -object sev-guest,id=sev0,policy=0 \
  -drive if=pflash,format=raw,unit=0,file=$OVMF/OVMF_CODE.fd \
  -drive if=pflash,format=raw,unit=1,file=$OVMF/OVMF_VARS.fd \
  -readconfig extra.cfg -dtb guest.dtb \
  -kernel vmlinuz -append console=ttyS0  root=/dev/vda quiet
