//! Every task of this repository, including all of CI: `cargo xtask` lists them.
//!
//! A task is a variant of [`Task`], whose comments are its help, and a module; so what passes by hand passes in CI.

mod agent_crash;
mod agreement;
mod alone;
mod assets;
mod bench_growth;
mod bench_peers;
mod call;
mod check;
mod count;
mod debian;
mod deny;
mod dist;
mod drop_in;
mod firmware;
mod fuzz;
mod machine;
mod markdown;
mod memory;
mod mutants;
mod peer_suites;
mod peers;
mod random;
mod reference;
mod rehearse;
mod sanitize;
mod schemathesis;
mod serve_crash;
mod serve_memory;
mod served;
mod server_shown;
mod signed_manifests;
mod statistics;
mod testdata;
mod tidy;
mod walk;

use std::process::ExitCode;

use clap::Parser;

/// The tasks of this repository, including all of CI.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Task {
    /// All of CI: format, tidy, clippy, tests, docs, deny, clean tree
    Check,
    /// The rules that no compiler checks
    Tidy,
    /// Licences, sources and advisories of dependencies
    Deny,
    /// Make what is shipped: archives, a Debian package, an image, SBOMs and checksums, the same everywhere
    Dist(dist::Options),
    /// Make the generated test data again
    Testdata {
        /// Compare only
        #[arg(long)]
        check: bool,
    },
    /// Make man pages and shell completions again
    Assets {
        /// Compare only
        #[arg(long)]
        check: bool,
    },
    /// Count instructions of fixed work under valgrind
    Count {
        /// Write benches/counts.toml
        #[arg(long)]
        write: bool,
    },
    /// Break the modules that decide, and see whether a test notices
    Mutants(mutants::Options),
    /// Run the targets of fuzz/ under libFuzzer
    Fuzz(fuzz::Options),
    /// Look for planted keys in the command's memory at its end, under gdb
    Memory(memory::Options),
    /// Compute random descriptions by libraries, command, manifest and test kit
    Agreement(agreement::Options),
    /// Run the tests of `sha2-lanes` under AddressSanitizer, and Miri where it is
    Sanitize(sanitize::Options),
    /// Compare sev-snp-measure with our program under its name
    DropIn(drop_in::Options),
    /// Run go-sev-guest's suites of `check` and `validate` on our command
    PeerSuites(peer_suites::Options),
    /// Sign manifests with ours, cosign and securesystemslib, and verify each by the others, offline
    SignedManifests(signed_manifests::Options),
    /// Take every OVMF image of Debian apart, beside a peer, and compare releases
    Firmware(firmware::Options),
    /// Launch guests at random with real QEMUs, and hold them against both predictions
    Rehearse(rehearse::Options),
    /// Kill the attestation service under load, and look what is left
    ServeCrash(serve_crash::Options),
    /// Kill the host's agent in the middle of launches, and look what becomes of the guests
    AgentCrash(agent_crash::Options),
    /// Search the attestation service's memory at its end for planted secrets
    ServeMemory(serve_memory::Options),
    /// Ask the attestation service everything of its OpenAPI document, by Schemathesis
    Schemathesis(schemathesis::Options),
    /// Compare with the reference tools
    Reference(reference::Options),
    /// Go through the transcripts of docs/, as a newcomer or an author would
    Walk(walk::Options),
    /// Time the reference tools and ours on the same files, in turn
    BenchPeers(bench_peers::Options),
    /// Time and memory of ours against the size of its work, drawn
    BenchGrowth(bench_growth::Options),
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Check => check::run(),
        Task::Tidy => tidy::run(),
        Task::Deny => deny::run(),
        Task::Dist(options) => dist::run(&options),
        Task::Testdata { check } => testdata::run(check),
        Task::Assets { check } => assets::run(check),
        Task::Count { write } => count::run(write),
        Task::Mutants(options) => mutants::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Memory(options) => memory::run(&options),
        Task::Agreement(options) => agreement::run(&options),
        Task::Sanitize(options) => sanitize::run(&options),
        Task::DropIn(options) => drop_in::run(&options),
        Task::PeerSuites(options) => peer_suites::run(&options),
        Task::SignedManifests(options) => signed_manifests::run(&options),
        Task::Firmware(options) => firmware::run(&options),
        Task::Rehearse(options) => rehearse::run(&options),
        Task::ServeCrash(options) => serve_crash::run(&options),
        Task::AgentCrash(options) => agent_crash::run(&options),
        Task::ServeMemory(options) => serve_memory::run(&options),
        Task::Schemathesis(options) => schemathesis::run(&options),
        Task::Reference(options) => reference::run(options),
        Task::Walk(options) => walk::run(&options),
        Task::BenchPeers(options) => bench_peers::run(options),
        Task::BenchGrowth(options) => bench_growth::run(options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
