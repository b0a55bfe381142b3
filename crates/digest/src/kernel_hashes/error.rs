//! Why a kernel or its command line cannot be measured as given.

/// What was found, and what QEMU does with it.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A command line is a C string for QEMU.
    #[error(
        "the command line has a NUL byte at offset {offset}: QEMU takes a C string and cannot be given one"
    )]
    CmdlineNul {
        /// Where the byte is.
        offset: u64,
    },
    /// The kernel is of a kind that QEMU loads without hashing it. [QEMU, x86_load_linux]
    #[error(
        "the kernel is {kind}, not a bzImage: QEMU starts it without adding its hashes, in SNP it aborts on an assertion, so no host has a digest that holds it"
    )]
    NotHashed {
        /// What it is.
        kind: &'static str,
    },
    /// QEMU 7.2.0's SETUP_RNG_SEED. [QEMU, x86_load_linux]
    #[error(
        "QEMU 7.2.0 appends a random seed to the kernel of a pc-*-7.2 machine, so its hash cannot be predicted; use QEMU 7.2.1 or newer, or a machine type up to 7.1"
    )]
    RngSeed,
    /// QEMU's `-shim`. [QEMU, x86_load_linux]
    #[error(
        "with -shim another program is started before the kernel, and no launch profile describes what is then hashed"
    )]
    Shim,
    /// QEMU's `-dtb`. [QEMU, x86_load_linux]
    #[error(
        "with -dtb QEMU appends the device tree to the kernel before it hashes it, which no launch profile describes"
    )]
    Dtb,
}
