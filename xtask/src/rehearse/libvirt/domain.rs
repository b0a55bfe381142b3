//! The domains, as XML.

/// What differs between them.
#[derive(Clone, Default)]
pub(super) struct Domain<'a> {
    pub(super) name: &'a str,
    /// The file in the shared folder that is its emulator.
    pub(super) emulator: &'a str,
    /// The file there that is its measured kernel; initrd and command line go with it.
    pub(super) kernel: Option<&'a str>,
    /// `<launchSecurity>`, whole.
    pub(super) security: String,
    /// Its UUID, and the address of the service that it names in its metadata.
    pub(super) attested: Option<(String, String)>,
}

/// The command line of those with a kernel: one word.
pub(super) const CMDLINE: &str = "console=ttyS0";

/// The namespace of the element in a domain's metadata, as docs/agent.md has it.
const NAMESPACE: &str = "https://github.com/sev-launch/sev-launch/attestation/1";

impl Domain<'_> {
    pub(super) fn xml(&self) -> String {
        let Self { name, emulator, kernel, security, attested } = self;
        let kernel = kernel.map(|kernel| {
            format!(
                "<kernel>/rehearsal/{kernel}</kernel><initrd>/rehearsal/initrd.img</initrd><cmdline>{CMDLINE}</cmdline>"
            )
        });
        let kernel = kernel.unwrap_or_default();
        let attested = attested.as_ref().map(|(uuid, service)| {
            format!(
                "
  <uuid>{uuid}</uuid>
  <metadata>
    <sev:attestation xmlns:sev='{NAMESPACE}' service='{service}'/>
  </metadata>"
            )
        });
        let attested = attested.unwrap_or_default();
        format!(
            "<domain type='kvm'>
  <name>{name}</name>{attested}
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
