//! What importers make of real shapes, as text in `testdata/golden/import/`; and what is refused, or warned of, by name.
//!
//! `SEV_LAUNCH_BLESS=1` writes the golden files anew. `SEV_LAUNCH_DOCS` names the folder in which Debian's
//! `libvirt-doc` and `qemu-system-common` have their documentation (`/usr/share/doc`): what is published there is read too.

#[path = "import/documents.rs"]
mod documents;
#[path = "import/golden.rs"]
mod golden;
#[path = "import/hostile.rs"]
mod hostile;
#[path = "import/id_block.rs"]
mod id_block;
#[path = "import/igvm.rs"]
mod igvm;
#[path = "import/kata.rs"]
mod kata;
#[path = "import/kata_pods.rs"]
mod kata_pods;
#[path = "import/kubevirt.rs"]
mod kubevirt;
#[path = "import/libvirt.rs"]
mod libvirt;
#[path = "import/nova.rs"]
mod nova;
#[path = "import/proxmox.rs"]
mod proxmox;
#[path = "import/qemu.rs"]
mod qemu;
#[path = "import/sev_snp_measure.rs"]
mod sev_snp_measure;
#[path = "import/unread.rs"]
mod unread;
#[path = "import/warnings.rs"]
mod warnings;
