//! State that is only kept: what one ioctl sets, another gives back, and nothing is made of it.

use std::collections::BTreeMap;

use rustix::io::Errno;

use crate::kvm::ioctl::Ioctl;
use crate::memory::{self, Memory};

/// By the ioctl that sets it.
#[derive(Debug, Default)]
pub(crate) struct Stored(BTreeMap<Ioctl, Vec<u8>>);

impl Stored {
    /// Keeps so many bytes of the caller's.
    pub(crate) fn store(
        &mut self,
        by: Ioctl,
        size: usize,
        argument: u64,
        memory: &dyn Memory,
    ) -> Result<(), Errno> {
        let bytes = memory::vec(memory, argument, size, size)?;
        self.0.insert(by, bytes);
        Ok(())
    }

    /// Gives them back; zeros if nobody set any.
    pub(crate) fn give(
        &self,
        by: Ioctl,
        size: usize,
        argument: u64,
        memory: &dyn Memory,
    ) -> Result<(), Errno> {
        match self.0.get(&by) {
            Some(bytes) => memory.write(argument, bytes),
            None => memory.write(argument, &vec![0; size]),
        }
    }
}
