//! The domains, as XML.

/// What differs between them.
pub(super) struct Domain<'a> {
    pub(super) name: &'a str,
    /// The file in the shared folder that is its emulator.
    pub(super) emulator: &'a str,
    /// With a measured kernel, initrd and command line?
    pub(super) has_kernel: bool,
    /// `<launchSecurity>`, whole.
    pub(super) security: String,
}

/// The command line of those with a kernel: one word.
pub(super) const CMDLINE: &str = "console=ttyS0";

impl Domain<'_> {
    pub(super) fn xml(&self) -> String {
        let Self { name, emulator, has_kernel, security } = self;
        let kernel = if *has_kernel {
            format!(
                "<kernel>/rehearsal/vmlinuz</kernel><initrd>/rehearsal/initrd.img</initrd><cmdline>{CMDLINE}</cmdline>"
            )
        } else {
            String::new()
        };
        format!(
            "<domain type='kvm'>
  <name>{name}</name>
  <memory unit='MiB'>512</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader readonly='yes' type='rom'>/rehearsal/OVMF.fd</loader>
    {kernel}
  </os>
  <features><acpi/></features>
  <cpu mode='custom' match='exact' check='none'><model>EPYC-Milan</model></cpu>
  <devices>
    <emulator>/rehearsal/{emulator}</emulator>
    <memballoon model='none'/>
  </devices>
  {security}
</domain>
"
        )
    }
}

/// SEV's and SEV-ES's `<launchSecurity>`; a session is the GODH certificate and the blob, in base64.
pub(super) fn sev(
    policy: &str,
    has_kernel: bool,
    session: Option<[&str; 2]>,
    c_bit: Option<u32>,
) -> String {
    let session = session
        .map(|[godh, blob]| format!("<dhCert>{godh}</dhCert><session>{blob}</session>"))
        .unwrap_or_default();
    let (hashes, host) = (hashes(has_kernel), host(c_bit));
    format!(
        "<launchSecurity type='sev'{hashes}>{host}<policy>{policy}</policy>{session}</launchSecurity>"
    )
}

/// SNP's.
pub(super) fn snp(has_kernel: bool) -> String {
    let (hashes, host) = (hashes(has_kernel), host(Some(51)));
    format!(
        "<launchSecurity type='sev-snp'{hashes}>{host}<policy>0x30000</policy></launchSecurity>"
    )
}

fn hashes(has_kernel: bool) -> &'static str {
    if has_kernel { " kernelHashes='yes'" } else { "" }
}

fn host(c_bit: Option<u32>) -> String {
    let c_bit = c_bit
        .map(|c_bit| format!("<cbitpos>{c_bit}</cbitpos><reducedPhysBits>1</reducedPhysBits>"));
    c_bit.unwrap_or_default()
}
