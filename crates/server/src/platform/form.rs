//! The forms in which a chain of certificates is exported, told by their length. [SEV-API, PDH_CERT_EXPORT; sevctl export]
//!
//! | bytes | content |
//! |---|---|
//! | 6252 | PEK, OCA, CEK, with the PDH beside them: QEMU's and libvirt's |
//! | 8336 | PDH, PEK, OCA, CEK: `sevctl export` |
//! | 10000 | the same, then ASK and ARK of 2048 bits: `sevctl export --full` on Naples |
//! | 11536 | the same, then ASK and ARK of 4096 bits: later generations |

use sev_launch_protocol::launch::LaunchRequest;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_verify::sev::certificate::SIZE;
use sev_launch_verify::sev::chain::{Ca, ChainError, Platform};

/// Bytes of PEK, OCA and CEK.
const HOST: usize = 3 * SIZE;
/// Bytes of PDH, PEK, OCA and CEK.
const EXPORT: usize = 4 * SIZE;
/// The same with ASK and ARK of Naples, and of every later generation.
const FULL: [usize; 2] = [EXPORT + 1664, EXPORT + 3200];

/// What a request holds.
pub(super) struct Sent {
    pub(super) platform: Platform,
    /// ASK and ARK, which nobody verified.
    pub(super) ca: Option<Ca>,
    /// Is a PDH beside the chain another than the chain's?
    pub(super) other_pdh: bool,
}

/// Errors: `schema` for what is missing, `chain-usage` for the rest.
pub(super) fn read(request: &LaunchRequest) -> Result<Sent, Problem> {
    let missing = |pointer: &str, detail: &str| Problem::at(Code::Schema, pointer, detail);
    let chain = request.cert_chain.as_ref().map(|chain| chain.0.as_slice());
    let chain =
        chain.ok_or_else(|| missing("#/cert-chain", "wanted: the platform's certificates"))?;
    let wrong =
        |error: ChainError| Problem::at(Code::ChainUsage, "#/cert-chain", error.to_string());
    let beside = request.pdh.as_ref().map(|pdh| pdh.0.as_slice());
    if chain.len() == HOST {
        let pdh =
            beside.ok_or_else(|| missing("#/pdh", "wanted beside a chain of PEK, OCA and CEK"))?;
        let platform = Platform::parse_host(chain, pdh).map_err(wrong)?;
        return Ok(Sent { platform, ca: None, other_pdh: false });
    }
    if chain.len() != EXPORT && !FULL.contains(&chain.len()) {
        let [naples, later] = FULL;
        let found = chain.len();
        let detail = format!(
            "{found} bytes, wanted {HOST}, {EXPORT}, {naples} or {later}: PDH, PEK, OCA, CEK, then ASK and ARK"
        );
        return Err(Problem::at(Code::ChainUsage, "#/cert-chain", detail));
    }
    let (own, rest) = chain.split_at(EXPORT);
    let platform = Platform::parse_export(own).map_err(wrong)?;
    let ca = (!rest.is_empty()).then(|| Ca::parse(rest).map_err(wrong)).transpose()?;
    let other_pdh = beside.is_some_and(|pdh| pdh != platform.pdh().as_bytes());
    Ok(Sent { platform, ca, other_pdh })
}
