//! The commands of virt-qemu-sev-validate of libvirt 9.0, with flags as its own help has them, and what stands for each of them here.

use super::{Becomes, Flag, Ours, Theirs, left, value};

/// Every command.
pub(super) const ALL: &[Theirs] = &[Theirs {
    tool: "virt-qemu-sev-validate",
    command: "",
    positionals: &[],
    flags: &[
        left(&["-d", "--debug"], false, "--json tells everything"),
        Flag { names: &["-q", "--quiet"], takes_value: false, becomes: Becomes::Flag("--quiet") },
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
}];
