//! What importers make of real shapes, as text in `testdata/golden/import/`; and what is refused, or warned of, by name.
//!
//! `SEV_LAUNCH_BLESS=1` writes the golden files anew. `SEV_LAUNCH_DOCS` names a folder with the documentation of libvirt as
//! Debian's `libvirt-doc` installs it (`/usr/share/doc/libvirt-doc`): the domains published there are read too.

#[path = "import/documents.rs"]
mod documents;
#[path = "import/golden.rs"]
mod golden;
#[path = "import/hostile.rs"]
mod hostile;
#[path = "import/kata.rs"]
mod kata;
#[path = "import/libvirt.rs"]
mod libvirt;
#[path = "import/nova.rs"]
mod nova;
#[path = "import/qemu.rs"]
mod qemu;
#[path = "import/warnings.rs"]
mod warnings;
