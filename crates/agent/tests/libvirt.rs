//! Guests of libvirt: what a domain says of its attestation, its XML with a session in it, and the whole way through `virsh`.
//!
//! `virsh` is a script that answers as libvirt does and keeps what it was given ([`fake`]); where libvirt's own is installed it is asked too ([`real`]).

#[path = "libvirt/fake.rs"]
mod fake;
#[path = "libvirt/faults.rs"]
mod faults;
#[path = "libvirt/flow.rs"]
mod flow;
#[path = "libvirt/metadata.rs"]
mod metadata;
#[path = "libvirt/real.rs"]
mod real;
#[path = "libvirt/started.rs"]
mod started;
#[path = "libvirt/values.rs"]
mod values;
#[path = "libvirt/xml.rs"]
mod xml;
