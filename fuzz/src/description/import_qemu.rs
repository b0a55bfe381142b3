//! QEMU's command line as anybody may paste it: text of a shell, libvirt's log, a JSON list, or words that end in NUL.

use sev_launch_description::import::qemu;

use super::{check_import, is_told, testdata};

/// An input is text, or words that end in NUL where it has any.
pub(crate) fn run(bytes: &[u8]) {
    if !bytes.contains(&0) {
        check_import(|| qemu::from_text(bytes, "x"));
        return;
    }
    let words = qemu::split_nul(bytes);
    if check_import(|| qemu::from_argv(&words, "x")).is_none() {
        return;
    }
    // Behind a command line that is complete an option is one: it may not vanish.
    let more = [words, vec![b"-fuzzed".to_vec(), b"value".to_vec()]].concat();
    let is_told = is_told(qemu::from_argv(&more, "x"), "-fuzzed value");
    assert!(is_told, "an option that nobody knows vanished");
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let files = ["snp.sh", "libvirt-log.txt", "careless.sh"];
    let files = files.into_iter().map(|name| testdata(&format!("import/qemu/{name}")));
    let words = WORDS.replace('\n', "\0").into_bytes();
    let list = serde_json::to_vec(&WORDS.lines().collect::<Vec<_>>()).expect("JSON has a text");
    files.chain([words, list, SHELL.into()]).collect()
}

/// A command line, one word in a line.
const WORDS: &str = "qemu-system-x86_64
-machine
q35,confidential-guest-support=s,kernel-irqchip=split,pflash0=f
-accel
kvm
-cpu
host,family=25,model=1,stepping=1,+x2apic
-smp
2,sockets=2,maxcpus=4
-object
{\"qom-type\":\"sev-snp-guest\",\"id\":\"s\",\"policy\":196608,\"host-data\":\"\",\"id-block\":\"AA==\"}
-blockdev
driver=raw,node-name=f,file.driver=file,file.filename=/f.fd,read-only=on
-drive
if=pflash,file=/v.fd,unit=1
-device
host-x86_64-cpu,socket-id=1
-global
kvm-pit.lost_tick_policy=delay
-set
device.a.b=c
-readconfig
/c
-kernel
/k
-initrd
/dev/fdset/1
-append
a  b
-L
/usr/share
-gdb
tcp::1234
-igvm
x
";

/// What a shell makes of words.
const SHELL: &str = r#"# a guest
export A=b; { cd /x && sudo -E numactl --cpunodebind=0 kvm \
  -M "q35,memory-encryption=s" '-object' sev-guest,id=s,policy=5,legacy-vm-type=off -pflash $FW -bios "${FW}/a" \
  -append "a \"b\" `uname -r` $(cat 'x)')" -smp cpus=4,,x -L . -kernel ~/k* "$@" &>log; } 2>&1 | tee x
"#;
