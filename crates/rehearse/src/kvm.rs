//! KVM, as its documentation and source say that it behaves; its structures are those of `kvm-bindings`.
//!
//! Nothing here runs a guest. [`vcpu`] and [`vm`] keep what a VMM sets, as far as anything is made of it; [`save_area`] makes VMSAs.

pub(crate) mod capability;
pub(crate) mod cpuid;
pub(crate) mod ioctl;
pub(crate) mod registers;
pub(crate) mod save_area;
pub(crate) mod segment;
pub(crate) mod stored;
pub(crate) mod system;
pub(crate) mod vcpu;
pub(crate) mod vm;
