//! Guests that a real QEMU launches: what it hands over is held against `sev-launch-digest` by values, and against the prediction of the
//! same command line, read by `sev-launch-description`. The three share no line of code with each other that says what is measured.
//!
//! QEMU is looked for on PATH, or where `SEV_LAUNCH_QEMU` names it; with the variable set it must run.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod qemu {
    mod figures;
    mod installed;
    mod launch;
    mod many;
    mod odd;
    mod plugged;
    mod predicted;
    mod qmp;
    mod random;
    mod rehearsed;
    mod session;
    mod usual;
}
