//! What is fuzzed of `sev-launch-verify`, and of AMD's words below it.
//!
//! Evidence comes from a host, who may be the attacker: every byte of it. So each target asks two things. Does any input make a
//! parser panic? And does anything verify that should not? For the second the bytes choose what is signed and what is changed
//! afterwards, keys are throwaway ones of the test kit, and a plain restatement of the rules in the target says what must come out.

pub(crate) mod appraisal;
pub(crate) mod certificate_table;
pub(crate) mod changes;
pub(crate) mod choices;
pub(crate) mod crl;
mod der;
pub(crate) mod endorsement;
pub(crate) mod id_block;
pub(crate) mod id_key;
mod pem;
pub(crate) mod policy;
mod random;
pub(crate) mod requirements_json;
pub(crate) mod secret_packet;
pub(crate) mod sev_certificate;
pub(crate) mod sev_chain;
pub(crate) mod sev_measurement;
pub(crate) mod sev_report;
pub(crate) mod signing_key;
pub(crate) mod snp_chain;
mod snp_keys;
pub(crate) mod snp_report;
pub(crate) mod x509;
