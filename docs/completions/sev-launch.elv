
use builtin;
use str;

set edit:completion:arg-completer[sev-launch] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'sev-launch'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'sev-launch'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand digest 'Compute the launch digest that an honest host must report'
            cand import 'Write a launch description from libvirt, QEMU, Kata, KubeVirt or OpenStack'
            cand describe 'Show a launch description: every value and where it came from'
            cand verify 'Say yes or no to what a host reports of a launch, or to an SNP report; pack secrets after a yes'
            cand explain 'Find why a reported value does not match: the smallest change of facts that gives it'
            cand preflight 'Say whether a host would start a launch, or what refuses it and how'
            cand host 'Say what a host can launch, what is missing and what to change'
            cand rehearse 'Start the VMM itself on an AMD-SP in software; hold its launch against the prediction'
            cand platform 'Make a simulated platform for rehearsals, and write its certificates'
            cand manifest 'Build, check, compare, show, extend and publish manifests: what CI keeps of a guest''s launch digests'
            cand session 'Make keys for a SEV or SEV-ES launch, wrapped for a platform that is verified'
            cand secret 'Pack secrets for a verified SEV or SEV-ES launch; open a packet again'
            cand report 'Show, verify and appraise an SNP guest''s attestation report'
            cand id-block 'Build and check ID blocks: what the AMD-SP must find in an SNP guest, or start nothing'
            cand serve 'Start the attestation service of a guest owner; everything that follows is for it'
            cand agent 'Launch a guest as its owner''s service wants it, with QEMU or libvirt'
            cand remote 'Ask an attestation service as a guest''s owner: register, approve, read the audit'
            cand audit 'The audit of an attestation service'
            cand certs 'Show, verify, split and join a SEV platform''s certificates'
            cand firmware 'Say what a firmware image is, what is in it, and where two builds differ; absorb one'
            cand vmsa 'Build, show and compare initial VM save areas'
            cand profile 'List, show and compare launch profiles: what hosts do that no file tells'
            cand cpu 'List CPU models with their signatures and generations'
            cand completions 'Write a shell''s completion script'
            cand man 'Write the man pages: one for each command'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;digest'= {
            cand --mode 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware; or snp:ovmf-hash, the digest after the firmware alone. A description may say it instead'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --format 'How digests are printed [default: one alone in hex; several as a table on a terminal, else as JSON lines]'
            cand --output-format 'How digests are printed [default: one alone in hex; several as a table on a terminal, else as JSON lines]'
            cand --trace 'Print every launch update with the digest after it; the last line''s is the launch digest'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --json 'Print JSON: --format json'
            cand --dump-vmsa 'Write the VMSA of each vCPU to vmsa0.bin, vmsa1.bin … in this folder'
            cand -v 'Say on standard error what was assumed'
            cand --verbose 'Say on standard error what was assumed'
            cand -q 'Leave warnings and notes out'
            cand --quiet 'Leave warnings and notes out'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;import'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand libvirt 'A libvirt domain''s XML; that of the running domain (virsh dumpxml) says most'
            cand qemu 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE''s qm showcmd prints'
            cand proxmox 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE''s qm showcmd prints'
            cand kata 'A Kata Containers configuration, as it is installed'
            cand check-policy 'A policy of go-sev-guest''s check, as text: what comes of it are demands, for `verify --demands`'
            cand kubevirt 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most'
            cand nova 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them'
            cand openstack 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;import;libvirt'= {
            cand -o 'Where the description is written; - is standard output'
            cand --output 'Where the description is written; - is standard output'
            cand --json 'Print JSON: the description, the place of each value, the warnings and what is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;import;qemu'= {
            cand --pid 'A running QEMU, by its process ID'
            cand -o 'Where the description is written; - is standard output'
            cand --output 'Where the description is written; - is standard output'
            cand --argv 'The file has an argument on each line'
            cand --json 'Print JSON: the description, the place of each value, the warnings and what is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;import;proxmox'= {
            cand --pid 'A running QEMU, by its process ID'
            cand -o 'Where the description is written; - is standard output'
            cand --output 'Where the description is written; - is standard output'
            cand --argv 'The file has an argument on each line'
            cand --json 'Print JSON: the description, the place of each value, the warnings and what is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;import;kata'= {
            cand --annotations 'The pod, or its annotations alone, in YAML or JSON; `crictl inspectp ID` prints those of a pod that runs'
            cand --pod 'The pod, or its annotations alone, in YAML or JSON; `crictl inspectp ID` prints those of a pod that runs'
            cand --runtime 'The runtime that starts the pod, go or rust; the configuration tells it too, and must not contradict'
            cand --release 'The release that is installed (3.2 to 4.1, as 3.30.0, or CC-0.8.1): each assembles another kernel command line'
            cand --host-cpus 'How many CPUs the host has, where a configuration takes its vCPUs or nr_cpus from there'
            cand -o 'Where the description is written; - is standard output'
            cand --output 'Where the description is written; - is standard output'
            cand --json 'Print JSON: the description, the place of each value, the warnings and what is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;import;check-policy'= {
            cand -o 'Where the description is written; - is standard output'
            cand --output 'Where the description is written; - is standard output'
            cand --json 'Print JSON: the description, the place of each value, the warnings and what is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;import;kubevirt'= {
            cand -o 'Where the description is written; - is standard output'
            cand --output 'Where the description is written; - is standard output'
            cand --json 'Print JSON: the description, the place of each value, the warnings and what is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;import;nova'= {
            cand --server 'The same by name'
            cand --flavor 'The flavor'
            cand --image 'The image'
            cand -o 'Where the description is written; - is standard output'
            cand --output 'Where the description is written; - is standard output'
            cand --json 'Print JSON: the description, the place of each value, the warnings and what is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;import;openstack'= {
            cand --server 'The same by name'
            cand --flavor 'The flavor'
            cand --image 'The image'
            cand -o 'Where the description is written; - is standard output'
            cand --output 'Where the description is written; - is standard output'
            cand --json 'Print JSON: the description, the place of each value, the warnings and what is unknown'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;import;help'= {
            cand libvirt 'A libvirt domain''s XML; that of the running domain (virsh dumpxml) says most'
            cand qemu 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE''s qm showcmd prints'
            cand kata 'A Kata Containers configuration, as it is installed'
            cand check-policy 'A policy of go-sev-guest''s check, as text: what comes of it are demands, for `verify --demands`'
            cand kubevirt 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most'
            cand nova 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;import;help;libvirt'= {
        }
        &'sev-launch;import;help;qemu'= {
        }
        &'sev-launch;import;help;kata'= {
        }
        &'sev-launch;import;help;check-policy'= {
        }
        &'sev-launch;import;help;kubevirt'= {
        }
        &'sev-launch;import;help;nova'= {
        }
        &'sev-launch;import;help;help'= {
        }
        &'sev-launch;describe'= {
            cand --mode 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --json 'Print JSON: the description and the origin of each of its keys'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;verify'= {
            cand --report 'An SNP guest''s attestation report, to be verified and held against the guest''s digests, in any form: raw, hex, base64, with its certificate table, in Azure''s envelope, in JSON'
            cand --mode 'The technology, as `digest` takes it: the evidence says it already, and must say the same'
            cand --endorsement 'A cloud''s launch endorsement, whose digests are accepted once it is verified: a .binarypb file of Google''s or the certificate table with one, Azure''s reference-info-base64. With --vcpus, the digest for exactly so many VMSAs alone'
            cand --endorsement-root 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing'
            cand --endorsement-issuer 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID'
            cand --endorsement-feed 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM'
            cand --endorsement-min-svn 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]'
            cand --evidence 'What QMP''s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken'
            cand -m 'The launch measurement: 48 bytes in base64 or hex'
            cand --measurement 'The launch measurement: 48 bytes in base64 or hex'
            cand --launch-measure-blob 'The launch measurement: 48 bytes in base64 or hex'
            cand --api-major 'The platform''s API version: major'
            cand --api-minor 'The platform''s API version: minor'
            cand --build-id 'The platform''s build'
            cand --tik 'The session''s TIK: 16 bytes, raw, hex or base64'
            cand --tek 'The session''s TEK: only secrets need it'
            cand --tk 'TEK and TIK in one file of 32 bytes, in this order'
            cand --manifest 'The manifest whose rows are accepted: the verdict says which one it was'
            cand --manifest-key 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no'
            cand --accept-root 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat'
            cand --launch-digest 'A launch digest that is accepted, where it is known already: 32 bytes in SEV and SEV-ES, 48 in SNP. May repeat'
            cand --launch-digest-file 'A file with such digests, one on each line; empty lines and those that begin with # do not count'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --require 'Bits that the policy must have, comma-separated: one that is missing is a no'
            cand --require-api 'The lowest API version of the platform that is accepted, for example 1.55 [default: any]'
            cand --require-build 'The lowest build of the platform that is accepted [default: any]'
            cand -s 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat'
            cand --inject-secret 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat'
            cand --secret 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat'
            cand --secret-header 'Where the packet''s header is written, in base64'
            cand --secret-payload 'Where the packet''s payload is written, in base64'
            cand --vek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --vcek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --vlek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --chain 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD''s built-in keys'
            cand --certificates 'The table of certificates that the host gives the guest beside a report; the flags above go before it'
            cand --crl 'AMD''s revocation list in DER, from its key server [default: revocation is not asked]'
            cand --time 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]'
            cand --root 'The ARK of a lab that signs its own chains; AMD''s are then refused'
            cand --demands 'A file of demands, in TOML or JSON, each of which is added to the flags'' own: its keys are the names of these flags with _ for -, for example vmpl = 0. May repeat'
            cand --policy-set 'Bits that the policy must have, by AMD''s names, comma-separated, for example SINGLE_SOCKET,RAPL_DIS'
            cand --policy-clear 'Bits that the policy must not have, for example SMT,CXL_ALLOW'
            cand --min-policy-abi 'The lowest ABI version that the policy must ask of the platform, for example 1.51'
            cand --generation 'The generations that are accepted [default: Milan, Genoa, Turin; of those, the ones with TCB levels if only some have them]'
            cand --min-tcb 'The lowest levels that each TCB version may have (reported, current, committed, launch), for example bootloader=4,tee=0,snp=24,microcode=219; with fmc=… for Turin, and only for it; milan:… is for one generation, and the others are refused unless they have levels too or are named'
            cand --min-platform-tcb 'The same of the TCB versions that the platform has now (reported, current, committed)'
            cand --min-launch-tcb 'The same of the TCB version at launch'
            cand --min-firmware 'The lowest version of the firmware that runs, for example 1.55.29'
            cand --min-firmware-build 'The lowest build of the firmware that runs, whatever its version'
            cand --min-committed-firmware 'The lowest version of the firmware that the platform cannot go back behind'
            cand --advisory 'AMD''s security bulletins that the platform must be mended of, for example AMD-SB-3019; what is not known of one is not enough'
            cand --platform-set 'Bits that PLATFORM_INFO must have, by AMD''s names, for example ALIAS_CHECK_COMPLETE'
            cand --platform-clear 'Bits that PLATFORM_INFO must not have, for example SMT_EN'
            cand --report-data 'What the guest must have put into the report: 64 bytes in hex or base64. It is what makes a report fresh'
            cand --host-data 'What the host must have given at launch: 32 bytes'
            cand --id-key-digest 'The key that must have signed the ID block: SHA-384 of its 1028 bytes, as `sev-launch id-block check` prints it'
            cand --author-key-digest 'The key that must have signed the ID key'
            cand --trusted-id-key 'Keys of which one must have signed the ID block: each by its digest, or a certificate or public key of it'
            cand --trusted-author-key 'Keys of which one must have signed the ID key, unless that is trusted itself'
            cand --min-guest-svn 'The lowest security version that the guest''s ID block may have'
            cand --family-id 'The family that the ID block must have: 16 bytes'
            cand --image-id 'The image that the ID block must have: 16 bytes'
            cand --vmpl 'The privilege level that must have asked for the report [default: 0 to 3, not the host]'
            cand --report-id 'The number that the platform must have given the guest: 32 bytes'
            cand --report-id-ma 'The number of the migration agent: 32 bytes, all ff for none'
            cand --chip-id 'The chip that it must be: 64 bytes, or the 8 of Turin'
            cand --signing-key 'The kind of key that must have signed the report: vcek (the chip''s own) or vlek (the cloud provider''s)'
            cand --min-report-version 'The lowest version of the report''s structure'
            cand --policy 'The policy that the session was made for, as 0x5 or NODBG+ES; for a report, the guest''s, as 0x30000 or SMT'
            cand --json 'Print JSON'
            cand -q 'Leave warnings and notes out'
            cand --quiet 'Leave warnings and notes out'
            cand --allow-other-policy 'Accept another guest policy than the one that the endorsement says'
            cand --accept-endorsed 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it'
            cand --accept-observed 'Accept observed rows too whose evidence was verified under AMD''s roots: what some chip ran, whoever''s it was'
            cand --accept-unverified 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --allow-debug 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand --insecure 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand --allow-masked-chip-id 'Accept a VCEK''s report whose CHIP_ID the host has masked (all zeros)'
            cand --allow-unknown-version 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits'
            cand -v 'Say of each file of evidence what was in it, and what that was taken out of'
            cand --verbose 'Say of each file of evidence what was in it, and what that was taken out of'
            cand --allow-migration-agent 'Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs'
            cand --allow-provisional-firmware 'Accept a platform whose firmware is running but not committed: its host can go back to older firmware, with older faults'
            cand --allow-launch-tcb-above-current 'Accept a platform that runs less than LAUNCH_TCB: it went back to older firmware since the launch, or a migration agent brought the guest from a newer platform'
            cand --allow-reserved-bits 'Accept reserved bytes, and bits without a name in KEY_INFO, PLATFORM_INFO and TCB versions, that are not zero: what they mean is not known'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;explain'= {
            cand --reported 'The launch digest that was reported: 32 bytes in SEV and SEV-ES, 48 in SNP, in hex or base64; or the SNP report that has it, in any form. Typed, in a file, or - for standard input'
            cand --report 'The SNP report whose MEASUREMENT it is, in any form: raw, hex, base64, with its certificate table, in Azure''s envelope, in JSON. Its signature is not looked at'
            cand --evidence 'What QMP''s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken'
            cand -m 'The launch measurement: 48 bytes in base64 or hex'
            cand --measurement 'The launch measurement: 48 bytes in base64 or hex'
            cand --launch-measure-blob 'The launch measurement: 48 bytes in base64 or hex'
            cand --api-major 'The platform''s API version: major'
            cand --api-minor 'The platform''s API version: minor'
            cand --build-id 'The platform''s build'
            cand --tik 'The TIK of the session that the measurement is of: 16 bytes, raw, hex or base64'
            cand --policy 'The policy that the session was made for, as 0x5 or NODBG+ES [default: the description''s]'
            cand --mode 'The technology: sev, seves (sev-es), snp (sev-snp), snp:svsm (an SVSM before the firmware). A description, --report and --policy say it too'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --candidate 'A file that may have been taken as firmware, kernel or initrd. May repeat'
            cand --candidate-dir 'A folder of such files; folders in it are not entered'
            cand --axes 'A description whose values are tried too: command lines, CPUs, vCPU counts, features, policy, files'
            cand --max-changes 'How many facts are changed together at most'
            cand --budget 'How many seconds the search may take'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --json 'Print JSON'
            cand -q 'Leave warnings and notes out'
            cand --quiet 'Leave warnings and notes out'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;preflight'= {
            cand --mode 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware'
            cand --host 'Facts of a host, as `sev-launch host collect` writes them (- is standard input)'
            cand --policy 'The policy, in place of the description''s, as 0x30000, SMT+ABI=1.55 or NODBG+ES'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --json 'Print JSON'
            cand -q 'Leave warnings out'
            cand --quiet 'Leave warnings out'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;host'= {
            cand --collected 'Facts that `sev-launch host collect` wrote, in place of this machine''s (- is standard input)'
            cand --require 'Technologies that must be there, comma-separated: sev, sev-es, snp'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand collect 'Write this host''s facts into a file that holds nothing secret'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;host;collect'= {
            cand --root 'A folder with a copy of another host''s /proc, /sys and /dev, in place of this host: no program is run'
            cand --kernel-log 'What dmesg or journalctl -k printed'
            cand --domain-capabilities 'What virsh domcapabilities printed'
            cand --qemu-version 'What qemu-system-x86_64 --version printed'
            cand --libvirt-version 'What virsh --version printed'
            cand --ovmf-version 'The version of OVMF''s package'
            cand -o 'The file to write [default: standard output]'
            cand --output 'The file to write [default: standard output]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;host;help'= {
            cand collect 'Write this host''s facts into a file that holds nothing secret'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;host;help;collect'= {
        }
        &'sev-launch;host;help;help'= {
        }
        &'sev-launch;rehearse'= {
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --platform 'The platform, as `sev-launch platform new` made it [default: a new one each time]'
            cand --api 'The version of the AMD-SP''s API with its build, as 1.55.21 [default: the generation''s]'
            cand --host-signature 'CPUID Fn0000_0001 EAX of the host''s processor, which -cpu host stands for [default: a usual one of its generation]'
            cand --timeout 'How many seconds the VMM may take to launch its guest, where it does not stay'
            cand --expect-secret 'A secret that must have arrived where the firmware looks for it. May repeat. It is injected by whoever speaks to the VMM, so --stay is needed'
            cand --inject-secret 'Play the guest''s owner too, with a secret to inject, as GUID:FILE or luks-key:FILE: a session is made for the platform, the measurement judged, and only after a yes the secret goes in, through a monitor of QEMU''s. May repeat. SEV and SEV-ES'
            cand --require 'Bits that the policy must have, comma-separated: one that is missing is a no'
            cand --fault 'Something that goes wrong on purpose: wrong-measurement, stale-nonce, changed-page, extra-vcpu, refused-policy or slow-answers. May repeat'
            cand --save 'A new folder for what was measured: each update''s bytes in a file'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --no-prediction 'Hold it against nothing: for a VMM that is not QEMU'
            cand --stay 'Leave the VMM running after the launch, with standard input and output, and end with its exit code'
            cand --tells-parent 'Standard input is where the exit code is told of a VMM that goes to the background: `rehearse` starts itself with this flag'
            cand --allow-debug 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand --insecure 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand --trace 'Print each update with the digest after it; the last one is the launch digest'
            cand --json 'Print JSON'
            cand -q 'Leave warnings and notes out'
            cand --quiet 'Leave warnings and notes out'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;platform'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand new 'Make a platform, in a new folder'
            cand export 'Write its certificates into a new folder: what a host exports, and the authority above it'
            cand launch 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets'
            cand inject 'Give a guest the packet of an attestation service, and list the secrets that arrive'
            cand status 'Say what it is'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;platform;new'= {
            cand --generation 'The generation of its processor'
            cand --api 'The version of the AMD-SP''s API with its build, as 1.55.21 [default: the generation''s]'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;platform;export'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;platform;launch'= {
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;platform;inject'= {
            cand --reveal 'Print the secrets themselves, in base64'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;platform;status'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;platform;help'= {
            cand new 'Make a platform, in a new folder'
            cand export 'Write its certificates into a new folder: what a host exports, and the authority above it'
            cand launch 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets'
            cand inject 'Give a guest the packet of an attestation service, and list the secrets that arrive'
            cand status 'Say what it is'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;platform;help;new'= {
        }
        &'sev-launch;platform;help;export'= {
        }
        &'sev-launch;platform;help;launch'= {
        }
        &'sev-launch;platform;help;inject'= {
        }
        &'sev-launch;platform;help;status'= {
        }
        &'sev-launch;platform;help;help'= {
        }
        &'sev-launch;manifest'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand build 'Compute every launch described, and write a manifest'
            cand check 'Compute a manifest again from the files at hand, and name what changed'
            cand diff 'Say what differs between two manifests, and which change explains which digest'
            cand show 'Show a manifest: its inputs, its rows, and what is noteworthy about them'
            cand add 'Add a row for what a host reported: observed, not computed'
            cand publish 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes'
            cand sign 'Sign a manifest with a key in a file, to be verified without a network'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;manifest;build'= {
            cand --mode 'The technology: sev, seves (sev-es), snp (sev-snp), snp:svsm. A description may say it instead'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand -o 'Where the manifest is written; - is standard output'
            cand --output 'Where the manifest is written; - is standard output'
            cand --name 'What the guest is called [default: the description''s file, without its ending]'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --keep-others 'Keep rows that were observed or endorsed although their digests are none of those computed now'
            cand -q 'Leave warnings and notes out'
            cand --quiet 'Leave warnings and notes out'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;manifest;check'= {
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --endorsement-root 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing'
            cand --endorsement-issuer 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID'
            cand --endorsement-feed 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM'
            cand --endorsement-min-svn 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]'
            cand --format 'How the outcome is printed'
            cand --manifest-key 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --json 'Print JSON: --format json'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;manifest;diff'= {
            cand --manifest-key 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;manifest;show'= {
            cand --manifest-key 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no'
            cand --json 'Print it as the JSON that is stored, once it was found to be sound'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;manifest;add'= {
            cand --from-report 'An SNP guest''s attestation report: its MEASUREMENT is the digest'
            cand --from-measurement 'A SEV or SEV-ES launch measurement, as QMP or virsh domlaunchsecinfo prints it'
            cand --endorsement 'A cloud''s launch endorsement, in any form that `verify --endorsement` takes: a row for each number of VMSAs, and its bytes kept'
            cand --endorsement-root 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing'
            cand --endorsement-issuer 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID'
            cand --endorsement-feed 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM'
            cand --endorsement-min-svn 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]'
            cand --vek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --vcek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --vlek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --chain 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD''s built-in keys'
            cand --certificates 'The table of certificates that the host gives the guest beside a report; the flags above go before it'
            cand --crl 'AMD''s revocation list in DER, from its key server [default: revocation is not asked]'
            cand --time 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]'
            cand --root 'The ARK of a lab that signs its own chains; AMD''s are then refused'
            cand --evidence 'What QMP''s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken'
            cand -m 'The launch measurement: 48 bytes in base64 or hex'
            cand --measurement 'The launch measurement: 48 bytes in base64 or hex'
            cand --launch-measure-blob 'The launch measurement: 48 bytes in base64 or hex'
            cand --api-major 'The platform''s API version: major'
            cand --api-minor 'The platform''s API version: minor'
            cand --build-id 'The platform''s build'
            cand --tik 'The session''s TIK: 16 bytes, raw, hex or base64'
            cand --tek 'The session''s TEK: only secrets need it'
            cand --tk 'TEK and TIK in one file of 32 bytes, in this order'
            cand --policy 'The policy that the session was made for, as 0x5 or NODBG+ES'
            cand --vcpus 'How many vCPUs the guest was started with, as far as is known'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --when 'When it was observed, as it shall be written down'
            cand -o 'Where the manifest is written [default: in its place]; - is standard output'
            cand --output 'Where the manifest is written [default: in its place]; - is standard output'
            cand --allow-masked-chip-id 'Accept a VCEK''s report whose CHIP_ID the host has masked (all zeros)'
            cand --allow-unknown-version 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits'
            cand -v 'Say of each file of evidence what was in it, and what that was taken out of'
            cand --verbose 'Say of each file of evidence what was in it, and what that was taken out of'
            cand --allow-contradiction 'Add the row although it contradicts what was computed'
            cand --allow-debug 'Accept evidence of a guest whose memory the host can read'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;manifest;publish'= {
            cand --to 'The verifier''s form'
            cand -o 'Where it is written; - is standard output'
            cand --output 'Where it is written; - is standard output'
            cand --accept-root 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat'
            cand --manifest-key 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no'
            cand --endorsement-root 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing'
            cand --endorsement-issuer 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID'
            cand --endorsement-feed 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM'
            cand --endorsement-min-svn 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]'
            cand --min-api 'simple-kbs: the least API version of the platform, for example 1.55 [default: any]'
            cand --build-ids 'simple-kbs: the builds of the platform that are accepted, comma-separated [default: any]'
            cand --package 'Rego: the module''s package'
            cand --claim 'Rego: where the claim stands in the input, parts separated by dots [default in SNP: snp.measurement]'
            cand --object 'ConfigMap: the object''s name'
            cand --namespace 'ConfigMap: its namespace [default: none is written]'
            cand --accept-endorsed 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it'
            cand --accept-observed 'Accept observed rows too whose evidence was verified under AMD''s roots: what some chip ran, whoever''s it was'
            cand --accept-unverified 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported'
            cand --allow-debug 'Do it although the policy lets the host read the guest''s memory'
            cand --allow-migration-agent 'Do it although the policy lets a migration agent decide where else the guest runs (SNP)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;manifest;sign'= {
            cand --key 'The private key, on P-256, not encrypted: PKCS#8 or SEC1, in PEM or DER'
            cand -o 'Where the signed manifest is written, best beside the manifest, whose paths it has; - is standard output'
            cand --output 'Where the signed manifest is written, best beside the manifest, whose paths it has; - is standard output'
            cand --accept-root 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat'
            cand --endorsement-root 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing'
            cand --endorsement-issuer 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID'
            cand --endorsement-feed 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM'
            cand --endorsement-min-svn 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]'
            cand --accept-endorsed 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it'
            cand --accept-observed 'Accept observed rows too whose evidence was verified under AMD''s roots: what some chip ran, whoever''s it was'
            cand --accept-unverified 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported'
            cand --allow-debug 'Do it although the policy lets the host read the guest''s memory'
            cand --allow-migration-agent 'Do it although the policy lets a migration agent decide where else the guest runs (SNP)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;manifest;help'= {
            cand build 'Compute every launch described, and write a manifest'
            cand check 'Compute a manifest again from the files at hand, and name what changed'
            cand diff 'Say what differs between two manifests, and which change explains which digest'
            cand show 'Show a manifest: its inputs, its rows, and what is noteworthy about them'
            cand add 'Add a row for what a host reported: observed, not computed'
            cand publish 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes'
            cand sign 'Sign a manifest with a key in a file, to be verified without a network'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;manifest;help;build'= {
        }
        &'sev-launch;manifest;help;check'= {
        }
        &'sev-launch;manifest;help;diff'= {
        }
        &'sev-launch;manifest;help;show'= {
        }
        &'sev-launch;manifest;help;add'= {
        }
        &'sev-launch;manifest;help;publish'= {
        }
        &'sev-launch;manifest;help;sign'= {
        }
        &'sev-launch;manifest;help;help'= {
        }
        &'sev-launch;session'= {
            cand --name 'The start of the files'' names'
            cand --out 'The folder for the files'
            cand --pdh 'The platform''s PDH, where the chain does not hold it (QMP''s and libvirt''s cert-chain), or apart'
            cand --pek 'The PEK apart'
            cand --oca 'The OCA apart'
            cand --cek 'The CEK with AMD''s signature, from AMD''s key server: in place of the chain''s own, which a platform exports unsigned'
            cand --ca 'AMD''s ASK and ARK in one file; without it those built in are used'
            cand --root 'The ARK of a lab that signs its own chains; AMD''s are then refused'
            cand --generation 'The generations that are accepted [default: all]'
            cand --owner 'The owner that must have signed the PEK: its OCA certificate, or the SHA-256 of that one''s key [default: any]'
            cand --require 'Bits that the policy must have, comma-separated: one that is missing is a no'
            cand --unverified-pdh 'Take CHAIN for a bare PDH, of which nothing is known: whoever made it can read the guest''s secrets'
            cand --allow-debug 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand --insecure 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;secret'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand build 'Verify a launch measurement, and pack secrets for the launch that it proves'
            cand show 'Open a packet with its keys, and list the secrets in it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;secret;build'= {
            cand -s 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat'
            cand --secret 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat'
            cand --evidence 'What QMP''s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken'
            cand -m 'The launch measurement: 48 bytes in base64 or hex'
            cand --measurement 'The launch measurement: 48 bytes in base64 or hex'
            cand --launch-measure-blob 'The launch measurement: 48 bytes in base64 or hex'
            cand --api-major 'The platform''s API version: major'
            cand --api-minor 'The platform''s API version: minor'
            cand --build-id 'The platform''s build'
            cand --policy 'The policy that the session was made for, as 0x5 or NODBG+ES; for a report, the guest''s, as 0x30000 or SMT'
            cand --tik 'The session''s TIK: 16 bytes, raw, hex or base64'
            cand --tek 'The session''s TEK: only secrets need it'
            cand --tk 'TEK and TIK in one file of 32 bytes, in this order'
            cand --manifest 'The manifest whose rows are accepted: the verdict says which one it was'
            cand --manifest-key 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no'
            cand --accept-root 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat'
            cand --launch-digest 'A launch digest that is accepted, where it is known already: 32 bytes in SEV and SEV-ES, 48 in SNP. May repeat'
            cand --launch-digest-file 'A file with such digests, one on each line; empty lines and those that begin with # do not count'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --require 'Bits that the policy must have, comma-separated: one that is missing is a no'
            cand --require-api 'The lowest API version of the platform that is accepted, for example 1.55 [default: any]'
            cand --require-build 'The lowest build of the platform that is accepted [default: any]'
            cand --accept-endorsed 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it'
            cand --accept-observed 'Accept observed rows too whose evidence was verified under AMD''s roots: what some chip ran, whoever''s it was'
            cand --accept-unverified 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --allow-debug 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand --insecure 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;secret;show'= {
            cand --tek 'The session''s TEK'
            cand --tik 'The session''s TIK'
            cand -m 'The launch measurement that the packet is for: 48 bytes in base64 or hex'
            cand --measurement 'The launch measurement that the packet is for: 48 bytes in base64 or hex'
            cand --launch-measure-blob 'The launch measurement that the packet is for: 48 bytes in base64 or hex'
            cand --reveal 'Print the secrets themselves, in base64'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;secret;help'= {
            cand build 'Verify a launch measurement, and pack secrets for the launch that it proves'
            cand show 'Open a packet with its keys, and list the secrets in it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;secret;help;build'= {
        }
        &'sev-launch;secret;help;show'= {
        }
        &'sev-launch;secret;help;help'= {
        }
        &'sev-launch;report'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Name every field of a report; nothing is verified'
            cand verify 'Verify a report''s signature and the chain of certificates above it: a line for each check'
            cand appraise 'Verify a report and compare it with what is demanded: a line for each demand'
            cand fetch 'In a guest of SEV-SNP: fetch a report with the nonce of the owner''s service, and have it validated'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;report;show'= {
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;report;verify'= {
            cand --vek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --vcek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --vlek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --chain 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD''s built-in keys'
            cand --certificates 'The table of certificates that the host gives the guest beside a report; the flags above go before it'
            cand --crl 'AMD''s revocation list in DER, from its key server [default: revocation is not asked]'
            cand --time 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]'
            cand --root 'The ARK of a lab that signs its own chains; AMD''s are then refused'
            cand --allow-masked-chip-id 'Accept a VCEK''s report whose CHIP_ID the host has masked (all zeros)'
            cand --allow-unknown-version 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits'
            cand -v 'Say of each file of evidence what was in it, and what that was taken out of'
            cand --verbose 'Say of each file of evidence what was in it, and what that was taken out of'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;report;appraise'= {
            cand --vek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --vcek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --vlek 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM'
            cand --chain 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD''s built-in keys'
            cand --certificates 'The table of certificates that the host gives the guest beside a report; the flags above go before it'
            cand --crl 'AMD''s revocation list in DER, from its key server [default: revocation is not asked]'
            cand --time 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]'
            cand --root 'The ARK of a lab that signs its own chains; AMD''s are then refused'
            cand --measurement 'A launch digest that is accepted, where it is known already. May repeat. Without any, and without a guest, none is'
            cand --launch-digest 'A launch digest that is accepted, where it is known already. May repeat. Without any, and without a guest, none is'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --policy 'The policy that the guest must have, exactly, as 0x30000 or SMT [default: any without debugging and migration agent]'
            cand --demands 'A file of demands, in TOML or JSON, each of which is added to the flags'' own: its keys are the names of these flags with _ for -, for example vmpl = 0. May repeat'
            cand --policy-set 'Bits that the policy must have, by AMD''s names, comma-separated, for example SINGLE_SOCKET,RAPL_DIS'
            cand --policy-clear 'Bits that the policy must not have, for example SMT,CXL_ALLOW'
            cand --min-policy-abi 'The lowest ABI version that the policy must ask of the platform, for example 1.51'
            cand --generation 'The generations that are accepted [default: Milan, Genoa, Turin; of those, the ones with TCB levels if only some have them]'
            cand --min-tcb 'The lowest levels that each TCB version may have (reported, current, committed, launch), for example bootloader=4,tee=0,snp=24,microcode=219; with fmc=… for Turin, and only for it; milan:… is for one generation, and the others are refused unless they have levels too or are named'
            cand --min-platform-tcb 'The same of the TCB versions that the platform has now (reported, current, committed)'
            cand --min-launch-tcb 'The same of the TCB version at launch'
            cand --min-firmware 'The lowest version of the firmware that runs, for example 1.55.29'
            cand --min-firmware-build 'The lowest build of the firmware that runs, whatever its version'
            cand --min-committed-firmware 'The lowest version of the firmware that the platform cannot go back behind'
            cand --advisory 'AMD''s security bulletins that the platform must be mended of, for example AMD-SB-3019; what is not known of one is not enough'
            cand --platform-set 'Bits that PLATFORM_INFO must have, by AMD''s names, for example ALIAS_CHECK_COMPLETE'
            cand --platform-clear 'Bits that PLATFORM_INFO must not have, for example SMT_EN'
            cand --report-data 'What the guest must have put into the report: 64 bytes in hex or base64. It is what makes a report fresh'
            cand --host-data 'What the host must have given at launch: 32 bytes'
            cand --id-key-digest 'The key that must have signed the ID block: SHA-384 of its 1028 bytes, as `sev-launch id-block check` prints it'
            cand --author-key-digest 'The key that must have signed the ID key'
            cand --trusted-id-key 'Keys of which one must have signed the ID block: each by its digest, or a certificate or public key of it'
            cand --trusted-author-key 'Keys of which one must have signed the ID key, unless that is trusted itself'
            cand --min-guest-svn 'The lowest security version that the guest''s ID block may have'
            cand --family-id 'The family that the ID block must have: 16 bytes'
            cand --image-id 'The image that the ID block must have: 16 bytes'
            cand --vmpl 'The privilege level that must have asked for the report [default: 0 to 3, not the host]'
            cand --report-id 'The number that the platform must have given the guest: 32 bytes'
            cand --report-id-ma 'The number of the migration agent: 32 bytes, all ff for none'
            cand --chip-id 'The chip that it must be: 64 bytes, or the 8 of Turin'
            cand --signing-key 'The kind of key that must have signed the report: vcek (the chip''s own) or vlek (the cloud provider''s)'
            cand --min-report-version 'The lowest version of the report''s structure'
            cand --json 'Print JSON'
            cand -q 'Leave warnings and notes out'
            cand --quiet 'Leave warnings and notes out'
            cand --allow-masked-chip-id 'Accept a VCEK''s report whose CHIP_ID the host has masked (all zeros)'
            cand --allow-unknown-version 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits'
            cand -v 'Say of each file of evidence what was in it, and what that was taken out of'
            cand --verbose 'Say of each file of evidence what was in it, and what that was taken out of'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand --allow-debug 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand --allow-migration-agent 'Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs'
            cand --allow-provisional-firmware 'Accept a platform whose firmware is running but not committed: its host can go back to older firmware, with older faults'
            cand --allow-launch-tcb-above-current 'Accept a platform that runs less than LAUNCH_TCB: it went back to older firmware since the launch, or a migration agent brought the guest from a newer platform'
            cand --allow-reserved-bits 'Accept reserved bytes, and bits without a name in KEY_INFO, PLATFORM_INFO and TCB versions, that are not zero: what they mean is not known'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;report;fetch'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;report;help'= {
            cand show 'Name every field of a report; nothing is verified'
            cand verify 'Verify a report''s signature and the chain of certificates above it: a line for each check'
            cand appraise 'Verify a report and compare it with what is demanded: a line for each demand'
            cand fetch 'In a guest of SEV-SNP: fetch a report with the nonce of the owner''s service, and have it validated'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;report;help;show'= {
        }
        &'sev-launch;report;help;verify'= {
        }
        &'sev-launch;report;help;appraise'= {
        }
        &'sev-launch;report;help;fetch'= {
        }
        &'sev-launch;report;help;help'= {
        }
        &'sev-launch;id-block'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand build 'Build an ID block and its authentication'
            cand check 'Name each rule by which the AMD-SP would refuse a launch with them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;id-block;build'= {
            cand --digest 'The launch digest, in place of a guest'
            cand --policy 'The policy that the guest must have, as 0x30000 or SMT+ABI=1.55'
            cand --family-id 'A name for a family of guests: 16 bytes'
            cand --image-id 'A name for the image: 16 bytes'
            cand --guest-svn 'The image''s security version'
            cand --id-key 'The private ID key on P-384: SEC1 or PKCS#8, in PEM or DER'
            cand --author-key 'The private author key, which signs the ID key'
            cand --id-public-key 'The public half of an ID key that lives elsewhere: PEM, DER, or a SEC1 point'
            cand --id-signature 'Its signature over what --to-be-signed wrote: r and s in 96 bytes, big-endian, or DER'
            cand --author-public-key 'The public half of an author key that lives elsewhere'
            cand --author-signature 'Its signature over what --author-to-be-signed wrote'
            cand -o 'Where the ID block and its authentication are written'
            cand --out 'Where the ID block and its authentication are written'
            cand --to-be-signed 'Write only what the ID key has to sign: the 96 bytes of the ID block'
            cand --author-to-be-signed 'Write only what the author key has to sign: the 1028 bytes of the ID key'
            cand -d 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --description 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says'
            cand --harmless 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat'
            cand --allow-outside 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat'
            cand --work-limit 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --igvm 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has'
            cand --firmware-sha256 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware'
            cand --firmware-in-flash 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --uki 'A unified kernel image, in place of a kernel: its own command line and initrd are inside'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32'
            cand --late-vcpus 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, comma-separated. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated'
            cand --vmsa-bsp 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-cpu0 'The first vCPU''s VMSA as captured on a host, in place of the profile''s'
            cand --vmsa-ap 'A further vCPU''s VMSA as captured on a host'
            cand --vmsa-cpu1 'A further vCPU''s VMSA as captured on a host'
            cand --host-kernel 'The host''s kernel, as `uname -r` prints it there'
            cand --vmm-version 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"'
            cand --machine 'QEMU''s machine type, as pc-q35-7.2'
            cand --host-cpu 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one'
            cand --debug-swap 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]'
            cand --legacy-vm-type 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]'
            cand --svsm 'The SVSM image (snp:svsm)'
            cand --vars-size 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)'
            cand --vars-file 'The variable store, for its size (snp:svsm)'
            cand --allow-debug 'Accept a policy that allows debugging: the host can then read the guest''s memory'
            cand --allow-migration-agent 'Accept a policy that allows a migration agent'
            cand --base64 'Write them in base64, as QEMU takes them'
            cand --json 'Print JSON'
            cand --confine 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;id-block;check'= {
            cand --digest 'The launch digest that the guest has [default: the block''s]'
            cand --policy 'The policy that the guest is launched with, as 0x30000 or SMT [default: the block''s]'
            cand --author-key-enabled 'Is the launch told to look at the author (QEMU''s author-key-enabled)? [default: on where there is an author key]'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;id-block;help'= {
            cand build 'Build an ID block and its authentication'
            cand check 'Name each rule by which the AMD-SP would refuse a launch with them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;id-block;help;build'= {
        }
        &'sev-launch;id-block;help;check'= {
        }
        &'sev-launch;id-block;help;help'= {
        }
        &'sev-launch;serve'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;agent'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;remote'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;audit'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand verify 'Say whether an audit is whole: that no record was changed, dropped or put in'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;audit;verify'= {
            cand --checkpoints 'Checkpoints, as GET /audit/checkpoints answers them'
            cand --key 'The key of checkpoints, 97 bytes: a file with them, or they themselves in hex or base64'
            cand --from-start 'Demand that it begins with the first record that there ever was'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;audit;help'= {
            cand verify 'Say whether an audit is whole: that no record was changed, dropped or put in'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;audit;help;verify'= {
        }
        &'sev-launch;audit;help;help'= {
        }
        &'sev-launch;certs'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'Show every field of certificates; nothing is verified'
            cand verify 'Verify a platform''s chain: a line for each check, all of them; exit code 1 where one fails'
            cand split 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert'
            cand join 'Write certificates into one file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;certs;show'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;certs;verify'= {
            cand --pdh 'The platform''s PDH, where the chain does not hold it (QMP''s and libvirt''s cert-chain), or apart'
            cand --pek 'The PEK apart'
            cand --oca 'The OCA apart'
            cand --cek 'The CEK with AMD''s signature, from AMD''s key server: in place of the chain''s own, which a platform exports unsigned'
            cand --ca 'AMD''s ASK and ARK in one file; without it those built in are used'
            cand --root 'The ARK of a lab that signs its own chains; AMD''s are then refused'
            cand --generation 'The generations that are accepted [default: all]'
            cand --owner 'The owner that must have signed the PEK: its OCA certificate, or the SHA-256 of that one''s key [default: any]'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;certs;split'= {
            cand -o 'The folder for the files; it is made where there is none'
            cand --out 'The folder for the files; it is made where there is none'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;certs;join'= {
            cand --layout 'Which certificates, in which order'
            cand -o 'Where to write them; - is standard output'
            cand --out 'Where to write them; - is standard output'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;certs;help'= {
            cand show 'Show every field of certificates; nothing is verified'
            cand verify 'Verify a platform''s chain: a line for each check, all of them; exit code 1 where one fails'
            cand split 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert'
            cand join 'Write certificates into one file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;certs;help;show'= {
        }
        &'sev-launch;certs;help;verify'= {
        }
        &'sev-launch;certs;help;split'= {
        }
        &'sev-launch;certs;help;join'= {
        }
        &'sev-launch;certs;help;help'= {
        }
        &'sev-launch;firmware'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads'
            cand absorb 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
            cand tree 'Say what is in an image: volumes, files, sections, variables, and the tables at its end'
            cand extract 'Write what is in an image as files in a new folder: executables, raw sections, variables'
            cand diff 'Say where two images differ: by volume, module, section and kind, and which pages and digests change'
            cand reproduce 'Say whether builds of one firmware are the same, but for what an allow file permits'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;firmware;show'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;firmware;absorb'= {
            cand -o 'Where to write; - is standard output'
            cand --output 'Where to write; - is standard output'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;firmware;tree'= {
            cand --all 'Show sections of modules and padding too'
            cand --json 'Print JSON: every part, with its place and its SHA-256'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;firmware;extract'= {
            cand -o 'The folder to write to, which must not exist'
            cand --output 'The folder to write to, which must not exist'
            cand --json 'Print JSON: each file''s name, size, SHA-256 and place in the image'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;firmware;diff'= {
            cand --map 'Write an SVG map of both images, with the pages that differ, beside guest memory'
            cand --format 'How the answer is printed'
            cand --all 'Show every difference with its bytes'
            cand --json 'Print JSON: --format json'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;firmware;reproduce'= {
            cand --allow 'What they may differ in'
            cand --format 'How the answer is printed'
            cand --json 'Print JSON: --format json'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;firmware;help'= {
            cand show 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads'
            cand absorb 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
            cand tree 'Say what is in an image: volumes, files, sections, variables, and the tables at its end'
            cand extract 'Write what is in an image as files in a new folder: executables, raw sections, variables'
            cand diff 'Say where two images differ: by volume, module, section and kind, and which pages and digests change'
            cand reproduce 'Say whether builds of one firmware are the same, but for what an allow file permits'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;firmware;help;show'= {
        }
        &'sev-launch;firmware;help;absorb'= {
        }
        &'sev-launch;firmware;help;tree'= {
        }
        &'sev-launch;firmware;help;extract'= {
        }
        &'sev-launch;firmware;help;diff'= {
        }
        &'sev-launch;firmware;help;reproduce'= {
        }
        &'sev-launch;firmware;help;help'= {
        }
        &'sev-launch;vmsa'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand build 'Write the page that a profile''s host measures for a vCPU'
            cand show 'Name every field of a page that is not zero'
            cand diff 'Name the fields in which two pages differ; exit code 1 where they do'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;vmsa;build'= {
            cand --profile 'The launch profile'
            cand --userspace 'sevctl''s name of the VMM in SEV-ES: qemu (es-legacy) or krun (es-krun-sevctl)'
            cand --cpu 'Which vCPU, from 0'
            cand --firmware 'The firmware, for the address at which further vCPUs start'
            cand --reset-address 'That address itself'
            cand --guest-features 'SEV features in place of the profile''s'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;vmsa;show'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;vmsa;diff'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;vmsa;help'= {
            cand build 'Write the page that a profile''s host measures for a vCPU'
            cand show 'Name every field of a page that is not zero'
            cand diff 'Name the fields in which two pages differ; exit code 1 where they do'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;vmsa;help;build'= {
        }
        &'sev-launch;vmsa;help;show'= {
        }
        &'sev-launch;vmsa;help;diff'= {
        }
        &'sev-launch;vmsa;help;help'= {
        }
        &'sev-launch;profile'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List all profiles'
            cand show 'Show one profile: on which hosts it holds, what it fixes, where that is from'
            cand diff 'Name everything in which two profiles differ; exit code 1 where they do'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;profile;list'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;profile;show'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;profile;diff'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;profile;help'= {
            cand list 'List all profiles'
            cand show 'Show one profile: on which hosts it holds, what it fixes, where that is from'
            cand diff 'Name everything in which two profiles differ; exit code 1 where they do'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;profile;help;list'= {
        }
        &'sev-launch;profile;help;show'= {
        }
        &'sev-launch;profile;help;diff'= {
        }
        &'sev-launch;profile;help;help'= {
        }
        &'sev-launch;cpu'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List QEMU''s CPU models for AMD hosts: all names that share a signature share a digest'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;cpu;list'= {
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sev-launch;cpu;help'= {
            cand list 'List QEMU''s CPU models for AMD hosts: all names that share a signature share a digest'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;cpu;help;list'= {
        }
        &'sev-launch;cpu;help;help'= {
        }
        &'sev-launch;completions'= {
            cand -o 'Where the script is written; - is standard output'
            cand --output 'Where the script is written; - is standard output'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;man'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;help'= {
            cand digest 'Compute the launch digest that an honest host must report'
            cand import 'Write a launch description from libvirt, QEMU, Kata, KubeVirt or OpenStack'
            cand describe 'Show a launch description: every value and where it came from'
            cand verify 'Say yes or no to what a host reports of a launch, or to an SNP report; pack secrets after a yes'
            cand explain 'Find why a reported value does not match: the smallest change of facts that gives it'
            cand preflight 'Say whether a host would start a launch, or what refuses it and how'
            cand host 'Say what a host can launch, what is missing and what to change'
            cand rehearse 'Start the VMM itself on an AMD-SP in software; hold its launch against the prediction'
            cand platform 'Make a simulated platform for rehearsals, and write its certificates'
            cand manifest 'Build, check, compare, show, extend and publish manifests: what CI keeps of a guest''s launch digests'
            cand session 'Make keys for a SEV or SEV-ES launch, wrapped for a platform that is verified'
            cand secret 'Pack secrets for a verified SEV or SEV-ES launch; open a packet again'
            cand report 'Show, verify and appraise an SNP guest''s attestation report'
            cand id-block 'Build and check ID blocks: what the AMD-SP must find in an SNP guest, or start nothing'
            cand serve 'Start the attestation service of a guest owner; everything that follows is for it'
            cand agent 'Launch a guest as its owner''s service wants it, with QEMU or libvirt'
            cand remote 'Ask an attestation service as a guest''s owner: register, approve, read the audit'
            cand audit 'The audit of an attestation service'
            cand certs 'Show, verify, split and join a SEV platform''s certificates'
            cand firmware 'Say what a firmware image is, what is in it, and where two builds differ; absorb one'
            cand vmsa 'Build, show and compare initial VM save areas'
            cand profile 'List, show and compare launch profiles: what hosts do that no file tells'
            cand cpu 'List CPU models with their signatures and generations'
            cand completions 'Write a shell''s completion script'
            cand man 'Write the man pages: one for each command'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;help;digest'= {
        }
        &'sev-launch;help;import'= {
            cand libvirt 'A libvirt domain''s XML; that of the running domain (virsh dumpxml) says most'
            cand qemu 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE''s qm showcmd prints'
            cand kata 'A Kata Containers configuration, as it is installed'
            cand check-policy 'A policy of go-sev-guest''s check, as text: what comes of it are demands, for `verify --demands`'
            cand kubevirt 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most'
            cand nova 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them'
        }
        &'sev-launch;help;import;libvirt'= {
        }
        &'sev-launch;help;import;qemu'= {
        }
        &'sev-launch;help;import;kata'= {
        }
        &'sev-launch;help;import;check-policy'= {
        }
        &'sev-launch;help;import;kubevirt'= {
        }
        &'sev-launch;help;import;nova'= {
        }
        &'sev-launch;help;describe'= {
        }
        &'sev-launch;help;verify'= {
        }
        &'sev-launch;help;explain'= {
        }
        &'sev-launch;help;preflight'= {
        }
        &'sev-launch;help;host'= {
        }
        &'sev-launch;help;rehearse'= {
        }
        &'sev-launch;help;platform'= {
            cand new 'Make a platform, in a new folder'
            cand export 'Write its certificates into a new folder: what a host exports, and the authority above it'
            cand launch 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets'
            cand inject 'Give a guest the packet of an attestation service, and list the secrets that arrive'
            cand status 'Say what it is'
        }
        &'sev-launch;help;platform;new'= {
        }
        &'sev-launch;help;platform;export'= {
        }
        &'sev-launch;help;platform;launch'= {
        }
        &'sev-launch;help;platform;inject'= {
        }
        &'sev-launch;help;platform;status'= {
        }
        &'sev-launch;help;manifest'= {
            cand build 'Compute every launch described, and write a manifest'
            cand check 'Compute a manifest again from the files at hand, and name what changed'
            cand diff 'Say what differs between two manifests, and which change explains which digest'
            cand show 'Show a manifest: its inputs, its rows, and what is noteworthy about them'
            cand add 'Add a row for what a host reported: observed, not computed'
            cand publish 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes'
            cand sign 'Sign a manifest with a key in a file, to be verified without a network'
        }
        &'sev-launch;help;manifest;build'= {
        }
        &'sev-launch;help;manifest;check'= {
        }
        &'sev-launch;help;manifest;diff'= {
        }
        &'sev-launch;help;manifest;show'= {
        }
        &'sev-launch;help;manifest;add'= {
        }
        &'sev-launch;help;manifest;publish'= {
        }
        &'sev-launch;help;manifest;sign'= {
        }
        &'sev-launch;help;session'= {
        }
        &'sev-launch;help;secret'= {
            cand build 'Verify a launch measurement, and pack secrets for the launch that it proves'
            cand show 'Open a packet with its keys, and list the secrets in it'
        }
        &'sev-launch;help;secret;build'= {
        }
        &'sev-launch;help;secret;show'= {
        }
        &'sev-launch;help;report'= {
            cand show 'Name every field of a report; nothing is verified'
            cand verify 'Verify a report''s signature and the chain of certificates above it: a line for each check'
            cand appraise 'Verify a report and compare it with what is demanded: a line for each demand'
            cand fetch 'In a guest of SEV-SNP: fetch a report with the nonce of the owner''s service, and have it validated'
        }
        &'sev-launch;help;report;show'= {
        }
        &'sev-launch;help;report;verify'= {
        }
        &'sev-launch;help;report;appraise'= {
        }
        &'sev-launch;help;report;fetch'= {
        }
        &'sev-launch;help;id-block'= {
            cand build 'Build an ID block and its authentication'
            cand check 'Name each rule by which the AMD-SP would refuse a launch with them'
        }
        &'sev-launch;help;id-block;build'= {
        }
        &'sev-launch;help;id-block;check'= {
        }
        &'sev-launch;help;serve'= {
        }
        &'sev-launch;help;agent'= {
        }
        &'sev-launch;help;remote'= {
        }
        &'sev-launch;help;audit'= {
            cand verify 'Say whether an audit is whole: that no record was changed, dropped or put in'
        }
        &'sev-launch;help;audit;verify'= {
        }
        &'sev-launch;help;certs'= {
            cand show 'Show every field of certificates; nothing is verified'
            cand verify 'Verify a platform''s chain: a line for each check, all of them; exit code 1 where one fails'
            cand split 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert'
            cand join 'Write certificates into one file'
        }
        &'sev-launch;help;certs;show'= {
        }
        &'sev-launch;help;certs;verify'= {
        }
        &'sev-launch;help;certs;split'= {
        }
        &'sev-launch;help;certs;join'= {
        }
        &'sev-launch;help;firmware'= {
            cand show 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads'
            cand absorb 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
            cand tree 'Say what is in an image: volumes, files, sections, variables, and the tables at its end'
            cand extract 'Write what is in an image as files in a new folder: executables, raw sections, variables'
            cand diff 'Say where two images differ: by volume, module, section and kind, and which pages and digests change'
            cand reproduce 'Say whether builds of one firmware are the same, but for what an allow file permits'
        }
        &'sev-launch;help;firmware;show'= {
        }
        &'sev-launch;help;firmware;absorb'= {
        }
        &'sev-launch;help;firmware;tree'= {
        }
        &'sev-launch;help;firmware;extract'= {
        }
        &'sev-launch;help;firmware;diff'= {
        }
        &'sev-launch;help;firmware;reproduce'= {
        }
        &'sev-launch;help;vmsa'= {
            cand build 'Write the page that a profile''s host measures for a vCPU'
            cand show 'Name every field of a page that is not zero'
            cand diff 'Name the fields in which two pages differ; exit code 1 where they do'
        }
        &'sev-launch;help;vmsa;build'= {
        }
        &'sev-launch;help;vmsa;show'= {
        }
        &'sev-launch;help;vmsa;diff'= {
        }
        &'sev-launch;help;profile'= {
            cand list 'List all profiles'
            cand show 'Show one profile: on which hosts it holds, what it fixes, where that is from'
            cand diff 'Name everything in which two profiles differ; exit code 1 where they do'
        }
        &'sev-launch;help;profile;list'= {
        }
        &'sev-launch;help;profile;show'= {
        }
        &'sev-launch;help;profile;diff'= {
        }
        &'sev-launch;help;cpu'= {
            cand list 'List QEMU''s CPU models for AMD hosts: all names that share a signature share a digest'
        }
        &'sev-launch;help;cpu;list'= {
        }
        &'sev-launch;help;completions'= {
        }
        &'sev-launch;help;man'= {
        }
        &'sev-launch;help;help'= {
        }
    ]
    $completions[$command]
}
