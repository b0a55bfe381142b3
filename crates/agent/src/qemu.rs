//! Guests that QEMU launches: started from the user's own command line, or already running with a monitor that listens.
//!
//! | module | what it does |
//! |---|---|
//! | [`command_line`] | puts the owner's session into the command line, and changes nothing else |
//! | [`probe`] | asks the emulator for the host's certificates, without a guest |
//! | [`process`] | starts the VMM, waits for it, ends it |
//! | [`monitor`] | asks for the measurement, hands the secret in, lets the guest run |
//!
//! Defined by [QEMU, qapi/misc-target.json] (in newer releases `misc-i386.json`), `qapi/qom.json` and `docs/system/i386/amd-memory-encryption.rst`.

pub mod command_line;
pub mod monitor;
mod object;
mod options;
pub mod probe;
pub mod process;

pub use command_line::{CommandLine, Files};
pub use monitor::Monitor;
pub(crate) use object::escaped;
pub use process::Process;
