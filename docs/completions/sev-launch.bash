# Completion of sev-launch in bash. Made by `sev-launch completions bash`.

# The subcommands and the flags of a command, given by the words that lead to it.
_sev_launch_words() {
    subs='' flags=''
    case $1 in
        '') subs='digest import describe verify explain preflight host rehearse platform manifest session secret report id-block serve agent remote audit certs firmware vmsa profile cpu completions man help' flags='-h --help -V --version' ;;
        'digest') subs='' flags='--mode -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --format --output-format --json --trace --dump-vmsa -v --verbose -q --quiet -h --help' ;;
        'import') subs='libvirt qemu kata check-policy kubevirt nova help' flags='-h --help' ;;
        'import libvirt') subs='' flags='-o --output --json -h --help' ;;
        'import qemu') subs='' flags='--argv --pid -o --output --json -h --help' ;;
        'import kata') subs='' flags='--annotations --pod --runtime --release --host-cpus -o --output --json -h --help' ;;
        'import check-policy') subs='' flags='-o --output --json -h --help' ;;
        'import kubevirt') subs='' flags='-o --output --json -h --help' ;;
        'import nova') subs='' flags='--server --flavor --image -o --output --json -h --help' ;;
        'describe') subs='' flags='--mode -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --json -h --help' ;;
        'verify') subs='' flags='--report --mode --json -q --quiet --endorsement --allow-other-policy --endorsement-root --endorsement-issuer --endorsement-feed --endorsement-min-svn --evidence -m --measurement --launch-measure-blob --api-major --api-minor --build-id --tik --tek --tk --manifest --manifest-key --accept-endorsed --accept-observed --accept-root --accept-unverified --launch-digest --launch-digest-file -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --allow-debug --insecure --require --require-api --require-build -s --inject-secret --secret --secret-header --secret-payload --vek --vcek --vlek --chain --certificates --crl --time --root --allow-masked-chip-id --allow-unknown-version -v --verbose --demands --policy-set --policy-clear --min-policy-abi --generation --min-tcb --min-platform-tcb --min-launch-tcb --min-firmware --min-firmware-build --min-committed-firmware --advisory --platform-set --platform-clear --report-data --host-data --id-key-digest --author-key-digest --trusted-id-key --trusted-author-key --min-guest-svn --family-id --image-id --vmpl --report-id --report-id-ma --chip-id --signing-key --min-report-version --allow-migration-agent --allow-provisional-firmware --allow-launch-tcb-above-current --allow-reserved-bits --policy -h --help' ;;
        'explain') subs='' flags='--reported --report --evidence -m --measurement --launch-measure-blob --api-major --api-minor --build-id --tik --policy --mode -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --candidate --candidate-dir --axes --max-changes --budget --json -q --quiet -h --help' ;;
        'preflight') subs='' flags='--mode --host --policy -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --json -q --quiet -h --help' ;;
        'host') subs='collect help' flags='--collected --require --json -h --help' ;;
        'host collect') subs='' flags='--root --kernel-log --domain-capabilities --qemu-version --libvirt-version --ovmf-version -o --output -h --help' ;;
        'rehearse') subs='' flags='-d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --no-prediction --platform --api --host-signature --stay --tells-parent --timeout --expect-secret --inject-secret --allow-debug --insecure --require --fault --trace --json --save -q --quiet -h --help' ;;
        'platform') subs='new export launch inject status help' flags='-h --help' ;;
        'platform new') subs='' flags='--generation --api -h --help' ;;
        'platform export') subs='' flags='-h --help' ;;
        'platform launch') subs='' flags='-d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file -h --help' ;;
        'platform inject') subs='' flags='--reveal -h --help' ;;
        'platform status') subs='' flags='--json -h --help' ;;
        'manifest') subs='build check diff show add publish sign help' flags='-h --help' ;;
        'manifest build') subs='' flags='--mode -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file -o --output --name --keep-others -q --quiet -h --help' ;;
        'manifest check') subs='' flags='-d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --endorsement-root --endorsement-issuer --endorsement-feed --endorsement-min-svn --format --json --manifest-key -h --help' ;;
        'manifest diff') subs='' flags='--json --manifest-key -h --help' ;;
        'manifest show') subs='' flags='--json --manifest-key -h --help' ;;
        'manifest add') subs='' flags='--from-report --from-measurement --endorsement --endorsement-root --endorsement-issuer --endorsement-feed --endorsement-min-svn --vek --vcek --vlek --chain --certificates --crl --time --root --allow-masked-chip-id --allow-unknown-version -v --verbose --evidence -m --measurement --launch-measure-blob --api-major --api-minor --build-id --tik --tek --tk --policy --vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --when --allow-contradiction --allow-debug -o --output -h --help' ;;
        'manifest publish') subs='' flags='--to -o --output --accept-endorsed --accept-observed --accept-root --accept-unverified --allow-debug --allow-migration-agent --manifest-key --endorsement-root --endorsement-issuer --endorsement-feed --endorsement-min-svn --min-api --build-ids --package --claim --object --namespace -h --help' ;;
        'manifest sign') subs='' flags='--key -o --output --accept-endorsed --accept-observed --accept-root --accept-unverified --endorsement-root --endorsement-issuer --endorsement-feed --endorsement-min-svn --allow-debug --allow-migration-agent -h --help' ;;
        'session') subs='' flags='--name --out --unverified-pdh --pdh --pek --oca --cek --ca --root --generation --owner --allow-debug --insecure --require -h --help' ;;
        'secret') subs='build show help' flags='-h --help' ;;
        'secret build') subs='' flags='-s --secret --evidence -m --measurement --launch-measure-blob --api-major --api-minor --build-id --policy --tik --tek --tk --manifest --manifest-key --accept-endorsed --accept-observed --accept-root --accept-unverified --launch-digest --launch-digest-file -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --allow-debug --insecure --require --require-api --require-build -h --help' ;;
        'secret show') subs='' flags='--tek --tik -m --measurement --launch-measure-blob --reveal --json -h --help' ;;
        'report') subs='show verify appraise fetch help' flags='-h --help' ;;
        'report show') subs='' flags='--json -h --help' ;;
        'report verify') subs='' flags='--vek --vcek --vlek --chain --certificates --crl --time --root --allow-masked-chip-id --allow-unknown-version -v --verbose --json -h --help' ;;
        'report appraise') subs='' flags='--json -q --quiet --vek --vcek --vlek --chain --certificates --crl --time --root --allow-masked-chip-id --allow-unknown-version -v --verbose --measurement --launch-digest -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file --policy --allow-debug --demands --policy-set --policy-clear --min-policy-abi --generation --min-tcb --min-platform-tcb --min-launch-tcb --min-firmware --min-firmware-build --min-committed-firmware --advisory --platform-set --platform-clear --report-data --host-data --id-key-digest --author-key-digest --trusted-id-key --trusted-author-key --min-guest-svn --family-id --image-id --vmpl --report-id --report-id-ma --chip-id --signing-key --min-report-version --allow-migration-agent --allow-provisional-firmware --allow-launch-tcb-above-current --allow-reserved-bits -h --help' ;;
        'report fetch') subs='' flags='-h --help' ;;
        'id-block') subs='build check help' flags='-h --help' ;;
        'id-block build') subs='' flags='--digest --policy --family-id --image-id --guest-svn --allow-debug --allow-migration-agent --id-key --author-key --id-public-key --id-signature --author-public-key --author-signature -o --out --base64 --to-be-signed --author-to-be-signed --json -d --description --harmless --allow-outside --confine --work-limit --firmware --ovmf --firmware-absorbed --igvm --firmware-sha256 --firmware-in-flash --snp-ovmf-hash --kernel --uki --initrd --cmdline --append --cmdline-file --cmdline-hex --kernel-sha256 --initrd-sha256 --cmdline-sha256 --kernel-hashes --shim --dtb --kernel-gpa --vcpus --num-cpus --late-vcpus --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping --profile --vmm-type --guest-features --vmsa-bsp --vmsa-cpu0 --vmsa-ap --vmsa-cpu1 --host-kernel --vmm-version --machine --host-cpu --debug-swap --legacy-vm-type --svsm --vars-size --vars-file -h --help' ;;
        'id-block check') subs='' flags='--digest --policy --author-key-enabled --json -h --help' ;;
        'serve') subs='' flags='-h --help' ;;
        'agent') subs='' flags='-h --help' ;;
        'remote') subs='' flags='-h --help' ;;
        'audit') subs='verify help' flags='-h --help' ;;
        'audit verify') subs='' flags='--checkpoints --key --from-start --json -h --help' ;;
        'certs') subs='show verify split join help' flags='-h --help' ;;
        'certs show') subs='' flags='--json -h --help' ;;
        'certs verify') subs='' flags='--pdh --pek --oca --cek --ca --root --generation --owner --json -h --help' ;;
        'certs split') subs='' flags='-o --out -h --help' ;;
        'certs join') subs='' flags='--layout -o --out -h --help' ;;
        'firmware') subs='show absorb tree extract diff reproduce help' flags='-h --help' ;;
        'firmware show') subs='' flags='--json -h --help' ;;
        'firmware absorb') subs='' flags='-o --output -h --help' ;;
        'firmware tree') subs='' flags='--all --json -h --help' ;;
        'firmware extract') subs='' flags='-o --output --json -h --help' ;;
        'firmware diff') subs='' flags='--all --map --format --json -h --help' ;;
        'firmware reproduce') subs='' flags='--allow --format --json -h --help' ;;
        'vmsa') subs='build show diff help' flags='-h --help' ;;
        'vmsa build') subs='' flags='--profile --userspace --cpu --firmware --reset-address --guest-features --vcpu-type --vcpu-sig --vcpu-family --family --cpu-family --vcpu-model --model --cpu-model --vcpu-stepping --stepping --cpu-stepping -h --help' ;;
        'vmsa show') subs='' flags='--json -h --help' ;;
        'vmsa diff') subs='' flags='--json -h --help' ;;
        'profile') subs='list show diff help' flags='-h --help' ;;
        'profile list') subs='' flags='--json -h --help' ;;
        'profile show') subs='' flags='--json -h --help' ;;
        'profile diff') subs='' flags='--json -h --help' ;;
        'cpu') subs='list help' flags='-h --help' ;;
        'cpu list') subs='' flags='--json -h --help' ;;
        'completions') subs='' flags='-o --output -h --help' ;;
        'man') subs='' flags='-h --help' ;;
    esac
}

