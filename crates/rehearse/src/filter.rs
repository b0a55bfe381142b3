//! The filter: which calls of the VMM are told to us. All others go to the kernel and cost nothing.
//!
//! It is no fence: a path is looked at before the kernel looks at it, and another thread can change it in between. The VMM runs with
//! the user's rights and is kept from nothing.

use libc::{
    BPF_ABS, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, sock_filter,
};

use crate::kvm::ioctl;
use crate::sev_device;

/// Where the filter finds what it asks for, in `struct seccomp_data` of <linux/seccomp.h>.
const CALL: u32 = 0;
const ARCHITECTURE: u32 = 4;
/// The low half of the second argument: an ioctl's request.
const REQUEST: u32 = 24;

/// `AUDIT_ARCH_X86_64` of <linux/audit.h>: EM_X86_64, 64 bits, little endian. Calls of other architectures are passed over.
const X86_64: u32 = 0xc000_003e;

/// The calls that name a file: `open`, `openat`, `openat2`.
pub(crate) const OPENS: [i64; 3] = [libc::SYS_open, libc::SYS_openat, libc::SYS_openat2];

/// The program, for [`crate::sys::install_filter`].
pub(crate) fn program() -> Vec<sock_filter> {
    let mut program = vec![load(ARCHITECTURE)];
    // The way out is the last instruction but one, and what is told the last. Distances are filled in at the end.
    program.push(equal(X86_64, To::Next, To::Allow));
    program.push(load(CALL));
    program.extend(OPENS.map(|call| equal(number(call), To::Notify, To::Next)));
    program.push(equal(number(libc::SYS_ioctl), To::Next, To::Allow));
    program.push(load(REQUEST));
    program.push(equal(sev_device::SEV_ISSUE_CMD, To::Notify, To::Next));
    program.push(statement(BPF_ALU | BPF_AND | BPF_K, 0xff00));
    program.push(equal(u32::from(ioctl::KVMIO) << 8, To::Notify, To::Allow));
    program.push(statement(BPF_RET | BPF_K, libc::SECCOMP_RET_ALLOW));
    program.push(statement(BPF_RET | BPF_K, libc::SECCOMP_RET_USER_NOTIF));
    let last = program.len() - 1;
    for (at, instruction) in program.iter_mut().enumerate() {
        let distance = |to: u8| match to {
            ALLOW => u8::try_from(last - 1 - at - 1).unwrap_or(0),
            NOTIFY => u8::try_from(last - at - 1).unwrap_or(0),
            _ => 0,
        };
        (instruction.jt, instruction.jf) = (distance(instruction.jt), distance(instruction.jf));
    }
    program
}

/// Where a comparison goes on.
#[derive(Clone, Copy)]
enum To {
    Next,
    Allow,
    Notify,
}

/// Marks of the two ends until the distances are known.
const ALLOW: u8 = 1;
const NOTIFY: u8 = 2;

impl To {
    const fn mark(self) -> u8 {
        match self {
            Self::Next => 0,
            Self::Allow => ALLOW,
            Self::Notify => NOTIFY,
        }
    }
}

fn statement(code: u32, k: u32) -> sock_filter {
    sock_filter { code: u16::try_from(code).unwrap_or(0), jt: 0, jf: 0, k }
}

fn load(offset: u32) -> sock_filter {
    statement(BPF_LD | BPF_W | BPF_ABS, offset)
}

fn equal(k: u32, yes: To, no: To) -> sock_filter {
    sock_filter { jt: yes.mark(), jf: no.mark(), ..statement(BPF_JMP | BPF_JEQ | BPF_K, k) }
}

fn number(call: i64) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel's interpreter does with it. [Linux, `Documentation/networking/filter.rst`]
    fn runs(call: i64, architecture: u32, request: u64) -> u32 {
        let request = u32::try_from(request & 0xffff_ffff).unwrap();
        let (program, mut at, mut accumulator) = (program(), 0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            match u32::from(code) {
                0x20 => {
                    accumulator = match k {
                        0 => u32::try_from(call).unwrap(),
                        4 => architecture,
                        24 => request,
                        other => panic!("reads at {other}"),
                    };
                }
                0x54 => accumulator &= k,
                0x15 => at += usize::from(if accumulator == k { jt } else { jf }),
                0x06 => return k,
                other => panic!("instruction {other:#x}"),
            }
        }
    }

    #[test]
    fn what_is_told_and_what_is_not() {
        // SECCOMP_RET_USER_NOTIF and SECCOMP_RET_ALLOW of <linux/seccomp.h>; numbers of calls are those of x86-64.
        let (told, passed) = (0x7fc0_0000, 0x7fff_0000);
        for (call, request, expected) in [
            (2, 0, told),            // open
            (257, 0, told),          // openat
            (437, 0, told),          // openat2
            (16, 0xae00, told),      // ioctl, KVM_GET_API_VERSION
            (16, 0xae80, told),      // KVM_RUN
            (16, 0xc008_aeba, told), // KVM_MEMORY_ENCRYPT_OP
            (16, 0xc010_5300, told), // SEV_ISSUE_CMD
            (16, 0x5301, passed),    // a CD drive's
            (16, 0x5401, passed),    // a terminal's
            (0, 0, passed),
            (3, 0xae00, passed),
            (1, 0, passed),
        ] {
            assert_eq!(runs(call, 0xc000_003e, request), expected, "call {call}, {request:#x}");
        }
        // i386's `open`.
        assert_eq!(runs(5, 0x4000_0003, 0), passed);
    }
}
