//! The host's side of the attestation protocol of a guest owner.
//!
//! A host asks the owner's service for a session, starts the guest with it, shows the measurement, hands the owner's packet in, and lets
//! the guest run: [`dance`], over whatever VMM there is ([`vmm`]) and whoever decides ([`owner`]). The host is trusted with nothing but that packet, which one
//! guest alone can open, and decides nothing: no rule of what is accepted is here.
//!
//! | module | what it answers |
//! |---|---|
//! | [`dance`] | the steps, and what ends them |
//! | [`journal`] | what is remembered, so that a killed agent's launch goes on or is over |
//! | [`owner`], [`offline`] | the service that decides; a folder of files in its place |
//! | [`vmm`] | what a VMM has to do |
//! | [`qmp`], [`qemu`] | QEMU: its monitor, its command line, its process |
//! | [`libvirt`] | libvirt, by `virsh`: domains and their XML |
//! | [`attestation`] | which guest of which service a domain says that it is |
//! | [`report`] | in a guest of SEV-SNP: its own report |
//! | [`command`] | the command |

#![deny(unsafe_code)]

pub mod attestation;
pub mod command;
pub mod dance;
pub mod journal;
pub mod libvirt;
pub mod offline;
pub mod owner;
pub mod qemu;
pub mod qmp;
mod regular;
pub mod report;
mod started;
pub mod vmm;
