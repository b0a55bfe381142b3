//! The command as it is run: arguments, files and standard input in; exit code, standard output and standard error out.
//!
//! One binary, a module for each subject. Expected digests come from `testdata/vectors`, from `sev_launch_testkit::expected`
//! or are worked by hand.

// Pipes, `mkfifo`, permissions and /proc: all of Linux, as is the command.
#![cfg(target_os = "linux")]

mod command {
    mod agreement;
    mod audit;
    mod bad_input;
    mod certs;
    mod ci;
    mod completion;
    mod demands;
    mod description;
    mod digest;
    mod endorsement;
    mod evidence;
    mod explain;
    mod firmware;
    mod firmware_inside;
    mod guest;
    mod hardware;
    mod harness;
    mod hash_check;
    mod host;
    mod id_block;
    mod igvm;
    mod igvm_shown;
    mod import;
    mod json;
    mod known_digests;
    mod libvirt;
    mod manifest;
    mod manifest_attacks;
    mod manifest_signed;
    mod manual;
    mod memory;
    mod modules;
    mod other_tools;
    mod outputs;
    mod platform;
    mod preflight;
    mod printed;
    mod profile;
    mod random;
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    mod rehearse;
    mod report;
    mod report_coherence;
    mod secret;
    mod serve;
    mod service_guest;
    mod session;
    mod strangers;
    mod terminal;
    mod vectors;
    mod verify;
    mod vmsa;
    mod words;
}
