//! IGVM files, written by hand from the format's tables: headers by number and length, data once after them, and the checksum.
//!
//! ```
//! use sev_launch_testkit::igvm::{Builder, SNP};
//!
//! let file = Builder::new().platform(SNP, 1).page(0x10_0000, 1, &[0xcc; 4096]).build();
//! assert_eq!(&file[..4], b"IGVM");
//! ```

use crate::put;

/// Platform types. [IGVM, IgvmPlatformType]
pub const NATIVE: u8 = 0;
/// Virtual secure mode.
pub const VSM: u8 = 1;
/// SEV-SNP.
pub const SNP: u8 = 2;
/// TDX.
pub const TDX: u8 = 3;
/// SEV.
pub const SEV: u8 = 4;
/// SEV-ES.
pub const SEV_ES: u8 = 5;

/// A page's flags. [IGVM, IgvmPageDataFlags]
pub const LARGE: u32 = 1;
/// Not measured.
pub const UNMEASURED: u32 = 2;
/// Shared.
pub const SHARED: u32 = 4;

/// Where QEMU wants VMSAs.
pub const VMSA_GPA: u64 = 0xffff_ffff_f000;

/// A file under way.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    headers: Vec<u8>,
    /// Places in the headers that hold an offset of data, and the data.
    data: Vec<(usize, Vec<u8>)>,
    version: Option<[u32; 3]>,
}

impl Builder {
    /// A file with nothing in it, of version 1.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The format's version with its two further fields: the architecture and the page size.
    #[must_use]
    pub fn version(mut self, version: u32, architecture: u32, page_size: u32) -> Self {
        self.version = Some([version, architecture, page_size]);
        self
    }

    /// A header of any type, with zeros up to a multiple of 8.
    #[must_use]
    pub fn raw(mut self, kind: u32, body: &[u8]) -> Self {
        let length = u32::try_from(body.len()).expect("a small header");
        self.headers.extend(kind.to_le_bytes());
        self.headers.extend(length.to_le_bytes());
        self.headers.extend(body);
        self.headers.resize(self.headers.len().next_multiple_of(8), 0);
        self
    }

    /// The same with data, to which the 4 bytes at `place` of the body point.
    #[must_use]
    pub fn raw_with(mut self, kind: u32, body: &[u8], place: usize, data: &[u8]) -> Self {
        self.data.push((self.headers.len() + 8 + place, data.to_vec()));
        self.raw(kind, body)
    }

    /// A platform.
    #[must_use]
    pub fn platform(self, kind: u8, mask: u32) -> Self {
        let [a, b, c, d] = mask.to_le_bytes();
        self.raw(0x1, &[a, b, c, d, 0, kind, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    /// A guest policy.
    #[must_use]
    pub fn policy(self, policy: u64, mask: u32) -> Self {
        self.raw(0x101, &[&policy.to_le_bytes()[..], &mask.to_le_bytes(), &[0; 4]].concat())
    }

    /// A page with data.
    #[must_use]
    pub fn page(self, gpa: u64, mask: u32, data: &[u8]) -> Self {
        self.page_of(gpa, mask, 0, 0, Some(data))
    }

    /// A page with flags and a type, and data or none.
    #[must_use]
    pub fn page_of(self, gpa: u64, mask: u32, flags: u32, kind: u16, data: Option<&[u8]>) -> Self {
        let body = [
            &gpa.to_le_bytes()[..],
            &mask.to_le_bytes(),
            &[0; 4],
            &flags.to_le_bytes(),
            &kind.to_le_bytes(),
            &[0; 2],
        ];
        let body = body.concat();
        match data {
            Some(data) => {
                let mut page = vec![0; 4096];
                put(&mut page, 0, data, "a page's data");
                self.raw_with(0x302, &body, 12, &page)
            }
            None => self.raw(0x302, &body),
        }
    }

    /// A parameter area of so many bytes.
    #[must_use]
    pub fn area(self, index: u32, bytes: u64) -> Self {
        self.raw(0x301, &[&bytes.to_le_bytes()[..], &index.to_le_bytes(), &[0; 4]].concat())
    }

    /// An area put into memory.
    #[must_use]
    pub fn insert(self, gpa: u64, mask: u32, index: u32) -> Self {
        let body = [&gpa.to_le_bytes()[..], &mask.to_le_bytes(), &index.to_le_bytes()];
        self.raw(0x303, &body.concat())
    }

    /// Registers of a vCPU: 4096 bytes.
    #[must_use]
    pub fn vp_context(self, gpa: u64, mask: u32, vcpu: u16, page: &[u8]) -> Self {
        let body =
            [&gpa.to_le_bytes()[..], &mask.to_le_bytes(), &[0; 4], &vcpu.to_le_bytes(), &[0; 2]];
        self.raw_with(0x304, &body.concat(), 12, page)
    }

    /// A place in an area that the host fills in, by the header's type.
    #[must_use]
    pub fn parameter(self, kind: u32, index: u32) -> Self {
        self.raw(kind, &[&index.to_le_bytes()[..], &[0; 4]].concat())
    }

    /// An ID block for a launch digest, with zeros for keys and signatures.
    #[must_use]
    pub fn id_block(self, mask: u32, launch_digest: &[u8; 48]) -> Self {
        let mut body = vec![0; 696];
        put(&mut body, 0, &mask.to_le_bytes(), "the mask");
        put(&mut body, 8, launch_digest, "LD");
        put(&mut body, 88, &1_u32.to_le_bytes(), "the version");
        self.raw(0x30b, &body)
    }

    /// Required memory.
    #[must_use]
    pub fn required(self, gpa: u64, mask: u32, bytes: u32) -> Self {
        let body = [&gpa.to_le_bytes()[..], &mask.to_le_bytes(), &bytes.to_le_bytes(), &[0; 8]];
        self.raw(0x305, &body.concat())
    }

    /// The file.
    ///
    /// # Panics
    ///
    /// When it has more bytes than the format can say.
    #[must_use]
    pub fn build(mut self) -> Vec<u8> {
        let fixed = if self.version.is_some() { 32 } else { 24 };
        let start = fixed + self.headers.len();
        let number = |value: usize| u32::try_from(value).expect("a small file").to_le_bytes();
        let mut data = Vec::new();
        for (place, bytes) in std::mem::take(&mut self.data) {
            put(&mut self.headers, place, &number(start + data.len()), "an offset");
            data.extend(bytes);
        }
        if data.is_empty() {
            // A file without any data is none.
            data.extend([0; 8]);
        }
        let [version, architecture, page_size] = self.version.unwrap_or([1, 0, 0]);
        let mut file = Vec::new();
        file.extend(b"IGVM");
        file.extend(version.to_le_bytes());
        file.extend(number(fixed));
        file.extend(number(self.headers.len()));
        file.extend(number(start + data.len()));
        file.extend([0; 4]);
        if fixed == 32 {
            file.extend(architecture.to_le_bytes());
            file.extend(page_size.to_le_bytes());
        }
        file.extend(&self.headers);
        let checksum = crc32(&file);
        put(&mut file, 20, &checksum.to_le_bytes(), "the checksum");
        file.extend(data);
        file
    }
}

/// A file with its checksum made again, after bytes of its headers were changed. What is no file any more stays as it is.
#[must_use]
pub fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let field = |file: &[u8], at: usize| {
        let bytes = file.get(at..)?.first_chunk()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    let place = |file: &[u8]| {
        let fixed = if field(file, 4)? == 2 { 32 } else { 24 };
        let start = field(file, 8)?;
        let headers = file.get(start..start.checked_add(field(file, 12)?)?)?;
        let mut covered = file.get(..fixed)?.to_vec();
        put(&mut covered, 20, &[0; 4], "the checksum");
        covered.extend(headers);
        Some(crc32(&covered))
    };
    if let Some(checksum) = place(&file) {
        put(&mut file, 20, &checksum.to_le_bytes(), "the checksum");
    }
    file
}

/// CRC-32 of IEEE 802.3, bit by bit.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |state, byte| {
        (0..8).fold(state ^ u32::from(*byte), |state, _| {
            let carried = state & 1 != 0;
            state >> 1 ^ if carried { 0xedb8_8320 } else { 0 }
        })
    })
}