# What the value of a command's flag is, or of its argument at a place: nothing where the flag takes none.
_sev_launch_value() {
    kind='' choices=''
    case $1 in
        'digest')
            case $2 in
                --trace) kind=attached choices='regions pages' ;;
                -d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --format|--output-format) kind=one choices='hex base64 json csv jsonl table' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --mode) kind=one choices='sev seves snp snp:svsm snp:ovmf-hash' ;;
                --harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size) kind=text ;;
            esac ;;
        'import libvirt')
            case $2 in
                1|-o|--output) kind=file ;;
            esac ;;
        'import qemu')
            case $2 in
                1|-o|--output) kind=file ;;
                [0-9]*|--pid) kind=text ;;
            esac ;;
        'import kata')
            case $2 in
                1|--annotations|--pod|-o|--output) kind=file ;;
                --runtime|--release|--host-cpus) kind=text ;;
            esac ;;
        'import check-policy')
            case $2 in
                1|-o|--output) kind=file ;;
            esac ;;
        'import kubevirt')
            case $2 in
                1|-o|--output) kind=file ;;
            esac ;;
        'import nova')
            case $2 in
                1|--server|--flavor|--image|-o|--output) kind=file ;;
            esac ;;
        'describe')
            case $2 in
                -d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --mode) kind=one choices='sev seves snp snp:svsm snp:ovmf-hash' ;;
                --harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size) kind=text ;;
            esac ;;
        'verify')
            case $2 in
                --report|--endorsement|--endorsement-root|--evidence|--tik|--tek|--tk|--manifest|--manifest-key|--launch-digest-file|-d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file|--secret-header|--secret-payload|--vek|--vcek|--vlek|--chain|--certificates|--crl|--root|--demands) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --generation) kind=list choices='Naples Rome Milan Genoa Turin' ;;
                --policy-set|--policy-clear) kind=list choices='SMT MIGRATE_MA DEBUG SINGLE_SOCKET CXL_ALLOW MEM_AES_256_XTS RAPL_DIS CIPHERTEXT_HIDING_DRAM PAGE_SWAP_DISABLE' ;;
                --require) kind=list choices='es noks nosend sev domain' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                -s|--inject-secret|--secret) kind=named choices='luks-key:' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --mode) kind=one choices='sev seves snp snp:svsm snp:ovmf-hash' ;;
                --endorsement-issuer|--endorsement-feed|--endorsement-min-svn|-m|--measurement|--launch-measure-blob|--api-major|--api-minor|--build-id|--accept-root|--launch-digest|--harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size|--require-api|--require-build|--time|--min-policy-abi|--min-tcb|--min-platform-tcb|--min-launch-tcb|--min-firmware|--min-firmware-build|--min-committed-firmware|--advisory|--platform-set|--platform-clear|--report-data|--host-data|--id-key-digest|--author-key-digest|--trusted-id-key|--trusted-author-key|--min-guest-svn|--family-id|--image-id|--vmpl|--report-id|--report-id-ma|--chip-id|--signing-key|--min-report-version|--policy) kind=text ;;
            esac ;;
        'explain')
            case $2 in
                --reported|--report|--evidence|--tik|-d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file|--candidate|--axes) kind=file ;;
                --allow-outside|--candidate-dir) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --mode) kind=one choices='sev seves snp snp:svsm snp:ovmf-hash' ;;
                -m|--measurement|--launch-measure-blob|--api-major|--api-minor|--build-id|--policy|--harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size|--max-changes|--budget) kind=text ;;
            esac ;;
        'preflight')
            case $2 in
                --host|-d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --mode) kind=one choices='sev seves snp snp:svsm snp:ovmf-hash' ;;
                --policy|--harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size) kind=text ;;
            esac ;;
        'host')
            case $2 in
                --collected) kind=file ;;
                --require) kind=text ;;
            esac ;;
        'host collect')
            case $2 in
                --kernel-log|--domain-capabilities|-o|--output) kind=file ;;
                --root) kind=folder ;;
                --qemu-version|--libvirt-version|--ovmf-version) kind=text ;;
            esac ;;
        'rehearse')
            case $2 in
                -d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file|--expect-secret) kind=file ;;
                --allow-outside|--platform|--save) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --require) kind=list choices='es noks nosend sev domain' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --inject-secret) kind=named choices='luks-key:' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                [0-9]*|--harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size|--api|--host-signature|--timeout|--fault) kind=text ;;
            esac ;;
        'platform new')
            case $2 in
                1) kind=folder ;;
                --generation) kind=list choices='Naples Rome Milan Genoa Turin' ;;
                --api) kind=text ;;
            esac ;;
        'platform export')
            case $2 in
                2) kind=file ;;
                1) kind=folder ;;
            esac ;;
        'platform launch')
            case $2 in
                2|3|-d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file) kind=file ;;
                1|--allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size) kind=text ;;
            esac ;;
        'platform inject')
            case $2 in
                2|3) kind=file ;;
                1) kind=folder ;;
            esac ;;
        'platform status')
            case $2 in
                1) kind=folder ;;
            esac ;;
        'manifest build')
            case $2 in
                -d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file|-o|--output) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --mode) kind=one choices='sev seves snp snp:svsm snp:ovmf-hash' ;;
                --harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size|--name) kind=text ;;
            esac ;;
        'manifest check')
            case $2 in
                1|-d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file|--endorsement-root|--manifest-key) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --format) kind=one choices='text json junit annotations markdown' ;;
                --harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size|--endorsement-issuer|--endorsement-feed|--endorsement-min-svn) kind=text ;;
            esac ;;
        'manifest diff')
            case $2 in
                1|2|--manifest-key) kind=file ;;
            esac ;;
        'manifest show')
            case $2 in
                1|--manifest-key) kind=file ;;
            esac ;;
        'manifest add')
            case $2 in
                1|--from-report|--from-measurement|--endorsement|--endorsement-root|--vek|--vcek|--vlek|--chain|--certificates|--crl|--root|--evidence|--tik|--tek|--tk|-o|--output) kind=file ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --endorsement-issuer|--endorsement-feed|--endorsement-min-svn|--time|-m|--measurement|--launch-measure-blob|--api-major|--api-minor|--build-id|--policy|--vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--when) kind=text ;;
            esac ;;
        'manifest publish')
            case $2 in
                1|-o|--output|--manifest-key|--endorsement-root) kind=file ;;
                --to) kind=one choices='trustee trustee-message trustee-azure corim corim-veraison in-toto simple-kbs simple-kbs-json rego config-map' ;;
                --accept-root|--endorsement-issuer|--endorsement-feed|--endorsement-min-svn|--min-api|--build-ids|--package|--claim|--object|--namespace) kind=text ;;
            esac ;;
        'manifest sign')
            case $2 in
                1|--key|-o|--output|--endorsement-root) kind=file ;;
                --accept-root|--endorsement-issuer|--endorsement-feed|--endorsement-min-svn) kind=text ;;
            esac ;;
        'session')
            case $2 in
                1|--pdh|--pek|--oca|--cek|--ca|--root|--owner) kind=file ;;
                --out) kind=folder ;;
                --generation) kind=list choices='Naples Rome Milan Genoa Turin' ;;
                --require) kind=list choices='es noks nosend sev domain' ;;
                2|--name) kind=text ;;
            esac ;;
        'secret build')
            case $2 in
                1|2|--evidence|--tik|--tek|--tk|--manifest|--manifest-key|--launch-digest-file|-d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --require) kind=list choices='es noks nosend sev domain' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                -s|--secret) kind=named choices='luks-key:' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                -m|--measurement|--launch-measure-blob|--api-major|--api-minor|--build-id|--policy|--accept-root|--launch-digest|--harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size|--require-api|--require-build) kind=text ;;
            esac ;;
        'secret show')
            case $2 in
                1|2|--tek|--tik) kind=file ;;
                -m|--measurement|--launch-measure-blob) kind=text ;;
            esac ;;
        'report show')
            case $2 in
                1) kind=file ;;
            esac ;;
        'report verify')
            case $2 in
                1|--vek|--vcek|--vlek|--chain|--certificates|--crl|--root) kind=file ;;
                --time) kind=text ;;
            esac ;;
        'report appraise')
            case $2 in
                1|--vek|--vcek|--vlek|--chain|--certificates|--crl|--root|-d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file|--demands) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --generation) kind=list choices='Naples Rome Milan Genoa Turin' ;;
                --policy-set|--policy-clear) kind=list choices='SMT MIGRATE_MA DEBUG SINGLE_SOCKET CXL_ALLOW MEM_AES_256_XTS RAPL_DIS CIPHERTEXT_HIDING_DRAM PAGE_SWAP_DISABLE' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --time|--measurement|--launch-digest|--harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size|--policy|--min-policy-abi|--min-tcb|--min-platform-tcb|--min-launch-tcb|--min-firmware|--min-firmware-build|--min-committed-firmware|--advisory|--platform-set|--platform-clear|--report-data|--host-data|--id-key-digest|--author-key-digest|--trusted-id-key|--trusted-author-key|--min-guest-svn|--family-id|--image-id|--vmpl|--report-id|--report-id-ma|--chip-id|--signing-key|--min-report-version) kind=text ;;
            esac ;;
        'report fetch')
            case $2 in
                [0-9]*) kind=text ;;
            esac ;;
        'id-block build')
            case $2 in
                --id-key|--author-key|--id-public-key|--id-signature|--author-public-key|--author-signature|-o|--out|--to-be-signed|--author-to-be-signed|-d|--description|--firmware|--ovmf|--firmware-absorbed|--igvm|--kernel|--uki|--initrd|--cmdline-file|--shim|--dtb|--vmsa-bsp|--vmsa-cpu0|--vmsa-ap|--vmsa-cpu1|--svsm|--vars-file) kind=file ;;
                --allow-outside) kind=folder ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --host-cpu) kind=one choices='Naples Rome Milan Genoa Turin' ;;
                --firmware-in-flash|--kernel-hashes|--debug-swap|--legacy-vm-type) kind=one choices='on off' ;;
                --vmm-type) kind=one choices='qemu ec2 gce krun' ;;
                --digest|--policy|--family-id|--image-id|--guest-svn|--harmless|--work-limit|--firmware-sha256|--snp-ovmf-hash|--cmdline|--append|--cmdline-hex|--kernel-sha256|--initrd-sha256|--cmdline-sha256|--kernel-gpa|--vcpus|--num-cpus|--late-vcpus|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping|--guest-features|--host-kernel|--vmm-version|--machine|--vars-size) kind=text ;;
            esac ;;
        'id-block check')
            case $2 in
                1|2) kind=file ;;
                --author-key-enabled) kind=one choices='on off' ;;
                --digest|--policy) kind=text ;;
            esac ;;
        'serve')
            case $2 in
                [0-9]*) kind=text ;;
            esac ;;
        'agent')
            case $2 in
                [0-9]*) kind=text ;;
            esac ;;
        'remote')
            case $2 in
                [0-9]*) kind=text ;;
            esac ;;
        'audit verify')
            case $2 in
                1|--checkpoints|--key) kind=file ;;
            esac ;;
        'certs show')
            case $2 in
                [0-9]*) kind=file ;;
            esac ;;
        'certs verify')
            case $2 in
                1|--pdh|--pek|--oca|--cek|--ca|--root|--owner) kind=file ;;
                --generation) kind=list choices='Naples Rome Milan Genoa Turin' ;;
            esac ;;
        'certs split')
            case $2 in
                1) kind=file ;;
                -o|--out) kind=folder ;;
            esac ;;
        'certs join')
            case $2 in
                [0-9]*|-o|--out) kind=file ;;
                --layout) kind=one choices='export full host ca' ;;
            esac ;;
        'firmware show')
            case $2 in
                1) kind=file ;;
            esac ;;
        'firmware absorb')
            case $2 in
                1|-o|--output) kind=file ;;
            esac ;;
        'firmware tree')
            case $2 in
                1) kind=file ;;
            esac ;;
        'firmware extract')
            case $2 in
                1) kind=file ;;
                -o|--output) kind=folder ;;
                [0-9]*) kind=text ;;
            esac ;;
        'firmware diff')
            case $2 in
                1|2|--map) kind=file ;;
                --format) kind=one choices='text json markdown' ;;
            esac ;;
        'firmware reproduce')
            case $2 in
                1|[0-9]*|--allow) kind=file ;;
                --format) kind=one choices='text json markdown annotations junit' ;;
            esac ;;
        'vmsa build')
            case $2 in
                1|--firmware) kind=file ;;
                --vcpu-type) kind=list choices='EPYC EPYC-v1 EPYC-v2 EPYC-v3 EPYC-v4 EPYC-v5 EPYC-IBPB EPYC-Rome EPYC-Rome-v1 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Rome-v5 EPYC-Milan EPYC-Milan-v1 EPYC-Milan-v2 EPYC-Milan-v3 EPYC-Milan-v4 EPYC-Genoa EPYC-Genoa-v1 EPYC-Genoa-v2 EPYC-Genoa-v3 EPYC-Turin EPYC-Turin-v1 EPYC-Turin-v2 Dhyana Dhyana-v1 Dhyana-v2 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4 Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 phenom phenom-v1 qemu64 qemu64-v1 kvm64 kvm64-v1 base' ;;
                --profile) kind=list choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
                --userspace) kind=one choices='qemu krun' ;;
                --cpu|--reset-address|--guest-features|--vcpu-sig|--vcpu-family|--family|--cpu-family|--vcpu-model|--model|--cpu-model|--vcpu-stepping|--stepping|--cpu-stepping) kind=text ;;
            esac ;;
        'vmsa show')
            case $2 in
                1) kind=file ;;
            esac ;;
        'vmsa diff')
            case $2 in
                1|2) kind=file ;;
            esac ;;
        'profile show')
            case $2 in
                1) kind=one choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
            esac ;;
        'profile diff')
            case $2 in
                1|2) kind=one choices='es-legacy es-legacy-debugswap es-init2 es-init2-debugswap snp-qemu snp-amdese-old snp-amdese-6.6 snp-amdese-6.9 snp-ec2 snp-ec2-rdx0 snp-gce snp-gce-genoa snp-svsm-legacy snp-svsm-nofpu snp-svsm-ssm es-krun-sevctl es-krun-1.4 snp-krun-1.4 snp-krun-1.4-amdese snp-krun-reset es-igvm-legacy es-igvm-legacy-debugswap es-igvm-init2 es-igvm-coconut snp-igvm snp-igvm-hyperv snp-igvm-coconut' ;;
            esac ;;
        'completions')
            case $2 in
                -o|--output) kind=file ;;
                1) kind=one choices='bash elvish fish powershell zsh' ;;
            esac ;;
        'man')
            case $2 in
                1) kind=folder ;;
            esac ;;
    esac
}

