//! A guest firmware image, and what its tables tell a launcher.
//!
//! Defined by edk2 [OVMF, ResetVectorVtf0] and read by QEMU [QEMU, pc_system_parse_ovmf_flash]. The tables are read
//! backwards from the image's end. A launch reads only those that it needs: plain SEV without a kernel reads none, so an
//! image with broken tables is a value here, and each part answers for itself when it is asked for.
//!
//! ```
//! use sev_launch_digest::abi::Technology;
//! use sev_launch_digest::firmware::Absorber;
//! use sev_launch_digest::Firmware;
//!
//! let image = [0xff; 8192];
//! let absorbed = Firmware::parse(&image)?.absorb();
//!
//! // The same in pieces, and for SNP launches alone.
//! let mut absorber = Absorber::new(8192, Some(Technology::Snp))?;
//! image.chunks(1000).for_each(|piece| absorber.update(piece));
//! assert_eq!(absorber.finish()?.snp_digest(), absorbed.snp_digest());
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

pub(crate) mod absorbed;
mod absorber;
mod areas;
mod container;
mod contents;
pub(crate) mod error;
mod guid_table;
mod hash_check;
pub(crate) mod image;
mod limits;
pub(crate) mod metadata;
mod tables;
mod warnings;

pub use absorbed::AbsorbedFirmware;
pub use absorber::{Absorber, KEPT};
pub use areas::Area;
pub use error::{Error, Part};
pub use guid_table::{Entry, GuidTable};
pub use hash_check::KernelHashCheck;
pub use image::Firmware;
pub use limits::{MAX_SECTIONS, MAX_SIZE};
pub use metadata::{Metadata, Section, SectionKind};
pub use tables::Tables;