/// A VMSA in 64-bit mode with flat segments, as builders of IGVM files write it, with these features. [APM2, VMSA layout]
#[must_use]
pub fn vmsa(features: u64) -> Vec<u8> {
    let mut page = vec![0; 4096];
    let segment = |selector: u16, attributes: u16| {
        [&selector.to_le_bytes()[..], &attributes.to_le_bytes(), &[0xff; 4], &[0; 8]].concat()
    };
    for number in 0..6 {
        let code = number == 1;
        let bytes = if code { segment(8, 0xa9b) } else { segment(0x10, 0xc93) };
        put(&mut page, number * 16, &bytes, "a segment");
    }
    for (at, value) in [
        (0x0d0, 0x1d00), // EFER
        (0x148, 0x60),   // CR4
        (0x150, 0x10_8000),
        (0x158, 0x8000_0033), // CR0
        (0x160, 0x400),       // DR7
        (0x168, 0xffff_0ff0), // DR6
        (0x170, 2),
        (0x178, 0x10_0000),
        (0x268, 0x0007_0406_0007_0406),
        (0x3b0, features),
        (0x3e8, 1),
    ] {
        put(&mut page, at, &u64::to_le_bytes(value), "a register");
    }
    put(&mut page, 0x408, &[0x80, 0x1f, 0, 0], "MXCSR");
    put(&mut page, 0x410, &[0x7f, 0x03], "FCW");
    page
}

/// A small file for SNP: two pages, secrets, CPUID, and the registers of the first vCPU.
#[must_use]
pub fn snp() -> Vec<u8> {
    Builder::new()
        .platform(SNP, 1)
        .policy(0x3_0000, 1)
        .page(0x10_0000, 1, b"first")
        .page(0x10_1000, 1, b"second")
        .page_of(0x9000, 1, 0, 1, None)
        .page_of(0xa000, 1, 0, 2, None)
        .vp_context(VMSA_GPA, 1, 0, &vmsa(1))
        .build()
}

/// A small file for SEV-ES.
#[must_use]
pub fn sev_es() -> Vec<u8> {
    Builder::new()
        .platform(SEV_ES, 1)
        .page(0x10_0000, 1, b"first")
        .vp_context(VMSA_GPA, 1, 0, &vmsa(0))
        .build()
}

/// A small file for SEV.
#[must_use]
pub fn sev() -> Vec<u8> {
    Builder::new().platform(SEV, 1).page(0x10_0000, 1, b"first").build()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The check value of CRC-32/ISO-HDLC.
    #[test]
    fn crc_is_that_of_the_catalogue() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
