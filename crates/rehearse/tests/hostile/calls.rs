//! Raw system calls of a VMM that means no good: the only unsafe code of these tests.

#![expect(unsafe_code, reason = "calls with wrong arguments, which no safe wrapper makes")]

use std::ffi::CString;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often the handler of a signal ran.
pub(crate) static SIGNALS: AtomicU64 = AtomicU64::new(0);

/// `open`; the descriptor, or the error's negative number.
pub(crate) fn open(path: &str) -> i64 {
    let path = CString::new(path).expect("no NUL");
    // SAFETY: the path is a string that ends in a NUL.
    told(unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path.as_ptr(), libc::O_RDWR) })
}

/// `open` with any address as the path.
pub(crate) fn open_at(address: u64) -> i64 {
    // SAFETY: the kernel checks the address; this process has nothing there that is written.
    told(unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, address, libc::O_RDONLY) })
}

/// `ioctl` with any request and any argument. What is at the argument may be written: callers pass addresses of [`page`], or of nothing.
pub(crate) fn ioctl(file: i64, request: u64, argument: u64) -> i64 {
    // SAFETY: an address is of a page that was made for it, or of nothing, which the kernel and the supervisor find out.
    told(unsafe { libc::syscall(libc::SYS_ioctl, file, request, argument) })
}

fn told(result: i64) -> i64 {
    if result >= 0 {
        return result;
    }
    -i64::from(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

/// So many pages of memory that nobody else uses, and after them none. Their address.
pub(crate) fn pages(count: usize) -> u64 {
    let size = (count + 1) * 4096;
    // SAFETY: a new mapping, at a place that the kernel chooses.
    let address = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    assert!(address != libc::MAP_FAILED, "memory");
    // SAFETY: the last page of the mapping that was just made, which nobody has seen yet.
    unsafe { libc::munmap(address.byte_add(count * 4096), 4096) };
    address.expose_provenance().try_into().expect("an address")
}

/// A page whose first touch waits for a handler of faults that never comes; `None` where this process may have none.
/// [Linux, `Documentation/admin-guide/mm/userfaultfd.rst`]
pub(crate) fn bottomless() -> Option<u64> {
    const USERFAULTFD_API: u64 = 0xc018_aa3f;
    const USERFAULTFD_REGISTER: u64 = 0xc020_aa00;
    // SAFETY: has no pointers.
    let faults = told(unsafe { libc::syscall(libc::SYS_userfaultfd, libc::O_CLOEXEC) });
    if faults < 0 {
        return None;
    }
    let (structure, page) = (pages(1), pages(1));
    // struct uffdio_api: version 0xaa, and no features; struct uffdio_register: a range, and faults of missing pages.
    put(structure, &[[0xaa, 0, 0, 0, 0, 0, 0, 0], [0; 8], [0; 8]].concat());
    let api = ioctl(faults, USERFAULTFD_API, structure);
    let register = [page, 4096, 1, 0].map(u64::to_le_bytes).concat();
    put(structure, &register);
    (api == 0 && ioctl(faults, USERFAULTFD_REGISTER, structure) == 0).then_some(page)
}

/// Puts bytes at an address of [`pages`].
pub(crate) fn put(address: u64, bytes: &[u8]) {
    let to = std::ptr::with_exposed_provenance_mut::<u8>(address.try_into().expect("an address"));
    // SAFETY: callers stay within pages that they made, of which no reference is held.
    unsafe { to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
}

/// Maps a vCPU's file, and sets `immediate_exit`, the second byte. [Linux, struct kvm_run]
pub(crate) fn exit_immediately(vcpu: i64) {
    let vcpu = i32::try_from(vcpu).expect("a descriptor");
    // SAFETY: a new mapping of a file of three pages, of which one byte is written.
    unsafe {
        let run = libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED,
            vcpu,
            0,
        );
        assert!(run != libc::MAP_FAILED, "a vCPU's mapping");
        run.cast::<u8>().add(1).write(1);
    }
}

/// Forks, and runs this in the child, which ends then. The child's number.
pub(crate) fn fork(child: impl FnOnce()) -> i32 {
    // SAFETY: the child of a process with one busy thread makes system calls and ends.
    match unsafe { libc::fork() } {
        0 => {
            child();
            // SAFETY: ends this process at once.
            unsafe { libc::_exit(0) }
        }
        number => number,
    }
}

/// Waits for a child.
pub(crate) fn wait(child: i32) {
    // SAFETY: nothing is told but the end.
    unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
}

/// Ends a process of this test's without a word.
pub(crate) fn kill(process: i32) {
    // SAFETY: callers name a child of theirs.
    unsafe { libc::kill(process, libc::SIGKILL) };
}

extern "C" fn count(_: i32) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

/// Handles a signal by counting it, and with `interval` in microseconds has it come again and again.
pub(crate) fn count_signals(signal: i32, interval: i64) {
    let handler: extern "C" fn(i32) = count;
    #[expect(clippy::as_conversions, reason = "a function has no other way to become a number")]
    let handler = handler as *const () as libc::sighandler_t;
    // SAFETY: the handler touches an atomic number alone; the structures are this function's own.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        let interval = libc::timeval { tv_sec: 0, tv_usec: interval };
        let timer = libc::itimerval { it_interval: interval, it_value: interval };
        libc::syscall(libc::SYS_setitimer, libc::ITIMER_REAL, &raw const timer, 0);
    }
}

/// Sends a signal to a thread of this process.
pub(crate) fn signal_thread(thread: i32, signal: i32) {
    // SAFETY: the thread is one of this process's.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, signal) };
}

/// The number of this thread.
pub(crate) fn own_thread() -> i32 {
    // SAFETY: has no arguments.
    unsafe { libc::gettid() }
}
