//! System calls that no safe wrapper has: the only unsafe code of the crate.
//!
//! Seccomp's user notification [Linux, `Documentation/userspace-api/seccomp_filter.rst`], the memory of another process
//! [process_vm_readv(2)], the code that runs between fork and exec, and the CPUID instruction.

#![expect(
    unsafe_code,
    reason = "system calls without a safe wrapper; each block says why it is sound"
)]
// CPUID became a safe function in newer compilers than our oldest.
#![allow(unused_unsafe)]

use std::io;
use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::io::Errno;

/// A call of the process under the filter, which waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notification {
    /// Names the call until it is answered or the caller is gone.
    pub(crate) id: u64,
    /// The thread that called, as this process sees it.
    pub(crate) thread: i32,
    /// The number of the system call.
    pub(crate) call: i64,
    /// Its arguments, as registers hold them.
    pub(crate) arguments: [u64; 6],
}

/// What the caller gets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Response {
    /// The kernel does what was asked for.
    Continue,
    /// The call returns this number.
    Value(i64),
    /// The call fails with this.
    Error(Errno),
}

/// Puts the filter on this thread and on all that it starts, and returns the descriptor at which its notifications arrive. It is
/// closed on exec. The thread must have given up new privileges before.
///
/// From when a call was told, no signal but a deadly one interrupts it: the kernel would begin it anew, and what it did would be done twice.
/// EINVAL on kernels that cannot promise that, before Linux 5.19.
pub(crate) fn install_filter(program: &[libc::sock_filter]) -> io::Result<OwnedFd> {
    let len = u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = libc::sock_fprog { len, filter: program.as_ptr().cast_mut() };
    // SAFETY: the kernel reads `len` instructions at `filter`, which outlives the call, and writes nothing there.
    let listener = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
            &raw const program,
        )
    };
    let listener = i32::try_from(listener).map_err(|_| io::ErrorKind::InvalidData)?;
    if listener < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made this descriptor, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(listener) })
}

/// Waits for the next call. [`io::ErrorKind::NotFound`] if its caller was gone before it could be told.
pub(crate) fn receive(listener: BorrowedFd<'_>) -> io::Result<Notification> {
    // SAFETY: all zeros are a value of this structure of integers, and the kernel wants zeros.
    let mut notification: libc::seccomp_notif = unsafe { MaybeUninit::zeroed().assume_init() };
    ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_RECV, &mut notification)?;
    Ok(Notification {
        id: notification.id,
        thread: i32::try_from(notification.pid).map_err(|_| io::ErrorKind::InvalidData)?,
        call: i64::from(notification.data.nr),
        arguments: notification.data.args,
    })
}

/// Answers a call. [`io::ErrorKind::NotFound`] if its caller no longer waits.
pub(crate) fn respond(listener: BorrowedFd<'_>, id: u64, response: Response) -> io::Result<()> {
    let (val, error, flags) = match response {
        Response::Continue => (0, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE),
        Response::Value(value) => (value, 0, 0),
        Response::Error(errno) => (0, -errno.raw_os_error(), 0),
    };
    let flags = u32::try_from(flags).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut response = libc::seccomp_notif_resp { id, val, error, flags };
    ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_SEND, &mut response)
}

/// Puts a descriptor of ours into the caller's process, closed on exec, and answers the call with its number there.
pub(crate) fn respond_with_file(
    listener: BorrowedFd<'_>,
    id: u64,
    file: BorrowedFd<'_>,
) -> io::Result<()> {
    let flags =
        u32::try_from(libc::SECCOMP_ADDFD_FLAG_SEND).map_err(|_| io::ErrorKind::InvalidData)?;
    let srcfd = u32::try_from(file.as_raw_fd()).map_err(|_| io::ErrorKind::InvalidData)?;
    let newfd_flags = u32::try_from(libc::O_CLOEXEC).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut added = libc::seccomp_notif_addfd { id, flags, srcfd, newfd: 0, newfd_flags };
    ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_ADDFD, &mut added)
}

/// Does the caller still wait? Only then is its thread's number still its own, and what was read of its memory really its.
pub(crate) fn is_waiting(listener: BorrowedFd<'_>, mut id: u64) -> bool {
    ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &mut id).is_ok()
}

fn ioctl<T>(listener: BorrowedFd<'_>, request: libc::Ioctl, argument: &mut T) -> io::Result<()> {
    // SAFETY: each caller passes the structure that its request's number was made of, so the kernel reads and writes within it.
    let done = unsafe { libc::ioctl(listener.as_raw_fd(), request, &raw mut *argument) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Reads another process's memory, which may end before the buffer does. Returns the bytes read.
pub(crate) fn read_memory(thread: i32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let local = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let remote = remote(address, buffer.len())?;
    // SAFETY: the kernel writes at most `iov_len` bytes into the buffer, which is borrowed alone; what is at the other process's address
    // is checked by the kernel.
    let done =
        unsafe { libc::process_vm_readv(thread, &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(done).map_err(|_| io::Error::last_os_error())
}

/// Writes another process's memory, which may end before the bytes do. Returns the bytes written.
pub(crate) fn write_memory(thread: i32, address: u64, bytes: &[u8]) -> io::Result<usize> {
    let local = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    let remote = remote(address, bytes.len())?;
    // SAFETY: the kernel only reads these bytes; what is at the other process's address is checked by the kernel.
    let done =
        unsafe { libc::process_vm_writev(thread, &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(done).map_err(|_| io::Error::last_os_error())
}

fn remote(address: u64, size: usize) -> io::Result<libc::iovec> {
    let address = usize::try_from(address).map_err(|_| io::ErrorKind::InvalidInput)?;
    Ok(libc::iovec { iov_base: std::ptr::without_provenance_mut(address), iov_len: size })
}

/// Runs `prepare` in the child between fork and exec.
///
/// It must allocate nothing and take no lock: another thread of this process may have held one when it forked.
pub(crate) fn before_exec(
    command: &mut Command,
    prepare: impl FnMut() -> io::Result<()> + Send + Sync + 'static,
) {
    // SAFETY: the only caller passes a closure that makes system calls alone, on values that were made before the fork.
    unsafe {
        command.pre_exec(prepare);
    }
}

/// What this machine's processor says: EAX, EBX, ECX and EDX of a leaf, as the VMM itself is going to read them.
pub(crate) fn cpuid(leaf: u32) -> [u32; 4] {
    // SAFETY: every x86-64 processor has the instruction, and it touches no memory.
    let found = unsafe { std::arch::x86_64::__cpuid_count(leaf, 0) };
    [found.eax, found.ebx, found.ecx, found.edx]
}

/// Which file a descriptor is of, on this machine.
pub(crate) fn file_id(file: impl AsFd) -> io::Result<(u64, u64)> {
    let found = rustix::fs::fstat(file)?;
    Ok((found.st_dev, found.st_ino))
}

const _: () =
    assert!(size_of::<libc::seccomp_notif>() == 80, "struct seccomp_notif, <linux/seccomp.h>");
const _: () = assert!(size_of::<libc::seccomp_notif_resp>() == 24, "struct seccomp_notif_resp");
const _: () = assert!(size_of::<libc::seccomp_notif_addfd>() == 24, "struct seccomp_notif_addfd");
