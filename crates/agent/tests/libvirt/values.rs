//! A domain, a host and a session, and what libvirt prints of them.

use sev_launch_agent::vmm::{Host, Session};

pub(crate) const UUID: &str = "57f669c2-c427-4132-bc7a-26f56b6a718c";

/// What virsh 9.0 prints of a domain by `dumpxml --inactive --security-info`, but for the domain's type.
pub(crate) const DUMPED: &str = "<domain type='kvm'>
  <name>sev</name>
  <uuid>57f669c2-c427-4132-bc7a-26f56b6a718c</uuid>
  <metadata>
    <sev:attestation xmlns:sev=\"https://github.com/sev-launch/sev-launch/attestation/1\" vmid=\"57f669c2-c427-4132-bc7a-26f56b6a718c\" service=\"https://attest.example/v1\"/>
  </metadata>
  <memory unit='KiB'>8388608</memory>
  <currentMemory unit='KiB'>8388608</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <os>
    <type arch='x86_64'>hvm</type>
    <boot dev='hd'/>
  </os>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
  </devices>
  <launchSecurity type='sev' kernelHashes='yes'>
    <cbitpos>47</cbitpos>
    <reducedPhysBits>1</reducedPhysBits>
    <policy>0x0003</policy>
    <dhCert>
AAAA
</dhCert>
    <session>BBBB</session>
  </launchSecurity>
</domain>

";

/// The same with another `<launchSecurity>`.
pub(crate) fn domain(security: &str) -> String {
    let (before, rest) = DUMPED.split_once("<launchSecurity").expect("the element");
    let (_, after) = rest.split_once("</launchSecurity>").expect("its end");
    format!("{before}{security}{after}")
}

pub(crate) fn host() -> Host {
    Host {
        pdh: vec![1; 2084],
        cert_chain: vec![2; 6252],
        cpu_id: Some(vec![3; 64]),
        cbitpos: 47,
        reduced_phys_bits: 1,
    }
}

pub(crate) fn session(byte: u8) -> Session {
    Session {
        godh: vec![byte; 2084],
        blob: vec![byte ^ 0xff; 128],
        policy: 3,
        kernel_hashes: Some(true),
    }
}
