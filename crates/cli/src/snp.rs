//! SEV-SNP, for the commands: flags, files and answers; the rules are the library's.

mod advisories;
pub(crate) mod appraisal;
pub(crate) mod demands;
pub(crate) mod endorsement;
pub(crate) mod evidence;
pub(crate) mod fields;
pub(crate) mod launch_endorsement;
pub(crate) mod policy;
pub(crate) mod signer;
pub(crate) mod verdict;
