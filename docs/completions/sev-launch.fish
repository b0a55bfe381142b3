# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_sev_launch_global_optspecs
    string join \n h/help V/version
end

function __fish_sev_launch_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_sev_launch_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_sev_launch_using_subcommand
    set -l cmd (__fish_sev_launch_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c sev-launch -n "__fish_sev_launch_needs_command" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -s V -l version -d 'Print version'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "digest" -d 'Compute the launch digest that an honest host must report'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "import" -d 'Write a launch description from libvirt, QEMU, Kata, KubeVirt or OpenStack'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "describe" -d 'Show a launch description: every value and where it came from'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "verify" -d 'Say yes or no to what a host reports of a launch, or to an SNP report; pack secrets after a yes'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "explain" -d 'Find why a reported value does not match: the smallest change of facts that gives it'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "preflight" -d 'Say whether a host would start a launch, or what refuses it and how'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "host" -d 'Say what a host can launch, what is missing and what to change'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "rehearse" -d 'Start the VMM itself on an AMD-SP in software; hold its launch against the prediction'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "platform" -d 'Make a simulated platform for rehearsals, and write its certificates'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "manifest" -d 'Build, check, compare, show, extend and publish manifests: what CI keeps of a guest\'s launch digests'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "session" -d 'Make keys for a SEV or SEV-ES launch, wrapped for a platform that is verified'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "secret" -d 'Pack secrets for a verified SEV or SEV-ES launch; open a packet again'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "report" -d 'Show, verify and appraise an SNP guest\'s attestation report'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "id-block" -d 'Build and check ID blocks: what the AMD-SP must find in an SNP guest, or start nothing'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "serve" -d 'Start the attestation service of a guest owner; everything that follows is for it'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "agent" -d 'Launch a guest as its owner\'s service wants it, with QEMU or libvirt'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "remote" -d 'Ask an attestation service as a guest\'s owner: register, approve, read the audit'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "audit" -d 'The audit of an attestation service'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "certs" -d 'Show, verify, split and join a SEV platform\'s certificates'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "firmware" -d 'Say what a firmware image is, what is in it, and where two builds differ; absorb one'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "vmsa" -d 'Build, show and compare initial VM save areas'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "profile" -d 'List, show and compare launch profiles: what hosts do that no file tells'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "cpu" -d 'List CPU models with their signatures and generations'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "completions" -d 'Write a shell\'s completion script'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "man" -d 'Write the man pages: one for each command'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l mode -d 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware; or snp:ovmf-hash, the digest after the firmware alone. A description may say it instead' -r -f -a "sev\t''
seves\t''
snp\t''
snp:svsm\t''
snp:ovmf-hash\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l format -l output-format -d 'How digests are printed [default: one alone in hex; several as a table on a terminal, else as JSON lines]' -r -f -a "hex\t'Lower-case hex, a line for each digest'
base64\t'Base64 of the digest\'s bytes, a line for each'
json\t'One JSON document with everything that was assumed'
csv\t'CSV with a header, a row for each digest'
jsonl\t'One JSON object on a line for each digest, with what it is of'
table\t'A table for people'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l trace -d 'Print every launch update with the digest after it; the last line\'s is the launch digest' -r -f -a "regions\t'The firmware as one region'
pages\t'In SNP, every page of the firmware too; needs the image'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l json -d 'Print JSON: --format json'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l dump-vmsa -d 'Write the VMSA of each vCPU to vmsa0.bin, vmsa1.bin … in this folder'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -s v -l verbose -d 'Say on standard error what was assumed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -s q -l quiet -d 'Leave warnings and notes out'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "libvirt" -d 'A libvirt domain\'s XML; that of the running domain (virsh dumpxml) says most'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "qemu" -d 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE\'s qm showcmd prints'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "proxmox" -d 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE\'s qm showcmd prints'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "kata" -d 'A Kata Containers configuration, as it is installed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "check-policy" -d 'A policy of go-sev-guest\'s check, as text: what comes of it are demands, for `verify --demands`'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "kubevirt" -d 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "nova" -d 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "openstack" -d 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and not __fish_seen_subcommand_from libvirt qemu proxmox kata check-policy kubevirt nova openstack help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from libvirt" -s o -l output -d 'Where the description is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from libvirt" -l json -d 'Print JSON: the description, the place of each value, the warnings and what is unknown'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from libvirt" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from qemu" -l pid -d 'A running QEMU, by its process ID' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from qemu" -s o -l output -d 'Where the description is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from qemu" -l argv -d 'The file has an argument on each line'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from qemu" -l json -d 'Print JSON: the description, the place of each value, the warnings and what is unknown'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from qemu" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from proxmox" -l pid -d 'A running QEMU, by its process ID' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from proxmox" -s o -l output -d 'Where the description is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from proxmox" -l argv -d 'The file has an argument on each line'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from proxmox" -l json -d 'Print JSON: the description, the place of each value, the warnings and what is unknown'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from proxmox" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kata" -l annotations -l pod -d 'The pod, or its annotations alone, in YAML or JSON; `crictl inspectp ID` prints those of a pod that runs' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kata" -l runtime -d 'The runtime that starts the pod, go or rust; the configuration tells it too, and must not contradict' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kata" -l release -d 'The release that is installed (3.2 to 4.1, as 3.30.0, or CC-0.8.1): each assembles another kernel command line' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kata" -l host-cpus -d 'How many CPUs the host has, where a configuration takes its vCPUs or nr_cpus from there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kata" -s o -l output -d 'Where the description is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kata" -l json -d 'Print JSON: the description, the place of each value, the warnings and what is unknown'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kata" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from check-policy" -s o -l output -d 'Where the description is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from check-policy" -l json -d 'Print JSON: the description, the place of each value, the warnings and what is unknown'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from check-policy" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kubevirt" -s o -l output -d 'Where the description is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kubevirt" -l json -d 'Print JSON: the description, the place of each value, the warnings and what is unknown'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from kubevirt" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from nova" -l server -d 'The same by name' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from nova" -l flavor -d 'The flavor' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from nova" -l image -d 'The image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from nova" -s o -l output -d 'Where the description is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from nova" -l json -d 'Print JSON: the description, the place of each value, the warnings and what is unknown'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from nova" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from openstack" -l server -d 'The same by name' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from openstack" -l flavor -d 'The flavor' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from openstack" -l image -d 'The image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from openstack" -s o -l output -d 'Where the description is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from openstack" -l json -d 'Print JSON: the description, the place of each value, the warnings and what is unknown'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from openstack" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from help" -f -a "libvirt" -d 'A libvirt domain\'s XML; that of the running domain (virsh dumpxml) says most'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from help" -f -a "qemu" -d 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE\'s qm showcmd prints'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from help" -f -a "kata" -d 'A Kata Containers configuration, as it is installed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from help" -f -a "check-policy" -d 'A policy of go-sev-guest\'s check, as text: what comes of it are demands, for `verify --demands`'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from help" -f -a "kubevirt" -d 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from help" -f -a "nova" -d 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand import; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l mode -d 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware' -r -f -a "sev\t''
seves\t''
snp\t''
snp:svsm\t''
snp:ovmf-hash\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -l json -d 'Print JSON: the description and the origin of each of its keys'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand describe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l report -d 'An SNP guest\'s attestation report, to be verified and held against the guest\'s digests, in any form: raw, hex, base64, with its certificate table, in Azure\'s envelope, in JSON' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l mode -d 'The technology, as `digest` takes it: the evidence says it already, and must say the same' -r -f -a "sev\t''
seves\t''
snp\t''
snp:svsm\t''
snp:ovmf-hash\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l endorsement -d 'A cloud\'s launch endorsement, whose digests are accepted once it is verified: a .binarypb file of Google\'s or the certificate table with one, Azure\'s reference-info-base64. With --vcpus, the digest for exactly so many VMSAs alone' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l endorsement-root -d 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l endorsement-issuer -d 'Azure\'s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l endorsement-feed -d 'Azure\'s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l endorsement-min-svn -d 'Azure\'s utility VM: the lowest guest SVN that is accepted [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l evidence -d 'What QMP\'s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -s m -l measurement -l launch-measure-blob -d 'The launch measurement: 48 bytes in base64 or hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l api-major -d 'The platform\'s API version: major' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l api-minor -d 'The platform\'s API version: minor' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l build-id -d 'The platform\'s build' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l tik -d 'The session\'s TIK: 16 bytes, raw, hex or base64' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l tek -d 'The session\'s TEK: only secrets need it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l tk -d 'TEK and TIK in one file of 32 bytes, in this order' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l manifest -d 'The manifest whose rows are accepted: the verdict says which one it was' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l manifest-key -d 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l accept-root -d 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l launch-digest -d 'A launch digest that is accepted, where it is known already: 32 bytes in SEV and SEV-ES, 48 in SNP. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l launch-digest-file -d 'A file with such digests, one on each line; empty lines and those that begin with # do not count' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l require -d 'Bits that the policy must have, comma-separated: one that is missing is a no' -r -f -a "es\t'SEV-ES'
noks\t'No key sharing'
nosend\t'No sending'
sev\t'Sending only to genuine platforms'
domain\t'Sending only within the owner\'s domain'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l require-api -d 'The lowest API version of the platform that is accepted, for example 1.55 [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l require-build -d 'The lowest build of the platform that is accepted [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -s s -l inject-secret -l secret -d 'A secret as GUID:FILE or luks-key:FILE; the file\'s bytes are the secret, line ends included. May repeat' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l secret-header -d 'Where the packet\'s header is written, in base64' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l secret-payload -d 'Where the packet\'s payload is written, in base64' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vek -l vcek -l vlek -d 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure\'s THIM' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l chain -d 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD\'s built-in keys' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l certificates -d 'The table of certificates that the host gives the guest beside a report; the flags above go before it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l crl -d 'AMD\'s revocation list in DER, from its key server [default: revocation is not asked]' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l time -d 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l root -d 'The ARK of a lab that signs its own chains; AMD\'s are then refused' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l demands -d 'A file of demands, in TOML or JSON, each of which is added to the flags\' own: its keys are the names of these flags with _ for -, for example vmpl = 0. May repeat' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l policy-set -d 'Bits that the policy must have, by AMD\'s names, comma-separated, for example SINGLE_SOCKET,RAPL_DIS' -r -f -a "SMT\t''
MIGRATE_MA\t''
DEBUG\t''
SINGLE_SOCKET\t''
CXL_ALLOW\t''
MEM_AES_256_XTS\t''
RAPL_DIS\t''
CIPHERTEXT_HIDING_DRAM\t''
PAGE_SWAP_DISABLE\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l policy-clear -d 'Bits that the policy must not have, for example SMT,CXL_ALLOW' -r -f -a "SMT\t''
MIGRATE_MA\t''
DEBUG\t''
SINGLE_SOCKET\t''
CXL_ALLOW\t''
MEM_AES_256_XTS\t''
RAPL_DIS\t''
CIPHERTEXT_HIDING_DRAM\t''
PAGE_SWAP_DISABLE\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-policy-abi -d 'The lowest ABI version that the policy must ask of the platform, for example 1.51' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l generation -d 'The generations that are accepted [default: Milan, Genoa, Turin; of those, the ones with TCB levels if only some have them]' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-tcb -d 'The lowest levels that each TCB version may have (reported, current, committed, launch), for example bootloader=4,tee=0,snp=24,microcode=219; with fmc=… for Turin, and only for it; milan:… is for one generation, and the others are refused unless they have levels too or are named' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-platform-tcb -d 'The same of the TCB versions that the platform has now (reported, current, committed)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-launch-tcb -d 'The same of the TCB version at launch' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-firmware -d 'The lowest version of the firmware that runs, for example 1.55.29' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-firmware-build -d 'The lowest build of the firmware that runs, whatever its version' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-committed-firmware -d 'The lowest version of the firmware that the platform cannot go back behind' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l advisory -d 'AMD\'s security bulletins that the platform must be mended of, for example AMD-SB-3019; what is not known of one is not enough' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l platform-set -d 'Bits that PLATFORM_INFO must have, by AMD\'s names, for example ALIAS_CHECK_COMPLETE' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l platform-clear -d 'Bits that PLATFORM_INFO must not have, for example SMT_EN' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l report-data -d 'What the guest must have put into the report: 64 bytes in hex or base64. It is what makes a report fresh' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l host-data -d 'What the host must have given at launch: 32 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l id-key-digest -d 'The key that must have signed the ID block: SHA-384 of its 1028 bytes, as `sev-launch id-block check` prints it' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l author-key-digest -d 'The key that must have signed the ID key' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l trusted-id-key -d 'Keys of which one must have signed the ID block: each by its digest, or a certificate or public key of it' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l trusted-author-key -d 'Keys of which one must have signed the ID key, unless that is trusted itself' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-guest-svn -d 'The lowest security version that the guest\'s ID block may have' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l family-id -d 'The family that the ID block must have: 16 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l image-id -d 'The image that the ID block must have: 16 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l vmpl -d 'The privilege level that must have asked for the report [default: 0 to 3, not the host]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l report-id -d 'The number that the platform must have given the guest: 32 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l report-id-ma -d 'The number of the migration agent: 32 bytes, all ff for none' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l chip-id -d 'The chip that it must be: 64 bytes, or the 8 of Turin' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l signing-key -d 'The kind of key that must have signed the report: vcek (the chip\'s own) or vlek (the cloud provider\'s)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l min-report-version -d 'The lowest version of the report\'s structure' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l policy -d 'The policy that the session was made for, as 0x5 or NODBG+ES; for a report, the guest\'s, as 0x30000 or SMT' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -s q -l quiet -d 'Leave warnings and notes out'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-other-policy -d 'Accept another guest policy than the one that the endorsement says'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l accept-endorsed -d 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l accept-observed -d 'Accept observed rows too whose evidence was verified under AMD\'s roots: what some chip ran, whoever\'s it was'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l accept-unverified -d 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-debug -l insecure -d 'Accept a policy that allows debugging: the host can then read the guest\'s memory'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-masked-chip-id -d 'Accept a VCEK\'s report whose CHIP_ID the host has masked (all zeros)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-unknown-version -d 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -s v -l verbose -d 'Say of each file of evidence what was in it, and what that was taken out of'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-migration-agent -d 'Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-provisional-firmware -d 'Accept a platform whose firmware is running but not committed: its host can go back to older firmware, with older faults'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-launch-tcb-above-current -d 'Accept a platform that runs less than LAUNCH_TCB: it went back to older firmware since the launch, or a migration agent brought the guest from a newer platform'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -l allow-reserved-bits -d 'Accept reserved bytes, and bits without a name in KEY_INFO, PLATFORM_INFO and TCB versions, that are not zero: what they mean is not known'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l reported -d 'The launch digest that was reported: 32 bytes in SEV and SEV-ES, 48 in SNP, in hex or base64; or the SNP report that has it, in any form. Typed, in a file, or - for standard input' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l report -d 'The SNP report whose MEASUREMENT it is, in any form: raw, hex, base64, with its certificate table, in Azure\'s envelope, in JSON. Its signature is not looked at' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l evidence -d 'What QMP\'s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -s m -l measurement -l launch-measure-blob -d 'The launch measurement: 48 bytes in base64 or hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l api-major -d 'The platform\'s API version: major' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l api-minor -d 'The platform\'s API version: minor' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l build-id -d 'The platform\'s build' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l tik -d 'The TIK of the session that the measurement is of: 16 bytes, raw, hex or base64' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l policy -d 'The policy that the session was made for, as 0x5 or NODBG+ES [default: the description\'s]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l mode -d 'The technology: sev, seves (sev-es), snp (sev-snp), snp:svsm (an SVSM before the firmware). A description, --report and --policy say it too' -r -f -a "sev\t''
seves\t''
snp\t''
snp:svsm\t''
snp:ovmf-hash\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l candidate -d 'A file that may have been taken as firmware, kernel or initrd. May repeat' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l candidate-dir -d 'A folder of such files; folders in it are not entered' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l axes -d 'A description whose values are tried too: command lines, CPUs, vCPU counts, features, policy, files' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l max-changes -d 'How many facts are changed together at most' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l budget -d 'How many seconds the search may take' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -s q -l quiet -d 'Leave warnings and notes out'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l mode -d 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware' -r -f -a "sev\t''
seves\t''
snp\t''
snp:svsm\t''
snp:ovmf-hash\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l host -d 'Facts of a host, as `sev-launch host collect` writes them (- is standard input)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l policy -d 'The policy, in place of the description\'s, as 0x30000, SMT+ABI=1.55 or NODBG+ES' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -s q -l quiet -d 'Leave warnings out'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand preflight" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and not __fish_seen_subcommand_from collect help" -l collected -d 'Facts that `sev-launch host collect` wrote, in place of this machine\'s (- is standard input)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and not __fish_seen_subcommand_from collect help" -l require -d 'Technologies that must be there, comma-separated: sev, sev-es, snp' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and not __fish_seen_subcommand_from collect help" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and not __fish_seen_subcommand_from collect help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and not __fish_seen_subcommand_from collect help" -f -a "collect" -d 'Write this host\'s facts into a file that holds nothing secret'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and not __fish_seen_subcommand_from collect help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from collect" -l root -d 'A folder with a copy of another host\'s /proc, /sys and /dev, in place of this host: no program is run' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from collect" -l kernel-log -d 'What dmesg or journalctl -k printed' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from collect" -l domain-capabilities -d 'What virsh domcapabilities printed' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from collect" -l qemu-version -d 'What qemu-system-x86_64 --version printed' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from collect" -l libvirt-version -d 'What virsh --version printed' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from collect" -l ovmf-version -d 'The version of OVMF\'s package' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from collect" -s o -l output -d 'The file to write [default: standard output]' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from collect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from help" -f -a "collect" -d 'Write this host\'s facts into a file that holds nothing secret'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand host; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l platform -d 'The platform, as `sev-launch platform new` made it [default: a new one each time]' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l api -d 'The version of the AMD-SP\'s API with its build, as 1.55.21 [default: the generation\'s]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l host-signature -d 'CPUID Fn0000_0001 EAX of the host\'s processor, which -cpu host stands for [default: a usual one of its generation]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l timeout -d 'How many seconds the VMM may take to launch its guest, where it does not stay' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l expect-secret -d 'A secret that must have arrived where the firmware looks for it. May repeat. It is injected by whoever speaks to the VMM, so --stay is needed' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l inject-secret -d 'Play the guest\'s owner too, with a secret to inject, as GUID:FILE or luks-key:FILE: a session is made for the platform, the measurement judged, and only after a yes the secret goes in, through a monitor of QEMU\'s. May repeat. SEV and SEV-ES' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l require -d 'Bits that the policy must have, comma-separated: one that is missing is a no' -r -f -a "es\t'SEV-ES'
noks\t'No key sharing'
nosend\t'No sending'
sev\t'Sending only to genuine platforms'
domain\t'Sending only within the owner\'s domain'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l fault -d 'Something that goes wrong on purpose: wrong-measurement, stale-nonce, changed-page, extra-vcpu, refused-policy or slow-answers. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l save -d 'A new folder for what was measured: each update\'s bytes in a file' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l no-prediction -d 'Hold it against nothing: for a VMM that is not QEMU'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l stay -d 'Leave the VMM running after the launch, with standard input and output, and end with its exit code'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l tells-parent -d 'Standard input is where the exit code is told of a VMM that goes to the background: `rehearse` starts itself with this flag'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l allow-debug -l insecure -d 'Accept a policy that allows debugging: the host can then read the guest\'s memory'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l trace -d 'Print each update with the digest after it; the last one is the launch digest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -s q -l quiet -d 'Leave warnings and notes out'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand rehearse" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and not __fish_seen_subcommand_from new export launch inject status help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and not __fish_seen_subcommand_from new export launch inject status help" -f -a "new" -d 'Make a platform, in a new folder'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and not __fish_seen_subcommand_from new export launch inject status help" -f -a "export" -d 'Write its certificates into a new folder: what a host exports, and the authority above it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and not __fish_seen_subcommand_from new export launch inject status help" -f -a "launch" -d 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and not __fish_seen_subcommand_from new export launch inject status help" -f -a "inject" -d 'Give a guest the packet of an attestation service, and list the secrets that arrive'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and not __fish_seen_subcommand_from new export launch inject status help" -f -a "status" -d 'Say what it is'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and not __fish_seen_subcommand_from new export launch inject status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from new" -l generation -d 'The generation of its processor' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from new" -l api -d 'The version of the AMD-SP\'s API with its build, as 1.55.21 [default: the generation\'s]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from launch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from inject" -l reveal -d 'Print the secrets themselves, in base64'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from inject" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from status" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from help" -f -a "new" -d 'Make a platform, in a new folder'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write its certificates into a new folder: what a host exports, and the authority above it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from help" -f -a "launch" -d 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from help" -f -a "inject" -d 'Give a guest the packet of an attestation service, and list the secrets that arrive'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from help" -f -a "status" -d 'Say what it is'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand platform; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -f -a "build" -d 'Compute every launch described, and write a manifest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -f -a "check" -d 'Compute a manifest again from the files at hand, and name what changed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -f -a "diff" -d 'Say what differs between two manifests, and which change explains which digest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -f -a "show" -d 'Show a manifest: its inputs, its rows, and what is noteworthy about them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -f -a "add" -d 'Add a row for what a host reported: observed, not computed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -f -a "publish" -d 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -f -a "sign" -d 'Sign a manifest with a key in a file, to be verified without a network'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and not __fish_seen_subcommand_from build check diff show add publish sign help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l mode -d 'The technology: sev, seves (sev-es), snp (sev-snp), snp:svsm. A description may say it instead' -r -f -a "sev\t''
seves\t''
snp\t''
snp:svsm\t''
snp:ovmf-hash\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -s o -l output -d 'Where the manifest is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l name -d 'What the guest is called [default: the description\'s file, without its ending]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -l keep-others -d 'Keep rows that were observed or endorsed although their digests are none of those computed now'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -s q -l quiet -d 'Leave warnings and notes out'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l endorsement-root -d 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l endorsement-issuer -d 'Azure\'s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l endorsement-feed -d 'Azure\'s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l endorsement-min-svn -d 'Azure\'s utility VM: the lowest guest SVN that is accepted [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l format -d 'How the outcome is printed' -r -f -a "text\t'Text for people'
json\t'One JSON document'
junit\t'JUnit\'s XML, a test case for each row and input'
annotations\t'Annotations that a CI run shows beside the change: workflow commands'
markdown\t'Markdown for a CI run\'s summary: the table of digests, and what changed'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l manifest-key -d 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -l json -d 'Print JSON: --format json'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l manifest-key -d 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from show" -l manifest-key -d 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from show" -l json -d 'Print it as the JSON that is stored, once it was found to be sound'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l from-report -d 'An SNP guest\'s attestation report: its MEASUREMENT is the digest' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l from-measurement -d 'A SEV or SEV-ES launch measurement, as QMP or virsh domlaunchsecinfo prints it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l endorsement -d 'A cloud\'s launch endorsement, in any form that `verify --endorsement` takes: a row for each number of VMSAs, and its bytes kept' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l endorsement-root -d 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l endorsement-issuer -d 'Azure\'s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l endorsement-feed -d 'Azure\'s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l endorsement-min-svn -d 'Azure\'s utility VM: the lowest guest SVN that is accepted [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l vek -l vcek -l vlek -d 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure\'s THIM' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l chain -d 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD\'s built-in keys' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l certificates -d 'The table of certificates that the host gives the guest beside a report; the flags above go before it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l crl -d 'AMD\'s revocation list in DER, from its key server [default: revocation is not asked]' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l time -d 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l root -d 'The ARK of a lab that signs its own chains; AMD\'s are then refused' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l evidence -d 'What QMP\'s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -s m -l measurement -l launch-measure-blob -d 'The launch measurement: 48 bytes in base64 or hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l api-major -d 'The platform\'s API version: major' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l api-minor -d 'The platform\'s API version: minor' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l build-id -d 'The platform\'s build' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l tik -d 'The session\'s TIK: 16 bytes, raw, hex or base64' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l tek -d 'The session\'s TEK: only secrets need it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l tk -d 'TEK and TIK in one file of 32 bytes, in this order' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l policy -d 'The policy that the session was made for, as 0x5 or NODBG+ES' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l vcpus -d 'How many vCPUs the guest was started with, as far as is known' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l when -d 'When it was observed, as it shall be written down' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -s o -l output -d 'Where the manifest is written [default: in its place]; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l allow-masked-chip-id -d 'Accept a VCEK\'s report whose CHIP_ID the host has masked (all zeros)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l allow-unknown-version -d 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say of each file of evidence what was in it, and what that was taken out of'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l allow-contradiction -d 'Add the row although it contradicts what was computed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -l allow-debug -d 'Accept evidence of a guest whose memory the host can read'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l to -d 'The verifier\'s form' -r -f -a "trustee\t'Reference values of Trustee\'s RVPS, under the names of its default policy (SNP)'
trustee-message\t'The message that registers them'
trustee-azure\t'The same values under the names of az-snp-vtpm, Azure\'s confidential VMs'
corim\t'An unsigned CoRIM, in CBOR'
corim-veraison\t'The same, with each digest as its environment\'s instance, by which Veraison looks it up'
in-toto\t'An in-toto Statement v1'
simple-kbs\t'A row of simple-kbs\'s policy table, as SQL (SEV, SEV-ES)'
simple-kbs-json\t'The same as a tenant\'s default_policy.json'
rego\t'A Rego module'
config-map\t'A Kubernetes ConfigMap'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -s o -l output -d 'Where it is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l accept-root -d 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l manifest-key -d 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l endorsement-root -d 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l endorsement-issuer -d 'Azure\'s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l endorsement-feed -d 'Azure\'s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l endorsement-min-svn -d 'Azure\'s utility VM: the lowest guest SVN that is accepted [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l min-api -d 'simple-kbs: the least API version of the platform, for example 1.55 [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l build-ids -d 'simple-kbs: the builds of the platform that are accepted, comma-separated [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l package -d 'Rego: the module\'s package' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l claim -d 'Rego: where the claim stands in the input, parts separated by dots [default in SNP: snp.measurement]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l object -d 'ConfigMap: the object\'s name' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l namespace -d 'ConfigMap: its namespace [default: none is written]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l accept-endorsed -d 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l accept-observed -d 'Accept observed rows too whose evidence was verified under AMD\'s roots: what some chip ran, whoever\'s it was'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l accept-unverified -d 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l allow-debug -d 'Do it although the policy lets the host read the guest\'s memory'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -l allow-migration-agent -d 'Do it although the policy lets a migration agent decide where else the guest runs (SNP)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from publish" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l key -d 'The private key, on P-256, not encrypted: PKCS#8 or SEC1, in PEM or DER' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -s o -l output -d 'Where the signed manifest is written, best beside the manifest, whose paths it has; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l accept-root -d 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l endorsement-root -d 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l endorsement-issuer -d 'Azure\'s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l endorsement-feed -d 'Azure\'s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l endorsement-min-svn -d 'Azure\'s utility VM: the lowest guest SVN that is accepted [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l accept-endorsed -d 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l accept-observed -d 'Accept observed rows too whose evidence was verified under AMD\'s roots: what some chip ran, whoever\'s it was'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l accept-unverified -d 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l allow-debug -d 'Do it although the policy lets the host read the guest\'s memory'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -l allow-migration-agent -d 'Do it although the policy lets a migration agent decide where else the guest runs (SNP)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "build" -d 'Compute every launch described, and write a manifest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "check" -d 'Compute a manifest again from the files at hand, and name what changed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Say what differs between two manifests, and which change explains which digest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a manifest: its inputs, its rows, and what is noteworthy about them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a row for what a host reported: observed, not computed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "publish" -d 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "sign" -d 'Sign a manifest with a key in a file, to be verified without a network'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l name -d 'The start of the files\' names' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l out -d 'The folder for the files' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l pdh -d 'The platform\'s PDH, where the chain does not hold it (QMP\'s and libvirt\'s cert-chain), or apart' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l pek -d 'The PEK apart' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l oca -d 'The OCA apart' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l cek -d 'The CEK with AMD\'s signature, from AMD\'s key server: in place of the chain\'s own, which a platform exports unsigned' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l ca -d 'AMD\'s ASK and ARK in one file; without it those built in are used' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l root -d 'The ARK of a lab that signs its own chains; AMD\'s are then refused' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l generation -d 'The generations that are accepted [default: all]' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l owner -d 'The owner that must have signed the PEK: its OCA certificate, or the SHA-256 of that one\'s key [default: any]' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l require -d 'Bits that the policy must have, comma-separated: one that is missing is a no' -r -f -a "es\t'SEV-ES'
noks\t'No key sharing'
nosend\t'No sending'
sev\t'Sending only to genuine platforms'
domain\t'Sending only within the owner\'s domain'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l unverified-pdh -d 'Take CHAIN for a bare PDH, of which nothing is known: whoever made it can read the guest\'s secrets'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -l allow-debug -l insecure -d 'Accept a policy that allows debugging: the host can then read the guest\'s memory'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand session" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and not __fish_seen_subcommand_from build show help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and not __fish_seen_subcommand_from build show help" -f -a "build" -d 'Verify a launch measurement, and pack secrets for the launch that it proves'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and not __fish_seen_subcommand_from build show help" -f -a "show" -d 'Open a packet with its keys, and list the secrets in it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and not __fish_seen_subcommand_from build show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -s s -l secret -d 'A secret as GUID:FILE or luks-key:FILE; the file\'s bytes are the secret, line ends included. May repeat' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l evidence -d 'What QMP\'s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -s m -l measurement -l launch-measure-blob -d 'The launch measurement: 48 bytes in base64 or hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l api-major -d 'The platform\'s API version: major' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l api-minor -d 'The platform\'s API version: minor' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l build-id -d 'The platform\'s build' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l policy -d 'The policy that the session was made for, as 0x5 or NODBG+ES; for a report, the guest\'s, as 0x30000 or SMT' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l tik -d 'The session\'s TIK: 16 bytes, raw, hex or base64' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l tek -d 'The session\'s TEK: only secrets need it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l tk -d 'TEK and TIK in one file of 32 bytes, in this order' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l manifest -d 'The manifest whose rows are accepted: the verdict says which one it was' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l manifest-key -d 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l accept-root -d 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l launch-digest -d 'A launch digest that is accepted, where it is known already: 32 bytes in SEV and SEV-ES, 48 in SNP. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l launch-digest-file -d 'A file with such digests, one on each line; empty lines and those that begin with # do not count' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l require -d 'Bits that the policy must have, comma-separated: one that is missing is a no' -r -f -a "es\t'SEV-ES'
noks\t'No key sharing'
nosend\t'No sending'
sev\t'Sending only to genuine platforms'
domain\t'Sending only within the owner\'s domain'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l require-api -d 'The lowest API version of the platform that is accepted, for example 1.55 [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l require-build -d 'The lowest build of the platform that is accepted [default: any]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l accept-endorsed -d 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l accept-observed -d 'Accept observed rows too whose evidence was verified under AMD\'s roots: what some chip ran, whoever\'s it was'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l accept-unverified -d 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -l allow-debug -l insecure -d 'Accept a policy that allows debugging: the host can then read the guest\'s memory'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from show" -l tek -d 'The session\'s TEK' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from show" -l tik -d 'The session\'s TIK' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from show" -s m -l measurement -l launch-measure-blob -d 'The launch measurement that the packet is for: 48 bytes in base64 or hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from show" -l reveal -d 'Print the secrets themselves, in base64'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from help" -f -a "build" -d 'Verify a launch measurement, and pack secrets for the launch that it proves'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from help" -f -a "show" -d 'Open a packet with its keys, and list the secrets in it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand secret; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and not __fish_seen_subcommand_from show verify appraise fetch help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and not __fish_seen_subcommand_from show verify appraise fetch help" -f -a "show" -d 'Name every field of a report; nothing is verified'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and not __fish_seen_subcommand_from show verify appraise fetch help" -f -a "verify" -d 'Verify a report\'s signature and the chain of certificates above it: a line for each check'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and not __fish_seen_subcommand_from show verify appraise fetch help" -f -a "appraise" -d 'Verify a report and compare it with what is demanded: a line for each demand'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and not __fish_seen_subcommand_from show verify appraise fetch help" -f -a "fetch" -d 'In a guest of SEV-SNP: fetch a report with the nonce of the owner\'s service, and have it validated'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and not __fish_seen_subcommand_from show verify appraise fetch help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l vek -l vcek -l vlek -d 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure\'s THIM' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l chain -d 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD\'s built-in keys' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l certificates -d 'The table of certificates that the host gives the guest beside a report; the flags above go before it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l crl -d 'AMD\'s revocation list in DER, from its key server [default: revocation is not asked]' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l time -d 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l root -d 'The ARK of a lab that signs its own chains; AMD\'s are then refused' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l allow-masked-chip-id -d 'Accept a VCEK\'s report whose CHIP_ID the host has masked (all zeros)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l allow-unknown-version -d 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say of each file of evidence what was in it, and what that was taken out of'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vek -l vcek -l vlek -d 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure\'s THIM' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l chain -d 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD\'s built-in keys' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l certificates -d 'The table of certificates that the host gives the guest beside a report; the flags above go before it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l crl -d 'AMD\'s revocation list in DER, from its key server [default: revocation is not asked]' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l time -d 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l root -d 'The ARK of a lab that signs its own chains; AMD\'s are then refused' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l measurement -l launch-digest -d 'A launch digest that is accepted, where it is known already. May repeat. Without any, and without a guest, none is' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l policy -d 'The policy that the guest must have, exactly, as 0x30000 or SMT [default: any without debugging and migration agent]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l demands -d 'A file of demands, in TOML or JSON, each of which is added to the flags\' own: its keys are the names of these flags with _ for -, for example vmpl = 0. May repeat' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l policy-set -d 'Bits that the policy must have, by AMD\'s names, comma-separated, for example SINGLE_SOCKET,RAPL_DIS' -r -f -a "SMT\t''
MIGRATE_MA\t''
DEBUG\t''
SINGLE_SOCKET\t''
CXL_ALLOW\t''
MEM_AES_256_XTS\t''
RAPL_DIS\t''
CIPHERTEXT_HIDING_DRAM\t''
PAGE_SWAP_DISABLE\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l policy-clear -d 'Bits that the policy must not have, for example SMT,CXL_ALLOW' -r -f -a "SMT\t''
MIGRATE_MA\t''
DEBUG\t''
SINGLE_SOCKET\t''
CXL_ALLOW\t''
MEM_AES_256_XTS\t''
RAPL_DIS\t''
CIPHERTEXT_HIDING_DRAM\t''
PAGE_SWAP_DISABLE\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-policy-abi -d 'The lowest ABI version that the policy must ask of the platform, for example 1.51' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l generation -d 'The generations that are accepted [default: Milan, Genoa, Turin; of those, the ones with TCB levels if only some have them]' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-tcb -d 'The lowest levels that each TCB version may have (reported, current, committed, launch), for example bootloader=4,tee=0,snp=24,microcode=219; with fmc=… for Turin, and only for it; milan:… is for one generation, and the others are refused unless they have levels too or are named' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-platform-tcb -d 'The same of the TCB versions that the platform has now (reported, current, committed)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-launch-tcb -d 'The same of the TCB version at launch' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-firmware -d 'The lowest version of the firmware that runs, for example 1.55.29' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-firmware-build -d 'The lowest build of the firmware that runs, whatever its version' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-committed-firmware -d 'The lowest version of the firmware that the platform cannot go back behind' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l advisory -d 'AMD\'s security bulletins that the platform must be mended of, for example AMD-SB-3019; what is not known of one is not enough' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l platform-set -d 'Bits that PLATFORM_INFO must have, by AMD\'s names, for example ALIAS_CHECK_COMPLETE' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l platform-clear -d 'Bits that PLATFORM_INFO must not have, for example SMT_EN' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l report-data -d 'What the guest must have put into the report: 64 bytes in hex or base64. It is what makes a report fresh' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l host-data -d 'What the host must have given at launch: 32 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l id-key-digest -d 'The key that must have signed the ID block: SHA-384 of its 1028 bytes, as `sev-launch id-block check` prints it' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l author-key-digest -d 'The key that must have signed the ID key' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l trusted-id-key -d 'Keys of which one must have signed the ID block: each by its digest, or a certificate or public key of it' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l trusted-author-key -d 'Keys of which one must have signed the ID key, unless that is trusted itself' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-guest-svn -d 'The lowest security version that the guest\'s ID block may have' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l family-id -d 'The family that the ID block must have: 16 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l image-id -d 'The image that the ID block must have: 16 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l vmpl -d 'The privilege level that must have asked for the report [default: 0 to 3, not the host]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l report-id -d 'The number that the platform must have given the guest: 32 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l report-id-ma -d 'The number of the migration agent: 32 bytes, all ff for none' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l chip-id -d 'The chip that it must be: 64 bytes, or the 8 of Turin' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l signing-key -d 'The kind of key that must have signed the report: vcek (the chip\'s own) or vlek (the cloud provider\'s)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l min-report-version -d 'The lowest version of the report\'s structure' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -s q -l quiet -d 'Leave warnings and notes out'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l allow-masked-chip-id -d 'Accept a VCEK\'s report whose CHIP_ID the host has masked (all zeros)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l allow-unknown-version -d 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -s v -l verbose -d 'Say of each file of evidence what was in it, and what that was taken out of'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l allow-debug -d 'Accept a policy that allows debugging: the host can then read the guest\'s memory'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l allow-migration-agent -d 'Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l allow-provisional-firmware -d 'Accept a platform whose firmware is running but not committed: its host can go back to older firmware, with older faults'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l allow-launch-tcb-above-current -d 'Accept a platform that runs less than LAUNCH_TCB: it went back to older firmware since the launch, or a migration agent brought the guest from a newer platform'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -l allow-reserved-bits -d 'Accept reserved bytes, and bits without a name in KEY_INFO, PLATFORM_INFO and TCB versions, that are not zero: what they mean is not known'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from appraise" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "show" -d 'Name every field of a report; nothing is verified'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Verify a report\'s signature and the chain of certificates above it: a line for each check'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "appraise" -d 'Verify a report and compare it with what is demanded: a line for each demand'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "fetch" -d 'In a guest of SEV-SNP: fetch a report with the nonce of the owner\'s service, and have it validated'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and not __fish_seen_subcommand_from build check help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and not __fish_seen_subcommand_from build check help" -f -a "build" -d 'Build an ID block and its authentication'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and not __fish_seen_subcommand_from build check help" -f -a "check" -d 'Name each rule by which the AMD-SP would refuse a launch with them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and not __fish_seen_subcommand_from build check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l digest -d 'The launch digest, in place of a guest' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l policy -d 'The policy that the guest must have, as 0x30000 or SMT+ABI=1.55' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l family-id -d 'A name for a family of guests: 16 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l image-id -d 'A name for the image: 16 bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l guest-svn -d 'The image\'s security version' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l id-key -d 'The private ID key on P-384: SEC1 or PKCS#8, in PEM or DER' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l author-key -d 'The private author key, which signs the ID key' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l id-public-key -d 'The public half of an ID key that lives elsewhere: PEM, DER, or a SEC1 point' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l id-signature -d 'Its signature over what --to-be-signed wrote: r and s in 96 bytes, big-endian, or DER' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l author-public-key -d 'The public half of an author key that lives elsewhere' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l author-signature -d 'Its signature over what --author-to-be-signed wrote' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -s o -l out -d 'Where the ID block and its authentication are written' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l to-be-signed -d 'Write only what the ID key has to sign: the 96 bytes of the ID block' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l author-to-be-signed -d 'Write only what the author key has to sign: the 1028 bytes of the ID key' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -s d -l description -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l harmless -d 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l allow-outside -d 'A folder in which a manifest\'s files, and a description\'s command line, may lie beside their own. May repeat' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l work-limit -d 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l igvm -d 'An IGVM file, in place of a firmware: what QEMU\'s igvm-cfg object has' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l firmware-sha256 -d 'What the firmware image\'s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l firmware-in-flash -d 'Is the firmware in flash (QEMU\'s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l uki -d 'A unified kernel image, in place of a kernel: its own command line and initrd are inside' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured [default: on]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges, for example 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l late-vcpus -d 'How many of them were added late and are measured: by QEMU\'s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU\'s registers' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l profile -d 'The launch profile; several, comma-separated. `sev-launch profile list` has them all' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21 or SNPActive+DebugSwap; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l allow-debug -d 'Accept a policy that allows debugging: the host can then read the guest\'s memory'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l allow-migration-agent -d 'Accept a policy that allows a migration agent'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l base64 -d 'Write them in base64, as QEMU takes them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -l confine -d 'Hold all files that the description names to its own folder, as a manifest\'s are: for one that somebody else wrote'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from check" -l digest -d 'The launch digest that the guest has [default: the block\'s]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from check" -l policy -d 'The policy that the guest is launched with, as 0x30000 or SMT [default: the block\'s]' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from check" -l author-key-enabled -d 'Is the launch told to look at the author (QEMU\'s author-key-enabled)? [default: on where there is an author key]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from check" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from help" -f -a "build" -d 'Build an ID block and its authentication'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from help" -f -a "check" -d 'Name each rule by which the AMD-SP would refuse a launch with them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand id-block; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand agent" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand remote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and not __fish_seen_subcommand_from verify help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and not __fish_seen_subcommand_from verify help" -f -a "verify" -d 'Say whether an audit is whole: that no record was changed, dropped or put in'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and not __fish_seen_subcommand_from verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and __fish_seen_subcommand_from verify" -l checkpoints -d 'Checkpoints, as GET /audit/checkpoints answers them' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and __fish_seen_subcommand_from verify" -l key -d 'The key of checkpoints, 97 bytes: a file with them, or they themselves in hex or base64' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and __fish_seen_subcommand_from verify" -l from-start -d 'Demand that it begins with the first record that there ever was'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Say whether an audit is whole: that no record was changed, dropped or put in'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and not __fish_seen_subcommand_from show verify split join help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and not __fish_seen_subcommand_from show verify split join help" -f -a "show" -d 'Show every field of certificates; nothing is verified'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and not __fish_seen_subcommand_from show verify split join help" -f -a "verify" -d 'Verify a platform\'s chain: a line for each check, all of them; exit code 1 where one fails'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and not __fish_seen_subcommand_from show verify split join help" -f -a "split" -d 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and not __fish_seen_subcommand_from show verify split join help" -f -a "join" -d 'Write certificates into one file'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and not __fish_seen_subcommand_from show verify split join help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l pdh -d 'The platform\'s PDH, where the chain does not hold it (QMP\'s and libvirt\'s cert-chain), or apart' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l pek -d 'The PEK apart' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l oca -d 'The OCA apart' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l cek -d 'The CEK with AMD\'s signature, from AMD\'s key server: in place of the chain\'s own, which a platform exports unsigned' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l ca -d 'AMD\'s ASK and ARK in one file; without it those built in are used' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l root -d 'The ARK of a lab that signs its own chains; AMD\'s are then refused' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l generation -d 'The generations that are accepted [default: all]' -r -f -a "Naples\t''
Rome\t''
Milan\t''
Genoa\t''
Turin\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l owner -d 'The owner that must have signed the PEK: its OCA certificate, or the SHA-256 of that one\'s key [default: any]' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from split" -s o -l out -d 'The folder for the files; it is made where there is none' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from split" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from join" -l layout -d 'Which certificates, in which order' -r -f -a "export\t'PDH, PEK, OCA, CEK: sevctl export'
full\t'PDH, PEK, OCA, CEK, ASK, ARK: sevctl export --full'
host\t'PEK, OCA, CEK: QMP\'s and libvirt\'s cert-chain'
ca\t'ASK, ARK: AMD\'s CA file'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from join" -s o -l out -d 'Where to write them; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every field of certificates; nothing is verified'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Verify a platform\'s chain: a line for each check, all of them; exit code 1 where one fails'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "split" -d 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "join" -d 'Write certificates into one file'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb tree extract diff reproduce help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb tree extract diff reproduce help" -f -a "show" -d 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb tree extract diff reproduce help" -f -a "absorb" -d 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb tree extract diff reproduce help" -f -a "tree" -d 'Say what is in an image: volumes, files, sections, variables, and the tables at its end'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb tree extract diff reproduce help" -f -a "extract" -d 'Write what is in an image as files in a new folder: executables, raw sections, variables'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb tree extract diff reproduce help" -f -a "diff" -d 'Say where two images differ: by volume, module, section and kind, and which pages and digests change'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb tree extract diff reproduce help" -f -a "reproduce" -d 'Say whether builds of one firmware are the same, but for what an allow file permits'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb tree extract diff reproduce help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from absorb" -s o -l output -d 'Where to write; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from absorb" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from tree" -l all -d 'Show sections of modules and padding too'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from tree" -l json -d 'Print JSON: every part, with its place and its SHA-256'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from tree" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from extract" -s o -l output -d 'The folder to write to, which must not exist' -r -f -a "(__fish_complete_directories)"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from extract" -l json -d 'Print JSON: each file\'s name, size, SHA-256 and place in the image'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from extract" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from diff" -l map -d 'Write an SVG map of both images, with the pages that differ, beside guest memory' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from diff" -l format -d 'How the answer is printed' -r -f -a "text\t'Text for people'
json\t'One JSON document: every difference, with its place in both images'
markdown\t'Markdown, as a CI run\'s summary shows it'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from diff" -l all -d 'Show every difference with its bytes'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from diff" -l json -d 'Print JSON: --format json'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from reproduce" -l allow -d 'What they may differ in' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from reproduce" -l format -d 'How the answer is printed' -r -f -a "text\t'Text for people'
json\t'One JSON document'
markdown\t'Markdown, as a CI run\'s summary shows it'
annotations\t'Annotations that a CI run shows beside the change: workflow commands'
junit\t'JUnit\'s XML, a test case for each build'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from reproduce" -l json -d 'Print JSON: --format json'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from reproduce" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "show" -d 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "absorb" -d 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "tree" -d 'Say what is in an image: volumes, files, sections, variables, and the tables at its end'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "extract" -d 'Write what is in an image as files in a new folder: executables, raw sections, variables'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Say where two images differ: by volume, module, section and kind, and which pages and digests change'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "reproduce" -d 'Say whether builds of one firmware are the same, but for what an allow file permits'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -f -a "build" -d 'Write the page that a profile\'s host measures for a vCPU'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -f -a "show" -d 'Name every field of a page that is not zero'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -f -a "diff" -d 'Name the fields in which two pages differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l profile -d 'The launch profile' -r -f -a "es-legacy\t''
es-legacy-debugswap\t''
es-init2\t''
es-init2-debugswap\t''
snp-qemu\t''
snp-amdese-old\t''
snp-amdese-6.6\t''
snp-amdese-6.9\t''
snp-ec2\t''
snp-ec2-rdx0\t''
snp-gce\t''
snp-gce-genoa\t''
snp-svsm-legacy\t''
snp-svsm-nofpu\t''
snp-svsm-ssm\t''
es-krun-sevctl\t''
es-krun-1.4\t''
snp-krun-1.4\t''
snp-krun-1.4-amdese\t''
snp-krun-reset\t''
es-igvm-legacy\t''
es-igvm-legacy-debugswap\t''
es-igvm-init2\t''
es-igvm-coconut\t''
snp-igvm\t''
snp-igvm-hyperv\t''
snp-igvm-coconut\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l userspace -d 'sevctl\'s name of the VMM in SEV-ES: qemu (es-legacy) or krun (es-krun-sevctl)' -r -f -a "qemu\t'QEMU'
krun\t'libkrun up to 1.3'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l cpu -d 'Which vCPU, from 0' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l firmware -d 'The firmware, for the address at which further vCPUs start' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l reset-address -d 'That address itself' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l guest-features -d 'SEV features in place of the profile\'s' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan or Milan; several, comma-separated' -r -f -a "EPYC\t''
EPYC-v1\t''
EPYC-v2\t''
EPYC-v3\t''
EPYC-v4\t''
EPYC-v5\t''
EPYC-IBPB\t''
EPYC-Rome\t''
EPYC-Rome-v1\t''
EPYC-Rome-v2\t''
EPYC-Rome-v3\t''
EPYC-Rome-v4\t''
EPYC-Rome-v5\t''
EPYC-Milan\t''
EPYC-Milan-v1\t''
EPYC-Milan-v2\t''
EPYC-Milan-v3\t''
EPYC-Milan-v4\t''
EPYC-Genoa\t''
EPYC-Genoa-v1\t''
EPYC-Genoa-v2\t''
EPYC-Genoa-v3\t''
EPYC-Turin\t''
EPYC-Turin-v1\t''
EPYC-Turin-v2\t''
Dhyana\t''
Dhyana-v1\t''
Dhyana-v2\t''
Opteron_G1\t''
Opteron_G1-v1\t''
Opteron_G2\t''
Opteron_G2-v1\t''
Opteron_G3\t''
Opteron_G3-v1\t''
Opteron_G4\t''
Opteron_G4-v1\t''
Opteron_G5\t''
Opteron_G5-v1\t''
phenom\t''
phenom-v1\t''
qemu64\t''
qemu64-v1\t''
kvm64\t''
kvm64-v1\t''
base\t''"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from diff" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from help" -f -a "build" -d 'Write the page that a profile\'s host measures for a vCPU'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from help" -f -a "show" -d 'Name every field of a page that is not zero'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Name the fields in which two pages differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and not __fish_seen_subcommand_from list show diff help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and not __fish_seen_subcommand_from list show diff help" -f -a "list" -d 'List all profiles'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and not __fish_seen_subcommand_from list show diff help" -f -a "show" -d 'Show one profile: on which hosts it holds, what it fixes, where that is from'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and not __fish_seen_subcommand_from list show diff help" -f -a "diff" -d 'Name everything in which two profiles differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and not __fish_seen_subcommand_from list show diff help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from diff" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "list" -d 'List all profiles'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one profile: on which hosts it holds, what it fixes, where that is from'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Name everything in which two profiles differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand cpu; and not __fish_seen_subcommand_from list help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand cpu; and not __fish_seen_subcommand_from list help" -f -a "list" -d 'List QEMU\'s CPU models for AMD hosts: all names that share a signature share a digest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand cpu; and not __fish_seen_subcommand_from list help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand cpu; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand cpu; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand cpu; and __fish_seen_subcommand_from help" -f -a "list" -d 'List QEMU\'s CPU models for AMD hosts: all names that share a signature share a digest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand cpu; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand completions" -s o -l output -d 'Where the script is written; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "digest" -d 'Compute the launch digest that an honest host must report'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "import" -d 'Write a launch description from libvirt, QEMU, Kata, KubeVirt or OpenStack'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "describe" -d 'Show a launch description: every value and where it came from'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "verify" -d 'Say yes or no to what a host reports of a launch, or to an SNP report; pack secrets after a yes'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "explain" -d 'Find why a reported value does not match: the smallest change of facts that gives it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "preflight" -d 'Say whether a host would start a launch, or what refuses it and how'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "host" -d 'Say what a host can launch, what is missing and what to change'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "rehearse" -d 'Start the VMM itself on an AMD-SP in software; hold its launch against the prediction'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "platform" -d 'Make a simulated platform for rehearsals, and write its certificates'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "manifest" -d 'Build, check, compare, show, extend and publish manifests: what CI keeps of a guest\'s launch digests'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "session" -d 'Make keys for a SEV or SEV-ES launch, wrapped for a platform that is verified'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "secret" -d 'Pack secrets for a verified SEV or SEV-ES launch; open a packet again'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "report" -d 'Show, verify and appraise an SNP guest\'s attestation report'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "id-block" -d 'Build and check ID blocks: what the AMD-SP must find in an SNP guest, or start nothing'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "serve" -d 'Start the attestation service of a guest owner; everything that follows is for it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "agent" -d 'Launch a guest as its owner\'s service wants it, with QEMU or libvirt'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "remote" -d 'Ask an attestation service as a guest\'s owner: register, approve, read the audit'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "audit" -d 'The audit of an attestation service'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "certs" -d 'Show, verify, split and join a SEV platform\'s certificates'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "firmware" -d 'Say what a firmware image is, what is in it, and where two builds differ; absorb one'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "vmsa" -d 'Build, show and compare initial VM save areas'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "profile" -d 'List, show and compare launch profiles: what hosts do that no file tells'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "cpu" -d 'List CPU models with their signatures and generations'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "completions" -d 'Write a shell\'s completion script'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "man" -d 'Write the man pages: one for each command'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from import" -f -a "libvirt" -d 'A libvirt domain\'s XML; that of the running domain (virsh dumpxml) says most'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from import" -f -a "qemu" -d 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE\'s qm showcmd prints'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from import" -f -a "kata" -d 'A Kata Containers configuration, as it is installed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from import" -f -a "check-policy" -d 'A policy of go-sev-guest\'s check, as text: what comes of it are demands, for `verify --demands`'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from import" -f -a "kubevirt" -d 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from import" -f -a "nova" -d 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from platform" -f -a "new" -d 'Make a platform, in a new folder'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from platform" -f -a "export" -d 'Write its certificates into a new folder: what a host exports, and the authority above it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from platform" -f -a "launch" -d 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from platform" -f -a "inject" -d 'Give a guest the packet of an attestation service, and list the secrets that arrive'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from platform" -f -a "status" -d 'Say what it is'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "build" -d 'Compute every launch described, and write a manifest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "check" -d 'Compute a manifest again from the files at hand, and name what changed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "diff" -d 'Say what differs between two manifests, and which change explains which digest'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "show" -d 'Show a manifest: its inputs, its rows, and what is noteworthy about them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "add" -d 'Add a row for what a host reported: observed, not computed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "publish" -d 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "sign" -d 'Sign a manifest with a key in a file, to be verified without a network'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from secret" -f -a "build" -d 'Verify a launch measurement, and pack secrets for the launch that it proves'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from secret" -f -a "show" -d 'Open a packet with its keys, and list the secrets in it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "show" -d 'Name every field of a report; nothing is verified'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "verify" -d 'Verify a report\'s signature and the chain of certificates above it: a line for each check'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "appraise" -d 'Verify a report and compare it with what is demanded: a line for each demand'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "fetch" -d 'In a guest of SEV-SNP: fetch a report with the nonce of the owner\'s service, and have it validated'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from id-block" -f -a "build" -d 'Build an ID block and its authentication'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from id-block" -f -a "check" -d 'Name each rule by which the AMD-SP would refuse a launch with them'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "verify" -d 'Say whether an audit is whole: that no record was changed, dropped or put in'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from certs" -f -a "show" -d 'Show every field of certificates; nothing is verified'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from certs" -f -a "verify" -d 'Verify a platform\'s chain: a line for each check, all of them; exit code 1 where one fails'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from certs" -f -a "split" -d 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from certs" -f -a "join" -d 'Write certificates into one file'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from firmware" -f -a "show" -d 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from firmware" -f -a "absorb" -d 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from firmware" -f -a "tree" -d 'Say what is in an image: volumes, files, sections, variables, and the tables at its end'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from firmware" -f -a "extract" -d 'Write what is in an image as files in a new folder: executables, raw sections, variables'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from firmware" -f -a "diff" -d 'Say where two images differ: by volume, module, section and kind, and which pages and digests change'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from firmware" -f -a "reproduce" -d 'Say whether builds of one firmware are the same, but for what an allow file permits'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from vmsa" -f -a "build" -d 'Write the page that a profile\'s host measures for a vCPU'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from vmsa" -f -a "show" -d 'Name every field of a page that is not zero'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from vmsa" -f -a "diff" -d 'Name the fields in which two pages differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "list" -d 'List all profiles'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "show" -d 'Show one profile: on which hosts it holds, what it fixes, where that is from'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "diff" -d 'Name everything in which two profiles differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from cpu" -f -a "list" -d 'List QEMU\'s CPU models for AMD hosts: all names that share a signature share a digest'
