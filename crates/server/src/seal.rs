//! Encryption at rest: what the service stores that nobody else may read.
//!
//! A stored value is sealed in two steps, an envelope. Its bytes go under a data key of 256 bits, drawn for this one value; the data
//! key goes under a key-encryption key ([`Kek`]), which comes from a file and is never stored beside the values. Both steps are
//! AES-256-GCM as in NIST SP 800-38D, with random nonces of 96 bits. A [`KeyRing`] holds the KEK that seals, and older ones that
//! still open. To rotate: put a new KEK first, keep the old one in the ring, and [`KeyRing::rewrap`] every value, which changes its
//! data key's wrapping and no byte of its payload.
//!
//! Every value is bound to a [`Place`], and opens nowhere else: whoever can write to the database cannot hand the secret of one
//! guest to another by moving a row. What sealing does not stop is an old state of the whole database put back; a value's size is
//! not hidden either.
//!
//! SP 800-38D allows 2^32 encryptions under one key with random nonces. A KEK makes one for every value sealed or rewrapped, so
//! that limit is out of reach; a data key makes one in all.
//!
//! ```
//! use sev_launch_server::seal::{Kek, KeyRing, Place, Sealed};
//! # use sev_launch_verify::rand_core::UnwrapErr;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rng = &mut UnwrapErr(getrandom::SysRng);
//! let ring = KeyRing::new(Kek::generate(rng));
//! let place = Place::Secret { tenant: "acme", vm: [1; 16], guid: [2; 16], version: 1 };
//! let stored: Vec<u8> = ring.seal(&place, b"passphrase", rng)?.to_bytes();
//!
//! let sealed = Sealed::parse(&stored)?;
//! assert_eq!(ring.open(&place, &sealed)?.as_slice(), b"passphrase");
//! let elsewhere = Place::Secret { tenant: "acme", vm: [9; 16], guid: [2; 16], version: 1 };
//! assert!(ring.open(&elsewhere, &sealed).is_err());
//! # Ok(())
//! # }
//! ```

mod envelope;
mod gcm;
mod kek;
mod place;
mod ring;
mod source;

pub use envelope::{MAX_PLAINTEXT, OVERHEAD, Sealed};
pub use kek::{KEK_SIZE, KEY_ID_SIZE, Kek, KekError, KeyId};
pub use place::Place;
pub use ring::{KeyRing, SealError};
pub use source::{KeyFileError, KeySource};
