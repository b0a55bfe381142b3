//! The `sev-launch-remote` command. Everything it does is in the library beside it.

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Wipes whatever is freed, whoever had it: the buffers of JSON, HTTP and TLS hold registrations and tokens.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    sev_launch_remote::command::Remote::main()
}
