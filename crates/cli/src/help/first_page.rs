//! What `sev-launch` says alone: its commands in groups, and the other names that it answers to.

/// The commands of the first page, in the order in which a launch needs them.
pub(super) const GROUPS: [(&str, &[&str]); 7] = [
    ("What will be measured", &["digest", "import", "describe", "manifest"]),
    ("Would it start", &["preflight", "host"]),
    ("Launched for real, without the hardware", &["rehearse", "platform"]),
    ("What was measured", &["verify", "report", "explain"]),
    ("Keys and certificates", &["session", "secret", "id-block", "certs"]),
    ("A service for guest owners", &["serve", "remote", "agent", "audit"]),
    ("What goes into a launch", &["firmware", "vmsa", "profile", "cpu"]),
];

/// What the first page says of other names.
pub(super) const OTHER_NAMES: &str = "\
Examples:
  sev-launch digest --mode snp --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan
  sev-launch verify --report report.bin --vek vcek.der --launch-digest HASH

Other tools' words: linked as sev-snp-measure or snp-create-id-block, or with that name first, this
is that tool; commands of sevctl, snpguest and virt-qemu-sev-validate get the line to type here.
`sev-launch --mode …` is `digest`. `completions SHELL` and `man FOLDER` write what is installed too.";

/// Commands that stand in no group: [`OTHER_NAMES`] says what they are for.
#[cfg(test)]
pub(super) const UNGROUPED: [&str; 2] = ["completions", "man"];
