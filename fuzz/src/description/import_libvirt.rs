//! A libvirt domain's XML.

use sev_launch_description::import::libvirt;

use super::{check_import, testdata};

/// An input is a document.
pub(crate) fn run(bytes: &[u8]) {
    check_import(|| libvirt::from_xml(bytes, "x"));
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let names = ["sev-auto", "sev-direct", "sev-es-host-model", "sev-es", "sev-nvram"];
    let files = names.into_iter().map(|name| {
        let text = testdata(&format!("import/virt-install/{name}.xml"));
        let text = String::from_utf8(text).expect("the seeds are text");
        // A dozen ports say no more than one.
        let port = "    <controller type=\"pci\" model=\"pcie-root-port\"/>\n";
        text.replace(port, "").into_bytes()
    });
    files.chain([WRAPPED.into(), RUNNING.into()]).collect()
}

/// What virt-install does not write: a status, arguments of the domain's own, and vCPUs one by one.
const WRAPPED: &str = "<domstatus><domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\
<vcpu current='2'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' enabled='yes' hotpluggable='yes'/></vcpus>\
<os><type arch='x86_64' machine='pc-q35-9.0'>hvm</type><loader type='rom'>/f</loader><kernel>/k</kernel><cmdline>a &amp; b</cmdline></os>\
<features><smm state='off'/></features><cpu mode='custom'><model>EPYC-Milan</model></cpu>\
<launchSecurity type='sev-snp' kernelHashes='yes' authorKey='yes' vcek='no'><policy>0x30000</policy><hostData>AA==</hostData>\
<idBlock>AA==</idBlock><idAuth>AA==</idAuth></launchSecurity>\
<qemu:commandline><qemu:arg value='-fw_cfg'/><qemu:arg value='name=a,string=b'/></qemu:commandline></domain></domstatus>";

/// One that runs.
const RUNNING: &str = "<domain type='kvm' id='3'><vcpu>1</vcpu><os firmware='efi'><type machine='pc-q35-7.2'>hvm</type>\
<loader type='pflash' readonly='yes' format='qcow2' stateless='yes'>/f</loader><nvram template='/v'/></os>\
<cpu mode='host-passthrough' check='none'/><launchSecurity type='sev'><policy>5</policy><dhCert>AA</dhCert><session>AA</session>\
</launchSecurity></domain>";
