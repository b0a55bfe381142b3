//! What is fuzzed: every parser, and the decisions that rest on them.
//!
//! A [`Target`] is a function of bytes that must never panic. Many of them hold more: an oracle, which computes the same in
//! another way and compares. Each of them can be run in two ways:
//!
//! - by libFuzzer, which looks for bytes that reach new code: `cargo xtask fuzz`. A program for each target stands in `fuzz_targets`, so that
//!   cargo-fuzz finds them too: `cargo fuzz run NAME target/fuzz/corpus/NAME fuzz/corpus/NAME`, since it writes what it finds into the first folder.
//! - over the inputs that are kept in `corpus/NAME`: a plain test for each target, which `cargo xtask check` runs.
//!
//! An input that was found to fail is added to `corpus/NAME` with the mending, and stays.

mod agent;
pub mod corpus;
mod description;
mod digest;
mod evidence;
mod explain;
mod firmware;
mod host;
mod json;
mod manifest;
mod protocol;
mod sweep;
mod text;
mod verify;

/// libFuzzer, for [`target!`].
#[cfg(fuzzing)]
pub use libfuzzer_sys;

/// One function that is fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// As its program and its folder in `corpus` are named.
    pub name: &'static str,
    /// Takes any bytes, and panics if what they lead to is wrong.
    pub run: fn(&[u8]),
    /// What to begin with: inputs made of the repository's `testdata` and of the test kit.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Declares the list of targets, and a test of each over its corpus.
macro_rules! targets {
    ($($name:ident: $run:path, $seeds:path;)*) => {
        /// Every target, in the order in which they are run.
        pub const TARGETS: &[Target] = &[
            $(Target { name: stringify!($name), run: $run, seeds: $seeds },)*
        ];

        #[cfg(test)]
        mod kept_inputs_of {
            $(
                #[test]
                fn $name() {
                    $crate::corpus::replay(stringify!($name));
                }
            )*
        }
    };
}

targets! {
    absorbed_firmware: digest::absorbed::run, digest::absorbed::seeds;
    firmware: digest::firmware::run, digest::firmware::seeds;
    guests: digest::guests::run, digest::guests::seeds;
    host: digest::host::run, digest::host::seeds;
    igvm_file: digest::igvm::run, digest::igvm::seeds;
    kernel: digest::kernel::run, digest::kernel::seeds;
    launch_digest: digest::launch_digest::run, digest::launch_digest::seeds;
    vmsa: digest::vmsa::run, digest::vmsa::seeds;
    description_toml: description::text::run_toml, description::text::seeds_toml;
    description_json: description::text::run_json, description::text::seeds_json;
    description_resolve: description::resolve::run, description::resolve::seeds;
    import_qemu: description::import_qemu::run, description::import_qemu::seeds;
    import_libvirt: description::import_libvirt::run, description::import_libvirt::seeds;
    import_kata: description::import_kata::run, description::import_kata::seeds;
    import_kubevirt: description::import_kubevirt::run, description::import_kubevirt::seeds;
    import_nova: description::import_nova::run, description::import_nova::seeds;
    uki: description::uki::run, description::uki::seeds;
    uki_built: description::uki::run_built, description::uki::seeds_built;
    escaped_text: text::run, text::seeds;
    sev_certificate: verify::sev_certificate::run, verify::sev_certificate::seeds;
    sev_measurement: verify::sev_measurement::run, verify::sev_measurement::seeds;
    secret_packet: verify::secret_packet::run, verify::secret_packet::seeds;
    sev_report: verify::sev_report::run, verify::sev_report::seeds;
    policy: verify::policy::run, verify::policy::seeds;
    evidence_blob: evidence::blob::run, evidence::blob::seeds;
    evidence_certificates: evidence::certificates::run, evidence::certificates::seeds;
    evidence_claims: evidence::claims::run, evidence::claims::seeds;
    demands: evidence::demands::run, evidence::demands::seeds;
    evidence_report: evidence::report::run, evidence::report::seeds;
    evidence_snp: evidence::snp::run, evidence::snp::seeds;
    explain: explain::search::run, explain::search::seeds;
    explain_values: explain::values::run, explain::values::seeds;
    launch_digest_text: evidence::launch_digest::run, evidence::launch_digest::seeds;
    manifest: manifest::read::run, manifest::read::seeds;
    manifest_accepted: manifest::accepted::run, manifest::accepted::seeds;
    manifest_check: manifest::check::run, manifest::check::seeds;
    manifest_diff: manifest::diff::run, manifest::diff::seeds;
    manifest_publish: manifest::publish::run, manifest::publish::seeds;
    manifest_signed: manifest::signed::run, manifest::signed::seeds;
    x509: verify::x509::run, verify::x509::seeds;
    crl: verify::crl::run, verify::crl::seeds;
    endorsement: verify::endorsement::run, verify::endorsement::seeds;
    certificate_table: verify::certificate_table::run, verify::certificate_table::seeds;
    snp_chain: verify::snp_chain::run, verify::snp_chain::seeds;
    snp_report: verify::snp_report::run, verify::snp_report::seeds;
    appraisal: verify::appraisal::run, verify::appraisal::seeds;
    id_block: verify::id_block::run, verify::id_block::seeds;
    id_key: verify::id_key::run, verify::id_key::seeds;
    signing_key: verify::signing_key::run, verify::signing_key::seeds;
    sev_chain: verify::sev_chain::run, verify::sev_chain::seeds;
    requirements_json: verify::requirements_json::run, verify::requirements_json::seeds;
    firmware_tree: firmware::tree::run, firmware::tree::seeds;
    firmware_diff: firmware::diff::run, firmware::diff::seeds;
    firmware_allow: firmware::allow::run, firmware::allow::seeds;
    import_qemu_options: description::qemu_options::run, description::qemu_options::seeds;
    host_facts: host::run, host::seeds;
    protocol_bodies: protocol::run, protocol::seeds;
    agent_domain: agent::run_domain, agent::seeds_domain;
    agent_command_line: agent::run_command_line, agent::seeds_command_line;
    sweep: sweep::run, sweep::seeds;
}

impl Target {
    /// The target of this name.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let found = TARGETS.iter().find(|target| target.name == name);
        *found.unwrap_or_else(|| panic!("no target is named {name}"))
    }
}

/// The program of a target: libFuzzer's, or without it one that runs the files which are named on its command line.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        #[cfg(fuzzing)]
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            static TARGET: std::sync::LazyLock<$crate::Target> =
                std::sync::LazyLock::new(|| $crate::Target::named($name));
            (TARGET.run)(bytes);
        });

        #[cfg(not(fuzzing))]
        fn main() {
            for path in std::env::args_os().skip(1) {
                let bytes = std::fs::read(&path).expect("a file with an input");
                ($crate::Target::named($name).run)(&bytes);
                println!("{}: {} bytes, nothing found", path.display(), bytes.len());
            }
        }
    };
}
