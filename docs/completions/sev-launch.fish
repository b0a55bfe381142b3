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
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "firmware" -d 'Say what a firmware image is and can launch; absorb one into a small file'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "vmsa" -d 'Build, show and compare initial VM save areas'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "profile" -d 'List, show and compare launch profiles: what hosts do that no file tells'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "cpu" -d 'List CPU models with their signatures and generations'
complete -c sev-launch -n "__fish_sev_launch_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l mode -d 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware; or snp:ovmf-hash, the digest after the firmware alone' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l firmware -l ovmf -d 'The firmware image as the host loads it' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l firmware-absorbed -d 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l snp-ovmf-hash -d 'Start from this SNP digest instead of the image\'s pages (sev-snp-measure\'s snp:ovmf-hash); the image gives the tables' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l kernel -d 'The kernel; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l initrd -d 'The initrd; a pipe, or - for standard input, is read as it comes' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l cmdline -l append -d 'The kernel\'s command line, byte for byte as QEMU\'s -append has it. May repeat: a row for each' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l cmdline-file -d 'A file that holds the command line, byte for byte' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l cmdline-hex -d 'The command line\'s bytes in hex' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l kernel-sha256 -d 'The kernel\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l initrd-sha256 -d 'The initrd\'s SHA-256 in place of the file' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l cmdline-sha256 -d 'The SHA-256 of the command line with one NUL after it, in place of its bytes' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l kernel-hashes -d 'QEMU\'s kernel-hashes: off leaves the kernel given but not measured' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l shim -d 'QEMU\'s -shim: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l dtb -d 'QEMU\'s -dtb: refused, since what is then measured cannot be said' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l kernel-gpa -d 'Where libkrun\'s bundle puts the kernel in guest memory (libkrun\'s SNP profiles only)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpus -l num-cpus -d 'How many vCPUs exist at launch (QEMU\'s -smp cpus=): 4, or a list with ranges as 1..=16,32' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan; several, apart by commas' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, apart by commas' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-family -l family -l cpu-family -d 'The CPU\'s family, as 25 (extended family included)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-model -l model -l cpu-model -d 'The CPU\'s model' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vcpu-stepping -l stepping -l cpu-stepping -d 'The CPU\'s stepping' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l profile -d 'The launch profile; several, apart by commas. `sev-launch profile list` has them all' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vmm-type -d 'The VMM as sev-snp-measure names it' -r -f -a "qemu\t'QEMU\'s default launch: es-legacy, snp-qemu'
ec2\t'Amazon EC2: snp-ec2'
gce\t'Google Compute Engine: snp-gce'
krun\t'libkrun as sevctl has it: es-krun-sevctl; refused in SNP, where the profile must be named'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l guest-features -d 'SEV features in place of the profile\'s, as 0x21' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vmsa-bsp -l vmsa-cpu0 -d 'The first vCPU\'s VMSA as captured on a host, in place of the profile\'s' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vmsa-ap -l vmsa-cpu1 -d 'A further vCPU\'s VMSA as captured on a host' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l host-kernel -d 'The host\'s kernel, as `uname -r` prints it there' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vmm-version -d 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l machine -d 'QEMU\'s machine type, as pc-q35-7.2' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l host-cpu -d 'The host processor\'s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l debug-swap -d 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel\'s default]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l legacy-vm-type -d 'QEMU\'s legacy-vm-type [default: QEMU\'s default, auto]' -r -f -a "on\t'Switched on'
off\t'Switched off'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l svsm -d 'The SVSM image (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vars-size -d 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l vars-file -d 'The variable store, for its size (snp:svsm)' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l format -l output-format -d 'How digests are printed' -r -f -a "hex\t'Lower-case hex, a line for each digest'
base64\t'Base64 of the digest\'s bytes, a line for each'
json\t'One JSON document with everything that was assumed'
csv\t'CSV with a header, a row for each digest'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l trace -d 'Print every launch update with the digest after it; the last line\'s is the launch digest' -r -f -a "regions\t'The firmware as one region'
pages\t'In SNP, every page of the firmware too; needs the image'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l json -d 'Print JSON: --format json'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -l dump-vmsa -d 'Write the VMSA of each vCPU to vmsa0.bin, vmsa1.bin … in this folder'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -s v -l verbose -d 'Say on standard error what was assumed'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -s q -l quiet -d 'Leave warnings and notes out'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand digest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb help" -f -a "show" -d 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb help" -f -a "absorb" -d 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and not __fish_seen_subcommand_from show absorb help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from absorb" -s o -l output -d 'Where to write; - is standard output' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from absorb" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "show" -d 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "absorb" -d 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand firmware; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -s h -l help -d 'Print help'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -f -a "build" -d 'Write the page that a profile\'s host measures for a vCPU'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -f -a "show" -d 'Name every field of a page that is not zero'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -f -a "diff" -d 'Name the fields in which two pages differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and not __fish_seen_subcommand_from build show diff help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l profile -d 'The launch profile' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l userspace -d 'sevctl\'s name of the VMM in SEV-ES: qemu (es-legacy) or krun (es-krun-sevctl)' -r -f -a "qemu\t'QEMU'
krun\t'libkrun up to 1.3'"
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l cpu -d 'Which vCPU, from 0' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l firmware -d 'The firmware, for the address at which further vCPUs start' -r -F
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l reset-address -d 'That address itself' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l guest-features -d 'SEV features in place of the profile\'s' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l vcpu-type -d 'QEMU\'s CPU model, as EPYC-Milan; several, apart by commas' -r
complete -c sev-launch -n "__fish_sev_launch_using_subcommand vmsa; and __fish_seen_subcommand_from build" -l vcpu-sig -d 'The signature itself, CPUID Fn0000_0001_EAX; several, apart by commas' -r
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
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest firmware vmsa profile cpu help" -f -a "digest" -d 'Compute the launch digest that an honest host must report'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest firmware vmsa profile cpu help" -f -a "firmware" -d 'Say what a firmware image is and can launch; absorb one into a small file'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest firmware vmsa profile cpu help" -f -a "vmsa" -d 'Build, show and compare initial VM save areas'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest firmware vmsa profile cpu help" -f -a "profile" -d 'List, show and compare launch profiles: what hosts do that no file tells'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest firmware vmsa profile cpu help" -f -a "cpu" -d 'List CPU models with their signatures and generations'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and not __fish_seen_subcommand_from digest firmware vmsa profile cpu help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from firmware" -f -a "show" -d 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from firmware" -f -a "absorb" -d 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from vmsa" -f -a "build" -d 'Write the page that a profile\'s host measures for a vCPU'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from vmsa" -f -a "show" -d 'Name every field of a page that is not zero'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from vmsa" -f -a "diff" -d 'Name the fields in which two pages differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "list" -d 'List all profiles'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "show" -d 'Show one profile: on which hosts it holds, what it fixes, where that is from'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "diff" -d 'Name everything in which two profiles differ; exit code 1 where they do'
complete -c sev-launch -n "__fish_sev_launch_using_subcommand help; and __fish_seen_subcommand_from cpu" -f -a "list" -d 'List QEMU\'s CPU models for AMD hosts: all names that share a signature share a digest'
