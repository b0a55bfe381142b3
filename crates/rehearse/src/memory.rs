//! The memory of the process that called.

use rustix::io::Errno;

/// Memory at the addresses of a process.
///
/// Both functions move all bytes or fail with EFAULT, as the kernel's own `copy_from_user` and `copy_to_user` do.
pub(crate) trait Memory {
    /// Fills the buffer from this address on.
    ///
    /// # Errors
    ///
    /// [`Errno::FAULT`] if some byte is not mapped, or the caller is gone.
    fn read(&self, address: u64, buffer: &mut [u8]) -> Result<(), Errno>;

    /// Writes the bytes from this address on.
    ///
    /// # Errors
    ///
    /// [`Errno::FAULT`] if some byte is not mapped writable, or the caller is gone.
    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Errno>;
}

/// So many bytes at an address.
pub(crate) fn array<const N: usize>(memory: &dyn Memory, address: u64) -> Result<[u8; N], Errno> {
    let mut bytes = [0; N];
    memory.read(address, &mut bytes)?;
    Ok(bytes)
}

/// So many bytes at an address, whose number the caller of the kernel chose: more than `most` are refused with E2BIG.
pub(crate) fn vec(
    memory: &dyn Memory,
    address: u64,
    size: usize,
    most: usize,
) -> Result<Vec<u8>, Errno> {
    if size > most {
        return Err(Errno::TOOBIG);
    }
    let mut bytes = vec![0; size];
    memory.read(address, &mut bytes)?;
    Ok(bytes)
}
