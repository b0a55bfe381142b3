//! The volume of variables: their store, the working block of fault-tolerant writes, and spare space.
//!
//! Defined by edk2's MdeModulePkg/Include/Guid/VariableFormat.h [OVMF, VARIABLE_STORE_HEADER] and FaultTolerantWrite.h.

use sev_launch_abi::Guid;
use sev_launch_abi::reader::{Reader, index};

use crate::limits::saturated;
use crate::names;
use crate::section::utf16;

/// Bytes of a store's header.
pub(crate) const STORE_HEADER: usize = 28;
/// What a variable starts with.
const START: [u8; 2] = [0xaa, 0x55];
/// A variable's state once it was added whole: cleared bits are set ones. [OVMF, VAR_ADDED]
const ADDED: u8 = 0x3f;

/// A store's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreHeader {
    /// Have its variables what authenticates them: a counter, a time, a key?
    pub is_authenticated: bool,
    /// All of the store, in bytes.
    pub(crate) size: usize,
}

impl StoreHeader {
    /// Reads the header at the start of `bytes`; `None` if no store is there.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let reader = Reader::new(bytes);
        let is_authenticated = match Guid::from_bytes(reader.array_at("", 0).ok()?) {
            names::AUTHENTICATED_VARIABLES => true,
            names::VARIABLES => false,
            _ => return None,
        };
        let size = index(reader.u32_at("", 16).ok()?);
        (STORE_HEADER..=bytes.len()).contains(&size).then_some(Self { is_authenticated, size })
    }
}

/// A variable's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableHeader {
    /// Its name; letters that are no UTF-16 are replaced.
    pub name: String,
    /// Whose it is.
    pub vendor: Guid,
    /// Its attributes, as UEFI's "EFI_VARIABLE_*" have them.
    pub attributes: u32,
    /// Is it there for its reader: added whole, and not deleted?
    pub is_in_use: bool,
    /// All of the variable, in bytes.
    pub(crate) size: usize,
    /// Bytes before its data: header and name.
    pub(crate) header: usize,
}

impl VariableHeader {
    /// Reads the variable at the start of `bytes`; `None` if there is none, or one that goes beyond them.
    pub(crate) fn parse(bytes: &[u8], is_authenticated: bool) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.array()? != START {
            return None;
        }
        let (state, _reserved) = (reader.u8()?, reader.u8()?);
        let attributes = reader.u32()?;
        if is_authenticated {
            // A monotonic count, a time, and a key's number.
            reader.slice(8 + 16 + 4)?;
        }
        let (name_size, data_size) = (index(reader.u32()?), index(reader.u32()?));
        let vendor = Guid::from_bytes(reader.array()?);
        let name = utf16(reader.slice(name_size)?);
        let header = if is_authenticated { 60 } else { 32 } + name_size;
        reader.slice(data_size)?;
        Some(Self {
            name,
            vendor,
            attributes,
            is_in_use: state == ADDED,
            size: header + data_size,
            header,
        })
    }
}

/// How many bytes the working block at the start of `bytes` has; `None` if there is none.
pub(crate) fn working_block(bytes: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(bytes);
    let signature = Guid::from_bytes(reader.array()?);
    let (_crc, _state) = (reader.u32()?, reader.u32()?);
    let queue = saturated(reader.u64()?);
    let size = queue.checked_add(32)?;
    (signature == names::WORKING_BLOCK && size <= bytes.len()).then_some(size)
}
