
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
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Write a launch description from libvirt, QEMU, Kata, KubeVirt or OpenStack')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show a launch description: every value and where it came from')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say yes or no to what a host reports of a launch, or to an SNP report; pack secrets after a yes')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Find why a reported value does not match: the smallest change of facts that gives it')
            [CompletionResult]::new('preflight', 'preflight', [CompletionResultType]::ParameterValue, 'Say whether a host would start a launch, or what refuses it and how')
            [CompletionResult]::new('host', 'host', [CompletionResultType]::ParameterValue, 'Say what a host can launch, what is missing and what to change')
            [CompletionResult]::new('rehearse', 'rehearse', [CompletionResultType]::ParameterValue, 'Start the VMM itself on an AMD-SP in software; hold its launch against the prediction')
            [CompletionResult]::new('platform', 'platform', [CompletionResultType]::ParameterValue, 'Make a simulated platform for rehearsals, and write its certificates')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Build, check, compare, show, extend and publish manifests: what CI keeps of a guest''s launch digests')
            [CompletionResult]::new('session', 'session', [CompletionResultType]::ParameterValue, 'Make keys for a SEV or SEV-ES launch, wrapped for a platform that is verified')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Pack secrets for a verified SEV or SEV-ES launch; open a packet again')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Show, verify and appraise an SNP guest''s attestation report')
            [CompletionResult]::new('id-block', 'id-block', [CompletionResultType]::ParameterValue, 'Build and check ID blocks: what the AMD-SP must find in an SNP guest, or start nothing')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Start the attestation service of a guest owner; everything that follows is for it')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Launch a guest as its owner''s service wants it, with QEMU or libvirt')
            [CompletionResult]::new('remote', 'remote', [CompletionResultType]::ParameterValue, 'Ask an attestation service as a guest''s owner: register, approve, read the audit')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'The audit of an attestation service')
            [CompletionResult]::new('certs', 'certs', [CompletionResultType]::ParameterValue, 'Show, verify, split and join a SEV platform''s certificates')
            [CompletionResult]::new('firmware', 'firmware', [CompletionResultType]::ParameterValue, 'Say what a firmware image is, what is in it, and where two builds differ; absorb one')
            [CompletionResult]::new('vmsa', 'vmsa', [CompletionResultType]::ParameterValue, 'Build, show and compare initial VM save areas')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'List, show and compare launch profiles: what hosts do that no file tells')
            [CompletionResult]::new('cpu', 'cpu', [CompletionResultType]::ParameterValue, 'List CPU models with their signatures and generations')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Write a shell''s completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages: one for each command')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;digest' {
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware; or snp:ovmf-hash, the digest after the firmware alone. A description may say it instead')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How digests are printed [default: one alone in hex; several as a table on a terminal, else as JSON lines]')
            [CompletionResult]::new('--output-format', '--output-format', [CompletionResultType]::ParameterName, 'How digests are printed [default: one alone in hex; several as a table on a terminal, else as JSON lines]')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Print every launch update with the digest after it; the last line''s is the launch digest')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
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
        'sev-launch;import' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('libvirt', 'libvirt', [CompletionResultType]::ParameterValue, 'A libvirt domain''s XML; that of the running domain (virsh dumpxml) says most')
            [CompletionResult]::new('qemu', 'qemu', [CompletionResultType]::ParameterValue, 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE''s qm showcmd prints')
            [CompletionResult]::new('proxmox', 'proxmox', [CompletionResultType]::ParameterValue, 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE''s qm showcmd prints')
            [CompletionResult]::new('kata', 'kata', [CompletionResultType]::ParameterValue, 'A Kata Containers configuration, as it is installed')
            [CompletionResult]::new('check-policy', 'check-policy', [CompletionResultType]::ParameterValue, 'A policy of go-sev-guest''s check, as text: what comes of it are demands, for `verify --demands`')
            [CompletionResult]::new('kubevirt', 'kubevirt', [CompletionResultType]::ParameterValue, 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most')
            [CompletionResult]::new('nova', 'nova', [CompletionResultType]::ParameterValue, 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them')
            [CompletionResult]::new('openstack', 'openstack', [CompletionResultType]::ParameterValue, 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;import;libvirt' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description, the place of each value, the warnings and what is unknown')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;import;qemu' {
            [CompletionResult]::new('--pid', '--pid', [CompletionResultType]::ParameterName, 'A running QEMU, by its process ID')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--argv', '--argv', [CompletionResultType]::ParameterName, 'The file has an argument on each line')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description, the place of each value, the warnings and what is unknown')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;import;proxmox' {
            [CompletionResult]::new('--pid', '--pid', [CompletionResultType]::ParameterName, 'A running QEMU, by its process ID')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--argv', '--argv', [CompletionResultType]::ParameterName, 'The file has an argument on each line')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description, the place of each value, the warnings and what is unknown')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;import;kata' {
            [CompletionResult]::new('--annotations', '--annotations', [CompletionResultType]::ParameterName, 'The pod, or its annotations alone, in YAML or JSON; `crictl inspectp ID` prints those of a pod that runs')
            [CompletionResult]::new('--pod', '--pod', [CompletionResultType]::ParameterName, 'The pod, or its annotations alone, in YAML or JSON; `crictl inspectp ID` prints those of a pod that runs')
            [CompletionResult]::new('--runtime', '--runtime', [CompletionResultType]::ParameterName, 'The runtime that starts the pod, go or rust; the configuration tells it too, and must not contradict')
            [CompletionResult]::new('--release', '--release', [CompletionResultType]::ParameterName, 'The release that is installed (3.2 to 4.1, as 3.30.0, or CC-0.8.1): each assembles another kernel command line')
            [CompletionResult]::new('--host-cpus', '--host-cpus', [CompletionResultType]::ParameterName, 'How many CPUs the host has, where a configuration takes its vCPUs or nr_cpus from there')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description, the place of each value, the warnings and what is unknown')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;import;check-policy' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description, the place of each value, the warnings and what is unknown')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;import;kubevirt' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description, the place of each value, the warnings and what is unknown')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;import;nova' {
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'The same by name')
            [CompletionResult]::new('--flavor', '--flavor', [CompletionResultType]::ParameterName, 'The flavor')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'The image')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description, the place of each value, the warnings and what is unknown')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;import;openstack' {
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'The same by name')
            [CompletionResult]::new('--flavor', '--flavor', [CompletionResultType]::ParameterName, 'The flavor')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'The image')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the description is written; - is standard output')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description, the place of each value, the warnings and what is unknown')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;import;help' {
            [CompletionResult]::new('libvirt', 'libvirt', [CompletionResultType]::ParameterValue, 'A libvirt domain''s XML; that of the running domain (virsh dumpxml) says most')
            [CompletionResult]::new('qemu', 'qemu', [CompletionResultType]::ParameterValue, 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE''s qm showcmd prints')
            [CompletionResult]::new('kata', 'kata', [CompletionResultType]::ParameterValue, 'A Kata Containers configuration, as it is installed')
            [CompletionResult]::new('check-policy', 'check-policy', [CompletionResultType]::ParameterValue, 'A policy of go-sev-guest''s check, as text: what comes of it are demands, for `verify --demands`')
            [CompletionResult]::new('kubevirt', 'kubevirt', [CompletionResultType]::ParameterValue, 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most')
            [CompletionResult]::new('nova', 'nova', [CompletionResultType]::ParameterValue, 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;import;help;libvirt' {
            break
        }
        'sev-launch;import;help;qemu' {
            break
        }
        'sev-launch;import;help;kata' {
            break
        }
        'sev-launch;import;help;check-policy' {
            break
        }
        'sev-launch;import;help;kubevirt' {
            break
        }
        'sev-launch;import;help;nova' {
            break
        }
        'sev-launch;import;help;help' {
            break
        }
        'sev-launch;describe' {
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the description and the origin of each of its keys')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;verify' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'An SNP guest''s attestation report, to be verified and held against the guest''s digests, in any form: raw, hex, base64, with its certificate table, in Azure''s envelope, in JSON')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'The technology, as `digest` takes it: the evidence says it already, and must say the same')
            [CompletionResult]::new('--endorsement', '--endorsement', [CompletionResultType]::ParameterName, 'A cloud''s launch endorsement, whose digests are accepted once it is verified: a .binarypb file of Google''s or the certificate table with one, Azure''s reference-info-base64. With --vcpus, the digest for exactly so many VMSAs alone')
            [CompletionResult]::new('--endorsement-root', '--endorsement-root', [CompletionResultType]::ParameterName, 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing')
            [CompletionResult]::new('--endorsement-issuer', '--endorsement-issuer', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID')
            [CompletionResult]::new('--endorsement-feed', '--endorsement-feed', [CompletionResultType]::ParameterName, 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM')
            [CompletionResult]::new('--endorsement-min-svn', '--endorsement-min-svn', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]')
            [CompletionResult]::new('--evidence', '--evidence', [CompletionResultType]::ParameterName, 'What QMP''s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--measurement', '--measurement', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--launch-measure-blob', '--launch-measure-blob', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--api-major', '--api-major', [CompletionResultType]::ParameterName, 'The platform''s API version: major')
            [CompletionResult]::new('--api-minor', '--api-minor', [CompletionResultType]::ParameterName, 'The platform''s API version: minor')
            [CompletionResult]::new('--build-id', '--build-id', [CompletionResultType]::ParameterName, 'The platform''s build')
            [CompletionResult]::new('--tik', '--tik', [CompletionResultType]::ParameterName, 'The session''s TIK: 16 bytes, raw, hex or base64')
            [CompletionResult]::new('--tek', '--tek', [CompletionResultType]::ParameterName, 'The session''s TEK: only secrets need it')
            [CompletionResult]::new('--tk', '--tk', [CompletionResultType]::ParameterName, 'TEK and TIK in one file of 32 bytes, in this order')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'The manifest whose rows are accepted: the verdict says which one it was')
            [CompletionResult]::new('--manifest-key', '--manifest-key', [CompletionResultType]::ParameterName, 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no')
            [CompletionResult]::new('--accept-root', '--accept-root', [CompletionResultType]::ParameterName, 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat')
            [CompletionResult]::new('--launch-digest', '--launch-digest', [CompletionResultType]::ParameterName, 'A launch digest that is accepted, where it is known already: 32 bytes in SEV and SEV-ES, 48 in SNP. May repeat')
            [CompletionResult]::new('--launch-digest-file', '--launch-digest-file', [CompletionResultType]::ParameterName, 'A file with such digests, one on each line; empty lines and those that begin with # do not count')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--require', '--require', [CompletionResultType]::ParameterName, 'Bits that the policy must have, comma-separated: one that is missing is a no')
            [CompletionResult]::new('--require-api', '--require-api', [CompletionResultType]::ParameterName, 'The lowest API version of the platform that is accepted, for example 1.55 [default: any]')
            [CompletionResult]::new('--require-build', '--require-build', [CompletionResultType]::ParameterName, 'The lowest build of the platform that is accepted [default: any]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat')
            [CompletionResult]::new('--inject-secret', '--inject-secret', [CompletionResultType]::ParameterName, 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat')
            [CompletionResult]::new('--secret-header', '--secret-header', [CompletionResultType]::ParameterName, 'Where the packet''s header is written, in base64')
            [CompletionResult]::new('--secret-payload', '--secret-payload', [CompletionResultType]::ParameterName, 'Where the packet''s payload is written, in base64')
            [CompletionResult]::new('--vek', '--vek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--vcek', '--vcek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--vlek', '--vlek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--chain', '--chain', [CompletionResultType]::ParameterName, 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD''s built-in keys')
            [CompletionResult]::new('--certificates', '--certificates', [CompletionResultType]::ParameterName, 'The table of certificates that the host gives the guest beside a report; the flags above go before it')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'AMD''s revocation list in DER, from its key server [default: revocation is not asked]')
            [CompletionResult]::new('--time', '--time', [CompletionResultType]::ParameterName, 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The ARK of a lab that signs its own chains; AMD''s are then refused')
            [CompletionResult]::new('--demands', '--demands', [CompletionResultType]::ParameterName, 'A file of demands, in TOML or JSON, each of which is added to the flags'' own: its keys are the names of these flags with _ for -, for example vmpl = 0. May repeat')
            [CompletionResult]::new('--policy-set', '--policy-set', [CompletionResultType]::ParameterName, 'Bits that the policy must have, by AMD''s names, comma-separated, for example SINGLE_SOCKET,RAPL_DIS')
            [CompletionResult]::new('--policy-clear', '--policy-clear', [CompletionResultType]::ParameterName, 'Bits that the policy must not have, for example SMT,CXL_ALLOW')
            [CompletionResult]::new('--min-policy-abi', '--min-policy-abi', [CompletionResultType]::ParameterName, 'The lowest ABI version that the policy must ask of the platform, for example 1.51')
            [CompletionResult]::new('--generation', '--generation', [CompletionResultType]::ParameterName, 'The generations that are accepted [default: Milan, Genoa, Turin; of those, the ones with TCB levels if only some have them]')
            [CompletionResult]::new('--min-tcb', '--min-tcb', [CompletionResultType]::ParameterName, 'The lowest levels that each TCB version may have (reported, current, committed, launch), for example bootloader=4,tee=0,snp=24,microcode=219; with fmc=… for Turin, and only for it; milan:… is for one generation, and the others are refused unless they have levels too or are named')
            [CompletionResult]::new('--min-platform-tcb', '--min-platform-tcb', [CompletionResultType]::ParameterName, 'The same of the TCB versions that the platform has now (reported, current, committed)')
            [CompletionResult]::new('--min-launch-tcb', '--min-launch-tcb', [CompletionResultType]::ParameterName, 'The same of the TCB version at launch')
            [CompletionResult]::new('--min-firmware', '--min-firmware', [CompletionResultType]::ParameterName, 'The lowest version of the firmware that runs, for example 1.55.29')
            [CompletionResult]::new('--min-firmware-build', '--min-firmware-build', [CompletionResultType]::ParameterName, 'The lowest build of the firmware that runs, whatever its version')
            [CompletionResult]::new('--min-committed-firmware', '--min-committed-firmware', [CompletionResultType]::ParameterName, 'The lowest version of the firmware that the platform cannot go back behind')
            [CompletionResult]::new('--advisory', '--advisory', [CompletionResultType]::ParameterName, 'AMD''s security bulletins that the platform must be mended of, for example AMD-SB-3019; what is not known of one is not enough')
            [CompletionResult]::new('--platform-set', '--platform-set', [CompletionResultType]::ParameterName, 'Bits that PLATFORM_INFO must have, by AMD''s names, for example ALIAS_CHECK_COMPLETE')
            [CompletionResult]::new('--platform-clear', '--platform-clear', [CompletionResultType]::ParameterName, 'Bits that PLATFORM_INFO must not have, for example SMT_EN')
            [CompletionResult]::new('--report-data', '--report-data', [CompletionResultType]::ParameterName, 'What the guest must have put into the report: 64 bytes in hex or base64. It is what makes a report fresh')
            [CompletionResult]::new('--host-data', '--host-data', [CompletionResultType]::ParameterName, 'What the host must have given at launch: 32 bytes')
            [CompletionResult]::new('--id-key-digest', '--id-key-digest', [CompletionResultType]::ParameterName, 'The key that must have signed the ID block: SHA-384 of its 1028 bytes, as `sev-launch id-block check` prints it')
            [CompletionResult]::new('--author-key-digest', '--author-key-digest', [CompletionResultType]::ParameterName, 'The key that must have signed the ID key')
            [CompletionResult]::new('--trusted-id-key', '--trusted-id-key', [CompletionResultType]::ParameterName, 'Keys of which one must have signed the ID block: each by its digest, or a certificate or public key of it')
            [CompletionResult]::new('--trusted-author-key', '--trusted-author-key', [CompletionResultType]::ParameterName, 'Keys of which one must have signed the ID key, unless that is trusted itself')
            [CompletionResult]::new('--min-guest-svn', '--min-guest-svn', [CompletionResultType]::ParameterName, 'The lowest security version that the guest''s ID block may have')
            [CompletionResult]::new('--family-id', '--family-id', [CompletionResultType]::ParameterName, 'The family that the ID block must have: 16 bytes')
            [CompletionResult]::new('--image-id', '--image-id', [CompletionResultType]::ParameterName, 'The image that the ID block must have: 16 bytes')
            [CompletionResult]::new('--vmpl', '--vmpl', [CompletionResultType]::ParameterName, 'The privilege level that must have asked for the report [default: 0 to 3, not the host]')
            [CompletionResult]::new('--report-id', '--report-id', [CompletionResultType]::ParameterName, 'The number that the platform must have given the guest: 32 bytes')
            [CompletionResult]::new('--report-id-ma', '--report-id-ma', [CompletionResultType]::ParameterName, 'The number of the migration agent: 32 bytes, all ff for none')
            [CompletionResult]::new('--chip-id', '--chip-id', [CompletionResultType]::ParameterName, 'The chip that it must be: 64 bytes, or the 8 of Turin')
            [CompletionResult]::new('--signing-key', '--signing-key', [CompletionResultType]::ParameterName, 'The kind of key that must have signed the report: vcek (the chip''s own) or vlek (the cloud provider''s)')
            [CompletionResult]::new('--min-report-version', '--min-report-version', [CompletionResultType]::ParameterName, 'The lowest version of the report''s structure')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy that the session was made for, as 0x5 or NODBG+ES; for a report, the guest''s, as 0x30000 or SMT')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('--allow-other-policy', '--allow-other-policy', [CompletionResultType]::ParameterName, 'Accept another guest policy than the one that the endorsement says')
            [CompletionResult]::new('--accept-endorsed', '--accept-endorsed', [CompletionResultType]::ParameterName, 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it')
            [CompletionResult]::new('--accept-observed', '--accept-observed', [CompletionResultType]::ParameterName, 'Accept observed rows too whose evidence was verified under AMD''s roots: what some chip ran, whoever''s it was')
            [CompletionResult]::new('--accept-unverified', '--accept-unverified', [CompletionResultType]::ParameterName, 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('--allow-masked-chip-id', '--allow-masked-chip-id', [CompletionResultType]::ParameterName, 'Accept a VCEK''s report whose CHIP_ID the host has masked (all zeros)')
            [CompletionResult]::new('--allow-unknown-version', '--allow-unknown-version', [CompletionResultType]::ParameterName, 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say of each file of evidence what was in it, and what that was taken out of')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say of each file of evidence what was in it, and what that was taken out of')
            [CompletionResult]::new('--allow-migration-agent', '--allow-migration-agent', [CompletionResultType]::ParameterName, 'Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs')
            [CompletionResult]::new('--allow-provisional-firmware', '--allow-provisional-firmware', [CompletionResultType]::ParameterName, 'Accept a platform whose firmware is running but not committed: its host can go back to older firmware, with older faults')
            [CompletionResult]::new('--allow-launch-tcb-above-current', '--allow-launch-tcb-above-current', [CompletionResultType]::ParameterName, 'Accept a platform that runs less than LAUNCH_TCB: it went back to older firmware since the launch, or a migration agent brought the guest from a newer platform')
            [CompletionResult]::new('--allow-reserved-bits', '--allow-reserved-bits', [CompletionResultType]::ParameterName, 'Accept reserved bytes, and bits without a name in KEY_INFO, PLATFORM_INFO and TCB versions, that are not zero: what they mean is not known')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;explain' {
            [CompletionResult]::new('--reported', '--reported', [CompletionResultType]::ParameterName, 'The launch digest that was reported: 32 bytes in SEV and SEV-ES, 48 in SNP, in hex or base64; or the SNP report that has it, in any form. Typed, in a file, or - for standard input')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'The SNP report whose MEASUREMENT it is, in any form: raw, hex, base64, with its certificate table, in Azure''s envelope, in JSON. Its signature is not looked at')
            [CompletionResult]::new('--evidence', '--evidence', [CompletionResultType]::ParameterName, 'What QMP''s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--measurement', '--measurement', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--launch-measure-blob', '--launch-measure-blob', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--api-major', '--api-major', [CompletionResultType]::ParameterName, 'The platform''s API version: major')
            [CompletionResult]::new('--api-minor', '--api-minor', [CompletionResultType]::ParameterName, 'The platform''s API version: minor')
            [CompletionResult]::new('--build-id', '--build-id', [CompletionResultType]::ParameterName, 'The platform''s build')
            [CompletionResult]::new('--tik', '--tik', [CompletionResultType]::ParameterName, 'The TIK of the session that the measurement is of: 16 bytes, raw, hex or base64')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy that the session was made for, as 0x5 or NODBG+ES [default: the description''s]')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'The technology: sev, seves (sev-es), snp (sev-snp), snp:svsm (an SVSM before the firmware). A description, --report and --policy say it too')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--candidate', '--candidate', [CompletionResultType]::ParameterName, 'A file that may have been taken as firmware, kernel or initrd. May repeat')
            [CompletionResult]::new('--candidate-dir', '--candidate-dir', [CompletionResultType]::ParameterName, 'A folder of such files; folders in it are not entered')
            [CompletionResult]::new('--axes', '--axes', [CompletionResultType]::ParameterName, 'A description whose values are tried too: command lines, CPUs, vCPU counts, features, policy, files')
            [CompletionResult]::new('--max-changes', '--max-changes', [CompletionResultType]::ParameterName, 'How many facts are changed together at most')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'How many seconds the search may take')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;preflight' {
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Facts of a host, as `sev-launch host collect` writes them (- is standard input)')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy, in place of the description''s, as 0x30000, SMT+ABI=1.55 or NODBG+ES')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave warnings out')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave warnings out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;host' {
            [CompletionResult]::new('--collected', '--collected', [CompletionResultType]::ParameterName, 'Facts that `sev-launch host collect` wrote, in place of this machine''s (- is standard input)')
            [CompletionResult]::new('--require', '--require', [CompletionResultType]::ParameterName, 'Technologies that must be there, comma-separated: sev, sev-es, snp')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('collect', 'collect', [CompletionResultType]::ParameterValue, 'Write this host''s facts into a file that holds nothing secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;host;collect' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'A folder with a copy of another host''s /proc, /sys and /dev, in place of this host: no program is run')
            [CompletionResult]::new('--kernel-log', '--kernel-log', [CompletionResultType]::ParameterName, 'What dmesg or journalctl -k printed')
            [CompletionResult]::new('--domain-capabilities', '--domain-capabilities', [CompletionResultType]::ParameterName, 'What virsh domcapabilities printed')
            [CompletionResult]::new('--qemu-version', '--qemu-version', [CompletionResultType]::ParameterName, 'What qemu-system-x86_64 --version printed')
            [CompletionResult]::new('--libvirt-version', '--libvirt-version', [CompletionResultType]::ParameterName, 'What virsh --version printed')
            [CompletionResult]::new('--ovmf-version', '--ovmf-version', [CompletionResultType]::ParameterName, 'The version of OVMF''s package')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The file to write [default: standard output]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The file to write [default: standard output]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;host;help' {
            [CompletionResult]::new('collect', 'collect', [CompletionResultType]::ParameterValue, 'Write this host''s facts into a file that holds nothing secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;host;help;collect' {
            break
        }
        'sev-launch;host;help;help' {
            break
        }
        'sev-launch;rehearse' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--platform', '--platform', [CompletionResultType]::ParameterName, 'The platform, as `sev-launch platform new` made it [default: a new one each time]')
            [CompletionResult]::new('--api', '--api', [CompletionResultType]::ParameterName, 'The version of the AMD-SP''s API with its build, as 1.55.21 [default: the generation''s]')
            [CompletionResult]::new('--host-signature', '--host-signature', [CompletionResultType]::ParameterName, 'CPUID Fn0000_0001 EAX of the host''s processor, which -cpu host stands for [default: a usual one of its generation]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How many seconds the VMM may take to launch its guest, where it does not stay')
            [CompletionResult]::new('--expect-secret', '--expect-secret', [CompletionResultType]::ParameterName, 'A secret that must have arrived where the firmware looks for it. May repeat. It is injected by whoever speaks to the VMM, so --stay is needed')
            [CompletionResult]::new('--inject-secret', '--inject-secret', [CompletionResultType]::ParameterName, 'Play the guest''s owner too, with a secret to inject, as GUID:FILE or luks-key:FILE: a session is made for the platform, the measurement judged, and only after a yes the secret goes in, through a monitor of QEMU''s. May repeat. SEV and SEV-ES')
            [CompletionResult]::new('--require', '--require', [CompletionResultType]::ParameterName, 'Bits that the policy must have, comma-separated: one that is missing is a no')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Something that goes wrong on purpose: wrong-measurement, stale-nonce, changed-page, extra-vcpu, refused-policy or slow-answers. May repeat')
            [CompletionResult]::new('--save', '--save', [CompletionResultType]::ParameterName, 'A new folder for what was measured: each update''s bytes in a file')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--no-prediction', '--no-prediction', [CompletionResultType]::ParameterName, 'Hold it against nothing: for a VMM that is not QEMU')
            [CompletionResult]::new('--stay', '--stay', [CompletionResultType]::ParameterName, 'Leave the VMM running after the launch, with standard input and output, and end with its exit code')
            [CompletionResult]::new('--tells-parent', '--tells-parent', [CompletionResultType]::ParameterName, 'Standard input is where the exit code is told of a VMM that goes to the background: `rehearse` starts itself with this flag')
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Print each update with the digest after it; the last one is the launch digest')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;platform' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a platform, in a new folder')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write its certificates into a new folder: what a host exports, and the authority above it')
            [CompletionResult]::new('launch', 'launch', [CompletionResultType]::ParameterValue, 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets')
            [CompletionResult]::new('inject', 'inject', [CompletionResultType]::ParameterValue, 'Give a guest the packet of an attestation service, and list the secrets that arrive')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say what it is')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;platform;new' {
            [CompletionResult]::new('--generation', '--generation', [CompletionResultType]::ParameterName, 'The generation of its processor')
            [CompletionResult]::new('--api', '--api', [CompletionResultType]::ParameterName, 'The version of the AMD-SP''s API with its build, as 1.55.21 [default: the generation''s]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;platform;export' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;platform;launch' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;platform;inject' {
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Print the secrets themselves, in base64')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;platform;status' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;platform;help' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a platform, in a new folder')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write its certificates into a new folder: what a host exports, and the authority above it')
            [CompletionResult]::new('launch', 'launch', [CompletionResultType]::ParameterValue, 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets')
            [CompletionResult]::new('inject', 'inject', [CompletionResultType]::ParameterValue, 'Give a guest the packet of an attestation service, and list the secrets that arrive')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say what it is')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;platform;help;new' {
            break
        }
        'sev-launch;platform;help;export' {
            break
        }
        'sev-launch;platform;help;launch' {
            break
        }
        'sev-launch;platform;help;inject' {
            break
        }
        'sev-launch;platform;help;status' {
            break
        }
        'sev-launch;platform;help;help' {
            break
        }
        'sev-launch;manifest' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Compute every launch described, and write a manifest')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Compute a manifest again from the files at hand, and name what changed')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say what differs between two manifests, and which change explains which digest')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a manifest: its inputs, its rows, and what is noteworthy about them')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a row for what a host reported: observed, not computed')
            [CompletionResult]::new('publish', 'publish', [CompletionResultType]::ParameterValue, 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a manifest with a key in a file, to be verified without a network')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;manifest;build' {
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'The technology: sev, seves (sev-es), snp (sev-snp), snp:svsm. A description may say it instead')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the manifest is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the manifest is written; - is standard output')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What the guest is called [default: the description''s file, without its ending]')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--keep-others', '--keep-others', [CompletionResultType]::ParameterName, 'Keep rows that were observed or endorsed although their digests are none of those computed now')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;manifest;check' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--endorsement-root', '--endorsement-root', [CompletionResultType]::ParameterName, 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing')
            [CompletionResult]::new('--endorsement-issuer', '--endorsement-issuer', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID')
            [CompletionResult]::new('--endorsement-feed', '--endorsement-feed', [CompletionResultType]::ParameterName, 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM')
            [CompletionResult]::new('--endorsement-min-svn', '--endorsement-min-svn', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the outcome is printed')
            [CompletionResult]::new('--manifest-key', '--manifest-key', [CompletionResultType]::ParameterName, 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: --format json')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;manifest;diff' {
            [CompletionResult]::new('--manifest-key', '--manifest-key', [CompletionResultType]::ParameterName, 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;manifest;show' {
            [CompletionResult]::new('--manifest-key', '--manifest-key', [CompletionResultType]::ParameterName, 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print it as the JSON that is stored, once it was found to be sound')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;manifest;add' {
            [CompletionResult]::new('--from-report', '--from-report', [CompletionResultType]::ParameterName, 'An SNP guest''s attestation report: its MEASUREMENT is the digest')
            [CompletionResult]::new('--from-measurement', '--from-measurement', [CompletionResultType]::ParameterName, 'A SEV or SEV-ES launch measurement, as QMP or virsh domlaunchsecinfo prints it')
            [CompletionResult]::new('--endorsement', '--endorsement', [CompletionResultType]::ParameterName, 'A cloud''s launch endorsement, in any form that `verify --endorsement` takes: a row for each number of VMSAs, and its bytes kept')
            [CompletionResult]::new('--endorsement-root', '--endorsement-root', [CompletionResultType]::ParameterName, 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing')
            [CompletionResult]::new('--endorsement-issuer', '--endorsement-issuer', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID')
            [CompletionResult]::new('--endorsement-feed', '--endorsement-feed', [CompletionResultType]::ParameterName, 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM')
            [CompletionResult]::new('--endorsement-min-svn', '--endorsement-min-svn', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]')
            [CompletionResult]::new('--vek', '--vek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--vcek', '--vcek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--vlek', '--vlek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--chain', '--chain', [CompletionResultType]::ParameterName, 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD''s built-in keys')
            [CompletionResult]::new('--certificates', '--certificates', [CompletionResultType]::ParameterName, 'The table of certificates that the host gives the guest beside a report; the flags above go before it')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'AMD''s revocation list in DER, from its key server [default: revocation is not asked]')
            [CompletionResult]::new('--time', '--time', [CompletionResultType]::ParameterName, 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The ARK of a lab that signs its own chains; AMD''s are then refused')
            [CompletionResult]::new('--evidence', '--evidence', [CompletionResultType]::ParameterName, 'What QMP''s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--measurement', '--measurement', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--launch-measure-blob', '--launch-measure-blob', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--api-major', '--api-major', [CompletionResultType]::ParameterName, 'The platform''s API version: major')
            [CompletionResult]::new('--api-minor', '--api-minor', [CompletionResultType]::ParameterName, 'The platform''s API version: minor')
            [CompletionResult]::new('--build-id', '--build-id', [CompletionResultType]::ParameterName, 'The platform''s build')
            [CompletionResult]::new('--tik', '--tik', [CompletionResultType]::ParameterName, 'The session''s TIK: 16 bytes, raw, hex or base64')
            [CompletionResult]::new('--tek', '--tek', [CompletionResultType]::ParameterName, 'The session''s TEK: only secrets need it')
            [CompletionResult]::new('--tk', '--tk', [CompletionResultType]::ParameterName, 'TEK and TIK in one file of 32 bytes, in this order')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy that the session was made for, as 0x5 or NODBG+ES')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs the guest was started with, as far as is known')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--when', '--when', [CompletionResultType]::ParameterName, 'When it was observed, as it shall be written down')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the manifest is written [default: in its place]; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the manifest is written [default: in its place]; - is standard output')
            [CompletionResult]::new('--allow-masked-chip-id', '--allow-masked-chip-id', [CompletionResultType]::ParameterName, 'Accept a VCEK''s report whose CHIP_ID the host has masked (all zeros)')
            [CompletionResult]::new('--allow-unknown-version', '--allow-unknown-version', [CompletionResultType]::ParameterName, 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say of each file of evidence what was in it, and what that was taken out of')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say of each file of evidence what was in it, and what that was taken out of')
            [CompletionResult]::new('--allow-contradiction', '--allow-contradiction', [CompletionResultType]::ParameterName, 'Add the row although it contradicts what was computed')
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Accept evidence of a guest whose memory the host can read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;manifest;publish' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The verifier''s form')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where it is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where it is written; - is standard output')
            [CompletionResult]::new('--accept-root', '--accept-root', [CompletionResultType]::ParameterName, 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat')
            [CompletionResult]::new('--manifest-key', '--manifest-key', [CompletionResultType]::ParameterName, 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no')
            [CompletionResult]::new('--endorsement-root', '--endorsement-root', [CompletionResultType]::ParameterName, 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing')
            [CompletionResult]::new('--endorsement-issuer', '--endorsement-issuer', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID')
            [CompletionResult]::new('--endorsement-feed', '--endorsement-feed', [CompletionResultType]::ParameterName, 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM')
            [CompletionResult]::new('--endorsement-min-svn', '--endorsement-min-svn', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]')
            [CompletionResult]::new('--min-api', '--min-api', [CompletionResultType]::ParameterName, 'simple-kbs: the least API version of the platform, for example 1.55 [default: any]')
            [CompletionResult]::new('--build-ids', '--build-ids', [CompletionResultType]::ParameterName, 'simple-kbs: the builds of the platform that are accepted, comma-separated [default: any]')
            [CompletionResult]::new('--package', '--package', [CompletionResultType]::ParameterName, 'Rego: the module''s package')
            [CompletionResult]::new('--claim', '--claim', [CompletionResultType]::ParameterName, 'Rego: where the claim stands in the input, parts separated by dots [default in SNP: snp.measurement]')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'ConfigMap: the object''s name')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'ConfigMap: its namespace [default: none is written]')
            [CompletionResult]::new('--accept-endorsed', '--accept-endorsed', [CompletionResultType]::ParameterName, 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it')
            [CompletionResult]::new('--accept-observed', '--accept-observed', [CompletionResultType]::ParameterName, 'Accept observed rows too whose evidence was verified under AMD''s roots: what some chip ran, whoever''s it was')
            [CompletionResult]::new('--accept-unverified', '--accept-unverified', [CompletionResultType]::ParameterName, 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported')
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Do it although the policy lets the host read the guest''s memory')
            [CompletionResult]::new('--allow-migration-agent', '--allow-migration-agent', [CompletionResultType]::ParameterName, 'Do it although the policy lets a migration agent decide where else the guest runs (SNP)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;manifest;sign' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, on P-256, not encrypted: PKCS#8 or SEC1, in PEM or DER')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the signed manifest is written, best beside the manifest, whose paths it has; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the signed manifest is written, best beside the manifest, whose paths it has; - is standard output')
            [CompletionResult]::new('--accept-root', '--accept-root', [CompletionResultType]::ParameterName, 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat')
            [CompletionResult]::new('--endorsement-root', '--endorsement-root', [CompletionResultType]::ParameterName, 'The root that launch endorsements are signed under, DER or PEM: none is built in, and one that stands in a manifest counts for nothing')
            [CompletionResult]::new('--endorsement-issuer', '--endorsement-issuer', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the issuer, exactly, as did:x509:0:sha256:FINGERPRINT::eku:OID')
            [CompletionResult]::new('--endorsement-feed', '--endorsement-feed', [CompletionResultType]::ParameterName, 'Azure''s utility VM: what the endorsement is of, exactly, as ContainerPlat-AMD-UVM')
            [CompletionResult]::new('--endorsement-min-svn', '--endorsement-min-svn', [CompletionResultType]::ParameterName, 'Azure''s utility VM: the lowest guest SVN that is accepted [default: any]')
            [CompletionResult]::new('--accept-endorsed', '--accept-endorsed', [CompletionResultType]::ParameterName, 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it')
            [CompletionResult]::new('--accept-observed', '--accept-observed', [CompletionResultType]::ParameterName, 'Accept observed rows too whose evidence was verified under AMD''s roots: what some chip ran, whoever''s it was')
            [CompletionResult]::new('--accept-unverified', '--accept-unverified', [CompletionResultType]::ParameterName, 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported')
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Do it although the policy lets the host read the guest''s memory')
            [CompletionResult]::new('--allow-migration-agent', '--allow-migration-agent', [CompletionResultType]::ParameterName, 'Do it although the policy lets a migration agent decide where else the guest runs (SNP)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;manifest;help' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Compute every launch described, and write a manifest')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Compute a manifest again from the files at hand, and name what changed')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say what differs between two manifests, and which change explains which digest')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a manifest: its inputs, its rows, and what is noteworthy about them')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a row for what a host reported: observed, not computed')
            [CompletionResult]::new('publish', 'publish', [CompletionResultType]::ParameterValue, 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a manifest with a key in a file, to be verified without a network')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;manifest;help;build' {
            break
        }
        'sev-launch;manifest;help;check' {
            break
        }
        'sev-launch;manifest;help;diff' {
            break
        }
        'sev-launch;manifest;help;show' {
            break
        }
        'sev-launch;manifest;help;add' {
            break
        }
        'sev-launch;manifest;help;publish' {
            break
        }
        'sev-launch;manifest;help;sign' {
            break
        }
        'sev-launch;manifest;help;help' {
            break
        }
        'sev-launch;session' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The start of the files'' names')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The folder for the files')
            [CompletionResult]::new('--pdh', '--pdh', [CompletionResultType]::ParameterName, 'The platform''s PDH, where the chain does not hold it (QMP''s and libvirt''s cert-chain), or apart')
            [CompletionResult]::new('--pek', '--pek', [CompletionResultType]::ParameterName, 'The PEK apart')
            [CompletionResult]::new('--oca', '--oca', [CompletionResultType]::ParameterName, 'The OCA apart')
            [CompletionResult]::new('--cek', '--cek', [CompletionResultType]::ParameterName, 'The CEK with AMD''s signature, from AMD''s key server: in place of the chain''s own, which a platform exports unsigned')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'AMD''s ASK and ARK in one file; without it those built in are used')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The ARK of a lab that signs its own chains; AMD''s are then refused')
            [CompletionResult]::new('--generation', '--generation', [CompletionResultType]::ParameterName, 'The generations that are accepted [default: all]')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The owner that must have signed the PEK: its OCA certificate, or the SHA-256 of that one''s key [default: any]')
            [CompletionResult]::new('--require', '--require', [CompletionResultType]::ParameterName, 'Bits that the policy must have, comma-separated: one that is missing is a no')
            [CompletionResult]::new('--unverified-pdh', '--unverified-pdh', [CompletionResultType]::ParameterName, 'Take CHAIN for a bare PDH, of which nothing is known: whoever made it can read the guest''s secrets')
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;secret' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Verify a launch measurement, and pack secrets for the launch that it proves')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Open a packet with its keys, and list the secrets in it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;secret;build' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'A secret as GUID:FILE or luks-key:FILE; the file''s bytes are the secret, line ends included. May repeat')
            [CompletionResult]::new('--evidence', '--evidence', [CompletionResultType]::ParameterName, 'What QMP''s query-sev and query-sev-launch-measure answer, or virsh domlaunchsecinfo prints; - is not taken')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--measurement', '--measurement', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--launch-measure-blob', '--launch-measure-blob', [CompletionResultType]::ParameterName, 'The launch measurement: 48 bytes in base64 or hex')
            [CompletionResult]::new('--api-major', '--api-major', [CompletionResultType]::ParameterName, 'The platform''s API version: major')
            [CompletionResult]::new('--api-minor', '--api-minor', [CompletionResultType]::ParameterName, 'The platform''s API version: minor')
            [CompletionResult]::new('--build-id', '--build-id', [CompletionResultType]::ParameterName, 'The platform''s build')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy that the session was made for, as 0x5 or NODBG+ES; for a report, the guest''s, as 0x30000 or SMT')
            [CompletionResult]::new('--tik', '--tik', [CompletionResultType]::ParameterName, 'The session''s TIK: 16 bytes, raw, hex or base64')
            [CompletionResult]::new('--tek', '--tek', [CompletionResultType]::ParameterName, 'The session''s TEK: only secrets need it')
            [CompletionResult]::new('--tk', '--tk', [CompletionResultType]::ParameterName, 'TEK and TIK in one file of 32 bytes, in this order')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'The manifest whose rows are accepted: the verdict says which one it was')
            [CompletionResult]::new('--manifest-key', '--manifest-key', [CompletionResultType]::ParameterName, 'Take the manifest only if it is signed by this key: the public half, on P-256, in PEM or DER. May repeat: one of them is enough. A manifest that is not signed, or by another key, is a no')
            [CompletionResult]::new('--accept-root', '--accept-root', [CompletionResultType]::ParameterName, 'Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat')
            [CompletionResult]::new('--launch-digest', '--launch-digest', [CompletionResultType]::ParameterName, 'A launch digest that is accepted, where it is known already: 32 bytes in SEV and SEV-ES, 48 in SNP. May repeat')
            [CompletionResult]::new('--launch-digest-file', '--launch-digest-file', [CompletionResultType]::ParameterName, 'A file with such digests, one on each line; empty lines and those that begin with # do not count')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--require', '--require', [CompletionResultType]::ParameterName, 'Bits that the policy must have, comma-separated: one that is missing is a no')
            [CompletionResult]::new('--require-api', '--require-api', [CompletionResultType]::ParameterName, 'The lowest API version of the platform that is accepted, for example 1.55 [default: any]')
            [CompletionResult]::new('--require-build', '--require-build', [CompletionResultType]::ParameterName, 'The lowest build of the platform that is accepted [default: any]')
            [CompletionResult]::new('--accept-endorsed', '--accept-endorsed', [CompletionResultType]::ParameterName, 'Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it')
            [CompletionResult]::new('--accept-observed', '--accept-observed', [CompletionResultType]::ParameterName, 'Accept observed rows too whose evidence was verified under AMD''s roots: what some chip ran, whoever''s it was')
            [CompletionResult]::new('--accept-unverified', '--accept-unverified', [CompletionResultType]::ParameterName, 'Accept every observed row, also those whose evidence nobody verified: whatever a host reported')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;secret;show' {
            [CompletionResult]::new('--tek', '--tek', [CompletionResultType]::ParameterName, 'The session''s TEK')
            [CompletionResult]::new('--tik', '--tik', [CompletionResultType]::ParameterName, 'The session''s TIK')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The launch measurement that the packet is for: 48 bytes in base64 or hex')
            [CompletionResult]::new('--measurement', '--measurement', [CompletionResultType]::ParameterName, 'The launch measurement that the packet is for: 48 bytes in base64 or hex')
            [CompletionResult]::new('--launch-measure-blob', '--launch-measure-blob', [CompletionResultType]::ParameterName, 'The launch measurement that the packet is for: 48 bytes in base64 or hex')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Print the secrets themselves, in base64')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;secret;help' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Verify a launch measurement, and pack secrets for the launch that it proves')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Open a packet with its keys, and list the secrets in it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;secret;help;build' {
            break
        }
        'sev-launch;secret;help;show' {
            break
        }
        'sev-launch;secret;help;help' {
            break
        }
        'sev-launch;report' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Name every field of a report; nothing is verified')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a report''s signature and the chain of certificates above it: a line for each check')
            [CompletionResult]::new('appraise', 'appraise', [CompletionResultType]::ParameterValue, 'Verify a report and compare it with what is demanded: a line for each demand')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'In a guest of SEV-SNP: fetch a report with the nonce of the owner''s service, and have it validated')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;report;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;report;verify' {
            [CompletionResult]::new('--vek', '--vek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--vcek', '--vcek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--vlek', '--vlek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--chain', '--chain', [CompletionResultType]::ParameterName, 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD''s built-in keys')
            [CompletionResult]::new('--certificates', '--certificates', [CompletionResultType]::ParameterName, 'The table of certificates that the host gives the guest beside a report; the flags above go before it')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'AMD''s revocation list in DER, from its key server [default: revocation is not asked]')
            [CompletionResult]::new('--time', '--time', [CompletionResultType]::ParameterName, 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The ARK of a lab that signs its own chains; AMD''s are then refused')
            [CompletionResult]::new('--allow-masked-chip-id', '--allow-masked-chip-id', [CompletionResultType]::ParameterName, 'Accept a VCEK''s report whose CHIP_ID the host has masked (all zeros)')
            [CompletionResult]::new('--allow-unknown-version', '--allow-unknown-version', [CompletionResultType]::ParameterName, 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say of each file of evidence what was in it, and what that was taken out of')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say of each file of evidence what was in it, and what that was taken out of')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;report;appraise' {
            [CompletionResult]::new('--vek', '--vek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--vcek', '--vcek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--vlek', '--vlek', [CompletionResultType]::ParameterName, 'The VCEK or VLEK that the report is signed by: DER, PEM, or what has one in it, such as the answer of Azure''s THIM')
            [CompletionResult]::new('--chain', '--chain', [CompletionResultType]::ParameterName, 'ASK or ASVK, and ARK: PEM or DER of one or both; without it what stands beside the VCEK is used, or AMD''s built-in keys')
            [CompletionResult]::new('--certificates', '--certificates', [CompletionResultType]::ParameterName, 'The table of certificates that the host gives the guest beside a report; the flags above go before it')
            [CompletionResult]::new('--crl', '--crl', [CompletionResultType]::ParameterName, 'AMD''s revocation list in DER, from its key server [default: revocation is not asked]')
            [CompletionResult]::new('--time', '--time', [CompletionResultType]::ParameterName, 'The time at which all must be valid, as 2026-01-31T12:00:00Z or in unix seconds [default: now]')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The ARK of a lab that signs its own chains; AMD''s are then refused')
            [CompletionResult]::new('--measurement', '--measurement', [CompletionResultType]::ParameterName, 'A launch digest that is accepted, where it is known already. May repeat. Without any, and without a guest, none is')
            [CompletionResult]::new('--launch-digest', '--launch-digest', [CompletionResultType]::ParameterName, 'A launch digest that is accepted, where it is known already. May repeat. Without any, and without a guest, none is')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy that the guest must have, exactly, as 0x30000 or SMT [default: any without debugging and migration agent]')
            [CompletionResult]::new('--demands', '--demands', [CompletionResultType]::ParameterName, 'A file of demands, in TOML or JSON, each of which is added to the flags'' own: its keys are the names of these flags with _ for -, for example vmpl = 0. May repeat')
            [CompletionResult]::new('--policy-set', '--policy-set', [CompletionResultType]::ParameterName, 'Bits that the policy must have, by AMD''s names, comma-separated, for example SINGLE_SOCKET,RAPL_DIS')
            [CompletionResult]::new('--policy-clear', '--policy-clear', [CompletionResultType]::ParameterName, 'Bits that the policy must not have, for example SMT,CXL_ALLOW')
            [CompletionResult]::new('--min-policy-abi', '--min-policy-abi', [CompletionResultType]::ParameterName, 'The lowest ABI version that the policy must ask of the platform, for example 1.51')
            [CompletionResult]::new('--generation', '--generation', [CompletionResultType]::ParameterName, 'The generations that are accepted [default: Milan, Genoa, Turin; of those, the ones with TCB levels if only some have them]')
            [CompletionResult]::new('--min-tcb', '--min-tcb', [CompletionResultType]::ParameterName, 'The lowest levels that each TCB version may have (reported, current, committed, launch), for example bootloader=4,tee=0,snp=24,microcode=219; with fmc=… for Turin, and only for it; milan:… is for one generation, and the others are refused unless they have levels too or are named')
            [CompletionResult]::new('--min-platform-tcb', '--min-platform-tcb', [CompletionResultType]::ParameterName, 'The same of the TCB versions that the platform has now (reported, current, committed)')
            [CompletionResult]::new('--min-launch-tcb', '--min-launch-tcb', [CompletionResultType]::ParameterName, 'The same of the TCB version at launch')
            [CompletionResult]::new('--min-firmware', '--min-firmware', [CompletionResultType]::ParameterName, 'The lowest version of the firmware that runs, for example 1.55.29')
            [CompletionResult]::new('--min-firmware-build', '--min-firmware-build', [CompletionResultType]::ParameterName, 'The lowest build of the firmware that runs, whatever its version')
            [CompletionResult]::new('--min-committed-firmware', '--min-committed-firmware', [CompletionResultType]::ParameterName, 'The lowest version of the firmware that the platform cannot go back behind')
            [CompletionResult]::new('--advisory', '--advisory', [CompletionResultType]::ParameterName, 'AMD''s security bulletins that the platform must be mended of, for example AMD-SB-3019; what is not known of one is not enough')
            [CompletionResult]::new('--platform-set', '--platform-set', [CompletionResultType]::ParameterName, 'Bits that PLATFORM_INFO must have, by AMD''s names, for example ALIAS_CHECK_COMPLETE')
            [CompletionResult]::new('--platform-clear', '--platform-clear', [CompletionResultType]::ParameterName, 'Bits that PLATFORM_INFO must not have, for example SMT_EN')
            [CompletionResult]::new('--report-data', '--report-data', [CompletionResultType]::ParameterName, 'What the guest must have put into the report: 64 bytes in hex or base64. It is what makes a report fresh')
            [CompletionResult]::new('--host-data', '--host-data', [CompletionResultType]::ParameterName, 'What the host must have given at launch: 32 bytes')
            [CompletionResult]::new('--id-key-digest', '--id-key-digest', [CompletionResultType]::ParameterName, 'The key that must have signed the ID block: SHA-384 of its 1028 bytes, as `sev-launch id-block check` prints it')
            [CompletionResult]::new('--author-key-digest', '--author-key-digest', [CompletionResultType]::ParameterName, 'The key that must have signed the ID key')
            [CompletionResult]::new('--trusted-id-key', '--trusted-id-key', [CompletionResultType]::ParameterName, 'Keys of which one must have signed the ID block: each by its digest, or a certificate or public key of it')
            [CompletionResult]::new('--trusted-author-key', '--trusted-author-key', [CompletionResultType]::ParameterName, 'Keys of which one must have signed the ID key, unless that is trusted itself')
            [CompletionResult]::new('--min-guest-svn', '--min-guest-svn', [CompletionResultType]::ParameterName, 'The lowest security version that the guest''s ID block may have')
            [CompletionResult]::new('--family-id', '--family-id', [CompletionResultType]::ParameterName, 'The family that the ID block must have: 16 bytes')
            [CompletionResult]::new('--image-id', '--image-id', [CompletionResultType]::ParameterName, 'The image that the ID block must have: 16 bytes')
            [CompletionResult]::new('--vmpl', '--vmpl', [CompletionResultType]::ParameterName, 'The privilege level that must have asked for the report [default: 0 to 3, not the host]')
            [CompletionResult]::new('--report-id', '--report-id', [CompletionResultType]::ParameterName, 'The number that the platform must have given the guest: 32 bytes')
            [CompletionResult]::new('--report-id-ma', '--report-id-ma', [CompletionResultType]::ParameterName, 'The number of the migration agent: 32 bytes, all ff for none')
            [CompletionResult]::new('--chip-id', '--chip-id', [CompletionResultType]::ParameterName, 'The chip that it must be: 64 bytes, or the 8 of Turin')
            [CompletionResult]::new('--signing-key', '--signing-key', [CompletionResultType]::ParameterName, 'The kind of key that must have signed the report: vcek (the chip''s own) or vlek (the cloud provider''s)')
            [CompletionResult]::new('--min-report-version', '--min-report-version', [CompletionResultType]::ParameterName, 'The lowest version of the report''s structure')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave warnings and notes out')
            [CompletionResult]::new('--allow-masked-chip-id', '--allow-masked-chip-id', [CompletionResultType]::ParameterName, 'Accept a VCEK''s report whose CHIP_ID the host has masked (all zeros)')
            [CompletionResult]::new('--allow-unknown-version', '--allow-unknown-version', [CompletionResultType]::ParameterName, 'Read a report of a version after the last known one as that one: what it adds then counts as reserved bits')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say of each file of evidence what was in it, and what that was taken out of')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say of each file of evidence what was in it, and what that was taken out of')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('--allow-migration-agent', '--allow-migration-agent', [CompletionResultType]::ParameterName, 'Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs')
            [CompletionResult]::new('--allow-provisional-firmware', '--allow-provisional-firmware', [CompletionResultType]::ParameterName, 'Accept a platform whose firmware is running but not committed: its host can go back to older firmware, with older faults')
            [CompletionResult]::new('--allow-launch-tcb-above-current', '--allow-launch-tcb-above-current', [CompletionResultType]::ParameterName, 'Accept a platform that runs less than LAUNCH_TCB: it went back to older firmware since the launch, or a migration agent brought the guest from a newer platform')
            [CompletionResult]::new('--allow-reserved-bits', '--allow-reserved-bits', [CompletionResultType]::ParameterName, 'Accept reserved bytes, and bits without a name in KEY_INFO, PLATFORM_INFO and TCB versions, that are not zero: what they mean is not known')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;report;fetch' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;report;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Name every field of a report; nothing is verified')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a report''s signature and the chain of certificates above it: a line for each check')
            [CompletionResult]::new('appraise', 'appraise', [CompletionResultType]::ParameterValue, 'Verify a report and compare it with what is demanded: a line for each demand')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'In a guest of SEV-SNP: fetch a report with the nonce of the owner''s service, and have it validated')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;report;help;show' {
            break
        }
        'sev-launch;report;help;verify' {
            break
        }
        'sev-launch;report;help;appraise' {
            break
        }
        'sev-launch;report;help;fetch' {
            break
        }
        'sev-launch;report;help;help' {
            break
        }
        'sev-launch;id-block' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build an ID block and its authentication')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Name each rule by which the AMD-SP would refuse a launch with them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;id-block;build' {
            [CompletionResult]::new('--digest', '--digest', [CompletionResultType]::ParameterName, 'The launch digest, in place of a guest')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy that the guest must have, as 0x30000 or SMT+ABI=1.55')
            [CompletionResult]::new('--family-id', '--family-id', [CompletionResultType]::ParameterName, 'A name for a family of guests: 16 bytes')
            [CompletionResult]::new('--image-id', '--image-id', [CompletionResultType]::ParameterName, 'A name for the image: 16 bytes')
            [CompletionResult]::new('--guest-svn', '--guest-svn', [CompletionResultType]::ParameterName, 'The image''s security version')
            [CompletionResult]::new('--id-key', '--id-key', [CompletionResultType]::ParameterName, 'The private ID key on P-384: SEC1 or PKCS#8, in PEM or DER')
            [CompletionResult]::new('--author-key', '--author-key', [CompletionResultType]::ParameterName, 'The private author key, which signs the ID key')
            [CompletionResult]::new('--id-public-key', '--id-public-key', [CompletionResultType]::ParameterName, 'The public half of an ID key that lives elsewhere: PEM, DER, or a SEC1 point')
            [CompletionResult]::new('--id-signature', '--id-signature', [CompletionResultType]::ParameterName, 'Its signature over what --to-be-signed wrote: r and s in 96 bytes, big-endian, or DER')
            [CompletionResult]::new('--author-public-key', '--author-public-key', [CompletionResultType]::ParameterName, 'The public half of an author key that lives elsewhere')
            [CompletionResult]::new('--author-signature', '--author-signature', [CompletionResultType]::ParameterName, 'Its signature over what --author-to-be-signed wrote')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the ID block and its authentication are written')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Where the ID block and its authentication are written')
            [CompletionResult]::new('--to-be-signed', '--to-be-signed', [CompletionResultType]::ParameterName, 'Write only what the ID key has to sign: the 96 bytes of the ID block')
            [CompletionResult]::new('--author-to-be-signed', '--author-to-be-signed', [CompletionResultType]::ParameterName, 'Write only what the author key has to sign: the 1028 bytes of the ID key')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A launch description (launch.toml, or JSON; - is standard input); every other flag replaces what it says')
            [CompletionResult]::new('--harmless', '--harmless', [CompletionResultType]::ParameterName, 'Something that is unknown and belongs to no key of the description, by its text: it changes nothing. May repeat')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'A folder in which a manifest''s files, and a description''s command line, may lie beside their own. May repeat')
            [CompletionResult]::new('--work-limit', '--work-limit', [CompletionResultType]::ParameterName, 'Do up to this many times the work that is done unasked: 134217728 pages to hash, and 64 GiB of files to read')
            [CompletionResult]::new('--firmware', '--firmware', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--ovmf', '--ovmf', [CompletionResultType]::ParameterName, 'The firmware image as the host loads it')
            [CompletionResult]::new('--firmware-absorbed', '--firmware-absorbed', [CompletionResultType]::ParameterName, 'The firmware as `sev-launch firmware absorb` has stored it, in place of the image')
            [CompletionResult]::new('--igvm', '--igvm', [CompletionResultType]::ParameterName, 'An IGVM file, in place of a firmware: what QEMU''s igvm-cfg object has')
            [CompletionResult]::new('--firmware-sha256', '--firmware-sha256', [CompletionResultType]::ParameterName, 'What the firmware image''s SHA-256 must be; replaces what a description says, and is refused beside an absorbed firmware')
            [CompletionResult]::new('--firmware-in-flash', '--firmware-in-flash', [CompletionResultType]::ParameterName, 'Is the firmware in flash (QEMU''s -drive if=pflash), or loaded by -bios (off)? Some hosts refuse one or the other')
            [CompletionResult]::new('--snp-ovmf-hash', '--snp-ovmf-hash', [CompletionResultType]::ParameterName, 'Start from this SNP digest instead of the image''s pages (sev-snp-measure''s snp:ovmf-hash); the image gives the tables')
            [CompletionResult]::new('--kernel', '--kernel', [CompletionResultType]::ParameterName, 'The kernel; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--uki', '--uki', [CompletionResultType]::ParameterName, 'A unified kernel image, in place of a kernel: its own command line and initrd are inside')
            [CompletionResult]::new('--initrd', '--initrd', [CompletionResultType]::ParameterName, 'The initrd; a pipe, or - for standard input, is read as it comes')
            [CompletionResult]::new('--cmdline', '--cmdline', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--append', '--append', [CompletionResultType]::ParameterName, 'The kernel''s command line, byte for byte as QEMU''s -append has it. May repeat: a row for each')
            [CompletionResult]::new('--cmdline-file', '--cmdline-file', [CompletionResultType]::ParameterName, 'A file that holds the command line, byte for byte')
            [CompletionResult]::new('--cmdline-hex', '--cmdline-hex', [CompletionResultType]::ParameterName, 'The command line''s bytes in hex')
            [CompletionResult]::new('--kernel-sha256', '--kernel-sha256', [CompletionResultType]::ParameterName, 'The kernel''s SHA-256 in place of the file')
            [CompletionResult]::new('--initrd-sha256', '--initrd-sha256', [CompletionResultType]::ParameterName, 'The initrd''s SHA-256 in place of the file')
            [CompletionResult]::new('--cmdline-sha256', '--cmdline-sha256', [CompletionResultType]::ParameterName, 'The SHA-256 of the command line with one NUL after it, in place of its bytes')
            [CompletionResult]::new('--kernel-hashes', '--kernel-hashes', [CompletionResultType]::ParameterName, 'QEMU''s kernel-hashes: off leaves the kernel given but not measured [default: on]')
            [CompletionResult]::new('--shim', '--shim', [CompletionResultType]::ParameterName, 'QEMU''s -shim: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--dtb', '--dtb', [CompletionResultType]::ParameterName, 'QEMU''s -dtb: refused, since what is then measured cannot be said')
            [CompletionResult]::new('--kernel-gpa', '--kernel-gpa', [CompletionResultType]::ParameterName, 'Where libkrun''s bundle puts the kernel in guest memory (libkrun''s SNP profiles only)')
            [CompletionResult]::new('--vcpus', '--vcpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--num-cpus', '--num-cpus', [CompletionResultType]::ParameterName, 'How many vCPUs exist at launch (QEMU''s -smp cpus=): 4, or a list with ranges, for example 1..=16,32')
            [CompletionResult]::new('--late-vcpus', '--late-vcpus', [CompletionResultType]::ParameterName, 'How many of them were added late and are measured: by QEMU''s -device, or in SNP by device_add or libvirt before the guest runs. From QEMU 10.1 on these keep the first vCPU''s registers')
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
            [CompletionResult]::new('--vcpu-family', '--vcpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--family', '--family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--cpu-family', '--cpu-family', [CompletionResultType]::ParameterName, 'The CPU''s family, as 25 (extended family included)')
            [CompletionResult]::new('--vcpu-model', '--vcpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--cpu-model', '--cpu-model', [CompletionResultType]::ParameterName, 'The CPU''s model')
            [CompletionResult]::new('--vcpu-stepping', '--vcpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--stepping', '--stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--cpu-stepping', '--cpu-stepping', [CompletionResultType]::ParameterName, 'The CPU''s stepping')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The launch profile; several, comma-separated. `sev-launch profile list` has them all')
            [CompletionResult]::new('--vmm-type', '--vmm-type', [CompletionResultType]::ParameterName, 'The VMM as sev-snp-measure names it')
            [CompletionResult]::new('--guest-features', '--guest-features', [CompletionResultType]::ParameterName, 'SEV features in place of the profile''s, as 0x21 or SNPActive+DebugSwap; several, comma-separated')
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
            [CompletionResult]::new('--allow-debug', '--allow-debug', [CompletionResultType]::ParameterName, 'Accept a policy that allows debugging: the host can then read the guest''s memory')
            [CompletionResult]::new('--allow-migration-agent', '--allow-migration-agent', [CompletionResultType]::ParameterName, 'Accept a policy that allows a migration agent')
            [CompletionResult]::new('--base64', '--base64', [CompletionResultType]::ParameterName, 'Write them in base64, as QEMU takes them')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--confine', '--confine', [CompletionResultType]::ParameterName, 'Hold all files that the description names to its own folder, as a manifest''s are: for one that somebody else wrote')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;id-block;check' {
            [CompletionResult]::new('--digest', '--digest', [CompletionResultType]::ParameterName, 'The launch digest that the guest has [default: the block''s]')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'The policy that the guest is launched with, as 0x30000 or SMT [default: the block''s]')
            [CompletionResult]::new('--author-key-enabled', '--author-key-enabled', [CompletionResultType]::ParameterName, 'Is the launch told to look at the author (QEMU''s author-key-enabled)? [default: on where there is an author key]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;id-block;help' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build an ID block and its authentication')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Name each rule by which the AMD-SP would refuse a launch with them')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;id-block;help;build' {
            break
        }
        'sev-launch;id-block;help;check' {
            break
        }
        'sev-launch;id-block;help;help' {
            break
        }
        'sev-launch;serve' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;agent' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;remote' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;audit' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether an audit is whole: that no record was changed, dropped or put in')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;audit;verify' {
            [CompletionResult]::new('--checkpoints', '--checkpoints', [CompletionResultType]::ParameterName, 'Checkpoints, as GET /audit/checkpoints answers them')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key of checkpoints, 97 bytes: a file with them, or they themselves in hex or base64')
            [CompletionResult]::new('--from-start', '--from-start', [CompletionResultType]::ParameterName, 'Demand that it begins with the first record that there ever was')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;audit;help' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether an audit is whole: that no record was changed, dropped or put in')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;audit;help;verify' {
            break
        }
        'sev-launch;audit;help;help' {
            break
        }
        'sev-launch;certs' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every field of certificates; nothing is verified')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a platform''s chain: a line for each check, all of them; exit code 1 where one fails')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert')
            [CompletionResult]::new('join', 'join', [CompletionResultType]::ParameterValue, 'Write certificates into one file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;certs;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;certs;verify' {
            [CompletionResult]::new('--pdh', '--pdh', [CompletionResultType]::ParameterName, 'The platform''s PDH, where the chain does not hold it (QMP''s and libvirt''s cert-chain), or apart')
            [CompletionResult]::new('--pek', '--pek', [CompletionResultType]::ParameterName, 'The PEK apart')
            [CompletionResult]::new('--oca', '--oca', [CompletionResultType]::ParameterName, 'The OCA apart')
            [CompletionResult]::new('--cek', '--cek', [CompletionResultType]::ParameterName, 'The CEK with AMD''s signature, from AMD''s key server: in place of the chain''s own, which a platform exports unsigned')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'AMD''s ASK and ARK in one file; without it those built in are used')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The ARK of a lab that signs its own chains; AMD''s are then refused')
            [CompletionResult]::new('--generation', '--generation', [CompletionResultType]::ParameterName, 'The generations that are accepted [default: all]')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The owner that must have signed the PEK: its OCA certificate, or the SHA-256 of that one''s key [default: any]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;certs;split' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The folder for the files; it is made where there is none')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The folder for the files; it is made where there is none')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;certs;join' {
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'Which certificates, in which order')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where to write them; - is standard output')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Where to write them; - is standard output')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;certs;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every field of certificates; nothing is verified')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a platform''s chain: a line for each check, all of them; exit code 1 where one fails')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert')
            [CompletionResult]::new('join', 'join', [CompletionResultType]::ParameterValue, 'Write certificates into one file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;certs;help;show' {
            break
        }
        'sev-launch;certs;help;verify' {
            break
        }
        'sev-launch;certs;help;split' {
            break
        }
        'sev-launch;certs;help;join' {
            break
        }
        'sev-launch;certs;help;help' {
            break
        }
        'sev-launch;firmware' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads')
            [CompletionResult]::new('absorb', 'absorb', [CompletionResultType]::ParameterValue, 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Say what is in an image: volumes, files, sections, variables, and the tables at its end')
            [CompletionResult]::new('extract', 'extract', [CompletionResultType]::ParameterValue, 'Write what is in an image as files in a new folder: executables, raw sections, variables')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say where two images differ: by volume, module, section and kind, and which pages and digests change')
            [CompletionResult]::new('reproduce', 'reproduce', [CompletionResultType]::ParameterValue, 'Say whether builds of one firmware are the same, but for what an allow file permits')
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
        'sev-launch;firmware;tree' {
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show sections of modules and padding too')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: every part, with its place and its SHA-256')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;firmware;extract' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The folder to write to, which must not exist')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The folder to write to, which must not exist')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: each file''s name, size, SHA-256 and place in the image')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sev-launch;firmware;diff' {
            [CompletionResult]::new('--map', '--map', [CompletionResultType]::ParameterName, 'Write an SVG map of both images, with the pages that differ, beside guest memory')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the answer is printed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show every difference with its bytes')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: --format json')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;firmware;reproduce' {
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'What they may differ in')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the answer is printed')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: --format json')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;firmware;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads')
            [CompletionResult]::new('absorb', 'absorb', [CompletionResultType]::ParameterValue, 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Say what is in an image: volumes, files, sections, variables, and the tables at its end')
            [CompletionResult]::new('extract', 'extract', [CompletionResultType]::ParameterValue, 'Write what is in an image as files in a new folder: executables, raw sections, variables')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say where two images differ: by volume, module, section and kind, and which pages and digests change')
            [CompletionResult]::new('reproduce', 'reproduce', [CompletionResultType]::ParameterValue, 'Say whether builds of one firmware are the same, but for what an allow file permits')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;firmware;help;show' {
            break
        }
        'sev-launch;firmware;help;absorb' {
            break
        }
        'sev-launch;firmware;help;tree' {
            break
        }
        'sev-launch;firmware;help;extract' {
            break
        }
        'sev-launch;firmware;help;diff' {
            break
        }
        'sev-launch;firmware;help;reproduce' {
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
            [CompletionResult]::new('--vcpu-type', '--vcpu-type', [CompletionResultType]::ParameterName, 'QEMU''s CPU model, as EPYC-Milan or Milan; several, comma-separated')
            [CompletionResult]::new('--vcpu-sig', '--vcpu-sig', [CompletionResultType]::ParameterName, 'The signature itself, CPUID Fn0000_0001_EAX; several, comma-separated')
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
        'sev-launch;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the script is written; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the script is written; - is standard output')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sev-launch;help' {
            [CompletionResult]::new('digest', 'digest', [CompletionResultType]::ParameterValue, 'Compute the launch digest that an honest host must report')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Write a launch description from libvirt, QEMU, Kata, KubeVirt or OpenStack')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show a launch description: every value and where it came from')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say yes or no to what a host reports of a launch, or to an SNP report; pack secrets after a yes')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Find why a reported value does not match: the smallest change of facts that gives it')
            [CompletionResult]::new('preflight', 'preflight', [CompletionResultType]::ParameterValue, 'Say whether a host would start a launch, or what refuses it and how')
            [CompletionResult]::new('host', 'host', [CompletionResultType]::ParameterValue, 'Say what a host can launch, what is missing and what to change')
            [CompletionResult]::new('rehearse', 'rehearse', [CompletionResultType]::ParameterValue, 'Start the VMM itself on an AMD-SP in software; hold its launch against the prediction')
            [CompletionResult]::new('platform', 'platform', [CompletionResultType]::ParameterValue, 'Make a simulated platform for rehearsals, and write its certificates')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Build, check, compare, show, extend and publish manifests: what CI keeps of a guest''s launch digests')
            [CompletionResult]::new('session', 'session', [CompletionResultType]::ParameterValue, 'Make keys for a SEV or SEV-ES launch, wrapped for a platform that is verified')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Pack secrets for a verified SEV or SEV-ES launch; open a packet again')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Show, verify and appraise an SNP guest''s attestation report')
            [CompletionResult]::new('id-block', 'id-block', [CompletionResultType]::ParameterValue, 'Build and check ID blocks: what the AMD-SP must find in an SNP guest, or start nothing')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Start the attestation service of a guest owner; everything that follows is for it')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Launch a guest as its owner''s service wants it, with QEMU or libvirt')
            [CompletionResult]::new('remote', 'remote', [CompletionResultType]::ParameterValue, 'Ask an attestation service as a guest''s owner: register, approve, read the audit')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'The audit of an attestation service')
            [CompletionResult]::new('certs', 'certs', [CompletionResultType]::ParameterValue, 'Show, verify, split and join a SEV platform''s certificates')
            [CompletionResult]::new('firmware', 'firmware', [CompletionResultType]::ParameterValue, 'Say what a firmware image is, what is in it, and where two builds differ; absorb one')
            [CompletionResult]::new('vmsa', 'vmsa', [CompletionResultType]::ParameterValue, 'Build, show and compare initial VM save areas')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'List, show and compare launch profiles: what hosts do that no file tells')
            [CompletionResult]::new('cpu', 'cpu', [CompletionResultType]::ParameterValue, 'List CPU models with their signatures and generations')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Write a shell''s completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages: one for each command')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sev-launch;help;digest' {
            break
        }
        'sev-launch;help;import' {
            [CompletionResult]::new('libvirt', 'libvirt', [CompletionResultType]::ParameterValue, 'A libvirt domain''s XML; that of the running domain (virsh dumpxml) says most')
            [CompletionResult]::new('qemu', 'qemu', [CompletionResultType]::ParameterValue, 'A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE''s qm showcmd prints')
            [CompletionResult]::new('kata', 'kata', [CompletionResultType]::ParameterValue, 'A Kata Containers configuration, as it is installed')
            [CompletionResult]::new('check-policy', 'check-policy', [CompletionResultType]::ParameterValue, 'A policy of go-sev-guest''s check, as text: what comes of it are demands, for `verify --demands`')
            [CompletionResult]::new('kubevirt', 'kubevirt', [CompletionResultType]::ParameterValue, 'A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most')
            [CompletionResult]::new('nova', 'nova', [CompletionResultType]::ParameterValue, 'An OpenStack server with its flavor and image, as `openstack … show -f json` prints them')
            break
        }
        'sev-launch;help;import;libvirt' {
            break
        }
        'sev-launch;help;import;qemu' {
            break
        }
        'sev-launch;help;import;kata' {
            break
        }
        'sev-launch;help;import;check-policy' {
            break
        }
        'sev-launch;help;import;kubevirt' {
            break
        }
        'sev-launch;help;import;nova' {
            break
        }
        'sev-launch;help;describe' {
            break
        }
        'sev-launch;help;verify' {
            break
        }
        'sev-launch;help;explain' {
            break
        }
        'sev-launch;help;preflight' {
            break
        }
        'sev-launch;help;host' {
            break
        }
        'sev-launch;help;rehearse' {
            break
        }
        'sev-launch;help;platform' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a platform, in a new folder')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write its certificates into a new folder: what a host exports, and the authority above it')
            [CompletionResult]::new('launch', 'launch', [CompletionResultType]::ParameterValue, 'Start the described guest with the session of an attestation service, and print the body that asks for its secrets')
            [CompletionResult]::new('inject', 'inject', [CompletionResultType]::ParameterValue, 'Give a guest the packet of an attestation service, and list the secrets that arrive')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say what it is')
            break
        }
        'sev-launch;help;platform;new' {
            break
        }
        'sev-launch;help;platform;export' {
            break
        }
        'sev-launch;help;platform;launch' {
            break
        }
        'sev-launch;help;platform;inject' {
            break
        }
        'sev-launch;help;platform;status' {
            break
        }
        'sev-launch;help;manifest' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Compute every launch described, and write a manifest')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Compute a manifest again from the files at hand, and name what changed')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say what differs between two manifests, and which change explains which digest')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a manifest: its inputs, its rows, and what is noteworthy about them')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a row for what a host reported: observed, not computed')
            [CompletionResult]::new('publish', 'publish', [CompletionResultType]::ParameterValue, 'Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes')
            [CompletionResult]::new('sign', 'sign', [CompletionResultType]::ParameterValue, 'Sign a manifest with a key in a file, to be verified without a network')
            break
        }
        'sev-launch;help;manifest;build' {
            break
        }
        'sev-launch;help;manifest;check' {
            break
        }
        'sev-launch;help;manifest;diff' {
            break
        }
        'sev-launch;help;manifest;show' {
            break
        }
        'sev-launch;help;manifest;add' {
            break
        }
        'sev-launch;help;manifest;publish' {
            break
        }
        'sev-launch;help;manifest;sign' {
            break
        }
        'sev-launch;help;session' {
            break
        }
        'sev-launch;help;secret' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Verify a launch measurement, and pack secrets for the launch that it proves')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Open a packet with its keys, and list the secrets in it')
            break
        }
        'sev-launch;help;secret;build' {
            break
        }
        'sev-launch;help;secret;show' {
            break
        }
        'sev-launch;help;report' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Name every field of a report; nothing is verified')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a report''s signature and the chain of certificates above it: a line for each check')
            [CompletionResult]::new('appraise', 'appraise', [CompletionResultType]::ParameterValue, 'Verify a report and compare it with what is demanded: a line for each demand')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'In a guest of SEV-SNP: fetch a report with the nonce of the owner''s service, and have it validated')
            break
        }
        'sev-launch;help;report;show' {
            break
        }
        'sev-launch;help;report;verify' {
            break
        }
        'sev-launch;help;report;appraise' {
            break
        }
        'sev-launch;help;report;fetch' {
            break
        }
        'sev-launch;help;id-block' {
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build an ID block and its authentication')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Name each rule by which the AMD-SP would refuse a launch with them')
            break
        }
        'sev-launch;help;id-block;build' {
            break
        }
        'sev-launch;help;id-block;check' {
            break
        }
        'sev-launch;help;serve' {
            break
        }
        'sev-launch;help;agent' {
            break
        }
        'sev-launch;help;remote' {
            break
        }
        'sev-launch;help;audit' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether an audit is whole: that no record was changed, dropped or put in')
            break
        }
        'sev-launch;help;audit;verify' {
            break
        }
        'sev-launch;help;certs' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every field of certificates; nothing is verified')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a platform''s chain: a line for each check, all of them; exit code 1 where one fails')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert')
            [CompletionResult]::new('join', 'join', [CompletionResultType]::ParameterValue, 'Write certificates into one file')
            break
        }
        'sev-launch;help;certs;show' {
            break
        }
        'sev-launch;help;certs;verify' {
            break
        }
        'sev-launch;help;certs;split' {
            break
        }
        'sev-launch;help;certs;join' {
            break
        }
        'sev-launch;help;firmware' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say what an image is: its tables, sections and areas, what it can launch, and what is odd about it; of an IGVM file, its platforms and what it loads')
            [CompletionResult]::new('absorb', 'absorb', [CompletionResultType]::ParameterValue, 'Store what every digest needs of an image in a file of under 1 KiB, to be used in its place')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Say what is in an image: volumes, files, sections, variables, and the tables at its end')
            [CompletionResult]::new('extract', 'extract', [CompletionResultType]::ParameterValue, 'Write what is in an image as files in a new folder: executables, raw sections, variables')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say where two images differ: by volume, module, section and kind, and which pages and digests change')
            [CompletionResult]::new('reproduce', 'reproduce', [CompletionResultType]::ParameterValue, 'Say whether builds of one firmware are the same, but for what an allow file permits')
            break
        }
        'sev-launch;help;firmware;show' {
            break
        }
        'sev-launch;help;firmware;absorb' {
            break
        }
        'sev-launch;help;firmware;tree' {
            break
        }
        'sev-launch;help;firmware;extract' {
            break
        }
        'sev-launch;help;firmware;diff' {
            break
        }
        'sev-launch;help;firmware;reproduce' {
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
        'sev-launch;help;completions' {
            break
        }
        'sev-launch;help;man' {
            break
        }
        'sev-launch;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
