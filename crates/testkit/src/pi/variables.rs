//! The store of variables, and the working block of the fault-tolerant writer beside it.

use super::{align, low, utf16};
use crate::firmware::guid;

/// Signature of a store whose variables can be authenticated (edk2, `gEfiAuthenticatedVariableGuid`).
const AUTHENTICATED: &str = "aaf32c78-947b-439a-a180-2e144ec37792";
/// Signature of a store whose variables cannot (edk2, `gEfiVariableGuid`).
const PLAIN: &str = "ddcf3616-3275-4164-98b6-fe85707ffe7d";
/// Signature of a working block (edk2, `gEdkiiWorkingBlockSignatureGuid`).
const WORKING_BLOCK: &str = "9e58292b-7c68-497d-a0ce-6500fd9f1b95";

/// One variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Whose it is: a GUID in text form.
    pub vendor: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Vec<u8>,
    /// Bit 0: not volatile; 1: boot services; 2: runtime.
    pub attributes: u32,
    /// 0x3f is a variable that is there; a bit is cleared for each step of its life.
    pub state: u8,
}

impl Variable {
    /// A variable that is there and not volatile.
    #[must_use]
    pub fn new(vendor: &str, name: &str, value: impl Into<Vec<u8>>) -> Self {
        let (vendor, name, value) = (vendor.into(), name.into(), value.into());
        Self { vendor, name, value, attributes: 7, state: 0x3f }
    }

    /// In another state.
    #[must_use]
    pub fn state(mut self, state: u8) -> Self {
        self.state = state;
        self
    }
}

/// Builds a store.
#[derive(Clone, Debug)]
pub struct VariableStore {
    size: usize,
    is_authenticated: bool,
    variables: Vec<Variable>,
}

impl VariableStore {
    /// An empty store of `size` bytes, header included, of variables that can be authenticated.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size, is_authenticated: true, variables: Vec::new() }
    }

    /// With the short headers of variables that cannot be authenticated.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.is_authenticated = false;
        self
    }

    /// With one more variable.
    #[must_use]
    pub fn variable(mut self, variable: Variable) -> Self {
        self.variables.push(variable);
        self
    }

    /// The store; what is not used is 0xff.
    ///
    /// # Panics
    ///
    /// When the variables do not fit.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = guid(if self.is_authenticated { AUTHENTICATED } else { PLAIN }).to_vec();
        bytes.extend(low(self.size, 4));
        // Formatted, healthy.
        bytes.extend([0x5a, 0xfe, 0, 0, 0, 0, 0, 0]);
        for variable in &self.variables {
            align(&mut bytes, 4, 0xff);
            let name = utf16(&variable.name);
            bytes.extend([0xaa, 0x55, variable.state, 0]);
            bytes.extend(variable.attributes.to_le_bytes());
            if self.is_authenticated {
                // Monotonic count, time, index of a public key.
                bytes.extend([0; 8 + 16 + 4]);
            }
            bytes.extend([low(name.len(), 4), low(variable.value.len(), 4)].concat());
            bytes.extend(guid(&variable.vendor));
            bytes.extend(name);
            bytes.extend(&variable.value);
        }
        assert!(bytes.len() <= self.size, "{} bytes of variables in {}", bytes.len(), self.size);
        bytes.resize(self.size, 0xff);
        bytes
    }
}

/// The working block of a fault-tolerant writer with an empty queue, of `size` bytes (edk2, `EFI_FAULT_TOLERANT_WORKING_BLOCK_HEADER`). The CRC-32 is
/// that of the header with itself and the state erased.
#[must_use]
pub fn ftw_working_block(size: usize) -> Vec<u8> {
    let queue = low(size - 32, 8);
    let mut header = guid(WORKING_BLOCK).to_vec();
    header.extend([0xff; 8]);
    header.extend(&queue);
    let crc = crc32(&header).to_le_bytes();
    header[16..20].copy_from_slice(&crc);
    // Valid, and not invalid.
    header[20] = 0xfe;
    header.resize(size, 0xff);
    header
}

/// CRC-32 as Ethernet has it.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xedb8_8320 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    // edk2, `OvmfPkg/VarStore.fdf.inc`: the working block's header, whose CRC is 0x642caf2c.
    #[test]
    fn the_working_block_is_the_one_that_ovmf_ships() {
        let block = ftw_working_block(0x1000);
        let header = "2b29589e687c7d49a0ce6500fd9f1b952caf2c64feffffffe00f000000000000";
        assert_eq!(hex::encode(&block[..32]), header);
        assert_eq!((block.len(), &block[32..]), (0x1000, [0xff; 0x1000 - 32].as_slice()));
    }
}
