
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'sev-launch' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'sev-launch'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'sev-launch' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('digest', 'digest', [CompletionResultType]::ParameterValue, 'Compute the launch digest that an honest host must report')
            [CompletionResult]::new('firmware', 'firmware', [CompletionResultType]::ParameterValue, 'Say what a firmware image is and can launch; absorb one into a small file')
            [CompletionResult]::new('vmsa', 'vmsa', [CompletionResultType]::ParameterValue, 'Build, show and compare initial VM save areas')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'List, show and compare launch profiles: what hosts do that no file tells')
            [CompletionResult]::new('cpu', 'cpu', [CompletionResultType]::ParameterValue, 'List CPU models with their signatures and generations')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;digest' {
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware; or snp:ovmf-hash, the digest after the firmware alone')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges as 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges as 1..=16,32')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan; several, apart by commas')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, apart by commas')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, apart by commas. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21')
            [CompletionResult]::new('--vmsa-bsp', '--vmsa-bsp', [CompletionResultType]::ParameterName, 'The first vCPU''s VMSA as captured on a host, in place of the profile''s')
            [CompletionResult]::new('--vmsa-cpu0', '--vmsa-cpu0', [CompletionResultType]::ParameterName, 'The first vCPU''s VMSA as captured on a host, in place of the profile''s')
            [CompletionResult]::new('--vmsa-ap', '--vmsa-ap', [CompletionResultType]::ParameterName, 'A further vCPU''s VMSA as captured on a host')
            [CompletionResult]::new('--vmsa-cpu1', '--vmsa-cpu1', [CompletionResultType]::ParameterName, 'A further vCPU''s VMSA as captured on a host')
            [CompletionResult]::new('--host-kernel', '--host-kernel', [CompletionResultType]::ParameterName, 'The host''s kernel, as `uname -r` prints it there')
            [CompletionResult]::new('--vmm-version', '--vmm-version', [CompletionResultType]::ParameterName, 'The VMM and its version: "qemu 9.2", ec2, gce, "libkrun 1.9"')
            [CompletionResult]::new('--machine', '--machine', [CompletionResultType]::ParameterName, 'QEMU''s machine type, as pc-q35-7.2')
            [CompletionResult]::new('--host-cpu', '--host-cpu', [CompletionResultType]::ParameterName, 'The host processor''s generation: Naples, Rome, Milan, Genoa, Turin, or a model or signature of one')
            [CompletionResult]::new('--debug-swap', '--debug-swap', [CompletionResultType]::ParameterName, 'What /sys/module/kvm_amd/parameters/debug_swap holds [default: the kernel''s default]')
            [CompletionResult]::new('--legacy-vm-type', '--legacy-vm-type', [CompletionResultType]::ParameterName, 'QEMU''s legacy-vm-type [default: QEMU''s default, auto]')
            [CompletionResult]::new('--svsm', '--svsm', [CompletionResultType]::ParameterName, 'The SVSM image (snp:svsm)')
            [CompletionResult]::new('--vars-size', '--vars-size', [CompletionResultType]::ParameterName, 'The size of the variable store between SVSM and firmware, in bytes (snp:svsm)')
            [CompletionResult]::new('--vars-file', '--vars-file', [CompletionResultType]::ParameterName, 'The variable store, for its size (snp:svsm)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How digests are printed')
            [CompletionResult]::new('--output-format', '--output-format', [CompletionResultType]::ParameterName, 'How digests are printed')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Print every launch update with the digest after it; the last line''s is the launch digest')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: --format json')
            [CompletionResult]::new('--dump-vmsa', '--dump-vmsa', [CompletionResultType]::ParameterName, 'Write the VMSA of each vCPU to vmsa0.bin, vmsa1.bin … in this folder')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say on standard error what was assumed')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say on standard error what was assumed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;firmware' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it')
            [CompletionResult]::new('absorb', 'absorb', [CompletionResultType]::ParameterValue, 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;firmware;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;firmware;absorb' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where to write; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where to write; - is standard output')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;firmware;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it')
            [CompletionResult]::new('absorb', 'absorb', [CompletionResultType]::ParameterValue, 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;firmware;help;show' {
            break
        }
        'sev-launch;firmware;help;absorb' {
            break
        }
        'sev-launch;firmware;help;help' {
            break
        }
        'sev-launch;vmsa' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Write the page that a profile''s host measures for a vCPU')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Name every field of a page that is not zero')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Name the fields in which two pages differ; exit code 1 where they do')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;vmsa;build' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile')
            [CompletionResult]::new('--userspace', '--userspace', [CompletionResultType]::ParameterName, 'sevctl''s name of the VMM in SEV-ES: qemu (es-legacy) or krun (es-krun-sevctl)')
            [CompletionResult]::new('--cpu', '--cpu', [CompletionResultType]::ParameterName, 'Which vCPU, from 0')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware, for the address at which further vCPUs start')
            [CompletionResult]::new('--reset-address', '--reset-address', [CompletionResultType]::ParameterName, 'That address itself')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan; several, apart by commas')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, apart by commas')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;vmsa;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;vmsa;diff' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;vmsa;help' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Write the page that a profile''s host measures for a vCPU')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Name every field of a page that is not zero')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Name the fields in which two pages differ; exit code 1 where they do')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;vmsa;help;build' {
            break
        }
        'sev-launch;vmsa;help;show' {
            break
        }
        'sev-launch;vmsa;help;diff' {
            break
        }
        'sev-launch;vmsa;help;help' {
            break
        }
        'sev-launch;profile' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List all profiles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one profile: on which hosts it holds, what it fixes, where that is from')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Name everything in which two profiles differ; exit code 1 where they do')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;profile;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;profile;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;profile;diff' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;profile;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List all profiles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one profile: on which hosts it holds, what it fixes, where that is from')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Name everything in which two profiles differ; exit code 1 where they do')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;profile;help;list' {
            break
        }
        'sev-launch;profile;help;show' {
            break
        }
        'sev-launch;profile;help;diff' {
            break
        }
        'sev-launch;profile;help;help' {
            break
        }
        'sev-launch;cpu' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List QEMU''s CPU models for AMD hosts: all names that share a signature share a digest')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;cpu;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;cpu;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List QEMU''s CPU models for AMD hosts: all names that share a signature share a digest')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;cpu;help;list' {
            break
        }
        'sev-launch;cpu;help;help' {
            break
        }
        'sev-launch;help' {
            [CompletionResult]::new('digest', 'digest', [CompletionResultType]::ParameterValue, 'Compute the launch digest that an honest host must report')
            [CompletionResult]::new('firmware', 'firmware', [CompletionResultType]::ParameterValue, 'Say what a firmware image is and can launch; absorb one into a small file')
            [CompletionResult]::new('vmsa', 'vmsa', [CompletionResultType]::ParameterValue, 'Build, show and compare initial VM save areas')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'List, show and compare launch profiles: what hosts do that no file tells')
            [CompletionResult]::new('cpu', 'cpu', [CompletionResultType]::ParameterValue, 'List CPU models with their signatures and generations')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;help;digest' {
            break
        }
        'sev-launch;help;firmware' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it')
            [CompletionResult]::new('absorb', 'absorb', [CompletionResultType]::ParameterValue, 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place')
            break
        }
        'sev-launch;help;firmware;show' {
            break
        }
        'sev-launch;help;firmware;absorb' {
            break
        }
        'sev-launch;help;vmsa' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Write the page that a profile''s host measures for a vCPU')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Name every field of a page that is not zero')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Name the fields in which two pages differ; exit code 1 where they do')
            break
        }
        'sev-launch;help;vmsa;build' {
            break
        }
        'sev-launch;help;vmsa;show' {
            break
        }
        'sev-launch;help;vmsa;diff' {
            break
        }
        'sev-launch;help;profile' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List all profiles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one profile: on which hosts it holds, what it fixes, where that is from')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Name everything in which two profiles differ; exit code 1 where they do')
            break
        }
        'sev-launch;help;profile;list' {
            break
        }
        'sev-launch;help;profile;show' {
            break
        }
        'sev-launch;help;profile;diff' {
            break
        }
        'sev-launch;help;cpu' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List QEMU''s CPU models for AMD hosts: all names that share a signature share a digest')
            break
        }
        'sev-launch;help;cpu;list' {
            break
        }
        'sev-launch;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
