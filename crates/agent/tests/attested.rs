//! The whole way with real programs: an owner's service, the agent, and a real QEMU on an AMD-SP in software. The secret arrives byte
//! for byte; and whatever goes wrong ends in the right code, in a guest that never ran, and in nothing that was released twice.
//!
//! QEMU is the one on PATH, or that which `SEV_LAUNCH_QEMU` names, which must run then. Without it these tests say that they were skipped.
//! This program is the wrapper that QEMU is started by, too.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "attested"]
mod attested {
    #[allow(dead_code, reason = "others use the rest")]
    #[path = "../qemu/installed.rs"]
    mod installed;
    #[allow(dead_code, reason = "others use the rest")]
    #[path = "../qemu/owner.rs"]
    mod owner;
    #[path = "../qemu/wrapper.rs"]
    pub(crate) mod wrapper;

    mod faults;
    mod host;
    mod interrupted;
    mod offline;
    mod proxy;
    mod reports;
    mod service;
    mod trusted;

    /// A test with its name.
    macro_rules! tests {
        ($($module:ident: $($test:ident)*;)*) => {
            &[$($((concat!(stringify!($module), "::", stringify!($test)), $module::$test),)*)*]
        };
    }

    /// Every test of this program.
    pub(crate) const TESTS: &[(&str, fn())] = tests! {
        trusted: the_secret_arrives_byte_for_byte
            a_guest_of_sev_es_and_its_vcpus
            the_owner_approves
            without_secrets_and_report_only
            by_a_mails_attestation
            both_halves_by_themselves
            nothing_secret_is_written_or_shown;
        faults: another_kernel_firmware_or_count_is_refused_and_stopped
            another_owners_machine_gets_no_session
            a_policy_that_allows_debugging_is_not_started
            a_session_of_an_earlier_launch_is_refused
            a_packet_of_an_earlier_launch_is_refused
            a_closed_connection_is_asked_again
            a_redirect_is_not_followed
            metadata_that_names_another_origin_is_refused
            another_certificate_is_not_trusted
            a_service_that_is_slow_or_away
            a_guest_that_dies_or_runs_early;
        offline: an_owner_with_a_session_and_a_packet
            a_service_that_this_host_does_not_reach
            what_is_no_answer_ends_in_a_no;
        reports: a_report_with_the_launchs_nonce_is_trusted
            any_other_report_is_refused
            an_answer_without_a_verdict_is_none
            what_is_no_guest_of_sev_snp_is_told;
        interrupted: a_killed_agents_launch_goes_on_or_is_over
            what_a_killed_agent_left_is_ended_by_drop;
    };
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() -> std::process::ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    if attested::wrapper::is_called(&words) {
        return attested::wrapper::main(&words);
    }
    sev_launch_testkit::runner::run(attested::TESTS)
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() {}
