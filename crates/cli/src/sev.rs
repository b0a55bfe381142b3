//! SEV and SEV-ES, for the commands: flags, files and answers; the rules are the library's.

pub(crate) mod chain;
pub(crate) mod evidence;
pub(crate) mod keys;
pub(crate) mod launch;
pub(crate) mod policy;
pub(crate) mod secrets;
pub(crate) mod verdict;
