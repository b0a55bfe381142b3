//! Segments: as KVM's callers write them, and as the processor's save area holds them.
//!
//! KVM packs `struct kvm_segment` into 12 bits of attributes when it is set, and unpacks them with habits of its own when it is read.
//! [Linux, svm_set_segment, svm_get_segment]

use crate::bytes::{field, set_field};

/// A segment register in a VMSA. [APM2, VMSA layout]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) selector: u16,
    /// The access byte in bits 0 to 7; AVL, L, D/B and G in bits 8 to 11.
    pub(crate) attributes: u16,
    pub(crate) limit: u32,
    pub(crate) base: u64,
}

/// Which one it is: KVM reads some of them in other ways than it set them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Register {
    Cs,
    Ss,
    /// DS, ES, FS and GS.
    Data,
    Ldtr,
    Tr,
}

/// Where each bit of the attributes is in them.
const S: u16 = 4;
const DPL: u16 = 5;
const PRESENT: u16 = 7;
const AVL: u16 = 8;
const L: u16 = 9;
const DB: u16 = 10;
const G: u16 = 11;

impl Segment {
    pub(crate) const fn new(selector: u16, attributes: u16, base: u64) -> Self {
        Self { selector, attributes, limit: 0xffff, base }
    }

    /// Of a `struct kvm_segment`, 24 bytes.
    pub(crate) fn set(bytes: &[u8]) -> Self {
        let bit = |byte: u8, place: u16| u16::from(byte & 1) << place;
        let present = field!(bytes, kvm_segment.present: u8) & 1;
        let is_usable = field!(bytes, kvm_segment.unusable: u8) & 1 == 0;
        let kind = u16::from(field!(bytes, kvm_segment.type_: u8) & 0xf);
        let dpl = u16::from(field!(bytes, kvm_segment.dpl: u8) & 3) << DPL;
        let attributes = kind
            | bit(field!(bytes, kvm_segment.s: u8), S)
            | dpl
            | bit(if is_usable { present } else { 0 }, PRESENT)
            | bit(field!(bytes, kvm_segment.avl: u8), AVL)
            | bit(field!(bytes, kvm_segment.l: u8), L)
            | bit(field!(bytes, kvm_segment.db: u8), DB)
            | bit(field!(bytes, kvm_segment.g: u8), G);
        Self {
            selector: field!(bytes, kvm_segment.selector: u16),
            attributes,
            limit: field!(bytes, kvm_segment.limit: u32),
            base: field!(bytes, kvm_segment.base: u64),
        }
    }

    /// As a `struct kvm_segment`, the way KVM reads this register. `cpl` is the privilege level that SS stands for.
    pub(crate) fn get(self, register: Register, cpl: u8) -> [u8; 24] {
        let bit = |place: u16| u8::from(self.attributes >> place & 1 == 1);
        let is_unusable = bit(PRESENT) == 0;
        let [low, _] = self.attributes.to_le_bytes();
        let kind = (low & 0xf)
            | match register {
                // A busy TSS is what the processor wants, and an accessed segment what it would have made.
                Register::Tr => 2,
                Register::Data if !is_unusable => 1,
                _ => 0,
            };
        // A limit beyond 20 bits can only be in pages.
        let granularity = match register {
            Register::Cs => u8::from(self.limit > 0xf_ffff),
            _ => bit(G),
        };
        let db = if register == Register::Ss && is_unusable { 0 } else { bit(DB) };
        let dpl = if register == Register::Ss { cpl } else { low >> DPL & 3 };
        let mut bytes = [0; 24];
        set_field!(bytes, kvm_segment.base: u64 = self.base);
        set_field!(bytes, kvm_segment.limit: u32 = self.limit);
        set_field!(bytes, kvm_segment.selector: u16 = self.selector);
        set_field!(bytes, kvm_segment.type_: u8 = kind);
        set_field!(bytes, kvm_segment.present: u8 = bit(PRESENT));
        set_field!(bytes, kvm_segment.dpl: u8 = dpl);
        set_field!(bytes, kvm_segment.db: u8 = db);
        set_field!(bytes, kvm_segment.s: u8 = bit(S));
        set_field!(bytes, kvm_segment.l: u8 = bit(L));
        set_field!(bytes, kvm_segment.g: u8 = granularity);
        set_field!(bytes, kvm_segment.avl: u8 = bit(AVL));
        set_field!(bytes, kvm_segment.unusable: u8 = u8::from(is_unusable));
        bytes
    }

    /// As a VMSA holds it: selector, attributes, limit, base. [APM2, VMSA layout]
    pub(crate) fn in_save_area(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        crate::bytes::put(&mut bytes, 0, &self.selector.to_le_bytes());
        crate::bytes::put(&mut bytes, 2, &self.attributes.to_le_bytes());
        crate::bytes::put(&mut bytes, 4, &self.limit.to_le_bytes());
        crate::bytes::put(&mut bytes, 8, &self.base.to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_packed_and_read_with_habits() {
        // A 64-bit code segment: type 0xb, S, present, L and G, of APM2's table of descriptors.
        let mut code = [0; 24];
        set_field!(code, kvm_segment.selector: u16 = 8);
        set_field!(code, kvm_segment.limit: u32 = 0xffff_ffff);
        set_field!(code, kvm_segment.type_: u8 = 0xb);
        set_field!(code, kvm_segment.present: u8 = 1);
        set_field!(code, kvm_segment.s: u8 = 1);
        set_field!(code, kvm_segment.l: u8 = 1);
        set_field!(code, kvm_segment.g: u8 = 1);
        let segment = Segment::set(&code);
        assert_eq!(segment.attributes, 0xa9b);
        assert_eq!(segment.get(Register::Cs, 0), code);

        // KVM's own reset leaves data segments at type 2; read, they are accessed, and TR is busy.
        let data = Segment::new(0, 0x92, 0);
        assert_eq!(field!(data.get(Register::Data, 0), kvm_segment.type_: u8), 3);
        assert_eq!(field!(data.get(Register::Ss, 0), kvm_segment.type_: u8), 2);
        let tr = Segment::new(0, 0x81, 0);
        assert_eq!(field!(tr.get(Register::Tr, 0), kvm_segment.type_: u8), 3);
        // What is unusable is not present.
        let mut none = [0; 24];
        set_field!(none, kvm_segment.present: u8 = 1);
        set_field!(none, kvm_segment.unusable: u8 = 1);
        assert_eq!(Segment::set(&none).attributes, 0);
    }

    #[test]
    fn a_save_area_has_them_in_sixteen_bytes() {
        // The first bytes of CS after a reset. [APM2, processor initialization state]
        let cs = Segment::new(0xf000, 0x9b, 0xffff_0000).in_save_area();
        assert_eq!(hex::encode(cs), "00f09b00ffff00000000ffff00000000");
    }
}
