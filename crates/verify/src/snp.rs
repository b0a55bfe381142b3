//! SEV-SNP: attestation reports, certificates of the chip, requirements, ID blocks.
//!
//! Defined by [SNP-ABI, ATTESTATION_REPORT] and, for certificates, [VCEK, certificate definition]. Evidence passes three
//! doors: [`chain::Chain::verify`] makes a [`chain::VerifiedVek`], [`report::UnverifiedReport::verify`] takes one and makes a
//! [`report::VerifiedReport`], and [`requirements::Requirements::appraise`] takes that and makes an
//! [`requirements::AcceptedReport`]. The [crate](crate#an-snp-report) has the whole way as an example.

pub mod advisory;
mod amd_keys;
pub mod certificate;
pub mod certificate_table;
pub mod chain;
pub mod crl;
pub mod demands;
pub mod id_block;
pub mod product;
pub mod report;
pub mod requirements;
mod signature;
pub mod signer;
pub(crate) mod x509;
