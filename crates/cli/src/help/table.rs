//! Which flags `-h` shows of each command, under which headings, and with which examples.

/// The short help of a command.
pub(super) struct Short {
    /// The words that lead to it.
    pub(super) path: &'static str,
    /// The flags that are shown, by their long names; where none is named, all are.
    pub(super) shown: &'static [&'static [&'static str]],
    /// Lines to type.
    pub(super) examples: &'static [&'static str],
}

const fn all(path: &'static str, examples: &'static [&'static str]) -> Short {
    Short { path, shown: &[], examples }
}

/// A heading, and the long names of the flags under it.
pub(super) type Heading = (&'static str, &'static [&'static str]);

/// Headings that a flag has in whichever command it stands.
pub(super) const HEADINGS: [Heading; 2] = [
    ("Output", &["json", "quiet", "verbose"]),
    ("vCPUs", &["vcpu-type", "vcpu-sig", "vcpu-family", "vcpu-model", "vcpu-stepping"]),
];

/// Those that it has in commands that describe a guest.
pub(super) const GUEST_HEADINGS: [Heading; 1] = [(
    "Guest",
    &[
        "mode",
        "description",
        "harmless",
        "allow-outside",
        "confine",
        "work-limit",
        "firmware",
        "firmware-absorbed",
        "firmware-sha256",
        "firmware-in-flash",
        "snp-ovmf-hash",
    ],
)];

/// What most people say of a guest.
const GUEST: &[&str] = &[
    "mode",
    "description",
    "firmware",
    "kernel",
    "initrd",
    "cmdline",
    "vcpus",
    "vcpu-type",
    "profile",
];
const HOST: &[&str] = &["host-kernel", "vmm-version"];
const EVIDENCE: &[&str] = &["evidence", "policy", "tik", "tk"];
const OUTPUT: &[&str] = &["json", "quiet", "verbose"];
const CERTIFICATES: &[&str] = &["vek", "chain", "crl", "time"];

/// Every command that can be run, and those above them.
pub(super) const COMMANDS: &[Short] = &[
    Short {
        path: "digest",
        shown: &[GUEST, HOST, OUTPUT, &["cmdline-file", "vcpu-sig", "svsm", "format", "trace"]],
        examples: &[
            "sev-launch digest --mode snp --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan",
            "sev-launch digest --description launch.toml --vcpus 1..=16 --format csv",
        ],
    },
    Short {
        path: "preflight",
        shown: &[GUEST, HOST, &["host", "host-cpu", "guest-features", "json", "quiet"]],
        examples: &[
            "sev-launch preflight --description launch.toml",
            "sev-launch preflight --description launch.toml --host host.json",
        ],
    },
    all("host", &["sev-launch host", "sev-launch host --collected host.json --require snp"]),
    all("host collect", &["sev-launch host collect -o host.json"]),
    Short {
        path: "rehearse",
        shown: &[
            HOST,
            &["description", "vcpus", "vcpu-type", "host-cpu", "no-prediction", "platform", "api"],
            &[
                "inject-secret",
                "stay",
                "timeout",
                "expect-secret",
                "fault",
                "trace",
                "json",
                "save",
            ],
        ],
        examples: &[
            "sev-launch rehearse -- qemu-system-x86_64 -enable-kvm -cpu EPYC-Milan -bios OVMF.fd \\",
            "    -machine q35,confidential-guest-support=sev0 -display none \\",
            "    -object sev-guest,id=sev0,policy=0x5,cbitpos=51,reduced-phys-bits=1",
        ],
    },
    all(
        "platform",
        &["sev-launch platform new milan", "sev-launch platform export milan certificates"],
    ),
    all(
        "platform new",
        &["sev-launch platform new milan", "sev-launch platform new rome --generation Rome"],
    ),
    Short {
        path: "platform launch",
        shown: &[GUEST],
        examples: &[
            "sev-launch platform launch milan launch.json guest -d launch.toml > validate.json",
        ],
    },
    all("platform inject", &["sev-launch platform inject milan guest answer.json"]),
    all("serve", &["sev-launch serve --config server.toml", "sev-launch serve -- --help"]),
    all(
        "agent",
        &[
            "sev-launch agent run --vmid UUID -- qemu-system-x86_64 -enable-kvm …",
            "sev-launch agent -- --help",
        ],
    ),
    all(
        "remote",
        &[
            "sev-launch remote register --new --description launch.toml --any-owner",
            "sev-launch remote -- --help",
        ],
    ),
    all("audit", &["sev-launch audit verify audit.json --from-start"]),
    all(
        "audit verify",
        &[
            "sev-launch audit verify audit.json --from-start",
            "sev-launch audit verify audit.json --checkpoints checkpoints.json --key audit.key",
        ],
    ),
    all("platform export", &["sev-launch platform export milan certificates"]),
    all(
        "platform status",
        &["sev-launch platform status milan", "sev-launch platform status milan --json"],
    ),
    all(
        "import",
        &[
            "sev-launch import libvirt guest.xml -o launch.toml",
            "sev-launch import qemu --pid 4711 -o launch.toml",
        ],
    ),
    all(
        "import libvirt",
        &[
            "virsh dumpxml guest | sev-launch import libvirt - -o launch.toml",
            "sev-launch import libvirt guest.xml --json",
        ],
    ),
    all(
        "import qemu",
        &[
            "sev-launch import qemu start-guest.sh -o launch.toml",
            "sev-launch import qemu --pid 4711 -o launch.toml",
        ],
    ),
    all(
        "import kata",
        &[
            "sev-launch import kata --release 4.1.0 configuration-qemu-snp.toml -o launch.toml",
            "sev-launch import kata --release 3.30.0 kata.toml --pod pod.yaml -o launch.toml",
        ],
    ),
    all(
        "import check-policy",
        &[
            "sev-launch import check-policy policy.textproto -o demands.toml",
            "sev-launch import check-policy policy.textproto --json",
        ],
    ),
    all(
        "import kubevirt",
        &[
            "kubectl get vmi guest -o yaml > vmi.yaml",
            "sev-launch import kubevirt vmi.yaml -o launch.toml",
        ],
    ),
    all(
        "import nova",
        &[
            "openstack server show guest -f json > server.json",
            "sev-launch import nova server.json --flavor flavor.json --image image.json -o launch.toml",
        ],
    ),
    Short {
        path: "describe",
        shown: &[GUEST, HOST, OUTPUT, &["cmdline-file", "vcpu-sig", "host-cpu", "machine", "svsm"]],
        examples: &[
            "sev-launch describe --description launch.toml",
            "sev-launch describe --mode snp --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan",
        ],
    },
    all(
        "manifest",
        &[
            "sev-launch manifest build --description launch.toml -o manifest.json",
            "sev-launch manifest check manifest.json",
        ],
    ),
    Short {
        path: "manifest build",
        shown: &[GUEST, HOST, OUTPUT, &["output", "name"]],
        examples: &[
            "sev-launch manifest build --description launch.toml -o manifest.json",
            "sev-launch manifest build --description launch.toml --vcpus 1..=64 -o manifest.json",
        ],
    },
    Short {
        path: "manifest check",
        shown: &[
            OUTPUT,
            &[
                "firmware",
                "kernel",
                "initrd",
                "cmdline",
                "vcpus",
                "profile",
                "allow-outside",
                "endorsement-root",
                "format",
            ],
        ],
        examples: &[
            "sev-launch manifest check manifest.json",
            "sev-launch manifest check manifest.json --firmware build/OVMF.fd --format junit > report.xml",
        ],
    },
    all(
        "manifest diff",
        &[
            "sev-launch manifest diff old.json new.json",
            "sev-launch manifest diff old.json new.json --json",
        ],
    ),
    all(
        "manifest show",
        &[
            "sev-launch manifest show manifest.json",
            "sev-launch manifest show manifest.json --json",
        ],
    ),
    Short {
        path: "manifest add",
        shown: &[
            CERTIFICATES,
            OUTPUT,
            &[
                "from-report",
                "endorsement",
                "endorsement-root",
                "from-measurement",
                "tik",
                "policy",
                "vcpus",
                "vcpu-type",
                "when",
                "output",
            ],
        ],
        examples: &[
            "sev-launch manifest add manifest.json --from-report report.bin --vek vcek.der --vcpus 4",
            "sev-launch manifest add manifest.json --from-measurement info.txt --tik vm_tik.bin --policy 0x5",
        ],
    },
    all(
        "manifest sign",
        &[
            "sev-launch manifest sign manifest.json --key key.pem -o manifest.dsse.json",
            "sev-launch verify --report report.bin --manifest manifest.dsse.json --manifest-key key.pub",
        ],
    ),
    all(
        "manifest publish",
        &[
            "sev-launch manifest publish manifest.json --to trustee",
            "sev-launch manifest publish manifest.json --to corim -o guest.corim",
        ],
    ),
    Short {
        path: "verify",
        shown: &[
            &["report", "vek", "chain", "report-data"],
            &["evidence", "policy", "tik", "tek", "inject-secret"],
            &["launch-digest", "manifest", "description", "firmware", "vcpus", "vcpu-type"],
            OUTPUT,
        ],
        examples: &[
            "sev-launch verify --report report.bin --vek vcek.der --launch-digest HASH --report-data HEX",
            "sev-launch verify --evidence info.txt --policy 0x5 --tik vm_tik.bin --description launch.toml",
        ],
    },
    all(
        "report",
        &[
            "sev-launch report show report.bin",
            "sev-launch report verify report.bin --vek vcek.der",
        ],
    ),
    all(
        "report show",
        &["sev-launch report show report.bin", "sev-launch report show report.bin --json"],
    ),
    all(
        "report verify",
        &[
            "sev-launch report verify report.bin --vek vcek.der",
            "sev-launch report verify report.bin --certificates certs.bin --crl crl.der",
        ],
    ),
    all(
        "report fetch",
        &["sev-launch report fetch --vmid UUID", "sev-launch report fetch -- --help"],
    ),
    Short {
        path: "report appraise",
        shown: &[
            CERTIFICATES,
            OUTPUT,
            &["measurement", "description", "firmware", "vcpus", "vcpu-type"],
            &["policy", "report-data", "host-data", "min-tcb", "id-key-digest"],
        ],
        examples: &[
            "sev-launch report appraise report.bin --vek vcek.der --measurement HASH --report-data HEX",
            "sev-launch report appraise report.bin --vek vcek.der --description launch.toml",
        ],
    },
    Short {
        path: "explain",
        shown: &[
            GUEST,
            EVIDENCE,
            OUTPUT,
            &["reported", "report", "candidate-dir", "max-changes", "budget"],
        ],
        examples: &[
            "sev-launch explain --report report.bin --description launch.toml --candidate-dir /boot",
            "sev-launch explain --reported HASH --mode snp --firmware OVMF.fd --vcpus 4 \\",
            "    --vcpu-type EPYC-Milan",
        ],
    },
    all(
        "session",
        &[
            "sev-launch session platform.chain 0x5 --name guest",
            "sev-launch session host.chain 0x1 --pdh pdh.cert --cek cek.cert --out keys",
        ],
    ),
    all(
        "secret",
        &[
            "sev-launch secret show header.b64 payload.b64 --tek vm_tek.bin --tik vm_tik.bin \\",
            "    --measurement BASE64",
        ],
    ),
    Short {
        path: "secret build",
        shown: &[
            EVIDENCE,
            OUTPUT,
            &["secret", "measurement", "tek", "launch-digest", "manifest", "description"],
            &["firmware", "kernel", "vcpus", "vcpu-type"],
        ],
        examples: &[
            "sev-launch secret build --secret luks-key:passphrase --evidence info.txt --policy 0x1 \\",
            "    --tk vm_tk.bin --launch-digest HASH header.b64 payload.b64",
        ],
    },
    all(
        "secret show",
        &[
            "sev-launch secret show header.b64 payload.b64 --tek vm_tek.bin --tik vm_tik.bin \\",
            "    --measurement BASE64",
        ],
    ),
    all(
        "id-block",
        &[
            "sev-launch id-block build --digest HASH --policy 0x30000 --id-key id.pem -o block auth",
            "sev-launch id-block check block auth --policy 0x30000",
        ],
    ),
    Short {
        path: "id-block build",
        shown: &[
            OUTPUT,
            &["digest", "policy", "id-key", "author-key", "family-id", "image-id", "guest-svn"],
            &["base64", "output", "description", "firmware", "kernel", "vcpus", "vcpu-type"],
        ],
        examples: &[
            "openssl ecparam -genkey -name secp384r1 -noout -out id.pem",
            "sev-launch id-block build --digest HASH --policy 0x30000 --id-key id.pem -o block auth",
        ],
    },
    all(
        "id-block check",
        &[
            "sev-launch id-block check block auth --policy 0x30000",
            "sev-launch id-block check block auth --digest HASH --json",
        ],
    ),
    all(
        "certs",
        &[
            "sev-launch certs verify platform.chain",
            "sev-launch certs split platform.chain --out certificates",
        ],
    ),
    all(
        "certs show",
        &["sev-launch certs show platform.chain", "sev-launch certs show pdh.cert pek.cert --json"],
    ),
    all(
        "certs verify",
        &[
            "sev-launch certs verify platform.chain",
            "sev-launch certs verify host.chain --pdh pdh.cert --cek cek.cert",
        ],
    ),
    all("certs split", &["sev-launch certs split platform.chain --out certificates"]),
    all(
        "certs join",
        &[
            "sev-launch certs join --layout ca ask.cert ark.cert -o ca.cert",
            "sev-launch certs join --layout export pdh.cert pek.cert oca.cert cek.cert -o platform.chain",
        ],
    ),
    all(
        "firmware",
        &[
            "sev-launch firmware show OVMF.fd",
            "sev-launch firmware diff release/OVMF.fd build/OVMF.fd",
        ],
    ),
    all(
        "firmware show",
        &["sev-launch firmware show OVMF.fd", "sev-launch firmware show OVMF.fd --json"],
    ),
    all("firmware absorb", &["sev-launch firmware absorb OVMF.fd -o ovmf.json"]),
    all(
        "firmware tree",
        &["sev-launch firmware tree OVMF.fd", "sev-launch firmware tree OVMF.fd --all"],
    ),
    all("firmware extract", &["sev-launch firmware extract OVMF.fd SecMain -o modules"]),
    all(
        "firmware diff",
        &[
            "sev-launch firmware diff release/OVMF.fd build/OVMF.fd",
            "sev-launch firmware diff release/OVMF.fd build/OVMF.fd --map difference.svg",
        ],
    ),
    all(
        "firmware reproduce",
        &[
            "sev-launch firmware reproduce release/OVMF.fd build/OVMF.fd",
            "sev-launch firmware reproduce first.fd second.fd --allow firmware-allow.toml",
        ],
    ),
    all(
        "vmsa",
        &[
            "sev-launch vmsa build --profile es-legacy --vcpu-type EPYC-Milan vmsa0.bin",
            "sev-launch vmsa show vmsa0.bin",
        ],
    ),
    all(
        "vmsa build",
        &[
            "sev-launch vmsa build --profile es-legacy --vcpu-type EPYC-Milan vmsa0.bin",
            "sev-launch vmsa build --profile snp-qemu --cpu 1 --firmware OVMF.fd \\",
            "    --vcpu-type EPYC-Milan vmsa1.bin",
        ],
    ),
    all("vmsa show", &["sev-launch vmsa show vmsa0.bin", "sev-launch vmsa show vmsa0.bin --json"]),
    all("vmsa diff", &["sev-launch vmsa diff vmsa0.bin captured.bin"]),
    all("profile", &["sev-launch profile list", "sev-launch profile diff es-legacy es-init2"]),
    all("profile list", &["sev-launch profile list", "sev-launch profile list --json"]),
    all(
        "profile show",
        &["sev-launch profile show snp-qemu", "sev-launch profile show es-legacy --json"],
    ),
    all("profile diff", &["sev-launch profile diff es-legacy es-init2"]),
    all("cpu", &["sev-launch cpu list"]),
    all("cpu list", &["sev-launch cpu list", "sev-launch cpu list --json"]),
    all(
        "completions",
        &["sev-launch completions bash -o ~/.local/share/bash-completion/completions/sev-launch"],
    ),
    all("man", &["sev-launch man ~/.local/share/man/man1"]),
];
