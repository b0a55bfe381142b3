
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
            cand firmware 'Say what a firmware image is and can launch; absorb one into a small file'
            cand vmsa 'Build, show and compare initial VM save areas'
            cand profile 'List, show and compare launch profiles: what hosts do that no file tells'
            cand cpu 'List CPU models with their signatures and generations'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;digest'= {
            cand --mode 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware; or snp:ovmf-hash, the digest after the firmware alone'
            cand --firmware 'The firmware image as the host loads it'
            cand --ovmf 'The firmware image as the host loads it'
            cand --firmware-absorbed 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image'
            cand --snp-ovmf-hash 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables'
            cand --kernel 'The kernel; a pipe, or - for standard input, is read as it comes'
            cand --initrd 'The initrd; a pipe, or - for standard input, is read as it comes'
            cand --cmdline 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --append 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each'
            cand --cmdline-file 'A file that holds the command line, byte for byte'
            cand --cmdline-hex 'The command line''s bytes in hex'
            cand --kernel-sha256 'The kernel''s SHA-256 in place of the file'
            cand --initrd-sha256 'The initrd''s SHA-256 in place of the file'
            cand --cmdline-sha256 'The SHA-256 of the command line with one NUL after it, in place of its bytes'
            cand --kernel-hashes 'QEMU''s kernel-hashes: off leaves the kernel given but not measured'
            cand --shim 'QEMU''s -shim: refused, since what is then measured cannot be said'
            cand --dtb 'QEMU''s -dtb: refused, since what is then measured cannot be said'
            cand --kernel-gpa 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)'
            cand --vcpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges as 1..=16,32'
            cand --num-cpus 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges as 1..=16,32'
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan; several, apart by commas'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, apart by commas'
            cand --vcpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --family 'The CPU''s family, as 25 (extended family included)'
            cand --cpu-family 'The CPU''s family, as 25 (extended family included)'
            cand --vcpu-model 'The CPU''s model'
            cand --model 'The CPU''s model'
            cand --cpu-model 'The CPU''s model'
            cand --vcpu-stepping 'The CPU''s stepping'
            cand --stepping 'The CPU''s stepping'
            cand --cpu-stepping 'The CPU''s stepping'
            cand --profile 'The launch profile; several, apart by commas. `sev-launch profile list` has them all'
            cand --vmm-type 'The VMM as sev-snp-measure names it'
            cand --guest-features 'SEV features in place of the profile''s, as 0x21'
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
            cand --format 'How digests are printed'
            cand --output-format 'How digests are printed'
            cand --trace 'Print every launch update with the digest after it; the last line''s is the launch digest'
            cand --json 'Print JSON: --format json'
            cand --dump-vmsa 'Write the VMSA of each vCPU to vmsa0.bin, vmsa1.bin … in this folder'
            cand -v 'Say on standard error what was assumed'
            cand --verbose 'Say on standard error what was assumed'
            cand -q 'Leave warnings and notes out'
            cand --quiet 'Leave warnings and notes out'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sev-launch;firmware'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it'
            cand absorb 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
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
        &'sev-launch;firmware;help'= {
            cand show 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it'
            cand absorb 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;firmware;help;show'= {
        }
        &'sev-launch;firmware;help;absorb'= {
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
            cand --vcpu-type 'QEMU''s CPU model, as EPYC-Milan; several, apart by commas'
            cand --vcpu-sig 'The signature itself, CPUID Fn0000_0001_EAX; several, apart by commas'
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
        &'sev-launch;help'= {
            cand digest 'Compute the launch digest that an honest host must report'
            cand firmware 'Say what a firmware image is and can launch; absorb one into a small file'
            cand vmsa 'Build, show and compare initial VM save areas'
            cand profile 'List, show and compare launch profiles: what hosts do that no file tells'
            cand cpu 'List CPU models with their signatures and generations'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sev-launch;help;digest'= {
        }
        &'sev-launch;help;firmware'= {
            cand show 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it'
            cand absorb 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place'
        }
        &'sev-launch;help;firmware;show'= {
        }
        &'sev-launch;help;firmware;absorb'= {
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
        &'sev-launch;help;help'= {
        }
    ]
    $completions[$command]
}
