//! Certificates for people to read: every field, numbers of keys and signatures big-endian in hex.

use core::fmt;

use super::{Certificate, Signature, Slot};

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let big_endian = |mut coordinate: [u8; 72]| {
            coordinate.reverse();
            hex::encode(coordinate.get(24..).unwrap_or_default())
        };
        let (x, y) = self.point().to_coordinates();
        writeln!(f, "SEV certificate of the {}", self.usage())?;
        writeln!(f, "  version      1")?;
        writeln!(f, "  API          {}", self.api())?;
        writeln!(f, "  usage        {} ({:#x})", self.usage(), self.usage().code())?;
        writeln!(f, "  algorithm    {} ({:#x})", self.algorithm(), self.algorithm().code())?;
        writeln!(f, "  curve        P-384 (2)")?;
        writeln!(f, "  x            {}", big_endian(x))?;
        writeln!(f, "  y            {}", big_endian(y))?;
        write!(f, "  key SHA-256  {}", hex::encode(self.key_sha256()))?;
        for (slot, number) in self.slots().iter().zip(1..) {
            write!(f, "\n  signature {number}  {slot}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("none"),
            Self::Signed { signer, algorithm, signature } => write!(
                f,
                "by {signer} ({:#x}), {algorithm} ({:#x})\n{signature}",
                signer.code(),
                algorithm.code()
            ),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(signature) => {
                let (r, s) = signature.split_bytes();
                write!(f, "    r          {}\n    s          {}", hex::encode(r), hex::encode(s))
            }
            Self::Rsa(signature) => write!(f, "    number     {}", hex::encode(signature)),
        }
    }
}
