//! Fields of the kernel's structures, by the names and places that `kvm-bindings` gives them. All are little endian, as the processor is.

/// The bytes at an offset; zeros where there are none.
pub(crate) fn at<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    let mut field = [0; N];
    let found = bytes.get(offset..).unwrap_or_default();
    field.iter_mut().zip(found).for_each(|(to, from)| *to = *from);
    field
}

/// Puts bytes at an offset; what would lie past the end is left out.
pub(crate) fn put(bytes: &mut [u8], offset: usize, field: &[u8]) {
    let room = bytes.get_mut(offset..).unwrap_or_default();
    room.iter_mut().zip(field).for_each(|(to, from)| *to = *from);
}

/// A field of a structure of the kernel's that lies in bytes: `field!(bytes, kvm_sev_cmd.id: u32)`.
macro_rules! field {
    ($bytes:expr, $structure:ident.$name:ident: $type:ty) => {
        <$type>::from_le_bytes($crate::bytes::at(
            &$bytes[..],
            std::mem::offset_of!(kvm_bindings::$structure, $name),
        ))
    };
}

/// Sets a field of a structure of the kernel's: `set_field!(bytes, kvm_sev_cmd.error: u32 = 0)`.
macro_rules! set_field {
    ($bytes:expr, $structure:ident.$name:ident: $type:ty = $value:expr) => {{
        let value: $type = $value;
        $crate::bytes::put(
            &mut $bytes[..],
            std::mem::offset_of!(kvm_bindings::$structure, $name),
            &value.to_le_bytes(),
        );
    }};
}

pub(crate) use {field, set_field};
