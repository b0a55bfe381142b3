//! Guests of a real QEMU, launched with an owner's session on an AMD-SP in software; and a monitor that is none of QEMU's.
//!
//! QEMU is the one on PATH, or that which `SEV_LAUNCH_QEMU` names, which must run then. Without it these tests say that they were skipped.
//!
//! This program is two things, by the name that it is called by: the tests, and the wrapper that starts QEMU on that AMD-SP, as `sev-launch rehearse` does. So no
//! command from an earlier build is taken for it, and the whole command need not be built.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod qemu {
    mod answers;
    mod fake;
    mod hostile;
    mod installed;
    mod launched;
    mod owner;
    pub(crate) mod wrapper;

    /// A test with its name.
    macro_rules! tests {
        ($($module:ident: $($test:ident)*;)*) => {
            &[$($((concat!(stringify!($module), "::", stringify!($test)), $module::$test),)*)*]
        };
    }

    /// Every test of this program.
    pub(crate) const TESTS: &[(&str, fn())] = tests! {
        answers: a_measurement_is_what_the_monitor_says
            what_is_no_measurement_is_told
            a_guest_that_cannot_be_measured_is_refused
            states_are_those_of_the_launch
            what_the_host_shows_has_its_sizes
            a_guest_that_does_not_run_after_cont_is_told;
        hostile: events_are_skipped_and_words_are_bounded
            a_connection_may_be_closed_at_each_point
            silence_ends_with_the_patience
            a_drip_of_bytes_does_not_move_the_deadline
            what_has_no_end_is_cut
            an_answer_must_be_the_commands_own
            what_is_no_answer_is_strange
            tcp_is_for_the_loopback
            a_full_queue_is_not_waited_in;
        launched: the_host_is_what_the_platform_shows
            an_emulator_that_refuses_is_told_in_its_words
            a_guest_is_launched_measured_and_given_its_secret
            json_and_odd_paths_are_what_qemu_takes
            a_guest_that_ends_is_gone
            a_guest_of_somebody_else_is_attached
            a_guest_that_is_not_encrypted_is_refused
            options_without_a_value_are_those_of_qemus_help;
    };
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() -> std::process::ExitCode {
    use qemu::TESTS;

    let words: Vec<_> = std::env::args_os().collect();
    if qemu::wrapper::is_called(&words) {
        return qemu::wrapper::main(&words);
    }
    sev_launch_testkit::runner::run(TESTS)
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() {}