_sev_launch() {
    local IFS=$' \t\n'
    local path='' subs='' flags='' kind='' choices='' flag='' only_flags='' ended='' glued=''
    local word='' value='' piece='' lead='' head='' before='' found=''
    local -i i last=0 place=0
    local words
    words=('')
    COMPREPLY=()

    # The words as they were typed: bash takes them apart at = and at colons.
    for (( i = 1; i <= COMP_CWORD; i++ )); do
        word=${COMP_WORDS[i]-}
        if [[ -n $glued || ( $last -gt 0 && $word == [=:]* ) ]]; then
            words[last]+=$word
        else
            last+=1
            words[last]=$word
        fi
        glued=''
        if [[ $word == [=:]* ]]; then glued=1; fi
    done
    piece=${COMP_WORDS[COMP_CWORD]-}
    if [[ $piece == [=:]* ]]; then piece=''; fi

    # What those before the last one mean.
    _sev_launch_words "$path"
    for (( i = 1; i < last; i++ )); do
        word=${words[i]}
        if [[ -n $flag ]]; then
            flag=''
        elif [[ -n $ended ]]; then
            place+=1
        elif [[ $word == -- ]]; then
            ended=1
        elif [[ $word == --*=* ]]; then
            continue
        elif [[ $word == -?* ]]; then
            _sev_launch_value "$path" "$word"
            if [[ -n $kind && $kind != attached ]]; then flag=$word; fi
        elif [[ $word == help && -z $path ]]; then
            flags=''
        elif [[ " $subs " == *" $word "* ]]; then
            path="${path:+$path }$word"
            _sev_launch_words "$path"
        else
            place+=1
        fi
    done

    # What the last one may become.
    value=${words[last]}
    if [[ -n $flag ]]; then
        _sev_launch_value "$path" "$flag"
    elif [[ -z $ended && $value == --*=* ]]; then
        _sev_launch_value "$path" "${value%%=*}"
        value=${value#*=}
    elif [[ -z $ended && $value == -* ]]; then
        kind=one choices=$flags
    elif [[ -n $subs ]]; then
        kind=one choices=$subs
    else
        _sev_launch_value "$path" "$(( place + 1 ))"
        if [[ -z $kind && -z $ended ]]; then kind=one choices=$flags; fi
    fi

    # Bash replaces the last piece alone, which may begin before the value or within it.
    if (( ${#piece} >= ${#value} )); then
        lead=${piece%"$value"}
    else
        head=${value%"$piece"}
    fi
    if [[ $kind == list && $value == *,* ]]; then
        before=${value%,*},
        value=${value##*,}
    elif [[ $kind == named && $value == *:* ]]; then
        before=${value%%:*}:
        value=${value#*:}
        kind=file
    fi
    case $kind in
        one|attached) found=$(compgen -W "$choices" -- "$value") ;;
        list|named)
            found=$(compgen -W "$choices" -- "$value")
            compopt -o nospace 2>/dev/null ;;
        file|folder)
            # Without the quotes and backslashes of a name that was begun with them.
            value=${value#[\"\']}
            value=${value//\\/}
            if [[ $kind == file ]]; then
                found=$(compgen -f -- "$value")
            else
                found=$(compgen -d -- "$value")
            fi
            compopt -o filenames 2>/dev/null ;;
    esac
    while IFS= read -r word; do
        if [[ -n $word ]]; then
            word=$before$word
            COMPREPLY+=("$lead${word#"$head"}")
        fi
    done <<< "$found"
    return 0
}

complete -o nosort -F _sev_launch sev-launch 2>/dev/null || complete -F _sev_launch sev-launch
