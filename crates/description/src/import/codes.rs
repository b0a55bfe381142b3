//! The codes of warnings: stable names, so that a script can tell them apart.

macro_rules! codes {
    ($($name:ident $code:literal $meaning:literal)*) => {
        $(#[doc = $meaning] pub(crate) const $name: &str = $code;)*

        /// Every code, and what it means.
        pub const CODES: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    ANNOTATION_NOT_ENABLED "annotation-not-enabled"
        "the pod has an annotation that the runtime's configuration does not allow, and with which the pod is not started"
    CMDLINE_SPACE "cmdline-space"
        "the kernel's command line has white space, or quotes, that may be a slip: every \
            byte of it is measured"
    CMDLINE_PREDICTED "cmdline-predicted"
        "the command line is what this release of the runtime is known to assemble, not what \
            a guest was seen to have"
    CONFIG_FILE "config-file"
        "options come from a further file that was not read"
    DEBUG_POLICY "debug-policy"
        "the guest policy lets the host read and write the guest's memory"
    DIGEST_UNPREDICTABLE "digest-unpredictable"
        "the VMM measures something of the launch in a way that cannot be predicted"
    FIRMWARE_NOT_STATELESS "firmware-not-stateless"
        "libvirt may choose a firmware that keeps variables outside of the measurement"
    FIRMWARE_NOT_UEFI "firmware-not-uefi"
        "the image does not ask for UEFI, without which the orchestrator refuses the server"
    FIRMWARE_WRITABLE "firmware-writable"
        "the guest can write to the measured image, so the next launch has another digest"
    HOST_DATA "host-data"
        "the guest's report will have HOST_DATA, which no digest covers: it must be demanded of the report"
    ID_BLOCK "id-block"
        "the guest is started with an ID block, which no digest covers: its key must be demanded of the report"
    ID_BLOCK_INCOMPLETE "id-block-incomplete"
        "of the ID block and the ID authentication only one is given, and the AMD-SP takes \
            both or none"
    KATA_WORKLOAD_VCPUS "kata-workload-vcpus"
        "the runtime adds the vCPUs of the pod's CPU limits to the default number"
    KERNEL_NOT_MEASURED "kernel-not-measured"
        "the kernel, initrd and command line are given to the VMM, and can be exchanged \
            without a trace in the digest"
    KEY_SHARING_POLICY "key-sharing-policy"
        "the guest policy lets the host start other guests with this guest's key"
    MACHINE_NOT_Q35 "machine-not-q35"
        "the machine type is not q35, on which the orchestrator insists"
    MAXCPUS_ALONE "maxcpus-alone"
        "the number of vCPUs is left out beside maxcpus, and was another in QEMU 6.0 and 6.1"
    MIGRATION_POLICY "migration-policy"
        "the guest policy lets the guest be sent to other platforms"
    NO_SESSION "no-session"
        "no launch session of the guest's owner: the AMD-SP makes its own keys, so nobody \
            can verify the launch measurement or inject a secret"
    NOT_ATTESTABLE "not-attestable"
        "the guest is encrypted, but its owner cannot attest it: the digest is for information only"
    NOT_KVM "not-kvm"
        "the guest is not run by KVM, without which there is no SEV"
    NOT_STATELESS "not-stateless"
        "the image does not ask for stateless firmware, which the orchestrator requires for SNP"
    NVRAM_NOT_MEASURED "nvram-not-measured"
        "a store of firmware variables is given, which no digest covers: who writes it can \
            change how the guest boots"
    POLICY_REFUSED "policy-refused"
        "the guest policy has bits that SNP_LAUNCH_START refuses, so that no guest is started under it"
    QEMU_ARGUMENTS "qemu-arguments"
        "libvirt appends arguments of the domain's own to QEMU's, which can change what is measured"
    UNUSED_FIRMWARE "unused-firmware"
        "a firmware image is given beside an IGVM file, and the VMM does not look at it"
    SHELL_VARIABLE "shell-variable"
        "the text has a shell's variable or substitution, which was taken as it stands"
    SNP_WITH_PFLASH "snp-with-pflash"
        "the firmware is in flash, which QEMU does not start SNP guests from: -bios is the way"
    SNAPSHOT "snapshot"
        "the domain is that of a snapshot or checkpoint, not the one that runs"
    UNREAD_SETTING "unread-setting"
        "an option, a key or an element that was not looked at may change what is measured"
    STRAY_ARGUMENT "stray-argument"
        "words belong to no option: the quotes of the command line were likely lost"
}
