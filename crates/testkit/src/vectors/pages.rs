//! Digests of initial CPU states by the host's behaviour, and launches of another project's tests.

use std::{fs, io};

use serde::Deserialize;

use super::{Vector, text};

/// What is in `vmsa-pages.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct PageSuite {
    /// Digests of initial CPU state pages.
    pub pages: Vec<PageVector>,
    /// Launch digests whose inputs are those of `digests.json`.
    pub launches: Vec<Vector>,
}

/// The digest of one initial CPU state page of 4096 bytes.
#[derive(Clone, Debug, Deserialize)]
pub struct PageVector {
    /// The name of a host's behaviour, such as `es-legacy`.
    pub profile: String,
    /// Which CPU.
    pub vcpu: Vcpu,
    /// Bits of the hash: 256 or 384.
    pub hash: u32,
    /// CPUID Fn0000_0001_EAX.
    #[serde(deserialize_with = "text::number")]
    pub signature: u32,
    /// Address in the firmware's reset block.
    #[serde(deserialize_with = "text::number")]
    pub reset: u32,
    /// The digest in hex.
    pub value: String,
}

/// Which CPU a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vcpu {
    /// The first.
    Bsp,
    /// Any further one.
    Ap,
    /// Any: all pages are the same.
    All,
}

impl PageSuite {
    /// The page digests in this repository.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or has another form.
    pub fn ours() -> io::Result<Self> {
        let path = crate::testdata_folder().join("vectors/vmsa-pages.json");
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }
}
