//! The commands of sevctl, snpguest and virt-qemu-sev-validate, and what stands for each of them here: data alone.
//!
//! `docs/from-other-tools.md` is made of it. Flags are as these programs' own help has them: sevctl 0.6.2, snpguest 0.11.0,
//! libvirt 9.0.

/// A command of another tool.
#[derive(Debug)]
pub(super) struct Theirs {
    /// The tool.
    pub(super) tool: &'static str,
    /// Its command, as words; empty where the tool has flags alone.
    pub(super) command: &'static str,
    /// The names of what stands without a flag, in its order.
    pub(super) positionals: &'static [&'static str],
    /// Its flags.
    pub(super) flags: &'static [Flag],
    /// What stands for it.
    pub(super) ours: Ours,
    /// What else to know.
    pub(super) says: &'static str,
    /// The words after the command as somebody would type them; for the page, and for tests.
    pub(super) example: &'static str,
}

/// What stands for a command of theirs.
///
/// In a line, `{NAME}` is what was given by that name, or the name itself, for the typer to fill in; `{flags}` the flags that are
/// carried over; a word that ends in `/vcek.pem` the certificate of snpguest's that is in the folder before it.
#[derive(Debug)]
pub(super) enum Ours {
    /// The same, in our words.
    Line(&'static str),
    /// The same; the first line where no flag is carried over, else the second.
    Either(&'static str, &'static str),
    /// Nothing: the line is what comes next here, where there is such a thing.
    Nothing(Option<&'static str>),
}

/// A flag of theirs.
#[derive(Debug)]
pub(super) struct Flag {
    /// Its names.
    pub(super) names: &'static [&'static str],
    /// Does a value belong to it?
    pub(super) takes_value: bool,
    /// What becomes of it.
    pub(super) becomes: Becomes,
}

/// What becomes of a flag.
#[derive(Clone, Copy, Debug)]
pub(super) enum Becomes {
    /// This flag of ours, with its value.
    Flag(&'static str),
    /// The value goes to this name in the line.
    Named(&'static str),
    /// The answer goes into the file.
    Redirected,
    /// These words, and why; `DOMAIN` in the reason stands for the value.
    Adds(&'static str, &'static str),
    /// Nothing, and why.
    Left(&'static str),
}

const fn value(names: &'static [&'static str], ours: &'static str) -> Flag {
    Flag { names, takes_value: true, becomes: Becomes::Flag(ours) }
}

const fn named(names: &'static [&'static str], name: &'static str) -> Flag {
    Flag { names, takes_value: true, becomes: Becomes::Named(name) }
}

const fn redirected(names: &'static [&'static str]) -> Flag {
    Flag { names, takes_value: true, becomes: Becomes::Redirected }
}

const fn left(names: &'static [&'static str], takes_value: bool, why: &'static str) -> Flag {
    Flag { names, takes_value, becomes: Becomes::Left(why) }
}

/// What a platform's or a guest's own device would say, which is never opened here.
const DEVICE: &str = "it asks the machine's own device, and sev-launch opens none";

const VMSA: &[Flag] = &[
    value(&["--cpu"], "--cpu"),
    value(&["--family"], "--vcpu-family"),
    value(&["--model"], "--vcpu-model"),
    value(&["--stepping"], "--vcpu-stepping"),
    value(&["--firmware"], "--firmware"),
    value(&["--userspace"], "--userspace"),
];

const FETCH: &[Flag] = &[
    left(&["-r", "--report"], true, "nothing is fetched here"),
    left(&["-p", "--processor-model"], true, "nothing is fetched here"),
    left(&["-e", "--endorser"], true, "nothing is fetched here"),
];

const FORM: Flag = value(&["-f", "--output-format"], "--format");

