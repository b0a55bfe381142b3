//! Whose certificate a report wants: what it says of its signer, beside what a certificate says, and where AMD's key server has the
//! right one.
//!
//! A VCEK is of one chip at one TCB version, so after a firmware update the certificate of yesterday signs nothing any more: the
//! commonest reason why a signature does not hold. Nothing here is verified; it is for people who look for the reason.
//!
//! The server's addresses are those of [VCEK, KDS interface].

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::certificate::{Vek, VekKind};
use super::product::CpuId;
use super::report::{AttestationReport, SigningKey};
use sev_launch_abi::Generation;
use sev_launch_abi::snp::tcb::{TcbLayout, TcbParts};

/// One thing that a report says of its signer and a certificate of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// What it is.
    pub part: Part,
    /// As the report says it.
    pub report: String,
    /// As the certificate says it.
    pub certificate: String,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// VCEK or VLEK.
    Kind,
    /// The generation of the processor; of a report before version 3 it is not known.
    Product,
    /// CHIP_ID, and the certificate's hardware identity.
    Chip,
    /// REPORTED_TCB: the boot loader for the FMC (Turin).
    Fmc,
    /// REPORTED_TCB: the boot loader.
    BootLoader,
    /// REPORTED_TCB: the TEE.
    Tee,
    /// REPORTED_TCB: SNP firmware.
    Snp,
    /// REPORTED_TCB: microcode.
    Microcode,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kind => "signing key",
            Self::Product => "product",
            Self::Chip => "chip",
            Self::Fmc => "TCB FMC",
            Self::BootLoader => "TCB boot loader",
            Self::Tee => "TCB TEE",
            Self::Snp => "TCB SNP",
            Self::Microcode => "TCB microcode",
        })
    }
}

impl Compared {
    /// Do the two say the same?
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.report == self.certificate
    }
}

/// Why a certificate cannot be that of a report's signer, by what both say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Mismatch {
    /// The report is signed by the other kind of key.
    Kind,
    /// The certificate is of another product.
    Product,
    /// The certificate is of another chip.
    Chip,
    /// The certificate is of that chip, at another TCB version.
    Tcb,
    /// Both say the same: the report was changed after it was signed, or never signed by such a key.
    Changed,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kind => "the certificate is of the other kind of key",
            Self::Product => "the certificate is of another product than the report's",
            Self::Chip => "the report claims another chip than the certificate's",
            Self::Tcb => "the report claims the certificate's chip at another TCB: each TCB has a key of its own, so firmware was updated since, or the report was changed",
            Self::Changed => "certificate and report agree on chip and TCB, so the report's bytes are not those that were signed",
        })
    }
}

/// What report and certificate say, side by side; a part that only one of them has is left out.
pub fn compare(report: &AttestationReport, vek: &Vek) -> Vec<Compared> {
    let mut all = Vec::new();
    let mut put = |part, report: String, certificate: String| {
        all.push(Compared { part, report, certificate });
    };
    put(Part::Kind, report.key_info.signing_key().to_string(), vek.kind().to_string());
    if let Some(found) = report.cpuid.and_then(CpuId::generation) {
        put(Part::Product, found.to_string(), vek.generation().to_string());
    }
    if let Some(id) = vek.hardware_id() {
        put(Part::Chip, hex::encode(report.chip_id), hex::encode(id.chip_id()));
    }
    let TcbParts { fmc, boot_loader, tee, snp, microcode } =
        report.reported_tcb.parts(TcbLayout::of(vek.generation()));
    let wanted = vek.tcb();
    if let (Some(found), Some(wanted)) = (fmc, wanted.fmc) {
        put(Part::Fmc, found.to_string(), wanted.to_string());
    }
    for (part, found, wanted) in [
        (Part::BootLoader, boot_loader, wanted.boot_loader),
        (Part::Tee, tee, wanted.tee),
        (Part::Snp, snp, wanted.snp),
        (Part::Microcode, microcode, wanted.microcode),
    ] {
        put(part, found.to_string(), wanted.to_string());
    }
    all
}

/// The first reason why the two do not belong together.
pub fn mismatch(compared: &[Compared]) -> Mismatch {
    let differs = |part| compared.iter().any(|one| one.part == part && !one.agrees());
    if differs(Part::Kind) {
        Mismatch::Kind
    } else if differs(Part::Product) {
        Mismatch::Product
    } else if differs(Part::Chip) {
        Mismatch::Chip
    } else if compared.iter().any(|one| !one.agrees()) {
        Mismatch::Tcb
    } else {
        Mismatch::Changed
    }
}

/// AMD's key server.
const SERVER: &str = "https://kdsintf.amd.com";

/// Where AMD's key server has the VCEK of a report's signer: one address, or one for each product where the report does not tell which it
/// is. None for a report that is signed by a VLEK, which its cloud provider alone can fetch, and for a chip that is masked.
pub fn vcek_addresses(report: &AttestationReport) -> Vec<String> {
    if report.key_info.signing_key() != SigningKey::Vcek || report.chip_id_is_zero() {
        return Vec::new();
    }
    // Before version 3 a report tells no product; Turin's have always told it.
    let products = match report.cpuid {
        Some(cpuid) => cpuid.generation().into_iter().collect(),
        None => alloc::vec![Generation::Milan, Generation::Genoa],
    };
    products.into_iter().map(|product| vcek_address(product, report)).collect()
}

fn vcek_address(product: Generation, report: &AttestationReport) -> String {
    let TcbParts { fmc, boot_loader, tee, snp, microcode } =
        report.reported_tcb.parts(TcbLayout::of(product));
    let fmc = fmc.map(|fmc| format!("fmcSPL={fmc:02}&")).unwrap_or_default();
    // Turin has an identity of 8 bytes. [VCEK, hwID]
    let size = if product == Generation::Turin { 8 } else { report.chip_id.len() };
    let chip = hex::encode(report.chip_id.get(..size).unwrap_or(&report.chip_id));
    format!(
        "{SERVER}/vcek/v1/{product}/{chip}?{fmc}blSPL={boot_loader:02}&teeSPL={tee:02}&snpSPL={snp:02}&ucodeSPL={microcode:02}"
    )
}

/// Where AMD's key server has the certificates above a kind of key: ASK or ASVK, and ARK, in PEM.
pub fn chain_address(kind: VekKind, product: Generation) -> String {
    let path = match kind {
        VekKind::Vcek => "vcek",
        VekKind::Vlek => "vlek",
    };
    format!("{SERVER}/{path}/v1/{product}/cert_chain")
}