/// Every command, tool by tool.
pub(super) const ALL: &[Theirs] = &[
    Theirs {
        tool: "sevctl",
        command: "export",
        positionals: &["CHAIN"],
        flags: &[left(&["-f", "--full"], false, "both forms of the file are read")],
        ours: Ours::Nothing(Some("certs verify {CHAIN}")),
        says: "sevctl runs on the platform; the file that it writes is what is verified here",
        example: "--full platform.chain",
    },
    Theirs {
        tool: "sevctl",
        command: "generate",
        positionals: &["OCA", "KEY"],
        flags: &[],
        ours: Ours::Nothing(Some("certs verify CHAIN --owner {OCA}")),
        says: "sev-launch makes no owner's certificate; whether a platform is that owner's is asked by --owner",
        example: "oca.cert oca.key",
    },
    Theirs {
        tool: "sevctl",
        command: "ok",
        positionals: &["GENERATION"],
        flags: &[],
        ours: Ours::Nothing(None),
        says: DEVICE,
        example: "",
    },
    Theirs {
        tool: "sevctl",
        command: "provision",
        positionals: &["OCA", "KEY"],
        flags: &[],
        ours: Ours::Nothing(Some("certs verify CHAIN --owner {OCA}")),
        says: "it writes to the platform's device; whether a platform is that owner's is asked by --owner",
        example: "oca.cert oca.key",
    },
    Theirs {
        tool: "sevctl",
        command: "reset",
        positionals: &[],
        flags: &[],
        ours: Ours::Nothing(None),
        says: DEVICE,
        example: "",
    },
    Theirs {
        tool: "sevctl",
        command: "rotate",
        positionals: &[],
        flags: &[],
        ours: Ours::Nothing(None),
        says: DEVICE,
        example: "",
    },
    Theirs {
        tool: "sevctl",
        command: "show",
        positionals: &["WHAT"],
        flags: &[],
        ours: Ours::Nothing(None),
        says: DEVICE,
        example: "version",
    },
    Theirs {
        tool: "sevctl",
        command: "session",
        positionals: &["CHAIN", "POLICY"],
        flags: &[value(&["-n", "--name"], "--name")],
        ours: Ours::Line("session {CHAIN} {POLICY} {flags}"),
        says: "sevctl takes the file for a PDH and verifies nothing; here the platform's chain is verified, so give the whole of `sevctl export --full`",
        example: "--name vm platform.chain 0x5",
    },
    Theirs {
        tool: "sevctl",
        command: "verify",
        positionals: &[],
        flags: &[
            named(&["--sev"], "CHAIN"),
            value(&["--oca"], "--owner"),
            value(&["--ca"], "--ca"),
        ],
        ours: Ours::Line("certs verify {CHAIN} {flags}"),
        says: "nothing is fetched: CHAIN is what `sevctl export` writes; AMD's keys are built in",
        example: "--sev platform.chain --ca ask_ark.cert",
    },
    Theirs {
        tool: "sevctl",
        command: "validate",
        positionals: &["CHAIN", "REPORT"],
        flags: &[],
        ours: Ours::Nothing(Some("certs verify {CHAIN}")),
        says: "the command reads no attestation report of SEV's (the library does: sev_launch_verify::sev::attestation_report)",
        example: "platform.chain report.bin",
    },
    Theirs {
        tool: "sevctl",
        command: "vmsa build",
        positionals: &["FILE"],
        flags: VMSA,
        ours: Ours::Line("vmsa build {FILE} {flags}"),
        says: "sevctl's own words are taken too",
        example: "vmsa0.bin --cpu 0 --family 25 --model 1 --stepping 1 --firmware OVMF.fd --userspace qemu",
    },
    Theirs {
        tool: "sevctl",
        command: "vmsa show",
        positionals: &["FILE"],
        flags: &[],
        ours: Ours::Line("vmsa show {FILE} --json"),
        says: "",
        example: "vmsa0.bin",
    },
    Theirs {
        tool: "sevctl",
        command: "vmsa update",
        positionals: &["FILE"],
        flags: VMSA,
        ours: Ours::Line("vmsa build {FILE} {flags}"),
        says: "a page is built anew, and not changed: what the old one had beside these fields is not kept",
        example: "vmsa1.bin --cpu 1 --firmware OVMF.fd --userspace qemu",
    },
    Theirs {
        tool: "sevctl",
        command: "measurement build",
        positionals: &[],
        flags: &[
            value(&["--api-major"], "--api-major"),
            value(&["--api-minor"], "--api-minor"),
            value(&["--build-id"], "--build-id"),
            value(&["--policy"], "--policy"),
            left(&["--nonce"], true, "what the host reports holds it: give that by --measurement"),
            value(&["--launch-measure-blob"], "--measurement"),
            value(&["--tik"], "--tik"),
            value(&["--launch-digest"], "--launch-digest"),
            value(&["--firmware"], "--firmware"),
            value(&["--kernel"], "--kernel"),
            value(&["--initrd"], "--initrd"),
            value(&["--cmdline"], "--cmdline"),
            value(&["--num-cpus"], "--vcpus"),
            value(&["--vmsa-cpu0"], "--vmsa-bsp"),
            value(&["--vmsa-cpu1"], "--vmsa-ap"),
            left(&["--outfile"], true, "the measurement is compared, and not written"),
        ],
        ours: Ours::Line("verify {flags} --measurement=MEASUREMENT"),
        says: "sevctl prints what to compare by eye; here the answer is yes or no. --tik is a file",
        example: "--api-major 1 --api-minor 55 --build-id 24 --policy 0x1 --tik vm_tik.bin --firmware OVMF.fd --launch-measure-blob QRfzhiEjIHG5Q9e7F250L4sddmLW1y0mySX+0n6R894juDPntO0DzfyPqtI3i8jm",
    },
    Theirs {
        tool: "sevctl",
        command: "secret build",
        positionals: &["HEADER", "PAYLOAD"],
        flags: &[
            value(&["--tik"], "--tik"),
            value(&["--tek"], "--tek"),
            value(&["--launch-measure-blob"], "--measurement"),
            value(&["--secret"], "--secret"),
            left(&["--iv"], true, "it is made anew each time, as AES-CTR needs it"),
        ],
        ours: Ours::Line(
            "secret build {HEADER} {PAYLOAD} {flags} --policy POLICY --api-major MAJOR --api-minor MINOR --build-id BUILD --launch-digest DIGEST",
        ),
        says: "sevctl packs without looking; here a secret is packed for a launch that was verified, so all that verify needs is needed. --tik and --tek are files",
        example: "--tik vm_tik.bin --tek vm_tek.bin --launch-measure-blob QRfzhiEjIHG5Q9e7F250L4sddmLW1y0mySX+0n6R894juDPntO0DzfyPqtI3i8jm --secret 736869e5-84f0-4973-92ec-06879ce3da0b:passphrase header.b64 payload.b64",
    },
    Theirs {
        tool: "snpguest",
        command: "report",
        positionals: &["REPORT", "REQUEST"],
        flags: &[
            left(&["-r", "--random"], false, "nothing is asked for here"),
            left(&["-v", "--vmpl"], true, "what a report must say of it is asked by verify --vmpl"),
            left(&["--openhcl"], false, "nothing is asked for here"),
        ],
        ours: Ours::Nothing(Some("report show {REPORT}")),
        says: "snpguest runs in the guest; the report that it writes is what is read here",
        example: "report.bin request.bin --random",
    },
    Theirs {
        tool: "snpguest",
        command: "certificates",
        positionals: &["ENCODING", "FOLDER"],
        flags: &[],
        ours: Ours::Nothing(Some("report verify REPORT --vek {FOLDER}/vcek.{ENCODING}")),
        says: "snpguest runs in the guest; the certificates that it writes are what is read here",
        example: "pem certs",
    },
    Theirs {
        tool: "snpguest",
        command: "fetch ca",
        positionals: &["ENCODING", "FOLDER", "PRODUCT"],
        flags: FETCH,
        ours: Ours::Nothing(None),
        says: "nothing is fetched, and nothing is missing: ASK, ASVK and ARK are built in",
        example: "pem certs milan",
    },
    Theirs {
        tool: "snpguest",
        command: "fetch crl",
        positionals: &["ENCODING", "FOLDER", "PRODUCT"],
        flags: FETCH,
        ours: Ours::Nothing(Some("report verify REPORT --crl FILE")),
        says: "nothing is fetched; a revocation list that was is given by --crl",
        example: "pem certs milan",
    },
    Theirs {
        tool: "snpguest",
        command: "fetch vcek",
        positionals: &["ENCODING", "FOLDER", "REPORT"],
        flags: FETCH,
        ours: Ours::Nothing(Some("report verify {REPORT}")),
        says: "nothing is fetched; without a VCEK the answer is the address of the right one on AMD's key server",
        example: "pem certs report.bin",
    },
    Theirs {
        tool: "snpguest",
        command: "verify certs",
        positionals: &["FOLDER"],
        flags: &[],
        ours: Ours::Line("report verify REPORT --vek {FOLDER}/vcek.pem"),
        says: "certificates are verified with the report that they are for, up to AMD's keys, which are built in",
        example: "certs",
    },
    // No command of 0.11.0, but words that people type.
    Theirs {
        tool: "snpguest",
        command: "verify tcb",
        positionals: &["FOLDER", "REPORT"],
        flags: &[left(&["-p", "--processor-model"], true, "report and certificate say it")],
        ours: Ours::Line("report verify {REPORT} --vek {FOLDER}/vcek.pem"),
        says: "what snpguest does by verify attestation --tcb: the report's TCB is compared with the certificate's, and all else is verified too",
        example: "certs report.bin",
    },
    Theirs {
        tool: "snpguest",
        command: "verify attestation",
        positionals: &["FOLDER", "REPORT"],
        flags: &[
            left(&["-p", "--processor-model"], true, "report and certificate say it"),
            left(&["-t", "--tcb"], false, "everything is verified"),
            left(&["-s", "--signature"], false, "everything is verified"),
            value(&["-m", "--measurement"], "--launch-digest"),
            value(&["-d", "--host-data"], "--host-data"),
            value(&["-r", "--report-data"], "--report-data"),
            value(&["--id-key-digest"], "--id-key-digest"),
            value(&["--author-key-digest"], "--author-key-digest"),
        ],
        ours: Ours::Either(
            "report verify {REPORT} --vek {FOLDER}/vcek.pem",
            "verify --report {REPORT} --vek {FOLDER}/vcek.pem {flags} --launch-digest=DIGEST",
        ),
        says: "the certificate may be vcek.der, vlek.pem or vlek.der too: what is in the folder is told",
        example: "certs report.bin --measurement 094545c7079dd4c981f681a586dd823b639d0094d207796d7baa44d959563f3175c199ca7c038184780c12cb0874bb25",
    },
    Theirs {
        tool: "snpguest",
        command: "display report",
        positionals: &["REPORT"],
        flags: &[left(&["-o", "--output"], true, "--json prints every field as JSON")],
        ours: Ours::Line("report show {REPORT}"),
        says: "",
        example: "report.bin",
    },
    Theirs {
        tool: "snpguest",
        command: "display key",
        positionals: &["KEY"],
        flags: &[],
        ours: Ours::Nothing(None),
        says: "keys that the AMD-SP derives are nothing that sev-launch reads; `xxd -p` prints a file in hex",
        example: "key.bin",
    },
    Theirs {
        tool: "snpguest",
        command: "key",
        positionals: &["KEY", "ROOT"],
        flags: &[
            left(&["-v", "--vmpl"], true, "no key is derived here"),
            left(&["-g", "--guest_field_select"], true, "no key is derived here"),
            left(&["-s", "--guest_svn"], true, "no key is derived here"),
            left(&["-t", "--tcb_version"], true, "no key is derived here"),
            left(&["-l", "--launch_mit_vector"], true, "no key is derived here"),
        ],
        ours: Ours::Nothing(None),
        says: DEVICE,
        example: "key.bin vcek",
    },
    Theirs {
        tool: "snpguest",
        command: "ok",
        positionals: &[],
        flags: &[],
        ours: Ours::Nothing(None),
        says: DEVICE,
        example: "",
    },
    Theirs {
        tool: "snpguest",
        command: "generate measurement",
        positionals: &[],
        flags: &[
            value(&["-v", "--vcpus"], "--vcpus"),
            value(&["--vcpu-type"], "--vcpu-type"),
            value(&["--vcpu-sig"], "--vcpu-sig"),
            value(&["--vcpu-family"], "--vcpu-family"),
            value(&["--vcpu-model"], "--vcpu-model"),
            value(&["--vcpu-stepping"], "--vcpu-stepping"),
            value(&["-t", "--vmm-type"], "--vmm-type"),
            value(&["-o", "--ovmf"], "--ovmf"),
            value(&["-k", "--kernel"], "--kernel"),
            value(&["-i", "--initrd"], "--initrd"),
            value(&["-a", "--append"], "--append"),
            value(&["-g", "--guest-features"], "--guest-features"),
            value(&["--ovmf-hash"], "--snp-ovmf-hash"),
            FORM,
            redirected(&["-m", "--measurement-file"]),
        ],
        ours: Ours::Line("digest --mode snp {flags} --vcpus=1"),
        says: "in hex without snpguest's 0x, in base64 of the digest and not of its hex text; white space around --append is measured, as QEMU does; for EC2 before 2026 it is --profile snp-ec2-rdx0",
        example: "-v 4 --vcpu-type EPYC-Milan -o OVMF.amdsev.fd -k vmlinuz -i initrd.img -a quiet",
    },
    Theirs {
        tool: "snpguest",
        command: "generate ovmf-hash",
        positionals: &[],
        flags: &[value(&["-o", "--ovmf"], "--ovmf"), FORM, redirected(&["--hash-file"])],
        ours: Ours::Line("digest --mode snp:ovmf-hash {flags}"),
        says: "",
        example: "-o OVMF.amdsev.fd --hash-file hash.txt",
    },
    Theirs {
        tool: "snpguest",
        command: "generate id-block",
        positionals: &["ID-KEY", "AUTHOR-KEY", "DIGEST"],
        flags: &[
            value(&["-f", "--family-id"], "--family-id"),
            value(&["-m", "--image-id"], "--image-id"),
            left(&["-v", "--version"], true, "1 is the only one"),
            value(&["-s", "--svn"], "--guest-svn"),
            value(&["-p", "--policy"], "--policy"),
            named(&["-i", "--id-file"], "id-block.b64"),
            named(&["-a", "--auth-file"], "id-auth.b64"),
        ],
        ours: Ours::Line(
            "id-block build --id-key {ID-KEY} --author-key {AUTHOR-KEY} --digest {DIGEST} {flags} --policy=0x30000 --out {id-block.b64} {id-auth.b64} --base64",
        ),
        says: "policy 0x30000 is what snpguest takes where none is given",
        example: "id.pem author.pem 0x094545c7079dd4c981f681a586dd823b639d0094d207796d7baa44d959563f3175c199ca7c038184780c12cb0874bb25 --svn 2",
    },
    Theirs {
        tool: "snpguest",
        command: "generate key-digest",
        positionals: &["KEY"],
        flags: &[redirected(&["-d", "--key-digest-file"])],
        ours: Ours::Line(
            "id-block build --id-key {KEY} --digest DIGEST --policy 0x30000 --to-be-signed id-block.bin",
        ),
        says: "the line ID_KEY_DIGEST has it, and does not depend on the digest",
        example: "id.pem",
    },
    Theirs {
        tool: "virt-qemu-sev-validate",
        command: "",
        positionals: &[],
        flags: &[
            left(&["-d", "--debug"], false, "--json tells everything"),
            Flag {
                names: &["-q", "--quiet"],
                takes_value: false,
                becomes: Becomes::Flag("--quiet"),
            },
            value(&["-m", "--measurement"], "--measurement"),
            value(&["--api-major"], "--api-major"),
            value(&["--api-minor"], "--api-minor"),
            value(&["--build-id"], "--build-id"),
            value(&["--policy"], "--policy"),
            value(&["-f", "--firmware"], "--firmware"),
            value(&["-k", "--kernel"], "--kernel"),
            value(&["-r", "--initrd"], "--initrd"),
            value(&["-e", "--cmdline"], "--cmdline"),
            value(&["-n", "--num-cpus"], "--vcpus"),
            value(&["-0", "--vmsa-cpu0"], "--vmsa-bsp"),
            value(&["-1", "--vmsa-cpu1"], "--vmsa-ap"),
            value(&["--cpu-family"], "--vcpu-family"),
            value(&["--cpu-model"], "--vcpu-model"),
            value(&["--cpu-stepping"], "--vcpu-stepping"),
            value(&["--tik"], "--tik"),
            value(&["--tek"], "--tek"),
            value(&["--tk"], "--tk"),
            left(&["-c", "--connect"], true, "nothing is asked of libvirt: virsh takes it"),
            Flag {
                names: &["-o", "--domain"],
                takes_value: true,
                becomes: Becomes::Adds(
                    "--description launch.toml --evidence launch.txt",
                    "nothing is asked of libvirt: make these files by `virsh dumpxml DOMAIN > domain.xml`, `sev-launch import libvirt domain.xml -o launch.toml` and `virsh domlaunchsecinfo DOMAIN > launch.txt`",
                ),
            },
            left(
                &["-i", "--insecure"],
                false,
                "what is accepted although it is insecure has a flag for each, as --allow-debug",
            ),
            left(
                &["-g", "--ignore-config"],
                false,
                "import warns, and refuses nothing that it can say",
            ),
            value(&["-s", "--inject-secret"], "--inject-secret"),
            value(&["--secret-payload"], "--secret-payload"),
            value(&["--secret-header"], "--secret-header"),
        ],
        ours: Ours::Line("verify {flags} --policy=POLICY"),
        says: "its long flags are verify's too, but for those that are left out or added for here",
        example: "-m QRfzhiEjIHG5Q9e7F250L4sddmLW1y0mySX+0n6R894juDPntO0DzfyPqtI3i8jm --api-major 1 --api-minor 55 --build-id 24 --policy 1 -f OVMF.fd -k vmlinuz --tk vm_tk.bin",
    },
];
